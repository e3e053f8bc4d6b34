"""Early warning: loans that are not overdue yet, with the reason why somebody should look."""

from __future__ import annotations

import pandas as pd

from collectkit.casework._words import WARNINGS
from collectkit.days import Date
from collectkit.errors import CallError
from collectkit.ledger import allocate, assess
from collectkit.policy import Policy
from collectkit.portfolio import Portfolio
from collectkit.unpaid import unpaid_instalments
from collectkit.wording import checked_language

_COLUMNS = ["loan_id", "customer_id", "warning", "note", "principal_balance"]


def early_warning(
    portfolio: Portfolio, policy: Policy, *, as_of: Date, days: int = 60, language: str = "en"
) -> pd.DataFrame:
    """Loans that are not overdue but show a sign of trouble.

    Parameters
    ----------
    portfolio : Portfolio
    policy : Policy
    as_of : date
        The end of this day is meant.
    days : int [days]
        How far back part payments and failed debits are looked for.
    language : {"en", "zh"}

    Returns
    -------
    DataFrame
        One row per loan and sign, in order of loan_id: loan_id, customer_id, warning, note (in words),
        principal_balance [currency]. Signs: ``late_in_grace`` (an instalment is unpaid past its due date, inside its
        grace), ``part_payments`` (an instalment was paid in several pieces), ``overdue_elsewhere`` (another loan of the
        customer is overdue), ``failed_debit`` (a payment was taken back).

    Raises
    ------
    CallError
        `days` is not positive.

    References
    ----------
    Source manual 000, 2.2 (early signals; the manual names none): house convention.

    Examples
    --------
    >>> import collectkit as ck
    >>> signs = early_warning(ck.load_sample("demo"), ck.load_policy(), as_of="2025-06-30")
    >>> set(signs.warning) <= {"late_in_grace", "part_payments", "overdue_elsewhere", "failed_debit"}
    True
    """
    checked_language(language)
    if days < 1:
        raise CallError(f"`days` is {days}. Give at least one day.")
    day = pd.Timestamp(as_of)
    loans = assess(portfolio, policy, as_of=as_of)
    loans = loans[loans["status"] == "current"]
    signs = [
        _late_in_grace(portfolio, policy, day),
        _part_payments(portfolio, policy, day, days),
        _overdue_elsewhere(loans),
        _failed_debits(portfolio, day, days),
    ]
    found = pd.concat([_said(sign, name, language) for name, sign in zip(WARNINGS, signs, strict=True)])
    customers = portfolio.loans.reindex(columns=["loan_id", "customer_id"])
    found = found.merge(loans[["loan_id", "principal_balance"]], on="loan_id").merge(customers, on="loan_id")
    return found.sort_values(["loan_id", "warning"], ignore_index=True)[_COLUMNS]


def _said(sign: pd.DataFrame, name: str, language: str) -> pd.DataFrame:
    """A sign in words."""
    values = {str(column): sign[column].tolist() for column in sign}
    notes = [
        WARNINGS[name][language].format(**dict(zip(values, row, strict=True)))
        for row in zip(*values.values(), strict=True)
    ]
    return pd.DataFrame(
        {"loan_id": sign["loan_id"], "warning": name, "note": pd.Series(notes, sign.index, dtype="str")}
    )


def _late_in_grace(portfolio: Portfolio, policy: Policy, day: pd.Timestamp) -> pd.DataFrame:
    items = unpaid_instalments(portfolio, policy, as_of=day)
    late = items[items["due_date"] < day].drop_duplicates("loan_id")
    return pd.DataFrame({"loan_id": late["loan_id"], "number": late["instalment_no"],
                         "date": late["due_date"].dt.strftime("%Y-%m-%d"),
                         "days": (day - late["due_date"]).dt.days})  # fmt: skip


def _part_payments(portfolio: Portfolio, policy: Policy, day: pd.Timestamp, days: int) -> pd.DataFrame:
    pieces = allocate(portfolio, policy, as_of=day)
    pieces = pieces[pieces["instalment_no"].notna()]
    of_instalment = pieces.groupby(["loan_id", "instalment_no"])
    count = of_instalment["payment_id"].nunique().rename("count").reset_index()
    count["last"] = of_instalment["value_date"].max().to_numpy()
    parts = count[(count["count"] > 1) & (count["last"] > day - pd.Timedelta(days=days))]
    parts = parts.drop_duplicates("loan_id", keep="last")
    return parts.rename(columns={"instalment_no": "number"})[["loan_id", "number", "count"]]


def _overdue_elsewhere(loans: pd.DataFrame) -> pd.DataFrame:
    other = loans[loans["customer_days_past_due"] > 0]
    return pd.DataFrame({"loan_id": other["loan_id"], "days": other["customer_days_past_due"]})


def _failed_debits(portfolio: Portfolio, day: pd.Timestamp, days: int) -> pd.DataFrame:
    payments = portfolio.payments.reindex(columns=["loan_id", "reversal_date"])
    back = pd.to_datetime(payments["reversal_date"])
    failed = payments[(back <= day) & (back > day - pd.Timedelta(days=days))]
    last = failed.sort_values("reversal_date").drop_duplicates("loan_id", keep="last")
    return pd.DataFrame(
        {"loan_id": last["loan_id"], "date": pd.to_datetime(last["reversal_date"]).dt.strftime("%Y-%m-%d")}
    )
