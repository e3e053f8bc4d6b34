"""Workbooks: what a reader of the file sees, read back by another library."""

from __future__ import annotations

import io

import openpyxl
import pandas as pd
import pytest

from collectkit.errors import CallError
from collectkit.workbooks import Figure, Formula, Sheet, workbook

LINES = pd.DataFrame(
    {
        "payment_id": ["P1", "=cmd()"],
        "value_date": pd.to_datetime(["2025-01-31", None]),
        "collected": [1000.0, 500.0],
        "rate": [0.07, 0.14],
        "commission": [70.0, 70.0],
    }
)
SHEET = Sheet(
    LINES,
    formulas={"commission": "=ROUND({collected}*{rate},2)"},
    totals=("collected", "commission"),
    above=("Statement", "June 2025"),
)


def cells(sheets, *, values=False, **options):
    book = openpyxl.load_workbook(io.BytesIO(workbook(sheets, **options)), data_only=values)
    return {page.title: [[cell.value for cell in row] for row in page.iter_rows()] for page in book}


def test_formulas_are_visible_and_their_values_are_ours():
    shown, known = cells({"lines": SHEET})["lines"], cells({"lines": SHEET}, values=True)["lines"]
    assert [row[4] for row in shown[3:]] == ["=ROUND(C4*D4,2)", "=ROUND(C5*D5,2)", "=SUM(E4:E5)"]
    assert [row[4] for row in known[3:]] == [70.0, 70.0, 140.0]


def test_labels_and_lines_above():
    rows = cells({"lines": SHEET}, language="zh")["lines"]
    assert [row[0] for row in rows[:3]] == ["Statement", "June 2025", "还款编号"]


def test_text_never_runs():
    assert cells({"lines": LINES})["lines"][2][0] == "'=cmd()"


def test_a_missing_cell_is_empty():
    assert cells({"lines": LINES})["lines"][2][1] is None


def test_named_cells_carry_formulas_across_rows():
    inputs = pd.DataFrame(
        {"name": ["placed", "rate", "fee"], "value": [100_000.0, 0.1, Formula("=placed*rate", 10_000.0)]}, dtype=object
    )
    book = openpyxl.load_workbook(io.BytesIO(workbook({"in": Sheet(inputs, names=("name", "value"))})))
    assert book.defined_names["placed"].attr_text == "'in'!$B$2"
    assert book["in"]["B4"].value == "=placed*rate"


def test_an_empty_table_has_its_labels_only():
    assert len(cells({"lines": Sheet(LINES.head(0), totals=("commission",))})["lines"]) == 1


def test_an_unknown_column_lists_the_valid_ones():
    with pytest.raises(CallError, match="commissions"):
        Sheet(LINES, totals=("commissions",))


def test_a_table_too_long_for_a_sheet_is_refused():
    with pytest.raises(CallError, match="a sheet holds"):
        workbook({"long": pd.DataFrame({"amount": range(1_048_576)})})


def formats(frame):
    """Number format of each cell of the first row."""
    page = openpyxl.load_workbook(io.BytesIO(workbook({"a": frame})))["a"]
    return [page.cell(2, at + 1).number_format for at in range(len(frame.columns))]


def test_a_table_says_of_which_kind_its_own_numbers_are():
    flows = pd.DataFrame({"M1→M2": [0.25], "loans": [4], "penalty": [1.0]})
    assert formats(flows) == ["#,##0.00", "#,##0", "#,##0.00"]
    flows.attrs["kind"] = "rate"
    assert formats(flows) == ["0.00##%", "#,##0", "#,##0.00"]


def test_a_figure_has_the_format_of_its_own_kind():
    mixed = pd.DataFrame({"value": [Figure(0.25, "rate"), Figure(4.0, "count"), None]}, dtype=object)
    page = openpyxl.load_workbook(io.BytesIO(workbook({"a": mixed})))["a"]
    cells = [page.cell(row, 1) for row in (2, 3, 4)]
    assert [cell.value for cell in cells] == [0.25, 4, None]
    assert [cell.number_format for cell in cells[:2]] == ["0.00##%", "#,##0"]
