"""Promises to pay: which were kept, by whose money, each yuan counted once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from collectkit._coded import Coded
from collectkit.columns import PROMISE_STATUSES
from collectkit.days import NEVER, Date, dates_of, day_number, day_numbers
from collectkit.errors import CallError
from collectkit.ids import positions
from collectkit.money import checked_cents, from_cents
from collectkit.policy import Policy
from collectkit.portfolio import Portfolio

Ints = npt.NDArray[np.int64]


def promise_status(portfolio: Portfolio, policy: Policy, *, as_of: Date) -> pd.DataFrame:
    """Every promise made by a day, and whether it was kept under the policy's grace.

    Parameters
    ----------
    portfolio : Portfolio
    policy : Policy
        Its ``[[promise_terms]]`` give the days of grace.
    as_of : date
        The end of this day is meant.

    Returns
    -------
    DataFrame
        As `promises_kept`.

    Examples
    --------
    >>> import collectkit as ck
    >>> promises = promise_status(ck.load_sample("demo"), ck.load_policy(), as_of="2025-12-31")
    >>> list(promises.promise_status.cat.categories)
    ['kept', 'open', 'partly', 'broken']
    """
    return promises_kept(portfolio, as_of=as_of, grace_days=policy.promise_grace_days(as_of))


def promises_kept(portfolio: Portfolio, *, as_of: Date, grace_days: int = 0) -> pd.DataFrame:
    """Every promise made by a day, and the money that counts for it.

    Parameters
    ----------
    portfolio : Portfolio
    as_of : date
        The end of this day is meant; later promises and payments do not exist yet.
    grace_days : int [days]
        Days after the promised due date on which money still counts.

    Returns
    -------
    DataFrame
        One row per promise, in the order of the table: promise_id, loan_id, promised_date, due_date, amount [currency],
        last_date (due_date + grace_days), received [currency] (money that counts), received_date (of the last of it;
        missing without any), promise_status (``kept``: all of it came; ``open``: it may still come; ``partly``: some
        came in time; ``broken``: none did).

    Raises
    ------
    CallError
        `grace_days` is negative.

    Notes
    -----
    Money counts if its value date lies from promised_date to last_date, both included: on one day payments come last,
    as in the ledger, so money of the day itself came after the promise. The other reading, only from the next day on,
    would break every promise to pay today. Money of an earlier day never counts.
    Each cent counts for one promise. Money goes, in the order of its arrival, to the promise of its loan that must be
    kept first (last_date, then promised_date, then promise_id): if all can be kept, this order keeps all.
    A payment that was taken back never counts.

    Examples
    --------
    >>> import collectkit as ck
    >>> promises = promises_kept(ck.load_sample("demo"), as_of="2025-12-31")
    >>> bool((promises.received <= promises.amount).all())
    True
    """
    if grace_days < 0:
        raise CallError(f"`grace_days` is {grace_days}. Give 0 or more.")
    day = day_number(as_of, "as_of")
    promises = portfolio.promises
    promises = promises[day_numbers(promises["promised_date"]) <= day].reset_index(drop=True)
    last = day_numbers(promises["due_date"]).astype(np.int64) + grace_days
    amount = checked_cents(promises["amount"])
    received, received_day = _received(portfolio.coded, promises, last, amount, day)
    status = np.select([received >= amount, last >= day, received > 0], [0, 1, 2], 3)
    return promises[["promise_id", "loan_id", "promised_date", "due_date", "amount"]].assign(
        last_date=dates_of(last),
        received=from_cents(received),
        received_date=dates_of(received_day),
        promise_status=pd.Categorical(np.array(PROMISE_STATUSES)[status], categories=list(PROMISE_STATUSES)),
    )


def _received(coded: Coded, promises: pd.DataFrame, last: Ints, amount: Ints, day: int) -> tuple[Ints, Ints]:
    """Cents that count for each promise, and the day of the last of them (`NEVER` without any)."""
    received, received_day = np.zeros(len(promises), np.int64), np.full(len(promises), NEVER, np.int64)
    promise, payment = _candidates(coded, promises, last, day)
    left = coded.amount.tolist()
    need = amount.tolist()
    for p, m in zip(promise.tolist(), payment.tolist(), strict=True):
        cents = min(left[m], need[p])
        if cents:
            left[m] -= cents
            need[p] -= cents
            received[p] += cents
            received_day[p] = coded.value_day[m]
    return received, received_day


def _candidates(coded: Coded, promises: pd.DataFrame, last: Ints, day: int) -> tuple[Ints, Ints]:
    """Pairs of promise and payment in its time, in the order in which money is counted."""
    made = day_numbers(promises["promised_date"]).astype(np.int64)
    loan = positions(promises["loan_id"], coded.loan_id)
    of_payment = np.repeat(np.arange(coded.loans), np.diff(coded.pay_start))
    arrival = of_payment * 2**32 + coded.value_day  # ascends: payments stand by loan and value date
    low = np.searchsorted(arrival, loan * 2**32 + made, side="left")
    high = np.searchsorted(arrival, loan * 2**32 + np.minimum(last, day), side="right")
    count = np.maximum(high - low, 0)
    promise = np.repeat(np.arange(len(promises)), count)
    payment = np.arange(len(promise)) - np.repeat(np.cumsum(count) - count, count) + np.repeat(low, count)
    stands = coded.reversed[payment] == NEVER
    promise, payment = promise[stands], payment[stands]
    rank = np.empty(len(promises), np.int64)
    rank[np.lexsort((promises["promise_id"].to_numpy(dtype=object), made, last))] = np.arange(len(promises))
    order = np.lexsort((rank[promise], payment))
    return promise[order], payment[order]
