"""The answers that fit on a line: net-back, break-evens, the lift an agency needs, the size of a fair test.

Scalars or Series of one index in, the same shape out. Rates are fractions of what is named; d is a discount factor.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd

from collectkit.errors import CallError, listed
from collectkit.shapes import Array, numbers, shaped


def net_back(liquidation: Any, commission: Any, *, placed: Any = 1.0, vat: Any = 0.0, vendor_cost: Any = 0.0) -> Any:
    """What comes back from an agency after its commission.

    Parameters
    ----------
    liquidation, commission : float or Series [fraction]
        Cash ÷ placed, and commission ÷ cash.
    placed : float or Series [currency]
        Amount placed; 1 gives the net-back rate.
    vat : float or Series [fraction of commission]
        Value-added tax that cannot be recovered.
    vendor_cost : float or Series [currency]
        What managing the agency costs.

    Notes
    -----
    net_back = placed × liquidation × (1 − commission × (1 + vat)) − vendor_cost.

    Examples
    --------
    >>> net_back(0.50, 0.25, placed=100_000), net_back(0.30, 0.15, placed=100_000)
    (37500.0, 25500.0)
    """

    def compute(liquidation: Any, commission: Any, placed: Any, vat: Any, vendor_cost: Any) -> Array:
        kept = 1 - _rates(commission, "commission") * (1 + _rates(vat, "vat"))
        return _amounts(placed, "placed") * _rates(liquidation, "liquidation") * kept - numbers(vendor_cost, "cost")

    return shaped(
        "net_back", "float64", compute, liquidation=liquidation, commission=commission, placed=placed, vat=vat,
        vendor_cost=vendor_cost,
    )  # fmt: skip


def break_even_commission(
    in_house_liquidation: Any,
    agency_liquidation: Any,
    *,
    placed: Any,
    fixed_cost: Any = 0.0,
    cost_per_case: Any = 0.0,
    cases: Any = 0,
    in_house_discount: Any = 1.0,
    agency_discount: Any = 1.0,
) -> Any:
    """Commission at which the agency and the lender's own team bring in the same: below it the agency wins.

    Parameters
    ----------
    in_house_liquidation, agency_liquidation : float or Series [fraction]
        Cash ÷ placed on the same cases over the same months.
    placed : float or Series [currency]
    fixed_cost, cost_per_case : float or Series [currency, currency/case]
        Cost of the own team.
    cases : float or Series [count]
    in_house_discount, agency_discount : float or Series [fraction]
        Discount factor of each one's cash.

    Returns
    -------
    float or Series [fraction]
        Negative if the agency loses even free of charge; infinite if it collects nothing.

    Notes
    -----
    κ* = 1 − (λ_I·P·d_I − F − v·N) ÷ (λ_A·P·d_A).

    References
    ----------
    House convention; no published closed form was found.

    Examples
    --------
    >>> round(break_even_commission(0.40, 0.40, placed=1_000_000, fixed_cost=80_000), 9)
    0.2
    """

    def compute(
        own: Any, other: Any, placed: Any, fixed: Any, unit: Any, cases: Any, d_own: Any, d_other: Any
    ) -> Array:
        amount = _amounts(placed, "placed")
        in_house = _rates(own, "in_house_liquidation") * amount * _rates(d_own, "in_house_discount")
        agency = _rates(other, "agency_liquidation") * amount * _rates(d_other, "agency_discount")
        net = in_house - numbers(fixed, "fixed_cost") - numbers(unit, "cost_per_case") * numbers(cases, "cases")
        with np.errstate(divide="ignore", invalid="ignore"):
            return 1 - net / agency

    return shaped(
        "break_even_commission", "float64", compute, own=in_house_liquidation, other=agency_liquidation,
        placed=placed, fixed=fixed_cost, unit=cost_per_case, cases=cases, d_own=in_house_discount,
        d_other=agency_discount,
    )  # fmt: skip


_NOTHING = 1e-12  # a smaller part of what is collected is the rounding of the terms, not a surplus


def break_even_volume(
    in_house_liquidation: Any,
    agency_liquidation: Any,
    *,
    commission: Any,
    fixed_cost: Any,
    cost_per_case: Any = 0.0,
    balance_per_case: Any = 1.0,
    in_house_discount: Any = 1.0,
    agency_discount: Any = 1.0,
) -> Any:
    """Amount placed above which the own team wins; infinite if it never does.

    Parameters
    ----------
    in_house_liquidation, agency_liquidation, commission : float or Series [fraction]
    fixed_cost : float or Series [currency]
        Cost of having a team at all.
    cost_per_case, balance_per_case : float or Series [currency/case]
    in_house_discount, agency_discount : float or Series [fraction]

    Returns
    -------
    float or Series [currency]

    Notes
    -----
    P* = F ÷ [λ_I·d_I − v·N/P − λ_A·d_A·(1 − κ)] if the bracket is positive: each unit placed must earn more at home
    than away, and P* units of that surplus pay the fixed cost. It is the "certain number" of overdue customers from
    which the source manual changes hands, and the manual gives no figure.

    References
    ----------
    Source manual 002 (催收流程规划), 三; formula: house convention.

    Examples
    --------
    >>> round(break_even_volume(0.40, 0.40, commission=0.20, fixed_cost=80_000), 6)
    1000000.0
    >>> break_even_volume(0.30, 0.40, commission=0.20, fixed_cost=80_000)
    inf
    """

    def compute(own: Any, other: Any, fee: Any, fixed: Any, unit: Any, each: Any, d_own: Any, d_other: Any) -> Array:
        away = (
            _rates(other, "agency_liquidation") * _rates(d_other, "agency_discount") * (1 - _rates(fee, "commission"))
        )
        home = _rates(own, "in_house_liquidation") * _rates(d_own, "in_house_discount")
        bracket = home - numbers(unit, "cost_per_case") / _amounts(each, "balance_per_case") - away
        bracket = np.where(bracket > _NOTHING * home, bracket, 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(bracket > 0, numbers(fixed, "fixed_cost") / bracket, np.inf)

    return shaped(
        "break_even_volume", "float64", compute, own=in_house_liquidation, other=agency_liquidation, fee=commission,
        fixed=fixed_cost, unit=cost_per_case, each=balance_per_case, d_own=in_house_discount, d_other=agency_discount,
    )  # fmt: skip


def required_lift(cost_to_collect: Any, commission: Any) -> Any:
    """How many times the in-house liquidation an agency must reach to leave as much.

    Parameters
    ----------
    cost_to_collect : float or Series [fraction]
        In-house cost ÷ in-house cash.
    commission : float or Series [fraction]

    Notes
    -----
    λ_A ÷ λ_I ≥ (1 − K/C_I) ÷ (1 − κ).

    Examples
    --------
    >>> round(required_lift(0.10, 0.25), 9)
    1.2
    """

    def compute(cost: Any, fee: Any) -> Array:
        with np.errstate(divide="ignore", invalid="ignore"):
            return (1 - numbers(cost, "cost_to_collect")) / (1 - _rates(fee, "commission"))

    return shaped("required_lift", "float64", compute, cost=cost_to_collect, fee=commission)


def equivalent_rate(rate_on_placed: Any, liquidation: Any) -> Any:
    """Commission on cash that costs as much as a fee on the amount placed.

    Parameters
    ----------
    rate_on_placed, liquidation : float or Series [fraction]

    Notes
    -----
    κ = p ÷ λ; the two fees are equal at a liquidation of p ÷ κ (`equivalent_liquidation`).

    Examples
    --------
    >>> round(equivalent_rate(0.05, 0.20), 9)
    0.25
    """
    return _ratio("equivalent_rate", rate_on_placed, liquidation)


def equivalent_liquidation(rate_on_placed: Any, commission: Any) -> Any:
    """Liquidation at which a fee on the amount placed costs as much as a commission on cash; above it, less.

    Parameters
    ----------
    rate_on_placed, commission : float or Series [fraction]

    Examples
    --------
    >>> round(100_000 * equivalent_liquidation(0.10, 0.14), 2)
    71428.57
    """
    return _ratio("equivalent_liquidation", rate_on_placed, commission)


def sample_size(share: Any, other_share: Any, *, alpha: float = 0.05, power: float = 0.80) -> Any:
    """Cases each arm of a fair split needs to tell two shares apart.

    Parameters
    ----------
    share, other_share : float or Series [fraction]
        Share of cases cured, or of cases that pay, in each arm.
    alpha : float [fraction]
        Chance of seeing a difference that is not there (two-sided).
    power : float [fraction]
        Chance of seeing the difference that is there.

    Returns
    -------
    float or Series [count]
        Whole cases; infinite if the shares are equal.

    Notes
    -----
    n = (z₁₋α⸝₂ + z_power)² (p₁q₁ + p₂q₂) ÷ (p₁ − p₂)², rounded up.

    References
    ----------
    Fleiss, Levin and Paik, Statistical Methods for Rates and Proportions (2003), ch. 4, without continuity correction.

    Examples
    --------
    >>> sample_size(0.30, 0.33), sample_size(0.05, 0.06)
    (3760.0, 8155.0)
    """
    if not (0 < alpha < 1 and 0 < power < 1):
        raise CallError(f"`alpha` is {alpha} and `power` is {power}. Both lie between 0 and 1.")
    z = NormalDist().inv_cdf(1 - alpha / 2) + NormalDist().inv_cdf(power)

    def compute(one: Any, other: Any) -> Array:
        p, q = _shares(one, "share"), _shares(other, "other_share")
        with np.errstate(divide="ignore", invalid="ignore"):
            needed = np.ceil(z**2 * (p * (1 - p) + q * (1 - q)) / (p - q) ** 2)
        return np.where(p == q, np.inf, np.maximum(needed, 1))

    return shaped("sample_size", "float64", compute, one=share, other=other_share)


def output_factor(attrition: Any, ramp: Sequence[float] = (0.0, 0.5, 0.8, 1.0)) -> Any:
    """Output of a team of constant size whose leavers are replaced, as a share of a fully trained one.

    Parameters
    ----------
    attrition : float or Series [1/month]
        Share of the team that leaves in a month.
    ramp : sequence of float [fraction]
        Output in the first, second, … month of work; full after the last one.

    Notes
    -----
    Σ_m a(1 − a)^m g(m) with g(m) = 1 after the ramp; 1 if nobody leaves.

    Examples
    --------
    >>> round(output_factor(0.05), 6)
    0.917225
    """
    _check_ramp(ramp)

    def compute(attrition: Any) -> Array:
        return steady_output(_shares(attrition, "attrition"), ramp)

    return shaped("output_factor", "float64", compute, attrition=attrition)


def steady_output(attrition: Array, ramp: Sequence[float]) -> Array:
    """`output_factor` for an array that was checked."""
    steps = np.asarray(ramp, dtype=np.float64)
    survive = (1 - attrition)[:, None] ** np.arange(len(steps) + 1)
    return (attrition[:, None] * survive[:, :-1] * steps).sum(axis=1) + survive[:, -1]


def _ratio(name: str, top: Any, bottom: Any) -> Any:
    def compute(top: Any, bottom: Any) -> Array:
        with np.errstate(divide="ignore", invalid="ignore"):
            return _rates(top, "rate_on_placed") / _rates(bottom, "rate")

    return shaped(name, "float64", compute, top=top, bottom=bottom)


def _rates(column: pd.Series, name: str) -> Array:
    """Fractions: 0 or more, and not percent."""
    values = numbers(column, name)
    bad = ~(values >= 0) | (values >= 10)
    if bad.any():
        raise CallError(f"`{name}` is {listed(values[bad])}. Write a fraction such as 0.18 for 18%.")
    return values


def _shares(column: pd.Series, name: str) -> Array:
    """Fractions from 0 to 1."""
    values = _rates(column, name)
    if (values > 1).any():
        raise CallError(f"`{name}` is {listed(values[values > 1])}. A share is at most 1.")
    return values


def _amounts(column: pd.Series, name: str) -> Array:
    """Amounts of 0 or more."""
    values = numbers(column, name)
    if (values < 0).any():
        raise CallError(f"`{name}` is {listed(values[values < 0])}. Amounts are 0 or more.")
    return values


def _check_ramp(ramp: Sequence[float]) -> None:
    if any(not 0 <= step <= 1 for step in ramp):
        raise CallError(f"`ramp` is {list(ramp)}. Give shares of full output from 0 to 1, first month first.")
