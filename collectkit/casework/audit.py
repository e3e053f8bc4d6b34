"""Audit: a fair sample of the contact records to listen to and read, and how complete and prompt the records are."""

from __future__ import annotations

import numpy as np
import pandas as pd

from collectkit.casework._record import is_true
from collectkit.days import Date, checked_period
from collectkit.errors import CallError
from collectkit.portfolio import Portfolio

_FEEDBACK = ("contacted_at", "channel", "result")


def audit_sample(
    contacts: pd.DataFrame, *, share: float, seed: int, promises: pd.DataFrame | None = None
) -> pd.DataFrame:
    """A sample of contacts for inspection, the same share of every collector's.

    Parameters
    ----------
    contacts : DataFrame
        The table `contacts`, or some of its rows.
    share : float [fraction]
        Part of each stratum, more than 0 and at most 1.
    seed : int
        The same seed draws the same sample, whatever the order of the rows.
    promises : DataFrame, optional
        The table `promises`; with it a promise in the records needs its date and amount.

    Returns
    -------
    DataFrame
        The drawn rows in the order of contact_id: contact_id, loan_id, contacted_at, channel, party, result, agency,
        collector_id, is_late_entry (missing without recorded_at), missing_fields (names of columns; empty if the record
        is complete).

    Raises
    ------
    CallError
        The share is not in (0, 1].

    Notes
    -----
    Strata are agency (or in-house) and collector; each gives at least one contact, rounded up.

    References
    ----------
    Source manuals 000, 1.4 (legal department spot-checks), 001, 六.1 (time, channel, feedback, promised date and
    amount) and 八.2.

    Examples
    --------
    >>> import collectkit as ck
    >>> demo = ck.load_sample("demo")
    >>> sample = audit_sample(demo.contacts, share=0.01, seed=1, promises=demo.promises)
    >>> bool((sample.missing_fields == "").all())
    True
    """
    if not 0 < share <= 1:
        raise CallError(f"`share` is {share}. Give a fraction, more than 0 and at most 1.")
    records = record_checks(contacts, promises).sort_values("contact_id", ignore_index=True)
    luck = np.random.default_rng(seed).random(len(records))
    strata = records["agency"].fillna("") + "\n" + records["collector_id"].fillna("")
    rank = pd.Series(luck).groupby(strata.to_numpy()).rank(method="first").to_numpy()
    size = strata.groupby(strata).transform("size").to_numpy()
    return records[rank <= np.ceil(size * share)].reset_index(drop=True)


def record_checks(contacts: pd.DataFrame, promises: pd.DataFrame | None = None) -> pd.DataFrame:
    """Every contact with what its record lacks; parameters and columns as in `audit_sample`."""
    names = ["contact_id", "loan_id", "contacted_at", "channel", "party", "result", "agency", "collector_id"]
    records = contacts.reindex(columns=[*names, "recorded_at"])
    for name in ("agency", "collector_id"):
        records[name] = records[name].astype("str")
    lacks = {name: records[name].isna() for name in _FEEDBACK}
    if promises is not None:
        made = pd.MultiIndex.from_frame(promises[["loan_id", "promised_date"]])
        here = pd.MultiIndex.from_arrays([records["loan_id"], records["contacted_at"].dt.normalize()])
        lacks["promised_date"] = (records["result"] == "promised") & ~here.isin(made)
    missing = pd.Series("", records.index, dtype="str")
    for name, bad in lacks.items():
        missing = missing.where(~bad, missing + (" " + name))
    late = pd.Series(pd.NA, records.index, dtype="boolean")
    known = pd.to_datetime(records["recorded_at"]).notna()
    if known.any():
        entered = pd.to_datetime(records.loc[known, "recorded_at"])
        late[known] = (entered.dt.normalize() > records.loc[known, "contacted_at"].dt.normalize()).to_numpy()
    return records[names].assign(is_late_entry=late, missing_fields=missing.str.strip())


def record_quality(contacts: pd.DataFrame, *, promises: pd.DataFrame | None = None) -> pd.DataFrame:
    """How prompt and complete the records of each collector are.

    Parameters
    ----------
    contacts : DataFrame
        The table `contacts`, or some of its rows.
    promises : DataFrame, optional
        The table `promises`.

    Returns
    -------
    DataFrame
        One row per agency and collector: agency (missing in-house), collector_id (missing: the system), contacts,
        late_entries, incomplete [count], complete_share [fraction].

    Examples
    --------
    >>> import collectkit as ck
    >>> table = record_quality(ck.load_sample("demo").contacts)
    >>> int(table.contacts.sum())
    8521
    """
    checked = record_checks(contacts, promises)
    flags = checked.assign(
        contacts=1, late_entries=checked["is_late_entry"].fillna(False).astype("int64"),
        incomplete=(checked["missing_fields"] != "").astype("int64"),
    )  # fmt: skip
    columns = ["contacts", "late_entries", "incomplete"]
    sums = flags.groupby(["agency", "collector_id"], dropna=False)[columns].sum().reset_index()
    return sums.assign(complete_share=1 - sums["incomplete"] / sums["contacts"])


def complaint_rates(portfolio: Portfolio, *, start: Date, end: Date) -> pd.DataFrame:
    """Complaints of a period against the cases worked in it, in-house and by agency.

    Parameters
    ----------
    portfolio : Portfolio
    start, end : date
        First and last day, both included.

    Returns
    -------
    DataFrame
        One row per house: agency (missing in-house), complaints, upheld, unanswered, cases [count] (loans contacted in
        the period), per_thousand [complaints per 1 000 cases; missing without cases].

    Raises
    ------
    CallError
        `start` is after `end`.

    Examples
    --------
    >>> import collectkit as ck
    >>> table = complaint_rates(ck.load_sample("demo"), start="2025-01-01", end="2025-12-31")
    >>> bool((table.complaints <= table.cases).all())
    True
    """
    checked_period(start, end)
    first, after = pd.Timestamp(start), pd.Timestamp(end) + pd.Timedelta(days=1)
    columns = ["loan_id", "complaint_date", "agency", "answered_date", "is_upheld"]
    made = portfolio.complaints.reindex(columns=columns)
    made = made[(made["complaint_date"] >= first) & (made["complaint_date"] < after)]
    contacts = portfolio.contacts.reindex(columns=["loan_id", "contacted_at", "agency"])
    contacts = contacts[(contacts["contacted_at"] >= first) & (contacts["contacted_at"] < after)]
    answered = pd.to_datetime(made["answered_date"])
    flags = pd.DataFrame({
        "agency": made["agency"].astype("str").fillna(""), "complaints": 1,
        "upheld": is_true(made["is_upheld"]).astype("int64"),
        "unanswered": (answered.isna() | (answered >= after)).astype("int64"),
    })  # fmt: skip
    counts = flags.groupby("agency").sum()
    cases = contacts.groupby(contacts["agency"].astype("str").fillna(""))["loan_id"].nunique().rename("cases")
    table = counts.join(cases, how="outer").fillna(0).astype("int64").rename_axis("agency").reset_index()
    rate = 1000 * table["complaints"] / table["cases"].where(table["cases"] > 0)
    return table.assign(per_thousand=rate, agency=table["agency"].where(table["agency"] != ""))
