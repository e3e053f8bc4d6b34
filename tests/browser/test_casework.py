"""Worklist, Case and Conduct in a browser: figures equal the package's, rows open their case, documents are seen."""

from __future__ import annotations

import io
import re

import pandas as pd
import pytest
from playwright.sync_api import expect

import collectkit as ck
from collectkit import casework
from dashboards.words import words_in
from tests.layout import no_sideways_scrolling

DAY = "2025-11-30"
DEMO, POLICY = ck.load_sample("demo"), ck.load_policy("cn-microloan")
LISTED = casework.worklist(DEMO, POLICY, as_of=DAY)


def tile(page, name):
    return page.get_by_role("region", name=name, exact=True).locator(".value")


@pytest.mark.parametrize(("language", "can", "waits"), [
    ("en", "Actions today", "Must wait"), ("zh", "今日可办", "须暂缓"),
])  # fmt: skip
def test_the_worklist_counts_what_the_package_counts(visit, language, can, waits):
    page, words = visit(f"?page=worklist&lang={language}&as_of={DAY}"), words_in(language)
    totals = casework.worklist_totals(LISTED)
    expect(tile(page, can)).to_contain_text(words.short(totals["actions"]))
    expect(tile(page, waits)).to_contain_text(words.short(totals["waiting"]))
    no_sideways_scrolling(page)


def test_the_list_downloads_and_a_row_opens_its_case_and_back_returns(visit):
    page = visit(f"?page=worklist&as_of={DAY}")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download “Actions today”").click()
        page.get_by_role("menuitem", name="CSV").or_(page.get_by_role("button", name="CSV")).first.click()
    rows = pd.read_csv(io.StringIO(waiting.value.path().read_text(encoding="utf-8-sig")))
    assert len(rows) == casework.worklist_totals(LISTED)["actions"]
    first = str(LISTED["loan_id"].iloc[0])
    page.get_by_text(first, exact=True).first.click()
    expect(page).to_have_url(re.compile(f"page=case.*case={first}"))
    expect(page.get_by_role("heading", name=f"Loan {first}", exact=True)).to_be_visible()
    page.go_back()
    expect(tile(page, "Actions today")).to_be_visible()


def test_other_rules_and_one_collector_change_the_list(visit):
    people = LISTED["collector_id"].dropna()
    name = str(people.iloc[0])
    page = visit(f"?page=worklist&as_of={DAY}&collector_id={name}&rules=us-reg-f")
    listed = casework.worklist(DEMO, POLICY, as_of=DAY, rules="us-reg-f")
    totals = casework.worklist_totals(casework.narrowed(listed, collector_id=[name]))
    expect(tile(page, "Actions today")).to_contain_text(words_in("en").short(totals["actions"]))


# Case.


@pytest.fixture(scope="module")
def late():
    """A loan two months late."""
    day = ck.assess(DEMO, POLICY, as_of=DAY)
    return str(day[day["days_past_due"].between(31, 60)]["loan_id"].iloc[0])


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_case_shows_everything_about_a_loan(visit, late, language):
    page = visit(f"?page=case&case={late}&as_of={DAY}&lang={language}")
    row = ck.assess(DEMO, POLICY, as_of=DAY).set_index("loan_id").loc[late]
    expect(page.get_by_text(f"{row['total_due']:,.2f}").first).to_be_visible()
    headings = {"en": ["Due today", "Contacts", "Promises", "What a plan would do", "Documents"],
                "zh": ["今日应办", "联系记录", "还款承诺", "计划的效果", "文书"]}[language]  # fmt: skip
    for name in headings:
        expect(page.get_by_role("heading", name=name, exact=True).first).to_be_visible()
    no_sideways_scrolling(page)


def test_a_loan_that_owes_nothing_has_no_plan_which_is_no_failure(visit):
    loans = ck.assess(DEMO, POLICY, as_of=DAY)
    paid = loans.loc[loans["status"] == "paid_off", "loan_id"].iloc[0]
    page = visit(f"?page=case&as_of={DAY}&lang=zh&case={paid}")
    expect(page.get_by_text(f"贷款 {paid} 在 {DAY} 没有欠款，无需制定计划。")).to_have_count(2)  # chart and table
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_document_is_seen_and_saved_and_the_plan_follows_its_switch(visit, late):
    page = visit(f"?page=case&case={late}&as_of={DAY}&document_language=en")
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("heading", name="Formal demand for payment")).to_be_visible()
    row = ck.assess(DEMO, POLICY, as_of=DAY).set_index("loan_id").loc[late]
    expect(frame.get_by_text(f"{row['total_due']:,.2f}").first).to_be_visible()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download “Documents”").click()
        page.get_by_role("menuitem", name="Word").or_(page.get_by_role("button", name="Word")).first.click()
    assert waiting.value.suggested_filename.endswith(".docx")
    assert waiting.value.path().read_bytes()[:2] == b"PK"
    page.get_by_role("button", name="3 months", exact=True).scroll_into_view_if_needed()
    page.get_by_role("button", name="3 months", exact=True).click()
    expect(page).not_to_have_url(re.compile("plan_months"))  # the default
    page.get_by_role("button", name="A few days", exact=True).click()
    expect(page).to_have_url(re.compile("plan=deferral"))
    plan = casework.propose_plan(DEMO, POLICY, late, as_of=DAY, kind="deferral")
    expect(page.get_by_text(f"{plan.schedule['due_date'].iloc[0]:%Y-%m-%d}").first).to_be_visible()


def test_a_document_that_does_not_fit_says_why(visit, late):
    page = visit(f"?page=case&case={late}&as_of={DAY}&document=reminder")
    expect(page.get_by_text("nothing due and unpaid")).to_be_visible()


def test_an_unknown_case_is_told(visit):
    page = visit(f"?page=case&case=L9999&as_of={DAY}")
    expect(page.get_by_text("Part of the address was not understood")).to_be_visible()


# Conduct.


@pytest.mark.parametrize(("language", "name", "missing"), [
    ("en", "Breaches", "the records do not hold: By appointment, Reviewed"),
    ("zh", "违规", "记录中没有：已预约、已复核"),
])  # fmt: skip
def test_conduct_counts_what_the_package_counts(visit, language, name, missing):
    page = visit(f"?page=conduct&as_of={DAY}&lang={language}&period=all")
    found = casework.check_contacts(DEMO, POLICY, start="2023-07-01", end=DAY)
    expect(tile(page, name)).to_contain_text(words_in(language).short(len(found)))
    expect(page.get_by_text(missing).first).to_be_attached()  # what cannot be checked is said
    no_sideways_scrolling(page)


@pytest.mark.parametrize("name", ["worklist", "case", "conduct"])
def test_text_in_data_stays_text(visit, name):
    page = visit(f"?page={name}&portfolio=hostile&as_of=2025-04-30")
    page.wait_for_timeout(2000)
    assert page.evaluate("window.attacked") is None
    assert page.locator("img[src=x]").count() == 0
