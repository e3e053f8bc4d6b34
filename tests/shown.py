"""What a page shows, read without a browser."""

from __future__ import annotations

import json

import panel as pn
import pytest

from dashboards import pages
from dashboards.controls import CardTop, Chart
from dashboards.session import Session
from dashboards.shell import Shell

#: What the component libraries warn of by themselves.
QUIET = [
    pytest.mark.filterwarnings("ignore:The inplace keyword"),  # bokeh 3.9 and pandas 3.1
    pytest.mark.filterwarnings("ignore:Both 'variant' and 'button_style'"),  # panel-material-ui 0.16
]


def opened(page, **query):
    """The shell of a reader who opens a page on the demo's last day, or with another address."""
    return Shell(Session(pages.names(), {"page": page, "as_of": "2025-12-31", **query}))


def texts(view):
    """All text that can be seen."""
    return " ".join(str(pane.object) for pane in view.select(pn.pane.HTML) if pane.visible)


def card(view, heading):
    """The card of this heading."""
    tops = [part for part in view.content.select(pn.Column) if isinstance(part[0] if len(part) else None, CardTop)]
    return next(part for part in tops if part[0].heading == heading)


def chart(view, heading):
    """The chart of the card of this heading."""
    return next(iter(card(view, heading).select(Chart)))


def drawn(view, heading):
    """The figure of this chart."""
    return json.loads(chart(view, heading).figure)


def rows(view, heading):
    """The table of the card of this heading."""
    return next(iter(card(view, heading).select(pn.widgets.Tabulator))).value
