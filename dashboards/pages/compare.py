"""Compare periods: two months or two segments beside each other, and what explains the change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import panel as pn
import panel_material_ui as pmui
from bokeh.models.widgets.tables import NumberFormatter

from collectkit import charts, tracking
from collectkit.charts.tracking import state_name
from collectkit.columns import label
from dashboards import parts, tracked
from dashboards.cards import Listed, Nothing, Shown, chart_card, table_card
from dashboards.fields import choice, short_text
from dashboards.filters import filter_bar, switch
from dashboards.loading import when_loaded
from dashboards.pages import compare_sides
from dashboards.pages.compare_sides import sides
from dashboards.pages.portfolio_tiles import FIGURES, in_full, is_share, meaning, unit_of, written
from dashboards.parts import Tile
from dashboards.words import N_

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboards.pages.compare_sides import Sides
    from dashboards.session import Session

_RATES = {"rolled_forward": N_("Rolled forward"), "cured": N_("Cured"), "stayed": N_("Stayed")}
FIELDS = (*tracked.FIELDS, *compare_sides.FIELDS, short_text("late_from"), choice("rate", _RATES))
"""What this page keeps in the address."""
_FOLLOWED = (*tracked.FOLLOWED, *compare_sides.NAMES)
_MIX_WEIGHTS = {"count": "loans", "balance": "principal_balance"}
_EFFECTS = ("mix", "roll", "inflow")
_SHARES = ("share_before", "share_after", "late_before", "late_after", *_EFFECTS)
_WEIGHTS = ("weight_before", "weight_after")
_WIDE = 560
_SIX_BARS, _TEN_COLUMNS = 500, 860  # side by side at 1440 pixels, nothing cut


def page(session: Session) -> pn.Column:
    """What is compared, the headlines of both sides, what explains the change, and the details."""
    return when_loaded(
        session, lambda: _body(session), tracked.followed, nothing=lambda key: tracked.too_early(key, session.words)
    )


def _body(session: Session) -> pn.Column:
    """The page once its cube is there."""
    weight = switch(session, "by", tracked.BY, session.words.text("Show shares and sums by"))
    bar = filter_bar(session, lambda: tracked.filter_values(session), compare_sides.controls(session), weight)
    return pn.Column(
        bar,
        _tiles(session),
        parts.side_by_side(_explained(session), _details(session)),
        parts.side_by_side(_buckets(session), _rolls(session)),
        sizing_mode="stretch_width",
        margin=0,
        styles={"gap": "16px"},
    )


def _nothing(both: Sides | None, session: Session) -> str:
    """Why there is nothing to compare; empty if there is something."""
    words = session.words
    if both is None and session.sides == "months":
        return words.text("Two months are needed that have a month before them. Take a later date.")
    if both is None:
        return words.text("There are not two of them to compare. Take a later date, or compare something else.")
    for cube, name in ((both.before, both.names[0]), (both.after, both.names[1])):
        if cube.cells.empty:
            return words.text("No loan of “{side}” matches the filters. Take fewer filters.", side=name)
    return ""


def _tiles(session: Session) -> pn.pane.HTML:
    """The headlines of side B, with side A and the change."""
    pane = parts.markup()

    def show(*_: Any) -> None:
        both = sides(session)
        why = _nothing(both, session)
        if why:
            pane.object = parts.message(session.words.text("Nothing to compare"), why)
            return
        table = tracking.compare_headlines(both.before, both.after, weight=session.by)
        pane.object = parts.tiles([_tile(name, table.loc[name], both, session) for name in FIGURES], session.words)

    session.on_change(show, "loaded", *_FOLLOWED)
    show()
    return pane


def _tile(name: str, row: Any, both: Sides, session: Session) -> Tile:
    """One headline of both sides."""
    words = session.words
    change = words.points(row["change"]) if is_share(name) else words.signed(row["change"])
    note = words.text("{b}; {a}: {before}, {change}", a=both.names[0], b=both.names[1],
                      before=written(name, row["before"], session), change=change)  # fmt: skip
    return Tile(
        label(name, session.lang), written(name, row["after"], session), in_full(name, row["after"], session),
        unit_of(name, session), note, meaning(name, words),
    )  # fmt: skip


def _chart(
    session: Session,
    title: str,
    draw: Callable[[Sides], Shown],
    *,
    name: str,
    follows: tuple[str, ...] = (),
    basis: int = _WIDE,
    **card: Any,
) -> pn.Column:
    """A card with a chart of both sides."""

    def drawn() -> Shown | Nothing:
        both = sides(session)
        why = _nothing(both, session)
        return Nothing(why) if why else draw(both)

    return chart_card(session, title, drawn, name=name, follows=(*_FOLLOWED, *follows), basis=basis, **card)


def _look(both: Sides, session: Session) -> dict[str, Any]:
    """What every chart of the page is told."""
    return {"names": both.names, "language": session.lang, "theme": session.theme}


def _unit(session: Session) -> str:
    """Unit of the shares."""
    words = session.words
    return words.text("share of loans") if session.by == "count" else words.text("share of principal balance")


def _compared(both: Sides, session: Session) -> pd.DataFrame:
    """What explains the change, from the chosen bucket on."""
    late_from = session.late_from if session.late_from in both.before.buckets[1:] else None
    return tracking.compare_periods(both.before, both.after, weight=session.by, late_from=late_from)


def _explained(session: Session) -> pn.Column:
    """From the late share of one side to that of the other."""
    words = session.words

    def draw(both: Sides) -> Shown:
        table = _compared(both, session)
        figures = table.attrs
        said = words.text(
            "{a}: {before}; {b}: {after}; change {change}",
            a=both.names[0], b=both.names[1], before=words.percent(figures["before"]),
            after=words.percent(figures["after"]), change=words.points(figures["change"]),
        )  # fmt: skip
        effects = ", ".join(f"{label(name, session.lang)} {words.points(table[name].sum())}" for name in _EFFECTS)
        return Shown(
            charts.change_waterfall(table, **_look(both, session)), _sentences(session, said, effects),
            table.reset_index(), _unit(session), [figures["definition"][session.lang]],
            _sentences(session, said, _chance(figures, session)),
        )  # fmt: skip

    return _chart(
        session,
        words.text("What explains the change of the late share"),
        draw,
        name="change-explained",
        follows=("late_from",),
        controls=[_late_from(session)],
        basis=_SIX_BARS,
    )


def _sentences(session: Session, first: str, second: str) -> str:
    """Two sentences in a row, with the stop of the language."""
    return session.words.text("{first}. {second}", first=first, second=second)


def _chance(figures: Any, session: Session) -> str:
    """What the interval says of the change."""
    words, low, high = session.words, figures["lower"], figures["upper"]
    if low != low and session.by == "balance":
        return words.text("By balance there is no interval: few loans weigh much.")
    if low != low:
        return words.text("Months together have no interval: a loan counts in each of them.")
    bounds = {"low": words.points(low), "high": words.points(high)}
    if low <= 0 <= high:
        return words.text("Chance alone could do that (95%: {low} to {high}).", **bounds)
    return words.text("More than chance would do (95%: {low} to {high}).", **bounds)


def _late_from(session: Session) -> pmui.Select:
    """From which bucket on a loan counts as late."""
    field = pmui.Select(label=session.words.text("Late from bucket"), size="small", margin=0, width=170)

    def show(*_: Any) -> None:
        buckets = list(tracked.cube(session.loaded).buckets[1:])
        field.param.update(options=buckets, value=session.late_from if session.late_from in buckets else buckets[0])

    def take(event: Any) -> None:
        if event.new != (session.late_from or tracked.cube(session.loaded).buckets[1]):
            session.late_from = event.new

    field.param.watch(take, "value")
    session.on_change(show, "loaded", "late_from")
    show()
    return field


def _details(session: Session) -> pn.Column:
    """The same, state by state."""
    words = session.words

    def rows() -> Listed | Nothing:
        both = sides(session)
        why = _nothing(both, session)
        if why:
            return Nothing(why)
        table = _compared(both, session).reset_index()
        names = [
            words.text(N_("new")) if name == "new" else state_name(name, session.lang) for name in table["came_from"]
        ]
        definition = [table.attrs["definition"][session.lang]]
        return Listed(table.assign(came_from=names), f"A: {both.names[0]} · B: {both.names[1]}", definition)

    return table_card(
        session,
        words.text("Where the loans came from"),
        rows,
        name="change-by-state",
        follows=(*_FOLLOWED, "late_from"),
        columns=lambda _: {
            "frozen_columns": ["came_from"],
            "page_size": 12,
            "sortable": False,
            "formatters": {
                **dict.fromkeys(_SHARES, NumberFormatter(format="0.00%", nan_format="–")),
                **dict.fromkeys(_WEIGHTS, NumberFormatter(format="0,0")),
            },
        },
        basis=_TEN_COLUMNS,
    )


def _buckets(session: Session) -> pn.Column:
    """The overdue buckets of both sides."""

    def draw(both: Sides) -> Shown:
        mixes = [tracking.bucket_mix(cube, weight=_MIX_WEIGHTS[session.by]) for cube in both[:2]]
        figure = charts.bucket_comparison(*mixes, **_look(both, session))
        definition = [mixes[0].attrs["definition"][session.lang]]
        return Shown(figure, _in_words(figure, session), _both(mixes, both), _unit(session), definition)

    return _chart(session, session.words.text("Overdue buckets"), draw, name="buckets-compared")


def _rolls(session: Session) -> pn.Column:
    """One roll rate of every bucket on both sides."""
    words = session.words

    def draw(both: Sides) -> Shown:
        rolls = [tracking.roll_rates(cube, weight=session.by) for cube in both[:2]]
        figure = charts.roll_comparison(*rolls, rate=session.rate, **_look(both, session))
        definition = [rolls[0].attrs["definition"][session.lang]]
        return Shown(figure, _in_words(figure, session), _both(rolls, both), _unit(session), definition)

    return _chart(
        session,
        words.text("Roll rates of both sides"),
        draw,
        name="rolls-compared",
        follows=("rate",),
        controls=[switch(session, "rate", _RATES, words.text("Share of each bucket"))],
    )


def _both(tables: list[pd.DataFrame], both: Sides) -> pd.DataFrame:
    """The tables of both sides, one below the other."""
    return pd.concat(dict(zip(both.names, tables, strict=True)), names=["side"]).reset_index()


def _in_words(figure: Any, session: Session) -> str:
    """The bars of both sides for those who cannot see them."""
    words = session.words
    return "; ".join(
        f"{bar.name}: "
        + ", ".join(f"{bucket} {words.percent(share)}" for bucket, share in zip(bar.x, bar.y, strict=True))
        for bar in figure.data
    )
