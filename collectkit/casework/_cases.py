"""The cases of a day: overdue loans and loans due today, with what the record of contacts and promises says of each."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from collectkit._terms import rules_of
from collectkit.casework._record import Ints, Mask, Record, loans_and_customers
from collectkit.columns import CHANNELS
from collectkit.contact_rules import ContactRules
from collectkit.days import Date, day_number, day_numbers
from collectkit.ids import positions
from collectkit.ledger import assess
from collectkit.policy import Policy
from collectkit.portfolio import Portfolio
from collectkit.promises import promise_status
from collectkit.unpaid import unpaid_cents

#: No day: earlier than every date.
NONE = np.int64(-(2**31))
FREE_REASONS = ("hardship", "deferral")


@dataclass(frozen=True)
class Cases:
    """Cases of a day, one value per row of `frame` in every array; days since 1970-01-01."""

    frame: pd.DataFrame  # what `assess` says, with product, risk_grade, is_secured and customer_id
    day: int
    loan: Ints
    debtor: Ints
    first_day: Ints  # first late day that shows: the day after grace
    record: Record
    promise: pd.DataFrame  # the last promise of each case
    promise_day: Ints  # last day of an open promise
    plan_day: Ints  # end of a live plan
    dispute_day: Ints  # end of a live dispute
    _found: dict[Any, Ints] = field(default_factory=dict)

    @property
    def late(self) -> Ints:
        """Days past due."""
        return self.frame["days_past_due"].to_numpy(dtype=np.int64)

    def on(self, late_day: int) -> Ints:
        """The day on which each case reached a late day that shows, counted back in late days."""
        return self.day - (self.late - np.maximum(late_day, np.where(self.late > 0, self.first_day, 0)))

    def last_contact(self, channel: str | None = None, *, talk: bool = False) -> Ints:
        """Day of the last contact with the debtor (on a channel; a talk), per case; `NONE` without one."""
        key = (channel, talk)
        if key not in self._found:
            self._found[key] = self.last(self.with_debtor(channel, talk=talk))
        return self._found[key]

    def said_last(self, results: tuple[str, ...], channel: str | None = None) -> Mask:
        """True where the last talk since the loan is late (on a channel, or any) had one of the results."""
        key = (results, channel)
        if key not in self._found:
            talk = self.with_debtor(channel, talk=True)
            said = self.last(talk, self.record.is_("result", *results).astype(np.int64))
            self._found[key] = (said == 1) & (self.last_contact(channel, talk=True) >= self.day - self.late)
        return self._found[key]

    def with_debtor(self, channel: str | None, *, talk: bool) -> Mask:
        """Contacts with the debtor; a talk is one that was answered, in speech or chat."""
        record = self.record
        chosen = record.is_("party", "debtor")
        if channel is not None:
            chosen &= record.is_("channel", channel)
        if talk:
            chosen &= record.is_("channel", "call", "visit", "im") & ~record.is_missed
            chosen &= ~record.is_("result", "delivered")
        return chosen

    def last(self, chosen: Mask, value: Any = None) -> Ints:
        """Day (or another value) of the last chosen contact of each case's loan; `NONE` without one."""
        values = self.record.day if value is None else value
        found = np.full(int(self.loan.max(initial=0)) + 1, NONE)
        rows = np.flatnonzero(chosen & (self.record.loan < len(found)))
        found[self.record.loan[rows]] = values[rows]  # in the order of time: the last one stays
        return found[self.loan]

    def count(self, chosen: Mask, key: Ints, of_case: Ints) -> Ints:
        """Number of chosen contacts with the same key as each case."""
        counts = np.bincount(key[chosen], minlength=int(of_case.max(initial=0)) + 1)
        return counts[of_case]


def cases_of(portfolio: Portfolio, policy: Policy, rules: ContactRules, as_of: Date, until: Any, scheme: str) -> Cases:
    """Overdue loans, and loans with an instalment due today that is not paid."""
    day = day_number(as_of, "as_of")
    frame = assess(portfolio, policy, as_of=as_of, scheme=scheme)
    due_today = _due_today(portfolio, policy, day)[positions(frame["loan_id"], portfolio.coded.loan_id)]
    overdue = (frame["status"] == "overdue").to_numpy()
    chosen = overdue | ((frame["status"] == "current").to_numpy() & (due_today > 0))
    frame = frame[chosen].reset_index(drop=True)
    due_today = due_today[chosen]
    frame["total_due"] = np.where(overdue[chosen], frame["total_due"], due_today / 100)
    facts = portfolio.loans.reindex(columns=["loan_id", "customer_id", "product", "risk_grade", "is_secured"])
    frame = frame.merge(facts, on="loan_id", how="left", validate="one_to_one")
    loan, customer = loans_and_customers(portfolio, frame["loan_id"])
    kernel_rules = rules_of(portfolio.coded, policy)
    subtracts = np.array([terms.grace_mode == "subtract" for terms in policy.terms])[kernel_rules.terms]
    record = Record.of(portfolio, until, rules.missed_results)
    known = day if until > midnight(day) else day - 1  # before the day begins nothing is agreed on it
    promise, promise_day = _promises(portfolio, policy, as_of, frame["loan_id"], known)
    return Cases(
        frame=frame,
        day=day,
        loan=loan,
        debtor=customer * 2,
        first_day=np.where(subtracts, 1, kernel_rules.grace + 1)[loan].astype(np.int64),
        record=record,
        promise=promise,
        promise_day=promise_day,
        plan_day=_pause_end(portfolio, day, known, frame["loan_id"], FREE_REASONS),
        dispute_day=_pause_end(portfolio, day, known, frame["loan_id"], ("dispute",)),
    )


def _due_today(portfolio: Portfolio, policy: Policy, day: int) -> Ints:
    """What is unpaid of the instalments due on the day, per loan of the coded portfolio [cents]."""
    coded = portfolio.coded
    rows = np.flatnonzero(coded.due == day)
    unpaid = unpaid_cents(portfolio, policy, day)[rows].sum(axis=1)
    loan = np.searchsorted(coded.inst_start, rows, side="right") - 1
    return np.bincount(loan, weights=unpaid, minlength=coded.loans).astype(np.int64)


def _promises(
    portfolio: Portfolio, policy: Policy, as_of: Date, loan_id: pd.Series, known: int
) -> tuple[pd.DataFrame, Ints]:
    """The last promise of each case that was made by the known day, and the last day of an open one."""
    found = promise_status(portfolio, policy, as_of=as_of).sort_values(["promised_date", "promise_id"])
    found = found[day_numbers(found["promised_date"]) <= known]
    last = found.drop_duplicates("loan_id", keep="last").set_index("loan_id").reindex(loan_id).reset_index(drop=True)
    is_open = (last["promise_status"] == "open").to_numpy()
    return last, np.where(is_open, day_numbers(last["last_date"], missing=-1), NONE)


def _pause_end(portfolio: Portfolio, day: int, known: int, loan_id: pd.Series, reasons: tuple[str, ...]) -> Ints:
    """End of the pauses of these reasons, live on the day and begun by the known one; without a reason it is a plan."""
    pauses = portfolio.pauses
    reason = pauses["reason"].fillna("deferral") if "reason" in pauses else pd.Series("deferral", pauses.index)
    start, end = day_numbers(pauses["start_date"]), day_numbers(pauses["end_date"])
    live = (start <= known) & (day < end) & reason.isin(reasons).to_numpy()
    ends = pd.Series(end[live].astype(np.int64)).groupby(pauses.loc[live, "loan_id"].to_numpy()).max()
    return ends.reindex(loan_id).fillna(NONE).to_numpy(dtype=np.int64)


def midnight(day: Any) -> Any:
    """Day numbers as timestamps."""
    return np.asarray(day, dtype="datetime64[D]").astype("datetime64[us]")


def microseconds(time: dt.time) -> int:
    """Microseconds since midnight."""
    return ((time.hour * 60 + time.minute) * 60 + time.second) * 1_000_000 + time.microsecond


CHANNEL_CODES = {name: at for at, name in enumerate(CHANNELS)}
