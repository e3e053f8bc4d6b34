"""Recovery on *Portfolio*: what came in of loans after they had become late."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collectkit import charts, tracking
from dashboards import tracked
from dashboards.cards import Nothing, Shown, chart_card
from dashboards.fields import choice
from dashboards.filters import switch
from dashboards.words import N_

if TYPE_CHECKING:
    import panel as pn

    from dashboards.session import Session

DAYS = {"30": N_("Over 30 days"), "60": N_("Over 60 days"), "90": N_("Over 90 days")}
FIELDS = (choice("recovery_days", DAYS),)
"""What the card keeps in the address."""
_FILTERS = tuple(field.name for field in tracked.FILTERS)
_MONTHS = N_(
    "The months chosen above do not count here; the channel is the one that had the loan at the reference date."
)
_FEWEST = 5
"""Loans below which a share says nothing."""
_TOLD = 6


def card(session: Session) -> pn.Column:
    """Cash since the loans became late, by the month in which they did, and of all of them together."""
    words = session.words

    def draw() -> Shown | Nothing:
        cells, kept = tracked.recovered(session)
        days = int(session.recovery_days)
        curve = tracking.recovery_curve(cells, days=days, **kept)
        if sum(curve.attrs["loans"]) < _FEWEST:
            return Nothing(
                words.text("Fewer than {count} loans of these filters became that late.", count=_FEWEST), is_small=True
            )
        pooled = tracking.pooled_recovery(cells, days=days, **kept)
        shares = pooled["recovered_share"].head(_TOLD)
        told = ", ".join(f"{month}: {words.percent(share)}" for month, share in shares.items())
        definition = [pooled.attrs["definition"][session.lang], words.text(_MONTHS)]
        figure = charts.recovery_curves(curve, pooled, language=session.lang, theme=session.theme)
        unit = words.text("share of what was owed")
        return Shown(figure, words.text("By months since, {rates}", rates=told), pooled.reset_index(), unit, definition)

    return chart_card(
        session,
        words.text("Recovery after loans became late"),
        draw,
        name="recovery",
        follows=(*_FILTERS, "recovery_days"),
        controls=[switch(session, "recovery_days", DAYS, words.text("Days past due"))],
        basis=560,
    )
