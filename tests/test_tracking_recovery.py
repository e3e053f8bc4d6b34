"""Recovery after loans became late: by hand, by a recount loan by loan, and what must hold for every book."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import collectkit as ck
from collectkit import tracking
from tests import recount
from tests.panels import panels

MONTHS = pd.to_datetime(["2025-01-31", "2025-02-28", "2025-03-31", "2025-04-30"]).as_unit("us")


def panel_of(**loans):
    """A panel of loans, each a list of (days past due, balance, cash in the month)."""
    rows = [
        {"loan_id": loan, "as_of": day, "days_past_due": days, "principal_balance": balance, "paid_in_period": cash}
        for loan, months in loans.items()
        for day, (days, balance, cash) in zip(MONTHS, months, strict=True)
    ]
    frame = pd.DataFrame(rows).assign(
        overdue_interest=1.0, overdue_fee=0.0, channel=pd.Categorical(["in_house"] * len(rows))
    )
    known = pd.DataFrame({"loan_id": list(loans), "product": ["car", "home"][: len(loans)], "principal": 1000.0})
    return frame, known.assign(disbursement_date=pd.Timestamp("2024-06-01"))


def test_a_case_by_hand():
    # A passes 30 days in February owing 500 + 1, then pays 100 and 50; what it paid in February was before.
    # B passes it in March owing 300 + 1 and pays 301 in April, all that was owed.
    frame, loans = panel_of(
        A=[(0, 600, 0), (31, 500, 100), (45, 400, 100), (60, 350, 50)],
        B=[(0, 900, 0), (30, 300, 9), (31, 300, 0), (0, 0, 301)],
    )
    cells = tracking.recoveries(frame, loans, days=[30], by=["product"])
    curve = tracking.recovery_curve(cells, days=30)
    assert curve.index.tolist() == [pd.Timestamp("2025-02-01"), pd.Timestamp("2025-03-01")]
    assert curve.iloc[0].tolist() == pytest.approx([0, 100 / 501, 150 / 501])
    assert curve.iloc[1].tolist() == pytest.approx([0, 1, np.nan], nan_ok=True)
    pooled = tracking.pooled_recovery(cells, days=30)
    assert pooled["recovered_share"].tolist() == pytest.approx([0, 401 / 802, 150 / 501])
    assert pooled["cohorts"].tolist() == [2, 2, 1]
    # the factor from month 1 to 2 is 150 / 100, so B is estimated at 451.5
    assert pooled["estimate"].iloc[2] == pytest.approx((150 + 301 * 1.5) / 802)
    developed = tracking.recovery_curve(cells, days=30, is_developed=True)
    assert developed.iloc[1, 2] == pytest.approx(1.5)
    assert tracking.recovery_curve(cells, days=30, product="home").index.tolist() == [pd.Timestamp("2025-03-01")]


def folded_up_to(count):
    book, policy = ck.load_sample("demo"), ck.load_policy()
    dates = ck.month_ends(book.first_date, book.last_date)[:count]
    return tracking.followed(ck.track(book, policy, dates=dates), book.loans, policy=policy), dates[-1]


@pytest.mark.parametrize("count", [1, 2, 14, 29, 30])
def test_up_to_a_day_is_what_fewer_dates_give(count):
    fewer, last = folded_up_to(count)
    cut = folded_up_to(30)[0].up_to(last + pd.Timedelta("20D"))
    pd.testing.assert_frame_equal(cut.recoveries, fewer.recoveries)
    assert cut.recoveries.attrs == fewer.recoveries.attrs
    assert cut.cube.cells.equals(fewer.cube.cells)


def test_parts_of_a_book_add_up_and_come_back_from_a_file(tmp_path):
    book, policy = ck.load_sample("demo"), ck.load_policy()
    dates, ids = ck.month_ends(book.first_date, book.last_date), book.loans["loan_id"]
    whole = folded_up_to(len(dates))[0]
    parts = [book.selecting(ids[:1000]), book.selecting(ids[1000:])]
    one, other = (tracking.followed(ck.track(b, policy, dates=dates), b.loans, policy=policy) for b in parts)
    both = one + other
    for days in (30, 90):
        told = tracking.pooled_recovery(both.recoveries, days=days, region="East")
        assert told.equals(tracking.pooled_recovery(whole.recoveries, days=days, region="East"))
    both.to_parquet(tmp_path / "months.parquet")
    again = tracking.read_followed(tmp_path / "months.parquet")
    pd.testing.assert_frame_equal(again.recoveries, both.recoveries)
    assert again.recoveries.attrs == both.recoveries.attrs
    assert again.cube.cells.equals(both.cube.cells)


def test_a_loan_past_the_threshold_at_the_first_date_is_left_out():
    frame, loans = panel_of(A=[(31, 600, 0), (62, 500, 100), (0, 400, 100), (40, 350, 50)])
    assert tracking.recoveries(frame, loans, days=[30], by=[]).empty


@given(panels(), st.sampled_from([0, 30, 60]))
def test_cells_are_a_recount(book, days):
    panel, loans = book
    cells = tracking.recoveries(panel, loans, days=[days], by=("product", "channel"))
    expected = defaultdict(lambda: [0, 0, 0])
    known = {loan["loan_id"]: loan for loan in loans.to_dict("records")}
    dates = sorted(set(panel["as_of"]))
    for loan_id, rows in recount.rows_by_loan(panel).items():
        late = [row for row in rows if row["days_past_due"] > days]
        if not late or late[0]["as_of"] == dates[0]:
            continue
        reference = late[0]
        for row in rows:
            if row["date"] < reference["date"]:
                continue
            since = row["as_of"].month - reference["as_of"].month
            cell = expected[reference["as_of"].month, known[loan_id]["product"], reference["channel"], since]
            if row is reference:
                cell[0] += 1
                cell[1] += sum(
                    recount.cents(reference[n]) for n in ("principal_balance", "overdue_interest", "overdue_fee")
                )
            else:
                cell[2] += recount.cents(row["paid_in_period"])
    found = defaultdict(lambda: [0, 0, 0])
    for cell in cells.to_dict("records"):
        key = (cell["cohort"] % 12 + 1, cell["product"], cell["channel"], cell["months_since"])
        found[key] = [a + b for a, b in zip(found[key], (cell["loans"], cell["owed"], cell["collected"]), strict=True)]
    assert dict(found) == {key: sums for key, sums in expected.items() if any(sums)}


@pytest.fixture(scope="module")
def demo():
    book, policy = ck.load_sample("demo"), ck.load_policy("cn-microloan")
    panel = ck.track(book, policy, dates=ck.month_ends(book.first_date, book.last_date))
    return tracking.recoveries(panel, book.loans)


def test_curves_never_fall_and_end_where_nothing_was_seen(demo):
    curve = tracking.recovery_curve(demo, days=60)
    assert (curve.diff(axis=1).fillna(0) >= 0).all(axis=None)
    for cohort, row in curve.iterrows():
        seen = (2025 - cohort.year) * 12 + 12 - cohort.month + 1
        assert row.notna().sum() == seen


def test_parts_add_up_to_the_whole(demo):
    whole = tracking.pooled_recovery(demo, days=30)
    parts = [tracking.pooled_recovery(demo, days=30, product=name) for name in demo["product"].cat.categories]
    assert sum(part["collected"].iloc[0] for part in parts) == whole["collected"].iloc[0]
    assert sum(part["owed"].iloc[0] for part in parts) == pytest.approx(whole["owed"].iloc[0])


def test_an_estimate_leaves_what_was_seen(demo):
    seen, all_months = (tracking.recovery_curve(demo, days=30, is_developed=flag) for flag in (False, True))
    pd.testing.assert_frame_equal(all_months.where(seen.notna()), seen, check_flags=False)
    assert all_months.notna().sum().sum() > seen.notna().sum().sum()


def test_nothing_late_is_an_empty_table(demo):
    empty = tracking.recovery_curve(demo, days=90, vintage="2025-12")
    assert empty.empty
    assert tracking.pooled_recovery(demo, days=90, vintage="2025-12")["recovered_share"].isna().all()


def test_bad_calls_list_what_is_there(demo):
    with pytest.raises(ck.CallError, match="60"):
        tracking.recovery_curve(demo, days=45)
    with pytest.raises(ck.CallError, match="product"):
        tracking.recovery_curve(demo, branch="x")
    with pytest.raises(ck.CallError, match="vehicle_pledge"):
        tracking.recovery_curve(demo, product="ship")
    book = ck.load_sample("demo")
    panel = ck.track(book, ck.load_policy(), dates=["2025-01-31", "2025-02-28"])
    for days in ([], [-1]):
        with pytest.raises(ck.CallError, match="0 days or more"):
            tracking.recoveries(panel, book.loans, days=days)
    with pytest.raises(ck.CallError, match="do not ascend"):
        tracking.recoveries(panel[::-1], book.loans)


def test_the_estimate_of_all_cohorts_has_macks_interval():
    book = ck.load_sample("demo")
    panel = ck.track(book, ck.load_policy(), dates=ck.month_ends(book.first_date, book.last_date))
    pooled = tracking.pooled_recovery(tracking.recoveries(panel, book.loans, days=[30]), days=30)
    known = pooled.dropna(subset=["lower", "upper"])
    assert len(known) > 20
    assert ((known["lower"] < known["estimate"]) & (known["estimate"] < known["upper"])).all()
    assert pooled.loc[:1, ["lower", "upper"]].isna().all(axis=None)  # every cohort in it was seen that long


def test_a_book_without_a_late_loan_has_an_empty_curve_and_an_unknown_threshold_is_still_refused():
    book, policy = ck.load_sample("demo"), ck.load_policy()
    cells = tracking.recoveries(ck.track(book, policy, dates=["2023-07-31"]), book.loans)
    assert cells.empty
    assert tracking.recovery_curve(cells, days=30).empty
    assert tracking.pooled_recovery(cells, days=30)["cohorts"].tolist() == [0]
    with pytest.raises(ck.CallError, match="not 45"):
        tracking.recovery_curve(cells, days=45)
