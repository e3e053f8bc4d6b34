"""Open items against the five loans worked out by hand, and against the ledger's own overdue amounts."""

from __future__ import annotations

import pytest

import collectkit as ck
from collectkit.unpaid import unpaid_instalments
from tests.five_loans import five_loans, one_loan, plain


def items(portfolio, as_of, **more):
    frame = unpaid_instalments(portfolio, plain(), as_of=as_of, **more)
    return {f"{row.loan_id}{row.instalment_no}": row.amount for row in frame.itertuples()}


def test_the_five_loans():
    # C: 520.00 of 10 Feb paid 5.00 penalty, 20.00 interest, 495.00 principal: 505.00 left of the first instalment
    assert items(five_loans(), "2025-03-31") == {"A2": 1010.0, "B1": 505.0, "C1": 505.0, "C2": 1010.0}


def test_an_instalment_is_listed_on_its_due_day():
    assert items(five_loans(), "2025-03-30") == {"B1": 505.0, "C1": 505.0, "C2": 1010.0}
    assert items(five_loans(), "2025-03-29") == {"C1": 505.0, "C2": 1010.0}


def test_what_was_not_known_yet_is_unpaid():
    loan = one_loan("2025-01-01 1000", "2025-01-01 400 posted=2025-01-05")
    assert items(loan, "2025-01-04", known_on="2025-01-04") == {"L11": 1000.0}
    assert items(loan, "2025-01-04") == {"L11": 600.0}


def test_parts_are_told_apart():
    row = unpaid_instalments(one_loan("2025-01-01 1000 20 7", "2025-01-01 10"), plain(), as_of="2025-01-01").iloc[0]
    assert (row.fee, row.interest, row.principal) == (0.0, 17.0, 1000.0)


@pytest.mark.parametrize("name", ["plain", "cn-credit-card"])
def test_items_before_the_day_add_up_to_the_overdue_amounts(name):
    demo, policy = ck.load_sample("demo"), ck.load_policy(name).replacing(grace_days=0)
    demo = demo.replacing(pauses=demo.pauses.head(0))  # a paused loan may show nothing overdue
    found = unpaid_instalments(demo, policy, as_of="2025-06-30")
    found = found[found["due_date"] < "2025-06-30"].groupby("loan_id")[["fee", "interest", "principal"]].sum()
    day = ck.assess(demo, policy, as_of="2025-06-30").set_index("loan_id")
    day = day[day["status"] == "overdue"]
    for part in ("fee", "interest", "principal"):
        assert found[part].round(2).to_dict() == day[f"overdue_{part}"].round(2).to_dict()
