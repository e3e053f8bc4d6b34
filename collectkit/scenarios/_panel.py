"""What a portfolio shows of its overdue loans month by month: who had them, what was at stake, what came in."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from collectkit.days import Date
from collectkit.errors import CallError
from collectkit.ledger import allocate, track
from collectkit.policy import Policy
from collectkit.portfolio import Portfolio
from collectkit.shapes import Array

IN_HOUSE = "in_house"
_GROUPS = 2000  # customers are put into at most so many groups for the bootstrap


def months_back(as_of: Date, months: int) -> list[pd.Timestamp]:
    """The day and the same day of each month before it, oldest first; the last day of a month stays the last."""
    end = pd.Timestamp(as_of)
    step = pd.offsets.MonthEnd if end.is_month_end else None
    back = [end - (step(k) if step and k else pd.DateOffset(months=k)) for k in range(months, -1, -1)]
    return [pd.Timestamp(day) for day in back]


def overdue_months(portfolio: Portfolio, policy: Policy, dates: list[pd.Timestamp], scheme: str) -> pd.DataFrame:
    """One row per loan and date, with its balance at stake: principal, due or not, plus overdue interest and fee.

    Notes
    -----
    cash is what was paid on overdue instalments after the previous date up to this one.
    """
    panel = track(portfolio, policy, dates=dates, scheme=scheme)
    panel["balance"] = panel[["principal_balance", "overdue_interest", "overdue_fee"]].sum(axis=1)
    panel["is_overdue"] = panel["status"] == "overdue"
    panel["step"] = pd.Index(dates).get_indexer(pd.Index(panel["as_of"]))
    loans = portfolio.loans.set_index("loan_id")
    for name in ("product", "customer_id"):
        found = loans[name].reindex(panel["loan_id"]).to_numpy() if name in loans else np.full(len(panel), None)
        panel[name] = pd.Series(found, dtype="str", index=panel.index).fillna(panel["loan_id"])
    cash = paid_on_overdue(portfolio, policy, dates)
    key = pd.MultiIndex.from_frame(panel[["loan_id", "step"]])
    panel["cash"] = cash.reindex(key).fillna(0.0).to_numpy()
    return panel


def paid_on_overdue(portfolio: Portfolio, policy: Policy, dates: list[pd.Timestamp]) -> pd.Series:
    """Cash on overdue instalments by loan and step: after the date before up to the date."""
    pieces = allocate(portfolio, policy, as_of=dates[-1])
    pieces = pieces[(pieces["days_late"] > 0) & (pieces["value_date"] > dates[0])]
    step = np.searchsorted(np.array(dates, dtype="datetime64[us]"), pieces["value_date"].to_numpy())
    return pieces["amount"].groupby([pieces["loan_id"], pd.Series(step, pieces.index, name="step")]).sum()


def customer_groups(customers: pd.Series, rng: np.random.Generator) -> tuple[npt.NDArray[np.int64], int]:
    """Number of a group for each row, all rows of a customer in one."""
    codes, known = pd.factorize(customers)
    if len(known) <= _GROUPS:
        return np.asarray(codes, dtype=np.int64), len(known)
    return rng.integers(0, _GROUPS, len(known))[codes], _GROUPS


def resampled(sums: Array, draws: int, rng: np.random.Generator) -> Array:
    """Sums of each column over resampled groups, draw × column; `sums` is group × column."""
    weights = rng.poisson(1.0, (draws, len(sums))).astype(np.float64)
    return weights @ sums


def sums_by_group(groups: Array, cells: Array, count: tuple[int, int], values: Array) -> Array:
    """Sum of the values, group × cell."""
    flat = np.bincount(groups * count[1] + cells, weights=values, minlength=count[0] * count[1])
    return flat.reshape(count)


def check_dates(portfolio: Portfolio, first: pd.Timestamp, what: str) -> None:
    """A portfolio must have begun before the first date that is asked for.

    Raises
    ------
    CallError
        It has not.
    """
    if pd.isna(portfolio.first_date) or first < portfolio.first_date:
        raise CallError(
            f"{what} begins on {first.date()}, before the first loan ({portfolio.first_date}). "
            "Ask for fewer months, or a later day."
        )
