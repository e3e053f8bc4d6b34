"""A scenario from the lender's own book: stock, inflow and rates with intervals; the rest is assumed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from collectkit.days import Date, day_number
from collectkit.policy import Policy
from collectkit.portfolio import Portfolio
from collectkit.rules import checked
from collectkit.scenarios._panel import (
    IN_HOUSE,
    check_dates,
    customer_groups,
    months_back,
    overdue_months,
    resampled,
    sums_by_group,
)
from collectkit.scenarios.draws import Z90
from collectkit.scenarios.inputs import CHANNELS, ILLUSTRATIVE, KINDS
from collectkit.scenarios.model import Scenario, load_scenario
from collectkit.shapes import Array

_DRAWS = 1000
_QUANTILES = (0.05, 0.5, 0.95)
_ESTIMATED_CHANNELS = (IN_HOUSE, "agency")
_PRIOR = 0.5  # Jeffreys


def scenario_from(
    portfolio: Portfolio,
    policy: Policy,
    *,
    as_of: Date,
    months: int = 12,
    assumptions: Scenario | str = "mature-mixed",
    least_case_months: int = 30,
    seed: int = 0,
) -> Scenario:
    """A scenario whose book and treatment come from a portfolio, and whose costs are assumed.

    Parameters
    ----------
    portfolio : Portfolio
    policy : Policy
    as_of : date
        The scenario begins at the end of this day.
    months : int [months]
        How far back rates and inflow are estimated.
    assumptions : Scenario or str
        Where everything comes from that the book cannot tell: costs, light and legal treatment, rates of buckets with
        too few cases, strategies, tariff and horizon.
    least_case_months : int [count]
        Fewer, or fewer than five that paid, are not estimated: all products are pooled, and if that is too little the
        rate is assumed.
    seed : int
        Of the bootstrap.

    Returns
    -------
    Scenario
        Inputs that were estimated say so; of the others `scenario_inputs` shows basis ``assumption``.

    Raises
    ------
    CallError
        The portfolio begins later than the first month.

    Notes
    -----
    Balance of a case: unpaid principal, due or not, plus overdue interest and fee, so that it does not grow in rolling.
    For each product, bucket and who had the case at the start of a month: cash_rate = Σ cash on overdue instalments ÷
    Σ balance, interval by bootstrap over customers; cure_rate = cases no longer overdue (and not closed with a loss) a
    month later, interval of Beta(½ + k, ½ + n − k). roll_rate = share of the rest in an older bucket. An agency's rates
    are those of the cases it was given: older and lost cases go to agencies, so they say nothing about what it would do
    with others, and `fair_comparison` says a little more. An agency bucket without cases is assumed to be the in-house
    rate times the ratio in `assumptions`.

    Examples
    --------
    >>> import collectkit as ck
    >>> scenario = scenario_from(ck.load_sample("demo"), ck.load_policy(), as_of="2025-12-31")
    >>> [product.name for product in scenario.products]
    ['consumer_instalment', 'property_mortgage', 'vehicle_pledge']
    """
    assumed = load_scenario(assumptions) if isinstance(assumptions, str) else assumptions
    dates = months_back(as_of, months)
    check_dates(portfolio, dates[0], "The first month")
    day_number(as_of, "as_of")
    rng = np.random.default_rng(seed)
    panel = overdue_months(portfolio, policy, dates, assumed.scheme)
    panel["where"] = np.where(panel["channel"].astype("str") == IN_HOUSE, IN_HOUSE, "agency")
    moved = _moves(panel, assumed)
    said = f"estimated from the {months} months to {pd.Timestamp(as_of).date()}"
    data = assumed.model_dump(mode="json")
    products = sorted(panel.loc[panel["is_overdue"], "product"].unique())
    data |= {
        "name": "own-book", "title": "Own book", "title_zh": "自有资产", "note": f"Book and rates {said}.",
        "products": [_product(panel, name, portfolio, assumed, said) for name in products],
    }  # fmt: skip
    data["inputs"] = data["inputs"] | _written_off(moved, assumed, said)
    data["roll_rate"] = _rolled(moved, assumed, said)
    data["treatments"] = _Estimates(moved, products, assumed, said, least_case_months, rng).treatments()
    return checked(Scenario, data, "the scenario of this portfolio")


def _moves(panel: pd.DataFrame, assumed: Scenario) -> pd.DataFrame:
    """One row per case and month at risk, with what became of it a month later."""
    follows = panel["loan_id"].eq(panel["loan_id"].shift(-1))
    after = panel.shift(-1)
    status = after["status"].astype("str")
    code, later = panel["bucket"].cat.codes, after["bucket"].cat.codes
    cases = panel.assign(
        cash=after["cash"].fillna(0.0), is_cured=status.isin(["current", "paid", "paid_off"]),
        is_lost=status.isin(["settled", "written_off", "sold", "archived"]), is_older=later > code,
        bucket=panel["bucket"].astype("str"),
    )  # fmt: skip
    kept = ["product", "customer_id", "where", "bucket", "balance", "cash", "is_cured", "is_lost", "is_older"]
    cases = cases.loc[panel["is_overdue"] & follows & (panel["balance"] > 0), kept]
    return cases.assign(bucket_no=pd.Index(assumed.buckets).get_indexer(pd.Index(cases["bucket"])))


def _product(panel: pd.DataFrame, name: str, portfolio: Portfolio, assumed: Scenario, said: str) -> dict[str, Any]:
    """Stock at the last date, and new overdue cases a month with the spread of the months."""
    own = panel[panel["product"] == name]
    now = own[own["is_overdue"] & (own["step"] == panel["step"].max())]
    stock = now.groupby(now["bucket"].astype("str"))["balance"].agg(["size", "sum"]).reindex(list(assumed.buckets))
    same = own["loan_id"].eq(own["loan_id"].shift())
    new = own[own["is_overdue"] & ~(own["is_overdue"].shift(fill_value=False) & same) & (own["step"] > 0)]
    counts = new.groupby("step").size().reindex(range(1, int(panel["step"].max()) + 1), fill_value=0)
    balances = new["balance"].to_numpy(dtype=np.float64)
    loans = portfolio.loans
    secured = loans.loc[loans["product"] == name, "is_secured"] if "is_secured" in loans else pd.Series(dtype=bool)
    return {
        "name": name, "is_secured": bool(len(secured)) and bool(secured.astype("boolean").fillna(False).mean() > 0.5),
        "opening_cases": stock["size"].fillna(0).astype(int).to_dict(),
        "opening_balance": stock["sum"].fillna(0.0).round(2).to_dict(),
        "opening_source": said.replace("from", "at the end of"),
        "inflow_cases": _mean("inflow_cases", counts.to_numpy(dtype=np.float64), said),
        "balance_per_case": _mean("balance_per_case", balances, said),
    }  # fmt: skip


def _mean(kind: str, values: Array, said: str) -> dict[str, Any]:
    """Mean of months or cases, with the 90% interval of the mean."""
    if len(values) < 2:
        return _estimate(kind, float(values.sum()), 0.0, said)
    return _estimate(kind, float(values.mean()), Z90 * float(values.std(ddof=1)) / len(values) ** 0.5, said)


def _estimate(kind: str, value: float, half: float, said: str) -> dict[str, Any]:
    return {
        "low": round(max(value - half, KINDS[kind].lowest), 4), "value": round(value, 4),
        "high": round(min(value + half, KINDS[kind].highest), 4),
        "unit": KINDS[kind].unit, "source": said, "is_estimated": True,
    }  # fmt: skip


def _written_off(moved: pd.DataFrame, assumed: Scenario, said: str) -> dict[str, Any]:
    """Share of the last bucket closed with a loss in a month; nothing if it never held a case."""
    last = moved[(moved["bucket"] == assumed.buckets[-1]) & ~moved["is_cured"]]
    if not len(last):
        return {}
    share = float(last["is_lost"].mean())
    return {"write_off_rate": _estimate("write_off_rate", share, Z90 * (share * (1 - share) / len(last)) ** 0.5, said)}


def _rolled(moved: pd.DataFrame, assumed: Scenario, said: str) -> dict[str, Any]:
    """Share of what is neither cured nor lost that is in an older bucket a month later."""
    rest = moved[~moved["is_cured"] & ~moved["is_lost"]].groupby("bucket")["is_older"].agg(["sum", "size"])
    found = rest.reindex(list(assumed.buckets), fill_value=0)
    parts: dict[str, dict[str, float]] = {}
    estimated: list[str] = []
    for at, (bucket, given) in enumerate(assumed.roll_rate.by_bucket.items()):
        k, n = (float(found[name].to_numpy()[at]) for name in ("sum", "size"))
        if bucket == assumed.buckets[-1] or n < 30:
            parts[bucket] = given.model_dump()
            continue
        half = Z90 * (k / n * (1 - k / n) / n) ** 0.5
        parts[bucket] = {"low": max(k / n - half, 0.0), "value": k / n, "high": min(k / n + half, 1.0)}
        estimated.append(bucket)
    return {"unit": "1/month", "source": _sources(said, estimated, [], assumed.buckets), "by_bucket": parts,
            "estimated": estimated}  # fmt: skip


class _Estimates:
    """Rates of every channel, product and bucket, with where each comes from."""

    def __init__(
        self,
        moved: pd.DataFrame,
        products: list[str],
        assumed: Scenario,
        said: str,
        least: int,
        rng: np.random.Generator,
    ) -> None:
        self.assumed, self.said, self.least, self.products = assumed, said, least, products
        self.buckets = assumed.buckets
        self.shape = (len(_ESTIMATED_CHANNELS), len(products) + 1, len(self.buckets))  # the last product is all of them
        where = pd.Index(_ESTIMATED_CHANNELS).get_indexer(pd.Index(moved["where"]))
        product = pd.Index(products).get_indexer(pd.Index(moved["product"]))
        own = np.ravel_multi_index((where, product, moved["bucket_no"]), self.shape)
        pooled = np.ravel_multi_index((where, np.full(len(moved), len(products)), moved["bucket_no"]), self.shape)
        cells, rows = np.concatenate([own, pooled]), np.tile(np.arange(len(moved)), 2)
        size = int(np.prod(self.shape))

        def count(values: Array) -> Array:
            return np.bincount(cells, weights=values[rows], minlength=size)

        cash, balance = moved["cash"].to_numpy(), moved["balance"].to_numpy()
        self.n, self.cured = count(np.ones(len(moved))), count(moved["is_cured"].to_numpy().astype(float))
        self.payers = count((cash > 0).astype(float))
        groups, number = customer_groups(moved["customer_id"], rng)
        sums = [sums_by_group(groups[rows], cells, (number, size), values[rows]) for values in (cash, balance)]
        top, bottom = np.hsplit(resampled(np.hstack(sums), _DRAWS, rng), 2)  # one luck for both
        self.cash_rate = sums[0].sum(axis=0) / np.maximum(sums[1].sum(axis=0), 1e-9)
        self.top, self.bottom, self.rng = top, bottom, rng

    def treatments(self) -> list[dict[str, Any]]:
        """One treatment per channel and product."""
        return [
            self._treatment(channel, number, product)
            for channel in CHANNELS
            for number, product in enumerate(self.products)
        ]

    def _treatment(self, channel: str, number: int, product: str) -> dict[str, Any]:
        return {
            "channel": channel, "product": product,
            **{kind: self._curve(channel, number, product, kind) for kind in ("cash_rate", "cure_rate")},
        }  # fmt: skip

    def _curve(self, channel: str, number: int, product: str, kind: str) -> dict[str, Any]:
        parts: dict[str, dict[str, float]] = {}
        own: list[str] = []
        pooled: list[str] = []
        for b, bucket in enumerate(self.buckets):
            cell = self._cell(channel, number, b)
            if cell is None:
                parts[bucket] = self._assumed(channel, number, product, kind, b)
                continue
            parts[bucket] = self._estimated(cell, kind)
            (own if cell[1] == number else pooled).append(bucket)
        return {"unit": "1/month", "source": _sources(self.said, own, pooled, self.buckets), "by_bucket": parts,
                "estimated": [*own, *pooled]}  # fmt: skip

    def _cell(self, channel: str, number: int, bucket: int) -> tuple[int, int, int] | None:
        """Where the rate comes from: the product's own cases, all products', or nowhere."""
        if channel not in _ESTIMATED_CHANNELS:
            return None
        for product in (number, len(self.products)):
            cell = (_ESTIMATED_CHANNELS.index(channel), product, bucket)
            at = np.ravel_multi_index(cell, self.shape)
            if self.n[at] >= self.least and self.payers[at] >= 5:
                return cell
        return None

    def _estimated(self, cell: tuple[int, int, int], kind: str) -> dict[str, float]:
        at = int(np.ravel_multi_index(cell, self.shape))
        if kind == "cure_rate":
            drawn = self.rng.beta(_PRIOR + self.cured[at], _PRIOR + self.n[at] - self.cured[at], 4 * _DRAWS)
            return _ranged(np.quantile(drawn, _QUANTILES))
        rates = self.top[:, at] / np.maximum(self.bottom[:, at], 1e-9)
        low, _, high = np.quantile(rates, _QUANTILES)
        return _ranged(np.array([low, self.cash_rate[at], high]))

    def _assumed(self, channel: str, number: int, product: str, kind: str, bucket: int) -> dict[str, float]:
        """The rate of the assumptions; if the in-house rate is known, scaled to it."""
        name = self.buckets[bucket]
        known = {p.name for p in self.assumed.products}
        pick = product if product in known else "*"
        given = getattr(self.assumed.treatment(channel, pick), kind).by_bucket[name]
        cell = self._cell(IN_HOUSE, number, bucket)
        base = getattr(self.assumed.treatment(IN_HOUSE, pick), kind).by_bucket[name].value
        if channel in (IN_HOUSE, "legal") or cell is None or not base:
            return given.model_dump()
        scale = self._estimated(cell, kind)["value"] / base
        return _ranged(np.array([given.low, given.value, given.high]) * scale)


def _ranged(ends: Array) -> dict[str, float]:
    low, value, high = np.clip(ends, 0.0, 1.0)
    return {"low": float(min(low, value)), "value": float(value), "high": float(max(high, value))}


def _sources(said: str, own: list[str], pooled: list[str], buckets: tuple[str, ...]) -> str:
    """Where the buckets of a curve come from, in words."""
    rest = [bucket for bucket in buckets if bucket not in (*own, *pooled)]
    if len(rest) == len(buckets):
        return f"{ILLUSTRATIVE}: too few cases to estimate"
    parts = [f"{said}, not randomised"]
    parts += [f"{', '.join(pooled)} over all products"] if pooled else []
    parts += [f"{', '.join(rest)} {ILLUSTRATIVE}"] if rest else []
    return "; ".join(parts)
