"""States of a loan in words; buckets keep their names."""

from __future__ import annotations

import pandas as pd

from collectkit.wording import LANGUAGES, checked_language

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
    checked_language(language)
    words = {state: told[LANGUAGES.index(language)] for state, told in STATES.items()}
    told = table.assign(**{name: table[name].astype("str").replace(words) for name in _COLUMNS if name in table})
    if table.index.name in _COLUMNS:
        named = [words.get(str(state), str(state)) for state in table.index]
        told.index = pd.Index(named, dtype="str", name=table.index.name)
    return told
