"""Names of the values in the lists, in English and Chinese; a value that is not here is its own name."""

from __future__ import annotations

import pandas as pd

from collectkit.casework._words import Words
from collectkit.wording import checked_language

_FLAGS = {"en": {True: "yes", False: "no"}, "zh": {True: "是", False: "否"}}
#: Words of each value, by column.
VALUES: dict[str, dict[str, Words]] = {
    "action": {
        "reminder": {"en": "Reminder", "zh": "到期提醒"},
        "overdue_sms": {"en": "Overdue message", "zh": "逾期短信"},
        "friendly_call": {"en": "Friendly call", "zh": "友好电话"},
        "check_details_call": {"en": "Call, check details", "zh": "电话核对资料"},
        "explain_call": {"en": "Call, explain", "zh": "电话说明后果"},
        "plan_call": {"en": "Call, plan", "zh": "电话商定计划"},
        "late_call": {"en": "Call, last plan", "zh": "电话最后协商"},
        "plan_message": {"en": "Message, plan", "zh": "消息商定计划"},
        "demand_letter": {"en": "Demand letter", "zh": "催款函"},
        "second_letter": {"en": "Second letter", "zh": "第二次催款函"},
        "visit": {"en": "Visit", "zh": "上门"},
        "legal_preparation": {"en": "Prepare for court", "zh": "诉讼准备"},
        "filing_review": {"en": "Decide on filing", "zh": "评估起诉"},
        "hand_over_review": {"en": "Decide on an agency", "zh": "评估委外"},
        "collateral_review": {"en": "Collateral", "zh": "评估担保物"},
        "review": {"en": "Review", "zh": "复核"},
    },
    "channel": {
        "sms": {"en": "message", "zh": "短信"},
        "call": {"en": "call", "zh": "电话"},
        "im": {"en": "chat message", "zh": "即时消息"},
        "app_push": {"en": "app notice", "zh": "App 推送"},
        "letter": {"en": "letter", "zh": "信函"},
        "visit": {"en": "visit", "zh": "上门"},
    },
    "party": {
        "debtor": {"en": "debtor", "zh": "债务人"},
        "guarantor": {"en": "guarantor", "zh": "担保人"},
        "contact_person": {"en": "contact person", "zh": "联系人"},
    },
    "promise_status": {
        "kept": {"en": "kept", "zh": "已履行"},
        "open": {"en": "open", "zh": "未到期"},
        "partly": {"en": "partly kept", "zh": "部分履行"},
        "broken": {"en": "broken", "zh": "未履行"},
    },
    "rule": {
        "hours": {"en": "Hours", "zh": "联系时段"},
        "effective_calls": {"en": "Effective calls a day", "zh": "每日有效通话"},
        "attempts": {"en": "Attempts a day", "zh": "每日拨打次数"},
        "calls_per_loan": {"en": "Calls in a week", "zh": "每周通话"},
        "quiet_after_talk": {"en": "Quiet after a talk", "zh": "通话后静默"},
        "third_party": {"en": "Contact persons", "zh": "联系第三人"},
        "debt_data": {"en": "Debt told to others", "zh": "向他人透露债务"},
        "visits": {"en": "Visits", "zh": "上门"},
        "late_entry": {"en": "Late entry", "zh": "迟录入"},
        "late_import": {"en": "Late import", "zh": "迟导入"},
        "records": {"en": "Records kept", "zh": "保存期限"},
    },
    "team": {
        "early": {"en": "early", "zh": "早期组"},
        "middle": {"en": "middle", "zh": "中期组"},
        "late": {"en": "late", "zh": "后期组"},
        "field": {"en": "field", "zh": "外访组"},
        "agency": {"en": "agency", "zh": "委外"},
    },
    "outcome": {
        "done": {"en": "done", "zh": "按时完成"},
        "done_late": {"en": "done late", "zh": "延迟完成"},
        "done_blocked": {"en": "done despite a block", "zh": "应暂缓而办理"},
        "paid_first": {"en": "paid first", "zh": "先行还款"},
        "moved_on": {"en": "not called for any more", "zh": "不再需要"},
        "missed": {"en": "missed", "zh": "错过"},
        "due_today": {"en": "due on the last day", "zh": "末日到期"},
        "late": {"en": "late", "zh": "拖延"},
        "blocked": {"en": "blocked", "zh": "暂缓"},
        "not_recorded": {"en": "not recorded", "zh": "无记录"},
    },
    "finding": {
        "above": {"en": "above like cases", "zh": "高于同类"},
        "below": {"en": "below like cases", "zh": "低于同类"},
        "alike": {"en": "cannot be told apart", "zh": "无法区分"},
        "too_few": {"en": "too few cases to say", "zh": "案件太少，无法判断"},
    },
    "warning": {
        "late_in_grace": {"en": "Late in grace", "zh": "宽限期内未还"},
        "part_payments": {"en": "Part payments", "zh": "分次还款"},
        "overdue_elsewhere": {"en": "Overdue elsewhere", "zh": "其他贷款逾期"},
        "failed_debit": {"en": "Payment taken back", "zh": "还款冲正"},
    },
    "case": {
        "unpaid": {"en": "Nothing is paid", "zh": "未还款"},
        "paid_without_pause": {"en": "Paid, no pause", "zh": "按期还款、不停计"},
        "plan_kept": {"en": "Plan kept", "zh": "按计划履约"},
        "rescheduled": {"en": "New schedule, kept", "zh": "重新约期并履约"},
    },
    "result": {
        "no_answer": {"en": "no answer", "zh": "无人接听"},
        "busy": {"en": "busy", "zh": "占线"},
        "message_left": {"en": "message left", "zh": "已留言"},
        "wrong_number": {"en": "wrong number", "zh": "号码有误"},
        "promised": {"en": "promised", "zh": "已承诺"},
        "refused": {"en": "refused", "zh": "拒绝"},
        "considers": {"en": "considers", "zh": "考虑中"},
        "paid": {"en": "paid", "zh": "已还"},
        "disputes": {"en": "disputes", "zh": "有异议"},
        "delivered": {"en": "delivered", "zh": "已送达"},
        "failed": {"en": "failed", "zh": "未送达"},
        "not_home": {"en": "not at home", "zh": "不在家"},
    },
    "reason": {
        "forgot": {"en": "forgot", "zh": "忘记还款"},
        "short_of_cash": {"en": "short for now", "zh": "暂时周转困难"},
        "lost_job": {"en": "lost the job", "zh": "失业"},
        "illness": {"en": "illness", "zh": "疾病"},
        "business": {"en": "business is bad", "zh": "经营困难"},
        "dispute": {"en": "disputes", "zh": "有异议"},
        "told a relative": {"en": "told a relative", "zh": "告知亲属"},
        "called at night": {"en": "called at night", "zh": "夜间来电"},
    },
}
VALUES["last_result"] = VALUES["result"]
_NOBODY = {
    "agency": {"en": "in-house", "zh": "自营"},
    "team": {"en": "system", "zh": "系统"},
    "collector_id": {"en": "system", "zh": "系统"},
}


def worded(frame: pd.DataFrame, *, language: str = "en") -> pd.DataFrame:
    """The table with its coded values and flags in words; a value that has none stays as it is.

    Parameters
    ----------
    frame : DataFrame
    language : {"en", "zh"}

    Examples
    --------
    >>> worded(pd.DataFrame({"channel": ["sms", "pigeon"]}), language="zh").channel.tolist()
    ['短信', 'pigeon']
    """
    checked_language(language)
    changes = {}
    for name, column in frame.items():
        if pd.api.types.is_bool_dtype(column.dtype):
            changes[name] = column.map(_FLAGS[language]).astype("str")
        elif name in VALUES:
            words = {value: word[language] for value, word in VALUES[name].items()}
            text = column.astype("str")
            changes[name] = text.map(words).fillna(text).astype("str")
        elif isinstance(column.dtype, pd.CategoricalDtype) and not column.dtype.ordered:
            changes[name] = column.astype("str")
    return frame.assign(**{str(name): column for name, column in changes.items()})


def with_houses(frame: pd.DataFrame, *, language: str = "en") -> pd.DataFrame:
    """The table in words, as `worded`, with a word where agency, team or collector is missing: in-house, the system.

    Parameters
    ----------
    frame : DataFrame
    language : {"en", "zh"}

    Examples
    --------
    >>> with_houses(pd.DataFrame({"agency": ["Anxin", None], "team": [None, "early"]})).values.tolist()
    [['Anxin', 'system'], ['in-house', 'early']]
    """
    told = worded(frame, language=language)
    words = {name: word[language] for name, word in _NOBODY.items() if name in told}
    return told.assign(**{name: told[name].astype("str").fillna(word) for name, word in words.items()})
