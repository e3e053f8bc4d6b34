"""The second opinion on the ledger: every loan, every calendar day, exact fractions.

Slow and plain on purpose, and it shares no code with the package. Tables are lists of dict rows: dates are
`datetime.date`, money is Decimal, int or Fraction in currency units, missing is None or an absent key.
The policy is the dict that `tomllib` makes of a policy file. Money comes back as whole cents.

Notation of the comments: the night of day d runs from the end of d to the end of d + 1 and belongs to d.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from math import floor
from typing import Any

Row = dict[str, Any]
Tables = dict[str, list[Row]]

SCHEDULED = ("fee", "interest", "principal")
ONE_DAY = timedelta(days=1)


def assess(tables: Tables, policy: Row, as_of: date, known_on: date | None = None, scheme: str = "months") -> list[Row]:
    """One row per loan disbursed by `as_of`, by loan_id."""
    rows = _snapshots(tables, policy, [as_of], known_on, scheme)
    return [row for row in rows if row is not None]


def track(tables: Tables, policy: Row, dates: list[date], known_on: date | None = None) -> list[Row]:
    """One row per loan and date from disbursement on, by loan_id and date."""
    rows = []
    before: Row | None = None
    for position, row in enumerate(_snapshots(tables, policy, dates, known_on, "months")):
        first_date = position % len(dates) == 0
        if row is not None:
            had_row = not first_date and before is not None
            paid_before = before["paid_to_date"] if had_row else 0
            row["paid_in_period"] = None if first_date else row["paid_to_date"] - paid_before
            row["bucket_before"] = before["bucket"] if had_row else None
            rows.append(row)
        before = row
    return rows


def allocate(tables: Tables, policy: Row, as_of: date, known_on: date | None = None) -> list[Row]:
    """One row per piece of a payment: by loan_id, then as payments come, then as the pieces are applied."""
    pieces = []
    for walk in _walks(tables, policy, known_on):
        for _ in walk.days(as_of):
            pass
        for piece in walk.pieces:
            pieces.append({**piece, "bucket": bucket(piece["days_past_due"], policy, "months", as_of)})
    return pieces


# Rates, money and the rows of the policy ----------------------------------------


def cents(amount: Any) -> int:
    """Whole cents of an amount in currency units."""
    exact = Fraction(amount) * 100
    if exact.denominator != 1:
        raise ValueError(f"{amount!r} has parts of a cent")
    return int(exact)


def exact_rate(rate: Any) -> Fraction:
    """A rate as it is meant: floats hold nine decimals, everything else is exact."""
    if isinstance(rate, float):
        return Fraction(round(Fraction(rate) * 10**9), 10**9)
    return Fraction(rate)


def half_up(amount: Fraction) -> int:
    """Nearest whole cent, a half goes up."""
    return floor(amount + Fraction(1, 2))


def bucket(days: int, policy: Row, scheme: str, as_of: date) -> str:
    """Name of the bucket of a number of days past due."""
    versions = [s for s in policy["bucket_schemes"] if s["name"] == scheme]
    return "M0" if days == 0 else _range_name(days, _in_force(versions, as_of)["buckets"])


def asset_class(days: int, policy: Row, as_of: date) -> str | None:
    """Regulatory class of a number of days past due; none before the first version of the classes."""
    version = _in_force(policy.get("asset_classes", []), as_of)
    if version is None:
        return None
    return "normal" if days == 0 else _range_name(days, version["classes"])


def _range_name(days: int, ranges: list[Row]) -> str:
    for one in ranges:
        if one["min_days"] <= days and (one.get("max_days") is None or days <= one["max_days"]):
            return one["name"]
    raise ValueError(f"no range holds {days} days")


def _in_force(versions: list[Row], day: date) -> Row | None:
    begun = [v for v in versions if v["effective_from"] <= day]
    return max(begun, key=lambda v: v["effective_from"]) if begun else None


@dataclass
class Terms:
    """What the policy and the loan together say about one loan."""

    grace_days: int
    subtracts_grace: bool
    daily_rate: Fraction
    penalty_base: list[str]
    cap_ratio: Fraction | None
    order: list[str]
    scope: str
    late: Row | None


def terms_of(loan: Row, policy: Row) -> Terms:
    """Terms in force on the disbursement date; the exact product wins, then the loan's own values."""
    row = None
    for product in (loan["product"], "*"):
        if row is None:
            versions = [t for t in policy["terms"] if t["product"] == product]
            row = _in_force(versions, loan["disbursement_date"])
    if row is None:
        raise ValueError(f"no terms for {loan['loan_id']}")
    own_grace = loan.get("grace_days")
    return Terms(
        grace_days=row["grace_days"] if own_grace is None else own_grace,
        subtracts_grace=row["grace_mode"] == "subtract",
        daily_rate=_daily_rate(loan, row),
        penalty_base=row["penalty_base"],
        cap_ratio=None if row.get("penalty_cap_ratio") is None else exact_rate(row["penalty_cap_ratio"]),
        order=row["allocation_order"],
        scope=row["allocation_scope"],
        late=row.get("late_allocation"),
    )


def _daily_rate(loan: Row, row: Row) -> Fraction:
    day_count = row["day_count"]
    penalty = row["penalty"]
    if loan.get("penalty_annual_rate") is not None:
        daily = exact_rate(loan["penalty_annual_rate"]) / day_count
    elif penalty.get("daily_rate") is not None:
        daily = exact_rate(penalty["daily_rate"])
    elif penalty.get("annual_rate") is not None:
        daily = exact_rate(penalty["annual_rate"]) / day_count
    else:
        daily = exact_rate(penalty["multiple_of_contract"]) * exact_rate(loan["annual_rate"]) / day_count
    if row.get("penalty_ceiling_annual") is not None:
        daily = min(daily, exact_rate(row["penalty_ceiling_annual"]) / day_count)
    return daily


# One loan ----------------------------------------


@dataclass
class Instalment:
    """One instalment on its way through the days; amounts in cents."""

    number: int
    due: date
    scheduled: dict[str, int]
    terms: Terms
    unpaid: dict[str, int] = field(init=False)
    late_days: int = 0
    product: int = 0
    penalty_paid: int = 0

    def __post_init__(self) -> None:
        self.unpaid = dict(self.scheduled)

    @property
    def is_settled(self) -> bool:
        return sum(self.unpaid.values()) == 0

    @property
    def is_past_grace(self) -> bool:
        return self.late_days > self.terms.grace_days

    @property
    def penalty(self) -> int:
        """Penalty owed now."""
        if not self.is_settled and not self.is_past_grace:
            return 0
        accrued = half_up(self.product * self.terms.daily_rate)
        if self.terms.cap_ratio is not None:
            base = sum(self.scheduled[c] for c in self.terms.penalty_base)
            accrued = min(accrued, floor(self.terms.cap_ratio * base))
        return accrued - self.penalty_paid

    def pass_night(self, counts_days: bool, bears_penalty: bool) -> None:
        """One night of an instalment already due."""
        if counts_days:
            self.late_days += 1
        if bears_penalty and (self.is_past_grace or not self.terms.subtracts_grace):
            self.product += sum(self.unpaid[c] for c in self.terms.penalty_base)

    def pay(self, component: str, amount: int) -> None:
        """Take an amount on one component."""
        if component == "penalty":
            self.penalty_paid += amount
            return
        self.unpaid[component] -= amount
        if self.is_settled and not self.is_past_grace:
            self.product = 0  # settled within grace: it was never overdue


@dataclass
class LoanWalk:
    """One loan on its way through the days."""

    loan: Row
    terms: Terms
    instalments: list[Instalment]
    payments: list[Row]
    pauses: list[Row]
    placements: list[Row]
    pieces: list[Row] = field(default_factory=list)
    paid: int = 0
    unapplied: int = 0

    def days(self, last: date) -> Iterator[date]:
        """Every day from disbursement to `last`, handed out when it has ended."""
        day = self.loan["disbursement_date"]
        while day <= last:
            night = day - ONE_DAY
            counts_days = not self._is_paused(night, "stops_days")
            bears_penalty = not self._is_paused(night, "stops_penalty")
            for instalment in self.instalments:
                if instalment.due <= night:
                    instalment.pass_night(counts_days, bears_penalty)
            for payment in self.payments:
                if payment["value_date"] == day:
                    self._apply(payment)
            yield day
            day += ONE_DAY

    def _is_paused(self, day: date, flag: str) -> bool:
        # a pause that does not say what it stops, stops it
        return any(p["start_date"] <= day < p["end_date"] and p.get(flag) is not False for p in self.pauses)

    def _oldest_overdue(self, day: date) -> Instalment | None:
        """The instalment that carries the clock; none while it is inside its grace."""
        for instalment in self.instalments:
            if instalment.due < day and not instalment.is_settled:
                return instalment if instalment.is_past_grace else None
        return None

    def _days_past_due(self, day: date) -> int:
        oldest = self._oldest_overdue(day)
        if oldest is None or self._is_closed(day):
            return 0
        return oldest.late_days - (self.terms.grace_days if self.terms.subtracts_grace else 0)

    def _is_closed(self, day: date) -> bool:
        return self.loan.get("closed_date") is not None and self.loan["closed_date"] <= day

    def _apply(self, payment: Row) -> None:
        day = payment["value_date"]
        days_past_due = self._days_past_due(day)
        order, scope = self.terms.order, self.terms.scope
        if self.terms.late is not None and days_past_due >= self.terms.late["from_days"]:
            order, scope = self.terms.late["order"], self.terms.late["scope"]
        left = cents(payment["amount"])
        self.paid += left
        for instalment, component, owed in self._waterfall(day, order, scope):
            amount = min(left, owed)
            if amount > 0:
                instalment.pay(component, amount)
                self._note(payment, days_past_due, instalment, component, amount)
                left -= amount
        if left > 0:
            self.unapplied += left
            self._note(payment, days_past_due, None, "unapplied", left)

    def _waterfall(self, day: date, order: list[str], scope: str) -> list[tuple[Instalment, str, int]]:
        """What a payment of this day meets, in order, with what is owed before it."""
        due = [i for i in self.instalments if i.due <= day]
        coming = [i for i in self.instalments if i.due > day]
        if scope == "instalment":
            steps = [(i, c) for i in due for c in order]
        else:
            steps = [(i, c) for c in order for i in due]
        steps += [(i, c) for i in coming for c in order if c != "penalty"]
        return [(i, c, i.penalty if c == "penalty" else i.unpaid[c]) for i, c in steps]

    def _note(
        self, payment: Row, days_past_due: int, instalment: Instalment | None, component: str, amount: int
    ) -> None:
        piece = {"payment_id": payment["payment_id"], "loan_id": payment["loan_id"]}
        piece["value_date"] = payment["value_date"]
        piece["instalment_no"] = instalment.number if instalment else None
        piece["component"] = component
        piece["amount"] = amount
        piece["days_late"] = instalment.late_days if instalment else 0
        piece["days_past_due"] = days_past_due
        # the hand-over day's money is still our own, the recall day's is still the agency's: one day behind
        piece["channel"] = self._channel(payment["value_date"] - ONE_DAY)
        self.pieces.append(piece)

    def snapshot(self, day: date, policy: Row, scheme: str) -> Row:
        """The row of assess at the end of a day that has been walked."""
        oldest = self._oldest_overdue(day)
        due = [i for i in self.instalments if i.due < day]
        penalty = sum(i.penalty for i in due)
        row: Row = {"loan_id": self.loan["loan_id"], "as_of": day}
        if self._is_closed(day):
            row["status"], oldest, due, penalty, balance = self.loan["close_code"], None, [], 0, 0
        else:
            everything_paid = penalty == 0 and all(i.is_settled for i in self.instalments)
            row["status"] = "overdue" if oldest else "paid" if everything_paid else "current"
            balance = sum(i.unpaid["principal"] for i in self.instalments)
        overdue = due if oldest else []
        days = self._days_past_due(day)
        row["days_past_due"] = days
        row["bucket"] = bucket(days, policy, scheme, day)
        row["asset_class"] = asset_class(days, policy, day)
        row["overdue_instalments"] = sum(not i.is_settled for i in overdue)
        row["oldest_due_date"] = oldest.due if oldest else None
        for component in ("principal", "interest", "fee"):
            row[f"overdue_{component}"] = sum(i.unpaid[component] for i in overdue)
        row["penalty"] = penalty
        row["total_due"] = penalty + sum(sum(i.unpaid.values()) for i in overdue)
        row["principal_balance"] = balance
        row["unapplied"] = self.unapplied
        row["paid_to_date"] = self.paid
        row["channel"] = self._channel(day)
        return row

    def _channel(self, day: date) -> str:
        """Who holds the loan at the end of a day."""
        for p in self.placements:
            if p["placement_date"] <= day and (p.get("recall_date") is None or day < p["recall_date"]):
                return p["agency"]
        return "in_house"


# All loans ----------------------------------------


def posted(payment: Row) -> date:
    """The day a payment became known."""
    return payment.get("posting_date") or payment["value_date"]


def exists(payment: Row, known_on: date | None) -> bool:
    """Whether a payment was known, and not known to be reversed, on a day (None: today)."""
    reversed_on = payment.get("reversal_date")
    if known_on is None:
        return reversed_on is None
    return posted(payment) <= known_on and (reversed_on is None or reversed_on > known_on)


def _walks(tables: Tables, policy: Row, known_on: date | None) -> list[LoanWalk]:
    walks = []
    for loan in sorted(tables["loans"], key=lambda r: r["loan_id"]):
        own = {name: [r for r in rows if r["loan_id"] == loan["loan_id"]] for name, rows in tables.items()}
        terms = terms_of(loan, policy)
        instalments = [
            Instalment(r["instalment_no"], r["due_date"], {c: cents(r.get(c) or 0) for c in SCHEDULED}, terms)
            for r in own["instalments"]
        ]
        instalments.sort(key=lambda i: (i.due, i.number))
        payments = [p for p in own["payments"] if exists(p, known_on)]
        payments.sort(key=lambda p: (p["value_date"], posted(p), p["payment_id"]))
        walks.append(LoanWalk(loan, terms, instalments, payments, own.get("pauses", []), own.get("placements", [])))
    return walks


def _snapshots(tables: Tables, policy: Row, dates: list[date], known_on: date | None, scheme: str) -> list[Row | None]:
    """Row of every loan on every date, loan by loan; None before disbursement."""
    rows: list[Row | None] = []
    for walk in _walks(tables, policy, known_on):
        seen = {day: walk.snapshot(day, policy, scheme) for day in walk.days(max(dates)) if day in dates}
        rows += [seen.get(day) for day in dates]
    _add_customer_days(rows, {r["loan_id"]: r.get("customer_id") for r in tables["loans"]})
    return rows


def _add_customer_days(rows: list[Row | None], customer_of: dict[str, str | None]) -> None:
    for row in rows:
        if row is None:
            continue
        customer = customer_of[row["loan_id"]]
        same_day = [other for other in rows if other is not None and other["as_of"] == row["as_of"]]
        family = [o["days_past_due"] for o in same_day if customer_of[o["loan_id"]] == customer]
        row["customer_days_past_due"] = row["days_past_due"] if customer is None else max(family)
