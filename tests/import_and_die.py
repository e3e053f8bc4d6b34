"""Really kill imports: ``python tests/import_and_die.py BASE OUT SEED TIMES``; one line of JSON per import.

Each import runs in a process of its own, in a copy of the workspace BASE (which may not be there yet). Before each step
it takes on the disk (open, fsync, rename, mkdir, remove, lock) one process after another kills itself, until one comes
to its end; a file that was not yet on the disk is cut in half. Then TIMES more are killed at random moments.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import stat
import sys
import time
from pathlib import Path

import pandas as pd
import pandera.pandas  # noqa: F401  loaded once, not in every child
import pyarrow.parquet  # noqa: F401

from collectkit.checks import PROBLEM_COLUMNS
from collectkit.register import Workspace
from tests.five_loans import dates, tables

STEPS = {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "shutil.rmtree", "fcntl.flock"}
NO_PROBLEMS = pd.DataFrame(columns=PROBLEM_COLUMNS)


def second_file():
    """New rows, a changed loan, a reversal, and a payment of no loan."""
    made = tables()
    loans = made["loans"].assign(annual_rate="0.10")
    payments = pd.DataFrame({
        "payment_id": ["P2", "P5", "P6"], "loan_id": ["C", "B", "X"],
        "value_date": dates("2025-02-10", "2025-04-02", "2025-04-02"), "amount": [520.0, 505.25, 10.0],
        "reversal_date": dates("2025-04-01", None, None),
    })  # fmt: skip
    return {"loans": loans, "payments": payments}


def import_first(folder):
    return Workspace(folder).take_in(
        tables(), file_name="first.xlsx", sha256="1" * 64, by="Li", imported_at="2025-04-01 09:30", problems=NO_PROBLEMS
    )


def import_second(folder):
    return Workspace(folder).take_in(
        second_file(), file_name="second.xlsx", sha256="2" * 64, by="Wang", imported_at="2025-04-02 10:00",
        received_at="2025-04-02 08:00", problems=NO_PROBLEMS,
    )  # fmt: skip


def die_before_step(number, folder):
    """Kill this process before its step of that number in the folder."""
    steps = 0

    def step(event, place, file=None):
        nonlocal steps
        steps += event in ("os.fsync", "fcntl.flock") or str(place).startswith(str(folder))
        if steps == number:
            if file is not None and stat.S_ISREG(os.fstat(file).st_mode):
                os.ftruncate(file, os.fstat(file).st_size // 2)
            os.kill(os.getpid(), signal.SIGKILL)

    def fsync(file, sync=os.fsync):
        step("os.fsync", None, file)
        sync(file)

    os.fsync = fsync
    sys.addaudithook(lambda event, arguments: step(event, arguments[0]) if event in STEPS else None)


def in_child(work):
    """Start a process that does the work and nothing else; its id."""
    process = os.fork()
    if process == 0:
        work()
        os._exit(0)
    return process


def killed(process):
    return os.WIFSIGNALED(os.waitpid(process, 0)[1])


def main(base, out, seed, times):
    work = import_second if base.exists() else import_first
    number, is_killed, began = 0, True, 0.0
    while is_killed:
        number += 1
        folder = copy(base, out / f"step-{number:03}")
        began = time.monotonic()
        is_killed = killed(in_child(lambda f=folder, n=number: (die_before_step(n, f), work(f))))
        report(folder, is_killed)
    longest, moments = time.monotonic() - began, random.Random(seed)
    for number in range(times):
        folder = copy(base, out / f"moment-{number:03}")
        process = in_child(lambda f=folder: work(f))
        time.sleep(moments.uniform(0, longest))
        os.kill(process, signal.SIGKILL)
        report(folder, killed(process))


def copy(base, folder):
    if base.exists():
        shutil.copytree(base, folder)
    return folder


def report(folder, is_killed):
    sys.stdout.write(json.dumps({"folder": str(folder), "is_killed": is_killed}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
