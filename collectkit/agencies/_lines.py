"""Everything a contract has come to up to a day, line by line: what each payment and each placement earned.

This is the only place where commission is computed; a statement is the difference of two such tables.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import ceil
from typing import Any

import numpy as np
import pandas as pd

from collectkit._coded import Ints
from collectkit.agencies import _cash
from collectkit.agencies._cash import Cash, Placed, months
from collectkit.agencies.attribution import EARNS, REASONS, Reading, reasons
from collectkit.commission import commission_cents
from collectkit.days import Date, day_number
from collectkit.money import times_rate, to_cents
from collectkit.policy import Policy
from collectkit.portfolio import Portfolio
from collectkit.tariffs import Tariff

#: A share of nothing is never reached.
_OUT_OF_REACH = 2**62
_EARNS = [REASONS.index(reason) for reason in EARNS]
_DTYPES = {
    "tariff": "str", "tariff_from": "datetime64[us]", "agency": "str", "kind": "str", "reason": "str",
    "payment": "int64", "placement": "int64", "day": "int64", "age": "int64", "placement_age": "int64", "band": "str",
    "recovery_from": "float64", "base": "int64", "rate": "float64", "commission": "int64", "vat": "int64",
    "vat_rate": "float64", "is_vat_included": "bool",
}  # fmt: skip
Part = dict[str, Any]


def lines(
    portfolio: Portfolio, policy: Policy, *, as_of: Date, known_on: Date | None = None, agency: str | None = None
) -> tuple[Placed, pd.DataFrame]:
    """The placements, and one row per line under every reading of the tariff.

    Returns
    -------
    DataFrame
        tariff, tariff_from, agency, kind (``earned``, ``placed``, ``flat_fee``, ``minimum``, ``cap``), reason, payment
        and placement (rows; -1 if none), day, age and placement_age [days], band, recovery_from [fraction] (where the
        recovery band begins), base [cents] (what the rate is applied to), rate [fraction], commission, vat [cents],
        vat_rate [fraction], is_vat_included.

    Notes
    -----
    Days past due and amounts at placement are as known on `known_on` too. Minimum and cap are for whole calendar
    months; the last one counts once it has ended.
    """
    placed, end = Placed.of(portfolio, agency).aged(policy, known_on), day_number(as_of, "as_of")
    cash = _cash.cash(placed, policy, portfolio.payments["payment_id"], as_of=as_of, known_on=known_on)
    is_asked = placed.begins <= end
    if agency is not None:
        is_asked &= placed.agency == agency
    parts = []
    for name in policy.tariff_names:
        reading = Reading.of(policy, placed, name)
        reason = reasons(portfolio, reading, cash)
        version = np.where(is_asked, reading.version, -1)
        of_cash = np.where(np.isin(reason, _EARNS), np.append(version, -1)[cash.placement], -1)
        for number, tariff in enumerate(reading.versions):
            given, rows = np.flatnonzero(version == number), np.flatnonzero(of_cash == number)
            if len(given):
                parts.append(_of_tariff(tariff, placed, given, cash.taking(rows), reason[rows], end))
    columns = {name: np.concatenate([np.empty(0, dtype), *(part[name] for part in parts)])
               for name, dtype in _DTYPES.items()}  # fmt: skip
    return placed, pd.DataFrame(columns).astype(_DTYPES)


def _of_tariff(tariff: Tariff, placed: Placed, given: Ints, paid: Cash, reason: Ints, end: int) -> Part:
    """Lines of one version of a tariff over the placements that have it."""
    found = [_on_placement(tariff, placed, given)]
    if tariff.basis == "collected":
        found = [_earned(tariff, placed, given, paid, reason)]
    if tariff.flat_fee_per_case:
        found.append(_flat_fees(tariff, placed, given))
    made = _joined(found)
    made |= {"agency": placed.agency[made["placement"]], "placement_age": placed.age[made["placement"]]}
    if tariff.minimum_fee or tariff.maximum_fee is not None:
        made = _joined([made, *_by_month(tariff, placed, given, made, end)])
    fee, vat = made.pop("fee"), Fraction(tariff.vat_rate)
    commission = times_rate(fee, 1 / (1 + vat)) if tariff.vat_included else fee
    return made | {
        "tariff": np.full(len(fee), tariff.name),
        "tariff_from": np.full(len(fee), tariff.effective_from, dtype="datetime64[us]"),
        "commission": commission,
        "vat": fee - commission if tariff.vat_included else times_rate(fee, vat),
        "vat_rate": np.full(len(fee), float(vat)),
        "is_vat_included": np.full(len(fee), tariff.vat_included),
    }


def _earned(tariff: Tariff, placed: Placed, given: Ints, paid: Cash, reason: Ints) -> Part:
    """Lines of money received: one for each payment, or for each recovery band a payment falls in."""
    row, level, cents = np.arange(len(paid.cents)), np.zeros(len(paid.cents), dtype=np.int64), paid.cents
    if tariff.recovery_bands:
        row, level, cents = _by_recovery(tariff, placed, given, paid)
    paid, reason = paid.taking(row), reason[row]
    code = tariff.codes(paid.age if tariff.age_at == "payment" else placed.age[paid.placement]).astype(np.int64)
    rates = [rate for _, of_level in tariff.levels for rate in of_level]
    rated = np.where((level < 0) | (code == 0), 0, level * len(tariff.bands) + code)
    shares = np.array([float(share) for share, _ in tariff.levels])
    return _part(
        len(row), kind="earned", reason=np.where(level < 0, "below_target", np.array(REASONS)[reason]),
        payment=paid.payment, placement=paid.placement, day=paid.day, age=paid.age, band=_spans(tariff)[code],
        recovery_from=shares[np.maximum(level, 0)], base=cents, rate=np.array([0.0, *map(float, rates)])[rated],
        fee=commission_cents(cents, rated, rates),
    )  # fmt: skip


def _by_recovery(tariff: Tariff, placed: Placed, given: Ints, paid: Cash) -> tuple[Ints, Ints, Ints]:
    """Rows of cash, the recovery band each falls in, and its cents, cut where a band begins.

    The band is -1 while a target is not reached.
    """
    batch = np.full(len(placed.agency), -1)
    _, agency = np.unique(placed.agency[given], return_inverse=True)
    _, batch[given] = np.unique(agency * 10**6 + months(placed.begins[given]), return_inverse=True)
    owed, total = np.zeros((2, batch.max() + 1), dtype=np.int64)
    np.add.at(owed, batch[given], placed.owed[given])
    of = batch[paid.placement]
    np.add.at(total, of, paid.cents)
    row = np.lexsort((paid.order, of))
    of, cents = of[row], paid.cents[row]
    ends = np.cumsum(cents)
    ends -= np.cumsum(total)[of] - total[of]  # count anew in each batch
    begins = ends - cents
    edges = np.array([[0, *_edges(tariff, int(amount)), 2**63 - 1] for amount in owed], dtype=np.int64)[of]
    levels = list(range(edges.shape[1] - 1))
    if tariff.tiering == "whole":
        return row, (total[of][:, None] >= edges[:, 1:-1]).sum(axis=1), cents
    cut = [np.minimum(ends, edges[:, n + 1]) - np.maximum(begins, edges[:, n]) for n in levels]
    if tariff.tiering == "target":
        is_reached = total[of] >= edges[:, 1]
        cut = [np.where(is_reached, part, 0) for part in cut] + [np.where(is_reached, 0, cents)]
        levels = [*levels, -1]
    level = np.repeat(levels, len(row))
    cents = np.concatenate(cut)
    at = np.flatnonzero(cents > 0)
    return np.tile(row, len(levels))[at], level[at], cents[at]


def _edges(tariff: Tariff, owed: int) -> list[int]:
    """First cent of a batch in each recovery band: the band holds once its whole share has been recovered."""
    return [ceil(share * owed) if owed else _OUT_OF_REACH for share, _ in tariff.levels[1:]]


def _on_placement(tariff: Tariff, placed: Placed, given: Ints) -> Part:
    """Lines of fees on the amount placed."""
    age, owed = placed.age[given], placed.owed[given]
    code = tariff.codes(age)
    return _part(
        len(given), kind="placed", reason="on_placement", payment=-1, placement=given, day=placed.begins[given],
        age=age, band=_spans(tariff)[code], recovery_from=0.0, base=owed,
        rate=np.array([0.0, *map(float, tariff.rates)])[code], fee=commission_cents(owed, code, tariff.rates),
    )  # fmt: skip


def _flat_fees(tariff: Tariff, placed: Placed, given: Ints) -> Part:
    """Lines of the flat fee for each case."""
    return _part(
        len(given), kind="flat_fee", reason="on_placement", payment=-1, placement=given, day=placed.begins[given],
        age=placed.age[given], band="", recovery_from=0.0, base=0, rate=0.0,
        fee=int(to_cents(float(tariff.flat_fee_per_case))),
    )  # fmt: skip


def _by_month(tariff: Tariff, placed: Placed, given: Ints, made: Part, end: int) -> Iterator[Part]:
    """Lines that lift a month to the minimum fee or cut it to the maximum, for ended months with a loan placed."""
    least, most = int(tariff.minimum_fee * 100), tariff.maximum_fee
    for agency in np.unique(placed.agency[given]):
        own = given[placed.agency[given] == agency]
        start, stop = int(months(placed.begins[own]).min()), int(months(np.array(end + 1)))
        month = np.arange(start, max(start, stop))
        first, last = _first_day(month), _first_day(month + 1) - 1
        until = placed.recalled[own] + tariff.tail_days
        is_open = ((placed.begins[own] <= last[:, None]) & (until >= first[:, None])).any(axis=1)
        place = months(made["day"]) - start
        counts = (made["agency"] == agency) & (place < len(month))
        fees = np.zeros(len(month), dtype=np.int64)
        np.add.at(fees, place[counts], made["fee"][counts])
        lift = np.where(is_open, np.maximum(least - fees, 0), 0)
        cut = np.zeros_like(fees) if most is None else np.minimum(int(most * 100) - fees, 0)
        for kind, fee in (("minimum", lift), ("cap", cut)):
            at = np.flatnonzero(fee)
            yield _part(
                len(at), kind=kind, reason=f"monthly_{kind}", payment=-1, placement=-1, day=last[at], age=0, band="",
                recovery_from=0.0, base=0, rate=0.0, fee=fee[at], agency=agency, placement_age=0,
            )  # fmt: skip


def _first_day(month: Ints) -> Ints:
    return month.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def _spans(tariff: Tariff) -> Any:
    """Days of the bands in words, by their codes."""
    return np.array(["0", *tariff.spans])


def _part(size: int, **columns: Any) -> Part:
    """Columns of one length; a lone value stands in every row."""
    return {name: np.broadcast_to(np.asarray(value), size) for name, value in columns.items()}


def _joined(parts: list[Part]) -> Part:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
