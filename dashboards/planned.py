"""Scenarios for the pages: which there are, the one a reader looks at, and its figures, kept for all readers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from collectkit import scenarios as sc
from collectkit.errors import CallError
from collectkit.scenarios.draws import ranges
from dashboards import shared
from dashboards.fields import LONGEST, Field, short_text
from dashboards.kept import kept

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboards.session import Session

OWN = "own-book"
DEFAULT = "growing-consumer"
BASE = "all_in_house"
DRAWS = 500
"""Draws of a page: enough for an interval to two digits, few enough that a slider answers at once."""
CURVE_DRAWS = 200
"""Draws of the hand-over curve, which runs a strategy for every day."""
_MOST_CHANGES = 80

Changes = tuple[tuple[str, float], ...]


def _parse_changes(texts: Sequence[str], _: str) -> Changes:
    """What the address changes: input:value; what is no such pair is told."""
    found: dict[str, float] = {}
    for text in texts[:_MOST_CHANGES]:
        name, _, number = text.rpartition(":")
        if not name or len(text) > LONGEST:
            raise ValueError(text)
        found[name] = _finite(number)
    return tuple(sorted(found.items()))


def _finite(text: str) -> float:
    value = float(text)
    if not abs(value) < 1e15:
        raise ValueError(text)
    return value


FIELDS = (
    Field("scenario", DEFAULT, lambda texts, _: texts[0][:LONGEST]),
    Field("changed", (), _parse_changes, lambda changes: [f"{name}:{value:.6g}" for name, value in changes]),
    short_text("strategy"),
    short_text("curve_product"),
    short_text("across"),
    short_text("upward"),
    short_text("worked_out"),
)
"""What the page keeps in the address: the scenario, every change to it, and what is looked at."""


class Case(NamedTuple):
    """What the figures depend on: the scenario, the state of its file or book, and the changes."""

    name: str
    stamp: Any
    changes: Changes


def store() -> sc.ScenarioStore | None:
    """Where scenarios are saved; None if the server was started without a folder."""
    place = shared.workspace()
    return sc.ScenarioStore(Path(place.folder) / "scenarios") if place else None


def names(session: Session) -> list[str]:
    """Scenarios to choose from: the shipped ones, the reader's own book, what was saved."""
    saved = store()
    own = [OWN] if own_book(session.loaded) is not None else []
    return [*own, *sc.list_scenarios(), *(saved.names() if saved else [])]


@kept(20)
def own_book(key: shared.Key) -> sc.Scenario | None:
    """The scenario of the portfolio on the date; None if it is too young, or has no loans."""
    if not shared.has_loans(key.portfolio):
        return None
    try:
        return sc.scenario_from(
            shared.portfolio(key.portfolio), shared.policy(key.policy), as_of=pd.Timestamp(key.as_of)
        )
    except CallError:
        return None


def case(session: Session) -> Case:
    """What the session looks at; a scenario that is not there is the default."""
    name = session.scenario if session.scenario in names(session) else DEFAULT
    saved = store()
    stamp: Any = session.loaded if name == OWN else None
    if saved and name in saved.names():
        stamp = (saved.folder / f"{name}.toml").stat().st_mtime_ns
    return Case(name, stamp, _known(loaded(name, stamp), session.changed))


def _known(scenario: sc.Scenario, changes: Changes) -> Changes:
    """The changes of inputs that this scenario has."""
    there = ranges(scenario)
    return tuple((name, value) for name, value in changes if name in there)


@kept(60)
def loaded(name: str, stamp: Any) -> Any:
    """A scenario by its name."""
    if name == OWN:
        return own_book(stamp)
    saved = store()
    return saved.load(name) if stamp is not None and saved else sc.load_scenario(name)


@kept(200)
def scenario(asked: Case) -> Any:
    """The scenario with its changes."""
    return sc.adjusted(loaded(asked.name, asked.stamp), dict(asked.changes))


@kept(200)
def comparison(asked: Case) -> pd.DataFrame:
    """Every strategy side by side."""
    return sc.compare(scenario(asked), base=BASE, draws=DRAWS)


@kept(200)
def curve(asked: Case, product: str) -> pd.DataFrame:
    """Value by hand-over day."""
    return sc.hand_over_curve(scenario(asked), products=[product], draws=CURVE_DRAWS)


@kept(200)
def sensitivity(asked: Case, strategy: str) -> pd.DataFrame:
    """What the difference to the base hangs on."""
    return sc.sensitivity(scenario(asked), strategy=strategy, base=BASE)


@kept(200)
def grid(asked: Case, across: str, upward: str, strategy: str) -> pd.DataFrame:
    """The difference to the base over two inputs."""
    return sc.sweep(scenario(asked), across, upward, strategy=strategy, base=BASE)


@kept(200)
def best(asked: Case) -> Any:
    """What to do with a case of each product, bucket and month."""
    return sc.best_policy(scenario(asked))


def strategy_of(session: Session, asked: Case) -> str:
    """The strategy that is looked at: the reader's, else the leader."""
    table = comparison(asked)
    return session.strategy if session.strategy in table.index else sc.leader(table)


def warm() -> None:
    """Compile before the first reader comes."""
    comparison(Case(DEFAULT, None, ()))
