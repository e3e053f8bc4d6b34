"""The explorers of the notebooks show the package's answer and follow their sliders; an exercise gives a hint."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

import collectkit as ck
from collectkit import casework
from collectkit import scenarios as sc
from tests.contacts import desk

PATH = Path(__file__).parents[1] / "notebooks" / "support.py"


@pytest.fixture(scope="module")
def support():
    spec = importlib.util.spec_from_file_location("support", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_explorer_answers_as_the_package_does(support, language):
    box = support.scenario_explorer("launch", language=language, draws=60)
    scenario = sc.load_scenario("launch")
    assert box.children[1].value == f"<p>{sc.verdict(scenario, sc.compare(scenario, draws=60), language=language)}</p>"
    descriptions = [slider.description for slider in box.children[0].children]
    assert descriptions == [sc.input_label(name, language) for name in support.INPUTS]


def test_a_slider_that_moves_changes_the_answer(support):
    box = support.scenario_explorer("launch", draws=60)
    wage = box.children[0].children[0]
    wage.value = wage.max
    changed = sc.adjusted(sc.load_scenario("launch"), {"wage": wage.max})
    assert box.children[1].value == f"<p>{sc.verdict(changed, sc.compare(changed, draws=60))}</p>"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_tariff_explorer_says_what_the_package_says_on_every_step(support, language):
    box = support.tariff_explorer(language=language)
    slider, answer, _ = box.children
    for day, fees in {90: ("700.00", "1,400.00"), 91: ("1,400.00", "1,400.00"), 181: ("2,500.00", "2,500.00")}.items():
        slider.value = day
        assert tuple(re.findall(r"(?:commission|佣金) ([\d,.]+\d)", answer.value)) == fees


def answers(exercise):
    return [slip["answer"] for slip in exercise["slips"]]


def test_a_right_answer_is_right_however_it_is_typed(support):
    for answer in (1400, 1400.0, "1,400", " 1400.00 "):
        assert support.check("04-1", answer).data.startswith("**Right.**")


def test_a_slip_has_its_own_hint_and_anything_else_the_general_one(support):
    assert "121" in support.check("04-1", 2000).data
    assert support.check("04-1", 17, language="zh").data.endswith(support.EXERCISES["04-1"]["hint"]["zh"])
    assert support.check("04-1", "many").data.endswith(support.EXERCISES["04-1"]["hint"]["en"])
    assert "`...`" in support.check("04-1").data


def test_no_hint_gives_the_answer_away_and_no_slip_is_right(support):
    for exercise in support.EXERCISES.values():
        said = [text for one in [exercise["hint"], *exercise["slips"]] for text in (one["en"], one["zh"])]
        figure = re.fullmatch(r"[\d.]+", exercise["answer"])
        for shown in {exercise["answer"], f"{float(exercise['answer']):,.10g}" if figure else exercise["answer"]}:
            assert not [text for text in said if re.search(rf"(?<![\d.,]){re.escape(shown)}(?![\d.,]\d|\d)", text)]
        assert len({*answers(exercise), exercise["answer"]}) == len(exercise["slips"]) + 1


def test_the_answers_are_what_the_package_computes(support):
    tariff = ck.load_policy("cn-microloan").tariff("elapsed_months")
    cents = ck.agency_commission(pd.Series([0.5] * 3), pd.Series([30] * 3), tariff).sum()
    computed = {"04-1": ck.agency_commission(10_000, 120, tariff), "04-3": round(cents, 2)}
    for name, figure in computed.items():
        assert float(support.EXERCISES[name]["answer"]) == figure
    equal = float(support.EXERCISES["04-4"]["answer"])
    assert ck.agency_commission(equal, 100, tariff) == 10_000


# Answers to exercises: what the sentence above an exercise gives, worked out by the package.

EXERCISES = tomllib.loads((PATH.parent / "exercises.toml").read_text(encoding="utf-8"))
POLICY = ck.load_policy("plain")


def answer(exercise):
    return EXERCISES[exercise]["answer"]


def test_the_answers_of_lesson_6_are_the_packages():
    calendar = casework.case_calendar(POLICY, "2025-06-10").set_index("action")
    assert calendar.loc["demand_letter", "date"] == pd.Timestamp(answer("06-1"))
    assert calendar.loc["demand_letter", "deadline_date"] == pd.Timestamp(answer("06-2"))
    with_grace = casework.case_calendar(POLICY, "2025-06-10", grace_days=3).set_index("action")
    assert with_grace.loc["overdue_sms", "days_past_due"] == int(answer("06-3"))
    promises = pd.DataFrame({"promise_id": ["R"], "loan_id": ["L1"], "promised_date": [pd.Timestamp("2025-05-07")],
                             "due_date": [pd.Timestamp("2025-05-09")], "amount": [1000.0]})  # fmt: skip
    payments = pd.DataFrame({"payment_id": ["P1", "P2"], "loan_id": "L1", "amount": [600.0, 400.0],
                             "value_date": pd.to_datetime(["2025-05-06", "2025-05-09"])})  # fmt: skip
    book = desk(promises=promises, payments=payments)
    assert ck.casework.promise_status(book, POLICY, as_of="2025-05-10")["received"].tolist() == [float(answer("06-4"))]


def test_the_answers_of_lesson_7_are_the_packages():
    def breaches(text):
        return casework.check_contacts(desk(text), POLICY, start="2025-08-01", end="2025-08-31")["rule"].tolist()

    hour, minute = map(int, answer("07-1").split(":"))
    assert breaches(f"L1 2025-08-15 {hour}:{minute:02} call no_answer") == ["hours"]
    assert breaches(f"L1 2025-08-15 {hour - 1}:59 call no_answer") == []
    talks = "L1 2025-08-15 09:00 call; L2 2025-08-15 11:00 call; L1 2025-08-15 14:00 call considers agency=North; "
    talks += "L1 2025-08-15 16:00 call considers agency=North"
    assert len(breaches(talks)) == int(answer("07-2"))
    months = POLICY.contact_rules_for("cn", "2025-08-15").limit("records").months
    assert casework.deletion_date("2025-08-15", months=months) == pd.Timestamp(answer("07-3"))
    contacts = pd.DataFrame({"contact_id": [f"N{n}" for n in range(43)], "loan_id": "L1", "channel": "call",
                             "contacted_at": pd.Timestamp("2025-08-15 10:00"), "party": "debtor", "result": "busy",
                             "collector_id": ["K1"] * 40 + ["K2"] * 3})  # fmt: skip
    assert len(casework.audit_sample(contacts, share=0.05, seed=1)) == int(answer("07-4"))


def test_dates_and_times_are_answers_too(support):
    for right in ("2025-07-25", " 2025-07-25 ", date(2025, 7, 25), pd.Timestamp("2025-07-25")):
        assert support.check("06-1", right).data.startswith("**Right.**")
    assert "day 0" in support.check("06-1", "2025-07-24").data
    assert support.check("07-1", "22:00", language="zh").data.startswith("**正确。**")


def test_the_calendar_follows_its_controls(support):
    box = support.calendar_explorer(POLICY)
    due, grace, scheme = box.children[0].children
    before = len(box.children[1].outputs)
    due.value, grace.value, scheme.value = date(2025, 4, 27), 7, "manual-004"
    assert before == len(box.children[1].outputs)  # the last figure alone


@pytest.mark.parametrize(("at", "words"), [("12:00", "may be done now"), ("22:00", "outside the allowed hours")])
def test_the_hours_are_the_worklists(support, at, words):
    box = support.contact_explorer(desk(), POLICY, as_of="2025-03-05")
    box.children[0].children[1].value = at
    assert words in box.children[1].value
