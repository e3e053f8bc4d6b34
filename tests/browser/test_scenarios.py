"""Scenarios in a browser, in both languages and on a small screen: the answer, a slider, saving, a formula, files."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from collectkit import scenarios as sc
from dashboards import planned, shared
from tests.layout import no_sideways_scrolling

WORDS = {
    "en": {"answer": "The answer", "wage": "Wage of a collector", "own": "Own team", "bias": "only a random split",
           "undo": "Undo all changes", "inputs": "Every input with its source"},
    "zh": {"answer": "结论", "wage": "催收员月薪", "own": "自有团队", "bias": "随机分案",
           "undo": "撤销全部改动", "inputs": "全部参数及来源"},
}  # fmt: skip


def text_of(scenario, language):
    table = sc.compare(scenario, draws=planned.DRAWS)
    return sc.verdict(scenario, table, sc.sensitivity(scenario, strategy=sc.leader(table)), language=language)


def answer(page, language):
    return page.get_by_text(re.compile(WORDS[language]["bias"])).first


@pytest.fixture
def open_page(visit):
    def go(query="", **size):
        page = visit(f"?page=scenarios{query}", **size)
        page.locator(".main-svg").first.wait_for(timeout=90_000)
        return page

    return go


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_answer_is_that_of_the_package_and_a_slider_moves_it_and_the_address(open_page, language):
    words = WORDS[language]
    page = open_page(f"&lang={language}&scenario=launch")
    expect(answer(page, language)).to_have_text(text_of(sc.load_scenario("launch"), language))
    expect(page.get_by_role("heading", name=words["inputs"])).to_be_attached()
    no_sideways_scrolling(page)
    page.set_viewport_size({"width": 1440, "height": 1000})
    page.get_by_role("button", name=words["own"], exact=True).click()
    slider = page.get_by_role("slider", name=re.compile(words["wage"])).first
    slider.focus()
    slider.press("End")
    expect(page).to_have_url(re.compile("changed=wage"))
    value = float(re.search(r"changed=wage%3A([\d.]+)", page.url)[1])
    changed = sc.adjusted(sc.load_scenario("launch"), {"wage": value})
    expect(answer(page, language)).to_have_text(text_of(changed, language))
    page.get_by_role("button", name=words["undo"]).click()
    expect(page).not_to_have_url(re.compile("changed"))
    expect(answer(page, language)).to_have_text(text_of(sc.load_scenario("launch"), language))


def test_a_shared_address_opens_the_same_what_if(open_page):
    page = open_page("&scenario=mature-mixed&changed=wage:9000&changed=agency.*.cash_rate:0.8&strategy=hand_over_91")
    changed = sc.adjusted(sc.load_scenario("mature-mixed"), {"wage": 9000, "agency.*.cash_rate": 0.8})
    expect(answer(page, "en")).to_have_text(text_of(changed, "en"))


def test_a_wrong_address_is_harmless(open_page):
    page = open_page("&scenario=<img src=x onerror=window.attacked=1>&changed=wage:never&changed=nothing:1")
    expect(answer(page, "en")).to_be_visible()
    assert page.evaluate("window.attacked") is None


def test_a_figure_opens_its_formula_and_the_answer_is_saved_as_a_file(open_page):
    page = open_page("&scenario=launch")
    for kind, starts in {"Excel": b"PK", "PDF": b"%PDF"}.items():
        page.get_by_role("button", name="Download “The answer”").click()
        with page.expect_download(timeout=60_000) as waiting:
            page.locator(".menu:popover-open").get_by_text(kind, exact=True).click()
        assert waiting.value.path().read_bytes().startswith(starts)
    row = page.locator(".tabulator-row").filter(has=page.get_by_text("All outsourced", exact=True)).first
    row.locator("[tabulator-field=cost_to_collect]").click()
    lines = sc.formula_of(sc.load_scenario("launch"), "all_outsourced", "cost_to_collect").splitlines()
    for line in lines:
        expect(page.get_by_text(line, exact=True)).to_be_visible()


def test_scenarios_are_saved_copied_and_deleted(open_page, tmp_path, monkeypatch):
    monkeypatch.setenv(shared.WORKSPACE, str(tmp_path))
    page = open_page("&scenario=launch&changed=wage:9000")
    page.get_by_label("Name", exact=True).fill("my plan")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("“my plan” is saved.")).to_be_visible()
    expect(page).to_have_url(re.compile(r"scenario=my\+plan"))
    assert planned.store().load("my plan").inputs["wage"].value == 9000
    page.get_by_role("button", name="Duplicate").click()
    expect(page.get_by_text("“my plan 2” is saved.")).to_be_visible()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Really delete?").click()
    expect(page.get_by_text("“my plan 2” is deleted.")).to_be_visible()
    assert planned.store().names() == ["my plan"]
