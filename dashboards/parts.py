"""Parts of a page: tiles, messages, charts, tables and downloads, all in one look.

Text that comes from data goes through `safe` before it stands in markup, and through `safe_cells` before it
stands in a file for a spreadsheet.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import panel as pn
import panel_material_ui as pmui
from bokeh.models.widgets.tables import DateFormatter, NumberFormatter

from collectkit.charts import plotly_config
from collectkit.columns import COLUMNS, label
from dashboards.controls import Chart
from dashboards.words import safe

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd
    import plotly.graph_objects as go

    from dashboards.words import Words

_CSS = (Path(__file__).parent / "static" / "parts.css").read_text(encoding="utf-8")
_TABLE_CSS = (Path(__file__).parent / "static" / "table.css").read_text(encoding="utf-8")
_FORMULA_START = r"^(?=[=+\-@\t\r])"
_FORMATS = {"money": "0,0.00", "count": "0,0", "rate": "0.0000%"}
_CARD_STYLE = {
    "border": "1px solid var(--mui-palette-divider)",
    "border-radius": "8px",
    "padding": "14px 16px",
    "min-width": "0",
    "background": "var(--mui-palette-background-paper)",
}


@dataclass(frozen=True)
class Tile:
    """One figure: what it is called, how it is written short and in full, and what it means."""

    label: str
    value: str
    full: str
    unit: str
    note: str
    definition: str


def markup(html: str = "", **params: Any) -> pn.pane.HTML:
    """Pane for markup the house has made; every datum in it must have gone through `safe`."""
    return pn.pane.HTML(html, stylesheets=[_CSS], sizing_mode="stretch_width", **{"margin": 0, **params})


def heading(text: str, sub: str = "", **params: Any) -> pn.pane.HTML:
    """Heading of a card, with a line below it."""
    below = f'<p class="sub">{safe(sub)}</p>' if sub else ""
    return markup(f"<h2>{safe(text)}</h2>{below}", **params)


def tiles(shown: list[Tile], words: Words) -> str:
    """Markup of a row of tiles; the sign opens a tile's definition."""
    return f'<div class="tiles">{"".join(_tile(tile, i, words) for i, tile in enumerate(shown))}</div>'


def message(title: str, text: str, *, is_problem: bool = False) -> str:
    """Markup of a message in place of figures."""
    kind = "message problem" if is_problem else "message"
    role = ' role="alert"' if is_problem else ""
    return f'<div class="{kind}"{role}><h2>{safe(title)}</h2><p class="sub">{safe(text)}</p></div>'


def facts(pairs: Mapping[str, str]) -> str:
    """Markup of a few named values side by side."""
    rows = "".join(f"<div><dt>{safe(k)}</dt><dd>{safe(v)}</dd></div>" for k, v in pairs.items())
    return f'<dl class="facts">{rows}</dl>'


def chart(height: int, words: Words) -> Chart:
    """Empty place for a figure of `collectkit.charts`; `draw` fills it."""
    config = plotly_config(words.language)
    return Chart(config=config, height=height, sizing_mode="stretch_width", margin=0, min_width=0)


def draw(place: Chart, figure: go.Figure, text: str) -> None:
    """Put a figure in its place, with what it shows in words."""
    place.param.update(figure=figure.to_json(validate=False), label=text)


def card(*content: Any, basis: int = 0, share: int = 1) -> pn.Column:
    """Framed part of a page.

    `basis` is the width in pixels below which it takes a row of its own, `share` its part of the room left.
    """
    flex = {"flex": f"{share} 1 min({basis}px, 100%)"} if basis else {}
    styles = {**_CARD_STYLE, **flex, "height": "auto"}
    return pn.Column(*content, sizing_mode="stretch_width", styles=styles, margin=0)


def side_by_side(*cards: Any, **styles: str) -> pn.Row:
    """Parts next to each other where the screen is wide enough."""
    wrapped = {"flex-wrap": "wrap", "gap": "16px", "align-items": "stretch", **styles}
    return pn.Row(*cards, sizing_mode="stretch_width", margin=0, styles=wrapped)


def table(frame: pd.DataFrame, words: Words, *, page_size: int = 10, **params: Any) -> pn.widgets.Tabulator:
    """Read-only table with the nomenclature's labels, units and number formats; cells never become HTML."""
    texts = {
        "first": words.text("First"),
        "first_title": words.text("First page"),
        "last": words.text("Last"),
        "last_title": words.text("Last page"),
        "prev": words.text("Previous"),
        "prev_title": words.text("Previous page"),
        "next": words.text("Next"),
        "next_title": words.text("Next page"),
        "page_size": words.text("Rows per page"),
        "page_title": words.text("Show page"),
        "all": words.text("All"),
    }
    right = {name: "right" for name in frame.columns if _kind(name) in _FORMATS}
    configuration = {
        "locale": words.language,
        "langs": {words.language: {"pagination": texts, "headerFilters": {"default": words.text("Filter…")}}},
        "headerFilterLiveFilterDelay": 200,
        "columnDefaults": {"minWidth": 80},
        "placeholder": words.text("No rows"),
        **params.pop("configuration", {}),
    }
    return pn.widgets.Tabulator(
        frame,
        show_index=False,
        disabled=True,
        pagination="remote",
        page_size=page_size,
        titles={**{name: label(name, words.language) for name in frame.columns}, **params.pop("titles", {})},
        formatters={**_formatters(frame), **params.pop("formatters", {})},
        text_align=right | params.pop("text_align", {}),
        sizing_mode="stretch_width",
        margin=0,
        min_width=0,
        configuration=configuration,
        stylesheets=[_TABLE_CSS],
        layout=params.pop("layout", "fit_data_stretch"),
        **params,
    )


def header_filters(frame: pd.DataFrame, words: Words) -> dict[str, dict[str, str]]:
    """Filter of every column: text contains it, a number or a date is at least it."""
    contains = {"type": "input", "func": "like", "placeholder": words.text("Filter")}
    at_least = {"type": "number", "func": ">=", "placeholder": "≥"}
    return {name: at_least if _kind(name) in _FORMATS else contains for name in frame.columns}


def csv_download(words: Words, filename: str, rows: Callable[[], pd.DataFrame]) -> pmui.FileDownload:
    """Button that saves the rows as they stand in the table."""
    return pmui.FileDownload(
        callback=lambda: csv_bytes(rows()),
        filename=filename,
        label=words.text("Download CSV"),
        variant="outlined",
        size="small",
        margin=0,
        auto=True,
        embed=False,
    )


def csv_bytes(frame: pd.DataFrame) -> io.BytesIO:
    """Rows as CSV that every spreadsheet reads, with no text that it would run as a formula."""
    return io.BytesIO(safe_cells(frame).to_csv(index=False).encode("utf-8-sig"))


def safe_cells(frame: pd.DataFrame) -> pd.DataFrame:
    """Frame whose texts a spreadsheet shows and never runs: a quote stands before = + - @ tab and return."""
    shown = frame.copy()
    for name in shown.columns:
        if _is_text(shown[name]):
            shown[name] = shown[name].astype("str").str.replace(_FORMULA_START, "'", regex=True)
    return shown


def _is_text(column: pd.Series) -> bool:
    """True if the column holds text or categories."""
    return column.dtype.kind not in "biufcmM"


def _tile(tile: Tile, number: int, words: Words) -> str:
    """Markup of one tile."""
    about = words.text("What is “{name}”?", name=tile.label)
    return f"""<section class="tile" aria-label="{safe(tile.label)}">
<h3>{safe(tile.label)}</h3>
<button class="what" popovertarget="what-{number}" aria-label="{safe(about)}"
 title="{safe(tile.definition)}">?</button>
<p class="value" title="{safe(tile.full)}">{safe(tile.value)}<span class="unit">{safe(tile.unit)}</span></p>
<p class="note">{safe(tile.note)}</p>
<div class="definition" id="what-{number}" popover>
<p>{safe(tile.definition)}</p><p>{safe(tile.full)}</p></div>
</section>"""


def _kind(name: str) -> str:
    """Kind of a column in the nomenclature; text for one that is not in it."""
    return COLUMNS[name].kind if name in COLUMNS else "text"


def _formatters(frame: pd.DataFrame) -> dict[str, Any]:
    """How the columns are written, by their kind."""
    formatters: dict[str, Any] = {}
    for name in frame.columns:
        kind = _kind(name)
        if kind in _FORMATS:
            formatters[name] = NumberFormatter(format=_FORMATS[kind], nan_format="", null_format="")
        elif kind == "date":
            formatters[name] = DateFormatter(format="%Y-%m-%d", nan_format="", null_format="")
    return formatters
