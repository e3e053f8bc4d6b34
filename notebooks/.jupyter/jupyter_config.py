"""What `make lab` and `make html` keep to: an exported page holds its figures, leads to pages, asks nothing outside."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

c = get_config()  # noqa: F821 (Jupyter puts it here)
c.HTMLExporter.preprocessors = [
    "html_figures.FiguresInside",
    "html_figures.PagesLinked",
    "html_figures.WidgetsNamed",
]
c.HTMLExporter.extra_template_basedirs = [str(HERE / "templates")]
c.HTMLExporter.template_name = "offline"
c.LabApp.news_url = None  # JupyterLab itself asks nothing outside either
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
