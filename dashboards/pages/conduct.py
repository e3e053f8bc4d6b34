"""Conduct: which contacts broke a rule, how prompt and complete the records are, a sample to inspect, complaints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import panel as pn
import panel_material_ui as pmui

from collectkit import casework, charts
from dashboards import casefile, parts, shared
from dashboards.cards import Listed, Nothing, Shown, chart_card, table_card
from dashboards.fields import choice
from dashboards.filters import switch
from dashboards.loading import when_loaded
from dashboards.pages.worklist import RULES
from dashboards.parts import Tile
from dashboards.words import N_

if TYPE_CHECKING:
    import pandas as pd

    from dashboards.session import Session

_SHARES = {"0.01": "1%", "0.02": "2%", "0.05": "5%", "0.1": "10%"}
FIELDS = (casefile.RULES_FIELD, casefile.PERIOD_FIELD, casefile.CASE_FIELD, choice("sample_share", _SHARES))
"""What this page keeps in the address."""
_FOLLOWS = ("rules", "period", "lang")
_BREACH = ("rule", "contacted_at", "loan_id", "channel", "party", "seen", "allowed", "collector_id", "agency", "source")
_RULE = ("rule", "is_checked", "breaches", "contacts", "allowed", "note", "source")
_COMPLAINT = ("complaint_date", "loan_id", "reason", "agency", "collector_id", "answered_date", "is_upheld")
_SEED = 1
_RULES_MEANS = N_(
    "Every rule in force, on how many contacts it was checked, how many broke it, and where it comes from."
)
_BREACHES_MEANS = N_("One row per breach: what the record shows, what is allowed, and the source.")
_RECORDS_MEANS = N_(
    "Late: entered after the day of the contact. Complete: time, channel and result are there, and a promise has "
    "its date and amount."
)
_SAMPLE_MEANS = N_(
    "The same share of every collector's contacts, drawn by chance with a fixed seed, to listen to and read."
)
_COMPLAINTS_MEANS = N_("Complaints of the period for each thousand loans worked in it.")


def page(session: Session) -> pn.Column:
    """Rules and period, figures, breaches, rules, records, sample, complaints."""
    return when_loaded(session, lambda: _body(session), casefile.conduct)


def _body(session: Session) -> pn.Column:
    """The page once its figures are there."""
    words = session.words
    figures = parts.markup()

    def show(*_: Any) -> None:
        figures.object = parts.tiles(_tiles(session), words)

    session.on_change(show, "loaded", *_FOLLOWS)
    show()
    bar = pn.Row(
        switch(session, "rules", RULES, words.text("Contact rules")),
        switch(session, "period", casefile.PERIODS, words.text("Period")),
        margin=0,
        styles={"flex-wrap": "wrap", "gap": "12px"},
    )
    return pn.Column(
        bar,
        figures,
        parts.side_by_side(_months(session), _rules(session)),
        _breaches(session),
        parts.side_by_side(_records(session), _complaints(session)),
        _sample(session),
        sizing_mode="stretch_width",
        margin=0,
        styles={"gap": "16px"},
    )


def _start(session: Session) -> Any:
    return casefile.start_of(session.period, session.loaded)


def _found(session: Session) -> pd.DataFrame:
    """Breaches of the period."""
    return casefile.breaches(session.loaded, _start(session), session.rules, session.lang)


def _book(session: Session) -> Any:
    return shared.portfolio(session.loaded.portfolio)


def _span(session: Session) -> dict[str, str]:
    """First and last day of the period."""
    return {"start": _start(session).isoformat(), "end": session.loaded.as_of.isoformat()}


def _tiles(session: Session) -> list[Tile]:
    """Figures of the period."""
    words = session.words
    contacts = casework.contacts_between(_book(session), **_span(session))
    quality = casework.record_totals(contacts, promises=_book(session).promises)
    made = casework.complaint_totals(_book(session), **_span(session))
    since = words.text("Since {date}", date=words.date(_start(session)))

    def count(name: str, value: int, unit: str, definition: str) -> Tile:
        return Tile(words.text(name), words.short(value), words.number(value), words.text(unit), since,
                    words.text(definition))  # fmt: skip

    share = words.percent(quality["complete_share"])
    per_thousand = made["per_thousand"]
    return [
        count(N_("Contacts"), len(contacts), N_("contacts"), _RULES_MEANS),
        count(N_("Breaches"), len(_found(session)), N_("breaches"), _BREACHES_MEANS),
        count(N_("Late entries"), quality["late_entries"], N_("contacts"), _RECORDS_MEANS),
        Tile(words.text("Complete records"), share, share, words.text("of contacts"), since,
             words.text(_RECORDS_MEANS)),
        Tile(words.text("Complaints"), words.short(made["complaints"]),
             words.text("{count} for 1,000 cases", count=words.short(per_thousand)), words.text("complaints"), since,
             words.text(_COMPLAINTS_MEANS)),
    ]  # fmt: skip


def _months(session: Session) -> pn.Column:
    """Breaches by month and rule."""
    words = session.words

    def draw() -> Shown | Nothing:
        table = casework.breaches_by_month(_found(session))
        if table.empty:
            return Nothing(words.text("No rule was broken in this period, as far as the records show."))
        figure = charts.breach_bars(table, language=session.lang, theme=session.theme)
        said = casework.worded(table, language=session.lang)
        text = ", ".join(f"{row.month:%Y-%m} {row.rule} {row.breaches}" for row in said.itertuples())
        return Shown(figure, text, table, words.text("breaches"), [words.text(_BREACHES_MEANS)])

    return chart_card(session, words.text("Breaches by month"), draw, name="breaches-by-month", follows=_FOLLOWS,
                      basis=520)  # fmt: skip


def _rules(session: Session) -> pn.Column:
    """Every rule, and whether it could be checked."""
    words = session.words

    def rows() -> Listed:
        table = casefile.rules_checked(session.loaded, _start(session), session.rules, session.lang)
        shown = casework.worded(table[list(_RULE)], language=session.lang)
        return Listed(shown, definition=[words.text(_RULES_MEANS)])

    return table_card(session, words.text("Rules in force"), rows, name="rules", follows=_FOLLOWS, basis=620,
                      columns=lambda _: {"widths": {"allowed": 320, "note": 320, "source": 360}})  # fmt: skip


def _breaches(session: Session) -> pn.Column:
    """Every breach; a row opens its case."""
    words = session.words

    def rows() -> Listed | Nothing:
        found = _found(session)
        if found.empty:
            return Nothing(words.text("No rule was broken in this period, as far as the records show."))
        shown = casework.worded(found[list(_BREACH)], language=session.lang)
        return Listed(shown, definition=[words.text(_BREACHES_MEANS)])

    return table_card(
        session,
        words.text("Breaches"),
        rows,
        name="breaches",
        follows=_FOLLOWS,
        on_row=lambda row: casefile.open_case(session, row["loan_id"]),
        columns=lambda frame: {
            "header_filters": parts.header_filters(frame, words),
            "widths": {"seen": 300, "allowed": 320, "source": 360},
        },
    )


def _records(session: Session) -> pn.Column:
    """How prompt and complete each collector's records are."""
    words = session.words

    def rows() -> Listed | Nothing:
        contacts = casework.contacts_between(_book(session), **_span(session))
        if contacts.empty:
            return Nothing(words.text("There are no contacts in this period."))
        table = casework.record_quality(contacts, promises=_book(session).promises)
        return Listed(table, definition=[words.text(_RECORDS_MEANS)])

    return table_card(session, words.text("Records by collector"), rows, name="records", follows=_FOLLOWS, basis=520)


def _complaints(session: Session) -> pn.Column:
    """Complaints of the period."""
    words = session.words

    def rows() -> Listed | Nothing:
        made = casework.complaints_between(_book(session), **_span(session))
        if made.empty:
            return Nothing(words.text("No complaint was recorded in this period."))
        shown = casework.worded(made[[name for name in _COMPLAINT if name in made]], language=session.lang)
        return Listed(shown, definition=[words.text(_COMPLAINTS_MEANS)])

    return table_card(session, words.text("Complaints"), rows, name="complaints", follows=_FOLLOWS, basis=520,
                      on_row=lambda row: casefile.open_case(session, row["loan_id"]))  # fmt: skip


def _sample(session: Session) -> pn.Column:
    """Contacts to inspect."""
    words = session.words
    share = pmui.RadioButtonGroup(options={text: value for value, text in _SHARES.items()},
                                  value=session.sample_share, size="small", margin=(8, 0, 0, 0),
                                  label=words.text("Share of the sample"))  # fmt: skip
    share.param.watch(lambda event: session.param.update(sample_share=event.new), "value")
    session.on_change(lambda event: share.param.update(value=event.new), "sample_share")

    def rows() -> Listed | Nothing:
        contacts = casework.contacts_between(_book(session), **_span(session))
        if contacts.empty:
            return Nothing(words.text("There are no contacts in this period."))
        drawn = casework.audit_sample(contacts, share=float(session.sample_share), seed=_SEED,
                                      promises=_book(session).promises)  # fmt: skip
        shown = casework.worded(drawn, language=session.lang)
        return Listed(shown, definition=[words.text(_SAMPLE_MEANS)])

    return table_card(session, words.text("Sample to inspect"), rows, name="audit-sample",
                      follows=(*_FOLLOWS, "sample_share"), controls=[share],
                      on_row=lambda row: casefile.open_case(session, row["loan_id"]))  # fmt: skip
