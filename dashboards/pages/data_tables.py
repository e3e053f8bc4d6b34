"""The tables of the page *Data*: problems, stated figures that differ, and what was imported when."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import panel as pn
import panel_material_ui as pmui
from bokeh.models.widgets.tables import DateFormatter, NumberFormatter

from collectkit import differences_by_reading
from collectkit.columns import COLUMNS, label
from collectkit.problems import problem_kinds, shown_problems
from collectkit.stated import shown_differences
from dashboards import audit, parts
from dashboards.words import N_, safe

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from dashboards.words import Words

REGISTERED = ("import_id", "imported_at", "file_name", "imported_by", "rows_in", "accepted", "already_there", "changed",
              "quarantined", "sha256")  # fmt: skip
_LONG = {
    "file_name": 260,
    "problem": 260,
    "value": 160,
    "what_to_do": 380,
    "ours_because": 420,
    "stated_because": 380,
    "reading": 420,
}
_DEFINITIONS = {
    "rows": N_("Rows of the tables that were found in the files, without rows that are empty all over."),
    "errors": N_("What must be put right: a row with an error is kept out of the book when the files are taken in."),
    "warnings": N_("What should be looked at: a row with a warning is taken in."),
}


def message(title: str, text: str, *, is_problem: bool = False, **params: Any) -> pn.pane.HTML:
    """Message in a card."""
    return parts.markup(parts.message(title, text, is_problem=is_problem), **{"margin": (0, 0, 8, 0), **params})


def link(text: str, address: str) -> pn.pane.HTML:
    """A link to another page, or to this one with another portfolio."""
    return parts.markup(f'<p><a href="{safe(address)}">{safe(text)}</a></p>', margin=(0, 0, 8, 0))


def tile(name: str, count: int, words: Words) -> parts.Tile:
    """One count of the checks."""
    names = {"rows": words.text("Rows"), "errors": words.text("Errors"), "warnings": words.text("Warnings")}
    full = words.number(count)
    return parts.Tile(names[name], words.short(count), full, "", "", words.text(_DEFINITIONS[name]))


def problems(found: pd.DataFrame, words: Words) -> list[Any]:
    """The kinds of problems, then row by row with a download."""
    shown = shown_problems(found, words.language)
    kinds = shown_problems(problem_kinds(found), words.language)
    table = _table(shown, words, filtered=True)
    download = parts.csv_download(words, "problems.csv", lambda: table.current_view)
    sub = words.text("Row: the number of the row in the file. Personal data are shown as ***.")
    content = [] if len(kinds) == len(shown) else [_top(words.text("What was found")), _table(kinds, words)]
    return [*content, _top(words.text("Problems"), sub, download), table]


def differences(found: pd.DataFrame, policy: str, words: Words) -> list[Any]:
    """Figures the source states itself that are not ours: which readings explain them, then one by one."""
    title = words.text("Figures the source states itself")
    sub = words.text(
        "Loan amount, instalments, money paid, days past due and penalty, against ours under policy {policy}. "
        "A reading is named only where it alone gives just the stated figure.",
        policy=policy,
    )
    if found.empty:
        agree = words.text("Every stated figure is ours, to the cent and the day.")
        return [_top(title, sub), message(words.text("All figures agree"), agree)]
    counted = differences_by_reading(found, language=words.language)
    readings = counted.assign(
        what=[label(what, words.language) for what in counted["what"]],
        reading=[reading or words.text("none of the simple ones") for reading in counted["reading"]],
    )
    table = _table(shown_differences(found, words.language), words, filtered=True)
    download = parts.csv_download(words, "differences.csv", lambda: table.current_view)
    single = _top(words.text("Difference by difference"), "", download)
    return [_top(title, sub), _table(readings, words, layout="fit_data_table"), single, table]


def counts(frame: pd.DataFrame, words: Words) -> pn.widgets.Tabulator:
    """Imports, or the tables of one import."""
    return _table(shown_problems(frame, words.language), words, layout="fit_data_table")


def html_download(text: str, filename: str, make: Callable[[], str]) -> pmui.FileDownload:
    """Button that saves a document."""

    def made() -> io.BytesIO:
        audit.note_here("download", file=filename)
        return io.BytesIO(make().encode("utf-8"))

    return pmui.FileDownload(
        callback=made, filename=filename, label=text, variant="outlined",
        size="small", margin=0, auto=True, embed=False,
    )  # fmt: skip


def _top(title: str, sub: str = "", *controls: Any) -> pn.Row:
    """Heading of a table, its controls beside it."""
    wrapped = {"flex-wrap": "wrap", "gap": "8px", "align-items": "center"}
    heading = parts.heading(title, sub, styles={"flex": "1 1 260px"})
    return pn.Row(heading, *controls, sizing_mode="stretch_width", margin=(12, 0, 8, 0), styles=wrapped)


def _table(frame: pd.DataFrame, words: Words, *, filtered: bool = False, **params: Any) -> pn.widgets.Tabulator:
    """A table whose long texts are broken into lines."""
    counted = [name for name in frame if name in COLUMNS and COLUMNS[name].kind == "count"]
    moments = [name for name in frame if name in COLUMNS and COLUMNS[name].kind == "timestamp"]
    formatters: dict[str, Any] = {
        **dict.fromkeys(counted, NumberFormatter(format="0,0", nan_format="", null_format="")),
        **dict.fromkeys(moments, DateFormatter(format="%Y-%m-%d %H:%M")),
        **{name: {"type": "textarea"} for name in _LONG if name in frame},
    }
    filters = {"header_filters": parts.header_filters(frame, words)} if filtered else {}
    right = {name: "right" for name in ("stated", "ours", "deviation") if name in frame}
    widths = {name: width for name, width in _LONG.items() if name in frame}
    return parts.table(frame, words, formatters=formatters, text_align=right, widths=widths, **filters, **params)
