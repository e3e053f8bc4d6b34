"""Files of what is shown: tables as CSV and Excel, charts as a page that stands alone; no text in them ever runs."""

from __future__ import annotations

import io
import json
import re
from typing import TYPE_CHECKING

from collectkit.charts import plotly_config
from collectkit.documents import render
from collectkit.workbooks import Sheet, workbook
from collectkit.writing import to_csv

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from dashboards.session import Session

CSV, EXCEL, HTML, PDF, TOML, WORD = "csv", "xlsx", "html", "pdf", "toml", "docx"
KINDS = {
    CSV: "text/csv",
    EXCEL: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    HTML: "text/html",
    PDF: "application/pdf",
    TOML: "application/toml",
    WORD: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
"""Kind of file by its ending."""
GROUNDS = {"light": "#ffffff", "dark": "#121212"}
"""What a chart stands on outside the pages."""


def filename(name: str, session: Session) -> str:
    """Name of a file without its ending: what, of which portfolio, when, under which policy."""
    key = session.loaded or session.key
    parts = (name, key.portfolio, key.as_of.isoformat(), key.policy)
    return "_".join(map(plain, parts))


def plain(text: str) -> str:
    """A text as part of the name of a file."""
    return re.sub(r"[^\w.-]+", "-", text)


def csv_file(frame: pd.DataFrame) -> bytes:
    """Rows as CSV that every spreadsheet reads, under the names of the columns in the package."""
    file = io.BytesIO()
    to_csv(frame, file)
    return file.getvalue()


def excel_file(frame: pd.DataFrame, above: Sequence[str], language: str) -> bytes:
    """Rows as a workbook with labels, under a few lines that say what they are."""
    return workbook({"collectkit": Sheet(frame, above=above)}, language=language)


def chart_file(figure: str, *, title: str, note: str, definition: Sequence[str], language: str, theme: str) -> bytes:
    """A figure, given as JSON, as a page that needs no network: plotly is in it."""
    import plotly.io

    config = plotly_config(language)
    drawn = plotly.io.to_html(json.loads(figure), config=config, full_html=False, validate=False)
    page = render(
        "chart", language=language, title=title, note=note, definition=definition, ground=GROUNDS[theme], figure=drawn
    )
    return page.encode("utf-8")
