"""Reconciliation: our statement beside the agency's, line by line, and why they differ."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from collectkit.agencies.agency_file import NEEDED
from collectkit.agencies.attribution import attribution
from collectkit.agencies.statement import Statement
from collectkit.errors import CallError, listed
from collectkit.money import to_cents

#: What can come of a line, in the order of the table.
OUTCOMES = (
    "missing_in_ledger", "missing_in_statement", "amount_differs", "wrong_rate", "outside_window", "after_recall",
    "duplicate", "not_commissionable", "agreed",
)  # fmt: skip
#: Days two dates of one payment may lie apart.
MOST_DAYS_APART = 3
_SAME_RATE = 1e-9
_COLUMNS = [
    "outcome", "why", "matched_by", "row", "payment_id", "loan_id", "value_date", "claimed_date", "commissionable",
    "claimed_amount", "rate", "claimed_rate", "commission", "claimed_commission", "over_claimed",
]  # fmt: skip


def reconcile(statement: Statement, agency_file: pd.DataFrame) -> pd.DataFrame:
    """Every line of our statement and of the agency's file, agreed or with the kind of difference.

    Parameters
    ----------
    statement : Statement
    agency_file : DataFrame
        Lines with commissionable and commission [currency], and payment_id or loan_id and value_date; rate [fraction]
        if it is told. As `read_agency_file` gives them.

    Returns
    -------
    DataFrame
        One row per payment or line, differences first: outcome, why, matched_by (``payment_id``, ``loan_date_amount``,
        or empty), row (in the agency's file; the first if several), payment_id, loan_id, value_date, claimed_date,
        commissionable, claimed_amount, rate, claimed_rate, commission, claimed_commission, over_claimed [currency]
        (claimed less ours).

    Raises
    ------
    CallError
        The file lacks a column, or an amount.

    Notes
    -----
    Lines of one payment are compared together, money received apart from money taken back. They are matched by
    payment_id, else one to one by loan, amount and a date at most 3 days apart, the nearest first. Outcomes:
    ``agreed``; ``amount_differs``; ``wrong_rate`` (same amount, other rate or commission); ``duplicate`` (claimed again
    in this file, or earned in an earlier statement); ``outside_window`` (the payment came before the placement, or
    while another or no agency had the loan); ``after_recall``; ``not_commissionable`` (it came while placed but does
    not earn; `why` has the reason); ``missing_in_ledger`` (we know of no such payment); ``missing_in_statement`` (we
    have it, the agency does not claim it). The sums of commission, claimed_commission and over_claimed are those of the
    statement, of the file, and of one less the other, to the cent.

    Examples
    --------
    >>> import collectkit as ck
    >>> june = ck.agencies.commission_statement(ck.load_sample("demo"), ck.load_policy(), "Anxin", period="2025-06")
    >>> claimed = june.lines[["payment_id", "commissionable", "commission"]]
    >>> set(reconcile(june, claimed)["outcome"])
    {'agreed'}
    """
    ours, theirs = _ours(statement.lines), _theirs(agency_file)
    again = _repeats(theirs, ours)
    theirs, found = _together(theirs[~again]), [_outcome(theirs[again], "duplicate", "claimed_twice")]
    is_copy = theirs["payment_id"].isna() & theirs.duplicated(["claimed_loan", "claimed_date", "claimed_amount"])
    copies = theirs["claim"][is_copy]
    by_id = ours.merge(theirs, on=["payment_id", "is_back"]).dropna(subset="payment_id")
    ours, theirs = ours[~ours["line"].isin(by_id["line"])], theirs[~theirs["claim"].isin(by_id["claim"])]
    pairs = _nearest(ours, theirs)
    by_amount = pairs.merge(ours, on="line").merge(theirs.drop(columns=["payment_id", "is_back"]), on="claim")
    found += [_compared(by_id, "payment_id"), _compared(by_amount, "loan_date_amount")]
    found.append(_outcome(ours[~ours["line"].isin(pairs["line"])], "missing_in_statement"))
    theirs = theirs[~theirs["claim"].isin(pairs["claim"])]
    again = theirs["claim"].isin(copies)
    found += [_outcome(theirs[again], "duplicate", "claimed_twice"), _explained(statement, theirs[~again])]
    return _shown(pd.concat(found, ignore_index=True))


def reconciliation_totals(reconciled: pd.DataFrame) -> pd.DataFrame:
    """Lines and money by outcome, and in all.

    Parameters
    ----------
    reconciled : DataFrame
        What `reconcile` returns.

    Returns
    -------
    DataFrame
        One row per outcome that occurs and a last row ``total``: outcome, lines [count], commission,
        claimed_commission, over_claimed [currency].

    Examples
    --------
    >>> import collectkit as ck
    >>> june = ck.agencies.commission_statement(ck.load_sample("demo"), ck.load_policy(), "Anxin", period="2025-06")
    >>> claimed = june.lines[["payment_id", "commissionable", "commission"]]
    >>> reconciliation_totals(reconcile(june, claimed))["outcome"].tolist()
    ['agreed', 'total']
    """
    money = ["commission", "claimed_commission", "over_claimed"]
    table = reconciled.assign(lines=1)[["outcome", "lines", *money]]
    sums = table.groupby("outcome", observed=True).sum().reset_index().astype({"outcome": "str"})
    total = pd.DataFrame([{"outcome": "total", **table.drop(columns="outcome").sum()}])
    return pd.concat([sums, total], ignore_index=True).astype({"lines": "int64"}).round(dict.fromkeys(money, 2))


def _ours(lines: pd.DataFrame) -> pd.DataFrame:
    """Our lines in cents, those of one payment together."""
    base, fee = to_cents(lines["commissionable"]), to_cents(lines["commission"])
    is_fee = lines["payment_id"].isna().to_numpy()
    table = lines[["payment_id", "loan_id", "value_date", "rate"]].assign(
        line=np.where(is_fee, np.arange(len(lines)), -1), is_back=base < 0, amount=base, fee=fee, parts=1
    )
    keys = ["payment_id", "is_back", "line"]
    found = _summed(table, keys, ["amount", "fee", "parts"])
    found["amount"] = found["amount"].where(found["amount"] != 0, found["fee"])
    return found.assign(line=np.arange(len(found)), loan_id=found["loan_id"].fillna(""))


def _theirs(file: pd.DataFrame) -> pd.DataFrame:
    """Their lines in cents."""
    for column in NEEDED:
        if column not in file:
            raise CallError(f"The agency's file has no column `{column}`. Read it with `read_agency_file`.")
        empty = file.index[file[column].isna()]
        if len(empty):
            raise CallError(
                f"`{column}` is missing in {len(empty):,} of {len(file):,} lines (row {listed(empty)}). Fill it in, or "
                "drop those lines."
            )
    given = file.reindex(columns=["payment_id", "loan_id", "value_date", "rate"])
    amount, fee = to_cents(file["commissionable"]), to_cents(file["commission"])
    return pd.DataFrame(
        {
            "claim": np.arange(len(file)), "row": file.index.to_numpy(), "is_back": (amount < 0) | (fee < 0),
            "payment_id": given["payment_id"].astype("str").array,
            "claimed_loan": given["loan_id"].astype("str").fillna("").array,
            "claimed_date": pd.to_datetime(given["value_date"]).array,
            "claimed_amount": np.where(amount != 0, amount, fee), "claimed_rate": given["rate"].astype("float64").array,
            "claimed_fee": fee,
        }
    ).astype({"claimed_loan": "str", "claimed_date": "datetime64[us]"})  # fmt: skip


def _repeats(theirs: pd.DataFrame, ours: pd.DataFrame) -> pd.Series:
    """True for lines of a payment that say the same as one before, and more often than we have such lines."""
    number = theirs.groupby(["payment_id", "claimed_amount"]).cumcount()
    parts = theirs[["payment_id", "is_back"]].merge(
        ours[["payment_id", "is_back", "parts"]].dropna(subset="payment_id"), on=["payment_id", "is_back"], how="left"
    )
    return theirs["payment_id"].notna() & (number >= parts["parts"].fillna(1).to_numpy())


def _together(theirs: pd.DataFrame) -> pd.DataFrame:
    """Lines of one payment together, the others each alone."""
    alone = theirs["payment_id"].isna()
    table = theirs.assign(line=np.where(alone, theirs["claim"], -1))
    return _summed(table, ["payment_id", "is_back", "line"], ["claimed_amount", "claimed_fee"]).drop(columns="line")


def _summed(table: pd.DataFrame, keys: list[str], amounts: list[str]) -> pd.DataFrame:
    """Rows of the same keys as one: amounts added, a rate that differs left out, the rest from the first."""
    groups = table.groupby(keys, dropna=False, sort=False)
    found = groups.first(skipna=False).assign(**{name: groups[name].sum() for name in amounts})
    for rate in found.columns.intersection(["rate", "claimed_rate"]):
        found[rate] = found[rate].where(groups[rate].nunique(dropna=False) == 1)
    return found.reset_index()


def _nearest(ours: pd.DataFrame, theirs: pd.DataFrame) -> pd.DataFrame:
    """Pairs of line and claim with the same loan and amount, one to one, the nearest dates first."""
    pairs = ours[["line", "loan_id", "amount", "value_date"]].merge(
        theirs, left_on=["loan_id", "amount"], right_on=["claimed_loan", "claimed_amount"]
    )
    apart = (pairs["value_date"] - pairs["claimed_date"]).abs().dt.days
    pairs = pairs.assign(apart=apart)[apart <= MOST_DAYS_APART].sort_values(["apart", "line", "claim"])
    lines: set[int] = set()
    claims: set[int] = set()
    kept = []
    for line, claim in zip(pairs["line"], pairs["claim"], strict=True):
        if line not in lines and claim not in claims:
            lines.add(line)
            claims.add(claim)
            kept.append((line, claim))
    return pd.DataFrame(kept, columns=["line", "claim"]).astype({"line": ours["line"].dtype, "claim": "int64"})


def _compared(matched: pd.DataFrame, matched_by: str) -> pd.DataFrame:
    """Matched lines with what differs."""
    other_rate = (
        matched["claimed_rate"].notna()
        & matched["rate"].notna()
        & ((matched["claimed_rate"] - matched["rate"]).abs() > _SAME_RATE)
    )
    outcome = np.select(
        [matched["amount"] != matched["claimed_amount"], other_rate | (matched["fee"] != matched["claimed_fee"])],
        ["amount_differs", "wrong_rate"],
        default="agreed",
    )
    return matched.assign(outcome=outcome, why="", matched_by=matched_by)


def _outcome(rows: pd.DataFrame, outcome: str, why: str = "") -> pd.DataFrame:
    return rows.assign(outcome=outcome, why=why, matched_by="")


def _explained(statement: Statement, claims: pd.DataFrame) -> pd.DataFrame:
    """Claims that are in no line of ours, with what the ledger says of the payment."""
    paid = statement.portfolio.payments
    loans = paid["loan_id"][
        paid["payment_id"].isin(claims["payment_id"]) | paid["loan_id"].isin(claims["claimed_loan"])
    ]
    if not len(loans):
        return _outcome(claims, "missing_in_ledger")
    close = statement.last_date
    book = statement.portfolio.selecting(loans.unique())
    cash = attribution(
        book, statement.policy, start=book.first_date, end=close, known_on=close, tariff=statement.tariff
    ).sort_values("is_commissionable", ascending=False, kind="stable")
    cents = cash["amount"].mul(100).round().astype("int64").groupby(cash["payment_id"]).sum()
    cash = cash.drop_duplicates("payment_id").rename(columns={"payment_id": "line"})
    cash = cash.assign(amount=cents.reindex(cash["line"]).to_numpy())
    by_id = claims[["claim", "payment_id"]].rename(columns={"payment_id": "line"}).merge(cash[["line"]], on="line")
    by_amount = _nearest(cash, claims[~claims["claim"].isin(by_id["claim"])])
    known = pd.concat([by_id.astype(object), by_amount.astype(object)]).astype({"claim": "int64", "line": "str"})
    rows = claims.merge(known, on="claim", how="left").merge(
        cash[["line", "loan_id", "value_date", "agency", "is_commissionable", "reason"]], on="line", how="left"
    )
    is_later = rows["line"].isna() & rows["payment_id"].isin(paid["payment_id"])
    is_ours = (rows["agency"] == statement.agency).to_numpy(dtype=bool)
    reason = rows["reason"].astype("str").fillna("")
    earns = rows["is_commissionable"].eq(True)
    outcome = {
        "after_period": (is_later, "outside_window"),
        "": (rows["line"].isna(), "missing_in_ledger"),
        "in_house": (reason == "in_house", "outside_window"),
        "before_placement": (reason == "before_placement", "outside_window"),
        "other_agency": (~is_ours, "outside_window"),
        "after_recall": (reason == "after_recall", "after_recall"),
        "claimed_twice": (earns & rows["line"].isin(statement.lines["payment_id"]), "duplicate"),
        "stated_before": (earns & (rows["value_date"] < close.replace(day=1)), "duplicate"),
        "no_line": (earns, "not_commissionable"),
    }
    holds: list[Any] = [given for given, _ in outcome.values()]
    names: list[Any] = [name for _, name in outcome.values()]
    reasons: list[Any] = list(outcome)
    return rows.drop(columns="reason").assign(
        outcome=np.select(holds, names, default="not_commissionable"),
        why=np.select(holds, reasons, default=reason),
        matched_by=np.where(rows["claim"].isin(by_id["claim"]), "payment_id",
                            np.where(rows["line"].notna(), "loan_date_amount", "")),
    )  # fmt: skip


def _shown(rows: pd.DataFrame) -> pd.DataFrame:
    """The table of `reconcile`: money instead of cents, differences first."""
    claimed, fee = rows["claimed_fee"].fillna(0), rows["fee"].fillna(0)
    table = rows.assign(
        outcome=pd.Categorical(rows["outcome"], list(OUTCOMES), ordered=True),
        row=rows["row"].astype("Int64"), loan_id=rows["loan_id"].fillna(rows["claimed_loan"]).replace("", None),
        commissionable=rows["amount"] / 100, claimed_amount=rows["claimed_amount"] / 100, commission=rows["fee"] / 100,
        claimed_commission=rows["claimed_fee"] / 100, over_claimed=(claimed - fee) / 100,
    )  # fmt: skip
    return table.sort_values(["outcome", "row", "payment_id"], ignore_index=True)[_COLUMNS]
