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
    Tables usually keep the rows of a loan together, so only the first id of each run of equal ids is looked up.

    Examples
    --------
    >>> positions(pd.Series(["B", "B", "A", "C"]), pd.Series(["A", "B"])).tolist()
    [1, 1, 0, -1]
    """
    values, known = as_arrow(ids), as_arrow(among)
    if len(values) == 0:
        return np.empty(0, dtype=np.int64)
    runs = pc.run_end_encode(values, run_end_type=pa.int64())
    found = pc.index_in(runs.values, value_set=known, skip_nulls=True)
    codes = found.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return np.repeat(codes, np.diff(runs.run_ends.to_numpy(), prepend=0))


def as_arrow(ids: pd.Series) -> Any:
    """A text column as one Arrow array."""
    array = pa.array(ids, from_pandas=True) if not isinstance(ids.dtype, pd.CategoricalDtype) else None
    if array is None:
        array = pa.array(ids.astype(str), from_pandas=True)
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    return array.cast(pa.large_string())
