"""The best thing to do with a case of each product, bucket and month: keep, place, sue, write off."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from collectkit.court import CLAIM_SLICES
from collectkit.scenarios.draws import UNITS, Book, book_of, likely
from collectkit.scenarios.engine import plan_of, simulate
from collectkit.scenarios.model import Scenario
from collectkit.scenarios.strategies import ACTIONS, Strategy, hand_over
from collectkit.shapes import Array

KEEP = "keep"
_CHOICES = (KEEP, *ACTIONS)
#: What a collector's minute may be worth, in multiples of its cost: less if the team is idle, more if it is too small.
_MINUTE_PRICES = (0.0, 0.5, 1.0, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0)
_NAMED = Strategy(name="best_policy", label="Best by product, bucket and month", label_zh="按产品、阶段与月份择优")


class BestPolicy(NamedTuple):
    """What `best_policy` returns.

    Attributes
    ----------
    actions : DataFrame
        One row per product, bucket and month [1, 2, …]: action, value_per_case [currency] and lead_per_case, what the
        action gains over the next best [currency].
    value : float
        Net present value of the whole book under the policy, by the engine, all inputs likely [currency].
    fixed_day_value : float
        The same under the best fixed hand-over day [currency].
    fixed_day : int or None
        That day; None: never.
    is_fixed_day : bool
        True if the programme could not beat that day in the engine, so that the day itself is the policy.
    """

    actions: pd.DataFrame
    value: float
    fixed_day_value: float
    fixed_day: int | None
    is_fixed_day: bool


def best_policy(scenario: Scenario) -> BestPolicy:
    """Keep, place, sue or write off, for each product, bucket and month, worked out backwards from the last month.

    Parameters
    ----------
    scenario : Scenario
        All inputs are taken at their likely values.

    Returns
    -------
    BestPolicy

    Notes
    -----
    Finite-horizon dynamic programme for one case: keep earns the own team's cash of the month less bonus, contact and
    the minutes it takes at the cost of a minute of a trained team, then the best of what may come next; place, sue and
    write off are for good. One case takes no account of the team's limit, of whole collectors and of fixed costs, so
    the programme is worked out at several prices of a minute, each is run by the engine against every fixed hand-over
    day, and the best of all is returned: it is never worse than the best fixed day.

    References
    ----------
    de Almeida Filho, Mues and Thomas (2010), Production and Operations Management 19(6) 698-708, for the idea of a
    dynamic programme over collection actions; the hand-over with an age-stepped tariff is house work.

    Examples
    --------
    >>> from collectkit.scenarios import load_scenario
    >>> best = best_policy(load_scenario("launch"))
    >>> best.value >= best.fixed_day_value
    True
    """
    values = likely(scenario)
    book, days = book_of(scenario, values), [*scenario.first_days, None]
    fixed = tuple(hand_over(day) for day in days)
    by_day = simulate(scenario, fixed, values).of("net_present_value")[0]
    programmes = [case_programme(scenario, book, minute_price=price) for price in _MINUTE_PRICES]
    moves = np.stack([_moves(programme.choice) for programme in programmes])
    found = simulate(scenario, (_NAMED,) * len(programmes), values, moves).of("net_present_value")[0]
    best_day = len(days) - 1 - int(by_day[::-1].argmax())  # of equal days the latest
    best = programmes[int(found.argmax())]
    is_fixed_day = bool(by_day[best_day] > found.max())
    if is_fixed_day:
        best = _fixed(best.choice, best_day)
    return BestPolicy(
        actions=_table(scenario, best), value=float(max(found.max(), by_day[best_day])),
        fixed_day_value=float(by_day[best_day]), fixed_day=days[best_day], is_fixed_day=is_fixed_day,
    )  # fmt: skip


class Programme(NamedTuple):
    """Choice (by place in `_CHOICES`), its value and its lead over the next best: month × product × bucket."""

    choice: Array
    worth: Array
    lead: Array


def case_programme(scenario: Scenario, book: Book, *, minute_price: float = 1.0) -> Programme:
    """The programme for one case, with a collector's minute priced at a multiple of its cost.

    Notes
    -----
    The balance of a case in a bucket is that of a new one less what the own team collects on the way.
    """
    plan, unit = plan_of(scenario, (_NAMED,)), dict(zip(UNITS, book.unit[0], strict=True))
    cash, cure, written, discount = book.cash[0], book.cure[0], book.written[0], book.discount[0]
    months, (products, buckets), later = scenario.horizon_months, cash.shape[1:], plan.settlement
    shape = (months, products, buckets)
    claim = book.each[0][:, None] * np.cumprod(np.hstack([np.ones((products, 1)), 1 - cash[0, :, :-1]]), axis=1)
    upkeep = unit["contact"] + unit["case_minutes"] * minute_price * _minute(unit)
    court = _court(claim) * plan.court_part + unit["suit"]
    kappa = book.kappa[0] * (1 + unit["vat"])
    on_placed = kappa if plan.reading == _flow_reading("ON_PLACED") else np.zeros(buckets)
    away = np.zeros((buckets, products, buckets))  # per unit of balance, by the bucket it was placed in
    sued, best = np.zeros((2, products, buckets))
    found = Programme(np.zeros(shape, dtype=np.int64), np.zeros(shape), np.zeros(shape))
    for t in range(months - 1, -1, -1):
        now, settled = discount[t], discount[t + later]
        for b in range(buckets):
            fee = kappa[b] if plan.reading == _flow_reading("AT_PLACEMENT") else kappa * (on_placed == 0)
            ahead = _next(away[b], book.roll[0], cure[2], written) + cure[2] * unit["worth"] * now
            away[b] = cash[2] * (now - fee * settled) + (1 - cash[2]) * ahead
        ahead = _next(sued, book.roll[0], cure[3], written) + cure[3] * unit["worth"] * now
        sued = cash[3] * now + (1 - cash[3]) * ahead
        placed = np.stack([away[b, :, b] for b in range(buckets)], axis=1) - on_placed * settled
        entry = unit["placing"] * now + plan.flat_fee * (1 + unit["vat"]) * settled
        kept = claim * (cash[0] * (1 - unit["bonus"]) + (1 - cash[0]) * cure[0] * unit["worth"]) - upkeep
        options = np.stack([
            kept * now + _next(best, book.roll[0], cure[0], written), claim * placed - entry,
            claim * sued - court * now, np.zeros((products, buckets)),
        ])  # fmt: skip
        ordered = np.sort(options, axis=0)
        found.choice[t], found.worth[t] = options.argmax(axis=0), ordered[-1]
        found.lead[t] = ordered[-1] - ordered[-2]
        best = found.worth[t]
    return found


def _flow_reading(name: str) -> int:
    from collectkit.scenarios import _flow

    return int(getattr(_flow, name))


def _minute(unit: dict[str, float]) -> float:
    """Cost of a minute of a trained team: wages, seats, a share of the lead, and replacing those who leave."""
    month = unit["person"] + unit["seat"] + (unit["lead"] + unit["seat"]) / unit["span"]
    return (month + unit["attrition"] * unit["hire"]) / (unit["minutes"] * unit["steady"])


def _next(value: Array, roll: Array, cure: Array, written: float) -> Array:
    """What a case is worth next month: it is cured, stays, rolls, or is written off in part from the last bucket."""
    older = np.concatenate([value[:, 1:], value[:, -1:]], axis=1)
    moved = (1 - roll) * value + roll * older
    moved[:, -1] = (1 - written) * value[:, -1]
    return (1 - cure) * moved


def _court(claim: Array) -> Array:
    """Court fee of amounts that are not whole cents."""
    fee, below = np.full(claim.shape, 50.0), 10_000.0
    for end, rate in CLAIM_SLICES:
        above = np.inf if end is None else float(end)
        fee, below = fee + np.clip(claim - below, 0, above - below) * float(rate), above
    return fee


def _moves(choice: Array) -> Array:
    """The choices as shares moved: month × product × bucket × action."""
    return np.stack([(choice == i + 1).astype(float) for i in range(len(ACTIONS))], axis=-1)


def _fixed(choice: Array, first: int) -> Programme:
    """A fixed hand-over day; it has no values of single cases."""
    fixed = np.zeros_like(choice)
    fixed[..., first:] = _CHOICES.index("place")
    nothing = np.full(choice.shape, np.nan)
    return Programme(fixed, nothing, nothing)


def _table(scenario: Scenario, programme: Programme) -> pd.DataFrame:
    month, product, bucket = (axis.ravel() for axis in np.indices(programme.choice.shape))
    buckets = pd.CategoricalDtype(list(scenario.buckets), ordered=True)
    return pd.DataFrame({
        "product": np.array([p.name for p in scenario.products])[product],
        "bucket": pd.Categorical.from_codes(bucket, dtype=buckets),
        "month": month + 1,
        "action": pd.Categorical.from_codes(programme.choice.ravel(), dtype=pd.CategoricalDtype(list(_CHOICES))),
        "value_per_case": programme.worth.ravel(),
        "lead_per_case": programme.lead.ravel(),
    })  # fmt: skip
