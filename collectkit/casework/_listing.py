"""How the list reads: the steps of a day as its columns, in words; and who does what."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd

from collectkit.cadence import PARTS, Step
from collectkit.casework._blocked import OPEN_END, REASONS
from collectkit.casework._cases import NONE, Cases, microseconds, midnight
from collectkit.casework._record import Ints, Mask
from collectkit.casework._words import BLOCKS
from collectkit.contact_rules import ContactRules
from collectkit.days import dates_of
from collectkit.portfolio import Portfolio
from collectkit.workdays import next_workday


def told(
    cases: Cases, steps: pd.DataFrame, kinds: list[Step], rules: ContactRules, at: dt.time | None, language: str
) -> pd.DataFrame:
    """The steps as the list shows them."""
    case, step = steps["case"].to_numpy(), steps["step"].to_numpy()
    frame = cases.frame.iloc[case].reset_index(drop=True)
    promise = cases.promise.iloc[case].reset_index(drop=True)
    last = cases.last(cases.record.is_("party", "debtor", "guarantor"), np.arange(len(cases.record.loan)))[case]
    contact = cases.record.frame[["contacted_at", "result"]].reindex(last).reset_index(drop=True)
    is_blocked = steps["bits"] > 0
    channels = [kind.channel for kind in kinds]
    points = ["priority", *(f"points_{name}" for name in PARTS)]
    agency = frame["channel"].cat.remove_categories("in_house")
    listed = {
        "loan_id": frame["loan_id"],
        "customer_id": frame["customer_id"],
        "action": _worded([kind.action for kind in kinds], step),
        "channel": _worded(channels, step),
        "due_since": dates_of(steps["due_day"]),
        "deadline_date": _deadlines(cases.day, kinds)[step],
        "reason": _reasons(frame["days_past_due"].to_numpy(), step, kinds, language),
        **{name: frame[name] for name in ("days_past_due", "bucket", "total_due")},
        "last_contact_at": contact["contacted_at"],
        "last_result": contact["result"],
        "promise_status": promise["promise_status"],
        "promise_due_date": promise["due_date"],
        "promise_amount": promise["amount"],
        "is_blocked": is_blocked,
        "blocked_by": steps["bits"].map({bits: _blocked_by(bits, language) for bits in steps["bits"].unique()}),
        "earliest_at": _earliest(cases, steps, channels, rules, at),
        **{name: steps[name] for name in points},
        "agency": agency,
    }
    return pd.DataFrame(listed, copy=False).astype({"blocked_by": "str"})


def _worded(names: list[Any], step: Ints) -> Any:
    """A name for each step; none where a kind has none."""
    kinds = pd.Categorical(names, categories=list(dict.fromkeys(name for name in names if name is not None)))
    return kinds.take(step)


def _deadlines(day: int, kinds: list[Step]) -> Any:
    """Deadline of a letter of each kind sent today, moved on from a day off; none for other kinds."""
    days = np.array([NONE if kind.deadline_days is None else day + kind.deadline_days for kind in kinds])
    ends = next_workday(pd.Series(dates_of(np.where(days == NONE, day, days)))).to_numpy()
    return np.where(days == NONE, np.datetime64("NaT", "us"), ends)


def _reasons(late: Ints, step: Ints, kinds: list[Step], language: str) -> Any:
    """Late day and step in words; each pair of them is written once."""
    pairs, which = np.unique(late * len(kinds) + step, return_inverse=True)
    said = []
    for number in pairs.tolist():
        day, kind = divmod(number, len(kinds))
        said.append(f"Day {day}: {kinds[kind].say}" if language == "en" else f"逾期第 {day} 天：{kinds[kind].say_zh}")
    return pd.Series(said, dtype="str").array.take(which)


def _earliest(cases: Cases, steps: pd.DataFrame, channels: list[Any], rules: ContactRules, at: dt.time | None) -> Any:
    """First allowed time of each step: the day its blocks end, within the allowed hours."""
    hours: Any = rules.limit("hours")
    first = [microseconds(hours.earliest) if hours and channel in hours.channels else 0 for channel in channels]
    until = steps["until"].to_numpy()
    found = midnight(np.where(until >= OPEN_END, 0, until)) + np.array(first, "timedelta64[us]")[steps["step"]]
    if at is not None:
        now = midnight(cases.day) + np.timedelta64(microseconds(at), "us")
        found = np.where((until == cases.day) & (steps["bits"] == 0), np.maximum(found, now), found)
    return np.where(until >= OPEN_END, np.datetime64("NaT", "us"), found)


def _blocked_by(bits: int, language: str) -> str | None:
    """Reasons of a block in words; none for a step that may be done."""
    told = [BLOCKS[reason][language] for place, reason in enumerate(REASONS) if bits >> place & 1]
    return ("; " if language == "en" else "；").join(told) or None


def collectors_of(portfolio: Portfolio, cases: Cases) -> pd.Series:
    """Who has each case: the collector last in touch, if of the same house; else dealt out in turn."""
    people = portfolio.collectors.reindex(columns=["collector_id", "agency"]).sort_values("collector_id")
    house = people["agency"].astype("str").fillna("in_house").to_numpy()
    record = cases.record
    known = record.frame["collector_id"].notna().to_numpy()
    last = cases.last(known, np.arange(len(known)))
    found = record.frame["collector_id"].reindex(last).reset_index(drop=True)
    holder = cases.frame["channel"].astype("str")
    same = found.map(dict(zip(people["collector_id"], house, strict=True))).to_numpy() == holder.to_numpy()
    found = found.where(same)
    for name in holder.unique():
        of_house = people["collector_id"].to_numpy()[house == name]
        free = np.flatnonzero((holder == name).to_numpy() & found.isna().to_numpy())
        if len(of_house):
            found.iloc[free] = of_house[np.arange(len(free)) % len(of_house)]
    return found


def placed(steps: pd.DataFrame, by_hand: Mask, collectors: pd.Series) -> dict[str, Any]:
    """Who does each step, its place in the collector's day, and whether the day has room."""
    is_blocked = steps["bits"] > 0
    counted = ~is_blocked & by_hand
    place = (collectors[counted].groupby(collectors[counted].fillna("")).cumcount() + 1).reindex(steps.index)
    fits = (place <= steps["most"]) | place.isna()
    return {"collector_id": collectors, "place": place.astype("Int64"), "is_in_capacity": ~is_blocked & fits}
