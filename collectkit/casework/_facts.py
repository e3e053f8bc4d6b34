"""What documents say of a case: figures of the ledger on one day, formatted; gathered once for many letters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from collectkit._terms import rate_in_words, terms_rows
from collectkit.casework._forms import STATUSES, form, last_rows
from collectkit.casework.plans import Plan
from collectkit.contact_rules import DebtData
from collectkit.days import Date, day_number
from collectkit.errors import CallError
from collectkit.explain import explain
from collectkit.ledger import assess
from collectkit.policy import Policy
from collectkit.portfolio import Portfolio
from collectkit.sources import masked
from collectkit.unpaid import unpaid_instalments
from collectkit.wording import in_language, money
from collectkit.workdays import next_workday

_UNITS = {("CNY", "zh"): "元"}
_LETTER_DAYS = 15  # where the cadence has no deadline of its own
_NO_ITEMS = pd.DataFrame(columns=["instalment_no", "due_date", "amount"])
_RECORDS = ("visit_record", "handover_record", "closure_record", "evidence_list")
_AMOUNTS = {
    "principal": "overdue_principal", "interest": "overdue_interest", "fee": "overdue_fee", "penalty": "penalty",
    "total": "total_due", "paid": "paid_to_date",
}  # fmt: skip


@dataclass(frozen=True)
class Sender:
    """Who writes, how to pay, whom to call."""

    name: str
    phone: str
    how_to_pay: str
    address: str = ""


@dataclass(frozen=True)
class Facts:
    """A portfolio on one day as documents need it."""

    portfolio: Portfolio
    policy: Policy
    as_of: pd.Timestamp
    sender: Sender
    assessed: pd.DataFrame
    loans: pd.DataFrame
    items: dict[Any, pd.DataFrame]
    due_today: dict[Any, float]
    deadline: pd.Timestamp
    debt_words: tuple[str, ...]

    @classmethod
    def of(cls, portfolio: Portfolio, policy: Policy, as_of: Date, *, sender: Sender, is_personal: bool) -> Facts:
        """Gather what all documents of a day share."""
        day_number(as_of, "as_of")
        day = pd.Timestamp(as_of)
        items = unpaid_instalments(portfolio, policy, as_of=as_of)
        today = items[items["due_date"] == day].groupby("loan_id")["amount"].sum()
        overdue = items[items["due_date"] < day]
        limits = [rules.limit("debt_data") for rules in policy.contact_rules if rules.name == "cn"]
        words = [word for limit in limits if isinstance(limit, DebtData) for word in limit.words]
        return cls(
            portfolio=portfolio,
            policy=policy,
            as_of=day,
            sender=sender,
            assessed=assess(portfolio, policy, as_of=as_of).set_index("loan_id", drop=False),
            loans=(portfolio.loans if is_personal else masked(portfolio.loans)).set_index("loan_id", drop=False),
            items=dict(tuple(overdue.drop(columns="loan_id").groupby(overdue["loan_id"]))),
            due_today=today.to_dict(),
            deadline=next_workday(day + pd.Timedelta(days=_deadline_days(policy))),
            debt_words=tuple(dict.fromkeys(words)),
        )

    def values(self, loan_id: str, language: str, kind: str, plan: Plan | None) -> dict[str, Any]:
        """What the templates ask for."""
        if loan_id not in self.assessed.index:
            raise CallError(f"There is no loan {loan_id!r} disbursed by {self.as_of:%Y-%m-%d}. Check the id.")
        row: Any = self.assessed.loc[loan_id]
        loan: Any = self.loans.loc[loan_id]
        today = self.due_today.get(loan_id, 0.0)
        is_overdue = row["status"] == "overdue"
        fields = {name: money(row[column]) for name, column in _AMOUNTS.items()}
        fields |= {
            "loan": loan_id,
            "name": self._personal(loan, "customer_name", language),
            "address": self._personal(loan, "address", language),
            "as_of": f"{self.as_of:%Y-%m-%d}",
            "due_date": f"{row['oldest_due_date'] if is_overdue else self.as_of:%Y-%m-%d}",
            "days": str(row["days_past_due"]),
            "amount": money(today),
            "unit": _UNITS.get((self.policy.currency, language), self.policy.currency),
            "deadline": f"{self.deadline:%Y-%m-%d}",
            "status": STATUSES[row["status"]][language],
            "rule": self._rule(loan_id, language),
            "sender": self.sender.name,
            "sender_address": self.sender.address,
            "phone": self.sender.phone,
            "how_to_pay": self.sender.how_to_pay,
            "start_date": f"{plan.start_date:%Y-%m-%d}" if plan else "",
            "end_date": f"{plan.end_date:%Y-%m-%d}" if plan else "",
            "is_overdue": "yes" if is_overdue else "",
            "is_due_today": "yes" if today > 0 and row["status"] == "current" else "",
        }
        if plan:
            fields["total"] = money(plan.amount)
        tables: dict[str, Any] = {"items": self.items.get(loan_id, _NO_ITEMS)}
        if plan:
            tables["schedule"] = plan.schedule
        if kind in _RECORDS:
            tables |= self._record(loan_id, kind, language)
        return {"fields": fields, **tables}

    def _record(self, loan_id: str, kind: str, language: str) -> dict[str, Any]:
        """Tables of records that stay in the file."""
        book, day = self.portfolio, self.as_of
        tables: dict[str, Any] = {"form": form(book, loan_id, day, kind, language)}
        if kind == "handover_record":
            said = ["contacted_at", "channel", "party", "result"]
            tables["contacts"] = last_rows(book, "contacts", loan_id, day, said)
            tables["promises"] = last_rows(book, "promises", loan_id, day, ["promised_date", "due_date", "amount"])
        if kind == "evidence_list":
            steps = explain(book, self.policy, loan_id, as_of=day, language=language).shown()
            tables["steps"] = steps.iloc[:, [0, -1]]
        return tables

    def _personal(self, loan: pd.Series, column: str, language: str) -> str:
        """A name or address; without one the customer's number, or a blank."""
        if column in loan and pd.notna(loan[column]):
            return str(loan[column])
        if column == "customer_name":
            customer = loan.get("customer_id")
            return str(customer if pd.notna(customer) else loan["loan_id"])
        return "–"

    def _rule(self, loan_id: str, language: str) -> str:
        """Penalty rate in words, with its source."""
        coded = self.portfolio.coded_loan(loan_id)
        terms = self.policy.terms[terms_rows(coded, self.policy)[0]]
        own = coded.rates[coded.penalty_rate[0]] if coded.penalty_rate[0] >= 0 else None
        origin = rate_in_words(terms, coded.rates[coded.rate[0]], own)[1]
        origin = in_language(origin, language)
        return f"{origin}（{terms.source_zh or terms.source}）" if language == "zh" else f"{origin} ({terms.source})"


def _deadline_days(policy: Policy) -> int:
    """Days a demand letter gives, from the cadence."""
    steps = [step for cadence in policy.cadence for step in cadence.steps if step.action == "demand_letter"]
    return steps[0].deadline_days or _LETTER_DAYS if steps else _LETTER_DAYS
