"""Why: every step behind the figures of one loan, in words, with its own arithmetic.

The steps take from the ledger only which money went where; balances, days, products, penalty and totals are worked
out here again, and come to the figures of `assess` to the cent.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from collectkit._story import STEP_COLUMNS, Story, iso_date
from collectkit.columns import label
from collectkit.days import Date, dates_of, day_number
from collectkit.errors import CallError
from collectkit.policy import Policy
from collectkit.portfolio import Portfolio
from collectkit.wording import EVENTS, checked_language, money, percent

_STYLE = """<style scoped>
.collectkit-steps td:first-child { white-space: nowrap; }
.collectkit-steps td:nth-child(2), .collectkit-steps td:nth-child(4), .collectkit-steps td:last-child,
.collectkit-steps th { text-align: left; }
.collectkit-steps td { vertical-align: top; }
</style>
"""


class Explanation(pd.DataFrame):
    """Steps of one loan; a DataFrame that shows itself with blanks and thousands marks.

    Attributes
    ----------
    totals : Series
        days_past_due [days], overdue_principal, overdue_interest, overdue_fee, penalty, total_due [currency].
    """

    _metadata = ["totals", "language"]
    totals: pd.Series
    language: str

    def shown(self) -> pd.DataFrame:
        """The steps as text, with the labels of the language."""
        text = pd.DataFrame(index=self.index)
        for name in self.columns:
            text[label("product_sum" if name == "product" else name, self.language)] = [
                _shown(name, value, self.language) for value in self[name]
            ]
        return text

    def to_markdown(self, *args: Any, **kwargs: Any) -> str:  # type: ignore[override]
        """The steps as a Markdown table; a bar or a line break in the data does not break it."""
        text = self.shown().map(lambda cell: " ".join(cell.replace("|", "\\|").splitlines()))
        return text.to_markdown(*args, **{"index": False, "disable_numparse": True, **kwargs})

    def _repr_html_(self) -> str:
        return _STYLE + self.shown().to_html(index=False, border=0, classes="collectkit-steps")


def explain(
    portfolio: Portfolio,
    policy: Policy,
    loan_id: str,
    *,
    as_of: Date,
    known_on: Date | None = None,
    language: str = "en",
) -> Explanation:
    """Every step that leads to what `assess` says of one loan.

    Parameters
    ----------
    portfolio : Portfolio
    policy : Policy
    loan_id : str
    as_of : date
        The end of this day is meant.
    known_on : date, optional
        Only what was known on this day; default: everything known.
    language : {"en", "zh"}
        Language of the notes.

    Returns
    -------
    Explanation
        A DataFrame, one row per step: date, event, instalment_no, component, amount [currency], balance [currency]
        (what is left after the step; for an accrual the balance that stood), days [days], product [currency × days],
        rate [1/day], penalty [currency] (of that instalment so far, rounded once), note (in words). ``.totals`` equals
        `assess` to the cent; ``.to_markdown()`` writes a Markdown table.

    Raises
    ------
    CallError
        The loan is unknown, or was not yet disbursed on `as_of`.

    Examples
    --------
    >>> import collectkit as ck
    >>> portfolio = ck.load_sample("demo")
    >>> steps = ck.explain(portfolio, ck.load_policy(), portfolio.loans.loan_id[0], as_of="2025-06-30")
    >>> steps.event.iloc[0]
    'disbursed'
    """
    checked_language(language)
    coded = portfolio.coded_loan(loan_id)
    day = day_number(as_of, "as_of")
    if day < coded.disbursed[0]:
        raise CallError(
            f"Loan {loan_id} was disbursed on {iso_date(coded.disbursed[0])}, after {as_of}. Ask for a later day."
        )
    story = Story(coded, policy, day, known_on, language)
    story.tell()
    steps = Explanation(
        pd.DataFrame(story.steps, columns=STEP_COLUMNS).sort_values("date", kind="stable", ignore_index=True)
    )
    steps["date"] = dates_of(steps["date"])
    steps["instalment_no"] = steps["instalment_no"].astype("Int64")
    steps["days"] = steps["days"].astype("Int64")
    steps.totals, steps.language = story.totals(), language
    return steps


def _shown(name: str, value: Any, language: str) -> str:
    """One cell as text; nothing for a missing value."""
    if value is None or value is pd.NaT or (isinstance(value, float) and np.isnan(value)) or value is pd.NA:
        return ""
    if name == "event":
        return EVENTS[value][language]
    if name == "component":
        return label(value, language)
    if name == "date":
        return f"{value:%Y-%m-%d}"
    if name == "rate":
        return percent(value)
    return money(value) if isinstance(value, float) else str(value)
