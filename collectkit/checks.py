"""Checks at the door: every problem of every table at once, each with its row and what to do.

Single columns are checked by pandera schemas made from the nomenclature; what ties tables together is in
`collectkit._book`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from collectkit._book import ACROSS, LAST, NO_PROBLEMS, PROBLEM_COLUMNS, Book, Frames, repeated_keys, shown_values
from collectkit.columns import CHANNELS, COLUMNS, PAUSE_REASONS, TABLES, Kind
from collectkit.days import FIRST_DAY, LAST_DAY
from collectkit.errors import CallError
from collectkit.money import MOST_CENTS, exact_rate, is_exact

Test = Callable[[pd.Series], Any]


def _is_text(s: pd.Series) -> bool:
    values = s.cat.categories if isinstance(s.dtype, pd.CategoricalDtype) else s
    return pd.api.types.infer_dtype(values, skipna=True) in ("string", "empty")


def _is_number(s: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(s.dtype) and not pd.api.types.is_bool_dtype(s.dtype)


def _is_rate(s: pd.Series) -> Any:
    if _is_number(s):
        values = s.to_numpy(dtype=np.float64)
        return np.isfinite(values) & (values >= 0) & (values < 10)
    codes, distinct = pd.factorize(s)
    return np.array([_reads_as_rate(value) for value in distinct], dtype=bool)[codes]


def _reads_as_rate(value: Any) -> bool:
    try:
        return exact_rate(value) < 10
    except CallError:
        return False


def _is_whole(s: pd.Series) -> Any:
    values = s.to_numpy(dtype=np.float64)
    return (values == np.floor(values)) & (values >= 0) & (values <= 10**6)


def _is_date(s: pd.Series) -> bool:
    return pd.api.types.is_datetime64_dtype(s.dtype)


def _at_midnight(s: pd.Series) -> Any:
    values = s.to_numpy()
    return values == values.astype("datetime64[D]")


def _in_calendar(s: pd.Series) -> Any:
    values = s.to_numpy()
    return (values >= np.datetime64(FIRST_DAY)) & (values < np.datetime64(LAST_DAY) + np.timedelta64(1, "D"))


#: Per kind of column: whether the whole column is of the right type, then what every value must pass.
#: A test is (function, problem, what to do).
_TYPES: dict[Kind, tuple[Test, str, str]] = {
    "id": (_is_text, "ids are not text", "Convert the column with `.astype(str)`."),
    "text": (_is_text, "values are not text", "Convert the column with `.astype(str)`."),
    "category": (_is_text, "values are not text", "Convert the column with `.astype(str)`."),
    "personal": (_is_text, "values are not text", "Convert the column with `.astype(str)`."),
    "date": (
        _is_date,
        "dates are not of a date type",
        "Convert the column with `pd.to_datetime(…, format=…)`.",
    ),
    "timestamp": (_is_date, "times are not of a date type", "Convert the column with `pd.to_datetime(…)`."),
    "money": (_is_number, "amounts are not numbers", "Convert the column with `pd.to_numeric`."),
    "count": (_is_number, "values are not numbers", "Convert the column with `pd.to_numeric`."),
    "rate": (lambda s: True, "", ""),
    "flag": (
        lambda s: pd.api.types.is_bool_dtype(s.dtype) or all(type(value) is bool for value in s),
        "values are not true or false",
        "Convert the column with `.astype(bool)`.",
    ),
}
_VALUES: dict[Kind, list[tuple[Test, str, str]]] = {
    "id": [(lambda s: s.astype(str) != "", "id is empty", "Give every row an id.")],
    "text": [(lambda s: s.astype(str).str.strip() != "", "text is blank", "Fill it, or leave the cell empty.")],
    "date": [
        (_at_midnight, "date has a time of day", "Keep the calendar date, e.g. by `.dt.normalize()`."),
        (_in_calendar, f"date is outside {FIRST_DAY} to {LAST_DAY}", "Correct the date."),
    ],
    "money": [
        (lambda s: np.isfinite(s.to_numpy(dtype=np.float64)), "amount is infinite", "Correct the amount."),
        (lambda s: is_exact(s) | ~np.isfinite(s.to_numpy(dtype=np.float64)), "amount has a fraction of a cent",
         "Round the amounts to two decimals where they are made."),
        (lambda s: s >= 0, "amount is negative", "Amounts are 0 or more; enter a refund as a reversal."),
        (lambda s: (s.to_numpy(dtype=np.float64) <= MOST_CENTS / 100) | ~np.isfinite(s.to_numpy(dtype=np.float64)),
         f"amount is over {MOST_CENTS // 100:,}", "Check the unit: amounts are in currency, not in cents."),
    ],
    "rate": [(_is_rate, "rate is not a fraction from 0 to 10", 'Write rates as fractions: "0.18" for 18%.')],
    "count": [(_is_whole, "value is not a whole number, 0 or more", "Correct the value.")],
}  # fmt: skip
_FROM_ONE = {"instalment_no", "placement_no"}
_ONE_OF = {("contacts", "channel"): CHANNELS, ("pauses", "reason"): PAUSE_REASONS}
_ABOVE_ZERO = {("loans", "principal"), ("payments", "amount"), ("promises", "amount")}


def check_tables(tables: Frames) -> pd.DataFrame:
    """Every problem of the tables of a portfolio.

    Parameters
    ----------
    tables : mapping of table name to DataFrame
        Names and columns as in `collectkit.columns.TABLES`; other columns are ignored.

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
    return check_book(tables)[0]


def check_book(tables: Frames) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Every problem of the tables, and for each table the row in `loans` of every row's loan."""
    frames = {name: frame.reset_index(drop=True) for name, frame in tables.items()}
    found = []
    for name, frame in frames.items():
        twice = _columns_there_twice(name, frame)
        frame = frame.loc[:, ~frame.columns.isin(twice["column"])]
        wrong = wrong_types(name, frame)
        frames[name] = frame.drop(columns=list(wrong))
        found += [twice, _missing_columns(name, frame, twice), *wrong.values(), _wrong_values(name, frames[name])]
    book = Book(frames)
    found += [repeated_keys(book, name) for name in frames]
    if book.has("loans", "loan_id"):
        found += [rule(book) for rule in ACROSS]
        if not any(map(len, found)):
            found += [rule(book) for rule in LAST]
    problems = pd.concat([NO_PROBLEMS, *(part for part in found if len(part))], ignore_index=True)
    return problems, book.loan_rows


def _columns_there_twice(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Columns of the table that stand in it more than once."""
    again = [column for column in TABLES[name].columns if (frame.columns == column).sum() > 1]
    rows = [[name, None, None, column, "column is there twice", None, "error", "Keep one of them."] for column in again]
    return pd.DataFrame(rows, columns=PROBLEM_COLUMNS, dtype=object)


def _missing_columns(name: str, frame: pd.DataFrame, twice: pd.DataFrame) -> pd.DataFrame:
    """Required columns that are not there."""
    there = {*frame.columns, *twice["column"]}
    missing = [column for column in TABLES[name].required if column not in there]
    rows = [[name, None, None, column, "column is missing", None, "error", "Add the column."] for column in missing]
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
        is_right, problem, what_to_do = _TYPES[COLUMNS[column].kind]
        known = frame[column].dropna()
        if len(known) and not is_right(known):
            value = shown_values(column, known.iloc[:1])[0]
            row = [name, known.index[0], None, column, problem, value, "error", what_to_do]
            wrong[column] = pd.DataFrame([row], columns=PROBLEM_COLUMNS)
    return {column: wrong[column] for column in frame.columns if column in wrong}


def _schema(name: str, present: frozenset[str]) -> Any:
    """Pandera schema of one table, for the columns that are there and of the right type."""
    import pandera.pandas as pa

    table = TABLES[name]
    columns = {}
    for column in table.columns:
        if column in present:
            tests = list(_VALUES.get(COLUMNS[column].kind, []))
            if (name, column) in _ABOVE_ZERO:
                tests.append((lambda s: s != 0, "amount is zero", "Leave out rows without money."))
            if column in _FROM_ONE:
                tests.append((lambda s: s >= 1, "value is not a whole number, 1 or more", "Count from 1."))
            values = _ONE_OF.get((name, column), COLUMNS[column].values)
            if values:
                tests.append((_one_of(values), f"is none of {', '.join(values)}", "Use one of these."))
            checks = [pa.Check(_indexed(test), error=f"{problem}|{todo}") for test, problem, todo in tests]
            columns[column] = pa.Column(nullable=column not in table.required, checks=checks)
    return pa.DataFrameSchema(columns)


def _indexed(test: Test) -> Test:
    """The test with its answer on the index of the column, as pandera wants it."""
    return lambda s: pd.Series(np.asarray(test(s), dtype=bool), s.index)


def _one_of(values: tuple[str, ...]) -> Test:
    return lambda s: s.isin(values)


def _is_personal(column: Any) -> bool:
    return column in COLUMNS and COLUMNS[column].kind == "personal"


def _as_problems(name: str, frame: pd.DataFrame, cases: pd.DataFrame) -> pd.DataFrame:
    """Pandera's failure cases in our words, one row per row and problem."""
    checks = cases["check"].replace("not_nullable", "is missing|Fill it or drop those rows.")
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
