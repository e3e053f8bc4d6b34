"""Plans: what a debtor could pay and when, and what that does to days and penalty, as the ledger itself computes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from collectkit.cadence import PlanTerms
from collectkit.days import DATE_DTYPE, Date, day_number
from collectkit.errors import CallError, PolicyError, unknown_name
from collectkit.ledger import assess, track
from collectkit.money import exact_rate, from_cents, times_rate, to_cents
from collectkit.policy import Policy
from collectkit.portfolio import Portfolio
from collectkit.unpaid import unpaid_cents
from collectkit.workdays import next_workday

KINDS = ("deferral", "short", "instalments")
Kind = Literal["deferral", "short", "instalments"]


@dataclass(frozen=True)
class Plan:
    """A proposed plan; nothing is agreed until a person agrees it.

    Attributes
    ----------
    kind, loan_id, as_of
    amount : float [currency]
        What the plan covers: everything overdue with penalty; on the due day what is due.
    schedule : DataFrame
        due_date, amount [currency]; a date on a day off has moved to the next working day.
    start_date, end_date : Timestamp
        The pause that belongs to it: days and penalty stop from start_date to the day before end_date.
    effect : DataFrame
        One row per day of the plan and case: date, case, days_past_due [days], penalty, total_due [currency].
    """

    kind: str
    loan_id: str
    as_of: pd.Timestamp
    amount: float
    schedule: pd.DataFrame
    start_date: pd.Timestamp
    end_date: pd.Timestamp
    effect: pd.DataFrame


def propose_plan(
    portfolio: Portfolio,
    policy: Policy,
    loan_id: str,
    *,
    as_of: Date,
    kind: Kind = "instalments",
    months: int = 6,
    days: int | None = None,
    scheme: str = "fine",
) -> Plan:
    """A plan for the arrears of one loan, and its effect on days past due and penalty.

    Parameters
    ----------
    portfolio : Portfolio
    policy : Policy
    loan_id : str
    as_of : date
        The day of the talk.
    kind : {"instalments", "short", "deferral"}
        ``instalments``: equal monthly amounts. ``short``: a part by the end of this week, the rest by the end of the
        month. ``deferral``: everything a few days later.
    months : int [count]
        Number of instalments.
    days : int, optional [days]
        Days of the deferral; default: the policy's.
    scheme : str
        Bucket scheme of the cadence that holds the limits of plans.

    Returns
    -------
    Plan

    Raises
    ------
    CallError
        The loan is unknown or owes nothing, or the plan is longer than the policy allows.

    Notes
    -----
    The ledger itself assesses four cases on the days of the plan: ``unpaid`` (nothing is paid), ``paid_without_pause``
    (the same money, no pause), ``plan_kept`` (the money and the pause) and, for instalments, ``rescheduled`` (the
    arrears as new instalments with the penalty as a fee: days begin anew, so such a loan is flagged and watched). What
    really came in after `as_of` is left out. Coming instalments are paid on their due dates in all but the first case.
    Cents that do not divide go to the first date.

    References
    ----------
    Source manuals 001, 四.1 (this week, rest within the month) and 004, 二.(一) (3 days); at most 60 months:
    商业银行信用卡业务监督管理办法 art. 70.

    Examples
    --------
    >>> import collectkit as ck
    >>> portfolio, policy = ck.load_sample("demo"), ck.load_policy()
    >>> loan = ck.overdue_loans(ck.assess(portfolio, policy, as_of="2025-06-30"), portfolio.loans).loan_id[0]
    >>> plan = propose_plan(portfolio, policy, loan, as_of="2025-06-30", months=3)
    >>> round(float(plan.schedule.amount.sum()), 2) == plan.amount
    True
    """
    if kind not in KINDS:
        raise unknown_name("kind of plan", kind, KINDS)
    day = day_number(as_of, "as_of")
    one = _alone(portfolio, loan_id, pd.Timestamp(as_of))
    terms = _terms(policy, one, as_of, scheme)
    owed, coming = _owed(one, policy, day, as_of)
    today = pd.Timestamp(as_of)
    dates = _dates(kind, today, months, terms.deferral_days if days is None else days, terms)
    schedule = pd.DataFrame({"due_date": dates, "amount": from_cents(_shares(kind, owed, len(dates), terms))})
    end = schedule["due_date"].iloc[-1]
    effect = _effect(one, policy, kind, schedule, coming, today)
    return Plan(kind, loan_id, today, owed / 100, schedule, today, end, effect)


def _alone(portfolio: Portfolio, loan_id: str, today: pd.Timestamp) -> Portfolio:
    """The loan by itself, as it stands today: what came later is left out."""
    portfolio.coded_loan(loan_id)  # an unknown loan says so
    tables = {name: portfolio.table(name) for name in ("loans", "instalments", "payments", "pauses")}
    tables = {name: frame[frame["loan_id"] == loan_id] for name, frame in tables.items()}
    tables["payments"] = tables["payments"][tables["payments"]["value_date"] <= today]
    if "closed_date" in tables["loans"]:
        is_later = tables["loans"]["closed_date"] > today
        tables["loans"] = tables["loans"].assign(
            closed_date=tables["loans"]["closed_date"].mask(is_later),
            close_code=tables["loans"]["close_code"].mask(is_later),
        )
    return Portfolio(**tables)


def _terms(policy: Policy, one: Portfolio, as_of: Date, scheme: str) -> PlanTerms:
    cadence = policy.cadence_for(scheme, str(one.loans["product"].iloc[0]), as_of)
    if cadence is None:
        raise PolicyError(f"Policy {policy.name} has no cadence yet on {as_of}, so no limits of plans.")
    return cadence.plan


def _owed(one: Portfolio, policy: Policy, day: int, as_of: Date) -> tuple[int, pd.DataFrame]:
    """Cents the plan covers, and what is still to come."""
    loan = assess(one, policy, as_of=as_of)
    unpaid = unpaid_cents(one, policy, day)
    today = int(unpaid[one.coded.due == day].sum())
    owed = int(to_cents(loan["total_due"]).sum()) + (today if len(loan) else 0)
    if owed == 0:
        loan_id, date = one.coded.loan_id.iloc[0], pd.Timestamp(as_of).date()
        raise CallError(f"Loan {loan_id} owes nothing on {date}, so there is nothing to plan.")
    later = one.coded.due > day
    due = one.coded.due[later].astype("datetime64[D]").astype(DATE_DTYPE)
    coming = pd.DataFrame({"due_date": due, "amount": from_cents(unpaid[later].sum(axis=1))})
    return owed, coming[coming["amount"] > 0]


def _dates(kind: str, today: pd.Timestamp, months: int, days: int, terms: PlanTerms) -> pd.Series:
    """Days of the schedule, moved on from days off."""
    if kind == "instalments":
        if not 1 <= months <= terms.most_months:
            raise CallError(f"`months` is {months}. A plan has 1 to {terms.most_months} instalments.")
        dates = [today + pd.DateOffset(months=number + 1) for number in range(months)]
    elif kind == "deferral":
        if days < 1:
            raise CallError(f"`days` is {days}. A deferral has at least one day.")
        dates = [today + pd.Timedelta(days=days)]
    else:
        week = today + pd.Timedelta(days=6 - today.weekday() or 7)  # Sunday; a Sunday's plan has the next one
        month = today + pd.offsets.MonthEnd(0)
        dates = [week, month if month > week else week + pd.offsets.MonthEnd(0 if week.month == month.month else 1)]
        dates[1] = max(dates[1], week + pd.Timedelta(days=7))
    return next_workday(pd.Series(pd.DatetimeIndex(dates).as_unit("us")))


def _shares(kind: str, owed: int, number: int, terms: PlanTerms) -> Any:
    """Cents of each date."""
    if kind == "short":
        first = int(times_rate([owed], exact_rate(terms.first_share))[0])
        return [first, owed - first]
    return [owed // number + (owed % number if at == 0 else 0) for at in range(number)]


def _effect(
    one: Portfolio, policy: Policy, kind: str, schedule: pd.DataFrame, coming: pd.DataFrame, today: pd.Timestamp
) -> pd.DataFrame:
    """The four cases on the days of the plan."""
    end = schedule["due_date"].iloc[-1]
    money = pd.concat([schedule, coming[coming["due_date"] <= end]], ignore_index=True)
    paid = pd.concat([one.payments, _payments(one, money)], ignore_index=True)
    pause = pd.DataFrame({"loan_id": one.loans["loan_id"].to_numpy(), "start_date": today, "end_date": end})
    pause = pause.assign(reason="deferral" if kind == "deferral" else "hardship", stops_days=True, stops_penalty=True)
    pauses = pd.concat([one.pauses, pause], ignore_index=True) if len(one.pauses) else pause
    cases = {
        "unpaid": one,
        "paid_without_pause": one.replacing(payments=paid),
        "plan_kept": one.replacing(payments=paid, pauses=pauses),
    }
    if kind == "instalments":
        cases["rescheduled"] = _rescheduled(one, policy, schedule, coming, money, today)
    dates = [today, *schedule["due_date"].drop_duplicates()]
    found = []
    for name, book in cases.items():
        panel = track(book, policy, dates=dates)
        found.append(panel[["as_of", "days_past_due", "penalty", "total_due"]].assign(case=name))
    effect = pd.concat(found, ignore_index=True).rename(columns={"as_of": "date"})
    return effect[["date", "case", "days_past_due", "penalty", "total_due"]]


def _payments(one: Portfolio, money: pd.DataFrame) -> pd.DataFrame:
    """The money of a plan as payments."""
    return pd.DataFrame(
        {
            "payment_id": [f"plan-{number}" for number in range(len(money))],
            "loan_id": one.loans["loan_id"].iloc[0],
            "value_date": money["due_date"].to_numpy(),
            "amount": money["amount"].to_numpy(),
        }
    )


def _rescheduled(
    one: Portfolio,
    policy: Policy,
    schedule: pd.DataFrame,
    coming: pd.DataFrame,
    money: pd.DataFrame,
    today: pd.Timestamp,
) -> Portfolio:
    """The arrears as new instalments from now on: what was owed as principal stays principal, penalty becomes a fee."""
    loan = assess(one, policy, as_of=today).iloc[0]
    amounts = to_cents(schedule["amount"])
    principal = int(to_cents([loan["overdue_principal"]])[0]) or int(amounts.sum())
    parts = np.minimum(amounts, np.diff(np.minimum(np.append(0, amounts.cumsum()), principal)))
    new = pd.DataFrame({"due_date": schedule["due_date"], "principal": from_cents(parts), "interest": 0.0,
                        "fee": from_cents(amounts - parts)})  # fmt: skip
    later = pd.DataFrame({"due_date": coming["due_date"], "principal": coming["amount"], "interest": 0.0, "fee": 0.0})
    instalments = pd.concat([new, later], ignore_index=True)
    instalments = instalments.assign(loan_id=loan["loan_id"], instalment_no=np.arange(len(instalments)) + 1)
    return Portfolio(
        loans=one.loans.drop(columns="customer_id", errors="ignore"),
        instalments=instalments,
        payments=_payments(one, money),
    )
