"""Panels: which rows belong to a loan, which dates there are, and their columns in the kernel's form."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from collectkit._blocks import by_blocks
from collectkit._run import in_threads
from collectkit.columns import STATUSES
from collectkit.days import DATE_DTYPE, LAST_DAY, day_number
from collectkit.errors import CallError, listed, unknown_name
from collectkit.ids import as_arrow, positions
from collectkit.tracking.cubes import Array

_MOST_THRESHOLDS = 100


def thresholds_of(days: Iterable[int]) -> list[int]:
    """Thresholds in order, each once."""
    found = list(days) if isinstance(days, Iterable) and not isinstance(days, str) else [days]
    whole = all(isinstance(day, (int, np.integer)) and not isinstance(day, bool) and day >= 0 for day in found)
    if not found or not whole:
        raise CallError(f"`days` is {days!r}. Give thresholds of 0 days or more, e.g. `days=[7, 30]`.")
    limits = sorted({int(day) for day in found})
    if len(limits) > _MOST_THRESHOLDS:
        raise CallError(f"`days` has {len(limits)} thresholds. Give at most {_MOST_THRESHOLDS}.")
    return limits


def checked_categories(panel: pd.DataFrame, *names: str) -> None:
    """Refuse a panel that has no categories in some columns, or rows without one; a status must be one we know."""
    for name in names:
        if name not in panel or not isinstance(panel[name].dtype, pd.CategoricalDtype):
            raise CallError(f"The panel has no categories in `{name}`. Pass what `track` returns.")
        if (panel[name].array.codes < 0).any():
            raise CallError(f"Rows of the panel have no `{name}`. Pass what `track` returns.")
    for status in panel["status"].cat.categories if "status" in names else ():
        if status not in STATUSES:
            raise unknown_name("status", status, STATUSES)


def checked_rows(panel: pd.DataFrame) -> Array:
    """First row of each loan, and the end of the last, of a panel in order: loans together, their dates ascending."""
    absent = [name for name in ("loan_id", "as_of") if name not in panel]
    if absent:
        raise CallError(f"The panel has no {listed(absent)}. Pass what `track` returns.")
    first = first_rows(panel)
    dates_in(panel, first)
    ids = panel["loan_id"].iloc[first[:-1]]
    if (twice := ids.duplicated().to_numpy()).any():
        raise _not_together(ids[twice])
    return first


def _not_together(ids: pd.Series) -> CallError:
    return CallError(f"The rows of {listed(ids)} do not stand together. Sort the panel by loan_id and as_of.")


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
        raise _not_together(names)
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
        return panel[name].array.codes  # of eight bits, or more where there are more than 127 buckets
    is_days = name == "days_past_due"
    if is_days and panel[name].isna().any():
        raise CallError("Rows of the panel have no `days_past_due`. Pass what `track` returns.")
    try:
        return panel[name].to_numpy(dtype=np.int32 if is_days else np.float64)
    except (TypeError, ValueError) as error:
        raise CallError(f"`{name}` of the panel holds what is no number. Pass what `track` returns.") from error
