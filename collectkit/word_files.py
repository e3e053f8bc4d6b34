"""Word files: a page as a document to be edited."""

from __future__ import annotations

import re
from typing import Any

from collectkit.documents import LONG, body_of, width_of

_FIGURE = re.compile(r"[−-]?[\d,.]+%?")


def word(html: str) -> bytes:
    """A page as a Word file.

    Parameters
    ----------
    html : str
        A page that stands alone, from `collectkit.documents.render`.

    Returns
    -------
    bytes
        A .docx file: headings, paragraphs, lists and tables; the look is Word's own.

    Examples
    --------
    >>> import pandas as pd
    >>> from collectkit.documents import render
    >>> word(render("table", title="Loans", note="", frame=pd.DataFrame({"penalty": [1.0]})))[:2]
    b'PK'
    """
    import io

    from docx import Document
    from docx.oxml.ns import qn
    from html4docx import HtmlToDocx

    file, made = io.BytesIO(), Document()
    style = made.styles["Normal"]
    style.font.name = "Arial"
    style.element.rPr.rFonts.set(qn("w:eastAsia"), "Microsoft YaHei")
    parser = HtmlToDocx()
    parser.table_style = "Table Grid"
    parser.add_html_to_document(_plain(body_of(html)), made)
    _tidy(made)
    made.save(file)
    return file.getvalue()


def _plain(body: str) -> str:
    """A page as html4docx can be given it: that takes the text of a cell for markup, and opens what a picture names."""
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(body, "html.parser")
    for cell in soup.find_all(["td", "th"]):
        for text in cell.find_all(string=True, recursive=False):
            text.wrap(soup.new_tag("span"))
    for picture in soup.find_all("img"):
        if not str(picture.get("src", "")).startswith("data:image/"):
            picture.decompose()
    for box in soup.select(".sign > div"):
        box.insert(0, f"{'_' * 30} ")
    for box in soup.find_all("div"):  # html4docx would write an empty line for each
        if any(text.strip() for text in box.find_all(string=True, recursive=False)):
            box.name = "p"
        else:
            box.unwrap()
    return str(soup)


def _tidy(made: Any) -> None:
    """Empty lines out, but for one after a table; columns as wide as their texts, numbers to the right."""
    for paragraph in made.paragraphs:
        element = paragraph._p
        before = element.getprevious()
        is_after_table = before is not None and before.tag.endswith("}tbl")
        if not paragraph.text.strip() and not element.xpath(".//w:drawing") and not is_after_table:
            element.getparent().remove(element)
    section = made.sections[0]
    for table in made.tables:
        _fit(table, section.page_width - section.left_margin - section.right_margin)


def _fit(table: Any, room: int) -> None:
    """Widths by the longest text of each column, of which a long one may break."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Length, Pt
    from docx.table import _Cell

    rows = [[_Cell(cell, table) for cell in row.tc_lst] for row in table._tbl.tr_lst]
    texts = [[cell.text.strip() for cell in row] for row in rows]
    needs = [  # a head may stand on two lines
        max(4, min(width_of(head), LONG) // 2, *(min(width_of(text), LONG) for text in column)) + 2
        for head, *column in zip(*texts, strict=True)
    ]
    widths = [Length(room * need // sum(needs)) for need in needs]
    table.autofit = False
    for column, width in zip(table._tbl.tblGrid.gridCol_lst, widths, strict=True):
        column.w = width
    for row in rows:
        for cell, width in zip(row, widths, strict=True):
            cell.width = width
            for paragraph in cell.paragraphs:
                for run in paragraph.runs:
                    run.font.size = Pt(8.5)
                if _FIGURE.fullmatch(cell.text.strip()):
                    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
