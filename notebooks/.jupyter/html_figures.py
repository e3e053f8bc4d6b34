"""Figures of a notebook in its HTML export, where plotly's own kind of output would stay blank."""

from __future__ import annotations

from typing import Any

from nbconvert.preprocessors import Preprocessor

PLOTLY = "application/vnd.plotly.v1+json"


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
