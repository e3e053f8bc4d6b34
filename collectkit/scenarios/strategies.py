"""Strategies: who works which cases from which day, as rules that are data."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from collectkit.rules import LateDays, Rules, Text

Action = Literal["place", "sue", "write_off"]
ACTIONS: tuple[Action, ...] = ("place", "sue", "write_off")


class Rule(Rules):
    """One hand-over: these products leave the own team when they reach this many days past due."""

    products: tuple[Text, ...] = ("*",)
    from_day: LateDays
    action: Action = "place"
    share: Annotated[float, Field(gt=0, le=1)] = 1.0


class Strategy(Rules):
    """A named set of rules; cases no rule names stay in-house.

    Notes
    -----
    `products` are names, or ``secured``, ``unsecured``, ``*``. A `share` below one splits cases by chance as they reach
    the day; the others stay in-house for good. `from_cases`: the rules sleep while fewer cases are overdue.
    """

    name: Text
    label: Text
    label_zh: Text
    rules: tuple[Rule, ...] = ()
    from_cases: Annotated[int, Field(ge=0)] = 0

    def label_in(self, language: str) -> str:
        """Its label in ``en`` or ``zh``."""
        return self.label_zh if language == "zh" else self.label


def hand_over(day: int | None, *, products: tuple[str, ...] = ("*",)) -> Strategy:
    """Everything in-house up to the day before, then to an agency; None: never.

    Examples
    --------
    >>> hand_over(91).label
    'In-house to day 90, then agency'
    """
    if day is None:
        return STRATEGIES["all_in_house"]
    if day == 1 and products == ("*",):
        return STRATEGIES["all_outsourced"]
    return Strategy(
        name=f"hand_over_{day}", label=f"In-house to day {day - 1}, then agency", label_zh=f"自催至第{day - 1}天后委外",
        rules=(Rule(products=products, from_day=day),),
    )  # fmt: skip


_NAMED = (
    Strategy(name="all_in_house", label="All in-house", label_zh="全部自催"),
    Strategy(name="all_outsourced", label="All outsourced", label_zh="全部委外", rules=(Rule(from_day=1),)),
    Strategy(
        name="hand_over_91", label="In-house to day 90, then agency", label_zh="自催至第90天后委外",
        rules=(Rule(from_day=91),),
    ),
    Strategy(
        name="product_rule", label="Consumer outsourced, secured in-house and to court",
        label_zh="消费类委外，有担保自催并诉讼",
        rules=(Rule(products=("unsecured",), from_day=1), Rule(products=("secured",), from_day=91, action="sue")),
    ),
    Strategy(
        name="random_split", label="Random half to an agency", label_zh="随机一半委外",
        rules=(Rule(from_day=1, share=0.5),),
    ),
    Strategy(
        name="volume_trigger", label="From day 91 to an agency once 500 cases are overdue",
        label_zh="逾期满500件后，第91天起委外", rules=(Rule(from_day=91),), from_cases=500,
    ),
)  # fmt: skip
#: The strategies that come with collectkit; days and thresholds are examples to change, day 90 is the source manual's.
STRATEGIES = {strategy.name: strategy for strategy in _NAMED}
