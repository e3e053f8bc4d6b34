"""The words of the wing, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping

Words = Mapping[str, str]

#: What each rule asks for; braces are keys of its limit.
ALLOWED: dict[str, Words] = {
    "hours": {"en": "from {earliest} on, before {latest}", "zh": "{earliest} 起、{latest} 前"},
    "effective_calls": {
        "en": "at most {most} effective calls a day per debtor, lender and agencies together",
        "zh": "每名债务人每天有效通话至多 {most} 次，机构与委外合并计算",
    },
    "attempts": {"en": "at most {most} attempts a day per number", "zh": "每个号码每天至多拨打 {most} 次"},
    "calls_per_loan": {
        "en": "at most {most} calls in {days} days per loan",
        "zh": "每笔贷款 {days} 天内至多 {most} 次",
    },
    "quiet_after_talk": {
        "en": "no call within {days} days of a talk, its day included",
        "zh": "通话当天起 {days} 天内不再致电",
    },
    "third_party": {
        "en": "a contact person only after {after_attempts} failed attempts at the debtor, by message or call, and "
        "never again after a refusal",
        "zh": "联系债务人失败 {after_attempts} 次后方可联系第三人，限短信或电话，对方拒绝后不得再联系",
    },
    "debt_data": {"en": "no word of the debt to a contact person", "zh": "不得向第三人透露债务"},
    "visits": {"en": "visits by appointment, reviewed by a supervisor", "zh": "上门须预约，并由主管复核"},
    "late_entry": {"en": "entered at most {days} days later", "zh": "{days} 天内录入"},
    "same_day": {"en": "entered on the same day", "zh": "当天录入"},
    "late_import": {"en": "imported within {hours} hours", "zh": "{hours} 小时内录入"},
    "records": {"en": "kept at least {months} months", "zh": "至少保存 {months} 个月"},
}
#: What a record shows where it breaks a rule.
SEEN: dict[str, Words] = {
    "hours": {"en": "{channel} at {time}", "zh": "{time} {channel}"},
    "effective_calls": {
        "en": "effective call {number} of the day ({who})",
        "zh": "当天第 {number} 次有效通话（{who}）",
    },
    "attempts": {"en": "attempt {number} of the day", "zh": "当天第 {number} 次拨打"},
    "calls_per_loan": {"en": "call {number} in {days} days", "zh": "{days} 天内第 {number} 次"},
    "quiet_after_talk": {"en": "spoken to on {date}", "zh": "{date} 已通话"},
    "channel": {"en": "{channel} to a contact person", "zh": "对第三人使用{channel}"},
    "too_early": {"en": "{number} failed attempts at the debtor before", "zh": "此前联系债务人失败 {number} 次"},
    "refused_before": {"en": "the contact person had refused on {date}", "zh": "第三人已于 {date} 拒绝"},
    "flagged": {"en": "recorded: the debt was told", "zh": "记录显示已告知债务"},
    "told": {"en": "the record says: {note}", "zh": "记录内容：{note}"},
    "no_appointment": {"en": "no appointment recorded", "zh": "无预约记录"},
    "not_reviewed": {"en": "no review recorded", "zh": "无复核记录"},
    "late_entry": {"en": "entered on {date}", "zh": "{date} 录入"},
    "late_import": {"en": "received {received}, imported {imported}", "zh": "{received} 收到，{imported} 录入"},
}
#: Why a rule could not be checked.
UNCHECKED: dict[str, Words] = {
    "columns": {"en": "the records do not hold: {columns}", "zh": "记录中没有：{columns}"},
    "records": {"en": "deletions leave no record", "zh": "删除不留记录"},
}
#: Why a step waits.
BLOCKS: dict[str, Words] = {
    "plan": {"en": "a plan is live", "zh": "还款计划有效"},
    "dispute": {"en": "a dispute is open: answer it first", "zh": "存在争议：先答复"},
    "promise": {"en": "a promise is open", "zh": "承诺未到期"},
    "refused": {"en": "refused on this channel: review the case first", "zh": "该渠道已被拒绝：先复核"},
    "effective_calls": {"en": "effective calls of the day are used up", "zh": "当天有效通话次数已满"},
    "attempts": {"en": "attempts of the day are used up", "zh": "当天拨打次数已满"},
    "calls_per_loan": {"en": "calls of these days are used up", "zh": "期间通话次数已满"},
    "quiet_after_talk": {"en": "quiet days after the last talk", "zh": "通话后静默期"},
    "hours": {"en": "outside the allowed hours", "zh": "不在允许时段"},
    "day_off": {"en": "public holiday or day off", "zh": "节假日"},
}
REVIEW: Words = {
    "en": "Review: the debtor refused or disputes; decide how to go on",
    "zh": "复核：债务人拒绝或提出争议，决定后续方式",
}
#: What a case must be for a step.
CONDITIONS: dict[str, Words] = {
    "large": {"en": "the amount is large", "zh": "金额较大"},
    "unreached": {"en": "nobody was reached", "zh": "无法联系"},
    "secured": {"en": "secured", "zh": "有担保"},
    "unsecured": {"en": "unsecured", "zh": "无担保"},
    "in_house": {"en": "in-house", "zh": "自营"},
    "no_plan": {"en": "no live plan", "zh": "无有效计划"},
}
#: Why a case is worth a suit or not.
LEGAL: dict[str, Words] = {
    "worth": {
        "en": "no live plan, and more is expected than court and lawyer cost",
        "zh": "无有效计划，预期回收高于诉讼成本",
    },
    "plan": {"en": "a plan is live or a promise is open", "zh": "还款计划有效或承诺未到期"},
    "cost": {"en": "court and lawyer cost as much as is expected, or more", "zh": "诉讼成本不低于预期回收"},
}
#: Early signs, in the order in which they are looked for.
WARNINGS: dict[str, Words] = {
    "late_in_grace": {
        "en": "instalment {number} due {date} is unpaid, {days} days late and still inside its grace",
        "zh": "第 {number} 期应还日 {date} 未还，已迟 {days} 天，尚在宽限期内",
    },
    "part_payments": {"en": "instalment {number} was paid in {count} pieces", "zh": "第 {number} 期分 {count} 次还款"},
    "overdue_elsewhere": {
        "en": "another loan of the customer is {days} days past due",
        "zh": "该客户另一笔贷款已逾期 {days} 天",
    },
    "failed_debit": {"en": "a payment was taken back on {date}", "zh": "{date} 有一笔还款被冲正"},
}
