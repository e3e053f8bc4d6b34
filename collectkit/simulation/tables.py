"""The arrays of the simulation as the tables of a portfolio."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from collectkit.columns import CLOSE_CODES
from collectkit.days import NEVER, dates_of
from collectkit.simulation import calibration as c
from collectkit.simulation.lending import Array
from collectkit.simulation.repayment import State

METHODS = ("auto_debit", "app", "transfer", "counter")
#: Cumulated shares of the methods, by kind of payment.
METHOD_EDGES = (
    (0.88, 0.0, 0.0, 0.0),
    (0.97, 0.75, 0.55, 0.0),
    (1.0, 0.97, 0.95, 0.85),
)


def ids(letter: str, count: int) -> pd.Series:
    """Text ids of equal length, numbered from 1."""
    numbers = pc.cast(pa.array(np.arange(1, count + 1)), pa.large_string())
    padded = pc.utf8_lpad(numbers, len(str(count)), padding="0")
    start, nothing = pa.scalar(letter, pa.large_string()), pa.scalar("", pa.large_string())
    return _text(pc.binary_join_element_wise(start, padded, nothing))


def texts(codes: Array, names: Any) -> pd.Series:
    """Text column from codes; a negative code is a missing text."""
    codes = np.asarray(codes, np.int64)
    where = pa.array(codes, mask=codes < 0)
    return _text(pa.array(names, pa.large_string()).take(where))


def _text(values: pa.Array) -> pd.Series:
    return pd.Series(pd.array(pa.chunked_array([values], pa.large_string()), dtype="str"))


def money(cents: Array) -> Array:
    """Cents as currency with two decimals."""
    return np.asarray(cents, np.int64) / 100


def loans_table(state: State) -> pd.DataFrame:
    """The table `loans`; a loan is closed only if that happened by the last day."""
    book = state.book
    product = book.product.astype(np.int64)
    is_closed = state.closed <= book.calendar.end
    return pd.DataFrame(
        {
            "loan_id": ids("L", len(product)),
            "customer_id": texts(book.customer, ids("C", int(book.customer.max(initial=-1)) + 1)),
            "product": texts(product, c.PRODUCTS),
            "disbursement_date": dates_of(book.calendar.starts[book.month] + book.day),
            "principal": money(book.principal),
            "annual_rate": book.rate_bp / 10_000,
            "risk_grade": texts(book.grade, c.GRADES),
            "region": texts(book.region, c.REGIONS),
            "is_secured": np.array(c.IS_SECURED)[product],
            "closed_date": dates_of(np.where(is_closed, state.closed, NEVER)),
            "close_code": texts(np.where(is_closed, state.close_code, -1), CLOSE_CODES),
        }
    )


def instalments_table(state: State, loan_id: pd.Series) -> pd.DataFrame:
    """The table `instalments`, also those due after the last day."""
    book = state.book
    loan = np.repeat(np.arange(len(book.term), dtype=np.int32), book.term)
    number = np.arange(len(loan)) - book.first[loan] + 1
    return pd.DataFrame(
        {
            "loan_id": texts(loan, loan_id),
            "instalment_no": number,
            "due_date": dates_of(book.due_day(loan, number)),
            "principal": money(book.due_principal),
            "interest": money(book.due_interest),
            "fee": money(book.fee[loan]),
        }
    )


def payments_table(state: State, loan_id: pd.Series, rng: np.random.Generator) -> pd.DataFrame:
    """The table `payments` in the order of posting."""
    end = state.book.calendar.end
    log = state.payments.arrays()
    keep = np.flatnonzero(log["day"] <= end)
    loan, day, cents, kind, reversed_ = (log.pop(name)[keep] for name in state.payments.columns)
    delay = np.zeros(len(day), np.int64)
    u = rng.random((2, len(day)))
    edge = 0.0
    for share, low, high in c.POSTED_LATE:
        at = np.flatnonzero((u[0] >= edge) & (u[0] < edge + share))
        delay[at] = low + (u[1][at] * (high - low + 1)).astype(np.int64)
        edge += share
    posted = np.minimum(day + delay, end)
    reversed_ = np.where(reversed_ <= end, np.maximum(reversed_, posted), NEVER)
    u = rng.random(len(day))
    method = np.zeros(len(day), np.int8)
    for by_kind in np.array(METHOD_EDGES):
        method += u >= by_kind[kind]
    order = np.lexsort((loan, day, posted))
    loan, day, cents, posted, reversed_, method = (v[order] for v in (loan, day, cents, posted, reversed_, method))
    return pd.DataFrame(
        {
            "payment_id": ids("P", len(loan)),
            "loan_id": texts(loan, loan_id),
            "value_date": dates_of(day),
            "amount": money(cents),
            "posting_date": dates_of(posted),
            "reversal_date": dates_of(reversed_),
            "method": texts(method, METHODS),
        }
    )


def placements_table(state: State, loan_id: pd.Series) -> pd.DataFrame:
    """The table `placements` in the order of hand-over."""
    end = state.book.calendar.end
    record = state.desk.record()
    order = np.lexsort((record["loan"], record["placed"]))
    order = order[record["placed"][order] <= end]
    record = {name: values[order] for name, values in record.items()}
    return pd.DataFrame(
        {
            "placement_id": ids("A", len(order)),
            "loan_id": texts(record["loan"], loan_id),
            "agency": texts(record["agency"], c.AGENCIES),
            "placement_date": dates_of(record["placed"]),
            "recall_date": dates_of(np.where(record["recalled"] <= end, record["recalled"], NEVER)),
            "placement_no": record["number"],
        }
    )


def pauses_table(state: State, loan_id: pd.Series, rng: np.random.Generator) -> pd.DataFrame:
    """The table `pauses`: at most one for a loan; one still running ends on the last day."""
    end = state.book.calendar.end
    cycles = state.cycles.arrays()
    u = rng.random((4, len(cycles["loan"])))
    can = (cycles["behind"] <= 3) & (cycles["cash"] > 12) & (u[0] < c.PAUSED) & (cycles["start"] + 12 < end)
    _, at = np.unique(np.where(can, cycles["loan"], -1), return_index=True)
    at = at[can[at]]
    edges = np.cumsum([share for _, share, _, _ in c.PAUSES])
    kind = np.searchsorted(edges, u[1][at], side="right")
    low, high = (np.array([pause[n] for pause in c.PAUSES])[kind] for n in (2, 3))
    start = cycles["start"][at] + 3 + (u[2][at] * 9).astype(np.int64)
    stop = np.minimum(start + low + (u[3][at] * (high - low)).astype(np.int64), end)
    return pd.DataFrame(
        {
            "loan_id": texts(cycles["loan"][at], loan_id),
            "start_date": dates_of(start),
            "end_date": dates_of(stop),
            "reason": texts(kind, [name for name, *_ in c.PAUSES]),
            "stops_days": np.ones(len(at), bool),
            "stops_penalty": np.array([name for name, *_ in c.PAUSES])[kind] != "dispute",
        }
    )
