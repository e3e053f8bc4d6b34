"""Parts of a page: tiles, messages, charts, tables and downloads, all in one look.

Text that comes from data goes through `safe` before it stands in markup; files for a spreadsheet are written by
`collectkit.writing`, which lets no text run.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import panel as pn
import panel_material_ui as pmui
from bokeh.models.widgets.tables import DateFormatter, NumberFormatter

from collectkit.charts import plotly_config
from collectkit.columns import COLUMNS, label
from dashboards import audit
from dashboards.controls import Chart
from dashboards.downloads import csv_file
from dashboards.words import safe

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd
    import plotly.graph_objects as go

    from dashboards.words import Words

_CSS = (Path(__file__).parent / "static" / "parts.css").read_text(encoding="utf-8")
_TABLE_CSS = (Path(__file__).parent / "static" / "table.css").read_text(encoding="utf-8")
_FORMATS = {"money": "0,0.00", "count": "0,0", "rate": "0.0000%", "fraction": "0.00%"}
_TIMES = {"date": "%Y-%m-%d", "timestamp": "%Y-%m-%d %H:%M"}
_CARD_STYLE = {
    "border": "1px solid var(--mui-palette-divider)",
    "border-radius": "8px",
    "padding": "14px 16px",
    "min-width": "0",
    "break-inside": "avoid",
    "background": "var(--mui-palette-background-paper)",
}
_AS_HIGH_AS_NEEDED = {"height": "auto", "max-height": "none"}  # Bokeh lets nothing be higher than the window


@dataclass(frozen=True)
class Tile:
    """One figure: what it is called, how it is written short and in full, what it means, and how it came about."""

    label: str
    value: str
    full: str
    unit: str
    note: str
    definition: str
    trend: Sequence[float] = ()


def markup(html: str = "", **params: Any) -> pn.pane.HTML:
    """Pane for markup the house has made; every datum in it must have gone through `safe`."""
    return pn.pane.HTML(html, stylesheets=[_CSS], **{"sizing_mode": "stretch_width", "margin": 0, **params})


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


def status(text: str) -> str:
    """Markup of a line that a screen reader reads out when it appears."""
    return f'<p class="sub" role="status">{safe(text)}</p>'


def progress(text: str) -> pn.Column:
    """A bar that runs, with what it waits for."""
    bar = pmui.LinearProgress(variant="indeterminate", sizing_mode="stretch_width", margin=(8, 0, 0, 0))
    return pn.Column(markup(status(text)), bar, sizing_mode="stretch_width", margin=0)


def facts(pairs: Mapping[str, str]) -> str:
    """Markup of a few named values side by side."""
    rows = "".join(f"<div><dt>{safe(k)}</dt><dd>{safe(v)}</dd></div>" for k, v in pairs.items())
    return f'<dl class="facts">{rows}</dl>'


def chart(words: Words) -> Chart:
    """Empty place for a figure of `collectkit.charts`; `draw` fills it."""
    return Chart(config=plotly_config(words.language), sizing_mode="stretch_width", margin=0, min_width=0)


def draw(place: Chart, figure: go.Figure, text: str) -> None:
    """Put a figure in its place, as high as it is, with what it shows in words."""
    place.param.update(figure=figure.to_json(validate=False), label=text, height=figure.layout.height)


def card(*content: Any, basis: int = 0, share: int = 1) -> pn.Column:
    """Framed part of a page.

    `basis` is the width in pixels below which it takes a row of its own, `share` its part of the room left.
    """
    flex = {"flex": f"{share} 1 min({basis}px, 100%)"} if basis else {}
    styles = {**_CARD_STYLE, **flex, **_AS_HIGH_AS_NEEDED}
    return pn.Column(*content, sizing_mode="stretch_width", styles=styles, margin=0, align="auto")


def side_by_side(*cards: Any, **styles: str) -> pn.Row:
    """Parts next to each other where the screen is wide enough."""
    wrapped = {"flex-wrap": "wrap", "gap": "16px", "align-items": "stretch", "max-height": "none", **styles}
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

    def made() -> io.BytesIO:
        audit.note_here("download", file=filename)
        return io.BytesIO(csv_file(rows()))

    return pmui.FileDownload(
        callback=made,
        filename=filename,
        label=words.text("Download CSV"),
        variant="outlined",
        size="small",
        margin=0,
        auto=True,
        embed=False,
    )


def _tile(tile: Tile, number: int, words: Words) -> str:
    """Markup of one tile."""
    about = words.text("What is “{name}”?", name=tile.label)
    return f"""<section class="tile" aria-label="{safe(tile.label)}">
<h2>{safe(tile.label)}</h2>
<button class="what" popovertarget="what-{number}" aria-label="{safe(about)}"
 title="{safe(tile.definition)}">?</button>
<p class="value" title="{safe(tile.full)}">{safe(tile.value)}<span class="unit">{safe(tile.unit)}</span></p>
{_spark(tile.trend)}<p class="note">{safe(tile.note)}</p>
<div class="definition" id="what-{number}" popover>
<p>{safe(tile.definition)}</p><p>{safe(tile.full)}</p></div>
</section>"""


def _spark(values: Sequence[float]) -> str:
    """Markup of a line without axes, from the lowest value to the highest; missing ones are left out."""
    known = [(place, value) for place, value in enumerate(values) if not math.isnan(value)]
    if len(known) < 2:
        return ""
    low, high = min(value for _, value in known), max(value for _, value in known)
    points = " ".join(
        f"{100 * place / (len(values) - 1):.1f},{22 - 20 * (value - low) / ((high - low) or 1):.1f}"
        for place, value in known
    )
    return f"""<svg class="spark" viewBox="0 0 100 24" preserveAspectRatio="none" aria-hidden="true">
<polyline points="{points}"/></svg>"""


def _kind(name: str) -> str:
    """Kind of a column in the nomenclature, a part of a whole apart from other rates; text for one not in it."""
    if name not in COLUMNS:
        return "text"
    column = COLUMNS[name]
    return "fraction" if (column.kind, column.unit) == ("rate", "fraction") else column.kind


def _formatters(frame: pd.DataFrame) -> dict[str, Any]:
    """How the columns are written, by their kind."""
    formatters: dict[str, Any] = {}
    for name in frame.columns:
        kind = _kind(name)
        if kind in _FORMATS:
            formatters[name] = NumberFormatter(format=_FORMATS[kind], nan_format="", null_format="")
        elif kind in _TIMES:
            formatters[name] = DateFormatter(format=_TIMES[kind], nan_format="", null_format="")
    return formatters
