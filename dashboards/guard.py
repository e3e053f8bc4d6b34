"""A page that fails says so: Panel itself would show an endless spinner and answer 200."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import panel as pn

from collectkit.errors import CollectkitError
from collectkit.refusals import refusal_in
from dashboards import parts
from dashboards.rights import refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboards.session import Session
    from dashboards.words import Words

_log = logging.getLogger("dashboards")


def guarded(build: Callable[[], Any], words: Words) -> Any:
    """What `build` returns, or a card that says what went wrong.

    Parameters
    ----------
    build : callable
        Makes the part; may raise anything.
    words : Words
        Language of the card.

    Returns
    -------
    Viewable
        The part or the error card. A `CollectkitError` is shown in its own words, as it tells the reader what
        to do; anything else only by a number that stands in the server's log.
    """
    try:
        return build()
    except Exception as error:
        return error_card(error, words)


def error_card(error: Exception, words: Words) -> pn.pane.HTML:
    """Card that names the failure; the log has the rest under the same number."""
    number = uuid4().hex[:8]
    _log.error("page failed, number %s", number, exc_info=error)
    text = words.text(
        "Try another date or policy, or reload the page. The server's log has the details under number {number}.",
        number=number,
    )
    if isinstance(error, CollectkitError):
        text = f"{refusal_in(str(error), words.language)} ({number})"
    return parts.markup(parts.message(words.text("This could not be shown"), text, is_problem=True))


def allowed(session: Session, needed: str, title: str, *builds: Callable[[Session], Any]) -> pn.Column:
    """Parts of a page that need a role: what each makes, or one card that says which role it takes."""
    words = session.words
    if session.reader.may(needed):
        content = [guarded(partial(build, session), words) for build in builds]
    else:
        content = [parts.card(parts.heading(title), parts.markup(not_allowed(needed, words), margin=(8, 0, 0, 0)))]
    return pn.Column(*content, sizing_mode="stretch_width", margin=0, styles={"gap": "16px"})


def not_allowed(needed: str, words: Words) -> str:
    """Message in place of what is not for the reader."""
    return parts.message(words.text("Not for your role"), refusal(needed, words))
