"""One measurement each, run as ``python -m benchmarks.cases name words…``; prints its figures as JSON."""

from __future__ import annotations

import gc
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.measuring import fastest, in_child, peak_of, resident, seconds

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
    return {"rows": ", ".join(f"{count:,} {name}" for name, count in rows.items())}


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
    """Seconds to check the tables and to code them for the kernel."""
    import collectkit as ck

    warm_up()
    tables = read(folder, ALL_TABLES)
    return fastest(2, build=lambda: ck.Portfolio(**tables).coded)


def files(folder: str) -> Figures:
    """Seconds from files to a checked Portfolio, and of the bare reading of the same files."""
    import pandas as pd

    import collectkit as ck

    warm_up()
    given = {name: frame for name, frame in read(folder, ALL_TABLES).items() if len(frame)}
    with tempfile.TemporaryDirectory(prefix="collectkit-bench-") as other:
        for name, frame in given.items():
            frame.to_csv(Path(other) / f"{name}.csv", index=False)
        types = {name: _types(frame) for name, frame in given.items()}
        del given
        gc.collect()
        return fastest(
            2,
            read_parquet=lambda: read(folder, ALL_TABLES),
            door_parquet=lambda: ck.read_portfolio(folder),
            read_csv=lambda: {
                name: pd.read_csv(Path(other) / f"{name}.csv", dtype=plain, parse_dates=dates, date_format="%Y-%m-%d")
                for name, (plain, dates) in types.items()
            },
            door_csv=lambda: ck.read_portfolio(other),
        )


def _types(frame: Any) -> tuple[dict[str, str], list[str]]:
    """What pandas must be told to read a CSV with the types the table has: types, and columns that are dates."""
    dates = [name for name in frame if frame[name].dtype.kind == "M"]
    return {name: str(frame[name].dtype) for name in frame if name not in dates}, dates


def follow(folder: str) -> Figures:
    """Seconds to track all month ends and to fold them into a cube, and its cells."""
    import collectkit as ck
    from dashboards.tracked import DIMENSIONS

    policy, portfolio = ck.load_policy(), _ready(folder)
    dates = ck.month_ends(portfolio.first_date, portfolio.last_date)
    panel = ck.track(portfolio, policy, dates=dates)
    ck.tracking.cube(panel.head(1000), portfolio.loans, by=DIMENSIONS)
    taken = fastest(
        3,
        track_for_cube=lambda: ck.track(portfolio, policy, dates=dates),
        cube=lambda: ck.tracking.cube(panel, portfolio.loans, by=DIMENSIONS),
    )
    cells = len(ck.tracking.cube(panel, portfolio.loans, by=DIMENSIONS).cells)
    return {**taken, "panel_rows": len(panel), "cells": cells}


def page(folder: str) -> Figures:
    """Seconds of the page Portfolio from a change of a filter, months or weight to the last chart, at the server.

    The key figures read loans, not the cube. A server computes them in a thread while the page is there already, so
    they are ready here before the clock starts, and have a line of their own.
    """
    import param

    from dashboards import pages, shared, tracked
    from dashboards.pages import portfolio_kpis
    from dashboards.session import Session
    from dashboards.shell import Shell

    portfolio = _ready(folder)
    shared.offer("bench", lambda: portfolio)
    as_of = f"{portfolio.last_date:%Y-%m-%d}"
    session = Session(pages.names(), {"page": "portfolio", "portfolio": "bench", "as_of": as_of})
    shell = Shell(session)
    redraws, processor, key_figures = [], [], []
    for change in _changes(session):
        before = {name: getattr(session, name) for name in change}
        with param.discard_events(session):
            session.param.update(**change)
            key_figures.append(seconds(partial(tracked.key_figures, *portfolio_kpis.arguments(session))))
            session.param.update(**before)
        tracked._filtered.clear()
        begin = time.process_time()
        redraws.append(seconds(partial(session.param.update, **change)))
        processor.append(time.process_time() - begin)
    del shell
    return {
        "redraw": statistics.median(redraws), "slowest_redraw": max(redraws),
        "redraw_processor": statistics.median(processor), "key_figures": max(key_figures),
    }  # fmt: skip


def _changes(session: Any) -> list[dict[str, Any]]:
    """What a reader chooses, one after the other."""
    from dashboards import tracked

    full, months = tracked.cube(session.loaded), tracked.months(session)
    names = ("product", "region", "channel", "risk_grade")
    filters: list[dict[str, Any]] = [{name: (value,)} for name in names for value in full.values(name)[:2]]
    return [*filters, dict.fromkeys(names, ()), {"by": "balance"}, {"since": months[len(months) // 2]}]


def loop(folder: str) -> Figures:
    """Seconds of a loop over a slice of loans, scaled to all of them."""
    from benchmarks.rivals import days_past_due_loop

    tables = _sorted(folder)
    date, some = _last_date(tables), _some(tables, LOOP_LOANS)
    taken = fastest(3, loop=lambda: days_past_due_loop(some, date))["loop"]
    return {"loop": taken * len(tables["loans"]) / len(some["loans"])}


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
    """Peaks over the process with the tables read, and over the process with nothing read [bytes]."""
    warm_up()
    empty = resident()
    tables = read(folder, ALL_TABLES)
    in_tables = sum(_bytes(frame) for frame in tables.values())
    given = resident()
    build, portfolio = peak_of(partial(_coded, tables))
    ready = resident()
    answer, result = peak_of(partial(call, portfolio))
    peak = max(build, answer)
    sizes = {"tables": in_tables, "arrays": portfolio.coded.nbytes, "output": _bytes(result)}
    growths = {"build": build - given, "call": answer - ready, "growth": peak - given, "whole": peak - empty}
    return {f"{name}_memory": {**sizes, **growths}}


def _coded(tables: Any) -> Any:
    import collectkit as ck

    portfolio = ck.Portfolio(**tables)
    _ = portfolio.coded
    return portfolio


def _bytes(frame: Any) -> int:
    return int(frame.memory_usage(deep=True).sum())


def start() -> Figures:
    """Import time over pandas, and the demo in a new process with a numba cache that the first run fills [seconds]."""
    code = "import time, pandas; t = time.perf_counter(); import collectkit; print(time.perf_counter() - t)"
    imports = [float(subprocess.check_output([sys.executable, "-c", code], text=True)) for _ in range(3)]
    cold, *warm = [in_child("demo") for _ in range(4)]
    best = min(warm, key=lambda figures: figures["process"])
    return {"import": min(imports), "cold": cold, "warm": best}


def demo() -> Figures:
    """The first assess of the demo in this process, the process so far, and later ones [seconds]."""
    import collectkit as ck

    portfolio, policy = ck.load_sample("demo"), ck.load_policy()
    first = seconds(lambda: ck.assess(portfolio, policy, as_of="2025-12-31"))
    process, processor = _seconds_since_start(), time.process_time()
    later = [seconds(lambda: ck.assess(portfolio, policy, as_of="2025-12-31")) for _ in range(20)]
    return {"first": first, "process": process, "processor": processor, "later": statistics.median(later)}


def _seconds_since_start() -> float:
    """Age of this process, from the kernel's clock."""
    ticks = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
    return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")


def warm_up() -> None:
    """Load the kernel, so that no later figure counts it."""
    import collectkit as ck

    portfolio = ck.simulate_portfolio(loans=50, months=12, seed=1)
    ck.assess(portfolio, ck.load_policy(), as_of=portfolio.last_date)


def _ready(folder: str) -> Any:
    """Portfolio, coded, with the kernel loaded."""
    warm_up()
    return _coded(read(folder, ALL_TABLES))


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
