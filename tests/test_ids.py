"""Ids that are found, by whichever way they are looked for, against a dictionary."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from collectkit import _blocks, ids

MANY = np.arange(0, 6_000, 3)
KINDS = {
    "one width": "L{:08d}".format,
    "short": "{:04d}".format,
    "several widths": "L{}".format,
    "alike at the end": "{:05d}-ABCDEFGH".format,
}


@pytest.fixture(params=KINDS)
def text(request):
    return KINDS[request.param]


@pytest.fixture(autouse=True)
def short_blocks(monkeypatch):
    monkeypatch.setattr(ids, "BLOCK", 256)
    monkeypatch.setattr(_blocks, "BLOCK", 256)


def series(text, numbers):
    return pd.Series([text(number) for number in numbers], dtype="str")


@pytest.mark.parametrize(
    "many", [MANY, MANY[::-1], np.append(MANY[::-1], MANY)], ids=["rising", "falling", "repeating"]
)
@pytest.mark.parametrize("count", [0, 1, 50, 5_000])
def test_positions_are_the_first_of_each_id(text, many, count):
    among, asked = series(text, many), series(text, np.random.default_rng(count).integers(0, 6_100, count))
    first = {}
    for at, one in enumerate(among):
        first.setdefault(one, at)
    assert ids.positions(asked, among).tolist() == [first.get(one, -1) for one in asked]


def test_a_missing_id_and_one_of_another_width_are_nowhere(text):
    asked = pd.Series([text(6), None, text(6) + "x", ""], dtype="str")
    assert ids.positions(asked, series(text, MANY)).tolist() == [2, -1, -1, -1]
    assert ids.positions(asked[[2]], series(text, MANY)).tolist() == [-1]


@pytest.mark.parametrize("count", [1, 50, 5_000])
def test_those_among_a_few_are_all_found_and_no_other(text, count):
    known, few = series(text, MANY), series(text, np.random.default_rng(count).integers(0, 6_100, count))
    wanted = set(few)
    assert ids.those_among(known, few).tolist() == [one for one in known if one in wanted]
    mixed = pd.concat([known, pd.Series([None, "other"], dtype="str"), few[:1]], ignore_index=True)
    assert ids.those_among(mixed, few).tolist() == [one for one in mixed if one in wanted]
