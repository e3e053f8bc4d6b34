"""The page *Scenarios* without a browser: the package's figures, what-ifs in the address, files, and its speed."""

from __future__ import annotations

import time

import panel_material_ui as pmui
import pytest

from collectkit import scenarios as sc
from dashboards import cards, planned, shared
from dashboards.pages import scenarios_answer
from tests.shown import QUIET, opened, rows, texts

pytestmark = QUIET
HOSTILE = "<img src=x onerror=alert(1)>"


def button(view, text):
    return next(one for one in view.content.select(pmui.Button) if one.label == text)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", sc.list_scenarios())
def test_the_page_shows_the_packages_figures(name, language):
    view = opened("scenarios", scenario=name, lang=language)
    scenario = sc.load_scenario(name)
    expected = sc.compare(scenario, draws=planned.DRAWS)
    shown = rows(view, {"en": "Figures", "zh": "数值"}[language])
    assert shown["net"].tolist() == pytest.approx(expected["net"].tolist())
    assert shown["strategy"].tolist() == [sc.strategy_label(scenario, one, language) for one in expected.index]
    moved = sc.sensitivity(scenario, strategy=sc.leader(expected))
    assert sc.verdict(scenario, expected, moved, language=language) in texts(view.content)


def test_a_change_in_the_address_is_a_what_if():
    view = opened("scenarios", scenario="launch", changed="wage:9000")
    expected = sc.compare(sc.adjusted(sc.load_scenario("launch"), {"wage": 9000}), draws=planned.DRAWS)
    assert rows(view, "Figures")["cost"].tolist() == pytest.approx(expected["cost"].tolist())
    assert "changed=wage%3A9000" in view.session.search()


def test_a_slider_writes_its_change_and_takes_it_back():
    view = opened("scenarios", scenario="launch")
    slider = next(one for one in view.content.select(pmui.FloatSlider) if one.tags[0] == "discount_rate")
    slider.value_throttled = 0.1
    assert view.session.changed == (("discount_rate", 0.1),)
    slider.value_throttled = 0.08
    assert view.session.changed == ()


def test_what_the_address_gets_wrong_is_told_or_left_out():
    view = opened("scenarios", scenario=HOSTILE, changed=["wage:never", HOSTILE])
    assert HOSTILE not in texts(view.content)
    assert [name for name, _ in view.session.problems] == ["changed"]
    assert planned.case(view.session).name == planned.DEFAULT
    assert planned.case(opened("scenarios", changed="no_such_input:1").session).changes == ()


def test_the_readers_own_book_is_a_scenario():
    view = opened("scenarios", scenario=planned.OWN)
    case = planned.case(view.session)
    assert case.name == planned.OWN
    book, rules = shared.portfolio("demo"), shared.policy("cn-microloan")
    assert planned.scenario(case) == sc.scenario_from(book, rules, as_of="2025-12-31")
    basis = rows(view, "Every input with its source")["basis"]
    assert {"estimated", "assumption"} <= set(basis)


def test_a_book_too_young_leaves_the_shipped_scenarios():
    view = opened("scenarios", as_of="2023-09-30", scenario=planned.OWN)
    assert planned.OWN not in planned.names(view.session)
    assert planned.case(view.session).name == planned.DEFAULT


def test_without_a_folder_nothing_can_be_saved_and_the_page_says_how(monkeypatch):
    monkeypatch.delenv(shared.WORKSPACE, raising=False)
    assert "COLLECTKIT_WORKSPACE" in texts(opened("scenarios", scenario="launch").content)


def test_a_name_that_cannot_be_a_file_is_refused_in_words(monkeypatch, tmp_path):
    monkeypatch.setenv(shared.WORKSPACE, str(tmp_path))
    view = opened("scenarios", scenario="launch")
    field = next(one for one in view.content.select(pmui.TextInput) if one.label == "Name")
    field.value = "../evil"
    button(view, "Save").clicks += 1
    assert "cannot be a name" in texts(view.content)
    assert list(tmp_path.iterdir()) == []


def test_a_saved_scenario_that_changes_on_the_disk_is_read_anew(monkeypatch, tmp_path):
    monkeypatch.setenv(shared.WORKSPACE, str(tmp_path))
    planned.store().save("mine", sc.load_scenario("launch"))
    view = opened("scenarios", scenario="mine")
    first = planned.scenario(planned.case(view.session)).inputs["wage"].value
    planned.store().save("mine", sc.load_scenario("launch").replacing(wage=1234))
    assert (first, planned.scenario(planned.case(view.session)).inputs["wage"].value) == (6500, 1234)


def test_a_cell_opens_its_formula():
    view = opened("scenarios", scenario="launch")
    view.session.param.update(strategy="all_outsourced", worked_out="vat_cost")
    for line in sc.formula_of(sc.load_scenario("launch"), "all_outsourced", "vat_cost").splitlines():
        assert line in texts(view.content)


def test_a_move_of_a_slider_takes_less_than_three_tenths_of_a_second(monkeypatch):
    """Of the server's time; what flips the answer and the best action follow from a thread."""
    for module in (cards, scenarios_answer):
        monkeypatch.setattr(module, "in_background", lambda work, then: None)
    view = opened("scenarios", scenario="growing-consumer")
    taken = []
    for wage in range(7000, 7008):
        start = time.process_time()
        view.session.changed = (("wage", float(wage)),)
        taken.append(time.process_time() - start)
    assert min(taken) < 0.3
