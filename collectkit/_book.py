"""Problems that tie tables together: loans that are not there, dates out of order, keys that repeat."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from collectkit.columns import COLUMNS, TABLES
from collectkit.ids import is_ascending, positions
from collectkit.money import MOST_CENTS

PROBLEM_COLUMNS = ["table", "row", "loan_id", "column", "problem", "value", "severity", "what_to_do"]
NO_PROBLEMS = pd.DataFrame(columns=PROBLEM_COLUMNS, dtype=object)

Frames = Mapping[str, pd.DataFrame]


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


def problems_of(
    table: str, frame: pd.DataFrame, bad: Any, column: str, problem: str, what_to_do: str, *, severity: str = "error"
) -> pd.DataFrame:
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
    if not key or not book.has(name, *key) or (len(key) == 1 and is_ascending(frame[key[0]])):
        return NO_PROBLEMS
    if name == "instalments" and name in book.loan_rows and frame["instalment_no"].dtype == np.int64:
        numbers = book.loan_rows[name] * 2**20 + frame["instalment_no"].to_numpy()  # quicker than comparing text
        ascends = (np.diff(numbers) > 0).all()
        again = np.zeros(len(frame), dtype=bool) if ascends else pd.Series(numbers).duplicated(keep=False)
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
    return pd.concat([NO_PROBLEMS, *found])


def _every_loan_has_instalments(book: Book) -> pd.DataFrame:
    rows = book.loan_rows.get("instalments", np.empty(0, dtype=np.int64))
    count = np.bincount(rows[rows >= 0], minlength=len(book.loans))
    return problems_of("loans", book.loans, count == 0, "loan_id",
                       "loan has no instalments", "Add its schedule to `instalments`.")  # fmt: skip


def _not_before(table: str, later: str, earlier: str, problem: str, what_to_do: str) -> Callable[[Book], pd.DataFrame]:
    """Rule: one date is not before another of the same row, or of the row's loan (`loans.…`)."""

    def rule(book: Book) -> pd.DataFrame:
        if not book.has(table, later):
            return NO_PROBLEMS
        frame, column = book.frames[table], earlier.removeprefix("loans.")
        if column != earlier and book.has("loans", column) and table in book.loan_rows:
            rows = book.loan_rows[table]
            limit = np.append(dates_or_none(book.loans[column]), np.datetime64("NaT", "D"))[rows]
        elif column == earlier and column in frame:
            limit = dates_or_none(frame[column])
        else:
            return NO_PROBLEMS
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
        return NO_PROBLEMS
    frame = book.frames["placements"]
    rows, begins = book.loan_rows["placements"], dates_or_none(frame["placement_date"])
    ends = dates_or_none(frame["recall_date"]) if "recall_date" in frame else np.full_like(begins, "NaT")
    ends = np.where(np.isnat(ends), np.iinfo(np.int64).max, ends.astype(np.int64))  # never recalled
    order = np.lexsort((ends, begins, rows))
    latest = pd.Series(ends[order]).groupby(rows[order]).cummax().groupby(rows[order]).shift(fill_value=0)
    bad = np.zeros(len(frame), dtype=bool)
    bad[order] = (latest > begins[order].astype(np.int64)) & (rows[order] >= 0) & ~np.isnat(begins[order])
    return problems_of("placements", frame, bad, "placement_date",
                       "placement begins before the last one of the loan was recalled",
                       "Give the earlier placement a recall_date.")  # fmt: skip


def _agency_names(book: Book) -> pd.DataFrame:
    """`in_house` is the channel of loans that are with no agency."""
    if not book.has("placements", "agency"):
        return NO_PROBLEMS
    frame = book.frames["placements"]
    return problems_of("placements", frame, frame["agency"] == "in_house", "agency",
                       "in_house is the name of loans with no agency", "Give the agency another name.")  # fmt: skip


def _totals_stay_exact(book: Book) -> pd.DataFrame:
    """What a loan owes or paid in all is small enough that no product or sum can overflow."""
    found = [NO_PROBLEMS]
    for table, columns in (("instalments", ("principal", "interest", "fee")), ("payments", ("amount",))):
        if table in book.loan_rows:
            rows, frame = book.loan_rows[table], book.frames[table]
            amounts = sum(frame[name].fillna(0).to_numpy(dtype=np.float64) for name in columns if name in frame)
            total = np.bincount(
                rows[rows >= 0], weights=np.broadcast_to(amounts, len(rows))[rows >= 0], minlength=len(book.loans)
            )
            bad = total > MOST_CENTS / 100
            problem = f"its {table} add up to over {MOST_CENTS // 100:,}"
            advice = "Check the unit: amounts are in currency, not in cents."
            found.append(problems_of("loans", book.loans, bad, "loan_id", problem, advice))
    return pd.concat(found)


def _principal_adds_up(book: Book) -> pd.DataFrame:
    """The schedule repays what was lent; restructured loans may differ, so this only warns."""
    if not book.has("loans", "principal") or not book.has("instalments", "loan_id", "principal"):
        return NO_PROBLEMS
    rows, due = book.loan_rows["instalments"], book.frames["instalments"]["principal"].to_numpy(dtype=np.float64)
    scheduled = np.bincount(rows[rows >= 0], weights=np.rint(due[rows >= 0] * 100), minlength=len(book.loans))
    lent = np.rint(book.loans["principal"].to_numpy(dtype=np.float64) * 100)
    return problems_of("loans", book.loans, scheduled != lent, "principal",
                       "principal is not the sum of its instalments",
                       "Check the loan amount and the number of instalments.", severity="warning")  # fmt: skip


ACROSS: list[Callable[[Book], pd.DataFrame]] = [
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
    _agency_names,
]  # fmt: skip
#: Rules that need sound amounts; they run when nothing else was found.
LAST: list[Callable[[Book], pd.DataFrame]] = [_totals_stay_exact, _principal_adds_up]
