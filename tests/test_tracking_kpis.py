"""Key figures by hand, and against the ledger."""

from __future__ import annotations

import io

import numpy as np
import openpyxl
import pandas as pd
import pytest

import collectkit as ck
from collectkit import tracking
from collectkit.tracking.kpi_texts import KPIS
from tests.five_loans import dates, one_loan, plain

JUNE = {"start": "2025-06-01", "end": "2025-06-30"}


@pytest.fixture(scope="module")
def demo():
    return ck.load_sample("demo")


@pytest.fixture(scope="module")
def june(demo):
    return tracking.kpis(demo, ck.load_policy(), **JUNE)


def frame(**columns):
    return pd.DataFrame(columns)


def contacts(*rows):
    names = ["contact_id", "loan_id", "contacted_at", "channel", "party", "result", "collector_id"]
    made = pd.DataFrame([[f"T{n}", "L1", *row] for n, row in enumerate(rows)], columns=[*names[:3], names[6]])
    made["contacted_at"] = pd.to_datetime(made["contacted_at"])
    return made.assign(channel="call", party="debtor", result="promised")


def book(payments="2025-03-10 60; 2025-03-20 40", **tables):
    # 100 due 10 February (open on 1 March), 50 due 5 March; no penalty, no grace
    made = one_loan("2025-02-10 100; 2025-03-05 50", payments, disbursed="2025-01-05")
    return made.replacing(**tables)


def march(portfolio, **more):
    policy = plain('penalty = {daily_rate = "0"}')
    return tracking.kpis(portfolio, policy, start="2025-03-01", end="2025-03-31", **more)


def test_recovery_rate_by_hand():
    # opening 100, new 50; 100 came in March: 100 / 150, and 100 / 100 of the opening alone
    table = march(book())
    assert table.loc["recovery_rate", ["numerator", "denominator"]].tolist() == [100.0, 150.0]
    assert table.loc["recovery_rate", "value"] == pytest.approx(2 / 3)
    assert table.loc["recovery_rate_opening", "value"] == 1.0


def test_money_that_comes_on_time_recovers_nothing():
    table = march(book("2025-02-10 100; 2025-03-05 50"))
    assert table.loc["recovery_rate", "missing"] == "there is nothing to divide by in the period"
    assert np.isnan(table.loc["recovery_rate", "value"])


def test_money_of_a_closed_loan_recovers_nothing():
    loans = book().loans.assign(closed_date=dates("2025-03-15"), close_code="written_off")
    table = march(book(loans=loans))
    assert table.loc["recovery_rate", ["numerator", "denominator"]].tolist() == [60.0, 150.0]
    # 150 lent, 60 came before the write-off: 90 of the 150 that stood open on 28 February
    assert table.loc["bad_debt_rate", ["numerator", "denominator"]].tolist() == [90.0, 150.0]


def test_the_money_that_closes_a_loan_is_recovered():
    # 60 on the 10th; 40 and 50 on the 20th pay the loan off and close it: all of 100 + 50
    talk = contacts(["2025-03-18 10:00", "K1"])
    made = book("2025-03-10 60; 2025-03-20 90", contacts=talk)
    loans = made.loans.assign(closed_date=dates("2025-03-20"), close_code="paid_off")
    table = march(made.replacing(loans=loans))
    assert table.loc["recovery_rate", ["numerator", "denominator"]].tolist() == [150.0, 150.0]
    assert table.loc["cash_per_collector", ["numerator", "denominator"]].tolist() == [150.0, 1.0]
    # written off on the 20th: what came that day is not lost, 150 - 60 - 40
    lost = book(loans=loans.assign(close_code="written_off"))
    assert march(lost).loc["bad_debt_rate", ["numerator", "denominator"]].tolist() == [50.0, 150.0]


def test_a_loan_paid_off_on_its_first_day_overdue_was_a_case():
    # due 10 March, paid and closed on the 11th: overdue that morning, recovered that day
    made = one_loan("2025-03-10 50", "2025-03-11 50", disbursed="2025-01-05")
    loans = made.loans.assign(closed_date=dates("2025-03-11"), close_code="paid_off")
    table = march(made.replacing(loans=loans, contacts=contacts(["2025-03-11 09:00", "K1"])))
    assert table.loc["recovery_rate", ["numerator", "denominator"]].tolist() == [50.0, 50.0]
    assert table.loc["outcome_paid_off", ["numerator", "denominator"]].tolist() == [1, 1]
    assert table.loc["first_contact_24h", ["numerator", "denominator"]].tolist() == [1, 1]


def test_success_is_of_the_cases_worked():
    cured = book("2025-03-10 150", contacts=contacts(["2025-03-09 10:00", "K1"]))
    assert march(cured).loc["success_rate", "value"] == 1.0
    partly = book(contacts=contacts(["2025-03-09 10:00", "K1"]))
    assert march(partly).loc["success_rate", "value"] == 0.0
    assert march(partly).loc["paid_something", "value"] == 1.0
    idle = book(contacts=contacts(["2025-02-27 10:00", "K1"]))
    assert march(idle).loc["success_rate", "denominator"] == 0
    assert march(book()).loc["success_rate", "missing"] == "the portfolio has no contacts"


def test_cases_and_cash_go_by_collector():
    rows = [["2025-03-09 10:00", "K1"], ["2025-03-12 10:00", "K2"], ["2025-03-12 11:00", None]]
    table = march(book(contacts=contacts(*rows)))
    assert table.loc["cases_per_collector", "value"] == 0.5
    assert table.loc["cash_per_collector", "value"] == 50.0


@pytest.mark.parametrize(
    ("at", "expected"),
    [("2025-03-10 23:59", 0), ("2025-03-11 00:00", 1), ("2025-03-11 23:59", 1), ("2025-03-12 00:00", 0)],
)
def test_first_contact_counts_on_the_first_day_overdue(at, expected):
    # due 10 March: overdue on the 11th
    loan = one_loan("2025-03-10 50", "", disbursed="2025-01-05").replacing(contacts=contacts([at, "K1"]))
    row = march(loan).loc["first_contact_24h"]
    assert (row["numerator"], row["denominator"]) == (expected, 1)


def test_the_first_day_overdue_comes_after_grace_and_pauses():
    made = one_loan("2025-03-10 50", "", disbursed="2025-01-05", pauses="2025-03-12 2025-03-17")
    policy = plain('penalty = {daily_rate = "0"}; grace_days = 3')
    for at, expected in (("2025-03-18 09:00", 0), ("2025-03-19 09:00", 1)):
        # 10, 11, then 17 March are the three nights of grace that count; overdue from the 19th
        table = tracking.kpis(
            made.replacing(contacts=contacts([at, "K1"])), policy, start="2025-03-01", end="2025-03-31"
        )
        assert table.loc["first_contact_24h", "numerator"] == expected
    panel = ck.track(made, policy, dates=["2025-03-18", "2025-03-19"])
    assert panel["days_past_due"].tolist() == [0, 4]


def test_promises_are_kept_by_count_and_by_amount():
    promises = frame(
        promise_id=["R1", "R2"], loan_id="L1", promised_date=dates("2025-03-08", "2025-03-15"),
        due_date=dates("2025-03-12", "2025-03-31"), amount=[60.0, 80.0],
    )  # fmt: skip
    table = march(book(promises=promises))
    assert table.loc["promises_kept", ["numerator", "denominator"]].tolist() == [1, 2]
    assert table.loc["promised_amount_kept", ["numerator", "denominator"]].tolist() == [100.0, 140.0]


def test_surveys_and_costs_are_given_by_the_caller():
    surveys = frame(
        survey_date=dates("2025-02-28", "2025-03-01", "2025-03-31", "2025-03-31"),
        is_satisfied=[False, True, True, False],
    )
    costs = frame(cost_date=dates("2025-03-31", "2025-04-01"), amount=[25.0, 99.0])
    assert march(book(), costs=costs.tail(1)).loc["cost_to_collect", "missing"] == "no costs were given"
    table = march(book(), surveys=surveys, costs=costs)
    assert table.loc["satisfaction", "value"] == pytest.approx(2 / 3)
    assert table.loc["cost_to_collect", "value"] == 0.25
    assert march(book()).loc[["satisfaction", "cost_to_collect"], "value"].isna().all()


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ({"surveys": frame(survey_date=dates("2025-03-31"))}, "no is_satisfied"),
        ({"surveys": frame(survey_date=dates("2025-03-31"), is_satisfied=["yes"])}, "neither a number nor true"),
        ({"costs": frame(amount=[1.0])}, "no cost_date"),
        ({"costs": frame(cost_date=["2025-03-31"], amount=[1.0])}, "holds no dates"),
    ],
)
def test_surveys_and_costs_that_cannot_be_read_are_refused(rows, message):
    with pytest.raises(ck.CallError, match=message):
        march(book(), **rows)


def test_opening_and_new_less_recovered_is_what_the_ledger_finds_at_the_end(demo):
    # without grace, pauses and closed loans every overdue cent is one of these
    plain_demo = ck.Portfolio(
        loans=demo.loans.drop(columns=["closed_date", "close_code", "grace_days"], errors="ignore"),
        instalments=demo.instalments, payments=demo.payments,
    )  # fmt: skip
    policy = ck.load_policy("plain")
    table = tracking.kpis(plain_demo, policy, **JUNE)

    def overdue(day):
        loans = ck.assess(plain_demo, policy, as_of=day)
        return (loans["overdue_principal"] + loans["overdue_interest"]).sum()

    opening = table.loc["recovery_rate_opening", "denominator"]
    base, recovered = table.loc["recovery_rate", ["denominator", "numerator"]]
    assert opening == pytest.approx(overdue("2025-05-31"), abs=0.005)
    assert base - recovered == pytest.approx(overdue("2025-06-30"), abs=0.005)


def test_cases_are_the_loans_that_were_overdue_on_some_day_of_the_period(demo, june):
    # at the end of a day, or until money came on the first day after grace
    policy = ck.load_policy()
    panel = ck.track(demo, policy, dates=list(pd.date_range("2025-05-31", "2025-06-30")))
    late = panel[panel["days_past_due"] > 0].drop_duplicates("loan_id")
    pieces = ck.allocate(demo, policy, as_of="2025-06-30")
    pieces = pieces[(pieces["value_date"] >= "2025-06-01") & (pieces["days_past_due"] > 0) & (pieces["days_late"] > 0)]
    cases = set(late["loan_id"]) | set(pieces["loan_id"])
    made = demo.contacts
    worked = made.loc[(made["contacted_at"] >= "2025-06-01") & (made["contacted_at"] < "2025-07-01"), "loan_id"]
    assert june.loc["success_rate", "denominator"] == len(set(worked) & cases)
    was_late = set(late.loc[late["as_of"] == "2025-05-31", "loan_id"])
    assert june.loc["first_contact_24h", "denominator"] == len(cases - was_late)


def test_outcomes_are_shares_of_the_cases_resolved(june):
    rows = june.loc[["outcome_cleared", "outcome_paid_off", "outcome_waived"]]
    assert rows["value"].sum() == pytest.approx(1)
    assert rows["denominator"].nunique() == 1


def test_every_figure_has_words_in_both_languages(june):
    assert list(june.index) == list(KPIS)
    assert (june[["label", "label_zh", "definition", "definition_zh"]] != "").all(axis=None)
    assert ((june["value"].isna()) == (june["missing"] != "")).all()
    assert ((june["missing"] != "") == (june["missing_zh"] != "")).all()


def test_every_number_is_written_in_its_own_unit():
    # by hand: 100 of 150 recovered, 1 of 1 case paid something, no survey
    table = march(book(contacts=contacts(["2025-03-09 10:00", "K1"])))
    shown = tracking.worded_kpis(table)
    figures = ["value", "numerator", "denominator"]
    assert shown.loc["recovery_rate", figures].tolist() == ["66.67%", "100.00", "150.00"]
    assert shown.loc["paid_something", figures].tolist() == ["100.00%", "1", "1"]
    assert shown.loc["cash_per_collector", figures].tolist() == ["100.00", "100.00", "1"]
    assert shown.loc["cases_per_collector", figures].tolist() == ["1.00", "1", "1"]
    assert shown.loc["satisfaction", figures].tolist() == ["–", "–", "–"]
    assert shown.loc["satisfaction", "definition"].endswith("(no survey rows were given)")
    assert tracking.worded_kpis(table, language="zh").loc["satisfaction", "definition"].endswith("（未提供满意度调查）")
    with pytest.raises(ck.CallError, match="fr"):
        tracking.worded_kpis(table, language="fr")


def test_the_workbook_holds_numbers_in_their_own_units(june):
    page = openpyxl.load_workbook(io.BytesIO(tracking.kpi_workbook(june, language="zh", above=["关键指标"]))).active
    assert page["A1"].value == "关键指标"
    cells = {page.cell(row, 1).value: [page.cell(row, at) for at in (2, 3, 4)] for row in range(3, page.max_row + 1)}
    rate, over, _ = cells["回收率"]
    assert (rate.value, rate.number_format) == (pytest.approx(june.loc["recovery_rate", "value"]), "0.00##%")
    assert (over.value, over.number_format) == (june.loc["recovery_rate", "numerator"], "#,##0.00")
    assert cells["成功率"][2].number_format == "#,##0"
    assert cells["满意度"][0].value is None


def test_complaints_go_by_the_loans_contacted(demo):
    year = tracking.kpis(demo, ck.load_policy(), start="2025-01-01", end="2025-12-31")
    rates = ck.casework.complaint_rates(demo, start="2025-01-01", end="2025-12-31")
    assert year.loc["complaints_per_1000", "numerator"] == rates["complaints"].sum()


def test_a_period_that_ends_before_it_begins_is_refused(demo):
    with pytest.raises(ck.CallError, match="earlier date first"):
        tracking.kpis(demo, ck.load_policy(), start="2025-06-30", end="2025-06-01")


def test_the_form_of_targets_sets_two_periods_side_by_side(june, demo):
    policy = ck.load_policy("cn-microloan")
    may = tracking.kpis(demo, policy, start="2025-05-01", end="2025-05-31")
    form = tracking.target_form(june, may, language="zh")
    assert form["value"].equals(tracking.worded_kpis(june)["value"])
    assert form["before"].tolist() == tracking.worded_kpis(may)["value"].tolist()
    assert set(form["target"]) == set(form["assessment"]) == {"__________"}  # nobody but a person fills these in
