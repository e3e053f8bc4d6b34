"""The command does what its help says, says it on the standard error, and ends with an exit code that can be used."""

from __future__ import annotations

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
