"""Reading a portfolio from files and databases, and writing it, so that a round trip changes nothing."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from collectkit.checks import check_tables, wrong_types
from collectkit.columns import COLUMNS, TABLES
from collectkit.errors import CallError, PortfolioError, unknown_name
from collectkit.files import Source, read_frames
from collectkit.mapping import Mapping as ColumnMapping
from collectkit.mapping import identity_mapping, load_mapping, map_tables
from collectkit.portfolio import Portfolio

if TYPE_CHECKING:
    import sqlalchemy as sa

#: Extra table that keeps the dtypes where a format has none of its own.
_DTYPES = "_dtypes"
#: Text that begins with one of these would be run as a formula by a spreadsheet; an apostrophe in front stops that.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
_MOST_ROWS = 1_048_575  # of a sheet, without its header


def read_portfolio(source: Source, *, mapping: Source | ColumnMapping | None = None, personal: bool = False) -> Portfolio:
    """A portfolio from files or a database, checked.

    Parameters
    ----------
    source : str or Path
        A folder of CSV or Parquet files, an Excel workbook, one file, or a SQLAlchemy URL.
    mapping : Mapping or path, optional
        Which foreign tables and columns to take; without it the names are those of `collectkit.columns.TABLES`.
    personal : bool
        True keeps names, phones, identity numbers and addresses as they are; otherwise they are masked.

    Returns
    -------
    Portfolio

    Raises
    ------
    PortfolioError
        Cells cannot be read or rows are wrong; all of them are in ``error.problems``.
    CallError
        The source cannot be read, or holds no table that is known.

    Examples
    --------
    >>> import collectkit as ck, tempfile, pathlib
    >>> folder = pathlib.Path(tempfile.mkdtemp()) / "book"
    >>> ck.load_sample("demo").write(folder, format="parquet")
    >>> len(read_portfolio(folder).loans)
    3000
    """
    tables, problems = read_tables(source, mapping=mapping)
    if (problems["severity"] == "error").any():
        found = check_tables(tables)
        unread = set(zip(problems["table"], problems["column"], strict=True))
        known = [key in unread for key in zip(found["table"], found["column"], strict=True)]
        raise PortfolioError(pd.concat([problems, found[[not k for k in known]]], ignore_index=True))
    if not personal:
        tables = {name: masked(frame) for name, frame in tables.items()}
    needed = {name: frame for name, frame in tables.items() if name in TABLES}
    for name in ("loans", "instalments", "payments"):
        if name not in needed:
            raise CallError(f"{source} holds no table {name!r}. Add it, or say in a mapping where it comes from.")
    return Portfolio(**needed)


def read_tables(
    source: Source, *, mapping: Source | ColumnMapping | None = None
) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Tables of a source under our names and types, and what could not be read.

    Parameters
    ----------
    source : str or Path
        As in `read_portfolio`.
    mapping : Mapping or path, optional

    Returns
    -------
    tables : dict of str to DataFrame
    problems : DataFrame
        Cells that could not be read, rows as in `collectkit.checks.check_tables`; the row is the one of the file.
    """
    frames = read_frames(source)
    if mapping is not None:
        chosen = mapping if isinstance(mapping, ColumnMapping) else load_mapping(Path(mapping))
        return map_tables(frames, chosen)
    dtypes = frames.pop(_DTYPES, None)
    known = {name: frame for name, frame in frames.items() if name in TABLES}
    if not known:
        raise CallError(
            f"{source} holds no table we know, only {', '.join(sorted(frames)[:5])}. "
            f"Name them {', '.join(TABLES)}, or write a mapping: `collectkit map {source}`."
        )
    foreign = {name: frame for name, frame in known.items() if wrong_types(name, frame)}
    tables, problems = map_tables(foreign, identity_mapping())
    tables = {name: tables.get(name, known[name]) for name in known}
    return (tables if dtypes is None else _with_dtypes(tables, dtypes)), problems


def masked(frame: pd.DataFrame) -> pd.DataFrame:
    """The table with personal data cut to what tells two people apart.

    Parameters
    ----------
    frame : DataFrame

    Returns
    -------
    DataFrame
        Columns of the kind ``personal`` keep their first sign and, if longer than six, their last two.

    Examples
    --------
    >>> masked(pd.DataFrame({"phone": ["13800001234"], "customer_name": ["王小明"]})).loc[0].tolist()
    ['1********34', '王**']
    """
    personal = [name for name in frame if name in COLUMNS and COLUMNS[name].kind == "personal"]
    return frame.assign(**{name: frame[name].map(_mask, na_action="ignore").astype("str") for name in personal})


def _mask(text: Any) -> str:
    text = str(text)
    tail = text[-2:] if len(text) > 6 else ""
    return text[:1] + "*" * (len(text) - 1 - len(tail)) + tail


def neutral(frame: pd.DataFrame) -> pd.DataFrame:
    """The table with an apostrophe before every text a spreadsheet would run as a formula.

    Examples
    --------
    >>> neutral(pd.DataFrame({"note": ["=cmd()", "fine"]}))["note"].tolist()
    ["'=cmd()", 'fine']
    """
    texts = frame.select_dtypes(["object", "str", "category"]).columns
    return frame.assign(**{name: frame[name].astype(object).map(_guarded) for name in texts})


def _guarded(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def _unguarded(cell: Any) -> Any:
    return cell[1:] if isinstance(cell, str) and cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell


def write_tables(tables: Mapping[str, pd.DataFrame], target: Source, *, format: str = "parquet") -> None:
    """Write tables; `Portfolio.write` says what is possible.

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
        os.replace(made, path)


def _to_parquet(tables: Mapping[str, pd.DataFrame], folder: Path) -> Path:
    folder.mkdir()
    for name, frame in tables.items():
        frame.to_parquet(folder / f"{name}.parquet", index=False)
    return folder


def _to_csv(tables: Mapping[str, pd.DataFrame], folder: Path) -> Path:
    folder.mkdir()
    for name, frame in {**tables, _DTYPES: _dtypes_of(tables)}.items():
        neutral(frame).to_csv(folder / f"{name}.csv", index=False, encoding="utf-8-sig")
    return folder


def _to_excel(tables: Mapping[str, pd.DataFrame], path: Path) -> Path:
    for name, frame in tables.items():
        if len(frame) > _MOST_ROWS:
            raise CallError(f"{name} has {len(frame):,} rows, a sheet holds {_MOST_ROWS:,}. Write Parquet or CSV.")
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    path = path.with_suffix(".xlsx")
    with pd.ExcelWriter(path, engine="xlsxwriter", engine_kwargs={"options": options}) as book:
        for name, frame in {**tables, _DTYPES: _dtypes_of(tables)}.items():
            neutral(frame).to_excel(book, sheet_name=name, index=False)
        book.sheets[_DTYPES].hide()
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
            there = set(sa.inspect(connection).get_table_names()) & {*tables, _DTYPES}
            if there:
                raise CallError(f"The database has {', '.join(sorted(there))} already. Take an empty schema.")
            for name, frame in {**tables, _DTYPES: _dtypes_of(tables)}.items():
                frame.to_sql(name, connection, index=False, chunksize=10_000)
    except sa.exc.SQLAlchemyError as error:
        raise CallError(f"The database cannot be written: {type(error).__name__}. Check address and rights.") from error
    finally:
        engine.dispose()


def _dtypes_of(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    rows = [(name, column, str(dtype)) for name, frame in tables.items() for column, dtype in frame.dtypes.items()]
    return pd.DataFrame(rows, columns=["table", "column", "dtype"])


def _with_dtypes(tables: dict[str, pd.DataFrame], dtypes: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Tables with the apostrophes of `neutral` taken off and the dtypes they were written with."""
    result = {}
    for name, frame in tables.items():
        wanted = dtypes[dtypes["table"] == name].set_index("column")["dtype"]
        texts = frame.select_dtypes(["object", "str"]).columns
        frame = frame.assign(**{column: frame[column].astype(object).map(_unguarded) for column in texts})
        result[name] = frame.astype({column: dtype for column, dtype in wanted.items() if column in frame})
    return result
