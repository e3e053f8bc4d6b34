"""The form the kernel reads: a portfolio as sorted arrays of whole days and whole cents, built once.

Loans are in the order of their ids. The rows of one loan in a child table are the slice
``start[loan]:start[loan + 1]``, sorted as the rules of the ledger ask.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from operator import itemgetter
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.compute as pc

from collectkit._blocks import ascend, by_blocks, computed, together
from collectkit.days import NEVER, day_numbers
from collectkit.ids import as_arrow, is_ascending
from collectkit.money import checked_cents, exact_rate

Ints = npt.NDArray[Any]
#: Gives the payment_id of some rows.
IdsOf = Callable[[Ints], pd.Series]


@dataclass(frozen=True)
class Coded:
    """Arrays of a portfolio; per loan unless said otherwise. Days are numbers since 1970-01-01, money is cents."""

    loan_id: pd.Series  # in order
    payment_id: pd.Series  # in the order of `payments`
    loan_row: Ints  # row in `loans` of each loan
    disbursed: Ints
    closed: Ints
    close_code: Ints
    grace: Ints  # -1: the policy's
    product: Ints
    rate: Ints  # position in `rates`
    penalty_rate: Ints  # position in `rates`; -1: the policy's
    customer_loans: Ints  # loans of the same customer side by side
    customer_start: Ints
    inst_start: Ints
    due: Ints
    inst_no: Ints
    owed: Ints  # instalment × (fee, interest, principal)
    pay_start: Ints
    pay_row: Ints  # row in `payments` of each payment
    value_day: Ints
    posted: Ints
    reversed: Ints
    amount: Ints
    pauses: Ints  # pause × (first, end), apart and in order; those of days, then those of penalty nights
    day_pause_start: Ints
    night_pause_start: Ints
    place_start: Ints
    placements: Ints  # placement × (first day, recall day, position in `agencies`)
    products: tuple[str, ...]
    close_codes: tuple[str, ...]
    agencies: tuple[str, ...]
    rates: tuple[Fraction, ...]

    def __post_init__(self) -> None:
        for value in vars(self).values():
            if isinstance(value, np.ndarray):
                value.setflags(write=False)

    @property
    def loans(self) -> int:
        """Number of loans."""
        return len(self.disbursed)

    @property
    def nbytes(self) -> int:
        """Size of the arrays [bytes]."""
        return sum(value.nbytes for value in vars(self).values() if isinstance(value, np.ndarray))

    def taking(self, loans: npt.ArrayLike) -> Coded:
        """The same for some loans alone, given by their positions in ascending order; each is its own customer."""
        chosen = np.asarray(loans, dtype=np.int64)
        changes: dict[str, Any] = {name: getattr(self, name)[chosen] for name in _OF_LOAN}
        for start, columns in _CHILDREN.items():
            rows, changes[start] = slices_of(getattr(self, start), chosen)
            taken = together(itemgetter(rows), [getattr(self, name) for name in columns])
            changes |= zip(columns, taken, strict=True)
        days, day_start = slices_of(self.day_pause_start, chosen)
        nights, night_start = slices_of(self.night_pause_start, chosen)
        changes |= {"day_pause_start": day_start, "night_pause_start": night_start + len(days)}
        changes["pauses"] = np.ascontiguousarray(self.pauses[np.concatenate([days, nights])])
        each = np.arange(len(chosen) + 1, dtype=np.int32)
        ids = self.loan_id.iloc[chosen].reset_index(drop=True)
        return replace(self, loan_id=ids, customer_loans=each[:-1], customer_start=each, **changes)

    def of_customers_of(self, loans: Ints) -> Coded:
        """The same for some loans, by position, and all others of their customers."""
        customer = np.empty(self.loans, dtype=np.int64)
        customer[self.customer_loans] = np.repeat(np.arange(len(self.customer_start) - 1), np.diff(self.customer_start))
        rows, start = slices_of(self.customer_start.astype(np.int64), np.unique(customer[loans]))
        chosen = self.customer_loans[rows]
        order = np.sort(chosen)
        places = np.searchsorted(order, chosen).astype(np.int32)
        return replace(self.taking(order), customer_loans=places, customer_start=start.astype(np.int32))


#: Columns with one value per loan.
_OF_LOAN = ("loan_row", "disbursed", "closed", "close_code", "grace", "product", "rate", "penalty_rate")
#: Columns whose rows belong to a loan, by the array that says where each loan's rows begin.
_CHILDREN = {
    "inst_start": ("due", "inst_no", "owed"),
    "pay_start": ("pay_row", "value_day", "posted", "reversed", "amount"),
    "place_start": ("placements",),
}


def slices_of(start: Ints, loans: Ints) -> tuple[Ints, Ints]:
    """Child rows of some loans one after the other, and where each loan's begin among them."""
    counts = start[loans + 1] - start[loans]
    begins = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return np.repeat(start[loans] - begins[:-1], counts) + np.arange(begins[-1]), begins


def coded(tables: Mapping[str, pd.DataFrame], loan_rows: Mapping[str, Ints]) -> Coded:
    """Code checked tables; `loan_rows` is the row in `loans` of each row's loan, by table."""
    loans = tables["loans"]
    loan = {name: loan_rows.get(name, _NO_ROWS) for name in _CODES}
    by_id = np.arange(len(loans))
    if not is_ascending(loans["loan_id"]):
        by_id = pc.sort_indices(as_arrow(loans["loan_id"])).to_numpy().astype(np.int64)
        place = np.empty(len(by_id), dtype=np.int64)
        place[by_id] = np.arange(len(by_id))
        loan = {name: place[rows] for name, rows in loan.items()}
        loans = loans.iloc[by_id].reset_index(drop=True)
    rates, rate, penalty_rate = _rates(loans)
    product, products = _categories(loans["product"])
    close_code, close_codes = _categories(_column(loans, "close_code"))
    customer_loans, customer_start = _customers(_column(loans, "customer_id"))
    children = together(lambda name: _CODES[name](tables[name], loan[name], len(loans)), _CODES)
    return Coded(
        loan_id=loans["loan_id"],
        payment_id=tables["payments"]["payment_id"],
        loan_row=by_id,
        disbursed=day_numbers(loans["disbursement_date"]),
        closed=_days(loans, "closed_date"),
        close_code=close_code,
        grace=_column(loans, "grace_days").fillna(-1).astype(np.int32).to_numpy(),
        product=product,
        rate=rate,
        penalty_rate=penalty_rate,
        customer_loans=customer_loans,
        customer_start=customer_start,
        **{name: array for child in children for name, array in child.items()},
        products=products,
        close_codes=close_codes,
        rates=rates,
    )


_NO_ROWS = np.empty(0, dtype=np.int64)


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    """An optional column; all missing if it is not there."""
    return frame[name] if name in frame else pd.Series(np.nan, frame.index, dtype=np.float64)


def _days(frame: pd.DataFrame, name: str) -> Ints:
    """An optional date column as day numbers; `NEVER` where missing."""
    return day_numbers(frame[name]) if name in frame else np.full(len(frame), NEVER, dtype=np.int32)


def _categories(column: pd.Series) -> tuple[Ints, tuple[str, ...]]:
    """Codes of a text column (-1 for missing) and its names in order."""
    codes, names = pd.factorize(column, sort=True)
    return codes.astype(np.int16), tuple(str(name) for name in names)


def _rates(loans: pd.DataFrame) -> tuple[tuple[Fraction, ...], Ints, Ints]:
    """Distinct contract and penalty rates, and the position of each loan's."""
    codes, names = pd.factorize(loans["annual_rate"])
    own_codes, own_names = pd.factorize(_column(loans, "penalty_annual_rate"))
    distinct = [exact_rate(rate) for rate in names] + [exact_rate(rate) for rate in own_names]
    own = np.where(own_codes < 0, -1, own_codes + len(names))
    return tuple(distinct), codes.astype(np.int32), own.astype(np.int32)


def _customers(customer: pd.Series) -> tuple[Ints, Ints]:
    """Loans side by side by customer; a loan without one is its own customer."""
    codes, names = pd.factorize(customer)
    codes = np.where(codes < 0, len(names) + np.arange(len(codes)), codes)
    order = np.argsort(codes, kind="stable")
    first = np.flatnonzero(np.diff(codes[order], prepend=-1))
    return order.astype(np.int32), np.append(first, len(codes)).astype(np.int32)


def _starts(loan: Ints, loans: int) -> Ints:
    """First row of each loan in rows sorted by loan, and the end of the last."""
    return np.concatenate([[0], np.cumsum(np.bincount(loan, minlength=loans))]).astype(np.int64)


def _order(*keys: Ints) -> Ints | None:
    """Stable order by the keys, the last one weighing most; None if the rows stand in it already."""
    return None if ascend(*keys) else np.lexsort(keys)


def _instalments(frame: pd.DataFrame, loan: Ints, loans: int) -> dict[str, Any]:
    due, number = day_numbers(frame["due_date"]), frame["instalment_no"].to_numpy(dtype=np.int32)
    owed = np.zeros((len(frame), 3), dtype=np.int64)
    names = ("fee", "interest", "principal")
    given = {at: frame[name].to_numpy(dtype=np.float64) for at, name in enumerate(names) if name in frame}

    def fill(rows: slice) -> None:
        for at, amounts in given.items():
            owed[rows, at] = checked_cents(np.nan_to_num(amounts[rows]))

    by_blocks(fill, len(frame))
    order = _order(number, due, loan)
    if order is not None:
        loan, due, number, owed = loan[order], due[order], number[order], owed[order]
    return {"inst_start": _starts(loan, loans), "due": due, "inst_no": number, "owed": owed}


def coded_payments(frame: pd.DataFrame, loan: Ints, loans: int) -> dict[str, Any]:
    """Payments as the kernel reads them; `loan` is the position of each row's loan."""
    value_day = day_numbers(frame["value_date"])
    posted = _days(frame, "posting_date")
    posted = np.where(posted == NEVER, value_day, posted)
    order = in_order_of_payment(lambda rows: frame["payment_id"].iloc[rows], loan, loans, value_day, posted)
    amount = frame["amount"].to_numpy(dtype=np.float64)
    return {
        "pay_start": _starts(loan, loans),
        "pay_row": order,
        "value_day": _taken(value_day, order),
        "posted": _taken(posted, order),
        "reversed": _taken(_days(frame, "reversal_date"), order),
        "amount": computed(lambda rows: checked_cents(amount[rows]), order, dtype=np.int64),
    }


def in_order_of_payment(ids_of: IdsOf, loan: Ints, loans: int, value_day: Ints, posted: Ints) -> Ints:
    """Rows by loan, value date, posting date and id, in which they are applied."""
    found = _order(posted, value_day, loan)
    order = np.arange(len(loan)) if found is None else found
    _order_ties(order, ids_of, _starts(loan, loans), _taken(value_day, order), _taken(posted, order))
    return order


def _taken(values: Ints, order: Ints) -> Ints:
    """The values in an order."""
    return computed(lambda rows: values[rows], order, dtype=values.dtype)


def _order_ties(order: Ints, ids_of: IdsOf, start: Ints, value_day: Ints, posted: Ints) -> None:
    """Put payments of one loan, value date and posting date, which stand side by side, in the order of their ids."""
    is_new = np.ones(len(order), dtype=bool)
    is_new[1:] = (value_day[1:] != value_day[:-1]) | (posted[1:] != posted[:-1])
    is_new[start[:-1][start[:-1] < len(order)]] = True
    if is_new.all():
        return
    is_tied = ~is_new | np.append(~is_new[1:], False)
    rows = order[is_tied]
    in_table = np.sort(rows)
    rank = np.empty(len(order), dtype=np.int64)
    rank[in_table] = pc.rank(as_arrow(ids_of(in_table))).to_numpy()
    order[is_tied] = rows[np.lexsort((rank[rows], np.cumsum(is_new[is_tied])))]


def _pauses(frame: pd.DataFrame, loan: Ints, loans: int) -> dict[str, Any]:
    """Pauses of days and of penalty nights, one list after the other, each without overlaps."""
    first, end = day_numbers(frame["start_date"]), day_numbers(frame["end_date"])
    lists = []
    for flag in ("stops_days", "stops_penalty"):
        chosen = (first < end) & (frame[flag].fillna(True).to_numpy(dtype=bool) if flag in frame else True)
        lists.append(_merged(loan[chosen], first[chosen], end[chosen]))
    days, nights = lists
    return {
        "pauses": np.ascontiguousarray(np.concatenate(lists)[:, 1:]),
        "day_pause_start": _starts(days[:, 0], loans),
        "night_pause_start": _starts(nights[:, 0], loans) + len(days),
    }


def _merged(loan: Ints, first: Ints, end: Ints) -> Ints:
    """Intervals of each loan in order, overlapping ones joined."""
    merged: list[list[int]] = []
    for row in np.lexsort([end, first, loan]):
        if merged and merged[-1][0] == loan[row] and first[row] <= merged[-1][2]:
            merged[-1][2] = max(merged[-1][2], int(end[row]))
        else:
            merged.append([int(loan[row]), int(first[row]), int(end[row])])
    return np.array(merged, dtype=np.int64).reshape(-1, 3)


def _placements(frame: pd.DataFrame, loan: Ints, loans: int) -> dict[str, Any]:
    begins = day_numbers(frame["placement_date"])
    agency, agencies = _categories(frame["agency"])
    order = np.lexsort((begins, loan))
    return {
        "place_start": _starts(loan[order], loans),
        "placements": np.column_stack([begins, _days(frame, "recall_date"), agency])[order].astype(np.int64),
        "agencies": agencies,
    }


_CODES = {"instalments": _instalments, "payments": coded_payments, "pauses": _pauses, "placements": _placements}
