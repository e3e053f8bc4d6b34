"""What is asked for, what is locked and what is installed say the same."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
INSTALLED_EXTRAS = ("dashboards", "notebooks", "sql", "distributed", "dev")
CONDA_NAMES = {"pandera": "pandera-pandas", "playwright": "playwright-python"}


def _requirements(*extras: str) -> list[Requirement]:
    return [Requirement(line) for part in (PROJECT["dependencies"], *map(EXTRAS.get, extras)) for line in part]


def _bounds(requirements: list[Requirement]) -> dict[str, str]:
    return {r.name: str(r.specifier) for r in requirements}


def _locked(python: str) -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [Requirement(line) for line in lines if not line.startswith("#")]
    machine = {
        "python_version": python,
        "python_full_version": f"{python}.9",
        "sys_platform": "linux",
        "os_name": "posix",
    }
    wanted = [p for p in pins if p.marker is None or p.marker.evaluate(machine)]
    names = [p.name for p in wanted]
    assert len(names) == len(set(names))
    return {p.name: str(p.specifier).removeprefix("==") for p in wanted}


def test_environment_yml_asks_for_what_pyproject_asks_for():
    lines = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    from_pip = [line for part in lines if isinstance(part, dict) for line in part["pip"] if line != "-e ."]
    from_conda = [line for line in lines if isinstance(line, str)]
    asked = _bounds([Requirement(line) for line in from_conda + from_pip])
    assert asked.pop("pip") == ""
    assert asked.pop("python") == str(Requirement(f"python{PROJECT['requires-python']}").specifier)
    expected = _bounds(_requirements(*INSTALLED_EXTRAS))
    assert asked == {CONDA_NAMES.get(name, name): bound for name, bound in expected.items()}


@pytest.mark.parametrize("requirement", _requirements(*INSTALLED_EXTRAS), ids=str)
def test_installed_version_is_one_that_was_asked_for(requirement):
    try:
        installed = version(requirement.name)
    except PackageNotFoundError:
        pytest.fail(f"{requirement.name} is not installed; run `make test`, which sets up .venv.")
    assert requirement.specifier.contains(installed)


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_lock_has_an_allowed_version_of_everything(python):
    locked = _locked(python)
    for requirement in _requirements(*EXTRAS):
        assert requirement.specifier.contains(locked[requirement.name]), requirement


@pytest.mark.parametrize(
    ("python", "panel", "bokeh"),
    [("3.11", "1.9.4", "3.9"), ("3.12", "1.10", "3.10"), ("3.13", "1.10", "3.10")],
)
def test_lock_has_the_panel_and_bokeh_that_belong_together(python, panel, bokeh):
    locked = _locked(python)
    assert f"{locked['panel']}.".startswith(f"{panel}.")
    assert locked["bokeh"].startswith(f"{bokeh}.")


def test_lock_names_no_host_and_no_folder():
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    assert not re.search(r"://|^-| @ |/", text, flags=re.MULTILINE)


def test_panel_and_plotly_speak_the_same_plotly_js():
    """A major version apart, a dashboard silently ignores attributes that a notebook shows."""
    from panel.models.plotly import PlotlyPlot
    from plotly.offline import get_plotlyjs_version

    (bundled,) = re.findall(r"plotly-(\d+)\.", " ".join(PlotlyPlot.__javascript_raw__))
    assert get_plotlyjs_version().split(".")[0] == bundled
