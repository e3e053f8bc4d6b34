"""Key figures on *Portfolio*: each with what was divided by what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bokeh.models.widgets.tables import StringFormatter

from collectkit import tracking
from collectkit.columns import label
from dashboards import tracked
from dashboards.cards import Later, Listed, note_of, table_card
from dashboards.downloads import CSV, EXCEL, csv_file
from dashboards.fields import choice
from dashboards.filters import switch
from dashboards.words import N_

if TYPE_CHECKING:
    import pandas as pd
    import panel as pn

    from dashboards.session import Session

_PERIODS = {"month": N_("Last month shown"), "all": N_("All months shown")}
FIELDS = (choice("kpi_period", _PERIODS),)
"""What the card keeps in the address."""
_MEANS = N_(
    "Each figure is its numerator divided by its denominator over the whole period. The channel chosen above does not "
    "count here: a case is counted whoever had it. Figures that need costs or a survey are blank here; in Python, "
    "`tracking.kpis` takes both."
)
_FIGURES = ("value", "numerator", "denominator")
_WIDTHS = {"label": 200, "value": 110, "numerator": 130, "denominator": 130, "definition": 620}


def card(session: Session) -> pn.Column:
    """A row for each figure: value, numerator, denominator, definition."""
    words = session.words

    def rows() -> Listed | Later:
        asked = arguments(session)
        if not tracked.key_figures.is_there(*asked):
            return Later(tracked.key_figures, asked)
        return Listed(_worded(session), _period(session), [words.text(_MEANS)])

    return table_card(
        session,
        words.text("Key figures"),
        rows,
        name="key-figures",
        follows=(*tracked.FOLLOWED, *(field.name for field in FIELDS)),
        controls=[switch(session, "kpi_period", _PERIODS, words.text("Period"))],
        needs_loans=True,
        columns=lambda rows: _columns(rows, session),
        files={CSV: lambda: csv_file(_figures(session).reset_index()), EXCEL: lambda: _workbook(session)},
    )


def _columns(rows: pd.DataFrame, session: Session) -> dict[str, Any]:
    """Texts stay texts, numbers stand right, definitions wrap."""
    return {
        "formatters": {name: StringFormatter() for name in _FIGURES} | {"definition": {"type": "textarea"}},
        "text_align": dict.fromkeys(_FIGURES, "right"),
        "titles": {"label": label("kpi", session.lang), "value": session.words.text("Value")},
        "widths": _WIDTHS,
        "page_size": len(rows),
    }


def arguments(session: Session) -> tuple[Any, ...]:
    """What the figures depend on: key, first and last month end, loans."""
    days = tracked.days(session)
    chosen = {name: values for name, values in tracked.chosen(session).items() if name != "channel"}
    first = days[0] if session.kpi_period == "all" else days[-1]
    wanted = tracked.wanted(tracked.cube(session.loaded), chosen)
    return tracked.at_month_end(session.loaded), first, days[-1], wanted


def _figures(session: Session) -> pd.DataFrame:
    """The figures as the package gives them."""
    figures: pd.DataFrame = tracked.key_figures(*arguments(session))
    return figures


def _worded(session: Session) -> pd.DataFrame:
    """The figures as they are shown."""
    return tracking.worded_kpis(_figures(session), language=session.lang).reset_index(drop=True)


def _period(session: Session) -> str:
    """First and last month of the figures, and under which policy."""
    words, (_, first, last, _) = session.words, arguments(session)
    months = words.month(last) if first == last else f"{words.month(first)} – {words.month(last)}"
    return note_of(session, months)


def _workbook(session: Session) -> bytes:
    above = (session.words.text("Key figures"), _period(session))
    return tracking.kpi_workbook(_figures(session), language=session.lang, above=above)
