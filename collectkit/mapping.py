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
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pandas as pd
from pydantic import Field, PlainValidator, field_validator, model_validator

from collectkit import cells
from collectkit._book import NO_PROBLEMS, PROBLEM_COLUMNS, shown_values
from collectkit.columns import COLUMNS, TABLES, Kind
from collectkit.errors import CallError, PolicyError, listed
from collectkit.rules import Rules, Text, checked

Frames = abc.Mapping[str, pd.DataFrame]

#: Words that stand in a row of totals instead of an id.
TOTAL_WORDS = (
    "合计", "总计", "小计", "总和", "汇总", "本页合计", "累计", "total", "totals", "grand total", "subtotal", "sum",
)  # fmt: skip


def _read_unit(value: object) -> Decimal:
    """What one unit of the cells is worth, exactly."""
    try:
        unit = Decimal(value) if isinstance(value, str | int) and not isinstance(value, bool) else None
    except InvalidOperation:
        unit = None
    if unit is None or not unit.is_finite() or not Decimal("1e-6") <= unit <= Decimal("1e12"):
        raise ValueError(f'write the unit as text, "10000" for 万元 or "0.01" for cents, not {value!r}')
    return unit


Unit = Annotated[Decimal, PlainValidator(_read_unit)]


class ColumnFrom(Rules):
    """Where one of our columns comes from: a foreign column, or the same constant in every row."""

    source: Text | None = Field(default=None, alias="from")
    constant: bool | int | float | str | dt.date | None = None
    unit: Unit = Decimal(1)
    percent: bool = False
    formats: tuple[Text, ...] = ()
    day_only: bool = False
    values: dict[str, str] = {}
    optional: bool = False
    note: str = ""

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, data: Any) -> Any:
        if not isinstance(data, str | dict | cls):
            raise ValueError(f'write the name of a column, or {{ from = "…" }}, not {data!r}')
        return {"from": data} if isinstance(data, str) else data

    @model_validator(mode="after")
    def _one_origin(self) -> ColumnFrom:
        if (self.source is None) == (self.constant is None):
            raise ValueError('give exactly one of from = "column" and constant = "value"')
        return self

    @field_validator("formats")
    @classmethod
    def _are_formats(cls, formats: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(cells.checked_format(text) for text in formats)


class TableFrom(Rules):
    """Where one of our tables comes from: one foreign table or several, one below the other."""

    source: tuple[Text, ...] = Field(alias="from", min_length=1)
    columns: dict[str, ColumnFrom] = Field(min_length=1)
    keep: tuple[Text, ...] = ()
    optional: bool = False
    note: str = ""

    @field_validator("source", mode="before")
    @classmethod
    def _one_or_several(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value


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
                    wrong += [f"`{name}.{column}`: {words}" for words in _misfits(column, origin)]
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
    for name, table in mapping.tables.items():
        parts = []
        for source in table.source:
            frame = _called(raw, source)
            if frame is not None:
                part, problems = _mapped(name, source, frame, table, mapping.missing)
                parts.append(part)
                found.append(problems)
            elif not table.optional:
                here = f"The source has: {listed(raw, most=8)}. Correct `from` in [tables.{name}]."
                found.append(_problem(name, "", f"table `{source}` is not in the source", here))
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
    chosen = _tables_by_headers(raw)
    if not chosen:
        raise CallError(
            f"None of {listed(raw, most=8)} has headers we know. Write the mapping by hand; it names for each of "
            f"{', '.join(TABLES)} its table and columns."
        )
    tables = {
        table: _proposed_table(table, sources, raw[sources[0]]) for table, sources in chosen.items()
    }  # those that hold one table have the same headers
    left = [source for source in raw if not any(source in sources for sources in chosen.values())]
    note = f"Not used: {', '.join(left)}." if left else ""
    return checked(Mapping, {"name": name, "note": note, "tables": tables}, "the proposal")


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


# What a mapping may say.


def _near(name: str, valid: abc.Iterable[str]) -> str:
    near = get_close_matches(name, list(valid), n=1)
    return f"; did you mean `{near[0]}`?" if near else f"; use one of {', '.join(valid)}"


def _misfits(column: str, origin: ColumnFrom) -> list[str]:
    """Keys that do not go with the kind of a column."""
    kind = COLUMNS[column].kind
    wrong = {
        "`unit` is for amounts of money": origin.unit != 1 and kind != "money",
        "`percent` is for rates": origin.percent and kind != "rate",
        "`formats` is for dates and times": bool(origin.formats) and kind not in ("date", "timestamp"),
        "`day_only` is for dates": origin.day_only and kind != "date",
    }
    if origin.constant is not None and not any(wrong.values()):
        values, bad = _read(column, origin, pd.Series([origin.constant], dtype=object), ())
        wrong[f"the constant {origin.constant!r} {_problem_of(column, origin)[0]}"] = bool(bad[0])
        wrong[f"the constant {origin.constant!r} is a missing value"] = bool(values.isna().iloc[0] and not bad[0])
    return [words for words, is_wrong in wrong.items() if is_wrong]


# Reading.


def _called(raw: abc.Mapping[str, Any], name: str) -> Any:
    """The item of this name, or the only one whose name differs in white space, width or case; None without one."""
    if name in raw:
        return raw[name]
    alike = [key for key in raw if _plain(str(key)) == _plain(name)]
    return raw[alike[0]] if len(alike) == 1 else None


def _plain(name: str) -> str:
    return "".join(cells.tidy(name).casefold().split())


def _read(
    column: str, origin: ColumnFrom, found: pd.Series, missing: abc.Collection[str]
) -> tuple[pd.Series, cells.Bad]:
    """Cells of a foreign column as one of ours."""
    kind = COLUMNS[column].kind
    if origin.values:
        known = {cells.tidy(old): new for old, new in origin.values.items()}
        written = cells.texts(found, missing=())[0]
        new = written.map({old: known.get(cells.tidy(old)) for old in written.dropna().unique()}).astype(object)
        found = found.astype(object).where(new.isna(), new)
        allowed = {*COLUMNS[column].values, *known.values()}
        if kind == "category" and COLUMNS[column].values:
            values, bad = cells.texts(found, missing=missing)
            unknown = values.notna().to_numpy() & ~values.isin(allowed).to_numpy()
            return values.mask(unknown), bad | unknown
    if kind == "money":
        return cells.numbers(found, scale=origin.unit, decimals=None if origin.unit == 1 else 2)
    if kind == "rate":
        return cells.rates(found, percent=origin.percent)
    if kind == "date":
        return cells.dates(found, formats=origin.formats, day_only=origin.day_only)
    if kind == "timestamp":
        return cells.times(found, formats=origin.formats)
    if kind in ("count", "flag"):
        return cells.whole_numbers(found) if kind == "count" else cells.flags(found)
    as_id = kind == "id" or column in ("phone", "id_number")
    return cells.ids(found, missing=missing) if as_id else cells.texts(found, missing=missing)


#: Per kind of column: what is wrong with a cell that cannot be read, and what to do.
_PROBLEMS: dict[Kind, tuple[str, str]] = {
    "id": ("has lost its last digits or is no id", "Store the column as text in the source and export it again."),
    "text": ("is an error of Excel", "Correct the formula in the source."),
    "money": ("cannot be read as an amount", "Write 1234.50 or 1,234.50; say a unit in the mapping, unit = \"10000\"."),
    "rate": ("cannot be read as a rate", "Write 0.18 or 18%, or say percent = true in the mapping."),
    "count": ("is not a whole number", "Correct the cell."),
    "flag": ("is neither yes nor no", 'Write yes or no, or say what it means: values = { "…" = "true" }.'),
    "date": ("cannot be read as a date for certain",
             'Say in a mapping how dates are written, formats = ["%d/%m/%Y"], or correct the cell.'),
}  # fmt: skip
_TIMED = ("has a time of day", "Say day_only = true in a mapping to keep the day, or correct the cell.")


def _problem_of(column: str, origin: ColumnFrom) -> tuple[str, str]:
    kind = COLUMNS[column].kind
    if kind in ("date", "timestamp"):
        if origin.formats:
            return f"does not fit {' or '.join(origin.formats)}", "Add its format to `formats`, or correct the cell."
        return _PROBLEMS["date"]
    if kind == "category" and origin.values and COLUMNS[column].values:
        return "has no entry in `values`", "Add it to `values` in the mapping."
    if column in ("phone", "id_number"):
        return _PROBLEMS["id"]
    return _PROBLEMS.get(kind, _PROBLEMS["text"])


def _problem(table: str, column: str, problem: str, what_to_do: str) -> pd.DataFrame:
    """A problem of a whole table or column."""
    row = [table, None, None, column, problem, None, "error", what_to_do]
    return pd.DataFrame([row], columns=PROBLEM_COLUMNS, dtype=object)


def _mapped(
    name: str, source: str, frame: pd.DataFrame, table: TableFrom, missing: abc.Collection[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One foreign table as (a part of) one of ours, and its problems."""
    rows = frame.index.to_numpy() + frame.attrs.get("first_row", 1)
    frame = frame.set_axis(rows)
    by_name = {str(label): position for position, label in enumerate(frame.columns)}
    values, bad, problems = {}, {}, []
    for column, origin in table.columns.items():
        at = None if origin.source is None else _called(by_name, origin.source)
        if at is not None and list(frame.columns).count(frame.columns[at]) > 1:
            advice = f"Rename or remove one of the columns `{frame.columns[at]}` of `{source}`."
            problems.append(_problem(name, column, f"column `{frame.columns[at]}` is there more than once", advice))
        elif at is not None:
            values[column], bad[column] = _read(column, origin, frame.iloc[:, at], missing)
        elif origin.constant is not None:
            one, _ = _read(column, origin, pd.Series([origin.constant], dtype=object), missing)
            values[column] = pd.Series(one.repeat(len(frame)).array, rows)
        elif not origin.optional:
            advice = f"`{source}` has: {listed(by_name, most=12)}. Correct `from` of {name}.{column} in the mapping."
            problems.append(_problem(name, column, f"column `{origin.source}` is not in `{source}`", advice))
    typed = pd.DataFrame(values, index=pd.Index(rows))
    totals = _totals_at_the_end(name, frame, typed)
    for column in bad:
        origin = table.columns[column]
        at = _called(by_name, str(origin.source))
        bad_here = bad[column] & ~totals
        problems.append(_cell_problems(name, column, origin, frame.iloc[:, at], bad_here, typed, source))
    if totals.any():
        problems.append(_totals_left_out(name, rows[totals]))
    kept = _kept(table, frame)
    typed = typed.assign(**{label: frame[label] for label in kept if label not in typed})
    return typed[~totals] if totals.any() else typed, pd.concat([NO_PROBLEMS, *(p for p in problems if len(p))])


def _kept(table: TableFrom, frame: pd.DataFrame) -> list[str]:
    """Other columns that come along under their own names."""
    used = {origin.source for origin in table.columns.values()}
    labels = [label for label in frame.columns.unique() if label not in used]
    return [label for label in labels if "*" in table.keep or label in table.keep]


def _cell_problems(
    name: str, column: str, origin: ColumnFrom, found: pd.Series, bad: cells.Bad, typed: pd.DataFrame, source: str
) -> pd.DataFrame:
    """The cells of one column that cannot be read."""
    at = np.flatnonzero(bad)
    if not len(at):
        return NO_PROBLEMS
    problem, what_to_do = _problem_of(column, origin)
    where = "" if origin.source == column else f" It is column `{origin.source}` of `{source}`."
    problems = pd.DataFrame(
        {
            "table": name,
            "row": found.index[at].astype(object),
            "loan_id": typed["loan_id"].iloc[at].astype(object).to_numpy() if "loan_id" in typed else None,
            "column": column,
            "problem": problem,
            "value": [_shown(value) for value in shown_values(column, found.iloc[at])],
            "severity": "error",
            "what_to_do": what_to_do + where,
        },
        columns=PROBLEM_COLUMNS,
    )
    if COLUMNS[column].kind == "date":
        timed = cells.times(found.iloc[at], formats=origin.formats)[0].notna().to_numpy()
        problems.loc[timed, ["problem", "what_to_do"]] = [_TIMED[0], _TIMED[1] + where]
    return problems


def _shown(value: Any) -> str:
    """A value as a problem shows it: short, and fit to be written to a file."""
    return str(value)[:80].encode("utf-8", "replace").decode()


def _totals_at_the_end(name: str, frame: pd.DataFrame, typed: pd.DataFrame) -> cells.Bad:
    """True for rows at the end that hold totals: they have no id, and say so or are the sums of the rows above."""
    totals = np.zeros(len(frame), dtype=bool)
    columns = [str(column) for column in typed]
    ids = [column for column in columns if column in TABLES[name].required and COLUMNS[column].kind == "id"]
    money = [column for column in columns if COLUMNS[column].kind == "money"]
    for at in range(len(frame) - 1, max(len(frame) - 20, -1), -1) if ids else ():
        words = {_plain(cell).strip(":") for cell in frame.iloc[at] if isinstance(cell, str)}
        row_ids = [typed[column].iloc[at] for column in ids]
        if not all(pd.isna(row_id) or _plain(row_id).strip(":") in TOTAL_WORDS for row_id in row_ids):
            break
        if not words & {_plain(word) for word in TOTAL_WORDS}:
            given = typed[money].iloc[at].dropna()
            sums = typed[list(given.index)].iloc[:at].sum()
            if not (all(pd.isna(row_ids)) and len(given) and (sums - given).abs().max() < 0.005 and sums.any()):
                break
        totals[at] = True
    return totals


def _totals_left_out(name: str, rows: Any) -> pd.DataFrame:
    problems = pd.DataFrame({"table": name, "row": rows.astype(object)}, columns=PROBLEM_COLUMNS, dtype=object)
    return problems.assign(
        column="",
        problem="row of totals at the end was left out",
        severity="warning",
        what_to_do="Nothing, if it is one; else give the row its id.",
    )


# Proposing.

#: Other words for our tables and columns in headers; those of the nomenclature count too.
_TABLE_WORDS = {
    "loans": "贷款 借据 放款 台账 loan", "instalments": "还款计划 应还 期供 账单 schedule instalment installment",
    "payments": "还款明细 还款流水 还款记录 实还 流水 payment repayment", "pauses": "停计 延期 pause deferral",
    "placements": "委外 委案 placement", "contacts": "联系 催记 催收记录 contact", "promises": "承诺 promise ptp",
    "collectors": "催收员 collector staff",
}  # fmt: skip
_COLUMN_WORDS = {
    "loan_id": "贷款号 借据号 借据编号 合同号 合同编号 贷款账号 loan loanno loannumber contractno accountno",
    "customer_id": "客户号 客户id custid customer customerno borrowerid",
    "payment_id": "还款流水号 流水号 交易流水号 交易号 paymentno transactionid txnid",
    "product": "产品名称 产品类型 贷款产品 贷款品种 业务品种 productname producttype loantype",
    "disbursement_date": "放款日期 发放日期 贷款发放日 起息日 借款日期 disbursed disbursaldate funddate startdate",
    "loans.principal": "贷款金额 放款金额 贷款本金 合同金额 借款金额 发放金额 loanamount amount originalprincipal",
    "annual_rate": "利率 执行利率 合同利率 贷款利率 年化利率 rate interestrate apr",
    "penalty_annual_rate": "罚息利率 逾期利率 penaltyrate", "grace_days": "宽限期 宽限期天数",
    "risk_grade": "风险评级 评级 等级 grade", "region": "区域 省份 城市 分公司 province city branch",
    "is_secured": "是否有担保 有无担保 是否抵押 担保 secured", "closed_date": "结清日期 关闭日期 销户日 closedate",
    "close_code": "状态 贷款状态 结清方式 结清状态 status loanstatus",
    "instalment_no": "期次 期号 期序 第几期 instalment installment installmentno period",
    "instalments.due_date": "应还日 应还款日 应还款日期 到期日 到期日期 还款日 due duedate",
    "instalments.principal": "应还本金 应收本金 当期本金 dueprincipal principaldue",
    "interest": "应还利息 应收利息 当期利息 interestdue", "fee": "应还费用 服务费 手续费 fees charge",
    "value_date": "还款日期 实还日期 到账日期 交易日期 还款时间 paymentdate paiddate date",
    "posting_date": "入账日期 记账日期 postdate bookingdate", "reversal_date": "冲正日期 退回日期",
    "payments.amount": "还款金额 实还金额 到账金额 交易金额 还款总额 paid paidamount paymentamount",
    "method": "支付方式 还款渠道 扣款方式 paymentmethod",
    "customer_name": "姓名 客户姓名 客户名称 借款人 name", "phone": "手机 手机号 手机号码 联系电话 电话 mobile phoneno",
    "id_number": "身份证 身份证号 身份证号码 证件号码 idcard",
    "address": "地址 住址 联系地址 家庭住址",
}  # fmt: skip
#: Common words for the values of categories.
_VALUE_WORDS = {
    "close_code": {
        "结清": "paid_off", "已结清": "paid_off", "正常结清": "paid_off", "closed": "paid_off", "核销": "written_off",
        "已核销": "written_off", "和解": "settled", "减免结清": "settled", "转让": "sold", "已转让": "sold",
        "归档": "archived", "正常": "", "逾期": "", "未结清": "", "还款中": "", "current": "", "active": "",
        "overdue": "", "open": "",
    },
    "channel": {
        "短信": "sms", "电话": "call", "即时通讯": "im", "微信": "im", "推送": "app_push",
        "信函": "letter", "上门": "visit",
    },
    "party": {
        "本人": "debtor", "借款人": "debtor", "担保人": "guarantor", "联系人": "contact_person",
        "第三方": "contact_person",
    },
}  # fmt: skip
_DAY_FORMATS = (
    "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%Y", "%d/%m/%y", "%m/%d/%y", "%y/%m/%d", "%d-%b-%Y",
    "%d %b %Y", "%b %d, %Y",
)  # fmt: skip
_FORMATS = (*_DAY_FORMATS, *(f"{day} {clock}" for day in _DAY_FORMATS[:2] for clock in ("%H:%M:%S", "%H:%M")))


def _bare(header: str) -> str:
    """A header without units, marks and white space."""
    return re.sub(r"[\W_]+", "", re.sub(r"\([^)]*\)", "", cells.tidy(header).casefold()))


def _columns_by_headers(table: str, headers: abc.Iterable[str]) -> dict[str, str]:
    """Our columns of a table and the header each is likely to be."""
    bare = {_bare(header): header for header in reversed(list(headers))}
    found: dict[str, str] = {}
    for column in TABLES[table].columns:
        own = (column, COLUMNS[column].label, COLUMNS[column].label_zh)
        words = (*own, *_COLUMN_WORDS.get(f"{table}.{column}", "").split(), *_COLUMN_WORDS.get(column, "").split())
        match = next((bare[_bare(word)] for word in words if _bare(word) in bare), None)
        if match is not None and match not in found.values():
            found[column] = match
    return found


def _tables_by_headers(raw: Frames) -> dict[str, list[str]]:
    """Our tables and the raw ones each is likely to be; the best pairs first."""
    scores = []
    for source, frame in raw.items():
        for table in TABLES:
            matched = _columns_by_headers(table, map(str, frame.columns))
            required = sum(column in matched for column in TABLES[table].required)
            named = any(word in _plain(source) for word in (table, *_TABLE_WORDS[table].split()))
            if required >= 2 or (required and named):
                scores.append((required / len(TABLES[table].required) + named + len(matched) / 100, table, source))
    chosen: dict[str, list[str]] = {}
    for _, table, source in sorted(scores, key=lambda score: -score[0]):
        if any(source in sources for sources in chosen.values()):
            continue
        if table not in chosen or list(raw[source].columns) == list(raw[chosen[table][0]].columns):
            chosen.setdefault(table, []).append(source)
    return {table: chosen[table] for table in TABLES if table in chosen}


def _proposed_table(table: str, sources: list[str], frame: pd.DataFrame) -> dict[str, Any]:
    """One table of the mapping, as data."""
    matched = _columns_by_headers(table, map(str, frame.columns))
    columns: dict[str, Any] = {
        column: _proposed_column(column, header, frame.loc[:, frame.columns == header].iloc[:, 0].head(100_000))
        for column, header in matched.items()
    }
    if table == "loans" and "product" not in columns:
        note = "Unsure: no column of products was found. The policy picks a loan's terms by its product."
        columns["product"] = {"constant": "loan", "note": note}
    absent = [column for column in TABLES[table].required if column not in columns]
    left = [str(header) for header in frame.columns if header not in matched.values()]
    notes = [f"Not found, but needed: {', '.join(absent)}. Add a line for each below."] if absent else []
    notes += [f"Not used: {', '.join(left)}."] if left else []
    return {"from": sources, "columns": columns or {"loan_id": {"from": "?"}}, "note": "\n".join(notes)}


def _proposed_column(column: str, header: str, found: pd.Series) -> dict[str, Any]:
    """One column of the mapping, as data, by what stands in its cells."""
    kind, origin = COLUMNS[column].kind, {"from": header}
    title = cells.tidy(header)
    if kind == "money" and (unit := re.search(r"\((?:单位[::]?)?(万元|千元|分|亿元|cents?)\)", title.casefold())):
        return origin | {"unit": {"万元": "10000", "千元": "1000", "亿元": "100000000"}.get(unit[1], "0.01")}
    if kind == "rate":
        return origin | _proposed_rate(title, found)
    if kind in ("date", "timestamp"):
        return origin | _proposed_dates(kind, found)
    if column in _VALUE_WORDS:
        return origin | _proposed_values(column, found)
    return origin


def _proposed_rate(title: str, found: pd.Series) -> dict[str, Any]:
    if re.search(r"%|百分", title):
        return {"percent": True}
    signed = cells.texts(found)[0].str.contains("[%％‰]", na=False).any()
    if not signed and cells.rates(found)[0].median() > 1:
        return {"percent": True, "note": "Unsure: read as percent because most values are above 1."}
    return {}


def _proposed_dates(kind: Kind, found: pd.Series) -> dict[str, Any]:
    if not cells.times(found)[1].any():
        has_clock = kind == "date" and cells.dates(found)[1].any()
        return {"day_only": True, "note": "The cells hold a time of day, which is dropped."} if has_clock else {}
    fitting = [text for text in _FORMATS if not cells.times(found, formats=[text])[1].any()]
    if len(fitting) == 1:
        timed = {"day_only": True} if kind == "date" and "%H" in fitting[0] else {}
        return {"formats": fitting, "note": f"Only {fitting[0]} fits all values.", **timed}
    choice = f" Choose one: {' or '.join(fitting)}." if fitting else ""
    return {
        "note": f'Unsure: dates can be read in several ways or in none. Write {{ from = …, formats = ["…"] }}.{choice}'
    }


def _proposed_values(column: str, found: pd.Series) -> dict[str, Any]:
    distinct = [text for text in cells.texts(found)[0].dropna().unique() if text not in COLUMNS[column].values][:50]
    known = {
        text: _VALUE_WORDS[column][key]
        for text in distinct
        if (key := cells.tidy(text).casefold()) in _VALUE_WORDS[column]
    }
    unsure = [text for text in distinct if text not in known]
    note = f"Unsure: what do these mean? {', '.join(unsure[:10])}" if unsure else ""
    return {"values": known, "note": note} if distinct else {}
