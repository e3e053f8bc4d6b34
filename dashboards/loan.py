"""The loan that is looked into: its story as a chart, every step of its figures below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import panel as pn
import panel_material_ui as pmui

from collectkit import charts
from collectkit.columns import label
from dashboards import audit, parts, shared
from dashboards.guard import guarded
from dashboards.words import N_, safe

if TYPE_CHECKING:
    import pandas as pd

    from dashboards.session import Session
    from dashboards.shared import Key

_NUMBERS = ("instalment_no", "amount", "balance", "days", "product_sum", "rate", "penalty")
_FIRST = ("date", "event", "note")
_NAMES = {
    "current": N_("current"),
    "overdue": N_("overdue"),
    "paid": N_("paid"),
    "paid_off": N_("paid off"),
    "written_off": N_("written off"),
    "settled": N_("settled"),
    "sold": N_("sold"),
    "archived": N_("archived"),
    "in_house": N_("in-house"),
}
"""Fixed values in words; every other one (a bucket, the name of an agency) is shown as it is."""


def dialog(session: Session) -> pmui.Dialog:
    """Dialog that opens when the session names a loan and clears it when it is closed."""
    box = pmui.Dialog(
        open=False,
        close_on_click=True,
        width_option="xl",
        scroll="paper",
        sizing_mode="stretch_width",
        sx={
            "& .MuiDialog-paper": {
                "backgroundImage": "none",
                "m": {"xs": "8px", "sm": "32px"},
                "width": {"xs": "calc(100% - 16px)"},
            }
        },
    )

    def show(*_: Any) -> None:
        may_see = session.may_open_loans
        if session.loan and may_see:
            box.objects = [guarded(lambda: _explained(session), session.words)]
        elif not may_see:
            box.objects = []
        box.open = bool(session.loan) and may_see

    def closed(event: Any) -> None:
        if not event.new:
            session.loan = ""

    session.param.watch(show, ["loan", "as_of", "policy", "portfolio", "lang", "theme", "role"])
    box.param.watch(closed, "open")
    show()
    return box


def _explained(session: Session) -> pn.Column:
    """Heading, facts, chart and steps of the loan."""
    words = session.words
    close = pmui.Button(label=words.text("Close"), icon="close", variant="text", margin=0, align="start")
    close.on_click(lambda _: session.param.update(loan=""))
    audit.note("loan", session.reader.name, loan=session.loan)
    heading = parts.markup(_heading(session))
    row = found(session.key, session.loan)
    if row is None:
        body = [parts.markup(_not_there(session))]
    else:
        body = [parts.markup(facts(row, session)), *story(session, session.loan)]
    top = pn.Row(heading, close, sizing_mode="stretch_width", margin=(16, 0, 8, 0))
    return pn.Column(top, *body, sizing_mode="stretch_width", margin=0)


def _heading(session: Session) -> str:
    """Which loan, on which date, under which policy."""
    words = session.words
    title = words.text("Loan {loan}", loan=session.loan)
    sub = words.text("As of {date} · policy {policy}", date=words.date(session.as_of), policy=session.policy)
    return f'<h1>{safe(title)}</h1><p class="sub">{safe(sub)}</p>'


def _not_there(session: Session) -> str:
    """Message for a loan that does not exist on the date."""
    words = session.words
    title = words.text("No such loan on this date")
    text = words.text(
        "The portfolio has no loan “{loan}” disbursed by {date}. Check the number or take a later date.",
        loan=session.loan,
        date=words.date(session.as_of),
    )
    return parts.message(title, text)


def found(key: Key, loan_id: str) -> pd.Series | None:
    """The loan's figures on the date; None if it does not exist then."""
    rows = shared.assessed(key).loc[lambda loans: loans["loan_id"] == loan_id]
    return None if rows.empty else rows.iloc[0]


def facts(row: pd.Series, session: Session) -> str:
    """The loan's figures on the date in one line."""
    words, language = session.words, session.lang
    unit = words.currency(shared.policy(session.policy).currency)
    counts = {name: words.number(row[name]) for name in ("days_past_due", "overdue_instalments")}
    money = {name: f"{words.money(row[name])} {unit}" for name in ("total_due", "penalty", "principal_balance")}
    texts = {name: _named(str(row[name]), session) for name in ("bucket", "status", "channel")}
    return parts.facts({label(k, language): v for k, v in {**texts, **counts, **money}.items()})


def _named(value: str, session: Session) -> str:
    """A fixed value in words, any other as it is."""
    return session.words.text(_NAMES[value]) if value in _NAMES else value


def story(session: Session, loan_id: str) -> list[Any]:
    """Chart of the days and table of the steps."""
    words = session.words
    currency = shared.policy(session.policy).currency
    days = shared.timeline(session.key, loan_id)
    chart = parts.chart(words)
    figure = charts.loan_timeline(days, language=session.lang, theme=session.theme, currency=currency)
    about = words.text(
        "Days past due rise with every late day and fall when the oldest unpaid instalment is paid off. "
        "The steps below give every figure of the chart in words."
    )
    parts.draw(
        chart,
        figure,
        words.text("Days past due, instalments, payments and penalty of loan {loan}", loan=loan_id),
    )
    return [
        parts.markup(f'<p class="sub">{safe(about)}</p>', margin=(12, 0, 0, 0)),
        chart,
        parts.heading(words.text("Step by step"), margin=(12, 0, 8, 0)),
        _steps(session, loan_id),
    ]


def _steps(session: Session, loan_id: str) -> pn.widgets.Tabulator:
    """Every step with its words, in the order in which they happened."""
    steps = shared.explanation(session.key, loan_id, session.lang).shown()
    numbers = [label(name, session.lang) for name in _NUMBERS]
    first = [label(name, session.lang) for name in _FIRST]
    note = first[-1]
    return parts.table(
        steps[first + [name for name in steps.columns if name not in first]],
        session.words,
        page_size=20,
        sortable=False,
        layout="fit_data_table",
        text_align=dict.fromkeys(numbers, "right"),
        widths={note: 480},
        formatters={note: {"type": "textarea"}},
    )
