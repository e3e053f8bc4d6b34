"""Our statement beside the agency's: every planted difference is found, and no other."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import collectkit as ck
from collectkit.agencies import read_agency_file, reconcile, reconciliation_totals
from tests.five_loans import one_loan, plain

JUNE = pd.Timestamp("2025-06-01")


def book_of(size):
    """One loan a payment: due 1 January, placed with North 1 March, paid on some day of June.

    The last tenth is special, in equal parts: paid in May; paid on the day of the placement; paid after the recall;
    with South; paid by the lender's own debit.
    """
    number = np.arange(size)
    special = np.where(number < size * 9 // 10, -1, number % 5)
    loan = pd.Series([f"L{n:06}" for n in number])
    placed = pd.Series(pd.Timestamp("2025-03-01"), number).mask(special == 1, JUNE + pd.to_timedelta(number % 28, "D"))
    paid = JUNE + pd.to_timedelta(number % 28, "D")
    paid = pd.Series(paid).mask(special == 0, pd.Timestamp("2025-05-10"))
    return special, ck.Portfolio(
        loans=pd.DataFrame(
            {"loan_id": loan, "product": "consumer", "disbursement_date": pd.Timestamp("2024-12-01"),
             "principal": 50_000.0, "annual_rate": "0.18"}
        ),
        instalments=pd.DataFrame(
            {"loan_id": loan, "instalment_no": 1, "due_date": pd.Timestamp("2025-01-01"), "principal": 50_000.0,
             "interest": 0.0}
        ),
        payments=pd.DataFrame(
            {"payment_id": [f"P{n:06}" for n in number], "loan_id": loan, "value_date": paid,
             "amount": (number % 4_999 + 1) / 100 + 100, "method": np.where(special == 4, "auto_debit", "transfer")}
        ),
        placements=pd.DataFrame(
            {"placement_id": [f"H{n:06}" for n in number], "loan_id": loan,
             "agency": np.where(special == 3, "South", "North"), "placement_date": placed,
             "recall_date": pd.Series(pd.NaT, number, dtype="datetime64[us]").mask(special == 2,
                                                                                   pd.Timestamp("2025-05-01"))}
        ),
    )  # fmt: skip


def statement_of(book):
    return ck.agencies.commission_statement(book, ck.load_policy("cn-microloan"), "North", period="2025-06")


def claimed_of(book, lines):
    """What the agency would send if it agreed."""
    return lines[["payment_id", "loan_id", "value_date", "commissionable", "rate", "commission"]].copy()


def counted(found):
    return found["outcome"].astype("str").value_counts().to_dict()


def test_every_planted_difference_of_100_000_lines_is_found_and_no_other():
    special, book = book_of(110_000)
    june = statement_of(book)
    file = claimed_of(book, june.lines)
    assert len(file) == 99_000
    paid = book.payments.set_index("payment_id")
    wanted = pd.Series("agreed", june.lines["payment_id"])

    def plant(outcome, first, count=100):
        chosen = file.index[first : first + count]
        wanted[file.loc[chosen, "payment_id"]] = outcome
        return chosen

    file.loc[plant("amount_differs", 0), "commissionable"] += 0.01
    at = plant("wrong_rate", 100)
    file.loc[at, "rate"] = 0.25
    file.loc[at, "commission"] = (file.loc[at, "commissionable"] * 0.25).round(2)
    no_id = plant("agreed", 200, 300)
    file.loc[no_id, "payment_id"] = None
    file.loc[no_id, "value_date"] += pd.to_timedelta(np.arange(300) % 7 - 3, "D")
    gone = plant("missing_in_statement", 600)
    twice = file.iloc[700:800]
    made_up = file.iloc[800:900].assign(
        payment_id=[f"X{n}" for n in range(100)], loan_id="L000900", commissionable=np.arange(100) + 0.37
    )
    others = pd.DataFrame(
        {
            "payment_id": [
                name for part in (0, 1, 2, 3, 4) for name in book.payments["payment_id"][special == part][:100]
            ]
        }
    )
    others = others.assign(
        loan_id=paid.loc[others["payment_id"], "loan_id"].to_numpy(),
        value_date=paid.loc[others["payment_id"], "value_date"].to_numpy(),
        commissionable=paid.loc[others["payment_id"], "amount"].to_numpy(), rate=0.2, commission=20.0,
    )  # fmt: skip
    file = pd.concat([file.drop(gone), twice, made_up, others], ignore_index=True)
    file = file.sample(frac=1, random_state=1).reset_index(drop=True)

    began = time.perf_counter()
    found = reconcile(june, file)
    assert time.perf_counter() - began < 10

    expected = wanted.value_counts().to_dict()
    expected |= {"missing_in_ledger": 100, "outside_window": 200, "after_recall": 100, "not_commissionable": 100}
    expected["duplicate"] = 200
    assert counted(found) == expected
    in_statement = found[found["outcome"].isin(["agreed", "amount_differs", "wrong_rate", "missing_in_statement"])]
    assert in_statement.set_index("payment_id")["outcome"].astype("str").reindex(wanted.index).tolist() == list(wanted)
    reasons = dict(enumerate(["stated_before", "before_placement", "after_recall", "other_agency", "own_debit"]))
    shown = found.set_index("payment_id")["why"]
    for part, reason in reasons.items():
        assert set(shown[book.payments["payment_id"][special == part][:100]]) == {reason}
    assert set(found.loc[found["why"] == "claimed_twice", "payment_id"]) == set(twice["payment_id"])
    totals = reconciliation_totals(found).iloc[-1]
    assert totals["commission"] == pytest.approx(june.totals["commission"][0], abs=0.001)
    assert totals["claimed_commission"] == pytest.approx(file["commission"].sum(), abs=0.001)
    assert totals["over_claimed"] == pytest.approx(totals["claimed_commission"] - totals["commission"], abs=0.001)


@settings(max_examples=30)
@given(st.lists(st.sampled_from(["keep", "drop", "twice", "amount", "rate", "no_id", "made_up"]), min_size=18,
                max_size=18))  # fmt: skip
def test_totals_tie_whatever_is_claimed(plan):
    lines = SMALL.lines
    rows = []
    for number, (what, line) in enumerate(zip(plan, lines.to_dict("records"), strict=True)):
        line = {name: line[name] for name in ("payment_id", "loan_id", "value_date", "commissionable", "commission")}
        changes = {
            "amount": {"commissionable": line["commissionable"] + 7},
            "rate": {"commission": 1.11},
            "no_id": {"payment_id": None},
            "made_up": {"payment_id": f"X{number}", "loan_id": "nobody"},
        }
        if what != "drop":
            rows += [line | changes.get(what, {})] * (2 if what == "twice" else 1)
    file = pd.DataFrame(rows, columns=["payment_id", "loan_id", "value_date", "commissionable", "commission"])
    found = reconcile(SMALL, file)
    counts = {
        "agreed": sum(what in ("keep", "twice", "no_id") for what in plan),
        "missing_in_statement": sum(what in ("drop", "made_up") for what in plan),
        "duplicate": plan.count("twice"), "amount_differs": plan.count("amount"), "wrong_rate": plan.count("rate"),
        "missing_in_ledger": plan.count("made_up"),
    }  # fmt: skip
    assert counted(found) == {name: count for name, count in counts.items() if count}
    assert round(found["commission"].sum(), 2) == round(lines["commission"].sum(), 2)
    assert round(found["claimed_commission"].sum(), 2) == round(float(file["commission"].sum()), 2)


SMALL = statement_of(book_of(20)[1])


def outcomes(found):
    return found[["outcome", "why", "payment_id", "over_claimed"]].astype(object).fillna("").to_numpy().tolist()


def june_of(payments, placements="North 2025-02-01", rules=None):
    book = one_loan("2025-01-01 10000", payments, placements=placements)
    rules = rules or plain('penalty = { daily_rate = "0" }')
    return ck.agencies.commission_statement(book, rules, "North", period="2025-06")


def file_of(*rows):
    return pd.DataFrame(rows, columns=["payment_id", "loan_id", "value_date", "commissionable", "commission"]).astype(
        {"value_date": "datetime64[us]"}
    )


def test_two_payments_of_one_amount_are_matched_to_the_nearest_date_one_to_one():
    june = june_of("2025-06-10 100; 2025-06-12 100")
    found = reconcile(june, file_of([None, "L1", "2025-06-11", 100, 20], [None, "L1", "2025-06-13", 100, 20]))
    assert found[["outcome", "payment_id", "row"]].to_numpy().tolist() == [["agreed", "P1", 0], ["agreed", "P2", 1]]


def test_four_days_apart_is_another_payment():
    june = june_of("2025-06-10 100")
    for day, outcome in (("2025-06-13", ["agreed"]), ("2025-06-14", ["missing_in_ledger", "missing_in_statement"])):
        assert reconcile(june, file_of([None, "L1", day, 100, 20]))["outcome"].tolist() == outcome


def test_a_line_repeated_without_an_id_is_a_duplicate():
    line = [None, "L1", "2025-06-10", 100, 20]
    found = reconcile(june_of("2025-06-10 100"), file_of(line, line))
    assert outcomes(found) == [["duplicate", "claimed_twice", "", 20.0], ["agreed", "", "P1", 0.0]]


def test_money_taken_back_is_compared_apart_from_money_received():
    june = june_of("2025-05-10 100 reversed=2025-06-02; 2025-06-10 50")
    found = reconcile(june, file_of(["P1", "L1", "2025-05-10", -100, -20], ["P2", "L1", "2025-06-10", 50, 10]))
    assert set(found["outcome"]) == {"agreed"}
    assert reconcile(june, file_of(["P2", "L1", "2025-06-10", 50, 10]))["outcome"].tolist() == [
        "missing_in_statement", "agreed",
    ]  # fmt: skip


def test_a_payment_posted_after_the_close_belongs_to_a_later_month():
    found = reconcile(june_of("2025-06-28 100 posted=2025-07-02"), file_of(["P1", "L1", "2025-06-28", 100, 20]))
    assert outcomes(found) == [["outside_window", "after_period", "P1", 20.0]]


def test_a_fee_without_a_payment_is_matched_by_its_loan_and_date():
    tariff = ck.load_policy("plain").tariffs[0].model_copy(update={"flat_fee_per_case": 12})
    rules = plain().model_copy(update={"tariffs": (tariff,)})
    june = june_of("", "North 2025-06-05", rules)
    found = reconcile(june, file_of([None, "L1", "2025-06-05", 0, 12.0]))
    assert found[["outcome", "commission"]].to_numpy().tolist() == [["agreed", 12.0]]


def test_an_empty_file_misses_every_line():
    found = reconcile(SMALL, file_of())
    assert set(found["outcome"]) == {"missing_in_statement"}
    assert found["over_claimed"].sum().round(2) == -SMALL.lines["commission"].sum().round(2)


def test_a_file_without_amounts_is_refused():
    with pytest.raises(ck.CallError, match="commissionable"):
        reconcile(SMALL, file_of().drop(columns="commissionable"))
    with pytest.raises(ck.CallError, match=r"missing in 1 of 1 lines \(row 0\)"):
        reconcile(SMALL, file_of(["P1", "L1", "2025-06-05", None, 12.0]))


# The agency's file.


def test_a_chinese_file_is_read_by_its_headers(tmp_path):
    path = tmp_path / "六月.csv"
    path.write_bytes(
        '还款流水号,借据号,回款日期,回款金额(元),佣金率(%),佣金\nP1,L1,2025年6月3日,"1,000.00",7,70.00\n'
        "合计,,,1000.00,,70.00\n".encode("gb18030")
    )
    lines, problems = read_agency_file(path)
    assert len(problems[problems["severity"] == "error"]) == 0
    assert lines.to_dict("records") == [
        {"payment_id": "P1", "loan_id": "L1", "value_date": pd.Timestamp("2025-06-03"), "commissionable": 1000.0,
         "rate": 0.07, "commission": 70.0}
    ]  # fmt: skip


def test_a_cell_that_cannot_be_read_is_a_problem_with_its_row(tmp_path):
    path = tmp_path / "june.csv"
    path.write_text("payment_id,received,fee\nP1,100,7\nP2,about 50,3\n", encoding="utf-8")
    lines, problems = read_agency_file(path)
    assert problems[["row", "column", "value"]].to_numpy().tolist() == [[3, "commissionable", "about 50"]]
    with pytest.raises(ck.CallError, match="row 3"):
        reconcile(SMALL, lines)


def test_columns_can_be_named(tmp_path):
    path = tmp_path / "june.csv"
    path.write_text("Ref,Euros,Ours\nP1,1.5,7\n", encoding="utf-8")
    with pytest.raises(ck.CallError, match="commissionable and commission"):
        read_agency_file(path)
    columns = {"payment_id": "Ref", "commissionable": {"from": "Euros", "unit": "10000"}, "commission": "Ours"}
    assert read_agency_file(path, columns=columns)[0].to_numpy().tolist() == [["P1", 15000.0, 7.0]]
