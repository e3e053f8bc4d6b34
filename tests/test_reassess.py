"""Payments that come late: the book they are added to, and the loans assessed again, against reading it all again."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

import collectkit as ck
from tests.books import books, frames


@pytest.fixture(scope="module")
def demo():
    return ck.load_sample("demo")


def late(book, **columns):
    """One new payment of the demo."""
    new = {"payment_id": ["N1"], "loan_id": ["L0001"], "value_date": ["2025-12-30"], "amount": [10.0]} | columns
    return pd.DataFrame(new).assign(value_date=lambda t: pd.to_datetime(t["value_date"]))


def assert_same_book(made, whole):
    """Tables and the kernel's form, array by array."""
    for name, frame in whole.tables.items():
        assert_frame_equal(made.table(name), frame)
    for name, wanted in vars(whole.coded).items():
        got = getattr(made.coded, name)
        if isinstance(wanted, np.ndarray):
            np.testing.assert_array_equal(got, wanted, err_msg=name)
            assert got.dtype == wanted.dtype, name
        elif isinstance(wanted, pd.Series):
            assert got.equals(wanted), name
        else:
            assert got == wanted, name


@given(books(), st.data())
@settings(max_examples=25)
def test_figures_are_those_of_reading_everything_again(book, data):
    tables, policy = frames(book.tables), ck.Policy.model_validate(book.policy)
    payments, asked = tables["payments"], {"as_of": book.dates[-1], "known_on": book.known_on}
    is_new = np.array(data.draw(st.lists(st.booleans(), min_size=len(payments), max_size=len(payments))), dtype=bool)
    before, new = ck.Portfolio(**{**tables, "payments": payments[~is_new]}), payments[is_new]
    whole, now = before.replacing(payments=pd.concat([payments[~is_new], new])), before.adding(payments=new)
    assert_same_book(now, whole)
    again = ck.reassess(ck.assess(before, policy, **asked), now, policy, loan_ids=new["loan_id"], **asked)
    assert_frame_equal(again, ck.assess(whole, policy, **asked))


def test_a_few_hundred_late_payments_of_the_demo_change_only_what_they_touch(demo):
    policy, day = ck.load_policy(), "2025-06-30"
    is_new = demo.payments.index % 83 == 5
    before = demo.replacing(payments=demo.payments[~is_new])
    now, first = before, ck.assess(before, policy, as_of=day)
    for batch in np.array_split(np.flatnonzero(is_new), 3):  # one after the other, as on a day
        new = demo.payments.iloc[batch]
        now = now.adding(payments=new)
        first = ck.reassess(first, now, policy, loan_ids=new["loan_id"], as_of=day)
    whole = before.replacing(payments=pd.concat([demo.payments[~is_new], demo.payments[is_new]]))
    assert_same_book(now, whole)
    assert_frame_equal(first, ck.assess(demo, policy, as_of=day))
    assert_frame_equal(ck.assess(now, policy, as_of="2025-07-01"), ck.assess(demo, policy, as_of="2025-07-01"))


def test_other_loans_of_the_customer_are_assessed_again(demo):
    policy, day = ck.load_policy(), "2025-12-31"
    loans = ck.assess(demo, policy, as_of=day).merge(demo.loans[["loan_id", "customer_id"]])
    worst = loans[loans["days_past_due"].eq(loans["customer_days_past_due"]) & (loans["days_past_due"] > 0)]
    others = loans[loans["customer_id"].isin(worst["customer_id"]) & (loans["days_past_due"] == 0)]
    one = worst[worst["customer_id"].isin(others["customer_id"])].iloc[0]
    owed = float(one["overdue_principal"] + one["overdue_interest"] + one["overdue_fee"] + one["penalty"])
    now = demo.adding(payments=late(demo, loan_id=[one["loan_id"]], value_date=[day], amount=[round(owed, 2)]))
    again = ck.reassess(ck.assess(demo, policy, as_of=day), now, policy, loan_ids=[one["loan_id"]], as_of=day)
    changed = again["customer_days_past_due"] != loans["customer_days_past_due"]
    assert changed.sum() > 1
    assert_frame_equal(again, ck.assess(now, policy, as_of=day))


def test_the_portfolio_before_is_not_changed(demo):
    rows = len(demo.payments), len(demo.coded.amount)
    huge = late(demo, payment_id=["N1"], amount=[9e10])
    with pytest.raises(ck.PortfolioError, match="add up to over"):
        demo.adding(payments=huge).adding(payments=huge.assign(payment_id="N2"))
    assert demo.adding(payments=late(demo)).payments["payment_id"].iloc[-1] == "N1"
    assert (len(demo.payments), len(demo.coded.amount)) == rows
    assert_same_book(demo.adding(payments=late(demo).iloc[:0]), demo)


def test_a_column_the_book_does_not_have_comes_with_the_new_payments(demo):
    plain = demo.replacing(payments=demo.payments[["payment_id", "loan_id", "value_date", "amount"]])
    new = late(demo).assign(posting_date=pd.to_datetime(["2025-12-31"]))
    now = plain.adding(payments=new)
    policy, day = ck.load_policy(), {"as_of": "2025-12-30", "known_on": "2025-12-30"}
    assert_frame_equal(ck.assess(now, policy, **day), ck.assess(plain, policy, **day))
    assert_same_book(now, plain.replacing(payments=pd.concat([plain.payments, new])))


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"loan_id": ["L-NONE"]}, "loan"),
        ({"payment_id": ["P00001"]}, "more than once"),
        ({"amount": [-1.0]}, "amount"),
        ({"value_date": ["1999-01-01"]}, "value_date"),
    ],
)
def test_wrong_payments_are_refused_with_their_row(demo, columns, message):
    if "payment_id" in columns:
        columns = {"payment_id": [demo.payments["payment_id"].iloc[7]]}
    with pytest.raises(ck.PortfolioError, match=message) as caught:
        demo.adding(payments=pd.concat([late(demo, payment_id=["N0"]), late(demo, **columns)]))
    assert caught.value.problems["row"].iloc[-1] in (0, 1)


def test_what_reassess_cannot_take_over_is_refused(demo):
    policy, day = ck.load_policy(), "2025-12-31"
    loans = ck.assess(demo, policy, as_of=day)
    with pytest.raises(ck.CallError, match="A new day changes every loan"):
        ck.reassess(loans, demo, policy, loan_ids=["L0001"], as_of="2026-01-01")
    with pytest.raises(ck.CallError, match="other loans"):
        ck.reassess(loans.iloc[5:], demo, policy, loan_ids=["L0001"], as_of=day)
    with pytest.raises(ck.CallError, match="not in this portfolio"):
        ck.reassess(loans, demo, policy, loan_ids=["nobody"], as_of=day)
    with pytest.raises(ck.CallError, match="other names than before"):
        renamed = loans.assign(bucket=loans["bucket"].cat.rename_categories({"M1": "late"}))
        ck.reassess(renamed, demo, policy, loan_ids=["L0001"], as_of=day)
    with pytest.raises(ck.CallError, match="Pass a pandas DataFrame"):
        demo.adding(payments=[1])


@pytest.mark.parametrize("asked", [["L0002", "L0001", "L0001"], ["L0001"], ["L0001", "L0002", "L0777"]])
def test_loans_that_are_asked_for_need_not_be_those_that_were_added_to(demo, asked):
    policy, day = ck.load_policy(), "2025-12-31"
    new = pd.concat([late(demo), late(demo, payment_id=["N2"], loan_id=["L0002"])], ignore_index=True)
    now, first = demo.adding(payments=new), ck.assess(demo, policy, as_of=day)
    whole = ck.assess(demo.replacing(payments=pd.concat([demo.payments, new])), policy, as_of=day)
    again = ck.reassess(first, now, policy, loan_ids=asked, as_of=day)
    is_left = first["loan_id"].eq("L0002") & ("L0002" not in asked)
    assert_frame_equal(again[~is_left], whole[~is_left])
    assert_frame_equal(again[is_left], first[is_left])
