"""Dates and times as they are written in files, and Excel's serial dates."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from collectkit._column import NO_TEXT, NO_VALUE, NOTHING, TEXT, Read, as_mask, distinct_of, tidy_all, without_marks
from collectkit._numbers import EXACT_IN_EXCEL, times_scale
from collectkit.days import DATE_DTYPE
from collectkit.errors import CallError

FIRST_MOMENT = np.datetime64("0001-01-01", "us")
NAT = np.datetime64("NaT", "us")
_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}(?:\.\d{1,6})?))?"
_YEAR_FIRST = (
    *(
        rf"^(?P<year>\d{{4}}){mark}(?P<month>\d{{1,2}}){mark}(?P<day>\d{{1,2}})(?:[ T]+{_CLOCK})?$"
        for mark in ("-", "/", r"\.")
    ),
    rf"^(?P<year>\d{{4}})年(?P<month>\d{{1,2}})月(?P<day>\d{{1,2}})日(?: *{_CLOCK})?$",
    r"^(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?:(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2}))?$",
)
#: Excel's day 1 is 1900-01-01, and its day 60 is 1900-02-29, a day that never was.
_FALSE_LEAP_DAY, _LAST_SERIAL = 60, 2_958_465


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


def moments_in(text: Any, formats: Sequence[str]) -> Read:
    """Dates and times written in text."""
    plain = None if formats else _plain_moments(text)
    if plain is not None:
        return plain, np.zeros(len(text), dtype=bool)
    codes, words = distinct_of(text)
    values, bad = _moments_by_format(words, formats) if formats else _moments_by_year_first(words)
    return np.append(values, NAT)[codes], np.append(bad, False)[codes]


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
    written = pd.Series(without_marks(tidy_all(words), NO_VALUE).to_pylist(), dtype=TEXT)
    values, clash = np.full(len(written), NAT), np.zeros(len(written), dtype=bool)
    for text in formats:
        found = pd.to_datetime(written, format=text, errors="coerce")
        if re.search(r"%[YymdHMS]%", text):  # without marks between them 2025111 could be cut in two places
            found = found.where(found.dt.strftime(text) == written)
        moments = found.to_numpy().astype(DATE_DTYPE)
        clash |= ~np.isnat(values) & ~np.isnat(moments) & (values != moments)
        values = np.where(np.isnat(values), moments, values)
    values[clash] = NAT
    return values, np.isnat(values) & written.notna().to_numpy()


def _moments_by_year_first(words: Any) -> Read:
    """By the forms that begin with the year, or a serial date stored as text."""
    values, bad = np.full(len(words), NAT), np.zeros(len(words), dtype=bool)
    left = np.arange(len(words))
    for tidying in (False, True):  # tidying is slow and seldom needed
        for form in _YEAR_FIRST:
            here = words.take(pa.array(left))
            values[left] = _moments_of_fields(pc.extract_regex(tidy_all(here) if tidying else here, form))
            left = left[np.isnat(values[left])]
    rest = without_marks(tidy_all(words.take(pa.array(left))), NO_VALUE)
    is_serial = pc.match_substring_regex(rest, r"^[1-9][0-9]{4}(?:\.[0-9]+)?$")
    serials = pc.cast(pc.if_else(is_serial, rest, NO_TEXT), pa.float64()).to_numpy(zero_copy_only=False)
    values[left] = _moments_of_serials(serials)
    bad[left] = as_mask(rest.is_valid()) & np.isnat(values[left])
    return values, bad


def _moments_of_fields(found: Any) -> npt.NDArray[np.datetime64]:
    """Moments of the years, months, days and times cut out of text; missing where there is no such moment."""
    here = as_mask(found.is_valid())
    cut, values = found.filter(pa.array(here)), np.full(len(found), NAT)
    number = {}
    for name in ("year", "month", "day", "hour", "minute", "second"):
        digits = pc.struct_field(cut, name)
        digits = pc.if_else(pc.equal(digits, NOTHING), pa.scalar("0", pa.large_string()), digits)
        number[name] = pc.cast(digits, pa.float64()).to_numpy(zero_copy_only=False)
    values[here] = _moments_of_numbered(number)
    return values


def _moments_of_numbered(number: Mapping[str, Any]) -> npt.NDArray[np.datetime64]:
    """Moments of years, months, days, hours, minutes and seconds; missing where there is no such moment."""
    year, month, day = (number[name].astype(np.int64) for name in ("year", "month", "day"))
    hour, minute, second = number["hour"], number["minute"], number["second"]
    real = (year >= 1) & (year <= 9999) & (month >= 1) & (month <= 12) & (day >= 1)
    months = np.where(real, (year - 1970) * 12 + month - 1, 0).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + np.where(real, day - 1, 0).astype("timedelta64[D]")
    real &= days.astype("datetime64[M]") == months
    real &= (hour < 24) & (minute < 60) & (second < 60)
    clock = np.rint(((hour * 60 + minute) * 60 + second) * 1e6).astype("timedelta64[us]")
    return np.where(real, days.astype(DATE_DTYPE) + clock, NAT)


def moments_of_numbers(part: pd.Series, formats: Sequence[str]) -> Read:
    """Moments of number cells: by the formats if they fit, eight digits, or an Excel serial date."""
    found, bad = times_scale(part, Decimal(1))
    with np.errstate(invalid="ignore"):
        whole = (found == np.floor(found)) & (np.abs(found) < EXACT_IN_EXCEL)
    digits = np.where(whole, found, 0).astype(np.int64)
    values = np.full(len(part), NAT)
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
    return np.where(real, np.datetime64("1900-01-01", "us") + clock.astype("timedelta64[us]"), NAT)


def moments_of_dates(part: pd.Series) -> Read:
    """Moments of date cells; those with a zone are bad."""
    if part.dtype != object:
        return part.to_numpy().astype(DATE_DTYPE), np.zeros(len(part), dtype=bool)
    codes, distinct = pd.factorize(part.to_numpy(dtype=object))
    zoned = np.array([getattr(value, "tzinfo", None) is not None for value in distinct], dtype=bool)
    moments = [np.datetime64("NaT", "us") if bad else value for value, bad in zip(distinct, zoned, strict=True)]
    return np.array(moments, dtype=DATE_DTYPE)[codes], zoned[codes]
