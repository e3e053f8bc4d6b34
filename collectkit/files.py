"""Raw tables out of files: CSV, Excel, Parquet and databases, as they are, before any meaning is given to a cell.

From CSV every cell is text, from Excel what the sheet holds, from Parquet and databases typed columns. Row numbers
are those a person sees: ``frame.attrs["first_row"]`` is the number of the first row of data in the file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from collectkit._csv import frame_of_csv
from collectkit._excel_errors import failed_cells
from collectkit.errors import CallError, listed, unknown_name
from collectkit.progress import steps

Source = str | Path
#: Largest file that is read [bytes].
MOST_BYTES = 4 * 1024**3
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
    """What tells files apart in the register: the SHA-256 of one file, or one of several together.

    Notes
    -----
    Of one file it is what ``sha256sum FILE`` says. Of several it depends on what they hold, not on names or order:
    ``sha256sum FILES | cut -c -64 | sort | sha256sum``.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "empty"
    >>> _ = file.write_bytes(b"")
    >>> fingerprint([file])[:8], fingerprint([file, file])[:8]
    ('e3b0c442', '27163ab9')
    """
    digests = []
    for path in paths:
        with path.open("rb") as file:
            digests.append(hashlib.file_digest(file, "sha256").hexdigest())
    if len(digests) == 1:
        return digests[0]
    return hashlib.sha256("".join(f"{digest}\n" for digest in sorted(digests)).encode()).hexdigest()


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
    sizes = [path.stat().st_size for path in paths]
    return {path.stem: read_frames(path)[path.stem] for path in steps(paths, "reading", sizes)}


def _of_csv(path: Path) -> dict[str, pd.DataFrame]:
    frame = frame_of_csv(path)
    frame.attrs["first_row"] = 2
    return {path.stem: frame}


def _of_excel(path: Path) -> dict[str, pd.DataFrame]:
    from python_calamine import CalamineWorkbook

    try:
        with CalamineWorkbook.from_path(str(path)) as book:
            names = steps(book.sheet_names, "reading", [1] * len(book.sheet_names))
            sheets = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in names}
        failed = failed_cells(path)
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
            each = steps(names, "reading", [1] * len(names))
            frames = {name: pd.read_sql_table(name, connection) for name in each}
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
    frame.attrs.setdefault("first_row", 1)
    frame.columns = frame.columns.astype(str).str.strip().str.removeprefix("\ufeff")
    is_empty = np.ones(len(frame), dtype=bool)
    for at in range(frame.shape[1]):
        is_empty &= frame.iloc[:, at].isna().to_numpy()
        if not is_empty.any():  # usually after the first column
            return frame
    return frame.loc[~is_empty]


_READERS = {"csv": _of_csv, "excel": _of_excel, "parquet": _of_parquet}
