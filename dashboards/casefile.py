"""Figures of the pages of casework: kept for all readers, by portfolio, policy and date."""

from __future__ import annotations

import os
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd

from collectkit import casework
from collectkit.errors import CollectkitError
from dashboards import shared
from dashboards.fields import Field, choice, options
from dashboards.kept import kept
from dashboards.words import LANGUAGES, N_

if TYPE_CHECKING:
    from collectkit.casework import Plan, Sender
    from dashboards.session import Session
    from dashboards.shared import Key

RULES = ("cn", "us-reg-f", "in-rbi")
SENDER = "COLLECTKIT_SENDER"
"""Environment variable with who writes the letters: name|phone|how to pay|address."""
_EXAMPLE = ("Example Lender", "400-000-0000", "App", "")
PERIODS = {"year": N_("Twelve months"), "quarter": N_("Three months"), "month": N_("This month"), "all": N_("All")}
_MONTHS_BACK = {"month": 0, "quarter": 2, "year": 11}


@kept(20)
def worklist(key: Key, rules: str, language: str) -> pd.DataFrame:
    """The worklist of a day."""
    day = pd.Timestamp(key.as_of)
    return casework.worklist(
        shared.portfolio(key.portfolio), shared.policy(key.policy), as_of=day, rules=rules, language=language
    )


@kept(20)
def day(key: Key) -> None:
    """What the page Worklist needs at once, in both languages."""
    for language in LANGUAGES:
        worklist(key, RULES[0], language)
        warnings(key, language)
    promises(key)


@kept(20)
def conduct(key: Key) -> None:
    """What the page Conduct needs at once: the rules of the last twelve months."""
    for language in LANGUAGES:
        rules_checked(key, start_of("year", key), RULES[0], language)


@kept(20)
def promises(key: Key) -> pd.DataFrame:
    """Promises made by the day."""
    as_of = pd.Timestamp(key.as_of)
    return casework.promise_status(shared.portfolio(key.portfolio), shared.policy(key.policy), as_of=as_of)


@kept(20)
def warnings(key: Key, language: str) -> pd.DataFrame:
    """Early signs."""
    as_of = pd.Timestamp(key.as_of)
    book, rules = shared.portfolio(key.portfolio), shared.policy(key.policy)
    return casework.early_warning(book, rules, as_of=as_of, language=language)


@kept(20)
def breaches(key: Key, start: date, rules: str, language: str) -> pd.DataFrame:
    """Breaches from a day to the date."""
    return casework.check_contacts(
        shared.portfolio(key.portfolio), shared.policy(key.policy), start=pd.Timestamp(start),
        end=pd.Timestamp(key.as_of), rules=rules, language=language,
    )  # fmt: skip


@kept(20)
def rules_checked(key: Key, start: date, rules: str, language: str) -> pd.DataFrame:
    """Every rule of the period, and whether it could be checked."""
    return casework.rules_checked(
        shared.portfolio(key.portfolio), shared.policy(key.policy), start=pd.Timestamp(start),
        end=pd.Timestamp(key.as_of), rules=rules, language=language,
    )  # fmt: skip


@kept(50)
def plan(key: Key, loan_id: str, kind: str, months: int) -> Plan | CollectkitError:
    """A plan for a loan, or why there is none: that a loan owes nothing is no failure."""
    try:
        return casework.propose_plan(
            shared.portfolio(key.portfolio), shared.policy(key.policy), loan_id, as_of=pd.Timestamp(key.as_of),
            kind=kind, months=months,
        )  # fmt: skip
    except CollectkitError as error:
        return error


def sender() -> Sender:
    """Who writes the letters, from the environment; an example if nobody is named."""
    parts = os.environ.get(SENDER, "").split("|")
    given = [part.strip() for part in parts] if parts[0].strip() else []
    return casework.Sender(*[*given, *_EXAMPLE[len(given) :]][:4])


def start_of(period: str, key: Key) -> date:
    """First day of a period that ends with the date."""
    first = min(shared.span(key.portfolio).first, key.as_of)
    if period == "all":
        return first
    month = key.as_of.replace(day=1)
    for _ in range(_MONTHS_BACK[period]):
        month = (month - timedelta(days=1)).replace(day=1)
    return max(month, first)


@kept(20)
def people(portfolio: str) -> tuple[str, ...]:
    """Collectors of a portfolio."""
    return tuple(sorted(shared.portfolio(portfolio).collectors["collector_id"]))


@kept(20)
def _loans(portfolio: str) -> frozenset[str]:
    """Ids of the loans of a portfolio."""
    return frozenset(shared.portfolio(portfolio).loans["loan_id"])


def is_loan(portfolio: str, loan_id: str) -> bool:
    """True if the portfolio has a loan of this number."""
    return loan_id in _loans(portfolio)


def _case(texts: Any, portfolio: str) -> str:
    """The loan of the page Case; one that is not there is told."""
    if texts[0] not in _loans(portfolio):
        raise ValueError(texts[0])
    return str(texts[0])


RULES_FIELD = choice("rules", RULES)
CASE_FIELD = Field("case", "", _case)
COLLECTOR_FIELD = options("collector_id", people)
PERIOD_FIELD = choice("period", PERIODS)


def open_case(session: Session, loan_id: Any) -> None:
    """Go to the page of a case."""
    session.param.update(case=str(loan_id), page="case")
