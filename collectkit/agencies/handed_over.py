"""What an agency is given: a file of the fields it needs and no more, and a register of every file that went out."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from collectkit._disk import sync_folder, write_file
from collectkit.days import Date
from collectkit.errors import CallError, listed
from collectkit.ledger import assess
from collectkit.policy import Policy
from collectkit.portfolio import Portfolio
from collectkit.sources import masked
from collectkit.writing import to_csv

_PERSONAL = ("customer_name", "phone")
_OWED = [
    "days_past_due", "overdue_instalments", "oldest_due_date", "overdue_principal", "overdue_interest", "overdue_fee",
    "penalty", "total_due",
]  # fmt: skip
_REGISTER = ["hand_over_no", "handed_over_at", "handed_over_by", "agency", "rows", "columns", "sha256", "previous"]


def placement_file(
    portfolio: Portfolio, policy: Policy, loan_ids: Iterable[str], *, as_of: Date, personal: bool = False
) -> pd.DataFrame:
    """What an agency needs to know of the loans it is given, and nothing else.

    Parameters
    ----------
    portfolio : Portfolio
    policy : Policy
    loan_ids : sequence of str
    as_of : date
        The amounts are those at the end of this day.
    personal : bool
        True leaves name and phone as they are; else they are masked.

    Returns
    -------
    DataFrame
        One row per loan: as_of, loan_id, customer_name and phone (where the portfolio has them), product, days_past_due
        [days], overdue_instalments [count], oldest_due_date, overdue_principal, overdue_interest, overdue_fee, penalty,
        total_due [currency].

    Raises
    ------
    CallError
        A loan is not there, or owes nothing on that day.

    Notes
    -----
    No contact persons, no identity number, no address, no other loans: entrusting is limited to what the purpose needs.

    References
    ----------
    个人信息保护法 art. 6 (least scope), 21 (entrusting), 28 (financial accounts are sensitive).

    Examples
    --------
    >>> import collectkit as ck
    >>> book, rules = ck.load_sample("demo"), ck.load_policy()
    >>> file = placement_file(book, rules, ["L0573"], as_of="2025-12-31")
    >>> file[["loan_id", "days_past_due"]].values.tolist()
    [['L0573', 346]]
    """
    book = portfolio.selecting(loan_ids)
    seen = assess(book, policy, as_of=as_of)
    nothing = seen["loan_id"][seen["total_due"] == 0]
    if len(nothing):
        raise CallError(f"Loan {listed(nothing)} owes nothing overdue on {as_of}. Leave it out.")
    own = book.loans.set_index("loan_id").reindex(seen["loan_id"]).reset_index()
    kept = own[["loan_id", *(name for name in _PERSONAL if name in own), "product"]]
    table = pd.concat([seen[["as_of"]], kept if personal else masked(kept), seen[_OWED]], axis=1)
    return table.sort_values("loan_id", ignore_index=True)


def register_hand_over(
    folder: str | Path, file: pd.DataFrame, *, agency: str, at: pd.Timestamp | str, by: str
) -> pd.Series:
    """Keep a file that goes to an agency, and note it in the register.

    Parameters
    ----------
    folder : str or Path
        Of the register; made if it is not there.
    file : DataFrame
        What `placement_file` gave.
    agency : str
    at : timestamp
        Local time of the hand-over.
    by : str
        Who hands it over.

    Returns
    -------
    Series
        The new line of the register, see `hand_overs`.

    Raises
    ------
    CallError
        A word is missing, another process writes at this moment, or the register was changed.

    Notes
    -----
    The register only grows: every line holds the SHA-256 of its file and of the line before. A line counts once it is
    wholly on the disk.

    References
    ----------
    个人信息保护法 art. 21 and 54: what was entrusted to whom can be shown.
    """
    if not str(agency).strip() or not str(by).strip():
        raise CallError("Say which agency gets the file (`agency`) and who hands it over (`by`).")
    moment = pd.Timestamp(at)
    if pd.isna(moment):
        raise CallError(f"`at` is {at!r}. Give the local time of the hand-over.")
    place = Path(folder)
    (place / "files").mkdir(parents=True, exist_ok=True)
    data = io.BytesIO()
    to_csv(file, data)
    with _alone(place):
        lines = _checked_lines(place)
        entry = {
            "hand_over_no": len(lines) + 1, "handed_over_at": moment.isoformat(timespec="seconds"),
            "handed_over_by": str(by), "agency": str(agency), "rows": len(file), "columns": [*map(str, file.columns)],
            "sha256": hashlib.sha256(data.getvalue()).hexdigest(), "previous": _digest(lines[-1]) if lines else "",
        }  # fmt: skip
        write_file(_file(place, len(lines) + 1), lambda out: out.write(data.getvalue()))
        sync_folder(place / "files")
        text = "".join(f"{line}\n" for line in [*lines, json.dumps(entry, ensure_ascii=False)])
        write_file(place / "register.part", lambda out: out.write(text.encode()))
        (place / "register.part").replace(place / "register.jsonl")
        sync_folder(place)
    return _table([json.dumps(entry)]).iloc[0]


def hand_overs(folder: str | Path) -> pd.DataFrame:
    """The register: every file that went to an agency, checked against what is on the disk.

    Parameters
    ----------
    folder : str or Path

    Returns
    -------
    DataFrame
        One row per file: hand_over_no, handed_over_at, handed_over_by, agency, rows [count], columns, sha256 (of
        ``files/0001.csv``, …), previous (SHA-256 of the line before).

    Raises
    ------
    CallError
        A line or a file was changed, or is gone.

    Examples
    --------
    >>> import tempfile
    >>> hand_overs(tempfile.mkdtemp()).shape
    (0, 8)
    """
    return _table(_checked_lines(Path(folder)))


def _checked_lines(folder: Path) -> list[str]:
    """Lines of the register, each checked against the one before and its file."""
    path = folder / "register.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    previous = ""
    for number, line in enumerate(lines, start=1):
        file = _file(folder, number)
        entry = json.loads(line)
        if entry["previous"] != previous or entry["hand_over_no"] != number:
            raise CallError(f"Line {number} of {path} does not follow the line before: the register was changed.")
        if not file.exists() or hashlib.sha256(file.read_bytes()).hexdigest() != entry["sha256"]:
            raise CallError(f"{file} is gone or is not what was handed over: its SHA-256 differs from the register.")
        previous = _digest(line)
    return lines


def _table(lines: list[str]) -> pd.DataFrame:
    table = pd.DataFrame([json.loads(line) for line in lines], columns=_REGISTER)
    table["columns"] = table["columns"].map(", ".join)
    dtypes = dict.fromkeys(_REGISTER, "str") | {
        "hand_over_no": "int64",
        "rows": "int64",
        "handed_over_at": "datetime64[us]",
    }
    return table.astype(dtypes)


def _digest(line: str) -> str:
    return hashlib.sha256(line.encode()).hexdigest()


def _file(folder: Path, number: int) -> Path:
    return folder / "files" / f"{number:04}.csv"


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One writer at a time; the system lets go of the lock when a process dies."""
    import fcntl

    with (folder / "register.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CallError(f"Another process writes to {folder}. Try again when it is done.") from error
        yield
