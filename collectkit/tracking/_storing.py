"""Cubes added up, written to a file and read again; the cube of the sample."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from collectkit._run import category
from collectkit.days import DATE_DTYPE, month_ends
from collectkit.errors import CallError
from collectkit.tracking._building import cube
from collectkit.tracking.cubes import MEASURES, Cube

_DATES = ("as_of", "vintage")
_ABOUT = "collectkit_cube"


@lru_cache(maxsize=1)
def demo_cube() -> Cube:
    """The cube of the sample ``demo`` at all its month ends under the policy ``cn-microloan``, for examples.

    Examples
    --------
    >>> demo_cube().by
    ('product', 'region', 'risk_grade', 'channel')
    """
    from collectkit.ledger import track
    from collectkit.policy import load_policy
    from collectkit.samples import load_sample

    book: Any = load_sample("demo")
    return cube(track(book, load_policy("cn-microloan"), dates=month_ends(book.first_date, book.last_date)), book.loans)


def added(one: Cube, other: Cube) -> Cube:
    """The cube of two parts of a book together."""
    for name in ("buckets", "days", "by", "moving", "filters"):
        if getattr(one, name) != getattr(other, name):
            raise CallError(f"The cubes differ in `{name}`. Fold and filter all parts in the same way.")
    dates = max(one.dates, other.dates, key=len)
    for part in (one.dates, other.dates):
        if not part.equals(dates[len(dates) - len(part) :]):
            raise CallError("The cubes have different dates. Track all parts on the same dates.")
    names = ["as_of", *one.by, "vintage", "state_before", "state"]
    parts = (one.cells, other.cells)
    columns: dict[str, Any] = {name: _united([part[name] for part in parts]) for name in names}
    columns["vintage"] = _without_gaps(columns["vintage"])
    for name in ("level", "news", *MEASURES):
        columns[name] = np.concatenate([part[name].to_numpy() for part in parts])
    cells = pd.DataFrame(columns)
    codes = [columns[name].codes if name in names else columns[name] for name in (*names, "level", "news")]
    order = np.lexsort(codes[::-1])
    changes = np.any([code[order][1:] != code[order][:-1] for code in codes], axis=0)
    first = np.flatnonzero(np.append(True, changes)) if len(order) else order
    sums = {name: np.add.reduceat(columns[name][order], first) if len(first) else columns[name] for name in MEASURES}
    return replace(one, cells=cells.iloc[order[first]].reset_index(drop=True).assign(**sums))


def _united(columns: list[pd.Series]) -> pd.Categorical:
    """Two columns of categories one after the other; values in order if both are."""
    values = [list(column.cat.categories) for column in columns]
    both = list(dict.fromkeys(value for part in values for value in part))
    if all(part == sorted(part) for part in values):
        both = sorted(both)
    return pd.concat([column.cat.set_categories(both) for column in columns]).array


def _without_gaps(vintage: pd.Categorical) -> pd.Categorical:
    """Months with every one from the first to the last: a month in which neither part lent is a vintage, too."""
    months = vintage.categories.to_numpy().astype("datetime64[M]")
    return vintage.set_categories(np.arange(months[0], months[-1] + 1).astype(DATE_DTYPE)) if len(months) else vintage


def written(cube: Cube, path: Path) -> None:
    """Write a cube as codes, with the values of each dimension beside them."""
    import pyarrow.parquet as pq

    frame = {name: col.array.codes if hasattr(col, "cat") else col.to_numpy() for name, col in cube.cells.items()}
    values = {name: [str(v) for v in col.cat.categories] for name, col in cube.cells.items() if hasattr(col, "cat")}
    about = {"values": values, "buckets": cube.buckets, "days": cube.days, "by": cube.by, "moving": cube.moving,
             "filters": {name: [str(v) for v in kept] for name, kept in cube.filters.items()}}  # fmt: skip
    table = pa.table(frame).replace_schema_metadata({_ABOUT: json.dumps(about)})
    pq.write_table(table, path)


def read_cube(path: str | Path) -> Cube:
    """Read a cube that `Cube.to_parquet` wrote.

    Raises
    ------
    CallError
        The file holds no cube.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     demo_cube().to_parquet(f"{folder}/months.parquet")
    ...     again = read_cube(f"{folder}/months.parquet")
    >>> again.cells.equals(demo_cube().cells)
    True
    """
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    text = (table.schema.metadata or {}).get(_ABOUT.encode())
    if text is None:
        raise CallError(f"{path} holds no cube. Write one with `Cube.to_parquet`.")
    about = json.loads(text)
    values = {name: _as_dates(kept) if name in _DATES else kept for name, kept in about["values"].items()}
    columns: dict[str, Any] = {name: table[name].to_numpy() for name in table.column_names}
    columns |= {name: category(columns[name], kept, ordered=True) for name, kept in values.items()}
    filters = {name: tuple(_as_dates(kept) if name in _DATES else kept) for name, kept in about["filters"].items()}
    parts = {name: tuple(about[name]) for name in ("buckets", "days", "by", "moving")}
    return Cube(pd.DataFrame(columns), filters=filters, **parts)


def _as_dates(texts: list[str]) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(texts).as_unit("us")
