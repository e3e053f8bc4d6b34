"""The words of a policy: every group, key and choice once, in English and Chinese; and what a wrong value should be."""

from __future__ import annotations

from collectkit.refusals import in_chinese

# fmt: off
GROUPS = {
    "policy": ("Policy", "规则本身"),
    "days": ("Counting days", "天数计算"),
    "grace": ("Grace", "宽限期"),
    "penalty": ("Penalty", "罚息"),
    "allocation": ("Order of payment", "冲账顺序"),
    "bucket_schemes": ("Buckets", "逾期阶段"),
    "asset_classes": ("Asset classes", "资产分类"),
    "tariffs": ("Commission tariffs", "佣金标准"),
    "contact_rules": ("Contact rules", "联系规则"),
    "promise_terms": ("Promises", "还款承诺"),
    "wording": ("Words to avoid", "禁用措辞"),
    "cadence": ("Steps", "催收步骤"),
    "hand_over": ("Hand-over and recall", "委案与收回"),
    "readings": ("Clauses with two readings", "有两种读法的条款"),
}
_LABELS = {
    "name": ("name", "名称"), "title": ("title", "标题"), "currency": ("currency", "币种"),
    "effective_from": ("in force from", "生效日"), "product": ("product", "产品"), "agency": ("agency", "委外机构"),
    # counting days, grace, penalty
    "day_count": ("days of a year for interest", "计息年天数"), "grace_days": ("days of grace", "宽限天数"),
    "grace_mode": ("how grace works", "宽限方式"), "penalty": ("rate", "罚息率"),
    "multiple_of_contract": ("penalty rate as a multiple of the contract rate", "罚息为合同利率的倍数"),
    "annual_rate": ("penalty rate a year", "罚息年利率"), "daily_rate": ("penalty rate a day", "罚息日利率"),
    "penalty_base": ("what penalty accrues on", "罚息基数"), "penalty_ceiling_annual": ("ceiling a year", "年利率上限"),
    "penalty_cap_ratio": ("most penalty of an instalment, as a share of its base", "每期罚息上限（占基数比例）"),
    # order of payment
    "allocation_order": ("order", "顺序"), "allocation_scope": ("by instalment or by component", "按期或按科目"),
    "late_allocation": ("another order when late", "逾期较久时的顺序"), "from_days": ("from day", "自第几天起"),
    "order": ("order", "顺序"), "scope": ("by instalment or by component", "按期或按科目"),
    # bands
    "min_days": ("first day past due", "逾期天数自"), "max_days": ("last day past due", "逾期天数至"),
    "bands": ("age band", "账龄档"), "recovery_bands": ("recovery band", "回收率档"), "rate": ("rate", "费率"),
    "rates": ("rates by age band", "各账龄档费率"), "from": ("from share recovered", "回收率自"),
    # tariffs
    "basis": ("paid on", "计费基数"), "age_at": ("age counted at", "账龄时点"),
    "tiering": ("what a recovery band changes", "回收率档的作用"), "minimum_fee": ("least fee", "最低费用"),
    "maximum_fee": ("most fee", "最高费用"), "flat_fee_per_case": ("flat fee a case", "每案固定费"),
    "tail_days": ("days after recall that still count", "收回后仍计佣天数"),
    "own_debit_methods": ("payment methods that are the lender's own", "自主扣款方式"),
    "set_off_methods": ("payment methods that are set-off", "抵销方式"), "vat_rate": ("VAT", "增值税率"),
    "vat_included": ("VAT is in the rate", "费率含税"),
    # contact rules
    "missed_results": ("results that are no talk", "未接通的结果"), "applies_to": ("binds", "约束对象"),
    "earliest": ("earliest time", "最早时间"), "latest": ("latest time", "最晚时间"), "channels": ("channels", "渠道"),
    "most": ("most", "上限"), "days": ("days", "天数"), "after_attempts": ("only after attempts", "须先联系本人次数"),
    "refusal_results": ("results that are a refusal", "拒绝的结果"), "words": ("words", "词语"),
    "by_appointment": ("by appointment", "须预约"), "reviewed": ("reviewed afterwards", "须复核"),
    "hours": ("hours", "小时"), "months": ("months kept", "保存月数"),
    "effective_calls": ("effective calls", "有效通话"), "attempts": ("attempts", "拨打次数"),
    "calls_per_loan": ("calls a loan", "每笔贷款通话"), "quiet_after_talk": ("quiet after a talk", "通话后静默"),
    "third_party": ("contact persons", "联系第三人"), "debt_data": ("telling of the debt", "透露欠款"),
    "visits": ("visits", "上门"), "late_entry": ("late records", "补录"), "late_import": ("late import", "导入时限"),
    "records": ("keeping records", "记录保存"),
    "not_in_reminder": ("not in a reminder", "提醒中不用"), "impolite": ("impolite", "不礼貌"),
    "threats": ("threats", "威胁"),
    # steps
    "large_amount": ("large amount", "大额标准"),
    "unreached_days": ("days without a talk: unreached", "未接通天数（失联）"),
    "actions_per_day": ("actions of a person a day", "每人每日处理数"), "rest_days": ("days of rest", "休息日"),
    "dispute_results": ("results that are a dispute", "异议的结果"),
    "grades": ("grades, best first", "等级（由优到劣）"),
    "priority": ("points of priority", "优先级分值"), "plan": ("plan", "还款计划"),
    "waiting": ("waiting", "等待"), "broken_promise": ("broken promise", "失约"),
    "no_contact": ("no contact", "未联系"),
    "amount": ("amount", "金额"), "grade": ("grade", "等级"), "deferral_days": ("days of a deferral", "展期天数"),
    "first_share": ("share paid first", "首付比例"), "most_months": ("most months", "最长月数"),
    "action": ("action", "动作"), "channel": ("channel", "渠道"), "to_days": ("to day", "至第几天"),
    "every_days": ("every so many days", "间隔天数"), "only": ("only if", "仅当"), "by": ("done by", "执行者"),
    "is_demand": ("is a demand", "属催告"), "deadline_days": ("days to answer", "答复期限"),
    "say": ("in words", "说明"), "say_zh": ("in words (Chinese)", "说明（中文）"),
    "reminder": ("reminder", "提醒"), "overdue_sms": ("overdue message", "逾期短信"),
    "friendly_call": ("friendly call", "友好电话"), "check_details_call": ("call to check details", "核对信息电话"),
    "explain_call": ("call to explain", "说明后果电话"), "plan_call": ("call about a plan", "方案电话"),
    "plan_message": ("message about a plan", "方案短信"), "demand_letter": ("demand letter", "催告函"),
    "second_letter": ("second letter", "第二封函"), "visit": ("visit", "上门"), "late_call": ("late call", "后期电话"),
    "legal_preparation": ("legal preparation", "诉讼准备"), "hand_over_review": ("review for hand-over", "委案评估"),
    "filing_review": ("review for filing", "起诉评估"), "collateral_review": ("review of collateral", "押品评估"),
    # asset classes
    "special_mention": ("special mention", "关注"), "substandard": ("substandard", "次级"),
    "doubtful": ("doubtful", "可疑"), "loss": ("loss", "损失"),
    # hand-over
    "is_active": ("in use", "启用"), "products": ("products", "产品"), "is_secured": ("secured", "有担保"),
    "min_due": ("total due at least", "应还总额不低于"), "no_contact_days": ("days without a talk", "未通话天数"),
    "min_loans": ("loans at least", "笔数不少于"), "placed_days": ("days with the agency", "在委天数"),
    "no_cash_days": ("days without money", "无回款天数"), "is_settled": ("nothing overdue any more", "已无逾期"),
    "is_paused": ("paused", "停计中"),
}
_CHOICES = {
    "true": ("yes", "是"), "false": ("no", "否"),
    "threshold": ("once past, all days count", "超过后全部天数计入"),
    "subtract": ("days of grace never count", "宽限天数不计入"),
    "instalment": ("by instalment", "按期"), "component": ("by component", "按科目"),
    "collected": ("on what is collected", "按回款"), "placed": ("on what is placed", "按委案金额"),
    "payment": ("at payment", "还款时"), "placement": ("at placement", "委案时"),
    "whole": ("all cash at the new rate", "全部按新费率"), "marginal": ("each slice at its own", "分段计费"),
    "target": ("nothing below the first", "未达标不计"), "person": ("a person", "人工"),
    "system": ("the system", "系统"),
    "everyone": ("everybody", "所有人"), "agencies": ("agencies", "委外机构"), "none": ("none", "无"),
    "public_holidays": ("public holidays", "法定节假日"), "days_off": ("weekends and holidays", "周末和节假日"),
    "place": ("place", "委案"), "recall": ("recall", "收回"), "sms": ("SMS", "短信"), "call": ("call", "电话"),
    "im": ("messenger", "即时通讯"), "app_push": ("app", "应用推送"), "letter": ("letter", "信函"),
    "visit": ("visit", "上门"),
    "360": ("360", "360"), "365": ("365", "365"), "": ("not set", "不设"),
}
_UNITS = {
    "days": ("days", "天"), "money": ("", ""), "1/year": ("1/year", "每年"), "1/day": ("1/day", "每日"),
    "fraction": ("fraction", "小数"), "times": ("times", "倍"), "months": ("months", "月"), "hours": ("hours", "小时"),
    "count": ("count", "次"), "points": ("points", "分"), "loans": ("loans", "笔"),
}
_UNIT_OF = {
    "annual_rate": "1/year", "penalty_ceiling_annual": "1/year", "daily_rate": "1/day", "multiple_of_contract": "times",
    "large_amount": "money", "min_due": "money", "minimum_fee": "money", "maximum_fee": "money",
    "flat_fee_per_case": "money", "months": "months", "most_months": "months", "hours": "hours", "min_loans": "loans",
    "day_count": "days", "days": "days", "rest_days": "", "actions_per_day": "count", "most": "count",
    "after_attempts": "count",
    "amount": "points", "waiting": "points", "broken_promise": "points", "no_contact": "points", "grade": "points",
    "penalty_cap_ratio": "fraction", "rate": "fraction", "rates": "fraction", "from": "fraction",
    "vat_rate": "fraction", "first_share": "fraction",
}
IN_WORDS = {
    "readings": ("In use: {}. The other reading: {}.", "采用：{}。另一读法：{}。"),
    "changed": ("changed", "已改"), "added": ("added", "新增"), "removed": ("removed", "删除"),
}

NOT_A_COUNT = "“{}” is not a whole number; write e.g. 3"
NOT_A_NUMBER = "“{}” is not a plain number; write e.g. 0.18 for 18%"
NOT_A_DATE = "“{}” is not a date; write it as 2025-12-31"
NOT_A_TIME = "“{}” is not a time of day; write it as 22:00"
NOT_ONE_OF = "“{}” is not one of: {}"
_ADVICE = {
    NOT_A_COUNT: "“{0}”不是整数；请写作 3 之类",
    NOT_A_NUMBER: "“{0}”不是普通数字；18% 请写作 0.18",
    NOT_A_DATE: "“{0}”不是日期；请写作 2025-12-31",
    NOT_A_TIME: "“{0}”不是时刻；请写作 22:00",
    NOT_ONE_OF: "“{0}”不在可选值之中：{1}",
    "is missing; write it": "不能为空；请填写",
    "{} looks like percent; write it as a fraction: \"{}\"": "{0} 像是百分数；请写作小数 {1}",
    "the rate {} must be 0 or more": "比率 {0} 不能小于 0",
    "{} is not an amount in whole cents, 0 or more; write e.g. \"12.50\"":
        "{0} 不是精确到分且不小于 0 的金额；请写作 12.50 之类",
    "Input should be greater than or equal to {} (got {})": "须不小于 {0}（现为 {1}）",
    "Input should be less than or equal to {} (got {})": "须不大于 {0}（现为 {1}）",
    "gap: days {} to {} are in no band; write min_days = {}": "第 {0} 至 {1} 天不在任何一档；请把起始天数写作 {2}",
    "gap: days from {} on are in no band; leave out max_days of the last one":
        "第 {0} 天起不在任何一档；最后一档请不要写终止天数",
    "overlap at day {}; write min_days = {}": "第 {0} 天重叠；请把起始天数写作 {1}",
    "max_days {} is before min_days {}": "终止天数 {0} 早于起始天数 {1}",
    "to_days {} is before from_days {}": "终止天数 {0} 早于起始天数 {1}",
    "earliest {} is not before latest {}": "最早时间 {0} 不早于最晚时间 {1}",
    "daily_rate {} is more than the whole amount a day; write e.g. \"0.0005\"":
        "日利率 {0} 超过每日全额；请写作 0.0005 之类",
    "give exactly one of multiple_of_contract, annual_rate, daily_rate; got {}":
        "倍数、年利率、日利率须恰好填写一项（现为 {0}）",
    "name each of \"fee\", \"penalty\", \"interest\", \"principal\" once":
        "fee、penalty、interest、principal 须各写一次",
    "name each component of the base once": "基数中的每个科目只写一次",
    "{} is not between {} and {}; write {} for always": "{0} 不在 {1} 与 {2} 之间；始终有效请写 {3}",
    "first_share {} is not a share; write e.g. \"0.5\"": "首付比例 {0} 不是比例；请写作 0.5 之类",
    "maximum_fee {} is below minimum_fee {}": "最高费用 {0} 低于最低费用 {1}",
}
# fmt: on


def group_label(group: str, language: str) -> str:
    """A group of values in words."""
    return _said(GROUPS, group, language)


def key_label(key: str, language: str) -> str:
    """What a key of the file, or a part of a table, is called; one that is not known is its own label.

    Examples
    --------
    >>> key_label("grace_days", "zh"), key_label("bands 2", "en"), key_label("M1", "en")
    ('宽限天数', 'age band 2', 'M1')
    """
    word, _, number = key.partition(" ")
    if key not in _LABELS and word in _LABELS and number.isdigit():
        return f"{_said(_LABELS, word, language)} {number}"
    return _said(_LABELS, key, language)


def choice_label(choice: str, language: str) -> str:
    """A choice in words; one that is not known is its own label."""
    return _said(_CHOICES, choice, language)


def unit_label(key: str, language: str, currency: str) -> str:
    """Unit of a value by its key; empty if it has none.

    Examples
    --------
    >>> unit_label("grace_days", "en", "CNY"), unit_label("min_due", "en", "CNY"), unit_label("grace_mode", "en", "CNY")
    ('days', 'CNY', '')
    """
    unit = _UNIT_OF.get(key, "days" if key.endswith("_days") else "")
    return currency if unit == "money" else _said(_UNITS, unit, language)


def advice_in(advice: str, language: str) -> str:
    """What to write instead of a wrong value; advice that is not in the catalogue stays in English.

    Examples
    --------
    >>> advice_in("max_days 3 is before min_days 5", "zh")
    '终止天数 3 早于起始天数 5'
    """
    return in_chinese(advice, _ADVICE) if language == "zh" else advice


def _said(words: dict[str, tuple[str, str]], name: str, language: str) -> str:
    return words[name][language == "zh"] if name in words else name
