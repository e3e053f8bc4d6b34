"""Who called whom, what was said and promised: the record of collecting around the late cycles of a book."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from collectkit.columns import CHANNELS, PARTIES
from collectkit.days import DATE_DTYPE, dates_of
from collectkit.simulation import calibration as c
from collectkit.simulation.lending import Array
from collectkit.simulation.repayment import NO_CASH, State
from collectkit.simulation.tables import ids, money, texts

RESULTS = (
    "no_answer",
    "busy",
    "message_left",
    "wrong_number",
    "promised",
    "refused",
    "considers",
    "paid",
    "disputes",
    "delivered",
    "failed",
    "not_home",
)
NOT_REACHED = {
    "call": (0, 1, 2, 3),
    "visit": (11, 11, 2, 11),
    "sms": (9, 9, 9, 10),
    "im": (9, 9, 9, 10),
    "letter": (9, 9, 9, 10),
}
NOT_REACHED_SHARE = (0.68, 0.83, 0.95, 1.0)  # cumulated
REACHED_SHARE = ((5, 0.30), (6, 0.85), (7, 0.93), (8, 1.0))  # what else is said than a promise, cumulated
REASONS = ("forgot", "short_of_cash", "lost_job", "illness", "business", "dispute")
REASON_SHARE = (
    (0.40, 0.80, 0.86, 0.90, 0.98, 1.0),
    (0.0, 0.47, 0.68, 0.78, 0.97, 1.0),
)  # cumulated: M1, later
NOTES = ("told a family member the amount owed", "asked a relative to call back")
CALL, SMS = CHANNELS.index("call"), CHANNELS.index("sms")
DEBTOR, GUARANTOR, CONTACT_PERSON = (PARTIES.index(p) for p in ("debtor", "guarantor", "contact_person"))
PROMISED = RESULTS.index("promised")
LARGE = 2


@dataclass
class Contacts:
    """Contacts as arrays; `cycle` points into the late cycles, `minute` is of the day."""

    cycle: Array
    day: Array
    minute: Array
    channel: Array
    party: Array
    result: Array
    note: Array

    def rows(self, at: Array) -> Contacts:
        """The contacts at the positions `at`."""
        return Contacts(*(values[at] for values in vars(self).values()))


def contacts_of(state: State, rng: np.random.Generator) -> tuple[Contacts, dict[str, Array]]:
    """All contacts in the order of time, and the late cycles they belong to."""
    cycles = state.cycles.arrays()
    planned = _planned(state, cycles, rng)
    _answer(planned, cycles, rng)
    _other_parties(planned, cycles, np.array(c.IS_SECURED)[state.book.product], rng)
    at = np.flatnonzero(
        (planned.channel == CALL) & (planned.result <= 1) & (rng.random(len(planned.day)) < c.TRIED_AGAIN)
    )
    again = planned.rows(at)
    again.minute = again.minute + 45 + (rng.random(len(at)) * 60).astype(np.int64)
    again.party[:] = DEBTOR
    _answer(again, cycles, rng)
    contacts = _joined(planned, again, *_breaches(planned, rng))
    order = np.lexsort((contacts.cycle, contacts.minute, contacts.day))
    return contacts.rows(order), cycles


def _joined(*blocks: Contacts) -> Contacts:
    return Contacts(*(np.concatenate(values) for values in zip(*(vars(b).values() for b in blocks), strict=True)))


def _planned(state: State, cycles: dict[str, Array], rng: np.random.Generator) -> Contacts:
    """The contacts of the plan that were made: before the money came and before the last day."""
    book = state.book
    visited = np.array(c.IS_SECURED)[book.product] | (book.size == LARGE)
    band = np.searchsorted(list(c.CADENCE), cycles["behind"], side="right") - 1
    blocks = []
    for number, plan in enumerate(c.CADENCE.values()):
        rows = np.flatnonzero(band == number)
        for offset, name in plan:
            u = rng.random((2, len(rows)))
            after = offset + (u[1] < 0.3)
            day = cycles["start"][rows] + after
            keep = (u[0] < c.CONTACTED) & (after < cycles["cash"][rows]) & (day <= book.calendar.end)
            if name == "visit":
                keep &= visited[cycles["loan"][rows]]
            at = rows[keep]
            blocks.append((at, day[keep], np.full(len(at), CHANNELS.index(name), np.int8)))
    cycle, day, channel = (np.concatenate(values) for values in zip(*blocks, strict=True))
    minute = np.where(channel == SMS, 545, 540 + rng.random(len(day)) * 630).astype(np.int64)
    zero = np.zeros(len(day), np.int8)
    return Contacts(cycle, day, minute, channel, zero, zero.copy(), zero - 1)


def _answer(contacts: Contacts, cycles: dict[str, Array], rng: np.random.Generator) -> None:
    """Draw the result of every contact; people who are about to pay promise more often."""
    u = rng.random((3, len(contacts.day)))
    is_reached = u[0] < np.array([c.REACHED.get(name, 0.0) for name in CHANNELS])[contacts.channel]
    other = np.array([NOT_REACHED.get(name, (9,) * 4) for name in CHANNELS], np.int8)
    missed = other[contacts.channel, np.searchsorted(NOT_REACHED_SHARE, u[1], side="right").clip(max=3)]
    codes, edges = zip(*REACHED_SHARE, strict=True)
    said = np.array(codes, np.int8)[np.searchsorted(edges, u[1], side="right").clip(max=3)]
    left = _days_to_cash(contacts, cycles)
    promise = np.where(left <= 7, c.PROMISES_BEFORE_CASH, c.PROMISES_OTHERWISE)
    contacts.result[:] = np.where(is_reached, np.where(u[2] < promise, PROMISED, said), missed)


def _days_to_cash(contacts: Contacts, cycles: dict[str, Array]) -> Array:
    """Days from the contact to the money of its cycle; `NO_CASH` if none comes."""
    cash, start = cycles["cash"][contacts.cycle], cycles["start"][contacts.cycle]
    return np.where(cash == NO_CASH, NO_CASH, start + cash - contacts.day)


def _other_parties(contacts: Contacts, cycles: dict[str, Array], secured: Array, rng: np.random.Generator) -> None:
    """Guarantors of secured loans, and a relative asked to call back when nobody answered."""
    u = rng.random(len(contacts.day))
    late = cycles["behind"][contacts.cycle] >= 2
    guarantor = late & (u < 0.08) & secured[cycles["loan"][contacts.cycle]] & (contacts.channel != SMS)
    contacts.party[guarantor] = GUARANTOR
    relative = late & (u > 0.97) & (contacts.channel == CALL) & (contacts.result <= 1)
    contacts.party[relative], contacts.result[relative], contacts.note[relative] = CONTACT_PERSON, 2, 1


def _breaches(contacts: Contacts, rng: np.random.Generator) -> list[Contacts]:
    """Break the contact rules in a few calls; returns the further calls this makes."""
    calls = np.flatnonzero((contacts.channel == CALL) & (contacts.party == DEBTOR))
    at = calls[rng.random(len(calls)) < c.BREACH]
    kind = (rng.random(len(at)) * 3).astype(np.int64)
    night = at[kind == 0]
    contacts.minute[night] = np.where(rng.random(len(night)) < 0.7, 1325, 425) + (rng.random(len(night)) * 50).astype(
        int
    )
    told = at[kind == 1]
    contacts.party[told], contacts.result[told], contacts.note[told] = (
        CONTACT_PERSON,
        RESULTS.index("considers"),
        0,
    )
    burst = contacts.rows(at[kind == 2])
    burst.result[:] = RESULTS.index("considers")  # spoken to each time: the fourth of the day breaks the rule
    first = 540 + (burst.minute - 540) // 3
    more = []
    for number in range(1, 6):
        block = burst.rows(np.arange(len(burst.day)))
        block.minute = first + 47 * number
        more.append(block)
    return more


def collectors_table(loans: int, start: int, rng: np.random.Generator) -> pd.DataFrame:
    """The table `collectors`: in-house teams, then the agencies'; about twenty for 3 000 loans."""
    scale = max(1, round(loans / 3000))
    teams = [(team, "", size * scale) for team, size in c.TEAMS]
    teams += [("agency", agency, c.AGENCY_TEAM * scale) for agency in c.AGENCIES]
    team = [team for team, _, size in teams for _ in range(size)]
    agency = [agency or None for _, agency, size in teams for _ in range(size)]
    is_first = [number == 0 for _, _, size in teams for number in range(size)]
    joined = start - 400 + (rng.random(len(team)) * 800).astype(np.int64)
    joined = np.where(is_first, np.minimum(joined, start - 30), joined)
    return pd.DataFrame(
        {
            "collector_id": ids("K", len(team)),
            "team": pd.Series(team, dtype="str"),
            "agency": pd.Series(agency, dtype="str"),
            "start_date": dates_of(joined),
        }
    )


def _collector(contacts: Contacts, cycles: dict[str, Array], agency: Array, collectors: pd.DataFrame) -> Array:
    """Row of the collector of each contact; messages sent by the system have none.

    A loan keeps its collector within a team; before that one has joined, the first of the team does the work.
    """
    behind = cycles["behind"][contacts.cycle]
    names = [team for team, _ in c.TEAMS]
    in_house = np.select([contacts.channel == CHANNELS.index("visit"), behind == 1, behind <= 3], [3, 0, 1], 2)
    desk = np.where(agency >= 0, len(names) + agency, in_house)
    key = collectors["team"].where(collectors["agency"].isna(), collectors["agency"]).to_numpy()
    sizes = np.array([(key == name).sum() for name in (*names, *c.AGENCIES)])
    first = np.cumsum(sizes) - sizes
    row = first[desk] + cycles["loan"][contacts.cycle] * 7919 % sizes[desk]
    joined = collectors["start_date"].to_numpy().astype("datetime64[D]").astype(np.int64)
    row = np.where(joined[row] > contacts.day, first[desk], row)
    return np.where((contacts.channel == SMS) | (contacts.channel == CHANNELS.index("letter")), -1, row)


def _reason(contacts: Contacts, cycles: dict[str, Array], rng: np.random.Generator) -> Array:
    """Why the loan is behind, where somebody said so: from the second month on always the same of a loan."""
    loan, is_later = cycles["loan"][contacts.cycle], cycles["behind"][contacts.cycle] > 1
    u = np.where(is_later, loan * 2_654_435_761 % 2**32 / 2**32, rng.random(len(loan)))
    reason = np.zeros(len(loan), np.int8)
    for first, later in zip(*REASON_SHARE, strict=True):
        reason += u >= np.where(is_later, later, first)
    tells = np.isin(contacts.result, [RESULTS.index(said) for said in ("promised", "refused", "considers")])
    disputes = contacts.result == RESULTS.index("disputes")
    return np.where(disputes, REASONS.index("dispute"), np.where(tells, reason, -1))


def contacts_table(
    state: State,
    contacts: Contacts,
    cycles: dict[str, Array],
    collectors: pd.DataFrame,
    loan_id: pd.Series,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """The table `contacts` in the order of time."""
    loan = cycles["loan"][contacts.cycle]
    agency = state.desk.agency_on(loan, contacts.day)
    u = rng.random((2, len(loan)))
    at = contacts.day * 1440 + contacts.minute
    by_hand = np.where(u[0] < 0.03, 900 + u[1] * 300, 2 + u[1] * 40).astype(np.int64)
    recorded = at + np.where(contacts.channel == SMS, 0, by_hand)
    recorded = np.minimum(recorded, state.book.calendar.end * 1440 + 1439)
    return pd.DataFrame(
        {
            "contact_id": ids("N", len(at)),
            "loan_id": texts(loan, loan_id),
            "contacted_at": at.astype("datetime64[m]").astype(DATE_DTYPE),
            "channel": texts(contacts.channel, CHANNELS),
            "party": texts(contacts.party, PARTIES),
            "result": texts(contacts.result, RESULTS),
            "collector_id": texts(_collector(contacts, cycles, agency, collectors), collectors["collector_id"]),
            "agency": texts(agency, c.AGENCIES),
            "recorded_at": recorded.astype("datetime64[m]").astype(DATE_DTYPE),
            "reason": texts(_reason(contacts, cycles, rng), REASONS),
            "note": texts(contacts.note, NOTES),
        }
    )


def promises_table(
    state: State, contacts: Contacts, cycles: dict[str, Array], loan_id: pd.Series, rng: np.random.Generator
) -> pd.DataFrame:
    """The table `promises`: one for every contact with the result `promised`."""
    rows = contacts.rows(np.flatnonzero(contacts.result == PROMISED))
    u = rng.random((2, len(rows.day)))
    left = _days_to_cash(rows, cycles)
    due = rows.day + np.where(left <= 7, left + (u[0] * 2).astype(np.int64), 2 + (u[0] * 5).astype(np.int64))
    loan, paid = cycles["loan"][rows.cycle], cycles["paid"][rows.cycle]
    count = np.where(u[1] < 0.5, cycles["unpaid"][rows.cycle], 1)
    scheduled, cover, _penalty = state.book.owed(loan, paid, count, due)
    return pd.DataFrame(
        {
            "promise_id": ids("R", len(loan)),
            "loan_id": texts(loan, loan_id),
            "promised_date": dates_of(rows.day),
            "due_date": dates_of(due),
            "amount": money(-(-(scheduled + cover) // 100) * 100),
        }
    )


def complaints_table(contacts: pd.DataFrame, last: int) -> pd.DataFrame:
    """The table `complaints`: every other contact that broke the hours or told a relative is complained of.

    A complaint follows two days later and is answered within twelve days, as far as the book goes; all are right.
    """
    hour = contacts["contacted_at"].dt.hour
    wronged = contacts[(hour < 8) | (hour >= 22) | (contacts["note"] == NOTES[0])].iloc[::2]
    made = wronged["contacted_at"].dt.normalize() + pd.Timedelta(days=2)
    end = pd.Timestamp(dates_of([last])[0])
    answered = made + pd.to_timedelta(5 + np.arange(len(made)) % 8, unit="D")
    found = pd.DataFrame(
        {
            "complaint_id": ids("B", len(made)),
            "loan_id": wronged["loan_id"].to_numpy(),
            "complaint_date": made.to_numpy(),
            "agency": wronged["agency"].to_numpy(),
            "collector_id": wronged["collector_id"].to_numpy(),
            "reason": np.where(wronged["note"] == NOTES[0], "told a relative", "called at night"),
            "answered_date": answered.where(answered <= end).to_numpy(),
            "is_upheld": True,
        }
    )
    return found[found["complaint_date"] <= end].reset_index(drop=True)
