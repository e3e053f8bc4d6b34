"""The portfolio in one line per date."""

from __future__ import annotations

import numpy as np
import pandas as pd

from collectkit.tracking.cubes import Array, Cube
from collectkit.tracking.definitions import defined, exits_text, weighted
from collectkit.tracking.mix import portfolio_at_risk, ratio
from collectkit.tracking.moves import entry_rate

_SUMMED = {"count": "loans", "balance": "balance_before"}


def headlines(cube: Cube, *, weight: str = "count") -> pd.DataFrame:
    """What a manager looks at first, by date.

    Parameters
    ----------
    cube : Cube
    weight : {"count", "balance"}
        What the shares of moves are of: loans, or their principal balance at the start of the step.

    Returns
    -------
    DataFrame
        Index: as_of. loans (open ones), overdue_loans [count], principal_balance [currency], par30, entry_rate
        [fraction], and of the loans that were overdue at the date before: cured, rolled_forward [fraction].

    Raises
    ------
    CallError
        The weight is unknown, or the cube was not folded with 30 days.

    Notes
    -----
    cured = overdue at the date before and in the bucket that is not overdue now ÷ overdue at the date before;
    rolled_forward likewise, in a higher bucket now. Loans that left stay in the denominator. Missing on the first date.

    Examples
    --------
    >>> from collectkit.tracking import demo_cube
    >>> lines = headlines(demo_cube())
    >>> bool((lines["overdue_loans"] < lines["loans"]).all())
    True
    """
    text = weighted(weight)
    state, before = (cube.cells[name].array.codes for name in ("state", "state_before"))
    is_open = state < len(cube.buckets)
    was_overdue = cube.is_state("state_before", *cube.buckets[1:]) & ~cube.is_state("state", "unobserved")

    def share(part: Array) -> Array:
        start = cube.total(_SUMMED[weight], "as_of", only=was_overdue)
        return ratio(cube.total(_SUMMED[weight], "as_of", only=was_overdue & part), start)

    columns = {
        "loans": cube.total("loans", "as_of", only=is_open).astype(np.int64),
        "overdue_loans": cube.total("loans", "as_of", only=is_open & (state > 0)).astype(np.int64),
        "principal_balance": cube.total("principal_balance", "as_of"),
        "par30": portfolio_at_risk(cube, days=[30])["par30"],
        "entry_rate": entry_rate(cube, weight=weight)["entry_rate"],
        "cured": share(state == 0),
        "rolled_forward": share(is_open & (state > before)),
    }
    return defined(
        pd.DataFrame(columns, cube.dates),
        (
            "PAR30: principal balance of open loans more than 30 days past due ÷ that of all open loans. Entry rate: "
            "overdue now ÷ not overdue at the date before. Cured, rolled forward: of all loans overdue at the date "
            "before, those not overdue now, and those in a higher bucket now.",
            "PAR30：逾期超过 30 天的未结清贷款本金余额 ÷ 全部未结清贷款本金余额。"
            "入催率：上一日期未逾期贷款中本期逾期的占比。"
            "恢复正常、向前滚动：上一日期全部逾期贷款中，本期不再逾期的占比与进入更高阶段的占比。",
        ),
        exits_text("absorbing"),
        text,
        weight=weight,
    )
