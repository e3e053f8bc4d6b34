"""Documents: figures of the ledger, nothing rude, nothing to a third party, one archive with hashes."""

from __future__ import annotations

import hashlib
import io
import os
import re
import shutil
import time
import zipfile

import pandas as pd
import pytest

import collectkit as ck
from collectkit import casework
from collectkit.casework import KINDS, Sender
from collectkit.printing import pdfs
from tests.five_loans import one_loan, plain

SENDER = Sender("示例小贷", "400-000-0000", "App 还款页")
BROWSER = os.environ.get("CHROMIUM") or shutil.which("chromium")
DAY = "2025-03-31"
LATE = one_loan(
    "2025-03-01 1000 20 7", loan='annual_rate = "0.12"; customer_name = "王小明"; address = "北京市示例路1号"'
)
POLICY = plain()
WORDING = POLICY.wording_on(DAY)
OVERDUE = [name for name, kind in KINDS.items() if kind.case in ("overdue", "")]


def written(kind="overdue_sms", *, portfolio=LATE, as_of=DAY, **given):
    return casework.document(portfolio, POLICY, "L1", kind=kind, as_of=as_of, **{"sender": SENDER, **given})


# Figures.


def test_the_message_says_the_figures_of_the_ledger():
    # 1 000 × 30 × 0.0005 = 15.00 penalty; 1 000 + 20 + 7 + 15 = 1 042.00
    text = written().text
    for part in (
        "L1",
        "2025-03-01",
        "30 天",
        "1,000.00",
        "20.00",
        "7.00",
        "15.00",
        "1,042.00",
        "400-000-0000",
        "App 还款页",
    ):
        assert part in text


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("kind", OVERDUE)
def test_every_document_of_a_late_case_is_written_in_both_languages(kind, language):
    made = written(kind, language=language)
    assert made.html.startswith("<!doctype html>")
    assert "L1" in made.text
    assert made.as_of == pd.Timestamp(DAY)


def test_the_demand_letter_has_amounts_deadline_measures_and_contact():
    letter = written("demand_letter")
    for part in ("1,000.00", "20.00", "15.00", "2025-04-15", "下一步措施", "400-000-0000"):
        assert part in letter.text


def test_a_chinese_letter_names_the_law_in_chinese():
    letter = casework.document(DEMO, CN, LOANS[0], kind="demand_letter", as_of="2025-06-30", sender=SENDER)
    assert letter.fields["rule"].endswith("（银发〔2003〕251号第三条；年化上限 24%：法发〔2017〕22号第二条）")
    assert not re.search("[A-Za-z]", letter.fields["rule"])


def test_the_evidence_tells_how_the_figures_come_about():
    steps = ck.explain(LATE, POLICY, "L1", as_of=DAY, language="zh")
    text = written("evidence_list").text
    assert all(note in text for note in steps["note"])


def test_the_plan_is_in_the_plan():
    plan = casework.propose_plan(LATE, POLICY, "L1", as_of=DAY, months=3)
    text = written("repayment_plan", plan=plan).text
    assert all(f"{amount:,.2f}" in text for amount in plan.schedule["amount"])
    assert all(f"{day:%Y-%m-%d}" in text for day in plan.schedule["due_date"])


def test_no_collection_fee_is_charged():
    assert "不收取任何催收费用" in written("overdue_notice").text


def test_the_reminder_speaks_of_today():
    text = written("reminder", as_of="2025-03-01").text
    assert "1,027.00" in text
    assert "逾期" not in text


@pytest.mark.parametrize(("kind", "as_of", "words"), [
    ("overdue_sms", "2025-03-01", "not overdue"), ("reminder", "2025-03-02", "nothing due and unpaid"),
    ("repayment_plan", DAY, "propose_plan"), ("poem", DAY, "demand_letter"),
])  # fmt: skip
def test_a_kind_that_does_not_fit_the_case_says_so(kind, as_of, words):
    with pytest.raises(ck.CallError, match=words):
        written(kind, as_of=as_of)


def test_a_plan_of_another_day_is_refused():
    plan = casework.propose_plan(LATE, POLICY, "L1", as_of="2025-03-30")
    with pytest.raises(ck.CallError, match="2025-03-30"):
        written("repayment_plan", plan=plan)


# The linter.


def test_a_message_without_the_way_to_pay_fails():  # T-S17
    text = "{{ fields.name }} {{ fields.loan }} {{ fields.due_date }} {{ fields.days }} {{ fields.principal }}"
    text += " {{ fields.interest }} {{ fields.penalty }} {{ fields.total }} {{ fields.phone }}"
    with pytest.raises(ck.CallError, match=r"not written: how_to_pay is missing"):
        written(text=text)
    assert written(text=text + " {{ fields.how_to_pay }}").text.endswith("App 还款页")


@pytest.mark.parametrize("word", ["罚息", "逾期", "penalty", "Overdue"])
def test_a_reminder_with_a_word_of_being_late_fails(word):  # T-S17
    text = "{{ fields.name }} {{ fields.loan }} {{ fields.due_date }} {{ fields.amount }} {{ fields.phone }} " + word
    with pytest.raises(ck.CallError, match="not in a reminder"):
        written("reminder", as_of="2025-03-01", text=text)


@pytest.mark.parametrize(("phrase", "kind"), [
    ("你必须还款", "impolite"), ("您必须还款", "impolite"), ("赶紧还钱", "impolite"), ("You MUST pay", "impolite"),
    ("怎么还没还钱", "impolite"), ("否则通知你的家人", "a threat"), ("后果自负", "a threat"), ("or else", "a threat"),
    ("进入黑名单", "a threat"),
])  # fmt: skip
def test_rude_words_and_threats_fail(phrase, kind):
    problems = casework.lint(phrase, fields={}, required=[], wording=WORDING)
    assert [problem.split(":")[0] for problem in problems] == [kind]


def test_polite_words_pass():
    text = "您好，请问您收到短信了吗？谢谢。 Thank you; you may also pay in instalments."
    assert casework.lint(text, fields={}, required=[], wording=WORDING) == []


@pytest.mark.parametrize(("text", "is_refused"), [
    ("请转告王小明欠款3200元", True), ("请转告王小明，应还 1,042.00", True), ("他的贷款已逾期", True),
    ("His loan is overdue", True), ("请转告王小明回电 400-000-0000，谢谢", False),
    ("Please ask him to call 400-000-0000 by 10 June", False),
])  # fmt: skip
def test_no_amount_and_no_word_of_the_debt_to_a_third_party(text, is_refused):  # T-S12
    words = POLICY.contact_rules_for("cn", DAY).limit("debt_data").words
    problems = casework.lint(text, fields={}, required=[], wording=WORDING, debt_words=words, party="contact_person")
    assert bool(problems) == is_refused


@pytest.mark.parametrize("kind", [name for name in OVERDUE if KINDS[name].is_message])
def test_no_letter_of_a_debt_goes_to_a_contact_person(kind):
    with pytest.raises(ck.CallError, match="third party"):
        written(kind, party="contact_person")
    assert written(kind, party="guarantor").text


@pytest.mark.parametrize("name", list(KINDS))
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_template_is_polite(name, language):
    from collectkit.documents import _environment

    loader = _environment("en").loader
    for ending in ("html", "txt"):
        path = f"letters/{name}.{language}.{ending}"
        if path in loader.list_templates():
            source = loader.get_source(_environment("en"), path)[0]
            assert casework.lint(source, fields={}, required=[], wording=WORDING, is_reminder=name == "reminder") == []


def test_somebodys_own_words_reach_nothing_but_the_values():
    with pytest.raises(ck.CallError, match="cannot be filled in"):
        written(text="{{ fields.__class__.__mro__ }}")
    with pytest.raises(ck.CallError, match="no_such"):
        written(text="{{ no_such }}")


# Personal data and hostile text.


def test_names_are_masked_unless_asked_for():
    masked, full = written("demand_letter"), written("demand_letter", is_personal=True)
    assert "王**" in masked.text
    assert "王小明" not in masked.html
    assert "北京市示例路1号" not in masked.html
    assert "王小明" in full.text
    assert "北京市示例路1号" in full.text


def test_data_never_become_markup():
    hostile = one_loan("2025-03-01 1000", loan='annual_rate = "0.12"; customer_name = "<img src=x onerror=alert(1)>"')
    made = [written(kind, portfolio=hostile, is_personal=True) for kind in OVERDUE]
    made.append(written(portfolio=hostile, is_personal=True, text=made[0].text))
    assert not any("<img" in document.html for document in made)


# Word, PDF, batch.


def test_the_word_file_holds_the_letter():
    import docx

    file = docx.Document(io.BytesIO(written("demand_letter").word()))
    text = "\n".join(paragraph.text for paragraph in file.paragraphs)
    assert "催款函" in text
    assert "1,042.00" in text
    assert [cell.text for cell in file.tables[0].rows[1].cells] == [
        "1",
        "2025-03-01",
        "7.00",
        "20.00",
        "1,000.00",
        "1,027.00",
    ]


DEMO, CN = ck.load_sample("demo"), ck.load_policy()
LOANS = ck.overdue_loans(ck.assess(DEMO, CN, as_of="2025-06-30"), DEMO.loans)["loan_id"].tolist()


def batch(target, loans, **given):
    given = {"kind": "demand_letter", "as_of": "2025-06-30", "sender": SENDER, "format": "html", **given}
    return casework.write_batch(DEMO, CN, loans, target=target, **given)


@pytest.mark.parametrize("format", ["html", "word"])
def test_a_batch_is_one_archive_with_an_index_of_hashes(tmp_path, format):
    index = batch(tmp_path / "letters.zip", LOANS[:4], format=format)
    with zipfile.ZipFile(tmp_path / "letters.zip") as archive:
        assert archive.testzip() is None
        assert sorted(archive.namelist()) == sorted([*index["file_name"], "index.csv"])
        for row in index.itertuples():
            assert hashlib.sha256(archive.read(row.file_name)).hexdigest() == row.sha256
        stored = pd.read_csv(io.BytesIO(archive.read("index.csv")))
    assert stored["sha256"].tolist() == index["sha256"].tolist()
    assert stored["loan_id"].tolist() == LOANS[:4]


def test_a_letter_that_may_not_be_written_stops_none_of_the_others(tmp_path):
    current = ck.assess(DEMO, CN, as_of="2025-06-30").query("status == 'current'")["loan_id"].iloc[0]
    index = batch(tmp_path / "letters.zip", [LOANS[0], current, LOANS[1]])
    assert index["file_name"].isna().tolist() == [False, True, False]
    assert "not overdue" in index["problem"][1]


def test_progress_is_told_and_the_same_batch_is_the_same_archive(tmp_path):
    told = []
    batch(tmp_path / "a.zip", LOANS[:3], progress=lambda done, all_: told.append((done, all_)))
    batch(tmp_path / "b.zip", LOANS[:3])
    assert told == [(3, 3)]
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_a_batch_overwrites_nothing_and_takes_each_loan_once(tmp_path):
    batch(tmp_path / "a.zip", LOANS[:1])
    with pytest.raises(ck.CallError, match="there already"):
        batch(tmp_path / "a.zip", LOANS[:1])
    with pytest.raises(ck.CallError, match="more than once"):
        batch(tmp_path / "b.zip", LOANS[:1] * 2)
    with pytest.raises(ck.CallError, match="html, pdf, word"):
        batch(tmp_path / "b.zip", LOANS[:1], format="odt")
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]


@pytest.mark.skipif(not BROWSER, reason="the PDF batch was NOT printed: no chromium on this machine")
def test_letters_printed_together_are_cut_apart_rightly(tmp_path):
    import pikepdf
    from pypdf import PdfReader

    schedule = "; ".join(f"20{20 + n // 12}-{n % 12 + 1:02}-01 100" for n in range(60))
    long = one_loan(schedule, loan='annual_rate = "0.12"', disbursed="2019-12-01")
    sender = {"sender": SENDER, "kind": "demand_letter"}
    pages = [casework.document(DEMO, CN, loan, as_of="2025-06-30", **sender).html for loan in LOANS[:2]]
    pages.insert(1, casework.document(long, POLICY, "L1", as_of="2025-06-30", **sender).html)
    cut = pdfs(pages)
    texts = ["".join(page.extract_text() for page in PdfReader(io.BytesIO(part)).pages) for part in cut]
    counts = [len(PdfReader(io.BytesIO(part)).pages) for part in cut]
    assert [loan in text for loan, text in zip([LOANS[0], "L1", LOANS[1]], texts, strict=True)] == [True] * 3
    assert LOANS[1] not in texts[0]
    assert counts[0] == counts[2] == 1
    assert counts[1] > 1
    for part, count in zip(cut, counts, strict=True):  # nothing of another letter is left inside
        with pikepdf.open(io.BytesIO(part)) as file:
            kinds = [str(thing.get("/Type")) for thing in file.objects if isinstance(thing, pikepdf.Dictionary)]
        assert kinds.count("/Page") == count


@pytest.mark.skipif(not BROWSER, reason="the PDF batch was NOT printed: no chromium on this machine")
def test_a_batch_of_pdfs(tmp_path):
    index = batch(tmp_path / "letters.zip", LOANS[:5], format="pdf")
    with zipfile.ZipFile(tmp_path / "letters.zip") as archive:
        assert all(archive.read(name).startswith(b"%PDF-") for name in index["file_name"])
    assert index["sha256"].nunique() == 5


def test_a_thousand_letters_are_written_quickly(tmp_path):
    one = LATE
    ids = [f"L{n}" for n in range(1000)]
    tables = {name: pd.concat([one.table(name)] * 1000, ignore_index=True).assign(loan_id=ids)
              for name in ("loans", "instalments")}  # fmt: skip
    many = one.replacing(**tables)
    start = time.process_time()
    index = casework.write_batch(many, POLICY, ids, kind="demand_letter", as_of=DAY, sender=SENDER, format="html",
                                 target=tmp_path / "letters.zip")  # fmt: skip
    assert time.process_time() - start < 20
    assert index["problem"].isna().all()
    assert re.fullmatch("[0-9a-f]{64}", index["sha256"].iloc[-1])
