"""Money: integer cents inside, one rounding rule (half up), exact rates.

Outside, money is a two-decimal float column and a rate is a fraction. Inside, money is `int64` cents and a rate is
an exact `Fraction`, so no sum or product ever depends on the order of the work.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from collectkit._blocks import computed
from collectkit.errors import CallError

Cents = npt.NDArray[np.int64]
Rate = str | int | float | Decimal | Fraction

#: Most that one loan may owe or pay in all [cents]; with the days of `days.LAST_DAY` and a daily rate of at most 1
#: nothing overflows.
MOST_CENTS = 10**13
_INT64_LIMIT = 2**63 - 1


def is_exact(amounts: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """True where an amount is finite and has at most two decimals.

    Parameters
    ----------
    amounts : array of float [currency]

    Notes
    -----
    Binary floats carry noise (0.1 + 0.2); a millionth of a cent, or the float's own precision, is forgiven.

    Examples
    --------
    >>> is_exact([10.0, 0.1 + 0.2, 10.005, float("inf")]).tolist()
    [True, True, False, False]
    """
    scaled = np.asarray(amounts, dtype=np.float64) * 100
    with np.errstate(invalid="ignore"):
        if np.abs(scaled - np.rint(scaled)).max(initial=0) <= 1e-6:  # nearly always; false if anything is missing
            return np.ones(scaled.shape, dtype=bool)
        noise = 1e-6 + np.abs(scaled) * 2**-50
        return np.isfinite(scaled) & (np.abs(scaled - np.rint(scaled)) <= noise)


def to_cents(amounts: npt.ArrayLike) -> Cents:
    """Amounts in whole cents.

    Parameters
    ----------
    amounts : array of float [currency]
        Finite, at most two decimals, at most `MOST_CENTS`.

    Raises
    ------
    CallError
        An amount is not finite, has a fraction of a cent, or is too large to stay exact.

    Examples
    --------
    >>> to_cents([10.0, 0.29]).tolist()
    [1000, 29]
    """
    values = np.asarray(amounts, dtype=np.float64)
    bad = ~is_exact(values) | (np.abs(values) > MOST_CENTS / 100)
    if bad.any():
        raise CallError(
            f"{int(bad.sum()):,} of {values.size:,} amounts are not whole cents (first: {float(values[bad].flat[0])}). "
            f"Amounts have at most two decimals and are at most {MOST_CENTS // 100:,}."
        )
    return checked_cents(values)


def checked_cents(amounts: npt.ArrayLike) -> Cents:
    """Amounts in whole cents, for columns that passed the checks of a portfolio.

    Parameters
    ----------
    amounts : array of float [currency]

    Examples
    --------
    >>> checked_cents([10.0, 0.29]).tolist()
    [1000, 29]
    """
    values = np.asarray(amounts, dtype=np.float64)
    return computed(lambda part: np.rint(part * 100), values.reshape(-1), dtype=np.int64).reshape(values.shape)


def from_cents(cents: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Cents as a two-decimal float [currency].

    Examples
    --------
    >>> from_cents([1000, 29]).tolist()
    [10.0, 0.29]
    """
    return np.asarray(cents, dtype=np.int64) / 100


def exact_rate(rate: Rate) -> Fraction:
    """A rate as an exact fraction; a float is read to nine decimals.

    Raises
    ------
    CallError
        The rate is not a number, or negative.

    Examples
    --------
    >>> exact_rate("0.0005"), exact_rate(0.18)
    (Fraction(1, 2000), Fraction(9, 50))
    """
    try:
        if isinstance(rate, bool | np.bool_):
            raise TypeError
        if isinstance(rate, float | np.floating):
            exact = Fraction(round(Decimal(float(rate)) * 10**9), 10**9)
        else:
            exact = Fraction(rate)
    except (ValueError, TypeError, ArithmeticError, InvalidOperation) as error:
        raise CallError(f'{rate!r} is not a rate. Write a fraction such as "0.18" for 18%.') from error
    if exact < 0:
        raise CallError(f"The rate {rate!r} is negative. Rates are 0 or more.")
    return exact


def times_rate(cents: npt.ArrayLike, rate: Fraction) -> Cents:
    """Cents times an exact rate, rounded half up to the cent once.

    Parameters
    ----------
    cents : array of int [cents, or cents × days]
    rate : Fraction

    Notes
    -----
    The magnitude is rounded, so taking an amount back gives just what was given: f(-x) = -f(x).

    Examples
    --------
    >>> times_rate([1000, 999], Fraction(1, 2000)).tolist()
    [1, 0]
    """
    values = np.asarray(cents, dtype=np.int64)
    top, bottom = 2 * rate.numerator, 2 * rate.denominator
    largest = int(np.abs(values).max(initial=0))
    if largest * top + rate.denominator > _INT64_LIMIT or bottom > _INT64_LIMIT:
        return _times_rate_big(values, rate)
    rounded = (np.abs(values) * top + rate.denominator) // bottom
    return np.sign(values) * rounded


def _times_rate_big(values: Cents, rate: Fraction) -> Cents:
    """The same with Python's unbounded integers; refuses a result that is no longer an `int64`."""
    exact = [(2 * abs(int(v)) * rate.numerator + rate.denominator) // (2 * rate.denominator) for v in values.flat]
    if max(exact, default=0) > _INT64_LIMIT:
        raise CallError("An amount times its rate is too large to keep in cents. Check the amounts and the rate.")
    return np.sign(values) * np.array(exact, dtype=np.int64).reshape(values.shape)
