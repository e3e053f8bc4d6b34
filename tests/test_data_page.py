"""The page *Data* without a browser: files, mapping, checks and imports; a bad file harms nothing."""

from __future__ import annotations

import asyncio
import gc
import hashlib
import io
import logging

import pandas as pd
import panel as pn
import panel_material_ui as pmui
import pytest

import collectkit as ck
from collectkit.cli import main as command
from dashboards import pages, shared
from dashboards.pages import data_upload
from dashboards.pages.data_upload import Upload, safe_name, upload_of
from dashboards.session import Session
from dashboards.shell import Shell
from tests.shown import QUIET

pytestmark = QUIET

HOSTILE = "<img src=x onerror=alert(1)>"
LOANS = (
    b"loan_id,product,disbursement_date,principal,annual_rate\nL1,p,2025-01-01,1000,0.18\nL2,p,2025-01-01,500,0.18\n"
)
INSTALMENTS = b"loan_id,instalment_no,due_date,principal,interest\nL1,1,2025-02-01,1000,15\nL2,1,2025-02-01,500,7\n"
PAYMENTS = b"payment_id,loan_id,value_date,amount\nP1,L1,2025-02-01,1015\n"
BOOK = [("loans.csv", LOANS), ("instalments.csv", INSTALMENTS), ("payments.csv", PAYMENTS)]
CHINESE = "贷款编号,产品,放款日期,贷款金额(万元),年利率(%)\nL1,消费贷,2025-01-01,1.5,18\n".encode("gb18030")


@pytest.fixture(autouse=True)
def no_workspace(monkeypatch):
    monkeypatch.delenv(shared.WORKSPACE, raising=False)


@pytest.fixture
def workspace(monkeypatch, tmp_path):
    monkeypatch.setenv(shared.WORKSPACE, str(tmp_path / "book"))
    return tmp_path / "book"


@pytest.fixture
def open_page():
    """Opens the page in a language, and ends the sessions' files afterwards."""
    sessions = []

    def opened(lang="en"):
        shell = Shell(Session(pages.names(), {"page": "data", "lang": lang}))
        sessions.append(shell.session)
        return shell

    yield opened
    for session in sessions:
        upload_of(session).close()


def find(shell, kind, label=None):
    return [thing for thing in shell.content.select(kind) if label is None or thing.label == label]


def texts(shell):
    return " ".join(str(pane.object) for pane in shell.content.select(pn.pane.HTML))


def done(act, **values):
    """Act inside an event loop, as a server does, and wait for the work that it starts."""

    async def wait():
        act(**values)
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.gather(*others)

    asyncio.run(wait())


def drop(shell, *files):
    names, contents = zip(*files, strict=True)
    kinds = ["text/csv"] * len(names)
    done(find(shell, pmui.FileInput)[0].param.update, filename=list(names), mime_type=kinds, value=list(contents))


def click(shell, label):
    button = find(shell, pmui.Button, label)[0]
    done(button.param.update, clicks=button.clicks + 1)


def problems(shell):
    return next(table for table in find(shell, pn.widgets.Tabulator) if {"what_to_do", "value"} <= {*table.value})


# files


def test_an_empty_page_says_what_it_waits_for_and_that_there_is_no_workspace(open_page):
    shown = texts(open_page())
    assert "No files yet" in shown
    assert "200 MB" in shown
    assert "No workspace" in shown
    assert shared.WORKSPACE in shown
    assert "尚无文件" in texts(open_page("zh"))


def test_good_files_are_counted_and_have_no_problems(open_page):
    shell = open_page()
    drop(shell, *BOOK)
    shown = texts(shell)
    assert "No problems found" in shown
    for name, rows in {"Loans": 2, "Instalments": 2, "Payments": 1}.items():
        assert f"<dt>{name}</dt><dd>{rows}</dd>" in shown
    assert not find(shell, pmui.TextAreaInput)
    assert find(shell, pmui.FileInput)[0].value is None


def test_problems_are_those_of_the_command(open_page, tmp_path):
    bad = LOANS.replace(b"500", b"-5").replace(b"L2,p,2025-01-01", b"L2,p,01/02/2025")
    shell = open_page()
    drop(shell, ("loans.csv", bad))
    (tmp_path / "loans.csv").write_bytes(bad)
    assert command(["check", str(tmp_path / "loans.csv"), "--to", str(tmp_path / "problems.csv")]) == 1
    expected = pd.read_csv(tmp_path / "problems.csv")
    assert problems(shell).value["problem"].tolist() == expected["problem"].tolist()
    assert problems(shell).value["row"].dropna().tolist() == expected["row"].dropna().tolist()
    found = upload_of(shell.session).found
    assert (found.errors, found.warnings) == tuple((expected["severity"] == s).sum() for s in ("error", "warning"))


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("loans.csv", b"", "is empty"),
        ("loans.csv", b"\x00\x01\x02\x03", "not a text file"),
        ("loans.csv", b"loan_id,product\nL1,p\nL2,p,x\n", "not a readable CSV"),
        ("loans.xlsx", b"PK\x03\x04 broken", "not a readable Excel file"),
        ("loans.parquet", b"PAR1 broken", "not a readable Parquet file"),
        ("loans.exe", b"MZ", "kind of file"),
        (f"{HOSTILE}.csv", b"", "is empty"),
        ("../../etc/passwd", b"root", "kind of file"),
        ("", b"x", "kind of file"),
    ],
)
def test_a_bad_file_is_told_and_the_others_are_read(open_page, name, content, why):
    shell = open_page()
    drop(shell, (name, content), ("payments.csv", PAYMENTS))
    shown = texts(shell)
    assert "was not read" in shown
    assert why in shown
    assert "<img" not in shown
    assert "<dt>Payments</dt><dd>1</dd>" in shown


def test_a_bad_file_is_told_in_the_language(open_page):
    shell = open_page("zh")
    drop(shell, ("loans.csv", b""), ("loans.exe", b"MZ"))
    assert "loans.csv 是空文件。请重新导出。" in texts(shell)
    assert "没有此类文件" in texts(shell)


def test_new_files_take_the_place_of_the_old_ones(open_page):
    shell = open_page()
    drop(shell, ("loans.exe", b"MZ"))
    drop(shell, ("payments.csv", PAYMENTS))
    assert "was not read" not in texts(shell)
    assert [path.name for path in upload_of(shell.session).paths] == ["payments.csv"]


def test_two_files_of_one_name_and_two_of_one_table_are_told(open_page):
    shell = open_page()
    workbook = io.BytesIO()
    pd.read_csv(io.BytesIO(PAYMENTS)).to_excel(workbook, sheet_name="payments", index=False)
    drop(shell, ("payments.csv", PAYMENTS), ("a/payments.csv", PAYMENTS), ("book.xlsx", workbook.getvalue()))
    shown = texts(shell)
    assert "There is another file named payments.csv" in shown
    assert "Table payments of book.xlsx is in another file" in shown


def test_a_workbook_and_files_are_read_together(open_page):
    workbook = io.BytesIO()
    with pd.ExcelWriter(workbook) as book:
        pd.read_csv(io.BytesIO(LOANS)).to_excel(book, sheet_name="loans", index=False)
        pd.DataFrame({"remark": ["x"]}).to_excel(book, sheet_name="notes", index=False)
    shell = open_page()
    drop(shell, ("book.xlsx", workbook.getvalue()), *BOOK[1:])
    shown = texts(shell)
    assert "<dt>Loans</dt><dd>2</dd>" in shown
    assert "<dt>Payments</dt><dd>1</dd>" in shown
    assert "Nothing is taken from these tables: notes." in shown


def test_a_portfolio_that_was_written_comes_back_without_problems(open_page, tmp_path):
    ck.load_sample("demo").write(tmp_path / "book", format="csv")
    shell = open_page()
    drop(shell, *((path.name, path.read_bytes()) for path in sorted((tmp_path / "book").iterdir())))
    found = upload_of(shell.session).found
    assert (found.errors, found.unused) == (0, ())


def test_a_file_that_is_too_large_is_refused_by_the_server_too(open_page, monkeypatch):
    monkeypatch.setattr(data_upload, "MOST_BYTES", 10)
    shell = open_page()
    drop(shell, ("payments.csv", PAYMENTS))
    assert "too large" in texts(shell)


def test_an_error_nobody_foresaw_is_a_card_and_puts_no_data_in_the_log(open_page, monkeypatch, caplog):
    customer = "Wang"

    def fails(path):
        raise RuntimeError(customer)

    monkeypatch.setattr(data_upload, "read_frames", fails)
    shell = open_page()
    with caplog.at_level(logging.ERROR, logger="dashboards"):
        drop(shell, ("payments.csv", PAYMENTS))
    assert "Something unforeseen happened" in texts(shell)
    assert "RuntimeError" in caplog.text
    assert customer not in caplog.text + texts(shell)
    assert not upload_of(shell.session).busy


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("贷款台账.csv", "贷款台账.csv"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("/etc/passwd", "passwd"),
        ("a b;rm -rf.csv", "a_b_rm_-rf.csv"),
        ("...", "file"),
        ("x" * 300 + ".csv", "x" * 60 + ".csv"),
        ("\x00.csv", "_.csv"),
    ],
)
def test_names_of_files_are_made_safe(given, kept):
    assert safe_name(given) == kept


def test_the_files_are_private_and_go_with_the_session():
    session = Session(pages.names(), {"page": "data"})
    upload = upload_of(session)
    upload.take(BOOK)
    folder = next(iter(upload.paths)).parent.parent
    assert folder.stat().st_mode & 0o077 == 0
    assert upload_of(session) is upload
    assert upload_of(Session(pages.names())) is not upload
    del session, upload
    gc.collect()
    assert not folder.exists()


# mapping


def test_foreign_names_get_a_proposal_that_can_be_edited_and_checked(open_page):
    shell = open_page()
    drop(shell, ("贷款台账.csv", CHINESE))
    field = find(shell, pmui.TextAreaInput)[0]
    assert '"贷款编号"' in field.value
    assert "贷款台账" in field.value
    assert upload_of(shell.session).found is None
    click(shell, "Check")
    found = upload_of(shell.session).found
    assert found.rows == {"loans": 1}
    assert upload_of(shell.session).read()[0]["loans"]["principal"].tolist() == [15_000.0]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("not toml", "not valid TOML"),
        ('name = "x"\n[tables.lons]\nfrom = "a"\n[tables.lons.columns]\nloan_id = "b"\n', "no table of ours"),
        ("", "name"),
    ],
)
def test_a_wrong_mapping_is_told_and_can_be_put_right(open_page, text, why):
    shell = open_page()
    drop(shell, ("贷款台账.csv", CHINESE))
    field = find(shell, pmui.TextAreaInput)[0]
    proposal, field.value = field.value, text
    click(shell, "Check")
    assert "This did not work" in texts(shell)
    assert why in texts(shell)
    assert find(shell, pmui.TextAreaInput)[0].value == text
    field.value = proposal
    click(shell, "Check")
    assert "This did not work" not in texts(shell)
    assert upload_of(shell.session).found.rows == {"loans": 1}


def test_without_a_proposal_the_page_says_so_and_gives_a_beginning(open_page):
    shell = open_page()
    drop(shell, ("odd.csv", f"a,b\n{HOSTILE},2\n".encode()))
    assert "No mapping could be proposed" in texts(shell)
    assert 'from = "odd"' in find(shell, pmui.TextAreaInput)[0].value
    assert "<img" not in texts(shell)


def test_the_language_switch_keeps_files_edits_and_results(open_page):
    shell = open_page()
    drop(shell, ("贷款台账.csv", CHINESE))
    click(shell, "Check")
    field = find(shell, pmui.TextAreaInput)[0]
    field.value += "# mine\n"
    shell.session.lang = "zh"
    assert find(shell, pmui.TextAreaInput)[0].value.endswith("# mine\n")
    assert "检查结果" in texts(shell)
    assert "<dt>贷款</dt><dd>1</dd>" in texts(shell)
    click(shell, "检查")
    assert upload_of(shell.session).found is not None


# problems


def test_text_from_files_is_never_markup_and_personal_data_is_not_shown(open_page):
    text = (
        "loan_id,product,disbursement_date,principal,annual_rate,customer_name\n"
        f"{HOSTILE},p,{HOSTILE},=1+1,0.18,王小明\n=cmd(),p,never,1,0.18,王小明\n"
    )
    shell = open_page()
    drop(shell, ("loans.csv", text.encode()))
    table = problems(shell)
    assert HOSTILE in table.value["value"].tolist()
    assert "html" not in str(table.formatters)
    assert "<img" not in texts(shell)
    assert "王小明" not in str(table.value.to_dict()) + texts(shell)
    with find(shell, pmui.FileDownload, "Download CSV")[0].callback() as file:
        saved = file.read().decode("utf-8-sig")
    assert "'=1+1" in saved
    assert ",=1+1" not in saved


def test_the_table_of_problems_has_headers_of_the_language(open_page):
    for lang, header, severity in (("en", "What to do", "error"), ("zh", "处理办法", "错误")):
        shell = open_page(lang)
        drop(shell, ("loans.csv", LOANS.replace(b"500", b"-5")))
        table = problems(shell)
        assert table.titles["what_to_do"] == header
        assert severity in table.value["severity"].tolist()
        assert table.pagination == "remote"


def test_problems_are_told_in_the_language(open_page):
    shell = open_page("zh")
    drop(shell, ("loans.csv", LOANS.replace(b"500", b"-5")))
    row = problems(shell).value.iloc[0]
    assert row[["table", "column", "problem", "severity"]].tolist() == ["贷款", "本金", "金额为负", "错误"]
    assert "退款请按冲正录入" in row["what_to_do"]


def test_many_problems_are_counted_by_kind_first(open_page):
    shell = open_page()
    drop(shell, ("loans.csv", LOANS.replace(b"1000", b"-5").replace(b"500", b"-6")))
    kinds = next(table.value for table in find(shell, pn.widgets.Tabulator) if "first_rows" in table.value)
    negative = kinds[kinds["problem"] == "amount is negative"].iloc[0]
    assert negative[["rows", "first_rows"]].tolist() == [2, "2, 3"]


def test_the_report_of_the_checks_can_be_sent(open_page):
    shell = open_page("zh")
    drop(shell, ("loans.csv", LOANS.replace(b"500", b"-5").replace(b"p,", HOSTILE.encode() + b",")))
    with find(shell, pmui.FileDownload, "下载报告")[0].callback() as file:
        page = file.read().decode()
    assert "数据检查：loans.csv" in page
    assert "金额为负" in page
    assert "<img" not in page


# figures the source states itself

STATED = b"loan_id,as_of,days_past_due,penalty\nL2,2025-03-01,%d,0\n"


def tables_with(shell, column):
    return [table.value for table in find(shell, pn.widgets.Tabulator) if column in table.value]


def test_stated_figures_are_compared_under_the_policy(open_page):
    shell = open_page()
    drop(shell, *BOOK, ("stated.csv", STATED % 29))
    assert shell.session.policy in texts(shell)
    (differences,) = tables_with(shell, "deviation")
    days = differences[differences["what"] == "Days past due"].iloc[0]
    assert days[["stated", "ours", "deviation"]].tolist() == ["29", "28", "+1"]
    assert "the due date is day 1" in days["stated_because"]
    (readings,) = tables_with(shell, "explained")
    assert "the due date is day 1 (inclusive counting)" in readings["reading"].tolist()
    done(shell.session.param.update, policy="plain")
    assert "under policy plain" in texts(shell)


def test_another_language_compares_anew(open_page):
    shell = open_page()
    drop(shell, *BOOK, ("stated.csv", STATED % 29))
    done(shell.session.param.update, lang="zh")
    (differences,) = tables_with(shell, "deviation")
    assert "逾期天数" in differences["what"].tolist()
    assert differences["stated_because"].str.contains("来源于").all()


def test_figures_that_agree_are_told_so(open_page):
    shell = open_page()
    drop(shell, *BOOK, ("stated.csv", STATED.replace(b",penalty", b"").replace(b",0", b"") % 28))
    assert "All figures agree" in texts(shell)


def test_stated_figures_wait_for_the_errors_to_be_corrected(open_page):
    shell = open_page()
    drop(shell, *BOOK, ("stated.csv", STATED % 29 + b"L9,2025-03-01,1,0\n"))
    assert "loan is not in loans" in problems(shell).value["problem"].tolist()
    assert not tables_with(shell, "deviation")


def test_stated_figures_alone_are_compared_with_the_book_of_the_workspace(open_page, workspace):
    shell = open_page()
    drop(shell, ("stated.csv", STATED % 29))
    assert "Import a file first" in texts(shell)
    drop(shell, *BOOK)
    find(shell, pmui.TextInput, "Imported by")[0].value = "Li"
    click(shell, "Take in")
    drop(shell, ("stated.csv", STATED % 29))
    (differences,) = tables_with(shell, "deviation")
    assert "29" in differences["stated"].tolist()


def test_without_a_book_nothing_can_be_compared(open_page):
    shell = open_page()
    drop(shell, ("stated.csv", STATED % 29))
    assert "add its loans, instalments and payments" in texts(shell)


# taking in


def test_files_are_taken_in_and_registered(open_page, workspace):
    shell = open_page()
    assert "Nothing was imported yet" in texts(shell)
    drop(shell, BOOK[0], BOOK[1], ("payments.csv", PAYMENTS + b"P2,nobody,2025-02-01,1\n"))
    find(shell, pmui.TextInput, "Imported by")[0].value = f"Li {HOSTILE}"
    click(shell, "Take in")
    shown = texts(shell)
    assert "Import 000001 is done" in shown
    assert "1 row is in quarantine" in shown
    counts = next(t for t in find(shell, pn.widgets.Tabulator) if "table" in t.value and "rows_in" in t.value).value
    assert counts["rows_in"].tolist() == [2, 2, 2]
    register = next(t for t in find(shell, pn.widgets.Tabulator) if "sha256" in t.value).value
    assert register["imported_by"].tolist() == [f"Li {HOSTILE}"]
    assert register["quarantined"].tolist() == [1]
    assert len(shared.workspace().portfolio().payments) == 1
    assert "<img" not in shown
    report = find(shell, pmui.FileDownload, "Download report of the import")[0].callback().read().decode()
    assert "Import 000001" in report
    assert "<img" not in report


def test_an_identical_file_is_refused_also_after_the_command(open_page, workspace, tmp_path):
    (tmp_path / "loans.csv").write_bytes(LOANS)
    command(["import", str(tmp_path / "loans.csv"), "--into", str(workspace), "--by", "Wang"])
    shell = open_page()
    drop(shell, ("loans.csv", LOANS))
    find(shell, pmui.TextInput, "Imported by")[0].value = "Li"
    click(shell, "Take in")
    assert "was imported before" in texts(shell)
    assert len(shared.workspace().register()) == 1
    assert shared.workspace().register()["sha256"].tolist() == [hashlib.sha256(LOANS).hexdigest()]


def test_who_imports_must_be_said(open_page, workspace):
    shell = open_page()
    drop(shell, *BOOK)
    click(shell, "Take in")
    assert "Enter who imports the files." in texts(shell)
    assert shared.workspace().register().empty


def test_without_a_workspace_nothing_can_be_taken_in(open_page):
    shell = open_page()
    drop(shell, *BOOK)
    assert not find(shell, pmui.Button, "Take in")


def test_a_damaged_workspace_is_a_card_and_files_can_still_be_checked(open_page, workspace):
    workspace.mkdir()
    (workspace / "current.json").write_text("{")
    shell = open_page()
    assert "Restore the folder from a backup" in texts(shell)
    drop(shell, *BOOK)
    assert "No problems found" in texts(shell)


def test_a_second_step_waits_for_the_first(open_page):
    shell = open_page()
    drop(shell, ("贷款台账.csv", CHINESE))
    upload = upload_of(shell.session)
    upload.busy = "Reading the files …"
    upload.tell()
    assert "Reading the files …" in texts(shell)
    assert find(shell, pmui.LinearProgress)
    click(shell, "Check")
    assert upload.found is None


def test_an_upload_without_a_page_needs_none():
    upload = Upload()
    upload.tell()
    upload.take([])
    assert upload.paths == {}
    upload.close()
