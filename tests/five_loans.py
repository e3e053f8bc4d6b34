"""Small books for the tests: five loans to check by hand, one-loan books from short text, and worked cases.

The five loans on 31 March 2025 under `plain` (no grace, penalty 0.0005 a day on principal, order fee, penalty,
interest, principal):

| loan | story | on 31 March |
| --- | --- | --- |
| A | 1 010.00 due and paid 28 Feb; 1 010.00 due 31 March | current; principal 1 000.00 to come |
| B | 505.00 due 30 March, unpaid | 1 day; penalty 500 × 1 × 0.0005 = 0.25; in all 505.25 |
| C | 1 020.00 due 31 Jan, 1 010.00 due 28 Feb; 520.00 paid 10 Feb | 59 days, see below |
| D | 2 000.00 due 31 Oct; with North from 1 Feb; written off 1 March; 300.00 paid 15 March | written off: 0 |
| E | 300.00 due 28 Feb; 301.00 paid 27 Feb | paid; 1.00 left over |

C: 10 nights × 1 000 × 0.0005 = 5.00 penalty on 10 Feb, so 520.00 pays 5.00 penalty, 20.00 interest and 495.00
principal. Then (1 000 × 10 + 505 × 49) × 0.0005 = 17.3725, so 17.37 less the 5.00 paid = 12.37; and
1 000 × 31 × 0.0005 = 15.50 on the second. Overdue: principal 1 505.00, interest 10.00, penalty 27.87, in all 1 542.87.
B and C belong to one customer.
"""

from __future__ import annotations

import csv
import tomllib
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import collectkit as ck

HERE = Path(__file__).parent
AS_OF = "2025-03-31"


def dates(*days: str | None) -> pd.Series:
    """A date column."""
    return pd.Series(pd.to_datetime(list(days)))


def tables() -> dict[str, pd.DataFrame]:
    """The tables of the five loans, new at every call."""
    return {
        "loans": pd.DataFrame({
            "loan_id": list("ABCDE"),
            "product": ["consumer", "consumer", "vehicle", "vehicle", "consumer"],
            "disbursement_date": dates("2025-01-01", "2025-01-15", "2024-12-31", "2024-10-01", "2025-01-28"),
            "principal": [2000.0, 500.0, 2000.0, 2000.0, 300.0],
            "annual_rate": ["0.12", "0.12", "0.18", "0.18", "0.12"],
            "customer_id": ["K1", "K2", "K2", None, "K3"],
            "closed_date": dates(None, None, None, "2025-03-01", None),
            "close_code": [None, None, None, "written_off", None],
        }),
        "instalments": pd.DataFrame({
            "loan_id": ["A", "A", "B", "C", "C", "D", "E"],
            "instalment_no": [1, 2, 1, 1, 2, 1, 1],
            "due_date": dates("2025-02-28", "2025-03-31", "2025-03-30", "2025-01-31", "2025-02-28", "2024-10-31",
                              "2025-02-28"),
            "principal": [1000.0, 1000.0, 500.0, 1000.0, 1000.0, 2000.0, 300.0],
            "interest": [10.0, 10.0, 5.0, 20.0, 10.0, 0.0, 0.0],
        }),
        "payments": pd.DataFrame({
            "payment_id": ["P1", "P2", "P3", "P4"],
            "loan_id": ["A", "C", "D", "E"],
            "value_date": dates("2025-02-28", "2025-02-10", "2025-03-15", "2025-02-27"),
            "amount": [1010.0, 520.0, 300.0, 301.0],
        }),
        "placements": pd.DataFrame({
            "placement_id": ["H1"], "loan_id": ["D"], "agency": ["North"], "placement_date": dates("2025-02-01"),
        }),
    }  # fmt: skip


def five_loans() -> ck.Portfolio:
    """The five loans as a portfolio."""
    return ck.Portfolio(**tables())


def one_loan(
    schedule: str,
    payments: str = "",
    *,
    pauses: str = "",
    placements: str = "",
    loan: str = "",
    disbursed: str = "2014-06-01",
) -> ck.Portfolio:
    """A portfolio of the loan L1, from short text; rows end with a semicolon.

    schedule: ``due_date principal [interest [fee]]``; payments: ``value_date amount [posted=… reversed=… id=…]``;
    pauses: ``start end [days|nights]``; placements: ``agency placed [recalled]``; loan: columns as TOML.
    """
    due = pd.DataFrame([_instalment(n, row) for n, row in enumerate(_rows(schedule), start=1)])
    loans = {"loan_id": "L1", "product": "consumer", "disbursement_date": pd.Timestamp(disbursed),
             "principal": due["principal"].sum(), "annual_rate": "0.18", **toml(loan)}  # fmt: skip
    for name in loans:
        if name.endswith("_date"):
            loans[name] = pd.Timestamp(loans[name])
    made = {
        "loans": pd.DataFrame([loans]),
        "instalments": due,
        "payments": _payments(_rows(payments)),
        "pauses": _pauses(_rows(pauses)),
        "placements": _placements(_rows(placements)),
    }
    return ck.Portfolio(**{name: frame for name, frame in made.items() if frame is not None})


def plain(terms: str = "") -> ck.Policy:
    """The profile `plain` with some terms changed, written as TOML; rows end with a semicolon."""
    return ck.load_policy("plain").replacing(**toml(terms))


def toml(text: str) -> dict[str, Any]:
    """TOML on one line: ``grace_days = 3; grace_mode = "subtract"``."""
    return tomllib.loads(text.replace(";", "\n"))


def worked(name: str) -> list[Any]:
    """The rows of ``tests/worked/<name>.csv`` as parameters, each called by its sentence."""
    with (HERE / "worked" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [pytest.param(row, id=row["sentence"]) for row in csv.DictReader(file)]


def _rows(text: str) -> list[list[str]]:
    return [row.split() for row in text.split(";") if row.strip()]


def _instalment(number: int, row: list[str]) -> dict[str, Any]:
    due, *money = row
    principal, interest, fee = [float(amount) for amount in (*money, "0", "0")[:3]]
    return {"loan_id": "L1", "instalment_no": number, "due_date": pd.Timestamp(due), "principal": principal,
            "interest": interest, "fee": fee}  # fmt: skip


def _payments(rows: list[list[str]]) -> pd.DataFrame:
    found = []
    for number, (value, amount, *more) in enumerate(rows, start=1):
        given = dict(word.split("=") for word in more)
        found.append([given.get("id", f"P{number}"), "L1", pd.Timestamp(value), float(amount),
                      pd.Timestamp(given.get("posted")), pd.Timestamp(given.get("reversed"))])  # fmt: skip
    names = ["payment_id", "loan_id", "value_date", "amount", "posting_date", "reversal_date"]
    return pd.DataFrame(found, columns=names)


def _pauses(rows: list[list[str]]) -> pd.DataFrame | None:
    found = [
        {"loan_id": "L1", "start_date": pd.Timestamp(start), "end_date": pd.Timestamp(end),
         "stops_days": kind != ["nights"], "stops_penalty": kind != ["days"]}
        for start, end, *kind in rows
    ]  # fmt: skip
    return pd.DataFrame(found) if found else None


def _placements(rows: list[list[str]]) -> pd.DataFrame | None:
    found = [
        {"placement_id": f"H{n}", "loan_id": "L1", "agency": agency, "placement_date": pd.Timestamp(placed),
         "recall_date": pd.Timestamp(recalled[0] if recalled else None)}
        for n, (agency, placed, *recalled) in enumerate(rows, start=1)
    ]  # fmt: skip
    return pd.DataFrame(found) if found else None
