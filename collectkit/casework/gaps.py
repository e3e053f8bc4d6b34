"""Gaps: which tables a report needs and the portfolio lacks, and what therefore cannot be told."""

from __future__ import annotations

import pandas as pd

from collectkit.columns import TABLES
from collectkit.days import Date, checked_period, dates_of
from collectkit.portfolio import Portfolio
from collectkit.wording import checked_language

#: What each table is needed for, and the day of its rows.
_NEEDS = {
    "contacts": ("contacted_at", "contacts, talks, steps done, breaches, whose the cash is",
                 "联系、接通、已办节点、违规、回款归属"),
    "promises": ("promised_date", "promises made and kept", "承诺及其履行"),
    "collectors": (None, "teams", "团队"),
    "placements": ("placement_date", "agencies", "委外机构"),
    "complaints": ("complaint_date", "complaints", "投诉"),
}  # fmt: skip
_SAID = {
    "absent": {"en": "The portfolio has no such table: this cannot be told, and 0 in this report is not none.",
               "zh": "组合中没有此表，因此无法说明；报告中的 0 不代表没有发生。"},
    "none": {"en": "No row falls in the period: either nothing happened or it was not recorded.",
             "zh": "本期没有记录：可能没有发生，也可能没有登记。"},
}  # fmt: skip


def data_gaps(portfolio: Portfolio, *, start: Date, end: Date, language: str = "en") -> pd.DataFrame:
    """What a report on casework cannot tell, because its tables are not there or empty in the period.

    Parameters
    ----------
    portfolio : Portfolio
    start, end : date
        First and last day, both included.
    language : {"en", "zh"}

    Returns
    -------
    DataFrame
        One row per table that lacks: table (in words), needed_for, note. Empty if nothing does.

    Examples
    --------
    >>> import collectkit as ck
    >>> bare = ck.load_sample("demo").replacing(contacts=ck.load_sample("demo").contacts.head(0))
    >>> data_gaps(bare, start="2025-06-01", end="2025-06-30").table.tolist()
    ['Contacts', 'Complaints']
    """
    checked_language(language)
    first, last = checked_period(start, end)
    low, after = dates_of([first, last + 1])
    rows = []
    for name, (day, needed, needed_zh) in _NEEDS.items():
        frame = portfolio.table(name)
        inside = frame if day is None else frame[(frame[day] >= low) & (frame[day] < after)]
        if len(inside):
            continue
        word = "none" if len(frame) else "absent"
        table = TABLES[name].label if language == "en" else TABLES[name].label_zh
        rows.append((table, needed if language == "en" else needed_zh, _SAID[word][language]))
    return pd.DataFrame(rows, columns=["table", "needed_for", "note"], dtype="str")
