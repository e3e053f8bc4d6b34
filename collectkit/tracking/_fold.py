"""The compiled fold: every row of a panel is read once and added to its cell, in whole cents.

Loans are taken segment by segment (the same product, region, …, and vintage), so that the cells in use stay few and
near. The function releases the interpreter: several threads fold several ranges of loans into tables of their own.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

#: States after the buckets, in the order of `collectkit.tracking.cubes.STATES`.
GONE, UNOBSERVED, NEW, MORE_STATES = 5, 6, 7, 8
#: Columns of the cells: the key, then what is summed. One cell fills one line of the processor's cache.
KEY, LOANS, PRINCIPAL, BALANCE_BEFORE, BALANCE, OVERDUE, PENALTY, PAID, COLUMNS = 0, 1, 2, 3, 4, 5, 6, 7, 8
#: Slots of the hash table of one thread. If half of them are taken, a second cell of the same key is begun.
SLOTS = 2**18
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


_OPTIONS: Any = {"nogil": True, "error_model": "numpy", "_nrt": False}  # see `collectkit._kernel`
_jit = njit(cache=True, **_OPTIONS)


@_jit
def _cell(cells, slots, begin, end, key):
    """Row of the cell of a key among begin..end; `end` if there is none yet. What is older counts as free."""
    slot = ((key * _GOLDEN) >> 24) & (SLOTS - 1)
    while True:
        at = slots[slot]
        if at < begin:
            slots[slot] = end
            return end
        if cells[at, KEY] == key:
            return at
        slot = (slot + 1) & (SLOTS - 1)


@_jit
def _cents(amount):
    return np.int64(np.rint(amount * 100)) if amount == amount else np.int64(0)


@_jit
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


@_jit
def fold(low, high, order, rows, loans, shape, cells, slots):
    """Fold the loans ``order[low:high]`` into `cells`; gives the number of cells."""
    first, segment_of, lent = loans
    dates, thresholds, exit_of, buckets, channels = shape
    levels, states, last = len(thresholds) + 1, buckets + MORE_STATES, len(dates) - 1
    local = len(dates) * channels * states * states * levels * levels
    begin, end, segment = 0, 0, np.int64(-1)
    for position in range(low, high):
        loan = order[position]
        if segment_of[loan] != segment or end - begin > SLOTS // 2:
            segment, begin = np.int64(segment_of[loan]), end
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
                at = _cell(cells, slots, begin, end, segment * local + key * levels * levels)
                if at == end:
                    end = _begin(cells, end, segment * local + key * levels * levels)
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
                key = segment * local + (key * levels + level) * levels + news
                at = _cell(cells, slots, begin, end, key)
                if at == end:
                    end = _begin(cells, end, key)
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
    return end


@_jit
def _begin(cells, end, key):
    """Begin an empty cell; gives the new number of cells."""
    cells[end, KEY] = key
    for column in range(LOANS, COLUMNS):
        cells[end, column] = 0
    return end + 1
