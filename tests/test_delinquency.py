"""Days past due, buckets and asset classes."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

import collectkit as ck
from tests.five_loans import dates, one_loan, plain, worked


@pytest.mark.parametrize("case", worked("days_past_due"))
def test_days_past_due(case):
    found = ck.days_past_due(
        case["due_date"], case["as_of"], grace_days=int(case["grace_days"]), grace_mode=case["grace_mode"]
    )
    assert found == int(case["expected"])


@pytest.mark.parametrize("case", worked("days_past_due"))
def test_the_ledger_counts_the_same_days(case):
    loan = one_loan(f"{case['due_date']} 100", disbursed="2010-01-01")
    policy = plain().replacing(grace_days=int(case["grace_days"]), grace_mode=case["grace_mode"])
    day = ck.assess(loan, policy, as_of=case["as_of"])
    assert day["days_past_due"].tolist() == [int(case["expected"])]


@pytest.mark.parametrize("case", worked("bucket"))
def test_bucket(case):
    scheme = ck.load_policy("cn-microloan").bucket_scheme(case["scheme"], "2025-01-01")
    assert ck.bucket(int(case["days"]), scheme) == case["expected"]


@pytest.mark.parametrize("case", worked("asset_class"))
def test_asset_class(case):
    classes = ck.load_policy(case["policy"]).asset_class_table("2025-01-01")
    assert ck.asset_class(int(case["days"]), classes) == case["expected"]


def test_grace_may_differ_by_row():
    found = ck.days_past_due(dates("2025-03-01", "2025-03-01"), "2025-03-05", grace_days=pd.Series([3, 4]))
    assert found.tolist() == [4, 0]


def test_as_of_may_differ_by_row():
    found = ck.days_past_due("2025-03-01", dates("2025-03-05", "2025-02-01"))
    assert found.tolist() == [4, 0]


def test_missing_grace_is_missing_days():
    found = ck.days_past_due(dates("2025-03-01", "2025-03-01"), "2025-03-05", grace_days=pd.Series([3, None]))
    assert found.isna().tolist() == [False, True]


def test_an_unknown_grace_mode_lists_the_modes():
    with pytest.raises(ck.CallError, match=r"retroactive.*subtract, threshold"):
        ck.days_past_due("2025-03-01", "2025-03-05", grace_mode="retroactive")


@pytest.mark.parametrize("grace", [-1, 0.5, float("inf"), "three"])
def test_grace_that_is_no_number_of_days_is_refused(grace):
    with pytest.raises(ck.CallError, match="grace_days"):
        ck.days_past_due("2025-03-01", "2025-03-05", grace_days=grace)


@pytest.mark.parametrize(
    "due",
    [
        pd.Series(["2025-03-01"]),
        pd.Series([dt.date(2025, 3, 1)]),
        pd.Series([20250301]),
        dates("2025-03-01").dt.tz_localize("Asia/Shanghai"),
    ],
)
def test_a_column_that_is_not_of_dates_is_refused(due):
    with pytest.raises(ck.CallError, match=r"`due_date` is not a date column.*pd.to_datetime"):
        ck.days_past_due(due, "2025-03-05")


def test_times_of_day_are_refused():
    with pytest.raises(ck.CallError, match=r"times of day.*normalize"):
        ck.days_past_due(dates("2025-03-01 10:00"), "2025-03-05")


def test_dates_beyond_the_calendar_are_refused():
    with pytest.raises(ck.CallError, match="1950-01-01 to 2150-12-31"):
        ck.days_past_due(pd.Series(np.array(["1800-01-01"], dtype="datetime64[s]")), "2025-03-05")


def test_all_buckets_are_categories_in_order():
    found = ck.bucket(pd.Series([1]), plain().bucket_scheme("months", "2025-01-01"))
    assert list(found.cat.categories) == ["M0", "M1", "M2", "M3", "M4", "M5", "M6", "M6+"]
    assert found.cat.ordered


def test_buckets_may_be_written_in_the_call():
    assert ck.bucket(31, [{"name": "early", "min_days": 1, "max_days": 30}, {"name": "late", "min_days": 31}]) == "late"


@pytest.mark.parametrize(
    ("buckets", "words"),
    [
        ([{"name": "a", "min_days": 1, "max_days": 30}, {"name": "b", "min_days": 32}], "gap"),
        ([{"name": "a", "min_days": 1, "max_days": 30}, {"name": "b", "min_days": 30}], "overlap"),
        ([{"name": "a", "min_days": 2}], "gap"),
        ([{"name": "a"}], "min_days: is missing"),
        ([], "at least 1"),
    ],
)
def test_buckets_with_a_mistake_are_refused(buckets, words):
    with pytest.raises(ck.PolicyError, match=words):
        ck.bucket(31, buckets)


@pytest.mark.parametrize("scheme", ["months", None, 7, [7]])
def test_what_is_no_scheme_is_refused_with_where_to_take_one(scheme):
    with pytest.raises(ck.CallError, match="load_policy"):
        ck.bucket(31, scheme)


def test_a_scheme_of_more_buckets_than_are_counted_is_refused():
    daily = [{"name": f"D{day}", "min_days": day, "max_days": day} for day in range(1, 200)]
    with pytest.raises(ck.PolicyError, match="at most 100"):
        ck.bucket(150, [*daily, {"name": "D200+", "min_days": 200}])
