"""Conduct: the hours, the fourth call, contact persons, visits, entry and import, each limit on both sides."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

import collectkit as ck
from collectkit import casework
from tests.contacts import desk

POLICY = ck.load_policy("plain")
DAY = "2025-06-10"


def broken(contacts, rule=None, *, rules="cn", start=DAY, end=DAY, **tables):
    """Ids of the contacts that break a rule."""
    found = casework.check_contacts(desk(contacts, **tables), POLICY, start=start, end=end, rules=rules)
    return found if rule is None else found.loc[found["rule"] == rule, "contact_id"].tolist()


@pytest.mark.parametrize(("time", "is_broken"), [
    ("07:59", True), ("08:00", False), ("21:59", False), ("22:00", True), ("00:00", True), ("07:59:59", True),
    ("21:59:59", False),
])  # fmt: skip
@pytest.mark.parametrize("channel", ["call", "sms", "im", "app_push", "visit"])
def test_nobody_is_contacted_from_22_to_8(channel, time, is_broken):  # T-S10
    assert broken(f"L1 {DAY} {time} {channel}", "hours") == (["N0"] if is_broken else [])


def test_a_posted_letter_has_no_hour():
    assert broken(f"L1 {DAY} 23:00 letter", "hours") == []


@pytest.mark.parametrize(("rules", "time", "is_broken"), [
    ("us-reg-f", "20:59", False), ("us-reg-f", "21:00", True), ("in-rbi", "07:59", True), ("in-rbi", "08:00", False),
    ("in-rbi", "18:59", False), ("in-rbi", "19:00", True),
])  # fmt: skip
def test_hours_of_other_places(rules, time, is_broken):
    assert broken(f"L1 {DAY} {time} call agency=North", "hours", rules=rules) == (["N0"] if is_broken else [])


def calls(count, *more, loan="L1", result="considers"):
    """Calls of one day, an hour apart."""
    return ";".join(f"{loan} {DAY} {9 + n}:00 call {result} {' '.join(more)}" for n in range(count))


def test_the_fourth_effective_call_of_a_day_is_a_breach():  # T-S11
    assert broken(calls(3), "effective_calls") == []
    assert broken(calls(5), "effective_calls") == ["N3", "N4"]


def test_lender_and_agencies_and_all_loans_of_a_customer_are_counted_together():  # T-S11
    text = (
        f"L1 {DAY} 9:00 call; L1 {DAY} 10:00 call agency=North; L2 {DAY} 11:00 call; L2 {DAY} 12:00 call agency=South"
    )
    found = broken(text)
    assert found["rule"].tolist() == ["effective_calls"]
    assert found["contact_id"].tolist() == ["N3"]
    assert found["seen"][0] == "effective call 4 of the day (in-house, North, South)"
    assert "GB/T 45251-2025" in found["source"][0]


def test_unanswered_calls_messages_and_other_days_are_not_effective_calls():
    text = calls(3) + f"; L1 {DAY} 13:00 call no_answer; L1 {DAY} 14:00 sms delivered; L1 2025-06-11 9:00 call"
    assert broken(text, "effective_calls", end="2025-06-11") == []


def test_another_customer_and_a_guarantor_count_apart():
    assert broken(calls(3) + ";" + calls(1, loan="L3") + ";" + calls(1, "party=guarantor"), "effective_calls") == []


def test_the_seventh_attempt_at_a_number_is_a_breach():
    assert broken(calls(6, result="no_answer"), "attempts") == []
    assert broken(calls(7, result="no_answer"), "attempts") == ["N6"]


def test_attempts_are_counted_by_number():
    text = calls(4, "number_id=A", result="no_answer") + ";" + calls(4, "number_id=B", result="no_answer")
    assert broken(text, "attempts") == []
    text = calls(4, "number_id=A", result="no_answer") + ";" + calls(3, "number_id=A", loan="L3", result="no_answer")
    assert len(broken(text, "attempts")) == 1


FAILED = f"L1 {DAY} 9:00 call no_answer; L1 {DAY} 9:30 call busy; L1 {DAY} 10:00 call no_answer;"


@pytest.mark.parametrize(("before", "is_broken"), [
    ("", True),
    (f"L1 {DAY} 9:00 call no_answer; L1 {DAY} 9:30 call busy;", True),
    (FAILED, False),
    (f"L1 {DAY} 9:00 call wrong_number;", False),
    (FAILED + f"L1 {DAY} 10:30 call considers;", True),  # spoken to since
    (FAILED.replace("L1", "L2"), False),  # the same customer
    (FAILED.replace("L1", "L3"), True),
])  # fmt: skip
def test_a_contact_person_only_after_three_failed_attempts(before, is_broken):
    found = broken(before + f"L1 {DAY} 11:00 call message_left party=contact_person")
    assert (found["rule"] == "third_party").any() == is_broken


def test_a_contact_person_who_refused_is_left_alone():
    third = "call {} party=contact_person"
    text = FAILED + f"L1 {DAY} 11:00 {third.format('refused')}; L1 {DAY} 12:00 {third.format('message_left')}"
    found = broken(text)
    assert found.loc[found["rule"] == "third_party", "contact_id"].tolist() == ["N4"]


def test_nobody_visits_a_contact_person():
    assert broken(FAILED + f"L1 {DAY} 11:00 visit message_left party=contact_person", "third_party") == ["N3"]


@pytest.mark.parametrize(("note", "is_broken"), [
    ("欠款3200元", True), ("owes_3,200.00", True), ("请转告他回电", False),
    ("asked_him_to_call_back_on_10_June", False), ("told_a_family_member_the_amount_owed", True), ("他已逾期", True),
])  # fmt: skip
def test_no_debt_data_to_a_contact_person(note, is_broken):  # T-S12
    text = f"{FAILED} L1 {DAY} 11:00 sms delivered party=contact_person note={note}"
    assert broken(text, "debt_data") == (["N3"] if is_broken else [])


def test_the_debtor_may_be_told_the_amount():
    assert broken(f"L1 {DAY} 11:00 sms delivered note=应还3200元", "debt_data") == []


def test_a_flag_that_the_debt_was_told_is_enough():
    text = f"{FAILED} L1 {DAY} 11:00 call message_left party=contact_person is_debt_told=true"
    assert broken(text, "debt_data") == ["N3"]


@pytest.mark.parametrize(("flags", "words"), [
    ("is_appointed=true is_reviewed=true", []),
    ("is_appointed=false is_reviewed=true", ["no appointment recorded"]),
    ("is_appointed=true is_reviewed=false", ["no review recorded"]),
])  # fmt: skip
def test_visits_are_by_appointment_and_reviewed(flags, words):
    found = broken(f"L1 {DAY} 11:00 visit considers {flags}")
    assert found["seen"].tolist() == words


def test_a_record_is_entered_on_its_day():
    text = (f"L1 {DAY} 21:00 call considers recorded_at={DAY}T23:59; "
            f"L1 {DAY} 21:30 call considers recorded_at=2025-06-11T00:00")  # fmt: skip
    assert broken(text, "late_entry") == ["N1"]


@pytest.mark.parametrize(("imported", "is_late"), [("12:00", False), ("12:01", True)])
def test_a_case_file_is_imported_within_two_hours(imported, is_late):  # T-S14
    placements = pd.DataFrame({
        "placement_id": ["H1"], "loan_id": ["L1"], "agency": ["North"], "placement_date": [pd.Timestamp(DAY)],
        "received_at": [pd.Timestamp(f"{DAY} 10:00")], "imported_at": [pd.Timestamp(f"{DAY} {imported}")]})  # fmt: skip
    found = broken("", placements=placements)
    assert found["rule"].tolist() == (["late_import"] if is_late else [])


@pytest.mark.parametrize(("months", "day"), [(6, "2025-07-01"), (24, "2027-01-01"), (60, "2030-01-01")])
def test_earliest_deletion(months, day):  # T-S13
    assert casework.deletion_date("2025-01-01", months=months) == pd.Timestamp(day)


# Regulation F binds agencies: seven calls in seven days, and seven quiet days after a talk.


def daily(count, result="no_answer", agency="agency=North"):
    return ";".join(f"L1 2025-06-{1 + n:02} 9:00 call {result} {agency}" for n in range(count))


def test_the_eighth_call_in_seven_days_is_a_breach():
    june = {"start": "2025-06-01", "end": "2025-06-30", "rules": "us-reg-f"}
    assert broken(daily(20), "calls_per_loan", **june) == []
    twice = daily(7) + "; L1 2025-06-07 10:00 call no_answer agency=North"
    assert broken(twice, "calls_per_loan", **june) == ["N7"]
    assert broken(daily(20, agency="") + ";" + daily(7, agency=""), "calls_per_loan", **june) == []


@pytest.mark.parametrize(("day", "is_broken"), [("2025-06-01", True), ("2025-06-07", True), ("2025-06-08", False)])
def test_no_call_within_seven_days_after_a_talk(day, is_broken):
    text = f"L1 2025-06-01 9:00 call considers agency=North; L1 {day} 10:00 call no_answer agency=North"
    found = broken(text, "quiet_after_talk", rules="us-reg-f", start="2025-06-01", end="2025-06-30")
    assert found == (["N1"] if is_broken else [])


# The table.


def test_contacts_before_the_period_count_but_are_not_listed():
    text = ";".join(f"L1 2025-06-0{n} 9:00 call no_answer agency=North" for n in range(1, 8))
    text += "; L1 2025-06-07 10:00 call no_answer agency=North"
    assert broken(text, "calls_per_loan", rules="us-reg-f", start="2025-06-07", end="2025-06-07") == ["N7"]
    assert broken(text, "calls_per_loan", rules="us-reg-f", start="2025-06-08", end="2025-06-09") == []


def test_each_contact_is_held_to_the_rules_of_its_day():
    text = f"L1 2025-02-27 22:30 call; L1 2025-02-28 22:30 call; L1 {DAY} 22:30 call"
    sources = broken(text, start="2025-01-01", end="2025-12-31")["source"].tolist()
    assert ["manual 004" in source for source in sources] == [True, False, False]
    assert ["GB/T" in source for source in sources] == [False, True, True]


def test_nothing_broken_is_an_empty_table_with_the_same_columns():
    full, empty = broken(f"L1 {DAY} 23:00 call"), broken("")
    assert len(empty) == 0
    assert dict(empty.dtypes) == dict(full.dtypes)


def test_words_in_chinese():
    found = casework.check_contacts(desk(f"L1 {DAY} 23:00 call"), POLICY, start=DAY, end=DAY, language="zh")
    assert found[["seen", "allowed"]].iloc[0].tolist() == ["23:00 电话", "08:00 起、22:00 前"]


@pytest.mark.parametrize(("change", "words"), [
    ({"rules": "mars"}, "cn.*in-rbi.*us-reg-f"), ({"start": "2025-07-01"}, "earlier date first"),
])  # fmt: skip
def test_a_wrong_call_says_what_to_do(change, words):
    with pytest.raises(ck.CallError, match=words):
        casework.check_contacts(desk(), POLICY, **{"start": DAY, "end": DAY, **change})


def test_every_rule_is_told_and_whether_it_was_checked():
    table = casework.rules_checked(desk(calls(5)), POLICY, start=DAY, end=DAY).set_index("rule")
    assert table.loc["effective_calls", ["contacts", "breaches", "is_checked"]].tolist() == [5, 2, True]
    assert not table.loc["visits", "is_checked"]
    assert table.loc["visits", "note"] == "the records do not hold: By appointment, Reviewed"
    assert not table.loc["records", "is_checked"]
    assert table.loc[["visits", "records"], ["contacts", "breaches"]].isna().all(axis=None)  # not 0: nobody looked


def test_the_planted_breaches_of_the_sample_are_found():
    demo = ck.load_sample("demo")
    found = casework.check_contacts(demo, POLICY, start="2023-07-01", end="2025-12-31")
    contacts = demo.contacts.set_index("contact_id")
    hour = contacts["contacted_at"].dt.hour
    assert set(found.loc[found["rule"] == "hours", "contact_id"]) == set(contacts.index[(hour < 8) | (hour >= 22)])
    told = contacts.index[contacts["note"] == "told a family member the amount owed"]
    assert set(found.loc[found["rule"] == "debt_data", "contact_id"]) == set(told)
    late = contacts.index[contacts["recorded_at"].dt.date > contacts["contacted_at"].dt.date]
    assert set(found.loc[found["rule"] == "late_entry", "contact_id"]) == set(late)


def test_the_boundaries_are_in_the_policy():
    hours = POLICY.contact_rules_for("cn", DAY).limit("hours")
    assert (hours.earliest, hours.latest) == (dt.time(8), dt.time(22))
