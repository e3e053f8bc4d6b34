"""A book in an object store, asked over the network: S3 as obstore speaks it, to a server on this machine."""

from __future__ import annotations

import gc
from io import BytesIO

import pandas as pd
import pytest
from obstore.fsspec import register
from pandas.testing import assert_frame_equal

import collectkit as ck
from collectkit import distributed
from tests import s3
from tests.test_tracking_cube import same_cells

PARTS = 3


@pytest.fixture(scope="module")
def store():
    with s3.serving() as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        for name, value in {"ALLOW_HTTP": "true", "ACCESS_KEY_ID": "nobody", "SECRET_ACCESS_KEY": "x"}.items():
            patch.setenv(f"AWS_{name}", value)
        register("s3")
        yield server


@pytest.fixture(scope="module")
def demo():
    return ck.load_sample("demo")


@pytest.fixture(scope="module")
def parts(store, demo, tmp_path_factory):
    """Partitions written to the store from a folder, and read again by their address."""
    folder = tmp_path_factory.mktemp("demo") / "book"
    demo.write(folder)
    distributed.partition(folder, "s3://bucket/parts", partitions=PARTS)
    return distributed.read_partitions("s3://bucket/parts")


def in_order(store, paths, *by):
    """The tables of some files as they lie in the store."""
    files = [BytesIO(store.objects[path.removeprefix("s3://bucket/")]) for path in paths]
    return pd.concat(map(pd.read_parquet, files)).sort_values([*by], ignore_index=True)


def test_figures_over_the_network_are_those_of_one_machine(store, demo, parts):
    policy, dates = ck.load_policy(), ck.month_ends("2025-03-31", "2025-08-31")
    day = {"as_of": "2025-07-15", "known_on": "2025-07-10"}
    loans = distributed.assess(parts, policy, **day, to="s3://bucket/loans")
    assert_frame_equal(in_order(store, loans, "loan_id"), ck.assess(demo, policy, **day))
    months, panel = (
        distributed.track(parts, policy, dates=dates, to="s3://bucket/panel"),
        ck.track(demo, policy, dates=dates),
    )
    assert_frame_equal(in_order(store, months, "loan_id", "as_of"), panel)
    assert same_cells(distributed.cube(parts, policy, dates=dates), ck.tracking.cube(panel, demo.loans))


def test_a_folder_in_the_store_is_partitioned_where_it_is(store, demo, parts, tmp_path):
    demo.write(tmp_path / "book")
    for file in (tmp_path / "book").iterdir():
        store.objects[f"book/{file.name}"] = file.read_bytes()
    again = distributed.partition("s3://bucket/book", "s3://bucket/again", partitions=PARTS)
    assert again.rows.equals(parts.rows)
    assert store.objects["again/payments/00001.parquet"] == store.objects["parts/payments/00001.parquet"]


def test_one_partition_is_read_and_no_other(store, parts):
    store.asked.clear()
    parts.portfolio(1)
    read = {key for method, key in store.asked if method == "GET" and key.endswith(".parquet")}
    assert read == {f"parts/{name}/00001.parquet" for name in parts.rows}


def test_what_is_there_is_not_written_over(store, demo, parts):
    before = dict(store.objects)
    with pytest.raises(ck.CallError, match="there already"):
        distributed.partition(demo, parts.folder, partitions=2)
    assert store.objects == before
    with pytest.raises(ck.CallError, match="holds no partitions"):
        distributed.read_partitions("s3://bucket/elsewhere")


@pytest.mark.parametrize("left", [None, 0, 1_000])
def test_a_lost_or_torn_object_is_named(store, parts, left):
    key = "parts/payments/00002.parquet"
    whole = store.objects.pop(key)
    try:
        if left is not None:
            store.objects[key] = whole[:left]
        with pytest.raises(ck.CallError, match=r"payments/00002\.parquet .* Restore it, or partition the book anew"):
            distributed.assess(parts, ck.load_policy(), as_of="2025-07-15", to=f"s3://bucket/lost-{left}")
    finally:
        store.objects[key] = whole
    gc.collect()  # nothing half open is left, which would fail another test
