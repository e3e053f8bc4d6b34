"""The figures of the agencies wing are tested by their data, not their pixels."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

import collectkit as ck
from collectkit import charts

BOOK, POLICY = ck.load_sample("demo"), ck.load_policy()
TABLES = {
    charts.agency_intervals: lambda: ck.agencies.scorecard(BOOK, POLICY, as_of="2025-12-31"),
    charts.liquidation_curves: lambda: ck.agencies.liquidation(
        BOOK, POLICY, as_of="2025-12-31", agency="Anxin", batch="quarter"
    ),
    charts.fee_curves: lambda: ck.agencies.fee_curve(POLICY),
}
every_chart = pytest.mark.parametrize("draw", TABLES, ids=lambda draw: draw.__name__)


@every_chart
def test_plotly_finds_nothing_wrong_in_a_figure(draw):
    figure = draw(TABLES[draw](), theme="dark", language="zh")
    checked = go.Figure(figure.to_dict())
    assert [trace.type for trace in checked.data] == [trace["type"] for trace in figure.to_dict()["data"]]


@every_chart
def test_axes_have_titles_with_units_in_both_languages(draw):
    table = TABLES[draw]()
    for language, brackets in (("en", "[]"), ("zh", "（）")):
        layout = draw(table, language=language).layout
        titles = layout.xaxis.title.text + layout.yaxis.title.text
        assert all(sign in titles for sign in brackets)


@every_chart
def test_themes_differ_and_a_table_is_not_changed(draw):
    table = TABLES[draw]()
    before = table.copy()
    light, dark = (draw(table, theme=theme) for theme in ("light", "dark"))
    assert light.layout.font.color != dark.layout.font.color
    pd.testing.assert_frame_equal(table, before)


@every_chart
def test_a_figure_of_nothing_is_drawn(draw):
    assert isinstance(draw(TABLES[draw]().iloc[:0]), go.Figure)


def test_the_best_agency_stands_on_top_with_its_interval():
    table = TABLES[charts.agency_intervals]().set_index("agency")
    raw, like = charts.agency_intervals(table.reset_index()).data
    assert like.y[-1] == "Chengda"
    assert dict(zip(like.y, like.x, strict=True)) == table["like_net_back"].to_dict()
    assert dict(zip(raw.y, raw.x, strict=True)) == table["net_back"].to_dict()
    ends = np.array(like.x) + np.array(like.error_x.array)
    assert ends.tolist() == pytest.approx(table["upper"].reindex(like.y).tolist())


def test_an_agency_that_cannot_be_compared_shows_as_placed_only():
    table = TABLES[charts.agency_intervals]().assign(like_net_back=np.nan, lower=np.nan, upper=np.nan)
    raw, like = charts.agency_intervals(table).data
    assert len(raw.y) == 3
    assert len(like.y) == 0


def test_estimates_are_dotted_and_go_on_from_what_was_seen():
    table = TABLES[charts.liquidation_curves]()
    figure = charts.liquidation_curves(table, measure="gross")
    solid = {trace.name: trace for trace in figure.data if trace.line.dash is None}
    dotted = [trace for trace in figure.data if trace.line.dash == "dot"]
    assert len(solid) == table["batch"].nunique()
    assert sum(len(trace.x) for trace in solid.values()) == (~table["is_estimate"]).sum()
    for trace in dotted:
        seen = solid[trace.legendgroup]
        if len(seen.x):
            assert (trace.x[0], trace.y[0]) == (seen.x[-1], seen.y[-1])


def test_an_unknown_measure_lists_the_measures():
    with pytest.raises(ck.CallError, match="gross, net_back"):
        charts.liquidation_curves(TABLES[charts.liquidation_curves](), measure="cash")


def test_fees_step_where_the_tariff_does():
    figure = charts.fee_curves(TABLES[charts.fee_curves](), language="zh")
    assert [trace.name for trace in figure.data] == ["按满月数", "按月份序号"]
    assert list(figure.layout.xaxis.tickvals) == [1, 61, 91, 121, 181]
    assert [trace.line.shape for trace in figure.data] == ["hv", "hv"]
