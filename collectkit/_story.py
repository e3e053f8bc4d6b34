"""The story of one loan, step by step, with its own arithmetic; `collectkit.explain` shows it."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from collectkit._coded import Coded
from collectkit._run import pieces_of
from collectkit._terms import daily_rate, rate_in_words, terms_rows
from collectkit.days import NEVER, Date, day_number
from collectkit.money import times_rate
from collectkit.policy import Policy, Terms
from collectkit.wording import note

STEP_COLUMNS = [
    "date", "event", "instalment_no", "component", "amount", "balance", "days", "product", "rate", "penalty", "note",
]  # fmt: skip
_PARTS = ("fee", "interest", "principal")


class Story:
    """The steps of one loan. Days are numbers, money is cents until it is written down."""

    def __init__(self, coded: Coded, policy: Policy, day: int, known_on: Date | None, language: str) -> None:
        self.coded, self.day, self.language = coded, day, language
        self.terms: Terms = policy.terms[terms_rows(coded, policy)[0]]
        own = coded.rates[coded.penalty_rate[0]] if coded.penalty_rate[0] >= 0 else None
        self.rate: Fraction = daily_rate(self.terms, coded.rates[coded.rate[0]], own)
        self.rate_words, self.origin = rate_in_words(self.terms, coded.rates[coded.rate[0]], own)
        self.grace = int(coded.grace[0]) if coded.grace[0] >= 0 else self.terms.grace_days
        self.known_on = int(NEVER) - 1 if known_on is None else day_number(known_on, "known_on")
        self.day_pauses = coded.pauses[slice(*coded.day_pause_start)]
        self.night_pauses = coded.pauses[slice(*coded.night_pause_start)]
        self.unpaid = coded.owed.copy()
        self.product: dict[int, int] = defaultdict(int)
        self.accrued: dict[int, int] = {}
        self.penalty_paid: dict[int, int] = defaultdict(int)
        self.settled: set[int] = set(np.flatnonzero(coded.owed.sum(axis=1) == 0).tolist())
        self.pieces = pieces_of(coded, policy, day, known_on)
        self.steps: list[dict[str, Any]] = []

    def tell(self) -> None:
        """Write the steps day by day: what falls due, what accrued, what was paid."""
        coded = self.coded
        base, source = self.terms.penalty_base, self.terms.source
        in_chinese = self.terms.source_zh or source
        lent = coded.owed[:, 2].sum()
        self._step(coded.disbursed[0], "disbursed", amount=lent, rate=self.rate, base=base, source=source,
                   source_zh=in_chinese, origin=self.origin)  # fmt: skip
        for i in np.flatnonzero(coded.due <= self.day).tolist():
            fee, interest, principal = coded.owed[i]
            self._step(
                coded.due[i],
                "due",
                i,
                amount=coded.owed[i].sum(),
                fee=fee,
                interest=interest,
                principal=principal,
            )
        for kind, pauses in (("pause_days", self.day_pauses), ("pause_penalty", self.night_pauses)):
            for first, end in pauses[pauses[:, 0] <= self.day]:
                self._step(first, kind, days=end - first, end=iso_date(end))
        for begin, end, agency in coded.placements.tolist():
            if begin <= self.day:
                self._step(begin, "placed", agency=coded.agencies[agency])
            if end <= self.day:
                self._step(end, "recalled", agency=coded.agencies[agency])
        for payment, day in enumerate(coded.value_day.tolist()):
            if day <= self.day:
                self._payment(payment, day)
        self._close()

    def totals(self) -> pd.Series:
        """The figures of `assess`, from the steps' own balances."""
        figures = {
            "days_past_due": self._days_past_due(),
            "overdue_principal": 0,
            "overdue_interest": 0,
            "overdue_fee": 0,
        }
        if self._is_past_grace():
            past = self.coded.due < self.day
            for column, part in enumerate(_PARTS):
                figures[f"overdue_{part}"] = int(self.unpaid[past, column].sum())
        figures["penalty"] = 0 if self._is_closed() else sum(self._penalty(i, self.day) for i in self._fallen_due())
        figures["total_due"] = sum(figures.values()) - figures["days_past_due"]
        return pd.Series({k: v if k == "days_past_due" else v / 100 for k, v in figures.items()}, dtype=object)

    def _payment(self, payment: int, day: int) -> None:
        """One payment: what accrued before it, then where it went."""
        coded = self.coded
        name = coded.payment_id.iloc[coded.pay_row[payment]]
        if coded.posted[payment] > self.known_on:
            return
        if coded.reversed[payment] <= self.known_on:
            self._step(
                day,
                "reversed",
                amount=coded.amount[payment],
                payment=name,
                end=iso_date(coded.reversed[payment]),
            )
            return
        pieces = self.pieces[self.pieces["payment"] == payment]
        for i in dict.fromkeys(pieces["instalment"].tolist()):
            self._accrue(i, day)
        self._step(day, "payment", amount=coded.amount[payment], payment=name, days=pieces["days_past_due"].iloc[0])
        for piece in pieces[["instalment", "component", "cents"]].to_numpy().tolist():
            self._piece(day, *piece)

    def _piece(self, day: int, i: int, component: int, cents: int) -> None:
        """One piece of a payment."""
        from collectkit._kernel import PENALTY, UNAPPLIED

        if component == UNAPPLIED:
            self._step(day, "unapplied", component="unapplied", amount=cents)
        elif component == PENALTY:
            self.penalty_paid[i] += cents
            self._step(day, "paid", i, component="penalty", amount=cents, balance=self._penalty(i, day))
        else:
            self.unpaid[i, component] -= cents
            self._step(day, "paid", i, component=_PARTS[component], amount=cents, balance=self.unpaid[i, component])
            if self.unpaid[i].sum() == 0:
                self._settle(i, day)

    def _settle(self, i: int, day: int) -> None:
        """An instalment is paid off; within grace it was never overdue."""
        in_grace = self._late_days(i, day) <= self.grace
        self.settled.add(i)
        if in_grace:
            self.product[i] = 0
        if day > self.coded.due[i]:
            self._step(day, "settled_in_grace" if in_grace else "settled", i, days=self._late_days(i, day))

    def _close(self) -> None:
        """What accrued up to the day, and where the loan stands."""
        if self._is_closed():
            self._step(self.coded.closed[0], "closed", code=self.coded.close_codes[self.coded.close_code[0]])
        else:
            for i in self._fallen_due():
                self._accrue(i, self.day)
        totals = self.totals()
        for part in _PARTS:
            if totals[f"overdue_{part}"]:
                self._step(self.day, "overdue", component=part, amount=round(totals[f"overdue_{part}"] * 100))
        penalty, due = (round(totals[name] * 100) for name in ("penalty", "total_due"))
        self._step(self.day, "total", amount=due, days=totals["days_past_due"], penalty=penalty)

    def _accrue(self, i: int, day: int) -> None:
        """Nights an instalment stood unpaid since the last step."""
        if i < 0 or i in self.settled or day <= self.coded.due[i]:
            return
        start = self.accrued.get(i, self._first_night(i))
        self.accrued[i] = max(start, day)
        if day <= start:
            return
        nights = day - start - _overlap(self.night_pauses, start, day)
        base = sum(int(self.unpaid[i, _PARTS.index(part)]) for part in self.terms.penalty_base)
        self.product[i] += base * nights
        owed = self._penalty(i, day) + self.penalty_paid[i]
        kind = "accrual" if self._late_days(i, day) > self.grace else "accrual_in_grace"
        cap = self._cap(i)
        is_capped = cap is not None and int(times_rate([self.product[i]], self.rate)[0]) > cap
        self._step(day, kind, i, balance=base, days=nights, product=base * nights, rate=self.rate, penalty=owed,
                   product_in_all=self.product[i], cap=cap or 0, is_capped=is_capped)  # fmt: skip

    def _first_night(self, i: int) -> int:
        """First night that bears penalty: the due date, or in ``subtract`` mode the night after grace."""
        due = int(self.coded.due[i])
        if self.terms.grace_mode == "threshold":
            return due
        day = due
        while self._late_days(i, day + 1) <= self.grace and day < self.day:
            day += 1
        return day

    def _penalty(self, i: int, day: int) -> int:
        """Penalty owed on an instalment: product so far times rate, rounded once, less what was paid."""
        if i not in self.settled and self._late_days(i, day) <= self.grace:
            return 0
        penalty, cap = int(times_rate([self.product[i]], self.rate)[0]), self._cap(i)
        return (penalty if cap is None else min(penalty, cap)) - self.penalty_paid[i]

    def _cap(self, i: int) -> int | None:
        """Most penalty an instalment may bear [cents]; None without a cap."""
        if self.terms.penalty_cap_ratio is None:
            return None
        base = sum(int(self.coded.owed[i, _PARTS.index(part)]) for part in self.terms.penalty_base)
        return int(base * Fraction(self.terms.penalty_cap_ratio))

    def _fallen_due(self) -> list[int]:
        return np.flatnonzero(self.coded.due < self.day).tolist()

    def _late_days(self, i: int, day: int) -> int:
        due = int(self.coded.due[i])
        return max(0, day - due) - _overlap(self.day_pauses, due, day)

    def _oldest(self) -> int | None:
        return next((i for i in self._fallen_due() if i not in self.settled), None)

    def _is_past_grace(self) -> bool:
        oldest = self._oldest()
        return not self._is_closed() and oldest is not None and self._late_days(oldest, self.day) > self.grace

    def _days_past_due(self) -> int:
        oldest = self._oldest()
        if oldest is None or not self._is_past_grace():
            return 0
        return self._late_days(oldest, self.day) - (self.grace if self.terms.grace_mode == "subtract" else 0)

    def _is_closed(self) -> bool:
        return bool(self.coded.closed[0] <= self.day)

    def _step(self, day: int, event: str, i: int = -1, **given: Any) -> None:
        """Write one step; what is not a column goes into the words."""
        number = int(self.coded.inst_no[i]) if i >= 0 else None
        row: dict[str, Any] = {name: given.get(name) for name in STEP_COLUMNS}
        for name in ("amount", "balance", "product", "penalty"):
            row[name] = None if row[name] is None else int(row[name]) / 100
        row["days"] = None if row["days"] is None else int(row["days"])
        row["rate"] = None if row["rate"] is None else float(row["rate"])
        row |= {"date": int(day), "event": event, "instalment_no": number}
        words = {**given, "number": number, "grace": self.grace, "date": iso_date(day), "rate": self.rate_words}
        row["note"] = note(event, self.language, words)
        self.steps.append(row)


def _overlap(pauses: Any, start: int, end: int) -> int:
    """Days of [start, end) inside pauses that lie apart."""
    return sum(max(0, min(end, int(b)) - max(start, int(a))) for a, b in pauses)


def iso_date(day: int) -> str:
    return "" if day == NEVER else str(np.datetime64(int(day), "D"))
