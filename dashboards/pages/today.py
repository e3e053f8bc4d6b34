"""Today: how much is overdue on the date, how late it is, and which loans."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import panel as pn
import panel_material_ui as pmui

from collectkit import charts
from dashboards import parts, shared
from dashboards.parts import Tile
from dashboards.words import N_

if TYPE_CHECKING:
    import pandas as pd

    from dashboards.session import Session
    from dashboards.words import Words

_WEIGHTS = {
    "loans": N_("Loans"),
    "overdue_amount": N_("Overdue amount"),
    "principal_balance": N_("Principal balance"),
}
_READINGS = {"elapsed_months": N_("by elapsed months"), "month_index": N_("by month index")}
_SWITCH_SX = {"& .MuiToggleButton-root": {"textTransform": "none", "py": "3px", "whiteSpace": "nowrap"}}
_FIGURES = ("as_of", "policy", "portfolio")


def page(session: Session) -> pn.Column:
    """Tiles, bucket bars and the overdue loans; a row opens its loan."""
    tiles, message = parts.markup(), parts.markup()
    figures = parts.side_by_side(_bars(session), _loans(session))
    body = pn.Column(sizing_mode="stretch_width", margin=0, styles={"gap": "16px"})

    def show(*_: Any) -> None:
        summary = shared.summary(session.key)
        if not summary["loans"]:
            message.object = _no_loans(session)
            shown = [message]
        else:
            tiles.object = parts.tiles(_tiles(session, summary), session.words)
            message.object = _none_overdue(session)
            shown = [tiles, figures] if summary["overdue_loans"] else [tiles, message]
        if body.objects != shown:
            body.objects = shown

    session.on_change(show, *_FIGURES)
    show()
    return body


def _tiles(session: Session, summary: pd.Series) -> list[Tile]:
    """The five figures of the page."""
    words = session.words
    unit = words.currency(shared.policy(session.policy).currency)
    note = words.text("As of {date}", date=words.date(session.as_of))

    def money(name: str, value: float, definition: str) -> Tile:
        return Tile(name, words.short(value), f"{words.money(value)} {unit}", unit, note, definition)

    loans = words.plural("{count} loan", "{count} loans", int(summary["loans"]))
    overdue = words.number(summary["overdue_loans"])
    full = words.text("{overdue} of {loans}", overdue=overdue, loans=loans)
    overdue_loans = Tile(
        words.text("Overdue loans"), words.short(summary["overdue_loans"]), full, words.text("loans"), note,
        words.text("Loans with an instalment unpaid past its due date and its days of grace."),
    )  # fmt: skip
    par30 = Tile(
        "PAR30", words.percent(summary["par30"]), words.percent(summary["par30"]),
        words.text("of principal balance"), note,
        words.text("Portfolio at risk: the whole principal balance of loans more than 30 days past due, divided by "
                   "the principal balance of all loans."),
    )  # fmt: skip
    shown = [
        overdue_loans,
        money(words.text("Overdue amount"), summary["overdue_amount"], words.text(
            "Unpaid principal, interest and fees past their due date, of the overdue loans; without penalty.")),
        money(words.text("Penalty owed"), summary["penalty"], words.text(
            "Penalty interest accrued under the policy up to the end of the day and not yet paid, of all loans.")),
        par30,
        _commission_tile(session, unit),
    ]  # fmt: skip
    return [tile for tile in shown if tile is not None]


def _commission_tile(session: Session, unit: str) -> Tile | None:
    """What the agencies have earned this month in every reading of the tariff; nothing without a tariff."""
    words = session.words
    rules, earned = shared.policy(session.policy), shared.commission(session.key)
    readings = {name: earned.loc[earned["tariff"] == name, "commission"].sum() for name in rules.tariff_names}
    if not readings:
        return None
    main, *others = readings
    full = "; ".join(f"{words.money(value)} {unit} {_reading(name, words)}" for name, value in readings.items())
    other = "; ".join(f"{words.short(readings[name])} {unit} {_reading(name, words)}" for name in others)
    note = words.text("Since {date}", date=words.date(session.as_of.replace(day=1)))
    return Tile(
        words.text("Commission earned this month"), words.short(readings[main]), full, unit,
        f"{note} · {other}" if other else note,
        words.text("Commission of the agencies on cash collected on their placements from the first of the month up to "
                   "the date, by the tariff of the policy. The tariff names months past due and can be read in two "
                   "ways: by months fully elapsed, or by the number of the month the day falls in."),
    )  # fmt: skip


def _reading(name: str, words: Words) -> str:
    """A tariff's name in words; one that is not known is shown as it is."""
    return words.text(_READINGS[name]) if name in _READINGS else name


def _bars(session: Session) -> pn.Column:
    """Bars of the buckets, by count or amount."""
    words = session.words
    chart = parts.chart(340, words)
    options = {words.text(text): name for name, text in _WEIGHTS.items()}
    weight = pmui.RadioButtonGroup(
        options=options, value=session.weight, size="small", margin=(8, 0), label=words.text("Show buckets by"),
        sx=_SWITCH_SX,
    )  # fmt: skip

    def show(*_: Any) -> None:
        totals = shared.bucket_totals(session.key)
        figure = charts.bucket_bars(
            totals, weight=session.weight, language=session.lang, theme=session.theme,
            currency=shared.policy(session.policy).currency,
        )  # fmt: skip
        parts.draw(chart, figure, _in_words(totals, session))

    weight.param.watch(lambda event: session.param.update(weight=event.new), "value")
    session.on_change(lambda event: weight.param.update(value=event.new), "weight")
    session.on_change(show, *_FIGURES, "weight", "theme")
    show()
    return parts.card(parts.heading(words.text("Overdue by bucket")), weight, chart, basis=340)


def _in_words(totals: pd.DataFrame, session: Session) -> str:
    """The bars for those who cannot see them."""
    words = session.words
    values = totals[session.weight].iloc[1:].items()
    name = words.text(_WEIGHTS[session.weight])
    return f"{name}: " + ", ".join(f"{bucket} {words.short(value)}" for bucket, value in values)


def _loans(session: Session) -> pn.Column:
    """Table of the overdue loans."""
    words = session.words
    first = shared.overdue_loans(session.key)
    table = parts.table(
        first, words, page_size=10, selectable=1, header_filters=parts.header_filters(first, words),
        frozen_columns=["loan_id"],
    )  # fmt: skip
    download = parts.csv_download(words, _filename(session), lambda: table.current_view)

    def show(*_: Any) -> None:
        table.param.update(value=shared.overdue_loans(session.key).copy(), selection=[], page=1)
        download.filename = _filename(session)

    def open_loan(event: Any) -> None:
        session.loan = str(table.value["loan_id"].iloc[event.row])

    table.on_click(open_loan)
    session.on_change(show, *_FIGURES)
    heading = parts.heading(words.text("Overdue loans"), words.text("Select a row to see why, step by step."))
    top = pn.Row(heading, download, sizing_mode="stretch_width", margin=(0, 0, 8, 0))
    return parts.card(top, table, basis=620, share=3)


def _filename(session: Session) -> str:
    """Name of the saved table: what, when, under which policy."""
    return f"overdue-loans_{session.as_of.isoformat()}_{session.policy}.csv"


def _no_loans(session: Session) -> str:
    """Message for a date before the first loan."""
    words = session.words
    first = words.date(shared.span(session.portfolio).first)
    title = words.text("No loans yet on {date}", date=words.date(session.as_of))
    return parts.message(title, words.text("The first loan was disbursed on {date}. Take a later date.", date=first))


def _none_overdue(session: Session) -> str:
    """Message for a date on which every loan is current."""
    words = session.words
    title = words.text("No overdue loans on this date")
    return parts.message(title, words.text("Every instalment due by {date} is paid or within its grace.",
                                           date=words.date(session.as_of)))
