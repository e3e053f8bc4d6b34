"""Contacts of a period in tables: by channel, and the reasons that debtors gave."""

from __future__ import annotations

import pandas as pd

from collectkit.casework._work import work_of
from collectkit.casework.views import contacts_between
from collectkit.columns import CHANNELS
from collectkit.days import Date, checked_period
from collectkit.policy import Policy
from collectkit.portfolio import Portfolio


def channel_totals(portfolio: Portfolio, policy: Policy, *, start: Date, end: Date, rules: str = "cn") -> pd.DataFrame:
    """Contacts of a period by channel, in-house and agencies together.

    Parameters
    ----------
    portfolio : Portfolio
    policy : Policy
    start, end : date
        First and last day, both included.
    rules : str
        Name of the contact rules: they say which results are no talk.

    Returns
    -------
    DataFrame
        One row per channel that was used: channel, contact_count, effective_contacts (as in `collector_results`),
        cases (loans contacted), reached_cases [count].

    Raises
    ------
    CallError
        `start` is after `end`, or the rules are unknown.

    Examples
    --------
    >>> import collectkit as ck
    >>> table = channel_totals(ck.load_sample("demo"), ck.load_policy(), start="2025-06-01", end="2025-06-30")
    >>> bool((table.effective_contacts <= table.contact_count).all())
    True
    """
    first, last = checked_period(start, end)
    work = work_of(portfolio, policy, last, rules)
    inside = work[work["day"] >= first].astype({"channel": "str"})
    parts = {
        "contact_count": inside.groupby("channel").size(),
        "effective_contacts": inside[inside["is_talk"]].groupby("channel").size(),
        "cases": inside.groupby("channel")["loan_id"].nunique(),
        "reached_cases": inside[inside["is_reached"]].groupby("channel")["loan_id"].nunique(),
    }
    table = pd.concat([part.rename(name) for name, part in parts.items()], axis=1).fillna(0).astype("int64")
    return table.reindex([name for name in CHANNELS if name in table.index]).rename_axis("channel").reset_index()


def reason_totals(portfolio: Portfolio, *, start: Date, end: Date) -> pd.DataFrame:
    """Reasons for being overdue that were recorded in a period, one per case: the last one.

    Parameters
    ----------
    portfolio : Portfolio
    start, end : date
        First and last day, both included.

    Returns
    -------
    DataFrame
        One row per reason, the most frequent first: reason, cases [count], cases_share [fraction of the cases with a
        reason].

    Raises
    ------
    CallError
        `start` is after `end`.

    References
    ----------
    Source manual 001, 八.1 (distribution, reasons, likelihood of recovery).

    Examples
    --------
    >>> import collectkit as ck
    >>> reasons = reason_totals(ck.load_sample("demo"), start="2025-06-01", end="2025-06-30")
    >>> float(round(reasons.cases_share.sum(), 6))
    1.0
    """
    contacts = contacts_between(portfolio, start=start, end=end).reindex(
        columns=["loan_id", "contacted_at", "contact_id", "reason"]
    )
    told = contacts[contacts["reason"].notna()].sort_values(["contacted_at", "contact_id"])
    counts = told.drop_duplicates("loan_id", keep="last").groupby("reason").size().rename("cases").reset_index()
    table = counts.sort_values(["cases", "reason"], ascending=[False, True], ignore_index=True)
    return table.assign(cases_share=table["cases"] / max(int(table["cases"].sum()), 1))
