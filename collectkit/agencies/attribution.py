"""Which money earns commission: every payment with the reason it does or does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from collectkit._coded import Ints
from collectkit.agencies import _cash
from collectkit.agencies._cash import Cash, Placed
from collectkit.days import NEVER, Date, checked_period, dates_of, day_number
from collectkit.errors import CallError, unknown_name
from collectkit.policy import Policy
from collectkit.portfolio import Portfolio
from collectkit.tariffs import Tariff

#: Why money earns nothing, the first that holds; then why it does.
REASONS = (
    "reversed", "in_house", "before_placement", "after_recall", "no_tariff", "own_debit", "set_off",
    "coming_instalment", "not_overdue", "beyond_debt", "in_tail", "while_placed",
)  # fmt: skip
EARNS = ("while_placed", "in_tail")
_COLUMNS = [
    "payment_id", "loan_id", "value_date", "method", "amount", "agency", "placement_id", "placement_date",
    "days_past_due", "is_commissionable", "reason",
]  # fmt: skip


def attribution(
    portfolio: Portfolio,
    policy: Policy,
    *,
    start: Date,
    end: Date,
    known_on: Date | None = None,
    tariff: str | None = None,
) -> pd.DataFrame:
    """Every payment with the reason it does or does not earn commission.

    Parameters
    ----------
    portfolio : Portfolio
    policy : Policy
    start, end : date
        First and last value date.
    known_on : date, optional
        Only what was known on this day; default: everything known.
    tariff : str, optional
        Reading of the tariff; default: the first of the policy. It gives the tail and the methods that do not earn.

    Returns
    -------
    DataFrame
        One row per payment and reason, in order of loan and payment: payment_id, loan_id, value_date, method (missing
        if not recorded), amount [currency] (the part of the payment), agency, placement_id, placement_date (of the
        last placement that began before; missing if none), days_past_due [days] (that picks the band of a payment; 0
        where it does not matter), is_commissionable, reason.

    Raises
    ------
    CallError
        `start` is after `end`, or there is no such tariff.

    Notes
    -----
    The amounts add up to all payments of these value dates, to the cent. The first reason that holds is given:
    ``reversed``; ``in_house`` (never placed); ``before_placement`` (up to the placement date, that day included);
    ``after_recall`` (after `recall_date` plus the tail); ``no_tariff``; ``own_debit`` and ``set_off`` (by `method`);
    ``coming_instalment`` (due after the payment); ``not_overdue`` (due that day, within grace, or all late days
    paused); ``beyond_debt``. What is left earns: ``while_placed``, from the day after `placement_date` to
    `recall_date`, both included, or ``in_tail``. A tail ends when the loan is placed again.

    References
    ----------
    Source manual 002 (催收流程规划), 二: the customer pays the lender, the agency earns on what came in. What earns
    is a house convention on that text.

    Examples
    --------
    >>> import collectkit as ck
    >>> portfolio, policy = ck.load_sample("demo"), ck.load_policy()
    >>> cash = attribution(portfolio, policy, start="2025-06-01", end="2025-06-30")
    >>> cash[cash.is_commissionable].reason.unique().tolist()
    ['while_placed']
    """
    checked_period(start, end)
    placed = Placed.of(portfolio)
    reading = Reading.of(policy, placed, reading_name(policy, tariff))
    cash = _cash.cash(placed, policy, portfolio.payments["payment_id"], as_of=end, known_on=known_on)
    at = np.flatnonzero(cash.day >= day_number(start))
    rows = cash.taking(at)._asdict() | {"reason": reasons(portfolio, reading, cash)[at]}
    found = pd.concat([pd.DataFrame(rows), _in_house(portfolio, placed, start, end, known_on)])
    return _named(portfolio, placed, found.sort_values(["payment", "reason"], kind="stable"))


@dataclass(frozen=True)
class Reading:
    """One reading of the tariff over the placements: its versions and which one each placement has."""

    name: str
    placed: Placed
    versions: tuple[Tariff, ...]
    version: Ints  # of each placement; -1 if it has none

    @classmethod
    def of(cls, policy: Policy, placed: Placed, name: str) -> Reading:
        """The version of a tariff for every placement."""
        keys = placed.table[["agency", "placement_no", "placement_date"]]
        code = keys.groupby(list(keys), sort=False).ngroup().to_numpy()
        found = [
            policy.find_tariff(name, agency=agency, placement_no=number, placement_date=date)
            for agency, number, date in keys.drop_duplicates().itertuples(index=False)
        ]
        versions = list(dict.fromkeys(tariff for tariff in found if tariff is not None))
        version = np.array([-1 if tariff is None else versions.index(tariff) for tariff in found], dtype=np.int64)
        return cls(name, placed, tuple(versions), version[code])

    def each(self, value: Any, none: int = 0) -> Ints:
        """A number of each placement's version, given by a function of the tariff; the last entry is for none."""
        of_version = np.array([*(value(tariff) for tariff in self.versions), none], dtype=np.int64)
        return np.append(of_version[self.version], none)


def reading_name(policy: Policy, tariff: str | None) -> str:
    """Name of a reading: the one asked for, or the first of the policy.

    Raises
    ------
    CallError
        The policy has no such tariff, or none at all.
    """
    if not policy.tariff_names:
        raise CallError(f"Policy {policy.name} has no tariff. Add [[tariffs]] to it.")
    if tariff is not None and tariff not in policy.tariff_names:
        raise unknown_name(f"tariff in policy {policy.name}", tariff, policy.tariff_names)
    return tariff or policy.tariff_names[0]


def reasons(portfolio: Portfolio, reading: Reading, cash: Cash) -> Ints:
    """Number of the reason of each row of cash under a reading."""
    placed, where = reading.placed, cash.placement
    recalled = np.append(placed.recalled, NEVER)[where]
    holds = {
        "reversed": cash.what == _cash.REVERSED,
        "before_placement": where < 0,
        "after_recall": cash.day > recalled + reading.each(lambda tariff: tariff.tail_days)[where],
        "no_tariff": np.append(reading.version, -1)[where] < 0,
        "own_debit": _by_method(portfolio, reading, cash, "own_debit_methods"),
        "set_off": _by_method(portfolio, reading, cash, "set_off_methods"),
        "coming_instalment": cash.what == _cash.COMING,
        "not_overdue": cash.what == _cash.NOT_OVERDUE,
        "beyond_debt": cash.what == _cash.BEYOND,
        "in_tail": cash.day > recalled,
    }
    codes = [REASONS.index(name) for name in holds]
    return np.select(list(holds.values()), codes, default=REASONS.index("while_placed"))


def _by_method(portfolio: Portfolio, reading: Reading, cash: Cash, of: str) -> Any:
    """True where a payment was made by one of the methods the tariff of its placement names."""
    if "method" not in portfolio.payments:
        return np.zeros(len(cash.payment), dtype=bool)
    code, names = pd.factorize(portfolio.payments["method"].array.take(cash.payment))
    named = [[name in getattr(tariff, of) for name in (*names, None)] for tariff in reading.versions]
    table = np.array([*named, [False] * (len(names) + 1)])
    return table[np.append(reading.version, -1)[cash.placement], code]


def _in_house(portfolio: Portfolio, placed: Placed, start: Date, end: Date, known_on: Date | None) -> pd.DataFrame:
    """Payments of loans that were never placed."""
    coded = portfolio.coded
    never = ~np.isin(coded.loan_row, placed.coded.loan_row)
    known = NEVER - 1 if known_on is None else day_number(known_on, "known_on")
    is_known = np.repeat(never, np.diff(coded.pay_start)) & (coded.posted <= known)
    at = np.flatnonzero(is_known & (coded.value_day >= day_number(start)) & (coded.value_day <= day_number(end)))
    reason = np.where(coded.reversed[at] <= known, REASONS.index("reversed"), REASONS.index("in_house"))
    return pd.DataFrame(
        {"payment": coded.pay_row[at], "placement": -1, "day": coded.value_day[at].astype(np.int64),
         "cents": coded.amount[at], "age": 0, "reason": reason}
    )  # fmt: skip


def _named(portfolio: Portfolio, placed: Placed, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of `reasoned` as the table of `attribution`."""
    payments = portfolio.payments.reindex(columns=["payment_id", "loan_id", "method"])
    codes: Any = rows["reason"].to_numpy()
    reason = pd.Categorical.from_codes(codes, dtype=pd.CategoricalDtype(list(REASONS)))
    found = payments.iloc[rows["payment"]].reset_index(drop=True).astype({"method": "str"})
    of = placed.at(rows["placement"])
    return found.assign(
        agency=of["agency"], placement_id=of["placement_id"], placement_date=of["placement_date"],
        value_date=dates_of(rows["day"]), amount=rows["cents"].to_numpy() / 100,
        days_past_due=rows["age"].to_numpy(dtype=np.int64), reason=reason, is_commissionable=np.isin(reason, EARNS),
    )[_COLUMNS]  # fmt: skip
