"""Each rule of conduct as a function: the record and its limit in, the rows that break it out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from collectkit.casework._record import Ints, Mask, Record, is_true, order_in_group
from collectkit.casework.lint import tells_of_debt

#: Columns a rule cannot do without; all others are required of every record.
NEEDS: dict[str, tuple[str, ...]] = {"visits": ("is_appointed", "is_reviewed"), "late_entry": ("recorded_at",)}


@dataclass(frozen=True)
class Seen:
    """Rows of the record that break a rule, and the words for what each shows, with its values."""

    rows: Ints
    word: str
    values: dict[str, Any]


def breaches_of(record: Record, limit: Any, inside: Mask) -> Iterator[Seen]:
    """What breaks one limit among the contacts of the period; those before it only count."""
    bound = inside & (record.frame["agency"].notna().to_numpy() if limit.applies_to == "agencies" else True)
    if limit.rule in _RULES:
        yield from (seen for seen in _RULES[limit.rule](record, limit, bound) if len(seen.rows))


def applies_to(record: Record, rule: str) -> Mask:
    """The contacts a rule speaks of."""
    third = record.is_("party", "contact_person")
    kinds = {
        "third_party": third,
        "debt_data": third,
        "visits": record.is_("channel", "visit"),
        "effective_calls": record.is_talk & record.is_("channel", "call"),
        "attempts": record.is_("channel", "call"),
        "calls_per_loan": record.is_("channel", "call") & ~third,
        "quiet_after_talk": record.is_("channel", "call") & ~third,
    }
    return kinds.get(rule, np.ones(len(record.frame), dtype=bool))


def _hours(record: Record, limit: Any, bound: Mask) -> Iterator[Seen]:
    first, last = (_of_day(time) for time in (limit.earliest, limit.latest))
    bad = bound & record.is_("channel", *limit.channels) & ((record.of_day < first) | (record.of_day >= last))
    rows = np.flatnonzero(bad)
    yield Seen(rows, "hours", {"time": record.frame["contacted_at"].iloc[rows].dt.strftime("%H:%M").tolist()})


def _effective_calls(record: Record, limit: Any, bound: Mask) -> Iterator[Seen]:
    """Talks of a debtor on one day, whoever called."""
    talks = np.flatnonzero(applies_to(record, "effective_calls"))
    group = record.debtor[talks] * 2**20 + record.day[talks]
    number = order_in_group(group) + 1
    over = (number > limit.most) & bound[talks]
    who = record.frame["agency"].iloc[talks].fillna("in-house").to_numpy()
    callers = [", ".join(dict.fromkeys(who[group == key])) for key in group[over]]
    yield Seen(talks[over], "effective_calls", {"number": number[over].tolist(), "who": callers})


def _attempts(record: Record, limit: Any, bound: Mask) -> Iterator[Seen]:
    """Calls to one number on one day; without its id a loan and party have one number."""
    calls = np.flatnonzero(applies_to(record, "attempts"))
    frame = record.frame.iloc[calls]
    number_id = (
        frame["number_id"]
        .astype("object")
        .where(frame["number_id"].notna(), frame["loan_id"] + frame["party"].astype("str"))
    )
    number = order_in_group(pd.factorize(number_id)[0] * 2**20 + record.day[calls]) + 1
    over = (number > limit.most) & bound[calls]
    yield Seen(calls[over], "attempts", {"number": number[over].tolist()})


def _calls_per_loan(record: Record, limit: Any, bound: Mask) -> Iterator[Seen]:
    """Calls in any run of days that ends with the call."""
    calls = _by_loan(record, applies_to(record, "calls_per_loan"))
    at = record.loan[calls] * 2**20 + record.day[calls]
    count = np.arange(len(at)) - np.searchsorted(at, at - (limit.days - 1), side="left") + 1
    over = (count > limit.most) & bound[calls]
    yield Seen(calls[over], "calls_per_loan", {"number": count[over].tolist(), "days": limit.days})


def _quiet_after_talk(record: Record, limit: Any, bound: Mask) -> Iterator[Seen]:
    """Calls within days of the last talk about the loan; the day of the talk is the first of them."""
    calls = _by_loan(record, applies_to(record, "quiet_after_talk"))
    talked = pd.Series(np.where(record.is_talk[calls], record.day[calls], np.nan))
    last = talked.groupby(record.loan[calls]).transform(lambda days: days.ffill().shift()).to_numpy()
    over = (record.day[calls] - last < limit.days) & bound[calls]
    yield Seen(calls[over], "quiet_after_talk", {"date": _dates(last[over])})


def _third_party(record: Record, limit: Any, bound: Mask) -> Iterator[Seen]:
    """Contact persons by another channel, too early, or after they refused."""
    third = record.is_("party", "contact_person")
    other = np.flatnonzero(bound & third & ~record.is_("channel", *limit.channels))
    yield Seen(other, "channel", {})
    failed = failures_before(record, limit.after_attempts)
    early = np.flatnonzero(bound & third & (failed < limit.after_attempts))
    yield Seen(early, "too_early", {"number": failed[early].tolist()})
    rows = _by_loan(record, third)
    said_no = pd.Series(np.where(record.is_("result", *limit.refusal_results)[rows], record.day[rows], np.nan))
    first = said_no.groupby(record.loan[rows]).transform(lambda days: days.ffill().shift()).to_numpy()
    again = ~np.isnan(first) & bound[rows]
    yield Seen(rows[again], "refused_before", {"date": _dates(first[again])})


def failures_before(record: Record, wrong_number: int) -> Ints:
    """Failed calls and visits to the debtor since the last talk, before each contact; a wrong number counts more."""
    tried = record.is_("channel", "call", "visit") & record.is_("party", "debtor") & record.is_missed
    weight = np.where(tried, np.where(record.is_("result", "wrong_number"), wrong_number, 1), 0)
    customer = pd.Series(record.debtor // 2)
    since = pd.Series(record.is_talk & record.is_("party", "debtor")).groupby(customer).cumsum()
    total = pd.Series(weight).groupby([customer, since]).cumsum().to_numpy()
    return total - weight


def _debt_data(record: Record, limit: Any, bound: Mask) -> Iterator[Seen]:
    third = bound & record.is_("party", "contact_person")
    flagged = third & is_true(record.frame["is_debt_told"])
    notes = record.frame["note"]
    told = np.flatnonzero(third & ~flagged & notes.notna().to_numpy())
    told = told[[tells_of_debt(note, limit.words) for note in notes.iloc[told]]] if len(told) else told
    yield Seen(np.flatnonzero(flagged), "flagged", {})
    yield Seen(told, "told", {"note": notes.iloc[told].tolist()})


def _visits(record: Record, limit: Any, bound: Mask) -> Iterator[Seen]:
    asked = {"is_appointed": (limit.by_appointment, "no_appointment"), "is_reviewed": (limit.reviewed, "not_reviewed")}
    for column, (is_asked, word) in asked.items():
        if is_asked and column in record.has:
            lacks = record.is_("channel", "visit") & ~is_true(record.frame[column])
            yield Seen(np.flatnonzero(bound & lacks), word, {})


def _late_entry(record: Record, limit: Any, bound: Mask) -> Iterator[Seen]:
    entered = record.frame["recorded_at"]
    late = (entered.dt.normalize() - record.frame["contacted_at"].dt.normalize()).dt.days > limit.days
    rows = np.flatnonzero(bound & late.to_numpy())
    yield Seen(rows, "late_entry", {"date": entered.iloc[rows].dt.strftime("%Y-%m-%d %H:%M").tolist()})


_RULES: dict[str, Callable[[Record, Any, Mask], Iterator[Seen]]] = {
    "hours": _hours, "effective_calls": _effective_calls, "attempts": _attempts, "calls_per_loan": _calls_per_loan,
    "quiet_after_talk": _quiet_after_talk, "third_party": _third_party, "debt_data": _debt_data, "visits": _visits,
    "late_entry": _late_entry,
}  # fmt: skip


def _by_loan(record: Record, chosen: Mask) -> Ints:
    """Chosen rows by loan, then in the order of time."""
    rows = np.flatnonzero(chosen)
    return rows[np.argsort(record.loan[rows], kind="stable")]


def _of_day(time: Any) -> int:
    """Microseconds since midnight."""
    return ((time.hour * 60 + time.minute) * 60 + time.second) * 1_000_000 + int(time.microsecond)


def _dates(days: Any) -> list[str]:
    return [str(np.datetime64(int(day), "D")) for day in days]
