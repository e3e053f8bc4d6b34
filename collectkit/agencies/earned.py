"""Commission earned in a span of days, line by line and in total, under every reading of the tariff."""

from __future__ import annotations

import numpy as np
import pandas as pd

from collectkit.agencies._cash import Placed
from collectkit.agencies._lines import lines
from collectkit.days import Date, checked_period, dates_of, day_number
from collectkit.policy import Policy
from collectkit.portfolio import Portfolio

COLUMNS = [
    "agency", "tariff", "tariff_from", "kind", "placement_id", "loan_id", "placement_date", "placement_days_past_due",
    "payment_id", "value_date", "days_past_due", "band", "recovery_from", "received", "commissionable", "rate",
    "commission", "vat", "vat_rate", "is_vat_included", "reason",
]  # fmt: skip


def commission_earned(
    portfolio: Portfolio, policy: Policy, *, start: Date, end: Date, known_on: Date | None = None
) -> pd.DataFrame:
    """What each payment and placement earned its agency, once for every tariff of the policy.

    Parameters
    ----------
    portfolio : Portfolio
    policy : Policy
    start, end : date
        First and last value date.
    known_on : date, optional
        Only what was known on this day; default: everything known.

    Returns
    -------
    DataFrame
        One row per tariff and line: agency, tariff (its name), tariff_from (its version), kind (``earned``, ``placed``,
        ``flat_fee``, ``minimum``, ``cap``), placement_id, loan_id, placement_date, placement_days_past_due [days],
        payment_id, value_date (of a payment; else the day of the fee), days_past_due [days] (just before the payment),
        band (that gave the rate), recovery_from [fraction] (share recovered from which the rate holds), received
        [currency] (the whole payment), commissionable [currency] (what the rate is applied to), rate [fraction],
        commission (without VAT), vat [currency], vat_rate [fraction], is_vat_included (true if the rate holds VAT),
        reason.

    Raises
    ------
    CallError
        `start` is after `end`.

    Notes
    -----
    Which money earns is told by `attribution`. Commission = commissionable × rate, rounded half up once per line; VAT
    is rounded once per line. Minimum and cap are for calendar months and dated on their last day.

    References
    ----------
    Source manual 002 (催收流程规划): the agency's percentage is on money received by the lender.

    Examples
    --------
    >>> import collectkit as ck
    >>> earned = commission_earned(ck.load_sample("demo"), ck.load_policy(), start="2025-06-01", end="2025-06-30")
    >>> sorted(earned.tariff.unique())
    ['elapsed_months', 'month_index']
    """
    checked_period(start, end)
    placed, made = lines(portfolio, policy, as_of=end, known_on=known_on)
    return named(portfolio, placed, made[made["day"] >= day_number(start)])


def commission_totals(
    portfolio: Portfolio, policy: Policy, *, start: Date, end: Date, known_on: Date | None = None
) -> pd.DataFrame:
    """Cash and commission of each agency, once for every tariff of the policy.

    Parameters
    ----------
    portfolio : Portfolio
    policy : Policy
    start, end : date
        First and last value date.
    known_on : date, optional
        Only what was known on this day; default: everything known.

    Returns
    -------
    DataFrame
        One row per agency and tariff: agency, tariff, collected (cash that earns), commission, vat [currency]; agencies
        that earned nothing show 0.

    Examples
    --------
    >>> import collectkit as ck
    >>> totals = commission_totals(ck.load_sample("demo"), ck.load_policy(), start="2025-06-01", end="2025-06-30")
    >>> list(totals.columns)
    ['agency', 'tariff', 'collected', 'commission', 'vat']
    """
    earned = commission_earned(portfolio, policy, start=start, end=end, known_on=known_on)
    collected = earned["commissionable"].where(earned["kind"] == "earned", 0.0)
    agencies = sorted(portfolio.placements["agency"].unique())
    every = pd.MultiIndex.from_product([agencies, policy.tariff_names], names=["agency", "tariff"])
    sums = earned.assign(collected=collected).groupby(["agency", "tariff"])[["collected", "commission", "vat"]].sum()
    return sums.reindex(every, fill_value=0.0).astype("float64").round(2).reset_index()


def commission_by_tariff(portfolio: Portfolio, policy: Policy, *, start: Date, end: Date) -> pd.Series:
    """Commission of all agencies together, once for every tariff of the policy.

    Parameters
    ----------
    portfolio : Portfolio
    policy : Policy
    start, end : date
        First and last value date.

    Returns
    -------
    Series
        commission [currency] by tariff, in the order of the policy.

    Examples
    --------
    >>> import collectkit as ck
    >>> sums = commission_by_tariff(ck.load_sample("demo"), ck.load_policy(), start="2025-06-01", end="2025-06-30")
    >>> list(sums.index)
    ['elapsed_months', 'month_index']
    """
    sums = commission_totals(portfolio, policy, start=start, end=end).groupby("tariff")["commission"].sum()
    return sums.reindex(pd.Index(policy.tariff_names, name="tariff"), fill_value=0.0).astype("float64").round(2)


def named(portfolio: Portfolio, placed: Placed, made: pd.DataFrame) -> pd.DataFrame:
    """Lines with names, dates and money instead of numbers, in order of tariff, agency, day and loan."""
    payments = portfolio.payments[["payment_id", "amount"]]
    row = made["payment"].to_numpy(dtype=np.int64)
    paid = payments.reindex(np.where(row < 0, len(payments), row)).reset_index(drop=True)
    of = placed.at(made["placement"])
    table = made.reset_index(drop=True).assign(
        placement_id=of["placement_id"], loan_id=of["loan_id"], placement_date=of["placement_date"],
        placement_days_past_due=made["placement_age"].to_numpy(dtype=np.int64), payment_id=paid["payment_id"],
        value_date=dates_of(made["day"]), days_past_due=made["age"].to_numpy(dtype=np.int64),
        received=paid["amount"], commissionable=made["base"].to_numpy(dtype=np.int64) / 100,
        commission=made["commission"].to_numpy(dtype=np.int64) / 100, vat=made["vat"].to_numpy(dtype=np.int64) / 100,
    )  # fmt: skip
    table = table.astype({"agency": "str", "tariff": "str", "kind": "str", "band": "str", "reason": "str",
                          "tariff_from": "datetime64[us]", "recovery_from": "float64", "rate": "float64"})  # fmt: skip
    order = ["tariff", "agency", "value_date", "loan_id", "payment_id", "kind", "recovery_from"]
    return table.sort_values(order, ignore_index=True)[COLUMNS]
