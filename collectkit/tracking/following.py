"""A book followed from month end to month end, folded: all that is shown of it without its loans."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from collectkit.days import Date, month_numbers
from collectkit.policy import Policy
from collectkit.tracking._building import BY, cube
from collectkit.tracking._storing import read, written
from collectkit.tracking.cubes import Cube
from collectkit.tracking.recovery import late_sums, recoveries


@dataclass(frozen=True)
class Followed:
    """What is folded from one panel.

    Parameters
    ----------
    cube : Cube
    recoveries : DataFrame, optional
        The cells of `recoveries`, by the dimensions of the cube.
    """

    cube: Cube
    recoveries: pd.DataFrame | None = None

    def up_to(self, day: Date) -> Followed:
        """The same as it was on a day; errors as of `Cube.up_to`."""
        months = self.cube.up_to(day)
        if self.recoveries is None or months is self.cube:
            return Followed(months, self.recoveries)
        last = int(month_numbers(months.dates)[-1])
        is_seen = self.recoveries["cohort"] + self.recoveries["months_since"] <= last
        return Followed(months, _of(months, [self.recoveries[is_seen]], last))

    def __add__(self, other: Followed) -> Followed:
        months = self.cube + other.cube
        late = [part.recoveries for part in (self, other) if part.recoveries is not None]
        if len(late) < 2:
            return Followed(months)
        return Followed(months, _of(months, late, max(part.attrs["last"] for part in late)))

    def to_parquet(self, path: str | Path) -> None:
        """Write both to one file; `read_followed` reads them back, `read_cube` the cube alone."""
        written(self.cube, Path(path), self.recoveries)


def followed(
    panel: pd.DataFrame, loans: pd.DataFrame, *, by: Iterable[str] = BY, policy: Policy | None = None
) -> Followed:
    """The cube of a panel and the cash that came in after loans had become late.

    Parameters
    ----------
    panel : DataFrame
        What `track` returns for the ends of months.
    loans, by, policy
        As in `cube`.

    Returns
    -------
    Followed
        Those of the parts of a book add up to that of the book.

    Raises
    ------
    CallError
        As `cube` and `recoveries`.

    Examples
    --------
    >>> import collectkit as ck
    >>> book, policy = ck.load_sample("demo"), ck.load_policy()
    >>> panel = ck.track(book, policy, dates=ck.month_ends("2025-01-31", "2025-06-30"))
    >>> half = followed(panel, book.loans, policy=policy).up_to("2025-04-15")
    >>> str(half.cube.dates[-1].date()), int(half.recoveries["months_since"].max())
    ('2025-03-31', 1)
    """
    by = tuple(by)
    return Followed(cube(panel, loans, by=by, policy=policy), recoveries(panel, loans, by=by))


def read_followed(path: str | Path) -> Followed:
    """Read what `Followed.to_parquet` wrote, or a cube alone; errors as of `read_cube`.

    Examples
    --------
    >>> import tempfile
    >>> from collectkit.tracking import demo_cube
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     demo_cube().to_parquet(f"{folder}/months.parquet")
    ...     read_followed(f"{folder}/months.parquet").recoveries is None
    True
    """
    return Followed(*read(path))


def _of(months: Cube, late: list[pd.DataFrame], last: int) -> pd.DataFrame:
    """Cells of recoveries as one table, up to a month, with the values of a cube."""
    names = [*months.by, "vintage"]
    values = {name: months.cells[name].cat.categories for name in names}
    parts = [part.assign(**{name: part[name].cat.set_categories(values[name]) for name in names}) for part in late]
    return late_sums(pd.concat(parts, ignore_index=True), months.by, last, late[0].attrs["days"])
