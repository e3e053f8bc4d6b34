"""Penalty interest on an amount."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import collectkit as ck
from tests.five_loans import one_loan, plain, worked


def rate_of(text):
    """``0.18/360`` as an exact fraction."""
    over, _, under = text.partition("/")
    return Fraction(over) / Fraction(under or 1)


@pytest.mark.parametrize("case", worked("penalty_interest"))
def test_penalty_interest(case):
    found = ck.penalty_interest(float(case["amount"]), int(case["days"]), daily_rate=rate_of(case["daily_rate"]))
    assert f"{found:.2f}" == case["expected"]


@pytest.mark.parametrize("case", worked("penalty_interest"))
def test_a_column_gives_the_same(case):
    found = ck.penalty_interest(
        pd.Series([float(case["amount"])]),
        pd.Series([int(case["days"])]),
        daily_rate=pd.Series([rate_of(case["daily_rate"])]),
    )
    assert f"{found.item():.2f}" == case["expected"]


@given(st.integers(0, 10**13), st.integers(0, 40_000), st.fractions(0, Fraction(1, 100), max_denominator=10**6))
def test_the_measure_and_the_ledger_agree_with_fractions(cents, days, rate):
    exact = int(cents * days * rate + Fraction(1, 2))
    assert ck.penalty_interest(cents / 100, days, daily_rate=rate) == exact / 100


@pytest.mark.parametrize("rate", ["0.0005", Decimal("0.0005"), Fraction(1, 2000), 0.0005])
def test_a_rate_is_the_same_however_it_is_written(rate):
    assert ck.penalty_interest(10_000, 45, daily_rate=rate) == 225.0


def test_rates_of_all_kinds_may_stand_in_one_column():
    rates = pd.Series(["0.0005", Decimal("0.0005"), Fraction(1, 2000), 0.0005, None], dtype=object)
    found = ck.penalty_interest(pd.Series([10_000.0] * 5), 45, daily_rate=rates)
    assert found.dropna().tolist() == [225.0] * 4
    assert found.isna().tolist() == [False] * 4 + [True]


@pytest.mark.parametrize("amount", [-0.01, 10.005, float("inf")])
def test_an_amount_that_is_no_debt_is_refused(amount):
    with pytest.raises(ck.CallError, match="amount"):
        ck.penalty_interest(amount, 45, daily_rate="0.0005")


@pytest.mark.parametrize("amount", ["abc", "100"])
def test_text_is_no_amount(amount):
    with pytest.raises(ck.CallError, match="amount"):
        ck.penalty_interest(amount, 45, daily_rate="0.0005")


def test_an_amount_too_large_to_stay_exact_is_refused():
    with pytest.raises(ck.CallError, match="at most 100,000,000,000"):
        ck.penalty_interest(100_000_000_000.01, 3650, daily_rate="0.0005")


@pytest.mark.parametrize("days", [-1, 0.5, 100_001])
def test_days_that_are_not_whole_are_refused(days):
    with pytest.raises(ck.CallError, match="days"):
        ck.penalty_interest(100.0, days, daily_rate="0.0005")


@pytest.mark.parametrize("rate", ["0.05%", "abc", float("inf"), "-0.0005"])
def test_a_rate_that_is_none_is_refused(rate):
    with pytest.raises(ck.CallError, match="rate"):
        ck.penalty_interest(100.0, 45, daily_rate=rate)


def test_a_daily_rate_over_the_whole_amount_is_refused():
    with pytest.raises(ck.CallError, match=r"0.0005"):
        ck.penalty_interest(100.0, 45, daily_rate="5")


def test_no_sum_of_penalties_wraps_round():
    # five times a hundred thousand million on each component, for 201 years at 100 % a day: over 64 bits of cents
    policy = plain('penalty = { daily_rate = "1" }; penalty_base = ["principal", "interest", "fee"]')
    with pytest.raises(ck.CollectkitError):
        loan = one_loan("1950-01-01 100000000000 100000000000 100000000000;" * 5, disbursed="1950-01-01")
        ck.assess(loan, policy, as_of="2150-12-31")
