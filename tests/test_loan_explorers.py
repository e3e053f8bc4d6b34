"""The explorers of the lessons about one loan follow their controls, and the answers of those lessons hold."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import loan_explorers
import pandas as pd
import pytest
import support

import collectkit as ck
from collectkit import charts
from collectkit import scenarios as sc

POLICY = ck.load_policy("cn-microloan")
LOAN = ck.load_sample("demo").selecting(["L2285"])


def answer(exercise):
    return support.EXERCISES[exercise]["answer"]


@pytest.fixture
def drawn(monkeypatch):
    figures = []
    monkeypatch.setattr(loan_explorers, "_drawn", lambda place, figure: figures.append(figure))
    return figures


@pytest.mark.parametrize(("language", "days"), [("en", "<b>{}</b> days past due"), ("zh", "逾期 <b>{}</b> 天")])
def test_the_saw_tooth_follows_the_payment_and_the_grace(drawn, language, days):
    box = loan_explorers.payment_date_explorer(
        LOAN, POLICY, "P22498", dates=("2025-09-01", "2025-10-13"), as_of="2025-10-12", language=language
    )
    date, grace, mode = box.children[0].children
    said = box.children[1]
    assert days.format(9) in said.value  # September paid off that day: 3 to 12 October
    mode.value = "subtract"
    assert days.format(6) in said.value
    grace.value = 0
    assert days.format(9) in said.value
    grace.value, mode.value, date.value = 3, "threshold", pd.Timestamp("2025-09-06")
    teeth = [list(figure.data[0].y) for figure in drawn]
    assert max(teeth[0]) == 38
    assert max(teeth[-1]) == 9  # within grace September never was late; October's tooth is left


def test_the_penalty_follows_amount_and_date_of_the_payment(drawn):
    box = loan_explorers.penalty_explorer(
        LOAN, POLICY, "P22467", instalment=2, dates=("2025-09-03", "2025-10-11"), as_of="2025-10-12", most=2_400
    )
    date, amount = box.children[0].children
    said = box.children[1]
    assert "88,050.18" in said.value  # 2,275.86 × 38 + 1,567.50 × 1
    assert "<b>58.70</b>" in said.value
    amount.value = 1_940  # 9.92 fee, 57.66 penalty, 194.06 interest; the rest lowers the principal to 597.50
    assert "87,080.18" in said.value
    amount.value, date.value = 970, pd.Timestamp("2025-09-13")
    assert "<b>44.66</b>" in said.value  # 2,275.86 × 10 + 1,525.01 × 29 = 66,983.89
    assert list(drawn[-1].data[0].y) == [2_275.86, 1_525.01]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("language", "title"), [("en", "Unpaid balance [CNY]"), ("zh", "未还余额（元）")])
def test_the_area_of_the_blocks_is_the_product(language, title, theme):
    steps = ck.explain(LOAN, POLICY, "L2285", as_of="2025-10-12")
    figure = charts.balance_nights(steps, instalment=2, language=language, theme=theme)
    blocks = figure.data[0]
    nights = [width / 86_400_000 for width in blocks.width]
    assert list(blocks.x) == ["2025-09-03", "2025-10-11"]
    assert nights == [38, 1]
    assert sum(y * width for y, width in zip(blocks.y, nights, strict=True)) == pytest.approx(88_050.18)
    assert figure.layout.yaxis.title.text == title
    assert "86,482.68" in blocks.hovertemplate[0]
    assert type(figure)(figure.to_dict()) == figure  # plotly itself finds nothing wrong


def book(instalments, payments, **terms):
    """One loan without interest and fee, and the policy of an exercise."""
    dues = pd.DataFrame(instalments, columns=["due_date", "principal"])
    paid = pd.DataFrame(payments, columns=["value_date", "amount"])
    tables = {
        "loans": pd.DataFrame(
            {"loan_id": ["L"], "customer_id": ["C"], "product": ["consumer"], "principal": [dues["principal"].sum()],
             "disbursement_date": pd.to_datetime(["2025-01-01"]), "annual_rate": [0.18]}
        ),
        "instalments": dues.assign(
            loan_id="L", instalment_no=range(1, len(dues) + 1), due_date=pd.to_datetime(dues["due_date"]),
            interest=0.0, fee=0.0,
        ),
        "payments": paid.assign(
            payment_id=[f"P{n}" for n in range(len(paid))], loan_id="L",
            value_date=pd.to_datetime(paid["value_date"]),
        ),
    }  # fmt: skip
    return ck.Portfolio(**tables), ck.load_policy("plain").replacing(**terms)


def days(loan, rules, as_of):
    return ck.assess(loan, rules, as_of=as_of)["days_past_due"].item()


def test_the_answers_of_lesson_1_are_what_the_ledger_says():
    one, rules = book([("2025-05-20", 1000.0)], [], grace_days=3, grace_mode="threshold")
    assert days(one, rules, "2025-05-24") == int(answer("01-1"))
    assert days(one, rules, "2025-05-23") == 0
    free = {"grace_days": 0, "penalty": {"daily_rate": "0"}}
    two, rules = book(
        [("2025-06-01", 1000.0), ("2025-07-01", 1000.0)], [("2025-07-05", 999.0), ("2025-07-06", 1.0)], **free
    )
    assert days(two, rules, "2025-07-05") == int(answer("01-2"))
    assert days(two, rules, "2025-07-06") == int(answer("01-3"))
    unpaid, rules = book([("2025-05-20", 1000.0)], [], grace_days=3, grace_mode="threshold")
    assert days(unpaid, rules, "2025-06-01") == 12
    paid, _ = book([("2025-05-20", 1000.0)], [("2025-05-22", 1000.0)])
    assert days(paid, rules, "2025-06-01") == int(answer("01-4"))
    assert ck.bucket(61, POLICY.bucket_scheme("months", "2025-06-01")) == answer("01-5")


def test_the_answers_of_lesson_1b_are_what_the_ledger_says():
    def penalty(loan, rules, as_of):
        return ck.explain(loan, rules, "L", as_of=as_of).query("event == 'accrual'")

    daily = {"grace_days": 0, "penalty": {"daily_rate": "0.0005"}}
    one, rules = book([("2025-03-01", 10_000.0)], [], **daily)
    assert ck.assess(one, rules, as_of="2025-04-15")["penalty"].item() == float(answer("01b-1"))
    parts = [("2025-03-11", 2_030.0), ("2025-03-31", 4_040.0)]  # 30 and 40 of them are the penalty so far
    two, rules = book(
        [("2025-03-01", 6_000.0)], parts, allocation_order=("fee", "penalty", "interest", "principal"), **daily
    )
    assert penalty(two, rules, "2025-03-31")["product"].sum() == float(answer("01b-2"))
    rate = {
        "grace_days": 0,
        "penalty": {"multiple_of_contract": "1.5"},
        "penalty_ceiling_annual": "0.24",
        "day_count": 360,
    }
    three, rules = book([("2025-03-01", 9_000.0)], [], **rate)
    assert ck.assess(three, rules, as_of="2025-03-21")["penalty"].item() == float(answer("01b-3"))
    late = {**daily, "grace_days": 3, "grace_mode": "threshold"}
    four, rules = book([("2025-03-01", 3_000.0)], [("2025-03-05", 3_006.0)], **late)
    assert penalty(four, rules, "2025-03-05")["penalty"].iloc[-1] == float(answer("01b-4"))
    assert ck.assess(four, rules, as_of="2025-03-05")["total_due"].item() == 0


def test_the_answers_of_lesson_5_are_what_the_formulas_say():
    a, b = sc.net_back(0.30, 0.25, placed=25_000), sc.net_back(0.20, 0.18, placed=25_000)
    assert a - b == pytest.approx(float(answer("05-1")))
    volume = sc.break_even_volume(0.30, 0.30, commission=0.20, fixed_cost=60_000)
    assert volume == pytest.approx(float(answer("05-2")))
    assert sc.required_lift(0.20, 0.36) == pytest.approx(float(answer("05-3")))
    easy, hard = Decimal("0.40"), Decimal("0.10")
    standardised = ((easy + hard) / 2 * 100).quantize(Decimal(1), ROUND_HALF_UP)
    assert str(standardised) == answer("05-4")
    assert (20 * easy + 180 * hard) / 200 == Decimal(support.EXERCISES["05-4"]["slips"][0]["answer"]) / 100
