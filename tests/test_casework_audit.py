"""The audit sample, the quality of records, and the early signs."""

from __future__ import annotations

import pandas as pd
import pytest

import collectkit as ck
from collectkit import casework
from collectkit.casework.audit import record_checks
from tests.contacts import contact_rows, desk
from tests.five_loans import one_loan, plain

DEMO = ck.load_sample("demo")


def test_every_collector_gives_the_same_share_rounded_up():
    sample = casework.audit_sample(DEMO.contacts, share=0.05, seed=1)
    names = ["agency", "collector_id"]
    drawn = sample.fillna(dict.fromkeys(names, "-")).groupby(names).size()
    whole = DEMO.contacts.assign(**{name: DEMO.contacts[name].astype("object").fillna("-") for name in names})
    whole = whole.groupby(names).size()
    assert drawn.to_dict() == {key: -(-size * 5 // 100) for key, size in whole.to_dict().items()}


def test_the_seed_decides_and_the_order_of_rows_does_not():
    first = casework.audit_sample(DEMO.contacts, share=0.02, seed=7)
    again = casework.audit_sample(DEMO.contacts.sample(frac=1, random_state=3), share=0.02, seed=7)
    other = casework.audit_sample(DEMO.contacts, share=0.02, seed=8)
    pd.testing.assert_frame_equal(first, again)
    assert set(first["contact_id"]) != set(other["contact_id"])


@pytest.mark.parametrize("share", [0, 1.5, -0.1])
def test_a_share_is_a_fraction(share):
    with pytest.raises(ck.CallError, match="fraction"):
        casework.audit_sample(DEMO.contacts, share=share, seed=1)


def test_what_a_record_lacks_is_named():
    contacts = contact_rows(
        "L1 2025-06-10 9:00 call promised; L1 2025-06-11 9:00 call promised; L1 2025-06-12 9:00 call"
    )
    promises = pd.DataFrame({"loan_id": ["L1"], "promised_date": [pd.Timestamp("2025-06-10")]})
    assert record_checks(contacts, promises)["missing_fields"].tolist() == ["", "promised_date", ""]
    assert record_checks(contacts)["missing_fields"].tolist() == ["", "", ""]
    contacts["result"] = [None, "promised", "considers"]
    assert record_checks(contacts, promises)["missing_fields"].tolist() == ["result", "promised_date", ""]


def test_late_entries_are_told_and_unknown_without_the_column():
    text = "L1 2025-06-10 9:00 call considers recorded_at=2025-06-1{}T00:30"
    assert record_checks(contact_rows(text.format(1)))["is_late_entry"].tolist() == [True]
    assert record_checks(contact_rows(text.format(0)))["is_late_entry"].tolist() == [False]
    assert record_checks(contact_rows("L1 2025-06-10 9:00 call"))["is_late_entry"].isna().all()


def test_the_quality_of_records_adds_up():
    table = casework.record_quality(DEMO.contacts, promises=DEMO.promises)
    late = (DEMO.contacts["recorded_at"].dt.date > DEMO.contacts["contacted_at"].dt.date).sum()
    assert table["contacts"].sum() == len(DEMO.contacts)
    assert table["late_entries"].sum() == late
    assert (table["complete_share"] <= 1).all()


def test_complaints_per_thousand_cases():
    complaints = pd.DataFrame({
        "complaint_id": ["B1", "B2", "B3"], "loan_id": ["L1", "L1", "L2"], "agency": [None, "North", None],
        "complaint_date": pd.to_datetime(["2025-06-01", "2025-06-30", "2025-07-01"]),
        "answered_date": pd.to_datetime(["2025-06-09", None, None]), "is_upheld": [True, False, True]})  # fmt: skip
    text = "L1 2025-06-02 9:00 call; L2 2025-06-02 9:00 call; L1 2025-06-30 23:59 call considers agency=North"
    table = casework.complaint_rates(desk(text, complaints=complaints), start="2025-06-01", end="2025-06-30")
    assert table["agency"].isna().tolist() == [True, False]
    columns = ["complaints", "upheld", "unanswered", "cases", "per_thousand"]
    assert table[columns].to_numpy().tolist() == [[1, 1, 0, 2, 500.0], [1, 0, 1, 1, 1000.0]]


def test_without_complaints_the_rate_is_zero_and_without_cases_there_is_none():
    table = casework.complaint_rates(desk("L1 2025-06-02 9:00 call"), start="2025-06-01", end="2025-06-30")
    assert table[["complaints", "cases", "per_thousand"]].to_numpy().tolist() == [[0, 1, 0.0]]
    assert casework.complaint_rates(desk(), start="2025-06-01", end="2025-06-30").empty


# Early signs.


def signs(portfolio, as_of="2025-03-04", policy=None, **given):
    found = casework.early_warning(portfolio, policy or plain("grace_days = 5"), as_of=as_of, **given)
    return dict(zip(found["warning"], found["note"], strict=True))


def test_late_inside_grace():
    late = one_loan("2025-03-01 1000; 2025-06-01 1000")
    words = "instalment 1 due 2025-03-01 is unpaid, 3 days late and still inside its grace"
    assert signs(late) == {"late_in_grace": words}
    assert signs(late, "2025-03-01") == {}  # due today is not late
    assert signs(late, "2025-03-07") == {}  # overdue: no early sign any more


def test_part_payments():
    parts = one_loan("2025-03-01 1000; 2025-06-01 1000", "2025-02-27 400; 2025-03-01 600")
    assert signs(parts) == {"part_payments": "instalment 1 was paid in 2 pieces"}
    assert signs(parts, "2025-04-30", days=60) == {}
    assert signs(parts, "2025-04-29", days=60) != {}


def test_a_payment_taken_back():
    back = one_loan("2025-03-10 1000", "2025-02-27 1000 reversed=2025-03-01")
    assert signs(back) == {"failed_debit": "a payment was taken back on 2025-03-01"}
    assert signs(back, "2025-02-28") == {}


def test_overdue_elsewhere():
    found = casework.early_warning(DEMO, ck.load_policy(), as_of="2025-06-30")
    other = found[found["warning"] == "overdue_elsewhere"]
    day = ck.assess(DEMO, ck.load_policy(), as_of="2025-06-30")
    expected = day[(day["status"] == "current") & (day["customer_days_past_due"] > 0)]
    assert set(other["loan_id"]) == set(expected["loan_id"])
    assert len(other) > 0


def test_words_in_chinese():
    assert "宽限期内" in signs(one_loan("2025-03-01 1000; 2025-06-01 1000"), language="zh")["late_in_grace"]
