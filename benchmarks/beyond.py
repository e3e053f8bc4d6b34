"""Beyond one machine and after the day's run: partitions, growth, late payments.

Each case runs in a process of its own (``python -m benchmarks.beyond case words…``), as those of `benchmarks.cases`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from typing import Any

from benchmarks.cases import ALL_TABLES, read, warm_up
from benchmarks.measuring import fastest, peak_of, resident, seconds

LATE = 20_000
"""New payments per million loans."""
PARTITION = 100_000
"""Loans of a partition."""
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


def measured(folder: str, loans: int) -> dict[str, Figures]:
    """All figures of one size, each case in a process of its own."""
    found = {}
    for case in ("partitioned", "late"):
        words = [sys.executable, "-m", "benchmarks.beyond", case, folder, str(loans)]
        found[case] = json.loads(subprocess.run(words, stdout=subprocess.PIPE, check=True).stdout)
    return found


def table(found: dict[int, dict[str, Figures]]) -> str:
    """The figures as Markdown, one column per size."""
    from tabulate import tabulate

    rows: list[list[str]] = []
    for name, what in (
        ("split", "split into partitions"),
        ("assess", "assess, one date"),
        ("cube", "cube, all month ends"),
    ):
        rows.append([f"{what}: seconds", *(f"{f['partitioned'][name]['seconds']:.1f}" for f in found.values())])
        rows.append(
            [f"{what}: peak memory [MB]", *(f"{f['partitioned'][name]['peak'] / 1e6:,.0f}" for f in found.values())]
        )
    rows.append(["partitions", *(str(f["partitioned"]["partitions"]) for f in found.values())])
    rows.append(["largest ÷ mean partition", *(f"{f['partitioned']['skew']:.4f}" for f in found.values())])
    rows.append(["late payments: rows", *(f"{f['late']['rows']:,}" for f in found.values())])
    for name, what in (("late", "late payments: add and reassess"), ("next_day", "add, then assess the next day"),
                       ("full", "full run: check, code, assess (tables in memory)")):  # fmt: skip
        rows.append([f"{what}: seconds", *(f"{f['late'][name]:.2f}" for f in found.values())])
    for name, what in (("late", "add and reassess ÷ full run"), ("next_day", "next day ÷ full run")):
        rows.append([what, *(f"{f['late'][name] / f['late']['full']:.3f}" for f in found.values())])
    rows.append(["figures equal", *("yes" if f["late"]["equal"] else "NO" for f in found.values())])
    return tabulate(rows, ["", *(f"{loans:,} loans" for loans in found)], tablefmt="github", disable_numparse=True)


if __name__ == "__main__":
    print(json.dumps(globals()[sys.argv[1]](*sys.argv[2:])))
