"""The registry of pages: a new page is one module and one line here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dashboards.pages import data, today
from dashboards.words import N_

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboards.session import Session


@dataclass(frozen=True)
class Page:
    """One page: its name in the address, its title and what builds it for a session."""

    name: str
    title: str
    build: Callable[[Session], Any]


PAGES = (
    Page("today", N_("Today"), today.page),
    Page("data", N_("Data"), data.page),
)


def names() -> tuple[str, ...]:
    """Names of the pages, the first one is shown when none is asked for."""
    return tuple(page.name for page in PAGES)


def named(name: str) -> Page:
    """The page of this name."""
    return next(page for page in PAGES if page.name == name)
