"""Help: what each page is for, what every word means in both languages, the keyboard, and who sees what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import panel as pn

from collectkit.columns import COLUMNS, meaning
from dashboards import parts
from dashboards.cards import Listed, table_card
from dashboards.rights import ROLES
from dashboards.tour import again
from dashboards.words import N_, safe

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboards.session import Session

_PAGES = {
    N_("Today"): N_("How much is overdue on the date, how late, which loans. Select a row to see why a loan owes it."),
    N_("Portfolio"): N_(
        "Where it is going month by month. Select a cell of the roll rates to see the loans that moved."
    ),
    N_("Compare periods"): N_("Two months or two segments side by side, and what explains the difference."),
    N_("Agencies"): N_("Who collects best after cost, on like placements; what each earned; whether its file agrees."),
    N_("Scenarios"): N_(
        "In-house or outsourced, and from which day? Move an input; the address keeps what you changed."
    ),
    N_("Worklist"): N_("What can be done today and what must wait, and why. Select a row to open its case."),
    N_("Case"): N_("All about one loan: what is due, contacts, promises, a plan and its effect, documents."),
    N_("Conduct"): N_("Which contacts broke a rule, how complete the records are, a sample to look at, complaints."),
    N_("Data"): N_(
        "Drop files, correct the mapping, read the problems, take the rows in. Rows with errors stay outside."
    ),
    N_("Policy"): N_(
        "Which rules are in use, and where each value comes from. Change one to see what it would do: nothing is saved."
    ),
}
_KEYS = {
    "Tab · Shift + Tab": N_("Next control, previous control"),
    "Enter · Space": N_("Use the button, link or choice that has the frame"),
    "← → ↑ ↓": N_("Move a slider, or go through a list of choices"),
    "Esc": N_("Close a dialog, a menu or a definition"),
    "Alt + ←": N_("Back to what was shown before: the address keeps page, date, policy and filters"),
}
_WORDS_MEAN = N_(
    "One word, one meaning: in tables, files and the package. Rates are fractions of a year, a month or a day, as the "
    "unit says."
)


def page(session: Session) -> pn.Column:
    """Pages, glossary, keyboard, roles."""
    words = session.words
    roles = {role: words.text(text) for role, text in ROLES.items()}
    return pn.Column(
        again(session),
        _named(session, words.text("What each page is for"), {words.text(k): words.text(v) for k, v in _PAGES.items()}),
        _glossary(session),
        parts.side_by_side(
            _named(session, words.text("Keyboard"), {k: words.text(v) for k, v in _KEYS.items()}, basis=420),
            _named(session, words.text("Who sees what"), roles, basis=420),
        ),
        sizing_mode="stretch_width",
        margin=0,
        styles={"gap": "16px"},
    )


def _named(session: Session, title: str, texts: Mapping[str, str], basis: int = 0) -> pn.Column:
    """A list of names with what there is to say of each."""
    rows = "".join(f"<dt>{safe(name)}</dt><dd>{safe(text)}</dd>" for name, text in texts.items())
    return parts.card(
        parts.heading(title), parts.markup(f'<dl class="told">{rows}</dl>', margin=(8, 0, 0, 0)), basis=basis
    )


def _glossary(session: Session) -> pn.Column:
    """Every word of the nomenclature in both languages."""
    words = session.words
    titles = {
        "english": words.text("English"),
        "chinese": words.text("Chinese"),
        "unit_of": words.text("Unit"),
        "meaning": words.text("Meaning"),
        "column": words.text("Name in files"),
    }

    def rows() -> Listed:
        told = [
            (each.label, each.label_zh, each.unit, meaning(each.name, session.lang), each.name)
            for each in COLUMNS.values()
        ]
        table = pd.DataFrame(told, columns=list(titles))
        count = words.plural("{count} word", "{count} words", len(table))
        return Listed(table, count, [words.text(_WORDS_MEAN)])

    return table_card(
        session,
        words.text("Glossary"),
        rows,
        name="glossary",
        columns=lambda frame: {
            "titles": titles,
            "header_filters": parts.header_filters(frame, words),
            "frozen_columns": ["chinese" if session.lang == "zh" else "english"],
            "widths": {"english": 170, "chinese": 150, "unit_of": 110, "meaning": 460, "column": 220},
            "formatters": {"meaning": {"type": "textarea"}},
        },
    )
