"""Where our tables and columns come from, as a mapping says it, and one foreign column read by that."""

from __future__ import annotations

import datetime as dt
from collections import abc
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

import pandas as pd
from pydantic import Field, PlainValidator, field_validator, model_validator

from collectkit import cells
from collectkit.columns import COLUMNS, Kind
from collectkit.problems import told
from collectkit.rules import Rules, Text


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


def misfits(column: str, origin: ColumnFrom) -> list[str]:
    """Keys that do not go with the kind of a column."""
    kind = COLUMNS[column].kind
    wrong = {
        "`unit` is for amounts of money": origin.unit != 1 and kind != "money",
        "`percent` is for rates": origin.percent and kind != "rate",
        "`formats` is for dates and times": bool(origin.formats) and kind not in ("date", "timestamp"),
        "`day_only` is for dates": origin.day_only and kind != "date",
    }
    if origin.constant is not None and not any(wrong.values()):
        values, bad = read_column(column, origin, pd.Series([origin.constant], dtype=object), ())
        wrong[f"the constant {origin.constant!r} {problem_of(column, origin)[0]}"] = bool(bad[0])
        wrong[f"the constant {origin.constant!r} is a missing value"] = bool(values.isna().iloc[0] and not bad[0])
    return [words for words, is_wrong in wrong.items() if is_wrong]


def called(raw: abc.Mapping[str, Any], name: str) -> Any:
    """The item of this name, or the only one whose name differs in white space, width or case; None without one."""
    if name in raw:
        return raw[name]
    alike = [key for key in raw if plain(str(key)) == plain(name)]
    return raw[alike[0]] if len(alike) == 1 else None


def plain(name: str) -> str:
    return "".join(cells.tidy(name).casefold().split())


def read_column(
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


#: Per kind of column: what is wrong with a cell that cannot be read; `collectkit.problems` has the words.
_PROBLEMS: dict[Kind, str] = {
    "id": "cell_id", "money": "cell_amount", "rate": "cell_rate", "count": "cell_count", "flag": "cell_flag",
    "date": "cell_date", "timestamp": "cell_date",
}  # fmt: skip


def problem_of(column: str, origin: ColumnFrom) -> tuple[str, str]:
    """What is wrong with a cell of a column that cannot be read, and what to do."""
    kind = COLUMNS[column].kind
    if origin.formats:
        return told("cell_format", formats=" / ".join(origin.formats))
    if kind == "category" and origin.values and COLUMNS[column].values:
        return told("cell_value")
    return told("cell_id" if column in ("phone", "id_number") else _PROBLEMS.get(kind, "cell_text"))
