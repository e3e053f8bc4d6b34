"""A server in a thread, Debian's chromium, and a page that tells of errors and of requests that leave the machine."""

from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path

import pandas as pd
import panel as pn
import pytest
from playwright.sync_api import expect

import collectkit as ck
from dashboards import app, shared

HOSTILE = "<img src=x onerror=window.attacked=1>"
INSIDE = ("http://127.0.0.1", "ws://127.0.0.1", "http://localhost", "data:", "blob:")
# The shell is the same browser without the windows that nobody sees: half the work.
CHROMIUM = shutil.which("chromium-headless-shell") or os.environ.get("CHROMIUM") or shutil.which("chromium")
# What other people's libraries do wrong among themselves, in this folder only.
LET_PASS = (
    "ignore:The inplace keyword",  # bokeh 3.9 and pandas 3.1
    "ignore:reference already known",  # bokeh 3.9, when the component library themes a table
    "ignore:Both 'variant' and 'button_style'",  # panel-material-ui 0.16
    "ignore:Session-scoped fixtures defined as instance methods",  # pytest-base-url and pytest 9.2
)
IS_READY = "() => window.Bokeh?.documents.length > 0 && Bokeh.documents.every(each => each.is_idle)"
HERE = Path(__file__).parent
expect.set_options(timeout=30_000)  # several tests and others' work may share two cores


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.is_relative_to(HERE):
            for warning in LET_PASS:
                item.add_marker(pytest.mark.filterwarnings(warning))


def hostile_book():
    """Two late loans whose texts try to be markup and formulas."""
    ids = [HOSTILE, "=cmd()"]
    loans = pd.DataFrame({"loan_id": ids, "product": HOSTILE, "region": HOSTILE, "principal": 1000.0})
    loans = loans.assign(annual_rate="0.12", disbursement_date=pd.Timestamp("2025-01-01"), closed_date=pd.NaT)
    instalments = pd.DataFrame({"loan_id": ids, "instalment_no": 1, "principal": 1000.0, "interest": 10.0})
    instalments["due_date"] = pd.Timestamp("2025-02-01")
    payments = pd.DataFrame({"payment_id": [HOSTILE], "loan_id": [HOSTILE], "amount": [10.0]})
    payments["value_date"] = pd.Timestamp("2025-03-01")
    placements = pd.DataFrame({"placement_id": ["D"], "loan_id": [HOSTILE], "agency": [HOSTILE]})
    placements["placement_date"] = pd.Timestamp("2025-02-15")
    return ck.Portfolio(loans=loans, instalments=instalments, payments=payments, placements=placements)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": arguments}


@pytest.fixture(scope="session")
def address():
    """Address of the app, served in a thread as `python -m dashboards` serves it."""
    shared.offer("hostile", hostile_book)
    app._SESSION_LIFETIME_MS = 15_000  # soon enough for the test that waits for the end of closed visits
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    app.serve(port=port, threaded=True)
    yield f"http://127.0.0.1:{port}/"
    pn.state.reset()


@pytest.fixture(scope="session")
def context(browser_type, browser_type_launch_args, tmp_path_factory):
    """One profile on disk for all tests, so that the libraries of a page are fetched and compiled once."""
    context = browser_type.launch_persistent_context(tmp_path_factory.mktemp("profile"), **browser_type_launch_args)
    context.add_init_script("try { localStorage.setItem('collectkit-tour', 'seen') } catch {}")
    yield context
    context.close()


@pytest.fixture
def page(context):
    """A new tab; afterwards every tab is closed and nothing of the test is remembered."""
    page = context.new_page()
    yield page
    for tab in context.pages:
        if tab.url.startswith("http"):
            tab.evaluate("localStorage.clear()")
        tab.close()
    context.clear_cookies()


@pytest.fixture
def watched(page):
    """A page whose errors and outside requests fail the test."""
    errors, outside = [], []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith(INSIDE) else outside.append(request.url))
    page.set_default_timeout(30_000)
    yield page
    assert errors == []
    assert outside == []


@pytest.fixture
def visit(watched, address):
    """Open the app with a query and wait until figures or a message are there."""

    def go(query="", *, width=1440, height=1000):
        watched.set_viewport_size({"width": width, "height": height})
        watched.goto(address + query)
        watched.locator(".tile, .message, .main-svg, .told, .facts").and_(watched.locator(":visible")).first.wait_for()
        watched.wait_for_function(IS_READY)  # what is clicked before that reaches a server that does not listen yet
        return watched

    return go
