"""The record of contacts in the order of time, coded for counting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from collectkit.columns import COLUMNS, TABLES
from collectkit.days import DATE_DTYPE
from collectkit.ids import positions
from collectkit.portfolio import Portfolio

Mask = npt.NDArray[np.bool_]
Ints = npt.NDArray[Any]
_EMPTY = {"timestamp": DATE_DTYPE, "flag": "boolean"}
_DAY = 86_400_000_000  # microseconds


@dataclass(frozen=True)
class Record:
    """Contacts up to a day in the order of time; every array has one value per row of `frame`."""

    frame: pd.DataFrame
    customer_id: pd.Series
    loan: Ints  # position in the coded portfolio
    debtor: Ints  # customer, guarantors apart
    day: Ints  # since 1970-01-01
    of_day: Ints  # microseconds since midnight
    is_missed: Mask
    has: frozenset[str]  # columns that were given

    @classmethod
    def of(cls, portfolio: Portfolio, until: Any, missed: tuple[str, ...]) -> Record:
        """The record up to a moment, that moment excluded."""
        given = portfolio.contacts
        names = TABLES["contacts"].columns
        absent = {name: _EMPTY.get(COLUMNS[name].kind, "str") for name in names if name not in given}
        frame = given.reindex(columns=list(names)).astype(absent)
        frame = frame.iloc[_order_in_time(frame, until)].reset_index(drop=True)
        frame = frame.astype(dict.fromkeys(["channel", "party", "result"], "category"))  # quick to compare
        loan, customer = loans_and_customers(portfolio, frame["loan_id"])
        stamp = frame["contacted_at"].to_numpy(dtype="datetime64[us]").view(np.int64)
        debtor = customer * 2 + (frame["party"] == "guarantor").to_numpy()
        customer_id = portfolio.loans.reindex(columns=["loan_id", "customer_id"]).set_index("loan_id")["customer_id"]
        return cls(
            frame=frame,
            customer_id=customer_id.reindex(frame["loan_id"]).reset_index(drop=True),
            loan=loan,
            debtor=debtor,
            day=stamp // _DAY,
            of_day=stamp % _DAY,
            is_missed=frame["result"].isin(missed).to_numpy(),
            has=frozenset(given.columns),
        )

    def is_(self, column: str, *values: str) -> Mask:
        """True where channel, party or result has one of the values."""
        coded = self.frame[column].array
        chosen = np.append(coded.categories.isin(values), False)  # the last one is for missing: its code is -1
        return np.asarray(chosen[coded.codes])

    @property
    def is_talk(self) -> Mask:
        """Calls and visits in which the debtor or guarantor was spoken to."""
        return self.is_("channel", "call", "visit") & self.is_("party", "debtor", "guarantor") & ~self.is_missed


def _order_in_time(frame: pd.DataFrame, until: Any) -> Ints:
    """Rows before a moment by time, then by contact_id; ids are compared only where times are equal."""
    rows = np.flatnonzero((frame["contacted_at"] < until).to_numpy())
    stamps = frame["contacted_at"].to_numpy()[rows]
    order = np.argsort(stamps, kind="stable")
    rows, stamps = rows[order], stamps[order]
    same = stamps[1:] == stamps[:-1]
    tied = np.flatnonzero(np.append(same, False) | np.insert(same, 0, False)) if len(rows) else rows
    if len(tied):
        rank = frame["contact_id"].iloc[rows[tied]].rank(method="first").to_numpy()
        rows[tied] = rows[tied][np.lexsort((rank, stamps[tied]))]
    return rows


def loans_and_customers(portfolio: Portfolio, loan_ids: pd.Series) -> tuple[Ints, Ints]:
    """Position of each loan in the coded portfolio, and a number per customer; a loan without one is its own."""
    coded = portfolio.coded
    loan = positions(loan_ids, coded.loan_id)
    customer_of = np.empty(coded.loans, np.int64)
    customer_of[coded.customer_loans] = np.repeat(
        np.arange(len(coded.customer_start) - 1), np.diff(coded.customer_start)
    )
    return loan, customer_of[loan]


def order_in_group(group: Ints) -> Ints:
    """0, 1, 2, … within each group, in the order of the rows."""
    return pd.Series(np.zeros(len(group))).groupby(group).cumcount().to_numpy()


def is_true(flags: pd.Series) -> Mask:
    """True where a flag is set; false where it is missing."""
    return flags.eq(True).fillna(False).to_numpy(dtype=bool)
