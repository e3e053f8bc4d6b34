"""Liquidation: what came in of the amounts placed, by batch and months since the hand-over."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from collectkit._coded import Ints
from collectkit.agencies import _cash
from collectkit.agencies._cash import Placed, months
from collectkit.agencies._lines import lines
from collectkit.agencies.attribution import EARNS, REASONS, Reading, reading_name, reasons
from collectkit.days import Date, day_number, month_starts
from collectkit.development import developed
from collectkit.errors import unknown_name
from collectkit.policy import Policy
from collectkit.portfolio import Portfolio

_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_COLUMNS = [
    "agency", "batch", "months_since_placement", "placements", "amount_placed", "collected", "commission", "gross",
    "net_back", "is_estimate",
]  # fmt: skip


def liquidation(
    portfolio: Portfolio,
    policy: Policy,
    *,
    as_of: Date,
    known_on: Date | None = None,
    agency: str | None = None,
    tariff: str | None = None,
    batch: Literal["month", "quarter", "year"] = "month",
) -> pd.DataFrame:
    """Cash of each batch by months since it was placed, seen and estimated.

    Parameters
    ----------
    portfolio : Portfolio
    policy : Policy
    as_of : date
        The last calendar month that has ended by then is the last one seen.
    known_on : date, optional
        Only what was known on this day; default: everything known.
    agency : str, optional
        One agency; default: all, each with its own batches.
    tariff : str, optional
        Reading of the tariff; default: the first of the policy.
    batch : {"month", "quarter", "year"}
        Loans handed over in one calendar month, quarter or year are shown together.

    Returns
    -------
    DataFrame
        One row per agency, batch and month: agency, batch (its first day), months_since_placement [count] (0 is the
        calendar month of each loan's hand-over), placements [count], amount_placed, collected, commission
        [currency] (up to that month), gross, net_back [fraction of amount_placed], is_estimate. A month no batch was
        seen at is not there.

    Raises
    ------
    CallError
        There is no such tariff or kind of batch.

    Notes
    -----
    gross = cash that came while placed ÷ amount placed (total due at the hand-over); net_back = (cash less
    commission) ÷ amount placed. A loan that was taken back stays in its batch, with the cash up to then. VAT, minimum
    and cap are not in it: they belong to no batch. Months not yet seen are estimated by chain ladder over the monthly
    batches asked for, cash and commission each by its own factors; an estimate is no observation, and is marked.

    References
    ----------
    Mack (1993), ASTIN Bulletin 23(2): chain ladder. Net-back: house convention after the trade's net back per placed.

    Examples
    --------
    >>> import collectkit as ck
    >>> curves = liquidation(ck.load_sample("demo"), ck.load_policy(), as_of="2025-12-31")
    >>> bool((curves.net_back <= curves.gross).all())
    True
    """
    if batch not in _MONTHS:
        raise unknown_name("batch", batch, _MONTHS)
    name = reading_name(policy, tariff)
    placed, money = money_of_placements(portfolio, policy, name, as_of=as_of, known_on=known_on, agency=agency)
    last = int(months(np.array(day_number(as_of) + 1))) - 1
    begun = months(placed.begins)
    kept = (begun <= last) & ((placed.agency == agency) if agency is not None else True)
    groups = pd.DataFrame({"agency": placed.agency, "month": begun, "owed": placed.owed})[kept].groupby(
        ["agency", "month"]
    )
    row = np.full(len(begun), -1)
    row[kept] = groups.ngroup()
    given = groups["owed"].agg(placements="size", owed="sum").reset_index()
    seen = last - given["month"].to_numpy()
    ages = np.arange(seen.max(initial=-1) + 1)
    triangles = {column: _triangle(row, begun, seen, ages, *parts) for column, parts in money.items()}
    return _table(given.assign(month=given["month"] // _MONTHS[batch] * _MONTHS[batch]), ages, seen, triangles)


def money_of_placements(
    portfolio: Portfolio,
    policy: Policy,
    tariff: str,
    *,
    as_of: Date,
    known_on: Date | None = None,
    agency: str | None = None,
) -> tuple[Placed, dict[str, tuple[Ints, Ints, Ints]]]:
    """The placements, and placement, day and cents of what came in on them and of what that earned.

    Cash is all that came in while placed and is the agency's to claim, whatever the tariff pays for.
    """
    placed, made = lines(portfolio, policy, as_of=as_of, known_on=known_on, agency=agency)
    made = made[(made["tariff"] == tariff) & (made["placement"] >= 0)]
    cash = _cash.cash(placed, policy, portfolio.payments["payment_id"], as_of=as_of, known_on=known_on)
    reason = reasons(portfolio, Reading.of(policy, placed, tariff), cash)
    cash = cash.taking(np.isin(reason, [REASONS.index(name) for name in EARNS]))
    commission = (made["placement"].to_numpy(), made["day"].to_numpy(), made["commission"].to_numpy())
    return placed, {"collected": (cash.placement, cash.day, cash.cents), "commission": commission}


def _triangle(row: Ints, begun: Ints, seen: Ints, ages: Ints, placement: Ints, day: Ints, cents: Ints) -> pd.DataFrame:
    """Cumulative cents by batch and age; missing where not yet seen."""
    of, age = row[placement], months(day) - begun[placement]
    inside = (of >= 0) & (age < len(ages))
    table = np.zeros((len(seen), len(ages)), dtype=np.int64)
    np.add.at(table, (of[inside], age[inside]), cents[inside])
    grown = table.cumsum(axis=1).astype(np.float64)
    return pd.DataFrame(np.where(ages <= seen[:, None], grown, np.nan), columns=ages)


def _table(given: pd.DataFrame, ages: Ints, seen: Ints, triangles: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Triangles as one long table of batches, estimates marked."""
    row, age = np.repeat(np.arange(len(given)), len(ages)), np.tile(ages, len(given))
    cents = {name: developed(triangle).to_numpy().ravel() for name, triangle in triangles.items()}
    parts = given.iloc[row].assign(months_since_placement=age, is_estimate=age > seen[row], **cents)
    keys = ["agency", "month", "months_since_placement"]
    groups = parts.groupby(keys)
    table = groups[["placements", "owed"]].sum().assign(
        is_estimate=groups["is_estimate"].any(), **{name: groups[name].sum(min_count=1) for name in cents},
        is_whole=groups["collected"].count() == groups.size(),
    )  # fmt: skip
    table = table[table.pop("is_whole")].reset_index()
    owed = table["owed"].where(table["owed"] > 0)
    return table.assign(
        batch=month_starts(table["month"]),
        amount_placed=table["owed"] / 100, collected=table["collected"].round() / 100,
        commission=table["commission"].round() / 100, gross=table["collected"] / owed,
        net_back=(table["collected"] - table["commission"]) / owed,
    ).astype({"agency": "str"})[_COLUMNS]  # fmt: skip
