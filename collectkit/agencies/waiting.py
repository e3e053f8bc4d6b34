"""What waiting costs: a tariff that steps up with age makes the same money dearer on the next day."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from collectkit.agencies.attribution import reading_name
from collectkit.days import LAST_DAY, Date
from collectkit.ledger import assess
from collectkit.policy import Policy
from collectkit.portfolio import Portfolio
from collectkit.tariffs import Tariff


def fee_steps(tariff: Tariff) -> pd.DataFrame:
    """Days on which the rate of a tariff changes.

    Parameters
    ----------
    tariff : Tariff
        Its rates while no recovery band is reached.

    Returns
    -------
    DataFrame
        One row per step: step_day [days past due] (the first at the new rate), rate_before, rate, step [fraction].

    Examples
    --------
    >>> from collectkit.policy import load_policy
    >>> fee_steps(load_policy().tariff("elapsed_months"))[["step_day", "step"]].values.tolist()
    [[91.0, 0.07], [121.0, 0.06], [181.0, 0.05]]
    """
    rates, days = tariff.rates, [band.min_days for band in tariff.bands[1:]]
    before, after = [[float(rate) for rate in part] for part in (rates[:-1], rates[1:])]
    steps = [float(new - old) for old, new in pairwise(rates)]
    table = pd.DataFrame({"step_day": days, "rate_before": before, "rate": after, "step": steps})
    return table[table["step"] != 0].reset_index(drop=True).astype({"step_day": "int64"})


def fee_curve(policy: Policy, *, days: int = 270) -> pd.DataFrame:
    """Commission rate on every day past due, in every reading of the tariff.

    Parameters
    ----------
    policy : Policy
        The latest version for all agencies and a first placement is taken.
    days : int [days]
        Last day.

    Returns
    -------
    DataFrame
        One row per reading and day from 1: tariff, days_past_due [days], rate [fraction].

    Examples
    --------
    >>> from collectkit.policy import load_policy
    >>> fee_curve(load_policy(), days=91).query("days_past_due > 89").rate.tolist()
    [0.07, 0.14, 0.14, 0.14]
    """
    span = np.arange(1, days + 1)
    parts = [pd.DataFrame({"tariff": [], "days_past_due": [], "rate": []})]
    for name in policy.tariff_names:
        tariff = policy.find_tariff(name, agency="*", placement_no=1, placement_date=LAST_DAY)
        if tariff is None:  # some agency's alone
            continue
        rates = np.array([float(rate) for rate in tariff.rates])[tariff.codes(span) - 1]
        parts.append(pd.DataFrame({"tariff": name, "days_past_due": span, "rate": rates}))
    dtypes = {"tariff": "str", "days_past_due": "int64", "rate": "float64"}
    return pd.concat([part.astype(dtypes) for part in parts], ignore_index=True)


def waiting_cost(
    portfolio: Portfolio,
    policy: Policy,
    *,
    as_of: Date,
    within_days: int = 30,
    tariff: str | None = None,
) -> pd.DataFrame:
    """What is about to become dearer: loans still in-house that reach the next step of the tariff soon.

    Parameters
    ----------
    portfolio : Portfolio
    policy : Policy
    as_of : date
    within_days : int [days]
        Steps reached in this many days, if nothing is paid.
    tariff : str, optional
        Reading of the tariff; default: the first of the policy. Its latest version for all agencies and a first
        placement is taken.

    Returns
    -------
    DataFrame
        One row per step: step_day [days past due], rate_before, rate, step [fraction], loans [count], total_due
        [currency], waiting_cost [currency].

    Notes
    -----
    waiting_cost = total_due × step: how much more the commission would be if all of it were collected on or after the
    day of the step instead of before. That is a ceiling: what is never collected costs nothing. Days are counted on
    without pauses to come.

    References
    ----------
    Source manual 002 (催收流程规划), 二.(4)b: steps of 7, 6 and 5 points. Cost of waiting: house convention.

    Examples
    --------
    >>> import collectkit as ck
    >>> waiting_cost(ck.load_sample("demo"), ck.load_policy(), as_of="2025-06-30").step_day.tolist()
    [91, 121, 181]
    """
    contract = policy.tariff(reading_name(policy, tariff))
    steps = fee_steps(contract)
    loans = assess(portfolio, policy, as_of=as_of)
    loans = loans[(loans["channel"] == "in_house") & (loans["days_past_due"] > 0)]
    left = steps["step_day"].to_numpy()[:, None] - loans["days_past_due"].to_numpy()
    reaches = (left > 0) & (left <= within_days)
    due = reaches @ np.rint(loans["total_due"].to_numpy() * 100)
    return steps.assign(
        loans=reaches.sum(axis=1), total_due=due / 100, waiting_cost=(due * steps["step"]).round() / 100
    )
