"""Writing that lasts: a file is on the disk before the next step, and no text in it runs as a formula."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import IO, Any

import pandas as pd

from collectkit.writing import to_csv


def write_csv(path: Path, frame: pd.DataFrame) -> None:
    """A table for people, as spreadsheets read it."""
    write_file(path, partial(to_csv, frame))


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
