"""The ledger against the day-by-day walk, and what must hold for every book whatever its figures are.

``FAST=1`` runs fewer examples.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from itertools import chain
from operator import itemgetter
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import collectkit as ck
from collectkit.policy import Policy
from tests import walk
from tests.books import FIRST_DAY, Book, books, frames, seeded_book

FAST = bool(os.environ.get("FAST"))
SEEDS = range(4 if FAST else 40)
LOANS_PER_SEED = 75

ASSESS_COLUMNS = [
    "loan_id",
    "as_of",
    "status",
    "days_past_due",
    "bucket",
    "asset_class",
    "overdue_instalments",
    "oldest_due_date",
    "overdue_principal",
    "overdue_interest",
    "overdue_fee",
    "penalty",
    "total_due",
    "principal_balance",
    "unapplied",
    "paid_to_date",
    "channel",
    "customer_days_past_due",
]
TRACK_COLUMNS = [*ASSESS_COLUMNS, "paid_in_period", "bucket_before"]
ALLOCATE_COLUMNS = [
    "payment_id",
    "loan_id",
    "value_date",
    "instalment_no",
    "component",
    "amount",
    "days_late",
    "days_past_due",
    "bucket",
    "channel",
]
MONEY = {
    "overdue_principal",
    "overdue_interest",
    "overdue_fee",
    "penalty",
    "total_due",
    "principal_balance",
    "unapplied",
    "paid_to_date",
    "paid_in_period",
    "amount",
}
TOTALS = ["days_past_due", "overdue_principal", "overdue_interest", "overdue_fee", "penalty", "total_due"]

patient = partial(settings, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
many = patient(max_examples=60 if FAST else 120)
some = patient(max_examples=8 if FAST else 30)


# How the tables of the package are read ----------------------------------------


def opened(book: Book) -> tuple[ck.Portfolio, Policy]:
    return ck.Portfolio(**frames(book.tables)), Policy.model_validate(book.policy)


def answers(book: Book) -> tuple[list[walk.Row], list[walk.Row]]:
    """What track says about all dates, and allocate about the last."""
    portfolio, policy = opened(book)
    tracked = ck.track(portfolio, policy, dates=book.dates, known_on=book.known_on)
    pieces = ck.allocate(portfolio, policy, as_of=book.dates[-1], known_on=book.known_on)
    return figures(tracked), figures(pieces)


def figures(table: pd.DataFrame) -> list[walk.Row]:
    """Rows of a table as the walk writes them; the index plays no part."""
    columns = {name: [_figure(name, value) for value in table[name].tolist()] for name in table.columns}
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _figure(name: str, value: Any) -> Any:
    if pd.isna(value):
        return None
    if name in MONEY:
        whole = round(value * 100)
        return whole if whole / 100 == value else f"{value!r} is not in whole cents"
    if isinstance(value, pd.Timestamp):
        return value.date() if value == value.normalize() else value
    return value


def differences(got: list[walk.Row], expected: list[walk.Row]) -> list[Any]:
    """What differs, cell by cell, as far as one wants to read."""
    if len(got) != len(expected):
        return [f"{len(got)} rows, expected {len(expected)}: {got} / {expected}"[:2000]]
    cells = [
        (right["loan_id"], right.get("as_of") or right["payment_id"], name, row.get(name), "not", right[name])
        for row, right in zip(got, expected, strict=True)
        for name in right
        if row.get(name, "no column") != right[name]
    ]
    return cells[:8]


# Against the walk --------------------------------------------------------------


@many
@given(books(), st.sampled_from(["months", "stages"]))
def test_assess_track_and_allocate_equal_the_walk(book: Book, scheme: str) -> None:
    compare(book, scheme)


@pytest.mark.parametrize("seed", SEEDS)
def test_large_books_equal_the_walk(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    if seed % 2:  # as if the book were large enough for several threads
        monkeypatch.setattr("collectkit._run._SMALL", 0)
    compare(seeded_book(seed, LOANS_PER_SEED), "months")


def compare(book: Book, scheme: str) -> None:
    """Every column of assess and track and every piece of allocate, against the walk."""
    portfolio, policy = opened(book)
    asked = (book.tables, book.policy)
    as_of, known_on = book.dates[-1], book.known_on
    rows = ck.assess(portfolio, policy, as_of=as_of, known_on=known_on, scheme=scheme)
    assert differences(figures(rows), walk.assess(*asked, as_of, known_on, scheme)) == []
    rows = ck.track(portfolio, policy, dates=book.dates, known_on=known_on)
    assert differences(figures(rows), walk.track(*asked, book.dates, known_on)) == []
    rows = ck.allocate(portfolio, policy, as_of=as_of, known_on=known_on)
    assert differences(figures(rows), walk.allocate(*asked, as_of, known_on)) == []


def test_the_walk_itself_agrees_with_the_example_worked_by_hand() -> None:
    """1 000 + 20 due 1 Jan, 1 000 + 10 due 1 Feb, 0.0005 a day on principal; 500 paid 11 Jan; 10 Feb."""
    terms = {
        "product": "*", "effective_from": date(2020, 1, 1), "grace_days": 0, "grace_mode": "threshold",
        "day_count": 360, "penalty": {"daily_rate": "0.0005"}, "penalty_base": ["principal"],
        "allocation_order": ["fee", "penalty", "interest", "principal"], "allocation_scope": "instalment",
    }  # fmt: skip
    policy = {"terms": [terms], "bucket_schemes": seeded_book(0, 1).policy["bucket_schemes"]}
    loan = {"loan_id": "L1", "product": "any", "disbursement_date": date(2024, 12, 1), "annual_rate": "0.12"}
    tables = {
        "loans": [loan],
        "instalments": [
            {
                "loan_id": "L1",
                "instalment_no": 1,
                "due_date": date(2025, 1, 1),
                "principal": 1000,
                "interest": 20,
            },
            {
                "loan_id": "L1",
                "instalment_no": 2,
                "due_date": date(2025, 2, 1),
                "principal": 1000,
                "interest": 10,
            },
        ],
        "payments": [{"payment_id": "P1", "loan_id": "L1", "value_date": date(2025, 1, 11), "amount": 500}],
    }
    (row,) = walk.assess(tables, policy, date(2025, 2, 10))
    assert [row[name] for name in TOTALS] == [40, 152_500, 1_000, 0, 1_238, 154_738]
    pieces = walk.allocate(tables, policy, date(2025, 2, 10))
    assert [(p["component"], p["amount"]) for p in pieces] == [
        ("penalty", 500), ("interest", 2_000), ("principal", 47_500)
    ]  # fmt: skip


def test_columns_are_those_of_the_contract_even_without_rows() -> None:
    portfolio, policy = opened(seeded_book(0, 2))
    before_all = date(2024, 1, 1)
    for as_of in (before_all, date(2025, 6, 1)):
        assert list(ck.assess(portfolio, policy, as_of=as_of).columns) == ASSESS_COLUMNS
        assert list(ck.track(portfolio, policy, dates=[as_of]).columns) == TRACK_COLUMNS
        assert list(ck.allocate(portfolio, policy, as_of=as_of).columns) == ALLOCATE_COLUMNS
    assert len(ck.assess(portfolio, policy, as_of=before_all)) == 0


# What holds for every book -----------------------------------------------------


@some
@given(books(), st.randoms(use_true_random=False), st.integers(-3, 3))
def test_row_order_and_index_labels_never_change_a_figure(book: Book, random: Any, label: int) -> None:
    shuffled = {name: random.sample(rows, len(rows)) for name, rows in book.tables.items()}
    assert answers(replace(book, tables=shuffled)) == answers(book)
    tables = {n: t if t is None else t.set_index(pd.Index([label] * len(t))) for n, t in frames(shuffled).items()}
    policy = Policy.model_validate(book.policy)
    table = ck.track(ck.Portfolio(**tables), policy, dates=book.dates, known_on=book.known_on)
    assert figures(table) == answers(book)[0]


@some
@given(books())
def test_asking_again_gives_the_same_tables_and_leaves_the_inputs_alone(book: Book) -> None:
    tables = frames(book.tables)
    policy = Policy.model_validate(book.policy)
    portfolio = ck.Portfolio(**tables)
    first, second = (ck.track(portfolio, policy, dates=book.dates, known_on=book.known_on) for _ in range(2))
    pd.testing.assert_frame_equal(first, second)
    first, second = (ck.allocate(portfolio, policy, as_of=book.dates[-1]) for _ in range(2))
    pd.testing.assert_frame_equal(first, second)
    for name, untouched in frames(book.tables).items():
        if untouched is not None:
            pd.testing.assert_frame_equal(tables[name], untouched)


@some
@given(books(), st.data())
def test_a_book_split_by_customers_and_joined_gives_the_same_figures(book: Book, data: st.DataObject) -> None:
    owner_of = {row["loan_id"]: row["customer_id"] or row["loan_id"] for row in book.tables["loans"]}
    owners = sorted(set(owner_of.values()))
    left_owners = data.draw(st.sets(st.sampled_from(owners)))
    left = {loan_id for loan_id, owner in owner_of.items() if owner in left_owners}
    parts = [book.only(ids) for ids in (left, set(owner_of) - left) if ids]
    by_loan = itemgetter("loan_id")
    joined = tuple(sorted(chain(*rows), key=by_loan) for rows in zip(*map(answers, parts), strict=True))
    assert joined == answers(book)


@some
@given(books(), books(most_loans=2))
def test_unrelated_loans_change_nothing(book: Book, strangers: Book) -> None:
    def renamed(row: walk.Row) -> walk.Row:
        ids = ("loan_id", "payment_id", "placement_id", "customer_id")
        return {name: f"x{value}" if name in ids and value else value for name, value in row.items()}

    more = {name: [renamed(row) for row in rows] for name, rows in strangers.tables.items()}
    tables = {name: rows + more[name] for name, rows in book.tables.items()}
    crowded = replace(book, tables=tables)
    ours = tuple([row for row in rows if not row["loan_id"].startswith("x")] for rows in answers(crowded))
    assert ours == answers(book)


@some
@given(books())
def test_pieces_sum_to_the_payments_and_are_positive(book: Book) -> None:
    _, pieces = answers(book)
    counted = {
        p["payment_id"]: walk.cents(p["amount"])
        for p in book.tables["payments"]
        if p["value_date"] <= book.dates[-1] and walk.exists(p, book.known_on)
    }
    sums = dict.fromkeys(counted, 0)
    for piece in pieces:
        sums[piece["payment_id"]] += piece["amount"]
    assert sums == counted
    assert all(piece["amount"] > 0 for piece in pieces)


@some
@given(books())
def test_nothing_owed_is_ever_negative_and_the_total_is_the_sum(book: Book) -> None:
    for row in answers(book)[0]:
        owed = [row[name] for name in ("overdue_principal", "overdue_interest", "overdue_fee", "penalty")]
        assert min(*owed, row["days_past_due"], row["principal_balance"], row["unapplied"]) >= 0
        assert row["total_due"] == sum(owed)
        assert row["overdue_principal"] <= row["principal_balance"]


@some
@given(books())
def test_knowing_everything_is_the_same_as_knowing_it_late(book: Book) -> None:
    far = replace(book, known_on=date(2099, 1, 1))
    everything = replace(book, known_on=None)
    assert answers(far) == answers(everything)


@some
@given(books(), st.integers(0, 220))
def test_what_was_not_yet_known_might_as_well_not_be_written_down(book: Book, offset: int) -> None:
    known_on = FIRST_DAY + timedelta(offset)
    believed = [{**p, "reversal_date": None} for p in book.tables["payments"] if walk.exists(p, known_on)]
    then = replace(book, known_on=known_on)
    tables = {**book.tables, "payments": believed}
    assert answers(then) == answers(replace(book, tables=tables, known_on=None))


@some
@given(books())
def test_track_of_one_date_is_assess_of_that_date(book: Book) -> None:
    portfolio, policy = opened(book)
    for day in book.dates:
        tracked = ck.track(portfolio, policy, dates=[day], known_on=book.known_on)
        assessed = ck.assess(portfolio, policy, as_of=day, known_on=book.known_on)
        assert figures(tracked[ASSESS_COLUMNS]) == figures(assessed)
        assert tracked["paid_in_period"].isna().all()
        assert tracked["bucket_before"].isna().all()


@pytest.mark.parametrize("seed", range(2 if FAST else 10))
def test_totals_of_explain_equal_assess(seed: int) -> None:
    book = seeded_book(1_000 + seed, 30)
    portfolio, policy = opened(book)
    as_of = book.dates[-1]
    for row in figures(ck.assess(portfolio, policy, as_of=as_of, known_on=book.known_on)):
        totals = ck.explain(portfolio, policy, row["loan_id"], as_of=as_of, known_on=book.known_on).totals
        got = {"loan_id": row["loan_id"], **{name: _figure(name, totals[name]) for name in TOTALS}}
        assert got == {name: row[name] for name in got}
