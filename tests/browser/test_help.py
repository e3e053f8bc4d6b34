"""Help in a browser, in both languages, on a wide and a small screen."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from collectkit.columns import COLUMNS, meaning
from dashboards import pages
from dashboards.pages import guide
from tests.layout import no_sideways_scrolling


def test_every_page_is_explained():
    assert list(guide._PAGES) == [page.title for page in pages.PAGES if page.name != "help"]


@pytest.mark.parametrize(
    ("language", "heading", "glossary"), [("en", "What each page is for", "Glossary"), ("zh", "各页面的用途", "术语表")]
)
def test_help_has_pages_and_a_glossary_in_both_languages(visit, language, heading, glossary):
    page = visit(f"?page=help&lang={language}")
    expect(page.get_by_role("heading", name=heading)).to_be_visible()
    expect(page.get_by_role("heading", name=glossary)).to_be_visible()
    loan = COLUMNS["loan_id"]
    row = page.locator(".tabulator-row").filter(has_text=loan.name).first
    expect(row).to_contain_text(loan.label)
    expect(row).to_contain_text(loan.label_zh)
    expect(row).to_contain_text(meaning(loan.name, language))
    no_sideways_scrolling(page)
