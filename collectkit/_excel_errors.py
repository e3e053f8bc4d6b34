"""Cells of a workbook that hold an error of Excel, such as #DIV/0!; calamine gives them as empty.

Each kind of file is looked at for nothing but these cells, so that a value that could not be computed is never taken
for one that was not there.
"""

from __future__ import annotations

import posixpath
import re
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

#: The tag of a cell that holds an error, in a sheet of XML.
_FAILED = re.compile(rb"""<(?:\w+:)?c\s(?=[^>]*\bt=["']e["'])[^>]*>""")
#: What the number of a record means: in an .xlsb and in an .xls.
_ROW, _ERRORS_XLSB = 0, (3, 11)
_FORMULA, _SHEET, _BOOL_OR_ERROR = 0x0006, 0x0085, 0x0205
_ODS = {"table": "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}",
        "calcext": "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"}  # fmt: skip


def failed_cells(path: Path) -> list[str]:
    """Where the errors stand, as ``loans!D2``."""
    return [f"{sheet}!{place}" for sheet, place in _READERS[path.suffix.lower()](path)]


def _of_xlsx(path: Path) -> Iterator[tuple[str, str]]:
    with ZipFile(path) as book:
        for name, part in _sheet_parts(book, "xl/workbook.xml"):
            rest = b""
            with book.open(part) as sheet:
                while data := sheet.read(1 << 20):  # a sheet may be larger than memory
                    whole, mark, rest = (rest + data).rpartition(b"<")
                    rest = mark + rest
                    for tag in _FAILED.findall(whole):
                        at = re.search(rb"""\sr=["']([A-Za-z]+[0-9]+)""", tag)
                        yield name, at[1].decode() if at else "?"


def _of_xlsb(path: Path) -> Iterator[tuple[str, str]]:
    with ZipFile(path) as book:
        for name, part in _sheet_parts(book, "xl/workbook.bin"):
            row = 0
            for kind, data in _records(book.read(part)):
                if kind == _ROW:
                    (row,) = struct.unpack_from("<I", data)
                elif kind in _ERRORS_XLSB:
                    yield name, _place(row, struct.unpack_from("<I", data)[0])


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Number and content of the records of an .xlsb part: both lengths are written in groups of seven bits."""
    at, view = 0, memoryview(data)
    while at < len(view):
        kind, at = _number(view, at, 2)
        size, at = _number(view, at, 4)
        yield kind, bytes(view[at : at + size])
        at += size


def _number(view: memoryview, at: int, most: int) -> tuple[int, int]:
    """A number of up to so many bytes, and where it ends."""
    value = 0
    for i in range(most):
        value |= (view[at + i] & 0x7F) << (7 * i)
        if view[at + i] < 0x80:
            break
    return value, at + i + 1


def _of_xls(path: Path) -> Iterator[tuple[str, str]]:
    import olefile

    with olefile.OleFileIO(str(path)) as file:
        stream = next((name for name in ("Workbook", "Book") if file.exists(name)), None)
        data = file.openstream(stream).read() if stream else b""
    sheets: dict[int, str] = {}
    name, at = "", 0
    while at + 4 <= len(data):
        name = sheets.get(at, name)
        kind, size = struct.unpack_from("<HH", data, at)
        body, at = data[at + 4 : at + 4 + size], at + 4 + size
        if kind == _SHEET:
            sheets[struct.unpack_from("<I", body)[0]] = _name_of_sheet(body, is_old=stream == "Book")
        elif (kind == _BOOL_OR_ERROR and body[7]) or (kind == _FORMULA and body[6] == 2 and body[12:14] == b"\xff\xff"):
            yield name, _place(*struct.unpack_from("<HH", body))


def _name_of_sheet(body: bytes, *, is_old: bool) -> str:
    """Name in a record of an .xls; before Excel 97 it had one byte a letter."""
    if is_old:
        return body[7 : 7 + body[6]].decode("gb18030", "replace")
    is_wide = body[7] & 1
    return body[8 : 8 + body[6] * (1 + is_wide)].decode("utf-16-le" if is_wide else "latin-1")


def _of_ods(path: Path) -> Iterator[tuple[str, str]]:
    with ZipFile(path) as book:
        content = book.read("content.xml")
    if b'"error"' not in content:
        return
    table, repeated = _ODS["table"], f"{_ODS['table']}number-%s-repeated"
    for sheet in ElementTree.fromstring(content).iter(f"{table}table"):
        row = 0
        for line in sheet.iter(f"{table}table-row"):
            column = 0
            for cell in line:
                if cell.get(f"{_ODS['calcext']}value-type") == "error":
                    yield sheet.get(f"{table}name", ""), _place(row, column)
                column += int(cell.get(repeated % "columns", "1"))
            row += int(line.get(repeated % "rows", "1"))


_READERS: dict[str, Callable[[Path], Iterator[tuple[str, str]]]] = {
    ".xlsx": _of_xlsx, ".xlsm": _of_xlsx, ".xlsb": _of_xlsb, ".xls": _of_xls, ".ods": _of_ods,
}  # fmt: skip


def _place(row: int, column: int) -> str:
    """Name of a cell by its row and column from 0."""
    letters, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row + 1}"


def _sheet_parts(book: ZipFile, workbook: str) -> Iterator[tuple[str, str]]:
    """Name of every sheet and its file in the workbook."""
    there = {name.replace("\\", "/").lower(): name for name in book.namelist()}
    links = ElementTree.fromstring(book.read(there[f"xl/_rels/{posixpath.basename(workbook)}.rels"]))
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    named = _names_in_xml if workbook.endswith(".xml") else _names_in_records
    for name, link in named(book.read(there[workbook])):
        part = posixpath.normpath(posixpath.join("/xl", targets.get(link, ""))).lstrip("/").lower()
        if part in there:
            yield name, there[part]


def _names_in_xml(data: bytes) -> Iterator[tuple[str, Any]]:
    for sheet in ElementTree.fromstring(data).findall(".//{*}sheet"):
        yield sheet.get("name", ""), next((value for key, value in sheet.items() if key.endswith("}id")), None)


def _names_in_records(data: bytes) -> Iterator[tuple[str, Any]]:
    for kind, body in _records(data):
        if kind == 156:  # a sheet: its state, its number, its link and its name
            texts, at = [], 8
            for _ in range(2):
                (length,) = struct.unpack_from("<I", body, at)
                texts.append(body[at + 4 : at + 4 + 2 * length].decode("utf-16-le"))
                at += 4 + 2 * length
            yield texts[1], texts[0]
