"""The tiles of Today: five figures, each with its unit, its date and what it means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboards import shared
from dashboards.parts import Tile
from dashboards.words import N_

if TYPE_CHECKING:
    from dashboards.session import Session
    from dashboards.words import Words

_DEFINITIONS = {
    "loans": N_("Loans with an instalment unpaid past its due date and its days of grace."),
    "overdue_amount": N_(
        "Unpaid principal, interest and fees past their due date, of the overdue loans; without penalty."
    ),
    "principal_balance": N_("All unpaid principal of the overdue loans, due or not."),
}
_PENALTY = N_("Penalty interest accrued under the policy up to the end of the day and not yet paid, of all loans.")
_PAR30 = N_(
    "Portfolio at risk: the whole principal balance of loans more than 30 days past due, divided by the "
    "principal balance of all loans."
)
_COMMISSION = N_(
    "Commission of the agencies on cash collected on their placements from the first of the month up to the "
    "date, by the tariff of the policy. The tariff names months past due and can be read in two ways: by "
    "months fully elapsed, or by the number of the month the day falls in."
)
_READINGS = {"elapsed_months": N_("by elapsed months"), "month_index": N_("by month index")}


def meaning(name: str, words: Words) -> str:
    """What a figure of the overdue loans means."""
    definition = _DEFINITIONS[name]
    return words.text(definition)


def tiles(session: Session) -> list[Tile]:
    """Tiles of the session's date and policy."""
    words, summary = session.words, shared.summary(session.loaded)
    unit = _unit(session)
    note = words.text("As of {date}", date=words.date(session.loaded.as_of))

    def money(name: str, value: float, definition: str) -> Tile:
        return Tile(name, words.short(value), f"{words.money(value)} {unit}", unit, note, definition)

    percent = words.percent(summary["par30"])
    return [
        _count(session, note),
        money(words.text("Overdue amount"), summary["overdue_amount"], meaning("overdue_amount", words)),
        money(words.text("Penalty owed"), summary["penalty"], words.text(_PENALTY)),
        Tile("PAR30", percent, percent, words.text("of principal balance"), note, words.text(_PAR30)),
        *_commission(session),
    ]


def _count(session: Session, note: str) -> Tile:
    """How many loans are overdue."""
    words, summary = session.words, shared.summary(session.loaded)
    loans = words.plural("{count} open loan", "{count} open loans", int(summary["loans"]))
    overdue = int(summary["overdue_loans"])
    return Tile(
        words.text("Overdue loans"),
        words.short(overdue),
        words.text("{overdue} of {loans}", overdue=words.number(overdue), loans=loans),
        words.text("loans"),
        note,
        meaning("loans", words),
    )


def _commission(session: Session) -> list[Tile]:
    """What the agencies have earned this month in every reading of the tariff; nothing without a tariff."""
    words, unit = session.words, _unit(session)
    names = shared.policy(session.loaded.policy).tariff_names
    if not names:
        return []
    sums = shared.commission(session.loaded)
    full = "; ".join(f"{words.money(value)} {unit} {_reading(name, words)}" for name, value in sums.items())
    others = [f"{words.short(sums[name])} {unit} {_reading(name, words)}" for name in names[1:]]
    since = words.text("Since {date}", date=words.date(session.loaded.as_of.replace(day=1)))
    return [
        Tile(
            words.text("Commission earned this month"),
            words.short(sums[names[0]]),
            full,
            unit,
            " · ".join([since, *others]),
            words.text(_COMMISSION),
        )
    ]


def _reading(name: str, words: Words) -> str:
    """A tariff's name in words; one that is not known is shown as it is."""
    return words.text(_READINGS[name]) if name in _READINGS else name


def _unit(session: Session) -> str:
    """Unit of money of the policy in the session's language."""
    return session.words.currency(shared.policy(session.loaded.policy).currency)
