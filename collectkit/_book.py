"""Problems that tie tables together: loans that are not there, dates out of order, keys that repeat."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from collectkit._blocks import ascend, computed
from collectkit.columns import COLUMNS, TABLES
from collectkit.ids import are_different, positions
from collectkit.money import MOST_CENTS
from collectkit.problems import told

PROBLEM_COLUMNS = ["table", "row", "loan_id", "column", "problem", "value", "severity", "what_to_do"]
NO_PROBLEMS = pd.DataFrame(columns=PROBLEM_COLUMNS, dtype=object)

Frames = Mapping[str, pd.DataFrame]

_MOST = MOST_CENTS / 100


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

    def per_loan(self, table: str, amounts: Any = None) -> Any:
        """How many rows of a table each loan has, or the sum of their amounts."""
        rows = self.loan_rows.get(table, np.empty(0, dtype=np.int64))
        if rows.min(initial=0) < 0:
            known = rows >= 0
            rows, amounts = rows[known], None if amounts is None else amounts[known]
        return np.bincount(rows, amounts, minlength=len(self.loans))

    def has(self, table: str, *columns: str) -> bool:
        """True if the table is there with these columns."""
        return table in self.frames and all(column in self.frames[table] for column in columns)


def problems_of(
    table: str, frame: pd.DataFrame, bad: Any, column: str, key: str, /, *, severity: str = "error", **given: object
) -> pd.DataFrame:
    """The rows of a table where `bad` is true, as problems; the words are those of a key of `collectkit.problems`."""
    problem, what_to_do = told(key, **given)
    rows = np.flatnonzero(np.asarray(bad))
    if not len(rows):
        return NO_PROBLEMS
    at = frame.iloc[rows]
    return pd.DataFrame(
        {
            "table": table,
            "row": rows,
            "loan_id": at["loan_id"].to_numpy(dtype=object) if "loan_id" in frame else None,
            "column": column,
            "problem": problem,
            "value": shown_values(column, at[column]) if column in frame else None,
            "severity": severity,
            "what_to_do": what_to_do,
        },
        columns=PROBLEM_COLUMNS,
    )


def shown_values(column: str, values: pd.Series) -> Any:
    """Values as a problem shows them; personal data are never shown."""
    if column in COLUMNS and COLUMNS[column].kind == "personal":
        return np.full(len(values), "***", dtype=object)
    return values.astype(object).to_numpy()


def repeated_keys(book: Book, name: str) -> pd.DataFrame:
    """Rows whose key stands in the table more than once."""
    key, frame = list(TABLES[name].key), book.frames[name]
    if not key or not book.has(name, *key) or (len(key) == 1 and are_different(frame[key[0]])):
        return NO_PROBLEMS
    if name == "instalments" and name in book.loan_rows and frame["instalment_no"].dtype == np.int64:
        numbers = frame["instalment_no"].to_numpy()
        if ascend(numbers, book.loan_rows[name], strictly=True):
            return NO_PROBLEMS
        again = pd.Series(book.loan_rows[name] * 2**20 + numbers).duplicated(keep=False)  # quicker than by text
    else:
        again = frame.duplicated(key, keep=False) & frame[key].notna().all(axis=1)
    return problems_of(name, frame, again, key[0], "repeated_key", key=" + ".join(key))


def _known_loans(book: Book) -> pd.DataFrame:
    """Rows of a table whose loan is not in `loans`."""
    found = [
        problems_of(
            name, book.frames[name], (rows < 0) & book.frames[name]["loan_id"].notna(), "loan_id", "unknown_loan"
        )
        for name, rows in book.loan_rows.items()
        if rows.min(initial=0) < 0
    ]
    return pd.concat([NO_PROBLEMS, *found])


def _every_loan_has_instalments(book: Book) -> pd.DataFrame:
    return problems_of("loans", book.loans, book.per_loan("instalments") == 0, "loan_id", "no_instalments")


def _not_before(table: str, later: str, earlier: str, key: str) -> Callable[[Book], pd.DataFrame]:
    """Rule: one date is not before another of the same row, or of the row's loan (`loans.…`)."""

    def rule(book: Book) -> pd.DataFrame:
        if not book.has(table, later):
            return NO_PROBLEMS
        frame, column = book.frames[table], earlier.removeprefix("loans.")
        dates = dates_or_none(frame[later])
        if column != earlier and book.has("loans", column) and table in book.loan_rows:
            limits = np.append(dates_or_none(book.loans[column]), np.datetime64("NaT", "D"))
            bad = computed(lambda date, loan: date < limits[loan], dates, book.loan_rows[table], dtype=bool)
        elif column == earlier and column in frame:
            bad = computed(np.less, dates, dates_or_none(frame[column]), dtype=bool)
        else:
            return NO_PROBLEMS
        return problems_of(table, frame, bad, later, key)

    return rule


def dates_or_none(column: pd.Series) -> Any:
    """Values of a date column; a column of nothing but missing values counts as dates."""
    return column.to_numpy(dtype="datetime64[us]")


def _closed_with_code(book: Book) -> pd.DataFrame:
    given = [book.loans[name].notna() if name in book.loans else False for name in ("closed_date", "close_code")]
    bad = pd.Series(given[0], book.loans.index) != pd.Series(given[1], book.loans.index)
    return problems_of("loans", book.loans, bad, "closed_date", "closed_alone")


def _placements_apart(book: Book) -> pd.DataFrame:
    """A loan is with one agency at a time."""
    if not book.has("placements", "loan_id", "placement_date"):
        return NO_PROBLEMS
    frame = book.frames["placements"]
    rows, begins = book.loan_rows["placements"], dates_or_none(frame["placement_date"])
    ends = dates_or_none(frame["recall_date"]) if "recall_date" in frame else np.full_like(begins, "NaT")
    ends = np.where(np.isnat(ends), np.iinfo(np.int64).max, ends.astype(np.int64))  # never recalled
    order = np.lexsort((ends, begins, rows))
    latest = pd.Series(ends[order]).groupby(rows[order]).cummax().groupby(rows[order]).shift(fill_value=0)
    bad = np.zeros(len(frame), dtype=bool)
    bad[order] = (latest > begins[order].astype(np.int64)) & (rows[order] >= 0) & ~np.isnat(begins[order])
    return problems_of("placements", frame, bad, "placement_date", "placements_overlap")


def _agency_names(book: Book) -> pd.DataFrame:
    """`in_house` is the channel of loans that are with no agency."""
    if not book.has("placements", "agency"):
        return NO_PROBLEMS
    frame = book.frames["placements"]
    return problems_of("placements", frame, frame["agency"] == "in_house", "agency", "agency_in_house")


def _totals_stay_exact(book: Book) -> pd.DataFrame:
    """What a loan owes or paid in all is small enough that no product or sum can overflow."""
    found = [NO_PROBLEMS]
    for table, columns in (("instalments", ("principal", "interest", "fee")), ("payments", ("amount",))):
        if table in book.loan_rows:
            frame = book.frames[table]
            given = [frame[name].to_numpy(dtype=np.float64) for name in columns if name in frame]
            if sum(np.fmax.reduce(part, initial=0) for part in given) * book.per_loan(table).max(initial=0) < _MOST:
                continue  # not even if all were as large as the largest
            total = sum(book.per_loan(table, np.nan_to_num(part)) for part in given)
            bad = total > _MOST + 0.005  # sums of floats carry noise
            most = f"{MOST_CENTS // 100:,}"
            found.append(problems_of("loans", book.loans, bad, "loan_id", "total_too_large", table=table, most=most))
    return pd.concat(found)


def _principal_adds_up(book: Book) -> pd.DataFrame:
    """The schedule repays what was lent; restructured loans may differ, so this only warns."""
    if not book.has("loans", "principal") or not book.has("instalments", "loan_id", "principal"):
        return NO_PROBLEMS
    due = book.frames["instalments"]["principal"].to_numpy(dtype=np.float64)
    scheduled = book.per_loan("instalments", computed(lambda part: np.rint(part * 100), due, dtype=np.float64))
    lent = np.rint(book.loans["principal"].to_numpy(dtype=np.float64) * 100)
    return problems_of("loans", book.loans, scheduled != lent, "principal", "principal_differs", severity="warning")


ACROSS: list[Callable[[Book], pd.DataFrame]] = [
    _known_loans,
    _every_loan_has_instalments,
    _not_before("instalments", "due_date", "loans.disbursement_date", "due_before_loan"),
    _not_before("payments", "value_date", "loans.disbursement_date", "paid_before_loan"),
    _not_before("payments", "reversal_date", "value_date", "paid_after_reversal"),
    _not_before("payments", "reversal_date", "posting_date", "posted_after_reversal"),
    _not_before("loans", "closed_date", "disbursement_date", "closed_before_loan"),
    _not_before("pauses", "end_date", "start_date", "pause_backwards"),
    _not_before("placements", "recall_date", "placement_date", "recalled_before_placed"),
    _not_before("promises", "due_date", "promised_date", "due_before_promised"),
    _not_before("complaints", "answered_date", "complaint_date", "answered_before_complained"),
    _not_before("stated", "as_of", "loans.disbursement_date", "stated_before_loan"),
    _closed_with_code,
    _placements_apart,
    _agency_names,
]
#: Rules that need sound amounts; they run when nothing else was found.
LAST: list[Callable[[Book], pd.DataFrame]] = [_totals_stay_exact, _principal_adds_up]
