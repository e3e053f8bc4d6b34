"""The compiled walk: one pass per loan over its sorted events, on whole cents and whole days.

The rules are those of the ledger (`collectkit.ledger`). Balance times days is kept as an integer and turned into money
only when it is read, so nothing depends on the order of the work and no rounding is ever rounded again. The functions
release the interpreter, so several threads walk several ranges of loans at once.
"""

from __future__ import annotations

from math import nan
from typing import Any, NamedTuple

from numba import njit

FEE, INTEREST, PRINCIPAL, PENALTY, UNAPPLIED = 0, 1, 2, 3, 4
THRESHOLD, SUBTRACT = 0, 1
BY_INSTALMENT, BY_COMPONENT = 0, 1
CURRENT, OVERDUE, PAID, FIRST_CLOSE_CODE = 0, 1, 2, 3
MICROSECONDS = 86_400_000_000  # of a day; dates leave the kernel as datetime64[us]
NO_DATE = -(2**63)
#: Numerator and denominator of a daily rate stay below this, so that `_rounded` never overflows.
RATE_LIMIT = 2**46

#: Columns of `Rules.rules`, one row per terms.
MODE, BASE, ORDER, SCOPE, LATE_FROM, LATE_ORDER, LATE_SCOPE, CAP_NUM, CAP_DEN, RULE_COLUMNS = 0, 1, 4, 8, 9, 10, 14, 15, 16, 17


class Events(NamedTuple):
    """What happened: the arrays of `Coded` the walk needs."""

    disbursed: Any
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
    day_pause_start: Any
    day_pauses: Any
    night_pause_start: Any
    night_pauses: Any
    place_start: Any
    place_from: Any
    place_to: Any
    place_agency: Any


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


class Rows(NamedTuple):
    """What is seen, one row per loan and date; `paid_in_period` and `bucket_before` may be empty."""

    loan: Any
    as_of: Any
    status: Any
    days_past_due: Any
    bucket: Any
    asset_class: Any
    overdue_instalments: Any
    oldest_due_date: Any
    overdue_principal: Any
    overdue_interest: Any
    overdue_fee: Any
    penalty: Any
    total_due: Any
    principal_balance: Any
    unapplied: Any
    paid_to_date: Any
    channel: Any
    customer_days_past_due: Any
    paid_in_period: Any
    bucket_before: Any


class Pieces(NamedTuple):
    """Where money went, one row per piece of a payment; `first` is where each loan's rows begin."""

    first: Any
    loan: Any
    payment: Any
    instalment: Any
    component: Any
    amount: Any
    days_late: Any
    days_past_due: Any
    channel: Any


class Work(NamedTuple):
    """Per instalment of the loan in hand: what is unpaid, and its penalty so far."""

    unpaid: Any  # × (fee, interest, principal)
    product: Any  # balance × days up to `accrued`
    accrued: Any
    penalty_paid: Any
    is_settled: Any


_jit = njit(cache=True, nogil=True, error_model="numpy")


@_jit
def _overlap(intervals, low, high, start, end):
    """Days of [start, end) inside the intervals low..high, which lie apart."""
    days = 0
    for i in range(low, high):
        days += max(0, min(end, intervals[i, 1]) - max(start, intervals[i, 0]))
    return days


@_jit
def _after_free_days(intervals, low, high, start, free):
    """The day after `free` days outside the intervals, counted from `start`."""
    day = start
    for i in range(low, high):
        if intervals[i, 1] <= day:
            continue
        gap = max(0, intervals[i, 0] - day)
        if free < gap:
            break
        free -= gap
        day = max(day, intervals[i, 1])
    return day + free


@_jit
def _rounded(product, num, den):
    """product × num / den, rounded half up; exact for every product below 2**62."""
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


@_jit
def _late_days(events, loan, due, day):
    """Late days of an instalment at the end of `day`, without paused ones."""
    if day <= due:
        return 0
    low, high = events.day_pause_start[loan], events.day_pause_start[loan + 1]
    return day - due - _overlap(events.day_pauses, low, high, due, day)


@_jit
def _base(work, rule, i):
    """Unpaid cents that bear penalty."""
    return rule[BASE] * work.unpaid[i, 0] + rule[BASE + 1] * work.unpaid[i, 1] + rule[BASE + 2] * work.unpaid[i, 2]


@_jit
def _product(events, work, rule, loan, i, day):
    """Balance × days of an instalment over the nights before `day`."""
    product = work.product[i]
    if day > work.accrued[i] and not work.is_settled[i]:
        low, high = events.night_pause_start[loan], events.night_pause_start[loan + 1]
        nights = day - work.accrued[i] - _overlap(events.night_pauses, low, high, work.accrued[i], day)
        product += nights * _base(work, rule, i)
    return product


@_jit
def _penalty_owed(events, rules, work, loan, i, day):
    """Penalty of an instalment at the end of `day`, less what was paid on it [cents]."""
    first = events.inst_start[loan]
    if not work.is_settled[i] and _late_days(events, loan, events.due[first + i], day) <= rules.grace[loan]:
        return 0
    rule = rules.rules[rules.terms[loan]]
    product = _product(events, work, rule, loan, i, day)
    if product == 0:
        return 0
    penalty = _rounded(product, rules.rate_num[loan], rules.rate_den[loan])
    if rule[CAP_DEN] > 0:
        owed = events.owed[first + i]
        base = rule[BASE] * owed[0] + rule[BASE + 1] * owed[1] + rule[BASE + 2] * owed[2]
        whole, part = base // rule[CAP_DEN], base % rule[CAP_DEN]
        penalty = min(penalty, whole * rule[CAP_NUM] + part * rule[CAP_NUM] // rule[CAP_DEN])
    return penalty - work.penalty_paid[i]


@_jit
def _begin(events, rules, work, loan):
    """Set up the instalments of a loan as on its first day; gives their number and total principal."""
    first, count = events.inst_start[loan], events.inst_start[loan + 1] - events.inst_start[loan]
    subtract = rules.rules[rules.terms[loan], MODE] == SUBTRACT
    low, high = events.day_pause_start[loan], events.day_pause_start[loan + 1]
    principal = 0
    for i in range(count):
        for c in range(3):
            work.unpaid[i, c] = events.owed[first + i, c]
        principal += events.owed[first + i, PRINCIPAL]
        due = events.due[first + i]
        grace = rules.grace[loan] if subtract else 0
        work.accrued[i] = _after_free_days(events.day_pauses, low, high, due, grace) if subtract else due
        work.product[i] = 0
        work.penalty_paid[i] = 0
        work.is_settled[i] = work.unpaid[i, 0] + work.unpaid[i, 1] + work.unpaid[i, 2] == 0
    return count, principal


@_jit
def _days_past_due(events, rules, work, loan, oldest, count, day):
    """Days past due of a loan at the end of `day`; `oldest` is its oldest unsettled instalment."""
    if oldest >= count or day >= events.closed[loan]:
        return 0
    late = _late_days(events, loan, events.due[events.inst_start[loan] + oldest], day)
    grace = rules.grace[loan]
    if late <= grace:
        return 0
    return late - grace if rules.rules[rules.terms[loan], MODE] == SUBTRACT else late


@_jit
def _placed_with(events, loan, day):
    """Agency that has the loan in the night after `day`; -1 for none."""
    for p in range(events.place_start[loan], events.place_start[loan + 1]):
        if events.place_from[p] <= day < events.place_to[p]:
            return events.place_agency[p]
    return -1


@_jit
def _pay(events, rules, work, loan, i, component, day, left):
    """Pay one component of one instalment; gives the cents that went there."""
    if component == PENALTY:
        piece = min(left, _penalty_owed(events, rules, work, loan, i, day))
        work.penalty_paid[i] += piece
        return piece
    piece = min(left, work.unpaid[i, component])
    if piece > 0:
        rule = rules.rules[rules.terms[loan]]
        work.product[i] = _product(events, work, rule, loan, i, day)
        work.accrued[i] = max(work.accrued[i], day)
        work.unpaid[i, component] -= piece
        if work.unpaid[i, 0] + work.unpaid[i, 1] + work.unpaid[i, 2] == 0:
            work.is_settled[i] = True
            if _late_days(events, loan, events.due[events.inst_start[loan] + i], day) <= rules.grace[loan]:
                work.product[i] = 0  # settled within grace: it was never overdue
    return piece


@_jit
def _note(pieces, at, loan, payment, instalment, component, amount, days_late, days_past_due, channel):
    """Write one piece."""
    pieces.loan[at] = loan
    pieces.payment[at] = payment
    pieces.instalment[at] = instalment
    pieces.component[at] = component
    pieces.amount[at] = amount
    pieces.days_late[at] = days_late
    pieces.days_past_due[at] = days_past_due
    pieces.channel[at] = channel


@_jit
def _apply(events, rules, work, loan, payment, live, due_count, count, days, pieces, at, write):
    """Apply one payment by the waterfall; gives principal paid, money left over, and the next free row of pieces."""
    rule = rules.rules[rules.terms[loan]]
    late = days >= rule[LATE_FROM]
    order = LATE_ORDER if late else ORDER
    scope = rule[LATE_SCOPE] if late else rule[SCOPE]
    day, left = events.value_day[payment], events.amount[payment]
    first, principal = events.inst_start[loan], 0
    channel = _placed_with(events, loan, day - 1) if write else -1
    past = due_count - live
    for step in range(4 * (past + count - due_count)):
        if left == 0:
            break
        if step >= 4 * past:  # coming instalments: always one after the other, and no penalty
            i, component = due_count + (step - 4 * past) // 4, rule[order + step % 4]
            if component == PENALTY:
                continue
        elif scope == BY_INSTALMENT:
            i, component = live + step // 4, rule[order + step % 4]
        else:
            i, component = live + step % past, rule[order + step // past]
        piece = _pay(events, rules, work, loan, i, component, day, left)
        if piece == 0:
            continue
        left -= piece
        if component == PRINCIPAL:
            principal += piece
        if write:
            late_days = _late_days(events, loan, events.due[first + i], day)
            _note(pieces, at, loan, payment, first + i, component, piece, late_days, days, channel)
        at += 1
    if left > 0:
        if write:
            _note(pieces, at, loan, payment, -1, UNAPPLIED, left, 0, days, channel)
        at += 1
    return principal, left, at


@_jit
def _see(events, rules, work, reads, rows, loan, k, row, live, oldest, count, balance, paid, left):
    """Write what a loan looks like at the end of date k."""
    day = reads.dates[k]
    first = events.inst_start[loan]
    fee, interest, principal, penalty, instalments = 0, 0, 0, 0, 0
    is_closed = day >= events.closed[loan]
    days = _days_past_due(events, rules, work, loan, oldest, count, day)
    is_overdue = not is_closed and oldest < count and (
        _late_days(events, loan, events.due[first + oldest], day) > rules.grace[loan]
    )
    if not is_closed:
        for i in range(live, count):
            if events.due[first + i] >= day:
                break
            penalty += _penalty_owed(events, rules, work, loan, i, day)
            if is_overdue and not work.is_settled[i]:
                fee += work.unpaid[i, FEE]
                interest += work.unpaid[i, INTEREST]
                principal += work.unpaid[i, PRINCIPAL]
                instalments += 1
    if is_closed:
        rows.status[row] = FIRST_CLOSE_CODE + events.close_code[loan]
        balance = 0
    elif is_overdue:
        rows.status[row] = OVERDUE
    else:
        rows.status[row] = PAID if oldest >= count and penalty == 0 else CURRENT
    rows.loan[row] = loan
    rows.as_of[row] = day * MICROSECONDS
    rows.days_past_due[row] = days
    rows.bucket[row] = reads.bucket_of[k, min(days, reads.bucket_of.shape[1] - 1)]
    rows.asset_class[row] = reads.class_of[k, min(days, reads.class_of.shape[1] - 1)]
    rows.overdue_instalments[row] = instalments
    rows.oldest_due_date[row] = events.due[first + oldest] * MICROSECONDS if is_overdue else NO_DATE
    rows.overdue_principal[row] = principal / 100
    rows.overdue_interest[row] = interest / 100
    rows.overdue_fee[row] = fee / 100
    rows.penalty[row] = penalty / 100
    rows.total_due[row] = (fee + interest + principal + penalty) / 100
    rows.principal_balance[row] = balance / 100
    rows.unapplied[row] = left / 100
    rows.paid_to_date[row] = paid / 100
    rows.channel[row] = _placed_with(events, loan, day) + 1


@_jit
def walk(low, high, events, rules, reads, work, rows, pieces, mode):
    """Walk the loans low..high over all events and dates.

    mode 0 fills `rows`; mode 1 counts the pieces of each loan into ``pieces.first[loan + 1]``; mode 2 writes them
    from ``pieces.first[loan]`` on.
    """
    for loan in range(low, high):
        count, balance = _begin(events, rules, work, loan)
        first = events.inst_start[loan]
        live, oldest, due_count = 0, 0, 0  # first instalment that owes anything; first unsettled; number fallen due
        paid, over, paid_before = 0, 0, 0
        at = pieces.first[loan] if mode == 2 else 0
        payment = events.pay_start[loan]
        k0 = reads.first_date[loan]
        for k in range(k0, len(reads.dates)):
            while payment < events.pay_start[loan + 1] and events.value_day[payment] <= reads.dates[k]:
                if events.posted[payment] <= reads.known_on and events.reversed[payment] > reads.known_on:
                    day = events.value_day[payment]
                    while due_count < count and events.due[first + due_count] <= day:
                        due_count += 1
                    days = _days_past_due(events, rules, work, loan, oldest, count, day)
                    principal, left, at = _apply(
                        events, rules, work, loan, payment, live, due_count, count, days, pieces, at, mode == 2
                    )
                    balance -= principal
                    over += left
                    paid += events.amount[payment]
                    while oldest < count and work.is_settled[oldest]:
                        oldest += 1
                    while live < oldest and _penalty_owed(events, rules, work, loan, live, day) == 0:
                        live += 1
                    live = min(live, due_count)
                payment += 1
            if mode == 0:
                row = reads.first_row[loan] + k - k0
                _see(events, rules, work, reads, rows, loan, k, row, live, oldest, count, balance, paid, over)
                if len(rows.paid_in_period):
                    rows.paid_in_period[row] = (paid - paid_before) / 100 if k > 0 else nan
                    rows.bucket_before[row] = rows.bucket[row - 1] if k > k0 else -1
                    paid_before = paid
        if mode == 1:
            pieces.first[loan + 1] = at


@_jit
def worst_of_customers(low, high, customer_start, customer_loans, reads, days, worst):
    """Per customer low..high and date, the largest days past due of its loans, written to each loan's row."""
    dates, first_date, first_row = len(reads.dates), reads.first_date, reads.first_row
    for customer in range(low, high):
        begin, end = customer_start[customer], customer_start[customer + 1]
        if end - begin == 1:
            loan = customer_loans[begin]
            for row in range(first_row[loan], first_row[loan] + dates - first_date[loan]):
                worst[row] = days[row]
            continue
        for k in range(dates):
            most = 0
            for j in range(begin, end):
                loan = customer_loans[j]
                if k >= first_date[loan]:
                    most = max(most, days[first_row[loan] + k - first_date[loan]])
            for j in range(begin, end):
                loan = customer_loans[j]
                if k >= first_date[loan]:
                    worst[first_row[loan] + k - first_date[loan]] = most
