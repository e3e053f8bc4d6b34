"""Figures of the reports: the same book gives the same tables, a payment less changes those made of cash and no others.

The notebooks run here cell by cell in this process; what they show is compared with the outputs they were committed
with, which came from a kernel of its own.
"""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest

import collectkit as ck
from collectkit.documents import Table
from tests.five_loans import five_loans

REPORTS = Path(__file__).parents[1] / "notebooks" / "reports"
PLOTLY = "application/vnd.plotly.v1+json"
CASEWORK = ("evaluation", "team_performance", "weekly_nodes")
#: 5 400.00 on loan L0875, 204 days past due, on 9 June 2025, while Chengda had it: 25% of it is 1 350.00.
PAYMENT, RECEIVED, COMMISSION = "P16959", 5400.0, 1350.0
#: Sections whose cells stand on cash, by report; every other cell must stay as it is.
ON_CASH = {
    "team_performance": {
        "## Teams: promises and cash", "## What the agencies cost", "## Collectors: promises and cash"},
    "agency_settlement": {
        "## What is owed", "## What it is made of", "## Where the cash of the month went", "## What was reconciled"},
}  # fmt: skip


def cells(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((REPORTS / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]
    return found


def run(name: str, book: ck.Portfolio, monkeypatch: pytest.MonkeyPatch, **parameters: str) -> dict[str, Any]:
    """What each code cell of a report shows, by its id, for a book."""
    monkeypatch.setattr(ck, "load_portfolio", lambda _: book)
    scope: dict[str, Any] = {}
    shown = {}
    for cell in cells(name):
        if cell["cell_type"] != "code":
            continue
        *before, last = ast.parse("".join(cell["source"])).body
        if not isinstance(last, ast.Expr):
            exec(compile(ast.Module([*before, last], []), name, "exec"), scope)
        else:
            exec(compile(ast.Module(before, []), name, "exec"), scope)
            shown[cell["id"]] = eval(compile(ast.Expression(last.value), name, "eval"), scope)
        if "parameters" in cell["metadata"].get("tags", []):
            scope |= parameters
    return shown


def as_output(value: Any) -> Any:
    """What would be written into the notebook, byte for byte; of a figure its data and layout."""
    if isinstance(value, Table):
        return repr(value), value._repr_html_()
    if hasattr(value, "to_plotly_json"):
        figure = json.loads(value.to_json())
        return figure["data"], figure["layout"]
    return value.data


def committed(cell: dict[str, Any]) -> Any:
    """What stands in the notebook."""
    data = cell["outputs"][0]["data"]
    if PLOTLY in data:
        return data[PLOTLY]["data"], data[PLOTLY]["layout"]
    if "text/html" in data:
        return "".join(data["text/plain"]), "".join(data["text/html"])
    return "".join(data["text/markdown"])


def sections(name: str) -> dict[str, str]:
    """The English heading above each code cell."""
    above, found = "", {}
    for cell in cells(name):
        if cell["cell_type"] == "code":
            found[cell["id"]] = above
        elif "en" in cell["metadata"].get("tags", []):
            above = next(
                (line for line in reversed("".join(cell["source"]).splitlines()) if line.startswith("#")), above
            )
    return found


@pytest.fixture(scope="module")
def poorer():
    """The demo without one payment."""
    demo = ck.load_sample("demo")
    gone = demo.payments["payment_id"] == PAYMENT
    assert demo.payments.loc[gone, "amount"].tolist() == [RECEIVED]
    return demo.replacing(payments=demo.payments[~gone].reset_index(drop=True))


@pytest.mark.parametrize("name", list(ON_CASH))
def test_a_payment_less_changes_the_cells_made_of_cash_and_no_others(name, poorer, monkeypatch):
    shown, above = run(name, poorer, monkeypatch), sections(name)
    outputs = {cell["id"]: committed(cell) for cell in cells(name) if cell.get("outputs")}
    assert shown.keys() == outputs.keys()
    changed = {cell for cell, value in shown.items() if as_output(value) != outputs[cell]}
    assert {above[cell] for cell in changed} == ON_CASH[name]
    assert changed < shown.keys()  # the others came out byte for byte, in another process


def test_the_agency_is_owed_less_by_the_rate_of_the_payment(poorer):
    """The rate of the tariff from 181 days on is 25% (source manual 002, 二.(4)b)."""
    policy, demo = ck.load_policy("cn-microloan"), ck.load_sample("demo")
    owed, left = (
        ck.agencies.commission_totals(book, policy, start="2025-06-01", end="2025-06-30").set_index(
            ["agency", "tariff"]
        )
        for book in (demo, poorer)
    )
    less = (owed - left)[["collected", "commission"]].round(2)
    assert less.loc["Chengda"].drop_duplicates().to_numpy().tolist() == [[RECEIVED, COMMISSION]]
    assert (less.drop(index="Chengda", level="agency") == 0).all(axis=None)


@pytest.mark.parametrize("name", CASEWORK[:2])
def test_a_report_on_a_book_without_contacts_says_so(name, monkeypatch):
    shown = run(name, five_loans(), monkeypatch, month="2025-03", language="zh")
    gaps = next(value for value in shown.values() if isinstance(value, Table))
    assert gaps.frame["table"].tolist()[0] == "联系记录"
    assert "无法说明" in gaps.frame["note"][0]
    assert all(as_output(value) for value in shown.values())


@pytest.mark.parametrize("name", CASEWORK)
def test_a_month_that_is_not_there_stops_a_report_with_the_reason(name, monkeypatch):
    with pytest.raises(ck.CallError, match="nothing in 2031-01: it goes from 2024-10 to 2025-03"):
        run(name, five_loans(), monkeypatch, month="2031-01")
