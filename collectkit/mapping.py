"""Mappings: which foreign table and column each of ours comes from, and how its cells are to be read.

A mapping is a TOML file that a person can write, or edit after `propose_mapping`:

.. code-block:: toml

    name = "core banking export"
    [tables.loans]
    from = "贷款台账"
    [tables.loans.columns]
    loan_id = "贷款编号"
    principal = { from = "贷款金额", unit = "10000" }
    annual_rate = { from = "年利率", percent = true }
    disbursement_date = { from = "放款日", formats = ["%d/%m/%Y"] }
    close_code = { from = "状态", values = { "结清" = "paid_off", "正常" = "" } }
    product = { constant = "consumer" }

Nothing is guessed: a cell that cannot be read for certain is a problem with its row in the file.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import tomllib
from collections import abc
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import Field, field_validator

from collectkit import cells
from collectkit._book import NO_PROBLEMS
from collectkit._headers import proposed_table, stated_figures, tables_by_headers
from collectkit._mapped import mapped_table, whole_problem
from collectkit._origin import ColumnFrom, TableFrom, called, misfits
from collectkit.columns import TABLES
from collectkit.errors import CallError, PolicyError, listed
from collectkit.progress import steps
from collectkit.rules import Rules, Text, checked

Frames = abc.Mapping[str, pd.DataFrame]


class Mapping(Rules):
    """Foreign names and ways of writing for the tables of a portfolio.

    Attributes
    ----------
    name : str
    tables : dict of str to TableFrom
    missing : tuple of str
        Marks that mean an empty cell in text and ids; in numbers, dates and flags `collectkit.cells` has its own.

    Examples
    --------
    >>> identity_mapping().tables["loans"].columns["loan_id"].source
    'loan_id'
    """

    name: Text
    tables: dict[str, TableFrom] = Field(min_length=1)
    missing: tuple[str, ...] = cells.MISSING_MARKS
    note: str = ""

    @field_validator("tables")
    @classmethod
    def _known_and_fitting(cls, tables: dict[str, TableFrom]) -> dict[str, TableFrom]:
        wrong = [f"`{name}` is no table of ours{_near(name, TABLES)}" for name in tables if name not in TABLES]
        for name in tables.keys() & TABLES.keys():
            for column, origin in tables[name].columns.items():
                if column not in TABLES[name].columns:
                    wrong.append(f"`{name}.{column}` is no column of ours{_near(column, TABLES[name].columns)}")
                else:
                    wrong += [f"`{name}.{column}`: {words}" for words in misfits(column, origin)]
        if wrong:
            raise ValueError("; ".join(wrong))
        return tables

    def to_toml(self) -> str:
        """The mapping as a TOML file; notes become comments.

        Examples
        --------
        >>> print(checked(Mapping, {"name": "mine", "tables": {"collectors": {
        ...     "from": "催收员", "columns": {"collector_id": "工号"}}}}, "mine").to_toml())
        name = "mine"
        <BLANKLINE>
        [tables.collectors]
        from = "催收员"
        <BLANKLINE>
        [tables.collectors.columns]
        collector_id = "工号"
        <BLANKLINE>
        """
        lines = [*_comments(self.note), f"name = {_toml(self.name)}"]
        if self.missing != cells.MISSING_MARKS:
            lines.append(f"missing = {_toml(self.missing)}")
        for name, table in self.tables.items():
            one = table.source[0] if len(table.source) == 1 else table.source
            lines += ["", *_comments(table.note), f"[tables.{name}]", f"from = {_toml(one)}"]
            lines += [f"keep = {_toml(table.keep)}"] if table.keep else []
            lines += ["optional = true"] if table.optional else []
            lines += ["", f"[tables.{name}.columns]"]
            for column, origin in table.columns.items():
                lines += [*_comments(origin.note), f"{column} = {_toml(_written(origin))}"]
        return "\n".join(lines) + "\n"


def load_mapping(path: str | Path) -> Mapping:
    """Read a mapping from a TOML file.

    Raises
    ------
    PolicyError
        The file breaks the format; the message names each place and what to write instead.
    CallError
        There is no such file, or it is not text in UTF-8.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "mine.toml"
    >>> _ = file.write_text(identity_mapping().to_toml(), encoding="utf-8")
    >>> load_mapping(file) == identity_mapping()
    True
    """
    path = Path(path)
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise CallError(
            f"There is no mapping file {path}. Check the path, or make one with `collectkit map`."
        ) from error
    except UnicodeDecodeError as error:
        raise CallError(f"{path.name} is not UTF-8 text. Save it as UTF-8.") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise PolicyError(
            f'{path.name} is not valid TOML: {error}. Put Chinese names in quotes: "贷款编号".'
        ) from error
    return checked(Mapping, data, path.name)


def identity_mapping() -> Mapping:
    """The mapping of tables that have our own names; what is absent is left to the checks.

    Examples
    --------
    >>> list(identity_mapping().tables)[:3]
    ['loans', 'instalments', 'payments']
    """
    tables = {
        name: {
            "from": name,
            "keep": ["*"],
            "optional": True,
            "columns": {column: {"from": column, "optional": True} for column in table.columns},
        }
        for name, table in TABLES.items()
    }
    return checked(Mapping, {"name": "our own names", "missing": [], "tables": tables}, "our own names")


def map_tables(raw: Frames, mapping: Mapping) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Our tables out of raw ones, and a problem for everything that could not be read.

    Parameters
    ----------
    raw : mapping of str to DataFrame
        As they came out of the files; ``attrs["first_row"]`` is the number of the row with index 0 in the file.
    mapping : Mapping

    Returns
    -------
    tables : dict of str to DataFrame
        Typed as in the nomenclature. The index is the row in the file as a person counts.
    problems : DataFrame
        Columns as of `collectkit.checks.check_tables`; `row` is the row in the file. A cell that cannot be read is
        missing in the table and an error here; trailing rows of totals are left out and are a warning.

    Examples
    --------
    >>> mapping = checked(Mapping, {"name": "x", "tables": {"collectors": {
    ...     "from": "催收员", "columns": {"collector_id": "工号", "start_date": "入职日"}}}}, "x")
    >>> raw = {"催收员": pd.DataFrame({"工号": ["007", "008"], "入职日": ["2025年1月6日", "06/01/2025"]})}
    >>> tables, problems = map_tables(raw, mapping)
    >>> tables["collectors"]["collector_id"].tolist()
    ['007', '008']
    >>> problems[["row", "column", "problem", "value"]].values.tolist()
    [[2, 'start_date', 'cannot be read as a date for certain', '06/01/2025']]
    """
    tables: dict[str, pd.DataFrame] = {}
    found = []
    sizes = [sum(len(called(raw, source)) for source in table.source if called(raw, source) is not None)
             for table in mapping.tables.values()]  # fmt: skip
    for name, table in steps(mapping.tables.items(), "mapping", sizes):
        parts = []
        for source in table.source:
            frame = called(raw, source)
            if frame is not None:
                part, problems = mapped_table(name, source, frame, table, mapping.missing)
                parts.append(part)
                found.append(problems)
            elif not table.optional:
                names = listed(raw, most=8)
                found.append(whole_problem(name, "", "table_not_found", source=source, names=names, name=name))
        if parts:
            tables[name] = pd.concat(parts) if len(parts) > 1 else parts[0]
    return tables, pd.concat([NO_PROBLEMS, *(part for part in found if len(part))], ignore_index=True)


def propose_mapping(raw: Frames, *, name: str = "proposed") -> Mapping:
    """A mapping for raw tables, by their headers and contents, for a person to check.

    Parameters
    ----------
    raw : mapping of str to DataFrame
    name : str, optional

    Returns
    -------
    Mapping
        What it is unsure of stands in the notes, which `Mapping.to_toml` writes as comments.

    Raises
    ------
    CallError
        No table looks like one of ours.

    Examples
    --------
    >>> sheet = {"贷款编号": ["1"], "放款日期": ["2025-01-06"], "贷款金额(万元)": ["1.5"], "年利率(%)": ["18"]}
    >>> raw = {"放款": pd.DataFrame(sheet)}
    >>> loans = propose_mapping(raw).tables["loans"].columns
    >>> loans["principal"].unit, loans["annual_rate"].percent, loans["product"].constant
    (Decimal('10000'), True, 'loan')
    """
    chosen = tables_by_headers(raw)
    if not chosen:
        raise CallError(
            f"None of {listed(raw, most=8)} has headers we know. Write the mapping by hand; it names for each of "
            f"{', '.join(TABLES)} its table and columns."
        )
    stated = stated_figures(raw, chosen)
    is_dated = stated is not None and "as_of" in stated.matched
    figures = list(stated.matched.values()) if stated and is_dated else []
    tables = {
        table: proposed_table(table, sources, raw[sources[0]], elsewhere=figures if table == "loans" else [])
        for table, sources in chosen.items()
    }  # those that hold one table have the same headers
    if stated and is_dated:
        frame = raw[stated.sources[0]]
        elsewhere = list(frame.columns) if stated.sources == chosen.get("loans") else []
        tables["stated"] = proposed_table("stated", stated.sources, frame, matched=stated.matched, elsewhere=elsewhere)
    left = [source for source in raw if not any(source in table["from"] for table in tables.values())]
    notes = [f"Not used: {', '.join(left)}."] if left else []
    notes += [stated.hint] if stated and not is_dated else []
    return checked(Mapping, {"name": name, "note": "\n".join(notes), "tables": tables}, "the proposal")


# Writing TOML.


def _comments(note: str) -> list[str]:
    return [f"# {''.join(c if c.isprintable() else ' ' for c in line)}" for line in note.splitlines()]


def _toml(value: Any) -> str:
    """A value as TOML."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | Decimal):
        return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{_toml_key(key)} = {_toml(item)}' for key, item in value.items())} }}"
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def _toml_key(key: str) -> str:
    return key if re.fullmatch("[A-Za-z0-9_-]+", key) else _toml(key)


def _written(origin: ColumnFrom) -> Any:
    """Keys of a column as they stand in the file: only what is not the default."""
    given = origin.model_dump(by_alias=True, exclude_defaults=True, exclude={"note"})
    return origin.source if list(given) == ["from"] else given


def _near(name: str, valid: abc.Iterable[str]) -> str:
    near = get_close_matches(name, list(valid), n=1)
    return f"; did you mean `{near[0]}`?" if near else f"; use one of {', '.join(valid)}"
