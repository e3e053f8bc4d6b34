"""The engine: runs the flow for many draws and strategies and gives back what happened in each."""

from __future__ import annotations

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from collectkit.court import CLAIM_SLICES
from collectkit.errors import CallError, unknown_name
from collectkit.scenarios.draws import Values, book_of
from collectkit.scenarios.model import Scenario
from collectkit.scenarios.strategies import ACTIONS, Rule, Strategy
from collectkit.shapes import Array

if TYPE_CHECKING:
    from collectkit.scenarios._flow import Plan

CASH = ("cash_in_house", "cash_agency", "cash_legal")
COSTS = (
    "people_cost", "bonus_cost", "seat_cost", "fixed_team_cost", "hiring_cost", "contact_cost", "legal_cost",
    "commission", "vat_cost", "vendor_cost",
)  # fmt: skip
#: What is counted in a run, in the order of the kernel.
TOTALS = (
    *CASH, *COSTS, "net_present_value", "inflow_balance", "cured_balance", "cured_worth", "written_off_balance",
    "closing_balance",
    "collector_months", "lead_months", "hires", "worked_case_months", "case_months_over_capacity", "placed_cases",
    "placed_balance", "sued_cases", "collectors_needed", "team_months", "vendor_months", "cases",
)  # fmt: skip
_FEW = 200  # draws × strategies below which one thread is faster


class Outcome(NamedTuple):
    """What came of every draw under every strategy: `totals` is draw × strategy × TOTALS."""

    scenario: Scenario
    strategies: tuple[Strategy, ...]
    totals: Array

    def of(self, name: str) -> Array:
        """One total, draw × strategy; also cash, cost and net, and the opening balance."""
        if name == "cash":
            return self.totals[..., : len(CASH)].sum(axis=-1)
        if name == "cost":
            return self.totals[..., len(CASH) : len(CASH) + len(COSTS)].sum(axis=-1)
        if name == "net":
            return self.of("cash") - self.of("cost")
        if name == "opening_balance":
            opening = sum(sum(product.opening_balance.values()) for product in self.scenario.products)
            return np.full(self.totals.shape[:2], float(opening))
        return self.totals[..., TOTALS.index(name)]


def simulate(
    scenario: Scenario, strategies: tuple[Strategy, ...], values: Values, moves: Array | None = None
) -> Outcome:
    """Run the engine.

    Parameters
    ----------
    scenario : Scenario
    strategies : tuple of Strategy
    values : mapping of input to array
        One row per draw, from `draws.drawn` or `draws.likely`.
    moves : array, optional
        Shares moved, strategy × month × product × bucket × action, in place of the strategies' rules.

    Notes
    -----
    Amounts are forecasts: floating point, not whole cents. In every draw opening + inflow = cash + cured + written off
    + closing, to one part in 10⁹.
    """
    from collectkit.scenarios import _flow

    book, plan = book_of(scenario, values), plan_of(scenario, strategies, moves)
    draws = len(book.growth)
    totals = np.empty((draws, len(strategies), len(TOTALS)))

    def part(low: int, high: int) -> None:
        _flow.run(low, high, book, plan, _flow.room(*book.opening_cases.shape), totals)

    threads = os.cpu_count() or 1
    if threads == 1 or draws * len(strategies) < _FEW:
        part(0, draws)
    else:
        edges = np.linspace(0, draws, 2 * threads + 1).astype(int).tolist()
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(part, edges[:-1], edges[1:]))
    return Outcome(scenario, strategies, totals)


def chosen(scenario: Scenario, strategies: Iterable[str | Strategy] | None) -> tuple[Strategy, ...]:
    """Strategies by name or as they are; None: every one the scenario knows.

    Raises
    ------
    CallError
        A name is unknown, or one is there twice.
    """
    known = scenario.named_strategies
    if strategies is None:
        return tuple(known.values())
    if isinstance(strategies, str):
        raise CallError(f"`strategies` is {strategies!r}. Pass a list, e.g. [{strategies!r}].")
    found = []
    for strategy in strategies:
        if not isinstance(strategy, Strategy) and strategy not in known:
            raise unknown_name("strategy", strategy, known)
        found.append(strategy if isinstance(strategy, Strategy) else known[strategy])
    if len({strategy.name for strategy in found}) != len(found) or not found:
        raise CallError("`strategies` is empty or names one twice. Name each once.")
    return tuple(found)


def plan_of(scenario: Scenario, strategies: tuple[Strategy, ...], moves: Array | None = None) -> Plan:
    """The strategies and the tariff in the kernel's form.

    Raises
    ------
    CallError
        A rule names a product the scenario does not have or a day that begins no bucket, or the tariff prices by
        recovery.
    """
    from collectkit.scenarios._flow import AT_PAYMENT, AT_PLACEMENT, ON_PLACED, Plan

    tariff = scenario.rules.tariff(scenario.tariff)
    if tariff.recovery_bands:
        raise CallError(
            f"Tariff {tariff.name!r} pays by recovery achieved in a batch, and a flow has no batches. "
            "Take one that pays by age, and set commission_factor to what the batch is expected to cost."
        )
    readings = {
        ("collected", "payment"): AT_PAYMENT,
        ("collected", "placement"): AT_PLACEMENT,
        ("placed", "placement"): ON_PLACED,
    }
    if moves is None:
        moves = np.stack([_shares(scenario, strategy) for strategy in strategies])
    ends, rates = zip(*CLAIM_SLICES, strict=True)
    return Plan(
        share=np.ascontiguousarray(moves),
        from_cases=np.array([float(strategy.from_cases) for strategy in strategies]),
        reading=readings[tariff.basis, tariff.age_at],
        flat_fee=float(tariff.flat_fee_per_case),
        settlement=scenario.settlement_months,
        court_ends=np.array([np.inf if end is None else end for end in ends]),
        court_rates=np.array([float(rate) for rate in rates]),
        court_part=0.5 if scenario.is_simplified_suit else 1.0,
    )


def _shares(scenario: Scenario, strategy: Strategy) -> Array:
    """Shares a strategy moves: month × product × bucket × action, the same every month."""
    share = np.zeros((scenario.horizon_months, len(scenario.products), len(scenario.buckets), len(ACTIONS)))
    for rule in strategy.rules:
        if rule.from_day not in scenario.first_days:
            raise CallError(
                f"Strategy {strategy.name!r} changes hands on day {rule.from_day}; cases move by bucket here. "
                f"Take the first day of a bucket: {', '.join(map(str, scenario.first_days))}."
            )
        first, action = scenario.first_days.index(rule.from_day), ACTIONS.index(rule.action)
        last = first + 1 if rule.share < 1 else len(scenario.buckets)
        share[:, _products(scenario, strategy, rule), first:last, action] = rule.share
        if rule.share < 1:  # what is older already is split once, when the strategy begins
            share[0, _products(scenario, strategy, rule), first:, action] = rule.share
    return share


def _products(scenario: Scenario, strategy: Strategy, rule: Rule) -> list[int]:
    """Which products a rule means."""
    kinds = {"*": (True, False), "secured": (True,), "unsecured": (False,)}
    names = [product.name for product in scenario.products]
    for name in set(rule.products) - {*names, *kinds}:
        raise unknown_name(f"product for strategy {strategy.name!r}", name, {*names, *kinds})
    return [
        i for i, product in enumerate(scenario.products)
        if any(product.name == name or product.is_secured in kinds.get(name, ()) for name in rule.products)
    ]  # fmt: skip
