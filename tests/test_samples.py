"""The samples load and hold together; the simulation does what its calibration says."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from collectkit import samples
from collectkit.columns import TABLES as ALL_TABLES
from collectkit.errors import CallError
from collectkit.portfolio import Portfolio
from collectkit.simulation import simulate_portfolio, simulate_tables

#: The simulated lender states no figures of its own.
TABLES = {name: table for name, table in ALL_TABLES.items() if name != "stated"}

MONTHS = 36
ENDS = pd.date_range("2023-07-31", periods=MONTHS, freq="ME")
END = ENDS[-1]

# House calibration: share of loans that go from Mk to Mk+1 between two month ends.
ROLL_RATES = {0: 0.030, 1: 0.22, 2: 0.60, 3: 0.75, 4: 0.82, 5: 0.86, 6: 0.90}
WITHIN = {0: 0.004, 1: 0.02}  # what a book of this size allows; the others 0.04
CURE_SHARES = {1: 0.85, 2: 0.70, 3: 0.50, 4: 0.35, 5: 0.25, 6: 0.20}  # of those that do not roll; ± 0.08
EARLY_CURVE = {3: 0.45, 7: 0.65, 15: 0.80}  # days late: share of late instalments paid by then; ± 0.02


@pytest.fixture(scope="module")
def book():
    return simulate_tables(loans=60_000, months=MONTHS, seed=5)


@pytest.fixture(scope="module")
def small():
    return simulate_tables(loans=2_000, months=20, seed=7)


def cents(amount):
    return (amount * 100).round().astype("int64")


def standing(book):
    return book["payments"][book["payments"]["reversal_date"].isna()]


@pytest.fixture(scope="module")
def schedule(book):
    """Instalments due while the loan was open, and the day its cash, used oldest first, covered them."""
    loans = book["loans"]
    number = pd.Series(np.arange(len(loans)), index=loans["loan_id"])
    paid = standing(book).assign(loan=lambda p: number[p["loan_id"]].to_numpy())
    paid = paid.sort_values(["loan", "value_date"])
    due = book["instalments"].assign(loan=lambda i: number[i["loan_id"]].to_numpy())
    owed = due["principal"] + due["interest"] + due["fee"]
    apart = 10**12  # cents: more than any loan, so that one sorted line holds all loans
    line = paid["loan"] * apart + cents(paid["amount"]).groupby(paid["loan"]).cumsum()
    at = np.searchsorted(line, due["loan"] * apart + cents(owed).groupby(due["loan"]).cumsum())
    inside = at.clip(max=len(paid) - 1)
    is_covered = (at < len(paid)) & (paid["loan"].to_numpy()[inside] == due["loan"].to_numpy())
    due["covered"] = np.where(is_covered, paid["value_date"].to_numpy()[inside], np.datetime64("2200-01-01"))
    return due[~(due["due_date"] > loans["closed_date"].to_numpy()[due["loan"]])]


@pytest.fixture(scope="module")
def moves(book, schedule):
    """Shares by months past due (0 … 7) at a month end and at the next one (8: closed)."""
    loans = book["loans"]
    at_ends = []
    for end in ENDS:
        late = schedule[(schedule["due_date"] < end) & (schedule["covered"] > end)]
        days = (end - late.groupby("loan")["due_date"].min()).dt.days
        months = days.reindex(range(len(loans)), fill_value=0).add(29).floordiv(30).clip(upper=7)
        is_open = (loans["disbursement_date"] <= end) & ~(loans["closed_date"] <= end)
        at_ends.append(months.where(is_open, 8).where(loans["disbursement_date"] <= end, -1).to_numpy())
    before, after = np.concatenate(at_ends[:-1]), np.concatenate(at_ends[1:])
    inside = (before >= 0) & (before < 8)
    return pd.crosstab(before[inside], after[inside], normalize="index")


def test_same_seed_gives_the_same_tables(small):
    again = simulate_tables(loans=2_000, months=20, seed=7)
    for name in TABLES:
        pd.testing.assert_frame_equal(small[name], again[name])


def test_another_seed_gives_another_book(small):
    assert not small["loans"].equals(simulate_tables(loans=2_000, months=20, seed=8)["loans"])


@pytest.mark.parametrize(
    ("loans", "months", "end"), [(1, 1, "2020-02-29"), (1, 36, "2023-01-31"), (500, 60, "2025-01-31")]
)
def test_every_size_makes_a_portfolio(loans, months, end):
    portfolio = simulate_portfolio(loans=loans, months=months, start="2020-02-01")
    assert len(portfolio.loans) == loans
    assert portfolio.loans["disbursement_date"].between("2020-02-01", end).all()


@pytest.mark.parametrize("wrong", [{"loans": 0}, {"months": 0}, {"months": 121}, {"start": "2023-07-02"}])
def test_wrong_calls_are_refused(wrong):
    with pytest.raises(CallError):
        simulate_tables(**wrong)


def test_tables_are_those_of_a_portfolio(small):
    assert list(small) == list(TABLES)
    for name, frame in small.items():
        assert set(TABLES[name].required) <= set(frame.columns) <= set(TABLES[name].columns)
    Portfolio(**small)


def test_nothing_but_due_dates_is_after_the_end(book):
    for frame in book.values():
        for name in frame.select_dtypes("datetime").columns.drop("due_date", errors="ignore"):
            assert not (frame[name] >= END + pd.Timedelta(days=1)).any()


def test_instalments_pay_back_the_principal_to_the_cent(book):
    repaid = book["instalments"].groupby("loan_id")["principal"].sum()
    lent = book["loans"].set_index("loan_id")["principal"]
    assert ((repaid - lent).abs() < 0.005).all()
    assert (book["instalments"][["principal", "interest"]] > 0).all(axis=None)


def test_instalments_of_a_loan_are_equal_but_the_last(book):
    instalments = book["instalments"][book["instalments"].duplicated("loan_id", keep="last")]
    total = (instalments["principal"] + instalments["interest"]).groupby(instalments["loan_id"])
    assert (total.max() - total.min()).max() < 0.005


def test_days_come_in_order(book):
    paid = book["payments"].merge(book["loans"], on="loan_id")
    assert (paid["value_date"] >= paid["disbursement_date"]).all()
    assert (paid["posting_date"] >= paid["value_date"]).all()
    assert not (paid["reversal_date"] < paid["posting_date"]).any()
    assert (book["pauses"]["end_date"] >= book["pauses"]["start_date"]).all()


def test_a_paid_off_loan_closes_on_the_day_of_its_last_payment(book):
    last = standing(book).groupby("loan_id")["value_date"].max()
    paid_off = book["loans"].query("close_code == 'paid_off'").set_index("loan_id")["closed_date"]
    assert (last[paid_off.index] == paid_off).all()


def test_only_written_off_loans_bring_money_after_they_are_closed(book):
    paid = book["payments"].merge(book["loans"], on="loan_id")
    assert set(paid[paid["value_date"] > paid["closed_date"]]["close_code"]) == {"written_off"}


def test_placements_start_after_ninety_days_and_never_overlap(book, schedule):
    placed = book["placements"].sort_values(["loan_id", "placement_date"])
    before = placed.groupby("loan_id")["recall_date"].shift()
    is_second = placed["placement_no"] == 2
    assert (placed["placement_date"] > before)[is_second].all()
    assert (placed["agency"] != placed.groupby("loan_id")["agency"].shift())[is_second].all()
    due = schedule.merge(placed[placed["placement_no"] == 1], on="loan_id")
    oldest = due[due["covered"] >= due["placement_date"]].groupby("loan_id")["due_date"].min()
    days = placed[placed["placement_no"] == 1].set_index("loan_id")["placement_date"] - oldest
    assert (days.dt.days > 90).mean() > 0.99  # penalty paid with the cash makes this count a little early


def test_loans_roll_as_calibrated(moves):
    rates = {k: moves.at[k, k + 1] for k in ROLL_RATES}
    assert rates == {k: pytest.approx(rate, abs=WITHIN.get(k, 0.04)) for k, rate in ROLL_RATES.items()}


def test_loans_that_do_not_roll_are_cured_or_stay_as_calibrated(moves):
    cured = {k: (moves.at[k, 0] + moves.at[k, 8]) / (1 - moves.at[k, k + 1]) for k in CURE_SHARES}
    assert cured == {k: pytest.approx(share, abs=0.08) for k, share in CURE_SHARES.items()}


def test_late_instalments_are_paid_on_the_early_curve(schedule):
    is_behind = schedule.groupby("loan")["covered"].shift() >= schedule["due_date"]
    first = schedule[~is_behind & (schedule["due_date"] <= END - pd.Timedelta(days=31))]
    days = (first["covered"] - first["due_date"]).dt.days
    shares = {by: (days[days > 0] <= by).mean() for by in EARLY_CURVE}
    assert shares == {by: pytest.approx(share, abs=0.02) for by, share in EARLY_CURVE.items()}


def test_worse_grades_and_unsecured_loans_are_later(schedule, book):
    due = schedule[schedule["due_date"] < END].merge(book["loans"], on="loan_id")
    late = due["covered"] > due["due_date"]
    assert late.groupby(due["risk_grade"]).mean()[["AA", "A", "BB", "B", "CC"]].is_monotonic_increasing
    assert late[~due["is_secured"]].mean() > late[due["is_secured"]].mean()


def test_agencies_differ_as_documented_among_like_loans(book):
    placed = book["placements"].merge(book["loans"], on="loan_id")
    placed = placed[placed["placement_date"] < END - pd.Timedelta(days=120)]
    median = book["loans"].groupby("product")["principal"].median()
    placed["size"] = np.digitize(placed["principal"] / placed["product"].map(median), [0.75, 1.35])
    cash = placed.merge(standing(book), on="loan_id")
    after = (cash["value_date"] - cash["placement_date"]).dt.days
    placed["pays"] = placed["placement_id"].isin(cash[after.between(1, 120)]["placement_id"])
    like = placed.pivot_table(index=["product", "size"], columns="agency", values="pays", observed=True)
    weights = placed.groupby(["product", "size"]).size().loc[like.index]
    share = like.mul(weights, axis=0).sum() / weights.sum()
    assert share["Anxin"] < 0.85 * share["Borui"] < 0.85 * 0.9 * share["Chengda"]


def test_payments_come_late_in_parts_and_back(book):
    paid = book["payments"]
    assert 0.003 < paid["reversal_date"].notna().mean() < 0.008
    assert 0.04 < (paid["posting_date"] > paid["value_date"]).mean() < 0.10
    assert (paid["posting_date"] - paid["value_date"]).dt.days.max() <= 15
    assert set(book["loans"]["close_code"].dropna()) == {
        "paid_off",
        "written_off",
        "settled",
        "sold",
        "archived",
    }


def test_about_half_of_the_promises_are_kept(book):
    promises = book["promises"][book["promises"]["due_date"] <= END]
    cash = promises.merge(book["payments"].query("reversal_date.isna()"), on="loan_id", suffixes=("", "_paid"))
    in_time = cash["value_date"].between(cash["promised_date"], cash["due_date"])
    paid = cash[in_time].groupby("promise_id")["amount_paid"].sum()
    kept = paid.reindex(promises["promise_id"], fill_value=0).to_numpy() >= 0.9 * promises["amount"].to_numpy()
    assert kept.mean() == pytest.approx(0.55, abs=0.04)


def test_contacts_keep_the_rules_but_for_a_few_planted_breaches(book):
    contacts = book["contacts"]
    hour = contacts["contacted_at"].dt.hour
    at_night = (hour < 8) | (hour >= 22)
    a_day = contacts.groupby(["loan_id", contacts["contacted_at"].dt.date]).size()
    told = contacts["note"].fillna("").str.startswith("told")
    assert 0 < at_night.mean() < 0.002
    assert 0 < (a_day > 3).mean() < 0.002
    assert 0 < told.mean() < 0.002
    assert (contacts["recorded_at"] >= contacts["contacted_at"]).all()


def test_contacts_are_made_by_who_has_the_loan_and_has_joined(book):
    calls = book["contacts"].query("collector_id.notna()").merge(book["collectors"], on="collector_id")
    assert (calls["agency_x"].fillna("") == calls["agency_y"].fillna("")).all()
    assert (calls["contacted_at"] >= calls["start_date"]).all()


def test_demo_loads_as_a_portfolio():
    demo = samples.load_sample("demo")
    assert isinstance(demo, Portfolio)
    assert len(demo.loans) == 3_000
    assert demo.loans["disbursement_date"].between("2023-07-01", "2025-12-31").all()
    assert all(len(demo.table(name)) for name in TABLES)


def test_demo_files_are_those_of_the_simulation(tmp_path):
    samples.write_demo(tmp_path)
    committed = samples._folder() / "demo"
    assert {p.name for p in committed.iterdir()} == {p.name for p in tmp_path.iterdir()}
    changed = [p.name for p in tmp_path.iterdir() if p.read_bytes() != (committed / p.name).read_bytes()]
    assert not changed, "run `make samples` and say in CHANGELOG.md why the demo changed"


def test_data_dictionary_is_in_step_with_the_nomenclature():
    demo = samples.load_sample("demo")
    folder = samples._folder() / "demo"
    columns = {name: list(pd.read_csv(folder / f"{name}.csv", nrows=0)) for name in TABLES}
    tables = {name: demo.table(name)[columns[name]] for name in TABLES}
    text = (folder / "README.md").read_text(encoding="utf-8")
    assert text == samples.data_dictionary(tables)
    assert "illustrative" in text


def test_samples_stay_small_and_readable():
    sizes = {p.name: p.stat().st_size for p in (samples._folder() / "demo").iterdir()}
    assert sum(sizes.values()) < 6_000_000
    assert all(name.endswith((".csv", ".md")) for name in sizes)


def test_list_of_samples_counts_their_rows():
    listed = samples.list_samples().set_index("name")
    demo = samples.load_sample("demo")
    assert listed.loc["demo", "rows"] == sum(len(demo.table(name)) for name in TABLES)
    assert listed.loc["uci_credit_card", "rows"] == len(samples.load_sample("uci_credit_card"))
    assert "CC BY 4.0" in listed.loc["uci_credit_card", "licence"]


def test_unknown_sample_lists_the_known_ones():
    with pytest.raises(CallError, match="demo, uci_credit_card"):
        samples.load_sample("uci")


def test_uci_cards_move_as_counted_in_the_source():
    """August to September 2005, from not late (codes −2, −1 and 0 together), by count."""
    cards = samples.load_sample("uci_credit_card").set_index("customer_id")
    august = cards.loc[cards["month"] == "2005-08-31", "months_past_due"]
    september = cards.loc[cards["month"] == "2005-09-30", "months_past_due"]
    assert september[august == 0].value_counts()[[0, 1, 2]].tolist() == [22_735, 1_836, 991]


def test_uci_cards_are_tidy_and_say_whose_they_are():
    cards = samples.load_sample("uci_credit_card")
    assert not cards.duplicated(["customer_id", "month"]).any()
    assert cards.groupby("month").size().tolist() == [30_000] * 6
    assert (cards["bill_amount"] < 0).any()
    assert (cards["months_past_due"] == cards["status_code"].clip(lower=0)).all()
    assert "I-Cheng Yeh" in cards.attrs["attribution"]
    assert "CC BY 4.0" in (samples._folder() / "uci_credit_card" / "README.md").read_text(encoding="utf-8")


def test_samples_and_policies_work_from_an_installed_wheel(tmp_path):
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, check=True, cwd=Path(__file__).parents[1], capture_output=True)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        wheel.extractall(tmp_path / "installed")
    code = (
        "import collectkit as ck; print(ck.__file__); "
        "print(len(ck.load_sample('demo').loans), len(ck.load_sample('uci_credit_card')), ck.load_policy().name)"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "installed")}
    ran = subprocess.run(
        [sys.executable, "-c", code], check=True, cwd=tmp_path, capture_output=True, text=True, env=environment
    )
    place, figures = ran.stdout.splitlines()
    assert place.startswith(str(tmp_path / "installed"))
    assert figures == "3000 180000 cn-microloan"
