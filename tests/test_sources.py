"""What is written comes back as it was, from every kind of file and from databases."""

from __future__ import annotations

import os

import pandas as pd
import pytest

import collectkit as ck
from collectkit.columns import TABLES
from collectkit.files import read_frames
from collectkit.sources import masked, read_tables
from tests.five_loans import five_loans, tables


@pytest.fixture(scope="module")
def demo():
    """A part of the demo with all of its tables."""
    whole = ck.load_sample("demo")
    return whole.selecting(whole.loans["loan_id"][::20])


def assert_same(read, written):
    for name in TABLES:
        pd.testing.assert_frame_equal(read.table(name), written.table(name), obj=name)


@pytest.mark.parametrize(("format", "name"), [("parquet", "book"), ("csv", "book"), ("excel", "book.xlsx")])
def test_a_round_trip_changes_nothing(demo, tmp_path, format, name):
    demo.write(tmp_path / name, format=format)
    assert_same(ck.read_portfolio(tmp_path / name), demo)


def test_a_round_trip_through_sqlite_changes_nothing(demo, tmp_path):
    url = f"sqlite:///{tmp_path / 'book.db'}"
    demo.write(url)
    assert_same(ck.read_portfolio(url), demo)


def test_a_round_trip_through_postgresql_changes_nothing(demo, postgresql_url):
    demo.write(postgresql_url)
    assert_same(ck.read_portfolio(postgresql_url), demo)


def test_missing_values_text_rates_and_own_columns_come_back(tmp_path):
    made = tables()
    made["loans"]["annual_rate"] = ["0.12", "0.1799", "1/7", "0.2", "0.3"]
    made["loans"]["my_column"] = [1, 2, 3, 4, 5]
    book = ck.Portfolio(**made)
    for format, name in (("parquet", "p"), ("csv", "c"), ("excel", "e.xlsx")):
        book.write(tmp_path / name, format=format)
        assert_same(ck.read_portfolio(tmp_path / name), book)


@pytest.mark.parametrize("text", ["=cmd|'/c calc'!A1", "+1", "-1", "@x", "'quoted", "''=x", "\tx"])
def test_a_formula_in_text_is_neutral_in_the_file_and_comes_back(tmp_path, text):
    made = tables()
    made["loans"]["region"] = text
    book = ck.Portfolio(**made)
    book.write(tmp_path / "book", format="csv")
    cell = pd.read_csv(tmp_path / "book" / "loans.csv", dtype=str)["region"][0]
    assert cell == "'" + text
    assert ck.read_portfolio(tmp_path / "book").loans["region"][0] == text


@pytest.mark.parametrize("format", ["csv", "excel"])
def test_a_header_that_is_a_formula_is_neutral_in_the_file_and_comes_back(tmp_path, format):
    made = {**tables(), "loans": tables()["loans"].assign(**{"=cmd()": "x"})}
    target = tmp_path / ("book.xlsx" if format == "excel" else "book")
    ck.Portfolio(**made).write(target, format=format)
    raw = read_frames(target)["loans"].columns
    assert "'=cmd()" in raw
    assert "=cmd()" not in raw
    assert ck.read_portfolio(target).loans["=cmd()"].tolist() == ["x"] * 5


def test_a_target_that_is_there_is_not_written_over(tmp_path):
    five_loans().write(tmp_path / "book")
    before = sorted(path.name for path in (tmp_path / "book").iterdir())
    with pytest.raises(ck.CallError, match="there already"):
        five_loans().write(tmp_path / "book")
    assert sorted(path.name for path in (tmp_path / "book").iterdir()) == before


def test_a_failed_write_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr("collectkit.writing.MOST_ROWS", 1)
    with pytest.raises(ck.CallError, match="a sheet holds 1"):
        five_loans().write(tmp_path / "book.xlsx", format="excel")
    assert list(tmp_path.iterdir()) == []


def test_a_database_table_that_is_there_is_not_touched(tmp_path):
    url = f"sqlite:///{tmp_path / 'book.db'}"
    five_loans().write(url)
    with pytest.raises(ck.CallError, match="has _dtypes, instalments, loans"):
        five_loans().write(url)


def test_a_file_with_no_known_table_names_the_next_step(tmp_path):
    (tmp_path / "export.csv").write_text("贷款编号,金额\n1,2\n", encoding="utf-8")
    with pytest.raises(ck.CallError, match=r"only export.*collectkit map"):
        ck.read_portfolio(tmp_path / "export.csv")


def test_a_table_that_is_needed_is_named(tmp_path):
    (tmp_path / "loans.csv").write_text("loan_id\nL1\n", encoding="utf-8")
    with pytest.raises(ck.CollectkitError, match=r"instalments|product"):
        ck.read_portfolio(tmp_path / "loans.csv")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_a_csv_is_read_in_every_encoding_and_with_every_separator(tmp_path, encoding, separator):
    text = "\n".join(separator.join(row) for row in [("loan_id", "product"), ("L1", "消费"), ("L2", "抵押")])
    (tmp_path / "loans.csv").write_text(text, encoding=encoding)
    read, problems = read_tables(tmp_path / "loans.csv")
    assert read["loans"]["product"].tolist() == ["消费", "抵押"]
    assert not (problems["severity"] == "error").any()


def test_personal_data_are_masked_unless_asked_for(tmp_path):
    made = tables()
    made["loans"]["phone"] = "13800001234"
    made["loans"]["customer_name"] = "王小明"
    ck.Portfolio(**made).write(tmp_path / "book")
    read = ck.read_portfolio(tmp_path / "book").loans
    assert (read["phone"][0], read["customer_name"][0]) == ("1********34", "王**")
    assert ck.read_portfolio(tmp_path / "book", personal=True).loans["phone"][0] == "13800001234"


def test_a_missing_phone_stays_missing_when_masked():
    frame = masked(pd.DataFrame({"phone": pd.Series(["13800001234", None], dtype="str")}))
    assert frame["phone"].isna().tolist() == [False, True]


def test_personal_data_are_not_in_messages(tmp_path):
    made = tables()
    made["loans"]["phone"] = pd.Series([13800001234] * 5, dtype=object)
    with pytest.raises(ck.PortfolioError) as caught:
        ck.Portfolio(**made)
    assert "138" not in str(caught.value)
    assert set(caught.value.problems["value"]) == {"***"}


@pytest.fixture
def postgresql_url():
    """A new schema of a database on this machine, named by COLLECTKIT_POSTGRESQL or started from Debian's package."""
    url = os.environ.get("COLLECTKIT_POSTGRESQL")
    if not url:
        if os.environ.get("CI") == "true":
            pytest.fail("CI must name a PostgreSQL database in COLLECTKIT_POSTGRESQL.")
        pytest.skip("PostgreSQL was NOT tested: name an empty database in COLLECTKIT_POSTGRESQL.")
    import sqlalchemy as sa

    schema = "collectkit_test"
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text(f"DROP SCHEMA IF EXISTS {schema} CASCADE"))
        connection.execute(sa.text(f"CREATE SCHEMA {schema}"))
    yield f"{url}?options=-csearch_path%3D{schema}"
    with engine.begin() as connection:
        connection.execute(sa.text(f"DROP SCHEMA {schema} CASCADE"))
    engine.dispose()


def test_a_row_longer_than_the_header_is_not_cut(tmp_path):
    (tmp_path / "collectors.csv").write_text("collector_id,team\n1,2,3,4,5\n", encoding="utf-8")
    with pytest.raises(ck.CallError, match="rows longer than its header"):
        read_tables(tmp_path / "collectors.csv")


def test_a_problem_names_the_row_of_the_file_and_each_cell_once(tmp_path):
    five_loans().write(tmp_path / "book", format="csv")
    path = tmp_path / "book" / "payments.csv"
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    cells = lines[2].split(",")
    lines[2] = ",".join([*cells[:2], "31/02/2025", *cells[3:]])
    lines[3] = lines[3].replace(lines[3].split(",")[3], "-5")
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(ck.PortfolioError) as caught:
        ck.read_portfolio(tmp_path / "book")
    found = caught.value.problems[["table", "row", "column"]].values.tolist()
    assert found == [["payments", 3, "value_date"], ["payments", 4, "amount"]]
