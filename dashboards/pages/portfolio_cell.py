"""The loans behind a cell of *Portfolio*: those that went from one state to another up to a month end."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import panel as pn
import panel_material_ui as pmui

from collectkit.charts.tracking import state_name
from collectkit.tracking.cubes import EXITS
from dashboards import parts, tracked
from dashboards.cards import Later, Listed, Nothing, table_card
from dashboards.fields import month, read_day, short_text
from dashboards.filters import chosen_months
from dashboards.words import N_

if TYPE_CHECKING:
    import pandas as pd

    from dashboards.session import Session
    from dashboards.words import Words

FIELDS = (month("cell_month"), short_text("cell_before"), short_text("cell_after"))
"""Which cell is looked into, in the address."""
_NAMES = tuple(field.name for field in FIELDS)
_ANY, _OVERDUE, _NEW = "", "overdue", "new"
_FIELD = {"flex": "1 1 90px", "min-width": "0"}
_ROW = {"gap": "10px"}
_DEFINITION = N_(
    "Loans that were in the first state at the month end before and in the second at this month end; new: disbursed "
    "in between. Filters apply as they stand above."
)


def card(session: Session) -> pn.Column:
    """The list, with the choice of its cell above it."""
    words = session.words
    return table_card(
        session,
        words.text("Loans behind a cell"),
        lambda: _listed(session),
        name="loans-behind-cell",
        follows=(*tracked.FOLLOWED, *_NAMES),
        controls=[_choice(session)],
        needs_loans=True,
        on_row=lambda row: session.param.update(loan=str(row["loan_id"])),
        columns=lambda rows: {"header_filters": parts.header_filters(rows, words), "frozen_columns": ["loan_id"]},
        basis=560,
    )


def open_move(session: Session, point: dict[str, Any]) -> None:
    """List the loans of a cell of the roll rates, in the last month that is shown."""
    cell = point.get("customdata")
    if isinstance(cell, list) and len(cell) > 1:
        session.param.update(cell_before=str(cell[0]), cell_after=str(cell[1]))


def open_month(session: Session, point: dict[str, Any]) -> None:
    """List the overdue loans of a month of the bucket mix."""
    day = read_day(str(point.get("x"))[:10])
    if day is not None:
        session.param.update(cell_month=day.replace(day=1), cell_before=_ANY, cell_after=_OVERDUE)


def _choice(session: Session) -> pn.Row:
    """Month, state before and state after, to choose without a click and to see what was clicked."""
    words = session.words
    fields = {
        name: pmui.Select(label=words.text(text), size="small", margin=0, sizing_mode="stretch_width", styles=_FIELD)
        for name, text in zip(_NAMES, (N_("Month end"), N_("From"), N_("To")), strict=True)
    }

    def chosen() -> dict[str, Any]:
        return dict(zip(_NAMES, (tracked.month_of(_days(session)[1]), *_states(session)), strict=True))

    def take(event: Any, name: str) -> None:
        if event.new != chosen()[name]:
            session.param.update({name: event.new})

    def show(*_: Any) -> None:
        full, any_state = tracked.cube(session.loaded), {words.text(N_("any")): _ANY}
        exits = {state_name(name, session.lang): name for name in EXITS}
        buckets = {name: name for name in full.buckets}
        overdue = {words.text(N_("any overdue")): _OVERDUE}
        months = {words.month(month): month for month in tracked.months(session)}
        options = (months, any_state | {words.text(N_("new")): _NEW} | buckets, any_state | overdue | buckets | exits)
        for field, known, value in zip(fields.values(), options, chosen().values(), strict=True):
            field.param.update(options=known, value=value)

    for name, field in fields.items():
        field.param.watch(partial(take, name=name), "value")
    session.on_change(show, "loaded", *tracked.RANGE, *_NAMES)
    show()
    return pn.Row(*fields.values(), sizing_mode="stretch_width", margin=0, styles=_ROW)


def _days(session: Session) -> tuple[pd.Timestamp | None, pd.Timestamp]:
    """The month end that is looked into, and the one before it."""
    days = list(tracked.cube(session.loaded).dates)
    known = {tracked.month_of(day): position for position, day in enumerate(days)}
    last = chosen_months(session, list(known), *tracked.RANGE)[1]
    position = known.get(session.cell_month, known[last])
    return (days[position - 1] if position else None), days[position]


def _states(session: Session) -> tuple[str, str]:
    """State before and after, any if what the address asks for is none."""
    buckets = tracked.cube(session.loaded).buckets
    before = session.cell_before if session.cell_before in (*buckets, _NEW) else _ANY
    after = session.cell_after if session.cell_after in (*buckets, *EXITS, _OVERDUE) else _ANY
    return before, after


def _listed(session: Session) -> Listed | Nothing | Later:
    """The loans of the chosen cell."""
    words, (state_before, state) = session.words, _states(session)
    if not (state_before or state):
        return Nothing(words.text("Click a cell of the roll rates or a month of the bucket mix, or choose above."))
    before, day = _days(session)
    full = tracked.cube(session.loaded)
    cells = {
        "as_of": (day,),
        "state_before": (state_before,) if state_before else (),
        "state": full.buckets[1:] if state == _OVERDUE else (state,) if state else (),
        **tracked.chosen(session),
    }
    asked = tracked.at_month_end(session.loaded), before, tracked.wanted(full, cells)
    if not tracked.behind.is_there(*asked):
        return Later(tracked.behind, asked)
    rows = tracked.behind(*asked)
    if rows.empty:
        return Nothing(words.text("No loan of these filters is in this cell in {month}.", month=words.month(day)))
    found = words.plural("{count} loan", "{count} loans", len(rows))
    sub = words.text("{loans} · up to {date}. Select a row to see why.", loans=found, date=words.date(day))
    return Listed(_told(rows, session), sub, [words.text(_DEFINITION)])


def _told(rows: pd.DataFrame, session: Session) -> pd.DataFrame:
    """The rows with states and channels in words."""
    words, language = session.words, session.lang
    return rows.assign(
        state_before=[_state(name, words, language) for name in rows["state_before"]],
        state=[_state(name, words, language) for name in rows["state"]],
        channel=[tracked.value_name(str(name), words) for name in rows["channel"]],
    )


def _state(name: str, words: Words, language: str) -> str:
    """A state in words."""
    return words.text(N_("new")) if name == _NEW else state_name(name, language)
