"""Other readings of the rules: what the figures of some loans would be if a source counted differently.

A reading changes one thing, and the whole ledger runs again: days, penalty and where money went follow from it. A
reading is named only where it gives the stated figure, so one that does not fit says nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from collectkit._coded import Coded, Ints
from collectkit._nights import Nights, stretches
from collectkit._run import Run
from collectkit._terms import rules_of
from collectkit.days import NEVER
from collectkit.policy import Policy

if TYPE_CHECKING:
    from collectkit import _kernel

FEE, INTEREST, PRINCIPAL, PENALTY = 0, 1, 2, 3  # as the kernel counts them


class Case(NamedTuple):
    """Some loans, the rules they are read by, and the day."""

    coded: Coded
    policy: Policy
    events: _kernel.Events
    rules: _kernel.Rules
    day: int
    known_on: int

    @classmethod
    def of(cls, coded: Coded, policy: Policy, day: int) -> Case:
        from collectkit._kernel import Events

        events = Events(**{name: getattr(coded, name) for name in Events._fields})
        return cls(coded, policy, events, rules_of(coded, policy), day, int(NEVER) - 1)

    @property
    def run(self) -> Run:
        """The walk over these loans; a loan is seen on the day even if it was disbursed later."""
        from collectkit._kernel import Reads

        for array in self.events:  # the kernel is compiled for arrays that cannot be written
            array.setflags(write=False)
        loans = self.coded.loans
        nothing = np.zeros((1, 1), dtype=np.int8)
        reads = Reads(
            dates=np.array([self.day], dtype=np.int64), known_on=self.known_on, bucket_of=nothing, class_of=nothing,
            first_date=np.zeros(loans, dtype=np.int32), first_row=np.arange(loans + 1, dtype=np.int64),
        )  # fmt: skip
        return Run(self.coded, self.events, self.rules, reads, (), ())

    def figures(self) -> dict[str, Ints]:
        """Days past due, and money in cents, of every loan."""
        from collectkit import _kernel

        seen = self.run.seen(period=False)
        rows = {
            "penalty": _kernel.PENALTIES, "principal_balance": _kernel.BALANCES, "unapplied": _kernel.UNAPPLIEDS,
            "paid_to_date": _kernel.PAIDS,
        }  # fmt: skip
        money = {name: np.rint(seen.money[row] * 100).astype(np.int64) for name, row in rows.items()}
        days, overdue = seen.counts[_kernel.DAYS], seen.counts[_kernel.INSTALMENTS]
        return {**money, "days_past_due": days.astype(np.int64), "overdue_instalments": overdue.astype(np.int64)}


Change = Callable[[Case], Case]


def _rules(**changes: Any) -> Change:
    """Other numbers for the rules of every loan: `grace`, or columns of `Rules.rules` by their name in the kernel."""

    def change(case: Case) -> Case:
        from collectkit import _kernel

        rules = case.rules.rules.copy()
        for name, value in changes.items():
            if name != "grace":
                first = getattr(_kernel, name)
                rules[:, first : first + np.size(value)] = value
        grace = np.full_like(case.rules.grace, changes["grace"]) if "grace" in changes else case.rules.grace
        return case._replace(rules=case.rules._replace(rules=rules, grace=grace))

    return change


def _terms(*, own_rates: bool = True, **changes: Any) -> Change:
    """Other terms of the policy; the loans' own penalty rates may be passed over."""

    def change(case: Case) -> Case:
        from dataclasses import replace

        policy = case.policy.replacing(**changes) if changes else case.policy
        none = np.full_like(case.coded.penalty_rate, -1)
        coded = case.coded if own_rates else replace(case.coded, penalty_rate=none)
        return case._replace(rules=rules_of(coded, policy))

    return change


def _events(**changes: Callable[[Case], Any]) -> Change:
    """Other arrays of what happened."""
    return lambda case: case._replace(events=case.events._replace(**{k: make(case) for k, make in changes.items()}))


def _first_day_counts(case: Case) -> Case:
    """One day more for what has fallen due, though what is paid on its due date is paid in time."""
    events = case.events
    due = np.where(events.due < case.day, events.due - 1, events.due).astype(events.due.dtype)
    loans = np.arange(case.coded.loans, dtype=np.int64) * 2**20  # days are less
    on_due_date = np.isin(
        np.repeat(loans, np.diff(events.pay_start)) + events.value_day,
        np.repeat(loans, np.diff(events.inst_start)) + events.due,
    )
    return case._replace(events=events._replace(due=due, value_day=events.value_day - on_due_date.astype(np.int32)))


def _without_pauses(case: Case) -> Case:
    none = np.zeros(case.coded.loans + 1, dtype=np.int64)
    return case._replace(events=case.events._replace(day_pause_start=none, night_pause_start=none))


def _thirty_day_months(case: Case) -> Case:
    """Every day as its number in a calendar of twelve months of 30 days; the order of days stays."""
    events, pauses = case.events, case.events.pauses
    events = events._replace(
        due=_of_thirty(events.due), value_day=_of_thirty(events.value_day), closed=_of_thirty(events.closed),
        pauses=_of_thirty(pauses),
    )  # fmt: skip
    return case._replace(events=events, day=int(_of_thirty(np.array([case.day]))[0]))


def _of_thirty(days: Ints) -> Ints:
    """Number of each day in a calendar of months of 30 days; the 31st is the 30th."""
    dates = days.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    day = np.minimum((dates - months).astype(np.int64) + 1, 30)
    return np.where(days == NEVER, days, months.astype(np.int64) * 30 + day - 1).astype(days.dtype)


#: Readings that run the ledger again: what is changed.
CHANGES: dict[str, Change] = {
    "no_grace": _rules(grace=0),
    "grace_subtracted": _rules(MODE=1),
    "grace_counted": _rules(MODE=0),
    "from_next_day": _events(due=lambda case: case.events.due + 1),
    "first_day_counts": _first_day_counts,
    "thirty_day_months": _thirty_day_months,
    "pauses_count": _without_pauses,
    "day_before": lambda case: case._replace(day=case.day - 1),
    "as_posted": lambda case: case._replace(known_on=case.day),
    "reversed_counts": _events(reversed=lambda case: np.full_like(case.events.reversed, NEVER)),
    "not_closed": _events(closed=lambda case: np.full_like(case.events.closed, NEVER)),
    "year_of_365": _terms(day_count=365),
    "year_of_360": _terms(day_count=360),
    "no_ceiling": _terms(penalty_ceiling_annual=None),
    "no_cap": _rules(CAP_DEN=0),
    "contract_rate": _terms(own_rates=False, penalty={"multiple_of_contract": "1"}),
    "policy_rate": _terms(own_rates=False),
    "on_principal": _rules(BASE=(0, 0, 1)),
    "on_interest_too": _rules(BASE=(0, 1, 1)),
    "on_everything": _rules(BASE=(1, 1, 1)),
}


class Facts:
    """What is known of some loans on a day, by our rules and, when asked for, by others.

    Attributes
    ----------
    case : Case
    ours : dict of str to array
        `Case.figures` by our rules.
    lent : array
        Principal lent [cents].
    """

    def __init__(self, case: Case, lent: Ints) -> None:
        self.case, self.lent, self.ours = case, lent, case.figures()
        self._under: dict[str, dict[str, Ints]] = {}

    def under(self, reading: str) -> dict[str, Ints]:
        """The figures by another reading; worked out once."""
        if reading not in self._under:
            self._under[reading] = CHANGES[reading](self.case).figures()
        return self._under[reading]

    @cached_property
    def pieces(self) -> pd.DataFrame:
        """Where the payments went, in the kernel's numbers."""
        names = ["loan", "payment", "instalment", "component", "days_late", "days_past_due", "channel"]
        pieces = self.case.run.pieces()
        return pd.DataFrame(dict(zip(names, pieces.where, strict=True)) | {"cents": pieces.amount}, copy=False)

    @cached_property
    def nights(self) -> Nights:
        """Stretches of nights that bear penalty; none of a closed loan."""
        found = stretches(self.case.coded, self.case.rules, self.pieces, self.case.day)
        is_open = (self.case.coded.closed > self.case.day)[found.loan]
        return Nights(*(column[is_open] for column in found))

    def paid_on(self, *components: int) -> Ints:
        """Money of each loan that went to some components [cents]."""
        part = self.pieces[self.pieces["component"].isin(components)]
        return self.by_loan(part["loan"].to_numpy(), part["cents"].to_numpy())

    def unsettled(self) -> Ints:
        """Instalments that have something left to pay, as positions."""
        left = self.case.coded.owed.sum(axis=1)
        paid = self.pieces[(self.pieces["component"] < PENALTY) & (self.pieces["instalment"] >= 0)]
        np.subtract.at(left, paid["instalment"].to_numpy(), paid["cents"].to_numpy())
        return np.flatnonzero(left > 0)

    def by_loan(self, loan: Ints, values: Ints | int) -> Ints:
        """Sums of whole numbers by loan; 1 counts rows."""
        total = np.zeros(self.case.coded.loans, dtype=np.int64)
        np.add.at(total, loan, values)
        return total

    @property
    def loan_of(self) -> Ints:
        """Loan of each instalment."""
        return np.repeat(np.arange(self.case.coded.loans), np.diff(self.case.coded.inst_start))


def penalty_gross(facts: Facts, kind: str) -> Ints:
    """Penalty of each loan before what was paid on it, rounded in one of several ways [cents].

    `by_instalment` is ours: balance times nights times rate, rounded half up once for each instalment.
    """
    nights, rules = facts.nights, facts.case.rules
    num, den = rules.rate_num, rules.rate_den
    if kind in ("each_day_rounded", "each_day_cut"):
        daily = _times(nights.balance, num[nights.loan], den[nights.loan], half_up=kind == "each_day_rounded")
        each, at = daily * nights.nights, nights.instalment
    else:
        each, at = nights.balance * nights.nights, nights.instalment
    instalments = len(facts.case.coded.due)
    by_instalment = np.zeros(instalments, dtype=np.int64)
    np.add.at(by_instalment, at, each)
    loan = facts.loan_of
    caps = _caps(facts, loan)
    if kind == "rounded_once":
        is_capped = _times(by_instalment, num[loan], den[loan], half_up=True) > caps
        uncapped = facts.by_loan(loan[~is_capped], by_instalment[~is_capped])
        return _times(uncapped, num, den, half_up=True) + facts.by_loan(loan[is_capped], caps[is_capped])
    if kind in ("by_instalment", "cut_off"):
        by_instalment = _times(by_instalment, num[loan], den[loan], half_up=kind == "by_instalment")
    return facts.by_loan(loan, np.minimum(by_instalment, caps))


def _times(values: Ints, num: Ints, den: Ints, *, half_up: bool) -> Ints:
    """Values times num / den in whole cents, exact: rounded half up, or cut off."""
    if len(values) and 2.0 * values.max() * num.max() + den.max() > 2**62:
        values, num, den = (part.astype(object) for part in (values, num, den))
    return np.asarray((2 * values * num + (den if half_up else 0)) // (2 * den), dtype=np.int64)


def _caps(facts: Facts, loan: Ints) -> Ints:
    """Most penalty each instalment may bear [cents]."""
    from collectkit._kernel import BASE, CAP_DEN, CAP_NUM

    law = facts.case.rules.rules[facts.case.rules.terms[loan]]
    base = (facts.case.coded.owed * law[:, BASE : BASE + 3]).sum(axis=1)
    den = law[:, CAP_DEN]
    capped = _times(base, law[:, CAP_NUM], np.maximum(den, 1), half_up=False)
    return np.where(den > 0, capped, np.iinfo(np.int64).max)


def _figure(what: str, reading: str) -> Callable[[Facts], Ints]:
    return lambda facts: facts.under(reading)[what]


def _rounding(kind: str) -> Callable[[Facts], Ints]:
    return lambda facts: penalty_gross(facts, kind) - facts.paid_on(PENALTY)


def _scheduled(*columns: int) -> Callable[[Facts], Ints]:
    """Sum of some columns (fee, interest, principal) of the schedule."""
    return lambda facts: facts.by_loan(facts.loan_of, facts.case.coded.owed[:, columns].sum(axis=1))


def _counted(which: Callable[[Facts], Ints]) -> Callable[[Facts], Ints]:
    """Number of those instalments of each loan."""
    return lambda facts: np.bincount(facts.loan_of[which(facts)], minlength=facts.case.coded.loans)


def _last_number(facts: Facts) -> Ints:
    last = np.zeros(facts.case.coded.loans, dtype=np.int64)
    np.maximum.at(last, facts.loan_of, facts.case.coded.inst_no)
    return last


#: Per figure: readings, the simplest first, and what each gives for every loan [days, count or cents].
READINGS: dict[str, dict[str, Callable[[Facts], Ints]]] = {
    "principal": {
        "schedule_principal": _scheduled(PRINCIPAL),
        "schedule_with_interest": _scheduled(INTEREST, PRINCIPAL),
        "principal_left": lambda facts: facts.ours["principal_balance"],
    },
    "instalment_count": {
        "fallen_due": _counted(lambda facts: facts.case.coded.due <= facts.case.day),
        "not_paid_off": _counted(lambda facts: facts.unsettled()),
        "overdue_ones": lambda facts: facts.ours["overdue_instalments"],
        "last_number": _last_number,
    },
    "paid_to_date": {
        **{name: _figure("paid_to_date", name) for name in ("as_posted", "day_before", "reversed_counts")},
        "without_left_over": lambda facts: facts.ours["paid_to_date"] - facts.ours["unapplied"],
        "without_penalty": lambda facts: facts.paid_on(FEE, INTEREST, PRINCIPAL),
        "principal_and_interest": lambda facts: facts.paid_on(INTEREST, PRINCIPAL),
        "only_principal": lambda facts: facts.paid_on(PRINCIPAL),
    },
    "days_past_due": {name: _figure("days_past_due", name) for name in CHANGES},  # more penalty, less paid off
    "penalty": {
        **{name: _figure("penalty", name) for name in CHANGES},
        "paid_not_taken_off": lambda facts: facts.ours["penalty"] + facts.paid_on(PENALTY),
        **{kind: _rounding(kind) for kind in ("each_day_rounded", "each_day_cut", "rounded_once", "cut_off")},
    },
}  # fmt: skip
