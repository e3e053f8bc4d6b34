"""Figures of a day, by bucket, and one loan day by day; the arithmetic stands in tests/five_loans.py."""

from __future__ import annotations

import pandas as pd
import pytest

import collectkit as ck
from tests.five_loans import AS_OF, five_loans, one_loan, plain, tables


@pytest.fixture
def day():
    return ck.assess(five_loans(), plain(), as_of=AS_OF)


def test_overview_of_the_five_loans(day):
    assert ck.overview(day).drop("par30").to_dict() == {
        "loans": 3,  # A, B, C: D is written off, E is paid
        "principal_balance": 3005.0,
        "overdue_loans": 2,
        "overdue_amount": 2020.0,  # B 505 and C 1 515
        "penalty": 28.12,  # 0.25 and 27.87
    }


def test_portfolio_at_risk_is_the_balance_of_loans_over_thirty_days(day):
    assert ck.overview(day)["par30"] == pytest.approx(1505 / 3005)


@pytest.mark.parametrize(("as_of", "at_risk"), [("2025-01-31", 0.0), ("2025-02-01", 1.0)])
def test_day_thirty_is_not_yet_at_risk(as_of, at_risk):
    assert ck.overview(ck.assess(one_loan("2025-01-01 100"), plain(), as_of=as_of))["par30"] == at_risk


def test_overview_of_no_loans_is_nought(day):
    none = ck.overview(day.iloc[:0])
    assert none.drop("par30").tolist() == [0, 0, 0, 0, 0]
    assert pd.isna(none["par30"])


def test_overview_of_some_rows(day):
    assert ck.overview(day[day["loan_id"] == "B"])["overdue_amount"] == 505.0


def test_bucket_totals_of_the_five_loans(day):
    totals = ck.bucket_totals(day)
    assert list(totals.index) == ["M0", "M1", "M2", "M3", "M4", "M5", "M6", "M6+"]
    assert totals.loc["M0"].tolist() == [1, 0, 0, 1000]
    assert totals.loc["M1"].tolist() == [1, 505, 0.25, 500]
    assert totals.loc["M2"].tolist() == [1, 1515, 27.87, 1505]
    assert totals.loc["M3":].sum().sum() == 0


def test_bucket_totals_add_up_to_the_overview(day):
    sums = ck.bucket_totals(day).sum()
    for name in sums.index:
        assert sums[name] == pytest.approx(ck.overview(day)[name])


def test_bucket_totals_of_no_loans_have_all_buckets(day):
    totals = ck.bucket_totals(day.iloc[:0])
    assert len(totals) == 8
    assert totals.sum().sum() == 0


def test_what_they_are_given_is_not_changed(day):
    before = day.copy(deep=True)
    ck.overview(day)
    ck.bucket_totals(day)
    pd.testing.assert_frame_equal(day, before)


def timeline():
    loan = one_loan("2025-01-01 1000 20; 2025-02-01 1000 10", "2025-01-11 500", disbursed="2024-12-01")
    return ck.loan_timeline(loan, plain(), "L1", as_of="2025-02-10").set_index("date")


def test_a_timeline_has_every_day_from_disbursement_on():
    days = timeline().index
    assert (days[0], days[-1]) == (pd.Timestamp("2024-12-01"), pd.Timestamp("2025-02-10"))
    assert len(days) == 72  # 31 + 31 + 10


def test_a_timeline_shows_what_falls_due_and_what_comes_in():
    days = timeline()
    assert days.loc[days["due_amount"] > 0, "due_amount"].to_dict() == {
        pd.Timestamp("2025-01-01"): 1020.0,
        pd.Timestamp("2025-02-01"): 1010.0,
    }
    assert days.loc[days["paid_amount"] > 0, "paid_amount"].to_dict() == {pd.Timestamp("2025-01-11"): 500.0}


@pytest.mark.parametrize(
    ("date", "days", "due", "penalty"),
    [
        ("2025-01-01", 0, 0, 0),
        ("2025-01-10", 9, 1024.5, 4.5),
        ("2025-01-11", 10, 525, 0),
        ("2025-02-10", 40, 1547.38, 12.38),
    ],
)
def test_a_timeline_shows_what_assess_says_on_each_day(date, days, due, penalty):
    row = timeline().loc[date]
    assert (row["days_past_due"], row["total_due"], row["penalty"]) == (days, due, penalty)


def test_the_clock_goes_back_when_the_oldest_instalment_is_paid():
    loan = one_loan("2025-01-01 100; 2025-02-01 100", "2025-02-10 200", disbursed="2024-12-01")
    days = ck.loan_timeline(loan, plain('penalty = { daily_rate = "0" }'), "L1", as_of="2025-02-11")
    assert days["days_past_due"].tolist()[-3:] == [39, 0, 0]


def test_a_timeline_of_a_loan_not_yet_disbursed_is_refused():
    with pytest.raises(ck.CallError, match="B was disbursed after 2025-01-14"):
        ck.loan_timeline(five_loans(), plain(), "B", as_of="2025-01-14")


def test_a_timeline_of_an_unknown_loan_is_refused():
    with pytest.raises(ck.CallError, match="no loan 'Z'"):
        ck.loan_timeline(five_loans(), plain(), "Z", as_of=AS_OF)


def test_the_month_of_a_report():
    book = five_loans()
    start, end = ck.reporting_month(book, "2025-02")
    assert (str(start.date()), str(end.date())) == ("2025-02-01", "2025-02-28")
    for month in ("2024-10", "2025-03"):  # the first disbursement, the last payment
        assert ck.reporting_month(book, month)


@pytest.mark.parametrize(
    ("month", "words"),
    [("2024-09", "nothing in 2024-09: it goes from 2024-10 to 2025-03"), ("2025-04", "nothing in 2025-04"),
     ("2025-13", 'Write it as "2025-06"'), ("June", 'Write it as "2025-06"')],
)  # fmt: skip
def test_a_month_that_is_not_in_the_book_is_refused(month, words):
    with pytest.raises(ck.CallError, match=words):
        ck.reporting_month(five_loans(), month)


def test_a_book_without_loans_has_no_month():
    empty = ck.Portfolio(**{name: frame.head(0) for name, frame in tables().items()})
    with pytest.raises(ck.CallError, match="no loans"):
        ck.reporting_month(empty, "2025-03")
