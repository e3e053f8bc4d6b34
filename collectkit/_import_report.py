"""What one import did, as tables and as a short page without outside requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from collectkit.columns import TABLES, label
from collectkit.errors import unknown_name

#: Rows of a table that the page shows; all of them are in the report and in the quarantine files.
MOST_ROWS = 200

_WORDS: dict[str, dict[str, str]] = {
    "en": {
        "title": "Import {id}", "file": "File", "imported_at": "Imported", "imported_by": "By",
        "two_hours": "Within 2 hours of receipt", "yes": "yes", "no": "no", "unknown": "time of receipt not known",
        "counts": "Rows", "problems": "Problems", "changed": "Changed", "none": "none", "more": "and {n} more",
        "incomplete": "Loans with rows in quarantine (their figures are incomplete)",
        "overlapping": "Payments that were there already", "table": "Table", "rows_in": "In", "accepted": "New",
        "already_there": "Already there", "quarantined": "In quarantine", "row": "Row", "column": "Column",
        "problem": "Problem", "value": "Value", "severity": "Severity", "what_to_do": "What to do", "key": "Key",
        "old": "Old", "new": "New", "error": "error", "warning": "warning",
    },
    "zh": {
        "title": "导入 {id}", "file": "文件", "imported_at": "导入时间", "imported_by": "导入人",
        "two_hours": "收到后 2 小时内录入", "yes": "是", "no": "否", "unknown": "收到时间未知",
        "counts": "行数", "problems": "问题", "changed": "变更", "none": "无", "more": "另有 {n} 条",
        "incomplete": "有隔离记录的贷款(其数字不完整)",
        "overlapping": "已存在的还款", "table": "表", "rows_in": "读入", "accepted": "新增",
        "already_there": "已存在", "quarantined": "已隔离", "row": "行", "column": "列",
        "problem": "问题", "value": "值", "severity": "级别", "what_to_do": "处理办法", "key": "主键",
        "old": "原值", "new": "新值", "error": "错误", "warning": "警告",
    },
}  # fmt: skip

_PAGE = """<!doctype html>
<html lang="{{ language }}"><head><meta charset="utf-8"><title>{{ title }}</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>body { font: 15px/1.5 sans-serif; max-width: 70em; margin: 2em auto; padding: 0 1em }
table { border-collapse: collapse } th, td { padding: .2em .7em; border-bottom: 1px solid #ccc; text-align: left }
td.number { text-align: right }</style></head><body>
<h1>{{ title }}</h1>
<dl>{% for name, value in facts %}<dt>{{ name }}</dt><dd>{{ value }}</dd>{% endfor %}</dl>
{% for table in tables %}<h2>{{ table.name }}</h2>
{% if table.rows %}<table><tr>{% for head in table.heads %}<th>{{ head }}</th>{% endfor %}</tr>
{% for row in table.rows %}<tr>{% for cell in row %}<td{% if cell is number %} class="number"{% endif %}>{{ cell }}</td>
{%- endfor %}</tr>
{% endfor %}</table>{% if table.more %}<p>{{ table.more }}</p>{% endif %}{% else %}<p>{{ none }}</p>{% endif %}
{% endfor %}</body></html>
"""


@dataclass(frozen=True)
class ImportReport:
    """What one import did.

    Attributes
    ----------
    import_id, file_name, imported_by : str
    imported_at : Timestamp
    is_within_two_hours : bool or None
        True if the file was imported within two hours of its receipt; None if that time is not known.
    counts : DataFrame
        One row per table: table, rows_in, accepted, already_there, changed, quarantined [count]; the last four add up
        to rows_in.
    problems : DataFrame
        Everything found, errors and warnings; `row` is the number of the row in the file. Personal data: ``***``.
    changed : DataFrame
        One row per cell of the book that got another value: table, row, loan_id, key, column, old, new (as text).
        Personal data: ``***``.
    incomplete_loans : tuple of str
        Loans of the book with a loan, instalment or payment row in quarantine: their figures are incomplete.
    overlapping_payments : tuple of str
        Payment ids of the file that were in the book before.
    """

    import_id: str
    file_name: str
    imported_by: str
    imported_at: pd.Timestamp
    is_within_two_hours: bool | None
    counts: pd.DataFrame
    problems: pd.DataFrame
    changed: pd.DataFrame
    incomplete_loans: tuple[str, ...]
    overlapping_payments: tuple[str, ...]

    def total(self, name: str) -> int:
        """Sum of one column of `counts` over all tables [count]."""
        return int(self.counts[name].sum())

    def to_html(self, language: str = "en") -> str:
        """The report as a short page of its own, in ``en`` or ``zh``; nothing is loaded from outside.

        Raises
        ------
        CallError
            There is no such language.

        Examples
        --------
        >>> none = pd.DataFrame(columns=["table"])
        >>> report = ImportReport("000001", "<b>.csv", "Li", pd.Timestamp("2025-04-01"), None, none, none, none, (), ())
        >>> "&lt;b&gt;.csv" in report.to_html("zh")
        True
        """
        from jinja2 import Environment

        if language not in _WORDS:
            raise unknown_name("language", language, _WORDS)
        words = _WORDS[language]
        shown = [("counts", self.counts), ("problems", self.problems), ("changed", self.changed)]
        return Environment(autoescape=True).from_string(_PAGE).render(
            language=language, title=words["title"].format(id=self.import_id), none=words["none"],
            facts=self._facts(words), tables=[_shown(name, table, language) for name, table in shown],
        )  # fmt: skip

    def _facts(self, words: dict[str, str]) -> list[tuple[str, str]]:
        in_time = {True: "yes", False: "no", None: "unknown"}[self.is_within_two_hours]
        return [
            (words["file"], self.file_name),
            (words["imported_at"], f"{self.imported_at:%Y-%m-%d %H:%M}"),
            (words["imported_by"], self.imported_by),
            (words["two_hours"], words[in_time]),
            (words["incomplete"], _first(self.incomplete_loans, words)),
            (words["overlapping"], _first(self.overlapping_payments, words)),
        ]


def _first(ids: tuple[str, ...], words: dict[str, str]) -> str:
    """The first ids in a line, and how many more there are."""
    more = [words["more"].format(n=f"{len(ids) - MOST_ROWS:,}")] if len(ids) > MOST_ROWS else []
    return ", ".join([*ids[:MOST_ROWS], *more]) or words["none"]


def _shown(name: str, table: pd.DataFrame, language: str) -> dict[str, Any]:
    """The first rows of a table, with the names of tables and columns in words."""
    words, top = _WORDS[language], table.head(MOST_ROWS).astype(object)
    if "table" in top:
        top["table"] = [TABLES[t].label_zh if language == "zh" else TABLES[t].label for t in top["table"]]
    for column, say in (("column", lambda c: label(c, language)), ("severity", lambda s: words.get(s, s))):
        if column in top:
            top[column] = top[column].map(say, na_action="ignore")
    more = len(table) - len(top)
    return {
        "name": words[name],
        "heads": [words.get(str(column)) or label(str(column), language) for column in top],
        "rows": [["" if pd.isna(cell) else cell for cell in row] for row in top.itertuples(index=False)],
        "more": words["more"].format(n=f"{more:,}") if more else "",
    }
