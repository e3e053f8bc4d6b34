"""Two periods or segments beside each other: what explains the change, the buckets of both, the rolls of both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from collectkit.charts.look import INKS, Language, Theme, bucket_colours, drawn, layout, named

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

_TEXTS = {
    "en": {
        "count": "Share of loans [%]",
        "balance": "Share of principal balance [%]",
        "effect": "What explains the change",
        "mix": "Mix: where<br>they came from",
        "entry": "Roll: newly<br>overdue",
        "roll": "Roll: of those<br>overdue before",
        "inflow": "New loans",
        "bucket": "Bucket",
        "state_before": "Bucket at the date before",
        "points": "{value} points",
        "interval": "95%: {lower} to {upper}, of {loans} loans",
    },
    "zh": {
        "count": "占贷款笔数（%）",
        "balance": "占本金余额（%）",
        "effect": "变化的来源",
        "mix": "结构：<br>来源占比",
        "entry": "滚动：<br>新增逾期",
        "roll": "滚动：<br>原已逾期",
        "inflow": "新增放款",
        "bucket": "逾期阶段",
        "state_before": "上期阶段",
        "points": "{value} 个百分点",
        "interval": "95% 区间：{lower} 至 {upper}，共 {loans} 笔",
    },
}


def change_waterfall(
    table: pd.DataFrame, *, names: tuple[str, str], language: Language = "en", theme: Theme = "light"
) -> go.Figure:
    """From the late share of one side to that of the other, effect by effect.

    Parameters
    ----------
    table : DataFrame
        From `compare_periods`.
    names : (str, str)
        What the two sides are called.
    language : {"en", "zh"}
    theme : {"light", "dark"}

    Returns
    -------
    Figure
        A bar for each side, and steps between: mix, newly overdue, roll of those overdue before, new loans.
    """
    inks, start = named("theme", theme, INKS), table.index[0]
    steps = {
        "mix": table["mix"].sum(),
        "entry": table["roll"].get(start, 0.0),
        "roll": table["roll"].drop(start).sum(),
        "inflow": table["inflow"].sum(),
    }
    ends = [table.attrs["before"], table.attrs["after"]]
    values = [ends[0], *steps.values(), ends[1]]
    written = [f"{ends[0]:.2%}", *(f"{100 * step:+.2f}" for step in steps.values()), f"{ends[1]:.2%}"]
    hovers = [written[0], *(_text("points", language, value=step) for step in written[1:-1]), written[-1]]
    bars = {
        "type": "waterfall", "x": [names[0], *(_text(step, language) for step in steps), names[1]], "y": values,
        "measure": ["absolute", *["relative"] * len(steps), "total"], "text": written, "textposition": "outside",
        "customdata": hovers, "hovertemplate": "%{x}: %{customdata}<extra></extra>", "cliponaxis": False,
        "increasing": {"marker": {"color": inks["days"]}}, "decreasing": {"marker": {"color": inks["paid"]}},
        "totals": {"marker": {"color": inks["due"]}}, "connector": {"line": {"color": inks["line"], "width": 1}},
    }  # fmt: skip
    weight = _text(table.attrs["weight"], language)
    return drawn(
        [bars], _look(table, language, theme), xaxis={"title": _text("effect", language), "type": "category"},
        yaxis={"title": weight, "tickformat": ".1%", "rangemode": "tozero"},
    )  # fmt: skip


def bucket_comparison(
    before: pd.DataFrame,
    after: pd.DataFrame,
    *,
    names: tuple[str, str],
    language: Language = "en",
    theme: Theme = "light",
) -> go.Figure:
    """Shares of the overdue buckets on two sides.

    Parameters
    ----------
    before, after : DataFrame
        From `bucket_mix`; the last date of each counts.
    names : (str, str)
        What the two sides are called.
    language : {"en", "zh"}
    theme : {"light", "dark"}

    Returns
    -------
    Figure
        Two bars per overdue bucket: its share of all open loans, or of their balance.
    """
    bars = []
    for table, name, ink in zip((before, after), names, _two(theme), strict=True):
        last = table.iloc[-1]
        shares = (last / last.sum()).iloc[1:] if last.sum() else last.iloc[1:] * np.nan
        bars.append({
            "type": "bar", "x": [str(bucket) for bucket in shares.index], "y": shares.tolist(), "name": name,
            "marker": {"color": ink}, "hovertemplate": "%{x}: %{y:.2%}",
        })  # fmt: skip
    weight = "count" if before.attrs.get("weight", "loans") == "loans" else "balance"
    return _side_by_side(before, bars, language, theme, "bucket", weight)


def roll_comparison(
    before: pd.DataFrame,
    after: pd.DataFrame,
    *,
    names: tuple[str, str],
    rate: str = "rolled_forward",
    language: Language = "en",
    theme: Theme = "light",
) -> go.Figure:
    """One roll rate of every bucket on two sides, with its interval where there is one.

    Parameters
    ----------
    before, after : DataFrame
        From `roll_rates`.
    names : (str, str)
        What the two sides are called.
    rate : str
        Column of `roll_rates` to show. The interval is that of ``rolled_forward``.
    language : {"en", "zh"}
    theme : {"light", "dark"}

    Returns
    -------
    Figure
        Two bars per bucket.
    """
    bars = []
    for table, name, ink in zip((before, after), names, _two(theme), strict=True):
        shown = table[table[rate].notna()]
        bar: dict[str, Any] = {
            "type": "bar", "x": [str(bucket) for bucket in shown.index], "y": shown[rate].tolist(), "name": name,
            "marker": {"color": ink}, "hovertemplate": "%{x}: %{y:.2%}",
        }  # fmt: skip
        if rate == "rolled_forward" and shown["lower"].notna().any():
            bar |= _interval(shown, language, named("theme", theme, INKS)["text"])
        bars.append(bar)
    return _side_by_side(before, bars, language, theme, "state_before", before.attrs["weight"])


def _interval(shown: pd.DataFrame, language: Language, ink: str) -> dict[str, Any]:
    """Error bars, and the same in the hover."""
    rates = shown["rolled_forward"]
    return {
        "error_y": {
            "type": "data", "symmetric": False, "array": (shown["upper"] - rates).tolist(), "thickness": 1.2,
            "arrayminus": (rates - shown["lower"]).tolist(), "color": ink, "width": 3,
        },
        "customdata": [
            _text("interval", language, lower=f"{row.lower:.1%}", upper=f"{row.upper:.1%}", loans=f"{row.loans:,}")
            for row in shown.itertuples()
        ],
        "hovertemplate": "%{x}: %{y:.2%} · %{customdata}",
    }  # fmt: skip


def _side_by_side(
    table: pd.DataFrame, bars: list[dict[str, Any]], language: Language, theme: Theme, title: str, weight: str
) -> go.Figure:
    legend = {"orientation": "h", "x": 0, "xanchor": "left", "y": 1.02, "yanchor": "bottom", "traceorder": "normal"}
    return drawn(
        bars, _look(table, language, theme) | {"legend": legend, "hovermode": "x unified", "barmode": "group"},
        xaxis={"title": _text(title, language), "type": "category", "showgrid": False},
        yaxis={"title": _text(weight, language), "tickformat": ".1%"},
    )  # fmt: skip


def _look(table: pd.DataFrame, language: Language, theme: Theme) -> dict[str, Any]:
    meta = {"definition": table.attrs["definition"][language]}
    return {**layout(theme, language, 440, ("yaxis",)), "meta": meta}


def _two(theme: Theme) -> tuple[str, str]:
    """Colours of the two sides: neither is better or worse."""
    return named("theme", theme, INKS)["due"], bucket_colours(7, theme)[3]


def _text(name: str, language: Language, **values: str) -> str:
    return named("language", language, _TEXTS)[name].format(**values)
