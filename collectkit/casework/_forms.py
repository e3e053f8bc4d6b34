"""The rows of records that people fill in, and what the file already knows of them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from collectkit.casework._words import Words
from collectkit.portfolio import Portfolio
from collectkit.wording import money

_HEADS = {"en": ("Item", "Entry"), "zh": ("项目", "内容")}
_BLANK = "________________"
_BOX = {"en": "☐ attached", "zh": "☐ 已附"}

STATUSES: dict[str, Words] = {
    "current": {"en": "current", "zh": "正常"},
    "overdue": {"en": "overdue", "zh": "逾期"},
    "paid": {"en": "paid", "zh": "已还清"},
    "paid_off": {"en": "paid off", "zh": "结清"},
    "written_off": {"en": "written off", "zh": "核销"},
    "settled": {"en": "settled", "zh": "和解"},
    "sold": {"en": "sold", "zh": "转让"},
    "archived": {"en": "archived", "zh": "归档"},
}
#: Rows to fill in, by kind of record: (English, Chinese).
_ROWS: dict[str, tuple[tuple[str, str], ...]] = {
    "visit_record": (
        ("Appointment made on / for", "预约时间"),
        ("Place", "上门地点"),
        ("Who went, identity shown", "到场人员及出示证件"),
        ("Who was met", "见面人"),
        ("Living or working conditions", "居住或工作环境"),
        ("Attitude and reason", "态度及原因"),
        ("Promised date and amount", "承诺日期与金额"),
        ("Recording no.", "录音编号"),
        ("Reviewed by, on", "主管复核及日期"),
    ),
    "handover_record": (
        ("Reason", "交接原因"),
        ("Open points", "未结事项"),
        ("Papers handed over", "移交资料"),
        ("Remarks", "特别说明"),
    ),
    "closure_record": (
        ("Reason for closing", "结案原因"),
        ("Approved by, on", "批准人及日期"),
        ("File no.", "归档编号"),
        ("Remarks", "说明"),
    ),
}


def form(portfolio: Portfolio, loan_id: str, as_of: pd.Timestamp, kind: str, language: str) -> pd.DataFrame:
    """The rows of a record: blank ones to fill in, or for the evidence what the file holds."""
    if kind == "evidence_list":
        rows = _evidence(portfolio, loan_id, as_of, language)
    else:
        rows = [(en if language == "en" else zh, _BLANK) for en, zh in _ROWS.get(kind, ())]
    return pd.DataFrame(rows, columns=list(_HEADS[language]), dtype=object)


def last_rows(portfolio: Portfolio, table: str, loan_id: str, as_of: pd.Timestamp, columns: list[str]) -> pd.DataFrame:
    """The last five rows of a loan in a table, by the first of the columns."""
    frame = portfolio.table(table)
    frame = frame[(frame["loan_id"] == loan_id) & (frame[columns[0]] < as_of + pd.Timedelta(days=1))]
    return frame.sort_values(columns[0]).tail(5)[columns]


def _evidence(portfolio: Portfolio, loan_id: str, as_of: pd.Timestamp, language: str) -> list[tuple[str, str]]:
    """Papers to attach, and counts of what the records hold."""
    paid = portfolio.payments
    paid = paid[(paid["loan_id"] == loan_id) & (paid["value_date"] <= as_of)]
    contacts = portfolio.contacts
    contacts = contacts[(contacts["loan_id"] == loan_id) & (contacts["contacted_at"] < as_of + pd.Timedelta(days=1))]
    sent = contacts[(contacts["channel"] == "letter") & (contacts["result"] == "delivered")]["contacted_at"]
    letters = ", ".join(sent.dt.strftime("%Y-%m-%d")) or "–"
    total = money(paid["amount"].sum())
    rows: list[tuple[str, Any]]
    if language == "en":
        rows = [("Loan contract and proof of payout", _BOX), ("Identity papers", _BOX),
                ("Repayment record", f"{len(paid)} payments, {total} in all"),
                ("Contact record", f"{len(contacts)} contacts"), ("Recordings", _BOX),
                ("Letters delivered (they begin the limitation period anew)", letters)]  # fmt: skip
    else:
        rows = [("借款合同及放款凭证", _BOX), ("身份资料", _BOX),
                ("还款记录", f"{len(paid)} 笔，合计 {total} 元"), ("催收记录", f"{len(contacts)} 次"), ("录音", _BOX),
                ("送达的催款函（中断诉讼时效）", letters)]  # fmt: skip
    return [(name, value[language] if isinstance(value, dict) else value) for name, value in rows]
