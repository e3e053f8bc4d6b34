"""Small data sets that come with collectkit; ``make samples`` writes the simulated one again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from collectkit.columns import COLUMNS, TABLES
from collectkit.days import DATE_DTYPE
from collectkit.errors import unknown_name
from collectkit.portfolio import Portfolio
from collectkit.simulation import calibration, simulate_tables

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: How the demo was made.
DEMO: dict[str, Any] = {"loans": 3000, "months": 30, "seed": 3, "start": "2023-07-01"}

_HEAD = """# demo: a simulated book of overdue loans

**Simulated data with an illustrative calibration. They describe no lender and no customer.**
{loans:,} loans over {months} months from {start}, made by `make samples` (seed {seed}). Nothing is dated
after the last month but due dates. Every constant is in `collectkit/simulation/calibration.py`. This page is
made from the nomenclature: do not edit it.

Money is in currency (CNY) with two decimals, rates are fractions, an empty cell is missing.

The truth an honest comparison of agencies should find, as monthly chance of cash against in-house:
{strength}. The strong agency is given the large, hard loans, so raw collections hide it.

A few contacts break the contact rules on purpose, for training: calls at night, more than three on a day, the
debt told to a relative.
"""

UCI_ATTRIBUTION = (
    "Default of Credit Card Clients, I-Cheng Yeh, UCI Machine Learning Repository (id 350), CC BY 4.0. "
    "Yeh and Lien (2009), Expert Systems with Applications 36(2). Reshaped to one row per customer and month."
)


def load_sample(name: str = "demo") -> Portfolio | pd.DataFrame:
    """A sample data set by name.

    Parameters
    ----------
    name : str
        ``demo``: a simulated portfolio (illustrative calibration), July 2023 to December 2025.
        ``uci_credit_card``: real credit cards, a DataFrame with one row per customer and month.

    Returns
    -------
    Portfolio or DataFrame
        For ``uci_credit_card``: customer_id, month (month end), status_code, months_past_due [count],
        bill_amount, paid_amount, credit_limit [New Taiwan dollars], is_default_next_month; the text to show
        with it is in ``.attrs["attribution"]``.

    Raises
    ------
    CallError
        There is no sample of that name.

    Notes
    -----
    Traps of ``uci_credit_card``: the source calls September 2005 PAY_0 and has no PAY_1, so August is PAY_2.
    status_code is −2 no use, −1 paid in full, 0 minimum paid (revolving), 1 to 9 months late; months_past_due
    is 0 for the first three. Code 1 is almost absent before September: earlier delays appear as 2 at once.
    Bills can be negative (the customer is owed).

    Examples
    --------
    >>> load_sample("uci_credit_card")["customer_id"].nunique()
    30000
    """
    if name not in _SAMPLES:
        raise unknown_name("sample", name, _SAMPLES)
    return _SAMPLES[name].load(_folder() / name)


def list_samples() -> pd.DataFrame:
    """What samples there are: name, what, rows, licence, attribution.

    Examples
    --------
    >>> list_samples()["name"].tolist()
    ['demo', 'uci_credit_card']
    """
    rows = [(name, s.what, s.rows(_folder() / name), s.licence, s.attribution) for name, s in _SAMPLES.items()]
    return pd.DataFrame(rows, columns=["name", "what", "rows", "licence", "attribution"])


def data_dictionary(tables: Mapping[str, pd.DataFrame]) -> str:
    """Markdown text that explains the tables of the demo, made from the nomenclature.

    Parameters
    ----------
    tables : mapping of DataFrame
        Tables of a portfolio by name.
    """
    strength = ", ".join(f"{a} {s}" for a, s in zip(calibration.AGENCIES, calibration.STRENGTH, strict=True))
    parts = [_HEAD.format(strength=strength, **DEMO)]
    for name, frame in tables.items():
        parts.append(
            f"\n## {name}.csv\n\n{TABLES[name].meaning.capitalize()}: {len(frame):,} rows.\n\n"
            "| column | kind | unit | meaning | 中文 |\n| --- | --- | --- | --- | --- |\n"
        )
        parts.extend(_dictionary_row(name, frame[column]) for column in frame.columns)
    for name in [name for name in TABLES if name not in tables]:
        parts.append(
            f"\n## {name}: not in this sample\n\n{TABLES[name].meaning.capitalize()}.\n\n"
            "| column | kind | unit | meaning | 中文 |\n| --- | --- | --- | --- | --- |\n"
        )
        parts.extend(_dictionary_row(name, pd.Series(name=column, dtype="str")) for column in TABLES[name].columns)
    return "".join(parts)


def _dictionary_row(table: str, values: pd.Series) -> str:
    """One line of the data dictionary; lists the values of a column of few words."""
    column = COLUMNS[str(values.name)]
    name = f"**{column.name}**" if column.name in TABLES[table].required else column.name
    words = sorted(values.dropna().unique()) if column.kind in ("text", "category") else []
    listed = f" ({', '.join(words)})" if words else ""
    return f"| {name} | {column.kind} | {column.unit} | {column.meaning}{listed} | {column.label_zh} |\n"


def write_demo(folder: Path | None = None) -> None:
    """Simulate the demo and write it with its data dictionary, by default where `load_sample` reads it."""
    folder = _folder() / "demo" if folder is None else folder
    folder.mkdir(parents=True, exist_ok=True)
    tables = simulate_tables(**DEMO)
    for name, frame in tables.items():
        _as_text(frame).to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
    (folder / "README.md").write_text(data_dictionary(tables), encoding="utf-8", newline="\n")


def _as_text(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with money in two decimals and times in minutes."""
    kinds = {name: COLUMNS[name].kind for name in frame.columns}
    money = {name: frame[name].map("{:.2f}".format) for name, kind in kinds.items() if kind == "money"}
    times = {name: frame[name].dt.strftime("%Y-%m-%d %H:%M") for name, kind in kinds.items() if kind == "timestamp"}
    return frame.assign(**money, **times)


def _folder() -> Path:
    """Where the samples are: inside an installed package, beside the package in a checkout."""
    package = Path(__file__).resolve().parent
    inside = package / "data" / "samples"
    return inside if inside.is_dir() else package.parent / "data" / "samples"


def _read_table(folder: Path, name: str) -> pd.DataFrame:
    """One table of the demo, with the dtypes of a portfolio."""
    path = folder / f"{name}.csv"
    kinds = {column: COLUMNS[column].kind for column in pd.read_csv(path, nrows=0).columns}
    texts = {column: "str" for column, kind in kinds.items() if kind in ("id", "text", "category")}
    dates = [column for column, kind in kinds.items() if kind in ("date", "timestamp")]
    frame = pd.read_csv(path, dtype=texts, parse_dates=dates)
    return frame.astype(dict.fromkeys(dates, DATE_DTYPE))


def _load_demo(folder: Path) -> Portfolio:
    return Portfolio(**{name: _read_table(folder, name) for name in TABLES if (folder / f"{name}.csv").is_file()})


def _demo_rows(folder: Path) -> int:
    return sum(len(path.read_bytes().splitlines()) - 1 for path in folder.glob("*.csv"))


def _load_uci(folder: Path) -> pd.DataFrame:
    """The cards as one row per customer and month."""
    wide = pd.read_csv(folder / "uci_credit_card.csv.gz")
    months = pd.date_range("2005-04-30", "2005-09-30", freq="ME").as_unit("us")
    parts = []
    for back, month in enumerate(reversed(months), start=1):
        status = wide[f"PAY_{back if back > 1 else 0}"].astype("int64")
        parts.append(pd.DataFrame({
            "customer_id": wide["ID"].astype("str"), "month": month, "status_code": status,
            "months_past_due": status.clip(lower=0), "bill_amount": wide[f"BILL_AMT{back}"].astype("float64"),
            "paid_amount": wide[f"PAY_AMT{back}"].astype("float64"),
            "credit_limit": wide["LIMIT_BAL"].astype("float64"),
            "is_default_next_month": wide["default.payment.next.month"] == 1,
        }))  # fmt: skip
    tidy = pd.concat(parts[::-1]).sort_index(kind="stable").reset_index(drop=True)
    tidy.attrs["attribution"] = UCI_ATTRIBUTION
    return tidy


def _uci_rows(folder: Path) -> int:
    return 6 * len(pd.read_csv(folder / "uci_credit_card.csv.gz", usecols=["ID"]))


@dataclass(frozen=True)
class _Sample:
    """One sample: what it is, whose it is, and how it is read."""

    what: str
    licence: str
    attribution: str
    load: Callable[[Path], Portfolio | pd.DataFrame]
    rows: Callable[[Path], int]


_SAMPLES = {
    "demo": _Sample("simulated loans with everything a collections desk sees; illustrative calibration",
                    "Apache-2.0", "collectkit", _load_demo, _demo_rows),
    "uci_credit_card": _Sample("real credit cards, Taiwan, April to September 2005: status by month",
                               "CC BY 4.0", UCI_ATTRIBUTION, _load_uci, _uci_rows),
}  # fmt: skip
