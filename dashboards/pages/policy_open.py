"""Which values of the policy are open for trying: a group, a table of it, and a part of a large table."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from collectkit.policy_values import worded
from collectkit.policy_words import GROUPS, group_label, key_label
from dashboards import shared, tried
from dashboards.words import N_

if TYPE_CHECKING:
    import pandas as pd

    from collectkit.policy_leaves import Leaf
    from dashboards.session import Session

_FIRST = "grace"
_MOST_FIELDS = 40
"""A table with more values than these is shown part by part."""


class Level(NamedTuple):
    """One choice: its field of the address, its label, what there is to choose, and what is chosen."""

    name: str
    label: str
    options: Callable[[Session], dict[str, str]]
    value: Callable[[Session], str]


def open_leaves(session: Session) -> list[Leaf]:
    """Values whose fields are shown."""
    there, part = _of_table(session), _part(session)
    return there if len(there) <= _MOST_FIELDS else [leaf for leaf in there if leaf.part == part]


def leaf_label(session: Session, leaf: Leaf, *, is_alone: bool = False) -> str:
    """What a value is called, with its part unless that is chosen above, and its unit."""
    name, unit, _, _, part = worded(leaf, shared.policy(session.policy), session.lang)
    is_told = is_alone or len(_of_table(session)) <= _MOST_FIELDS
    text = f"{part}: {name}" if part and is_told else name
    return f"{text} [{unit}]" if unit else text


def leaf_title(session: Session, leaf: Leaf) -> str:
    """What a value is called where it stands alone: with its group, its table and the day that begins."""
    part = leaf_label(session, leaf, is_alone=True)
    return " · ".join([group_label(leaf.group, session.lang), *_table_label(session, leaf), part])


def _table_label(session: Session, leaf: Leaf) -> list[str]:
    """What picks a table, and the day it begins."""
    name = [] if leaf.table in ("", "*") else [leaf.table]
    day = [session.words.text("from {date}", date=leaf.effective_from)] if leaf.effective_from else []
    return [*name, *day]


def open_value(session: Session, row: pd.Series) -> None:
    """Open the table that a row of values is of."""
    day = str(row["effective_from"])[:10]
    for leaf in tried.values_of(session.policy).values():
        if leaf.place == row["policy_place"] and day in (str(leaf.effective_from), "NaT") and leaf.kind != "readings":
            session.param.update(rules_group=leaf.group, rules_table=tried.table_of(leaf), rules_part=leaf.part)
            return


def _groups(session: Session) -> dict[str, str]:
    """Groups of which there are values; clauses with two readings have none of their own."""
    there = tried.tables_of(session.policy)
    return {group_label(name, session.lang): name for name in GROUPS if name in there and name != "readings"}


def _group(session: Session) -> str:
    return session.rules_group if session.rules_group in _groups(session).values() else _FIRST


def _tables(session: Session) -> dict[str, str]:
    """Tables of the group, by product, name … and the day they begin."""
    every = session.words.text("All")
    there = tried.tables_of(session.policy)[_group(session)]
    return {" ".join(_table_label(session, leaves[0])) or every: table for table, leaves in there.items()}


def _table(session: Session) -> str:
    """The table that is open: the reader's, else the latest version of the first."""
    there = list(_tables(session).values())
    name = there[0].partition("@")[0]
    latest = [table for table in there if table.partition("@")[0] == name][-1]
    return session.rules_table if session.rules_table in there else latest


def _of_table(session: Session) -> list[Leaf]:
    return tried.tables_of(session.policy)[_group(session)][_table(session)]


def _parts(session: Session) -> dict[str, str]:
    """Parts of a table that has more values than fit; what stands in no part is general."""
    there, words = _of_table(session), session.words
    if len(there) <= _MOST_FIELDS:
        return {words.text("All"): ""}
    return {key_label(leaf.part, session.lang) or words.text("General"): leaf.part for leaf in there}


def _part(session: Session) -> str:
    there = list(_parts(session).values())
    return session.rules_part if session.rules_part in there else there[0]


LEVELS = (
    Level("rules_group", N_("Group"), _groups, _group),
    Level("rules_table", N_("Table"), _tables, _table),
    Level("rules_part", N_("Part"), _parts, _part),
)
