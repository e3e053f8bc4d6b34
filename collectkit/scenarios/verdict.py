"""The answer in words, made from the figures; and what may not be said."""

from __future__ import annotations

import math

import pandas as pd

from collectkit.errors import unknown_name
from collectkit.scenarios.inputs import CHANNEL_LABELS, KINDS, Kind
from collectkit.scenarios.model import Scenario, scenario_inputs

_TEXTS = {
    "en": {
        "wins": "{best} beats {base} by {gain} {unit} (90% interval {low} to {high}) over {months} months",
        "leads": "{best} is ahead of {base} by {gain} {unit} over {months} months, but the 90% interval, {low} to "
                 "{high}, holds 0: the figures cannot tell them apart (chance of being better {chance})",
        "none": "No strategy is ahead of {base} over {months} months; the closest is {best}, {gain} {unit} "
                "(90% interval {low} to {high})",
        "flips": "the answer flips if {flips}",
        "steady": "no single input within its range flips the answer",
        "above": "{input} is above {value}", "below": "{input} is below {value}", "or": " or ",
        "times": "{factor} times what is assumed",
        "basis": "{count} of {of} inputs are assumptions without a source (illustrative).",
        "bias": "Agencies are given older, larger and lost cases, so rates seen on their cases are not those of other "
                "cases; only a random split inside like cases removes this.",
        "stop": ".", "sep": "; ",
    },
    "zh": {
        "wins": "{months}个月内，“{best}”比“{base}”多{gain}{unit}（90%区间{low}至{high}）",
        "leads": "{months}个月内，“{best}”领先“{base}”{gain}{unit}，但90%区间{low}至{high}包含0，现有数据分不出高下"
                 "（更优概率{chance}）",
        "none": "{months}个月内没有策略领先“{base}”；最接近的是“{best}”，{gain}{unit}（90%区间{low}至{high}）",
        "flips": "若{flips}，结论反转",
        "steady": "任一单项在其区间内变动都不会使结论反转",
        "above": "{input}高于{value}", "below": "{input}低于{value}", "or": "，或",
        "times": "假设值的{factor}倍",
        "basis": "{of}项参数中有{count}项为无来源的假设（示意值）。",
        "bias": "委外案件多为账龄长、金额大、失联的案件，其回款率不能代表其他案件；"
                "只有在同类案件内随机分案才能消除这一偏差。",
        "stop": "。", "sep": "；",
    },
}  # fmt: skip
_MOST_FLIPS = 2


def verdict(
    scenario: Scenario, comparison: pd.DataFrame, sensitivity: pd.DataFrame | None = None, *, language: str = "en"
) -> str:
    """The comparison in a sentence or two: which strategy, by how much, how sure, and what would flip it.

    Parameters
    ----------
    scenario : Scenario
    comparison : DataFrame
        From `compare`; the base is the strategy that differs from itself by nothing.
    sensitivity : DataFrame, optional
        From `sensitivity`, of the strategy named by `leader` against the base.
    language : {"en", "zh"}

    Returns
    -------
    str

    Notes
    -----
    The strategy with the highest mean net present value beats the base only if the whole 90% interval of the
    difference is above 0; otherwise it is ahead, and the sentence says that the figures cannot tell. What flips the
    answer is taken from inputs whose flip value lies in their own range, at most two, the most important first.

    Examples
    --------
    >>> from collectkit.scenarios import compare, load_scenario
    >>> scenario = load_scenario("launch")
    >>> "all in-house" in verdict(scenario, compare(scenario, ["all_outsourced"], draws=50))
    True
    """
    if language not in _TEXTS:
        raise unknown_name("language", language, _TEXTS)
    texts = _TEXTS[language]
    rivals = comparison[comparison["chance_better"].notna()]
    base = comparison.index[comparison["chance_better"].isna()][0]
    best = leader(comparison)
    row = rivals.loc[best].astype(float)
    named = ("difference", "difference_low", "difference_high")
    gain, low, high = (float(rivals[name].to_dict()[best]) for name in named)
    kind = "none" if gain <= 0 else "wins" if low > 0 else "leads"
    labels = {name: strategy.label_in(language) for name, strategy in scenario.named_strategies.items()}
    first = texts[kind].format(
        best=labels.get(best, best), base=_inside(labels.get(base, base), language), gain=rounded(gain),
        low=rounded(low), high=rounded(high), unit=_unit(scenario, language),
        months=scenario.horizon_months, chance=f"{row['chance_better']:.0%}",
    )  # fmt: skip
    sentence = first + (texts["sep"] + _flips(sensitivity, language) if sensitivity is not None else "") + texts["stop"]
    gap = "" if language == "zh" else " "
    return gap.join([sentence, _basis(scenario, language), texts["bias"]])


def leader(comparison: pd.DataFrame) -> str:
    """The strategy other than the base with the highest mean net present value."""
    rivals = comparison[comparison["chance_better"].notna()]
    return str(rivals["net_present_value"].idxmax())


def rounded(amount: float) -> str:
    """An amount to three digits: 182,000, −20,000."""
    if not math.isfinite(amount) or amount == 0:
        return "0"
    digits = 2 - math.floor(math.log10(abs(amount)))
    return f"{round(amount, min(digits, 0)):,.0f}".replace("-", "−")


def input_label(name: str, language: str = "en") -> str:
    """Label of an input: what it is, and of which channel and product.

    Examples
    --------
    >>> input_label("agency.*.cash_rate")
    'Cash in a month ÷ balance (Agency)'
    """
    *where, last = name.split(".")
    kind: Kind = KINDS[last]
    label = kind.label_zh if language == "zh" else kind.label
    channels = {key: zh if language == "zh" else en for key, (en, zh) in CHANNEL_LABELS.items()}
    parts = [channels.get(part, part.replace("_", " ")) for part in where if part != "*"]
    if not parts:
        return label
    inside = ("，" if language == "zh" else ", ").join(parts)
    return f"{label}（{inside}）" if language == "zh" else f"{label} ({inside})"


def _flips(sensitivity: pd.DataFrame, language: str) -> str:
    texts = _TEXTS[language]
    turning = sensitivity[sensitivity["is_flip_in_range"]].head(_MOST_FLIPS)
    if not len(turning):
        return texts["steady"]
    parts, places = [], turning[["flip_value", "likely"]].to_numpy(dtype=float).tolist()
    for name, (flip, likely) in zip(turning["input"].astype(str), places, strict=True):
        value = f"{flip:.3g}" if abs(flip) < 1000 else rounded(flip)
        is_curve = name.rsplit(".", 1)[-1] in ("cash_rate", "cure_rate", "roll_rate")
        value = texts["times"].format(factor=value) if is_curve else f"{value} {_written_unit(name, language)}"
        label = _inside(input_label(name, language), language)
        parts.append(texts["above" if flip > likely else "below"].format(input=label, value=value.strip()))
    return texts["flips"].format(flips=texts["or"].join(parts))


def _inside(label: str, language: str) -> str:
    """A label inside a sentence."""
    return label if language == "zh" else label[0].lower() + label[1:]


def _written_unit(name: str, language: str) -> str:
    unit = KINDS[name.rsplit(".", 1)[-1]].unit
    return "" if unit.startswith(("fraction", "1/", "count", "×")) or language == "zh" else f"[{unit}]"


def _basis(scenario: Scenario, language: str) -> str:
    rows = scenario_inputs(scenario)
    assumed = rows.loc[rows["basis"] == "assumption", "input"].nunique()
    return _TEXTS[language]["basis"].format(count=assumed, of=rows["input"].nunique())


def _unit(scenario: Scenario, language: str) -> str:
    return "元" if (language, scenario.currency) == ("zh", "CNY") else scenario.currency
