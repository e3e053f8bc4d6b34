"""Stated figures: what differs from ours, why ours is what it is, and which reading of the rules gives the other."""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

import collectkit as ck
from collectkit import _stated_words
from collectkit._readings import PENALTY, READINGS, Case, Facts, penalty_gross
from collectkit.checks import check_tables
from collectkit.days import day_numbers
from collectkit.policy import Policy
from collectkit.register import Workspace
from collectkit.stated import shown_differences
from tests import walk
from tests.books import Book, books, frames, seeded_book
from tests.five_loans import AS_OF, dates, five_loans, one_loan, plain, tables
from tests.test_ledger_properties import some

CHINESE = re.compile("[\u4e00-\u9fff]")
SEEDS = (2, 4, 6, 10)  # books whose policies together have what the readings change


def with_stated(portfolio, as_of=AS_OF, **figures):
    """The portfolio whose source states these figures for one loan, or for loans in order."""
    columns = {name: values if isinstance(values, list) else [values] for name, values in figures.items()}
    columns.setdefault("loan_id", ["L1"])
    stated = pd.DataFrame({**columns, "as_of": pd.Timestamp(as_of)})
    return portfolio.replacing(stated=stated)


def found(portfolio, policy, as_of=AS_OF, **figures):
    """The only difference."""
    (row,) = ck.stated_differences(with_stated(portfolio, as_of, **figures), policy).to_dict("records")
    return row


# What differs


def test_the_five_figures_of_the_five_loans_agree():
    stated = pd.DataFrame({
        "loan_id": list("ABCDE"), "as_of": pd.Timestamp(AS_OF), "principal": [2000.0, 500.0, 2000.0, 2000.0, 300.0],
        "instalment_count": [2, 1, 2, 1, 1], "paid_to_date": [1010.0, 0.0, 520.0, 300.0, 301.0],
        "days_past_due": [0, 1, 59, 0, 0], "penalty": [0.0, 0.25, 27.87, 0.0, 0.0],
    })  # fmt: skip
    found = ck.stated_differences(five_loans().replacing(stated=stated), plain())
    assert found.empty
    assert found.columns.tolist() == ["loan_id", "as_of", "what", "stated", "ours", "deviation", "readings",
                                      "ours_because", "stated_because"]  # fmt: skip


def test_nothing_stated_is_no_difference():
    none = ck.stated_differences(five_loans(), plain())
    some_cells_empty = with_stated(five_loans(), loan_id=["C"], penalty=[np.nan], days_past_due=[59])
    assert none.dtypes.equals(ck.stated_differences(some_cells_empty, plain()).dtypes)


def test_a_cent_is_a_difference():
    row = found(five_loans(), plain(), loan_id=["C"], penalty=[27.88])
    assert (row["loan_id"], row["what"], row["stated"], row["ours"]) == ("C", "penalty", 27.88, 27.87)
    assert row["deviation"] == pytest.approx(0.01)
    assert row["as_of"] == pd.Timestamp(AS_OF)


def test_every_day_has_its_own_figures():
    stated = pd.DataFrame({"loan_id": ["C", "B", "C"], "as_of": dates("2025-03-31", "2025-03-31", "2025-02-05"),
                           "days_past_due": [59, 1, 4]})  # fmt: skip
    rows = ck.stated_differences(five_loans().replacing(stated=stated), plain())
    assert rows[["loan_id", "as_of", "ours"]].to_numpy().tolist() == [["C", pd.Timestamp("2025-02-05"), 5.0]]


def test_the_order_of_the_rows_plays_no_part():
    stated = pd.DataFrame({"loan_id": list("EDCBA"), "as_of": pd.Timestamp(AS_OF), "days_past_due": 7, "penalty": 1.0})
    whole = ck.stated_differences(five_loans().replacing(stated=stated), plain())
    again = ck.stated_differences(five_loans().replacing(stated=stated.iloc[[2, 0, 4, 1, 3]]), plain())
    pd.testing.assert_frame_equal(whole, again)
    assert whole["loan_id"].tolist() == sorted(whole["loan_id"])


@given(books())
@some
def test_what_assess_says_never_differs(book: Book):
    portfolio, policy = ck.Portfolio(**frames(book.tables)), Policy.model_validate(book.policy)
    ours = ck.track(portfolio, policy, dates=book.dates)
    stated = ours[["loan_id", "as_of", "paid_to_date", "days_past_due", "penalty"]]
    assert ck.stated_differences(portfolio.replacing(stated=stated), policy).empty


# Readings, by hand: a policy, the loan, the day, what is stated; then our figure and every reading that gives theirs.

UNPAID = "2025-03-01 10000"
BY_HAND = {
    "due date counts": ("", UNPAID, {}, "2025-03-31", {"days_past_due": 31}, 30, "first_day_counts"),
    "the day after is day 0": ("", UNPAID, {}, "2025-03-31", {"days_past_due": 29}, 30,
                             "from_next_day, thirty_day_months, day_before"),
    "months of 30 days": ("", "2025-01-31 100", {}, "2025-03-31", {"days_past_due": 60}, 59,
                          "first_day_counts, thirty_day_months"),
    "February has 30 days": ("", "2025-02-01 100", {}, "2025-03-01", {"days_past_due": 30}, 28, "thirty_day_months"),
    "no grace": ("grace_days = 3", UNPAID, {}, "2025-03-04", {"days_past_due": 3}, 0, "no_grace"),
    "grace not counted": ("grace_days = 3", UNPAID, {}, "2025-03-31", {"days_past_due": 27}, 30, "grace_subtracted"),
    "grace counted": ('grace_days = 3; grace_mode = "subtract"', UNPAID, {}, "2025-03-31", {"days_past_due": 30}, 27,
                      "no_grace, grace_counted"),
    "pauses count": ("", UNPAID, {"pauses": "2025-03-05 2025-03-10"}, "2025-03-31", {"days_past_due": 30}, 25,
                     "pauses_count"),
    "posted later": ("", UNPAID, {"payments": "2025-03-01 10000 posted=2025-04-05"}, "2025-03-31",
                     {"days_past_due": 30}, 0, "as_posted"),
    "reversed later": ("", UNPAID, {"payments": "2025-03-01 10000 reversed=2025-03-20"}, "2025-03-31",
                       {"days_past_due": 0}, 30, "reversed_counts"),
    "closed": ("", UNPAID, {"loan": 'closed_date = "2025-03-10"; close_code = "sold"'}, "2025-03-31",
               {"days_past_due": 30}, 0, "not_closed"),
    # 12% × 1.5 on 10 000, 45 days: 225.00 by 360 and 221.92 by 365 (the ledger's worked example)
    "year of 365": ('penalty = { annual_rate = "0.18" }; day_count = 360', UNPAID, {}, "2025-04-15",
                    {"penalty": 221.92}, 225.0, "year_of_365"),
    "year of 360": ('penalty = { annual_rate = "0.18" }; day_count = 365', UNPAID, {}, "2025-04-15",
                    {"penalty": 225.0}, 221.92, "year_of_360"),
    # 18% × 1.5 = 27%, cut to 24%: 10 000 × 30 × 0.24 / 360 = 200.00, uncut 225.00; at 18% 150.00
    "no ceiling": ('penalty = { multiple_of_contract = "1.5" }; day_count = 360; penalty_ceiling_annual = "0.24"',
                   UNPAID, {}, "2025-03-31", {"penalty": 225.0}, 200.0, "no_ceiling"),
    "contract rate": ('penalty = { multiple_of_contract = "1.5" }; day_count = 360; penalty_ceiling_annual = "0.24"',
                      UNPAID, {}, "2025-03-31", {"penalty": 150.0}, 200.0, "contract_rate"),
    # the loan's own 36% a year against 0.0005 a day: 10 000 × 30 × 0.36 / 365 = 295.89 and 150.00
    "policy's rate": ("day_count = 365", UNPAID, {"loan": 'penalty_annual_rate = "0.36"'}, "2025-03-31",
                      {"penalty": 150.0}, 295.89, "policy_rate"),
    # cap at 1% of 10 000; uncapped 10 000 × 30 × 0.0005
    "no cap": ('penalty_cap_ratio = "0.01"', UNPAID, {}, "2025-03-31", {"penalty": 150.0}, 100.0, "no_cap"),
    "on interest too": ("", "2025-03-01 10000 1000 100", {}, "2025-03-31", {"penalty": 165.0}, 150.0,
                        "on_interest_too"),
    "on everything": ("", "2025-03-01 10000 1000 100", {}, "2025-03-31", {"penalty": 166.5}, 150.0, "on_everything"),
    "on principal": ('penalty_base = ["principal", "interest"]', "2025-03-01 10000 1000 100", {}, "2025-03-31",
                     {"penalty": 150.0}, 165.0, "on_principal"),
    # 10 nights × 10 000 × 0.0005 = 50.00, of which 20.00 is paid; 20 more nights: 100.00
    "paid penalty not taken off": ('allocation_order = ["penalty", "fee", "interest", "principal"]', UNPAID,
                                   {"payments": "2025-03-11 20"}, "2025-03-31", {"penalty": 150.0}, 130.0,
                                   "paid_not_taken_off"),
    # 33.33 × 0.0005 = 0.016665 a day: 30 × 0.02, 30 × 0.01, and 0.49995 once
    "each day rounded": ("", "2025-03-01 33.33", {}, "2025-03-31", {"penalty": 0.6}, 0.5, "each_day_rounded"),
    "each day cut off": ("", "2025-03-01 33.33", {}, "2025-03-31", {"penalty": 0.3}, 0.5, "each_day_cut"),
    "cut off once": ("", "2025-03-01 33.33", {}, "2025-03-31", {"penalty": 0.49}, 0.5, "cut_off"),
    # 12 × 0.0005 × 1 day = 0.006, twice: 0.01 + 0.01, or 0.012 rounded once
    "rounded once": ("", "2025-03-01 12; 2025-03-01 12", {}, "2025-03-02", {"penalty": 0.01}, 0.02, "rounded_once"),
    "posted later, paid": ("", UNPAID, {"payments": "2025-03-20 500 posted=2025-04-05"}, "2025-03-31",
                           {"paid_to_date": 0.0}, 500.0, "as_posted"),
    "paid yesterday": ("", UNPAID, {"payments": "2025-03-01 9000; 2025-03-31 500"}, "2025-03-31",
                       {"paid_to_date": 9000.0}, 9500.0, "day_before"),
    "taken back": ("", UNPAID, {"payments": "2025-03-01 500; 2025-03-20 70 reversed=2025-03-22"}, "2025-03-31",
                   {"paid_to_date": 570.0}, 500.0, "reversed_counts"),
    "left over": ("", UNPAID, {"payments": "2025-03-01 10050"}, "2025-03-31", {"paid_to_date": 10000.0}, 10050.0,
                  "without_left_over, without_penalty, principal_and_interest, only_principal"),
    # 10 000 × 10 × 0.0005 = 50.00 of penalty comes before principal
    "penalty not counted": ("", UNPAID, {"payments": "2025-03-11 500"}, "2025-03-31", {"paid_to_date": 450.0}, 500.0,
                            "without_penalty, principal_and_interest, only_principal"),
    "only principal and interest": ("", "2025-03-01 100 20 5", {"payments": "2025-03-01 125"}, "2025-03-31",
                                    {"paid_to_date": 120.0}, 125.0, "principal_and_interest"),
    "only principal": ("", "2025-03-01 100 20 5", {"payments": "2025-03-01 125"}, "2025-03-31",
                       {"paid_to_date": 100.0}, 125.0, "only_principal"),
    "principal and interest of the schedule": ("", "2025-03-01 100 20 5; 2025-04-01 100 10", {}, "2025-03-31",
                                               {"principal": 230.0}, 200.0, "schedule_with_interest"),
    "principal left": ("", "2025-03-01 100; 2025-04-01 100", {"payments": "2025-03-01 100"}, "2025-03-31",
                       {"principal": 100.0}, 200.0, "principal_left"),
    "principal of the schedule": ("", "2025-03-01 100; 2025-04-01 100", {"loan": "principal = 250.0"}, "2025-03-31",
                                  {"principal": 200.0}, 250.0,
                                  "schedule_principal, schedule_with_interest, principal_left"),
    "fallen due": ("", "2025-03-01 100; 2025-03-31 100; 2025-04-30 100", {"payments": "2025-03-01 100"}, "2025-03-31",
                   {"instalment_count": 2}, 3, "fallen_due, not_paid_off"),
    "overdue ones": ("", "2025-03-01 100; 2025-03-31 100; 2025-04-30 100", {}, "2025-03-31",
                     {"instalment_count": 1}, 3, "overdue_ones"),
    "a reading too far": ("", UNPAID, {}, "2025-03-31", {"days_past_due": 33}, 30, ""),
}  # fmt: skip


@pytest.mark.parametrize("name", BY_HAND)
def test_a_reading_by_hand(name):
    terms, schedule, loan, as_of, stated, ours, readings = BY_HAND[name]
    row = found(one_loan(schedule, **loan), plain(terms), as_of, **stated)
    assert (row["what"], row["ours"], row["readings"]) == (next(iter(stated)), ours, readings)


def test_the_number_of_the_last_instalment():
    made = tables()
    made["instalments"].loc[made["instalments"]["loan_id"] == "D", "instalment_no"] = 12
    row = found(ck.Portfolio(**made), plain(), loan_id=["D"], instalment_count=[12])
    assert (row["ours"], row["readings"]) == (1, "last_number")


def test_every_reading_is_tried_by_hand():
    tried = {name for case in BY_HAND.values() for name in case[-1].split(", ")} | {"last_number", ""}
    assert tried == {"", *(name for of_figure in READINGS.values() for name in of_figure)}


# Readings against the walk, which shares no code: the whole book is read by other rules.


def _terms(**changes):
    def change(book):
        for terms in book.policy["terms"]:
            terms |= changes
            for name in [name for name, value in changes.items() if value is None]:
                terms.pop(name)

    return change


def _without(table, *columns):
    def change(book):
        for row in book.tables[table]:
            for name in columns:
                row.pop(name, None)

    return change


def _due(days):
    def change(book):
        for row in book.tables["instalments"]:
            row["due_date"] += timedelta(days=days)

    return change


def _first_day_counts(book):
    """Late from the due date on, unless paid on it."""
    days = {(row["loan_id"], row["due_date"]) for row in book.tables["instalments"]}
    for row in book.tables["payments"]:
        row["value_date"] -= timedelta(days=(row["loan_id"], row["value_date"]) in days)
    for row in book.tables["instalments"]:
        row["due_date"] -= timedelta(days=row["due_date"] < book.dates[-1])


def _all(*changes):
    return lambda book: [change(book) for change in changes]


OTHER_BOOKS = {
    "no_grace": _all(_terms(grace_days=0), _without("loans", "grace_days")),
    "grace_subtracted": _terms(grace_mode="subtract"),
    "grace_counted": _terms(grace_mode="threshold"),
    "from_next_day": _due(1),
    "first_day_counts": _first_day_counts,
    "pauses_count": lambda book: book.tables["pauses"].clear(),
    "reversed_counts": _without("payments", "reversal_date"),
    "not_closed": _without("loans", "closed_date", "close_code"),
    "year_of_365": _terms(day_count=365),
    "year_of_360": _terms(day_count=360),
    "no_ceiling": _terms(penalty_ceiling_annual=None),
    "no_cap": _terms(penalty_cap_ratio=None),
    "contract_rate": _all(_terms(penalty={"multiple_of_contract": "1"}), _without("loans", "penalty_annual_rate")),
    "policy_rate": _without("loans", "penalty_annual_rate"),
    "on_principal": _terms(penalty_base=["principal"]),
    "on_interest_too": _terms(penalty_base=["principal", "interest"]),
    "on_everything": _terms(penalty_base=["principal", "interest", "fee"]),
}


@pytest.mark.parametrize("reading", OTHER_BOOKS)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_source_that_reads_the_rules_otherwise_is_found_out(reading, seed):
    book = seeded_book(seed, 60)
    portfolio, policy = ck.Portfolio(**frames(book.tables)), Policy.model_validate(book.policy)
    other = deepcopy(book)
    OTHER_BOOKS[reading](other)
    theirs = pd.DataFrame(walk.assess(other.tables, other.policy, book.dates[-1]))
    stated = pd.DataFrame({"loan_id": theirs["loan_id"].astype("str"), "as_of": pd.Timestamp(book.dates[-1]),
                           "days_past_due": theirs["days_past_due"], "penalty": theirs["penalty"] / 100})  # fmt: skip
    begins = {row["loan_id"]: row["disbursement_date"] for row in book.tables["loans"]}
    at_once = {row["loan_id"] for row in book.tables["instalments"] if row["due_date"] == begins[row["loan_id"]]}
    stated = stated[~stated["loan_id"].isin(at_once)]  # the walk begins with the loan, so a day earlier is lost
    rows = ck.stated_differences(portfolio.replacing(stated=stated), policy)
    assert [row for row in rows["readings"] if reading not in row.split(", ")] == []


def test_those_books_do_differ():
    """Each of the other readings changes a figure in one of the books at least."""
    silent = set(OTHER_BOOKS)
    for seed in SEEDS:
        book = seeded_book(seed, 60)
        ours = walk.assess(book.tables, book.policy, book.dates[-1])
        for reading in sorted(silent):
            other = deepcopy(book)
            OTHER_BOOKS[reading](other)
            theirs = walk.assess(other.tables, other.policy, book.dates[-1])
            pairs = zip(ours, theirs, strict=True)
            if any((a["days_past_due"], a["penalty"]) != (b["days_past_due"], b["penalty"]) for a, b in pairs):
                silent.discard(reading)
    assert silent == set()


@given(books())
@some
def test_the_stretches_of_nights_add_up_to_the_penalty(book: Book):
    portfolio, policy = ck.Portfolio(**frames(book.tables)), Policy.model_validate(book.policy)
    for as_of in book.dates:
        day = int(day_numbers(pd.Series([pd.Timestamp(as_of)]))[0])
        facts = Facts(Case.of(portfolio.coded, policy, day), np.zeros(len(portfolio.loans), dtype=np.int64))
        found = penalty_gross(facts, "by_instalment") - facts.paid_on(PENALTY)
        is_open = portfolio.coded.closed > day
        assert found[is_open].tolist() == facts.ours["penalty"][is_open].tolist()


# Words


def test_every_reading_and_reason_has_its_words():
    assert _stated_words.READINGS.keys() == {name for of_figure in READINGS.values() for name in of_figure}
    for words in (*_stated_words.READINGS.values(), *_stated_words.OURS.values(), *_stated_words.MODES.values()):
        assert words.keys() == {"en", "zh"}
        assert CHINESE.search(words["zh"])
        assert not CHINESE.search(words["en"])
        assert set(re.findall(r"{\w+}", words["zh"])) == set(re.findall(r"{\w+}", words["en"]))


REASONS = {
    "days": ("grace_days = 3", UNPAID, {"pauses": "2025-03-05 2025-03-10"}, {"days_past_due": 9},
             ["fell due on 2025-03-01", "Days to 2025-03-31: 30", "paused: 5", "grace: 3 (counted once it is over)"]),
    "grace": ("grace_days = 90", UNPAID, {}, {"penalty": 9.0}, ["fell due on 2025-03-01", "grace: 90"]),
    "nothing late": ("", "2025-03-31 10", {}, {"penalty": 9.0}, ["Nothing that fell due before 2025-03-31"]),
    "closed": ("", UNPAID, {"loan": 'closed_date = "2025-03-10"; close_code = "sold"'}, {"days_past_due": 9},
               ["closed on 2025-03-10"]),
    # 10 000 × 10 + 10 000 × 20 nights; 50.00 accrued by the 11th, 20.00 of it paid
    "penalty": ('allocation_order = ["penalty", "fee", "interest", "principal"]', UNPAID,
                {"payments": "2025-03-11 20"}, {"penalty": 9.0},
                ["bear penalty: 1", "300,000.00", "0.05% a day", "150.00", "already paid: 20.00"]),
    "paid": ("", UNPAID,
             {"payments": "2025-03-11 20; 2025-03-12 30 posted=2025-04-05; 2025-03-13 7 reversed=2025-03-14"},
             {"paid_to_date": 9.0}, ["up to 2025-03-31: 2", "posted later: 1", "together 50.00", "left over: 0.00"]),
    "principal": ("", UNPAID, {}, {"principal": 9.0}, ["2014-06-01", "10,000.00"]),
    "count": ("", "2025-03-01 10; 2025-04-01 10", {}, {"instalment_count": 9},
              ["2, due from 2025-03-01 to 2025-04-01"]),
}  # fmt: skip


@pytest.mark.parametrize("name", REASONS)
def test_why_ours_is_what_it_is(name):
    terms, schedule, loan, stated, words = REASONS[name]
    row = found(one_loan(schedule, **loan), plain(terms), "2025-03-31", **stated)
    assert [word for word in words if word not in row["ours_because"]] == [], row["ours_because"]
    assert "The source states 9" in row["stated_because"]
    assert "No simple reading" in row["stated_because"]


@pytest.mark.parametrize("name", REASONS)
def test_in_chinese_the_figures_are_the_same(name):
    terms, schedule, loan, stated, _ = REASONS[name]
    portfolio = with_stated(one_loan(schedule, **loan), "2025-03-31", **stated)
    english, chinese = (ck.stated_differences(portfolio, plain(terms), language=language) for language in ("en", "zh"))
    columns = ["loan_id", "as_of", "what", "stated", "ours", "deviation", "readings"]
    pd.testing.assert_frame_equal(english[columns], chinese[columns])
    for column in ("ours_because", "stated_because"):
        assert CHINESE.search(chinese[column][0])
        numbers = [sorted(re.findall(r"[\d,.]*\d", text[column][0])) for text in (english, chinese)]
        assert numbers[0] == numbers[1]


def test_differences_are_counted_by_reading():
    rows = ck.stated_differences(
        with_stated(five_loans(), loan_id=list("ABC"), days_past_due=[1, 2, 60], penalty=[0.0, 0.25, 32.87]), plain()
    )
    counted = ck.differences_by_reading(rows)
    assert counted.to_numpy().tolist() == [
        ["days_past_due", 3, "the due date is day 1 (inclusive counting)", 2],
        ["days_past_due", 3, "every month has 30 days", 1],
        ["days_past_due", 3, "", 1],
        ["penalty", 1, "penalty already paid is not taken off", 1],
    ]


def test_differences_that_nothing_explains_are_counted_last():
    rows = ck.stated_differences(with_stated(five_loans(), loan_id=list("BC"), days_past_due=[99, 60]), plain())
    assert ck.differences_by_reading(rows, language="zh")["reading"].tolist()[-1] == ""


def test_shown_differences_are_written_by_their_kind():
    rows = ck.stated_differences(
        with_stated(five_loans(), loan_id=["C"], days_past_due=[57], penalty=[1000.0]), plain()
    )
    shown = shown_differences(rows, "zh")
    assert shown[["what", "stated", "ours", "deviation"]].to_numpy().tolist() == [
        ["逾期天数", "57", "59", "-2"], ["罚息", "1,000.00", "27.87", "+972.13"],
    ]  # fmt: skip


# Calls and data that are wrong


@pytest.mark.parametrize(
    ("call", "words"),
    [({"language": "fr"}, "no language 'fr'"), ({"policy": "plain"}, "Load it first")],
)
def test_a_wrong_call_says_why(call, words):
    policy = call.pop("policy", plain())
    with pytest.raises(ck.CallError, match=words):
        ck.stated_differences(five_loans(), policy, **call)


STATED = pd.DataFrame({"loan_id": ["A"], "as_of": dates(AS_OF), "penalty": [1.0]})


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"loan_id": ["Z"]}, "loan is not in loans"),
        ({"as_of": dates("2024-12-31")}, "figures are stated for a day before the loan was disbursed"),
        ({"penalty": [-1.0]}, "amount is negative"),
        ({"penalty": [0.125]}, "amount has a fraction of a cent"),
        ({"days_past_due": [-3]}, "value is not a whole number, 0 or more"),
        ({"as_of": dates(None)}, "is missing"),
    ],
)
def test_stated_figures_are_checked_like_the_rest(change, problem):
    found = check_tables({**tables(), "stated": STATED.assign(**change)})
    assert problem in found["problem"].tolist()


def test_a_loan_has_one_row_a_day():
    found = check_tables({**tables(), "stated": pd.concat([STATED, STATED])})
    assert found["problem"].tolist() == ["loan_id + as_of appears more than once"] * 2


def test_stated_figures_are_imported_and_corrected(tmp_path):
    workspace = Workspace(tmp_path / "book")
    none = pd.DataFrame(columns=["table", "row", "loan_id", "column", "problem", "value", "severity", "what_to_do"])

    def take_in(number, **frames):
        return workspace.take_in(frames, file_name="f.csv", sha256=f"{number:064x}", by="Li", imported_at="2025-04-01",
                                 problems=none)  # fmt: skip

    take_in(1, **tables(), stated=STATED)
    both = pd.DataFrame({"loan_id": ["A", "A", "B"], "as_of": dates(AS_OF, "2025-03-01", AS_OF), "penalty": 0.0})
    report = take_in(2, stated=both)
    assert report.counts.loc[0, ["accepted", "already_there", "changed", "quarantined"]].tolist() == [2, 0, 1, 0]
    assert report.changed[["key", "old", "new"]].to_numpy().tolist() == [["A 2025-03-31", "1.00", "0.00"]]
    assert workspace.portfolio().stated["penalty"].tolist() == [0.0, 0.0, 0.0]
