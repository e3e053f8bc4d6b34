"""axe-core finds nothing serious on any page: wide, light and English first, then narrow, dark and Chinese."""

from __future__ import annotations

import re
from dataclasses import dataclass

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import expect

from dashboards import pages

WAITS = re.compile("Working out|正在计算")
SERIOUS = ("serious", "critical")
EVERY_RULE = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
OF_THE_LOOK = {"type": "rule", "values": [
    "aria-input-field-name", "aria-toggle-field-name", "button-name", "color-contrast", "document-title",
    "html-has-lang", "html-lang-valid", "label", "link-name", "meta-viewport", "scrollable-region-focusable",
    "select-name",
]}  # fmt: skip
"""Rules whose answer another language, theme or width can change."""
LOOKS = (("en", "light", 1440, EVERY_RULE), ("zh", "dark", 390, OF_THE_LOOK))


@dataclass(frozen=True)
class Excused:
    """A fault of somebody else's widget that cannot be mended from outside."""

    rule: str
    part: str
    """What the faulty element's markup begins with."""
    why: str


EXCUSED = (
    Excused(
        "aria-required-children",
        '<div class="pnx-tabulator tabulator" role="grid"',
        "Tabulator puts its footer with the buttons of the pager inside the grid.",
    ),
)


def faults(page, rules):
    """What axe finds, without what is excused."""
    for fault in page.evaluate("rules => axe.run({ resultTypes: ['violations'], runOnly: rules })", rules)[
        "violations"
    ]:
        for node in fault["nodes"]:
            excused = any(fault["id"] == each.rule and node["html"].startswith(each.part) for each in EXCUSED)
            if fault["impact"] in SERIOUS and not excused:
                yield f"{fault['id']}: {node['html'][:200]}"


def test_axe_finds_no_serious_fault_on_any_page(visit):
    found = {}
    for language, theme, width, rules in LOOKS:
        page = visit(f"?page=help&lang={language}&theme={theme}", width=width)
        page.locator("#loader").wait_for(state="detached")
        page.evaluate(AXE_SCRIPT)
        for each in pages.PAGES:
            query = f"?page={each.name}&lang={language}&theme={theme}&case=L0795&as_of=2025-12-31"
            page.evaluate(
                "to => { history.pushState({}, '', to); dispatchEvent(new PopStateEvent('popstate')) }", query
            )
            page.locator(f"nav a[aria-current=page][href*='page={each.name}&']").first.wait_for(state="attached")
            expect(page.locator("[role=status]:visible").filter(has_text=WAITS)).to_have_count(0)
            page.wait_for_timeout(300)
            if faulty := list(faults(page, rules)):
                found[each.name, language] = faulty
    assert found == {}
