"""Today: how much is overdue on the date, how late it is, and which loans."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import panel as pn

from collectkit import charts
from dashboards import parts, shared
from dashboards.cards import Listed, Shown, chart_card, table_card
from dashboards.fields import choice
from dashboards.filters import switch
from dashboards.loading import when_loaded
from dashboards.pages.today_tiles import meaning, tiles
from dashboards.words import N_

if TYPE_CHECKING:
    import pandas as pd

    from dashboards.session import Session
    from dashboards.words import Words

_WEIGHTS = {
    "loans": N_("Loans"),
    "overdue_amount": N_("Overdue amount"),
    "principal_balance": N_("Principal balance"),
}
FIELDS = (choice("weight", _WEIGHTS),)
"""What this page keeps in the address."""


def page(session: Session) -> pn.Column:
    """Tiles, bucket bars and the overdue loans; a row opens its loan."""
    needs = shared.assessed, shared.overdue_loans, shared.commission
    return when_loaded(session, lambda: _body(session), *needs, nothing=lambda key: _no_loans(key, session.words))


def _body(session: Session) -> pn.Column:
    """The page once its figures are there."""
    figures, message = parts.markup(), parts.markup()
    details = parts.side_by_side(_bars(session), _loans(session))
    body = pn.Column(sizing_mode="stretch_width", margin=0, styles={"gap": "16px"})

    def show(*_: Any) -> None:
        figures.object = parts.tiles(tiles(session), session.words)
        message.object = _none_overdue(session)
        shown = [figures, details] if shared.summary(session.loaded)["overdue_loans"] else [figures, message]
        if body.objects != shown:
            body.objects = shown

    session.on_change(show, "loaded")
    show()
    return body


def _bars(session: Session) -> pn.Column:
    """Bars of the buckets, by count or amount."""
    words = session.words

    def draw() -> Shown:
        totals, rules = shared.bucket_totals(session.loaded), shared.policy(session.loaded.policy)
        figure = charts.bucket_bars(
            totals,
            weight=session.weight,
            spans=rules.bucket_scheme("months", session.loaded.as_of).spans,
            language=session.lang,
            theme=session.theme,
            currency=rules.currency,
        )
        unit = words.text("loans") if session.weight == "loans" else words.currency(rules.currency)
        definition = [meaning(session.weight, words)]
        return Shown(figure, _in_words(totals, session), totals.reset_index(), unit, definition)

    return chart_card(
        session,
        words.text("Overdue by bucket"),
        draw,
        name="buckets",
        follows=("weight",),
        controls=[switch(session, "weight", _WEIGHTS, words.text("Show buckets by"))],
        basis=340,
    )


def _in_words(totals: pd.DataFrame, session: Session) -> str:
    """The bars for those who cannot see them."""
    words = session.words
    values = totals[session.weight].iloc[1:].items()
    name = words.text(_WEIGHTS[session.weight])
    return f"{name}: " + ", ".join(f"{bucket} {words.short(value)}" for bucket, value in values)


def _loans(session: Session) -> pn.Column:
    """Table of the overdue loans."""
    words = session.words
    return table_card(
        session,
        words.text("Overdue loans"),
        lambda: Listed(
            _rows(session),
            words.text("Select a row, or enter a loan number above, to see why."),
            [meaning("loans", words)],
        ),
        name="overdue-loans",
        on_row=lambda row: session.param.update(loan=str(row["loan_id"])),
        columns=lambda rows: {
            "header_filters": parts.header_filters(rows, words),
            "frozen_columns": ["loan_id"],
        },
        basis=620,
        share=4,
    )


def _rows(session: Session) -> pd.DataFrame:
    """The overdue loans as the table shows them."""
    loans = shared.overdue_loans(session.loaded)
    in_house = session.words.text(N_("in-house"))
    return loans.assign(channel=loans["channel"].astype("str").replace("in_house", in_house))


def _no_loans(key: shared.Key, words: Words) -> str:
    """Message for a date before the first loan."""
    if not shared.assessed(key).empty:
        return ""
    first = words.date(shared.span(key.portfolio).first)
    title = words.text("No loans yet on {date}", date=words.date(key.as_of))
    return parts.message(title, words.text("The first loan was disbursed on {date}. Take a later date.", date=first))


def _none_overdue(session: Session) -> str:
    """Message for a date on which every loan is current."""
    words = session.words
    title = words.text("No overdue loans on this date")
    day = words.date(session.loaded.as_of)
    return parts.message(title, words.text("Every instalment due by {date} is paid or within its grace.", date=day))
