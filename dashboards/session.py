"""What one reader looks at: page, date, policy, language, theme and loan, kept in step with the address.

Everything that comes from the address is checked against what exists; a wrong value is replaced by the
default and told, never used.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

import param

from dashboards import shared
from dashboards.words import LANGUAGES, N_, Words, words_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

THEMES = ("light", "dark")
WEIGHTS = ("loans", "overdue_amount", "principal_balance")
EARLIEST, LATEST = date(1990, 1, 1), date(2100, 12, 31)
_LONGEST_ID = 100
_NAMES = ("page", "portfolio", "as_of", "policy", "lang", "theme", "weight", "loan")

_NOT_KNOWN = N_("The address asks for “{value}” as {name}; that does not exist, so the default is shown.")


class Session(param.Parameterized):
    """State of one reader; pages read it and watch it, the shell keeps it in the address."""

    page = param.String(doc="name of the page in the registry")
    portfolio = param.String(doc="name of the portfolio")
    as_of = param.CalendarDate(doc="the end of this day is meant")
    policy = param.String(doc="name of the policy")
    lang = param.String(doc="en or zh")
    theme = param.String(doc="light or dark")
    weight = param.String(doc="what bucket bars show")
    loan = param.String(default="", doc="the loan that is explained, or empty")
    failure = param.Parameter(default=None, doc="what a page raised while it was brought up to date")

    def __init__(self, pages: tuple[str, ...], query: Mapping[str, str] | None = None) -> None:
        self._pages = pages
        self._watchers: list[Any] = []
        self.problems: list[tuple[str, str]] = []
        super().__init__(**self._read(query or {}))

    @property
    def words(self) -> Words:
        """The words of the language in use."""
        return words_in(self.lang)

    @property
    def key(self) -> shared.Key:
        """What the figures depend on."""
        return shared.Key(self.portfolio, self.policy, self.as_of)

    @property
    def problem_texts(self) -> list[str]:
        """What was wrong in the address, in words."""
        return [self.words.text(_NOT_KNOWN, name=name, value=value) for name, value in self.problems]

    def search(self, **other: str) -> str:
        """The state as the query part of an address, some values replaced by others."""
        values = {name: self._as_text(name) for name in _NAMES} | other
        return "?" + urlencode({name: value for name, value in values.items() if value})

    def go_to(self, search: str) -> None:
        """Take over the state of an address; what it does not name falls back to its default."""
        query = dict(parse_qsl(search.lstrip("?")))
        self.param.update(**self._read(query))

    def on_change(self, callback: Callable[..., None], *names: str) -> None:
        """Call back when one of the values changes, as long as the present page is shown.

        What the callback raises becomes the session's `failure`, which the shell shows in place of the page.
        """

        def call(*events: Any) -> None:
            try:
                callback(*events)
            except Exception as error:
                self.failure = error

        self._watchers.append(self.param.watch(call, list(names)))

    def leave_page(self) -> None:
        """Forget the callbacks of the page that goes."""
        for watcher in self._watchers:
            self.param.unwatch(watcher)
        self._watchers.clear()

    def _as_text(self, name: str) -> str:
        """One value as it stands in the address."""
        value = getattr(self, name)
        return value.isoformat() if isinstance(value, date) else value

    def _read(self, query: Mapping[str, str]) -> dict[str, Any]:
        """Values of an address, each checked against what exists."""
        self.problems = []
        portfolio = self._choice(query, "portfolio", shared.portfolios())
        return {
            "portfolio": portfolio,
            "page": self._choice(query, "page", self._pages),
            "policy": self._choice(query, "policy", shared.policies()),
            "lang": self._choice(query, "lang", LANGUAGES),
            "theme": self._choice(query, "theme", THEMES),
            "weight": self._choice(query, "weight", WEIGHTS),
            "as_of": self._date(query, shared.span(portfolio).last),
            "loan": query.get("loan", "")[:_LONGEST_ID],
        }

    def _choice(self, query: Mapping[str, str], name: str, valid: Any) -> str:
        """A value that is one of the valid ones, else the first of them."""
        value = query.get(name)
        if value in valid:
            return str(value)
        if value is not None:
            self.problems.append((name, value[:_LONGEST_ID]))
        return str(next(iter(valid)))

    def _date(self, query: Mapping[str, str], default: date) -> date:
        """A real day within reason, else the last day of the portfolio."""
        value = query.get("as_of")
        day = read_day(value)
        if value is not None and day is None:
            self.problems.append(("as_of", value[:_LONGEST_ID]))
        return day or default


def read_day(text: str | None) -> date | None:
    """Day written as 2025-12-31, or nothing if it is not one or lies beyond reason."""
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if EARLIEST <= day <= LATEST else None
