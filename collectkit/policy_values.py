"""Every value of a policy in one table, and the policy with some of them changed."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from typing import Any

import pandas as pd

from collectkit.errors import PolicyError, unknown_name
from collectkit.policy import VERSION_KEYS, Policy
from collectkit.policy_leaves import Leaf, Path, leaves, table_name
from collectkit.policy_words import IN_WORDS, group_label, key_label, unit_label
from collectkit.rules import checked

_COLUMNS = ["value_name", "value", "unit", "rule_group", "rule_name", "rule_part", "effective_from", "effective_to",
            "source", "note", "policy_place"]  # fmt: skip
_DATES = {"effective_from": "datetime64[us]", "effective_to": "datetime64[us]"}


def policy_values(
    policy: Policy, *, language: str = "en", word: str = "", as_of: dt.date | str | None = None
) -> pd.DataFrame:
    """Every value of a policy that is set, with its unit, the days it is in force, and where it comes from.

    Parameters
    ----------
    policy : Policy
    language : str
        Of groups, names and units: en or zh. The values are as the file has them.
    word : str
        Only values that have this word in one of the columns.
    as_of : date or str, optional
        Only values of the versions in force on this day; without it, of all versions.

    Returns
    -------
    DataFrame
        One row per value: value_name, value, unit, rule_group, rule_name, rule_part, effective_from, effective_to
        (missing: there is no later version), source, note (of its table, and the readings of a clause that can be read
        in two ways), policy_place.

    Notes
    -----
    Lists are joined by commas; rates are fractions, as in the file.

    Examples
    --------
    >>> from collectkit.policy import load_policy
    >>> values = policy_values(load_policy("plain"), word="grace").set_index("policy_place")
    >>> values.loc["terms.*.grace_days", ["value", "unit"]].tolist()
    ['0', 'days']
    """
    until, clauses = _last_days(policy), {clause.where: clause for clause in policy.readings if clause.where}
    rows = []
    for leaf in leaves(policy):
        if leaf.text and leaf.text != leaf.part and leaf.key != "effective_from":
            source, note = told(policy, leaf.path, language)
            clause = clauses.get(leaf.place)
            if clause is not None or leaf.kind == "readings":
                note = f"{note} {_both(clause or policy.readings[int(leaf.path[1])], language)}".strip()
            name, unit, *where = worded(leaf, policy, language)
            rows.append([name, leaf.text, unit, *where, leaf.effective_from, until.get(leaf.path[:2]), source, note,
                         leaf.place])  # fmt: skip
    table = pd.DataFrame(rows, columns=_COLUMNS).astype(_DATES)
    if as_of is not None:
        day = pd.Timestamp(as_of)
        later, over = table["effective_from"] > day, table["effective_to"] < day  # false where there is no such day
        table = table[~later & ~over].reset_index(drop=True)
    if not word.strip():
        return table
    texts = table.map(str).agg("\n".join, axis=1).str.casefold()
    return table[texts.str.contains(word.strip().casefold(), regex=False)].reset_index(drop=True)


def changed_policy(policy: Policy, changes: Mapping[str, str]) -> Policy:
    """A what-if: the policy with some values changed, each told in the note of its table.

    Parameters
    ----------
    policy : Policy
    changes : mapping
        Text of the new value by its address: its place, ``@`` and the day its version begins. An empty text takes a
        value away.

    Raises
    ------
    CallError
        There is no value of that address.
    PolicyError
        A value the policy file would not accept either; `problems` says by address what to write instead.

    Examples
    --------
    >>> from collectkit.policy import load_policy
    >>> tried = changed_policy(load_policy("plain"), {"terms.*.grace_days@1950-01-01": "5"})
    >>> tried.terms[0].grace_days, tried.terms[0].note.split(". ")[-1]
    (5, 'Changed: grace_days = 5 (was 0)')
    """
    there = by_address(policy)
    data, problems = policy.model_dump(exclude_none=True), {}
    for address, text in changes.items():
        if address not in there:
            raise unknown_name("value of the policy", address, there)
        leaf, new = there[address], text.strip()
        try:
            _put(data, leaf.path, leaf.read(new))
        except ValueError as error:
            problems[address] = str(error)
        if len(leaf.path) > 1:
            table: Any = data[leaf.kind][leaf.path[1]]
            was = f" (was {leaf.text})" if leaf.text else ""
            table["note"] = f"{table.get('note', '')} Changed: {leaf.key} = {new or 'not set'}{was}".strip()
    where = f"{policy.name} with changes"
    if problems:
        raise PolicyError("\n".join(f"- {address}: {text}" for address, text in problems.items()), problems)
    try:
        return checked(Policy, data, where)
    except PolicyError as error:
        raise PolicyError(str(error), _by_address(error, there, changes)) from error


def fingerprint(policy: Policy) -> str:
    """Twelve hex digits that differ whenever a value, a source or a note does.

    Examples
    --------
    >>> from collectkit.policy import load_policy
    >>> fingerprint(load_policy("plain")) == fingerprint(load_policy("plain").replacing(grace_days=1))
    False
    """
    return hashlib.sha256(policy.model_dump_json(exclude_none=True).encode()).hexdigest()[:12]


def policy_toml(policy: Policy, above: str = "") -> str:
    """Text of a file that `load_policy` reads back.

    Parameters
    ----------
    policy : Policy
    above : str
        Lines that say what it is, written as comments above.

    Returns
    -------
    str

    Examples
    --------
    >>> from collectkit.policy import load_policy
    >>> print(policy_toml(load_policy("plain"), "Mine.")[:22])
    # Mine.
    name = "plain"
    """
    import tomlkit

    head = "".join(f"# {line}\n" for line in above.splitlines())
    return head + tomlkit.dumps(policy.model_dump(exclude_none=True))


def by_address(policy: Policy) -> dict[str, Leaf]:
    """Every value by its address, those that are not set, too."""
    return {leaf.address: leaf for leaf in leaves(policy)}


def worded(leaf: Leaf, policy: Policy, language: str) -> tuple[str, str, str, str, str]:
    """Name, unit, group, table and part of a value."""
    key = policy.readings[int(leaf.path[1])].name.replace("_", " ") if leaf.kind == "readings" else leaf.key
    part, name = key_label(leaf.part, language), key_label(key, language)
    return name, unit_label(leaf.key, language, policy.currency), group_label(leaf.group, language), leaf.table, part


def told(policy: Policy, path: Path, language: str) -> tuple[str, str]:
    """Source and note of the table that a value stands in; a part's own where it has them."""
    here: Any = policy
    source = note = ""
    keys = ("source_zh", "source") if language == "zh" else ("source",)
    for step in path[:-1]:
        here = here[step] if isinstance(step, int) else getattr(here, str(step), None)
        own = next((getattr(here, key) for key in keys if getattr(here, key, "")), "")
        source, note = (own, here.note) if own else (source, note)
    return source, note


def _both(clause: Any, language: str) -> str:
    """Both readings of a clause, the one in use first."""
    used, *others = clause.readings
    return f"{clause.number}: " + IN_WORDS["readings"][language == "zh"].format(used, " / ".join(others))


def _last_days(policy: Policy) -> dict[Path, dt.date]:
    """Last day of every version that a later one ends."""
    ends: dict[Path, dt.date] = {}
    for kind in VERSION_KEYS:
        latest: dict[str, int] = {}
        for number, table in enumerate(getattr(policy, kind)):
            name = table_name(kind, table)
            if name in latest:
                ends[kind, latest[name]] = table.effective_from - dt.timedelta(days=1)
            latest[name] = number
    return ends


def _put(data: Any, path: Path, value: Any) -> None:
    """Set a value of the file, or take it away; a part that was not there is made, and goes when nothing is left."""
    if len(path) == 1:
        if value is None:
            data.pop(path[0], None)
        else:
            data[path[0]] = value
        return
    if isinstance(data, dict):
        data.setdefault(path[0], {})
    _put(data[path[0]], path[1:], value)
    if data[path[0]] == {}:
        del data[path[0]]


def _by_address(error: PolicyError, there: Mapping[str, Leaf], changes: Mapping[str, str]) -> dict[str, str]:
    """What to write instead, by the value it is said of; what a whole table lacks is said of its changed values."""
    found: dict[str, str] = {}
    for location, advice in error.problems.items():
        exact = [leaf.address for leaf in there.values() if _names(location, leaf.path)]
        near = [
            address for address in changes if location and there[address].path[: len(location) - 1] == location[:-1]
        ]
        inside = [address for address in near if there[address].path[: len(location)] == location]
        for address in exact or inside or near or list(changes):
            found[address] = advice
    return found


def _names(location: Any, path: Path) -> bool:
    """True if a place of the checks is a value: the checks also name the kind of a part, and items of a list."""
    steps = iter(location)
    return all(step in steps for step in path)
