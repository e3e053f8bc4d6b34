"""Let a session go when its browser tab is closed.

`panel_material_ui.Page` keeps every session alive: its ``busy`` parameter watches the process-wide
``pn.state.busy``, and its views stay in ``pn.state._views``. Both are private, so each step is tried with
care and a test counts the pages that stay behind. This must live in an imported module: Bokeh clears the
namespace of a served script before the callback runs.

The watching ends as soon as the page is made: otherwise whatever one reader does is told to all pages, twice, and with
thirty readers the server does little else. Cards say themselves what is being waited for.
"""

from __future__ import annotations

import gc
import logging
from typing import TYPE_CHECKING, Any

import panel as pn
from tornado.ioloop import IOLoop

if TYPE_CHECKING:
    from bokeh.document import Document

_COLLECT_AFTER_S = 10.0
_waiting: set[str] = set()
_log = logging.getLogger(__name__)


def release_when_closed(page: Any) -> None:
    """Drop what the process holds of this page: what is busy at once, the rest when its session ends."""

    def release(context: Any) -> None:
        _forget_views(getattr(context, "_document", None))
        _collect_later()

    _unwatch_busy(page)
    if pn.state.curdoc is not None and pn.state.curdoc.session_context is not None:
        pn.state.on_session_destroyed(release)


def _unwatch_busy(page: Any) -> None:
    """Stop the process-wide busy flag from holding the page, and from changing it."""
    try:
        watchers = pn.state.param.watchers.get("busy", {}).get("value", [])
    except AttributeError:
        _log.warning("panel changed how it keeps watchers; closed sessions may stay in memory")
        return
    for watcher in list(watchers):
        owner = getattr(watcher.fn, "__self__", None)
        if getattr(owner, "self", owner) is page:
            pn.state.param.unwatch(watcher)


def _forget_views(document: Document | None) -> None:
    """Take the views of a closed document out of the process-wide register."""
    views = getattr(pn.state, "_views", {})
    for key, view in list(views.items()):
        if document is not None and len(view) > 2 and view[2] is document:
            views.pop(key, None)


def _collect_later() -> None:
    """Free the cycles that closed sessions leave; once for many that close together."""
    if "collect" not in _waiting:
        _waiting.add("collect")
        IOLoop.current().call_later(_COLLECT_AFTER_S, _collect)


def _collect() -> None:
    """Free what nothing refers to any more."""
    _waiting.discard("collect")
    gc.collect()
