"""Key figures for readers: as a table of texts, and as a workbook whose numbers stay numbers."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from collectkit.tracking.kpi_texts import KPIS
from collectkit.wording import checked_language
from collectkit.workbooks import Figure, Sheet, workbook

_KINDS = {"fraction": "rate", "currency": "money", "per 1000": "money"}  # a money has two decimals
_WRITTEN = {"rate": "{:.2%}".format, "money": "{:,.2f}".format, "count": "{:,.0f}".format}
_PARTS = ("value", "numerator", "denominator")
_NONE = "–"
_LINE = "__________"


def worded_kpis(table: pd.DataFrame, *, language: str = "en") -> pd.DataFrame:
    """Key figures as a reader is shown them, every number in its own unit.

    Parameters
    ----------
    table : DataFrame
        From `kpis`.
    language : {"en", "zh"}

    Returns
    -------
    DataFrame
        Index: kpi. label, value, numerator, denominator, definition (or, where there is no value, why), all texts.

    Raises
    ------
    CallError
        The language is unknown.

    Examples
    --------
    >>> import collectkit as ck
    >>> table = ck.tracking.kpis(ck.load_sample("demo"), ck.load_policy(), start="2025-06-01", end="2025-06-30")
    >>> worded_kpis(table, language="zh").loc["satisfaction", ["label", "value"]].tolist()
    ['满意度', '–']
    """
    shown = _shown(table, language)
    for part in _PARTS:
        shown[part] = [_NONE if cell is None else _WRITTEN[cell.kind](cell.value) for cell in shown[part]]
    return shown.astype("str")


def target_form(table: pd.DataFrame, before: pd.DataFrame, *, language: str = "en") -> pd.DataFrame:
    """Key figures of a period beside those of the one before, with room for a target and what is said of it.

    Parameters
    ----------
    table, before : DataFrame
        From `kpis`.
    language : {"en", "zh"}

    Returns
    -------
    DataFrame
        Index: kpi. label, before, value, target and assessment (lines to write on), all texts. Targets are not in the
        data: a person sets them.

    Raises
    ------
    CallError
        The language is unknown.

    Examples
    --------
    >>> import collectkit as ck
    >>> demo, policy = ck.load_sample("demo"), ck.load_policy()
    >>> may, june = (ck.tracking.kpis(demo, policy, start=f"2025-0{month}-01", end=f"2025-0{month}-30")
    ...              for month in (5, 6))
    >>> target_form(june, may).loc["satisfaction", ["before", "value", "target"]].tolist()
    ['–', '–', '__________']
    """
    now, then = worded_kpis(table, language=language), worded_kpis(before, language=language)
    return pd.DataFrame({"label": now["label"], "before": then["value"].reindex(now.index), "value": now["value"],
                         "target": _LINE, "assessment": _LINE})  # fmt: skip


def kpi_workbook(table: pd.DataFrame, *, language: str = "en", above: Sequence[str] = ()) -> bytes:
    """Key figures as a workbook: percent, money and counts as numbers.

    Parameters
    ----------
    table : DataFrame
        From `kpis`.
    language : {"en", "zh"}
    above : sequence of str
        Lines above the table.

    Raises
    ------
    CallError
        The language is unknown.

    Examples
    --------
    >>> import collectkit as ck
    >>> table = ck.tracking.kpis(ck.load_sample("demo"), ck.load_policy(), start="2025-06-01", end="2025-06-30")
    >>> kpi_workbook(table)[:2]
    b'PK'
    """
    return workbook({"collectkit": Sheet(_shown(table, language), above=above)}, language=language)


def _shown(table: pd.DataFrame, language: str) -> pd.DataFrame:
    """Label, figures and definition in one language; a figure that is missing is none."""
    checked_language(language)
    end = "_zh" if language == "zh" else ""
    cells = {
        part: pd.Series([_figure(str(name), part, value) for name, value in table[part].items()], table.index, object)
        for part in _PARTS
    }
    definition = table[f"definition{end}"]
    lacking = table[f"missing{end}"]
    why = definition.where(lacking == "", definition + ("（" if end else " (") + lacking + ("）" if end else ")"))
    return pd.DataFrame({"label": table[f"label{end}"], **cells, "definition": why})


def _figure(name: str, part: str, value: float) -> Figure | None:
    """A figure with the kind of its unit."""
    if value != value:
        return None
    unit = {"value": KPIS[name].unit, "numerator": KPIS[name].over, "denominator": KPIS[name].under}[part]
    is_mean = part == "value" and unit == "count"
    return Figure(float(value), "money" if is_mean else _KINDS.get(unit, unit))
