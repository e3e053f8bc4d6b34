"""Agencies: who brings back most after commission, what they are owed, and whether we agree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import panel as pn

from collectkit import agencies, charts
from collectkit.agencies.strata import FEWEST
from dashboards import parts, placed, shared
from dashboards.cards import chart_card, table_card
from dashboards.contents import Later, Listed, Nothing, Shown
from dashboards.filters import switch
from dashboards.guard import allowed
from dashboards.loading import when_loaded
from dashboards.pages import agencies_claims, agencies_statement
from dashboards.rights import MANAGER
from dashboards.words import N_

if TYPE_CHECKING:
    import pandas as pd

    from dashboards.session import Session

FIELDS = placed.FIELDS
"""What this page keeps in the address."""
_WIDE = 560
_LEAGUE = [
    "agency", "rank", "rank_low", "rank_high", "like_net_back", "lower", "upper", "score", "contact_count",
    "complete_share", "breaches", "complaints", "placements", "amount_placed", "collected", "commission", "gross",
    "net_back", "compared_share", "paid_share",
]  # fmt: skip
_LEAGUE_TOLD = (
    N_("Cash in the first {days} days after the hand-over, for placements that were seen that long; whatever was"
       " taken back stays in."),
    N_("Agencies are given different loans, so figures as placed do not compare. Like for like: the agency's net"
       " back in every group of like placements, weighted with what was placed in the group with all agencies "
       "together. A group counts if every agency has at least {fewest} placements in it."),
    N_("Interval: 95%, by drawing customers again 1,000 times. Rank from and to: the ranks in these draws. Where"
       " the intervals overlap the order is not certain."),
    N_("Score: 70 points for cash, 20 for accounts that paid, 10 for records and conduct, each as a share of the"
       " best."),
    N_("Records and conduct, of all contacts up to the date: the share of complete records, less breaches of the "
       "contact rules for each contact and complaints for each placement. Empty: not recorded."),
)  # fmt: skip
_CURVES_TOLD = (
    N_("Cash that came while the loan was placed, up to each month since its hand-over, divided by what it owed "
       "at the hand-over. Net of commission: less what the agency earned on it."),
    N_("Dotted: not seen yet, estimated by chain ladder from older batches. An estimate is no observation."),
)  # fmt: skip
_FEES_TOLD = (
    N_("The commission rate on money received, by days past due when it came. Both readings of the tariff are "
       "shown; they differ on days 61 to 90."),
)  # fmt: skip
_WAITING_TOLD = (
    N_("Loans still in-house that reach the next step of the tariff within 30 days if nothing is paid. Cost of "
       "waiting: how much more the commission would be if all of it came after the step instead of before. A "
       "ceiling: what is never collected costs nothing."),
)  # fmt: skip
_PROPOSED_TOLD = (
    N_("What the hand-over rules of the policy propose, each with the reason. Nothing is handed over by this "
       "list: a person decides. Closed loans and paused ones are never proposed."),
)  # fmt: skip


def page(session: Session) -> pn.Column:
    """League, curves, cost of waiting, the statement of a month, the agency's own figures, proposals."""
    return when_loaded(session, lambda: _body(session), nothing=lambda key: placed.nobody(key, session.words))


def _body(session: Session) -> pn.Column:
    """The page once there is something to show."""
    words = session.words
    return pn.Column(
        parts.side_by_side(_league(session), _curves(session)),
        _table(session),
        parts.side_by_side(_fees(session), _waiting(session)),
        allowed(session, MANAGER, words.text("Statement of a month"), agencies_statement.cards, agencies_claims.card),
        _proposals(session),
        sizing_mode="stretch_width",
        margin=0,
        styles={"gap": "16px"},
    )


def _card(session: Session) -> pd.DataFrame | Later:
    """The scorecard, or that it is still computed."""
    wanted = (session.loaded, session.like)
    return placed.card(*wanted) if placed.card.is_there(*wanted) else Later(placed.card, wanted)


def _told(session: Session, texts: tuple[str, ...], **values: Any) -> list[str]:
    return [session.words.text(text, **values) for text in texts]


def _league_told(session: Session) -> list[str]:
    fewest = session.words.number(FEWEST)
    return _told(session, _LEAGUE_TOLD, days=session.words.number(placed.HORIZON), fewest=fewest)


def _league(session: Session) -> pn.Column:
    """Net back of each agency with its interval."""
    words = session.words

    def draw() -> Shown | Nothing | Later:
        table = _card(session)
        if isinstance(table, Later):
            return table
        if table.empty:
            return Nothing(words.text("No placement has been seen for {days} days yet.", days=placed.HORIZON))
        drawn = charts.agency_intervals(table, language=session.lang, theme=session.theme)
        said = "; ".join(
            words.text("{agency}: {like} ({lower} to {upper})", agency=row.agency,
                       like=words.percent(row.like_net_back), lower=words.percent(row.lower),
                       upper=words.percent(row.upper))
            for row in table.itertuples()
        )  # fmt: skip
        return Shown(drawn, said, table[_LEAGUE], words.text("share of the amount placed"), _league_told(session))

    return chart_card(
        session, words.text("Which agency brings back most, like for like"), draw, name="league", follows=("like",),
        controls=[switch(session, "like", placed.LIKE, words.text("Compare placements alike in"))], basis=_WIDE,
    )  # fmt: skip


def _table(session: Session) -> pn.Column:
    """The figures of the league, and the groups behind them."""
    words = session.words

    def league() -> Listed | Nothing | Later:
        table = _card(session)
        return table if isinstance(table, Later) else Listed(table[_LEAGUE], "", _league_told(session))

    def groups() -> Listed | Nothing | Later:
        wanted = (session.loaded, session.like)
        if not placed.strata.is_there(*wanted):
            return Later(placed.strata, wanted)
        rows = agencies.in_words(placed.strata(*wanted), language=session.lang)
        return Listed(rows, "", _league_told(session))

    return pn.Column(
        table_card(
            session, words.text("League table"), league, name="league-table", follows=("like",), columns=_plain_columns
        ),
        table_card(
            session, words.text("Groups of like placements"), groups, name="like-placements", follows=("like",),
            columns=_plain_columns,
        ),
        sizing_mode="stretch_width", margin=0, styles={"gap": "16px"},
    )  # fmt: skip


def _plain_columns(table: pd.DataFrame) -> dict[str, Any]:
    return {"formatters": agencies_statement.formatters(table), "frozen_columns": [table.columns[0]]}


def _curves(session: Session) -> pn.Column:
    """Liquidation of one agency by batch."""
    words = session.words

    def draw() -> Shown | Nothing | Later:
        wanted = (session.loaded, placed.agency(session), session.curve_batch)
        if not placed.curves.is_there(*wanted):
            return Later(placed.curves, wanted)
        table = placed.curves(*wanted)
        if table.empty:
            return Nothing(words.text("No month has ended since this agency was given its first loan."))
        drawn = charts.liquidation_curves(
            table, measure=session.curve_measure, language=session.lang, theme=session.theme
        )
        last = table[~table["is_estimate"]].drop_duplicates("batch", keep="last").tail(6)
        said = "; ".join(
            f"{words.month(row.batch)} {words.percent(getattr(row, session.curve_measure))}"
            for row in last.itertuples()
        )
        unit = words.text("share of the amount placed")
        return Shown(drawn, said, table, unit, _told(session, _CURVES_TOLD))

    controls = pn.Row(
        agencies_statement.agency_field(session),
        switch(session, "curve_measure", placed.MEASURES, words.text("Show")),
        switch(session, "curve_batch", placed.BATCHES, words.text("Batches")),
        margin=0, styles={"flex-wrap": "wrap", "gap": "8px 16px"},
    )  # fmt: skip
    return chart_card(
        session, words.text("What each batch brought in"), draw, name="liquidation", controls=[controls], basis=_WIDE,
        follows=("agency", "curve_measure", "curve_batch"),
    )  # fmt: skip


def _fees(session: Session) -> pn.Column:
    """The commission rate by days past due."""
    words = session.words

    def draw() -> Shown | Nothing:
        table = agencies.fee_curve(shared.policy(session.loaded.policy))
        if table.empty:
            return Nothing(words.text("The policy has no tariff for all agencies."))
        drawn = charts.fee_curves(table, language=session.lang, theme=session.theme)
        steps = agencies.fee_steps(shared.policy(session.loaded.policy).tariff(table["tariff"].iloc[0]))
        said = "; ".join(f"{row.step_day}: {words.percent(row.rate)}" for row in steps.itertuples())
        return Shown(drawn, said, table, words.text("share of cash"), _told(session, _FEES_TOLD))

    return chart_card(session, words.text("What an agency costs, by age"), draw, name="fees", basis=_WIDE)


def _waiting(session: Session) -> pn.Column:
    """What is about to become dearer."""

    def rows() -> Listed | Later:
        wanted = (session.loaded,)
        if not placed.waiting.is_there(*wanted):
            return Later(placed.waiting, wanted)
        return Listed(placed.waiting(*wanted), "", _told(session, _WAITING_TOLD))

    return table_card(
        session,
        session.words.text("What waiting costs"),
        rows,
        name="waiting",
        basis=_WIDE,
        share=2,
        columns=_plain_columns,
    )


def _proposals(session: Session) -> pn.Column:
    """Loans to hand over and to take back."""
    words = session.words

    def rows() -> Listed | Nothing | Later:
        wanted = (session.loaded, session.lang)
        if not placed.proposals.is_there(*wanted):
            return Later(placed.proposals, wanted)
        found = agencies.in_words(placed.proposals(*wanted), language=session.lang)
        if found.empty:
            return Nothing(words.text("The rules of the policy propose nothing today."))
        sub = words.text("{loans} · select a row to see why the loan is where it is",
                         loans=words.plural("{count} loan", "{count} loans", len(found)))  # fmt: skip
        return Listed(found.drop(columns="rule"), sub, _told(session, _PROPOSED_TOLD))

    return table_card(
        session, words.text("To hand over and to take back"), rows, name="proposals",
        on_row=lambda row: session.param.update(loan=str(row["loan_id"])),
        columns=lambda table: agencies_statement.columns(table, words, "loan_id"),
    )  # fmt: skip
