"""Figures of the casework wing: one function per table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collectkit.casework.names import VALUES, worded
from collectkit.charts.look import INKS, Language, Theme, drawn, layout, named, round_ticks, unit_of

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

_TEXTS = {
    "en": {"date": "Day of the plan", "days": "Days past due<br>[days]", "total": "Total due<br>[{unit}]",
           "month": "Month", "breaches": "Breaches [count]", "late": "Days past due [days]", "until": "deadline ",
           "work": "work on the file", "step": "Step", "paid": "Cases that paid [%]", "own": "own cases, 95% interval",
           "like": "like cases with everybody", "steps": "Steps that came due [count]"},
    "zh": {"date": "计划日", "days": "逾期天数<br>（天）", "total": "应还总额<br>（{unit}）",
           "month": "月份", "breaches": "违规（次）", "late": "逾期天数（天）", "until": "限期 ",
           "work": "内部处理", "step": "处置", "paid": "还款案件占比（%）", "own": "本人案件，95% 区间",
           "like": "同类案件，全体", "steps": "到达的步骤（个）"},
}  # fmt: skip
_REDS = ("#7f1d1d", "#b3261e", "#d9534f", "#e98a86", "#f3b7b4", "#8a4b47", "#c77", "#a33", "#e0a19e")
#: Ink and sign of each channel; without one it is work on the file.
_SIGNS = {"sms": ("due", "circle"), "im": ("due", "square"), "call": ("paid", "circle"), "letter": ("days", "diamond"),
          "visit": ("penalty", "triangle-up"), "": ("line", "square")}  # fmt: skip
#: Ink of what came of a step, and how strong.
_ENDS = {"done": ("paid", 1.0), "done_late": ("paid", 0.5), "done_blocked": ("penalty", 1.0),
         "paid_first": ("due", 0.5), "moved_on": ("line", 0.5),
         "missed": ("days", 1.0), "late": ("days", 0.6), "due_today": ("due", 1.0),
         "blocked": ("penalty", 0.4), "not_recorded": ("line", 0.25)}  # fmt: skip
_DASHES = {"unpaid": "dot", "paid_without_pause": "dash", "plan_kept": "solid", "rescheduled": "dashdot"}


def plan_effect(
    table: pd.DataFrame, *, language: Language = "en", theme: Theme = "light", currency: str = "CNY"
) -> go.Figure:
    """What a plan does: days past due above, total due below, one line per case.

    Parameters
    ----------
    table : DataFrame
        ``effect`` of a plan: date, case, days_past_due [days], total_due [currency].
    language : {"en", "zh"}
    theme : {"light", "dark"}
    currency : str
        Unit of money for the axis title.

    Returns
    -------
    Figure
        The plan itself is the solid line; the other cases are broken lines.
    """
    inks, texts = named("theme", theme, INKS), named("language", language, _TEXTS)
    colours = {"unpaid": inks["due"], "paid_without_pause": inks["days"], "plan_kept": inks["paid"],
               "rescheduled": inks["penalty"]}  # fmt: skip
    traces: list[dict[str, Any]] = []
    for case in dict.fromkeys(table["case"]):
        rows = table[table["case"] == case]
        line = {"color": colours[case], "width": 2, "dash": _DASHES[case]}
        for column, axis in (("days_past_due", "y"), ("total_due", "y2")):
            traces.append({
                "type": "scatter", "mode": "lines+markers", "x": rows["date"].dt.strftime("%Y-%m-%d").tolist(),
                "y": rows[column].tolist(), "name": VALUES["case"][case][language], "legendgroup": case,
                "showlegend": axis == "y", "yaxis": axis, "line": line, "marker": {"size": 6},
                "hovertemplate": "%{x}: %{y:,}",
            })  # fmt: skip
    look = layout(theme, language, 400, ("yaxis", "yaxis2"))
    look |= {"legend": {"orientation": "h", "x": 0, "y": 1.04, "yanchor": "bottom"}}
    days = round_ticks(table["days_past_due"].tolist(), language)
    money = round_ticks(table["total_due"].tolist(), language)
    return drawn(
        traces, look,
        yaxis={"title": texts["days"], "domain": [0.56, 1.0], "anchor": "x", **days},
        yaxis2={"title": texts["total"].format(unit=unit_of(currency, language)), "domain": [0.0, 0.44],
                "anchor": "x", **money},
        xaxis={"title": texts["date"], "type": "date", "anchor": "y2", "tickformat": "%Y-%m-%d", "nticks": 6},
    )  # fmt: skip


def case_calendar(table: pd.DataFrame, *, language: Language = "en", theme: Theme = "light") -> go.Figure:
    """The steps of a case: days past due to the right, one line per step, one sign per channel.

    Parameters
    ----------
    table : DataFrame
        From `casework.case_calendar`.
    language : {"en", "zh"}
    theme : {"light", "dark"}

    Returns
    -------
    Figure
        A step that only some cases get is hollow; the date stands in the hover.
    """
    inks, texts = named("theme", theme, INKS), named("language", language, _TEXTS)
    shown = worded(table, language=language)
    traces = []
    for channel, (ink, symbol) in _SIGNS.items():
        rows = shown[(table["channel"] == channel) if channel else table["channel"].isna()]
        if rows.empty:
            continue
        ends = rows["deadline_date"].dt.strftime("%Y-%m-%d").radd(texts["until"])
        said = zip(rows["date"].dt.strftime("%Y-%m-%d"), ends.fillna(""), rows["condition"].fillna(""), strict=True)
        traces.append({
            "type": "scatter", "mode": "markers", "x": rows["days_past_due"].tolist(), "y": rows["action"].tolist(),
            "name": VALUES["channel"][channel][language] if channel else texts["work"],
            "marker": {"color": inks[ink], "size": 10,
                       "symbol": [symbol if always else f"{symbol}-open" for always in rows["condition"].isna()]},
            "customdata": [" · ".join(filter(None, parts)) for parts in said],
            "hovertemplate": "%{y}, %{x}: %{customdata}<extra></extra>",
        })  # fmt: skip
    look = layout(theme, language, 460, ("yaxis",))
    look |= {"legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"}}
    order = {"categoryorder": "array", "categoryarray": list(dict.fromkeys(shown["action"]))[::-1]}
    days = {"title": texts["late"], "dtick": 15, "range": [-3, table["days_past_due"].max() + 3]}
    return drawn(traces, look, xaxis=days, yaxis={"title": texts["step"], **order})


def breach_bars(table: pd.DataFrame, *, language: Language = "en", theme: Theme = "light") -> go.Figure:
    """Breaches by month, one red per rule.

    Parameters
    ----------
    table : DataFrame
        From `breaches_by_month`: month, rule, breaches [count].
    language : {"en", "zh"}
    theme : {"light", "dark"}

    Returns
    -------
    Figure
    """
    texts, names = named("language", language, _TEXTS), VALUES["rule"]
    traces = []
    for rule, ink in zip(dict.fromkeys(table["rule"]), _REDS, strict=False):
        rows = table[table["rule"] == rule]
        traces.append({
            "type": "bar", "x": rows["month"].dt.strftime("%Y-%m").tolist(), "y": rows["breaches"].tolist(),
            "name": names[rule][language] if rule in names else rule, "marker": {"color": ink},
            "hovertemplate": "%{x}: %{y}",
        })  # fmt: skip
    look = layout(theme, language, 360, ("yaxis",))
    look |= {"barmode": "stack", "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"}}
    most = table.groupby("month")["breaches"].sum().tolist()
    months = {"title": texts["month"], "type": "category", "categoryorder": "category ascending"}
    return drawn(traces, look, yaxis={"title": texts["breaches"], **round_ticks(most, language)}, xaxis=months)


def like_cases(table: pd.DataFrame, *, language: Language = "en", theme: Theme = "light") -> go.Figure:
    """The share of cases that paid with its interval, beside what like cases paid with everybody.

    Parameters
    ----------
    table : DataFrame
        From `casework.like_cases`.
    language : {"en", "zh"}
    theme : {"light", "dark"}

    Returns
    -------
    Figure
        One row per collector or team in the order of the table, which is no ranking; too few cases are not drawn.
    """
    inks, texts = named("theme", theme, INKS), named("language", language, _TEXTS)
    rows = worded(table[table["paid_share"].notna()], language=language)
    parts = [rows[name].fillna("").astype("str") for name in ("agency", "team", "collector_id") if name in rows]
    names = [" · ".join(filter(None, row)) for row in zip(*parts, strict=True)]
    share = rows["paid_share"]
    own = {
        "type": "scatter", "mode": "markers", "x": share.tolist(), "y": names, "name": texts["own"],
        "marker": {"size": 10, "color": inks["paid"]}, "hovertemplate": "%{y}: %{x:.1%}<extra></extra>",
        "error_x": {"type": "data", "symmetric": False, "color": inks["paid"], "thickness": 2, "width": 6,
                    "array": (rows["upper"] - share).tolist(), "arrayminus": (share - rows["lower"]).tolist()},
    }  # fmt: skip
    like = {
        "type": "scatter", "mode": "markers", "x": rows["expected_share"].tolist(), "y": names, "name": texts["like"],
        "marker": {"size": 10, "symbol": "line-ns-open", "color": inks["text"], "line": {"width": 3}},
        "hovertemplate": "%{y}: %{x:.1%}<extra></extra>",
    }  # fmt: skip
    look = layout(theme, language, 120 + 40 * max(len(names), 1), ("yaxis",))
    look |= {"legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"}}
    return drawn(
        [own, like], look, xaxis={"title": texts["paid"], "tickformat": ".0%", "rangemode": "tozero"},
        yaxis={"title": "", "type": "category", "categoryarray": names[::-1], "showgrid": False},
    )  # fmt: skip


def node_bars(table: pd.DataFrame, *, language: Language = "en", theme: Theme = "light") -> go.Figure:
    """What came of the steps of a period: one bar per step of the cadence, one part per outcome.

    Parameters
    ----------
    table : DataFrame
        From `casework.node_steps`.
    language : {"en", "zh"}
    theme : {"light", "dark"}

    Returns
    -------
    Figure
        The steps in their order, the first on top.
    """
    inks, texts = named("theme", theme, INKS), named("language", language, _TEXTS)
    actions = [action for action in VALUES["action"] if (table["action"] == action).any()]
    names = [VALUES["action"][action][language] for action in actions]
    counts = table.groupby(["action", "outcome"]).size()
    traces = [
        {"type": "bar", "orientation": "h", "y": names, "name": VALUES["outcome"][outcome][language],
         "x": [int(counts.get((action, outcome), 0)) for action in actions],
         "marker": {"color": inks[ink]}, "opacity": strength, "hovertemplate": "%{y}: %{x}"}
        for outcome, (ink, strength) in _ENDS.items() if (table["outcome"] == outcome).any()
    ]  # fmt: skip
    look = layout(theme, language, 140 + 30 * max(len(names), 1), ("yaxis",))
    look |= {"barmode": "stack", "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom",
                                            "traceorder": "normal"}}  # fmt: skip
    return drawn(
        traces, look, xaxis={"title": texts["steps"], "rangemode": "tozero"},
        yaxis={"title": "", "type": "category", "categoryarray": names[::-1], "showgrid": False},
    )  # fmt: skip
