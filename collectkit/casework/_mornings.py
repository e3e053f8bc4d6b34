"""Mornings: which steps stood on the list of each day, before anything was done on it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from collectkit.casework._cases import NONE, midnight
from collectkit.casework._work import day_of
from collectkit.casework.worklist import steps_due
from collectkit.days import dates_of
from collectkit.policy import Policy
from collectkit.portfolio import Portfolio
from collectkit.unpaid import unpaid_cents

#: The day of a row, and the days that may come later than the row itself.
_LATER = {
    "payments": ("value_date", ["reversal_date"]), "contacts": ("contacted_at", []), "promises": ("promised_date", []),
    "pauses": ("start_date", []), "placements": ("placement_date", ["recall_date"]),
    "complaints": ("complaint_date", ["answered_date"]), "loans": ("disbursement_date", ["closed_date"]),
}  # fmt: skip


def mornings(
    portfolio: Portfolio, policy: Policy, first: int, last: int, scheme: str, rules: str
) -> tuple[pd.DataFrame, set[tuple[int, str]]]:
    """Due steps of each morning, contacts of the day not known yet; and the loans with unpaid dues on each day."""
    parts: list[pd.DataFrame] = []
    alive: set[tuple[int, str]] = set()
    for day in range(first, last + 1):
        date = dates_of([day])[0]
        limits = policy.contact_rules_for(rules, date)
        cases, steps, kinds = steps_due(portfolio, policy, limits, date, midnight(day), None, scheme)
        ids, step = cases.frame["loan_id"].astype(object).to_numpy(), steps["step"].to_numpy()
        alive.update((day, loan_id) for loan_id in _unpaid(portfolio, policy, day))
        ends = np.array([NONE if kind.to_days is None else kind.to_days for kind in kinds])[step]
        parts.append(pd.DataFrame({
            "day": day, "loan_id": ids[steps["case"]], "place": step, "bits": steps["bits"],
            "due_day": steps["due_day"], "is_over": (ends != NONE) & (cases.late[steps["case"]] >= ends),
            "action": np.array([kind.action for kind in kinds], dtype=object)[step],
            "channel": np.array([kind.channel for kind in kinds], dtype=object)[step],
        }))  # fmt: skip
    seen = pd.concat(parts, ignore_index=True)
    return seen[seen["action"] != "review"].reset_index(drop=True), alive


def contacted(portfolio: Portfolio) -> set[tuple[Any, ...]]:
    """Loan, channel and day of every contact or attempt with a debtor."""
    made = portfolio.contacts[portfolio.contacts["party"] == "debtor"]
    day = day_of(made["contacted_at"].dt.normalize())
    return set(zip(made["loan_id"], made["channel"].astype(object), day, strict=True))


def known(portfolio: Portfolio, after: int) -> Portfolio:
    """The portfolio without what is dated on a day or later."""
    date = dates_of([after])[0]
    tables = {}
    for name, (column, ends) in _LATER.items():
        frame = portfolio.table(name)
        rows = frame[(frame[column] < date).to_numpy()]
        tables[name] = rows.assign(**{end: rows[end].where(rows[end] < date) for end in ends if end in rows})
    loans = tables["loans"]
    if "close_code" in loans:
        tables["loans"] = loans.assign(close_code=loans["close_code"].where(loans["closed_date"].notna()))
    known = tables["loans"]["loan_id"]
    kept = {name: frame[frame["loan_id"].isin(known).to_numpy()] for name, frame in
            {"instalments": portfolio.instalments, **tables}.items()}  # fmt: skip
    return portfolio.replacing(**{name: frame.reset_index(drop=True) for name, frame in kept.items()})


def _unpaid(portfolio: Portfolio, policy: Policy, day: int) -> list[str]:
    """Open loans with something unpaid that was due before a day."""
    coded = portfolio.coded
    rows = np.flatnonzero((coded.due < day) & (unpaid_cents(portfolio, policy, day).sum(axis=1) > 0))
    loan = np.unique(np.searchsorted(coded.inst_start, rows, side="right") - 1)
    found: list[str] = coded.loan_id[loan[coded.closed[loan] > day]].tolist()
    return found
