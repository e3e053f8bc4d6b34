"""What going to court costs by statute in mainland China, and how long a claim may wait.

Fees are for claims about money. All of them are sums of slices: each slice of the amount at its own rate.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Literal

import numpy as np
import pandas as pd

from collectkit.days import DATE_DTYPE, dates_of
from collectkit.errors import CallError, listed, unknown_name
from collectkit.money import from_cents, times_rate, to_cents
from collectkit.shapes import calendar_date, day_values, numbers, shaped, whole_days

Procedure = Literal["ordinary", "simplified", "payment_order"]

#: Part of the claim fee that is charged: 诉讼费用交纳办法 art. 16 (half) and art. 14(3) (a third).
PROCEDURES: dict[str, Fraction] = {
    "ordinary": Fraction(1),
    "simplified": Fraction(1, 2),
    "payment_order": Fraction(1, 3),
}
#: A scale: (upper end [currency] or None, rate of the slice up to it); the first slice is the flat fee.
Scale = Sequence[tuple[int | None, str]]
#: Slices of a claim above its first 10 000, which cost 50 in all.
CLAIM_SLICES: Scale = (
    (100_000, "0.025"), (200_000, "0.02"), (500_000, "0.015"), (1_000_000, "0.01"), (2_000_000, "0.009"),
    (5_000_000, "0.008"), (10_000_000, "0.007"), (20_000_000, "0.006"), (None, "0.005"),
)  # fmt: skip
_ENFORCEMENT: Scale = ((500_000, "0.015"), (5_000_000, "0.01"), (10_000_000, "0.005"), (None, "0.001"))
_PRESERVATION: Scale = ((100_000, "0.01"), (None, "0.005"))
_MOST_PRESERVATION = 5_000
_DOUBLED_DAILY = Fraction("0.000175")
LIMITATION_YEARS = 3


def court_fee(claim: Any, *, procedure: Procedure = "ordinary") -> Any:
    """Court fee of a claim for money.

    Parameters
    ----------
    claim : number or Series [currency]
        What is sued for.
    procedure : {"ordinary", "simplified", "payment_order"}
        A simplified procedure costs half, a payment order a third.

    Returns
    -------
    float or Series [currency]

    Raises
    ------
    CallError
        A claim below 0; an unknown procedure lists the valid ones.

    Notes
    -----
    50 up to 10 000, and on what is above it 2.5% to 100 000, 2% to 200 000, 1.5% to 500 000, 1% to 1 000 000, then 0.9,
    0.8, 0.7, 0.6 and 0.5%. 0 for no claim. The plaintiff pays in advance, the loser bears it in the end.

    References
    ----------
    诉讼费用交纳办法 (国务院令第481号), art. 13, 14, 16.

    Examples
    --------
    >>> court_fee(100_000), court_fee(100_000, procedure="simplified")
    (2300.0, 1150.0)
    """
    if procedure not in PROCEDURES:
        raise unknown_name("procedure", procedure, PROCEDURES)
    part = PROCEDURES[procedure]
    return shaped("court_fee", "float64", lambda c: _by_scale(c, 10_000, 50, CLAIM_SLICES, part), c=claim)


def preservation_fee(amount: Any) -> Any:
    """Court fee for freezing or seizing assets before judgment.

    Parameters
    ----------
    amount : number or Series [currency]
        Value of what is frozen.

    Returns
    -------
    float or Series [currency]

    Notes
    -----
    30 up to 1 000, then 1% to 100 000, then 0.5%; at most 5 000.

    References
    ----------
    诉讼费用交纳办法, art. 14(2).

    Examples
    --------
    >>> preservation_fee(100_000), preservation_fee(10_000_000)
    (1020.0, 5000.0)
    """
    return shaped(
        "preservation_fee",
        "float64",
        lambda a: np.minimum(_by_scale(a, 1_000, 30, _PRESERVATION, Fraction(1)), _MOST_PRESERVATION),
        a=amount,
    )


def enforcement_fee(amount: Any) -> Any:
    """Court fee for enforcing a judgment; the debtor bears it and it is not prepaid.

    Parameters
    ----------
    amount : number or Series [currency]
        What is enforced.

    Returns
    -------
    float or Series [currency]

    Notes
    -----
    50 up to 10 000, then 1.5% to 500 000, 1% to 5 000 000, 0.5% to 10 000 000, 0.1% above.

    References
    ----------
    诉讼费用交纳办法, art. 14(1), 20, 38.

    Examples
    --------
    >>> enforcement_fee(100_000)
    1400.0
    """
    return shaped("enforcement_fee", "float64", lambda a: _by_scale(a, 10_000, 50, _ENFORCEMENT, Fraction(1)), a=amount)


def judgment_interest(amount: Any, days: Any) -> Any:
    """Doubled interest on judgment money that is paid late.

    Parameters
    ----------
    amount : number or Series [currency]
        Unpaid money of the judgment, without ordinary interest.
    days : number or Series [days]
        Days after the period for performing the judgment.

    Returns
    -------
    float or Series [currency]

    Notes
    -----
    amount × 0.0175% × days, rounded half up once.

    References
    ----------
    民事诉讼法 (2023) art. 264; 法释〔2014〕8号 art. 1.

    Examples
    --------
    >>> judgment_interest(100_000, 30)
    525.0
    """

    def compute(amount: pd.Series, days: pd.Series) -> Any:
        cents = to_cents(numbers(amount, "amount"))
        return from_cents(times_rate(cents * whole_days(days, "days"), _DOUBLED_DAILY))

    return shaped("judgment_interest", "float64", compute, amount=amount, days=days)


def limitation_date(start_date: Any) -> Any:
    """Last day on which a claim may still be brought with the full protection of the law.

    Parameters
    ----------
    start_date : date or Series
        The last instalment's due date, or the later day on which a demand reached the debtor or the debtor paid or
        promised to pay: each of these starts the clock anew.

    Returns
    -------
    Timestamp or Series of date

    Notes
    -----
    Three years; the first day is not counted and the period ends on the same day of the third year, on 28 February
    for 29 February. A last day that is a public holiday or a Sunday moves on: `collectkit.workdays.next_workday`.

    References
    ----------
    民法典 art. 188, 189 (instalments: from the last one), 195 (interruption), 200-203 (periods);
    法释〔2020〕17号 art. 8.

    Examples
    --------
    >>> limitation_date("2025-03-01")
    Timestamp('2028-03-01 00:00:00')
    """

    def compute(start: pd.Series) -> Any:
        days = dates_of(day_values(start, "start_date"))
        return pd.DatetimeIndex(days) + pd.DateOffset(years=LIMITATION_YEARS)

    return shaped("limitation_date", DATE_DTYPE, compute, start=calendar_date(start_date, "start_date"))


def _by_scale(amounts: pd.Series, first: int, flat: int, scale: Scale, part: Fraction) -> Any:
    """Flat fee up to `first`, then each slice at its own rate; the sum times `part` is rounded half up once."""
    values = numbers(amounts, "amount")
    if (values < 0).any():
        raise CallError(f"`amount` is negative: {listed(values[values < 0])}. Give what is sued for.")
    cents = to_cents(values)
    per_mille = np.where(cents > 0, np.int64(flat * 100_000), 0)  # thousandths of a cent: every rate is exact in them
    low = first * 100
    for end, rate in scale:
        high = 2**62 if end is None else end * 100
        slice_ = np.clip(np.minimum(cents, high) - low, 0, None)
        per_mille = per_mille + slice_ * int(Fraction(rate) * 1000)
        low = high
    return from_cents(times_rate(per_mille, part / 1000))
