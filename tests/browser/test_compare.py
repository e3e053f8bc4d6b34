"""Compare periods in a browser, in both languages and on a small screen."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from collectkit import tracking
from dashboards.words import words_in
from tests.layout import no_sideways_scrolling

EXPLAINED = {"en": "What explains the change of the late share", "zh": "逾期占比变化的来源"}


@pytest.fixture(scope="module")
def cube():
    return tracking.demo_cube()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_two_months_are_compared_as_in_the_package(visit, cube, language):
    query = f"?page=compare&lang={language}&as_of=2025-12-31&month_a=2025-06&month_b=2025-12"
    page, words = visit(query), words_in(language)
    table = tracking.compare_periods(cube.where(as_of="2025-06-30"), cube.where(as_of="2025-12-31"))
    chart = page.get_by_role("figure", name=re.compile(f"^{EXPLAINED[language]}"))
    expect(chart).to_have_attribute("aria-label", re.compile(re.escape(words.points(table.attrs["change"]))))
    expect(page.get_by_text(words.percent(table.attrs["after"])).first).to_be_attached()
    expect(page.locator(".main-svg").first).to_be_visible()
    no_sideways_scrolling(page)


def test_segments_can_be_chosen_and_stay_after_a_reload(visit, cube):
    page = visit("?page=compare&as_of=2025-12-31&since=2025-12")
    page.get_by_role("button", name="Two segments").click()
    page.get_by_role("combobox", name="By", exact=True).click()
    page.get_by_role("menuitem", name="Region").or_(page.get_by_role("option", name="Region")).first.click()
    table = tracking.compare_periods(*(cube.where(as_of="2025-12-31", region=region) for region in ("Central", "East")))
    chart = page.get_by_role("figure", name=re.compile("^" + EXPLAINED["en"]))
    said = re.compile(re.escape(f"Central: {table.attrs['before']:.2%}; East: {table.attrs['after']:.2%}"))
    expect(chart).to_have_attribute("aria-label", said)
    expect(page).to_have_url(re.compile("sides=segments&dimension=region"))
    page.reload()
    expect(chart).to_have_attribute("aria-label", said, timeout=30_000)


def test_text_in_data_stays_text(visit):
    page = visit("?page=compare&portfolio=hostile&as_of=2025-04-30&sides=segments&dimension=channel&lang=zh")
    expect(page.locator(".main-svg").first).to_be_visible()
    page.wait_for_timeout(1000)
    assert page.evaluate("window.attacked") is None
    assert page.locator("img[src=x]").count() == 0
