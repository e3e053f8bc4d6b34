"""Key figures of a period, each with what was divided by what."""

from __future__ import annotations

from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from collectkit._coded import Ints
from collectkit.days import Date, checked_period, dates_of
from collectkit.errors import CallError
from collectkit.ids import positions
from collectkit.ledger import assess
from collectkit.policy import Policy
from collectkit.portfolio import Portfolio
from collectkit.promises import promise_status
from collectkit.tracking._items import INTEREST, PRINCIPAL, Items, summed
from collectkit.tracking.kpi_texts import KPIS, LACKS

_CURED = ("current", "paid", "paid_off")


def kpis(
    portfolio: Portfolio,
    policy: Policy,
    *,
    start: Date,
    end: Date,
    surveys: pd.DataFrame | None = None,
    costs: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Key figures of collecting in a period.

    Parameters
    ----------
    portfolio : Portfolio
    policy : Policy
    start, end : date
        First and last day, both included.
    surveys : DataFrame, optional
        One row per answer: survey_date, is_satisfied.
    costs : DataFrame, optional
        What collecting cost: cost_date, amount [currency].

    Returns
    -------
    DataFrame
        Index: kpi. label, label_zh; value; unit (``fraction``, ``count``, ``currency``, ``per 1000``); numerator,
        denominator; definition, definition_zh; missing, missing_zh: why there is no value, empty where there is one.

    Raises
    ------
    CallError
        `start` is after `end`, or surveys or costs lack a column or hold no dates.

    Notes
    -----
    A case is a loan with an instalment overdue in the period: unpaid when its grace was over, so one paid on the very
    next day counts. Worked means contacted in the period. Overdue cash is what is unpaid of an instalment when its
    grace is over. Money counts as recovered if it came on an overdue instalment of a loan that was not closed, or
    on the day it was closed. A figure whose data the portfolio lacks is missing, with the reason.

    References
    ----------
    Source manuals: recovery rate 回收率, success rate 成功率, satisfaction 满意度. Promises: `collectkit.promises`.

    Examples
    --------
    >>> import collectkit as ck
    >>> table = kpis(ck.load_sample("demo"), ck.load_policy(), start="2025-06-01", end="2025-06-30")
    >>> bool(0 < table.loc["recovery_rate", "value"] < 1)
    True
    >>> table.loc["satisfaction", "missing"]
    'no survey rows were given'
    """
    first, last = checked_period(start, end)
    _checked(surveys, "surveys", "survey_date", "is_satisfied")
    _checked(costs, "costs", "cost_date", "amount")
    period = _Period(portfolio, policy, first, last, surveys, costs)
    rows = {name: getattr(period, name)() for name in KPIS}
    table = pd.DataFrame(
        [(KPIS[name].label, KPIS[name].label_zh, _value(name, part), KPIS[name].unit, part.over, part.under,
          KPIS[name].definition, KPIS[name].definition_zh, *LACKS[_reason(part)]) for name, part in rows.items()],
        index=pd.Index(list(rows), name="kpi"),
        columns=["label", "label_zh", "value", "unit", "numerator", "denominator", "definition", "definition_zh",
                 "missing", "missing_zh"],
    )  # fmt: skip
    return table.astype(dict.fromkeys(["value", "numerator", "denominator"], "float64"))


class _Part(NamedTuple):
    """What is divided by what, or the data that lack."""

    over: float = np.nan
    under: float = np.nan
    lacks: str = ""


def _checked(rows: pd.DataFrame | None, name: str, date: str, value: str) -> None:
    """Refuse rows of the caller that lack a column, or hold no dates or no numbers."""
    if rows is None:
        return
    if absent := [column for column in (date, value) if column not in rows]:
        raise CallError(f"`{name}` has no {' and no '.join(absent)}. Add the column.")
    if not pd.api.types.is_datetime64_dtype(rows[date]):
        raise CallError(f"`{date}` of `{name}` holds no dates. Turn it into dates with `pd.to_datetime`.")
    if not pd.api.types.is_numeric_dtype(rows[value]) and set(rows[value].dropna().map(type)) - {bool, np.bool_}:
        raise CallError(f"`{value}` of `{name}` holds what is neither a number nor true or false. Correct it.")


def _reason(part: _Part) -> str:
    return part.lacks or ("nothing" if part.under == 0 else "")


def _value(name: str, part: _Part) -> float:
    if _reason(part):
        return np.nan
    return part.over / part.under * (1000 if KPIS[name].unit == "per 1000" else 1)


class _Period:
    """The figures of a period; one method per key figure, what they share is worked out once."""

    def __init__(self, portfolio: Portfolio, policy: Policy, first: int, last: int, surveys: Any, costs: Any) -> None:
        self.portfolio, self.policy, self.surveys, self.costs = portfolio, policy, surveys, costs
        self.first, self.last, self.coded = first, last, portfolio.coded
        self.items = Items.of(portfolio, policy, self._date(last))

    # overdue cash, instalment by instalment ----------------------------------------

    @cached_property
    def _opening(self) -> Ints:
        """Instalments overdue when the period began."""
        items = self.items
        unpaid = items.owed - items.came(items.paid_day < self.first)
        is_open = self.coded.closed[items.loan] >= self.first
        return items.was_overdue(self.first - 1) & is_open & (unpaid > 0)

    @cached_property
    def _newly(self) -> Ints:
        """Instalments that became overdue in the period."""
        return self.items.was_overdue(self.last) & ~self.items.was_overdue(self.first - 1)

    @cached_property
    def _late_pieces(self) -> Ints:
        """Pieces that came in the period on overdue instalments of open loans; what closes a loan came before that."""
        items = self.items
        is_open = self.coded.closed[items.loan[items.piece]] >= items.paid_day
        in_period = (items.paid_day >= self.first) & (items.paid_day <= self.last)
        return in_period & is_open & (items.days_late > items.grace[items.piece])

    @cached_property
    def _base(self) -> tuple[float, float, float]:
        """Overdue principal and interest: at the start, new, and recovered [currency]."""
        items = self.items
        is_base = (items.component == INTEREST) | (items.component == PRINCIPAL)
        owed = self.coded.owed[:, INTEREST] + self.coded.owed[:, PRINCIPAL]
        at_start = owed - items.came(is_base & (items.paid_day < self.first))
        after_grace = owed - items.came(is_base & (items.days_late <= items.grace[items.piece]))
        recovered = items.cents[is_base & self._late_pieces].sum()
        return at_start[self._opening].sum() / 100, after_grace[self._newly].sum() / 100, recovered / 100

    def recovery_rate(self) -> _Part:
        opening, new, recovered = self._base
        return _Part(recovered, opening + new)

    def recovery_rate_opening(self) -> _Part:
        opening, _, recovered = self._base
        return _Part(recovered, opening)

    # cases, loan by loan ----------------------------------------

    @cached_property
    def _cases(self) -> Ints:
        return self._loans_with(self._opening | self._newly)

    @cached_property
    def _cash(self) -> Ints:
        """Overdue fee, interest and principal recovered by loan [cents]."""
        items, late = self.items, self._late_pieces
        return summed(items.loan[items.piece[late]], items.cents[late], self.coded.loans)

    @cached_property
    def _contacts(self) -> pd.DataFrame:
        """Contacts of the period, with the place of their loan."""
        columns = ["loan_id", "contacted_at", "collector_id", "agency"]
        made = self.portfolio.contacts.reindex(columns=columns)
        made = made[self._is_in_period(made["contacted_at"])]
        return made.assign(loan=positions(made["loan_id"], self.coded.loan_id))

    @cached_property
    def _worked(self) -> Ints:
        contacted = np.zeros(self.coded.loans, dtype=bool)
        contacted[self._contacts["loan"]] = True
        return self._cases & contacted

    @cached_property
    def _status(self) -> Ints:
        """Status of every loan at the end; empty for one not yet disbursed."""
        assessed = assess(self.portfolio, self.policy, as_of=self._date(self.last))
        status = np.full(self.coded.loans, "", dtype=object)
        status[positions(assessed["loan_id"], self.coded.loan_id)] = assessed["status"].astype("str")
        return status

    def success_rate(self) -> _Part:
        return self._of_worked(np.isin(self._status, _CURED))

    def paid_something(self) -> _Part:
        return self._of_worked(self._cash > 0)

    def bad_debt_rate(self) -> _Part:
        lost = (self.coded.closed >= self.first) & (self.coded.closed <= self.last)
        codes = np.array([*self.coded.close_codes, ""])[self.coded.close_code]
        lost &= codes == "written_off"
        items = self.items
        principal = self.coded.owed[:, PRINCIPAL] - items.came(
            (items.component == PRINCIPAL) & (items.paid_day <= self.coded.closed[items.loan[items.piece]])
        )
        written_off = summed(items.loan, principal, self.coded.loans)[lost].sum() / 100
        if self.coded.disbursed.min(initial=self.first) >= self.first:
            return _Part(written_off, 0)
        before = assess(self.portfolio, self.policy, as_of=self._date(self.first - 1))
        return _Part(written_off, before["principal_balance"].sum())

    def cost_to_collect(self) -> _Part:
        if self.costs is None:
            return _Part(lacks="costs")
        kept = self._is_in_period(self.costs["cost_date"])
        if not kept.any():  # costs that know nothing of the period do not say that it was free
            return _Part(lacks="costs")
        return _Part(self.costs.loc[kept, "amount"].sum(), self._cash.sum() / 100)

    def cases_per_collector(self) -> _Part:
        worked, collectors = self._in_house()
        return self._per_collector(float(worked.sum()), collectors)

    def cash_per_collector(self) -> _Part:
        worked, collectors = self._in_house()
        return self._per_collector(self._cash[worked].sum() / 100, collectors)

    def first_contact_24h(self) -> _Part:
        if not len(self.portfolio.contacts):
            return _Part(lacks="contacts")
        newly = self._newly & ~self._loans_with(self._opening)[self.items.loan]
        began = np.full(self.coded.loans, self.last + 1)
        np.minimum.at(began, self.items.loan[newly], self.items.overdue_from(newly)[newly])
        day = self._contacts["contacted_at"].to_numpy().astype("datetime64[D]").astype(np.int64)
        loan = self._contacts["loan"].to_numpy()
        return _Part(len(np.unique(loan[day == began[loan]])), float((began <= self.last).sum()))

    # promises, complaints, surveys, outcomes ----------------------------------------

    def promises_kept(self) -> _Part:
        due = self._promises_due()
        return _Part(lacks="promises") if due is None else _Part((due["received"] >= due["amount"]).sum(), len(due))

    def promised_amount_kept(self) -> _Part:
        due = self._promises_due()
        return _Part(lacks="promises") if due is None else _Part(due["received"].sum(), due["amount"].sum())

    def complaints_per_1000(self) -> _Part:
        complaints = self.portfolio.complaints
        if not len(complaints):
            return _Part(lacks="complaints")
        made = self._is_in_period(complaints["complaint_date"])
        return _Part(float(made.sum()), float(self._contacts["loan_id"].nunique()))

    def satisfaction(self) -> _Part:
        if self.surveys is None:
            return _Part(lacks="surveys")
        answers = self.surveys.loc[self._is_in_period(self.surveys["survey_date"]), "is_satisfied"]
        return _Part(answers.sum(), float(answers.notna().sum()))

    def outcome_cleared(self) -> _Part:
        return self._of_resolved("current")

    def outcome_paid_off(self) -> _Part:
        return self._of_resolved("paid", "paid_off")

    def outcome_waived(self) -> _Part:
        return self._of_resolved("settled")

    # what they share ----------------------------------------

    def _of_worked(self, part: Ints) -> _Part:
        if not len(self.portfolio.contacts):
            return _Part(lacks="contacts")
        return _Part(float((self._worked & part).sum()), float(self._worked.sum()))

    def _of_resolved(self, *status: str) -> _Part:
        resolved = self._cases & np.isin(self._status, (*_CURED, "settled"))
        return _Part(float((resolved & np.isin(self._status, status)).sum()), float(resolved.sum()))

    def _in_house(self) -> tuple[Ints, int]:
        """Cases contacted by collectors of our own, and how many collectors."""
        own = self._contacts[self._contacts["collector_id"].notna() & self._contacts["agency"].isna()]
        contacted = np.zeros(self.coded.loans, dtype=bool)
        contacted[own["loan"]] = True
        return self._cases & contacted, own["collector_id"].nunique()

    def _per_collector(self, over: float, collectors: int) -> _Part:
        has_any = len(self.portfolio.contacts) and "collector_id" in self.portfolio.contacts
        return _Part(over, float(collectors)) if has_any else _Part(lacks="collectors")

    def _promises_due(self) -> pd.DataFrame | None:
        if not len(self.portfolio.promises):
            return None
        promises = promise_status(self.portfolio, self.policy, as_of=self._date(self.last))
        return promises[self._is_in_period(promises["last_date"])]

    def _loans_with(self, instalments: Ints) -> Ints:
        return np.bincount(self.items.loan[instalments], minlength=self.coded.loans) > 0

    def _is_in_period(self, dates: pd.Series) -> pd.Series:
        return (dates >= self._date(self.first)) & (dates < self._date(self.last + 1))

    def _date(self, day: int) -> pd.Timestamp:
        return pd.Timestamp(dates_of([day])[0])
