"""The pages without a browser: what they show, what they do when a control changes, what they refuse."""

from __future__ import annotations

import gc
import io
import logging
import re
import string
import time
import weakref
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import panel as pn
import pytest

import collectkit as ck
from dashboards import __main__ as command
from dashboards import app, catalogues, pages, shared
from dashboards.controls import PLOTLY_SOURCE, Chart
from dashboards.downloads import csv_file
from dashboards.guard import guarded
from dashboards.session import Session
from dashboards.shell import Shell, create_view
from dashboards.words import LANGUAGES, Words, read_catalogue, safe, words_in
from tests.shown import QUIET, texts

# Bokeh 3.9 still asks pandas 3.1 to work in place; the component library names one style in two ways.
pytestmark = QUIET

HOSTILE = "<img src=x onerror=alert(1)>"


def loans_of(*ids):
    """One loan of 1 000 per id, disbursed on 1 January, due on 1 February 2025."""
    count = len(ids)
    loans = pd.DataFrame({"loan_id": list(ids), "product": "consumer", "principal": 1000.0, "annual_rate": "0.12"})
    loans["disbursement_date"] = pd.Timestamp("2025-01-01")
    loans["closed_date"] = pd.NaT
    loans["close_code"] = pd.NA
    loans["region"] = [HOSTILE, *["North"] * (count - 1)]
    instalments = pd.DataFrame({"loan_id": list(ids), "instalment_no": 1, "principal": 1000.0, "interest": 10.0})
    instalments["due_date"] = pd.Timestamp("2025-02-01")
    return loans, instalments


def small_book():
    """Three loans: A late, B paid on 3 February, C disbursed with them and late; C is with an agency."""
    loans, instalments = loans_of("A", "B", "C")
    payments = pd.DataFrame(
        {
            "payment_id": ["P1", "P2"],
            "loan_id": ["B", "C"],
            "value_date": pd.to_datetime(["2025-02-03", "2025-05-20"]),
            "amount": [1010.0, 100.0],
        }
    )
    placements = pd.DataFrame(
        {
            "placement_id": ["D1"],
            "loan_id": ["C"],
            "agency": ["Borui"],
            "placement_date": pd.to_datetime(["2025-05-02"]),
            "placement_no": [1],
        }
    )
    return ck.Portfolio(loans=loans, instalments=instalments, payments=payments, placements=placements)


@pytest.fixture(autouse=True)
def offered():
    shared.offer("small", small_book)
    yield
    shared._loaders.pop("small")
    shared.forget()


def session_of(**query):
    return Session(pages.names(), {"portfolio": "small", "as_of": "2025-05-31", **query})


def find(view, kind):
    return list(view.select(kind))


# words


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_of_the_code_is_in_the_catalogue_and_none_is_empty(language):
    entries = read_catalogue(language)
    for message in catalogues.messages_in_code():
        key = message if isinstance(message, str) else message[0]
        assert key in entries, f"{key!r} is missing; run python -m dashboards.catalogues"
        assert all(entries[key]), f"{key!r} has no translation"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_catalogue_keeps_messages_the_code_no_longer_has(language):
    used = {message if isinstance(message, str) else message[0] for message in catalogues.messages_in_code()}
    assert set(read_catalogue(language)) == used


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_fill_in_the_same_names(language):
    for message, forms in read_catalogue(language).items():
        for form in forms:
            assert names_in(form) == names_in(message), message


def names_in(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_no_message_hides_inside_an_f_string():
    folder = Path(catalogues.CODE_FOLDER)
    inside = re.compile(r"""f(['"]).*\{[^}]*\b(?:text|plural)\(""")
    assert not [path.name for path in folder.rglob("*.py") if inside.search(path.read_text(encoding="utf-8"))]


def test_every_message_a_page_asks_for_is_in_the_catalogue(monkeypatch):
    asked = []
    form = Words._form
    monkeypatch.setattr(
        Words, "_form", lambda self, message, which: asked.append(message) or form(self, message, which)
    )
    for query in ({"loan": "A"}, {"loan": "nobody"}, {"as_of": "2020-01-01"}, {"as_of": "2025-02-01"}, {"lang": "fr"}):
        Shell(session_of(**{"lang": "zh", **query}))
    assert set(asked) <= set(read_catalogue("zh"))
    assert len(set(asked)) > 50


def test_numbers_are_written_in_the_language():
    english, chinese = words_in("en"), words_in("zh")
    assert (english.short(124_000), chinese.short(124_000)) == ("124K", "12.4万")
    assert (english.short(950.5), chinese.short(9_999)) == ("950.5", "9,999")
    assert english.money(1234.5) == chinese.money(1234.5) == "1,234.50"
    assert (english.date(date(2025, 3, 1)), chinese.date(date(2025, 3, 1))) == (
        "1 March 2025",
        "2025年3月1日",
    )
    assert (english.currency("CNY"), chinese.currency("CNY"), chinese.currency("USD")) == ("CNY", "元", "USD")
    assert english.percent(float("nan")) == "–"


def test_plurals_follow_the_language():
    forms = "{count} open loan", "{count} open loans"
    assert words_in("en").plural(*forms, 1) == "1 open loan"
    assert words_in("en").plural(*forms, 1200) == "1,200 open loans"
    assert words_in("zh").plural(*forms, 1) == "1 笔未结清贷款"


# the address


def test_the_address_sets_the_session():
    session = session_of(policy="plain", lang="zh", theme="dark", loan="A", weight="overdue_amount")
    assert (session.policy, session.lang, session.theme, session.loan) == ("plain", "zh", "dark", "A")
    assert (session.as_of, session.weight) == (date(2025, 5, 31), "overdue_amount")
    assert session.problems == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("policy", "../../etc/passwd"),
        ("policy", HOSTILE),
        ("lang", "fr"),
        ("theme", "blue"),
        ("page", "admin"),
        ("portfolio", "other"),
        ("weight", "money"),
        ("as_of", "yesterday"),
        ("as_of", "2025-02-30"),
        ("as_of", "9999-12-31"),
        ("as_of", ""),
    ],
)
def test_a_wrong_value_in_the_address_is_told_and_not_used(name, value):
    query = {"portfolio": "small", name: value}
    session = Session(pages.names(), query)
    assert [problem[0] for problem in session.problems] == [name]
    assert str(getattr(session, name)) != value
    assert "<img" not in Shell(session).problems.object


def test_the_date_falls_back_to_the_last_day_of_the_portfolio():
    assert Session(pages.names(), {"portfolio": "small"}).as_of == date(2025, 5, 20)


def test_the_address_of_a_session_gives_the_same_session():
    session = session_of(policy="plain", lang="zh", theme="dark", loan="A")
    other = Session(pages.names())
    other.go_to(session.search())
    assert other.search() == session.search()


def test_address_bytes_that_are_no_text_count_as_not_given():
    assert app._query({"lang": [b"zh"], "policy": [b"\xff\xfe"]}) == {"lang": ["zh"]}


# the page


def test_tiles_equal_the_package():
    session = session_of()
    day = ck.assess(small_book(), ck.load_policy("cn-microloan"), as_of="2025-05-31")
    expected = ck.overview(day)
    shown = texts(Shell(session).content)
    assert f">{expected['overdue_loans']}<" in shown
    assert f"{expected['overdue_amount']:,.2f} CNY" in shown
    assert f"{expected['penalty']:,.2f} CNY" in shown
    assert f"{expected['par30']:.2%}" in shown


def test_commission_shows_both_readings_of_the_month():
    totals = ck.agencies.commission_totals(
        small_book(), ck.load_policy("cn-microloan"), start="2025-05-01", end="2025-05-31"
    ).set_index("tariff")["commission"]
    assert totals["elapsed_months"] > 0
    shown = texts(Shell(session_of()).content)
    assert f"{totals['elapsed_months']:,.2f} CNY by elapsed months" in shown
    assert f"{totals['month_index']:,.2f} CNY by month index" in shown


def test_every_tile_has_unit_date_and_definition():
    for language, day in (("en", "31 May 2025"), ("zh", "2025年5月31日")):
        shown = texts(Shell(session_of(lang=language)).content)
        assert shown.count('class="unit"') == shown.count("popovertarget") == 5
        assert shown.count(day) >= 4


def test_another_policy_changes_the_penalty():
    shell = Shell(session_of())
    before = texts(shell.content)
    shell.policy.value = "plain"
    after = texts(shell.content)
    expected = ck.overview(ck.assess(small_book(), ck.load_policy("plain"), as_of="2025-05-31"))
    assert before != after
    assert f"{expected['penalty']:,.2f} CNY" in after


def test_another_date_changes_tiles_bars_table_and_address():
    shell = Shell(session_of())
    chart = find(shell.content, Chart)[0]
    before = chart.figure
    shell.as_of.value = "2025-02-06"
    assert chart.figure != before
    table = find(shell.content, pn.widgets.Tabulator)[0]
    assert table.value["days_past_due"].tolist() == [5, 5]
    assert "as_of=2025-02-06" in shell.browser.search
    assert "6 February 2025" in shell.heading.object


def test_a_half_typed_date_changes_nothing():
    shell = Shell(session_of())
    shell.as_of.value = "0202-05-31"
    assert shell.session.as_of == date(2025, 5, 31)


def test_before_the_first_loan_the_page_says_so():
    shown = texts(Shell(session_of(as_of="2020-01-01")).content)
    assert "No loans yet on 1 January 2020" in shown
    assert "1 January 2025" in shown


@pytest.mark.parametrize("page", pages.names())
def test_before_the_first_loan_no_page_fails(page):
    shown = texts(Shell(session_of(as_of="2020-01-01", page=page)).content)
    assert len(shown) > 100
    assert "could not be shown" not in shown


def test_without_overdue_loans_the_page_says_so():
    shown = texts(Shell(session_of(as_of="2025-02-01")).content)
    assert "No overdue loans on this date" in shown


def test_the_page_comes_back_after_an_empty_date():
    shell = Shell(session_of(as_of="2020-01-01"))
    shell.as_of.value = "2025-05-31"
    assert find(shell.content, pn.widgets.Tabulator)
    assert "No loans yet" not in texts(shell.content)


def test_the_language_switch_changes_every_label():
    shell = Shell(session_of())
    shell.session.lang = "zh"
    assert "逾期贷款" in texts(shell.content)
    assert (shell.as_of.label, shell.policy.label, shell.browser.title) == (
        "截至日",
        "规则",
        "今日 · collectkit",
    )
    assert "Overdue" not in texts(shell.content)


def test_the_theme_switch_redraws_the_figures():
    shell = Shell(session_of())
    before = find(shell.content, Chart)[0].figure
    shell.session.theme = "dark"
    assert shell.view.dark_theme
    assert find(shell.content, Chart)[0].figure != before


def test_the_bars_can_be_shown_by_amount():
    shell = Shell(session_of())
    shell.session.weight = "overdue_amount"
    chart = find(shell.content, Chart)[0]
    assert "Overdue amount [CNY]" in chart.figure
    assert chart.label.startswith("Overdue by bucket. Overdue amount: M1 ")


def test_a_page_that_is_left_no_longer_listens():
    shell = Shell(session_of())
    for _ in range(3):
        shell.session.lang = shell._next(LANGUAGES, shell.session.lang)
    one = len(shell.session._watchers)
    shell.session.lang = shell._next(LANGUAGES, shell.session.lang)
    assert len(shell.session._watchers) == one


def test_views_render():
    for query in ({}, {"lang": "zh", "theme": "dark"}, {"loan": "A"}, {"as_of": "2020-01-01"}):
        assert pn.panel(create_view(session_of(**query))).get_root() is not None


# the loan


def dialog_of(shell):
    return shell.view.main[0][-1]


def test_a_click_on_a_row_opens_its_loan():
    shell = Shell(session_of())
    table = find(shell.content, pn.widgets.Tabulator)[0]
    for callback in table._on_click_callbacks[None]:
        callback(SimpleNamespace(row=1))
    assert shell.session.loan == table.value["loan_id"].iloc[1]
    assert dialog_of(shell).open
    assert f"Loan {shell.session.loan}" in texts(dialog_of(shell))


def test_the_loan_shows_the_steps_of_explain():
    shell = Shell(session_of(loan="A"))
    steps = ck.explain(small_book(), ck.load_policy("cn-microloan"), "A", as_of="2025-05-31")
    table = find(dialog_of(shell), pn.widgets.Tabulator)[0]
    assert table.value["Note"].tolist() == steps["note"].tolist()
    assert f"{steps.totals['total_due']:,.2f} CNY" in texts(dialog_of(shell))


def test_closing_the_loan_clears_the_address():
    shell = Shell(session_of(loan="A"))
    dialog_of(shell).open = False
    assert "loan=" not in shell.browser.search


@pytest.mark.parametrize("loan", ["nobody", HOSTILE])
def test_a_loan_that_does_not_exist_is_told(loan):
    shown = texts(dialog_of(Shell(session_of(loan=loan))))
    assert "No such loan on this date" in shown
    assert "<img" not in shown


def test_the_loan_number_field_opens_a_loan():
    shell = Shell(session_of())
    shell.loan.value = " B "
    assert "Loan B" in texts(dialog_of(shell))


# failures


def test_a_page_that_cannot_be_built_shows_a_card(monkeypatch, caplog):
    monkeypatch.setattr(shared, "summary", lambda key: 1 / 0)
    with caplog.at_level(logging.ERROR, logger="dashboards"):
        shown = texts(Shell(session_of()).content)
    assert "This could not be shown" in shown
    number = re.search(r"number (\w{8})", shown)[1]
    assert number in caplog.text
    assert "division" not in shown


def test_a_page_that_fails_later_shows_a_card_and_recovers(monkeypatch):
    shell = Shell(session_of())
    with monkeypatch.context() as broken:
        broken.setattr(shared, "summary", lambda key: 1 / 0)
        shell.policy.value = "plain"
        assert "This could not be shown" in texts(shell.content)
    shell.policy.value = "cn-credit-card"
    assert "This could not be shown" not in texts(shell.content)
    assert find(shell.content, pn.widgets.Tabulator)


def test_an_error_of_the_package_is_told_in_its_own_words():
    def build():
        raise ck.CallError(f"Loan {HOSTILE} is unknown. Check the number.")

    shown = guarded(build, words_in("en")).object
    assert "is unknown. Check the number." in shown
    assert "<img" not in shown


# text from data


def test_text_from_data_is_never_markup():
    shell = Shell(session_of(loan="A"))
    assert "<img" not in texts(shell.content) + texts(dialog_of(shell))
    assert safe(HOSTILE) == "&lt;img src=x onerror=alert(1)&gt;"
    table = find(shell.content, pn.widgets.Tabulator)[0]
    assert HOSTILE in table.value["region"].tolist()
    assert "html" not in str(table.formatters)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_download_holds_no_formula(start):
    frame = pd.DataFrame({"loan_id": [f"{start}cmd()", "L-1"], "amount": [-1.5, 2.0]})
    saved = pd.read_csv(io.BytesIO(csv_file(frame)), lineterminator="\n" if start == "\r" else None)
    assert saved["loan_id"].tolist() == [f"'{start}cmd()", "L-1"]
    assert saved.iloc[:, 1].tolist() == [-1.5, 2.0]


def test_a_download_opens_in_a_spreadsheet_with_chinese_text():
    content = csv_file(pd.DataFrame({"地区": ["华东"]}))
    assert content.startswith(b"\xef\xbb\xbf")
    assert "华东" in content.decode("utf-8-sig")


# serving


@pytest.mark.parametrize("address", ["0.0.0.0", "192.168.1.5", "::", "example.org"])
def test_other_addresses_are_refused_with_an_explanation(address, capsys):
    assert command.main(["--address", address]) == 2
    assert "access control" in capsys.readouterr().err


@pytest.mark.parametrize("address", ["127.0.0.1", "localhost", "::1", "127.0.0.5"])
def test_loopback_is_served(address):
    assert command.is_loopback(address)


def test_panel_still_ships_the_plotly_the_charts_load():
    assert (Path(pn.__file__).parent / PLOTLY_SOURCE.replace("static/extensions/panel", "dist")).is_file()


def test_every_page_is_registered_once_under_a_name_for_the_address():
    names = pages.names()
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z-]+", name) for name in names)


def test_a_closed_session_is_let_go():
    shell = Shell(session_of())
    view = weakref.ref(shell.view)
    del shell
    gc.collect()
    assert view() is None


def test_what_one_reader_asks_for_is_not_told_to_all_pages():
    view = Shell(session_of()).view
    pn.state._busy_counter = [("another reader", time.monotonic())]
    try:
        assert pn.state.busy
        assert not view.busy
    finally:
        pn.state._busy_counter = []
