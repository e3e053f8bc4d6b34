"""Lists for the screen: rows of one table beside what another knows of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

_COLUMNS = (
    "loan_id",
    "days_past_due",
    "bucket",
    "total_due",
    "penalty",
    "principal_balance",
    "channel",
)


def overdue_loans(assessed: pd.DataFrame, loans: pd.DataFrame) -> pd.DataFrame:
    """Overdue loans for a list to work from: what each owes and what is known of it, most days first.

    Parameters
    ----------
    assessed : DataFrame
        From `assess`.
    loans : DataFrame
        The portfolio's loans; product and region are taken from it.

    Returns
    -------
    DataFrame
        One row per overdue loan, the index a running number.
    """
    overdue = assessed.loc[assessed["status"] == "overdue", list(_COLUMNS)]
    known = loans.set_index("loan_id").reindex(columns=["product", "region"])
    listed = overdue.join(known, on="loan_id")
    order = ["loan_id", "product", "region", *_COLUMNS[1:]]
    return listed[order].sort_values(["days_past_due", "loan_id"], ascending=[False, True], ignore_index=True)
