"""What the answer hangs on: each input from low to high, and the value at which the better strategy changes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from collectkit.scenarios.compare import variants
from collectkit.scenarios.draws import ranges, within
from collectkit.scenarios.engine import chosen, simulate
from collectkit.scenarios.inputs import Curve, Range
from collectkit.scenarios.model import Scenario
from collectkit.scenarios.strategies import Strategy
from collectkit.shapes import Array

_FARTHEST = 4.0  # how far beyond its range an input is searched, in widths of the range
_STEPS, _HALVINGS = 11, 12


def sensitivity(
    scenario: Scenario, *, strategy: str | Strategy = "hand_over_91", base: str | Strategy = "all_in_house"
) -> pd.DataFrame:
    """How the difference between two strategies changes as each input runs from low to high.

    Parameters
    ----------
    scenario : Scenario
    strategy, base : str or Strategy

    Returns
    -------
    DataFrame
        One row per input, the most important first: input, low, likely, high (of a curve: multiples of its likely
        values, on average over the buckets), difference (of net present values, the strategy less the base, all inputs
        likely), difference_low and difference_high (with the input at its low and high and the rest likely), swing
        [currency], flip_value (the nearest value at which the better of the two changes; missing if none is found),
        is_flip_in_range.

    Notes
    -----
    Flips are sought up to four widths beyond the range on each side, within the limits of the input; an input without a
    range is tried from nothing to three times its value.

    Examples
    --------
    >>> from collectkit.scenarios import load_scenario
    >>> table = sensitivity(load_scenario("launch"), strategy="all_outsourced")
    >>> bool(table["swing"].is_monotonic_decreasing)
    True
    """
    pair, known = chosen(scenario, [strategy, base]), ranges(scenario)
    names = list(known)

    def difference(places: Array, inputs: Array) -> Array:
        """Difference with one input at its own place in each row: −1 is low, 0 likely, 1 high."""
        pairs = zip(inputs.tolist(), places.tolist(), strict=True)
        changes = [(names[i], _at(names[i], known[names[i]], place)) for i, place in pairs]
        value = simulate(scenario, pair, variants(scenario, changes)).of("net_present_value")
        return value[:, 0] - value[:, 1]

    every = np.arange(len(names))
    ends = difference(np.repeat([-1.0, 0.0, 1.0], len(names)), np.tile(every, 3)).reshape(3, -1)
    is_open = np.array([not _is_certain(known[name]) for name in names])
    flips = _flips(difference, len(names), float(ends[1, 0]))
    shown = [[_shown(name, known[name], u) for u in (-1.0, 0.0, 1.0)] for name in names]
    table = pd.DataFrame(shown, columns=["low", "likely", "high"]).assign(
        difference=ends[1],
        difference_low=np.where(is_open, ends[0], ends[1]),
        difference_high=np.where(is_open, ends[2], ends[1]),
    )
    table.insert(0, "input", names)
    table["swing"] = (table["difference_high"] - table["difference_low"]).abs()
    places = zip(names, flips, strict=True)
    table["flip_value"] = [_shown(name, known[name], u) if np.isfinite(u) else np.nan for name, u in places]
    table["is_flip_in_range"] = is_open & (np.abs(flips) <= 1)
    for name in ("low", "high"):
        table[name] = table[name].where(is_open, table["likely"])
    return table.sort_values(["swing", "input"], ascending=[False, True], ignore_index=True)


def _flips(difference: Callable[[Array, Array], Array], inputs: int, now: float) -> Array:
    """Nearest place at which the sign changes, for each input; infinite if there is none."""
    reach = np.linspace(0, 1 + _FARTHEST, _STEPS)
    every = np.arange(inputs)
    best = np.full(inputs, np.inf)
    if now == 0:
        return best
    for side in (-1.0, 1.0):
        along = difference(np.repeat(side * reach[1:], inputs), np.tile(every, _STEPS - 1)).reshape(-1, inputs)
        changed = np.sign(along) != np.sign(now)
        found, first = np.flatnonzero(changed.any(axis=0)), changed.argmax(axis=0)
        inner, outer = reach[first[found]], reach[first[found] + 1]
        for _ in range(_HALVINGS if len(found) else 0):
            middle = (inner + outer) / 2
            is_past = np.sign(difference(side * middle, found)) != np.sign(now)
            inner, outer = np.where(is_past, inner, middle), np.where(is_past, middle, outer)
        nearer = outer < np.abs(best[found])
        best[found[nearer]] = side * outer[nearer]
    return best


def _is_certain(given: Range | Curve) -> bool:
    parts = given.by_bucket.values() if isinstance(given, Curve) else (given,)
    return all(part.is_certain for part in parts)


def _at(name: str, given: Range | Curve, u: float) -> Array | float:
    """Values of an input at a place, within its limits; one without a range has half its value for a width."""
    parts = given.by_bucket.values() if isinstance(given, Curve) else (given,)
    if _is_certain(given):
        values = np.array([part.value * (1 + u / 2) for part in parts])
    else:
        values = np.array(
            [part.value + u * (part.high - part.value if u > 0 else part.value - part.low) for part in parts]
        )
    values = within(name, values)
    return values if isinstance(given, Curve) else float(values[0])


def _shown(name: str, given: Range | Curve, u: float) -> float:
    """The value at a place; of a curve as a multiple of its likely values."""
    at = _at(name, given, u)
    if not isinstance(given, Curve):
        return float(at)
    likely = np.array([part.value for part in given.by_bucket.values()])
    return float(np.sum(at) / likely.sum()) if likely.sum() else 1.0
