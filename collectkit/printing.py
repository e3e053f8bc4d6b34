"""Printing: a page as PDF, as Chromium prints it, and its charts as pictures."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from collectkit.documents import body_of
from collectkit.errors import CallError

_BROWSERS = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge", "msedge", "chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)  # fmt: skip
_FLAGS = (
    "--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-extensions", "--no-pdf-header-footer",
    "--virtual-time-budget=10000",
)  # fmt: skip
_PATIENCE = 120  # seconds for one start of the browser


def pdf(html: str) -> bytes:
    """A page as PDF, as Chromium prints it.

    Parameters
    ----------
    html : str
        A page that stands alone, from `collectkit.documents.render`.

    Returns
    -------
    bytes

    Raises
    ------
    CallError
        There is no Chromium on this machine, or it fails.

    Notes
    -----
    The browser is the one named by the environment variable ``CHROMIUM``, else the first of Chromium, Chrome and Edge
    that is installed.
    """
    return _printed(html)


def pdfs(pages: Sequence[str]) -> list[bytes]:
    """Many pages as one PDF each, printed together and cut apart: one start of the browser for all.

    Parameters
    ----------
    pages : sequence of str
        Pages from `collectkit.documents.render`, of one look: the style of the first holds for all.

    Returns
    -------
    list of bytes
        In the order of the pages.

    Raises
    ------
    CallError
        As `pdf`.

    Notes
    -----
    Each page begins a new sheet; the outline of the PDF says on which sheet its first heading stands, and there it is
    cut.
    """
    import io

    import pikepdf

    if not pages:
        return []
    head, _, _ = pages[0].partition("<body>")
    bodies = [_body(page) for page in pages]
    sections = [f'<section style="break-before: page">{body}</section>' for body in bodies]
    printed = _printed(f"{head}<body>{''.join(sections)}</body></html>", outline=True)
    cut = []
    with pikepdf.open(io.BytesIO(printed)) as whole:
        starts = [*_starts(whole, [body.count("<h1") for body in bodies]), len(whole.pages)]
        whole.remove_unreferenced_resources()
        part = pikepdf.new()  # one for all, so that the fonts are copied once; what no sheet uses is not saved
        for first, after in pairwise(starts):
            file = io.BytesIO()
            part.pages.extend(whole.pages[first:after])
            part.save(file, object_stream_mode=pikepdf.ObjectStreamMode.generate)
            del part.pages[:]
            cut.append(file.getvalue())
    return cut


def with_pictures(html: str) -> str:
    """A page whose charts are pictures, as a Word file needs them; a page without charts stays as it is.

    Parameters
    ----------
    html : str
        A page that stands alone, with charts drawn by plotly.

    Raises
    ------
    CallError
        As `pdf`.

    Examples
    --------
    >>> with_pictures("<p>")
    '<p>'
    """
    if "plotly-graph-div" not in html:
        return html
    page = re.sub(r"<meta http-equiv=.Content-Security-Policy.[^>]*>", "", html)  # a picture is a blob for a moment
    shown = _browsed(page.replace("</body>", f"{_PICTURES}</body>"), ["--dump-dom"])
    if "<img" not in shown:
        raise CallError("The charts could not be made pictures. Save the document as HTML or PDF instead.")
    return shown


_PICTURES = """<script>addEventListener("load", async () => {
  for (const chart of [...document.querySelectorAll(".plotly-graph-div")]) {
    const size = { width: 720, height: Math.round(720 * chart.offsetHeight / chart.offsetWidth) };
    const picture = new Image(580, Math.round(580 * size.height / size.width));
    picture.src = await Plotly.toImage(chart, { format: "png", scale: 2, ...size });
    chart.replaceWith(picture);
  }
  document.querySelectorAll("script").forEach((script) => script.remove());
})</script>"""


def _starts(whole: Any, headings: list[int]) -> list[int]:
    """First sheet of each page of a print, given the number of first headings of each."""
    sheets = {sheet.obj.objgen: number for number, sheet in enumerate(whole.pages)}
    with whole.open_outline() as outline:
        marks = [sheets[mark.destination[0].objgen] for mark in outline.root]
    return [marks[sum(headings[:at])] for at in range(len(headings))]


def _body(page: str) -> str:
    """What a page shows; one without a heading gets one that is not seen."""
    body = body_of(page)
    return body if "<h1" in body else f'<h1 style="font-size: 1px; color: transparent; margin: 0">–</h1>{body}'


def _printed(html: str, *, outline: bool = False) -> bytes:
    with tempfile.TemporaryDirectory() as place:
        printed = Path(place, "page.pdf")
        more = ["--generate-pdf-document-outline"] if outline else []
        _browsed(html, [*more, f"--print-to-pdf={printed}"])
        if not printed.is_file():
            raise CallError("The browser printed nothing. Save the document as HTML instead, and print it from there.")
        return printed.read_bytes()


def _browsed(html: str, flags: list[str]) -> str:
    """What the browser says when it has opened a page with these flags."""
    with tempfile.TemporaryDirectory() as place:
        page = Path(place, "page.html")
        page.write_text(html, encoding="utf-8")
        sandbox = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []  # it refuses to run as root
        command = [_browser(), *_FLAGS, *sandbox, f"--user-data-dir={place}/profile", *flags, page.as_uri()]
        try:
            done = subprocess.run(command, capture_output=True, timeout=_PATIENCE, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise CallError(f"The document could not be printed: {error}. Save it as HTML instead.") from error
        return done.stdout.decode("utf-8", "replace")


def _browser() -> str:
    for name in (os.environ.get("CHROMIUM", ""), *_BROWSERS):
        found = shutil.which(name) if name else None
        if found:
            return found
    raise CallError(
        "A PDF needs Chromium, Chrome or Edge, and none is installed here. Install one, name it in the environment "
        "variable CHROMIUM, or save the document as HTML and print it from your browser."
    )
