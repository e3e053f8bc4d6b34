"""The registry of pages: a new page is one module and one line here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dashboards.pages import (
    agencies,
    case,
    compare,
    conduct,
    data,
    guide,
    policy,
    portfolio,
    scenarios,
    today,
    worklist,
)
from dashboards.rights import ADMIN, ANALYST, VIEWER
from dashboards.session import Session
from dashboards.words import N_

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboards.fields import Field


@dataclass(frozen=True)
class Page:
    """One page: its name in the address, its title, what builds it, its fields of the address, the role it needs.

    One that needs loans has nothing to show of a file of month ends; the shell says so in its place.
    """

    name: str
    title: str
    build: Callable[[Session], Any]
    fields: tuple[Field, ...] = ()
    role: str = VIEWER
    needs_loans: bool = False


PAGES = (
    Page("today", N_("Today"), today.page, today.FIELDS, needs_loans=True),
    Page("portfolio", N_("Portfolio"), portfolio.page, portfolio.FIELDS),
    Page("compare", N_("Compare periods"), compare.page, compare.FIELDS),
    Page("agencies", N_("Agencies"), agencies.page, agencies.FIELDS, needs_loans=True),
    Page("scenarios", N_("Scenarios"), scenarios.page, scenarios.FIELDS),
    Page("worklist", N_("Worklist"), worklist.page, worklist.FIELDS, ANALYST, needs_loans=True),
    Page("case", N_("Case"), case.page, case.FIELDS, ANALYST, needs_loans=True),
    Page("conduct", N_("Conduct"), conduct.page, conduct.FIELDS, ANALYST, needs_loans=True),
    Page("data", N_("Data"), data.page, role=ADMIN),
    Page("policy", N_("Policy"), policy.page, policy.FIELDS),
    Page("help", N_("Help"), guide.page),
)
for _page in PAGES:
    Session.declare(_page.name, _page.fields, needs_loans=_page.needs_loans)


def names() -> dict[str, str]:
    """Names of the pages with the role each needs; the first one is shown when none is asked for."""
    return {page.name: page.role for page in PAGES}


def named(name: str) -> Page:
    """The page of this name."""
    return next(page for page in PAGES if page.name == name)
