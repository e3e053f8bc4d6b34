"""Scenarios: in-house or outsourced, from which day, how sure that is, and what it hangs on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import panel as pn

from collectkit import charts
from collectkit import scenarios as sc
from collectkit.scenarios.draws import ranges
from collectkit.scenarios.inputs import unit_label
from dashboards import parts, planned
from dashboards.cards import Later, Listed, Shown, chart_card, table_card
from dashboards.loading import when_loaded
from dashboards.pages import scenarios_answer, scenarios_files, scenarios_inputs
from dashboards.pages.scenarios_answer import select
from dashboards.words import N_

if TYPE_CHECKING:
    import pandas as pd

    from dashboards.session import Session

FIELDS = planned.FIELDS
"""What this page keeps in the address."""
_FOLLOWS = ("scenario", "changed")
_PAIR = ("commission_factor", "agency.*.cash_rate")
_BIAS = N_(
    "Agencies are given older, larger and lost cases: rates seen on their cases are not those of other cases. Only a "
    "random split inside like cases removes this."
)
_ASSUMED = N_("Figures without a source are illustrative and describe no lender; the table of inputs says which.")
_COMPARED = N_(
    "Means over {draws} draws of every input from its 90% range, the same luck for all strategies. Net is cash less "
    "all costs. The difference is of net present values, which count a cured balance at what it is worth."
)
_CURVE = N_(
    "All cases of the product go to an agency from that day past due on; below, the net present value less that of "
    "the best day, with its 90% interval. Where the band holds 0, the draws cannot tell the day from the best one. "
    "Above, the commission of the bucket that begins on the day."
)
_TORNADO = N_(
    "Each input alone from low to high, the others at their likely values: how far the difference between the strategy "
    "and the base moves. Where a bar crosses 0, the answer flips within the input's own range."
)
_MAP = N_("The difference between the strategy and the base over two inputs, the others at their likely values. On the "
          "line the two are equal.")  # fmt: skip
_POLICY = N_(
    "Worked out backwards from the last month for one case of each product and bucket, all inputs likely; then run "
    "through the whole book against every fixed hand-over day: never worse than the best of them."
)
_EVENS = N_("Closed forms on the scenario's likely figures, all outsourced against all in-house, cash alone.")
_WATERFALL = N_("Cash of each channel less each kind of cost, means over the draws, not discounted.")


def page(session: Session) -> pn.Column:
    """The answer, the inputs beside the figures, and what they hang on."""
    return when_loaded(session, lambda: _body(session), planned.own_book)


def _body(session: Session) -> pn.Column:
    """The page once the reader's own book is there."""
    left = pn.Column(
        scenarios_files.card(session), scenarios_inputs.card(session), margin=0,
        styles={"gap": "16px", "flex": "1 1 300px", "min-width": "0"},
    )  # fmt: skip
    right = pn.Column(
        scenarios_answer.card(session), _strategies(session), scenarios_answer.table(session),
        scenarios_answer.formula(session),
        parts.side_by_side(_waterfall(session), _curve(session)),
        _tornado(session),
        parts.side_by_side(_map(session), _policy(session)),
        _evens(session),
        margin=0, styles={"gap": "16px", "flex": "4 1 600px", "min-width": "0"},
    )  # fmt: skip
    return pn.Column(
        parts.side_by_side(left, right, **{"align-items": "flex-start"}), _inputs(session),
        sizing_mode="stretch_width", margin=0, styles={"gap": "16px"},
    )  # fmt: skip


def _look(session: Session, asked: planned.Case) -> dict[str, Any]:
    """How every figure of the page is drawn."""
    return {"language": session.lang, "theme": session.theme, "currency": planned.scenario(asked).currency}


def _label(session: Session, asked: planned.Case, name: str) -> str:
    return sc.strategy_label(planned.scenario(asked), name, session.lang)


def _unit(session: Session, asked: planned.Case) -> str:
    return session.words.currency(planned.scenario(asked).currency)


def _said(session: Session, *messages: str, **values: object) -> list[str]:
    """A definition, with what has to be said beside every comparison."""
    words = session.words
    return [words.text(message, **values) if values else words.text(message) for message in messages] + [
        words.text(_BIAS), words.text(_ASSUMED)
    ]  # fmt: skip


def _strategies(session: Session) -> pn.Column:
    words = session.words

    def draw() -> Shown:
        asked = planned.case(session)
        table = planned.comparison(asked)
        labels = {str(name): _label(session, asked, str(name)) for name in table.index}
        figure = charts.strategy_intervals(table, labels=labels, **_look(session, asked))
        rows = [f"{labels[str(name)]} {words.short(value)}" for name, value in table["difference"].items()]
        definition = _said(session, _COMPARED, draws=words.number(planned.DRAWS))
        return Shown(figure, ", ".join(rows), table.reset_index(), _unit(session, asked), definition)

    return chart_card(
        session, words.text("Strategies side by side"), draw, name="strategies", follows=_FOLLOWS,
        on_point=lambda point: _choose(session, point),
    )  # fmt: skip


def _choose(session: Session, point: dict[str, Any]) -> None:
    """Look at the strategy whose point is clicked."""
    table = planned.comparison(planned.case(session)).sort_values("difference")
    number = point.get("point")
    if isinstance(number, int) and 0 <= number < len(table):
        session.strategy = str(table.index[number])


def _waterfall(session: Session) -> pn.Column:
    words = session.words

    def draw() -> Shown:
        asked = planned.case(session)
        table, name = planned.comparison(asked), planned.strategy_of(session, asked)
        figure = charts.waterfall(table, strategy=name, **_look(session, asked))
        net = words.text("net")
        text = f"{_label(session, asked, name)}: {net} {words.short(float(table['net'].to_dict()[name]))}"
        return Shown(figure, text, table.loc[[name]].reset_index(), _unit(session, asked), _said(session, _WATERFALL))

    return chart_card(
        session, words.text("From gross to net"), draw, name="waterfall", follows=(*_FOLLOWS, "strategy"),
        controls=[scenarios_answer.strategy_select(session)], basis=400,
    )  # fmt: skip


def _curve(session: Session) -> pn.Column:
    words = session.words

    def products() -> dict[str, str]:
        there = planned.scenario(planned.case(session)).products
        return {words.text("All products"): "", **{product.name: product.name for product in there}}

    def draw() -> Shown:
        asked = planned.case(session)
        product = session.curve_product if session.curve_product in products().values() else ""
        table = planned.curve(asked, product or "*")
        figure = charts.hand_over_curve(table, product=product or "*", **_look(session, asked))
        return Shown(figure, _best_day(session, table), table, _unit(session, asked), _said(session, _CURVE))

    return chart_card(
        session, words.text("From which day?"), draw, name="hand-over", follows=(*_FOLLOWS, "curve_product"),
        controls=[select(session, "curve_product", products, words.text("Product"))], basis=400,
    )  # fmt: skip


def _best_day(session: Session, table: pd.DataFrame) -> str:
    """The best day in words, and which days are as good."""
    words = session.words
    pairs = zip(table["from_day"].fillna(0), table["from_day"].isna(), strict=True)
    days = [words.text("never") if is_missing else str(int(day)) for day, is_missing in pairs]
    best = days[table["is_best"].tolist().index(True)]
    good = [day for day, is_good in zip(days, table["is_as_good"], strict=True) if is_good]
    return words.text("Best day: {day}. The draws cannot tell it from: {days}.", day=best, days=", ".join(good))


def _tornado(session: Session) -> pn.Column:
    words = session.words

    def draw() -> Shown | Later:
        asked = planned.case(session)
        name = planned.strategy_of(session, asked)
        if not planned.sensitivity.is_there(asked, name):
            return Later(planned.sensitivity, (asked, name))
        table = planned.sensitivity(asked, name)
        figure = charts.tornado(table, base=_label(session, asked, planned.BASE), **_look(session, asked))
        top = ", ".join(sc.input_label(str(name), session.lang) for name in table["input"].head(3))
        return Shown(
            figure, top, table, _unit(session, asked), [_label(session, asked, name), *_said(session, _TORNADO)]
        )

    return chart_card(
        session, words.text("What the answer hangs on"), draw, name="tornado", follows=(*_FOLLOWS, "strategy"),
        controls=[scenarios_answer.strategy_select(session)], basis=400,
    )  # fmt: skip


def _map(session: Session) -> pn.Column:
    words = session.words

    def inputs() -> dict[str, str]:
        there = ranges(planned.scenario(planned.case(session)))
        return {sc.input_label(name, session.lang): name for name in there}

    def pair() -> tuple[str, str]:
        there = list(inputs().values())
        across = session.across if session.across in there else _PAIR[0]
        default = _PAIR[1] if _PAIR[1] in there else "wage"
        upward = session.upward if session.upward in there else default
        return (across, upward) if across != upward else (across, "wage" if across != "wage" else _PAIR[0])

    def draw() -> Shown:
        asked, (across, upward) = planned.case(session), pair()
        name = planned.strategy_of(session, asked)
        table = planned.grid(asked, across, upward, name)
        figure = charts.sweep_heatmap(
            table, x=across, y=upward, base=_label(session, asked, planned.BASE), **_look(session, asked)
        )
        text = f"{sc.input_label(across, session.lang)} × {sc.input_label(upward, session.lang)}"
        return Shown(figure, text, table, _unit(session, asked), [_label(session, asked, name), *_said(session, _MAP)])

    return chart_card(
        session, words.text("Two inputs at once"), draw, name="two-inputs",
        follows=(*_FOLLOWS, "strategy", "across", "upward"), basis=400,
        controls=[parts.side_by_side(
            select(session, "across", inputs, words.text("Across"), shown=lambda: pair()[0]),
            select(session, "upward", inputs, words.text("Upward"), shown=lambda: pair()[1]),
        )],
    )  # fmt: skip


def _policy(session: Session) -> pn.Column:
    words = session.words
    actions = {"keep": N_("keep"), "place": N_("place"), "sue": N_("sue"), "write_off": N_("write off")}

    def rows() -> Listed | Later:
        asked = planned.case(session)
        if not planned.best.is_there(asked):
            return Later(planned.best, (asked,))
        best = planned.best(asked)
        first = best.actions[best.actions["month"] == 1].drop(columns=["month"])
        shown = first.assign(action=[words.text(actions[str(name)]) for name in first["action"]])
        gain = words.short(best.value - best.fixed_day_value)
        day = words.text("never") if best.fixed_day is None else str(best.fixed_day)
        sub = words.text("First month. Over the best fixed day ({day}) it gains {gain}.", day=day, gain=gain)
        return Listed(shown, sub, _said(session, _POLICY))

    return table_card(session, words.text("Best action by product and bucket"), rows, name="best-action",
                      follows=_FOLLOWS, basis=400)  # fmt: skip


def _evens(session: Session) -> pn.Column:
    words = session.words

    def rows() -> Listed:
        table = sc.break_evens(planned.scenario(planned.case(session)), language=session.lang)
        text = [words.text("never") if value == float("inf") else _written(session, value) for value in table["figure"]]
        shown = table.assign(figure=text)[["in_words", "figure"]]
        return Listed(
            shown, words.text("The Excel file of the answer has them with live formulas."), _said(session, _EVENS)
        )

    return table_card(session, words.text("Break-evens"), rows, name="break-evens", follows=_FOLLOWS, basis=400,
                      columns=lambda _: {"page_size": 15, "text_align": {"figure": "right"}})  # fmt: skip


def _written(session: Session, value: float) -> str:
    return session.words.number(value) if abs(value) >= 1000 else f"{value:.4g}"


def _inputs(session: Session) -> pn.Column:
    words = session.words
    basis = {"estimated": N_("estimated"), "sourced": N_("sourced"), "assumption": N_("assumption")}

    def rows() -> Listed:
        table = sc.scenario_inputs(planned.scenario(planned.case(session)))
        shown = table.assign(
            input=[sc.input_label(name, session.lang) for name in table["input"]],
            basis=[words.text(basis[name]) for name in table["basis"]],
            unit=[unit_label(unit, session.lang) for unit in table["unit"]],
        ).drop(columns=["kind", "group"])
        return Listed(shown, words.text("Low and high hold the truth nine times in ten."), [words.text(_ASSUMED)])

    return table_card(
        session, words.text("Every input with its source"), rows, name="inputs", follows=_FOLLOWS,
        columns=lambda rows: {"header_filters": parts.header_filters(rows, words), "page_size": 12},
    )  # fmt: skip
