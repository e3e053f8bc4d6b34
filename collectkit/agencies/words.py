"""Kinds, reasons and outcomes in words, English and Chinese."""

from __future__ import annotations

import pandas as pd

from collectkit.wording import codes_in_words

#: Columns that hold codes, and what each code says.
WORDS = {
    "kind": {
        "earned": ("Earned", "回款佣金"), "placed": ("Fee on placement", "委案费"), "flat_fee": ("Flat fee", "按件费"),
        "clawback": ("Taken back", "扣回"), "minimum": ("Minimum of the month", "月度保底"),
        "cap": ("Maximum of the month", "月度封顶"), "total": ("Total", "合计"),
    },
    "reason": {
        "while_placed": ("overdue money while placed", "委案期内的逾期回款"),
        "in_tail": ("after the recall, within the tail", "退案后保护期内回款"),
        "below_target": ("the target is not reached yet", "尚未达到目标回收率"),
        "on_placement": ("for being given the case", "委案即计"),
        "monthly_minimum": ("lifted to the minimum fee", "补足至保底费用"),
        "monthly_cap": ("cut to the maximum fee", "扣减至封顶费用"),
        "posted_late": ("paid earlier, known only now", "此前到账，本期入账"),
        "restated": ("figures behind it changed", "依据变化后重算"),
        "reversed": ("the payment was taken back", "还款已冲正"),
        "in_house": ("the loan was never placed", "从未委案"),
        "before_placement": ("came before the loan was placed", "委案前回款"),
        "after_recall": ("came after the recall", "退案后回款"),
        "other_agency": ("another agency had the loan", "当时由其他机构受托"),
        "no_tariff": ("no tariff for this placement", "该委案无适用佣金标准"),
        "own_debit": ("the lender's own scheduled debit", "机构自有代扣"),
        "set_off": ("set off, not paid", "抵销，非还款"),
        "coming_instalment": ("paid an instalment not yet due", "提前偿还未到期期款"),
        "not_overdue": ("paid what was not overdue", "偿还未逾期款项"),
        "beyond_debt": ("more than was owed", "超出应还金额"),
    },
    "outcome": {
        "missing_in_ledger": ("Not in our ledger", "我方无此回款"),
        "missing_in_statement": ("Not in the agency's file", "对方未列"),
        "amount_differs": ("Amount differs", "金额不符"), "wrong_rate": ("Wrong rate", "费率不符"),
        "outside_window": ("Outside the placement", "不在委案期内"), "after_recall": ("After the recall", "退案后"),
        "duplicate": ("Claimed twice", "重复"), "not_commissionable": ("Does not earn", "不计佣"),
        "agreed": ("Agreed", "一致"), "total": ("Total", "合计"),
    },
    "why": {
        "claimed_twice": ("claimed twice in this file", "本文件内重复"),
        "stated_before": ("in an earlier statement", "已列入此前账单"),
        "after_period": ("known only after the month was closed", "账期关闭后才入账"),
        "no_line": ("the tariff pays for the placement, not for cash", "该标准按委案计费"),
    },
    "matched_by": {"payment_id": ("payment", "还款编号"), "loan_date_amount": ("loan, date, amount", "贷款+日期+金额")},
    "tariff": {
        "elapsed_months": ("by months elapsed", "按满月数"), "month_index": ("by month index", "按月份序号"),
    },
    "tie": {
        "lines_statement": ("Lines = commission of the statement", "明细之和 = 本期佣金"),
        "opening_closing": ("Opening + commission = closing", "期初 + 本期 = 期末"),
        "month_before": ("Closing of the month before = opening", "上月期末 = 本月期初"),
        "cash_reasons": ("Cash of the ledger = cash with a reason", "账上回款 = 已归因回款"),
        "cash_lines": ("Cash that earns = commissionable in the lines", "计佣回款 = 明细计佣金额"),
    },
    "proposal": {"place": ("Place", "委案"), "recall": ("Recall", "退案")},
    "size_band": {"small": ("small", "小额"), "middle": ("middle", "中额"), "large": ("large", "大额")},
}  # fmt: skip
WORDS["why"] |= WORDS["reason"]


def in_words(table: pd.DataFrame, *, language: str = "en") -> pd.DataFrame:
    """A table of this wing with its codes in words; what is no code of ours is left as it is.

    Parameters
    ----------
    table : DataFrame
    language : {"en", "zh"}

    Examples
    --------
    >>> in_words(pd.DataFrame({"kind": ["clawback"], "reason": ["reversed"]}), language="zh").values.tolist()
    [['扣回', '还款已冲正']]
    """
    return codes_in_words(table, WORDS, language)
