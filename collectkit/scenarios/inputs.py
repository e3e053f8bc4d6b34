"""Inputs of a scenario: each a value or a range, with its unit and its source; and the list of all there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, model_validator

from collectkit.rules import Rules, Text

ILLUSTRATIVE, WHAT_IF = "illustrative", "what-if"
#: A source that begins so is none.
UNSOURCED = (ILLUSTRATIVE, WHAT_IF)


class Range(Rules):
    """A value with a 90% range: one time in twenty the truth is below `low`, one in twenty above `high`."""

    low: float
    value: float
    high: float

    @model_validator(mode="before")
    @classmethod
    def _short_forms(cls, given: Any) -> Any:
        if isinstance(given, int | float) and not isinstance(given, bool):
            return {"low": given, "value": given, "high": given}
        if isinstance(given, list | tuple):
            if len(given) != 3:
                raise ValueError(f"{list(given)!r}: write one number, or three: [low, likely, high]")
            return dict(zip(("low", "value", "high"), given, strict=True))
        if isinstance(given, Mapping) and "value" in given:
            return {"low": given["value"], "high": given["value"], **given}
        return given

    @model_validator(mode="after")
    def _ascends(self) -> Self:
        if not self.low <= self.value <= self.high:
            raise ValueError(f"{self.low}, {self.value}, {self.high} do not ascend; write low, likely, high")
        return self

    @property
    def is_certain(self) -> bool:
        """True if low and high are the same."""
        return self.low == self.high


class Input(Range):
    """A range with its unit and source."""

    unit: Text
    source: Text = ILLUSTRATIVE
    is_estimated: bool = False


class Curve(Rules):
    """One range for each bucket, with unit and source.

    Notes
    -----
    Buckets that were typed in move together: who is wrong about an agency in one bucket is likely wrong in the next.
    The `estimated` ones move each for itself, as their cases do.
    """

    by_bucket: Mapping[str, Range]
    unit: Text
    source: Text = ILLUSTRATIVE
    estimated: tuple[str, ...] = ()


@dataclass(frozen=True)
class Kind:
    """What an input means: its group, unit, labels, and the values it may take."""

    name: str
    group: str
    unit: str
    label: str
    label_zh: str
    highest: float = 1e12
    lowest: float = 0.0


# fmt: off
_KINDS = (
    Kind("growth", "book", "1/month", "Growth of new overdue cases", "新增逾期案件月增长率", 1, -0.5),
    Kind("discount_rate", "book", "1/year", "Discount rate", "年折现率", 1),
    Kind("write_off_rate", "book", "1/month", "Written off from the last bucket", "末档月核销率", 1),
    Kind("cured_value", "book", "fraction of balance", "Worth of a balance that is cured", "治愈余额的价值", 1),
    Kind("collectors", "in_house", "count", "Most collectors that can be employed", "催收员编制上限", 10_000),
    Kind("wage", "in_house", "currency/month", "Wage of a collector", "催收员月薪"),
    Kind("social_charges", "in_house", "fraction of wage", "Social charges on wages", "社保等附加（占工资）", 2),
    Kind("bonus_share", "in_house", "fraction of cash", "Bonus on cash collected", "奖金（占回款）", 1),
    Kind("seat_and_tools", "in_house", "currency/month", "Seat and tools per person", "每人工位与工具月费"),
    Kind("fixed_cost", "in_house", "currency/month", "Fixed cost of an own team", "自有团队月固定成本"),
    Kind("span_of_control", "in_house", "count", "Collectors for each team lead", "每名组长管理人数", 100, 1),
    Kind("lead_wage", "in_house", "currency/month", "Wage of a team lead", "组长月薪"),
    Kind("attrition", "in_house", "1/month", "Collectors who leave", "催收员月离职率", 1),
    Kind("cost_per_hire", "in_house", "currency/hire", "Cost of hiring one collector", "单次招聘成本"),
    Kind("training_weeks", "in_house", "weeks", "Training of a new collector", "新人培训周数", 52),
    Kind("training_week_cost", "in_house", "currency/week", "Cost of a week of training", "每周培训成本"),
    Kind("experienced", "in_house", "fraction of team", "Fully trained at the start", "期初熟练员工占比", 1),
    Kind("working_minutes", "in_house", "minutes/month", "Time a collector has for cases", "每人每月工时", 20_000, 1),
    Kind("minutes_per_case", "in_house", "minutes/case", "Time on a case in a month", "每案每月工时", 10_000, 0.01),
    Kind("minutes_per_new_case", "in_house", "minutes/case", "Preparing a new case", "新案准备工时", 10_000),
    Kind("sms_per_case", "in_house", "count/case", "Text messages a month", "每案每月短信条数", 1_000),
    Kind("sms_cost", "in_house", "currency", "Cost of a text message", "每条短信费用"),
    Kind("call_minutes_per_case", "in_house", "minutes/case", "Minutes on the phone a month", "每案每月通话", 10_000),
    Kind("call_minute_cost", "in_house", "currency/minute", "Cost of a minute on the phone", "每分钟通话费用"),
    Kind("letters_per_case", "in_house", "count/case", "Letters a month", "每案每月信函封数", 100),
    Kind("letter_cost", "in_house", "currency", "Cost of a letter", "每封信函费用"),
    Kind("visits_per_case", "in_house", "count/case", "Visits a month", "每案每月上门次数", 100),
    Kind("visit_cost", "in_house", "currency", "Cost of a visit", "每次上门费用"),
    Kind("light_cost_per_case", "in_house", "currency/case", "Light treatment of a case", "轻催每案月成本"),
    Kind("lawyer_fee", "in_house", "currency/case", "Lawyer for a suit", "每案律师费"),
    Kind("commission_factor", "agency", "× tariff", "Commission negotiated ÷ tariff", "议定佣金÷标准佣金", 10),
    Kind("vendor_management", "agency", "currency/month", "Managing the agencies", "委外管理月成本"),
    Kind("placement_cost", "agency", "currency/case", "Handing over a case", "每案委案成本"),
    Kind("vat_not_recoverable", "agency", "fraction of commission", "VAT not recoverable", "不可抵扣增值税", 1),
)
#: Inputs of each product, and curves.
_PRODUCT_KINDS = (
    Kind("inflow_cases", "book", "cases/month", "New overdue cases", "每月新增逾期案件"),
    Kind("balance_per_case", "book", "currency/case", "Balance of a new case", "新案件均余额"),
)
_CURVE_KINDS = (
    Kind("roll_rate", "book", "1/month", "Roll of what is neither paid nor cured", "未还未愈部分的滚动率", 1),
    Kind("cash_rate", "treatment", "1/month", "Cash in a month ÷ balance", "月回款率（占余额）", 1),
    Kind("cure_rate", "treatment", "1/month", "Share cured in a month", "月治愈率", 1),
)
# fmt: on

_UNITS_ZH = {
    "1/month": "每月", "1/year": "每年", "fraction of balance": "占余额", "fraction of wage": "占工资",
    "fraction of cash": "占回款", "fraction of team": "占团队", "fraction of commission": "占佣金", "count": "个",
    "currency": "元", "currency/month": "元/月", "currency/hire": "元/人", "currency/week": "元/周",
    "currency/case": "元/案", "currency/minute": "元/分钟", "weeks": "周", "minutes/month": "分钟/月",
    "minutes/case": "分钟/案", "count/case": "次/案", "cases/month": "件/月", "× tariff": "×标准",
}  # fmt: skip

KINDS = {kind.name: kind for kind in (*_KINDS, *_PRODUCT_KINDS, *_CURVE_KINDS)}
SCALARS = tuple(kind.name for kind in _KINDS)
CHANNELS = ("in_house", "light", "agency", "legal")
CHANNEL_LABELS = {
    "in_house": ("In-house", "自催"), "light": ("Light treatment", "轻催"), "agency": ("Agency", "委外"),
    "legal": ("Legal", "诉讼"),
}  # fmt: skip


BASES = {"estimated": ("estimated", "估计"), "sourced": ("sourced", "有来源"), "assumption": ("assumption", "假设")}


def unit_label(unit: str, language: str) -> str:
    """A unit as the language writes it.

    Examples
    --------
    >>> unit_label("cases/month", "zh")
    '件/月'
    """
    return _UNITS_ZH[unit] if language == "zh" else unit


def check_kind(kind: str, given: Input | Curve) -> None:
    """Unit as in the list, values inside its limits.

    Raises
    ------
    ValueError
        Said so that it can stand in a list of problems.
    """
    known = KINDS[kind]
    if given.unit != known.unit:
        raise ValueError(f"{kind} is in {given.unit!r}; write it in {known.unit!r}")
    for part in given.by_bucket.values() if isinstance(given, Curve) else (given,):
        if part.low < known.lowest or part.high > known.highest:
            raise ValueError(
                f"{kind} runs from {part.low} to {part.high}; allowed is {known.lowest} to {known.highest:g}"
            )


def _unit_given(kind: str) -> Any:
    """A bare number or list takes the unit of its kind; used where a scenario is built in code."""

    def fill(given: Any) -> Any:
        if isinstance(given, int | float | list | tuple) and not isinstance(given, bool):
            return {**Range.model_validate(given).model_dump(), "unit": KINDS[kind].unit}
        return given

    return BeforeValidator(fill)


InflowCases = Annotated[Input, _unit_given("inflow_cases")]
BalancePerCase = Annotated[Input, _unit_given("balance_per_case")]
