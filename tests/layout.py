"""What the browser tests ask of the layout of a page."""

from __future__ import annotations


def no_sideways_scrolling(page):
    """On a wide and on a small screen."""
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 1000})
        page.wait_for_timeout(300)  # what follows the width draws itself anew
        for part in ("html", ".main-content"):
            assert page.locator(part).first.evaluate("part => part.scrollWidth - part.clientWidth") <= 0
