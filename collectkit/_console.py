"""What a person at the command line sees and gets: lines, bars, tables, files."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from collectkit.errors import CallError, unknown_name
from collectkit.printing import pdf, with_pictures
from collectkit.progress import listening
from collectkit.sources import masked
from collectkit.word_files import word
from collectkit.writing import to_csv, to_excel

#: Rows of a table that are shown; a file has all of them.
MOST_SHOWN = 50


def write(tables: Mapping[str, pd.DataFrame], target: str, html: Callable[[], str] | None = None) -> None:
    """Write by the ending of the file: tables masked, or a document; a CSV or Parquet file holds the first table."""
    path, safe = new_file(target), {name: masked(frame) for name, frame in tables.items()}
    first = next(iter(safe.values()), pd.DataFrame())
    writers: dict[str, Callable[[], object]] = {}
    if safe:
        writers[".csv"] = lambda: to_csv(first, path)
        writers[".xlsx"] = lambda: to_excel(safe, path)
    if html is None:
        writers[".parquet"] = lambda: first.to_parquet(path, index=False)
    else:
        writers[".html"] = lambda: path.write_text(html(), encoding="utf-8")
        writers[".pdf"] = lambda: path.write_bytes(pdf(html()))
        writers[".docx"] = lambda: path.write_bytes(word(with_pictures(html())))
    if path.suffix.lower() not in writers:
        raise unknown_name("kind of file", path.suffix or path.name, writers)
    writers[path.suffix.lower()]()
    say(f"Wrote {path}.")


def new_file(target: str) -> Path:
    """The path of a file to be written; one that is there is not written over."""
    if Path(target).exists():
        raise CallError(f"{target} is there already. Take another name, or remove it first.")
    return Path(target)


def show(frame: pd.DataFrame) -> None:
    """The first rows of a table on the standard output, if there are any."""
    if len(frame):
        sys.stdout.write(frame.head(MOST_SHOWN).to_string(index=False) + "\n")


@contextmanager
def bars() -> Iterator[None]:
    """Show how far long work has come, as a bar on the standard error; nothing if that is no terminal."""
    from tqdm import tqdm

    shown: dict[str, Any] = {}

    def hear(what: str, done: int, total: int) -> None:
        if what not in shown:
            form = "{desc} {percentage:3.0f}% |{bar}| {elapsed}"
            shown[what] = tqdm(total=total, desc=what, disable=None, leave=False, bar_format=form, file=sys.stderr)
        shown[what].update(done - shown[what].n)
        if done >= total:
            shown.pop(what).close()

    try:
        with listening(hear):
            yield
    finally:
        for bar in shown.values():
            bar.close()


@contextmanager
def step(what: str) -> Iterator[None]:
    """Say what is being done, and how long it took if it was long."""
    say(f"{what} …")
    start = time.monotonic()
    yield
    if time.monotonic() - start > 2:
        say(f"  {time.monotonic() - start:.1f} s")


def say(text: str) -> None:
    sys.stderr.write(text + "\n")
