"""Policy in a browser: values, a value tried, and hostile text in an own policy, in both languages and widths."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

import collectkit as ck
from dashboards import shared
from tests.browser.conftest import HOSTILE

ADDRESS = "terms.*.grace_days@2017-08-04"
DAY = "2025-11-17"


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A policy of somebody's own whose name tries to be markup."""
    monkeypatch.setattr(shared, "_own_policies", {})
    text = shared.text_of_policy("cn-microloan").replace('name = "cn-microloan"', f'name = "{HOSTILE}"', 1)
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    return shared.offer_policy(str(tmp_path / "own.toml"))


def expect_figures(page, name, in_use, tried, by):
    """The row of a figure has the numbers of the package."""
    row = page.locator(".tabulator-row").filter(has_text=name)
    texts = {"in_use": f"{in_use:,.0f}", "tried": f"{tried:,.0f}", "tried_difference": f"−{-by:,.0f}"}
    for field, text in texts.items():
        expect(row.locator(f".tabulator-cell[tabulator-field={field}]")).to_have_text(text)


def fits(page):
    """True if nothing has to be scrolled sideways."""
    width = "part => part.scrollWidth - part.clientWidth"
    return all(page.locator(part).evaluate(width) <= 0 for part in ("html", ".main-content"))


def test_a_value_is_tried_and_the_figures_are_those_of_the_package(visit, own):
    book, policy = ck.load_sample("demo"), ck.load_policy()
    expected = ck.policy_effect(book, policy, ck.changed_policy(policy, {ADDRESS: "9"}), as_of=DAY)
    in_use, tried, by = expected.set_index(["policy_figure", "figure_of"]).loc[("overdue_loans", "")][1:]

    page = visit(f"?page=policy&lang=en&policy={own}&as_of={DAY}")
    expect(page.get_by_role("heading", name="Values and sources")).to_be_visible()
    expect(page.locator("dd").filter(has_text=HOSTILE)).to_be_visible()
    days = page.get_by_role("textbox", name="days of grace [days]")
    days.fill("many")
    days.press("Enter")
    expect(page.get_by_text("not a whole number; write e.g. 3").first).to_be_visible()
    expect(days).to_have_value("many")
    days.fill("9")
    days.press("Enter")
    expect_figures(page, "Overdue loans", in_use, tried, by)
    expect(page.get_by_role("button", name="Download as TOML")).to_be_visible()
    assert "tried=terms" in page.url
    assert page.evaluate("window.attacked") is None
    assert fits(page)

    query = page.url.partition("?")[2].replace("lang=en", "lang=zh")
    page = visit(f"?{query}", width=390, height=900)
    expect(page.get_by_role("heading", name="数值与来源")).to_be_visible()
    expect(page.get_by_role("textbox", name="宽限天数 [天]")).to_have_value("9")
    expect_figures(page, "逾期贷款笔数", in_use, tried, by)
    assert page.evaluate("window.attacked") is None
    assert fits(page)
    page.get_by_role("button", name="撤销全部改动").click()
    expect(page.get_by_role("textbox", name="宽限天数 [天]")).to_have_value("3")
    assert "tried" not in page.url
