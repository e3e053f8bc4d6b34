"""One foreign table read as one of ours, with a problem for everything that could not be read."""

from __future__ import annotations

from collections import abc
from typing import Any

import numpy as np
import pandas as pd

from collectkit import cells
from collectkit._book import NO_PROBLEMS, PROBLEM_COLUMNS, shown_values
from collectkit._origin import ColumnFrom, TableFrom, called, plain, problem_of, read_column
from collectkit.columns import COLUMNS, TABLES
from collectkit.errors import listed
from collectkit.problems import behind, told

#: Words that stand in a row of totals instead of an id.
TOTAL_WORDS = (
    "合计", "总计", "小计", "总和", "汇总", "本页合计", "累计", "total", "totals", "grand total", "subtotal", "sum",
)  # fmt: skip


def whole_problem(table: str, column: str, key: str, /, **given: object) -> pd.DataFrame:
    """A problem of a whole table or column."""
    problem, what_to_do = told(key, **given)
    row = [table, None, None, column, problem, None, "error", what_to_do]
    return pd.DataFrame([row], columns=PROBLEM_COLUMNS, dtype=object)


def mapped_table(
    name: str, source: str, frame: pd.DataFrame, table: TableFrom, missing: abc.Collection[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One foreign table as (a part of) one of ours, and its problems."""
    rows = frame.index.to_numpy() + frame.attrs.get("first_row", 1)
    frame = frame.set_axis(rows)
    by_name = {str(label): position for position, label in enumerate(frame.columns)}
    values, bad, problems = {}, {}, []
    for column, origin in table.columns.items():
        at = None if origin.source is None else called(by_name, origin.source)
        if at is not None and list(frame.columns).count(frame.columns[at]) > 1:
            problems.append(_there_twice(name, column, frame.columns[at], source))
        elif at is not None:
            values[column], bad[column] = read_column(column, origin, frame.iloc[:, at], missing)
        elif origin.constant is not None:
            one, _ = read_column(column, origin, pd.Series([origin.constant], dtype=object), missing)
            values[column] = pd.Series(one.repeat(len(frame)).array, rows)
        elif not origin.optional:
            given = {"name": origin.source, "source": source, "column": f"{name}.{column}"}
            problems.append(whole_problem(name, column, "column_not_found", names=listed(by_name, most=12), **given))
    typed = pd.DataFrame(values, index=pd.Index(rows), copy=False)
    totals = _totals_at_the_end(name, frame, typed)
    for column in bad:
        origin = table.columns[column]
        at = called(by_name, str(origin.source))
        bad_here = bad[column] & ~totals
        problems.append(_cell_problems(name, column, origin, frame.iloc[:, at], bad_here, typed, source))
    if totals.any():
        problems.append(_totals_left_out(name, rows[totals]))
    kept = [label for label in _kept(table, frame) if label not in typed]
    again = [label for label in kept if (frame.columns == label).sum() > 1]
    problems += [_there_twice(name, "", label, source) for label in again]
    typed = typed.assign(**{label: frame[label] for label in kept if label not in again})
    return typed[~totals] if totals.any() else typed, pd.concat([NO_PROBLEMS, *(p for p in problems if len(p))])


def _there_twice(name: str, column: str, label: str, source: str) -> pd.DataFrame:
    return whole_problem(name, column, "column_again", name=label, source=source)


def _kept(table: TableFrom, frame: pd.DataFrame) -> list[str]:
    """Other columns that come along under their own names."""
    used = {origin.source for origin in table.columns.values()}
    labels = [label for label in frame.columns.unique() if label not in used]
    return [label for label in labels if "*" in table.keep or label in table.keep]


def _cell_problems(
    name: str, column: str, origin: ColumnFrom, found: pd.Series, bad: cells.Bad, typed: pd.DataFrame, source: str
) -> pd.DataFrame:
    """The cells of one column that cannot be read."""
    at = np.flatnonzero(bad)
    if not len(at):
        return NO_PROBLEMS
    problem, what_to_do = problem_of(column, origin)
    where = "" if origin.source == column else behind("it_is_column", name=origin.source, source=source)
    problems = pd.DataFrame(
        {
            "table": name,
            "row": found.index[at].astype(object),
            "loan_id": typed["loan_id"].iloc[at].astype(object).to_numpy() if "loan_id" in typed else None,
            "column": column,
            "problem": problem,
            "value": [_shown(value) for value in shown_values(column, found.iloc[at])],
            "severity": "error",
            "what_to_do": what_to_do + where,
        },
        columns=PROBLEM_COLUMNS,
    )
    if COLUMNS[column].kind == "date":
        timed = cells.times(found.iloc[at], formats=origin.formats)[0].notna().to_numpy()
        problem, what_to_do = told("cell_timed")
        problems.loc[timed, ["problem", "what_to_do"]] = [problem, what_to_do + where]
    return problems


def _shown(value: Any) -> str:
    """A value as a problem shows it: short, and fit to be written to a file."""
    return str(value)[:80].encode("utf-8", "replace").decode()


def _totals_at_the_end(name: str, frame: pd.DataFrame, typed: pd.DataFrame) -> cells.Bad:
    """True for rows at the end that hold totals: they have no id, and say so or are the sums of the rows above."""
    totals = np.zeros(len(frame), dtype=bool)
    columns = [str(column) for column in typed]
    ids = [column for column in columns if column in TABLES[name].required and COLUMNS[column].kind == "id"]
    money = [column for column in columns if COLUMNS[column].kind == "money"]
    for at in range(len(frame) - 1, max(len(frame) - 20, -1), -1) if ids else ():
        words = {plain(cell).strip(":") for cell in frame.iloc[at] if isinstance(cell, str)}
        row_ids = [typed[column].iloc[at] for column in ids]
        if not all(pd.isna(row_id) or plain(row_id).strip(":") in TOTAL_WORDS for row_id in row_ids):
            break
        if not words & {plain(word) for word in TOTAL_WORDS}:
            given = typed[money].iloc[at].dropna()
            sums = typed[list(given.index)].iloc[:at].sum()
            if not (all(pd.isna(row_ids)) and len(given) and (sums - given).abs().max() < 0.005 and sums.any()):
                break
        totals[at] = True
    return totals


def _totals_left_out(name: str, rows: Any) -> pd.DataFrame:
    problems = pd.DataFrame({"table": name, "row": rows.astype(object)}, columns=PROBLEM_COLUMNS, dtype=object)
    problem, what_to_do = told("totals_left_out")
    return problems.assign(column="", problem=problem, severity="warning", what_to_do=what_to_do)
