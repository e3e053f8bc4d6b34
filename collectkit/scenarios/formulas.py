"""Every number opens its formula with the numbers put in; and the break-evens of a scenario, ready for a live sheet."""

from __future__ import annotations

import math
import re
from typing import Any

import pandas as pd

from collectkit.columns import COLUMNS, label
from collectkit.errors import unknown_name
from collectkit.scenarios.closed_forms import break_even_commission, break_even_volume, required_lift
from collectkit.scenarios.draws import likely
from collectkit.scenarios.engine import CASH, COSTS, Outcome, chosen, simulate
from collectkit.scenarios.inputs import KINDS
from collectkit.scenarios.model import Scenario
from collectkit.scenarios.strategies import Strategy

#: Figure: its formula, in the names of totals, unit costs and inputs.
FORMULAS = {
    "cash": "cash_in_house + cash_agency + cash_legal",
    "cost": " + ".join(COSTS),
    "net": "cash - cost",
    "people_cost": "collector_months * wage * (1 + social_charges) + lead_months * lead_wage * (1 + social_charges)",
    "bonus_cost": "cash_in_house * bonus_share",
    "seat_cost": "(collector_months + lead_months) * seat_and_tools",
    "fixed_team_cost": "team_months * fixed_cost",
    "hiring_cost": "hires * (cost_per_hire + training_weeks * training_week_cost)",
    "contact_cost": "worked_case_months * (sms_per_case * sms_cost + call_minutes_per_case * call_minute_cost"
                    " + letters_per_case * letter_cost + visits_per_case * visit_cost)"
                    " + case_months_over_capacity * light_cost_per_case",
    "vat_cost": "commission * vat_not_recoverable",
    "vendor_cost": "vendor_months * vendor_management + placed_cases * placement_cost",
    "cured_worth": "cured_balance * cured_value",
    "cost_to_collect": "cost / cash",
    "net_back_per_100": "100 * net / (opening_balance + inflow_balance)",
    "closing_balance": "opening_balance + inflow_balance - cash - cured_balance - written_off_balance",
}  # fmt: skip
#: Figures that are sums over months and cannot be written on a line: what they are.
WORDS = {
    "net_present_value": {
        "en": "Σ over months t of (cash + worth of cures − cost without commission) ÷ (1 + discount rate)^(t/12)"
              " − (commission + VAT) ÷ (1 + discount rate)^((t + months to settlement)/12)",
        "zh": "按月求和：（回款＋治愈价值－不含佣金的成本）÷（1＋折现率）^(t/12)"
              "－（佣金＋增值税）÷（1＋折现率）^((t＋结算月数)/12)",
    },
    "commission": {
        "en": "Σ over months and buckets of agency cash × tariff rate of the bucket × negotiated factor",
        "zh": "按月、按阶段求和：委外回款×该阶段佣金率×议定系数",
    },
    "legal_cost": {
        "en": "Σ over cases sued of court fee (by statute, on the mean balance) + lawyer",
        "zh": "起诉案件求和：法定诉讼费（按件均余额）＋律师费",
    },
}  # fmt: skip
_SIGNS = {"*": " × ", "/": " ÷ ", "-": " − ", "+": " + "}


def formula_of(scenario: Scenario, strategy: str | Strategy, figure: str, *, language: str = "en") -> str:
    """A figure of `compare` as its formula, then with the numbers put in, all inputs at their likely values.

    Parameters
    ----------
    scenario : Scenario
    strategy : str or Strategy
    figure : str
        A column of `compare`.
    language : {"en", "zh"}
        Of the labels.

    Returns
    -------
    str
        Two or three lines.

    Raises
    ------
    CallError
        There is no formula for that figure.

    Notes
    -----
    `compare` shows means over the draws; a mean of products is not the product of means, so the formula is put
    together at the likely values, where it holds exactly.

    Examples
    --------
    >>> from collectkit.scenarios import load_scenario
    >>> print(formula_of(load_scenario("launch"), "all_outsourced", "vat_cost").splitlines()[0])
    VAT = Commission × VAT not recoverable
    """
    if figure in WORDS:
        value = _value(scenario, strategy, figure)
        return f"{_label(figure, language)} = {WORDS[figure]['zh' if language == 'zh' else 'en']}\n= {_number(value)}"
    if figure not in FORMULAS:
        raise unknown_name("figure with a formula", figure, {*FORMULAS, *WORDS})
    terms, parts = _terms(scenario, strategy), re.findall(r"\w+|[^\w\s]", FORMULAS[figure])
    numbers = "".join(_number(terms[part]) if part in terms else _SIGNS.get(part, part) for part in parts)
    words = "".join(_label(part, language) if part in terms else _SIGNS.get(part, part) for part in parts)
    result: Any = pd.eval(FORMULAS[figure], local_dict=terms, engine="python")
    return f"{_label(figure, language)} = {words}\n= {numbers}\n= {_number(float(result))}"


def _terms(scenario: Scenario, strategy: str | Strategy) -> dict[str, float]:
    """Every name a formula may use, at the likely values."""
    outcome = simulate(scenario, chosen(scenario, [strategy]), likely(scenario))
    names = (*CASH, *COSTS, "cash", "cost", "net", "opening_balance", "inflow_balance", "cured_balance",
             "written_off_balance", "collector_months", "lead_months", "hires", "worked_case_months",
             "case_months_over_capacity", "placed_cases", "team_months", "vendor_months")  # fmt: skip
    inputs = {name: given.value for name, given in scenario.inputs.items()}
    return inputs | {name: _one(outcome, name) for name in names}


def _value(scenario: Scenario, strategy: str | Strategy, figure: str) -> float:
    return _one(simulate(scenario, chosen(scenario, [strategy]), likely(scenario)), figure)


def _one(outcome: Outcome, name: str) -> float:
    return float(outcome.of(name)[0, 0])


def _label(name: str, language: str) -> str:
    """Label of a total or an input."""
    if name in KINDS and name not in COLUMNS:
        return KINDS[name].label_zh if language == "zh" else KINDS[name].label
    return label(name, language)


def _number(value: float) -> str:
    """A number as people write it: no decimals from a thousand on."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.4f}".rstrip("0").rstrip(".")


def break_evens(
    scenario: Scenario,
    *,
    strategy: str | Strategy = "all_outsourced",
    base: str | Strategy = "all_in_house",
    language: str = "en",
) -> pd.DataFrame:
    """The closed forms on a scenario's own figures: what is put in, what comes out, and the formula between.

    Parameters
    ----------
    scenario : Scenario
        All inputs at their likely values.
    strategy, base : str or Strategy
        The agency's way and the own team's way.
    language : {"en", "zh"}
        Of the words.

    Returns
    -------
    DataFrame
        One row per figure: item (a name formulas can use), figure, formula (empty for what is put in), in_words.

    Notes
    -----
    Cash only, undiscounted; balances cured are not counted, as the closed forms know none. Where cures differ between
    the two ways, `compare` decides.

    Examples
    --------
    >>> from collectkit.scenarios import load_scenario
    >>> break_evens(load_scenario("launch")).set_index("item").loc["break_even_commission", "formula"]
    '=1-(liquidation_in_house*placed-in_house_cost+agency_other_cost)/(liquidation_agency*placed)'
    """
    outcome = simulate(scenario, chosen(scenario, [strategy, base]), likely(scenario))
    away, home = ({name: float(outcome.of(name)[0, i]) for name in _NEEDED} for i in range(2))
    placed = home["opening_balance"] + home["inflow_balance"]
    fee = away["commission"] / away["cash"] if away["cash"] else 0.0
    given = {
        "placed": placed, "cases": home["cases"], "liquidation_in_house": home["cash"] / placed,
        "liquidation_agency": away["cash"] / placed, "commission_paid": fee, "in_house_cost": home["cost"],
        "in_house_fixed_cost": home["fixed_team_cost"], "agency_other_cost": away["cost"] - away["commission"],
    }  # fmt: skip
    own, other = given["liquidation_in_house"], given["liquidation_agency"]
    per_case = (home["cost"] - home["fixed_team_cost"]) / home["cases"]
    found = {
        "break_even_commission": break_even_commission(
            own, other, placed=placed, fixed_cost=home["cost"] - given["agency_other_cost"]
        ),
        "break_even_volume": break_even_volume(
            own, other, commission=fee, fixed_cost=home["fixed_team_cost"], cost_per_case=per_case,
            balance_per_case=placed / home["cases"],
        ),
        "cost_to_collect_in_house": home["cost"] / home["cash"] if home["cash"] else math.inf,
        "required_lift": required_lift(home["cost"] / home["cash"] if home["cash"] else math.inf, fee),
        "lift": other / own if own else math.inf,
        "net_back_in_house": 100 * home["net"] / placed,
        "net_back_agency": 100 * away["net"] / placed,
    }  # fmt: skip
    rows = [
        (name, value, _LIVE.get(name, ""), _WHAT[name][language == "zh"]) for name, value in (given | found).items()
    ]
    return pd.DataFrame(rows, columns=["item", "figure", "formula", "in_words"])


_NEEDED = ("cash", "cost", "net", "commission", "fixed_team_cost", "opening_balance", "inflow_balance", "cases")
_LIVE = {
    "break_even_commission": "=1-(liquidation_in_house*placed-in_house_cost+agency_other_cost)"
                             "/(liquidation_agency*placed)",
    "break_even_volume": "=IF(liquidation_in_house-(in_house_cost-in_house_fixed_cost)/placed"
                         "-liquidation_agency*(1-commission_paid)>0,in_house_fixed_cost/(liquidation_in_house"
                         "-(in_house_cost-in_house_fixed_cost)/placed-liquidation_agency*(1-commission_paid)),\"never\")",
    "cost_to_collect_in_house": "=in_house_cost/(liquidation_in_house*placed)",
    "required_lift": "=(1-cost_to_collect_in_house)/(1-commission_paid)",
    "lift": "=liquidation_agency/liquidation_in_house",
    "net_back_in_house": "=100*(liquidation_in_house*placed-in_house_cost)/placed",
    "net_back_agency": "=100*(liquidation_agency*placed*(1-commission_paid)-agency_other_cost)/placed",
}  # fmt: skip
_WHAT = {
    "placed": ("Opening and new balance", "期初与新增余额"),
    "cases": ("Cases", "案件数"),
    "liquidation_in_house": ("In-house cash ÷ balance", "自催回款率"),
    "liquidation_agency": ("Agency cash ÷ balance", "委外回款率"),
    "commission_paid": ("Commission ÷ agency cash", "实付佣金率"),
    "in_house_cost": ("In-house cost", "自催成本"),
    "in_house_fixed_cost": ("Fixed part of it", "其中固定成本"),
    "agency_other_cost": ("Other cost of the agency's way", "委外其他成本"),
    "break_even_commission": ("Below this commission the agency wins", "佣金率低于此值时委外更优"),
    "break_even_volume": ("Above this balance the own team wins", "余额高于此值时自催更优"),
    "cost_to_collect_in_house": ("In-house cost ÷ cash", "自催成本率"),
    "required_lift": ("The agency must collect so many times as much", "委外回款需达到自催的倍数"),
    "lift": ("It collects so many times as much", "委外回款为自催的倍数"),
    "net_back_in_house": ("In-house net for each 100", "自催每百元净回款"),
    "net_back_agency": ("Agency net for each 100", "委外每百元净回款"),
}
