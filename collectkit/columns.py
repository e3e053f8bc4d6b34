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
from typing import Literal

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
    Column("promised_date", "date", "", "day the promise was made", "Promised", "承诺日"),
    Column("team", "text", "", "team of the collector", "Team", "团队"),
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
           "PAR30", "PAR30（逾期30天以上本金占比）"),
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
    Column("commission", "money", "currency", "commission earned by the agency", "Commission", "佣金"),
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
          ("placement_id", "loan_id", "agency", "placement_date"), ("recall_date", "placement_no"),
          ("placement_id",), "Placements", "委案"),
    Table("contacts", "contacts and attempts",
          ("contact_id", "loan_id", "contacted_at", "channel", "party", "result"),
          ("collector_id", "agency", "recorded_at", "reason", "note"), ("contact_id",), "Contacts", "联系记录"),
    Table("promises", "promises to pay",
          ("promise_id", "loan_id", "promised_date", "due_date", "amount"), (), ("promise_id",),
          "Promises", "还款承诺"),
    Table("collectors", "who collects",
          ("collector_id",), ("team", "agency", "start_date"), ("collector_id",), "Collectors", "催收员"),
)
# fmt: on

TABLES: dict[str, Table] = {table.name: table for table in _TABLES}


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
