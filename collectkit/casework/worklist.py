"""The worklist: which step is due for which case today, what must wait and until when, and who does it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from collectkit.cadence import PARTS, Cadence, Step
from collectkit.casework._blocked import OPEN_END, REASONS, blocks_of, first_working
from collectkit.casework._cases import NONE, Cases, cases_of, microseconds, midnight
from collectkit.casework._listing import collectors_of, placed, told
from collectkit.casework._record import Mask, is_true
from collectkit.casework._words import REVIEW
from collectkit.contact_rules import ContactRules
from collectkit.days import Date, day_number
from collectkit.errors import CallError, PolicyError
from collectkit.policy import Policy
from collectkit.portfolio import Portfolio
from collectkit.wording import checked_language

_FULL_WAIT = 7  # days of waiting that give all points
_REVIEW = Step(action="review", from_days=0, is_demand=False, say=REVIEW["en"], say_zh=REVIEW["zh"])


def worklist(
    portfolio: Portfolio,
    policy: Policy,
    *,
    as_of: Date,
    at: str | dt.time | None = None,
    scheme: str = "fine",
    rules: str = "cn",
    language: str = "en",
) -> pd.DataFrame:
    """What is due today for every case, what must wait and why, and in which order; a person decides.

    Parameters
    ----------
    portfolio : Portfolio
    policy : Policy
        Its ``[[cadence]]`` gives the steps, its ``[[contact_rules]]`` the limits.
    as_of : date
        The day of the list; payments, contacts and promises up to its end are known.
    at : time, optional
        Moment of the list, such as "08:00": later contacts of the day are not known yet, and steps outside the allowed
        hours are blocked. Default: the whole day, without an hour.
    scheme : str
        Bucket scheme whose cadence is used and whose buckets are shown.
    rules : str
        Name of the contact rules.
    language : {"en", "zh"}
        Language of reason and blocked_by.

    Returns
    -------
    DataFrame
        One row per case and step that is due: loan_id, customer_id, action, channel (of the contact; missing for work
        without one), due_since, deadline_date (of a letter sent today), reason (in words), days_past_due [days],
        bucket, total_due [currency] (for a reminder what is due today), last_contact_at, last_result, promise_status,
        promise_due_date, promise_amount [currency] (of the last promise), is_blocked, blocked_by (in words),
        earliest_at (missing where a person has to decide first), priority and its parts points_amount, points_waiting,
        points_broken_promise, points_no_contact, points_grade [points], agency (missing in-house), collector_id, place
        [count] (in the collector's list), is_in_capacity. What can be done comes first, most points first.

    Raises
    ------
    CallError
        The scheme has no cadence, the rules are unknown, or `at` is not a time.
    PolicyError
        The policy has no cadence or contact rules yet on `as_of`.

    Notes
    -----
    A step is due once from its late day on, or again so many days after the last contact on its channel; an attempt
    counts. A demand waits while a plan (a pause for hardship or deferral), a dispute or a promise is open. A refusal
    stops its channel until a person has reviewed the case; a letter and the legal route stay open. Points: total_due by
    its rank among the cases, waiting up to 7 days, a promise broken or partly kept, no contact yet, risk grade; each
    times the policy's points. A case stays with the collector who was last in touch, else it is dealt out in turn; a
    day has room for the policy's number of actions of each.

    Examples
    --------
    >>> import collectkit as ck
    >>> today = worklist(ck.load_sample("demo"), ck.load_policy(), as_of="2025-06-30")
    >>> bool(today.loc[today.is_blocked, "blocked_by"].notna().all())
    True
    """
    checked_language(language)
    moment = _time(at)
    day = day_number(as_of, "as_of")
    limits = policy.contact_rules_for(rules, as_of)
    until = midnight(day + 1) if moment is None else midnight(day) + np.timedelta64(microseconds(moment), "us")
    cases, steps, kinds = steps_due(portfolio, policy, limits, as_of, until, moment, scheme)
    collectors = collectors_of(portfolio, cases).iloc[steps["case"]].reset_index(drop=True)
    by_hand = np.array([step.by == "person" for step in kinds])[steps["step"]]
    listed = told(cases, steps, kinds, limits, moment, language)
    return listed.assign(**placed(steps, by_hand, collectors.where(by_hand)))


def steps_due(
    portfolio: Portfolio,
    policy: Policy,
    limits: ContactRules,
    as_of: Date,
    until: Any,
    moment: dt.time | None,
    scheme: str,
) -> tuple[Cases, pd.DataFrame, list[Step]]:
    """Cases of a day, their due steps in order with what blocks them, and the kinds of these steps."""
    cases = cases_of(portfolio, policy, limits, as_of, until, scheme)
    of_cadence: dict[int, list[str]] = {}
    for product in sorted(cases.frame["product"].unique()):
        cadence = policy.cadence_for(scheme, str(product), as_of)
        if cadence is None:
            raise PolicyError(f"Policy {policy.name} has no cadence for {product!r} yet on {as_of}.")
        of_cadence.setdefault(policy.cadence.index(cadence), []).append(product)
    kinds: list[Step] = []
    parts = [
        _of_products(cases, cases.frame["product"].isin(names).to_numpy(), policy.cadence[at], limits, moment, kinds)
        for at, names in (of_cadence or {0: []}).items()
    ]
    return cases, _in_order(pd.concat(parts, ignore_index=True)), kinds


def _of_products(
    cases: Cases, chosen: Mask, cadence: Cadence, rules: ContactRules, at: dt.time | None, kinds: list[Step]
) -> pd.DataFrame:
    """Due steps of the chosen cases, with what blocks them and their points; their kinds are added to `kinds`."""
    parts = []
    for step in (*cadence.steps, _REVIEW):
        kinds.append(step)
        parts.append(_due(cases, chosen, cadence, rules, step, at).assign(step=len(kinds) - 1))
    steps = pd.concat(parts, ignore_index=True)
    shares = _shares(cases, cadence)
    shares["waiting"] = np.clip((cases.day - steps["due_day"]) / _FULL_WAIT, 0, 1).to_numpy()
    for name in PARTS:
        share = shares[name] if name == "waiting" else shares[name][steps["case"]]
        steps[f"points_{name}"] = np.round(share * cadence.priority[name], 1)
    return steps.assign(most=cadence.actions_per_day)


def _due(
    cases: Cases, chosen: Mask, cadence: Cadence, rules: ContactRules, step: Step, at: dt.time | None
) -> pd.DataFrame:
    """The chosen cases for which a step is due."""
    late, due_day = cases.late, cases.on(step.from_days)
    is_due = chosen & (late >= step.from_days) & (late <= (OPEN_END if step.to_days is None else step.to_days))
    if step is _REVIEW:
        channels = ("call", "visit", "im")
        refused = [cases.said_last(cadence.refusal_results, channel) for channel in channels]
        is_due &= np.logical_or.reduce([*refused, cases.said_last(cadence.dispute_results)])
        due_day = cases.last_contact(talk=True)
    elif step.channel is not None:
        last = cases.last_contact(step.channel)
        if step.every_days is None:
            is_due &= last < due_day
        else:
            due_day = np.maximum(due_day, last + step.every_days)
            is_due &= due_day <= cases.day
    is_due &= _holds(cases, cadence, step)
    rows = np.flatnonzero(is_due)
    bits, until = np.zeros(len(rows), np.int64), np.full(len(rows), cases.day)
    for reason, stops, day in blocks_of(cases, cadence, rules, step, at) if len(rows) else ():
        here = stops[rows]
        bits[here] |= 1 << REASONS.index(reason)
        until[here] = np.maximum(until[here], day[rows][here])
    return pd.DataFrame(
        {"case": rows, "due_day": due_day[rows], "bits": bits, "until": first_working(cadence, until, step)}
    )


def _holds(cases: Cases, cadence: Cadence, step: Step) -> Mask:
    """What a step asks of the case: everything it names, and of large and unreached at least one."""
    frame = cases.frame
    secured = is_true(frame["is_secured"])
    tests: dict[str, Callable[[], Any]] = {
        "large": lambda: (frame["total_due"] >= float(cadence.large_amount)).to_numpy(),
        "unreached": lambda: cases.day - cases.last_contact(talk=True) > cadence.unreached_days,
        "secured": lambda: secured,
        "unsecured": lambda: ~secured,
        "in_house": lambda: (frame["channel"] == "in_house").to_numpy(),
        "no_plan": lambda: (cases.plan_day == NONE) & (cases.promise_day == NONE),
    }
    either = [tests[name]() for name in step.only if name in ("large", "unreached")]
    every = [tests[name]() for name in step.only if name not in ("large", "unreached")]
    holds = np.ones(len(frame), dtype=bool)
    for test in every + ([np.logical_or.reduce(either)] if either else []):
        holds &= test
    return holds


def _shares(cases: Cases, cadence: Cadence) -> dict[str, Any]:
    """How much of each part's points a case gets [fraction]."""
    frame, status = cases.frame, cases.promise["promise_status"]
    grade = pd.Categorical(frame["risk_grade"], categories=list(cadence.grades)).codes
    return {
        "amount": frame["total_due"].rank(pct=True).to_numpy(),
        "broken_promise": status.isin(["broken", "partly"]).to_numpy(dtype=float),
        "no_contact": (cases.last_contact() < cases.day - cases.late).astype(float),
        "grade": np.maximum(grade, 0) / max(len(cadence.grades) - 1, 1),
    }


def _in_order(steps: pd.DataFrame) -> pd.DataFrame:
    """What can be done first, then most points first."""
    priority = steps[[f"points_{name}" for name in PARTS]].sum(axis=1).round(1)
    order = np.lexsort((steps.index, steps["case"], -priority, steps["bits"] > 0))
    return steps.assign(priority=priority).iloc[order].reset_index(drop=True)


def _time(at: str | dt.time | None) -> dt.time | None:
    """The moment of the list."""
    if at is None or isinstance(at, dt.time):
        return at
    try:
        return dt.time.fromisoformat(at)
    except ValueError as error:
        raise CallError(f'`at` is {at!r}, which is not a time. Write it as "08:00".') from error
