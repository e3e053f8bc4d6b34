"""The compiled fold: every row of a panel is read once and added to its cell, in whole cents.

Loans are taken as they stand: reading a panel from its first row to its last is several times quicker than going back
and forth in it, and the cells stay small enough for the processor's cache. The functions release the interpreter:
several threads fold ranges of loans, each into a table of its own, and the tables are added up.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from collectkit._compiled import jit

#: States after the buckets, in the order of `collectkit.tracking.cubes.STATES`.
GONE, UNOBSERVED, NEW, MORE_STATES = 5, 6, 7, 8
#: Columns of the cells: the key, then what is summed. One cell fills one line of the processor's cache.
KEY, LOANS, PRINCIPAL, BALANCE_BEFORE, BALANCE, OVERDUE, PENALTY, PAID, COLUMNS = 0, 1, 2, 3, 4, 5, 6, 7, 8
#: Cells a table has room for at first.
ROOM = 2**16
MICROSECONDS = 86_400_000_000
_GOLDEN = np.int64(-7046029254386353131)  # spreads keys over the slots (Knuth's multiplicative hash)


class Rows(NamedTuple):
    """Columns of a panel; `channel` holds the code of all dimensions that belong to a row."""

    as_of: Any
    status: Any
    bucket: Any
    channel: Any
    days: Any
    balance: Any
    overdue_principal: Any
    overdue_interest: Any
    overdue_fee: Any
    penalty: Any
    paid: Any


class Loans(NamedTuple):
    """Per loan: its first row in the panel (and the end of the last), its segment, what was lent [cents]."""

    first: Any
    segment: Any
    principal: Any


class Shape(NamedTuple):
    """Dates [day numbers], thresholds [days past due], the exit of each status (-1: open), counts of codes."""

    dates: Any
    thresholds: Any
    exit_of: Any
    buckets: int
    channels: int


@jit
def _cell(cells, slots, end, key):
    """Row of the cell of a key; `end`, where it is begun, if there is none yet."""
    last = len(slots) - 1
    slot = ((key * _GOLDEN) >> 32) & last
    while slots[slot] >= 0:
        if cells[slots[slot], KEY] == key:
            return slots[slot]
        slot = (slot + 1) & last
    slots[slot] = end
    cells[end, KEY] = key
    for column in range(LOANS, COLUMNS):
        cells[end, column] = 0
    return end


@jit
def _cents(amount):
    return np.int64(np.rint(amount * 100)) if amount == amount else np.int64(0)


@jit
def check(low, high, first, as_of, is_date):
    """Mark the days the loans low..high are seen on; gives the first loan whose days do not ascend, or -1."""
    for loan in range(low, high):
        before = np.int64(-1)
        for row in range(first[loan], first[loan + 1]):
            day = as_of[row] // MICROSECONDS
            if day < 0 or day >= len(is_date) or day <= before or as_of[row] != day * MICROSECONDS:
                return loan
            is_date[day] = True
            before = day
    return -1


@jit
def fold(low, high, rows, loans, shape, cells, slots, end):
    """Fold the loans low..high into the `end` cells and new ones; gives the loan there was no room for, and `end`."""
    first, segment_of, lent = loans
    dates, thresholds, exit_of, buckets, channels = shape
    levels, states, last = len(thresholds) + 1, buckets + MORE_STATES, len(dates) - 1
    local = len(dates) * channels * states * states * levels * levels
    for loan in range(low, high):
        if end + 2 * (first[loan + 1] - first[loan]) > len(cells):  # a row, and that the next one is not there
            return loan, end
        segment = np.int64(segment_of[loan]) * local
        date, before, worst, balance_before, channel = -1, buckets + NEW, 0, np.int64(0), 0
        for row in range(first[loan], first[loan + 1] + 1):
            is_row = row < first[loan + 1]
            day = np.searchsorted(dates, rows.as_of[row] // MICROSECONDS) if is_row and date < 0 else date + 1
            if is_row:
                while dates[day] * MICROSECONDS < rows.as_of[row]:
                    day += 1
            if date >= 0 and before < buckets and date < last and (not is_row or day > date + 1):
                # an open loan without a row at the next date: gone, or unobserved if it comes back
                state = buckets + (UNOBSERVED if is_row else GONE)
                key = (((date + 1) * channels + channel) * states + before) * states + state
                at = _cell(cells, slots, end, segment + key * levels * levels)
                end = max(end, at + 1)
                cells[at, LOANS] += 1
                cells[at, PRINCIPAL] += lent[loan]
                cells[at, BALANCE_BEFORE] += balance_before
            if not is_row:
                break
            if date >= 0 and day > date + 1:
                before, balance_before = buckets + UNOBSERVED, np.int64(0)
            exit_state = exit_of[rows.status[row]]
            state = rows.bucket[row] if exit_state < 0 else buckets + exit_state
            paid = _cents(rows.paid[row])
            has_news = exit_state < 0 or state != before or paid != 0
            level, news = 0, 0
            while exit_state < 0 and level < len(thresholds) and rows.days[row] > thresholds[level]:
                level += 1
            if level > worst:
                news, worst = worst + 1, level
            date, channel = day, rows.channel[row]
            balance = _cents(rows.balance[row]) if exit_state < 0 else np.int64(0)
            if has_news:
                key = ((date * channels + channel) * states + before) * states + state
                at = _cell(cells, slots, end, segment + (key * levels + level) * levels + news)
                end = max(end, at + 1)
                cells[at, LOANS] += 1
                cells[at, PRINCIPAL] += lent[loan]
                cells[at, BALANCE_BEFORE] += balance_before
                cells[at, BALANCE] += balance
                cells[at, PAID] += paid
                cells[at, PENALTY] += _cents(rows.penalty[row])
                cells[at, OVERDUE] += (
                    _cents(rows.overdue_principal[row])
                    + _cents(rows.overdue_interest[row])
                    + _cents(rows.overdue_fee[row])
                )
            before, balance_before = state, balance
    return high, end


@jit
def add(more, cells, slots, end):
    """Add other cells; gives the number of cells there are then."""
    for row in range(len(more)):
        at = _cell(cells, slots, end, more[row, KEY])
        end = max(end, at + 1)
        for column in range(LOANS, COLUMNS):
            cells[at, column] += more[row, column]
    return end


class Table:
    """Cells and the slots that find them, which grow with them: at most half of the slots are taken."""

    def __init__(self, room: int) -> None:
        self.cells = np.empty((room, COLUMNS), dtype=np.int64)
        self.slots = np.full(2 * room, -1, dtype=np.int32)
        self.end = 0

    def fold(self, low: int, high: int, rows: Rows, loans: Loans, shape: Shape) -> None:
        """Fold the loans low..high."""
        while low < high:
            low, self.end = fold(low, high, rows, loans, shape, self.cells, self.slots, self.end)
            if low < high:
                self._grow(2 * int(loans.first[low + 1] - loans.first[low]))

    def add(self, other: Table) -> None:
        """Add the cells of another table."""
        self._grow(other.end)
        self.end = add(other.cells[: other.end], self.cells, self.slots, self.end)

    def _grow(self, more: int) -> None:
        """Make room for more cells."""
        room = len(self.cells)
        while room < self.end + more:
            room *= 2
        if room > len(self.cells):
            grown = Table(room)
            grown.end = add(self.cells[: self.end], grown.cells, grown.slots, 0)
            self.cells, self.slots = grown.cells, grown.slots
