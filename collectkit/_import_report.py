"""What one import did, as tables and as a document."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from collectkit.documents import render
from collectkit.problems import shown_problems

#: Rows of a table that the page shows; all of them are in the report and in the quarantine files.
MOST_ROWS = 200


@dataclass(frozen=True)
class ImportReport:
    """What one import did.

    Attributes
    ----------
    import_id, file_name, imported_by : str
    imported_at : Timestamp
    is_within_two_hours : bool or None
        True if the file was imported within two hours of its receipt; None if that time is not known.
    counts : DataFrame
        One row per table: table, rows_in, accepted, already_there, changed, quarantined [count]; the last four add up
        to rows_in.
    problems : DataFrame
        Everything found, errors and warnings; `row` is the number of the row in the file. Personal data: ``***``.
    changed : DataFrame
        One row per cell of the book that got another value: table, row, loan_id, key, column, old, new (as text).
        Personal data: ``***``.
    incomplete_loans : tuple of str
        Loans of the book with a loan, instalment or payment row in quarantine: their figures are incomplete.
    overlapping_payments : tuple of str
        Payment ids of the file that were in the book before.
    """

    import_id: str
    file_name: str
    imported_by: str
    imported_at: pd.Timestamp
    is_within_two_hours: bool | None
    counts: pd.DataFrame
    problems: pd.DataFrame
    changed: pd.DataFrame
    incomplete_loans: tuple[str, ...]
    overlapping_payments: tuple[str, ...]

    def total(self, name: str) -> int:
        """Sum of one column of `counts` over all tables [count]."""
        return int(self.counts[name].sum())

    def to_html(self, language: str = "en") -> str:
        """The report as a short page of its own, in ``en`` or ``zh``; nothing is loaded from outside.

        Raises
        ------
        CallError
            There is no such language.

        Examples
        --------
        >>> none = pd.DataFrame(columns=["table"])
        >>> report = ImportReport("000001", "<b>.csv", "Li", pd.Timestamp("2025-04-01"), None, none, none, none, (), ())
        >>> "&lt;b&gt;.csv" in report.to_html("zh")
        True
        """
        shown = {"problems": shown_problems(self.problems, language), "changed": shown_problems(self.changed, language)}
        return render(
            "import", language=language, import_id=self.import_id, file_name=self.file_name,
            imported_at=self.imported_at, imported_by=self.imported_by, most=MOST_ROWS,
            in_time={True: "yes", False: "no", None: "unknown"}[self.is_within_two_hours],
            counts=shown_problems(self.counts, language), incomplete=self.incomplete_loans,
            overlapping=self.overlapping_payments,
            **{name: table.head(MOST_ROWS) for name, table in shown.items()},
            **{f"more_{name}": max(0, len(table) - MOST_ROWS) for name, table in shown.items()},
        )  # fmt: skip
