"""The page *Compare periods* without a browser: both sides and what explains the change are the package's."""

from __future__ import annotations

from datetime import date

import panel_material_ui as pmui
import pytest

import collectkit as ck
from collectkit import tracking
from dashboards import tracked
from dashboards.controls import CardTop, Chart
from tests.shown import QUIET, card, drawn, opened, rows, texts

pytestmark = QUIET

HOSTILE = "<img src=x onerror=alert(1)>"
EXPLAINED = "What explains the change of the late share"


@pytest.fixture(scope="module")
def cube():
    book, policy = ck.load_sample("demo"), ck.load_policy("cn-microloan")
    panel = ck.track(book, policy, dates=ck.month_ends(book.first_date, "2025-12-31"))
    return tracking.cube(panel, book.loans, by=tracked.DIMENSIONS)


def test_two_months_are_explained_as_in_the_package(cube):
    view = opened("compare", month_a="2025-03", month_b="2025-09", product=["vehicle_pledge"])
    part = cube.where(product="vehicle_pledge")
    table = tracking.compare_periods(part.where(as_of="2025-03-31"), part.where(as_of="2025-09-30"))
    bars = drawn(view, EXPLAINED)["data"][0]
    assert bars["y"][0] == pytest.approx(table.attrs["before"])
    assert bars["y"][1] == pytest.approx(table["mix"].sum())
    assert bars["y"][-1] == pytest.approx(table.attrs["after"])
    assert (bars["x"][0], bars["x"][-1]) == ("Mar 2025", "Sept 2025")
    note = card(view, EXPLAINED)[0].note
    assert f"{table.attrs['after']:.2%}" in note
    assert f"{100 * table.attrs['upper']:+.2f} points" in note.replace("−", "-")
    assert rows(view, "Where the loans came from")["roll"].tolist() == pytest.approx(table["roll"].tolist())


def test_by_default_the_last_month_is_compared_with_the_year_before(cube):
    headlines = tracking.compare_headlines(cube.where(as_of="2024-12-31"), cube.where(as_of="2025-12-31"))
    shown = texts(opened("compare").content)
    assert f"Dec 2025; Dec 2024: {headlines.loc['par30', 'before']:.2%}, +" in shown
    assert f"{headlines.loc['par30', 'after']:.2%}" in shown


def test_two_segments_are_compared_in_the_months_that_are_shown(cube):
    view = opened(
        "compare",
        sides="segments",
        dimension="region",
        segment_a="West",
        segment_b="East",
        since="2025-07",
        by="balance",
    )
    days = cube.dates[cube.dates >= "2025-07-31"]
    sides = [cube.where(region=region, as_of=days) for region in ("West", "East")]
    table = tracking.compare_periods(*sides, weight="balance")
    assert drawn(view, EXPLAINED)["data"][0]["y"][-1] == pytest.approx(table.attrs["after"])
    rolls = tracking.roll_rates(sides[1], weight="balance")["rolled_forward"].dropna()
    assert drawn(view, "Roll rates of both sides")["data"][1]["y"] == pytest.approx(rolls.tolist())
    assert "By balance there is no interval" in card(view, EXPLAINED)[0].note
    view.session.by = "count"
    assert "a loan counts in each of them" in card(view, EXPLAINED)[0].note


def test_what_counts_as_late_can_be_chosen(cube):
    view = opened("compare", late_from="M4")
    table = tracking.compare_periods(cube.where(as_of="2024-12-31"), cube.where(as_of="2025-12-31"), late_from="M4")
    assert drawn(view, EXPLAINED)["data"][0]["y"][0] == pytest.approx(table.attrs["before"])
    field = next(field for field in view.content.select(pmui.Select) if field.label == "Late from bucket")
    field.value = "M1"
    assert "late_from=M1" in view.browser.search


def test_controls_write_only_what_is_chosen_and_show_what_holds():
    view = opened("compare")
    for name in ("month_a", "segment_a", "late_from", "dimension"):
        assert name not in view.browser.search
    fields = {field.label: field for field in view.content.select(pmui.Select)}
    assert "B, compared with A" in fields
    months = [field for field in view.content.select(pmui.Select) if field.label == "A"]
    assert months[0].value == date(2024, 12, 1)
    months[0].value = date(2025, 5, 1)
    assert "month_a=2025-05" in view.browser.search
    view.session.sides = "segments"
    by = fields["By"]
    by.value = "risk_grade"
    assert view.session.dimension == "risk_grade"
    assert list(months[1].options) == ["A", "AA", "B", "BB", "CC"]


@pytest.mark.parametrize(
    "query",
    [
        {"month_a": "2023-07", "month_b": "2030-01"},
        {"sides": "segments", "segment_a": HOSTILE, "segment_b": HOSTILE},
        {"late_from": HOSTILE},
        {"dimension": "branch"},
    ],
)
def test_what_is_not_there_falls_back(query):
    view = opened("compare", **query)
    shown = texts(view.content)
    assert "This could not be shown" not in shown
    assert "<img" not in shown
    assert len(list(view.content.select(Chart))) == 3


def test_one_month_cannot_be_compared():
    view = opened("compare", as_of="2023-08-31")
    assert "Two months are needed" in texts(view.content)
    view.as_of.value = "2025-12-31"
    assert list(view.content.select(Chart))


@pytest.mark.parametrize("query", [
    {"month_a": "2025-12", "month_b": "2025-12"},
    {"sides": "segments", "dimension": "region", "segment_a": "East", "segment_b": "East"},
])  # fmt: skip
def test_a_side_beside_itself_has_a_bar_of_its_own_and_no_change(query):
    view = opened("compare", **query)
    bars = drawn(view, EXPLAINED)["data"][0]
    assert len(set(bars["x"])) == len(bars["x"])
    assert bars["y"][0] == bars["y"][-1]
    assert bars["y"][1:-1] == pytest.approx([0] * 4)
    assert bars["x"][0].endswith(" (A)")
    assert bars["x"][-1].endswith(" (B)")


def test_sentences_end_as_their_language_does():
    note = card(opened("compare", lang="zh"), "逾期占比变化的来源")[0].note
    assert "个百分点。" in note
    assert ". " not in note


def test_a_side_without_loans_is_told():
    view = opened("compare", vintage=["2025-12"], month_a="2025-06")
    assert "No loan of “Jun 2025” matches the filters" in texts(view.content)


def test_every_chart_has_definition_and_words():
    for language in ("en", "zh"):
        view = opened("compare", lang=language)
        tops = [top for top in view.content.select(CardTop) if top.files]
        assert len(tops) == 4
        assert all(len(top.definition[0]) > 20 for top in tops)
        assert all(len(chart.label) > 60 for chart in view.content.select(Chart))
