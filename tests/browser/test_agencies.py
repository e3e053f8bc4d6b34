"""Agencies in a browser, in both languages and on a small screen: figures, drill-down, files out and in."""

from __future__ import annotations

import io
import re

import openpyxl
import pytest
from playwright.sync_api import expect

import collectkit as ck
from dashboards.words import words_in
from tests.layout import no_sideways_scrolling

HEADINGS = {
    "en": ["Which agency brings back most, like for like", "What each batch brought in", "What an agency costs, by age",
           "League table", "What waiting costs", "Statement of a month", "Lines of the statement",
           "The agency's figures beside ours", "To hand over and to take back"],
    "zh": ["哪家机构净回收最多（同类可比）", "各批次回收情况", "佣金率与逾期天数", "机构排名表", "等待成本", "月度账单",
           "账单明细", "与机构对账", "建议委案与退案"],
}  # fmt: skip
JUNE = "?page=agencies&as_of=2025-12-31&agency=Chengda&statement_month=2025-06"


@pytest.fixture(scope="module")
def june():
    return ck.agencies.commission_statement(ck.load_sample("demo"), ck.load_policy(), "Chengda", period="2025-06")


def chart(page, heading):
    return page.get_by_role("figure", name=re.compile(f"^{re.escape(heading)}"))


def save(page, card, kind):
    """Download what a card shows."""
    page.get_by_role("button", name=f"Download “{card}”").click()
    with page.expect_download(timeout=60_000) as waiting:
        page.get_by_role("button", name=kind, exact=True).and_(page.locator(":visible")).click()
    return waiting.value


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_card_is_there_and_the_figures_are_the_packages(visit, june, language):
    page, words = visit(f"{JUNE}&lang={language}"), words_in(language)
    for heading in HEADINGS[language]:
        expect(page.get_by_role("heading", name=heading, exact=True)).to_be_attached(timeout=60_000)
    for heading in HEADINGS[language][:3]:
        expect(chart(page, heading).locator(".main-svg").first).to_be_visible(timeout=60_000)
    card = ck.agencies.scorecard(ck.load_sample("demo"), ck.load_policy(), as_of="2025-12-31").set_index("agency")
    said = chart(page, HEADINGS[language][0]).get_attribute("aria-label")
    assert words.percent(card.loc["Chengda", "like_net_back"]) in said
    for total in june.totals["commission"]:
        expect(page.get_by_text(words.money(total), exact=True).first).to_be_attached()
    no_sideways_scrolling(page)


def test_the_statement_is_saved_and_a_line_opens_the_loan_and_every_step_behind_it(visit, june):
    page = visit(JUNE, height=3400)
    expect(page.get_by_text("by month index", exact=True).first).to_be_visible(timeout=60_000)
    book = save(page, "Statement of a month", "Excel")
    assert book.suggested_filename == "statement-Chengda-2025-06_demo_2025-12-31_cn-microloan.xlsx"
    sheet = openpyxl.load_workbook(io.BytesIO(book.path().read_bytes()))["Lines"]
    formulas = [cell.value for row in sheet.iter_rows() for cell in row if str(cell.value).startswith("=ROUND")]
    assert len(formulas) == len(june.lines)
    text = save(page, "Statement of a month", "CSV").path().read_text(encoding="utf-8-sig")
    assert text.splitlines()[0].startswith("period,agency,tariff")
    assert save(page, "Statement of a month", "PDF").path().read_bytes()[:5] == b"%PDF-"
    row = page.locator(".tabulator-row").filter(has_text=june.lines["payment_id"][0]).first
    row.scroll_into_view_if_needed()
    row.locator("[tabulator-field=value_date]").click()
    loan = june.lines["loan_id"][0]
    expect(page.get_by_role("dialog").get_by_role("heading", name=f"Loan {loan}")).to_be_visible()


def test_the_agencys_file_is_compared_in_place_and_another_month_changes_the_statement(visit, june):
    page = visit(JUNE, height=3400)
    file = june.lines[["payment_id", "loan_id", "value_date", "commissionable", "rate", "commission"]].copy()
    file.loc[0, "commission"] += 1234.5
    name, data = "<img src=x onerror=window.attacked=1>.csv", file.drop(index=1).to_csv(index=False).encode()
    page.locator("input[type=file]").set_input_files({"name": name, "mimeType": "text/csv", "buffer": data})
    expect(page.get_by_text("Wrong rate", exact=True).first).to_be_visible(timeout=60_000)
    expect(page.get_by_text("Not in the agency's file", exact=True).first).to_be_visible()
    expect(page.get_by_text("1,234.50", exact=True).first).to_be_visible()
    assert page.evaluate("window.attacked") is None
    assert page.locator("img[src=x]").count() == 0
    expect(page.get_by_text("Chengda · Jun 2025 · CNY · policy cn-microloan").first).to_be_visible(timeout=60_000)
    page.get_by_role("combobox", name="Month").click()
    page.get_by_role("option", name="May 2025").or_(page.get_by_role("menuitem", name="May 2025")).first.click()
    expect(page.get_by_text("Chengda · May 2025 · CNY · policy cn-microloan").first).to_be_visible(timeout=60_000)
    expect(page).to_have_url(re.compile("statement_month=2025-05"))


def test_text_in_data_stays_text(visit):
    page = visit("?page=agencies&portfolio=hostile&as_of=2025-12-31&lang=zh")
    hostile = page.get_by_text("<img src=x onerror=window.attacked=1>", exact=True)
    expect(hostile.first).to_be_attached(timeout=60_000)
    page.wait_for_timeout(3000)
    assert page.evaluate("window.attacked") is None
    assert page.locator("img[src=x]").count() == 0


def test_before_the_first_hand_over_the_page_says_so(visit):
    page = visit("?page=agencies&as_of=2023-12-31")
    expect(page.get_by_text("No loan has been with an agency")).to_be_visible()
