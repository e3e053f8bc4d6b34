"""What all sessions share: loaded once per server process, read-only, the same for every reader.

A portfolio is offered under a name with `offer`; everything computed from it is `kept` by edition of the portfolio,
policy and date. An edition is the portfolio as the data on disk were at one time, so that figures of two times never
stand side by side. What is returned belongs to all readers: a page never changes it.
"""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

import collectkit as ck
from collectkit import charts
from collectkit.errors import CallError
from collectkit.loading import is_workspace, state_of
from collectkit.policy import policy_text, read_policy
from collectkit.policy_values import fingerprint
from collectkit.register import Workspace
from collectkit.tracking import Followed, portfolio_at_risk
from dashboards.fields import EARLIEST, LATEST
from dashboards.folded import opened
from dashboards.kept import forget, kept

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

SAMPLE = "demo"
DEFAULT_POLICY = "cn-microloan"
WORKSPACE = "COLLECTKIT_WORKSPACE"
"""Environment variable with the folder that files are imported into."""
_NO_LOANS = date(2000, 1, 1)


class Offer(NamedTuple):
    """A portfolio on offer: what loads it, and what tells whether its data have changed."""

    load: Callable[[], Any]
    state: Callable[[], str]


class OwnPolicy(NamedTuple):
    """A policy of the reader's own, as its file was when it was offered: the policy, its text, the name of the file.

    That of a file of month ends stands in that file.
    """

    policy: ck.Policy
    text: str
    file: str


_own_policies: dict[str, OwnPolicy] = {}
_policies_in_files: dict[str, OwnPolicy] = {}
_sources: dict[str, Offer] = {}
_loaders: dict[str, Offer] = {}


class Key(NamedTuple):
    """What a figure depends on: edition of the portfolio, policy and date."""

    portfolio: str
    policy: str
    as_of: date


class Span(NamedTuple):
    """First and last of some days."""

    first: date
    last: date


def offer(name: str, load: Callable[[], Any], state: Callable[[], str] = str) -> None:
    """Offer a portfolio under a name; `load` is called once for each `state`, when it is first asked for."""
    _loaders[name] = Offer(load, state)
    forget()


def offer_source(source: str, mapping: str | None = None) -> str:
    """Offer what `dashboards.folded.opened` opens, before all others, under the name of its file or folder."""
    name = _name_of(source, {SAMPLE, *_sources})
    _sources[name] = Offer(lambda: opened(source, mapping), lambda: state_of(source))
    return name


def _name_of(source: str, taken: Collection[str]) -> str:
    """Name of a file, folder or database, with a number if it is taken."""
    stem = Path(source.partition("?")[0].rpartition("/")[2] if "://" in source else Path(source).resolve()).stem
    name = stem.replace("@", "_") or "portfolio"
    return next(each for each in (name, *(f"{name} {n}" for n in range(2, len(taken) + 3))) if each not in taken)


def book_name() -> str | None:
    """Name under which the book of the workspace is on offer; None before the first import, and without a workspace."""
    place = workspace()
    if place is None or not is_workspace(place.folder):
        return None
    return _name_of(str(place.folder), {SAMPLE, *_sources, *_loaders})


def _offers() -> dict[str, Offer]:
    """What is on offer now: sources that were named, the book of the workspace once there is one, the sample, more."""
    offers, place, name = dict(_sources), workspace(), book_name()
    if place is not None and name is not None:
        offers[name] = Offer(place.portfolio, lambda: state_of(place.folder))
    return offers | {SAMPLE: Offer(lambda: ck.load_sample(SAMPLE), str)} | _loaders


def portfolios() -> list[str]:
    """Names of the portfolios on offer, the default first."""
    return list(_offers())


def edition(name: str) -> str:
    """The portfolio of this name as its data are now."""
    state = _offers()[name].state()
    return f"{name}@{state}" if state else name


def policies() -> list[str]:
    """Names of the policies on offer, the default first: those of the reader's own, then the shipped ones."""
    return [*_own_policies, *sorted(ck.list_policies(), key=lambda name: (name != DEFAULT_POLICY, name))]


def policies_for(edition_of_it: str) -> list[str]:
    """Names of the policies that a portfolio can be seen under: all on offer, or the one of a file of month ends."""
    return policies() if has_loans(edition_of_it) else [_policy_in(edition_of_it)]


@kept(100)
def _policy_in(edition_of_it: str) -> str:
    """Name of the policy in a file of month ends: of the same one on offer, else its own with its fingerprint."""
    rules = portfolio(edition_of_it).cube.policy
    for name in policies():
        if policy(name) == rules:
            return name
    name = f"{rules.name} {fingerprint(rules)}"
    _policies_in_files[name] = OwnPolicy(rules, ck.policy_toml(rules), name_of(edition_of_it))
    return name


def offer_policy(path: str) -> str:
    """Offer the policy of a file, before all others, under the name of the file; it is read once, here.

    Raises
    ------
    CollectkitError
        What is wrong in the file, and what to write instead.
    """
    text, file = policy_text(Path(path)), Path(path).name
    name = _name_of(path, {*ck.list_policies(), *_own_policies})
    _own_policies[name] = OwnPolicy(read_policy(text, file), text, file)
    forget()
    return name


def own_policy(name: str) -> OwnPolicy | None:
    """The policy of a file of the reader's own; None for a shipped one."""
    return _own_policies.get(name) or _policies_in_files.get(name)


def text_of_policy(name: str) -> str:
    """The file of a policy as it is."""
    own = own_policy(name)
    return policy_text(name) if own is None else own.text


def name_of(edition_of_it: str) -> str:
    """Name of the portfolio that this is an edition of."""
    return edition_of_it.partition("@")[0]


@kept(4)
def portfolio(edition_of_it: str) -> Any:
    """An edition of a portfolio, or what it was folded to; one that the data on disk no longer are cannot be loaded."""
    name, _, state = edition_of_it.partition("@")
    offers = _offers()
    if name not in offers or offers[name].state() != state:
        raise CallError(f"The data of {name} have changed meanwhile. Reload the page.")
    return offers[name].load()


@kept(20)
def policy(name: str) -> Any:
    """The policy of this name."""
    own = own_policy(name)
    return ck.load_policy(name) if own is None else own.policy


@kept(100)
def has_loans(edition_of_it: str) -> bool:
    """True unless the portfolio is a file of month ends."""
    return not isinstance(portfolio(edition_of_it), Followed)


@kept(100)
def span(edition_of_it: str) -> Span:
    """First disbursement and last day something happened in a portfolio; first and last month end of a file of them."""
    book = portfolio(edition_of_it)
    if isinstance(book, Followed):
        dates = book.cube.dates
        return Span(dates[0].date(), dates[-1].date())
    if pd.isna(book.first_date):
        return Span(_NO_LOANS, _NO_LOANS)
    return Span(book.first_date.date(), book.last_date.date())


def days(edition_of_it: str) -> Span:
    """Days that can be asked for: any within reason, or those of a file of month ends."""
    return Span(EARLIEST, LATEST) if has_loans(edition_of_it) else span(edition_of_it)


@kept(60)
def assessed(key: Key) -> pd.DataFrame:
    """Every loan on the date."""
    book, rules = portfolio(key.portfolio), policy(key.policy)
    return ck.assess(book, rules, as_of=pd.Timestamp(key.as_of))


@kept(60)
def overdue_loans(key: Key) -> pd.DataFrame:
    """The overdue loans on the date with what is known of each, worst first."""
    return ck.overdue_loans(assessed(key), portfolio(key.portfolio).loans)


@kept(400)
def summary(key: Key) -> pd.Series:
    """The figures of the tiles."""
    return ck.overview(assessed(key))


@kept(400)
def bucket_totals(key: Key) -> pd.DataFrame:
    """Loans and amounts by bucket."""
    return ck.bucket_totals(assessed(key))


@kept(400)
def commission(key: Key) -> pd.Series:
    """Commission earned from the first of the month to the date, by tariff."""
    start = pd.Timestamp(key.as_of).replace(day=1)
    return ck.agencies.commission_by_tariff(
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
    first = edition(portfolios()[0])
    if not has_loans(first):
        charts.par_lines(portfolio_at_risk(portfolio(first).cube))
        return
    key = Key(first, policies()[0], span(first).last)
    for figures in (summary, commission, overdue_loans):
        figures(key)
    charts.bucket_bars(bucket_totals(key))
