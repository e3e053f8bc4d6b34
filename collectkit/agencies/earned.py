"""Commission earned on cash, payment by payment, under every reading of the tariff."""

from __future__ import annotations

import pandas as pd

from collectkit.bands import Tariff
from collectkit.commission import agency_commission
from collectkit.days import Date, day_number
from collectkit.errors import CallError
from collectkit.ledger import allocate
from collectkit.policy import Policy
from collectkit.portfolio import Portfolio

_COLUMNS = [
    "agency", "tariff", "payment_id", "loan_id", "value_date", "placement_date", "days_past_due",
    "collected", "rate", "commission",
]  # fmt: skip


def commission_earned(portfolio: Portfolio, policy: Policy, *, start: Date, end: Date) -> pd.DataFrame:
    """What each payment earned its agency, once for every tariff of the policy.

    Parameters
    ----------
    portfolio : Portfolio
    policy : Policy
    start, end : date
        First and last value date.

    Returns
    -------
    DataFrame
        One row per tariff and payment that earns: agency, tariff (its name), payment_id, loan_id, value_date,
        placement_date, days_past_due [days] (that picked the band), collected [currency], rate [fraction], commission
        [currency].

    Raises
    ------
    CallError
        `start` is after `end`.

    Notes
    -----
    Money earns if it came while the loan was placed (the day after `placement_date` to `recall_date`) and paid what was
    overdue; money for coming instalments does not. The band is picked by the loan's days past due just before the
    payment; for a closed loan by the late days of the oldest instalment the money paid. One rounding per payment.

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
    if day_number(start, "start") > day_number(end, "end"):
        raise CallError(f"`start` {start} is after `end` {end}. Give the earlier date first.")
    cash = _earning_cash(portfolio, policy, start, end)
    parts = [_priced(cash, policy, name) for name in policy.tariff_names]
    if not parts:
        return pd.DataFrame(columns=_COLUMNS)
    return pd.concat(parts, ignore_index=True)[_COLUMNS]


def commission_totals(portfolio: Portfolio, policy: Policy, *, start: Date, end: Date) -> pd.DataFrame:
    """Cash and commission of each agency, once for every tariff of the policy.

    Parameters
    ----------
    portfolio : Portfolio
    policy : Policy
    start, end : date
        First and last value date.

    Returns
    -------
    DataFrame
        One row per agency and tariff: agency, tariff, collected, commission [currency]; agencies that earned nothing
        show 0.

    Examples
    --------
    >>> import collectkit as ck
    >>> totals = commission_totals(ck.load_sample("demo"), ck.load_policy(), start="2025-06-01", end="2025-06-30")
    >>> list(totals.columns)
    ['agency', 'tariff', 'collected', 'commission']
    """
    earned = commission_earned(portfolio, policy, start=start, end=end)
    agencies = sorted(portfolio.placements["agency"].unique())
    every = pd.MultiIndex.from_product([agencies, policy.tariff_names], names=["agency", "tariff"])
    sums = earned.groupby(["agency", "tariff"])[["collected", "commission"]].sum()
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


def _earning_cash(portfolio: Portfolio, policy: Policy, start: Date, end: Date) -> pd.DataFrame:
    """One row per payment with its earning cash, age and placement date."""
    pieces = allocate(portfolio, policy, as_of=end)
    earns = (
        (pieces["channel"] != "in_house") & (pieces["days_late"] > 0) & (pieces["value_date"] >= pd.Timestamp(start))
    )
    pieces = pieces[earns]
    cash = pieces.groupby("payment_id", sort=False).agg(
        loan_id=("loan_id", "first"),
        agency=("channel", "first"),
        value_date=("value_date", "first"),
        days_past_due=("days_past_due", "first"),
        oldest=("days_late", "max"),
        collected=("amount", "sum"),
    )
    cash = cash.reset_index().assign(
        agency=lambda t: t["agency"].astype("str"), collected=lambda t: t["collected"].round(2)
    )
    closed = portfolio.loans.reindex(columns=["loan_id", "closed_date"]).set_index("loan_id")["closed_date"]
    is_closed = pd.to_datetime(closed.reindex(cash["loan_id"]).to_numpy()) <= cash["value_date"]
    cash["days_past_due"] = cash["days_past_due"].where(~is_closed, cash["oldest"]).astype("int64")
    cash = cash[cash["days_past_due"] > 0]
    placed = portfolio.placements[["loan_id", "agency", "placement_date"]].sort_values("placement_date")
    return pd.merge_asof(
        cash.sort_values("value_date", kind="stable"), placed, left_on="value_date", right_on="placement_date",
        by=["loan_id", "agency"], allow_exact_matches=False,
    )  # fmt: skip


def _priced(cash: pd.DataFrame, policy: Policy, name: str) -> pd.DataFrame:
    """The cash with rate and commission under one tariff name, each row by the version of its placement."""
    agencies = {tariff.agency for tariff in policy.tariffs if tariff.name == name}
    if "*" not in agencies:
        cash = cash[cash["agency"].isin(agencies)]
    pairs = cash[["agency", "placement_date"]].drop_duplicates().itertuples(index=False)
    versions: dict[tuple[str, pd.Timestamp], Tariff] = {
        (agency, placed): policy.tariff(name, agency=agency, placement_date=placed) for agency, placed in pairs
    }
    keys = pd.Series(list(zip(cash["agency"], cash["placement_date"], strict=True)), cash.index, dtype=object)
    of_row = keys.map(lambda key: versions[key])
    parts = [
        rows.assign(
            tariff=name,
            rate=tariff.rate(rows["days_past_due"]),
            commission=agency_commission(rows["collected"], rows["days_past_due"], tariff),
        )
        for tariff in dict.fromkeys(versions.values())
        if len(rows := cash[of_row == tariff])
    ]
    return pd.concat(parts) if parts else cash.assign(tariff=name, rate=0.0, commission=0.0)
