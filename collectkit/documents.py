"""Documents to print or send: a Jinja2 template and values in, HTML, PDF or Word out; data never become markup.

A template lies in ``collectkit/templates``: ``NAME.en.html`` and ``NAME.zh.html`` where the languages differ in more
than words, else ``NAME.html``. It extends ``base.html``, which prints on A4 and loads nothing from outside. A short
message is ``NAME.en.txt`` and ``NAME.zh.txt``: plain text, so nothing in it is escaped.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from collectkit.columns import COLUMNS, kind_of, label
from collectkit.errors import CallError, unknown_name

if TYPE_CHECKING:
    from jinja2 import Environment

from collectkit.wording import checked_language

_BROWSERS = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge", "msedge", "chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)  # fmt: skip
_FLAGS = (
    "--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-extensions", "--no-pdf-header-footer",
    "--virtual-time-budget=10000",
)  # fmt: skip
_NUMBERS = ("money", "count", "rate")
_STYLES = {  # Jupyter would set every cell of a table to the right, and knows no classes
    "<th>": '<th style="text-align: left">',
    "<td>": '<td style="text-align: left">',
    '<td class="date">': '<td style="text-align: left; white-space: nowrap">',
    '<td class="long">': '<td class="long" style="text-align: left; min-width: 14em">',
}
_LONG = 28  # a text of more letters than this (a Chinese sign counts for two) needs a wide column
_MONTHS = ("vintage", "cohort")  # dates that stand for their month
_PATIENCE = 120  # seconds for one start of the browser
_FIGURE = re.compile(r"[−-]?[\d,.]+%?")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_BODY = re.compile(r"<body>(.*)</body>", re.DOTALL)
_FORMATS: dict[str, Callable[[Any], str]] = {
    "money": "{:,.2f}".format,
    "count": "{:,.0f}".format,
    "rate": lambda rate: f"{float(rate) * 100:,.4f}".rstrip("0").rstrip(".") + "%",
    "date": "{:%Y-%m-%d}".format,
    "month": "{:%Y-%m}".format,
    "timestamp": "{:%Y-%m-%d %H:%M}".format,
}


def render(template: str, *, language: str = "en", **values: Any) -> str:
    """A document as one HTML page that stands alone.

    Parameters
    ----------
    template : str
        Name of a template, without language and ending.
    language : {"en", "zh"}
    **values
        What the template asks for; one that is missing raises.

    Returns
    -------
    str
        HTML, every value escaped; of a message its text.

    Raises
    ------
    CallError
        There is no such template or language.

    Notes
    -----
    In a template ``{{ amount | money }}``, ``count``, ``rate`` and ``date`` write a value, ``{{ "penalty" | label }}``
    is the label of a column, and ``{{ table(frame | cells) }}`` writes a DataFrame by the nomenclature.

    Examples
    --------
    >>> page = render("table", title="<Loans>", note="", frame=pd.DataFrame({"penalty": [1234.5]}))
    >>> "&lt;Loans&gt;" in page, "1,234.50" in page
    (True, True)
    """
    from jinja2 import TemplatesNotFound

    checked_language(language)
    try:
        chosen = _environment(language).select_template(
            [f"{template}.{language}.html", f"{template}.html", f"{template}.{language}.txt"]
        )
    except TemplatesNotFound:
        raise unknown_name("template", template, _templates()) from None
    return chosen.render(language=language, **values)


def render_text(text: str, **values: Any) -> str:
    """Somebody's own words with ``{{ … }}`` filled in, as plain text; they can reach nothing but the values.

    Raises
    ------
    CallError
        The words do not parse, or ask for something that is not there.

    Examples
    --------
    >>> render_text("{{ name }}, please call.", name="A. Example")
    'A. Example, please call.'
    """
    from jinja2 import StrictUndefined, TemplateError
    from jinja2.sandbox import SandboxedEnvironment

    try:
        return SandboxedEnvironment(undefined=StrictUndefined).from_string(text).render(**values)
    except TemplateError as error:
        raise CallError(f"Your text cannot be filled in: {error}. Check its {{{{ … }}}}.") from error


class Table:
    """A table that shows itself in a notebook or a report as it stands in documents: labels, two decimals, percent.

    Parameters
    ----------
    frame : DataFrame
        A named index becomes columns.
    language : {"en", "zh"}

    Examples
    --------
    >>> shown = Table(pd.DataFrame({"penalty": [1234.5]}), "zh")._repr_html_()
    >>> "罚息" in shown, "1,234.50" in shown
    (True, True)
    """

    def __init__(self, frame: pd.DataFrame, language: str = "en") -> None:
        checked_language(language)
        self.frame = frame.reset_index() if any(name is not None for name in frame.index.names) else frame
        self.language = language

    def __repr__(self) -> str:
        return self.frame.to_string(index=False)

    def _repr_html_(self) -> str:
        parts: Any = _environment(self.language).get_template("parts.html").module
        made = str(parts.table(_cells(self.frame, self.language)))
        for tag, style in _STYLES.items():
            made = made.replace(tag, style)
        return made


def pdf(html: str) -> bytes:
    """A page as PDF, as Chromium prints it.

    Parameters
    ----------
    html : str
        A page that stands alone, from `render`.

    Returns
    -------
    bytes

    Raises
    ------
    CallError
        There is no Chromium on this machine, or it fails.

    Notes
    -----
    The browser is the one named by the environment variable ``CHROMIUM``, else the first of Chromium, Chrome and Edge
    that is installed.
    """
    return _printed(html)


def pdfs(pages: Sequence[str]) -> list[bytes]:
    """Many pages as one PDF each, printed together and cut apart: one start of the browser for all.

    Parameters
    ----------
    pages : sequence of str
        Pages from `render`, of one look: the style of the first holds for all.

    Returns
    -------
    list of bytes
        In the order of the pages.

    Raises
    ------
    CallError
        As `pdf`.

    Notes
    -----
    Each page begins a new sheet; the outline of the PDF says on which sheet its first heading stands, and there it is
    cut.
    """
    import io

    import pikepdf

    if not pages:
        return []
    head, _, _ = pages[0].partition("<body>")
    bodies = [_body(page) for page in pages]
    sections = [f'<section style="break-before: page">{body}</section>' for body in bodies]
    printed = _printed(f"{head}<body>{''.join(sections)}</body></html>", outline=True)
    cut = []
    with pikepdf.open(io.BytesIO(printed)) as whole:
        starts = [*_starts(whole, [body.count("<h1") for body in bodies]), len(whole.pages)]
        whole.remove_unreferenced_resources()
        part = pikepdf.new()  # one for all, so that the fonts are copied once; what no sheet uses is not saved
        for first, after in pairwise(starts):
            file = io.BytesIO()
            part.pages.extend(whole.pages[first:after])
            part.save(file, object_stream_mode=pikepdf.ObjectStreamMode.generate)
            del part.pages[:]
            cut.append(file.getvalue())
    return cut


def word(html: str) -> bytes:
    """A page as a Word file.

    Parameters
    ----------
    html : str
        A page that stands alone, from `render`.

    Returns
    -------
    bytes
        A .docx file: headings, paragraphs, lists and tables; the look is Word's own.

    Examples
    --------
    >>> word(render("table", title="Loans", note="", frame=pd.DataFrame({"penalty": [1.0]})))[:2]
    b'PK'
    """
    import io

    from docx import Document
    from docx.oxml.ns import qn
    from html4docx import HtmlToDocx

    found = _BODY.search(html)
    file, made = io.BytesIO(), Document()
    style = made.styles["Normal"]
    style.font.name = "Arial"
    style.element.rPr.rFonts.set(qn("w:eastAsia"), "Microsoft YaHei")
    parser = HtmlToDocx()
    parser.table_style = "Table Grid"
    parser.add_html_to_document(_plain_for_word(found[1] if found else html), made)
    _tidy(made)
    made.save(file)
    return file.getvalue()


def _plain_for_word(body: str) -> str:
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
        max(4, min(_signs(head), _LONG) // 2, *(min(_signs(text), _LONG) for text in column)) + 2
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


def _signs(text: str) -> int:
    """How wide a text is, in Latin letters."""
    return sum(1 + (sign > "\u2e7f") for sign in text)


def with_pictures(html: str) -> str:
    """A page whose charts are pictures, as `word` needs them; a page without charts stays as it is.

    Parameters
    ----------
    html : str
        A page that stands alone, with charts drawn by plotly.

    Raises
    ------
    CallError
        As `pdf`.

    Examples
    --------
    >>> with_pictures("<p>")
    '<p>'
    """
    if "plotly-graph-div" not in html:
        return html
    page = re.sub(r"<meta http-equiv=.Content-Security-Policy.[^>]*>", "", html)  # a picture is a blob for a moment
    shown = _browsed(page.replace("</body>", f"{_PICTURES}</body>"), ["--dump-dom"])
    if "<img" not in shown:
        raise CallError("The charts could not be made pictures. Save the document as HTML or PDF instead.")
    return shown


_PICTURES = """<script>addEventListener("load", async () => {
  for (const chart of [...document.querySelectorAll(".plotly-graph-div")]) {
    const size = { width: 720, height: Math.round(720 * chart.offsetHeight / chart.offsetWidth) };
    const picture = new Image(580, Math.round(580 * size.height / size.width));
    picture.src = await Plotly.toImage(chart, { format: "png", scale: 2, ...size });
    chart.replaceWith(picture);
  }
  document.querySelectorAll("script").forEach((script) => script.remove());
})</script>"""


def _starts(whole: Any, headings: list[int]) -> list[int]:
    """First sheet of each page of a print, given the number of first headings of each."""
    sheets = {sheet.obj.objgen: number for number, sheet in enumerate(whole.pages)}
    with whole.open_outline() as outline:
        marks = [sheets[mark.destination[0].objgen] for mark in outline.root]
    return [marks[sum(headings[:at])] for at in range(len(headings))]


def _body(page: str) -> str:
    """What a page shows; one without a heading gets one that is not seen."""
    found = _BODY.search(page)
    body = found[1] if found else page
    return body if "<h1" in body else f'<h1 style="font-size: 1px; color: transparent; margin: 0">–</h1>{body}'


def _printed(html: str, *, outline: bool = False) -> bytes:
    with tempfile.TemporaryDirectory() as place:
        printed = Path(place, "page.pdf")
        more = ["--generate-pdf-document-outline"] if outline else []
        _browsed(html, [*more, f"--print-to-pdf={printed}"])
        if not printed.is_file():
            raise CallError("The browser printed nothing. Save the document as HTML instead, and print it from there.")
        return printed.read_bytes()


def _browsed(html: str, flags: list[str]) -> str:
    """What the browser says when it has opened a page with these flags."""
    with tempfile.TemporaryDirectory() as place:
        page = Path(place, "page.html")
        page.write_text(html, encoding="utf-8")
        sandbox = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []  # it refuses to run as root
        command = [_browser(), *_FLAGS, *sandbox, f"--user-data-dir={place}/profile", *flags, page.as_uri()]
        try:
            done = subprocess.run(command, capture_output=True, timeout=_PATIENCE, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise CallError(f"The document could not be printed: {error}. Save it as HTML instead.") from error
        return done.stdout.decode("utf-8", "replace")


def _browser() -> str:
    for name in (os.environ.get("CHROMIUM", ""), *_BROWSERS):
        found = shutil.which(name) if name else None
        if found:
            return found
    raise CallError(
        "A PDF needs Chromium, Chrome or Edge, and none is installed here. Install one, name it in the environment "
        "variable CHROMIUM, or save the document as HTML and print it from your browser."
    )


@cache
def _environment(language: str) -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

    made = Environment(
        loader=PackageLoader("collectkit"), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        autoescape=select_autoescape(["html"], ["txt"], default=True),
    )  # fmt: skip
    made.filters |= {kind: _written_as(kind) for kind in _FORMATS}
    made.filters |= {"label": lambda name: label(name, language), "cells": lambda frame: _cells(frame, language)}
    return made


def _templates() -> set[str]:
    return {name.split(".")[0] for name in _environment("en").list_templates()} - {"base", "parts"}


def _written_as(kind: str) -> Callable[[Any], str]:
    """How a value of a kind is written; nothing for a missing one."""
    return lambda value: "" if pd.isna(value) else _FORMATS[kind](value)


def _cells(frame: pd.DataFrame, language: str) -> dict[str, Any]:
    """A table as a template needs it: labels, which columns are numbers, and every cell as text."""
    kinds = [_kind(frame, name) for name in frame]
    columns = [
        _even(frame[name].map(_written_as(kind) if kind in _FORMATS else _as_text).tolist(), kind)
        for name, kind in zip(frame, kinds, strict=True)
    ]
    return {
        "heads": [label(str(name), language) for name in frame],
        "numbers": [
            kind in _NUMBERS or (kind == "text" and name in COLUMNS and COLUMNS[name].kind in _NUMBERS)
            for name, kind in zip(frame, kinds, strict=True)
        ],
        "classes": [_class(kind, cells) for kind, cells in zip(kinds, columns, strict=True)],
        "rows": list(zip(*columns, strict=True)),
    }


def _class(kind: str, cells: list[str]) -> str:
    """How the cells of a column that are no numbers are set: dates on one line, long texts in a wide column."""
    if kind in ("date", "month", "timestamp") or (any(cells) and all(_DAY.fullmatch(cell) for cell in cells if cell)):
        return "date"
    return "long" if any(_signs(cell) > _LONG for cell in cells) else ""


def _kind(frame: pd.DataFrame, name: Any) -> str:
    """Kind of a column, which is "month" where a date only stands for its month."""
    kind = kind_of(frame, name)
    return "month" if kind == "date" and name in _MONTHS else kind


def _even(cells: list[str], kind: str) -> list[str]:
    """Percentages of one column with as many decimals each as the longest needs."""
    if kind != "rate":
        return cells
    parts = [cell.rstrip("%").partition(".") for cell in cells]
    decimals = max((len(behind) for *_, behind in parts), default=0)
    if not decimals:
        return cells
    return [f"{whole}.{behind:0<{decimals}}%" if whole else "" for whole, _, behind in parts]


def _as_text(value: Any) -> str:
    return "" if pd.isna(value) else str(value)
