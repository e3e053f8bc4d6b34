"""The calendar of a case: the worked dates of the manuals, and day by day what the worklist asks for."""

from __future__ import annotations

import pandas as pd
import pytest

import collectkit as ck
from collectkit import casework
from tests.contacts import contact_rows, desk

PLAIN = ck.load_policy("plain")
DUE = "2025-03-01"


def days_of(action, **given):
    table = casework.case_calendar(PLAIN, DUE, **given)
    return table[table["action"] == action]


@pytest.mark.parametrize(("action", "date"), [  # T-S9: due 1 March 2025, unpaid
    ("reminder", "2025-03-01"),
    ("overdue_sms", "2025-03-02"),
    ("friendly_call", "2025-03-05"),
    ("demand_letter", "2025-04-15"),
    ("legal_preparation", "2025-05-30"),
    ("filing_review", "2025-05-31"),
])  # fmt: skip
def test_the_worked_dates_of_the_manuals(action, date):
    assert days_of(action)["date"].tolist() == [pd.Timestamp(date)]


def test_a_letter_has_its_deadline_and_other_steps_have_none():
    table = casework.case_calendar(PLAIN, DUE)
    ends = table.dropna(subset="deadline_date").set_index("action")["deadline_date"]
    assert ends.to_dict() == {
        "demand_letter": pd.Timestamp("2025-04-30"),
        "second_letter": pd.Timestamp("2025-06-16"),  # 30 May + 15 days = 14 June, a Saturday
    }


def test_a_step_of_people_moves_off_a_public_holiday():
    # due 27 April 2025, day 4 is 1 May, Labour Day; work begins again on 6 May, the ninth day
    calls = casework.case_calendar(PLAIN, "2025-04-27", days=12)
    calls = calls[calls["channel"] == "call"]
    assert calls["date"].dt.strftime("%m-%d").tolist() == ["05-06", "05-08"]
    assert set(calls["action"]) == {"check_details_call"}


@pytest.mark.parametrize(("grace", "first"), [(0, 1), (3, 4), (7, 8)])
def test_the_first_message_follows_grace_and_counts_from_the_due_date(grace, first):
    assert days_of("overdue_sms", grace_days=grace)["days_past_due"].tolist() == [first]
    assert days_of("reminder", grace_days=grace)["days_past_due"].tolist() == [0]


def test_each_step_done_on_its_day_is_what_the_worklist_asks_for():
    calendar = casework.case_calendar(PLAIN, DUE)
    texts = [f"L1 {row.date:%Y-%m-%d} 09:00 {row.channel} no_answer" for row in
             calendar.dropna(subset="channel").itertuples()]  # fmt: skip
    record = contact_rows("; ".join(texts))
    always = calendar[calendar["condition"].isna() | (calendar["action"] == "visit")]
    for late in (0, 1, 2, 4, 5, 6, 16, 17, 18, 30, 31, 33, 36, 37, 45, 46, 76, 90, 91, 93, 120):
        day = pd.Timestamp(DUE) + pd.Timedelta(days=late)
        book = desk().replacing(
            contacts=record[record["contacted_at"] < day].reset_index(drop=True))  # fmt: skip
        listed = casework.worklist(book, PLAIN, as_of=day)
        asked = listed[(listed["loan_id"] == "L1") & listed["channel"].notna() & ~listed["is_blocked"]]
        told = always[(always["date"] == day) & always["channel"].notna()]
        assert sorted(asked["action"].astype("str")) == sorted(told["action"]), late


def test_conditions_and_reasons_in_words():
    english = casework.case_calendar(PLAIN, DUE).set_index("action")
    chinese = casework.case_calendar(PLAIN, DUE, language="zh").set_index("action")
    assert set(english.loc[["visit"], "condition"]) == {"the amount is large or nobody was reached"}
    assert english.loc["collateral_review", "condition"] == "secured, no live plan"
    assert chinese.loc["collateral_review", "condition"] == "有担保，无有效计划"
    assert chinese.loc["reminder", "reason"] == "今日到期尚未到账：友好提醒"


def test_another_scheme_and_fewer_days():
    assert casework.case_calendar(PLAIN, DUE, scheme="manual-004", days=40)["days_past_due"].max() <= 40
    assert list(casework.case_calendar(PLAIN, DUE, days=0)["action"]) == ["reminder"]


@pytest.mark.parametrize(("given", "words"), [
    ({"days": -1}, "0 or more"), ({"grace_days": -1}, "0 or more"), ({"scheme": "months"}, "fine"),
    ({"language": "fr"}, "language"),
])  # fmt: skip
def test_a_wrong_call_says_what_to_do(given, words):
    with pytest.raises(ck.CallError, match=words):
        casework.case_calendar(PLAIN, DUE, **given)
