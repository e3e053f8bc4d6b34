"""The words for stated figures that differ from ours: how ours comes about, and by which reading the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

#: How a figure of ours comes about.
OURS: dict[str, dict[str, str]] = {
    "principal": {
        "en": "Lent on {lent_on}: {ours}. Principal of the instalments together: {scheduled}.",
        "zh": "{lent_on} 放款 {ours}；各期本金合计 {scheduled}。",
    },
    "instalment_count": {
        "en": "Instalments of the schedule: {ours}, due from {first} to {last}.",
        "zh": "还款计划共 {ours} 期，应还日期自 {first} 至 {last}。",
    },
    "paid_to_date": {
        "en": "Payments with a value date up to {as_of}: {payments}, of them posted later: {posted_later}; "
        "together {ours}, left over: {left_over}.",
        "zh": "到账日不晚于 {as_of} 的还款 {payments} 笔，其中 {posted_later} 笔为事后入账；合计 {ours}，"
        "未分配 {left_over}。",
    },
    "days_past_due": {
        "en": "The oldest unpaid instalment fell due on {oldest}. Days to {as_of}: {calendar}, paused: {paused}, "
        "grace: {grace} ({mode}).",
        "zh": "最早未还一期的应还日期为 {oldest}，至 {as_of} 共 {calendar} 天，停计 {paused} 天，"
        "宽限 {grace} 天（{mode}）。",
    },
    "penalty": {
        "en": "Instalments that bear penalty: {bearing}. Balance × nights together: {product}, rate {rate}; rounded "
        "for each instalment: {gross}; already paid: {paid}.",
        "zh": "计罚息 {bearing} 期，积数合计 {product}，利率 {rate}；逐期取整后 {gross}；已还罚息 {paid}。",
    },
    "nothing_late": {
        "en": "Nothing that fell due before {as_of} is unpaid.",
        "zh": "{as_of} 之前到期的款项均已还清。",
    },
    "closed": {
        "en": "The loan was closed on {closed}: nothing is owed any more.",
        "zh": "该贷款已于 {closed} 关闭，不再列应还金额。",
    },
}
MODES = {
    "threshold": {"en": "counted once it is over", "zh": "超过后计入"},
    "subtract": {"en": "not counted", "zh": "不计入"},
}
#: What the source seems to do, where that alone gives its figure.
READINGS: dict[str, dict[str, str]] = {
    "schedule_principal": {"en": "the principal of the instalments is added up", "zh": "取各期本金之和"},
    "schedule_with_interest": {"en": "principal and interest of the instalments are added up", "zh": "取各期本息之和"},
    "principal_left": {"en": "the principal not yet paid is meant", "zh": "取未还本金"},
    "fallen_due": {"en": "only instalments that have fallen due are counted", "zh": "只计已到期的期数"},
    "not_paid_off": {"en": "only instalments not yet paid off are counted", "zh": "只计未还清的期数"},
    "overdue_ones": {"en": "only overdue instalments are counted", "zh": "只计逾期期数"},
    "last_number": {"en": "the number of the last instalment is meant", "zh": "取最后一期的期号"},
    "as_posted": {"en": "only what was known on that day counts", "zh": "只计当日已入账的还款和冲正"},
    "day_before": {"en": "the end of the day before is meant", "zh": "取前一日日终数"},
    "reversed_counts": {"en": "payments that were taken back still count", "zh": "已冲正的还款仍然计入"},
    "without_left_over": {"en": "money left over is not counted", "zh": "不计未分配的金额"},
    "without_penalty": {"en": "money that went to penalty is not counted", "zh": "不计归还罚息的金额"},
    "principal_and_interest": {
        "en": "only money that went to principal and interest counts",
        "zh": "只计归还本息的金额",
    },
    "only_principal": {"en": "only money that went to principal counts", "zh": "只计归还本金的金额"},
    "no_grace": {"en": "there is no grace", "zh": "不给宽限期"},
    "grace_subtracted": {"en": "the days of grace are not counted", "zh": "宽限期天数不计入"},
    "grace_counted": {"en": "the days of grace are counted once they are over", "zh": "超过宽限期后自应还日起算"},
    "from_next_day": {"en": "the day after the due date is day 0", "zh": "以应还日次日为第 0 天"},
    "first_day_counts": {"en": "the due date is day 1 (inclusive counting)", "zh": "以应还日当天为第 1 天（首尾都计）"},
    "thirty_day_months": {"en": "every month has 30 days", "zh": "每月按 30 天计"},
    "pauses_count": {"en": "paused days count, too", "zh": "停计期间照常计算"},
    "not_closed": {"en": "the loan is taken as open", "zh": "视为未关闭的贷款"},
    "year_of_365": {"en": "the year has 365 days", "zh": "一年按 365 天计"},
    "year_of_360": {"en": "the year has 360 days", "zh": "一年按 360 天计"},
    "no_ceiling": {"en": "the rate is not cut to the ceiling", "zh": "罚息利率不封顶"},
    "no_cap": {"en": "penalty has no cap", "zh": "罚息金额不封顶"},
    "contract_rate": {"en": "penalty runs at the contract rate", "zh": "按合同利率计罚息"},
    "policy_rate": {"en": "the loan's own penalty rate is passed over", "zh": "不用本贷款约定的罚息利率"},
    "on_principal": {"en": "penalty runs on principal alone", "zh": "只按本金计罚息"},
    "on_interest_too": {"en": "penalty runs on principal and interest", "zh": "按本金和利息计罚息"},
    "on_everything": {"en": "penalty runs on principal, interest and fee", "zh": "按本金、利息和费用计罚息"},
    "paid_not_taken_off": {"en": "penalty already paid is not taken off", "zh": "不扣除已还罚息"},
    "each_day_rounded": {"en": "the penalty of each day is rounded to the cent", "zh": "每日罚息取整到分"},
    "each_day_cut": {"en": "the penalty of each day is cut off to the cent", "zh": "每日罚息舍去分以下"},
    "rounded_once": {"en": "penalty is rounded once for the whole loan", "zh": "整笔贷款罚息只取整一次"},
    "cut_off": {"en": "fractions of a cent are cut off for each instalment", "zh": "各期罚息舍去分以下"},
}
_STATED = {
    "en": ("The source states {stated} for {as_of}. ", "That comes out if {readings}.", " or if ",
           "No simple reading of the rules gives it."),
    "zh": ("来源于 {as_of} 列示 {stated}。", "若{readings}，即得此数。", "，或", "没有简单口径能得出此数。"),
}  # fmt: skip


def stated_because(stated: str, as_of: str, readings: Sequence[str], language: str) -> str:
    """What the source states, and the readings that give it.

    Examples
    --------
    >>> stated_because("34", "2025-04-04", ["first_day_counts"], "en")
    'The source states 34 for 2025-04-04. That comes out if the due date is day 1 (inclusive counting).'
    """
    begin, fitting, joint, none = _STATED[language]
    words = fitting.format(readings=joint.join(READINGS[name][language] for name in readings)) if readings else none
    return begin.format(stated=stated, as_of=as_of) + words


def ours_because(kind: str, given: Mapping[str, object], language: str) -> str:
    """How one of our figures comes about.

    Examples
    --------
    >>> ours_because("closed", {"closed": "2025-03-01"}, "zh")
    '该贷款已于 2025-03-01 关闭，不再列应还金额。'
    """
    return OURS[kind][language].format(**given)
