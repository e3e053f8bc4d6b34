"""What all pages are made of: fields of the address, kept results, loading, cards, filters, downloads."""

from __future__ import annotations

import asyncio
import io
import re
import threading
from datetime import date
from types import SimpleNamespace

import openpyxl
import pandas as pd
import panel as pn
import panel_material_ui as pmui
import plotly.graph_objects as go
import pytest
from bokeh.document import Document

import collectkit as ck
from dashboards import downloads, fields, shared
from dashboards.cards import Later, Listed, Nothing, Shown, chart_card, table_card
from dashboards.controls import CardTop, Chart
from dashboards.filters import chosen_months, filter_bar, month_range, switch
from dashboards.kept import kept
from dashboards.loading import when_loaded
from dashboards.session import Session
from tests.shown import QUIET, texts

pytestmark = QUIET

HOSTILE = "<img src=x onerror=alert(1)>"
PRODUCTS = {"book": ["cash", "car, used", "home"], "other": ["home", "ship"]}
MONTHS = [date(2025, month, 1) for month in (1, 2, 3, 4)]
KEY = shared.Key("book", "plain", date(2025, 4, 30))


class Trial(Session):
    """Sessions of two pages that share a filter."""

    fields = {}
    _fields_of = {}


PRODUCT = fields.options("product", PRODUCTS.__getitem__)
Trial.declare(
    "one", (fields.choice("weight", ("loans", "balance")), PRODUCT, fields.month("since"), fields.month("to"))
)
Trial.declare("two", (PRODUCT, fields.option("region", PRODUCTS.__getitem__), fields.short_text("wanted")))


@pytest.fixture(autouse=True)
def offered():
    for name in PRODUCTS:
        shared.offer(
            name, lambda: SimpleNamespace(first_date=pd.Timestamp(MONTHS[0]), last_date=pd.Timestamp(KEY.as_of))
        )
    yield
    for name in PRODUCTS:
        shared._loaders.pop(name)
    shared.forget()


def trial(**query):
    session = Trial(
        {"one": "viewer", "two": "viewer"}, {"portfolio": "book", "policy": "plain", "as_of": "2025-04-30", **query}
    )
    session.loaded = KEY
    return session


def find(view, kind):
    return list(view.select(kind))


# fields of the address


def test_a_page_has_its_own_fields_in_the_address():
    session = trial(weight="balance", product=["home", "cash"], since="2025-03")
    assert (session.weight, session.product, session.since) == ("balance", ("cash", "home"), date(2025, 3, 1))
    assert "weight=balance&product=cash&product=home&since=2025-03" in session.search()
    assert session.problems == []


def test_values_with_commas_and_signs_come_back():
    session = trial(product=["car, used"])
    again = trial()
    again.go_to(session.search())
    assert again.product == ("car, used",)


def test_a_default_is_not_written():
    assert "weight" not in trial(weight="loans").search()
    assert "product" not in trial().search()


def test_a_shared_filter_stays_on_the_other_page_and_the_rest_is_left_out():
    session = trial(product=["home"], weight="balance")
    link = session.search(page="two")
    assert "product=home" in link
    assert "weight" not in link
    session.go_to(link)
    assert session.product == ("home",)


@pytest.mark.parametrize(
    ("name", "value", "default"),
    [
        ("weight", "money", "loans"),
        ("product", HOSTILE, ()),
        ("since", "2025-13", None),
        ("since", "9999-01", None),
        ("since", "", None),
    ],
)
def test_a_wrong_value_of_a_field_is_told_and_not_used(name, value, default):
    session = trial(**{name: value})
    assert getattr(session, name) == default
    assert [problem[0] for problem in session.problems] == [name]


def test_an_option_of_the_portfolio_is_checked():
    assert trial(page="two", region="ship", portfolio="other").region == "ship"
    assert trial(page="two", region="ship").region == ""


def test_another_portfolio_drops_what_it_lacks_before_the_page_is_drawn():
    session = trial(product=["home", "cash"])
    drawn = []
    session.on_change(lambda *_: drawn.append(session.product), "portfolio")
    session.portfolio = "other"
    assert drawn == [()]


def test_a_long_text_is_cut():
    assert len(trial(page="two", wanted="x" * 5000).wanted) == fields.LONGEST


def test_one_name_is_one_field():
    with pytest.raises(ValueError, match="weight"):
        Trial.declare("three", (fields.choice("weight", ("other",)),))
    for taken in ("as_of", "search", "name"):
        with pytest.raises(ValueError, match=taken):
            Trial.declare("three", (fields.short_text(taken),))


# kept results


def test_a_result_is_computed_once_however_many_ask():
    calls, gate = [], threading.Event()

    @kept(3)
    def slow(number):
        calls.append(number)
        gate.wait(5)
        return number * 2

    results = []
    threads = [threading.Thread(target=lambda: results.append(slow(4))) for _ in range(5)]
    for thread in threads:
        thread.start()
    assert not slow.is_there(4)
    gate.set()
    for thread in threads:
        thread.join()
    assert results == [8] * 5
    assert calls == [4]
    assert slow.is_there(4)


def test_a_failure_is_told_and_not_kept():
    answers = [ValueError("no"), 7]

    @kept(3)
    def shaky(_):
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    with pytest.raises(ValueError, match="no"):
        shaky(1)
    assert not shaky.is_there(1)
    assert shaky(1) == 7


def test_the_result_used_longest_ago_goes_first():
    double = kept(2)(lambda number: number * 2)
    double(1), double(2), double(1), double(3)
    assert [double.is_there(number) for number in (1, 2, 3)] == [True, False, True]
    double.clear()
    assert not double.is_there(1)


# loading


def test_a_page_is_built_once_its_figures_are_there_and_told_of_new_ones():
    session, asked = trial(), []
    figures = kept(5)(lambda key: asked.append(key))
    seen = []
    view = when_loaded(session, lambda: session.on_change(lambda *_: seen.append(session.loaded), "loaded"), figures)
    session.as_of = date(2025, 3, 31)
    assert asked == [KEY, KEY._replace(as_of=date(2025, 3, 31))]
    assert seen == asked[1:]
    assert not view[0].visible


def served(monkeypatch, later):
    """As in a server: work is put off until the test runs it."""
    document = Document()
    document._session_context = lambda: SimpleNamespace(id="trial", request=SimpleNamespace(arguments={}))
    monkeypatch.setattr(type(pn.state), "curdoc", document)
    monkeypatch.setattr(type(pn.state), "loaded", True)
    monkeypatch.setattr(pn.state, "execute", lambda work, **_: later.append(work))


def test_a_server_computes_in_a_thread_and_says_so(monkeypatch):
    session, where = trial(), []

    @kept(5)
    def slow(key):
        where.append(threading.current_thread() is threading.main_thread())

    later = []
    served(monkeypatch, later)
    view = when_loaded(session, lambda: pn.pane.HTML("there"), slow)
    assert view[0].visible
    assert "there" not in texts(view)
    asyncio.run(later.pop()())
    later.pop()()
    assert where == [False]
    assert not view[0].visible
    assert "there" in texts(view)


def test_figures_that_come_too_late_are_not_shown(monkeypatch):
    session, later = trial(), []
    served(monkeypatch, later)
    when_loaded(session, lambda: pytest.fail("built for a page that is gone"), kept(5)(lambda key: key))
    session.leave_page()
    asyncio.run(later.pop()())
    later.pop()()


def test_figures_that_cannot_be_computed_are_a_card_and_another_date_works():
    session = trial()

    def shaky(key):
        if key == KEY:
            raise ck.CallError("Take a later date.")

    view = when_loaded(session, lambda: pn.pane.HTML("there"), kept(5)(shaky))
    assert "Take a later date." in texts(view)
    session.as_of = date(2025, 3, 31)
    assert "there" in texts(view)
    assert "Take a later date." not in texts(view)


# cards


def bars(values, **more):
    return Shown(go.Figure(go.Bar(y=values), {"height": 300}), "one bar", pd.DataFrame({"amount": values}), **more)


def chart(draw, session=None, **more):
    return chart_card(session or trial(), "Bars", draw, name="bars", **more)


def test_a_chart_states_unit_date_policy_and_definition():
    card = chart(lambda: bars([1], unit="CNY", definition=["What it is.", "How it is counted."]))
    top = find(card, CardTop)[0]
    assert top.sub == "CNY · as of 30 April 2025 · policy plain"
    assert top.definition == ["What it is.", "How it is counted."]
    assert [entry["name"] for entry in top.files] == ["png", "svg", "html", "csv", "xlsx"]
    assert find(card, Chart)[0].label == "Bars. one bar"


def test_a_chart_follows_what_it_is_told_to():
    session = trial()
    card = chart(lambda: bars([len(session.product)]), session, follows=("product",))
    session.weight = "balance"
    before = find(card, Chart)[0].figure
    session.product = ("home",)
    assert find(card, Chart)[0].figure != before


@pytest.mark.parametrize(("is_small", "title"), [(False, "Nothing to show"), (True, "Too small to say")])
def test_a_card_without_content_says_why_and_comes_back(is_small, title):
    session = trial()

    def draw():
        return Nothing(f"because {HOSTILE}", is_small) if session.product else bars([1])

    card = chart(draw, session, follows=("product",))
    session.product = ("home",)
    assert title in texts(card)
    assert "because &lt;img" in texts(card)
    assert not find(card, Chart)
    assert find(card, CardTop)[0].files == []
    session.product = ()
    assert find(card, Chart)
    assert title not in texts(card)


def test_a_card_that_fails_leaves_the_others():
    session = trial()
    card = chart(lambda: bars([1 / (1 - len(session.product))]), session, follows=("product",))
    other = chart(lambda: bars([len(session.product)]), session, follows=("product",))
    session.product = ("home",)
    assert "This could not be shown" in texts(card)
    assert find(other, Chart)
    assert session.failure is None
    session.product = ()
    assert find(card, Chart)


def test_a_card_waits_for_figures_that_take_long(monkeypatch):
    session, later = trial(), []
    double = kept(3)(lambda number: number * 2)
    served(monkeypatch, later)

    def draw():
        return bars([double(len(session.product))]) if double.is_there(len(session.product)) else Later(
            double, (len(session.product),)
        )  # fmt: skip

    card = chart(draw, session, follows=("product",))
    assert "Working out the figures" in texts(card)
    assert find(card, CardTop)[0].files == []
    asyncio.run(later.pop()())
    later.pop()()
    assert find(card, Chart)
    session.product = ("home",)
    session.product = ("home", "cash")
    first, second = later
    later.clear()
    asyncio.run(first())
    later.pop()()
    assert "Working out the figures" in texts(card)
    asyncio.run(second())
    later.pop()()
    assert '"y":[4]' in find(card, Chart)[0].figure


def test_figures_a_card_waits_for_that_fail_are_told():
    def shaky(_):
        raise ck.CallError("Take another month.")

    card = chart(lambda: Later(kept(3)(shaky), (1,)))
    assert "Take another month." in texts(card)


def test_a_click_on_a_point_reaches_the_page():
    points = []
    card = chart(lambda: bars([1]), on_point=points.append)
    drawn = find(card, Chart)[0]
    assert drawn.clickable
    drawn.clicked = {"count": 1, "x": "M1"}
    drawn.clicked = {"count": 2, "x": "M1"}
    assert [point["x"] for point in points] == ["M1", "M1"]


def asked(card, ending):
    """The file a reader gets who asks for this ending."""
    top, sent = find(card, CardTop)[0], []
    top.send = lambda *file: sent.append(file)
    asyncio.run(top._msg__callbacks[0](SimpleNamespace(data={"asked": ending})))
    return sent[0] if sent else None


FRAME = pd.DataFrame({"loan_id": ["=cmd()", "L-2"], "amount": [1.5, -2.0]})


def test_a_chart_downloads_as_a_page_that_needs_no_network():
    name, kind, content = asked(chart(lambda: bars([41.5], definition=[HOSTILE], unit="<CNY>")), "html")
    page = content.decode()
    assert (name, kind) == ("bars_book_2025-04-30_plain.html", "text/html")
    assert HOSTILE not in page
    assert "41.5" in page
    assert "Plotly.newPlot" in page
    assert not re.search(r"""<(?:script|link|img)[^>]+(?:src|href)=["']?http""", page)


def test_the_table_behind_a_chart_downloads():
    card = chart(lambda: bars([1.0, 2.0]))
    assert asked(card, "csv")[2].decode("utf-8-sig").split() == ["amount", "1.0", "2.0"]
    assert asked(card, "xlsx")[0] == "bars_book_2025-04-30_plain.xlsx"


def test_a_table_downloads_what_is_shown_without_formulas():
    card = table_card(trial(), "Loans", lambda: Listed(FRAME), name="loans")
    table = find(card, pn.widgets.Tabulator)[0]
    assert asked(card, "csv")[2].decode("utf-8-sig").split() == ["loan_id,amount", "'=cmd(),1.5", "L-2,-2.0"]
    sheet = openpyxl.load_workbook(io.BytesIO(asked(card, "xlsx")[2])).active
    assert [row[0] for row in sheet.values] == ["Loans", "As of 30 April 2025 · policy plain", "Loan", "'=cmd()", "L-2"]
    table.add_filter("L-2", "loan_id")
    assert asked(card, "csv")[2].decode("utf-8-sig").split() == ["loan_id,amount", "L-2,-2.0"]


def test_a_file_that_cannot_be_made_is_told(monkeypatch):
    def fails(*_):
        raise ck.CallError("A sheet holds 1,048,575 rows. Write CSV.")

    monkeypatch.setattr(downloads, "excel_file", fails)
    card = table_card(trial(), "Loans", lambda: Listed(FRAME), name="loans")
    assert asked(card, "xlsx") is None
    top = find(card, CardTop)[0]
    assert top.problem == "A sheet holds 1,048,575 rows. Write CSV."
    assert not top.busy


def test_a_file_that_is_not_offered_is_not_given():
    card = table_card(trial(), "Loans", lambda: Listed(FRAME), name="loans")
    assert asked(card, "html") is None
    assert asked(card, ["csv"]) is None


def test_a_row_that_is_clicked_reaches_the_page():
    rows = []
    card = table_card(trial(), "Loans", lambda: Listed(FRAME), name="loans", on_row=rows.append)
    table = find(card, pn.widgets.Tabulator)[0]
    for callback in table._on_click_callbacks[None]:
        callback(SimpleNamespace(row=1))
    assert rows[0]["loan_id"] == "L-2"


def test_a_table_with_other_columns_gets_other_headings():
    session = trial()

    def rows():
        return Listed(FRAME.rename(columns={"amount": "penalty"}) if session.product else FRAME)

    card = table_card(session, "Loans", rows, name="loans", follows=("product",))
    session.product = ("home",)
    assert find(card, pn.widgets.Tabulator)[0].titles == {"loan_id": "Loan", "penalty": "Penalty"}


def test_names_of_files_hold_no_paths():
    session = trial()
    session.loaded = KEY._replace(portfolio="../../etc/my book")
    assert downloads.filename("loans", session) == "loans_..-..-etc-my-book_2025-04-30_plain"


# filters


def test_a_filter_writes_the_session_and_reads_it():
    session = trial()
    bar = filter_bar(session, lambda: {"product": PRODUCTS[session.portfolio]})
    field, clear = find(bar, pmui.MultiChoice)[0], find(bar, pmui.Button)[0]
    assert not clear.visible
    field.value = ["home"]
    assert session.product == ("home",)
    assert clear.visible
    session.product = ("cash", "home")
    assert field.value == ["cash", "home"]
    clear.param.trigger("clicks")
    assert (session.product, field.value) == ((), [])


def test_a_filter_with_one_value_is_not_shown():
    bar = filter_bar(trial(), lambda: {"product": ["cash"]})
    assert not find(bar, pmui.MultiChoice)[0].visible


def test_months_are_bounded_by_each_other():
    session = trial(since="2025-02", to="2025-03")
    first, last = find(month_range(session, lambda: MONTHS, "since", "to"), pmui.Select)
    assert (first.value, last.value) == (MONTHS[1], MONTHS[2])
    assert list(first.options) == ["Jan 2025", "Feb 2025", "Mar 2025", "Apr 2025"]
    assert (first.disabled_options, last.disabled_options) == (MONTHS[3:], MONTHS[:1])
    first.value = MONTHS[2]
    assert session.since == MONTHS[2]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, (0, 3)),
        ({"since": "2025-02"}, (1, 3)),
        ({"to": "2025-02"}, (0, 1)),
        ({"since": "2025-04", "to": "2025-02"}, (0, 1)),
        ({"since": "2020-01", "to": "2030-01"}, (0, 3)),
    ],
)
def test_months_that_are_not_there_fall_back(query, expected):
    chosen = chosen_months(trial(**query), MONTHS, "since", "to")
    assert chosen == tuple(MONTHS[position] for position in expected)


def test_a_switch_writes_the_session_and_reads_it():
    session = trial()
    buttons = switch(session, "weight", {"loans": "Loans", "balance": "Principal balance"}, "Show by")
    buttons.value = "balance"
    assert session.weight == "balance"
    session.weight = "loans"
    assert buttons.value == "loans"
