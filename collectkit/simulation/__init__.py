"""Simulated books of loans with everything a collections desk sees: for tests, teaching and benchmarks.

The behaviour is illustrative; every constant of it is in `collectkit.simulation.calibration`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from collectkit.days import Date, day_number
from collectkit.errors import CallError
from collectkit.portfolio import Portfolio
from collectkit.simulation import contacting, tables
from collectkit.simulation.lending import calendar, lend
from collectkit.simulation.repayment import repay

if TYPE_CHECKING:
    import pandas as pd


def simulate_portfolio(*, loans: int = 3000, months: int = 30, seed: int = 0, start: Date = "2023-07-01") -> Portfolio:
    """Portfolio of simulated loans; errors and notes as in `simulate_tables`.

    Parameters
    ----------
    loans, months : int [count]
        Loans disbursed, and calendar months simulated.
    seed : int
        The same seed gives the same portfolio.
    start : date
        First day of the first month.

    Examples
    --------
    >>> portfolio = simulate_portfolio(loans=50, months=12, seed=1)
    >>> len(portfolio.loans)
    50
    """
    return Portfolio(**simulate_tables(loans=loans, months=months, seed=seed, start=start))


def simulate_tables(
    *, loans: int = 3000, months: int = 30, seed: int = 0, start: Date = "2023-07-01"
) -> dict[str, pd.DataFrame]:
    """Tables of a simulated portfolio, by name.

    Parameters
    ----------
    loans : int
        Loans disbursed [count].
    months : int
        Simulated calendar months [count], 1 to 120. Nothing is dated after the last of them but due dates.
    seed : int
        The same seed gives the same tables.
    start : date
        First day of the first month.

    Returns
    -------
    dict of DataFrame
        loans, instalments, payments, pauses, placements, contacts, promises, collectors, complaints, with the columns
        of `collectkit.columns`.

    Raises
    ------
    CallError
        `loans` or `months` out of range, or `start` is not the first day of a month.

    Notes
    -----
    The calibration is illustrative: `collectkit.simulation.calibration`.

    Examples
    --------
    >>> tables = simulate_tables(loans=50, months=12, seed=1)
    >>> len(tables["loans"]), sorted(tables)[:3]
    (50, ['collectors', 'complaints', 'contacts'])
    """
    if not 1 <= loans <= 20_000_000 or not 1 <= months <= 120:
        raise CallError(f"`loans` is {loans} and `months` is {months}. Give 1 to 20,000,000 loans and 1 to 120 months.")
    first = np.datetime64(day_number(start, "start"), "D")
    if first != first.astype("datetime64[M]").astype("datetime64[D]"):
        raise CallError(f"`start` is {start}. Give the first day of a month, such as {str(first)[:8]}01.")
    rng = np.random.default_rng(seed)
    state = repay(lend(rng, loans, calendar(first, months)), rng)
    loans_frame = tables.loans_table(state)
    loan_id = loans_frame["loan_id"]
    collectors = contacting.collectors_table(loans, int(state.book.calendar.starts[0]), rng)
    contacts, cycles = contacting.contacts_of(state, rng)
    made = {
        "loans": loans_frame,
        "instalments": tables.instalments_table(state, loan_id),
        "payments": tables.payments_table(state, loan_id, rng),
        "pauses": tables.pauses_table(state, loan_id, rng),
        "placements": tables.placements_table(state, loan_id),
        "contacts": contacting.contacts_table(state, contacts, cycles, collectors, loan_id, rng),
        "promises": contacting.promises_table(state, contacts, cycles, loan_id, rng),
        "collectors": collectors,
    }
    return made | {"complaints": contacting.complaints_table(made["contacts"], state.book.calendar.end)}
