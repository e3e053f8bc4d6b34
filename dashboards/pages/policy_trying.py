"""Other values to try: a field for each value of the policy, of its own kind, with what is wrong beside it."""

from __future__ import annotations

import io
from functools import partial
from typing import TYPE_CHECKING, Any

import panel as pn
import panel_material_ui as pmui

import collectkit as ck
from collectkit.policy_leaves import written
from collectkit.policy_words import advice_in, choice_label
from dashboards import audit, parts, tried
from dashboards.controls import DateInput
from dashboards.downloads import plain
from dashboards.fields import EARLIEST, LATEST
from dashboards.pages.policy_open import LEVELS, leaf_label, leaf_title, open_leaves
from dashboards.pages.scenarios_answer import select
from dashboards.words import N_, safe

if TYPE_CHECKING:
    from collectkit.policy_leaves import Leaf
    from dashboards.session import Session

_ROOM = {"flex": "1 1 230px", "min-width": "0"}
_FIELD = {"& .MuiInputLabel-root": {"maxWidth": "calc(100% - 24px)"}}
_ABOVE = N_("Tried on the page Policy, from {policy}. What was changed stands in the notes.")
_SUB = N_("Nothing is saved: only you see what you try. The address keeps it, and the file can be used later.")


def card(session: Session) -> pn.Column:
    """Which values, their fields, what was changed, a way back, and the file."""
    words = session.words
    choices = [
        select(session, level.name, partial(level.options, session), words.text(level.label),
               shown=partial(level.value, session))
        for level in LEVELS
    ]  # fmt: skip
    fields = pn.Column(sizing_mode="stretch_width", margin=(4, 0, 0, 0))
    told = parts.markup(margin=(10, 0, 0, 0))
    reset = pmui.Button(label=words.text("Undo all changes"), icon="undo", variant="text", size="small", margin=0,
                        sx={"textTransform": "none"})  # fmt: skip
    reset.on_click(lambda _: session.param.update(tried=()))
    file = _download(session)
    open_fields: dict[str, Any] = {}

    def choose(*_: Any) -> None:
        """Other values than before: their fields."""
        for choice, level in zip(choices, LEVELS, strict=True):
            there = level.options(session)
            choice.param.update(options=there, value=level.value(session), visible=len(there) > 1)
        open_fields.clear()
        open_fields.update({leaf.address: _field(session, leaf) for leaf in open_leaves(session)})
        fields.objects = [parts.side_by_side(*open_fields.values(), **{"gap": "4px 12px", "align-items": "flex-start"})]
        show()

    def show(*_: Any) -> None:
        """What was changed, and what is wrong."""
        changes = tried.changes_of(session)
        answer = tried.tried(session.policy, changes)
        problems = {address: advice_in(text, session.lang) for address, text in answer.problems.items()}
        for address, field in open_fields.items():
            _tell(session, field, address, dict(changes), problems)
        reset.visible = bool(session.tried)
        file.visible = bool(changes) and answer.policy is not None
        told.object = _changed(session, changes, problems)

    session.on_change(choose, "loaded", "rules_group", "rules_table", "rules_part")
    session.on_change(show, "tried")
    choose()
    buttons = pn.Row(reset, file, margin=(10, 0, 0, 0), styles={"gap": "8px", "flex-wrap": "wrap"})
    return parts.card(
        parts.heading(words.text("Try other values"), words.text(_SUB)),
        parts.side_by_side(*choices, **{"gap": "0 12px"}), fields, told, buttons, basis=400, share=2,
    )  # fmt: skip


def _field(session: Session, leaf: Leaf) -> pn.Column:
    """Field of a value, of its own kind: a date, a choice, or a text that is checked as the file is."""
    label, text = leaf_label(session, leaf), dict(session.tried).get(leaf.address, leaf.text)
    look = {"label": label, "size": "small", "margin": (10, 0, 0, 0), "sizing_mode": "stretch_width", "sx": _FIELD}
    if leaf.form == "date":
        field: Any = DateInput(label=label, value=text, start=EARLIEST.isoformat(), end=LATEST.isoformat(),
                               margin=(6, 0, 0, 0), sizing_mode="stretch_width")  # fmt: skip
    elif leaf.form == "choice":
        values = [written(choice) for choice in leaf.choices]
        values = [*values, *([""] if leaf.is_optional else []), *([text] if text not in (*values, "") else [])]
        look["sx"] = {**_FIELD, "height": "40px"}
        field = pmui.Select(options={choice_label(value, session.lang): value for value in values}, value=text, **look)
    else:
        field = pmui.TextInput(value=text, max_length=tried.LONGEST, **look)

    def take(event: Any) -> None:
        changes = dict(session.tried)
        changes.pop(leaf.address, None)
        if event.new.strip() != leaf.text:
            changes[leaf.address] = event.new.strip()
        session.tried = tuple(sorted(changes.items()))

    field.param.watch(take, "value")
    return pn.Column(field, parts.markup(visible=False), margin=0, styles=_ROOM, sizing_mode="stretch_width")


def _tell(session: Session, place: pn.Column, address: str, changes: dict[str, str], problems: dict[str, str]) -> None:
    """Bring a field up to date: its value, what is wrong with it, or the value in use."""
    field, note = place
    in_use = tried.values_of(session.policy)[address].text
    wrong = problems.get(address, "")
    was = session.words.text("in use: {value}", value=in_use or choice_label("", session.lang))
    text = wrong or (was if address in changes else "")
    if isinstance(field, DateInput):
        field.value = changes.get(address, in_use)
        note.param.update(object=f'<p class="note">{safe(text)}</p>', visible=bool(text))
    else:
        field.param.update(value=changes.get(address, in_use), helper_text=text, error_state=bool(wrong))


def _changed(session: Session, changes: tried.Changes, problems: dict[str, str]) -> str:
    """Markup of what was changed, and of what is wrong with it."""
    words, there, given = session.words, tried.values_of(session.policy), dict(changes)
    lines = []
    for address in dict.fromkeys([*given, *problems]):
        line = f"<b>{safe(leaf_title(session, there[address]))}</b>"
        if address in given:
            line += f": {safe(there[address].text or '–')} → <b>{safe(given[address] or '–')}</b>"
        if address in problems:
            line += f'<br><span class="wrong">{safe(problems[address])}</span>'
        lines.append(f"<li>{line}</li>")
    lost = len(session.tried) - len(changes)
    if lost:
        text = words.plural(
            "{count} change is of a value that this policy lacks; it is not tried.",
            "{count} changes are of values that this policy lacks; they are not tried.",
            lost,
        )
        lines.append(f"<li>{safe(text)}</li>")
    return f'<ul class="changes" role="status">{"".join(lines)}</ul>' if lines else ""


def _download(session: Session) -> pmui.FileDownload:
    """Button that saves the policy with what was changed, for `ck.load_policy` and ``--policy``."""
    words = session.words
    name = f"{plain(session.policy)}-tried.toml"

    def made() -> io.BytesIO:
        policy = tried.tried(session.policy, tried.changes_of(session)).policy
        if policy is None or not session.look_again():
            return io.BytesIO()
        audit.note_here("download", file=name)
        above = words.text(_ABOVE, policy=session.policy)
        return io.BytesIO(ck.policy_toml(policy, above).encode())

    return pmui.FileDownload(
        callback=made,
        filename=name,
        label=words.text("Download as TOML"),
        variant="outlined",
        size="small",
        margin=0,
        auto=True,
        embed=False,
    )
