"""The tour for who is here for the first time, with the keyboard, in both languages, and again from page Help."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from dashboards.tour import _STEPS
from dashboards.words import words_in


@pytest.fixture
def newcomer(browser, address):
    """A browser that was never here."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{address}?page=data&lang=zh")
    yield page
    context.close()


def test_the_tour_opens_once_goes_by_keyboard_and_comes_again_from_help(newcomer, address):
    page, zh, en = newcomer, words_in("zh"), words_in("en")
    tour = page.locator("dialog[open]")
    for number, (_, title, told) in enumerate(_STEPS):
        expect(tour.get_by_role("heading", name=zh.text(title))).to_be_visible()
        expect(tour).to_contain_text(zh.text(told))
        expect(tour).to_contain_text(f"{number + 1} / 3")
        page.keyboard.press("Enter")
    expect(tour).to_have_count(0)
    page.goto(f"{address}?page=help&lang=en")
    page.locator("#loader").wait_for(state="detached")
    expect(page.get_by_role("heading", name="Keyboard")).to_be_visible()
    page.wait_for_timeout(500)
    expect(tour).to_have_count(0)
    page.get_by_role("button", name="Show the tour").click()
    expect(tour.get_by_role("heading", name=en.text(_STEPS[0][1]))).to_be_visible()
    expect(tour.get_by_role("button", name="Back")).to_be_disabled()
    expect(tour.locator(".frame")).to_be_visible()
    page.keyboard.press("Escape")
    expect(tour).to_have_count(0)
