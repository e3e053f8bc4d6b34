"""Two periods or two segments beside each other: how much more is late, and what explains it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from collectkit.errors import CallError, unknown_name
from collectkit.tracking.cubes import Array, Cube
from collectkit.tracking.definitions import defined, weighted
from collectkit.tracking.headlines import headlines
from collectkit.tracking.mix import ratio

_NOW = {"count": "loans", "balance": "principal_balance"}
_NEW = "new"
EFFECTS = ("mix", "roll", "inflow")


def compare_periods(before: Cube, after: Cube, *, weight: str = "count", late_from: str | None = None) -> pd.DataFrame:
    """What explains that the share of late loans is another one: where the loans came from, how they rolled, new loans.

    Parameters
    ----------
    before, after : Cube
        A cube cut to two periods or to two segments: ``cube.where(as_of="2025-06-30")`` and ``…("2025-12-31")``.
    weight : {"count", "balance"}
        Shares of open loans, or of their principal balance.
    late_from : str, optional
        First bucket that counts as late; the first overdue one if not given.

    Returns
    -------
    DataFrame
        Index: came_from, the state a step earlier, of those open now. weight_before, weight_after [count or currency]
        (open now), share_before, share_after (of all open now), late_before, late_after (late among them), and how
        much of the change each explains: mix, roll, inflow [fraction]. ``attrs``: before, after (late share of all
        open loans), change [fraction], and by count at one date each lower, upper (Newcombe's 95% interval of the
        change).

    Raises
    ------
    CallError
        The cubes have different buckets, or the weight or the bucket is unknown.

    Notes
    -----
    The late share is S = Σ u·s over where loans came from: u is their share of all open loans, s the late share among
    them. With the means ū, s̄, S̄ of both sides: mix = Δu·(s̄ − S̄), more of the loans came from where many become late;
    roll = ū·Δs, of loans from the same place more became late. For new loans the two together are the inflow. The parts
    add up to the change exactly. Several steps of a cube are pooled: a loan counts in each, so there is no interval
    then. A place nobody came from on one side has the late share of the other side. The interval takes the loans of the
    two sides as different ones, so it is wide rather than narrow where they are the same.

    References
    ----------
    Kitagawa (1955), Components of a difference between two rates. Newcombe (1998), Interval estimation for the
    difference between independent proportions, method 10. New loans apart: house convention.

    Examples
    --------
    >>> from collectkit.tracking import demo_cube
    >>> months = demo_cube()
    >>> table = compare_periods(months.where(as_of="2025-06-30"), months.where(as_of="2025-12-31"))
    >>> bool(abs(table[["mix", "roll", "inflow"]].to_numpy().sum() - table.attrs["change"]) < 1e-12)
    True
    """
    text, first = weighted(weight), _first_late(before, after, late_from)
    sides = [_open_and_late(cube, _NOW[weight], first) for cube in (before, after)]
    shares = [ratio(part, np.full_like(part, part.sum())) for part, _ in sides]
    late_shares = [ratio(late, part) for part, late in sides]
    known = [np.where(np.isnan(mine), other, mine) for mine, other in (late_shares, late_shares[::-1])]
    whole = [float(np.nansum(share * late)) if part.sum() else np.nan
             for share, late, (part, _) in zip(shares, known, sides, strict=True)]  # fmt: skip
    mix = (shares[1] - shares[0]) * (sum(known) / 2 - sum(whole) / 2)
    roll = sum(shares) / 2 * (known[1] - known[0])
    names = np.array(before.states)
    is_new = names == _NEW
    columns = {
        **{f"weight_{side}": part for side, (part, _) in zip(_SIDES, sides, strict=True)},
        **{f"share_{side}": share for side, share in zip(_SIDES, shares, strict=True)},
        **{f"late_{side}": late for side, late in zip(_SIDES, late_shares, strict=True)},
        "mix": np.where(is_new, 0.0, mix),
        "roll": np.where(is_new, 0.0, roll),
        "inflow": np.where(is_new, mix + roll, 0.0),
    }  # fmt: skip
    table = pd.DataFrame(columns, pd.Index(names, name="came_from"))[(sides[0][0] + sides[1][0]) > 0]
    has_interval = weight == "count" and len(before.dates) == len(after.dates) == 1
    bounds = _interval(sides) if has_interval else {"lower": np.nan, "upper": np.nan}
    figures = dict(zip(_SIDES, whole, strict=True)) | {"change": whole[1] - whole[0], **bounds}
    return defined(table, _TEXT, text, weight=weight, late_from=before.buckets[first], **figures)


_SIDES = ("before", "after")
_TEXT = (
    "Late share: late loans ÷ open loans at the end of the step. Mix: more of them came from where many become late. "
    "Roll: of loans from the same place more became late. Inflow: loans disbursed in the step. The three add up to the "
    "change. Several months are pooled.",
    "逾期占比：期末逾期贷款 ÷ 期末未结清贷款。结构：来自易逾期状态的贷款占比变化。"
    "滚动：来自同一状态的贷款中逾期比例的变化。新增：期间放款的贷款。三者之和等于总变化。多个月份合并计算。",
)


def _first_late(before: Cube, after: Cube, late_from: str | None) -> int:
    """Place of the first bucket that is late."""
    if before.buckets != after.buckets:
        raise CallError("The two cubes have different buckets. Compare cubes of one bucket scheme.")
    overdue = before.buckets[1:]
    if late_from is not None and late_from not in overdue:
        raise unknown_name("overdue bucket", late_from, overdue)
    return 1 if late_from is None else before.buckets.index(late_from)


def _open_and_late(cube: Cube, measure: str, first: int) -> tuple[Array, Array]:
    """Open and late weight at the end of the step, by the state before."""
    now = cube.total(measure, "state_before", "state")[:, : len(cube.buckets)]
    return now.sum(axis=1), now[:, first:].sum(axis=1)


def _interval(sides: list[tuple[Array, Array]]) -> dict[str, float]:
    """Interval of the change; missing if a side is empty."""
    from statsmodels.stats.proportion import confint_proportions_2indep

    counts = [(late.sum(), part.sum()) for part, late in sides]
    if not all(total for _, total in counts):
        return {"lower": np.nan, "upper": np.nan}
    lower, upper = confint_proportions_2indep(*counts[1], *counts[0], method="newcomb", compare="diff")
    return {"lower": float(lower), "upper": float(upper)}


def compare_headlines(before: Cube, after: Cube, *, weight: str = "count") -> pd.DataFrame:
    """The headlines of two cubes beside each other, each at its last date.

    Parameters
    ----------
    before, after : Cube
    weight : {"count", "balance"}
        As of `headlines`.

    Returns
    -------
    DataFrame
        Index: the figure, named as in `headlines`; before, after, change [the figure's unit].

    Examples
    --------
    >>> from collectkit.tracking import demo_cube
    >>> months = demo_cube()
    >>> table = compare_headlines(months.where(region="East"), months.where(region="West"))
    >>> list(table.columns)
    ['before', 'after', 'change']
    """
    lines = [headlines(cube, weight=weight) for cube in (before, after)]
    table = pd.DataFrame({side: line.iloc[-1] for side, line in zip(_SIDES, lines, strict=True)})
    table = table.rename_axis("figure").assign(change=table["after"] - table["before"])
    table.attrs = lines[0].attrs
    return table
