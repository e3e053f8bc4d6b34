"""Figures a source states itself beside ours: what differs, and how both may come about.

Five figures are compared: loan amount, number of instalments, money paid, days past due and penalty. The table `stated`
of a portfolio holds what the source says, each row for one loan on one day, any figure left out.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from collectkit._coded import Ints
from collectkit._readings import READINGS, Case, Facts
from collectkit._stated_reasons import reasons
from collectkit._stated_words import READINGS as READING_WORDS
from collectkit._stated_words import stated_because
from collectkit.columns import COLUMNS, label
from collectkit.days import DATE_DTYPE, day_numbers
from collectkit.errors import CallError
from collectkit.ids import positions
from collectkit.money import checked_cents
from collectkit.policy import Policy
from collectkit.portfolio import Portfolio
from collectkit.progress import steps
from collectkit.wording import checked_language, money

#: The figures that are compared.
FIGURES = COLUMNS["what"].values
_COLUMNS: dict[str, Any] = {
    "loan_id": "str", "as_of": DATE_DTYPE, "what": pd.CategoricalDtype(list(FIGURES)), "stated": "float64",
    "ours": "float64", "deviation": "float64", "readings": "str", "ours_because": "str", "stated_because": "str",
}  # fmt: skip


def stated_differences(portfolio: Portfolio, policy: Policy, *, language: str = "en") -> pd.DataFrame:
    """Where the figures a source states are not ours, with both explanations.

    Parameters
    ----------
    portfolio : Portfolio
        Its table `stated` has what the source says: loan_id, as_of, and any of principal, instalment_count,
        paid_to_date, days_past_due and penalty.
    policy : Policy
    language : {"en", "zh"}
        Language of the explanations.

    Returns
    -------
    DataFrame
        One row per difference, by loan_id, as_of and figure: loan_id, as_of, what (one of `FIGURES`), stated, ours,
        deviation (stated less ours) [currency, days or count], readings (names of the readings that give the stated
        figure, with commas; empty if none does), ours_because, stated_because (in words). Empty if all agree.

    Raises
    ------
    CallError
        There is no such language, or `policy` is none.
    PolicyError
        A loan has no terms.

    Notes
    -----
    Ours is what `collectkit.assess` says at the end of `as_of`; the loan amount is that of `loans`, the number of
    instalments that of the schedule. Nothing is forgiven: one cent is a difference. A reading changes one thing
    (no grace, inclusive counting, 30-day months, a year of 365 days, no ceiling, each day rounded, …) and the whole
    ledger runs again; it is named only where it gives just the stated figure. Several may: which of them the source
    follows shows in `differences_by_reading`.

    References
    ----------
    Source manual 004: check loan amount, number of instalments, amount paid, days past due and penalty before a call.

    Examples
    --------
    >>> import collectkit as ck
    >>> demo, policy = ck.load_sample("demo"), ck.load_policy("plain")
    >>> figures = ck.assess(demo, policy, as_of="2025-12-31").nlargest(2, "days_past_due")
    >>> stated = figures[["loan_id", "as_of", "days_past_due"]].assign(days_past_due=lambda f: f.days_past_due + 1)
    >>> ck.stated_differences(demo.replacing(stated=stated), policy)["deviation"].tolist()
    [1.0, 1.0]
    """
    checked_language(language)
    if not isinstance(policy, Policy):
        raise CallError(f"`policy` is {policy!r}. Load it first, e.g. `load_policy({policy!r})`.")
    stated = portfolio.stated
    days = day_numbers(stated["as_of"]) if len(stated) else np.empty(0, dtype=np.int32)
    lent = checked_cents(portfolio.loans["principal"])[portfolio.coded.loan_row]
    each, sizes = np.unique(days, return_counts=True)
    parts = [
        _differences_on(portfolio, policy, stated[days == day], day, lent, language)
        for day in steps(each.tolist(), "comparing", sizes.tolist())
    ]
    none = pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in _COLUMNS.items()})
    found = pd.concat([part for part in parts if len(part)] or [none], ignore_index=True)
    return found.astype(_COLUMNS).sort_values(["loan_id", "as_of", "what"], ignore_index=True)


def differences_by_reading(differences: pd.DataFrame, *, language: str = "en") -> pd.DataFrame:
    """How many of the differences each reading explains by itself.

    Parameters
    ----------
    differences : DataFrame
        What `stated_differences` returns.
    language : {"en", "zh"}
        Language of the readings.

    Returns
    -------
    DataFrame
        One row per figure and reading that explains any, the best first, and one without a reading for the differences
        that none explains: what, differences [count], reading (in words), explained [count].

    Examples
    --------
    >>> found = pd.DataFrame({"what": ["penalty"] * 3, "readings": ["year_of_365", "year_of_365, no_cap", ""]})
    >>> differences_by_reading(found)["explained"].tolist()
    [2, 1, 1]
    """
    names = differences["readings"].str.split(", ")
    each = differences[["what"]].assign(reading=names).explode("reading")
    counts = each.groupby(["what", "reading"], observed=True).size().rename("explained").reset_index()
    counts["differences"] = counts["what"].astype(str).map(differences["what"].astype(str).value_counts())
    order = counts.assign(none=counts["reading"] == "", less=-counts["explained"])
    counts = counts.loc[order.sort_values(["what", "none", "less"], kind="stable").index]
    words = [READING_WORDS[name][language] if name else "" for name in counts["reading"]]
    return counts.assign(reading=words)[["what", "differences", "reading", "explained"]].reset_index(drop=True)


def shown_differences(differences: pd.DataFrame, language: str = "en") -> pd.DataFrame:
    """The differences as a reader sees them: figures by their labels, amounts with two decimals, counts with none.

    Examples
    --------
    >>> found = pd.DataFrame({"loan_id": ["L1"], "as_of": pd.to_datetime(["2025-03-31"]), "what": ["penalty"],
    ...     "stated": [12.5], "ours": [12.0], "deviation": [0.5], "readings": [""], "ours_because": ["a"],
    ...     "stated_because": ["b"]})
    >>> shown_differences(found).loc[0, ["what", "stated", "deviation"]].tolist()
    ['Penalty', '12.50', '+0.50']
    """
    shown = differences.drop(columns="readings")
    for name, sign in (("stated", ""), ("ours", ""), ("deviation", "+")):
        shown[name] = [_written(what, value, sign) for what, value in zip(shown["what"], shown[name], strict=True)]
    return shown.assign(what=[label(what, language) for what in shown["what"]])


def _differences_on(
    portfolio: Portfolio, policy: Policy, stated: pd.DataFrame, day: int, lent: Ints, language: str
) -> pd.DataFrame:
    """The differences of one day."""
    loans = positions(stated["loan_id"], portfolio.coded.loan_id)
    order = np.argsort(loans)
    loans, stated = loans[order], stated.iloc[order]
    ours = _ours(Facts(Case.of(portfolio.coded.taking(loans), policy, day), lent[loans]))
    theirs = {what: _whole(what, stated[what]) for what in FIGURES if what in stated}
    differs = {what: (values != ours[what]).fillna(False).to_numpy(dtype=bool) for what, values in theirs.items()}
    some = np.flatnonzero(np.any([*differs.values()], axis=0)) if differs else np.empty(0, dtype=np.int64)
    if not len(some):
        return pd.DataFrame(columns=list(_COLUMNS))
    facts = Facts(Case.of(portfolio.coded.taking(loans[some]), policy, day), lent[loans[some]])
    parts = []
    for what, wrong in differs.items():
        at = np.flatnonzero(wrong[some])
        if len(at):
            values = theirs[what].to_numpy(dtype=np.int64, na_value=0)[some][at]
            parts.append(_rows(facts, what, at, values, language))
    return pd.concat(parts)


def _rows(facts: Facts, what: str, at: Ints, stated: Ints, language: str) -> pd.DataFrame:
    """The differences in one figure; `at` are the loans, `stated` what the source says of each."""
    ours = _ours(facts)[what][at]
    fits = {name: figure(facts)[at] == stated for name, figure in READINGS[what].items()}
    readings = [[name for name, fit in zip(fits, row, strict=True) if fit] for row in zip(*fits.values(), strict=True)]
    scale = 100 if COLUMNS[what].kind == "money" else 1
    as_of = str(np.datetime64(facts.case.day, "D"))
    texts = [_written(what, value / scale) for value in stated.tolist()]
    return pd.DataFrame({
        "loan_id": facts.case.coded.loan_id.iloc[at].to_numpy(), "as_of": pd.Timestamp(as_of), "what": what,
        "stated": stated / scale, "ours": ours / scale, "deviation": (stated - ours) / scale,
        "readings": [", ".join(names) for names in readings],
        "ours_because": reasons(facts, what, at, language),
        "stated_because": [
            stated_because(text, as_of, names, language) for text, names in zip(texts, readings, strict=True)
        ],
    })  # fmt: skip


def _ours(facts: Facts) -> dict[str, Ints]:
    """Our five figures of every loan [cents, days or count]."""
    return {
        "principal": facts.lent, "instalment_count": np.diff(facts.case.coded.inst_start),
        **{name: facts.ours[name] for name in ("paid_to_date", "days_past_due", "penalty")},
    }  # fmt: skip


def _whole(what: str, values: pd.Series) -> pd.Series:
    """Stated figures as whole cents, days or counts; missing where the source says nothing."""
    scaled = values * 100 if COLUMNS[what].kind == "money" else values
    return scaled.round().astype("Int64")


def _written(what: str, value: float, sign: str = "") -> str:
    """A figure as text."""
    text = money(value) if COLUMNS[what].kind == "money" else f"{value:,.0f}"
    return sign + text if sign and value > 0 else text
