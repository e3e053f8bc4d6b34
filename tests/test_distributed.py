"""Figures over partitions against those of one machine; what a lost worker costs; what is refused."""

from __future__ import annotations

import os
import pickle
import signal
from collections import Counter, defaultdict
from itertools import count

import pandas as pd
import pytest
from distributed import Client, LocalCluster, SchedulerPlugin
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

import collectkit as ck
from collectkit import distributed
from collectkit.distributed._tasks import each
from collectkit.progress import listening
from tests.books import books, frames
from tests.test_agency_properties import placed_books
from tests.test_tracking_cube import same_cells

PLACES = count()
PARTS = 7


def a_place():
    """An address that no test has written to."""
    return f"memory://test-distributed/{next(PLACES)}"


def assert_written(folder, whole, *by):
    """All partitions hold what one machine has; of a column without a value Parquet keeps no categories."""
    table = pd.read_parquet(folder).sort_values([*by], ignore_index=True)
    for name in whole.select_dtypes("category"):
        if table[name].isna().all():
            table[name] = pd.Categorical.from_codes([-1] * len(table), dtype=whole[name].dtype)
    assert_frame_equal(table, whole)


@pytest.fixture(scope="module")
def demo():
    return ck.load_sample("demo")


@pytest.fixture(scope="module")
def policy():
    return ck.load_policy()


@pytest.fixture(scope="module")
def parts(demo, tmp_path_factory):
    """The demo in partitions on disk."""
    return distributed.partition(demo, tmp_path_factory.mktemp("parts") / "book", partitions=PARTS)


# Partitions ----------------------------------------


def test_partitions_hold_every_row_once_and_no_personal_data(demo, parts):
    each = [parts.portfolio(number) for number in range(PARTS)]
    for name in parts.split_tables:
        read = pd.concat([part.table(name) for part in each])
        by = ["loan_id", *read.columns.difference(["loan_id"])]
        kept = demo.table(name)[read.columns]
        assert_frame_equal(read.sort_values(by, ignore_index=True), kept.sort_values(by, ignore_index=True))
        assert read.shape[0] == parts.rows[name].sum()
    assert each[3].collectors.equals(demo.collectors)
    personal = demo.loans.assign(phone="13800001234", note="kept")
    other = distributed.partition(demo.replacing(loans=personal), a_place(), partitions=2)
    assert set(other.portfolio(0).loans) == {*demo.loans, "note"}


def test_loans_of_a_customer_stay_together(demo, parts):
    customers = [set(parts.portfolio(number).loans["customer_id"]) for number in range(PARTS)]
    assert sum(map(len, customers)) == demo.loans["customer_id"].nunique()


@given(books(), st.integers(1, 5))
@settings(max_examples=10)
def test_no_partition_is_empty_or_longer_than_twice_the_mean(book, wanted):
    portfolio = ck.Portfolio(**written(book))
    try:
        made = distributed.partition(portfolio, a_place(), partitions=wanted)
    except ck.CallError as error:
        rows = rows_of_customers(book)
        longest, total = max(rows.values()), rows.total()
        assert longest * wanted > total
        assert f"Ask for at most {total // longest}." in str(error)
        return
    assert made.skew <= 2
    assert (made.rows["loans"] > 0).all()
    assert made.rows["loans"].sum() == len(portfolio.loans)


def test_one_long_customer_among_many_short_ones_does_not_skew(demo):
    one = demo.loans.assign(customer_id=demo.loans["customer_id"].where(demo.loans.index % 5 > 0, "C-ONE"))
    made = distributed.partition(demo.replacing(loans=one), a_place(), partitions=4)
    assert made.skew <= 2
    rows = made.rows[made.split_tables].sum(axis="columns")
    assert rows.min() > 0


def test_a_folder_larger_than_a_batch_gives_the_same_partitions(demo, parts, tmp_path, monkeypatch):
    demo.write(tmp_path / "book")
    monkeypatch.setitem(distributed.partition.__globals__, "_BATCH", 1_000)
    made = distributed.partition(tmp_path / "book", a_place(), partitions=PARTS)
    assert made.rows.equals(parts.rows)
    assert (made.agencies, made.first_date, made.last_date) == (parts.agencies, demo.first_date, demo.last_date)
    for name in made.rows:
        for number in (0, PARTS - 1):
            assert made.table(number, name).equals(parts.table(number, name))


def test_what_cannot_be_partitioned_is_refused(demo, parts, tmp_path):
    with pytest.raises(ck.CallError, match="there already"):
        distributed.partition(demo, parts.folder, partitions=2)
    with pytest.raises(ck.CallError, match="Give a whole number"):
        distributed.partition(demo, a_place(), partitions=0)
    with pytest.raises(ck.CallError, match=r"Ask for at most \d+\."):
        distributed.partition(demo, a_place(), partitions=3_000)
    with pytest.raises(ck.CallError, match="holds no partitions"):
        distributed.read_partitions(tmp_path)
    with pytest.raises(ck.CallError, match=r"has no loans\.parquet"):
        distributed.partition(tmp_path, a_place(), partitions=2)
    with pytest.raises(ck.CallError, match="numbered from 0 to 6"):
        parts.portfolio(7)
    with pytest.raises(ck.CallError, match="cannot be reached"):
        distributed.read_partitions("nowhere://book")
    demo.write(tmp_path / "book")
    demo.loans.head(10).to_parquet(tmp_path / "book" / "loans.parquet")
    with pytest.raises(ck.CallError, match="names loans that are not in `loans`"):
        distributed.partition(tmp_path / "book", a_place(), partitions=2)
    pd.concat([demo.loans, demo.loans.head(1)]).to_parquet(tmp_path / "book" / "loans.parquet")
    with pytest.raises(ck.CallError, match="a loan_id repeats"):
        distributed.partition(tmp_path / "book", a_place(), partitions=2)


# Figures ----------------------------------------


def test_every_table_of_the_demo_is_that_of_one_machine(demo, policy, parts, tmp_path):
    days = {"as_of": "2025-07-15", "known_on": "2025-07-10"}
    files = distributed.assess(parts, policy, **days, to=tmp_path / "loans")
    assert len(files) == PARTS
    assert_written(tmp_path / "loans", ck.assess(demo, policy, **days), "loan_id")
    dates = ck.month_ends(demo.first_date, demo.last_date)
    distributed.track(parts, policy, dates=dates, to=tmp_path / "panel")
    panel = ck.track(demo, policy, dates=dates)
    assert_written(tmp_path / "panel", panel, "loan_id", "as_of")
    months, whole = distributed.cube(parts, policy, dates=dates), ck.tracking.cube(panel, demo.loans)
    assert same_cells(months, whole)
    for name in ("as_of", *whole.by, "vintage", "state_before", "state"):
        assert list(months.values(name)) == list(whole.values(name))
    for table in (ck.tracking.transition_matrix, ck.tracking.portfolio_at_risk, ck.tracking.vintages):
        assert_frame_equal(table(months), table(whole))


TARIFFS = {
    "by age": {},
    "whole": {"recovery_bands": [{"from": "0.05", "rate": "0.03"}, {"from": "0.2", "rate": "0.3"}]},
    "marginal": {"recovery_bands": [{"from": "0.05", "rate": "0.03"}], "tiering": "marginal", "tail_days": 20},
    "target": {"recovery_bands": [{"from": "0.01", "rate": "0.25"}], "tiering": "target"},
    "month": {"minimum_fee": "500", "maximum_fee": "900", "flat_fee_per_case": "3", "vat_rate": "0.06"},
}


@pytest.mark.parametrize("tariff", TARIFFS)
def test_a_statement_is_that_of_one_machine_whatever_the_tariff(demo, policy, parts, tariff):
    """Recovery bands, minimum and maximum depend on the whole of what the agency was given."""
    file = policy.model_dump(exclude_none=True)
    file["tariffs"] = [{**file["tariffs"][0], **TARIFFS[tariff]}]
    priced = ck.Policy.model_validate(file)
    ours = distributed.commission_statement(parts, priced, "Borui", period="2025-10")
    whole = ck.agencies.commission_statement(demo, priced, "Borui", period="2025-10")
    assert whole.totals["commission"].tolist() != [0]
    assert_frame_equal(ours.lines, whole.lines)
    assert_frame_equal(ours.totals, whole.totals)
    cash = [ck.agencies.statement_cash(one).sort_values("payment_id", ignore_index=True) for one in (ours, whole)]
    assert_frame_equal(*cash)


@given(placed_books)
@settings(max_examples=4, suppress_health_check=list(HealthCheck))
def test_statements_of_awkward_contracts_are_those_of_one_machine(book):
    tables, policy = written(book), ck.Policy.model_validate(book.policy)
    methods = pd.Series([payment["method"] for payment in book.tables["payments"]], dtype="str")
    portfolio = ck.Portfolio(**{**tables, "payments": tables["payments"].assign(method=methods)})
    parts = distributed.partition(portfolio, a_place(), partitions=at_most(book, 3))
    for agency in portfolio.placements["agency"].unique():
        for period in ("2025-03", "2025-05"):
            ours = distributed.commission_statement(parts, policy, agency, period=period)
            whole = ck.agencies.commission_statement(portfolio, policy, agency, period=period)
            assert_frame_equal(ours.lines, whole.lines)
            assert_frame_equal(ours.totals, whole.totals)


def written(book):
    """Tables that Parquet can hold: fractions as text."""
    tables = {name: frame for name, frame in frames(book.tables).items() if frame is not None}
    rates = tables["loans"].filter(["annual_rate", "penalty_annual_rate"])
    texts = {
        name: rates[name].map(str, na_action="ignore").astype("str")
        for name in rates
        if rates[name].dtype == object  # floats stay as they are: the book rounds them
    }
    return {**tables, "loans": tables["loans"].assign(**texts)}


@given(books(), st.sampled_from(["months", "stages"]))
@settings(max_examples=6)
def test_every_table_of_awkward_books_is_that_of_one_machine(book, scheme):
    portfolio, policy = ck.Portfolio(**written(book)), ck.Policy.model_validate(book.policy)
    parts = distributed.partition(portfolio, a_place(), partitions=at_most(book, 3))
    asked = {"known_on": book.known_on, "scheme": scheme}
    place, as_of = a_place(), book.dates[-1]
    distributed.assess(parts, policy, as_of=as_of, to=place, **asked)
    assert_written(place, ck.assess(portfolio, policy, as_of=as_of, **asked), "loan_id")
    try:
        panel = ck.track(portfolio, policy, dates=book.dates, **asked)
    except ck.CallError as error:
        with pytest.raises(ck.CallError, match=str(error)[:20]):
            distributed.track(parts, policy, dates=book.dates, to=a_place(), **asked)
        return
    place = a_place()
    distributed.track(parts, policy, dates=book.dates, to=place, **asked)
    assert_written(place, panel, "loan_id", "as_of")
    if panel.empty:
        with pytest.raises(ck.CallError, match="No loan was disbursed"):
            distributed.cube(parts, policy, dates=book.dates, **asked)
        return
    months, whole = distributed.cube(parts, policy, dates=book.dates, **asked), ck.tracking.cube(panel, portfolio.loans)
    assert same_cells(months, whole)
    assert_frame_equal(ck.tracking.vintages(months), ck.tracking.vintages(whole))


def at_most(book, wanted):
    """So many partitions, or the most there can be: no customer is longer than the mean."""
    rows = rows_of_customers(book)
    return min(wanted, rows.total() // max(rows.values()))


def rows_of_customers(book):
    customer = {row["loan_id"]: row["customer_id"] or row["loan_id"] for row in book.tables["loans"]}
    return Counter(customer[row["loan_id"]] for table in book.tables.values() for row in table)


def test_a_bad_call_says_the_same_as_on_one_machine(policy, parts, tmp_path):
    with pytest.raises(ck.CallError, match="There is no bucket scheme"):
        distributed.assess(parts, policy, as_of="2025-06-30", to=tmp_path / "a", scheme="weeks")
    with pytest.raises(ck.CallError, match="Pass a list of dates"):
        distributed.track(parts, policy, dates="2025-06-30", to=tmp_path / "b")
    with pytest.raises(ck.CallError, match="Use one of: Anxin, Borui, Chengda"):
        distributed.commission_statement(parts, policy, "Nobody", period="2025-06")
    with pytest.raises(ck.CallError, match="No loan was disbursed"):
        distributed.cube(parts, policy, dates=["1999-12-31"])


def test_progress_is_told_by_partition(policy, parts, tmp_path):
    heard = []
    with listening(lambda *step: heard.append(step)):
        distributed.assess(parts, policy, as_of="2025-06-30", to=tmp_path / "loans")
    assert heard == [("assessing", done, PARTS) for done in range(PARTS + 1)]


def test_results_are_given_before_all_are_made(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    made = []
    given = each(made.append, 30, "counting", None)
    next(given)
    assert sorted(made) == list(range(8))
    assert len([*given]) == 29
    assert sorted(made) == list(range(30))


# A cluster ----------------------------------------


class Assigned(SchedulerPlugin):
    """Which worker each partition was given to, in order; a plugin of the scheduler."""

    def __init__(self, scheduler):
        self.scheduler, self.given = scheduler, defaultdict(list)
        scheduler.add_plugin(self, name="assigned")

    def transition(self, key, start, finish, *args, **kwargs):
        if finish == "processing":
            self.given[key].append(self.scheduler.tasks[key].processing_on.address)


def test_a_killed_worker_only_repeats_its_partitions(demo, policy, parts, tmp_path):
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        worker = cluster.workers[0]
        victim, log, killed = worker.process.pid, Assigned(cluster.scheduler), []

        def kill_once(what, done, total):
            """At the first partition that comes back, end the worker that has some in hand."""
            if done and not killed and cluster.scheduler.workers[address].processing:
                killed.append(victim)
                os.kill(victim, signal.SIGKILL)

        address = worker.worker_address
        with listening(kill_once):
            files = distributed.track(
                parts,
                policy,
                dates=ck.month_ends(demo.first_date, demo.last_date),
                to=tmp_path / "panel",
                client=client,
            )
    assert killed
    repeated = {key: given for key, given in log.given.items() if len(given) > 1}
    assert len(log.given) == len(files) == PARTS
    assert 1 <= len(repeated) < PARTS
    assert all(given[0] == address for given in repeated.values())
    panel = ck.track(demo, policy, dates=ck.month_ends(demo.first_date, demo.last_date))
    assert_written(tmp_path / "panel", panel, "loan_id", "as_of")


def test_what_is_sent_to_a_worker_can_be_sent(policy, parts):
    assert pickle.loads(pickle.dumps(parts)).rows.equals(parts.rows)
    assert pickle.loads(pickle.dumps(policy)) == policy
