"""Costs out of a file."""

from __future__ import annotations

import pandas as pd
import pytest

import collectkit as ck


def written(tmp_path, text):
    path = tmp_path / "costs.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_no_file_is_no_costs():
    assert ck.read_costs("") is None


def test_costs_with_whose_they_are(tmp_path):
    costs = ck.read_costs(written(tmp_path, 'cost_date,amount,团队\n2025-06-30,"12,000.50",early\n2025-06-01,3,\n'))
    assert costs["amount"].tolist() == [12000.5, 3.0]
    assert costs["cost_date"].tolist() == [pd.Timestamp("2025-06-30"), pd.Timestamp("2025-06-01")]
    assert costs["team"].fillna("").tolist() == ["early", ""]
    assert costs["collector_id"].isna().all()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("date,amount\n2025-06-30,1\n", "no cost_date"),
        ("cost_date,amount\n2025-06-31,1\n", r"`cost_date` .* 1 of 1 rows \(2025-06-31\)"),
        ("cost_date,amount\n2025-06-30,one\n", r"`amount` .* \(one\)"),
    ],
)
def test_what_cannot_be_read_is_refused(tmp_path, text, words):
    with pytest.raises(ck.CallError, match=words):
        ck.read_costs(written(tmp_path, text))
