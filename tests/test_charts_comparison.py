"""The figures of a comparison are tested by their data."""

from __future__ import annotations

import plotly.graph_objects as go
import pytest

from collectkit import charts, tracking

NAMES = ("Jun 2025", "Dec 2025")
WEIGHTS = {"count": "loans", "balance": "principal_balance"}


@pytest.fixture(scope="module")
def sides():
    cube = tracking.demo_cube()
    return cube.where(as_of="2025-06-30"), cube.where(as_of="2025-12-31")


def figures(sides, weight, **look):
    mixes = [tracking.bucket_mix(side, weight=WEIGHTS[weight]) for side in sides]
    rolls = [tracking.roll_rates(side, weight=weight) for side in sides]
    return [
        charts.change_waterfall(tracking.compare_periods(*sides, weight=weight), names=NAMES, **look),
        charts.bucket_comparison(*mixes, names=NAMES, **look),
        charts.roll_comparison(*rolls, names=NAMES, **look),
    ]


@pytest.mark.parametrize("weight", WEIGHTS)
@pytest.mark.parametrize(("language", "unit"), [("en", "[%]"), ("zh", "（%）")])
def test_figures_are_valid_and_say_their_unit_and_definition(sides, weight, language, unit):
    for figure in figures(sides, weight, language=language, theme="dark"):
        go.Figure(figure.to_dict())
        assert unit in figure.layout.yaxis.title.text
        assert figure.layout.xaxis.title.text
        assert len(figure.layout.meta["definition"]) > 20


def test_the_steps_lead_from_one_side_to_the_other(sides):
    table = tracking.compare_periods(*sides)
    bars = charts.change_waterfall(table, names=NAMES).data[0]
    assert (bars.x[0], bars.x[-1]) == NAMES
    assert bars.y[0] == table.attrs["before"]
    assert sum(bars.y[:-1]) == pytest.approx(table.attrs["after"])
    assert bars.y[2] == table.loc["M0", "roll"]
    assert bars.text[0] == f"{table.attrs['before']:.2%}"


def test_buckets_are_shares_of_all_open_loans(sides):
    mix = tracking.bucket_mix(sides[1]).iloc[-1]
    bars = charts.bucket_comparison(*map(tracking.bucket_mix, sides), names=NAMES).data
    assert [bar.name for bar in bars] == list(NAMES)
    assert list(bars[1].y) == pytest.approx((mix / mix.sum()).iloc[1:].tolist())


def test_rolls_have_their_interval_by_count_only(sides):
    rolls = tracking.roll_rates(sides[0])
    bar = charts.roll_comparison(*map(tracking.roll_rates, sides), names=NAMES).data[0]
    assert list(bar.x) == [bucket for bucket in rolls.index if rolls["rolled_forward"].notna()[bucket]]
    assert bar.y[1] + bar.error_y.array[1] == pytest.approx(rolls.loc["M1", "upper"])
    by_balance = [tracking.roll_rates(side, weight="balance") for side in sides]
    assert "error_y" not in charts.roll_comparison(*by_balance, names=NAMES).to_dict()["data"][0]
    cured = charts.roll_comparison(rolls, rolls, names=NAMES, rate="cured").data[0]
    assert "M0" not in cured.x


def test_an_empty_side_is_drawn_as_missing():
    cube = tracking.demo_cube()
    mixes = tracking.bucket_mix(cube.where(state="gone")), tracking.bucket_mix(cube)
    first = charts.bucket_comparison(*mixes, names=NAMES).data[0]
    assert all(share != share for share in first.y)
