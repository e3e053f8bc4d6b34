"""The headlines are a recount of the loans, date by date."""

from __future__ import annotations

import math

import pytest
from hypothesis import given

import collectkit as ck
from collectkit import tracking
from tests import recount
from tests.panels import BUCKETS, panels


def share(part, whole):
    return len(part) / len(whole) if whole else math.nan


@given(panels())
def test_headlines_are_a_recount(book):
    panel, loans = book
    lines = tracking.headlines(tracking.cube(panel, loans))
    moves = list(recount.moves(panel, loans))
    for number, (_, line) in enumerate(lines.iterrows()):
        here = [move for move in moves if move.date == number and move.state != "unobserved"]
        is_open = [move for move in here if move.state in BUCKETS]
        overdue = [move for move in here if move.before in BUCKETS[1:]]
        clean = [move for move in here if move.before == BUCKETS[0]]
        still = [move for move in overdue if move.state in BUCKETS]
        cured = [move for move in still if move.state == BUCKETS[0]]
        worse = [move for move in still if BUCKETS.index(move.state) > BUCKETS.index(move.before)]
        assert line["loans"] == len(is_open)
        assert line["overdue_loans"] == len([move for move in is_open if move.state != BUCKETS[0]])
        assert line["cured"] == pytest.approx(share(cured, overdue), nan_ok=True)
        assert line["rolled_forward"] == pytest.approx(share(worse, overdue), nan_ok=True)
        entered = [move for move in clean if move.state in BUCKETS[1:]]
        assert line["entry_rate"] == pytest.approx(share(entered, clean), nan_ok=True)


def test_balances_weight_the_moves():
    cube = tracking.demo_cube()
    lines = tracking.headlines(cube, weight="balance")
    moves = tracking.transitions(cube.where(as_of="2025-12-31"), weight="balance").set_index(["state_before", "state"])
    overdue = moves.loc[list(cube.buckets[1:])]
    cured = overdue.xs("M0", level="state")["balance_before"].sum() / overdue["balance_before"].sum()
    assert lines["cured"].iloc[-1] == pytest.approx(cured)
    assert lines.attrs["definition"]["zh"]


def test_an_unknown_weight_lists_the_valid_ones():
    with pytest.raises(ck.CallError, match="balance"):
        tracking.headlines(tracking.demo_cube(), weight="money")
