"""One column of a foreign file, sorted out by what its cells hold; its text tidied, its marks for missing found."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping
from decimal import Decimal
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

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
NO_VALUE = frozenset({"", *MISSING_MARKS, *NO_VALUE_WORDS})
ZERO_WIDTH = "\ufeff\u200b\u200c\u200d\u2060"
TEXT = pd.StringDtype(na_value=np.nan)
NO_TEXT, NOTHING = pa.scalar(None, pa.large_string()), pa.scalar("", pa.large_string())


def tidy(text: str) -> str:
    """A text without outer white space, its full-width signs and digits made half-width.

    Examples
    --------
    >>> tidy("　贷款编号（１） ")
    '贷款编号(1)'
    """
    return unicodedata.normalize("NFKC", text).strip().strip(ZERO_WIDTH).strip()


def read_by_kind(cells: pd.Series, readers: Mapping[Kind, Reader], blank: Any) -> tuple[Any, Bad]:
    """Each kind of cell read by its reader; a kind without one is bad."""
    parts = list(parts_of(cells))
    if len(parts) == 1 and len(parts[0][2]) == len(cells) and parts[0][0] in readers:
        return readers[parts[0][0]](parts[0][2])
    values, bad = np.full(len(cells), blank), np.zeros(len(cells), dtype=bool)
    for kind, positions, part in parts:
        reader = readers.get(kind)
        if reader is None:
            bad[positions] = part.notna().to_numpy()
        else:
            values[positions], bad[positions] = reader(part)
    return values, bad


def parts_of(cells: pd.Series) -> Iterator[tuple[Kind, Any, pd.Series]]:
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


def series_like(values: Any, cells: pd.Series) -> pd.Series:
    return pd.Series(values, cells.index, name=cells.name)


def text_of(part: pd.Series) -> Any:
    """Arrow array of text cells; what cannot be written as UTF-8 is replaced."""
    try:
        return as_arrow(part)
    except UnicodeEncodeError:
        return pa.array([t.encode("utf-8", "replace").decode() for t in part], pa.large_string())


def folded_marks(marks: Collection[str]) -> frozenset[str]:
    return frozenset({"", *(tidy(mark).casefold() for mark in marks)})


def distinct_of(text: Any) -> tuple[npt.NDArray[np.int64], Any]:
    """Code of every cell (-1 if missing) and the distinct texts as an Arrow array."""
    encoded = text.dictionary_encode()
    return encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False), encoded.dictionary


def as_mask(mask: Any) -> Bad:
    """Arrow mask as an array; missing is false."""
    return mask.fill_null(False).to_numpy(zero_copy_only=False)


def is_plain(text: Any, words: Collection[str]) -> bool:
    """True if no cell can be one of the words, or have white space, signs beyond ASCII or nothing in it.

    Examples
    --------
    >>> is_plain(pa.array(["L1", "L2", None], pa.large_string()), {"n/a"})
    True
    >>> [is_plain(pa.array(cells, pa.large_string()), {"n/a"}) for cells in (["L 1"], ["Ｌ1"], [""], ["N/A"])]
    [False, False, False, False]
    """
    _, offsets, data = text.buffers()
    ends = np.frombuffer(offsets, np.int64)[text.offset : text.offset + len(text) + 1] if offsets else np.zeros(1)
    if ends[0] == ends[-1]:
        return False
    signs = np.frombuffer(data, np.uint8)[: ends[-1]]
    if signs[ends[0] :].min() <= ord(" ") or signs[ends[0] :].max() > ord("~"):
        return False
    is_empty = ends[1:] == ends[:-1]
    if is_empty.any() and (is_empty & as_mask(text.is_valid())).any():
        return False
    begins_word = np.zeros(256, dtype=bool)
    begins_word[[sign for word in words for sign in (word[:1] + word[:1].upper()).encode()]] = True
    return not begins_word[signs[ends[:-1].clip(max=len(signs) - 1)]].any()


def tidy_all(text: Any) -> Any:
    """`tidy` for an Arrow array."""
    return trimmed(pc.utf8_normalize(text, form="NFKC"))


def trimmed(text: Any) -> Any:
    """Arrow text without outer white space and signs of no width."""
    bare = pc.utf8_trim_whitespace(text)
    if pc.all(pc.string_is_ascii(bare)).as_py() is not False:
        return bare
    return pc.utf8_trim_whitespace(pc.utf8_trim(bare, characters=ZERO_WIDTH))


def without_marks(text: Any, marks: Collection[str]) -> Any:
    """Tidy text with missing marks made missing."""
    is_mark = pc.is_in(pc.utf8_lower(text), value_set=pa.array(sorted(marks), pa.large_string()))
    return pc.if_else(is_mark, NO_TEXT, text)


def lengths(text: Any) -> npt.NDArray[np.int64]:
    return pc.utf8_length(text).fill_null(0).to_numpy(zero_copy_only=False)
