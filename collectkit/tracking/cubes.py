"""The cube: a panel folded once into cells that add up; every table of the wing reads it.

A loan is, at each date, in one state: a bucket while it is open, otherwise how it left (`paid_off`, `settled`,
`written_off`, `sold`, `archived`), `gone` (it has no more rows), `unobserved` (no row now, but one later) or, before
its first row, `new`. A cell counts the loans that share a date, the dimensions, the vintage, the state before and the
state.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from collectkit.days import Date, dates_of, day_number
from collectkit.errors import CallError, listed, unknown_name
from collectkit.policy import Policy

Array = npt.NDArray[Any]

#: States beside the buckets, in the order of the kernel.
EXITS = ("paid_off", "settled", "written_off", "sold", "archived", "gone")
STATES = (*EXITS, "unobserved", "new")
#: What a cell sums; money in whole cents.
MEASURES = ("loans", "principal", "balance_before", "principal_balance", "overdue_amount", "penalty", "paid_in_period")
#: Dimensions that change during the life of a loan; a vintage cannot be cut by them.
MOVING = ("as_of", "state_before", "state")


@dataclass(frozen=True)
class Cube:
    """Cells of a panel.

    Parameters
    ----------
    cells : DataFrame
        One row per cell: as_of, the dimensions of `by`, vintage (first day of the month of disbursement), state_before,
        state: categories; level (how many of `days` the loans are past), news (1 + the highest level they had
        been at, where this date is their worst so far; otherwise 0); loans [count]; principal (lent), balance_before
        (principal balance at the date before), principal_balance, overdue_amount, penalty, paid_in_period [cents].
    buckets : tuple of str
        Buckets in order, the first one not overdue.
    days : tuple of int
        Thresholds [days past due].
    by : tuple of str
        Dimensions.
    moving : tuple of str
        Those of `by` that change during the life of a loan.
    filters : dict
        What the cube was filtered by.
    policy : Policy, optional
        The rules of the panel, where they were given; a file keeps them.
    """

    cells: pd.DataFrame
    buckets: tuple[str, ...]
    days: tuple[int, ...]
    by: tuple[str, ...]
    moving: tuple[str, ...] = ()
    filters: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    policy: Policy | None = None

    @cached_property
    def _arrays(self) -> dict[str, Array]:
        """Every column as numpy has it, dimensions as codes: a column of pandas costs more than a sum over it."""
        return {
            str(name): column.array.codes if isinstance(column.dtype, pd.CategoricalDtype) else column.to_numpy()
            for name, column in self.cells.items()
        }

    @property
    def dates(self) -> pd.DatetimeIndex:
        """Dates of the cube."""
        return pd.DatetimeIndex(self.cells["as_of"].cat.categories, name="as_of")

    @property
    def states(self) -> tuple[str, ...]:
        """All states: the buckets, then the others."""
        return self.buckets + STATES

    def values(self, name: str) -> list[Any]:
        """Values of a dimension, for the choices of a filter."""
        return list(self.cells[self._dimension(name)].cat.categories)

    def where(self, **kept: Any) -> Cube:
        """The cube of some values of its dimensions: ``cube.where(product=["car", "home"], region="North")``.

        Parameters
        ----------
        **kept
            Dimension and the value or values to keep; None keeps all.

        Raises
        ------
        CallError
            A dimension or value is unknown.

        Notes
        -----
        Filters commute: the order of several calls does not matter.
        """
        chosen = np.ones(len(self.cells), dtype=bool)
        filters, dates = dict(self.filters), self.dates
        for name, given in kept.items():
            if given is None:
                continue
            categories = self.cells[self._dimension(name)].cat.categories
            wanted = chosen_values(name, given, categories)
            chosen &= wanted[self.cells[name].array.codes]  # the last place, of code -1, is false
            before = filters.get(name)
            values = tuple(categories[wanted[:-1]])
            filters[name] = values if before is None else tuple(v for v in values if v in before)
            if name == "as_of":
                dates = dates[dates.isin(filters[name])]
        cells = self.cells[chosen]
        if len(dates) < len(self.dates):
            cells = cells.assign(as_of=cells["as_of"].cat.set_categories(dates.rename(None)))
        return replace(self, cells=cells, filters=filters)

    def coarser(self, *by: str) -> Cube:
        """The cube of fewer dimensions; cells that differ in none of the others are added up.

        Parameters
        ----------
        *by : str
            Dimensions to keep, beside dates, vintage and states.

        Notes
        -----
        Every table comes out the same, sooner: a filter is applied first, then the dimensions are let go.

        Examples
        --------
        >>> from collectkit.tracking import demo_cube
        >>> full = demo_cube()
        >>> bool(full.coarser("product").total("loans").sum() == full.total("loans").sum())
        True
        """
        for name in by:
            if name not in self.by:
                raise unknown_name("dimension", name, self.by)
        names = ["as_of", *by, "vintage", "state_before", "state"]
        key = np.zeros(len(self.cells), dtype=np.int64)
        for name in names:
            key = key * (len(self.cells[name].cat.categories) + 1) + self.cells[name].array.codes + 1
        levels = len(self.days) + 1
        for name in ("level", "news"):
            key = key * levels + self.cells[name].to_numpy()
        at, unique = pd.factorize(key, sort=True)
        first = np.empty(len(unique), dtype=np.int64)
        first[at[::-1]] = np.arange(len(at))[::-1]
        cells = self.cells[[*names, "level", "news"]].iloc[first].reset_index(drop=True)
        sums = {name: np.bincount(at, self.cells[name].to_numpy(), len(unique)) for name in MEASURES}
        return replace(
            self, by=by, cells=cells.assign(**{name: np.rint(s).astype(np.int64) for name, s in sums.items()})
        )

    def up_to(self, day: Date) -> Cube:
        """The cube as it was on a day: that of the dates up to it, with the values its loans had by then.

        Parameters
        ----------
        day : date

        Raises
        ------
        CallError
            The cube begins after the day.

        Notes
        -----
        No filter: every life is whole as far as it was seen, so tables of whole lives read it. A loan without a row on
        the last date stays ``unobserved`` if it has a later one.

        Examples
        --------
        >>> from collectkit.tracking import demo_cube
        >>> str(demo_cube().up_to("2025-07-15").dates[-1].date())
        '2025-06-30'
        """
        dates = self.dates[self.dates <= dates_of([day_number(day, "day")])[0]]
        if dates.empty:
            raise CallError(f"The cube begins on {self.dates[0].date()}. Take a later day than {day}.")
        if len(dates) == len(self.dates):
            return self
        cells = self.cells[self.cells["as_of"].array.codes < len(dates)].reset_index(drop=True)
        fixed = [name for name in self.by if name not in self.moving]
        columns = {name: cells[name].cat.remove_unused_categories() for name in fixed}
        columns["as_of"] = cells["as_of"].cat.set_categories(dates.rename(None))
        columns["vintage"] = _from_first_to_last(cells["vintage"])
        return replace(self, cells=cells.assign(**columns))

    def __add__(self, other: Cube) -> Cube:
        from collectkit.tracking._storing import added

        return added(self, other)

    def to_parquet(self, path: str | Path) -> None:
        """Write the cube to a file; `read_cube` reads it back."""
        from collectkit.tracking._storing import written

        written(self, Path(path))

    def total(self, measure: str, *dimensions: str, only: Array | None = None) -> Array:
        """Sums of a measure over the cells, one axis per dimension with all its categories; money in currency.

        Parameters
        ----------
        measure : str
        *dimensions : str
        only : array of bool, optional
            Cells to count.

        Raises
        ------
        CallError
            The cube has no such measure or dimension.
        """
        if measure not in MEASURES:
            raise unknown_name("measure", measure, MEASURES)
        shape = [len(self.cells[self._dimension(name)].cat.categories) for name in dimensions]
        flat = np.zeros(len(self.cells), dtype=np.int64)
        known = np.ones(len(self.cells), dtype=bool) if only is None else only.copy()
        for name, size in zip(dimensions, shape, strict=True):
            flat = flat * size + self._arrays[name]
            known &= self._arrays[name] >= 0
        sums = np.bincount(flat[known], weights=self._arrays[measure][known], minlength=int(np.prod(shape)))
        return sums.reshape(shape) / (1 if measure == "loans" else 100)

    def is_state(self, column: str, *names: str) -> Array:
        """True for the cells whose `state` or `state_before` is one of some states."""
        wanted = np.isin(np.array(self.states), names)
        return wanted[self._arrays[column]]

    @property
    def has_steps(self) -> bool:
        """True if a loan was there at one date and the one before, so that it could move."""
        return bool(self.is_state("state_before", *self.buckets).any())

    def needs_whole_lives(self, table: str) -> None:
        """Raise if loans were cut out of part of their life."""
        cut = [name for name in self.filters if name in (*MOVING, *self.moving)]
        if cut:
            raise CallError(
                f"{table} follows loans over their whole life, but the cube was filtered by {', '.join(cut)}, which "
                "changes during it. Filter by what is fixed at disbursement: "
                f"{', '.join([*(name for name in self.by if name not in self.moving), 'vintage'])}."
            )

    def __repr__(self) -> str:
        return f"Cube({len(self.cells):,} cells, {len(self.dates):,} dates, by {', '.join(self.by) or 'nothing'})"

    def _dimension(self, name: str) -> str:
        valid = ("as_of", *self.by, "vintage", "state_before", "state")
        if name not in valid:
            raise unknown_name("dimension", name, valid)
        return name


def _from_first_to_last(months: pd.Series) -> pd.Series:
    """Months whose categories are those from the first one that is there to the last."""
    codes = np.unique(months.array.codes[months.array.codes >= 0])
    return months.cat.set_categories(months.cat.categories[codes[0] : codes[-1] + 1] if len(codes) else [])


def _date(value: Any, name: str) -> pd.Timestamp:
    """A date, or the first day of a month that is written as such: 2025-12."""
    try:
        return pd.Timestamp(value)
    except (ValueError, TypeError) as error:
        raise CallError(f'`{name}` is {value!r}, which is not a date. Write it as "2025-12-31".') from error


def chosen_values(name: str, given: Any, categories: pd.Index) -> Array:
    """Which categories are kept, and false for a missing one."""
    is_one = isinstance(given, str) or not isinstance(given, Iterable)
    values = [given] if is_one else list(given)
    shown: Iterable[Any] = categories
    if isinstance(categories, pd.DatetimeIndex):
        values = [_date(value, name) for value in values]
        shown = categories.strftime("%Y-%m-%d")
    if unknown := [value for value in values if value not in categories]:
        texts = [value.date() if isinstance(value, pd.Timestamp) else value for value in unknown]
        raise CallError(f"`{name}` has no {listed(texts)}. It has: {listed(shown, most=12)}.")
    return np.append(categories.isin(values), False)
