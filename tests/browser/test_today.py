"""Today in a browser, in both languages and on a small screen: what a reader sees and can do."""

from __future__ import annotations

import gc
import re

import panel_material_ui as pmui
import pytest
from playwright.sync_api import expect

import collectkit as ck
from dashboards.words import words_in

DAY = "2025-11-30"


@pytest.fixture(scope="module")
def expected():
    """Figures of the package for a day, by policy."""
    demo = ck.load_sample("demo")
    return {name: ck.overview(ck.assess(demo, ck.load_policy(name), as_of=DAY)) for name in ("cn-microloan", "plain")}


@pytest.fixture(scope="module")
def worst():
    """The loan with the most days past due on the day."""
    day = ck.assess(ck.load_sample("demo"), ck.load_policy("cn-microloan"), as_of=DAY)
    return day.sort_values(["days_past_due", "loan_id"], ascending=[False, True]).iloc[0]


def tile(page, name):
    return page.get_by_role("region", name=name)


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("en", ["Overdue loans", "Overdue amount", "Penalty owed", "PAR30", "Commission earned this month"]),
        ("zh", ["逾期贷款", "逾期金额", "应付罚息", "PAR30", "本月应付佣金"]),
    ],
)
def test_tiles_equal_the_package_in_both_languages_and_sizes(visit, expected, language, names, width):
    page, words, figures = (
        visit(f"?lang={language}&as_of={DAY}", width=width),
        words_in(language),
        expected["cn-microloan"],
    )
    shown = [
        words.short(figures["overdue_loans"]),
        words.short(figures["overdue_amount"]),
        words.short(figures["penalty"]),
        words.percent(figures["par30"]),
    ]
    for name, value in zip(names, shown, strict=False):
        expect(tile(page, name).locator(".value")).to_contain_text(value)
    expect(tile(page, names[4])).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", {"en": "en", "zh": "zh-CN"}[language])
    expect(page.locator(".main-svg").first).to_be_visible()
    for part in ("html", ".main-content"):
        assert page.locator(part).evaluate("part => part.scrollWidth - part.clientWidth") <= 0


def test_another_date_and_policy_change_the_figures(visit, expected):
    page, words = visit("?as_of=2025-06-30"), words_in("en")
    penalty = tile(page, "Penalty owed").locator(".value")
    page.get_by_label("As of").fill(DAY)
    expect(penalty).to_contain_text(words.short(expected["cn-microloan"]["penalty"]))
    page.get_by_role("combobox", name="Policy").click()
    page.get_by_text("plain", exact=True).click()
    expect(penalty).to_contain_text(words.short(expected["plain"]["penalty"]))
    expect(page).to_have_url(re.compile(rf"as_of={DAY}&policy=plain"))


def test_the_language_and_theme_switch_and_stay_after_a_reload(visit):
    page = visit(f"?as_of={DAY}")
    page.get_by_role("button", name="中文").click()
    expect(tile(page, "逾期贷款")).to_be_visible()
    page.get_by_role("button", name="深色").click()
    expect(page.locator(".mui-dark").first).to_be_attached()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page).to_have_title("今日 · collectkit")
    page.reload()
    expect(tile(page, "逾期贷款")).to_be_visible()
    expect(page.locator(".mui-dark").first).to_be_attached()
    expect(page.get_by_label("截至日")).to_have_value(DAY)


def test_a_row_opens_its_loan_and_back_closes_it(visit, worst):
    page = visit(f"?as_of={DAY}")
    page.get_by_text(worst["loan_id"], exact=True).first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name=f"Loan {worst['loan_id']}")).to_be_visible()
    expect(dialog).to_contain_text(f"{worst['total_due']:,.2f} CNY")
    expect(dialog.locator(".main-svg").first).to_be_visible()
    expect(dialog.get_by_text("disbursed", exact=True).first).to_be_visible()
    expect(page).to_have_url(re.compile(f"loan={worst['loan_id']}"))
    page.go_back()
    expect(dialog).to_have_count(0)
    page.go_forward()
    expect(dialog.get_by_role("heading", name=f"Loan {worst['loan_id']}")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_the_right_loan_opens_in_a_sorted_and_filtered_table(visit):
    page = visit(f"?as_of={DAY}")
    page.get_by_role("columnheader", name="Days past due").get_by_role("spinbutton").fill("30")
    page.get_by_role("columnheader", name="Product").locator(".tabulator-col-title").click()
    page.wait_for_timeout(1500)
    row = page.locator(".tabulator-row").nth(2)
    loan = row.locator("[tabulator-field=loan_id]").inner_text()
    row.locator("[tabulator-field=region]").click()
    expect(page.get_by_role("dialog").get_by_role("heading", name=f"Loan {loan}")).to_be_visible()


def test_a_definition_opens_and_closes_with_the_keyboard(visit):
    page = visit(f"?as_of={DAY}")
    definition = page.get_by_text("Portfolio at risk: the whole principal balance")
    expect(definition).to_be_hidden()
    page.get_by_role("button", name="What is “PAR30”?").focus()
    page.keyboard.press("Enter")
    expect(definition).to_be_visible()
    page.keyboard.press("Escape")
    expect(definition).to_be_hidden()


def test_a_date_before_the_first_loan_is_an_empty_state(visit):
    page = visit("?as_of=2020-01-01&lang=zh")
    expect(page.get_by_text("2020年1月1日尚无贷款")).to_be_visible()
    expect(page.locator(".tile")).to_have_count(0)


def test_a_wrong_address_is_told_and_harmless(visit):
    page = visit("?policy=<img src=x onerror=window.attacked=1>&as_of=never")
    expect(page.get_by_text("Part of the address was not understood")).to_be_visible()
    assert page.evaluate("window.attacked") is None


def test_text_in_data_stays_text(visit):
    page = visit("?portfolio=hostile&as_of=2025-04-30")
    hostile = page.get_by_text("<img src=x onerror=window.attacked=1>", exact=True)
    expect(hostile.first).to_be_visible()
    hostile.first.click()
    heading = page.get_by_role("dialog").get_by_role("heading", name="Loan <img src=x onerror=window.attacked=1>")
    expect(heading).to_be_visible()
    page.wait_for_timeout(1000)
    assert page.evaluate("window.attacked") is None
    assert page.locator("img[src=x]").count() == 0


def test_the_table_downloads_without_formulas(visit):
    page = visit("?portfolio=hostile&as_of=2025-04-30")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download CSV").click()
    assert waiting.value.suggested_filename == "overdue-loans_2025-04-30_cn-microloan.csv"
    text = waiting.value.path().read_text(encoding="utf-8-sig")
    assert "'=cmd()" in text
    assert "\n=cmd()" not in text


def test_closed_visits_leave_nothing_behind(context, address, visit):
    visit()
    gc.collect()
    before = pages_alive()
    for _ in range(3):
        other = context.new_page()
        other.goto(address)
        other.locator(".tile:visible").first.wait_for()
        other.close()
    visit()
    for _ in range(60):
        gc.collect()
        if pages_alive() <= before:
            break
        context.pages[0].wait_for_timeout(500)
    assert pages_alive() <= before


def pages_alive():
    return sum(isinstance(thing, pmui.Page) for thing in gc.get_objects())
