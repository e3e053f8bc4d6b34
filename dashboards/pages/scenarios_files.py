"""Which scenario: choose, name, save, copy and delete; the address itself holds every change and can be shared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import panel as pn
import panel_material_ui as pmui

from collectkit import scenarios as sc
from collectkit.errors import CollectkitError
from dashboards import parts, planned
from dashboards.rights import ANALYST
from dashboards.words import N_, safe

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboards.session import Session

_OWN = N_("Own book: {portfolio}")
_SHARE = N_("The address of this page holds the scenario with every change: copy it to share what you see.")
_NOWHERE = N_("To save scenarios, start the server with a workspace folder (COLLECTKIT_WORKSPACE).")


def card(session: Session) -> pn.Column:
    """Choice of the scenario and what can be done with it."""
    words = session.words
    choice = pmui.Select(label=words.text("Scenario"), size="small", margin=(8, 0, 0, 0), sizing_mode="stretch_width",
                         sx={"height": "40px"})  # fmt: skip
    name = pmui.TextInput(label=words.text("Name"), size="small", margin=(12, 0, 0, 0), sizing_mode="stretch_width",
                          max_length=60)  # fmt: skip
    told = parts.markup()
    save, copy, delete = (
        pmui.Button(label=words.text(text), variant="outlined", size="small", margin=0, sx={"textTransform": "none"})
        for text in (N_("Save"), N_("Duplicate"), N_("Delete"))
    )
    buttons = pn.Row(save, copy, delete, margin=(10, 0, 0, 0), styles={"gap": "8px", "flex-wrap": "wrap"})
    can_save = planned.store() is not None and session.reader.may(ANALYST)

    def show(*_: Any) -> None:
        asked = planned.case(session)
        choice.param.update(options=_options(session), value=asked.name)
        is_saved = _is_saved(asked.name)
        name.value = asked.name if is_saved else ""
        copy.disabled = delete.disabled = not is_saved
        delete.label = words.text("Delete")

    def choose(event: Any) -> None:
        if event.new != planned.case(session).name:
            told.object = ""
            session.param.update(scenario=event.new, changed=(), strategy="")

    def act(work: Callable[[], tuple[str, str]]) -> None:
        """Do something with the files; say what was done, or why not."""
        try:
            now, text = work()
        except (CollectkitError, OSError) as error:
            told.object = f'<p class="sub" role="alert">{safe(error)}</p>'
            return
        told.object = parts.status(text)
        session.param.update(scenario=now, changed=())
        show()

    def store_it(_: Any) -> None:
        act(lambda: _saved(session, name.value_input or name.value))

    def copy_it(_: Any) -> None:
        act(lambda: _copied(session))

    def delete_it(_: Any) -> None:
        if delete.label == words.text("Delete"):
            delete.label = words.text("Really delete?")
        else:
            act(lambda: _deleted(session))

    choice.param.watch(choose, "value")
    save.on_click(store_it)
    copy.on_click(copy_it)
    delete.on_click(delete_it)
    session.on_change(show, "loaded", "scenario", "changed")
    show()
    files = [name, buttons, told] if can_save else [_line(words.text(_NOWHERE))]
    share = _line(words.text(_SHARE))
    return parts.card(parts.heading(words.text("Scenario")), choice, *files, share)


def _line(text: str) -> Any:
    return parts.markup(f'<p class="sub">{safe(text)}</p>', margin=(10, 0, 0, 0))


def _options(session: Session) -> dict[str, str]:
    """Every scenario by its title."""
    words, options = session.words, {}
    for name in planned.names(session):
        if name == planned.OWN:
            options[words.text(_OWN, portfolio=session.loaded.portfolio)] = name
        elif _is_saved(name):
            options[name] = name
        else:
            scenario = planned.loaded(name, None)
            title = scenario.title_zh if session.lang == "zh" else scenario.title
            options[words.text("{title} (illustrative)", title=title)] = name
    return options


def _is_saved(name: str) -> bool:
    store = planned.store()
    return store is not None and name in store.names()


def _store() -> sc.ScenarioStore:
    store = planned.store()
    if store is None:
        raise CollectkitError("This server has no folder to save in.")
    return store


def _saved(session: Session, name: str) -> tuple[str, str]:
    _store().save(name.strip(), planned.scenario(planned.case(session)))
    return name.strip(), session.words.text("“{name}” is saved.", name=name.strip())


def _copied(session: Session) -> tuple[str, str]:
    store, name = _store(), planned.case(session).name
    number = next(n for n in range(2, 1000) if f"{name[:54]} {n}" not in store.names())
    other = f"{name[:54]} {number}"
    store.duplicate(name, other)
    return other, session.words.text("“{name}” is saved.", name=other)


def _deleted(session: Session) -> tuple[str, str]:
    name = planned.case(session).name
    _store().delete(name)
    return planned.DEFAULT, session.words.text("“{name}” is deleted.", name=name)
