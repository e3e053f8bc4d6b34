"""The `collectkit` command: check, map, import, assess, report, sample and serve, without a line of Python.

Tables and figures go to files or to the standard output, everything said to a person goes to the standard error.
Exit codes: 0 done, 1 the data have problems, 2 the call is wrong.
"""

from __future__ import annotations

import argparse
import datetime as dt
import importlib.util
import runpy
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from collectkit import distributed, tracking
from collectkit._book import NO_PROBLEMS
from collectkit._console import bars, new_file, say, show, step, write
from collectkit.check_report import check_report
from collectkit.days import month_ends
from collectkit.errors import CallError, CollectkitError, PortfolioError
from collectkit.files import fingerprint, read_frames
from collectkit.ledger import assess, track
from collectkit.loading import is_workspace, load_portfolio
from collectkit.mapping import propose_mapping
from collectkit.policy import list_policies, load_policy
from collectkit.portfolio import Portfolio
from collectkit.problems import problems_in
from collectkit.register import Workspace
from collectkit.reports import list_reports, make_report
from collectkit.samples import load_sample
from collectkit.sources import all_problems, read_tables
from collectkit.stated import differences_by_reading, stated_differences
from collectkit.wording import LANGUAGES

_EPILOG = """
a first quarter of an hour:
  collectkit sample demo --to demo                        a simulated book to try things on
  collectkit assess demo --as-of 2025-12-31 --to day.xlsx every loan on that day
  collectkit map export.xlsx --to mapping.toml            propose which columns mean what; then edit the file
  collectkit check export.xlsx --mapping mapping.toml     every problem, with its row and what to do
  collectkit check export.xlsx --mapping mapping.toml --policy cn-microloan --to checks.html
                                                          also figures the source states itself, against ours
  collectkit import export.xlsx --mapping mapping.toml --into book --by "Li Na"
  collectkit assess book --as-of 2025-12-31 --to day.csv
  collectkit cube book --to months.parquet                every month end in one small file, for pages of any size
  collectkit report                                       what reports there are
  collectkit serve --portfolio book                       the pages with these loans (in the repository)
"""
_DOCUMENTS = ("html", "pdf", "docx")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; gives the exit code.

    Examples
    --------
    >>> main(["assess", "no-such-folder", "--as-of", "2025-12-31"])
    2
    """
    parser = _parser()
    options, more = parser.parse_known_args(arguments)
    options.more = more
    if more and options.run is not _serve:
        parser.error(f"unrecognized arguments: {' '.join(more)}")
    try:
        with bars():
            return int(options.run(options))
    except PortfolioError as error:
        say(str(error))
        return 1
    except CollectkitError as error:
        say(str(error))
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "collectkit", description=(__doc__ or "").partition("\n")[0], epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def command(
        name: str, run: object, text: str, *, source: bool = True, add_help: bool = True
    ) -> argparse.ArgumentParser:
        about = f"{text[0].upper()}{text[1:]}."
        made = commands.add_parser(name, help=text, description=about, add_help=add_help)
        made.set_defaults(run=run)
        if source:
            made.add_argument("source", help="a folder, a CSV, Excel or Parquet file, a workspace, or a SQLAlchemy URL")
            if name != "map":
                made.add_argument("--mapping", help="mapping file, if the columns have other names than ours")
        return made

    policies = f"a file, or one of {', '.join(list_policies())}"
    check = command("check", _check, "list every problem of a file, with its row and what to do")
    check.add_argument("--policy", help=f"compare figures the source states itself with ours under it: {policies}")
    check.add_argument("--to", help="write what was found to a .csv, .xlsx, .html, .pdf or .docx file")
    check.add_argument("--language", default="en", choices=LANGUAGES, help="language of what was found")
    mapping = command("map", _map, "propose a mapping file for foreign columns, to be read and edited")
    mapping.add_argument("--to", help="mapping file to write; without it, it is shown")
    taken = command("import", _import, "take a file into a workspace; wrong rows go to quarantine")
    taken.add_argument("--into", required=True, help="folder of the workspace")
    taken.add_argument("--by", required=True, help="who imports")
    taken.add_argument("--received-at", help="when the file was received, e.g. 2025-12-31T10:00")
    taken.add_argument("--to", help="write a report of the import to a .html, .pdf or .docx file")
    taken.add_argument("--language", default="en", choices=LANGUAGES, help="language of that report")
    figures = command("assess", _assess, "how late every loan is on a day, what it owes and its bucket")
    figures.add_argument("--as-of", required=True, help="the day, e.g. 2025-12-31; its end is meant")
    figures.add_argument("--policy", default="cn-microloan", help=policies)
    figures.add_argument("--known-on", help="only what was known on this day")
    figures.add_argument("--scheme", default="months", help="bucket scheme of the policy")
    figures.add_argument("--to", help="write to a .csv, .xlsx or .parquet file; without it, a summary is shown")
    cube = command("cube", _cube, "fold all month ends of a book, or of a folder of partitions, into one small file")
    cube.add_argument("--policy", default="cn-microloan", help=policies)
    cube.add_argument(
        "--to", required=True, help="new .parquet file, for `serve --portfolio` and `tracking.read_followed`"
    )
    report = command("report", _report, "make a report for a month, to print and to send; without a name, list them",
                     source=False)  # fmt: skip
    report.add_argument("name", nargs="?", help="name of a report, or a notebook of one's own")
    report.add_argument("--portfolio", help="a workspace, a folder or file of ours, a SQLAlchemy URL, or a sample")
    report.add_argument("--month", help="the month, e.g. 2025-06")
    report.add_argument("--policy", help=policies)
    report.add_argument("--agency", help="one agency, for reports about agencies; default: all")
    report.add_argument("--agency-file", help="the agency's own statement, to compare with ours")
    report.add_argument("--cost-file", help="what collecting cost: cost_date, amount, and whose (team, collector_id)")
    report.add_argument("--mapping", help="mapping file, for the report `checks` of a foreign file")
    report.add_argument("--language", choices=LANGUAGES, help="language of the report, if it has several")
    report.add_argument("--to", default="html", help="html, pdf or docx, or a file with such an ending")
    sample = command("sample", _sample, "write a sample portfolio to look at and to try things on", source=False)
    sample.add_argument("name", nargs="?", default="demo", help="name of the sample")
    sample.add_argument("--to", required=True, help="new folder, or a new .xlsx file")
    sample.add_argument("--format", default="csv", choices=["csv", "parquet", "excel"])
    command("serve", _serve, "open the dashboards (needs the repository); --portfolio PATH shows own data",
            source=False, add_help=False)  # fmt: skip
    return parser


def _check(options: argparse.Namespace) -> int:
    with step(f"Reading {options.source}"):
        tables, unread = _tables(options)
    with step("Checking"):
        problems = all_problems(tables, unread)
    errors = int((problems["severity"] == "error").sum())
    differences = None if options.policy is None else _stated(options, tables, errors)
    found = {"problems": problems_in(problems, options.language)}
    if differences is not None:
        found["stated"] = differences
    if options.to:
        rows = {name: len(frame) for name, frame in tables.items()}
        compared = "" if differences is None else options.policy
        write(found, options.to, lambda: check_report(
            rows, problems, source=Path(options.source).name, differences=differences, policy=compared,
            language=options.language,
        ))  # fmt: skip
    else:
        show(found["problems"])
        if differences is not None:
            show(differences_by_reading(differences, language=options.language))
            show(differences.drop(columns="readings"))
    counts = ", ".join(f"{len(frame):,} {name}" for name, frame in tables.items())
    say(f"{counts}: {errors:,} errors, {len(problems) - errors:,} warnings.")
    return 1 if errors else 0


def _tables(options: argparse.Namespace) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Tables of a workspace or any other source, and what could not be read of them."""
    if is_workspace(options.source):
        tables = Workspace(options.source).portfolio().tables
        return {name: frame for name, frame in tables.items() if len(frame)}, NO_PROBLEMS
    return read_tables(options.source, mapping=options.mapping)


def _stated(options: argparse.Namespace, tables: Mapping[str, pd.DataFrame], errors: int) -> pd.DataFrame | None:
    """Differences between figures the source states and ours; None if they cannot be compared."""
    policy = load_policy(options.policy)
    if errors:
        say("Figures the source states are compared once the errors are corrected.")
        return None
    if "stated" not in tables:
        say("The source states no figures of its own: there is no table `stated`, so nothing was compared.")
        return None
    with step("Comparing stated figures with ours"):
        found = stated_differences(Portfolio(**tables), policy, language=options.language)
    say(f"{len(tables['stated']):,} rows of stated figures, {len(found):,} differences under {options.policy}.")
    return found


def _map(options: argparse.Namespace) -> int:
    with step(f"Reading {options.source}"):
        text = propose_mapping(read_frames(options.source), name=Path(options.source).stem).to_toml()
    if not options.to:
        sys.stdout.write(text)
        return 0
    new_file(options.to).write_text(text, encoding="utf-8")
    say(f"Wrote {options.to}. Read it, correct it, then: collectkit check {options.source} --mapping {options.to}")
    return 0


def _import(options: argparse.Namespace) -> int:
    path = Path(options.source)
    if options.to:
        new_file(options.to)
    files = sorted(file for file in path.iterdir() if file.is_file()) if path.is_dir() else [path]
    with step(f"Reading {path}"):
        tables, problems = read_tables(path, mapping=options.mapping)
    with step(f"Importing into {options.into}"):
        report = Workspace(options.into).take_in(
            tables, file_name=path.name, sha256=fingerprint(files), by=options.by, problems=problems,
            imported_at=dt.datetime.now().astimezone().replace(tzinfo=None, microsecond=0),
            received_at=options.received_at,
        )  # fmt: skip
    if options.to:
        write({}, options.to, lambda: report.to_html(options.language))
    sys.stdout.write(report.counts.to_string(index=False) + "\n")
    say(
        f"Import {report.import_id}: {report.total('quarantined'):,} rows in quarantine, see {options.into}/quarantine."
    )
    return 1 if report.total("quarantined") else 0


def _assess(options: argparse.Namespace) -> int:
    with step(f"Reading {options.source}"):
        portfolio = load_portfolio(options.source, mapping=options.mapping)
    with step("Assessing"):
        loans = assess(
            portfolio,
            load_policy(options.policy),
            as_of=options.as_of,
            known_on=options.known_on,
            scheme=options.scheme,
        )
    if options.to:
        write({"loans": loans}, options.to)
    else:
        sums = loans.groupby("bucket", observed=False)[["total_due", "penalty", "principal_balance"]].sum()
        sums.insert(0, "loans", loans["bucket"].value_counts())
        sys.stdout.write(sums.to_string() + "\n")
    say(f"{len(loans):,} loans on {options.as_of} under {options.policy}.")
    return 0


def _cube(options: argparse.Namespace) -> int:
    target, policy = new_file(options.to), load_policy(options.policy)
    if distributed.is_partitioned(options.source):
        parts = distributed.read_partitions(options.source)
        with step(f"Folding {len(parts)} partitions"):
            folded = distributed.followed(parts, policy, dates=_months(parts.first_date, parts.last_date))
    else:
        with step(f"Reading {options.source}"):
            book = load_portfolio(options.source, mapping=options.mapping)
        with step("Folding"):
            panel = track(book, policy, dates=_months(book.first_date, book.last_date))
            folded = tracking.followed(panel, book.loans, policy=policy)
    folded.to_parquet(target)
    cells, dates = folded.cube.cells, folded.cube.dates
    say(f"Wrote {target}: {len(cells):,} cells, {len(dates)} month ends under {options.policy}.")
    say(f"Pages with it: collectkit serve --portfolio {target}")
    return 0


def _months(first: pd.Timestamp, last: pd.Timestamp) -> list[pd.Timestamp]:
    """All month ends of a book."""
    months = [] if pd.isna(first) else list(month_ends(first, last))
    if not months:
        raise CallError("No month has ended in this book yet, so there is nothing to fold.")
    return months


def _report(options: argparse.Namespace) -> int:
    if options.name is None:
        checks = {"name": "checks", "title": "Every problem of a file, and figures it states itself", "parameters": ""}
        show(pd.concat([pd.DataFrame([checks]), list_reports()]))
        return 0
    if options.to in _DOCUMENTS:
        stem = Path(options.name).stem
        options.to = f"{stem}-{options.month}.{options.to}" if options.month else f"{stem}.{options.to}"
    if options.name == "checks":
        if options.portfolio is None:
            raise CallError("Say what to check: --portfolio export.xlsx.")
        options.source, options.language = options.portfolio, options.language or "en"
        return _check(options)
    names = ("portfolio", "month", "policy", "language", "agency", "agency_file", "cost_file")
    given = {name: getattr(options, name) for name in names if getattr(options, name) is not None}
    with step(f"Running {options.name}"):
        write({}, options.to, lambda: make_report(options.name, **given))
    return 0


def _sample(options: argparse.Namespace) -> int:
    sample = load_sample(options.name)
    if not isinstance(sample, Portfolio):
        raise CallError(f"Sample {options.name} is one table, not a portfolio. Use `load_sample` in Python.")
    sample.write(options.to, format=options.format)
    say(f"Wrote {options.to}.")
    return 0


def _serve(options: argparse.Namespace) -> int:
    if importlib.util.find_spec("dashboards") is None:
        raise CallError("The dashboards are in the repository of collectkit. Run `make serve` there.")
    sys.argv = ["collectkit serve", *options.more]
    runpy.run_module("dashboards", run_name="__main__")
    return 0
