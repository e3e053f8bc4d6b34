"""The key figures in words: label, units, definition; and why one may be missing."""

from __future__ import annotations

from typing import NamedTuple


class Kpi(NamedTuple):
    """One key figure."""

    label: str
    label_zh: str
    unit: str
    definition: str
    definition_zh: str
    over: str = "count"
    """Unit of the numerator."""
    under: str = "count"
    """Unit of the denominator."""


# fmt: off
KPIS = {
    "recovery_rate": Kpi(
        "Recovery rate", "回收率", "fraction",
        "overdue principal and interest recovered in the period ÷ (overdue at its start + newly overdue in it)",
        "期间收回的逾期本金及利息 ÷（期初逾期 + 期间新增逾期）",
        "currency", "currency"),
    "recovery_rate_opening": Kpi(
        "Recovery rate, opening only", "回收率（期初口径）", "fraction",
        "overdue principal and interest recovered in the period ÷ overdue at its start; can exceed 100%",
        "期间收回的逾期本金及利息 ÷ 期初逾期；可超过 100%",
        "currency", "currency"),
    "success_rate": Kpi(
        "Success rate", "成功率", "fraction",
        "cases worked that are not overdue any more or paid off at the end ÷ cases worked",
        "期末不再逾期或已结清的作业案件 ÷ 作业案件"),
    "paid_something": Kpi(
        "Paid something", "有回款占比", "fraction",
        "cases worked with any overdue cash in the period ÷ cases worked",
        "期间有逾期回款的作业案件 ÷ 作业案件"),
    "bad_debt_rate": Kpi(
        "Bad-debt rate", "坏账率", "fraction",
        "principal written off in the period ÷ principal balance the day before it",
        "期间核销的本金 ÷ 期初前一日本金余额",
        "currency", "currency"),
    "cost_to_collect": Kpi(
        "Cost to collect", "催收成本率", "fraction",
        "costs of the period ÷ overdue fee, interest and principal recovered in it",
        "期间成本 ÷ 期间收回的逾期费用、利息及本金",
        "currency", "currency"),
    "cases_per_collector": Kpi(
        "Cases per collector", "人均案件", "count",
        "cases contacted by in-house collectors in the period ÷ such collectors",
        "期间自有催收员联系的案件 ÷ 催收员人数"),
    "cash_per_collector": Kpi(
        "Cash per collector", "人均回款", "currency",
        "overdue cash of those cases ÷ such collectors",
        "上述案件的逾期回款 ÷ 催收员人数",
        "currency"),
    "first_contact_24h": Kpi(
        "First contact within 24 h", "24 小时内首次联系", "fraction",
        "loans contacted on the first day they were overdue ÷ loans that became overdue in the period",
        "逾期首日即联系的贷款 ÷ 期间新增逾期贷款"),
    "promises_kept": Kpi(
        "Promises kept", "承诺履约率（笔数）", "fraction",
        "promises paid in full in time ÷ promises whose last day, grace included, lies in the period",
        "按时足额履行的承诺 ÷ 最后期限（含宽限）在期间内的承诺"),
    "promised_amount_kept": Kpi(
        "Promised amount kept", "承诺履约率（金额）", "fraction",
        "money that came in time for those promises ÷ amount promised; each cent counts once",
        "上述承诺按时收到的金额 ÷ 承诺金额；每分钱只计一次",
        "currency", "currency"),
    "complaints_per_1000": Kpi(
        "Complaints per 1,000 cases", "每千案投诉", "per 1000",
        "complaints of the period ÷ loans contacted in it × 1,000",
        "期间投诉 ÷ 期间联系的贷款 × 1000"),
    "satisfaction": Kpi(
        "Satisfaction", "满意度", "fraction",
        "satisfied answers ÷ answers of the period", "满意答复 ÷ 期间全部答复"),
    "outcome_cleared": Kpi(
        "Outcome: arrears cleared", "结果：清偿欠款", "fraction",
        "cases not overdue any more ÷ cases resolved (not overdue any more, paid off or settled at the end)",
        "期末不再逾期 ÷ 已解决案件（不再逾期、结清或和解）"),
    "outcome_paid_off": Kpi(
        "Outcome: paid off", "结果：全部结清", "fraction",
        "cases paid off ÷ cases resolved", "期末已结清 ÷ 已解决案件"),
    "outcome_waived": Kpi(
        "Outcome: partly waived", "结果：部分减免", "fraction",
        "cases settled for less ÷ cases resolved", "期末和解（部分减免）÷ 已解决案件"),
}
LACKS = {
    "": ("", ""),
    "nothing": ("there is nothing to divide by in the period", "期间分母为零"),
    "contacts": ("the portfolio has no contacts", "数据中无联系记录"),
    "collectors": ("the contacts name no collectors", "联系记录中无催收员"),
    "promises": ("the portfolio has no promises", "数据中无还款承诺"),
    "complaints": ("the portfolio has no complaints", "数据中无投诉记录"),
    "surveys": ("no survey rows were given", "未提供满意度调查"),
    "costs": ("no costs were given", "未提供成本"),
}
# fmt: on
