"""The figures themselves: one function per table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collectkit.charts.look import (
    INKS,
    Language,
    Theme,
    bucket_colours,
    faint,
    layout,
    named,
    round_ticks,
    short_number,
    unit_of,
)
from collectkit.errors import unknown_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    import plotly.graph_objects as go

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
_WEIGHTS = ("loans", "overdue_amount", "principal_balance")
_DAY_STEPS = (5, 10, 30, 60, 90, 180, 360, 720)
_DAY = 86_400_000
"""One day in milliseconds, plotly's unit of a date axis."""


def bucket_bars(
    table: pd.DataFrame,
    *,
    weight: str = "loans",
    spans: Sequence[str] = (),
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
    spans : sequence of str
        Days of each bucket in words, printed under its name; ``policy.bucket_scheme(…).spans``.
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
    unit = unit_of(currency, language)
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
    figure = go.Figure(bars, layout(theme, language, 440, ("yaxis",)))
    figure.update_xaxes(title_text=_text("bucket", language), type="category", showgrid=False)
    if spans:
        ticks = [f"{name}<br>{span}" for name, span in zip(table.index, spans, strict=True)][1:]
        figure.update_xaxes(tickvals=list(range(len(ticks))), ticktext=ticks, tickangle=0, tickfont_size=10)
    figure.update_yaxes(title_text=_text(weight, language, unit=unit), **round_ticks(values, language))
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

    inks, unit = named("theme", theme, INKS), unit_of(currency, language)
    figure = go.Figure(layout=layout(theme, language, 460, ("yaxis", "yaxis2", "yaxis3")))
    width = max(len(table) / 160, 1.0) * _DAY
    _add_line(figure, table, "days_past_due", "y", inks["days"], _text("days_past_due", language))
    _add_bars(figure, table, "due_amount", -width, inks["due"], _text("due", language))
    _add_bars(figure, table, "paid_amount", width, inks["paid"], _text("paid", language))
    _add_line(figure, table, "penalty", "y3", inks["penalty"], _text("penalty_owed", language))
    figure.update_layout(**_panels(table, language, unit))
    figure.update_layout(
        xaxis={
            "anchor": "y3",
            "type": "date",
            "hoverformat": "%Y-%m-%d",
            "tickformat": _month_format(language),
        },
        legend={"orientation": "h", "x": 0, "xanchor": "left", "y": 1.02, "yanchor": "bottom"},
        barmode="overlay",
        hovermode="x unified",
        hoversubplots="axis",
    )
    return figure


def _panels(table: pd.DataFrame, language: Language, unit: str) -> dict[str, dict[str, Any]]:
    """The three value axes of a timeline, one above the other."""
    most = max(table["days_past_due"].tolist(), default=0)
    step = next((step for step in _DAY_STEPS if most <= 5 * step), 3_600)
    money = table[["due_amount", "paid_amount"]].max(axis=1).tolist()
    rows = {
        "yaxis": ("days", [0.70, 1.0], {"dtick": step, "range": [0, max(most * 1.1, 5)]}),
        "yaxis2": ("money", [0.31, 0.62], round_ticks(money, language)),
        "yaxis3": ("penalty", [0.0, 0.23], round_ticks(table["penalty"].tolist(), language, most_ticks=3)),
    }
    return {
        name: {"title_text": _text(title, language, unit=unit), "domain": domain, "anchor": "x", **ticks}
        for name, (title, domain, ticks) in rows.items()
    }


def _add_line(figure: go.Figure, table: pd.DataFrame, column: str, axis: str, ink: str, name: str) -> None:
    """Filled line of one column over the days."""
    line = {"color": ink, "width": 2, "shape": "linear"}
    days = table["date"].dt.strftime("%Y-%m-%d").tolist()
    figure.add_scatter(
        x=days, y=table[column].tolist(), mode="lines", name=name, yaxis=axis, line=line,
        fill="tozeroy", fillcolor=faint(ink), hovertemplate="%{y:,}",
    )  # fmt: skip


def _add_bars(figure: go.Figure, table: pd.DataFrame, column: str, width: float, ink: str, name: str) -> None:
    """Bars of the days with money, left of the day for a negative width."""
    with_money = table.loc[table[column] > 0]
    figure.add_bar(
        x=with_money["date"].dt.strftime("%Y-%m-%d").tolist(), y=with_money[column].tolist(), name=name,
        yaxis="y2", width=abs(width), offset=min(width, 0), marker={"color": ink}, hovertemplate="%{y:,.2f}",
    )  # fmt: skip


def _text(name: str, language: Language, **values: str) -> str:
    """Text of a figure in its language."""
    return named("language", language, _TEXTS)[name].format(**values)


def _month_format(language: Language) -> str:
    """How plotly writes a month on the axis."""
    return "%Y年%-m月" if language == "zh" else "%b %Y"
