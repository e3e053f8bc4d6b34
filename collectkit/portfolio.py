"""A portfolio: the tables of a loan book, checked at once, immutable, coded when the ledger first asks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from collectkit._added import check_added, with_payments
from collectkit._coded import Coded, Ints, coded
from collectkit.checks import check_book
from collectkit.columns import COLUMNS, TABLES, Kind
from collectkit.days import DATE_DTYPE, dates_of
from collectkit.errors import CallError, PortfolioError, listed, unknown_name
from collectkit.ids import positions
from collectkit.writing import write_tables

if TYPE_CHECKING:
    from typing import Any

_DTYPES: dict[Kind, Any] = {
    "id": "str",
    "text": "str",
    "category": "str",
    "personal": "str",
    "date": DATE_DTYPE,
    "timestamp": DATE_DTYPE,
    "money": "float64",
    "rate": None,
    "count": None,
    "flag": None,
}


_ALWAYS = ("loans", "instalments", "payments")


class Portfolio:
    """Tables of a loan book.

    Parameters
    ----------
    loans, instalments, payments : DataFrame
        Columns as in `collectkit.columns.TABLES`; other columns are kept and ignored.
    pauses, placements, contacts, promises, collectors, complaints, stated : DataFrame, optional

    Raises
    ------
    PortfolioError
        Some rows are wrong; every problem is in ``error.problems``.

    Notes
    -----
    Each table comes back as a new frame that shares its data: changing it does not change the portfolio.

    Examples
    --------
    >>> portfolio = Portfolio(
    ...     loans=pd.DataFrame({
    ...         "loan_id": ["L1"], "product": ["consumer"], "disbursement_date": pd.to_datetime(["2025-01-01"]),
    ...         "principal": [1000.0], "annual_rate": ["0.12"]}),
    ...     instalments=pd.DataFrame({
    ...         "loan_id": ["L1"], "instalment_no": [1], "due_date": pd.to_datetime(["2025-02-01"]),
    ...         "principal": [1000.0], "interest": [10.0]}),
    ...     payments=pd.DataFrame({
    ...         "payment_id": ["P1"], "loan_id": ["L1"], "value_date": pd.to_datetime(["2025-02-03"]),
    ...         "amount": [1010.0]}),
    ... )
    >>> portfolio
    Portfolio(1 loans, 1 instalments, 1 payments)
    """

    def __init__(
        self,
        *,
        loans: pd.DataFrame,
        instalments: pd.DataFrame,
        payments: pd.DataFrame,
        pauses: pd.DataFrame | None = None,
        placements: pd.DataFrame | None = None,
        contacts: pd.DataFrame | None = None,
        promises: pd.DataFrame | None = None,
        collectors: pd.DataFrame | None = None,
        complaints: pd.DataFrame | None = None,
        stated: pd.DataFrame | None = None,
    ) -> None:
        given = {
            "loans": loans, "instalments": instalments, "payments": payments, "pauses": pauses,
            "placements": placements, "contacts": contacts, "promises": promises, "collectors": collectors,
            "complaints": complaints, "stated": stated,
        }  # fmt: skip
        for name, frame in given.items():
            is_needed = name in _ALWAYS
            if not isinstance(frame, pd.DataFrame) and (is_needed or frame is not None):
                raise CallError(f"`{name}` is a {type(frame).__name__}. Pass a pandas DataFrame.")
        problems, loan_rows = check_book({name: frame for name, frame in given.items() if frame is not None})
        is_error = problems["severity"] == "error"
        if is_error.any():
            raise PortfolioError(problems)
        self._warnings = problems
        self._given = {name: _typed(name, _empty(name) if frame is None else frame) for name, frame in given.items()}
        self._loan_rows = loan_rows
        self._before: Portfolio | None = None  # this portfolio without `_added`
        self._added = self._given["payments"]
        self._touched: tuple[Ints, Coded]  # loans of `_added`, and what `coded_customers` of `_before` gives for them

    @property
    def loans(self) -> pd.DataFrame:
        """One row per loan."""
        return self.table("loans")

    @property
    def instalments(self) -> pd.DataFrame:
        """What falls due, one row per instalment."""
        return self.table("instalments")

    @property
    def payments(self) -> pd.DataFrame:
        """What came in, one row per payment."""
        return self.table("payments")

    @property
    def pauses(self) -> pd.DataFrame:
        """Days that do not count as late or bear no penalty."""
        return self.table("pauses")

    @property
    def placements(self) -> pd.DataFrame:
        """Loans handed over to an agency."""
        return self.table("placements")

    @property
    def contacts(self) -> pd.DataFrame:
        """Contacts and attempts."""
        return self.table("contacts")

    @property
    def promises(self) -> pd.DataFrame:
        """Promises to pay."""
        return self.table("promises")

    @property
    def collectors(self) -> pd.DataFrame:
        """Who collects."""
        return self.table("collectors")

    @property
    def complaints(self) -> pd.DataFrame:
        """Complaints about the collecting."""
        return self.table("complaints")

    @property
    def stated(self) -> pd.DataFrame:
        """Figures the source states itself, to be compared with ours."""
        return self.table("stated")

    def table(self, name: str) -> pd.DataFrame:
        """A table by its name; an unknown name lists the valid ones."""
        if name not in self._given:
            raise unknown_name("table", name, self._given)
        tables = self._tables if name == "payments" else self._given
        return tables[name].copy(deep=False)

    @property
    def tables(self) -> Mapping[str, pd.DataFrame]:
        """All tables by name."""
        return {name: self.table(name) for name in self._tables}

    @property
    def warnings(self) -> pd.DataFrame:
        """What looks wrong but does not stop: rows as in `collectkit.checks.check_tables`."""
        return self._warnings.copy()

    @cached_property
    def _tables(self) -> dict[str, pd.DataFrame]:
        """All tables; payments that were added are joined to the others when somebody asks."""
        if self._before is None:
            return self._given
        payments = pd.concat([self._before._tables["payments"], self._added], ignore_index=True)
        return {**self._given, "payments": _typed("payments", payments)}

    @cached_property
    def coded(self) -> Coded:
        """The form the kernel reads; made when first asked for, since who only reads and checks does not need it."""
        if self._before is not None:
            return with_payments(self._before.coded, self._added)
        return coded(self._given, self._loan_rows)

    def coded_customers(self, loans: Ints) -> Coded:
        """The form the kernel reads, for some loans by their positions in it and all others of their customers."""
        if self._before is None or "coded" in vars(self):
            return self.coded.of_customers_of(loans)
        touched, before = self._touched
        is_same = np.array_equal(np.unique(loans), touched)
        return with_payments(before if is_same else self._before.coded_customers(loans), self._added)

    @property
    def loan_ids(self) -> pd.Series:
        """Ids of the loans in the order of `coded`."""
        return self.coded.loan_id if self._before is None else self._before.loan_ids

    def coded_loan(self, loan_id: str) -> Coded:
        """The form the kernel reads, for one loan.

        Raises
        ------
        CallError
            The loan is not there.
        """
        found = np.flatnonzero(self.coded.loan_id == loan_id)
        if not len(found):
            raise CallError(f"There is no loan {loan_id!r} in this portfolio. Check the id.")
        return self.coded.taking(found[:1])

    @property
    def first_date(self) -> pd.Timestamp:
        """Day of the first disbursement; NaT without loans."""
        return pd.Timestamp(self._tables["loans"]["disbursement_date"].min())

    @property
    def last_date(self) -> pd.Timestamp:
        """Last day on which a loan was disbursed or a payment posted; NaT without loans."""
        days = np.concatenate([self.coded.disbursed, self.coded.posted])
        return pd.Timestamp(dates_of(days).max()) if len(days) else pd.NaT  # type: ignore[return-value]

    def replacing(self, **tables: pd.DataFrame) -> Portfolio:
        """The same portfolio with some tables exchanged, checked anew; an unknown name lists the valid ones."""
        for name in tables.keys() - self._tables.keys():
            raise unknown_name("table", name, self._tables)
        return Portfolio(**{**self._tables, **tables})

    def adding(self, *, payments: pd.DataFrame) -> Portfolio:
        """The same portfolio with payments that came in later; only they are checked.

        Parameters
        ----------
        payments : DataFrame
            New rows of the table, with any value date.

        Raises
        ------
        PortfolioError
            A new row is wrong; rows count within the new ones.

        Notes
        -----
        The portfolio is the one that reading everything again would give. Joining old and new payments waits until
        somebody needs them all; `reassess` does not. A reversal of a payment that is there is no
        new payment: `replacing` exchanges the whole table.

        Examples
        --------
        >>> import collectkit as ck
        >>> book = ck.load_sample("demo")
        >>> new = pd.DataFrame({"payment_id": ["N1"], "loan_id": ["L0001"], "amount": [10.0],
        ...                     "value_date": pd.to_datetime(["2025-12-30"])})
        >>> len(book.adding(payments=new).payments) - len(book.payments)
        1
        """
        if not isinstance(payments, pd.DataFrame):
            raise CallError(f"`payments` is a {type(payments).__name__}. Pass a pandas DataFrame.")
        rows = positions(payments["loan_id"], self.loan_ids) if "loan_id" in payments else np.empty(0, dtype=np.int64)
        touched = np.unique(rows[rows >= 0])
        before = self.coded_customers(touched)
        ids = [part._added["payment_id"] for part in self._parts()]
        check_added(payments, self._given["loans"].iloc[before.loan_row], ids, before)
        made = copy(self)
        for name in ("_tables", "coded"):
            made.__dict__.pop(name, None)  # made anew when asked for
        made._before, made._added = self, _typed("payments", payments)
        made._touched = touched, before
        return made

    def _parts(self) -> Iterator[Portfolio]:
        """The portfolios this one was made from by adding, itself included."""
        part: Portfolio | None = self
        while part is not None:
            yield part
            part = part._before

    def selecting(self, loan_ids: Iterable[str]) -> Portfolio:
        """The part of the portfolio that belongs to some loans.

        Raises
        ------
        CallError
            A loan is not there.
        """
        if isinstance(loan_ids, str):
            raise CallError(f"`loan_ids` is {loan_ids!r}. Pass a list of ids.")
        wanted = pd.Series(loan_ids if isinstance(loan_ids, pd.Series) else list(loan_ids), dtype="str")
        unknown = wanted[positions(wanted, self._tables["loans"]["loan_id"]) < 0]
        if len(unknown):
            raise CallError(f"There is no loan {listed(unknown)} in this portfolio. Check the ids.")
        return Portfolio(
            **{
                name: frame[positions(frame["loan_id"], wanted) >= 0] if "loan_id" in frame else frame
                for name, frame in self._tables.items()
            }
        )

    def write(self, target: str | Path, *, format: str = "parquet") -> None:
        """Write the three tables that are always there, and others with rows or optional columns, for `read_portfolio`.

        Parameters
        ----------
        target : path or SQLAlchemy URL
            A new folder for Parquet and CSV, a new file ending in .xlsx for Excel, or an empty schema of a database.
        format : {"parquet", "csv", "excel"}
            Not used for a database.

        Raises
        ------
        CallError
            The target is there already, or a table is too long for a sheet.

        Notes
        -----
        Parquet is the fast form. Text that a spreadsheet would run as a formula gets an apostrophe in front, which
        reading takes off again.
        """
        tables = {
            name: frame
            for name, frame in self._tables.items()
            if len(frame) or name in _ALWAYS or len(frame.columns) > len(TABLES[name].required)
        }
        write_tables(tables, target, format=format)

    def __repr__(self) -> str:
        counts = [f"{len(frame):,} {name}" for name, frame in self._tables.items() if len(frame)]
        return f"Portfolio({', '.join(counts) or 'no loans'})"


def _empty(name: str) -> pd.DataFrame:
    return pd.DataFrame(columns=list(TABLES[name].required))


def _typed(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """A checked table with the dtypes of the nomenclature; columns that have them already are shared."""
    dtypes = {column: _dtype(column, frame[column]) for column in TABLES[name].columns if column in frame}
    changes = {column: dtype for column, dtype in dtypes.items() if dtype and frame[column].dtype != dtype}
    frame = frame.reset_index(drop=True)
    return frame.astype(changes) if changes else frame


def _dtype(name: str, column: pd.Series) -> Any:
    """Dtype a column should have; None if it may stay as it is."""
    kind = COLUMNS[name].kind
    if kind == "count":
        return "Int64" if column.isna().any() or (len(column) == 0 and column.dtype == object) else "int64"
    if kind == "flag":
        return "boolean" if column.isna().any() else "bool"
    if kind == "rate" and pd.api.types.is_integer_dtype(column.dtype):
        return "float64"
    return _DTYPES[kind]
