"""The `collectkit` command: check, map, import, assess, sample and serve, without a line of Python.

Tables and figures go to files or to the standard output, everything said to a person goes to the standard error.
Exit codes: 0 done, 1 the data have problems, 2 the call is wrong.
"""

from __future__ import annotations

import argparse
import datetime as dt
import importlib.util
import runpy
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from collectkit.errors import CallError, CollectkitError, PortfolioError, unknown_name
from collectkit.files import fingerprint, read_frames
from collectkit.ledger import assess
from collectkit.mapping import propose_mapping
from collectkit.policy import list_policies, load_policy
from collectkit.portfolio import Portfolio
from collectkit.register import Workspace
from collectkit.samples import load_sample
from collectkit.sources import all_problems, masked, read_portfolio, read_tables
from collectkit.writing import neutral

_EPILOG = """
a first quarter of an hour:
  collectkit sample demo --to demo                        a simulated book to try things on
  collectkit assess demo --as-of 2025-12-31 --to day.xlsx every loan on that day
  collectkit map export.xlsx --to mapping.toml            propose which columns mean what; then edit the file
  collectkit check export.xlsx --mapping mapping.toml     every problem, with its row and what to do
  collectkit import export.xlsx --mapping mapping.toml --into book --by "Li Na"
  collectkit assess book --as-of 2025-12-31 --to day.csv
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; gives the exit code.

    Examples
    --------
    >>> main(["assess", "no-such-folder", "--as-of", "2025-12-31"])
    2
    """
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except PortfolioError as error:
        _say(str(error))
        return 1
    except CollectkitError as error:
        _say(str(error))
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "collectkit", description=(__doc__ or "").partition("\n")[0], epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def command(name: str, run: object, text: str, *, source: bool = True) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
        made.set_defaults(run=run)
        if source:
            made.add_argument("source", help="a folder, a CSV, Excel or Parquet file, a workspace, or a SQLAlchemy URL")
            if name != "map":
                made.add_argument("--mapping", help="mapping file, if the columns have other names than ours")
        return made

    check = command("check", _check, "list every problem of a file, with its row and what to do")
    check.add_argument("--to", help="write the problems to a .csv, .xlsx or .html file")
    mapping = command("map", _map, "propose a mapping file for foreign columns, to be read and edited")
    mapping.add_argument("--to", help="mapping file to write; without it, it is shown")
    taken = command("import", _import, "take a file into a workspace; wrong rows go to quarantine")
    taken.add_argument("--into", required=True, help="folder of the workspace")
    taken.add_argument("--by", required=True, help="who imports")
    taken.add_argument("--received-at", help="when the file was received, e.g. 2025-12-31T10:00")
    figures = command("assess", _assess, "how late every loan is on a day, what it owes and its bucket")
    figures.add_argument("--as-of", required=True, help="the day, e.g. 2025-12-31; its end is meant")
    figures.add_argument("--policy", default="cn-microloan", help=f"a file, or one of {', '.join(list_policies())}")
    figures.add_argument("--known-on", help="only what was known on this day")
    figures.add_argument("--scheme", default="months", help="bucket scheme of the policy")
    figures.add_argument("--to", help="write to a .csv, .xlsx or .parquet file; without it, a summary is shown")
    sample = command("sample", _sample, "write a sample portfolio to look at and to try things on", source=False)
    sample.add_argument("name", nargs="?", default="demo", help="name of the sample")
    sample.add_argument("--to", required=True, help="new folder, or a new .xlsx file")
    sample.add_argument("--format", default="csv", choices=["csv", "parquet", "excel"])
    serve = command("serve", _serve, "open the dashboards (needs the repository)", source=False)
    serve.add_argument("arguments", nargs=argparse.REMAINDER, help="as of `python -m dashboards`, e.g. --port 5007")
    return parser


def _check(options: argparse.Namespace) -> int:
    with _step(f"Reading {options.source}"):
        tables, unread = read_tables(options.source, mapping=options.mapping)
    with _step("Checking"):
        problems = all_problems(tables, unread)
    errors = int((problems["severity"] == "error").sum())
    if options.to:
        _write(problems, options.to)
    elif len(problems):
        sys.stdout.write(problems.head(50).to_string(index=False) + "\n")
    rows = ", ".join(f"{len(frame):,} {name}" for name, frame in tables.items())
    _say(f"{rows}: {errors:,} errors, {len(problems) - errors:,} warnings.")
    return 1 if errors else 0


def _map(options: argparse.Namespace) -> int:
    with _step(f"Reading {options.source}"):
        text = propose_mapping(read_frames(options.source), name=Path(options.source).stem).to_toml()
    if not options.to:
        sys.stdout.write(text)
        return 0
    try:
        with Path(options.to).open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise CallError(f"{options.to} is there already. Take another name, or remove it first.") from error
    _say(f"Wrote {options.to}. Read it, correct it, then: collectkit check {options.source} --mapping {options.to}")
    return 0


def _import(options: argparse.Namespace) -> int:
    path = Path(options.source)
    files = sorted(file for file in path.iterdir() if file.is_file()) if path.is_dir() else [path]
    with _step(f"Reading {path}"):
        tables, problems = read_tables(path, mapping=options.mapping)
    with _step(f"Importing into {options.into}"):
        report = Workspace(options.into).take_in(
            tables, file_name=path.name, sha256=fingerprint(files), by=options.by, problems=problems,
            imported_at=dt.datetime.now().astimezone().replace(tzinfo=None, microsecond=0),
            received_at=options.received_at,
        )  # fmt: skip
    sys.stdout.write(report.counts.to_string(index=False) + "\n")
    _say(
        f"Import {report.import_id}: {report.total('quarantined'):,} rows in quarantine, see {options.into}/quarantine."
    )
    return 1 if report.total("quarantined") else 0


def _assess(options: argparse.Namespace) -> int:
    with _step(f"Reading {options.source}"):
        portfolio = _portfolio(options)
    with _step("Assessing"):
        loans = assess(
            portfolio,
            load_policy(options.policy),
            as_of=options.as_of,
            known_on=options.known_on,
            scheme=options.scheme,
        )
    if options.to:
        _write(loans, options.to)
    else:
        sums = loans.groupby("bucket", observed=False)[["total_due", "penalty", "principal_balance"]].sum()
        sums.insert(0, "loans", loans["bucket"].value_counts())
        sys.stdout.write(sums.to_string() + "\n")
    _say(f"{len(loans):,} loans on {options.as_of} under {options.policy}.")
    return 0


def _portfolio(options: argparse.Namespace) -> Portfolio:
    """A portfolio from a workspace or any other source."""
    if (Path(options.source) / "current.json").is_file():
        return Workspace(options.source).portfolio()
    return read_portfolio(options.source, mapping=options.mapping)


def _sample(options: argparse.Namespace) -> int:
    sample = load_sample(options.name)
    if not isinstance(sample, Portfolio):
        raise CallError(f"Sample {options.name} is one table, not a portfolio. Use `load_sample` in Python.")
    sample.write(options.to, format=options.format)
    _say(f"Wrote {options.to}.")
    return 0


def _serve(options: argparse.Namespace) -> int:
    if importlib.util.find_spec("dashboards") is None:
        raise CallError("The dashboards are in the repository of collectkit. Run `make serve` there.")
    sys.argv = ["collectkit serve", *options.arguments]
    runpy.run_module("dashboards", run_name="__main__")
    return 0


def _write(frame: pd.DataFrame, target: str) -> None:
    """Write one table by the ending of the file; personal data masked, formulas neutral."""
    path, safe = Path(target), neutral(masked(frame))
    writers: dict[str, Callable[[], object]] = {
        ".csv": lambda: safe.to_csv(path, index=False, encoding="utf-8-sig"),
        ".xlsx": lambda: safe.to_excel(path, index=False, engine="xlsxwriter"),
        ".parquet": lambda: masked(frame).to_parquet(path, index=False),
        ".html": lambda: path.write_text(_PAGE.format(table=frame.to_html(index=False, border=0)), encoding="utf-8"),
    }
    if path.suffix.lower() not in writers:
        raise unknown_name("kind of file", path.suffix or path.name, writers)
    if path.exists():
        raise CallError(f"{path} is there already. Take another name, or remove it first.")
    writers[path.suffix.lower()]()
    _say(f"Wrote {path}: {len(frame):,} rows.")


_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>collectkit</title>
<style>body {{ font: 15px/1.5 sans-serif; margin: 2em }} td, th {{ padding: .2em .7em; text-align: left }}</style>
</head><body>{table}</body></html>
"""


@contextmanager
def _step(what: str) -> Iterator[None]:
    """Say what is being done, and how long it took if it was long."""
    _say(f"{what} …")
    start = time.monotonic()
    yield
    if time.monotonic() - start > 2:
        _say(f"  {time.monotonic() - start:.1f} s")


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
