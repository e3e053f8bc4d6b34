"""How the loans are paid, month by month: one pass over the months, all loans at once.

The state of a loan is the number of instalments it has paid; months since disbursement less that number is
how many months it is behind. Each due date starts a cycle in which the loan pays everything, pays the oldest
instalment, or pays nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from collectkit.columns import CLOSE_CODES
from collectkit.days import NEVER
from collectkit.simulation import calibration as c
from collectkit.simulation.lending import Array, Book
from collectkit.simulation.placing import Desk

DEBITED, SENT, LATE, RECOVERED = 0, 1, 2, 3  # kinds of payment: they differ in the method
OPEN = -1
NO_CASH = 99  # days after the start of a cycle when nothing comes in it


@dataclass
class Log:
    """Rows collected month by month, as lists of arrays by column."""

    columns: tuple[str, ...]
    rows: list[tuple[Array, ...]] = field(default_factory=list)

    def add(self, *values: Array | int | np.integer[Any]) -> None:
        """Append one block of rows; a single number stands for every row."""
        size = max(np.size(v) for v in values)
        if min(np.size(v) for v in values) > 0:
            self.rows.append(tuple(np.broadcast_to(np.asarray(v, np.int64), size) for v in values))

    def arrays(self) -> dict[str, Array]:
        """All rows, one array per column."""
        if not self.rows:
            return {name: np.zeros(0, np.int64) for name in self.columns}
        return {
            name: np.concatenate(blocks)
            for name, blocks in zip(self.columns, zip(*self.rows, strict=True), strict=True)
        }


class State:
    """What the loans have done so far."""

    def __init__(self, book: Book, rng: np.random.Generator) -> None:
        loans = len(book.product)
        self.book, self.rng, self.desk = book, rng, Desk(book, rng)
        self.paid = np.zeros(loans, np.int64)  # instalments
        self.credit = np.zeros(loans, np.int64)  # cents paid beyond what the default policy asked
        self.part = np.zeros(loans, np.int64)  # cents paid towards the oldest instalment
        self.was_late = np.zeros(loans, bool)
        self.close_code = np.full(loans, OPEN, np.int8)
        self.closed = np.full(loans, NEVER, np.int64)
        self.payments = Log(("loan", "day", "cents", "kind", "reversed"))
        self.cycles = Log(("loan", "behind", "start", "cash", "paid", "unpaid"))

    def close(self, i: Array, code: str, day: Array) -> None:
        """Close the loans `i` on `day`."""
        self.close_code[i] = CLOSE_CODES.index(code)
        self.closed[i] = day
        self.desk.take_back(i, day)

    def pay(
        self,
        i: Array,
        count: Array,
        day: Array,
        kind: Array | int,
        *,
        step: Array | int = 100,
        start: Array | None = None,
    ) -> None:
        """Pay the oldest `count` instalments of the loans `i` on `day`, what is late with its penalty.

        Amounts are rounded up to `step` cents, and the last payment of a loan settles what it then owes. With
        `start`, the first day of the cycle, some pay in parts.
        """
        scheduled, cover, penalty = self.book.owed(i, self.paid[i], count, day)
        is_last = self.paid[i] + count >= self.book.term[i]
        asked = np.where(is_last, scheduled + penalty - self.credit[i], -(-(scheduled + cover) // step) * step)
        amount = np.maximum(asked - self.part[i], 1)
        self.credit[i] += amount + self.part[i] - scheduled - penalty
        self.part[i] = 0
        self.paid[i] += count
        if start is not None:
            amount = self._in_parts(i, amount, day, start)
        self.payments.add(i, day, amount, kind, NEVER)
        self.close(i[is_last], "paid_off", day[is_last])

    def _in_parts(self, i: Array, amount: Array, day: Array, start: Array) -> Array:
        """Log one or two earlier parts of some payments; returns what is left for the last part."""
        left = amount.copy()
        at = np.flatnonzero(day - start >= 4)
        for share in c.PART_SHARE:
            at = at[self.rng.random(len(at)) < share]
            u = self.rng.random((2, len(at)))
            part = np.maximum(left[at] * (0.3 + 0.4 * u[0]) // 1000, 1).astype(np.int64) * 1000
            on = start[at] + 1 + (u[1] * (day - start - 1)[at]).astype(np.int64)
            at, part, on = (values[part < left[at]] for values in (at, part, on))
            self.payments.add(i[at], on, part, LATE, NEVER)
            left[at] -= part
        return left


def repay(book: Book, rng: np.random.Generator) -> State:
    """Run all months."""
    state = State(book, rng)
    for month in range(1, book.calendar.months):
        i = np.flatnonzero((state.close_code == OPEN) & (book.month < month))
        behind = month - book.month[i] - state.paid[i]
        due = book.due_day(i, month - book.month[i])
        length = book.calendar.lengths[month]
        at = np.flatnonzero(behind == 1)
        _one_due(state, i[at], due[at], month, length)
        at = np.flatnonzero(behind >= 2)
        _behind(state, i[at], behind[at], due[at], month, length)
        _after_write_off(state, month)
    return state


def _one_due(s: State, i: Array, due: Array, month: int, length: int) -> None:
    """The cycle of loans with nothing overdue: one instalment falls due."""
    season = c.LATE_SEASON[s.book.calendar.numbers[month]]
    trait = np.array(c.LATE_BY_PRODUCT)[s.book.product[i]] * np.array(c.LATE_BY_GRADE)[s.book.grade[i]]
    chance = np.where(s.was_late[i], c.LATE_AGAIN * trait**0.4, c.LATE * trait) * season
    is_late = s.rng.random(len(i)) < chance
    may_be_early = ~s.was_late[i]
    s.was_late[i] = is_late
    _on_time(s, i[~is_late], due[~is_late], may_be_early[~is_late])
    i, due = i[is_late], due[is_late]
    rolls = c.ROLL[0] * np.array(c.ROLL_BY_GRADE)[s.book.grade[i]]
    u = s.rng.random(len(i))
    days, share = zip(*c.EARLY_CURVE, strict=True)
    late = np.minimum(np.ceil(np.interp(u, share, days)), length - 1).astype(np.int64)
    late = np.maximum(late, 1)
    does_pay = u < 1 - rolls
    s.cycles.add(i, 1, due, np.where(does_pay, late, NO_CASH), s.paid[i], 1)
    _taken_back(s, i, due, late, does_pay)
    at = np.flatnonzero(does_pay)
    s.pay(i[at], np.ones(len(at), np.int64), due[at] + late[at], LATE, start=due[at])


def _on_time(s: State, i: Array, due: Array, may_be_early: Array) -> None:
    """Payments on or just before the due date; a few pay more."""
    u = s.rng.random((4, len(i)))
    is_early = may_be_early & (u[0] < c.EARLY_SHARE)
    day = due - np.where(is_early, 1 + (u[0] / c.EARLY_SHARE * 3).astype(np.int64), 0)
    left = s.book.term[i] - s.paid[i]
    is_all = (u[1] < c.SETTLE_EARLY) & (left > 1)
    extra = np.where((u[1] > 1 - c.PREPAY) & (left > 1), 1 + (u[2] * 3).astype(np.int64), 0)
    at = np.flatnonzero(is_all)
    now = s.book.owed(i[at], s.paid[i[at]], np.ones(len(at), np.int64), due[at])[0]
    rest = s.book.unpaid_principal(i[at], s.paid[i[at]] + 1)
    s.payments.add(i[at], day[at], np.maximum(now + rest - s.credit[i[at]], 1), SENT, NEVER)
    s.close(i[at], "paid_off", day[at])
    at = np.flatnonzero(~is_all)
    step = np.where(u[3][at] < c.OVERPAY, 10_000, 1)
    kind = np.where(is_early | (extra > 0), SENT, DEBITED)[at]
    s.pay(i[at], np.minimum(1 + extra, left)[at], day[at], kind, step=step)


def _taken_back(s: State, i: Array, due: Array, late: Array, does_pay: Array) -> None:
    """Payments that were reversed: before a later one that stood, or with nothing after."""
    u = s.rng.random((3, len(i)))
    chance = np.where(does_pay, c.REVERSED_THEN_PAID * (late >= 4), c.REVERSED)
    at = np.flatnonzero(u[0] < chance)
    cents = s.book.owed(i[at], s.paid[i[at]], np.ones(len(at), np.int64), due[at])[0]
    came = (u[1][at] * 3).astype(np.int64)
    gone = np.where(
        does_pay[at],
        came + 1 + (u[2][at] * (late[at] - came - 1)).astype(np.int64),
        came + 3 + (u[2][at] * 8).astype(np.int64),
    )
    s.payments.add(i[at], due[at] + came, cents, DEBITED, due[at] + gone)


def _behind(s: State, i: Array, behind: Array, due: Array, month: int, length: int) -> None:
    """The cycle of loans with at least one whole month of arrears."""
    stays = ~_close_bad(s, i, behind, due, month, length)
    i, behind, due = i[stays], behind[stays], due[stays]
    since = s.desk.place(i, behind, due)
    ease = np.array(c.CASH_BY_SIZE)[s.book.size[i]] * np.array(c.CASH_BY_PRODUCT)[s.book.product[i]]
    strength = s.desk.strength(i) * np.where(behind >= c.PLACED_FROM, ease, 1)
    u = s.rng.random((3, len(i)))
    cash = since + 1 + (u[0] * (length - since - 1)).astype(np.int64)
    step = np.minimum(behind, len(c.ROLL)) - 1
    pays = u[1] < (1 - np.array(c.ROLL)[step]) * strength
    is_tail = behind > len(c.ROLL)
    tail = np.array([share for _, share in c.TAIL_PAYS])
    band = np.searchsorted([start for start, _ in c.TAIL_PAYS], behind, side="right") - 1
    pays_part = is_tail & (u[1] < tail[band] * strength)
    pays &= ~is_tail
    unpaid = np.minimum(month - s.book.month[i], s.book.term[i]) - s.paid[i]
    will_pay = np.where(pays | pays_part, cash, NO_CASH)
    s.cycles.add(i, behind, due, will_pay, s.paid[i], unpaid)
    cures = u[2] < np.array(c.CURED)[step]
    at = np.flatnonzero(pays)
    count = np.where(cures, unpaid, 1)[at]
    s.pay(i[at], count, due[at] + cash[at], LATE, start=due[at])
    s.was_late[i[at]] = True
    is_clear = cures[at]
    s.desk.take_back(i[at][is_clear], (due + cash)[at][is_clear])
    at = np.flatnonzero(pays_part)
    _pay_part(s, i[at], unpaid[at], due[at] + cash[at])
    s.desk.recall(i, due)


def _part(s: State, i: Array) -> Array:
    """A part of the unpaid principal, in whole hundreds of currency, in cents."""
    low, high = c.TAIL_PART
    share = low + (high - low) * s.rng.random(len(i))
    return np.maximum(s.book.unpaid_principal(i, s.paid[i]) * share // 10_000, 2).astype(np.int64) * 10_000


def _pay_part(s: State, i: Array, unpaid: Array, day: Array) -> None:
    """A round amount towards the oldest arrears; instalments it covers in full count as paid."""
    amount = _part(s, i)
    s.payments.add(i, day, amount, LATE, NEVER)
    s.part[i] += amount
    for _ in range(int(unpaid.max(initial=0))):
        scheduled, cover, _penalty = s.book.owed(i, s.paid[i], np.ones(len(i), np.int64), day)
        at = np.flatnonzero((s.part[i] >= scheduled + cover) & (unpaid > 0))
        i, unpaid, day = i[at], unpaid[at] - 1, day[at]
        s.part[i] -= (scheduled + cover)[at]
        s.paid[i] += 1
        done = s.paid[i] >= s.book.term[i]
        s.close(i[done], "paid_off", day[done])
        i, unpaid, day = i[~done], unpaid[~done], day[~done]


def _close_bad(s: State, i: Array, behind: Array, due: Array, month: int, length: int) -> Array:
    """Settle, sell, archive and write off; returns which of the loans were closed."""
    u = s.rng.random((3, len(i)))
    secured = np.array(c.IS_SECURED)[s.book.product[i]]
    day = due + (u[2] * (length - 1)).astype(np.int64)
    month_end = np.full(len(i), s.book.calendar.starts[month + 1] - 1)
    from_, share, (low, high) = c.SETTLED
    settles = (behind >= from_) & (u[0] < share)
    at = np.flatnonzero(settles)
    accepted = s.book.unpaid_principal(i[at], s.paid[i[at]]) * (low + (high - low) * u[1][at])
    s.payments.add(i[at], day[at], np.maximum(accepted // 10_000, 1).astype(np.int64) * 10_000, LATE, NEVER)
    s.close(i[at], "settled", day[at])
    is_december = s.book.calendar.numbers[month] == 11
    sold = ~settles & (behind >= c.SOLD[0]) & ~secured & is_december & (u[1] < c.SOLD[1])
    s.close(i[sold], "sold", month_end[sold])
    from_, unsecured_share, secured_share = c.WRITE_OFF
    written = ~settles & ~sold & (behind >= from_) & (u[1] > 1 - np.where(secured, secured_share, unsecured_share))
    s.close_code[i[written]] = CLOSE_CODES.index("written_off")
    s.closed[i[written]] = month_end[written]
    archived = ~settles & ~sold & ~written & (behind >= c.ARCHIVED[0]) & (u[0] > 1 - c.ARCHIVED[1])
    s.close(i[archived], "archived", month_end[archived])
    return settles | sold | written | archived


def _after_write_off(s: State, month: int) -> None:
    """Recoveries on loans written off in an earlier month."""
    first = s.book.calendar.starts[month]
    written = np.flatnonzero((s.close_code == CLOSE_CODES.index("written_off")) & (s.closed < first))
    chance = c.RECOVERS * s.desk.strength(written)
    i = written[s.rng.random(len(written)) < chance]
    day = first + (s.rng.random(len(i)) * s.book.calendar.lengths[month]).astype(np.int64)
    s.payments.add(i, day, _part(s, i), RECOVERED, NEVER)
    s.desk.recall(written, np.full(len(written), first))
