"""What one reader looks at: page, date, policy, language, theme, loan and the page's own fields, as in the address.

Everything that comes from the address is checked against what exists; a wrong value is replaced by the
default and told, never used.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import parse_qs, urlencode

import param

from collectkit.errors import CallError, CollectkitError
from dashboards import shared
from dashboards.fields import LATEST, LONGEST, Field, read_day
from dashboards.rights import ANALYST, Reader, told
from dashboards.words import LANGUAGES, N_, Words, words_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    Query = Mapping[str, str | Sequence[str]]

THEMES = ("light", "dark")
FIGURES = ("as_of", "policy", "portfolio", "edition")
"""What every figure depends on."""
_NAMES = ("page", "portfolio", "as_of", "policy", "lang", "theme", "loan")

_NOT_KNOWN = N_("The address asks for “{value}” as {name}; that does not exist, so the default is shown.")


class Session(param.Parameterized):
    """State of one reader; pages read it and watch it, the shell keeps it in the address."""

    page = param.String(doc="name of the page in the registry")
    portfolio = param.String(doc="name of the portfolio")
    edition = param.String(doc="the portfolio as its data were when they were loaded; see `shared.edition`")
    as_of = param.CalendarDate(doc="the end of this day is meant")
    policy = param.String(doc="name of the policy")
    lang = param.String(doc="en or zh")
    theme = param.String(doc="light or dark")
    loan = param.String(default="", doc="the loan that is explained, or empty")
    loaded = param.Parameter(default=None, doc="key of the figures that are there; see `dashboards.loading`")
    role = param.String(doc="the reader's role as it was when the page was built; empty: nobody is signed in")
    tour = param.Event(doc="the tour is asked for")
    failure = param.Parameter(default=None, doc="what a page raised while it was brought up to date")

    fields: ClassVar[dict[str, Field]] = {}
    """Fields of all pages by their names."""
    _fields_of: ClassVar[dict[str, tuple[Field, ...]]] = {}
    _need_loans: ClassVar[set[str]] = set()

    def __init__(self, pages: Mapping[str, str], query: Query | None = None, reader: Reader | None = None) -> None:
        self._pages, self.reader = pages, reader or Reader()
        self._watchers: list[Any] = []
        self.visit = 0
        self.problems: list[tuple[str, str]] = []
        self.unopened: dict[str, str] = {}
        self._last = LATEST
        super().__init__(**self._read(query or {}), role=self.reader.role)
        self.param.watch(self._drop_what_is_not_there, ["portfolio", "edition"])

    @classmethod
    def declare(cls, page: str, fields: Iterable[Field], *, needs_loans: bool = False) -> None:
        """Give every session the fields of a page, and say whether it can show a portfolio without loans."""
        cls._fields_of[page] = tuple(fields)
        if needs_loans:
            cls._need_loans.add(page)
        for field in cls._fields_of[page]:
            if field.name not in cls.fields and field.name not in _TAKEN:
                cls.fields[field.name] = field
                cls.param.add_parameter(field.name, param.Parameter(default=field.default))
            elif cls.fields.get(field.name) is not field:
                raise ValueError(f"{field.name} of page {page} is the name of something else. Share it or rename it.")

    @property
    def is_page_seen(self) -> bool:
        """True if the reader may see the page."""
        return self.reader.may(self._pages[self.page])

    @property
    def lacks_loans(self) -> bool:
        """True if the page needs loans and the portfolio has none."""
        return self.page in self._need_loans and not shared.has_loans(self.edition)

    @property
    def may_open_loans(self) -> bool:
        """True if there are loans to look into, and the reader may."""
        return self.reader.may(ANALYST) and shared.has_loans(self.edition)

    def look_again(self) -> bool:
        """See whether the reader's role has changed, which builds the page anew; true if it has not."""
        changed = self.role != self.reader.role
        self.role = self.reader.role
        return not changed

    @property
    def words(self) -> Words:
        """The words of the language in use."""
        return words_in(self.lang)

    @property
    def key(self) -> shared.Key:
        """What the figures depend on."""
        return shared.Key(self.edition, self.policy, self.as_of)

    @property
    def problem_texts(self) -> list[str]:
        """What was wrong in the address, in words."""
        return [self.words.text(_NOT_KNOWN, name=name, value=value) for name, value in self.problems]

    def search(self, **other: str) -> str:
        """The state as the query part of an address, some values replaced by others."""
        fields = self._fields_of.get(other.get("page", self.page), ())
        values: dict[str, Any] = {name: self._as_text(name) for name in _NAMES}
        values |= {field.name: field.written(getattr(self, field.name)) for field in fields}
        return "?" + urlencode({name: value for name, value in (values | other).items() if value}, doseq=True)

    def go_to(self, search: str) -> None:
        """Take over the state of an address; what it does not name falls back to its default."""
        self.param.update(**self._read(parse_qs(search.lstrip("?"))))

    def open(self, portfolio: str) -> None:
        """Turn to a portfolio as its data are now: at its last day, or the same one of the same portfolio."""
        edition = shared.edition(portfolio)
        stays = portfolio == self.portfolio and self.as_of != self._last
        self._last = shared.span(edition).last
        self.param.update(portfolio=portfolio, edition=edition, as_of=self.as_of if stays else self._last)

    def on_change(self, callback: Callable[..., None], *names: str) -> None:
        """Call back when one of the values changes, as long as the present page is shown.

        What the callback raises becomes the session's `failure`, which the shell shows in place of the page.
        """
        visit = self.visit

        def call(*events: Any) -> None:
            if self.visit != visit:  # one that was called before it has just closed the page
                return
            try:
                callback(*events)
            except Exception as error:
                self.failure = error

        self._watchers.append(self.param.watch(call, list(names)))

    def leave_page(self) -> None:
        """Forget the callbacks of the page that goes."""
        self.visit += 1
        for watcher in self._watchers:
            self.param.unwatch(watcher)
        self._watchers.clear()

    def _as_text(self, name: str) -> str:
        """One value as it stands in the address."""
        value = getattr(self, name)
        return value.isoformat() if isinstance(value, date) else value

    def _read(self, query: Query) -> dict[str, Any]:
        """Values of an address, each checked against what exists."""
        self.problems = []
        texts = {name: [value] if isinstance(value, str) else list(value) for name, value in query.items()}
        portfolio, edition = self._portfolio(texts)
        self._last, has_loans = shared.span(edition).last, shared.has_loans(edition)
        is_shown = {name: has_loans or name not in self._need_loans for name in self._pages}
        page = self._choice(texts, "page", sorted(self._pages, key=is_shown.__getitem__, reverse=True))
        is_read = is_shown[page] and self.reader.may(self._pages[page])
        given = {field.name for field in self._fields_of.get(page, ()) if is_read}
        return {
            "portfolio": portfolio,
            "edition": edition,
            "page": page,
            "policy": self._choice(texts, "policy", shared.policies_for(edition)),
            "lang": self._choice(texts, "lang", LANGUAGES),
            "theme": self._choice(texts, "theme", THEMES),
            "as_of": self._date(texts, shared.days(edition)),
            "loan": texts.get("loan", [""])[0][:LONGEST] if has_loans and self.reader.may(ANALYST) else "",
            **{name: self._field(self.fields[name], texts.get(name, []), edition) for name in given},
        }

    def _portfolio(self, texts: Mapping[str, Sequence[str]]) -> tuple[str, str]:
        """Name and edition of the portfolio that was asked for; if it cannot be opened, of the first that can."""
        asked = self._choice(texts, "portfolio", shared.portfolios())
        self.unopened = {}
        for name in dict.fromkeys([asked, *shared.portfolios()]):
            try:
                edition = shared.edition(name)
                shared.portfolio(edition)
            except CollectkitError as error:
                self.unopened[name] = told(error, self.reader)
                continue
            return name, edition
        raise CallError("None of the portfolios on offer can be opened.")

    def _choice(self, texts: Mapping[str, Sequence[str]], name: str, valid: Iterable[str]) -> str:
        """A value that is one of the valid ones, else the first of them."""
        values, asked = list(valid), texts.get(name, [])
        if asked and asked[0] not in values:
            self.problems.append((name, asked[0][:LONGEST]))
        return asked[0] if asked and asked[0] in values else values[0]

    def _date(self, texts: Mapping[str, Sequence[str]], days: shared.Span) -> date:
        """A real day that can be asked for, else the last day of the portfolio."""
        asked = texts.get("as_of", [])
        day = read_day(asked[0]) if asked else self._last
        if day is None or not days.first <= day <= days.last:
            self.problems.append(("as_of", asked[0][:LONGEST]))
            return self._last
        return day

    def _field(self, field: Field, texts: Sequence[str], portfolio: str) -> Any:
        """Value of a field, else its default."""
        try:
            return field.read(texts, portfolio)
        except ValueError as error:
            self.problems.append((field.name, str(error)[:LONGEST]))
            return field.default

    def _drop_what_is_not_there(self, *_: Any) -> None:
        """Another portfolio may lack what was chosen; that choice falls back to its default."""
        edition = self.edition
        if shared.name_of(edition) != self.portfolio:
            edition = shared.edition(self.portfolio)
        policies, days, has_loans = shared.policies_for(edition), shared.days(edition), shared.has_loans(edition)
        kept: dict[str, Any] = {
            "edition": edition,
            "policy": self.policy if self.policy in policies else policies[0],
            "as_of": min(max(self.as_of, days.first), days.last),
            "loan": self.loan if has_loans else "",
        }
        shown = [page for page in self._fields_of if has_loans or page not in self._need_loans]
        known = {field.name for page in shown for field in self._fields_of[page]}
        for name, field in self.fields.items():
            kept[name] = self._still_there(field, edition) if name in known else field.default
        self.param.update(**kept)

    def _still_there(self, field: Field, edition: str) -> Any:
        """What was chosen of a field, else its default."""
        try:
            return field.read(field.written(getattr(self, field.name)), edition)
        except ValueError:
            return field.default


_TAKEN = frozenset(dir(Session))
"""Names that no field can have."""
