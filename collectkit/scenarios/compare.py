"""Strategies side by side, the hand-over day, and two inputs at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from collectkit.errors import CallError, unknown_name
from collectkit.scenarios.draws import Values, commission_by_bucket, drawn, likely, ranges, within
from collectkit.scenarios.engine import CASH, COSTS, Outcome, chosen, simulate
from collectkit.scenarios.inputs import Curve
from collectkit.scenarios.model import Scenario
from collectkit.scenarios.strategies import STRATEGIES, Strategy, hand_over
from collectkit.shapes import Array

_SUMS = ("inflow_balance", "cured_balance", "cured_worth", "written_off_balance", "closing_balance", "placed_cases",
         "sued_cases", "collector_months", "collectors_needed", "case_months_over_capacity")  # fmt: skip


def compare(
    scenario: Scenario,
    strategies: Iterable[str | Strategy] | None = None,
    *,
    base: str = "all_in_house",
    draws: int = 2000,
    seed: int = 0,
) -> pd.DataFrame:
    """Strategies side by side over the scenario's months, with 90% intervals.

    Parameters
    ----------
    scenario : Scenario
    strategies : list of names or Strategy, optional
        Default: every one the scenario knows.
    base : str
        The strategy the others are compared with; it is added if it is not among them.
    draws : int [count]
    seed : int
        The same seed draws the same luck, for every strategy and every scenario.

    Returns
    -------
    DataFrame
        One row per strategy, means over the draws: cash and cost with their kinds; net = cash − cost;
        net_present_value;
        difference of net present values to the base [currency], each with _low and _high (5% and 95% of the draws);
        chance_better than the base and chance_best of all [fraction]; cost_to_collect = cost ÷ cash;
        net_back_per_100 = net ÷ (opening + inflow) × 100; cases placed and sued; collectors_needed in the busiest month
        if all were worked in full; collector_months employed; case_months_over_capacity; balances cured, written off
        and closing [currency].

    Raises
    ------
    CallError
        A strategy is unknown, changes hands inside a bucket, or is named twice.

    Notes
    -----
    Net present value: Σ (cash + worth of what was cured − cost) ÷ (1 + r)^(t/12), each month at its end, commission
    `settlement_months` later. A cured balance counts at `cured_value`: it goes on paying as agreed, and if it did not
    count, a channel that cures less would look better, because it has more left to collect. What is left at the end is
    shown and not valued. That one way is cheaper is a hypothesis: an input typed in decides nothing by itself, and
    rates estimated from a book carry the selection of who was handed over.

    Examples
    --------
    >>> from collectkit.scenarios import load_scenario
    >>> table = compare(load_scenario("launch"), ["all_outsourced"], draws=50)
    >>> table.index.tolist()
    ['all_in_house', 'all_outsourced']
    """
    picked = chosen(scenario, strategies)
    if base not in [strategy.name for strategy in picked]:
        picked = (*chosen(scenario, [base]), *picked)
    return compared(simulate(scenario, picked, drawn(scenario, draws, seed)), base)


def compared(outcome: Outcome, base: str) -> pd.DataFrame:
    """The table of `compare`, from an outcome."""
    names = [strategy.name for strategy in outcome.strategies]
    value, cash, cost = outcome.of("net_present_value"), outcome.of("cash"), outcome.of("cost")
    difference = value - value[:, [names.index(base)]]
    columns: dict[str, Array] = {"cash": cash.mean(axis=0), "cost": cost.mean(axis=0)}
    columns |= {name: outcome.of(name).mean(axis=0) for name in (*CASH, *COSTS)}
    for name, figures in (("net", cash - cost), ("net_present_value", value), ("difference", difference)):
        columns |= with_interval(name, figures)
    stake = outcome.of("opening_balance") + outcome.of("inflow_balance")
    with np.errstate(divide="ignore", invalid="ignore"):
        columns |= {
            "chance_better": (difference > 0).mean(axis=0),
            "chance_best": _chance_best(value),
            "cost_to_collect": cost.mean(axis=0) / cash.mean(axis=0),
            "net_back_per_100": 100 * (cash - cost).mean(axis=0) / stake.mean(axis=0),
        }
    columns |= {name: outcome.of(name).mean(axis=0) for name in _SUMS}
    table = pd.DataFrame(columns, index=pd.Index(names, name="strategy"))
    table.loc[base, "chance_better"] = np.nan
    return table


def with_interval(name: str, figures: Array) -> dict[str, Array]:
    """Mean, 5% and 95% of the draws."""
    low, high = np.quantile(figures, [0.05, 0.95], axis=0)
    return {name: figures.mean(axis=0), f"{name}_low": low, f"{name}_high": high}


def _chance_best(value: Array) -> Array:
    """Share of draws in which a strategy is best; ties share it."""
    is_best = value >= value.max(axis=1, keepdims=True) - 1e-6
    return (is_best / is_best.sum(axis=1, keepdims=True)).mean(axis=0)


def hand_over_curve(
    scenario: Scenario, *, products: Sequence[str] | None = None, draws: int = 1000, seed: int = 0
) -> pd.DataFrame:
    """What the book is worth if cases go to an agency from each day on, for all products together and for each.

    Parameters
    ----------
    scenario : Scenario
    products : sequence of str, optional
        Which to show, ``*`` for all together; default: that, and each.
    draws : int [count]
    seed : int

    Returns
    -------
    DataFrame
        One row per product (``*``: all together; for one product the others stay in-house) and day: product, from_day
        [days] (first days of buckets; missing: never handed over), net_present_value with interval, behind_best (the
        best day's value less this one's) with interval [currency], chance_best [fraction], is_best, is_as_good (the 90%
        interval of behind_best holds 0: the draws cannot tell the two days apart), commission_rate [fraction] (likely,
        in the bucket that begins that day) and commission_step (its jump from the bucket before).

    Notes
    -----
    What agencies collect on cases handed over at a given age is an input; where no cases were ever placed at that age
    it is an assumption. No published solution of the best hand-over age under an age-stepped tariff was found: this is
    house work.

    Examples
    --------
    >>> from collectkit.scenarios import load_scenario
    >>> curve = hand_over_curve(load_scenario("launch"), draws=50)
    >>> int(curve["is_best"].sum())
    1
    """
    days: list[int | None] = [*scenario.first_days, None]
    names = [product.name for product in scenario.products]
    groups = list(products) if products else ["*", *(names if len(names) > 1 else [])]
    plans = [_renamed(hand_over(day, products=(group,)), f"{group}:{day}") for group in groups for day in days]
    value = simulate(scenario, tuple(plans), drawn(scenario, draws, seed)).of("net_present_value")
    factor = scenario.inputs["commission_factor"].value
    rates = np.append(commission_by_bucket(scenario) * factor, np.nan)
    parts = []
    for group, figures in zip(groups, np.split(value, len(groups), axis=1), strict=True):
        best = int(figures.mean(axis=0).argmax())
        columns = with_interval("net_present_value", figures) | with_interval(
            "behind_best", figures[:, [best]] - figures
        )
        parts.append(pd.DataFrame({
            "product": group, "from_day": pd.array(days, dtype="Int64"), **columns,
            "chance_best": _chance_best(figures), "is_best": np.arange(len(days)) == best,
            "is_as_good": columns["behind_best_low"] <= 0, "commission_rate": rates,
            "commission_step": np.diff(rates, prepend=np.nan),
        }))  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def _renamed(strategy: Strategy, name: str) -> Strategy:
    return strategy.model_copy(update={"name": name})


def sweep(
    scenario: Scenario,
    x: str,
    y: str,
    *,
    strategy: str | Strategy = "hand_over_91",
    base: str | Strategy = "all_in_house",
    x_values: Sequence[float] | None = None,
    y_values: Sequence[float] | None = None,
) -> pd.DataFrame:
    """Net present value over two inputs at once, the others at their likely values.

    Parameters
    ----------
    scenario : Scenario
    x, y : str
        Inputs, as in `scenario_inputs`; for a curve the values are multiples of its likely ones.
    strategy, base : str or Strategy
    x_values, y_values : sequence of float, optional
        Default: nine from low to high; from half to one and a half of an input without a range.

    Returns
    -------
    DataFrame
        One row per pair: x_value, y_value, net_present_value of the strategy, difference to the base [currency].

    Raises
    ------
    CallError
        An input is unknown, or the same twice.

    Examples
    --------
    >>> from collectkit.scenarios import load_scenario
    >>> len(sweep(load_scenario("launch"), "wage", "agency.*.cash_rate"))
    81
    """
    known = ranges(scenario)
    for name in (x, y):
        if name not in known:
            raise unknown_name("input", name, known)
    if x == y:
        raise CallError(f"`x` and `y` are both {x!r}. Take two inputs.")
    axes = [
        np.asarray(given if given is not None else default_values(known[name]), dtype=float)
        for name, given in ((x, x_values), (y, y_values))
    ]
    xs, ys = (grid.ravel() for grid in np.meshgrid(*axes, indexing="ij"))
    values = likely(scenario, len(xs))
    values[x], values[y] = placed_at(scenario, x, xs), placed_at(scenario, y, ys)
    value = simulate(scenario, chosen(scenario, [strategy, base]), values).of("net_present_value")
    return pd.DataFrame(
        {"x_value": xs, "y_value": ys, "net_present_value": value[:, 0], "difference": value[:, 0] - value[:, 1]}
    )


def default_values(given: Any, count: int = 9) -> Array:
    """Values from low to high of an input; for a curve, multiples of its likely ones."""
    low, value, high = (1.0, 1.0, 1.0) if isinstance(given, Curve) else (given.low, given.value, given.high)
    if low == high:
        low, high = value * 0.5, value * 1.5 or 1.0
    return np.linspace(low, high, count)


def placed_at(scenario: Scenario, name: str, at: Array) -> Array:
    """Values of an input for variants: the numbers themselves, or a curve times them, within the input's limits."""
    given = ranges(scenario)[name]
    if not isinstance(given, Curve):
        return within(name, at)
    curve = np.array([part.value for part in given.by_bucket.values()])
    return within(name, np.outer(at, curve))


def variants(scenario: Scenario, changes: Sequence[tuple[str, Any]]) -> Values:
    """Likely values, one row per change: an input and what it is in that row."""
    values = {name: column.copy() for name, column in likely(scenario, len(changes)).items()}
    for row, (name, given) in enumerate(changes):
        values[name][row] = given
    return values


DEFAULT_PAIR = (STRATEGIES["hand_over_91"].name, STRATEGIES["all_in_house"].name)
