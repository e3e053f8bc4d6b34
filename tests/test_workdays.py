"""Working days of 2025, from the State Council's notice of 12 November 2024."""

from __future__ import annotations

import pandas as pd
import pytest

from collectkit.workdays import is_public_holiday, is_workday, next_workday


@pytest.mark.parametrize(("day", "works"), [
    ("2025-01-26", True),  # Sunday worked for Spring Festival
    ("2025-01-28", False), ("2025-02-04", False), ("2025-02-05", True),
    ("2025-02-08", True),  # Saturday worked for Spring Festival
    ("2025-05-05", False), ("2025-05-06", True), ("2025-10-08", False), ("2025-10-11", True),
    ("2025-03-01", False), ("2025-03-03", True),
])  # fmt: skip
def test_is_workday(day, works):
    assert is_workday(day) is works


@pytest.mark.parametrize(("day", "following"), [
    ("2025-04-30", "2025-04-30"), ("2025-05-01", "2025-05-06"), ("2025-10-01", "2025-10-09"),
    ("2025-01-28", "2025-02-05"), ("2025-03-02", "2025-03-03"),
])  # fmt: skip
def test_a_day_off_moves_to_the_next_working_day(day, following):
    assert next_workday(day) == pd.Timestamp(following)


@pytest.mark.parametrize(("day", "is_holiday"), [
    ("2025-10-01", True), ("2025-10-08", True), ("2025-10-09", False), ("2025-09-28", False), ("2025-09-27", False),
    ("2040-10-01", False),
])  # fmt: skip
def test_a_weekend_is_no_public_holiday(day, is_holiday):
    assert is_public_holiday(day) is is_holiday


def test_years_without_a_notice_know_weekends_only():
    assert [is_workday(day) for day in ("2040-10-01", "2040-10-06", "2040-10-07")] == [True, False, False]


def test_a_column_keeps_its_index_and_its_gaps():
    days = pd.Series(pd.to_datetime(["2025-05-01", None]), index=["a", "b"])
    moved = next_workday(days)
    assert moved["a"] == pd.Timestamp("2025-05-06")
    assert pd.isna(moved["b"])
