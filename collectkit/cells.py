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

import datetime as dt
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
_CURRENCY = "CNY|RMB|USD|EUR|GBP|HKD|JPY|人民币|[¥$€£]"
_NUMBER = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?"
_GROUPED = r"[0-9]{1,3}(?:(?:,[0-9]{3})+|(?: [0-9]{3})+|(?:'[0-9]{3})+)(?:\.[0-9]*)?"
_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}(?:\.\d{1,6})?))?"
_YEAR_FIRST = (
    *(
        rf"^(?P<year>\d{{4}}){mark}(?P<month>\d{{1,2}}){mark}(?P<day>\d{{1,2}})(?:[ T]+{_CLOCK})?$"
        for mark in ("-", "/", r"\.")
    ),
    rf"^(?P<year>\d{{4}})年(?P<month>\d{{1,2}})月(?P<day>\d{{1,2}})日(?: *{_CLOCK})?$",
    r"^(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?:(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2}))?$",
)
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
_NO_TEXT, _NOTHING = pa.scalar(None, pa.large_string()), pa.scalar("", pa.large_string())
#: Full-width signs and digits, and the signs of no width, for ids.
_HALF_WIDTH = (
    {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " "} | dict.fromkeys(map(ord, _ZERO_WIDTH))
)


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
    exact = _scale(scale)
    readers: dict[Kind, Reader] = {
        "text": lambda part: _numbers_in(_text_of(part), exact),
        "number": lambda part: _times_scale(part, exact),
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
        "number": lambda part: _times_scale(part, scale),
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
        return pd.Series(pd.array(values, dtype=_TEXT), cells.index, name=cells.name), bad
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


def _distinct(text: Any) -> tuple[npt.NDArray[np.int64], Any]:
    """Code of every cell (-1 if missing) and the distinct texts as an Arrow array."""
    encoded = text.dictionary_encode()
    return encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False), encoded.dictionary


def _masked(mask: Any) -> Bad:
    """Arrow mask as an array; missing is false."""
    return mask.fill_null(False).to_numpy(zero_copy_only=False)


def _tidied(text: Any) -> Any:
    """`tidy` for an Arrow array."""
    return _trimmed(pc.utf8_normalize(text, form="NFKC"))


def _trimmed(text: Any) -> Any:
    """Arrow text without outer white space and signs of no width."""
    bare = pc.utf8_trim_whitespace(text)
    if pc.all(pc.string_is_ascii(bare)).as_py() is not False:
        return bare
    return pc.utf8_trim_whitespace(pc.utf8_trim(bare, characters=_ZERO_WIDTH))


def _without_marks(text: Any, marks: Collection[str]) -> Any:
    """Tidy text with missing marks made missing."""
    is_mark = pc.is_in(pc.utf8_lower(text), value_set=pa.array(sorted(marks), pa.large_string()))
    return pc.if_else(is_mark, _NO_TEXT, text)


# Numbers.


def _scale(scale: str | int | Decimal) -> Decimal:
    try:
        exact = Decimal(scale)
    except (InvalidOperation, TypeError, ValueError) as error:
        raise CallError(f'`scale` is {scale!r}, which is not a number. Write e.g. "10000".') from error
    if not exact.is_finite() or exact <= 0:
        raise CallError(f'`scale` is {scale}. Give a number above 0, e.g. "10000".')
    return exact


def _numbers_in(text: Any, scale: Decimal) -> Read:
    """Numbers written in text, times the scale: the plain ones at once."""
    if scale == 1:
        try:
            values = pc.cast(text, pa.float64()).to_numpy(zero_copy_only=False)
        except pa.ArrowInvalid:
            values = np.array([np.inf])
        if not np.isinf(values).any():
            return values, np.zeros(len(values), dtype=bool)
    plain = _masked(pc.match_substring_regex(text, f"^-?(?:{_NUMBER}|{_GROUPED})$"))
    values, bad = np.full(len(text), np.nan), np.zeros(len(text), dtype=bool)
    values[plain], bad[plain] = _times(_ungrouped(text.filter(pa.array(plain))), scale)
    odd = np.flatnonzero(~plain & _masked(text.is_valid()))
    if len(odd):
        tidied = pc.replace_substring(_without_marks(_tidied(text.take(pa.array(odd))), _NO_VALUE), "−", "-")
        values[odd], bad[odd] = _odd_numbers(tidied, scale)
    return values, bad


def _amount_form(scale: Decimal) -> str:
    """How an amount is written: sign, currency and brackets around the digits, a unit only if it agrees."""
    after = f"{_CURRENCY}|{_UNIT_WORDS[scale]}" if scale in _UNIT_WORDS else _CURRENCY
    return (
        rf"^(?:{_CURRENCY})?\s*(?P<open>\(?)\s*(?P<sign>[-+]?)\s*(?:{_CURRENCY})?\s*(?P<inner>[-+]?)"
        rf"(?P<digits>[0-9., ']*[0-9.](?:[eE][-+]?[0-9]+)?)\s*(?:{after})?\s*(?P<behind>-?)\s*(?P<close>\)?)$"
    )


def _odd_numbers(text: Any, scale: Decimal) -> Read:
    """Numbers with signs, currency, brackets and thousands marks, times the scale."""
    found = pc.extract_regex(text, _amount_form(scale))
    digits = pc.struct_field(found, "digits")
    sign = pc.struct_field(found, "sign")
    for name in ("inner", "behind", "open"):
        sign = pc.binary_join_element_wise(sign, pc.struct_field(found, name), _NOTHING)
    paired = pc.equal(pc.struct_field(found, "open"), pc.replace_substring(pc.struct_field(found, "close"), ")", "("))
    readable = _masked(found.is_valid()) & _masked(paired) & (_lengths(sign) <= 1)
    readable &= _masked(pc.match_substring_regex(digits, f"^(?:{_NUMBER}|{_GROUPED})$"))
    plain = _ungrouped(digits)
    values, bad = np.full(len(text), np.nan), _masked(text.is_valid()) & ~readable
    signs = _masked(pc.is_in(sign, value_set=pa.array(["-", "("], pa.large_string())))[readable]
    read, too_large = _times(plain.filter(pa.array(readable)), scale)
    values[readable], bad[readable] = np.where(signs, -read, read), too_large
    return values, bad


def _ungrouped(digits: Any) -> Any:
    """Digits without thousands marks."""
    for mark in ", '":
        digits = pc.replace_substring(digits, mark, "")
    return digits


def _lengths(text: Any) -> npt.NDArray[np.int64]:
    return pc.utf8_length(text).fill_null(0).to_numpy(zero_copy_only=False)


def _times(text: Any, scale: Decimal) -> Read:
    """Plain decimal text times the scale, rounded once; a result that is not finite is bad."""
    exponent = scale.adjusted()
    if scale != Decimal(1).scaleb(exponent):
        values = _times_exactly(text, scale)
    elif exponent == 0:
        values = pc.cast(text, pa.float64()).to_numpy(zero_copy_only=False)
    else:
        has_own = pc.match_substring_regex(text, "[eE]")
        shift = pa.scalar(f"e{exponent}", pa.large_string())
        shifted = pc.if_else(has_own, text, pc.binary_join_element_wise(text, shift, _NOTHING))
        values = pc.cast(shifted, pa.float64()).to_numpy(zero_copy_only=False).copy()
        values[_masked(has_own)] = _times_exactly(text.filter(has_own), scale)
    bad = np.isinf(values)
    return np.where(bad, np.nan, values), bad


def _times_exactly(text: Any, scale: Decimal) -> npt.NDArray[np.float64]:
    """The same through Python's decimals, for any scale and any way of writing."""
    codes, distinct = _distinct(text)
    return np.array([*(float(Decimal(number) * scale) for number in distinct.to_pylist()), np.nan])[codes]


def _times_scale(part: pd.Series, scale: Decimal) -> Read:
    """Number cells times the scale, by their shortest decimal form."""
    try:
        values = part.to_numpy(dtype=np.float64, na_value=np.nan)
    except (OverflowError, ValueError, ArithmeticError):  # a whole number of 400 digits, a signalling NaN
        values = np.array([_as_float(value) for value in part])
    infinite = np.isinf(values)
    if infinite.any():
        values = np.where(infinite, np.nan, values)
    if scale == 1:
        return values, infinite
    scaled, too_large = _times(pc.cast(pa.array(values, from_pandas=True), pa.large_string()), scale)
    return scaled, infinite | too_large


def _as_float(value: Any) -> float:
    try:
        return float(value)
    except (OverflowError, ValueError, ArithmeticError):
        return np.inf


def _without_noise(values: npt.NDArray[np.float64], decimals: int) -> npt.NDArray[np.float64]:
    """Numbers that are a float's width off a round one, rounded; as `money.is_exact` forgives."""
    scaled = values * 10**decimals
    noise = 1e-6 + np.abs(scaled) * 2**-50
    return np.where(np.abs(scaled - np.rint(scaled)) <= noise, np.rint(scaled) / 10**decimals, values)


def _rates_in(text: Any, scale: Decimal) -> Read:
    """Rates written in text: a percent or per mille sign wins over the scale."""
    has_sign = _masked(pc.match_substring_regex(text, "[%％‰]"))
    if not has_sign.any():
        return _numbers_in(text, scale)
    values, bad = np.full(len(text), np.nan), has_sign.copy()
    values[~has_sign], bad[~has_sign] = _numbers_in(text.filter(pa.array(~has_sign)), scale)
    here = np.flatnonzero(has_sign)
    signed = _tidied(text.take(pa.array(here)))
    for sign, worth in (("%", Decimal("0.01")), ("‰", Decimal("0.001"))):
        bare = pc.struct_field(pc.extract_regex(signed, rf"^(?P<rate>-?{_NUMBER})\s*{sign}$"), "rate")
        has = _lengths(bare) > 0
        values[here[has]], bad[here[has]] = _times(bare.filter(pa.array(has)), worth)
    return values, bad


# Dates and times.


def _moments_in(text: Any, formats: Sequence[str]) -> Read:
    """Dates and times written in text."""
    plain = None if formats else _plain_moments(text)
    if plain is not None:
        return plain, np.zeros(len(text), dtype=bool)
    codes, words = _distinct(text)
    values, bad = _moments_by_format(words, formats) if formats else _moments_by_year_first(words)
    return np.append(values, _NAT)[codes], np.append(bad, False)[codes]


def _plain_moments(text: Any) -> npt.NDArray[np.datetime64] | None:
    """Moments of a column written the same way throughout, which Arrow reads in one go; None if it is not."""
    if not pc.any(pc.match_substring(text, "-")).as_py():
        text = pc.replace_substring(text, "/", "-")
    for arrow_type in (pa.date32(), pa.timestamp("us")):
        try:
            return pc.cast(text, arrow_type).to_numpy(zero_copy_only=False).astype(DATE_DTYPE)
        except pa.ArrowInvalid:
            continue
    return None


def _moments_by_format(words: Any, formats: Sequence[str]) -> Read:
    """By the formats given; where two of them read different days, neither is taken."""
    written = pd.Series(_without_marks(_tidied(words), _NO_VALUE).to_pylist(), dtype=_TEXT)
    values, clash = np.full(len(written), _NAT), np.zeros(len(written), dtype=bool)
    for text in formats:
        found = pd.to_datetime(written, format=text, errors="coerce")
        if re.search(r"%[YymdHMS]%", text):  # without marks between them 2025111 could be cut in two places
            found = found.where(found.dt.strftime(text) == written)
        moments = found.to_numpy().astype(DATE_DTYPE)
        clash |= ~np.isnat(values) & ~np.isnat(moments) & (values != moments)
        values = np.where(np.isnat(values), moments, values)
    values[clash] = _NAT
    return values, np.isnat(values) & written.notna().to_numpy()


def _moments_by_year_first(words: Any) -> Read:
    """By the forms that begin with the year, or a serial date stored as text."""
    values, bad = np.full(len(words), _NAT), np.zeros(len(words), dtype=bool)
    left = np.arange(len(words))
    for tidying in (False, True):  # tidying is slow and seldom needed
        for form in _YEAR_FIRST:
            here = words.take(pa.array(left))
            values[left] = _moments_of_fields(pc.extract_regex(_tidied(here) if tidying else here, form))
            left = left[np.isnat(values[left])]
    rest = _without_marks(_tidied(words.take(pa.array(left))), _NO_VALUE)
    is_serial = pc.match_substring_regex(rest, r"^[1-9][0-9]{4}(?:\.[0-9]+)?$")
    serials = pc.cast(pc.if_else(is_serial, rest, _NO_TEXT), pa.float64()).to_numpy(zero_copy_only=False)
    values[left] = _moments_of_serials(serials)
    bad[left] = _masked(rest.is_valid()) & np.isnat(values[left])
    return values, bad


def _moments_of_fields(found: Any) -> npt.NDArray[np.datetime64]:
    """Moments of the years, months, days and times cut out of text; missing where there is no such moment."""
    here = _masked(found.is_valid())
    cut, values = found.filter(pa.array(here)), np.full(len(found), _NAT)
    number = {}
    for name in ("year", "month", "day", "hour", "minute", "second"):
        digits = pc.struct_field(cut, name)
        digits = pc.if_else(pc.equal(digits, _NOTHING), pa.scalar("0", pa.large_string()), digits)
        number[name] = pc.cast(digits, pa.float64()).to_numpy(zero_copy_only=False)
    values[here] = _moments_of_numbered(number)
    return values


def _moments_of_numbered(number: Mapping[str, Any]) -> npt.NDArray[np.datetime64]:
    """Moments of years, months, days, hours, minutes and seconds; missing where there is no such moment."""
    year, month, day = (number[name].astype(np.int64) for name in ("year", "month", "day"))
    hour, minute, second = number["hour"], number["minute"], number["second"]
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + (day - 1).astype("timedelta64[D]")
    real = (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1) & (days.astype("datetime64[M]") == months)
    real &= (hour < 24) & (minute < 60) & (second < 60)
    clock = np.rint(((hour * 60 + minute) * 60 + second) * 1e6).astype("timedelta64[us]")
    return np.where(real, days.astype(DATE_DTYPE) + clock, _NAT)


def _moments_of_numbers(part: pd.Series, formats: Sequence[str]) -> Read:
    """Moments of number cells: by the formats if they fit, eight digits, or an Excel serial date."""
    found, bad = _times_scale(part, Decimal(1))
    with np.errstate(invalid="ignore"):
        whole = (found == np.floor(found)) & (np.abs(found) < _EXACT_IN_EXCEL)
    digits = np.where(whole, found, 0).astype(np.int64)
    values = np.full(len(part), _NAT)
    if formats and whole.any():
        codes, distinct = pd.factorize(digits[whole])
        values[whole] = _moments_by_format(pa.array(distinct.astype(str), pa.large_string()), formats)[0][codes]
    of_digits: dict[str, Any] = dict.fromkeys(("hour", "minute", "second"), np.zeros(len(part)))
    of_digits |= {"year": digits // 1e4, "month": digits // 100 % 1e2, "day": digits % 1e2}
    eight = (digits >= 10_000_000) & (digits < 100_000_000) & (not formats)
    days = _moments_of_numbered(of_digits)
    values = np.where(eight & np.isnat(values), days, values)
    values = np.where(np.isnat(values), _moments_of_serials(found), values)
    return values, bad | (np.isnat(values) & ~np.isnan(found))


def _moments_of_serials(serials: npt.NDArray[np.float64]) -> npt.NDArray[np.datetime64]:
    """Excel serial dates of the 1900 system; missing where there is no such day."""
    with np.errstate(invalid="ignore"):
        real = (serials >= 1) & (serials < _LAST_SERIAL + 1) & (np.floor(serials) != _FALSE_LEAP_DAY)
    known = np.where(real, serials, 1)
    after = np.where(known > _FALSE_LEAP_DAY, known - 1, known)
    clock = np.rint((after - 1) * 86_400_000).astype("timedelta64[ms]")
    return np.where(real, np.datetime64("1900-01-01", "us") + clock.astype("timedelta64[us]"), _NAT)


def _moments_of_dates(part: pd.Series) -> Read:
    """Moments of date cells; those with a zone are bad."""
    if part.dtype != object:
        return part.to_numpy().astype(DATE_DTYPE), np.zeros(len(part), dtype=bool)
    codes, distinct = pd.factorize(part.to_numpy(dtype=object))
    zoned = np.array([getattr(value, "tzinfo", None) is not None for value in distinct], dtype=bool)
    moments = [np.datetime64("NaT") if bad else value for value, bad in zip(distinct, zoned, strict=True)]
    return np.array(moments, dtype=DATE_DTYPE)[codes], zoned[codes]


# Flags and text.


def _flags_in(part: pd.Series) -> Read:
    """1 for true, 0 for false, -1 for missing."""
    codes, words = _distinct(_text_of(part))
    meaning = {**dict.fromkeys(TRUE_WORDS, 1), **dict.fromkeys(FALSE_WORDS, 0)}
    plain = [tidy(word).casefold() for word in words.to_pylist()]
    values = np.array([*(meaning.get(word, -1) for word in plain), -1], dtype=np.int8)
    bad = np.array([*(word not in meaning and word not in _NO_VALUE for word in plain), False])
    return values[codes], bad[codes]


def _flags_of_numbers(part: pd.Series) -> Read:
    found, infinite = _times_scale(part, Decimal(1))
    values = np.where(found == 1, 1, np.where(found == 0, 0, -1)).astype(np.int8)
    return values, infinite | ((values < 0) & ~np.isnan(found))


def _flags_of_flags(part: pd.Series) -> Read:
    values = part.astype("boolean").astype("Int8").fillna(-1).to_numpy(dtype=np.int8)
    return values, np.zeros(len(part), dtype=bool)


def _texts_in(text: Any, marks: Collection[str]) -> Read:
    """Text without outer white space, marks and Excel's errors."""
    bare = _trimmed(text)
    short = np.flatnonzero(_masked(text.is_valid()) & (_lengths(bare) <= max(map(len, (*marks, *EXCEL_ERRORS)))))
    if len(short) == len(bare):  # ids are often short, and all different
        folded = pc.utf8_lower(bare if pc.all(pc.string_is_ascii(bare)).as_py() is not False else _tidied(bare))
    else:
        folded = pc.utf8_lower(_tidied(bare.take(pa.array(short))))
    gone, bad = np.zeros(len(bare), dtype=bool), np.zeros(len(bare), dtype=bool)
    gone[short] = _masked(pc.is_in(folded, value_set=pa.array(sorted(marks), pa.large_string())))
    bad[short] = _masked(pc.is_in(folded, value_set=pa.array(EXCEL_ERRORS, pa.large_string()))) & ~gone[short]
    if (gone | bad).any():
        bare = pc.if_else(pa.array(gone | bad), _NO_TEXT, bare)
    return bare, bad


def _ids_in(text: Any, marks: Collection[str]) -> Read:
    """Ids: text with half-width signs, none of them in scientific form."""
    if pc.all(pc.string_is_ascii(text)).as_py() is False:
        codes, words = _distinct(text)
        half = pa.array([*(word.translate(_HALF_WIDTH) for word in words.to_pylist()), None], pa.large_string())
        text = half.take(pa.array(np.where(codes < 0, len(words), codes)))
    values, bad = _texts_in(text, marks)
    if pc.any(pc.match_substring(values, "+")).as_py():
        scientific = _masked(pc.match_substring_regex(values, _SCIENTIFIC))
        values, bad = pc.if_else(pa.array(scientific), _NO_TEXT, values), bad | scientific
    return values, bad


def _whole_ids(part: pd.Series) -> Read:
    """Ids that are numbers."""
    found, bad = _times_scale(part, Decimal(1))
    with np.errstate(invalid="ignore"):
        whole = (found == np.floor(found)) & (np.abs(found) < _EXACT_IN_EXCEL)
    if pd.api.types.is_integer_dtype(part.dtype):  # typed whole numbers are exact
        return part.astype(_TEXT).astype(object).where(part.notna(), None).to_numpy(copy=True), bad
    values = np.full(len(part), None, dtype=object)
    values[whole] = found[whole].astype(np.int64).astype(str)
    return values, bad | (~whole & ~np.isnan(found))


def _written_numbers(part: pd.Series) -> Read:
    """Numbers as text: whole ones without decimals."""
    values, bad = _whole_ids(part)
    infinite = _times_scale(part, Decimal(1))[1]
    rest = bad & ~infinite
    values[rest] = [format(value, ".15g") if isinstance(value, float) else str(value) for value in part[rest]]
    return values, infinite


def _written_flags(part: pd.Series) -> Read:
    values = part.astype("boolean").map({True: "true", False: "false"}, na_action="ignore")
    return values.astype(object).where(part.notna(), None).to_numpy(), np.zeros(len(part), dtype=bool)


def _written_dates(part: pd.Series) -> Read:
    """Dates as 2025-03-04, times as 2025-03-04 14:30:05."""
    moments, bad = _moments_of_dates(part)
    written = np.datetime_as_string(moments).astype(object)
    values = [text.removesuffix(".000000").replace("T", " ").removesuffix(" 00:00:00") for text in written]
    return pd.Series(values, dtype=object).where(~np.isnat(moments), None).to_numpy(), bad
