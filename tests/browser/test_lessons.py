"""A lesson exported as a page shows its figures in a browser, with nobody to ask."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.exported import exported


def test_an_exported_lesson_draws_its_figure_offline(context, tmp_path):
    file = tmp_path / "lesson.html"
    file.write_text(exported("training/01b_penalty_interest.ipynb"), encoding="utf-8")
    page, asked, wrong = context.new_page(), [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(file.as_uri())
    expect(page.locator("#figure-0 .main-svg").first).to_be_visible()
    expect(page.locator("#figure-0 .bars path").first).to_be_visible()
    assert not [url for url in asked if not url.startswith(("file:", "data:", "blob:"))]
    assert wrong == []
    page.close()
