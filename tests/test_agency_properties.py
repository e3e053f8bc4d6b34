"""Commission against the line-by-line referee over random books and contracts, to the cent."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import collectkit as ck
from collectkit.policy import Policy
from tests import settlement
from tests.books import LONG_AGO, Book, Dice, _book, frames

MONTHS = [date(2025, month, 1) for month in range(1, 10)]
AGENCIES = ("North", "South", "East")
RATES = ["0.07", "0.2", "0.333333333", "0", "0.125", "1"]
METHODS = [None, "transfer", "app", "transfer", "auto_debit", "app", "set_off"]


def contracts(dice: Dice) -> list[dict[str, Any]]:
    """Tariffs of two readings: for all agencies from the beginning, and some of their own."""
    found = []
    for name in settlement.NAMES:
        found.append(contract(dice, name, {"effective_from": LONG_AGO}))
        if dice.chance(30):
            found.append(contract(dice, name, {"effective_from": date(2025, 2, 15)}))
        if dice.chance(40):
            found.append(contract(dice, name, {"effective_from": LONG_AGO, "agency": "North"}))
        if dice.chance(30):
            found.append(contract(dice, name, {"effective_from": LONG_AGO, "placement_no": dice.pick([2, 1])}))
    return found


def contract(dice: Dice, name: str, picked: dict[str, Any]) -> dict[str, Any]:
    edges = dice.pick([[], [5], [3, 17, 30]])
    starts = [1, *(edge + 1 for edge in edges)]
    bands = [{"min_days": start, "rate": dice.pick(RATES)} for start in starts]
    for band, edge in zip(bands, edges, strict=False):
        band["max_days"] = edge
    tariff = {"name": name, **picked, "bands": bands, "source": "test"}
    if dice.chance(20):
        tariff |= {"basis": "placed", "age_at": "placement"}
    else:
        tariff["age_at"] = dice.pick(["payment", "placement"])
        if dice.chance(60):
            tariff["recovery_bands"] = [recovery(dice, share, len(bands)) for share in dice.pick(
                [["0.15"], ["0.1", "0.333333333"], ["0.000001", "0.05", "0.9"]])]  # fmt: skip
            tariff["tiering"] = dice.pick(["whole", "marginal", "target"])
    if dice.chance(30):
        tariff |= {"vat_rate": dice.pick(["0.06", "0.133333333"]), "vat_included": dice.chance(50)}
    if dice.chance(30):
        tariff["minimum_fee"] = dice.pick(["10", "0.01", "2500.55"])
    if dice.chance(30):
        tariff["maximum_fee"] = dice.pick(["3000", "2600.01"])
    if dice.chance(20):
        tariff["flat_fee_per_case"] = dice.pick(["12.34", "1"])
    if dice.chance(40):
        tariff["tail_days"] = dice.pick([1, 10, 60])
    return tariff


def recovery(dice: Dice, share: str, bands: int) -> dict[str, Any]:
    rates = {"rate": dice.pick(RATES)} if dice.chance(50) else {"rates": [dice.pick(RATES) for _ in range(bands)]}
    return {"from": share, **rates}


def agency_book(dice: Dice) -> Book:
    """A book of `tests.books` whose loans fall due early, are placed, and then pay late."""
    book = _book(dice, dice.between(1, 4))
    tables = {**book.tables, "payments": [], "placements": []}
    for loan in tables["loans"]:
        if loan.get("closed_date") is not None and dice.chance(60):
            loan["closed_date"] = loan["close_code"] = None
        due = [row["due_date"] for row in tables["instalments"] if row["loan_id"] == loan["loan_id"]]
        placed, edges = min(due) + timedelta(dice.pick([5, 0, 1, 20])), []
        for _ in range(dice.pick([1, 2, 3, 1, 0])):
            recalled = placed + timedelta(dice.between(0, 120)) if dice.chance(50) else None
            tables["placements"].append(
                {"placement_id": f"H{len(tables['placements'])}", "loan_id": loan["loan_id"],
                 "agency": dice.pick(AGENCIES), "placement_date": placed, "recall_date": recalled}
            )  # fmt: skip
            edges += [placed + timedelta(days) for days in (0, 1)]
            if recalled is None:
                break
            edges += [recalled + timedelta(days) for days in (0, 1, 2, 10, 11)]  # and the ends of tails
            placed = recalled + timedelta(dice.pick([0, 1, 30]))
        for _ in range(dice.pick([6, 3, 10, 1])):
            tables["payments"].append(payment(dice, loan, min(due), edges, len(tables["payments"])))
    return replace(book, tables=tables, policy={**book.policy, "tariffs": contracts(dice)})


def payment(dice: Dice, loan: dict[str, Any], due: date, edges: list[date], number: int) -> dict[str, Any]:
    is_edge = edges and dice.chance(40)  # a day on which something begins or ends
    value = dice.pick(edges) if is_edge else due + timedelta(dice.between(0, 150))
    posted = value + timedelta(dice.pick([1, 20, 45, -3])) if dice.chance(40) else None
    back = max(value, posted or value) + timedelta(dice.between(0, 60)) if dice.chance(25) else None
    amount = dice.cents(1, dice.pick([2_000, 500, 20_000, 300_000]))
    return {"payment_id": f"{dice.pick('PQA')}{number}", "loan_id": loan["loan_id"], "value_date": value,
            "amount": amount, "posting_date": posted, "reversal_date": back, "method": dice.pick(METHODS)}  # fmt: skip


@st.composite
def books(draw: Any) -> Book:
    return agency_book(Dice(lambda low, high: draw(st.integers(low, high))))


def portfolio_of(book: Book) -> ck.Portfolio:
    tables = frames(book.tables)
    methods = [payment["method"] for payment in book.tables["payments"]]
    tables["payments"] = tables["payments"].assign(method=pd.Series(methods, dtype="str"))
    return ck.Portfolio(**{name: frame for name, frame in tables.items() if frame is not None})


def cents(amounts: Any) -> int:
    return round(float(pd.Series(amounts).sum()) * 100)


placed_books = books().filter(lambda book: book.tables["placements"])
TRIED = settings.default.max_examples
slow = settings(
    max_examples=TRIED if TRIED > 50 else TRIED // 3,  # each is a whole contract: loans, agencies, readings, two months
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)


def statement_of(book, agency, month, tariff, portfolio=None):
    portfolio, policy = portfolio or portfolio_of(book), Policy.model_validate(book.policy)
    return ck.agencies.commission_statement(portfolio, policy, agency, period=f"{month:%Y-%m}", tariff=tariff)


@slow
@given(placed_books, st.integers(0, 7), st.data())
def test_statements_equal_the_referee_to_the_cent_and_a_closed_month_stays(book, which, data):
    """Both readings of every agency; the next month opens where this one closed; what comes later changes nothing."""
    portfolio, month = portfolio_of(book), MONTHS[which]
    name = data.draw(st.sampled_from(settlement.NAMES))
    for agency in sorted({row["agency"] for row in book.tables["placements"]}):
        made = statement_of(book, agency, month, name, portfolio)
        equals_the_referee(made, settlement.statement(book.tables, book.policy, agency, month))
    following = statement_of(book, agency, MONTHS[which + 1], name, portfolio).totals
    assert [cents([v]) for v in made.totals["closing"]] == [cents([v]) for v in following["opening"]]
    end = MONTHS[which + 1] - timedelta(1)
    known = {**book.tables, "payments": [seen(p, end) for p in book.tables["payments"] if posted(p) <= end]}
    then = statement_of(replace(book, tables=known), agency, month, name)
    pd.testing.assert_frame_equal(then.lines, made.lines)
    pd.testing.assert_frame_equal(then.totals, made.totals)


def equals_the_referee(made, expected):
    """Totals of every reading, and the sums of the lines of the one settled by."""
    for name, totals in made.totals.set_index("tariff").iterrows():
        assert {key: cents([totals[key]]) for key in expected[name]} == expected[name]
    for column in ("commission", "vat"):
        assert cents(made.lines[column]) == expected[made.tariff][column]
    assert not set(made.lines.loc[made.lines["rate"] > 0, "band"]) & {"", "0"}


@slow
@given(placed_books)
def test_lines_equal_the_referee_line_by_line_and_every_payment_has_its_reason(book):
    portfolio, policy = portfolio_of(book), Policy.model_validate(book.policy)
    as_of, known_on = book.dates[-1], book.known_on
    earned = ck.agencies.commission_earned(portfolio, policy, start="2024-12-01", end=as_of, known_on=known_on)
    found = sorted(
        (row.tariff, row.kind, row.payment_id if row.payment_id == row.payment_id else None,
         row.placement_id if row.placement_id == row.placement_id else None, row.value_date.date(),
         cents([row.commissionable]), cents([row.commission]), cents([row.vat]))
        for row in earned.itertuples()
    )  # fmt: skip
    expected = sorted(
        (line["tariff"], line["kind"], line["payment_id"], line["placement_id"], line["day"], line["base"],
         line["commission"], line["vat"])
        for agency in AGENCIES
        for line in settlement.lines(book.tables, book.policy, as_of, known_on, agency)
    )  # fmt: skip
    assert [tuple(map(str, row)) for row in found] == [tuple(map(str, row)) for row in expected]
    cash = ck.agencies.attribution(
        portfolio, policy, start="2024-12-01", end=as_of, known_on=known_on, tariff=policy.tariff_names[-1]
    )
    there = {
        p["payment_id"]: round(p["amount"] * 100)
        for p in book.tables["payments"]
        if p["value_date"] <= as_of and (known_on is None or posted(p) <= known_on)
    }
    assert {payment: cents(parts) for payment, parts in cash.groupby("payment_id")["amount"]} == there
    assert cash["reason"].notna().all()


def posted(payment):
    return payment["posting_date"] or payment["value_date"]


def seen(payment, day):
    """A payment as it stood on a day: a later reversal had not happened."""
    late = payment["reversal_date"] is not None and payment["reversal_date"] > day
    return {**payment, "reversal_date": None} if late else payment
