"""What every table of a policy file shares: exact rates, dates, sources, and errors that say what to write."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Annotated, Any, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    StringConstraints,
    ValidationError,
    field_validator,
)

from collectkit.days import FIRST_DAY, LAST_DAY
from collectkit.errors import PolicyError
from collectkit.money import MOST_CENTS


def _read_rate(value: object) -> Decimal:
    """A rate written as text, exactly; anything that looks like a percentage is refused."""
    if not isinstance(value, str | Decimal):
        raise ValueError(f'write the rate as text, e.g. "0.18" for 18%, not {value!r}')
    try:
        rate = Decimal(value)
    except InvalidOperation as error:
        raise ValueError(f'{value!r} is not a rate; write a fraction such as "0.18" for 18%') from error
    if not rate.is_finite() or rate < 0:
        raise ValueError(f"the rate {value} must be 0 or more")
    if rate >= 10:
        raise ValueError(f'{value} looks like percent; write it as a fraction: "{(rate / 100).normalize():f}"')
    return rate


def _read_money(value: object) -> Decimal:
    """An amount written as text, exactly, in whole cents."""
    if not isinstance(value, str | Decimal):
        raise ValueError(f'write the amount as text, e.g. "500" or "12.50", not {value!r}')
    try:
        amount = Decimal(value)
    except InvalidOperation as error:
        raise ValueError(f'{value!r} is not an amount; write e.g. "12.50"') from error
    if not amount.is_finite() or not 0 <= amount <= MOST_CENTS / 100 or amount != round(amount, 2):
        raise ValueError(f'{value} is not an amount in whole cents, 0 or more; write e.g. "12.50"')
    return amount


ExactRate = Annotated[Decimal, PlainValidator(_read_rate), PlainSerializer(str)]
ExactMoney = Annotated[Decimal, PlainValidator(_read_money), PlainSerializer(str)]
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
GraceDays = Annotated[int, Field(ge=0, le=36_500, strict=True)]
LateDays = Annotated[int, Field(ge=1, le=36_500, strict=True)]


class Rules(BaseModel):
    """Immutable; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Dated(Rules):
    """A table in force from a day on, with its source."""

    effective_from: dt.date
    source: Text
    note: str = ""

    @field_validator("effective_from", mode="before")
    @classmethod
    def _in_calendar(cls, date: object) -> object:
        if isinstance(date, int | float):
            raise ValueError(f"{date} is not a date; write it as 2020-01-01")
        if isinstance(date, dt.date) and not isinstance(date, dt.datetime) and not FIRST_DAY <= date <= LAST_DAY:
            raise ValueError(f"{date} is not between {FIRST_DAY} and {LAST_DAY}; write {FIRST_DAY} for always")
        return date


Model = TypeVar("Model", bound=Rules)


def checked(model: type[Model], data: Mapping[str, Any], where: str) -> Model:
    """Validate; one error that names every place and what to write instead.

    Raises
    ------
    PolicyError
        The data break a rule of the model.
    """
    try:
        return model.model_validate(dict(data))
    except ValidationError as error:
        # a list whose every item is wrong is reported as empty too: the items say enough
        items = [item for item in error.errors() if not (item["type"] == "too_short" and item["input"])]
        lines = [f"{where} has {len(items)} problem(s):"]
        lines += [f"- {_place(item['loc'])}: {_advice(item)}" for item in items]
        raise PolicyError("\n".join(lines), {item["loc"]: _advice(item) for item in items}) from error


def _every_key() -> set[str]:
    """Keys that stand in any table of a policy file."""
    models, keys = [Rules], set()
    while models:
        model = models.pop()
        models += model.__subclasses__()
        keys |= set(model.model_fields)
    return keys


def _place(location: tuple[int | str, ...]) -> str:
    """``terms[2].grace_days``, counted from 1 as a reader counts tables."""
    text = ""
    for part in location:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}"
    return text.lstrip(".") or "the policy"


def _advice(item: Any) -> str:
    """What is wrong in one place, and what to write instead."""
    key = str(item["loc"][-1]) if item["loc"] else ""
    if item["type"] == "extra_forbidden":
        near = get_close_matches(key, _every_key(), n=1)
        return f"unknown key; did you mean `{near[0]}`?" if near else "unknown key; check its spelling or remove it"
    if item["type"] == "missing":
        say = 'say where the rule comes from, or write "house convention"' if key == "source" else "write it"
        return f"is missing; {say}"
    message = item["msg"].removeprefix("Value error, ")
    return message if item["type"] == "value_error" else f"{message} (got {item['input']!r})"
