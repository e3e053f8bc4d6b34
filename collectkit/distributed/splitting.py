"""A book split into partitions by loan, the loans of a customer together, in one pass that holds no table whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from collectkit._coded import Ints
from collectkit.columns import COLUMNS, TABLES
from collectkit.distributed._places import new_folder, place
from collectkit.distributed.partitions import Partitions, file_of
from collectkit.errors import CallError, listed
from collectkit.ids import are_different, positions
from collectkit.portfolio import Portfolio
from collectkit.progress import steps

#: Rows that are held at a time.
_BATCH = 2_000_000
_ALWAYS = ("loans", "instalments", "payments")
#: Gives a table, or those of some columns that it has, batch after batch, at least one.
Batches = Callable[[list[str] | None], Iterator[Any]]


def partition(source: Portfolio | str | Path, folder: str | Path, *, partitions: int) -> Partitions:
    """Split a book by loan into partitions of about equal size, written as Parquet.

    Parameters
    ----------
    source : Portfolio, path or fsspec URL
        A portfolio, or a folder of Parquet files as `Portfolio.write` writes them, which may be larger than memory.
    folder : path or fsspec URL
        A new folder, here or in an object store: ``data/book``, ``s3://bucket/book``.
    partitions : int
        How many. A worker holds one at a time for each of its threads: 100 000 loans are about 1 GB.

    Returns
    -------
    Partitions
        ``folder/payments/00002.parquet`` holds the payments of partition 2; ``folder/payments`` is a Parquet data set.

    Raises
    ------
    CallError
        The folder is there already, a table is missing or names unknown loans, or there are too many partitions.

    Notes
    -----
    The loans of a customer stay together, because each shows the days past due of the worst. Customers are laid side
    by side in the order of the loans, as long as they have rows, and cut at equal distances; a customer goes to the
    part its middle lies in. No customer may be longer than a part, so no part is empty or longer than twice the mean.

    Columns of personal data are left out: no figure needs them. Tables without loans (collectors) stand whole in every
    partition. A portfolio is checked before; a folder when a partition is read, where a payment_id that two loans of
    different partitions have is not found.

    Examples
    --------
    >>> import collectkit as ck
    >>> parts = partition(ck.load_sample("demo"), "memory://book", partitions=4)
    >>> len(parts), int(parts.rows.loans.sum()), parts.skew < 1.1
    (4, 3000, True)
    """
    if isinstance(partitions, bool) or not isinstance(partitions, int) or partitions < 1:
        raise CallError(f"`partitions` is {partitions!r}. Give a whole number from 1 on.")
    tables = _tables_of(source)
    loans = pd.concat([batch.to_pandas() for batch in tables["loans"](["loan_id", "customer_id"])], ignore_index=True)
    if not are_different(loans["loan_id"]):
        raise CallError("loans: a loan_id repeats. Find them with `collectkit check`.")
    customers = loans["customer_id"] if "customer_id" in loans else pd.Series(np.nan, loans.index)
    sizes = {name: _rows_of(name, batches, loans["loan_id"]) for name, batches in tables.items()}
    shares = _shares(customers, np.sum([rows for rows in sizes.values() if rows is not None], axis=0), partitions)
    files, path = new_folder(folder)
    agencies, days = _agencies(tables), _days(tables)
    rows = {}
    work = [0 if of_loans is None else int(of_loans.sum()) for of_loans in sizes.values()]
    for name in steps(tables, "partitioning", work):
        files.makedirs(f"{path}/{name}", exist_ok=True)
        targets = [file_of(path, name, number) for number in range(partitions)]
        rows[name] = _split(tables[name], loans["loan_id"], shares, files, targets)
    made = Partitions(str(folder), pd.DataFrame(rows), agencies, *days)
    made.write_about()
    return made


def _tables_of(source: Portfolio | str | Path) -> dict[str, Batches]:
    """The tables of a source that hold anything, and the three that are always there."""
    import pyarrow as pa

    if isinstance(source, Portfolio):
        given = {name: frame for name, frame in source.tables.items() if len(frame) or name in _ALWAYS}
        try:
            return {name: partial(_slices, pa.Table.from_pandas(frame, preserve_index=False))
                    for name, frame in given.items()}  # fmt: skip
        except pa.ArrowException as error:
            raise CallError(f"Parquet cannot hold a column: {error}. Write fractions as text, 1/7 as '1/7'.") from error
    files, path = place(source)
    found = {name: f"{path}/{name}.parquet" for name in TABLES if files.exists(f"{path}/{name}.parquet")}
    missing = [name for name in _ALWAYS if name not in found]
    if missing:
        raise CallError(f"{source} has no {listed(f'{name}.parquet' for name in missing)}. Take a folder of Parquet "
                        "files, or pass `read_portfolio(…)` of other files.")  # fmt: skip
    return {name: partial(_read, files, file) for name, file in found.items()}


def _slices(table: Any, columns: list[str] | None) -> Iterator[Any]:
    table = table.select(_kept(table.column_names, columns))
    for begin in range(0, max(len(table), 1), _BATCH):
        yield table.slice(begin, _BATCH)


def _read(files: Any, path: str, columns: list[str] | None) -> Iterator[Any]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with files.open(path, "rb") as file:
        source = pq.ParquetFile(file)
        names = _kept(source.schema_arrow.names, columns)
        schema = pa.schema([source.schema_arrow.field(name) for name in names], source.schema_arrow.metadata)
        is_empty = source.metadata.num_rows == 0
        for batch in [schema.empty_table()] if is_empty else source.iter_batches(_BATCH, columns=names):
            yield pa.table([batch[name] for name in names], schema)


def _kept(names: list[str], asked: list[str] | None) -> list[str]:
    """Of a table's columns those that are asked for, or all but those of personal data."""
    if asked is not None:
        return [name for name in asked if name in names]
    return [name for name in names if name not in COLUMNS or COLUMNS[name].kind != "personal"]


def _rows_of(name: str, batches: Batches, loan_id: pd.Series) -> Ints | None:
    """How many rows of a table each loan has; None for a table without loans."""
    if "loan_id" not in TABLES[name].required:
        return None
    rows = np.zeros(len(loan_id), dtype=np.int64)
    for batch in batches(["loan_id"]):
        rows += np.bincount(_loans(name, batch, loan_id), minlength=len(loan_id))
    return rows


def _loans(name: str, batch: Any, loan_id: pd.Series) -> Ints:
    """The loan of each row, as its position among the loans."""
    ids = batch["loan_id"].to_pandas()
    loan = positions(ids, loan_id)
    if (loan < 0).any():
        raise CallError(f"{name} names loans that are not in `loans` ({listed(ids[loan < 0])}). Correct them first.")
    return loan


def _shares(customer: pd.Series, rows: Ints, partitions: int) -> Ints:
    """The partition of each loan: its customer's, by where the middle of the customer's rows lies."""
    codes, names = pd.factorize(customer)
    alone = np.flatnonzero(codes < 0)
    codes[alone] = len(names) + np.arange(len(alone))
    code, first = np.unique(codes, return_index=True)
    place = np.empty(len(code), dtype=np.int64)
    place[np.argsort(first)] = np.arange(len(code))  # in the order of their first loans
    codes = place[codes]
    length = np.bincount(codes, weights=rows).astype(np.int64)
    total, longest = int(length.sum()), int(length.max(initial=0))
    if longest * partitions > total:
        raise CallError(f"The book has too few rows for {partitions} partitions: one customer has {longest:,} of "
                        f"{total:,}. Ask for at most {total // longest if longest else 0}.")  # fmt: skip
    middle = 2 * np.cumsum(length) - length
    return (middle * partitions // (2 * total))[codes].astype(np.int32)


def _split(batches: Batches, loan_id: pd.Series, shares: Ints, files: Any, targets: list[str]) -> list[int]:
    """Write the rows of a table to their partitions; gives how many each has."""
    import pyarrow.parquet as pq

    counts = np.zeros(len(targets), dtype=np.int64)
    with ExitStack() as stack:
        writers: list[Any] = []
        for batch in batches(None):
            if not writers:
                handles = [stack.enter_context(files.open(target, "wb")) for target in targets]
                writers = [stack.enter_context(pq.ParquetWriter(handle, batch.schema)) for handle in handles]
            if "loan_id" not in batch.column_names:
                for writer in writers:
                    writer.write_table(batch)
                counts += len(batch)
                continue
            share = shares[_loans("", batch, loan_id)]
            if (np.diff(share) < 0).any():
                order = np.argsort(share, kind="stable")
                batch, share = batch.take(order), share[order]
            edges = np.searchsorted(share, np.arange(len(targets) + 1))
            for number in np.flatnonzero(np.diff(edges)):
                writers[number].write_table(batch.slice(edges[number], edges[number + 1] - edges[number]))
            counts += np.diff(edges)
    return counts.tolist()


def _agencies(tables: Mapping[str, Batches]) -> tuple[str, ...]:
    """All agencies, in order."""
    if "placements" not in tables:
        return ()
    return tuple(sorted({name for batch in tables["placements"](["agency"]) for name in batch["agency"].to_pylist()}))


def _days(tables: Mapping[str, Batches]) -> tuple[pd.Timestamp, pd.Timestamp]:
    """First day of a disbursement, and last of a disbursement or posting."""
    lent = pd.concat([batch["disbursement_date"].to_pandas() for batch in tables["loans"](["disbursement_date"])])
    last = [lent.max()]
    for batch in tables["payments"](["posting_date", "value_date"]):  # posted, or else the day it counts
        last.append(batch.to_pandas().bfill(axis="columns").iloc[:, 0].max())
    return pd.Timestamp(lent.min()), pd.Series(last, dtype="datetime64[us]").max()
