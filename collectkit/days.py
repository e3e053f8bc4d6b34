"""Days: calendar dates as whole days, and month ends."""

from __future__ import annotations

import datetime as dt
import re

import numpy as np
import numpy.typing as npt
import pandas as pd

from collectkit._blocks import computed
from collectkit.errors import CallError

Date = str | dt.date | pd.Timestamp | np.datetime64
Days = npt.NDArray[np.int32]

#: First and last day a table may hold; with `money.MOST_CENTS` no product of balance and days can overflow.
FIRST_DAY = dt.date(1950, 1, 1)
LAST_DAY = dt.date(2150, 12, 31)
#: Day number that stands for "never": later than every date.
NEVER = np.int32(2**31 - 1)
#: All dates collectkit returns have this dtype.
DATE_DTYPE = "datetime64[us]"
_MICROSECONDS = 86_400_000_000  # of a day


def day_number(date: Date, name: str = "date") -> int:
    """Days since 1970-01-01 of one calendar date.

    Raises
    ------
    CallError
        Not a date, a missing date, a time within the day, a time zone, or outside 1950–2150.

    Examples
    --------
    >>> day_number("1970-01-31")
    30
    """
    try:
        stamp = pd.Timestamp(date) if _may_be_date(date) else pd.NaT
    except (ValueError, TypeError) as error:
        raise CallError(f'`{name}` is {date!r}, which is not a date. Write it as "2025-12-31".') from error
    if pd.isna(stamp):
        raise CallError(f'`{name}` is {date!r}, which is not a date. Write it as "2025-12-31".')
    if stamp.tz is not None or stamp != stamp.normalize():
        raise CallError(f"`{name}` is {date!r}. Give a calendar date without time of day or zone.")
    if not FIRST_DAY <= stamp.date() <= LAST_DAY:
        raise CallError(f"`{name}` is {date!r}. Dates from {FIRST_DAY} to {LAST_DAY} can be used.")
    return (stamp.date() - dt.date(1970, 1, 1)).days


def _may_be_date(date: object) -> bool:
    """False for numbers, and for text that is not year-month-day: 03/04/2025 has two readings."""
    if isinstance(date, str):
        return re.match(r"\d{4}-\d{2}-\d{2}(?!\d)", date) is not None
    return not isinstance(date, bool | int | float | np.number | np.bool_)


def day_numbers(dates: pd.Series, missing: int = int(NEVER)) -> Days:
    """Days since 1970-01-01 of a date column; `missing` where there is none.

    Examples
    --------
    >>> day_numbers(pd.Series(pd.to_datetime(["1970-01-31", None])), missing=-1).tolist()
    [30, -1]
    """
    values = dates.to_numpy(dtype=DATE_DTYPE)
    return computed(
        lambda part: np.where(np.isnat(part), missing, part.view(np.int64) // _MICROSECONDS), values, dtype=np.int32
    )


def dates_of(numbers: npt.ArrayLike) -> npt.NDArray[np.datetime64]:
    """Date column of day numbers; `NEVER` becomes a missing date.

    Examples
    --------
    >>> dates_of([30, NEVER]).astype("datetime64[D]").tolist()
    [datetime.date(1970, 1, 31), None]
    """
    values = np.asarray(numbers, dtype=np.int64)
    return np.where(values == NEVER, np.datetime64("NaT", "D"), values.astype("datetime64[D]")).astype(DATE_DTYPE)


def month_numbers(dates: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Months since January 1970 of dates; none may be missing.

    Examples
    --------
    >>> month_numbers(np.array(["1970-02-28", "1971-01-01"], "datetime64[D]")).tolist()
    [1, 12]
    """
    return np.asarray(dates).astype("datetime64[M]").astype(np.int64)


def month_starts(numbers: npt.ArrayLike) -> npt.NDArray[np.datetime64]:
    """First days of months since January 1970, as a date column.

    Examples
    --------
    >>> month_starts([1, 12]).astype("datetime64[D]").tolist()
    [datetime.date(1970, 2, 1), datetime.date(1971, 1, 1)]
    """
    return np.asarray(numbers, dtype=np.int64).astype("datetime64[M]").astype(DATE_DTYPE)


def checked_period(start: Date, end: Date) -> tuple[int, int]:
    """Day numbers of the first and last day of a period, both included.

    Raises
    ------
    CallError
        One is no date, or `start` is after `end`.

    Examples
    --------
    >>> checked_period("1970-01-02", "1970-01-31")
    (1, 30)
    """
    first, last = day_number(start, "start"), day_number(end, "end")
    if first > last:
        raise CallError(f"`start` {start} is after `end` {end}. Give the earlier date first.")
    return first, last


def month_ends(start: Date, end: Date) -> pd.DatetimeIndex:
    """Every month end from `start` to `end`, both included.

    Examples
    --------
    >>> [f"{d:%Y-%m-%d}" for d in month_ends("2025-01-31", "2025-03-31")]
    ['2025-01-31', '2025-02-28', '2025-03-31']
    """
    checked_period(start, end)
    return pd.date_range(start, end, freq="ME").as_unit("us")
