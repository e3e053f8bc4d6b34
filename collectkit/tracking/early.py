"""Early signs: first instalments that go wrong, and how much of what falls overdue comes in soon."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from collectkit._coded import Ints
from collectkit.days import Date, dates_of, day_numbers, month_numbers, month_starts
from collectkit.policy import Policy
from collectkit.portfolio import Portfolio
from collectkit.tracking._items import Items, summed
from collectkit.tracking._panels import thresholds_of
from collectkit.tracking.definitions import defined
from collectkit.tracking.mix import ratio


def first_payment_default(
    portfolio: Portfolio, policy: Policy, *, as_of: Date, days: Iterable[int] = (7, 30)
) -> pd.DataFrame:
    """Share of the loans of each month of disbursement whose first instalment was more than some days late (首逾).

    Parameters
    ----------
    portfolio : Portfolio
    policy : Policy
    as_of : date
        The end of this day is meant.
    days : iterable of int
        Thresholds [days late].

    Returns
    -------
    DataFrame
        Index: vintage. loans [count] (disbursed); for each threshold observed_7 [count] (loans whose first instalment
        fell due more than 7 days before `as_of`: the denominator) and fpd7 [fraction], missing without any.

    Raises
    ------
    CallError
        A threshold is negative.

    Notes
    -----
    Days late run from the due date of the first instalment to the day it was paid in full, without paused days; until
    `as_of`, or the day before the loan was closed, if it was not. Grace does not matter here. Exactly `days` late is
    not past it.

    Examples
    --------
    >>> import collectkit as ck
    >>> table = first_payment_default(ck.load_sample("demo"), ck.load_policy(), as_of="2025-12-31")
    >>> int(table["fpd30"].isna().sum())  # November and December are too young
    2
    """
    limits = thresholds_of(days)
    items = Items.of(portfolio, policy, as_of)
    coded = items.coded
    lent = np.flatnonzero(coded.disbursed <= items.day)
    lent = lent[np.diff(coded.inst_start)[lent] > 0]
    first = coded.inst_start[lent]  # instalments stand in order of their due dates
    late = np.where(items.is_settled, items.settled_late, items.late_by(items.day))[first]
    age = items.day - coded.due[first].astype(np.int64)
    month, months = months_of(dates_of(coded.disbursed[lent]))
    columns = {"loans": np.bincount(month, minlength=len(months))}
    for limit in limits:
        seen = np.bincount(month[age > limit], minlength=len(months))
        columns[f"observed_{limit}"] = seen
        columns[f"fpd{limit}"] = ratio(np.bincount(month[(age > limit) & (late > limit)], minlength=len(months)), seen)
    return defined(
        pd.DataFrame(columns, months.rename("vintage")),
        (
            "First instalments paid more than x days late, or still unpaid then ÷ loans of the month whose first "
            "instalment fell due more than x days ago. Calendar days from the due date, without paused days.",
            "首期还款迟于应还日超过 x 天（或届时仍未还清）的贷款 ÷ 当月放款中首期应还日已过 x 天以上的贷款。"
            "自应还日起按自然日计，不含停计天数。",
        ),
    )


def collection_rate(
    portfolio: Portfolio, policy: Policy, *, as_of: Date, days: Iterable[int] = (7, 30)
) -> pd.DataFrame:
    """Share of the cash that fell overdue that came in within some days, by month of the due date.

    Parameters
    ----------
    portfolio : Portfolio
    policy : Policy
        Its grace says when an instalment is overdue.
    as_of : date
        The end of this day is meant.
    days : iterable of int
        Thresholds [days late].

    Returns
    -------
    DataFrame
        Index: due_month (its first day). newly_overdue_amount [currency]; collected_7, … [fraction of it], missing
        while some instalment of the month is younger.

    Raises
    ------
    CallError
        A threshold is negative.

    Notes
    -----
    newly_overdue_amount = fee, interest and principal of instalments not settled within their grace, as far as unpaid
    when grace ended. collected_x = what came on them later, at most x days after the due date (paused days apart) ÷
    newly_overdue_amount.

    Examples
    --------
    >>> import collectkit as ck
    >>> table = collection_rate(ck.load_sample("demo"), ck.load_policy(), as_of="2025-12-31")
    >>> bool((table["collected_7"].dropna() <= 1).all())
    True
    """
    limits = thresholds_of(days)
    items = Items.of(portfolio, policy, as_of)
    overdue = np.flatnonzero(items.was_overdue(items.day))
    month, months = months_of(dates_of(items.coded.due[overdue]))
    whole = summed(month, items.after_grace[overdue], len(months))
    place = np.full(len(items.loan), -1)
    place[overdue] = month
    late = (items.days_late > items.grace[items.piece]) & (place[items.piece] >= 0)
    ends = day_numbers(pd.Series(month_starts(month_numbers(months) + 1)))  # the last due date is the day before
    last_due = ends.astype(np.int64) - 1
    columns = {"newly_overdue_amount": whole / 100}
    for limit in limits:
        kept = late & (items.days_late <= limit)
        came = summed(place[items.piece[kept]], items.cents[kept], len(months))
        columns[f"collected_{limit}"] = np.where(last_due + limit <= items.day, ratio(came, whole), np.nan)
    return defined(
        pd.DataFrame(columns, months.rename("due_month")),
        (
            "Cash that came at most x days after the due date ÷ fee, interest and principal of the month that were "
            "unpaid when grace ended. Missing while some instalment of the month is younger.",
            "应还日后 x 天内收回的金额 ÷ 当月到期、宽限期满仍未还的费用、利息及本金。当月有分期未满 x 天时留空。",
        ),
    )


def months_of(dates: Any) -> tuple[Ints, pd.DatetimeIndex]:
    """Place of each date's month, and the first days of the months from the first to the last."""
    month = month_numbers(dates)
    if not len(month):
        return month, pd.DatetimeIndex([]).as_unit("us")
    return month - month.min(), pd.DatetimeIndex(month_starts(np.arange(month.min(), month.max() + 1)))
