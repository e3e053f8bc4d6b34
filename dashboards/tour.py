"""The tour for who is here for the first time: three steps, each about a part of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import panel as pn
import panel_material_ui as pmui

from dashboards.controls import Tour
from dashboards.words import N_

if TYPE_CHECKING:
    from dashboards.session import Session

_STEPS = (
    ("input[type=date]", N_("Where you are"), N_(
        "Every figure is for the end of one day, one portfolio and one policy. They stand under the title and are "
        "chosen here. The address keeps them: send it, or bookmark it, and the same view opens again."
    )),
    (".what", N_("What a figure says"), N_(
        "The sign ? tells what a tile, chart or table counts, in which unit. “Download” saves what you see as a table "
        "or a picture, “Print” the whole page. Select the row of a loan to see why it owes what it owes."
    )),
    ("nav", N_("Where to go"), N_(
        "Each page answers one question. Page Help says which, explains every word in both languages, names the keys, "
        "and shows this tour again."
    )),
)  # fmt: skip
"""Selector of what is framed, title, text."""


def tour(session: Session) -> Tour:
    """The tour, which opens by itself in a browser that has not seen it, and whenever the session asks."""
    shown = Tour(width=0, height=0, margin=0)

    def say(*_: Any) -> None:
        text = session.words.text
        shown.param.update(
            steps=[{"part": part, "title": text(title), "text": text(told)} for part, title, told in _STEPS],
            texts={"skip": text("Skip"), "back": text("Back"), "next": text("Go on"), "done": text("Done")},
        )

    say()
    session.param.watch(say, "lang")
    session.param.watch(lambda _: shown.show(), "tour")
    return shown


def again(session: Session) -> pn.Row:
    """Button that shows the tour again."""
    button = pmui.Button(label=session.words.text("Show the tour"), variant="outlined", size="small", margin=0)
    button.on_click(lambda _: session.param.trigger("tour"))
    return pn.Row(button, margin=0)
