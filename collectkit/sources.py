"""Reading a portfolio from files and databases; what `collectkit.writing` wrote comes back as it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from collectkit.checks import check_tables, wrong_types
from collectkit.columns import COLUMNS, TABLES
from collectkit.errors import CallError, PortfolioError
from collectkit.files import Source, read_frames
from collectkit.mapping import Mapping as ColumnMapping
from collectkit.mapping import identity_mapping, load_mapping, map_tables
from collectkit.portfolio import Portfolio
from collectkit.writing import DTYPES, plain_again


def read_portfolio(
    source: Source, *, mapping: Source | ColumnMapping | None = None, personal: bool = False
) -> Portfolio:
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
    tables, unread = read_tables(source, mapping=mapping)
    if (unread["severity"] == "error").any():
        raise PortfolioError(all_problems(tables, unread))
    if not personal:
        tables = {name: masked(frame) for name, frame in tables.items()}
    needed = {name: frame for name, frame in tables.items() if name in TABLES}
    for name in ("loans", "instalments", "payments"):
        if name not in needed:
            raise CallError(f"{source} holds no table {name!r}. Add it, or say in a mapping where it comes from.")
    try:
        return Portfolio(**needed)
    except PortfolioError as error:
        raise PortfolioError(_with_file_rows(error.problems, needed)) from None


def all_problems(tables: dict[str, pd.DataFrame], unread: pd.DataFrame) -> pd.DataFrame:
    """What could not be read and what the checks find, each cell once, with the rows of the file.

    Parameters
    ----------
    tables, unread
        As `read_tables` gives them.

    Returns
    -------
    DataFrame
        As of `collectkit.checks.check_tables`.
    """
    cell = ["table", "row", "column"]
    found = _with_file_rows(check_tables(tables), tables)
    told = pd.MultiIndex.from_frame(unread[cell].astype(object))
    is_new = ~pd.MultiIndex.from_frame(found[cell].astype(object)).isin(told)
    return pd.concat([unread, found[is_new]], ignore_index=True)


def _with_file_rows(problems: pd.DataFrame, tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Problems with the row a person finds in the file, instead of the position in the table."""
    problems = problems.copy()
    for name, frame in tables.items():
        here = (problems["table"] == name) & problems["row"].notna()
        rows = frame.index.to_numpy() + frame.attrs.get("first_row", 0)
        problems.loc[here, "row"] = pd.Series(
            rows[problems.loc[here, "row"].astype(int)], problems.index[here], dtype=object
        )
    return problems


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
    dtypes = plain_again(frames.pop(DTYPES)) if DTYPES in frames else None
    known = {name: frame for name, frame in frames.items() if name in TABLES}
    if not known:
        raise CallError(
            f"{source} holds no table we know, only {', '.join(sorted(frames)[:5])}. "
            f"Name them {', '.join(TABLES)}, or write a mapping: `collectkit map {source}`."
        )
    foreign = {name: frame for name, frame in known.items() if _has_twice(name, frame) or wrong_types(name, frame)}
    mapped, problems = map_tables(foreign, identity_mapping())
    tables = {name: _like(frame, mapped[name]) if name in mapped else frame for name, frame in known.items()}
    if dtypes is None:
        return tables, problems
    as_written = {str(name): rows.set_index("column")["dtype"] for name, rows in dtypes.groupby("table")}
    exact = {(name, column) for name in mapped if name in as_written for column in _text_rates(as_written[name])}
    for name, column in exact:  # rates that were text stay text: 1/7 has no decimals
        given = known[name][column]
        tables[name][column] = given.set_axis(given.index + known[name].attrs["first_row"])
    key = pd.Series(list(zip(problems["table"], problems["column"], strict=True)), dtype=object)
    for name, dtypes_of in as_written.items():
        if name in tables:
            tables[name] = _with_dtypes(tables[name], dtypes_of)
    return tables, problems[~key.isin(exact).to_numpy(dtype=bool)]


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


def _has_twice(name: str, frame: pd.DataFrame) -> bool:
    """True if one of our columns stands twice in the table."""
    return bool(frame.columns[frame.columns.duplicated()].isin(TABLES[name].columns).any())


def _like(given: pd.DataFrame, mapped: pd.DataFrame) -> pd.DataFrame:
    """The mapped table with its columns in the order of the file."""
    names = [*(name for name in given if name in mapped), *(name for name in mapped if name not in given)]
    return pd.DataFrame({name: mapped[name] for name in names}, index=mapped.index, copy=False)


def _text_rates(dtypes: pd.Series) -> list[str]:
    return [
        name for name, dtype in dtypes.items() if dtype == "str" and name in COLUMNS and COLUMNS[name].kind == "rate"
    ]


def _with_dtypes(frame: pd.DataFrame, dtypes: pd.Series) -> pd.DataFrame:
    """The table with the dtypes it was written with."""
    return plain_again(frame).astype({str(name): dtype for name, dtype in dtypes.items() if name in frame})
