"""A notebook as the plain HTML page that `make html` and the menu of `make lab` write."""

from __future__ import annotations

from pathlib import Path

from nbconvert import HTMLExporter
from traitlets.config import PyFileConfigLoader

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


def exported(notebook: str) -> str:
    """The page of a notebook."""
    config = PyFileConfigLoader("jupyter_config.py", path=str(NOTEBOOKS / ".jupyter")).load_config()
    page, _ = HTMLExporter(config=config).from_filename(str(NOTEBOOKS / notebook))
    return page
