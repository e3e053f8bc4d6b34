"""Where the time goes, and how far the kernel is from what the memory of this machine could carry.

Runs in a process of its own (``python -m benchmarks.limits folder``), as the cases of `benchmarks.cases`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from benchmarks.cases import ALL_TABLES, read, warm_up
from benchmarks.measuring import fastest

COPIED = 2**28
"""Bytes of the array that is copied: far more than any cache holds."""
ROUNDS = 5
Figures = dict[str, Any]


def copy_speed() -> dict[str, float]:
    """Bytes read and written per second by copying, with one thread and with one per core [bytes/s]."""
    import numpy as np

    source, target, cores = np.ones(COPIED // 8), np.ones(COPIED // 8), os.cpu_count() or 1
    with ThreadPoolExecutor(cores) as pool:

        def into(given: Any, threads: int) -> None:
            list(pool.map(np.copyto, np.array_split(given, threads), np.array_split(source, threads)))

        taken = fastest(
            ROUNDS,
            one=lambda: into(target, 1),
            all=lambda: into(target, cores),
            new=lambda: into(np.empty_like(source), cores),
        )
    return {name: 2 * COPIED / seconds for name, seconds in taken.items()}


def stages(folder: str) -> Figures:
    """Seconds of each stage of `assess` and `track`, and the bytes their kernel is given and gives."""
    import numpy as np

    import collectkit as ck
    from collectkit._run import Run, _seen_frame, ascending_days

    warm_up()
    policy, tables = ck.load_policy(), read(folder, ALL_TABLES)
    portfolios = [ck.Portfolio(**tables) for _ in range(ROUNDS + 1)]
    portfolio = portfolios.pop()
    coded = portfolio.coded
    found: Figures = fastest(ROUNDS, check=lambda: ck.Portfolio(**tables), code=lambda: portfolios.pop().coded)
    for name, dates in (
        ("assess", [portfolio.last_date]),
        ("track", list(ck.month_ends(portfolio.first_date, portfolio.last_date))),
    ):
        days, period = ascending_days(dates), name == "track"
        run = Run.of(coded, policy, days, None, "months")
        seen = run.seen(period=period)
        taken = fastest(
            ROUNDS,
            prepare=lambda days=days: Run.of(coded, policy, days, None, "months"),
            kernel=lambda run=run, period=period: run.seen(period=period),
            table=lambda run=run, seen=seen: _seen_frame(run, seen),
        )
        arrays = [one for part in (run.events, run.rules, run.reads, seen) for one in part]
        taken["bytes"] = sum(one.nbytes for one in arrays if isinstance(one, np.ndarray))
        found[name] = taken
    return found


def measured(folder: str) -> Figures:
    """All figures of one size, in a process of its own."""
    words = [sys.executable, "-m", "benchmarks.limits", folder]
    return json.loads(subprocess.run(words, stdout=subprocess.PIPE, check=True).stdout)


def table(found: Figures) -> str:
    """The stages as Markdown; the kernel beside the time of copying as many bytes."""
    from tabulate import tabulate

    speed = found["speed"]
    rows = [["check the tables, once", f"{found['check']:.3f}"], ["code them, once", f"{found['code']:.3f}"]]
    for name, what in (("assess", "assess, one date"), ("track", "track, all month ends")):
        case = found[name]
        ideal = case["bytes"] / speed["all"]
        rows += [
            [f"{what}: terms and dates", f"{case['prepare']:.3f}"],
            [f"{what}: kernel", f"{case['kernel']:.3f}", f"{case['bytes'] / 1e6:,.0f}",
             f"{ideal:.3f}", f"{case['kernel'] / ideal:.1f} ×"],
            [f"{what}: table of the result", f"{case['table']:.3f}"],
        ]  # fmt: skip
    heads = ["", "seconds", "MB given and made", "seconds to copy as much", "kernel ÷ copy"]
    speeds = (
        f"Copying {COPIED / 1e6:,.0f} MB reads and writes {speed['one'] / 1e9:.1f} GB/s with one thread, "
        f"{speed['all'] / 1e9:.1f} with one per core, {speed['new'] / 1e9:.1f} into new memory."
    )
    return f"{speeds}\n\n{tabulate(rows, heads, tablefmt='github', disable_numparse=True)}"


if __name__ == "__main__":
    print(json.dumps({"speed": copy_speed(), **stages(sys.argv[1])}))
