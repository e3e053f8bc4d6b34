"""What each table counts, in words; every table carries its own in ``.attrs["definition"]``."""

from __future__ import annotations

import pandas as pd

from collectkit.errors import unknown_name

_WEIGHT = {
    "count": ("Weight: number of loans.", "权重：贷款笔数。"),
    "balance": (
        "Weight: principal balance at the start of the step.",
        "权重：步初本金余额。",
    ),
}
_EXITS = {
    "absorbing": (
        "Paid off, settled, written off, sold, archived and gone (no more rows) are outcomes of their own and stay in "
        "the denominator.",
        "结清、和解、核销、转让、归档及消失（此后无记录）单列并计入分母。",
    ),
    "censored": (
        "Loans that left (paid off, settled, written off, sold, archived, gone) are not in the denominator.",
        "已退出的贷款（结清、和解、核销、转让、归档、消失）不计入分母。",
    ),
}
_STEP = (
    "A step goes from one date of the panel to the next; steps are pooled: sum over sum. What was not observed at the "
    "next date (the last date, a gap) is not in the denominator.",
    "一步指面板中相邻两个日期；各步合并计算：分子之和除以分母之和。下一日期未观察到的（末日、缺口）不计入分母。",
)
_INTERVAL = {
    "goodman": ("Interval: Goodman, 95% for the row as a whole.", "区间：Goodman 法，整行 95%。"),
    "wilson": ("Interval: Wilson, 95%, of {en}.", "区间：Wilson 法，{zh}的 95% 区间。"),
    "none": (
        "No interval: a balance weights few loans heavily, and the cube does not hold them one by one.",
        "不给区间：余额权重集中于少数贷款，而汇总数据中没有单笔。",
    ),
}

Texts = tuple[str, str]


def weighted(weight: str) -> Texts:
    """Text of a weight; an unknown one lists the valid ones."""
    if weight not in _WEIGHT:
        raise unknown_name("weight", weight, _WEIGHT)
    return _WEIGHT[weight]


def exits_text(exits: str) -> Texts:
    """Text of how exits are treated; an unknown one lists the valid ones."""
    if exits not in _EXITS:
        raise unknown_name("treatment of exits", exits, _EXITS)
    return _EXITS[exits]


def interval(kind: str, weight: str, en: str = "", zh: str = "") -> Texts:
    """Text of an interval: there is one only by count."""
    texts = _INTERVAL[kind if weight == "count" else "none"]
    return texts[0].format(en=en), texts[1].format(zh=zh)


def steps() -> Texts:
    """Text of what a step is."""
    return _STEP


def defined(table: pd.DataFrame, *texts: Texts, **more: object) -> pd.DataFrame:
    """The table with its definition in English and Chinese; `kind` is that of numbers the nomenclature lacks."""
    table.attrs["definition"] = {"en": " ".join(t[0] for t in texts), "zh": "".join(t[1] for t in texts)}
    table.attrs.update(more)
    return table
