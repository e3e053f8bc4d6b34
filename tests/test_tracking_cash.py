"""Figures of cash: by hand on one loan, and by a plain recount of the demo."""

from __future__ import annotations

import math
from collections import defaultdict

import numpy as np
import pandas as pd
import pytest

import collectkit as ck
from collectkit import tracking
from tests.five_loans import five_loans, one_loan, plain

AS_OF = "2025-12-31"


@pytest.fixture(scope="module")
def demo():
    return ck.load_sample("demo")


@pytest.fixture(scope="module")
def pieces(demo):
    return ck.allocate(demo, ck.load_policy(), as_of=AS_OF)


def fpd(payments="", **more):
    book = one_loan("2025-02-01 100", payments, disbursed="2025-01-05", **more)
    return tracking.first_payment_default(book, plain(), as_of="2025-04-30").loc["2025-01-01"]


@pytest.mark.parametrize(
    ("payments", "fpd7", "fpd30"),
    [
        ("2025-02-01 100", 0, 0),
        ("2025-02-08 110", 0, 0),  # 7 days late is not past 7
        ("2025-02-09 110", 1, 0),
        ("2025-02-02 99; 2025-03-03 9", 1, 0),  # 30 days late; a part payment does not settle
        ("2025-03-04 110", 1, 1),
        ("", 1, 1),
        ("2025-02-02 110 reversed=2025-02-05", 1, 1),
    ],
)
def test_a_first_payment_is_late_from_the_day_after_the_threshold(payments, fpd7, fpd30):
    row = fpd(payments)
    assert (row["fpd7"], row["fpd30"]) == (fpd7, fpd30)


def test_paused_days_and_days_after_closing_are_not_late():
    assert fpd("2025-02-15 110", pauses="2025-02-03 2025-02-10")["fpd7"] == 0  # 14 days less 7
    assert fpd("2025-02-17 110", pauses="2025-02-03 2025-02-10")["fpd7"] == 1
    assert fpd(loan='closed_date = "2025-02-08"; close_code = "sold"')["fpd7"] == 0


def test_a_first_payment_that_is_too_young_is_not_in_the_denominator():
    book = one_loan("2025-02-01 100", "", disbursed="2025-01-05")
    young = tracking.first_payment_default(book, plain(), as_of="2025-02-08").iloc[0]
    assert (young["loans"], young["observed_7"]) == (1, 0)
    assert np.isnan(young["fpd7"])
    assert tracking.first_payment_default(book, plain(), as_of="2025-02-09").iloc[0]["fpd7"] == 1


def test_first_payment_default_of_the_demo_is_a_recount(demo, pieces):
    table = tracking.first_payment_default(demo, ck.load_policy(), as_of=AS_OF, days=[10])
    paid = pieces[pieces["component"].isin(["fee", "interest", "principal"])]
    by_item = paid.groupby(["loan_id", "instalment_no"]).agg(paid=("amount", "sum"), late=("days_late", "max"))
    found = by_item.to_dict("index")
    loans = demo.loans.set_index("loan_id")[["closed_date", "disbursement_date"]].to_dict("index")
    paused = set(demo.pauses["loan_id"])
    late, whole = defaultdict(int), defaultdict(int)
    first = demo.instalments.sort_values(["due_date", "instalment_no"]).drop_duplicates("loan_id")
    for row in first.itertuples():
        loan = loans[row.loan_id]
        age = (pd.Timestamp(AS_OF) - row.due_date).days
        if age <= 10 or row.loan_id in paused:
            continue
        month = loan["disbursement_date"].to_period("M").to_timestamp()
        money = found.get((row.loan_id, row.instalment_no), {"paid": 0.0, "late": 0})
        days = money["late"] if math.isclose(money["paid"], row.fee + row.interest + row.principal) else age
        if pd.notna(loan["closed_date"]) and days == age:
            days = min(age, (loan["closed_date"] - row.due_date).days - 1)
        whole[month] += 1
        late[month] += days > 10
    clean = demo.selecting(sorted(set(demo.loans["loan_id"]) - paused))
    table = tracking.first_payment_default(clean, ck.load_policy(), as_of=AS_OF, days=[10])
    for month, count in whole.items():
        assert table.loc[month, "observed_10"] == count
        assert table.loc[month, "fpd10"] == pytest.approx(late[month] / count)


def rate(payments, as_of="2025-06-30", terms="grace_days = 3", **more):
    book = one_loan("2025-02-10 100 20", payments, disbursed="2025-01-05", **more)
    table = tracking.collection_rate(book, plain(terms), as_of=as_of)
    return table.loc["2025-02-01"] if len(table) else None


def test_collection_rate_by_hand():
    # 120 due 10 Feb, 3 days of grace: 30 inside it, then 90 are overdue; 18 on day 7, 27 on day 30, 45 on day 31
    row = rate(
        "2025-02-13 30; 2025-02-17 18; 2025-03-12 27; 2025-03-13 45",
        terms='grace_days = 3; penalty = {daily_rate = "0"}',
    )
    assert row["newly_overdue_amount"] == 90.0
    assert row["collected_7"] == pytest.approx(18 / 90)
    assert row["collected_30"] == pytest.approx(45 / 90)


def test_cash_settled_within_grace_was_never_overdue():
    assert rate("2025-02-13 120") is None
    assert rate("2025-02-14 120")["newly_overdue_amount"] == 120.0


def test_a_month_too_young_for_the_threshold_is_blank():
    # the last due date of February is the 28th: 7 days later is 7 March, 30 days later 30 March
    assert np.isnan(rate("", as_of="2025-03-06")["collected_7"])
    assert rate("", as_of="2025-03-07")["collected_7"] == 0
    assert np.isnan(rate("", as_of="2025-03-29")["collected_30"])


def test_closed_loans_fall_overdue_no_more():
    assert rate("", loan='closed_date = "2025-02-14"; close_code = "sold"') is None
    assert rate("", loan='closed_date = "2025-02-15"; close_code = "sold"')["newly_overdue_amount"] == 120.0


def test_cash_that_closes_a_loan_on_its_first_day_overdue_fell_overdue():
    # due the 10th, grace until the 13th; 120 on the 14th pay it off
    terms = 'grace_days = 3; penalty = {daily_rate = "0"}'
    row = rate("2025-02-14 120", terms=terms, loan='closed_date = "2025-02-14"; close_code = "paid_off"')
    assert (row["newly_overdue_amount"], row["collected_7"]) == (120.0, 1.0)
    assert rate("2025-02-13 120", loan='closed_date = "2025-02-13"; close_code = "paid_off"') is None


@pytest.mark.parametrize("table", [tracking.first_payment_default, tracking.collection_rate])
def test_thresholds_are_days(table):
    with pytest.raises(ck.CallError, match="0 days or more"):
        table(five_loans(), plain(), as_of="2025-03-31", days=[-1])
