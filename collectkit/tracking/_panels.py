"""Panels: which rows belong to a loan, which dates there are, and their columns in the kernel's form."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from collectkit._blocks import by_blocks
from collectkit._run import in_threads
from collectkit.days import DATE_DTYPE, LAST_DAY, day_number
from collectkit.errors import CallError, listed
from collectkit.ids import as_arrow, positions
from collectkit.tracking.cubes import Array


def first_rows(panel: pd.DataFrame) -> Array:
    """First row of each loan, and the end of the last."""
    ids = as_arrow(panel["loan_id"])
    if not len(ids):
        raise CallError("The panel is empty. Track at least one loan on one date.")
    return np.concatenate([[0], *by_blocks(lambda rows: _changes(ids, rows), len(ids) - 1), [len(ids)]])


def _changes(ids: Any, rows: slice) -> Array:
    """The rows after some that have another id than those."""
    size = rows.stop - rows.start
    changes = pc.not_equal(ids.slice(rows.start + 1, size), ids.slice(rows.start, size))
    return np.flatnonzero(changes.to_numpy(zero_copy_only=False)) + rows.start + 1


def loans_of(panel: pd.DataFrame, first: Array, loans: pd.DataFrame) -> pd.DataFrame:
    """The rows of `loans` in the order of the panel."""
    ids = panel["loan_id"].iloc[first[:-1]]
    rows = positions(ids, loans["loan_id"])
    if (rows < 0).any():
        raise CallError(f"The panel holds loans that are not in `loans` ({listed(ids[rows < 0])}). Pass all loans.")
    repeated = np.bincount(rows) > 1
    if repeated.any():
        names = loans["loan_id"].iloc[np.flatnonzero(repeated)]
        raise CallError(f"The rows of {listed(names)} do not stand together. Sort the panel by loan_id and as_of.")
    return loans.iloc[rows].reset_index(drop=True)


def dates_in(panel: pd.DataFrame, first: Array) -> Array:
    """Day numbers of the panel's dates; refuses rows of a loan that do not ascend."""
    from collectkit.tracking._fold import check

    as_of = column(panel, "as_of")
    is_date = np.zeros(day_number(LAST_DAY) + 1, dtype=bool)
    found: list[int] = []
    in_threads(lambda low, high: found.append(check(low, high, first, as_of, is_date)), first)
    wrong = [loan for loan in found if loan >= 0]
    if wrong:
        name = panel["loan_id"].iloc[first[min(wrong)]]
        raise CallError(f"The dates of loan {name} repeat, do not ascend or are no dates. Sort and keep one of each.")
    return np.flatnonzero(is_date)


def column(panel: pd.DataFrame, name: str) -> Array:
    """A column of the panel in the kernel's form."""
    if name == "as_of":
        return panel[name].to_numpy(dtype=DATE_DTYPE).view(np.int64)
    if name in ("status", "bucket"):
        return panel[name].array.codes.astype(np.int8, copy=False)
    return panel[name].to_numpy(dtype=np.int32 if name == "days_past_due" else np.float64)
