"""The cube against a recount loan by loan; what adds up, and what must not change."""

from __future__ import annotations

import json
from collections import defaultdict

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import collectkit as ck
from collectkit import tracking
from collectkit.tracking import cube
from tests import recount
from tests.panels import BUCKETS, panels

DAYS = (0, 1, 30, 60, 90)
BY = ("product", "region", "channel")
NAMES = ["as_of", *BY, "vintage", "state_before", "state"]


def folded(panel, loans, by=BY):
    return cube(panel, loans, by=by)


def as_set(one, names=(*NAMES, "level", "news")):
    """Cells as a dict from their dimensions to their sums, whatever their order."""
    keys = [tuple(str(value) for value in row) for row in one.cells[list(names)].itertuples(index=False)]
    sums = one.cells[list(tracking.cubes.MEASURES)].itertuples(index=False, name=None)
    return dict(zip(keys, sums, strict=True))


def same_cells(one, other):
    return as_set(one) == as_set(other)


@given(panels())
def test_every_cell_is_a_recount_of_its_loans(book):
    panel, loans = book
    dates = sorted(set(panel["as_of"]))
    expected = defaultdict(lambda: [0] * 7)
    for move in recount.moves(panel, loans):
        row = move.row
        stays_out = move.before == move.state and move.state in recount.EXITS
        if row is not None and stays_out and not recount.cents(row["paid_in_period"]):
            continue
        seen = row or move.last
        region = move.loan["region"] if isinstance(move.loan["region"], str) else np.nan
        month = move.loan["disbursement_date"].to_period("M").to_timestamp()
        key = (dates[move.date], move.loan["product"], region, seen["channel"], month, move.before, move.state)
        sums = expected[tuple(str(value) for value in key)]
        was_open = move.last is not None and move.before in BUCKETS
        is_open = row is not None and move.state in BUCKETS
        sums[0] += 1
        sums[1] += recount.cents(move.loan["principal"])
        sums[2] += recount.cents(move.last["principal_balance"]) if was_open else 0
        sums[3] += recount.cents(row["principal_balance"]) if is_open else 0
        sums[4] += recount.overdue(row) if row else 0
        sums[5] += recount.cents(row["penalty"]) if row else 0
        sums[6] += recount.cents(row["paid_in_period"]) if row else 0
    got = defaultdict(lambda: [0] * 7)
    for key, sums in as_set(folded(panel, loans)).items():
        got[key[: len(NAMES)]] = [a + b for a, b in zip(got[key[: len(NAMES)]], sums, strict=True)]
    assert got == expected


@given(panels(), st.integers(0, 6))
def test_cubes_of_the_parts_add_up_to_the_cube_of_the_whole(book, cut):
    panel, loans = book
    ids = sorted(loans["loan_id"])
    cut = 1 + cut % max(len(ids) - 1, 1)
    early, late = (panel[panel["loan_id"].isin(part)] for part in (ids[:cut], ids[cut:]))
    shared = set(early["as_of"]) & set(late["as_of"])  # the parts of one book have its dates
    assume(shared)
    early, late, panel = (part[part["as_of"].isin(shared)] for part in (early, late, panel))
    assert same_cells(folded(early, loans) + folded(late, loans), folded(panel, loans))


def test_parts_of_a_tracked_book_add_up_even_if_one_begins_later():
    book, policy = ck.load_sample("demo"), ck.load_policy()
    panel = ck.track(book, policy, dates=ck.month_ends(book.first_date, book.last_date))
    is_old = panel["loan_id"].isin(book.loans.loc[book.loans["disbursement_date"] < "2025-01-01", "loan_id"])
    whole, old, young = (cube(part, book.loans) for part in (panel, panel[is_old], panel[~is_old]))
    assert len(young.dates) < len(old.dates)
    assert same_cells(old + young, whole)
    assert same_cells(young + old, whole)


def test_a_month_in_which_neither_part_lent_is_a_vintage_of_the_sum():
    book, policy = ck.load_sample("demo"), ck.load_policy()
    month = book.loans["disbursement_date"].dt.to_period("M")
    panel = ck.track(book, policy, dates=ck.month_ends(book.first_date, book.last_date))
    early, late = (set(book.loans["loan_id"][month == wanted]) for wanted in (month.min(), month.min() + 3))
    parts = [cube(panel[panel["loan_id"].isin(ids)], book.loans) for ids in (early, late)]
    both = cube(panel[panel["loan_id"].isin(early | late)], book.loans)
    assert len(both.values("vintage")) == 4
    assert list((parts[0] + parts[1]).values("vintage")) == list(both.values("vintage"))


@given(panels(), st.permutations([{"product": "car"}, {"channel": ["North", "South"]}, {"state": ["M1", "gone"]}]))
def test_filters_commute(book, order):
    whole = folded(*book)
    kept = [f for f in order if set(np.atleast_1d(next(iter(f.values())))) <= set(whole.values(next(iter(f))))]
    one, other = whole, whole
    for part in kept:
        one = one.where(**part)
    for part in kept[::-1]:
        other = other.where(**part)
    assert same_cells(one, other)
    assert one.filters == other.filters


def test_filters_that_leave_nothing_commute():
    months = cube(*tiny())
    one = months.where(region="North").where(region="South")
    for cut in (one.where(region="East"), months.where(region="East").where(region=[])):
        assert len(cut.cells) == 0
        assert cut.filters == {"region": ()}


@given(panels())
def test_loans_are_conserved_from_date_to_date(book):
    months = folded(*book)
    ends = months.total("loans", "as_of", "state")[:-1, : len(BUCKETS)]
    starts = months.total("loans", "as_of", "state_before")[1:, : len(BUCKETS)]
    assert (ends == starts).all()
    balance_then = months.total("principal_balance", "as_of", "state")[:-1, : len(BUCKETS)]
    assert (balance_then == months.total("balance_before", "as_of", "state_before")[1:, : len(BUCKETS)]).all()


@given(panels())
def test_an_unrelated_loan_changes_no_other_cell(book):
    panel, loans = book
    stranger = panel["loan_id"] == panel["loan_id"].iloc[0]
    rest = panel[~stranger]
    assume(set(rest["as_of"]) == set(panel["as_of"]))
    is_boat = loans["loan_id"] == panel["loan_id"].iloc[0]
    loans = loans.assign(product=loans["product"].mask(is_boat, "boat"))
    others = [name for name in ("car", "home") if name in set(loans["product"])]
    assert same_cells(folded(panel, loans).where(product=others), folded(rest, loans))


@given(panels())
def test_row_order_of_the_loans_table_and_other_dimensions_change_no_sum(book):
    panel, loans = book
    few, many = folded(panel, loans, by=()), folded(panel, loans.iloc[::-1], by=BY)
    for measure in tracking.cubes.MEASURES:
        assert (few.total(measure, "as_of", "state") == many.total(measure, "as_of", "state")).all()


def test_a_cube_comes_back_from_its_file(tmp_path):
    months = tracking.demo_cube().where(product="vehicle_pledge", as_of=["2025-05-31", "2025-06-30"])
    months.to_parquet(tmp_path / "months.parquet")
    again = tracking.read_cube(tmp_path / "months.parquet")
    pd.testing.assert_frame_equal(again.cells, months.cells.reset_index(drop=True))
    assert again.filters == months.filters
    assert same_cells(again + again, months + months)


def test_the_policy_comes_back_with_the_cube(tmp_path):
    book, mine = ck.load_sample("demo"), ck.load_policy("plain").replacing(grace_days=2)
    panel = ck.track(book, mine, dates=ck.month_ends("2025-05-31", "2025-06-30"))
    cube(panel, book.loans, policy=mine).to_parquet(tmp_path / "mine.parquet")
    cube(panel, book.loans).to_parquet(tmp_path / "none.parquet")
    assert tracking.read_cube(tmp_path / "mine.parquet").policy == mine
    assert tracking.read_cube(tmp_path / "none.parquet").policy is None
    with pytest.raises(ck.CallError, match="differ in `policy`"):
        tracking.read_cube(tmp_path / "mine.parquet") + tracking.read_cube(tmp_path / "none.parquet")


def test_a_file_that_holds_no_cube_is_refused(tmp_path):
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "a.parquet")
    (tmp_path / "b.parquet").write_bytes(b"PAR1 and no more")
    for name in ("a", "b"):
        assert not tracking.is_cube(tmp_path / f"{name}.parquet")
        with pytest.raises(ck.CallError, match="holds no cube"):
            tracking.read_cube(tmp_path / f"{name}.parquet")
    assert not tracking.is_cube("s3://no-such-bucket/c.parquet")
    assert not tracking.is_cube(tmp_path)
    with pytest.raises(ck.CallError, match="There is no file"):
        tracking.read_cube(tmp_path / "c.parquet")


def without_a_value(table, about):
    about["cells"]["region"].pop()
    return table


@pytest.mark.parametrize(
    "damage",
    [
        without_a_value,
        lambda table, about: table.drop_columns(["penalty"]),
        lambda table, about: about.pop("buckets") and table,
        lambda table, about: about.update(cells=[]) or table,
        lambda table, about: about["cells"].update(as_of=["soon"]) or table,
    ],
)
def test_a_damaged_file_is_refused(tmp_path, damage):
    whole, path = tmp_path / "whole.parquet", tmp_path / "damaged.parquet"
    tracking.demo_cube().to_parquet(whole)
    table = pq.read_table(whole)
    about = json.loads(table.schema.metadata[b"collectkit_cube"])
    table = damage(table, about)
    pq.write_table(table.replace_schema_metadata({"collectkit_cube": json.dumps(about)}), path)
    with pytest.raises(ck.CallError, match=r"is damaged: .* Write it again"):
        tracking.read_cube(path)


def test_a_policy_that_breaks_a_rule_is_told(tmp_path):
    path = tmp_path / "months.parquet"
    tracking.demo_cube().to_parquet(path)
    table = pq.read_table(path)
    about = json.loads(table.schema.metadata[b"collectkit_cube"])
    about["policy"] = about["policy"].replace('currency = "CNY"', 'currency = "yuan"')
    pq.write_table(table.replace_schema_metadata({"collectkit_cube": json.dumps(about)}), path)
    with pytest.raises(ck.PolicyError, match=r"the policy in months\.parquet"):
        tracking.read_cube(path)


@pytest.mark.parametrize("count", [1, 2, 13, 29])
def test_a_cube_up_to_a_day_is_that_of_fewer_dates(count):
    book, policy = ck.load_sample("demo"), ck.load_policy()
    dates = ck.month_ends(book.first_date, book.last_date)
    fewer = cube(ck.track(book, policy, dates=dates[:count]), book.loans)
    cut = cube(ck.track(book, policy, dates=dates), book.loans).up_to(dates[count - 1])
    assert cut.cells.equals(fewer.cells)
    assert tracking.vintages(cut).equals(tracking.vintages(fewer))


def test_a_cube_ends_with_the_last_date_up_to_a_day():
    whole = tracking.demo_cube()
    assert whole.up_to("2025-07-30").dates[-1] == pd.Timestamp("2025-06-30")
    assert whole.up_to("2025-07-31").dates[-1] == pd.Timestamp("2025-07-31")
    assert whole.up_to("2030-01-01") is whole
    with pytest.raises(ck.CallError, match="begins on 2023-07-31"):
        whole.up_to("2023-07-30")


def test_many_cells_are_all_kept():
    from collectkit.tracking import _fold

    book = ck.load_sample("demo")
    panel = ck.track(book, ck.load_policy(), dates=pd.date_range("2024-01-01", "2025-12-31", freq="5D"))
    by_loan = panel.assign(own=pd.Categorical(panel["loan_id"]))
    months = cube(by_loan, book.loans, by=("own",))
    assert len(months.cells) > _fold.ROOM
    assert months.total("loans").sum() == cube(panel, book.loans, by=()).total("loans").sum()
    assert not months.cells[["as_of", "own", "state_before", "state", "level", "news"]].duplicated().any()


@pytest.mark.parametrize("threads", [2, 3])
def test_cells_of_several_threads_are_added_up(monkeypatch, threads):
    book = ck.load_sample("demo")
    panel = ck.track(book, ck.load_policy(), dates=ck.month_ends(book.first_date, book.last_date))
    alone = cube(panel, book.loans)
    monkeypatch.setattr("os.cpu_count", lambda: threads)
    monkeypatch.setattr("collectkit._run._SMALL", 0)
    monkeypatch.setattr("collectkit.tracking._fold.ROOM", 64)
    assert cube(panel, book.loans).cells.equals(alone.cells)


def test_only_what_a_cube_has_is_added_up():
    months = tracking.demo_cube()
    with pytest.raises(ck.CallError, match="measure"):
        months.total("loanz")
    with pytest.raises(ck.CallError, match="dimension"):
        months.total("loans", "colour")


def test_a_cube_of_the_first_date_has_no_steps():
    months = tracking.demo_cube()
    assert months.has_steps
    assert not months.where(as_of=months.dates[0]).has_steps
    assert months.where(as_of=months.dates[1]).has_steps


def tiny():
    book = ck.load_sample("demo")
    return ck.track(book, ck.load_policy(), dates=ck.month_ends("2025-01-31", "2025-03-31")), book.loans


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda p: p.drop(columns="bucket"), "has no bucket"),
        (lambda p: p.head(0), "is empty"),
        (lambda p: pd.concat([p.head(2), p.head(2)]), "repeat, do not ascend"),
        (lambda p: p.sort_values("as_of"), "do not stand together"),
        (lambda p: p.assign(loan_id="L-unknown").head(1), "not in `loans`"),
        (lambda p: p.assign(bucket=p["bucket"].cat.remove_categories("M0")), "have no `bucket`"),
        (lambda p: p.assign(status=p["status"].astype("str")), "no categories in `status`"),
        (lambda p: p.assign(status=p["status"].cat.rename_categories({"overdue": "late"})), "no status 'late'"),
        (lambda p: p.assign(days_past_due=p["days_past_due"].where(p["days_past_due"] > 0)), "no `days_past_due`"),
        (lambda p: p.assign(penalty="much"), "`penalty` of the panel holds what is no number"),
    ],
)
def test_a_panel_that_cannot_be_folded_is_refused(change, message):
    panel, loans = tiny()
    with pytest.raises(ck.CallError, match=message):
        cube(change(panel), loans)


def test_unknown_dimensions_and_values_list_the_valid_ones():
    panel, loans = tiny()
    with pytest.raises(ck.CallError, match="channel"):
        cube(panel, loans, by=("colour",))
    with pytest.raises(ck.CallError, match="dimension 'bucket'"):
        cube(panel, loans, by=("bucket",))
    for by in (("region", "region"), ("vintage",)):
        with pytest.raises(ck.CallError, match="each dimension once"):
            cube(panel, loans, by=by)
    months = cube(panel, loans)
    with pytest.raises(ck.CallError, match=r"has no 2020-01-31\. It has: 2025-01-31, 2025-02-28, 2025-03-31"):
        months.where(as_of="2020-01-31")
    for call in (lambda: months.where(as_of="yesterday"), lambda: months.up_to("yesterday")):
        with pytest.raises(ck.CallError, match="not a date"):
            call()
    with pytest.raises(ck.CallError, match="vehicle_pledge"):
        months.where(product="boat")
    with pytest.raises(ck.CallError, match="product, region"):
        months.where(colour="red")
    with pytest.raises(ck.CallError, match="too many values"):
        cube(panel.assign(**{n: pd.Categorical(panel["loan_id"]) for n in "abcdef"}), loans, by=tuple("abcdef"))


def test_thresholds_must_be_days():
    panel, loans = tiny()
    for days in ([-1], [], ["30"], [30.5], "30"):
        with pytest.raises(ck.CallError, match="0 days or more"):
            cube(panel, loans, days=days)
    with pytest.raises(ck.CallError, match="at most 100"):
        cube(panel, loans, days=range(101))
    assert cube(panel, loans, days=range(100)).days == tuple(range(100))


def test_cubes_of_other_filters_or_dates_do_not_add_up():
    panel, loans = tiny()
    months = cube(panel, loans)
    with pytest.raises(ck.CallError, match="differ in `filters`"):
        months + months.where(product="vehicle_pledge")
    with pytest.raises(ck.CallError, match="different dates"):
        months + cube(panel[panel["as_of"] != "2025-02-28"], loans)


def test_a_column_the_loans_do_not_have_is_missing_in_every_cell():
    panel, loans = tiny()
    assert cube(panel, loans.drop(columns="region"), by=("region",)).cells["region"].isna().all()
