"""What every notebook keeps to: one question, mostly prose, no computing, outputs of a clean run."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.exported import exported

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted(path for path in FOLDER.rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts)
COURSE = {
    "00_how_to_use_this_course", "01_days_past_due", "01b_penalty_interest", "02_buckets_and_roll_rates",
    "03_vintages_and_recovery", "04_commission", "05_in_house_or_outsourced", "06_a_case", "07_conduct",
    "08_reading_the_monthly_report", "final_assessment", "solutions", "your_own_data",
}  # fmt: skip
COMPUTING = {"groupby", "merge", "pivot", "pivot_table", "apply", "cut", "qcut", "agg", "transform", "join", "melt"}
EXERCISES = tomllib.loads((FOLDER / "exercises.toml").read_text(encoding="utf-8"))
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


def test_the_course_is_complete_and_nothing_else() -> None:
    """A new lesson is named here and in the README, or this fails."""
    readme = (FOLDER.parent / "README.md").read_text(encoding="utf-8")
    assert {path.stem for path in NOTEBOOKS if path.parent.name != "reports"} == COURSE
    assert not [name for name in COURSE if f"{name}.ipynb" not in readme]


def test_the_reports_are_there() -> None:
    expected = {
        "agency_settlement", "evaluation", "outsourcing_memo", "portfolio_monthly", "team_performance", "weekly_nodes",
    }  # fmt: skip
    assert expected <= {path.stem for path in NOTEBOOKS}


def _checks(path: Path) -> dict[str, tuple[ast.expr, str]]:
    """What the cells of a notebook put to `check`, and what was answered."""
    found = {}
    for cell in _cells(path, "code"):
        for node in ast.walk(ast.parse(_text(cell))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "check":
                said = "".join(line for output in cell["outputs"] for line in output["data"].get("text/markdown", []))
                found[ast.literal_eval(node.args[0])] = (node.args[1], said)
    return found


def test_every_exercise_is_asked_once_in_its_lesson_and_left_open() -> None:
    asked = []
    for path in NOTEBOOKS:
        if path.stem != "solutions":
            for name, (given, _) in _checks(path).items():
                asked.append(name)
                assert isinstance(given, ast.Constant) and given.value is ...
                assert path.stem.startswith(f"{name.split('-')[0]}_")
    assert sorted(asked) == sorted(EXERCISES)


def test_every_exercise_is_solved_and_the_solution_is_right() -> None:
    """`make notebooks` runs them anew: they cannot say Right any more once an answer or the package changes."""
    solved = _checks(FOLDER / "training" / "solutions.ipynb")
    assert sorted(solved) == sorted(EXERCISES)
    assert not [name for name, (_, said) in solved.items() if not said.startswith("**Right.**")]
    keyed = {name for name, (given, _) in solved.items() if isinstance(given, ast.Constant)}
    assert not keyed  # each is worked out, none typed in


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


def test_a_page_holds_its_figures_and_plotly_once_and_names_nothing_outside() -> None:
    """`make html`: each figure as markup, the library inside, no script, style or font from elsewhere."""
    notebook = "training/08_reading_the_monthly_report.ipynb"
    drawn = (FOLDER / notebook).read_text(encoding="utf-8").count("application/vnd.plotly.v1+json")
    page = exported(notebook)
    assert page.count('class="plotly-graph-div"') == drawn == 3
    assert page.count("plotly.js v") == 1
    own = re.sub(r"<script[^>]*>.{100000,}?</script>", "", page, flags=re.DOTALL)  # all but plotly itself
    assert not re.findall(r"https?://", re.sub(r"/\*.*?\*/", "", own, flags=re.DOTALL))  # comments may name pages
    assert "陷阱一" in own


def test_an_exported_page_leads_to_pages_and_says_where_widgets_move() -> None:
    page = exported("training/02_buckets_and_roll_rates.ipynb")
    assert 'href="03_vintages_and_recovery.html"' in page
    assert ".ipynb" not in re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    assert "VBox(" not in page
    assert "make lab" in page


@every_notebook
def test_links_to_notebooks_are_not_dead(path: Path) -> None:
    links = re.findall(r"\]\(([^)]+\.ipynb)\)", "\n".join(map(_text, _cells(path, "markdown"))))
    assert not [link for link in links if not (path.parent / link).is_file()]


@pytest.mark.parametrize("number", range(8))
def test_every_lesson_leads_to_the_next(number: int) -> None:
    lesson, following = (next((FOLDER / "training").glob(f"{n:02}_*.ipynb")) for n in (number, number + 1))
    last = {tag: _text(cell) for cell in _cells(lesson, "markdown") for tag in cell["metadata"].get("tags", [])}
    on_the_way = "01b_penalty_interest.ipynb" if number == 1 else following.name
    assert {tag for tag, text in last.items() if f"({on_the_way})" in text.splitlines()[-1]} == {"en", "zh"}
