"""Mappings: foreign names and ways of writing to ours, what cannot be read, totals, proposals and the file itself."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectkit import CallError, PolicyError
from collectkit.columns import TABLES
from collectkit.mapping import Mapping, identity_mapping, load_mapping, map_tables, propose_mapping
from collectkit.rules import checked

CHINESE = Path(__file__).parent / "broken" / "mappings" / "chinese.toml"


def mapping_of(table, columns, **more):
    return checked(Mapping, {"name": "x", "tables": {table: {"from": "甲", "columns": columns, **more}}}, "x")


def text(columns, first_row=2):
    frame = pd.DataFrame(columns, dtype="str")
    frame.attrs["first_row"] = first_row
    return {"甲": frame}


# Reading.


def test_a_column_is_read_as_the_mapping_says():
    mapping = mapping_of("loans", {
        "loan_id": "编号", "principal": {"from": "金额", "unit": "10000"}, "annual_rate": {"from": "利率",
        "percent": True},
        "disbursement_date": {"from": "日", "formats": ["%d/%m/%Y"]}, "product": {"constant": "consumer"},
        "close_code": {"from": "状态", "values": {"结清": "paid_off", "正常": ""}},
        "is_secured": {"from": "担保方式", "values": {"抵押": "true", "信用": "false"}},
    })  # fmt: skip
    raw = text({"编号": ["001", "002"], "金额": ["0.1", "1.1"], "利率": ["18", "7.2%"],
                "日": ["03/04/2025", "31/12/2024"],
                "状态": ["正常", "结清"], "担保方式": ["抵押", "信用"]})  # fmt: skip
    tables, problems = map_tables(raw, mapping)
    loans = tables["loans"]
    assert problems.empty
    assert loans["loan_id"].tolist() == ["001", "002"]
    assert loans["principal"].tolist() == [1000.0, 11000.0]
    assert loans["annual_rate"].tolist() == [0.18, 0.072]
    assert loans["disbursement_date"].astype(str).tolist() == ["2025-04-03", "2024-12-31"]
    assert loans["product"].tolist() == ["consumer"] * 2
    assert loans["close_code"].fillna("").tolist() == ["", "paid_off"]
    assert loans["is_secured"].tolist() == [True, False]


def test_a_bad_cell_is_a_problem_with_its_row_in_the_file_and_missing_in_the_table():
    mapping = mapping_of("payments", {"payment_id": "号", "loan_id": "贷", "value_date": "日", "amount": "额"})
    raw = text(
        {"号": ["1", "2"], "贷": ["A", "B"], "日": ["2025-01-01", "01/02/2025"], "额": ["x", "1.234,50"]}, first_row=5
    )
    tables, problems = map_tables(raw, mapping)
    assert tables["payments"].index.tolist() == [5, 6]
    assert tables["payments"]["amount"].isna().all()
    shown = problems[["table", "row", "loan_id", "column", "value", "severity"]].values.tolist()
    assert ["payments", 6, "B", "value_date", "01/02/2025", "error"] in shown
    assert ["payments", 5, "A", "amount", "x", "error"] in shown
    assert len(problems) == 3
    assert problems["what_to_do"].str.contains("`甲`").all()


def test_rows_left_out_before_keep_their_numbers():
    raw = text({"工号": ["1", "2", "3"], "入职": ["2025-01-01", "x", "y"]})
    raw["甲"] = raw["甲"].drop(index=1)
    raw["甲"].attrs["first_row"] = 2
    _, problems = map_tables(raw, mapping_of("collectors", {"collector_id": "工号", "start_date": "入职"}))
    assert problems["row"].tolist() == [4]


def test_personal_values_never_stand_in_a_problem():
    raw = {"甲": pd.DataFrame({"编号": ["1"], "证件": [5.1e17]}, dtype=object)}
    _, problems = map_tables(raw, mapping_of("loans", {"loan_id": "编号", "id_number": "证件"}))
    assert problems[["column", "value"]].values.tolist() == [["id_number", "***"]]


def test_a_value_that_has_no_entry_is_told():
    raw = text({"编号": ["1", "2"], "状态": ["结清", "冻结"]})
    mapping = mapping_of("loans", {"loan_id": "编号", "close_code": {"from": "状态", "values": {"结清": "paid_off"}}})
    _, problems = map_tables(raw, mapping)
    assert problems[["value", "problem"]].values.tolist() == [["冻结", "has no entry in `values`"]]


def test_values_work_on_dates_and_numbers_too():
    raw = text({"编号": ["1", "2"], "结清": ["9999-12-31", "2025-01-01"], "宽限": ["默认", "5"]})
    columns = {"loan_id": "编号", "closed_date": {"from": "结清", "values": {"9999-12-31": ""}},
               "grace_days": {"from": "宽限", "values": {"默认": "3"}}}  # fmt: skip
    tables, problems = map_tables(raw, mapping_of("loans", columns))
    assert problems.empty
    assert tables["loans"]["closed_date"].isna().tolist() == [True, False]
    assert tables["loans"]["grace_days"].tolist() == [3, 5]


def test_names_match_without_regard_to_white_space_width_and_case():
    raw = {" 催收员 ": pd.DataFrame({"工 号（ID）": ["1"]}, dtype="str")}
    mapping = checked(
        Mapping,
        {"name": "x", "tables": {"collectors": {"from": "催收员", "columns": {"collector_id": "工号(id)"}}}},
        "x",
    )
    assert map_tables(raw, mapping)[0]["collectors"]["collector_id"].tolist() == ["1"]


def test_what_is_not_there_is_told_with_what_is():
    mapping = mapping_of("collectors", {"collector_id": "工号", "team": {"from": "组", "optional": True}})
    _, problems = map_tables(text({"号": ["1"]}), mapping)
    assert problems["problem"].tolist() == ["column `工号` is not in `甲`"]
    assert "has: 号" in problems["what_to_do"][0]
    _, problems = map_tables({"乙": pd.DataFrame()}, mapping)
    assert problems["problem"].tolist() == ["table `甲` is not in the source"]
    assert map_tables({}, identity_mapping())[1].empty


def test_a_column_that_is_there_twice_is_not_chosen_from():
    raw = {"甲": pd.DataFrame([["1", "2"]], columns=["工号", "工号"], dtype="str")}
    tables, problems = map_tables(raw, mapping_of("collectors", {"collector_id": "工号"}))
    assert problems["problem"].tolist() == ["column `工号` is there more than once"]
    assert "collector_id" not in tables["collectors"]


def test_several_tables_become_one():
    raw = {month: pd.DataFrame({"工号": [month]}, dtype="str") for month in ("一月", "二月")}
    mapping = checked(
        Mapping, {"name": "x", "tables": {"collectors": {"from": list(raw), "columns": {"collector_id": "工号"}}}}, "x"
    )
    assert map_tables(raw, mapping)[0]["collectors"]["collector_id"].tolist() == ["一月", "二月"]


def test_only_what_is_named_comes_along():
    raw = text({"工号": ["1"], "姓名": ["王小明"], "分行": ["北京"]})
    columns = {"collector_id": "工号"}
    assert list(map_tables(raw, mapping_of("collectors", columns))[0]["collectors"]) == ["collector_id"]
    assert list(map_tables(raw, mapping_of("collectors", columns, keep=["分行"]))[0]["collectors"]) == [
        "collector_id",
        "分行",
    ]
    assert len(map_tables(raw, mapping_of("collectors", columns, keep=["*"]))[0]["collectors"].columns) == 3


def test_raw_tables_are_not_changed():
    raw = text({"工号": [" 1 "], "入职": ["x"]})
    before = raw["甲"].copy(deep=True)
    map_tables(raw, mapping_of("collectors", {"collector_id": "工号", "start_date": "入职"}))
    pd.testing.assert_frame_equal(raw["甲"], before)


@pytest.mark.parametrize("table", TABLES)
def test_empty_tables_keep_their_types(table):
    raw = {table: pd.DataFrame(columns=list(TABLES[table].columns), dtype="str")}
    empty, problems = map_tables(raw, identity_mapping())
    full, _ = map_tables(
        {table: pd.DataFrame({name: ["1"] for name in TABLES[table].columns}, dtype="str")}, identity_mapping()
    )
    assert problems.empty
    assert empty[table].dtypes.equals(full[table].dtypes)


# Totals.

PAYMENTS = {"payment_id": "号", "loan_id": "贷", "amount": "额"}


def with_totals(*rows):
    data = [("1", "A", "10.00"), ("2", "B", "5.50"), *rows]
    tables, problems = map_tables(
        text(dict(zip(("号", "贷", "额"), map(list, zip(*data, strict=True)), strict=True))),
        mapping_of("payments", PAYMENTS),
    )
    return len(tables["payments"]), problems


@pytest.mark.parametrize("word", ["合计", "总计：", " 合 计 ", "TOTAL", "Total:", "本页合计"])
@pytest.mark.parametrize("at", [0, 1])
def test_a_row_of_totals_at_the_end_is_left_out_with_a_warning(word, at):
    row = [None, None, "99,999.00"]
    row[at] = word
    rows, problems = with_totals(row)
    assert rows == 2
    assert problems[["row", "severity"]].values.tolist() == [[4, "warning"]]


def test_a_row_without_id_that_is_the_sum_is_left_out():
    rows, problems = with_totals([None, None, "15.50"])
    assert (rows, len(problems)) == (2, 1)


def test_two_rows_of_totals_are_left_out():
    rows, problems = with_totals(["小计", None, "15.50"], ["合计", None, "15.50"])
    assert rows == 2
    assert problems["row"].tolist() == [4, 5]


@pytest.mark.parametrize(
    "row",
    [[None, None, "15.49"], [None, "A", "15.50"], ["3", None, "15.50"], ["3", "合计", "15.50"], [None, None, None]],
)  # fmt: skip
def test_a_row_that_is_no_total_stays(row):
    assert with_totals(row)[0] == 3


def test_totals_in_the_middle_stay():
    rows, problems = with_totals(["小计", None, "15.50"], ["3", "C", "1.00"])
    assert (rows, len(problems)) == (4, 0)


# The file.


def test_the_file_is_what_it_says():
    mapping = load_mapping(CHINESE)
    assert mapping.tables["loans"].columns["principal"].unit == Decimal(10000)
    assert mapping.tables["payments"].columns["value_date"].formats == ("%Y%m%d",)


@pytest.mark.parametrize("mapping", [identity_mapping(), load_mapping(CHINESE)], ids=["identity", "chinese"])
def test_written_and_read_again_is_the_same(mapping, tmp_path):
    path = tmp_path / "again.toml"
    path.write_text(mapping.to_toml(), encoding="utf-8")
    assert load_mapping(path) == mapping


names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20).filter(lambda name: name == name.strip())


@given(
    names, names, st.dictionaries(names, st.text(st.characters(codec="utf-8"))), st.text(st.characters(codec="utf-8"))
)
def test_any_names_and_notes_survive_the_file(table, column, values, note):
    origin = {"from": column, "values": values, "note": note}
    mapping = checked(
        Mapping,
        {"name": table, "note": note, "tables": {"loans": {"from": table, "columns": {"product": origin}}}},
        "x",
    )
    data = tomllib.loads(mapping.to_toml())
    again = checked(Mapping, data, "x").tables["loans"]
    assert again.source == (table,)
    assert (again.columns["product"].source, again.columns["product"].values) == (column, values)


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"loan_id": 5}, "write the name of a column"),
        ({"loan_id": {}}, "exactly one of"),
        ({"principal": {"from": "a", "unit": "0"}}, "write the unit as text"),
        ({"principal": {"from": "a", "unit": True}}, "write the unit as text"),
        ({"annual_rate": {"from": "a", "unit": "0.01"}}, "`unit` is for amounts of money"),
        ({"principal": {"from": "a", "percent": True}}, "`percent` is for rates"),
        ({"loan_id": {"from": "a", "formats": ["%Y-%m-%d"]}}, "`formats` is for dates"),
        ({"loan_id": {"from": "a", "day_only": True}}, "`day_only` is for dates"),
        ({"principal": {"constant": "x"}}, "the constant 'x' cannot be read as an amount"),
        ({"principal": {"constant": "-"}}, "the constant '-' is a missing value"),
        ({"closed_date": {"from": "a", "formats": ["dd/mm/yyyy"]}}, "not the format of a date"),
        ({"loan_ids": "a"}, "did you mean `loan_id`"),
        ({}, "columns"),
    ],
)
def test_a_wrong_mapping_says_what_to_write(columns, words):
    with pytest.raises(PolicyError, match="problem") as caught:
        mapping_of("loans", columns)
    assert words in str(caught.value)


def test_all_misfits_are_told_at_once():
    with pytest.raises(PolicyError) as caught:
        mapping_of("loans", {"loan_ids": "a", "principal": {"from": "a", "percent": True}})
    assert "`loans.loan_ids`" in str(caught.value)
    assert "`loans.principal`" in str(caught.value)


# Proposals.


def test_our_own_names_are_proposed_as_they_are():
    raw = {name: pd.DataFrame(columns=list(table.columns), dtype="str") for name, table in TABLES.items()}
    proposed = propose_mapping(raw)
    assert list(proposed.tables) == list(TABLES)
    for name, table in proposed.tables.items():
        assert {column: origin.source for column, origin in table.columns.items()} == {
            c: c for c in TABLES[name].columns
        }


def test_a_chinese_export_is_proposed_and_read_without_editing():
    folder = CHINESE.parent.parent / "files" / "chinese"
    raw = {path.stem: pd.read_csv(path, dtype="str") for path in folder.glob("*.csv")}
    proposed = propose_mapping(raw)
    assert {name: table.source for name, table in proposed.tables.items()} == {
        "loans": ("贷款台账",), "instalments": ("还款计划",), "payments": ("还款流水",),
    }  # fmt: skip
    wanted = load_mapping(CHINESE)
    for name, table in wanted.tables.items():
        for column, origin in table.columns.items():
            assert proposed.tables[name].columns[column].source == origin.source, (name, column)
    tables, problems = map_tables(raw, proposed)
    assert (problems["severity"] == "warning").all()
    assert tables["loans"]["principal"].tolist() == [12000.0, 5000.0]
    assert tables["loans"]["annual_rate"].tolist() == [0.12, 0.18]
    assert tables["loans"]["close_code"].fillna("").tolist() == ["", "paid_off"]


# Figures the source states itself.

LEDGER = {"贷款编号": ["1"], "放款日期": ["2025-01-06"], "贷款金额(万元)": ["1.5"], "年利率(%)": ["18"], "期数": ["12"],
          "逾期天数": ["3"], "已还金额": ["5.00"], "罚息(元)": ["1.20"]}  # fmt: skip
FIGURES = {"instalment_count": "期数", "paid_to_date": "已还金额", "days_past_due": "逾期天数", "penalty": "罚息(元)"}


def sources_of(table):
    return {column: origin.source for column, origin in table.columns.items()}


def test_figures_of_a_dated_loan_ledger_are_proposed_beside_the_loans():
    raw = {"Sheet1": pd.DataFrame({**LEDGER, "截止日期": ["2025-03-31"]}, dtype="str")}
    proposed = propose_mapping(raw)
    assert list(proposed.tables) == ["loans", "stated"]
    assert sources_of(proposed.tables["stated"]) == {"loan_id": "贷款编号", "as_of": "截止日期", **FIGURES}
    assert "Not used" not in proposed.to_toml()
    tables, problems = map_tables(raw, proposed)
    assert problems.empty
    assert tables["stated"].iloc[0].tolist() == ["1", pd.Timestamp("2025-03-31"), 12, 5.0, 3, 1.2]


def test_without_a_day_the_lines_to_add_stand_in_a_comment(tmp_path):
    text = propose_mapping({"台账": pd.DataFrame(LEDGER, dtype="str")}).to_toml()
    assert "[tables.stated]" not in [line.strip() for line in text.splitlines()]
    hint = text[text.index("# [tables.stated]") : text.index("name = ")]
    (tmp_path / "m.toml").write_text(text + hint.replace("# ", ""), encoding="utf-8")
    assert sources_of(load_mapping(tmp_path / "m.toml").tables["stated"]) == {
        "as_of": None, "loan_id": "贷款编号", **FIGURES,
    }  # fmt: skip


def test_a_statement_of_its_own_is_proposed():
    raw = {
        "对账单": pd.DataFrame(
            {"借据号": ["1"], "贷款金额": ["9"], "数据日期": ["20250331"], "DPD": ["3"]}, dtype="str"
        )
    }
    assert sources_of(propose_mapping(raw).tables["stated"]) == {
        "loan_id": "借据号", "as_of": "数据日期", "principal": "贷款金额", "days_past_due": "DPD",
    }  # fmt: skip


def proposed_date(values):
    raw = {"loans": pd.DataFrame({"loan_id": ["1"] * len(values), "disbursement_date": values}, dtype="str")}
    return propose_mapping(raw).tables["loans"].columns["disbursement_date"]


def test_a_date_format_is_proposed_only_if_no_other_fits():
    assert proposed_date(["13/04/2025", "03/04/2025"]).formats == ("%d/%m/%Y",)
    unsure = proposed_date(["03/04/2025"])
    assert unsure.formats == ()
    assert "%d/%m/%Y" in unsure.note
    assert "%m/%d/%Y" in unsure.note
    assert proposed_date(["2025-04-03 10:30:00"]).day_only


def test_what_is_unsure_stands_in_comments():
    raw = {
        "loans": pd.DataFrame({"loan_id": ["1"], "annual_rate": ["18"], "状态": ["冻结"], "备注": ["x"]}, dtype="str")
    }
    comments = [line for line in propose_mapping(raw).to_toml().splitlines() if line.startswith("#")]
    words = "\n".join(comments)
    for word in ("disbursement_date, principal", "备注", "most values are above 1", "冻结", "no column of products"):
        assert word in words


def test_sheets_of_one_kind_are_joined_and_others_named():
    frame = pd.DataFrame({"催收员编号": ["1"], "团队": ["A"]}, dtype="str")
    raw = {"催收员一组": frame, "催收员二组": frame, "说明": pd.DataFrame({"文字": ["x"]}, dtype="str")}
    proposed = propose_mapping(raw)
    assert proposed.tables["collectors"].source == ("催收员一组", "催收员二组")
    assert "说明" in proposed.note


def test_a_source_we_do_not_know_is_refused():
    with pytest.raises(CallError, match="has headers we know"):
        propose_mapping({"a": pd.DataFrame({"x": [1]})})
