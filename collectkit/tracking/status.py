"""Monthly status tables, of users who have no schedules and payments, as a panel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from collectkit._run import category
from collectkit.columns import STATUSES
from collectkit.days import DATE_DTYPE
from collectkit.errors import CallError, listed, unknown_name
from collectkit.shapes import whole_days

_DAYS = 30  # of a month past due
_NEEDED = ("loan_id", "as_of", "months_past_due")
_OF_ROWS = (*_NEEDED, "status", "principal_balance", "paid_in_period")
_OF_LOANS = ("product", "region", "risk_grade", "disbursement_date", "principal")
_NOT_KNOWN = ("overdue_principal", "overdue_interest", "overdue_fee", "penalty")


def read_status_panel(
    table: pd.DataFrame, *, columns: Mapping[str, str] | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A panel and its loans from one row per loan and month with the months past due.

    Parameters
    ----------
    table : DataFrame
        loan_id, as_of, months_past_due [count]; where known status (as of `assess`), principal_balance, paid_in_period
        [currency], and what is fixed for a loan: product, region, risk_grade, disbursement_date, principal [currency].
    columns : mapping of str
        What the table calls them: ``{"loan_id": "customer_id", "principal_balance": "bill_amount"}``.

    Returns
    -------
    (DataFrame, DataFrame)
        The panel and the loans, for `cube`. Buckets M0, M1, … are the months past due.

    Raises
    ------
    CallError
        A column is missing, months past due are not whole numbers, a status is unknown, or a loan has two rows for a
        date.

    Notes
    -----
    days_past_due is the last day of its bucket, 30 × months: M2 is more than 30 and not more than 60 days past due. A
    negative balance (the customer is owed) counts as 0. Overdue amounts and penalty are not in such tables and are 0.
    Without disbursement dates there are no vintages.

    Examples
    --------
    >>> import collectkit as ck
    >>> cards = ck.load_sample("uci_credit_card")
    >>> names = {"loan_id": "customer_id", "as_of": "month", "principal_balance": "bill_amount"}
    >>> panel, loans = read_status_panel(cards, columns=names)
    >>> matrix = ck.tracking.transition_matrix(ck.tracking.cube(panel, loans).where(as_of="2005-09-30"))
    >>> round(float(matrix.loc["M0", "M2"]), 4)
    0.0388
    """
    rows = _renamed(table, columns or {})
    rows = rows.sort_values(["loan_id", "as_of"], kind="stable", ignore_index=True)
    twice = rows.loc[rows.duplicated(["loan_id", "as_of"]), "loan_id"]
    if len(twice):
        raise CallError(f"Loans have two rows for a date ({listed(twice)}). Keep one of each.")
    months = whole_days(rows["months_past_due"], "months_past_due")
    bucket = category(months, [f"M{n}" for n in range(int(months.max(initial=1)) + 1)], ordered=True)
    panel = rows[["loan_id", "as_of"]].assign(
        status=_status(rows, months),
        days_past_due=(_DAYS * months).astype(np.int32),
        bucket=bucket,
        principal_balance=_money(rows, "principal_balance"),
        **dict.fromkeys(_NOT_KNOWN, 0.0),
        paid_in_period=_money(rows, "paid_in_period"),
    )
    loans = rows.drop_duplicates("loan_id", ignore_index=True)
    loans = loans[["loan_id", *(name for name in _OF_LOANS if name in loans)]]
    opened: Any = loans.get("disbursement_date", pd.Series(pd.NaT, loans.index))
    return panel, loans.assign(disbursement_date=opened.astype(DATE_DTYPE), principal=_money(loans, "principal"))


def _renamed(table: pd.DataFrame, columns: Mapping[str, str]) -> pd.DataFrame:
    """The columns we know, under our names."""
    for name in columns.keys() - {*_OF_ROWS, *_OF_LOANS}:
        raise unknown_name("column", name, (*_OF_ROWS, *_OF_LOANS))
    found = {name: columns.get(name, name) for name in (*_OF_ROWS, *_OF_LOANS)}
    absent = [given for name, given in found.items() if given not in table and (name in _NEEDED or name in columns)]
    if absent:
        raise CallError(f"The table has no {listed(absent, most=9)}. Say what it calls them: `columns={{…}}`.")
    rows = pd.DataFrame({name: table[given] for name, given in found.items() if given in table})
    return rows.astype({"loan_id": "str", "as_of": DATE_DTYPE})


def _status(rows: pd.DataFrame, months: np.ndarray) -> Any:
    """Status as given, otherwise current or overdue."""
    if "status" not in rows:
        return category((months > 0).astype(np.int8), STATUSES)
    unknown = sorted(set(rows["status"].dropna()) - set(STATUSES))
    if unknown or rows["status"].isna().any():
        raise CallError(f"`status` holds {listed(unknown) or 'missing values'}. Use: {', '.join(STATUSES)}.")
    return pd.Categorical(rows["status"], categories=list(STATUSES))


def _money(rows: pd.DataFrame, name: str) -> pd.Series:
    """An amount that is 0 where it is missing, negative or not known."""
    return rows[name].astype("float64").fillna(0.0).clip(lower=0.0) if name in rows else pd.Series(0.0, rows.index)
