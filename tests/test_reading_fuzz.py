"""Whatever a file holds, the readers either read it or raise an error of ours."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
import xlsxwriter
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from collectkit import CollectkitError, cells
from collectkit.columns import TABLES
from collectkit.files import read_frames
from collectkit.mapping import identity_mapping, load_mapping, map_tables, propose_mapping
from collectkit.sources import read_portfolio

READERS = [
    cells.numbers,
    cells.rates,
    cells.whole_numbers,
    cells.dates,
    cells.times,
    cells.flags,
    cells.texts,
    cells.ids,
]
FRAGMENTS = st.sampled_from(
    [*"1.,-()¥（１e%年月日/: T=元;", "12,000", "E+15", "2025", "02", "30", "\u3000", "\ufeff", "\u200b", "\x00", "\n",
     '"', "\t", "合计", "null", "N/A", "#REF!", "万元", "inf", "nan"]
)  # fmt: skip
written = st.one_of(st.text(max_size=12), st.lists(FRAGMENTS, max_size=8).map("".join))
anything = st.one_of(
    written, st.characters(categories=["Cs"]), st.none(), st.just(pd.NaT), st.just(pd.NA), st.booleans(),
    st.integers(), st.floats(), st.complex_numbers(), st.builds(np.float32, st.floats(width=32)),
    st.builds(np.int8, st.integers(-128, 127)), st.just(Decimal("nan")), st.decimals(allow_nan=False),
    st.dates(), st.times(), st.timedeltas(), st.datetimes(), st.datetimes(timezones=st.just(dt.UTC)),
    st.binary(max_size=4), st.lists(st.integers(), max_size=2),
)  # fmt: skip
columns = [name for table in TABLES.values() for name in table.columns]
on_disk = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def read_or_refused(source, **options):
    with suppress(CollectkitError):
        read_portfolio(source, **options)


@pytest.mark.parametrize("reader", READERS)
@given(st.lists(anything, max_size=6))
@example([10**400, "1"])
@example(["9" * 5000])
@example([float("inf"), None])
@example([-2_903_105_249])
@example([np.datetime64("NaT", "D"), "2025-01-01"])
def test_any_cells_are_read_or_bad(reader, column):
    found = pd.Series(column, dtype=object)
    values, bad = reader(found)
    assert len(values) == len(bad) == len(column)
    assert bad.dtype == bool
    assert values[bad].isna().all()
    assert not bad[found.isna().to_numpy()].any()


@pytest.mark.parametrize("reader", READERS)
@given(st.lists(st.one_of(st.none(), written), max_size=6))
def test_text_reads_the_same_alone_and_in_company(reader, column):
    together, bad = reader(pd.Series(column, dtype="str"))
    for position, cell in enumerate(column):
        alone, alone_bad = reader(pd.Series([cell], dtype="str"))
        assert alone_bad[0] == bad[position]
        assert alone.equals(together.iloc[[position]].reset_index(drop=True))


@given(st.lists(st.floats()), st.sampled_from(["float64", "float32", "Float64", "int64", "bool", "category"]))
def test_typed_columns_are_read_or_bad(numbers, dtype):
    found = pd.Series(numbers, dtype="float64").fillna(0).clip(-1e6, 1e6).astype(dtype)
    for reader in READERS:
        values, bad = reader(found)
        assert values[bad].isna().all()


@given(
    st.dictionaries(st.sampled_from(columns), st.lists(anything, min_size=3, max_size=3), min_size=1),
    st.sampled_from(sorted(TABLES)),
)
def test_any_table_is_mapped_with_problems(table, name):
    raw = {name: pd.DataFrame(table, dtype=object)}
    tables, problems = map_tables(raw, identity_mapping())
    assert set(problems["severity"]) <= {"error", "warning"}
    left_out = (problems["severity"] == "warning").sum()
    assert len(tables[name]) == 3 - left_out
    try:
        proposal = propose_mapping(raw)
    except CollectkitError:
        return
    map_tables(raw, proposal)


@on_disk
@given(st.binary(max_size=300), st.sampled_from(["csv", "xlsx", "xls", "xlsb", "ods", "parquet", "tsv"]))
@example(b"PK\x03\x04", "xlsx")
@example(b"PAR1PAR1", "parquet")
@example(b"\xef\xbb\xbf", "csv")
@example(b"\r\r\r", "csv")
@example(b'"', "csv")
@example(b"\n\n\n", "csv")
def test_any_bytes_are_refused_or_read(tmp_path, data, ending):
    path = tmp_path / f"loans.{ending}"
    path.write_bytes(data)
    read_or_refused(path)


@on_disk
@given(st.text(max_size=300), st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]))
def test_any_text_is_refused_or_read(tmp_path, text, encoding):
    path = tmp_path / "loans.csv"
    path.write_bytes(text.encode(encoding))
    read_or_refused(path)


@on_disk
@given(st.lists(st.lists(written, min_size=5, max_size=5), max_size=4))
def test_any_cells_under_good_headers_are_refused_or_read(tmp_path, rows):
    for table in ("loans", "instalments", "payments"):
        frame = pd.DataFrame(rows, columns=[*TABLES[table].required, "method"][:5])
        frame.to_csv(tmp_path / f"{table}.csv", index=False)
    read_or_refused(tmp_path)


@on_disk
@given(
    st.lists(st.lists(st.one_of(written, st.floats(-1e300, 1e300), st.booleans(), st.none()), max_size=6), max_size=5)
)
def test_any_workbook_is_refused_or_read(tmp_path, rows):
    book = xlsxwriter.Workbook(tmp_path / "book.xlsx")
    for table in ("loans", "payments"):
        sheet = book.add_worksheet(table)
        for at, row in enumerate(rows):
            for column, value in enumerate(row):
                sheet.write_string(at, column, value) if isinstance(value, str) else sheet.write(at, column, value)
    book.close()
    read_or_refused(tmp_path / "book.xlsx")


@on_disk
@given(st.data())
def test_a_damaged_workbook_is_refused_or_read(tmp_path, data):
    path = tmp_path / "book.xlsx"
    book = xlsxwriter.Workbook(path)
    book.set_properties({"created": dt.datetime(2025, 1, 1)})  # the same bytes every time
    book.add_worksheet("loans").write_row(0, 0, TABLES["loans"].required)
    book.close()
    whole = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(whole)
    with suppress(CollectkitError):
        read_frames(path)


TOML_LINES = st.sampled_from(
    ['name = "x"\n', "[tables.loans]\n", 'from = "a"\n', "[tables.loans.columns]\n", 'loan_id = "a"\n', "= \n",
     'principal = { from = "a", unit = "x" }\n', "principal = { constant = nan }\n", "missing = [1]\n", "keep = 3\n",
     "closed_date = { constant = 2025-01-01 }\n", "loan_id = []\n", "[[tables]]\n", "tables = 5\n"]
)  # fmt: skip
toml = st.lists(TOML_LINES, max_size=8).map(lambda lines: "".join(lines).encode())


@on_disk
@given(st.one_of(st.binary(max_size=200), toml))
def test_any_mapping_file_is_refused_or_read(tmp_path, data):
    path = tmp_path / "mapping.toml"
    path.write_bytes(data)
    with suppress(CollectkitError):
        load_mapping(path)
