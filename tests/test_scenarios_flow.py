"""The engine: conserved in every draw, equal to a slow walk and, without uncertainty, to the closed forms."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import collectkit as ck
from collectkit import scenarios as sc
from collectkit.scenarios.draws import book_of, commission_by_bucket, drawn, likely
from collectkit.scenarios.engine import chosen, simulate
from collectkit.scenarios.strategies import Rule, Strategy
from tests.scenario_books import product, small, walked

INPUTS = {  # from, to; whole numbers stay whole
    "growth": (-0.2, 0.2), "discount_rate": (0, 0.3), "write_off_rate": (0, 1.0), "cured_value": (0, 1.0),
    "collectors": (0, 6), "wage": (0, 9000), "social_charges": (0, 0.5), "bonus_share": (0, 0.1),
    "seat_and_tools": (0, 2000), "fixed_cost": (0, 9999), "span_of_control": (1, 12), "lead_wage": (0, 9999),
    "attrition": (0, 0.3), "cost_per_hire": (0, 5000), "training_weeks": (0, 4), "training_week_cost": (0, 900),
    "experienced": (0, 1.0), "working_minutes": (3000, 9000), "minutes_per_case": (1, 90),
    "minutes_per_new_case": (0, 90), "sms_per_case": (0, 5), "sms_cost": (0, 1.0), "call_minutes_per_case": (0, 9),
    "call_minute_cost": (0, 1.0), "letters_per_case": (0, 1.0), "letter_cost": (0, 30), "visits_per_case": (0, 1.0),
    "visit_cost": (0, 200), "light_cost_per_case": (0, 3.0), "lawyer_fee": (0, 3000), "commission_factor": (0, 3.0),
    "vendor_management": (0, 9000), "placement_cost": (0, 9.0), "vat_not_recoverable": (0, 0.1),
}  # fmt: skip
DAYS = [1, 31, 61, 91, 121, 151, 181]


def situation(seed):
    """A random scenario of two products with a random strategy."""
    rng = np.random.default_rng(seed)

    def between(low, high):
        return int(rng.integers(low, high + 1)) if isinstance(high, int) else float(rng.uniform(low, high))

    made = [
        product("p", cases=rng.integers(0, 400, 7).tolist(), balance=between(100, 9e3), inflow=between(0, 300),
                each=5000),
        product("q", cases=rng.integers(0, 90, 7).tolist(), balance=between(100, 9e4), inflow=between(0, 90.0),
                each=between(100, 4e5), is_secured=True),
    ]  # fmt: skip
    scenario = small(
        products=made, roll=between(0, 1.0), inputs={name: between(*ends) for name, ends in INPUTS.items()},
        rates={channel: (between(0, 1.0), between(0, 1.0)) for channel in ("in_house", "light", "agency", "legal")},
        settlement_months=between(0, 3), is_simplified_suit=bool(rng.random() < 0.5),
        ramp=((0.0, 0.5, 0.8, 1.0), (1.0,), (0.0,))[between(0, 2)],
        tariff=("elapsed_months", "month_index")[between(0, 1)],
    )  # fmt: skip
    rule = Rule(
        products=(("*",), ("secured",), ("unsecured",), ("q",))[between(0, 3)], from_day=DAYS[between(0, 6)],
        action=("place", "sue", "write_off")[between(0, 2)], share=(1.0, 0.5, 0.25)[between(0, 2)],
    )  # fmt: skip
    rules = (rule,) if rng.random() < 0.9 else ()
    return scenario, Strategy(name="s", label="s", label_zh="s", rules=rules, from_cases=(0, 500)[between(0, 1)])


@pytest.mark.parametrize("seed", range(60))
def test_the_engine_equals_the_slow_walk(seed):
    scenario, strategy = situation(seed)
    outcome = simulate(scenario, (strategy,), likely(scenario))
    for name, expected in walked(scenario, strategy).items():
        assert outcome.of(name)[0, 0] == pytest.approx(expected, rel=1e-9, abs=1e-6), name


def balance_error(outcome):
    left = outcome.of("cash") + outcome.of("cured_balance") + outcome.of("written_off_balance")
    came = outcome.of("opening_balance") + outcome.of("inflow_balance")
    return np.abs(came - left - outcome.of("closing_balance")) / came


@pytest.mark.parametrize("name", sc.list_scenarios())
def test_money_is_conserved_in_every_draw(name):
    scenario = sc.load_scenario(name)
    outcome = simulate(scenario, chosen(scenario, None), drawn(scenario, 500, 1))
    assert outcome.totals.shape[:2] == (500, 6)
    assert balance_error(outcome).max() < 1e-9


@pytest.mark.parametrize("seed", range(100, 130))
def test_money_is_conserved_in_any_situation(seed):
    scenario, strategy = situation(seed)
    assert balance_error(simulate(scenario, (strategy,), likely(scenario))).max() < 1e-9


def test_net_is_cash_less_every_cost():
    scenario = sc.load_scenario("mature-mixed")
    table = sc.compare(scenario, draws=100)
    kinds = [name for name in table if name.endswith("_cost") or name == "commission"]
    assert len(kinds) == 10
    assert np.allclose(table[kinds].sum(axis=1), table["cost"])
    assert np.allclose(table["cash"] - table["cost"], table["net"])


def one_month(**changes):
    """A month of 1 000 cases of 1 000 in the first bucket, 40% collected by either, nothing discounted."""
    return small(products=[product("p", cases=(1000,))], rates={"in_house": (0.40, 0), "agency": (0.40, 0)},
                 horizon_months=1, **changes)  # fmt: skip


def value_of(scenario, *names):
    return simulate(scenario, chosen(scenario, names), likely(scenario)).of("net_present_value")[0]


def test_without_uncertainty_the_agency_brings_the_net_back():
    (value,) = value_of(one_month(), "all_outsourced")
    assert value == pytest.approx(sc.net_back(0.40, 0.07, placed=1_000_000))
    costly = {"vat_not_recoverable": 0.06, "vendor_management": 5000, "placement_cost": 2}
    (value,) = value_of(one_month(inputs=costly), "all_outsourced")
    assert value == pytest.approx(sc.net_back(0.40, 0.07, placed=1_000_000, vat=0.06, vendor_cost=5000 + 2 * 1000))


def test_without_uncertainty_the_team_brings_cash_less_cost():
    (value,) = value_of(one_month(inputs={"fixed_cost": 30_000, "sms_per_case": 10, "sms_cost": 2}), "all_in_house")
    assert value == pytest.approx(0.40 * 1_000_000 - 30_000 - 20 * 1000)


def test_at_the_break_even_commission_the_simulation_sees_no_difference():
    costs = {"fixed_cost": 30_000, "sms_per_case": 10, "sms_cost": 2}
    fee = sc.break_even_commission(0.40, 0.40, placed=1_000_000, fixed_cost=30_000, cost_per_case=20, cases=1000)
    scenario = one_month(inputs={**costs, "commission_factor": fee / 0.07})
    home, away = value_of(scenario, "all_in_house", "all_outsourced")
    assert home - away == pytest.approx(0, abs=1e-6)


def test_at_the_break_even_volume_the_simulation_sees_no_difference():
    placed = sc.break_even_volume(
        0.40, 0.40, commission=0.07, fixed_cost=16_000, cost_per_case=20, balance_per_case=1000
    )
    assert placed == pytest.approx(2_000_000)  # 16 000 ÷ (0.40 − 0.02 − 0.372)
    costs = {"fixed_cost": 16_000, "sms_per_case": 10, "sms_cost": 2}
    scenario = small(products=[product("p", cases=(placed / 1000,))], inputs=costs, horizon_months=1,
                     rates={"in_house": (0.40, 0), "agency": (0.40, 0)})  # fmt: skip
    home, away = value_of(scenario, "all_in_house", "all_outsourced")
    assert home - away == pytest.approx(0, abs=1e-6)


def test_with_the_required_lift_the_simulation_sees_no_difference():
    lift = sc.required_lift(50_000 / 400_000, 0.07)
    scenario = small(products=[product("p", cases=(1000,))], inputs={"fixed_cost": 50_000}, horizon_months=1,
                     rates={"in_house": (0.40, 0), "agency": (0.40 * lift, 0)})  # fmt: skip
    home, away = value_of(scenario, "all_in_house", "all_outsourced")
    assert home - away == pytest.approx(0, abs=1e-6)


def test_years_of_one_bucket_are_a_geometric_sum():
    """All cases in the open bucket: cash of month t is c·q^(t−1) of the opening, q what is neither paid nor cured."""
    cash, cure, months = 0.10, 0.05, 24
    cases = [0, 0, 0, 0, 0, 0, 100]
    scenario = small(products=[product("p", cases=cases)], rates={"in_house": (cash, cure)}, horizon_months=months)
    q = (1 - cash) * (1 - cure)
    total = 100_000 * cash * (1 - q**months) / (1 - q)
    assert sc.compare(scenario, ["all_in_house"], draws=1)["cash"].item() == pytest.approx(total)


def test_discounting_dates_cash_at_month_end_and_the_fee_at_settlement():
    scenario = one_month(inputs={"discount_rate": 0.12}, settlement_months=3)
    (value,) = value_of(scenario, "all_outsourced")
    assert value == pytest.approx(400_000 / 1.12 ** (1 / 12) - 28_000 / 1.12 ** (4 / 12))


def test_commission_is_that_of_the_bucket():
    scenario = small()
    assert commission_by_bucket(scenario).tolist() == pytest.approx([0.07, 0.07, 0.07, 0.14, 0.20, 0.20, 0.25])
    other = commission_by_bucket(small(tariff="month_index"))
    assert other.tolist() == pytest.approx([0.07, 0.07, 0.14, 0.14, 0.20, 0.20, 0.25])


def test_cases_over_capacity_get_the_light_treatment():
    """By hand: 100 cases of 60 minutes need 6 000 minutes; one collector has 4 500: three quarters are worked."""
    costs = {"collectors": 1, "working_minutes": 4500, "minutes_per_case": 60, "experienced": 1}
    scenario = small(inputs=costs, rates={"in_house": (0.4, 0), "light": (0.2, 0)}, horizon_months=1)
    table = sc.compare(scenario, ["all_in_house"], draws=1).iloc[0]
    assert table["cash"] == pytest.approx(100_000 * (0.75 * 0.4 + 0.25 * 0.2))
    assert table["case_months_over_capacity"] == pytest.approx(25)
    assert table["collectors_needed"] == 2


def test_a_new_team_brings_little_until_it_is_trained():
    scenario = small(inputs={"attrition": 0.05, "experienced": 0}, horizon_months=60)
    output = book_of(scenario, likely(scenario)).factor[0]
    assert output[:2].tolist() == pytest.approx([0.0, 0.95 * 0.5])
    assert output[-1] == pytest.approx(sc.output_factor(0.05), abs=1e-6)
    trained = small(inputs={"attrition": 0.05, "experienced": 1}, horizon_months=60)
    assert book_of(trained, likely(trained)).factor[0, 0] == 1


def test_a_volume_trigger_sleeps_below_its_number():
    late = Strategy(name="late", label="l", label_zh="l", rules=(Rule(from_day=1),), from_cases=101)
    now = late.model_copy(update={"name": "now", "from_cases": 100})
    table = sc.compare(small(rates={"in_house": (0.1, 0)}), [late, now], draws=1)
    assert table.loc["late", "placed_cases"] == 0
    assert table.loc["now", "placed_cases"] == pytest.approx(100)


def test_a_random_half_is_split_once():
    scenario = small(rates={"in_house": (0, 0), "agency": (0, 0)}, roll=1.0)
    assert sc.compare(scenario, ["random_split"], draws=1).loc["random_split", "placed_cases"] == pytest.approx(50)


def test_the_same_luck_for_every_strategy_and_scenario():
    one, two = sc.load_scenario("launch"), sc.load_scenario("launch").replacing(wage=[6000, 7000, 9000])
    first, second = drawn(one, 100, 7), drawn(two, 100, 7)
    assert all(np.array_equal(first[name], second[name]) for name in first if name != "wage")
    assert sc.compare(one, draws=60, seed=3).equals(sc.compare(one, draws=60, seed=3))
    alone = sc.compare(one, ["random_split"], draws=60).loc["random_split", "net"]
    assert alone == pytest.approx(sc.compare(one, draws=60).loc["random_split", "net"])


def test_draws_keep_median_and_ninety_percent_of_a_range():
    scenario = small(inputs={"wage": (4000, 5000, 9000)})
    wages = drawn(scenario, 4000, 0)["wage"]
    assert np.quantile(wages, [0.05, 0.5, 0.95]) == pytest.approx([4000, 5000, 9000], rel=2e-3)


def test_a_share_is_never_drawn_below_nothing_or_above_all():
    scenario = small(inputs={"attrition": (0.0, 0.01, 0.5), "social_charges": (0.9, 1.5, 2.0)})
    values = drawn(scenario, 2000, 0)
    assert values["attrition"].min() == 0
    assert values["social_charges"].max() == 2


@pytest.mark.parametrize("strategies", [["nobody"], [], "all_in_house", ["all_in_house", "all_in_house"]])
def test_unknown_or_repeated_strategies_are_refused(strategies):
    with pytest.raises(ck.CallError):
        sc.compare(small(), strategies, draws=2)


def test_a_day_inside_a_bucket_is_refused_with_the_days_that_can_be_used():
    with pytest.raises(ck.CallError, match="1, 31, 61, 91, 121, 151, 181"):
        sc.compare(small(), [sc.hand_over(45)], draws=2)


def policy_file(tmp_path, *changes):
    """The shipped policy with some text of its first tariff changed."""
    text = (Path(ck.__file__).parent / "policies" / "cn-microloan.toml").read_text(encoding="utf-8")
    head, tariff = text.split('name = "elapsed_months"', 1)
    for old, new in changes:
        assert old in tariff
        tariff = tariff.replace(old, new, 1)
    path = tmp_path / "mine.toml"
    path.write_text(f'{head}name = "elapsed_months"{tariff}', encoding="utf-8")
    return str(path)


def fees(tmp_path, *changes):
    """Commission on 100 cases of 1 000, 91 days late, 12% a month for two months, each a bucket older."""
    scenario = small(products=[product("p", cases=(0, 0, 0, 100))], rates={"agency": (0.12, 0)}, roll=1.0,
                     horizon_months=2, policy=policy_file(tmp_path, *changes))  # fmt: skip
    return sc.compare(scenario, ["all_outsourced"], draws=1).loc["all_outsourced", "commission"]


def test_age_at_payment_or_at_placement_picks_the_rate(tmp_path):
    """Cash 12 000, then 12% of 88 000; the second month is in the band of 20%, the placement in that of 14%."""
    assert fees(tmp_path) == pytest.approx(12_000 * 0.14 + 10_560 * 0.20)
    at_placement = fees(tmp_path, ('age_at = "payment"', 'age_at = "placement"'))
    assert at_placement == pytest.approx((12_000 + 10_560) * 0.14)


def test_a_fee_on_placed_is_paid_once_and_a_flat_fee_by_the_case(tmp_path):
    on_placed = (('basis = "collected"', 'basis = "placed"'), ('age_at = "payment"', 'age_at = "placement"'))
    assert fees(tmp_path, *on_placed) == pytest.approx(100_000 * 0.14)
    flat = ('age_at = "payment"', 'age_at = "payment"\nflat_fee_per_case = "15"')
    assert fees(tmp_path, flat) == pytest.approx(fees(tmp_path) + 1500)


def test_a_tariff_by_recovery_is_refused_with_a_way_out(tmp_path):
    tiered = ('age_at = "payment"', 'age_at = "payment"\nrecovery_bands = [{ from = "0.15", rate = "0.03" }]')
    with pytest.raises(ck.CallError, match="commission_factor"):
        fees(tmp_path, tiered)
