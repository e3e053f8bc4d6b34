"""What a portfolio can tell: like compared with like, rates with honest intervals, and no more than that."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

import collectkit as ck
from collectkit import scenarios as sc
from tests import known_strength as known

PORTFOLIOS = 60
RANKING = ["Strong", "in_house", "Weak"]


def compared(seed, **changes):
    given = {"as_of": known.AS_OF, "by": ["product"], "months": 1, "horizon_months": 3, "draws": 300, "seed": seed}
    return sc.fair_comparison(known.known_portfolio(seed), known.policy(), **(given | changes))


def least_hits(tries, chance, doubt=0.001):
    """Fewest successes that are not suspiciously few: the chance of fewer is below `doubt`."""
    total = 0.0
    for hits in range(tries + 1):
        total += math.comb(tries, hits) * chance**hits * (1 - chance) ** (tries - hits)
        if total > doubt:
            return hits
    return tries


@pytest.fixture(scope="module")
def fairs():
    return [compared(seed) for seed in range(PORTFOLIOS)]


def test_raw_figures_rank_the_strong_agency_too_low_and_the_fair_comparison_does_not(fairs):
    """The strong agency is given the hard cases: a selection that raw liquidation takes for weakness."""
    raw = [list(fair.channels.sort_values("raw_rank").index) for fair in fairs]
    assert sum(ranking == RANKING for ranking in raw) == 0
    assert sum(list(fair.channels.index) == RANKING for fair in fairs) >= PORTFOLIOS - 1


@pytest.mark.parametrize("agency", ["Strong", "Weak"])
def test_the_interval_of_the_gap_holds_the_truth(fairs, agency):
    """A 90% interval; `benchmarks.coverage` counts 500 portfolios, here a binomial bound that 1 in 1000 would miss."""
    hits = 0
    for fair in fairs:
        weight = fair.strata.groupby("product")["weight"].first()
        truth = sum(weight[p] * (known.liquidation(p, agency) - known.liquidation(p, "in_house")) for p in weight.index)
        hits += fair.channels.loc[agency, "gap_low"] <= truth <= fair.channels.loc[agency, "gap_high"]
    assert hits >= least_hits(PORTFOLIOS, 0.88)


def test_the_interval_of_a_difference_between_strategies_holds_the_truth():
    hits, tries = 0, 30
    for seed in range(tries):
        own = known.own_scenario(known.known_portfolio(seed, bias=known.EVEN))
        row = sc.compare(own, ["all_outsourced"], draws=300).loc["all_outsourced"]
        truth = sc.compare(known.true_scenario(own), ["all_outsourced"], draws=1).loc["all_outsourced", "difference"]
        hits += row["difference_low"] <= truth <= row["difference_high"]
    assert hits >= least_hits(tries, 0.88)


def test_standardised_liquidation_by_hand():
    """Two strata with the weights of all placed balance, worked out from the strata shown."""
    fair = compared(3)
    strata = fair.strata
    for channel in RANKING:
        own = strata[strata["channel"] == channel]
        assert own["weight"].sum() == pytest.approx(1)
        expected = (own["collected"] / own["placed_balance"] * own["weight"]).sum()
        assert fair.channels.loc[channel, "liquidation"] == pytest.approx(expected, rel=1e-6)
    placed = strata.groupby("product")["placed_balance"].sum()
    assert strata.groupby("product")["weight"].first().to_dict() == pytest.approx((placed / placed.sum()).to_dict())


def test_a_stratum_without_a_counterpart_is_refused_and_named():
    bias = {"easy": {"in_house": 0.5, "Strong": 0.5}, "hard": {"in_house": 1.0}}
    book = known.known_portfolio(1, bias=bias)
    fair = sc.fair_comparison(book, known.policy(), as_of=known.AS_OF, by=["product"], months=1, draws=50)
    hard = fair.strata[fair.strata["product"] == "hard"]
    assert not hard["is_compared"].any()
    assert hard["reason"].unique().tolist() == ["fewer than 5 cases: Strong"]
    assert hard["weight"].isna().all()
    assert fair.covered == 1


def test_nothing_to_compare_is_an_error_that_says_what_to_do():
    book = known.known_portfolio(1, bias={"easy": {"in_house": 1.0}, "hard": {"Strong": 1.0}})
    with pytest.raises(ck.CallError, match="Take fewer `by`"):
        sc.fair_comparison(book, known.policy(), as_of=known.AS_OF, by=["product"], months=1)


@pytest.mark.parametrize(
    "changes", [{"by": ["colour"]}, {"by": "product"}, {"channels": ["in_house"]}, {"channels": ["in_house", "Nobody"]},
                {"months": 40}],
)  # fmt: skip
def test_a_call_that_cannot_be_answered_is_refused(changes):
    with pytest.raises(ck.CallError):
        compared(1, **changes)


def test_agencies_can_be_taken_for_one():
    fair = compared(2, is_pooled=True)
    assert sorted(fair.channels.index) == ["agencies", "in_house"]


def test_rates_of_a_portfolio_are_cash_over_balance_by_hand():
    book = known.known_portfolio(7, bias=known.EVEN)
    scenario = sc.scenario_from(book, known.policy(), as_of=known.AS_OF, months=3)
    placed = set(book.placements["loan_id"])
    loans = book.loans[(book.loans["product"] == "easy") & book.loans["loan_id"].isin(placed)].set_index("loan_id")
    paid = book.payments[book.payments["loan_id"].isin(loans.index) & (book.payments["value_date"] <= "2025-05-31")]
    expected = paid["amount"].sum() / loans["principal"].sum()
    curve = scenario.treatment("agency", "easy").cash_rate
    assert curve.by_bucket["M4"].value == pytest.approx(expected)
    assert {"M4", "M5", "M6"} <= set(curve.estimated)


def test_what_the_book_cannot_tell_is_an_assumption():
    scenario = sc.scenario_from(ck.load_sample("demo"), ck.load_policy(), as_of="2025-12-31")
    rows = sc.scenario_inputs(scenario).set_index(["input", "part"])
    assert rows.loc[("in_house.consumer_instalment.cash_rate", "M1"), "basis"] == "estimated"
    assert rows.loc[("agency.consumer_instalment.cash_rate", "M1"), "basis"] == "assumption"
    assert rows.loc[("wage", ""), "basis"] == "assumption"
    assert "not randomised" in rows.loc[("agency.consumer_instalment.cash_rate", "M4"), "source"]
    assert sc.read_scenario(scenario.to_toml()) == scenario


def test_the_stock_of_a_scenario_is_that_of_the_day():
    book, policy, day = ck.load_sample("demo"), ck.load_policy(), "2025-12-31"
    scenario = sc.scenario_from(book, policy, as_of=day)
    assessed = ck.assess(book, policy, as_of=day)
    overdue = assessed[assessed["status"] == "overdue"].merge(book.loans[["loan_id", "product"]])
    for product in scenario.products:
        own = overdue[overdue["product"] == product.name]
        assert sum(product.opening_cases.values()) == len(own)
        worth = own[["principal_balance", "overdue_interest", "overdue_fee"]].to_numpy().sum()
        assert sum(product.opening_balance.values()) == pytest.approx(worth, abs=0.05)


def test_a_portfolio_too_young_is_refused():
    with pytest.raises(ck.CallError, match="before the first loan"):
        sc.scenario_from(ck.load_sample("demo"), ck.load_policy(), as_of="2024-01-31")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_verdict_is_made_from_the_figures(language):
    scenario = sc.load_scenario("launch")
    table = sc.compare(scenario, draws=200)
    best = sc.leader(table)
    text = sc.verdict(scenario, table, sc.sensitivity(scenario, strategy=best), language=language)
    gain = table.loc[best, "difference"]
    shown = f"{round(gain, 2 - math.floor(math.log10(gain))):,.0f}"
    assert shown in text
    assert scenario.named_strategies[best].label_in(language) in text
    assert str(scenario.horizon_months) in text
    assert ("illustrative" if language == "en" else "示意值") in text
    assert ("only a random split" if language == "en" else "随机分案") in text


def test_the_verdict_does_not_claim_what_the_interval_does_not_carry():
    scenario = sc.load_scenario("launch")
    table = sc.compare(scenario, ["all_outsourced"], draws=100)
    table.loc["all_outsourced", ["difference", "difference_low", "difference_high"]] = [182_000, -20_000, 390_000]
    assert "cannot tell" in sc.verdict(scenario, table)
    table.loc["all_outsourced", "difference_low"] = 20_000
    assert "beats all in-house by 182,000 CNY (90% interval 20,000 to 390,000)" in sc.verdict(scenario, table)
    table.loc["all_outsourced", "difference"] = -1.0
    assert "No strategy is ahead" in sc.verdict(scenario, table)


FIGURES = ["cash", "cost", "net", "people_cost", "bonus_cost", "seat_cost", "fixed_team_cost", "hiring_cost",
           "contact_cost", "vat_cost", "vendor_cost", "cured_worth", "cost_to_collect", "net_back_per_100",
           "closing_balance", "net_present_value", "commission", "legal_cost"]  # fmt: skip


@pytest.mark.parametrize("figure", FIGURES)
@pytest.mark.parametrize("strategy", ["hand_over_91", "product_rule"])
def test_a_formula_with_its_numbers_gives_the_figure(figure, strategy):
    scenario = sc.load_scenario("mature-mixed").certain()
    shown = sc.compare(scenario, [strategy], draws=1).loc[strategy, figure]
    words, *_, value = sc.formula_of(scenario, strategy, figure).splitlines()
    assert float(value.removeprefix("= ").replace(",", "").replace("−", "-")) == pytest.approx(shown, rel=1e-3, abs=1)
    assert "_" not in words


def test_a_figure_without_a_formula_lists_those_that_have_one():
    with pytest.raises(ck.CallError, match="net_back_per_100"):
        sc.formula_of(sc.load_scenario("launch"), "all_in_house", "colour")


@pytest.mark.parametrize("name", sc.list_scenarios())
def test_break_evens_of_a_scenario_put_back_leave_no_difference(name):
    scenario = sc.load_scenario(name).certain().replacing(cured_value=0, discount_rate=0)
    found = sc.break_evens(scenario).set_index("item")["figure"]
    fee = found["break_even_commission"] / found["commission_paid"]
    free = scenario.replacing(vat_not_recoverable=0)
    found = sc.break_evens(free).set_index("item")["figure"]
    fee = found["break_even_commission"] / found["commission_paid"]
    at_break_even = free.replacing(commission_factor=free.inputs["commission_factor"].value * fee)
    table = sc.compare(at_break_even, ["all_outsourced"], draws=1)
    assert table.loc["all_outsourced", "net"] == pytest.approx(table.loc["all_in_house", "net"])


def test_shares_of_estimates_stay_shares():
    scenario = sc.scenario_from(ck.load_sample("demo"), ck.load_policy(), as_of="2025-12-31")
    rows = sc.scenario_inputs(scenario)
    rates = rows[rows["kind"].isin(["cash_rate", "cure_rate", "roll_rate"])]
    assert rates[["low", "likely", "high"]].to_numpy().min() >= 0
    assert rates[["low", "likely", "high"]].to_numpy().max() <= 1
    assert np.all(rates["low"] <= rates["likely"])
    assert isinstance(rows, pd.DataFrame)
