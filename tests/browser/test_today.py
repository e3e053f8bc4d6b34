"""Today in a browser, in both languages and on a small screen: what a reader sees and can do."""

from __future__ import annotations

import gc
import io
import re
import threading

import openpyxl
import panel_material_ui as pmui
import pytest
from playwright.sync_api import expect

import collectkit as ck
from dashboards import shared
from dashboards.words import words_in
from tests.layout import no_sideways_scrolling

DAY = "2025-11-30"
HOSTILE = "<img src=x onerror=window.attacked=1>"


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


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("en", ["Overdue loans", "Overdue amount", "Penalty owed", "PAR30", "Commission earned this month"]),
        ("zh", ["逾期贷款", "逾期金额", "应付罚息", "PAR30", "本月应付佣金"]),
    ],
)
def test_tiles_equal_the_package_in_both_languages_and_sizes(visit, expected, language, names):
    page, words, figures = (
        visit(f"?lang={language}&as_of={DAY}"),
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
    no_sideways_scrolling(page)


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


def test_a_definition_opens_with_the_keyboard_and_the_right_loan_in_a_sorted_and_filtered_table(visit):
    page = visit(f"?as_of={DAY}")
    definition = page.get_by_text("Portfolio at risk: the whole principal balance")
    expect(definition).to_be_hidden()
    page.get_by_role("button", name="What is “PAR30”?").focus()
    page.keyboard.press("Enter")
    expect(definition).to_be_visible()
    page.keyboard.press("Escape")
    expect(definition).to_be_hidden()
    page.get_by_role("columnheader", name="Days past due").get_by_role("spinbutton").fill("30")
    page.get_by_role("columnheader", name="Product").locator(".tabulator-col-title").click()
    page.wait_for_timeout(1500)
    row = page.locator(".tabulator-row").nth(2)
    loan = row.locator("[tabulator-field=loan_id]").inner_text()
    row.locator("[tabulator-field=region]").click()
    expect(page.get_by_role("dialog").get_by_role("heading", name=f"Loan {loan}")).to_be_visible()


def test_a_date_before_the_first_loan_is_an_empty_state(visit):
    page = visit("?as_of=2020-01-01&lang=zh")
    expect(page.get_by_text("2020年1月1日尚无贷款")).to_be_visible()
    expect(page.locator(".tile")).to_have_count(0)


def test_a_wrong_address_is_told_and_harmless(visit):
    page = visit("?policy=<img src=x onerror=window.attacked=1>&as_of=never")
    expect(page.get_by_text("Part of the address was not understood")).to_be_visible()
    assert page.evaluate("window.attacked") is None


def save(page, card, kind):
    """Download what a card shows."""
    with page.expect_download() as waiting:
        page.get_by_role("button", name=f"Download “{card}”").click()
        page.get_by_role("button", name=kind, exact=True).and_(page.locator(":visible")).click()
    return waiting.value


def test_text_in_data_stays_text_and_no_formula_in_what_is_downloaded(visit):
    page = visit("?portfolio=hostile&as_of=2025-04-30")
    download = save(page, "Overdue loans", "CSV")
    assert download.suggested_filename == "overdue-loans_hostile_2025-04-30_cn-microloan.csv"
    text = download.path().read_text(encoding="utf-8-sig")
    assert "'=cmd()" in text
    assert "\n=cmd()" not in text
    sheet = openpyxl.load_workbook(io.BytesIO(save(page, "Overdue loans", "Excel").path().read_bytes())).active
    assert {row[0] for row in sheet.values} >= {"Overdue loans", "Loan", "'=cmd()", HOSTILE}
    hostile = page.get_by_text("<img src=x onerror=window.attacked=1>", exact=True)
    expect(hostile.first).to_be_visible()
    hostile.first.click()
    heading = page.get_by_role("dialog").get_by_role("heading", name="Loan <img src=x onerror=window.attacked=1>")
    expect(heading).to_be_visible()
    page.wait_for_timeout(1000)
    assert page.evaluate("window.attacked") is None
    assert page.locator("img[src=x]").count() == 0


def test_a_chart_downloads_as_picture_and_as_page(visit, context, tmp_path):
    page = visit(f"?as_of={DAY}&theme=dark")
    expect(page.locator(".main-svg").first).to_be_visible()
    assert save(page, "Overdue by bucket", "PNG").path().read_bytes().startswith(b"\x89PNG")
    picture = save(page, "Overdue by bucket", "SVG").path().read_text(encoding="utf-8")
    assert "M6+" in picture
    assert "policy cn-microloan" in picture
    alone = tmp_path / "chart.html"
    save(page, "Overdue by bucket", "HTML").save_as(alone)
    other, outside = context.new_page(), []
    other.on("request", lambda request: outside.append(request.url) if request.url.startswith("http") else None)
    other.goto(alone.as_uri())
    expect(other.locator(".main-svg").first).to_be_visible()
    expect(other.get_by_text("M6+", exact=True)).to_be_visible()
    assert outside == []


def test_the_pages_fold_into_a_menu_where_they_do_not_fit(visit):
    page = visit(f"?as_of={DAY}", width=2400)
    expect(page.get_by_role("link", name="Help", exact=True)).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 800})
    expect(page.get_by_role("link", name="Help", exact=True)).to_be_hidden()
    page.get_by_role("button", name="Pages: Today").click()
    expect(page.get_by_role("link", name="Help", exact=True)).to_be_visible()
    page.get_by_role("link", name="Data", exact=True).click()
    expect(page.get_by_role("button", name="Pages: Data")).to_be_visible()
    expect(page).to_have_url(re.compile("page=data"))


def test_figures_that_take_long_keep_no_other_reader_waiting(visit, context, address, monkeypatch):
    page = visit(f"?as_of={DAY}")
    gate = threading.Event()
    assess = shared.assessed._compute
    monkeypatch.setattr(shared.assessed, "_compute", lambda key: gate.wait(60) and assess(key))
    page.get_by_label("As of").fill("2025-03-14")
    expect(page.get_by_text("Working out the figures.")).to_be_visible()
    other = context.new_page()
    other.goto(address + f"?as_of={DAY}")
    tile(other, "PAR30").wait_for()
    expect(tile(page, "PAR30")).to_contain_text("30 November 2025")
    gate.set()
    expect(tile(page, "PAR30")).to_contain_text("14 March 2025")
    expect(page.get_by_text("Working out the figures.")).to_be_hidden()


def test_closed_visits_leave_nothing_behind(context, address, visit):
    queries = ("", "?page=portfolio&cell_after=M2")
    for query in queries:
        visit(query)
    gc.collect()
    before = pages_alive()
    for query in (*queries, *queries):
        other = context.new_page()
        other.goto(address + query)
        other.locator(".main-svg:visible").first.wait_for()
        other.close()
    held = 1  # a log record of a socket that closed while something was sent may hold one page until the test ends
    for _ in range(80):
        gc.collect()
        if pages_alive() <= before + held:
            break
        context.pages[0].wait_for_timeout(500)
    assert pages_alive() <= before + held


def pages_alive():
    return sum(isinstance(thing, pmui.Page) for thing in gc.get_objects())
