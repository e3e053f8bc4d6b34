"""The two sides of *Compare periods*: two months, or two segments in the same months."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import panel as pn
import panel_material_ui as pmui

from collectkit.columns import label
from dashboards import tracked
from dashboards.fields import choice, month, short_text
from dashboards.filters import month_range, switch
from dashboards.words import N_

if TYPE_CHECKING:
    import pandas as pd

    from collectkit.tracking import Cube
    from dashboards.session import Session

_MODES = {"months": N_("Two months"), "segments": N_("Two segments")}
_MONTHS, _SEGMENTS = ("month_a", "month_b"), ("segment_a", "segment_b")
FIELDS = (
    choice("sides", _MODES),
    *(month(name) for name in _MONTHS),
    choice("dimension", tracked.DIMENSIONS),
    *(short_text(name) for name in _SEGMENTS),
)
"""What the sides are, in the address."""
NAMES = tuple(field.name for field in FIELDS)
_A_YEAR = 12
_FIELD = {"size": "small", "margin": 0, "width": 170, "sx": {"height": "40px"}}
_ROW = {"flex-wrap": "wrap", "gap": "12px", "align-items": "flex-end"}


class Sides(NamedTuple):
    """Both cubes and what each is called."""

    before: Cube
    after: Cube
    names: tuple[str, str]


def sides(session: Session) -> Sides | None:
    """The two sides as the session wants them; None if there are not two to choose from."""
    if session.sides == "months":
        days = _days(session)
        if days is None:
            return None
        cubes = [tracked.part(session, as_of=(day,)) for day in days]
        return Sides(*cubes, _told_apart(*(session.words.month(day) for day in days)))
    values = _segments(session)
    if values is None:
        return None
    shown = tracked.days(session)
    cubes = [tracked.part(session, as_of=shown, **{session.dimension: (value,)}) for value in values]
    return Sides(*cubes, _told_apart(*(tracked.value_name(value, session.words) for value in values)))


def _told_apart(one: str, other: str) -> tuple[str, str]:
    """Names of both sides; where they are the same, with the letter of the side."""
    return (one, other) if one != other else (f"{one} (A)", f"{other} (B)")


def controls(session: Session) -> pn.Column:
    """What is compared: the months, or the dimension and two of its values."""
    words = session.words
    modes = switch(session, "sides", _MODES, words.text("Compare"))
    months = pn.Row(*_selects(session, _MONTHS, lambda: _month_choices(session)), margin=0, styles=_ROW)
    names = {label(name, session.lang): name for name in tracked.DIMENSIONS}
    dimension = pmui.Select(label=words.text("By"), options=names, value=session.dimension, **_FIELD)
    dimension.param.watch(lambda event: session.param.update(dimension=event.new, segment_a="", segment_b=""), "value")
    segments = pn.Row(
        dimension,
        *_selects(session, _SEGMENTS, lambda: _segment_choices(session)),
        month_range(session, lambda: tracked.months(session), *tracked.RANGE),
        margin=0,
        styles=_ROW,
    )

    def show(*_: Any) -> None:
        dimension.value = session.dimension
        months.visible, segments.visible = session.sides == "months", session.sides == "segments"

    session.on_change(show, "sides", "dimension")
    show()
    return pn.Row(modes, months, segments, margin=0, styles=_ROW)


def _selects(session: Session, names: tuple[str, str], choices: Any) -> list[pmui.Select]:
    """Two fields: side A and side B. `choices` gives the options and the two that hold, or nothing."""
    words = session.words
    fields = [pmui.Select(label=text, **_FIELD) for text in (words.text("A"), words.text("B, compared with A"))]

    def take(event: Any, side: int) -> None:
        _, held = choices()
        if event.new is not None and held is not None and event.new != held[side]:
            session.param.update({names[side]: event.new})

    def show(*_: Any) -> None:
        options, held = choices()
        for side, field in enumerate(fields):
            field.param.update(options=options, value=held[side] if held else None)

    for side, field in enumerate(fields):
        field.param.watch(partial(take, side=side), "value")
    session.on_change(show, "loaded", *names, "dimension")
    show()
    return fields


def _month_choices(session: Session) -> tuple[dict[str, Any], list[Any] | None]:
    """Months by their names, and the two that are compared."""
    days = _days(session)
    options = {session.words.month(day): tracked.month_of(day) for day in _all_days(session)}
    return options, None if days is None else [tracked.month_of(day) for day in days]


def _segment_choices(session: Session) -> tuple[dict[str, Any], list[Any] | None]:
    """Values of the dimension by their names, and the two that are compared."""
    values = tracked.cube(session.loaded).values(session.dimension)
    options = {tracked.value_name(value, session.words): value for value in values}
    held = _segments(session)
    return options, None if held is None else list(held)


def _all_days(session: Session) -> list[pd.Timestamp]:
    """Month ends with a month before: at the first one every loan is new."""
    return list(tracked.cube(session.loaded).dates[1:])


def _days(session: Session) -> tuple[pd.Timestamp, pd.Timestamp] | None:
    """The two month ends: what the reader chose, as far as it is there, else the last one and the one a year before."""
    days = _all_days(session)
    if len(days) < 2:
        return None
    known = {tracked.month_of(day): day for day in days}
    later = known.get(session.month_b, days[-1])
    return known.get(session.month_a, days[max(days.index(later) - _A_YEAR, 0)]), later


def _segments(session: Session) -> tuple[str, str] | None:
    """The two values of the dimension."""
    values = tracked.cube(session.loaded).values(session.dimension)
    if len(values) < 2:
        return None
    one = session.segment_a if session.segment_a in values else values[0]
    others = [value for value in values if value != one]
    return one, session.segment_b if session.segment_b in values else others[0]
