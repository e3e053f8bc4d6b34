"""Like strata: placements that can be compared, and the agencies beside each other in each group of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from collectkit.agencies._cash import Placed
from collectkit.agencies.attribution import Reading, reading_name
from collectkit.agencies.liquidation import money_of_placements
from collectkit.days import Date, day_number
from collectkit.errors import CallError, unknown_name
from collectkit.policy import Policy
from collectkit.portfolio import Portfolio

#: Placements an agency needs in a stratum before it is compared there: house convention.
FEWEST = 5
SIZES = ("small", "middle", "large")
STRATA = ("product", "size_band", "age_band", "placement_no", "region", "risk_grade", "is_secured")


def like_strata(
    portfolio: Portfolio,
    policy: Policy,
    *,
    as_of: Date,
    horizon_days: int = 90,
    by: Sequence[str] = ("product", "size_band"),
    tariff: str | None = None,
) -> pd.DataFrame:
    """Agencies beside each other in every stratum of like placements.

    Parameters
    ----------
    portfolio : Portfolio
    policy : Policy
    as_of : date
        Placements seen for the whole horizon by then count.
    horizon_days : int [days]
        Cash up to this many days after the hand-over counts, for every placement alike.
    by : sequence of str
        What makes placements alike: any of product, size_band (thirds of the amount placed within the product),
        age_band (days past due at the hand-over, by the bands of the tariff), placement_no, region, risk_grade,
        is_secured.
    tariff : str, optional
        Reading of the tariff; default: the first of the policy.

    Returns
    -------
    DataFrame
        One row per stratum and agency: the columns of `by`, agency, placements [count], amount_placed, collected,
        commission [currency], gross, net_back [fraction of amount_placed], paid_share [fraction of placements],
        is_compared, rank (by net_back; missing in a stratum where fewer than two agencies can be compared).

    Raises
    ------
    CallError
        `by` names something else, or is empty.

    Examples
    --------
    >>> import collectkit as ck
    >>> like = like_strata(ck.load_sample("demo"), ck.load_policy(), as_of="2025-12-31")
    >>> bool(like.loc[like["rank"].notna(), "is_compared"].all())
    True
    """
    cases = cases_seen(portfolio, policy, as_of, horizon_days, by, tariff)
    table = by_stratum(cases, list(by))
    ranked = (
        table["net_back"]
        .where(table["is_compared"])
        .groupby([table[name] for name in by])
        .rank(ascending=False, method="min")
    )
    return table.assign(rank=ranked.astype("Int64")).drop(columns="paid")


def cases_seen(
    portfolio: Portfolio, policy: Policy, as_of: Date, horizon_days: int, by: Sequence[str], tariff: str | None
) -> pd.DataFrame:
    """One row per placement seen for the whole horizon: whose, which customer's, how large, what came of it."""
    if isinstance(by, str) or not by:
        raise CallError(f"`by` is {by!r}. Pass a list of some of: {', '.join(STRATA)}.")
    for name in by:
        if name not in STRATA:
            raise unknown_name("stratum", name, STRATA)
    name = reading_name(policy, tariff)
    placed, parts = money_of_placements(portfolio, policy, name, as_of=as_of)
    until = placed.begins + int(horizon_days)
    money = {}
    for column, (where, day, cents) in parts.items():
        inside = day <= until[where]
        money[column] = np.bincount(where[inside], cents[inside], len(until)) / 100
    loans = portfolio.loans.set_index("loan_id")
    of = loans.reindex(placed.table["loan_id"]).reset_index()
    owed = pd.Series(placed.owed / 100)
    third = np.ceil(owed.groupby(of["product"]).rank(pct=True) * 3).clip(1, 3).astype(int) - 1
    cases = pd.DataFrame({"agency": placed.agency, "owed": owed, **money, "paid": money["collected"] > 0})
    cases["customer"] = of["customer_id"].fillna(of["loan_id"]) if "customer_id" in of else of["loan_id"]
    for column in by:
        cases[column] = _stratum(column, of, placed, np.array(SIZES)[third], Reading.of(policy, placed, name))
    return cases[until <= day_number(as_of, "as_of")].astype({"agency": "str"}).reset_index(drop=True)


def _stratum(column: str, loans: pd.DataFrame, placed: Placed, size: Any, reading: Reading) -> Any:
    """What makes placements alike, as text."""
    if column == "size_band":
        return size
    if column == "placement_no":
        return placed.table["placement_no"].astype("str")
    if column == "age_band":
        spans = [("0", *tariff.spans) for tariff in reading.versions]
        codes = [tariff.codes(placed.age) for tariff in reading.versions]
        return [spans[v][codes[v][row]] if v >= 0 else "" for row, v in enumerate(reading.version)]
    return loans[column].astype("str").fillna("") if column in loans else ""


def by_stratum(cases: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Sums of each stratum and agency; a stratum is compared if every agency has enough placements in it."""
    table = cases.groupby([*by, "agency"], as_index=False).agg(
        placements=("owed", "size"), amount_placed=("owed", "sum"), collected=("collected", "sum"),
        commission=("commission", "sum"), paid=("paid", "sum"),
    )  # fmt: skip
    enough = (table["placements"] >= FEWEST) & (table["amount_placed"] > 0)
    count = enough.groupby([table[name] for name in by]).transform("sum")
    money = dict.fromkeys(("amount_placed", "collected", "commission"), 2)
    return table.assign(
        gross=table["collected"] / table["amount_placed"],
        net_back=(table["collected"] - table["commission"]) / table["amount_placed"],
        paid_share=table["paid"] / table["placements"],
        is_compared=count == max(cases["agency"].nunique(), 2),
    ).round(money)  # fmt: skip
