"""Cubes added up, written to a file and read again; the cube of the sample."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from collectkit.days import month_ends, month_numbers, month_starts
from collectkit.errors import CallError
from collectkit.policy import read_policy
from collectkit.policy_values import policy_toml
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
    policy = load_policy("cn-microloan")
    panel = track(book, policy, dates=month_ends(book.first_date, book.last_date))
    return cube(panel, book.loans, policy=policy)


def added(one: Cube, other: Cube) -> Cube:
    """The cube of two parts of a book together."""
    for name in ("buckets", "days", "by", "moving", "filters", "policy"):
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
    months = month_numbers(vintage.categories)
    return vintage.set_categories(month_starts(np.arange(months[0], months[-1] + 1))) if len(months) else vintage


def written(cube: Cube, path: Path, late: pd.DataFrame | None = None) -> None:
    """Write a cube, complete or not at all, and below it the cells of `recoveries`, if there are any.

    Cells are written as codes; what these mean, and the policy, stands in the metadata. Columns that only one of the
    two kinds of cells has are empty in the other.
    """
    import pyarrow.parquet as pq

    about = {"cells": _columns(cube.cells), "buckets": cube.buckets, "days": cube.days, "by": cube.by,
             "moving": cube.moving, "filters": {name: [str(v) for v in kept] for name, kept in cube.filters.items()},
             "policy": policy_toml(cube.policy) if cube.policy else None, "count": len(cube.cells),
             "late": None if late is None else {"cells": _columns(late), **late.attrs}}  # fmt: skip
    tables = [_coded(cells) for cells in (cube.cells, late) if cells is not None]
    table = pa.concat_tables(tables, promote_options="permissive")
    with tempfile.TemporaryDirectory(dir=path.parent) as place:
        file = Path(place) / path.name
        pq.write_table(table.replace_schema_metadata({_ABOUT: json.dumps(about)}), file)
        file.replace(path)


def _columns(cells: pd.DataFrame) -> dict[str, list[str] | None]:
    """Columns in order, those of dimensions with their values."""
    return {
        str(name): [str(v) for v in col.cat.categories] if hasattr(col, "cat") else None for name, col in cells.items()
    }


def _coded(cells: pd.DataFrame) -> pa.Table:
    """Cells with codes for the values of their dimensions."""
    return pa.table({name: col.array.codes if hasattr(col, "cat") else col.to_numpy() for name, col in cells.items()})


def is_cube(path: str | Path) -> bool:
    """True for a file that `Cube.to_parquet` wrote; of its cells nothing is read.

    Examples
    --------
    >>> is_cube("no-such-file.parquet")
    False
    """
    return _about(path) is not None


def read_cube(path: str | Path) -> Cube:
    """Read a cube that `Cube.to_parquet` wrote.

    Parameters
    ----------
    path : path

    Returns
    -------
    Cube
        With the policy it was folded under, where it was written with one.

    Raises
    ------
    CallError
        The file is not there, holds no cube, or is damaged.
    PolicyError
        The policy in it breaks a rule of this version.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     demo_cube().to_parquet(f"{folder}/months.parquet")
    ...     again = read_cube(f"{folder}/months.parquet")
    >>> again.cells.equals(demo_cube().cells), again.policy.name
    (True, 'cn-microloan')
    """
    return read(path)[0]


def read(path: str | Path) -> tuple[Cube, pd.DataFrame | None]:
    """The cube in a file, and the cells of `recoveries`, if it has any; errors as of `read_cube`."""
    import pyarrow.parquet as pq

    if not Path(path).is_file():
        raise CallError(f"There is no file {path}. Check the path.")
    text = _about(path)
    if text is None:
        raise CallError(f"{path} holds no cube. Write one with `collectkit cube` or `Cube.to_parquet`.")
    try:
        about, table = json.loads(text), pq.read_table(path)
        cells, count, late = _cells(table[: about["count"]], about["cells"]), about["count"], about["late"]
        filters = {name: tuple(_as_dates(kept) if name in _DATES else kept) for name, kept in about["filters"].items()}
        parts = {name: tuple(about[name]) for name in ("buckets", "days", "by", "moving")}
        rules = about["policy"]
        if late:
            late_cells = _cells(table[count:], late["cells"])
            late_cells.attrs = {"last": late["last"], "by": tuple(late["by"]), "days": late["days"]}
    except (pa.ArrowException, LookupError, TypeError, ValueError, AttributeError) as error:
        raise CallError(f"{path} is damaged: {error}. Write it again with `collectkit cube`.") from error
    policy = read_policy(rules, f"the policy in {Path(path).name}") if rules else None
    return Cube(cells, filters=filters, policy=policy, **parts), late_cells if late else None


def _about(path: str | Path) -> bytes | None:
    """What a file says of the cube in it; None if there is none."""
    import pyarrow.parquet as pq

    if not Path(path).is_file():  # an address is not asked
        return None
    try:
        return (pq.read_schema(path).metadata or {}).get(_ABOUT.encode())
    except (OSError, pa.ArrowException):
        return None


def _cells(table: pa.Table, names: dict[str, list[str] | None]) -> pd.DataFrame:
    """Some of the columns, those of dimensions with the values of their codes; a code without a value raises."""
    columns: dict[str, Any] = {name: table[name].to_numpy() for name in names}
    for name, values in names.items():
        if values is not None:
            known = pd.CategoricalDtype(_as_dates(values) if name in _DATES else values, ordered=True)
            columns[name] = pd.Categorical.from_codes(columns[name], dtype=known)
    return pd.DataFrame(columns)


def _as_dates(texts: list[str]) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(texts).as_unit("us")
