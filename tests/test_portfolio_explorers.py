"""The explorers of the lessons about a whole portfolio show the package's figures and follow their controls."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pandas as pd
import pytest

import collectkit as ck
from collectkit import tracking

PATH = Path(__file__).parents[1] / "notebooks" / "portfolio_explorers.py"
BUCKETS = ["current", "30-59", "60-89", "90-119", "120+"]
BALANCES = pd.Series([987.4, 30.2, 11.8, 8.2, 5.9], pd.Index(BUCKETS, name="bucket"))
ROLLS = pd.Series([0.0340, 0.4257, 0.6712, 0.7212], BUCKETS[:-1])


@pytest.fixture(scope="module")
def explorers():
    spec = importlib.util.spec_from_file_location("portfolio_explorers", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("language", "word"), [("en", "Roll rate of 30-59"), ("zh", "30-59 的滚动率")])
def test_the_loss_explorer_begins_at_the_handbooks_loss_and_follows_its_sliders(explorers, language, word):
    box = explorers.loss_explorer(BALANCES, ROLLS, move="30-59", language=language)
    roll, recovery = box.children[0].children
    answer = box.children[1]
    assert roll.description == word
    assert "<b>30.7</b>" in answer.value  # 30.66; the handbook adds rounded losses: 30.6
    recovery.value = 1.0
    assert "<b>0.0</b>" in answer.value
    recovery.value, roll.value = 0.0, 0.0
    # nothing reaches 60-89 any more: what stands beyond it is lost as before, 5.71 + 5.91 + 5.9
    assert "<b>17.5</b>" in answer.value


def test_the_vintage_explorer_draws_what_is_chosen(explorers, monkeypatch):
    drawn = []
    monkeypatch.setattr(explorers.charts, "vintage_curves", lambda table, **look: drawn.append((table, look)))
    cube = tracking.demo_cube()
    box = explorers.vintage_explorer(cube, language="zh")
    days, measure, weight = box.children[0].children
    days.value, measure.value, weight.value = 90, "current", "balance"
    table, look = drawn[-1]
    assert table.equals(tracking.vintages(cube, days=90, measure="current", weight="balance"))
    assert look == {"language": "zh"}
    assert len(drawn) == 4


def test_the_answers_of_lessons_2_and_3_are_what_the_package_computes():
    import tomllib

    known = tomllib.loads((PATH.parent / "exercises.toml").read_text(encoding="utf-8"))
    loss = tracking.loss_forecast(
        pd.Series([200_000.0, 0.0, 0.0], ["low", "high", "off"]), pd.Series([0.25, 0.5], ["low", "high"]), recovery=0.2
    )
    assert float(known["02-4"]["answer"]) == loss.loc["low", "expected_loss"]
    # 02-1: 50 loans in M2, as the lesson tells of them
    after = [2] * 20 + [3] * 10 + [0] * 20
    status = ["overdue"] * 30 + ["current"] * 15 + ["paid_off"] * 5
    rows = pd.DataFrame({"loan_id": [f"L{n}" for n in range(50)] * 2, "months_past_due": [2] * 50 + after})
    rows = rows.assign(as_of=["2025-05-31"] * 50 + ["2025-06-30"] * 50, status=["overdue"] * 50 + status)
    rolls = tracking.roll_rates(tracking.cube(*tracking.read_status_panel(rows)))
    assert 100 * rolls.loc["M2", "rolled_forward"] == pytest.approx(float(known["02-1"]["answer"]))
    developed = ck.development.developed(pd.DataFrame({6: [6.0, 8.0], 12: [9.0, None]}))
    assert developed.loc[1, 12] == pytest.approx(float(known["03-4"]["answer"]))


def test_the_answers_of_lessons_0_and_8_are_what_the_package_computes():
    import tomllib

    known = tomllib.loads((PATH.parent / "exercises.toml").read_text(encoding="utf-8"))
    assert ck.days_past_due("2025-03-01", "2025-03-02") == int(known["00-1"]["answer"])
    # 08-1: 1,500 not overdue in May, 36 of them are in June; 6 overdue ones are new in June
    may = pd.DataFrame({"loan_id": [f"L{n}" for n in range(1500)], "months_past_due": 0, "as_of": "2025-05-31"})
    new = pd.DataFrame({"loan_id": [f"N{n}" for n in range(6)], "months_past_due": 1})
    june = pd.concat([may.assign(months_past_due=[1] * 36 + [0] * 1464), new]).assign(as_of="2025-06-30")
    lines = tracking.headlines(tracking.cube(*tracking.read_status_panel(pd.concat([may, june], ignore_index=True))))
    assert 100 * lines["entry_rate"].iloc[-1] == pytest.approx(float(known["08-1"]["answer"]))
    # 08-2: balances in millions by months late, 75 of them not overdue
    balances = pd.DataFrame(
        {"loan_id": list("ABCDE"), "as_of": "2025-06-30", "months_past_due": [0, 1, 2, 3, 5],
         "principal_balance": [75.0, 1.0, 0.6, 0.4, 3.0]}
    )  # fmt: skip
    risk = tracking.portfolio_at_risk(tracking.cube(*tracking.read_status_panel(balances)))
    assert 100 * risk["par30"].item() == pytest.approx(float(known["08-2"]["answer"]))
    assert float(known["08-3"]["answer"]) == 100 * 150_000 / (800_000 + 200_000)  # worked example of the manuals
    # 08-4: the parts add up to the change, here of two made steps
    change = tracking.compare_periods(*_two_steps())
    parts = change[["mix", "roll", "inflow"]].sum()
    assert parts.sum() == pytest.approx(change.attrs["change"])
    assert float(known["08-4"]["answer"]) == pytest.approx(7.6 - 7.0 - 0.2 - 0.1)


def _two_steps():
    cube = tracking.demo_cube()
    return [cube.where(as_of=cube.dates[at]) for at in (-2, -1)]
