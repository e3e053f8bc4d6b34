"""Night by night: how long which balance of an instalment stood unpaid, for many loans at once.

The kernel adds balance times days up while it walks. Here the stretches of an unchanged balance are taken apart again,
so that penalty can be worked out in other ways, too. The arithmetic is that of the ledger, on whole cents and days.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from collectkit._coded import Coded, Ints


class Nights(NamedTuple):
    """Stretches of nights with one unpaid balance that bears penalty, one row each."""

    loan: Ints
    instalment: Ints
    balance: Ints  # cents
    nights: Ints


def stretches(coded: Coded, rules: Any, pieces: Any, day: int) -> Nights:
    """Stretches of all instalments that bear penalty at the end of a day.

    Parameters
    ----------
    coded : Coded
    rules : Rules of the kernel
    pieces : DataFrame of arrays
        As of `collectkit._run.pieces_of`: where the payments up to the day went.
    day : int
    """
    from collectkit._kernel import BASE, PENALTY

    loan = np.repeat(np.arange(coded.loans), np.diff(coded.inst_start))
    due = coded.due.astype(np.int64)
    weights = rules.rules[rules.terms[loan], BASE : BASE + 3]
    start = _first_nights(coded, rules, loan)
    paid = pieces[(pieces["component"] < PENALTY) & (pieces["instalment"] >= 0)]
    instalment, cents = paid["instalment"].to_numpy(), paid["cents"].to_numpy()
    paid_day = coded.value_day[paid["payment"].to_numpy()].astype(np.int64)
    settled = _settled_days(coded, instalment, cents, paid_day)
    bears = (due < day) & (unpaused(coded, loan, due, np.minimum(settled, day)) > rules.grace[loan])
    at = np.concatenate([np.arange(len(due)), instalment])
    when = np.concatenate([start, np.maximum(paid_day, start[instalment])])
    base = np.concatenate([(coded.owed * weights).sum(axis=1), -cents * weights[instalment, paid["component"]]])
    order = np.lexsort((when, at))
    order = order[bears[at[order]] & (when[order] < day)]
    at, when, balance = at[order], when[order], _running(at[order], base[order])
    is_last = np.append(at[1:] != at[:-1], True)[: len(at)]
    end = np.where(is_last, day, np.append(when[1:], day)[: len(at)])
    nights = end - when - _paused(coded.pauses, coded.night_pause_start, loan[at], when, end)
    return Nights(loan[at], at, balance, nights)


def unpaused(coded: Coded, loan: Ints, start: Ints, end: Ints) -> Ints:
    """Late days from `start` to `end` without paused ones."""
    return np.maximum(end - start, 0) - _paused(coded.pauses, coded.day_pause_start, loan, start, end)


def _settled_days(coded: Coded, instalment: Ints, cents: Ints, day: Ints) -> Ints:
    """Day on which each instalment was paid off; far away if it was not."""
    from collectkit._kernel import NEVER

    left = coded.owed.sum(axis=1)
    np.subtract.at(left, instalment, cents)
    last = np.full(len(left), -(2**31), dtype=np.int64)
    np.maximum.at(last, instalment, day)
    return np.where(left == 0, last, NEVER)


def _first_nights(coded: Coded, rules: Any, loan: Ints) -> Ints:
    """First night of each instalment that bears penalty: its due date, or in ``subtract`` mode the one after grace."""
    from collectkit._kernel import DAY_HIGH, DAY_LOW, LAW, MODE, SUBTRACT, _after_free_days

    due = coded.due.astype(np.int64)
    is_subtracted = rules.rules[rules.terms[loan], MODE] == SUBTRACT
    start = due + np.where(is_subtracted, rules.grace[loan], 0)
    paused = is_subtracted & (np.diff(coded.day_pause_start)[loan] > 0)
    law = np.zeros(LAW, dtype=np.int64)
    for i in np.flatnonzero(paused):
        law[DAY_LOW], law[DAY_HIGH] = coded.day_pause_start[loan[i]], coded.day_pause_start[loan[i] + 1]
        start[i] = _after_free_days(law, coded.pauses, due[i], np.int64(rules.grace[loan[i]]))
    return start


def _running(at: Ints, changes: Ints) -> Ints:
    """Balance after each change of an instalment; the rows of one stand together."""
    total = np.cumsum(changes)
    is_first = np.append(True, at[1:] != at[:-1])[: len(at)]
    before = np.where(is_first, total - changes, 0)
    return total - before[np.maximum.accumulate(np.where(is_first, np.arange(len(at)), 0))]


def _paused(pauses: Ints, starts: Ints, loan: Ints, start: Ints, end: Ints) -> Ints:
    """Days of each row's [start, end) inside the pauses of its loan, which lie apart."""
    counts = (starts[1:] - starts[:-1])[loan]
    row = np.repeat(np.arange(len(loan)), counts)
    first = np.cumsum(counts) - counts
    pause = np.arange(len(row)) - first[row] + starts[loan][row]
    inside = np.minimum(end[row], pauses[pause, 1]) - np.maximum(start[row], pauses[pause, 0])
    days = np.zeros(len(loan), dtype=np.int64)
    np.add.at(days, row, np.maximum(inside, 0))
    return days
