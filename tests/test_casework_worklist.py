"""The worklist: the worked dates of the manuals, what must wait and until when, the order, and its speed."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest

import collectkit as ck
from collectkit import casework
from tests.contacts import LOANS, desk

PLAIN = ck.load_policy("plain")


def due(contacts="", *, as_of, loan="L1", policy=PLAIN, **more):
    """The rows of one loan, by action; the four loans fall due on 1 March 2025 and stay unpaid."""
    tables = {name: more.pop(name) for name in ("pauses", "promises", "placements", "collectors") if name in more}
    listed = casework.worklist(desk(contacts, **tables), policy, as_of=as_of, **more)
    rows = listed[listed["loan_id"] == loan]
    return rows.set_index(rows["action"].astype("str"))


def one(contacts="", action="friendly_call", **more):
    return due(contacts, **more).loc[action]


# T-S9: due 1 March unpaid.


@pytest.mark.parametrize(("day_before", "day", "action"), [
    ("2025-03-01", "2025-03-02", "overdue_sms"),  # day 1
    ("2025-03-04", "2025-03-05", "friendly_call"),  # day 4, after three full days
    ("2025-04-14", "2025-04-15", "demand_letter"),  # day 45
    ("2025-05-29", "2025-05-30", "legal_preparation"),  # day 90
    ("2025-05-30", "2025-05-31", "filing_review"),  # day 91
])  # fmt: skip
def test_the_worked_dates_of_the_manuals(day_before, day, action):
    assert action not in due(as_of=day_before).index
    assert one(action=action, as_of=day)["due_since"] == pd.Timestamp(day)


def test_the_letter_of_day_45_sets_a_deadline_of_15_days():
    assert one(action="demand_letter", as_of="2025-04-15")["deadline_date"] == pd.Timestamp("2025-04-30")


def test_a_deadline_on_a_holiday_moves_to_the_next_working_day():
    # 16 April + 15 days = 1 May 2025, Labour Day; work begins again on 6 May
    assert one(action="demand_letter", as_of="2025-04-16")["deadline_date"] == pd.Timestamp("2025-05-06")


def test_on_the_due_day_there_is_a_reminder_and_nothing_else():
    rows = due(as_of="2025-03-01")
    assert rows.index.tolist() == ["reminder"]
    assert rows["total_due"].tolist() == [1010.0]
    assert "friendly reminder" in rows["reason"].iloc[0]


def test_before_the_due_day_there_is_nothing():
    assert due(as_of="2025-02-28").empty


@pytest.mark.parametrize(("late_day", "action"), [
    (5, "friendly_call"), (6, "check_details_call"), (17, "check_details_call"), (18, "explain_call"),
    (30, "explain_call"), (31, "plan_call"), (90, "plan_call"), (91, "late_call"),
])  # fmt: skip
def test_the_tone_changes_with_the_stage(late_day, action):
    day = f"{pd.Timestamp('2025-03-01') + pd.Timedelta(days=late_day):%Y-%m-%d}"
    calls = [name for name in due(as_of=day).index if name.endswith("_call")]
    assert calls == [action]


def test_within_grace_nothing_is_due_and_the_day_after_message_and_call_are():
    policy = PLAIN.replacing(grace_days=5)
    assert due(as_of="2025-03-06", policy=policy).empty
    rows = due(as_of="2025-03-07", policy=policy)
    assert rows.loc["overdue_sms", "due_since"] == pd.Timestamp("2025-03-07")  # not counted from before it showed


# What was done is not due again before its time.


def test_a_message_that_was_sent_is_not_sent_again():
    assert "overdue_sms" in due("L1 2025-02-28 9:00 sms delivered", as_of="2025-03-10").index
    assert "overdue_sms" not in due("L1 2025-03-02 9:00 sms delivered", as_of="2025-03-10").index


@pytest.mark.parametrize(("last", "since"), [
    ("2025-04-08", None), ("2025-04-07", "2025-04-10"), ("2025-04-01", "2025-04-04"),
])  # fmt: skip
def test_calls_of_days_31_to_90_are_three_days_apart(last, since):
    rows = due(f"L1 {last} 9:00 call no_answer", as_of="2025-04-10")
    assert ("plan_call" in rows.index) == (since is not None)
    if since:
        assert rows.loc["plan_call", "due_since"] == pd.Timestamp(since)


def test_another_scheme_calls_daily():
    rows = due("L1 2025-04-09 9:00 call no_answer", as_of="2025-04-10", scheme="manual-004")
    assert {"plan_call", "plan_message"} <= set(rows.index)
    assert "demand_letter" not in due(as_of="2025-04-20", scheme="manual-004").index


def test_a_call_to_a_contact_person_does_not_count_as_a_call_to_the_debtor():
    assert "friendly_call" in due("L1 2025-03-05 9:00 call message_left party=contact_person", as_of="2025-03-05").index


@pytest.mark.parametrize(("contacts", "principal", "is_due"), [
    ("", 1000, True),  # never reached
    ("L1 2025-04-18 9:00 call considers", 1000, False),
    ("L1 2025-04-06 9:00 call considers", 1000, False),  # 14 days ago
    ("L1 2025-04-05 9:00 call considers", 1000, True),
    ("L1 2025-04-18 9:00 call considers", 60000, True),  # a large amount
])  # fmt: skip
def test_a_visit_if_the_amount_is_large_or_calls_do_not_reach(contacts, principal, is_due):
    book = desk(contacts)
    instalments = book.instalments.assign(principal=float(principal))
    book = book.replacing(instalments=instalments, loans=book.loans.assign(principal=float(principal)))
    listed = casework.worklist(book, PLAIN, as_of="2025-04-20")
    found = listed[(listed["loan_id"] == "L1") & (listed["action"] == "visit")]
    assert (len(found) == 1) == is_due


def test_collateral_for_secured_loans_only_and_agencies_for_unsecured():
    book = desk()
    book = book.replacing(loans=book.loans.assign(is_secured=[True, False, False, False]))
    listed = casework.worklist(book, PLAIN, as_of="2025-06-10")
    of = {
        name: set(listed.loc[listed["action"] == name, "loan_id"]) for name in ("collateral_review", "hand_over_review")
    }
    assert of == {"collateral_review": {"L1"}, "hand_over_review": {"L2", "L3", "L4"}}


# What must wait.


@pytest.mark.parametrize(("at", "is_blocked", "earliest"), [
    ("07:59", True, "2025-03-05 08:00"), ("08:00", False, "2025-03-05 08:00"), ("21:59", False, "2025-03-05 21:59"),
    ("22:00", True, "2025-03-06 08:00"),
])  # fmt: skip
def test_the_hours(at, is_blocked, earliest):  # T-S10
    row = one(as_of="2025-03-05", at=at)
    assert (row["is_blocked"], row["earliest_at"]) == (is_blocked, pd.Timestamp(earliest))


def test_a_list_for_the_day_begins_with_the_allowed_hours():
    row = one(as_of="2025-03-05")
    assert (row["is_blocked"], row["earliest_at"]) == (False, pd.Timestamp("2025-03-05 08:00"))


TALKS = ";".join(
    f"L2 2025-03-05 {hour}:00 call considers agency={who}" for hour, who in ((9, "A"), (10, "B"), (11, "A"))
)


def test_after_three_effective_calls_to_the_customer_no_other_loan_is_called_that_day():
    row = one(TALKS, as_of="2025-03-05")
    assert row["is_blocked"]
    assert row["blocked_by"] == "effective calls of the day are used up"
    assert row["earliest_at"] == pd.Timestamp("2025-03-06 08:00")
    assert not one(TALKS, as_of="2025-03-05", loan="L3")["is_blocked"]
    assert not one(TALKS, as_of="2025-03-05", at="10:30")["is_blocked"]  # two of them are known by then


def test_a_message_may_still_be_sent_after_three_calls():
    assert not one(TALKS, "overdue_sms", as_of="2025-03-05")["is_blocked"]


def pause(reason, start="2025-03-03", end="2025-03-10", loan="L1"):
    frame = pd.DataFrame({"loan_id": [loan], "start_date": pd.to_datetime([start]), "end_date": pd.to_datetime([end])})
    return frame.assign(reason=reason, stops_days=False)


@pytest.mark.parametrize(("reason", "words"), [
    ("hardship", "a plan is live"), ("deferral", "a plan is live"), ("dispute", "a dispute is open: answer it first"),
])  # fmt: skip
def test_demands_wait_while_a_plan_or_a_dispute_is_open(reason, words):
    rows = due(as_of="2025-03-06", pauses=pause(reason))
    assert rows["blocked_by"].tolist() == [words] * len(rows)
    assert rows.loc["friendly_call", "earliest_at"] == pd.Timestamp("2025-03-10 08:00")
    assert not due(as_of="2025-03-10", pauses=pause(reason))["is_blocked"].any()


def promise(due_date, amount=100.0, made="2025-03-03"):
    return pd.DataFrame({"promise_id": ["R1"], "loan_id": ["L1"], "promised_date": pd.to_datetime([made]),
                         "due_date": pd.to_datetime([due_date]), "amount": [amount]})  # fmt: skip


def test_an_open_promise_is_waited_for():
    row = one(as_of="2025-03-05", promises=promise("2025-03-07"))
    assert (row["blocked_by"], row["earliest_at"]) == ("a promise is open", pd.Timestamp("2025-03-08 08:00"))
    assert (row["promise_status"], row["promise_amount"]) == ("open", 100.0)
    later = one(action="check_details_call", as_of="2025-03-08", promises=promise("2025-03-07"))
    assert (later["is_blocked"], later["promise_status"], later["points_broken_promise"]) == (False, "broken", 20.0)


def test_no_court_while_a_promise_or_plan_lives():
    assert "legal_preparation" in due(as_of="2025-05-30").index
    made = {"made": "2025-05-29"}
    assert "legal_preparation" not in due(as_of="2025-05-30", promises=promise("2025-06-05", **made)).index
    live = pause("hardship", "2025-05-20", "2025-06-20")
    assert "legal_preparation" not in due(as_of="2025-05-30", pauses=live).index


def test_a_refusal_stops_its_channel_and_asks_for_a_review():
    rows = due("L1 2025-04-12 9:00 call refused", as_of="2025-04-15")
    assert rows.loc["plan_call", "blocked_by"] == "refused on this channel: review the case first"
    assert pd.isna(rows.loc["plan_call", "earliest_at"])
    assert not rows.loc["demand_letter", "is_blocked"]  # a letter stays open
    assert rows.loc["review", "due_since"] == pd.Timestamp("2025-04-12")
    spoken = due("L1 2025-04-10 9:00 call refused; L1 2025-04-12 9:00 call considers", as_of="2025-04-15")
    assert "review" not in spoken.index
    assert not spoken.loc["plan_call", "is_blocked"]


def test_a_dispute_in_the_record_stops_every_demand():
    rows = due("L1 2025-04-12 9:00 call disputes", as_of="2025-04-15")
    assert rows.loc[["plan_call", "demand_letter"], "is_blocked"].all()
    assert not rows.loc["review", "is_blocked"]


def test_people_rest_on_a_public_holiday_and_messages_do_not():
    book = desk()
    book = book.replacing(instalments=book.instalments.assign(due_date=pd.Timestamp("2025-09-28")))
    listed = casework.worklist(book, PLAIN, as_of="2025-10-02")
    rows = listed[listed["loan_id"] == "L1"].set_index("action")
    assert rows.loc["friendly_call", "blocked_by"] == "public holiday or day off"
    assert rows.loc["friendly_call", "earliest_at"] == pd.Timestamp("2025-10-09 08:00")
    assert not rows.loc["overdue_sms", "is_blocked"]


def test_two_reasons_are_both_told_and_the_later_time_counts():
    row = one(TALKS.replace("L2", "L1"), as_of="2025-03-05", at="23:00", promises=promise("2025-03-20"), loan="L2",
              scheme="manual-004")  # fmt: skip
    assert row["blocked_by"] == "effective calls of the day are used up; outside the allowed hours"
    assert row["earliest_at"] == pd.Timestamp("2025-03-06 08:00")


def test_us_limits_bind_agencies_only():
    days = (22, 22, 22, 23, 24, 25, 26)
    calls = ";".join(f"L1 2025-03-{day} {9 + n}:00 call no_answer agency=North" for n, day in enumerate(days))
    placed = pd.DataFrame({"placement_id": ["H"], "loan_id": ["L1"], "agency": ["North"],
                           "placement_date": [pd.Timestamp("2025-03-10")]})  # fmt: skip
    at = {"as_of": "2025-03-28", "rules": "us-reg-f", "scheme": "manual-004"}
    row = one(calls, **at, placements=placed)
    assert row["blocked_by"] == "calls of these days are used up"
    assert row["earliest_at"] == pd.Timestamp("2025-03-29 08:00")  # the three of the 22nd are then out of the window
    assert not one(calls, **at)["is_blocked"]  # in-house: a creditor
    talk = "L1 2025-03-24 9:00 call considers agency=North"
    row = one(talk, **at, placements=placed)
    assert (row["blocked_by"], row["earliest_at"]) == (
        "quiet days after the last talk",
        pd.Timestamp("2025-03-31 08:00"),
    )


# Order, collectors, capacity.


def test_priority_is_the_sum_of_its_parts():
    listed = casework.worklist(ck.load_sample("demo"), ck.load_policy(), as_of="2025-06-30")
    parts = listed[[name for name in listed if name.startswith("points_")]].sum(axis=1)
    assert np.allclose(parts, listed["priority"])
    free = listed[~listed["is_blocked"]]
    assert free["priority"].is_monotonic_decreasing
    assert not listed["is_blocked"].head(len(free)).any()


def test_a_case_stays_with_its_collector_and_others_are_dealt_out():
    people = pd.DataFrame({"collector_id": ["C1", "C2", "C9"], "agency": [None, None, "North"]})
    rows = due("L1 2025-03-02 9:00 call no_answer collector_id=C2; L3 2025-03-02 9:00 call no_answer collector_id=C9",
               as_of="2025-03-06", collectors=people)  # fmt: skip
    assert rows.loc["friendly_call", "collector_id"] == "C2"
    assert rows.loc["overdue_sms"].isna()["collector_id"]  # the system sends it
    listed = casework.worklist(desk(collectors=people), PLAIN, as_of="2025-03-06")
    calls = listed[listed["action"] == "friendly_call"]
    assert calls["collector_id"].value_counts().to_dict() == {"C1": 2, "C2": 2}


def test_a_day_has_room_for_so_many_actions():
    cadence = [table.model_copy(update={"actions_per_day": 3}) for table in PLAIN.cadence]
    policy = PLAIN.model_copy(update={"cadence": tuple(cadence)})
    people = pd.DataFrame({"collector_id": ["C1"]})
    listed = casework.worklist(desk(collectors=people), policy, as_of="2025-03-06")
    calls = listed[listed["action"] == "friendly_call"]
    assert calls["place"].tolist() == [1, 2, 3, 4]
    assert calls["is_in_capacity"].tolist() == [True, True, True, False]
    assert listed.loc[listed["action"] == "overdue_sms", "is_in_capacity"].all()


def test_paid_and_closed_loans_are_not_on_the_list():
    book = desk()
    paid = pd.DataFrame({"payment_id": ["P1"], "loan_id": ["L1"], "value_date": pd.to_datetime(["2025-03-04"]),
                         "amount": [1020.0]})  # fmt: skip
    loans = book.loans.assign(closed_date=pd.to_datetime([None, "2025-03-04", None, None]),
                              close_code=[None, "settled", None, None])  # fmt: skip
    listed = casework.worklist(book.replacing(payments=paid, loans=loans), PLAIN, as_of="2025-03-06")
    assert set(listed["loan_id"]) == {"L3", "L4"}


def test_row_order_changes_nothing():
    demo, policy = ck.load_sample("demo"), ck.load_policy()
    tables = {name: demo.table(name).sample(frac=1, random_state=4) for name in ("loans", "payments", "contacts")}
    first, second = (casework.worklist(book, policy, as_of="2025-06-30") for book in (demo, demo.replacing(**tables)))
    pd.testing.assert_frame_equal(first, second)


def test_an_empty_list_has_the_same_columns():
    full, empty = due(as_of="2025-03-06"), due(as_of="2025-01-01")
    assert list(full.columns) == list(empty.columns)
    assert len(empty) == 0


def test_chinese():
    row = one(TALKS, as_of="2025-03-05", language="zh")
    assert row["reason"] == "逾期第 4 天：友好电话：是否收到短信、原因、何时可还"
    assert row["blocked_by"] == "当天有效通话次数已满"


@pytest.mark.parametrize(("change", "error", "words"), [
    ({"scheme": "months"}, ck.CallError, "fine, manual-001, manual-004"), ({"at": "8 o'clock"}, ck.CallError, "08:00"),
    ({"rules": "mars"}, ck.CallError, "cn, in-rbi"), ({"language": "fr"}, ck.CallError, "en, zh"),
])  # fmt: skip
def test_a_wrong_call_says_what_to_do(change, error, words):
    with pytest.raises(error, match=words):
        casework.worklist(desk(), PLAIN, **{"as_of": "2025-03-06", **change})


def test_every_column_is_in_the_nomenclature():
    from collectkit.columns import COLUMNS

    assert set(due(as_of="2025-03-06").columns) <= set(COLUMNS)


def test_a_hundred_thousand_overdue_loans_in_under_five_seconds():
    copies = 25_000
    book = desk(TALKS)
    ids = [f"{loan}-{n}" for n in range(copies) for loan in LOANS]
    tables = {}
    for name in ("loans", "instalments"):
        frame = pd.concat([book.table(name)] * copies, ignore_index=True).assign(loan_id=ids)
        tables[name] = frame.drop(columns="customer_id", errors="ignore")
    contacts = pd.concat([book.contacts] * copies, ignore_index=True)
    contacts["contact_id"] = [f"N{n}" for n in range(len(contacts))]
    contacts["loan_id"] = [f"L2-{n // 3}" for n in range(len(contacts))]
    big = book.replacing(**tables, contacts=contacts)
    casework.worklist(book, PLAIN, as_of="2025-03-05")  # compiled and imported
    start = time.process_time()
    listed = casework.worklist(big, PLAIN, as_of="2025-03-05")
    assert time.process_time() - start < 5
    assert listed["loan_id"].nunique() == 100_000
