"""Views of the lists and their figures, counted again by hand."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
import pytest

import collectkit as ck
from collectkit import casework, charts
from tests.contacts import desk
from tests.five_loans import one_loan, plain

LISTED = casework.worklist(ck.load_sample("demo"), ck.load_policy(), as_of="2025-06-30")


def test_narrowing_by_values_and_by_nothing():
    some = casework.narrowed(LISTED, action=["review"], agency=["", "Anxin"], bucket=[])
    assert set(some["action"]) == {"review"}
    assert set(some["agency"].astype("object").where(some["agency"].notna(), "")) <= {"", "Anxin"}
    assert len(casework.narrowed(LISTED)) == len(LISTED)
    with pytest.raises(ck.CallError, match="action"):
        casework.narrowed(LISTED, colour=["red"])


def test_totals_of_a_list():
    rows = [row for _, row in LISTED.iterrows()]
    figures = casework.worklist_totals(LISTED)
    assert figures["cases"] == len({row["loan_id"] for row in rows})
    assert figures["waiting"] == sum(bool(row["is_blocked"]) for row in rows)
    assert figures["beyond_capacity"] == sum(not row["is_blocked"] and not row["is_in_capacity"] for row in rows)
    by_collector = casework.collector_totals(LISTED)
    for name in ("actions", "waiting", "beyond_capacity"):
        assert by_collector[name].sum() == figures[name]


def test_promises_due_in_the_next_days():
    made = pd.DataFrame({
        "promise_id": list("ABCD"), "loan_id": list("1234"), "promise_status": ["open", "open", "kept", "open"],
        "last_date": pd.to_datetime(["2025-07-07", "2025-07-01", "2025-07-01", "2025-07-08"])})  # fmt: skip
    assert casework.promises_due(made, as_of="2025-06-30")["promise_id"].tolist() == ["B", "A"]
    with pytest.raises(ck.CallError, match="days"):
        casework.promises_due(made, as_of="2025-06-30", days=-1)


TEXT = "L1 2025-06-10 23:00 call; L1 2025-06-11 23:00 call; L1 2025-07-01 23:00 call considers"


def test_breaches_by_month():
    found = casework.check_contacts(desk(TEXT), plain(), start="2025-06-01", end="2025-07-31")
    table = casework.breaches_by_month(found)
    assert list(zip(table["month"].dt.month, table["rule"], table["breaches"], strict=True)) == [
        (6, "hours", 2), (7, "hours", 1),
    ]  # fmt: skip
    none = casework.breaches_by_month(found.head(0))
    assert list(none.columns) == ["month", "rule", "breaches"]
    assert len(none) == 0


CALENDAR = casework.case_calendar(ck.load_policy(), "2025-03-01")
PLAN = casework.propose_plan(one_loan("2025-03-01 1000"), plain(), "L1", as_of="2025-03-31", months=3)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_figures_are_what_plotly_takes(language, theme):
    breaches = casework.check_contacts(desk(TEXT), plain(), start="2025-06-01", end="2025-07-31")
    made = [charts.plan_effect(PLAN.effect, language=language, theme=theme),
            charts.breach_bars(casework.breaches_by_month(breaches), language=language, theme=theme),
            charts.case_calendar(CALENDAR, language=language, theme=theme)]  # fmt: skip
    for figure in made:
        checked = go.Figure(figure.to_dict())
        assert all(checked.layout[axis].title.text for axis in ("xaxis", "yaxis"))


def test_the_lines_of_a_plan_are_its_effect():
    figure = charts.plan_effect(PLAN.effect).to_dict()
    kept = PLAN.effect[PLAN.effect["case"] == "plan_kept"]
    lines = {(trace["name"], trace["yaxis"]): trace["y"] for trace in figure["data"]}
    assert lines["Plan kept", "y"] == kept["days_past_due"].tolist()
    assert lines["Plan kept", "y2"] == kept["total_due"].tolist()
    assert len(lines) == 8


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_step_of_a_calendar_is_one_sign(language):
    figure = charts.case_calendar(CALENDAR, language=language).to_dict()
    drawn = {(x, y, said.split(" ")[0]) for trace in figure["data"]
             for x, y, said in zip(trace["x"], trace["y"], trace["customdata"], strict=True)}  # fmt: skip
    shown = casework.worded(CALENDAR, language=language)
    assert drawn == {(row.days_past_due, row.action, f"{row.date:%Y-%m-%d}") for row in shown.itertuples()}
    letter = next(trace for trace in figure["data"] if "45" in map(str, trace["x"]) and len(trace["x"]) == 2)
    assert letter["customdata"][0].split(" · ")[1].endswith("2025-04-30")
    assert letter["marker"]["symbol"] == ["diamond", "diamond"]


def test_every_rule_and_case_has_a_name_in_both_languages():
    from collectkit.casework.names import VALUES

    policy = ck.load_policy()
    assert {limit.rule for table in policy.contact_rules for limit in table.limits} <= set(VALUES["rule"])
    assert {step.action for table in policy.cadence for step in table.steps} | {"review"} == set(VALUES["action"])
    assert set(PLAN.effect["case"]) == set(VALUES["case"])
    assert all(set(words) == {"en", "zh"} for values in VALUES.values() for words in values.values())


def test_values_in_words_and_missing_ones_stay_missing():
    shown = casework.worded(LISTED, language="zh")
    assert set(shown["channel"].dropna()) <= {"短信", "电话", "即时消息", "信函", "上门"}
    assert shown["channel"].isna().equals(LISTED["channel"].isna())
    assert shown["loan_id"].equals(LISTED["loan_id"])
    assert set(shown["is_blocked"]) == {"是", "否"}
    assert shown["agency"].isna().equals(LISTED["agency"].isna())
