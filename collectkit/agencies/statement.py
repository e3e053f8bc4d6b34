"""The statement of a month: what an agency earned, what is taken back, and how the balance moved."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from collectkit.agencies import _cash
from collectkit.agencies._cash import Placed
from collectkit.agencies._lines import lines
from collectkit.agencies.attribution import REASONS, Reading, reading_name, reasons
from collectkit.agencies.earned import COLUMNS, named
from collectkit.days import day_number
from collectkit.errors import CallError, unknown_name
from collectkit.policy import Policy
from collectkit.portfolio import Portfolio

#: Kinds of lines, in the order of a statement.
KINDS = ("earned", "placed", "flat_fee", "clawback", "minimum", "cap")
# what a line is made of: equal in all of these, it is the same line
_SAME = ["tariff", "tariff_from", "kind", "reason", "payment", "placement", "day", "band", "recovery_from", "base",
         "rate", "commission", "vat"]  # fmt: skip


@dataclass(frozen=True)
class Statement:
    """What an agency is owed for a month.

    Attributes
    ----------
    agency : str
    period : str
        The month, as 2025-06.
    tariff : str
        The reading of the tariff it is settled by.
    portfolio : Portfolio
    policy : Policy
    lines : DataFrame
        One row per line, see `commission_statement`.
    totals : DataFrame
        One row per reading of the tariff, the one settled by first.
    """

    agency: str
    period: str
    tariff: str
    portfolio: Portfolio
    policy: Policy
    lines: pd.DataFrame
    totals: pd.DataFrame

    @property
    def last_date(self) -> pd.Timestamp:
        """The day the month was closed: its last."""
        return _month(self.period)[1]


def commission_statement(
    portfolio: Portfolio, policy: Policy, agency: str, *, period: str, tariff: str | None = None
) -> Statement:
    """The statement of an agency for a month, as known at the end of that month.

    Parameters
    ----------
    portfolio : Portfolio
    policy : Policy
    agency : str
    period : str
        A calendar month, as ``2025-06``.
    tariff : str, optional
        Reading of the tariff to settle by; default: the first of the policy.

    Returns
    -------
    Statement
        ``lines``: the columns of `commission_earned` with period in front; kind is ``earned``, ``placed`` (fee on the
        amount placed), ``flat_fee``, ``clawback``, ``minimum`` or ``cap``.
        ``totals``: one row per reading: tariff, collected (cash that earned or was taken back) [currency], opening
        (commission of all statements before), each kind, commission (of this statement), closing, vat, payable
        (commission and vat of this statement) [currency].

    Raises
    ------
    CallError
        The agency or the tariff is unknown, or the period is not a month.

    Notes
    -----
    A statement holds what the contract had come to at the end of the month, as known that day, less what it had come
    to a month before, as known then. So a closed month gives the same statement again, however late it is asked for,
    and what became known since stands in the statement of the month it became known in: a payment posted late as
    earned (``posted_late``), one reversed as clawback with its reason, and a line whose rate or amount changed as a
    pair, the old line taken back and the new one earned (``restated``). Placements and pauses carry no day on which
    they became known: changed afterwards they restate closed months.

    opening + commission = closing, and all statements add up to the last closing.

    Examples
    --------
    >>> import collectkit as ck
    >>> june = commission_statement(ck.load_sample("demo"), ck.load_policy(), "Anxin", period="2025-06")
    >>> june.totals.tariff.tolist()
    ['elapsed_months', 'month_index']
    >>> bool(june.lines.commission.sum().round(2) == june.totals.commission[0])
    True
    """
    first, last = _month(period)
    if agency not in set(portfolio.placements["agency"]):
        raise unknown_name("agency", agency, set(portfolio.placements["agency"]))
    settled = reading_name(policy, tariff)
    before = first - pd.Timedelta(days=1)
    _, old = lines(portfolio, policy, as_of=before, known_on=before, agency=agency)
    placed, new = lines(portfolio, policy, as_of=last, known_on=last, agency=agency)
    changed = _changed(old, new, day_number(first))
    if (changed["reason"] == "").any():
        changed = _why_taken_back(portfolio, policy, placed, changed, settled, last)
    names = [settled, *(name for name in policy.tariff_names if name != settled)]
    label = first.strftime("%Y-%m")
    shown = named(portfolio, placed, changed[changed["tariff"] == settled])
    rank = {kind: number for number, kind in enumerate(KINDS)}
    shown = shown.sort_values("kind", key=lambda kind: kind.map(rank), kind="stable", ignore_index=True)
    shown["received"] *= np.where(shown["kind"] == "clawback", -1, 1)
    totals = pd.DataFrame([_totals(name, *(t[t["tariff"] == name] for t in (old, new, changed))) for name in names])
    return Statement(
        agency, label, settled, portfolio, policy, shown.assign(period=label)[["period", *COLUMNS]], totals
    )


def _month(period: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """First and last day of a calendar month."""
    if not isinstance(period, str) or re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", period) is None:
        raise CallError(f'`period` is {period!r}, which is not a month. Write it as "2025-06".')
    month = pd.Period(period, freq="M")
    return month.start_time, month.end_time.normalize()


def _changed(old: pd.DataFrame, new: pd.DataFrame, first: int) -> pd.DataFrame:
    """Lines that are new, and lines that no longer hold with the opposite sign."""
    both = pd.concat([old.assign(is_new=False), new.assign(is_new=True)], ignore_index=True)
    both = both[~both.duplicated(_SAME, keep=False)]
    is_new, is_fee = both["is_new"], both["payment"] < 0  # of a placement or a month: only figures behind it can change
    is_pair = both.groupby(["tariff", "payment", "placement", "day"])["is_new"].transform("nunique") == 2
    is_late = is_new & (both["day"] < first)
    reason = both["reason"].where(is_new, "").mask(is_late, "posted_late").mask(is_pair, "restated")
    kind = both["kind"].where(is_new | both["kind"].isin(["minimum", "cap"]), "clawback")
    sign = np.where(is_new, 1, -1)
    return both.assign(
        kind=kind, reason=reason.mask(is_fee & (is_late | ~is_new), "restated"),
        **{name: both[name] * sign for name in ("base", "commission", "vat")},
    )  # fmt: skip


def _why_taken_back(
    portfolio: Portfolio, policy: Policy, placed: Placed, changed: pd.DataFrame, tariff: str, last: pd.Timestamp
) -> pd.DataFrame:
    """Lines with the reason why a payment earns nothing any more."""
    cash = _cash.cash(placed, policy, portfolio.payments["payment_id"], as_of=last, known_on=last)
    reason = pd.Series(reasons(portfolio, Reading.of(policy, placed, tariff), cash), cash.payment)
    now = reason[~reason.index.duplicated()].reindex(changed["payment"], fill_value=REASONS.index("reversed"))
    return changed.assign(reason=changed["reason"].where(changed["reason"] != "", np.array(REASONS)[now]))


def _totals(name: str, old: pd.DataFrame, new: pd.DataFrame, changed: pd.DataFrame) -> dict[str, object]:
    """How the balance moved under one reading."""

    def money(cents: pd.Series) -> float:
        return int(cents.sum()) / 100

    is_cash = (changed["payment"] >= 0).to_numpy(dtype=bool)
    of_kind = {kind: money(changed.loc[changed["kind"] == kind, "commission"]) for kind in KINDS}
    commission, vat = changed["commission"].sum(), changed["vat"].sum()
    return {
        "tariff": name, "collected": money(changed.loc[is_cash, "base"]), "opening": money(old["commission"]),
        **of_kind, "commission": int(commission) / 100, "closing": money(new["commission"]), "vat": int(vat) / 100,
        "payable": int(commission + vat) / 100,
    }  # fmt: skip
