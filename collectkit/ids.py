"""Ids: which row of one table another table's row belongs to, fast for millions of text ids."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from collectkit._blocks import BLOCK, by_blocks, together

#: 2**64 divided by the golden ratio: its multiples lie apart (Knuth, The Art of Computer Programming 3, 6.4).
_MIX = np.uint64(0x9E3779B97F4A7C15)
Positions = npt.NDArray[np.int64]
#: Takes Arrow text, gives positions; None if it cannot find text like this.
Finder = Callable[[Any], Positions | None]


def positions(ids: pd.Series, among: pd.Series) -> Positions:
    """Position of each id in `among` (its first, if it repeats); -1 where it is not there or missing.

    Notes
    -----
    Ids of one width, such as L000001, are numbers whose every digit has its own few signs: they are found in a table
    by that number. Others are looked up as text; where a table keeps the rows of a loan together, only the first id
    of each run of equal ids is.

    Examples
    --------
    >>> positions(pd.Series(["B", "B", "A", "C"]), pd.Series(["A", "B"])).tolist()
    [1, 1, 0, -1]
    """
    known = as_arrow(among)
    by_number = _finder_by_number(known)
    found = by_number and _found(_chunks(ids), by_number, BLOCK)
    if found is None:
        share = max(BLOCK, -(-len(ids) // (os.cpu_count() or 1)))  # each look-up prepares all that is known
        found = _found([as_arrow(ids)], lambda piece: _looked_up(piece, known), share)
    return found if found is not None else np.empty(0, dtype=np.int64)


def those_among(ids: pd.Series, few: pd.Series) -> pd.Series:
    """The ids that are also among a few others, in order.

    Notes
    -----
    Most of the ids are told apart from the few by a sieve, which costs less than to look them up.

    Examples
    --------
    >>> those_among(pd.Series(["B", "A", "B"]), pd.Series(["C", "B"])).tolist()
    ['B', 'B']
    """
    wanted = as_arrow(few)
    sieve = _sieve(wanted)
    pieces = [chunk.slice(begin, BLOCK) for chunk in _chunks(ids) for begin in range(0, len(chunk), BLOCK)]
    values = pa.chunked_array(together(sieve, pieces) if sieve else pieces, pa.large_string())
    return pd.Series(values.filter(pc.is_in(values, value_set=wanted)), dtype="str")


def are_different(ids: pd.Series) -> bool:
    """True if no id repeats; missing ones do not count.

    Examples
    --------
    >>> are_different(pd.Series(["B", "A", None, None])), are_different(pd.Series(["B", "A", "B"]))
    (True, False)
    """
    if is_ascending(ids):
        return True
    by_number = _finder_by_number(as_arrow(ids))
    found = by_number and _found(_chunks(ids), by_number, BLOCK)
    if found is None:
        return not ids.dropna().duplicated().any()
    return bool((found == np.arange(len(found))).all())


def is_ascending(ids: pd.Series) -> bool:
    """True if every id comes after the one before it, so that none repeats.

    Examples
    --------
    >>> is_ascending(pd.Series(["A", "B"])), is_ascending(pd.Series(["A", "A"]))
    (True, False)
    """
    values = pa.chunked_array(_chunks(ids), pa.large_string())

    def ascends(rows: slice) -> Any:
        first = max(rows.start - 1, 0)
        before, here = values.slice(first, rows.stop - 1 - first), values.slice(first + 1, rows.stop - 1 - first)
        return pc.all(pc.less(before, here), skip_nulls=False).as_py()

    return all(by_blocks(ascends, len(values)))


def as_arrow(ids: pd.Series) -> Any:
    """A text column as one Arrow array."""
    chunks = _chunks(ids)
    return chunks[0] if len(chunks) == 1 else pa.chunked_array(chunks, pa.large_string()).combine_chunks()


def _chunks(ids: pd.Series) -> list[Any]:
    """A text column as Arrow arrays, as they lie in memory."""
    text = ids.astype(str) if isinstance(ids.dtype, pd.CategoricalDtype) else ids
    array = pa.array(text, from_pandas=True).cast(pa.large_string())
    return list(array.chunks) if isinstance(array, pa.ChunkedArray) else [array]


def _found(chunks: list[Any], find: Finder, most: int) -> Positions | None:
    """What a finder finds, asked for so many ids at a time; None if it cannot tell for some of them."""
    ends = np.cumsum([0, *map(len, chunks)])
    pieces = [
        (ends[at] + begin, chunk.slice(begin, most))
        for at, chunk in enumerate(chunks)
        for begin in range(0, len(chunk), most)
    ]
    found = np.empty(ends[-1], dtype=np.int64)

    def fill(piece: tuple[int, Any]) -> bool:
        begin, text = piece
        here = find(text)
        if here is not None:
            found[begin : begin + len(text)] = here
        return here is not None

    return found if all(together(fill, pieces)) else None


def _finder_by_number(known: Any) -> Finder | None:
    """Finds ids of one width; None if the known ones have several, or are few among all their numbers could be."""
    signs = _signs(known)
    if signs is None:
        return None
    low, high = _by_place(np.minimum, signs), _by_place(np.maximum, signs)
    spans = [int(span) + 1 for span in high - low]
    size = math.prod(spans)
    if size > min(16 * len(known) + BLOCK, 2**31 - 1):
        return None

    def number(ids: npt.NDArray[np.uint8], is_outside: npt.NDArray[np.bool_] | None = None) -> npt.NDArray[np.int32]:
        """The number of each id; notes which have a sign that none of the known ones has there."""
        numbers = np.zeros(len(ids), dtype=np.int32)
        for place, span in enumerate(spans):
            digit = ids[:, place] - low[place]  # below `low` it wraps to a large one
            if is_outside is not None:
                is_outside |= digit >= span
            if span > 1:
                numbers *= span
                numbers += digit
        return numbers

    first = np.full(size + 1, -1, dtype=np.int32)
    blocks = by_blocks(lambda rows: (rows, number(signs[rows])), len(known))
    for rows, numbers in reversed(blocks):  # from the last to the first, which stays
        first[numbers[::-1]] = np.arange(rows.start, rows.stop, dtype=np.int32)[::-1]

    def find(text: Any) -> Positions | None:
        asked = _signs(text)
        if asked is None:
            return None
        if asked.shape[1] != len(spans):
            return np.full(len(asked), -1)
        is_outside = np.zeros(len(asked), dtype=bool)
        numbers = number(asked, is_outside)
        numbers[is_outside] = size
        return first[numbers].astype(np.int64)

    return find


def _signs(text: Any) -> npt.NDArray[np.uint8] | None:
    """The bytes of the ids, one row each; None if their widths differ or one is missing."""
    if not len(text) or text.null_count:
        return None
    _, offsets, data = text.buffers()
    ends = np.frombuffer(offsets, np.int64)[text.offset : text.offset + len(text) + 1]
    width = ends[1] - ends[0]
    if not width or (np.diff(ends) != width).any():
        return None
    return np.frombuffer(data, np.uint8)[ends[0] : ends[-1]].reshape(-1, width)


def _sieve(few: Any) -> Callable[[Any], Any] | None:
    """Leaves of ids those that may be among a few; None if these have several widths or short ones.

    The last eight signs of an id, taken as a number and mixed, name one of 2**20 cells: it may be among the few if one
    of them has the same cell.
    """

    def cells(signs: npt.NDArray[np.uint8]) -> npt.NDArray[np.int32]:
        numbers = np.ascontiguousarray(signs[:, -8:]).view(np.uint64)[:, 0]
        mixed: npt.NDArray[np.int32] = (numbers * _MIX >> np.uint64(44)).astype(np.int32)
        return mixed

    signs = _signs(few)
    if signs is None or signs.shape[1] < 8:
        return None
    width, is_taken = signs.shape[1], np.zeros(2**20, dtype=bool)
    is_taken[cells(signs)] = True

    def sift(text: Any) -> Any:
        asked = _signs(text)
        return text if asked is None or asked.shape[1] != width else text.take(np.flatnonzero(is_taken[cells(asked)]))

    return sift


def _by_place(reduce: np.ufunc, signs: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """`reduce` of each column; many rows side by side as one long row, since numpy is slow on short ones."""
    rows, width = signs.shape
    side = math.isqrt(rows)
    square, rest = signs[: side * side], signs[side * side :]
    folded = reduce.reduce(square.reshape(side, side * width), axis=0).reshape(side, width)
    return np.asarray(reduce.reduce(np.concatenate([folded, rest]), axis=0))


def _looked_up(values: Any, known: Any) -> Positions:
    """Positions of text in text; equal ids side by side are looked up once."""
    changes = pc.sum(pc.not_equal(values.slice(1), values.slice(0, len(values) - 1))).as_py() or 0
    if 2 * changes > len(values):
        return _index_in(values, known)
    runs = pc.run_end_encode(values, run_end_type=pa.int64())
    return np.repeat(_index_in(runs.values, known), np.diff(runs.run_ends.to_numpy(), prepend=0))


def _index_in(values: Any, known: Any) -> Positions:
    found = pc.index_in(values, value_set=known, skip_nulls=True)
    return found.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
