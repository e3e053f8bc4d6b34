"""Scenario files: every number with a unit and a source, strict, and the same after writing and reading."""

from __future__ import annotations

import pytest

import collectkit as ck
from collectkit import scenarios as sc
from collectkit.scenarios.inputs import KINDS, SCALARS


@pytest.mark.parametrize("name", sc.list_scenarios())
def test_a_shipped_scenario_is_complete_and_says_what_is_illustrative(name):
    scenario = sc.load_scenario(name)
    rows = sc.scenario_inputs(scenario)
    assert scenario.name == name
    assert set(SCALARS) <= set(rows["input"])
    assert (rows["source"].str.len() > 0).all()
    assert (rows["unit"] == [KINDS[kind].unit for kind in rows["kind"]]).all()
    assert set(rows["basis"]) <= {"assumption", "sourced"}
    assert (rows["basis"] == "assumption").mean() > 0.9  # no trustworthy figures are public; see the sources


@pytest.mark.parametrize("name", sc.list_scenarios())
def test_a_scenario_is_the_same_after_writing_and_reading(name, tmp_path):
    scenario = sc.load_scenario(name)
    path = tmp_path / "mine.toml"
    path.write_text(scenario.to_toml(), encoding="utf-8")
    assert sc.load_scenario(path) == scenario


def test_an_own_strategy_is_kept_in_the_file():
    rules = [{"products": ["secured"], "from_day": 61, "action": "sue"}]
    own = {"name": "mine", "label": "Mine", "label_zh": "我的", "rules": rules}
    scenario = sc.load_scenario("launch").replacing(strategies=[own])
    again = sc.read_scenario(scenario.to_toml())
    assert again.named_strategies["mine"].rules[0].from_day == 61
    assert "mine" in sc.compare(again, draws=2).index


def test_a_what_if_changes_one_input_and_says_so():
    scenario = sc.load_scenario("launch")
    other = scenario.replacing(wage=[6000, 7000, 8000], horizon_months=12)
    assert (other.inputs["wage"].low, other.inputs["wage"].high) == (6000, 8000)
    assert other.inputs["wage"].source == "what-if"
    assert other.horizon_months == 12
    assert scenario.inputs["wage"].value == 6500


def changed(old, new):
    text = sc.load_scenario("launch").to_toml()
    assert old in text
    return text.replace(old, new, 1)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('unit = "currency/month"', 'unit = "yuan"', "currency/month"),
        ("horizon_months = 24", "horizon_months = 0", "horizon_months"),
        ("M1 = 30.0", "M9 = 30.0", "M1"),
        ("low = 5000.0", "low = 9000.0", "ascend"),
        ("[inputs.wage]", "[inputs.wages]", "wage"),
        ('channel = "agency"', 'channel = "friend"', "channel"),
        ('channel = "light"', 'channel = "agency"', "light"),
        ("horizon_months = 24", "horizon_months = 24\nhorizon = 3", "horizon"),
        ("horizon_months = 24", "horizon_months = ", "TOML"),
    ],
)
def test_a_file_that_breaks_a_rule_is_refused_with_the_place(old, new, says):
    with pytest.raises(ck.PolicyError, match=says):
        sc.read_scenario(changed(old, new))


@pytest.mark.parametrize("name", ["no-such", "no/such.toml"])
def test_a_scenario_that_is_not_there_is_named(name):
    with pytest.raises(ck.CallError, match="no scenario"):
        sc.load_scenario(name)
