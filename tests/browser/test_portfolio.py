"""Portfolio in a browser, in both languages and on a small screen: filters, clicks, lists and downloads."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from collectkit import tracking
from dashboards.words import words_in
from tests.layout import no_sideways_scrolling

HEADINGS = {
    "en": [
        "Overdue by bucket, month by month",
        "Portfolio at risk",
        "Flow rates",
        "Vintages",
        "Loans behind a cell",
        "Key figures",
    ],
    "zh": ["各月逾期构成", "风险贷款率（PAR）", "迁徙率", "账龄（Vintage）", "单元格对应的贷款", "关键指标"],
}


@pytest.fixture(scope="module")
def cube():
    return tracking.demo_cube()


def chart(page, heading):
    return page.get_by_role("figure", name=re.compile(f"^{re.escape(heading)}"))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_card_is_there_and_the_figures_are_the_packages(visit, cube, language):
    page, words = visit(f"?page=portfolio&lang={language}&as_of=2025-12-31"), words_in(language)
    for heading in HEADINGS[language]:
        expect(page.get_by_role("heading", name=heading, exact=True)).to_be_attached()
    par30 = tracking.portfolio_at_risk(cube)["par30"].iloc[-1]
    said = chart(page, HEADINGS[language][1]).get_attribute("aria-label")
    assert words.percent(par30) in said
    for heading in HEADINGS[language][:4]:
        expect(chart(page, heading).locator(".main-svg").first).to_be_visible()
    flows = chart(page, HEADINGS[language][2]).bounding_box()
    vintages = page.get_by_role("heading", name=HEADINGS[language][3], exact=True).bounding_box()
    assert flows["y"] + flows["height"] < vintages["y"]  # no card lies over another
    no_sideways_scrolling(page)


def test_a_filter_changes_the_charts_and_stays_after_a_reload(visit, cube):
    page = visit("?page=portfolio&as_of=2025-12-31")
    part = cube.where(region="East")
    expected = f"PAR30 {tracking.portfolio_at_risk(part)['par30'].iloc[-1]:.2%}"
    page.get_by_role("combobox", name="Region").click()
    page.get_by_role("option", name="East").or_(page.get_by_role("menuitem", name="East")).first.click()
    page.keyboard.press("Escape")
    at_risk = chart(page, "Portfolio at risk")
    expect(at_risk).to_have_attribute("aria-label", re.compile(re.escape(expected)))
    expect(page).to_have_url(re.compile("region=East"))
    page.reload()
    expect(at_risk).to_have_attribute("aria-label", re.compile(re.escape(expected)), timeout=30_000)
    page.get_by_role("button", name="Clear filters").click()
    expect(at_risk).not_to_have_attribute("aria-label", re.compile(re.escape(expected)))
    expect(page).not_to_have_url(re.compile("region=East"))


def test_a_click_on_a_cell_lists_its_loans_and_a_row_opens_one(visit, cube):
    page = visit("?page=portfolio&as_of=2025-12-31", height=1900)
    rolls = chart(page, "Roll rates: from bucket to bucket in one month")
    rolls.scroll_into_view_if_needed()
    cell = rolls.locator(".heatmaplayer text, .hm text").get_by_text(re.compile(r"^30\.\d%$")).first
    box = cell.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    count = int(cube.where(as_of="2025-12-31", state_before="M1", state="M2").total("loans").sum())
    expect(page.get_by_text(f"{count} loans · up to 31 December 2025")).to_be_visible(timeout=30_000)
    expect(page).to_have_url(re.compile("cell_before=M1&cell_after=M2"))
    row = page.locator(".tabulator-row").first
    loan = row.locator("[tabulator-field=loan_id]").inner_text()
    row.locator("[tabulator-field=region]").click()
    heading = page.get_by_role("dialog").get_by_role("heading", name=f"Loan {loan}")
    expect(heading).to_be_visible(timeout=30_000)


def test_on_a_small_screen_cells_say_whole_percents(visit, cube):
    page = visit("?page=portfolio&as_of=2025-12-31", width=390)
    rolls = chart(page, "Roll rates: from bucket to bucket in one month")
    rolls.scroll_into_view_if_needed()
    rate = tracking.transition_matrix(cube).loc["M1", "M2"]
    cells = rolls.locator(".heatmaplayer text, .hm text")
    expect(cells.get_by_text(f"{rate:.0%}", exact=True).first).to_be_visible()
    page.set_viewport_size({"width": 1440, "height": 900})
    expect(cells.get_by_text(f"{rate:.1%}", exact=True)).to_be_visible()


def test_text_in_data_stays_text(visit):
    page = visit("?page=portfolio&portfolio=hostile&as_of=2025-04-30&cell_after=overdue&lang=zh")
    hostile = page.get_by_text("<img src=x onerror=window.attacked=1>", exact=True)
    expect(hostile.first).to_be_visible()
    page.wait_for_timeout(1000)
    assert page.evaluate("window.attacked") is None
    assert page.locator("img[src=x]").count() == 0


def test_before_the_first_month_end_the_page_says_so(visit):
    page = visit("?page=portfolio&as_of=2023-07-15")
    expect(page.get_by_text("No month has ended yet on 15 July 2023")).to_be_visible()
