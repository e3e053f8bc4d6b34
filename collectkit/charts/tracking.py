"""Figures of the tracking wing: one function per table; a table's definition goes into ``layout.meta``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from collectkit.charts.look import (
    INKS,
    Language,
    Theme,
    bucket_colours,
    drawn,
    faint,
    layout,
    month_axis,
    named,
    round_ticks,
    unit_of,
)
from collectkit.columns import label
from collectkit.tracking.words import STATES
from collectkit.wording import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd
    import plotly.graph_objects as go

_TEXTS = {
    "en": {
        "loans": "Overdue loans [count]",
        "overdue_amount": "Overdue amount [{unit}]",
        "principal_balance": "Principal balance of overdue loans [{unit}]",
        "par": "Share of principal balance [%]",
        "count": "Share of loans [%]",
        "balance": "Share of principal balance [%]",
        "state_before": "Bucket at the date before",
        "state": "One step later",
        "flow": "Now ÷ in the bucket below before [%]",
        "months_on_book": "Months on book [months]",
        "of_all": "{share} of all",
        "cell": "{before} → {after}: {rate}<br>{loans} loans, {balance} {unit}{interval}",
        "interval": "<br>95%: {lower} to {upper}",
        "lent": "Share of principal disbursed [%]",
        "ever": "ever more than {days} days late",
        "current": "now more than {days} days late",
    },
    "zh": {
        "loans": "逾期贷款（笔）",
        "overdue_amount": "逾期金额（{unit}）",
        "principal_balance": "逾期贷款本金余额（{unit}）",
        "par": "占本金余额（%）",
        "count": "占贷款笔数（%）",
        "balance": "占本金余额（%）",
        "state_before": "上期阶段",
        "state": "一步之后",
        "flow": "本期 ÷ 上期低一阶段（%）",
        "months_on_book": "账龄（月）",
        "of_all": "占全部 {share}",
        "cell": "{before} → {after}：{rate}<br>{loans} 笔，{balance} {unit}{interval}",
        "interval": "<br>95% 区间：{lower} 至 {upper}",
        "lent": "占放款本金（%）",
        "ever": "曾经逾期超过 {days} 天",
        "current": "当前逾期超过 {days} 天",
    },
}
_STATES = {language: {state: words[at] for state, words in STATES.items()} for at, language in enumerate(LANGUAGES)}


def bucket_mix_area(
    table: pd.DataFrame, *, language: Language = "en", theme: Theme = "light", currency: str = "CNY"
) -> go.Figure:
    """Overdue loans by bucket over time, stacked.

    Parameters
    ----------
    table : DataFrame
        From `bucket_mix`; the first bucket, not overdue, is left out, but counts in the shares of the hover.
    language : {"en", "zh"}
    theme : {"light", "dark"}
    currency : str
        Unit of money for the axis title.

    Returns
    -------
    Figure
        One area per overdue bucket in the buckets' colours; of a single date, which has no area, one bar.
    """
    weight, days, overdue = table.attrs.get("weight", "loans"), _days(table.index), table.iloc[:, 1:]
    shares = overdue.div(table.sum(axis=1), axis=0)
    inks = bucket_colours(overdue.shape[1], theme)
    is_area = len(table) > 1

    def look(ink: str) -> dict[str, Any]:
        if not is_area:
            return {"type": "bar", "marker": {"color": ink}}
        return {"type": "scatter", "mode": "lines", "stackgroup": "buckets", "line": {"color": ink, "width": 0.5},
                "fillcolor": ink}  # fmt: skip

    areas = [
        {
            **look(ink), "x": days, "y": values.tolist(), "name": str(bucket),
            "customdata": [_text("of_all", language, share=_percent(part)) for part in shares[bucket].tolist()],
            "hovertemplate": "%{y:,} · %{customdata}",
        }
        for (bucket, values), ink in zip(overdue.items(), inks, strict=True)
    ]  # fmt: skip
    title = _text(weight, language, unit=unit_of(currency, language))
    ticks = round_ticks(overdue.sum(axis=1).tolist(), language)
    figure = _over_time(table, areas, language, theme, title=title, **ticks)
    return figure if is_area else figure.update_layout(barmode="stack")


def par_lines(table: pd.DataFrame, *, language: Language = "en", theme: Theme = "light") -> go.Figure:
    """Portfolio at risk over time, one line per threshold, the write-off ratio dotted.

    Parameters
    ----------
    table : DataFrame
        From `portfolio_at_risk`.
    language : {"en", "zh"}
    theme : {"light", "dark"}

    Returns
    -------
    Figure
        One line per PAR column, darker for more days.
    """
    names = [name for name in table.columns if str(name).startswith("par")]
    inks = bucket_colours(len(names), theme)
    lines = [_line(table[name], str(name).upper(), ink) for name, ink in zip(names, inks, strict=True)]
    lost = label("write_off_ratio", language)
    lines.append(_line(table["write_off_ratio"], lost, named("theme", theme, INKS)["due"], dash="dot"))
    return _over_time(table, lines, language, theme, title=_text("par", language), tickformat=".1%")


def transition_heatmap(
    table: pd.DataFrame, *, language: Language = "en", theme: Theme = "light", currency: str = "CNY"
) -> go.Figure:
    """Heat map of moves: bucket before by state after, the share in the cell, counts and interval in the hover.

    Parameters
    ----------
    table : DataFrame
        From `transitions` or `snapshot_roll`. States nobody went to are left out.
    language : {"en", "zh"}
    theme : {"light", "dark"}
    currency : str
        Unit of money in the hover.

    Returns
    -------
    Figure
        ``customdata`` of a cell: bucket before, state after (both as in the table), and the hover's text; ``meta`` has
        shorter texts of the cells for a small screen.
    """
    reached = table.groupby("state", observed=False)["loans"].sum() > 0
    starts = list(table["state_before"].cat.categories)
    states = [name for name in table["state"].cat.categories if name in starts or reached[name]]
    shown = table[table["state"].isin(states)]
    rates = shown["rate"].to_numpy().reshape(len(starts), len(states)).tolist()
    unit = unit_of(currency, language)
    cells = [[row.state_before, row.state, _cell_text(row, language, unit)] for row in shown.itertuples()]
    heat = {
        "type": "heatmap", "z": rates, "x": [state_name(name, language) for name in states], "y": starts,
        "customdata": [cells[at : at + len(states)] for at in range(0, len(cells), len(states))],
        "text": _cell_shares(rates, _percent), "meta": {"narrow": {"text": _cell_shares(rates, _whole_percent)}},
        "texttemplate": "%{text}", "textfont": {"color": named("theme", theme, INKS)["text"]},
        "hovertemplate": "%{customdata[2]}<extra></extra>", "zmin": 0, "zmax": 1, "xgap": 2, "ygap": 2,
        "colorscale": _scale(theme), "showscale": False, "hoverongaps": False,
    }  # fmt: skip
    category = {"type": "category", "showgrid": False}
    return drawn(
        [heat], _look(table, language, theme, height=120 + 36 * len(starts)),
        xaxis={"title": _text("state", language), "side": "top", **category},
        yaxis={"title": _text("state_before", language), "autorange": "reversed", **category},
    )  # fmt: skip


def flow_rate_lines(table: pd.DataFrame, *, language: Language = "en", theme: Theme = "light") -> go.Figure:
    """Net flow rates over time, one line per pair of buckets.

    Parameters
    ----------
    table : DataFrame
        From `flow_rates`.
    language : {"en", "zh"}
    theme : {"light", "dark"}

    Returns
    -------
    Figure
        One line per pair in the colour of the higher bucket; that of the last bucket of all, which holds its whole
        stock, is drawn when its name is clicked.
    """
    inks = bucket_colours(table.shape[1], theme)
    lines = [_line(values, str(name), ink) for (name, values), ink in zip(table.items(), inks, strict=True)]
    for line in lines:
        if line["name"] == table.attrs.get("stock"):
            line["visible"] = "legendonly"
    return _over_time(table, lines, language, theme, title=_text("flow", language), tickformat=".0%")


def vintage_curves(table: pd.DataFrame, *, language: Language = "en", theme: Theme = "light") -> go.Figure:
    """Share past the threshold by months on book, one curve per month of disbursement.

    Parameters
    ----------
    table : DataFrame
        From `vintages`.
    language : {"en", "zh"}
    theme : {"light", "dark"}

    Returns
    -------
    Figure
        One curve per vintage, the older the paler; what was not observed is not drawn.
    """
    known = table.dropna(how="all")
    ages, rates = np.array(known.columns), known.to_numpy()
    curves = [
        {
            "type": "scatter", "x": ages[~np.isnan(rate)].tolist(), "y": rate[~np.isnan(rate)].tolist(),
            "name": f"{vintage:%Y-%m}", "mode": "lines+markers", "line": {"color": ink, "width": 1.5},
            "marker": {"size": 4}, "hovertemplate": "%{y:.2%}",
        }
        for vintage, rate, ink in zip(known.index, rates, bucket_colours(len(known), theme), strict=True)
    ]  # fmt: skip
    late = _text(table.attrs.get("measure", "ever"), language, days=table.attrs.get("days", ""))
    share = _text("lent" if table.attrs.get("weight") == "balance" else "count", language)
    return drawn(
        curves, _look(table, language, theme, hovermode="closest", legend={"font": {"size": 10}}),
        xaxis={"title": _text("months_on_book", language), "rangemode": "tozero"},
        yaxis={"title": f"{share}<br>{late}", "tickformat": ".1%"},
    )  # fmt: skip


def state_name(name: str, language: Language) -> str:
    """A state as the language calls it; a bucket keeps its name.

    Examples
    --------
    >>> state_name("written_off", "zh"), state_name("M1", "zh")
    ('核销', 'M1')
    """
    return named("language", language, _STATES).get(name, name)


def _look(table: pd.DataFrame, language: Language, theme: Theme, height: int = 440, **more: Any) -> dict[str, Any]:
    """The layout of a figure, which carries the definition of its table."""
    definition = table.attrs.get("definition")
    meta = {"meta": {"definition": definition[language]}} if definition else {}
    return {**layout(theme, language, height, ("yaxis",)), **meta, **more}


def _over_time(
    table: pd.DataFrame, traces: list[dict[str, Any]], language: Language, theme: Theme, **yaxis: Any
) -> go.Figure:
    """Traces over an axis of month ends, with a legend above and one hover for all."""
    legend = {"orientation": "h", "x": 0, "xanchor": "left", "y": 1.02, "yanchor": "bottom", "traceorder": "normal"}
    return drawn(
        traces, _look(table, language, theme, hovermode="x unified", legend=legend),
        xaxis=month_axis(table.index, language), yaxis=yaxis,
    )  # fmt: skip


def _line(values: pd.Series, name: str, ink: str, dash: str = "solid") -> dict[str, Any]:
    return {
        "type": "scatter", "x": _days(values.index), "y": values.tolist(), "name": name, "mode": "lines+markers",
        "marker": {"size": 4}, "line": {"color": ink, "width": 2, "dash": dash}, "hovertemplate": "%{y:.2%}",
    }  # fmt: skip


def _cell_text(row: Any, language: Language, unit: str) -> str:
    """Hover of one cell of the heat map."""
    has_interval = not np.isnan(row.lower)
    interval = _text("interval", language, lower=_percent(row.lower), upper=_percent(row.upper)) if has_interval else ""
    return _text(
        "cell", language, before=row.state_before, after=state_name(row.state, language), rate=_percent(row.rate),
        loans=f"{row.loans:,}", balance=f"{row.balance_before:,.2f}", unit=unit, interval=interval,
    )  # fmt: skip


def _scale(theme: Theme) -> list[tuple[float, str]]:
    """Colours of shares from 0 to 1, from the ground to a colour of the buckets; text stays readable on all."""
    ink = bucket_colours(7, theme)[2]
    return [(0.0, faint(ink, 0.04)), (1.0, faint(ink, 0.75))]


def _cell_shares(rates: list[list[float]], written: Callable[[float], str]) -> list[list[str]]:
    """The share in each cell of a heat map; none where nothing moved."""
    return [["" if np.isnan(rate) or rate == 0 else written(rate) for rate in row] for row in rates]


def _whole_percent(rate: float) -> str:
    return "<1%" if rate < 0.005 else f"{rate:.0%}"


def _percent(share: float) -> str:
    return "" if np.isnan(share) else f"{share:.1%}"


def _days(dates: Any) -> Sequence[str]:
    return [f"{date:%Y-%m-%d}" for date in dates]


def _text(name: str, language: Language, **values: str) -> str:
    """Text of a figure in its language."""
    return named("language", language, _TEXTS)[name].format(**values)
