"""Open items: what is unpaid of every instalment that has fallen due."""

from __future__ import annotations

import numpy as np
import pandas as pd

from collectkit._coded import Ints
from collectkit._run import pieces_of
from collectkit.days import Date, dates_of, day_number
from collectkit.policy import Policy
from collectkit.portfolio import Portfolio

PARTS = ("fee", "interest", "principal")  # in the order of the coded portfolio


def unpaid_instalments(
    portfolio: Portfolio, policy: Policy, *, as_of: Date, known_on: Date | None = None
) -> pd.DataFrame:
    """Instalments due by the end of a day that are not paid in full.

    Parameters
    ----------
    portfolio : Portfolio
    policy : Policy
        Its order of payment says what a part payment paid.
    as_of : date
        The end of this day is meant; an instalment due on it is listed.
    known_on : date, optional
        Only what was known on this day; default: everything known.

    Returns
    -------
    DataFrame
        One row per instalment, in order of loan_id and due date: loan_id, instalment_no, due_date, fee, interest,
        principal, amount [currency] (what is unpaid of each, and together).

    Notes
    -----
    Grace and pauses do not matter here: an unpaid instalment is listed from its due date on. Loans closed by `as_of`
    are left out; penalty is not part of an instalment.

    Examples
    --------
    >>> import collectkit as ck
    >>> items = unpaid_instalments(ck.load_sample("demo"), ck.load_policy(), as_of="2025-06-30")
    >>> bool((items.amount > 0).all())
    True
    """
    coded, day = portfolio.coded, day_number(as_of, "as_of")
    unpaid = unpaid_cents(portfolio, policy, day, known_on)
    loan = np.repeat(np.arange(coded.loans), np.diff(coded.inst_start))
    rows = np.flatnonzero((coded.due <= day) & (unpaid.sum(axis=1) > 0) & (coded.closed[loan] > day))
    parts = {name: unpaid[rows, at] / 100 for at, name in enumerate(PARTS)}
    return pd.DataFrame(
        {
            "loan_id": coded.loan_id.iloc[loan[rows]].reset_index(drop=True),
            "instalment_no": coded.inst_no[rows].astype("int64"),
            "due_date": dates_of(coded.due[rows]),
            **parts,
            "amount": unpaid[rows].sum(axis=1) / 100,
        }
    )


def unpaid_cents(portfolio: Portfolio, policy: Policy, day: int, known_on: Date | None = None) -> Ints:
    """Unpaid fee, interest and principal of every instalment of the coded portfolio [cents], due or not."""
    coded = portfolio.coded
    pieces = pieces_of(coded, policy, day, known_on)
    kept = pieces[(pieces["component"] < len(PARTS)) & (pieces["instalment"] >= 0)]
    place = kept["instalment"].to_numpy(dtype=np.int64) * len(PARTS) + kept["component"].to_numpy()
    paid = np.bincount(place, weights=kept["cents"].to_numpy(dtype=np.float64), minlength=coded.owed.size)
    return coded.owed - paid.reshape(coded.owed.shape).astype(np.int64)
