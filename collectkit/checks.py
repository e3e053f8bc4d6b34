"""Checks at the door: every problem of every table at once, each with its row and what to do.

Single columns are checked by pandera schemas made from the nomenclature; what ties tables together is checked below.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from collectkit.columns import COLUMNS, TABLES, Kind
from collectkit.days import FIRST_DAY, LAST_DAY
from collectkit.errors import CallError
from collectkit.ids import is_ascending, positions
from collectkit.money import MOST_CENTS, exact_rate, is_exact

PROBLEM_COLUMNS = ["table", "row", "loan_id", "column", "problem", "value", "what_to_do"]

_NO_PROBLEMS = pd.DataFrame(columns=PROBLEM_COLUMNS, dtype=object)

Frames = Mapping[str, pd.DataFrame]
Test = Callable[[pd.Series], Any]


def _is_text(s: pd.Series) -> bool:
    kind = s.cat.categories.dtype if isinstance(s.dtype, pd.CategoricalDtype) else s.dtype
    return pd.api.types.is_string_dtype(kind)


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
        One row per problem: table, row (position from 0), loan_id, column, problem, value, what_to_do.
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
        wrong = _wrong_types(name, frame)
        found += [_missing_columns(name, frame), *wrong.values(), _wrong_values(name, frame.drop(columns=list(wrong)))]
        frames[name] = frame.drop(columns=list(wrong))
    book = Book(frames)
    found += [_repeated(book, name) for name in frames]
    if book.has("loans", "loan_id"):
        found += [rule(book) for rule in _ACROSS]
    problems = pd.concat([_NO_PROBLEMS, *(part for part in found if len(part))], ignore_index=True)
    return problems, book.loan_rows


class Book:
    """Tables with the position in `loans` of each row's loan; -1 where the loan is not there."""

    def __init__(self, frames: Frames) -> None:
        self.frames = frames
        self.loans = frames.get("loans", pd.DataFrame())
        self.loan_rows: dict[str, Any] = {}
        if "loan_id" in self.loans:
            for name, frame in frames.items():
                if name != "loans" and "loan_id" in frame:
                    self.loan_rows[name] = positions(frame["loan_id"], self.loans["loan_id"])

    def has(self, table: str, *columns: str) -> bool:
        """True if the table is there with these columns."""
        return table in self.frames and all(column in self.frames[table] for column in columns)


def problems_of(table: str, frame: pd.DataFrame, bad: Any, column: str, problem: str, what_to_do: str) -> pd.DataFrame:
    """The rows of a table where `bad` is true, as problems."""
    rows = np.flatnonzero(np.asarray(bad))
    at = frame.iloc[rows]
    return pd.DataFrame(
        {
            "table": table,
            "row": rows,
            "loan_id": at["loan_id"].to_numpy(dtype=object) if "loan_id" in frame else None,
            "column": column,
            "problem": problem,
            "value": at[column].astype(object).to_numpy() if column in frame else None,
            "what_to_do": what_to_do,
        },
        columns=PROBLEM_COLUMNS,
    )


def _missing_columns(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Required columns that are not there."""
    missing = [column for column in TABLES[name].required if column not in frame]
    rows = [[name, None, None, column, "column is missing", None, "Add the column."] for column in missing]
    return pd.DataFrame(rows, columns=PROBLEM_COLUMNS, dtype=object)


def _wrong_values(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Problems of single values in columns of the right type, found by pandera."""
    from pandera.errors import SchemaErrors

    try:
        _schema(name, frozenset(frame.columns)).validate(frame, lazy=True, inplace=True)
    except SchemaErrors as error:
        return _as_problems(name, frame, error.failure_cases)
    return _NO_PROBLEMS


def _wrong_types(name: str, frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Columns whose type is wrong as a whole: one problem per column, with a value as example."""
    wrong = {}
    for column in set(TABLES[name].columns) & set(frame.columns):
        is_right, problem, what_to_do = _TYPES[COLUMNS[column].kind]
        known = frame[column].dropna()
        if len(known) and not is_right(known):
            row = [name, known.index[0], None, column, problem, known.iloc[0], what_to_do]
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
            if COLUMNS[column].values:
                tests.append((_one_of(COLUMNS[column].values), f"is none of {', '.join(COLUMNS[column].values)}",
                              "Use one of these."))  # fmt: skip
            checks = [pa.Check(_indexed(test), error=f"{problem}|{todo}") for test, problem, todo in tests]
            columns[column] = pa.Column(nullable=column not in table.required, checks=checks)
    return pa.DataFrameSchema(columns)


def _indexed(test: Test) -> Test:
    """The test with its answer on the index of the column, as pandera wants it."""
    return lambda s: pd.Series(np.asarray(test(s), dtype=bool), s.index)


def _one_of(values: tuple[str, ...]) -> Test:
    return lambda s: s.isin(values)


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
            "value": cases["failure_case"].astype(object),
            "what_to_do": words[1],
        },
        columns=PROBLEM_COLUMNS,
    )
    return result.drop_duplicates(["row", "column", "problem"]).sort_values(["column", "row"], kind="stable")


def _repeated(book: Book, name: str) -> pd.DataFrame:
    """Rows whose key stands in the table more than once."""
    key, frame = list(TABLES[name].key), book.frames[name]
    if not key or not book.has(name, *key) or (len(key) == 1 and is_ascending(frame[key[0]])):
        return _NO_PROBLEMS
    if name == "instalments" and name in book.loan_rows and not frame["instalment_no"].isna().any():
        numbers = book.loan_rows[name] * 2**20 + frame["instalment_no"].to_numpy(
            dtype=np.int64
        )  # far quicker than text
        again = (
            np.zeros(len(frame), dtype=bool)
            if (np.diff(numbers) > 0).all()
            else pd.Series(numbers).duplicated(keep=False)
        )
    else:
        again = frame.duplicated(key, keep=False) & frame[key].notna().all(axis=1)
    return problems_of(name, frame, again, key[0], f"{' + '.join(key)} appears more than once", "Keep one row of each.")


def _known_loans(book: Book) -> pd.DataFrame:
    """Rows of a table whose loan is not in `loans`."""
    found = [
        problems_of(name, book.frames[name], (rows < 0) & book.frames[name]["loan_id"].notna(), "loan_id",
                    "loan is not in loans", "Add the loan to `loans` or drop those rows.")
        for name, rows in book.loan_rows.items()
    ]  # fmt: skip
    return pd.concat([_NO_PROBLEMS, *found])


def _every_loan_has_instalments(book: Book) -> pd.DataFrame:
    rows = book.loan_rows.get("instalments", np.empty(0, dtype=np.int64))
    count = np.bincount(rows[rows >= 0], minlength=len(book.loans))
    return problems_of("loans", book.loans, count == 0, "loan_id",
                       "loan has no instalments", "Add its schedule to `instalments`.")  # fmt: skip


def _not_before(table: str, later: str, earlier: str, problem: str, what_to_do: str) -> Callable[[Book], pd.DataFrame]:
    """Rule: one date is not before another of the same row, or of the row's loan (`loans.…`)."""

    def rule(book: Book) -> pd.DataFrame:
        if not book.has(table, later):
            return _NO_PROBLEMS
        frame, column = book.frames[table], earlier.removeprefix("loans.")
        if column != earlier and book.has("loans", column) and table in book.loan_rows:
            rows = book.loan_rows[table]
            limit = np.append(dates_or_none(book.loans[column]), np.datetime64("NaT", "D"))[rows]
        elif column == earlier and column in frame:
            limit = dates_or_none(frame[column])
        else:
            return _NO_PROBLEMS
        return problems_of(table, frame, dates_or_none(frame[later]) < limit, later, problem, what_to_do)

    return rule


def dates_or_none(column: pd.Series) -> Any:
    """Values of a date column; a column of nothing but missing values counts as dates."""
    return column.to_numpy(dtype="datetime64[us]")


def _closed_with_code(book: Book) -> pd.DataFrame:
    given = [book.loans[name].notna() if name in book.loans else False for name in ("closed_date", "close_code")]
    bad = pd.Series(given[0], book.loans.index) != pd.Series(given[1], book.loans.index)
    return problems_of("loans", book.loans, bad, "closed_date",
                       "closed_date and close_code do not come together", "Give both or neither.")  # fmt: skip


def _placements_apart(book: Book) -> pd.DataFrame:
    """A loan is with one agency at a time."""
    if not book.has("placements", "loan_id", "placement_date"):
        return _NO_PROBLEMS
    frame = book.frames["placements"]
    begins = dates_or_none(frame["placement_date"])
    ends = (
        dates_or_none(frame["recall_date"])
        if "recall_date" in frame
        else np.full(len(frame), np.datetime64("NaT", "D"))
    )
    order = np.lexsort([ends, begins, book.loan_rows["placements"]])
    rows, begins, ends = book.loan_rows["placements"][order], begins[order], ends[order]
    bad = np.zeros(len(frame), dtype=bool)
    bad[order[1:]] = (rows[1:] == rows[:-1]) & (rows[1:] >= 0) & ~(ends[:-1] <= begins[1:])
    return problems_of("placements", frame, bad, "placement_date",
                       "placement begins before the last one of the loan was recalled",
                       "Give the earlier placement a recall_date.")  # fmt: skip


_ACROSS: list[Callable[[Book], pd.DataFrame]] = [
    _known_loans,
    _every_loan_has_instalments,
    _not_before("instalments", "due_date", "loans.disbursement_date", "due date is before the loan was disbursed",
                "Correct the schedule or the disbursement date."),
    _not_before("payments", "value_date", "loans.disbursement_date", "payment is before the loan was disbursed",
                "Correct the date or the loan of the payment."),
    _not_before("payments", "reversal_date", "value_date", "payment is dated after its reversal",
                "Correct the value date or the reversal date."),
    _not_before("payments", "reversal_date", "posting_date", "payment is posted after its reversal",
                "Correct the posting date or the reversal date."),
    _not_before("loans", "closed_date", "disbursement_date", "loan is closed before it was disbursed",
                "Correct the closed date."),
    _not_before("pauses", "end_date", "start_date", "pause ends before it starts", "Swap or correct the dates."),
    _not_before("placements", "recall_date", "placement_date", "recalled before it was placed", "Correct the dates."),
    _not_before("promises", "due_date", "promised_date", "promise is due before it was made", "Correct the dates."),
    _closed_with_code,
    _placements_apart,
]  # fmt: skip
