"""Cells: what stands in one column of a foreign file, read as numbers, dates, flags, ids or text, and never guessed.

Every reader takes a column as it came out of a file (text from CSV; text, numbers, dates and flags mixed from Excel;
typed from Parquet or a database) and gives back the values and a mask `bad`: true where a cell holds something that
cannot be read. A bad cell is missing in the values; what to do about it is for the caller to say.

Notes
-----
The same everywhere: outer white space, zero-width characters and a byte order mark do not count; full-width digits
and signs are read as half-width; a cell that holds one of `MISSING_MARKS` is missing. Plain columns are read by Arrow
in one go, and only the cells that are left are looked at more closely.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import Decimal

import numpy as np
import pandas as pd

from collectkit._column import (
    MISSING_MARKS,
    NO_VALUE_WORDS,
    Bad,
    Kind,
    Reader,
    folded_marks,
    read_by_kind,
    series_like,
    text_of,
    tidy,
)
from collectkit._moments import (
    FIRST_MOMENT,
    NAT,
    checked_format,
    moments_in,
    moments_of_dates,
    moments_of_numbers,
)
from collectkit._numbers import checked_scale, numbers_in, rates_in, times_scale, without_noise
from collectkit._texts import (
    EXCEL_ERRORS,
    FALSE_WORDS,
    TRUE_WORDS,
    flags_in,
    flags_of_flags,
    flags_of_numbers,
    ids_in,
    read_text,
    texts_in,
    whole_ids,
    written_numbers,
)
from collectkit.days import DATE_DTYPE

__all__ = [
    "EXCEL_ERRORS", "FALSE_WORDS", "MISSING_MARKS", "NO_VALUE_WORDS", "TRUE_WORDS", "Bad", "checked_format", "dates",
    "flags", "ids", "numbers", "rates", "texts", "tidy", "times", "whole_numbers",
]  # fmt: skip


def numbers(
    cells: pd.Series, *, scale: str | int | Decimal = "1", decimals: int | None = None
) -> tuple[pd.Series, Bad]:
    """Numbers of a column, times an exact scale.

    Parameters
    ----------
    cells : Series
        Read as numbers: ``1234.5``, ``1,234.50``, ``（1,234.50）`` and ``1,234.50-`` (negative), ``¥1,234.50``,
        ``1.2e3``, ``１２３``.
    scale : str, int or Decimal, default "1"
        What one unit of the cells is worth: "10000" for 万元, "0.01" for cents.
    decimals : int, optional
        Forget the noise of binary floats beyond so many decimals; a true third decimal stays.

    Returns
    -------
    values : Series of float64
    bad : array of bool

    Raises
    ------
    CallError
        The scale is not a number above 0.

    Notes
    -----
    A comma (or a space or an apostrophe) is a thousands mark, and every group behind one has three digits; ``1.234,50``
    and ``12,34`` are bad. The scale is applied to the decimal digits: 0.1 万元 is 1000, not 1000.0000000000001.
    A unit behind the number (``12.5万元``) is read only if it agrees with the scale.

    Examples
    --------
    >>> values, bad = numbers(pd.Series(["（1,234.50）", "¥12", "１２３", "—", "1.234,50"]))
    >>> values.tolist(), bad.tolist()
    ([-1234.5, 12.0, 123.0, nan, nan], [False, False, False, False, True])
    >>> numbers(pd.Series(["0.1", "1.1万元"]), scale="10000")[0].tolist()
    [1000.0, 11000.0]
    """
    exact = checked_scale(scale)
    readers: dict[Kind, Reader] = {
        "text": lambda part: numbers_in(text_of(part), exact),
        "number": lambda part: times_scale(part, exact),
    }
    values, bad = read_by_kind(cells, readers, np.nan)
    if decimals is not None:
        values = without_noise(values, decimals)
    return series_like(values, cells), bad


def rates(cells: pd.Series, *, percent: bool = False) -> tuple[pd.Series, Bad]:
    """Rates of a column as fractions.

    Parameters
    ----------
    cells : Series
        Fractions (``0.18``); a sign wins over what the column says: ``18%``, ``18％`` and ``180‰`` are 0.18.
    percent : bool, default False
        True if the cells without a sign are percent.

    Returns
    -------
    values : Series of float64 [fraction]
    bad : array of bool

    Examples
    --------
    >>> rates(pd.Series(["0.18", "18%", "x"]))[0].tolist()
    [0.18, 0.18, nan]
    >>> rates(pd.Series([18.25, 7]), percent=True)[0].tolist()
    [0.1825, 0.07]
    """
    scale = Decimal("0.01") if percent else Decimal(1)
    readers: dict[Kind, Reader] = {
        "text": lambda part: rates_in(text_of(part), scale),
        "number": lambda part: times_scale(part, scale),
    }
    values, bad = read_by_kind(cells, readers, np.nan)
    return series_like(values, cells), bad


def whole_numbers(cells: pd.Series) -> tuple[pd.Series, Bad]:
    """Whole numbers of a column; ``3``, ``3.0`` and ``1,200`` are whole, ``3.5`` is bad.

    Returns
    -------
    values : Series of Int64 [count]
    bad : array of bool

    Examples
    --------
    >>> whole_numbers(pd.Series(["3", 4.0, "5.5", None]))[0].tolist()
    [3, 4, <NA>, <NA>]
    """
    if pd.api.types.is_integer_dtype(cells.dtype):
        return cells.astype("Int64"), np.zeros(len(cells), dtype=bool)
    found, bad = numbers(cells)
    values = found.to_numpy()
    missing = np.isnan(values)
    with np.errstate(invalid="ignore"):
        whole = (values == np.floor(values)) & (np.abs(values) <= 2**53)
    counts = np.where(whole, values, 0).astype(np.int64)
    answer = pd.Series(pd.arrays.IntegerArray(counts, ~whole), cells.index, name=cells.name)
    return answer, bad | ~(whole | missing)


def dates(cells: pd.Series, *, formats: Sequence[str] = (), day_only: bool = False) -> tuple[pd.Series, Bad]:
    """Calendar dates of a column.

    Parameters
    ----------
    cells : Series
        Dates, or text. Without `formats` text must begin with the year: ``2025-03-04``, ``2025/3/4``, ``2025.3.4``,
        ``2025年3月4日``, ``20250304``. A number is such eight digits or an Excel serial date of the 1900 system.
    formats : sequence of str, optional
        How the text is written, e.g. ``["%d/%m/%Y"]``; then no other text is read.
    day_only : bool, default False
        Keep the calendar day of cells that hold a time of day; else those are bad.

    Returns
    -------
    values : Series of datetime64[us]
    bad : array of bool

    Raises
    ------
    CallError
        A format does not name a day, or is not a format.

    Notes
    -----
    ``03/04/2025`` may be the third of April or the fourth of March, so it is bad without `formats`; so is a cell that
    two formats read differently. Times with a zone are bad. Excel's day 60, 1900-02-29, never was and is bad. Files in
    Excel's 1904 system show serial numbers 1462 days too low; that cannot be seen in a cell and is not guessed.

    Examples
    --------
    >>> values, bad = dates(pd.Series(["2025年3月4日", 45720.0, "03/04/2025", None]))
    >>> values.astype(str).tolist(), bad.tolist()
    (['2025-03-04', '2025-03-04', nan, nan], [False, False, True, False])
    >>> dates(pd.Series(["03/04/2025"]), formats=["%d/%m/%Y"])[0].astype(str).tolist()
    ['2025-04-03']
    """
    found, bad = times(cells, formats=formats)
    values = found.to_numpy()
    days = values.astype("datetime64[D]").astype(DATE_DTYPE)
    if day_only:
        return series_like(days, cells), bad
    timed = (values != days) & ~np.isnat(values)
    return (series_like(np.where(timed, NAT, values), cells) if timed.any() else found), bad | timed


def times(cells: pd.Series, *, formats: Sequence[str] = ()) -> tuple[pd.Series, Bad]:
    """Local times of a column: as `dates`, with a time of day where there is one.

    Parameters
    ----------
    cells : Series
        As for `dates`; also ``2025-03-04 14:30``, ``2025/3/4 14:30:05``, ``20250304143005``.
    formats : sequence of str, optional

    Returns
    -------
    values : Series of datetime64[us]
    bad : array of bool

    Notes
    -----
    The time of an Excel serial date is read to the millisecond. Times with a zone are bad: convert them first.

    Examples
    --------
    >>> times(pd.Series(["2025/3/4 14:30", 45720.5]))[0].astype(str).tolist()
    ['2025-03-04 14:30:00', '2025-03-04 12:00:00']
    """
    written = [checked_format(text) for text in formats]
    readers: dict[Kind, Reader] = {
        "text": lambda part: moments_in(text_of(part), written),
        "number": lambda part: moments_of_numbers(part, written),
        "date": moments_of_dates,
    }
    values, bad = read_by_kind(cells, readers, NAT)
    early = values < FIRST_MOMENT
    return series_like(np.where(early, NAT, values) if early.any() else values, cells), bad | early


def flags(cells: pd.Series) -> tuple[pd.Series, Bad]:
    """Yes or no of a column, by `TRUE_WORDS` and `FALSE_WORDS`; numbers other than 0 and 1 are bad.

    Returns
    -------
    values : Series of boolean
    bad : array of bool

    Examples
    --------
    >>> flags(pd.Series(["是", "N", 1, False, "maybe"]))[0].tolist()
    [True, False, True, False, <NA>]
    """
    readers: dict[Kind, Reader] = {"text": flags_in, "number": flags_of_numbers, "flag": flags_of_flags}
    values, bad = read_by_kind(cells, readers, np.int8(-1))
    return pd.Series(pd.arrays.BooleanArray(values == 1, values == -1), cells.index, name=cells.name), bad


def texts(cells: pd.Series, *, missing: Collection[str] = MISSING_MARKS) -> tuple[pd.Series, Bad]:
    """Text of a column as written, without outer white space.

    Parameters
    ----------
    cells : Series
        A whole number is written without decimals, a date as 2025-03-04, a flag as true or false.
    missing : collection of str
        Marks that mean an empty cell.

    Returns
    -------
    values : Series of str
    bad : array of bool
        Excel's errors, such as ``#REF!``.

    Examples
    --------
    >>> texts(pd.Series([" consumer ", "N/A", 12.0, "#REF!"]))[0].tolist()
    ['consumer', nan, '12', nan]
    """
    marks = folded_marks(missing)
    return read_text(cells, lambda part: texts_in(text_of(part), marks), written_numbers)


def ids(cells: pd.Series, *, missing: Collection[str] = MISSING_MARKS) -> tuple[pd.Series, Bad]:
    """Ids of a column: as `texts`, with full-width signs made half-width; leading zeros stay.

    Parameters
    ----------
    cells : Series
        A whole number is an id (123.0 is ``123``); a number from 10^15 on is bad, because Excel keeps 15 digits.
    missing : collection of str
        Marks that mean an empty cell.

    Returns
    -------
    values : Series of str
    bad : array of bool
        Also ids in scientific form: of ``1.23E+15`` the last digits are lost. Store the column as text in the source.

    Examples
    --------
    >>> values, bad = ids(pd.Series(["00123", 123.0, "Ｌ０１", "1.23E+15", 12.5]))
    >>> values.tolist(), bad.tolist()
    (['00123', '123', 'L01', nan, nan], [False, False, False, True, True])
    """
    marks = folded_marks(missing)
    return read_text(cells, lambda part: ids_in(text_of(part), marks), whole_ids)
