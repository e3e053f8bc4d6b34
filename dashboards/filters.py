"""Controls above a page: filters of several values, a range of months, a switch; each is a field of the address."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import panel as pn
import panel_material_ui as pmui

from collectkit.columns import label
from dashboards.words import N_

if TYPE_CHECKING:
    from datetime import date

    from dashboards.session import Session

_SWITCH_SX = {"& .MuiToggleButton-root": {"textTransform": "none", "py": "3px", "whiteSpace": "nowrap"}}
_FIELD_STYLE = {"flex": "1 1 140px", "min-width": "0"}
_BAR_STYLE = {"flex-wrap": "wrap", "gap": "12px", "align-items": "flex-end"}
_LOW = ".MuiInputLabel-root:not(.MuiInputLabel-shrink) { transform: translate(14px, 9px); }"
"""The label of a field as low as the select fields are."""
_LISTED_AT_ONCE = 12
_FROM, _TO = N_("From month"), N_("To month")


Values = Callable[[], Mapping[str, Sequence[str] | Mapping[str, str]]]


def filter_bar(session: Session, values: Values, *others: Any) -> pn.Column:
    """Filters for what the portfolio has; nothing chosen means everything.

    Parameters
    ----------
    session : Session
    values : callable
        Gives the values of each field (named as its column and declared with `dashboards.fields.options`), or how
        each is shown and the value; called anew when other figures are loaded. A field with fewer than two values
        is not shown.
    *others
        What stands in front of the filters: a range of months, a switch.

    Returns
    -------
    Column
    """
    fields: dict[str, Any] = {name: _field(session, name) for name in values()}
    clear = pmui.Button(label=session.words.text("Clear filters"), icon="filter_alt_off", variant="text", size="small",
                        margin=0, sx={"textTransform": "none"})  # fmt: skip

    def show(*_: Any) -> None:
        for name, there in values().items():
            known = dict(there) if isinstance(there, Mapping) else {value: value for value in there}
            chosen = [value for value in getattr(session, name) if value in known.values()]
            fields[name].param.update(options=known, value=chosen, visible=len(known) > 1,
                                      searchable=len(known) > _LISTED_AT_ONCE)  # fmt: skip
        clear.visible = any(getattr(session, name) for name in fields)

    clear.on_click(lambda _: session.param.update(**dict.fromkeys(fields, ())))
    session.on_change(show, "loaded", *fields)
    show()
    first = pn.Row(*others, clear, sizing_mode="stretch_width", margin=0, styles=_BAR_STYLE)
    second = pn.Row(*fields.values(), sizing_mode="stretch_width", margin=0, styles=_BAR_STYLE)
    return pn.Column(first, second, sizing_mode="stretch_width", margin=0, styles={"gap": "12px"})


def _field(session: Session, name: str) -> pmui.MultiChoice:
    """Filter of one field."""
    field = pmui.MultiChoice(
        label=label(name, session.lang),
        chip=False,
        margin=0,
        sizing_mode="stretch_width",
        styles=_FIELD_STYLE,
        stylesheets=[_LOW],
        sx={"height": "40px"},
    )
    field.param.watch(lambda event: session.param.update({name: tuple(event.new)}), "value")
    return field


def month_range(session: Session, months: Callable[[], Sequence[date]], first: str, last: str) -> pn.Row:
    """From one month to another, each a field of the address declared with `dashboards.fields.month`.

    Parameters
    ----------
    session : Session
    months : callable
        Gives the months there are, in order; called anew when other figures are loaded.
    first, last : str
        Names of the two fields.

    Returns
    -------
    Row
    """
    words = session.words
    ends = {
        name: pmui.Select(label=words.text(text), size="small", margin=0, width=150, sx={"height": "40px"})
        for name, text in ((first, _FROM), (last, _TO))
    }

    def chosen() -> dict[str, date]:
        return dict(zip((first, last), chosen_months(session, list(months()), first, last), strict=True))

    def take(event: Any, name: str) -> None:
        if event.new != chosen()[name]:
            session.param.update({name: event.new})

    def show(*_: Any) -> None:
        there = list(months())
        options = {words.month(month): month for month in there}
        low, high = chosen().values()
        ends[first].param.update(options=options, value=low, disabled_options=[m for m in there if m > high])
        ends[last].param.update(options=options, value=high, disabled_options=[m for m in there if m < low])

    for name, end in ends.items():
        end.param.watch(partial(take, name=name), "value")
    session.on_change(show, "loaded", first, last)
    show()
    return pn.Row(*ends.values(), margin=0, styles={"gap": "12px"})


def chosen_months(session: Session, there: Sequence[date], first: str, last: str) -> tuple[date, date]:
    """First and last month to show: what the reader chose, as far as it is there."""
    low, high = getattr(session, first), getattr(session, last)
    high = high if high in there else there[-1]
    return (low if low in there and low <= high else min(there[0], high)), high


def switch(session: Session, name: str, options: Mapping[str, str], about: str) -> pmui.RadioButtonGroup:
    """One of a few values next to each other; `options` maps a value of the field to its marked text."""
    words = session.words
    buttons = pmui.RadioButtonGroup(
        options={words.text(text): value for value, text in options.items()},
        value=getattr(session, name),
        size="small",
        margin=0,
        label=about,
        sx=_SWITCH_SX,
    )
    buttons.param.watch(lambda event: session.param.update({name: event.new}), "value")
    session.on_change(lambda event: buttons.param.update(value=event.new), name)
    return buttons
