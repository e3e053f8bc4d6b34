"""Figures of the scenarios show the numbers of their tables, in both languages and themes."""

from __future__ import annotations

import numpy as np
import pytest

from collectkit import charts
from collectkit import scenarios as sc
from collectkit.charts.scenarios import signed_ticks

SCENARIO = sc.load_scenario("mature-mixed")
TABLE = sc.compare(SCENARIO, draws=60)
CURVE = sc.hand_over_curve(SCENARIO, draws=60)
SENSITIVITY = sc.sensitivity(SCENARIO)
GRID = sc.sweep(SCENARIO, "wage", "agency.*.cash_rate")
LOOKS = [("en", "light"), ("en", "dark"), ("zh", "light"), ("zh", "dark")]
looks = pytest.mark.parametrize(("language", "theme"), LOOKS)


@looks
def test_the_waterfall_ends_at_the_net(language, theme):
    figure = charts.waterfall(TABLE, strategy="product_rule", language=language, theme=theme)
    *steps, net = figure.data[0].y
    assert sum(steps) == pytest.approx(net, abs=5)
    assert net == pytest.approx(TABLE.loc["product_rule", "net"])
    assert figure.data[0].measure[-1] == "total"
    assert figure.data[0].x[-1] == {"en": "Net", "zh": "净回款"}[language]


@looks
def test_strategies_stand_with_their_intervals(language, theme):
    labels = {name: strategy.label_in(language) for name, strategy in SCENARIO.named_strategies.items()}
    figure = charts.strategy_intervals(TABLE, labels=labels, language=language, theme=theme)
    points, rows = figure.data[0], TABLE.sort_values("difference")
    assert list(points.x) == pytest.approx(rows["difference"].tolist())
    plain = [name.replace("<br>", " " if language == "en" else "") for name in points.y]
    assert plain == [labels[name] for name in rows.index]
    assert np.array(points.x) + points.error_x.array == pytest.approx(rows["difference_high"].to_numpy())
    assert labels["all_in_house"] in figure.layout.xaxis.title.text


@looks
def test_the_curve_shows_every_day_its_band_and_the_commission(language, theme):
    figure = charts.hand_over_curve(CURVE, product="vehicle_pledge", language=language, theme=theme)
    rows = CURVE[CURVE["product"] == "vehicle_pledge"]
    high, low, line, best = figure.data
    assert list(line.x) == ["1+", "31+", "61+", "91+", "121+", "151+", "181+", {"en": "never", "zh": "从不"}[language]]
    assert list(line.y) == pytest.approx((-rows["behind_best"]).tolist())
    assert list(low.y) == pytest.approx((-rows["behind_best_high"]).tolist())
    assert list(high.y) == pytest.approx((-rows["behind_best_low"]).tolist())
    assert best.y[0] == 0
    assert [note.text for note in figure.layout.annotations] == ["7%", "7%", "7%", "14%", "20%", "20%", "25%"]


@looks
def test_the_tornado_shows_the_most_important_on_top(language, theme):
    figure = charts.tornado(SENSITIVITY, most=5, language=language, theme=theme, base="x")
    low, high = figure.data
    top = SENSITIVITY.iloc[0]
    assert len(low.y) == 5
    assert low.y[-1].replace("<br>", " " if language == "en" else "") == sc.input_label(top["input"], language)
    assert low.x[-1] + low.base == pytest.approx(top["difference_low"])
    assert high.x[-1] + high.base == pytest.approx(top["difference_high"])


@looks
def test_the_heat_map_is_the_grid(language, theme):
    figure = charts.sweep_heatmap(GRID, x="wage", y="agency.*.cash_rate", language=language, theme=theme, base="x")
    heat = figure.data[0]
    assert heat.zmax == -heat.zmin == pytest.approx(GRID["difference"].abs().max())
    at = GRID[(GRID["x_value"] == heat.x[2]) & (GRID["y_value"] == heat.y[5])]["difference"].item()
    assert heat.z[5][2] == pytest.approx(at)
    assert sc.input_label("wage", language) in figure.layout.xaxis.title.text


def test_ticks_go_around_zero():
    ticks = signed_ticks([-20_000, 390_000], "en")
    assert 0 in ticks["tickvals"]
    assert ticks["range"][0] < -20_000
    assert ticks["range"][1] > 390_000
    assert signed_ticks([0.0], "zh")["ticktext"]


def test_no_red_but_for_breaches():
    for figure in (charts.waterfall(TABLE, strategy="all_in_house"), charts.tornado(SENSITIVITY)):
        assert "#b3261e" not in figure.to_json()


@pytest.mark.parametrize("most", [3, 5])
def test_ticks_are_few_and_round_whatever_the_width(most):
    for width in np.geomspace(0.01, 1e12, 400):
        marks = signed_ticks([-0.3 * width, 0.7 * width], "en", most_ticks=most)["tickvals"]
        assert 2 <= len(marks) <= most + 3
        assert 0 in marks
