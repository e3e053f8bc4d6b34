"""Writing that lasts: a file is on the disk before the next step, and no text in it runs as a formula."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import pandas as pd

#: A text cell that begins so is run as a formula by a spreadsheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # the last four: full width


def formula_safe(frame: pd.DataFrame) -> pd.DataFrame:
    """The table with an apostrophe before every text, names of columns included, that a spreadsheet would run.

    Examples
    --------
    >>> formula_safe(pd.DataFrame({"note": ["=cmd|'/c calc'!A1", "paid"], "amount": [-1.0, 2.0]})).to_numpy().tolist()
    [["'=cmd|'/c calc'!A1", -1.0], ['paid', 2.0]]
    """
    texts = [name for name in frame if frame[name].dtype == object or pd.api.types.is_string_dtype(frame[name].dtype)]
    safe = frame.assign(**{str(name): frame[name].astype(object).map(_safe, na_action="ignore") for name in texts})
    return safe.rename(columns=_safe)


def _safe(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def write_csv(path: Path, frame: pd.DataFrame) -> None:
    """A table for people, as spreadsheets read it."""
    text = formula_safe(frame).to_csv(index=False, lineterminator="\r\n")
    write_file(path, lambda file: file.write(text.encode("utf-8-sig")))


def write_file(path: Path, write: Callable[[IO[bytes]], Any]) -> None:
    """Write a file and wait until the disk has it."""
    with path.open("wb") as file:
        write(file)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Wait until the disk has the names in a folder."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
