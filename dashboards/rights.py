"""Who may see what: four roles, each with all that the one before it has.

A page, a card and the dialog of a loan name the role they need. What a table needs is read off its columns, so that a
new table is guarded without anybody thinking of it: ids of loans and people need an analyst, personal data a manager.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from collectkit.columns import COLUMNS
from collectkit.errors import PortfolioError
from dashboards.contents import Hidden, Listed, Shown
from dashboards.words import N_

if TYPE_CHECKING:
    import pandas as pd

    from dashboards.words import Words

Content = TypeVar("Content", Listed, Shown)

NOBODY, VIEWER, ANALYST, MANAGER, ADMIN = "", "viewer", "analyst", "manager", "admin"
ROLES = {
    VIEWER: N_("Viewer: totals"),
    ANALYST: N_("Analyst: single loans, too"),
    MANAGER: N_("Manager: personal data, letters and statements, too"),
    ADMIN: N_("Admin: the page Data, too"),
}
"""Every role with what it may see, the least first."""
_RANK = {role: rank for rank, role in enumerate((NOBODY, *ROLES))}
_ASK = N_("This needs the role “{role}”. Who looks after this server can give it to you.")


class Reader:
    """Who looks at the pages; without access control everybody who reaches this machine may see everything."""

    name = ""
    role = ADMIN

    def may(self, needed: str) -> bool:
        """True if the reader has the role that is needed, or one above it; asked anew each time."""
        return _RANK[self.role] >= max(_RANK[needed], 1)


def seen(frame: pd.DataFrame, reader: Reader) -> pd.DataFrame | None:
    """What a reader may see of a table: all, all but its personal data, or None."""
    has_ids = any(COLUMNS[name].kind == "id" for name in frame if name in COLUMNS)
    if not reader.may(ANALYST if has_ids else VIEWER):
        return None
    return frame if reader.may(MANAGER) else frame.drop(columns=personal(frame))


def permitted(content: Content, reader: Reader) -> Content | Hidden:
    """What a reader may see of the content of a card."""
    place = "rows" if isinstance(content, Listed) else "table"
    frame = getattr(content, place)
    if frame is None:
        return content
    shown = seen(frame, reader)
    return Hidden(ANALYST) if shown is None else replace(content, **{place: shown})


def personal(frame: pd.DataFrame) -> list[str]:
    """Columns of a table that tell of a person; what was noted after a contact is such a one."""
    told = {"note"} if "contacted_at" in frame else set()
    return [name for name in frame if name in told or (name in COLUMNS and COLUMNS[name].kind == "personal")]


def told(error: Exception, reader: Reader) -> str:
    """What an error says to a reader: no loan by its id to one who may not see loans."""
    return error.without_ids() if isinstance(error, PortfolioError) and not reader.may(ANALYST) else str(error)


def refusal(needed: str, words: Words) -> str:
    """Why something is not shown."""
    return words.text(_ASK, role=words.text(ROLES[needed]))
