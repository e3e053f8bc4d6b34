"""Where loans go from one date to the next: gross rolls of the same loans, and net flows of balances."""

from __future__ import annotations

import numpy as np
import pandas as pd

from collectkit._run import category
from collectkit.errors import unknown_name
from collectkit.intervals import wilson
from collectkit.tracking.cubes import EXITS, Array, Cube
from collectkit.tracking.definitions import defined, exits_text, interval, steps, weighted
from collectkit.tracking.mix import ratio

_SUMMED = {"count": "loans", "balance": "balance_before"}


def transitions(cube: Cube, *, weight: str = "count", exits: str = "absorbing") -> pd.DataFrame:
    """Moves from one date to the next as a long table: how many loans, which share, how sure.

    Parameters
    ----------
    cube : Cube
    weight : {"count", "balance"}
        Loans, or their principal balance at the start of the step.
    exits : {"absorbing", "censored"}
        Loans that left are outcomes of their own, or not counted at all.

    Returns
    -------
    DataFrame
        One row per bucket before and state after: state_before, state, loans [count], balance_before [currency], rate,
        lower, upper [fraction] (Goodman's 95% interval of the row; by count only). The rate is missing where no loan
        began.

    Raises
    ------
    CallError
        The weight or the treatment of exits is unknown.

    Notes
    -----
    rate = Σ moved ÷ Σ at the start, over all steps together. A step across a gap is not counted, nor is the last date
    of the panel, from which nothing moved yet.

    References
    ----------
    Goodman (1965), On simultaneous confidence intervals for multinomial proportions.

    Examples
    --------
    >>> from collectkit.tracking import demo_cube
    >>> moves = transitions(demo_cube())
    >>> bool(np.isclose(moves.groupby("state_before", observed=True)["rate"].sum(), 1).all())
    True
    """
    texts = weighted(weight), exits_text(exits), steps(), interval("goodman", weight)
    ends = cube.buckets + (EXITS if exits == "absorbing" else ())
    sums = {name: _moved(cube, name)[:, : len(ends)] for name in ("loans", "balance_before")}
    moved = sums[_SUMMED[weight]]
    rate = ratio(moved, moved.sum(axis=1, keepdims=True) * np.ones_like(moved))
    lower, upper = goodman(sums["loans"]) if weight == "count" else (np.full_like(rate, np.nan),) * 2
    before = category(np.repeat(np.arange(len(cube.buckets)), len(ends)), cube.buckets, ordered=True)
    after = category(np.tile(np.arange(len(ends)), len(cube.buckets)), ends, ordered=True)
    flat = {name: column.ravel() for name, column in {**sums, "rate": rate, "lower": lower, "upper": upper}.items()}
    table = pd.DataFrame({"state_before": before, "state": after, **flat}).astype({"loans": "int64"})
    return defined(table, *texts, weight=weight, kind="rate")


def transition_matrix(cube: Cube, *, weight: str = "count", exits: str = "absorbing") -> pd.DataFrame:
    """Share of each bucket's loans that was in each state one step later.

    Parameters
    ----------
    cube : Cube
    weight, exits : str
        As in `transitions`.

    Returns
    -------
    DataFrame
        Index: bucket before; columns: buckets and exits [fraction]. A row sums to 1, or is missing if no loan began
        there.

    Examples
    --------
    >>> from collectkit.tracking import demo_cube
    >>> matrix = transition_matrix(demo_cube(), weight="balance")
    >>> list(matrix.columns)[-6:]
    ['paid_off', 'settled', 'written_off', 'sold', 'archived', 'gone']
    """
    moves = transitions(cube, weight=weight, exits=exits)
    ends = moves["state"].cat.categories
    table = pd.DataFrame(
        moves["rate"].to_numpy().reshape(-1, len(ends)),
        pd.Index(cube.buckets, name="state_before"),
        ends.rename("state"),
    )
    table.attrs = moves.attrs
    return table


def roll_rates(cube: Cube, *, weight: str = "count") -> pd.DataFrame:
    """What became of each bucket's loans one step later (gross roll 滚动: the same loans).

    Parameters
    ----------
    cube : Cube
    weight : {"count", "balance"}
        Loans, or their principal balance at the start of the step.

    Returns
    -------
    DataFrame
        Index: bucket before. loans [count] and balance_before [currency] at the start; cured (to the bucket that is not
        overdue), improved (to a lower overdue bucket), stayed, rolled_forward, exited [fraction], which sum to 1;
        lower, upper: Wilson's 95% interval of rolled_forward (by count only). What cannot happen is missing: a loan
        that is not overdue cannot be cured.

    Raises
    ------
    CallError
        The weight is unknown.

    Examples
    --------
    >>> from collectkit.tracking import demo_cube
    >>> rolls = roll_rates(demo_cube())
    >>> bool(rolls.loc["M3", "rolled_forward"] > rolls.loc["M1", "rolled_forward"])
    True
    """
    spread = interval("wilson", weight, "rolled forward", "向前滚动率")
    texts = weighted(weight), exits_text("absorbing"), steps(), spread
    sums = {name: _moved(cube, name) for name in ("loans", "balance_before")}
    moved, count = sums[_SUMMED[weight]], len(cube.buckets)
    start = moved.sum(axis=1)
    before, after = np.indices(moved.shape)
    is_open = after < count
    kinds = {
        "cured": is_open & (after == 0) & (before > 0),
        "improved": is_open & (after > 0) & (after < before),
        "stayed": after == before,
        "rolled_forward": is_open & (after > before),
        "exited": ~is_open,
    }
    rates = {name: np.where(kind.any(axis=1), ratio((moved * kind).sum(axis=1), start), np.nan)
             for name, kind in kinds.items()}  # fmt: skip
    starts = {name: table.sum(axis=1) for name, table in sums.items()}
    forward = (sums["loans"] * kinds["rolled_forward"]).sum(axis=1)
    lower, upper = wilson(forward, starts["loans"]) if weight == "count" else (np.full(count, np.nan),) * 2
    blank = np.isnan(rates["rolled_forward"])
    bounds = {"lower": np.where(blank, np.nan, lower), "upper": np.where(blank, np.nan, upper)}
    table = pd.DataFrame({**starts, **rates, **bounds}, pd.Index(cube.buckets, name="state_before"))
    return defined(table.astype({"loans": "int64"}), *texts, weight=weight)


def flow_rates(cube: Cube, *, weight: str = "principal_balance") -> pd.DataFrame:
    """What stands in each bucket against what stood in the one below a step ago (net flow 迁徙率), by date.

    Parameters
    ----------
    cube : Cube
    weight : {"principal_balance", "loans"}
        What is compared.

    Returns
    -------
    DataFrame
        Index: as_of; one column per pair of buckets, ``M0→M1`` [fraction]; missing on the first date.
        ``attrs["stock"]`` names the one of the last bucket.

    Raises
    ------
    CallError
        The weight is unknown.

    Notes
    -----
    rate = now in bucket k ÷ in bucket k − 1 at the date before. No loan is followed, so a rate can exceed 1: loans
    stay, skip buckets and come back. The last bucket keeps its loans, so its rate holds its stock too.

    References
    ----------
    OCC, Comptroller's Handbook, Retail Lending: roll-rate analysis.

    Examples
    --------
    >>> from collectkit.tracking import demo_cube
    >>> list(flow_rates(demo_cube()).columns)[:2]
    ['M0→M1', 'M1→M2']
    """
    pairs = {"principal_balance": "balance_before", "loans": "loans"}
    if weight not in pairs:
        raise unknown_name("weight", weight, pairs)
    count = len(cube.buckets)
    now = cube.total(weight, "as_of", "state")[:, 1:count]
    then = cube.total(pairs[weight], "as_of", "state_before")[:, : count - 1]
    names = [f"{low}→{high}" for low, high in zip(cube.buckets, cube.buckets[1:], strict=False)]
    return defined(
        pd.DataFrame(ratio(now, then), cube.dates, pd.Index(names, name="flow")),
        (
            "Net flow: now in bucket k ÷ in bucket k − 1 at the date before. No loan is followed, so a rate can exceed "
            "100%; the last bucket holds its stock too.",
            "迁徙率：本期处于第 k 阶段的余额 ÷ 上一日期处于第 k−1 阶段的余额。"
            "不跟踪单笔贷款，故可超过 100%；最末阶段含存量。",
        ),
        _FLOW_TEXTS[weight],
        weight=weight,
        kind="rate",
        stock=names[-1] if names else None,
    )


_FLOW_TEXTS = {
    "principal_balance": ("Weight: principal balance at each date.", "权重：各日期的本金余额。"),
    "loans": ("Weight: number of loans.", "权重：贷款笔数。"),
}


def entry_rate(cube: Cube, *, weight: str = "count") -> pd.DataFrame:
    """Share of the loans not overdue at the start of a step that are overdue at its end (入催率), by date.

    Parameters
    ----------
    cube : Cube
    weight : {"count", "balance"}
        Loans, or their principal balance at the start of the step.

    Returns
    -------
    DataFrame
        Index: as_of. newly_overdue, not_overdue_before [count or currency], entry_rate, lower, upper [fraction]
        (Wilson's 95% interval, by count only); missing on the first date, and where no loan was not overdue before.

    Raises
    ------
    CallError
        The weight is unknown.

    Examples
    --------
    >>> from collectkit.tracking import demo_cube
    >>> bool(entry_rate(demo_cube())["entry_rate"].iloc[1:].between(0, 1).all())
    True
    """
    texts = weighted(weight), exits_text("absorbing"), interval("wilson", weight, "the entry rate", "入催率")
    began = cube.is_state("state_before", cube.buckets[0]) & ~cube.is_state("state", "unobserved")
    measure = _SUMMED[weight]
    start = cube.total(measure, "as_of", only=began)
    newly = cube.total(measure, "as_of", only=began & cube.is_state("state", *cube.buckets[1:]))
    lower, upper = wilson(newly, start) if weight == "count" else (np.full(len(start), np.nan),) * 2
    columns = {"newly_overdue": newly, "not_overdue_before": start, "entry_rate": ratio(newly, start)}
    return defined(
        pd.DataFrame({**columns, "lower": lower, "upper": upper}, cube.dates).mask(pd.Series(start == 0, cube.dates)),
        (
            "Loans not overdue at the date before that are overdue now ÷ all loans not overdue at the date before. A "
            "loan that fell overdue and was cured between the two dates is not seen.",
            "上一日期未逾期而本日期逾期的贷款 ÷ 上一日期全部未逾期贷款。两日期之间逾期后又恢复的不计。",
        ),
        *texts,
        weight=weight,
    )


def _moved(cube: Cube, measure: str) -> Array:
    """Sums by bucket before and state after: the buckets, then the exits."""
    count = len(cube.buckets)
    return cube.total(measure, "state_before", "state")[:count, : count + len(EXITS)]


def goodman(counts: Array) -> tuple[Array, Array]:
    """Interval of every share of a row, row by row; missing where the row is empty."""
    from statsmodels.stats.proportion import multinomial_proportions_confint

    bounds = np.full((*counts.shape, 2), np.nan)
    for row in np.flatnonzero(counts.sum(axis=1)):
        bounds[row] = multinomial_proportions_confint(counts[row], alpha=0.05, method="goodman")
    return bounds[..., 0], bounds[..., 1]
