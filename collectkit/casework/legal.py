"""Legal: which cases could go to court, with the sums, and how long the claim may still wait."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from collectkit.casework._cases import FREE_REASONS
from collectkit.casework._words import LEGAL
from collectkit.court import Procedure, court_fee, limitation_date
from collectkit.days import NEVER, Date, dates_of, day_number, day_numbers
from collectkit.ids import positions
from collectkit.ledger import assess
from collectkit.money import Rate, exact_rate, from_cents, times_rate, to_cents
from collectkit.policy import Policy
from collectkit.portfolio import Portfolio
from collectkit.promises import promise_status
from collectkit.wording import checked_language
from collectkit.workdays import next_workday

_FIRST_DAY = 90  # where the cadence has no step of its own
_ARRIVES = ("sms", "im", "app_push", "letter")


def legal_candidates(
    portfolio: Portfolio,
    policy: Policy,
    *,
    as_of: Date,
    recovery_rate: Rate,
    lawyer_fee: float,
    procedure: Procedure = "simplified",
    language: str = "en",
) -> pd.DataFrame:
    """Loans late enough for court, each with its sums and whether it is worth it; a person decides.

    Parameters
    ----------
    portfolio : Portfolio
    policy : Policy
    as_of : date
        The end of this day is meant.
    recovery_rate : rate [fraction]
        Share of the claim you expect to recover. There is no default: no trustworthy figure is published.
    lawyer_fee : float [currency]
        Cost of a lawyer per case; the same holds.
    procedure : {"simplified", "ordinary", "payment_order"}
    language : {"en", "zh"}

    Returns
    -------
    DataFrame
        One row per overdue loan from the day of legal preparation on, best first: loan_id, days_past_due [days], claim,
        expected_recovery, court_fee, lawyer_fee, net_recovery [currency], is_candidate, may_be_filed (from the day
        after), reason (in words), limitation_date (last day), limitation_days [days left],
        interrupted_date (last day the clock began anew; missing if it never did).

    Raises
    ------
    CallError
        The rate is not a fraction, or the procedure is unknown.

    Notes
    -----
    claim = principal balance + overdue interest, fees and penalty. net_recovery = claim × recovery_rate − court_fee −
    lawyer_fee; a candidate has no live plan or open promise and net_recovery > 0. The fee comes back if the case is
    won; it counts as a cost here. The limitation clock runs three years from the last instalment's due date; a letter
    or message that was delivered, a payment or a promise begins it anew, if it has not run out.

    References
    ----------
    Source manuals 000, 1.5 and 001, 四.3; 诉讼费用交纳办法; 民法典 art. 188, 189, 195; 法释〔2020〕17号 art. 8.

    Examples
    --------
    >>> import collectkit as ck
    >>> cases = legal_candidates(ck.load_sample("demo"), ck.load_policy(), as_of="2025-06-30", recovery_rate="0.4",
    ...                          lawyer_fee=2000.0)
    >>> bool((cases.net_recovery > 0)[cases.is_candidate].all())
    True
    """
    checked_language(language)
    rate, day = exact_rate(recovery_rate), day_number(as_of, "as_of")
    loans = assess(portfolio, policy, as_of=as_of)
    loans = loans[loans["days_past_due"] >= _first_day(policy)].reset_index(drop=True)
    owed = ["principal_balance", "overdue_interest", "overdue_fee", "penalty"]
    claim = np.sum([to_cents(loans[name]) for name in owed], axis=0)
    expected, lawyer = times_rate(claim, rate), int(to_cents([lawyer_fee])[0])
    fee = to_cents(court_fee(pd.Series(from_cents(claim), loans.index), procedure=procedure))
    net = expected - fee - lawyer
    has_plan = _with_plan(portfolio, policy, as_of, loans["loan_id"])
    is_candidate = ~has_plan & (net > 0)
    why = np.select([has_plan, net <= 0], ["plan", "cost"], "worth")
    clock = _clock(portfolio, day, loans["loan_id"])
    found = loans[["loan_id", "days_past_due"]].assign(
        claim=from_cents(claim), expected_recovery=from_cents(expected), court_fee=from_cents(fee),
        lawyer_fee=lawyer / 100, net_recovery=from_cents(net), is_candidate=is_candidate,
        may_be_filed=is_candidate & (loans["days_past_due"] > _first_day(policy)).to_numpy(),
        reason=[LEGAL[word][language] for word in why],
    )  # fmt: skip
    return found.assign(**clock).sort_values(["is_candidate", "net_recovery", "loan_id"],
                                             ascending=[False, False, True], ignore_index=True)  # fmt: skip


def _first_day(policy: Policy) -> int:
    steps = [step for cadence in policy.cadence for step in cadence.steps if step.action == "legal_preparation"]
    return steps[0].from_days if steps else _FIRST_DAY


def _with_plan(portfolio: Portfolio, policy: Policy, as_of: Date, loan_id: pd.Series) -> Any:
    """True where a plan is live or a promise is open."""
    pauses, day = portfolio.pauses, pd.Timestamp(as_of)
    reason = pauses["reason"] if "reason" in pauses else pd.Series(FREE_REASONS[0], pauses.index)
    live = (pauses["start_date"] <= day) & (day < pauses["end_date"]) & reason.fillna("").isin((*FREE_REASONS, ""))
    promises = promise_status(portfolio, policy, as_of=as_of)
    is_open = promises["promise_status"] == "open"
    return loan_id.isin([*pauses.loc[live, "loan_id"], *promises.loc[is_open, "loan_id"]]).to_numpy()


def _clock(portfolio: Portfolio, day: int, loan_id: pd.Series) -> dict[str, Any]:
    """End of the limitation period of each loan, days left, and the last day it began anew."""
    coded = portfolio.coded
    of = positions(loan_id, coded.loan_id)
    last_due = np.maximum.reduceat(coded.due, coded.inst_start[:-1])[of].astype(np.int64)
    start = dict(zip(loan_id, last_due.tolist(), strict=True))
    began: dict[str, int] = {}
    events = _interruptions(portfolio, day)
    events = events[events["loan_id"].isin(loan_id)].sort_values("day")
    for loan, event in zip(events["loan_id"].tolist(), events["day"].tolist(), strict=True):
        if start[loan] <= event <= _runs_out(start[loan]):
            start[loan] = began[loan] = event
    ends = next_workday(limitation_date(pd.Series(dates_of([start[loan] for loan in loan_id]))))
    return {
        "limitation_date": ends.to_numpy(),
        "limitation_days": day_numbers(ends).astype(np.int64) - day,
        "interrupted_date": dates_of([began.get(loan, int(NEVER)) for loan in loan_id]),
    }


@cache
def _runs_out(day: int) -> int:
    """Day number on which a clock that began on a day runs out."""
    return day_number(limitation_date(pd.Timestamp(dates_of([day])[0])))


def _interruptions(portfolio: Portfolio, day: int) -> pd.DataFrame:
    """Days on which a demand arrived, or the debtor paid or promised to."""
    contacts, payments, promises = portfolio.contacts, portfolio.payments, portfolio.promises
    arrived = contacts["channel"].isin(_ARRIVES) & (contacts["result"] == "delivered")
    arrived &= contacts["party"].isin(["debtor", "guarantor"])
    stands = payments["reversal_date"].isna() if "reversal_date" in payments else pd.Series(True, payments.index)
    parts = [
        (contacts.loc[arrived, "loan_id"], contacts.loc[arrived, "contacted_at"].dt.normalize()),
        (payments.loc[stands, "loan_id"], payments.loc[stands, "value_date"]),
        (promises["loan_id"], promises["promised_date"]),
    ]
    found = pd.concat([pd.DataFrame({"loan_id": ids, "day": day_numbers(dates)}) for ids, dates in parts])
    return found[found["day"] <= day]
