"""Agencies compared: liquidation by batch, like strata, the score, and what waiting costs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import collectkit as ck
from collectkit.agencies import (
    fee_steps,
    like_strata,
    liquidation,
    relative_score,
    scorecard,
    waiting_cost,
)
from collectkit.tariffs import Tariff
from tests.five_loans import five_loans, one_loan, plain

FREE = 'penalty = { daily_rate = "0" }'
TEN = [{"min_days": 1, "rate": "0.10"}]


def policy(**keys):
    table = {"name": "fee", "effective_from": "2020-01-01", "source": "contract", "bands": TEN} | keys
    return plain(FREE).model_copy(update={"tariffs": (Tariff.model_validate(table),)})


def book_of(cases):
    """One loan a case: (agency, product, amount, paid, days after the hand-over, day of the hand-over)."""
    rows = [(f"L{n:03}", *case) for n, case in enumerate(cases)]
    frame = pd.DataFrame(rows, columns=["loan_id", "agency", "product", "owed", "paid", "after", "placed"])
    placed = pd.to_datetime(frame["placed"])
    paid = frame[frame["paid"] > 0]
    return ck.Portfolio(
        loans=frame[["loan_id", "product"]].assign(
            disbursement_date=pd.Timestamp("2024-01-01"), principal=frame["owed"], annual_rate="0.12"
        ),
        instalments=frame[["loan_id"]].assign(
            instalment_no=1, due_date=pd.Timestamp("2024-06-01"), principal=frame["owed"], interest=0.0
        ),
        payments=pd.DataFrame(
            {"payment_id": "P" + paid["loan_id"], "loan_id": paid["loan_id"], "amount": paid["paid"],
             "value_date": placed[paid.index] + pd.to_timedelta(paid["after"], "D")}
        ),
        placements=frame[["loan_id", "agency"]].assign(placement_id="H" + frame["loan_id"], placement_date=placed),
    )  # fmt: skip


# Liquidation.

BATCHES = [
    ("North", "a", 1000.0, 100.0, 5, "2025-01-10"),  # January, month 0
    ("North", "a", 1000.0, 200.0, 40, "2025-01-10"),  # 19 February: month 1
    ("North", "a", 500.0, 50.0, 3, "2025-02-10"),  # February, month 0
    ("South", "a", 400.0, 40.0, 1, "2025-02-10"),
]


def curves(**keys):
    return liquidation(book_of(BATCHES), policy(), **{"as_of": "2025-02-28"} | keys)


def test_liquidation_by_batch_and_month_by_hand():
    found = curves()
    names = ["agency", "batch", "months_since_placement", "amount_placed", "collected", "commission", "is_estimate"]
    assert found[names].astype({"batch": "str"}).to_numpy().tolist() == [
        ["North", "2025-01-01", 0, 2000.0, 100.0, 10.0, False],
        ["North", "2025-01-01", 1, 2000.0, 300.0, 30.0, False],
        ["North", "2025-02-01", 0, 500.0, 50.0, 5.0, False],
        ["North", "2025-02-01", 1, 500.0, 150.0, 15.0, True],  # 50 × 300 ÷ 100
        ["South", "2025-02-01", 0, 400.0, 40.0, 4.0, False],
        ["South", "2025-02-01", 1, 400.0, 120.0, 12.0, True],
    ]
    assert found["gross"].tolist() == pytest.approx([0.05, 0.15, 0.1, 0.3, 0.1, 0.3])
    assert found["net_back"].tolist() == pytest.approx([0.045, 0.135, 0.09, 0.27, 0.09, 0.27])


def test_a_month_that_has_not_ended_is_not_seen():
    assert curves(as_of="2025-02-27")["months_since_placement"].max() == 0


def test_one_agency_has_its_own_batches():
    assert set(curves(agency="South")["agency"]) == {"South"}


def test_quarters_are_their_months_together():
    found = curves(batch="quarter")
    north = found[found["agency"] == "North"]
    assert north[["batch", "placements", "amount_placed", "collected", "is_estimate"]].astype(
        {"batch": "str"}
    ).to_numpy().tolist() == [["2025-01-01", 3, 2500.0, 150.0, False], ["2025-01-01", 3, 2500.0, 450.0, True]]


def test_cash_after_the_recall_does_not_count_but_the_placement_stays():
    book = one_loan("2024-06-01 1000", "2025-01-20 100; 2025-02-20 100", placements="North 2025-01-10 2025-01-31")
    assert liquidation(book, policy(), as_of="2025-02-28")["collected"].tolist() == [100.0, 100.0]


def test_a_fee_on_placement_counts_against_the_batch_from_its_first_month():
    rules = policy(basis="placed", age_at="placement", flat_fee_per_case="1")
    found = liquidation(book_of(BATCHES), rules, as_of="2025-02-28", agency="South")
    assert found[["collected", "commission"]].to_numpy().tolist() == [[40.0, 41.0]]


def test_without_placements_there_is_no_liquidation():
    book = five_loans().replacing(placements=five_loans().placements.iloc[:0])
    assert len(liquidation(book, policy(), as_of="2025-02-28")) == 0
    assert len(scorecard(book, policy(), as_of="2025-12-31")) == 0
    assert len(like_strata(book, policy(), as_of="2025-12-31")) == 0


def test_an_unknown_batch_lists_the_kinds():
    with pytest.raises(ck.CallError, match="month, quarter, year"):
        curves(batch="week")


# Like strata. Six placements of each agency in each product. North is the better in both, and has the hard ones.


def like_book():
    def some(agency, product, number, each, share):
        return [(agency, product, each, each * share, 10, "2025-01-10")] * number

    return book_of(
        some("North", "easy", 6, 100.0, 0.60) + some("North", "hard", 6, 1000.0, 0.20)
        + some("South", "easy", 6, 1000.0, 0.50) + some("South", "hard", 6, 100.0, 0.10)
    )  # fmt: skip


def card(book=None, **keys):
    return scorecard(book or like_book(), policy(), **{"as_of": "2025-12-31", "by": ["product"]} | keys).set_index(
        "agency"
    )


def test_like_for_like_turns_the_raw_order_round():
    found = card()
    # raw: (60 × 6 + 200 × 6) ÷ 6 600 and (500 × 6 + 10 × 6) ÷ 6 600; like: half of the money lies in each product
    assert found["gross"].tolist() == pytest.approx([1560 / 6600, 3060 / 6600])
    assert found["like_gross"].tolist() == pytest.approx([0.40, 0.30])
    assert found["like_net_back"].tolist() == pytest.approx([0.36, 0.27])
    assert found["rank"].tolist() == [1, 2]
    assert found[["lower", "upper"]].to_numpy().ravel().tolist() == pytest.approx([0.36, 0.36, 0.27, 0.27])


def test_ranks_are_within_the_stratum():
    found = like_strata(like_book(), policy(), as_of="2025-12-31", by=["product"])
    assert found[["product", "agency", "rank"]].to_numpy().tolist() == [
        ["easy", "North", 1], ["easy", "South", 2], ["hard", "North", 1], ["hard", "South", 2],
    ]  # fmt: skip


def test_a_stratum_without_a_counterpart_is_not_compared():
    cases = [("North", "easy", 100.0, 60.0, 10, "2025-01-10")] * 6 + [
        ("South", "hard", 100.0, 1.0, 10, "2025-01-10")
    ] * 6
    found = card(book_of(cases))
    assert found["rank"].isna().all()
    assert found["like_net_back"].isna().all()
    assert found["compared_share"].tolist() == [0.0, 0.0]
    strata = like_strata(book_of(cases), policy(), as_of="2025-12-31", by=["product"])
    assert not strata["is_compared"].any()
    assert strata["rank"].isna().all()


def test_every_placement_is_seen_for_the_same_time():
    early, late = ("North", "a", 100.0, 40.0, 90, "2025-01-10"), ("North", "a", 100.0, 40.0, 91, "2025-01-10")
    young = ("North", "a", 100.0, 40.0, 10, "2025-10-03")
    found = card(book_of([early, late, young]))
    assert found[["placements", "collected"]].to_numpy().tolist() == [[2, 40.0]]


def test_the_interval_is_that_of_customers_drawn_again():
    # 8 of 40 placements of one size pay everything: the share has a standard error of √(0.2 × 0.8 ÷ 40) = 0.063
    cases = [("North", "a", 100.0, 100.0 * (n % 5 == 0), 10, "2025-01-10") for n in range(40)]
    cases += [("South", "a", 100.0, 100.0 * (n % 5 == 0), 10, "2025-01-10") for n in range(40)]
    found = scorecard(book_of(cases), policy(bands=[{"min_days": 1, "rate": "0"}]), as_of="2025-12-31", by=["product"])
    assert found["like_net_back"].tolist() == pytest.approx([0.2, 0.2])
    assert found["lower"].tolist() == pytest.approx([0.2 - 1.96 * 0.063] * 2, abs=0.03)
    assert found["upper"].tolist() == pytest.approx([0.2 + 1.96 * 0.063] * 2, abs=0.03)
    assert found[["rank_low", "rank_high"]].to_numpy().tolist() == [[1, 2], [1, 2]]


def test_the_same_seed_gives_the_same_interval():
    one, same, other = (
        scorecard(ck.load_sample("demo"), ck.load_policy(), as_of="2025-12-31", seed=seed) for seed in (1, 1, 2)
    )
    pd.testing.assert_frame_equal(one, same)
    assert (one["lower"] != other["lower"]).any()


@pytest.mark.parametrize("seed", [11, 14])
def test_the_strength_hidden_in_the_simulation_is_found(seed):
    # STRENGTH: Anxin 0.7, Borui 1.0, Chengda 1.3; the strong one is given the large, hard loans
    book = ck.simulate_portfolio(loans=40_000, months=36, seed=seed)
    loans = book.loans
    book = book.selecting(loans["loan_id"][loans["product"] == "consumer_instalment"])
    found = scorecard(book, ck.load_policy(), as_of=book.last_date.normalize(), by=["size_band"]).set_index("agency")
    assert found["rank"].idxmin() == "Chengda"
    for agency, truth in {"Anxin": 3, "Borui": 2, "Chengda": 1}.items():
        assert found["rank_low"][agency] <= truth <= found["rank_high"][agency]


@pytest.mark.parametrize("by", [["age_band"], ["placement_no"], ["region", "risk_grade"], ["is_secured"]])
def test_strata_of_every_kind(by):
    found = like_strata(ck.load_sample("demo"), ck.load_policy(), as_of="2025-12-31", by=by)
    assert list(found.columns[: len(by) + 1]) == [*by, "agency"]
    assert found["placements"].sum() == 118


@pytest.mark.parametrize("by", [[], "product", ["colour"]])
def test_strata_that_are_none_are_refused(by):
    with pytest.raises(ck.CallError, match="product"):
        like_strata(like_book(), policy(), as_of="2025-12-31", by=by)


# The score.


def test_half_of_the_best_in_dollars_and_the_best_in_the_rest_is_65():
    points = relative_score(pd.Series([0.1, 0.2]), pd.Series([0.5, 0.5]), pd.Series([0.9, 0.9]))
    assert points.tolist() == [65.0, 100.0]


def test_a_part_nobody_has_is_left_out_and_the_others_scaled():
    points = relative_score(pd.Series([0.1, 0.2]), pd.Series([0.5, 0.5]), pd.Series([np.nan, np.nan]))
    assert points.tolist() == pytest.approx([(35 + 20) / 0.9, 100.0])


def test_less_than_nothing_is_nothing():
    assert relative_score(pd.Series([-0.1, 0.2]), pd.Series([0.5, 0.5]), pd.Series([1.0, 1.0])).tolist() == [
        30.0,
        100.0,
    ]


def test_breaches_and_complaints_are_counted_for_their_agency():
    book = ck.load_sample("demo")
    own = book.contacts[book.contacts["agency"] == "Anxin"].head(7)
    placed = book.placements[book.placements["agency"] == "Borui"].head(3)
    found = scorecard(
        book,
        ck.load_policy(),
        as_of="2025-12-31",
        breaches=own[["contact_id"]],
        complaints=placed[["loan_id"]].assign(complaint_date=pd.Timestamp("2025-12-31")),
    ).set_index("agency")
    assert found["breaches"].tolist() == [7, 0, 0]
    assert found["complaints"].sum() == 3
    plain_card = scorecard(book, ck.load_policy(), as_of="2025-12-31").set_index("agency")
    assert plain_card["breaches"].isna().all()
    assert found.loc["Anxin", "score"] < plain_card.loc["Anxin", "score"]


TWO = [("North", "a", 1000.0, 0.0, 0, "2025-01-10"), ("South", "a", 1000.0, 0.0, 0, "2025-01-10")]


@pytest.mark.parametrize(
    ("as_of", "contacts", "breaches", "complaints"), [("2025-05-31", 1, 1, 0), ("2025-06-02", 3, 2, 1)]
)
def test_what_happened_after_the_day_does_not_count(as_of, contacts, breaches, complaints):
    times = pd.to_datetime(["2025-05-31 20:00", "2025-06-01 09:00", "2025-06-02 23:59", "2025-06-03 00:00"])
    book = book_of(TWO).replacing(
        contacts=pd.DataFrame(
            {"contact_id": list("1234"), "loan_id": "L000", "contacted_at": times, "channel": "call",
             "party": "debtor", "result": "answered", "agency": "North"}
        )
    )  # fmt: skip
    card = scorecard(
        book, policy(), as_of=as_of, horizon_days=30, breaches=pd.DataFrame({"contact_id": ["1", "2", "4"]}),
        complaints=pd.DataFrame({"loan_id": "L000", "complaint_date": pd.to_datetime(["2025-06-02", "2025-06-03"])}),
    ).set_index("agency")  # fmt: skip
    assert card.loc["North", ["contact_count", "breaches", "complaints"]].tolist() == [contacts, breaches, complaints]
    assert card.loc["South", ["contact_count", "breaches", "complaints"]].tolist() == [0, 0, 0]


def test_a_complaint_is_about_whom_it_names_else_about_who_had_the_loan_then():
    book = book_of(TWO)
    made = pd.DataFrame(
        {"loan_id": ["L000"] * 3, "complaint_date": pd.to_datetime(["2025-01-09", *["2025-02-01"] * 2])}
    )
    named = made.assign(agency=pd.Series([None, None, "South"], dtype="str"))

    def count(complaints):
        return scorecard(book, policy(), as_of="2025-06-30", complaints=complaints)["complaints"].tolist()

    assert count(made) == [2, 0]  # the first came before the hand-over
    assert count(named) == [0, 1]  # of the first two the lender itself is complained of


# Waiting.


def test_the_manuals_steps_are_7_6_and_5_points():
    found = fee_steps(ck.load_policy().tariff("elapsed_months"))
    assert found["step_day"].tolist() == [91, 121, 181]
    assert found["step"].tolist() == [0.07, 0.06, 0.05]


def test_equal_rates_are_no_step():
    bands = [{"min_days": 1, "max_days": 9, "rate": "0.1"}, {"min_days": 10, "rate": "0.1"}]
    assert len(fee_steps(Tariff.of(bands))) == 0


@pytest.mark.parametrize(
    ("day", "expected"), [("2025-03-02", 0.0), ("2025-03-03", 70.0), ("2025-04-01", 70.0), ("2025-04-02", 0.0)]
)
def test_loans_that_reach_the_step_within_30_days(day, expected):
    # due 1 January: 60 days past due on 2 March, 61 on 3 March, 90 on 1 April, 91 on 2 April; 7 % of 1 000
    found = waiting_cost(one_loan("2025-01-01 1000"), plain(FREE), as_of=day, within_days=30).set_index("step_day")
    assert found.loc[91, "waiting_cost"] == expected


def test_loans_with_an_agency_do_not_wait():
    book = one_loan("2025-01-01 1000", placements="North 2025-02-01")
    assert waiting_cost(book, plain(FREE), as_of="2025-03-20")["loans"].sum() == 0
