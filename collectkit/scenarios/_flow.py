"""The compiled flow: every draw and strategy month by month, by product × bucket × channel.

A month: new cases arrive in-house in the first bucket; rules move cases to the agency, to court or off the books; the
team is sized and its capacity shared evenly; then cash comes in, cases cure, the last bucket is written off in part,
and what is left stays or rolls into the next bucket. Nothing else happens to a balance, so it is conserved:
opening + inflow = cash + cured + written off + closing.
"""

from __future__ import annotations

from math import ceil
from typing import Any, NamedTuple

import numpy as np

from collectkit._compiled import jit

# fmt: off
#: Places in `Book.unit`, in the order of `draws.UNITS`.
(PERSON, LEAD, SEAT, HIRE, FIXED, BONUS, CONTACT, LIGHT, MINUTES, CASE_MINUTES, NEW_MINUTES, STEADY, COLLECTORS, SPAN,
 ATTRITION, EXPERIENCED, SUIT, PLACING, VENDOR, VAT, WORTH) = range(21)
#: Places in the totals, in the order of `engine.TOTALS`.
(CASH_IN_HOUSE, CASH_AGENCY, CASH_LEGAL, PEOPLE, BONUSES, SEATS, FIXED_COST, HIRING, CONTACTS, LEGAL, COMMISSION, TAX,
 VENDORS, PRESENT_VALUE, INFLOW, CURED, CURED_WORTH, WRITTEN, CLOSING, COLLECTOR_MONTHS, LEAD_MONTHS, HIRES, WORKED,
 OVER, PLACED_CASES, PLACED_BALANCE, SUED_CASES, NEEDED, TEAM_MONTHS, VENDOR_MONTHS, CASES) = range(31)
# fmt: on
HOME, AWAY, COURT = 0, 1, 2  # where cases are
PLACE, SUE, DROP = 0, 1, 2  # actions, in the order of `strategies.ACTIONS`
AT_PAYMENT, AT_PLACEMENT, ON_PLACED = 0, 1, 2  # how a tariff is read


class Plan(NamedTuple):
    """Who works what: share moved by strategy × month × product × bucket × action, and how it is priced."""

    share: Any
    from_cases: Any
    reading: int
    flat_fee: float
    settlement: int
    court_ends: Any
    court_rates: Any
    court_part: float


class Stock(NamedTuple):
    """What is where: by place × product × bucket, and what arrived in-house this month."""

    balance: Any
    cases: Any
    new_balance: Any
    new_cases: Any
    unprepared: Any
    fees: Any  # balance with the agency × its rate at placement


@jit
def run(low, high, book, plan, stock, out):
    """Totals of the draws from `low` to before `high` under every strategy, into `out`; `stock` is room."""
    for d in range(low, high):
        for s in range(plan.share.shape[0]):
            total = out[d, s]
            _begin(book, stock, total)
            staff = -1.0
            for t in range(plan.share.shape[1]):
                _arrive(d, t, book, stock, total)
                spent, owed, came = _so_far(total)
                if _cases(stock) >= plan.from_cases[s]:
                    _move(plan.share[s, t], book.kappa[d], book.unit[d], plan, stock, total)
                staff, full = _staff(book.unit[d], book.factor[d, t], staff, stock, total)
                _collect(full, book.cash[d], book.cure[d], book.roll[d], book.written[d], book.kappa[d], book.unit[d],
                         plan.reading, stock, total)  # fmt: skip
                spent_now, owed_now, came_now = _so_far(total)
                total[PRESENT_VALUE] += (came_now - came - spent_now + spent) * book.discount[d, t]
                total[PRESENT_VALUE] -= (owed_now - owed) * book.discount[d, t + plan.settlement]
            for p in range(stock.fees.shape[0]):
                for b in range(stock.fees.shape[1]):
                    total[CLOSING] += stock.new_balance[p, b]
                    for place in range(3):
                        total[CLOSING] += stock.balance[place, p, b]


def room(products: int, buckets: int) -> Stock:
    """Room for one thread to work in."""
    by_place, by_bucket = (3, products, buckets), (products, buckets)
    return Stock(
        np.empty(by_place), np.empty(by_place), np.empty(by_bucket), np.empty(by_bucket), np.empty(products),
        np.empty(by_bucket),
    )  # fmt: skip


@jit
def _begin(book, stock, total):
    """Nothing counted yet; the opening cases have just arrived."""
    for i in range(len(total)):
        total[i] = 0.0
    for p in range(stock.fees.shape[0]):
        for b in range(stock.fees.shape[1]):
            stock.fees[p, b] = 0.0
            stock.new_cases[p, b] = book.opening_cases[p, b]
            stock.new_balance[p, b] = book.opening_balance[p, b]
            total[CASES] += book.opening_cases[p, b]
            for place in range(3):
                stock.cases[place, p, b] = stock.balance[place, p, b] = 0.0


@jit
def _so_far(total):
    """Costs without commission, commission with tax, and cash with the worth of what was cured, up to now."""
    spent = total[PEOPLE] + total[BONUSES] + total[SEATS] + total[FIXED_COST] + total[HIRING] + total[CONTACTS]
    spent += total[LEGAL] + total[VENDORS]
    came = total[CASH_IN_HOUSE] + total[CASH_AGENCY] + total[CASH_LEGAL] + total[CURED_WORTH]
    return spent, total[COMMISSION] + total[TAX], came


@jit
def _cases(stock):
    """Cases overdue anywhere."""
    cases = 0.0
    for p in range(stock.fees.shape[0]):
        for b in range(stock.fees.shape[1]):
            cases += stock.new_cases[p, b]
            for place in range(3):
                cases += stock.cases[place, p, b]
    return cases


@jit
def _arrive(d, t, book, stock, total):
    """New cases, in-house in the first bucket."""
    for p in range(len(stock.unprepared)):
        came = book.inflow[d, p] * (1 + book.growth[d]) ** t
        stock.unprepared[p] = came
        stock.new_cases[p, 0] += came
        stock.new_balance[p, 0] += came * book.each[d, p]
        total[INFLOW] += came * book.each[d, p]
        total[CASES] += came


@jit
def _move(share, kappa, unit, plan, stock, total):
    """Hand cases over; a share below one splits those that just arrived, a whole one takes all that are there."""
    for p in range(share.shape[0]):
        for b in range(share.shape[1]):
            for action in range(3):
                part = share[p, b, action]
                if part <= 0:
                    continue
                cases, balance = part * stock.new_cases[p, b], part * stock.new_balance[p, b]
                stock.new_cases[p, b] -= cases
                stock.new_balance[p, b] -= balance
                if b == 0:
                    stock.unprepared[p] *= 1 - part
                if part >= 1:
                    cases += stock.cases[HOME, p, b]
                    balance += stock.balance[HOME, p, b]
                    stock.cases[HOME, p, b] = stock.balance[HOME, p, b] = 0.0
                if cases <= 0:
                    continue
                if action == DROP:
                    total[WRITTEN] += balance
                    continue
                place = AWAY if action == PLACE else COURT
                stock.cases[place, p, b] += cases
                stock.balance[place, p, b] += balance
                if action == SUE:
                    fee = _court_fee(balance / cases, plan.court_ends, plan.court_rates) * plan.court_part
                    total[LEGAL] += cases * (fee + unit[SUIT])
                    total[SUED_CASES] += cases
                    continue
                total[PLACED_CASES] += cases
                total[PLACED_BALANCE] += balance
                total[VENDORS] += cases * unit[PLACING]
                stock.fees[p, b] += balance * kappa[b]
                fee = cases * plan.flat_fee + (balance * kappa[b] if plan.reading == ON_PLACED else 0.0)
                total[COMMISSION] += fee
                total[TAX] += fee * unit[VAT]


@jit
def _court_fee(claim, ends, rates):
    """Court fee of one claim; the statute is in `collectkit.court`."""
    fee, below = 50.0, 10_000.0
    for i in range(len(ends)):
        if claim > below:
            fee += (min(claim, ends[i]) - below) * rates[i]
        below = ends[i]
    return fee


@jit
def _staff(unit, factor, before, stock, total):
    """Size the team to its work, at most to its limit; returns it, and the share of cases it can work in full."""
    cases = need = 0.0
    for p in range(stock.fees.shape[0]):
        need += stock.unprepared[p] * unit[NEW_MINUTES]
        for b in range(stock.fees.shape[1]):
            stock.cases[HOME, p, b] += stock.new_cases[p, b]
            stock.balance[HOME, p, b] += stock.new_balance[p, b]
            stock.new_cases[p, b] = stock.new_balance[p, b] = 0.0
            cases += stock.cases[HOME, p, b]
    need += cases * unit[CASE_MINUTES]
    if cases <= 0:
        return 0.0, 1.0
    needed = ceil(need / (unit[MINUTES] * unit[STEADY]) - 1e-9)
    staff = min(needed, unit[COLLECTORS])
    full = min(1.0, staff * unit[MINUTES] * factor / need)
    leads = ceil(staff / unit[SPAN] - 1e-9)
    hires = unit[ATTRITION] * staff + max(0.0, staff - (unit[EXPERIENCED] * staff if before < 0 else before))
    total[PEOPLE] += staff * unit[PERSON] + leads * unit[LEAD]
    total[SEATS] += (staff + leads) * unit[SEAT]
    total[FIXED_COST] += unit[FIXED]
    total[HIRING] += hires * unit[HIRE]
    total[CONTACTS] += cases * (full * unit[CONTACT] + (1 - full) * unit[LIGHT])
    total[COLLECTOR_MONTHS] += staff
    total[LEAD_MONTHS] += leads
    total[HIRES] += hires
    total[WORKED] += full * cases
    total[OVER] += (1 - full) * cases
    total[NEEDED] = max(total[NEEDED], needed)
    total[TEAM_MONTHS] += 1
    return staff, full


@jit
def _collect(full, cash_rate, cure_rate, roll, written, kappa, unit, reading, stock, total):
    """Cash, cure, write-off and roll of one month; the last bucket first, so that nothing rolls twice."""
    last, away = stock.fees.shape[1] - 1, 0.0
    for p in range(stock.fees.shape[0]):
        for b in range(last, -1, -1):
            away += stock.cases[AWAY, p, b]
            for place in range(3):
                balance, cases = stock.balance[place, p, b], stock.cases[place, p, b]
                if balance <= 0 and cases <= 0:
                    continue
                pays, cures = cash_rate[place + 1, p, b], cure_rate[place + 1, p, b]
                if place == HOME:
                    pays = full * cash_rate[0, p, b] + (1 - full) * pays
                    cures = full * cure_rate[0, p, b] + (1 - full) * cures
                cash = pays * balance
                rest = balance - cash
                stays = (1 - cures) * (1 - written if b == last else 1.0)
                rolls = roll[b] if b < last else 0.0
                total[CURED] += cures * rest
                total[CURED_WORTH] += cures * rest * unit[WORTH]
                total[WRITTEN] += (1 - cures - stays) * rest
                total[CASH_IN_HOUSE + place] += cash
                stock.balance[place, p, b] = stays * (1 - rolls) * rest
                stock.cases[place, p, b] = stays * (1 - rolls) * cases
                if b < last and place == HOME:
                    stock.new_balance[p, b + 1] += stays * rolls * rest
                    stock.new_cases[p, b + 1] += stays * rolls * cases
                elif b < last:
                    stock.balance[place, p, b + 1] += stays * rolls * rest
                    stock.cases[place, p, b + 1] += stays * rolls * cases
                if place == HOME:
                    total[BONUSES] += cash * unit[BONUS]
                elif place == AWAY:
                    _charge(p, b, last, pays, stays, rolls, cash, kappa, unit, reading, stock, total)
    if away > 0:
        total[VENDORS] += unit[VENDOR]
        total[VENDOR_MONTHS] += 1


@jit
def _charge(p, b, last, pays, stays, rolls, cash, kappa, unit, reading, stock, total):
    """Commission on the agency's cash, by the rate at payment or at placement; what is left keeps its rate."""
    fee = pays * stock.fees[p, b] if reading == AT_PLACEMENT else cash * kappa[b]
    kept = stays * (1 - pays) * stock.fees[p, b]
    stock.fees[p, b] = kept * (1 - rolls)
    if b < last:
        stock.fees[p, b + 1] += kept * rolls
    if reading != ON_PLACED:
        total[COMMISSION] += fee
        total[TAX] += fee * unit[VAT]
