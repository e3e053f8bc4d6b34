"""Figures of the agencies wing: one function per table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collectkit.agencies.words import in_words
from collectkit.charts.look import INKS, Language, Theme, bucket_colours, drawn, layout, named
from collectkit.errors import unknown_name

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

_TEXTS = {
    "en": {
        "net_back": "Cash less commission ÷ amount placed [%]",
        "gross": "Cash ÷ amount placed [%]",
        "like": "like for like, 95% interval",
        "raw": "as placed",
        "months": "Months since placement [months]",
        "days": "Days past due [days]",
        "rate": "Commission ÷ cash [%]",
        "estimate": "{batch}, estimated",
        "batch": "{batch}, {placements} placed",
        "hover": "{like} ({lower} to {upper})<br>rank {low}–{high}",
    },
    "zh": {
        "net_back": "（回款 − 佣金）÷ 委案金额（%）",
        "gross": "回款 ÷ 委案金额（%）",
        "like": "同类可比，95% 区间",
        "raw": "未调整",
        "months": "委案后月数（月）",
        "days": "逾期天数（天）",
        "rate": "佣金 ÷ 回款（%）",
        "estimate": "{batch}（估计）",
        "batch": "{batch}，{placements} 笔",
        "hover": "{like}（{lower} 至 {upper}）<br>名次 {low}–{high}",
    },
}
_MEASURES = ("gross", "net_back")


def agency_intervals(table: pd.DataFrame, *, language: Language = "en", theme: Theme = "light") -> go.Figure:
    """Net back of each agency: like for like with its interval, and as it was placed.

    Parameters
    ----------
    table : DataFrame
        From `scorecard`.
    language : {"en", "zh"}
    theme : {"light", "dark"}

    Returns
    -------
    Figure
        One row per agency, the best on top; a hollow mark for the figure as placed, which does not compare.
    """
    inks, shown = named("theme", theme, INKS), table.sort_values("like_net_back", ascending=True, na_position="first")
    agencies = shown["agency"].tolist()
    like = shown.dropna(subset="like_net_back")
    hovers = [
        _text("hover", language, like=f"{row.like_net_back:.1%}", lower=f"{row.lower:.1%}", upper=f"{row.upper:.1%}",
              low=str(row.rank_low), high=str(row.rank_high))
        for row in like.itertuples()
    ]  # fmt: skip
    raw = {
        "type": "scatter", "x": shown["net_back"].tolist(), "y": agencies, "mode": "markers",
        "name": _text("raw", language), "hovertemplate": "%{x:.1%}",
        "marker": {"size": 10, "symbol": "circle-open", "color": inks["due"], "line": {"width": 2}},
    }  # fmt: skip
    adjusted = {
        "type": "scatter", "x": like["like_net_back"].tolist(), "y": like["agency"].tolist(), "mode": "markers",
        "name": _text("like", language), "marker": {"size": 10, "color": inks["paid"]},
        "error_x": {"type": "data", "symmetric": False, "color": inks["paid"], "thickness": 2, "width": 6,
                    "array": (like["upper"] - like["like_net_back"]).tolist(),
                    "arrayminus": (like["like_net_back"] - like["lower"]).tolist()},
        "customdata": hovers, "hovertemplate": "%{customdata}",
    }  # fmt: skip
    look = _look(theme, language, 120 + 44 * len(agencies))
    return drawn(
        [raw, adjusted], look,
        xaxis={"title": _text("net_back", language), "tickformat": ".0%", "rangemode": "tozero"},
        yaxis={"title": "", "type": "category", "categoryarray": agencies, "showgrid": False},
    )  # fmt: skip


def liquidation_curves(
    table: pd.DataFrame, *, measure: str = "net_back", language: Language = "en", theme: Theme = "light"
) -> go.Figure:
    """What each batch brought in by months since it was placed; what is not seen yet is dotted.

    Parameters
    ----------
    table : DataFrame
        From `liquidation`, of one agency.
    measure : {"gross", "net_back"}
    language : {"en", "zh"}
    theme : {"light", "dark"}

    Returns
    -------
    Figure
        One curve per batch, the older the paler; its estimate is a curve of its own, dotted, from the last month seen.
    """
    if measure not in _MEASURES:
        raise unknown_name("measure", measure, _MEASURES)
    batches = list(dict.fromkeys(table["batch"]))
    traces = []
    for batch, ink in zip(batches, bucket_colours(len(batches), theme), strict=True):
        curve = table[table["batch"] == batch]
        seen = curve[~curve["is_estimate"]]
        name = f"{batch:%Y-%m}"
        placed = _text("batch", language, batch=name, placements=str(curve["placements"].iloc[0]))
        traces.append(_curve(seen, measure, placed, ink))
        if len(seen) < len(curve):
            ahead = curve.iloc[max(len(seen) - 1, 0) :]
            dotted = _curve(ahead, measure, _text("estimate", language, batch=name), ink)
            traces.append(dotted | {"line": {"color": ink, "width": 1.5, "dash": "dot"}, "mode": "lines",
                                    "showlegend": False, "legendgroup": placed})  # fmt: skip
    return drawn(
        traces, _look(theme, language, 360, hovermode="closest", legend={"font": {"size": 11}}),
        xaxis={"title": _text("months", language), "rangemode": "tozero", "dtick": 3},
        yaxis={"title": _text(measure, language), "tickformat": ".0%"},
    )  # fmt: skip


def fee_curves(table: pd.DataFrame, *, language: Language = "en", theme: Theme = "light") -> go.Figure:
    """Commission rate by days past due, one stepped line per reading of the tariff.

    Parameters
    ----------
    table : DataFrame
        From `fee_curve`.
    language : {"en", "zh"}
    theme : {"light", "dark"}

    Returns
    -------
    Figure
        One line per tariff; the first is drawn through, the others dashed.
    """
    inks = named("theme", theme, INKS)
    names = list(dict.fromkeys(table["tariff"]))
    told = in_words(table[["tariff"]].drop_duplicates(), language=language)["tariff"].tolist()
    traces = []
    for number, (name, words) in enumerate(zip(names, told, strict=True)):
        line = table[table["tariff"] == name]
        traces.append({
            "type": "scatter", "x": line["days_past_due"].tolist(), "y": line["rate"].tolist(), "mode": "lines",
            "name": words, "hovertemplate": "%{y:.0%}",
            "line": {"shape": "hv", "width": 2, "color": inks["paid" if number == 0 else "days"],
                     "dash": "solid" if number == 0 else "dash"},
        })  # fmt: skip
    steps = sorted({int(day) for day in table["days_past_due"][table["rate"].ne(table["rate"].shift())]})
    return drawn(
        traces, _look(theme, language, 300),
        xaxis={"title": _text("days", language), "tickvals": steps, "rangemode": "tozero"},
        yaxis={"title": _text("rate", language), "tickformat": ".0%"},
    )  # fmt: skip


def _curve(rows: pd.DataFrame, measure: str, name: str, ink: str) -> dict[str, Any]:
    return {
        "type": "scatter", "x": rows["months_since_placement"].tolist(), "y": rows[measure].tolist(), "name": name,
        "mode": "lines+markers", "marker": {"size": 4}, "line": {"color": ink, "width": 1.5}, "legendgroup": name,
        "hovertemplate": "%{y:.1%}",
    }  # fmt: skip


def _look(theme: Theme, language: Language, height: int, **more: Any) -> dict[str, Any]:
    legend = {"orientation": "h", "x": 0, "xanchor": "left", "y": 1.02, "yanchor": "bottom"}
    look = layout(theme, language, height, ("yaxis",))
    return {**look, "hovermode": "closest", **more, "legend": {**legend, **more.get("legend", {})}}


def _text(name: str, language: Language, **values: str) -> str:
    return named("language", language, _TEXTS)[name].format(**values)
