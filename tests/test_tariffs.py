"""Contracts of agencies: what a tariff says, and which one a placement has."""

from __future__ import annotations

from fractions import Fraction

import pytest

import collectkit as ck
from collectkit.policy import Policy
from collectkit.rules import checked
from collectkit.tariffs import Tariff

BANDS = [{"min_days": 1, "max_days": 90, "rate": "0.07"}, {"min_days": 91, "rate": "0.14"}]


def tariff(**keys):
    table = {"name": "fee", "effective_from": "2020-01-01", "source": "contract", "bands": BANDS}
    return Tariff.model_validate(table | keys)


def policy(*tariffs):
    return ck.load_policy("plain").model_copy(update={"tariffs": tuple(tariffs)})


def test_without_recovery_there_is_one_level():
    assert tariff().levels == ((0, (Fraction("0.07"), Fraction("0.14"))),)


def test_one_rate_holds_for_every_age_and_several_for_each():
    bands = [{"from": "0.15", "rate": "0.03"}, {"from": "0.30", "rates": ["0.05", "0.06"]}]
    assert tariff(recovery_bands=bands).levels[1:] == (
        (Fraction(3, 20), (Fraction("0.03"), Fraction("0.03"))),
        (Fraction(3, 10), (Fraction("0.05"), Fraction("0.06"))),
    )


def test_an_empty_maximum_is_none():
    assert tariff(maximum_fee="").maximum_fee is None


def test_a_policy_with_recovery_bands_survives_a_what_if():
    changed = policy(tariff(recovery_bands=[{"from": "0.15", "rate": "0.03"}])).replacing(grace_days=5)
    assert changed.tariffs[0].levels[1] == (Fraction(3, 20), (Fraction("0.03"),) * 2)


def test_the_agencys_own_tariff_wins_over_the_placement_number():
    found = policy(
        tariff(note="all"), tariff(note="second", placement_no=2), tariff(note="own", agency="North"),
        tariff(note="own second", agency="North", placement_no=2),
    )  # fmt: skip
    notes = {
        (agency, number): found.tariff("fee", agency=agency, placement_no=number).note
        for agency in ("North", "South")
        for number in (1, 2)
    }
    assert notes == {
        ("North", 1): "own",
        ("North", 2): "own second",
        ("South", 1): "all",
        ("South", 2): "second",
    }


def test_versions_are_told_apart_by_placement_number():
    same = [tariff(placement_no=number).model_dump(exclude_none=True) for number in (1, 2, 1)]
    table = ck.load_policy("plain").model_dump(exclude_none=True)
    assert len(checked(Policy, table | {"tariffs": same[:2]}, "test").tariffs) == 2
    with pytest.raises(ck.PolicyError, match=r"table 3 .fee \* 1.*does not come after"):
        checked(Policy, table | {"tariffs": same}, "test")


def test_a_tariff_that_begins_later_is_refused_with_its_day():
    with pytest.raises(ck.PolicyError, match="2020-01-01"):
        policy(tariff()).tariff("fee", placement_date="2019-12-31")


def test_a_placement_without_a_tariff_has_none():
    found = policy(tariff(agency="North"))
    assert found.find_tariff("fee", agency="South", placement_no=1, placement_date="2025-01-01") is None


def test_a_rate_that_depends_on_recovery_cannot_price_one_amount():
    with pytest.raises(ck.CallError, match="commission_earned"):
        ck.agency_commission(100, 75, tariff(recovery_bands=[{"from": "0.15", "rate": "0.03"}]))


def test_days_of_the_bands_in_words():
    assert tariff().spans == ("1–90", "91+")
