"""Nodes: which cases reached which step of the cadence in which week, what came of it, and what the next days bring."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from collectkit.casework._blocked import REASONS
from collectkit.casework._mornings import contacted, known, mornings
from collectkit.casework._words import BLOCKS
from collectkit.casework._work import day_of
from collectkit.days import NEVER, Date, checked_period, dates_of, day_number
from collectkit.errors import CallError
from collectkit.policy import Policy
from collectkit.portfolio import Portfolio
from collectkit.wording import checked_language

#: What can come of a step, in the order in which it is told.
OUTCOMES = (
    "done", "done_late", "done_blocked", "paid_first", "moved_on", "missed", "due_today", "late", "blocked",
    "not_recorded",
)  # fmt: skip
_HAND_OVER = "hand_over_review"
_SPELL = ["loan_id", "action"]


def node_steps(
    portfolio: Portfolio,
    policy: Policy,
    *,
    start: Date,
    end: Date,
    scheme: str = "fine",
    rules: str = "cn",
    language: str = "en",
) -> pd.DataFrame:
    """Every step of the cadence that was due on a day of a period, and what had come of it by its end.

    Parameters
    ----------
    portfolio : Portfolio
    policy : Policy
        Its ``[[cadence]]`` gives the steps, its ``[[contact_rules]]`` the limits.
    start, end : date
        First and last day, both included.
    scheme : str
        Bucket scheme whose cadence is used.
    rules : str
        Name of the contact rules.
    language : {"en", "zh"}
        Language of blocked_by.

    Returns
    -------
    DataFrame
        One row per loan, step and time it was due: loan_id, action, channel (missing for work without a contact), week
        (its first day, a Monday or `start`; missing for a step due before `start`), reached_date, outcome, done_date,
        blocked_by (why it waits, or had to when it was done all the same, in words).

    Raises
    ------
    CallError
        `start` is after `end`, or the scheme or the rules are unknown.
    PolicyError
        The policy has no cadence or contact rules yet in the period.

    Notes
    -----
    A step is due as in `worklist`, on the list of each morning: contacts of the day itself are not known yet. Done is a
    contact with the debtor on its channel, an attempt too; for the decision on an agency, a placement. Outcomes:
    ``done``; ``done_late`` (it could have been done on an earlier day); ``done_blocked`` (although it had to wait that
    day); ``paid_first`` (nothing due was unpaid any more, or the loan was closed); ``missed`` (its days passed without
    it, and it could have been done); ``moved_on`` (the case did not meet its condition any more, or had to wait until
    its days were over); and at the end of the period ``due_today``, ``late`` (it could have been done earlier),
    ``blocked``. ``not_recorded``: work on the file, of which the tables hold nothing, and every step if there are no
    contacts. Not seen is a step whose case was paid on the very day
    it came due: the list of a day knows its payments.

    References
    ----------
    Source manual 002, 二 (one month, one week per node).

    Examples
    --------
    >>> import collectkit as ck
    >>> steps = node_steps(ck.load_sample("demo"), ck.load_policy(), start="2025-06-02", end="2025-06-04")
    >>> bool(steps.loc[steps.outcome == "done", "done_date"].notna().all())
    True
    """
    checked_language(language)
    first, last = checked_period(start, end)
    seen, alive = mornings(portfolio, policy, first, last, scheme, rules)
    touched = contacted(portfolio)
    spells = _spells(seen, touched)
    placed = portfolio.placements[["loan_id", "placement_date"]]
    is_gone = [(day + 1, loan) not in alive for day, loan in zip(spells["last_day"], spells["loan_id"], strict=True)]
    spells = _done_and_paid(spells.assign(is_gone=np.array(is_gone, dtype=bool)), touched)
    told = _outcomes(spells, _days(placed["loan_id"], day_of(placed["placement_date"])), last,
                     has_contacts=len(portfolio.contacts) > 0)  # fmt: skip
    is_carried = (told["due_day"] < first) & (told["first_day"] == first)
    reached = told["first_day"].where(~is_carried, told["due_day"])
    monday = (reached - (reached + 3) % 7).clip(lower=first)  # 1970-01-01 was a Thursday
    is_blocked = told["outcome"].isin(["blocked", "done_blocked"])
    found = pd.DataFrame({
        "loan_id": told["loan_id"], "action": told["action"], "channel": told["channel"],
        "week": _dates(monday.where(~is_carried)), "reached_date": _dates(reached), "outcome": told["outcome"],
        "done_date": _dates(told["done_day"]),
        "blocked_by": [_why(bits, language) if blocked else None
                       for bits, blocked in zip(told["last_bits"], is_blocked, strict=True)],
    })  # fmt: skip
    return found.astype(dict.fromkeys(["action", "channel", "outcome", "blocked_by"], "str"))


def node_load(
    portfolio: Portfolio, policy: Policy, *, as_of: Date, days: int = 7, scheme: str = "fine", rules: str = "cn"
) -> pd.DataFrame:
    """What the next days bring at each node, if nothing is paid and nothing is done; the most there can be.

    Parameters
    ----------
    portfolio : Portfolio
        What is dated after `as_of` is not known.
    policy : Policy
    as_of : date
        The end of this day is meant.
    days : int [days]
    scheme, rules
        As for `node_steps`.

    Returns
    -------
    DataFrame
        One row per action: channel, carried (due by `as_of` and not done), reached (due for the first time in these
        days), blocked (of both, those that must wait on all of them), load (carried + reached) [count].

    Raises
    ------
    CallError
        `days` is not positive, or the scheme or the rules are unknown.

    Examples
    --------
    >>> import collectkit as ck
    >>> load = node_load(ck.load_sample("demo"), ck.load_policy(), as_of="2025-06-30", days=2)
    >>> bool((load.blocked <= load.load).all())
    True
    """
    if days < 1:
        raise CallError(f"`days` is {days}. Give 1 or more.")
    first = day_number(as_of, "as_of") + 1
    seen, _ = mornings(known(portfolio, first), policy, first, first + days - 1, scheme, rules)
    counts = seen.assign(is_blocked=seen["bits"] > 0, is_carried=seen["due_day"] < first).groupby(
        ["action", "loan_id"], sort=False
    )
    each = counts.agg(
        channel=("channel", "first"), carried=("is_carried", "first"), blocked=("is_blocked", "all")
    ).reset_index()
    sums = each.astype({"carried": "int64", "blocked": "int64"}).assign(load=1).groupby("action", sort=False)
    table = sums.agg(
        channel=("channel", "first"), carried=("carried", "sum"), blocked=("blocked", "sum"), load=("load", "sum")
    )
    table.insert(2, "reached", table["load"] - table["carried"])
    order = {action: place for place, action in enumerate(dict.fromkeys(seen.sort_values("place")["action"]))}
    return table.reset_index().sort_values("action", key=lambda names: names.map(order), ignore_index=True)


def _spells(seen: pd.DataFrame, touched: set[tuple[Any, ...]]) -> pd.DataFrame:
    """Days on end on which a step stood on the list, up to the day it was done."""
    rows = seen.sort_values([*_SPELL, "day"], ignore_index=True)
    is_done = pd.Series([key in touched for key in zip(rows["loan_id"], rows["channel"], rows["day"], strict=True)],
                        rows.index, dtype=bool)  # fmt: skip
    same = (rows[_SPELL] == rows[_SPELL].shift()).all(axis=1) & (rows["day"] == rows["day"].shift() + 1)
    spell = (~same | is_done.shift(fill_value=False)).cumsum()
    free = rows["day"].where(rows["bits"] == 0, int(NEVER))
    found = rows.assign(is_done=is_done, free=free).groupby(spell).agg(
        loan_id=("loan_id", "first"), action=("action", "first"), channel=("channel", "first"),
        place=("place", "first"), due_day=("due_day", "first"), first_day=("day", "first"), last_day=("day", "last"),
        last_bits=("bits", "last"), first_free=("free", "min"), is_done=("is_done", "last"),
        is_over=("is_over", "last"),
    )  # fmt: skip
    return found.sort_values(["first_day", "place", "loan_id"], ignore_index=True)


def _done_and_paid(spells: pd.DataFrame, touched: set[tuple[Any, ...]]) -> pd.DataFrame:
    """Spells with those done that ended because the case was paid on the day of the contact."""
    paid_day = spells["last_day"] + 1
    told = [key in touched for key in zip(spells["loan_id"], spells["channel"], paid_day, strict=True)]
    both = spells["is_gone"] & ~spells["is_done"] & np.array(told, dtype=bool)
    return spells.assign(is_done=spells["is_done"] | both, last_day=spells["last_day"].where(~both, paid_day))


def _outcomes(spells: pd.DataFrame, placed: set[tuple[str, int]], last: int, *, has_contacts: bool) -> pd.DataFrame:
    """Spells with what came of them and the day they were done."""
    ended = spells["last_day"]
    handed = [
        next((day for day in (until, until + 1) if action == _HAND_OVER and (loan, day) in placed), None)
        for loan, action, until in zip(spells["loan_id"], spells["action"], ended, strict=True)
    ]
    done_day = ended.where(spells["is_done"]).fillna(pd.Series(handed, spells.index, dtype="float64"))
    done, is_open = done_day.notna(), (ended == last)
    silent = spells["channel"].isna() & (spells["action"] != _HAND_OVER) | (not has_contacts)
    tests = {
        "done_blocked": done & (spells["last_bits"] > 0),
        "done_late": done & (spells["first_free"] < done_day),
        "done": done,
        "paid_first": ~is_open & spells["is_gone"],
        "blocked": is_open & (spells["last_bits"] > 0),
        "not_recorded": silent,
        "missed": ~is_open & spells["is_over"] & (spells["first_free"] <= ended),
        "late": is_open & (spells["first_free"] < last),
        "due_today": is_open,
    }
    return spells.assign(outcome=np.select(list(tests.values()), list(tests), "moved_on"), done_day=done_day)


def _days(loan_id: pd.Series, day: pd.Series) -> set[tuple[str, int]]:
    return set(zip(loan_id, day, strict=True))


def _dates(days: pd.Series) -> pd.Series:
    """Day numbers as dates; missing stays missing."""
    return pd.Series(dates_of(days.fillna(int(NEVER)).to_numpy(dtype=np.int64)), days.index)


def _why(bits: int, language: str) -> str:
    said = [BLOCKS[reason][language] for place, reason in enumerate(REASONS) if bits >> place & 1]
    return ("; " if language == "en" else "；").join(said)
