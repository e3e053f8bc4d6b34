"""What the values that are tried would do: the figures of the day, in use and tried, side by side."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from collectkit.columns import COLUMNS, label
from dashboards import downloads, shared, tried
from dashboards.cards import Later, Listed, Nothing, note_of, table_card
from dashboards.downloads import CSV, EXCEL
from dashboards.words import N_

if TYPE_CHECKING:
    import panel as pn

    from dashboards.session import Session

_EFFECT = N_(
    "The same figures of the book on the date, worked out twice: under the policy in use and with what you changed. "
    "Nothing is saved, and other readers see the policy in use."
)
_LEAST = 0.00005
"""Smallest difference of two fractions that shows in hundredths of a percentage point."""
_COMMISSION = N_("Commission is that on cash from the first of the month up to the date, by tariff.")


def card(session: Session) -> pn.Column:
    """Table of the figures; says what is missing while nothing is changed, or a value is wrong."""
    words = session.words
    title = words.text("What it would do")

    def raw() -> pd.DataFrame:
        return tried.effect(session.loaded, tried.changes_of(session))

    def rows() -> Listed | Nothing | Later:
        changes = tried.changes_of(session)
        if not changes:
            return Nothing(words.text("Change a value: the figures of the book are worked out again and shown here."))
        if tried.tried(session.loaded.policy, changes).policy is None:
            return Nothing(words.text("Correct the marked values first; what you entered is kept."))
        if not tried.effect.is_there(session.loaded, changes):
            return Later(tried.effect, (session.loaded, changes))
        return Listed(_shown(session, raw()), note_of(session), [words.text(_EFFECT), words.text(_COMMISSION)])

    return table_card(
        session,
        title,
        rows,
        name="policy-effect",
        follows=("tried",),
        needs_loans=True,
        files={
            CSV: lambda: downloads.csv_file(raw()),
            EXCEL: lambda: downloads.excel_file(raw(), (title, note_of(session)), session.lang),
        },
        columns=lambda _: {
            "page_size": 30,
            "text_align": dict.fromkeys(("in_use", "tried", "tried_difference"), "right"),
        },
        basis=560,
        share=3,
    )


def _shown(session: Session, table: pd.DataFrame) -> pd.DataFrame:
    """The figures as a reader has them: each with what it is of and its unit, the difference with its sign."""
    units = {"currency": session.words.currency(shared.policy(session.loaded.policy).currency)}
    cells = [
        {
            "policy_figure": " · ".join(part for part in (label(name, session.lang), of, units.get(unit, "")) if part),
            "in_use": _figure(session, name, old),
            "tried": _figure(session, name, new),
            "tried_difference": _signed(session, name, by),
        }
        for name, of, unit, old, new, by in table.itertuples(index=False)
    ]
    return pd.DataFrame(cells)


def _figure(session: Session, name: str, value: float) -> str:
    """One figure in its unit."""
    words, kind = session.words, COLUMNS[name].kind
    if math.isnan(value):
        return "–"
    return words.money(value) if kind == "money" else words.percent(value) if kind == "rate" else words.number(value)


def _signed(session: Session, name: str, value: float) -> str:
    """A difference with its sign; of two fractions in percentage points."""
    if COLUMNS[name].kind == "rate":
        return session.words.points(value if abs(value) >= _LEAST else 0.0)
    sign = "+" if value > 0 else "−" if value < 0 else ""
    return sign + _figure(session, name, abs(value))
