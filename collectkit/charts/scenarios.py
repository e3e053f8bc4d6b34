"""Figures of the scenarios: gross to net, strategies with intervals, hand-over days, tornado, two inputs at once."""

from __future__ import annotations

import math
import re
import textwrap
from typing import TYPE_CHECKING, Any

from collectkit.charts.look import INKS, Language, Theme, faint, layout, named, short_number, unit_of
from collectkit.columns import label
from collectkit.scenarios.engine import CASH, COSTS
from collectkit.scenarios.verdict import input_label

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd
    import plotly.graph_objects as go

_TEXTS = {
    "en": {
        "money": "{unit}",
        "difference": "Net present value less<br>that of “{base}” [{unit}]",
        "behind": "Net present value less that of the best day [{unit}]",
        "day": "Handed over from day past due",
        "never": "never",
        "commission": "commission",
        "best": "best day",
        "low": "input low",
        "high": "input high",
        "flip": "flips at {value}",
        "no_flip": "no flip found",
        "times": "× likely",
        "interval": "90% interval",
    },
    "zh": {
        "money": "{unit}",
        "difference": "净现值与“{base}”之差（{unit}）",
        "behind": "净现值与最优日之差（{unit}）",
        "day": "从逾期第几天起委外",
        "never": "从不",
        "commission": "佣金率",
        "best": "最优日",
        "low": "取低值",
        "high": "取高值",
        "flip": "反转点 {value}",
        "no_flip": "未见反转",
        "times": "×中值",
        "interval": "90%区间",
    },
}
_GOOD, _POOR = {"light": "#2166ac", "dark": "#6fabdc"}, {"light": "#b35806", "dark": "#f0ab3c"}
_MIDDLE = {"light": "#f2f2f2", "dark": "#2a2d31"}
_ROW = 38  # height of a row of bars [pixels]
_SIGNS = {"en": 26, "zh": 13}  # most signs of a line of a label beside the plot
_MANY = 6  # bars whose labels stand on end where they have no room
_SIGNS_BELOW = {"en": 11, "zh": 5}  # and of one under a bar


def waterfall(
    comparison: pd.DataFrame,
    *,
    strategy: str,
    language: Language = "en",
    theme: Theme = "light",
    currency: str = "CNY",
) -> go.Figure:
    """From gross to net: cash of each channel, less each kind of cost, is what is left.

    Parameters
    ----------
    comparison : DataFrame
        From `scenarios.compare`.
    strategy : str
        Row to show.
    language : {"en", "zh"}
    theme : {"light", "dark"}
    currency : str

    Returns
    -------
    Figure
        One bar per channel and cost that is not nothing, and the net.
    """
    import plotly.graph_objects as go

    row = named("strategy", strategy, {str(name): series for name, series in comparison.iterrows()})
    signed = {name: float(row[name]) for name in CASH} | {name: -float(row[name]) for name in COSTS}
    steps = {name: amount for name, amount in signed.items() if abs(amount) >= 0.5}
    net = float(row["net"])
    amounts, inks = [*steps.values(), net], named("theme", theme, INKS)
    names, is_many = [label(name, language) for name in (*steps, "net")], len(steps) >= _MANY
    shown = names if is_many else [_wrapped(name, language, _SIGNS_BELOW) for name in names]
    bars = go.Waterfall(
        x=shown, y=amounts, measure=[*["relative"] * len(steps), "total"],
        text=[short_number(amount, language) for amount in amounts], textposition="outside", cliponaxis=False,
        increasing={"marker": {"color": _GOOD[theme]}}, decreasing={"marker": {"color": _POOR[theme]}},
        totals={"marker": {"color": inks["text"]}}, connector={"line": {"color": inks["line"], "width": 1}},
        customdata=[f"{amount:,.0f}" for amount in amounts], hovertemplate="%{x}: %{customdata}<extra></extra>",
    )  # fmt: skip
    figure = go.Figure(bars, layout(theme, language, 420, ("yaxis",)))
    running, reach = 0.0, [0.0, net]
    for amount in steps.values():
        running += amount
        reach.append(running)
    angles = {"autotickangles": [0, -90]} if is_many else {"tickangle": 0}
    figure.update_xaxes(type="category", showgrid=False, **angles)
    figure.update_yaxes(title_text=unit_of(currency, language), **signed_ticks(reach, language))
    return figure


def strategy_intervals(
    comparison: pd.DataFrame,
    *,
    labels: Mapping[str, str] | None = None,
    language: Language = "en",
    theme: Theme = "light",
    currency: str = "CNY",
) -> go.Figure:
    """Each strategy's difference to the base, with its 90% interval.

    Parameters
    ----------
    comparison : DataFrame
        From `scenarios.compare`.
    labels : mapping of strategy to text, optional
    language : {"en", "zh"}
    theme : {"light", "dark"}
    currency : str

    Returns
    -------
    Figure
        One point per strategy with its interval, the best on top; a line at 0.
    """
    import plotly.graph_objects as go

    base = str(comparison.index[comparison["chance_better"].isna()][0])
    rows = comparison.sort_values("difference")
    names = [_wrapped((labels or {}).get(str(name), str(name)), language) for name in rows.index]
    middle, low, high = (rows[name].tolist() for name in ("difference", "difference_low", "difference_high"))
    points = go.Scatter(
        x=middle, y=names, mode="markers", marker={"size": 11, "color": _GOOD[theme]},
        error_x={"type": "data", "symmetric": False, "array": _gaps(high, middle), "arrayminus": _gaps(middle, low),
                 "color": _GOOD[theme], "thickness": 2, "width": 6},
        customdata=[[f"{m:,.0f}", f"{a:,.0f}", f"{b:,.0f}"] for m, a, b in zip(middle, low, high, strict=True)],
        hovertemplate="%{y}: %{customdata[0]} (%{customdata[1]} … %{customdata[2]})<extra></extra>",
    )  # fmt: skip
    figure = go.Figure(points, layout(theme, language, 110 + _height(names), ()))
    figure.update_yaxes(_label_axis(theme, language))
    figure.update_xaxes(title_text=_text("difference", language, unit=unit_of(currency, language),
                                         base=(labels or {}).get(base, base)),
                        tickangle=0, **signed_ticks([*low, *high, 0.0], language, most_ticks=3))  # fmt: skip
    _zero_line(figure, theme)
    return figure


def hand_over_curve(
    curve: pd.DataFrame,
    *,
    product: str = "*",
    language: Language = "en",
    theme: Theme = "light",
    currency: str = "CNY",
) -> go.Figure:
    """Value of handing over from each day on, less that of the best day, with interval and commission.

    Parameters
    ----------
    curve : DataFrame
        From `scenarios.hand_over_curve`.
    product : str
        ``*`` for all together.
    language : {"en", "zh"}
    theme : {"light", "dark"}
    currency : str

    Returns
    -------
    Figure
        A line with its band; the commission of each day above it, the best day marked.
    """
    import plotly.graph_objects as go

    rows = curve[curve["product"] == product]
    named("product", product, dict.fromkeys(curve["product"].astype(str)))
    days = [_text("never", language) if day is None else f"{day}+" for day in _days(rows)]
    middle, low, high = (
        [-value for value in rows[name].tolist()] for name in ("behind_best", "behind_best_high", "behind_best_low")
    )
    ink, inks = _GOOD[theme], named("theme", theme, INKS)
    figure = go.Figure(layout=layout(theme, language, 380, ("yaxis",)))
    figure.add_scatter(x=days, y=high, mode="lines", line={"width": 0}, hoverinfo="skip", showlegend=False)
    figure.add_scatter(x=days, y=low, mode="lines", line={"width": 0}, fill="tonexty", fillcolor=faint(ink),
                       name=_text("interval", language), hoverinfo="skip")  # fmt: skip
    figure.add_scatter(
        x=days, y=middle, mode="lines+markers", line={"color": ink, "width": 2}, showlegend=False,
        customdata=[[f"{m:,.0f}", f"{a:,.0f}", f"{b:,.0f}"] for m, a, b in zip(middle, low, high, strict=True)],
        hovertemplate="%{x}: %{customdata[0]} (%{customdata[1]} … %{customdata[2]})<extra></extra>",
    )  # fmt: skip
    best = rows["is_best"].tolist().index(True)
    figure.add_scatter(x=[days[best]], y=[middle[best]], mode="markers", name=_text("best", language), hoverinfo="skip",
                       marker={"size": 15, "symbol": "star", "color": inks["days"]})  # fmt: skip
    rates = [
        {"x": day, "y": 1.0, "yref": "paper", "yanchor": "bottom", "showarrow": False, "text": f"{rate * 100:.3g}%",
         "font": {"size": 11, "color": inks["line"]}}
        for day, rate in zip(days, rows["commission_rate"].tolist(), strict=True) if not math.isnan(rate)
    ]  # fmt: skip
    figure.update_xaxes(title_text=f"{_text('day', language)} · ↑ {_text('commission', language)}", type="category")
    figure.update_yaxes(title_text=_text("behind", language, unit=unit_of(currency, language)),
                        **signed_ticks([*low, *high], language))  # fmt: skip
    figure.update_layout(legend={"orientation": "h", "x": 0, "xanchor": "left", "y": 1.07, "yanchor": "bottom"},
                         margin_t=58, annotations=rates)  # fmt: skip
    return figure


def tornado(
    sensitivity: pd.DataFrame,
    *,
    most: int = 12,
    language: Language = "en",
    theme: Theme = "light",
    currency: str = "CNY",
    base: str = "",
) -> go.Figure:
    """How far each input alone moves the difference between two strategies; at 0 the answer flips.

    Parameters
    ----------
    sensitivity : DataFrame
        From `scenarios.sensitivity`.
    most : int [count]
        Inputs to show, the most important on top.
    language : {"en", "zh"}
    theme : {"light", "dark"}
    currency : str
    base : str
        Label of the base, for the axis.

    Returns
    -------
    Figure
        Two bars per input, from its low and its high to what is likely.
    """
    import plotly.graph_objects as go

    rows = sensitivity.head(most).iloc[::-1]
    names = [_wrapped(input_label(str(name), language), language) for name in rows["input"]]
    middle = float(rows["difference"].iloc[0])
    figure = go.Figure(layout=layout(theme, language, 130 + _height(names), ()))
    flips = [_flip(value, language) for value in rows["flip_value"].tolist()]
    for end, ink in (("low", _POOR[theme]), ("high", _GOOD[theme])):
        values = rows[f"difference_{end}"].tolist()
        figure.add_bar(
            x=[value - middle for value in values], base=middle, y=names, orientation="h", name=_text(end, language),
            marker={"color": ink},
            customdata=[[f"{value:,.0f}", f"{at:,.4g}", flip]
                        for value, at, flip in zip(values, rows[end].tolist(), flips, strict=True)],
            hovertemplate="%{y} = %{customdata[1]}: %{customdata[0]} · %{customdata[2]}<extra></extra>",
        )  # fmt: skip
    ends = [*rows["difference_low"].tolist(), *rows["difference_high"].tolist(), 0.0]
    figure.update_yaxes(_label_axis(theme, language))
    figure.update_xaxes(title_text=_text("difference", language, unit=unit_of(currency, language), base=base),
                        tickangle=0, **signed_ticks(ends, language, most_ticks=3))  # fmt: skip
    figure.update_layout(barmode="overlay", legend={"orientation": "h", "x": 0, "xanchor": "left", "y": 1.0,
                                                    "yanchor": "bottom"}, margin_t=40)  # fmt: skip
    _zero_line(figure, theme)
    return figure


def sweep_heatmap(
    grid: pd.DataFrame,
    *,
    x: str,
    y: str,
    language: Language = "en",
    theme: Theme = "light",
    currency: str = "CNY",
    base: str = "",
) -> go.Figure:
    """Difference between two strategies over two inputs; the line is where the answer flips.

    Parameters
    ----------
    grid : DataFrame
        From `scenarios.sweep`.
    x, y : str
        The inputs it was made for.
    language : {"en", "zh"}
    theme : {"light", "dark"}
    currency : str
    base : str
        Label of the base, for the colour bar.

    Returns
    -------
    Figure
        Blue where the strategy is better than the base, brown where it is worse.
    """
    import plotly.graph_objects as go

    table = grid.pivot_table(index="y_value", columns="x_value", values="difference")
    values = table.to_numpy().tolist()
    most = max((abs(value) for row in values for value in row), default=1.0) or 1.0
    scale = [[0, _POOR[theme]], [0.5, _MIDDLE[theme]], [1, _GOOD[theme]]]
    across, up = table.columns.tolist(), table.index.tolist()
    shown = [[f"{value:,.0f}" for value in row] for row in values]
    unit, ticks = unit_of(currency, language), signed_ticks([-most, most], language)
    heat = go.Heatmap(
        x=across, y=up, z=values, colorscale=scale, zmin=-most, zmax=most, customdata=shown,
        hovertemplate="%{x:.4g}, %{y:.4g}: %{customdata}<extra></extra>",
        colorbar={"title": {"text": unit, "side": "top"}, "tickvals": ticks["tickvals"], "ticktext": ticks["ticktext"],
                  "thickness": 14, "outlinewidth": 0},
    )  # fmt: skip
    flip = go.Contour(
        x=across, y=up, z=values, showscale=False, hoverinfo="skip", line={"width": 3, "color": INKS[theme]["text"]},
        contours={"start": 0, "end": 0, "size": 1, "coloring": "none"}, name="0",
    )  # fmt: skip
    figure = go.Figure([heat, flip], layout(theme, language, 400, ("yaxis",)))
    figure.update_xaxes(title_text=_axis(x, language))
    figure.update_yaxes(title_text=_axis(y, language), rangemode="normal")
    if base:
        title = _text("difference", language, unit=unit, base=base)
        figure.add_annotation(x=0, y=1.02, xref="paper", yref="paper", xanchor="left", yanchor="bottom",
                              showarrow=False, text=title, font={"size": 12})  # fmt: skip
        figure.update_layout(margin_t=44)
    return figure


def signed_ticks(values: Iterable[float], language: Language, most_ticks: int = 5) -> dict[str, Any]:
    """Round ticks around values of either sign, shortened as the language does it, with room on both sides."""
    known = [value for value in values if not math.isnan(value)]
    low, high = min([0.0, *known]), max([0.0, *known])
    width = (high - low) or 1.0
    power = 10 ** math.floor(math.log10(width))
    step = next(
        step for step in (power * part for part in (0.1, 0.2, 0.25, 0.5, 1, 2, 2.5, 5)) if width / step <= most_ticks
    )
    marks = [step * i for i in range(math.floor(low / step), math.ceil(high / step) + 1)]
    return {
        "tickvals": marks,
        "ticktext": [_signed(mark, language) for mark in marks],
        "range": [low - 0.08 * width if low < 0 else 0, high + 0.12 * width if high > 0 else 0.02 * width],
        "rangemode": "normal",
    }


def _wrapped(text: str, language: Language, signs: Mapping[str, int] = _SIGNS) -> str:
    """A label on lines short enough for a small screen."""
    if language == "en":
        return "<br>".join(textwrap.wrap(text, signs["en"]))
    lines, width = [""], 0.0
    for word in re.findall(r"[!-~]+[，。）]?|[^!-~][，。）]?", text):  # Latin words stay whole, and are narrow
        wide = sum(0.55 if sign.isascii() else 1.0 for sign in word)
        if lines[-1] and width + wide > signs["zh"] + 0.5:
            lines, width = [*lines, ""], 0.0
        lines[-1], width = lines[-1] + word, width + wide
    return "<br>".join(lines)


def _height(names: list[str]) -> int:
    """Height of the rows of bars, so that a label of three lines has room [pixels]."""
    return len(names) * max(_ROW, 16 * max((1 + name.count("<br>") for name in names), default=1) + 4)


def _signed(value: float, language: Language) -> str:
    return short_number(value, language).replace("-", "−")


def _gaps(upper: list[float], lower: list[float]) -> list[float]:
    return [max(a - b, 0.0) for a, b in zip(upper, lower, strict=True)]


def _days(rows: pd.DataFrame) -> list[int | None]:
    return [None if is_never else int(day) for day, is_never in zip(rows["from_day"].fillna(0), rows["from_day"].isna(),
                                                                   strict=True)]  # fmt: skip


def _flip(value: float, language: Language) -> str:
    return _text("no_flip", language) if math.isnan(value) else _text("flip", language, value=f"{value:,.4g}")


def _axis(name: str, language: Language) -> str:
    from collectkit.scenarios.inputs import KINDS, unit_label

    kind = KINDS[name.rsplit(".", 1)[-1]]
    unit = (
        _text("times", language)
        if kind.name.endswith("_rate") and kind.group == "treatment"
        else unit_label(kind.unit, language)
    )
    text = input_label(name, language)
    return f"{text}（{unit}）" if language == "zh" else f"{text} [{unit}]"


def _label_axis(theme: Theme, language: Language) -> dict[str, Any]:
    axis = layout(theme, language, 1, ("yaxis",))["yaxis"]
    return axis | {"type": "category", "showgrid": False, "rangemode": "normal"}


def _zero_line(figure: go.Figure, theme: Theme) -> None:
    line = {"color": INKS[theme]["text"], "width": 1.5, "dash": "dot"}
    figure.layout.shapes = [{"type": "line", "x0": 0, "x1": 0, "yref": "paper", "y0": 0, "y1": 1, "line": line}]


def _text(name: str, language: Language, **values: str) -> str:
    return named("language", language, _TEXTS)[name].format(**values)
