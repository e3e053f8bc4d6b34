"""The report of a check, fit to be sent to whoever made the file: what is wrong, where, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from collectkit.columns import label
from collectkit.documents import render
from collectkit.problems import problem_kinds, shown_problems, table_label
from collectkit.stated import differences_by_reading, shown_differences

#: Rows of a table that the report shows; a CSV file has all of them.
MOST_ROWS = 500


def check_report(
    rows: Mapping[str, int], problems: pd.DataFrame, *, source: str, differences: pd.DataFrame | None = None,
    policy: str = "", language: str = "en",
) -> str:  # fmt: skip
    """The report of a check as one HTML page that stands alone; `collectkit.printing.pdf` prints it.

    Parameters
    ----------
    rows : mapping of str to int
        Table to its number of rows [count].
    problems : DataFrame
        As of `collectkit.checks.check_tables`, in English.
    source : str
        Name of what was checked.
    differences : DataFrame, optional
        What `collectkit.stated.stated_differences` found under the policy, in the language.
    policy : str
        Name of that policy; empty if stated figures were not compared.
    language : {"en", "zh"}

    Returns
    -------
    str
        HTML. At most `MOST_ROWS` rows of each list.

    Raises
    ------
    CallError
        There is no such language.

    Examples
    --------
    >>> from collectkit.checks import check_tables
    >>> found = check_tables({"collectors": pd.DataFrame({"collector_id": ["C1", "C1"]})})
    >>> page = check_report({"collectors": 2}, found, source="<staff>.csv", language="zh")
    >>> "&lt;staff&gt;.csv" in page, "collector_id 重复出现" in page
    (True, True)
    """
    shown = None if differences is None or differences.empty else shown_differences(differences, language)
    return render(
        "checks", language=language, source=source, policy=policy,
        rows=[(table_label(name, language), count) for name, count in rows.items()],
        errors=int((problems["severity"] == "error").sum()), warnings=int((problems["severity"] == "warning").sum()),
        kinds=shown_problems(problem_kinds(problems), language),
        problems=shown_problems(problems.head(MOST_ROWS), language),
        more_problems=max(0, len(problems) - MOST_ROWS),
        differences=None if shown is None else shown.head(MOST_ROWS),
        more_differences=0 if shown is None else max(0, len(shown) - MOST_ROWS),
        readings=None if differences is None or differences.empty else _readings(differences, language),
    )  # fmt: skip


def _readings(differences: pd.DataFrame, language: str) -> pd.DataFrame:
    """How many differences each reading explains, as the page shows it."""
    counted = differences_by_reading(differences, language=language)
    return counted.assign(what=[label(what, language) for what in counted["what"]])
