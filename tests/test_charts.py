"""The figures are tested by their data, not their pixels."""

from __future__ import annotations

import itertools
import subprocess
import sys

import pandas as pd
import pytest

from collectkit import CallError, overdue_loans
from collectkit.charts import (
    bucket_bars,
    bucket_colours,
    loan_timeline,
    plotly_config,
    short_number,
)

NAMES = ["M0", "M1", "M2", "M3"]
LOADS_PLOTLY = "import sys, collectkit.charts; sys.exit('plotly' in sys.modules)"


@pytest.fixture
def totals():
    columns = {
        "loans": [900, 40, 10, 0],
        "overdue_amount": [0.0, 124_000.0, 50_500.5, 0.0],
        "principal_balance": [9e6, 4e6, 1e6, 0.0],
    }
    return pd.DataFrame(columns, index=pd.CategoricalIndex(NAMES, categories=NAMES, ordered=True, name="bucket"))


@pytest.fixture
def days():
    dates = pd.date_range("2025-01-30", "2025-03-10")
    late = pd.Series(range(len(dates))).where(dates > "2025-02-04", 0).tolist()
    frame = pd.DataFrame({"date": dates, "days_past_due": late, "total_due": 0.0, "penalty": 0.0})
    frame["due_amount"] = (dates == "2025-02-01") * 1000.0
    frame["paid_amount"] = (dates == "2025-03-10") * 1010.0
    return frame


def test_importing_charts_does_not_import_plotly():
    assert subprocess.run([sys.executable, "-c", LOADS_PLOTLY], check=False).returncode == 0


def test_bars_leave_out_the_bucket_that_is_not_overdue(totals):
    bars = bucket_bars(totals, weight="loans").data[0]
    assert list(bars.x) == ["M1", "M2", "M3"]
    assert list(bars.y) == [40, 10, 0]


def test_bars_print_the_days_under_the_name_of_the_bucket(totals):
    figure = bucket_bars(totals, spans=["0", "1–30", "31–60", "61+"])
    assert list(figure.layout.xaxis.ticktext) == ["M1<br>1–30", "M2<br>31–60", "M3<br>61+"]
    assert figure.layout.xaxis.tickangle == 0


def test_bars_show_short_numbers_and_the_figure_in_full_on_hover(totals):
    bars = bucket_bars(totals, weight="overdue_amount", language="zh").data[0]
    assert list(bars.text) == ["12.4万", "5.05万", "0"]
    assert list(bars.customdata) == ["124,000.00", "50,500.50", "0.00"]


@pytest.mark.parametrize(
    ("weight", "language", "title"),
    [
        ("loans", "en", "Overdue loans [count]"),
        ("overdue_amount", "en", "Overdue amount [CNY]"),
        ("overdue_amount", "zh", "逾期金额（元）"),
        ("principal_balance", "zh", "本金余额（元）"),
    ],
)
def test_axis_titles_name_the_unit(totals, weight, language, title):
    assert bucket_bars(totals, weight=weight, language=language).layout.yaxis.title.text == title


def test_ticks_are_written_in_the_units_of_the_language(totals):
    axis = bucket_bars(totals, weight="principal_balance", language="zh").layout.yaxis
    assert "100万" in axis.ticktext
    assert axis.range[1] > 4e6


def test_chinese_figures_use_a_chinese_font(totals):
    assert "Noto Sans CJK SC" in bucket_bars(totals, language="zh").layout.font.family


def test_themes_differ_and_stand_on_any_ground(totals):
    light, dark = (bucket_bars(totals, theme=theme).layout for theme in ("light", "dark"))
    assert light.font.color != dark.font.color
    assert light.paper_bgcolor == dark.paper_bgcolor == "rgba(0,0,0,0)"


def test_every_count_of_buckets_has_its_own_colours():
    for theme in ("light", "dark"):
        for count in range(1, 8):
            assert len(set(bucket_colours(count, theme))) == count


def test_bucket_colours_run_one_way_from_light_to_dark_or_back():
    for theme in ("light", "dark"):
        steps = [
            int(colour[1:3], 16) + int(colour[3:5], 16) + int(colour[5:], 16) for colour in bucket_colours(7, theme)
        ]
        assert steps == sorted(steps, reverse=theme == "light")


def test_no_bucket_is_red():
    for theme in ("light", "dark"):
        assert all(int(colour[1:3], 16) < int(colour[5:], 16) for colour in bucket_colours(7, theme))


def test_an_unknown_weight_lists_the_valid_ones(totals):
    with pytest.raises(CallError, match="loans, overdue_amount, principal_balance"):
        bucket_bars(totals, weight="money")


def test_an_unknown_language_lists_the_valid_ones(totals):
    with pytest.raises(CallError, match="en, zh"):
        bucket_bars(totals, language="fr")


def test_bars_of_empty_buckets_start_at_zero(totals):
    axis = bucket_bars(totals * 0, weight="overdue_amount").layout.yaxis
    assert list(axis.range) == [0, 1]


def test_timeline_holds_every_day_and_only_days_with_money(days):
    figure = loan_timeline(days)
    late, due, paid, penalty = figure.data
    assert list(late.y) == days["days_past_due"].tolist()
    assert (list(due.x), list(due.y)) == (["2025-02-01"], [1000.0])
    assert (list(paid.x), list(paid.y)) == (["2025-03-10"], [1010.0])
    assert len(penalty.y) == len(days)


def test_timeline_puts_three_panels_over_one_axis_of_days(days):
    layout = loan_timeline(days, language="zh").layout
    titles = [layout[name].title.text for name in ("yaxis", "yaxis2", "yaxis3")]
    assert titles == ["逾期天数<br>（天）", "应还与已还<br>（元）", "应付罚息<br>（元）"]
    domains = [layout[name].domain for name in ("yaxis3", "yaxis2", "yaxis")]
    assert all(below[1] < above[0] for below, above in itertools.pairwise(domains))


def test_timeline_of_one_day_is_drawn(days):
    assert len(loan_timeline(days.head(1)).data[0].x) == 1


def test_timeline_is_a_table_unchanged(days):
    before = days.copy()
    loan_timeline(days)
    pd.testing.assert_frame_equal(days, before)


def test_nothing_can_be_sent_to_plotlys_servers():
    for language in ("en", "zh"):
        config = plotly_config(language)
        assert config["displaylogo"] is False
        assert config["showSendToCloud"] is False
        assert config["plotlyServerURL"] == ""


@pytest.mark.parametrize(
    ("value", "en", "zh"),
    [
        (0, "0", "0"),
        (999, "999", "999"),
        (9_999, "10K", "9,999"),
        (124_000, "124K", "12.4万"),
        (1.5e9, "1.5B", "15亿"),
    ],
)
def test_short_numbers(value, en, zh):
    assert (short_number(value), short_number(value, "zh")) == (en, zh)


def test_overdue_loans_are_worst_first_with_product_and_region():
    assessed = pd.DataFrame(
        {
            "loan_id": ["A", "B", "C"],
            "status": ["overdue", "current", "overdue"],
            "days_past_due": [3, 0, 40],
            "bucket": ["M1", "M0", "M2"],
            "total_due": [1.0, 0.0, 2.0],
            "penalty": 0.0,
            "principal_balance": 5.0,
            "channel": "in_house",
        }
    )
    loans = pd.DataFrame({"loan_id": ["C", "A"], "product": ["home", "car"]})
    rows = overdue_loans(assessed, loans)
    assert rows["loan_id"].tolist() == ["C", "A"]
    assert rows["product"].tolist() == ["home", "car"]
    assert rows["region"].isna().all()
    assert list(rows.index) == [0, 1]
