"""The same question answered without collectkit: days past due, and nothing else.

All three leave out penalty (in the waterfall and as a figure), grace, pauses, closed loans, policies by product,
`known_on`, reversals after the date, the split of money over components, balances, buckets and channels. They hold
only because cash settles instalments strictly in order of their due dates.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

Tables = dict[str, pd.DataFrame]

HALF_A_CENT = 0.005


def with_coded_ids(tables: Tables) -> Tables:
    """The tables with loan_id as a category, which spares pandas all work with text."""
    dtype = pd.CategoricalDtype(tables["loans"]["loan_id"])
    return {name: frame.assign(loan_id=frame["loan_id"].astype(dtype)) for name, frame in tables.items()}


def days_past_due(tables: Tables, as_of: pd.Timestamp) -> pd.Series:
    """Days past due of every loan on one date, by vectorised pandas: cash so far against amounts due so far.

    Parameters
    ----------
    tables : dict of DataFrame
        loans, instalments, payments; instalments in order of loan and due date.
    """
    payments = tables["payments"]
    payments = payments[(payments["value_date"] <= as_of) & payments["reversal_date"].isna()]
    paid = payments.groupby("loan_id", observed=True, sort=False)["amount"].sum()
    instalments = tables["instalments"]
    due = instalments[instalments["due_date"] < as_of]
    amount = due["principal"] + due["interest"] + due["fee"]
    scheduled = amount.groupby(due["loan_id"], observed=True, sort=False).cumsum()
    cash = due["loan_id"].map(paid).astype("float64").fillna(0)
    unpaid = due[scheduled > cash + HALF_A_CENT]
    oldest = unpaid.drop_duplicates("loan_id").set_index("loan_id")["due_date"]
    days = (as_of - oldest).dt.days
    return days.reindex(tables["loans"]["loan_id"], fill_value=0).rename("days_past_due")


def days_past_due_panel(tables: Tables, dates: list[pd.Timestamp]) -> dict[pd.Timestamp, pd.Series]:
    """Days past due of every loan on many dates: the day each instalment was settled is found once, by searchsorted.

    Parameters
    ----------
    tables : dict of DataFrame
        As from `with_coded_ids`, each sorted by loan and date.
    """
    ids = tables["loans"]["loan_id"]
    payments = tables["payments"]
    payments = payments[payments["reversal_date"].isna()]
    instalments = tables["instalments"]
    loan, payer = (frame["loan_id"].cat.codes.to_numpy(np.int64) for frame in (instalments, payments))
    scheduled = _cents_so_far(loan, instalments[["principal", "interest", "fee"]].to_numpy().sum(axis=1))
    cash = _cents_so_far(payer, payments["amount"].to_numpy())
    # one sorted key for loan and money: the payment that settles an instalment is the first one at or above it
    top = int(max(scheduled.max(), cash.max())) + 1
    settling = np.searchsorted(payer * top + cash, loan * top + scheduled)
    known = np.minimum(settling, len(payer) - 1)
    is_settled = (settling < len(payer)) & (payer[known] == loan)
    settled = np.where(is_settled, payments["value_date"].to_numpy()[known], np.datetime64("2200-01-01"))
    due = instalments["due_date"].to_numpy()
    panel = {}
    for date in dates:
        overdue = np.flatnonzero((due < date.to_datetime64()) & (settled > date.to_datetime64()))
        first = overdue[np.flatnonzero(np.diff(loan[overdue], prepend=-1))]
        days = np.zeros(len(ids), dtype=np.int64)
        days[loan[first]] = (date.to_datetime64() - due[first]) // np.timedelta64(1, "D")
        panel[date] = pd.Series(days, index=ids)
    return panel


def _cents_so_far(loan: np.ndarray, amount: np.ndarray) -> np.ndarray:
    """Cents summed up within each loan; rows are sorted by loan."""
    total = np.cumsum(np.rint(amount * 100).astype(np.int64))
    starts = np.flatnonzero(np.diff(loan, prepend=-1))
    before = np.where(starts > 0, total[starts - 1], 0)
    return total - np.repeat(before, np.diff(np.append(starts, len(loan))))


def days_past_due_loop(tables: Tables, as_of: pd.Timestamp) -> dict[str, int]:
    """Days past due by a plain loop over loans, each with its own little tables."""
    schedules, receipts = (dict(list(tables[name].groupby("loan_id"))) for name in ("instalments", "payments"))
    nothing = tables["payments"].iloc[:0]
    days = {}
    for loan_id in tables["loans"]["loan_id"]:
        payments = receipts.get(loan_id, nothing)
        cash = payments.loc[(payments["value_date"] <= as_of) & payments["reversal_date"].isna(), "amount"].sum()
        days[loan_id] = 0
        for row in schedules[loan_id].sort_values("due_date").itertuples():
            cash -= row.principal + row.interest + row.fee
            if cash < -HALF_A_CENT:
                days[loan_id] = max((as_of - row.due_date).days, 0)
                break
    return days
