"""Simulate, measure and write the page: ``python -m benchmarks --loans 100000 1000000``."""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import beyond, libraries, limits
from benchmarks.measuring import in_child
from benchmarks.page import write
from benchmarks.report import machine

CASES = ["describe", "agreement", "one_date", "all_dates", "build", "files", "follow", "page", "loop",
         "memory_assess", "memory_track"]  # fmt: skip


def main() -> None:
    """Run every case in a process of its own; print the page, and write it where it is asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--loans", type=int, nargs="+", default=[10_000, 100_000, 1_000_000], help="sizes to measure")
    parser.add_argument(
        "--beyond", type=int, nargs="*", default=[], help="sizes to measure in partitions alone, such as 10000000"
    )
    parser.add_argument("--months", type=int, default=36, help="simulated months (default: %(default)s)")
    parser.add_argument("--save", type=Path, help="write the figures as JSON to this file")
    parser.add_argument("--write", type=Path, help="write README.md and growth.svg into this folder")
    given = parser.parse_args()
    if not Path("/proc/self/status").exists():
        parser.error("memory is read from /proc; run this on Linux")
    found: dict[str, Any] = {"begun": machine(), "start": in_child("start", cold=True), "sizes": {}}
    for loans in given.loans:
        print(f"{loans:,} loans …", flush=True)
        found["sizes"][loans] = _measured(loans, given.months)
    found["beyond"] = {loans: beyond.measured_in_parts(loans, given.months) for loans in given.beyond}
    found["ended"] = machine()
    if given.save:
        given.save.write_text(json.dumps(found, indent=1))
    print(write(found, given.write))


def _measured(loans: int, months: int) -> dict[str, Any]:
    """Every figure of one size."""
    with tempfile.TemporaryDirectory(prefix="collectkit-bench-") as folder:
        in_child("simulate", folder, str(loans), str(months))
        ledger = {name: figure for case in CASES for name, figure in in_child(case, folder).items()}
        return {
            "ledger": ledger,
            "libraries": libraries.measured(folder, loans),
            "beyond": beyond.measured(folder, loans),
            "limits": limits.measured(folder),
        }


if __name__ == "__main__":
    main()
