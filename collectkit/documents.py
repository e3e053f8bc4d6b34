"""Documents to print or send: a Jinja2 template and values in, HTML out; data never become markup.

A template lies in ``collectkit/templates``: ``NAME.en.html`` and ``NAME.zh.html`` where the languages differ in more
than words, else ``NAME.html``. It extends ``base.html``, which prints on A4 and loads nothing from outside. A short
message is ``NAME.en.txt`` and ``NAME.zh.txt``: plain text, so nothing in it is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

import pandas as pd

from collectkit.columns import COLUMNS, kind_of, label
from collectkit.errors import CallError, unknown_name
from collectkit.wording import checked_language

if TYPE_CHECKING:
    from jinja2 import Environment

_NUMBERS = ("money", "count", "rate")
_STYLES = {  # Jupyter would set every cell of a table to the right, and knows no classes
    "<th>": '<th style="text-align: left">',
    "<td>": '<td style="text-align: left">',
    '<td class="date">': '<td style="text-align: left; white-space: nowrap">',
    '<td class="long">': '<td class="long" style="text-align: left; min-width: 14em">',
}
LONG = 28  # a text of more letters than this (a Chinese sign counts for two) needs a wide column
_MONTHS = ("vintage", "cohort")  # dates that stand for their month
_BODY = re.compile(r"<body>(.*)</body>", re.DOTALL)
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_FORMATS: dict[str, Callable[[Any], str]] = {
    "money": "{:,.2f}".format,
    "count": "{:,.0f}".format,
    "rate": lambda rate: f"{float(rate) * 100:,.4f}".rstrip("0").rstrip(".") + "%",
    "date": "{:%Y-%m-%d}".format,
    "month": "{:%Y-%m}".format,
    "timestamp": "{:%Y-%m-%d %H:%M}".format,
}


def render(template: str, *, language: str = "en", **values: Any) -> str:
    """A document as one HTML page that stands alone.

    Parameters
    ----------
    template : str
        Name of a template, without language and ending.
    language : {"en", "zh"}
    **values
        What the template asks for; one that is missing raises.

    Returns
    -------
    str
        HTML, every value escaped; of a message its text.

    Raises
    ------
    CallError
        There is no such template or language.

    Notes
    -----
    In a template ``{{ amount | money }}``, ``count``, ``rate`` and ``date`` write a value, ``{{ "penalty" | label }}``
    is the label of a column, and ``{{ table(frame | cells) }}`` writes a DataFrame by the nomenclature.

    Examples
    --------
    >>> page = render("table", title="<Loans>", note="", frame=pd.DataFrame({"penalty": [1234.5]}))
    >>> "&lt;Loans&gt;" in page, "1,234.50" in page
    (True, True)
    """
    from jinja2 import TemplatesNotFound

    checked_language(language)
    try:
        chosen = _environment(language).select_template(
            [f"{template}.{language}.html", f"{template}.html", f"{template}.{language}.txt"]
        )
    except TemplatesNotFound:
        raise unknown_name("template", template, _templates()) from None
    return chosen.render(language=language, **values)


def render_text(text: str, **values: Any) -> str:
    """Somebody's own words with ``{{ … }}`` filled in, as plain text; they can reach nothing but the values.

    Raises
    ------
    CallError
        The words do not parse, or ask for something that is not there.

    Examples
    --------
    >>> render_text("{{ name }}, please call.", name="A. Example")
    'A. Example, please call.'
    """
    from jinja2 import StrictUndefined, TemplateError
    from jinja2.sandbox import SandboxedEnvironment

    try:
        return SandboxedEnvironment(undefined=StrictUndefined).from_string(text).render(**values)
    except TemplateError as error:
        raise CallError(f"Your text cannot be filled in: {error}. Check its {{{{ … }}}}.") from error


class Table:
    """A table that shows itself in a notebook or a report as it stands in documents: labels, two decimals, percent.

    Parameters
    ----------
    frame : DataFrame
        A named index becomes columns.
    language : {"en", "zh"}

    Examples
    --------
    >>> shown = Table(pd.DataFrame({"penalty": [1234.5]}), "zh")._repr_html_()
    >>> "罚息" in shown, "1,234.50" in shown
    (True, True)
    """

    def __init__(self, frame: pd.DataFrame, language: str = "en") -> None:
        checked_language(language)
        self.frame = frame.reset_index() if any(name is not None for name in frame.index.names) else frame
        self.language = language

    def __repr__(self) -> str:
        return self.frame.to_string(index=False)

    def _repr_html_(self) -> str:
        parts: Any = _environment(self.language).get_template("parts.html").module
        made = str(parts.table(_cells(self.frame, self.language)))
        for tag, style in _STYLES.items():
            made = made.replace(tag, style)
        return made


def body_of(page: str) -> str:
    """What a page shows: all between the marks of its body."""
    found = _BODY.search(page)
    return found[1] if found else page


def width_of(text: str) -> int:
    """How wide a text is, in Latin letters."""
    return sum(1 + (sign > "\u2e7f") for sign in text)


@cache
def _environment(language: str) -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

    made = Environment(
        loader=PackageLoader("collectkit"), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        autoescape=select_autoescape(["html"], ["txt"], default=True),
    )  # fmt: skip
    made.filters |= {kind: _written_as(kind) for kind in _FORMATS}
    made.filters |= {"label": lambda name: label(name, language), "cells": lambda frame: _cells(frame, language)}
    return made


def _templates() -> set[str]:
    return {name.split(".")[0] for name in _environment("en").list_templates()} - {"base", "parts"}


def _written_as(kind: str) -> Callable[[Any], str]:
    """How a value of a kind is written; nothing for a missing one."""
    return lambda value: "" if pd.isna(value) else _FORMATS[kind](value)


def _cells(frame: pd.DataFrame, language: str) -> dict[str, Any]:
    """A table as a template needs it: labels, which columns are numbers, and every cell as text."""
    kinds = [_kind(frame, name) for name in frame]
    columns = [
        _even(frame[name].map(_written_as(kind) if kind in _FORMATS else _as_text).tolist(), kind)
        for name, kind in zip(frame, kinds, strict=True)
    ]
    return {
        "heads": [label(str(name), language) for name in frame],
        "numbers": [
            kind in _NUMBERS or (kind == "text" and name in COLUMNS and COLUMNS[name].kind in _NUMBERS)
            for name, kind in zip(frame, kinds, strict=True)
        ],
        "classes": [_class(kind, cells) for kind, cells in zip(kinds, columns, strict=True)],
        "rows": list(zip(*columns, strict=True)),
    }


def _class(kind: str, cells: list[str]) -> str:
    """How the cells of a column that are no numbers are set: dates on one line, long texts in a wide column."""
    if kind in ("date", "month", "timestamp") or (any(cells) and all(_DAY.fullmatch(cell) for cell in cells if cell)):
        return "date"
    return "long" if any(width_of(cell) > LONG for cell in cells) else ""


def _kind(frame: pd.DataFrame, name: Any) -> str:
    """Kind of a column, which is "month" where a date only stands for its month."""
    kind = kind_of(frame, name)
    return "month" if kind == "date" and name in _MONTHS else kind


def _even(cells: list[str], kind: str) -> list[str]:
    """Percentages of one column with as many decimals each as the longest needs."""
    if kind != "rate":
        return cells
    parts = [cell.rstrip("%").partition(".") for cell in cells]
    decimals = max((len(behind) for *_, behind in parts), default=0)
    if not decimals:
        return cells
    return [f"{whole}.{behind:0<{decimals}}%" if whole else "" for whole, _, behind in parts]


def _as_text(value: Any) -> str:
    return "" if pd.isna(value) else str(value)
