"""One measurement each, run as ``python -m benchmarks.cases name words…``; prints its figures as JSON."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.measuring import fastest, growth_of, resident, seconds

Figures = dict[str, Any]

LEDGER_TABLES = ["loans", "instalments", "payments"]
ALL_TABLES = [*LEDGER_TABLES, "pauses", "placements"]
LOOP_LOANS = 500


def read(folder: str, names: list[str]) -> Any:
    """Tables from Parquet."""
    import pandas as pd

    return {name: pd.read_parquet(Path(folder) / f"{name}.parquet") for name in names}


def simulate(folder: str, loans: str, months: str) -> Figures:
    """Write the tables of a simulation to Parquet."""
    from collectkit.simulation import simulate_tables

    tables = simulate_tables(loans=int(loans), months=int(months), seed=1)
    for name in ALL_TABLES:
        tables[name].to_parquet(Path(folder) / f"{name}.parquet", index=False)
    return {}


def describe(folder: str) -> Figures:
    """How many rows there are."""
    rows = {name: len(frame) for name, frame in read(folder, ALL_TABLES).items()}
    return {"rows": ", ".join(f"{count:,} {name}" for name, count in rows.items()), "loans": rows["loans"]}


def one_date(folder: str) -> Figures:
    """Seconds of each way to answer for the last date; they take turns, so that all meet the same machine."""
    import collectkit as ck
    from benchmarks.rivals import days_past_due, days_past_due_panel, with_coded_ids

    policy, tables = ck.load_policy(), _sorted(folder)
    portfolio, coded, date = _ready(folder), with_coded_ids(tables), _last_date(tables)
    return fastest(
        5,
        assess=lambda: ck.assess(portfolio, policy, as_of=date),
        pandas=lambda: days_past_due(tables, date),
        pandas_coded=lambda: days_past_due(coded, date),
        numpy=lambda: days_past_due_panel(coded, [date]),
    )


def all_dates(folder: str) -> Figures:
    """Seconds for all month ends, and to read the tables of the ledger; files are in the page cache."""
    import collectkit as ck
    from benchmarks.rivals import days_past_due_panel, with_coded_ids

    policy, portfolio, coded = ck.load_policy(), _ready(folder), with_coded_ids(_sorted(folder))
    dates = ck.month_ends(portfolio.first_date, portfolio.last_date)
    return fastest(
        5,
        track=lambda: ck.track(portfolio, policy, dates=dates),
        parquet=lambda: read(folder, LEDGER_TABLES),
        numpy_panel=lambda: days_past_due_panel(coded, list(dates)),
    )


def build(folder: str) -> Figures:
    """Seconds to check the tables and to code them."""
    import collectkit as ck

    warm_up()
    tables = read(folder, ALL_TABLES)
    begin = time.perf_counter()
    portfolio = ck.Portfolio(**tables)
    checked = time.perf_counter()
    _ = portfolio.coded
    return {"check": checked - begin, "code": time.perf_counter() - checked}


def loop(folder: str) -> Figures:
    """Seconds of a loop over a slice of loans, scaled to all of them."""
    from benchmarks.rivals import days_past_due_loop

    tables = _sorted(folder)
    date, some = _last_date(tables), _some(tables, LOOP_LOANS)
    seconds = fastest(3, loop=lambda: days_past_due_loop(some, date))["loop"]
    return {"loop": seconds * len(tables["loans"]) / len(some["loans"])}


def agreement(folder: str) -> Figures:
    """Whether all ways give the same days past due where they can: no penalty, no pauses, no loan closed."""
    import collectkit as ck
    from benchmarks.rivals import days_past_due, days_past_due_loop, days_past_due_panel, with_coded_ids

    some = _some(_sorted(folder), 20_000)
    some["loans"] = some["loans"].drop(columns=["closed_date", "close_code"])
    coded, few, date = with_coded_ids(some), _some(some, LOOP_LOANS), _last_date(some)
    plain = ck.load_policy("plain").replacing(penalty={"daily_rate": "0"})
    ours = ck.assess(ck.Portfolio(**some), plain, as_of=date).set_index("loan_id")["days_past_due"].to_dict()
    rivals = [
        days_past_due(some, date).to_dict(),
        days_past_due(coded, date).to_dict(),
        days_past_due_panel(coded, [date])[date].to_dict(),
        days_past_due_loop(few, date),
    ]
    differ = sum(ours[loan] != days for rival in rivals for loan, days in rival.items())
    late = sum(days > 0 for days in ours.values())
    return {"agreement": f"days past due of {len(ours):,} loans ({late:,} late) compared four ways: {differ} differ"}


def memory_assess(folder: str) -> Figures:
    """Peak memory of checking, coding and one date."""
    import collectkit as ck

    return _memory(
        folder, "assess", lambda portfolio: ck.assess(portfolio, ck.load_policy(), as_of=portfolio.last_date)
    )


def memory_track(folder: str) -> Figures:
    """Peak memory of all month ends."""
    import collectkit as ck

    def call(portfolio: ck.Portfolio) -> Any:
        dates = ck.month_ends(portfolio.first_date, portfolio.last_date)
        return ck.track(portfolio, ck.load_policy(), dates=dates)

    return _memory(folder, "track", call)


def _memory(folder: str, name: str, call: Callable[[Any], Any]) -> Figures:
    """Growth of each step at its peak, and of the whole process since everything was imported [bytes]."""
    import collectkit as ck

    warm_up()
    before = resident()
    tables = read(folder, ALL_TABLES)
    in_tables = sum(int(frame.memory_usage(deep=True).sum()) for frame in tables.values())
    check, portfolio = growth_of(partial(ck.Portfolio, **tables))
    del tables
    code, coded = growth_of(lambda: portfolio.coded)
    answer, result = growth_of(lambda: call(portfolio))
    output = int(result.memory_usage(deep=True).sum())
    sizes = {"tables": in_tables, "arrays": coded.nbytes, "output": output}
    peaks = {"check": check.growth, "code": code.growth, "call": answer.growth}
    whole = max(check.peak, code.peak, answer.peak) - before
    return {f"{name}_memory": {**sizes, **peaks, "whole": whole}}


def start() -> Figures:
    """Import time over pandas [seconds], the first assess of the demo with a warm cache, later ones."""
    code = "import time, pandas; t = time.perf_counter(); import collectkit; print(time.perf_counter() - t)"
    imports = [float(subprocess.check_output([sys.executable, "-c", code], text=True)) for _ in range(3)]
    _own("first")  # leaves the numba cache warm
    warm = [_own("first") for _ in range(3)]
    best = min(warm, key=lambda figures: figures["first_cold_process"])
    return {
        "import": min(imports),
        "first_warm": best["first_cold"],
        "first_warm_process": best["first_cold_process"],
        "later": best["later"],
    }


def first() -> Figures:
    """The first assess of the demo in this process, and the process from its start [seconds]."""
    import collectkit as ck

    portfolio, policy = ck.load_sample("demo"), ck.load_policy()
    begin = time.perf_counter()
    ck.assess(portfolio, policy, as_of="2025-12-31")
    done = time.perf_counter()
    since_start = _seconds_since_start()
    later = [seconds(lambda: ck.assess(portfolio, policy, as_of="2025-12-31")) for _ in range(20)]
    return {"first_cold": done - begin, "first_cold_process": since_start, "later": statistics.median(later)}


def _seconds_since_start() -> float:
    """Age of this process, from the kernel's clock."""
    ticks = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
    return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")


def _own(case: str) -> Figures:
    return json.loads(subprocess.check_output([sys.executable, "-m", "benchmarks.cases", case], text=True))


def warm_up() -> None:
    """Load the kernel, so that no later figure counts it."""
    import collectkit as ck

    portfolio = ck.simulate_portfolio(loans=50, months=12, seed=1)
    ck.assess(portfolio, ck.load_policy(), as_of=portfolio.last_date)


def _ready(folder: str) -> Any:
    """Portfolio, coded, with the kernel loaded."""
    import collectkit as ck

    warm_up()
    portfolio = ck.Portfolio(**read(folder, ALL_TABLES))
    _ = portfolio.coded
    return portfolio


def _sorted(folder: str) -> Any:
    """The ledger's tables in order of loan and date: a favour to the rivals that is not counted."""
    tables = read(folder, LEDGER_TABLES)
    order = {"loans": ["loan_id"], "instalments": ["loan_id", "due_date"], "payments": ["loan_id", "value_date"]}
    return {name: frame.sort_values(order[name], ignore_index=True) for name, frame in tables.items()}


def _some(tables: Any, count: int) -> Any:
    """About `count` loans from the whole length of the book, with their rows."""
    loans = tables["loans"]["loan_id"]
    ids = loans.iloc[:: max(len(loans) // count, 1)].iloc[:count]
    return {name: frame[frame["loan_id"].isin(ids)].reset_index(drop=True) for name, frame in tables.items()}


def _last_date(tables: Any) -> Any:
    return max(tables["loans"]["disbursement_date"].max(), tables["payments"]["posting_date"].max())


if __name__ == "__main__":
    print(json.dumps(globals()[sys.argv[1]](*sys.argv[2:])))
