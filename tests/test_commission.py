"""Commission of an agency on cash, under both readings of the tariff."""

from __future__ import annotations

import pandas as pd
import pytest

import collectkit as ck
from tests.five_loans import worked

POLICY = ck.load_policy("cn-microloan")


@pytest.mark.parametrize("case", worked("agency_commission"))
def test_agency_commission(case):
    found = ck.agency_commission(float(case["collected"]), int(case["days"]), POLICY.tariff(case["tariff"]))
    assert f"{found:.2f}" == case["expected"]


@pytest.mark.parametrize("policy", ck.list_policies())
@pytest.mark.parametrize(("tariff", "total"), [("elapsed_months", 6600.0), ("month_index", 7300.0)])
def test_four_accounts_in_all(policy, tariff, total):
    # T-S1 and T-S2; net of 40 000: 33 400 and 32 700
    days, cash = pd.Series([75, 100, 150, 200]), pd.Series([10_000.0] * 4)
    found = ck.agency_commission(cash, days, ck.load_policy(policy).tariff(tariff))
    assert found.sum() == total
    assert (cash - found).sum() == 40_000 - total


def test_the_two_readings_differ_on_days_61_to_90_alone():
    days = pd.Series(range(401))
    one, other = (ck.agency_commission(100.0, days, POLICY.tariff(name)) for name in ("elapsed_months", "month_index"))
    assert days[one != other].tolist() == list(range(61, 91))


def test_commission_is_rounded_once_for_each_row():
    # 0.50 × 0.07 = 0.035: two rows earn 0.04 each, their sum 1.00 would earn 0.07
    assert ck.agency_commission(pd.Series([0.50, 0.50]), 1, POLICY.tariff("elapsed_months")).tolist() == [0.04, 0.04]


def test_bands_may_be_written_in_the_call():
    bands = [{"min_days": 1, "max_days": 30, "rate": "0.05"}, {"min_days": 31, "rate": "0.10"}]
    assert ck.agency_commission(pd.Series([100.0, 100.0]), pd.Series([30, 31]), bands).tolist() == [5.0, 10.0]


@pytest.mark.parametrize("amount", [10.005, float("inf"), 1e12])
def test_an_amount_that_is_no_money_is_refused(amount):
    with pytest.raises(ck.CallError, match="amounts"):
        ck.agency_commission(amount, 75, POLICY.tariff("elapsed_months"))


@pytest.mark.parametrize("amount", ["abc", "100"])
def test_text_is_no_amount(amount):
    with pytest.raises(ck.CallError, match="collected"):
        ck.agency_commission(amount, 75, POLICY.tariff("elapsed_months"))


@pytest.mark.parametrize("tariff", ["elapsed_months", 7, None, [7]])
def test_what_is_no_tariff_is_refused_with_where_to_take_one(tariff):
    with pytest.raises(ck.CallError, match=r"policy.tariff"):
        ck.agency_commission(100.0, 75, tariff)


@pytest.mark.parametrize(
    ("bands", "words"),
    [
        ([{"min_days": 1, "rate": "7"}], "percent"),
        ([{"min_days": 1, "max_days": 90, "rate": "0.07"}, {"min_days": 92, "rate": "0.14"}], "gap"),
        ([{"min_days": 1, "rate": 0.07}], "as text"),
    ],
)
def test_bands_with_a_mistake_are_refused(bands, words):
    with pytest.raises(ck.PolicyError, match=words):
        ck.agency_commission(100.0, 75, bands)
