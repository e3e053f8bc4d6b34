"""Table in, plotly figure out.

Every figure names its axes with their units, in English or Chinese, and comes in a light and a dark theme on a
transparent ground. Buckets have one sequential palette that stays readable for colour-blind eyes; red is kept for
breaches. Plotly is imported when the first figure is made.

Examples
--------
>>> import pandas as pd
>>> table = pd.DataFrame({"loans": [90, 4, 1]}, index=pd.Index(["M0", "M1", "M2"], name="bucket"))
>>> figure = bucket_bars(table, weight="loans")
>>> list(figure.data[0].x), list(figure.data[0].y)
(['M1', 'M2'], [4, 1])
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

from collectkit.errors import unknown_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    import plotly.graph_objects as go

Language = Literal["en", "zh"]
Theme = Literal["light", "dark"]

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
    "light": ("#9ecae1", "#6baed6", "#4292c6", "#2171b5", "#08519c", "#08306b", "#041b3f"),
    "dark": ("#2b5c8a", "#3a78ad", "#4f94cc", "#6fb0e0", "#94c8ee", "#bbdef7", "#e3f2fd"),
}
_INKS = {
    "light": {"text": "#3c4043", "grid": "#e6e8eb", "line": "#9aa0a6", "hover": "#ffffff",
              "days": "#b06a00", "due": "#8a94a0", "paid": "#0b72b5", "penalty": "#7b4fa3"},
    "dark": {"text": "#d5d8dc", "grid": "#33383d", "line": "#6b7278", "hover": "#2a2d31",
             "days": "#f0ab3c", "due": "#8f99a3", "paid": "#5db4ee", "penalty": "#c49ae8"},
}  # fmt: skip
_TEXTS = {
    "en": {
        "bucket": "Bucket by days past due",
        "loans": "Overdue loans [count]",
        "overdue_amount": "Overdue amount [{unit}]",
        "principal_balance": "Principal balance [{unit}]",
        "days": "Days past due<br>[days]",
        "money": "Due and paid<br>[{unit}]",
        "penalty": "Penalty owed<br>[{unit}]",
        "due": "Instalment due",
        "paid": "Payment",
        "days_past_due": "Days past due",
        "penalty_owed": "Penalty owed",
    },
    "zh": {
        "bucket": "逾期阶段（按逾期天数）",
        "loans": "逾期贷款（笔）",
        "overdue_amount": "逾期金额（{unit}）",
        "principal_balance": "本金余额（{unit}）",
        "days": "逾期天数<br>（天）",
        "money": "应还与已还<br>（{unit}）",
        "penalty": "应付罚息<br>（{unit}）",
        "due": "应还",
        "paid": "还款",
        "days_past_due": "逾期天数",
        "penalty_owed": "应付罚息",
    },
}
_STEPS = {
    "en": ((1e9, "B"), (1e6, "M"), (1e3, "K")),
    "zh": ((1e8, "亿"), (1e4, "万")),
}
_WEIGHTS = ("loans", "overdue_amount", "principal_balance")
_LIST_COLUMNS = (
    "loan_id", "days_past_due", "bucket", "total_due", "penalty", "principal_balance", "oldest_due_date", "channel",
)  # fmt: skip
_DAY = 86_400_000
"""One day in milliseconds, plotly's unit of a date axis."""


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
    for step, sign in _STEPS[language]:
        if abs(value) >= step:
            return f"{float(f'{value / step:.3g}'):,.15g}{sign}"
    return f"{round(value, 2):,.15g}"


def bucket_colours(count: int, theme: Theme = "light") -> list[str]:
    """Colours of overdue buckets from the least to the most days, the same on every page.

    Examples
    --------
    >>> bucket_colours(3)
    ['#9ecae1', '#2171b5', '#041b3f']
    """
    ramp = _BUCKET_RAMPS[theme]
    steps = [i * (len(ramp) - 1) / max(count - 1, 1) for i in range(count)]
    return [ramp[round(step)] for step in steps]


def bucket_bars(
    table: pd.DataFrame,
    *,
    weight: str = "loans",
    language: Language = "en",
    theme: Theme = "light",
    currency: str = "CNY",
) -> go.Figure:
    """Bars of the overdue buckets, by count or amount.

    Parameters
    ----------
    table : DataFrame
        One row per bucket in order, the first one not overdue (it is left out); from `bucket_totals`.
    weight : {"loans", "overdue_amount", "principal_balance"}
        Column to show [count or currency].
    language : {"en", "zh"}
        Language of the titles.
    theme : {"light", "dark"}
        Theme of the page the figure stands on.
    currency : str
        Unit of money for the axis title.

    Returns
    -------
    Figure
        One bar per bucket; the figure in full in the hover.
    """
    import plotly.graph_objects as go

    if weight not in _WEIGHTS:
        raise unknown_name("weight", weight, _WEIGHTS)
    overdue = table[weight].iloc[1:]
    values = overdue.tolist()
    places = 0 if weight == "loans" else 2
    unit = _unit(currency, language)
    bars = go.Bar(
        x=[str(name) for name in overdue.index],
        y=values,
        text=[short_number(value, language) for value in values],
        textposition="outside",
        cliponaxis=False,
        marker={"color": bucket_colours(len(values), theme)},
        customdata=[f"{value:,.{places}f}" for value in values],
        hovertemplate="%{x}: %{customdata}<extra></extra>",
    )
    figure = go.Figure(bars, _layout(theme, language, 340, ("yaxis",)))
    figure.update_xaxes(title_text=_text("bucket", language), type="category", showgrid=False)
    figure.update_yaxes(title_text=_text(weight, language, unit=unit), **_ticks(values, language))
    return figure


def loan_timeline(
    table: pd.DataFrame,
    *,
    language: Language = "en",
    theme: Theme = "light",
    currency: str = "CNY",
) -> go.Figure:
    """A loan's story over one axis of days: days past due, instalments and payments, penalty owed.

    Parameters
    ----------
    table : DataFrame
        One row per day: date, days_past_due [days], due_amount, paid_amount, penalty [currency];
        from `collectkit.loan_timeline`.
    language : {"en", "zh"}
        Language of the titles.
    theme : {"light", "dark"}
        Theme of the page the figure stands on.
    currency : str
        Unit of money for the axis titles.

    Returns
    -------
    Figure
        Three panels; the days past due rise day by day and fall when the oldest instalment is paid off.
    """
    import plotly.graph_objects as go

    inks, unit = _INKS[theme], _unit(currency, language)
    figure = go.Figure(layout=_layout(theme, language, 460, ("yaxis", "yaxis2", "yaxis3")))
    width = max(len(table) / 160, 1.0) * _DAY
    _add_line(figure, table, "days_past_due", "y", inks["days"], _text("days_past_due", language))
    _add_bars(figure, table, "due_amount", -width, inks["due"], _text("due", language))
    _add_bars(figure, table, "paid_amount", width, inks["paid"], _text("paid", language))
    _add_line(figure, table, "penalty", "y3", inks["penalty"], _text("penalty_owed", language))
    most = max(table["days_past_due"].tolist(), default=0)
    day_step = next(step for step in (5, 10, 30, 60, 90, 180, 360, 720, 36_000) if most <= 5 * step or step == 36_000)
    rows = {
        "yaxis": (_text("days", language), [0.70, 1.0], {"dtick": day_step, "range": [0, max(most * 1.1, 5)]}),
        "yaxis2": (_text("money", language, unit=unit), [0.31, 0.62],
                   _ticks(table[["due_amount", "paid_amount"]].max(axis=1).tolist(), language)),
        "yaxis3": (_text("penalty", language, unit=unit), [0.0, 0.23],
                   _ticks(table["penalty"].tolist(), language, most_ticks=3)),
    }  # fmt: skip
    for name, (title, domain, ticks) in rows.items():
        figure.update_layout({name: {"title": {"text": title}, "domain": domain, "anchor": "x", **ticks}})
    figure.update_layout(
        xaxis={"anchor": "y3", "type": "date", "hoverformat": "%Y-%m-%d", "tickformat": _month_format(language)},
        legend={"orientation": "h", "x": 0, "xanchor": "left", "y": 1.02, "yanchor": "bottom"},
        barmode="overlay",
        hovermode="x unified",
    )
    return figure


def _add_line(figure: go.Figure, table: pd.DataFrame, column: str, axis: str, ink: str, name: str) -> None:
    """Filled line of one column over the days."""
    line = {"color": ink, "width": 2, "shape": "linear"}
    days = table["date"].dt.strftime("%Y-%m-%d").tolist()
    figure.add_scatter(
        x=days, y=table[column].tolist(), mode="lines", name=name, yaxis=axis, line=line,
        fill="tozeroy", fillcolor=_faint(ink), hovertemplate="%{y:,}",
    )  # fmt: skip


def _add_bars(
    figure: go.Figure, table: pd.DataFrame, column: str, width: float, ink: str, name: str
) -> None:
    """Bars of the days with money, left of the day for a negative width."""
    with_money = table.loc[table[column] > 0]
    figure.add_bar(
        x=with_money["date"].dt.strftime("%Y-%m-%d").tolist(), y=with_money[column].tolist(), name=name,
        yaxis="y2", width=abs(width), offset=min(width, 0), marker={"color": ink}, hovertemplate="%{y:,.2f}",
    )  # fmt: skip


def _layout(theme: Theme, language: Language, height: int, axes: tuple[str, ...]) -> dict[str, Any]:
    """The house's look, written into the figure itself.

    Plotly's own templates are ten times as slow, and a template would be replaced at the first drawing by the
    page's theme; what stands in the layout stays.
    """
    inks = _INKS[theme]
    axis = {
        "gridcolor": inks["grid"], "linecolor": inks["line"], "zerolinecolor": inks["line"], "ticks": "",
        "showline": False, "automargin": True, "tickfont": {"size": 12, "color": inks["text"]},
    }  # fmt: skip
    title = {"standoff": 10, "font": {"size": 13, "color": inks["text"]}}
    font = {"family": _FONTS[language], "color": inks["text"]}
    return {
        "template": "none",
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


def _ticks(values: Iterable[float], language: Language, most_ticks: int = 5) -> dict[str, Any]:
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


def _text(name: str, language: Language, **values: str) -> str:
    """Text of a figure in its language."""
    if language not in _TEXTS:
        raise unknown_name("language", language, _TEXTS)
    return _TEXTS[language][name].format(**values)


def _unit(currency: str, language: Language) -> str:
    """Unit of money as the language writes it."""
    return "元" if (language, currency) == ("zh", "CNY") else currency


def _month_format(language: Language) -> str:
    """How plotly writes a month on the axis."""
    return "%Y年%-m月" if language == "zh" else "%b %Y"


def _faint(ink: str) -> str:
    """The ink, nearly transparent."""
    red, green, blue = (int(ink[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.15)"


def overdue_loans(assessed: pd.DataFrame, loans: pd.DataFrame) -> pd.DataFrame:
    """Overdue loans for a list to work from: what each owes and what is known of it, most days first.

    Parameters
    ----------
    assessed : DataFrame
        From `assess`.
    loans : DataFrame
        The portfolio's loans; product and region are taken from it.

    Returns
    -------
    DataFrame
        One row per overdue loan, the index a running number.
    """
    overdue = assessed.loc[assessed["status"] == "overdue", list(_LIST_COLUMNS)]
    known = loans.set_index("loan_id").reindex(columns=["product", "region"])
    listed = overdue.join(known, on="loan_id")
    order = ["loan_id", "product", "region", *_LIST_COLUMNS[1:]]
    return listed[order].sort_values(["days_past_due", "loan_id"], ascending=[False, True], ignore_index=True)
