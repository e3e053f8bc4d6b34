"""Comparisons: intervals, hand-over days, flips and the best policy."""

from __future__ import annotations

from itertools import product as every

import numpy as np
import pytest

import collectkit as ck
from collectkit import scenarios as sc
from collectkit.scenarios.best_policy import case_programme
from collectkit.scenarios.compare import placed_at
from collectkit.scenarios.draws import book_of, likely
from collectkit.scenarios.engine import chosen, simulate
from tests.scenario_books import product, small
from tests.test_scenarios_flow import situation


def test_the_base_is_added_and_differs_from_itself_by_nothing():
    table = sc.compare(sc.load_scenario("launch"), ["all_outsourced"], draws=40)
    assert table.index.tolist() == ["all_in_house", "all_outsourced"]
    assert table.loc["all_in_house", ["difference", "difference_low", "difference_high"]].tolist() == [0, 0, 0]
    assert np.isnan(table.loc["all_in_house", "chance_better"])


def test_without_ranges_the_interval_is_a_point():
    table = sc.compare(sc.load_scenario("launch").certain(), draws=20)
    assert np.allclose(table["net_low"], table["net_high"])
    assert set(table["chance_better"].dropna()) <= {0.0, 1.0}


def test_the_interval_holds_nine_of_ten_draws_and_chances_add_up():
    scenario = sc.load_scenario("mature-mixed")
    table = sc.compare(scenario, draws=400)
    assert table["chance_best"].sum() == pytest.approx(1)
    assert (table["net_low"] < table["net"]).all()
    assert (table["net"] < table["net_high"]).all()


def test_every_hand_over_day_is_its_strategy():
    scenario = sc.load_scenario("growing-consumer")
    curve = sc.hand_over_curve(scenario, draws=100).set_index("from_day", drop=False)
    table = sc.compare(scenario, ["all_outsourced", "hand_over_91"], draws=100)
    assert curve["net_present_value"].iloc[-1] == pytest.approx(table.loc["all_in_house", "net_present_value"])
    assert curve.loc[91, "net_present_value"] == pytest.approx(table.loc["hand_over_91", "net_present_value"])
    assert curve.loc[1, "net_present_value"] == pytest.approx(table.loc["all_outsourced", "net_present_value"])


def test_the_curve_shows_where_commission_steps_and_how_flat_the_top_is():
    curve = sc.hand_over_curve(sc.load_scenario("mature-mixed"), draws=100)
    assert curve["product"].unique().tolist() == ["*", "consumer_instalment", "vehicle_pledge", "property_mortgage"]
    one = curve[curve["product"] == "*"]
    assert one["from_day"].tolist()[:-1] == [1, 31, 61, 91, 121, 151, 181]
    steps = one["commission_step"].fillna(0).round(9).tolist()
    assert steps == [0, 0, 0, 0.07, 0.06, 0, 0.05, 0]  # crossing 90, 120, 180 raises the fee by 7, 6, 5 points
    assert one["is_best"].sum() == 1
    assert (one.loc[one["is_best"], "is_as_good"]).all()
    assert (one["behind_best"] >= 0).all()


def test_sensitivity_runs_each_input_alone():
    scenario = sc.load_scenario("launch")
    table = sc.sensitivity(scenario, strategy="all_outsourced").set_index("input")
    for name, end in (("wage", "high"), ("vendor_management", "low")):
        changed = scenario.certain().replacing(**{name: float(table.loc[name, end])})
        expected = sc.compare(changed, ["all_outsourced"], draws=1).loc["all_outsourced", "difference"]
        assert table.loc[name, f"difference_{end}"] == pytest.approx(expected)


def test_at_the_flip_value_the_better_strategy_changes():
    scenario = sc.load_scenario("launch")
    pair = chosen(scenario, ["hand_over_91", "all_in_house"])
    table = sc.sensitivity(scenario).set_index("input")
    assert table["flip_value"].notna().sum() > 5
    now = table["difference_low"].iloc[0] * 0 + _difference(scenario, pair, "wage", scenario.inputs["wage"].value)
    for name in ("vendor_management", "minutes_per_case", "agency.*.cash_rate"):
        flip, known = table.loc[name, "flip_value"], table.loc[name, "likely"]
        beyond, before = known + (flip - known) * 1.01, known + (flip - known) * 0.99
        assert np.sign(_difference(scenario, pair, name, beyond)) != np.sign(now)
        assert np.sign(_difference(scenario, pair, name, before)) == np.sign(now)


def _difference(scenario, pair, name, at):
    values = likely(scenario)
    values[name] = placed_at(scenario, name, np.array([at]))
    value = simulate(scenario, pair, values).of("net_present_value")[0]
    return value[0] - value[1]


def test_a_sweep_is_a_grid_of_single_runs():
    scenario = sc.load_scenario("launch")
    grid = sc.sweep(scenario, "wage", "commission_factor", x_values=[5000, 8000], y_values=[0.5, 1.0, 2.0])
    assert grid[["x_value", "y_value"]].to_numpy().tolist() == [list(pair) for pair in every([5000, 8000], [0.5, 1, 2])]
    changed = scenario.certain().replacing(wage=8000, commission_factor=0.5)
    expected = sc.compare(changed, ["hand_over_91"], draws=1).loc["hand_over_91"]
    assert grid.loc[3, "difference"] == pytest.approx(expected["difference"])
    assert grid.loc[3, "net_present_value"] == pytest.approx(expected["net_present_value"])


@pytest.mark.parametrize(("x", "y"), [("wages", "wage"), ("wage", "wage")])
def test_a_sweep_over_nothing_known_is_refused(x, y):
    with pytest.raises(ck.CallError):
        sc.sweep(sc.load_scenario("launch"), x, y)


@pytest.mark.parametrize("name", sc.list_scenarios())
def test_the_best_policy_is_never_worse_than_the_best_fixed_day(name):
    scenario = sc.load_scenario(name)
    best = sc.best_policy(scenario)
    assert best.value >= best.fixed_day_value
    curve = sc.hand_over_curve(scenario.certain(), draws=1)
    assert best.fixed_day_value == pytest.approx(curve.loc[curve["product"] == "*", "net_present_value"].max())


@pytest.mark.parametrize("seed", range(200, 215))
def test_the_best_policy_is_never_worse_in_any_situation(seed):
    best = sc.best_policy(situation(seed)[0])
    assert best.value >= best.fixed_day_value


def priced(**changes):
    """One cohort that rolls every month, all costs in proportion to cases, so that one case stands for all."""
    inputs = {"sms_per_case": 1, "sms_cost": 60, "placement_cost": 5, "cured_value": 0.5, "write_off_rate": 0.1}
    rates = {"in_house": (0.05, 0.10), "agency": (0.07, 0.05), "legal": (0.09, 0.02)}
    return small(
        products=[product("p", cases=(100,))], roll=1.0, inputs=inputs | changes, rates=rates, horizon_months=5
    )


@pytest.mark.parametrize("sms_cost", [0, 20, 60, 300])
def test_with_proportional_costs_the_value_of_a_case_is_the_value_of_the_book(sms_cost):
    scenario = priced(sms_cost=sms_cost)
    best, values = sc.best_policy(scenario), likely(scenario)
    programme = case_programme(scenario, book_of(scenario, values))
    assert best.value == pytest.approx(100 * programme.worth[0, 0, 0])


@pytest.mark.parametrize("sms_cost", [0, 20, 60, 300])
def test_the_programme_finds_the_best_of_every_plan(sms_cost):
    """Every sequence of keep and one final action, worked out one by one."""
    scenario = priced(sms_cost=sms_cost)
    programme = case_programme(scenario, book_of(scenario, likely(scenario)))
    fees = [0.07, 0.07, 0.07, 0.14, 0.20]

    def plan(kept, action):
        value, balance, cases = 0.0, 1000.0, 1.0
        for month in range(5):
            if month == kept:
                value -= cases * {"place": 5, "sue": 25, "write_off": 0}[action]
            if month >= kept and action == "write_off":
                break
            away = month >= kept
            cash, cure = {"place": (0.07, 0.05), "sue": (0.09, 0.02)}[action] if away else (0.05, 0.10)
            fee = fees[month] if away and action == "place" else 0
            value += balance * cash * (1 - fee) + balance * (1 - cash) * cure * 0.5 - (0 if away else cases * sms_cost)
            balance, cases = balance * (1 - cash) * (1 - cure), cases * (1 - cure)
        return value

    plans = {(kept, action): plan(kept, action) for kept in range(6) for action in ("place", "sue", "write_off")}
    assert programme.worth[0, 0, 0] == pytest.approx(max(plans.values()))


def test_a_hopeless_case_is_written_off_and_a_rich_one_kept():
    rates = {"in_house": (0.01, 0), "agency": (0, 0), "legal": (0, 0)}
    hopeless = small(inputs={"sms_per_case": 1, "sms_cost": 500}, rates=rates)
    assert set(sc.best_policy(hopeless).actions["action"]) <= {"write_off", "place"}
    rich = sc.best_policy(small(rates=rates)).actions
    assert set(rich["action"]) == {"keep"}
