"""When a loan is handed over to an agency and when it is taken back, as dated rules with a reason."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from collectkit.rules import Dated, ExactMoney, LateDays, Text

Days = Annotated[int, Field(ge=0, le=36_500, strict=True)]
Count = Annotated[int, Field(ge=1, strict=True)]


class HandOver(Dated):
    """One rule; picked by name and day. All its conditions must hold.

    Notes
    -----
    Conditions: days past due from `min_days` to `max_days`, product, security, `min_due` (total due at least), and
    `no_contact_days`: nobody spoke with the debtor for so long, or ever. To place, `min_loans`: the rule proposes only
    if at least so many loans meet it. To recall, `placed_days` and `no_cash_days`: with the agency, and without money,
    for so long; `is_settled`: nothing is overdue any more; `is_paused`: days or penalty are paused.
    """

    name: Text
    action: Literal["place", "recall"]
    is_active: bool = True
    say: Text
    say_zh: Text
    min_days: LateDays | None = None
    max_days: LateDays | None = None
    products: tuple[Text, ...] = ()
    is_secured: bool | None = None
    min_due: ExactMoney | None = None
    no_contact_days: Days | None = None
    min_loans: Count | None = None
    placed_days: Days | None = None
    no_cash_days: Days | None = None
    is_settled: bool | None = None
    is_paused: bool | None = None

    @model_validator(mode="after")
    def _fits_its_action(self) -> Self:
        only = {"place": ("min_loans",), "recall": ("placed_days", "no_cash_days", "is_settled", "is_paused")}
        for action, names in only.items():
            given = [name for name in names if getattr(self, name) is not None]
            if given and self.action != action:
                raise ValueError(f'{given[0]} goes with action = "{action}"; leave it out')
        if self.min_days is not None and self.max_days is not None and self.max_days < self.min_days:
            raise ValueError(f"max_days {self.max_days} is before min_days {self.min_days}")
        if self.action == "place" and self.min_days is None:
            raise ValueError("a rule that places needs min_days, the first day past due it holds on")
        return self
