"""The ledger: what every loan owes, how late it is, and where its money went, on any date.

Nothing is stored: days past due, penalty and bucket are functions of the schedule, the payments, the policy and a date.

Rules, in order
---------------
1. `as_of` means the end of that day. On one day instalments fall due, then penalty accrues, then payments are applied
   in the order (value_date, posting_date, payment_id).
2. `known_on` answers what was believed that day: payments posted later do not exist, reversals after it have not
   happened. A payment whose reversal is known never happened.
3. An instalment is overdue if any of its fee, interest or principal is unpaid and its due date is before `as_of`.
   Unpaid penalty alone does not make it overdue.
4. Days past due count from the due date (day 0) of the oldest overdue instalment, less paused days. Every calendar day
   counts; a due date on a holiday is taken as the schedule gives it.
5. Grace counts unpaused days. Up to and including `grace_days` nothing is overdue; then all days count (``threshold``)
   or only those after grace (``subtract``). An instalment settled within grace was never overdue and bears no penalty.
6. Penalty is unpaid balance times nights times the daily rate, rounded half up once per instalment when it is read,
   less what was paid on it. The night from a day to the next belongs to the day.
7. A payment goes over the instalments already due, oldest first, in the order of the policy, then to coming ones; what
   is left is unapplied.
8. A closed loan shows 0 days and owes nothing here; its status is the close code. Money received later is a recovery
   and still shows in `allocate` and `paid_to_date`.
9. With an agency: the nights from `placement_date` to the day before `recall_date`; money of a day belongs to whoever
   had the loan the night before.
"""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from collectkit._run import Run, ascending_days, pieces_frame, read, with_rows
from collectkit.days import Date, dates_of
from collectkit.errors import CallError
from collectkit.ids import positions
from collectkit.policy import Policy
from collectkit.portfolio import Portfolio


def assess(
    portfolio: Portfolio, policy: Policy, *, as_of: Date, known_on: Date | None = None, scheme: str = "months"
) -> pd.DataFrame:
    """Every loan at the end of a day: how late, what it owes, and which bucket it sits in.

    Parameters
    ----------
    portfolio : Portfolio
    policy : Policy
    as_of : date
        The end of this day is meant.
    known_on : date, optional
        Only what was known on this day; default: everything known.
    scheme : str
        Name of a bucket scheme of the policy.

    Returns
    -------
    DataFrame
        One row per loan disbursed by `as_of`, in order of loan_id: loan_id, as_of, status, days_past_due [days],
        bucket, asset_class (missing before the policy's first version), overdue_instalments [count], oldest_due_date,
        overdue_principal, overdue_interest, overdue_fee, penalty, total_due, principal_balance, unapplied, paid_to_date
        [currency], channel (``in_house`` or the agency), customer_days_past_due [days].

    Raises
    ------
    CallError
        `as_of` is not a date, or the scheme is unknown.
    PolicyError
        A loan has no terms.

    Notes
    -----
    The rules are those of this module. ``status`` is ``paid`` once nothing at all is owed; a loan that owes nothing
    but penalty is ``current``. ``total_due`` is what is overdue plus penalty.

    Examples
    --------
    >>> import collectkit as ck
    >>> loans = ck.assess(ck.load_sample("demo"), ck.load_policy("cn-microloan"), as_of="2025-06-30")
    >>> bool((loans.total_due >= loans.overdue_principal).all())
    True
    """
    return read(portfolio.coded, policy, [as_of], known_on, scheme, period=False)


def reassess(
    previous: pd.DataFrame,
    portfolio: Portfolio,
    policy: Policy,
    *,
    loan_ids: Iterable[str],
    as_of: Date,
    known_on: Date | None = None,
    scheme: str = "months",
) -> pd.DataFrame:
    """What `assess` gives now, if only some loans have changed since it was asked for the same day.

    Parameters
    ----------
    previous : DataFrame
        What `assess` or `reassess` gave for the same day, policy, `known_on` and scheme.
    portfolio : Portfolio
        As it is now, e.g. ``book.adding(payments=new)``.
    policy : Policy
    loan_ids : iterable of str
        Loans that have changed, e.g. ``new["loan_id"]``; they may repeat.
    as_of, known_on, scheme
        As in `assess`.

    Returns
    -------
    DataFrame
        As of `assess`.

    Raises
    ------
    CallError
        `previous` is for another day or other loans, or a loan is not there.

    Notes
    -----
    These loans and the others of their customers, who show the days past due of the worst, are assessed anew; all other
    rows are taken over. A new day changes every loan that is open, so it is no case for `reassess`: add the payments
    with `Portfolio.adding`, which checks and sorts only them, and call `assess`.

    Examples
    --------
    >>> import collectkit as ck
    >>> book, policy, day = ck.load_sample("demo"), ck.load_policy(), "2025-12-31"
    >>> loans = ck.assess(book, policy, as_of=day)
    >>> late = pd.DataFrame({"payment_id": ["N1"], "loan_id": ["L0001"], "amount": [10.0],
    ...                      "value_date": pd.to_datetime(["2025-12-30"])})
    >>> book = book.adding(payments=late)
    >>> again = reassess(loans, book, policy, loan_ids=late["loan_id"], as_of=day)
    >>> again.equals(ck.assess(book, policy, as_of=day))
    True
    """
    ids = loan_ids if isinstance(loan_ids, pd.Series) else pd.Series(list(loan_ids), dtype="str")
    changed = positions(ids, portfolio.loan_ids)
    if (changed < 0).any():
        raise CallError("Some of `loan_ids` are not in this portfolio. Pass ids of its loans.")
    now = read(portfolio.coded_customers(changed), policy, [as_of], known_on, scheme, period=False)
    day = dates_of(ascending_days([as_of]))[0]
    if list(previous) != list(now) or (previous["as_of"] != day).any():
        raise CallError(
            f"`previous` is not what `assess` gave for {as_of}. A new day changes every loan: call `assess`."
        )
    rows = positions(now["loan_id"], previous["loan_id"])
    if (rows < 0).any() or len(previous) != (portfolio.loans["disbursement_date"] <= day).sum():
        raise CallError("`previous` holds other loans than this portfolio. Call `assess` once for all of them.")
    return with_rows(previous, rows, now)


def track(
    portfolio: Portfolio,
    policy: Policy,
    *,
    dates: Iterable[Date],
    known_on: Date | None = None,
    scheme: str = "months",
) -> pd.DataFrame:
    """Every loan at the end of each of several days, from its disbursement on.

    Parameters
    ----------
    portfolio : Portfolio
    policy : Policy
    dates : dates in ascending order
    known_on : date, optional
        Only what was known on this day; default: everything known.
    scheme : str
        Name of a bucket scheme of the policy.

    Returns
    -------
    DataFrame
        One row per loan and date, in order of loan_id and date: the columns of `assess`, plus paid_in_period
        [currency] (money after the previous date up to this one; missing on the first date) and bucket_before
        (missing where the loan has no earlier row).

    Raises
    ------
    CallError
        The dates are empty, repeat or do not ascend.

    Examples
    --------
    >>> import collectkit as ck
    >>> months = ck.month_ends("2025-01-31", "2025-03-31")
    >>> panel = ck.track(ck.load_sample("demo"), ck.load_policy("cn-microloan"), dates=months)
    >>> panel.as_of.nunique()
    3
    """
    if isinstance(dates, str) or not isinstance(dates, Iterable):
        raise CallError(f"`dates` is {dates!r}. Pass a list of dates, e.g. `month_ends(start, end)`.")
    return read(portfolio.coded, policy, list(dates), known_on, scheme, period=True)


def allocate(
    portfolio: Portfolio, policy: Policy, *, as_of: Date, known_on: Date | None = None, scheme: str = "months"
) -> pd.DataFrame:
    """Where every payment went, piece by piece.

    Parameters
    ----------
    portfolio : Portfolio
    policy : Policy
    as_of : date
        Payments up to the end of this day.
    known_on : date, optional
        Only what was known on this day; default: everything known.
    scheme : str
        Name of a bucket scheme of the policy.

    Returns
    -------
    DataFrame
        One row per piece, in order of loan_id, payment and application: payment_id, loan_id, value_date, instalment_no,
        component (``unapplied`` for money beyond everything owed, without an instalment), amount [currency],
        days_late [days] (unpaused late days of that instalment), days_past_due [days] (of the loan, just before the
        payment), bucket, channel (who had the loan the night before).

    Notes
    -----
    The amounts of a payment's pieces add up to the payment, to the cent.

    Examples
    --------
    >>> import collectkit as ck
    >>> portfolio, policy = ck.load_sample("demo"), ck.load_policy("cn-microloan")
    >>> pieces = ck.allocate(portfolio, policy, as_of="2025-06-30")
    >>> sorted(pieces.component.unique())
    ['fee', 'interest', 'penalty', 'principal', 'unapplied']
    """
    return pieces_frame(Run.of(portfolio.coded, policy, ascending_days([as_of]), known_on, scheme))
