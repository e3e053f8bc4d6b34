"""Figures of the pages that follow the portfolio from month to month: a cube per month, shared by all readers.

A cube ends with the last month end that is not after the session's date, so all days of a month share it. Pages read
the cube; loans are touched again only for the list of those behind a cell.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd

import collectkit as ck
from collectkit import tracking
from dashboards import parts, shared
from dashboards.fields import choice, month, options
from dashboards.filters import chosen_months
from dashboards.kept import kept
from dashboards.words import N_

if TYPE_CHECKING:
    from collectkit.tracking import Cube, Followed
    from dashboards.session import Session
    from dashboards.shared import Key
    from dashboards.words import Words

    Wanted = tuple[tuple[str, tuple[Any, ...]], ...]

MOST_MONTHS = 36
"""Months a cube goes back."""
DIMENSIONS = ("product", "region", "channel", "risk_grade")
BY = {"count": N_("By number of loans"), "balance": N_("By principal balance")}
_IN_HOUSE = N_("in-house")


@kept(20)
def values(portfolio: str) -> dict[str, tuple[str, ...]]:
    """Values of every filter in a portfolio; a vintage is written 2025-03."""
    book = shared.portfolio(portfolio)
    if not shared.has_loans(portfolio):
        months = [f"{month:%Y-%m}" for month in book.cube.values("vintage")]
        return {**{name: tuple(sorted(book.cube.values(name))) for name in DIMENSIONS}, "vintage": tuple(months)}
    found = {name: book.loans[name].dropna() for name in DIMENSIONS if name in book.loans}
    found["channel"] = pd.concat([pd.Series(["in_house"]), book.placements["agency"]])
    found["vintage"] = book.loans["disbursement_date"].dropna().dt.strftime("%Y-%m")
    return {name: tuple(sorted(column.unique())) for name, column in found.items()}


def _values(name: str) -> Any:
    return lambda portfolio: values(portfolio).get(name, ())


FILTERS = tuple(options(name, _values(name)) for name in (*DIMENSIONS, "vintage"))
"""Filters of the pages of tracking, in the address."""
RANGE = ("since", "until")
FIELDS = (choice("by", BY), *(month(name) for name in RANGE), *FILTERS)
"""What the pages of tracking keep in the address."""
FOLLOWED = tuple(field.name for field in FIELDS)


def at_month_end(key: Key) -> Key:
    """The key at the last month end that is not after its date."""
    next_day = key.as_of + timedelta(days=1)
    return key._replace(as_of=next_day.replace(day=1) - timedelta(days=1))


@kept(6, at_month_end)
def followed(key: Key) -> Followed | None:
    """The portfolio followed up to a month end; None if no month has ended since the first loan.

    Loans are walked through once, up to the last month end of the book: an earlier date is a part of that.
    """
    book, last = shared.portfolio(key.portfolio), pd.Timestamp(key.as_of)
    if not shared.has_loans(key.portfolio):
        return book.up_to(last) if book.cube.dates[0] <= last else None
    if pd.isna(book.first_date) or last < book.first_date:
        return None
    months = ck.month_ends(book.first_date, last)
    if months.empty:
        return None
    whole = ck.month_ends(book.first_date, max(last, book.last_date))
    if len(whole) > MOST_MONTHS:  # each date has the months before it
        whole = months[-MOST_MONTHS:]
    return _walked(key.portfolio, key.policy, whole[0], whole[-1]).up_to(last)


@kept(2)
def _walked(portfolio: str, policy: str, first: pd.Timestamp, last: pd.Timestamp) -> Followed:
    """The portfolio followed from one month end to another."""
    book = shared.portfolio(portfolio)
    panel = ck.track(book, shared.policy(policy), dates=ck.month_ends(first, last))
    return tracking.followed(panel, book.loans, by=DIMENSIONS)


def cube(key: Key) -> Cube:
    """The cube up to a month end."""
    return followed(key).cube


def recovered(session: Session) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The cells of what came in, and the filters of the session for them."""
    return followed(session.loaded).recoveries, dict(wanted(cube(session.loaded), chosen(session)))


def too_early(key: Key, words: Words) -> str:
    """Why there is no cube, in words; empty if there is one."""
    if followed(key) is not None:
        return ""
    first = words.date(shared.span(key.portfolio).first)
    title = words.text("No month has ended yet on {date}", date=words.date(key.as_of))
    text = words.text("The first loan was disbursed on {date}. Take a date after the end of that month.", date=first)
    return parts.message(title, text)


def months(session: Session) -> list[date]:
    """Months of the loaded cube."""
    return [month_of(day) for day in cube(session.loaded).dates]


def shown(session: Session, *, whole_lives: bool = False) -> Cube:
    """The loaded cube with the session's filters and months; its dimensions are let go, so that every table is quick.

    `whole_lives` leaves out the months and the channel, which change during the life of a loan, for tables that follow
    loans from their disbursement on.
    """
    return part(session, channel=(), as_of=()) if whole_lives else part(session, as_of=days(session))


def part(session: Session, **cut: Any) -> Cube:
    """The loaded cube with the session's filters, some of them replaced."""
    return _filtered(at_month_end(session.loaded), wanted(cube(session.loaded), chosen(session) | cut))


def chosen(session: Session) -> dict[str, Any]:
    """What the reader chose in each filter."""
    return {field.name: getattr(session, field.name) for field in FILTERS}


def days(session: Session) -> list[pd.Timestamp]:
    """Month ends of the months that are shown."""
    low, high = chosen_months(session, months(session), *RANGE)
    return [day for day in cube(session.loaded).dates if low <= month_of(day) <= high]


@kept(50)
def _filtered(key: Key, wanted: Wanted) -> Cube:
    """A part of the cube."""
    return cube(key).where(**dict(wanted)).coarser()


def wanted(full: Cube, chosen: dict[str, Any]) -> Wanted:
    """What was chosen of the cube, as far as it is there; what was not chosen is left out."""
    return tuple((name, _known(full, name, values)) for name, values in chosen.items() if values)


def filter_values(session: Session) -> dict[str, dict[str, str]]:
    """How each value of each filter is shown, and the value, as the loaded cube has them."""
    full, words = cube(session.loaded), session.words
    shown = {name: {value_name(value, words): value for value in full.values(name)} for name in DIMENSIONS}
    vintages = {words.month(month): f"{month:%Y-%m}" for month in full.values("vintage")}
    return {**shown, "vintage": vintages}


def value_name(value: str, words: Words) -> str:
    """A value of a filter as the reader is shown it: as it is, but for our own code of what no agency has."""
    return words.text(_IN_HOUSE) if value == "in_house" else value


@kept(20)
def key_figures(key: Key, first: pd.Timestamp, last: pd.Timestamp, wanted: Wanted) -> pd.DataFrame:
    """The key figures from the month of one month end to that of another, of the loans that are wanted."""
    book = shared.portfolio(key.portfolio)
    loans = book.loans
    for name, values in wanted:
        column = _first_days(loans["disbursement_date"]) if name == "vintage" else loans[name]
        loans = loans[column.isin(values)]
    part = book.selecting(loans["loan_id"]) if wanted else book
    return tracking.kpis(part, shared.policy(key.policy), start=first.replace(day=1), end=last)


def _first_days(dates: pd.Series) -> pd.Series:
    """First day of the month of each date."""
    return dates.dt.to_period("M").dt.start_time


@kept(1)
def _step(key: Key, before: pd.Timestamp | None, day: pd.Timestamp) -> pd.DataFrame:
    """Every loan at a month end and the one before."""
    dates = [day] if before is None else [before, day]
    return ck.track(shared.portfolio(key.portfolio), shared.policy(key.policy), dates=dates)


@kept(8)
def behind(key: Key, before: pd.Timestamp | None, wanted: Wanted) -> pd.DataFrame:
    """The loans behind cells of one month end; `before` is the month end before it."""
    cells = dict(wanted)
    panel = _step(key, before, cells["as_of"][0])
    return tracking.cell_loans(panel, shared.portfolio(key.portfolio).loans, **cells)


def _known(full: Cube, name: str, values: Any) -> tuple[Any, ...]:
    """The values of a filter that the cube has: at an earlier date some are not there yet."""
    asked = [pd.Timestamp(value) for value in values] if name == "vintage" else values
    there = full.values(name)
    return tuple(value for value in asked if value in there)


def month_of(day: pd.Timestamp) -> date:
    """First day of the month."""
    return day.date().replace(day=1)
