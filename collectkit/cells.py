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

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from collectkit.days import DATE_DTYPE
from collectkit.errors import CallError
from collectkit.ids import as_arrow

Bad = npt.NDArray[np.bool_]
Kind = Literal["text", "number", "flag", "date", "other"]
#: Values and bad mask of the cells of one kind.
Read = tuple[Any, Bad]
Reader = Callable[[pd.Series], Read]

#: A cell that holds one of these is missing, in any column; upper and lower case are the same.
MISSING_MARKS = (
    "-", "--", "—", "——", "–", "n/a", "#n/a", "null", "(null)", "nan", "nat", "<na>", "\\n", "(空)",
)  # fmt: skip
#: These are missing too where a number, a date or a flag is meant; in text they may be a word.
NO_VALUE_WORDS = ("na", "none", "nil", "无", "空", "暂无", "不适用", "/")
#: Words read as true and as false; upper and lower case are the same.
TRUE_WORDS = ("true", "t", "yes", "y", "1", "1.0", "是", "有", "真", "√")
FALSE_WORDS = ("false", "f", "no", "n", "0", "0.0", "否", "无", "假", "×")
#: What Excel shows for a formula that failed.
EXCEL_ERRORS = ("#div/0!", "#name?", "#null!", "#num!", "#ref!", "#value!", "#spill!", "#calc!")

_MARKS = frozenset({"", *MISSING_MARKS})
_NO_VALUE = _MARKS | set(NO_VALUE_WORDS)
#: Words for a unit of money that may stand behind an amount, by the scale they agree with.
_UNIT_WORDS = {Decimal(1): "元", Decimal(10_000): "万元|万", Decimal(10**8): "亿元|亿", Decimal("0.01"): "分"}
_CURRENCY = r"(?:CNY|RMB|USD|EUR|GBP|HKD|JPY|人民币|[¥$€£])"
_NUMBER = r"^-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?$"
_GROUPED = r"^-?[0-9]{1,3}(?:(?:,[0-9]{3})+|(?: [0-9]{3})+|(?:'[0-9]{3})+)(?:\.[0-9]*)?$"
_DAY = r"^(?P<year>\d{4})(?P<a>[-/.年])(?P<month>\d{1,2})(?P<b>[-/.月])(?P<day>\d{1,2})(?P<c>日?)"
_CLOCK = r"(?:[ T]*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}(?:\.\d{1,6})?))?)?$"
_DIGITS = r"^(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?:(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2}))?$"
#: An id that Excel has shown in scientific form; its last digits are lost.
_SCIENTIFIC = r"^[0-9](?:\.[0-9]+)?[eE]\+[0-9]+$"
#: From here on a float does not hold every whole number, and Excel has put zeros for the last digits.
_EXACT_IN_EXCEL = 10**15
#: Excel's day 1 is 1900-01-01, and its day 60 is 1900-02-29, a day that never was.
_FALSE_LEAP_DAY, _LAST_SERIAL = 60, 2_958_465
_FIRST_MOMENT = np.datetime64("0001-01-01", "us")
_ZERO_WIDTH = "\ufeff\u200b\u200c\u200d\u2060"
_NAT = np.datetime64("NaT", "us")
_TEXT = pd.StringDtype(na_value=np.nan)


def numbers(cells: pd.Series, *, scale: str | int | Decimal = "1", decimals: int | None = None) -> tuple[pd.Series, Bad]:
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
    exact = _scale(scale)
    units = _UNIT_WORDS.get(exact.normalize())
    pattern = rf"^({_CURRENCY})?(.*?)({_CURRENCY}{'|' + units if units else ''})?$"
    readers: dict[Kind, Reader] = {
        "text": lambda part: _numbers_in(_text_of(part), exact, pattern),
        "number": lambda part: _scaled_numbers(part, exact, pattern),
    }
    values, bad = _read(cells, readers, np.nan)
    if decimals is not None:
        values = _without_noise(values, decimals)
    return _series(values, cells), bad


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
        "text": lambda part: _rates_in(_text_of(part), scale),
        "number": lambda part: _scaled_numbers(part, scale, "^()(.*)()$"),
    }
    values, bad = _read(cells, readers, np.nan)
    return _series(values, cells), bad


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
        return _series(days, cells), bad
    timed = (values != days) & ~np.isnat(values)
    return (_series(np.where(timed, _NAT, values), cells) if timed.any() else found), bad | timed


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
        "text": lambda part: _moments_in(_text_of(part), written),
        "number": lambda part: _moments_of_numbers(part, written),
        "date": _moments_of_dates,
    }
    values, bad = _read(cells, readers, _NAT)
    early = values < _FIRST_MOMENT
    return _series(np.where(early, _NAT, values) if early.any() else values, cells), bad | early


def checked_format(text: str) -> str:
    """The format of a date if it names a year, a month and a day and no zone.

    Raises
    ------
    CallError
        It does not.

    Examples
    --------
    >>> checked_format("%d/%m/%Y")
    '%d/%m/%Y'
    """
    parts = set(re.findall("%.", text.replace("%%", "")))
    if not (parts & {"%Y", "%y"} and parts & {"%m", "%b", "%B"} and "%d" in parts) or parts & {"%z", "%Z"}:
        raise CallError(
            f'{text!r} is not the format of a date. Name year, month and day and no time zone, e.g. "%d/%m/%Y".'
        )
    try:
        pd.to_datetime(pd.Series(["x"]), format=text, errors="coerce")
    except (ValueError, re.error) as error:
        raise CallError(f'{text!r} is not the format of a date: {error}. Write e.g. "%d/%m/%Y".') from error
    return text


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
    readers: dict[Kind, Reader] = {"text": _flags_in, "number": _flags_of_numbers, "flag": _flags_of_flags}
    values, bad = _read(cells, readers, np.int8(-1))
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
    marks = _folded(missing)
    return _read_text(cells, lambda part: _texts_in(_text_of(part), marks), _written_numbers)


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
    marks = _folded(missing)
    return _read_text(cells, lambda part: _ids_in(_text_of(part), marks), _whole_ids)


def tidy(text: str) -> str:
    """A text without outer white space, its full-width signs and digits made half-width.

    Examples
    --------
    >>> tidy("　贷款编号（１） ")
    '贷款编号(1)'
    """
    return unicodedata.normalize("NFKC", text).strip().strip(_ZERO_WIDTH).strip()


# One column, sorted out by what its cells hold.


def _read(cells: pd.Series, readers: Mapping[Kind, Reader], blank: Any) -> tuple[Any, Bad]:
    """Each kind of cell read by its reader; a kind without one is bad."""
    values, bad = np.full(len(cells), blank), np.zeros(len(cells), dtype=bool)
    for kind, positions, part in _parts(cells):
        reader = readers.get(kind)
        if reader is None:
            bad[positions] = part.notna().to_numpy()
        else:
            values[positions], bad[positions] = reader(part)
    return values, bad


def _read_text(cells: pd.Series, in_text: Reader, of_numbers: Reader) -> tuple[pd.Series, Bad]:
    """The same for text: a column of nothing but text stays in Arrow."""
    readers: dict[Kind, Reader] = {
        "text": in_text, "number": of_numbers, "flag": _written_flags, "date": _written_dates,
    }  # fmt: skip
    parts = list(_parts(cells))
    if len(parts) == 1 and parts[0][0] == "text" and len(parts[0][2]) == len(cells):
        values, bad = in_text(parts[0][2])
        return pd.Series(pd.arrays.ArrowStringArray(values, dtype=_TEXT), cells.index, name=cells.name), bad
    values, bad = _read(cells, readers, None)
    return pd.Series(values, cells.index, dtype=_TEXT, name=cells.name), bad


def _parts(cells: pd.Series) -> Iterator[tuple[Kind, Any, pd.Series]]:
    """Kind, positions and cells of every kind there is; a typed column is one part, missing cells included."""
    dtype = cells.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        cells = cells.astype(dtype.categories.dtype if dtype.categories.dtype.kind not in "iub" else object)
    elif isinstance(dtype, pd.ArrowDtype):
        cells = cells.astype(object)
    kind = _kind_of_dtype(cells.dtype)
    if kind is not None:
        yield kind, slice(None), cells
        return
    values = cells.to_numpy(dtype=object)
    filled = np.flatnonzero(cells.notna().to_numpy())
    types = [type(value) for value in values[filled]]
    kinds = {kind_of: _kind_of_type(kind_of) for kind_of in set(types)}
    for kind in sorted(set(kinds.values())):
        here = filled
        if len(set(kinds.values())) > 1:
            here = filled[np.fromiter((kinds[kind_of] == kind for kind_of in types), bool, len(types))]
        yield kind, here, pd.Series(values[here], dtype=object)


def _kind_of_dtype(dtype: Any) -> Kind | None:
    """Kind of all cells of a typed column; None if each cell has to be asked."""
    types = pd.api.types
    if types.is_object_dtype(dtype):
        return None
    if types.is_bool_dtype(dtype):
        return "flag"
    if types.is_numeric_dtype(dtype) and not types.is_complex_dtype(dtype):
        return "number"
    if types.is_string_dtype(dtype):
        return "text"
    return "date" if types.is_datetime64_dtype(dtype) else "other"


def _kind_of_type(kind_of: type) -> Kind:
    """Kind of a cell by its Python type."""
    import datetime as dt

    if issubclass(kind_of, str):
        return "text"
    if issubclass(kind_of, bool | np.bool_):
        return "flag"
    if issubclass(kind_of, int | float | Decimal | np.integer | np.floating):
        return "number"
    return "date" if issubclass(kind_of, dt.date | np.datetime64) else "other"


def _series(values: Any, cells: pd.Series) -> pd.Series:
    return pd.Series(values, cells.index, name=cells.name)


def _text_of(part: pd.Series) -> Any:
    """Arrow array of text cells; what cannot be written as UTF-8 is replaced."""
    try:
        return as_arrow(part)
    except UnicodeEncodeError:
        return pa.array([t.encode("utf-8", "replace").decode() for t in part], pa.large_string())


def _folded(marks: Collection[str]) -> frozenset[str]:
    return frozenset({"", *(tidy(mark).casefold() for mark in marks)})


def _distinct(text: Any) -> tuple[npt.NDArray[np.int64], list[str]]:
    """Code of every cell (-1 if missing) and the distinct texts."""
    encoded = text.dictionary_encode()
    return encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False), encoded.dictionary.to_pylist()


def _masked(mask: Any) -> Bad:
    """Arrow mask as an array; missing is false."""
    return mask.fill_null(False).to_numpy(zero_copy_only=False)


def _tidied(text: Any) -> Any:
    """`tidy` for an Arrow array."""
    zero_width = f"^[{_ZERO_WIDTH}]+|[{_ZERO_WIDTH}]+$"
    bare = pc.replace_substring_regex(pc.utf8_normalize(text, form="NFKC"), zero_width, "")
    return pc.utf8_trim_whitespace(bare)


def _without_marks(text: Any, marks: Collection[str]) -> Any:
    """Tidy text with missing marks made missing."""
    is_mark = pc.is_in(pc.utf8_lower(text), value_set=pa.array(sorted(marks), pa.large_string()))
    return pc.if_else(is_mark, pa.scalar(None, pa.large_string()), text)


# Numbers.


def _scale(scale: str | int | Decimal) -> Decimal:
    try:
        exact = Decimal(scale)
    except (InvalidOperation, TypeError, ValueError) as error:
        raise CallError(f'`scale` is {scale!r}, which is not a number. Write e.g. "10000".') from error
    if not exact.is_finite() or exact <= 0:
        raise CallError(f'`scale` is {scale}. Give a number above 0, e.g. "10000".')
    return exact


def _numbers_in(text: Any, scale: Decimal, pattern: str) -> Read:
    """Numbers written in text, times the scale."""
    if scale == 1:
        try:
            values = pc.cast(text, pa.float64()).to_numpy(zero_copy_only=False)
            if not np.isinf(values).any():
                return values, np.zeros(len(values), dtype=bool)
        except pa.ArrowInvalid:
            pass
    plain = _masked(pc.match_substring_regex(text, _NUMBER))
    odd = np.flatnonzero(~plain & _masked(text.is_valid()))
    if not len(odd):
        return _times(text, scale)
    tidied = _without_marks(_tidied(text.take(odd)), _NO_VALUE)
    written = _bare(tidied, pattern)
    values, bad = np.full(len(text), np.nan), np.zeros(len(text), dtype=bool)
    values[plain], bad[plain] = _times(text.filter(pa.array(plain)), scale)
    values[odd], bad[odd] = _times(written, scale)
    bad[odd] |= _masked(tidied.is_valid()) & ~_masked(written.is_valid())
    return values, bad


def _bare(text: Any, pattern: str) -> Any:
    """Tidy amounts as plain decimal text: without currency, brackets and thousands marks; missing if unreadable."""
    text = pc.replace_substring_regex(pc.replace_substring(text, "−", "-"), r"^([-+(]?)\s*([-+(]?)", r"\1\2")
    text = pc.replace_substring_regex(text, r"^([-+(])(.*)$", r"\2 \1")  # the sign last, the currency first
    sign = pc.replace_substring_regex(text, r"^.* ([-+(])$", r"\1")
    sign = pc.if_else(pc.is_in(sign, value_set=pa.array(["-", "+", "("], pa.large_string())), sign, "")
    return text, sign, pattern


def _times(text: Any, scale: Decimal) -> Read:
    """Plain decimal text times the scale, rounded once; a result that is not finite is bad."""
    exponent = scale.adjusted()
    if scale != Decimal(1).scaleb(exponent):
        values = _times_exactly(text, scale)
    elif exponent == 0:
        values = pc.cast(text, pa.float64()).to_numpy(zero_copy_only=False)
    else:
        has_own = _masked(pc.match_substring_regex(text, "[eE]"))
        shift, nothing = pa.scalar(f"e{exponent}", pa.large_string()), pa.scalar("", pa.large_string())
        shifted = pc.if_else(pa.array(has_own), text, pc.binary_join_element_wise(text, shift, nothing))
        values = pc.cast(shifted, pa.float64()).to_numpy(zero_copy_only=False)
        if has_own.any():
            values = values.copy()
            values[has_own] = _times_exactly(text.filter(pa.array(has_own)), scale)
    bad = np.isinf(values)
    return np.where(bad, np.nan, values), bad
