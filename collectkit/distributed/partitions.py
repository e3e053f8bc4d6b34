"""A partitioned book: which partitions there are, and one of them as a portfolio."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from collectkit.columns import TABLES
from collectkit.distributed._places import place, read_parquet
from collectkit.errors import CallError
from collectkit.portfolio import Portfolio

#: Written last: a folder without it is no partitioned book, or one whose writing was broken off.
ABOUT = "partitions.json"


@dataclass(frozen=True)
class Partitions:
    """A book in partitions, as `partition` writes it.

    Attributes
    ----------
    folder : str
        Where it is; ``folder/payments/00002.parquet`` holds the payments of partition 2.
    rows : DataFrame
        Rows of each table [count], one row per partition.
    agencies : tuple of str
        All agencies of the book.
    first_date, last_date : Timestamp
        As of the `Portfolio`.
    """

    folder: str
    rows: pd.DataFrame
    agencies: tuple[str, ...]
    first_date: pd.Timestamp
    last_date: pd.Timestamp

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        return f"Partitions({len(self)} × about {self.rows['loans'].mean():,.0f} loans, {self.folder!r})"

    @property
    def skew(self) -> float:
        """Rows of the largest partition ÷ rows of the mean one, over the tables that are split."""
        rows = self.rows[self.split_tables].sum(axis="columns")
        return float(rows.max() / rows.mean())

    @property
    def split_tables(self) -> list[str]:
        """Tables whose rows belong to loans; the others stand whole in every partition."""
        return [name for name in map(str, self.rows) if "loan_id" in TABLES[name].required]

    def portfolio(self, number: int) -> Portfolio:
        """One partition; no other is read.

        Parameters
        ----------
        number : int
            From 0 on.

        Raises
        ------
        CallError
            There is no such partition.
        """
        if number not in self.rows.index:
            raise CallError(f"There is no partition {number!r}. They are numbered from 0 to {len(self) - 1}.")
        return Portfolio(**{name: self.table(number, name).to_pandas() for name in map(str, self.rows)})

    def table(self, number: int, name: str, **options: Any) -> Any:
        """One table of one partition, as Arrow has it; `options` are those of `pyarrow.parquet.read_table`."""
        files, path = place(self.folder)
        return read_parquet(files, file_of(path, name, number), **options)

    def write_about(self) -> None:
        """Write what is known of the partitions beside them."""
        about = {
            "rows": self.rows.to_dict("list"),
            "agencies": list(self.agencies),
            "first_date": _text(self.first_date),
            "last_date": _text(self.last_date),
        }
        files, path = place(self.folder)
        with files.open(f"{path}/{ABOUT}", "w", encoding="utf-8") as file:
            json.dump(about, file, indent=1)


def read_partitions(folder: str | Path) -> Partitions:
    """The partitions that `partition` wrote; their loans are not read.

    Parameters
    ----------
    folder : path or fsspec URL

    Raises
    ------
    CallError
        The folder holds no partitions.

    Examples
    --------
    >>> import collectkit as ck
    >>> written = ck.distributed.partition(ck.load_sample("demo"), "memory://read-again", partitions=4)
    >>> read_partitions("memory://read-again").portfolio(0).loans.equals(written.portfolio(0).loans)
    True
    """
    files, path = place(folder)
    if not files.exists(f"{path}/{ABOUT}"):
        raise CallError(f"{folder} holds no partitions. Write them with `distributed.partition`.")
    with files.open(f"{path}/{ABOUT}", "r", encoding="utf-8") as file:
        about = json.load(file)
    first, last = pd.Timestamp(about["first_date"]), pd.Timestamp(about["last_date"])
    return Partitions(str(folder), pd.DataFrame(about["rows"]), tuple(about["agencies"]), first, last)


def is_partitioned(folder: str | Path) -> bool:
    """True for a folder that `partition` has written; false for an address that is no folder.

    Examples
    --------
    >>> is_partitioned("demo")
    False
    """
    try:
        files, path = place(folder)
    except CallError:
        return False
    return bool(files.exists(f"{path}/{ABOUT}"))


def file_of(path: str, table: str, number: int) -> str:
    """Where a table of a partition is."""
    return f"{path}/{table}/{number:05d}.parquet"


def _text(day: pd.Timestamp) -> str | None:
    return None if pd.isna(day) else day.strftime("%Y-%m-%d")
