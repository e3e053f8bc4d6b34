"""Signing in and out, as a person does it, at a server with access control."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import expect

from benchmarks.load import answering
from dashboards import passwords
from dashboards.access import SECRET

PASSWORD = "four words in a row"


@pytest.fixture
def guarded(tmp_path):
    """Address of a server with one viewer, in a process of its own."""
    passwords.write_users(passwords.with_user({}, "li", "viewer", PASSWORD), tmp_path / "users.toml")
    (tmp_path / "access.toml").write_text('users = "users.toml"\nhttps = false\naudit = "audit.log"\n')
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "dashboards", "--port", str(port), "--access", str(tmp_path / "access.toml")],
        env={**os.environ, SECRET: "a secret that is only used in this test"},
        stdout=subprocess.DEVNULL,
    )
    answering(server, port)
    yield f"http://127.0.0.1:{port}/"
    server.terminate()
    server.wait(30)


def test_a_wrong_password_stays_outside_a_right_one_comes_in_and_signing_out_ends_it(page, guarded):
    page.goto(f"{guarded}?page=help&lang=en")
    name, password = page.get_by_label("User name"), page.get_by_label("Password")
    expect(name).to_be_visible()
    page.evaluate(AXE_SCRIPT)
    assert page.evaluate("() => axe.run()")["violations"] == []
    name.fill("li")
    password.fill("not the password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page).to_have_url(re.compile("login"))
    page.get_by_label("User name").fill("li")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Glossary")).to_be_visible()
    expect(page).to_have_url(re.compile("page=help"))
    expect(page.get_by_role("link", name="Worklist", exact=True)).to_have_count(0)  # a viewer
    page.get_by_role("link", name="Sign out").click()
    expect(page).to_have_url(re.compile("login|logout"))
    page.goto(guarded)
    expect(page.get_by_label("Password")).to_be_visible()
    assert page.get_by_role("heading", name="Today").count() == 0
