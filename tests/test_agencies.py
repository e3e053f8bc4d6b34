"""Commission earned, line by line."""

from __future__ import annotations

import pandas as pd
import pytest

import collectkit as ck
from collectkit.tariffs import Tariff
from tests.five_loans import AS_OF, five_loans, one_loan, plain

FREE = 'penalty = { daily_rate = "0" }'
YEAR = {"start": "2025-01-01", "end": "2025-12-31"}
COLUMNS = [
    "agency", "tariff", "tariff_from", "kind", "placement_id", "loan_id", "placement_date", "placement_days_past_due",
    "payment_id", "value_date", "days_past_due", "band", "recovery_from", "received", "commissionable", "rate",
    "commission", "vat", "vat_rate", "is_vat_included", "reason",
]  # fmt: skip

#: Payments on 1 020.00 due 1 January and 1 000.00 due 1 May, placed from 1 March to 30 April: days past due, what
#: earns, commission by elapsed months and by month index. P1 came on the day of the placement, P7 after the recall;
#: 80.00 of P6 went to the coming instalment.
LINES = {
    "P2": (60, 100.0, 7.0, 7.0),
    "P3": (61, 100.0, 7.0, 14.0),
    "P4": (90, 100.0, 7.0, 14.0),
    "P5": (91, 100.0, 14.0, 14.0),
    "P6": (119, 520.0, 72.8, 72.8),
}


@pytest.fixture
def placed():
    return one_loan(
        "2025-01-01 1000 20; 2025-05-01 1000",
        "2025-03-01 100; 2025-03-02 100; 2025-03-03 100; 2025-04-01 100; 2025-04-02 100; 2025-04-30 600; 2025-05-02 50",
        placements="North 2025-03-01 2025-04-30",
    )


@pytest.mark.parametrize(("tariff", "column"), [("elapsed_months", 2), ("month_index", 3)])
def test_commission_line_by_line(placed, tariff, column):
    earned = ck.agencies.commission_earned(placed, plain(FREE), **YEAR)
    lines = earned[earned["tariff"] == tariff].set_index("payment_id")
    found = {name: (row.days_past_due, row.commissionable, row.commission) for name, row in lines.iterrows()}
    assert found == {name: (line[0], line[1], line[column]) for name, line in LINES.items()}


def test_totals_under_both_readings(placed):
    totals = ck.agencies.commission_totals(placed, plain(FREE), **YEAR)
    assert totals.to_numpy().tolist() == [
        ["North", "elapsed_months", 920.0, 107.8, 0.0],
        ["North", "month_index", 920.0, 121.8, 0.0],
    ]


def test_a_period_holds_its_first_and_last_day(placed):
    earned = ck.agencies.commission_earned(placed, plain(FREE), start="2025-03-03", end="2025-04-01")
    assert set(earned["payment_id"]) == {"P3", "P4"}


def test_the_columns_of_the_contract(placed):
    assert list(ck.agencies.commission_earned(placed, plain(FREE), **YEAR)) == COLUMNS


def test_penalty_interest_and_fee_collected_earn_too():
    # 10 nights × 1 000 × 0.0005 = 5.00 penalty in the 500; 500 × 0.07
    loan = one_loan("2025-01-01 1000 20", "2025-01-11 500", placements="North 2025-01-02")
    earned = ck.agencies.commission_earned(loan, plain(), **YEAR)
    assert earned["commission"].tolist() == [35.0, 35.0]


def test_commission_is_rounded_once_for_each_payment():
    # 0.50 on interest and 0.50 on principal: 1.00 × 0.07 = 0.07, not 0.035 twice
    loan = one_loan("2025-01-01 10 0.50", "2025-01-11 1.00", placements="North 2025-01-02")
    assert ck.agencies.commission_earned(loan, plain(FREE), **YEAR)["commission"].tolist() == [0.07, 0.07]


def test_cash_within_grace_earns_nothing():
    loan = one_loan("2025-01-01 1000", "2025-01-04 100; 2025-01-05 100", placements="North 2025-01-02")
    earned = ck.agencies.commission_earned(loan, plain(f"grace_days = 3; {FREE}"), **YEAR)
    assert set(earned["payment_id"]) == {"P2"}


def test_cash_on_the_due_date_earns_nothing():
    loan = one_loan("2025-01-01 1000", "2025-01-01 100", placements="North 2024-12-02")
    assert len(ck.agencies.commission_earned(loan, plain(FREE), **YEAR)) == 0


def test_cash_for_coming_instalments_earns_nothing():
    loan = one_loan("2025-06-01 1000", "2025-03-01 100", placements="North 2025-01-02")
    assert len(ck.agencies.commission_earned(loan, plain(FREE), **YEAR)) == 0


def test_money_beyond_everything_owed_earns_nothing():
    loan = one_loan("2025-01-01 100", "2025-01-11 130", placements="North 2025-01-02")
    assert set(ck.agencies.commission_earned(loan, plain(FREE), **YEAR)["commissionable"]) == {100.0}


def test_a_reversed_payment_earns_nothing():
    loan = one_loan("2025-01-01 1000", "2025-01-11 100 reversed=2025-01-15", placements="North 2025-01-02")
    assert len(ck.agencies.commission_earned(loan, plain(FREE), **YEAR)) == 0


def test_in_house_cash_earns_nothing():
    assert len(ck.agencies.commission_earned(one_loan("2025-01-01 1000", "2025-01-11 100"), plain(FREE), **YEAR)) == 0


def test_a_recovery_on_a_closed_loan_is_priced_by_its_own_age():
    # five_loans: D, due 31 October, 300.00 paid on 15 March: 135 days, 20 %
    earned = ck.agencies.commission_earned(five_loans(), plain(), start="2025-03-01", end=AS_OF)
    assert earned[["agency", "days_past_due", "commission"]].drop_duplicates().to_numpy().tolist() == [
        ["North", 135, 60.0]
    ]


def test_a_second_placement_gets_its_own_date():
    loan = one_loan(
        "2025-01-01 1000", "2025-03-10 10; 2025-04-10 10", placements="North 2025-03-01 2025-03-10; North 2025-03-10"
    )
    earned = ck.agencies.commission_earned(loan, plain(FREE), **YEAR).drop_duplicates("payment_id")
    assert earned["placement_date"].tolist() == [pd.Timestamp("2025-03-01"), pd.Timestamp("2025-03-10")]


def test_on_the_day_a_loan_changes_hands_the_first_agency_earns():
    loan = one_loan("2025-01-01 1000", "2025-03-10 10", placements="North 2025-03-01 2025-03-10; South 2025-03-10")
    assert set(ck.agencies.commission_earned(loan, plain(FREE), **YEAR)["agency"]) == {"North"}


@pytest.mark.parametrize(("tariff", "total"), [("elapsed_months", 6600.0), ("month_index", 7300.0)])
def test_four_accounts_of_the_manual(tariff, total):
    # T-S1 and T-S2: 10 000 received on accounts at 75, 100, 150 and 200 days
    paid, ages = pd.Timestamp("2025-07-20"), [75, 100, 150, 200]
    due = pd.Series([paid - pd.Timedelta(days=age) for age in ages])
    ids = [f"L{age}" for age in ages]
    book = ck.Portfolio(
        loans=pd.DataFrame(
            {
                "loan_id": ids,
                "product": "consumer",
                "disbursement_date": pd.Timestamp("2024-12-01"),
                "principal": 50_000.0,
                "annual_rate": "0.18",
            }
        ),
        instalments=pd.DataFrame(
            {"loan_id": ids, "instalment_no": 1, "due_date": due, "principal": 50_000.0, "interest": 0.0}
        ),
        payments=pd.DataFrame({"payment_id": ids, "loan_id": ids, "value_date": paid, "amount": 10_000.0}),
        placements=pd.DataFrame(
            {"placement_id": ids, "loan_id": ids, "agency": "North", "placement_date": paid - pd.Timedelta(days=10)}
        ),
    )
    totals = ck.agencies.commission_totals(book, ck.load_policy("cn-microloan"), **YEAR).set_index("tariff")
    assert totals.loc[tariff, ["collected", "commission"]].tolist() == [40_000.0, total]


def tariff_of(name, agency, rate, since="2000-01-01"):
    bands = [{"min_days": 1, "rate": rate}]
    return Tariff(name=name, agency=agency, effective_from=since, source="contract", bands=bands)


def test_an_agencys_own_tariff_wins_from_its_first_day_on():
    policy = plain(FREE)
    policy = policy.model_copy(
        update={"tariffs": (tariff_of("fee", "*", "0.10"), tariff_of("fee", "North", "0.30", "2025-02-01"))}
    )
    payments = "2025-01-20 100; 2025-02-20 100; 2025-03-20 100"
    loan = one_loan(
        "2025-01-01 1000",
        payments,
        placements="North 2025-01-10 2025-02-01; North 2025-02-01 2025-03-01; South 2025-03-01",
    )
    earned = ck.agencies.commission_earned(loan, policy, **YEAR).set_index("payment_id")
    assert earned["commission"].to_dict() == {"P1": 10.0, "P2": 30.0, "P3": 10.0}


def test_a_tariff_of_one_agency_alone_leaves_the_others_out():
    policy = plain(FREE).model_copy(
        update={"tariffs": (tariff_of("special", "North", "0.30"), tariff_of("fee", "*", "0.10"))}
    )
    loan = one_loan(
        "2025-01-01 1000", "2025-01-20 100; 2025-03-20 100", placements="North 2025-01-10 2025-02-01; South 2025-03-01"
    )
    earned = ck.agencies.commission_earned(loan, policy, **YEAR)
    found = sorted(earned[["agency", "tariff", "commission"]].itertuples(index=False, name=None))
    assert found == [("North", "fee", 10.0), ("North", "special", 30.0), ("South", "fee", 10.0)]


def test_a_book_without_placements_has_no_commission():
    book = five_loans().replacing(placements=five_loans().placements.iloc[:0])
    for call in (ck.agencies.commission_earned, ck.agencies.commission_totals):
        assert len(call(book, plain(), **YEAR)) == 0


def test_no_commission_keeps_the_dtypes(placed):
    some, none = (
        ck.agencies.commission_earned(placed, plain(FREE), start=day, end="2025-12-31")
        for day in ("2025-01-01", "2025-12-01")
    )
    assert len(none) == 0
    assert none.dtypes.astype(str).to_dict() == some.dtypes.astype(str).to_dict()


def test_loans_without_a_closed_date_column_work():
    tables = dict(five_loans().tables)
    tables["loans"] = tables["loans"].drop(columns=["closed_date", "close_code"])
    assert ck.agencies.commission_totals(ck.Portfolio(**tables), plain(), **YEAR)["commission"].tolist() == [60.0, 60.0]


def test_an_agency_that_earned_nothing_shows_nought(placed):
    totals = ck.agencies.commission_totals(placed, plain(FREE), start="2025-06-01", end="2025-06-30")
    assert totals["commission"].tolist() == [0.0, 0.0]


def test_a_policy_without_tariffs_has_no_commission(placed):
    policy = plain(FREE).model_copy(update={"tariffs": ()})
    for call in (ck.agencies.commission_earned, ck.agencies.commission_totals):
        assert len(call(placed, policy, **YEAR)) == 0


def test_a_period_backwards_is_refused(placed):
    with pytest.raises(ck.CallError, match="earlier date first"):
        ck.agencies.commission_earned(placed, plain(), start="2025-03-31", end="2025-03-01")


def test_an_agency_may_not_be_called_in_house():
    tables = dict(five_loans().tables)
    tables["placements"] = tables["placements"].assign(agency="in_house")
    with pytest.raises(ck.PortfolioError, match="in_house"):
        ck.Portfolio(**tables)


def test_order_of_rows_changes_no_commission(placed):
    shuffled = ck.Portfolio(**{name: frame.iloc[::-1] for name, frame in placed.tables.items()})
    one, other = (ck.agencies.commission_earned(book, plain(FREE), **YEAR) for book in (placed, shuffled))
    pd.testing.assert_frame_equal(one, other)


def test_dates_of_the_period_are_checked(placed):
    with pytest.raises(ck.CallError, match="start"):
        ck.agencies.commission_earned(placed, plain(), start="soon", end="2025-03-01")
