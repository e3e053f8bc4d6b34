"""A file of month ends in a browser: Portfolio at once in both languages, and the word where loans are needed."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

import collectkit as ck
from collectkit import tracking
from dashboards import shared
from dashboards.words import words_in
from tests.layout import no_sideways_scrolling


@pytest.fixture
def months(tmp_path, monkeypatch):
    """The month ends of the demo on offer, before all others."""
    monkeypatch.setattr(shared, "_sources", {})
    book, policy = ck.load_sample("demo"), ck.load_policy()
    panel = ck.track(book, policy, dates=ck.month_ends(book.first_date, book.last_date))
    tracking.followed(panel, book.loans, policy=policy).to_parquet(tmp_path / "months.parquet")
    return shared.offer_source(str(tmp_path / "months.parquet"))


@pytest.mark.parametrize(("language", "width"), [("en", 1440), ("zh", 390)])
def test_portfolio_shows_the_figures_of_the_file(visit, months, language, width):
    page, words = visit(f"?lang={language}", width=width), words_in(language)
    expect(page.get_by_role("heading", name=words.text("Portfolio"), exact=True)).to_be_visible()
    at_risk = page.get_by_role("figure", name=re.compile(f"^{re.escape(words.text('Portfolio at risk'))}"))
    par30 = tracking.portfolio_at_risk(tracking.demo_cube())["par30"].iloc[-1]
    expect(at_risk).to_have_attribute("aria-label", re.compile(re.escape(words.percent(par30))))
    expect(at_risk.locator(".main-svg").first).to_be_visible()
    recovery = page.get_by_role("figure", name=re.compile(f"^{words.text('Recovery after loans became late')}"))
    expect(recovery.locator(".main-svg").first).to_be_visible()
    expect(page.get_by_role("heading", name=words.text("This needs the loans"))).to_have_count(2)
    no_sideways_scrolling(page)


def test_a_page_that_needs_loans_leads_to_one_that_does_not(visit, months):
    page = visit("?page=today")
    expect(page.get_by_role("heading", name="This needs the loans")).to_be_visible()
    expect(page.get_by_label("Loan number")).to_be_hidden()
    page.get_by_role("button", name="Portfolio", exact=True).click()
    expect(page).to_have_url(re.compile("page=portfolio"))
    expect(page.get_by_role("figure").first).to_be_visible()
    page.get_by_role("combobox", name="Portfolio").click()
    page.get_by_role("option", name="demo").or_(page.get_by_role("menuitem", name="demo")).first.click()
    expect(page.get_by_text("Portfolio demo · end of 31 December 2025")).to_be_visible()
    expect(page.get_by_role("heading", name="This needs the loans")).to_have_count(0)
