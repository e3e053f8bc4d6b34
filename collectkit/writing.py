"""Writing tables to files and databases, complete or not at all, so that reading gives back what was written."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd

from collectkit.errors import CallError, unknown_name

#: Extra table that keeps the dtypes where a format has none of its own.
DTYPES = "_dtypes"
#: Text that begins with one of these would be run as a formula by a spreadsheet; an apostrophe in front stops that.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
#: Rows of a sheet, without its header.
MOST_ROWS = 1_048_575


def neutral(frame: pd.DataFrame) -> pd.DataFrame:
    """The table with an apostrophe before every text, headers too, that a spreadsheet would run as a formula.

    Examples
    --------
    >>> neutral(pd.DataFrame({"note": ["=cmd()", "fine"], "=x": [1, 2]})).to_dict("list")
    {'note': ["'=cmd()", 'fine'], "'=x": [1, 2]}
    """
    texts = frame.select_dtypes(["object", "str", "category"])
    shown = frame.assign(**{str(name): _changed(cells, _FORMULA, _guarded) for name, cells in texts.items()})
    return shown.set_axis([_guarded(name) for name in frame.columns], axis="columns")


def _guarded(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def plain_again(frame: pd.DataFrame) -> pd.DataFrame:
    """The table with the apostrophes of `neutral` taken off.

    Examples
    --------
    >>> plain_again(pd.DataFrame({"note": ["'=cmd()", "fine"]}))["note"].tolist()
    ['=cmd()', 'fine']
    """
    texts = frame.select_dtypes(["object", "str"])
    plain = frame.assign(**{str(name): _changed(cells, ("'",), _unguarded) for name, cells in texts.items()})
    return plain.set_axis([_unguarded(name) for name in frame.columns], axis="columns")


def _unguarded(cell: Any) -> Any:
    return cell[1:] if isinstance(cell, str) and cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell


def _changed(cells: pd.Series, marks: tuple[str, ...], change: Callable[[Any], Any]) -> pd.Series:
    """A column with a change to its texts, which leaves alone those that begin with none of the marks."""
    if not isinstance(cells.dtype, pd.StringDtype):
        return cells.astype(object).map(change)
    at = np.flatnonzero(cells.str.startswith(marks, na=False))
    if len(at):  # few cells do, and text as Python objects is slow
        cells = cells.copy()
        cells.iloc[at] = cells.iloc[at].map(change)
    return cells


def to_csv(frame: pd.DataFrame, target: Path | IO[bytes]) -> None:
    r"""Write a table as CSV that every spreadsheet reads as it is meant: UTF-8 with its mark, and no text that runs.

    Examples
    --------
    >>> import io
    >>> file = io.BytesIO()
    >>> to_csv(pd.DataFrame({"note": ["=cmd()"]}), file)
    >>> file.getvalue().decode("utf-8-sig")
    "note\r\n'=cmd()\r\n"
    """
    neutral(frame).to_csv(target, index=False, encoding="utf-8-sig", lineterminator="\r\n", mode="wb")


def to_excel(tables: Mapping[str, pd.DataFrame], target: Path) -> None:
    """Write tables as sheets of a workbook, with no text that runs; a table named ``_dtypes`` is hidden.

    Raises
    ------
    CallError
        A table is too long for a sheet.
    """
    for name, frame in tables.items():
        if len(frame) > MOST_ROWS:
            raise CallError(f"{name} has {len(frame):,} rows, a sheet holds {MOST_ROWS:,}. Write Parquet or CSV.")
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with pd.ExcelWriter(target, engine="xlsxwriter", engine_kwargs={"options": options}) as book:
        for name, frame in tables.items():
            neutral(frame).to_excel(book, sheet_name=name, index=False)
        if DTYPES in tables:
            book.sheets[DTYPES].hide()


def write_tables(tables: Mapping[str, pd.DataFrame], target: str | Path, *, format: str = "parquet") -> None:
    """Write tables; a folder, a workbook or a SQLAlchemy URL.

    Parameters
    ----------
    tables : mapping of table name to DataFrame
    target : path or SQLAlchemy URL
        A folder for Parquet and CSV, a file ending in .xlsx for Excel.
    format : {"parquet", "csv", "excel"}
        Not used for a database.

    Raises
    ------
    CallError
        The format is unknown, the target is there already, or a table is too long for a sheet.
    """
    if "://" in str(target):
        _to_database(tables, str(target))
        return
    if format not in _WRITERS:
        raise unknown_name("format", format, _WRITERS)
    path = Path(target)
    if path.exists():
        raise CallError(f"{path} is there already. Take another name, or remove it first.")
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as place:  # complete or not at all
        made = _WRITERS[format](tables, Path(place) / (path.name or "tables"))
        made.replace(path)


def _to_parquet(tables: Mapping[str, pd.DataFrame], folder: Path) -> Path:
    folder.mkdir()
    for name, frame in tables.items():
        frame.to_parquet(folder / f"{name}.parquet", index=False)
    return folder


def _to_csv(tables: Mapping[str, pd.DataFrame], folder: Path) -> Path:
    folder.mkdir()
    for name, frame in {**tables, DTYPES: _dtypes_of(tables)}.items():
        to_csv(frame, folder / f"{name}.csv")
    return folder


def _to_excel(tables: Mapping[str, pd.DataFrame], path: Path) -> Path:
    path = path.with_suffix(".xlsx")
    to_excel({**tables, DTYPES: _dtypes_of(tables)}, path)
    return path


_WRITERS: dict[str, Callable[[Mapping[str, pd.DataFrame], Path], Path]] = {
    "parquet": _to_parquet,
    "csv": _to_csv,
    "excel": _to_excel,
}


def _to_database(tables: Mapping[str, pd.DataFrame], url: str) -> None:
    """All tables in one transaction; a table of the same name is not touched but refused."""
    import sqlalchemy as sa

    engine = sa.create_engine(url)
    try:
        with engine.begin() as connection:
            there = set(sa.inspect(connection).get_table_names()) & {*tables, DTYPES}
            if there:
                raise CallError(f"The database has {', '.join(sorted(there))} already. Take an empty schema.")
            for name, frame in {**tables, DTYPES: _dtypes_of(tables)}.items():
                frame.to_sql(name, connection, index=False, chunksize=10_000)
    except sa.exc.SQLAlchemyError as error:
        raise CallError(f"The database cannot be written: {type(error).__name__}. Check address and rights.") from error
    finally:
        engine.dispose()


def _dtypes_of(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    rows = [(name, column, str(dtype)) for name, frame in tables.items() for column, dtype in frame.dtypes.items()]
    return pd.DataFrame(rows, columns=["table", "column", "dtype"])
