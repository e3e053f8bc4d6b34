"""The ledger on small books worked by hand; `test_ledger_properties` has the random ones."""

from __future__ import annotations

import pandas as pd
import pytest

import collectkit as ck
from tests.five_loans import AS_OF, dates, five_loans, one_loan, plain, tables, worked

MONEY = [
    "overdue_principal", "overdue_interest", "overdue_fee", "penalty", "total_due", "principal_balance", "unapplied",
    "paid_to_date",
]  # fmt: skip


def assessed(portfolio, policy, as_of, **more):
    """The only row of `assess`."""
    (row,) = ck.assess(portfolio, policy, as_of=as_of, **more).to_dict("records")
    return row


def shown(row, name):
    """A figure as a worked case writes it."""
    value = row[name]
    if name in MONEY:
        return f"{value:.2f}"
    return f"{value:%Y-%m-%d}" if name.endswith("_date") else str(value)


def pieces(portfolio, policy, as_of="2025-12-31"):
    """The rows of `allocate` as a worked case writes them."""
    found = ck.allocate(portfolio, policy, as_of=as_of)
    return "; ".join(
        f"{row.payment_id} {'-' if pd.isna(row.instalment_no) else row.instalment_no} {row.component} {row.amount:.2f}"
        for row in found.itertuples()
    )


def loan_of(case):
    return one_loan(case["schedule"], case["payments"], pauses=case.get("pauses", ""), loan=case["loan"])


@pytest.mark.parametrize("case", worked("assess"))
def test_assess(case):
    row = assessed(loan_of(case), plain(case["terms"]), case["as_of"], known_on=case["known_on"] or None)
    expected = dict(figure.split("=") for figure in case["expected"].split())
    assert {name: shown(row, name) for name in expected} == expected


@pytest.mark.parametrize("case", worked("assess"))
def test_track_agrees_with_the_worked_cases(case):
    days = [pd.Timestamp("2014-12-31"), pd.Timestamp(case["as_of"])]
    panel = ck.track(loan_of(case), plain(case["terms"]), dates=days, known_on=case["known_on"] or None)
    expected = dict(figure.split("=") for figure in case["expected"].split())
    assert {name: shown(panel.iloc[-1], name) for name in expected} == expected


@pytest.mark.parametrize("case", worked("allocate"))
def test_allocate(case):
    assert pieces(loan_of(case), plain(case["terms"]), case["as_of"]) == case["expected"]


# The five loans; the arithmetic stands in tests/five_loans.py.

FIVE = {
    "loan_id": list("ABCDE"),
    "status": ["current", "overdue", "overdue", "written_off", "paid"],
    "days_past_due": [0, 1, 59, 0, 0],
    "bucket": ["M0", "M1", "M2", "M0", "M0"],
    "asset_class": ["normal", "special_mention", "special_mention", "normal", "normal"],
    "overdue_instalments": [0, 1, 2, 0, 0],
    "overdue_principal": [0, 500, 1505, 0, 0],
    "overdue_interest": [0, 5, 10, 0, 0],
    "overdue_fee": [0, 0, 0, 0, 0],
    "penalty": [0, 0.25, 27.87, 0, 0],
    "total_due": [0, 505.25, 1542.87, 0, 0],
    "principal_balance": [1000, 500, 1505, 0, 0],
    "unapplied": [0, 0, 0, 0, 1],
    "paid_to_date": [1010, 0, 520, 300, 301],
    "channel": ["in_house", "in_house", "in_house", "North", "in_house"],
    "customer_days_past_due": [0, 59, 59, 0, 0],
}


@pytest.mark.parametrize("column", FIVE)
def test_five_loans(column):
    day = ck.assess(five_loans(), plain(), as_of=AS_OF)
    assert day[column].tolist() == FIVE[column]


def test_oldest_due_date_is_missing_where_nothing_is_overdue():
    day = ck.assess(five_loans(), plain(), as_of=AS_OF)
    expected = dates(None, "2025-03-30", "2025-01-31", None, None)
    pd.testing.assert_series_equal(day["oldest_due_date"], expected, check_names=False, check_dtype=False)


def test_loans_not_yet_disbursed_are_left_out():
    day = ck.assess(five_loans(), plain(), as_of="2025-01-14")
    assert day["loan_id"].tolist() == ["A", "C", "D"]


def test_a_loan_is_there_on_the_day_it_is_disbursed():
    day = ck.assess(five_loans(), plain(), as_of="2025-01-15")
    assert "B" in set(day["loan_id"])


# Order of rows, labels and runs.


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_order_of_rows_changes_nothing(seed):
    shuffled = {name: frame.sample(frac=1, random_state=seed) for name, frame in tables().items()}
    for call in (ck.assess, ck.allocate):
        one, other = (call(ck.Portfolio(**t), plain(), as_of=AS_OF) for t in (tables(), shuffled))
        pd.testing.assert_frame_equal(one, other)


def test_repeated_index_labels_change_nothing():
    labelled = {name: frame.set_axis([7] * len(frame)) for name, frame in tables().items()}
    one, other = (ck.assess(ck.Portfolio(**t), plain(), as_of=AS_OF) for t in (tables(), labelled))
    pd.testing.assert_frame_equal(one, other)


def test_a_second_run_says_the_same():
    book = five_loans()
    one, other = (ck.track(book, plain(), dates=ck.month_ends("2024-10-31", AS_OF)) for _ in range(2))
    pd.testing.assert_frame_equal(one, other)


@pytest.mark.parametrize("call", [ck.assess, ck.allocate])
def test_threads_change_nothing(monkeypatch, call):
    book, policy = ck.load_sample("demo"), ck.load_policy()
    alone = call(book, policy, as_of="2025-06-30")
    monkeypatch.setattr("collectkit._run._SMALL", 0)
    monkeypatch.setattr("os.cpu_count", lambda: 3)
    pd.testing.assert_frame_equal(call(book, policy, as_of="2025-06-30"), alone)


def test_tables_split_and_joined_say_the_same():
    book = five_loans()
    halves = [ck.assess(book.selecting(ids), plain(), as_of=AS_OF) for ids in (["A", "D", "E"], ["B", "C"])]
    joined = pd.concat(halves).sort_values("loan_id", ignore_index=True)
    whole = ck.assess(book, plain(), as_of=AS_OF)
    pd.testing.assert_frame_equal(joined.drop(columns="channel"), whole.drop(columns="channel"))


def test_money_allocated_adds_up_to_the_payments():
    found = ck.allocate(five_loans(), plain(), as_of=AS_OF)
    assert found.groupby("payment_id")["amount"].sum().to_dict() == {"P1": 1010, "P2": 520, "P3": 300, "P4": 301}


# Columns and dtypes.

ASSESS = ["loan_id", "as_of", "status", "days_past_due", "bucket", "asset_class", "overdue_instalments",
          "oldest_due_date", "overdue_principal", "overdue_interest", "overdue_fee", "penalty", "total_due",
          "principal_balance", "unapplied", "paid_to_date", "channel", "customer_days_past_due"]  # fmt: skip
ALLOCATE = ["payment_id", "loan_id", "value_date", "instalment_no", "component", "amount", "days_late",
            "days_past_due", "bucket", "channel"]  # fmt: skip


def test_assess_has_the_columns_of_the_contract():
    assert list(ck.assess(five_loans(), plain(), as_of=AS_OF)) == ASSESS


def test_track_has_two_more():
    assert list(ck.track(five_loans(), plain(), dates=[AS_OF])) == [*ASSESS, "paid_in_period", "bucket_before"]


def test_allocate_has_the_columns_of_the_contract():
    assert list(ck.allocate(five_loans(), plain(), as_of=AS_OF)) == ALLOCATE


def test_bucket_holds_all_buckets_in_order():
    bucket = ck.assess(five_loans(), plain(), as_of=AS_OF)["bucket"]
    assert list(bucket.cat.categories) == ["M0", "M1", "M2", "M3", "M4", "M5", "M6", "M6+"]
    assert bucket.cat.ordered


@pytest.mark.parametrize("call", [ck.assess, ck.allocate])
def test_no_rows_keep_the_dtypes(call):
    some, none = (call(five_loans(), plain(), as_of=day) for day in (AS_OF, "2024-01-01"))
    assert len(none) == 0
    pd.testing.assert_series_equal(none.dtypes, some.dtypes)


@pytest.mark.parametrize("kind", ["typed", "untyped"])
def test_empty_tables_give_empty_results_of_the_same_dtypes(kind):
    empty = {
        name: frame.iloc[:0] if kind == "typed" else pd.DataFrame(columns=frame.columns)
        for name, frame in tables().items()
    }
    none, some = (ck.assess(ck.Portfolio(**t), plain(), as_of=AS_OF) for t in (empty, tables()))
    assert len(none) == 0
    assert none.drop(columns="channel").dtypes.equals(some.drop(columns="channel").dtypes)


def test_a_portfolio_without_payments_works():
    book = {**tables(), "payments": tables()["payments"].iloc[:0]}
    assert ck.assess(ck.Portfolio(**book), plain(), as_of=AS_OF)["paid_to_date"].tolist() == [0] * 5


# Track.


def test_paid_in_period_is_the_cash_after_the_previous_date_up_to_this_one():
    loan = one_loan("2025-01-01 1000", "2025-01-31 10; 2025-02-01 20; 2025-02-28 40; 2025-03-01 80")
    panel = ck.track(loan, plain(), dates=["2025-01-31", "2025-02-28", "2025-03-31"])
    assert panel["paid_in_period"].isna().tolist() == [True, False, False]
    assert panel["paid_in_period"].tolist()[1:] == [60, 80]


def test_all_cash_of_a_loan_disbursed_in_the_period_is_in_the_period():
    loan = one_loan("2025-03-01 1000", "2025-02-10 30", disbursed="2025-02-05")
    panel = ck.track(loan, plain(), dates=["2025-01-31", "2025-02-28"])
    assert panel["paid_in_period"].tolist() == [30]


def test_bucket_before_is_the_bucket_of_the_previous_date():
    panel = ck.track(one_loan("2025-01-01 1000"), plain(), dates=["2025-01-01", "2025-01-31", "2025-02-01"])
    assert panel["bucket"].tolist() == ["M0", "M1", "M2"]
    assert panel["bucket_before"].tolist()[1:] == ["M0", "M1"]
    assert panel["bucket_before"].isna().tolist() == [True, False, False]


def test_a_loan_disbursed_later_has_no_bucket_before():
    loan = one_loan("2025-03-01 1000", disbursed="2025-02-05")
    panel = ck.track(loan, plain(), dates=["2025-01-31", "2025-02-28", "2025-03-31"])
    assert panel["bucket_before"].isna().tolist() == [True, False]


def test_track_of_one_date_is_assess():
    one = ck.track(five_loans(), plain(), dates=[AS_OF])[ASSESS]
    pd.testing.assert_frame_equal(one, ck.assess(five_loans(), plain(), as_of=AS_OF))


def test_paid_in_period_adds_up_to_paid_to_date():
    panel = ck.track(five_loans(), plain(), dates=["2024-09-30", "2025-02-28", AS_OF])
    assert panel.groupby("loan_id")["paid_in_period"].sum().tolist() == FIVE["paid_to_date"]


# Channel: the nights from placement_date to the day before recall_date.


@pytest.mark.parametrize(
    ("as_of", "channel"),
    [("2025-02-09", "in_house"), ("2025-02-10", "North"), ("2025-02-19", "North"), ("2025-02-20", "in_house")],
)
def test_at_the_end_of_a_day_the_loan_is_with(as_of, channel):
    loan = one_loan("2025-01-01 1000", placements="North 2025-02-10 2025-02-20")
    assert assessed(loan, plain(), as_of)["channel"] == channel


@pytest.mark.parametrize(
    ("value_date", "channel"),
    [("2025-02-10", "in_house"), ("2025-02-11", "North"), ("2025-02-20", "North"), ("2025-02-21", "in_house")],
)
def test_money_belongs_to_whoever_had_the_loan_the_night_before(value_date, channel):
    loan = one_loan("2025-01-01 1000", f"{value_date} 100", placements="North 2025-02-10 2025-02-20")
    assert set(ck.allocate(loan, plain(), as_of="2025-12-31")["channel"]) == {channel}


def test_on_the_day_a_loan_changes_hands_the_money_is_the_first_agencys():
    loan = one_loan("2025-01-01 1000", "2025-02-20 50; 2025-02-21 60",
                    placements="North 2025-02-10 2025-02-20; South 2025-02-20")  # fmt: skip
    found = ck.allocate(loan, plain(), as_of="2025-12-31")
    assert found.groupby("payment_id")["channel"].first().tolist() == ["North", "South"]


def test_many_agencies_keep_their_names():
    count = 300
    ids = [f"L{n:03}" for n in range(count)]
    loans = pd.DataFrame({"loan_id": ids, "product": "consumer", "disbursement_date": pd.Timestamp("2025-01-01"),
                          "principal": 100.0, "annual_rate": 0.1})  # fmt: skip
    due = pd.DataFrame({"loan_id": ids, "instalment_no": 1, "due_date": pd.Timestamp("2025-02-01"),
                        "principal": 100.0, "interest": 0.0})  # fmt: skip
    placed = pd.DataFrame({"placement_id": ids, "loan_id": ids, "agency": [f"Agency {i}" for i in ids],
                           "placement_date": pd.Timestamp("2025-02-10")})  # fmt: skip
    book = ck.Portfolio(loans=loans, instalments=due, payments=tables()["payments"].iloc[:0], placements=placed)
    assert ck.assess(book, plain(), as_of=AS_OF)["channel"].tolist() == [f"Agency {i}" for i in ids]


# Days of a payment.


def test_days_late_and_days_past_due_of_a_payment():
    loan = one_loan("2025-01-01 100; 2025-02-01 100; 2025-03-01 100", "2025-02-10 250")
    found = ck.allocate(loan, plain('penalty = { daily_rate = "0" }'), as_of="2025-12-31")
    assert found["instalment_no"].tolist() == [1, 2, 3]
    assert found["days_late"].tolist() == [40, 9, 0]
    assert found["days_past_due"].tolist() == [40, 40, 40]
    assert set(found["bucket"]) == {"M2"}


def test_the_second_payment_of_a_day_sees_what_the_first_left():
    loan = one_loan("2025-01-01 100; 2025-02-01 100", "2025-02-10 100; 2025-02-10 30")
    found = ck.allocate(loan, plain('penalty = { daily_rate = "0" }'), as_of="2025-12-31")
    assert found["days_past_due"].tolist() == [40, 9]


def test_a_recovery_on_a_closed_loan_has_no_days_past_due():
    loan = one_loan("2025-01-01 100", "2025-06-01 30", loan='closed_date = "2025-05-01"; close_code = "sold"')
    found = ck.allocate(loan, plain('penalty = { daily_rate = "0" }'), as_of="2025-12-31")
    assert (found["days_past_due"].item(), found["days_late"].item(), found["bucket"].item()) == (0, 151, "M0")


def test_unapplied_money_has_no_instalment():
    found = ck.allocate(one_loan("2025-01-01 100", "2025-01-01 130"), plain(), as_of="2025-12-31")
    assert found["instalment_no"].isna().tolist() == [False, True]
    assert found["days_late"].tolist() == [0, 0]


def test_a_payment_not_yet_known_is_not_allocated():
    loan = one_loan("2025-01-01 100", "2025-01-11 20 posted=2025-01-20")
    assert len(ck.allocate(loan, plain(), as_of="2025-01-15", known_on="2025-01-19")) == 0
    assert len(ck.allocate(loan, plain(), as_of="2025-01-15", known_on="2025-01-20")) > 0


# Customers, classes, schemes, terms.


def test_customer_days_are_those_of_the_worst_loan_there_on_that_day():
    days = {day: ck.assess(five_loans(), plain(), as_of=day).set_index("loan_id") for day in ("2025-01-10", AS_OF)}
    assert days[AS_OF]["customer_days_past_due"]["B"] == 59
    assert days["2025-01-10"]["customer_days_past_due"]["C"] == 0


def test_loans_without_a_customer_stand_alone():
    book = {**tables(), "loans": tables()["loans"].assign(customer_id=None)}
    day = ck.assess(ck.Portfolio(**book), plain(), as_of=AS_OF)
    assert day["customer_days_past_due"].tolist() == day["days_past_due"].tolist()


def test_a_portfolio_without_the_customer_column_works():
    book = {**tables(), "loans": tables()["loans"].drop(columns="customer_id")}
    day = ck.assess(ck.Portfolio(**book), plain(), as_of=AS_OF)
    assert day["customer_days_past_due"].tolist() == [0, 1, 59, 0, 0]


def test_before_july_2023_there_is_no_asset_class():
    policy, loan = ck.load_policy("cn-microloan"), one_loan("2023-01-01 1000", disbursed="2022-12-01")
    panel = ck.track(loan, policy, dates=["2023-06-30", "2023-07-01"])
    assert panel["asset_class"].isna().tolist() == [True, False]
    assert panel["asset_class"].tolist()[1] == "substandard"


def test_another_scheme_gives_its_own_buckets():
    row = assessed(one_loan("2025-01-01 1000"), ck.load_policy("cn-microloan"), "2025-01-19", scheme="manual-003")
    assert (row["days_past_due"], row["bucket"]) == (18, "18-30")


def test_the_version_of_the_terms_goes_by_the_disbursement_date():
    # cn-microloan: ceiling of 24 % from 2017-08-04 on; 1.5 × 18 % = 27 % before
    policy = ck.load_policy("cn-microloan")
    penalties = [
        assessed(one_loan("2020-01-01 10000", disbursed=day), policy, "2020-02-15")["penalty"]
        for day in ("2017-08-03", "2017-08-04")
    ]
    assert penalties == [337.5, 300.0]


# Bad calls.


def test_a_product_without_terms_is_an_error_that_names_the_loans():
    policy = plain('product = "*"')
    only = policy.model_copy(update={"terms": (policy.terms[0].model_copy(update={"product": "vehicle"}),)})
    with pytest.raises(
        ck.PolicyError, match=r"no terms for 3 of 5 loans \(product consumer; the first disbursed on 2025-01-01\)"
    ):
        ck.assess(five_loans(), only, as_of=AS_OF)


def test_a_loan_disbursed_before_the_first_terms_is_an_error():
    loan = one_loan("2003-06-01 1000", disbursed="2003-05-01")
    with pytest.raises(ck.PolicyError, match="no terms for 1 of 1 loans"):
        ck.assess(loan, ck.load_policy("cn-microloan"), as_of=AS_OF)


@pytest.mark.parametrize("as_of", [None, "", "yesterday", 20250331, pd.NaT, "2025-03-31 10:00", "2025-02-30",
                                   pd.Timestamp("2025-03-31", tz="Asia/Shanghai"), "1900-01-01"])  # fmt: skip
def test_as_of_that_is_no_calendar_date_is_refused(as_of):
    with pytest.raises(ck.CallError, match="as_of"):
        ck.assess(five_loans(), plain(), as_of=as_of)


def test_as_of_must_be_given():
    with pytest.raises(TypeError, match="as_of"):
        ck.assess(five_loans(), plain())


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ([], "empty"),
        (["2025-02-28", "2025-01-31"], "ascend"),
        (["2025-02-28", "2025-02-28"], "repeat"),
        ("2025-02-28", "list of dates"),
        (pd.Timestamp("2025-02-28"), "list of dates"),
        (None, "list of dates"),
    ],
)
def test_dates_of_track_are_checked(days, words):
    with pytest.raises(ck.CallError, match=words):
        ck.track(five_loans(), plain(), dates=days)


def test_an_unknown_scheme_lists_the_schemes():
    with pytest.raises(ck.CallError, match=r"weeks.*months"):
        ck.assess(five_loans(), plain(), as_of=AS_OF, scheme="weeks")


@pytest.mark.parametrize("call", [ck.assess, ck.allocate])
def test_a_policy_by_name_is_refused_with_what_to_do(call):
    with pytest.raises(ck.CallError, match="load_policy"):
        call(five_loans(), "plain", as_of=AS_OF)


def test_a_rate_with_too_many_decimals_is_refused():
    loan = one_loan("2025-01-01 1000", loan='annual_rate = "0.12345678901234567"')
    with pytest.raises(ck.PortfolioError, match=r"loans.annual_rate.*too many decimals.*L1"):
        ck.assess(loan, plain('penalty = { multiple_of_contract = "1.5" }'), as_of=AS_OF)


def test_a_policy_rate_with_too_many_decimals_is_refused():
    with pytest.raises(ck.CollectkitError, match="in the policy, with fewer decimals"):
        ck.assess(five_loans(), plain('penalty = { daily_rate = "0.00033333333333333333" }'), as_of=AS_OF)
