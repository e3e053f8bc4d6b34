"""The printed tables: figures, the bar each must reach, and whether it does."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tabulate import tabulate

Sizes = dict[int, dict[str, Any]]


def machine() -> str:
    """When and where this was measured."""
    cpu = next((line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), "?")
    load = ", ".join(f"{part:.1f}" for part in os.getloadavg())
    versions = ", ".join(f"{name} {version(name)}" for name in ("collectkit", "pandas", "numpy", "numba", "pyarrow"))
    return (
        f"{time.strftime('%Y-%m-%d %H:%M')}, {os.cpu_count()} cores ({cpu}), load {load}, "
        f"Python {platform.python_version()}, {versions}"
    )


def _lines(path: str) -> list[str]:
    return Path(path).read_text().splitlines() if Path(path).exists() else []


def table_of_start(figures: dict[str, Any]) -> str:
    """Import and first answers, in seconds."""
    cold, warm = figures["cold"], figures["warm"]
    rows = [
        ("import collectkit, over pandas", figures["import"], 0.3),
        ("first assess of the demo, empty numba cache", cold["first"], None),
        ("… with start of Python, imports and reading the demo", cold["process"], 8.0),
        ("… of that, processor time", cold["processor"], None),
        ("first assess of the demo in a new process, warm cache", warm["first"], None),
        ("… with start of Python, imports and reading the demo", warm["process"], 2.5),
        ("… of that, processor time", warm["processor"], None),
        ("later assess of the demo (median of 20)", warm["later"], 0.05),
    ]
    lines = [
        (label, f"{value:.3f} s", f"≤ {bar} s" if bar else "", _met(value <= bar if bar else None))
        for label, value, bar in rows
    ]
    return "\n" + _table(lines, ["start", "measured", "bar", "met"])


def table_of_sizes(found: Sizes) -> str:
    """Seconds, ratios and memory, one column per size."""
    heads = [f"{loans:,} loans" for loans in found]
    parts = [("seconds", _SECONDS), ("ratio", _RATIOS), ("memory", _MEMORY)]
    texts = []
    for title, rows in parts:
        lines = [_line(found, *row) for row in rows]
        texts.append(_table(lines, [title, *heads, "growth, last two", "bar at 1 M", "met"]))
    return "\n" + "\n\n".join(texts) + "\n"


Figure = Callable[[dict[str, Any]], float]


def _line(found: Sizes, label: str, figure: Figure, unit: str, bar: str, passes: Callable[[float], bool] | None) -> Any:
    """One row: the figure at each size, its growth between the last two sizes, the bar at the largest."""
    values = [figure(figures) for figures in found.values()]
    growth = f"{values[-1] / values[-2]:.1f} ×" if len(values) > 1 and values[-2] and unit != "×" else ""
    shown = [
        f"{value:,.{2 if value >= 1 else 3}f} {unit}" if value < 100 else f"{value:,.0f} {unit}" for value in values
    ]
    return (label, *shown, growth, bar, _met(passes(values[-1]) if passes else None))


def _met(passed: bool | None) -> str:
    return {True: "yes", False: "NO", None: ""}[passed]


def _table(lines: list[Any], heads: list[str]) -> str:
    left = ["left", *["right"] * (len(heads) - 3), "left", "left"]
    return tabulate(lines, heads, tablefmt="github", colalign=left, disable_numparse=True)


def _seconds(name: str) -> Figure:
    return lambda figures: figures[name]


def _ratio(top: str, bottom: str) -> Figure:
    return lambda figures: figures[top] / figures[bottom]


def _megabytes(case: str, name: str) -> Figure:
    return lambda figures: figures[f"{case}_memory"][name] / 1e6


def _over(case: str, top: str, *parts: str) -> Figure:
    """Peak of memory over the sum of some parts."""

    def figure(figures: dict[str, Any]) -> float:
        memory = figures[f"{case}_memory"]
        return memory[top] / sum(memory[part] for part in parts)

    return figure


_SECONDS: list[Any] = [
    ("assess, one date", _seconds("assess"), "s", "", None),
    ("track, all month ends", _seconds("track"), "s", "", None),
    ("check and code the tables (Portfolio, once)", _seconds("build"), "s", "", None),
    ("pandas, one date, days past due only", _seconds("pandas"), "s", "", None),
    ("the same, ids coded beforehand", _seconds("pandas_coded"), "s", "", None),
    ("the same, numpy searchsorted, rows sorted too", _seconds("numpy"), "s", "", None),
    ("numpy, all month ends, days past due only", _seconds("numpy_panel"), "s", "", None),
    ("loop over loans, one date (500 loans, scaled)", _seconds("loop"), "s", "", None),
    ("cube of all month ends, from the panel", _seconds("cube"), "s", "", None),
    ("page Portfolio: filter to redraw at the server, median", _seconds("redraw"), "s", "", None),
    ("… the slowest of them", _seconds("slowest_redraw"), "s", "", None),
    ("… of the median, processor time", _seconds("redraw_processor"), "s", "≤ 0.2 s", lambda v: v <= 0.2),
    ("… its key figures, which follow from a thread", _seconds("key_figures"), "s", "", None),
    ("read loans, instalments, payments from Parquet", _seconds("parquet"), "s", "", None),
    ("from Parquet files to a checked Portfolio", _seconds("door_parquet"), "s", "", None),
    ("from CSV files to a checked Portfolio", _seconds("door_csv"), "s", "", None),
    ("pandas, the same Parquet files, nothing checked", _seconds("read_parquet"), "s", "", None),
    ("pandas, the same CSV files with types given, nothing checked", _seconds("read_csv"), "s", "", None),
]
_RATIOS: list[Any] = [
    ("pandas ÷ assess", _ratio("pandas", "assess"), "×", "≥ 5 ×", lambda v: v >= 5),
    ("pandas with coded ids ÷ assess", _ratio("pandas_coded", "assess"), "×", "≥ 5 ×", lambda v: v >= 5),
    ("numpy ÷ assess", _ratio("numpy", "assess"), "×", "", None),
    ("numpy, all month ends ÷ track", _ratio("numpy_panel", "track"), "×", "", None),
    ("cube ÷ track", _ratio("cube", "track_for_cube"), "×", "≤ 1 ×", lambda v: v <= 1),
    ("loop ÷ assess", _ratio("loop", "assess"), "×", "", None),
    ("assess ÷ Parquet", _ratio("assess", "parquet"), "×", "", None),
    ("track ÷ Parquet", _ratio("track", "parquet"), "×", "≤ 2 ×", lambda v: v <= 2),
    ("checked Portfolio from Parquet ÷ pandas", _ratio("door_parquet", "read_parquet"), "×", "≤ 3 ×", lambda v: v <= 3),
    ("checked Portfolio from CSV ÷ pandas", _ratio("door_csv", "read_csv"), "×", "≤ 2 ×", lambda v: v <= 2),
]
_MEMORY: list[Any] = [
    ("tables in pandas, as given", _megabytes("assess", "tables"), "MB", "", None),
    ("arrays of the coded portfolio", _megabytes("assess", "arrays"), "MB", "", None),
    ("what assess returns", _megabytes("assess", "output"), "MB", "", None),
    ("what track returns", _megabytes("track", "output"), "MB", "", None),
    ("check and code: peak over the tables", _megabytes("assess", "build"), "MB", "", None),
    ("assess: peak over the coded portfolio", _megabytes("assess", "call"), "MB", "", None),
    ("track: peak over the coded portfolio", _megabytes("track", "call"), "MB", "", None),
]
for _case in ("assess", "track"):
    _MEMORY += [
        (f"up to {_case}: peak over the tables ÷ (arrays + output)",
         _over(_case, "growth", "arrays", "output"), "×", "< 3 ×", lambda v: v < 3),
        (f"up to {_case}: whole process ÷ (tables + arrays + output)",
         _over(_case, "whole", "tables", "arrays", "output"), "×", "", None),
    ]  # fmt: skip
