"""Readers who click, over the websocket, without a browser: ``python -m benchmarks.load --sessions 30 --minutes 5``.

A server is started for it on a free port of this machine; another machine cannot be named. Each reader opens *Today*,
or *Portfolio* if `--portfolio` is a file of month ends, then goes on choosing a date or a page that has something to
show, and rests 1 to 3 seconds between. The readers share the cores with the server.
Printed are the seconds at 50, 90 and 99 %

- of first paint: from the request until the figures of the page are there;
- of a redraw, by what was chosen: from the click until the last change it brings (half a second of quiet follows);

what the browser does with them comes on top; and the memory of the server: after one reader has seen every page, with
all readers there, and a while after they have gone. Two rounds of readers show whether they leave anything behind; the
three whiles take four and a half minutes on top of the clicking.
`benchmarks/load.md` has what it printed, with the load of the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import socket
import subprocess
import sys
import time
from collections import defaultdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from tabulate import tabulate

from benchmarks.report import machine
from benchmarks.talking import connected, data_of, models
from collectkit.tracking import is_cube
from dashboards import pages
from dashboards.words import words_in

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_SESSIONS, MOST_MINUTES = 200, 60.0
REST_S, QUIET_S, PATIENCE_S = (1.0, 3.0), 0.5, 60.0
FORGOTTEN_S = 90.0
"""After so long the server has given up what belonged to closed sessions."""
DATES = 12
TILE, FAILED = "&lt;/section&gt;", "This could not be shown"


class Told(list[tuple[str, float]]):
    """What was waited for and how many seconds; errors apart."""

    def __init__(self) -> None:
        super().__init__()
        self.errors: list[str] = []

    def table(self) -> list[tuple[Any, ...]]:
        """Count and percentiles of each kind."""
        kinds = defaultdict(list)
        for kind, seconds in self:
            kinds[kind].append(seconds)
        return [(kind, len(each), *pd.Series(each).quantile([0.5, 0.9, 0.99])) for kind, each in kinds.items()]


class Reader:
    """One open page."""

    def __init__(self, told: Told, chance: random.Random, seen: Sequence[pages.Page]) -> None:
        self.told, self.chance, self.seen = told, chance, seen
        self.heard: asyncio.Queue[tuple[float, str]] = asyncio.Queue()

    async def visit(self, address: str, until: float) -> None:
        """Open the page and click until the time is up; what goes wrong is told."""
        try:
            await asyncio.sleep(self.chance.uniform(0, 2))
            await self.open(address)
            while time.perf_counter() < until:
                await self.click(*self.choice())
                await asyncio.sleep(self.chance.uniform(*REST_S))
        except Exception as error:
            self.told.errors.append(f"{type(error).__name__}: {error}")

    async def open(self, address: str) -> None:
        """Ask for the page and wait for its figures."""
        begin = time.perf_counter()
        self.talk, _, document = await connected(address, f"?page={self.seen[0].name}&lang=en", {})
        self.listening = asyncio.create_task(self._listen())
        controls = [(data_of(model), model["attributes"]["data"]["id"]) for model in models(document) if data_of(model)]
        self.date, self.last = next((inner, data["value"]) for data, inner in controls if "start" in data)
        self.page = next(inner for data, inner in controls if "items" in data)
        self.shown = {self.date: self.last, self.page: self.seen[0].name}
        if TILE not in json.dumps(document):
            await self._await(TILE)
        self.told.append(("first paint", time.perf_counter() - begin))

    def choice(self) -> tuple[str, str, str, str]:
        """What the reader does next: its kind, the control, the value, and what will then be there."""
        if self.chance.random() < 0.5:
            ends = pd.date_range(end=self.last, periods=DATES, freq="ME")
            day = self.chance.choice([*ends]).date()
            return "another date", self.date, day.isoformat(), f"end of {words_in('en').date(day)}"
        page = self.chance.choice(self.seen)
        return "another page", self.page, page.name, f"{page.title} · Portfolio"

    async def click(self, kind: str, control: str, value: str, mark: str) -> None:
        """Make a change and wait for all that it brings; what is shown already is not chosen again."""
        if self.shown.get(control) == value:
            return
        self.shown[control] = value
        while not self.heard.empty():
            self.heard.get_nowait()
        begin = time.perf_counter()
        await self.talk.change(control, "value", value)
        self.told.append((kind, await self._await(mark) - begin))

    async def close(self) -> None:
        """Close the tab."""
        if hasattr(self, "talk"):
            self.talk.socket.close()
            await asyncio.gather(self.listening, return_exceptions=True)  # it hears that the server has closed

    async def _listen(self) -> None:
        """Keep what arrives, with its time."""
        while True:
            message = await self.talk.message()
            self.heard.put_nowait((time.perf_counter(), json.dumps(message.content, ensure_ascii=False)))

    async def _await(self, mark: str) -> float:
        """When the last message came, once the mark is there and it is quiet."""
        last, is_there = time.perf_counter(), False
        while True:
            try:
                last, text = await asyncio.wait_for(self.heard.get(), QUIET_S if is_there else PATIENCE_S)
            except TimeoutError:
                if is_there:
                    return last
                raise TimeoutError(f"“{mark}” did not come in {PATIENCE_S:.0f} seconds") from None
            is_there = is_there or mark in text
            if FAILED in text:
                self.told.errors.append(re.sub(r".*(This could not.{200}).*", r"\1", text, flags=re.DOTALL))


async def round_of(
    address: str, sessions: int, seconds: float, told: Told, memory: Any, seen: Sequence[pages.Page]
) -> int:
    """Memory of the server with that many readers who click; afterwards they are gone."""
    readers = [Reader(told, random.Random(number), seen) for number in range(sessions)]
    until = time.perf_counter() + seconds
    await asyncio.gather(*(reader.visit(address, until) for reader in readers))
    held = memory()
    await asyncio.gather(*(reader.close() for reader in readers))
    return held


def seen_of(portfolio: str | None) -> list[pages.Page]:
    """Pages that have something to show of a portfolio; *Data* has a folder to itself."""
    has_loans = portfolio is None or not is_cube(portfolio)
    return [page for page in pages.PAGES if page.name != "data" and (has_loans or not page.needs_loans)]


async def every_page(address: str, told: Told, seen: Sequence[pages.Page]) -> None:
    """One reader sees every page on one date, so that most of what is shared is there; other dates are not."""
    reader = Reader(told, random.Random(0), seen)
    await reader.open(address)
    for page in seen:
        await reader.click("every page", reader.page, page.name, f"{page.title} · Portfolio")
    await reader.close()


def resident(process: int) -> int:
    """Memory of a process [bytes]."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmRSS"))) * 1024


def served(port: int, portfolio: str | None) -> subprocess.Popen[bytes]:
    """A server of its own on this machine, once it answers."""
    command = [sys.executable, "-m", "dashboards", "--port", str(port)]
    server = subprocess.Popen([*command, *(["--portfolio", portfolio] if portfolio else [])], stdout=subprocess.DEVNULL)
    answering(server, port)
    return server


def answering(server: subprocess.Popen[bytes], port: int) -> None:
    """Wait until a server answers; one that does not is stopped."""
    for _ in range(1200):
        if server.poll() is not None:
            raise SystemExit("The server did not start.")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.25)
    server.terminate()
    raise SystemExit("The server did not answer in five minutes.")


def measured(sessions: int, seconds: float, *, portfolio: str | None = None, forgotten: float = FORGOTTEN_S) -> Any:
    """What readers waited, their errors, and the memory of the server by when it was looked at [bytes]."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server, told, warm, memory, seen = served(port, portfolio), Told(), Told(), {}, seen_of(portfolio)
    address = f"http://127.0.0.1:{port}/"
    try:
        asyncio.run(every_page(address, warm, seen))
        time.sleep(forgotten)
        memory["every page seen once"] = resident(server.pid)
        for number in ("first", "second"):
            look = partial(resident, server.pid)
            memory[f"{number} round, all readers there"] = asyncio.run(
                round_of(address, sessions, seconds / 2, told, look, seen)
            )
            time.sleep(forgotten)
            memory[f"{number} round, all gone"] = resident(server.pid)
    finally:
        server.terminate()
        server.wait(30)
    told.errors += warm.errors
    return told, memory


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; 1 if anything went wrong."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__.split("\n")[0])
    parser.add_argument("--sessions", type=int, default=30, help=f"readers at a time, at most {MOST_SESSIONS}")
    parser.add_argument("--minutes", type=float, default=1.0, help=f"in two rounds, at most {MOST_MINUTES:.0f}")
    parser.add_argument("--portfolio", help="a book, or a file of month ends, in place of the demo")
    given = parser.parse_args(arguments)
    if not 0 < given.sessions <= MOST_SESSIONS or not 0 < given.minutes <= MOST_MINUTES:
        parser.error("too many")
    print(machine(), flush=True)
    told, memory = measured(given.sessions, given.minutes * 60, portfolio=given.portfolio)
    print(tabulate(told.table(), ["waited for", "times", "50 % [s]", "90 % [s]", "99 % [s]"], floatfmt=".2f"))
    print(
        tabulate([(when, held / 1024**2) for when, held in memory.items()], ["server", "memory [MB]"], floatfmt=".0f")
    )
    each = (memory["second round, all readers there"] - memory["first round, all gone"]) / given.sessions / 1024**2
    print(f"{each:.1f} MB a reader in the second round; {len(told.errors)} errors")
    print("\n".join(told.errors[:10]))
    print(machine())
    return bool(told.errors)


if __name__ == "__main__":
    sys.exit(main())
