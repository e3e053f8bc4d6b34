"""Own portfolios in a browser: the picker, and new data on disk."""

from __future__ import annotations

import pandas as pd
import pytest
from playwright.sync_api import expect

from dashboards import news, shared
from tests.five_loans import five_loans


@pytest.fixture
def book(tmp_path, monkeypatch):
    monkeypatch.setattr(shared, "_sources", {})
    monkeypatch.setattr(news, "LOOK_EVERY_MS", 500)
    five_loans().write(tmp_path / "book", format="csv")
    shared.offer_source(str(tmp_path / "book"))
    return tmp_path / "book"


def test_the_picker_turns_to_another_portfolio(visit, book):
    page = visit("?page=today")
    expect(page.get_by_text("Portfolio book · end of 15 March 2025")).to_be_visible()
    page.get_by_role("combobox", name="Portfolio").click()
    page.get_by_role("option", name="demo").or_(page.get_by_role("menuitem", name="demo")).first.click()
    expect(page.get_by_text("Portfolio demo · end of 31 December 2025")).to_be_visible()
    assert "portfolio=demo" in page.url


def test_new_data_are_offered_and_loaded_when_asked_for(visit, book):
    page = visit("?page=today&as_of=2025-03-31&policy=plain")
    overdue = page.get_by_role("region", name="Overdue loans").locator(".value")
    expect(overdue).to_contain_text("2")
    payments = pd.read_csv(book / "payments.csv", dtype=str)
    row = {"payment_id": "P9", "loan_id": "B", "value_date": "2025-03-30", "amount": "505.00"}
    pd.concat([payments, pd.DataFrame([row])]).to_csv(book / "payments.csv", index=False)
    expect(page.get_by_text("have changed on disk")).to_be_visible()
    expect(overdue).to_contain_text("2")
    page.get_by_role("button", name="Load them").click()
    expect(overdue).to_contain_text("1")
    expect(page.get_by_text("have changed on disk")).to_have_count(0)
