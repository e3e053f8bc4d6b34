"""Scorecard: which agency brings back most of what it is given, compared inside like strata only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from collectkit.agencies.strata import by_stratum, cases_seen
from collectkit.days import Date, dates_of, day_number
from collectkit.policy import Policy
from collectkit.portfolio import Portfolio

_DRAWS = 1000
_RANKS = {"rank": "Int64", "rank_low": "Int64", "rank_high": "Int64"}
#: Points of dollars, accounts and service in the relative score.
_POINTS = {"dollars": 70, "accounts": 20, "service": 10}


def scorecard(
    portfolio: Portfolio,
    policy: Policy,
    *,
    as_of: Date,
    horizon_days: int = 90,
    by: Sequence[str] = ("product", "size_band"),
    tariff: str | None = None,
    breaches: pd.DataFrame | None = None,
    complaints: pd.DataFrame | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """Agencies beside each other: what they brought in, and what they would have brought in of the same placements.

    Parameters
    ----------
    portfolio : Portfolio
    policy : Policy
    as_of, horizon_days, by, tariff
        As for `like_strata`.
    breaches : DataFrame, optional
        Contacts that broke a rule, with contact_id; what ``casework.check_contacts`` returns.
    complaints : DataFrame, optional
        One row per complaint, with loan_id, complaint_date and agency (missing: about the lender itself); without
        that column, about the agency that last had the loan. As ``Portfolio.complaints``.
    seed : int
        Of the bootstrap.

    Returns
    -------
    DataFrame
        One row per agency: agency, placements [count], amount_placed, collected, commission [currency], gross,
        net_back [fraction of amount_placed]; like_gross, like_net_back, lower, upper [fraction] (standardised,
        with a 95% interval), compared_share [fraction] (of the amount placed that lies in compared strata), paid_share
        [fraction of placements, standardised], rank, rank_low, rank_high; contact_count [count], complete_share
        [fraction] (records with result, collector and entry on the same day), breaches, complaints [count]
        (up to `as_of`; missing if not given); score [points].

    Raises
    ------
    CallError
        `by` names something else, or is empty.

    Notes
    -----
    Agencies are given different loans, so raw figures do not compare. A stratum is compared if every agency has at
    least 5 placements in it; like_net_back = Σ w × net_back of the agency in the stratum, w the share of the stratum in
    the amount placed with all agencies in compared strata. Placements stay in from the hand-over, also those taken
    back. Interval: bootstrap over customers, percentiles of 1 000 draws; rank_low and rank_high are the ranks in them.
    Without a compared stratum these are missing: too few like placements to say.

    score = 70 × dollars + 20 × accounts + 10 × service, each as a share of the best agency: like_gross,
    paid_share, and complete_share less breaches per contact and complaints per placement. A part without data is left
    out and the others are scaled to 100.

    References
    ----------
    Score: contract scores of the US Department of Education's collection agencies (70/20/10). Standardisation and
    strata: house convention.

    Examples
    --------
    >>> import collectkit as ck
    >>> card = scorecard(ck.load_sample("demo"), ck.load_policy(), as_of="2025-12-31")
    >>> card.agency.tolist()
    ['Anxin', 'Borui', 'Chengda']
    """
    cases = cases_seen(portfolio, policy, as_of, horizon_days, by, tariff)
    strata = by_stratum(cases, list(by))
    raw = cases.groupby("agency").agg(
        placements=("owed", "size"), amount_placed=("owed", "sum"), collected=("collected", "sum"),
        commission=("commission", "sum"),
    )  # fmt: skip
    table = raw.assign(
        gross=raw["collected"] / raw["amount_placed"],
        net_back=(raw["collected"] - raw["commission"]) / raw["amount_placed"],
    ).round(dict.fromkeys(("amount_placed", "collected", "commission"), 2))
    table = table.join(_standardised(cases, strata, list(by), seed)).join(
        _conduct(portfolio, as_of, breaches, complaints)
    )
    service = (
        table["complete_share"] - (table["breaches"].fillna(0) / table["contact_count"]).fillna(0)
        - table["complaints"].fillna(0) / table["placements"]
    )  # fmt: skip
    score = relative_score(table["like_gross"], table["paid_share"], service)
    return table.assign(score=score).reset_index()


def relative_score(dollars: pd.Series, accounts: pd.Series, service: pd.Series) -> pd.Series:
    """Points of each agency: 70 for dollars, 20 for accounts, 10 for service, each as a share of the best.

    Parameters
    ----------
    dollars, accounts, service : Series
        One value per agency, on one index; more is better.

    Returns
    -------
    Series
        score [points], 100 for the best in everything. A part missing for all is left out and the others are scaled;
        negative values count as 0.

    References
    ----------
    Contract scores of the US Department of Education's collection agencies.

    Examples
    --------
    >>> relative_score(pd.Series([5.0, 10.0]), pd.Series([0.4, 0.2]), pd.Series([0.9, 0.9])).tolist()
    [65.0, 90.0]
    """
    score, most = pd.Series(0.0, dollars.index, name="score"), 0
    for name, part in zip(_POINTS, (dollars, accounts, service), strict=True):
        best = part.max()
        if pd.notna(best):
            most += _POINTS[name]
            share = part.clip(lower=0) / best if best > 0 else part * 0.0
            score = score + share.fillna(0) * _POINTS[name]
    return score * 100 / most if most else score * np.nan


def _standardised(cases: pd.DataFrame, strata: pd.DataFrame, by: list[str], seed: int) -> pd.DataFrame:
    """Figures of each agency over the compared strata with common weights, and how sure they are."""
    agencies = sorted(cases["agency"].unique())
    compared = strata[strata["is_compared"]]
    compared = compared.assign(stratum=compared.groupby(by).ngroup())
    names = ["like_gross", "like_net_back", "lower", "upper", "compared_share", "paid_share", "rank", "rank_low",
             "rank_high"]  # fmt: skip
    found = pd.DataFrame(np.nan, pd.Index(agencies, name="agency"), names)
    found["compared_share"] = compared.groupby("agency")["amount_placed"].sum().reindex(agencies, fill_value=0.0)
    found["compared_share"] /= cases.groupby("agency")["owed"].sum()
    if not len(compared):
        return found.astype(_RANKS)
    weight = compared.groupby("stratum")["amount_placed"].sum()
    weight = weight / weight.sum()
    for column, name in (("gross", "like_gross"), ("net_back", "like_net_back"), ("paid_share",) * 2):
        found[name] = (compared[column] * compared["stratum"].map(weight)).groupby(compared["agency"]).sum()
    inside = cases.merge(compared[[*by, "stratum"]].drop_duplicates(), on=by)
    draws = _bootstrap(inside, agencies, weight.to_numpy(), seed)
    found["lower"], found["upper"] = np.quantile(draws, [0.025, 0.975], axis=0)
    found["rank"] = found["like_net_back"].rank(ascending=False, method="min")
    ranks = (-draws).argsort(axis=1).argsort(axis=1) + 1
    found["rank_low"], found["rank_high"] = np.quantile(ranks, [0.025, 0.975], axis=0, method="nearest")
    return found.astype(_RANKS)


def _bootstrap(inside: pd.DataFrame, agencies: list[str], weight: Any, seed: int) -> Any:
    """Standardised net-back of each agency in every draw of its customers with replacement, draw × agency."""
    rng = np.random.default_rng(seed)
    found = np.empty((_DRAWS, len(agencies)))
    for at, agency in enumerate(agencies):
        own = inside[inside["agency"] == agency]
        customer, names = pd.factorize(own["customer"])
        sums = np.zeros((2, len(names), len(weight)))
        for row, value in enumerate((own["collected"] - own["commission"], own["owed"])):
            np.add.at(sums[row], (customer, own["stratum"].to_numpy()), value.to_numpy())
        point = sums[0].sum(axis=0) / sums[1].sum(axis=0)
        for draw in range(_DRAWS):
            times = np.bincount(rng.integers(len(names), size=len(names)), minlength=len(names))
            net, owed = times @ sums[0], times @ sums[1]
            found[draw, at] = np.where(owed > 0, net / np.where(owed > 0, owed, 1), point) @ weight
    return found


def _conduct(
    portfolio: Portfolio, as_of: Date, breaches: pd.DataFrame | None, complaints: pd.DataFrame | None
) -> pd.DataFrame:
    """Records, breaches and complaints of each agency up to a day."""
    after = dates_of([day_number(as_of, "as_of") + 1])[0]
    contacts = portfolio.contacts.reindex(
        columns=["contact_id", "agency", "contacted_at", "recorded_at", "result", "collector_id"]
    )
    contacts = contacts[contacts["agency"].notna() & (contacts["contacted_at"] < after)]
    same_day = pd.to_datetime(contacts["recorded_at"]).dt.normalize() == contacts["contacted_at"].dt.normalize()
    is_complete = same_day & contacts["result"].notna() & contacts["collector_id"].notna()
    found = is_complete.groupby(contacts["agency"]).agg(contact_count="size", complete_share="mean")
    of_breach = None if breaches is None else contacts["agency"][contacts["contact_id"].isin(breaches["contact_id"])]
    of_complaint = None
    if complaints is not None:
        made = complaints[complaints["complaint_date"] < after]
        of_complaint = made["agency"] if "agency" in made else _holders(portfolio, made)
    agencies = sorted(portfolio.placements["agency"].unique())
    return found.reindex(agencies).assign(
        contact_count=found["contact_count"].reindex(agencies, fill_value=0),
        breaches=_counted(of_breach, agencies), complaints=_counted(of_complaint, agencies),
    )  # fmt: skip


def _holders(portfolio: Portfolio, complaints: pd.DataFrame) -> pd.Series:
    """The agency that last had each loan when it was complained of; none if no agency ever had."""
    given = portfolio.placements[["loan_id", "agency", "placement_date"]].sort_values("placement_date")
    asked = complaints[["loan_id", "complaint_date"]].sort_values("complaint_date")
    found = pd.merge_asof(asked, given, left_on="complaint_date", right_on="placement_date", by="loan_id")
    return found["agency"]


def _counted(agencies: pd.Series | None, every: list[str]) -> Any:
    """Rows of each agency; missing if there is no table."""
    if agencies is None:
        return pd.array([pd.NA] * len(every), dtype="Int64")
    return agencies.value_counts().reindex(every, fill_value=0).astype("Int64").array
