"""Calendar dates as whole days, and month ends."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

import collectkit as ck
from collectkit.days import NEVER, dates_of, day_number, day_numbers


@pytest.mark.parametrize(
    "date",
    [
        "2025-03-31",
        dt.date(2025, 3, 31),
        pd.Timestamp("2025-03-31"),
        np.datetime64("2025-03-31"),
        dt.datetime(2025, 3, 31),
    ],
)
def test_a_date_is_the_same_however_it_is_written(date):
    assert day_number(date) == 20178  # 55 years of 365 days, 14 leap days (1972 to 2024), 31 + 28 + 30 days


@pytest.mark.parametrize(
    "date", [None, "", "yesterday", 20250331, 0, True, 1.5, float("nan"), pd.NaT, "2025-02-30", "2025-13-01", []]
)
def test_what_is_no_date_is_refused(date):
    with pytest.raises(ck.CallError, match=r"`due` is .* Write it as \"2025-12-31\""):
        day_number(date, "due")


def test_a_number_from_numpy_is_no_date():
    with pytest.raises(ck.CallError, match="not a date"):
        day_number(np.int64(0))


@pytest.mark.parametrize("date", ["03/04/2025", "2025", "2025-03", "5 March 2025", "2025Q1"])
def test_text_that_can_be_read_two_ways_is_refused(date):
    with pytest.raises(ck.CallError, match="2025-12-31"):
        day_number(date)


@pytest.mark.parametrize("date", ["now", "today"])
def test_nothing_reads_the_clock(date):
    with pytest.raises(ck.CallError, match="date"):
        day_number(date)


@pytest.mark.parametrize(
    "date", ["2025-03-31 10:00", dt.datetime(2025, 3, 31, 23), pd.Timestamp("2025-03-31", tz="UTC")]
)
def test_a_time_of_day_or_a_zone_is_refused(date):
    with pytest.raises(ck.CallError, match="without time of day or zone"):
        day_number(date)


@pytest.mark.parametrize(("date", "number"), [("1950-01-01", -7305), ("2150-12-31", 66108)])
def test_the_calendar_reaches_from_1950_to_2150(date, number):
    assert day_number(date) == number  # 20 years with 5 leap days; 181 years with 43


@pytest.mark.parametrize("date", ["1949-12-31", "2151-01-01"])
def test_beyond_the_calendar_is_refused(date):
    with pytest.raises(ck.CallError, match="1950-01-01 to 2150-12-31"):
        day_number(date)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_a_column_of_any_unit_is_read(unit):
    column = pd.Series(pd.to_datetime(["1970-01-02", None])).astype(f"datetime64[{unit}]")
    assert day_numbers(column).tolist() == [1, NEVER]


def test_dates_come_back_in_one_dtype_with_never_as_missing():
    dates = dates_of([0, NEVER])
    assert dates.dtype == "datetime64[us]"
    assert pd.isna(dates).tolist() == [False, True]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2024-01-31", "2024-03-31", ["2024-01-31", "2024-02-29", "2024-03-31"]),
        ("2024-02-01", "2024-02-28", []),
        ("2024-02-29", "2024-02-29", ["2024-02-29"]),
        ("2023-12-15", "2024-01-30", ["2023-12-31"]),
    ],
)
def test_month_ends_from_start_to_end(start, end, expected):
    assert [f"{day:%Y-%m-%d}" for day in ck.month_ends(start, end)] == expected


def test_month_ends_backwards_are_refused():
    with pytest.raises(ck.CallError, match="earlier date first"):
        ck.month_ends("2025-03-31", "2025-01-31")
