"""Case: all about one loan: why it owes what it owes, what was said, what could be agreed and written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import panel as pn
import panel_material_ui as pmui

from collectkit import casework
from dashboards import audit, casefile, loan, parts, shared
from dashboards.cards import Listed, Nothing, table_card
from dashboards.loading import when_loaded
from dashboards.pages import case_documents, case_plan
from dashboards.words import N_, safe

if TYPE_CHECKING:
    import pandas as pd

    from dashboards.session import Session

FIELDS = (casefile.CASE_FIELD, casefile.RULES_FIELD, *case_plan.FIELDS, *case_documents.FIELDS)
"""What this page keeps in the address."""
_CONTACT = ("contacted_at", "channel", "party", "result", "collector_id", "agency", "reason", "note", "recorded_at")
_PROMISE = ("promised_date", "due_date", "amount", "received", "received_date", "promise_status")
_DUE = ("action", "reason", "due_since", "is_blocked", "blocked_by", "earliest_at", "priority", "collector_id")
_PROMISE_RULE = N_(
    "Kept only by money that came after the promise was made and by its last day; each yuan counts for one promise."
)


def page(session: Session) -> pn.Column:
    """The case of the address, or the first of the day's list."""
    return when_loaded(session, lambda: _body(session), casefile.day)


def case_of(session: Session) -> str:
    """The loan that is shown: the one in the address, else the first of the list; empty if there is none."""
    if session.case:
        return str(session.case)
    listed = casefile.worklist(session.loaded, session.rules, session.lang)
    return str(listed["loan_id"].iloc[0]) if len(listed) else ""


def _body(session: Session) -> pn.Column:
    """Choice of the case, then its parts; built anew for another case."""
    holder = pn.Column(sizing_mode="stretch_width", margin=0)

    def show(*_: Any) -> None:
        holder.objects = [_parts(session)]

    session.on_change(show, "loaded", "case")
    show()
    return pn.Column(_choice(session), holder, sizing_mode="stretch_width", margin=0, styles={"gap": "16px"})


def _choice(session: Session) -> pn.Row:
    """Loan number, and the way back to the list."""
    words = session.words
    number = pmui.TextInput(
        label=words.text("Case (loan number)"), value=case_of(session), size="small", width=220, margin=(8, 0, 0, 0),
        sx={"height": "40px"},
    )  # fmt: skip
    problem = parts.markup()
    back = pmui.Button(label=words.text("To the worklist"), icon="list", variant="text", size="small", margin=0,
                       sx={"textTransform": "none"})  # fmt: skip
    back.on_click(lambda _: session.param.update(page="worklist"))

    def take(event: Any) -> None:
        text = event.new.strip()
        if casefile.is_loan(session.loaded.portfolio, text):
            problem.object = ""
            session.case = text
        elif text:
            missing = words.text("There is no loan “{loan}”.", loan=text)
            problem.object = f'<p class="sub">{safe(missing)}</p>'

    number.param.watch(take, "value")
    session.on_change(lambda _: number.param.update(value=case_of(session)), "case")
    return pn.Row(number, back, problem, sizing_mode="stretch_width", margin=0,
                  styles={"flex-wrap": "wrap", "gap": "12px", "align-items": "flex-end"})  # fmt: skip


def _parts(session: Session) -> pn.Column:
    """The parts of a case."""
    words, loan_id = session.words, case_of(session)
    row = loan.found(session.loaded, loan_id)
    if row is None:
        title = words.text("No case on this date")
        text = words.text("Nothing is overdue or due on {date}, or the loan was not disbursed yet. Take another date.",
                          date=words.date(session.loaded.as_of))  # fmt: skip
        return pn.Column(parts.markup(parts.message(title, text)))
    audit.note("loan", session.reader.name, loan=loan_id)
    facts = parts.card(parts.heading(words.text("Loan {loan}", loan=loan_id)), parts.markup(loan.facts(row, session)))
    return pn.Column(
        facts,
        _due(session, loan_id),
        parts.side_by_side(_contacts(session, loan_id), _promises(session, loan_id)),
        case_plan.card(session, loan_id),
        case_documents.card(session, loan_id),
        parts.card(parts.heading(words.text("How the figures come about")), *loan.story(session, loan_id)),
        sizing_mode="stretch_width",
        margin=0,
        styles={"gap": "16px"},
    )


def _due(session: Session, loan_id: str) -> pn.Column:
    """What the cadence proposes for this case today."""
    words = session.words

    def rows() -> Listed | Nothing:
        listed = casefile.worklist(session.loaded, session.rules, session.lang)
        steps = casework.narrowed(listed, loan_id=[loan_id])[list(_DUE)]
        if steps.empty:
            return Nothing(words.text("No step is due for this loan today."))
        return Listed(casework.worded(steps, language=session.lang))

    return table_card(session, words.text("Due today"), rows, name="due", follows=("rules",), columns=_wide)


def _contacts(session: Session, loan_id: str) -> pn.Column:
    """Every contact, the last one first."""
    words = session.words

    def rows() -> Listed | Nothing:
        found = casework.contacts_of(shared.portfolio(session.loaded.portfolio), loan_id, as_of=_day(session))
        if found.empty:
            return Nothing(words.text("Nobody has been in touch about this loan."))
        shown = found[[name for name in _CONTACT if name in found]]
        return Listed(casework.worded(shown, language=session.lang))

    return table_card(session, words.text("Contacts"), rows, name="contacts", columns=_wide, basis=560)


def _promises(session: Session, loan_id: str) -> pn.Column:
    """Every promise, and whether it was kept."""
    words = session.words

    def rows() -> Listed | Nothing:
        made = casework.narrowed(casefile.promises(session.loaded), loan_id=[loan_id])
        if made.empty:
            return Nothing(words.text("No promise was made for this loan."))
        shown = casework.worded(made[list(_PROMISE)], language=session.lang)
        return Listed(shown, definition=[words.text(_PROMISE_RULE)])

    return table_card(session, words.text("Promises"), rows, name="promises", basis=420)


def _wide(frame: pd.DataFrame) -> dict[str, Any]:
    """Columns with sentences are wide."""
    widths = {"reason": 440, "blocked_by": 300, "note": 320}
    return {"widths": {name: width for name, width in widths.items() if name in frame}}


def _day(session: Session) -> str:
    return str(session.loaded.as_of.isoformat())
