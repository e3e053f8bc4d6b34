"""The register of imports: a folder that keeps the book a lender imports into, and what was imported when.

::

    current.json                     names the version that counts; replaced in one step
    versions/000002/*.parquet        the tables and the register after import 000002 (register.csv: for people)
    quarantine/000002-payments.csv   rows that were kept out, with their reasons
    changes/000002.csv               old and new value of every cell that an import changed
    import.lock                      held while an import runs; names its process

An import is written to a new version and counts from the moment `current.json` names it: whenever a process dies, the
old or the new book is read, never a mix. The last two versions are kept.

**Personal data.** Everything inside the folder, quarantine and changes included, holds names, phones, identity
numbers and addresses as they came: keep the folder where only those may look who may see them. Reports show ``***``.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from collectkit._disk import sync_folder, write_csv, write_file
from collectkit._import_report import ImportReport
from collectkit._merge import Outcome, merge, without_personal
from collectkit.days import DATE_DTYPE
from collectkit.errors import CallError
from collectkit.portfolio import Portfolio
from collectkit.progress import steps
from collectkit.sources import masked

__all__ = ["REGISTER_COLUMNS", "ImportReport", "Workspace"]

Moment = str | dt.datetime | pd.Timestamp

#: Columns of the register with their dtypes.
REGISTER_COLUMNS = {
    "import_id": "str", "imported_at": DATE_DTYPE, "received_at": DATE_DTYPE, "file_name": "str", "sha256": "str",
    "imported_by": "str", "rows_in": "int64", "accepted": "int64", "already_there": "int64", "changed": "int64",
    "quarantined": "int64", "is_within_two_hours": "boolean",
}  # fmt: skip

_TWO_HOURS = pd.Timedelta(hours=2)


class Workspace:
    """A folder that keeps the book a lender imports into.

    Parameters
    ----------
    folder : path
        Made at the first import.

    Examples
    --------
    >>> import tempfile
    >>> from collectkit.checks import PROBLEM_COLUMNS
    >>> collectors = pd.DataFrame({"collector_id": ["C1", "C2"]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     workspace = Workspace(folder)
    ...     report = workspace.take_in({"collectors": collectors}, file_name="staff.csv", sha256="0" * 64, by="Li",
    ...                                imported_at="2025-04-01 09:30", problems=pd.DataFrame(columns=PROBLEM_COLUMNS))
    ...     print(report.total("accepted"), len(workspace.portfolio().collectors), len(workspace.register()))
    2 2 1
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)

    def __repr__(self) -> str:
        return f"Workspace({str(self.folder)!r})"

    def portfolio(self, *, personal: bool = False) -> Portfolio:
        """The book as it stands after the last import.

        Parameters
        ----------
        personal : bool
            True keeps names, phones, identity numbers and addresses as they are; otherwise they are masked.

        Raises
        ------
        CallError
            Nothing was imported yet, or the folder is damaged.
        """
        tables = self._tables()
        if not tables:
            raise CallError(f"Nothing was imported into {self.folder} yet. Import a file first: `collectkit import`.")
        return Portfolio(**(tables if personal else {name: masked(frame) for name, frame in tables.items()}))

    def register(self) -> pd.DataFrame:
        """What was imported when, one row per import; empty before the first.

        Returns
        -------
        DataFrame
            import_id, imported_at, received_at, file_name, sha256, imported_by, rows_in, accepted, already_there,
            changed, quarantined [count], is_within_two_hours (imported_at − received_at ≤ 2 h; missing without
            received_at).

        Notes
        -----
        accepted + already_there + changed + quarantined = rows_in.

        References
        ----------
        Source manual 002: case data are entered within two hours of receipt.
        """
        current = self._current()
        if current is None:
            return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in REGISTER_COLUMNS.items()})
        return _read(current[0] / "register.parquet")

    def take_in(
        self,
        tables: Mapping[str, pd.DataFrame],
        *,
        file_name: str,
        sha256: str,
        by: str,
        imported_at: Moment,
        problems: pd.DataFrame,
        received_at: Moment | None = None,
    ) -> ImportReport:
        """Merge the tables of a file into the book, and say what became of every row.

        Parameters
        ----------
        tables : mapping of DataFrame
            Typed tables by name, as many as the file has.
        file_name, sha256, by : str
            The file or files, their SHA-256 (64 hex digits; `collectkit.files.fingerprint`), and who imports them.
        imported_at, received_at : Timestamp
            Local time of the import and, if known, of the receipt of the file. The clock is never read.
        problems : DataFrame
            What was found while reading (`collectkit.checks.PROBLEM_COLUMNS`); its rows with an error are kept out.
            `row` is the index label of a row plus ``frame.attrs["first_row"]`` (0 without it); an error that names
            no row keeps the whole table out.

        Returns
        -------
        ImportReport

        Raises
        ------
        CallError
            The same file was imported before, another import is running, a name or type is wrong, or the file is
            empty. Nothing has changed then.

        Notes
        -----
        A row with errors goes to ``quarantine/`` with all its reasons, and so does a row whose loan is there.
        A row whose key is in the book: nothing happens if it says the same. A different loan, placement, instalment,
        contact, promise or collector replaces the old row and is listed. A payment never changes: only its
        reversal_date may be added, any other difference goes to quarantine. A column that the file does not have
        keeps its values; a cell that is empty in the file becomes empty. Pauses have no key: the same one counts once.
        """
        at, since = _moment("imported_at", imported_at), _moment("received_at", received_at)
        _check_call(at, since, sha256, by)
        with self._locked():
            register = self.register()
            self._refuse_again(register, sha256.lower(), file_name)
            import_id = f"{len(register) + 1:06d}"
            self._clean(register, import_id)
            outcome = merge(self._tables(), tables, problems)
            totals = outcome.counts.drop(columns="table").sum().to_dict()
            in_time = None if since is None else bool(at - since <= _TWO_HOURS)
            row = {"import_id": import_id, "imported_at": at, "received_at": since, "file_name": file_name,
                   "sha256": sha256.lower(), "imported_by": by, "is_within_two_hours": in_time, **totals}  # fmt: skip
            added = pd.DataFrame([row])[list(REGISTER_COLUMNS)].astype(REGISTER_COLUMNS)
            register = pd.concat([register, added], ignore_index=True)
            self._write(import_id, outcome, register)
            self._clean(register)
        return ImportReport(
            import_id, file_name, by, at, in_time, outcome.counts, without_personal(outcome.problems, "value"),
            without_personal(outcome.changed, "old", "new"), outcome.incomplete_loans, outcome.overlapping_payments,
        )  # fmt: skip

    def _current(self) -> tuple[Path, list[str]] | None:
        """Folder of the version that counts, and the names of its tables; None before the first import."""
        path = self.folder / "current.json"
        try:
            current = json.loads(path.read_text(encoding="utf-8"))
            return self.folder / "versions" / str(current["import_id"]), list(current["tables"])
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError) as error:
            raise CallError(f"{path} cannot be read. Restore the folder from a backup.") from error

    def _tables(self) -> dict[str, pd.DataFrame]:
        """The tables of the version that counts."""
        folder, names = self._current() or (self.folder, [])
        return {name: _read(folder / f"{name}.parquet") for name in names}

    def _refuse_again(self, register: pd.DataFrame, sha256: str, file_name: str) -> None:
        before = register[register["sha256"] == sha256]
        if len(before):
            first = before.iloc[0]
            raise CallError(
                f"{file_name} was imported before, as {first['file_name']}: import {first['import_id']} of "
                f"{first['imported_at']:%Y-%m-%d %H:%M} by {first['imported_by']}. There is nothing to do."
            )

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One import at a time. The system lets go of the lock when a process dies, so that none is left behind."""
        import fcntl

        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "import.lock").open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                file.seek(0)
                process = file.read() or "of somebody else"
                raise CallError(
                    f"Process {process} is importing into {self.folder}. Wait until it is done, then import again."
                ) from error
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            try:
                yield
            finally:
                file.truncate(0)

    def _write(self, import_id: str, outcome: Outcome, register: pd.DataFrame) -> None:
        """Write a new version and what was kept out; the version counts once `current.json` is replaced."""
        version = self.folder / "versions" / import_id
        for folder in (version, self.folder / "quarantine", self.folder / "changes"):
            folder.mkdir(parents=True, exist_ok=True)
        frames = {**outcome.tables, "register": register}
        for name, frame in steps(frames.items(), "writing", list(map(len, frames.values()))):
            write_file(version / f"{name}.parquet", partial(frame.to_parquet, index=False))
        write_csv(version / "register.csv", register)
        for name, frame in outcome.quarantined.items():
            write_csv(self.folder / "quarantine" / f"{import_id}-{name}.csv", frame)
        if len(outcome.changed):
            write_csv(self.folder / "changes" / f"{import_id}.csv", outcome.changed)
        for folder in (version, version.parent, self.folder / "quarantine", self.folder / "changes"):
            sync_folder(folder)
        pointer = json.dumps({"import_id": import_id, "tables": list(outcome.tables)})
        write_file(self.folder / "current.json.part", lambda file: file.write(pointer.encode()))
        (self.folder / "current.json.part").replace(self.folder / "current.json")
        sync_folder(self.folder)

    def _clean(self, register: pd.DataFrame, next_id: str = "") -> None:
        """Remove versions before the last two, and what an import that never came to its end left behind."""
        kept = set(register["import_id"].tail(2))
        for folder in (self.folder / "versions").glob("*"):
            if folder.name not in kept:
                shutil.rmtree(folder, ignore_errors=True)
        if next_id:
            for file in (*self.folder.glob(f"quarantine/{next_id}-*.csv"), *self.folder.glob(f"changes/{next_id}.csv")):
                file.unlink()


def _moment(name: str, value: Moment | None) -> Any:
    """Local time; None if there is none."""
    if value is None:
        return None
    try:
        moment = pd.Timestamp(value)
    except (ValueError, TypeError) as error:
        raise CallError(f'`{name}` is {value!r}, which is no time. Write it as "2025-12-31 09:30".') from error
    if pd.isna(moment) or moment.tz is not None:
        raise CallError(f"`{name}` is {value!r}. Give the local time, without a zone.")
    return moment.as_unit("us")


def _check_call(at: Any, since: Any, sha256: str, by: str) -> None:
    if at is None:
        raise CallError("`imported_at` is missing. Give the local time of the import.")
    if since is not None and since > at:
        raise CallError(f"`received_at` {since} is after `imported_at` {at}. Correct one of them.")
    if not re.fullmatch("[0-9a-fA-F]{64}", sha256):
        raise CallError("`sha256` is not a SHA-256. Give its 64 hex digits.")
    if not by.strip():
        raise CallError("`by` is empty. Say who imports the file.")


def _read(path: Path) -> pd.DataFrame:
    try:
        return pd.read_parquet(path)
    except (OSError, ValueError) as error:  # pyarrow's errors are ValueErrors
        raise CallError(f"{path} cannot be read. Restore the folder from a backup.") from error
