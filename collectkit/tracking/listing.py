"""The loans behind the cells of a cube."""

from __future__ import annotations

from typing import Any

import pandas as pd

from collectkit.tracking._building import cube

_OF_CELLS = ("as_of", "vintage", "state_before", "state")
_OF_LOANS = ("product", "region")
_OF_ROWS = ("days_past_due", "total_due", "principal_balance", "channel")


def cell_loans(panel: pd.DataFrame, loans: pd.DataFrame, **kept: Any) -> pd.DataFrame:
    """The loans that a cube counts in some of its cells.

    Parameters
    ----------
    panel : DataFrame
        What `track` returns for the date in question and the one before it.
    loans : DataFrame
        The portfolio's loans.
    **kept
        Which cells, as in `Cube.where`: ``as_of``, ``state_before``, ``state``, any dimension.

    Returns
    -------
    DataFrame
        One row per loan and date, most days past due first: loan_id, product, region, state_before, state,
        days_past_due [days], total_due, principal_balance [currency], channel; the last four are missing for a loan
        that is gone.

    Raises
    ------
    CallError
        A dimension or value is unknown.

    Examples
    --------
    >>> import collectkit as ck
    >>> book, policy = ck.load_sample("demo"), ck.load_policy()
    >>> panel = ck.track(book, policy, dates=["2025-10-31", "2025-11-30"])
    >>> rolled = cell_loans(panel, book.loans, as_of="2025-11-30", state_before="M1", state="M2")
    >>> moves = ck.tracking.transitions(ck.tracking.cube(panel, book.loans))
    >>> moved = moves.set_index(["state_before", "state"])["loans"]
    >>> bool(len(rolled) == moved["M1", "M2"] > 0)
    True
    """
    by = (*(name for name in kept if name not in _OF_CELLS), "loan_id")
    cells = cube(panel, loans, by=by).where(**kept).cells
    listed = cells.loc[cells["loans"] > 0, ["as_of", "loan_id", "state_before", "state"]]
    listed = listed.astype({"as_of": panel["as_of"].dtype, "loan_id": panel["loan_id"].dtype})
    listed = listed.merge(panel[["as_of", "loan_id", *_OF_ROWS]], on=["as_of", "loan_id"], how="left")
    listed = listed.join(loans.set_index("loan_id").reindex(columns=_OF_LOANS), on="loan_id")
    columns = ["loan_id", *_OF_LOANS, "state_before", "state", *_OF_ROWS]
    order = listed.sort_values(["days_past_due", "loan_id"], ascending=[False, True], na_position="last").index
    return listed.loc[order, columns].reset_index(drop=True)
