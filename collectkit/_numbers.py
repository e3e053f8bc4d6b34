"""Numbers and rates as they are written in files, times an exact scale."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from collectkit._column import NO_VALUE, NOTHING, Read, as_mask, distinct_of, lengths, tidy_all, without_marks
from collectkit.errors import CallError

#: From here on a float does not hold every whole number, and Excel has put zeros for the last digits.
EXACT_IN_EXCEL = 10**15
#: Words for a unit of money that may stand behind an amount, by the scale they agree with.
_UNIT_WORDS = {Decimal(1): "元", Decimal(10_000): "万元|万", Decimal(10**8): "亿元|亿", Decimal("0.01"): "分"}
_CURRENCY = "CNY|RMB|USD|EUR|GBP|HKD|JPY|人民币|[¥$€£]"
_NUMBER = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?"
_GROUPED = r"[0-9]{1,3}(?:(?:,[0-9]{3})+|(?: [0-9]{3})+|(?:'[0-9]{3})+)(?:\.[0-9]*)?"


def checked_scale(scale: str | int | Decimal) -> Decimal:
    try:
        exact = Decimal(scale)
    except (InvalidOperation, TypeError, ValueError) as error:
        raise CallError(f'`scale` is {scale!r}, which is not a number. Write e.g. "10000".') from error
    if not exact.is_finite() or exact <= 0:
        raise CallError(f'`scale` is {scale}. Give a number above 0, e.g. "10000".')
    return exact


def numbers_in(text: Any, scale: Decimal) -> Read:
    """Numbers written in text, times the scale: the plain ones at once."""
    if scale == 1:
        try:
            values = pc.cast(text, pa.float64()).to_numpy(zero_copy_only=False)
        except pa.ArrowInvalid:
            values = np.array([np.inf])
        if not np.isinf(values).any():
            return values, np.zeros(len(values), dtype=bool)
    plain = as_mask(pc.match_substring_regex(text, f"^-?(?:{_NUMBER}|{_GROUPED})$"))
    values, bad = np.full(len(text), np.nan), np.zeros(len(text), dtype=bool)
    values[plain], bad[plain] = _times(_ungrouped(text.filter(pa.array(plain))), scale)
    odd = np.flatnonzero(~plain & as_mask(text.is_valid()))
    if len(odd):
        tidied = pc.replace_substring(without_marks(tidy_all(text.take(pa.array(odd))), NO_VALUE), "−", "-")
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
        sign = pc.binary_join_element_wise(sign, pc.struct_field(found, name), NOTHING)
    paired = pc.equal(pc.struct_field(found, "open"), pc.replace_substring(pc.struct_field(found, "close"), ")", "("))
    readable = as_mask(found.is_valid()) & as_mask(paired) & (lengths(sign) <= 1)
    readable &= as_mask(pc.match_substring_regex(digits, f"^(?:{_NUMBER}|{_GROUPED})$"))
    plain = _ungrouped(digits)
    values, bad = np.full(len(text), np.nan), as_mask(text.is_valid()) & ~readable
    signs = as_mask(pc.is_in(sign, value_set=pa.array(["-", "("], pa.large_string())))[readable]
    read, too_large = _times(plain.filter(pa.array(readable)), scale)
    values[readable], bad[readable] = np.where(signs, -read, read), too_large
    return values, bad


def _ungrouped(digits: Any) -> Any:
    """Digits without thousands marks."""
    for mark in ", '":
        digits = pc.replace_substring(digits, mark, "")
    return digits


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
        shifted = pc.if_else(has_own, text, pc.binary_join_element_wise(text, shift, NOTHING))
        values = pc.cast(shifted, pa.float64()).to_numpy(zero_copy_only=False).copy()
        values[as_mask(has_own)] = _times_exactly(text.filter(has_own), scale)
    bad = np.isinf(values)
    return np.where(bad, np.nan, values), bad


def _times_exactly(text: Any, scale: Decimal) -> npt.NDArray[np.float64]:
    """The same through Python's decimals, for any scale and any way of writing."""
    codes, distinct = distinct_of(text)
    return np.array([*(float(Decimal(number) * scale) for number in distinct.to_pylist()), np.nan])[codes]


def times_scale(part: pd.Series, scale: Decimal) -> Read:
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


def without_noise(values: npt.NDArray[np.float64], decimals: int) -> npt.NDArray[np.float64]:
    """Numbers that are a float's width off a round one, rounded; as `money.is_exact` forgives."""
    scaled = values * 10**decimals
    noise = 1e-6 + np.abs(scaled) * 2**-50
    return np.where(np.abs(scaled - np.rint(scaled)) <= noise, np.rint(scaled) / 10**decimals, values)


def rates_in(text: Any, scale: Decimal) -> Read:
    """Rates written in text: a percent or per mille sign wins over the scale."""
    has_sign = as_mask(pc.match_substring_regex(text, "[%％‰]"))
    if not has_sign.any():
        return numbers_in(text, scale)
    values, bad = np.full(len(text), np.nan), has_sign.copy()
    values[~has_sign], bad[~has_sign] = numbers_in(text.filter(pa.array(~has_sign)), scale)
    here = np.flatnonzero(has_sign)
    signed = tidy_all(text.take(pa.array(here)))
    for sign, worth in (("%", Decimal("0.01")), ("‰", Decimal("0.001"))):
        bare = pc.struct_field(pc.extract_regex(signed, rf"^(?P<rate>-?{_NUMBER})\s*{sign}$"), "rate")
        has = lengths(bare) > 0
        values[here[has]], bad[here[has]] = _times(bare.filter(pa.array(has)), worth)
    return values, bad
