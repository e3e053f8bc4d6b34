"""Flags, text and ids as they are written in files."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from collectkit._column import (
    NO_TEXT,
    NO_VALUE,
    TEXT,
    ZERO_WIDTH,
    Bad,
    Kind,
    Read,
    Reader,
    as_mask,
    distinct_of,
    is_plain,
    lengths,
    parts_of,
    read_by_kind,
    text_of,
    tidy,
    tidy_all,
    trimmed,
)
from collectkit._moments import moments_of_dates
from collectkit._numbers import EXACT_IN_EXCEL, times_scale

#: Words read as true and as false; upper and lower case are the same.
TRUE_WORDS = ("true", "t", "yes", "y", "1", "1.0", "是", "有", "真", "√")
FALSE_WORDS = ("false", "f", "no", "n", "0", "0.0", "否", "无", "假", "×")
#: What Excel shows for a formula that failed.
EXCEL_ERRORS = ("#div/0!", "#name?", "#null!", "#num!", "#ref!", "#value!", "#spill!", "#calc!")

#: An id that Excel has shown in scientific form; its last digits are lost.
_SCIENTIFIC = r"^[0-9](?:\.[0-9]+)?[eE]\+[0-9]+$"
#: Full-width signs and digits, and the signs of no width, for ids.
_HALF_WIDTH = (
    {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " "} | dict.fromkeys(map(ord, ZERO_WIDTH))
)


def read_text(cells: pd.Series, in_text: Reader, of_numbers: Reader) -> tuple[pd.Series, Bad]:
    """Text of a column, each kind of cell by its reader: a column of nothing but text stays in Arrow."""
    readers: dict[Kind, Reader] = {
        "text": in_text, "number": of_numbers, "flag": _written_flags, "date": _written_dates,
    }  # fmt: skip
    parts = list(parts_of(cells))
    if len(parts) == 1 and parts[0][0] == "text" and len(parts[0][2]) == len(cells):
        values, bad = in_text(parts[0][2])
        return pd.Series(pd.array(values, dtype=TEXT), cells.index, name=cells.name), bad
    values, bad = read_by_kind(cells, readers, None)
    return pd.Series(values, cells.index, dtype=TEXT, name=cells.name), bad


def flags_in(part: pd.Series) -> Read:
    """1 for true, 0 for false, -1 for missing."""
    codes, words = distinct_of(text_of(part))
    meaning = {**dict.fromkeys(TRUE_WORDS, 1), **dict.fromkeys(FALSE_WORDS, 0)}
    plain = [tidy(word).casefold() for word in words.to_pylist()]
    values = np.array([*(meaning.get(word, -1) for word in plain), -1], dtype=np.int8)
    bad = np.array([*(word not in meaning and word not in NO_VALUE for word in plain), False])
    return values[codes], bad[codes]


def flags_of_numbers(part: pd.Series) -> Read:
    found, infinite = times_scale(part, Decimal(1))
    values = np.where(found == 1, 1, np.where(found == 0, 0, -1)).astype(np.int8)
    return values, infinite | ((values < 0) & ~np.isnan(found))


def flags_of_flags(part: pd.Series) -> Read:
    values = part.astype("boolean").astype("Int8").fillna(-1).to_numpy(dtype=np.int8)
    return values, np.zeros(len(part), dtype=bool)


def texts_in(text: Any, marks: Collection[str]) -> Read:
    """Text without outer white space, marks and Excel's errors."""
    if is_plain(text, (*marks, *EXCEL_ERRORS)):
        return text, np.zeros(len(text), dtype=bool)
    bare = trimmed(text)
    short = np.flatnonzero(as_mask(text.is_valid()) & (lengths(bare) <= max(map(len, (*marks, *EXCEL_ERRORS)))))
    if len(short) == len(bare):  # ids are often short, and all different
        folded = pc.utf8_lower(bare if pc.all(pc.string_is_ascii(bare)).as_py() is not False else tidy_all(bare))
    else:
        folded = pc.utf8_lower(tidy_all(bare.take(pa.array(short))))
    gone, bad = np.zeros(len(bare), dtype=bool), np.zeros(len(bare), dtype=bool)
    gone[short] = as_mask(pc.is_in(folded, value_set=pa.array(sorted(marks), pa.large_string())))
    bad[short] = as_mask(pc.is_in(folded, value_set=pa.array(EXCEL_ERRORS, pa.large_string()))) & ~gone[short]
    if (gone | bad).any():
        bare = pc.if_else(pa.array(gone | bad), NO_TEXT, bare)
    return bare, bad


def ids_in(text: Any, marks: Collection[str]) -> Read:
    """Ids: text with half-width signs, none of them in scientific form."""
    if pc.all(pc.string_is_ascii(text)).as_py() is False:
        codes, words = distinct_of(text)
        half = pa.array([*(word.translate(_HALF_WIDTH) for word in words.to_pylist()), None], pa.large_string())
        text = half.take(pa.array(np.where(codes < 0, len(words), codes)))
    values, bad = texts_in(text, marks)
    if pc.any(pc.match_substring(values, "+")).as_py():
        scientific = as_mask(pc.match_substring_regex(values, _SCIENTIFIC))
        values, bad = pc.if_else(pa.array(scientific), NO_TEXT, values), bad | scientific
    return values, bad


def whole_ids(part: pd.Series) -> Read:
    """Ids that are numbers."""
    found, bad = times_scale(part, Decimal(1))
    with np.errstate(invalid="ignore"):
        whole = (found == np.floor(found)) & (np.abs(found) < EXACT_IN_EXCEL)
    if pd.api.types.is_integer_dtype(part.dtype):  # typed whole numbers are exact
        return part.astype(TEXT).astype(object).where(part.notna(), None).to_numpy(copy=True), bad
    values = np.full(len(part), None, dtype=object)
    values[whole] = found[whole].astype(np.int64).astype(str)
    return values, bad | (~whole & ~np.isnan(found))


def written_numbers(part: pd.Series) -> Read:
    """Numbers as text: whole ones without decimals."""
    values, bad = whole_ids(part)
    infinite = times_scale(part, Decimal(1))[1]
    rest = bad & ~infinite
    values[rest] = [format(value, ".15g") if isinstance(value, float) else str(value) for value in part[rest]]
    return values, infinite


def _written_flags(part: pd.Series) -> Read:
    values = part.astype("boolean").map({True: "true", False: "false"}, na_action="ignore")
    return values.astype(object).where(part.notna(), None).to_numpy(), np.zeros(len(part), dtype=bool)


def _written_dates(part: pd.Series) -> Read:
    """Dates as 2025-03-04, times as 2025-03-04 14:30:05."""
    moments, bad = moments_of_dates(part)
    written = np.datetime_as_string(moments).astype(object)
    values = [text.removesuffix(".000000").replace("T", " ").removesuffix(" 00:00:00") for text in written]
    return pd.Series(values, dtype=object).where(~np.isnat(moments), None).to_numpy(), bad
