"""The compiled walk: one pass per loan over its sorted events, on whole cents and whole days.

The rules are those of the ledger (`collectkit.ledger`). Balance times days is kept as an integer and turned into money
only when it is read, so nothing depends on the order of the work and no rounding is ever rounded again. The functions
release the interpreter, so several threads walk several ranges of loans at once.

Inside, a loan is three arrays: `law` (its numbers: grace, rate, order, …), `work` (its instalments, one row each) and
`pauses`. Helpers take these and whole numbers only; large tuples are unpacked once, in `walk`, because calls that pass
them are slow to compile.
"""

from __future__ import annotations

from math import nan
from typing import Any, NamedTuple

import numpy as np

from collectkit._compiled import inline, jit

FEE, INTEREST, PRINCIPAL, PENALTY, UNAPPLIED = 0, 1, 2, 3, 4
THRESHOLD, SUBTRACT = 0, 1
BY_INSTALMENT, BY_COMPONENT = 0, 1
CURRENT, OVERDUE, PAID, FIRST_CLOSE_CODE = 0, 1, 2, 3
NEVER = 2**31 - 1
MICROSECONDS = 86_400_000_000  # of a day; dates leave the kernel as datetime64[us]
NO_DATE = -(2**63)
#: Numerator and denominator of a daily rate stay below this, so that `_rounded` never overflows.
RATE_LIMIT = 2**46

# fmt: off
#: Places in `law`. The first RULES of them are a row of `Rules.rules`, the rest belong to the loan.
MODE, BASE, ORDER, SCOPE, LATE_FROM, LATE_ORDER, LATE_SCOPE, CAP_NUM, CAP_DEN, RULES = 0, 1, 4, 8, 9, 10, 14, 15, 16, 17
GRACE, NUM, DEN, CLOSED, DAY_LOW, DAY_HIGH, NIGHT_LOW, NIGHT_HIGH, LAW = 17, 18, 19, 20, 21, 22, 23, 24, 25
#: Columns of `work`: unpaid fee, interest, principal come first.
DUE, PRODUCT, ACCRUED, PENALTY_PAID, SETTLED, SCHEDULED_BASE, WORK = 3, 4, 5, 6, 7, 8, 9
#: Rows of `Seen`.
FEES, INTERESTS, PRINCIPALS, PENALTIES, TOTALS, BALANCES, UNAPPLIEDS, PAIDS, PAID_IN_PERIOD = 0, 1, 2, 3, 4, 5, 6, 7, 8
LOAN, DAYS, INSTALMENTS, CUSTOMER_DAYS, CHANNEL = 0, 1, 2, 3, 4
AS_OF, OLDEST = 0, 1
STATUS, BUCKET, CLASS, BUCKET_BEFORE = 0, 1, 2, 3
#: Rows of `Pieces.where`.
P_LOAN, P_PAYMENT, P_INSTALMENT, P_COMPONENT, P_DAYS_LATE, P_DAYS, P_CHANNEL, PIECE = 0, 1, 2, 3, 4, 5, 6, 7
# fmt: on


class Events(NamedTuple):
    """What happened: the arrays of `Coded` the walk needs."""

    closed: Any
    close_code: Any
    inst_start: Any
    due: Any
    owed: Any
    pay_start: Any
    value_day: Any
    posted: Any
    reversed: Any
    amount: Any
    pauses: Any
    day_pause_start: Any
    night_pause_start: Any
    place_start: Any
    placements: Any


class Rules(NamedTuple):
    """What holds: grace and daily rate per loan, and the row of its terms in `rules`."""

    terms: Any
    grace: Any
    rate_num: Any
    rate_den: Any
    rules: Any


class Reads(NamedTuple):
    """Where to look: dates in order, and per loan the first date it exists on and its first row."""

    dates: Any
    known_on: int
    first_date: Any
    first_row: Any
    bucket_of: Any
    class_of: Any


class Seen(NamedTuple):
    """What is seen, one column per loan and date; the last row of `money` and `codes` is for periods only."""

    money: Any
    counts: Any
    dates: Any
    codes: Any


class Pieces(NamedTuple):
    """Where money went, one column per piece of a payment; `first` is where each loan's pieces begin."""

    first: Any
    where: Any
    amount: Any


@jit
def _overlap(pauses, low, high, start, end):
    """Days of [start, end) inside the pauses low..high, which lie apart."""
    days = 0
    for i in range(low, high):
        days += max(0, min(end, pauses[i, 1]) - max(start, pauses[i, 0]))
    return days


@jit
def _after_free_days(law, pauses, start, free):
    """The day after `free` unpaused days, counted from `start`."""
    day = start
    for i in range(law[DAY_LOW], law[DAY_HIGH]):
        if pauses[i, 1] <= day:
            continue
        gap = max(0, pauses[i, 0] - day)
        if free < gap:
            break
        free -= gap
        day = max(day, pauses[i, 1])
    return day + free


@jit
def _rounded(product, num, den):
    """Product × num / den, rounded half up; exact for every product below 2**62."""
    if num == 0:
        return 0
    if product <= 2**61 // num:
        return (2 * product * num + den) // (2 * den)
    # long multiplication in 16-bit steps: whole part and remainder, both below 2**63
    whole, part = product // den, product % den
    q, r = 0, 0
    for shift in (32, 16, 0):
        digit = (num >> shift) & 0xFFFF
        r = (r << 16) + digit * part
        q = (q << 16) + digit * whole + r // den
        r %= den
    return q + (1 if 2 * r >= den else 0)


@jit
def _late_days(law, pauses, due, day):
    """Late days of an instalment at the end of `day`, without paused ones."""
    if day <= due:
        return 0
    late = day - due
    if law[DAY_LOW] < law[DAY_HIGH]:
        late -= _overlap(pauses, law[DAY_LOW], law[DAY_HIGH], due, day)
    return late


@inline
def _product(law, work, pauses, i, day):
    """Balance × days of an instalment over the nights before `day`."""
    product = work[i, PRODUCT]
    start = work[i, ACCRUED]
    if day > start and work[i, SETTLED] == 0:
        base = law[BASE] * work[i, FEE] + law[BASE + 1] * work[i, INTEREST] + law[BASE + 2] * work[i, PRINCIPAL]
        nights = day - start
        if law[NIGHT_LOW] < law[NIGHT_HIGH]:
            nights -= _overlap(pauses, law[NIGHT_LOW], law[NIGHT_HIGH], start, day)
        product += base * nights
    return product


@inline
def _penalty_owed(law, work, pauses, i, day):
    """Penalty of an instalment at the end of `day`, less what was paid on it [cents]."""
    if work[i, SETTLED] == 0 and _late_days(law, pauses, work[i, DUE], day) <= law[GRACE]:
        return 0
    product = _product(law, work, pauses, i, day)
    if product == 0:
        return 0
    penalty = _rounded(product, law[NUM], law[DEN])
    if law[CAP_DEN] > 0:
        whole, part = work[i, SCHEDULED_BASE] // law[CAP_DEN], work[i, SCHEDULED_BASE] % law[CAP_DEN]
        penalty = min(penalty, whole * law[CAP_NUM] + part * law[CAP_NUM] // law[CAP_DEN])
    return penalty - work[i, PENALTY_PAID]


@jit
def _begin(law, work, pauses, due, owed, first, count):
    """Set up the instalments of a loan as on its first day; gives their total principal."""
    principal = 0
    for i in range(count):
        fee, interest, part = owed[first + i, FEE], owed[first + i, INTEREST], owed[first + i, PRINCIPAL]
        day = np.int64(due[first + i])
        work[i, FEE], work[i, INTEREST], work[i, PRINCIPAL], work[i, DUE] = fee, interest, part, day
        work[i, PRODUCT] = 0
        work[i, ACCRUED] = _after_free_days(law, pauses, day, law[GRACE]) if law[MODE] == SUBTRACT else day
        work[i, PENALTY_PAID] = 0
        work[i, SETTLED] = 1 if fee + interest + part == 0 else 0
        work[i, SCHEDULED_BASE] = law[BASE] * fee + law[BASE + 1] * interest + law[BASE + 2] * part
        principal += part
    return principal


@inline
def _days_past_due(law, work, pauses, oldest, count, day):
    """Days past due of a loan at the end of `day`; `oldest` is its oldest unsettled instalment."""
    if oldest >= count or day >= law[CLOSED]:
        return 0
    late = _late_days(law, pauses, work[oldest, DUE], day)
    if late <= law[GRACE]:
        return 0
    return late - law[GRACE] if law[MODE] == SUBTRACT else late


@inline
def _pay(law, work, pauses, i, component, day, left):
    """Pay one component of one instalment; gives the cents that went there."""
    if component == PENALTY:
        piece = min(left, _penalty_owed(law, work, pauses, i, day))
        work[i, PENALTY_PAID] += piece
        return piece
    piece = min(left, work[i, component])
    if piece > 0:
        work[i, PRODUCT] = _product(law, work, pauses, i, day)
        work[i, ACCRUED] = max(work[i, ACCRUED], day)
        work[i, component] -= piece
        if work[i, FEE] + work[i, INTEREST] + work[i, PRINCIPAL] == 0:
            work[i, SETTLED] = 1
            if _late_days(law, pauses, work[i, DUE], day) <= law[GRACE]:
                work[i, PRODUCT] = 0  # settled within grace: it was never overdue
    return piece


@jit
def _note(where, amounts, at, instalment, component, amount, days_late, days):
    """Write one piece; loan, payment and channel are filled in by `walk`."""
    where[P_INSTALMENT, at] = instalment
    where[P_COMPONENT, at] = component
    where[P_DAYS_LATE, at] = days_late
    where[P_DAYS, at] = days
    amounts[at] = amount


@inline
def _apply(law, work, pauses, day, left, live, due_count, count, days, where, amounts, at, write):
    """Apply one payment by the waterfall; gives principal paid, money left over, and the next free piece."""
    late = days >= law[LATE_FROM]
    order = LATE_ORDER if late else ORDER
    scope = law[LATE_SCOPE] if late else law[SCOPE]
    principal, past = 0, due_count - live
    step = -1
    while left > 0 and step + 1 < 4 * (past + count - due_count):
        step += 1
        if step >= 4 * past:  # coming instalments: always one after the other, and no penalty
            i, component = due_count + (step - 4 * past) // 4, law[order + step % 4]
            if component == PENALTY:
                continue
        elif scope == BY_INSTALMENT:
            i, component = live + step // 4, law[order + step % 4]
        else:
            i, component = live + step % past, law[order + step // past]
        piece = _pay(law, work, pauses, i, component, day, left)
        if piece > 0:
            left -= piece
            if component == PRINCIPAL:
                principal += piece
            if write:
                _note(where, amounts, at, i, component, piece, _late_days(law, pauses, work[i, DUE], day), days)
            at += 1
    if left > 0:
        if write:
            _note(where, amounts, at, -1, UNAPPLIED, left, 0, days)
        at += 1
    return principal, left, at


@jit
def _placed_with(placements, low, high, day):
    """Agency that has the loan in the night after `day`, from 1; 0 for none."""
    for p in range(low, high):
        if placements[p, 0] <= day < placements[p, 1]:
            return placements[p, 2] + 1
    return 0


@inline
def _set_law(law, events, rules, loan):
    """What holds for a loan."""
    for column in range(RULES):
        law[column] = rules.rules[rules.terms[loan], column]
    law[GRACE], law[NUM], law[DEN] = rules.grace[loan], rules.rate_num[loan], rules.rate_den[loan]
    law[CLOSED] = events.closed[loan]
    law[DAY_LOW], law[DAY_HIGH] = events.day_pause_start[loan], events.day_pause_start[loan + 1]
    law[NIGHT_LOW], law[NIGHT_HIGH] = events.night_pause_start[loan], events.night_pause_start[loan + 1]


@jit
def _address(where, begin, end, loan, payment, first, agency):
    """Say whose the pieces begin..end are; instalments were counted within the loan."""
    for piece in range(begin, end):
        where[P_LOAN, piece] = loan
        where[P_PAYMENT, piece] = payment
        where[P_CHANNEL, piece] = agency
        if where[P_INSTALMENT, piece] >= 0:
            where[P_INSTALMENT, piece] += first


@inline
def _see(law, work, pauses, money, counts, dates, codes, row, day, live, oldest, count, balance):
    """Write what an open loan looks like at the end of a day; gives its days past due."""
    fee, interest, principal, penalty, instalments = 0, 0, 0, 0, 0
    days = _days_past_due(law, work, pauses, oldest, count, day)
    is_overdue = oldest < count and _late_days(law, pauses, work[oldest, DUE], day) > law[GRACE]
    for i in range(live, count):
        if work[i, DUE] >= day:
            break
        penalty += _penalty_owed(law, work, pauses, i, day)
        if is_overdue and work[i, SETTLED] == 0:
            fee += work[i, FEE]
            interest += work[i, INTEREST]
            principal += work[i, PRINCIPAL]
            instalments += 1
    codes[STATUS, row] = OVERDUE if is_overdue else (PAID if oldest >= count and penalty == 0 else CURRENT)
    counts[INSTALMENTS, row] = instalments
    dates[OLDEST, row] = work[oldest, DUE] * MICROSECONDS if is_overdue else NO_DATE
    money[FEES, row] = fee / 100
    money[INTERESTS, row] = interest / 100
    money[PRINCIPALS, row] = principal / 100
    money[PENALTIES, row] = penalty / 100
    money[TOTALS, row] = (fee + interest + principal + penalty) / 100
    money[BALANCES, row] = balance / 100
    return days


@jit
def _see_closed(money, counts, dates, codes, row, close_code):
    """Write a closed loan: nothing is owed."""
    codes[STATUS, row] = FIRST_CLOSE_CODE + close_code
    counts[INSTALMENTS, row] = 0
    dates[OLDEST, row] = NO_DATE
    for line in range(BALANCES + 1):
        money[line, row] = 0.0
    return 0


@jit
def walk(low, high, events, rules, reads, law, work, seen, pieces, mode):
    """Walk the loans low..high over all events and dates.

    mode 0 fills `seen`; mode 1 counts the pieces of each loan into ``pieces.first[loan + 1]``; mode 2 writes them
    from ``pieces.first[loan]`` on.
    """
    pauses, value_day, amount, placements = events.pauses, events.value_day, events.amount, events.placements
    money, counts, seen_dates, codes = seen
    where, amounts = pieces.where, pieces.amount
    bucket_of, class_of, known_on = reads.bucket_of, reads.class_of, reads.known_on
    by_period = len(money) > PAID_IN_PERIOD
    for loan in range(low, high):
        _set_law(law, events, rules, loan)
        first = events.inst_start[loan]
        count = events.inst_start[loan + 1] - first
        balance = _begin(law, work, pauses, events.due, events.owed, first, count)
        agency_low, agency_high = events.place_start[loan], events.place_start[loan + 1]
        live = 0  # first instalment that owes anything, penalty included
        oldest = 0  # first unsettled instalment
        fallen = 0  # instalments that have fallen due
        paid, over, paid_before = 0, 0, 0
        at = pieces.first[loan] if mode == 2 else 0
        payment, payments = events.pay_start[loan], events.pay_start[loan + 1]
        k0 = np.int64(reads.first_date[loan])
        for k in range(k0, len(reads.dates)):
            today = reads.dates[k]
            while payment < payments and value_day[payment] <= today:
                if events.posted[payment] <= known_on and events.reversed[payment] > known_on:
                    day, cents, begin = np.int64(value_day[payment]), amount[payment], at
                    while fallen < count and work[fallen, DUE] <= day:
                        fallen += 1
                    days = _days_past_due(law, work, pauses, oldest, count, day)
                    principal, left, at = _apply(
                        law, work, pauses, day, cents, live, fallen, count, days, where, amounts, at, mode == 2
                    )
                    if mode == 2:
                        agency = _placed_with(placements, agency_low, agency_high, day - 1)
                        _address(where, begin, at, loan, payment, first, agency)
                    balance -= principal
                    over += left
                    paid += cents
                    while oldest < count and work[oldest, SETTLED] == 1:
                        oldest += 1
                    while live < oldest and _penalty_owed(law, work, pauses, live, day) == 0:
                        live += 1
                    live = min(live, fallen)
                payment += 1
            if mode == 0:
                row = reads.first_row[loan] + k - k0
                if today >= law[CLOSED]:
                    days = _see_closed(money, counts, seen_dates, codes, row, events.close_code[loan])
                else:
                    days = _see(
                        law, work, pauses, money, counts, seen_dates, codes, row, today, live, oldest, count, balance
                    )
                money[UNAPPLIEDS, row] = over / 100
                money[PAIDS, row] = paid / 100
                counts[LOAN, row] = loan
                counts[DAYS, row] = days
                counts[CHANNEL, row] = _placed_with(placements, agency_low, agency_high, today)
                seen_dates[AS_OF, row] = today * MICROSECONDS
                codes[BUCKET, row] = bucket_of[k, min(days, bucket_of.shape[1] - 1)]
                codes[CLASS, row] = class_of[k, min(days, class_of.shape[1] - 1)]
                if by_period:
                    money[PAID_IN_PERIOD, row] = (paid - paid_before) / 100 if k > 0 else nan
                    codes[BUCKET_BEFORE, row] = codes[BUCKET, row - 1] if k > k0 else -1
                    paid_before = paid
        if mode == 1:
            pieces.first[loan + 1] = at


@jit
def worst_of_customers(low, high, customer_start, customer_loans, dates, first_date, first_row, counts):
    """Per customer low..high and date, the largest days past due of its loans, written to each loan's column."""
    for customer in range(low, high):
        begin, end = customer_start[customer], customer_start[customer + 1]
        if end - begin == 1:
            loan = customer_loans[begin]
            for row in range(first_row[loan], first_row[loan] + dates - first_date[loan]):
                counts[CUSTOMER_DAYS, row] = counts[DAYS, row]
            continue
        for k in range(dates):
            most = 0
            for j in range(begin, end):
                loan = customer_loans[j]
                if k >= first_date[loan]:
                    most = max(most, counts[DAYS, first_row[loan] + k - first_date[loan]])
            for j in range(begin, end):
                loan = customer_loans[j]
                if k >= first_date[loan]:
                    counts[CUSTOMER_DAYS, first_row[loan] + k - first_date[loan]] = most
