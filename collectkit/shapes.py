"""One shape in, the same shape out: how every measure treats numbers and Series.

Inputs are never changed, different indexes raise (pandas would add them into missing values), a missing input gives
a missing output, and an empty Series keeps its name and dtype.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from numbers import Number
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from collectkit.days import FIRST_DAY, LAST_DAY, day_number, day_numbers
from collectkit.errors import CallError, listed

Array = npt.NDArray[Any]

#: More days than any two dates can lie apart; keeps cents × days inside 64 bits.
MOST_DAYS = 100_000


def shaped(name: str, dtype: Any, compute: Callable[..., Any], /, **inputs: Any) -> Any:
    """Apply `compute` to arrays without missing values; give back a number or a Series called `name`.

    Parameters
    ----------
    name : str
        Name of the Series that comes back.
    dtype : dtype
        Dtype of that Series; it can hold missing values.
    compute : callable
        Takes one array per input, returns an array of the same length.
    **inputs : number, date or Series
        All Series share one index.
    """
    series = {key: value for key, value in inputs.items() if isinstance(value, pd.Series)}
    if not series:
        lone = {key: _lone(key, value) for key, value in inputs.items()}
        result = shaped(name, dtype, compute, **lone).iloc[0]
        return result.item() if isinstance(result, np.generic) else result
    index = next(iter(series.values())).index
    for key, other in series.items():
        if not index.equals(other.index):
            raise CallError(
                f"`{key}` has another index than `{next(iter(series))}`. Align them first, e.g. by `reindex`."
            )
    columns = {key: value if key in series else pd.Series([value] * len(index), index) for key, value in inputs.items()}
    known = np.ones(len(index), dtype=bool)
    for column in columns.values():
        known &= column.notna().to_numpy()
    result = pd.Series(pd.NA if str(dtype) != "float64" else np.nan, index=index, name=name, dtype=dtype)
    if not known.any():
        return result
    result[known] = pd.Series(compute(*(column[known] for column in columns.values())), index[known], dtype=dtype)
    return result


def _lone(name: str, value: Any) -> pd.Series:
    """One number or date as a Series of one."""
    if isinstance(value, list | tuple | dict | set | np.ndarray | pd.Index | pd.DataFrame):
        raise CallError(f"`{name}` is a {type(value).__name__}. Pass one value or a pandas Series.")
    return pd.Series([value])


def whole_days(days: pd.Series, name: str) -> npt.NDArray[np.int64]:
    """Numbers of days as integers.

    Raises
    ------
    CallError
        A value is not a whole number or negative.
    """
    values = numbers(days, name)
    bad = ~np.isfinite(values) | (values < 0) | (values != np.floor(values)) | (values > MOST_DAYS)
    if bad.any():
        raise CallError(f"`{name}` is not a whole number of days, 0 or more: {listed(values[bad])}.")
    return values.astype(np.int64)


def numbers(column: pd.Series, name: str) -> npt.NDArray[np.float64]:
    """A column of numbers; text is not read as numbers, nor true as 1.

    Raises
    ------
    CallError
        A value is not a number.
    """
    if not pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_bool_dtype(column.dtype):
        odd = [value for value in column if isinstance(value, str | bool) or not isinstance(value, Number | Decimal)]
        if odd:
            raise CallError(f"`{name}` holds values that are not numbers ({listed(odd)}). Use `pd.to_numeric`.")
    return column.to_numpy(dtype=np.float64)


def band_tables(bands: Any, name: str, example: str) -> list[Mapping[str, Any]]:
    """Bands given in a call as a list of tables, or an error that says where to take them from."""
    if isinstance(bands, str) or not isinstance(bands, Iterable) or not all(isinstance(b, Mapping) for b in bands):
        raise CallError(f"`{name}` is {bands!r}. Take it from a policy, e.g. `{example}`.")
    return list(bands)


def calendar_date(value: Any, name: str) -> Any:
    """A lone date as a Timestamp; a Series or a missing date as it is."""
    if isinstance(value, pd.Series):
        return value
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return pd.NaT
    day_number(value, name)
    return pd.Timestamp(value)


def day_values(dates: pd.Series, name: str) -> npt.NDArray[np.int64]:
    """A date column as day numbers.

    Raises
    ------
    CallError
        Text or numbers where dates belong, or a time within the day.
    """
    if not pd.api.types.is_datetime64_dtype(dates.dtype):
        raise CallError(f"`{name}` is not a date column ({dates.dtype}). Convert it with `pd.to_datetime(…)` first.")
    if (dates != dates.dt.normalize()).any():
        raise CallError(f"`{name}` holds times of day. Give calendar dates, e.g. by `.dt.normalize()`.")
    numbers = day_numbers(dates).astype(np.int64)
    if ((numbers < day_number(FIRST_DAY)) | (numbers > day_number(LAST_DAY))).any():
        raise CallError(f"`{name}` holds dates outside {FIRST_DAY} to {LAST_DAY}. Correct them.")
    return numbers
