"""Performance: what each collector and team did in a period, and what came of it, without a ranking."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from collectkit.casework._work import checked_keys, day_of, overdue_cash, with_team, work_of
from collectkit.casework.conduct import check_contacts
from collectkit.casework.views import complaints_between
from collectkit.days import DATE_DTYPE, Date, checked_period, dates_of
from collectkit.errors import CallError
from collectkit.intervals import wilson
from collectkit.ledger import track
from collectkit.policy import Policy
from collectkit.portfolio import Portfolio
from collectkit.promises import promise_status

#: Cases a row needs before its share is shown beside others: house convention.
FEWEST = 20
_COUNTS = [
    "cases", "contact_count", "effective_contacts", "reached_cases", "promises_made", "promises_due", "promises_kept",
    "breaches", "complaints",
]  # fmt: skip
_MONEY = {"credited": "float64", "cost": "float64"}


def collector_results(
    portfolio: Portfolio,
    policy: Policy,
    *,
    start: Date,
    end: Date,
    by: str = "collector_id",
    credit_days: int = 30,
    costs: pd.DataFrame | None = None,
    rules: str = "cn",
) -> pd.DataFrame:
    """What each collector or team did in a period, and what came of it.

    Parameters
    ----------
    portfolio : Portfolio
    policy : Policy
    start, end : date
        First and last day, both included.
    by : {"collector_id", "team"}
    credit_days : int [days]
        Cash counts for whoever last talked to the debtor at most so many days before.
    costs : DataFrame, optional
        What collecting cost, from `read_costs`: cost_date, amount [currency] and whose it is.
    rules : str
        Name of the contact rules: they say which results are no talk, and what a breach is.

    Returns
    -------
    DataFrame
        One row per agency (missing in-house), team and collector_id (missing: messages of the system, and cash after
        no talk; by team without it): cases (loans contacted), contact_count (contacts and attempts), effective_contacts
        (with an answer), reached_cases (whose debtor or guarantor answered) [count]; reached_share [fraction of cases],
        reached_low, reached_high; promises_made, promises_due, promises_kept [count], kept_share [fraction of those
        due], kept_low, kept_high; credited, cost [currency] (missing if none of the period is given); breaches,
        complaints [count]. A share of nothing is missing.

    Raises
    ------
    CallError
        `start` is after `end`, `by` is something else, `credit_days` is negative, or the rules are unknown.

    Notes
    -----
    An effective contact is a call, visit or chat whose result is not among the missed ones. A promise is its who talked
    to the debtor last on the day it was made, a talk with the result ``promised`` before others; due are promises whose
    last day lies in the period. Cash is what came on overdue fee, interest and principal, after grace, of open loans;
    on one day payments come last. credited adds up to the cash of the period. It says who talked last, not who caused
    it. Intervals: Wilson, 95%.

    References
    ----------
    Source manual 002, 三.13 (the results of each collector are recorded monthly). Credit by the last talk within 30
    days: house convention.

    Examples
    --------
    >>> import collectkit as ck
    >>> teams = collector_results(ck.load_sample("demo"), ck.load_policy(), start="2025-06-01", end="2025-06-30",
    ...                           by="team")
    >>> bool((teams.reached_cases <= teams.cases).all())
    True
    """
    keys, (first, last) = checked_keys(by), checked_period(start, end)
    if credit_days < 0:
        raise CallError(f"`credit_days` is {credit_days}. Give 0 or more.")
    work = work_of(portfolio, policy, last, rules)
    inside = work[work["day"] >= first]
    promises = _promises(portfolio, policy, end, work)
    made, due = (promises[(promises[day] >= first) & (promises[day] <= last)] for day in ("made_day", "last_day"))
    breaches = with_team(portfolio, check_contacts(portfolio, policy, start=start, end=end, rules=rules))
    complaints = with_team(portfolio, complaints_between(portfolio, start=start, end=end))
    credited = _credited(overdue_cash(portfolio, policy, first, last), work, credit_days).groupby(keys)["cents"].sum()
    spent = _costs(portfolio, costs, first, last)
    parts = {
        "cases": inside.groupby(keys)["loan_id"].nunique(),
        "contact_count": inside.groupby(keys).size(),
        "effective_contacts": inside[inside["is_talk"]].groupby(keys).size(),
        "reached_cases": inside[inside["is_reached"]].groupby(keys)["loan_id"].nunique(),
        "promises_made": made.groupby(keys).size(),
        "promises_due": due.groupby(keys).size(),
        "promises_kept": due[due["is_kept"]].groupby(keys).size(),
        "credited": credited / 100,
        "cost": spent.groupby(keys)["amount"].sum(),
        "breaches": breaches.groupby(keys).size(),
        "complaints": complaints.groupby(keys).size(),
    }
    table = pd.concat([part.rename(name) for name, part in parts.items()], axis=1).rename_axis(keys).reset_index()
    table = table.fillna(dict.fromkeys(parts, 0)).astype(dict.fromkeys(_COUNTS, "int64") | _MONEY)
    if not len(spent):  # not known: that is not free
        table["cost"] = np.nan
    return _in_order(_with_shares(table, is_named=table[keys[-1]] != ""), keys)


def like_cases(
    portfolio: Portfolio,
    policy: Policy,
    *,
    start: Date,
    end: Date,
    by: str = "team",
    horizon_days: int = 14,
    scheme: str = "fine",
    rules: str = "cn",
) -> pd.DataFrame:
    """The share of cases that paid, beside what like cases paid with everybody.

    Parameters
    ----------
    portfolio : Portfolio
    policy : Policy
    start, end : date
        Cases first contacted by a person from `start` on, and seen for the whole horizon by `end`.
    by : {"team", "collector_id"}
    horizon_days : int [days]
        Cash up to this many days after that contact counts, for every case alike.
    scheme : str
        Bucket scheme: cases are alike that were in the same bucket the night before; those not overdue then, because
        they were in grace, are alike, too.
    rules : str
        Name of the contact rules.

    Returns
    -------
    DataFrame
        One row per agency (missing in-house), team and collector_id: cases, paid_cases [count]; paid_share [fraction],
        lower, upper, expected_share [fraction] (what cases of the same buckets paid with everybody together); finding
        (``above``, ``below``, ``alike``: the interval holds the expected share; ``too_few``: under 20 cases, and the
        shares are missing).

    Raises
    ------
    CallError
        `start` is after `end`, `by` or the scheme is something else, or the horizon is negative.

    Notes
    -----
    A case is a loan; it belongs to who contacted it first in the period, whoever came later, so that nobody gains by
    handing on. Paid: any overdue cash within the horizon. expected_share = Σ over buckets of
    own cases × share that paid there with everybody ÷ own cases (indirect standardisation); buckets in which only one
    row has cases are left out, because there is nobody to compare with. Interval: Wilson, 95%; of twenty rows that are
    alike one falls outside by chance.

    References
    ----------
    Indirect standardisation: Breslow and Day (1987), Statistical methods in cancer research II, ch. 2. Horizon, first
    contact and the least number of cases: house convention.

    Examples
    --------
    >>> import collectkit as ck
    >>> like = like_cases(ck.load_sample("demo"), ck.load_policy(), start="2025-01-01", end="2025-06-30")
    >>> bool(like.loc[like.finding == "too_few", "paid_share"].isna().all())
    True
    """
    keys, (first, last) = checked_keys(by), checked_period(start, end)
    if horizon_days < 0:
        raise CallError(f"`horizon_days` is {horizon_days}. Give 0 or more.")
    work = work_of(portfolio, policy, last, rules)
    taken = work[(work["day"] >= first) & (work["collector_id"] != "")].drop_duplicates("loan_id")
    taken = taken[taken["day"] <= last - horizon_days].reset_index(drop=True)
    taken = _in_bucket(portfolio, policy, taken, scheme)
    rivals = taken.drop_duplicates(["bucket", *keys]).groupby("bucket").size()
    taken = taken[taken["bucket"].map(rivals) > 1]
    is_paid = _has_paid(overdue_cash(portfolio, policy, first, last), taken, horizon_days)
    cases = taken.assign(is_paid=is_paid, expected=is_paid.groupby(taken["bucket"]).transform("mean"))
    table = cases.groupby(keys).agg(
        cases=("is_paid", "size"), paid_cases=("is_paid", "sum"), paid_share=("is_paid", "mean"),
        expected_share=("expected", "mean"),
    )  # fmt: skip
    return _in_order(_compared(table.astype({"paid_cases": "int64"}).reset_index()), keys)


def _promises(portfolio: Portfolio, policy: Policy, end: Date, work: pd.DataFrame) -> pd.DataFrame:
    """Promises with who was told them: the last talk of the day, one that says so before others."""
    promises = promise_status(portfolio, policy, as_of=end)
    found = pd.DataFrame({
        "loan_id": promises["loan_id"], "made_day": day_of(promises["promised_date"]),
        "last_day": day_of(promises["last_date"]), "is_kept": (promises["promise_status"] == "kept").to_numpy(),
    })  # fmt: skip
    talks = work[work["is_reached"]].sort_values("is_promise", kind="stable")
    told = talks.drop_duplicates(["loan_id", "day"], keep="last")
    who = told[["loan_id", "day", "agency", "team", "collector_id"]].rename(columns={"day": "made_day"})
    return found.merge(who, on=["loan_id", "made_day"], how="left").fillna(dict.fromkeys(who.columns[2:], ""))


def _credited(cash: pd.DataFrame, work: pd.DataFrame, credit_days: int) -> pd.DataFrame:
    """Cash with who last talked to the debtor."""
    talks = work[work["is_reached"] & (work["collector_id"] != "")]
    talks = talks[["loan_id", "day", "agency", "team", "collector_id"]].sort_values("day", kind="stable")
    found = pd.merge_asof(
        cash.astype({"day": "int64"}).sort_values("day"), talks.astype({"day": "int64"}), on="day", by="loan_id",
        tolerance=credit_days,
    )  # fmt: skip
    return found.fillna({"agency": "", "team": "", "collector_id": ""})


def _costs(portfolio: Portfolio, costs: pd.DataFrame | None, first: int, last: int) -> pd.DataFrame:
    """Costs of the period with whose they are."""
    if costs is None:
        costs = pd.DataFrame({"cost_date": pd.Series(dtype=DATE_DTYPE), "amount": pd.Series(dtype="float64")})
    inside = costs[day_of(costs["cost_date"]).between(first, last)]
    named = with_team(portfolio, inside.drop(columns="team", errors="ignore"))
    given = inside["team"].astype("str").fillna("") if "team" in inside else named["team"]
    return named.assign(team=given.where(given != "", named["team"]))


def _in_bucket(portfolio: Portfolio, policy: Policy, taken: pd.DataFrame, scheme: str) -> pd.DataFrame:
    """The cases with their bucket of the night before."""
    nights = np.unique(taken["day"].to_numpy(dtype=np.int64)) - 1
    if not len(nights):
        return taken.assign(bucket=pd.Series(dtype="str"))
    panel = track(portfolio, policy, dates=dates_of(nights), scheme=scheme)
    panel = panel[panel["status"].isin(["current", "overdue"]).to_numpy()]
    seen = pd.DataFrame({
        "loan_id": panel["loan_id"], "day": day_of(panel["as_of"]) + 1, "bucket": panel["bucket"].astype("str"),
    })  # fmt: skip
    return taken.merge(seen, on=["loan_id", "day"])


def _has_paid(cash: pd.DataFrame, taken: pd.DataFrame, horizon_days: int) -> Any:
    """True where overdue cash came within the horizon."""
    came = taken[["loan_id", "day"]].rename_axis("case").reset_index().merge(cash, on="loan_id", suffixes=("", "_paid"))
    waited = came["day_paid"] - came["day"]
    return pd.Series(taken.index.isin(came.loc[waited.between(0, horizon_days), "case"]), taken.index)


def _compared(table: pd.DataFrame) -> pd.DataFrame:
    """Shares with intervals and what they say; nothing of too few cases."""
    lower, upper = wilson(table["paid_cases"], table["cases"])
    few = table["cases"] < FEWEST
    expected = table["expected_share"].to_numpy()
    finding = np.select([few, lower > expected, upper < expected], ["too_few", "above", "below"], "alike")
    shares = table.assign(lower=lower, upper=upper, finding=finding.astype(object)).astype({"finding": "str"})
    names = ["paid_share", "lower", "upper", "expected_share"]
    shares = shares.assign(**{name: shares[name].mask(few) for name in names})
    return shares[[*table.columns.drop(["paid_share", "expected_share"]), *names, "finding"]]


def _with_shares(table: pd.DataFrame, *, is_named: pd.Series) -> pd.DataFrame:
    """The table with its shares and their intervals, in its order of columns; the system talks to nobody."""
    for name, part, whole in (("reached", "reached_cases", "cases"), ("kept", "promises_kept", "promises_due")):
        count = table[whole].where(is_named, 0)
        low, high = wilson(table[part], count)
        shares = {f"{name}_share": table[part] / count.where(count > 0), f"{name}_low": low, f"{name}_high": high}
        for after, (column, value) in enumerate(shares.items(), start=1):
            table.insert(list(table.columns).index(part) + after, column, value)
    return table


def _in_order(table: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """In-house before agencies, people before the system; an empty name is missing."""
    unnamed = (table[keys[-1]] == "").rename("unnamed")
    order = pd.concat([table[keys], unnamed], axis=1).sort_values(["agency", "unnamed", keys[-1]]).index
    table = table.loc[order].reset_index(drop=True)
    return table.assign(**{name: table[name].mask(table[name] == "").astype("str") for name in keys})
