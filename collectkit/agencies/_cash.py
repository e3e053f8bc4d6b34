"""Money that came in on placed loans, split by what it paid, as whole cents and whole days."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from collectkit._coded import Coded, Ints
from collectkit._run import Run, pieces_of
from collectkit.days import NEVER, Date, day_number, day_numbers, month_numbers
from collectkit.ids import positions
from collectkit.policy import Policy
from collectkit.portfolio import Portfolio

#: What money can have paid, and money that was taken back.
OVERDUE, COMING, NOT_OVERDUE, BEYOND, REVERSED = range(5)
_UNAPPLIED = 4  # component of the kernel


def months(days: Ints) -> Ints:
    """Calendar months of day numbers, counted from January 1970."""
    return month_numbers(np.asarray(days).astype("datetime64[D]"))


@dataclass(frozen=True)
class Placed:
    """The loans that were ever with an agency, and their placements by loan and date."""

    coded: Coded
    table: pd.DataFrame  # placement_id, loan_id, agency, placement_date, placement_no, in that order
    loan: Ints  # position in `coded`
    begins: Ints
    recalled: Ints
    age: Ints  # days past due at the end of the placement date
    owed: Ints  # total due then [cents]

    @classmethod
    def of(cls, portfolio: Portfolio, agency: str | None = None) -> Placed:
        """Placements of a portfolio; with an agency, of the loans that were ever with it."""
        frame = portfolio.placements
        loan = positions(frame["loan_id"], portfolio.coded.loan_id)
        if agency is not None:
            kept = np.isin(loan, loan[(frame["agency"] == agency).to_numpy()])
            frame, loan = frame[kept], loan[kept]
        begins = day_numbers(frame["placement_date"]).astype(np.int64)
        no_recall = np.full(len(frame), NEVER, dtype=np.int64)
        recalled = day_numbers(frame["recall_date"]).astype(np.int64) if "recall_date" in frame else no_recall
        order = np.lexsort((recalled, begins, loan))
        chosen, loan = np.unique(loan[order], return_inverse=True)
        frame = frame.iloc[order].reset_index(drop=True)
        counted = frame.groupby("loan_id", sort=False).cumcount() + 1
        number = frame["placement_no"].fillna(counted) if "placement_no" in frame else counted
        table = frame[["placement_id", "loan_id", "agency", "placement_date"]].assign(
            placement_no=number.astype("int64").to_numpy()
        )
        nothing = np.zeros(len(loan), dtype=np.int64)
        return cls(portfolio.coded.taking(chosen), table, loan, begins[order], recalled[order], nothing, nothing)

    @property
    def agency(self) -> Ints:
        """Agency of each placement."""
        return self.table["agency"].to_numpy(dtype=object)

    def at(self, rows: pd.Series) -> pd.DataFrame:
        """Rows of the table by their numbers, numbered anew; a row of missing values for -1."""
        where = rows.to_numpy(dtype=np.int64)
        return self.table.reindex(np.where(where < 0, len(self.table), where)).reset_index(drop=True)

    def latest(self, loan: Ints, day: Ints) -> Ints:
        """Row of the last placement of each loan that began before each day; -1 if there is none."""
        span = 1 << 32
        row = np.searchsorted(self.loan * span + self.begins, loan * span + day) - 1
        return np.where((row >= 0) & (np.append(self.loan, -1)[row] == loan), row, -1)

    def aged(self, policy: Policy, known_on: Date | None) -> Placed:
        """The same with `age` and `owed` filled in.

        Notes
        -----
        A loan closed by then is taken as it would stand had it not been closed: written-off loans are placed too.
        """
        from collectkit._kernel import DAYS, TOTALS

        days, total = np.zeros((2, len(self.loan)), dtype=np.int64)
        month = months(self.begins)
        for one in np.unique(month):  # few dates a walk, so that a walk stays small
            rows = np.flatnonzero(month == one)
            loans, loan = np.unique(self.loan[rows], return_inverse=True)
            dates, date = np.unique(self.begins[rows], return_inverse=True)
            coded = self.coded.taking(loans)
            coded = replace(coded, closed=np.full_like(coded.closed, NEVER))
            run = Run.of(coded, policy, dates, known_on, policy.bucket_schemes[0].name)
            seen = run.seen(period=False)
            there = date >= run.reads.first_date[loan]  # else it was not yet disbursed
            at = (run.reads.first_row[loan] + date - run.reads.first_date[loan])[there]
            days[rows[there]] = seen.counts[DAYS][at]
            total[rows[there]] = np.rint(seen.money[TOTALS][at] * 100)
        return replace(self, age=days, owed=total)


class Cash(NamedTuple):
    """Money by payment and what it paid, in the order of loans and payments; arrays of one length."""

    payment: Ints  # row in the portfolio's payments
    placement: Ints  # row of the last placement that began before; -1 if none
    day: Ints
    order: Ints  # place of the payment by value date, posting date and id
    what: Ints
    cents: Ints
    age: Ints  # days that pick the band of a payment

    def taking(self, rows: Ints) -> Cash:
        """Some of the rows, by their numbers or a mask."""
        return Cash(*(column[rows] for column in self))


def cash(placed: Placed, policy: Policy, payment_id: pd.Series, *, as_of: Date, known_on: Date | None) -> Cash:
    """Payments of placed loans up to a day, as known on a day; `payment_id` is that of the portfolio's payments."""
    coded, end = placed.coded, day_number(as_of, "as_of")
    known = NEVER - 1 if known_on is None else day_number(known_on, "known_on")
    at, what, cents, age = _split(coded, pieces_of(coded, policy, end, known_on))
    back = np.flatnonzero((coded.value_day <= end) & (coded.posted <= known) & (coded.reversed <= known))
    at = np.concatenate([at, back])
    what = np.concatenate([what, np.full(len(back), REVERSED)])
    cents, age = np.concatenate([cents, coded.amount[back]]), np.concatenate([age, np.zeros_like(back)])
    loan = np.repeat(np.arange(coded.loans), np.diff(coded.pay_start))[at]
    day, row = coded.value_day[at].astype(np.int64), coded.pay_row[at]
    _, rank = np.unique(payment_id.to_numpy(dtype=object)[row], return_inverse=True)
    order = np.empty(len(at), dtype=np.int64)
    order[np.lexsort((rank, coded.posted[at], day))] = np.arange(len(at))
    found = Cash(row, placed.latest(loan, day), day, order, what, cents, age)
    return found.taking(np.lexsort((what, at)))


def _split(coded: Coded, pieces: pd.DataFrame) -> tuple[Ints, Ints, Ints, Ints]:
    """For each payment and what it paid: its place in `coded`, what, cents, and the age of the payment.

    The age is the loan's days past due just before the payment; for a loan closed by then, the late days of the
    oldest instalment the money paid.
    """
    payment, cents = pieces["payment"].to_numpy(), pieces["cents"].to_numpy()
    late, instalment = pieces["days_late"].to_numpy(), pieces["instalment"].to_numpy()
    day = coded.value_day[payment]
    oldest = np.zeros(len(coded.value_day), dtype=np.int64)
    np.maximum.at(oldest, payment, late)
    is_closed = coded.closed[pieces["loan"].to_numpy()] <= day
    age = np.where(is_closed, oldest[payment], pieces["days_past_due"].to_numpy()).astype(np.int64)
    due = np.append(coded.due, NEVER)[instalment]
    what = np.select(
        [pieces["component"].to_numpy() == _UNAPPLIED, due > day, (late > 0) & (age > 0)],
        [BEYOND, COMING, OVERDUE],
        default=NOT_OVERDUE,
    )
    key, first, place = np.unique(payment.astype(np.int64) * 8 + what, return_index=True, return_inverse=True)
    total = np.zeros(len(key), dtype=np.int64)
    np.add.at(total, place, cents)
    return key // 8, key % 8, total, age[first]
