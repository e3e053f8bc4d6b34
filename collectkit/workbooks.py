"""Excel workbooks for people: labels, number formats, texts that never run, and formulas only where they are meant."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from collectkit.columns import kind_of, label
from collectkit.errors import CallError, unknown_name
from collectkit.writing import MOST_ROWS, neutral

_FORMATS = {
    "money": "#,##0.00", "count": "#,##0", "rate": "0.00##%", "date": "yyyy-mm-dd", "timestamp": "yyyy-mm-dd hh:mm",
}  # fmt: skip
_WIDEST = 60  # characters
_MEASURED_ROWS = 500  # rows that decide how wide a column is


@dataclass(frozen=True)
class Formula:
    """A live formula in one cell, with the value it has now.

    Examples
    --------
    >>> Formula("=placed*rate", 700.0).value
    700.0
    """

    text: str
    value: float | str


@dataclass(frozen=True)
class Figure:
    """A number of a kind of its own, in a column that holds several kinds.

    Examples
    --------
    >>> Figure(0.12, "rate").kind
    'rate'
    """

    value: float
    kind: str


@dataclass(frozen=True)
class Sheet:
    """One sheet.

    Parameters
    ----------
    frame : DataFrame
        Its rows; a cell may be a `Formula`.
    formulas : mapping of str to str, optional
        Column to the formula of its cells, other columns of the row in braces: ``"=ROUND({amount}*{rate},2)"``.
        The values of the column are what the formulas give, so that every reader of the file shows them.
    totals : sequence of str
        Columns summed below the last row, by a formula too.
    names : (str, str), optional
        Two columns: names of cells, and the cells they name; formulas of the workbook may use them.
    above : sequence of str
        Lines above the table: title, period, source.
    """

    frame: pd.DataFrame
    formulas: Mapping[str, str] = field(default_factory=dict)
    totals: Sequence[str] = ()
    names: tuple[str, str] | None = None
    above: Sequence[str] = ()

    def __post_init__(self) -> None:
        asked = {*self.formulas, *self.totals, *(self.names or ())}
        for name in asked - set(self.frame.columns):
            raise unknown_name("column of the sheet", name, self.frame.columns)


def workbook(sheets: Mapping[str, pd.DataFrame | Sheet], *, language: str = "en") -> bytes:
    """An Excel workbook.

    Parameters
    ----------
    sheets : mapping of sheet name to DataFrame or Sheet
    language : {"en", "zh"}
        Language of the column labels.

    Returns
    -------
    bytes
        The file.

    Raises
    ------
    CallError
        A table is too long for a sheet.

    Notes
    -----
    Text that a spreadsheet would run as a formula gets an apostrophe in front. Rates are shown in percent.

    Examples
    --------
    >>> lines = pd.DataFrame({"collected": [1000.0], "rate": [0.07], "commission": [70.0]})
    >>> book = workbook({"lines": Sheet(lines, formulas={"commission": "=ROUND({collected}*{rate},2)"})})
    >>> book[:2]
    b'PK'
    """
    import xlsxwriter

    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(file, options) as book:
        formats = {kind: book.add_format({"num_format": text}) for kind, text in _FORMATS.items()}
        styles = {"head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True}),
                  "title": book.add_format({"bold": True})}  # fmt: skip
        for name, given in sheets.items():
            sheet = given if isinstance(given, Sheet) else Sheet(given)
            if len(sheet.frame) > MOST_ROWS:
                raise CallError(f"{name} has {len(sheet.frame):,} rows, a sheet holds {MOST_ROWS:,}. Write CSV.")
            _write(book, book.add_worksheet(name[:31]), sheet, language, formats, styles)
    return file.getvalue()


def _write(book: Any, page: Any, sheet: Sheet, language: str, formats: dict[str, Any], styles: dict[str, Any]) -> None:
    """One sheet: lines above, labels, cells, totals."""
    top, frame = len(sheet.above), neutral(sheet.frame)
    for row, line in enumerate(sheet.above):
        page.write_string(row, 0, line, styles["title"] if row == 0 else None)
    for at, (name, given) in enumerate(zip(frame.columns, sheet.frame.columns, strict=True)):
        kind = kind_of(sheet.frame, given)
        page.write_string(top, at, label(str(name), language), styles["head"])
        page.set_column(at, at, _width(frame[name], label(str(name), language)), formats.get(kind))
        _write_column(page, sheet, at, frame[name], top + 1, formats)
    page.freeze_panes(top + 1, 0)
    if len(frame):
        page.autofilter(top, 0, top + len(frame), len(frame.columns) - 1)
    _write_totals(page, sheet, top + 1, formats)
    if sheet.names:
        names, cells = sheet.names
        for row, name in enumerate(frame[names]):
            cell = _cell(list(frame).index(cells), top + 1 + row, fixed=True)
            book.define_name(str(name), f"='{page.get_name()}'!{cell}")


def _write_column(page: Any, sheet: Sheet, at: int, column: pd.Series, first: int, formats: dict[str, Any]) -> None:
    formula = sheet.formulas.get(str(column.name))
    for row, value in enumerate(column.astype(object), start=first):
        if formula is not None:
            cells = {name: _cell(i, row) for i, name in enumerate(sheet.frame.columns)}
            page.write_formula(row, at, formula.format(**cells), None, 0 if pd.isna(value) else value)
        elif isinstance(value, Formula):
            page.write_formula(row, at, value.text, None, value.value)
        elif isinstance(value, Figure):
            page.write_number(row, at, value.value, formats[value.kind])
        elif pd.isna(value):
            continue
        elif isinstance(value, pd.Timestamp):
            page.write_datetime(row, at, value.to_pydatetime())
        elif isinstance(value, bool):
            page.write_boolean(row, at, value)
        elif pd.api.types.is_number(value):
            page.write_number(row, at, value)
        else:
            page.write_string(row, at, str(value))


def _write_totals(page: Any, sheet: Sheet, first: int, formats: dict[str, Any]) -> None:
    below = first + len(sheet.frame)
    for name in sheet.totals if len(sheet.frame) else ():
        at = list(sheet.frame).index(name)
        cells = f"{_cell(at, first)}:{_cell(at, below - 1)}"
        total = round(float(sheet.frame[name].sum()), 2)
        page.write_formula(below, at, f"=SUM({cells})", formats.get(kind_of(sheet.frame, name)), total)


def _cell(column: int, row: int, *, fixed: bool = False) -> str:
    from xlsxwriter.utility import xl_rowcol_to_cell

    return str(xl_rowcol_to_cell(row, column, row_abs=fixed, col_abs=fixed))


def _width(column: pd.Series, head: str) -> int:
    """Width that shows the head and the first rows [characters]; Chinese signs are two wide."""
    shown = [head, *(f"{value:,.2f}" if isinstance(value, float) else str(value)[:_WIDEST]
                     for value in column.head(_MEASURED_ROWS))]  # fmt: skip
    return min(_WIDEST, 2 + max(sum(1 + (ord(sign) > 0x2E7F) for sign in text) for text in shown))
