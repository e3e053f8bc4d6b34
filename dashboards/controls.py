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


class PrintButton(pn.custom.JSComponent):
    """Prints the page: on light ground, without controls, and on every sheet what it is of."""

    label = param.String(doc="word of the button")
    note = param.String(doc="page, portfolio, date and policy")
    theme = param.String(doc="light or dark")
    printing = param.Boolean(default=False, doc="the page is to stand on light ground")
    wait = param.Integer(default=800, doc="until the charts are drawn anew [milliseconds]")
    rules = param.String(default=(_STATIC / "print.css").read_text(encoding="utf-8"), constant=True)

    _esm = _STATIC / "print_button.js"
    _stylesheets = [(_STATIC / "print_button.css").read_text(encoding="utf-8")]


class Tour(pn.custom.JSComponent):
    """A few steps for who is here for the first time, each about a part of the page."""

    steps = param.List(doc="one dict per step: part (selector of what is framed), title, text")
    texts = param.Dict(default={}, doc="words of the buttons: skip, back, next, done")

    _esm = _STATIC / "tour.js"
    _stylesheets = [(_STATIC / "tour.css").read_text(encoding="utf-8")]

    def show(self) -> None:
        """Begin again with the first step."""
        self._send_msg({})


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
    leave = param.Dict(default={}, doc="label and href of the way out, for the menu that small screens have")

    _esm = _STATIC / "navigation.js"
    _stylesheets = [(_STATIC / "navigation.css").read_text(encoding="utf-8")]


class Chart(pn.custom.JSComponent):
    """A plotly figure, drawn as it was made; `label` says in words what it shows."""

    figure = param.String(doc="the figure as JSON")
    label = param.String(doc="the figure in words, for those who cannot see it")
    config = param.Dict(default={}, doc="plotly's config")
    source = param.String(default=PLOTLY_SOURCE, doc="address of plotly on this server")
    clickable = param.Boolean(default=False, doc="a click on a point does something")
    clicked = param.Dict(default={}, doc="the point clicked last: curve, point, name, x, y, z, customdata")

    _esm = _STATIC / "chart.js"
    _stylesheets = [(_STATIC / "chart.css").read_text(encoding="utf-8")]

    def save(self, file_format: str, filename: str, title: str, ground: str) -> None:
        """Let the browser save the figure as a picture (png or svg) on a ground of its own."""
        self._send_msg({"format": file_format, "filename": filename, "title": title, "ground": ground})


class CardTop(pn.custom.JSComponent):
    """Heading of a card with its definition and its downloads; `on_msg` hears which file is asked for."""

    heading = param.String(doc="what the card shows")
    sub = param.String(doc="unit, date, policy")
    note = param.String(doc="a word to add")
    definition = param.List(doc="paragraphs that the sign ? opens")
    files = param.List(doc="one dict per download: name, label")
    texts = param.Dict(default={}, doc="words of the controls: about, download, download_of, busy")
    busy = param.Boolean(default=False, doc="a file is being made")
    problem = param.String(doc="why a file was not made")

    _esm = _STATIC / "card_top.js"
    _stylesheets = [(_STATIC / "card_top.css").read_text(encoding="utf-8")]

    def send(self, name: str, kind: str, content: bytes) -> None:
        """Let the browser save a file."""
        self._send_msg({"name": name, "type": kind, "data": content})
