"""Attribution and statements, by hand."""

from __future__ import annotations

import pandas as pd
import pytest

import collectkit as ck
from collectkit.tariffs import Tariff
from tests.five_loans import five_loans, one_loan, plain

FREE = 'penalty = { daily_rate = "0" }'
TEN = [{"min_days": 1, "rate": "0.10"}]


def policy(**keys):
    table = {"name": "fee", "effective_from": "2020-01-01", "source": "contract", "bands": TEN} | keys
    return plain(FREE).model_copy(update={"tariffs": (Tariff.model_validate(table),)})


def reasons(book, rules, **keys):
    cash = ck.agencies.attribution(book, rules, **{"start": "2025-01-01", "end": "2025-12-31"} | keys)
    return list(zip(cash["payment_id"], cash["amount"], cash["reason"], strict=True))


def statement(book, rules, period, agency="North"):
    return ck.agencies.commission_statement(book, rules, agency, period=period)


def shown(made):
    names = ["kind", "payment_id", "commissionable", "rate", "commission", "reason"]
    return [tuple(row) for row in made.lines[names].astype(object).where(made.lines[names].notna(), None).to_numpy()]


# Attribution.


def test_the_window_of_a_placement_day_by_day():
    days = "2025-02-28 1; 2025-03-01 1; 2025-03-02 1; 2025-04-30 1; 2025-05-01 1; 2025-05-10 1; 2025-05-11 1"
    book = one_loan("2025-01-01 1000", days, placements="North 2025-03-01 2025-04-30")
    found = [reason for _, _, reason in reasons(book, policy(tail_days=10))]
    assert found == [
        "before_placement", "before_placement", "while_placed", "while_placed", "in_tail", "in_tail", "after_recall",
    ]  # fmt: skip


def test_a_tail_ends_when_the_loan_is_placed_again():
    book = one_loan("2025-01-01 1000", "2025-05-05 1", placements="North 2025-03-01 2025-04-30; South 2025-05-01")
    cash = ck.agencies.attribution(book, policy(tail_days=30), start="2025-01-01", end="2025-12-31")
    assert cash[["agency", "reason"]].to_numpy().tolist() == [["South", "while_placed"]]


def test_one_payment_is_split_by_what_it_paid():
    # due 1 January and due on the payment's own day and coming; 40.00 too much
    book = one_loan("2025-01-01 100; 2025-03-01 50; 2025-06-01 70", "2025-03-01 260", placements="North 2025-02-01")
    assert reasons(book, policy()) == [
        ("P1", 70.0, "coming_instalment"),
        ("P1", 50.0, "not_overdue"),
        ("P1", 40.0, "beyond_debt"),
        ("P1", 100.0, "while_placed"),
    ]


def with_methods(book, *methods):
    return book.replacing(payments=book.payments.assign(method=list(methods)))


def test_the_lenders_own_debit_and_set_off_do_not_earn():
    book = one_loan("2025-01-01 1000", "2025-03-02 1; 2025-03-03 2; 2025-03-04 3", placements="North 2025-02-01")
    book = with_methods(book, "auto_debit", "set_off", "transfer")
    assert [reason for *_, reason in reasons(book, policy())] == ["own_debit", "set_off", "while_placed"]
    assert next(reason for *_, reason in reasons(book, policy(own_debit_methods=[]))) == "while_placed"


def test_a_payment_taken_back_is_reversed_once_that_is_known():
    book = one_loan("2025-01-01 1000", "2025-03-02 5 reversed=2025-04-01", placements="North 2025-02-01")
    assert reasons(book, policy()) == [("P1", 5.0, "reversed")]
    assert reasons(book, policy(), known_on="2025-03-31") == [("P1", 5.0, "while_placed")]


def test_a_placement_nobody_has_a_contract_for():
    book = one_loan("2025-01-01 1000", "2025-03-02 5", placements="North 2025-02-01")
    assert reasons(book, policy(agency="South")) == [("P1", 5.0, "no_tariff")]


def test_cash_of_the_five_loans():
    assert reasons(five_loans(), policy()) == [
        ("P1", 1010.0, "in_house"),
        ("P2", 520.0, "in_house"),
        ("P3", 300.0, "while_placed"),
        ("P4", 301.0, "in_house"),
    ]


def test_an_unknown_reading_lists_the_tariffs():
    with pytest.raises(ck.CallError, match=r"fee"):
        reasons(five_loans(), policy(), tariff="other")


# The tariff on cash.


def placed_for(amount, cash, **keys):
    """10 000.00 or so due 1 January, placed on day 100, paid in parts from day 101 on."""
    payments = "; ".join(f"2025-04-{12 + n} {part}" for n, part in enumerate(cash))
    book = one_loan(f"2025-01-01 {amount}", payments, placements="North 2025-04-11")
    return statement(book, policy(**keys), "2025-04")


def test_five_percent_of_what_was_placed():
    # T-S5: 5 % of 100 000 is 5 000, what 25 % of 20 % collected would be
    made = placed_for(100_000, [20_000], basis="placed", age_at="placement", bands=[{"min_days": 1, "rate": "0.05"}])
    assert shown(made) == [("placed", None, 100_000.0, 0.05, 5_000.0, "on_placement")]
    by_cash = placed_for(100_000, [20_000], bands=[{"min_days": 1, "rate": "0.25"}])
    assert by_cash.totals["commission"].tolist() == [5_000.0]


def test_ten_percent_of_what_was_placed_is_fourteen_percent_of_71_428_57():
    # T-S4
    made = placed_for(100_000, [], basis="placed", age_at="placement")
    by_cash = placed_for(100_000, [71_428.57], bands=[{"min_days": 1, "rate": "0.14"}])
    assert made.totals["commission"].tolist() == by_cash.totals["commission"].tolist() == [10_000.0]


#: The tender of Agricultural Bank of China: recovery below 15 % earns 2 %, 15 to 30 % earns 3 %, from 30 % on 5 %.
TENDER = {
    "bands": [{"min_days": 1, "rate": "0.02"}],
    "recovery_bands": [{"from": "0.15", "rate": "0.03"}, {"from": "0.30", "rate": "0.05"}],
}


@pytest.mark.parametrize(
    ("cash", "tiering", "expected"),
    [
        ([1_499.99], "whole", [30.00]),
        ([1_500.00], "whole", [45.00]),  # 15 % reached: 3 % on all of it
        ([1_500.00], "marginal", [30.00]),  # nothing lies above 15 % yet
        ([2_000.00], "marginal", [30.00, 15.00]),  # 1 500 at 2 %, 500 at 3 %
        ([1_000.00, 2_500.00], "marginal", [20.00, 10.00, 45.00, 25.00]),
        ([1_000.00, 2_500.00], "whole", [50.00, 125.00]),  # 35 %: 5 % on everything, the first payment too
        ([1_499.99], "target", [0.00]),
        ([2_000.00], "target", [30.00, 15.00]),
    ],
)
def test_recovery_achieved_by_tiering(cash, tiering, expected):
    made = placed_for(10_000, cash, tiering=tiering, **TENDER)
    assert made.lines["commission"].tolist() == expected
    assert made.lines["commissionable"].sum() == sum(cash)


def test_each_age_has_its_own_rates_by_recovery():
    bands = [{"min_days": 1, "max_days": 101, "rate": "0.02"}, {"min_days": 102, "rate": "0.10"}]
    recovery = [{"from": "0.15", "rates": ["0.03", "0.20"]}]
    made = placed_for(10_000, [1_000, 500], bands=bands, recovery_bands=recovery)
    assert made.lines[["days_past_due", "rate", "commission"]].to_numpy().tolist() == [
        [101, 0.03, 30.0],
        [102, 0.20, 100.0],
    ]


def test_the_age_at_placement_holds_for_all_payments():
    bands = [{"min_days": 1, "max_days": 100, "rate": "0.07"}, {"min_days": 101, "rate": "0.14"}]
    made = placed_for(10_000, [100, 100], bands=bands, age_at="placement")
    assert made.lines[["placement_days_past_due", "days_past_due", "rate"]].to_numpy().tolist() == [
        [100, 101, 0.07],
        [100, 102, 0.07],
    ]


def test_vat_on_top_and_inside():
    made = placed_for(10_000, [100], vat_rate="0.06")
    assert made.lines[["commission", "vat"]].to_numpy().tolist() == [[10.0, 0.6]]
    assert made.totals["payable"].tolist() == [10.6]
    made = placed_for(10_000, [100], vat_rate="0.06", vat_included=True)  # 10 / 1.06 = 9.4339…
    assert made.lines[["commission", "vat"]].to_numpy().tolist() == [[9.43, 0.57]]


def test_a_flat_fee_is_earned_once_for_each_case():
    made = placed_for(10_000, [], flat_fee_per_case="12.50")
    assert shown(made) == [("flat_fee", None, 0.0, 0.0, 12.5, "on_placement")]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"minimum_fee": "500"}, [("earned", 100.0), ("minimum", 400.0)]),
        ({"maximum_fee": "30"}, [("earned", 100.0), ("cap", -70.0)]),
        ({"minimum_fee": "100", "maximum_fee": "100"}, [("earned", 100.0)]),
    ],
)
def test_minimum_and_cap_of_a_month(keys, expected):
    made = placed_for(10_000, [1_000], **keys)
    assert list(zip(made.lines["kind"], made.lines["commission"], strict=True)) == expected


def test_the_minimum_is_for_months_with_a_loan_placed():
    book = one_loan("2025-01-01 1000", placements="North 2025-02-10 2025-03-01; North 2025-05-01 2025-05-20")
    paid = {month: statement(book, policy(minimum_fee="100"), month).totals["commission"][0] for month in MONTHS}
    assert [month for month, fee in paid.items() if fee == 100.0] == ["2025-02", "2025-03", "2025-05"]
    assert sum(paid.values()) == 300.0


MONTHS = [f"2025-0{month}" for month in range(1, 8)]


# Months that are closed.


def test_a_reversed_payment_is_clawed_back_on_the_next_statement():
    book = one_loan("2025-01-01 1000", "2025-03-10 100; 2025-04-10 50 reversed=2025-05-02",
                    placements="North 2025-02-01")  # fmt: skip
    april, may = statement(book, policy(), "2025-04"), statement(book, policy(), "2025-05")
    assert shown(april) == [("earned", "P2", 50.0, 0.1, 5.0, "while_placed")]
    assert shown(may) == [("clawback", "P2", -50.0, 0.1, -5.0, "reversed")]
    assert may.lines["received"].tolist() == [-50.0]
    assert may.totals[["opening", "earned", "clawback", "commission", "closing"]].to_numpy().tolist() == [
        [15.0, 0.0, -5.0, -5.0, 10.0]
    ]


def test_a_payment_made_and_taken_back_in_one_month_never_shows():
    book = one_loan("2025-01-01 1000", "2025-04-10 50 reversed=2025-04-20", placements="North 2025-02-01")
    assert len(statement(book, policy(), "2025-04").lines) == 0


def test_a_payment_posted_late_is_earned_when_it_becomes_known():
    book = one_loan("2025-01-01 1000", "2025-04-10 50 posted=2025-05-02", placements="North 2025-02-01")
    assert len(statement(book, policy(), "2025-04").lines) == 0
    assert shown(statement(book, policy(), "2025-05")) == [("earned", "P1", 50.0, 0.1, 5.0, "posted_late")]


def test_a_rate_that_proves_wrong_later_is_restated_by_a_pair_of_lines():
    # 100.00 paid on 10 April turns out to have come after the first instalment was settled: 40 days and not 99
    bands = [{"min_days": 1, "max_days": 90, "rate": "0.07"}, {"min_days": 91, "rate": "0.14"}]
    book = one_loan("2025-01-01 500; 2025-03-01 500", "2025-04-10 100; 2025-04-01 500 posted=2025-05-05",
                    placements="North 2025-02-01 2025-03-01; North 2025-04-02")  # fmt: skip
    april, may = (statement(book, policy(bands=bands), month) for month in ("2025-04", "2025-05"))
    assert shown(april) == [("earned", "P1", 100.0, 0.14, 14.0, "while_placed")]
    assert shown(may) == [
        ("earned", "P1", 100.0, 0.07, 7.0, "restated"),
        ("clawback", "P1", -100.0, 0.14, -14.0, "restated"),
    ]


def test_reaching_a_recovery_band_reprices_the_months_before():
    book = one_loan("2025-01-01 10000", "2025-04-12 1000; 2025-05-12 1000", placements="North 2025-04-11")
    april, may = (statement(book, policy(**TENDER), month) for month in ("2025-04", "2025-05"))
    assert april.totals["commission"].tolist() == [20.0]
    assert shown(may) == [
        ("earned", "P1", 1000.0, 0.03, 30.0, "restated"),
        ("earned", "P2", 1000.0, 0.03, 30.0, "while_placed"),
        ("clawback", "P1", -1000.0, 0.02, -20.0, "restated"),
    ]


def test_a_statement_shows_every_reading_and_settles_by_the_first_or_the_one_asked_for():
    book = one_loan("2025-01-01 1000", "2025-03-20 100", placements="North 2025-02-01")  # 78 days
    made = statement(book, plain(FREE), "2025-03")
    assert made.totals[["tariff", "commission"]].to_numpy().tolist() == [["elapsed_months", 7.0], ["month_index", 14.0]]
    other = ck.agencies.commission_statement(book, plain(FREE), "North", period="2025-03", tariff="month_index")
    assert other.totals["tariff"].tolist() == ["month_index", "elapsed_months"]
    assert other.lines["commission"].tolist() == [14.0]


def test_only_the_agencys_own_lines():
    book = one_loan("2025-01-01 1000", "2025-03-10 100; 2025-03-20 50",
                    placements="North 2025-02-01 2025-03-15; South 2025-03-15")  # fmt: skip
    found = {agency: statement(book, policy(), "2025-03", agency).lines["payment_id"].tolist() for agency in AGENCIES}
    assert found == {"North": ["P1"], "South": ["P2"]}


AGENCIES = ("North", "South")


@pytest.mark.parametrize("period", ["2025", "2025-06-30", "June", None, 202506, "2025-13"])
def test_a_period_that_is_no_month_is_refused(period):
    with pytest.raises(ck.CallError, match="2025-06"):
        statement(five_loans(), plain(), period)


def test_an_unknown_agency_lists_the_agencies():
    with pytest.raises(ck.CallError, match="North"):
        statement(five_loans(), plain(), "2025-03", "West")


def test_a_policy_without_tariffs_has_no_statement():
    with pytest.raises(ck.CallError, match=r"\[\[tariffs\]\]"):
        statement(five_loans(), plain().model_copy(update={"tariffs": ()}), "2025-03")


def test_an_empty_statement_keeps_its_columns_and_dtypes():
    book = one_loan("2025-01-01 1000", "2025-03-10 100", placements="North 2025-02-01")
    some, none = (statement(book, policy(), month).lines for month in ("2025-03", "2025-06"))
    assert len(none) == 0
    assert none.dtypes.astype(str).to_dict() == some.dtypes.astype(str).to_dict()


def test_a_written_off_loan_is_placed_for_what_it_would_owe():
    loan = 'closed_date = 2025-02-01; close_code = "written_off"'
    book = one_loan("2025-01-01 1000", "2025-04-12 100", placements="North 2025-04-11", loan=loan)
    made = statement(book, policy(basis="placed", age_at="placement"), "2025-04")
    assert made.lines[["placement_days_past_due", "commissionable"]].to_numpy().tolist() == [[100, 1000.0]]


def test_a_loan_placed_before_it_was_disbursed_owes_nothing_yet():
    book = one_loan("2025-03-01 1000", "2025-04-12 100", placements="North 2025-01-11", disbursed="2025-02-01")
    made = statement(book, policy(), "2025-04")
    assert made.lines[["placement_days_past_due", "commission"]].to_numpy().tolist() == [[0, 10.0]]


def test_order_of_rows_changes_no_statement():
    book = ck.load_sample("demo")
    shuffled = ck.Portfolio(**{name: frame.iloc[::-1] for name, frame in book.tables.items()})
    one, other = (statement(b, ck.load_policy(), "2025-06", "Chengda") for b in (book, shuffled))
    assert len(one.lines) > 3
    pd.testing.assert_frame_equal(one.lines, other.lines)
