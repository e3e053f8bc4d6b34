"""The report of a check: data stay text, every list is told, both languages have the same parts."""

from __future__ import annotations

import re

import pandas as pd
import pytest

import collectkit as ck
from collectkit import check_report as room
from collectkit.check_report import check_report
from collectkit.checks import check_tables
from collectkit.problems import problem_kinds
from tests.five_loans import AS_OF, five_loans, plain
from tests.test_problems import broken

HOSTILE = "<img src=x onerror=alert(1)>"
ROWS = {"loans": 5, "payments": 4}


def differences(language="en"):
    stated = pd.DataFrame({"loan_id": list("BC"), "as_of": pd.Timestamp(AS_OF), "days_past_due": [2, 99]})
    return ck.stated_differences(five_loans().replacing(stated=stated), plain(), language=language)


def heads(page):
    return re.findall(r"<h[12]>(.*?)</h[12]>", page)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_everything_that_was_found_is_told(language):
    found = check_tables(broken())
    off = differences(language)
    page = check_report(ROWS, found, source="a.csv", differences=off, policy="plain", language=language)
    assert len(heads(page)) == 6
    body = page[page.index("<body>") :]
    assert body.count("<tr>") == (1 + len(problem_kinds(found))) + (1 + len(found)) + (1 + 2) + (1 + 2)
    assert bool(re.search("[\u4e00-\u9fff]", page)) == (language == "zh")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_good_file_is_told_so(language):
    page = check_report(ROWS, check_tables(broken()).head(0), source="a.csv", language=language)
    assert len(heads(page)) == 1
    assert "<table" not in page
    assert {"en": "No problems found", "zh": "未发现问题"}[language] in page


def test_figures_that_agree_are_told_so():
    page = check_report(ROWS, check_tables(broken()).head(0), source="a", differences=differences().head(0), policy="p")
    assert "All stated figures are ours" in page


def test_data_never_become_markup():
    made = broken()
    made["loans"] = made["loans"].assign(loan_id=HOSTILE, product=HOSTILE)
    page = check_report(ROWS, check_tables(made), source=HOSTILE, policy=HOSTILE)
    assert "<img" not in page
    assert "&lt;img" in page


def test_a_long_list_says_how_many_more(monkeypatch):
    monkeypatch.setattr(room, "MOST_ROWS", 3)
    found = check_tables(broken())
    assert f"and {len(found) - 3} more rows" in check_report(ROWS, found, source="a.csv")


def test_kinds_are_counted_errors_first():
    found = check_tables(broken())
    found.loc[:1, "severity"] = "warning"
    kinds = problem_kinds(found)
    assert kinds["rows"].sum() == len(found)
    assert kinds["severity"].tolist() == sorted(kinds["severity"])
    errors = kinds.loc[kinds["severity"] == "error", "rows"]
    assert errors.is_monotonic_decreasing
