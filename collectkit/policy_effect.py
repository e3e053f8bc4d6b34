"""What a policy would do: the same figures of a book under two policies, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from collectkit.agencies import commission_by_tariff
from collectkit.columns import COLUMNS
from collectkit.errors import PolicyError, PortfolioError
from collectkit.ledger import assess
from collectkit.overview import bucket_totals, overview

if TYPE_CHECKING:
    from collectkit.days import Date
    from collectkit.policy import Policy
    from collectkit.portfolio import Portfolio

_TOTALS = ("loans", "overdue_loans", "overdue_amount", "penalty", "par30")


def policy_effect(portfolio: Portfolio, policy: Policy, tried: Policy, *, as_of: Date) -> pd.DataFrame:
    """Figures of a day under the policy in use, under another one, and the difference.

    Parameters
    ----------
    portfolio : Portfolio
    policy : Policy
        The policy in use.
    tried : Policy
        The policy that is tried; see `changed_policy`.
    as_of : date
        The end of this day is meant.

    Returns
    -------
    DataFrame
        One row per figure: policy_figure (a column of the nomenclature), figure_of (the bucket or tariff, or empty),
        unit, in_use, tried, tried_difference (tried less in use). First the book as a whole, then loans and overdue
        amount by bucket of each policy's first scheme, then commission from the first of the month by tariff.

    Notes
    -----
    A bucket or tariff that only one of the two has is nought in the other. Money is rounded to the cent.

    Examples
    --------
    >>> import collectkit as ck
    >>> policy = ck.load_policy("plain")
    >>> effect = policy_effect(ck.load_sample("demo"), policy, policy.replacing(grace_days=5), as_of="2025-06-30")
    >>> effect["policy_figure"].iloc[:5].tolist()
    ['loans', 'overdue_loans', 'overdue_amount', 'penalty', 'par30']
    """
    return side_by_side(figures_under(portfolio, policy, as_of=as_of), figures_under(portfolio, tried, as_of=as_of))


def figures_under(portfolio: Portfolio, policy: Policy, *, as_of: Date) -> pd.Series:
    """Figures of a day under a policy, by name and by the bucket or tariff they are of; see `policy_effect`.

    What does not fit is said without ids of loans: these are totals, for readers who may see no more.
    """
    scheme = policy.bucket_schemes[0].name
    try:
        day = assess(portfolio, policy, as_of=as_of, scheme=scheme)
    except PortfolioError as error:
        first, count = error.problems.iloc[0], len(error.problems)
        raise PolicyError(
            f"{count:,} loan(s) do not fit policy {policy.name}: {first['problem']}. {first['what_to_do']}"
        ) from error
    totals, buckets = overview(day), bucket_totals(day)
    end = pd.Timestamp(as_of)
    found = {(name, ""): float(totals[name]) for name in _TOTALS}
    for name in ("loans", "overdue_amount"):
        found |= {(name, str(bucket)): float(value) for bucket, value in buckets[name].items()}
    if policy.tariffs:
        tariffs = commission_by_tariff(portfolio, policy, start=end.replace(day=1), end=end)
        found |= {("commission", str(tariff)): float(value) for tariff, value in tariffs.items()}
    return pd.Series(found, name="figures").rename_axis(["policy_figure", "figure_of"])


def side_by_side(in_use: pd.Series, tried: pd.Series) -> pd.DataFrame:
    """Two results of `figures_under`, and what they differ by."""
    both = in_use.index.append(tried.index.difference(in_use.index, sort=False))
    table = pd.DataFrame({"in_use": in_use.reindex(both), "tried": tried.reindex(both)}).reset_index()
    of_one = table["figure_of"] != ""
    for side in ("in_use", "tried"):
        table[side] = table[side].mask(of_one & table[side].isna(), 0.0)
    is_money = table["policy_figure"].map(lambda name: COLUMNS[name].kind == "money")
    difference = table["tried"] - table["in_use"]
    table["tried_difference"] = difference.mask(is_money, difference.round(2))
    table.insert(2, "unit", [COLUMNS[name].unit for name in table["policy_figure"]])
    return table
