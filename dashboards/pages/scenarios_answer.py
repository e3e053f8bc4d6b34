"""The answer in words, the strategies in figures, and the formula of each figure with its numbers put in."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

import panel as pn
import panel_material_ui as pmui
from bokeh.models.widgets.tables import NumberFormatter

from collectkit import scenarios as sc
from collectkit.columns import COLUMNS, label
from collectkit.errors import CollectkitError
from collectkit.printing import pdf
from collectkit.scenarios.formulas import FORMULAS, WORDS
from dashboards import parts, planned
from dashboards.cards import Listed, table_card
from dashboards.controls import CardTop
from dashboards.downloads import EXCEL, KINDS
from dashboards.guard import guarded
from dashboards.loading import in_background
from dashboards.words import N_, safe

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from dashboards.session import Session

_FOLLOWS = ("scenario", "changed")
_PDF = "pdf"
_COLUMNS = (
    "cash", "cost", "net", "net_present_value", "difference", "difference_low", "difference_high", "chance_better",
    "chance_best", "cost_to_collect", "net_back_per_100", "collectors_needed", "case_months_over_capacity",
    "cured_balance", "written_off_balance", "closing_balance",
)  # fmt: skip
_FIELD = {"height": "40px"}
_PICK = N_("Select a figure in the table: its formula stands here, with the numbers put in.")


def card(session: Session) -> pn.Column:
    """The verdict, with the workbook and the memo to take along."""
    words = session.words
    title = words.text("The answer")
    top = CardTop(
        heading=title, sizing_mode="stretch_width", margin=0,
        files=[{"name": EXCEL, "label": "Excel"}, {"name": _PDF, "label": "PDF"}],
        texts={"about": words.text("What is “{name}”?", name=title), "download": words.text("Download"),
               "download_of": words.text("Download “{name}”", name=title), "busy": words.text("Preparing …")},
    )  # fmt: skip
    said = parts.markup()

    visit = session.visit

    def show(*_: Any) -> None:
        asked = planned.case(session)
        needed = asked, sc.leader(planned.comparison(asked))
        if not planned.sensitivity.is_there(*needed):
            in_background(partial(planned.sensitivity, *needed), again)
        shown = guarded(lambda: _said(session), words)
        said.object = (
            shown if isinstance(shown, str) else parts.message(title, words.text("It could not be worked out."))
        )

    def again(failure: Exception | None) -> None:
        if failure is None and session.visit == visit:
            show()

    async def give(event: Any) -> None:
        asked = event.data.get("asked") if isinstance(event.data, dict) else None
        if asked not in (EXCEL, _PDF):
            return
        top.param.update(busy=True, problem="")
        try:
            kind = KINDS.get(asked, "application/pdf")
            top.send(f"{planned.case(session).name}.{asked}", kind, await asyncio.to_thread(_file, session, asked))
        except CollectkitError as error:
            top.problem = str(error)
        finally:
            top.busy = False

    top.on_msg(give)
    session.on_change(show, "loaded", *_FOLLOWS)
    show()
    return parts.card(top, said)


def _said(session: Session) -> str:
    """Markup of the verdict; what flips it follows when it is worked out."""
    asked = planned.case(session)
    table = planned.comparison(asked)
    needed = asked, sc.leader(table)
    moved = planned.sensitivity(*needed) if planned.sensitivity.is_there(*needed) else None
    scenario = planned.scenario(asked)
    text = sc.verdict(scenario, table, moved, language=session.lang)
    title = scenario.title_zh if session.lang == "zh" else scenario.title
    return f'<p class="sub">{safe(title)}</p><p>{safe(text)}</p>'


def _file(session: Session, kind: str) -> bytes:
    """The workbook or the memo."""
    asked = planned.case(session)
    scenario, table = planned.scenario(asked), planned.comparison(asked)
    if kind == EXCEL:
        return sc.scenario_workbook(scenario, table, language=session.lang)
    moved = planned.sensitivity(asked, sc.leader(table))
    return pdf(
        sc.memo(scenario, table, moved, language=session.lang, prepared=session.words.date(session.loaded.as_of))
    )


def table(session: Session) -> pn.Column:
    """The figures of every strategy; a click on one opens its formula."""
    words = session.words

    def rows() -> Listed:
        asked = planned.case(session)
        scenario, found = planned.scenario(asked), planned.comparison(asked).reset_index()
        shown = found[["strategy", *_COLUMNS]]
        shown = shown.assign(strategy=[sc.strategy_label(scenario, name, session.lang) for name in shown["strategy"]])
        return Listed(shown, words.text("Select a figure to see its formula."), [words.text(_PICK)])

    def open_formula(row: pd.Series, column: str) -> None:
        asked = planned.case(session)
        labels = {sc.strategy_label(planned.scenario(asked), name, session.lang): name
                  for name in planned.comparison(asked).index}  # fmt: skip
        name = labels.get(str(row["strategy"]), planned.strategy_of(session, asked))
        figure = column if column in FORMULAS or column in WORDS else session.worked_out
        session.param.update(strategy=name, worked_out=figure)

    return table_card(
        session, words.text("Figures"), rows, name="strategies", follows=_FOLLOWS, on_cell=open_formula,
        columns=lambda rows: {"frozen_columns": ["strategy"], "layout": "fit_data", "formatters": _formats(rows)},
    )  # fmt: skip


def _formats(rows: pd.DataFrame) -> dict[str, NumberFormatter]:
    """Whole units of money, shares in percent."""
    rates = [name for name in rows if COLUMNS[name].kind == "rate"]
    whole = [name for name in rows if COLUMNS[name].kind in ("money", "count")]
    shown = dict.fromkeys(rates, "0.0%") | dict.fromkeys(whole, "0,0") | {"net_back_per_100": "0,0.00"}
    return {name: NumberFormatter(format=text, nan_format="", null_format="") for name, text in shown.items()}


def formula(session: Session) -> pn.Column:
    """The formula of a figure, with the numbers put in."""
    words, place = session.words, parts.markup()

    def figures() -> dict[str, str]:
        return {label(name, session.lang): name for name in (*WORDS, *FORMULAS)}

    def chosen() -> str:
        return session.worked_out if session.worked_out in figures().values() else "net"

    def show(*_: Any) -> None:
        shown = guarded(lambda: _worked_out(session, chosen()), words)
        place.object = shown if isinstance(shown, str) else ""

    session.on_change(show, "loaded", "strategy", "worked_out", *_FOLLOWS)
    show()
    fields = parts.side_by_side(
        strategy_select(session), select(session, "worked_out", figures, words.text("Figure"), shown=chosen)
    )
    return parts.card(parts.heading(words.text("How it is worked out")), fields, place)


def _worked_out(session: Session, figure: str) -> str:
    """Markup of a formula."""
    asked = planned.case(session)
    name = planned.strategy_of(session, asked)
    lines = sc.formula_of(planned.scenario(asked), name, figure, language=session.lang).splitlines()
    mean = float(planned.comparison(asked)[figure].to_dict()[name])
    words = session.words
    shown = "".join(f"<p>{safe(line)}</p>" for line in lines)
    written = f"{mean:,.4g}" if abs(mean) < 1000 else words.number(mean)
    note = words.text("At the likely values; the mean over the draws is {mean}.", mean=written)
    return f'{shown}<p class="sub">{safe(note)}</p>'


def strategy_select(session: Session) -> pmui.Select:
    """Which strategy is looked at."""

    def options() -> Mapping[str, str]:
        asked = planned.case(session)
        scenario = planned.scenario(asked)
        return {sc.strategy_label(scenario, str(n), session.lang): str(n) for n in planned.comparison(asked).index}

    return select(
        session, "strategy", options, session.words.text("Strategy"),
        shown=lambda: planned.strategy_of(session, planned.case(session)),
    )  # fmt: skip


def select(
    session: Session,
    name: str,
    options: Callable[[], Mapping[str, str]],
    about: str,
    *,
    shown: Callable[[], str] | None = None,
) -> pmui.Select:
    """One of several values of a field, with what is there now."""

    def value() -> str:
        found = shown() if shown else getattr(session, name)
        there = list(options().values())
        return found if found in there else there[0]

    field = pmui.Select(label=about, size="small", margin=(10, 0, 0, 0), sizing_mode="stretch_width", sx=_FIELD,
                        options=dict(options()), value=value(), styles={"min-width": "0"})  # fmt: skip

    def take(event: Any) -> None:
        if event.new != value():
            session.param.update({name: event.new})

    def show(*_: Any) -> None:
        field.param.update(options=dict(options()), value=value())

    field.param.watch(take, "value")
    session.on_change(show, "loaded", name, *_FOLLOWS)
    return field
