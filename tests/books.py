"""Random small books and policies for the property tests: awkward on purpose, valid always.

Everything is drawn from one `Dice`, so the same generator serves hypothesis (examples shrink) and plain seeds
(many loans fast). Tables are lists of dict rows as `walk` reads them; `frames` makes the pandas tables of a
portfolio.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd
from hypothesis import strategies as st

Row = dict[str, Any]
Tables = dict[str, list[Row]]

FIRST_DAY = date(2025, 1, 1)
LONG_AGO = date(2020, 1, 1)
PRODUCTS = ("car", "home", "cash")
PAYMENT_COUNTS = (0, 1, 2, 3, 4, 6, 10)
AMOUNT_KINDS = ("instalment", "part", "little", "instalment", "part", "little", "component", "everything")
CLOSE_CODES = ("paid_off", "written_off", "settled", "sold", "archived")
RATES: dict[str, tuple[Any, ...]] = {
    "float": (0.18, 0.0, 0.123456789, 0.2399999, 1 / 3, 0.36),
    "text": ("0.1799", "0.12", "0", "0.000001", "0.3650000001"),
    "decimal": (Decimal("0.18"), Decimal("0.15400"), Decimal("0.07")),
    "fraction": (Fraction(1, 7), Fraction(9, 50), Fraction(47, 360)),
}
COLUMNS = {
    "loans": "loan_id product disbursement_date principal annual_rate customer_id grace_days "
    "penalty_annual_rate closed_date close_code",
    "instalments": "loan_id instalment_no due_date principal interest fee",
    "payments": "payment_id loan_id value_date amount posting_date reversal_date",
    "pauses": "loan_id start_date end_date stops_days stops_penalty",
    "placements": "placement_id loan_id agency placement_date recall_date",
}
MAY_BE_ABSENT = (
    "customer_id",
    "closed_date",
    "close_code",
    "fee",
    "posting_date",
    "reversal_date",
    "recall_date",
)
MONEY = ("principal", "interest", "fee", "amount")
TEXT = ("loan_id", "customer_id", "payment_id", "placement_id", "product", "agency", "close_code")


@dataclass(frozen=True)
class Book:
    """Tables, the policy as its TOML file would be read, and the dates to ask for."""

    tables: Tables
    policy: Row
    dates: list[date]
    known_on: date | None

    def only(self, loan_ids: set[str]) -> Book:
        """The book of some of its loans."""
        kept = {name: [r for r in rows if r["loan_id"] in loan_ids] for name, rows in self.tables.items()}
        return replace(self, tables=kept)


class Dice:
    """Choices made of whole numbers; a low number is the plain choice, so examples shrink to plain ones."""

    def __init__(self, roll: Callable[[int, int], int]) -> None:
        self.between = roll

    def pick(self, choices: Sequence[Any]) -> Any:
        return choices[self.between(0, len(choices) - 1)]

    def chance(self, percent: int) -> bool:
        return self.between(0, 99) >= 100 - percent

    def order(self, items: Sequence[Any]) -> list[Any]:
        left = list(items)
        return [left.pop(self.between(0, len(left) - 1)) for _ in items]

    def some(self, items: Sequence[Any]) -> list[Any]:
        """At least one of the items, in any order."""
        return self.order(items)[: self.between(1, len(items))]

    def cents(self, low: int, high: int) -> Decimal:
        return Decimal(self.between(low, high)) / 100


@st.composite
def books(draw: Any, most_loans: int = 6) -> Book:
    """Strategy: books of one to `most_loans` loans."""
    dice = Dice(lambda low, high: draw(st.integers(low, high)))
    return _book(dice, dice.between(1, most_loans))


def seeded_book(seed: int, loans: int) -> Book:
    """One book of many loans under one policy, from a seed."""
    return _book(Dice(random.Random(seed).randint), loans)


def frames(tables: Tables) -> dict[str, pd.DataFrame | None]:
    """The pandas tables of a portfolio; tables that may be left out are None where they hold nothing."""
    return {
        name: _frame(rows, COLUMNS[name].split()) if rows or name in ("loans", "instalments", "payments") else None
        for name, rows in tables.items()
    }


def _frame(rows: list[Row], names: list[str]) -> pd.DataFrame:
    columns = {}
    for name in names:
        values = [row.get(name) for row in rows]
        if name in MAY_BE_ABSENT and not any(values):
            continue
        if name.endswith("_date"):
            columns[name] = pd.Series(pd.to_datetime(values), dtype="datetime64[ns]")
        elif name in MONEY:
            columns[name] = pd.Series([float(v) for v in values], dtype="float64")
        elif name in TEXT:
            columns[name] = pd.Series(values, dtype="str")
        elif name == "instalment_no":
            columns[name] = pd.Series(values, dtype="int64")
        elif name == "grace_days":
            columns[name] = pd.Series(values, dtype="Int64")
        elif name.startswith("stops_"):
            columns[name] = pd.Series(values, dtype="boolean")
        else:
            columns[name] = pd.Series(values, dtype=_rate_dtype(values))
    return pd.DataFrame(columns)


def _rate_dtype(values: list[Any]) -> str:
    given = {type(v) for v in values if v is not None}
    if given == {float}:
        return "float64"
    return "str" if given == {str} else "object"


# Policies ----------------------------------------


def _policy(dice: Dice) -> Row:
    terms = [_terms(dice, "*", LONG_AGO)]
    if dice.chance(30):
        terms.append(_terms(dice, "*", _day(15)))
    if dice.chance(40):
        terms.append(_terms(dice, "car", _day(10)))
        if dice.chance(50):
            terms.append(_terms(dice, "car", _day(25)))
    edges = [30, 60, 90, 120, 150, 180]
    schemes = [_scheme("months", LONG_AGO, edges), _scheme("stages", LONG_AGO, [3, 17, 30])]
    if dice.chance(20):
        schemes.append(_scheme("months", _day(60), [10, 20, 30, 40, 50, 60]))
    classes = _named_ranges(("special_mention", "substandard", "doubtful", "loss"), [30, 60, 90])
    classes_from = _day(dice.pick([-400, 50, 120]))
    return {
        "name": "random",
        "currency": "CNY",
        "terms": terms,
        "bucket_schemes": schemes,
        "asset_classes": [{"name": "five", "effective_from": classes_from, "classes": classes, "source": "test"}],
    }


def _terms(dice: Dice, product: str, effective_from: date) -> Row:
    kind = dice.pick(["daily_rate", "annual_rate", "multiple_of_contract"])
    rates = {
        "daily_rate": ["0.0005", "0", "0.000333333333", "0.001", "0.02"],
        "annual_rate": ["0.18", "0", "0.239999999", "0.3650000001"],
        "multiple_of_contract": ["1.5", "1", "1.25", "0.5"],
    }
    components = ["fee", "penalty", "interest", "principal"]
    terms = {
        "product": product,
        "effective_from": effective_from,
        "grace_days": dice.pick([0, 3, 1, 10]),
        "grace_mode": dice.pick(["threshold", "subtract"]),
        "day_count": dice.pick([360, 365]),
        "penalty": {kind: dice.pick(rates[kind])},
        "penalty_base": dice.some(["principal", "interest", "fee"]),
        "allocation_order": dice.order(components),
        "allocation_scope": dice.pick(["instalment", "component"]),
        "source": "test",
    }
    if dice.chance(30):
        terms["penalty_ceiling_annual"] = dice.pick(["0.24", "0.1", "0.154"])
    if dice.chance(30):
        terms["penalty_cap_ratio"] = dice.pick(["1", "0.01", "0.033333", "0.999999", "0"])
    if dice.chance(40):
        late = {"from_days": dice.pick([1, 8, 31]), "order": dice.order(components)}
        terms["late_allocation"] = {**late, "scope": dice.pick(["instalment", "component"])}
    return terms


def _scheme(name: str, effective_from: date, edges: list[int]) -> Row:
    buckets = _named_ranges([*(f"M{i + 1}" for i in range(len(edges))), f"M{len(edges)}+"], edges)
    return {"name": name, "effective_from": effective_from, "buckets": buckets, "source": "test"}


def _named_ranges(names: Sequence[str], edges: list[int]) -> list[Row]:
    starts = [1, *(edge + 1 for edge in edges)]
    ranges = [{"name": name, "min_days": start} for name, start in zip(names, starts, strict=True)]
    for one, edge in zip(ranges, edges, strict=False):
        one["max_days"] = edge
    return ranges


# Loans ----------------------------------------


def _book(dice: Dice, loans: int) -> Book:
    tables: Tables = {name: [] for name in COLUMNS}
    kinds = [dice.pick(list(RATES)), dice.pick(list(RATES))]
    for number in range(loans):
        _add_loan(dice, tables, f"L{number + 8}", customers=max(1, loans * 2 // 3), rate_kinds=kinds)
    dates = sorted({_day(dice.between(0, 200)) for _ in range(5)})
    known_on = _day(dice.between(0, 220)) if dice.chance(40) else None
    return Book(tables, _policy(dice), dates, known_on)


def _add_loan(dice: Dice, tables: Tables, loan_id: str, *, customers: int, rate_kinds: list[str]) -> None:
    disbursed = _day(dice.between(0, 40))
    loan: Row = {
        "loan_id": loan_id,
        "product": dice.pick(PRODUCTS),
        "disbursement_date": disbursed,
        "annual_rate": dice.pick(RATES[rate_kinds[0]]),
        "customer_id": f"C{dice.between(1, customers)}" if dice.chance(70) else None,
    }
    if dice.chance(20):
        loan["grace_days"] = dice.pick([0, 2, 7])
    if dice.chance(20):
        loan["penalty_annual_rate"] = dice.pick(RATES[rate_kinds[1]])
    if dice.chance(25):
        loan["closed_date"] = disbursed + timedelta(dice.between(0, 190))
        loan["close_code"] = dice.pick(CLOSE_CODES)
    schedule = _instalments(dice, loan)
    loan["principal"] = sum(row["principal"] for row in schedule)
    tables["loans"].append(loan)
    tables["instalments"] += dice.order(schedule) if dice.chance(20) else schedule
    for _ in range(dice.pick(PAYMENT_COUNTS)):
        tables["payments"].append(_payment(dice, loan, schedule, len(tables["payments"]) + 8))
    tables["pauses"] += [_pause(dice, loan) for _ in range(dice.pick([0, 0, 1, 2, 4]))]
    tables["placements"] += _placements(dice, loan, len(tables["placements"]))


def _instalments(dice: Dice, loan: Row) -> list[Row]:
    rows: list[Row] = []
    due = loan["disbursement_date"]
    huge = Decimal(10_000_000) if dice.chance(5) else Decimal("0.01")
    for number in range(1, dice.pick([1, 2, 4, 6, 5, 3]) + 1):
        due += timedelta(dice.pick([30, 0, 1, 7, 31]) if dice.chance(70) else dice.between(0, 45))
        principal = dice.pick([Decimal("100.00"), Decimal("10.00"), None, None, huge])
        row = {
            "loan_id": loan["loan_id"],
            "instalment_no": number,
            "due_date": due,
            "principal": dice.cents(1, 300_000) if principal is None else principal,
            "interest": dice.cents(1, 5_000) if dice.chance(70) else Decimal(0),
            "fee": dice.cents(1, 2_000) if dice.chance(40) else Decimal(0),
        }
        rows.append(row)
    if dice.chance(15):  # numbers need not follow the due dates
        for row, number in zip(rows, dice.order(range(1, len(rows) + 1)), strict=True):
            row["instalment_no"] = number
    return rows


def _payment(dice: Dice, loan: Row, schedule: list[Row], number: int) -> Row:
    target = dice.pick(schedule)
    whole = target["principal"] + target["interest"] + target["fee"]
    amount = whole
    kind = dice.pick(AMOUNT_KINDS)
    if kind == "part":
        amount = (whole * dice.between(1, 99) / 100).quantize(Decimal("0.01"))
    elif kind == "little":
        amount = dice.cents(1, 2_000)
    elif kind == "component":
        amount = target[dice.pick(["principal", "interest", "fee"])]
    elif kind == "everything":
        amount = sum((r["principal"] + r["interest"] + r["fee"] for r in schedule), Decimal(dice.pick([0, 0, 500])))
    shift = dice.pick([0, 1, 3, 4, 8, 11, -5]) if dice.chance(50) else dice.between(-30, 120)
    value = max(loan["disbursement_date"], target["due_date"] + timedelta(shift))
    posted = value + timedelta(dice.pick([1, 0, 5, 12, 30, -3])) if dice.chance(40) else None
    reversed_on = max(value, posted or value) + timedelta(dice.between(0, 60)) if dice.chance(20) else None
    return {
        "payment_id": f"{dice.pick('PQA')}{number}",
        "loan_id": loan["loan_id"],
        "value_date": value,
        "amount": max(Decimal("0.01"), amount),
        "posting_date": posted,
        "reversal_date": reversed_on,
    }


def _pause(dice: Dice, loan: Row) -> Row:
    start = loan["disbursement_date"] + timedelta(dice.between(-5, 160))
    return {
        "loan_id": loan["loan_id"],
        "start_date": start,
        "end_date": start + timedelta(dice.pick([10, 0, 1, 40, 25])),
        "stops_days": dice.pick([True, True, False, None]),
        "stops_penalty": dice.pick([True, True, False, None]),
    }


def _placements(dice: Dice, loan: Row, count: int) -> list[Row]:
    rows: list[Row] = []
    start = loan["disbursement_date"]
    for number in range(dice.pick([0, 0, 1, 2, 3])):
        start += timedelta(dice.between(0, 50))
        recall = start + timedelta(dice.between(1, 50)) if dice.chance(70) else None
        rows.append(
            {
                "placement_id": f"H{count + number}",
                "loan_id": loan["loan_id"],
                "agency": dice.pick(["North", "South", "East"]),
                "placement_date": start,
                "recall_date": recall,
            }
        )
        if recall is None:
            break
        start = recall
    return rows


def _day(offset: int) -> date:
    return FIRST_DAY + timedelta(offset)
