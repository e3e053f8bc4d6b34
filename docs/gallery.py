"""Pictures of every page, in both languages, wide and narrow: ``make gallery`` writes them and `gallery.md` anew.

The demo is served on a free port of this machine and looked at with Chromium (`CHROMIUM` names it). The pictures keep
their names, so README and `gallery.md` always show the present pages.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from playwright.sync_api import expect, sync_playwright

from dashboards import app, pages
from dashboards.words import LANGUAGES, words_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

FOLDER = Path(__file__).parent
AS_OF = "2025-12-31"
CASE = "L0795"
WIDE, NARROW = (1440, 1100), (390, 844)
ON_A_PHONE = ("today", "portfolio", "worklist")
COLOURS = 96
"""Of a picture; what a page needs, at a third of the size."""
_PATIENCE_MS = 120_000
_STILL_MS = 1_500
_CONTENT = ".tile, .message, .main-svg, .told, .facts"
_WAITS = re.compile("Working out|正在计算")


@dataclass(frozen=True)
class Picture:
    """One picture: its file, its page, its language, and the size of the window."""

    page: str
    language: str
    size: tuple[int, int]

    @property
    def file(self) -> str:
        """Name of the file."""
        return f"{self.page}-{self.language}{'' if self.size == WIDE else f'-{self.size[0]}'}.png"

    @property
    def query(self) -> str:
        """Address of the view."""
        return f"?page={self.page}&lang={self.language}&as_of={AS_OF}&case={CASE}"


def pictures() -> Iterator[Picture]:
    """Every picture of the gallery."""
    for language in LANGUAGES:
        for size, names in ((WIDE, pages.names()), (NARROW, ON_A_PHONE)):
            yield from (Picture(name, language, size) for name in names)


def take(window: Page, address: str, picture: Picture) -> bytes:
    """One picture, once its figures are there, with few colours."""
    window.set_viewport_size({"width": picture.size[0], "height": picture.size[1]})
    window.goto(address + picture.query)
    window.locator("#loader").wait_for(state="detached")
    expect(window.get_by_role("heading", level=1)).to_be_visible()
    expect(window.locator(_CONTENT).and_(window.locator(":visible")).first).to_be_visible()
    window.wait_for_timeout(_STILL_MS)
    expect(window.locator("[role=status]:visible").filter(has_text=_WAITS)).to_have_count(0)
    window.wait_for_timeout(_STILL_MS)
    shown = Image.open(io.BytesIO(window.screenshot())).convert("RGB")
    packed = io.BytesIO()
    shown.quantize(COLOURS, dither=Image.Dither.NONE).save(packed, "PNG", optimize=True)
    return packed.getvalue()


def listing() -> str:
    """The page that shows them all."""
    shown = {(each.page, each.language, each.size): f"screenshots/{each.file}" for each in pictures()}
    lines = ["# Every page", "", f"The sample `demo` at the end of {AS_OF}, as `make gallery` took it.", ""]
    for page in pages.PAGES:
        lines += [f"## {page.title} · {words_in('zh').text(page.title)}", ""]
        for size in (WIDE, NARROW):
            files = [shown[page.name, each, size] for each in LANGUAGES if (page.name, each, size) in shown]
            width = "49%" if size == WIDE else "24%"
            lines += [f'<img src="{file}" width="{width}" alt="{page.title}">' for file in files]
        lines.append("")
    return "\n".join(lines)


def main() -> None:
    """Serve, look, write; pictures of pages that are no more are removed."""
    expect.set_options(timeout=_PATIENCE_MS)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = app.serve(port=port, threaded=True)
    found = {}
    with sync_playwright() as playwright:
        chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        window = browser.new_page()
        window.set_default_timeout(_PATIENCE_MS)
        window.add_init_script("localStorage.setItem('collectkit-tour', 'seen')")
        for picture in pictures():
            found[picture.file] = take(window, f"http://127.0.0.1:{port}/", picture)
        browser.close()
    server.stop()
    folder = FOLDER / "screenshots"
    for old in set(folder.glob("*.png")) - {folder / name for name in found}:
        old.unlink()
    for name, content in found.items():
        (folder / name).write_bytes(content)
    (FOLDER / "gallery.md").write_text(listing(), encoding="utf-8")


if __name__ == "__main__":
    main()
