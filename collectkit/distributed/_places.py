"""Folders, here or in an object store, under the addresses of fsspec."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from collectkit.errors import CallError


def place(folder: str | Path) -> tuple[Any, str]:
    """The file system of a folder, and its path there.

    Raises
    ------
    CallError
        fsspec, or what it needs for this kind of address, is not installed, or it knows no such kind.
    """
    try:
        from fsspec.core import url_to_fs

        return url_to_fs(str(folder))
    except (ImportError, ValueError) as error:
        raise CallError(f"{folder} cannot be reached: {error}. Install `collectkit[distributed]`.") from error


def new_folder(folder: str | Path) -> tuple[Any, str]:
    """The same for a folder to write to; one that holds anything is not written into."""
    files, path = place(folder)
    if files.exists(path) and files.find(path):
        raise CallError(f"{folder} is there already. Take another name, or remove it first.")
    files.makedirs(path, exist_ok=True)
    return files, path


def write_parquet(table: Any, files: Any, path: str) -> None:
    """Write an Arrow table, complete or not at all: who is killed on the way leaves no half file."""
    import pyarrow.parquet as pq

    with files.open(path, "wb", autocommit=False) as file:
        pq.write_table(table, file)
    file.commit()


def read_parquet(files: Any, path: str, **options: Any) -> Any:
    """An Arrow table of one file; `options` are those of `pyarrow.parquet.read_table`.

    Raises
    ------
    CallError
        The file is not there, or not whole.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        if not files.exists(path):  # asked first, since some drivers complain once more when what never opened is freed
            raise FileNotFoundError("it is not there")
        with files.open(path, "rb") as file:
            return pq.read_table(file, **options)
    except (OSError, pa.ArrowException) as error:
        raise CallError(f"{path} is lost or not whole: {error}. Restore it, or partition the book anew.") from error
