"""Figures of *Agencies*, shared by all readers, and what the page keeps in the address."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd

from collectkit import agencies
from dashboards import casefile, parts, shared
from dashboards.fields import choice, month, option
from dashboards.kept import kept
from dashboards.words import N_

if TYPE_CHECKING:
    from dashboards.session import Session
    from dashboards.shared import Key
    from dashboards.words import Words

LIKE = {"product+size_band": N_("Product and size"), "product": N_("Product"), "size_band": N_("Size"),
        "age_band": N_("Days past due")}  # fmt: skip
"""What makes placements alike."""
MEASURES = {"net_back": N_("Net of commission"), "gross": N_("Cash")}
BATCHES = {"quarter": N_("Quarters"), "month": N_("Months"), "year": N_("Years")}
HORIZON = 90
"""Days after the hand-over in which cash counts for the comparison."""


@kept(20)
def names(portfolio: str) -> tuple[str, ...]:
    """Agencies of a portfolio."""
    return tuple(sorted(shared.portfolio(portfolio).placements["agency"].unique()))


FIELDS = (
    option("agency", names),
    month("statement_month"),
    choice("like", LIKE),
    choice("curve_measure", MEASURES),
    choice("curve_batch", BATCHES),
)
"""What the page keeps in the address."""


@kept(20)
def placed_between(portfolio: str) -> tuple[date, date] | None:
    """First and last day on which a loan was handed over; None if none ever was."""
    days = shared.portfolio(portfolio).placements["placement_date"]
    return None if days.empty else (days.min().date(), days.max().date())


def nobody(key: Key, words: Words) -> str:
    """Why there is nothing to show, in words; empty if there is something."""
    span = placed_between(key.portfolio)
    if span is not None and months(key):
        return ""
    title = words.text("No loan has been with an agency")
    if span is None:
        return parts.message(title, words.text("The portfolio has no placements."))
    text = words.text(
        "The first loan was handed over on {date}. Take a date after that month.", date=words.date(span[0])
    )
    return parts.message(title, text)


def months(key: Key) -> list[date]:
    """Months that have ended by the date, from the first hand-over on: those that have a statement."""
    span = placed_between(key.portfolio)
    if span is None:
        return []
    end = key.as_of + timedelta(days=1)
    found = pd.period_range(span[0], end.replace(day=1) - timedelta(days=1), freq="M")
    return [period.start_time.date() for period in found]


def agency(session: Session) -> str:
    """The agency that is looked at: the one chosen, or the first."""
    known = names(session.loaded.portfolio)
    return session.agency if session.agency in known else known[0]


def statement_month(session: Session) -> date:
    """The month that is looked at: the one chosen, or the last that has ended."""
    known = months(session.loaded)
    return session.statement_month if session.statement_month in known else known[-1]


def _book(key: Key) -> tuple[Any, Any]:
    return shared.portfolio(key.portfolio), shared.policy(key.policy)


@kept(30)
def statement(key: Key, name: str, period: str) -> agencies.Statement:
    """The statement of an agency for a month."""
    return agencies.commission_statement(*_book(key), name, period=period)


@kept(30)
def cash(key: Key, name: str, period: str) -> pd.DataFrame:
    """Every payment of the month on the agency's loans, with its reason."""
    return agencies.statement_cash(statement(key, name, period))


@kept(30)
def card(key: Key, like: str) -> pd.DataFrame:
    """The agencies beside each other, with breaches and complaints if contacts and complaints are recorded."""
    book, rules = _book(key)
    name = casefile.RULES[0]
    in_force = min((one.effective_from for one in rules.contact_rules if one.name == name), default=date.max)
    start = max(casefile.start_of("all", key), in_force)
    is_checked = len(book.contacts) and start <= key.as_of
    return agencies.scorecard(
        book, rules, as_of=key.as_of, horizon_days=HORIZON, by=like.split("+"),
        breaches=casefile.breaches(key, start, name, "en") if is_checked else None,
        complaints=book.complaints if len(book.complaints) else None,
    )  # fmt: skip


@kept(30)
def strata(key: Key, like: str) -> pd.DataFrame:
    """The agencies in every stratum of like placements."""
    return agencies.like_strata(*_book(key), as_of=key.as_of, horizon_days=HORIZON, by=like.split("+"))


@kept(30)
def curves(key: Key, name: str, batch: str) -> pd.DataFrame:
    """What the batches of an agency brought in by months since the hand-over."""
    return agencies.liquidation(*_book(key), as_of=key.as_of, agency=name, batch=batch)


@kept(30)
def waiting(key: Key) -> pd.DataFrame:
    """What is about to become dearer."""
    return agencies.waiting_cost(*_book(key), as_of=key.as_of)


@kept(30)
def proposals(key: Key, language: str) -> pd.DataFrame:
    """Loans to hand over and to take back."""
    return agencies.hand_over_proposals(*_book(key), as_of=key.as_of, language=language)


def asked(session: Session) -> tuple[Key, str, str]:
    """Which statement is looked at."""
    return at_close(session), agency(session), f"{statement_month(session):%Y-%m}"


def at_close(session: Session) -> Key:
    """The key of what a closed month holds: the date it is looked at from does not matter."""
    return session.loaded._replace(as_of=date(2000, 1, 1))
