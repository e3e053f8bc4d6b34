"""Scenarios: in-house or outsourced, and from which day.

Every input is a value or a range with unit and source (`load_scenario`, or `scenario_from` a portfolio); `compare`
shows strategies side by side with intervals. That one way is cheaper, or collects better, is a hypothesis here.
"""

from collectkit.scenarios.best_policy import BestPolicy, best_policy
from collectkit.scenarios.closed_forms import (
    break_even_commission,
    break_even_volume,
    equivalent_liquidation,
    equivalent_rate,
    net_back,
    output_factor,
    required_lift,
    sample_size,
)
from collectkit.scenarios.compare import compare, hand_over_curve, sweep
from collectkit.scenarios.estimate import scenario_from
from collectkit.scenarios.exports import (
    memo,
    scenario_workbook,
    strategy_label,
    worded_break_evens,
    worded_inputs,
)
from collectkit.scenarios.fair import FairComparison, fair_comparison
from collectkit.scenarios.formulas import break_evens, formula_of
from collectkit.scenarios.model import Scenario, list_scenarios, load_scenario, read_scenario, scenario_inputs
from collectkit.scenarios.planted import planted_bias
from collectkit.scenarios.sensitivity import sensitivity
from collectkit.scenarios.store import ScenarioStore, adjusted
from collectkit.scenarios.strategies import STRATEGIES, Rule, Strategy, hand_over
from collectkit.scenarios.verdict import input_label, leader, verdict

__all__ = [
    "STRATEGIES",
    "BestPolicy",
    "FairComparison",
    "Rule",
    "Scenario",
    "ScenarioStore",
    "Strategy",
    "adjusted",
    "best_policy",
    "break_even_commission",
    "break_even_volume",
    "break_evens",
    "compare",
    "equivalent_liquidation",
    "equivalent_rate",
    "fair_comparison",
    "formula_of",
    "hand_over",
    "hand_over_curve",
    "input_label",
    "leader",
    "list_scenarios",
    "load_scenario",
    "memo",
    "net_back",
    "output_factor",
    "planted_bias",
    "read_scenario",
    "required_lift",
    "sample_size",
    "scenario_from",
    "scenario_inputs",
    "scenario_workbook",
    "sensitivity",
    "strategy_label",
    "sweep",
    "verdict",
    "worded_break_evens",
    "worded_inputs",
]
