"""The page of the benchmarks: tables, a plot of the growth, and what the figures do not say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks import beyond, libraries, limits
from benchmarks.report import table_of_sizes, table_of_start

_PAGE = """# Benchmarks

What `make bench` measured and wrote here. Begun {begun}; ended {ended}.

A simulated book of 36 months, one process per case, the alternatives in the same process by turns, the fastest of
several rounds.
{rows}

![Seconds by number of loans, both axes logarithmic](growth.svg)

## Start
{start}

## The ledger, the cube and the page

pandas, numpy and the loop answer *days past due* and nothing else: no penalty, no grace, no pauses, no buckets, no
amounts by component.
{ledger}
## Where the time goes

{limits}

- {loans:,} loans. The arrays given to the kernel and those it makes are counted once each, as if nothing had to be read
  twice and nothing computed. Near 1 the memory would be the limit; the more above it, the more it is the arithmetic and
  the memory pages that are new.

## Other libraries

{libraries}

- repaykit works out late charges on its own schedules (same amount, rate and number of months), so the work is
  alike and the figures are not compared.
  transitionMatrix and repaykit loop over rows in Python: a sample is timed and scaled.
- roll-rate-analysis counts the moves of two months and nothing else; the cube it is measured against holds balances
  and cash as well.

## Partitions and late payments

{beyond}

- Partitions are worked on one at a time here; seconds include reading them from Parquet and checking them. Memory
  is the peak over the process before the call. Splitting holds the ids of all loans, the rest one partition.
- A book without late payments here was simulated part by part, so that nothing ever held it whole.
- Late payments are random rows of the simulated payments, taken out beforehand; "add and reassess" starts from a
  book and an assessment in memory, the full run from tables in memory. The aim is a tenth.
- A new day moves every open loan, so all are assessed; adding spares the reading, checking and coding.
"""
_LINES = {
    "assess, one date": ("ledger", "assess"),
    "pandas, days past due only": ("ledger", "pandas"),
    "Polars, days past due only": ("libraries", "polars"),
    "DuckDB, days past due only": ("libraries", "duckdb"),
    "track, all month ends": ("ledger", "track"),
    "cube, all month ends": ("ledger", "cube"),
}


def write(found: dict[str, Any], folder: Path | None) -> str:
    """The page as Markdown; written with its plot into a folder, if one is given."""
    sizes = found["sizes"]
    parts = {
        part: {loans: figures[part] for loans, figures in sizes.items()} for part in ("ledger", "libraries", "beyond")
    }
    loans = max(sizes)
    largest = parts["ledger"][loans]
    text = _PAGE.format(
        begun=found["begun"], ended=found["ended"], rows=f"The largest: {largest['rows']}; {largest['agreement']}.",
        start=table_of_start(found["start"]), ledger=table_of_sizes(parts["ledger"]),
        libraries=libraries.table(parts["libraries"]), beyond=beyond.table(parts["beyond"] | found["beyond"]),
        limits=limits.table(sizes[loans]["limits"]), loans=loans,
    )  # fmt: skip
    if folder:
        (folder / "README.md").write_text(text, encoding="utf-8")
        _plot(sizes, folder / "growth.svg")
    return text


def _plot(sizes: dict[int, Any], path: Path) -> None:
    """Seconds by number of loans."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "collectkit"
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(8, 4.5), layout="constrained")
    for label, (part, name) in _LINES.items():
        axes.plot(list(sizes), [figures[part][name] for figures in sizes.values()], marker="o", label=label)
    axes.set(xscale="log", yscale="log", xlabel="Loans [count]", ylabel="Time [s]")
    axes.grid(visible=True, alpha=0.3)
    axes.legend(fontsize="small")
    figure.savefig(path, metadata={"Date": None})
