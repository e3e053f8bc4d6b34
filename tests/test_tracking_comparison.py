"""What explains a change: a case by hand, and properties that hold for every book."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import collectkit as ck
from collectkit import tracking
from tests.panels import DATES, panels

EFFECTS = ["mix", "roll", "inflow"]


def panel_of(*months):
    """A panel from the states of ten loans a month; M0 or M1, `.` for not there yet."""
    rows = []
    for number in range(10):
        for day, states in zip(DATES, months, strict=False):
            if states[number] != ".":
                late = states[number] == "1"
                rows.append({"loan_id": f"L{number}", "as_of": day, "status": "overdue" if late else "current",
                             "days_past_due": 10 if late else 0, "bucket": "M1" if late else "M0"})  # fmt: skip
    frame = pd.DataFrame(rows).assign(
        principal_balance=100.0, overdue_principal=0.0, overdue_interest=0.0, overdue_fee=0.0, penalty=0.0,
        paid_in_period=0.0, channel=pd.Categorical(["in_house"] * len(rows)),
    )  # fmt: skip
    frame["bucket"] = pd.Categorical(frame["bucket"], ["M0", "M1"], ordered=True)
    frame["status"] = pd.Categorical(frame["status"], ["current", "overdue", "paid_off"])
    loans = pd.DataFrame({"loan_id": [f"L{n}" for n in range(10)], "product": "p", "principal": 100.0})
    return frame, loans.assign(disbursement_date=pd.Timestamp("2024-11-30"))


@pytest.fixture(scope="module")
def by_hand():
    """February: loans 0 and 8 are late, 9 is cured. March: 0 and 8 are late still, 1, 2 and 9 are late too."""
    frame, loans = panel_of("0000000011", "1000000010", "1110000011")
    return tracking.cube(frame, loans, by=("product",))


def test_a_case_by_hand(by_hand):
    february, march = (by_hand.where(as_of=day) for day in ("2025-02-28", "2025-03-31"))
    table = tracking.compare_periods(february, march)
    assert (table.attrs["before"], table.attrs["after"]) == (0.2, 0.5)
    # February: 8 of 10 came from M0, 1 of them is late; 2 came from M1, 1 of them is late.
    assert table.loc["M0", ["share_before", "late_before"]].tolist() == [0.8, 0.125]
    assert table.loc["M1", ["share_before", "late_before"]].tolist() == [0.2, 0.5]
    # March: loan 0 and loan 8 were late in February; both are late. Of the 8 others 3 are late.
    assert table.loc["M0", ["share_after", "late_after"]].tolist() == [0.8, 0.375]
    assert table.loc["M1", ["share_after", "late_after"]].tolist() == [0.2, 1.0]
    # The same shares of origin, so all is roll: 0.8 × 0.25 and 0.2 × 0.5.
    assert table[EFFECTS].to_numpy().ravel().tolist() == pytest.approx([0, 0.2, 0, 0, 0.1, 0])


def test_new_loans_are_the_inflow():
    frame, loans = panel_of("00000.....", "00000.....", "0000011000")
    cube = tracking.cube(frame, loans, by=())
    table = tracking.compare_periods(cube.where(as_of="2025-02-28"), cube.where(as_of="2025-03-31"))
    # 5 of 10 are new, 2 of them late: from 0 to 0.2, mean 0.1. New: u from 0 to 0.5, s̄ 0.4 as there were none before.
    assert table.attrs["change"] == pytest.approx(0.2)
    assert table.loc["new", "inflow"] == pytest.approx(0.5 * (0.4 - 0.1))
    assert table.loc["M0", "mix"] == pytest.approx(-0.5 * (0 - 0.1))
    assert math.isnan(table.loc["new", "late_before"])


@given(panels(), st.sampled_from(["count", "balance"]), st.sampled_from([None, "M1", "M3"]))
def test_the_parts_add_up_and_the_sides_can_be_swapped(book, weight, late_from):
    panel, loans = book
    cube = tracking.cube(panel, loans, by=("product",))
    dates = cube.dates
    assume(len(dates) > 1)
    one, other = cube.where(as_of=dates[0]), cube.where(as_of=dates[-1])
    table = tracking.compare_periods(one, other, weight=weight, late_from=late_from)
    assume(not math.isnan(table.attrs["change"]))
    assert table[EFFECTS].sum().sum() == pytest.approx(table.attrs["change"], abs=1e-12)
    back = tracking.compare_periods(other, one, weight=weight, late_from=late_from)
    assert back.attrs["change"] == pytest.approx(-table.attrs["change"], abs=1e-12)
    pd.testing.assert_frame_equal(back[EFFECTS], -table[EFFECTS])
    for side, part in (("before", one), ("after", other)):
        mix = tracking.bucket_mix(part, weight={"count": "loans", "balance": "principal_balance"}[weight]).iloc[-1]
        late = mix.loc[late_from or "M1" :].sum() / mix.sum()
        assert table.attrs[side] == pytest.approx(late)


def test_a_cube_against_itself_explains_nothing():
    cube = tracking.demo_cube().where(as_of="2025-12-31")
    table = tracking.compare_periods(cube, cube)
    assert (table[EFFECTS] == 0).all(axis=None)
    assert table.attrs["lower"] < 0 < table.attrs["upper"]


def test_the_interval_is_newcombes():
    """Newcombe (1998), table II, case (a): 56/70 against 48/80 has 0.0524 to 0.3339."""
    frame = pd.DataFrame({"loan_id": [f"{n:03d}" for n in range(150)]})
    late = [n < 56 for n in range(70)] + [n < 48 for n in range(80)]
    days = [DATES[0]] * 70 + [DATES[1]] * 80
    frame = frame.assign(
        as_of=days, status=pd.Categorical(["overdue" if is_late else "current" for is_late in late]),
        days_past_due=[5 * is_late for is_late in late], principal_balance=1.0, overdue_principal=0.0,
        overdue_interest=0.0, overdue_fee=0.0, penalty=0.0, paid_in_period=0.0,
        bucket=pd.Categorical(["M1" if is_late else "M0" for is_late in late], ["M0", "M1"], ordered=True),
    )  # fmt: skip
    loans = pd.DataFrame({"loan_id": frame["loan_id"], "principal": 1.0}).assign(disbursement_date=DATES[0])
    cube = tracking.cube(frame, loans, by=())
    table = tracking.compare_periods(cube.where(as_of=DATES[1]), cube.where(as_of=DATES[0]))
    assert table.attrs["change"] == pytest.approx(0.2)
    assert (round(table.attrs["lower"], 4), round(table.attrs["upper"], 4)) == (0.0524, 0.3339)


def test_months_together_have_no_interval():
    cube = tracking.demo_cube()
    table = tracking.compare_periods(cube.where(region="East"), cube.where(region="West"))
    assert math.isnan(table.attrs["lower"])
    assert not math.isnan(table.attrs["change"])


def test_nothing_on_a_side_is_missing_not_zero():
    cube = tracking.demo_cube()
    table = tracking.compare_periods(cube.where(state="gone"), cube)
    assert math.isnan(table.attrs["change"])


def test_bad_calls_are_told():
    cube = tracking.demo_cube()
    with pytest.raises(ck.CallError, match="M1"):
        tracking.compare_periods(cube, cube, late_from="M0")
    with pytest.raises(ck.CallError, match="count"):
        tracking.compare_periods(cube, cube, weight="money")


def test_states_are_told_in_words_in_columns_and_index():
    table = pd.DataFrame({"loans": [1, 2]}, index=pd.Index(["M1", "new"], name="came_from"))
    assert tracking.in_words(table, language="zh").index.tolist() == ["M1", "新增"]
    assert table.index.tolist() == ["M1", "new"]
    moved = pd.DataFrame({"state_before": ["M1"], "state": pd.Categorical(["paid_off"])})
    assert tracking.in_words(moved, language="en").to_numpy().tolist() == [["M1", "paid off"]]
