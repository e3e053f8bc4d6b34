"""Views of the lists: what a page shows of them, counted once and tested."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from collectkit.casework.audit import complaint_rates, record_quality
from collectkit.days import Date, checked_period, dates_of, day_number
from collectkit.errors import CallError, unknown_name
from collectkit.portfolio import Portfolio


def narrowed(frame: pd.DataFrame, **chosen: Iterable[Any]) -> pd.DataFrame:
    """The rows whose columns hold one of the chosen values; a column with nothing chosen does not narrow.

    Parameters
    ----------
    frame : DataFrame
    **chosen : iterables
        Column to its values; a missing value is chosen as an empty text.

    Raises
    ------
    CallError
        A column is not there.

    Examples
    --------
    >>> narrowed(pd.DataFrame({"agency": ["North", None], "cases": [1, 2]}), agency=["North"], cases=[]).cases.tolist()
    [1]
    """
    rows = pd.Series(True, frame.index)
    for name, values in chosen.items():
        if name not in frame:
            raise unknown_name("column", name, frame.columns)
        wanted = list(values)
        if wanted:
            column = frame[name]
            rows &= column.isin(wanted) | (column.isna() & ("" in wanted))
    return frame[rows].reset_index(drop=True)


def worklist_totals(listed: pd.DataFrame) -> pd.Series:
    """Figures of a worklist in a line.

    Parameters
    ----------
    listed : DataFrame
        From `worklist`, or some of its rows.

    Returns
    -------
    Series
        cases (loans on the list), actions (that can be done), waiting (that must wait), beyond_capacity (that the day
        has no room for) [count].

    Examples
    --------
    >>> import collectkit as ck
    >>> listed = ck.casework.worklist(ck.load_sample("demo"), ck.load_policy(), as_of="2025-06-30")
    >>> figures = worklist_totals(listed)
    >>> int(figures.actions + figures.waiting) == len(listed)
    True
    """
    free = ~listed["is_blocked"]
    return pd.Series(
        {
            "cases": int(listed["loan_id"].nunique()),
            "actions": int(free.sum()),
            "waiting": int(listed["is_blocked"].sum()),
            "beyond_capacity": int((free & ~listed["is_in_capacity"]).sum()),
        }
    )


def collector_totals(listed: pd.DataFrame) -> pd.DataFrame:
    """The day of each collector.

    Parameters
    ----------
    listed : DataFrame
        From `worklist`, or some of its rows.

    Returns
    -------
    DataFrame
        One row per house and collector: agency (missing in-house), collector_id (missing: the system, or nobody yet),
        cases, actions, waiting, beyond_capacity [count].

    Examples
    --------
    >>> import collectkit as ck
    >>> listed = ck.casework.worklist(ck.load_sample("demo"), ck.load_policy(), as_of="2025-06-30")
    >>> int(collector_totals(listed).actions.sum()) == int(worklist_totals(listed).actions)
    True
    """
    free = ~listed["is_blocked"]
    flags = listed[["agency", "collector_id", "loan_id"]].assign(
        agency=listed["agency"].astype("str"), actions=free.astype("int64"),
        waiting=listed["is_blocked"].astype("int64"),
        beyond_capacity=(free & ~listed["is_in_capacity"]).astype("int64"),
    )  # fmt: skip
    groups = flags.groupby(["agency", "collector_id"], dropna=False)
    table = groups[["actions", "waiting", "beyond_capacity"]].sum()
    table.insert(0, "cases", groups["loan_id"].nunique())
    return table.reset_index()


def promises_due(promises: pd.DataFrame, *, as_of: Date, days: int = 7) -> pd.DataFrame:
    """Open promises whose money must come in the next days, the next first.

    Parameters
    ----------
    promises : DataFrame
        From `promise_status`.
    as_of : date
    days : int [days]

    Examples
    --------
    >>> import collectkit as ck
    >>> made = ck.casework.promise_status(ck.load_sample("demo"), ck.load_policy(), as_of="2025-06-30")
    >>> bool((promises_due(made, as_of="2025-06-30").promise_status == "open").all())
    True
    """
    if days < 0:
        raise CallError(f"`days` is {days}. Give 0 or more.")
    day_number(as_of, "as_of")
    last = pd.Timestamp(as_of) + pd.Timedelta(days=days)
    due = promises[(promises["promise_status"] == "open") & (promises["last_date"] <= last)]
    return due.sort_values(["last_date", "loan_id"], ignore_index=True)


def breaches_by_month(breaches: pd.DataFrame) -> pd.DataFrame:
    """Breaches of each rule by month, months and rules without any left out.

    Parameters
    ----------
    breaches : DataFrame
        From `check_contacts`.

    Returns
    -------
    DataFrame
        month (its first day), rule, breaches [count].

    Examples
    --------
    >>> import collectkit as ck
    >>> demo, policy = ck.load_sample("demo"), ck.load_policy()
    >>> found = ck.casework.check_contacts(demo, policy, start="2025-01-01", end="2025-12-31")
    >>> int(breaches_by_month(found).breaches.sum()) == len(found)
    True
    """
    month = breaches["contacted_at"].dt.to_period("M").dt.to_timestamp().rename("month")
    counts = breaches.groupby([month, breaches["rule"]]).size().rename("breaches")
    return counts.reset_index()


def contacts_of(portfolio: Portfolio, loan_id: str, *, as_of: Date) -> pd.DataFrame:
    """Contacts of one loan up to the end of a day, the last one first; the columns of the table `contacts`.

    Examples
    --------
    >>> import collectkit as ck
    >>> found = contacts_of(ck.load_sample("demo"), "L0075", as_of="2025-06-30")
    >>> bool(found.contacted_at.is_monotonic_decreasing)
    True
    """
    contacts = portfolio.contacts
    after = pd.Timestamp(dates_of([day_number(as_of, "as_of") + 1])[0])
    found = contacts[(contacts["loan_id"] == loan_id) & (contacts["contacted_at"] < after)]
    return found.sort_values(["contacted_at", "contact_id"], ascending=False, ignore_index=True)


def contacts_between(portfolio: Portfolio, *, start: Date, end: Date) -> pd.DataFrame:
    """Contacts of a period, both days included; the columns of the table `contacts`.

    Examples
    --------
    >>> import collectkit as ck
    >>> len(contacts_between(ck.load_sample("demo"), start="2023-07-01", end="2025-12-31"))
    8521
    """
    return _between(portfolio.contacts, "contacted_at", start, end)


def complaints_between(portfolio: Portfolio, *, start: Date, end: Date) -> pd.DataFrame:
    """Complaints of a period, both days included, the last one first; the columns of the table `complaints`.

    Examples
    --------
    >>> import collectkit as ck
    >>> made = complaints_between(ck.load_sample("demo"), start="2025-01-01", end="2025-12-31")
    >>> bool(made.complaint_date.is_monotonic_decreasing)
    True
    """
    made = _between(portfolio.complaints, "complaint_date", start, end)
    return made.sort_values(["complaint_date", "complaint_id"], ascending=False, ignore_index=True)


def record_totals(contacts: pd.DataFrame, *, promises: pd.DataFrame | None = None) -> pd.Series:
    """How prompt and complete all records together are: contacts, late_entries, incomplete [count], complete_share.

    Examples
    --------
    >>> import collectkit as ck
    >>> int(record_totals(ck.load_sample("demo").contacts)["contacts"])
    8521
    """
    names = ["contacts", "late_entries", "incomplete"]
    sums = record_quality(contacts, promises=promises)[names].sum()
    share = 1 - sums["incomplete"] / sums["contacts"] if sums["contacts"] else float("nan")
    return pd.Series({**{name: int(sums[name]) for name in names}, "complete_share": share}, dtype=object)


def complaint_totals(portfolio: Portfolio, *, start: Date, end: Date) -> pd.Series:
    """Complaints of all houses together: complaints, upheld, unanswered, cases [count], per_thousand.

    Examples
    --------
    >>> import collectkit as ck
    >>> totals = complaint_totals(ck.load_sample("demo"), start="2025-01-01", end="2025-12-31")
    >>> bool(totals["complaints"] <= totals["cases"])
    True
    """
    sums = complaint_rates(portfolio, start=start, end=end)[["complaints", "upheld", "unanswered"]].sum()
    cases = contacts_between(portfolio, start=start, end=end)["loan_id"].nunique()
    rate = 1000 * sums["complaints"] / cases if cases else float("nan")
    return pd.Series({**sums.astype(int).to_dict(), "cases": cases, "per_thousand": rate}, dtype=object)


def _between(frame: pd.DataFrame, column: str, start: Date, end: Date) -> pd.DataFrame:
    """Rows of a period, both days included."""
    first, last = checked_period(start, end)
    low, after = dates_of([first, last + 1])
    return frame[(frame[column] >= low) & (frame[column] < after)].reset_index(drop=True)
