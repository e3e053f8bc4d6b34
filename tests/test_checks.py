"""Bad input never gives a number: every problem comes back at once, with its row and what to do."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

import collectkit as ck
from collectkit.checks import PROBLEM_COLUMNS, check_tables
from tests.five_loans import AS_OF, dates, plain, tables


def with_value(table, column, value, row=0):
    """The five loans with one value exchanged."""
    made = tables()
    frame = made[table]
    values = list(frame[column]) if column in frame else [None] * len(frame)
    values[row] = value
    made[table] = frame.assign(**{column: values})
    return made


def with_column(table, column, values):
    """The five loans with one column exchanged."""
    made = tables()
    made[table] = made[table].assign(**{column: values})
    return made


def with_table(name, **columns):
    """The five loans with a table more."""
    return {**tables(), name: pd.DataFrame(columns)}


def refused(made):
    """Errors of tables a portfolio must refuse."""
    with pytest.raises(ck.PortfolioError) as caught:
        ck.Portfolio(**made)
    problems = caught.value.problems
    return problems[problems["severity"] == "error"]


def first(made):
    """Table, row, loan, column, problem of the only problem."""
    (problem,) = refused(made)[["table", "row", "loan_id", "column", "problem"]].to_dict("records")
    return tuple(problem.values())


def test_the_five_loans_have_no_problems():
    assert len(check_tables(tables())) == 0


# One value that is wrong: table, column, value, row → loan and words of the problem.

VALUES = {
    "a payment of an unknown loan": ("payments", "loan_id", "Z", 1, "Z", "loan is not in loans"),
    "an instalment of an unknown loan": ("placements", "loan_id", "Z", 0, "Z", "loan is not in loans"),
    "an id that differs by a blank": ("payments", "loan_id", "C ", 1, "C ", "loan is not in loans"),
    "a missing loan of a payment": ("payments", "loan_id", None, 1, None, "is missing"),
    "a missing payment id": ("payments", "payment_id", None, 1, "C", "is missing"),
    "an empty payment id": ("payments", "payment_id", "", 1, "C", "id is empty"),
    "a negative payment": ("payments", "amount", -5.0, 1, "C", "amount is negative"),
    "a payment of nothing": ("payments", "amount", 0.0, 1, "C", "amount is zero"),
    "a payment of part of a cent": ("payments", "amount", 5.001, 1, "C", "amount has a fraction of a cent"),
    "an infinite payment": ("payments", "amount", np.inf, 1, "C", "amount is infinite"),
    "a payment beyond the bound": ("payments", "amount", 100_000_000_000.01, 1, "C", "amount is over 100,000,000,000"),
    "a missing amount": ("payments", "amount", np.nan, 1, "C", "is missing"),
    "a missing value date": ("payments", "value_date", pd.NaT, 1, "C", "is missing"),
    "a value date with a time": (
        "payments",
        "value_date",
        pd.Timestamp("2025-02-10 10:00"),
        1,
        "C",
        "date has a time of day",
    ),
    "a payment before the loan": (
        "payments",
        "value_date",
        pd.Timestamp("2024-12-30"),
        1,
        "C",
        "payment is before the loan was disbursed",
    ),
    "a payment after its reversal": (
        "payments",
        "reversal_date",
        pd.Timestamp("2025-02-09"),
        1,
        "C",
        "payment is dated after its reversal",
    ),
    "a negative principal due": ("instalments", "principal", -1.0, 3, "C", "amount is negative"),
    "a negative interest due": ("instalments", "interest", -0.01, 3, "C", "amount is negative"),
    "a missing interest": ("instalments", "interest", np.nan, 3, "C", "is missing"),
    "a negative fee": ("instalments", "fee", -1.0, 3, "C", "amount is negative"),
    "a missing due date": ("instalments", "due_date", pd.NaT, 3, "C", "is missing"),
    "a due date before the loan": (
        "instalments",
        "due_date",
        pd.Timestamp("2024-12-30"),
        3,
        "C",
        "due date is before the loan was disbursed",
    ),
    "half an instalment number": ("instalments", "instalment_no", 1.5, 3, "C", "value is not a whole number"),
    "instalment number nought": ("instalments", "instalment_no", 0, 3, "C", "whole number"),
    "negative grace": ("loans", "grace_days", -1, 2, "C", "value is not a whole number, 0 or more"),
    "a missing product": ("loans", "product", None, 2, "C", "is missing"),
    "a rate in percent": ("loans", "annual_rate", "18", 2, "C", "rate is not a fraction"),
    "a rate with a percent sign": ("loans", "annual_rate", "18%", 2, "C", "rate is not a fraction"),
    "a rate that is no number": ("loans", "annual_rate", "high", 2, "C", "rate is not a fraction"),
    "a negative rate": ("loans", "annual_rate", "-0.1", 2, "C", "rate is not a fraction"),
    "an infinite rate": ("loans", "annual_rate", float("inf"), 2, "C", "rate is not a fraction"),
    "a missing rate": ("loans", "annual_rate", None, 2, "C", "is missing"),
    "a rate that is true": ("loans", "annual_rate", True, 2, "C", "rate is not a fraction"),
    "a penalty rate in percent": ("loans", "penalty_annual_rate", "36", 2, "C", "rate is not a fraction"),
    "closed without a code": ("loans", "close_code", None, 3, "D", "closed_date and close_code do not come together"),
    "a code without a date": ("loans", "close_code", "sold", 2, "C", "closed_date and close_code do not come together"),
    "a close code that is none": ("loans", "close_code", "lost", 3, "D", "is none of paid_off"),
    "closed before it began": (
        "loans",
        "closed_date",
        pd.Timestamp("2024-09-30"),
        3,
        "D",
        "loan is closed before it was disbursed",
    ),
    "a date beyond the calendar": (
        "loans",
        "closed_date",
        pd.Timestamp("2151-01-01"),
        3,
        "D",
        "date is outside 1950-01-01",
    ),
    "recalled before placed": ("placements", "recall_date", pd.Timestamp("2025-01-31"), 0, "D", "recalled before"),
    "no agency": ("placements", "agency", None, 0, "D", "is missing"),
}


@pytest.mark.parametrize("name", VALUES)
def test_a_wrong_value_is_refused(name):
    table, column, value, row, loan, words = VALUES[name]
    found = first(with_value(table, column, value, row))
    if column == "close_code" and "together" in words:
        column = "closed_date"
    assert (found[0], found[1], found[3]) == (table, row, column)
    assert found[2] == loan or (loan is None and pd.isna(found[2]))
    assert words in found[4]


@pytest.mark.parametrize("name", VALUES)
def test_a_wrong_value_says_what_to_do(name):
    table, column, value, row, _, _ = VALUES[name]
    problems = refused(with_value(table, column, value, row))
    assert problems["what_to_do"].str.len().min() > 10


# Columns of the wrong type as a whole: what to do names the conversion.

TYPES = {
    "ids as numbers": ("loans", "loan_id", [1, 2, 3, 4, 5], "astype"),
    "ids as numbers in an object column": ("payments", "payment_id", pd.Series([1, 2, 3, 4], dtype=object), "astype"),
    "ids of two kinds": ("payments", "payment_id", pd.Series([1, "P2", "P3", "P4"], dtype=object), "astype"),
    "products of two kinds": ("loans", "product", pd.Series([1, "b", "c", "d", "e"], dtype=object), "astype"),
    "amounts as text": ("payments", "amount", ["1010", "520", "300", "301"], "to_numeric"),
    "amounts as true or false": ("payments", "amount", [True] * 4, "to_numeric"),
    "amounts as Decimal": ("payments", "amount", [Decimal("1.00")] * 4, "to_numeric"),
    "instalment numbers as text": ("instalments", "instalment_no", list("1231212"), "to_numeric"),
    "dates as text": ("payments", "value_date", ["2025-03-01"] * 4, "to_datetime"),
    "dates as numbers": ("payments", "value_date", [20250301] * 4, "to_datetime"),
    "dates as datetime.date": ("payments", "value_date", [dt.date(2025, 3, 1)] * 4, "to_datetime"),
    "dates with a zone": (
        "payments",
        "value_date",
        dates(*["2025-03-01"] * 4).dt.tz_localize("Asia/Shanghai"),
        "to_datetime",
    ),
    "dates with a zone in an optional column": (
        "payments",
        "posting_date",
        dates(*["2025-03-16"] * 4).dt.tz_localize("UTC"),
        "to_datetime",
    ),
}


@pytest.mark.parametrize("name", TYPES)
def test_a_column_of_the_wrong_type_is_one_problem(name):
    table, column, values, advice = TYPES[name]
    problems = refused(with_column(table, column, values))
    row = problems[problems["column"] == column].iloc[0]
    assert (row["table"], row["row"]) == (table, 0)
    assert advice in row["what_to_do"]


def test_rates_as_percent_numbers_are_refused_row_by_row():
    problems = refused(with_column("loans", "annual_rate", [18.0, 0.18, 12.0, 0.12, 0.1]))
    assert problems["row"].tolist() == [0, 2]
    assert set(problems["what_to_do"]) == {'Write rates as fractions: "0.18" for 18%.'}


@pytest.mark.parametrize("kind", [float, str, lambda rate: Decimal(str(rate)), lambda rate: Fraction(str(rate))])
def test_rates_of_any_exact_kind_give_one_penalty(kind):
    made = with_column("loans", "annual_rate", pd.Series([kind(0.18)] * 5, dtype=object))
    policy = plain('penalty = { multiple_of_contract = "1.5" }')
    day = ck.assess(ck.Portfolio(**made), policy, as_of=AS_OF).set_index("loan_id")
    assert day["penalty"]["B"] == 0.38  # 500 × 1 × 0.27 / 360 = 0.375


@pytest.mark.parametrize("dtype", ["object", "category", "string", "string[pyarrow]", "str"])
def test_ids_of_any_text_dtype_work(dtype):
    made = {name: frame.astype({"loan_id": dtype}) for name, frame in tables().items()}
    assert ck.assess(ck.Portfolio(**made), plain(), as_of=AS_OF)["days_past_due"].tolist() == [0, 1, 59, 0, 0]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_dates_of_any_unit_work(unit):
    made = tables()
    made["payments"] = made["payments"].astype({"value_date": f"datetime64[{unit}]"})
    assert ck.assess(ck.Portfolio(**made), plain(), as_of=AS_OF)["penalty"].tolist() == [0, 0.25, 27.87, 0, 0]


@pytest.mark.parametrize("values", [[None] * 5, [np.nan] * 5])
@pytest.mark.parametrize("column", ["grace_days", "penalty_annual_rate", "customer_id", "risk_grade", "is_secured"])
def test_an_optional_column_may_hold_nothing(column, values):
    made = with_column("loans", column, pd.Series(values, dtype=object))
    assert ck.assess(ck.Portfolio(**made), plain(), as_of=AS_OF)["days_past_due"].tolist() == [0, 1, 59, 0, 0]


# Ids that repeat.


@pytest.mark.parametrize(
    ("table", "key"), [("loans", "loan_id"), ("payments", "payment_id"), ("placements", "placement_id")]
)
def test_an_id_that_repeats_is_refused_in_both_rows(table, key):
    made = tables()
    made[table] = pd.concat([made[table], made[table].iloc[[0]]])
    problems = refused(made)
    problems = problems[problems["problem"].str.contains("more than once")]
    assert problems["row"].tolist() == [0, len(made[table]) - 1]
    assert set(problems["column"]) == {key}


def test_an_instalment_number_that_repeats_in_a_loan_is_refused():
    problems = refused(with_value("instalments", "instalment_no", 1, 4))
    assert problems["problem"].unique().tolist() == ["loan_id + instalment_no appears more than once"]
    assert problems["row"].tolist() == [3, 4]


def test_the_same_instalment_number_in_two_loans_is_fine():
    assert tables()["instalments"]["instalment_no"].duplicated().any()
    ck.Portfolio(**tables())


# Tables that are wrong as a whole.


@pytest.mark.parametrize("table", ["loans", "instalments", "payments"])
def test_a_missing_column_is_named(table):
    for column in tables()[table].columns.intersection(["loan_id", "due_date", "amount", "principal"]):
        made = tables()
        made[table] = made[table].drop(columns=column)
        problems = refused(made)
        assert (table, column, "column is missing") in set(
            problems[["table", "column", "problem"]].itertuples(index=False)
        )


def test_tables_without_columns_name_every_column():
    problems = refused({name: pd.DataFrame() for name in ("loans", "instalments", "payments")})
    assert problems.groupby("table")["column"].count().to_dict() == {"instalments": 5, "loans": 5, "payments": 4}


def test_a_column_that_is_there_twice_is_refused():
    made = tables()
    made["payments"] = pd.concat([made["payments"], made["payments"][["amount"]]], axis=1)
    problems = refused(made)
    assert (problems["table"][0], problems["column"][0]) == ("payments", "amount")


@pytest.mark.parametrize("value", [None, [1], "loans.csv", {"loan_id": ["A"]}])
def test_what_is_no_table_is_refused(value):
    with pytest.raises(ck.CallError, match=r"loans.*DataFrame"):
        ck.Portfolio(**{**tables(), "loans": value})


def test_a_loan_without_instalments_is_refused():
    made = tables()
    made["instalments"] = made["instalments"].iloc[:-1]
    assert first(made) == ("loans", 4, "E", "loan_id", "loan has no instalments")


# Tables that come only sometimes.


def test_overlapping_placements_are_refused():
    made = with_table(
        "placements",
        placement_id=["H1", "H2"],
        loan_id=["C", "C"],
        agency=["North", "South"],
        placement_date=dates("2025-02-01", "2025-02-15"),
        recall_date=dates("2025-02-16", None),
    )
    assert first(made)[:4] == ("placements", 1, "C", "placement_date")


def test_an_open_placement_followed_by_another_is_refused():
    made = with_table(
        "placements",
        placement_id=["H1", "H2"],
        loan_id=["C", "C"],
        agency=["North", "South"],
        placement_date=dates("2025-02-01", "2025-02-15"),
    )
    assert "recalled" in first(made)[4]


def test_a_placement_on_the_day_of_the_recall_is_fine():
    made = with_table(
        "placements",
        placement_id=["H1", "H2"],
        loan_id=["C", "C"],
        agency=["North", "South"],
        placement_date=dates("2025-02-01", "2025-02-15"),
        recall_date=dates("2025-02-15", None),
    )
    assert len(check_tables(made)) == 0


def test_a_short_placement_inside_a_long_one_is_refused():
    made = with_table(
        "placements",
        placement_id=["H1", "H2", "H3"],
        loan_id=["C"] * 3,
        agency=["North"] * 3,
        placement_date=dates("2025-02-01", "2025-02-05", "2025-02-20"),
        recall_date=dates("2025-03-01", "2025-02-10", None),
    )
    assert refused(made)["row"].tolist() == [1, 2]


def test_a_pause_that_ends_before_it_starts_is_refused():
    made = with_table("pauses", loan_id=["C"], start_date=dates("2025-02-20"), end_date=dates("2025-02-15"))
    assert first(made) == ("pauses", 0, "C", "end_date", "pause ends before it starts")


def test_a_pause_without_an_end_is_refused():
    made = with_table("pauses", loan_id=["C"], start_date=dates("2025-02-20"), end_date=dates(None))
    assert first(made) == ("pauses", 0, "C", "end_date", "is missing")


def test_flags_as_numbers_are_refused():
    made = with_table(
        "pauses", loan_id=["C"], start_date=dates("2025-02-01"), end_date=dates("2025-02-15"), stops_days=[1]
    )
    assert first(made)[3:] == ("stops_days", "values are not true or false")


def test_a_missing_flag_is_true():
    made = with_table(
        "pauses",
        loan_id=["C"],
        start_date=dates("2025-02-01"),
        end_date=dates("2025-02-11"),
        stops_days=pd.array([None], dtype="boolean"),
        stops_penalty=[False],
    )
    assert ck.assess(ck.Portfolio(**made), plain(), as_of=AS_OF)["days_past_due"][2] == 49


def test_a_contact_with_a_party_that_is_none_is_refused():
    made = with_table(
        "contacts",
        contact_id=["K1"],
        loan_id=["C"],
        contacted_at=dates("2025-02-01 09:30"),
        channel=["call"],
        party=["neighbour"],
        result=["no answer"],
    )
    assert first(made)[3:] == ("party", "is none of debtor, guarantor, contact_person")


def test_a_contact_by_a_channel_that_is_none_is_refused():
    made = with_table(
        "contacts",
        contact_id=["K1"],
        loan_id=["C"],
        contacted_at=dates("2025-02-01 09:30"),
        channel=["pigeon"],
        party=["debtor"],
        result=["no answer"],
    )
    assert first(made)[3] == "channel"


def test_a_contact_has_a_time_of_day():
    made = with_table(
        "contacts",
        contact_id=["K1"],
        loan_id=["C"],
        contacted_at=dates("2025-02-01 09:30"),
        channel=["call"],
        party=["debtor"],
        result=["no answer"],
    )
    assert len(check_tables(made)) == 0


def test_a_promise_due_before_it_was_made_is_refused():
    made = with_table(
        "promises",
        promise_id=["V1"],
        loan_id=["C"],
        promised_date=dates("2025-02-10"),
        due_date=dates("2025-02-09"),
        amount=[100.0],
    )
    assert first(made) == ("promises", 0, "C", "due_date", "promise is due before it was made")


# All at once.


def test_all_problems_of_all_tables_come_back_at_once():
    made = tables()
    made["loans"] = made["loans"].assign(annual_rate=["18", "0.12", "x", "0.18", "0.12"])
    made["instalments"] = made["instalments"].assign(principal=[1000.0, -1.0, 500.0, 1000.0, 0.001, 2000.0, np.nan])
    made["payments"] = made["payments"].assign(
        loan_id=["A", "Y", "D", "Z"], value_date=["2025-01-01"] * 4, amount=[np.inf, 1.0, 2.0, 3.0]
    )
    problems = refused(made)
    found = set(problems[["table", "row", "column", "problem"]].itertuples(index=False, name=None))
    assert found == {
        ("loans", 0, "annual_rate", "rate is not a fraction from 0 to 10"),
        ("loans", 2, "annual_rate", "rate is not a fraction from 0 to 10"),
        ("instalments", 1, "principal", "amount is negative"),
        ("instalments", 4, "principal", "amount has a fraction of a cent"),
        ("instalments", 6, "principal", "is missing"),
        ("payments", 0, "value_date", "dates are not of a date type"),
        ("payments", 0, "amount", "amount is infinite"),
        ("payments", 1, "loan_id", "loan is not in loans"),
        ("payments", 3, "loan_id", "loan is not in loans"),
    }


def test_a_problem_has_the_columns_of_the_contract():
    expected = ["table", "row", "loan_id", "column", "problem", "value", "severity", "what_to_do"]
    assert expected == PROBLEM_COLUMNS
    assert list(refused(with_value("payments", "amount", -5.0))) == expected
    assert list(check_tables(tables())) == expected


def test_a_problem_shows_the_value():
    assert refused(with_value("payments", "amount", -5.0))["value"].tolist() == [-5.0]


def test_the_message_counts_names_and_says_what_to_do():
    made = with_column("payments", "amount", [-1.0, -2.0, -3.0, -4.0])
    with pytest.raises(ck.PortfolioError) as caught:
        ck.Portfolio(**made)
    assert "payments.amount: amount is negative in 4 row(s) (A, C, D, …)" in str(caught.value)
    assert "error.problems" in str(caught.value)


def test_rows_are_counted_from_nought_whatever_the_labels():
    made = with_value("payments", "amount", -5.0, row=2)
    made["payments"] = made["payments"].set_axis([7, 7, 7, 7])
    assert first(made)[:3] == ("payments", 2, "D")


def test_problems_with_repeated_labels_keep_their_own_loan():
    made = with_column("payments", "amount", [-1.0, 1.0, 1.0, -4.0])
    made["payments"] = made["payments"].iloc[::-1].set_axis([1, 1, 0, 0])
    assert refused(made)[["row", "loan_id"]].to_numpy().tolist() == [[0, "E"], [3, "A"]]


def mismatched():
    """C lent 2 000.00 and its schedule repays 2 000.01: odd, but possible after a deal."""
    return with_value("instalments", "principal", 1000.01, 3)


def test_a_schedule_that_does_not_add_up_warns_and_works():
    warnings = ck.Portfolio(**mismatched()).warnings
    assert warnings[["table", "row", "loan_id", "severity"]].to_numpy().tolist() == [["loans", 2, "C", "warning"]]


def test_the_five_loans_give_no_warning():
    assert len(ck.Portfolio(**tables()).warnings) == 0


def test_a_message_of_errors_leaves_warnings_out():
    made = {**mismatched(), "payments": tables()["payments"].assign(amount=-1.0)}
    with pytest.raises(ck.PortfolioError) as caught:
        ck.Portfolio(**made)
    assert "has 4 problem(s)" in str(caught.value)
    assert "not the sum" not in str(caught.value)


def test_personal_data_are_not_shown_in_problems():
    problems = refused(with_column("loans", "phone", [13800000000] * 5))
    assert problems["value"].tolist() == ["***"]


def test_an_error_can_be_sent_to_another_process():
    import pickle

    with pytest.raises(ck.PortfolioError) as caught:
        ck.Portfolio(**with_value("payments", "amount", -5.0))
    sent = pickle.loads(pickle.dumps(caught.value))
    assert str(sent) == str(caught.value)
    pd.testing.assert_frame_equal(sent.problems, caught.value.problems)


@pytest.mark.parametrize("error", [ck.CallError, ck.PolicyError, ck.PortfolioError])
def test_every_error_is_a_collectkit_error_and_a_value_error(error):
    assert issubclass(error, ck.CollectkitError)
    assert issubclass(error, ValueError)


def test_instalments_of_a_loan_that_could_overflow_together_are_refused():
    made = tables()
    made["instalments"].loc[made["instalments"]["loan_id"] == "A", "principal"] = 60_000_000_000.0
    problems = refused(made)
    assert problems["problem"].tolist() == ["its instalments add up to over 100,000,000,000"]
    assert problems["loan_id"].tolist() == ["A"]


def test_payments_of_a_loan_that_could_overflow_together_are_refused():
    made = tables()
    made["payments"] = made["payments"].iloc[:2].assign(loan_id="A", amount=60_000_000_000.0)
    assert refused(made)["problem"].tolist() == ["its payments add up to over 100,000,000,000"]


def test_a_blank_product_is_refused():
    made = tables()
    made["loans"]["product"] = " "
    assert set(refused(made)["problem"]) == {"text is blank"}


def test_the_coded_form_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        ck.Portfolio(**tables()).coded.amount[0] = 1
