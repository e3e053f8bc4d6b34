"""Promises: money after the promise and in time keeps it, and each cent keeps one."""

from __future__ import annotations

from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import collectkit as ck
from collectkit.promises import promises_kept
from tests.five_loans import one_loan

FIRST = pd.Timestamp("2025-01-01")


def book(payments, *promises):
    """The loan L1 with payments as text, and promises as (made, due, amount)."""
    loan = one_loan("2025-01-01 9000", payments)
    frame = pd.DataFrame(promises, columns=["promised_date", "due_date", "amount"])
    frame = frame.assign(
        promise_id=[f"R{n}" for n in range(len(frame))], loan_id="L1",
        promised_date=pd.to_datetime(frame["promised_date"]), due_date=pd.to_datetime(frame["due_date"]),
        amount=frame["amount"].astype("float64"),
    )  # fmt: skip
    return loan.replacing(promises=frame)


def statuses(portfolio, as_of="2025-03-31", **more):
    return promises_kept(portfolio, as_of=as_of, **more)["promise_status"].tolist()


A = ("2025-01-10", "2025-01-15", 100)


@pytest.mark.parametrize(("payments", "status"), [
    ("2025-01-09 100", "broken"),  # money before the promise keeps none
    ("2025-01-10 100", "kept"),  # money of the day itself came after it
    ("2025-01-15 100", "kept"),
    ("2025-01-16 100", "broken"),
    ("2025-01-15 99.99", "partly"),
    ("2025-01-12 60; 2025-01-14 40", "kept"),
    ("2025-01-12 500", "kept"),
    ("2025-01-12 100 reversed=2025-02-01", "broken"),
    ("", "broken"),
])  # fmt: skip
def test_when_a_promise_is_kept(payments, status):
    assert statuses(book(payments, A)) == [status]


@pytest.mark.parametrize(("as_of", "grace", "status"), [
    ("2025-01-14", 0, "open"), ("2025-01-15", 0, "open"), ("2025-01-16", 0, "broken"),
    ("2025-01-16", 2, "open"), ("2025-01-17", 2, "kept"), ("2025-01-17", 1, "broken"),
])  # fmt: skip
def test_a_promise_is_open_to_the_end_of_its_last_day(as_of, grace, status):
    assert statuses(book("2025-01-17 100", A), as_of=as_of, grace_days=grace) == [status]


def test_one_yuan_keeps_at_most_one_promise():
    twice = promises_kept(book("2025-01-12 100", A, A), as_of="2025-03-31")
    assert twice["promise_status"].tolist() == ["kept", "broken"]
    assert twice["received"].sum() == 100.0


def test_the_promise_that_must_be_kept_first_is_paid_first():
    later = ("2025-01-09", "2025-01-31", 100)
    assert statuses(book("2025-01-12 100; 2025-01-30 100", later, A)) == ["kept", "kept"]


def test_a_promise_made_later_does_not_exist_yet():
    assert statuses(book("", A), as_of="2025-01-09") == []


def test_the_day_of_the_last_money_is_told():
    kept = promises_kept(book("2025-01-12 60; 2025-01-14 40", A), as_of="2025-03-31")
    assert kept["received_date"].tolist() == [pd.Timestamp("2025-01-14")]


def test_without_promises_the_table_is_empty():
    empty = promises_kept(one_loan("2025-01-01 9000"), as_of="2025-03-31")
    assert list(empty.columns[-3:]) == ["received", "received_date", "promise_status"]
    assert len(empty) == 0


def test_grace_is_not_negative():
    with pytest.raises(ck.CallError, match="grace_days"):
        promises_kept(book("", A), as_of="2025-03-31", grace_days=-1)


day = st.integers(0, 20)
cents = st.integers(1, 300)


@settings(max_examples=min(40, settings().max_examples))
@given(st.lists(st.tuples(day, cents), max_size=6), st.lists(st.tuples(day, st.integers(0, 8), cents), max_size=5),
       st.integers(0, 2))  # fmt: skip
def test_against_a_slow_count_cent_by_cent(payments, promises, grace):
    stamp = [f"{FIRST + pd.Timedelta(days=d):%Y-%m-%d}" for d in range(40)]
    text = ";".join(f"{stamp[d]} {c / 100}" for d, c in payments)
    portfolio = book(text, *[(stamp[made], stamp[made + more], c / 100) for made, more, c in promises])
    found = promises_kept(portfolio, as_of=stamp[39], grace_days=grace)
    need = [c for _, _, c in promises]
    for paid, amount in sorted(payments, key=lambda p: p[0]):
        for _ in range(amount):
            open_ = [(made + more + grace, made, n) for n, (made, more, _) in enumerate(promises)
                     if need[n] and made <= paid <= made + more + grace]  # fmt: skip
            if open_:
                need[min(open_)[2]] -= 1
    expected = [float(Fraction(c - n, 100)) for (_, _, c), n in zip(promises, need, strict=True)]
    assert found["received"].tolist() == expected
