"""What an agency earns on the money it brings in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from collectkit.errors import CallError
from collectkit.money import Cents, from_cents, times_rate, to_cents
from collectkit.shapes import band_tables, numbers, shaped, whole_days
from collectkit.tariffs import Tariff

_TARIFF = 'policy.tariff("elapsed_months")'


def agency_commission(
    collected: float | pd.Series,
    days_past_due: int | pd.Series,
    tariff: Tariff | Sequence[Mapping[str, Any]],
) -> Any:
    """Commission an agency earns on cash collected.

    Parameters
    ----------
    collected : float or Series [currency]
        Cash that earns; negative takes commission back (a reversed payment).
    days_past_due : int or Series [days]
        Age that picks the band. Day 0 (not overdue) earns nothing.
    tariff : Tariff or list of bands
        ``load_policy().tariff("elapsed_months")``, or bands as a policy file writes them.

    Returns
    -------
    float or Series of float64 [currency]

    Raises
    ------
    PolicyError
        The bands have a gap or an overlap.
    CallError
        An amount is not in whole cents, days are not whole, or the tariff depends on recovery.

    Notes
    -----
    commission = collected × rate of the band, rounded half up to the cent once per row. A band holds both its
    first and its last day. With a tariff on the amount placed, pass that amount and the age at placement.

    References
    ----------
    Source manual 002 (催收流程规划), 二.(4)b: 7%, 14%, 20%, 25% of cash received, by months past due.

    Examples
    --------
    >>> from collectkit.policy import load_policy
    >>> policy = load_policy("cn-microloan")
    >>> agency_commission(10_000, 75, policy.tariff("elapsed_months"))
    700.0
    >>> agency_commission(10_000, 75, policy.tariff("month_index"))
    1400.0
    """
    table = tariff if isinstance(tariff, Tariff) else Tariff.of(band_tables(tariff, "tariff", _TARIFF))
    if table.recovery_bands:
        raise CallError(
            f"Tariff {table.name} depends on what the batch recovered, which one amount does not tell. "
            "Use `collectkit.agencies.commission_earned`."
        )

    def compute(cash: pd.Series, days: pd.Series) -> Any:
        cents = to_cents(numbers(cash, "collected"))
        band = table.codes(whole_days(days, "days_past_due"))
        return from_cents(commission_cents(cents, band, table.rates))

    return shaped("agency_commission", "float64", compute, collected=collected, days_past_due=days_past_due)


def commission_cents(cents: Cents, band: npt.NDArray[Any], rates: Sequence[Fraction]) -> Cents:
    """Cents times the rate of their band, numbered from 1, each rounded half up once; band 0 earns nothing."""
    commission = np.zeros(len(cents), dtype=np.int64)
    for code, rate in enumerate(rates, start=1):
        chosen = band == code
        commission[chosen] = times_rate(cents[chosen], rate)
    return commission
