"""Broken and odd files: each row of ``broken/expected.csv`` is read and must say just what is wrong, or be read right.

A case is the good book with one cell changed (`csv`, `excel`: table, cell and content; content of a cell in a
workbook is JSON) or a file or folder of ``broken/files`` (`file`), read with a mapping of ``broken/mappings`` or
without. It is refused with the words given (`error`), read with a warning that has them (`warning`), read (`read`), or
the same portfolio as the good one (`same`).
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
import shutil
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import xlsxwriter

from collectkit import CollectkitError, PortfolioError
from collectkit.sources import read_portfolio, read_tables

HERE = Path(__file__).parent / "broken"
TABLES = ("loans", "instalments", "payments")
with (HERE / "expected.csv").open(encoding="utf-8", newline="") as file:
    CASES = list(csv.DictReader(file))


def good_rows(table):
    with (HERE / "good" / f"{table}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines))


def position(cell):
    letter, number = re.fullmatch(r"([A-Z])(\d+)", cell).groups()
    return int(number) - 1, ord(letter) - ord("A")


def changed(rows, cell, contents):
    """The rows with some cells changed, from `cell` on to the right; a row below the last is added."""
    at, column = position(cell)
    rows = [list(row) for row in rows]
    if at == len(rows):
        rows.append([""] * len(rows[0]))
    rows[at][column : column + len(contents)] = contents
    return rows


def as_folder(case, folder):
    for table in TABLES:
        rows = good_rows(table)
        if table == case["table"]:
            contents = next(csv.reader([case["content"]])) if case["cell"] == "A5" else [case["content"]]
            rows = changed(rows, case["cell"], contents)
        with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)
    return folder


def typed(text):
    """A good cell as a spreadsheet holds it: ids stay text."""
    if re.fullmatch(r"\d+\.\d+|[1-9]\d?", text):
        return float(text)
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return dt.datetime.fromisoformat(text)
    return {"true": True, "false": False, "": None}.get(text, text)


def put(sheet, book, row, column, value):
    """One cell of a workbook; a date, time or failed formula is a small table of its own."""
    if isinstance(value, dict):
        ((kind, text),) = value.items()
        if kind == "error":
            sheet.write_formula(row, column, "=1/0", None, text)
            return
        value = dt.time.fromisoformat(text) if kind == "time" else dt.datetime.fromisoformat(text)
    if isinstance(value, dt.datetime | dt.time):
        shown = "hh:mm" if isinstance(value, dt.time) else "yyyy-mm-dd hh:mm:ss" if value.hour else "yyyy-mm-dd"
        sheet.write_datetime(row, column, value, book.add_format({"num_format": shown}))
    elif isinstance(value, str):
        sheet.write_string(row, column, value)
    elif value is not None:
        sheet.write(row, column, value)


def as_workbook(case, path):
    book = xlsxwriter.Workbook(path)
    for table in TABLES:
        rows = [[typed(text) for text in row] for row in good_rows(table)]
        if table == case["table"]:
            content = json.loads(case["content"])
            rows = changed(rows, case["cell"], content if isinstance(content, list) else [content])
        sheet = book.add_worksheet(table)
        for at, row in enumerate(rows):
            for column, value in enumerate(row):
                put(sheet, book, at, column, value)
    book.close()
    return path


def made(case, tmp_path):
    """Source and mapping of a case."""
    if case["source"] == "csv":
        source = as_folder(case, tmp_path)
    elif case["source"] == "excel":
        source = as_workbook(case, tmp_path / "book.xlsx")
    else:
        source = HERE / "files" / case["table"]
    return source, HERE / "mappings" / case["mapping"] if case["mapping"] else None


def lines_of(problems):
    """Problems as text: place, row in the file, words."""
    shown = problems.astype(object).where(problems.notna(), "")
    return "\n".join(
        f"{p.table}.{p.column} row {p.row} {p.loan_id} {p.problem} {p.value} {p.severity} {p.what_to_do}"
        for p in shown.itertuples()
    )


def test_the_corpus_is_there():
    assert len(CASES) >= 60
    assert len({case["case"] for case in CASES}) == len(CASES)
    assert {case["source"] for case in CASES} == {"csv", "excel", "file"}
    assert {path.name for path in (HERE / "mappings").iterdir()} <= {case["mapping"] for case in CASES}
    assert {path.name for path in (HERE / "files").iterdir()} <= {case["table"] for case in CASES}


@pytest.mark.parametrize("case", [c for c in CASES if c["outcome"] == "error"], ids=lambda case: case["case"])
def test_a_broken_file_is_refused_in_so_many_words(case, tmp_path):
    source, mapping = made(case, tmp_path)
    with pytest.raises(CollectkitError) as caught:
        read_portfolio(source, mapping=mapping)
    message = str(caught.value)
    if isinstance(caught.value, PortfolioError):
        message += "\n" + lines_of(caught.value.problems)
    assert [word for word in case["words"].split("|") if word not in message] == [], message


@pytest.mark.parametrize("case", [c for c in CASES if c["outcome"] == "warning"], ids=lambda case: case["case"])
def test_an_odd_file_is_read_with_a_warning(case, tmp_path):
    source, mapping = made(case, tmp_path)
    _, problems = read_tables(source, mapping=mapping)
    assert [word for word in case["words"].split("|") if word not in lines_of(problems)] == []
    assert set(problems["severity"]) == {"warning"}
    assert_same(read_portfolio(source, mapping=mapping))


@pytest.mark.parametrize("case", [c for c in CASES if c["outcome"] == "read"], ids=lambda case: case["case"])
def test_an_odd_file_is_read(case, tmp_path):
    source, mapping = made(case, tmp_path)
    assert len(read_portfolio(source, mapping=mapping).payments) == (0 if case["table"] == "header_only" else 3)


@pytest.mark.parametrize("case", [c for c in CASES if c["outcome"] == "same"], ids=lambda case: case["case"])
def test_an_odd_file_gives_the_same_portfolio_as_the_good_one(case, tmp_path):
    source, mapping = made(case, tmp_path)
    assert_same(read_portfolio(source, mapping=mapping))


def assert_same(portfolio):
    """The portfolio of the good book, as pandas reads it with the types said."""
    for table in TABLES:
        dates = [name for name in good_rows(table)[0] if name.endswith("_date")]
        expected = pd.read_csv(HERE / "good" / f"{table}.csv", dtype={"loan_id": "str"}, parse_dates=dates)
        for column in expected.columns:
            pair = portfolio.table(table)[column], expected[column]
            pair = [part.fillna(0.0) for part in pair] if column == "fee" else pair
            pd.testing.assert_series_equal(*pair, check_dtype=False)


def test_a_workbook_saved_by_another_program_reads_the_same(tmp_path):
    path = as_workbook({"table": ""}, tmp_path / "book.xlsx")
    openpyxl.load_workbook(path).save(tmp_path / "again.xlsx")
    assert_same(read_portfolio(tmp_path / "again.xlsx"))


def test_a_workbook_cut_off_is_refused(tmp_path):
    path = as_workbook({"table": ""}, tmp_path / "book.xlsx")
    for share in (0.1, 0.5, 0.9):
        cut = tmp_path / f"cut{share}.xlsx"
        cut.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
        with pytest.raises(CollectkitError, match="is not a readable Excel file"):
            read_portfolio(cut)


def test_a_zip_that_is_no_workbook_is_refused(tmp_path):
    shutil.make_archive(str(tmp_path / "book"), "zip", HERE / "good")
    (tmp_path / "book.zip").rename(tmp_path / "book.xlsx")
    with pytest.raises(CollectkitError, match="is not a readable Excel file"):
        read_portfolio(tmp_path / "book.xlsx")


def test_a_workbook_without_cells_is_refused(tmp_path):
    xlsxwriter.Workbook(tmp_path / "book.xlsx").close()
    with pytest.raises(CollectkitError, match="holds no data"):
        read_portfolio(tmp_path / "book.xlsx")


def test_a_parquet_file_cut_off_is_refused(tmp_path):
    whole = io.BytesIO()
    pd.DataFrame({"loan_id": ["L1"]}).to_parquet(whole)
    (tmp_path / "loans.parquet").write_bytes(whole.getvalue()[:-20])
    with pytest.raises(CollectkitError, match="is not a readable Parquet file"):
        read_portfolio(tmp_path)
