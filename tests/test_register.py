"""The register: every row of a file is accounted for, the book passes its checks, and a crash changes nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectkit import CallError, PortfolioError
from collectkit.checks import PROBLEM_COLUMNS
from collectkit.register import REGISTER_COLUMNS, Workspace
from collectkit.sources import read_tables
from tests.five_loans import dates, five_loans, tables
from tests.import_and_die import NO_PROBLEMS, import_first, import_second, second_file

HERE = Path(__file__).parent
COUNTS = ["accepted", "already_there", "changed", "quarantined"]


@pytest.fixture
def workspace(tmp_path):
    """A workspace that holds the five loans."""
    import_first(tmp_path / "book")
    return Workspace(tmp_path / "book")


def take_in(workspace, problems=NO_PROBLEMS, **frames):
    number = len(workspace.register()) + 1
    return workspace.take_in(
        frames, file_name=f"{number}.csv", sha256=f"{number:064x}", by="Li", imported_at="2025-04-02", problems=problems
    )


def payments(**columns):
    made = {"payment_id": ["P5"], "loan_id": ["B"], "value_date": dates("2025-04-02"), "amount": [505.25]}
    return pd.DataFrame({**made, **columns})


def problem(table, row, column, problem, severity="error", value=None):
    return pd.DataFrame([[table, row, None, column, problem, value, severity, "Do it."]], columns=PROBLEM_COLUMNS)


def counted(report, name):
    return report.counts.set_index("table").loc[name, COUNTS].tolist()


def quarantine(workspace, import_id, table):
    return pd.read_csv(workspace.folder / "quarantine" / f"{import_id}-{table}.csv", encoding="utf-8-sig")


def state(workspace):
    """Everything a reader reads, as text."""
    return "\n".join(frame.to_csv() for frame in (*workspace._tables().values(), workspace.register()))


# ---------------------------------------------------------------------------------------------- what a row becomes


def test_what_is_imported_comes_back_as_the_same_portfolio(workspace):
    for name, frame in five_loans().tables.items():
        pd.testing.assert_frame_equal(workspace.portfolio().table(name)[frame.columns], frame)


def test_before_the_first_import_the_register_is_empty_and_the_book_says_what_to_do(tmp_path):
    empty = Workspace(tmp_path / "new")
    assert empty.register().dtypes.astype(str).to_dict() == REGISTER_COLUMNS
    assert not (tmp_path / "new").exists()
    with pytest.raises(CallError, match=r"Nothing was imported .* Import a file first"):
        empty.portfolio()


def test_every_row_becomes_one_of_four_things(workspace):
    report = import_second(workspace.folder)
    assert counted(report, "loans") == [0, 0, 5, 0]
    assert counted(report, "payments") == [1, 0, 1, 1]
    assert (report.counts[COUNTS].sum(axis=1) == report.counts["rows_in"]).all()
    assert workspace.portfolio().payments["payment_id"].tolist() == ["P1", "P2", "P3", "P4", "P5"]


def test_the_same_rows_again_change_nothing(workspace):
    before = workspace.portfolio()
    report = take_in(workspace, **tables())
    assert report.total("already_there") == report.total("rows_in") == 17
    assert report.overlapping_payments == ("P1", "P2", "P3", "P4")
    for name, frame in before.tables.items():
        pd.testing.assert_frame_equal(workspace.portfolio().table(name), frame)


def test_binary_noise_is_no_difference(workspace):
    again = tables()["payments"].assign(amount=[1010.0, 520.0, 300.0, 300.1 + 0.9 + 1e-13])
    assert counted(take_in(workspace, payments=again), "payments") == [0, 4, 0, 0]


def test_a_different_loan_replaces_the_old_one_and_every_cell_is_listed(workspace):
    loans = tables()["loans"].iloc[[0]].assign(
        closed_date=dates("2025-04-01"), close_code="paid_off", principal=[2000.5]
    )  # fmt: skip
    report = take_in(workspace, loans=loans)
    assert counted(report, "loans") == [0, 0, 1, 0]
    assert report.changed[["loan_id", "column", "old", "new"]].to_numpy().tolist() == [
        ["A", "principal", "2000.00", "2000.50"],
        ["A", "closed_date", None, "2025-04-01"],
        ["A", "close_code", None, "paid_off"],
    ]
    assert workspace.portfolio().loans.loc[0, "close_code"] == "paid_off"
    kept = pd.read_csv(workspace.folder / "changes" / "000002.csv", encoding="utf-8-sig")
    assert kept["new"].tolist() == ["2000.50", "2025-04-01", "paid_off"]


def test_a_column_of_another_table_comes_along_as_text(workspace):
    report = take_in(workspace, payments=payments(balance=["12,5 left"], days=[3]))
    assert counted(report, "payments") == [1, 0, 0, 0]
    kept = workspace.portfolio().payments.iloc[-1]
    assert kept[["balance", "days"]].tolist() == ["12,5 left", "3"]


def test_a_column_the_file_does_not_have_keeps_its_values(workspace):
    update = pd.DataFrame({"loan_id": ["B"], "region": ["East"]})
    report = take_in(workspace, loans=update)
    loans = workspace.portfolio().loans.set_index("loan_id")
    assert report.changed["column"].tolist() == ["region"]
    assert loans.loc["B", ["customer_id", "principal", "annual_rate", "region"]].tolist() == ["K2", 500, "0.12", "East"]
    assert loans["region"].isna().sum() == 4


def test_a_new_row_without_a_needed_column_is_kept_out(workspace):
    report = take_in(workspace, loans=pd.DataFrame({"loan_id": ["Z"]}))
    assert counted(report, "loans") == [0, 0, 0, 1]
    assert "product: is missing" in quarantine(workspace, "000002", "loans").loc[0, "reasons"]


def test_rescheduled_instalments_are_listed_by_their_number(workspace):
    moved = tables()["instalments"].iloc[[4]].assign(due_date=dates("2025-05-31").to_numpy())
    report = take_in(workspace, instalments=moved)
    assert report.changed[["key", "column", "old", "new"]].to_numpy().tolist() == [
        ["C 2", "due_date", "2025-02-28", "2025-05-31"]
    ]
    assert len(workspace.portfolio().instalments) == 7


def test_a_payment_can_be_reversed_once_and_not_otherwise_changed(workspace):
    reversed_on = payments(payment_id=["P1"], loan_id=["A"], value_date=dates("2025-02-28"), amount=[1010.0])
    reversed_on["reversal_date"] = dates("2025-03-03")
    assert counted(take_in(workspace, payments=reversed_on), "payments") == [0, 0, 1, 0]
    again = take_in(workspace, payments=reversed_on.assign(reversal_date=dates("2025-03-04")))
    assert counted(again, "payments") == [0, 0, 0, 1]
    taken_back = take_in(workspace, payments=reversed_on.assign(reversal_date=pd.NaT))
    assert counted(taken_back, "payments") == [0, 0, 0, 1]
    assert taken_back.problems[["problem", "value"]].to_numpy().tolist() == [
        ["differs from the payment already imported", "reversal_date"]
    ]
    assert workspace.portfolio().payments.loc[0, "reversal_date"] == pd.Timestamp("2025-03-03")


def test_a_payment_that_differs_is_kept_out_and_its_loan_is_named(workspace):
    report = take_in(workspace, payments=payments(payment_id=["P2"], loan_id=["C"], amount=[521.0]))
    assert counted(report, "payments") == [0, 0, 0, 1]
    assert report.problems["value"].tolist() == ["value_date, amount"]
    assert report.incomplete_loans == ("C",)
    assert report.overlapping_payments == ("P2",)
    assert quarantine(workspace, "000002", "payments").loc[0, ["row", "payment_id", "amount"]].tolist() == [
        0,
        "P2",
        521,
    ]


def test_the_same_pause_counts_once(workspace):
    pauses = pd.DataFrame({"loan_id": ["C", "C"], "start_date": dates("2025-03-01", "2025-03-01"),
                           "end_date": dates("2025-03-05", "2025-03-05")})  # fmt: skip
    assert counted(take_in(workspace, pauses=pauses), "pauses") == [1, 1, 0, 0]
    assert counted(take_in(workspace, pauses=pauses.iloc[:1]), "pauses") == [0, 1, 0, 0]
    assert len(workspace.portfolio().pauses) == 1


def test_a_copy_within_the_file_counts_once_and_a_contradiction_is_kept_out(workspace):
    twice = pd.concat([payments(), payments(), payments(payment_id=["P6"]), payments(payment_id=["P6"], amount=[1.0])])
    report = take_in(workspace, payments=twice.reset_index(drop=True))
    assert counted(report, "payments") == [1, 1, 0, 2]
    assert report.problems["row"].tolist() == [2, 3]
    assert report.incomplete_loans == ("B",)


def test_a_row_that_contradicts_a_copy_of_the_book_keeps_both_out(workspace):
    loans = pd.concat([tables()["loans"].iloc[[0]], tables()["loans"].iloc[[0]].assign(principal=1.0)])
    report = take_in(workspace, loans=loans.reset_index(drop=True))
    assert counted(report, "loans") == [0, 0, 0, 2]
    assert workspace.portfolio().loans.loc[0, "principal"] == 2000


# ------------------------------------------------------------------------------------------------------ quarantine


def test_a_row_that_could_not_be_read_is_kept_out_by_its_number_in_the_file(workspace):
    frame = payments(
        payment_id=["P5", "P6"], loan_id=["B", "B"], value_date=dates("2025-04-02", None), amount=[1.0, 2.0]
    )
    frame.attrs["first_row"] = 2
    report = take_in(workspace, problem("payments", 3, "value_date", "no date", value="2025-13-01"), payments=frame)
    assert counted(report, "payments") == [1, 0, 0, 1]
    row = quarantine(workspace, "000002", "payments").loc[0]
    assert row[["row", "payment_id"]].tolist() == [3, "P6"]
    assert row["reasons"] == "value_date: no date (2025-13-01). Do it."
    assert report.problems["problem"].tolist() == ["no date"]


@pytest.mark.parametrize("row", [None, 99])
def test_an_error_that_names_no_row_keeps_the_whole_table_out(workspace, row):
    report = take_in(workspace, problem("payments", row, "value_date", "column is missing"), payments=payments())
    assert counted(report, "payments") == [0, 0, 0, 1]
    assert len(report.problems) == 1


def test_rows_of_a_file_that_was_read_keep_their_numbers(tmp_path):
    book = tmp_path / "book"
    five_loans().write(book, format="csv")
    text = (book / "payments.csv").read_text(encoding="utf-8-sig")
    (book / "payments.csv").write_text(text.replace("2025-03-15", "2025-15-03"), encoding="utf-8-sig")
    frames, problems = read_tables(book)
    report = take_in(Workspace(tmp_path / "workspace"), problems, **frames)
    assert report.total("quarantined") == 1
    assert quarantine(Workspace(tmp_path / "workspace"), "000001", "payments").loc[
        0, ["row", "payment_id"]
    ].tolist() == [4, "P3"]
    assert report.problems.loc[0, ["row", "value"]].tolist() == [4, "2025-15-03"]


def test_two_sheets_of_one_table_may_number_their_rows_alike(workspace):
    both = pd.concat([payments(), payments(payment_id=["P6"], method=[None])])
    assert both.index.tolist() == [0, 0]
    assert counted(take_in(workspace, payments=both), "payments") == [2, 0, 0, 0]


def test_warnings_are_listed_and_keep_nothing_out(workspace):
    report = take_in(workspace, problem("payments", 0, "amount", "total row left out", "warning"), payments=payments())
    assert counted(report, "payments") == [1, 0, 0, 0]
    assert report.problems["severity"].tolist() == ["warning"]


def test_warnings_of_the_checks_are_listed_for_the_loans_of_the_file_only(workspace):
    loans = tables()["loans"].iloc[[1]].assign(principal=501.0)
    report = take_in(workspace, loans=loans)
    assert counted(report, "loans") == [0, 0, 1, 0]
    assert report.problems[["row", "loan_id", "severity"]].to_numpy().tolist() == [[1, "B", "warning"]]
    assert take_in(workspace, payments=payments(loan_id=["A"])).problems.empty


def test_rows_of_a_loan_in_quarantine_wait_with_it(tmp_path):
    made = tables()
    made["loans"].loc[3, "principal"] = -1.0
    workspace = Workspace(tmp_path)
    report = take_in(workspace, **made)
    assert report.counts.set_index("table")["quarantined"].to_dict() == {
        "loans": 1, "instalments": 1, "payments": 1, "placements": 1
    }  # fmt: skip
    assert "its loan is in quarantine" in quarantine(workspace, "000001", "placements").loc[0, "reasons"]
    assert workspace.portfolio().loans["loan_id"].tolist() == ["A", "B", "C", "E"]
    assert report.incomplete_loans == ()


def test_a_loan_that_loses_its_schedule_goes_too_and_one_that_loses_a_part_is_named(tmp_path):
    made = tables()
    made["instalments"].loc[[1, 6], "principal"] = 0.001
    report = take_in(Workspace(tmp_path), **made)
    assert report.incomplete_loans == ("A",)
    assert set(Workspace(tmp_path).portfolio().loans["loan_id"]) == set("ABCD")
    assert "loan has no instalments" in quarantine(Workspace(tmp_path), "000001", "loans").loc[0, "reasons"]


def test_a_change_that_would_make_the_book_wrong_is_kept_out_and_the_old_loan_stays(workspace):
    late = tables()["loans"].iloc[[2]].assign(disbursement_date=pd.Timestamp("2025-03-01"))
    report = take_in(workspace, loans=late, payments=payments(loan_id=["C"], value_date=dates("2025-02-20")))
    assert counted(report, "loans") == [0, 0, 0, 1]
    assert counted(report, "payments") == [1, 0, 0, 0]
    assert report.incomplete_loans == ("C",)
    assert "imported before" in quarantine(workspace, "000002", "loans").loc[0, "reasons"]
    assert workspace.portfolio().loans.loc[2, "disbursement_date"] == pd.Timestamp("2024-12-31")


def test_a_placement_that_collides_with_an_older_one_is_kept_out(workspace):
    early = pd.DataFrame({"placement_id": ["H0"], "loan_id": ["D"], "agency": ["South"],
                          "placement_date": dates("2025-01-15")})  # fmt: skip
    assert counted(take_in(workspace, placements=early), "placements") == [0, 0, 0, 1]
    recalled = early.assign(recall_date=dates("2025-01-31"))
    assert counted(take_in(workspace, placements=recalled), "placements") == [1, 0, 0, 0]


def test_payments_before_any_loan_wait_in_quarantine(tmp_path):
    report = take_in(Workspace(tmp_path), payments=payments())
    assert counted(report, "payments") == [0, 0, 0, 1]
    assert len(Workspace(tmp_path).portfolio().loans) == 0


def test_a_book_that_no_longer_passes_the_checks_refuses_the_import(workspace):
    path = workspace.folder / "versions" / "000001" / "loans.parquet"
    pd.read_parquet(path).assign(principal=-1.0).to_parquet(path)
    with pytest.raises(PortfolioError, match="amount is negative"):
        take_in(workspace, collectors=pd.DataFrame({"collector_id": ["C1"]}))
    assert len(workspace.register()) == 1


def test_formulas_are_neutralised_in_every_file_for_people(workspace):
    bad = payments(payment_id=["=cmd|'/c calc'!A1"], loan_id=["@X"], method=["-1+1"])
    workspace.take_in({"payments": bad}, file_name="=HYPERLINK(1).csv", sha256="a" * 64, by="+Li",
                      imported_at="2025-04-02", problems=NO_PROBLEMS)  # fmt: skip
    row = quarantine(workspace, "000002", "payments").loc[0]
    assert row[["payment_id", "loan_id", "method", "amount"]].tolist() == ["'=cmd|'/c calc'!A1", "'@X", "'-1+1", 505.25]
    for file in workspace.folder.rglob("*.csv"):
        assert file.read_bytes().startswith(b"\xef\xbb\xbf")
        cells = pd.read_csv(file, header=None, dtype=str, encoding="utf-8-sig").to_numpy().ravel()
        assert not [cell for cell in cells if isinstance(cell, str) and cell[0] in "=+-@"]
    assert workspace.register()["file_name"].tolist()[-1] == "=HYPERLINK(1).csv"


# ---------------------------------------------------------------------------------------------------- personal data


def with_people():
    made = tables()
    names = ["张三", "李四", "王五", None, "赵六"]
    made["loans"] = made["loans"].assign(customer_name=names, phone=["13800138000"] * 5, 微信="zs_2025")
    return made


def test_personal_data_are_shown_by_no_report(tmp_path):
    workspace = Workspace(tmp_path)
    take_in(workspace, **with_people())
    loans = with_people()["loans"].assign(customer_name="钱七", phone="13911112222", 微信="qq_2025")
    loans.loc[4, "principal"] = -1.0
    bad = problem("loans", 0, "phone", "no number", "warning", value="13911112222")
    report = take_in(workspace, bad, loans=loans)
    assert set(report.changed.loc[report.changed["column"] != "principal", "new"]) == {"***"}
    assert report.changed.loc[report.changed["loan_id"] == "D", "old"].tolist() == [None, "***", "***"]
    for shown in (report.to_html(), report.to_html("zh"), repr(report)):
        assert not [
            word for word in ("钱七", "张三", "13800138000", "13911112222", "zs_2025", "qq_2025") if word in shown
        ]
    assert quarantine(workspace, "000002", "loans").loc[0, "customer_name"] == "钱七"


def test_personal_data_are_masked_on_read_unless_asked_for(tmp_path):
    take_in(Workspace(tmp_path), **with_people())
    masked = Workspace(tmp_path).portfolio().loans
    assert masked["customer_name"].tolist()[:3] == ["张*", "李*", "王*"]
    assert masked["customer_name"].isna().tolist() == [False, False, False, True, False]
    assert "13800138000" not in masked["phone"].tolist()
    assert Workspace(tmp_path).portfolio(personal=True).loans.loc[0, "customer_name"] == "张三"


# --------------------------------------------------------------------------------------------- register and report


@pytest.mark.parametrize(
    ("received_at", "is_in_time"),
    [("2025-04-01 08:00", True), ("2025-04-01 07:59:59", False), ("2025-04-01 10:00", True), (None, pd.NA)],
)
def test_two_hours_to_the_second_are_in_time(tmp_path, received_at, is_in_time):
    report = Workspace(tmp_path).take_in(
        tables(), file_name="a.csv", sha256="A" * 64, by="Li", imported_at="2025-04-01 10:00", received_at=received_at,
        problems=NO_PROBLEMS,
    )  # fmt: skip
    register = Workspace(tmp_path).register()
    assert register.dtypes.astype(str).to_dict() == REGISTER_COLUMNS
    assert register.loc[0, "is_within_two_hours"] is is_in_time or register.loc[0, "is_within_two_hours"] == is_in_time
    assert report.is_within_two_hours is (None if is_in_time is pd.NA else is_in_time)
    assert register.loc[0, ["import_id", "sha256", "imported_by", "rows_in", "accepted"]].tolist() == [
        "000001", "a" * 64, "Li", 17, 17
    ]  # fmt: skip


def test_a_file_that_was_imported_is_refused_whatever_its_name(workspace):
    with pytest.raises(
        CallError, match=r"new.xlsx was imported before, as first.xlsx: import 000001 of 2025-04-01 09:30 by Li"
    ):
        workspace.take_in(second_file(), file_name="new.xlsx", sha256="1" * 64, by="Li", imported_at="2025-04-02",
                          problems=NO_PROBLEMS)  # fmt: skip
    assert len(workspace.register()) == 1


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"tables": {"loan": tables()["loans"]}}, "There is no table 'loan'"),
        ({"tables": {}}, "There are no rows to import"),
        ({"tables": {"payments": payments().iloc[:0]}}, "There are no rows to import"),
        ({"tables": {"payments": payments(amount=["12,50"])}}, "`payments.amount` holds string, which is no money"),
        ({"tables": {"payments": payments(value_date=["2025-01-01"])}}, "holds string, which is no date"),
        ({"tables": {"payments": payments(loan_id=[1])}}, "`payments.loan_id` holds integer, which is no id"),
        ({"tables": {"payments": pd.concat([payments(), payments()], axis=1)}}, "'payment_id' twice"),
        ({"sha256": "abc"}, "64 hex digits"),
        ({"by": " "}, "Say who"),
        ({"imported_at": "soon"}, "which is no time"),
        ({"imported_at": None}, "`imported_at` is missing"),
        ({"imported_at": pd.NaT}, "Give the local time"),
        ({"imported_at": "2025-04-01T10:00+08:00"}, "without a zone"),
        ({"received_at": "2025-05-01"}, "`received_at` .* is after `imported_at`"),
    ],
)
def test_a_wrong_call_says_what_to_do_and_changes_nothing(workspace, wrong, message):
    right = {"tables": {"payments": payments()}, "file_name": "a.csv", "sha256": "a" * 64, "by": "Li",
             "imported_at": "2025-04-01 10:00", "problems": NO_PROBLEMS}  # fmt: skip
    call = {**right, **wrong}
    before = state(workspace)
    with pytest.raises(CallError, match=message):
        workspace.take_in(call.pop("tables"), **call)
    assert state(workspace) == before


def test_the_page_escapes_what_it_shows_and_loads_nothing(workspace):
    report = workspace.take_in(
        {"payments": payments(loan_id=["<script>alert(1)</script>"])}, file_name="<img src=x>.csv", sha256="b" * 64,
        by="Li & Co", imported_at="2025-04-02", problems=NO_PROBLEMS,
    )  # fmt: skip
    for language, heading in (("en", "In quarantine"), ("zh", "已隔离")):
        page = report.to_html(language)
        assert heading in page
        assert "&lt;script&gt;" in page
        assert "Li &amp; Co" in page
        assert not [word for word in ("<script", "<img", "http://", "https://", "src=", "url(") if f"<{word}" in page]
        assert "<script" not in page
        assert "<img" not in page
        assert "//" not in page
    with pytest.raises(CallError, match=r"There is no language 'fr'. Use one of: en, zh"):
        report.to_html("fr")


def test_a_long_page_shows_the_first_rows_and_says_how_many_more(workspace):
    count = 1_000
    many = pd.DataFrame({"payment_id": [f"N{n}" for n in range(count)], "loan_id": "X",
                         "value_date": pd.Timestamp("2025-04-01"), "amount": 1.0})  # fmt: skip
    report = take_in(workspace, payments=many)
    assert len(report.problems) == count
    assert "and 800 more" in report.to_html()
    assert len(report.to_html()) < 100_000


# ------------------------------------------------------------------------------------------------- nothing is lost


def spoiled(spoils, seed):
    """The five loans with single cells of random rows spoiled, and two rows of a table doubled."""
    chosen, made = np.random.default_rng(seed), tables()
    for name, column, value in spoils:
        made[name].loc[chosen.integers(len(made[name])), column] = value
    name = chosen.choice(list(made))
    made[name] = pd.concat([made[name], made[name].sample(2, random_state=seed, replace=True)], ignore_index=True)
    return made


SPOILS = [
    ("loans", "principal", -1.0), ("loans", "loan_id", None), ("loans", "loan_id", "A"), ("loans", "annual_rate", "x"),
    ("loans", "disbursement_date", pd.Timestamp("2025-03-05")), ("loans", "close_code", "gone"),
    ("instalments", "instalment_no", 2), ("instalments", "loan_id", "B"), ("instalments", "due_date", pd.NaT),
    ("payments", "payment_id", "P1"), ("payments", "loan_id", "Q"), ("payments", "amount", 0.0),
    ("payments", "value_date", pd.Timestamp("2020-01-01")), ("placements", "loan_id", "E"),
]  # fmt: skip


@settings(max_examples=10)
@given(st.lists(st.lists(st.sampled_from(SPOILS), max_size=4), min_size=1, max_size=2), st.integers(0, 2**16))
def test_whatever_comes_every_row_is_counted_and_is_in_the_book_or_in_quarantine(tmp_path_factory, files, seed):
    workspace = Workspace(tmp_path_factory.mktemp("any"))
    for number, spoils in enumerate(files):
        made = spoiled(spoils, seed + number)
        report = take_in(workspace, **made)
        assert (report.counts[COUNTS].sum(axis=1) == report.counts["rows_in"]).all()
        book = workspace.portfolio().tables
        for name, quarantined in zip(report.counts["table"], report.counts["quarantined"], strict=True):
            rows = quarantine(workspace, f"{number + 1:06d}", name)["row"] if quarantined else []
            assert len(rows) == quarantined
            assert is_inside(made[name].drop(index=rows), book[name])
    assert len(workspace.register()) == len(files)


def is_inside(frame, table):
    """True if the table has every row of the frame."""
    both = pd.concat([table.astype(object), frame.astype(object)]).astype("str")
    return both[list(frame)].duplicated()[len(table) :].all()


# ------------------------------------------------------------------------------------------------------- one writer


def test_two_imports_at_once_are_refused_and_the_first_goes_on(workspace):
    with workspace._locked():
        with pytest.raises(CallError, match=f"Process {os.getpid()} is importing into"):
            import_second(workspace.folder)
        assert len(workspace.register()) == 1
    import_second(workspace.folder)
    assert len(workspace.register()) == 2


def test_the_lock_of_a_dead_process_is_no_obstacle(workspace):
    (workspace.folder / "import.lock").write_text("999999")
    import_second(workspace.folder)
    assert (workspace.folder / "import.lock").read_text() == ""


def test_the_last_two_versions_are_kept(workspace):
    for number in range(3):
        take_in(workspace, payments=payments(payment_id=[f"N{number}"]))
    assert sorted(path.name for path in (workspace.folder / "versions").iterdir()) == ["000003", "000004"]


def test_everything_is_on_the_disk_before_the_version_counts(workspace, monkeypatch):
    steps = []
    sync, replace = os.fsync, Path.replace
    monkeypatch.setattr(
        os, "fsync", lambda file: (steps.append(Path(f"/proc/self/fd/{file}").readlink().name), sync(file))
    )
    monkeypatch.setattr(Path, "replace", lambda a, b: (steps.append("REPLACE"), replace(a, b))[1])
    import_second(workspace.folder)
    at = steps.index("REPLACE")
    written = {path.name for path in (workspace.folder / "versions" / "000002").iterdir()}
    assert written | {"000002", "versions", "quarantine", "changes", "current.json.part"} <= set(steps[:at])
    assert steps[at + 1 :] == [workspace.folder.name]


@pytest.mark.parametrize("text", ["", "{", "{}", "[]"])
def test_a_damaged_folder_says_so(workspace, text):
    (workspace.folder / "current.json").write_text(text)
    with pytest.raises(CallError, match=r"cannot be read. Restore the folder from a backup"):
        workspace.portfolio()


@pytest.mark.parametrize("damage", [lambda path: path.unlink(), lambda path: path.write_bytes(b"PAR1")])
def test_a_damaged_version_says_so(workspace, damage):
    damage(workspace.folder / "versions" / "000001" / "loans.parquet")
    with pytest.raises(CallError, match=r"loans.parquet cannot be read. Restore"):
        workspace.portfolio()


# --------------------------------------------------------------------------------------------------- killed for real


def killed_imports(base, out, times):
    script = [sys.executable, str(HERE / "import_and_die.py"), str(base), str(out), "7", str(times)]
    done = subprocess.run(script, env={**os.environ, "PYTHONPATH": str(HERE.parent)}, capture_output=True, text=True,
                          timeout=300)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("is_first", [True, False], ids=["first import", "second import"])
def test_a_killed_import_leaves_the_old_book_or_the_new_one(tmp_path, is_first):
    base, work = tmp_path / "base", import_first if is_first else import_second
    if not is_first:
        import_first(base)
        half = base / "versions" / "000002"  # what an import that died before has left behind
        half.mkdir()
        (half / "loans.parquet").write_bytes(b"PAR1")
        (base / "quarantine" / "000002-contacts.csv").write_text("half")
    tidy = Workspace(tmp_path / "tidy")
    if not is_first:
        import_first(tidy.folder)
    old = state(tidy)
    work(tidy.folder)
    new = state(tidy)
    imports = killed_imports(base, tmp_path / "out", times=8)
    assert sum(one["is_killed"] for one in imports) >= 35
    found = [state(Workspace(one["folder"])) for one in imports]
    assert set(found) == {old, new}
    for one, seen in zip(imports, found, strict=True):
        folder = Path(one["folder"])
        if seen == old and (folder / "quarantine").exists():  # died after it had begun to write
            work(folder)
            assert state(Workspace(folder)) == new, one
            assert files_of(folder) == files_of(tidy.folder), one


def files_of(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
