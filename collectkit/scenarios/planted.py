"""A simulated book whose truth is known, with the trap of every agency comparison planted in it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import pandas as pd

from collectkit.portfolio import Portfolio
from collectkit.shapes import Array

#: Chance that a case pays in a month in-house; how much stronger a channel is; the part of the balance it pays.
EASE = {"easy": 0.50, "hard": 0.15}
STRENGTH = {"in_house": 1.0, "Strong": 1.4, "Weak": 0.7}
PART = 0.2
#: Who gets which cases: the strong agency the hard ones.
BIAS = {
    "easy": {"in_house": 0.40, "Strong": 0.10, "Weak": 0.50},
    "hard": {"in_house": 0.30, "Strong": 0.60, "Weak": 0.10},
}
_MONTHS = tuple(pd.Timestamp(day) for day in ("2025-04-30", "2025-05-31", "2025-06-30", "2025-07-31"))


def planted_bias(*, loans: int = 600, seed: int = 0, bias: Mapping[str, Mapping[str, float]] = BIAS) -> Portfolio:
    """A portfolio in which the strongest agency looks weakest, because it is given the hard cases.

    Parameters
    ----------
    loans : int [count]
    seed : int
    bias : mapping of product to mapping of channel to share [fraction]
        Who gets which cases.

    Returns
    -------
    Portfolio
        One loan per customer, all due on 10 January 2025 and placed, if at all, on 15 April; payments from May to July.

    Notes
    -----
    Simulated. Each month a case pays 20% of what it owes, with a chance of 50% (``easy``) or 15% (``hard``) in-house,
    1.4 times that at the agency ``Strong`` and 0.7 times at ``Weak``. So the true ranking is Strong, in_house, Weak.

    Examples
    --------
    >>> sorted(planted_bias(loans=50).loans["product"].unique())
    ['easy', 'hard']
    """
    rng = np.random.default_rng(seed)
    kind = rng.choice(list(EASE), loans)
    channel = np.array([rng.choice(list(bias[k]), p=list(bias[k].values())) for k in kind])
    principal = np.round(rng.lognormal(9, 0.6, loans), 2)
    ids = np.array([f"L{i:05d}" for i in range(loans)])
    table = pd.DataFrame({"loan_id": ids, "customer_id": np.char.replace(ids, "L", "C"), "product": kind}).assign(
        disbursement_date=pd.Timestamp("2024-12-10"), principal=principal, annual_rate="0.12"
    )
    due = pd.DataFrame({"loan_id": ids, "instalment_no": 1, "due_date": pd.Timestamp("2025-01-10")}).assign(
        principal=principal, interest=0.0
    )
    chance = np.array([EASE[k] * STRENGTH[c] for k, c in zip(kind, channel, strict=True)])
    away = channel != "in_house"
    placements = pd.DataFrame({"loan_id": ids[away], "agency": channel[away]}).assign(
        placement_id=[f"H{i:05d}" for i in range(int(away.sum()))], placement_date=pd.Timestamp("2025-04-15")
    )
    return Portfolio(
        loans=table, instalments=due, payments=_payments(ids, principal, chance, rng), placements=placements
    )


def _payments(ids: Array, principal: Array, chance: Array, rng: np.random.Generator) -> pd.DataFrame:
    """What is paid in the three months after the placement."""
    owed, parts = principal.copy(), []
    for start, end in pairwise(_MONTHS):
        pays = np.flatnonzero(rng.random(len(ids)) < chance)
        amount = np.round(owed[pays] * PART, 2)
        day = start + pd.to_timedelta(rng.integers(1, (end - start).days + 1, len(pays)), unit="D")
        parts.append(pd.DataFrame({"loan_id": ids[pays], "value_date": day, "amount": amount}))
        owed[pays] -= amount
    payments = pd.concat(parts, ignore_index=True)
    return payments.assign(payment_id=[f"P{i:05d}" for i in range(len(payments))])
