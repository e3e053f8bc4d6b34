"""Plans and legal: what a plan does to days and penalty, and which case is worth a suit, by hand."""

from __future__ import annotations

import pandas as pd
import pytest

import collectkit as ck
from collectkit import casework
from tests.contacts import contact_rows
from tests.five_loans import one_loan, plain

# 1 000 principal due 1 March 2025, 0.0005 a day on principal, no grace, no fee: on 31 March 30 days, penalty 15.00
LATE = one_loan("2025-03-01 1000", loan='annual_rate = "0.12"')


def plan(portfolio=LATE, **given):
    return casework.propose_plan(portfolio, plain(), "L1", **{"as_of": "2025-03-31", **given})


def effect(proposed, case):
    rows = proposed.effect[proposed.effect["case"] == case]
    return list(zip(rows["days_past_due"], rows["penalty"], rows["total_due"], strict=True))


def test_a_deferral_of_three_days_stops_days_and_penalty():
    proposed = plan(kind="deferral")
    assert proposed.schedule.to_numpy().tolist() == [[pd.Timestamp("2025-04-03"), 1015.0]]
    assert effect(proposed, "unpaid") == [(30, 15.0, 1015.0), (33, 16.5, 1016.5)]
    assert effect(proposed, "paid_without_pause") == [(30, 15.0, 1015.0), (33, 0.0, 1.5)]
    assert effect(proposed, "plan_kept") == [(30, 15.0, 1015.0), (0, 0.0, 0.0)]
    assert (proposed.start_date, proposed.end_date) == (pd.Timestamp("2025-03-31"), pd.Timestamp("2025-04-03"))


def test_a_plan_of_three_months_by_hand():
    # 1 015.00 = 338.34 + 338.33 + 338.33; penalty is paid first: 15.00, then 323.34 of principal, …
    proposed = plan(months=3)
    assert proposed.schedule["amount"].tolist() == [338.34, 338.33, 338.33]
    assert [f"{day:%m-%d}" for day in proposed.schedule["due_date"]] == ["04-30", "06-03", "06-30"]  # 31 May: a holiday
    assert effect(proposed, "plan_kept") == [(30, 15.0, 1015.0), (30, 0.0, 676.66), (30, 0.0, 338.33), (0, 0.0, 0.0)]
    # without the pause, 30 April: 60 nights × 1 000 × 0.0005 = 30.00 first, then 308.34 of principal; 691.66 left
    assert effect(proposed, "paid_without_pause")[1] == (60, 0.0, 691.66)
    # then 34 nights × 691.66 × 0.0005 = 11.76 (30.00 + 11.75822 rounded once, less 30.00 paid)
    assert effect(proposed, "paid_without_pause")[2][2] == pytest.approx(691.66 + 11.76 - 338.33)
    assert effect(proposed, "rescheduled")[0] == (0, 0.0, 0.0)


def test_a_short_plan_pays_half_this_week_and_the_rest_this_month():
    proposed = plan(as_of="2025-03-11", kind="short")  # 1 005.00; a Tuesday; Sunday 16 March moves to Monday
    assert [f"{day:%m-%d}" for day in proposed.schedule["due_date"]] == ["03-17", "03-31"]
    assert proposed.schedule["amount"].tolist() == [502.5, 502.5]


def test_money_that_really_came_later_is_left_out():
    paid = one_loan("2025-03-01 1000", "2025-04-01 1015", loan='annual_rate = "0.12"')
    assert effect(plan(paid, kind="deferral"), "unpaid") == effect(plan(kind="deferral"), "unpaid")


def test_coming_instalments_are_paid_as_they_fall_due():
    two = one_loan("2025-03-01 1000; 2025-04-15 1000", loan='annual_rate = "0.12"')
    proposed = plan(two, months=1)
    assert effect(proposed, "unpaid")[-1] == (60, 37.5, 2037.5)  # 1 000 × 60 and 1 000 × 15 nights
    assert effect(proposed, "plan_kept")[-1] == (0, 0.0, 0.0)


def test_the_portfolio_itself_is_not_changed():
    before = len(LATE.payments), len(LATE.pauses)
    plan()
    assert (len(LATE.payments), len(LATE.pauses)) == before


@pytest.mark.parametrize(("given", "words"), [
    ({"months": 61}, "1 to 60 instalments"), ({"months": 0}, "1 to 60"),
    ({"kind": "loan"}, "deferral, instalments, short"),
    ({"kind": "deferral", "days": 0}, "at least one day"), ({"as_of": "2025-02-01"}, "owes nothing"),
])  # fmt: skip
def test_a_plan_that_cannot_be_says_why(given, words):
    with pytest.raises(ck.CallError, match=words):
        plan(**given)


def test_an_unknown_loan_says_so():
    with pytest.raises(ck.CallError, match="no loan 'L9'"):
        casework.propose_plan(LATE, plain(), "L9", as_of="2025-03-31")


# Legal.


def legal(portfolio, as_of="2025-05-30", **given):
    given = {"recovery_rate": "0.4", "lawyer_fee": 0.0, **given}
    return casework.legal_candidates(portfolio, plain(), as_of=as_of, **given)


def test_the_sums_of_a_case_by_hand():
    # day 91: 100 000 + 100 000 × 91 × 0.0005 = 104 550.00; fee 2 300 + 4 550 × 2% = 2 391.00, half of it 1 195.50
    row = legal(one_loan("2025-03-01 100000"), "2025-05-31", lawyer_fee=5000.0).iloc[0]
    assert (row["claim"], row["court_fee"]) == (104_550.0, 1_195.5)
    assert row["expected_recovery"] == 41_820.0
    assert row["net_recovery"] == 41_820.0 - 1_195.5 - 5_000.0
    assert (row["is_candidate"], row["may_be_filed"]) == (True, True)


def test_preparation_opens_on_day_90_and_filing_on_day_91():
    assert legal(LATE, "2025-05-29").empty
    day_90, day_91 = legal(LATE, "2025-05-30"), legal(LATE, "2025-05-31")
    assert (day_90["may_be_filed"].tolist(), day_91["may_be_filed"].tolist()) == ([False], [True])


@pytest.mark.parametrize(("lawyer_fee", "is_candidate"), [(392.99, True), (393.0, False)])
def test_a_case_is_worth_it_only_above_its_cost(lawyer_fee, is_candidate):
    # 1 000 + 45.00 penalty: 418.00 expected, court fee 50 / 2 = 25.00
    assert legal(LATE, lawyer_fee=lawyer_fee)["is_candidate"].tolist() == [is_candidate]


def test_a_live_plan_or_an_open_promise_keeps_a_case_out_of_court():
    paused = one_loan("2025-02-20 1000", pauses="2025-05-25 2025-06-25 nights", loan='annual_rate = "0.12"')
    assert legal(paused)["reason"].tolist() == ["a plan is live or a promise is open"]
    promised = LATE.replacing(promises=pd.DataFrame({
        "promise_id": ["R"], "loan_id": ["L1"], "promised_date": [pd.Timestamp("2025-05-28")],
        "due_date": [pd.Timestamp("2025-06-05")], "amount": [100.0]}))  # fmt: skip
    assert legal(promised)["is_candidate"].tolist() == [False]


@pytest.mark.parametrize(("contacts", "ends", "began"), [
    ("", "2028-03-01", None),
    ("L1 2025-04-15 9:00 letter delivered", "2028-04-17", "2025-04-15"),  # 15 April 2028 is a Saturday
    ("L1 2025-04-15 9:00 letter failed", "2028-03-01", None),
    ("L1 2025-04-15 9:00 call considers", "2028-03-01", None),
    ("L1 2025-04-15 9:00 sms delivered party=contact_person", "2028-03-01", None),
    ("L1 2025-02-15 9:00 sms delivered", "2028-03-01", None),  # the clock had not begun
])  # fmt: skip
def test_a_delivered_letter_begins_the_clock_anew(contacts, ends, began):
    row = legal(LATE.replacing(contacts=contact_rows(contacts))).iloc[0]
    assert row["limitation_date"] == pd.Timestamp(ends)
    assert (None if pd.isna(row["interrupted_date"]) else f"{row['interrupted_date']:%Y-%m-%d}") == began


def test_a_letter_after_the_clock_ran_out_does_not_revive_it():
    old = one_loan("2020-03-02 1000", loan='annual_rate = "0.12"')
    early = old.replacing(contacts=contact_rows("L1 2023-03-02 9:00 letter delivered"))
    late = old.replacing(contacts=contact_rows("L1 2023-03-03 9:00 letter delivered"))
    ends = [legal(book)["limitation_date"].iloc[0] for book in (early, late)]
    assert ends == [pd.Timestamp("2026-03-02"), pd.Timestamp("2023-03-02")]


def test_nobody_late_enough_is_an_empty_table():
    full, empty = legal(LATE), legal(LATE, "2025-03-31")
    assert list(full.columns) == list(empty.columns)
    assert len(empty) == 0
