"""Who borrowed what, and what falls due: loans and schedules of a simulated book, in whole cents and days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from collectkit.simulation import calibration as c

Array = NDArray[Any]

LONGEST = max(max(terms) for terms in c.TERMS)


@dataclass
class Calendar:
    """The months of the simulation and as many after them as a schedule can reach."""

    starts: Array  # first day of each month, in days since 1970
    lengths: Array
    numbers: Array  # 0 = January
    months: int

    @property
    def end(self) -> int:
        """Last simulated day."""
        return int(self.starts[self.months] - 1)


def calendar(start: np.datetime64, months: int) -> Calendar:
    """Months from `start` on."""
    first = start.astype("datetime64[M]") + np.arange(months + LONGEST + 2).astype("timedelta64[M]")
    starts = first.astype("datetime64[D]").astype(np.int64)
    return Calendar(starts[:-1], np.diff(starts), first[:-1].astype(np.int64) % 12, months)


@dataclass
class Book:
    """All loans as arrays, one element per loan, and their instalments as flat arrays."""

    calendar: Calendar
    product: Array
    grade: Array
    region: Array
    customer: Array
    size: Array  # 0 small, 1 middle, 2 large for its product
    month: Array  # month of disbursement
    day: Array  # day of the month of disbursement and of the due dates, from 0
    term: Array
    principal: Array
    rate_bp: Array
    fee: Array  # with every instalment
    first: Array  # where the loan's instalments begin in the flat arrays
    due_principal: Array
    due_interest: Array

    def due_day(self, i: Array, number: Array | int) -> Array:
        """Due date of instalment `number` (from 1) of the loans `i`, in days since 1970."""
        return self.calendar.starts[self.month[i] + number] + np.minimum(self.day[i], 27)

    def owed(self, i: Array, paid: Array, count: Array, day: Array) -> tuple[Array, Array, Array]:
        """What the oldest `count` unpaid instalments cost on `day`, in cents.

        Returns
        -------
        scheduled, cover, penalty
            Fee, interest and principal; a penalty that satisfies any shipped policy (no grace, no ceiling),
            so that no loan hangs on a few cents when the policy changes; the penalty of the default policy.
        """
        scheduled, cover, penalty = (np.zeros(len(i), np.int64) for _ in range(3))
        for step in range(int(count.max(initial=0))):
            at = np.flatnonzero(count > step)
            loan, number = i[at], paid[at] + step + 1
            flat = self.first[loan] + number - 1
            base = self.due_principal[flat].astype(np.int64)
            days = np.maximum(day[at] - self.due_day(loan, number), 0)
            scheduled[at] += base + self.due_interest[flat] + self.fee[loan]
            late_bp = self.rate_bp[loan] * 3 // 2
            cover[at] += -(-base * days * np.maximum(late_bp, 1800) // 3_600_000)
            charged = (base * days * np.minimum(late_bp, 2400) * 2 + 3_600_000) // 7_200_000
            penalty[at] += np.where(days > 3, charged, 0)
        return scheduled, cover, penalty

    def unpaid_principal(self, i: Array, paid: Array) -> Array:
        """Principal of all instalments after the first `paid`, in cents."""
        total = np.zeros(len(i), np.int64)
        for number in range(int(self.term[i].max(initial=0))):
            at = np.flatnonzero((number >= paid) & (number < self.term[i]))
            total[at] += self.due_principal[self.first[i[at]] + number]
        return total


def _pick(rng: np.random.Generator, shares: tuple[float, ...], size: int) -> Array:
    """Numbers drawn with the given shares."""
    edges = np.cumsum(shares)
    return np.searchsorted(edges / edges[-1], rng.random(size), side="right").astype(np.int8)


def _customers(rng: np.random.Generator, loans: int) -> Array:
    """Number of each loan's customer; some loans go to an earlier customer."""
    is_new = rng.random(loans) >= c.REPEAT_SHARE
    is_new[:1] = True
    known = np.cumsum(is_new)
    return np.where(is_new, known - 1, (rng.random(loans) * known).astype(np.int64))


def _by_product(rng: np.random.Generator, product: Array) -> tuple[Array, Array]:
    """Principal in currency and term in months of each loan."""
    principal, term = np.zeros(len(product), np.int64), np.zeros(len(product), np.int16)
    for number, median in enumerate(c.MEDIAN_PRINCIPAL):
        at = np.flatnonzero(product == number)
        drawn = median * np.exp(c.PRINCIPAL_SPREAD[number] * rng.standard_normal(len(at)))
        step = c.PRINCIPAL_STEP[number]
        principal[at] = np.round(drawn.clip(*c.PRINCIPAL_RANGE[number]) / step) * step
        term[at] = np.array(c.TERMS[number])[_pick(rng, c.TERM_SHARE[number], len(at))]
    return principal, term


def _schedule(principal: Array, rate_bp: Array, term: Array, first: Array) -> tuple[Array, Array]:
    """Principal and interest of equal instalments, in cents; the last one takes what is left by rounding."""
    due_principal, due_interest = (np.zeros(int(term.sum()), np.int32) for _ in range(2))
    monthly = rate_bp / 120_000
    instalment = np.round(principal * monthly / (1 - (1 + monthly) ** -term.astype(float))).astype(np.int64)
    balance = principal.copy()
    for number in range(int(term.max(initial=0))):
        at = np.flatnonzero(term > number)
        interest = (balance[at] * rate_bp[at] * 2 + 120_000) // 240_000
        part = np.where(term[at] == number + 1, balance[at], instalment[at] - interest)
        due_principal[first[at] + number], due_interest[first[at] + number] = part, interest
        balance[at] -= part
    return due_principal, due_interest


def lend(rng: np.random.Generator, loans: int, months: Calendar) -> Book:
    """Draw the loans and work out their schedules."""
    number = np.arange(months.months)
    weight = (1 + c.MONTHLY_GROWTH) ** number * np.array(c.LENDING_SEASON)[months.numbers[number]]
    month = np.repeat(number, rng.multinomial(loans, weight / weight.sum()))
    day = (rng.random(loans) * months.lengths[month]).astype(np.int64)
    order = np.lexsort((day, month))
    month, day = month[order], day[order]
    product = _pick(rng, c.PRODUCT_SHARE, loans)
    customer = _customers(rng, loans)
    of_customer = _pick(rng, c.GRADE_SHARE, loans)[customer], _pick(rng, c.REGION_SHARE, loans)[customer]
    currency, term = _by_product(rng, product)
    rate_bp = np.array(c.RATE_BP, np.int64)[product, of_customer[0]]
    first = np.cumsum(term, dtype=np.int64) - term
    size = np.searchsorted(c.SIZE_EDGES, currency / np.array(c.MEDIAN_PRINCIPAL)[product]).astype(np.int8)
    fee = np.round(currency * np.array(c.FEE_SHARE)[product]).astype(np.int64) * 100
    return Book(
        months,
        product,
        *of_customer,
        customer,
        size,
        month,
        day,
        term,
        currency * 100,
        rate_bp,
        fee,
        first,
        *_schedule(currency * 100, rate_bp, term, first),
    )
