"""What the notebooks need beside collectkit: exercises that answer, and widgets that call its functions."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import partial
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import pandas as pd
from IPython.display import Markdown, display

import collectkit as ck
from collectkit import agencies, casework, charts
from collectkit import scenarios as sc
from collectkit.scenarios.draws import ranges
from collectkit.scenarios.inputs import Curve

EXERCISES = tomllib.loads((Path(__file__).parent / "exercises.toml").read_text(encoding="utf-8"))
_SAID = {
    "right": {"en": "**Right.** {text}", "zh": "**正确。** {text}"},
    "not_yet": {"en": "**Not yet.** {text}", "zh": "**还不对。** {text}"},
    "no_figure": {
        "en": "Put your answer in place of `...`, and run the cell again.",
        "zh": "把 `...` 换成你的答案，再运行一次。",
    },
}
_FEE = {
    "en": "Paid on day <b>{day}</b>, <b>{reading}</b>: commission {fee:,.2f}, {left:,.2f} is left.",
    "zh": "逾期第 <b>{day}</b> 天到账，<b>{reading}</b>：佣金 {fee:,.2f}，净回款 {left:,.2f}。",
}
_SLIDER = {"en": "Day past due of the payment", "zh": "到账时的逾期天数"}
TIMES = ("06:00", "07:00", "07:59", "08:00", "12:00", "18:59", "19:00", "20:59", "21:00", "21:59", "22:00", "23:00")
_WORDS = {
    "en": {"due": "Due date", "grace": "Days of grace", "scheme": "Cadence", "time": "Time", "rules": "Rules",
           "may": "may be done now", "waits": "must wait: {why}. Earliest {earliest:%Y-%m-%d %H:%M}"},
    "zh": {"due": "应还日期", "grace": "宽限天数", "scheme": "处置节奏", "time": "时刻", "rules": "规则",
           "may": "现在可办", "waits": "须暂缓：{why}。最早 {earliest:%Y-%m-%d %H:%M}"},
}  # fmt: skip
INPUTS = ("wage", "minutes_per_case", "commission_factor", "agency.*.cash_rate", "agency.*.cure_rate")


def check(exercise: str, answer: Any = ..., *, language: str = "en") -> Markdown:
    """Whether an answer is right; if not, a hint that fits it, never the answer.

    Parameters
    ----------
    exercise : str
        Its name in ``exercises.toml``, as ``04-1``.
    answer : float, date or str
        A figure, a date as ``2025-03-01``, or a word; ``...`` while there is none.
    language : {"en", "zh"}
    """
    known = EXERCISES[exercise]
    if answer is ...:
        return Markdown(_SAID["no_figure"][language])
    given = typed(answer)
    if given == typed(known["answer"]):
        return Markdown(_SAID["right"][language].format(text=known["right"][language]))
    slips = [slip for slip in known["slips"] if typed(slip["answer"]) == given]
    return Markdown(_SAID["not_yet"][language].format(text=(slips or [known["hint"]])[0][language]))


def typed(answer: Any) -> Decimal | str:
    """What was typed as a number if it is one, else as a text; a date as 2025-03-01."""
    text = f"{answer:%Y-%m-%d}" if hasattr(answer, "strftime") else str(answer).strip().lower()
    try:
        return Decimal(text.replace(",", ""))
    except InvalidOperation:
        return text


def tariff_explorer(
    policy: str | ck.Policy = "cn-microloan", *, collected: float = 10_000, language: str = "en"
) -> widgets.VBox:
    """A slider over the day of a payment, with what the agency earns on it under every reading of the tariff.

    Parameters
    ----------
    policy : str or Policy
    collected : float [currency]
        Cash that earns.
    language : {"en", "zh"}

    Returns
    -------
    VBox
        Its slider is in ``children[0]``, the answer in ``children[1]``.
    """
    rules = ck.load_policy(policy) if isinstance(policy, str) else policy
    slider = widgets.IntSlider(
        value=90, min=1, max=270, description=_SLIDER[language], continuous_update=False,
        style={"description_width": "200px"}, layout={"width": "640px"},
    )  # fmt: skip
    answer, place = widgets.HTML(), widgets.Output()
    update = partial(_show_fee, rules, collected, slider, answer, place, language)
    slider.observe(update, "value")
    update()
    return widgets.VBox([slider, answer, place])


def _show_fee(
    rules: ck.Policy,
    collected: float,
    slider: widgets.IntSlider,
    answer: widgets.HTML,
    place: widgets.Output,
    language: str,
    *_: Any,
) -> None:
    """Commission and rate on the day the slider stands at."""
    names = pd.DataFrame({"tariff": rules.tariff_names})
    told = agencies.in_words(names, language=language)["tariff"]
    fees = [ck.agency_commission(collected, slider.value, rules.tariff(name)) for name in names["tariff"]]
    lines = [
        _FEE[language].format(day=slider.value, reading=reading, fee=fee, left=collected - fee)
        for reading, fee in zip(told, fees, strict=True)
    ]
    answer.value = "<br>".join(lines)
    figure = charts.fee_curves(agencies.fee_curve(rules), language=language)
    with place:
        place.clear_output(wait=True)
        display(figure.add_vline(slider.value, line={"color": "#888", "dash": "dot"}))


def scenario_explorer(
    scenario: str | sc.Scenario = "growing-consumer",
    *,
    inputs: Sequence[str] = INPUTS,
    language: str = "en",
    draws: int = 500,
) -> widgets.VBox:
    """Sliders over some inputs of a scenario, with the answer in words and the strategies beside it.

    Parameters
    ----------
    scenario : str or Scenario
    inputs : sequence of str
        Inputs to move, as in `scenario_inputs`; a curve is moved by a factor.
    language : {"en", "zh"}
    draws : int [count]

    Returns
    -------
    VBox
        Its sliders are in ``children[0]``, the answer in ``children[1]``.
    """
    known = sc.load_scenario(scenario) if isinstance(scenario, str) else scenario
    sliders = {name: _slider(known, name, language) for name in inputs}
    answer, place = widgets.HTML(), widgets.Output()
    update = partial(_show, known, sliders, answer, place, language, draws)
    for slider in sliders.values():
        slider.observe(update, "value")
    update()
    return widgets.VBox([widgets.VBox(list(sliders.values())), answer, place])


def _slider(scenario: sc.Scenario, name: str, language: str) -> widgets.FloatSlider:
    """Slider from well below to well above an input's range."""
    given: Any = ranges(scenario)[name]
    value = 1.0 if isinstance(given, Curve) else given.value
    low, high = (0.5, 1.5) if isinstance(given, Curve) else (given.value * 0.5, given.value * 1.5)
    return widgets.FloatSlider(
        value=value, min=low, max=high, step=(high - low) / 100, description=sc.input_label(name, language),
        continuous_update=False, readout_format=",.4g", style={"description_width": "260px"},
        layout={"width": "640px"},
    )  # fmt: skip


def _show(
    scenario: sc.Scenario,
    sliders: dict[str, widgets.FloatSlider],
    answer: widgets.HTML,
    place: widgets.Output,
    language: str,
    draws: int,
    *_: Any,
) -> None:
    """Answer and chart for the sliders as they stand."""
    changes = {name: slider.value for name, slider in sliders.items()}
    asked = sc.adjusted(scenario, changes)
    table = sc.compare(asked, draws=draws)
    answer.value = f"<p>{sc.verdict(asked, table, language=language)}</p>"
    labels = {str(name): sc.strategy_label(asked, str(name), language) for name in table.index}
    with place:
        place.clear_output(wait=True)
        display(charts.strategy_intervals(table, labels=labels, language=language, currency=asked.currency))


def calendar_explorer(policy: ck.Policy, *, due_date: date = date(2025, 3, 1), language: str = "en") -> widgets.VBox:
    """The calendar of a case for a due date, days of grace and a cadence that can be moved.

    Returns
    -------
    VBox
        Its controls are in ``children[0]``.
    """
    words, place = _WORDS[language], widgets.Output()
    schemes = list(dict.fromkeys(cadence.scheme for cadence in policy.cadence))
    controls = {
        "due_date": widgets.DatePicker(value=due_date, description=words["due"]),
        "grace_days": widgets.IntSlider(value=0, min=0, max=15, description=words["grace"], continuous_update=False),
        "scheme": widgets.Dropdown(options=schemes, description=words["scheme"]),
    }

    def show(chosen: Mapping[str, Any]) -> None:
        with place:
            place.clear_output(wait=True)
            display(
                charts.case_calendar(casework.case_calendar(policy, **chosen, language=language), language=language)
            )

    return widgets.VBox([moving(controls, show), place])


def contact_explorer(portfolio: ck.Portfolio, policy: ck.Policy, *, as_of: str, language: str = "en") -> widgets.VBox:
    """What of the worklist may be done at a time, under rules that can be moved.

    Returns
    -------
    VBox
        Its controls are in ``children[0]``, the answer in ``children[1]``.
    """
    words, answer = _WORDS[language], widgets.HTML()
    controls = {
        "rules": widgets.Dropdown(options=["cn", "us-reg-f", "in-rbi"], description=words["rules"]),
        "at": widgets.SelectionSlider(
            options=TIMES, value="12:00", description=words["time"], layout={"width": "520px"}
        ),
    }

    def show(chosen: Mapping[str, Any]) -> None:
        steps = casework.worklist(portfolio, policy, as_of=as_of, language=language, **chosen)
        told = casework.worded(steps.dropna(subset="channel"), language=language)
        said = [
            words["may"] if step.blocked_by != step.blocked_by
            else words["waits"].format(why=step.blocked_by, earliest=step.earliest_at)
            for step in told.itertuples()
        ]  # fmt: skip
        answer.value = "".join(f"<p><b>{name}</b>: {text}</p>" for name, text in zip(told["action"], said, strict=True))

    return widgets.VBox([moving(controls, show), answer])


def moving(controls: Mapping[str, Any], show: Callable[[Mapping[str, Any]], None]) -> widgets.VBox:
    """Controls that show their answer now and whenever one of them moves."""

    def update(*_: Any) -> None:
        show({name: control.value for name, control in controls.items()})

    for control in controls.values():
        control.observe(update, "value")
    update()
    return widgets.VBox(list(controls.values()))
