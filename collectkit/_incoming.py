"""One table of a file beside the same table of the book: which rows are new, the same, changed or kept out."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from collectkit._book import PROBLEM_COLUMNS
from collectkit.columns import COLUMNS, TABLES, Kind
from collectkit.days import DATE_DTYPE, day_numbers
from collectkit.errors import CallError
from collectkit.ids import positions
from collectkit.problems import told

#: Inside the register missing values need no other dtype; a rate stays what it is, number or text.
_DTYPES: dict[Kind, Any] = {
    "id": "str", "text": "str", "category": "str", "personal": "str", "date": DATE_DTYPE, "timestamp": DATE_DTYPE,
    "money": "float64", "count": "Int64", "flag": "boolean",
}  # fmt: skip
#: What pandas may call the known values of a column with such a dtype.
_READS_AS = {
    "str": ("string", "categorical"), DATE_DTYPE: ("datetime64",), "float64": ("floating", "integer"),
    "Int64": ("integer", "floating"), "boolean": ("boolean",),
}  # fmt: skip


def typed(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """A table with one dtype per kind of column; a column we do not know is kept as text.

    Raises
    ------
    CallError
        A column holds something else than its kind says, or is there twice.

    Examples
    --------
    >>> typed("collectors", pd.DataFrame({"collector_id": ["C1"], "start_date": [None]})).dtypes.astype(str).tolist()
    ['str', 'datetime64[us]']
    """
    if not frame.columns.is_unique:
        again = frame.columns[frame.columns.duplicated()][0]
        raise CallError(f"`{name}` has the column {again!r} twice. Keep one of them.")
    columns = {column: _typed(name, str(column), frame[column]) for column in frame.columns}
    return pd.DataFrame(columns, index=frame.index).reset_index(drop=True)


def _typed(name: str, column: str, values: pd.Series) -> pd.Series:
    kind = COLUMNS[column].kind if column in TABLES[name].columns else None
    is_rate = kind == "rate" and (pd.api.types.is_numeric_dtype(values.dtype) or values.isna().all())
    dtype: Any = "float64" if is_rate else _DTYPES.get(kind, "str") if kind else "str"
    if values.dtype == dtype:
        return values
    if values.isna().all():
        return pd.Series(index=values.index, dtype=dtype)
    if kind is None or (kind == "rate" and not is_rate):
        return values.map(str, na_action="ignore").astype("str")
    found = pd.api.types.infer_dtype(values, skipna=True)
    try:
        if found not in _READS_AS[dtype]:
            raise TypeError
        return values.astype(dtype)
    except (ValueError, TypeError) as error:
        raise CallError(
            f"`{name}.{column}` holds {found}, which is no {kind}. Read the file with a mapping first."
        ) from error


def completed(name: str, frame: pd.DataFrame, also: pd.DataFrame | None = None) -> pd.DataFrame:
    """A typed table with every required column, and every column of another table; what it lacks is missing.

    Examples
    --------
    >>> completed("collectors", pd.DataFrame()).columns.tolist()
    ['collector_id']
    """
    dtypes: dict[str, Any] = {column: _DTYPES.get(COLUMNS[column].kind, "float64") for column in TABLES[name].required}
    if also is not None:
        dtypes |= {str(column): dtype for column, dtype in also.dtypes.items()}
    lacking = {column: dtype for column, dtype in dtypes.items() if column not in frame}
    return frame.assign(**{column: pd.Series(index=frame.index, dtype=dtype) for column, dtype in lacking.items()})


class Incoming:
    """The rows of a file for one table.

    Attributes
    ----------
    rows : DataFrame
        The rows; what a file does not say about a row of the book is taken from the book.
    at : array of int
        Position of the same row in the book; -1 if it is new.
    numbers : array of int
        Number of each row in the file, as the problems call it.
    is_out : array of bool
        True for the rows that are kept out.
    problems : list of DataFrame
        Why rows are kept out, where the reader had not said it already.
    """

    def __init__(self, name: str, book: pd.DataFrame, frame: pd.DataFrame) -> None:
        self.name = name
        is_numbered = pd.api.types.is_integer_dtype(frame.index.dtype)
        labels = frame.index.to_numpy(dtype=np.int64) if is_numbered else np.arange(len(frame))
        self.numbers = labels + int(frame.attrs.get("first_row", 0))
        self.given = typed(name, frame)
        book, given = _same_rates(book, self.given)
        self.rows = completed(name, given, book)
        self.book = completed(name, book, self.rows)[self.rows.columns]
        self.at = _found(name, self.rows, self.book)
        before = self.book.reindex(self.at).reset_index(drop=True)
        is_there = self.at >= 0
        for column in self.rows.columns.difference(given.columns):
            self.rows[column] = self.rows[column].where(~is_there, before[column])
        self.differs = {column: _differ(self.rows[column], before[column]) & is_there for column in self.rows}
        self.is_same = is_there & ~np.any([*self.differs.values()], axis=0)
        self.is_out = np.zeros(len(frame), dtype=bool)
        self.problems: list[pd.DataFrame] = []
        self._reasons: list[pd.DataFrame] = []
        self._copy_of = np.arange(len(frame))

    @property
    def is_open(self) -> npt.NDArray[np.bool_]:
        """True for the rows that are on their way into the book."""
        return ~self.is_same & ~self.is_out

    def put_out(self, at: npt.NDArray[Any], problems: pd.DataFrame, *, is_listed: bool = True) -> None:
        """Keep rows out, each for the problem at the same place of `problems`."""
        if len(at) == 0:
            return
        self.is_out[at] = True
        told = problems[["column", "problem", "value", "what_to_do"]].astype(object)
        words = [_reason(*row) for row in told.where(told.notna(), None).itertuples(index=False)]
        self._reasons.append(pd.DataFrame({"at": at, "reason": words}))
        if is_listed:
            self.problems.append(problems.astype(object))

    def compare(self) -> None:
        """Find copies within the file, and keep out rows that contradict each other or a payment of the book."""
        key = list(TABLES[self.name].key)
        rows = self.rows[~self.is_out & self.rows[key].notna().all(axis=1).to_numpy()]
        known = rows if key else pd.concat([self.book, rows])
        first, before = _first_alike(known[list(self.given.columns)]), len(known) - len(rows)
        is_copy = (first != np.arange(len(known)))[before:]
        at = rows.index[is_copy].to_numpy()
        self.is_same[at] = True
        origin = first[before:][is_copy] - before
        self._copy_of[at] = np.where(origin < 0, at, rows.index.to_numpy()[origin])
        rows = rows[~is_copy]
        if key:
            again = rows.index[rows.duplicated(key, keep=False)]
            values = self.rows[key].iloc[again].astype(str).agg(" ".join, axis=1)
            self._put_out(again, key[0], values, "contradicts", key=" + ".join(key))
        if self.name == "payments":
            self._compare_payments()

    def _compare_payments(self) -> None:
        """A payment that was imported stays as it is; it can only be reversed, once."""
        open_and_known = self.is_open & (self.at >= 0)
        was_reversed = self.book.reindex(columns=["reversal_date"]).reindex(self.at).notna().to_numpy()[:, 0]
        others = np.any([differs for column, differs in self.differs.items() if column != "reversal_date"], axis=0)
        at = np.flatnonzero(open_and_known & (others | was_reversed))
        values = [", ".join(str(column) for column, differs in self.differs.items() if differs[row]) for row in at]
        self._put_out(at, "payment_id", values, "payment_differs")

    def _put_out(self, at: Any, column: str, values: Any, key: str, /, **given: object) -> None:
        problem, what_to_do = told(key, **given)
        words = {"column": column, "problem": problem, "severity": "error", "what_to_do": what_to_do}
        ids = self.rows["loan_id"].iloc[at].to_numpy(dtype=object) if "loan_id" in self.rows else None
        problems = pd.DataFrame(
            {"table": self.name, "row": self.numbers[at], "loan_id": ids, **words}, np.arange(len(at))
        )
        self.put_out(np.asarray(at), problems.assign(value=list(values))[PROBLEM_COLUMNS])

    def follow(self) -> None:
        """Keep out the copies of rows that were kept out."""
        self.is_out |= self.is_out[self._copy_of]

    def merged(self) -> tuple[pd.DataFrame, npt.NDArray[np.int64]]:
        """The table of the book with the open rows, and for each of its rows the row of the file; -1 for the book's."""
        is_open, count = self.is_open, len(self.book)
        take = np.arange(count + int((is_open & (self.at < 0)).sum()))
        changed = np.flatnonzero(is_open & (self.at >= 0))
        take[self.at[changed]] = count + changed
        take[count:] = count + np.flatnonzero(is_open & (self.at < 0))
        frame = pd.concat([self.book, self.rows], ignore_index=True).iloc[take].reset_index(drop=True)
        whole = [c for c in frame if frame[c].dtype == "Int64" and frame[c].notna().all()]
        return frame.astype(dict.fromkeys(whole, "int64")), np.where(take >= count, take - count, -1)

    def changes(self) -> list[pd.DataFrame]:
        """Old and new value of every cell that changes, one table per column."""
        key = self.rows[list(TABLES[self.name].key)].astype(str)
        parts = []
        for column, differs in self.differs.items():
            at = np.flatnonzero(differs & self.is_open)
            parts.append(pd.DataFrame({
                "table": self.name, "row": self.numbers[at],
                "loan_id": self.rows["loan_id"].iloc[at].to_numpy() if "loan_id" in self.rows else None,
                "key": [" ".join(values) for values in key.iloc[at].to_numpy()], "column": column,
                "old": _shown(self.book[column].iloc[self.at[at]]), "new": _shown(self.rows[column].iloc[at]),
            }, dtype=object))  # fmt: skip
        return parts

    def counts(self) -> dict[str, Any]:
        """Rows in, and what became of them; the last four add up to the first."""
        is_open = self.is_open
        return {
            "table": self.name,
            "rows_in": len(self.rows),
            "accepted": int((is_open & (self.at < 0)).sum()),
            "already_there": int((self.is_same & ~self.is_out).sum()),
            "changed": int((is_open & (self.at >= 0)).sum()),
            "quarantined": int(self.is_out.sum()),
        }

    def quarantined(self) -> pd.DataFrame:
        """The rows that are kept out as they came, with their number in the file and all reasons."""
        reasons = pd.concat(self._reasons).groupby("at")["reason"].agg(lambda texts: " | ".join(dict.fromkeys(texts)))
        at = np.flatnonzero(self.is_out)
        rows = self.given.iloc[at].reset_index(drop=True)
        return pd.concat(
            [pd.DataFrame({"row": self.numbers[at], "reasons": reasons.reindex(self._copy_of[at]).to_numpy()}), rows],
            axis=1,
        )


def _reason(column: str | None, problem: str, value: Any, what_to_do: str) -> str:
    """A problem in a line."""
    return f"{column + ': ' if column else ''}{problem}{'' if value is None else f' ({value})'}. {what_to_do}"


def _same_rates(book: pd.DataFrame, given: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both tables with a rate as text where one of them has it as text."""
    mixed = [str(column) for column in given if column in book and given[column].dtype != book[column].dtype]
    return tuple(  # type: ignore[return-value]
        frame.assign(**{c: _rates_as_text(frame[c]) for c in mixed if frame[c].dtype == "float64"})
        for frame in (book, given)
    )


def _rates_as_text(rates: pd.Series) -> pd.Series:
    """Rates to nine decimals, as `money.exact_rate` reads a float."""
    return rates.map(lambda rate: f"{rate:.9f}".rstrip("0").rstrip("."), na_action="ignore").astype("str")


def _found(name: str, rows: pd.DataFrame, book: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Position of each row in the book by its key; -1 where it is not there."""
    key = TABLES[name].key
    if len(key) == 1:
        return positions(rows[key[0]], book[key[0]])
    if not key or book.empty:
        return np.full(len(rows), -1)
    loans = book["loan_id"].drop_duplicates()
    known, asked = _numbered(book, loans, key[1]), _numbered(rows, loans, key[1])
    return pd.Index(known).get_indexer(pd.Index(asked)).astype(np.int64)


def _numbered(rows: pd.DataFrame, loans: pd.Series, name: str) -> npt.NDArray[np.int64]:
    """Loan and number (or day) of each row as one integer; -1 if the loan is not there or the number impossible."""
    is_day = COLUMNS[name].kind == "date"
    numbers = day_numbers(rows[name]) if is_day else rows[name].fillna(-1)
    loan, number = positions(rows["loan_id"], loans), np.asarray(numbers, dtype=np.int64)
    return np.where((loan >= 0) & (number >= 0) & (number < 2**20), loan * 2**20 + number, -1)


def _first_alike(rows: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Position of the first row that says the same, for each row."""
    first = np.arange(len(rows))
    at = np.flatnonzero(rows.duplicated(keep=False))
    if len(at):
        groups = rows.iloc[at].groupby(list(rows), dropna=False, sort=False).ngroup()
        first[at] = pd.Series(at).groupby(groups.to_numpy()).transform("first")
    return first


def _differ(new: pd.Series, old: pd.Series) -> npt.NDArray[np.bool_]:
    """True where two columns of one dtype differ; missing is equal to missing, and binary noise is forgiven."""
    if new.dtype == "float64":
        return ~np.isclose(new.to_numpy(), old.to_numpy(), rtol=1e-12, atol=1e-9, equal_nan=True)
    both_missing = (new.isna() & old.isna()).to_numpy()
    return (new != old).fillna(True).to_numpy(dtype=bool) & ~both_missing


def _shown(values: pd.Series) -> Any:
    """Values as a person reads them; dates without a time of day."""
    if pd.api.types.is_datetime64_dtype(values.dtype):
        values = values.dt.strftime("%Y-%m-%d %H:%M:%S").str.removesuffix(" 00:00:00")
    elif values.dtype == "float64" and COLUMNS[str(values.name)].kind == "money":
        values = values.map("{:.2f}".format, na_action="ignore")
    return values.astype(object).where(values.notna(), None).to_numpy()
