"""How long arrears last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from collectkit.charts.look import INKS, Language, Theme, band, drawn, layout, named

if TYPE_CHECKING:
    import plotly.graph_objects as go

_TEXTS = {
    "en": {
        "cured": "Share cured [%]",
        "steps": "Steps since first seen overdue [month ends]",
        "curve": "Cured",
        "interval": "95% interval",
        "at_risk": "%{{y:.1%}} · {at_risk} still watched",
    },
    "zh": {
        "cured": "恢复占比（%）",
        "steps": "自首次观察到逾期起的步数（月末）",
        "curve": "恢复",
        "interval": "95% 区间",
        "at_risk": "%{{y:.1%}} · 仍在观察 {at_risk} 笔",
    },
}


def cure_curve(table: pd.DataFrame, *, language: Language = "en", theme: Theme = "light") -> go.Figure:
    """Share of spells of arrears cured by each step, with its interval.

    Parameters
    ----------
    table : DataFrame
        From `time_to_cure`.
    language : {"en", "zh"}
    theme : {"light", "dark"}

    Returns
    -------
    Figure
        A staircase and its band; how many spells were still watched is in the hover.
    """
    ink = named("theme", theme, INKS)["paid"]
    steps = table.index.tolist()
    line = {
        "type": "scatter", "mode": "lines+markers", "x": steps, "y": table["cured_share"].tolist(),
        "name": _text("curve", language), "line": {"color": ink, "width": 2, "shape": "hv"}, "marker": {"size": 5},
        "hovertemplate": [_text("at_risk", language, at_risk=f"{n:,}") for n in table["at_risk"].tolist()],
    }  # fmt: skip
    edges = ((1 - table["upper"]).tolist(), (1 - table["lower"]).tolist())
    return drawn(
        [*band(steps, edges, ink, _text("interval", language), shape="hv"), line], _look(table, language, theme),
        xaxis={"title": _text("steps", language), "rangemode": "tozero"},
        yaxis={"title": _text("cured", language), "tickformat": ".0%", "range": [0, 1.05]},
    )  # fmt: skip


def _look(table: pd.DataFrame, language: Language, theme: Theme) -> dict[str, Any]:
    """Layout that carries the definition of the table."""
    definition = table.attrs["definition"][language]
    legend = {"orientation": "v", "font": {"size": 10}}
    more = {"hovermode": "closest", "legend": legend, "meta": {"definition": definition}}
    return {**layout(theme, language, 440, ("yaxis",)), **more}


def _text(name: str, language: Language, **values: str) -> str:
    return named("language", language, _TEXTS)[name].format(**values)
