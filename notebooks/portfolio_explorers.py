"""Widgets of the lessons about a whole portfolio. They call collectkit; nothing is computed here."""

from __future__ import annotations

from functools import partial
from typing import Any

import ipywidgets as widgets
import pandas as pd
from IPython.display import display

from collectkit import charts, tracking
from collectkit.documents import Table

DAYS = (1, 30, 60, 90)
_WORDS = {
    "en": {"roll": "Roll rate of {bucket}", "recovery": "Recovered at the end", "days": "More than … days",
           "measure": "Counted", "ever": "ever past due", "current": "past due now", "weight": "By",
           "count": "number of loans", "balance": "amount lent",
           "loss": "Expected loss <b>{loss:,.1f}</b>, {share:.2%} of the balance; before: {before:,.1f}."},
    "zh": {"roll": "{bucket} 的滚动率", "recovery": "最终收回", "days": "逾期超过（天）",
           "measure": "口径", "ever": "曾经逾期", "current": "当前逾期", "weight": "按",
           "count": "笔数", "balance": "放款金额",
           "loss": "预期损失 <b>{loss:,.1f}</b>，占余额 {share:.2%}；此前：{before:,.1f}。"},
}  # fmt: skip
_WIDE = {"description_width": "200px"}


def loss_explorer(balances: pd.Series, rolls: pd.Series, *, move: str, language: str = "en") -> widgets.VBox:
    """Sliders over one roll rate and the recovery, with the loss that follows.

    Parameters
    ----------
    balances, rolls : Series
        As of `collectkit.tracking.loss_forecast`.
    move : str
        Bucket whose rate is moved.
    language : {"en", "zh"}

    Returns
    -------
    VBox
        Its sliders are in ``children[0]``, the answer in ``children[1]``, the table in ``children[2]``.
    """
    words = _WORDS[language]
    asked = {
        "roll": _slider(words["roll"].format(bucket=move), float(rolls[move])),
        "recovery": _slider(words["recovery"], 0.0),
    }
    answer, place = widgets.HTML(), widgets.Output()
    update = partial(_show_loss, balances, rolls, move, asked, answer, place, language)
    return _moving(asked, update, answer, place)


def vintage_explorer(cube: tracking.Cube, *, language: str = "en") -> widgets.VBox:
    """Days, measure and weight of the vintages to choose, with their curves.

    Parameters
    ----------
    cube : Cube
    language : {"en", "zh"}

    Returns
    -------
    VBox
        Its controls are in ``children[0]``, the chart in ``children[1]``.
    """
    words = _WORDS[language]
    asked = {
        "days": widgets.SelectionSlider(options=DAYS, value=30, description=words["days"], style=_WIDE),
        "measure": _choice(words, "measure", "ever", "current"),
        "weight": _choice(words, "weight", "count", "balance"),
    }
    place = widgets.Output()
    return _moving(asked, partial(_show_vintages, cube, asked, place, language), place)


def _slider(label: str, value: float) -> widgets.FloatSlider:
    """Slider over shares."""
    return widgets.FloatSlider(
        value=value, min=0, max=1, step=0.01, description=label, continuous_update=False, readout_format=".0%",
        style=_WIDE, layout={"width": "560px"},
    )  # fmt: skip


def _choice(words: dict[str, str], name: str, *values: str) -> widgets.ToggleButtons:
    """One of a few values."""
    return widgets.ToggleButtons(options=[(words[value], value) for value in values], description=words[name])


def _moving(asked: dict[str, Any], update: Any, *shown: Any) -> widgets.VBox:
    """Controls that bring what is shown up to date, now and whenever one of them moves."""
    for control in asked.values():
        control.observe(update, "value")
    update()
    return widgets.VBox([widgets.VBox(list(asked.values())), *shown])


def _show_loss(
    balances: pd.Series,
    rolls: pd.Series,
    move: str,
    asked: dict[str, Any],
    answer: widgets.HTML,
    place: widgets.Output,
    language: str,
    *_: Any,
) -> None:
    """The loss for the sliders as they stand."""
    before = tracking.loss_forecast(balances, rolls)["expected_loss"].sum()
    moved = rolls.where(rolls.index != move, asked["roll"].value)
    table = tracking.loss_forecast(balances, moved, recovery=asked["recovery"].value)
    loss = table["expected_loss"].sum()
    answer.value = _WORDS[language]["loss"].format(loss=loss, share=loss / balances.sum(), before=before)
    with place:
        place.clear_output(wait=True)
        display(Table(table.round(4), language))


def _show_vintages(cube: tracking.Cube, asked: dict[str, Any], place: widgets.Output, language: str, *_: Any) -> None:
    """The curves for the controls as they stand."""
    table = tracking.vintages(cube, **{name: control.value for name, control in asked.items()})
    with place:
        place.clear_output(wait=True)
        display(charts.vintage_curves(table, language=language))
