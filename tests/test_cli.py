"""The command does what its help says, says it on the standard error, and ends with an exit code that can be used."""

from __future__ import annotations

import io
import re
import sys
from functools import partial

import pandas as pd
import pytest

import collectkit as ck
from collectkit.cli import main
from tests.five_loans import AS_OF, five_loans, tables


@pytest.fixture
def book(tmp_path):
    five_loans().write(tmp_path / "book", format="csv")
    return tmp_path / "book"


def test_help_teaches_and_ends_with_0(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    assert "collectkit assess demo --as-of" in capsys.readouterr().out


def test_a_command_that_is_none_ends_with_2(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["colect"])
    assert ended.value.code == 2
    assert "choose from" in capsys.readouterr().err


def test_an_option_that_is_none_ends_with_2(book, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["check", str(book), "--polcy", "plain"])
    assert ended.value.code == 2
    assert "--polcy" in capsys.readouterr().err


def test_serve_hands_its_options_to_the_pages(monkeypatch):
    called = []
    monkeypatch.setattr(sys, "argv", ["collectkit"])
    monkeypatch.setattr("collectkit.cli.runpy.run_module", lambda name, run_name: called.append([name, *sys.argv[1:]]))
    assert main(["serve", "--portfolio", "book", "--port", "5007"]) == 0
    assert called == [["dashboards", "--portfolio", "book", "--port", "5007"]]


def test_a_good_book_passes_the_check(book, capsys):
    assert main(["check", str(book)]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "5 loans" in err and "0 errors" in err


def test_problems_are_listed_and_end_with_1(tmp_path, book, capsys):
    payments = pd.read_csv(book / "payments.csv", dtype=str)
    payments.loc[0, "amount"] = "-5"
    payments.to_csv(book / "payments.csv", index=False)
    assert main(["check", str(book), "--to", str(tmp_path / "problems.csv")]) == 1
    found = pd.read_csv(tmp_path / "problems.csv")
    assert found["problem"].tolist() == ["amount is negative"]
    assert "1 errors" in capsys.readouterr().err


READERS = {"csv": pd.read_csv, "xlsx": partial(pd.read_excel, engine="calamine"), "parquet": pd.read_parquet}


@pytest.mark.parametrize("ending", READERS)
def test_assess_writes_what_the_package_says(tmp_path, book, ending):
    target = tmp_path / f"day.{ending}"
    assert main(["assess", str(book), "--as-of", AS_OF, "--policy", "plain", "--to", str(target)]) == 0
    expected = ck.assess(five_loans(), ck.load_policy("plain"), as_of=AS_OF)
    assert READERS[ending](target)["total_due"].tolist() == expected["total_due"].tolist()


def test_a_file_that_is_there_is_not_written_over(tmp_path, book, capsys):
    target = tmp_path / "day.csv"
    target.write_text("mine", encoding="utf-8")
    assert main(["assess", str(book), "--as-of", AS_OF, "--to", str(target)]) == 2
    assert target.read_text(encoding="utf-8") == "mine"
    assert "there already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["assess", "nowhere", "--as-of", AS_OF], "no file or folder nowhere"),
        (["assess", "BOOK", "--as-of", "31/12/2025"], "not a date"),
        (["assess", "BOOK", "--as-of", AS_OF, "--policy", "us"], "There is no policy 'us'"),
        (["assess", "BOOK", "--as-of", AS_OF, "--scheme", "weeks"], "weeks"),
        (["assess", "BOOK", "--as-of", AS_OF, "--to", "day.doc"], "kind of file '.doc'"),
        (["sample", "nothing", "--to", "x"], "There is no sample 'nothing'"),
        (["import", "nowhere.csv", "--into", "x", "--by", "me"], "nowhere.csv"),
    ],
)
def test_a_wrong_call_says_why_and_ends_with_2(arguments, words, book, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main([str(book) if argument == "BOOK" else argument for argument in arguments]) == 2
    assert words in capsys.readouterr().err


def test_what_is_imported_can_be_assessed(tmp_path, book, capsys):
    workspace = str(tmp_path / "workspace")
    assert main(["import", str(book), "--into", workspace, "--by", "Li Na"]) == 0
    assert main(["assess", workspace, "--as-of", AS_OF, "--policy", "plain"]) == 0
    assert "5 loans on" in capsys.readouterr().err
    assert main(["import", str(book), "--into", workspace, "--by", "Li Na"]) == 2
    assert "was imported before" in capsys.readouterr().err


def test_rows_in_quarantine_end_with_1(tmp_path, capsys):
    made = tables()
    made["loans"].to_csv(tmp_path / "loans.csv", index=False)
    assert main(["import", str(tmp_path / "loans.csv"), "--into", str(tmp_path / "w"), "--by", "me"]) == 1
    assert "5 rows in quarantine" in capsys.readouterr().err


@pytest.fixture
def stated(tmp_path):
    """The five loans whose source counts the due date as day 1."""
    frame = pd.DataFrame({"loan_id": list("BC"), "as_of": pd.Timestamp(AS_OF), "days_past_due": [2, 60]})
    five_loans().replacing(stated=frame).write(tmp_path / "stated", format="csv")
    return tmp_path / "stated"


def test_stated_figures_are_compared_under_a_policy(stated, capsys):
    assert main(["check", str(stated), "--policy", "plain"]) == 0
    out, err = capsys.readouterr()
    assert "2 rows of stated figures, 2 differences" in err
    assert "the due date is day 1" in out
    assert "fell due on 2025-01-31" in out


def test_without_a_policy_nothing_is_compared(stated, capsys):
    assert main(["check", str(stated)]) == 0
    assert "differences" not in "".join(capsys.readouterr())


def test_a_source_that_states_nothing_says_so(book, capsys):
    assert main(["check", str(book), "--policy", "plain"]) == 0
    assert "no table `stated`" in capsys.readouterr().err


def test_stated_figures_wait_until_the_errors_are_corrected(stated, capsys):
    payments = pd.read_csv(stated / "payments.csv", dtype=str).assign(amount="-5")
    payments.to_csv(stated / "payments.csv", index=False)
    assert main(["check", str(stated), "--policy", "plain"]) == 1
    assert "once the errors are corrected" in capsys.readouterr().err


def test_the_report_of_a_check_is_a_page_in_the_language(tmp_path, stated):
    assert main(["check", str(stated), "--policy", "plain", "--language", "zh", "--to", str(tmp_path / "r.html")]) == 0
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "数据检查：stated" in page
    assert "以应还日当天为第 1 天" in page
    assert "https:" not in page


def test_the_workbook_of_a_check_has_both_lists(tmp_path, stated):
    main(["check", str(stated), "--policy", "plain", "--to", str(tmp_path / "r.xlsx")])
    sheets = pd.read_excel(tmp_path / "r.xlsx", sheet_name=None, engine="calamine")
    assert list(sheets) == ["problems", "stated"]
    assert sheets["stated"]["deviation"].tolist() == [1, 1]


def test_a_workspace_can_be_checked(tmp_path, stated, capsys):
    assert main(["import", str(stated), "--into", str(tmp_path / "w"), "--by", "Li"]) == 0
    assert main(["check", str(tmp_path / "w"), "--policy", "plain"]) == 0
    assert "2 differences" in capsys.readouterr().err


def test_the_report_of_an_import_is_a_page(tmp_path, book, capsys):
    target = tmp_path / "r.html"
    assert main(["import", str(book), "--into", str(tmp_path / "w"), "--by", "Li", "--to", str(target)]) == 0
    assert "Import 000001" in target.read_text(encoding="utf-8")


def test_nothing_is_imported_if_the_report_cannot_be_written(tmp_path, book, capsys):
    target = tmp_path / "r.html"
    target.write_text("mine", encoding="utf-8")
    assert main(["import", str(book), "--into", str(tmp_path / "w"), "--by", "Li", "--to", str(target)]) == 2
    assert not (tmp_path / "w").exists()


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_on_a_terminal_long_work_shows_how_far_it_is(book, monkeypatch):
    monkeypatch.setattr("sys.stderr", Terminal())
    assert main(["check", str(book)]) == 0
    shown = sys.stderr.getvalue()
    assert re.search(r"reading +\d+% \|", shown)
    assert re.search(r"checking +\d+% \|", shown)


def test_elsewhere_there_are_no_bars(book, capsys):
    main(["check", str(book)])
    assert "%" not in capsys.readouterr().err


def test_a_sample_can_be_written_and_read(tmp_path, capsys):
    assert main(["sample", "demo", "--to", str(tmp_path / "demo"), "--format", "parquet"]) == 0
    assert main(["check", str(tmp_path / "demo")]) == 0


def test_a_proposed_mapping_can_be_used_at_once(tmp_path, capsys):
    frame = tables()["loans"].rename(columns={"loan_id": "贷款编号", "disbursement_date": "放款日"})
    frame.to_csv(tmp_path / "贷款.csv", index=False, encoding="gb18030")
    assert main(["map", str(tmp_path / "贷款.csv"), "--to", str(tmp_path / "m.toml")]) == 0
    main(["check", str(tmp_path / "贷款.csv"), "--mapping", str(tmp_path / "m.toml")])
    assert "5 loans" in capsys.readouterr().err


def test_personal_data_are_masked_in_what_is_written(tmp_path):
    made = tables()
    made["loans"]["phone"] = "13800001234"
    made["loans"]["principal"] = -1.0
    for name, frame in made.items():
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
    main(["check", str(tmp_path), "--to", str(tmp_path / "problems.html")])
    assert "13800001234" not in (tmp_path / "problems.html").read_text(encoding="utf-8")


def test_a_cube_of_a_book_and_of_its_partitions_are_the_same_file(tmp_path, book, capsys):
    made = tmp_path / "months.parquet"
    assert main(["cube", str(book), "--to", str(made), "--policy", "plain"]) == 0
    assert "month ends under plain" in capsys.readouterr().err
    ck.distributed.partition(five_loans(), tmp_path / "parts", partitions=2)
    assert main(["cube", str(tmp_path / "parts"), "--to", str(tmp_path / "parts.parquet"), "--policy", "plain"]) == 0
    whole, parts = (ck.tracking.read_cube(file) for file in (made, tmp_path / "parts.parquet"))
    whole_book = five_loans()
    months = ck.month_ends(whole_book.first_date, whole_book.last_date)
    panel = ck.track(whole_book, ck.load_policy("plain"), dates=months)
    assert whole.cells.equals(ck.tracking.cube(panel, whole_book.loans).cells)
    assert ck.tracking.transition_matrix(parts).equals(ck.tracking.transition_matrix(whole))
    assert whole.policy == parts.policy == ck.load_policy("plain")
    late, late_of_parts = (ck.tracking.read_followed(file).recoveries for file in (made, tmp_path / "parts.parquet"))
    pd.testing.assert_frame_equal(late, ck.tracking.recoveries(panel, whole_book.loans), check_categorical=False)
    pd.testing.assert_frame_equal(late_of_parts, late)
    assert main(["cube", str(book), "--to", str(made)]) == 2
    assert "there already" in capsys.readouterr().err
