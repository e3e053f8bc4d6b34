"""The closed forms: every published figure, and break-evens that leave no difference when put back."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import collectkit as ck
from collectkit import scenarios as sc

share = st.floats(0.01, 0.99)
money = st.floats(1e3, 1e8)


@pytest.mark.parametrize(
    ("placed", "liquidation", "commission", "back"),
    [  # published worked examples of the net-back method
        (100_000, 0.50, 0.25, 37_500),
        (100_000, 0.30, 0.15, 25_500),
        (25_000, 0.30, 0.25, 5_625),
        (25_000, 0.20, 0.18, 4_100),
        (100_000, 1.00, 0.15, 85_000),
        (120_000, 1.00, 0.20, 96_000),
    ],
)
def test_published_net_backs(placed, liquidation, commission, back):
    assert sc.net_back(liquidation, commission, placed=placed) == pytest.approx(back, abs=1e-6)


def test_the_published_desk_of_eight():
    """2 000 cases of 500, 40% collected, 20% fee: 400 000 gross, 80 000 fee, what eight desks of 10 000 cost."""
    gross = sc.net_back(0.40, 0.0, placed=2000 * 500)
    fee = gross - sc.net_back(0.40, 0.20, placed=2000 * 500)
    assert (gross, round(fee, 6)) == (400_000, 80_000)
    assert sc.break_even_commission(0.40, 0.40, placed=2000 * 500, fixed_cost=8 * 10_000) == pytest.approx(0.20)
    assert sc.break_even_volume(0.40, 0.40, commission=0.20, fixed_cost=8 * 10_000) == pytest.approx(1_000_000)


def test_vat_and_managing_the_agency_come_off():
    assert sc.net_back(0.5, 0.2, placed=1000, vat=0.06, vendor_cost=50) == pytest.approx(500 - 100 - 6 - 50)


@pytest.mark.parametrize(("one", "other", "cases"), [(0.30, 0.33, 3760), (0.05, 0.06, 8155)])
def test_published_sample_sizes(one, other, cases):
    assert sc.sample_size(one, other) == sc.sample_size(other, one) == cases


def test_no_sample_tells_equal_shares_apart():
    assert sc.sample_size(0.3, 0.3) == np.inf


def test_a_fee_on_placed_equals_a_commission_at_one_liquidation():
    assert 100_000 * sc.equivalent_liquidation(0.10, 0.14) == pytest.approx(71_428.57, abs=0.005)
    assert sc.equivalent_liquidation(0.05, 0.25) == pytest.approx(0.20)
    assert sc.equivalent_rate(0.10, 0.7142857142857143) == pytest.approx(0.14)


def test_output_of_a_team_with_attrition():
    """By hand: a 0.1, ramp 0 then full: 0.1·0 + 0.9 of the team past its first month."""
    assert sc.output_factor(0.1, [0.0]) == pytest.approx(0.9)
    assert sc.output_factor(0.0) == 1
    # 0.05·(0·1 + 0.5·0.95 + 0.8·0.9025 + 0.857375) + 0.95⁴
    assert sc.output_factor(0.05) == pytest.approx(0.917225)


@given(own=share, other=share, placed=money, fixed=st.floats(0, 1e6), unit=st.floats(0, 50), cases=st.integers(0, 9999),
       d_own=st.floats(0.5, 1), d_other=st.floats(0.5, 1))  # fmt: skip
def test_at_the_break_even_commission_both_bring_the_same(own, other, placed, fixed, unit, cases, d_own, d_other):
    fee = sc.break_even_commission(
        own, other, placed=placed, fixed_cost=fixed, cost_per_case=unit, cases=cases, in_house_discount=d_own,
        agency_discount=d_other,
    )  # fmt: skip
    home = own * placed * d_own - fixed - unit * cases
    away = other * placed * d_other * (1 - fee)
    assert home - away == pytest.approx(0, abs=1e-9 * (placed + fixed + unit * cases))


@given(
    own=share,
    other=share,
    fee=st.floats(0, 0.9),
    fixed=st.floats(1, 1e6),
    unit=st.floats(0, 50),
    each=st.floats(100, 1e5),
)
def test_at_the_break_even_volume_both_bring_the_same(own, other, fee, fixed, unit, each):
    placed = sc.break_even_volume(
        own, other, commission=fee, fixed_cost=fixed, cost_per_case=unit, balance_per_case=each
    )
    bracket = own - unit / each - other * (1 - fee)
    if placed == np.inf:
        assert bracket <= 1e-12 * own
    else:
        home, away = own * placed - fixed - unit * placed / each, sc.net_back(other, fee, placed=placed)
        assert home - away == pytest.approx(0, abs=1e-9 * (placed + fixed))
        assert own * placed * 2 - fixed - unit * placed * 2 / each > sc.net_back(other, fee, placed=placed * 2)


@given(cash=money, cost=st.floats(0, 0.9), fee=st.floats(0, 0.9))
def test_an_agency_with_the_required_lift_leaves_as_much(cash, cost, fee):
    lift = sc.required_lift(cost, fee)
    assert cash * lift * (1 - fee) == pytest.approx(cash - cost * cash)


def test_series_in_series_out_on_the_same_index():
    liquidation = pd.Series([0.5, np.nan, 0.3], index=["a", "b", "c"])
    back = sc.net_back(liquidation, 0.2, placed=100)
    assert back.name == "net_back"
    assert back.index.tolist() == ["a", "b", "c"]
    assert back["a"] == pytest.approx(40)
    assert np.isnan(back["b"])
    assert sc.output_factor(pd.Series([0.0, 0.05])).tolist() == pytest.approx([1, 0.917225])


@pytest.mark.parametrize(
    "call",
    [
        lambda: sc.net_back(50, 0.2),
        lambda: sc.net_back(-0.1, 0.2),
        lambda: sc.net_back(0.1, 0.2, placed=-5),
        lambda: sc.sample_size(1.2, 0.3),
        lambda: sc.sample_size(0.2, 0.3, alpha=0),
        lambda: sc.output_factor(0.1, [2.0]),
        lambda: sc.net_back(pd.Series([0.1], index=[0]), pd.Series([0.1], index=[1])),
    ],
)
def test_what_makes_no_sense_is_refused(call):
    with pytest.raises(ck.CallError):
        call()
