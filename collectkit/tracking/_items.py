"""Instalments and the money that came on them after their grace: what the cash figures of the wing are made of."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from collectkit._coded import Coded, Ints
from collectkit._run import pieces_of
from collectkit._terms import rules_of
from collectkit.days import Date, day_number
from collectkit.policy import Policy
from collectkit.portfolio import Portfolio

#: Components of the kernel that an instalment is made of; penalty and what is unapplied come after them.
FEE, INTEREST, PRINCIPAL, PARTS = 0, 1, 2, 3


class Items(NamedTuple):
    """Instalments, and the pieces of money that came on them.

    Per instalment: loan, grace [days], most days late of its money, whether it is paid in full, what was unpaid when
    its grace ended [cents]. Per piece: instalment, component, day, days late, cents.
    """

    coded: Coded
    day: int
    loan: Ints
    grace: Ints
    settled_late: Ints
    is_settled: Ints
    after_grace: Ints
    piece: Ints
    component: Ints
    paid_day: Ints
    days_late: Ints
    cents: Ints

    @classmethod
    def of(cls, portfolio: Portfolio, policy: Policy, as_of: Date) -> Items:
        """Instalments and the pieces of all payments up to the end of a day."""
        coded, day = portfolio.coded, day_number(as_of, "as_of")
        pieces = pieces_of(coded, policy, day, None)
        pieces = pieces[(pieces["component"] < PARTS) & (pieces["instalment"] >= 0)]
        piece, component, late = (pieces[name].to_numpy() for name in ("instalment", "component", "days_late"))
        cents = pieces["cents"].to_numpy()
        loan = np.repeat(np.arange(coded.loans), np.diff(coded.inst_start))
        grace = rules_of(coded, policy).grace[loan]
        settled_late = np.zeros(len(loan), dtype=np.int64)
        np.maximum.at(settled_late, piece, late)
        in_grace = late <= grace[piece]
        owed = coded.owed.sum(axis=1)
        return cls(
            coded, day, loan, grace, settled_late, owed == summed(piece, cents, len(loan)),
            owed - summed(piece[in_grace], cents[in_grace], len(loan)),
            piece, component, coded.value_day[pieces["payment"].to_numpy()], late, cents,
        )  # fmt: skip

    def late_by(self, day: int | Ints) -> Ints:
        """Days late of each instalment at the end of a day if unpaid, without paused days; closed loans stand still."""
        coded, due = self.coded, self.coded.due.astype(np.int64)
        until = np.minimum(day, coded.closed[self.loan].astype(np.int64) - 1)
        late = np.maximum(until - due, 0)
        starts = coded.day_pause_start
        for loan in np.flatnonzero(np.diff(starts)):
            rows = slice(coded.inst_start[loan], coded.inst_start[loan + 1])
            for first, end in coded.pauses[starts[loan] : starts[loan + 1]]:
                paused = np.minimum(end, until[rows]) - np.maximum(first, due[rows])
                late[rows] -= np.maximum(paused, 0)
        return late

    def was_overdue(self, day: int) -> Ints:
        """True for instalments overdue at the end of a day or on one before: unpaid when their grace was over."""
        return (self.after_grace > 0) & (self.late_by(day) > self.grace)

    def overdue_from(self, rows: Ints) -> Ints:
        """First day on which some instalments, overdue at the end of the last day, were overdue."""
        day = self.coded.due.astype(np.int64) + self.grace + 1
        while (missing := np.maximum(self.grace + 1 - self.late_by(day), 0) * rows).any():  # paused days in between
            day = np.minimum(day + missing, self.day)
        return day

    def came(self, chosen: Ints) -> Ints:
        """Cents of some pieces by instalment."""
        return summed(self.piece[chosen], self.cents[chosen], len(self.loan))


def summed(place: Ints, cents: Ints, size: int) -> Ints:
    """Cents by place; sums of whole cents below 2**53 stay exact."""
    return np.bincount(place, weights=cents, minlength=size).astype(np.int64)
