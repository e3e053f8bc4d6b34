"""Cents, exact rates and the one rounding rule."""

from __future__ import annotations

import random
from decimal import Decimal
from fractions import Fraction
from math import floor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import collectkit as ck
from collectkit.money import MOST_CENTS, exact_rate, from_cents, is_exact, times_rate, to_cents


def half_up(exact: Fraction) -> int:
    """Nearest whole number, halves away from zero."""
    whole = floor(abs(exact) + Fraction(1, 2))
    return whole if exact >= 0 else -whole


@pytest.mark.parametrize(
    ("amount", "cents"),
    [
        (0.29, 29),
        (1.15, 115),
        (0.1 + 0.2, 30),
        (-0.05, -5),
        (100_000_000_000.0, 10**13),
        (99_999_999_999.99, 10**13 - 1),
    ],
)
def test_amounts_become_whole_cents(amount, cents):
    assert to_cents([amount]).tolist() == [cents]


@pytest.mark.parametrize("amount", [10.005, 0.001, float("inf"), float("-inf"), float("nan"), 100_000_000_000.01])
def test_what_is_no_money_is_refused(amount):
    with pytest.raises(ck.CallError, match=r"1 of 2 amounts .* at most two decimals"):
        to_cents([1.0, amount])


@given(st.integers(-MOST_CENTS, MOST_CENTS))
def test_every_cent_survives_the_way_out_and_in(cents):
    assert to_cents(from_cents([cents])).tolist() == [cents]


def test_a_tenth_of_a_cent_is_seen_in_large_amounts():
    assert is_exact([10_000_000.0, 10_000_000.001, 99_999_999_999.991]).tolist() == [True, False, False]


@pytest.mark.parametrize("rate", ["0.18", Decimal("0.18"), Fraction(9, 50), 0.18, np.float64(0.18), "9/50", " 0.18 "])
def test_a_rate_is_the_same_however_it_is_written(rate):
    assert exact_rate(rate) == Fraction(9, 50)


def test_a_float_is_read_to_nine_decimals():
    assert exact_rate(1 / 3) == Fraction(333_333_333, 10**9)


def test_text_is_read_to_the_last_decimal():
    assert exact_rate("0.00033333333333333333") == Fraction(33333333333333333, 10**20)


@pytest.mark.parametrize(
    "rate",
    ["18%", "", "eighteen", None, float("nan"), float("inf"), Decimal("NaN"), Decimal("inf"), "nan", "inf", [0.18]],
)
def test_a_rate_that_is_no_number_is_refused(rate):
    with pytest.raises(ck.CallError, match=r'Write a fraction such as "0.18" for 18%'):
        exact_rate(rate)


@pytest.mark.parametrize("rate", [True, np.True_])
def test_true_is_no_rate(rate):
    with pytest.raises(ck.CallError, match="not a rate"):
        exact_rate(rate)


@pytest.mark.parametrize("rate", ["-0.01", -0.01, Decimal("-1")])
def test_a_negative_rate_is_refused(rate):
    with pytest.raises(ck.CallError, match="negative"):
        exact_rate(rate)


@pytest.mark.parametrize(("cents", "expected"), [(1000, 1), (999, 0), (-1000, -1), (-999, 0), (3000, 2), (0, 0)])
def test_halves_are_rounded_away_from_zero(cents, expected):
    assert times_rate([cents], Fraction(1, 2000)).tolist() == [expected]


@given(st.integers(-(2**62), 2**62), st.integers(0, 2**46), st.integers(1, 2**46))
def test_an_amount_times_a_rate_is_exact(cents, numerator, denominator):
    exact = half_up(cents * Fraction(numerator, denominator))
    if abs(exact) < 2**63:
        assert times_rate([cents, 0], Fraction(numerator, denominator)).tolist() == [exact, 0]
    else:
        with pytest.raises(ck.CallError, match="too large"):
            times_rate([cents, 0], Fraction(numerator, denominator))


def test_no_amounts_times_a_rate_are_no_amounts():
    assert times_rate([], Fraction(1, 2)).tolist() == []


def test_the_kernel_rounds_exactly():
    from collectkit._kernel import RATE_LIMIT, _rounded

    dice = random.Random(20250331)
    for _ in range(20_000):
        product = dice.getrandbits(dice.randint(1, 62))
        num, den = (max(1, dice.getrandbits(dice.randint(1, 46))) for _ in range(2))
        exact = half_up(product * Fraction(num, den))
        if exact < 2**62:
            assert _rounded(product, num, den) == exact, (product, num, den)
    assert RATE_LIMIT == 2**46


@pytest.mark.parametrize(
    ("product", "num", "den"),
    [
        (2**62 - 1, 2**46 - 1, 2**46),
        (2**62, 2**46, 2**46),
        (2**62, 1, 2**46),
        (2**62 - 1, 1, 2),
        (2**61 + 1, 1, 2),
        (7, 0, 3),
        (0, 2**46, 1),
        (2**16, 2**46 - 1, 1),
    ],
)
def test_the_kernel_rounds_exactly_at_its_bounds(product, num, den):
    from collectkit._kernel import _rounded

    assert _rounded(product, num, den) == half_up(product * Fraction(num, den))
