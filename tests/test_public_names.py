"""What other people's code may rely on: the names, their docstrings, and a light import."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys

import pytest

import collectkit as ck

NAMES = [
    "CallError", "CollectkitError", "Policy", "PolicyError", "Portfolio", "PortfolioError",
    "agencies", "agency_commission", "allocate", "assess", "asset_class", "bucket", "bucket_totals",
    "casework", "changed_policy", "days_past_due", "differences_by_reading", "distributed", "explain",
    "list_policies", "list_samples", "load_policy", "load_portfolio", "load_sample", "loan_timeline", "month_ends",
    "overdue_loans", "overview", "penalty_interest", "policy_difference", "policy_effect", "policy_toml",
    "policy_values", "read_costs", "read_portfolio", "reassess", "reporting_month", "scenarios", "simulate_portfolio",
    "stated_differences", "track", "tracking",
]  # fmt: skip
FUNCTIONS = [name for name in NAMES if inspect.isfunction(getattr(ck, name, None))]
DOCUMENTED = [*FUNCTIONS, "Policy", "Portfolio"]
HEAVY = {"plotly", "numba", "llvmlite", "dask", "distributed", "sqlalchemy", "pandera", "panel", "bokeh", "ipywidgets"}


def signature(name):
    return inspect.signature(getattr(ck, name)).parameters.values()


def test_public_names_are_pinned():
    assert sorted(ck.__all__) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_public_name_is_there(name):
    assert hasattr(ck, name)


def test_the_version_is_that_of_the_package():
    from importlib.metadata import version

    assert ck.__version__ == version("collectkit")


@pytest.mark.parametrize("name", DOCUMENTED)
def test_a_docstring_begins_with_one_line(name):
    first, second, *_ = [*inspect.getdoc(getattr(ck, name)).splitlines(), "", ""]
    assert first.endswith(".")
    assert second == ""


@pytest.mark.parametrize("name", DOCUMENTED)
def test_a_docstring_has_an_example_that_runs(name):
    text = inspect.getdoc(getattr(ck, name))
    assert re.search(r"^Examples\n-+\n(.|\n)*>>> ", text, re.MULTILINE)


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if signature(name)])
def test_a_docstring_names_every_parameter(name):
    text = inspect.getdoc(getattr(ck, name))
    assert [p.name for p in signature(name) if not re.search(rf"\b{p.name}\b", text)] == []


@pytest.mark.parametrize("name", FUNCTIONS)
def test_at_most_three_arguments_go_by_position(name):
    # two, and three where a portfolio, a policy and a loan, or an amount, days and a tariff belong together
    assert sum(p.kind is p.POSITIONAL_OR_KEYWORD for p in signature(name)) <= 3


@pytest.mark.parametrize("name", ["assess", "allocate", "explain", "loan_timeline", "reassess"])
def test_as_of_goes_by_keyword_and_has_no_default(name):
    (as_of,) = [p for p in signature(name) if p.name == "as_of"]
    assert as_of.kind is as_of.KEYWORD_ONLY
    assert as_of.default is as_of.empty


def modules_after(code):
    """Top-level modules a new process has loaded after some code."""
    code += "\nimport sys; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    run = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_importing_collectkit_is_light():
    assert modules_after("import collectkit") & HEAVY == set()


def test_reading_a_policy_and_a_measure_are_light():
    code = "import collectkit as ck; ck.agency_commission(100, 75, ck.load_policy().tariff('elapsed_months'))"
    assert modules_after(code) & HEAVY == set()
