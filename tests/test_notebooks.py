"""What every notebook keeps to: one question, mostly prose, no computing, outputs of a clean run."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").rglob("*.ipynb"))
COMPUTING = {"groupby", "merge", "pivot", "pivot_table", "apply", "cut", "qcut", "agg", "transform", "join", "melt"}
LEAST_PROSE = 0.4
MOST_BYTES = 1_000_000

every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def _cells(path: Path, kind: str) -> list[dict[str, Any]]:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    return [cell for cell in notebook["cells"] if cell["cell_type"] == kind]


def _text(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def _nodes(path: Path) -> list[ast.AST]:
    return [node for cell in _cells(path, "code") for node in ast.walk(ast.parse(_text(cell)))]


def test_there_is_a_first_lesson() -> None:
    assert "01_days_past_due" in [path.stem for path in NOTEBOOKS]


@every_notebook
def test_the_title_is_a_question(path: Path) -> None:
    first = json.loads(path.read_text(encoding="utf-8"))["cells"][0]
    title = _text(first).splitlines()[0]
    assert first["cell_type"] == "markdown"
    assert title.startswith("# ")
    assert title.endswith(("?", "？"))


@every_notebook
def test_nothing_is_defined(path: Path) -> None:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
    assert not [node for node in _nodes(path) if isinstance(node, kinds)]


@every_notebook
def test_nothing_is_computed(path: Path) -> None:
    names = {node.attr for node in _nodes(path) if isinstance(node, ast.Attribute)}
    names |= {node.id for node in _nodes(path) if isinstance(node, ast.Name)}
    assert not names & COMPUTING


@every_notebook
def test_prose_is_two_fifths_or_more(path: Path) -> None:
    prose, code = (sum(len(_text(cell)) for cell in _cells(path, kind)) for kind in ("markdown", "code"))
    assert prose / (prose + code) >= LEAST_PROSE


@every_notebook
def test_outputs_are_those_of_one_clean_run(path: Path) -> None:
    cells = _cells(path, "code")
    outputs = [output for cell in cells for output in cell["outputs"]]
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    assert outputs
    assert not [output for output in outputs if output["output_type"] in ("error", "stream")]


@every_notebook
def test_it_is_small_and_runs_on_any_kernel_of_python(path: Path) -> None:
    metadata = json.loads(path.read_text(encoding="utf-8"))["metadata"]
    assert path.stat().st_size < MOST_BYTES
    assert metadata["kernelspec"]["name"] == "python3"
    assert "widgets" not in metadata
