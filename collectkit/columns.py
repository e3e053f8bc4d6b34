"""The nomenclature: every column once, with its dtype, unit, meaning and Chinese label.

The checks of a portfolio, the data dictionaries in ``data/samples/`` and the labels of the dashboards are all
made from these two tables, so that a word means the same thing everywhere.

Examples
--------
>>> COLUMNS["days_past_due"].unit
'days'
>>> TABLES["payments"].required
('payment_id', 'loan_id', 'value_date', 'amount')
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from collectkit.meanings import MEANINGS_ZH

Kind = Literal["id", "text", "date", "timestamp", "money", "rate", "count", "flag", "category", "personal"]


@dataclass(frozen=True)
class Column:
    """One column: its name, what kind of value it holds, unit, meaning and labels."""

    name: str
    kind: Kind
    unit: str
    meaning: str
    label: str
    label_zh: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """One table: its columns, which of them are required, and the one that names a row."""

    name: str
    meaning: str
    required: tuple[str, ...]
    optional: tuple[str, ...]
    key: tuple[str, ...]
    label: str
    label_zh: str

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns of the table, required ones first."""
        return self.required + self.optional


CHANNELS = ("sms", "call", "im", "app_push", "letter", "visit")
PARTIES = ("debtor", "guarantor", "contact_person")
CLOSE_CODES = ("paid_off", "written_off", "settled", "sold", "archived")
COMPONENTS = ("fee", "penalty", "interest", "principal")
PROMISE_STATUSES = ("kept", "open", "partly", "broken")
PAUSE_REASONS = ("hardship", "dispute", "deferral")
STATUSES = ("current", "overdue", "paid", *CLOSE_CODES)

# fmt: off
_COLUMNS = (
    # ids
    Column("loan_id", "id", "", "the loan", "Loan", "贷款编号"),
    Column("customer_id", "id", "", "the customer who owes the loan", "Customer", "客户编号"),
    Column("payment_id", "id", "", "the payment", "Payment", "还款编号"),
    Column("placement_id", "id", "", "one hand-over of a loan to an agency", "Placement", "委案编号"),
    Column("contact_id", "id", "", "one contact or attempt", "Contact record", "联系编号"),
    Column("promise_id", "id", "", "one promise to pay", "Promise", "承诺编号"),
    Column("collector_id", "id", "", "the collector", "Collector", "催收员编号"),
    # loans
    Column("product", "text", "", "product of the loan; picks its terms in the policy", "Product", "产品"),
    Column("disbursement_date", "date", "", "day the money was paid out", "Disbursed", "放款日"),
    Column("principal", "money", "currency", "principal lent, or due with the instalment", "Principal", "本金"),
    Column("annual_rate", "rate", "1/year", "contract interest rate", "Annual rate", "年利率"),
    Column("risk_grade", "text", "", "risk grade at origination", "Risk grade", "风险等级"),
    Column("region", "text", "", "region of the borrower", "Region", "地区"),
    Column("is_secured", "flag", "", "true if collateral stands behind the loan", "Secured", "有担保"),
    Column("grace_days", "count", "days", "grace of this loan; overrides the policy", "Grace", "宽限天数"),
    Column("penalty_annual_rate", "rate", "1/year", "penalty rate of this loan; overrides the policy",
           "Penalty rate", "罚息年利率"),
    Column("closed_date", "date", "", "day the loan was closed", "Closed", "结清日"),
    Column("close_code", "category", "", "why the loan was closed", "Close code", "结清类型", CLOSE_CODES),
    Column("customer_name", "personal", "", "name of the borrower; masked on read unless asked for", "Name", "姓名"),
    Column("phone", "personal", "", "phone number; masked on read unless asked for", "Phone", "电话"),
    Column("id_number", "personal", "", "identity number; masked on read unless asked for", "Identity no.", "证件号码"),
    Column("address", "personal", "", "address; masked on read unless asked for", "Address", "地址"),
    # instalments and payments
    Column("instalment_no", "count", "count", "number of the instalment, from 1", "Instalment", "期数"),
    Column("due_date", "date", "", "day the money is due; the due date is day 0", "Due", "应还日期"),
    Column("interest", "money", "currency", "interest due with the instalment", "Interest", "利息"),
    Column("fee", "money", "currency", "fee due with the instalment", "Fee", "费用"),
    Column("value_date", "date", "", "day the payment counts", "Value date", "到账日"),
    Column("posting_date", "date", "", "day the payment became known; missing: the value date",
           "Posted", "入账日"),
    Column("reversal_date", "date", "", "day the payment was taken back", "Reversed", "冲正日"),
    Column("amount", "money", "currency", "amount of the payment, promise or piece", "Amount", "金额"),
    Column("method", "text", "", "how the payment was made", "Method", "还款方式"),
    # pauses and placements
    Column("start_date", "date", "", "first day", "From", "开始日"),
    Column("end_date", "date", "", "day after the last paused day", "To", "结束日"),
    Column("reason", "text", "", "why, in a word", "Reason", "原因"),
    Column("stops_days", "flag", "", "true if these days are not counted as late; default true",
           "Stops days", "停计天数"),
    Column("stops_penalty", "flag", "", "true if these nights bear no penalty; default true",
           "Stops penalty", "停计罚息"),
    Column("agency", "text", "", "name of the outside agency", "Agency", "委外机构"),
    Column("placement_date", "date", "", "day the loan was handed over", "Placed", "委案日"),
    Column("recall_date", "date", "", "day the loan was taken back", "Recalled", "退案日"),
    Column("placement_no", "count", "count", "1 for the first placement, 2 for the second, …",
           "Placement no.", "委案次数"),
    # contacts, promises, collectors
    Column("contacted_at", "timestamp", "", "local time of the contact", "Contacted", "联系时间"),
    Column("channel", "category", "", "means of a contact; in assess and allocate: in_house or the agency",
           "Channel", "渠道"),
    Column("party", "category", "", "who was contacted", "Party", "联系对象", PARTIES),
    Column("result", "text", "", "outcome of the contact", "Result", "结果"),
    Column("recorded_at", "timestamp", "", "local time the record was entered", "Recorded", "记录时间"),
    Column("note", "text", "", "free text", "Note", "说明"),
    Column("number_id", "id", "", "which number was called, as an id", "Number called", "号码编号"),
    Column("is_debt_told", "flag", "", "true if the debt was told in the contact", "Debt told", "告知欠款"),
    Column("is_appointed", "flag", "", "true if the visit was by appointment", "By appointment", "已预约"),
    Column("is_reviewed", "flag", "", "true if a supervisor reviewed the visit", "Reviewed", "已复核"),
    Column("promised_date", "date", "", "day the promise was made", "Promised", "承诺日"),
    Column("team", "text", "", "team of the collector", "Team", "团队"),
    # complaints
    Column("complaint_id", "id", "", "the complaint", "Complaint", "投诉编号"),
    Column("complaint_date", "date", "", "day the complaint was made", "Complained on", "投诉日"),
    Column("answered_date", "date", "", "day it was answered", "Answered on", "答复日"),
    Column("is_upheld", "flag", "", "true if the complaint was found right", "Upheld", "属实"),
    Column("actions", "count", "count", "steps that can be done", "Actions", "可办事项"),
    Column("waiting", "count", "count", "steps that must wait", "Waiting", "暂缓事项"),
    Column("beyond_capacity", "count", "count", "steps the day has no room for", "No room", "超出容量"),
    Column("upheld", "count", "count", "complaints found right", "Upheld", "属实数"),
    Column("unanswered", "count", "count", "complaints not answered by the end of the period", "Open", "未答复数"),
    Column("per_thousand", "money", "per 1000", "complaints per 1 000 cases", "Per 1,000 cases", "每千案投诉数"),
    # promises kept
    Column("last_date", "date", "", "last day on which money counts for the promise", "Last day", "最后计入日"),
    Column("received", "money", "currency", "money that came in, or counts for a promise", "Received", "到账金额"),
    Column("received_date", "date", "", "day of the last money that counts", "Received on", "计入日"),
    Column("promise_status", "category", "", "kept, open, partly or broken", "Promise", "承诺状态", PROMISE_STATUSES),
    # casework
    Column("rule", "category", "", "rule of conduct", "Rule", "规则"),
    Column("seen", "text", "", "what the record shows", "Seen", "实际情况"),
    Column("allowed", "text", "", "what the rule allows", "Allowed", "规则要求"),
    Column("contacts", "count", "count", "contacts the rule was checked on", "Contacts checked", "检查联系数"),
    Column("breaches", "count", "count", "breaches found", "Breaches", "违规数"),
    Column("is_checked", "flag", "", "true if the records hold what the rule needs", "Checked", "可检查"),
    Column("claim", "money", "currency", "principal balance, overdue interest and fees, penalty", "Claim", "诉请金额"),
    Column("expected_recovery", "money", "currency", "claim times the expected rate", "Expected", "预期回收"),
    Column("court_fee", "money", "currency", "court fee by statute", "Court fee", "诉讼费"),
    Column("lawyer_fee", "money", "currency", "cost of a lawyer", "Lawyer", "律师费"),
    Column("net_recovery", "money", "currency", "expected recovery less court and lawyer", "Net", "预期净回收"),
    Column("is_candidate", "flag", "", "true if a suit is worth it", "Worth a suit", "可考虑起诉"),
    Column("may_be_filed", "flag", "", "true if it may be filed already", "May be filed", "可立案"),
    Column("limitation_date", "date", "", "last day of the limitation period", "Limitation", "诉讼时效届满日"),
    Column("limitation_days", "count", "days", "days left of it", "Days left", "剩余天数"),
    Column("interrupted_date", "date", "", "last day on which the clock began anew", "Clock began anew", "时效中断日"),
    Column("is_late_entry", "flag", "", "true if it was entered after its day", "Late entry", "迟录入"),
    Column("missing_fields", "text", "", "fields the record lacks", "Missing", "缺失字段"),
    Column("late_entries", "count", "count", "contacts entered after their day", "Late entries", "迟录入数"),
    Column("incomplete", "count", "count", "contacts whose record lacks a field", "Incomplete", "不完整记录数"),
    Column("complete_share", "rate", "fraction", "part of the records that are complete", "Complete", "完整率"),
    Column("warning", "category", "", "early sign of trouble", "Sign", "预警信号"),
    Column("case", "category", "", "case of a what-if", "Case", "情形"),
    # results of collectors
    Column("effective_contacts", "count", "count", "contacts that were answered", "Talks", "有效接通"),
    Column("reached_cases", "count", "count", "cases whose debtor or guarantor answered", "Cases reached",
           "触达案件数"),
    Column("reached_share", "rate", "fraction", "cases reached ÷ cases", "Reached", "触达率"),
    Column("reached_low", "rate", "fraction", "lower end of its 95% interval", "Reached, from", "触达率下限"),
    Column("reached_high", "rate", "fraction", "upper end of its 95% interval", "Reached, to", "触达率上限"),
    Column("promises_made", "count", "count", "promises made in the period", "Promises made", "新增承诺"),
    Column("promises_due", "count", "count", "promises whose last day lies in the period", "Promises due", "到期承诺"),
    Column("promises_kept", "count", "count", "promises due that were kept in full", "Promises kept", "履行承诺"),
    Column("kept_share", "rate", "fraction", "promises kept ÷ promises due", "Kept", "承诺履行率"),
    Column("kept_low", "rate", "fraction", "lower end of its 95% interval", "Kept, from", "履行率下限"),
    Column("kept_high", "rate", "fraction", "upper end of its 95% interval", "Kept, to", "履行率上限"),
    Column("credited", "money", "currency", "overdue cash after a talk, to who talked last", "Cash credited",
           "归属回款"),
    Column("paid_cases", "count", "count", "cases that paid within the horizon", "Cases paid", "还款案件数"),
    Column("expected_share", "rate", "fraction", "share that paid of like cases with everybody", "Like cases paid",
           "同类案件还款率"),
    Column("finding", "category", "", "what the interval says", "Finding", "结论"),
    Column("week", "date", "", "first day of the week", "Week from", "周起始日"),
    Column("reached_date", "date", "", "day on which the step came due", "Came due on", "到达日"),
    Column("reached", "count", "count", "steps that came due", "Came due", "到达"),
    Column("done", "count", "count", "steps done on the first day they could be", "Done", "按时完成"),
    Column("done_late", "count", "count", "steps done on a later day", "Done late", "延迟完成"),
    Column("done_blocked", "count", "count", "steps done although they had to wait", "Done despite a block",
           "应暂缓而办理"),
    Column("paid_first", "count", "count", "steps whose case was paid or closed before", "Paid first", "先行还款"),
    Column("moved_on", "count", "count", "steps not called for any more", "Not called for", "不再需要"),
    Column("missed", "count", "count", "steps whose days passed without them", "Missed", "错过"),
    Column("due_today", "count", "count", "steps that can be done since the last day only", "Due on the last day",
           "末日到期"),
    Column("late", "count", "count", "steps open that could have been done on an earlier day", "Late", "拖延"),
    Column("blocked", "count", "count", "steps that must wait", "Blocked", "暂缓"),
    Column("not_recorded", "count", "count", "steps of which the tables hold nothing", "Not recorded", "无记录"),
    Column("step_count", "count", "count", "steps", "Steps", "步骤数"),
    Column("carried", "count", "count", "steps due before and not done", "Carried over", "结转"),
    Column("load", "count", "count", "steps to be done at most", "Load", "工作量"),
    Column("cases_share", "rate", "fraction", "share of the cases", "Share of cases", "案件占比"),
    Column("before", "text", "", "the same figure of the period before", "Period before", "上期"),
    Column("target", "text", "", "what was aimed at; a person writes it", "Target", "目标"),
    Column("assessment", "text", "", "what a person says of it", "Assessment", "评价"),
    Column("needed_for", "text", "", "what a table is needed for", "Needed for", "用于"),
    Column("due_since", "date", "", "day on which the step became due", "Due since", "应办日"),
    Column("condition", "text", "", "what a case must be for the step", "Only if", "适用条件"),
    Column("deadline_date", "date", "", "last day to pay that the letter sets", "Deadline", "限期"),
    Column("last_contact_at", "timestamp", "", "last contact or attempt", "Last contact", "最近联系"),
    Column("last_result", "text", "", "its outcome", "Last result", "最近结果"),
    Column("promise_due_date", "date", "", "promised day of the last promise", "Promised for", "承诺还款日"),
    Column("promise_amount", "money", "currency", "amount of the last promise", "Promised", "承诺金额"),
    Column("is_blocked", "flag", "", "true if the step must wait", "Blocked", "暂缓"),
    Column("blocked_by", "text", "", "why the step must wait", "Why it waits", "暂缓原因"),
    Column("earliest_at", "timestamp", "", "earliest allowed time; missing: a person decides first", "Earliest",
           "最早可联系"),
    Column("priority", "count", "points", "sum of the points", "Priority", "优先级"),
    Column("points_amount", "count", "points", "points for the amount", "Points: amount", "分值：金额"),
    Column("points_waiting", "count", "points", "points for the days it has waited", "Points: waiting", "分值：等待"),
    Column("points_broken_promise", "count", "points", "points for a promise not kept", "Points: promise",
           "分值：承诺"),
    Column("points_no_contact", "count", "points", "points if nobody was in touch yet", "Points: no contact",
           "分值：未联系"),
    Column("points_grade", "count", "points", "points for the risk grade", "Points: grade", "分值：等级"),
    Column("place", "count", "count", "place in the collector's list of the day", "Place", "次序"),
    Column("is_in_capacity", "flag", "", "true if the day has room for it", "Fits today", "今日可办"),
    # what the ledger computes
    Column("as_of", "date", "", "the end of this day is meant", "As of", "截至日"),
    Column("status", "category", "", "current, overdue, paid, or the close code", "Status", "状态", STATUSES),
    Column("days_past_due", "count", "days", "days since the oldest overdue instalment fell due, less paused days",
           "Days past due", "逾期天数"),
    Column("bucket", "category", "", "ageing bucket of the days past due", "Bucket", "逾期阶段"),
    Column("asset_class", "category", "", "regulatory class by days past due", "Asset class", "五级分类"),
    Column("overdue_instalments", "count", "count", "unsettled instalments past their due date",
           "Overdue instalments", "逾期期数"),
    Column("oldest_due_date", "date", "", "due date of the oldest overdue instalment", "Oldest due", "最早逾期日"),
    Column("overdue_principal", "money", "currency", "unpaid principal past its due date",
           "Overdue principal", "逾期本金"),
    Column("overdue_interest", "money", "currency", "unpaid interest past its due date",
           "Overdue interest", "逾期利息"),
    Column("overdue_fee", "money", "currency", "unpaid fee past its due date", "Overdue fee", "逾期费用"),
    Column("penalty", "money", "currency", "penalty interest owed", "Penalty", "罚息"),
    Column("total_due", "money", "currency", "overdue principal, interest and fee plus penalty",
           "Total due", "应还总额"),
    Column("principal_balance", "money", "currency", "all unpaid principal, due or not",
           "Principal balance", "本金余额"),
    Column("unapplied", "money", "currency", "money received beyond everything owed", "Unapplied", "未分配"),
    Column("paid_to_date", "money", "currency", "all money received", "Paid to date", "累计还款"),
    Column("customer_days_past_due", "count", "days", "days past due of the customer's worst loan",
           "Customer days past due", "客户逾期天数"),
    Column("paid_in_period", "money", "currency", "money received after the previous date up to this one",
           "Paid in period", "本期还款"),
    Column("bucket_before", "category", "", "bucket at the previous date", "Bucket before", "上期阶段"),
    Column("component", "category", "", "what a piece of money was paid on", "Component", "科目",
           (*COMPONENTS, "unapplied")),
    Column("days_late", "count", "days", "late days of the instalment on the value date, without paused days",
           "Days late", "本期逾期天数"),
    # a day at a glance
    Column("loans", "count", "count", "open loans", "Loans", "贷款笔数"),
    Column("overdue_loans", "count", "count", "loans with overdue instalments", "Overdue loans", "逾期贷款笔数"),
    Column("overdue_amount", "money", "currency", "overdue principal, interest and fee", "Overdue amount", "逾期金额"),
    Column("par30", "rate", "fraction", "share of principal in loans over 30 days past due",
           "PAR30", "PAR30（逾期超过30天本金占比）"),
    Column("due_amount", "money", "currency", "what falls due on the day", "Due", "当日应还"),
    Column("paid_amount", "money", "currency", "what came in on the day", "Paid", "当日还款"),
    # explanations and commission
    Column("date", "date", "", "day of the step", "Date", "日期"),
    Column("event", "category", "", "what happened", "Event", "事项"),
    Column("balance", "money", "currency", "amount that stands after the step", "Balance", "余额"),
    Column("days", "count", "days", "days the balance stood, or days late", "Days", "天数"),
    Column("product_sum", "money", "currency × days", "balance times days (积数)", "Balance × days", "积数"),
    Column("rate", "rate", "1/day or fraction", "rate applied in the step", "Rate", "费率"),
    Column("tariff", "text", "", "name of the commission tariff in the policy", "Tariff", "佣金标准"),
    Column("collected", "money", "currency", "cash that earns commission", "Collected", "回款"),
    Column("commission", "money", "currency", "commission earned by the agency, without VAT", "Commission", "佣金"),
    # what the checks and the register say
    Column("table", "text", "", "the table", "Table", "表"),
    Column("row", "count", "count", "number of the row in the file", "Row", "行"),
    Column("column", "text", "", "the column", "Column", "列"),
    Column("problem", "text", "", "what is wrong", "Problem", "问题"),
    Column("value", "text", "", "what stands there", "Value", "取值"),
    Column("severity", "category", "", "an error stops, a warning does not", "Severity", "级别", ("error", "warning")),
    Column("what_to_do", "text", "", "what to do about it", "What to do", "处理办法"),
    Column("rows", "count", "count", "rows with this problem", "Rows", "行数"),
    Column("first_rows", "text", "", "the first of these rows", "First rows", "首见行号"),
    Column("import_id", "id", "", "one import", "Import", "导入编号"),
    Column("imported_at", "timestamp", "", "local time of the import", "Imported at", "导入时间"),
    Column("received_at", "timestamp", "", "local time the file was received", "Received at", "收到时间"),
    Column("file_name", "text", "", "the imported file or files", "Files", "文件"),
    Column("sha256", "text", "", "SHA-256 of the file", "SHA-256", "文件 SHA-256"),
    Column("imported_by", "text", "", "who imported", "Imported by", "导入人"),
    Column("rows_in", "count", "count", "rows of the file", "Rows in", "读入行数"),
    Column("accepted", "count", "count", "rows that are new", "New", "新增"),
    Column("already_there", "count", "count", "rows that were there already", "Already there", "已存在"),
    Column("changed", "count", "count", "rows that replaced another", "Changed", "变更"),
    Column("quarantined", "count", "count", "rows that were kept out", "In quarantine", "已隔离"),
    Column("is_within_two_hours", "flag", "", "true if imported within two hours of receipt",
           "Within 2 hours", "2小时内录入"),
    Column("key", "text", "", "what names the row", "Key", "主键"),
    Column("old", "text", "", "value before", "Old", "原值"),
    Column("new", "text", "", "value after", "New", "新值"),
    # scenarios
    Column("strategy", "text", "", "who works which cases from which day", "Strategy", "策略"),
    Column("cash", "money", "currency", "cash collected over the months of the scenario", "Cash", "回款合计"),
    Column("cash_in_house", "money", "currency", "cash collected by the own team", "Cash, in-house", "自催回款"),
    Column("cash_agency", "money", "currency", "cash collected by agencies", "Cash, agencies", "委外回款"),
    Column("cash_legal", "money", "currency", "cash collected through court", "Cash, legal", "诉讼回款"),
    Column("cost", "money", "currency", "all costs of collecting", "Cost", "成本合计"),
    Column("people_cost", "money", "currency", "wages of collectors and leads with social charges", "People",
           "人工成本"),
    Column("bonus_cost", "money", "currency", "bonus on in-house cash", "Bonus", "奖金"),
    Column("seat_cost", "money", "currency", "seats and tools", "Seats and tools", "工位与工具"),
    Column("fixed_team_cost", "money", "currency", "fixed cost of an own team", "Fixed cost", "固定成本"),
    Column("hiring_cost", "money", "currency", "hiring and training", "Hiring and training", "招聘与培训"),
    Column("contact_cost", "money", "currency", "messages, calls, letters and visits", "Contacts", "触达成本"),
    Column("legal_cost", "money", "currency", "court fees and lawyers", "Legal", "诉讼成本"),
    Column("vat_cost", "money", "currency", "value-added tax that cannot be recovered", "VAT", "不可抵扣增值税"),
    Column("vendor_cost", "money", "currency", "managing agencies and handing over", "Vendor management", "委外管理"),
    Column("net", "money", "currency", "cash less cost", "Net", "净回款"),
    Column("net_low", "money", "currency", "5% of the draws are below", "Net, low", "净回款下限"),
    Column("net_high", "money", "currency", "5% of the draws are above", "Net, high", "净回款上限"),
    Column("net_present_value", "money", "currency", "discounted cash and worth of cured balances less cost",
           "Net present value", "净现值"),
    Column("net_present_value_low", "money", "currency", "5% of the draws are below", "NPV, low", "净现值下限"),
    Column("net_present_value_high", "money", "currency", "5% of the draws are above", "NPV, high", "净现值上限"),
    Column("difference", "money", "currency", "net present value less that of the base", "Difference", "与基准之差"),
    Column("difference_low", "money", "currency", "at the low end", "Difference, low", "差额下限"),
    Column("difference_high", "money", "currency", "at the high end", "Difference, high", "差额上限"),
    Column("chance_better", "rate", "fraction", "share of draws in which it beats the base", "Better than base",
           "优于基准的概率"),
    Column("chance_best", "rate", "fraction", "share of draws in which it is best of all", "Best of all", "最优概率"),
    Column("cost_to_collect", "rate", "fraction", "cost ÷ cash", "Cost to collect", "催收成本率"),
    Column("net_back_per_100", "money", "currency", "cash less cost for each 100 of opening and new balance",
           "Net-back per 100", "每百元净回款"),
    Column("collectors_needed", "count", "count", "collectors to work all in-house cases in the busiest month",
           "Collectors needed", "所需催收员"),
    Column("collector_months", "count", "months", "months worked by collectors", "Collector-months", "催收员人月"),
    Column("lead_months", "count", "months", "months worked by team leads", "Lead-months", "组长人月"),
    Column("hires", "count", "count", "collectors hired", "Hires", "招聘人数"),
    Column("team_months", "count", "months", "months with an own team", "Months with a team", "自有团队月数"),
    Column("vendor_months", "count", "months", "months with cases at an agency", "Months with agencies", "委外月数"),
    Column("worked_case_months", "count", "months", "case-months worked in full", "Case-months worked",
           "足额案件月数"),
    Column("case_months_over_capacity", "count", "months", "case-months in-house beyond the team's capacity",
           "Case-months over capacity", "超产能案件月数"),
    Column("placed_cases", "count", "count", "cases handed to agencies", "Cases placed", "委外案件"),
    Column("sued_cases", "count", "count", "cases taken to court", "Cases sued", "起诉案件"),
    Column("opening_balance", "money", "currency", "balance of overdue cases at the start", "Opening", "期初余额"),
    Column("inflow_balance", "money", "currency", "balance of new overdue cases", "Inflow", "新增余额"),
    Column("cured_balance", "money", "currency", "balance of cases no longer overdue", "Cured", "治愈余额"),
    Column("cured_worth", "money", "currency", "what cured balances are worth", "Worth of cures", "治愈价值"),
    Column("written_off_balance", "money", "currency", "balance written off", "Written off", "核销余额"),
    Column("closing_balance", "money", "currency", "balance left at the end", "Left at the end", "期末余额"),
    Column("input", "text", "", "input of a scenario", "Input", "参数"),
    Column("part", "text", "", "bucket of a curve", "Part", "分档"),
    Column("kind", "text", "", "what kind of figure, or of line of a statement", "Kind", "类别"),
    Column("group", "text", "", "group of inputs", "Group", "分组"),
    Column("low", "text", "", "one time in twenty it is lower", "Low", "低值"),
    Column("likely", "text", "", "half the time it is lower", "Likely", "中值"),
    Column("high", "text", "", "one time in twenty it is higher", "High", "高值"),
    Column("unit", "text", "", "unit of the figure", "Unit", "单位"),
    Column("basis", "text", "", "estimated, sourced or assumption", "Basis", "依据"),
    Column("source", "text", "", "where the figure comes from", "Source", "来源"),
    Column("from_day", "count", "days", "first day past due with the agency", "From day", "起始逾期天数"),
    Column("behind_best", "money", "currency", "net present value below that of the best day", "Behind the best",
           "与最优之差"),
    Column("behind_best_low", "money", "currency", "5% of the draws are below", "Behind, low", "差距下限"),
    Column("behind_best_high", "money", "currency", "5% of the draws are above", "Behind, high", "差距上限"),
    Column("is_best", "flag", "", "true for the best", "Best", "最优"),
    Column("is_as_good", "flag", "", "true if the draws cannot tell it from the best", "As good", "与最优难分"),
    Column("commission_rate", "rate", "fraction", "commission in the bucket", "Commission rate", "佣金率"),
    Column("commission_step", "rate", "fraction", "its jump from the bucket before", "Commission step", "佣金跳升"),
    Column("action", "category", "", "what to do with the case", "Action", "处置",
           ("keep", "place", "sue", "write_off")),
    Column("month", "count", "months", "month of the scenario, from 1", "Month", "月份"),
    Column("value_per_case", "money", "currency", "expected value of a case", "Value per case", "每案价值"),
    Column("lead_per_case", "money", "currency", "gain over the next best action", "Lead per case", "每案领先"),
    Column("swing", "money", "currency", "change of the difference from low to high", "Swing", "影响幅度"),
    Column("flip_value", "text", "", "value at which the better strategy changes", "Flips at", "反转点"),
    Column("item", "text", "", "name that formulas use", "Item", "项目"),
    Column("figure", "text", "", "the figure", "Figure", "数值"),
    Column("formula", "text", "", "how it is worked out", "Formula", "公式"),
    Column("in_words", "text", "", "the figure in words", "In words", "文字说明"),
    Column("cases", "count", "count", "cases", "Cases", "案件数"),
    Column("placed_balance", "money", "currency", "balance at the start", "Placed", "委案余额"),
    Column("raw_liquidation", "rate", "fraction", "cash ÷ balance of all cases as they come", "Raw", "原始回款率"),
    Column("raw_rank", "count", "count", "rank by raw figures", "Raw rank", "原始名次"),
    Column("liquidation", "rate", "fraction", "cash ÷ balance, like cases", "Like for like", "同类回款率"),
    Column("liquidation_low", "rate", "fraction", "5% of the draws are below", "Like, low", "同类下限"),
    Column("liquidation_high", "rate", "fraction", "5% of the draws are above", "Like, high", "同类上限"),
    Column("rank", "count", "count", "rank on like cases", "Rank", "名次"),
    Column("gap", "rate", "fraction", "liquidation less that of in-house", "Gap", "与自催之差"),
    Column("gap_low", "rate", "fraction", "5% of the draws are below", "Gap, low", "差距下限"),
    Column("gap_high", "rate", "fraction", "5% of the draws are above", "Gap, high", "差距上限"),
    Column("top_payer_share", "rate", "fraction", "share of the largest payer in the cash", "Top payer",
           "最大还款人占比"),
    Column("crossed_share", "rate", "fraction", "cases that changed hands meanwhile", "Changed hands", "中途换手占比"),
    Column("paying_share", "rate", "fraction", "cases that paid anything, like cases", "Paying cases",
           "有还款案件占比"),
    Column("cases_needed", "count", "count", "cases each arm of a random split needs", "Cases needed", "所需样本量"),
    Column("weight", "rate", "fraction", "share of all placed balance", "Weight", "权重"),
    Column("is_compared", "flag", "", "true if every channel has cases in the stratum", "Compared", "可比"),
    Column("balance_band", "category", "", "third of its product by balance", "Balance band", "余额档",
           ("small", "middle", "large")),
    Column("placement_month", "text", "", "month of the start", "Month of start", "起始月份"),
    Column("is_flip_in_range", "flag", "", "true if that value lies between low and high", "Flips in range",
           "区间内反转"),
    # how the portfolio moves
    Column("par1", "rate", "fraction", "share of principal in loans over 1 day past due",
           "PAR1", "PAR1（逾期超过1天本金占比）"),
    Column("par60", "rate", "fraction", "share of principal in loans over 60 days past due",
           "PAR60", "PAR60（逾期超过60天本金占比）"),
    Column("par90", "rate", "fraction", "share of principal in loans over 90 days past due",
           "PAR90", "PAR90（逾期超过90天本金占比）"),
    Column("vintage", "date", "", "month of disbursement, by its first day", "Vintage", "放款月"),
    Column("months_on_book", "count", "months", "months since the month of disbursement, which is 0",
           "Months on book", "账龄（月）"),
    Column("state_before", "category", "", "bucket at the date before, or how the loan had left", "State before",
           "上期状态"),
    Column("state", "category", "", "bucket, or how the loan left", "State", "本期状态"),
    Column("balance_before", "money", "currency", "principal balance at the date before", "Balance before",
           "上期本金余额"),
    Column("cured", "rate", "fraction", "share that is no longer overdue", "Cured", "恢复正常"),
    Column("improved", "rate", "fraction", "share that moved to a lower overdue bucket", "Improved", "好转"),
    Column("stayed", "rate", "fraction", "share that stayed in its bucket", "Stayed", "停留"),
    Column("rolled_forward", "rate", "fraction", "share that moved to a higher bucket", "Rolled forward", "向前滚动"),
    Column("exited", "rate", "fraction", "share that left: paid off, settled, written off, sold, archived, gone",
           "Exited", "退出"),
    Column("lower", "rate", "fraction", "lower end of the 95% interval", "95% from", "95% 下限"),
    Column("upper", "rate", "fraction", "upper end of the 95% interval", "95% to", "95% 上限"),
    Column("entry_rate", "rate", "fraction", "newly overdue loans ÷ loans not overdue at the date before",
           "Entry rate", "入催率"),
    Column("newly_overdue", "count", "count or currency", "not overdue at the date before, overdue now",
           "Newly overdue", "新增逾期"),
    Column("not_overdue_before", "count", "count or currency", "not overdue at the date before",
           "Not overdue before", "上期未逾期"),
    Column("cohort", "date", "", "month in which the loans became late, by its first day", "Cohort", "逾期批次"),
    Column("months_since", "count", "months", "months since the reference date", "Months since", "距参考日月数"),
    Column("cohorts", "count", "count", "cohorts seen that long", "Cohorts", "批次数"),
    Column("owed", "money", "currency", "owed at the reference date, without penalty", "Owed then", "参考日欠款"),
    Column("recovered_share", "rate", "fraction", "collected ÷ owed at the reference date, of cohorts seen that long",
           "Recovered", "累计回收率"),
    Column("estimate", "rate", "fraction", "recovered share of all cohorts, what is not yet seen by chain ladder",
           "Estimate", "估计值"),
    Column("came_from", "category", "", "state at the date before, of loans that are open now", "Came from", "来自"),
    Column("weight_before", "money", "count or currency", "open loans on side A", "Open, A", "A 未结清"),
    Column("weight_after", "money", "count or currency", "open loans on side B", "Open, B", "B 未结清"),
    Column("share_before", "rate", "fraction", "share of the open loans on side A", "Share, A",
           "A 占比"),
    Column("share_after", "rate", "fraction", "share of the open loans on side B", "Share, B",
           "B 占比"),
    Column("late_before", "rate", "fraction", "late share of them on side A", "Late, A",
           "A 逾期占比"),
    Column("late_after", "rate", "fraction", "late share of them on side B", "Late, B",
           "B 逾期占比"),
    Column("mix", "rate", "fraction", "change explained by where the loans came from", "Mix", "结构"),
    Column("roll", "rate", "fraction", "change explained by more or fewer of them becoming late", "Roll", "滚动"),
    Column("inflow", "rate", "fraction", "change explained by loans disbursed in the step", "Inflow", "新增放款"),
    Column("write_off_ratio", "rate", "fraction", "principal written off since the date before ÷ balance then",
           "Write-off ratio", "核销率"),
    Column("steps", "count", "steps", "dates since the loan was first seen overdue", "Steps", "步数"),
    Column("at_risk", "count", "count", "spells of arrears still watched", "At risk", "在观察"),
    Column("censored", "count", "count", "spells whose end was not seen", "Censored", "删失"),
    Column("survival", "rate", "fraction", "share of spells that last longer", "Still overdue", "仍逾期占比"),
    Column("cured_share", "rate", "fraction", "share of spells cured by then", "Cured by then", "累计恢复占比"),
    Column("roll_rate", "rate", "fraction", "share that moves on to the next bucket", "Roll rate", "向前滚动率"),
    Column("loss_factor", "rate", "fraction", "product of the roll rates up to charge-off, less recovery",
           "Loss factor", "损失系数"),
    Column("expected_loss", "money", "currency", "balance times loss factor", "Expected loss", "预期损失"),
    Column("due_month", "date", "", "month of the due date, by its first day", "Due month", "到期月"),
    Column("newly_overdue_amount", "money", "currency", "unpaid of the instalments when their grace was over",
           "Newly overdue", "新增逾期金额"),
    Column("collected_7", "rate", "fraction", "share of it collected within 7 days", "Collected in 7 days",
           "7 天回收率"),
    Column("collected_30", "rate", "fraction", "share of it collected within 30 days", "Collected in 30 days",
           "30 天回收率"),
    Column("observed_7", "count", "count", "loans whose first instalment fell due more than 7 days ago",
           "Observed, 7 days", "已满 7 天笔数"),
    Column("observed_30", "count", "count", "loans whose first instalment fell due more than 30 days ago",
           "Observed, 30 days", "已满 30 天笔数"),
    Column("fpd7", "rate", "fraction", "share of them more than 7 days late with the first instalment",
           "FPD7", "首逾 7+"),
    Column("fpd30", "rate", "fraction", "share of them more than 30 days late with the first instalment",
           "FPD30", "首逾 30+"),
    Column("kpi", "text", "", "key figure", "Key figure", "指标"),
    Column("label", "text", "", "name of the key figure", "Name", "名称"),
    Column("label_zh", "text", "", "name of the key figure in Chinese", "Name (Chinese)", "中文名称"),
    Column("numerator", "money", "unit of the figure", "what is divided", "Numerator", "分子"),
    Column("denominator", "money", "unit of the figure", "what it is divided by", "Denominator", "分母"),
    Column("definition", "text", "", "what is divided by what", "Definition", "定义"),
    Column("definition_zh", "text", "", "what is divided by what, in Chinese", "Definition (Chinese)", "中文定义"),
    Column("missing", "text", "", "why there is no value", "Missing because", "缺失原因"),
    Column("missing_zh", "text", "", "why there is no value, in Chinese", "Missing because (Chinese)",
           "缺失原因（中文）"),
    # agencies
    Column("period", "text", "", "month of the statement", "Month", "账期"),
    Column("tariff_from", "date", "", "first day of the version of the tariff", "Tariff from", "标准生效日"),
    Column("placement_days_past_due", "count", "days", "days past due at the end of the placement date",
           "Days past due at placement", "委案时逾期天数"),
    Column("band", "text", "", "days of the band that gave the rate", "Band", "档位"),
    Column("recovery_from", "rate", "fraction", "share of the placed amount recovered from which the rate holds",
           "Recovered from", "回收率起点"),
    Column("commissionable", "money", "currency", "amount the rate is applied to", "Commissionable", "计佣金额"),
    Column("vat", "money", "currency", "value added tax on the commission", "VAT", "增值税"),
    Column("vat_rate", "rate", "fraction", "rate of value added tax", "VAT rate", "增值税率"),
    Column("is_vat_included", "flag", "", "true if rates and fees of the tariff hold VAT", "VAT included", "含税"),
    Column("payable", "money", "currency", "commission and VAT", "Payable", "应付合计"),
    Column("is_commissionable", "flag", "", "true if the money earns commission", "Earns", "计佣"),
    Column("opening", "money", "currency", "commission of all statements before", "Opening", "期初累计"),
    Column("closing", "money", "currency", "commission of all statements up to this one", "Closing", "期末累计"),
    Column("earned", "money", "currency", "commission on money received", "Earned", "回款佣金"),
    Column("placed", "money", "currency", "fee on the amount placed", "Fee on placement", "委案费"),
    Column("flat_fee", "money", "currency", "flat fee for each case", "Flat fee", "按件费"),
    Column("clawback", "money", "currency", "commission taken back", "Clawback", "佣金扣回"),
    Column("minimum", "money", "currency", "what lifts a month to the minimum fee", "Minimum", "保底补足"),
    Column("cap", "money", "currency", "what cuts a month to the maximum fee", "Cap", "封顶扣减"),
    # figures the source states itself
    Column("instalment_count", "count", "count", "number of instalments of the loan", "Instalments", "总期数"),
    Column("what", "category", "", "which figure is compared", "Figure", "核对项",
           ("principal", "instalment_count", "paid_to_date", "days_past_due", "penalty")),
    Column("stated", "text", "", "what the source states", "Stated", "来源数值"),
    Column("ours", "text", "", "what the ledger says", "Ours", "本账数值"),
    Column("deviation", "text", "", "stated less ours", "Deviation", "偏差"),
    Column("readings", "text", "", "simple readings of the rules that give the stated figure",
           "Readings", "可能口径"),
    Column("ours_because", "text", "", "how our figure comes about", "Ours, because", "本账依据"),
    Column("stated_because", "text", "", "how the stated figure may come about", "Stated, because", "来源可能的算法"),
    Column("reading", "text", "", "one simple reading of the rules", "Reading", "口径"),
    Column("differences", "count", "count", "figures that differ", "Differences", "差异数"),
    Column("explained", "count", "count", "differences this reading alone explains", "Explained", "可解释数"),
    Column("outcome", "category", "", "what came of comparing a line with the agency's", "Outcome", "核对结果"),
    Column("why", "category", "", "why the ledger does not follow a claim", "Why", "原因说明"),
    Column("matched_by", "category", "", "how our line and the agency's were found to be the same", "Matched by",
           "匹配方式"),
    Column("claimed_date", "date", "", "date in the agency's file", "Claimed date", "对方日期"),
    Column("claimed_amount", "money", "currency", "amount in the agency's file", "Claimed amount", "对方金额"),
    Column("claimed_rate", "rate", "fraction", "rate in the agency's file", "Claimed rate", "对方费率"),
    Column("claimed_commission", "money", "currency", "commission in the agency's file", "Claimed commission",
           "对方佣金"),
    Column("batch", "date", "", "loans handed over in one span of months, by its first day", "Batch", "委案批次"),
    Column("months_since_placement", "count", "months", "calendar months since the hand-over, whose month is 0",
           "Months since placement", "委案后月数"),
    Column("placements", "count", "count", "loans handed over", "Placements", "委案笔数"),
    Column("amount_placed", "money", "currency", "total due at the hand-over", "Amount placed", "委案金额"),
    Column("gross", "rate", "fraction", "cash that came while placed ÷ amount placed", "Liquidation", "回收率"),
    Column("net_back", "rate", "fraction", "cash less commission ÷ amount placed", "Net back", "净回收率"),
    Column("is_estimate", "flag", "", "true if not seen yet, but estimated by chain ladder", "Estimate", "估计值"),
    Column("size_band", "category", "", "third of the amounts placed within the product", "Size", "金额档",
           ("small", "middle", "large")),
    Column("age_band", "text", "", "days past due at the hand-over", "Age at placement", "委案账龄档"),
    Column("paid_share", "rate", "fraction", "share of placements that brought money", "Paid something", "有回款占比"),
    Column("rank_low", "count", "count", "best place of the 95% interval", "Rank from", "名次上限"),
    Column("rank_high", "count", "count", "worst place of the 95% interval", "Rank to", "名次下限"),
    Column("like_gross", "rate", "fraction", "liquidation over like placements", "Like for like",
           "同类回收率"),
    Column("like_net_back", "rate", "fraction", "net back over like placements", "Net back, like for like",
           "同类净回收率"),
    Column("compared_share", "rate", "fraction", "share of the amount placed that is compared", "Compared", "可比占比"),
    Column("complaints", "count", "count", "complaints", "Complaints", "投诉数"),
    Column("contact_count", "count", "count", "contacts and attempts", "Contacts", "联系次数"),
    Column("score", "count", "points", "70 dollars, 20 accounts, 10 service, of the best agency", "Score", "综合得分"),
    Column("proposal", "category", "", "to place with an agency, or to recall from one", "Proposal", "建议",
           ("place", "recall")),
    Column("hand_over_no", "count", "count", "number of the file that went out", "Hand-over", "移交编号"),
    Column("handed_over_at", "timestamp", "", "local time of the hand-over", "Handed over", "移交时间"),
    Column("handed_over_by", "text", "", "who handed it over", "By", "移交人"),
    Column("columns", "text", "", "fields of the file", "Fields", "字段"),
    Column("previous", "text", "", "SHA-256 of the line before", "Line before", "上一行 SHA-256"),
    Column("step_day", "count", "days", "first day past due at the new rate", "From day", "起始天数"),
    Column("rate_before", "rate", "fraction", "rate until the day before", "Rate before", "此前费率"),
    Column("step", "rate", "fraction", "by how much the rate rises", "Step", "上升"),
    Column("waiting_cost", "money", "currency", "more commission if all were collected after the step",
           "Cost of waiting", "等待成本"),
    Column("last_talk_date", "date", "", "day somebody last spoke with the debtor", "Last talk", "最近通话日"),
    Column("last_cash_date", "date", "", "day money last came", "Last money", "最近回款日"),
    Column("over_claimed", "money", "currency", "claimed less ours", "Claimed too much", "多报金额"),
    Column("tie", "text", "", "two sums that must be equal", "Must be equal", "核对项"),
    Column("one_side", "money", "currency", "the first of two sums that must be equal", "One side", "一方"),
    Column("other_side", "money", "currency", "the second of two sums that must be equal", "Other side", "另一方"),
    Column("apart", "money", "currency", "the first sum less the second", "Apart by", "相差"),
    Column("payments", "count", "count", "payments counted", "Payments", "还款笔数"),
    Column("lines", "count", "count", "lines of a statement or file", "Lines", "行数"),
    # the policy
    Column("policy_place", "text", "", "kind, table, part and key of a value of the policy", "Place", "位置"),
    Column("rule_group", "text", "", "group of values of the policy", "Group", "分组"),
    Column("rule_name", "text", "", "product, scheme, agency or name that picks the table", "Applies to", "适用"),
    Column("rule_part", "text", "", "part of the table: a bucket, a limit, a step", "Part", "部分"),
    Column("value_name", "text", "", "what the value of the policy is", "What", "项目"),
    Column("base_value", "text", "", "value of the policy compared with", "Compared with", "对照值"),
    Column("value_change", "text", "", "changed, added or removed", "Change", "变动"),
    Column("effective_from", "date", "", "first day a value of the policy is in force", "From", "生效日"),
    Column("effective_to", "date", "", "last day it is in force; missing: no later version", "Until", "失效日"),
    Column("policy_figure", "text", "", "figure of a day, by its column", "Figure", "指标"),
    Column("figure_of", "text", "", "bucket or tariff the figure is of", "Of", "所属"),
    Column("in_use", "text", "", "figure under the policy in use", "In use", "现行"),
    Column("tried", "text", "", "figure under the policy that is tried", "Tried", "试算"),
    Column("tried_difference", "text", "", "figure tried less figure in use", "Difference", "差额"),
)
# fmt: on

COLUMNS: dict[str, Column] = {column.name: column for column in _COLUMNS}

# fmt: off
_TABLES = (
    Table("loans", "one row per loan",
          ("loan_id", "product", "disbursement_date", "principal", "annual_rate"),
          ("customer_id", "risk_grade", "region", "is_secured", "grace_days", "penalty_annual_rate",
           "closed_date", "close_code", "customer_name", "phone", "id_number", "address"),
          ("loan_id",), "Loans", "贷款"),
    Table("instalments", "what falls due, one row per instalment",
          ("loan_id", "instalment_no", "due_date", "principal", "interest"), ("fee",),
          ("loan_id", "instalment_no"), "Instalments", "还款计划"),
    Table("payments", "what came in, one row per payment",
          ("payment_id", "loan_id", "value_date", "amount"), ("posting_date", "reversal_date", "method"),
          ("payment_id",), "Payments", "还款"),
    Table("pauses", "days that do not count as late or bear no penalty",
          ("loan_id", "start_date", "end_date"), ("reason", "stops_days", "stops_penalty"),
          (), "Pauses", "停计"),
    Table("placements", "loans handed over to an agency",
          ("placement_id", "loan_id", "agency", "placement_date"),
          ("recall_date", "placement_no", "received_at", "imported_at"),
          ("placement_id",), "Placements", "委案"),
    Table("contacts", "contacts and attempts",
          ("contact_id", "loan_id", "contacted_at", "channel", "party", "result"),
          ("collector_id", "agency", "recorded_at", "reason", "note", "number_id", "is_debt_told", "is_appointed",
           "is_reviewed"), ("contact_id",), "Contacts", "联系记录"),
    Table("promises", "promises to pay",
          ("promise_id", "loan_id", "promised_date", "due_date", "amount"), (), ("promise_id",),
          "Promises", "还款承诺"),
    Table("collectors", "who collects",
          ("collector_id",), ("team", "agency", "start_date"), ("collector_id",), "Collectors", "催收员"),
    Table("complaints", "complaints about the collecting",
          ("complaint_id", "loan_id", "complaint_date"),
          ("agency", "collector_id", "reason", "answered_date", "is_upheld"), ("complaint_id",), "Complaints", "投诉"),
    Table("stated", "figures the source states itself, to be compared with ours",
          ("loan_id", "as_of"), ("principal", "instalment_count", "paid_to_date", "days_past_due", "penalty"),
          ("loan_id", "as_of"), "Stated figures", "来源数值"),
)
# fmt: on

TABLES: dict[str, Table] = {table.name: table for table in _TABLES}


def kind_of(frame: pd.DataFrame, name: Any) -> str:
    """Kind of a column of a table, which decides how it is written.

    Notes
    -----
    That of the nomenclature; of a column it lacks the one that the table names for such numbers (``.attrs["kind"]``),
    else by its dtype: money, count, date or text. Numbers and dates that were written as texts are texts; dates are
    dates, and whole numbers are no rate, by whatever name.

    Examples
    --------
    >>> flows = pd.DataFrame({"M1→M2": [0.25], "loans": [4]})
    >>> flows.attrs["kind"] = "rate"
    >>> kind_of(flows, "M1→M2"), kind_of(flows, "loans")
    ('rate', 'count')
    >>> kind_of(pd.DataFrame({"cured": [332]}), "cured")
    'count'
    """
    dtype = frame[name].dtype
    if isinstance(dtype, pd.StringDtype):
        return "text"
    known = COLUMNS[name].kind if name in COLUMNS else ""
    if pd.api.types.is_datetime64_dtype(dtype) and known not in ("date", "timestamp"):
        return "date"
    if pd.api.types.is_integer_dtype(dtype) and known in ("", "rate"):
        return "count"
    if known:
        return known
    if pd.api.types.is_float_dtype(dtype):
        return str(frame.attrs.get("kind", "money"))
    return "text"


def label(name: str, language: str = "en") -> str:
    """Label of a column in ``en`` or ``zh``; a name that is not in the nomenclature is its own label.

    Examples
    --------
    >>> label("penalty", "zh")
    '罚息'
    >>> label("my_own_column")
    'my_own_column'
    """
    column = COLUMNS.get(name)
    if column is None:
        return name
    return column.label_zh if language == "zh" else column.label


def meaning(name: str, language: str = "en") -> str:
    """What a column of the nomenclature means, in ``en`` or ``zh``.

    Examples
    --------
    >>> meaning("total_due", "zh")
    '逾期本金、利息、费用与罚息之和'
    """
    english = COLUMNS[name].meaning
    return MEANINGS_ZH.get(name, english) if language == "zh" else english
