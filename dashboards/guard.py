"""A page that fails says so: Panel itself would show an endless spinner and answer 200."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from collectkit.errors import CollectkitError
from dashboards import parts

if TYPE_CHECKING:
    from collections.abc import Callable

    import panel as pn

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
        text = f"{error} ({number})"
    return parts.markup(parts.message(words.text("This could not be shown"), text, is_problem=True))
