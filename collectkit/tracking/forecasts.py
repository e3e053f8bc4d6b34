"""Which status is bad, and what the book will lose if it rolls on as it did."""

from __future__ import annotations

import numpy as np
import pandas as pd

from collectkit._run import category
from collectkit.days import Date, day_number, day_numbers
from collectkit.errors import CallError, listed
from collectkit.money import exact_rate
from collectkit.tracking._panels import checked_categories, checked_rows
from collectkit.tracking.definitions import defined, interval
from collectkit.tracking.mix import ratio
from collectkit.tracking.moves import goodman

Window = tuple[Date, Date]


def snapshot_roll(panel: pd.DataFrame, *, observe: Window, perform: Window) -> pd.DataFrame:
    """Worst bucket in one window by worst bucket in the next (滚动率分析), to choose what to call bad.

    Parameters
    ----------
    panel : DataFrame
        What `track` returns.
    observe, perform : (date, date)
        First and last date of each window, both included.

    Returns
    -------
    DataFrame
        One row per pair, as of `transitions`: state_before (worst while open in the first window), state (worst in the
        second: a bucket, ``written_off`` if it is so at a date of it, or ``left`` if the loan was not open in it),
        loans [count], balance_before [currency] (at the last open date of the first window), rate, lower, upper
        [fraction].

    Raises
    ------
    CallError
        A window holds no date of the panel, or the second does not come after the first.

    Notes
    -----
    rate = loans ÷ loans with that worst bucket in the first window, those written off in it left out. A status from
    which nearly nobody comes back is a sound definition of bad.

    References
    ----------
    Siddiqi (2006), Credit Risk Scorecards, chapter 4: roll rate analysis.

    Examples
    --------
    >>> from collectkit.tracking.forecasts import snapshot_roll
    >>> import collectkit as ck
    >>> book = ck.load_sample("demo")
    >>> panel = ck.track(book, ck.load_policy(), dates=ck.month_ends("2025-01-31", "2025-12-31"))
    >>> table = snapshot_roll(panel, observe=("2025-01-31", "2025-06-30"), perform=("2025-07-31", "2025-12-31"))
    >>> bool(table.loc[table["state_before"] == "M6+", "loans"].sum() > 0)
    True
    """
    first = checked_rows(panel)[:-1]
    checked_categories(panel, "bucket")
    days = day_numbers(panel["as_of"])
    windows = [(days >= day_number(low)) & (days <= day_number(high)) for low, high in (observe, perform)]
    if day_number(perform[0]) <= day_number(observe[1]):
        raise CallError(f"The second window begins on {perform[0]}, not after the first ends on {observe[1]}.")
    if not all(window.any() for window in windows):
        raise CallError("A window holds no date of the panel. Track dates in both windows.")
    buckets = tuple(panel["bucket"].cat.categories)
    is_open = panel["status"].isin(["current", "overdue"]).to_numpy()
    code = np.where(is_open, panel["bucket"].array.codes, -1).astype(np.int64)
    lost = np.where((panel["status"] == "written_off").to_numpy(), len(buckets), code)
    worst = np.maximum.reduceat(np.where(windows[0], code, -1), first)
    already = np.maximum.reduceat(np.where(windows[0], lost, -1), first) == len(buckets)
    then = np.maximum.reduceat(np.where(windows[1], lost, -1), first)
    then = np.where(then < 0, len(buckets) + 1, then)
    kept = (worst >= 0) & ~already
    last = np.maximum.reduceat(np.where(windows[0] & is_open, np.arange(len(panel)), -1), first)
    balance = panel["principal_balance"].to_numpy()[last]
    ends = (*buckets, "written_off", "left")
    place, size = (worst * len(ends) + then)[kept], len(buckets) * len(ends)
    loans = np.bincount(place, minlength=size).reshape(-1, len(ends))
    money = np.bincount(place, np.rint(balance[kept] * 100), size) / 100
    lower, upper = goodman(loans)
    rate = ratio(loans, loans.sum(axis=1, keepdims=True) * np.ones_like(loans))
    before = category(np.repeat(np.arange(len(buckets)), len(ends)), buckets, ordered=True)
    after = category(np.tile(np.arange(len(ends)), len(buckets)), ends, ordered=True)
    columns = {"loans": loans.ravel(), "balance_before": money, "rate": rate.ravel(), "lower": lower.ravel()}
    return defined(
        pd.DataFrame({"state_before": before, "state": after, **columns, "upper": upper.ravel()}),
        (
            f"Worst bucket from {observe[0]} to {observe[1]} by worst bucket from {perform[0]} to {perform[1]}, at the "
            "dates of the panel; loans open in the first window and not written off in it.",
            f"{observe[0]} 至 {observe[1]} 的最差阶段 × {perform[0]} 至 {perform[1]} 的最差阶段（按面板日期）；"
            "仅计第一窗口内未结清且未核销的贷款。",
        ),
        interval("goodman", "count"),
        weight="count",
    )


def loss_forecast(balances: pd.Series, rolls: pd.Series, *, recovery: float = 0.0) -> pd.DataFrame:
    """Expected loss of each bucket: its balance times the rates of rolling forward up to charge-off.

    Parameters
    ----------
    balances : Series [currency]
        By bucket in order, the last one next to charge-off.
    rolls : Series [fraction]
        Share of each bucket that moves on to the next; for the last one, to charge-off (1 if missing).
    recovery : float [fraction]
        Share of a charged-off balance that comes back.

    Returns
    -------
    DataFrame
        Index as of `balances`: balance [currency], roll_rate, loss_factor [fraction], expected_loss [currency].

    Raises
    ------
    CallError
        A bucket but the last has no rate, a rate is negative, or `recovery` is not between 0 and 1.

    Notes
    -----
    loss_factor of a bucket = product of the rates from it on × (1 − recovery); expected_loss = balance × loss_factor.
    Good for about nine months; it is late in the first bucket, whose loans have yet to fall due, and misses those that
    jump straight to loss.

    References
    ----------
    OCC, Comptroller's Handbook, Retail Lending: roll-rate analysis.

    Examples
    --------
    >>> buckets = ["current", "1-29", "30-59"]
    >>> rolls = pd.Series([0.1, 0.5, 0.8], buckets)
    >>> loss_forecast(pd.Series([1000.0, 100.0, 50.0], buckets), rolls)["expected_loss"].tolist()
    [40.0, 40.0, 40.0]
    """
    share = 1 - float(exact_rate(recovery))
    if share < 0:
        raise CallError(f"`recovery` is {recovery}. Give a fraction from 0 to 1.")
    rates = rolls.reindex(balances.index).astype("float64")
    rates.iloc[-1:] = rates.iloc[-1:].fillna(1.0)
    bad = rates.index[rates.isna() | (rates < 0)]
    if len(bad):
        raise CallError(f"There is no rate of 0 or more for {listed(bad)}. Give one for each bucket but the last.")
    factors = rates[::-1].cumprod()[::-1] * share
    columns = {"balance": balances.astype("float64"), "roll_rate": rates, "loss_factor": factors}
    return defined(
        pd.DataFrame({**columns, "expected_loss": (balances * factors).round(2)}),
        (
            f"Balance × product of the forward rates from the bucket to charge-off × (1 − recovery {recovery:.0%}).",
            f"余额 × 自该阶段起至核销各级向前滚动率之积 ×（1 − 回收率 {recovery:.0%}）。",
        ),
    )
