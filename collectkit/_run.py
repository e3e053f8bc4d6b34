"""One walk over a portfolio: the inputs of the kernel, the threads that run it, and its output as tables."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from collectkit._coded import Coded, Ints
from collectkit._terms import rules_of
from collectkit.columns import COLUMNS, STATUSES
from collectkit.days import DATE_DTYPE, NEVER, Date, dates_of, day_number
from collectkit.errors import CallError, listed
from collectkit.policy import Policy
from collectkit.progress import steps

if TYPE_CHECKING:
    from collectkit import _kernel

#: Instalments plus payments below which one thread is faster than starting several.
_SMALL = 200_000

# columns in the order of the kernel's rows
_MONEY = [
    "overdue_fee", "overdue_interest", "overdue_principal", "penalty", "total_due", "principal_balance", "unapplied",
    "paid_to_date", "paid_in_period",
]  # fmt: skip
_COUNTS = ["days_past_due", "overdue_instalments", "customer_days_past_due", "channel"]
_DATES = ["as_of", "oldest_due_date"]
_CODES = ["status", "bucket", "asset_class", "bucket_before"]
_COLUMNS = [
    "loan_id", "as_of", "status", "days_past_due", "bucket", "asset_class", "overdue_instalments", "oldest_due_date",
    "overdue_principal", "overdue_interest", "overdue_fee", "penalty", "total_due", "principal_balance", "unapplied",
    "paid_to_date", "channel", "customer_days_past_due", "paid_in_period", "bucket_before",
]  # fmt: skip
# the kernel counts fee, interest, principal, penalty, unapplied
_COMPONENT_CODES = np.array(
    [COLUMNS["component"].values.index(name) for name in ("fee", "interest", "principal", "penalty", "unapplied")],
    dtype=np.int8,
)
_NOTHING_SEEN = (
    np.empty((0, 0)),
    np.empty((0, 0), np.int32),
    np.empty((0, 0), np.int64),
    np.empty((0, 0), np.int8),
)
_NO_PIECES = (np.empty(0, np.int64), np.empty((0, 0), np.int32), np.empty(0, np.int64))


class Run(NamedTuple):
    """One walk over a portfolio: its inputs in the kernel's form."""

    coded: Coded
    events: _kernel.Events
    rules: _kernel.Rules
    reads: _kernel.Reads
    buckets: tuple[str, ...]
    classes: tuple[str, ...]

    @classmethod
    def of(cls, coded: Coded, policy: Policy, days: Ints, known_on: Date | None, scheme: str) -> Run:
        from collectkit._kernel import Events, Reads

        if not isinstance(policy, Policy):
            raise CallError(f"`policy` is {policy!r}. Load it first, e.g. `load_policy({policy!r})`.")
        bucket_of, buckets = _bands([policy.bucket_scheme(scheme, date) for date in dates_of(days)], days)
        class_of, classes = _bands([policy.asset_class_table(date) for date in dates_of(days)], days)
        first_date = np.searchsorted(days, coded.disbursed).astype(np.int32)
        first_row = np.cumsum(len(days) - first_date.astype(np.int64))
        reads = Reads(
            dates=days,
            known_on=int(NEVER) - 1 if known_on is None else day_number(known_on, "known_on"),
            first_date=first_date,
            first_row=np.concatenate([[0], first_row]),
            bucket_of=bucket_of,
            class_of=class_of,
        )
        events = Events(**{name: getattr(coded, name) for name in Events._fields})
        return cls(coded, events, rules_of(coded, policy), reads, buckets, classes)

    def seen(self, *, period: bool) -> _kernel.Seen:
        """What every loan looks like on every date; `period` adds what `track` tells of the time between dates."""
        from collectkit import _kernel

        size, more = int(self.reads.first_row[-1]), int(period)
        seen = _kernel.Seen(
            money=np.empty((len(_MONEY) - 1 + more, size), dtype=np.float64),
            counts=np.empty((len(_COUNTS) + 1, size), dtype=np.int32),
            dates=np.empty((len(_DATES), size), dtype=np.int64),
            codes=np.empty((len(_CODES) - 1 + more, size), dtype=np.int8),
        )
        self._walk(seen, _NO_PIECES, mode=0)
        loans, start, reads = self.coded.customer_loans, self.coded.customer_start, self.reads

        def part(low: int, high: int) -> None:
            dates = len(reads.dates)
            _kernel.worst_of_customers(low, high, start, loans, dates, reads.first_date, reads.first_row, seen.counts)

        in_threads(part, start)
        return seen

    def pieces(self) -> _kernel.Pieces:
        """Where every payment went: counted first, then written."""
        from collectkit import _kernel

        first, where, amount = _NO_PIECES
        first = np.zeros(self.coded.loans + 1, dtype=np.int64)
        self._walk(_NOTHING_SEEN, (first, where, amount), mode=1)
        first = np.cumsum(first)
        where, amount = (
            np.empty((_kernel.PIECE, first[-1]), dtype=np.int32),
            np.empty(first[-1], dtype=np.int64),
        )
        self._walk(_NOTHING_SEEN, (first, where, amount), mode=2)
        return _kernel.Pieces(first, where, amount)

    def _walk(self, seen: Any, pieces: Any, *, mode: int) -> None:
        """Run the kernel over all loans, in ranges of about the same work."""
        from collectkit import _kernel

        most = int(np.diff(self.coded.inst_start).max(initial=0))
        to_see, to_note = _kernel.Seen(*seen), _kernel.Pieces(*pieces)

        def part(low: int, high: int) -> None:
            law = np.empty(_kernel.LAW, dtype=np.int64)
            work = np.empty((most, _kernel.WORK), dtype=np.int64)
            _kernel.walk(low, high, self.events, self.rules, self.reads, law, work, to_see, to_note, mode)

        in_threads(part, self.coded.inst_start + self.coded.pay_start)


def in_threads(part: Callable[[int, int], None], weights: Ints) -> None:
    """Call `part(low, high)` on ranges of equal weight; `weights` is cumulative and one longer than the items."""
    items, total = len(weights) - 1, int(weights[-1])
    threads = os.cpu_count() or 1
    if threads == 1 or total < _SMALL:
        part(0, items)
        return
    edges = np.searchsorted(weights, np.linspace(0, total, 8 * threads + 1)[1:-1])
    ranges = np.unique(np.concatenate([[0], edges, [items]]))
    with ThreadPoolExecutor(threads) as pool:
        done = pool.map(part, ranges[:-1].tolist(), ranges[1:].tolist())
        list(steps(done, "assessing", np.diff(ranges).tolist()))


def read(
    coded: Coded, policy: Policy, dates: list[Date], known_on: Date | None, scheme: str, *, period: bool
) -> pd.DataFrame:
    """What `assess` and `track` return, from the coded form; `period` adds the two columns of `track`."""
    run = Run.of(coded, policy, ascending_days(dates), known_on, scheme)
    return _seen_frame(run, run.seen(period=period))


def ascending_days(dates: list[Date]) -> Ints:
    """Dates as day numbers, checked to ascend."""
    days = np.array([day_number(date, "as_of" if len(dates) == 1 else "dates") for date in dates], dtype=np.int64)
    if len(days) == 0:
        raise CallError("`dates` is empty. Pass at least one date.")
    if (np.diff(days) <= 0).any():
        raise CallError(f"`dates` repeat or do not ascend ({listed(dates)}). Sort them and keep one of each.")
    return days


def _bands(tables: list[Any], days: Ints) -> tuple[Ints, tuple[str, ...]]:
    """For each date the code of every number of days, and the names of the codes; -1 where there is no table."""
    known = [table for table in tables if table is not None]
    names = known[-1].names if known else ()
    if any(table.names != names for table in known):
        raise CallError("The dates lie in versions of a table with different names. Call once for each version.")
    edges = [band.min_days for table in known for band in table._bands()]
    lookup = np.full((len(days), max(edges, default=0) + 1), -1, dtype=np.int8)
    for row, table in enumerate(tables):
        if table is not None:
            lookup[row] = table.codes(np.arange(lookup.shape[1]))
    return lookup, names


def category(codes: Ints, names: Iterable[Any], *, ordered: bool = False) -> Any:
    return pd.Categorical.from_codes(codes, dtype=pd.CategoricalDtype(list(names), ordered), validate=False)


def _taken(ids: pd.Series, rows: Ints) -> pd.Series:
    return pd.Series(ids.array.take(rows), copy=False)


def _seen_frame(run: Run, seen: _kernel.Seen) -> pd.DataFrame:
    """What the kernel saw as the table of `assess` or `track`."""
    status = np.array([*range(3), *(STATUSES.index(code) for code in run.coded.close_codes)], dtype=np.int8)
    names = {"bucket": run.buckets, "asset_class": run.classes, "bucket_before": run.buckets}
    codes = dict(zip(_CODES, seen.codes, strict=False))
    columns: dict[str, Any] = {
        "loan_id": _taken(run.coded.loan_id, seen.counts[0]),
        **dict(zip(_MONEY, seen.money, strict=False)),
        **dict(zip(_COUNTS, seen.counts[1:], strict=True)),
        **{name: column.view(DATE_DTYPE) for name, column in zip(_DATES, seen.dates, strict=True)},
        **{name: category(codes[name], names[name], ordered=True) for name in names if name in codes},
    }
    columns["status"] = category(status[codes["status"]], STATUSES)
    columns["channel"] = category(columns["channel"], ("in_house", *run.coded.agencies))
    return pd.DataFrame({name: columns[name] for name in _COLUMNS if name in columns}, copy=False)


def with_rows(frame: pd.DataFrame, rows: Ints, given: pd.DataFrame) -> pd.DataFrame:
    """A table of `read` with some rows exchanged; their loan_id stays."""
    columns: dict[str, Any] = {"loan_id": frame["loan_id"]}
    for name in frame.columns.drop("loan_id"):
        is_category = isinstance(frame[name].dtype, pd.CategoricalDtype)
        if is_category and frame[name].dtype != given[name].dtype:
            raise CallError(f"`{name}` has other names than before. Call `assess` once for all loans.")
        old, new = (one[name].cat.codes.array if is_category else one[name].array for one in (frame, given))
        values = old.to_numpy(copy=True)
        values[rows] = new.to_numpy()
        columns[name] = (
            category(values, frame[name].cat.categories, ordered=bool(frame[name].cat.ordered))
            if is_category
            else values
        )
    return pd.DataFrame(columns, copy=False)


def pieces_of(coded: Coded, policy: Policy, day: int, known_on: Date | None) -> pd.DataFrame:
    """Pieces of all payments up to a day number, in the kernel's numbers."""
    scheme = policy.bucket_schemes[0].name
    run = Run.of(coded, policy, np.array([day], dtype=np.int64), known_on, scheme)
    return pd.DataFrame(_piece_numbers(run), copy=False)


def _piece_numbers(run: Run) -> dict[str, Ints]:
    pieces = run.pieces()
    names = ["loan", "payment", "instalment", "component", "days_late", "days_past_due", "channel"]
    return dict(zip(names, pieces.where, strict=True)) | {"cents": pieces.amount}


def pieces_frame(run: Run) -> pd.DataFrame:
    """Pieces of the kernel as the table of `allocate`."""
    coded, lookup, pieces = run.coded, run.reads.bucket_of[0], _piece_numbers(run)
    loan, payment, instalment, component, late, days, channel, cents = pieces.values()
    number = np.append(coded.inst_no, 0).astype(np.int32)[instalment]
    return pd.DataFrame(
        {
            "payment_id": _taken(coded.payment_id, coded.pay_row[payment]),
            "loan_id": _taken(coded.loan_id, loan),
            "value_date": dates_of(coded.value_day[payment]),
            "instalment_no": pd.arrays.IntegerArray(number, instalment < 0),
            "component": category(_COMPONENT_CODES[component], COLUMNS["component"].values),
            "amount": cents / 100,
            "days_late": late,
            "days_past_due": days,
            "bucket": category(lookup[np.minimum(days, len(lookup) - 1)], run.buckets, ordered=True),
            "channel": category(channel, ("in_house", *coded.agencies)),
        },
        copy=False,
    )
