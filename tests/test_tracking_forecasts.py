"""Published figures to their digits: loss by roll rates, Kaplan–Meier, the cards of UCI; recounts for the rest."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

import collectkit as ck
from collectkit import tracking
from tests import recount
from tests.panels import BUCKETS, DATES, panels

# OCC, Comptroller's Handbook, Retail Lending: balances in millions, and the forward rates behind its loss factors
OCC_BUCKETS = ["current", "30-59", "60-89", "90-119", "120+"]
OCC_BALANCES = pd.Series([987.4, 30.2, 11.8, 8.2, 5.9], OCC_BUCKETS)
OCC_ROLLS = pd.Series([0.0340, 0.4257, 0.6712, 0.7212], OCC_BUCKETS[:-1])


def test_loss_by_roll_rates_is_that_of_the_occ():
    table = tracking.loss_forecast(OCC_BALANCES, OCC_ROLLS)
    assert (100 * table["loss_factor"]).round(2).tolist() == [0.70, 20.61, 48.41, 72.12, 100.0]
    assert table["expected_loss"].round(1).tolist() == [6.9, 6.2, 5.7, 5.9, 5.9]
    assert round(table["balance"].sum(), 1) == 1043.5
    assert round(table["expected_loss"].round(1).sum(), 1) == 30.6
    in_tenths = table["expected_loss"].round(1).sum()  # the handbook divides what it printed
    assert round(100 * in_tenths / table["balance"].sum(), 2) == 2.93


def test_recovery_lowers_every_loss_alike():
    gross, net = (tracking.loss_forecast(OCC_BALANCES, OCC_ROLLS, recovery=r) for r in (0, 0.25))
    assert (net["loss_factor"] / gross["loss_factor"]).tolist() == pytest.approx([0.75] * 5)


def test_rates_of_the_cube_go_into_the_forecast():
    rolls = tracking.roll_rates(tracking.demo_cube(), weight="balance")["rolled_forward"]
    balances = tracking.bucket_mix(tracking.demo_cube(), weight="principal_balance").iloc[-1]
    table = tracking.loss_forecast(balances, rolls)
    assert table["loss_factor"].is_monotonic_increasing
    assert table["loss_factor"].iloc[-1] == 1


def test_a_forecast_without_a_rate_is_refused():
    with pytest.raises(ck.CallError, match="60-89"):
        tracking.loss_forecast(OCC_BALANCES, OCC_ROLLS.drop("60-89"))
    with pytest.raises(ck.CallError, match="from 0 to 1"):
        tracking.loss_forecast(OCC_BALANCES, OCC_ROLLS, recovery=1.2)


# Time to cure ----------------------------------------


def statuses(*lines, dates=6):
    """A panel from lines of letters, one a date: c current, x overdue, w written off, p paid off, space: no row."""
    words = {"c": "current", "x": "overdue", "w": "written_off", "p": "paid_off", "s": "settled"}
    days = pd.date_range("2025-01-31", periods=dates, freq="ME").as_unit("us")
    rows = [
        [f"L{n}", day, words[letter]]
        for n, line in enumerate(lines)
        for day, letter in zip(days, line, strict=False)
        if letter != " "
    ]
    return pd.DataFrame(rows, columns=["loan_id", "as_of", "status"])


def test_four_subjects_one_censored_are_those_of_the_textbook():
    # events at 1, 2 and 3, one censored at 4: F = 1/4, 1/2, 3/4
    table = tracking.time_to_cure(statuses("cxcccc", "cxxccc", "cxxxcc", "cxxxxx"))
    assert table["cured_share"].tolist() == pytest.approx([0, 0.25, 0.5, 0.75, 0.75])
    assert table["at_risk"].tolist() == [4, 4, 3, 2, 1]
    assert table["cured"].tolist() == [0, 1, 1, 1, 0]
    assert table["censored"].tolist() == [0, 0, 0, 0, 1]


@pytest.mark.parametrize(
    ("line", "cured", "censored"),
    [
        ("xxcccc", {}, {}),  # it began before we looked
        ("cxxccx", {2: 1}, {}),  # a second spell begins on the last date: nothing of it was seen
        ("cxcxxp", {1: 1, 2: 1}, {}),  # two spells; paid off is cured
        ("cxxw", {}, {2: 1}),
        ("cxxs", {}, {2: 1}),
        ("cxx xcc", {1: 1}, {1: 1}),  # a gap ends one spell and begins another
        ("cxx", {}, {1: 1}),  # gone
        ("  xxcc", {2: 1}, {}),  # first seen overdue, after the first date
    ],
)
def test_a_spell_ends_as_it_should(line, cured, censored):
    table = tracking.time_to_cure(statuses(line, "c" * 7, dates=7))
    assert {n: c for n, c in table["cured"].items() if c} == cured
    assert {n: c for n, c in table["censored"].items() if c} == censored


def test_no_spell_makes_an_empty_table():
    assert len(tracking.time_to_cure(statuses("cccc"))) == 0


# Snapshot roll ----------------------------------------


@given(panels())
def test_snapshot_roll_is_a_recount(book):
    panel, _ = book
    dates = sorted(set(panel["as_of"]))
    if not ({DATES[0], DATES[1]} & set(dates) and {DATES[3], DATES[4]} & set(dates)):
        return
    table = tracking.snapshot_roll(panel, observe=(DATES[0], DATES[1]), perform=(DATES[3], DATES[4]))
    expected = Counter()
    for rows in recount.rows_by_loan(panel).values():
        then = [r for r in rows if r["as_of"] <= DATES[1]]
        now = [r for r in rows if r["as_of"] >= DATES[3]]
        seen = [r["bucket"] for r in then if recount.state_of(r) in BUCKETS]
        if not seen or any(r["status"] == "written_off" for r in then):
            continue
        worst = max(seen, key=BUCKETS.index)
        later = [r["bucket"] for r in now if recount.state_of(r) in BUCKETS]
        lost = any(r["status"] == "written_off" for r in now)
        state = "written_off" if lost else max(later, key=BUCKETS.index) if later else "left"
        expected[worst, state] += 1
    got = {(r.state_before, r.state): r.loans for r in table.itertuples() if r.loans}
    assert got == expected
    sums = table.groupby("state_before", observed=True)["rate"].sum(min_count=1).dropna()
    assert np.allclose(sums, 1)


def test_windows_must_follow_each_other_and_hold_dates():
    panel = statuses("cccc")
    panel["bucket"] = pd.Categorical(["M0"] * 4, BUCKETS, ordered=True)
    with pytest.raises(ck.CallError, match="not after the first"):
        tracking.snapshot_roll(panel, observe=("2025-01-31", "2025-03-31"), perform=("2025-03-31", "2025-04-30"))
    with pytest.raises(ck.CallError, match="holds no date"):
        tracking.snapshot_roll(panel, observe=("2024-01-31", "2024-03-31"), perform=("2025-03-31", "2025-04-30"))


@pytest.mark.parametrize("table", [
    tracking.time_to_cure,
    lambda panel: tracking.snapshot_roll(panel, observe=(DATES[0], DATES[0]), perform=(DATES[1], DATES[3])),
])  # fmt: skip
def test_rows_that_are_not_in_order_are_refused(table):
    panel = statuses("xcxx", "cxxx").assign(principal_balance=0.0)
    panel["bucket"] = pd.Categorical(panel["status"].map({"current": "M0", "overdue": "M1"}), BUCKETS, ordered=True)
    table(panel)
    for rows in (panel[::-1], panel.loc[[0, 0, 1]]):
        with pytest.raises(ck.CallError, match="do not ascend"):
            table(rows)
    with pytest.raises(ck.CallError, match="do not stand together"):
        table(panel.sort_values("as_of", kind="stable"))
    with pytest.raises(ck.CallError, match="has no as_of"):
        table(panel.drop(columns="as_of"))


# Status tables: the credit cards of UCI ----------------------------------------

UCI = {"loan_id": "customer_id", "as_of": "month", "principal_balance": "bill_amount", "paid_in_period": "paid_amount"}


@pytest.fixture(scope="module")
def cards():
    return tracking.cube(*tracking.read_status_panel(ck.load_sample("uci_credit_card"), columns=UCI), by=())


def test_cards_from_august_to_september_by_count(cards):
    # Yeh and Lien's data: of those not late (codes -2, -1, 0) 22,735 stay, 1,836 go to 1 and 991 to 2
    moves = tracking.transitions(cards.where(as_of="2005-09-30")).set_index(["state_before", "state"])
    assert moves.loc["M0", "loans"][["M0", "M1", "M2"]].tolist() == [22_735, 1_836, 991]
    assert moves.loc["M0", "loans"].sum() == 22_735 + 1_836 + 991
    assert round(100 * moves.loc[("M0", "M2"), "rate"], 2) == 3.88


def test_cards_from_august_to_september_by_balance(cards):
    matrix = tracking.transition_matrix(cards.where(as_of="2005-09-30"), weight="balance")
    assert round(100 * matrix.loc["M0", "M2"], 2) == 5.16


def test_cards_have_no_vintages_but_a_mix(cards):
    assert len(tracking.vintages(cards)) == 0
    assert tracking.bucket_mix(cards).sum(axis=1).tolist() == [30_000] * 6


def test_a_status_table_with_disbursements_has_vintages():
    table = pd.DataFrame({
        "loan_id": list("AAB"), "as_of": DATES[[0, 1, 1]], "months_past_due": [0, 2, 0], "status": None,
        "disbursement_date": DATES[[0, 0, 1]], "principal": [100.0, 100.0, 50.0], "product": ["car", "car", "home"],
    })  # fmt: skip
    panel, loans = tracking.read_status_panel(table.drop(columns="status"))
    curves = tracking.vintages(tracking.cube(panel, loans), days=30)
    assert curves.loc["2025-01-01"].tolist() == [0.0, 1.0]
    assert curves.loc["2025-02-01", 0] == 0.0


def test_loans_late_for_more_months_than_a_byte_holds_keep_their_bucket():
    table = pd.DataFrame({"loan_id": list("AB"), "as_of": DATES[[0, 0]], "months_past_due": [100, 150]})
    mix = tracking.bucket_mix(tracking.cube(*tracking.read_status_panel(table), by=()))
    assert mix.iloc[0][mix.iloc[0] > 0].to_dict() == {"M100": 1, "M150": 1}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.drop(columns="months_past_due"), "has no months_past_due"),
        (lambda t: pd.concat([t, t]), "two rows for a date"),
        (lambda t: t.assign(months_past_due=-1), "whole number of days"),
        (lambda t: t.assign(status="late"), "`status` holds late"),
    ],
)
def test_a_status_table_that_cannot_be_read_is_refused(change, message):
    table = pd.DataFrame({"loan_id": ["A"], "as_of": DATES[[0]], "months_past_due": [1]})
    with pytest.raises(ck.CallError, match=message):
        tracking.read_status_panel(change(table))
    with pytest.raises(ck.CallError, match="no column 'colour'"):
        tracking.read_status_panel(table, columns={"colour": "c"})
