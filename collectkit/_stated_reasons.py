"""How our figures of some loans come about, in words, for many loans at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from collectkit._coded import Ints
from collectkit._nights import unpaused
from collectkit._readings import PENALTY, PRINCIPAL, Facts, penalty_gross
from collectkit._stated_words import MODES, ours_because
from collectkit._terms import rate_in_words
from collectkit.days import NEVER
from collectkit.wording import in_language, money


def reasons(facts: Facts, what: str, at: Ints, language: str) -> list[str]:
    """How a figure of ours comes about, for the loans at some positions."""
    given = {"as_of": np.full(facts.case.coded.loans, _date(facts.case.day)), **_GIVEN[what](facts, language)}
    kinds = _kinds(facts, what)[at]
    columns = {name: np.asarray(values)[at].tolist() for name, values in given.items()}
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return [ours_because(kind, row, language) for kind, row in zip(kinds, rows, strict=True)]


def _kinds(facts: Facts, what: str) -> Any:
    """Which sentence fits each loan."""
    kinds = np.full(facts.case.coded.loans, what, dtype=object)
    if what in ("days_past_due", "penalty"):
        bears = facts.by_loan(facts.nights.loan, 1) > 0
        kinds[(what == "days_past_due") | ~bears] = "days_past_due"  # without penalty the days say why
        kinds[(_oldest(facts) == NEVER) & ((what == "days_past_due") | ~bears)] = "nothing_late"
        kinds[facts.case.coded.closed <= facts.case.day] = "closed"
    return kinds


def _principal(facts: Facts, language: str) -> dict[str, Any]:
    coded = facts.case.coded
    scheduled = facts.by_loan(facts.loan_of, coded.owed[:, PRINCIPAL])
    return {"lent_on": _dates(coded.disbursed), "ours": _money(facts.lent), "scheduled": _money(scheduled)}


def _instalment_count(facts: Facts, language: str) -> dict[str, Any]:
    start = facts.case.coded.inst_start
    due = _dates(facts.case.coded.due)
    return {"ours": np.diff(start), "first": due[start[:-1]], "last": due[start[1:] - 1]}


def _paid_to_date(facts: Facts, language: str) -> dict[str, Any]:
    coded, day = facts.case.coded, facts.case.day
    loan = np.repeat(np.arange(coded.loans), np.diff(coded.pay_start))
    counted = (coded.value_day <= day) & (coded.reversed == NEVER)
    later = counted & (coded.posted > day)
    return {
        "payments": facts.by_loan(loan[counted], 1), "posted_later": facts.by_loan(loan[later], 1),
        "ours": _money(facts.ours["paid_to_date"]), "left_over": _money(facts.ours["unapplied"]),
    }  # fmt: skip


def _days_past_due(facts: Facts, language: str) -> dict[str, Any]:
    coded, day, oldest = facts.case.coded, facts.case.day, _oldest(facts)
    calendar = np.maximum(day - oldest, 0)
    loans = np.arange(coded.loans)
    paused = calendar - unpaused(coded, loans, np.minimum(oldest, day), np.full(coded.loans, day))
    modes = np.array([MODES[terms.grace_mode][language] for terms in facts.case.policy.terms])
    return {
        "oldest": _dates(oldest), "calendar": calendar, "paused": paused, "grace": facts.case.rules.grace,
        "mode": modes[facts.case.rules.terms], "closed": _dates(coded.closed),
    }  # fmt: skip


def _penalty(facts: Facts, language: str) -> dict[str, Any]:
    nights = facts.nights
    product = nights.balance * nights.nights
    bearing = np.unique(nights.instalment[product > 0])
    return {
        **_days_past_due(facts, language), "bearing": facts.by_loan(facts.loan_of[bearing], 1),
        "product": _money(facts.by_loan(nights.loan, product)), "rate": _rates(facts, language),
        "gross": _money(penalty_gross(facts, "by_instalment")), "paid": _money(facts.paid_on(PENALTY)),
    }  # fmt: skip


_GIVEN = {
    "principal": _principal, "instalment_count": _instalment_count, "paid_to_date": _paid_to_date,
    "days_past_due": _days_past_due, "penalty": _penalty,
}  # fmt: skip


def _oldest(facts: Facts) -> Ints:
    """Due date of each loan's oldest instalment that fell due before the day and is not paid off; far away if none."""
    coded = facts.case.coded
    open_ones = facts.unsettled()
    open_ones = open_ones[coded.due[open_ones] < facts.case.day]
    oldest = np.full(coded.loans, NEVER, dtype=np.int64)
    np.minimum.at(oldest, facts.loan_of[open_ones], coded.due[open_ones])
    return oldest


def _rates(facts: Facts, language: str) -> Any:
    """Where the penalty rate of each loan comes from; worked out once per distinct case."""
    coded, terms = facts.case.coded, facts.case.rules.terms
    cases = np.column_stack([terms, coded.rate, coded.penalty_rate])
    distinct, where = np.unique(cases, axis=0, return_inverse=True)
    words = []
    for row, rate, own in distinct.tolist():
        own_rate = coded.rates[own] if own >= 0 else None
        words.append(in_language(rate_in_words(facts.case.policy.terms[row], coded.rates[rate], own_rate)[1], language))
    return np.array(words, dtype=object)[where.ravel()]


def _money(cents: Ints) -> Any:
    return np.array([money(value / 100) for value in cents.tolist()], dtype=object)


def _date(day: int) -> str:
    return str(np.datetime64(day, "D"))


def _dates(days: Ints) -> Any:
    """Days as text; nothing for one that never comes."""
    known = np.where(days == NEVER, 0, days).astype("datetime64[D]").astype(str)
    return pd.Series(known, dtype=object).mask(days == NEVER, "").to_numpy()
