"""Working days in mainland China: weekends, public holidays, and the weekends worked in exchange."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from collectkit.days import DATE_DTYPE, dates_of
from collectkit.shapes import calendar_date, day_values, shaped

_SATURDAY = 5
_LONGEST_BREAK = 14  # days; more than any run of days off


def is_workday(date: Any) -> Any:
    """True on a working day.

    Parameters
    ----------
    date : date or Series of dates

    Returns
    -------
    bool or Series of bool

    Notes
    -----
    The State Council publishes the holidays of a year in the autumn before. For years that the package
    ``chinesecalendar`` does not know yet (and before 2004) only weekends are days off.

    References
    ----------
    全国年节及纪念日放假办法, and each year's 国务院办公厅关于部分节假日安排的通知.

    Examples
    --------
    >>> is_workday("2025-05-01"), is_workday("2025-04-27")  # Labour Day, and the Sunday worked for it
    (False, True)
    """
    return shaped(
        "is_workday",
        "boolean",
        lambda date: _worked(day_values(date, "date")),
        date=calendar_date(date, "date"),
    )


def is_public_holiday(date: Any) -> Any:
    """True on a day off that belongs to a public holiday; an ordinary weekend is none.

    Parameters
    ----------
    date : date or Series of dates

    Returns
    -------
    bool or Series of bool

    References
    ----------
    As `is_workday`; false in years that are not published yet.

    Examples
    --------
    >>> is_public_holiday("2025-05-01"), is_public_holiday("2025-05-10")
    (True, False)
    """
    return shaped(
        "is_public_holiday",
        "boolean",
        lambda date: _asked(day_values(date, "date"), _named_holiday),
        date=calendar_date(date, "date"),
    )


def next_workday(date: Any) -> Any:
    """The day itself if it is a working day, else the first one after it.

    Parameters
    ----------
    date : date or Series of dates

    Returns
    -------
    Timestamp or Series of dates

    Notes
    -----
    A period that ends on a day off ends on the first working day after it.

    References
    ----------
    民法典 art. 203.

    Examples
    --------
    >>> next_workday("2025-05-01")
    Timestamp('2025-05-06 00:00:00')
    """

    def compute(date: pd.Series) -> Any:
        days = day_values(date, "date")
        distinct, which = np.unique(days, return_inverse=True)
        run = distinct[:, None] + np.arange(_LONGEST_BREAK)
        first = _worked(run.ravel()).reshape(run.shape).argmax(axis=1)
        return dates_of((distinct + first)[which])

    return shaped("next_workday", DATE_DTYPE, compute, date=calendar_date(date, "date"))


def _worked(days: Any) -> Any:
    return _asked(days, _workday)


def _asked(days: Any, of_day: Callable[[dt.date], bool]) -> Any:
    """The answer for each day number; asked once per distinct day."""
    distinct, which = np.unique(days, return_inverse=True)
    found = [of_day(dt.date(1970, 1, 1) + dt.timedelta(number)) for number in distinct.tolist()]
    return np.array(found, dtype=bool)[which]


def _workday(day: dt.date) -> bool:
    from chinese_calendar import is_workday as published

    try:
        return bool(published(day))
    except NotImplementedError:
        return day.weekday() < _SATURDAY


def _named_holiday(day: dt.date) -> bool:
    from chinese_calendar import get_holiday_detail

    try:
        is_off, name = get_holiday_detail(day)
    except NotImplementedError:
        return False
    return bool(is_off and name is not None)
