"""How late: days past due, and the bucket or class they fall in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd

from collectkit.bands import AssetClasses, BucketScheme
from collectkit.days import Date
from collectkit.errors import unknown_name
from collectkit.shapes import band_tables, calendar_date, day_values, shaped, whole_days

_SCHEME = 'load_policy().bucket_scheme("months", …)'
_CLASSES = "load_policy().asset_class_table(…)"
GraceMode = Literal["threshold", "subtract"]


def days_past_due(
    due_date: Date | pd.Series,
    as_of: Date | pd.Series,
    *,
    grace_days: int | pd.Series = 0,
    grace_mode: GraceMode = "threshold",
) -> Any:
    """Calendar days from an unpaid due date to `as_of`.

    Parameters
    ----------
    due_date : date or Series of dates
        Due date of the oldest unpaid instalment. The due date is day 0, the next day is day 1.
    as_of : date or Series of dates
        The end of this day is meant.
    grace_days : int or Series [days]
    grace_mode : {"threshold", "subtract"}
        ``threshold``: nothing is late up to and including `grace_days`; one day later all days count.
        ``subtract``: days count from the day after grace.

    Returns
    -------
    int or Series of Int64 [days]
        0 before the due date and within grace; missing where an input is missing.

    Raises
    ------
    CallError
        Indexes differ, dates are text, grace is negative.

    References
    ----------
    Civil Code of the People's Republic of China, art. 201 (the first day is not counted).

    Examples
    --------
    >>> days_past_due("2025-03-01", "2025-03-04", grace_days=3)
    0
    >>> days_past_due("2025-03-01", "2025-03-05", grace_days=3)
    4
    >>> days_past_due("2025-03-01", "2025-03-05", grace_days=3, grace_mode="subtract")
    1
    """
    if grace_mode not in ("threshold", "subtract"):
        raise unknown_name("grace_mode", grace_mode, ["threshold", "subtract"])

    def compute(due: pd.Series, read: pd.Series, grace: pd.Series) -> Any:
        late = np.maximum(day_values(read, "as_of") - day_values(due, "due_date"), 0)
        free = whole_days(grace, "grace_days")
        return np.where(late > free, late - (free if grace_mode == "subtract" else 0), 0)

    due, read = calendar_date(due_date, "due_date"), calendar_date(as_of, "as_of")
    return shaped("days_past_due", "Int64", compute, due_date=due, as_of=read, grace_days=grace_days)


def bucket(days_past_due: int | pd.Series, scheme: BucketScheme | Sequence[Mapping[str, Any]]) -> Any:
    """Ageing bucket of days past due.

    Parameters
    ----------
    days_past_due : int or Series [days]
    scheme : BucketScheme or list of buckets
        ``load_policy().bucket_scheme("months", "2025-12-31")``, or buckets as a policy file writes them.

    Returns
    -------
    str or Series of ordered categories
        ``M0`` is always the not-overdue bucket; all buckets of the scheme are categories.

    Raises
    ------
    PolicyError
        The buckets have a gap or an overlap.

    Examples
    --------
    >>> bucket(31, [{"name": "M1", "min_days": 1, "max_days": 30}, {"name": "M2+", "min_days": 31}])
    'M2+'
    """
    table = scheme if isinstance(scheme, BucketScheme) else BucketScheme.of(band_tables(scheme, "scheme", _SCHEME))
    return _banded("bucket", days_past_due, table)


def asset_class(days_past_due: int | pd.Series, classes: AssetClasses | Sequence[Mapping[str, Any]]) -> Any:
    """Regulatory asset class by days past due.

    Parameters
    ----------
    days_past_due : int or Series [days]
    classes : AssetClasses or list of classes
        ``load_policy().asset_class_table("2025-12-31")``, or classes as a policy file writes them.

    Returns
    -------
    str or Series of ordered categories
        ``normal`` where nothing is overdue.

    Raises
    ------
    PolicyError
        The classes have a gap or an overlap.

    References
    ----------
    Rules on risk classification of financial assets of commercial banks (China, in force 2023-07-01).

    Examples
    --------
    >>> from collectkit.policy import load_policy
    >>> asset_class(91, load_policy("cn-microloan").asset_class_table("2025-12-31"))
    'substandard'
    """
    table = classes if isinstance(classes, AssetClasses) else AssetClasses.of(band_tables(classes, "classes", _CLASSES))
    return _banded("asset_class", days_past_due, table)


def _banded(name: str, days: int | pd.Series, table: BucketScheme | AssetClasses) -> Any:
    """Name of the band each number of days falls in."""
    dtype = pd.CategoricalDtype(list(table.names), ordered=True)

    def compute(values: pd.Series) -> pd.Categorical:
        return pd.Categorical.from_codes(table.codes(whole_days(values, "days_past_due")), dtype=dtype)

    return shaped(name, dtype, compute, days_past_due=days)
