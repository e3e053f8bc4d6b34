"""Every clause with two readings is a named value of the policy, with both readings, and says the truth."""

from __future__ import annotations

from enum import Enum

import pytest

import collectkit as ck

POLICIES = ck.list_policies()
NUMBERS = [f"X{n:02}" for n in range(1, 44)]
KEYS = {"terms": "product", "cadence": "scheme"}


def found(policy, where):
    """The value at ``kind.name.key``; steps by their action, limits by their rule."""
    kind, *path = where.split(".")
    tables = getattr(policy, kind)
    if len(path) == 1:
        table = tables[-1]
    else:
        key = KEYS.get(kind, "name")
        table = [t for t in tables if getattr(t, key) == path[0]][-1]
        path = path[1:]
    for part in path:
        if kind == "cadence" and not hasattr(table, part):
            (table,) = [step for step in table.steps if step.action == part]
        elif kind == "contact_rules":
            table = table.limit(part) if table.__class__.__name__ == "ContactRules" else getattr(table, part)
        else:
            table = getattr(table, part)
    if isinstance(table, tuple):
        return ", ".join(str(value) for value in table)
    return str(table.value if isinstance(table, Enum) else table)


@pytest.mark.parametrize("name", POLICIES)
def test_every_clause_of_the_manuals_that_differs_is_there_once(name):
    assert [reading.number for reading in ck.load_policy(name).readings] == NUMBERS


@pytest.mark.parametrize("number", NUMBERS)
def test_a_clause_names_its_value_both_readings_and_the_manual(number):
    (reading,) = [r for r in ck.load_policy().readings if r.number == number]
    assert reading.name.replace("_", "").isalnum()
    assert reading.value
    assert len(set(reading.readings)) >= 2
    assert reading.source.startswith("Source manuals 00")


READINGS = [reading for reading in ck.load_policy().readings if reading.where]


@pytest.mark.parametrize("reading", READINGS, ids=lambda reading: reading.number)
def test_the_value_is_the_one_in_force_in_the_default_policy(reading):
    assert found(ck.load_policy(), reading.where) == reading.value


def test_most_clauses_are_values_that_can_be_changed():
    assert len(READINGS) >= 22


def test_names_are_not_used_twice():
    names = [reading.name for reading in ck.load_policy().readings]
    assert len(set(names)) == len(names)
