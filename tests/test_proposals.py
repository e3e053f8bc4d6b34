"""Which loans to hand over and to take back, and why."""

from __future__ import annotations

import pandas as pd
import pytest

import collectkit as ck
from collectkit.agencies import hand_over_proposals
from collectkit.handing_over import HandOver
from collectkit.rules import checked
from tests.five_loans import one_loan, plain

FREE = 'penalty = { daily_rate = "0" }'


def rule(**keys):
    table = {"name": "r", "action": "place", "effective_from": "2020-01-01", "say": "why", "say_zh": "原因",
             "source": "contract"} | keys  # fmt: skip
    return checked(HandOver, table, "test")


def rules(*given):
    return plain(FREE).model_copy(update={"hand_over": tuple(rule(**keys) for keys in given)})


def proposed(book, policy, as_of, **keys):
    found = hand_over_proposals(book, policy, as_of=as_of, **keys)
    return found[["proposal", "rule"]].to_numpy().tolist()


def with_contact(book, day, channel="call", party="debtor", result="promised"):
    contacts = pd.DataFrame(
        {"contact_id": ["N1"], "loan_id": ["L1"], "contacted_at": [pd.Timestamp(day)], "channel": [channel],
         "party": [party], "result": [result]}
    )  # fmt: skip
    return book.replacing(contacts=contacts)


@pytest.mark.parametrize(("day", "expected"), [("2025-04-01", []), ("2025-04-02", [["place", "over_90_days"]])])
def test_the_base_rule_begins_after_90_days(day, expected):
    # due 1 January: 90 days on 1 April, 91 on 2 April
    assert proposed(one_loan("2025-01-01 1000"), plain(FREE), day) == expected


def test_a_secured_loan_stays_in_house():
    assert proposed(one_loan("2025-01-01 1000", loan="is_secured = true"), plain(FREE), "2025-06-01") == []


def test_a_loan_with_an_agency_a_closed_and_a_paused_one_are_not_placed():
    for keys in (
        {"placements": "North 2025-03-01"},
        {"loan": 'closed_date = 2025-05-01; close_code = "written_off"'},
        {"pauses": "2025-05-30 2025-06-02"},
    ):
        found = hand_over_proposals(one_loan("2025-01-01 1000", **keys), plain(FREE), as_of="2025-06-01")
        assert "place" not in set(found["proposal"])


def test_a_recalled_loan_can_be_placed_again():
    book = one_loan("2025-01-01 1000", placements="North 2025-03-01 2025-05-01")
    assert proposed(book, plain(FREE), "2025-06-01") == [["place", "over_90_days"]]


def test_no_talk_for_so_many_days():
    policy = rules({"min_days": 31, "no_contact_days": 30})
    book = one_loan("2025-01-01 1000")
    assert proposed(book, policy, "2025-03-01") == [["place", "r"]]
    for contact, expected in (
        ({"day": "2025-01-30 10:00"}, [["place", "r"]]),  # 30 days before 1 March
        ({"day": "2025-01-31 10:00"}, []),
        ({"day": "2025-02-20 10:00", "result": "no_answer"}, [["place", "r"]]),
        ({"day": "2025-02-20 10:00", "party": "contact_person"}, [["place", "r"]]),
        ({"day": "2025-02-20 10:00", "channel": "sms", "result": "delivered"}, [["place", "r"]]),
        ({"day": "2025-03-01 23:59"}, []),
        ({"day": "2025-03-02 00:00"}, [["place", "r"]]),  # not yet
    ):
        assert proposed(with_contact(book, **contact), policy, "2025-03-01") == expected


def test_amount_product_and_days_bound_a_rule():
    book = one_loan("2025-01-01 1000")
    for keys, holds in (
        ({"min_due": "1000"}, True), ({"min_due": "1000.01"}, False), ({"products": ["consumer"]}, True),
        ({"products": ["vehicle"]}, False), ({"max_days": 59}, True), ({"max_days": 58}, False),
    ):  # fmt: skip
        assert bool(proposed(book, rules({"min_days": 31, **keys}), "2025-03-01")) is holds


def test_a_volume_rule_waits_for_its_volume():
    book = one_loan("2025-01-01 1000")
    assert proposed(book, rules({"min_days": 1, "min_loans": 2}), "2025-03-01") == []
    assert proposed(book, rules({"min_days": 1, "min_loans": 1}), "2025-03-01") == [["place", "r"]]


def test_the_first_rule_that_holds_gives_the_reason():
    policy = rules(
        {"name": "b", "min_days": 99}, {"name": "a", "min_days": 1}, {"name": "c", "min_days": 1, "say": "c"}
    )
    found = hand_over_proposals(one_loan("2025-01-01 1000"), policy, as_of="2025-03-01", language="zh")
    assert found[["rule", "reason"]].to_numpy().tolist() == [["a", "原因"]]


def test_what_is_settled_paused_or_without_result_is_recalled():
    paid = one_loan("2025-01-01 1000", "2025-03-05 1000", placements="North 2025-03-01")
    paused = one_loan("2025-01-01 1000", pauses="2025-03-05 2025-04-10", placements="North 2025-03-01")
    idle = one_loan("2025-01-01 1000", "2025-06-01 10", placements="North 2025-03-01")
    assert proposed(paid, plain(FREE), "2025-03-05") == [["recall", "settled"]]
    assert proposed(paused, plain(FREE), "2025-04-09") == [["recall", "paused"]]
    assert proposed(paused, plain(FREE), "2025-04-10") == []
    # 180 days with the agency on 28 August; 90 days without money on 30 August
    assert proposed(idle, plain(FREE), "2025-08-29") == []
    assert proposed(idle, plain(FREE), "2025-08-30") == [["recall", "no_result"]]


def test_a_reversed_payment_is_no_money():
    idle = one_loan("2025-01-01 1000", "2025-08-01 10 reversed=2025-08-03", placements="North 2025-03-01")
    assert proposed(idle, plain(FREE), "2025-08-28") == [["recall", "no_result"]]


def test_a_rule_that_is_not_active_or_not_in_force_proposes_nothing():
    book = one_loan("2025-01-01 1000")
    assert proposed(book, rules({"min_days": 1, "is_active": False}), "2025-03-01") == []
    assert proposed(book, rules({"min_days": 1, "effective_from": "2025-03-02"}), "2025-03-01") == []


@pytest.mark.parametrize("name", ck.list_policies())
def test_every_profile_has_its_rules_with_source_and_note(name):
    shipped = ck.load_policy(name).hand_over
    assert {one.name for one in shipped if one.is_active} == {"over_90_days", "settled", "paused", "no_result"}
    assert all(one.source and one.note and one.say_zh for one in shipped)


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({}, "min_days"),
        ({"min_days": 0}, "greater than or equal to 1"),
        ({"min_days": 31, "max_days": 30}, "max_days 30 is before min_days 31"),
        ({"min_days": 1, "placed_days": 180}, "placed_days goes with"),
        ({"action": "recall", "min_loans": 5}, "min_loans goes with"),
        ({"action": "sell"}, "'place' or 'recall'"),
        ({"min_days": 1, "min_due": 500}, "as text"),
        ({"min_days": 1, "min_day": 5}, "did you mean"),
    ],
)
def test_rules_with_a_mistake_are_refused_with_what_to_write(keys, words):
    with pytest.raises(ck.PolicyError, match=words):
        rule(**keys)
