"""Policies: the shipped profiles, which version holds when, what-ifs, and wrong files.

Every file in ``tests/policies`` but `right.toml` breaks the format in one place. Its first lines say where the message
must point (`place`) and which words it must hold (`words`).
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import ValidationError

import collectkit as ck

FILES = Path(__file__).parent / "policies"
RIGHT = FILES / "right.toml"
WRONG = sorted(path for path in FILES.glob("*.toml") if path != RIGHT)
PROFILES = ["cn-credit-card", "cn-microloan", "plain"]

every_profile = pytest.mark.parametrize("name", PROFILES)


def headed(path, key):
    """Values of ``# key: value`` at the top of a file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.removeprefix(f"# {key}: ") for line in lines if line.startswith(f"# {key}: ")]


def written(tmp_path, *changes):
    """The right file with some texts exchanged."""
    text = RIGHT.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / "changed.toml"
    path.write_text(text, encoding="utf-8")
    return path


# Wrong files.


def test_the_corpus_is_there():
    assert len(WRONG) >= 25


def test_the_right_file_is_right():
    assert ck.load_policy(RIGHT).name == "right"


@pytest.mark.parametrize("path", WRONG, ids=lambda path: path.stem)
def test_a_wrong_file_is_refused_with_the_place_and_what_to_write(path):
    with pytest.raises(ck.PolicyError) as caught:
        ck.load_policy(path)
    message = str(caught.value)
    (place,) = headed(path, "place")
    assert place in message
    assert [word for word in headed(path, "words") if word not in message] == []


@pytest.mark.parametrize("path", [path for path in WRONG if path.stem != "syntax"], ids=lambda path: path.stem)
def test_one_mistake_is_one_problem_in_its_own_line(path):
    with pytest.raises(ck.PolicyError) as caught:
        ck.load_policy(path)
    first, *problems = str(caught.value).splitlines()
    (place,) = headed(path, "place")
    assert first == f"{path.name} has 1 problem(s):"
    assert len(problems) == 1
    assert problems[0].startswith(f"- {place}: ")


def test_several_mistakes_are_all_reported(tmp_path):
    path = written(
        tmp_path, ("grace_days = 3", "grace_days = -3"), ('rate = "0.25"', 'rate = "25"'), ("day_count = 360", "")
    )
    with pytest.raises(ck.PolicyError) as caught:
        ck.load_policy(path)
    for place in ("terms[1].grace_days", "tariffs[1].bands[2].rate", "terms[1].day_count", "3 problem(s)"):
        assert place in str(caught.value)


def test_a_file_that_is_not_utf8_is_refused_with_what_to_do(tmp_path):
    path = tmp_path / "gbk.toml"
    path.write_bytes(RIGHT.read_text(encoding="utf-8").replace("house convention", "内部惯例").encode("gbk"))
    with pytest.raises(ck.PolicyError, match="UTF-8"):
        ck.load_policy(path)


def test_a_file_with_a_byte_order_mark_is_read(tmp_path):
    path = tmp_path / "mark.toml"
    path.write_bytes(b"\xef\xbb\xbf" + RIGHT.read_bytes())
    assert ck.load_policy(path).name == "right"


def test_a_path_may_be_text(tmp_path):
    assert ck.load_policy(str(RIGHT)) == ck.load_policy(RIGHT)


def test_a_file_that_is_not_there_is_an_error_with_its_path():
    with pytest.raises(ck.CollectkitError, match=r"no policy file .*nowhere.toml"):
        ck.load_policy("nowhere.toml")


def test_an_unknown_profile_lists_the_profiles():
    with pytest.raises(ck.CallError, match=r"cn-car.*cn-credit-card, cn-microloan, plain"):
        ck.load_policy("cn-car")


# Shipped profiles.


def test_the_shipped_profiles():
    assert ck.list_policies() == PROFILES


def test_the_default_is_the_micro_lender():
    assert ck.load_policy().name == "cn-microloan"


@every_profile
def test_every_table_has_a_source(name):
    policy = ck.load_policy(name)
    tables = [*policy.terms, *policy.bucket_schemes, *policy.asset_classes, *policy.tariffs]
    assert all(len(table.source) > 20 for table in tables)


@every_profile
def test_every_band_of_days_is_covered_once(name):
    policy = ck.load_policy(name)
    tables = [
        *(scheme.buckets for scheme in policy.bucket_schemes),
        *(table.classes for table in policy.asset_classes),
        *(tariff.bands for tariff in policy.tariffs),
    ]
    for bands in tables:
        for day in range(1, 401):
            assert sum(band.min_days <= day <= (band.max_days or 10**6) for band in bands) == 1


def test_the_schemes_of_the_micro_lender():
    schemes = [scheme.name for scheme in ck.load_policy("cn-microloan").bucket_schemes]
    assert schemes == ["months", "30-60-90", "manual-000", "manual-001", "manual-003", "manual-004", "fine"]


def test_the_fine_scheme_has_every_boundary_of_the_others():
    policy = ck.load_policy("cn-microloan")
    starts = {s.name: {band.min_days for band in s.buckets} for s in policy.bucket_schemes}
    manuals = set().union(*(days for name, days in starts.items() if name not in ("months", "fine")))
    assert manuals <= starts["fine"]


@every_profile
def test_the_months_are_thirty_days_long(name):
    (months,) = [s for s in ck.load_policy(name).bucket_schemes if s.name == "months"]
    assert [band.min_days for band in months.buckets] == [1, 31, 61, 91, 121, 151, 181]


def test_the_terms_of_the_micro_lender():
    # 银发〔2003〕251号 art. 3: 150 % of the contract rate; 法发〔2017〕22号 art. 2: 24 % a year from 4 August 2017
    policy = ck.load_policy("cn-microloan")
    before, after = policy.terms_for("x", "2017-08-03"), policy.terms_for("x", "2017-08-04")
    assert [t.penalty.multiple_of_contract for t in (before, after)] == [Decimal("1.5")] * 2
    assert [t.penalty_ceiling_annual for t in (before, after)] == [None, Decimal("0.24")]


def test_a_card_pays_principal_first_from_day_91():
    # 商业银行信用卡业务监督管理办法 (2011) art. 57
    late = ck.load_policy("cn-credit-card").terms_for("x", "2025-01-01").late_allocation
    assert (late.from_days, late.order[0]) == (91, "principal")


# Which version holds.


def two_versions(tmp_path):
    """Terms for all products from 2020 and 2022, and for cars from 2021."""
    car = (
        '[[terms]]\nproduct = "car"\neffective_from = 2021-01-01\ngrace_days = 9\n'
        'grace_mode = "threshold"\nday_count = 360\n'
        'penalty = { annual_rate = "0.18" }\npenalty_base = ["principal"]\n'
        'allocation_order = ["fee", "penalty", "interest", "principal"]\nallocation_scope = "instalment"\n'
        'source = "house convention"\n\n[[bucket_schemes]]'
    )
    return ck.load_policy(written(tmp_path, ("[[bucket_schemes]]", car)))


@pytest.mark.parametrize(
    ("product", "disbursed", "grace"),
    [
        ("home", "2020-01-01", 3),
        ("home", "2021-12-31", 3),
        ("home", "2022-01-01", 5),
        ("car", "2020-12-31", 3),
        ("car", "2021-01-01", 9),
        ("car", "2025-01-01", 9),
    ],
)
def test_the_exact_product_wins_then_the_latest_version(tmp_path, product, disbursed, grace):
    assert two_versions(tmp_path).terms_for(product, disbursed).grace_days == grace


def test_before_the_first_version_there_are_no_terms():
    with pytest.raises(ck.PolicyError, match=r"right has no terms for product 'home' disbursed on 2019-12-31"):
        ck.load_policy(RIGHT).terms_for("home", "2019-12-31")


def test_before_the_first_version_there_is_no_bucket_scheme():
    with pytest.raises(ck.PolicyError, match=r"months.*2020-01-01.*2019-12-31"):
        ck.load_policy(RIGHT).bucket_scheme("months", "2019-12-31")


def test_before_the_first_version_there_are_no_asset_classes():
    policy = ck.load_policy(RIGHT)
    assert policy.asset_class_table("2019-12-31") is None
    assert policy.asset_class_table("2020-01-01").name == "classes"


def test_an_unknown_tariff_lists_the_tariffs():
    with pytest.raises(ck.CallError, match=r"by_weight.*by_age"):
        ck.load_policy(RIGHT).tariff("by_weight")


def test_an_agencys_own_tariff_wins(tmp_path):
    own = (
        '[[tariffs]]\nname = "by_age"\nagency = "North"\neffective_from = 2021-01-01\n'
        'bands = [ { min_days = 1, rate = "0.10" } ]\nsource = "contract"\n\n[[tariffs]]'
    )
    policy = ck.load_policy(written(tmp_path, ("[[tariffs]]", own)))
    rates = {
        (agency, day): policy.tariff("by_age", agency=agency, placement_date=day).rates[0]
        for agency in ("North", "South")
        for day in ("2020-12-31", "2021-01-01")
    }
    assert rates.pop(("North", "2021-01-01")) == Decimal("0.10")
    assert set(rates.values()) == {Decimal("0.07")}


def test_rates_are_exact_decimals():
    assert ck.load_policy(RIGHT).terms_for("x", "2020-01-01").penalty.daily_rate == Decimal("0.0005")


# What-ifs.


def test_replacing_changes_every_version():
    policy = ck.load_policy(RIGHT).replacing(grace_days=10)
    assert [terms.grace_days for terms in policy.terms] == [10, 10]


def test_replacing_leaves_the_policy_as_it_was():
    policy = ck.load_policy(RIGHT)
    policy.replacing(grace_days=10, penalty={"daily_rate": "0.001"})
    assert policy == ck.load_policy(RIGHT)


def test_replacing_nothing_is_the_same_policy():
    for name in PROFILES:
        assert ck.load_policy(name).replacing() == ck.load_policy(name)


def test_replacing_one_product_leaves_the_others(tmp_path):
    policy = two_versions(tmp_path).replacing(product="car", grace_days=1)
    assert [terms.grace_days for terms in policy.terms] == [3, 5, 1]


def test_replacing_a_product_without_terms_lists_the_products():
    with pytest.raises(ck.PolicyError, match=r"'boat'.*\*"):
        ck.load_policy(RIGHT).replacing(product="boat", grace_days=1)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"grace": 5}, r"terms\[1\].grace: unknown key"),
        ({"grace_days": -5}, r"terms\[1\].grace_days"),
        ({"penalty": {"daily_rate": 0.0005}}, "as text"),
        ({"penalty_ceiling_annual": "24"}, "percent"),
        ({"allocation_order": ["fee"]}, "once"),
        ({"day_count": 366}, "360 or 365"),
        ({"source": ""}, "source"),
    ],
)
def test_a_what_if_is_checked_like_a_file(changes, words):
    with pytest.raises(ck.PolicyError, match=words):
        ck.load_policy(RIGHT).replacing(**changes)


def test_a_what_if_may_take_a_rule_away():
    policy = ck.load_policy("cn-microloan").replacing(penalty_ceiling_annual=None)
    assert policy.terms_for("x", "2025-01-01").penalty_ceiling_annual is None


def test_a_policy_cannot_be_changed():
    policy = ck.load_policy(RIGHT)
    for table, name in ((policy, "name"), (policy.terms[0], "source"), (policy.terms[0].penalty, "daily_rate")):
        with pytest.raises(ValidationError, match="frozen"):
            setattr(table, name, "x")


def test_versions_begin_on_their_own_day():
    assert ck.load_policy(RIGHT).terms[1].effective_from == dt.date(2022, 1, 1)


def test_each_bucket_of_every_scheme_is_a_union_of_fine_ones():
    policy = ck.load_policy("cn-microloan")
    fine = {band.min_days for band in policy.bucket_scheme("fine", "2025-01-01").buckets}
    for scheme in policy.bucket_schemes:
        assert {band.min_days for band in scheme.buckets} <= fine, scheme.name


@pytest.mark.parametrize("name", ["cn-microloan", "cn-credit-card", "plain"])
def test_every_table_of_a_shipped_profile_has_a_source_and_a_note(name):
    policy = ck.load_policy(name)
    for kind in ("terms", "bucket_schemes", "asset_classes", "tariffs"):
        for table in getattr(policy, kind):
            assert table.source and table.note, (name, kind, table)


def test_a_cap_that_cannot_stay_exact_is_refused():
    with pytest.raises(ck.PolicyError, match=r"penalty_cap_ratio.*at most six"):
        ck.load_policy("plain").replacing(penalty_cap_ratio="0.333333333333")


def test_a_day_before_a_scheme_begins_says_what_to_do():
    policy = ck.load_policy("plain")
    with pytest.raises(ck.CollectkitError, match="1950-01-01"):
        policy.bucket_scheme("months", "1949-01-01")
