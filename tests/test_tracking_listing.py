"""The loans behind a cell are those the cube counts in it; a coarser cube gives the same tables."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import collectkit as ck
from collectkit import tracking
from tests import recount
from tests.panels import panels


@pytest.fixture(scope="module")
def demo():
    book, policy = ck.load_sample("demo"), ck.load_policy("cn-microloan")
    return book, ck.track(book, policy, dates=["2025-10-31", "2025-11-30"])


@given(panels())
def test_the_list_of_a_cell_is_a_recount(book):
    panel, loans = book[0].assign(total_due=1.0), book[1]
    moves = [move for move in recount.moves(panel, loans) if move.row is not None]
    for before, state in {(move.before, move.state) for move in moves}:
        if state in recount.EXITS and before == state:
            continue  # a loan that is out stays out; no cell counts it unless it pays
        listed = tracking.cell_loans(panel, loans, state_before=before, state=state)
        expected = sorted(
            (move.loan["loan_id"], move.row["days_past_due"])
            for move in moves
            if (move.before, move.state) == (before, state)
        )
        assert sorted(zip(listed["loan_id"], listed["days_past_due"], strict=True)) == expected


def test_the_list_keeps_what_the_filters_keep(demo):
    book, panel = demo
    kept = {"as_of": "2025-11-30", "state": "M1", "product": ["vehicle_pledge"], "channel": "in_house"}
    listed = tracking.cell_loans(panel, book.loans, **kept)
    day = panel[(panel["as_of"] == "2025-11-30") & (panel["bucket"] == "M1") & (panel["status"] == "overdue")]
    known = book.loans.set_index("loan_id")["product"]
    expected = day[(day["loan_id"].map(known) == "vehicle_pledge") & (day["channel"] == "in_house")]
    assert set(listed["loan_id"]) == set(expected["loan_id"])
    assert len(listed) > 0
    assert listed["days_past_due"].is_monotonic_decreasing


def test_a_loan_that_is_gone_is_listed_without_figures(demo):
    book, panel = demo
    gone = panel.loc[panel["status"] == "overdue", "loan_id"].iloc[0]
    shorter = panel[(panel["loan_id"] != gone) | (panel["as_of"] == "2025-10-31")]
    listed = tracking.cell_loans(shorter, book.loans, state="gone")
    assert listed["loan_id"].tolist() == [gone]
    assert listed["days_past_due"].isna().all()


def test_an_unknown_value_lists_the_valid_ones(demo):
    book, panel = demo
    with pytest.raises(ck.CallError, match="M1"):
        tracking.cell_loans(panel, book.loans, state="M99")


@given(panels(), st.sets(st.sampled_from(["product", "region", "channel"])))
def test_a_coarser_cube_gives_the_same_tables(book, by):
    panel, loans = book
    full = tracking.cube(panel, loans, by=("product", "region", "channel"))
    coarse = full.coarser(*sorted(by))
    assert len(coarse.cells) <= len(full.cells)
    for table in (
        tracking.bucket_mix,
        tracking.portfolio_at_risk,
        tracking.transitions,
        tracking.flow_rates,
        tracking.entry_rate,
        tracking.vintages,
    ):
        pd.testing.assert_frame_equal(table(coarse), table(full))
    for name in by:
        for value in full.values(name):
            there, here = coarse.where(**{name: value}), full.where(**{name: value})
            pd.testing.assert_frame_equal(tracking.bucket_mix(there), tracking.bucket_mix(here))


def test_a_coarser_cube_remembers_that_a_life_was_cut():
    with pytest.raises(ck.CallError, match="channel"):
        tracking.vintages(tracking.demo_cube().where(channel="in_house").coarser())


def test_only_its_own_dimensions_can_be_kept():
    with pytest.raises(ck.CallError, match="product"):
        tracking.demo_cube().coarser("branch")
