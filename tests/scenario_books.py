"""Small scenarios built in code, and the flow done slowly by hand: one dict, one month, one case group at a time."""

from __future__ import annotations

import math

from collectkit.policy import load_policy
from collectkit.rules import checked
from collectkit.scenarios.inputs import CHANNELS, KINDS, SCALARS
from collectkit.scenarios.model import Scenario

MONTHS = ("M1", "M2", "M3", "M4", "M5", "M6", "M6+")
ZERO = {
    "span_of_control": 1, "working_minutes": 1e4, "minutes_per_case": 0.01, "commission_factor": 1, "collectors": 1000,
    "experienced": 1,
}  # fmt: skip
COUNTED = (
    "cash_in_house", "cash_agency", "cash_legal", "people_cost", "bonus_cost", "seat_cost", "fixed_team_cost",
    "hiring_cost", "contact_cost", "legal_cost", "commission", "vat_cost", "vendor_cost", "net_present_value",
    "inflow_balance", "cured_balance", "cured_worth", "written_off_balance", "case_months_over_capacity",
)  # fmt: skip
RATES = {"in_house": (0.10, 0.2), "light": (0.05, 0.1), "agency": (0.12, 0.15), "legal": (0.2, 0.05)}


def small(*, products=None, rates=None, roll=0.5, inputs=None, **keys):
    """A scenario with one product, no costs and the same rates in every bucket, changed as asked."""
    given = {name: ZERO.get(name, 0) for name in SCALARS} | (inputs or {})
    buckets = keys.pop("buckets", MONTHS)
    rates = RATES | (rates or {})
    data = {
        "name": "small", "title": "Small", "title_zh": "小", "currency": "CNY", "horizon_months": 6,
        "settlement_months": 0,
        "inputs": {name: _ranged(value, KINDS[name].unit) for name, value in given.items()},
        "products": [product("p", buckets=buckets)] if products is None else products,
        "roll_rate": {"unit": "1/month", "by_bucket": dict.fromkeys(buckets, roll)},
        "treatments": [
            {
                "channel": channel,
                "cash_rate": {"unit": "1/month", "by_bucket": dict.fromkeys(buckets, rates[channel][0])},
                "cure_rate": {"unit": "1/month", "by_bucket": dict.fromkeys(buckets, rates[channel][1])},
            }
            for channel in CHANNELS
        ],
    }  # fmt: skip
    return checked(Scenario, data | keys, "a test")


def product(name, *, cases=(100,), balance=1000.0, inflow=0, each=1000, is_secured=False, buckets=MONTHS):
    """A product whose opening stands in the first buckets, each case with the same balance."""
    opening = dict(zip(buckets, [*cases, *[0] * len(buckets)], strict=False))
    return {
        "name": name, "is_secured": is_secured, "opening_cases": opening,
        "opening_balance": {bucket: count * balance for bucket, count in opening.items()},
        "inflow_cases": _ranged(inflow, "cases/month"), "balance_per_case": _ranged(each, "currency/case"),
    }  # fmt: skip


def _ranged(value, unit):
    low, likely, high = value if isinstance(value, list | tuple) else (value, value, value)
    return {"low": low, "value": likely, "high": high, "unit": unit}


def court(claim):
    """Court fee up to 500 000, from the statute."""
    return (
        50 + 0.025 * max(min(claim, 1e5) - 1e4, 0) + 0.02 * max(min(claim, 2e5) - 1e5, 0) + 0.015 * max(claim - 2e5, 0)
    )


def walked(scenario, strategy):
    """Totals of one strategy with every input at its likely value: the slow referee, without arrays."""
    v = {name: given.value for name, given in scenario.inputs.items()}
    bands = scenario.bucket_scheme.buckets
    buckets = [band.name for band in bands]
    tariff = load_policy(scenario.policy).tariff(scenario.tariff)
    groups = []  # [product, bucket number, place, cases, balance, is_new_here, is_unprepared]
    for p in scenario.products:
        for b, bucket in enumerate(buckets):
            groups.append([p, b, "home", p.opening_cases[bucket], p.opening_balance[bucket], True, 0.0])
    got = dict.fromkeys(COUNTED, 0.0)
    before = None
    survivors = [(v["experienced"], True, 0), (1 - v["experienced"], False, 0)]  # share of the team, trained, months
    steady = _steady(v["attrition"], scenario.ramp)
    for month in range(scenario.horizon_months):
        start = dict(got)
        for p in scenario.products:
            came = p.inflow_cases.value * (1 + v["growth"]) ** month
            groups.append([p, 0, "home", came, came * p.balance_per_case.value, True, came])
            got["inflow_balance"] += came * p.balance_per_case.value
        if sum(group[3] for group in groups) >= strategy.from_cases:
            _move(groups, strategy, v, scenario, bands, got, is_first=month == 0)
        output = sum(share * (1.0 if trained else _ramp(scenario.ramp, m)) for share, trained, m in survivors)
        home = [group for group in groups if group[2] == "home"]
        cases = sum(group[3] for group in home)
        need = cases * v["minutes_per_case"] + sum(group[6] for group in home) * v["minutes_per_new_case"]
        staff, full = 0.0, 1.0
        if cases > 1e-12:
            staff = min(math.ceil(need / (v["working_minutes"] * steady) - 1e-9), math.floor(v["collectors"]))
            full = min(1.0, staff * v["working_minutes"] * output / need)
            leads = math.ceil(staff / v["span_of_control"] - 1e-9)
            hires = v["attrition"] * staff + max(0.0, staff - (v["experienced"] * staff if before is None else before))
            got["people_cost"] += (staff * v["wage"] + leads * v["lead_wage"]) * (1 + v["social_charges"])
            got["seat_cost"] += (staff + leads) * v["seat_and_tools"]
            got["fixed_team_cost"] += v["fixed_cost"]
            got["hiring_cost"] += hires * (v["cost_per_hire"] + v["training_weeks"] * v["training_week_cost"])
            touch = (v["sms_per_case"] * v["sms_cost"] + v["call_minutes_per_case"] * v["call_minute_cost"]
                     + v["letters_per_case"] * v["letter_cost"] + v["visits_per_case"] * v["visit_cost"])  # fmt: skip
            got["contact_cost"] += cases * (full * touch + (1 - full) * v["light_cost_per_case"])
            got["case_months_over_capacity"] += (1 - full) * cases
        before = staff
        if any(group[2] == "agency" and group[3] > 1e-12 for group in groups):
            got["vendor_cost"] += v["vendor_management"]
        groups = [after for group in groups for after in _month(group, full, v, scenario, bands, tariff, got)]
        leavers = v["attrition"]
        survivors = [(share * (1 - leavers), trained, m + 1) for share, trained, m in survivors] + [(leavers, False, 0)]
        change = {name: got[name] - start[name] for name in got}
        costs = sum(change[name] for name in change if name.endswith("_cost") and name != "vat_cost")
        came = sum(change[name] for name in ("cash_in_house", "cash_agency", "cash_legal", "cured_worth"))
        rate = 1 + v["discount_rate"]
        later = month + 1 + scenario.settlement_months
        got["net_present_value"] += (came - costs) / rate ** ((month + 1) / 12)
        got["net_present_value"] -= (change["commission"] + change["vat_cost"]) / rate ** (later / 12)
    got["closing_balance"] = sum(group[4] for group in groups)
    return got


def _move(groups, strategy, v, scenario, bands, got, *, is_first):
    for rule in strategy.rules:
        sued = {}  # a court sees the mean claim of what moves together
        for group in list(groups):
            p, b, place, cases, balance, is_new, unprepared = group
            kinds = {"*", "secured" if p.is_secured else "unsecured", p.name}
            is_meant = place == "home" and kinds & set(rule.products) and bands[b].min_days >= rule.from_day
            if rule.share < 1:
                is_meant = is_meant and is_new and (bands[b].min_days == rule.from_day or is_first)
            if not is_meant or cases <= 1e-12:
                continue
            part = rule.share
            moved, worth = part * cases, part * balance
            group[3], group[4], group[6] = cases - moved, balance - worth, unprepared * (1 - part)
            if rule.action == "write_off":
                got["written_off_balance"] += worth
                continue
            to = "agency" if rule.action == "place" else "legal"
            groups.append([p, b, to, moved, worth, False, 0.0])
            if rule.action == "place":
                got["vendor_cost"] += moved * v["placement_cost"]
            else:
                counts = sued.setdefault((p.name, b), [0.0, 0.0])
                counts[0], counts[1] = counts[0] + moved, counts[1] + worth
        for moved, worth in sued.values():
            fee = court(worth / moved) * (0.5 if scenario.is_simplified_suit else 1.0)
            got["legal_cost"] += moved * (fee + v["lawyer_fee"])


def _month(group, full, v, scenario, bands, tariff, got):
    p, b, place, cases, balance, _, _ = group
    bucket, last = bands[b].name, len(bands) - 1
    of = {"home": "in_house", "agency": "agency", "legal": "legal"}[place]
    treated = scenario.treatment(of, p.name)
    pays, cures = treated.cash_rate.by_bucket[bucket].value, treated.cure_rate.by_bucket[bucket].value
    if place == "home":
        light = scenario.treatment("light", p.name)
        pays = full * pays + (1 - full) * light.cash_rate.by_bucket[bucket].value
        cures = full * cures + (1 - full) * light.cure_rate.by_bucket[bucket].value
        got["bonus_cost"] += pays * balance * v["bonus_share"]
    cash = pays * balance
    got[{"home": "cash_in_house", "agency": "cash_agency", "legal": "cash_legal"}[place]] += cash
    if place == "agency":
        days = range(bands[b].min_days, (bands[b].max_days or bands[b].min_days + 359) + 1)
        rate = sum(float(tariff.rates[tariff.codes(day) - 1]) for day in days) / len(days) * v["commission_factor"]
        got["commission"] += cash * rate
        got["vat_cost"] += cash * rate * v["vat_not_recoverable"]
    left, left_cases = (balance - cash) * (1 - cures), cases * (1 - cures)
    got["cured_balance"] += (balance - cash) * cures
    got["cured_worth"] += (balance - cash) * cures * v["cured_value"]
    if b == last:
        got["written_off_balance"] += left * v["write_off_rate"]
        kept = 1 - v["write_off_rate"]
        return [[p, b, place, left_cases * kept, left * kept, False, 0.0]]
    roll = scenario.roll_rate.by_bucket[bucket].value
    return [
        [p, b, place, left_cases * (1 - roll), left * (1 - roll), False, 0.0],
        [p, b + 1, place, left_cases * roll, left * roll, True, 0.0],
    ]


def _ramp(ramp, month):
    return ramp[month] if month < len(ramp) else 1.0


def _steady(attrition, ramp):
    return sum(attrition * (1 - attrition) ** m * _ramp(ramp, m) for m in range(20_000)) if attrition else 1.0
