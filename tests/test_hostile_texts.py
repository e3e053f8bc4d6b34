"""Thirty texts that try to be markup, a formula or a path, in every field that takes text: none becomes one.

What the pages would put on the screen is parsed as a browser parses it: no element, no attribute and no link may come
from a text. `tests/browser` shows one such text in a real browser on every kind of part.
"""

from __future__ import annotations

import io
import re

import openpyxl
import pandas as pd
import panel as pn
import pytest
from bs4 import BeautifulSoup

from collectkit import scenarios as sc
from collectkit.errors import CollectkitError
from dashboards import downloads, pages, planned, shared
from dashboards.pages.data_upload import safe_name
from dashboards.session import Session
from dashboards.shell import Shell

RUNS = "window.attacked=1"
MARKUP = [
    f"<img src=x onerror={RUNS}>", f"<script>{RUNS}</script>", f"<svg onload={RUNS}>", f'"><script>{RUNS}</script>',
    f"'><img src=x onerror={RUNS}>", f"<iframe srcdoc='<script>{RUNS}</script>'>", f"<a href=javascript:{RUNS}>x</a>",
    f"</p></div><body onload={RUNS}>", f"<details open ontoggle={RUNS}>", f"<math><mi xlink:href=javascript:{RUNS}>",
    f"{{{{constructor.constructor('{RUNS}')()}}}}", f"<<img src=x onerror={RUNS}>", f"<img/src/onerror={RUNS}//",
    f"[x](javascript:{RUNS})",
]  # fmt: skip
FORMULAS = [
    "=cmd()",
    "+1+cmd()",
    "-2+cmd()",
    "@SUM(1)",
    "\t=cmd()",
    "\r=cmd()",
    '=HYPERLINK("http://x","y")',
    "'=cmd()",
]
PATHS = ["../evil", "../../etc/passwd", "/etc/passwd", "..\\evil", "C:\\evil", "a/../../evil", "evil\x00.csv",
         "%2e%2e%2fevil"]  # fmt: skip
PAYLOADS = [*MARKUP, *FORMULAS, *PATHS]
OURS = {"h1", "h2", "p", "div", "span", "section", "button", "dl", "dt", "dd", "a"}


def test_there_are_thirty():
    assert len(set(PAYLOADS)) == 30


def assert_harmless(markup):
    """No element but those of the house, nothing that runs."""
    for element in BeautifulSoup(markup, "html.parser").find_all(True):
        assert element.name in OURS, markup
        assert not any(name.startswith("on") or name == "srcdoc" for name in element.attrs), markup
        assert "javascript:" not in str(element.get("href", "")), markup


def shown(view):
    """Everything that a view shows as markup."""
    return [str(pane.object) for pane in view.select(pn.pane.HTML)]


@pytest.fixture
def folder(monkeypatch, tmp_path):
    """A workspace in a folder of its own, beside which nothing may appear."""
    place = tmp_path / "in" / "workspace"
    place.mkdir(parents=True)
    monkeypatch.setenv(shared.WORKSPACE, str(place))
    return place


@pytest.fixture(scope="module")
def shell():
    return Shell(Session(pages.names(), {"page": "help"}))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_value_of_an_address_becomes_markup(payload, shell):
    for page in pages.PAGES:
        given = dict.fromkeys(
            [*(f.name for f in page.fields), "portfolio", "as_of", "policy", "lang", "theme"], payload
        )
        session = Session(pages.names(), {**given, "page": page.name, "loan": payload})
        assert session.portfolio in shared.portfolios()
        assert session.policy in shared.policies()
        shell.session.problems = session.problems
        problems = shell._problem_texts()
        assert_harmless(problems)
        assert "<" not in session.search()
    shell.session.loan = payload
    told = shown(shell.view.main[0][-1])
    if payload in MARKUP:
        for place in (problems, told[0]):
            assert payload in BeautifulSoup(place, "html.parser").get_text()  # it stands there, as text
    for markup in [*told, *shown(shell.view.main[0])]:
        assert_harmless(markup)
    shell.session.loan = ""


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_name_leaves_its_folder(payload, folder):
    store = planned.store()
    with pytest.raises(CollectkitError) as refused:
        store.save(payload, sc.load_scenario("launch"))
    assert "cannot be a name" in str(refused.value)
    kept = safe_name(payload)
    assert re.fullmatch(r"[\w.-]+", kept)
    assert (folder / kept).resolve().parent == folder.resolve()
    assert re.fullmatch(r"[\w.-]+", downloads.plain(payload))
    assert [*folder.parent.parent.rglob("*")] == [folder.parent, folder]


def test_no_text_of_data_runs_in_a_spreadsheet():
    frame = pd.DataFrame({"loan_id": PAYLOADS})
    lines = downloads.csv_file(frame).decode("utf-8-sig")
    assert not re.search(r'(?m)^"?[=+\-@\t\r]', lines)
    book = openpyxl.load_workbook(io.BytesIO(downloads.excel_file(frame, PAYLOADS, "en")))
    cells = [cell for sheet in book for row in sheet for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert not any(cell.hyperlink for cell in cells)
