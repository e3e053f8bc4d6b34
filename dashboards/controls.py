"""Controls the component library lacks: the browser's state, a date field of any language, links, charts."""

from __future__ import annotations

from pathlib import Path

import panel as pn
import param

PLOTLY_SOURCE = "static/extensions/panel/bundled/plotlyplot/plotly-3.1.0.min.js"
"""Where this server has the plotly that comes with Panel; a test sees that it is there."""

_STATIC = Path(__file__).parent / "static"


class BrowserState(pn.custom.JSComponent):
    """Language, title and colour scheme of the document, the address, the way back through the history."""

    lang = param.String(doc="language of the document")
    theme = param.String(doc="light or dark")
    title = param.String(doc="title of the document, as text")
    search = param.String(doc="query part of the address")
    asked = param.String(doc="query part the reader went back or forward to")

    _esm = _STATIC / "browser_state.js"


class DateInput(pn.custom.JSComponent):
    """Date field of the browser."""

    label = param.String(doc="what is asked for")
    value = param.String(doc="the day, as 2025-12-31")
    start = param.String(doc="first day that can be chosen")
    end = param.String(doc="last day that can be chosen")

    _esm = _STATIC / "date_input.js"
    _stylesheets = [(_STATIC / "date_input.css").read_text(encoding="utf-8")]


class Navigation(pn.custom.JSComponent):
    """Links to the pages; `value` is the page that is shown."""

    label = param.String(doc="what the links are, for screen readers")
    items = param.List(doc="one dict per page: name, label, href")
    value = param.String(doc="name of the page that is shown")

    _esm = _STATIC / "navigation.js"
    _stylesheets = [(_STATIC / "navigation.css").read_text(encoding="utf-8")]


class Chart(pn.custom.JSComponent):
    """A plotly figure, drawn as it was made; `label` says in words what it shows."""

    figure = param.String(doc="the figure as JSON")
    label = param.String(doc="the figure in words, for those who cannot see it")
    config = param.Dict(default={}, doc="plotly's config")
    source = param.String(default=PLOTLY_SOURCE, doc="address of plotly on this server")

    _esm = _STATIC / "chart.js"
    _stylesheets = [(_STATIC / "chart.css").read_text(encoding="utf-8")]
