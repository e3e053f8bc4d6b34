"""States of a loan in words; buckets keep their names."""

from __future__ import annotations

import pandas as pd

from collectkit.wording import codes_in_words

STATES: dict[str, tuple[str, str]] = {
    "paid_off": ("paid off", "结清"), "settled": ("settled", "和解"), "written_off": ("written off", "核销"),
    "sold": ("sold", "转让"), "archived": ("archived", "归档"), "gone": ("gone", "消失"), "left": ("left", "退出"),
    "unobserved": ("not observed", "未观察到"), "new": ("new", "新增"),
}  # fmt: skip
_COLUMNS = ("came_from", "state_before", "state")


def in_words(table: pd.DataFrame, *, language: str = "en") -> pd.DataFrame:
    """A table of this wing with its states in words, in its columns and its index.

    Parameters
    ----------
    table : DataFrame
    language : {"en", "zh"}

    Examples
    --------
    >>> in_words(pd.DataFrame({"state": ["M1", "written_off"]}), language="zh")["state"].tolist()
    ['M1', '核销']
    """
    words = dict.fromkeys(_COLUMNS, STATES)
    told = codes_in_words(table, words, language)
    if table.index.name in _COLUMNS:
        named = codes_in_words(table.index.to_frame(), words, language)
        told.index = pd.Index(named[table.index.name])
    return told
