"""Ids: which row of one table another table's row belongs to, fast for millions of text ids."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc


def positions(ids: pd.Series, among: pd.Series) -> npt.NDArray[np.int64]:
    """Position of each id in `among` (its first, if it repeats); -1 where it is not there or missing.

    Notes
    -----
    Where a table keeps the rows of a loan together, only the first id of each run of equal ids is looked up.

    Examples
    --------
    >>> positions(pd.Series(["B", "B", "A", "C"]), pd.Series(["A", "B"])).tolist()
    [1, 1, 0, -1]
    """
    values, known = as_arrow(ids), as_arrow(among)
    if len(values) == 0:
        return np.empty(0, dtype=np.int64)
    changes = pc.sum(pc.not_equal(values.slice(1), values.slice(0, len(values) - 1))).as_py() or 0
    if 2 * changes > len(values):
        return _looked_up(values, known)
    runs = pc.run_end_encode(values, run_end_type=pa.int64())
    return np.repeat(_looked_up(runs.values, known), np.diff(runs.run_ends.to_numpy(), prepend=0))


def is_ascending(ids: pd.Series) -> bool:
    """True if every id comes after the one before it, so that none repeats.

    Examples
    --------
    >>> is_ascending(pd.Series(["A", "B"])), is_ascending(pd.Series(["A", "A"]))
    (True, False)
    """
    values = as_arrow(ids)
    return bool(pc.all(pc.less(values.slice(0, max(len(values) - 1, 0)), values.slice(1)), skip_nulls=False).as_py())


def _looked_up(values: Any, known: Any) -> npt.NDArray[np.int64]:
    found = pc.index_in(values, value_set=known, skip_nulls=True)
    return found.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)


def as_arrow(ids: pd.Series) -> Any:
    """A text column as one Arrow array."""
    array = pa.array(ids, from_pandas=True) if not isinstance(ids.dtype, pd.CategoricalDtype) else None
    if array is None:
        array = pa.array(ids.astype(str), from_pandas=True)
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    return array.cast(pa.large_string())
