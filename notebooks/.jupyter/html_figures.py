"""A notebook in its HTML export: figures, which would stay blank, widgets, which cannot move, links to other pages."""

from __future__ import annotations

import re
from typing import Any

from nbconvert.preprocessors import Preprocessor

PLOTLY = "application/vnd.plotly.v1+json"
WIDGET = "application/vnd.jupyter.widget-view+json"
_STILL = (
    "<p><em>Something to move is here: open this lesson with <code>make lab</code>.<br>"
    "这里有可以移动的部件：请用 <code>make lab</code> 打开本课。</em></p>"
)
_NOTEBOOK = re.compile(r"\]\((?:[^()\s:]*/)?([^()\s:/]+)\.ipynb\)")


class FiguresInside(Preprocessor):
    """Each figure as markup; the first one brings plotly along, once for the whole file."""

    def preprocess(self, notebook: Any, resources: Any) -> tuple[Any, Any]:
        """The notebook with its figures as HTML; what is saved on disk stays as it is."""
        import plotly.graph_objects as go

        figures = [
            output["data"]
            for cell in notebook.cells
            for output in cell.get("outputs", [])
            if PLOTLY in output.get("data", {})
        ]
        for number, data in enumerate(figures):
            drawn = data.pop(PLOTLY)
            figure = go.Figure(data=drawn["data"], layout=drawn["layout"], skip_invalid=True)
            data["text/html"] = figure.to_html(
                full_html=False, include_plotlyjs=number == 0, div_id=f"figure-{number}",
                config={"displaylogo": False, "showSendToCloud": False, "plotlyServerURL": ""},
            )  # fmt: skip
        return notebook, resources


class PagesLinked(Preprocessor):
    """Links to other notebooks lead to their pages, which `make html` writes side by side."""

    def preprocess_cell(self, cell: Any, resources: Any, index: int) -> tuple[Any, Any]:
        """The cell with its links; code stays as it is."""
        if cell.cell_type == "markdown":
            cell.source = _NOTEBOOK.sub(r"](\1.html)", cell.source)
        return cell, resources


class WidgetsNamed(Preprocessor):
    """A widget needs a kernel: the page says where it moves, in place of the name of its class."""

    def preprocess_cell(self, cell: Any, resources: Any, index: int) -> tuple[Any, Any]:
        """The cell with a sentence for each widget."""
        for output in cell.get("outputs", []):
            if WIDGET in output.get("data", {}):
                output["data"] = {"text/html": _STILL}
        return cell, resources
