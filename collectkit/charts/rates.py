"""One rate over time: the entry rate with its interval, recovery by cohort with the line of all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collectkit.charts.look import INKS, Language, Theme, band, drawn, faint, layout, month_axis, named
from collectkit.columns import label

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

_TEXTS = {
    "en": {
        "unit": "{name} [%]",
        "interval": "95% interval",
        "hover": "%{y:.2%} · %{customdata[0]:,} of %{customdata[1]:,}",
        "recovered": "Collected ÷ owed when<br>more than {days} days late [%]",
        "months_since": "Months since [months]",
        "all": "All cohorts",
        "estimate": "Estimate",
        "cohort": "%{{y:.1%}} · {cohort:%b %Y}<extra></extra>",
        "cohorts": "%{y:.1%} · %{customdata} cohorts",
    },
    "zh": {
        "unit": "{name}（%）",
        "interval": "95% 区间",
        "hover": "%{y:.2%} · %{customdata[1]:,} 中的 %{customdata[0]:,}",
        "recovered": "回款 ÷ 首次逾期超过 {days} 天<br>时的欠款（%）",
        "months_since": "距参考日月数（月）",
        "all": "全部批次",
        "estimate": "估计值",
        "cohort": "%{{y:.1%}} · {cohort.year}年{cohort.month}月<extra></extra>",
        "cohorts": "%{y:.1%} · %{customdata} 个批次",
    },
}


def entry_rate_line(table: pd.DataFrame, *, language: Language = "en", theme: Theme = "light") -> go.Figure:
    """The entry rate by date, with a band for its interval where there is one.

    Parameters
    ----------
    table : DataFrame
        From `entry_rate`.
    language : {"en", "zh"}
    theme : {"light", "dark"}

    Returns
    -------
    Figure
        A line, both numbers of the rate in the hover, and the band below it.
    """
    texts, ink = named("language", language, _TEXTS), named("theme", theme, INKS)["paid"]
    days = [f"{day:%Y-%m-%d}" for day in table.index]
    name = label("entry_rate", language)
    line: dict[str, Any] = {
        "type": "scatter", "x": days, "y": table["entry_rate"].tolist(), "name": name, "mode": "lines+markers",
        "marker": {"size": 5}, "line": {"color": ink, "width": 2}, "hovertemplate": texts["hover"],
        "customdata": table[["newly_overdue", "not_overdue_before"]].to_numpy().tolist(),
    }  # fmt: skip
    known = table.dropna(subset=["lower", "upper"])
    interval = (known["lower"].tolist(), known["upper"].tolist())
    edges = band([f"{day:%Y-%m-%d}" for day in known.index], interval, ink, texts["interval"])
    legend = {"orientation": "h", "x": 0, "xanchor": "left", "y": 1.02, "yanchor": "bottom", "traceorder": "reversed"}
    more = {"hovermode": "x", "legend": legend, "meta": {"definition": table.attrs["definition"][language]}}
    return drawn(
        [*(edges if len(known) else []), line], {**layout(theme, language, 440, ("yaxis",)), **more},
        xaxis=month_axis(table.index, language),
        yaxis={"title": texts["unit"].format(name=name), "tickformat": ".1%"},
    )  # fmt: skip


def recovery_curves(
    table: pd.DataFrame, pooled: pd.DataFrame, *, language: Language = "en", theme: Theme = "light"
) -> go.Figure:
    """Recovery of every cohort by months since, the line of all cohorts, and its estimate.

    Parameters
    ----------
    table : DataFrame
        From `recovery_curve`.
    pooled : DataFrame
        From `pooled_recovery`.
    language : {"en", "zh"}
    theme : {"light", "dark"}

    Returns
    -------
    Figure
        Faint lines of the cohorts as far as they were seen, one strong line of all as far as each month was seen, and
        the estimate for all, dotted, with the band of its interval.
    """
    texts, inks = named("language", language, _TEXTS), named("theme", theme, INKS)
    shape: dict[str, Any] = {"type": "scatter", "mode": "lines"}
    thin = {"color": faint(inks["paid"], 0.4), "width": 1}
    lines = [
        {
            **shape, "x": row.dropna().index.tolist(), "y": row.dropna().tolist(), "showlegend": False, "line": thin,
            "hovertemplate": texts["cohort"].format(cohort=day),
        }
        for day, row in table.iterrows()
    ]  # fmt: skip
    months = pooled.index.tolist()
    guessed = pooled.dropna(subset=["lower", "upper"])
    if len(guessed):
        interval = (guessed["lower"].tolist(), guessed["upper"].tolist())
        lines += band(guessed.index.tolist(), interval, inks["days"], texts["interval"])
    lines.append({
        **shape, "x": months, "y": pooled["recovered_share"].tolist(), "name": texts["all"],
        "customdata": pooled["cohorts"].tolist(), "line": {"color": inks["paid"], "width": 3},
        "hovertemplate": texts["cohorts"],
    })  # fmt: skip
    lines.append({
        **shape, "x": months, "y": pooled["estimate"].tolist(), "name": texts["estimate"],
        "line": {"color": inks["days"], "width": 2, "dash": "dot"}, "hovertemplate": "%{y:.1%}",
    })  # fmt: skip
    legend = {"orientation": "h", "x": 0, "xanchor": "left", "y": 1.02, "yanchor": "bottom"}
    more = {"hovermode": "closest", "legend": legend, "meta": {"definition": table.attrs["definition"][language]}}
    return drawn(
        lines, {**layout(theme, language, 440, ("yaxis",)), **more},
        xaxis={"title": texts["months_since"], "rangemode": "tozero"},
        yaxis={"title": texts["recovered"].format(days=table.attrs["days"]), "tickformat": ".0%"},
    )  # fmt: skip
