"""Merging a file into the book: what is new, there already, changed, or kept out with its reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from collectkit._book import PROBLEM_COLUMNS
from collectkit._incoming import Incoming, completed, typed
from collectkit.checks import check_tables
from collectkit.columns import COLUMNS, TABLES
from collectkit.errors import CallError, PortfolioError, unknown_name
from collectkit.problems import behind, told
from collectkit.progress import steps

NEEDED = ("loans", "instalments", "payments")
#: Columns of our tables whose values may stand in a report.
_SHOWN = {name for table in TABLES.values() for name in table.columns if COLUMNS[name].kind != "personal"}
CHANGED_COLUMNS = ["table", "row", "loan_id", "key", "column", "old", "new"]

Frames = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Outcome:
    """A file merged into the book: the new book, and what became of every row of the file."""

    tables: dict[str, pd.DataFrame]
    counts: pd.DataFrame
    problems: pd.DataFrame
    changed: pd.DataFrame
    quarantined: dict[str, pd.DataFrame]
    incomplete_loans: tuple[str, ...]
    overlapping_payments: tuple[str, ...]


def merge(book: Frames, tables: Frames, problems: pd.DataFrame) -> Outcome:
    """The book with the good rows of a file; it passes all checks.

    Parameters
    ----------
    book : mapping of DataFrame
        Tables imported so far; empty at the first import.
    tables : mapping of DataFrame
        Typed tables of the file.
    problems : DataFrame
        What was found while reading it. `row` is the index label of the row plus ``frame.attrs["first_row"]``
        (0 without it).

    Notes
    -----
    An error keeps its row out; an error that names no row of the table keeps the whole table out. Then the merged
    book is checked, rows at fault are kept out, and so on until nothing is wrong.

    Examples
    --------
    >>> none = pd.DataFrame(columns=PROBLEM_COLUMNS)
    >>> merge({}, {"collectors": pd.DataFrame({"collector_id": ["C1", "C1", None]})}, none).counts
            table  rows_in  accepted  already_there  changed  quarantined
    0  collectors        3         1              1        0            1
    """
    for name in tables:
        if name not in TABLES:
            raise unknown_name("table", name, TABLES)
    if not any(len(frame) for frame in tables.values()):
        raise CallError("There are no rows to import. Check the file and its mapping.")
    problems = problems.reindex(columns=PROBLEM_COLUMNS).fillna({"severity": "error"}).astype(object)
    held = {name: typed(name, frame) for name, frame in book.items()}
    held |= {name: completed(name, pd.DataFrame()) for name in (*NEEDED, *tables) if name not in held}
    merging = _Merging(held, {name: Incoming(name, held[name], frame) for name, frame in tables.items()})
    merging.keep_out_unread(problems)
    for incoming in steps(merging.incoming.values(), "merging", [len(frame) for frame in tables.values()]):
        incoming.compare()
    while True:
        merged = {name: incoming.merged() for name, incoming in merging.incoming.items()}
        found = check_tables({**held, **{name: frame for name, (frame, _) in merged.items()}})
        errors = found[found["severity"] == "error"]
        if errors.empty:
            break
        merging.keep_out(errors, {name: origin for name, (_, origin) in merged.items()})
    warnings = merging.warnings(found, {name: origin for name, (_, origin) in merged.items()})
    return merging.outcome({name: frame for name, (frame, _) in merged.items()}, [problems, warnings])


class _Merging:
    """The tables of a file on their way into the book."""

    def __init__(self, held: dict[str, pd.DataFrame], incoming: dict[str, Incoming]) -> None:
        self.held = held
        self.incoming = incoming

    def keep_out_unread(self, problems: pd.DataFrame) -> None:
        """Keep out what could not be read in full; the reader has listed it already."""
        errors = problems[problems["severity"] != "warning"]
        for name, part in errors.groupby("table"):
            incoming = self.incoming.get(str(name))
            if incoming is not None:
                rows = pd.DataFrame({"row": incoming.numbers, "at": np.arange(len(incoming.numbers))})
                part = part.assign(row=pd.to_numeric(part["row"]).astype("float64"))
                is_known = part["row"].isin(rows["row"])
                for reasons in (
                    part[is_known].merge(rows, on="row"),
                    part[~is_known].drop(columns="row").merge(rows, how="cross"),
                ):
                    incoming.put_out(reasons["at"].to_numpy(), reasons, is_listed=False)

    def keep_out(self, errors: pd.DataFrame, origins: dict[str, npt.NDArray[np.int64]]) -> None:
        """Keep out the rows at fault; where a row of the book is suddenly wrong, what the file did to its loan."""
        origin = pd.Series(-1, errors.index)
        for name, part in errors.groupby("table"):
            if name in origins and part["row"].notna().all():
                origin[part.index] = origins[str(name)][part["row"].to_numpy(dtype=np.int64)]
        in_book = errors[origin < 0]
        if len(in_book):
            if not self._blame(in_book):
                raise PortfolioError(errors)
            return
        for name, part in errors.groupby("table"):
            incoming, at = self.incoming[str(name)], origin[part.index].to_numpy()
            incoming.put_out(at, self._in_words(incoming, part.assign(row=incoming.numbers[at])))

    def _blame(self, in_book: pd.DataFrame) -> bool:
        """Keep out the rows that made rows of the book wrong; True if there are any."""
        first = in_book.dropna(subset=["loan_id"]).drop_duplicates("loan_id").set_index("loan_id")
        for name in dict.fromkeys(["loans", *in_book["table"], *self.incoming]):
            incoming = self.incoming.get(name)
            if incoming is None or "loan_id" not in incoming.rows:
                continue
            at = np.flatnonzero(incoming.is_open & incoming.rows["loan_id"].isin(first.index).to_numpy())
            if len(at):
                ids = incoming.rows["loan_id"].iloc[at]
                reasons = first.reindex(ids.to_numpy()).reset_index(names="loan_id")
                before = reasons["table"].map(lambda table: behind("imported_before", table=table))
                words = reasons["problem"] + before
                reasons = reasons.assign(table=name, row=incoming.numbers[at], problem=words, value=None)
                incoming.put_out(at, reasons[PROBLEM_COLUMNS])
                return True
        return False

    def _in_words(self, incoming: Incoming, problems: pd.DataFrame) -> pd.DataFrame:
        """The problems of a table; a row whose loan was kept out says so."""
        loans = self.incoming.get("loans")
        if loans is None or incoming is loans:
            return problems
        out = loans.rows["loan_id"][loans.is_out]
        waits = (problems["column"] == "loan_id") & problems["loan_id"].isin(out)
        problem, what_to_do = told("waits_for_loan")
        return problems.assign(
            problem=problems["problem"].mask(waits, problem),
            what_to_do=problems["what_to_do"].mask(waits, what_to_do),
        )

    def warnings(self, found: pd.DataFrame, origins: dict[str, npt.NDArray[np.int64]]) -> pd.DataFrame:
        """Warnings about loans that the file touched; `row` where the row is in the file."""
        touched = [i.rows["loan_id"][i.is_open] for i in self.incoming.values() if "loan_id" in i.rows]
        part = found[found["loan_id"].isin(pd.concat([pd.Series(dtype="str"), *touched]))]
        rows = []
        for name, row in zip(part["table"], part["row"], strict=True):
            at = origins[name][row] if name in origins else -1
            rows.append(self.incoming[name].numbers[at] if at >= 0 else None)
        return part.assign(row=pd.Series(rows, part.index, dtype=object))

    def outcome(self, tables: dict[str, pd.DataFrame], listed: list[pd.DataFrame]) -> Outcome:
        """What became of every row."""
        for incoming in self.incoming.values():
            incoming.follow()
        problems = [part for incoming in self.incoming.values() for part in incoming.problems]
        everything = pd.concat([part for part in [*listed, *problems] if len(part)] or listed, ignore_index=True)
        return Outcome(
            tables={**self.held, **tables},
            counts=pd.DataFrame([incoming.counts() for incoming in self.incoming.values()]),
            problems=everything,
            changed=self._changed(),
            quarantined={name: i.quarantined() for name, i in self.incoming.items() if i.is_out.any()},
            incomplete_loans=self._incomplete(tables.get("loans", self.held["loans"])),
            overlapping_payments=self._overlapping(),
        )

    def _changed(self) -> pd.DataFrame:
        parts = [part for incoming in self.incoming.values() for part in incoming.changes() if len(part)]
        none = pd.DataFrame(columns=CHANGED_COLUMNS, dtype=object)
        return pd.concat(parts or [none], ignore_index=True)[CHANGED_COLUMNS]

    def _incomplete(self, loans: pd.DataFrame) -> tuple[str, ...]:
        """Loans of the book of which a loan, instalment or payment row was kept out."""
        out = [
            self.incoming[name].rows["loan_id"][self.incoming[name].is_out] for name in NEEDED if name in self.incoming
        ]
        ids = pd.concat([pd.Series(dtype="str"), *out]).drop_duplicates()
        return tuple(ids[ids.isin(loans["loan_id"])])

    def _overlapping(self) -> tuple[str, ...]:
        payments = self.incoming.get("payments")
        return tuple(payments.rows["payment_id"][payments.at >= 0].unique()) if payments else ()


def without_personal(table: pd.DataFrame, *shown: str) -> pd.DataFrame:
    """The table with ``***`` where the values named belong to a personal column, or to one we do not know.

    Examples
    --------
    >>> table = pd.DataFrame({"column": ["phone", "product"], "value": ["138", "car"]})
    >>> without_personal(table, "value")["value"].tolist()
    ['***', 'car']
    """
    is_hidden = ~table["column"].isin(_SHOWN)
    return table.assign(**{name: table[name].mask(is_hidden & table[name].notna(), "***") for name in shown})
