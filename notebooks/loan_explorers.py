"""Widgets of the lessons about one loan: a payment or the rules are moved, collectkit answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ipywidgets as widgets
import pandas as pd
from IPython.display import display
from support import moving

import collectkit as ck
from collectkit import charts

_WORDS = {
    "en": {"value_date": "Payment comes on", "grace_days": "Days of grace", "grace_mode": "Reading of grace",
           "threshold": "threshold", "subtract": "subtract", "amount": "Payment of",
           "days": "On the evening of {as_of:%Y-%m-%d}: <b>{days}</b> days past due, {due:,.2f} due.",
           "penalty": "Products {product:,.2f} × {rate} a day = <b>{penalty:,.2f}</b> penalty on instalment {no}."},
    "zh": {"value_date": "到账日", "grace_days": "宽限天数", "grace_mode": "宽限期口径",
           "threshold": "超过宽限期从应还日起算", "subtract": "从宽限期满后起算", "amount": "还款金额",
           "days": "{as_of:%Y-%m-%d} 日终：逾期 <b>{days}</b> 天，应还 {due:,.2f}。",
           "penalty": "积数 {product:,.2f} × 日利率 {rate} = 第 {no} 期罚息 <b>{penalty:,.2f}</b>。"},
}  # fmt: skip
_WIDE: dict[str, Any] = {"style": {"description_width": "140px"}, "layout": {"width": "620px"}}
MODES = ("threshold", "subtract")


def payment_date_explorer(
    loan: ck.Portfolio, policy: ck.Policy, payment_id: str, *, dates: tuple[str, str], as_of: str, language: str = "en"
) -> widgets.VBox:
    """The saw-tooth of a loan for a payment date, days of grace and a reading of grace that can be moved.

    Parameters
    ----------
    loan : Portfolio
        Of one loan.
    policy : Policy
    payment_id : str
        The payment whose value date moves.
    dates : tuple of two dates
        First and last date it can move to.
    as_of : date
        The evening the words are about.
    language : {"en", "zh"}

    Returns
    -------
    VBox
        Its controls are in ``children[0]``, the answer in ``children[1]``, the picture in ``children[2]``.
    """
    words, answer, place = _WORDS[language], widgets.HTML(), widgets.Output()
    terms = policy.terms_for(loan.loans["product"].item(), loan.loans["disbursement_date"].item())
    controls = {
        "value_date": _dates(loan, payment_id, dates, words),
        "grace_days": widgets.IntSlider(
            value=terms.grace_days, min=0, max=10, description=words["grace_days"], continuous_update=False, **_WIDE
        ),
        "grace_mode": widgets.ToggleButtons(
            options=[(words[mode], mode) for mode in MODES], value=terms.grace_mode, description=words["grace_mode"],
            style={"description_width": "140px", "button_width": "200px"},
        ),
    }  # fmt: skip

    def show(chosen: Mapping[str, Any]) -> None:
        moved = _with_payment(loan, payment_id, value_date=chosen["value_date"])
        rules = policy.replacing(grace_days=chosen["grace_days"], grace_mode=chosen["grace_mode"])
        row = ck.assess(moved, rules, as_of=as_of).iloc[0]
        answer.value = words["days"].format(as_of=row["as_of"], days=row["days_past_due"], due=row["total_due"])
        days = ck.loan_timeline(moved, rules, row["loan_id"], as_of=as_of)
        _drawn(place, charts.loan_timeline(days, language=language, currency=policy.currency))

    return widgets.VBox([moving(controls, show), answer, place])


def penalty_explorer(
    loan: ck.Portfolio, policy: ck.Policy, payment_id: str, *, instalment: int, dates: tuple[str, str], as_of: str,
    most: float, language: str = "en",
) -> widgets.VBox:  # fmt: skip
    """The products of an instalment for the amount and the date of a payment that can be moved.

    Parameters
    ----------
    loan, policy, payment_id, dates, as_of, language
        As `payment_date_explorer`.
    instalment : int
        The one whose penalty is shown.
    most : float [currency]
        Largest amount of the payment.

    Returns
    -------
    VBox
        As `payment_date_explorer`.
    """
    words, answer, place = _WORDS[language], widgets.HTML(), widgets.Output()
    paid = loan.payments.set_index("payment_id").loc[payment_id]
    controls = {
        "value_date": _dates(loan, payment_id, dates, words),
        "amount": widgets.FloatSlider(
            value=paid["amount"], min=10, max=most, step=10, description=words["amount"], continuous_update=False,
            readout_format=",.0f", **_WIDE,
        ),
    }  # fmt: skip

    def show(chosen: Mapping[str, Any]) -> None:
        steps = ck.explain(_with_payment(loan, payment_id, **chosen), policy, paid["loan_id"], as_of=as_of)
        nights = steps[steps["event"].eq("accrual") & steps["instalment_no"].eq(instalment)]
        answer.value = words["penalty"].format(
            product=nights["product"].sum(), rate=f"{nights['rate'].iloc[-1]:.6%}", penalty=nights["penalty"].iloc[-1],
            no=instalment,
        )  # fmt: skip
        _drawn(place, charts.balance_nights(steps, instalment=instalment, language=language, currency=policy.currency))

    return widgets.VBox([moving(controls, show), answer, place])


def _dates(
    loan: ck.Portfolio, payment_id: str, dates: tuple[str, str], words: Mapping[str, str]
) -> widgets.SelectionSlider:
    """Slider over the days on which a payment may come, where it came."""
    came = loan.payments.set_index("payment_id").loc[payment_id, "value_date"]
    days = [(f"{day:%Y-%m-%d}", day) for day in pd.date_range(*dates)]
    return widgets.SelectionSlider(
        options=days, value=came, description=words["value_date"], continuous_update=False, **_WIDE
    )


def _with_payment(loan: ck.Portfolio, payment_id: str, **changes: Any) -> ck.Portfolio:
    """The loan with one payment changed; it is posted on the day it comes."""
    payments = loan.payments.copy()
    row = payments["payment_id"].eq(payment_id)
    for name, value in changes.items():
        payments.loc[row, name] = value
    payments.loc[row, "posting_date"] = payments.loc[row, "value_date"]
    return loan.replacing(payments=payments)


def _drawn(place: widgets.Output, figure: Any) -> None:
    with place:
        place.clear_output(wait=True)
        display(figure)
