"""A scenario to hand on: a workbook with live formulas, and a memo on a page."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from collectkit.columns import label
from collectkit.documents import render
from collectkit.scenarios.engine import CASH, COSTS
from collectkit.scenarios.formulas import break_evens
from collectkit.scenarios.inputs import BASES, unit_label
from collectkit.scenarios.model import Scenario, scenario_inputs
from collectkit.scenarios.verdict import input_label, leader, rounded, verdict
from collectkit.workbooks import Formula, Sheet, workbook

_SHEETS = {"en": ("Strategies", "Break-evens", "Inputs"), "zh": ("策略", "盈亏平衡", "参数")}
_STRATEGIES = (
    "strategy", *CASH, "cash", *COSTS, "cost", "net", "cost_to_collect", "net_present_value", "net_present_value_low",
    "net_present_value_high", "difference", "difference_low", "difference_high", "chance_better", "chance_best",
    "collectors_needed", "case_months_over_capacity", "cured_balance", "written_off_balance", "closing_balance",
)  # fmt: skip
_LIVE = {
    "cash": "=" + "+".join(f"{{{name}}}" for name in CASH),
    "cost": "=" + "+".join(f"{{{name}}}" for name in COSTS),
    "net": "={cash}-{cost}",
    "cost_to_collect": "=IF({cash}=0,0,{cost}/{cash})",
}
_SHOWN_INPUTS = 5
_SOURCES = {"en": {}, "zh": {"illustrative": "示意"}}


def scenario_workbook(scenario: Scenario, comparison: pd.DataFrame, *, language: str = "en") -> bytes:
    """The comparison, the break-evens with live formulas, and every input with its source, as an Excel workbook.

    Parameters
    ----------
    scenario : Scenario
    comparison : DataFrame
        From `compare`.
    language : {"en", "zh"}

    Returns
    -------
    bytes
        The file. On the sheet of break-evens the figures put in are named cells: change one, and the rest follows.

    Examples
    --------
    >>> from collectkit.scenarios import compare, load_scenario
    >>> scenario = load_scenario("launch")
    >>> scenario_workbook(scenario, compare(scenario, draws=20))[:2]
    b'PK'
    """
    said = verdict(scenario, comparison, language=language)
    title = scenario.title_zh if language == "zh" else scenario.title
    first, second, third = _SHEETS["zh" if language == "zh" else "en"]
    return workbook(
        {
            first: Sheet(_strategies(scenario, comparison, language), formulas=_LIVE, above=(title, said)),
            second: Sheet(_live(break_evens(scenario, language=language)), names=("item", "figure"), above=(title,)),
            third: Sheet(_inputs(scenario, language), above=(title, scenario.note)),
        },
        language=language,
    )


def _strategies(scenario: Scenario, comparison: pd.DataFrame, language: str) -> pd.DataFrame:
    """The comparison with labels, cost kinds first and sums after them."""
    table = comparison.reset_index()
    table["strategy"] = [strategy_label(scenario, name, language) for name in table["strategy"]]
    return table[list(_STRATEGIES)]


def _live(table: pd.DataFrame) -> pd.DataFrame:
    """Break-evens with their formulas in the cells."""
    cells: list[Any] = []
    for value, formula in zip(table["figure"].tolist(), table["formula"].tolist(), strict=True):
        shown = value if math.isfinite(value) else "never"
        cells.append(Formula(formula, shown) if formula else value)
    return table.assign(figure=pd.Series(cells, table.index, dtype=object))[["item", "figure", "in_words"]]


def _inputs(scenario: Scenario, language: str) -> pd.DataFrame:
    rows = scenario_inputs(scenario)
    return rows.assign(input=[input_label(name, language) for name in rows["input"]]).drop(columns=["kind", "group"])


def strategy_label(scenario: Scenario, name: str, language: str) -> str:
    """Label of a strategy; a name that is not known is its own label."""
    known = scenario.named_strategies
    return known[name].label_in(language) if name in known else name


def memo(
    scenario: Scenario, comparison: pd.DataFrame, sensitivity: pd.DataFrame, *, language: str = "en", prepared: str = ""
) -> str:
    """A memo on a page for those who decide, as HTML that prints on A4; `collectkit.printing.pdf` makes it a PDF.

    Parameters
    ----------
    scenario : Scenario
    comparison, sensitivity : DataFrame
        From `compare`, and from `sensitivity` of its `leader` against the base.
    language : {"en", "zh"}
    prepared : str
        What stands under the title: date, portfolio, who asked.

    Returns
    -------
    str

    Examples
    --------
    >>> from collectkit.scenarios import compare, leader, load_scenario, sensitivity
    >>> scenario = load_scenario("launch")
    >>> table = compare(scenario, draws=20)
    >>> page = memo(scenario, table, sensitivity(scenario, strategy=leader(table)))
    >>> "only a random split" in page
    True
    """
    rows = comparison.sort_values("difference", ascending=False)
    widest = max(rows["net"].abs().max(), 1.0)
    best = leader(comparison)
    strategies = [
        {
            "label": strategy_label(scenario, str(name), language), "is_best": name == best,
            "net": rounded(row["net"]), "width": round(100 * max(row["net"], 0.0) / widest, 1),
            "cost_to_collect": f"{row['cost_to_collect']:.1%}" if math.isfinite(row["cost_to_collect"]) else "–",
            "difference": rounded(row["difference"]),
            "interval": f"{rounded(row['difference_low'])} … {rounded(row['difference_high'])}",
            "chance": "–" if math.isnan(row["chance_better"]) else f"{row['chance_better']:.0%}",
            "collectors": f"{row['collectors_needed']:.0f}",
        }
        for name, row in rows.iterrows()
    ]  # fmt: skip
    inputs = sensitivity.head(_SHOWN_INPUTS)
    hangs = [
        {
            "label": input_label(str(row["input"]), language), "range": f"{row['low']:,.4g} … {row['high']:,.4g}",
            "difference": f"{rounded(row['difference_low'])} … {rounded(row['difference_high'])}",
            "flip": "–" if math.isnan(row["flip_value"]) else f"{row['flip_value']:,.4g}",
        }
        for _, row in inputs.iterrows()
    ]  # fmt: skip
    return render(
        "outsourcing_memo", language=language, title=scenario.title_zh if language == "zh" else scenario.title,
        prepared=prepared, verdict=verdict(scenario, comparison, sensitivity, language=language), strategies=strategies,
        hangs=hangs, break_evens=_evens(scenario, language), note=scenario.note, currency=scenario.currency,
        months=scenario.horizon_months, net=label("net", language),
    )  # fmt: skip


def _evens(scenario: Scenario, language: str) -> list[tuple[str, str]]:
    """The break-evens of the memo in words with their figures."""
    told = worded_break_evens(scenario, language=language).set_index("item")
    shown = ["break_even_commission", "commission_paid", "break_even_volume", "required_lift", "lift"]
    return list(told.loc[shown].itertuples(index=False, name=None))


def worded_break_evens(scenario: Scenario, *, language: str = "en") -> pd.DataFrame:
    """The break-evens as a reader is shown them, every number in its own unit.

    Parameters
    ----------
    scenario : Scenario
    language : {"en", "zh"}

    Returns
    -------
    DataFrame
        item, in_words, figure (a text: an amount to three digits, a percentage, a multiple; or that there is none).

    Examples
    --------
    >>> from collectkit.scenarios import load_scenario
    >>> worded_break_evens(load_scenario("launch")).set_index("item").loc["commission_paid", "figure"]
    '7.9%'
    """
    table = break_evens(scenario, language=language)
    figures = [
        _even(str(name), value, language)
        for name, value in zip(table["item"], table["figure"].astype(float).tolist(), strict=True)
    ]
    return table[["item", "in_words"]].assign(figure=pd.Series(figures, table.index, dtype="str"))


def _even(name: str, value: float, language: str) -> str:
    if not math.isfinite(value):
        return "never" if language == "en" else "不存在"
    if name.startswith(("liquidation", "commission", "break_even_commission", "cost_to_collect")):
        return f"{value:.1%}"
    if "lift" in name or name.startswith("net_back"):
        return f"{value:.2f}"
    return f"{value:,.0f}" if name == "cases" else rounded(value)


def worded_inputs(scenario: Scenario, *, language: str = "en") -> pd.DataFrame:
    """Every input as a reader is shown it: in words, shares as percentages.

    Parameters
    ----------
    scenario : Scenario
    language : {"en", "zh"}

    Returns
    -------
    DataFrame
        input, part, low, likely, high, unit, basis, source (texts), in the order and with the index of
        `scenario_inputs`.

    Examples
    --------
    >>> from collectkit.scenarios import load_scenario
    >>> shown = worded_inputs(load_scenario("launch"))
    >>> shown.loc[shown["input"] == "Worth of a balance that is cured", ["likely", "unit"]].values.tolist()
    [['92.00%', 'of balance']]
    """
    rows = scenario_inputs(scenario)
    at, units = int(language == "zh"), rows["unit"].tolist()
    ends = {
        name: [_shown(value, unit) for value, unit in zip(rows[name].tolist(), units, strict=True)]
        for name in ("low", "likely", "high")
    }
    unit_words = [unit_label(unit, language).replace("fraction of", "of").replace("1/", "a ") for unit in units]
    return rows.assign(
        input=[input_label(name, language) for name in rows["input"]],
        **{name: pd.Series(texts, rows.index, dtype="str") for name, texts in ends.items()},
        unit=unit_words,
        basis=[BASES[name][at] for name in rows["basis"]],
        source=rows["source"].replace(_SOURCES[language]),
    ).drop(columns=["kind", "group"])


def _shown(value: float, unit: str) -> str:
    """A share as percentage, an amount with commas."""
    if unit.startswith(("1/", "fraction")):
        return f"{value:.2%}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
