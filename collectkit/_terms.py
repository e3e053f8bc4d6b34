"""A policy meets a portfolio: the terms, grace and exact daily rate of every loan, as the kernel reads them."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from collectkit._coded import Coded, Ints
from collectkit.days import dates_of, day_number
from collectkit.errors import PolicyError, PortfolioError, listed
from collectkit.policy import Policy, Terms
from collectkit.problems import told
from collectkit.wording import percent

if TYPE_CHECKING:
    from collectkit._kernel import Rules


def rules_of(coded: Coded, policy: Policy) -> Rules:
    """Terms of every loan.

    Raises
    ------
    PolicyError
        A product has no terms on a disbursement date.
    PortfolioError
        A penalty rate has too many decimals to stay exact.
    """
    from collectkit._kernel import Rules

    terms = terms_rows(coded, policy)
    grace = np.array([t.grace_days for t in policy.terms], dtype=np.int32)[terms]
    num, den = _daily_rates(coded, policy, terms)
    return Rules(
        terms=terms,
        grace=np.where(coded.grace < 0, grace, coded.grace),
        rate_num=num,
        rate_den=den,
        rules=np.array([_rule(t) for t in policy.terms], dtype=np.int64),
    )


def daily_rate(terms: Terms, annual_rate: Fraction, penalty_annual_rate: Fraction | None) -> Fraction:
    """Exact daily penalty rate of a loan [1/day].

    Parameters
    ----------
    terms : Terms
    annual_rate : Fraction [1/year]
        Contract rate.
    penalty_annual_rate : Fraction, optional [1/year]
        The loan's own penalty rate; wins over the policy's.

    Notes
    -----
    The annual rate is cut to `penalty_ceiling_annual` in every case.
    """
    annual = _before_ceiling(terms, annual_rate, penalty_annual_rate)[0]
    if terms.penalty_ceiling_annual is not None:
        annual = min(annual, Fraction(terms.penalty_ceiling_annual))
    return annual / terms.day_count


def rate_in_words(terms: Terms, annual_rate: Fraction, penalty_annual_rate: Fraction | None) -> tuple[str, str]:
    """The daily rate of `daily_rate` as a product to check by hand, and where it comes from.

    Examples
    --------
    >>> from collectkit.policy import load_policy
    >>> rate_in_words(load_policy("cn-microloan").terms_for("*", "2025-01-01"), Fraction("0.18"), None)
    ('24% ÷ 360', '1.5 × 18% a year, cut to 24%: 24% ÷ 360 a day')
    """
    annual, origin = _before_ceiling(terms, annual_rate, penalty_annual_rate)
    ceiling = terms.penalty_ceiling_annual
    if ceiling is not None and annual > Fraction(ceiling):
        annual, origin = Fraction(ceiling), f"{origin}, cut to {percent(Fraction(ceiling))}"
    elif penalty_annual_rate is None and terms.penalty.daily_rate is not None:
        return percent(Fraction(terms.penalty.daily_rate)), origin
    return f"{percent(annual)} ÷ {terms.day_count}", f"{origin}: {percent(annual)} ÷ {terms.day_count} a day"


def _before_ceiling(terms: Terms, annual_rate: Fraction, own: Fraction | None) -> tuple[Fraction, str]:
    """Annual penalty rate before any ceiling, and its origin in words."""
    penalty = terms.penalty
    if own is not None:
        return own, f"{percent(own)} a year (of this loan)"
    if penalty.daily_rate is not None:
        daily = Fraction(penalty.daily_rate)
        return daily * terms.day_count, f"{percent(daily)} a day"
    if penalty.annual_rate is not None:
        return Fraction(penalty.annual_rate), f"{percent(Fraction(penalty.annual_rate))} a year"
    multiple = Fraction(penalty.multiple_of_contract or 0)
    return multiple * annual_rate, f"{penalty.multiple_of_contract} × {percent(annual_rate)} a year"


def terms_rows(coded: Coded, policy: Policy) -> Ints:
    """Position in `policy.terms` of each loan's terms: exact product before ``*``, then the latest version."""
    rows = np.full(coded.loans, -1, dtype=np.int32)
    for product in dict.fromkeys(["*", *(terms.product for terms in policy.terms)]):
        if product == "*":
            chosen = np.ones(coded.loans, dtype=bool)
        else:
            chosen = coded.product == (coded.products.index(product) if product in coded.products else -1)
        for row, terms in enumerate(policy.terms):
            if terms.product == product:
                rows[chosen & (coded.disbursed >= day_number(terms.effective_from))] = row
    without = np.flatnonzero(rows < 0)
    if len(without):
        products = sorted({coded.products[code] for code in coded.product[without]})
        first = dates_of(coded.disbursed[without].min()).astype("datetime64[D]")
        raise PolicyError(
            f"Policy {policy.name} has no terms for {len(without):,} of {coded.loans:,} loans "
            f"(product {listed(products)}; the first disbursed on {first}). "
            'Add [[terms]] for the product or "*" with an effective_from on or before their disbursement.'
        )
    return rows


def _daily_rates(coded: Coded, policy: Policy, terms: Ints) -> tuple[Ints, Ints]:
    """Numerator and denominator of each loan's daily rate; worked out once per distinct case."""
    from collectkit._kernel import RATE_LIMIT

    width = len(coded.rates) + 1
    key = (terms.astype(np.int64) * width + coded.rate) * width + coded.penalty_rate + 1
    codes, cases = pd.factorize(key)
    exact = []
    for case in cases.tolist():
        rest, own = divmod(case, width)
        row, contract = divmod(rest, width)
        own_rate = coded.rates[own - 1] if own else None
        exact.append(daily_rate(policy.terms[row], coded.rates[contract], own_rate))
    bad = np.array([max(rate.numerator, rate.denominator) > RATE_LIMIT for rate in exact], dtype=bool)
    if bad.any():
        raise PortfolioError(_rate_problems(coded, np.flatnonzero(bad[codes])))
    num = np.array([rate.numerator for rate in exact], dtype=np.int64)
    den = np.array([rate.denominator for rate in exact], dtype=np.int64)
    return num[codes], den[codes]


def _rate_problems(coded: Coded, loans: Ints) -> pd.DataFrame:
    problem, what_to_do = told("rate_too_long")
    return pd.DataFrame(
        {
            "table": "loans",
            "row": coded.loan_row[loans],
            "loan_id": coded.loan_id.iloc[loans].to_numpy(dtype=object),
            "column": "annual_rate",
            "problem": problem,
            "value": None,
            "severity": "error",
            "what_to_do": what_to_do,
        }
    )


def _rule(terms: Terms) -> list[int]:
    """One row of the kernel's rules; see the column numbers in `collectkit._kernel`."""
    from collectkit._kernel import (
        BY_COMPONENT,
        BY_INSTALMENT,
        FEE,
        INTEREST,
        PENALTY,
        PRINCIPAL,
        SUBTRACT,
        THRESHOLD,
    )

    component = {"fee": FEE, "interest": INTEREST, "principal": PRINCIPAL, "penalty": PENALTY}
    scope = {"instalment": BY_INSTALMENT, "component": BY_COMPONENT}
    base = [int(name in terms.penalty_base) for name in ("fee", "interest", "principal")]
    late: Any = terms.late_allocation
    late_order = late.order if late else terms.allocation_order
    cap = Fraction(terms.penalty_cap_ratio) if terms.penalty_cap_ratio is not None else Fraction(0)
    return [
        SUBTRACT if terms.grace_mode == "subtract" else THRESHOLD,
        *base,
        *(component[name] for name in terms.allocation_order),
        scope[terms.allocation_scope],
        late.from_days if late else 2**31 - 1,
        *(component[name] for name in late_order),
        scope[late.scope] if late else scope[terms.allocation_scope],
        cap.numerator,
        cap.denominator if terms.penalty_cap_ratio is not None else 0,
    ]
