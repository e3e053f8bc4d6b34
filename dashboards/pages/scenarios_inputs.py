"""The inputs of a scenario as sliders, in plain groups; each says its range and where it comes from."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import panel as pn
import panel_material_ui as pmui

from collectkit import scenarios as sc
from collectkit.scenarios.inputs import KINDS, unit_label
from dashboards import parts, planned
from dashboards.words import N_, safe

if TYPE_CHECKING:
    from dashboards.session import Session

_GROUPS = {"book": N_("Book"), "in_house": N_("Own team"), "agency": N_("Agencies"), "treatment": N_("Rates")}
_BASIS = {"estimated": N_("estimated"), "sourced": N_("sourced"), "assumption": N_("assumption")}
_STEPS = 100
_SWITCH = {"& .MuiToggleButton-root": {"textTransform": "none", "py": "3px", "whiteSpace": "nowrap"}}


def card(session: Session) -> pn.Column:
    """One group of inputs at a time; a slider that moves works everything out anew."""
    words = session.words
    group = pmui.RadioButtonGroup(
        options={words.text(text): name for name, text in _GROUPS.items()}, value="book", size="small", margin=(8, 0),
        label=words.text("Group of inputs"), sx=_SWITCH,
    )  # fmt: skip
    reset = pmui.Button(label=words.text("Undo all changes"), icon="undo", variant="text", size="small", margin=0,
                        sx={"textTransform": "none"})  # fmt: skip
    sliders = pn.Column(sizing_mode="stretch_width", margin=0)
    shown: list[Any] = []

    def show(*_: Any) -> None:
        asked = planned.case(session)
        reset.visible = bool(asked.changes)
        now = (asked.name, asked.stamp, group.value, session.lang)
        if shown != [now]:
            shown[:] = [now]
            sliders.objects = _sliders(session, asked, group.value)
        for slider in sliders.select(pmui.FloatSlider):
            value = dict(asked.changes).get(slider.tags[0], slider.tags[1])
            if slider.value != value:
                slider.value = min(max(value, slider.start), slider.end)

    group.param.watch(show, "value")
    reset.on_click(lambda _: session.param.update(changed=()))
    session.on_change(show, "loaded", "scenario", "changed")
    show()
    top = parts.heading(words.text("Inputs"), words.text("Move one, and all figures follow."))
    return parts.card(top, group, sliders, reset)


def _sliders(session: Session, asked: planned.Case, group: str) -> list[Any]:
    """A slider with its range and source for every input of a group; a curve is moved by a factor."""
    words, found = session.words, []
    rows = sc.scenario_inputs(planned.loaded(asked.name, asked.stamp))
    for name in rows.loc[rows["group"] == group, "input"].unique():
        own = rows[rows["input"] == name]
        first, kind = own.iloc[0], KINDS[str(name).rsplit(".", 1)[-1]]
        is_curve = bool(first["part"])
        low, value, high = (1.0, 1.0, 1.0) if is_curve else (float(first[end]) for end in ("low", "likely", "high"))
        unit = words.text("× likely") if is_curve else unit_label(kind.unit, session.lang)
        slider = _slider(session, str(name), (low, value, high), (kind.lowest, kind.highest), unit)
        basis = " / ".join(words.text(_BASIS[one]) for one in own["basis"].unique())
        span = "" if low == high else f"{low:,.6g} … {high:,.6g} · "
        note = parts.markup(f'<p class="note" title="{safe(first["source"])}">{safe(span)}{safe(basis)}</p>')
        found += [slider, note]
    return found


def _slider(
    session: Session, name: str, ends: tuple[float, float, float], limits: tuple[float, float], unit: str
) -> pmui.FloatSlider:
    """Slider around the range of an input, within its limits."""
    low, value, high = ends
    width = (high - low) or abs(value) / 2 or 1.0
    start, end = max(limits[0], low - 2 * width), min(limits[1], high + 2 * width)
    if unit == session.words.text("× likely"):
        start, end = 0.5, 1.5
    step = 10 ** math.floor(math.log10((end - start) / _STEPS))
    slider = pmui.FloatSlider(
        label=f"{sc.input_label(name, session.lang)} [{unit}]", start=start, end=end, value=min(max(value, start), end),
        step=step, size="small", margin=(10, 14, 0, 8), sizing_mode="stretch_width", tags=[name, value],
        format="0,0.[0000]", sx={"& .MuiFormLabel-root": {"whiteSpace": "normal"}},
    )  # fmt: skip

    def take(event: Any) -> None:
        changes = dict(session.changed) | {name: round(float(event.new), 10)}
        if abs(event.new - value) < step / 2:
            changes.pop(name)
        session.changed = tuple(sorted(changes.items()))

    slider.param.watch(take, "value_throttled")
    return slider
