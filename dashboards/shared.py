"""What all sessions share: loaded once per server process, read-only, the same for every reader.

A portfolio is offered under a name with `offer`; everything computed from it is kept under `pn.cache` by
portfolio, policy and date. What is returned belongs to all readers: a page never changes it.
"""

from __future__ import annotations

import contextlib
import os
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd
import panel as pn

import collectkit as ck
from collectkit import charts
from collectkit.register import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable

DEFAULT_PORTFOLIO = "demo"
DEFAULT_POLICY = "cn-microloan"
WORKSPACE = "COLLECTKIT_WORKSPACE"
"""Environment variable with the folder that files are imported into."""
_NO_LOANS = date(2000, 1, 1)

_loaders: dict[str, Callable[[], Any]] = {DEFAULT_PORTFOLIO: lambda: ck.load_sample(DEFAULT_PORTFOLIO)}


class Key(NamedTuple):
    """What a figure depends on: portfolio, policy and date."""

    portfolio: str
    policy: str
    as_of: date


class Span(NamedTuple):
    """First disbursement and last day something happened in a portfolio."""

    first: date
    last: date


def offer(name: str, load: Callable[[], Any]) -> None:
    """Offer a portfolio under a name; `load` is called once, when it is first asked for."""
    _loaders[name] = load
    forget()


def forget() -> None:
    """Drop everything that was loaded or computed."""
    for kept in (portfolio, policy, span, assessed, overdue_loans, summary, bucket_totals, commission):
        with contextlib.suppress(KeyError):
            kept.clear()


def portfolios() -> list[str]:
    """Names of the portfolios on offer."""
    return list(_loaders)


def policies() -> list[str]:
    """Names of the policies on offer, the default first."""
    return sorted(ck.list_policies(), key=lambda name: (name != DEFAULT_POLICY, name))


@pn.cache
def portfolio(name: str) -> Any:
    """The portfolio of this name."""
    return _loaders[name]()


@pn.cache
def policy(name: str) -> Any:
    """The policy of this name."""
    return ck.load_policy(name)


@pn.cache
def span(name: str) -> Span:
    """First and last day the portfolio knows of."""
    book = portfolio(name)
    if pd.isna(book.first_date):
        return Span(_NO_LOANS, _NO_LOANS)
    return Span(book.first_date.date(), book.last_date.date())


@pn.cache(max_items=60, policy="LRU")
def assessed(key: Key) -> pd.DataFrame:
    """Every loan on the date."""
    book, rules = portfolio(key.portfolio), policy(key.policy)
    return ck.assess(book, rules, as_of=pd.Timestamp(key.as_of))


@pn.cache(max_items=60, policy="LRU")
def overdue_loans(key: Key) -> pd.DataFrame:
    """The overdue loans on the date with what is known of each, worst first."""
    return ck.overdue_loans(assessed(key), portfolio(key.portfolio).loans)


@pn.cache(max_items=400, policy="LRU")
def summary(key: Key) -> pd.Series:
    """The figures of the tiles."""
    return ck.overview(assessed(key))


@pn.cache(max_items=400, policy="LRU")
def bucket_totals(key: Key) -> pd.DataFrame:
    """Loans and amounts by bucket."""
    return ck.bucket_totals(assessed(key))


@pn.cache(max_items=400, policy="LRU")
def commission(key: Key) -> pd.Series:
    """Commission earned from the first of the month to the date, by tariff."""
    start = pd.Timestamp(key.as_of).replace(day=1)
    return ck.commission_by_tariff(
        portfolio(key.portfolio), policy(key.policy), start=start, end=pd.Timestamp(key.as_of)
    )


def workspace() -> Workspace | None:
    """Where files are imported into; None if the server was started without a folder for it."""
    folder = os.environ.get(WORKSPACE, "").strip()
    return Workspace(folder) if folder else None


def explanation(key: Key, loan_id: str, language: str) -> pd.DataFrame:
    """Every step behind one loan's figures."""
    as_of = pd.Timestamp(key.as_of)
    return ck.explain(portfolio(key.portfolio), policy(key.policy), loan_id, as_of=as_of, language=language)


def timeline(key: Key, loan_id: str) -> pd.DataFrame:
    """One loan day by day."""
    as_of = pd.Timestamp(key.as_of)
    return ck.loan_timeline(portfolio(key.portfolio), policy(key.policy), loan_id, as_of=as_of)


def warm() -> None:
    """Load and compile before the first reader comes."""
    name = DEFAULT_PORTFOLIO
    key = Key(name, DEFAULT_POLICY, span(name).last)
    for figures in (summary, commission, overdue_loans):
        figures(key)
    charts.bucket_bars(bucket_totals(key))
