"""Figures that take long are computed in a thread: the page says so, and other readers are not kept waiting."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

import panel as pn

from dashboards import parts
from dashboards.guard import error_card, guarded
from dashboards.session import FIGURES

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboards.kept import Kept
    from dashboards.session import Session
    from dashboards.shared import Key


def when_loaded(
    session: Session, build: Callable[[], Any], *needs: Kept, nothing: Callable[[Key], str] = lambda _: ""
) -> pn.Column:
    """What `build` makes, once everything it needs is there for the session's date, policy and portfolio.

    Parameters
    ----------
    session : Session
    build : callable
        Makes the page, once; its cards are called again when the session's `loaded` changes.
    *needs : Kept
        Functions of the session's key, called in a thread unless their result is there.
    nothing : callable
        Markup that says why there is nothing to show for a key, in place of the page; empty if there is something.

    Returns
    -------
    Column
        Progress, then the page; after another date the page of before, faint, until the new figures are there.
    """
    return _Loading(session, build, needs, nothing).view


def in_background(work: Callable[[], Any], then: Callable[[Exception | None], None]) -> None:
    """Do something in a thread, then call with what went wrong, if anything did; without a server all at once.

    `then` has to look whether its page is still the one that is shown.
    """
    document = pn.state.curdoc
    if document is None or document.session_context is None:
        then(_failure(work))
        return

    async def later() -> None:
        failure = await asyncio.to_thread(_failure, work)
        if pn.state.loaded:
            pn.state.execute(partial(then, failure), schedule=True)
        else:  # what changes between the sending of a page and its arrival is lost
            pn.state.onload(partial(then, failure))

    pn.state.execute(later)


def _failure(work: Callable[[], Any]) -> Exception | None:
    """Do the work; what went wrong, if anything did."""
    try:
        work()
    except Exception as error:
        return error
    return None


class _Loading:
    """One page that waits for its figures."""

    def __init__(
        self, session: Session, build: Callable[[], Any], needs: tuple[Kept, ...], nothing: Callable[[Key], str]
    ) -> None:
        self._session, self._build, self._needs, self._nothing = session, build, needs, nothing
        self._visit = session.visit
        self._page: Any = None
        self._progress = _progress(session)
        self._body = pn.Column(sizing_mode="stretch_width", margin=0)
        self.view = pn.Column(self._progress, self._body, sizing_mode="stretch_width", margin=0)
        session.on_change(self._load, *FIGURES)
        self._load()

    def _load(self, *_: Any) -> None:
        """See that the figures are there: at once, or in a server after a while."""
        key = self._session.key
        if all(need.is_there(key) for need in self._needs):
            self._arrive(key, None)
        else:
            self._wait(is_waiting=True)
            in_background(partial(self._compute, key), partial(self._arrive, key))

    def _compute(self, key: Key) -> None:
        """Compute what is not there yet."""
        for need in self._needs:
            need(key)

    def _arrive(self, key: Key, failure: Exception | None) -> None:
        """Bring the page up to date, build it, or say what went wrong; nothing if the reader has gone on meanwhile."""
        if self._session.visit != self._visit or self._session.key != key:
            return
        self._wait(is_waiting=False)
        self._body.objects = [self._shown(key) if failure is None else error_card(failure, self._session.words)]

    def _shown(self, key: Key) -> Any:
        """The page with the figures of the key, built if it is the first time; or why there are none."""
        nothing = self._nothing(key)
        if nothing:
            return parts.markup(nothing)
        self._session.loaded = key
        if self._page is None:
            self._page = guarded(self._build, self._session.words)
        return self._page

    def _wait(self, *, is_waiting: bool) -> None:
        """Show or hide the progress, and the figures of before faint or clear."""
        self._progress.visible = is_waiting
        self._body.styles = {"opacity": "0.45" if is_waiting else "1"}


def _progress(session: Session) -> pn.Column:
    """What is shown until the figures are there."""
    words = session.words
    text = words.text("Working out the figures. With many loans this takes a few seconds, once for all readers.")
    card = parts.card(parts.progress(text))
    card.visible = False
    return card
