"""Cadence: which step is due on which late day, as dated data; and how a clause with two readings is read."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, PlainSerializer, field_validator, model_validator

from collectkit.contact_rules import Channel, Count
from collectkit.rules import Dated, ExactRate, Rules, Text

Condition = Literal["large", "unreached", "secured", "unsecured", "in_house", "no_plan"]
ExactMoney = Annotated[Decimal, Field(ge=0), PlainSerializer(str)]
PARTS = ("amount", "waiting", "broken_promise", "no_contact", "grade")


class Step(Rules):
    """One step: due from a late day on, once or every so many days; the due date is day 0.

    `only` names what must all hold, but of `large` and `unreached` either is enough. A step that `is_demand` waits
    while a plan, a dispute or a promise is open. `by` is who does it: a person works on working days, within capacity.
    """

    action: Text
    channel: Channel | None = None
    from_days: Count
    to_days: Count | None = None
    every_days: Annotated[int, Field(ge=1, le=366, strict=True)] | None = None
    only: tuple[Condition, ...] = ()
    by: Literal["person", "system"] = "person"
    is_demand: bool = True
    deadline_days: Count | None = None
    say: Text
    say_zh: Text

    @model_validator(mode="after")
    def _days_in_order(self) -> Self:
        if self.to_days is not None and self.to_days < self.from_days:
            raise ValueError(f"to_days {self.to_days} is before from_days {self.from_days}")
        return self


class PlanTerms(Rules):
    """What a plan may be: days of a short deferral, share paid this week, most months of instalments."""

    deferral_days: Count
    first_share: ExactRate
    most_months: Count

    @field_validator("first_share")
    @classmethod
    def _a_share(cls, share: Decimal) -> Decimal:
        if not 0 < share < 1:
            raise ValueError(f'first_share {share} is not a share; write e.g. "0.5"')
        return share


class Cadence(Dated):
    """Steps of a bucket scheme and product; picked by both and by `as_of`, the exact product before ``*``."""

    scheme: Text
    product: Text = "*"
    large_amount: ExactMoney
    unreached_days: Count
    actions_per_day: Count
    rest_days: Literal["none", "public_holidays", "days_off"]
    refusal_results: tuple[Text, ...]
    dispute_results: tuple[Text, ...]
    grades: tuple[Text, ...]
    priority: dict[str, Annotated[int, Field(ge=0, le=100, strict=True)]]
    plan: PlanTerms
    steps: tuple[Step, ...] = Field(min_length=1)

    @field_validator("priority")
    @classmethod
    def _known_parts(cls, points: dict[str, int]) -> dict[str, int]:
        if sorted(points) != sorted(PARTS):
            raise ValueError(f"give the points of each of {', '.join(PARTS)}")
        return points


class Reading(Dated):
    """A clause of the manuals that can be read in more than one way: the reading in use, and the others.

    `where` is the place of the value in this policy, as ``kind.name.key``; none where the reading is a rule of the
    computation, or of what is left out on purpose.
    """

    number: Annotated[str, Field(pattern="^X[0-9]{2}$")]
    name: Text
    value: Text
    where: str = ""
    readings: tuple[Text, ...] = Field(min_length=2)
