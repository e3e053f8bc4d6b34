"""Contact rules: what may be done to whom, when and how often, as dated data; each limit with its own source."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from collectkit.rules import Dated, Rules, Text

Channel = Literal["sms", "call", "im", "app_push", "letter", "visit"]
Party = Literal["debtor", "guarantor", "contact_person"]
Count = Annotated[int, Field(ge=0, le=36_500, strict=True)]


class Limit(Rules):
    """One rule of conduct; `applies_to` says whose contacts it binds."""

    source: Text
    note: str = ""
    applies_to: Literal["everyone", "agencies"] = "everyone"


class Hours(Limit):
    """Time of day in which debtors may be contacted: from `earliest` on, `latest` itself no more."""

    rule: Literal["hours"]
    earliest: dt.time
    latest: dt.time
    channels: tuple[Channel, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.earliest >= self.latest:
            raise ValueError(f"earliest {self.earliest} is not before latest {self.latest}")
        return self


class MostCalls(Limit):
    """Most calls in a number of days; lender and agencies are counted together."""

    rule: Literal["effective_calls", "attempts", "calls_per_loan"]
    most: Count
    days: Annotated[int, Field(ge=1, le=366, strict=True)] = 1


class QuietAfterTalk(Limit):
    """Days without a call after somebody was spoken to about the loan."""

    rule: Literal["quiet_after_talk"]
    days: Annotated[int, Field(ge=1, le=366, strict=True)]


class ContactPersons(Limit):
    """Contact persons only after the debtor could not be reached, never again after they refuse."""

    rule: Literal["third_party"]
    after_attempts: Count
    channels: tuple[Channel, ...] = Field(min_length=1)
    refusal_results: tuple[Text, ...] = ("refused",)


class DebtData(Limit):
    """Words that tell a contact person of the debt; an amount of money always does."""

    rule: Literal["debt_data"]
    words: tuple[Text, ...] = Field(min_length=1)


class Visits(Limit):
    """Visits by appointment, reviewed afterwards."""

    rule: Literal["visits"]
    by_appointment: bool = True
    reviewed: bool = True


class LateEntry(Limit):
    """Days after the contact by which its record is entered; 0: the same day."""

    rule: Literal["late_entry"]
    days: Count


class LateImport(Limit):
    """Hours within which a new case file is imported."""

    rule: Literal["late_import"]
    hours: Count


class Records(Limit):
    """Months for which records and recordings are kept at least."""

    rule: Literal["records"]
    months: Count


AnyLimit = Annotated[
    Hours | MostCalls | QuietAfterTalk | ContactPersons | DebtData | Visits | LateEntry | LateImport | Records,
    Field(discriminator="rule"),
]


class ContactRules(Dated):
    """Rules of conduct of one place; picked by name and by the day of the contact."""

    name: Text
    missed_results: tuple[Text, ...] = Field(min_length=1)
    limits: tuple[AnyLimit, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        names = [limit.rule for limit in self.limits]
        if len(set(names)) != len(names):
            raise ValueError(f"a rule stands in the limits twice: {', '.join(names)}")
        return self

    def limit(self, rule: str) -> AnyLimit | None:
        """The limit of a rule; None if these rules have none."""
        return next((limit for limit in self.limits if limit.rule == rule), None)


class PromiseTerms(Dated):
    """Days after the promised day on which money still keeps a promise; picked by `as_of`."""

    grace_days: Count


class Wording(Dated):
    """Words that messages avoid, in every language; picked by `as_of`."""

    not_in_reminder: tuple[Text, ...]
    impolite: tuple[Text, ...]
    threats: tuple[Text, ...]
