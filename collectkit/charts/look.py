"""The look of the figures: colours, fonts, number signs and the layout every figure starts from.

Nothing here needs plotly: a layout is a plain dict.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from collectkit.errors import unknown_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd
    import plotly.graph_objects as go

Language = Literal["en", "zh"]
Theme = Literal["light", "dark"]
T = TypeVar("T")

_BUTTONS_ZH = {
    "Download plot as a PNG": "下载 PNG 图片",
    "Zoom": "缩放",
    "Pan": "平移",
    "Reset axes": "还原坐标轴",
    "Double-click to zoom back out": "双击还原",
    "Double-click on legend to isolate one trace": "双击图例只看一项",
    "Taking snapshot - this may take a few seconds": "正在生成图片……",
    "Snapshot succeeded": "图片已生成",
}
_FONTS = {
    "en": 'Roboto, "Segoe UI", "Noto Sans CJK SC", sans-serif',
    "zh": '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", Roboto, sans-serif',
}
_BUCKET_RAMPS = {
    "light": ("#5596cc", "#3f85c2", "#2d72b4", "#1e5f9e", "#134b86", "#0b386b", "#06264d"),
    "dark": ("#2f6699", "#3f7db4", "#5595cb", "#6fabdc", "#8cc0ea", "#a9d4f5", "#c9e6fb"),
}
INKS = {
    "light": {"text": "#3c4043", "grid": "#e6e8eb", "line": "#9aa0a6", "hover": "#ffffff",
              "days": "#b06a00", "due": "#8a94a0", "paid": "#0b72b5", "penalty": "#7b4fa3"},
    "dark": {"text": "#d5d8dc", "grid": "#33383d", "line": "#6b7278", "hover": "#2a2d31",
             "days": "#f0ab3c", "due": "#8f99a3", "paid": "#5db4ee", "penalty": "#c49ae8"},
}  # fmt: skip
_MONTHS = {"en": ("Month end", "{0:%b %Y}"), "zh": ("月末", "{0.year}年{0.month}月")}
_MOST_MONTHS = 6
_STEPS = {
    "en": ((1e9, "B"), (1e6, "M"), (1e3, "K")),
    "zh": ((1e8, "亿"), (1e4, "万")),
}


def named(kind: str, name: str, table: Mapping[str, T]) -> T:
    """The entry of a name; an unknown name raises and lists the valid ones."""
    if name not in table:
        raise unknown_name(kind, name, table)
    return table[name]


def plotly_config(language: Language = "en") -> dict[str, Any]:
    """How every figure is shown: nothing is ever sent to plotly's servers, buttons speak the language.

    Examples
    --------
    >>> plotly_config()["showSendToCloud"], plotly_config()["plotlyServerURL"]
    (False, '')
    """
    config: dict[str, Any] = {
        "displaylogo": False,
        "showSendToCloud": False,
        "plotlyServerURL": "",
        "responsive": True,
        "modeBarButtonsToRemove": ["lasso2d", "select2d", "zoomIn2d", "zoomOut2d", "autoScale2d"],
    }
    if language == "zh":
        config |= {"locale": "zh-CN", "locales": {"zh-CN": {"dictionary": _BUTTONS_ZH, "format": {}}}}
    return config


def short_number(value: float, language: Language = "en") -> str:
    """Number shortened to three digits, as its language does it.

    Examples
    --------
    >>> short_number(124_000), short_number(124_000, "zh"), short_number(950)
    ('124K', '12.4万', '950')
    """
    for step, sign in named("language", language, _STEPS):
        if abs(value) >= step:
            return f"{float(f'{value / step:.3g}'):,.15g}{sign}"
    return f"{round(value, 2):,.15g}"


def bucket_colours(count: int, theme: Theme = "light") -> list[str]:
    """Colours of overdue buckets from the least to the most days, the same on every page.

    Examples
    --------
    >>> bucket_colours(3)
    ['#5596cc', '#1e5f9e', '#06264d']
    """
    ramp = named("theme", theme, _BUCKET_RAMPS)
    steps = [i * (len(ramp) - 1) / max(count - 1, 1) for i in range(count)]
    return [ramp[round(step)] for step in steps]


def layout(theme: Theme, language: Language, height: int, axes: tuple[str, ...]) -> dict[str, Any]:
    """The house's look, written into the figure itself.

    Plotly's own templates are ten times as slow, and a template would be replaced at the first drawing by the
    page's theme; what stands in the layout stays.
    """
    inks = named("theme", theme, INKS)
    axis = {
        "gridcolor": inks["grid"], "linecolor": inks["line"], "zerolinecolor": inks["line"], "ticks": "",
        "showline": False, "automargin": True, "tickfont": {"size": 12, "color": inks["text"]},
    }  # fmt: skip
    title = {"standoff": 10, "font": {"size": 13, "color": inks["text"]}}
    font = {"family": named("language", language, _FONTS), "color": inks["text"]}
    return {
        "template": {"data": {"scatter": [{"type": "scatter"}]}},  # an empty one would be replaced by the default
        "height": height,
        "autosize": True,
        "font": {**font, "size": 13},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": 8, "r": 8, "t": 24, "b": 8},
        "hoverlabel": {"bgcolor": inks["hover"], "font": font, "bordercolor": inks["line"]},
        "separators": ".,",
        "bargap": 0.25,
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": inks["line"], "activecolor": inks["text"]},
        **{name: {**axis, "title": title, "rangemode": "tozero"} for name in axes},
        "xaxis": {**axis, "title": title},
    }


def drawn(traces: Sequence[Mapping[str, Any]], look: Mapping[str, Any], **axes: Mapping[str, Any]) -> go.Figure:
    """A figure of traces and a layout; `axes` names the axes with their titles and what else they have.

    Plotly would check every value, which takes longer than all the rest; the tests check each figure once instead.

    Examples
    --------
    >>> line = {"type": "scatter", "x": [1, 2], "y": [3, 4]}
    >>> drawn([line], layout("light", "en", 300, ("yaxis",)), yaxis={"title": "Loans"}).layout.yaxis.title.text
    'Loans'
    """
    import plotly.graph_objects as go

    titled = {
        name: {**look[name], **given, "title": {**look[name]["title"], "text": given["title"]}}
        for name, given in axes.items()
    }
    return go.Figure({"data": list(traces), "layout": {**look, **titled}}, _validate=False)


def band(
    x: Sequence[Any], edges: tuple[Sequence[float], Sequence[float]], ink: str, name: str, *, shape: str = "linear"
) -> list[dict[str, Any]]:
    """Lower and upper edge of an interval, with the room between them filled; draw it before its line."""
    edge: dict[str, Any] = {"type": "scatter", "mode": "lines", "x": list(x), "hoverinfo": "skip"}
    edge["line"] = {"width": 0, "shape": shape}
    upper = {**edge, "y": list(edges[1]), "name": name, "fill": "tonexty", "fillcolor": faint(ink)}
    return [{**edge, "y": list(edges[0]), "showlegend": False}, upper]


def month_axis(dates: pd.Index[Any], language: Language) -> dict[str, Any]:
    """An axis of month ends, few of them named, the last one always."""
    step = max(-(-len(dates) // _MOST_MONTHS), 1)
    chosen = dates[::-1][::step]
    title, month = named("language", language, _MONTHS)
    return {
        "title": title, "type": "date", "hoverformat": "%Y-%m-%d",
        "tickvals": [f"{date:%Y-%m-%d}" for date in chosen], "ticktext": [month.format(date) for date in chosen],
    }  # fmt: skip


def round_ticks(values: Iterable[float], language: Language, most_ticks: int = 5) -> dict[str, Any]:
    """Round ticks from zero on, shortened as the language does it (plotly knows no 万), with room above."""
    largest = max((value for value in values if not math.isnan(value)), default=0)
    if largest <= 0:
        return {"tickvals": [0], "ticktext": ["0"], "range": [0, 1]}
    power = 10 ** math.floor(math.log10(largest))
    steps = (power * part for part in (0.1, 0.2, 0.25, 0.5, 1, 2, 2.5, 5))
    step = next(step for step in steps if largest / step <= most_ticks)
    marks = [step * i for i in range(math.floor(largest * 1.12 / step) + 1)]
    return {
        "tickvals": marks,
        "ticktext": [short_number(mark, language) for mark in marks],
        "range": [0, largest * 1.12],
    }


def unit_of(currency: str, language: Language) -> str:
    """Unit of money as the language writes it."""
    return "元" if (language, currency) == ("zh", "CNY") else currency


def faint(ink: str, opacity: float = 0.15) -> str:
    """The ink, nearly transparent."""
    red, green, blue = (int(ink[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity:g})"
