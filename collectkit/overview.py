"""A day at a glance: the figures of a portfolio in a line, by bucket, and one loan day by day."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from collectkit._run import read
from collectkit.days import Date, dates_of, day_number
from collectkit.errors import CallError
from collectkit.policy import Policy
from collectkit.portfolio import Portfolio

_OVERDUE = ["overdue_principal", "overdue_interest", "overdue_fee"]
_LISTED = ["days_past_due", "bucket", "total_due", "penalty", "principal_balance", "channel"]


def reporting_month(portfolio: Portfolio, month: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """First and last day of a month that a report is about.

    Parameters
    ----------
    portfolio : Portfolio
    month : str
        As "2025-06".

    Returns
    -------
    start, end : Timestamp

    Raises
    ------
    CallError
        The portfolio is empty, the month is not one, or it lies before the first disbursement or after the last day of
        the portfolio.

    Examples
    --------
    >>> import collectkit as ck
    >>> start, end = reporting_month(ck.load_sample("demo"), "2025-06")
    >>> f"{start:%Y-%m-%d}, {end:%Y-%m-%d}"
    '2025-06-01, 2025-06-30'
    """
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month):
        raise CallError(f'`month` is {month!r}. Write it as "2025-06".')
    first, last = portfolio.first_date, portfolio.last_date
    if pd.isna(first):
        raise CallError("This portfolio has no loans, so there is no month to report on.")
    asked = pd.Period(month, "M")
    if not first.to_period("M") <= asked <= last.to_period("M"):
        raise CallError(
            f"This portfolio has nothing in {month}: it goes from {first:%Y-%m} to {last:%Y-%m}. Ask for one of these."
        )
    return asked.start_time, asked.end_time.normalize()


def overview(assessed: pd.DataFrame) -> pd.Series:
    """Figures of one day over all loans.

    Parameters
    ----------
    assessed : DataFrame
        What `assess` returns, or some of its rows.

    Returns
    -------
    Series
        loans [count] (open ones), principal_balance [currency], overdue_loans [count], overdue_amount [currency]
        (overdue principal, interest and fee), penalty [currency], par30 [fraction].

    Notes
    -----
    par30 = principal balance of loans more than 30 days past due ÷ principal balance of all open loans; the whole
    balance of a late loan counts, not only what is overdue. Missing if there is no balance.

    References
    ----------
    CGAP/SEEP, Microfinance Consensus Guidelines (2003): portfolio at risk.

    Examples
    --------
    >>> import collectkit as ck
    >>> day = ck.assess(ck.load_sample("demo"), ck.load_policy(), as_of="2025-06-30")
    >>> bool(0 < overview(day)["par30"] < 1)
    True
    """
    balance = assessed["principal_balance"].sum()
    at_risk = assessed["principal_balance"].where(assessed["days_past_due"] > 30, 0).sum()
    return pd.Series(
        {
            "loans": int(assessed["status"].isin(["current", "overdue"]).sum()),
            "principal_balance": round(float(balance), 2),
            "overdue_loans": int((assessed["status"] == "overdue").sum()),
            "overdue_amount": round(float(assessed[_OVERDUE].to_numpy().sum()), 2),
            "penalty": round(float(assessed["penalty"].sum()), 2),
            "par30": float(at_risk / balance) if balance else np.nan,
        },
        name="overview",
        dtype=object,
    )


def bucket_totals(assessed: pd.DataFrame) -> pd.DataFrame:
    """Loans and money by bucket.

    Parameters
    ----------
    assessed : DataFrame
        What `assess` returns, or some of its rows.

    Returns
    -------
    DataFrame
        Index: every bucket of the scheme in order. loans [count] (open ones), overdue_amount, penalty,
        principal_balance [currency].

    Examples
    --------
    >>> import collectkit as ck
    >>> day = ck.assess(ck.load_sample("demo"), ck.load_policy(), as_of="2025-06-30")
    >>> list(bucket_totals(day).index)
    ['M0', 'M1', 'M2', 'M3', 'M4', 'M5', 'M6', 'M6+']
    """
    figures = assessed.assign(
        loans=assessed["status"].isin(["current", "overdue"]).astype("int64"),
        overdue_amount=assessed[_OVERDUE].sum(axis=1),
    )
    columns = ["loans", "overdue_amount", "penalty", "principal_balance"]
    return figures.groupby("bucket", observed=False)[columns].sum().round(2)


def overdue_loans(assessed: pd.DataFrame, loans: pd.DataFrame) -> pd.DataFrame:
    """Overdue loans as a list to work from, most days first.

    Parameters
    ----------
    assessed : DataFrame
        What `assess` returns, or some of its rows.
    loans : DataFrame
        The portfolio's loans; product and region are taken from it.

    Returns
    -------
    DataFrame
        One row per overdue loan: loan_id, product, region, days_past_due [days], bucket, total_due, penalty,
        principal_balance [currency], channel.

    Examples
    --------
    >>> import collectkit as ck
    >>> portfolio = ck.load_sample("demo")
    >>> day = ck.assess(portfolio, ck.load_policy(), as_of="2025-06-30")
    >>> bool(overdue_loans(day, portfolio.loans)["days_past_due"].is_monotonic_decreasing)
    True
    """
    overdue = assessed.loc[assessed["status"] == "overdue", ["loan_id", *_LISTED]]
    known = loans.set_index("loan_id").reindex(columns=["product", "region"])
    listed = overdue.join(known, on="loan_id")[["loan_id", "product", "region", *_LISTED]]
    return listed.sort_values(["days_past_due", "loan_id"], ascending=[False, True], ignore_index=True)


def loan_timeline(portfolio: Portfolio, policy: Policy, loan_id: str, *, as_of: Date) -> pd.DataFrame:
    """One loan day by day.

    Parameters
    ----------
    portfolio : Portfolio
    policy : Policy
    loan_id : str
    as_of : date
        Last day.

    Returns
    -------
    DataFrame
        One row per day from disbursement to `as_of`: date, days_past_due [days], total_due, penalty [currency],
        due_amount (what falls due that day), paid_amount (what came in that day) [currency].

    Raises
    ------
    CallError
        The loan is unknown, or was not yet disbursed on `as_of`.

    Examples
    --------
    >>> import collectkit as ck
    >>> portfolio = ck.load_sample("demo")
    >>> days = loan_timeline(portfolio, ck.load_policy(), portfolio.loans.loan_id[0], as_of="2025-06-30")
    >>> int(days.days_past_due.iloc[0])
    0
    """
    one = portfolio.coded_loan(loan_id)
    first, last = int(one.disbursed[0]), day_number(as_of, "as_of")
    if last < first:
        raise CallError(f"Loan {loan_id} was disbursed after {as_of}. Ask for a later day.")
    dates = dates_of(np.arange(first, last + 1))
    panel = read(one, policy, list(dates), None, policy.bucket_schemes[0].name, period=False)
    due = one.owed.sum(axis=1) / 100
    fallen = one.due <= last
    paid = panel["paid_to_date"].to_numpy()
    return pd.DataFrame(
        {
            "date": dates,
            "days_past_due": panel["days_past_due"].to_numpy(),
            "total_due": panel["total_due"].to_numpy(),
            "penalty": panel["penalty"].to_numpy(),
            "due_amount": np.bincount(one.due[fallen] - first, weights=due[fallen], minlength=len(dates)),
            "paid_amount": np.diff(paid, prepend=0.0).round(2),
        }
    )
