"""Penalty interest as an area: the unpaid balance over the nights it stood."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collectkit.charts.look import INKS, Language, Theme, drawn, faint, layout, named, round_ticks, unit_of

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

_TEXTS = {
    "en": {
        "night": "Night",
        "balance": "Unpaid balance [{unit}]",
        "hover": "{first} to {last}<br>%{{y:,.2f}} × {days} = {product}<extra></extra>",
    },
    "zh": {
        "night": "日期",
        "balance": "未还余额（{unit}）",
        "hover": "{first} 至 {last}<br>%{{y:,.2f}} × {days} 天 = {product}<extra></extra>",
    },
}
_DAY = 86_400_000


def balance_nights(
    steps: pd.DataFrame,
    *,
    instalment: int,
    language: Language = "en",
    theme: Theme = "light",
    currency: str = "CNY",
) -> go.Figure:
    """The unpaid balance of an instalment that bears penalty, over its nights: the area is the 积数.

    Parameters
    ----------
    steps : DataFrame
        Of `collectkit.explain`: date, event, instalment_no, balance [currency], days [days], product [currency × days].
    instalment : int
    language : {"en", "zh"}
    theme : {"light", "dark"}
    currency : str
        Unit of money for the axis title.

    Returns
    -------
    Figure
        One block for each balance, as wide as its nights; their areas add up to the product that penalty is taken of.
    """
    words, inks = named("language", language, _TEXTS), named("theme", theme, INKS)
    shown = steps[steps["event"].eq("accrual") & steps["instalment_no"].eq(instalment)]
    days = shown["days"].astype("int64")
    starts = shown["date"] - days.astype("timedelta64[D]")
    hovers = [
        words["hover"].format(first=f"{first:%Y-%m-%d}", last=f"{last:%Y-%m-%d}", days=width, product=f"{product:,.2f}")
        for first, last, width, product in zip(starts, shown["date"], days, shown["product"], strict=True)
    ]
    blocks = {
        "type": "bar", "x": starts.dt.strftime("%Y-%m-%d").tolist(), "y": shown["balance"].tolist(),
        "width": (days * _DAY).tolist(), "offset": 0, "hovertemplate": hovers,
        "marker": {"color": faint(inks["penalty"], 0.45), "line": {"color": inks["penalty"], "width": 1}},
    }  # fmt: skip
    money = words["balance"].format(unit=unit_of(currency, language))
    return drawn(
        [blocks], layout(theme, language, 300, ("yaxis",)),
        xaxis={"title": words["night"], "type": "date", "hoverformat": "%Y-%m-%d", "tickformat": "%m-%d"},
        yaxis={"title": money, **round_ticks(shown["balance"].tolist(), language)},
    )  # fmt: skip
