"""The tables of the wing: published figures to their digits, and recounts of random small panels."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import collectkit as ck
from collectkit import tracking
from tests import recount
from tests.panels import BUCKETS, DATES, panels

EXITS = ["paid_off", "settled", "written_off", "sold", "archived", "gone"]
WEIGHTS = st.sampled_from(["count", "balance"])


def folded(book):
    panel, loans = book
    return tracking.cube(panel, loans, by=("product",)), list(recount.moves(panel, loans)), sorted(set(panel["as_of"]))


def agrees(value, expected):
    """True if a figure is the exact fraction, or missing where there is none."""
    return math.isnan(value) if expected is None else math.isclose(value, float(expected), rel_tol=1e-12)


def share(part, whole):
    return Fraction(part, whole) if whole else None


@given(panels())
def test_bucket_mix_is_a_recount(book):
    months, moves, dates = folded(book)
    expected = recount.mix(moves, BUCKETS)
    for place, weight in enumerate(["loans", "overdue_amount", "principal_balance"]):
        mix = tracking.bucket_mix(months, weight=weight)
        assert list(mix.index) == dates
        for date, row in enumerate(mix.to_numpy()):
            for bucket, value in zip(BUCKETS, row, strict=True):
                sums = expected.get((date, bucket), (0, 0, 0))
                assert round(value * (1 if place == 0 else 100)) == sums[place]


@given(panels(), st.sampled_from([0, 1, 30, 60, 90]))
def test_portfolio_at_risk_is_a_recount(book, days):
    months, moves, dates = folded(book)
    expected = recount.at_risk(moves, BUCKETS, days)
    par = tracking.portfolio_at_risk(months, days=[days])[f"par{days}"]
    assert all(agrees(par[date], expected.get(place)) for place, date in enumerate(dates))


@given(panels(), WEIGHTS, st.sampled_from(["absorbing", "censored"]))
def test_transition_matrix_is_a_recount_and_its_rows_sum_to_one(book, weight, exits):
    months, moves, _ = folded(book)
    found = recount.matrix(moves, BUCKETS)
    place = ["count", "balance"].index(weight)
    ends = BUCKETS + (EXITS if exits == "absorbing" else [])
    matrix = tracking.transition_matrix(months, weight=weight, exits=exits)
    assert list(matrix.columns) == ends
    for before in BUCKETS:
        row = [found.get((before, state), (0, 0))[place] for state in ends]
        expected = [share(part, sum(row)) for part in row]
        assert all(agrees(matrix.loc[before, s], e) for s, e in zip(ends, expected, strict=True))
        assert sum(row) == 0 or math.isclose(matrix.loc[before].sum(), 1)


@given(panels(), WEIGHTS)
def test_roll_rates_gather_the_cells_of_the_matrix(book, weight):
    months, _, _ = folded(book)
    matrix, rolls = (f(months, weight=weight) for f in (tracking.transition_matrix, tracking.roll_rates))
    for place, before in enumerate(BUCKETS):
        row, cells = rolls.loc[before], matrix.loc[before]
        if np.isnan(cells.iloc[0]):
            assert row[["cured", "improved", "stayed", "rolled_forward", "exited"]].isna().all()
            continue
        assert np.isnan(row["cured"]) if place == 0 else math.isclose(row["cured"], cells["M0"])
        assert np.isnan(row["improved"]) if place < 2 else np.isclose(row["improved"], cells.iloc[1:place].sum())
        assert math.isclose(row["stayed"], cells[before])
        assert np.isclose(row["exited"], cells[EXITS].sum())
        assert np.isclose(row[["cured", "improved", "stayed", "rolled_forward", "exited"]].sum(), 1)


@given(panels())
def test_flow_rates_compare_the_mixes_of_two_dates(book):
    months, moves, dates = folded(book)
    mix = recount.mix(moves, BUCKETS)
    flows = tracking.flow_rates(months)
    assert list(flows.columns) == ["M0→M1", "M1→M2", "M2→M3", "M3→M3+"]
    for date in range(len(dates)):
        for low in range(len(BUCKETS) - 1):
            now = mix.get((date, BUCKETS[low + 1]), (0, 0, 0))[2]
            then = mix.get((date - 1, BUCKETS[low]), (0, 0, 0))[2]
            assert agrees(flows.iloc[date, low], share(now, then))


@given(panels(), st.sampled_from([0, 1, 30, 60, 90]), st.sampled_from(["ever", "current"]), WEIGHTS)
def test_vintages_are_a_recount(book, days, measure, weight):
    panel, loans = book
    months, _, dates = folded(book)
    by_money = weight == "balance"
    whole = loans[loans["loan_id"].isin(panel["loan_id"])]
    if by_money and not (whole.groupby(whole["disbursement_date"].dt.to_period("M"))["principal"].sum() > 0).all():
        return
    expected = recount.vintage(panel, loans, days=days, is_ever=measure == "ever", by_money=by_money)
    curves = tracking.vintages(months, days=days, measure=measure, weight=weight)
    seen = set()
    for (month, date), value in expected.items():
        opened = pd.Timestamp(month)
        age = (dates[date].year - opened.year) * 12 + dates[date].month - opened.month
        hidden = age < 0 or (measure == "ever" and opened < dates[0].to_period("M").to_timestamp())
        if age >= 0:
            assert agrees(curves.loc[opened, age], None if hidden else value)
            seen.add((opened, age))
    unseen = [(v, age) for v in curves.index for age in curves.columns if (v, age) not in seen]
    assert all(np.isnan(curves.loc[v, age]) for v, age in unseen)


@given(panels(), st.sampled_from([0, 30, 90]), WEIGHTS)
def test_an_ever_vintage_never_falls(book, days, weight):
    months, _, _ = folded(book)
    for _, curve in tracking.vintages(months, days=days, weight=weight).iterrows():
        assert curve.dropna().is_monotonic_increasing


@given(panels())
def test_entry_rate_is_a_recount(book):
    months, moves, dates = folded(book)
    table = tracking.entry_rate(months)
    for place, date in enumerate(dates):
        began = [m for m in moves if m.date == place and m.before == "M0" and m.state != "unobserved"]
        newly = [m for m in began if m.state in BUCKETS[1:]]
        assert agrees(table.loc[date, "entry_rate"], share(len(newly), len(began)))


def test_a_vintage_cannot_be_cut_by_what_changes():
    months = tracking.demo_cube()
    with pytest.raises(ck.CallError, match="Filter by what is fixed at disbursement: product, region, risk_grade"):
        tracking.vintages(months.where(channel="in_house"))
    with pytest.raises(ck.CallError, match="filtered by as_of"):
        tracking.vintages(months.where(as_of="2025-06-30"))


def test_unknown_words_list_the_valid_ones():
    months = tracking.demo_cube()
    with pytest.raises(ck.CallError, match="count"):
        tracking.transition_matrix(months, weight="money")
    with pytest.raises(ck.CallError, match="absorbing, censored"):
        tracking.transition_matrix(months, exits="dropped")
    with pytest.raises(ck.CallError, match="loans, overdue_amount, principal_balance"):
        tracking.bucket_mix(months, weight="count")
    with pytest.raises(ck.CallError, match="loans, principal_balance"):
        tracking.flow_rates(months, weight="count")
    with pytest.raises(ck.CallError, match="current, ever"):
        tracking.vintages(months, measure="never")
    with pytest.raises(ck.CallError, match="Fold it again"):
        tracking.vintages(months, days=45)


@pytest.mark.parametrize(
    "table",
    [
        tracking.bucket_mix, tracking.portfolio_at_risk, tracking.transitions, tracking.transition_matrix,
        tracking.roll_rates, tracking.flow_rates, tracking.entry_rate, tracking.vintages,
    ],
)  # fmt: skip
def test_every_table_carries_its_definition(table):
    definition = table(tracking.demo_cube()).attrs["definition"]
    assert set(definition) == {"en", "zh"}
    assert all(len(text) > 20 for text in definition.values())


def one_bucket_moves(steps):
    """A cube of loans that go from one bucket to another: (before, after, how many, balance)."""
    rows, loans = [], []
    for before, after, count, balance in steps:
        for _ in range(count):
            loan_id = f"L{len(loans)}"
            loans.append([loan_id, "car", pd.Timestamp("2024-12-01"), 1000.0])
            rows += [[loan_id, date, bucket, balance] for date, bucket in zip(DATES, (before, after), strict=False)]
    panel = pd.DataFrame(rows, columns=["loan_id", "as_of", "bucket", "principal_balance"])
    panel["days_past_due"] = panel["bucket"].map({"M0": 0, "M1": 1, "M2": 31, "M3": 61, "M3+": 91})
    panel["status"] = pd.Categorical(np.where(panel["days_past_due"] > 0, "overdue", "current"))
    panel["bucket"] = pd.Categorical(panel["bucket"], BUCKETS, ordered=True)
    for name in ("overdue_principal", "overdue_interest", "overdue_fee", "penalty", "paid_in_period"):
        panel[name] = 0.0
    names = ["loan_id", "product", "disbursement_date", "principal"]
    return tracking.cube(panel, pd.DataFrame(loans, columns=names), by=("product",))


def test_net_flow_from_100_to_40_is_40_percent():
    # the textbook example: 100 in M0 last month, 40 in M1 now, whichever loans they are
    flows = tracking.flow_rates(one_bucket_moves([("M0", "M1", 1, 40.0), ("M0", "M0", 1, 60.0)]))
    assert flows.loc["2025-02-28", "M0→M1"] == pytest.approx(0.40)
    assert flows.loc["2025-01-31"].isna().all()


def test_intervals_are_those_of_the_textbooks():
    # Wilson for 3 of 10: 0.1078 to 0.6032 (Newcombe 1998, method 3, hand calculation)
    moves = one_bucket_moves([("M1", "M2", 3, 10.0), ("M1", "M0", 7, 10.0)])
    rolled = tracking.roll_rates(moves).loc["M1"]
    z = 1.959964
    middle, spread = (0.3 + z**2 / 20) / (1 + z**2 / 10), z * math.sqrt(0.3 * 0.7 / 10 + z**2 / 400) / (1 + z**2 / 10)
    assert (rolled["lower"], rolled["upper"]) == pytest.approx((middle - spread, middle + spread), abs=1e-6)
    row = tracking.transitions(moves).set_index(["state_before", "state"]).loc[("M1", "M2")]
    assert row["lower"] < rolled["lower"] < row["rate"] < rolled["upper"] < row["upper"]
    assert tracking.transitions(moves, weight="balance")["lower"].isna().all()


def test_a_loan_that_vanishes_is_gone_and_one_that_comes_back_is_not_a_step():
    months = one_bucket_moves([("M1", "M1", 3, 10.0)])
    panel = pd.DataFrame({"loan_id": ["A", "A", "B", "C", "C"], "as_of": DATES[[0, 2, 0, 0, 1]]})
    panel["bucket"] = pd.Categorical(["M1"] * 5, BUCKETS, ordered=True)
    panel["status"] = pd.Categorical(["overdue"] * 5)
    panel[["days_past_due"]] = 5
    for name in ("principal_balance", "overdue_principal", "overdue_interest", "overdue_fee", "penalty"):
        panel[name] = 10.0
    loans = pd.DataFrame({"loan_id": list("ABC"), "disbursement_date": DATES[0], "principal": 10.0})
    months = tracking.cube(panel.assign(paid_in_period=0.0), loans, by=())
    matrix = tracking.transition_matrix(months)
    # from M1: C stays, B is gone, then C is gone; A comes back after a gap and is not counted
    assert matrix.loc["M1", ["M1", "gone"]].tolist() == pytest.approx([1 / 3, 2 / 3])
