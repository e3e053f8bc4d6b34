"""What stands in the way of a step today, and from when on it is allowed; the stricter of plan and rule wins."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from collectkit.cadence import Cadence, Step
from collectkit.casework._cases import NONE, Cases
from collectkit.casework._record import Ints, Mask
from collectkit.contact_rules import ContactRules
from collectkit.days import dates_of
from collectkit.workdays import is_public_holiday, is_workday

#: A day that no rule gives: a person has to decide first.
OPEN_END = np.int64(2**31 - 1)
#: In the order in which they are told; a bit each.
REASONS = (
    "plan", "dispute", "promise", "refused", "effective_calls", "attempts", "calls_per_loan", "quiet_after_talk",
    "hours", "day_off",
)  # fmt: skip
Block = tuple[str, Mask, Ints]


def blocks_of(cases: Cases, cadence: Cadence, rules: ContactRules, step: Step, at: dt.time | None) -> Iterator[Block]:
    """Reason, the cases it stops, and the first day it stops no more."""
    if step.is_demand:
        yield "plan", cases.plan_day != NONE, cases.plan_day
        disputed = cases.said_last(cadence.dispute_results)
        yield "dispute", (cases.dispute_day != NONE) | disputed, np.where(disputed, OPEN_END, cases.dispute_day)
        yield "promise", cases.promise_day != NONE, cases.promise_day + 1
    if step.channel not in (None, "letter"):
        refused = cases.said_last(cadence.refusal_results, step.channel)
        yield "refused", refused, np.full(len(refused), OPEN_END)
    if step.channel == "call":
        yield from _counted(cases, rules)
    yield from _of_the_day(cases, cadence, rules, step, at)


def _counted(cases: Cases, rules: ContactRules) -> Iterator[Block]:
    """Limits on the number of calls, by what was called so far."""
    record, tomorrow = cases.record, np.full(len(cases.loan), cases.day + 1)
    is_call = record.is_("channel", "call") & record.is_("party", "debtor")
    bound = cases.frame["channel"] != "in_house"
    for limit in rules.limits:
        holds = bound.to_numpy() if limit.applies_to == "agencies" else np.ones(len(bound), dtype=bool)
        if limit.rule in ("effective_calls", "attempts"):
            today = is_call & (record.day == cases.day)
            today &= ~record.is_missed if limit.rule == "effective_calls" else True
            key = (record.debtor, cases.debtor) if limit.rule == "effective_calls" else (record.loan, cases.loan)
            yield limit.rule, holds & (cases.count(today, *key) >= limit.most), tomorrow
        elif limit.rule == "calls_per_loan":
            window = is_call & (record.day > cases.day - limit.days)
            full = cases.count(window, record.loan, cases.loan) >= limit.most
            yield limit.rule, holds & full, _first_of_window(cases, window, limit.most) + limit.days
        elif limit.rule == "quiet_after_talk":
            talked = cases.last_contact("call", talk=True)
            yield limit.rule, holds & (cases.day - talked < limit.days), talked + limit.days


def _first_of_window(cases: Cases, window: Mask, most: int) -> Ints:
    """Day of the call that has to leave the window before another fits."""
    rows = np.flatnonzero(window)
    back = pd.Series(rows).groupby(cases.record.loan[rows]).cumcount(ascending=False).to_numpy()
    rows = rows[back == most - 1]
    last = np.zeros(len(cases.record.loan), dtype=bool)
    last[rows] = True
    return cases.last(last)


def _of_the_day(cases: Cases, cadence: Cadence, rules: ContactRules, step: Step, at: dt.time | None) -> Iterator[Block]:
    """The hour, and the day off of those who would do it."""
    hours: Any = rules.limit("hours")
    everyone = np.ones(len(cases.loan), dtype=bool)
    if at is not None and hours is not None and step.channel in hours.channels:
        bound = (cases.frame["channel"] != "in_house").to_numpy() if hours.applies_to == "agencies" else everyone
        if at < hours.earliest:
            yield "hours", bound, np.full(len(everyone), cases.day)
        elif at >= hours.latest:
            yield "hours", bound, np.full(len(everyone), cases.day + 1)
    if step.by == "person" and step.channel is not None and is_rest_day(cadence.rest_days, cases.day):
        yield "day_off", everyone, np.full(len(everyone), cases.day + 1)


@cache
def is_rest_day(rest_days: str, day: int) -> bool:
    """True if nobody works on a day."""
    date = pd.Timestamp(dates_of([day])[0])
    if rest_days == "none":
        return False
    return bool(is_public_holiday(date) if rest_days == "public_holidays" else not is_workday(date))


def first_working(cadence: Cadence, days: Ints, step: Step) -> Ints:
    """Each day, or the first after it on which those who would do the step work."""
    if step.by == "system" or step.channel is None:
        return days
    moved = days.copy()
    for day in np.unique(days[days < OPEN_END]).tolist():
        later = day
        while is_rest_day(cadence.rest_days, later):
            later += 1
        moved[days == day] = later
    return moved
