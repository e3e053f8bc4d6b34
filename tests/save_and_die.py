"""Really kill saves of a scenario: ``python tests/save_and_die.py FOLDER``; one line of JSON per save.

FOLDER/base holds a saved scenario. Before each step it takes on the disk one process after another kills itself.
"""

from __future__ import annotations

import sys
from pathlib import Path

from collectkit import scenarios as sc
from tests.import_and_die import copy, die_before_step, in_child, killed, report

NAME = "ours"


def save(folder, wage):
    """Save the scenario with a wage."""
    sc.ScenarioStore(folder).save(NAME, sc.load_scenario("growing-consumer").replacing(wage=wage))


def main(place):
    sc.load_scenario("growing-consumer")
    number, is_killed = 0, True
    while is_killed:
        number += 1
        folder = copy(place / "base", place / f"step-{number:03}")
        is_killed = killed(in_child(lambda f=folder, n=number: (die_before_step(n, f), save(f, 7000))))
        report(folder, is_killed)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
