"""Vintages: how the loans of one month of disbursement age."""

from __future__ import annotations

import numpy as np
import pandas as pd

from collectkit.days import month_numbers
from collectkit.errors import unknown_name
from collectkit.tracking.cubes import Array, Cube
from collectkit.tracking.definitions import defined, weighted
from collectkit.tracking.mix import ratio, threshold

_MEASURES = ("ever", "current")


def vintages(cube: Cube, *, days: int = 30, measure: str = "ever", weight: str = "count") -> pd.DataFrame:
    """Share of each month's loans that is, or ever was, more than some days past due, by months on book.

    Parameters
    ----------
    cube : Cube
        Not filtered by what changes during the life of a loan.
    days : int
        Threshold [days past due], one of ``cube.days``; day `days` itself is not past it.
    measure : {"ever", "current"}
        ``ever``: once past, a loan stays counted (running maximum over the dates). ``current``: past at the date.
    weight : {"count", "balance"}
        Loans ÷ loans disbursed, or money ÷ principal disbursed; the denominator is fixed. Money is the principal
        disbursed for ``ever``, the principal balance for ``current``.

    Returns
    -------
    DataFrame
        Index: vintage (first day of the month of disbursement); columns: months_on_book from 0 [fraction]. What was
        not observed is missing, so is ``ever`` of a vintage that began before the first date.

    Raises
    ------
    CallError
        Threshold, measure or weight unknown, or the cube was cut by what changes.

    Notes
    -----
    Months on book 0 is the month of disbursement. Of several dates in a month the last one counts. Only the dates of
    the cube are looked at: a loan late between two of them is not seen. ``current`` falls when loans are cured or
    leave.

    Examples
    --------
    >>> from collectkit.tracking import demo_cube
    >>> curves = vintages(demo_cube())
    >>> bool((curves.diff(axis=1).fillna(0) >= 0).all(axis=None))
    True
    """
    cube.needs_whole_lives("`vintages`")
    if measure not in _MEASURES:
        raise unknown_name("measure", measure, _MEASURES)
    weighted(weight)
    least = threshold(cube, days)
    cells, is_ever = cube.cells, measure == "ever"
    level, news = cells["level"].to_numpy(), cells["news"].to_numpy()
    if is_ever:
        late = (level >= least) & (news > 0) & (news <= least)  # the first date past it
    else:
        late = level >= least
    numerator = "loans" if weight == "count" else "principal" if is_ever else "principal_balance"
    denominator = "loans" if weight == "count" else "principal"
    counted = cube.total(numerator, "vintage", "as_of", only=late)
    whole = cube.total(denominator, "vintage", only=cube.is_state("state_before", "new"))
    rates = ratio(counted.cumsum(axis=1) if is_ever else counted, whole[:, None] * np.ones_like(counted))
    table = _by_age(rates, cube, is_ever=is_ever)
    texts = (*_TEXTS[measure], _DENOMINATORS[weight])
    return defined(table[whole > 0], *texts, weight=weight, days=days, measure=measure, kind="rate")


def _by_age(rates: Array, cube: Cube, *, is_ever: bool) -> pd.DataFrame:
    """Rates by vintage and date as rates by vintage and months on book."""
    month = month_numbers(cube.dates)
    last_of_month = np.append(month[1:] != month[:-1], True)
    opened = pd.DatetimeIndex(cube.cells["vintage"].cat.categories, name="vintage")
    first = month_numbers(opened)
    age = month[None, :] - first[:, None]
    seen = (age >= 0) & last_of_month & ((not is_ever) | (first >= month[0]))[:, None]
    table = np.full((len(first), int(max(age.max(initial=0), 0)) + 1), np.nan)
    rows, dates = np.nonzero(seen)
    table[rows, age[rows, dates]] = rates[rows, dates]
    return pd.DataFrame(table, opened, pd.RangeIndex(table.shape[1], name="months_on_book"))


_TEXTS = {
    "ever": (
        (
            "Loans that were past the threshold at this or an earlier date, by month of disbursement and months on "
            "book (month 0 is the month of disbursement).",
            "按放款月与账龄（放款当月为 0）：截至该日期曾超过逾期门槛的贷款（曾经口径）。",
        ),
    ),
    "current": (
        (
            "Loans past the threshold at the date, by month of disbursement and months on book (month 0 is the month "
            "of disbursement); the share falls when loans are cured or leave.",
            "按放款月与账龄（放款当月为 0）：该日期处于逾期门槛以上的贷款（时点口径）；贷款恢复或退出时下降。",
        ),
    ),
}
_DENOMINATORS = {
    "count": ("Denominator: all loans disbursed in the month, fixed.", "分母：当月放款全部笔数，固定不变。"),
    "balance": ("Denominator: all principal disbursed in the month, fixed.", "分母：当月放款全部本金，固定不变。"),
}
