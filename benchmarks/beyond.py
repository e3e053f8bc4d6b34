"""Beyond one machine and after the day's run: partitions, a book larger than memory, late payments.

Each case runs in a process of its own (``python -m benchmarks.beyond case words…``), as those of `benchmarks.cases`.
"""

from __future__ import annotations

import json
import math
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.cases import ALL_TABLES, read, warm_up
from benchmarks.measuring import fastest, peak_of, resident, seconds

LATE = 20_000
"""New payments per million loans."""
PARTITION = 100_000
"""Loans of a partition."""
ROOM = 1_000
"""Bytes on disk per loan: the book, its partitions and their figures, with a reserve."""
IDS = ("loan_id", "customer_id", "payment_id", "placement_id")
Figures = dict[str, Any]


def partitioned(folder: str, loans: str) -> Figures:
    """Seconds and peak memory of splitting and of a run over the partitions, one partition at a time."""
    import dask

    import collectkit as ck

    warm_up()
    policy, count = ck.load_policy(), max(int(loans) // PARTITION, 2)
    with tempfile.TemporaryDirectory(prefix="collectkit-bench-") as place, dask.config.set(scheduler="synchronous"):
        found: Figures = {}

        def measured(name: str, call: Any) -> Any:
            empty, kept = resident(), []
            peak, taken = peak_of(lambda: seconds(lambda: kept.append(call())))
            found[name] = {"seconds": taken, "peak": peak - empty}
            return kept[0]

        parts = measured("split", lambda: ck.distributed.partition(folder, f"{place}/parts", partitions=count))
        day, months = parts.last_date, ck.month_ends(parts.first_date, parts.last_date)
        measured("assess", lambda: ck.distributed.assess(parts, policy, as_of=day, to=f"{place}/loans"))
        measured("cube", lambda: ck.distributed.cube(parts, policy, dates=months))
        return {**found, "partitions": count, "skew": parts.skew}


def late(folder: str, loans: str) -> Figures:
    """Seconds to take in late payments and assess again, and of the full run; and whether the figures are equal."""
    import numpy as np
    import pandas as pd

    import collectkit as ck

    warm_up()
    policy, tables = ck.load_policy(), read(folder, ALL_TABLES)
    payments = tables.pop("payments")
    is_new = np.zeros(len(payments), dtype=bool)
    is_new[np.random.default_rng(1).choice(len(payments), LATE * int(loans) // 10**6, replace=False)] = True
    before, new = payments[~is_new].reset_index(drop=True), payments[is_new].reset_index(drop=True)
    every = pd.concat([before, new], ignore_index=True)
    del payments
    book = ck.Portfolio(**tables, payments=before)
    day = book.last_date
    first = ck.assess(book, policy, as_of=day)
    results: Figures = {}

    def incremental() -> None:
        now = book.adding(payments=new)
        results["late"] = ck.reassess(first, now, policy, loan_ids=new["loan_id"], as_of=day)

    def full() -> None:
        results["full"] = ck.assess(ck.Portfolio(**tables, payments=every), policy, as_of=day)

    def next_day() -> None:
        ck.assess(book.adding(payments=new), policy, as_of=day + pd.Timedelta(days=1))

    taken = fastest(3, late=incremental, next_day=next_day, full=full)
    return {**taken, "rows": len(new), "equal": results["late"].equals(results["full"])}


def simulate_in_parts(folder: str, loans: str, months: str) -> Figures:
    """Write a book of any size as one file per table, part by part, so that it is never held whole.

    Each part is a simulation with its own seed; the number of the part stands before its ids.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    from collectkit.simulation import simulate_tables

    count = math.ceil(int(loans) / PARTITION)
    with ExitStack() as stack:
        writers: dict[str, Any] = {}
        for part in range(count):
            tables = simulate_tables(loans=int(loans) // count, months=int(months), seed=1 + part)
            for name in ALL_TABLES:
                frame = tables[name]
                own = {column: f"{part:04d}" + frame[column] for column in IDS if column in frame}
                table = pa.Table.from_pandas(frame.assign(**own), preserve_index=False)
                if name not in writers:
                    path = Path(folder) / f"{name}.parquet"
                    writers[name] = stack.enter_context(pq.ParquetWriter(path, table.schema))
                writers[name].write_table(table)
    return {}


def measured(folder: str, loans: int) -> dict[str, Figures]:
    """All figures of one size, each case in a process of its own."""
    return {case: _in_child(case, folder, str(loans)) for case in ("partitioned", "late")}


def measured_in_parts(loans: int, months: int) -> dict[str, Figures]:
    """The figures of partitions for a book that need not fit into memory."""
    with tempfile.TemporaryDirectory(prefix="collectkit-bench-") as folder:
        free = shutil.disk_usage(folder).free
        if free < loans * ROOM:
            raise SystemExit(
                f"{loans:,} loans need {loans * ROOM / 1e9:.1f} GB in {folder}; {free / 1e9:.1f} are free."
            )
        _in_child("simulate_in_parts", folder, str(loans), str(months))
        return {"partitioned": _in_child("partitioned", folder, str(loans))}


def _in_child(case: str, *words: str) -> Figures:
    command = [sys.executable, "-m", "benchmarks.beyond", case, *words]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)


def table(found: dict[int, dict[str, Figures]]) -> str:
    """The figures as Markdown, one column per size."""
    from tabulate import tabulate

    def row(label: str, case: str, text: Callable[[Figures], str]) -> list[str]:
        return [label, *(text(figures[case]) if case in figures else "" for figures in found.values())]

    rows: list[list[str]] = []
    for name, what in (
        ("split", "split into partitions"),
        ("assess", "assess, one date"),
        ("cube", "cube, all month ends"),
    ):
        rows.append(row(f"{what}: seconds", "partitioned", lambda f, name=name: f"{f[name]['seconds']:.1f}"))
        rows.append(
            row(f"{what}: peak memory [MB]", "partitioned", lambda f, name=name: f"{f[name]['peak'] / 1e6:,.0f}")
        )
    rows.append(row("partitions", "partitioned", lambda f: str(f["partitions"])))
    rows.append(row("largest ÷ mean partition", "partitioned", lambda f: f"{f['skew']:.4f}"))
    rows.append(row("late payments: rows", "late", lambda f: f"{f['rows']:,}"))
    for name, what in (("late", "late payments: add and reassess"), ("next_day", "add, then assess the next day"),
                       ("full", "full run: check, code, assess (tables in memory)")):  # fmt: skip
        rows.append(row(f"{what}: seconds", "late", lambda f, name=name: f"{f[name]:.2f}"))
    for name, what in (("late", "add and reassess ÷ full run"), ("next_day", "next day ÷ full run")):
        rows.append(row(what, "late", lambda f, name=name: f"{f[name] / f['full']:.3f}"))
    rows.append(row("figures equal", "late", lambda f: "yes" if f["equal"] else "NO"))
    return tabulate(rows, ["", *(f"{loans:,} loans" for loans in found)], tablefmt="github", disable_numparse=True)


if __name__ == "__main__":
    print(json.dumps(globals()[sys.argv[1]](*sys.argv[2:])))
