"""The portfolio: immutable, typed, and the same whatever the order of its rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import collectkit as ck
from collectkit.columns import COLUMNS, TABLES
from tests.five_loans import AS_OF, dates, five_loans, plain, tables


def figures(portfolio):
    return ck.assess(portfolio, plain(), as_of=AS_OF)


def spoil(frame):
    """Write over every number and text of a frame in place."""
    for column in frame.columns:
        kind = frame[column].dtype
        if pd.api.types.is_numeric_dtype(kind):
            frame.loc[:, column] = 7
        elif pd.api.types.is_string_dtype(kind):
            frame.loc[:, column] = "X"
        else:
            frame.loc[:, column] = pd.NaT


@pytest.mark.parametrize("name", ["loans", "instalments", "payments", "placements"])
def test_changing_a_frame_it_was_given_changes_nothing(name):
    made = tables()
    book = ck.Portfolio(**made)
    spoil(made[name])
    pd.testing.assert_frame_equal(figures(book), figures(five_loans()))
    pd.testing.assert_frame_equal(book.table(name), five_loans().table(name))


@pytest.mark.parametrize("name", ["loans", "instalments", "payments", "placements"])
def test_changing_a_frame_it_gave_changes_nothing(name):
    book = five_loans()
    spoil(book.table(name))
    pd.testing.assert_frame_equal(book.table(name), five_loans().table(name))
    pd.testing.assert_frame_equal(figures(book), figures(five_loans()))


def test_changing_a_result_changes_nothing():
    book = five_loans()
    for call in (ck.assess, ck.allocate):
        before = call(book, plain(), as_of=AS_OF)
        spoil(call(book, plain(), as_of=AS_OF).drop(columns=["status", "bucket", "channel"], errors="ignore"))
        pd.testing.assert_frame_equal(call(book, plain(), as_of=AS_OF), before)


def test_the_frames_given_are_not_changed():
    made = tables()
    figures(ck.Portfolio(**made))
    for name, frame in tables().items():
        pd.testing.assert_frame_equal(made[name], frame)


def test_tables_cannot_be_exchanged_in_place():
    book = five_loans()
    with pytest.raises(AttributeError):
        book.payments = tables()["payments"].iloc[:0]
    tables_of = book.tables
    if isinstance(tables_of, dict):
        tables_of["payments"] = None
    assert len(book.payments) == 4


def test_numpy_views_do_not_reach_into_the_portfolio():
    book = five_loans()
    amounts = book.payments["amount"].to_numpy()
    if amounts.flags.writeable:
        amounts[:] = 7
    assert book.payments["amount"].tolist() == [1010.0, 520.0, 300.0, 301.0]


def test_other_columns_are_kept_and_ignored():
    made = tables()
    made["loans"] = made["loans"].assign(branch=["x"] * 5, penalty=[object()] * 5)
    book = ck.Portfolio(**made)
    assert book.loans["branch"].tolist() == ["x"] * 5
    pd.testing.assert_frame_equal(figures(book), figures(five_loans()))


def test_tables_not_given_are_empty_with_their_columns():
    book = five_loans()
    for name in ("pauses", "contacts", "promises", "collectors"):
        assert list(book.table(name)) == list(TABLES[name].required)
        assert len(book.table(name)) == 0


def test_columns_have_the_dtypes_of_the_nomenclature():
    made = {name: frame.astype({"loan_id": object}) for name, frame in tables().items()}
    made["instalments"] = made["instalments"].astype({"principal": "int64", "instalment_no": "float64"})
    book = ck.Portfolio(**made)
    for frame in book.tables.values():
        for name in frame.columns:
            kind, dtype = COLUMNS[name].kind, frame[name].dtype
            if kind == "date":
                assert dtype == "datetime64[us]"
            if kind == "money":
                assert dtype == "float64"
            if kind == "id":
                assert dtype == "str"
    assert book.instalments["instalment_no"].dtype == "int64"


def test_an_unknown_table_lists_the_tables():
    with pytest.raises(ck.CallError, match=r"'loan'.*collectors, complaints, contacts, instalments"):
        five_loans().table("loan")


def test_replacing_a_table_checks_anew():
    with pytest.raises(ck.PortfolioError, match="loan is not in loans"):
        five_loans().replacing(payments=tables()["payments"].assign(loan_id="Z"))


def test_replacing_a_table_leaves_the_first_portfolio_as_it_was():
    book = five_loans()
    other = book.replacing(payments=tables()["payments"].iloc[:0])
    assert (len(book.payments), len(other.payments)) == (4, 0)


def test_replacing_a_table_that_is_none_lists_the_tables():
    with pytest.raises(ck.CallError, match=r"payment.*payments"):
        five_loans().replacing(payment=tables()["payments"])


def test_selecting_keeps_what_belongs_to_the_loans():
    book = five_loans().selecting(["D", "C"])
    counts = {name: len(frame) for name, frame in book.tables.items() if len(frame)}
    assert counts == {"loans": 2, "instalments": 3, "payments": 2, "placements": 1}


@pytest.mark.parametrize("ids", [["C"], ("C",), {"C"}, pd.Series(["C"]), np.array(["C"]), iter(["C"])])
def test_selecting_takes_any_ids(ids):
    assert five_loans().selecting(ids).loans["loan_id"].tolist() == ["C"]


def test_selecting_nothing_gives_an_empty_portfolio_that_works():
    none = figures(five_loans().selecting([]))
    assert len(none) == 0
    assert none["penalty"].dtype == "float64"


def test_selecting_an_unknown_loan_names_it():
    with pytest.raises(ck.CallError, match="no loan Z"):
        five_loans().selecting(["A", "Z"])


def test_selecting_one_text_is_refused():
    with pytest.raises(ck.CallError, match="list"):
        five_loans().selecting("A")


def test_first_and_last_date():
    assert five_loans().first_date == pd.Timestamp("2024-10-01")
    assert five_loans().last_date == pd.Timestamp("2025-03-15")


def test_the_last_date_goes_by_posting():
    made = tables()
    made["payments"] = made["payments"].assign(posting_date=dates(None, None, "2025-04-02", None))
    assert ck.Portfolio(**made).last_date == pd.Timestamp("2025-04-02")


def test_an_empty_portfolio_has_no_dates():
    none = five_loans().selecting([])
    assert pd.isna(none.first_date)
    assert pd.isna(none.last_date)


def test_a_portfolio_can_be_sent_to_another_process():
    import pickle

    sent = pickle.loads(pickle.dumps(five_loans()))
    pd.testing.assert_frame_equal(figures(sent), figures(five_loans()))


def test_a_portfolio_says_what_it_holds():
    assert repr(five_loans()) == "Portfolio(5 loans, 7 instalments, 4 payments, 1 placements)"


def test_a_large_amount_for_ten_years_stays_exact():
    made = {
        "loans": pd.DataFrame({"loan_id": ["L"], "product": ["x"], "disbursement_date": dates("2014-01-01"),
                               "principal": [1e11], "annual_rate": ["0.18"]}),
        "instalments": pd.DataFrame({"loan_id": ["L"], "instalment_no": [1], "due_date": dates("2015-01-01"),
                                     "principal": [99_999_999_999.99], "interest": [0.0]}),
        "payments": tables()["payments"].iloc[:0],
    }  # fmt: skip
    # 99 999 999 999.99 × 3 650 × 0.0005 = 182 499 999 999.98175
    day = ck.assess(ck.Portfolio(**made), plain(), as_of="2024-12-29")
    assert day["penalty"].tolist() == [182_499_999_999.98]
