"""Questions of the final assessment: drawn by chance and from the demo, answered by collectkit when asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

import collectkit as ck
from collectkit import agencies, casework, development, tracking
from collectkit import scenarios as sc
from collectkit.unpaid import unpaid_instalments
from collectkit.workdays import is_workday

YEAR = 2025
STATEMENTS = (
    ("Chengda", "2025-05"), ("Chengda", "2025-06"), ("Anxin", "2025-03"), ("Anxin", "2025-10"), ("Borui", "2025-07"),
)  # fmt: skip
MODES = {"threshold": "超过宽限期从应还日起算", "subtract": "从宽限期满后起算"}


@dataclass(frozen=True)
class Question:
    """One question in both languages, with a table if it needs one, and its answer.

    Attributes
    ----------
    answer : float or date
    decimals : int or None
        To how many decimals a number is asked; None for a date.
    """

    en: str
    zh: str
    answer: Any
    decimals: int | None = 0
    table: pd.DataFrame | None = None


Chance = np.random.Generator


@cache
def _book() -> tuple[ck.Portfolio, ck.Policy, tracking.Cube]:
    """The demo, its policy, and its months."""
    book, policy = ck.load_sample("demo"), ck.load_policy("cn-microloan")
    panel = ck.track(book, policy, dates=ck.month_ends(book.first_date, f"{YEAR}-12-31"))
    return book, policy, tracking.cube(panel, book.loans)


def _day(chance: Chance) -> pd.Timestamp:
    return pd.Timestamp(f"{YEAR}-01-01") + pd.Timedelta(days=int(chance.integers(0, 300)))


def days_of_a_loan(chance: Chance) -> Question:
    """The oldest unpaid instalment sets the clock."""
    book, policy, _ = _book()
    as_of = _day(chance)
    loans = ck.assess(book, policy, as_of=as_of)
    paused = loans["loan_id"].isin(book.pauses["loan_id"])
    late = loans[loans["days_past_due"].between(32, 150) & loans["status"].eq("overdue") & ~paused]
    loan = late.iloc[int(chance.integers(len(late)))]
    unpaid = unpaid_instalments(book.selecting([loan["loan_id"]]), policy, as_of=as_of)
    return Question(
        f"Loan {loan['loan_id']}: what is not paid of the instalments due by {as_of:%Y-%m-%d}. How many days past due "
        "is it at the end of that day? (Grace is over, threshold; nothing is paused.)",
        f"贷款 {loan['loan_id']}：截至 {as_of:%Y-%m-%d} 已到期各期的未还部分。当日终了逾期多少天？"
        "（宽限期已过，threshold；无停计。）",
        int(loan["days_past_due"]),
        table=unpaid[["instalment_no", "due_date", "principal"]],
    )


def days_with_grace(chance: Chance) -> Question:
    """Both readings of grace."""
    due, grace, mode = _day(chance), int(chance.integers(2, 6)), str(chance.choice(list(MODES)))
    evening = due + pd.Timedelta(days=grace + int(chance.integers(1, 9)))
    return Question(
        f"Due {due:%Y-%m-%d}, {grace} days of grace, reading {mode}, nothing paid. Days past due at the end of "
        f"{evening:%Y-%m-%d}?",
        f"应还日 {due:%Y-%m-%d}，宽限 {grace} 天，算法 {mode}（{MODES[mode]}），未还。"
        f"{evening:%Y-%m-%d} 终了逾期多少天？",
        int(ck.days_past_due(due, evening, grace_days=grace, grace_mode=mode)),
    )


def penalty(chance: Chance) -> Question:
    """One balance."""
    amount, nights = int(chance.integers(20, 200)) * 100, int(chance.integers(5, 90))
    rate = str(chance.choice(["0.0003", "0.0004", "0.0005"]))
    return Question(
        f"{amount:,} of principal stand unpaid for {nights} nights at {float(rate):.2%} a day. Penalty, to the cent?",
        f"本金 {amount:,} 元停留 {nights} 晚未还，日利率 {float(rate):.2%}。罚息是多少（到分）？",
        ck.penalty_interest(amount, nights, daily_rate=rate), 2,
    )  # fmt: skip


def products(chance: Chance) -> Question:
    """Two balances."""
    amount, first, after = int(chance.integers(40, 90)) * 100, int(chance.integers(5, 20)), int(chance.integers(5, 20))
    part = int(chance.integers(10, 30)) * 100
    due = _day(chance)
    paid, last = due + pd.Timedelta(days=first), due + pd.Timedelta(days=first + after)
    stood = ck.penalty_interest(pd.Series([amount, amount - part]), pd.Series([first, after]), daily_rate="1")
    return Question(
        f"{amount:,} of principal were due on {due:%Y-%m-%d}. On {paid:%Y-%m-%d} {part:,} of it are paid, on "
        f"{last:%Y-%m-%d} the rest. Sum of the products?",
        f"本金 {amount:,} 元 {due:%Y-%m-%d} 应还。{paid:%Y-%m-%d} 还其中 {part:,}，{last:%Y-%m-%d} 还清其余。"
        "积数合计是多少？",
        float(stood.sum()),
    )


def roll_rate(chance: Chance) -> Question:
    """Of those who started."""
    _, _, months = _book()
    month, bucket = months.dates[-1 - int(chance.integers(0, 12))], str(chance.choice(["M1", "M2", "M3"]))
    step = months.where(as_of=month)
    went = tracking.transitions(step).query("state_before == @bucket and loans > 0")
    rates = tracking.roll_rates(step)
    return Question(
        f"Where the loans in {bucket} a month before stood on {month:%Y-%m-%d}. What percent rolled forward? "
        "(one decimal)",
        f"一个月前处于 {bucket} 的贷款在 {month:%Y-%m-%d} 的去向。向前滚动占百分之几？（一位小数）",
        100 * float(rates.loc[bucket, "rolled_forward"]), 1, went[["state_before", "state", "loans"]],
    )  # fmt: skip


def net_flow(chance: Chance) -> Question:
    """Two totals."""
    _, _, months = _book()
    at = -1 - int(chance.integers(0, 12))
    month, (low, high) = months.dates[at], (("M1", "M2"), ("M2", "M3"))[int(chance.integers(2))]
    mix = tracking.bucket_mix(months, weight="principal_balance").loc[[months.dates[at - 1], month], ["M1", "M2", "M3"]]
    return Question(
        f"Balances at two month ends. Net flow {low}→{high} in {month:%Y-%m}, in percent? (one decimal)",
        f"两个月末的余额。{month:%Y-%m} 的迁徙率 {low}→{high} 是百分之几？（一位小数）",
        100 * float(tracking.flow_rates(months).loc[month, f"{low}→{high}"]), 1, mix,
    )  # fmt: skip


def same_age(chance: Chance) -> Question:
    """Vintages at the last age both have reached."""
    _, _, months = _book()
    curves = tracking.vintages(months, days=30)
    young, old = sorted(chance.choice(np.arange(3, 15), 2, replace=False))
    pair = curves.iloc[[-1 - old, -1 - young]][[2, 3, 6, 9, 12]].round(4)
    age = [column for column in pair if pair[column].notna().all()][-1]
    names = [f"{name:%Y-%m}" for name in pair.index]
    return Question(
        "Ever more than 30 days late, after so many months on book. By how many points are the loans of "
        f"{names[1]} worse (+) or better (−) than those of {names[0]}, at the oldest age in the table that both have "
        "reached? (two decimals)",
        "曾经逾期超过 30 天的占比，各列为账龄（月）。取表中两者都已达到的最大账龄，"
        f"{names[1]} 比 {names[0]} 差（+）或好（−）几个百分点？（两位小数）",
        float(round(100 * (pair[age].iloc[1] - pair[age].iloc[0]), 2)), 2, pair,
    )  # fmt: skip


def chain_ladder(chance: Chance) -> Question:
    """The young cohort grows as the old one did."""
    at_six, factor, young = (
        int(chance.integers(4, 9)),
        float(chance.choice([1.5, 2.0, 2.5])),
        int(chance.integers(3, 10)),
    )
    triangle = pd.DataFrame({6: [at_six, young], 12: [at_six * factor, np.nan]}, dtype="float64")
    return Question(
        f"An old cohort had recovered {at_six}% after 6 months and {at_six * factor:g}% after 12. A young one of the "
        f"same size has {young}% after 6. What does the chain ladder say at month 12, in percent? (one decimal)",
        f"老批次 6 个月后收回 {at_six}%，12 个月后 {at_six * factor:g}%。规模相同的年轻批次 6 个月后收回 {young}%。"
        "链梯法估计第 12 个月是百分之几？（一位小数）",
        float(development.developed(triangle).loc[1, 12]), 1,
    )  # fmt: skip


def commission(chance: Chance) -> Question:
    """A band holds its first and its last day."""
    amount, day = int(chance.integers(10, 300)) * 100, int(chance.choice([90, 91, 120, 121, 180, 181]))
    return Question(
        f"{amount:,} come in on a loan {day} days past due: up to day 90 7%, to 120 14%, to 180 20%, then 25%. "
        "Commission, to the cent?",
        f"逾期 {day} 天的贷款到账 {amount:,}：到第 90 天 7%，到 120 天 14%，到 180 天 20%，之后 25%。"
        "佣金是多少（到分）？",
        ck.agency_commission(amount, day, _book()[1].tariff("elapsed_months")), 2,
    )  # fmt: skip


def statement(chance: Chance) -> Question:
    """Round each line, then add."""
    book, policy, _ = _book()
    agency, month = STATEMENTS[int(chance.integers(len(STATEMENTS)))]
    made = agencies.commission_statement(book, policy, agency, period=month)
    lines = made.lines[made.lines["kind"].eq("earned")]
    return Question(
        f"The lines of {agency} for {month}. What is the commission in all, each line rounded to the cent?",
        f"{agency} {month} 的账单明细。逐行取整到分，佣金合计是多少？",
        float(lines["commission"].sum().round(2)), 2, lines[["payment_id", "days_past_due", "commissionable", "rate"]],
    )  # fmt: skip


def net_back(chance: Chance) -> Question:
    """Placed × liquidation × (1 − commission)."""
    placed, rates = int(chance.integers(10, 90)) * 1_000, chance.choice([10, 15, 20, 25, 30, 35], 2, replace=False)
    liquidation, fee = (int(rate) / 100 for rate in rates)
    return Question(
        f"{placed:,} are placed, {liquidation:.0%} come in, the commission is {fee:.0%}. What is left for the lender?",
        f"委案 {placed:,}，收回 {liquidation:.0%}，佣金率 {fee:.0%}。出借方净得多少？",
        float(round(sc.net_back(liquidation, fee, placed=placed), 2)), 2,
    )  # fmt: skip


def required_lift(chance: Chance) -> Question:
    """What is left by what is left."""
    spends, asks = int(chance.choice([5, 10, 15, 20])), int(chance.choice([25, 30, 36, 40]))
    return Question(
        f"The team spends {spends} of every 100 it collects; the agency asks {asks}%. How many times as much must the "
        "agency collect to leave the same? (two decimals)",
        f"团队每收回 100 花费 {spends}，机构要 {asks}%。机构要收回多少倍，净得才相同？（两位小数）",
        float(sc.required_lift(spends / 100, asks / 100)), 2,
    )  # fmt: skip


def letter_date(chance: Chance) -> Question:
    """Day 45; on a public holiday the letter would wait, so no such day is asked."""
    due = _day(chance)
    while _letter(due)["date"] != due + pd.Timedelta(days=45):
        due += pd.Timedelta(days=1)
    return Question(
        f"Due {due:%Y-%m-%d}, unpaid, no grace. On which date is the demand letter (day 45) due?",
        f"应还日 {due:%Y-%m-%d}，未还，无宽限期。催款函（第 45 天）在哪一天？",
        _letter(due)["date"], None,
    )  # fmt: skip


def letter_deadline(chance: Chance) -> Question:
    """Fifteen days later, never on a day off."""
    sent = _letter(_day(chance))
    days = pd.Series(pd.date_range(sent["date"] + pd.Timedelta(days=12), periods=12), name="date")
    return Question(
        f"A demand letter goes out on {sent['date']:%Y-%m-%d}. The deadline is 15 days, and never ends on a day off. "
        "Which day is it?",
        f"催款函 {sent['date']:%Y-%m-%d} 寄出。限期 15 天，末日遇休息日顺延。限期是哪一天？",
        sent["deadline_date"], None, pd.DataFrame({"date": days, "is_workday": is_workday(days)}),
    )  # fmt: skip


def _letter(due: pd.Timestamp) -> pd.Series:
    return casework.case_calendar(ck.load_policy("plain"), due).set_index("action").loc["demand_letter"]


def hours(chance: Chance) -> Question:
    """Eight is allowed, ten at night is not."""
    book, policy, _ = _book()
    minutes = sorted(chance.choice([470, 479, 480, 481, 700, 1_319, 1_320, 1_330], 5, replace=False))
    day = _day(chance)
    times = [day + pd.Timedelta(minutes=int(minute)) for minute in minutes]
    calls = pd.DataFrame({
        "contact_id": [f"N{number}" for number in range(5)], "loan_id": "L0958", "contacted_at": times,
        "channel": "call", "party": "debtor", "result": "no_answer",
    })  # fmt: skip
    found = casework.check_contacts(book.selecting(["L0958"]).replacing(contacts=calls), policy, start=day, end=day)
    said = ", ".join(f"{time:%H:%M}" for time in times)
    return Question(
        f"Five calls to a debtor on one day: {said}. How many were outside the allowed hours?",
        f"同一天给债务人打了五通电话：{said}。有几通在允许时段之外？",
        int(found["rule"].eq("hours").sum()),
    )


def deletion(chance: Chance) -> Question:
    """24 months."""
    day = _day(chance)
    months = _book()[1].contact_rules_for("cn", day).limit("records").months
    return Question(
        f"A call was recorded on {day:%Y-%m-%d}. From which day on may the recording be deleted?",
        f"{day:%Y-%m-%d} 的电话录音，从哪天起可以删除？",
        casework.deletion_date(day, months=months), None,
    )  # fmt: skip


def overdue_change(chance: Chance) -> Question:
    """Count over count, twice."""
    _, _, months = _book()
    at = -1 - int(chance.integers(0, 12))
    pair = tracking.headlines(months).loc[[months.dates[at - 1], months.dates[at]], ["loans", "overdue_loans"]]
    change = _change(months, at)
    return Question(
        f"By how many percentage points did the overdue share, by count, change in {months.dates[at]:%Y-%m}? "
        "(two decimals)",
        f"按笔数，{months.dates[at]:%Y-%m} 的逾期占比变化了几个百分点？（两位小数）",
        100 * change.attrs["change"], 2, pair,
    )  # fmt: skip


def roll_part(chance: Chance) -> Question:
    """The three parts add up to the change."""
    _, _, months = _book()
    at = -1 - int(chance.integers(0, 12))
    change = _change(months, at)
    parts = 100 * change[["mix", "roll", "inflow"]].sum()
    whole = 100 * change.attrs["change"]
    return Question(
        f"The overdue share changed by {whole:+.4f} points in {months.dates[at]:%Y-%m}: mix {parts['mix']:+.4f}, "
        f"inflow {parts['inflow']:+.4f}. How many points are roll? (two decimals)",
        f"{months.dates[at]:%Y-%m} 逾期占比变化 {whole:+.4f} 个百分点：结构 {parts['mix']:+.4f}，"
        f"新增 {parts['inflow']:+.4f}。滚动是几个百分点？（两位小数）",
        float(parts["roll"]), 2,
    )  # fmt: skip


def _change(months: tracking.Cube, at: int) -> pd.DataFrame:
    before, after = (months.where(as_of=months.dates[where]) for where in (at - 1, at))
    return tracking.compare_periods(before, after)


QUESTIONS: dict[str, tuple[Callable[[Chance], Question], ...]] = {
    "1": (days_of_a_loan, days_with_grace),
    "1b": (penalty, products),
    "2": (roll_rate, net_flow),
    "3": (same_age, chain_ladder),
    "4": (commission, statement),
    "5": (net_back, required_lift),
    "6": (letter_date, letter_deadline),
    "7": (hours, deletion),
    "8": (overdue_change, roll_part),
}
