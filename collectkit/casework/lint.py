"""The linter: what a message must hold and must not say before it is written at all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from collectkit.contact_rules import Wording

_AMOUNT = re.compile(
    r"(?:[¥￥$€£]|CNY|RMB|USD)\s*\d|\d[\d,.]*\s*(?:元|块|万|CNY|RMB|USD|yuan)|\d{1,3}(?:,\d{3})+|\d+\.\d{2}\b",
    re.IGNORECASE,
)


def lint(
    text: str,
    *,
    fields: Mapping[str, str],
    required: Iterable[str],
    wording: Wording,
    debt_words: Iterable[str] = (),
    is_reminder: bool = False,
    party: str = "debtor",
) -> list[str]:
    """What is wrong with a message, each problem in a sentence; nothing if it may be sent.

    Parameters
    ----------
    text : str
        The message as it would be sent.
    fields : mapping of str to str
        Values it may name, as they are written: name, loan, total, phone, …
    required : iterable of str
        Names of fields whose values must stand in the text.
    wording : Wording
        Words to avoid, from the policy.
    debt_words : iterable of str
        Words that tell of a debt, from the rule ``debt_data``.
    is_reminder : bool
        True for the reminder of the due day: it does not speak of being late.
    party : {"debtor", "guarantor", "contact_person"}

    Examples
    --------
    >>> import collectkit as ck
    >>> wording = ck.load_policy().wording_on("2025-06-30")
    >>> lint("赶紧还钱", fields={"phone": "400-1"}, required=["phone"], wording=wording)
    ['phone is missing: the text must hold "400-1"', 'impolite: 赶紧还钱']
    """
    problems = [
        f'{name} is missing: the text must hold "{fields.get(name, "")}"'
        for name in required
        if not fields.get(name) or fields[name] not in text
    ]
    lists = [("impolite", wording.impolite), ("a threat", wording.threats)]
    if is_reminder:
        lists.insert(0, ("not in a reminder", wording.not_in_reminder))
    problems += [f"{kind}: {word}" for kind, words in lists for word in words_in(text, words)]
    if party == "contact_person" and tells_of_debt(text, debt_words):
        problems.append("debt data to a third party: no amount and no word of the debt may stand in it")
    return problems


def tells_of_debt(text: str, words: Iterable[str]) -> bool:
    """True if a text holds an amount of money or one of the words, whole words where they are letters.

    Examples
    --------
    >>> [tells_of_debt(text, ["欠款"]) for text in ("请转告他回电", "他的欠款", "owes 3,200.00")]
    [False, True, True]
    """
    return bool(_AMOUNT.search(text)) or bool(words_in(text, words))


def words_in(text: str, words: Iterable[str]) -> list[str]:
    """The words that stand in a text, upper and lower case the same; 您 counts as 你."""
    low = text.casefold().replace("您", "你")
    return [word for word in words if re.search(_pattern(word.casefold()), low)]


def _pattern(word: str) -> str:
    """A Latin word stands between word boundaries, a Chinese one anywhere."""
    return rf"\b{re.escape(word)}\b" if word.isascii() else re.escape(word)
