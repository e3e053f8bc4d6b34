"""Worklist: what to do today, for whom and by whom; what must wait and until when; which promises fall due."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import panel as pn

from collectkit import casework
from dashboards import casefile, parts
from dashboards.cards import Listed, Nothing, table_card
from dashboards.filters import filter_bar, switch
from dashboards.loading import when_loaded
from dashboards.parts import Tile
from dashboards.words import N_

if TYPE_CHECKING:
    import pandas as pd

    from dashboards.session import Session

RULES = {"cn": N_("Mainland China"), "us-reg-f": N_("US, Regulation F"), "in-rbi": N_("India, RBI")}
FIELDS = (casefile.RULES_FIELD, casefile.CASE_FIELD, casefile.COLLECTOR_FIELD)
"""What this page keeps in the address."""
_FOLLOWS = ("rules", "collector_id", "lang")
_CAN = (
    "loan_id", "action", "reason", "days_past_due", "bucket", "total_due", "priority", "collector_id", "agency",
    "place", "is_in_capacity", "due_since", "deadline_date", "earliest_at", "last_contact_at", "last_result",
    "promise_status", "promise_due_date", "promise_amount", "points_amount", "points_waiting",
    "points_broken_promise", "points_no_contact", "points_grade",
)  # fmt: skip
_WAITS = (
    "loan_id", "action", "blocked_by", "earliest_at", "days_past_due", "total_due", "collector_id", "agency", "reason",
    "due_since", "last_contact_at", "last_result", "promise_status", "promise_due_date",
)  # fmt: skip
_PROMISED = ("loan_id", "promised_date", "due_date", "last_date", "amount", "received")
_DAYS = 7
_CAN_MEANS = N_(
    "Steps of the cadence that are due and allowed: a proposal, a person decides. Priority is the sum of its "
    "points: amount, waiting, a broken promise, no contact yet, risk grade; the policy says how many each."
)
_WAITS_MEANS = N_(
    "Steps that are due but must wait: a plan, dispute or promise is open, the channel was refused, the limits of "
    "the day are reached, or nobody works. Without an earliest time a person has to decide first."
)
_PROMISED_MEANS = N_("Open promises whose last day falls in the next seven days; money that counts so far beside them.")
_PEOPLE_MEANS = N_("What each collector can do today, what waits, and what the day has no room for.")
_SIGNS_MEANS = N_("Loans that are not overdue yet but show a sign of trouble.")


def page(session: Session) -> pn.Column:
    """Filters, figures, today's actions, what waits, promises due, collectors, early signs."""
    return when_loaded(session, lambda: _body(session), casefile.day)


def _body(session: Session) -> pn.Column:
    """The page once the list of the day is there."""
    words = session.words
    bar = filter_bar(
        session,
        lambda: {"collector_id": casefile.people(session.loaded.portfolio)},
        switch(session, "rules", RULES, words.text("Contact rules")),
    )
    figures = parts.markup()

    def show(*_: Any) -> None:
        figures.object = parts.tiles(_tiles(session), words)

    session.on_change(show, "loaded", *_FOLLOWS)
    show()
    return pn.Column(
        bar,
        figures,
        _actions(session),
        _waiting(session),
        parts.side_by_side(_promised(session), _people(session)),
        _signs(session),
        sizing_mode="stretch_width",
        margin=0,
        styles={"gap": "16px"},
    )


def _list(session: Session) -> pd.DataFrame:
    """The list of the day for the chosen rules and collectors."""
    listed = casefile.worklist(session.loaded, session.rules, session.lang)
    return casework.narrowed(listed, collector_id=session.collector_id)


def _tiles(session: Session) -> list[Tile]:
    """Figures of the list."""
    words, totals = session.words, casework.worklist_totals(_list(session))
    note = words.text("As of {date}", date=words.date(session.loaded.as_of))
    due = casework.promises_due(casefile.promises(session.loaded), as_of=_day(session), days=_DAYS)

    def tile(name: str, count: int, unit: str, definition: str) -> Tile:
        return Tile(name, words.short(count), words.number(count), unit, note, definition)

    steps = words.text("steps")
    return [
        tile(words.text("Actions today"), totals["actions"], steps, words.text(_CAN_MEANS)),
        tile(words.text("Must wait"), totals["waiting"], steps, words.text(_WAITS_MEANS)),
        tile(words.text("No room today"), totals["beyond_capacity"], steps, words.text(_PEOPLE_MEANS)),
        tile(words.text("Cases on the list"), totals["cases"], words.text("loans"), words.text(_CAN_MEANS)),
        tile(words.text("Promises due"), len(due), words.text("in seven days"), words.text(_PROMISED_MEANS)),
    ]


def _day(session: Session) -> str:
    return str(session.loaded.as_of.isoformat())


def _steps(session: Session, *, is_blocked: bool, columns: tuple[str, ...]) -> pd.DataFrame:
    """Steps that can be done, or that must wait, in words."""
    listed = casework.narrowed(_list(session), is_blocked=[is_blocked])
    return casework.worded(listed[list(columns)], language=session.lang)


def _actions(session: Session) -> pn.Column:
    """What can be done today."""
    words = session.words

    def rows() -> Listed | Nothing:
        steps = _steps(session, is_blocked=False, columns=_CAN)
        if steps.empty:
            return Nothing(words.text("No step is due and allowed for this choice."))
        return Listed(steps, definition=[words.text(_CAN_MEANS)])

    return _card(session, words.text("Actions today"), rows, "worklist", page_size=15)


def _waiting(session: Session) -> pn.Column:
    """What is due but must wait, and why."""
    words = session.words

    def rows() -> Listed | Nothing:
        steps = _steps(session, is_blocked=True, columns=_WAITS)
        if steps.empty:
            return Nothing(words.text("Nothing has to wait for this choice."))
        return Listed(steps, definition=[words.text(_WAITS_MEANS)])

    return _card(session, words.text("Must wait, and why"), rows, "waiting")


def _promised(session: Session) -> pn.Column:
    """Promises whose last day comes."""
    words = session.words

    def rows() -> Listed | Nothing:
        due = casework.promises_due(casefile.promises(session.loaded), as_of=_day(session), days=_DAYS)
        if due.empty:
            return Nothing(words.text("No promise falls due in the next seven days."))
        return Listed(due[list(_PROMISED)], definition=[words.text(_PROMISED_MEANS)])

    return _card(session, words.text("Promises due"), rows, "promises-due", basis=520)


def _people(session: Session) -> pn.Column:
    """The day of each collector."""
    words = session.words

    def rows() -> Listed | Nothing:
        table = casework.collector_totals(_list(session))
        if table.empty:
            return Nothing(words.text("No step is due for this choice."))
        return Listed(table, definition=[words.text(_PEOPLE_MEANS)])

    return table_card(session, words.text("By collector"), rows, name="collectors", follows=_FOLLOWS, basis=520)


def _signs(session: Session) -> pn.Column:
    """Loans to look at before they are overdue."""
    words = session.words

    def rows() -> Listed | Nothing:
        signs = casefile.warnings(session.loaded, session.lang)
        if signs.empty:
            return Nothing(words.text("No loan shows an early sign on this date."))
        shown = casework.worded(signs.drop(columns="customer_id"), language=session.lang)
        return Listed(shown, definition=[words.text(_SIGNS_MEANS)])

    return _card(session, words.text("Early signs"), rows, "early-signs")


def _card(session: Session, title: str, rows: Any, name: str, *, page_size: int = 10, **shape: Any) -> pn.Column:
    """A table whose rows open their case."""
    words = session.words
    return table_card(
        session,
        title,
        rows,
        name=name,
        follows=_FOLLOWS,
        on_row=lambda row: casefile.open_case(session, row["loan_id"]),
        columns=lambda frame: {
            "header_filters": parts.header_filters(frame, words),
            "frozen_columns": ["loan_id"],
            "page_size": page_size,
            "widths": {"reason": 460, "blocked_by": 320, "note": 420},
        },
        **shape,
    )
