"""The calendar of a case: on which days the cadence asks for which step, if nothing is paid and every step is done."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from collectkit.cadence import Cadence, Step
from collectkit.casework._blocked import is_rest_day
from collectkit.casework._words import CONDITIONS
from collectkit.days import DATE_DTYPE, Date, dates_of, day_number
from collectkit.errors import CallError, PolicyError
from collectkit.policy import Policy
from collectkit.wording import checked_language
from collectkit.workdays import next_workday

_NEVER = -1000
_TYPES: dict[str, Any] = {
    "days_past_due": "int64", "date": DATE_DTYPE, "action": "str", "channel": "str", "deadline_date": DATE_DTYPE,
    "condition": "str", "reason": "str",
}  # fmt: skip


def case_calendar(
    policy: Policy,
    due_date: Date,
    *,
    days: int = 120,
    grace_days: int = 0,
    product: str = "*",
    scheme: str = "fine",
    language: str = "en",
) -> pd.DataFrame:
    """Every step of the cadence for a case that stays unpaid, on its day.

    Parameters
    ----------
    policy : Policy
        Its ``[[cadence]]`` gives the steps.
    due_date : date
        Day 0. The cadence in force on this day is used.
    days : int [days]
        Last late day of the calendar.
    grace_days : int [days]
        Late days on which nothing counts as overdue yet.
    product : str
    scheme : str
        Bucket scheme of the cadence.
    language : {"en", "zh"}
        Language of condition and reason.

    Returns
    -------
    DataFrame
        One row per step: days_past_due [days], date, action, channel (missing for work without a contact),
        deadline_date (of a letter sent that day), condition (what the case must be; missing if nothing), reason.

    Raises
    ------
    CallError
        `days` or `grace_days` is negative, or the scheme has no cadence.
    PolicyError
        The policy has no cadence yet on `due_date`.

    Notes
    -----
    Each step is taken to be done on its day, and to reach nobody; `worklist` says what is due in a real case. The due
    date is day 0; with grace the first late day is the one after it, and counts from the due date. A step of people
    that falls on a day of rest moves to the next day, a deadline on a day off to the next working day (民法典
    art. 203). Repeated steps are counted from the last contact on their channel.

    Examples
    --------
    >>> import collectkit as ck
    >>> calendar = case_calendar(ck.load_policy(), "2025-03-01")
    >>> letter = calendar[calendar.action == "demand_letter"].squeeze()
    >>> f"{letter.date:%Y-%m-%d}, {letter.deadline_date:%Y-%m-%d}"
    '2025-04-15, 2025-04-30'
    """
    checked_language(language)
    if days < 0 or grace_days < 0:
        raise CallError(f"`days` {days} and `grace_days` {grace_days} must be 0 or more.")
    due = day_number(due_date, "due_date")
    cadence = policy.cadence_for(scheme, product, due_date)
    if cadence is None:
        raise PolicyError(f"Policy {policy.name} has no cadence for {product!r} yet on {due_date}.")
    last: dict[str, int] = {}
    rows = []
    for late in (0, *range(grace_days + 1, days + 1)):
        for step in cadence.steps:
            key = step.channel or step.action
            if _is_due(cadence, step, late, last.get(key, _NEVER), due):
                last[key] = late
                rows.append([late, due + late, step, step.deadline_days])
    return _told(rows, language)


def _is_due(cadence: Cadence, step: Step, late: int, last: int, due: int) -> bool:
    """True if a step falls on a late day, given the late day of the last contact on its channel."""
    if not step.from_days <= late <= (late if step.to_days is None else step.to_days):
        return False
    if step.by == "person" and step.channel is not None and is_rest_day(cadence.rest_days, due + late):
        return False
    return last < step.from_days if step.every_days is None else late >= last + step.every_days


def _told(rows: list[list[Any]], language: str) -> pd.DataFrame:
    """The rows as a table, in words."""
    listed = [
        [late, step.action, step.channel, _condition(step, language), step.say if language == "en" else step.say_zh]
        for late, _, step, _ in rows
    ]
    table = pd.DataFrame(listed, columns=["days_past_due", "action", "channel", "condition", "reason"])
    ends = np.array([day + (deadline or 0) for _, day, _, deadline in rows], dtype="int64")
    has_end = [deadline is not None for *_, deadline in rows]
    ended = next_workday(pd.Series(dates_of(ends))).where(has_end)
    return table.assign(date=dates_of([day for _, day, *_ in rows]), deadline_date=ended).astype(_TYPES)[list(_TYPES)]


def _condition(step: Step, language: str) -> str | None:
    """What a case must be for a step, in words."""
    either = [CONDITIONS[name][language] for name in step.only if name in ("large", "unreached")]
    every = [CONDITIONS[name][language] for name in step.only if name not in ("large", "unreached")]
    joined = (" or " if language == "en" else "或").join(either)
    return (", " if language == "en" else "，").join([*([joined] if joined else []), *every]) or None
