"""What every value of a column must pass: tests on whole arrays, made from the nomenclature, for pandera to run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from collectkit._blocks import by_blocks
from collectkit._column import is_plain
from collectkit.columns import CHANNELS, COLUMNS, PAUSE_REASONS, Kind
from collectkit.days import FIRST_DAY, LAST_DAY
from collectkit.errors import CallError
from collectkit.ids import as_arrow
from collectkit.money import MOST_CENTS, exact_rate, is_exact
from collectkit.problems import told


class _Test(NamedTuple):
    """What values must pass."""

    passes: Callable[[Any], Any]  # takes known values, an array of numbers or dates or a Series of anything else
    problem: str  # key in `collectkit.problems`
    by_ends: bool = False  # all values pass if the least and the greatest do


_END_OF_CALENDAR = np.datetime64(LAST_DAY) + np.timedelta64(1, "D")


def is_number(s: pd.Series) -> bool:
    """True for a column of numbers."""
    return pd.api.types.is_numeric_dtype(s.dtype) and not pd.api.types.is_bool_dtype(s.dtype)


def is_date(s: pd.Series) -> bool:
    """True for a column of dates and times without a zone."""
    return pd.api.types.is_datetime64_dtype(s.dtype)


def _is_rate(values: Any) -> Any:
    if isinstance(values, np.ndarray):
        return np.isfinite(values) & (values >= 0) & (values < 10)
    codes, distinct = pd.factorize(values)
    return np.array([_reads_as_rate(value) for value in distinct], dtype=bool)[codes]


def _is_not_blank(text: pd.Series) -> Any:
    return is_plain(as_arrow(text), ()) or text.astype(str).str.strip() != ""


def _reads_as_rate(value: Any) -> bool:
    try:
        return exact_rate(value) < 10
    except CallError:
        return False


_VALUES: dict[Kind, list[_Test]] = {
    "id": [_Test(lambda s: is_plain(as_arrow(s), ()) or s.astype(str) != "", "empty_id")],
    "text": [_Test(_is_not_blank, "blank_text")],
    "date": [
        _Test(lambda days: days == days.astype("datetime64[D]"), "timed_date"),
        _Test(lambda days: (days >= np.datetime64(FIRST_DAY)) & (days < _END_OF_CALENDAR), "beyond_calendar", True),
    ],
    "money": [
        _Test(np.isfinite, "infinite", True),
        _Test(lambda amounts: is_exact(amounts) | np.isinf(amounts), "part_of_a_cent"),
        _Test(lambda amounts: amounts >= 0, "negative", True),
        _Test(lambda amounts: (amounts <= MOST_CENTS / 100) | np.isinf(amounts), "too_large", True),
    ],
    "rate": [_Test(_is_rate, "no_rate", True)],
    "count": [_Test(lambda counts: (counts == np.floor(counts)) & (counts >= 0) & (counts <= 10**6), "not_whole")],
}
_BOUNDS = {"first": FIRST_DAY, "last": LAST_DAY, "most": f"{MOST_CENTS // 100:,}"}
_FROM_ONE = {"instalment_no", "placement_no"}
_ONE_OF = {("contacts", "channel"): CHANNELS, ("pauses", "reason"): PAUSE_REASONS}
_ABOVE_ZERO = {("loans", "principal"), ("payments", "amount"), ("promises", "amount")}


def value_checks(table: str, column: str) -> list[Any]:
    """Pandera's checks of one of our columns; their errors are the problem and what to do."""
    import pandera.pandas as pa

    tests = list(_VALUES.get(COLUMNS[column].kind, []))
    if (table, column) in _ABOVE_ZERO:
        tests.append(_Test(lambda amounts: amounts != 0, "zero"))
    if column in _FROM_ONE:
        tests.append(_Test(lambda counts: counts >= 1, "not_from_one", True))
    values = _ONE_OF.get((table, column), COLUMNS[column].values)
    if values:
        tests.append(_Test(lambda s: s.isin(values), "none_of"))
    given = {**_BOUNDS, "values": ", ".join(values)}
    return [pa.Check(_of_column(test), error="|".join(told(test.problem, **given)), ignore_na=False) for test in tests]


def _of_column(test: _Test) -> Callable[[pd.Series], Any]:
    """The test as pandera takes it: True if the whole column passes, else the answer for each value."""

    def passes(values: Any) -> bool:
        if test.by_ends and isinstance(values, np.ndarray):
            ends = np.array([values.min(), values.max()])
            if np.all(test.passes(ends)) and not pd.isna(ends).any():
                return True
        known = _known(values)
        return not len(known) or bool(np.all(test.passes(known)))

    def check(column: pd.Series) -> Any:
        values = _array(column)
        if all(by_blocks(lambda rows: passes(values[rows]), len(column))):
            return True
        answer = np.ones(len(column), dtype=bool)
        answer[~pd.isna(values)] = test.passes(_known(values))
        return pd.Series(answer, column.index)

    return check


def _array(column: pd.Series) -> Any:
    """Numbers and dates as an array, which is quicker to cut; missing numbers are NaN."""
    if is_date(column):
        return column.to_numpy()
    if is_number(column):
        return column.to_numpy() if column.dtype.kind in "iu" and not column.hasnans else column.to_numpy(np.float64)
    return column


def _known(values: Any) -> Any:
    """The values that are not missing."""
    missing = pd.isna(values)
    return values[~missing] if missing.any() else values
