"""A server in a thread, Debian's chromium, and a page that tells of errors and of requests that leave the machine."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path

import pandas as pd
import panel as pn
import pytest

import collectkit as ck
from dashboards import app, shared

HOSTILE = "<img src=x onerror=window.attacked=1>"
INSIDE = ("http://127.0.0.1", "ws://127.0.0.1", "http://localhost", "data:", "blob:")
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
# What other people's libraries do wrong among themselves, in this folder only.
LET_PASS = (
    "ignore:The inplace keyword",  # bokeh 3.9 and pandas 3.1
    "ignore:reference already known",  # bokeh 3.9, when the component library themes a table
    "ignore:Both 'variant' and 'button_style'",  # panel-material-ui 0.16
    "ignore:Session-scoped fixtures defined as instance methods",  # pytest-base-url and pytest 9.2
)
HERE = Path(__file__).parent


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
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    app.serve(port=port, threaded=True)
    yield f"http://127.0.0.1:{port}/"
    pn.state.reset()


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
    """Open the app with a query and wait until Today or a message is there."""

    def go(query="", *, width=1440, height=1000):
        watched.set_viewport_size({"width": width, "height": height})
        watched.goto(address + query)
        watched.locator(".tile, .message").and_(watched.locator(":visible")).first.wait_for()
        return watched

    return go
