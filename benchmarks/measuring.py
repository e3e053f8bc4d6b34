"""How things are measured: best of several times, and the peak of a process's memory."""

from __future__ import annotations

import ctypes
import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def seconds(call: Callable[[], Any]) -> float:
    """Seconds one call takes; what it returns is let go."""
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin


def fastest(rounds: int, **calls: Callable[[], Any]) -> dict[str, float]:
    """Seconds of each call in its fastest round; the calls take turns, so that noise meets all of them."""
    taken = [{name: seconds(call) for name, call in calls.items()} for _ in range(rounds)]
    return {name: min(turn[name] for turn in taken) for name in calls}


def resident() -> int:
    """Memory this process holds now [bytes]; what is free but kept for later is given back first."""
    import pyarrow as pa

    gc.collect()
    pa.default_memory_pool().release_unused()
    ctypes.CDLL(None).malloc_trim(0)
    return _status("VmRSS")


def peak_of(call: Callable[[], Any]) -> tuple[int, Any]:
    """Highest memory of this process during a call [bytes], and what the call returned.

    Notes
    -----
    ``ru_maxrss`` never falls, so the high-water mark is set back and read instead; /proc is Linux.
    """
    resident()
    Path("/proc/self/clear_refs").write_text("5")
    result = call()
    return _status("VmHWM"), result


def _status(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith(f"{name}:"))) * 1024


def in_child(case: str, *words: str, cold: bool = False) -> dict[str, Any]:
    """Figures of one case, run in a fresh process so that no case leaves memory to the next.

    Parameters
    ----------
    cold : bool
        Start with an empty numba cache.
    """
    with tempfile.TemporaryDirectory(prefix="collectkit-numba-") as cache:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.cases", case, *words],
            env=os.environ | ({"NUMBA_CACHE_DIR": cache} if cold else {}),
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        )
    return json.loads(done.stdout)
