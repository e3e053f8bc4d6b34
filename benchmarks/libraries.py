"""Against other people's libraries, on the same data in the same run.

Polars and DuckDB answer days past due only, as in `benchmarks.rivals`. repaykit works out late charges loan by loan,
roll-rate-analysis and transitionMatrix count moves from bucket to bucket between two month ends. Each library gets
its own kind of table beforehand, which is not counted. Those that loop over rows in Python are timed on a sample, and
their seconds scaled to all loans.
"""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd

from benchmarks.cases import _last_date, _ready, _some, _sorted
from benchmarks.measuring import fastest
from benchmarks.rivals import HALF_A_CENT, days_past_due

Figures = dict[str, Any]
SAMPLE = 500
"""Loans given to a library that loops over rows in Python."""
_LEDGER = ("loans", "instalments", "payments")
_SQL = f"""
    with cash as (
        select loan_id, sum(amount) as paid from payments
        where value_date <= $as_of and reversal_date is null group by loan_id),
    due as (
        select loan_id, due_date, sum(principal + interest + fee) over (partition by loan_id order by due_date) as owed
        from instalments where due_date < $as_of),
    oldest as (
        select due.loan_id, min(due_date) as since from due left join cash using (loan_id)
        where owed > coalesce(paid, 0) + {HALF_A_CENT} group by due.loan_id)
    select loan_id, coalesce(date_diff('day', since, $as_of), 0) as days_past_due
    from loans left join oldest using (loan_id)
"""


def days_past_due_polars(frames: dict[str, Any], as_of: date) -> Any:
    """Days past due of every loan on one date, by lazy Polars."""
    import polars as pl

    loans, instalments, payments = (frames[name].lazy() for name in _LEDGER)
    is_paid = (pl.col("value_date") <= as_of) & pl.col("reversal_date").is_null()
    cash = payments.filter(is_paid).group_by("loan_id").agg(paid=pl.col("amount").sum())
    amount = pl.col("principal") + pl.col("interest") + pl.col("fee")
    due = instalments.filter(pl.col("due_date") < as_of).with_columns(owed=amount.cum_sum().over("loan_id"))
    is_unpaid = pl.col("owed") > pl.col("paid").fill_null(0) + HALF_A_CENT
    oldest = (
        due.join(cash, on="loan_id", how="left").filter(is_unpaid).group_by("loan_id").agg(pl.col("due_date").min())
    )
    days = (pl.lit(as_of) - pl.col("due_date").cast(pl.Date)).dt.total_days().fill_null(0)
    return loans.join(oldest, on="loan_id", how="left").select("loan_id", days_past_due=days).collect()


def one_date(folder: str, loans: str) -> Figures:
    """Seconds of each way to answer for the last date, by turns, and whether Polars, DuckDB and pandas agree."""
    import duckdb
    import polars as pl

    import collectkit as ck

    policy, portfolio, tables = ck.load_policy(), _ready(folder), _sorted(folder)
    day = _last_date(tables)
    frames = {name: pl.from_pandas(tables[name]) for name in _LEDGER}
    database = duckdb.connect()
    for name in _LEDGER:
        database.register("given", tables[name])
        database.execute(f"create table {name} as select * from given")
    database.unregister("given")

    def sql() -> Any:
        return database.execute(_SQL, {"as_of": day.to_pydatetime()}).fetchnumpy()

    def by_polars() -> Any:
        return days_past_due_polars(frames, day.date())

    expected = days_past_due(tables, day).sort_index()
    polars_days, rows = by_polars(), sql()
    found = {
        "polars": pd.Series(polars_days["days_past_due"].to_numpy(), polars_days["loan_id"].to_list()),
        "duckdb": pd.Series(rows["days_past_due"], list(rows["loan_id"])),
    }
    equal = all((days.sort_index().to_numpy() == expected.to_numpy()).all() for days in found.values())
    return {
        **fastest(3, assess=lambda: ck.assess(portfolio, policy, as_of=day), polars=by_polars, duckdb=sql),
        "equal": bool(equal),
    }


def late_charges(folder: str, loans: str) -> Figures:
    """Seconds to penalise a sample loan by loan with repaykit, scaled to all loans.

    repaykit makes its schedules itself, so each loan gets one of the same amount, rate and number of months, and the
    payments of ours: the work is alike, the figures are not compared.
    """
    from repaykit import Loan, LoanAccount
    from repaykit.policies import LateChargePolicy

    some = _some(_sorted(folder), SAMPLE)
    day = _last_date(some).date()
    months = some["instalments"].groupby("loan_id").size()
    receipts = dict(list(some["payments"].groupby("loan_id")))
    penalty = LateChargePolicy(rate=Decimal("0.0005"), basis="daily")

    def charges() -> None:
        for row in some["loans"].itertuples():
            loan = Loan.create(amount=Decimal(str(row.principal)), annual_rate=Decimal(str(row.annual_rate)),
                               term=f"{months[row.loan_id]} months", payment_frequency="monthly",
                               method="reducing_balance", start_date=row.disbursement_date.date())  # fmt: skip
            loan.late_charge_policy = penalty
            account = LoanAccount(loan)
            if row.loan_id in receipts:
                for paid in receipts[row.loan_id].itertuples():
                    account.add_payment(amount=Decimal(str(paid.amount)), paid_at=paid.value_date.date())
            account.late_charges(as_of=day)

    return {"repaykit": fastest(1, each=charges)["each"] * int(loans) / len(some["loans"])}


def moves(folder: str, loans: str) -> Figures:
    """Seconds to count the moves between the last two month ends, and whether all find the same numbers."""
    import polars as pl
    from roll_rate_analysis import MOMRollRateTable
    from transitionMatrix.estimators.cohort_estimator import CohortEstimator
    from transitionMatrix.statespaces.statespace import StateSpace

    import collectkit as ck

    portfolio = _ready(folder)
    dates = ck.month_ends(portfolio.first_date, portfolio.last_date)[-2:]
    panel = ck.track(portfolio, ck.load_policy(), dates=dates)
    here = panel[panel["status"].isin(["current", "overdue"])]
    here = here.assign(
        state=here["bucket"].cat.codes.astype("int64"), month=(here["as_of"] == dates[1]).astype("int64")
    )
    before, after = (pl.from_pandas(here.loc[here["month"] == month, ["loan_id", "state"]]) for month in (0, 1))
    buckets = len(panel["bucket"].cat.categories)
    both = here[here.duplicated("loan_id", keep=False)].assign(ID=lambda rows: rows["loan_id"].factorize()[0])
    both = both[["ID", "month", "state"]].set_axis(["ID", "Time", "State"], axis=1).sort_values(["ID", "Time"])
    some = both.head(2 * SAMPLE).reset_index(drop=True)

    pairs = some["State"].to_numpy().reshape(-1, 2)

    def ours() -> Any:
        cube = ck.tracking.cube(panel, portfolio.loans, by=())
        return cube.total("loans", "state_before", "state")[:buckets, :buckets]

    def theirs() -> Any:
        table = MOMRollRateTable(before, after, unique_key_col="loan_id", delinquency_col="state", max_delq=buckets - 1)
        return table.compute().drop("from_state").to_numpy()

    def cohorts() -> Any:
        states = StateSpace([(str(state), str(state)) for state in range(buckets)])
        bounds, interval = [0, 1], {"method": "goodman", "alpha": 0.05}
        estimator = CohortEstimator(states=states, cohort_bounds=bounds, ci=interval)
        estimator.fit(some)
        counts = estimator.count_set[0]
        counts[tuple(pairs[-1])] -= 1  # transitionMatrix 0.5.1 counts the last pair of rows twice
        return counts

    counted = pd.crosstab(pairs[:, 0], pairs[:, 1]).reindex(range(buckets), axis=0).reindex(range(buckets), axis=1)
    taken = fastest(2, ours=ours, theirs=theirs, cohorts=cohorts)
    return {
        "cube_of_two_months": taken["ours"], "roll_rate_analysis": taken["theirs"],
        "transition_matrix": taken["cohorts"] * len(both) / len(some),
        "moves_equal": bool((ours() == theirs()).all() and (counted.fillna(0).to_numpy() == cohorts()).all()),
    }  # fmt: skip


CASES = ("one_date", "late_charges", "moves")
ROWS = (
    ("assess: days past due, penalty, buckets, every amount", "assess"),
    ("Polars: days past due only", "polars"),
    ("DuckDB SQL: days past due only", "duckdb"),
    (f"repaykit: late charges, loan by loan ({SAMPLE:,} loans, scaled)", "repaykit"),
    ("cube of two months: moves from bucket to bucket", "cube_of_two_months"),
    ("roll-rate-analysis: the same moves", "roll_rate_analysis"),
    (f"transitionMatrix: the same moves ({SAMPLE:,} loans, scaled)", "transition_matrix"),
)
RATIOS = (
    ("Polars ÷ assess", "polars", "assess"),
    ("DuckDB ÷ assess", "duckdb", "assess"),
    ("repaykit ÷ assess", "repaykit", "assess"),
    ("roll-rate-analysis ÷ cube", "roll_rate_analysis", "cube_of_two_months"),
    ("transitionMatrix ÷ cube", "transition_matrix", "cube_of_two_months"),
)


def table(found: dict[int, Figures]) -> str:
    """Seconds and ratios as Markdown, one column per size."""
    from tabulate import tabulate

    rows = [[what, *(f"{figures[name]:,.3f} s" for figures in found.values())] for what, name in ROWS]
    rows += [[what, *(f"{f[top] / f[bottom]:,.1f} ×" for f in found.values())] for what, top, bottom in RATIOS]
    rows.append(["days past due equal", *("yes" if figures["equal"] else "NO" for figures in found.values())])
    rows.append(["moves equal", *("yes" if figures["moves_equal"] else "NO" for figures in found.values())])
    return tabulate(rows, ["", *(f"{loans:,} loans" for loans in found)], tablefmt="github", disable_numparse=True)


def measured(folder: str, loans: int) -> Figures:
    """All figures of one size, each case in a process of its own."""
    found: Figures = {}
    for case in CASES:
        words = [sys.executable, "-m", "benchmarks.libraries", case, folder, str(loans)]
        found |= json.loads(subprocess.run(words, stdout=subprocess.PIPE, check=True).stdout)
    return found


if __name__ == "__main__":
    print(json.dumps(globals()[sys.argv[1]](*sys.argv[2:])))
