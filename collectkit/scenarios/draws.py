"""Values for the engine: many draws of every input at once, or chosen variants, and the arrays made from them."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from functools import lru_cache
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np

from collectkit.errors import CallError
from collectkit.scenarios.closed_forms import steady_output
from collectkit.scenarios.inputs import CHANNELS, KINDS, Curve, Range
from collectkit.scenarios.model import Scenario, curves
from collectkit.shapes import Array

#: Every input by name: one row per draw; a curve has a column per bucket.
Values = dict[str, Array]
#: How many standard deviations lie between the middle of a normal distribution and the ends of its 90%.
Z90 = NormalDist().inv_cdf(0.95)
_DAYS_IN_LAST_BUCKET = 360  # what an open last bucket is taken for when its commission is averaged over its days


def likely(scenario: Scenario, count: int = 1) -> Values:
    """Every input at its likely value, `count` times."""
    return {name: np.repeat(_ends(given)[:, 1:2].T, count, axis=0).squeeze(-1 if _is_lone(given) else ())
            for name, given in ranges(scenario).items()}  # fmt: skip


def drawn(scenario: Scenario, draws: int, seed: int) -> Values:
    """Every input drawn from its range.

    Notes
    -----
    Two-piece normal with the likely value as its median and low and high as its 5% and 95%, cut at the limits of the
    input. Latin hypercube: the quantiles are even and only their order is drawn, from a stream of the input's own,
    so that strategies, and scenarios that differ in one input, see the same luck.
    """
    if not isinstance(draws, int) or not 1 <= draws <= 100_000:
        raise CallError(f"`draws` is {draws!r}. Give 1 to 100,000.")
    return {name: _drawn(name, given, draws, seed) for name, given in ranges(scenario).items()}


def ranges(scenario: Scenario) -> dict[str, Range | Curve]:
    """Every input by name, as in `scenario_inputs`."""
    found: dict[str, Range | Curve] = dict(scenario.inputs)
    for product in scenario.products:
        found[f"{product.name}.inflow_cases"] = product.inflow_cases
        found[f"{product.name}.balance_per_case"] = product.balance_per_case
    return found | curves(scenario)


def kind_of(name: str) -> str:
    """Kind of an input: the last part of its name."""
    return name.rsplit(".", 1)[-1]


def within(name: str, values: Any) -> Array:
    """Values cut at the limits of the input."""
    kind = KINDS[kind_of(name)]
    return np.clip(values, kind.lowest, kind.highest)


def _is_lone(given: Range | Curve) -> bool:
    return not isinstance(given, Curve)


def _ends(given: Range | Curve) -> Array:
    """Low, likely, high; one row per bucket."""
    parts = given.by_bucket.values() if isinstance(given, Curve) else (given,)
    return np.array([(part.low, part.value, part.high) for part in parts])


def _drawn(name: str, given: Range | Curve, draws: int, seed: int) -> Array:
    ends = _ends(given)
    z = _normal(name, draws, seed)[:, None]
    if isinstance(given, Curve) and given.estimated:
        own = {bucket: _normal(f"{name}.{bucket}", draws, seed) for bucket in given.estimated}
        z = np.column_stack([own.get(bucket, z[:, 0]) for bucket in given.by_bucket])
    spread = np.where(z < 0, ends[:, 1] - ends[:, 0], ends[:, 2] - ends[:, 1]) / Z90
    values = within(name, ends[:, 1] + spread * z)
    return values[:, 0] if _is_lone(given) else values


@lru_cache(maxsize=512)
def _normal(name: str, draws: int, seed: int) -> Array:
    """Even quantiles of the normal distribution in an order of the name's own."""
    order = np.random.default_rng([seed, zlib.crc32(name.encode())]).permutation(draws)
    values = _quantiles(draws)[order]
    values.flags.writeable = False
    return values


@lru_cache(maxsize=16)
def _quantiles(draws: int) -> Array:
    return np.array([NormalDist().inv_cdf((i + 0.5) / draws) for i in range(draws)])


class Book(NamedTuple):
    """What flows, one row per draw: opening by product × bucket, inflow by product, and how it moves."""

    opening_cases: Array
    opening_balance: Array
    inflow: Array
    each: Array
    growth: Array
    roll: Array
    written: Array
    cash: Array  # draw × channel × product × bucket
    cure: Array
    kappa: Array  # draw × bucket
    factor: Array  # draw × month: output of the team
    discount: Array  # draw × month
    unit: Array  # draw × unit cost, in the order of UNITS


#: Unit costs and other single numbers of a draw, by their place in `Book.unit`.
UNITS = (
    "person", "lead", "seat", "hire", "fixed", "bonus", "contact", "light", "minutes", "case_minutes", "new_minutes",
    "steady", "collectors", "span", "attrition", "experienced", "suit", "placing", "vendor", "vat", "worth",
)  # fmt: skip


def book_of(scenario: Scenario, values: Values) -> Book:
    """The arrays of the engine, from values of the inputs."""
    products, months = scenario.products, scenario.horizon_months
    names = [product.name for product in products]
    growth = values["growth"]
    draws, buckets = len(growth), scenario.buckets

    def opening(part: str) -> Array:
        return np.array([[getattr(product, part)[bucket] for bucket in buckets] for product in products], dtype=float)

    def rates(kind: str) -> Array:
        rows = [[scenario.treatment(channel, name).product for name in names] for channel in CHANNELS]
        found = [
            [values[f"{channel}.{own}.{kind}"] for own in row] for channel, row in zip(CHANNELS, rows, strict=True)
        ]
        return np.ascontiguousarray(np.moveaxis(np.array(found), 2, 0))

    unit = _units(scenario, values)
    later = np.arange(1, months + scenario.settlement_months + 1)
    return Book(
        opening_cases=opening("opening_cases"),
        opening_balance=opening("opening_balance"),
        inflow=np.column_stack([values[f"{name}.inflow_cases"] for name in names]),
        each=np.column_stack([values[f"{name}.balance_per_case"] for name in names]),
        growth=growth,
        roll=np.ascontiguousarray(np.broadcast_to(values["roll_rate"], (draws, len(buckets)))),
        written=values["write_off_rate"],
        cash=rates("cash_rate"),
        cure=rates("cure_rate"),
        kappa=np.outer(values["commission_factor"], commission_by_bucket(scenario)),
        factor=_team_output(scenario, values),
        discount=(1 + values["discount_rate"])[:, None] ** (-later / 12),
        unit=np.column_stack([unit[name] for name in UNITS]),
    )


def _units(scenario: Scenario, v: Mapping[str, Array]) -> dict[str, Array]:
    """Unit costs of each draw."""
    on_cost = 1 + v["social_charges"]
    contact = (
        v["sms_per_case"] * v["sms_cost"] + v["call_minutes_per_case"] * v["call_minute_cost"]
        + v["letters_per_case"] * v["letter_cost"] + v["visits_per_case"] * v["visit_cost"]
    )  # fmt: skip
    return {
        "person": v["wage"] * on_cost, "lead": v["lead_wage"] * on_cost, "seat": v["seat_and_tools"],
        "hire": v["cost_per_hire"] + v["training_weeks"] * v["training_week_cost"], "fixed": v["fixed_cost"],
        "bonus": v["bonus_share"], "contact": contact, "light": v["light_cost_per_case"],
        "minutes": v["working_minutes"], "case_minutes": v["minutes_per_case"],
        "new_minutes": v["minutes_per_new_case"],
        "steady": steady_output(v["attrition"], scenario.ramp), "collectors": np.floor(v["collectors"] + 1e-9),
        "span": v["span_of_control"], "attrition": v["attrition"], "experienced": v["experienced"],
        "suit": v["lawyer_fee"], "placing": v["placement_cost"], "vendor": v["vendor_management"],
        "vat": v["vat_not_recoverable"], "worth": v["cured_value"],
    }  # fmt: skip


def commission_by_bucket(scenario: Scenario) -> Array:
    """Commission rate of the tariff in each bucket: the mean over its days [fraction]."""
    tariff = scenario.rules.tariff(scenario.tariff)
    by_band = np.array([0.0, *(float(rate) for rate in tariff.rates)])
    rates = []
    for band in scenario.bucket_scheme.buckets:
        last = band.min_days + _DAYS_IN_LAST_BUCKET - 1 if band.max_days is None else band.max_days
        rates.append(by_band[tariff.codes(np.arange(band.min_days, last + 1))].mean())
    return np.array(rates)


def _team_output(scenario: Scenario, values: Values) -> Array:
    """Output of the team in each month as a share of a fully trained one, draw × month.

    Notes
    -----
    The trained part of the first team, its new part, and those hired since for leavers; it tends to `output_factor`.
    """
    months = np.arange(scenario.horizon_months)
    ramp = np.ones(max(len(months), 1))
    ramp[: len(scenario.ramp)] = scenario.ramp[: len(ramp)]
    leaves, trained = values["attrition"][:, None], values["experienced"][:, None]
    survive = (1 - leaves) ** months
    hired = np.cumsum(survive * ramp, axis=1)
    since = leaves * np.concatenate([np.zeros_like(leaves), hired[:, :-1]], axis=1)
    return survive * (trained + (1 - trained) * ramp) + since
