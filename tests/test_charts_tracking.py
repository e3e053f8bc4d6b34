"""The figures of the tracking wing are tested by their data, not their pixels."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

import collectkit as ck
from collectkit import charts, tracking
from collectkit.charts import bucket_colours

TABLES = {
    charts.bucket_mix_area: tracking.bucket_mix,
    charts.par_lines: tracking.portfolio_at_risk,
    charts.transition_heatmap: tracking.transitions,
    charts.flow_rate_lines: tracking.flow_rates,
    charts.vintage_curves: tracking.vintages,
    charts.entry_rate_line: tracking.entry_rate,
}
BOOK, POLICY = ck.load_sample("demo"), ck.load_policy()


def cured(_months):
    return tracking.time_to_cure(ck.track(BOOK, POLICY, dates=ck.month_ends("2024-01-31", "2025-12-31")))


TABLES |= {charts.cure_curve: cured}
every_chart = pytest.mark.parametrize("draw", TABLES, ids=lambda draw: draw.__name__)


@pytest.fixture(scope="module")
def months():
    return tracking.demo_cube()


@every_chart
def test_a_figure_carries_the_definition_of_its_table(draw, months):
    table = TABLES[draw](months)
    for language in ("en", "zh"):
        assert draw(table, language=language).layout.meta["definition"] == table.attrs["definition"][language]


@every_chart
def test_plotly_finds_nothing_wrong_in_a_figure(draw, months):
    figure = draw(TABLES[draw](months), theme="dark", language="zh")
    checked = go.Figure(figure.to_dict())
    assert [trace.type for trace in checked.data] == [trace["type"] for trace in figure.to_dict()["data"]]


def test_plotly_would_find_a_mistake(months):
    figure = charts.par_lines(tracking.portfolio_at_risk(months)).to_dict()
    figure["data"][0]["line"]["dahs"] = "dot"
    with pytest.raises(ValueError, match="dahs"):
        go.Figure(figure)


@every_chart
def test_axes_have_titles_with_units_in_both_languages(draw, months):
    table = TABLES[draw](months)
    for language, brackets in (("en", "[]"), ("zh", "（）")):
        layout = draw(table, language=language).layout
        titles = [layout.xaxis.title.text, layout.yaxis.title.text]
        assert all(titles)
        assert "{" not in "".join(titles)
        if draw is not charts.transition_heatmap:  # its cells are written with their unit
            assert all(sign in "".join(titles) for sign in brackets)


@every_chart
def test_themes_differ_and_a_table_is_not_changed(draw, months):
    table = TABLES[draw](months)
    before = table.copy(deep=True)
    assert draw(table, theme="dark").layout.font.color != draw(table).layout.font.color
    pd.testing.assert_frame_equal(table, before)


@every_chart
def test_a_figure_of_nothing_is_drawn(draw, months):
    if draw is charts.cure_curve:
        assert draw(TABLES[draw](months).iloc[:0]).layout.yaxis.title.text
        return
    empty = months.where(product="vehicle_pledge").where(state_before=["gone"])
    if draw is charts.vintage_curves:
        empty = months.where(vintage="2025-12").where(vintage="2025-11")
    assert draw(TABLES[draw](empty)).layout.yaxis.title.text


def test_the_mix_stacks_the_overdue_buckets_in_their_colours(months):
    table = tracking.bucket_mix(months, weight="overdue_amount")
    areas = charts.bucket_mix_area(table, language="zh").data
    assert [area.name for area in areas] == list(table.columns[1:])
    assert [area.fillcolor for area in areas] == bucket_colours(7)
    assert list(areas[2].y) == table.iloc[:, 3].tolist()
    share = table.iloc[-1, 1] / table.iloc[-1].sum()
    assert areas[0].customdata[-1] == f"占全部 {share:.1%}"


def test_par_has_a_line_per_threshold_and_the_write_off_ratio_beside_it(months):
    lines = charts.par_lines(tracking.portfolio_at_risk(months, days=[30, 90])).data
    assert [line.name for line in lines] == ["PAR30", "PAR90", "Write-off ratio"]
    assert lines[2].line.dash == "dot"


def test_a_cell_of_the_heat_map_tells_counts_and_interval(months):
    moves = tracking.transitions(months)
    heat = charts.transition_heatmap(moves, language="zh").data[0]
    row = moves[(moves["state_before"] == "M1") & (moves["state"] == "M2")].iloc[0]
    before, state, text = heat.customdata[1][2]
    assert (before, state) == ("M1", "M2")
    for part in (f"{row['loans']:,} 笔", f"{row['rate']:.1%}", f"{row['lower']:.1%} 至 {row['upper']:.1%}"):
        assert part in text
    assert heat.z[1][2] == row["rate"]
    assert heat.meta["narrow"]["text"][1][2] == f"{row['rate']:.0%}"
    rare = moves[moves["rate"].between(0, 0.005, inclusive="neither")].iloc[0]
    places = moves["state_before"].cat.categories.get_loc(rare["state_before"]), list(heat.x).index("M2")
    assert heat.meta["narrow"]["text"][places[0]][places[1]] == "<1%"
    assert (
        "95%"
        not in charts.transition_heatmap(tracking.transitions(months, weight="balance")).data[0].customdata[1][2][2]
    )


def test_the_heat_map_leaves_out_ways_nobody_went(months):
    heat = charts.transition_heatmap(tracking.transitions(months)).data[0]
    assert "gone" not in heat.x
    assert "written off" in heat.x


def test_flow_lines_leave_out_the_stock_of_the_last_bucket_until_asked(months):
    lines = charts.flow_rate_lines(tracking.flow_rates(months)).data
    assert [line.visible for line in lines] == [None] * 6 + ["legendonly"]


def test_vintage_curves_end_where_observation_ends(months):
    table = tracking.vintages(months)
    curves = {curve.name: curve for curve in charts.vintage_curves(table).data}
    last = curves["2025-10"]
    assert list(last.x) == [0, 1, 2]
    assert not np.isnan(np.array(last.y)).any()


def test_the_entry_rate_has_a_band_by_count_and_tells_both_numbers(months):
    table = tracking.entry_rate(months)
    lower, upper, line = charts.entry_rate_line(table).data
    assert list(line.y[1:]) == table["entry_rate"].iloc[1:].tolist()
    assert list(line.customdata[5]) == table[["newly_overdue", "not_overdue_before"]].iloc[5].tolist()
    assert list(upper.y) == table["upper"].dropna().tolist()
    assert all(low <= high for low, high in zip(lower.y, upper.y, strict=True))
    assert len(charts.entry_rate_line(tracking.entry_rate(months, weight="balance")).data) == 1


def test_recovery_draws_every_cohort_the_line_of_all_and_its_estimate():
    book, policy = ck.load_sample("demo"), ck.load_policy("cn-microloan")
    panel = ck.track(book, policy, dates=ck.month_ends(book.first_date, book.last_date))
    cells = tracking.recoveries(panel, book.loans, days=[30])
    table, pooled = tracking.recovery_curve(cells, days=30), tracking.pooled_recovery(cells, days=30)
    for language in ("en", "zh"):
        figure = charts.recovery_curves(table, pooled, language=language, theme="dark")
        go.Figure(figure.to_dict())
        assert len(figure.data) == len(table) + 4
        assert list(figure.data[0].y) == table.iloc[0].dropna().tolist()
        assert list(figure.data[-2].y) == pooled["recovered_share"].tolist()
        assert figure.data[-1].line.dash == "dot"
        assert list(figure.data[-3].y) == pooled["upper"].dropna().tolist()
        assert "30" in figure.layout.yaxis.title.text
        assert figure.layout.meta["definition"] == table.attrs["definition"][language]


def test_the_cure_curve_rises_in_steps_within_its_band(months):
    table = cured(months)
    low, high, line = charts.cure_curve(table).data
    assert list(line.y) == table["cured_share"].tolist()
    assert line.line.shape == low.line.shape == high.line.shape == "hv"
    assert (np.array(low.y) <= np.array(line.y)).all()
    assert (np.array(line.y) <= np.array(high.y)).all()


def test_a_figure_can_be_written_as_a_page(months):
    assert "<html>" in charts.par_lines(tracking.portfolio_at_risk(months)).to_html()
