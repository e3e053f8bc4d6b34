"""What one reader has uploaded: files in a private folder, the tables in them, and what the checks found.

No widget stands here and nothing is shared: each session has an `Upload` of its own, which outlives the page so
that a change of the language loses nothing, and whose folder is removed when the session ends.
"""

from __future__ import annotations

import datetime as dt
import re
import shutil
import tempfile
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

import pandas as pd
import panel as pn

from collectkit.columns import TABLES
from collectkit.errors import CallError, CollectkitError
from collectkit.files import fingerprint, read_frames
from collectkit.mapping import Mapping as ColumnMapping
from collectkit.mapping import load_mapping, map_tables, propose_mapping
from collectkit.portfolio import Portfolio
from collectkit.rules import checked
from collectkit.sources import all_problems, read_tables
from collectkit.stated import stated_differences
from collectkit.writing import DTYPES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from collectkit.policy import Policy
    from collectkit.register import ImportReport, Workspace
    from dashboards.session import Session

FLAT_KINDS = (".csv", ".txt", ".tsv", ".parquet")
BOOK_KINDS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
MOST_BYTES = 200 * 1024**2
"""Largest file that is taken [bytes]."""
MOST_BYTES_TOGETHER = 2 * MOST_BYTES
"""Most that is taken at once [bytes]."""
_LONGEST_NAME = 60

Tables = dict[str, pd.DataFrame]


class Found(NamedTuple):
    """What the checks found: rows per table [count], problems, and how many of each kind [count]."""

    rows: dict[str, int]
    problems: pd.DataFrame
    errors: int
    warnings: int
    unused: tuple[str, ...]


class Stated(NamedTuple):
    """Figures the source states itself that are not ours, under which policy, told in which language."""

    differences: pd.DataFrame
    policy: str
    language: str


class Trouble(NamedTuple):
    """Why a step did not come to its end: the step and the text, or the number in the log."""

    step: str
    text: str = ""
    number: str = ""


class Upload:
    """Files of one reader with the state of the page *Data*."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._view: Callable[[], Callable[[], None] | None] = lambda: None
        self.close: Callable[[], object] = lambda: None
        self.busy = ""
        self._start_again()

    def watch(self, show: Callable[[], None]) -> None:
        """Call this method when something has changed; the page before is no longer called."""
        self._view = weakref.WeakMethod(show)

    def tell(self) -> None:
        """Bring the page that is shown up to date."""
        show = self._view()
        if show is not None:
            show()

    def take(self, files: Iterable[tuple[str, bytes]]) -> None:
        """Keep new files in place of the old ones, and find out what they hold."""
        self._start_again()
        folder = self._empty_folder()
        tables: Tables = {}
        together = 0
        for given, content in files:
            name = safe_name(given)
            path = folder / ("books" if name.lower().endswith(BOOK_KINDS) else "flat") / name
            together += len(content)
            try:
                frames = _kept(path, content, together, tables)
            except CollectkitError as error:
                self.refused.append((given, str(error)))
                continue
            tables |= frames
            self.paths[path] = tuple(frames)
        if tables:
            self._look(tables)

    def check(self, text: str | None = None) -> None:
        """Check the tables; `text` is the mapping as the reader has edited it."""
        self.found, self.stated, self.report, self.mapping = None, None, None, None
        if text is not None:
            self.mapping_text = text
            file = self._empty_folder("mapping") / "mapping.toml"
            file.write_text(text, encoding="utf-8")
            self.mapping = load_mapping(file)
        tables, unread = self.read()
        problems = all_problems(tables, unread)
        errors = int(problems["severity"].eq("error").sum())
        rows = {name: len(frame) for name, frame in tables.items()}
        self.found = Found(rows, problems, errors, len(problems) - errors, self._unused())

    def read(self) -> tuple[Tables, pd.DataFrame]:
        """Tables under our names and what could not be read; read anew, so that a session holds no rows."""
        if self.mapping is not None:
            frames: Tables = {}
            for path in self.paths:
                frames |= read_frames(path)
            return map_tables(frames, self.mapping)
        tables: Tables = {}
        problems = []
        for source, names in self._sources().items():
            if any(name in TABLES for name in names):
                found, unread = read_tables(source)
                tables |= found
                problems.append(unread)
        return tables, pd.concat(problems, ignore_index=True)

    @property
    def states_figures(self) -> bool:
        """True if the files state figures of their own and nothing has to be put right first."""
        return self.found is not None and not self.found.errors and bool(self.found.rows.get("stated"))

    def compare(self, policy: Policy, name: str, language: str, workspace: Workspace | None) -> None:
        """Compare stated figures with ours; files that hold nothing else, with the book of the workspace."""
        tables = {name: frame for name, frame in self.read()[0].items() if name in TABLES}
        if tables.keys() >= {"loans", "instalments", "payments"}:
            book = Portfolio(**tables)
        elif workspace is not None:
            book = workspace.portfolio().replacing(stated=tables["stated"])
        else:
            raise CallError("Stated figures are compared with a book: add its loans, instalments and payments.")
        self.stated = Stated(stated_differences(book, policy, language=language), name, language)

    def take_in(self, read: tuple[Tables, pd.DataFrame], workspace: Workspace, by: str) -> None:
        """Import what was read."""
        tables, problems = read
        paths = sorted(self.paths, key=lambda path: path.name)
        self.report = workspace.take_in(
            tables,
            file_name=", ".join(path.name for path in paths),
            sha256=fingerprint(paths),
            by=by,
            problems=problems,
            imported_at=dt.datetime.now().astimezone().replace(tzinfo=None, microsecond=0),
        )

    def _start_again(self) -> None:
        """No files, nothing found."""
        self.paths: dict[Path, tuple[str, ...]] = {}
        self.refused: list[tuple[str, str]] = []
        self.needs_mapping = False
        self.mapping_text = self.mapping_note = ""
        self.mapping: ColumnMapping | None = None
        self.found: Found | None = None
        self.stated: Stated | None = None
        self.report: ImportReport | None = None
        self.trouble: Trouble | None = None

    def _empty_folder(self, name: str = "") -> Path:
        """The private folder, or one inside it, with nothing in it."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="collectkit-"))
            self.close = weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        folder = self._folder / name
        shutil.rmtree(folder, ignore_errors=True)
        for inner in (folder,) if name else (folder, folder / "flat", folder / "books"):
            inner.mkdir(mode=0o700)
        return folder

    def _look(self, tables: Tables) -> None:
        """Check the tables if they have our names, otherwise propose a mapping."""
        foreign = [name for name, frame in tables.items() if not _is_ours(name, frame)]
        if foreign:
            try:
                only_foreign = {name: tables[name] for name in foreign}
                propose_mapping(only_foreign)
                self.mapping_text = propose_mapping(tables, name=next(iter(tables))).to_toml()
                self.needs_mapping = True
            except CollectkitError as error:
                if len(foreign) == len(tables):
                    self.needs_mapping, self.mapping_note = True, str(error)
                    self.mapping_text = _beginning(tables)
        if not self.needs_mapping:
            self.check()

    def _sources(self) -> dict[Path, tuple[str, ...]]:
        """What is read at once, with its tables: all flat files as one folder, each workbook by itself."""
        sources: dict[Path, tuple[str, ...]] = {}
        for path, names in self.paths.items():
            source = path.parent if path.parent.name == "flat" else path
            sources[source] = (*sources.get(source, ()), *names)
        return sources

    def _unused(self) -> tuple[str, ...]:
        """Tables of the files that nothing is taken from."""
        used = {source for table in self.mapping.tables.values() for source in table.source} if self.mapping else TABLES
        return tuple(name for names in self.paths.values() for name in names if name not in used)


def safe_name(given: str) -> str:
    r"""Name of an uploaded file as it is kept: no folders, only letters, digits, ``-``, ``_`` and ``.``.

    Examples
    --------
    >>> safe_name("../../etc/pass wd"), safe_name("C:\\贷款台账(1).CSV")
    ('pass_wd', '贷款台账_1_.CSV')
    """
    base = re.split(r"[\\/]", given)[-1]
    path = Path("".join(c if c.isalnum() or c in "-_." else "_" for c in base).strip(".") or "file")
    return path.stem[:_LONGEST_NAME] + path.suffix[: _LONGEST_NAME // 4]


def upload_of(session: Session) -> Upload:
    """What this session has uploaded; its files go when the session ends."""
    if session not in _uploads:
        upload = _uploads[session] = Upload()
        if pn.state.curdoc is not None and pn.state.curdoc.session_context is not None:

            def close(context: object) -> None:
                upload.close()

            pn.state.on_session_destroyed(close)
    return _uploads[session]


_uploads: WeakKeyDictionary[Session, Upload] = WeakKeyDictionary()


def _kept(path: Path, content: bytes, together: int, tables: Tables) -> Tables:
    """The tables of a file; a file that cannot be read is not kept."""
    if len(content) > MOST_BYTES or together > MOST_BYTES_TOGETHER:
        most = f"{MOST_BYTES // 1024**2} MB a file, {MOST_BYTES_TOGETHER // 1024**2} MB together"
        raise CallError(f"{path.name} is too large ({most}). Split it, or use `collectkit import`.")
    if path.exists():
        raise CallError(f"There is another file named {path.name}. Rename one of them.")
    path.write_bytes(content)
    try:
        frames = read_frames(path)
        frames.pop(DTYPES, None)
        twice = [name for name in frames if name in tables]
        if twice:
            raise CallError(f"Table {twice[0]} of {path.name} is in another file, too. Keep one of them.")
    except Exception:
        path.unlink()
        raise
    return frames


def _is_ours(name: str, frame: pd.DataFrame) -> bool:
    """True if the table and at least one of its required columns have our names."""
    return name in TABLES and any(column in frame for column in TABLES[name].required)


def _beginning(tables: Tables) -> str:
    """First lines of a mapping to be written by hand."""
    name, frame = next(iter(tables.items()))
    header = next(iter(map(str, frame.columns)), "") or "?"
    loans = {"from": name, "columns": {"loan_id": header}}
    return checked(ColumnMapping, {"name": "my export", "tables": {"loans": loans}}, "the mapping").to_toml()
