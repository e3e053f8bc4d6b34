"""The pandas contract, for every measure: same shape, same index, missing stays missing, inputs unchanged."""

from __future__ import annotations

import pandas as pd
import pytest

import collectkit as ck
from tests.five_loans import dates

MONTHS = ck.load_policy("plain").bucket_scheme("months", "2025-01-01")
CLASSES = ck.load_policy("plain").asset_class_table("2025-01-01")
TARIFF = ck.load_policy("plain").tariff("elapsed_months")

#: name: the call, its first input with a missing value in the middle, what comes out, what a missing value becomes
MEASURES = {
    "days_past_due": (
        lambda due: ck.days_past_due(due, "2025-03-05"),
        dates("2025-03-01", None, "2025-03-04"),
        pd.Series([4, None, 1], dtype="Int64"),
    ),
    "penalty_interest": (
        lambda amount: ck.penalty_interest(amount, 10, daily_rate="0.0005"),
        pd.Series([1000.0, None, 100.0]),
        pd.Series([5.0, None, 0.5]),
    ),
    "bucket": (
        lambda days: ck.bucket(days, MONTHS),
        pd.Series([31, None, 0], dtype="Int64"),
        pd.Series(pd.Categorical(["M2", None, "M0"], list(MONTHS.names), ordered=True)),
    ),
    "asset_class": (
        lambda days: ck.asset_class(days, CLASSES),
        pd.Series([91, None, 0], dtype="Int64"),
        pd.Series(pd.Categorical(["substandard", None, "normal"], list(CLASSES.names), ordered=True)),
    ),
    "agency_commission": (
        lambda cash: ck.agency_commission(cash, 100, TARIFF),
        pd.Series([100.0, None, 50.0]),
        pd.Series([14.0, None, 7.0]),
    ),
}
INDEXES = {
    "text": ["x", "y", "z"],
    "shuffled": [2, 0, 1],
    "repeated": [5, 5, 5],
    "two levels": pd.MultiIndex.from_tuples([(1, "a"), (1, "a"), (2, "b")]),
}

every_measure = pytest.mark.parametrize("name", MEASURES)


@every_measure
def test_missing_in_missing_out_under_the_name_of_the_measure(name):
    call, given, expected = MEASURES[name]
    pd.testing.assert_series_equal(call(given), expected.rename(name))


@every_measure
@pytest.mark.parametrize("labels", INDEXES)
def test_the_index_comes_back(name, labels):
    call, given, expected = MEASURES[name]
    found = call(given.set_axis(INDEXES[labels]))
    pd.testing.assert_series_equal(found, expected.rename(name).set_axis(INDEXES[labels]))


@every_measure
def test_empty_in_empty_out_with_name_and_dtype(name):
    call, given, expected = MEASURES[name]
    pd.testing.assert_series_equal(call(given.iloc[:0]), expected.rename(name).iloc[:0])


@every_measure
def test_all_missing_in_all_missing_out(name):
    call, given, expected = MEASURES[name]
    found = call(given.iloc[[1, 1]])
    assert found.isna().all()
    assert found.dtype == expected.dtype


@every_measure
def test_a_column_of_nothing_is_missing_whatever_its_dtype(name):
    call, _, expected = MEASURES[name]
    found = call(pd.Series([None, None], dtype=object))
    assert found.isna().tolist() == [True, True]
    assert found.dtype == expected.dtype


@every_measure
def test_a_scalar_gives_the_scalar_of_the_same_row(name):
    call, given, expected = MEASURES[name]
    found = call(given.iloc[0])
    assert found == expected.iloc[0]
    assert isinstance(found, int | float | str)


@every_measure
@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA, pd.NaT])
def test_a_missing_scalar_is_missing(name, missing):
    assert pd.isna(MEASURES[name][0](missing))


@every_measure
def test_inputs_are_not_changed(name):
    call, given, _ = MEASURES[name]
    before = given.copy(deep=True)
    call(given)
    pd.testing.assert_series_equal(given, before)


@every_measure
def test_changing_the_result_does_not_change_the_input(name):
    call, given, _ = MEASURES[name]
    before = given.copy(deep=True)
    found = call(given)
    found.iloc[0] = found.iloc[2]
    pd.testing.assert_series_equal(given, before)


@every_measure
@pytest.mark.parametrize("kind", [list, lambda s: s.to_numpy(), lambda s: s.to_frame(), tuple])
def test_other_containers_are_refused(name, kind):
    call, given, _ = MEASURES[name]
    with pytest.raises(ck.CallError, match=r"Series|is not a date"):
        call(kind(given))


SHIFTED = pd.Series([1, 2, 3], index=[1, 2, 3])
TWO_INPUTS = {
    "days_past_due": lambda: ck.days_past_due(
        dates("2025-01-01", "2025-01-02", "2025-01-03"), "2025-02-01", grace_days=SHIFTED
    ),
    "penalty_interest": lambda: ck.penalty_interest(pd.Series([1.0, 2.0, 3.0]), SHIFTED, daily_rate="0.0005"),
    "penalty_interest rate": lambda: ck.penalty_interest(pd.Series([1.0, 2.0, 3.0]), 1, daily_rate=SHIFTED / 1000),
    "agency_commission": lambda: ck.agency_commission(pd.Series([1.0, 2.0, 3.0]), SHIFTED, TARIFF),
}


@pytest.mark.parametrize("name", TWO_INPUTS)
def test_different_indexes_raise(name):
    with pytest.raises(ck.CallError, match=r"another index.*reindex"):
        TWO_INPUTS[name]()


def test_the_same_labels_in_another_order_raise():
    with pytest.raises(ck.CallError, match="another index"):
        ck.agency_commission(pd.Series([1.0, 2.0], [0, 1]), pd.Series([1, 2], [1, 0]), TARIFF)


@pytest.mark.parametrize("days", [-1, 1.5, float("inf"), 10**9, "five"])
def test_days_that_are_not_whole_are_refused(days):
    for call in (MEASURES["bucket"][0], MEASURES["asset_class"][0]):
        with pytest.raises(ck.CallError, match="days_past_due"):
            call(days)


@pytest.mark.parametrize("days", ["5", True])
def test_text_and_truth_are_no_days(days):
    with pytest.raises(ck.CallError, match="days_past_due"):
        ck.bucket(days, MONTHS)
