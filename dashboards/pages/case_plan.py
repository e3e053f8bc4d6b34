"""What a plan would do to a case: dates, amounts, and the effect on days and penalty, from the ledger itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import panel as pn

from collectkit import casework, charts
from collectkit.errors import CollectkitError
from collectkit.refusals import refusal_in
from dashboards import casefile, parts, shared
from dashboards.cards import Later, Listed, Nothing, Shown, chart_card, table_card
from dashboards.fields import choice
from dashboards.filters import switch
from dashboards.words import N_

if TYPE_CHECKING:
    from collectkit.casework import Plan
    from dashboards.session import Session

_KINDS = {"instalments": N_("Instalments"), "short": N_("This week and this month"), "deferral": N_("A few days")}
_MONTHS = {"3": N_("3 months"), "6": N_("6 months"), "12": N_("12 months"), "24": N_("24 months")}
FIELDS = (choice("plan", _KINDS), choice("plan_months", _MONTHS))
"""What a plan keeps in the address."""
_NAMES = tuple(field.name for field in FIELDS)
_DEFINITION = N_(
    "The ledger itself assesses each case on the days of the plan: nothing is paid; the same money without a pause; "
    "the plan kept, with a pause of days and penalty; for instalments also a new schedule, which is watched as "
    "restructured. Coming instalments are paid on their dates. A proposal: nothing is agreed until a person agrees it."
)


def card(session: Session, loan_id: str) -> pn.Column:
    """Effect and schedule of the plan that is chosen."""
    words = session.words
    controls = pn.Row(
        switch(session, "plan", _KINDS, words.text("Kind of plan")),
        switch(session, "plan_months", _MONTHS, words.text("Number of instalments")),
        margin=(8, 0, 0, 0),
        styles={"flex-wrap": "wrap", "gap": "8px 16px"},
    )

    def proposed() -> Plan | Nothing | Later:
        arguments = (session.loaded, loan_id, session.plan, int(session.plan_months))
        if not casefile.plan.is_there(*arguments):
            return Later(casefile.plan, arguments)
        plan = casefile.plan(*arguments)
        return Nothing(refusal_in(str(plan), session.lang)) if isinstance(plan, CollectkitError) else plan

    def effect() -> Shown | Nothing | Later:
        plan = proposed()
        if isinstance(plan, Nothing | Later):
            return plan
        currency = shared.policy(session.loaded.policy).currency
        figure = charts.plan_effect(plan.effect, language=session.lang, theme=session.theme, currency=currency)
        told = casework.worded(plan.effect, language=session.lang)
        last = casework.narrowed(told, date=[plan.end_date])
        said = "; ".join(f"{row.case}: {row.days_past_due}, {words.money(row.total_due)}" for row in last.itertuples())
        return Shown(figure, said, told, definition=[words.text(_DEFINITION)])

    def schedule() -> Listed | Nothing | Later:
        plan = proposed()
        if isinstance(plan, Nothing | Later):
            return plan
        return Listed(plan.schedule, definition=[words.text(_DEFINITION)])

    chart = chart_card(session, words.text("What a plan would do"), effect, name="plan-effect", follows=_NAMES,
                       controls=[controls], basis=620, share=3)  # fmt: skip
    table = table_card(session, words.text("Dates and amounts"), schedule, name="plan", follows=_NAMES, basis=320)
    return parts.side_by_side(chart, table)
