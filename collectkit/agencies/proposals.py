"""Which loans to hand over and which to take back, each with its reason; a person decides."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from collectkit.days import Date, dates_of, day_number
from collectkit.handing_over import HandOver
from collectkit.ids import positions
from collectkit.ledger import assess
from collectkit.policy import Policy
from collectkit.portfolio import Portfolio

_TALKS = ("call", "visit", "im")
_LONG_AGO = -(10**6)
_COLUMNS = [
    "proposal", "loan_id", "product", "agency", "days_past_due", "total_due", "last_talk_date", "placement_date",
    "last_cash_date", "rule", "reason",
]  # fmt: skip


def hand_over_proposals(portfolio: Portfolio, policy: Policy, *, as_of: Date, language: str = "en") -> pd.DataFrame:
    """Loans to place with an agency and loans to recall from one.

    Parameters
    ----------
    portfolio : Portfolio
    policy : Policy
        Its active ``[[hand_over]]`` rules in force on `as_of`.
    as_of : date
    language : {"en", "zh"}
        Of the reason.

    Returns
    -------
    DataFrame
        One row per loan, to be placed first, the largest amount first: proposal (``place``, ``recall``), loan_id,
        product, agency (that has it; missing for ``place``), days_past_due [days], total_due [currency],
        last_talk_date (missing if never), placement_date, last_cash_date, rule (the first that holds), reason.

    Notes
    -----
    Loans that are closed, paused or with an agency are not placed. A talk is a call, visit or message with the debtor
    whose result the contact rules do not count as missed. This proposes: nothing is handed over by it.

    References
    ----------
    The source of each rule stands in the policy.

    Examples
    --------
    >>> import collectkit as ck
    >>> proposed = hand_over_proposals(ck.load_sample("demo"), ck.load_policy(), as_of="2025-12-31")
    >>> sorted(proposed.rule.unique())
    ['no_result', 'over_90_days', 'settled']
    """
    loans = _facts(portfolio, policy, as_of)
    is_open = (loans["status"] == "overdue") & ~loans["is_paused"]
    candidates = {"place": loans[is_open & (loans["agency"].isna())], "recall": loans[loans["agency"].notna()]}
    parts = []
    for action, rows in candidates.items():
        rule = pd.Series("", rows.index, dtype="str")
        reason = rule.copy()
        for one in policy.hand_over_rules(action, as_of):
            holds = _holds(one, rows)
            if holds.sum() >= (one.min_loans or 0):
                fresh = holds & (rule == "")
                rule[fresh], reason[fresh] = one.name, one.say_zh if language == "zh" else one.say
        parts.append(rows.assign(proposal=action, rule=rule, reason=reason)[rule != ""])
    found = pd.concat(parts).sort_values(["proposal", "total_due", "loan_id"], ascending=[True, False, True])
    return found.reset_index(drop=True)[_COLUMNS]


def _holds(rule: HandOver, loans: pd.DataFrame) -> pd.Series:
    """True where every condition of the rule holds."""
    at_least = {
        "days_past_due": rule.min_days, "total_due": None if rule.min_due is None else float(rule.min_due),
        "no_contact_days": rule.no_contact_days, "placed_days": rule.placed_days, "no_cash_days": rule.no_cash_days,
    }  # fmt: skip
    same = {"is_secured": rule.is_secured, "is_settled": rule.is_settled, "is_paused": rule.is_paused}
    holds = pd.Series(True, loans.index)
    for name, least in at_least.items():
        holds &= (loans[name] >= least) if least is not None else True
    for name, value in same.items():
        holds &= (loans[name] == value) if value is not None else True
    if rule.max_days is not None:
        holds &= loans["days_past_due"] <= rule.max_days
    return holds & loans["product"].isin(rule.products) if rule.products else holds


def _facts(portfolio: Portfolio, policy: Policy, as_of: Date) -> pd.DataFrame:
    """What the rules ask of each loan on a day."""
    day, coded = day_number(as_of, "as_of"), portfolio.coded
    seen = assess(portfolio, policy, as_of=as_of).set_index("loan_id", drop=False)
    own = portfolio.loans.set_index("loan_id").reindex(seen.index)
    loan = pd.Series(np.arange(coded.loans), coded.loan_id).reindex(seen.index).to_numpy()
    cash = np.full(coded.loans, _LONG_AGO)
    of_payment = np.repeat(np.arange(coded.loans), np.diff(coded.pay_start))
    counts = (coded.value_day <= day) & (coded.reversed > day)
    np.maximum.at(cash, of_payment[counts], coded.value_day[counts])
    placed = portfolio.placements[portfolio.placements["placement_date"] <= dates_of([day])[0]]
    begun = placed.groupby("loan_id")["placement_date"].max().reindex(seen.index)
    talk, last_cash = _last_talk(portfolio, policy, day)[loan], cash[loan]
    pauses = portfolio.pauses
    paused = pauses["loan_id"][(pauses["start_date"] <= dates_of([day])[0]) & (pauses["end_date"] > dates_of([day])[0])]
    return seen.assign(
        product=own["product"], is_secured=own["is_secured"].eq(True) if "is_secured" in own else False,
        agency=seen["channel"].astype("str").where(seen["channel"] != "in_house"),
        is_paused=seen["loan_id"].isin(paused), is_settled=seen["status"] != "overdue",
        no_contact_days=day - talk, no_cash_days=day - last_cash, placement_date=begun,
        placed_days=(pd.Timestamp(dates_of([day])[0]) - begun).dt.days.fillna(0),
        last_talk_date=_dates(talk), last_cash_date=_dates(last_cash),
    ).reset_index(drop=True)  # fmt: skip


def _last_talk(portfolio: Portfolio, policy: Policy, day: int) -> Any:
    """Day on which somebody last spoke with the debtor, by loan."""
    missed = {"delivered", *(result for rules in policy.contact_rules for result in rules.missed_results)}
    contacts = portfolio.contacts
    spoke = (
        contacts["channel"].isin(_TALKS) & (contacts["party"] == "debtor") & ~contacts["result"].isin(missed)
        & (contacts["contacted_at"] < pd.Timestamp(dates_of([day + 1])[0]))
    )  # fmt: skip
    talks = contacts[spoke]
    found = np.full(portfolio.coded.loans, _LONG_AGO)
    days = talks["contacted_at"].to_numpy(dtype="datetime64[D]").astype(np.int64)
    np.maximum.at(found, positions(talks["loan_id"], portfolio.coded.loan_id), days)
    return found


def _dates(days: Any) -> Any:
    return np.where(days == _LONG_AGO, np.datetime64("NaT", "us"), dates_of(np.maximum(days, -(10**5))))
