"""Data in a browser, in both languages and on a small screen: files are dropped, checked, mapped and taken in."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from dashboards import shared
from tests.layout import no_sideways_scrolling

HOSTILE = "<img src=x onerror=window.attacked=1>"
LOANS = "loan_id,product,disbursement_date,principal,annual_rate\nL1,p,2025-01-01,1000,0.18\nL2,p,never,500,0.18\n"
INSTALMENTS = "loan_id,instalment_no,due_date,principal,interest\nL1,1,2025-02-01,1000,15\nL2,1,2025-02-01,500,7\n"
PAYMENTS = f"payment_id,loan_id,value_date,amount\nP1,L1,2025-02-01,1015\n{HOSTILE},=cmd(),{HOSTILE},7\n"
WORDS = {
    "en": {"empty": "No files yet", "errors": "Errors", "loans": "Loans", "check": "Check", "what": "What to do",
           "by": "Imported by", "take": "Take in", "done": "Import 000001 is done",
           "no toml": "not valid TOML", "again": "was imported before"},
    "zh": {"empty": "尚无文件", "errors": "错误", "loans": "贷款", "check": "检查", "what": "处理办法",
           "by": "导入人", "take": "导入", "done": "导入 000001 已完成",
           "no toml": "不是有效的 TOML", "again": "无须再次导入"},
}  # fmt: skip


@pytest.fixture
def files(tmp_path):
    """Three files with our names; one date cannot be read and one payment has hostile texts."""
    paths = []
    for name, text in {"loans": LOANS, "instalments": INSTALMENTS, "payments": PAYMENTS}.items():
        paths.append(tmp_path / f"{name}.csv")
        paths[-1].write_text(text, encoding="utf-8")
    return paths


def drop(page, *paths):
    page.locator("input[type=file]").set_input_files(paths)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_files_are_read_checked_and_counted(visit, files, language):
    words = WORDS[language]
    page = visit(f"?page=data&lang={language}")
    expect(page.get_by_text(words["empty"])).to_be_visible()
    drop(page, *files)
    errors = page.get_by_role("region", name=words["errors"]).locator(".value")
    expect(errors).not_to_have_text("0")
    count = page.locator(".facts div").filter(has=page.get_by_text(words["loans"], exact=True)).locator("dd")
    expect(count).to_have_text("2")
    expect(page.get_by_role("columnheader", name=words["what"])).to_be_attached()
    expect(page.locator(".tabulator-cell").get_by_text(HOSTILE).first).to_be_attached()
    assert page.evaluate("window.attacked") is None
    assert page.locator("img[src=x]").count() == 0
    no_sideways_scrolling(page)


def test_the_problems_can_be_filtered_and_saved_without_formulas(visit, files):
    page = visit("?page=data")
    drop(page, *files)
    field = page.get_by_role("columnheader", name="Value").locator("input")
    field.press_sequentially("never")
    expect(page.locator(".tabulator-row")).to_have_count(1)
    field.press("Control+A")
    field.press("Backspace")
    expect(page.locator(".tabulator-row")).not_to_have_count(1)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download CSV").click()
    assert waiting.value.suggested_filename == "problems.csv"
    text = waiting.value.path().read_text(encoding="utf-8-sig")
    assert "'=cmd()" in text
    assert ",=cmd()" not in text


def test_a_mapping_is_proposed_edited_and_checked(visit, tmp_path):
    language = "zh"
    path = tmp_path / "贷款台账.csv"
    path.write_text(
        "贷款编号,产品,放款日期,贷款金额(万元),年利率(%)\nL1,消费贷,2025-01-01,1.5,18\n", encoding="gb18030"
    )
    page = visit(f"?page=data&lang={language}")
    drop(page, path)
    field = page.locator("textarea:visible").first
    expect(field).to_have_value(re.compile("贷款编号"))
    proposal = field.input_value()
    check = page.get_by_role("button", name=WORDS[language]["check"], exact=True)
    field.fill("wrong")
    check.click()
    expect(page.get_by_text(WORDS[language]["no toml"])).to_be_visible()
    field.fill(proposal)
    check.click()
    expect(page.get_by_text(WORDS[language]["no toml"])).to_have_count(0)
    expect(page.get_by_role("region", name=WORDS[language]["errors"]).locator(".value")).to_be_visible()


def test_a_bad_file_leaves_the_page_alive(visit, tmp_path, files):
    bad = tmp_path / "bad.xlsx"
    bad.write_bytes(b"PK\x03\x04 this is no workbook")
    page = visit("?page=data")
    drop(page, bad)
    expect(page.get_by_text("“bad.xlsx” was not read")).to_be_visible()
    drop(page, files[1])
    expect(page.get_by_text("“bad.xlsx” was not read")).to_have_count(0)
    expect(page.get_by_role("region", name="Errors")).to_be_visible()


def test_a_large_file_comes_in_pieces(visit, tmp_path):
    path = tmp_path / "payments.csv"
    rows = "".join(f"P{i:07d},L{i:07d},2025-02-01,{'9' * 9}.00\n" for i in range(450_000))
    path.write_text("payment_id,loan_id,value_date,amount\n" + rows, encoding="utf-8")
    assert path.stat().st_size > 15_000_000
    page = visit("?page=data")
    drop(page, path)
    expect(page.get_by_text("Reading and checking the files …")).to_be_visible(timeout=30_000)
    expect(page.locator(".facts dd").get_by_text("450,000")).to_be_visible(timeout=60_000)


def test_files_are_taken_in_once(visit, files, tmp_path, monkeypatch):
    language = "en"
    monkeypatch.setenv(shared.WORKSPACE, str(tmp_path / "book"))
    words = WORDS[language]
    page = visit(f"?page=data&lang={language}")
    drop(page, *files)
    page.get_by_label(words["by"]).fill("Li Na")
    take = page.get_by_role("button", name=words["take"], exact=True)
    take.click()
    expect(page.get_by_text(words["done"])).to_be_visible()
    expect(page.locator(".tabulator-cell").get_by_text("Li Na")).to_be_visible()
    drop(page, *files)
    take.click()
    expect(page.get_by_text(words["again"])).to_be_visible()
    assert len(shared.workspace().register()) == 1
