"""Court costs and the limitation clock, against the statute's own steps."""

from __future__ import annotations

import pandas as pd
import pytest

import collectkit as ck
from collectkit.court import court_fee, enforcement_fee, judgment_interest, limitation_date, preservation_fee
from tests.five_loans import worked


@pytest.mark.parametrize(
    ("claim", "fee"),
    [(3_200, 50), (10_000, 50), (10_000.40, 50.01), (30_000, 550), (100_000, 2_300), (200_000, 4_300),
     (500_000, 8_800), (1_000_000, 13_800), (2_000_000, 22_800), (0, 0)],
)  # fmt: skip
def test_court_fees_of_the_statute(claim, fee):
    assert court_fee(claim) == fee


def test_a_simplified_procedure_costs_half():
    assert court_fee(30_000, procedure="simplified") == 275
    assert court_fee(3_200, procedure="simplified") == 25


@pytest.mark.parametrize("case", worked("court_fee"))
def test_court_fee(case):
    assert court_fee(float(case["amount"]), procedure=case["procedure"]) == float(case["expected"])


@pytest.mark.parametrize(("amount", "fee"), [
    (0, 0), (1_000, 30), (1_000.01, 30), (2_000, 40), (100_000, 1_020), (896_000, 5_000), (895_999, 5_000),
    (895_000, 4_995), (10**9, 5_000),
])  # fmt: skip
def test_preservation_fee_never_exceeds_5000(amount, fee):
    # 诉讼费用交纳办法 art. 14(2): 30 up to 1 000, 1% to 100 000, 0.5% above, at most 5 000
    assert preservation_fee(amount) == pytest.approx(fee, abs=0.01)


@pytest.mark.parametrize(("amount", "fee"), [
    (10_000, 50), (100_000, 1_400), (500_000, 7_400), (5_000_000, 52_400), (10_000_000, 77_400), (20_000_000, 87_400),
])  # fmt: skip
def test_enforcement_fee(amount, fee):
    # published short formula: 1.5% - 100; 1% + 2 400; 0.5% + 27 400; 0.1% + 67 400
    assert enforcement_fee(amount) == fee


def test_doubled_interest_of_a_judgment():
    # 0.0175% a day: 100 000 for 100 days = 1 750
    assert judgment_interest(100_000, 100) == 1750.0
    assert judgment_interest(10, 3) == 0.01  # 0.00525, half up


@pytest.mark.parametrize(("start", "end"), [
    ("2025-03-01", "2028-03-01"), ("2024-02-29", "2027-02-28"), ("2024-12-31", "2027-12-31"),
])  # fmt: skip
def test_limitation_is_three_years(start, end):
    assert limitation_date(start) == pd.Timestamp(end)


def test_series_in_series_out():
    claims = pd.Series([100_000.0, None], index=["a", "b"])
    fees = court_fee(claims)
    assert (fees.name, fees["a"], bool(fees.isna()["b"])) == ("court_fee", 2300.0, True)


def test_an_unknown_procedure_lists_the_procedures():
    with pytest.raises(ck.CallError, match="ordinary, payment_order, simplified"):
        court_fee(1, procedure="quick")
    with pytest.raises(ck.CallError, match="negative"):
        court_fee(-1)
