"""What the portfolio is made of on each date."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from collectkit.errors import CallError, listed, unknown_name
from collectkit.tracking.cubes import Array, Cube
from collectkit.tracking.definitions import defined

MIX_WEIGHTS = ("loans", "overdue_amount", "principal_balance")


def bucket_mix(cube: Cube, *, weight: str = "loans") -> pd.DataFrame:
    """Open loans by date and bucket.

    Parameters
    ----------
    cube : Cube
    weight : {"loans", "overdue_amount", "principal_balance"}
        What to sum [count or currency].

    Returns
    -------
    DataFrame
        Index: as_of; one column per bucket.

    Raises
    ------
    CallError
        The weight is unknown.

    Examples
    --------
    >>> from collectkit.tracking import demo_cube
    >>> list(bucket_mix(demo_cube()).columns)
    ['M0', 'M1', 'M2', 'M3', 'M4', 'M5', 'M6', 'M6+']
    """
    if weight not in MIX_WEIGHTS:
        raise unknown_name("weight", weight, MIX_WEIGHTS)
    sums = cube.total(weight, "as_of", "state")[:, : len(cube.buckets)]
    return defined(
        pd.DataFrame(sums, cube.dates, pd.Index(cube.buckets, name="bucket")),
        (
            "Open loans at the end of each date, by bucket of the whole loan.",
            "各日日终未结清贷款，按整笔贷款所处阶段。",
        ),
        _MIX_TEXTS[weight],
        weight=weight,
        kind="count" if weight == "loans" else "money",
    )


_MIX_TEXTS = {
    "loans": ("Number of loans.", "贷款笔数。"),
    "overdue_amount": ("Overdue principal, interest and fee.", "逾期本金、利息及费用。"),
    "principal_balance": ("All unpaid principal, due or not.", "全部未还本金（含未到期）。"),
}


def portfolio_at_risk(cube: Cube, *, days: Iterable[int] = (1, 30, 60, 90)) -> pd.DataFrame:
    """Share of principal in late loans by date, and the write-off ratio beside it.

    Parameters
    ----------
    cube : Cube
    days : iterable of int
        Thresholds [days past due], each one of ``cube.days``.

    Returns
    -------
    DataFrame
        Index: as_of. principal_balance [currency] (the denominator), par1, par30, … and write_off_ratio [fraction].

    Raises
    ------
    CallError
        The cube was not folded with a threshold.

    Notes
    -----
    PAR x = principal balance of open loans more than x days past due ÷ principal balance of all open loans. The whole
    balance of a late loan counts, not only what is overdue. Day x itself is not past x: PAR0 is every loan with a day
    past due. A write-off leaves both sides and makes PAR fall, hence write_off_ratio = principal written off since the
    date before ÷ principal balance then; missing on the first date.

    References
    ----------
    CGAP/SEEP, Microfinance Consensus Guidelines (2003): portfolio at risk, write-off ratio.

    Examples
    --------
    >>> from collectkit.tracking import demo_cube
    >>> par = portfolio_at_risk(demo_cube())
    >>> bool((par["par30"] >= par["par90"]).all())
    True
    """
    levels = {f"par{limit}": threshold(cube, limit) for limit in days}
    balance = cube.total("principal_balance", "as_of")
    level = cube.cells["level"].to_numpy()
    late = {name: cube.total("principal_balance", "as_of", only=level >= least) for name, least in levels.items()}
    lost = cube.total("balance_before", "as_of", only=cube.is_state("state", "written_off"))
    before = cube.total("balance_before", "as_of")
    columns = {"principal_balance": balance, **{name: ratio(part, balance) for name, part in late.items()}}
    return defined(
        pd.DataFrame({**columns, "write_off_ratio": ratio(lost, before)}, cube.dates),
        (
            "PAR x: principal balance of open loans more than x days past due ÷ principal balance of all open loans; "
            "the whole balance of a late loan counts. Write-off ratio: principal written off since the date before ÷ "
            "principal balance then.",
            "PAR x：逾期超过 x 天的未结清贷款本金余额 ÷ 全部未结清贷款本金余额；逾期贷款按整笔余额计。"
            "核销率：自上一日期以来核销的本金 ÷ 上一日期本金余额。",
        ),
    )


def threshold(cube: Cube, days: int) -> int:
    """Level of the loans more than `days` past due."""
    if days not in cube.days:
        raise CallError(
            f"The cube knows loans more than {listed(cube.days, most=9)} days past due, not {days}. "
            f"Fold it again: `cube(panel, loans, days=[…, {days}])`."
        )
    return cube.days.index(days) + 1


def ratio(part: Array, whole: Array) -> Array:
    """Part ÷ whole; missing where the whole is nothing."""
    return np.divide(part, whole, out=np.full(np.shape(part), np.nan), where=np.asarray(whole) != 0)
