"""The explanation: its own arithmetic comes to the figures of the ledger, and it can be read."""

from __future__ import annotations

from fractions import Fraction

import pandas as pd
import pytest

import collectkit as ck
from tests.five_loans import AS_OF, five_loans, one_loan, plain, worked

TOTALS = ["days_past_due", "overdue_principal", "overdue_interest", "overdue_fee", "penalty", "total_due"]
DEMO_DATES = {"2024-12-31": "en", "2025-09-15": "zh"}


@pytest.fixture(scope="module")
def demo():
    """Every twentieth loan of the demo."""
    whole = ck.load_sample("demo")
    return whole.selecting(whole.loans["loan_id"].iloc[::20])


@pytest.mark.parametrize("as_of", DEMO_DATES)
@pytest.mark.parametrize("name", ck.list_policies())
def test_totals_equal_assess_for_the_demo(demo, name, as_of):
    policy = ck.load_policy(name)
    day = ck.assess(demo, policy, as_of=as_of).set_index("loan_id")
    assert len(day) > 50
    for loan_id, row in day.iterrows():
        steps = ck.explain(demo, policy, loan_id, as_of=as_of, language=DEMO_DATES[as_of])
        assert steps.totals.to_dict() == row[TOTALS].to_dict(), loan_id
        assert steps["note"].str.len().min() > 0


@pytest.mark.parametrize("case", worked("assess"))
def test_totals_equal_the_worked_cases(case):
    loan = one_loan(case["schedule"], case["payments"], pauses=case["pauses"], loan=case["loan"])
    when = {"as_of": case["as_of"], "known_on": case["known_on"] or None}
    totals = ck.explain(loan, plain(case["terms"]), "L1", **when).totals
    expected = dict(figure.split("=") for figure in case["expected"].split())
    for name in set(TOTALS) & set(expected):
        assert totals[name] == float(expected[name]), name


def test_products_times_rate_come_to_the_penalty(demo):
    policy = plain()  # no cap and one rate, so every accrual can be checked alone
    for loan_id in demo.loans["loan_id"][:12]:
        steps = ck.explain(demo, policy, loan_id, as_of="2025-12-31")
        accrued = steps[steps["event"] == "accrual"]
        assert (accrued["product"] == (accrued["balance"] * accrued["days"].astype(float)).round(2)).all()
        for _, part in steps[steps["event"].isin(["accrual", "accrual_in_grace"])].groupby("instalment_no"):
            product = round(part["product"].sum() * 100)
            exact = int(product * Fraction(1, 2000) + Fraction(1, 2))
            assert part["penalty"].iloc[-1] == exact / 100


def test_pieces_add_up_to_the_payments(demo):
    for loan_id in demo.loans["loan_id"][:12]:
        steps = ck.explain(demo, plain(), loan_id, as_of="2025-12-31")
        paid = steps.loc[steps["event"] == "payment", "amount"].sum()
        pieces = steps.loc[steps["event"].isin(["paid", "unapplied"]), "amount"].sum()
        assert round(paid, 2) == round(pieces, 2)


def two_instalments():
    """The worked case of 500 paid on 11 January, as of 10 February."""
    loan = one_loan("2025-01-01 1000 20; 2025-02-01 1000 10", "2025-01-11 500")
    return ck.explain(loan, plain(), "L1", as_of="2025-02-10")


def test_the_steps_of_the_worked_case():
    steps = two_instalments()
    found = [
        (f"{row.date:%m-%d}", row.event, row.amount, row.balance, row.product, row.penalty)
        for row in steps.astype(object).where(steps.notna(), None).itertuples()
    ]
    assert found == [
        ("06-01", "disbursed", 2000.0, None, None, None),
        ("01-01", "due", 1020.0, None, None, None),
        ("01-11", "accrual", None, 1000.0, 10_000.0, 5.0),
        ("01-11", "payment", 500.0, None, None, None),
        ("01-11", "paid", 5.0, 0.0, None, None),
        ("01-11", "paid", 20.0, 0.0, None, None),
        ("01-11", "paid", 475.0, 525.0, None, None),
        ("02-01", "due", 1010.0, None, None, None),
        ("02-10", "accrual", None, 525.0, 15_750.0, 12.88),
        ("02-10", "accrual", None, 1000.0, 9_000.0, 4.5),
        ("02-10", "overdue", 10.0, None, None, None),
        ("02-10", "overdue", 1525.0, None, None, None),
        ("02-10", "total", 1547.38, None, None, 12.38),
    ]


def test_an_explanation_has_the_columns_of_the_contract():
    expected = "date event instalment_no component amount balance days product rate penalty note"
    assert list(two_instalments()) == expected.split()


def test_steps_are_in_the_order_of_their_days():
    assert two_instalments()["date"].is_monotonic_increasing


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("loan", list("ABCDE"))
def test_what_is_shown_has_blanks_for_missing_values(loan, language):
    steps = ck.explain(five_loans(), plain(), loan, as_of=AS_OF, language=language)
    for text in (steps.to_markdown(), steps._repr_html_()):
        for word in ("nan", "NaN", "None", "<NA>", "NaT", "&lt;NA"):
            assert word not in text


def test_markdown_shows_money_with_thousands_marks():
    assert "1,547.38" in two_instalments().to_markdown()


def test_chinese_has_chinese_notes_and_labels():
    text = ck.explain(five_loans(), plain(), "C", as_of=AS_OF, language="zh").to_markdown()
    for word in ("罚息", "积数", "第 1 期", "应还合计"):
        assert word in text


HOSTILE = "<script>alert('1')</script>|`x`\n# big {amount}"


@pytest.fixture
def hostile():
    """Hostile text wherever a reader's own text is shown."""
    loan = one_loan(
        "2025-01-01 1000", "2025-01-11 10 id=P; 2025-01-12 10 id=R reversed=2025-01-20", placements="A 2025-01-05"
    )
    payments = loan.payments.assign(payment_id=[HOSTILE, "R" + HOSTILE])
    return loan.replacing(payments=payments, placements=loan.placements.assign(agency=HOSTILE))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_hostile_text_is_escaped_in_html(hostile, language):
    html = ck.explain(hostile, plain(), "L1", as_of=AS_OF, language=language)._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize("language", ["en", "zh"])
def test_hostile_text_does_not_break_the_markdown_table(hostile, language):
    steps = ck.explain(hostile, plain(), "L1", as_of=AS_OF, language=language)
    lines = steps.to_markdown().splitlines()
    assert len(lines) == len(steps) + 2
    assert {line.replace("\\|", "").count("|") for line in lines} == {len(steps.columns) + 1}


def test_a_source_with_braces_is_shown_as_it_is():
    text = ck.explain(one_loan("2025-01-01 1000"), plain('source = "see {house}"'), "L1", as_of=AS_OF).to_markdown()
    assert "see {house}" in text


def test_a_reversed_payment_is_told_and_not_counted():
    loan = one_loan("2025-01-01 1000", "2025-01-11 500 reversed=2025-02-01")
    steps = ck.explain(loan, plain(), "L1", as_of="2025-02-10")
    assert "reversed" in set(steps["event"])
    assert "payment" not in set(steps["event"])


def test_a_payment_not_yet_known_is_not_told():
    loan = one_loan("2025-01-01 1000", "2025-01-11 500 posted=2025-01-20")
    steps = ck.explain(loan, plain(), "L1", as_of="2025-01-15", known_on="2025-01-15")
    assert not {"payment", "reversed"} & set(steps["event"])


def test_a_closed_loan_owes_nothing_and_says_why():
    steps = ck.explain(five_loans(), plain(), "D", as_of=AS_OF)
    assert "closed" in set(steps["event"])
    assert steps.totals["total_due"] == 0


def test_an_unknown_loan_is_named():
    with pytest.raises(ck.CallError, match="no loan 'Z'"):
        ck.explain(five_loans(), plain(), "Z", as_of=AS_OF)


def test_a_loan_not_yet_disbursed_is_refused():
    with pytest.raises(ck.CallError, match="B was disbursed on 2025-01-15, after 2025-01-14"):
        ck.explain(five_loans(), plain(), "B", as_of="2025-01-14")


def test_an_unknown_language_lists_the_languages():
    with pytest.raises(ck.CallError, match=r"'fr'.*en, zh"):
        ck.explain(five_loans(), plain(), "A", as_of=AS_OF, language="fr")


def test_an_explanation_is_a_frame():
    assert isinstance(two_instalments(), pd.DataFrame)
