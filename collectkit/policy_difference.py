"""What a policy has otherwise than another one, value by value."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import TYPE_CHECKING

import pandas as pd

from collectkit.policy import Policy, list_policies, load_policy
from collectkit.policy_leaves import Leaf, leaves
from collectkit.policy_values import told, worded
from collectkit.policy_words import IN_WORDS

if TYPE_CHECKING:
    from collections.abc import Sequence

_COLUMNS = ["value_name", "base_value", "value", "value_change", "unit", "rule_group", "rule_name", "rule_part",
            "effective_from", "source", "policy_place"]  # fmt: skip
_Key = tuple[str, str, "dt.date | None", str, str]


def policy_difference(policy: Policy, base: Policy | None = None, *, language: str = "en") -> pd.DataFrame:
    """Values that a policy has otherwise than another one.

    Parameters
    ----------
    policy : Policy
    base : Policy, optional
        What it is compared with; by default the shipped profile of its name, else the one with the fewest differences.
    language : str
        Of groups, names and units: en or zh.

    Returns
    -------
    DataFrame
        One row per value: value_name, base_value, value, value_change (changed, added or removed), unit, rule_group,
        rule_name, rule_part, effective_from, source (of the policy's table; of the base's if the policy has no such
        table), policy_place. Sources and notes are not compared.

    Notes
    -----
    Tables are compared version by version: those that begin on the same day, then those left in the order of their
    days, so that a version that was only put off shows one changed day. Parts of a table are compared by their names.

    Examples
    --------
    >>> from collectkit.policy import load_policy
    >>> mine = load_policy("plain").replacing(grace_days=5)
    >>> policy_difference(mine)[["policy_place", "base_value", "value"]].values.tolist()
    [['terms.*.grace_days', '0', '5']]
    """
    base = nearest_policy(policy) if base is None else base
    rows = []
    for before, after in _different(policy, base):
        shown, of = (before, base) if after is None else (after, policy)
        if shown is None:
            continue
        name, *words = worded(shown, of, language)
        texts = ["" if leaf is None else leaf.text for leaf in (before, after)]
        change = "changed" if all(texts) else "added" if texts[1] else "removed"
        source, _ = told(of, shown.path, language)
        said = IN_WORDS[change][language == "zh"]
        rows.append([name, *texts, said, *words, shown.effective_from, source, shown.place])
    return pd.DataFrame(rows, columns=_COLUMNS).astype({"effective_from": "datetime64[us]"})


def nearest_policy(policy: Policy) -> Policy:
    """The shipped profile of the same name, else the one with the fewest differences.

    Examples
    --------
    >>> nearest_policy(load_policy("plain").replacing(grace_days=5)).name
    'plain'
    """
    if policy.name in list_policies():
        return load_policy(policy.name)
    shipped = [load_policy(name) for name in list_policies()]
    return min(shipped, key=lambda base: len(_different(policy, base)))


def _different(policy: Policy, base: Policy) -> list[tuple[Leaf | None, Leaf | None]]:
    """Pairs of values that differ, the base's first, in the order of the policy's file; what only the base has last."""
    own, others = list(leaves(policy)), list(leaves(base))
    day_of = _partners(own, others)
    before = {_key(leaf, leaf.effective_from): leaf for leaf in others}
    after = {
        _key(leaf, day_of.get((leaf.kind, leaf.table, leaf.effective_from), leaf.effective_from)): leaf for leaf in own
    }
    pairs = [(before.get(key), after.get(key)) for key in [*after, *(key for key in before if key not in after)]]
    return [(b, a) for b, a in pairs if ("" if b is None else b.text) != ("" if a is None else a.text)]


def _key(leaf: Leaf, day: dt.date | None) -> _Key:
    return leaf.kind, leaf.table, day, leaf.part, leaf.key


def _partners(own: Sequence[Leaf], others: Sequence[Leaf]) -> dict[tuple[str, str, dt.date | None], dt.date]:
    """The day of the base's version that each version of the policy is compared with."""
    days: list[dict[tuple[str, str], set[dt.date]]] = []
    for side in (own, others):
        found = defaultdict(set)
        for leaf in side:
            if leaf.effective_from is not None:
                found[leaf.kind, leaf.table].add(leaf.effective_from)
        days.append(found)
    return {
        (*table, day): other
        for table in days[0]
        for day, other in zip(
            sorted(days[0][table] - days[1].get(table, set())),
            sorted(days[1].get(table, set()) - days[0][table]),
            strict=False,
        )
    }
