"""What is new of the portfolio that is shown: its data on disk have changed, or another one is being opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import panel as pn
import panel_material_ui as pmui

from collectkit.errors import CollectkitError
from collectkit.refusals import refusal_in
from dashboards import parts, shared
from dashboards.guard import error_card
from dashboards.rights import told

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboards.session import Session

LOOK_EVERY_MS = 15_000
"""How often a session looks whether the data have changed; nothing is read for that."""


class News:
    """A line above the page; `view` is empty as long as there is nothing to tell."""

    def __init__(self, session: Session, open_portfolio: Callable[[str], None]) -> None:
        self._session, self._open = session, open_portfolio
        self.view = pn.Column(sizing_mode="stretch_width", margin=0, visible=False)
        if pn.state.curdoc is not None and pn.state.curdoc.session_context is not None:
            pn.state.add_periodic_callback(self.look, period=LOOK_EVERY_MS)

    def look(self) -> None:
        """Offer the new data if those on disk have changed; look for new portfolios, too."""
        session = self._session
        try:
            is_new = shared.edition(session.portfolio) != session.edition
        except (CollectkitError, OSError, KeyError):  # somebody is writing it, or has taken it away
            return
        if is_new and not self.view.visible:
            words = session.words
            text = words.text("The data of portfolio {portfolio} have changed on disk.", portfolio=session.portfolio)
            load = pmui.Button(label=words.text("Load them"), size="small", margin=(0, 0, 8, 0))
            load.on_click(lambda _: self._open(session.portfolio))
            self._tell(parts.markup(parts.message(words.text("There is news"), text)), load)

    def wait(self, name: str) -> None:
        """Say that a portfolio is being opened."""
        text = self._session.words.text("Opening portfolio {portfolio} …", portfolio=name)
        self._tell(parts.card(parts.progress(text)))

    def arrive(self, name: str, failure: Exception | None) -> None:
        """Say why a portfolio could not be opened; nothing if it could."""
        if failure is None:
            self.view.objects, self.view.visible = [], False
        elif isinstance(failure, CollectkitError):
            title = self._session.words.text("Portfolio {portfolio} could not be opened", portfolio=name)
            why = refusal_in(told(failure, self._session.reader), self._session.lang)
            self._tell(parts.markup(parts.message(title, why, is_problem=True)))
        else:
            self._tell(error_card(failure, self._session.words))

    def _tell(self, *content: Any) -> None:
        self.view.objects, self.view.visible = list(content), True
