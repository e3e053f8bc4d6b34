"""The statement of an agency for a month, every line down to the payment, and its files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import panel as pn
import panel_material_ui as pmui
from bokeh.models.widgets.tables import NumberFormatter

from collectkit import agencies
from collectkit.columns import COLUMNS
from collectkit.printing import pdf
from dashboards import parts, placed, shared
from dashboards.cards import table_card
from dashboards.contents import Later, Listed, Nothing
from dashboards.downloads import CSV, EXCEL, PDF
from dashboards.words import N_

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from dashboards.session import Session
    from dashboards.words import Words

_FOLLOWS = ("agency", "statement_month")
_LINES = [
    "kind", "loan_id", "payment_id", "value_date", "commissionable", "days_past_due", "band", "rate", "commission",
    "reason", "received", "vat", "placement_date", "placement_days_past_due",
]  # fmt: skip
_CASH = [
    "loan_id", "payment_id", "value_date", "amount", "is_commissionable", "reason", "method", "days_past_due",
    "placement_date",
]  # fmt: skip
_TOLD = (
    N_("A statement holds what the contract had come to at the end of the month, as known that day, less what it"
       " had come to a month before. So a closed month never changes: what becomes known later stands in the "
       "statement of its own month, a payment posted late as earned, one taken back as clawback."),
    N_("Commission = commissionable × rate, rounded half up to the cent once per line. Commissionable is what "
       "paid overdue amounts while the loan was placed, from the day after the hand-over to the day of the "
       "recall."),
)  # fmt: skip
_CASH_TOLD = (
    N_("Every payment of the month on loans this agency ever had, with the first reason that holds. One payment "
       "can have several: the parts add up to it."),
)  # fmt: skip


def cards(session: Session) -> pn.Column:
    """Totals under every reading, the lines, and where the cash of the month went."""
    return pn.Column(
        _totals(session),
        parts.side_by_side(_lines(session), _cash(session)),
        sizing_mode="stretch_width",
        margin=0,
        styles={"gap": "16px"},
    )


def _made(session: Session) -> agencies.Statement | Later:
    """The statement, or that it is still computed."""
    wanted = placed.asked(session)
    return placed.statement(*wanted) if placed.statement.is_there(*wanted) else Later(placed.statement, wanted)


def _told(session: Session, texts: tuple[str, ...]) -> list[str]:
    return [session.words.text(text) for text in texts]


def _sub(session: Session) -> str:
    """Whose statement, of which month, in which unit."""
    words = session.words
    unit = words.currency(shared.policy(session.loaded.policy).currency)
    return words.text(
        "{agency} · {month} · {unit} · policy {policy}", agency=placed.agency(session),
        month=words.month(placed.statement_month(session)), unit=unit, policy=session.loaded.policy,
    )  # fmt: skip


def _totals(session: Session) -> pn.Column:
    """How the balance moved, under every reading of the tariff; agency, month and files above."""
    words = session.words

    def rows() -> Listed | Nothing | Later:
        made = _made(session)
        if isinstance(made, Later):
            return made
        return Listed(agencies.in_words(made.totals, language=session.lang), _sub(session), _told(session, _TOLD))

    files = {
        EXCEL: lambda: agencies.statement_workbook(_there(session), language=session.lang),
        CSV: lambda: agencies.statement_csv(_there(session)),
        PDF: lambda: pdf(agencies.statement_page(_there(session), language=session.lang)),
    }
    controls = pn.Row(
        agency_field(session),
        _field(session, "statement_month", N_("Month"), placed.statement_month,
               lambda: {words.month(day): day for day in reversed(placed.months(session.loaded))}),
        margin=0, styles={"flex-wrap": "wrap", "gap": "10px"},
    )  # fmt: skip
    return table_card(
        session, words.text("Statement of a month"), rows,
        name=lambda: "-".join(("statement", *placed.asked(session)[1:])), follows=_FOLLOWS, controls=[controls],
        files=files,
    )  # fmt: skip


def agency_field(session: Session) -> Any:
    """Which agency is looked at."""
    return _field(session, "agency", N_("Agency"), placed.agency,
                  lambda: {name: name for name in placed.names(session.loaded.portfolio)})  # fmt: skip


def _field(
    session: Session, name: str, text: str, present: Callable[[Session], Any], there: Callable[[], dict[str, Any]]
) -> Any:
    """A field of the address with one of the values there are."""
    field = pmui.Select(
        label=session.words.text(text), size="small", width=200, margin=(8, 0, 0, 0), sx={"height": "40px"}
    )

    def show(*_: Any) -> None:
        field.param.update(options=there(), value=present(session))

    def take(event: Any) -> None:
        if event.new != present(session):
            session.param.update({name: event.new})

    field.param.watch(take, "value")
    session.on_change(show, "loaded", name)
    show()
    return field


def _there(session: Session) -> agencies.Statement:
    return placed.statement(*placed.asked(session))


def _lines(session: Session) -> pn.Column:
    """The lines; a click opens the loan with every step behind its figures."""
    words = session.words

    def rows() -> Listed | Nothing | Later:
        made = _made(session)
        if isinstance(made, Later):
            return made
        if made.lines.empty:
            return Nothing(words.text("The agency earned nothing in {month}.",
                                      month=words.month(placed.statement_month(session))))  # fmt: skip
        shown = agencies.in_words(made.lines, language=session.lang)[_LINES]
        sub = words.text("{lines}. Select one to see how the payment was applied.",
                         lines=words.plural("{count} line", "{count} lines", len(shown)))  # fmt: skip
        return Listed(shown, sub, _told(session, _TOLD))

    return table_card(
        session, words.text("Lines of the statement"), rows, name="statement-lines", follows=_FOLLOWS,
        on_row=lambda row: _open(session, row), basis=560,
        columns=lambda table: columns(table, words, "kind"),
    )  # fmt: skip


def _cash(session: Session) -> pn.Column:
    """Every payment of the month with the reason it does or does not earn."""
    words = session.words

    def rows() -> Listed | Nothing | Later:
        wanted = placed.asked(session)
        if not placed.cash.is_there(*wanted):
            return Later(placed.cash, wanted)
        found = agencies.in_words(placed.cash(*wanted), language=session.lang)[_CASH]
        if found.empty:
            return Nothing(words.text("No money came in on this agency's loans in {month}.",
                                      month=words.month(placed.statement_month(session))))  # fmt: skip
        return Listed(found, _sub(session), _told(session, _CASH_TOLD))

    return table_card(
        session, words.text("Cash of the month and why it earns or not"), rows, name="statement-cash", follows=_FOLLOWS,
        on_row=lambda row: _open(session, row), basis=560,
        columns=lambda table: columns(table, words, "loan_id"),
    )  # fmt: skip


def columns(table: pd.DataFrame, words: Words, first: str) -> dict[str, Any]:
    """A filter over every column, the first always in sight, shares of two digits, a tick for true."""
    return {
        "header_filters": parts.header_filters(table, words),
        "frozen_columns": [first],
        "formatters": formatters(table),
    }


def formatters(table: pd.DataFrame) -> dict[str, Any]:
    """Shares with one decimal, a tick for true."""
    rates = {name for name in table if name in COLUMNS and COLUMNS[name].kind == "rate"}
    flags = table.select_dtypes("bool").columns
    shown: dict[str, Any] = {name: NumberFormatter(format="0.0%", nan_format="", null_format="") for name in rates}
    return shown | {name: {"type": "lookup", "true": "✓", "false": "–"} for name in flags}


def _open(session: Session, row: pd.Series) -> None:
    """Open the loan of a row; fees of a month have none."""
    if isinstance(row["loan_id"], str):
        session.param.update(loan=row["loan_id"])
