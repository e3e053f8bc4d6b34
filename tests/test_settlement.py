"""Settlement of a month: sums and ties of all agencies, and a file that is compared with the right one."""

from __future__ import annotations

import pandas as pd
import pytest

import collectkit as ck
from collectkit.agencies import commission_statement, settlement
from collectkit.errors import CallError
from tests.five_loans import five_loans, plain


@pytest.fixture(scope="module")
def demo():
    return ck.load_sample("demo"), ck.load_policy("cn-microloan")


@pytest.fixture(scope="module")
def june(demo):
    return settlement(*demo, period="2025-06")


def test_each_agencys_statement_is_the_one_it_gets_alone(demo, june):
    assert [one.agency for one in june.statements] == ["Anxin", "Borui", "Chengda"]
    alone = commission_statement(*demo, "Borui", period="2025-06")
    pd.testing.assert_frame_equal(june.statements[1].lines, alone.lines)
    of = june.totals[june.totals["agency"] == "Borui"].drop(columns=["agency", "period"]).reset_index(drop=True)
    pd.testing.assert_frame_equal(of, alone.totals)


def test_sums_hold_every_line_once(june):
    lines = pd.concat([one.lines for one in june.statements])
    parts, total = june.sums.iloc[:-1], june.sums.iloc[-1]
    assert total["kind"] == "total"
    assert parts["lines"].sum() == total["lines"] == len(lines)
    assert round(parts["commission"].sum(), 2) == total["commission"] == round(lines["commission"].sum(), 2)
    assert not parts.duplicated(["agency", "kind", "band", "rate"]).any()


def test_everything_ties(june):
    assert len(june.ties) == 15
    assert (june.ties["apart"] == 0).all()
    assert (june.ties["one_side"] != 0).all()


def test_cash_while_another_agency_had_the_loan_is_told_apart(june):
    cash = june.cash.set_index(["agency", "reason"])
    assert cash.loc[("Borui", "other_agency"), "amount"] == 824.0
    assert not cash.loc[("Borui", "other_agency"), "is_commissionable"]


def test_a_payment_taken_back_is_among_the_clawbacks(demo):
    book, policy = demo
    paid = book.payments
    back = paid["reversal_date"].mask(paid["payment_id"] == "P16129", pd.Timestamp("2025-06-10"))
    made = settlement(book.replacing(payments=paid.assign(reversal_date=back)), policy, period="2025-06")
    assert made.clawbacks[["payment_id", "commission"]].values.tolist() == [["P16129", -832.7]]
    assert (made.ties["apart"] == 0).all()
    assert made.sums.set_index("kind").loc["clawback", "commission"] == -832.7


def test_a_fee_on_the_placement_leaves_cash_without_lines(demo):
    book, policy = demo
    tariff = policy.tariff("elapsed_months").model_copy(update={"basis": "placed", "age_at": "placement"})
    made = settlement(book, policy.model_copy(update={"tariffs": (tariff,)}), period="2025-06", agency="Chengda")
    apart = made.ties.set_index("tie")["apart"]
    assert apart["cash_lines"] == 21024.0
    assert (apart.drop("cash_lines") == 0).all()


def test_a_file_is_compared_with_its_agency(demo, tmp_path):
    made = settlement(*demo, period="2025-06", agency="Chengda")
    file = made.statements[0].lines[["payment_id", "loan_id", "value_date", "commissionable", "rate", "commission"]]
    file.drop(index=0).to_csv(tmp_path / "june.csv", index=False)
    found = made.reconciled(tmp_path / "june.csv")
    assert found["outcome"].astype("str").tolist() == ["missing_in_statement"] + ["agreed"] * (len(file) - 1)
    assert made.reconciled("").empty
    assert list(made.reconciled("").columns) == list(found.columns)


def test_a_file_of_nobody_in_particular_is_refused(june, tmp_path):
    with pytest.raises(CallError, match="one agency only"):
        june.reconciled(tmp_path / "june.csv")


def test_an_unknown_agency_and_a_book_without_placements_are_refused(demo):
    with pytest.raises(CallError, match="no agency 'Nobody'"):
        settlement(*demo, period="2025-06", agency="Nobody")
    book = five_loans()
    with pytest.raises(CallError, match="nothing to settle"):
        settlement(book.replacing(placements=book.placements.iloc[:0]), plain(), period="2025-06")
    with pytest.raises(CallError, match="not a month"):
        settlement(*demo, period="2025-13")
