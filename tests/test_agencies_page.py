"""The page *Agencies* without a browser: its tables are the package's, files are compared, nothing hostile runs."""

from __future__ import annotations

from datetime import date

import pandas as pd
import panel as pn
import pytest

import collectkit as ck
from dashboards import placed, shared
from dashboards.pages import agencies_claims
from tests.shown import QUIET, card, drawn, opened, rows, texts

pytestmark = QUIET
BOOK, POLICY = ck.load_sample("demo"), ck.load_policy("cn-microloan")
HOSTILE = "<img src=x onerror=alert(1)>"


def june(agency="Chengda"):
    return ck.agencies.commission_statement(BOOK, POLICY, agency, period="2025-06")


JUNE = {"agency": "Chengda", "statement_month": "2025-06"}


def test_the_statement_shows_both_readings_and_every_line():
    view, made = opened("agencies", **JUNE), june()
    shown = rows(view, "Statement of a month")
    assert shown["tariff"].tolist() == ["by months elapsed", "by month index"]
    assert shown["commission"].tolist() == made.totals["commission"].tolist()
    lines = rows(view, "Lines of the statement")
    assert lines["payment_id"].tolist() == made.lines["payment_id"].tolist()
    assert lines["commission"].tolist() == made.lines["commission"].tolist()


def test_the_cash_of_the_month_is_all_there_with_its_reasons():
    shown = rows(opened("agencies", **JUNE, lang="zh"), "本月回款及是否计佣的原因")
    expected = ck.agencies.statement_cash(june())
    assert shown["amount"].sum() == pytest.approx(expected["amount"].sum())
    assert set(shown["reason"]) <= {zh for _, zh in ck.agencies.words.WORDS["reason"].values()}


def test_league_and_groups_follow_what_makes_placements_alike():
    view = opened("agencies", like="size_band")
    expected = ck.agencies.scorecard(BOOK, POLICY, as_of="2025-12-31", by=["size_band"])
    assert rows(view, "League table")["like_net_back"].tolist() == expected["like_net_back"].tolist()
    assert rows(view, "Groups of like placements")["size_band"].unique().tolist() == ["large", "middle", "small"]
    view.session.like = "product"
    assert "product" in rows(view, "Groups of like placements")


def test_the_league_counts_breaches_and_complaints_of_each_agency():
    shown = rows(opened("agencies"), "League table").set_index("agency")
    broke = ck.casework.check_contacts(BOOK, POLICY, start="2024-01-01", end="2025-12-31")
    by_contact = broke.drop_duplicates("contact_id")["agency"].value_counts()
    assert shown["breaches"].to_dict() == by_contact.reindex(shown.index).to_dict()
    assert shown["complaints"].to_dict() == {"Anxin": 0, "Borui": 1, "Chengda": 0}


def test_curves_are_those_of_the_chosen_agency():
    view = opened("agencies", agency="Borui", curve_measure="gross", curve_batch="year")
    expected = ck.agencies.liquidation(BOOK, POLICY, as_of="2025-12-31", agency="Borui", batch="year")
    seen = expected[(expected["batch"] == "2024-01-01") & ~expected["is_estimate"]]
    assert drawn(view, "What each batch brought in")["data"][0]["y"] == pytest.approx(seen["gross"].tolist())


def test_waiting_and_proposals_are_the_packages():
    view = opened("agencies", as_of="2025-06-30")
    waiting = ck.agencies.waiting_cost(BOOK, POLICY, as_of="2025-06-30")
    pd.testing.assert_frame_equal(rows(view, "What waiting costs"), waiting)
    proposed = ck.agencies.hand_over_proposals(BOOK, POLICY, as_of="2025-06-30")
    assert rows(view, "To hand over and to take back")["loan_id"].tolist() == proposed["loan_id"].tolist()


def test_only_ended_months_have_a_statement():
    key = shared.Key("demo", "cn-microloan", date(2025, 6, 29))
    assert placed.months(key)[-1] == date(2025, 5, 1)
    assert placed.months(key._replace(as_of=date(2025, 6, 30)))[-1] == date(2025, 6, 1)
    assert placed.months(key)[0] == date(2024, 2, 1)


def test_a_month_that_has_not_ended_falls_back_to_the_last_that_has():
    view = opened("agencies", as_of="2025-06-29", statement_month="2025-06")
    assert "May 2025" in card(view, "Statement of a month")[0].sub


def test_before_the_first_hand_over_the_page_says_so():
    assert "No loan has been with an agency" in texts(opened("agencies", as_of="2024-01-15").content)


def test_a_portfolio_without_placements_says_so():
    shared.offer("unplaced", lambda: BOOK.replacing(placements=BOOK.placements.iloc[:0]))
    assert "no placements" in texts(opened("agencies", portfolio="unplaced").content)


def test_a_row_opens_its_loan():
    view = opened("agencies", **JUNE)
    table = next(iter(card(view, "Lines of the statement").select(pn.widgets.Tabulator)))
    click = type("Click", (), {"row": 2, "column": "rate"})()
    for callback in table._on_click_callbacks[None]:
        callback(click)
    assert view.session.loan == june().lines["loan_id"][2]


# The agency's file.


def csv_of(frame):
    return frame.to_csv(index=False).encode("utf-8-sig")


def claimed(view, name, content):
    claims = agencies_claims.claims_of(view.session)
    claims.take(name, content)
    view.session.param.trigger("statement_month")
    return claims


def file_of(made):
    return made.lines[["payment_id", "loan_id", "value_date", "commissionable", "rate", "commission"]]


def test_a_file_that_agrees_shows_no_difference():
    view = opened("agencies", **JUNE)
    claimed(view, "june.csv", csv_of(file_of(june())))
    assert set(rows(view, "The agency's figures beside ours")["outcome"]) == {"Agreed"}
    assert rows(view, "Differences by kind")["over_claimed"].tolist() == [0.0, 0.0]


def test_differences_come_first_and_follow_the_chosen_statement():
    view, file = opened("agencies", **JUNE, lang="zh"), file_of(june())
    file.loc[0, "commission"] += 100
    claimed(view, "june.csv", csv_of(file.drop(index=1)))
    assert rows(view, "与机构对账")["outcome"].tolist()[:2] == ["对方未列", "费率不符"]
    totals = rows(view, "差异汇总").set_index("outcome")
    assert totals.loc["合计", "commission"] == pytest.approx(june().totals["commission"][0])
    view.session.statement_month = date(2025, 5, 1)
    assert "一致" not in set(rows(view, "与机构对账")["outcome"])


def test_a_file_that_cannot_be_read_says_where_and_compares_nothing():
    view = opened("agencies", **JUNE)
    file = file_of(june()).astype({"commission": "str"})
    file.loc[0, "commission"] = HOSTILE
    claims = claimed(view, f"{HOSTILE}.csv", csv_of(file))
    assert claims.lines is None
    state = agencies_claims.state_of(view.session, claims)
    assert "Row 2" in state
    assert "<img" not in state
    claimed(view, "june.docx", b"x")
    assert "was not read" in agencies_claims.state_of(view.session, agencies_claims.claims_of(view.session))


def test_names_from_data_stay_text():
    book = BOOK.replacing(placements=BOOK.placements.assign(agency=HOSTILE))
    shared.offer("named badly", lambda: book)
    view = opened("agencies", portfolio="named badly")
    assert "<img" not in texts(view.content)
    assert rows(view, "League table")["agency"].tolist() == [HOSTILE]
