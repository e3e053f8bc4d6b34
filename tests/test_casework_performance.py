"""What collectors did and what came of it, counted by hand on a desk of four loans."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

import collectkit as ck
from collectkit import casework, charts
from tests.contacts import desk
from tests.five_loans import dates, plain

# All four loans owe 1 010.00 since 1 March. In the record: K1 and K2 are of team early, X9 of the agency North.
# L1: K1 calls in vain on 3 March, is promised 500.00 on 4 March for the 6th; 400.00 come on the 6th, 100.00 on the 7th.
# L2: K1 talks on the 5th, K2 on the 10th; 300.00 come on the 10th, 50.00 on the 5th of April.
# L3: K2 tries in vain; 200.00 come.  L4: X9 visits a guarantor; a contact person is called; 70.00 come on the 12th.
CONTACTS = """
L1 2025-03-02 08:00 sms delivered;
L1 2025-03-03 10:00 call no_answer collector_id=K1; L1 2025-03-04 10:00 call promised collector_id=K1;
L2 2025-03-05 10:00 call considers collector_id=K1; L2 2025-03-10 23:00 call considers collector_id=K2;
L3 2025-03-11 10:00 call busy collector_id=K2;
L4 2025-03-11 10:00 visit considers collector_id=X9 agency=North party=guarantor;
L4 2025-03-11 11:00 call refused collector_id=X9 agency=North party=contact_person
"""
PAYMENTS = pd.DataFrame({
    "payment_id": list("abcdef"), "loan_id": ["L1", "L1", "L2", "L2", "L3", "L4"],
    "value_date": dates("2025-03-06", "2025-03-07", "2025-03-10", "2025-04-05", "2025-03-12", "2025-03-12"),
    "amount": [400.0, 100.0, 300.0, 50.0, 200.0, 70.0],
})  # fmt: skip
PROMISES = pd.DataFrame({
    "promise_id": ["R1", "R2"], "loan_id": ["L1", "L2"], "promised_date": dates("2025-03-04", "2025-03-09"),
    "due_date": dates("2025-03-06", "2025-04-20"), "amount": [500.0, 100.0],
})  # fmt: skip
COLLECTORS = pd.DataFrame({
    "collector_id": ["K1", "K2", "X9"], "team": ["early", "early", "agency"], "agency": [None, None, "North"],
}).astype("str")  # fmt: skip
COMPLAINTS = pd.DataFrame({
    "complaint_id": ["B1"], "loan_id": ["L4"], "complaint_date": dates("2025-03-12"), "agency": ["North"],
    "collector_id": ["X9"],
}).astype({"agency": "str", "collector_id": "str"})  # fmt: skip
BOOK = desk(CONTACTS, payments=PAYMENTS, promises=PROMISES, collectors=COLLECTORS, complaints=COMPLAINTS)
MARCH = {"start": "2025-03-01", "end": "2025-03-31"}


def results(book=BOOK, **more):
    table = casework.collector_results(book, plain(), **{**MARCH, "by": "collector_id", **more})
    return table.set_index(table[["agency", "collector_id"]].fillna("").apply("".join, axis=1))


def test_work_of_each_collector():
    table = results()
    assert table.index.tolist() == ["K1", "K2", "", "NorthX9"]  # people before the system, in-house before agencies
    counts = table[["cases", "contact_count", "effective_contacts", "reached_cases"]]
    assert counts.to_numpy().tolist() == [[2, 3, 2, 2], [2, 2, 1, 1], [1, 1, 0, 0], [1, 2, 2, 1]]
    assert table["reached_share"].tolist()[:2] == [1.0, 0.5]
    assert math.isnan(table.loc["", "reached_share"])  # a message is not answered


def test_a_promise_is_its_who_was_told_it_and_kept_when_all_came_in_time():
    table = results()
    assert table["promises_made"].tolist() == [1, 0, 1, 0]  # on 9 March nobody talked to L2
    assert table["promises_due"].tolist() == [1, 0, 0, 0]
    assert table["promises_kept"].tolist() == [0, 0, 0, 0]  # 400.00 of 500.00 by the 6th
    kept = results(desk(CONTACTS, payments=PAYMENTS.assign(amount=500.0), promises=PROMISES, collectors=COLLECTORS))
    assert kept["promises_kept"].tolist() == [1, 0, 0, 0]


def test_cash_is_credited_to_who_last_talked_to_the_debtor():
    # L2 on the 10th to K2: payments come last on a day; L3 to nobody: no talk; L4 to X9, whom the guarantor answered.
    # Penalty is paid first and is not in it. L1: 5 nights × 1 000 + 1 × 612.50, × 0.0005 = 2.81; L2: 9 nights = 4.50;
    # L3 and L4: 11 nights = 5.50. L2 on 5 April, 26 nights later: (9 000 + 26 × 714.50) × 0.0005 − 4.50 = 9.29.
    assert results()["credited"].tolist() == [497.19, 295.5, 194.5, 64.5]
    april = {"start": "2025-03-01", "end": "2025-04-30"}
    assert results(**april, credit_days=25)["credited"].tolist() == [497.19, 295.5, 235.21, 64.5]
    assert results(**april, credit_days=26)["credited"].tolist() == [497.19, 336.21, 194.5, 64.5]


def test_credited_cash_is_that_of_the_key_figures():
    demo, policy = ck.load_sample("demo"), ck.load_policy("cn-microloan")
    june = {"start": "2025-06-01", "end": "2025-06-30"}
    costs = pd.DataFrame({"cost_date": dates("2025-06-30"), "amount": [1.0]})
    cash = ck.tracking.kpis(demo, policy, **june, costs=costs).loc["cost_to_collect", "denominator"]
    for by in ("team", "collector_id"):
        table = casework.collector_results(demo, policy, **june, by=by)
        assert round(table["credited"].sum(), 2) == cash
        assert table["promises_due"].sum() == 35  # as the key figures count them
        assert table["promises_kept"].sum() == 15


def test_breaches_and_complaints_are_of_who_made_them():
    table = results(rules="cn")
    assert table["breaches"].tolist() == [0, 1, 0, 1]  # the call at 23:00; the contact person without 3 failed attempts
    assert table["complaints"].tolist() == [0, 0, 0, 1]


def test_teams_count_a_case_once():
    table = casework.collector_results(BOOK, plain(), **MARCH, by="team")
    early = table[table["team"] == "early"].squeeze()
    assert (early["cases"], early["contact_count"], early["reached_cases"], early["credited"]) == (3, 5, 2, 792.69)


def test_costs_are_of_whom_they_name():
    costs = pd.DataFrame({
        "cost_date": dates("2025-03-31", "2025-03-31", "2025-03-15", "2025-04-01"), "amount": [100.0, 30.0, 7.0, 999.0],
        "team": ["early", None, None, "early"], "collector_id": [None, "K1", None, None],
    }).astype({"team": "str", "collector_id": "str"})  # fmt: skip
    table = casework.collector_results(BOOK, plain(), **MARCH, by="team", costs=costs)
    assert table.set_index(table["team"].fillna(""))["cost"].to_dict() == {"early": 130.0, "": 7.0, "agency": 0.0}
    assert results()["cost"].isna().all()
    assert results(costs=costs[costs["cost_date"] > "2025-03-31"])["cost"].isna().all()  # not known, not free


def test_wrong_calls_are_refused():
    for wrong, words in (({"by": "region"}, "no group 'region'"), ({"credit_days": -1}, "0 or more"),
                         ({"end": "2025-01-31"}, "after")):  # fmt: skip
        with pytest.raises(ck.CallError, match=words):
            results(**wrong)
    for wrong, words in (({"by": "region"}, "no group 'region'"), ({"horizon_days": -1}, "0 or more"),
                         ({"end": "2025-01-31"}, "after")):  # fmt: skip
        with pytest.raises(ck.CallError, match=words):
            casework.like_cases(BOOK, plain(), **{**MARCH, **wrong})


def test_a_book_without_records_has_only_cash():
    table = results(desk(payments=PAYMENTS))
    assert table[["cases", "credited"]].to_numpy().tolist() == [[0.0, 1051.69]]
    assert len(casework.like_cases(desk(payments=PAYMENTS), plain(), **MARCH)) == 0
    assert len(casework.collector_results(desk(), plain(), **MARCH)) == 0


def bench(shares):
    """A book of loans due on 1 March; each collector first calls so many on a day, and so many of them pay next day."""
    rows = [(who, day, at < paid) for who, day, cases, paid in shares for at in range(cases)]
    ids = [f"L{number:03}" for number in range(len(rows))]
    contacts = pd.DataFrame({
        "contact_id": ids, "loan_id": ids, "channel": "call", "party": "debtor", "result": "considers",
        "contacted_at": [pd.Timestamp(f"2025-03-{day:02} 10:00") for _, day, _ in rows],
        "collector_id": pd.Series([who for who, *_ in rows], dtype="str"),
    })  # fmt: skip
    payers = [(loan, day) for loan, (_, day, pays) in zip(ids, rows, strict=True) if pays]
    payments = pd.DataFrame({
        "payment_id": [loan for loan, _ in payers], "loan_id": [loan for loan, _ in payers], "amount": 10.0,
        "value_date": [pd.Timestamp(f"2025-03-{day + 1:02}") for _, day in payers],
    })  # fmt: skip
    loans = pd.DataFrame({
        "loan_id": ids, "product": "consumer", "disbursement_date": pd.Timestamp("2025-01-01"), "principal": 1000.0,
        "annual_rate": "0.18"})  # fmt: skip
    instalments = pd.DataFrame({
        "loan_id": ids, "instalment_no": 1, "due_date": pd.Timestamp("2025-03-01"), "principal": 1000.0,
        "interest": 10.0})  # fmt: skip
    people = pd.DataFrame({"collector_id": sorted({who for who, *_ in rows})})
    return ck.Portfolio(
        loans=loans, instalments=instalments, payments=payments, contacts=contacts, collectors=people,
    )  # fmt: skip


def test_like_cases_are_compared_bucket_by_bucket():
    # Night of 3 March: day 2, bucket 1-5; night of 9 March: day 8, bucket 6-17. In 1-5: K1 18 of 20, K2 2 of 20, so
    # 50% of all 40. In 6-17: K2 10 of 20, K3 0 of 5, so 40% of all 25. K2: (20 × 0.5 + 20 × 0.4) ÷ 40 = 0.45.
    book = bench([("K1", 4, 20, 18), ("K2", 4, 20, 2), ("K2", 10, 20, 10), ("K3", 10, 5, 0)])
    table = casework.like_cases(book, ck.load_policy("plain"), **MARCH, by="collector_id", scheme="fine")
    table = table.set_index("collector_id")
    assert table["cases"].to_dict() == {"K1": 20, "K2": 40, "K3": 5}
    assert table["paid_cases"].to_dict() == {"K1": 18, "K2": 12, "K3": 0}
    np.testing.assert_allclose(table["expected_share"].to_numpy(), [0.5, 0.45, np.nan])
    assert table["paid_share"].tolist()[:2] == [0.9, 0.3]
    # Wilson, by hand: K1 (0.9 + 1.9208/20 ± 1.96 √(0.09/20 + 0.9604/400)) ÷ (1 + 3.8415/20)
    assert table.loc["K1", ["lower", "upper"]].round(3).tolist() == [0.699, 0.972]
    assert table["finding"].to_dict() == {"K1": "above", "K2": "alike", "K3": "too_few"}
    assert table.loc["K3", ["paid_share", "lower", "upper"]].isna().all()  # nothing of too few


def test_without_anybody_to_compare_with_there_is_no_comparison():
    book = bench([("K1", 4, 30, 18), ("K2", 10, 30, 2)])
    assert len(casework.like_cases(book, ck.load_policy("plain"), **MARCH, by="collector_id")) == 0


def test_only_cases_seen_for_the_whole_horizon_count():
    book = bench([("K1", 16, 20, 20), ("K2", 16, 20, 0), ("K1", 18, 9, 9), ("K2", 18, 9, 0)])
    table = casework.like_cases(book, ck.load_policy("plain"), **MARCH, by="collector_id", horizon_days=14)
    assert table["cases"].tolist() == [20, 20]  # of the 18th only 13 days are seen
    none = casework.like_cases(book, ck.load_policy("plain"), **MARCH, by="collector_id", horizon_days=0)
    assert none["paid_cases"].tolist() == [0, 0]  # they paid on the day after


def test_a_case_is_its_who_came_first():
    book = bench([("K1", 4, 20, 20), ("K2", 4, 20, 0)])
    more = book.contacts.assign(contact_id=book.contacts["contact_id"] + "b", collector_id="K2")
    more["contacted_at"] += pd.Timedelta(days=1)
    both = book.replacing(contacts=pd.concat([book.contacts, more], ignore_index=True))
    table = casework.like_cases(both, ck.load_policy("plain"), **MARCH, by="collector_id")
    assert table["paid_cases"].tolist() == [20, 0]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_figure_draws_shares_intervals_and_what_is_expected(language):
    table = casework.like_cases(
        bench([("K1", 4, 20, 18), ("K2", 4, 20, 2), ("K3", 4, 5, 0)]), ck.load_policy("plain"), **MARCH,
        by="collector_id",
    )  # fmt: skip
    own, like = charts.like_cases(table, language=language).data
    assert list(own.x) == [0.9, 0.1]  # K3 has too few
    assert list(like.x) == table["expected_share"].dropna().tolist()
    assert [x + up for x, up in zip(own.x, own.error_x.array, strict=True)] == table["upper"].dropna().tolist()
    assert charts.like_cases(table.head(0), language=language).layout.xaxis.title.text


def test_gaps_say_what_cannot_be_told():
    gaps = casework.data_gaps(desk(CONTACTS), **MARCH)
    assert gaps["table"].tolist() == ["Promises", "Collectors", "Placements", "Complaints"]
    assert all("cannot be told" in note for note in gaps["note"])
    quiet = casework.data_gaps(BOOK, start="2025-07-01", end="2025-07-31", language="zh")
    assert quiet.loc[quiet["table"] == "联系记录", "note"].tolist() == ["本期没有记录：可能没有发生，也可能没有登记。"]
    assert "催收员" not in quiet["table"].tolist()
    assert len(casework.data_gaps(BOOK, start="2025-03-12", end="2025-03-12")) == 3  # contacts end the day before


def test_contacts_by_channel():
    table = casework.channel_totals(BOOK, plain(), start="2025-03-03", end="2025-03-31")
    assert table.to_numpy().tolist() == [["call", 6, 4, 4, 2], ["visit", 1, 1, 1, 1]]  # the message was on the 2nd
    assert len(casework.channel_totals(desk(), plain(), **MARCH)) == 0


def test_the_last_reason_of_each_case_counts():
    record = """L1 2025-03-03 10:00 call considers reason=forgot; L1 2025-03-09 10:00 call considers reason=illness;
        L2 2025-03-04 10:00 call considers reason=illness; L3 2025-03-05 10:00 call considers reason=forgot;
        L3 2025-04-01 10:00 call considers reason=illness; L4 2025-03-06 10:00 call busy"""
    table = casework.reason_totals(desk(record), **MARCH)
    assert table["reason"].tolist() == ["illness", "forgot"]
    assert table["cases"].tolist() == [2, 1]
    assert table["cases_share"].round(4).tolist() == [0.6667, 0.3333]
    assert len(casework.reason_totals(desk(), **MARCH)) == 0
