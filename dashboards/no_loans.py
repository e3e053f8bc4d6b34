"""What is said in place of a page or a card that needs loans, where the portfolio is a file of month ends."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import panel as pn
import panel_material_ui as pmui

from dashboards import parts
from dashboards.words import N_

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dashboards.pages import Page
    from dashboards.session import Session
    from dashboards.words import Words

_TITLE = N_("This needs the loans")
_PAGE = N_(
    "Portfolio {portfolio} is a file of month ends: figures that are summed up already, for any number of loans. This "
    "page is about the loans themselves, which are not in it."
)
_CARD = N_("This portfolio is a file of month ends, without its loans. Open the book itself to see this.")
_OTHERS = N_("These pages work without loans. To see this one, open the book itself.")


def in_place_of_figures(words: Words) -> str:
    """Markup of what a card says."""
    return parts.message(words.text(_TITLE), words.text(_CARD))


def notice(session: Session, pages: Iterable[Page]) -> pn.Column:
    """What a page says, with a way to each page that works."""
    words = session.words
    told = parts.message(words.text(_TITLE), words.text(_PAGE, portfolio=session.portfolio))
    ways = [_way(session, page) for page in pages if not page.needs_loans and session.reader.may(page.role)]
    return parts.card(
        parts.markup(told),
        parts.markup(parts.status(words.text(_OTHERS)), margin=(12, 0, 8, 0)),
        pn.Row(*ways, sizing_mode="stretch_width", margin=0, styles={"flex-wrap": "wrap", "gap": "8px"}),
    )


def _way(session: Session, page: Page) -> pmui.Button:
    """Button that goes to a page."""
    button = pmui.Button(label=session.words.text(page.title), variant="outlined", size="small", margin=0,
                         sx={"textTransform": "none"})  # fmt: skip
    button.on_click(partial(_go, session, page.name))
    return button


def _go(session: Session, page: str, _: object) -> None:
    session.page = page
