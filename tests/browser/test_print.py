"""A page on paper: what it is of on every sheet, all rows of a table, no controls, on light ground."""

from __future__ import annotations

import io

import pypdf
from playwright.sync_api import expect

QUERY = "&as_of=2025-12-31&theme=dark"


def sheets(page):
    """Text of every sheet."""
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    return [sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(pdf)).pages]


def test_pages_are_printed_with_what_they_are_of(visit):
    page = visit(f"?page=today{QUERY}")
    page.evaluate("() => { window.print = () => { window.printed = document.documentElement.style.colorScheme } }")
    expect(page.locator(".main-svg").first).to_be_visible()
    rows = page.locator(".tabulator-row [tabulator-field=loan_id]").all_inner_texts()
    page.get_by_role("button", name="Print").click()
    page.wait_for_function("window.printed")
    assert page.evaluate("window.printed") == "light"
    expect(page.locator("html")).to_have_css("color-scheme", "dark")  # as it was
    page.evaluate("window.printed = ''")
    page.keyboard.press("Control+p")  # the same by the keys
    page.wait_for_function("window.printed")
    assert page.evaluate("window.printed") == "light"
    expect(page.locator("html")).to_have_css("color-scheme", "dark")
    for name, title, told in (("today", "Today", rows), ("case&case=L0795", "Case", ["L0795"])):
        page.evaluate("to => { history.pushState({}, '', to); dispatchEvent(new PopStateEvent('popstate')) }",
                      f"?page={name}{QUERY}")  # fmt: skip
        expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
        expect(page.locator(".main-svg").first).to_be_visible()
        expect(page.locator("[role=status]:visible").filter(has_text="Working out")).to_have_count(0)
        printed = sheets(page)
        assert rows
        assert all(text in "".join(printed) for text in told)
        for number, text in enumerate(printed, start=1):
            assert f"{title} · Portfolio demo · end of 31 December 2025 · policy cn-microloan" in text
            assert f"{number} / {len(printed)}" in text
        assert not any(word in "".join(printed) for word in ("Download", "Print", "Loan number", "中文"))
