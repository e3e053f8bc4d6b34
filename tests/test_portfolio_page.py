"""The page *Portfolio* without a browser: its charts hold the package's figures, its cells list the package's loans."""

from __future__ import annotations

import asyncio
import io
from datetime import date
from types import SimpleNamespace

import openpyxl
import pandas as pd
import panel as pn
import panel_material_ui as pmui
import pytest

import collectkit as ck
from collectkit import tracking
from dashboards import shared, tracked
from dashboards.controls import CardTop, Chart
from dashboards.words import words_in
from tests.shown import QUIET, card, chart, drawn, opened, rows, texts

pytestmark = QUIET

HOSTILE = "<img src=x onerror=alert(1)>"
ROLLS = "Roll rates: from bucket to bucket in one month"


@pytest.fixture(scope="module")
def cube():
    """The demo's cube as the page must have it: all month ends up to the last one."""
    book, policy = ck.load_sample("demo"), ck.load_policy("cn-microloan")
    panel = ck.track(book, policy, dates=ck.month_ends(book.first_date, "2025-12-31"))
    return tracking.cube(panel, book.loans, by=tracked.DIMENSIONS)


def listed(view):
    """The table of the loans behind a cell."""
    return rows(view, "Loans behind a cell")


def test_the_bucket_mix_is_the_packages(cube):
    figure = drawn(opened("portfolio", since="2025-01"), "Overdue by bucket, month by month")
    mix = tracking.bucket_mix(cube).loc["2025-01-31":]
    assert {trace["name"]: trace["y"] for trace in figure["data"]} == mix.iloc[:, 1:].to_dict("list")


def test_filters_months_and_weight_reach_every_chart(cube):
    view = opened(
        "portfolio",
        product=["vehicle_pledge"],
        region=["East", "North"],
        since="2024-06",
        until="2025-03",
        by="balance",
    )
    part = cube.where(product="vehicle_pledge", region=["East", "North"])
    within = part.where(as_of=[day for day in cube.dates if date(2024, 6, 1) <= day.date() <= date(2025, 3, 31)])
    par = drawn(view, "Portfolio at risk")["data"][1]
    assert par["y"] == pytest.approx(tracking.portfolio_at_risk(within)["par30"].tolist(), nan_ok=True)
    heat = drawn(view, ROLLS)["data"][0]
    rates = tracking.transition_matrix(within, weight="balance")
    assert heat["z"][1][2] == pytest.approx(rates.loc["M1", "M2"])
    flows = {trace["name"]: trace["y"] for trace in drawn(view, "Flow rates")["data"]}
    expected = tracking.flow_rates(within, weight="principal_balance")["M1→M2"]
    assert [float("nan") if y is None else y for y in flows["M1→M2"]] == pytest.approx(expected.tolist(), nan_ok=True)


def test_vintages_follow_whole_lives(cube):
    view = opened(
        "portfolio", product=["vehicle_pledge"], channel=["in_house"], since="2025-06", vintage_measure="current"
    )
    figure = drawn(view, "Vintages")
    expected = tracking.vintages(cube.where(product="vehicle_pledge"), measure="current").loc["2024-03-01"].dropna()
    curve = next(trace for trace in figure["data"] if trace["name"] == "2024-03")
    assert curve["y"] == pytest.approx(expected.tolist())
    definition = card(view, "Vintages")[0].definition
    assert definition[0] == tracking.vintages(cube, measure="current").attrs["definition"]["en"]
    assert "channel" in definition[1]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_chart_says_what_it_is(language, cube):
    view = opened("portfolio", lang=language)
    tops = [top for top in view.content.select(CardTop) if top.files]
    assert len(tops) == 8  # seven charts, and the key figures
    for top in tops:
        assert len(top.definition[0]) > 20
        assert words_in(language).date(date(2025, 12, 31)) in top.sub
        assert "cn-microloan" in top.sub
    assert all(len(part.label) > 30 for part in view.content.select(Chart))


def test_a_chart_is_told_in_words(cube):
    par = tracking.portfolio_at_risk(cube).iloc[-1]
    said = chart(opened("portfolio"), "Portfolio at risk").label
    assert f"Dec 2025: PAR1 {par['par1']:.2%}, PAR30 {par['par30']:.2%}" in said


def test_a_click_on_a_cell_lists_its_loans(cube):
    view = opened("portfolio", until="2025-11")
    chart(view, ROLLS).clicked = {"count": 1, "customdata": ["M1", "M2", "M1 → M2: …"]}
    rows = listed(view)
    expected = cube.where(as_of="2025-11-30", state_before="M1", state="M2").total("loans").sum()
    assert len(rows) == expected > 0
    assert set(rows["state_before"]) == {"M1"}
    assert "cell_before=M1&cell_after=M2" in view.browser.search
    view.session.region = ("East",)
    assert set(listed(view)["region"]) <= {"East"}
    loan = listed(view)["loan_id"].iloc[0] if len(listed(view)) else rows["loan_id"].iloc[0]
    view.session.loan = loan
    assert f"Loan {loan}" in texts(view.view.main[0][-1])


def test_a_click_on_a_month_lists_its_overdue_loans(cube):
    view = opened("portfolio", product=["consumer_instalment"])
    chart(view, "Overdue by bucket, month by month").clicked = {"count": 1, "x": "2025-04-30", "name": "M3"}
    mix = tracking.bucket_mix(cube.where(product="consumer_instalment")).loc["2025-04-30"]
    assert len(listed(view)) == mix.iloc[1:].sum()
    assert view.session.cell_month == date(2025, 4, 1)


def test_the_cell_can_be_chosen_without_a_click(cube):
    view = opened("portfolio", cell_month="2025-03")
    fields = {field.label: field for field in card(view, "Loans behind a cell").select(pmui.Select)}
    assert fields["Month end"].value == date(2025, 3, 1)
    fields["To"].value = "paid_off"
    assert len(listed(view)) == cube.where(as_of="2025-03-31", state="paid_off").total("loans").sum()
    assert set(listed(view)["state"]) == {"paid off"}


@pytest.mark.parametrize(
    "point", [{}, {"customdata": None}, {"customdata": ["x"]}, {"customdata": [HOSTILE, HOSTILE]}, {"x": HOSTILE}]
)
def test_a_strange_click_is_harmless(point):
    view = opened("portfolio")
    chart(view, ROLLS).clicked = point
    chart(view, "Overdue by bucket, month by month").clicked = point
    assert "Nothing to show" in texts(card(view, "Loans behind a cell"))
    assert "<img" not in texts(view.content)


def test_an_empty_cell_says_so():
    view = opened("portfolio", cell_month="2023-08", cell_after="M6+")
    assert "No loan of these filters is in this cell in Aug 2023." in texts(card(view, "Loans behind a cell"))


def test_filters_that_leave_nothing_are_told():
    view = opened("portfolio", vintage=["2025-12"], until="2025-06")
    assert "No loan matches these filters" in texts(card(view, "Portfolio at risk"))


STEPS = (ROLLS, "Entry rate", "Flow rates")


def test_at_the_first_month_end_nothing_has_moved_and_that_is_said():
    view = opened("portfolio", as_of="2023-07-31")
    for heading in STEPS:
        assert "was there at the month end before" in texts(card(view, heading))
    view.as_of.value = "2023-08-31"
    for heading in STEPS:
        assert drawn(view, heading)["data"]


def test_one_month_alone_is_a_bar(cube):
    traces = drawn(opened("portfolio", since="2025-12"), "Overdue by bucket, month by month")["data"]
    mix = tracking.bucket_mix(cube).loc["2025-12-31"]
    assert {trace["type"] for trace in traces} == {"bar"}  # an area of one date has no width
    assert {trace["name"]: trace["y"] for trace in traces} == {name: [mix[name]] for name in mix.index[1:]}


def test_before_the_first_month_end_the_page_says_so_and_comes_back():
    view = opened("portfolio", as_of="2023-07-15")
    assert "No month has ended yet on 15 July 2023" in texts(view.content)
    view.as_of.value = "2025-12-31"
    assert view.content.select(Chart)
    view.as_of.value = "2020-01-01"
    assert not list(view.content.select(Chart))
    view.as_of.value = "2025-12-31"
    assert list(view.content.select(Chart))


def test_a_vintage_that_is_not_there_yet_at_an_earlier_date_is_no_error():
    view = opened("portfolio", vintage=["2025-11"])
    view.as_of.value = "2025-06-30"
    assert "This could not be shown" not in texts(view.content)


def test_days_of_one_month_share_a_cube():
    key = shared.Key("demo", "cn-microloan", date(2025, 10, 15))
    tracked.followed(key)
    assert tracked.followed.is_there(key._replace(as_of=date(2025, 10, 30)))
    assert tracked.cube(key).dates[-1] == pd.Timestamp("2025-09-30")


def test_an_earlier_date_is_a_part_of_the_walk_to_the_last_one(monkeypatch):
    book, policy = ck.load_sample("demo"), ck.load_policy("cn-microloan")
    key = shared.Key("demo", "cn-microloan", date(2025, 3, 31))
    tracked.followed(key._replace(as_of=date(2025, 12, 31)))
    panel = ck.track(book, policy, dates=ck.month_ends(book.first_date, "2024-06-30"))
    alone = tracking.followed(panel, book.loans, by=tracked.DIMENSIONS)
    monkeypatch.setattr(ck, "track", lambda *_, **__: pytest.fail("the loans were walked through again"))
    earlier = tracked.followed(key._replace(as_of=date(2024, 7, 15)))
    assert earlier.cube.cells.equals(alone.cube.cells)
    assert earlier.recoveries.equals(alone.recoveries)


@pytest.mark.parametrize("most", [3, 30, 36])
def test_each_date_has_the_months_before_it_and_no_more_than_are_shown(monkeypatch, most):
    monkeypatch.setattr(tracked, "MOST_MONTHS", most)
    tracked.followed.clear()
    book, key = ck.load_sample("demo"), shared.Key("demo", "cn-microloan", date(2025, 3, 31))
    months = ck.month_ends(book.first_date, "2025-03-31")[-most:]
    assert tracked.cube(key).dates.tolist() == months.tolist()
    tracked.followed.clear()


def test_controls_show_what_holds_and_write_only_what_is_chosen():
    view = opened("portfolio")
    assert "since" not in view.browser.search
    assert "cell" not in view.browser.search
    month = next(field for field in view.content.select(pmui.Select) if field.label == "From month")
    month.value = date(2025, 2, 1)
    assert "since=2025-02" in view.browser.search


def test_text_in_data_stays_text():
    loans = ck.load_sample("demo").loans.head(40).assign(region=HOSTILE, product=HOSTILE)
    book = ck.load_sample("demo").selecting(loans["loan_id"]).replacing(loans=loans)
    shared.offer("strange", lambda: book)
    try:
        view = opened("portfolio", portfolio="strange", cell_after="M0", lang="zh")
        assert "<img" not in texts(view.content)
        table = next(iter(view.content.select(pn.widgets.Tabulator)))
        assert HOSTILE in table.value["region"].tolist()
    finally:
        shared._loaders.pop("strange")
        shared.forget()


def test_tiles_are_the_packages_with_the_month_before(cube):
    view = opened("portfolio", until="2025-10", region=["East"], by="balance")
    lines = tracking.headlines(cube.where(region="East"), weight="balance")
    now, before = lines.loc["2025-10-31"], lines.loc["2025-09-30"]
    shown = texts(view.content)
    assert f"{now['principal_balance']:,.2f} CNY" in shown
    for name in ("par30", "entry_rate", "cured", "rolled_forward"):
        assert f"{now[name]:.2%}" in shown
        assert f"Oct 2025 · {before[name]:.2%} in Sep" in shown
    assert shown.count("<polyline") == 7


def test_one_month_alone_has_no_month_before():
    shown = texts(opened("portfolio", since="2025-12").content)
    assert "Nov 2025" not in shown
    assert "<polyline" not in shown


def test_recovery_is_the_packages():
    view = opened("portfolio", product=["consumer_instalment"], recovery_days="60", since="2025-11")
    book, policy = ck.load_sample("demo"), ck.load_policy("cn-microloan")
    panel = ck.track(book, policy, dates=ck.month_ends(book.first_date, "2025-12-31"))
    pooled = tracking.pooled_recovery(tracking.recoveries(panel, book.loans), days=60, product="consumer_instalment")
    line = drawn(view, "Recovery after loans became late")["data"][-2]
    assert line["y"] == pytest.approx(pooled["recovered_share"].tolist())
    assert f"1: {pooled['recovered_share'][1]:.2%}" in chart(view, "Recovery after loans became late").label


def test_few_late_loans_are_too_small_to_say():
    view = opened("portfolio", vintage=["2025-10"], recovery_days="90")
    assert "Too small to say" in texts(card(view, "Recovery after loans became late"))


def given(view, heading, ending):
    """Content of a download of a card."""
    top, sent = card(view, heading)[0], []
    top.send = lambda *file: sent.append(file)
    asyncio.run(top._msg__callbacks[0](SimpleNamespace(data={"asked": ending})))
    return sent[0][2]


def test_key_figures_are_the_packages_with_numerator_and_denominator():
    shown = rows(opened("portfolio", until="2025-06"), "Key figures")
    june = tracking.kpis(ck.load_sample("demo"), ck.load_policy(), start="2025-06-01", end="2025-06-30")
    assert shown.equals(tracking.worded_kpis(june).reset_index(drop=True))
    row = june.loc["recovery_rate"]
    assert f"{row['value']:.2%}" in shown["value"].tolist()
    assert f"{row['denominator']:,.2f}" in shown["denominator"].tolist()


def test_key_figures_follow_months_loans_and_language():
    view = opened(
        "portfolio", since="2025-01", until="2025-06", kpi_period="all", product=["vehicle_pledge"], vintage=["2024-11"]
    )
    book = ck.load_sample("demo")
    loans = book.loans.query("product == 'vehicle_pledge' and '2024-11-01' <= disbursement_date <= '2024-11-30'")
    part = book.selecting(loans["loan_id"])
    expected = tracking.kpis(part, ck.load_policy(), start="2025-01-01", end="2025-06-30")
    assert len(loans) > 0
    assert rows(view, "Key figures").equals(tracking.worded_kpis(expected).reset_index(drop=True))
    assert "Jan 2025 – Jun 2025" in card(view, "Key figures")[0].sub
    chinese = opened("portfolio", until="2025-06", lang="zh")
    assert "回收率" in list(chinese.content.select(pn.widgets.Tabulator))[-1].value["label"].tolist()


def test_key_figures_download_as_numbers():
    view = opened("portfolio", until="2025-06")
    june = tracking.kpis(ck.load_sample("demo"), ck.load_policy(), start="2025-06-01", end="2025-06-30")
    read = pd.read_csv(io.BytesIO(given(view, "Key figures", "csv")), index_col="kpi")
    assert read["value"].to_numpy() == pytest.approx(june["value"].to_numpy(), nan_ok=True)
    assert {"numerator", "denominator", "definition", "missing"} <= set(read)
    page = openpyxl.load_workbook(io.BytesIO(given(view, "Key figures", "xlsx"))).active
    first = page[4][1]
    assert (first.value, first.number_format) == (pytest.approx(june["value"].iloc[0]), "0.00##%")


@pytest.mark.parametrize(
    ("heading", "column", "written"),
    [("Flow rates", "B", "0.00##%"), ("Vintages", "B", "0.00##%"), ("Overdue by bucket, month by month", "B", "#,##0")],
)
def test_workbooks_of_charts_show_shares_in_percent(heading, column, written):
    page = openpyxl.load_workbook(io.BytesIO(given(opened("portfolio"), heading, "xlsx"))).active
    assert page[f"{column}5"].number_format == written
