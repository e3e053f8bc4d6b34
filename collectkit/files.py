"""Raw tables out of files: CSV, Excel, Parquet and databases, as they are, before any meaning is given to a cell.

From CSV every cell is text, from Excel what the sheet holds, from Parquet and databases typed columns. Row numbers
are those a person sees: ``frame.attrs["first_row"]`` is the number of the first row of data in the file.
"""

from __future__ import annotations

import csv
import hashlib
import posixpath
import re
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

import pandas as pd

from collectkit.errors import CallError, listed, unknown_name

Source = str | Path
#: Largest file that is read [bytes].
MOST_BYTES = 4 * 1024**3
_ENCODINGS = ("utf-8-sig", "gb18030")
#: The tag of a cell that holds an error.
_FAILED = re.compile(rb"""<(?:\w+:)?c\s(?=[^>]*\bt=["']e["'])[^>]*>""")
_KINDS = {".csv": "csv", ".txt": "csv", ".tsv": "csv", ".parquet": "parquet",
          ".xlsx": "excel", ".xlsm": "excel", ".xls": "excel", ".xlsb": "excel", ".ods": "excel"}  # fmt: skip


def read_frames(source: Source) -> dict[str, pd.DataFrame]:
    r"""Raw tables of a file, a folder of files, or a database.

    Parameters
    ----------
    source : str or Path
        A CSV, Excel or Parquet file, a folder of CSV or Parquet files, or a SQLAlchemy URL
        (``sqlite:///book.db``; ``postgresql+psycopg://…?options=-csearch_path%3Dschema``).

    Returns
    -------
    dict of str to DataFrame
        By file name without its ending, sheet name or table name. Column names are stripped text.

    Raises
    ------
    CallError
        There is no such file, or it is not what its ending says.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> _ = (folder / "loans.csv").write_text("loan_id,principal\nL1,100\n", encoding="utf-8")
    >>> read_frames(folder)["loans"].loc[0].to_dict()
    {'loan_id': 'L1', 'principal': '100'}
    """
    if "://" in str(source):
        return _of_database(str(source))
    path = Path(source)
    if path.is_dir():
        return _of_folder(path)
    if not path.is_file():
        raise CallError(f"There is no file or folder {path}. Check the path.")
    frames = _READERS[_kind(path)](path)
    return {name: _tidy(frame) for name, frame in frames.items()}


def fingerprint(paths: Sequence[Path]) -> str:
    """What tells files apart in the register: the SHA-256 of their SHA-256 in this order, also of one file.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "empty"
    >>> _ = file.write_bytes(b"")
    >>> fingerprint([file])[:8]
    '5df6e0e2'
    """
    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def _kind(path: Path) -> str:
    if path.suffix.lower() not in _KINDS:
        raise unknown_name("kind of file", path.suffix or path.name, _KINDS)
    if path.stat().st_size > MOST_BYTES:
        raise CallError(f"{path.name} is larger than {MOST_BYTES // 1024**3} GB. Split it, or use Parquet files.")
    if path.stat().st_size == 0:
        raise CallError(f"{path.name} is empty. Export it again.")
    return _KINDS[path.suffix.lower()]


def _of_folder(folder: Path) -> dict[str, pd.DataFrame]:
    """All CSV and Parquet files of a folder; two files of one name are refused."""
    paths = sorted(path for path in folder.iterdir() if _KINDS.get(path.suffix.lower()) in ("csv", "parquet"))
    if not paths:
        raise CallError(f"There are no CSV or Parquet files in {folder}. Check the folder.")
    names = [path.stem for path in paths]
    for path in paths:
        if names.count(path.stem) > 1:
            raise CallError(f"{folder} holds {path.stem} twice, as CSV and Parquet. Keep one of them.")
    return {path.stem: read_frames(path)[path.stem] for path in paths}


def _of_csv(path: Path) -> dict[str, pd.DataFrame]:
    text, encoding = _decoded(path)
    options: dict[str, Any] = {
        "sep": _separator(text), "encoding": encoding, "dtype": "str", "keep_default_na": False, "na_values": [""],
        "skip_blank_lines": False, "index_col": False, "on_bad_lines": "error",
    }  # fmt: skip
    try:
        with warnings.catch_warnings():  # a row longer than the header would be cut with no more than a warning
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = pd.read_csv(path, **options)
        header = pd.read_csv(path, header=None, nrows=1, **options).loc[0].dropna().str.strip()
    except pd.errors.ParserWarning as warning:
        raise CallError(
            f"{path.name} has rows longer than its header. Name every column, or export it again."
        ) from warning
    except (ValueError, csv.Error, pd.errors.ParserError) as error:
        raise CallError(f"{path.name} is not a readable CSV file: {str(error).strip()}. Export it again.") from error
    if header.duplicated().any():  # pandas has called the second `x.1`
        again = header[header.duplicated()].iloc[0]
        raise CallError(f"Column `{again}` stands twice in the header of {path.name}. Rename or remove one of them.")
    frame.attrs["first_row"] = 2
    return {path.stem: frame}


def _decoded(path: Path) -> tuple[str, str]:
    """The first lines of a text file, and its encoding; the whole file is tried, so that no later row fails."""
    data = path.read_bytes()
    if b"\x00" in data[:4096]:
        raise CallError(f"{path.name} is not a text file. Save it as CSV in UTF-8, or read it as Excel.")
    for encoding in _ENCODINGS:
        try:
            return data.decode(encoding)[:65_536], encoding
        except UnicodeDecodeError:
            continue
    raise CallError(f"{path.name} is neither UTF-8 nor GB18030 text. Save it as CSV in UTF-8.")


def _separator(text: str) -> str:
    """The separator of the header line: the one of comma, semicolon, tab and bar that stands in it most often."""
    header = next((line for line in text.splitlines() if line.strip()), "")
    return max(",;\t|", key=lambda mark: (header.count(mark), mark == ","))


def _of_excel(path: Path) -> dict[str, pd.DataFrame]:
    from python_calamine import CalamineWorkbook

    try:
        with CalamineWorkbook.from_path(str(path)) as book:
            sheets = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
        failed = _failed_cells(path) if path.suffix.lower() in (".xlsx", ".xlsm") else []
    except Exception as error:  # calamine raises its own kinds, one of them for a password
        raise CallError(
            f"{path.name} is not a readable Excel file: {error}. Save it again without a password."
        ) from error
    if failed:
        raise CallError(
            f"{path.name} holds errors of Excel, such as #DIV/0!, in {listed(failed, most=3)}. "
            "Correct the formulas or clear the cells, and save it again."
        )
    frames = {name: _of_sheet(rows) for name, rows in sheets.items() if any(any(c != "" for c in row) for row in rows)}
    if not frames:
        raise CallError(f"{path.name} holds no data. Check the workbook.")
    return frames


def _failed_cells(path: Path) -> list[str]:
    """Cells of a workbook that hold an error, as ``loans!D2``; calamine gives them as empty."""
    found = []
    with ZipFile(path) as book:
        for name, part in _sheet_parts(book):
            rest = b""
            with book.open(part) as sheet:
                while data := sheet.read(1 << 20):  # a sheet may be larger than memory
                    whole, mark, rest = (rest + data).rpartition(b"<")
                    rest = mark + rest
                    found += [f"{name}!{_place(tag)}" for tag in _FAILED.findall(whole)]
    return found


def _place(tag: bytes) -> str:
    """Where a cell stands, by its tag."""
    at = re.search(rb"""\sr=["']([A-Za-z]+[0-9]+)""", tag)
    return at[1].decode() if at else "?"


def _sheet_parts(book: ZipFile) -> Iterator[tuple[str, str]]:
    """Name of every sheet and its file in the workbook."""
    there = {name.replace("\\", "/").lower(): name for name in book.namelist()}
    workbook, links = (
        ElementTree.fromstring(book.read(there[name])) for name in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels")
    )
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    for sheet in workbook.findall(".//{*}sheet"):
        link = next((value for key, value in sheet.items() if key.endswith("}id")), None)
        part = posixpath.normpath(posixpath.join("/xl", targets.get(link, ""))).lstrip("/").lower()
        if part in there:
            yield sheet.get("name", ""), there[part]


def _of_sheet(rows: list[list[Any]]) -> pd.DataFrame:
    """A sheet whose header is its first row with at least half of the widest row's cells filled."""
    filled = [sum(cell != "" for cell in row) for row in rows]
    header = next(i for i, count in enumerate(filled) if 2 * count >= max(filled))
    names = [str(cell) for cell in rows[header]]
    keep = [i for i, name in enumerate(names) if name.strip() or any(row[i] != "" for row in rows[header + 1 :])]
    data = [[None if row[i] == "" else row[i] for i in keep] for row in rows[header + 1 :]]
    frame = pd.DataFrame(data, columns=[names[i] for i in keep], dtype=object)
    frame.attrs["first_row"] = header + 2
    return frame


def _of_parquet(path: Path) -> dict[str, pd.DataFrame]:
    try:
        frame = pd.read_parquet(path)
    except Exception as error:  # pyarrow raises several kinds
        raise CallError(f"{path.name} is not a readable Parquet file: {error}. Write it again.") from error
    frame.attrs["first_row"] = 1
    return {path.stem: frame.reset_index(drop=True)}


def _of_database(url: str) -> dict[str, pd.DataFrame]:
    """Every table of a database."""
    import sqlalchemy as sa

    try:
        engine = sa.create_engine(url)
        with engine.connect() as connection:
            names = sa.inspect(connection).get_table_names()
            frames = {name: pd.read_sql_table(name, connection) for name in names}
    except sa.exc.SQLAlchemyError as error:
        place = sa.engine.make_url(url).render_as_string(hide_password=True) if "@" in url else url
        raise CallError(
            f"The database {place} cannot be read: {type(error).__name__}. Check address and rights."
        ) from error
    finally:
        if "engine" in locals():
            engine.dispose()
    if not frames:
        raise CallError("The database holds no tables. Check the schema in the URL.")
    return {name: _tidy(frame) for name, frame in frames.items()}


def _tidy(frame: pd.DataFrame) -> pd.DataFrame:
    """Names stripped; rows that are empty all over are left out and keep no number."""
    first = frame.attrs.get("first_row", 1)
    frame.columns = frame.columns.astype(str).str.strip().str.removeprefix("\ufeff")
    frame = frame.loc[frame.notna().any(axis=1)]
    frame.attrs["first_row"] = first
    return frame


_READERS = {"csv": _of_csv, "excel": _of_excel, "parquet": _of_parquet}
