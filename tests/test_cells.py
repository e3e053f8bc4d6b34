"""Cells: every way of writing a number, date, flag or id, what is missing, and what is refused."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectkit import CallError, cells

NAN = float("nan")


def one(reader, cell, **options):
    """What a reader makes of a single cell: "bad", None for missing, or the value."""
    values, bad = reader(pd.Series([cell], dtype=object), **options)
    if bad[0]:
        assert values.isna().iloc[0]
        return "bad"
    return None if values.isna().iloc[0] else values.iloc[0]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1234.5", 1234.5), ("-1234.5", -1234.5), ("+5", 5), (" 12 ", 12), ("007", 7), (".5", 0.5), ("5.", 5),
        ("1,234.50", 1234.5), ("-1,234,567", -1234567), ("1 234.50", 1234.5), ("1'234.50", 1234.5),
        ("（1,234.50）", -1234.5), ("(1,234.50)", -1234.5), ("(¥1,234.50)", -1234.5), ("¥(5)", -5),
        ("1,234.50-", -1234.5),
        ("¥1,234.50", 1234.5), ("￥12", 12), ("-¥12", -12), ("¥ -12", -12), ("CNY 12", 12), ("12 USD", 12),
        ("12.50元", 12.5),
        ("1.2e3", 1200), ("1E-2", 0.01), ("１２３", 123), ("１，２３４．５０", 1234.5), ("－５", -5),
        ("−5", -5), ("\ufeff5", 5),
        ("5\u3000", 5), (5, 5), (5.25, 5.25), (Decimal("5.25"), 5.25), (np.int64(5), 5), (np.float32(0.5), 0.5),
    ],
)  # fmt: skip
def test_ways_to_write_a_number(cell, value):
    assert one(cells.numbers, cell) == value


@pytest.mark.parametrize(
    "cell",
    [
        "1.234,50", "12,34", "1,2345", "1,23,456", "1.234.567", "1,234 567", "12.5万元", "1,5", "0x1F", "1_000",
        "inf", "-Infinity",
        "1e999", "9" * 400, "--5", "(-5)", "-(5)", "(5", "5)", "-5-", "12a", "５万", "#REF!", "=1+1", "12%",
        "1 2", ".", "-.", "e5",
        True, dt.date(2025, 1, 1), dt.time(1), [1], {}, b"5", 1j, 10**400, float("inf"), object(),
    ],
)  # fmt: skip
def test_what_is_no_number_is_bad_not_guessed(cell):
    assert one(cells.numbers, cell) == "bad"


@pytest.mark.parametrize(
    "reader", [cells.numbers, cells.rates, cells.whole_numbers, cells.dates, cells.times, cells.flags]
)
@pytest.mark.parametrize(
    "mark",
    ["", " ", "—", "–", "-", "--", "－", "N/A", "n/a", "NA", "null", "NULL", "None", "NaN", "/", "\u3000",
     None, NAN, pd.NA, pd.NaT],
)  # fmt: skip
def test_missing_marks_are_missing_in_every_kind(reader, mark):
    assert one(reader, mark) is None


@pytest.mark.parametrize("mark", cells.MISSING_MARKS)
def test_documented_marks_are_missing_in_text_and_ids_too(mark):
    assert one(cells.texts, mark) is None
    assert one(cells.ids, f" {mark.upper()} ") is None


def test_words_that_may_be_text_stay_text():
    assert one(cells.texts, "NA") == "NA"
    assert one(cells.texts, "N/A", missing=()) == "N/A"


@pytest.mark.parametrize(
    ("cell", "scale", "value"),
    [
        ("0.1", "10000", 1000.0), ("1.1", "10000", 11000.0), (1.1, "10000", 11000.0), ("12345", "0.01", 123.45),
        (12345, "0.01", 123.45),
        ("1.5万元", "10000", 15000.0), ("1.5万", 10000, 15000.0), ("¥1,234.5", "1000", 1234500.0),
        ("1.2e3", "0.01", 12.0), ("3", "2.5", 7.5),
        (123456789012.0, "0.01", 1234567890.12), ("5分", "0.01", 0.05), ("12元", "10000", "bad"),
        ("1.5万元", "1", "bad"),
    ],
)  # fmt: skip
def test_scale_is_exact_and_a_unit_must_agree(cell, scale, value):
    assert one(cells.numbers, cell, scale=scale) == value


@given(st.decimals(min_value=0, max_value=10**9, places=6), st.sampled_from(["0.01", "1", "1000", "10000", "2.5"]))
def test_scaling_is_what_decimals_say(amount, scale):
    exact = float(amount * Decimal(scale))
    assert one(cells.numbers, str(amount), scale=scale) == exact
    assert one(cells.numbers, f"{amount:,}", scale=scale) == exact


@pytest.mark.parametrize("scale", ["x", "0", "-1", "nan", "inf", None])
def test_a_scale_that_is_no_number_is_refused(scale):
    with pytest.raises(CallError, match="scale"):
        cells.numbers(pd.Series(["1"]), scale=scale)


def test_noise_of_floats_is_forgotten_but_a_third_decimal_stays():
    values, _ = cells.numbers(pd.Series([0.1 + 0.2, 10.005]), decimals=2)
    assert values.tolist() == [0.3, 10.005]


@pytest.mark.parametrize(
    ("cell", "percent", "value"),
    [
        ("0.18", False, 0.18), ("18%", False, 0.18), ("18％", True, 0.18), ("18 %", False, 0.18),
        ("1.5‰", False, 0.0015), ("18.25", True, 0.1825),
        (7, True, 0.07), (0.07, False, 0.07), ("１８％", False, 0.18), ("18%%", False, "bad"),
        ("%", False, "bad"), ("万分之五", False, "bad"),
    ],
)  # fmt: skip
def test_rates_are_fractions_and_a_sign_wins(cell, percent, value):
    assert one(cells.rates, cell, percent=percent) == value


def test_rates_with_and_without_sign_in_one_column():
    values, bad = cells.rates(pd.Series(["0.18", "18%", None, "x%", "24％"], dtype="str"))
    assert values.tolist()[:2] == [0.18, 0.18]
    assert values[4] == 0.24
    assert bad.tolist() == [False, False, False, True, False]


@pytest.mark.parametrize(
    ("cell", "value"),
    [("3", 3), (3.0, 3), ("1,200", 1200), ("3.5", "bad"), (2.5, "bad"), ("第3期", "bad"), (1e300, "bad")],
)
def test_whole_numbers(cell, value):
    assert one(cells.whole_numbers, cell) == value


@pytest.mark.parametrize(
    "cell",
    [
        "2025-03-04", "2025-3-4", "2025/03/04", "2025/3/4", "2025.3.4", "2025年3月4日", "２０２５－０３－０４",
        "20250304", 20250304, 20250304.0,
        "2025-03-04 00:00:00", "2025/3/4 0:00", " 2025-03-04 ", 45720, 45720.0, "45720", "45720.0",
        dt.date(2025, 3, 4), dt.datetime(2025, 3, 4), pd.Timestamp("2025-03-04"), np.datetime64("2025-03-04"),
    ],
)  # fmt: skip
def test_ways_to_write_a_date(cell):
    assert one(cells.dates, cell) == pd.Timestamp("2025-03-04")


@pytest.mark.parametrize(
    "cell",
    [
        "03/04/2025", "13/04/2025", "31.12.2025", "4 Mar 2025", "2025-02-30", "2025-13-01", "2025-00-10",
        "2025-03-04x", "2025-3", "202503",
        "2025/03-04", "0000-01-01", "25-03-04", "2025年3月", "2025-03-04 24:00", "2025-03-04 10:61",
        "2025-03-04T10:00:00Z", "2025-03-04 10:00:00+08:00",
        "yesterday", 0, -5, 60, 60.5, 2958466, 20251301, 1e300, True, dt.time(12), dt.timedelta(1),
        pd.Timestamp("2025-03-04", tz="UTC"),
    ],
)  # fmt: skip
def test_what_may_mean_two_days_or_none_is_bad(cell):
    assert one(cells.dates, cell) == "bad"


@pytest.mark.parametrize(
    ("serial", "date"),
    [(1, "1900-01-01"), (59, "1900-02-28"), (61, "1900-03-01"), (25569, "1970-01-01"), (45658, "2025-01-01"),
     (2958465, "9999-12-31")],
)  # fmt: skip
def test_serial_dates_know_the_false_leap_day(serial, date):
    assert one(cells.dates, float(serial)) == pd.Timestamp(date)


@pytest.mark.parametrize(
    ("cell", "formats", "value"),
    [
        ("03/04/2025", ["%d/%m/%Y"], "2025-04-03"), ("03/04/2025", ["%m/%d/%Y"], "2025-03-04"),
        ("3/4/25", ["%d/%m/%y"], "2025-04-03"),
        ("4-Mar-2025", ["%d-%b-%Y"], "2025-03-04"), ("2025-03-04", ["%d/%m/%Y"], "bad"),
        ("31/12/2025", ["%m/%d/%Y", "%d/%m/%Y"], "2025-12-31"),
        ("03/04/2025", ["%m/%d/%Y", "%d/%m/%Y"], "bad"), ("04/04/2025", ["%m/%d/%Y", "%d/%m/%Y"], "2025-04-04"),
        ("2025113", ["%Y%m%d"], "bad"),
        ("250304", ["%y%m%d"], "2025-03-04"), (250304, ["%y%m%d"], "2025-03-04"),
        ("０３/０４/2025", ["%d/%m/%Y"], "2025-04-03"),
        (dt.date(2025, 3, 4), ["%d/%m/%Y"], "2025-03-04"), ("—", ["%d/%m/%Y"], None),
    ],
)  # fmt: skip
def test_formats_say_what_text_means(cell, formats, value):
    assert one(cells.dates, cell, formats=formats) == (pd.Timestamp(value) if value not in ("bad", None) else value)


@pytest.mark.parametrize("text", ["%Y-%m", "%d/%m", "dd/mm/yyyy", "", "%Y-%m-%d %z", "%Q%Y%m%d", "%Y%m%d%"])
def test_a_format_that_names_no_day_is_refused(text):
    with pytest.raises(CallError, match="format"):
        cells.dates(pd.Series(["2025"]), formats=[text])


@pytest.mark.parametrize(
    "cell", ["2025-03-04 14:30", dt.datetime(2025, 3, 4, 14, 30), "2025/3/4 14:30:00", 45720 + 14.5 / 24]
)
def test_a_time_of_day_is_bad_in_a_date_unless_the_day_is_wanted(cell):
    assert one(cells.dates, cell) == "bad"
    assert one(cells.dates, cell, day_only=True) == pd.Timestamp("2025-03-04")
    assert one(cells.times, cell) == pd.Timestamp("2025-03-04 14:30")


@pytest.mark.parametrize(
    ("text", "seconds"), [("20250304143005", 5), ("2025-03-04T14:30:05", 5), ("2025年3月4日 14:30:05.5", 5.5)]
)
def test_times(text, seconds):
    assert one(cells.times, text) == pd.Timestamp("2025-03-04 14:30") + pd.Timedelta(seconds=seconds)


@pytest.mark.parametrize("cell", ["true", "TRUE", "是", "Y", "yes", "1", 1, 1.0, True, np.True_, "Ｙ", "有"])
def test_yes(cell):
    assert one(cells.flags, cell) is np.True_ or one(cells.flags, cell) is True


@pytest.mark.parametrize("cell", ["false", "否", "N", "no", "0", 0, 0.0, False, "无"])
def test_no(cell):
    assert one(cells.flags, cell) in (False,)


@pytest.mark.parametrize("cell", ["maybe", 2, -1, 0.5, "抵押", dt.date(2025, 1, 1), float("inf")])
def test_neither_yes_nor_no(cell):
    assert one(cells.flags, cell) == "bad"


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("00123", "00123"), (" 00123\t", "00123"), (123.0, "123"), (123, "123"), (0.0, "0"), ("Ｌ０１", "L01"),
        ("123.0", "123.0"), ("1E5", "1E5"),
        ("622202123456789012", "622202123456789012"), ("合同-（1）", "合同-(1)"),
        (999999999999999.0, "999999999999999"),
        ("1.23E+15", "bad"), ("6E+17", "bad"), (1.23e15, "bad"), (6.2e18, "bad"), (12.5, "bad"),
        ("#REF!", "bad"), ([1], "bad"),
    ],
)  # fmt: skip
def test_ids(cell, value):
    assert one(cells.ids, cell) == value


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (" 消费（A） ", "消费（A）"), (12.0, "12"), (12.5, "12.5"), (True, "true"),
        (dt.date(2025, 3, 4), "2025-03-04"),
        (dt.datetime(2025, 3, 4, 14, 30), "2025-03-04 14:30:00"), (Decimal("1.50"), "1.50"), ("#NAME?", "bad"),
        ("a\u3000b", "a\u3000b"),
    ],
)  # fmt: skip
def test_texts(cell, value):
    assert one(cells.texts, cell) == value


READERS = [
    cells.numbers,
    cells.rates,
    cells.whole_numbers,
    cells.dates,
    cells.times,
    cells.flags,
    cells.texts,
    cells.ids,
]


@pytest.mark.parametrize("reader", READERS)
def test_empty_in_empty_out_with_the_same_type_name_and_index(reader):
    full = pd.Series(["1"], index=[7], name="x", dtype=object)
    empty = full.iloc[:0]
    assert reader(empty)[0].dtype == reader(full)[0].dtype
    assert reader(full)[0].index.tolist() == [7]
    assert reader(empty)[0].name == reader(full)[0].name == "x"


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("mixed", [["1", None, "1"], [1, None, "1"], ["0", 1.0, None]])
def test_dtype_of_the_column_does_not_matter(reader, mixed):
    cells_ = pd.Series(mixed, dtype=object)
    values, bad = reader(cells_)
    alone = [one(reader, cell) for cell in mixed]
    read = [None if pd.isna(value) else value for value in values]
    assert ["bad" if is_bad else value for value, is_bad in zip(read, bad, strict=True)] == alone
    if all(isinstance(cell, str | None) for cell in mixed):
        assert values.equals(reader(cells_.astype("str"))[0])
        assert values.equals(reader(cells_.astype("category"))[0])


def test_typed_columns_pass_through():
    money = pd.Series([0.1 + 0.2, NAN])
    assert cells.numbers(money)[0].equals(money)
    days = pd.Series(pd.to_datetime(["2025-01-01", None])).astype("datetime64[ns]")
    assert cells.dates(days)[0].dtype == "datetime64[us]"
    assert cells.flags(pd.Series([True, None], dtype="boolean"))[0].tolist() == [True, pd.NA]
    assert cells.whole_numbers(pd.Series([1, None], dtype="Int64"))[0].dtype == "Int64"
    assert cells.ids(pd.Series([2**60, 5]))[0].tolist() == [str(2**60), "5"]


def test_typed_times_with_a_zone_are_bad():
    zoned = pd.Series(pd.to_datetime(["2025-01-01", None]).tz_localize("Asia/Shanghai"))
    assert cells.dates(zoned)[1].tolist() == [True, False]


def test_the_input_is_not_changed():
    column = pd.Series([" 1 ", 2.0, None], dtype=object)
    before = column.copy(deep=True)
    for reader in READERS:
        reader(column)
    assert column.equals(before)


def test_mixed_cells_keep_their_places():
    column = pd.Series(["1,000", 2.0, None, True, "x", dt.date(2025, 1, 1), "（3）"], dtype=object)
    values, bad = cells.numbers(column)
    assert values.fillna(0).tolist() == [1000, 2, 0, 0, 0, 0, -3]
    assert bad.tolist() == [False, False, False, True, True, True, False]


def test_lone_surrogates_do_no_harm():
    for reader in READERS:
        reader(pd.Series(["\ud800", "1"], dtype=object))
