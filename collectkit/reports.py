"""Reports: notebooks with parameters, run anew for a portfolio and a month, as pages to print and to send.

A report is a notebook whose first cell is its title and that has one code cell tagged ``parameters``, which sets
``portfolio`` (what `collectkit.loading.load_portfolio` opens) and may set ``month``, ``policy``, ``language``,
``agency``, ``agency_file`` and ``cost_file``. Prose tagged ``en`` or ``zh`` is in reports of that language only, and
code is never shown. Whoever has Jupyter can open a report and change it; a path in place of a name runs one's own.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from collectkit.documents import render
from collectkit.errors import CallError, unknown_name
from collectkit.progress import steps
from collectkit.wording import LANGUAGES, checked_language

_PLOTLY = "application/vnd.plotly.v1+json"
_PARAMETERS = ("month", "portfolio", "policy", "language", "agency", "agency_file", "cost_file")
_PATHS = ("portfolio", "agency_file", "cost_file")
_FOOT = {
    "en": "Made by collectkit from {portfolio}{month}. Every figure can be computed again from these.",
    "zh": "由 collectkit 生成，数据：{portfolio}{month}。每个数字均可据此重新计算。",
}


def list_reports() -> pd.DataFrame:
    """What reports there are.

    Returns
    -------
    DataFrame
        name, title, parameters (with commas).

    Examples
    --------
    >>> list_reports().columns.tolist()
    ['name', 'title', 'parameters']
    """
    rows = []
    for path in sorted(_folder().glob("*.ipynb")):
        notebook = _notebook(path)
        rows.append((path.stem, _title(notebook), ", ".join(_defaults(notebook))))
    return pd.DataFrame(rows, columns=["name", "title", "parameters"], dtype="str")


def make_report(name: str | Path, **parameters: str) -> str:
    """A report as one HTML page that stands alone; `collectkit.printing.pdf` prints it.

    Parameters
    ----------
    name : str or Path
        A report of `list_reports`, or the path of a notebook.
    **parameters
        month (``"2025-06"``), portfolio, policy, language, agency, agency_file and cost_file, as many as the notebook
        has.

    Returns
    -------
    str
        HTML: texts, tables and figures of the notebook, run anew; its code is left out, plotly is inside once.

    Raises
    ------
    CallError
        There is no such report or parameter, a parameter is missing or wrong, or the notebook stops with an error.

    Notes
    -----
    The notebook runs in a kernel of its own. A portfolio of another name than the notebook's needs a month, too, if
    the notebook has one.
    """
    path = _path(name)
    notebook = _notebook(path)
    given = _checked(path.stem, _defaults(notebook), parameters)
    language = given.get("language", "en")
    notebook.cells = [cell for cell in notebook.cells if _is_in(cell, language)]
    _run(path.stem, notebook, given)
    month = f", {given['month']}" if "month" in given else ""
    foot = _FOOT[language].format(portfolio=Path(given["portfolio"]).name, month=month)
    return render("report", language=language, title=_title(notebook), body=_body(notebook), foot=foot)


def _folder() -> Path:
    """Where the reports are: inside an installed package, beside the package in a checkout."""
    package = Path(__file__).resolve().parent
    inside = package / "data" / "reports"
    return inside if inside.is_dir() else package.parent / "notebooks" / "reports"


def _path(name: str | Path) -> Path:
    """The notebook of a report."""
    if Path(name).suffix == ".ipynb":
        if not Path(name).is_file():
            raise CallError(f"There is no notebook {name}. Check the path.")
        return Path(name)
    known = {path.stem: path for path in _folder().glob("*.ipynb")}
    if str(name) not in known:
        raise unknown_name("report", str(name), [*known, "the path of a notebook (.ipynb)"])
    return known[str(name)]


def _notebook(path: Path) -> Any:
    try:
        from papermill.iorw import load_notebook_node
    except ImportError as error:
        raise CallError("Reports need Jupyter. Install it: pip install 'collectkit[notebooks]'.") from error
    try:
        return load_notebook_node(str(path))
    except Exception as error:  # a notebook can be broken in many ways
        raise CallError(f"{path.name} is not a readable notebook: {error}") from error


def _is_in(cell: Any, language: str) -> bool:
    """False for prose that is tagged with other languages only."""
    spoken = set(cell.metadata.get("tags", [])) & set(LANGUAGES)
    return not spoken or language in spoken


def _title(notebook: Any) -> str:
    first = notebook.cells[0].source if notebook.cells else ""
    return first.partition("\n")[0].lstrip("# ").strip()


def _defaults(notebook: Any) -> dict[str, str]:
    """The parameters of a notebook with the values it has."""
    cells = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    found = re.findall(r"^(\w+)\s*=\s*[\"'](.*?)[\"']", "\n".join(cell.source for cell in cells), re.MULTILINE)
    return {name: value for name, value in found if name in _PARAMETERS}


def _checked(name: str, defaults: Mapping[str, str], parameters: Mapping[str, str]) -> dict[str, str]:
    """The parameters to run with."""
    if "portfolio" not in defaults:
        raise CallError(f"Report {name} has no cell tagged `parameters` with a `portfolio`. It cannot be run for one.")
    for key in parameters.keys() - defaults.keys():
        raise unknown_name(f"parameter of report {name}", key, defaults)
    if "month" in defaults and "month" not in parameters and parameters.keys() & {"portfolio"}:
        raise CallError(f"Report {name} is about one month. Say which: --month 2025-06.")
    given = {**defaults, **parameters}
    if "month" in given and not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", given["month"]):
        raise CallError(f'`month` is {given["month"]!r}. Write it as "2025-06".')
    checked_language(given.get("language", "en"))
    paths = {name: Path(given[name]) for name in _PATHS if given.get(name)}  # the kernel runs in another folder
    return given | {name: str(path.resolve()) for name, path in paths.items() if path.exists()}


def _run(name: str, notebook: Any, given: Mapping[str, str]) -> None:
    """Run the notebook in place with these parameters."""
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, DeadKernelError
    from papermill.parameterize import parameterize_notebook

    notebook.update(parameterize_notebook(notebook, dict(given), kernel_name="python3", language="python"))
    environment = {**os.environ, "PLOTLY_RENDERER": "plotly_mimetype"}
    with TemporaryDirectory() as place:
        # Sockets in a private folder: nobody else on the machine can listen. Windows has only ports.
        sockets = {} if os.name == "nt" else {"transport": "ipc", "ip": str(Path(place, "kernel"))}
        client = NotebookClient(notebook, timeout=None, km=AsyncKernelManager(kernel_name="python3", **sockets))
        try:
            with client.setup_kernel(env=environment, cleanup_kc=True):
                for at, cell in steps(list(enumerate(notebook.cells)), "running", [1] * len(notebook.cells)):
                    client.execute_cell(cell, at)
        except CellExecutionError as error:
            raise CallError(f"Report {name} stopped: {error.evalue or error.ename}") from error
        except DeadKernelError as error:
            raise CallError(f"Report {name} stopped: its kernel died, perhaps for want of memory.") from error


def _body(notebook: Any) -> str:
    """Texts, tables and figures of a notebook as markup; code is left out."""
    from nbconvert import HTMLExporter

    for number, output in enumerate(_figures(notebook)):
        output.data = {"text/html": _figure(output.data[_PLOTLY], number)}
    exporter = HTMLExporter(  # type: ignore[no-untyped-call]
        template_name="basic", exclude_input=True, exclude_input_prompt=True, exclude_output_prompt=True,
        exclude_anchor_links=True,
    )  # fmt: skip
    body: str = exporter.from_notebook_node(notebook)[0]
    return body


def _figures(notebook: Any) -> Iterator[Any]:
    """Outputs that are plotly figures."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if _PLOTLY in output.get("data", {}):
                yield output


def _figure(figure: Mapping[str, Any], number: int) -> str:
    """A figure as markup; the first one brings plotly along."""
    import plotly.graph_objects as go

    made = go.Figure(data=figure["data"], layout=figure["layout"], skip_invalid=True)
    html: str = made.to_html(
        full_html=False, include_plotlyjs=number == 0, div_id=f"figure-{number}", config={"displayModeBar": False},
    )  # fmt: skip
    return f'<div class="figure">{html}</div>'
