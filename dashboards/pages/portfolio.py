"""Portfolio: where it is going, month by month, and which loans moved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import panel as pn

from collectkit import charts, tracking
from collectkit.columns import label
from dashboards import parts, shared, tracked
from dashboards.cards import Nothing, Shown, chart_card
from dashboards.fields import choice
from dashboards.filters import filter_bar, month_range, switch
from dashboards.loading import when_loaded
from dashboards.pages import portfolio_cell, portfolio_kpis, portfolio_recovery
from dashboards.pages.portfolio_tiles import tiles
from dashboards.words import N_

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    import plotly.graph_objects as go

    from collectkit.tracking import Cube
    from dashboards.session import Session

_MEASURES = {"ever": N_("Ever past due"), "current": N_("Past due now")}
_VINTAGES = (choice("vintage_measure", _MEASURES), choice("vintage_days", portfolio_recovery.DAYS))
FIELDS = (*tracked.FIELDS, *portfolio_cell.FIELDS, *_VINTAGES, *portfolio_recovery.FIELDS, *portfolio_kpis.FIELDS)
"""What this page keeps in the address."""
_MIX_WEIGHTS = {"count": "loans", "balance": "principal_balance"}
_WHOLE_LIVES = N_(
    "The months and the channel chosen above do not count here: a loan is followed from its disbursement on, whoever "
    "had it."
)
_NO_STEP = N_("No loan of these months was there at the month end before. Take later months or fewer filters.")
_TOLD = 6
"""Vintages that are told in words."""
_WIDE = 560
"""Width below which a card takes a row of its own [pixels]."""


def page(session: Session) -> pn.Column:
    """Filters, then one card per question; a click on a cell lists its loans."""
    return when_loaded(
        session, lambda: _body(session), tracked.followed, nothing=lambda key: tracked.too_early(key, session.words)
    )


def _body(session: Session) -> pn.Column:
    """The page once its cube is there."""
    bar = filter_bar(
        session,
        lambda: tracked.filter_values(session),
        month_range(session, lambda: tracked.months(session), *tracked.RANGE),
        switch(session, "by", tracked.BY, session.words.text("Show shares and sums by")),
    )
    return pn.Column(
        bar,
        tiles(session),
        parts.side_by_side(_mix(session), _at_risk(session)),
        parts.side_by_side(_rolls(session), portfolio_cell.card(session)),
        parts.side_by_side(_entries(session), _flows(session)),
        parts.side_by_side(_vintages(session), portfolio_recovery.card(session)),
        portfolio_kpis.card(session),
        sizing_mode="stretch_width",
        margin=0,
        styles={"gap": "16px"},
    )


def _chart(
    session: Session,
    title: str,
    table: Callable[[Cube], pd.DataFrame],
    figure: Callable[..., go.Figure],
    *,
    name: str,
    unit: Callable[[], str],
    follows: tuple[str, ...] = (),
    whole_lives: bool = False,
    of_steps: bool = False,
    in_words: Callable[[pd.DataFrame], str] | None = None,
    **card: Any,
) -> pn.Column:
    """A card with the chart of a table of the filtered cube."""
    words = session.words

    def draw() -> Shown | Nothing:
        cube = tracked.shown(session, whole_lives=whole_lives)
        if cube.cells.empty:
            return Nothing(words.text("No loan matches these filters in these months. Take fewer filters."))
        if of_steps and not cube.has_steps:
            return Nothing(words.text(_NO_STEP))
        made = table(cube)
        drawn = figure(made, language=session.lang, theme=session.theme)
        definition = [made.attrs["definition"][session.lang]]
        if whole_lives:
            definition.append(words.text(_WHOLE_LIVES))
        said = in_words(made) if in_words else _last_row(made, session)
        return Shown(drawn, said, made.reset_index(drop=made.index.name is None), unit(), definition)

    return chart_card(session, title, draw, name=name, follows=(*tracked.FOLLOWED, *follows), **card)


def _currency(session: Session) -> str:
    """Currency of the policy."""
    return shared.policy(session.loaded.policy).currency


def _unit(session: Session) -> str:
    """Unit of sums: loans or money."""
    words = session.words
    return words.text("loans") if session.by == "count" else words.currency(_currency(session))


def _share(session: Session) -> str:
    """Unit of shares: of loans or of balance."""
    words = session.words
    return words.text("share of loans") if session.by == "count" else words.text("share of principal balance")


def _percents(row: Any, session: Session) -> str:
    """Shares with their names, for those who cannot see them."""
    return ", ".join(f"{label(name, session.lang)} {session.words.percent(value)}" for name, value in row.items())


def _last_row(table: pd.DataFrame, session: Session) -> str:
    """The last date of a table of shares in words."""
    return f"{session.words.month(table.index[-1])}: {_percents(table.iloc[-1], session)}"


def _mix(session: Session) -> pn.Column:
    """How many loans, or how much, in each overdue bucket."""
    words = session.words

    def in_words(table: pd.DataFrame) -> str:
        values = ", ".join(f"{bucket} {words.short(value)}" for bucket, value in table.iloc[-1].items())
        return f"{words.month(table.index[-1])}: {values}"

    return _chart(
        session,
        words.text("Overdue by bucket, month by month"),
        lambda cube: tracking.bucket_mix(cube, weight=_MIX_WEIGHTS[session.by]),
        lambda table, **look: charts.bucket_mix_area(table, currency=_currency(session), **look),
        name="bucket-mix",
        unit=lambda: _unit(session),
        in_words=in_words,
        on_point=lambda point: portfolio_cell.open_month(session, point),
        basis=_WIDE,
    )


def _at_risk(session: Session) -> pn.Column:
    """Portfolio at risk by days past due."""

    def table(cube: Cube) -> pd.DataFrame:
        return tracking.portfolio_at_risk(cube)

    return _chart(
        session,
        session.words.text("Portfolio at risk"),
        table,
        charts.par_lines,
        name="portfolio-at-risk",
        unit=lambda: session.words.text("share of principal balance"),
        in_words=lambda made: _last_row(made.drop(columns="principal_balance"), session),
        basis=_WIDE,
    )


def _rolls(session: Session) -> pn.Column:
    """Where the loans of each bucket went in one step."""
    words = session.words

    def in_words(_: pd.DataFrame) -> str:
        rolls = tracking.roll_rates(tracked.shown(session), weight=session.by)
        shown = rolls[["cured", "rolled_forward"]].dropna().iterrows()
        return "; ".join(f"{bucket}: {_percents(row, session)}" for bucket, row in shown)

    return _chart(
        session,
        words.text("Roll rates: from bucket to bucket in one month"),
        lambda cube: tracking.transitions(cube, weight=session.by),
        lambda table, **look: charts.transition_heatmap(table, currency=_currency(session), **look),
        name="roll-rates",
        of_steps=True,
        unit=lambda: _share(session),
        in_words=in_words,
        on_point=lambda point: portfolio_cell.open_move(session, point),
        basis=_WIDE,
    )


def _entries(session: Session) -> pn.Column:
    """Which share of the loans that were not overdue fell overdue."""
    return _chart(
        session,
        label("entry_rate", session.lang),
        lambda cube: tracking.entry_rate(cube, weight=session.by),
        charts.entry_rate_line,
        name="entry-rate",
        of_steps=True,
        unit=lambda: _share(session),
        in_words=lambda table: _last_row(table[["entry_rate", "lower", "upper"]], session),
        basis=_WIDE,
    )


def _flows(session: Session) -> pn.Column:
    """What stands in each bucket against the bucket below a month ago."""
    return _chart(
        session,
        session.words.text("Flow rates"),
        lambda cube: tracking.flow_rates(cube, weight=_MIX_WEIGHTS[session.by]),
        charts.flow_rate_lines,
        name="flow-rates",
        of_steps=True,
        unit=lambda: _share(session),
        basis=_WIDE,
    )


def _vintages(session: Session) -> pn.Column:
    """How the loans of one month of disbursement age."""
    words = session.words

    def in_words(table: pd.DataFrame) -> str:
        last = [(vintage, curve.dropna()) for vintage, curve in table.tail(_TOLD).iterrows()]
        return "; ".join(
            f"{words.month(vintage)} {words.percent(curve.iloc[-1])}" for vintage, curve in last if len(curve)
        )

    return _chart(
        session,
        words.text("Vintages"),
        lambda cube: tracking.vintages(
            cube, days=int(session.vintage_days), measure=session.vintage_measure, weight=session.by
        ),
        charts.vintage_curves,
        name="vintages",
        unit=lambda: _share(session),
        follows=tuple(field.name for field in _VINTAGES),
        whole_lives=True,
        in_words=in_words,
        controls=[
            pn.Row(
                switch(session, "vintage_measure", _MEASURES, words.text("Count a loan")),
                switch(session, "vintage_days", portfolio_recovery.DAYS, words.text("Days past due")),
                margin=0,
                styles={"flex-wrap": "wrap", "gap": "8px 16px"},
            )
        ],
        basis=_WIDE,
    )
