"""Cubes made from panels."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from collectkit._blocks import computed, together
from collectkit._run import category, in_threads
from collectkit.columns import COLUMNS
from collectkit.days import dates_of, month_numbers, month_starts
from collectkit.errors import CallError, listed, unknown_name
from collectkit.money import checked_cents
from collectkit.policy import Policy
from collectkit.tracking._panels import checked_categories, column, dates_in, first_rows, loans_of, thresholds_of
from collectkit.tracking.cubes import MEASURES, STATES, Array, Cube

#: Dimensions of a cube unless others are asked for.
BY = ("product", "region", "risk_grade", "channel")
#: Thresholds of PAR and vintages unless others are asked for [days past due].
DAYS = (0, 1, 30, 60, 90)
_STATUS_EXITS = {"paid": "paid_off", **{name: name for name in STATES[:5]}}
_MONEY = ("principal_balance", "overdue_principal", "overdue_interest", "overdue_fee", "penalty", "paid_in_period")
_NEEDED = ("loan_id", "as_of", "status", "days_past_due", "bucket", *_MONEY)
_WHOLE = 2**62


def cube(
    panel: pd.DataFrame,
    loans: pd.DataFrame,
    *,
    by: Iterable[str] = BY,
    days: Iterable[int] = DAYS,
    policy: Policy | None = None,
) -> Cube:
    """The panel folded into cells: loans and money per date, dimensions, vintage, state before and state.

    Parameters
    ----------
    panel : DataFrame
        What `track` returns, or some of its loans; a loan's rows stand together, dates ascending.
    loans : DataFrame
        The portfolio's loans.
    by : iterable of str
        Dimensions: columns of the loans, or columns of categories of the panel. A column of the nomenclature that the
        loans do not have is all missing.
    days : iterable of int
        Thresholds of `portfolio_at_risk` and `vintages` [days past due].
    policy : Policy, optional
        The rules of the panel, to keep with the cube and in its file: pages that show the file need them.

    Returns
    -------
    Cube
        Sums of whole cents; the cube of the parts of a book add up to the cube of the book.

    Raises
    ------
    CallError
        The panel lacks a column, repeats a loan and date, or holds a loan that is not in `loans`.

    Notes
    -----
    A step goes from one date of the panel to the next. An open loan without a row at the next date is ``gone`` if it
    has no later row, otherwise ``unobserved``; a gap is never counted as one step.

    Examples
    --------
    >>> import collectkit as ck
    >>> book, policy = ck.load_sample("demo"), ck.load_policy()
    >>> panel = ck.track(book, policy, dates=ck.month_ends("2025-01-31", "2025-06-30"))
    >>> months = cube(panel, book.loans)
    >>> int(months.total("loans").sum()) > 0
    True
    """
    missing = [name for name in _NEEDED if name not in panel]
    if missing:
        raise CallError(f"The panel has no {listed(missing, most=9)}. Pass what `track` returns.")
    thresholds = thresholds_of(days)
    first = first_rows(panel)
    checked_categories(panel, "status", "bucket")
    lent = loans_of(panel, first, loans)
    dates = dates_in(panel, first)
    fixed, moving = dimensions(panel, lent, tuple(by))
    buckets = tuple(str(name) for name in panel["bucket"].cat.categories)
    shape = _shape(fixed, moving, dates, thresholds, buckets)
    cells = _folded(panel, _Given(first, lent, fixed, moving, dates, thresholds, buckets))
    sums = dict(zip(MEASURES, cells[:, 1:].T, strict=True))
    axes = [*fixed, _Axis("as_of", None, dates_of(dates)), *moving]
    codes = np.unravel_index(cells[:, 0], shape)
    columns: dict[str, Any] = {axis.name: axis.categories(code) for axis, code in zip(axes, codes, strict=False)}
    states = [category(code, (*buckets, *STATES), ordered=True) for code in codes[-4:-2]]
    columns |= {"state_before": states[0], "state": states[1]}
    columns |= {"level": codes[-2].astype(np.int8), "news": codes[-1].astype(np.int8)}
    order = ["as_of", *by, "vintage", "state_before", "state", "level", "news"]
    frame = pd.DataFrame({**{name: columns[name] for name in order}, **sums}, copy=False)
    return Cube(frame, buckets, tuple(thresholds), tuple(by), tuple(axis.name for axis in moving), policy=policy)


class _Axis(NamedTuple):
    """A dimension: code of each loan or row (-1 if missing) and the values in order."""

    name: str
    codes: Any
    values: Any

    def categories(self, code: Array) -> Any:
        """Cells' values from their codes, in which 0 is missing unless the axis has no codes of its own."""
        shift = 0 if self.codes is None else 1
        return category(code - shift, self.values, ordered=True)


class _Given(NamedTuple):
    """All that is folded."""

    first: Array
    lent: pd.DataFrame
    fixed: list[_Axis]
    moving: list[_Axis]
    dates: Array
    thresholds: list[int]
    buckets: tuple[str, ...]


def _shape(
    fixed: list[_Axis], moving: list[_Axis], dates: Array, thresholds: list[int], buckets: tuple[str, ...]
) -> list[int]:
    """Number of codes of each axis of a key, the slowest first."""
    states, levels = len(buckets) + len(STATES), len(thresholds) + 1
    shape = [*(len(axis.values) + 1 for axis in fixed), len(dates), *(len(axis.values) + 1 for axis in moving)]
    shape += [states, states, levels, levels]
    if math.prod(shape) >= _WHOLE:
        raise CallError("These dimensions have too many values together. Ask for fewer of them.")
    return shape


def dimensions(panel: pd.DataFrame, lent: pd.DataFrame, by: tuple[str, ...]) -> tuple[list[_Axis], list[_Axis]]:
    """Axes that are fixed for a loan, the vintage last, and axes that belong to a row."""
    of_loans, moving = [], []
    if len(set(by)) < len(by) or "vintage" in by:
        raise CallError(f"`by` is {listed(by, most=9)}. Name each dimension once; the vintage is always there.")
    for name in by:
        if name in panel and isinstance(panel[name].dtype, pd.CategoricalDtype) and name not in _NEEDED:
            moving.append(_Axis(name, panel[name].array.codes, list(panel[name].cat.categories)))
        elif name in lent or (name in COLUMNS and name not in _NEEDED):
            of_loans.append(name)
        else:
            raise unknown_name("dimension", name, {*lent.columns, "channel"})
    nothing = pd.Series(np.nan, lent.index)
    fixed = together(lambda name: _Axis(name, *_factorized(lent.get(name, nothing))), of_loans)
    dates = lent["disbursement_date"].to_numpy()
    month, is_known = month_numbers(dates), ~np.isnat(dates)
    known = month[is_known]
    months = np.arange(known.min(), known.max() + 1) if len(known) else known
    since = np.where(is_known, month - months[:1].sum(), -1)
    fixed.append(_Axis("vintage", since, month_starts(months)))
    return fixed, moving


def _factorized(values: pd.Series) -> tuple[Array, list[Any]]:
    """Codes and values in order."""
    codes, names = pd.factorize(values, sort=True)
    return codes, list(names)


def _joined(axes: list[_Axis], size: int, *, small: bool = False) -> Array:
    """One code of several axes; missing is 0 in each. Small ones spare memory where there are many rows."""
    dtype = np.min_scalar_type(-_count(axes)) if small else np.dtype(np.int64)
    if not axes:
        return np.zeros(size, dtype)

    def joined(*codes: Array) -> Array:
        code = np.zeros(len(codes[0]), np.int64)
        for axis, own in zip(axes, codes, strict=True):
            code = code * (len(axis.values) + 1) + own + 1
        return code

    return computed(joined, *(axis.codes for axis in axes), dtype=dtype)


def _count(axes: list[_Axis]) -> int:
    """How many joined codes there can be."""
    return math.prod(len(axis.values) + 1 for axis in axes)


def _folded(panel: pd.DataFrame, given: _Given) -> Array:
    """Key and sums of every cell, in order of the keys."""
    from collectkit.tracking import _fold

    names = ("as_of", "status", "bucket", "days_past_due", *_MONEY)
    as_of, status, bucket, days, *money = (column(panel, name) for name in names)
    channel = _joined(given.moving, len(panel), small=True)
    rows = _fold.Rows(as_of, status, bucket, channel, days, *money)
    segment = _joined(given.fixed, len(given.lent))
    loans = _fold.Loans(given.first, segment, checked_cents(given.lent["principal"]))
    exits = [_STATUS_EXITS.get(name) for name in panel["status"].cat.categories]
    exit_of = np.array([-1 if name is None else STATES.index(name) for name in exits], dtype=np.int64)
    thresholds = np.array(given.thresholds, dtype=np.int64)
    shape = _fold.Shape(given.dates, thresholds, exit_of, len(given.buckets), _count(given.moving))
    tables: list[_fold.Table] = []

    def part(low: int, high: int) -> None:
        try:
            table = tables.pop()
        except IndexError:  # the first range of this thread
            table = _fold.Table(_fold.ROOM)
        table.fold(low, high, rows, loans, shape)
        tables.append(table)

    in_threads(part, given.first)
    whole, *others = sorted(tables, key=lambda table: -table.end)
    for table in others:
        whole.add(table)
    cells = whole.cells[: whole.end]
    return cells[np.argsort(cells[:, _fold.KEY])]
