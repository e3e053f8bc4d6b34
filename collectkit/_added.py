"""Payments that come after a book was checked and coded: only they are checked, and they are put in where they belong.

A book is not checked or sorted again; the coded form of some loans is made without touching that of the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from collectkit._book import problems_of
from collectkit._coded import Coded, Ints, coded_payments, in_order_of_payment, slices_of
from collectkit.checks import check_book
from collectkit.errors import PortfolioError
from collectkit.ids import positions, those_among
from collectkit.money import MOST_CENTS, checked_cents


def check_added(payments: pd.DataFrame, loans: pd.DataFrame, ids: list[pd.Series], touched: Coded) -> None:
    """Refuse new payments a portfolio would refuse.

    Parameters
    ----------
    payments : DataFrame
    loans : DataFrame
        The loans that are touched.
    ids : list of Series
        Every payment_id there is.
    touched : Coded
        The loans that are touched, and their payments before.

    Raises
    ------
    PortfolioError
        A row is wrong, names a loan that is not there or repeats an id, or a loan has paid more than can be counted.
    """
    problems, _ = check_book({"loans": loans, "payments": payments})
    problems = problems[problems["table"] == "payments"]
    if problems.empty:
        new = payments["payment_id"]
        again = new.isin(pd.concat([those_among(known, new) for known in ids]))
        problems = problems_of("payments", payments, again, "payment_id", "repeated_key", key="payment_id")
    if problems.empty:
        loan = positions(payments["loan_id"], touched.loan_id)
        before = np.repeat(np.arange(touched.loans), np.diff(touched.pay_start))
        loans_of, cents = np.append(before, loan), np.append(touched.amount, checked_cents(payments["amount"]))
        paid = np.bincount(loans_of, cents, minlength=touched.loans)
        most = {"table": "payments", "most": f"{MOST_CENTS // 100:,}"}
        problems = problems_of("payments", payments, (paid > MOST_CENTS)[loan], "loan_id", "total_too_large", **most)
    if len(problems):
        raise PortfolioError(problems)


def with_payments(coded: Coded, payments: pd.DataFrame) -> Coded:
    """The coded form with more checked payments, as if they had been there when it was made.

    Those of loans the coded form does not hold are left out, but for their ids.
    """
    loan = positions(payments["loan_id"], coded.loan_id)
    rows = np.flatnonzero(loan >= 0)
    new = coded_payments(payments.iloc[rows], loan[rows], coded.loans)
    new["pay_row"] = rows[new["pay_row"]]
    at, start = _places(coded, payments["payment_id"], new), new.pop("pay_start")
    new["pay_row"] += len(coded.payment_id)
    ids = pd.concat([coded.payment_id, payments["payment_id"]], ignore_index=True)
    columns: dict[str, Any] = {name: np.insert(getattr(coded, name), at, given) for name, given in new.items()}
    return replace(coded, payment_id=ids, pay_start=coded.pay_start + start, **columns)


def _places(coded: Coded, payment_id: pd.Series, new: Mapping[str, Ints]) -> Ints:
    """Before which of the old payments each new one stands, in the order of the new ones.

    Only the payments of the loans that have new ones are sorted again.
    """
    counts = np.diff(new["pay_start"])
    touched = np.flatnonzero(counts)
    old, start = slices_of(coded.pay_start, touched)
    of_old, of_new = (np.repeat(np.arange(len(touched)), many) for many in (np.diff(start), counts[touched]))
    loan = np.concatenate([of_old, of_new])
    value, posted = (np.concatenate([getattr(coded, name)[old], new[name]]) for name in ("value_day", "posted"))

    def ids_of(rows: Ints) -> pd.Series:
        there, added = rows[rows < len(old)], rows[rows >= len(old)] - len(old)
        ids = [coded.payment_id.iloc[coded.pay_row[old[there]]], payment_id.iloc[new["pay_row"][added]]]
        return pd.concat(ids, ignore_index=True)

    order = in_order_of_payment(ids_of, loan, len(touched), value, posted)
    is_old = order < len(old)
    before = np.cumsum(is_old) - start[loan[order]]  # old payments of the same loan that come before
    at = np.empty(len(of_new), dtype=np.int64)
    at[order[~is_old] - len(old)] = (coded.pay_start[touched][loan[order]] + before)[~is_old]
    return at
