"""What lateness costs: penalty interest by balance times days (积数)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from collectkit.errors import CallError, listed
from collectkit.money import Rate, exact_rate, from_cents, is_exact, times_rate, to_cents
from collectkit.shapes import numbers, shaped, whole_days


def penalty_interest(amount: float | pd.Series, days: int | pd.Series, *, daily_rate: Rate | pd.Series) -> Any:
    """Penalty interest on an amount unpaid for some days.

    Parameters
    ----------
    amount : float or Series [currency]
        Unpaid amount that bears penalty; 0 or more, at most two decimals.
    days : int or Series [days]
        Nights the amount stood unpaid.
    daily_rate : str, Decimal, Fraction, float, or Series of them [1/day]
        A float is read to nine decimals, everything else exactly.

    Returns
    -------
    float or Series of float64 [currency]

    Raises
    ------
    CallError
        A negative or sub-cent amount, days that are not whole, a rate that is not a number.

    Notes
    -----
    penalty = amount × days × daily_rate, exact, rounded half up to the cent once. Penalty bears no penalty.

    References
    ----------
    People's Bank of China, 银发〔2003〕251号, art. 3 (penalty runs from the overdue day until paid).

    Examples
    --------
    >>> penalty_interest(10_000, 45, daily_rate="0.0005")
    225.0
    >>> penalty_interest(10.00, 1, daily_rate="0.0005")
    0.01
    """

    def compute(amounts: pd.Series, nights: pd.Series, rates: pd.Series) -> Any:
        return from_cents(_cents(amounts, whole_days(nights, "days"), rates))

    rate = daily_rate if isinstance(daily_rate, pd.Series) else exact_rate(daily_rate)
    return shaped("penalty_interest", "float64", compute, amount=amount, days=days, daily_rate=rate)


def _cents(amounts: pd.Series, days: Any, rates: pd.Series) -> Any:
    """Penalty in cents, one exact multiplication per distinct rate."""
    values = numbers(amounts, "amount")
    bad = ~is_exact(values) | (values < 0)
    if bad.any():
        raise CallError(f"`amount` is negative or not in whole cents: {listed(values[bad])}. Give currency amounts.")
    product = to_cents(values) * days
    codes, distinct = pd.factorize(rates)
    penalty = np.zeros(len(values), dtype=np.int64)
    for code, rate in enumerate(distinct):
        daily = exact_rate(rate)
        if daily > 1:
            raise CallError(f'`daily_rate` {rate!r} is more than the whole amount a day. Write e.g. "0.0005".')
        penalty[codes == code] = times_rate(product[codes == code], daily)
    return penalty
