"""Who did what: contacts with their collector and team, and the overdue cash that came in."""

from __future__ import annotations

import numpy as np
import pandas as pd

from collectkit._terms import rules_of
from collectkit.casework._cases import midnight
from collectkit.casework._record import Record
from collectkit.days import dates_of, day_numbers
from collectkit.errors import unknown_name
from collectkit.ids import positions
from collectkit.ledger import allocate
from collectkit.money import to_cents
from collectkit.policy import Policy
from collectkit.portfolio import Portfolio

#: What names a row, by what is asked for.
KEYS = {"collector_id": ["agency", "team", "collector_id"], "team": ["agency", "team"]}
_SPEECH = ("call", "visit", "im")
_DEBTS = ("fee", "interest", "principal")


def checked_keys(by: str) -> list[str]:
    """Columns that name a row."""
    if by not in KEYS:
        raise unknown_name("group", by, KEYS)
    return KEYS[by]


def work_of(portfolio: Portfolio, policy: Policy, last: int, rules: str) -> pd.DataFrame:
    """Contacts up to the end of a day in the order of time, with agency, team and collector; none is an empty text.

    A talk is a call, visit or chat with an answer; is_reached one with the debtor or a guarantor.
    """
    version = policy.contact_rules_for(rules, dates_of([last])[0])
    record = Record.of(portfolio, midnight(last + 1), version.missed_results)
    talk = record.is_("channel", *_SPEECH) & ~record.is_missed & record.frame["result"].notna().to_numpy()
    talk &= ~record.is_("result", "delivered")
    made = record.frame[["loan_id", "channel", "agency", "collector_id"]].assign(
        day=record.day, is_talk=talk, is_reached=talk & record.is_("party", "debtor", "guarantor"),
        is_promise=record.is_("result", "promised"),
    )  # fmt: skip
    return with_team(portfolio, made)


def with_team(portfolio: Portfolio, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with agency, collector_id and team as texts, empty where there is none."""
    people = portfolio.collectors.reindex(columns=["collector_id", "team", "agency"]).astype("str")
    people = people.drop_duplicates("collector_id").set_index("collector_id")
    made = rows.reindex(columns=[*dict.fromkeys([*rows.columns, "agency", "collector_id"])])
    who = made["collector_id"].astype("str")
    agency = made["agency"].astype("str").fillna(who.map(people["agency"]))
    told = {"agency": agency, "team": who.map(people["team"]), "collector_id": who}
    return made.assign(**{name: value.astype("str").fillna("") for name, value in told.items()})


def overdue_cash(portfolio: Portfolio, policy: Policy, first: int, last: int) -> pd.DataFrame:
    """Cash of a period on overdue fee, interest and principal of open loans, per loan and day: loan_id, day, cents.

    The same money as the key figure of the period: what came after the grace of its instalment, until the loan was
    closed and on that day.
    """
    pieces = allocate(portfolio, policy, as_of=dates_of([last])[0])
    day = day_numbers(pieces["value_date"]).astype(np.int64)
    loan = positions(pieces["loan_id"], portfolio.coded.loan_id)
    grace = rules_of(portfolio.coded, policy).grace[loan]
    chosen = pieces["component"].isin(_DEBTS).to_numpy() & (day >= first) & (portfolio.coded.closed[loan] >= day)
    chosen &= (pieces["days_late"] > grace).fillna(False).to_numpy(dtype=bool)
    found = pd.DataFrame({"loan_id": pieces["loan_id"], "day": day, "cents": to_cents(pieces["amount"])})[chosen]
    return found.groupby(["loan_id", "day"])["cents"].sum().reset_index()


def day_of(dates: pd.Series) -> pd.Series:
    """Day numbers of dates, on their index."""
    return pd.Series(day_numbers(dates).astype(np.int64), dates.index)
