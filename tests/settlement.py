"""The second opinion on commission: every line of every contract, one at a time, in exact fractions.

Slow and plain on purpose, and it shares no code with the package. It stands on `walk` for where money went and how
late a loan was. Tables and the policy are those of `walk`; a tariff is the table of a policy file. Money comes back
as whole cents.
"""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from math import ceil
from typing import Any

from tests import walk
from tests.walk import Row, Tables, cents, half_up

NAMES = ("first", "second")


def lines(tables: Tables, policy: Row, as_of: date, known_on: date | None, agency: str) -> list[Row]:
    """Everything the contracts of an agency have come to by the end of a day, as known on a day."""
    placements = _placements(tables, policy, known_on)
    cash = _cash(tables, policy, as_of, known_on, placements)
    found = []
    for name in dict.fromkeys(tariff["name"] for tariff in policy.get("tariffs", [])):
        own = [p for p in placements if p["agency"] == agency and p["placement_date"] <= as_of]
        of_tariff: dict[int, list[Row]] = {}
        for placement in own:
            tariff = find(policy, name, placement)
            if tariff is not None:
                of_tariff.setdefault(policy["tariffs"].index(tariff), []).append(placement)
        for number, given in of_tariff.items():
            made = _lines_of(policy["tariffs"][number], given, cash)
            made += _months(policy["tariffs"][number], given, made, as_of)
            found += [_with_vat(policy["tariffs"][number], {**line, "tariff": name}) for line in made]
    return found


def find(policy: Row, name: str, placement: Row) -> Row | None:
    """The tariff of a placement: own agency before all, own number before any, latest version begun."""
    for agency in (placement["agency"], "*"):
        for number in (placement["no"], None):
            begun = [
                t
                for t in policy["tariffs"]
                if t["name"] == name
                and t.get("agency", "*") == agency
                and t.get("placement_no") == number
                and t["effective_from"] <= placement["placement_date"]
            ]
            if begun:
                return max(begun, key=lambda t: t["effective_from"])
    return None


def _placements(tables: Tables, policy: Row, known_on: date | None) -> list[Row]:
    """Placements in order, numbered within their loan, with days past due and amount owed at the hand-over."""
    open_loans = [{**loan, "closed_date": None, "close_code": None} for loan in tables["loans"]]
    as_if_open = {**tables, "loans": open_loans}
    found = []
    for loan in tables["loans"]:
        own = [p for p in tables["placements"] if p["loan_id"] == loan["loan_id"]]
        own.sort(key=lambda p: (p["placement_date"], p["recall_date"] or date.max))
        for number, placement in enumerate(own, start=1):
            only = {name: [r for r in rows if r["loan_id"] == loan["loan_id"]] for name, rows in as_if_open.items()}
            (state,) = walk.assess(only, policy, placement["placement_date"], known_on) or [None]
            age, owed = (state["days_past_due"], state["total_due"]) if state else (0, 0)
            found.append({**placement, "no": number, "age": age, "owed": owed})
    return found


def _cash(tables: Tables, policy: Row, as_of: date, known_on: date | None, placements: list[Row]) -> list[Row]:
    """Payments that paid what was overdue, with the part that did, the age and the placement they came under."""
    loans = {loan["loan_id"]: loan for loan in tables["loans"]}
    due = {(i["loan_id"], i["instalment_no"]): i["due_date"] for i in tables["instalments"]}
    payments = {p["payment_id"]: p for p in tables["payments"]}
    pieces: dict[str, list[Row]] = {}
    for piece in walk.allocate(tables, policy, as_of, known_on):
        pieces.setdefault(piece["payment_id"], []).append(piece)
    found = []
    for payment_id, own in pieces.items():
        payment = payments[payment_id]
        loan, day = loans[payment["loan_id"]], payment["value_date"]
        age = own[0]["days_past_due"]
        if loan.get("closed_date") is not None and loan["closed_date"] <= day:
            age = max(piece["days_late"] for piece in own)
        paid = 0
        for piece in own:
            if piece["component"] == "unapplied" or due[piece["loan_id"], piece["instalment_no"]] > day:
                continue
            if piece["days_late"] > 0 and age > 0:
                paid += piece["amount"]
        before = [p for p in placements if p["loan_id"] == loan["loan_id"] and p["placement_date"] < day]
        if paid and before:
            found.append({**payment, "paid": paid, "age": age, "placement": before[-1]})
    found.sort(key=lambda p: (p["value_date"], walk.posted(p), p["payment_id"]))
    return found


def earns(tariff: Row, payment: Row) -> bool:
    """True if an overdue payment came in time and not by a method that does not earn."""
    recall = payment["placement"]["recall_date"]
    if recall is not None and payment["value_date"] > recall + timedelta(tariff.get("tail_days", 0)):
        return False
    excluded = [*tariff.get("own_debit_methods", ["auto_debit"]), *tariff.get("set_off_methods", ["set_off"])]
    return payment.get("method") not in excluded


def _lines_of(tariff: Row, given: list[Row], cash: list[Row]) -> list[Row]:
    """Lines of payments and of placements, with the exact fee."""
    ids = [p["placement_id"] for p in given]
    paid = [p for p in cash if p["placement"]["placement_id"] in ids and earns(tariff, p)]
    found = []
    for placement in given:
        if cents(tariff.get("flat_fee_per_case", "0")):
            fee = Fraction(cents(tariff["flat_fee_per_case"]))
            found.append(_line("flat_fee", None, placement, placement["placement_date"], 0, fee))
        if tariff.get("basis") == "placed":
            rate = Fraction(_band(tariff, placement["age"])["rate"]) if placement["age"] else Fraction(0)
            fee = rate * placement["owed"]
            found.append(_line("placed", None, placement, placement["placement_date"], placement["owed"], fee))
    if tariff.get("basis") == "placed":
        return found
    batches: dict[date, list[Row]] = {}
    for payment in paid:
        batches.setdefault(payment["placement"]["placement_date"].replace(day=1), []).append(payment)
    for month, own in batches.items():
        owed = sum(p["owed"] for p in given if p["placement_date"].replace(day=1) == month)
        found += _batch(tariff, owed, own)
    return found


def _batch(tariff: Row, owed: int, own: list[Row]) -> list[Row]:
    """Lines of one batch: its payments in order, each cut where another recovery band begins."""
    tiering = tariff.get("tiering", "whole")
    recovered = sum(payment["paid"] for payment in own)
    reached = _level(tariff, recovered, owed)
    before, found = 0, []
    for payment in own:
        age = payment["age"] if tariff.get("age_at", "payment") == "payment" else payment["placement"]["age"]
        left = payment["paid"]
        while left:
            if tiering == "whole":
                level, size = reached, left
            elif tiering == "target" and reached == 0:
                level, size = None, left
            else:
                level = _level(tariff, before, owed)
                shares = [Fraction(b["from"]) for b in tariff["recovery_bands"]]
                size = left
                if owed and level < len(shares):
                    size = min(left, ceil(shares[level] * owed) - before)
            rate = Fraction(0) if level is None or age == 0 else _rate(tariff, age, level)
            found.append(_line("earned", payment, payment["placement"], payment["value_date"], size, size * rate))
            left -= size
            before += size
    return found


def _level(tariff: Row, recovered: int, owed: int) -> int:
    """How many recovery bands a recovered amount has reached."""
    if not owed:
        return 0
    return sum(Fraction(recovered, owed) >= Fraction(band["from"]) for band in tariff.get("recovery_bands", []))


def _band(tariff: Row, age: int) -> Row:
    (band,) = [b for b in tariff["bands"] if b["min_days"] <= age and age <= b.get("max_days", age)]
    return band


def _rate(tariff: Row, age: int, level: int) -> Fraction:
    band = _band(tariff, age)
    if level == 0:
        return Fraction(band["rate"])
    there = tariff["recovery_bands"][level - 1]
    return Fraction(there["rate"] if "rate" in there else there["rates"][tariff["bands"].index(band)])


def _line(kind: str, payment: Row | None, placement: Row, day: date, base: int, fee: Fraction) -> Row:
    return {
        "kind": kind,
        "payment_id": payment and payment["payment_id"],
        "placement_id": placement["placement_id"],
        "day": day,
        "base": base,
        "fee": half_up(fee),
    }


def _months(tariff: Row, given: list[Row], made: list[Row], as_of: date) -> list[Row]:
    """Lines that bring each ended month with a loan placed to the minimum or the maximum."""
    least, most = cents(tariff.get("minimum_fee", "0")), tariff.get("maximum_fee", "")
    found = []
    month = min(p["placement_date"] for p in given).replace(day=1)
    while (after := (month + timedelta(31)).replace(day=1)) <= as_of + timedelta(1):
        fee = sum(line["fee"] for line in made if month <= line["day"] < after)
        tail = timedelta(tariff.get("tail_days", 0))
        is_open = any(
            p["placement_date"] < after and (p["recall_date"] is None or p["recall_date"] + tail >= month)
            for p in given
        )
        line = {"payment_id": None, "placement_id": None, "day": after - timedelta(1), "base": 0}
        if is_open and fee < least:
            found.append({**line, "kind": "minimum", "fee": least - fee})
        if most != "" and fee > cents(most):
            found.append({**line, "kind": "cap", "fee": cents(most) - fee})
        month = after
    return found


def _with_vat(tariff: Row, line: Row) -> Row:
    vat, sign = Fraction(tariff.get("vat_rate", "0")), -1 if line["fee"] < 0 else 1
    size = abs(line["fee"])
    if tariff.get("vat_included", False):
        commission = half_up(size / (1 + vat))
        return {**line, "commission": sign * commission, "vat": sign * (size - commission)}
    return {**line, "commission": line["fee"], "vat": sign * half_up(size * vat)}


def statement(tables: Tables, policy: Row, agency: str, month: date) -> dict[str, dict[str, int]]:
    """Opening, commission, VAT and closing of a month, by reading."""
    end = (month + timedelta(31)).replace(day=1) - timedelta(1)
    before = month - timedelta(1)
    old = lines(tables, policy, before, before, agency)
    new = lines(tables, policy, end, end, agency)
    found: dict[str, dict[str, Any]] = {}
    for name in dict.fromkeys(tariff["name"] for tariff in policy["tariffs"]):
        (old_fee, old_vat), (new_fee, new_vat) = (
            [sum(line[key] for line in some if line["tariff"] == name) for key in ("commission", "vat")]
            for some in (old, new)
        )
        found[name] = {
            "opening": old_fee, "commission": new_fee - old_fee, "closing": new_fee, "vat": new_vat - old_vat,
        }  # fmt: skip
    return found
