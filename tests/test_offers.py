"""Which portfolios are on offer, and that figures of two states of the data never stand side by side."""

from __future__ import annotations

import pandas as pd
import panel as pn
import panel_material_ui as pmui
import pytest

from collectkit.cli import main as command
from collectkit.errors import CallError
from dashboards import __main__ as serving
from dashboards import pages, shared
from dashboards.rights import VIEWER, Reader
from dashboards.session import Session
from dashboards.shell import Shell
from tests.five_loans import five_loans, tables
from tests.shown import QUIET

pytestmark = QUIET


@pytest.fixture(autouse=True)
def nothing_else(monkeypatch):
    monkeypatch.delenv(shared.WORKSPACE, raising=False)
    monkeypatch.setattr(shared, "_sources", {})
    shared.forget()
    yield
    shared.forget()


@pytest.fixture
def book(tmp_path):
    five_loans().write(tmp_path / "book", format="csv")
    return tmp_path / "book"


def pay(book, amount):
    """Change the data on disk: B pays."""
    file = book / "payments.csv"
    payments = pd.read_csv(file, dtype=str)
    row = {"payment_id": "P9", "loan_id": "B", "value_date": "2025-03-31", "amount": amount}
    pd.concat([payments[payments["payment_id"] != "P9"], pd.DataFrame([row])]).to_csv(file, index=False)


def paid(session):
    assessed = shared.assessed(session.key).set_index("loan_id")
    return assessed.loc["B", "paid_to_date"]


def texts(shell):
    return " ".join(str(pane.object) for pane in (shell.problems, *shell.news.view.select(pn.pane.HTML)))


# What is on offer


def test_without_anything_else_there_is_the_sample():
    assert shared.portfolios() == ["demo"]
    assert not Shell(Session(pages.names())).portfolio.visible


def test_a_source_comes_first_under_its_name(book):
    assert shared.offer_source(str(book)) == "book"
    assert shared.portfolios() == ["book", "demo"]
    session = Session(pages.names())
    assert (session.portfolio, str(session.as_of)) == ("book", "2025-03-15")
    assert "portfolio=book" in session.search()
    assert "@" not in session.search()


def test_names_are_told_apart_and_fit_the_address(book, tmp_path):
    (tmp_path / "a@b").mkdir()
    assert [shared.offer_source(source) for source in (str(book), f"{book}/", str(tmp_path / "a@b"))] == [
        "book", "book 2", "a_b",
    ]  # fmt: skip
    assert shared.offer_source("sqlite:///x/loans.db?mode=ro") == "loans"


def test_the_book_of_a_workspace_is_on_offer_after_the_first_import(book, tmp_path, monkeypatch):
    monkeypatch.setenv(shared.WORKSPACE, str(tmp_path / "lender"))
    assert shared.book_name() is None
    command(["import", str(book), "--into", str(tmp_path / "lender"), "--by", "Li"])
    assert shared.portfolios() == ["lender", "demo"]
    assert paid(Session(pages.names())) == 0.0


def test_a_foreign_file_is_read_with_its_mapping(tmp_path):
    made = tables()
    with pd.ExcelWriter(tmp_path / "export.xlsx") as file:
        for name, frame in made.items():
            frame.rename(columns={"loan_id": "贷款编号"}).to_excel(file, sheet_name=name, index=False)
    command(["map", str(tmp_path / "export.xlsx"), "--to", str(tmp_path / "m.toml")])
    name = shared.offer_source(str(tmp_path / "export.xlsx"), str(tmp_path / "m.toml"))
    assert len(shared.portfolio(shared.edition(name)).loans) == 5


# Editions


def test_other_data_on_disk_are_another_edition(book):
    name = shared.offer_source(str(book))
    before = shared.edition(name)
    session = Session(pages.names())
    pay(book, "5.00")
    assert shared.edition(name) != before
    assert paid(session) == 0.0
    session.open(name)
    assert paid(session) == 5.0


def test_the_old_edition_stays_as_it_was_until_it_is_gone(book):
    name = shared.offer_source(str(book))
    before = shared.edition(name)
    shared.portfolio(before)
    pay(book, "5.00")
    assert len(shared.portfolio(before).payments) == 4
    shared.forget()
    with pytest.raises(CallError, match="have changed meanwhile"):
        shared.portfolio(before)


def test_the_last_day_moves_with_the_data_and_another_day_stays(book):
    shared.offer_source(str(book))
    at_last, before = Session(pages.names()), Session(pages.names(), {"as_of": "2025-02-01"})
    pay(book, "5.00")
    at_last.open("book")
    before.open("book")
    assert (str(at_last.as_of), str(before.as_of)) == ("2025-03-31", "2025-02-01")


def test_another_portfolio_is_shown_at_its_own_last_day(book):
    shared.offer_source(str(book))
    session = Session(pages.names(), {"as_of": "2025-02-01"})
    session.open("demo")
    assert session.as_of == shared.span("demo").last


# In the shell


def test_the_picker_turns_to_another_portfolio(book):
    shared.offer_source(str(book))
    shell = Shell(Session(pages.names()))
    assert (shell.portfolio.visible, shell.portfolio.options) == (True, ["book", "demo"])
    shell.portfolio.value = "demo"
    assert shell.session.portfolio == "demo"
    assert "demo" in shell.heading.object
    assert not shell.news.view.visible


def test_news_of_the_data_are_offered_and_loaded_when_asked_for(book):
    shared.offer_source(str(book))
    shell = Shell(Session(pages.names(), {"as_of": "2025-03-31"}))
    shell.news.look()
    assert not shell.news.view.visible
    pay(book, "5.00")
    shell.news.look()
    assert "have changed on disk" in texts(shell)
    assert paid(shell.session) == 0.0
    shell.news.view.select(pmui.Button)[0].clicks += 1
    assert paid(shell.session) == 5.0
    assert not shell.news.view.visible


def test_data_that_became_wrong_are_told_and_the_old_stay(book):
    shared.offer_source(str(book))
    shell = Shell(Session(pages.names()))
    pay(book, "-5.00")
    shell.open_portfolio("book")
    assert "amount is negative" in texts(shell)
    assert paid(shell.session) == 0.0
    assert not shell.portfolio.disabled


def test_a_portfolio_that_was_taken_away_is_no_failure(book):
    shared.offer_source(str(book))
    shell = Shell(Session(pages.names()))
    for file in book.iterdir():
        file.unlink()
    book.rmdir()
    shell.news.look()
    assert paid(shell.session) == 0.0


def test_a_portfolio_that_cannot_be_opened_gives_way_to_one_that_can(book):
    shared.offer_source(str(book))
    pay(book, "-5.00")
    shell = Shell(Session(pages.names()))
    assert shell.session.portfolio == "demo"
    assert "amount is negative" in texts(shell)
    assert "could not be opened" in texts(shell)


def test_what_is_wrong_with_a_portfolio_names_no_loan_to_who_may_not_see_loans(book):
    class Viewer(Reader):
        role = VIEWER

    shared.offer_source(str(book))
    pay(book, "-5.00")
    (told,) = Session(pages.names(), reader=Viewer()).unopened.values()
    (full,) = Session(pages.names()).unopened.values()
    assert "amount is negative" in told
    assert full != told
    assert not [loan for loan in five_loans().loans["loan_id"] if f"({loan}" in told or f"{loan}," in told]
    assert [loan for loan in five_loans().loans["loan_id"] if f"({loan}" in full]


# The command


def test_a_portfolio_with_errors_is_not_served(book, capsys):
    pay(book, "-5.00")
    assert serving.main(["--portfolio", str(book)]) == 2
    assert "amount is negative" in capsys.readouterr().err


def test_own_portfolios_are_served(book, monkeypatch):
    served = []
    monkeypatch.setattr("dashboards.app.serve", lambda **options: served.append(shared.portfolios()))
    assert serving.main(["--portfolio", str(book)]) == 0
    assert served == [["book", "demo"]]
