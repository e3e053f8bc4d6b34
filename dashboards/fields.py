"""Fields of the address: what a page keeps in it, how a value is written, and what is a valid one.

A page lists its fields in the registry and reads them from the session by their names, like the date:
``session.weight``. All pages share one flat set of names, so a filter stays when the reader changes the page; two
pages that use a name share the field itself. A field that holds its default is not written.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    Options = Callable[[str], Iterable[str]]

EARLIEST, LATEST = date(1990, 1, 1), date(2100, 12, 31)
LONGEST = 100
"""Longest text that is taken from the address [characters]."""


@dataclass(frozen=True)
class Field:
    """One value in the address.

    `parse` makes the value of the texts of the address and the name of the portfolio, and raises `ValueError` with
    what is not known; `write` makes texts of the value.
    """

    name: str
    default: Any
    parse: Callable[[Sequence[str], str], Any]
    write: Callable[[Any], list[str]] = lambda value: [value]

    def read(self, texts: Sequence[str], portfolio: str) -> Any:
        """The value of the address; the default if the address has none."""
        return self.parse(texts, portfolio) if texts else self.default

    def written(self, value: Any) -> list[str]:
        """The texts for the address; none for the default."""
        return [] if value == self.default else self.write(value)


def choice(name: str, values: Iterable[str]) -> Field:
    """One of a few fixed values; the first is the default."""
    known = tuple(values)
    return Field(name, known[0], lambda texts, _: _known(texts[:1], known)[0])


def option(name: str, options: Options) -> Field:
    """One of the values that the portfolio has (its name in, the values out), or an empty text."""
    return Field(name, "", lambda texts, portfolio: _known(texts[:1], options(portfolio))[0])


def options(name: str, options: Options) -> Field:
    """Any of the values that the portfolio has, in its order; none of them means all."""
    return Field(name, (), lambda texts, portfolio: _known(texts, options(portfolio)), list)


def month(name: str) -> Field:
    """The first day of a month, written 2025-03; None means the page's own default."""
    return Field(name, None, lambda texts, _: _month(texts[0]), lambda value: [f"{value:%Y-%m}"])


def short_text(name: str) -> Field:
    """A short text that names something; the page says so if that is not there."""
    return Field(name, "", lambda texts, _: texts[0][:LONGEST])


def read_day(text: str | None) -> date | None:
    """Day written as 2025-12-31, or nothing if it is not one or lies beyond reason."""
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if EARLIEST <= day <= LATEST else None


def _known(texts: Sequence[str], values: Iterable[str]) -> tuple[str, ...]:
    """The values that were asked for, in their own order."""
    known = tuple(values)
    strange = [text for text in texts if text not in known]
    if strange:
        raise ValueError(", ".join(strange))
    return tuple(value for value in known if value in texts)


def _month(text: str) -> date:
    """First day of the month."""
    day = read_day(f"{text}-01")
    if day is None:
        raise ValueError(text)
    return day
