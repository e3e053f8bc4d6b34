"""Checks at the door: every problem of every table at once, each with its row and what to do.

Single columns are checked by pandera schemas made from the nomenclature; what ties tables together is in
`collectkit._book`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from collectkit._blocks import together
from collectkit._book import ACROSS, LAST, NO_PROBLEMS, PROBLEM_COLUMNS, Book, Frames, repeated_keys, shown_values
from collectkit._value_tests import is_date, is_number, value_checks
from collectkit.columns import COLUMNS, TABLES, Kind
from collectkit.problems import problems_in, told
from collectkit.progress import steps


def _is_text(s: pd.Series) -> bool:
    if isinstance(s.dtype, pd.StringDtype):
        return True
    values = s.cat.categories if isinstance(s.dtype, pd.CategoricalDtype) else s
    return pd.api.types.infer_dtype(values, skipna=True) in ("string", "empty")


#: Per kind of column: whether the whole column is of the right type, and the problem if it is not.
_TYPES: dict[Kind, tuple[Callable[[pd.Series], bool], str]] = {
    "id": (_is_text, "ids_not_text"),
    "text": (_is_text, "texts_not_text"),
    "category": (_is_text, "texts_not_text"),
    "personal": (_is_text, "texts_not_text"),
    "date": (is_date, "not_dates"),
    "timestamp": (is_date, "not_times"),
    "money": (is_number, "amounts_not_numbers"),
    "count": (is_number, "not_numbers"),
    "flag": (
        lambda s: pd.api.types.is_bool_dtype(s.dtype) or all(type(value) is bool for value in s),
        "not_flags",
    ),
}


def check_tables(tables: Frames, *, language: str = "en") -> pd.DataFrame:
    """Every problem of the tables of a portfolio.

    Parameters
    ----------
    tables : mapping of table name to DataFrame
        Names and columns as in `collectkit.columns.TABLES`; other columns are ignored.
    language : {"en", "zh"}
        Language of the problems and of what to do.

    Returns
    -------
    DataFrame
        One row per problem: table, row (position from 0), loan_id, column, problem, value, severity
        (``error`` stops, ``warning`` does not), what_to_do.
        Empty if nothing is wrong.

    Examples
    --------
    >>> check_tables({"collectors": pd.DataFrame({"collector_id": ["C1", "C1"]})})["problem"].tolist()
    ['collector_id appears more than once', 'collector_id appears more than once']
    """
    return problems_in(check_book(tables)[0], language)


def check_book(tables: Frames) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Every problem of the tables, and for each table the row in `loans` of every row's loan."""
    frames = {name: frame.reset_index(drop=True) for name, frame in tables.items()}
    found = []
    for name, frame in steps(list(frames.items()), "checking", list(map(len, frames.values()))):
        twice = _columns_there_twice(name, frame)
        frame = frame.loc[:, ~frame.columns.isin(twice["column"])]
        wrong = wrong_types(name, frame)
        frames[name] = frame.drop(columns=list(wrong))
        found += [twice, _missing_columns(name, frame, twice), *wrong.values(), _wrong_values(name, frames[name])]
    book = Book(frames)
    found += [repeated_keys(book, name) for name in frames]
    if book.has("loans", "loan_id"):
        found += together(lambda rule: rule(book), ACROSS)
        if not any(map(len, found)):
            found += together(lambda rule: rule(book), LAST)
    problems = pd.concat([NO_PROBLEMS, *(part for part in found if len(part))], ignore_index=True)
    return problems, book.loan_rows


def _columns_there_twice(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Columns of the table that stand in it more than once."""
    again = [column for column in TABLES[name].columns if (frame.columns == column).sum() > 1]
    problem, advice = told("column_twice")
    rows = [[name, None, None, column, problem, None, "error", advice] for column in again]
    return pd.DataFrame(rows, columns=PROBLEM_COLUMNS, dtype=object)


def _missing_columns(name: str, frame: pd.DataFrame, twice: pd.DataFrame) -> pd.DataFrame:
    """Required columns that are not there."""
    there = {*frame.columns, *twice["column"]}
    missing = [column for column in TABLES[name].required if column not in there]
    problem, advice = told("column_missing")
    rows = [[name, None, None, column, problem, None, "error", advice] for column in missing]
    return pd.DataFrame(rows, columns=PROBLEM_COLUMNS, dtype=object)


def _wrong_values(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Problems of single values in columns of the right type, found by pandera."""
    from pandera.errors import SchemaErrors

    try:
        _schema(name, frozenset(frame.columns)).validate(frame, lazy=True, inplace=True)
    except SchemaErrors as error:
        return _as_problems(name, frame, error.failure_cases)
    return NO_PROBLEMS


def wrong_types(name: str, frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Columns whose type is wrong as a whole: one problem per column, with a value as example.

    A column that stands twice in the frame is passed over: which of the two is meant is not known.
    """
    wrong = {}
    once = frame.columns[~frame.columns.duplicated(keep=False)]
    for column in set(TABLES[name].columns) & set(once):
        if COLUMNS[column].kind not in _TYPES:  # a rate may be a number or text
            continue
        is_right, key = _TYPES[COLUMNS[column].kind]
        if is_right(frame[column]):
            continue
        known = frame[column].dropna()
        if len(known) and not is_right(known):
            value = shown_values(column, known.iloc[:1])[0]
            problem, what_to_do = told(key)
            row = [name, known.index[0], None, column, problem, value, "error", what_to_do]
            wrong[column] = pd.DataFrame([row], columns=PROBLEM_COLUMNS)
    return {column: wrong[column] for column in frame.columns if column in wrong}


def _schema(name: str, present: frozenset[str]) -> Any:
    """Pandera schema of one table, for the columns that are there and of the right type."""
    import pandera.pandas as pa

    table = TABLES[name]
    return pa.DataFrameSchema(
        {
            column: pa.Column(nullable=column not in table.required, checks=value_checks(name, column))
            for column in table.columns
            if column in present
        }
    )


def _is_personal(column: Any) -> bool:
    return column in COLUMNS and COLUMNS[column].kind == "personal"


def _as_problems(name: str, frame: pd.DataFrame, cases: pd.DataFrame) -> pd.DataFrame:
    """Pandera's failure cases in our words, one row per row and problem."""
    checks = cases["check"].replace("not_nullable", "|".join(told("missing")))
    words = checks.str.split("|", expand=True)
    rows = cases["index"].astype("Int64")
    result = pd.DataFrame(
        {
            "table": name,
            "row": rows.astype(object),
            "loan_id": frame["loan_id"].reindex(rows).to_numpy(dtype=object) if "loan_id" in frame else None,
            "column": cases["column"],
            "problem": words[0],
            "value": np.where(cases["column"].map(_is_personal), "***", cases["failure_case"].astype(object)),
            "severity": "error",
            "what_to_do": words[1],
        },
        columns=PROBLEM_COLUMNS,
    )
    return result.drop_duplicates(["row", "column", "problem"]).sort_values(["column", "row"], kind="stable")
