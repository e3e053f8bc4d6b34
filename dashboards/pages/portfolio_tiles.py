"""The tiles of *Portfolio*: the last month that is shown, the month before, and the way there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collectkit import tracking
from collectkit.columns import label
from dashboards import parts, shared, tracked
from dashboards.parts import Tile
from dashboards.words import N_

if TYPE_CHECKING:
    import panel as pn

    from dashboards.session import Session
    from dashboards.words import Words

_DEFINITIONS = {
    "loans": N_("Open loans at the month end: disbursed, and not paid off, settled, written off, sold or archived."),
    "overdue_loans": N_("Open loans with an instalment unpaid past its due date and its days of grace."),
    "principal_balance": N_("All unpaid principal of the open loans, due or not."),
    "par30": N_(
        "Portfolio at risk: the whole principal balance of loans more than 30 days past due, divided by the principal "
        "balance of all loans."
    ),
    "entry_rate": N_(
        "Of the loans that were not overdue a month ago, the share that is overdue now. A loan that fell overdue and "
        "was cured within the month is not seen."
    ),
    "cured": N_("Of the loans that were overdue a month ago, the share that is not overdue any more."),
    "rolled_forward": N_("Of the loans that were overdue a month ago, the share that is in a higher bucket now."),
}
_SHARES = ("par30", "entry_rate", "cured", "rolled_forward")
FIGURES = tuple(_DEFINITIONS)


def meaning(name: str, words: Words) -> str:
    """What a figure means."""
    definition = _DEFINITIONS[name]
    return words.text(definition)


def is_share(name: str) -> bool:
    """True if the figure is a share, whose changes are told in points."""
    return name in _SHARES


def tiles(session: Session) -> pn.pane.HTML:
    """A row of tiles that follows filters, months and weight."""
    pane = parts.markup()

    def show(*_: Any) -> None:
        lines = tracking.headlines(tracked.shown(session), weight=session.by)
        pane.object = parts.tiles([_tile(name, lines[name], session) for name in FIGURES], session.words)

    session.on_change(show, "loaded", *tracked.FOLLOWED)
    show()
    return pane


def _tile(name: str, values: Any, session: Session) -> Tile:
    """The last value, with the one before it and all of them as a line."""
    words = session.words
    last = values.iloc[-1]
    note = words.month(values.index[-1])
    if len(values) > 1:
        before = written(name, values.iloc[-2], session)
        note = words.text(
            "{month} · {before} in {month_before}",
            month=note,
            before=before,
            month_before=words.month(values.index[-2]),
        )
    return Tile(
        label(name, session.lang), written(name, last, session), in_full(name, last, session),
        unit_of(name, session), note, meaning(name, words), values.tolist(),
    )  # fmt: skip


def written(name: str, value: float, session: Session) -> str:
    """A value as short as it can be."""
    return session.words.percent(value) if name in _SHARES else session.words.short(value)


def in_full(name: str, value: float, session: Session) -> str:
    """A value in full, with its unit."""
    words = session.words
    if name in _SHARES:
        return words.percent(value)
    written = words.money(value) if name == "principal_balance" else words.number(value)
    return f"{written} {unit_of(name, session)}"


def unit_of(name: str, session: Session) -> str:
    """What the value counts or is a share of."""
    words = session.words
    if name == "principal_balance":
        return words.currency(shared.policy(session.loaded.policy).currency)
    if name == "par30":
        return words.text("of principal balance")
    if name in _SHARES:
        return words.text("of loans") if session.by == "count" else words.text("of principal balance")
    return words.text("loans")
