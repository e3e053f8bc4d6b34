"""A policy that is tried: what a reader changed, whether it holds, and its figures, kept for all readers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import collectkit as ck
from collectkit.errors import PolicyError
from collectkit.policy_difference import nearest_policy
from collectkit.policy_effect import figures_under, side_by_side
from collectkit.policy_values import by_address
from dashboards import shared
from dashboards.fields import Field, choice, short_text
from dashboards.kept import kept
from dashboards.words import N_

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    import pandas as pd

    from collectkit.policy_leaves import Leaf
    from dashboards.session import Session

LONGEST = 400
"""Longest text of a value [characters]."""
VERSIONS = {"in_force": N_("In force on the date"), "all": N_("All versions")}
"""Which versions the table of values has."""
_MOST_CHANGES = 60
_IS = " = "

Changes = tuple[tuple[str, str], ...]


def _parse(texts: Sequence[str], _: str) -> Changes:
    """What the address changes: address of the value and its text; what is no such pair is told."""
    found = {}
    for text in texts[:_MOST_CHANGES]:
        address, between, value = text.partition(_IS)
        if not between or len(text) > 2 * LONGEST:
            raise ValueError(text)
        found[address] = value[:LONGEST]
    return tuple(sorted(found.items()))


FIELDS = (
    Field("tried", (), _parse, lambda changes: [f"{address}{_IS}{text}" for address, text in changes]),
    short_text("rules_group"),
    short_text("rules_table"),
    short_text("rules_part"),
    short_text("find"),
    choice("versions", VERSIONS),
    short_text("compared_with"),
)
"""What the page Policy keeps in the address: changes, what is open, the word looked for, versions, the base."""


class Tried(NamedTuple):
    """A policy with changes; None with what is wrong, by the address of the value, if it breaks a rule."""

    policy: ck.Policy | None
    problems: Mapping[str, str]


@kept(20)
def values_of(name: str) -> dict[str, Leaf]:
    """Every value of a policy by its address."""
    return by_address(shared.policy(name))


@kept(20)
def tables_of(name: str) -> dict[str, dict[str, list[Leaf]]]:
    """Values of a policy by their group, then by their table and its day."""
    found: dict[str, dict[str, list[Leaf]]] = {}
    for leaf in values_of(name).values():
        found.setdefault(leaf.group, {}).setdefault(table_of(leaf), []).append(leaf)
    return found


def table_of(leaf: Leaf) -> str:
    """Which table of its kind a value is of, and the day that begins."""
    return f"{leaf.table}@{leaf.effective_from or ''}"


def changes_of(session: Session) -> Changes:
    """What the reader changed, as far as the policy in use has such values."""
    there = values_of(session.policy)
    return tuple((address, text) for address, text in session.tried if address in there)


@kept(200)
def tried(name: str, changes: Changes) -> Tried:
    """A policy with changes."""
    try:
        return Tried(ck.changed_policy(shared.policy(name), dict(changes)), {})
    except PolicyError as error:
        return Tried(None, error.problems)


@kept(200)
def figures(key: shared.Key, changes: Changes) -> pd.Series:
    """The figures of a day under the policy with changes."""
    policy = tried(key.policy, changes).policy
    return figures_under(shared.portfolio(key.portfolio), policy, as_of=key.as_of)


@kept(200)
def effect(key: shared.Key, changes: Changes) -> pd.DataFrame:
    """The figures in use and those tried, side by side."""
    return side_by_side(figures(key, ()), figures(key, changes))


@kept(100)
def table(name: str, language: str, word: str, as_of: date | None) -> pd.DataFrame:
    """The values of a policy that have a word, in force on a day or of all versions."""
    return ck.policy_values(shared.policy(name), language=language, word=word, as_of=as_of)


@kept(100)
def difference(name: str, changes: Changes, base: str, language: str) -> pd.DataFrame:
    """What a policy with changes has otherwise than a shipped one."""
    policy: Any = tried(name, changes).policy
    return ck.policy_difference(policy, shared.policy(base), language=language)


@kept(20)
def base_of(name: str) -> str:
    """The shipped profile that a policy is most like."""
    return nearest_policy(shared.policy(name)).name
