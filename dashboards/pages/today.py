"""Today: how much is overdue on the date, how late it is, and which loans."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import panel as pn
import panel_material_ui as pmui

from collectkit import charts
from dashboards import parts, shared
from dashboards.pages.today_tiles import tiles
from dashboards.words import N_

if TYPE_CHECKING:
    import pandas as pd

    from dashboards.session import Session

_WEIGHTS = {
    "loans": N_("Loans"),
    "overdue_amount": N_("Overdue amount"),
    "principal_balance": N_("Principal balance"),
}
_SWITCH_SX = {"& .MuiToggleButton-root": {"textTransform": "none", "py": "3px", "whiteSpace": "nowrap"}}
_CHART_HEIGHT = 440
_FIGURES = ("as_of", "policy", "portfolio")


def page(session: Session) -> pn.Column:
    """Tiles, bucket bars and the overdue loans; a row opens its loan."""
    figures, message = parts.markup(), parts.markup()
    details = parts.side_by_side(_bars(session), _loans(session))
    body = pn.Column(sizing_mode="stretch_width", margin=0, styles={"gap": "16px"})

    def show(*_: Any) -> None:
        if shared.assessed(session.key).empty:
            message.object = _no_loans(session)
            shown = [message]
        else:
            figures.object = parts.tiles(tiles(session), session.words)
            message.object = _none_overdue(session)
            shown = [figures, details] if shared.summary(session.key)["overdue_loans"] else [figures, message]
        if body.objects != shown:
            body.objects = shown

    session.on_change(show, *_FIGURES)
    show()
    return body


def _bars(session: Session) -> pn.Column:
    """Bars of the buckets, by count or amount."""
    words = session.words
    chart = parts.chart(_CHART_HEIGHT, words)
    options = {words.text(text): name for name, text in _WEIGHTS.items()}
    weight = pmui.RadioButtonGroup(
        options=options,
        value=session.weight,
        size="small",
        margin=(8, 0),
        label=words.text("Show buckets by"),
        sx=_SWITCH_SX,
    )

    def show(*_: Any) -> None:
        totals = shared.bucket_totals(session.key)
        figure = charts.bucket_bars(
            totals,
            weight=session.weight,
            spans=shared.policy(session.policy).bucket_scheme("months", session.as_of).spans,
            language=session.lang,
            theme=session.theme,
            currency=shared.policy(session.policy).currency,
        )
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
    first = _rows(session)
    table = parts.table(
        first,
        words,
        page_size=10,
        selectable=1,
        header_filters=parts.header_filters(first, words),
        frozen_columns=["loan_id"],
    )
    download = parts.csv_download(words, _filename(session), lambda: table.current_view)

    def show(*_: Any) -> None:
        table.param.update(value=_rows(session), selection=[], page=1)
        download.filename = _filename(session)

    def open_loan(event: Any) -> None:
        session.loan = str(table.value["loan_id"].iloc[event.row])

    table.on_click(open_loan)
    session.on_change(show, *_FIGURES)
    heading = parts.heading(
        words.text("Overdue loans"), words.text("Select a row, or enter a loan number above, to see why.")
    )
    top = pn.Row(heading, download, sizing_mode="stretch_width", margin=(0, 0, 8, 0))
    return parts.card(top, table, basis=620, share=4)


def _rows(session: Session) -> pd.DataFrame:
    """The overdue loans as the table shows them."""
    loans = shared.overdue_loans(session.key)
    in_house = session.words.text(N_("in-house"))
    return loans.assign(channel=loans["channel"].astype("str").replace("in_house", in_house))


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
    return parts.message(
        title,
        words.text("Every instalment due by {date} is paid or within its grace.", date=words.date(session.as_of)),
    )
