"""Recovery: what came in of loans after they had become late, by the month in which they did."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from collectkit.days import month_numbers, month_starts
from collectkit.development import developed, development_errors
from collectkit.errors import CallError, listed, unknown_name
from collectkit.tracking._building import BY, dimensions
from collectkit.tracking._panels import checked_rows, loans_of, thresholds_of
from collectkit.tracking.cubes import Array, chosen_values
from collectkit.tracking.definitions import defined

_OWED = ("principal_balance", "overdue_interest", "overdue_fee")
_SUMMED = ("loans", "owed", "collected")
_Z = 1.959964  # of a 95% interval
#: Thresholds unless others are asked for [days past due].
DAYS = (30, 60, 90)


def recoveries(
    panel: pd.DataFrame, loans: pd.DataFrame, *, days: Iterable[int] = DAYS, by: Iterable[str] = BY
) -> pd.DataFrame:
    """Cash by month after loans first were more than some days past due, folded to cells.

    Parameters
    ----------
    panel : DataFrame
        What `track` returns for the ends of months; a loan's rows stand together, dates ascending.
    loans : DataFrame
        The portfolio's loans.
    days : iterable of int
        Thresholds [days past due].
    by : iterable of str
        Dimensions, as for `cube`; the channel is that at the reference date.

    Returns
    -------
    DataFrame
        One row per cell: days, cohort (month of the reference date, counted from January 1970), the dimensions,
        vintage, months_since; loans [count] and owed [cents] (at the reference date, in the row of month 0), collected
        [cents] (in the month). A month without either has no row. ``attrs``: last (month seen), by, days.

    Raises
    ------
    CallError
        The panel is empty or holds loans that are not in `loans`.

    Notes
    -----
    The reference date is the first date of the panel at which the loan is more than `days` past due. A loan that is so
    at the panel's first date is left out: when it became late is not known. owed = principal balance + overdue interest
    + overdue fee, without penalty. Cash of the month of the reference date came before it and does not count.

    Examples
    --------
    >>> import collectkit as ck
    >>> book, policy = ck.load_sample("demo"), ck.load_policy()
    >>> panel = ck.track(book, policy, dates=ck.month_ends(book.first_date, book.last_date))
    >>> bool((recoveries(panel, book.loans)["collected"] >= 0).all())
    True
    """
    by, first, thresholds = tuple(by), checked_rows(panel), thresholds_of(days)
    fixed, moving = dimensions(panel, loans_of(panel, first, loans), by)
    month = month_numbers(panel["as_of"])
    rows = pd.concat([_after(panel, first, month, threshold) for threshold in thresholds], ignore_index=True)
    for axes, place in ((fixed, "loan"), (moving, "reference")):
        for axis in axes:
            rows[axis.name] = pd.Categorical.from_codes(axis.codes[rows[place]], axis.values, ordered=True)
    return late_sums(rows, by, int(month.max()), thresholds)


def late_sums(rows: pd.DataFrame, by: tuple[str, ...], last: int, days: list[int]) -> pd.DataFrame:
    """Rows of `recoveries` summed to cells."""
    names = ["days", "cohort", *by, "vintage", "months_since"]
    cells = rows.groupby(names, observed=True, dropna=False)[list(_SUMMED)].sum().reset_index()
    cells.attrs = {"last": last, "by": by, "days": days}
    return cells


def recovery_curve(cells: pd.DataFrame, *, days: int = 90, is_developed: bool = False, **kept: Any) -> pd.DataFrame:
    """Cash collected up to each month since, as a share of what was owed at the reference date, by cohort.

    Parameters
    ----------
    cells : DataFrame
        From `recoveries`.
    days : int
        Threshold [days past due].
    is_developed : bool
        Estimate the months not yet seen by chain ladder over the cohorts kept. An estimate is no observation.
    **kept
        Dimension and the value or values to keep; None or nothing keeps all.

    Returns
    -------
    DataFrame
        Index: cohort (month, by its first day); columns: months_since, from 0 [fraction]. Months not seen are missing
        unless they are estimated. ``attrs["loans"]`` has the loans of each cohort.

    Raises
    ------
    CallError
        The cells were not folded with the threshold or a dimension.

    Notes
    -----
    rate = Σ collected up to the month ÷ Σ owed at the reference date; the denominator is fixed. It can exceed 1: later
    interest, fees and penalty are paid too.

    References
    ----------
    Mack (1993), ASTIN Bulletin 23(2): chain ladder.

    Examples
    --------
    >>> import collectkit as ck
    >>> book, policy = ck.load_sample("demo"), ck.load_policy()
    >>> panel = ck.track(book, policy, dates=ck.month_ends(book.first_date, book.last_date))
    >>> curve = recovery_curve(recoveries(panel, book.loans), days=30)
    >>> bool((curve.diff(axis=1).fillna(0) >= 0).all(axis=None))
    True
    """
    collected, owed, count = _triangle(_part(cells, days, kept), cells.attrs["last"])
    amounts = developed(collected) if is_developed else collected
    rates = amounts.div(owed, axis=0)
    texts = [_TEXT, _ESTIMATE] if is_developed else [_TEXT]
    return defined(rates, *texts, days=days, is_developed=is_developed, loans=count.tolist(), kind="rate")


def pooled_recovery(cells: pd.DataFrame, *, days: int = 90, **kept: Any) -> pd.DataFrame:
    """All cohorts together: what came in by each month since, of the cohorts that were seen that long.

    Parameters
    ----------
    cells, days, **kept
        As of `recovery_curve`.

    Returns
    -------
    DataFrame
        Index: months_since. cohorts [count] (seen that long), owed, collected [currency] (theirs, up to the month),
        recovered_share [fraction], and estimate [fraction]: that of all cohorts, what is not yet seen by chain ladder;
        lower, upper [fraction]: its interval, missing where nothing is estimated or too few cohorts tell.

    Notes
    -----
    recovered_share is sum over sum; the older cohorts alone speak for the later months, so it can fall where young
    ones drop out.
    A cohort that no factor leads on from is not in the estimate. The interval is Mack's, 95%, on the log scale.

    References
    ----------
    Mack (1993), ASTIN Bulletin 23(2): chain ladder and its standard error.

    Examples
    --------
    >>> import collectkit as ck
    >>> book, policy = ck.load_sample("demo"), ck.load_policy()
    >>> panel = ck.track(book, policy, dates=ck.month_ends(book.first_date, book.last_date))
    >>> float(pooled_recovery(recoveries(panel, book.loans))["recovered_share"].iloc[0])
    0.0
    """
    collected, owed, _ = _triangle(_part(cells, days, kept), cells.attrs["last"])
    is_seen = collected.notna()
    whole = is_seen.mul(owed, axis=0).sum()
    table = pd.DataFrame({"cohorts": is_seen.sum(), "owed": whole, "collected": collected.sum()})
    later = developed(collected)
    whole_later = later.notna().mul(owed, axis=0).sum()
    known = later.notna().all(axis=1)  # a cohort that no factor leads on from has no error either
    error = development_errors(collected[known], together=True).iloc[0] if known.any() else later.sum() * np.nan
    bounds = _interval(later.sum(), error, whole_later)
    columns = {"recovered_share": table["collected"] / whole, "estimate": later.sum() / whole_later, **bounds}
    return defined(table.assign(**columns), _TEXT, _ESTIMATE, days=days)


def _interval(cash: pd.Series, error: pd.Series, owed: pd.Series) -> dict[str, pd.Series]:
    """Mack's 95% interval on the log scale, as a share of what was owed; missing where nothing is estimated."""
    relative: pd.Series = (error / cash.where(cash > 0)).where(error > 0)
    spread: pd.Series = np.log1p(relative**2) ** 0.5
    return {name: cash / owed * np.exp(sign * _Z * spread - spread**2 / 2)
            for name, sign in (("lower", -1), ("upper", 1))}  # fmt: skip


def _after(panel: pd.DataFrame, first: Array, month: Array, threshold: int) -> pd.DataFrame:
    """Rows of the loans past a threshold from their reference date on; money in cents."""
    late = np.flatnonzero(panel["days_past_due"].to_numpy() > threshold)
    loan, at = np.unique(np.searchsorted(first, late, side="right") - 1, return_index=True)
    reference, as_of = late[at], panel["as_of"].to_numpy()
    is_known = as_of[reference] > as_of.min()
    loan, reference = loan[is_known], reference[is_known]
    counts = first[loan + 1] - reference
    own = np.repeat(np.arange(len(loan)), counts)
    row = reference[own] + np.arange(len(own)) - np.repeat(np.cumsum(counts) - counts, counts)
    is_reference = row == reference[own]
    owed = np.sum([_cents(panel[name], reference) for name in _OWED], axis=0)
    cash = np.where(is_reference, 0, _cents(panel["paid_in_period"], row))
    rows = pd.DataFrame({
        "days": threshold, "loan": loan[own], "reference": reference[own], "cohort": month[reference[own]],
        "months_since": month[row] - month[reference[own]], "loans": is_reference.astype(np.int64),
        "owed": np.where(is_reference, owed[own], 0), "collected": cash,
    })  # fmt: skip
    return rows[is_reference | (cash != 0)]


def _cents(column: pd.Series, rows: Array) -> Array:
    return np.rint(np.nan_to_num(column.to_numpy()[rows]) * 100).astype(np.int64)


def _part(cells: pd.DataFrame, days: int, kept: dict[str, Any]) -> pd.DataFrame:
    """The cells of a threshold and of some values of their dimensions."""
    if days not in cells.attrs["days"]:
        raise CallError(
            f"The cells know {listed(cells.attrs['days'])} days past due, not {days}. Fold them again with it."
        )
    chosen = (cells["days"] == days).to_numpy()
    for name, given in kept.items():
        if name not in (*cells.attrs["by"], "vintage"):
            raise unknown_name("dimension", name, (*cells.attrs["by"], "vintage"))
        if given is not None:
            chosen = chosen & chosen_values(name, given, cells[name].cat.categories)[cells[name].array.codes]
    return cells[chosen]


def _triangle(cells: pd.DataFrame, last: int) -> tuple[pd.DataFrame, pd.Series, pd.Series]:
    """Cash up to each month by cohort, missing where not seen; what was owed [currency]; loans."""
    cohorts, row = np.unique(cells["cohort"].to_numpy(), return_inverse=True)
    ages = int(last - cohorts.min()) + 1 if len(cohorts) else 1
    sums = {name: np.bincount(row, cells[name], len(cohorts)) for name in ("owed", "loans")}
    flat = row * ages + cells["months_since"].to_numpy()
    cash = np.bincount(flat, cells["collected"], len(cohorts) * ages).reshape(-1, ages).cumsum(axis=1) / 100
    is_seen = cohorts[:, None] + np.arange(ages) <= last
    index = pd.DatetimeIndex(month_starts(cohorts), name="cohort")
    collected = pd.DataFrame(np.where(is_seen, cash, np.nan), index, pd.RangeIndex(ages, name="months_since"))
    return collected, pd.Series(sums["owed"] / 100, index), pd.Series(sums["loans"].astype(np.int64), index)


_TEXT = (
    "Cash collected since the reference date ÷ what was owed then (principal balance, overdue interest and fees, "
    "without penalty). The reference date is the first month end past the threshold, the cohort its month; the "
    "denominator is fixed.",
    "参考日以来的回款 ÷ 参考日欠款（本金余额、逾期利息及费用，不含罚息）。"
    "参考日为首次超过逾期门槛的月末，按该月分组；分母固定不变。",
)
_ESTIMATE = (
    "Estimate: months not yet seen are developed by chain ladder from the older cohorts.",
    "估计值：尚未观察到的月份按链梯法由较早分组推算。",
)
