"""The audit log: one line of JSON for each sign-in, download and look at a person's data.

A line says who, when and what: the name of a file, the number of a loan. It holds nothing about a borrower.
"""

from __future__ import annotations

import json
import logging
import logging.handlers
import os
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import panel as pn

if TYPE_CHECKING:
    from pathlib import Path

    from bokeh.document import Document

_log = logging.getLogger("dashboards.audit")
_readers: WeakKeyDictionary[Document, str] = WeakKeyDictionary()


class _Lines(logging.Formatter):
    """A record as one line of JSON; what came from outside cannot begin a line of its own."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        at = self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z")
        return json.dumps({"at": at, **getattr(record, "told", {})}, ensure_ascii=False)


def note(event: str, user: str, **told: Any) -> None:
    """Write that something was done."""
    _log.info(event, extra={"told": {"event": event, "user": user, **told}})


def remember(document: Document | None, user: str) -> None:
    """Who looks at a document, for what knows no session."""
    if document is not None:
        _readers[document] = user


def note_here(event: str, **told: Any) -> None:
    """Write that whoever looks at the present document did something."""
    note(event, _readers.get(pn.state.curdoc, "") if pn.state.curdoc else "", **told)


def keep(path: Path | None) -> None:
    """Write to a file from now on, which only its owner can read; without one to the server's own output."""
    handler: logging.Handler = logging.StreamHandler()
    if path is not None:
        os.close(os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600))
        handler = logging.handlers.WatchedFileHandler(path, encoding="utf-8")
    handler.setFormatter(_Lines())
    for old in _log.handlers[:]:
        _log.removeHandler(old)
        old.close()
    _log.addHandler(handler)
    _log.setLevel(logging.INFO)
    _log.propagate = False
