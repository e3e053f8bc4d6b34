"""In-house and agencies compared on like cases: the same strata, common weights, one horizon, intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from collectkit.days import Date
from collectkit.errors import CallError, listed, unknown_name
from collectkit.policy import Policy
from collectkit.portfolio import Portfolio
from collectkit.scenarios._panel import (
    IN_HOUSE,
    check_dates,
    customer_groups,
    months_back,
    overdue_months,
    resampled,
    sums_by_group,
)
from collectkit.scenarios.closed_forms import sample_size
from collectkit.shapes import Array

BY = ("product", "bucket", "balance_band")
_CAN_BE_BY = (*BY, "placement_month", "region", "risk_grade")
_BANDS = ("small", "middle", "large")


class FairComparison(NamedTuple):
    """What `fair_comparison` returns.

    Attributes
    ----------
    channels : DataFrame
        One row per channel, the best first: cases [count], placed_balance (at the start) and collected [currency],
        raw_liquidation (all its cases as they come) and raw_rank; liquidation standardised to the common weights
        with 90% interval, rank, gap (its liquidation less that of in-house) with interval, chance_better [fraction];
        top_payer_share of its cash, crossed_share (cases that changed hands within the horizon), paying_share (cases
        that paid anything, standardised too), cases_needed in each arm of a random split to tell that share from
        in-house.
    strata : DataFrame
        One row per stratum and channel: cases, placed_balance, collected, paying_share, liquidation, weight,
        is_compared and, if not, why.
    covered : float
        Share of the balance given to agencies that lies in strata with a counterpart [fraction].
    """

    channels: pd.DataFrame
    strata: pd.DataFrame
    covered: float


def fair_comparison(
    portfolio: Portfolio,
    policy: Policy,
    *,
    as_of: Date,
    by: Sequence[str] = BY,
    horizon_months: int = 3,
    months: int = 12,
    channels: Sequence[str] | None = None,
    is_pooled: bool = False,
    scheme: str = "months",
    least_cases: int = 5,
    draws: int = 1000,
    seed: int = 0,
) -> FairComparison:
    """What each channel collects on like cases.

    Parameters
    ----------
    portfolio : Portfolio
    policy : Policy
    as_of : date
        The last horizon ends here.
    by : sequence of str
        What makes cases alike: product, bucket, balance_band (thirds of each product), placement_month, region,
        risk_grade. Finer strata are fairer and fewer have a counterpart.
    horizon_months : int [months]
        Cash is counted this long for every case.
    months : int [months]
        How many months of starts are compared.
    channels : sequence of str, optional
        ``in_house`` and agencies; default: all that had cases.
    is_pooled : bool
        Take all these agencies for one, ``agencies``.
    scheme : str
        Bucket scheme of the policy.
    least_cases : int [count]
        A stratum in which one of the channels has fewer is not compared.
    draws : int [count]
        Bootstrap draws.
    seed : int

    Returns
    -------
    FairComparison

    Raises
    ------
    CallError
        No stratum has cases of every channel, or the portfolio is too young.

    Notes
    -----
    A case starts at a month end: with an agency if it was placed in the month before and is overdue; in-house if it is
    overdue, not placed, and never was. From there on it belongs to that channel whatever happens (intention to treat):
    recalled or handed over later, its cash stays there. liquidation = Σ_s w_s · cash_cs ÷ placed_cs with w_s the
    stratum's share of all placed balance of the compared channels. Bootstrap over customers, whose loans stay together.

    **Who is handed over is chosen**: older, larger and lost cases go to agencies. Strata take out what they name, and
    nothing else; only a random split inside strata takes out the rest.

    References
    ----------
    Direct standardisation: Fleiss, Levin and Paik (2003), ch. 19. House convention for the starts.

    Examples
    --------
    >>> import collectkit as ck
    >>> fair = fair_comparison(ck.load_sample("demo"), ck.load_policy(), as_of="2025-12-31", by=["bucket"], draws=50)
    >>> "in_house" in fair.channels.index
    True
    """
    _check(by, portfolio)
    dates = months_back(as_of, months + horizon_months)
    check_dates(portfolio, dates[0], "The first month")
    cases = _starts(overdue_months(portfolio, policy, dates, scheme), months, horizon_months)
    cases = _described(cases, portfolio, by)
    names = _channels(cases, channels)
    cases = cases[cases["channel"].isin(names)].assign(paid=cases["collected"] > 0)
    if is_pooled:
        names = [IN_HOUSE, "agencies"]
        cases = cases.assign(channel=cases["channel"].where(cases["channel"] == IN_HOUSE, "agencies"))
    strata = _strata(cases, list(by), names, least_cases)
    if not strata["is_compared"].any():
        raise CallError(
            f"No stratum of {', '.join(by)} has {least_cases} cases with each of {', '.join(names)}. "
            "Take fewer `by`, fewer `channels` or more `months`; without a counterpart nothing can be compared."
        )
    table = _estimated(cases, strata, names, draws, np.random.default_rng(seed))
    placed = strata[strata["channel"] != IN_HOUSE].groupby("is_compared")["placed_balance"].sum()
    return FairComparison(table, strata, float(placed.get(True, 0.0) / placed.sum()))


def _check(by: Sequence[str], portfolio: Portfolio) -> None:
    if isinstance(by, str) or not by:
        raise CallError(f"`by` is {by!r}. Pass a list, e.g. {list(BY)}.")
    for name in by:
        if name not in _CAN_BE_BY or (name in ("region", "risk_grade") and name not in portfolio.loans):
            raise unknown_name(
                "stratum column", name, [n for n in _CAN_BE_BY if n in (*BY, "placement_month", *portfolio.loans)]
            )


def _starts(panel: pd.DataFrame, months: int, horizon: int) -> pd.DataFrame:
    """Cases at their starts, with the cash of the horizon and whether they changed hands."""
    channel = panel["channel"].astype("str")
    same = panel["loan_id"].eq(panel["loan_id"].shift())
    was = channel.shift().where(same, IN_HOUSE)
    ever_away = (channel != IN_HOUSE).groupby(panel["loan_id"]).cummax()
    starts_away = (channel != IN_HOUSE) & (was == IN_HOUSE) & same
    is_start = panel["is_overdue"] & (starts_away | ~ever_away)
    cash, crossed = np.zeros(len(panel)), np.zeros(len(panel), dtype=bool)
    for k in range(1, horizon + 1):
        still = panel["loan_id"].eq(panel["loan_id"].shift(-k)).to_numpy()
        cash += np.where(still, panel["cash"].shift(-k).fillna(0.0), 0.0)
        crossed |= still & (channel.shift(-k) != channel).to_numpy() & panel["is_overdue"].shift(-k).eq(True).to_numpy()
    in_window = panel["step"].between(1, months)
    found = panel.assign(channel=channel, collected=cash, crossed=crossed)[
        is_start & in_window & (panel["balance"] > 0)
    ]
    return found[["loan_id", "customer_id", "product", "as_of", "bucket", "channel", "balance", "collected", "crossed"]]


def _described(cases: pd.DataFrame, portfolio: Portfolio, by: Sequence[str]) -> pd.DataFrame:
    """The cases with the columns their strata need."""
    rank = cases.groupby("product")["balance"].rank(pct=True, method="first")
    band = pd.cut(rank, [0, 1 / 3, 2 / 3, 1], labels=list(_BANDS)).astype("str")
    cases = cases.assign(bucket=cases["bucket"].astype("str"), balance_band=band,
                         placement_month=cases["as_of"].dt.strftime("%Y-%m"))  # fmt: skip
    loans = portfolio.loans.set_index("loan_id")
    more = {name: loans[name].reindex(cases["loan_id"]).to_numpy() for name in by if name not in cases}
    return cases.assign(**more)


def _channels(cases: pd.DataFrame, asked: Sequence[str] | None) -> list[str]:
    there = sorted(cases["channel"].unique(), key=lambda name: (name != IN_HOUSE, name))
    names = list(asked) if asked is not None else there
    for name in names:
        if name not in there:
            raise unknown_name("channel with cases", name, there)
    if IN_HOUSE not in names or len(names) < 2:
        raise CallError(
            f"Compared are {listed(names) or 'none'}. Name in_house and at least one agency that had cases."
        )
    return names


def _strata(cases: pd.DataFrame, by: list[str], names: list[str], least: int) -> pd.DataFrame:
    """Cases and money of every stratum and channel, and whether it can be compared."""
    keys = cases[by].drop_duplicates().sort_values(by)
    grid = keys.merge(pd.DataFrame({"channel": names}), how="cross")
    sums = cases.groupby([*by, "channel"]).agg(
        cases=("loan_id", "size"),
        placed_balance=("balance", "sum"),
        collected=("collected", "sum"),
        paying_share=("paid", "mean"),
    )
    grid = grid.merge(sums.reset_index(), how="left").fillna({"cases": 0, "placed_balance": 0.0, "collected": 0.0})
    grid["cases"] = grid["cases"].astype("int64")
    few = grid["channel"].where(grid["cases"] < least).groupby([grid[name] for name in by])
    grid["reason"] = few.transform(lambda found: ", ".join(found.dropna()))
    grid["is_compared"] = grid["reason"] == ""
    grid.loc[~grid["is_compared"], "reason"] = f"fewer than {least} cases: " + grid["reason"]
    weight = grid["placed_balance"].where(grid["is_compared"]).groupby([grid[name] for name in by]).transform("sum")
    grid["weight"] = weight / grid.loc[grid["is_compared"], "placed_balance"].sum()
    grid.loc[~grid["is_compared"], "weight"] = np.nan
    grid["liquidation"] = grid["collected"] / grid["placed_balance"].where(grid["placed_balance"] > 0)
    return grid.round({"placed_balance": 2, "collected": 2}).reset_index(drop=True)


def _estimated(
    cases: pd.DataFrame, strata: pd.DataFrame, names: list[str], draws: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Standardised liquidation of each channel with its interval."""
    used = strata[strata["is_compared"]]
    by = list(strata.columns)[: list(strata.columns).index("channel")]
    cells = used.assign(cell=range(len(used))).set_index([*by, "channel"])["cell"]
    cell = cells.reindex(pd.MultiIndex.from_frame(cases[[*by, "channel"]])).fillna(-1).to_numpy().astype(np.int64)
    inside, one = cases[cell >= 0], cell[cell >= 0]
    groups, count = customer_groups(inside["customer_id"], rng)
    shape = (count, len(used))
    placed = sums_by_group(groups, one, shape, inside["balance"].to_numpy())
    collected = sums_by_group(groups, one, shape, inside["collected"].to_numpy())
    both = resampled(np.hstack([collected, placed]), draws, rng)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = both[:, : len(used)] / both[:, len(used) :]
    weight = used["weight"].to_numpy()
    known = np.isfinite(ratio)
    parts, shares = np.where(known, ratio, 0.0) * weight, known * weight
    columns = {name: np.flatnonzero(used["channel"] == name) for name in names}
    drawn = np.column_stack([parts[:, at].sum(axis=1) / shares[:, at].sum(axis=1) for at in columns.values()])
    point = [float((used["liquidation"] * used["weight"]).iloc[at].sum()) for at in columns.values()]
    return _table(cases, used, names, np.array(point), drawn)


def _table(cases: pd.DataFrame, used: pd.DataFrame, names: list[str], point: Array, drawn: Array) -> pd.DataFrame:
    home = names.index(IN_HOUSE)
    by_channel = cases.groupby("channel")
    sums = by_channel.agg(cases=("loan_id", "size"), placed_balance=("balance", "sum"), collected=("collected", "sum"))
    pays = (used["paying_share"] * used["weight"]).groupby(used["channel"]).sum().reindex(names)
    payers = cases.groupby(["channel", "customer_id"])["collected"].sum().groupby("channel")
    gap = drawn - drawn[:, [home]]
    low, high = np.quantile(drawn, [0.05, 0.95], axis=0)
    gap_low, gap_high = np.quantile(gap, [0.05, 0.95], axis=0)
    table = sums.reindex(names).assign(
        raw_liquidation=lambda t: t["collected"] / t["placed_balance"],
        raw_rank=lambda t: t["raw_liquidation"].rank(ascending=False).astype("int64"),
        liquidation=point, liquidation_low=low, liquidation_high=high,
        rank=lambda t: t["liquidation"].rank(ascending=False).astype("int64"),
        gap=point - point[home], gap_low=gap_low, gap_high=gap_high,
        chance_better=np.where(np.arange(len(names)) == home, np.nan, (gap > 0).mean(axis=0)),
        top_payer_share=payers.max() / payers.sum().where(lambda cash: cash > 0),
        crossed_share=by_channel["crossed"].mean(),
        paying_share=pays,
    )  # fmt: skip
    table["cases_needed"] = sample_size(table["paying_share"], pd.Series(pays[IN_HOUSE], table.index))
    return table.round({"placed_balance": 2, "collected": 2}).sort_values("rank", kind="stable").rename_axis("channel")
