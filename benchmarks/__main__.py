"""Simulate, measure and print: ``python -m benchmarks --loans 100000 1000000``."""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from benchmarks.measuring import in_child
from benchmarks.report import machine, table_of_sizes, table_of_start

CASES = ["describe", "agreement", "one_date", "all_dates", "build", "loop", "memory_assess", "memory_track"]


def main() -> None:
    """Run every case in a process of its own and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--loans", type=int, nargs="+", default=[100_000, 1_000_000], help="sizes to measure")
    parser.add_argument("--months", type=int, default=36, help="simulated months (default: %(default)s)")
    parser.add_argument("--save", type=Path, help="write the figures as JSON to this file")
    given = parser.parse_args()
    if not Path("/proc/self/status").exists():
        parser.error("memory is read from /proc; run this on Linux")
    print(machine(), flush=True)
    start = in_child("start", cold=True)
    print(table_of_start(start), flush=True)
    found = {}
    for loans in given.loans:
        with tempfile.TemporaryDirectory(prefix="collectkit-bench-") as folder:
            print(f"\n{loans:,} loans: simulating …", flush=True)
            in_child("simulate", folder, str(loans), str(given.months))
            found[loans] = {name: figure for case in CASES for name, figure in in_child(case, folder).items()}
            size = sum(path.stat().st_size for path in Path(folder).iterdir())
            print(f"{found[loans]['rows']}, {size / 1e6:,.0f} MB of Parquet; {found[loans]['agreement']}", flush=True)
    if given.save:
        given.save.write_text(json.dumps({"start": start, "sizes": found}, indent=1))
    print(table_of_sizes(found))
    print(machine())


if __name__ == "__main__":
    main()
