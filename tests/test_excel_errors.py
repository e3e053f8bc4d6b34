"""Errors of Excel are found in every kind of workbook; the reader of the cells would give them as empty.

The workbooks are written here by the published formats ([MS-XLSB], OpenDocument 1.2); `errors.xls` of the corpus was
written by xlwt 1.3 (`set_cell_error`). That calamine reads their other cells shows that they are workbooks.
"""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from collectkit import CallError
from collectkit._excel_errors import _place, failed_cells
from collectkit.files import read_frames

CORPUS = Path(__file__).parent / "broken" / "files"
ERROR = object()
ROWS = [
    ["payment_id", "loan_id", "value_date", "amount"],
    ["P1", "00101", "2025-02-06", 4130.0],
    ["P2", "00102", "2025-02-07", ERROR],
]
GOOD = [[1.0 if cell is ERROR else cell for cell in row] for row in ROWS]


def record(kind, data=b""):
    """A record of an .xlsb: number and size in groups of seven bits."""
    head = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, left = b"", len(data)
    while True:
        left, low = left >> 7, left & 0x7F
        size += bytes([low | (0x80 if left else 0)])
        if not left:
            return head + size + data


def wide(text):
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def xlsb(path, rows, *, kind):
    """A workbook of one sheet; `kind` is the record of an error: 3 a value, 11 a formula."""
    sheet = record(129) + record(148, struct.pack("<IIII", 0, len(rows) - 1, 0, 3)) + record(145)
    for at, row in enumerate(rows):
        sheet += record(0, struct.pack("<IIHHBIII", at, 0, 300, 0, 0, 1, 0, 3))
        for column, value in enumerate(row):
            cell = struct.pack("<II", column, 0)
            if value is ERROR:
                formula = struct.pack("<HII", 0, 0, 0) if kind == 11 else b""
                sheet += record(kind, cell + b"\x07" + formula)
            else:
                is_text = isinstance(value, str)
                sheet += record(6 if is_text else 5, cell + (wide(value) if is_text else struct.pack("<d", value)))
    sheet += record(146) + record(130)
    bundle = struct.pack("<II", 0, 1) + wide("rId1") + wide("还款")
    book = record(131) + record(143) + record(156, bundle) + record(144) + record(132)
    types = "http://schemas.openxmlformats.org/package/2006"
    link = (
        f'<Relationships xmlns="{types}/relationships"><Relationship Id="rId1" Target="{{}}" Type="http://schemas.'
        'openxmlformats.org/officeDocument/2006/relationships/{}"/></Relationships>'
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{types}/content-types"><Default Extension="bin" ContentType='
        '"application/vnd.ms-excel.sheet.binary.macroEnabled.main"/></Types>',
        "_rels/.rels": link.format("xl/workbook.bin", "officeDocument"),
        "xl/_rels/workbook.bin.rels": link.format("worksheets/sheet1.bin", "worksheet"),
        "xl/workbook.bin": book,
        "xl/worksheets/sheet1.bin": sheet,
    }
    with zipfile.ZipFile(path, "w") as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return path


def ods(path, rows, *, more=""):
    """A workbook of one sheet as LibreOffice writes it; `more` are rows in front."""
    names = {"office": "office:1.0", "table": "table:1.0", "text": "text:1.0"}
    spaces = " ".join(f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{where}"' for n, where in names.items())
    spaces += ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'

    def cell(value):
        if value is ERROR:
            kind, shown = 'office:value-type="string" office:string-value="" calcext:value-type="error"', "#DIV/0!"
        elif isinstance(value, float):
            kind, shown = f'office:value-type="float" office:value="{value}"', value
        else:
            kind, shown = 'office:value-type="string"', value
        return f"<table:table-cell {kind}><text:p>{shown}</text:p></table:table-cell>"

    lines = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
    content = (
        f'<office:document-content {spaces} office:version="1.2"><office:body><office:spreadsheet><table:table '
        f'table:name="还款">{more}{lines}</table:table></office:spreadsheet></office:body></office:document-content>'
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    space = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("mimetype", kind)
        file.writestr("content.xml", content)
        file.writestr("META-INF/manifest.xml", f'<manifest:manifest xmlns:manifest="{space}"/>')
    return path


MADE = {
    "xlsb value": lambda folder, rows: xlsb(folder / "book.xlsb", rows, kind=3),
    "xlsb formula": lambda folder, rows: xlsb(folder / "book.xlsb", rows, kind=11),
    "ods": lambda folder, rows: ods(folder / "book.ods", rows),
}


@pytest.mark.parametrize("name", MADE)
def test_the_reader_of_the_cells_gives_an_error_as_empty(name, tmp_path):
    """If this fails, calamine tells errors apart and the search for them can go."""
    sheet = CalamineWorkbook.from_path(str(MADE[name](tmp_path, ROWS))).get_sheet_by_index(0)
    assert sheet.to_python(skip_empty_area=False) == [*ROWS[:2], [*ROWS[2][:3], ""]]


@pytest.mark.parametrize("name", MADE)
def test_an_error_is_refused_with_its_place(name, tmp_path):
    with pytest.raises(CallError, match=r"errors of Excel.* in 还款!D3\. Correct"):
        read_frames(MADE[name](tmp_path, ROWS))


@pytest.mark.parametrize("name", MADE)
def test_a_workbook_without_errors_is_read(name, tmp_path):
    frame = read_frames(MADE[name](tmp_path, GOOD))["还款"]
    assert frame["amount"].tolist() == [4130.0, 1.0]


def test_an_old_workbook_is_refused_too():
    with pytest.raises(CallError, match=r"in payments!D3\."):
        read_frames(CORPUS / "errors.xls")


def test_repeated_rows_and_cells_count(tmp_path):
    empty = '<table:table-row table:number-rows-repeated="4"><table:table-cell table:number-columns-repeated="4"/>'
    assert failed_cells(ods(tmp_path / "book.ods", ROWS, more=empty + "</table:table-row>")) == ["还款!D7"]


@pytest.mark.parametrize(
    ("row", "column", "place"), [(0, 0, "A1"), (2, 25, "Z3"), (9, 26, "AA10"), (0, 701, "ZZ1"), (0, 702, "AAA1")]
)
def test_places_are_written_as_excel_writes_them(row, column, place):
    assert _place(row, column) == place
