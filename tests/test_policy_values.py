"""Every value of a policy in a table, other values tried, and what differs from another policy."""

from __future__ import annotations

import re
from decimal import Decimal

import pandas as pd
import pytest

import collectkit as ck
from collectkit.policy import policy_text
from collectkit.policy_difference import nearest_policy
from collectkit.policy_values import by_address, fingerprint
from collectkit.policy_words import _ADVICE, advice_in
from tests.five_loans import AS_OF, five_loans, plain
from tests.test_policy import PROFILES
from tests.test_readings import found

GRACE = "terms.*.grace_days@1950-01-01"
LATEST = "2017-08-04"

every_profile = pytest.mark.parametrize("name", PROFILES)


def tried(**changes):
    """The micro-lender with terms of 2017 changed; two underscores stand for a dot."""
    named = {f"terms.*.{key.replace('__', '.')}@{LATEST}": text for key, text in changes.items()}
    return ck.changed_policy(ck.load_policy(), named)


def problems(policy, changes):
    with pytest.raises(ck.PolicyError) as caught:
        ck.changed_policy(policy, changes)
    return caught.value.problems


# The table.


def test_a_value_stands_with_its_unit_its_days_and_its_source():
    values = ck.policy_values(ck.load_policy())
    rate, ceiling = (
        values[values["policy_place"] == f"terms.*.{place}"].iloc[-1]
        for place in ("penalty.multiple_of_contract", "penalty_ceiling_annual")
    )
    assert (rate["value"], rate["unit"]) == ("1.5", "times")
    assert (ceiling["value"], ceiling["unit"], ceiling["rule_group"]) == ("0.24", "1/year", "Penalty")
    assert "法发〔2017〕22号 art. 2" in ceiling["source"]
    first = values[values["policy_place"] == "terms.*.grace_days"].iloc[0]
    assert (first["effective_from"], first["effective_to"]) == (pd.Timestamp("2004-01-01"), pd.Timestamp("2017-08-03"))
    assert pd.isna(ceiling["effective_to"])


def test_on_a_day_only_the_versions_in_force_are_there():
    ceilings = {
        day: ck.policy_values(ck.load_policy(), as_of=day).query("rule_group == 'Penalty' and unit == '1/year'")
        for day in ("2017-08-03", "2017-08-04", "2026-01-01")
    }
    assert "0.24" not in set(ceilings["2017-08-03"]["value"])
    for day in ("2017-08-04", "2026-01-01"):
        assert (ceilings[day]["effective_from"] <= day).all()
        assert set(ceilings[day]["value"]) >= {"0.24"}
    assert set(ck.policy_values(ck.load_policy(), as_of="1900-01-01")["effective_from"].isna()) == {True}


def test_in_chinese_the_source_is_the_one_a_chinese_letter_names():
    values = ck.policy_values(ck.load_policy(), language="zh").set_index("policy_place")
    row = values.loc["terms.*.penalty_ceiling_annual"]
    assert (row["rule_group"], row["value_name"], row["unit"]) == ("罚息", "年利率上限", "每年")
    assert row["source"] == "银发〔2003〕251号第三条；年化上限 24%：法发〔2017〕22号第二条"


def test_a_limit_has_its_own_source():
    values = ck.policy_values(ck.load_policy()).set_index("policy_place")
    assert values.loc["contact_rules.cn.visits.reviewed", "source"].iloc[0].startswith("Source manuals 000, 1.5")


def test_a_clause_with_two_readings_has_both_beside_its_value():
    values = ck.policy_values(ck.load_policy()).set_index("policy_place")
    for clause in ck.load_policy().readings:
        row = values.loc[f"readings.{clause.number}.value"]
        assert row["value"] == clause.value
        assert all(reading in row["note"] for reading in clause.readings)
    assert "X42" in values.loc["contact_rules.cn.effective_calls.most", "note"].iloc[-1]


@every_profile
def test_every_place_that_a_clause_names_is_a_value_and_is_found_in_the_policy(name):
    policy = ck.load_policy(name)
    latest = {leaf.place: leaf.text for leaf in by_address(policy).values()}
    places = [clause.where for clause in policy.readings if clause.where and not clause.where.endswith(".name")]
    assert len(places) > 15
    expected = {place: found(policy, place).replace("True", "true") for place in places}
    assert {place: latest[place] for place in places} == expected


@every_profile
def test_every_value_has_an_address_of_its_own(name):
    policy = ck.load_policy(name)
    written = policy.model_dump_json(exclude_none=True)
    there = by_address(policy)
    assert len(there) > 500
    assert all(leaf.text in written for leaf in there.values() if leaf.form in ("count", "number", "text"))


def test_steps_of_one_action_are_numbered():
    data = ck.load_policy("plain").model_dump(exclude_none=True)
    data["cadence"][0]["steps"] = [data["cadence"][0]["steps"][1]] * 2
    places = [leaf.place for leaf in by_address(ck.Policy.model_validate(data)).values()]
    assert "cadence.fine.overdue_sms 1.from_days" in places
    assert "cadence.fine.overdue_sms 2.from_days" in places


def test_a_word_finds_values_sources_and_notes_in_any_case():
    policy = ck.load_policy()
    assert set(ck.policy_values(policy, word="GRACE")["rule_group"]) > {"Grace"}
    assert "法发〔2017〕22号" in ck.policy_values(policy, word="法发〔2017〕22号")["source"].iloc[0]
    none = ck.policy_values(policy, word="no such word (")
    assert none.empty
    assert list(none) == list(ck.policy_values(policy))


# Other values.


def test_a_change_is_typed_as_the_file_is():
    policy = tried(grace_days="5", penalty__multiple_of_contract="1.3", grace_mode="subtract", day_count="365",
                   penalty_base="principal，interest")  # fmt: skip
    terms = policy.terms[-1]
    assert (terms.grace_days, terms.grace_mode, terms.day_count) == (5, "subtract", 365)
    assert terms.penalty.multiple_of_contract == Decimal("1.3")
    assert terms.penalty_base == ("principal", "interest")
    assert policy.terms[0] == ck.load_policy().terms[0]


def test_a_change_is_told_in_the_note_and_changes_the_fingerprint():
    policy = tried(grace_days="5")
    assert policy.terms[-1].note.endswith("Changed: grace_days = 5 (was 3)")
    assert fingerprint(policy) != fingerprint(ck.load_policy())


def test_an_empty_text_takes_a_value_away():
    assert tried(penalty_ceiling_annual="").terms[-1].penalty_ceiling_annual is None


def test_a_part_that_was_not_there_is_made_of_its_values():
    policy = tried(late_allocation__from_days="61", late_allocation__order="principal, interest, fee, penalty")
    assert policy.terms[-1].late_allocation.from_days == 61
    assert problems(ck.load_policy(), {f"terms.*.late_allocation.from_days@{LATEST}": "61"}) == {
        f"terms.*.late_allocation.order@{LATEST}": "is missing; write it"
    }


def test_one_way_of_the_penalty_gives_way_to_another():
    policy = tried(penalty__multiple_of_contract="", penalty__daily_rate="0.0006")
    assert policy.terms[-1].penalty.daily_rate == Decimal("0.0006")


@pytest.mark.parametrize(
    ("address", "text", "said"),
    [
        (f"terms.*.grace_days@{LATEST}", "three", "not a whole number"),
        (f"terms.*.grace_days@{LATEST}", "9" * 400, "not a whole number"),
        (f"terms.*.grace_days@{LATEST}", "-1", "greater than or equal to 0"),
        (f"terms.*.grace_days@{LATEST}", "", "is missing"),
        (f"terms.*.grace_mode@{LATEST}", "<img src=x>", "not one of: threshold, subtract"),
        (f"terms.*.penalty_ceiling_annual@{LATEST}", "24", 'write it as a fraction: "0.24"'),
        (f"terms.*.penalty_ceiling_annual@{LATEST}", "1e999999", "not a plain number"),
        (f"terms.*.penalty_ceiling_annual@{LATEST}", "NaN", "not a plain number"),
        (f"terms.*.allocation_order@{LATEST}", "fee, fee, penalty, interest", "once"),
        (f"terms.*.effective_from@{LATEST}", "2017-13-01", "not a date"),
        (f"terms.*.effective_from@{LATEST}", "2003-01-01", "does not come after 2004-01-01"),
        (f"terms.*.penalty.daily_rate@{LATEST}", "0.0005", "give exactly one"),
        ("bucket_schemes.months.M1.max_days@1950-01-01", "29", "write min_days = 30"),
        ("contact_rules.cn.hours.earliest@1950-01-01", "8 o'clock", "not a time of day"),
        ("contact_rules.cn.hours.earliest@1950-01-01", "23:00", "not before latest"),
        ("contact_rules.cn.effective_calls.most@1950-01-01", "-2", "greater than or equal to 0"),
        ("policy.currency", "yuan", "pattern"),
    ],
)
def test_a_wrong_value_is_told_where_it_stands(address, text, said):
    (found,) = problems(ck.load_policy(), {address: text}).items()
    assert found[0] == address
    assert said in found[1]


def test_two_changes_that_only_hold_together_are_taken_together():
    scheme = "bucket_schemes.months.{}@1950-01-01"
    changes = {scheme.format("M1.max_days"): "29", scheme.format("M2.min_days"): "30"}
    assert ck.changed_policy(ck.load_policy(), changes).bucket_schemes[0].spans[1:3] == ("1–29", "30–60")


def test_an_address_that_is_not_there_is_refused():
    with pytest.raises(ck.CallError, match=r"no value of the policy 'terms\.car\.grace_days'"):
        ck.changed_policy(ck.load_policy(), {"terms.car.grace_days": "1"})


@pytest.mark.parametrize("english", _ADVICE)
def test_advice_is_there_in_chinese_with_all_it_holds(english):
    words = [f"w{i}" for i in range(english.count("{}"))]
    chinese = advice_in(english.format(*words), "zh")
    assert chinese != english.format(*words)
    assert [word for word in words if word not in chinese] == []


@every_profile
def test_a_tried_policy_is_a_file_that_is_read_back(name, tmp_path):
    policy = ck.changed_policy(ck.load_policy(name), {"policy.title": 'Mine, "tried" # 1'})
    path = tmp_path / "tried.toml"
    path.write_text(ck.policy_toml(policy, "First line\nname = 1"), encoding="utf-8")
    assert ck.load_policy(path) == policy
    assert path.read_text(encoding="utf-8").startswith("# First line\n# name = 1\n")


# What differs.


def test_a_policy_differs_from_itself_in_nothing():
    assert ck.policy_difference(ck.load_policy()).empty


def test_what_was_changed_is_the_difference():
    policy = tried(grace_days="5", penalty_ceiling_annual="", penalty_cap_ratio="1")
    rows = ck.policy_difference(policy)[["value_name", "base_value", "value", "value_change", "unit"]]
    assert rows.to_numpy().tolist() == [
        ["days of grace", "3", "5", "changed", "days"],
        ["ceiling a year", "0.24", "", "removed", "1/year"],
        ["most penalty of an instalment, as a share of its base", "", "1", "added", "fraction"],
    ]


def test_a_version_that_is_put_off_is_one_changed_day():
    rows = ck.policy_difference(tried(effective_from="2018-01-01"))
    assert rows[["base_value", "value"]].to_numpy().tolist() == [["2017-08-04", "2018-01-01"]]


def test_a_table_that_only_one_has_is_added_or_removed():
    data = ck.load_policy("plain").model_dump(exclude_none=True)
    data["tariffs"] = [tariff for tariff in data["tariffs"] if tariff["name"] == "elapsed_months"]
    mine, shipped = ck.Policy.model_validate(data), ck.load_policy("plain")
    removed, added = ck.policy_difference(mine, shipped), ck.policy_difference(shipped, mine)
    assert set(removed["value_change"]) == {"removed"}
    assert set(added["value_change"]) == {"added"}
    assert set(removed["rule_name"]) == set(added["rule_name"]) == {"month_index"}
    assert set(removed["source"]) == {"Source manual 002 (催收流程规划), 二.(4)b, the other reading"}
    assert removed["base_value"].tolist() == added["value"].tolist()


@every_profile
def test_the_base_is_the_profile_of_the_name_else_the_nearest(name):
    mine = ck.load_policy(name).model_copy(update={"name": "mine"})
    assert nearest_policy(mine).name == name
    assert nearest_policy(ck.load_policy(name).replacing(grace_days=7)).name == name


def test_the_text_of_a_profile_is_its_file():
    assert policy_text("plain").startswith("# For teaching")


# What it would do: the arithmetic stands in tests/five_loans.py.


def figures(effect):
    return {
        (name, of): (in_use, tried, by)
        for name, of, in_use, tried, by in effect.drop(columns="unit").itertuples(index=False)
    }


def effect_of(**changes):
    policy = plain()
    return figures(ck.policy_effect(five_loans(), policy, policy.replacing(**changes), as_of=AS_OF))


def test_a_day_of_grace_lets_a_loan_of_one_day_off():
    """B is one day late: 505.00 and 0.25 of penalty less; C is 59 days late and stays. PAR30 is C's 1 505 of 3 005."""
    found = effect_of(grace_days=1)
    assert found["overdue_loans", ""] == (2, 1, -1)
    assert found["overdue_amount", ""] == (2020.0, 1515.0, -505.0)
    assert found["penalty", ""] == (28.12, 27.87, -0.25)
    assert found["par30", ""] == pytest.approx((1505 / 3005, 1505 / 3005, 0))
    assert found["loans", "M0"] == (1, 2, 1)
    assert found["loans", "M1"] == (1, 0, -1)
    assert found["loans", "M2"] == (1, 1, 0)
    assert found["overdue_amount", "M1"] == (505.0, 0.0, -505.0)
    assert found["commission", "elapsed_months"] == (60.0, 60.0, 0.0)  # D: 300.00 at 20%


def test_half_the_daily_rate_is_half_the_penalty():
    """B 0.125, so 0.13. C: 2.50 paid on 10 Feb, so 497.50 of principal; (1 000 × 10 + 502.50 × 49) × 0.00025 =
    8.6556, 8.66 less 2.50 is 6.16; and 1 000 × 31 × 0.00025 = 7.75. In all 14.04; overdue 505 + 1 512.50."""
    found = effect_of(penalty={"daily_rate": "0.00025"})
    assert found["penalty", ""] == (28.12, 14.04, -14.08)
    assert found["overdue_amount", ""] == (2020.0, 2017.5, -2.5)


def test_a_tariff_changes_commission_alone():
    policy = plain()
    address = "tariffs.elapsed_months.bands 3.rate@1950-01-01"
    changed = ck.changed_policy(policy, {address: "0.25"})
    found = figures(ck.policy_effect(five_loans(), policy, changed, as_of=AS_OF))
    moved = {name: by for name, (_, _, by) in found.items() if by}
    assert moved == {("commission", "elapsed_months"): 15.0}  # 300.00 at 25% less 20%


def test_a_bucket_that_only_one_has_is_nought_in_the_other():
    policy = plain()
    changed = ck.changed_policy(policy, {"bucket_schemes.months.M2.name@1950-01-01": "second"})
    found = figures(ck.policy_effect(five_loans(), policy, changed, as_of=AS_OF))
    assert found["loans", "M2"] == (1, 0, -1)
    assert found["loans", "second"] == (0, 1, 1)


def test_the_first_change_of_the_address_table_is_the_grace_of_every_loan():
    changed = ck.changed_policy(plain(), {GRACE: "1"})
    assert ck.policy_difference(changed, plain())["policy_place"].tolist() == ["terms.*.grace_days"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"effective_from": "2025-01-20"},
            "no terms for 4 of 5 loans (product consumer, vehicle; the first",
        ),
        (
            {"penalty.daily_rate": "0.000000000000000001"},
            "5 loan(s) do not fit policy plain: penalty rate has too",
        ),
    ],
)
def test_what_does_not_fit_the_book_is_told_without_ids_of_loans(changes, said):
    """Who tries a policy may be somebody who sees totals only."""
    changed = ck.changed_policy(plain(), {f"terms.*.{key}@1950-01-01": text for key, text in changes.items()})
    with pytest.raises(ck.PolicyError) as caught:
        ck.policy_effect(five_loans(), plain(), changed, as_of=AS_OF)
    assert said in str(caught.value)
    assert not re.search(r"\b[A-E]\b", str(caught.value))
