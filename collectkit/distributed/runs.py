"""The ledger, the cube and an agency's statement over partitions: the calls of one machine, with equal figures.

Every table but the statement of an agency is made loan by loan, or adds up; so a partition is worked on alone. What an
agency earns can depend on all it was given (recovery bands, a fee's minimum or maximum), so its loans are brought
together from all partitions before the statement is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from collectkit import agencies, ledger, tracking
from collectkit.days import Date
from collectkit.distributed._places import new_folder, place, write_parquet
from collectkit.distributed._tasks import each
from collectkit.distributed.partitions import Partitions
from collectkit.errors import CallError, unknown_name
from collectkit.ids import positions
from collectkit.policy import Policy
from collectkit.portfolio import Portfolio
from collectkit.tracking._building import BY, DAYS

if TYPE_CHECKING:
    from distributed import Client


def assess(
    partitions: Partitions,
    policy: Policy,
    *,
    as_of: Date,
    to: str | Path,
    known_on: Date | None = None,
    scheme: str = "months",
    client: Client | None = None,
) -> list[str]:
    """Every loan at the end of a day, written partition by partition: the table of `collectkit.assess`.

    Parameters
    ----------
    partitions : Partitions
    policy : Policy
    as_of : date
        The end of this day is meant.
    to : path or fsspec URL
        A new folder, which every worker can reach.
    known_on : date, optional
        Only what was known on this day; default: everything known.
    scheme : str
        Name of a bucket scheme of the policy.
    client : distributed.Client, optional
        Of a cluster; default: what Dask is set to, or else threads on this machine.

    Returns
    -------
    list of str
        Paths of the files, one per partition; ``pandas.read_parquet(to)`` reads them as one table.

    Raises
    ------
    CallError, PolicyError
        As `collectkit.assess`; or the folder is there already.

    Notes
    -----
    Rows are in order of loan_id within a partition. If a worker is lost, its partitions are done again by others.

    Examples
    --------
    >>> import collectkit as ck
    >>> book, policy = ck.load_sample("demo"), ck.load_policy()
    >>> parts = ck.distributed.partition(book, "memory://assessed/book", partitions=4)
    >>> files = assess(parts, policy, as_of="2025-06-30", to="memory://assessed/june")
    >>> loans = pd.read_parquet("memory://assessed/june").sort_values("loan_id", ignore_index=True)
    >>> loans.equals(ck.assess(book, policy, as_of="2025-06-30"))
    True
    """
    call = partial(ledger.assess, policy=policy, as_of=as_of, known_on=known_on, scheme=scheme)
    return _written(partitions, call, to, "assessing", client)


def track(
    partitions: Partitions,
    policy: Policy,
    *,
    dates: Iterable[Date],
    to: str | Path,
    known_on: Date | None = None,
    scheme: str = "months",
    client: Client | None = None,
) -> list[str]:
    """Every loan at the end of each of several days, written by partition: the table of `collectkit.track`.

    Parameters
    ----------
    partitions : Partitions
    policy : Policy
    dates : dates in ascending order
    to, known_on, scheme, client
        As in `assess`.

    Returns
    -------
    list of str
        As of `assess`.

    Raises
    ------
    CallError, PolicyError
        As `collectkit.track`; or the folder is there already.

    Examples
    --------
    >>> import collectkit as ck
    >>> parts = ck.distributed.partition(ck.load_sample("demo"), "memory://tracked/book", partitions=4)
    >>> files = track(parts, ck.load_policy(), dates=["2025-05-31", "2025-06-30"], to="memory://tracked/spring")
    >>> len(files)
    4
    """
    call = partial(ledger.track, policy=policy, dates=_listed(dates), known_on=known_on, scheme=scheme)
    return _written(partitions, call, to, "tracking", client)


def cube(
    partitions: Partitions,
    policy: Policy,
    *,
    dates: Iterable[Date],
    by: Iterable[str] = BY,
    days: Iterable[int] = DAYS,
    known_on: Date | None = None,
    scheme: str = "months",
    client: Client | None = None,
) -> tracking.Cube:
    """The cube of the whole book: that of `collectkit.tracking.cube`, summed over the partitions.

    Parameters
    ----------
    partitions : Partitions
    policy : Policy
    dates : dates in ascending order
    by, days
        As in `collectkit.tracking.cube`.
    known_on, scheme, client
        As in `assess`.

    Returns
    -------
    Cube
        With the policy, for the file that pages read.

    Raises
    ------
    CallError, PolicyError
        As `collectkit.track` and `collectkit.tracking.cube`.

    Notes
    -----
    A panel never leaves its worker; what comes back are the cells, some thousands for any number of loans.

    Examples
    --------
    >>> import collectkit as ck
    >>> book, policy, dates = ck.load_sample("demo"), ck.load_policy(), ck.month_ends("2025-01-31", "2025-06-30")
    >>> parts = ck.distributed.partition(book, "memory://folded/book", partitions=4)
    >>> months = cube(parts, policy, dates=dates)
    >>> whole = ck.tracking.cube(ck.track(book, policy, dates=dates), book.loans)
    >>> ck.tracking.roll_rates(months).equals(ck.tracking.roll_rates(whole))
    True
    """
    call = partial(ledger.track, policy=policy, dates=_listed(dates), known_on=known_on, scheme=scheme)
    fold = partial(tracking.cube, by=tuple(by), days=tuple(days), policy=policy)
    return _sum(partitions, call, fold, client)


def followed(
    partitions: Partitions,
    policy: Policy,
    *,
    dates: Iterable[Date],
    by: Iterable[str] = BY,
    client: Client | None = None,
) -> tracking.Followed:
    """The cube of the whole book and what came in after loans had become late: `collectkit.tracking.followed`.

    Parameters
    ----------
    partitions : Partitions
    policy : Policy
    dates : ends of months in ascending order
    by
        As in `collectkit.tracking.followed`.
    client : distributed.Client, optional
        As in `assess`.

    Returns
    -------
    Followed
        With the policy; ``to_parquet`` writes the file that pages read.

    Raises
    ------
    CallError, PolicyError
        As `cube`.

    Examples
    --------
    >>> import collectkit as ck
    >>> book, policy, dates = ck.load_sample("demo"), ck.load_policy(), ck.month_ends("2025-01-31", "2025-06-30")
    >>> parts = ck.distributed.partition(book, "memory://followed/book", partitions=4)
    >>> late = followed(parts, policy, dates=dates).recoveries
    >>> whole = ck.tracking.recoveries(ck.track(book, policy, dates=dates), book.loans)
    >>> ck.tracking.pooled_recovery(late, days=30).equals(ck.tracking.pooled_recovery(whole, days=30))
    True
    """
    call = partial(ledger.track, policy=policy, dates=_listed(dates))
    return _sum(partitions, call, partial(tracking.followed, by=tuple(by), policy=policy), client)


def commission_statement(
    partitions: Partitions,
    policy: Policy,
    agency: str,
    *,
    period: str,
    tariff: str | None = None,
    client: Client | None = None,
) -> agencies.Statement:
    """The statement of an agency for a month: that of `collectkit.agencies.commission_statement`.

    Parameters
    ----------
    partitions : Partitions
    policy : Policy
    agency : str
    period : str
        A calendar month, as ``2025-06``.
    tariff : str, optional
        Reading of the tariff to settle by; default: the first of the policy.
    client : distributed.Client, optional
        As in `assess`.

    Returns
    -------
    Statement
        Its portfolio holds the loans that were ever with the agency.

    Raises
    ------
    CallError
        The agency or the tariff is unknown, or the period is not a month.

    Notes
    -----
    The loans ever placed with the agency are picked out of every partition where it lies, and stated together here: so
    recovery bands, minimum and maximum see the whole. They have to fit into memory; no other loan is brought.

    Examples
    --------
    >>> import collectkit as ck
    >>> book, policy = ck.load_sample("demo"), ck.load_policy()
    >>> parts = ck.distributed.partition(book, "memory://stated/book", partitions=4)
    >>> june = commission_statement(parts, policy, "Anxin", period="2025-06")
    >>> june.lines.equals(ck.agencies.commission_statement(book, policy, "Anxin", period="2025-06").lines)
    True
    """
    import pyarrow as pa

    if agency not in partitions.agencies:
        raise unknown_name("agency", agency, partitions.agencies)
    picked = list(each(partial(_placed, partitions, agency), len(partitions), "picking", client))
    tables = {name: pa.concat_tables([part[name] for part in picked]) for name in partitions.split_tables}
    book = Portfolio(**{name: table.to_pandas() for name, table in tables.items()})
    return agencies.commission_statement(book, policy, agency, period=period, tariff=tariff)


def _listed(dates: Iterable[Date]) -> Iterable[Date]:
    """Dates as a list, which can be sent to workers; a lone text is left to `track` to refuse."""
    return dates if isinstance(dates, str) else list(dates)


def _written(
    partitions: Partitions, call: Callable[[Portfolio], pd.DataFrame], to: str | Path, what: str, client: Any
) -> list[str]:
    """Write what a call gives for every partition; gives the paths in the order of the partitions."""
    new_folder(to)
    return sorted(each(partial(_write, partitions, call, str(to)), len(partitions), what, client))


def _write(partitions: Partitions, call: Callable[[Portfolio], pd.DataFrame], to: str, number: int) -> str:
    import pyarrow as pa

    frame = _with_all_channels(call(partitions.portfolio(number)), partitions)
    files, path = place(to)
    name = f"{number:05d}.parquet"
    write_parquet(pa.Table.from_pandas(frame, preserve_index=False), files, f"{path}/{name}")
    return f"{to.rstrip('/')}/{name}"


def _with_all_channels(frame: pd.DataFrame, partitions: Partitions) -> pd.DataFrame:
    """The table with the channels of the whole book, so that the tables of all partitions are of one kind."""
    return frame.assign(channel=frame["channel"].cat.set_categories(("in_house", *partitions.agencies)))


def _sum(
    partitions: Partitions, call: Callable[[Portfolio], pd.DataFrame], fold: Callable[..., Any], client: Any
) -> Any:
    """What the panels of all partitions are folded to, added up."""
    total: Any = None
    for part in each(partial(_folded, partitions, call, fold), len(partitions), "folding", client):
        if part is not None:
            total = part if total is None else total + part
    if total is None:
        raise CallError("No loan was disbursed by the last date. Take later dates.")
    return total


def _folded(
    partitions: Partitions, call: Callable[[Portfolio], pd.DataFrame], fold: Callable[..., Any], number: int
) -> Any:
    """What the panel of one partition is folded to; None if no loan was disbursed yet."""
    portfolio = partitions.portfolio(number)
    panel = _with_all_channels(call(portfolio), partitions)
    return fold(panel, portfolio.loans) if len(panel) else None


def _placed(partitions: Partitions, agency: str, number: int) -> dict[str, Any]:
    """The rows of a partition that belong to loans ever placed with an agency."""
    placements = partitions.table(number, "placements", columns=["loan_id", "agency"]).to_pandas()
    placed = placements.loc[placements["agency"] == agency, "loan_id"]
    found = {}
    for name in partitions.split_tables:
        table = partitions.table(number, name)
        found[name] = table.filter(positions(table["loan_id"].to_pandas(), placed) >= 0)
    return found
