"""The slow referee of the tracking wing: one loan after the other, in plain Python; shares no code with the package.

A row is a dict as in a panel, with `date` (position among all dates). The moves of a loan are told date by date.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, NamedTuple

Row = dict[str, Any]
EXIT_OF = {"paid": "paid_off", **{n: n for n in ("paid_off", "settled", "written_off", "sold", "archived")}}
EXITS = {"paid_off", "settled", "written_off", "sold", "archived", "gone"}


class Move(NamedTuple):
    """A loan from one date to the next; `row` is None if it has none now; `earlier` are its rows before."""

    loan: Row
    date: int
    before: str
    state: str
    last: Row | None
    row: Row | None
    earlier: list[Row]


def rows_by_loan(panel: Any) -> dict[str, list[Row]]:
    """Rows of a panel by loan, each with the position of its date."""
    dates = sorted(set(panel["as_of"]))
    found: dict[str, list[Row]] = defaultdict(list)
    for row in panel.to_dict("records"):
        found[row["loan_id"]].append({**row, "date": dates.index(row["as_of"])})
    return found


def state_of(row: Row) -> str:
    return EXIT_OF.get(row["status"], row["bucket"])


def moves(panel: Any, loans: Any) -> Iterator[Move]:
    """Every loan at every date at which it is there, or should be."""
    last_date = panel["as_of"].nunique() - 1
    by_id = {row["loan_id"]: row for row in loans.to_dict("records")}
    for loan_id, rows in rows_by_loan(panel).items():
        seen = {row["date"]: row for row in rows}
        for date in range(last_date + 1):
            row, last = seen.get(date), seen.get(date - 1)
            earlier = [r for r in rows if r["date"] < date]
            if row is not None:
                before = "new" if not earlier else "unobserved" if last is None else state_of(last)
                yield Move(by_id[loan_id], date, before, state_of(row), last, row, earlier)
            elif last is not None and state_of(last) not in EXITS:
                comes_back = any(r["date"] > date for r in rows)
                state = "unobserved" if comes_back else "gone"
                yield Move(by_id[loan_id], date, state_of(last), state, last, None, earlier)


def cents(amount: Any) -> int:
    return 0 if amount != amount else round(Fraction(str(amount)) * 100)


def overdue(row: Row) -> int:
    return sum(cents(row[f"overdue_{name}"]) for name in ("principal", "interest", "fee"))


def matrix(found: list[Move], buckets: list[str]) -> dict[tuple[str, str], tuple[int, int]]:
    """Loans and cents at the start by bucket before and state."""
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for move in found:
        if move.before in buckets and move.state != "unobserved":
            sums[move.before, move.state][0] += 1
            sums[move.before, move.state][1] += cents(move.last["principal_balance"]) if move.last else 0
    return {pair: (n, money) for pair, (n, money) in sums.items()}


def mix(found: list[Move], buckets: list[str]) -> dict[tuple[int, str], tuple[int, int, int]]:
    """Open loans, overdue cents and cents of principal by date and bucket."""
    sums: dict[tuple[int, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for move in found:
        if move.row is not None and move.state in buckets:
            one = sums[move.date, move.state]
            one[0] += 1
            one[1] += overdue(move.row)
            one[2] += cents(move.row["principal_balance"])
    return {key: (n, late, balance) for key, (n, late, balance) in sums.items()}


def at_risk(found: list[Move], buckets: list[str], days: int) -> dict[int, Fraction]:
    """Share of principal in loans more than `days` past due by date."""
    late: dict[int, int] = defaultdict(int)
    whole: dict[int, int] = defaultdict(int)
    for move in found:
        if move.row is not None and move.state in buckets:
            whole[move.date] += cents(move.row["principal_balance"])
            if move.row["days_past_due"] > days:
                late[move.date] += cents(move.row["principal_balance"])
    return {date: Fraction(late[date], balance) for date, balance in whole.items() if balance}


def vintage(panel: Any, loans: Any, *, days: int, is_ever: bool, by_money: bool) -> dict[tuple[Any, Any], Fraction]:
    """Share past `days` by month of disbursement and date: of loans, or of principal."""
    by_id = {row["loan_id"]: row for row in loans.to_dict("records")}
    whole: dict[Any, int] = defaultdict(int)
    late: dict[tuple[Any, Any], int] = defaultdict(int)
    dates = sorted(set(panel["as_of"]))
    for loan_id, rows in rows_by_loan(panel).items():
        loan = by_id[loan_id]
        month = loan["disbursement_date"].strftime("%Y-%m")
        lent = cents(loan["principal"])
        whole[month] += lent if by_money else 1
        for date in range(len(dates)):
            so_far = [r for r in rows if r["date"] <= date and state_of(r) not in EXITS]
            if is_ever and any(r["days_past_due"] > days for r in so_far):
                late[month, date] += lent if by_money else 1
            now = [r for r in so_far if r["date"] == date and r["days_past_due"] > days]
            if not is_ever and now:
                late[month, date] += cents(now[0]["principal_balance"]) if by_money else 1
    return {(month, date): Fraction(late[month, date], whole[month]) for month in whole for date in range(len(dates))}
