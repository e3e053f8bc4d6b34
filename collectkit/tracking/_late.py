"""Compiled passes over instalments and the money that came on them: how late, and how much."""

from __future__ import annotations

from collectkit._compiled import jit


@jit
def late_by(low, high, start, due, last, pauses, pause_start, day, late):
    """Days late of the instalments of the loans low..high at the end of a day (one or one each), at most to `last`."""
    for loan in range(low, high):
        for row in range(start[loan], start[loan + 1]):
            until = min(day[row] if len(day) > 1 else day[0], last[row])
            days = max(until - due[row], 0)
            for pause in range(pause_start[loan], pause_start[loan + 1]):
                days -= max(min(pauses[pause, 1], until) - max(pauses[pause, 0], due[row]), 0)
            late[row] = days


@jit
def receive(instalment, days, cents, grace, latest, paid, in_grace):
    """Note of every piece of money the days its instalment was late, and add its cents."""
    for piece in range(len(instalment)):
        row = instalment[piece]
        latest[row] = max(latest[row], days[piece])
        paid[row] += cents[piece]
        if days[piece] <= grace[row]:
            in_grace[row] += cents[piece]


@jit
def add_chosen(instalment, cents, is_chosen, sums):
    """Add the cents of some pieces to their instalments."""
    for piece in range(len(instalment)):
        if is_chosen[piece]:
            sums[instalment[piece]] += cents[piece]
