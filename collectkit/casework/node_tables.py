"""Steps of a period in tables: by node and week, and why they wait."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from collectkit.casework.names import VALUES
from collectkit.casework.nodes import OUTCOMES
from collectkit.errors import CallError


def node_totals(steps: pd.DataFrame, *, by: Sequence[str] = ("week", "action")) -> pd.DataFrame:
    """How many steps came due, and what came of them.

    Parameters
    ----------
    steps : DataFrame
        From `node_steps`.
    by : sequence of {"week", "action"}
        What a row is for.

    Returns
    -------
    DataFrame
        The columns of `by` (a missing week: due before the period), reached, then one column per outcome [count]; the
        outcomes add up to reached.

    Raises
    ------
    CallError
        `by` names something else, or nothing.

    Examples
    --------
    >>> steps = pd.DataFrame({"week": pd.to_datetime(["2025-06-02"] * 2), "action": ["visit"] * 2,
    ...                       "outcome": ["done", "late"]})
    >>> node_totals(steps, by=["action"])[["reached", "done", "late"]].squeeze().tolist()
    [2, 1, 1]
    """
    if isinstance(by, str) or not by or not {*by} <= {"week", "action"}:
        raise CallError(f"`by` is {by!r}. Pass a list of week, action or both.")
    keys = [steps[name] for name in by]
    counts = {name: (steps["outcome"] == name).groupby(keys, dropna=False).sum() for name in OUTCOMES}
    table = pd.DataFrame({"reached": steps.groupby(list(by), dropna=False).size(), **counts}).reset_index()
    order = {action: place for place, action in enumerate(VALUES["action"])}
    table = table.sort_values(
        list(by), key=lambda names: names.map(order) if names.name == "action" else names, na_position="first",
        ignore_index=True,
    )  # fmt: skip
    return table.astype(dict.fromkeys(["reached", *OUTCOMES], "int64"))


def node_weeks(steps: pd.DataFrame) -> pd.DataFrame:
    """How many steps of each node came due in each week.

    Parameters
    ----------
    steps : DataFrame
        From `node_steps`.

    Returns
    -------
    DataFrame
        One row per action, in the order of the process: action, carried (due before the period), one column per week
        (month and day of its first day), reached (all together) [count].

    Examples
    --------
    >>> steps = pd.DataFrame({"week": pd.to_datetime(["2025-06-02", None]), "action": ["visit"] * 2,
    ...                       "outcome": ["done", "late"]})
    >>> node_weeks(steps).to_dict("records")
    [{'action': 'visit', 'carried': 1, '06-02': 1, 'reached': 2}]
    """
    weeks = sorted(steps["week"].dropna().unique())
    rows = {"carried": steps["week"].isna(), **{f"{week:%m-%d}": steps["week"] == week for week in weeks},
            "reached": steps["week"].isna() | steps["week"].notna()}  # fmt: skip
    sums = pd.DataFrame(rows).groupby(steps["action"]).sum().astype("int64")
    order = [action for action in VALUES["action"] if action in sums.index]
    return sums.loc[order].rename_axis("action").reset_index()


def node_blocks(steps: pd.DataFrame, *, outcome: str = "blocked") -> pd.DataFrame:
    """Why steps wait at the end of the period: action, blocked_by, step_count, the most frequent first.

    Parameters
    ----------
    steps : DataFrame
        From `node_steps`.
    outcome : {"blocked", "done_blocked"}
        Those that wait, or those that were done although they had to.

    Examples
    --------
    >>> steps = pd.DataFrame({"action": ["visit"], "blocked_by": ["a plan is live"], "outcome": ["blocked"]})
    >>> node_blocks(steps).values.tolist()
    [['visit', 'a plan is live', 1]]
    """
    waiting = steps[steps["outcome"] == outcome]
    counts = waiting.groupby(["action", "blocked_by"]).size().rename("step_count").reset_index()
    return counts.sort_values(["step_count", "action", "blocked_by"], ascending=[False, True, True], ignore_index=True)
