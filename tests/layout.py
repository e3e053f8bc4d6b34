"""What the browser tests ask of the layout of a page."""

from __future__ import annotations

OVER = """async part => {
    const last = performance.now() + 10000
    while (part.scrollWidth > part.clientWidth && performance.now() < last) await new Promise(requestAnimationFrame)
    return part.scrollWidth - part.clientWidth
}"""


def no_sideways_scrolling(page):
    """On a wide and on a small screen; charts draw themselves anew for a width, on a busy machine seconds later."""
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 1000})
        page.wait_for_timeout(300)
        for part in ("html", ".main-content"):
            assert page.locator(part).first.evaluate(OVER) <= 0, (width, part)
