"""Which steps came due in a period and what came of them, by hand on a desk of four loans due on 1 March 2025.

The cadence `fine`: reminder on day 0 (1 March, a Saturday), message from day 1 (2 March), friendly call on days 4 and 5
(5 and 6 March) every 2 days, call to check details from day 6 (7 March). No public holiday falls in this March.
"""

from __future__ import annotations

import pandas as pd
import pytest

import collectkit as ck
from collectkit import casework, charts
from collectkit.casework.nodes import OUTCOMES
from tests.contacts import desk
from tests.five_loans import dates

PLAIN = ck.load_policy("plain")
# L1: message on the 3rd, a day late; call on the 5th, in time.  L2: pays all on the 4th (1 010.00 + 3 nights × 0.50).
# L3: promises on the 3rd for the 20th, so demands wait; but is called on the 5th.  L4: nothing at all.
RECORD = "L1 2025-03-03 10:00 sms delivered; L1 2025-03-05 10:00 call no_answer; L3 2025-03-05 11:00 call considers"
TABLES = {
    "payments": pd.DataFrame({
        "payment_id": ["P"], "loan_id": ["L2"], "value_date": dates("2025-03-04"), "amount": [1011.5]}),
    "promises": pd.DataFrame({
        "promise_id": ["R"], "loan_id": ["L3"], "promised_date": dates("2025-03-03"),
        "due_date": dates("2025-03-20"), "amount": [100.0]}),
}  # fmt: skip
BOOK = desk(RECORD, **TABLES)
DAYS = {"start": "2025-03-01", "end": "2025-03-09"}


def told(steps):
    return {(row.loan_id, row.action): row for row in steps.itertuples()}


@pytest.fixture(scope="module")
def steps():
    return casework.node_steps(BOOK, PLAIN, **DAYS)


def test_what_came_of_every_step(steps):
    outcomes = {(row.loan_id, row.action): row.outcome for row in steps.itertuples()}
    assert outcomes == {
        ("L1", "reminder"): "missed", ("L2", "reminder"): "missed", ("L3", "reminder"): "missed",
        ("L4", "reminder"): "missed",
        ("L1", "overdue_sms"): "done_late", ("L2", "overdue_sms"): "paid_first", ("L3", "overdue_sms"): "blocked",
        ("L4", "overdue_sms"): "late",
        ("L1", "friendly_call"): "done", ("L3", "friendly_call"): "done_blocked", ("L4", "friendly_call"): "missed",
        ("L1", "check_details_call"): "late", ("L3", "check_details_call"): "blocked",
        ("L4", "check_details_call"): "late",
    }  # fmt: skip


def test_days_and_reasons(steps):
    rows = told(steps)
    message, call = rows["L1", "overdue_sms"], rows["L1", "friendly_call"]
    assert (message.reached_date, message.done_date) == (pd.Timestamp("2025-03-02"), pd.Timestamp("2025-03-03"))
    assert (call.reached_date, call.done_date) == (pd.Timestamp("2025-03-05"), pd.Timestamp("2025-03-05"))
    assert rows["L3", "friendly_call"].blocked_by == rows["L3", "overdue_sms"].blocked_by == "a promise is open"
    assert pd.isna(rows["L4", "overdue_sms"].blocked_by)
    assert pd.isna(rows["L4", "overdue_sms"].done_date)


def test_weeks_begin_on_monday_and_are_cut_at_the_period(steps):
    table = casework.node_totals(steps).set_index(["week", "action"])
    first, second = pd.Timestamp("2025-03-01"), pd.Timestamp("2025-03-03")
    assert table.index.tolist() == [
        (first, "reminder"), (first, "overdue_sms"), (second, "friendly_call"), (second, "check_details_call"),
    ]  # fmt: skip
    assert table["reached"].tolist() == [4, 4, 3, 3]
    assert table.loc[first, ["done_late", "paid_first", "blocked", "late"]].loc["overdue_sms"].tolist() == [1] * 4
    assert (table[list(OUTCOMES)].sum(axis=1) == table["reached"]).all()
    assert len(steps) == table["reached"].sum()
    assert casework.node_weeks(steps).to_dict("list") == {
        "action": ["reminder", "overdue_sms", "friendly_call", "check_details_call"], "carried": [0, 0, 0, 0],
        "03-01": [4, 4, 0, 0], "03-03": [0, 0, 3, 3], "reached": [4, 4, 3, 3],
    }  # fmt: skip


def test_totals_by_one_thing_are_the_sums_of_the_others(steps):
    for by in ("week", "action"):
        whole = casework.node_totals(steps).groupby(by, sort=False)[["reached", *OUTCOMES]].sum().reset_index()
        pd.testing.assert_frame_equal(casework.node_totals(steps, by=[by]), whole)
    for wrong in ([], "week", ["loan_id"]):
        with pytest.raises(ck.CallError, match="week, action or both"):
            casework.node_totals(steps, by=wrong)
    assert len(casework.node_totals(steps.head(0))) == len(casework.node_weeks(steps.head(0))) == 0


def test_steps_due_before_the_period_stand_apart():
    later = casework.node_steps(BOOK, PLAIN, start="2025-03-04", end="2025-03-09")
    row = told(later)["L4", "overdue_sms"]
    assert pd.isna(row.week)
    assert row.reached_date == pd.Timestamp("2025-03-02")
    weeks = casework.node_totals(later)
    assert weeks["week"].isna().tolist() == [True, False, False]
    assert casework.node_weeks(later)["carried"].tolist() == [2, 0, 0]
    assert weeks["reached"].tolist()[0] == 2  # the messages to L3 and L4; L1 got it, L2 paid


def test_a_step_is_due_again_after_it_was_done():
    record = "L4 2025-03-07 10:00 call busy; L4 2025-03-09 10:00 call busy"
    steps = casework.node_steps(desk(record), PLAIN, start="2025-03-07", end="2025-03-11")
    calls = steps[(steps["loan_id"] == "L4") & (steps["action"] == "check_details_call")]
    assert calls["outcome"].tolist() == ["done", "done", "due_today"]  # 7, 9 and 11 March


def test_a_case_that_had_to_wait_until_its_days_were_over_missed_nothing():
    steps = casework.node_steps(desk(**TABLES), PLAIN, start="2025-03-04", end="2025-03-09")
    assert told(steps)["L3", "friendly_call"].outcome == "not_recorded"  # there are no contacts at all
    steps = casework.node_steps(desk("L1 2025-03-02 10:00 sms delivered", **TABLES), PLAIN, **DAYS)
    assert told(steps)["L3", "friendly_call"].outcome == "moved_on"


def test_without_contacts_nobody_can_say_what_was_done():
    steps = casework.node_steps(desk(**TABLES), PLAIN, **DAYS)
    outcomes = steps.groupby("loan_id")["outcome"].unique().map(set).to_dict()
    assert outcomes["L1"] == {"not_recorded"}
    assert outcomes["L2"] == {"not_recorded", "paid_first"}


def test_a_placement_is_the_decision_on_an_agency_and_work_on_the_file_leaves_no_record():
    # day 90 is 30 May, day 91 is 31 May; 31 May to 2 June are public holidays, which hold for contacts only
    placed = pd.DataFrame({
        "placement_id": ["A"], "loan_id": ["L1"], "agency": ["North"], "placement_date": dates("2025-06-03"),
    })  # fmt: skip
    book = desk("L1 2025-05-01 10:00 call busy", placements=placed)
    rows = told(casework.node_steps(book, PLAIN, start="2025-05-30", end="2025-06-05"))
    assert rows["L1", "hand_over_review"].outcome == "done_late"
    assert rows["L1", "hand_over_review"].done_date == pd.Timestamp("2025-06-03")
    assert rows["L2", "hand_over_review"].outcome == "late"
    assert rows["L2", "legal_preparation"].outcome == "not_recorded"
    assert rows["L2", "filing_review"].outcome == "not_recorded"


def test_reasons_are_counted():
    steps = casework.node_steps(BOOK, PLAIN, **DAYS, language="zh")
    assert casework.node_blocks(steps).values.tolist() == [
        ["check_details_call", "承诺未到期", 1], ["overdue_sms", "承诺未到期", 1],
    ]  # fmt: skip
    assert casework.node_blocks(steps, outcome="done_blocked").values.tolist() == [["friendly_call", "承诺未到期", 1]]


def test_the_load_of_the_next_days_knows_nothing_of_them():
    # On 3 March: messages to L2 (it pays on the 4th, which is not known), L3 (it waits) and L4 are carried over.
    load = casework.node_load(BOOK, PLAIN, as_of="2025-03-03", days=4).set_index("action")
    assert load.index.tolist() == ["overdue_sms", "friendly_call", "check_details_call"]
    assert load[["carried", "reached", "blocked", "load"]].to_numpy().tolist() == [
        [3, 0, 1, 3], [0, 4, 1, 4], [0, 4, 1, 4],
    ]  # fmt: skip
    assert load["channel"].tolist() == ["sms", "call", "call"]
    with pytest.raises(ck.CallError, match="1 or more"):
        casework.node_load(BOOK, PLAIN, as_of="2025-03-03", days=0)


def test_the_load_does_not_know_what_is_closed_or_lent_later():
    loans = BOOK.loans.assign(closed_date=dates("2025-03-05", None, None, None),
                              close_code=pd.Series(["settled", None, None, None], dtype="str"))  # fmt: skip
    known = casework.node_load(BOOK.replacing(loans=loans), PLAIN, as_of="2025-03-03", days=4)
    assert known.equals(casework.node_load(BOOK, PLAIN, as_of="2025-03-03", days=4))


def test_wrong_calls_are_refused():
    with pytest.raises(ck.CallError, match="after"):
        casework.node_steps(BOOK, PLAIN, start="2025-03-09", end="2025-03-01")
    with pytest.raises(ck.CollectkitError, match="nothing"):
        casework.node_steps(BOOK, PLAIN, **DAYS, scheme="nothing")
    with pytest.raises(ck.CallError, match="no language"):
        casework.node_steps(BOOK, PLAIN, **DAYS, language="fr")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_figure_counts_every_step_once(steps, language):
    figure = charts.node_bars(steps, language=language)
    assert sum(sum(trace.x) for trace in figure.data) == len(steps)
    words = casework.worded(steps, language=language)
    late = next(trace for trace in figure.data if trace.name == casework.worded(
        pd.DataFrame({"outcome": ["late"]}), language=language).outcome[0])  # fmt: skip
    assert dict(zip(late.y, late.x, strict=True)) == {
        action: ((words["action"] == action) & (steps["outcome"] == "late")).sum()
        for action in words["action"].unique()
    }
    assert charts.node_bars(steps.head(0), language=language).layout.xaxis.title.text


def test_what_the_contact_itself_brings_does_not_speak_against_it():
    # L3 promises in the call of the 5th, and the promise is open from then on; L4 pays on the day of the call, the 6th
    promises = TABLES["promises"].assign(promised_date=dates("2025-03-05"))
    payments = TABLES["payments"].assign(loan_id="L4", value_date=dates("2025-03-06"), amount=1012.5)
    record = "L3 2025-03-05 10:00 call promised; L4 2025-03-06 10:00 call promised"
    rows = told(casework.node_steps(desk(record, promises=promises, payments=payments), PLAIN, **DAYS))
    assert rows["L3", "friendly_call"].outcome == "done"
    assert rows["L3", "overdue_sms"].outcome == "blocked"
    assert rows["L4", "friendly_call"].outcome == "done_late"  # it was due on the 5th
    assert rows["L4", "friendly_call"].done_date == pd.Timestamp("2025-03-06")
    assert rows["L4", "overdue_sms"].outcome == "paid_first"
