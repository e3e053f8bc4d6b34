"""One door for every portfolio, and what tells that its data have changed."""

from __future__ import annotations

import os

import pytest

import collectkit as ck
from collectkit.cli import main
from collectkit.loading import state_of
from tests.five_loans import five_loans


@pytest.fixture
def book(tmp_path):
    five_loans().write(tmp_path / "book", format="csv")
    return tmp_path / "book"


def test_a_portfolio_is_opened_by_what_a_person_calls_it(tmp_path, book):
    assert len(ck.load_portfolio().loans) == 3000
    assert len(ck.load_portfolio(book).loans) == 5
    main(["import", str(book), "--into", str(tmp_path / "w"), "--by", "Li"])
    assert len(ck.load_portfolio(str(tmp_path / "w")).loans) == 5
    with pytest.raises(ck.CallError, match="one table, not a portfolio"):
        ck.load_portfolio("uci_credit_card")
    with pytest.raises(ck.CallError, match="no file or folder demos"):
        ck.load_portfolio("demos")


def test_a_folder_named_like_a_sample_is_the_folder(book, monkeypatch):
    book.rename(book.parent / "demo")
    monkeypatch.chdir(book.parent)
    assert len(ck.load_portfolio("demo").loans) == 5


def test_personal_data_are_masked(tmp_path):
    portfolio = five_loans()
    portfolio.replacing(loans=portfolio.loans.assign(phone="13800001234")).write(tmp_path / "book")
    assert set(ck.load_portfolio(tmp_path / "book").loans["phone"]) == {"1********34"}


def test_the_state_changes_with_the_files_and_only_then(book):
    before = state_of(book)
    assert state_of(str(book)) == before
    payments = book / "payments.csv"
    os.utime(payments, ns=(0, 1))
    touched = state_of(book)
    assert touched != before
    payments.write_bytes(payments.read_bytes() + b"\n")
    assert state_of(book) not in (before, touched)
    payments.unlink()
    assert len(state_of(book)) == 8


def test_the_state_of_a_workspace_changes_with_an_import(tmp_path, book):
    main(["import", str(book), "--into", str(tmp_path / "w"), "--by", "Li"])
    before = state_of(tmp_path / "w")
    (tmp_path / "w" / "note.txt").write_text("mine", encoding="utf-8")
    assert state_of(tmp_path / "w") == before
    (book / "payments.csv").write_text("payment_id,loan_id,value_date,amount\nP9,A,2025-03-31,1.00\n", encoding="utf-8")
    main(["import", str(book / "payments.csv"), "--into", str(tmp_path / "w"), "--by", "Li"])
    assert state_of(tmp_path / "w") != before


@pytest.mark.parametrize("source", ["demo", "sqlite:///book.db", "nowhere"])
def test_where_no_change_can_be_seen_there_is_no_state(source):
    assert state_of(source) == ""
