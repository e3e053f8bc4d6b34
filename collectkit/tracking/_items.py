"""Instalments and the money that came on them after their grace: what the cash figures of the wing are made of."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from collectkit._blocks import together
from collectkit._coded import Coded, Ints
from collectkit._run import in_threads, pieces_of
from collectkit._terms import rules_of
from collectkit.days import Date, day_number
from collectkit.policy import Policy
from collectkit.portfolio import Portfolio

#: Components of the kernel that an instalment is made of; penalty and what is unapplied come after them.
FEE, INTEREST, PRINCIPAL, PARTS = 0, 1, 2, 3


class Items(NamedTuple):
    """Instalments, and the pieces of money that came on them.

    Per instalment: loan, grace [days], what is owed [cents], last day it can be late (the one before the loan was
    closed, or that day itself if money came on it then), most days late of its money, whether it is paid in full, what
    was unpaid when its grace ended [cents]. Per piece: instalment, component, day, days late, cents.
    """

    coded: Coded
    day: int
    loan: Ints
    grace: Ints
    owed: Ints
    until: Ints
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
        from collectkit.tracking import _late

        coded, day = portfolio.coded, day_number(as_of, "as_of")
        pieces = pieces_of(coded, policy, day, None)
        part, row = pieces["component"].to_numpy(), pieces["instalment"].to_numpy()
        rows = np.flatnonzero((part < PARTS) & (row >= 0))
        names = ("instalment", "component", "days_late", "cents", "payment")
        piece, component, late, cents, payment = together(lambda name: pieces[name].to_numpy()[rows], names)
        loan = np.repeat(np.arange(coded.loans), np.diff(coded.inst_start))
        grace = rules_of(coded, policy).grace[loan]
        settled_late, paid, in_grace = np.zeros((3, len(loan)), dtype=np.int64)
        _late.receive(piece, late, cents, grace, settled_late, paid, in_grace)
        paid_day, until = coded.value_day[payment], coded.closed[loan].astype(np.int64) - 1
        at_closing = piece[paid_day == coded.closed[loan[piece]]]
        until[at_closing] = coded.closed[loan[at_closing]]
        owed = coded.owed[:, FEE] + coded.owed[:, INTEREST] + coded.owed[:, PRINCIPAL]
        return cls(
            coded, day, loan, grace, owed, until, settled_late, owed == paid, owed - in_grace,
            piece, component, paid_day, late, cents,
        )  # fmt: skip

    def late_by(self, day: int | Ints) -> Ints:
        """Days late of each instalment at the end of a day if unpaid, without paused days; closed loans stand still."""
        from collectkit.tracking import _late

        coded, days, late = self.coded, np.atleast_1d(np.asarray(day, np.int64)), np.empty(len(self.loan), np.int64)
        given = coded.inst_start, coded.due, self.until, coded.pauses, coded.day_pause_start, days, late
        in_threads(lambda low, high: _late.late_by(low, high, *given), coded.inst_start)
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
        from collectkit.tracking import _late

        sums = np.zeros(len(self.loan), dtype=np.int64)
        _late.add_chosen(self.piece, self.cents, chosen, sums)
        return sums


def summed(place: Ints, cents: Ints, size: int) -> Ints:
    """Cents by place; sums of whole cents below 2**53 stay exact."""
    return np.bincount(place, weights=cents, minlength=size).astype(np.int64)
