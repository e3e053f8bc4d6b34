"""Small records of contacts for the tests, from short text."""

from __future__ import annotations

import pandas as pd

import collectkit as ck

LOANS = {"L1": "K1", "L2": "K1", "L3": "K2", "L4": None}


def desk(contacts: str = "", **tables: pd.DataFrame) -> ck.Portfolio:
    """Four loans of two customers and one without, all due on 1 March 2025 and unpaid, and the contacts.

    contacts: ``loan day time channel [result [key=value …]]``; rows end with a semicolon.
    """
    ids = list(LOANS)
    made = {
        "loans": pd.DataFrame({
            "loan_id": ids, "customer_id": list(LOANS.values()), "product": "consumer",
            "disbursement_date": pd.Timestamp("2025-01-01"), "principal": 1000.0, "annual_rate": "0.18"}),
        "instalments": pd.DataFrame({
            "loan_id": ids, "instalment_no": 1, "due_date": pd.Timestamp("2025-03-01"), "principal": 1000.0,
            "interest": 10.0}),
        "payments": pd.DataFrame({
            "payment_id": pd.Series(dtype="str"), "loan_id": pd.Series(dtype="str"),
            "value_date": pd.Series(dtype="datetime64[us]"), "amount": pd.Series(dtype="float64")}),
        "contacts": contact_rows(contacts),
    }  # fmt: skip
    return ck.Portfolio(**{**made, **tables})


def contact_rows(text: str) -> pd.DataFrame:
    """The table `contacts` from short text."""
    rows = []
    for number, line in enumerate(part for part in text.split(";") if part.strip()):
        loan, day, time, channel, *more = line.split()
        result = more.pop(0) if more and "=" not in more[0] else "considers"
        given = {key: value.replace("_", " ") for key, value in (word.split("=") for word in more)}
        row = {"contact_id": f"N{number}", "loan_id": loan, "contacted_at": pd.Timestamp(f"{day} {time}"),
               "channel": channel, "party": "debtor", "result": result, **given}  # fmt: skip
        row["party"] = row["party"].replace(" ", "_")
        for name in ("is_debt_told", "is_appointed", "is_reviewed"):
            if name in row:
                row[name] = row[name] == "true"
        if "recorded_at" in row:
            row["recorded_at"] = pd.Timestamp(row["recorded_at"].replace("T", " "))
        rows.append(row)
    columns = ["contact_id", "loan_id", "contacted_at", "channel", "party", "result"]
    frame = pd.DataFrame(rows, columns=None if rows else columns)
    if not rows:
        return frame.astype(dict.fromkeys(columns, "str") | {"contacted_at": "datetime64[us]"})
    for name in frame.columns.difference(["contacted_at", "recorded_at"]):
        if not name.startswith("is_"):
            frame[name] = frame[name].astype("str")
        elif frame[name].isna().any():
            frame[name] = frame[name].astype("boolean")
    return frame
