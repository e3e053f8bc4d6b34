"""A folder of one's own scenarios: saved, loaded, copied and deleted as files, each complete or not there."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from collectkit._disk import sync_folder, write_file
from collectkit.errors import CallError, unknown_name
from collectkit.rules import checked
from collectkit.scenarios.draws import ranges, within
from collectkit.scenarios.inputs import WHAT_IF, Curve, Range
from collectkit.scenarios.model import Scenario, list_scenarios, load_scenario

_NAME = re.compile(r"\w[\w -]{0,58}\w|\w")


class ScenarioStore:
    """Scenarios saved in a folder, one TOML file each.

    Parameters
    ----------
    folder : path
        Made when the first scenario is saved.

    Examples
    --------
    >>> import tempfile
    >>> store = ScenarioStore(tempfile.mkdtemp())
    >>> store.save("mine", load_scenario("launch"))
    >>> store.names()
    ['mine']
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)

    def names(self) -> list[str]:
        """Names of what is saved."""
        return sorted(path.stem for path in self.folder.glob("*.toml")) if self.folder.is_dir() else []

    def load(self, name: str) -> Scenario:
        """A saved scenario; an unknown name lists those that are there."""
        return load_scenario(self._there(name))

    def save(self, name: str, scenario: Scenario, *, replace: bool = True) -> None:
        """Save under a name; the file is complete on the disk before it takes the place of an older one.

        Raises
        ------
        CallError
            The name cannot be a file's, is that of a shipped scenario, or is taken and may not be replaced.
        """
        path = self._path(name)
        if name in list_scenarios():
            raise CallError(f"{name!r} is a scenario that comes with collectkit. Take another name.")
        if path.exists() and not replace:
            raise CallError(f"There is a scenario {name!r} already. Take another name.")
        self.folder.mkdir(parents=True, exist_ok=True)
        text = scenario.model_copy(update={"name": name}).to_toml()
        number, made = tempfile.mkstemp(dir=self.folder, suffix=".part")
        os.close(number)
        try:
            write_file(Path(made), lambda file: file.write(text.encode("utf-8")))
            Path(made).replace(path)
        finally:
            Path(made).unlink(missing_ok=True)
        sync_folder(self.folder)

    def duplicate(self, name: str, other: str) -> None:
        """Save a copy under another name, which must be free."""
        self.save(other, self.load(name), replace=False)

    def delete(self, name: str) -> None:
        """Delete a saved scenario."""
        self._there(name).unlink()
        sync_folder(self.folder)

    def _there(self, name: str) -> Path:
        if name not in self.names():
            raise unknown_name("saved scenario", name, self.names())
        return self._path(name)

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise CallError(f"{name!r} cannot be a name. Use up to 60 letters, digits, spaces, - and _.")
        return self.folder / f"{name}.toml"


def adjusted(scenario: Scenario, changes: Mapping[str, float]) -> Scenario:
    """A what-if for any input by its name in `scenario_inputs`: another value, or a multiple of a curve.

    Parameters
    ----------
    scenario : Scenario
    changes : mapping of input to number
        For an input its new likely value, low and high moved along in proportion; for a curve the factor by which all
        its buckets are multiplied. Cut at the limits of the input.

    Raises
    ------
    CallError
        An input is unknown.

    Examples
    --------
    >>> other = adjusted(load_scenario("launch"), {"wage": 13_000, "agency.*.cash_rate": 1.1})
    >>> other.inputs["wage"].high
    17000.0
    """
    known = ranges(scenario)
    for name in changes:
        if name not in known:
            raise unknown_name("input", name, known)
    data = scenario.model_dump(mode="json")
    for name, value in changes.items():
        given = known[name]
        _place(data, name).update(_changed(name, given, value))
    return checked(Scenario, data, f"{scenario.name} with changes") if changes else scenario


def _changed(name: str, given: Range | Curve, value: float) -> dict[str, Any]:
    if isinstance(given, Curve):
        parts = {bucket: _scaled(name, part, value) for bucket, part in given.by_bucket.items()}
        return {"by_bucket": parts, "source": f"{WHAT_IF}: × {value:g}", "estimated": []}
    factor = value / given.value if given.value else 1.0
    moved = _scaled(name, given, factor) if given.value else dict.fromkeys(("low", "value", "high"), value)
    return {**moved, "source": WHAT_IF, "is_estimated": False}


def _scaled(name: str, part: Range, factor: float) -> dict[str, float]:
    low, value, high = within(name, np.array([part.low, part.value, part.high]) * factor).tolist()
    return {"low": low, "value": value, "high": high}


def _place(data: dict[str, Any], name: str) -> dict[str, Any]:
    """Where an input stands in the data of a scenario."""
    if name in data["inputs"]:
        return data["inputs"][name]
    if name == "roll_rate":
        return data["roll_rate"]
    *where, kind = name.split(".")
    if len(where) == 1:
        return next(product for product in data["products"] if product["name"] == where[0])[kind]
    return next(t for t in data["treatments"] if [t["channel"], t["product"]] == where)[kind]
