"""The nomenclature: every column of the contract, once, with its labels."""

from __future__ import annotations

import re

import pytest

import collectkit as ck
from collectkit import columns
from collectkit.columns import COLUMNS, TABLES, label
from collectkit.meanings import MEANINGS_ZH
from tests.five_loans import AS_OF, five_loans, plain

#: required; then optional, as the contract of the ledger lists them, and personal data last
CONTRACT = {
    "loans": ("loan_id product disbursement_date principal annual_rate", "customer_id risk_grade region is_secured "
              "grace_days penalty_annual_rate closed_date close_code customer_name phone id_number address"),
    "instalments": ("loan_id instalment_no due_date principal interest", "fee"),
    "payments": ("payment_id loan_id value_date amount", "posting_date reversal_date method"),
    "pauses": ("loan_id start_date end_date", "reason stops_days stops_penalty"),
    "placements": ("placement_id loan_id agency placement_date", "recall_date placement_no received_at imported_at"),
    "contacts": ("contact_id loan_id contacted_at channel party result", "collector_id agency recorded_at reason note "
                 "number_id is_debt_told is_appointed is_reviewed"),
    "promises": ("promise_id loan_id promised_date due_date amount", ""),
    "collectors": ("collector_id", "team agency start_date"),
    "complaints": ("complaint_id loan_id complaint_date", "agency collector_id reason answered_date is_upheld"),
    "stated": ("loan_id as_of", "principal instalment_count paid_to_date days_past_due penalty"),
}  # fmt: skip


def test_the_tables_of_the_contract():
    assert list(TABLES) == list(CONTRACT)


@pytest.mark.parametrize("table", CONTRACT)
def test_the_columns_of_a_table(table):
    required, optional = (tuple(names.split()) for names in CONTRACT[table])
    assert (TABLES[table].required, TABLES[table].optional) == (required, optional)


def test_no_column_is_described_twice():
    names = [column.name for column in columns._COLUMNS]
    assert len(set(names)) == len(names), {name for name in names if names.count(name) > 1}


@pytest.mark.parametrize("table", CONTRACT)
def test_every_column_of_a_table_is_described(table):
    assert set(TABLES[table].columns) <= set(COLUMNS)


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_has_a_meaning_and_both_labels(name):
    column = COLUMNS[name]
    assert column.name == name
    assert column.meaning
    assert re.search("[\u4e00-\u9fff]|SHA", columns.meaning(name, "zh"))
    assert column.label
    assert re.search("[\u4e00-\u9fff]", column.label_zh)


@pytest.mark.parametrize("name", COLUMNS)
def test_units_are_given_for_what_is_measured(name):
    column = COLUMNS[name]
    assert (column.unit != "") == (column.kind in ("money", "rate", "count"))


@pytest.mark.parametrize("name", COLUMNS)
def test_names_keep_their_endings(name):
    kind = COLUMNS[name].kind
    if name.endswith("_id"):
        assert kind == "id"
    if name.endswith("_date") and name != "paid_to_date":
        assert kind == "date"
    if name.endswith("_at"):
        assert kind == "timestamp"
    if name.startswith("is_"):
        assert kind == "flag"


@pytest.mark.parametrize("call", [ck.assess, ck.allocate])
def test_every_column_of_a_result_is_described(call):
    assert set(call(five_loans(), plain(), as_of=AS_OF)) <= set(COLUMNS)


def test_every_column_of_track_is_described():
    assert set(ck.track(five_loans(), plain(), dates=[AS_OF])) <= set(COLUMNS)


@pytest.mark.parametrize(("column", "values"), [
    ("close_code", "paid_off written_off settled sold archived"),
    ("party", "debtor guarantor contact_person"),
    ("status", "current overdue paid paid_off written_off settled sold archived"),
    ("component", "fee penalty interest principal unapplied"),
])  # fmt: skip
def test_the_words_of_a_column(column, values):
    assert COLUMNS[column].values == tuple(values.split())


def test_labels_in_two_languages():
    assert (label("days_past_due"), label("days_past_due", "zh")) == ("Days past due", "逾期天数")


def test_a_column_that_is_not_ours_is_its_own_label():
    assert label("my_column", "zh") == "my_column"


def test_chinese_labels_are_not_used_twice_in_one_table():
    for table in TABLES.values():
        labels = [COLUMNS[name].label_zh for name in table.columns]
        assert len(set(labels)) == len(labels), table.name


def test_no_meaning_is_left_of_a_column_that_is_gone():
    assert set(MEANINGS_ZH) == set(COLUMNS)
