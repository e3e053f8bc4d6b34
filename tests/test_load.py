"""The load script: readers who click are counted, and it goes nowhere but to this machine."""

from __future__ import annotations

import pytest

from benchmarks import load


def test_two_readers_click_without_an_error_and_are_counted(monkeypatch):
    monkeypatch.setattr(load.pages, "PAGES", [page for page in load.pages.PAGES if page.name in ("today", "help")])
    told, memory = load.measured(2, 8, forgotten=0.1)
    assert told.errors == []
    counts = {kind: count for kind, count, *_ in told.table()}
    assert counts.pop("first paint") == 4  # two readers, two rounds
    assert sum(counts.values()) >= 1
    assert all(0 < half <= ninety <= most < load.PATIENCE_S for _, _, half, ninety, most in told.table())
    assert len(memory) == 5
    assert min(memory.values()) > 50 * 1024**2


@pytest.mark.parametrize(
    "given", [["--sessions", "201"], ["--minutes", "61"], ["--sessions", "0"], ["--address", "http://example.org"]]
)
def test_what_is_too_much_or_elsewhere_is_refused(given, capsys):
    with pytest.raises(SystemExit):
        load.main(given)
    assert "usage" in capsys.readouterr().err
