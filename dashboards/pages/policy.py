"""Policy: the rules in use and where they come from, what other values would do, what differs from shipped rules."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import panel as pn
import panel_material_ui as pmui

from collectkit.policy_values import fingerprint
from dashboards import parts, shared, tried
from dashboards.cards import Listed, Nothing, table_card
from dashboards.downloads import CSV, EXCEL, TOML
from dashboards.filters import switch
from dashboards.loading import when_loaded
from dashboards.pages import policy_effect, policy_open, policy_trying
from dashboards.pages.scenarios_answer import select
from dashboards.words import N_

if TYPE_CHECKING:
    import pandas as pd

    from dashboards.session import Session

FIELDS = tried.FIELDS
_VALUES = N_(
    "Every value that is set, as the file has it: rates are fractions, lists are joined by commas. A version is in "
    "force from its day until the next one begins; terms are picked by the day a loan was disbursed, tariffs by the "
    "day of placement, contact rules by the day of the contact, the others by the as-of date."
)
_READINGS = N_("Where a clause can be read in two ways, the note has both readings, the one in use first.")
_DIFFERENT = N_(
    "Value by value, version by version; sources and notes are not compared. An own policy is compared with the "
    "shipped profile of its name, else with the one it differs from least."
)


def page(session: Session) -> pn.Column:
    """The policy in use, its values, a what-if beside its effect, and the difference to a shipped policy."""
    return when_loaded(session, lambda: _body(session))


def _body(session: Session) -> pn.Column:
    return pn.Column(
        _about(session),
        _values(session),
        parts.side_by_side(policy_trying.card(session), policy_effect.card(session)),
        _difference(session),
        sizing_mode="stretch_width",
        margin=0,
        styles={"gap": "16px"},
    )


def _about(session: Session) -> pn.Column:
    """Name, file and fingerprint of the policy in use."""
    words, told = session.words, parts.markup(margin=(8, 0, 0, 0))

    def show(*_: Any) -> None:
        policy, own = shared.policy(session.policy), shared.own_policy(session.policy)
        shipped = words.text("shipped with collectkit")
        told.object = parts.facts({
            words.text("Name"): policy.name,
            words.text("Title"): policy.title or "–",
            words.text("File"): shipped if own is None else own.file,
            words.text("Currency"): policy.currency,
            words.text("Fingerprint"): fingerprint(policy),
        })  # fmt: skip

    session.on_change(show, "loaded")
    show()
    sub = words.text("The same fingerprint: the same values, sources and notes. A file is read when the server starts.")
    return parts.card(parts.heading(words.text("Policy in use"), sub), told)


def _values(session: Session) -> pn.Column:
    """Table of all values; a row opens its value for trying."""
    words = session.words
    search = pmui.TextInput(label=words.text("Search by word"), size="small", margin=0, width=280, max_length=100,
                            value=session.find)  # fmt: skip
    versions = switch(session, "versions", tried.VERSIONS, words.text("Versions"))
    search.param.watch(lambda event: session.param.update(find=event.new.strip()), "value")

    def rows() -> Listed | Nothing:
        day = session.loaded.as_of if session.versions == "in_force" else None
        table = tried.table(session.loaded.policy, session.lang, session.find, day)
        if table.empty:
            return Nothing(words.text("No value, source or note has this word. Try another one, or clear the field."))
        count = words.plural("{count} value", "{count} values", len(table))
        sub = words.text("{count}. Select a row to try another value.", count=count)
        return Listed(table, sub, [words.text(_VALUES), words.text(_READINGS)])

    return table_card(
        session,
        words.text("Values and sources"),
        rows,
        name="policy-values",
        follows=("find", "versions"),
        controls=[
            pn.Row(search, versions, margin=0, styles={"gap": "12px", "flex-wrap": "wrap", "align-items": "flex-end"})
        ],
        on_row=partial(policy_open.open_value, session),
        files={CSV: None, EXCEL: None, TOML: lambda: shared.text_of_policy(session.policy).encode()},
        columns=lambda frame: _columns(session, frame),
    )


def _columns(session: Session, frame: pd.DataFrame) -> dict[str, Any]:
    """How the tables of values look."""
    text = {"type": "textarea"}
    return {
        "header_filters": parts.header_filters(frame, session.words),
        "formatters": dict.fromkeys(("value_name", "value", "base_value", "source", "note", "policy_place"), text),
        "widths": {"value_name": 150, "value": 150, "base_value": 150, "unit": 80, "rule_group": 120, "rule_name": 110,
                   "rule_part": 110, "source": 290, "note": 360, "policy_place": 240},
        "page_size": 8,
    }  # fmt: skip


def _difference(session: Session) -> pn.Column:
    """What the policy, with what was changed, has otherwise than a shipped one."""
    words = session.words

    def base() -> str:
        known = shared.policies()
        return session.compared_with if session.compared_with in known else tried.base_of(session.policy)

    def rows() -> Listed | Nothing:
        changes = tried.changes_of(session)
        if tried.tried(session.policy, changes).policy is None:
            return Nothing(words.text("Correct the marked values first; what you entered is kept."))
        table = tried.difference(session.policy, changes, base(), session.lang)
        if table.empty:
            return Nothing(words.text("Every value is that of “{policy}”.", policy=base()))
        count = words.plural("{count} difference", "{count} differences", len(table))
        what = words.text("with what you changed") if changes else words.text("as it is in use")
        return Listed(table, f"{count} · {session.policy}, {what}", [words.text(_DIFFERENT)])

    choice = select(session, "compared_with", lambda: {name: name for name in shared.policies()},
                    words.text("Compared with"), shown=base)  # fmt: skip
    return table_card(
        session,
        words.text("Difference to a shipped policy"),
        rows,
        name="policy-difference",
        follows=("tried", "compared_with"),
        controls=[pn.Column(choice, max_width=320, margin=0)],
        columns=lambda frame: _columns(session, frame),
    )
