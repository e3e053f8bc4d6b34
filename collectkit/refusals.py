"""What the readers refuse as a whole, in Chinese: errors are raised in English, and told again where a page asks.

Each English text is as it stands in the code, with ``{}`` for what is filled in; a test holds the two together.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# fmt: off
_CHINESE = {
    # files
    "There is no file or folder {}. Check the path.": "没有文件或文件夹 {0}。请检查路径。",
    "{} is larger than {} GB. Split it, or use Parquet files.": "{0} 超过 {1} GB。请拆分，或改用 Parquet 文件。",
    "{} is empty. Export it again.": "{0} 是空文件。请重新导出。",
    "There are no CSV or Parquet files in {}. Check the folder.": "{0} 中没有 CSV 或 Parquet 文件。请检查文件夹。",
    "{} holds {} twice, as CSV and Parquet. Keep one of them.": "{0} 中 {1} 既有 CSV 又有 Parquet。请只保留一个。",
    "{} is not a text file. Save it as CSV in UTF-8, or read it as Excel.":
        "{0} 不是文本文件。请另存为 UTF-8 编码的 CSV，或按 Excel 文件读取。",
    "{} is neither UTF-8 nor GB18030 text. Save it as CSV in UTF-8.":
        "{0} 既不是 UTF-8 也不是 GB18030 文本。请另存为 UTF-8 编码的 CSV。",
    "{} has rows longer than its header. Name every column, or export it again.":
        "{0} 中有的行比表头长。请为每一列写上列名，或重新导出。",
    "{} is not a readable CSV file: {}. Export it again.": "{0} 不是可读取的 CSV 文件：{1}。请重新导出。",
    "Column `{}` stands twice in the header of {}. Rename or remove one of them.":
        "{1} 的表头中“{0}”出现两次。请重命名或删除其中一列。",
    "{} is not a readable Excel file: {}. Save it again without a password.":
        "{0} 不是可读取的 Excel 文件：{1}。请去掉密码后重新保存。",
    "{} holds errors of Excel, such as #DIV/0!, in {}. Correct the formulas or clear the cells, and save it again.":
        "{0} 的 {1} 为 Excel 错误值，如 #DIV/0!。请更正公式或清空单元格，再重新保存。",
    "{} holds no data. Check the workbook.": "{0} 中没有数据。请检查工作簿。",
    "{} is not a readable Parquet file: {}. Write it again.": "{0} 不是可读取的 Parquet 文件：{1}。请重新写出。",
    "The database {} cannot be read: {}. Check address and rights.": "数据库 {0} 无法读取：{1}。请检查地址和权限。",
    "The database holds no tables. Check the schema in the URL.": "数据库中没有表。请检查 URL 中的模式。",
    "There is no {} {}. Use one of: {}.": "没有{0} {1}。可用的有：{2}。",
    # tables and mappings
    "{} holds no table we know, only {}. Name them {}, or write a mapping: `collectkit map {}`.":
        "{0} 中没有认识的表，只有 {1}。请命名为 {2}，或写一个映射文件：`collectkit map {3}`。",
    "{} holds no table {}. Add it, or say in a mapping where it comes from.":
        "{0} 中没有表 {1}。请补充，或在映射文件中说明其来源。",
    "None of {} has headers we know. Write the mapping by hand; it names for each of {} its table and columns.":
        "{0} 的表头都不认识。请手写映射文件，为 {1} 分别写明来源表和列。",
    "There is no mapping file {}. Check the path, or make one with `collectkit map`.":
        "没有映射文件 {0}。请检查路径，或用 `collectkit map` 生成。",
    "{} is not UTF-8 text. Save it as UTF-8.": "{0} 不是 UTF-8 文本。请另存为 UTF-8。",
    "{} is not valid TOML: {}. Put Chinese names in quotes: \"贷款编号\".":
        "{0} 不是有效的 TOML：{1}。中文名称请加引号：\"贷款编号\"。",
    # files of month ends
    "There is no file {}. Check the path.": "没有文件 {0}。请检查路径。",
    "{} holds no cube. Write one with `collectkit cube` or `Cube.to_parquet`.":
        "{0} 中没有月末汇总。请用 `collectkit cube` 或 `Cube.to_parquet` 写出。",
    "{} is damaged: {}. Write it again with `collectkit cube`.": "{0} 已损坏：{1}。请用 `collectkit cube` 重新写出。",
    "Pages cannot show {}: {}. Write it with `collectkit cube`.":
        "页面无法显示 {0}：{1}。请用 `collectkit cube` 写出。",
    # plans
    "Loan {} owes nothing on {}, so there is nothing to plan.": "贷款 {0} 在 {1} 没有欠款，无需制定计划。",
    "`months` is {}. A plan has 1 to {} instalments.": "期数为 {0}。计划为 1 至 {1} 期。",
    "`days` is {}. A deferral has at least one day.": "天数为 {0}。延期至少一天。",
    "Policy {} has no cadence yet on {}, so no limits of plans.": "规则 {0} 在 {1} 尚无催收节奏，因此没有计划的限额。",
    # taking in
    "There are no rows to import. Check the file and its mapping.": "没有可导入的行。请检查文件及其映射。",
    "`{}` has the column {} twice. Keep one of them.": "“{0}”中列 {1} 出现两次。请只保留一列。",
    "`{}.{}` holds {}, which is no {}. Read the file with a mapping first.":
        "“{0}.{1}”的取值是 {2}，不是 {3}。请先用映射文件读取。",
    "Nothing was imported into {} yet. Import a file first: `collectkit import`.":
        "{0} 尚未导入任何文件。请先导入：`collectkit import`。",
    "{} was imported before, as {}: import {} of {} by {}. There is nothing to do.":
        "{0} 此前已由 {4} 于 {3} 以 {1} 导入（导入编号 {2}），无须再次导入。",
    "Process {} is importing into {}. Wait until it is done, then import again.":
        "进程 {0} 正在向 {1} 导入。请等其完成后再导入。",
    "{} cannot be read. Restore the folder from a backup.": "{0} 无法读取。请从备份中恢复文件夹。",
    "`{}` is {}, which is no time. Write it as \"2025-12-31 09:30\".":
        "`{0}` 为 {1}，不是时间。请写作 \"2025-12-31 09:30\"。",
    "`{}` is {}. Give the local time, without a zone.": "`{0}` 为 {1}。请给出不带时区的当地时间。",
    "`received_at` {} is after `imported_at` {}. Correct one of them.":
        "收到时间 {0} 晚于导入时间 {1}。请更正其一。",
    # the page Data
    "{} is too large ({}). Split it, or use `collectkit import`.":
        "{0} 太大（{1}）。请拆分，或用 `collectkit import`。",
    "There is another file named {}. Rename one of them.": "另有同名文件 {0}。请重命名其一。",
    "Table {} of {} is in another file, too. Keep one of them.": "{1} 中的表 {0} 在另一个文件中也有。请只保留一个。",
    "Stated figures are compared with a book: add its loans, instalments and payments.":
        "来源数值须与账册核对：请一并提供贷款、还款计划和还款。",
}
#: Kinds of names, as `collectkit.errors.unknown_name` calls them.
_KINDS = {"kind of file": "此类文件", "table": "表", "policy": "规则", "sample": "示例", "report": "报告"}
# fmt: on


def refusal_in(text: str, language: str) -> str:
    """What an error says, in a language; a text that is not in the catalogue stays in English.

    Examples
    --------
    >>> refusal_in("loans.csv is empty. Export it again.", "zh")
    'loans.csv 是空文件。请重新导出。'
    """
    return in_chinese(text, _CHINESE) if language == "zh" else text


def in_chinese(text: str, catalogue: Mapping[str, str]) -> str:
    """A text in Chinese by a catalogue of English ones with ``{}`` for what is filled in; itself if it is not there."""
    for pattern, chinese in _patterns(tuple(catalogue.items())):
        found = pattern.fullmatch(text)
        if found:
            return chinese.format(*(_KINDS.get(part, part) for part in found.groups()))
    return text


@cache
def _patterns(catalogue: tuple[tuple[str, str], ...]) -> list[tuple[re.Pattern[str], str]]:
    """Patterns of the English texts, those with more words first."""
    longest_first = sorted(catalogue, key=lambda pair: -len(pair[0]))
    return [
        (re.compile("(.*)".join(map(re.escape, english.split("{}"))), re.DOTALL), chinese)
        for english, chinese in longest_first
    ]
