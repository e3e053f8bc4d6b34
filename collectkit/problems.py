"""The words of every problem a table can have, once: what is wrong and what to do, in English and Chinese.

Tables of problems are made in English; `problems_in` tells a table again in another language and `shown_problems` makes
it ready for a reader. A text that is none of ours is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import pandas as pd

from collectkit.columns import TABLES, label
from collectkit.errors import listed
from collectkit.wording import checked_language

SEVERITIES = {"error": {"en": "error", "zh": "错误"}, "warning": {"en": "warning", "zh": "警告"}}


class Problem(NamedTuple):
    """One kind of problem: its words and the advice, in English and Chinese."""

    en: str
    advice_en: str
    zh: str
    advice_zh: str


# fmt: off
PROBLEMS = {key: Problem(*words) for key, words in {
    # a column as a whole
    "column_missing": ("column is missing", "Add the column.", "缺少此列", "请补充此列。"),
    "column_twice": ("column is there twice", "Keep one of them.", "此列出现两次", "请只保留一列。"),
    "ids_not_text": ("ids are not text", "Convert the column with `.astype(str)`.",
                     "编号不是文本", "请用 `.astype(str)` 转换此列。"),
    "texts_not_text": ("values are not text", "Convert the column with `.astype(str)`.",
                       "取值不是文本", "请用 `.astype(str)` 转换此列。"),
    "not_dates": ("dates are not of a date type", "Convert the column with `pd.to_datetime(…, format=…)`.",
                  "日期不是日期类型", "请用 `pd.to_datetime(…, format=…)` 转换此列。"),
    "not_times": ("times are not of a date type", "Convert the column with `pd.to_datetime(…)`.",
                  "时间不是日期类型", "请用 `pd.to_datetime(…)` 转换此列。"),
    "amounts_not_numbers": ("amounts are not numbers", "Convert the column with `pd.to_numeric`.",
                            "金额不是数值", "请用 `pd.to_numeric` 转换此列。"),
    "not_numbers": ("values are not numbers", "Convert the column with `pd.to_numeric`.",
                    "取值不是数值", "请用 `pd.to_numeric` 转换此列。"),
    "not_flags": ("values are not true or false", "Convert the column with `.astype(bool)`.",
                  "取值不是真或假", "请用 `.astype(bool)` 转换此列。"),
    # a value
    "missing": ("is missing", "Fill it or drop those rows.", "缺失", "请补全，或删除这些行。"),
    "empty_id": ("id is empty", "Give every row an id.", "编号为空", "请为每一行填写编号。"),
    "blank_text": ("text is blank", "Fill it, or leave the cell empty.", "文本全为空白", "请填写，或留空单元格。"),
    "timed_date": ("date has a time of day", "Keep the calendar date, e.g. by `.dt.normalize()`.",
                   "日期带有时刻", "请只保留日期，例如用 `.dt.normalize()`。"),
    "beyond_calendar": ("date is outside {first} to {last}", "Correct the date.",
                        "日期不在 {first} 至 {last} 之间", "请更正日期。"),
    "infinite": ("amount is infinite", "Correct the amount.", "金额为无穷大", "请更正金额。"),
    "part_of_a_cent": ("amount has a fraction of a cent", "Round the amounts to two decimals where they are made.",
                       "金额不足一分", "请在数据源头将金额取到两位小数。"),
    "negative": ("amount is negative", "Amounts are 0 or more; enter a refund as a reversal.",
                 "金额为负", "金额不得小于 0；退款请按冲正录入。"),
    "too_large": ("amount is over {most}", "Check the unit: amounts are in currency, not in cents.",
                  "金额超过 {most}", "请检查单位：金额以元计，不以分计。"),
    "no_rate": ("rate is not a fraction from 0 to 10", 'Write rates as fractions: "0.18" for 18%.',
                "利率不是 0 至 10 的小数", "利率请写成小数：18% 写作 \"0.18\"。"),
    "not_whole": ("value is not a whole number, 0 or more", "Correct the value.",
                  "取值不是大于等于 0 的整数", "请更正取值。"),
    "not_from_one": ("value is not a whole number, 1 or more", "Count from 1.",
                     "取值不是大于等于 1 的整数", "请从 1 开始编号。"),
    "zero": ("amount is zero", "Leave out rows without money.", "金额为零", "请删除没有金额的行。"),
    "none_of": ("is none of {values}", "Use one of these.", "不在取值范围内：{values}", "请改用其中之一。"),
    # a cell of a file
    "cell_id": ("has lost its last digits or is no id",
                "Store the column as text in the source and export it again.",
                "末几位已丢失，或不是编号", "请在源系统中将此列存为文本，重新导出。"),
    "cell_text": ("is an error of Excel", "Correct the formula in the source.",
                  "是 Excel 的错误值", "请在源文件中更正公式。"),
    "cell_amount": ("cannot be read as an amount",
                    "Write 1234.50 or 1,234.50; say a unit in the mapping, unit = \"10000\".",
                    "无法读作金额", "请写作 1234.50 或 1,234.50；单位写在映射文件中，例如 unit = \"10000\"。"),
    "cell_rate": ("cannot be read as a rate", "Write 0.18 or 18%, or say percent = true in the mapping.",
                  "无法读作利率", "请写作 0.18 或 18%，或在映射文件中写 percent = true。"),
    "cell_count": ("is not a whole number", "Correct the cell.", "不是整数", "请更正该单元格。"),
    "cell_flag": ("is neither yes nor no", "Write yes or no, or say what it means: values = {{ \"…\" = \"true\" }}.",
                  "既不是“是”也不是“否”", "请写“是”或“否”，或说明其含义：values = {{ \"…\" = \"true\" }}。"),
    "cell_date": ("cannot be read as a date for certain",
                  "Say in a mapping how dates are written, formats = [\"%d/%m/%Y\"], or correct the cell.",
                  "无法确定地读作日期",
                  "请在映射文件中写明日期格式，例如 formats = [\"%d/%m/%Y\"]，或更正该单元格。"),
    "cell_timed": ("has a time of day", "Say day_only = true in a mapping to keep the day, or correct the cell.",
                   "带有时刻", "若只取日期，请在映射文件中写 day_only = true，或更正该单元格。"),
    "cell_format": ("does not fit {formats}", "Add its format to `formats`, or correct the cell.",
                    "不符合格式 {formats}", "请将其格式加入 `formats`，或更正该单元格。"),
    "cell_value": ("has no entry in `values`", "Add it to `values` in the mapping.",
                   "在 `values` 中没有对应项", "请在映射文件的 `values` 中添加。"),
    # a file and its mapping
    "column_again": ("column `{name}` is there more than once",
                     "Rename or remove one of the columns `{name}` of `{source}`.",
                     "列“{name}”出现多次", "请重命名或删除“{source}”中的一个“{name}”列。"),
    "column_not_found": ("column `{name}` is not in `{source}`",
                         "`{source}` has: {names}. Correct `from` of {column} in the mapping.",
                         "“{source}”中没有列“{name}”",
                         "“{source}”的列有：{names}。请更正映射文件中 {column} 的 `from`。"),
    "table_not_found": ("table `{source}` is not in the source",
                        "The source has: {names}. Correct `from` in [tables.{name}].",
                        "数据中没有表“{source}”", "数据中的表有：{names}。请更正 [tables.{name}] 的 `from`。"),
    "totals_left_out": ("row of totals at the end was left out", "Nothing, if it is one; else give the row its id.",
                        "末尾的合计行未读入", "若确为合计行则无须处理；否则请为该行填写编号。"),
    # tables together
    "repeated_key": ("{key} appears more than once", "Keep one row of each.",
                     "{key} 重复出现", "每个编号请只保留一行。"),
    "unknown_loan": ("loan is not in loans", "Add the loan to `loans` or drop those rows.",
                     "贷款不在贷款表中", "请在贷款表中补充该贷款，或删除这些行。"),
    "no_instalments": ("loan has no instalments", "Add its schedule to `instalments`.",
                       "贷款没有还款计划", "请在还款计划表中补充。"),
    "due_before_loan": ("due date is before the loan was disbursed", "Correct the schedule or the disbursement date.",
                        "应还日期早于放款日", "请更正还款计划或放款日。"),
    "paid_before_loan": ("payment is before the loan was disbursed", "Correct the date or the loan of the payment.",
                         "还款早于放款日", "请更正还款日期或所属贷款。"),
    "paid_after_reversal": ("payment is dated after its reversal", "Correct the value date or the reversal date.",
                            "到账日晚于冲正日", "请更正到账日或冲正日。"),
    "posted_after_reversal": ("payment is posted after its reversal", "Correct the posting date or the reversal date.",
                              "入账日晚于冲正日", "请更正入账日或冲正日。"),
    "closed_before_loan": ("loan is closed before it was disbursed", "Correct the closed date.",
                           "结清日早于放款日", "请更正结清日。"),
    "pause_backwards": ("pause ends before it starts", "Swap or correct the dates.",
                        "停计结束日早于开始日", "请对调或更正日期。"),
    "recalled_before_placed": ("recalled before it was placed", "Correct the dates.",
                               "退案日早于委案日", "请更正两个日期。"),
    "due_before_promised": ("promise is due before it was made", "Correct the dates.",
                            "承诺还款日早于承诺日", "请更正两个日期。"),
    "answered_before_complained": ("complaint is answered before it was made", "Correct the dates.",
                                   "投诉答复日早于投诉日", "请更正两个日期。"),
    "stated_before_loan": ("figures are stated for a day before the loan was disbursed",
                           "Correct the day or the disbursement date.",
                           "来源数值的截至日早于放款日", "请更正截至日或放款日。"),
    "closed_alone": ("closed_date and close_code do not come together", "Give both or neither.",
                     "结清日与结清类型没有同时填写", "请两项都填，或都不填。"),
    "placements_overlap": ("placement begins before the last one of the loan was recalled",
                           "Give the earlier placement a recall_date.",
                           "委案早于该贷款上一次退案", "请为较早的委案填写退案日。"),
    "agency_in_house": ("in_house is the name of loans with no agency", "Give the agency another name.",
                        "in_house 专指未委外的贷款", "请为该机构另取名称。"),
    "total_too_large": ("its {table} add up to over {most}",
                        "Check the unit: amounts are in currency, not in cents.",
                        "其{table}合计超过 {most}", "请检查单位：金额以元计，不以分计。"),
    "principal_differs": ("principal is not the sum of its instalments",
                          "Check the loan amount and the number of instalments.",
                          "本金不等于各期本金之和", "请核对贷款金额和期数。"),
    "rate_too_long": ("penalty rate has too many decimals to stay exact",
                      "Write the rate, or the multiple in the policy, with fewer decimals.",
                      "罚息利率小数位过多，无法精确计算", "请减少利率或规则中倍数的小数位。"),
    # an import
    "contradicts": ("{key} appears more than once in the file, with different values", "Keep the row that is right.",
                    "{key} 在文件中重复出现且内容不同", "请保留正确的一行。"),
    "payment_differs": ("differs from the payment already imported",
                        "Find out which is right; a payment that was imported can only be reversed.",
                        "与已导入的还款不一致", "请查明哪一条正确；已导入的还款只能冲正。"),
    "waits_for_loan": ("its loan is in quarantine", "Correct the loan, then import it with all its rows.",
                       "所属贷款已被隔离", "请更正该贷款，再连同其全部记录一起导入。"),
}.items()}
#: What may stand behind a problem, or behind an advice.
_BEHIND = {
    "imported_before": (" (a row of {table} imported before)", "（此前导入的{table}中的一行）"),
    "it_is_column": (" It is column `{name}` of `{source}`.", "即“{source}”中的“{name}”列。"),
}
# fmt: on


def told(key: str, /, **given: object) -> tuple[str, str]:
    """A problem in English, and what to do about it.

    Examples
    --------
    >>> told("repeated_key", key="loan_id")
    ('loan_id appears more than once', 'Keep one row of each.')
    """
    return PROBLEMS[key].en.format(**given), PROBLEMS[key].advice_en.format(**given)


def behind(key: str, /, **given: object) -> str:
    """What is added to a problem or an advice, in English.

    Examples
    --------
    >>> behind("imported_before", table="loans")
    ' (a row of loans imported before)'
    """
    return _BEHIND[key][0].format(**given)


def problems_in(problems: pd.DataFrame, language: str) -> pd.DataFrame:
    """A table of problems told in another language.

    Parameters
    ----------
    problems : DataFrame
        As of `collectkit.checks.check_tables`, in English.
    language : {"en", "zh"}

    Returns
    -------
    DataFrame
        The same rows; `problem` and `what_to_do` are in the language. Names of tables and columns stay, because that
        is how files and mappings call them.

    Raises
    ------
    CallError
        There is no such language.

    Examples
    --------
    >>> found = pd.DataFrame({"problem": ["is missing"], "what_to_do": ["Fill it or drop those rows."]})
    >>> problems_in(found, "zh").loc[0].tolist()
    ['缺失', '请补全，或删除这些行。']
    """
    checked_language(language)
    if language == "en":
        return problems
    changed = {}
    for name in {"problem", "what_to_do"} & set(problems):
        words = {text: _in_chinese(text, name == "what_to_do") for text in problems[name].dropna().unique()}
        changed[name] = problems[name].map(words).astype(object)
    return problems.assign(**changed)


def problem_kinds(problems: pd.DataFrame) -> pd.DataFrame:
    """The kinds of problems, each with how many rows have it and which come first.

    Parameters
    ----------
    problems : DataFrame
        As of `collectkit.checks.check_tables`.

    Returns
    -------
    DataFrame
        One row per kind, errors first, then by number: severity, table, column, problem, rows [count], first_rows (of
        the file), what_to_do.

    Examples
    --------
    >>> row = ["payments", 3, None, "amount", "amount is zero", 0.0, "error", "Leave out rows without money."]
    >>> names = ["table", "row", "loan_id", "column", "problem", "value", "severity", "what_to_do"]
    >>> problem_kinds(pd.DataFrame([row, row], columns=names))[["problem", "rows", "first_rows"]].values.tolist()
    [['amount is zero', 2, '3, 3']]
    """
    keys = ["severity", "table", "column", "problem", "what_to_do"]
    groups = problems.groupby(keys, sort=False, dropna=False)["row"]
    kinds = groups.agg(rows="size", first_rows=lambda rows: listed(rows.dropna(), most=5)).reset_index()
    kinds = kinds.sort_values(["severity", "rows"], ascending=[True, False], kind="stable", ignore_index=True)
    return kinds[["severity", "table", "column", "problem", "rows", "first_rows", "what_to_do"]]


def shown_problems(problems: pd.DataFrame, language: str) -> pd.DataFrame:
    """A table of problems, or one about them, as a reader sees it: labels for names, empty text for missing cells.

    Examples
    --------
    >>> row = ["payments", 3, None, "amount", "amount is zero", 0.0, "error", "Leave out rows without money."]
    >>> names = ["table", "row", "loan_id", "column", "problem", "value", "severity", "what_to_do"]
    >>> shown_problems(pd.DataFrame([row], columns=names), "zh").loc[0, names[3:]].tolist()
    ['金额', '金额为零', '0.0', '错误', '请删除没有金额的行。']
    """
    shown = problems_in(problems, language).reset_index(drop=True)
    say: dict[str, Callable[[Any], str]] = {
        "table": lambda name: table_label(name, language),
        "loan_id": str,
        "column": lambda name: label(name, language),
        "value": lambda value: str(value).removesuffix(" 00:00:00"),
        "severity": lambda name: SEVERITIES[name][language],
    }
    there = {name: tell for name, tell in say.items() if name in shown}
    return shown.assign(**{name: [tell(v) if pd.notna(v) else "" for v in shown[name]] for name, tell in there.items()})


def table_label(name: str, language: str) -> str:
    """Label of a table; a table that is none of ours is its own label.

    Examples
    --------
    >>> table_label("loans", "zh"), table_label("mine", "zh")
    ('贷款', 'mine')
    """
    if name not in TABLES:
        return name
    return TABLES[name].label_zh if language == "zh" else TABLES[name].label


def _in_chinese(text: str, is_advice: bool) -> str:
    """An English text of the catalogue in Chinese."""
    for english, chinese in _BEHIND.values():
        found = re.fullmatch("(?P<front>.*)" + _pattern(english), text, re.DOTALL)
        if found:
            return _in_chinese(found["front"], is_advice) + _filled(chinese, found.groupdict())
    plain, patterns = _chinese_words(is_advice)
    if text in plain:
        return plain[text]
    for pattern, chinese in patterns:
        found = pattern.fullmatch(text)
        if found:
            return _filled(chinese, found.groupdict())
    return text


def _filled(template: str, given: dict[str, Any]) -> str:
    """A Chinese text with what the English one held; our tables by their Chinese name."""
    return template.format(**given | ({"table": table_label(given["table"], "zh")} if "table" in given else {}))


@cache
def _chinese_words(is_advice: bool) -> tuple[dict[str, str], list[tuple[re.Pattern[str], str]]]:
    """Texts without and with places to fill; of the latter, those with more words of their own come first."""
    pairs = {(p.advice_en, p.advice_zh) if is_advice else (p.en, p.zh) for p in PROBLEMS.values()}
    open_ones = sorted((pair for pair in pairs if _places(pair[0])), key=lambda pair: (-len(pair[0]), pair))
    plain = {english.format(): chinese.format() for english, chinese in pairs if not _places(english)}
    return plain, [(re.compile(_pattern(english), re.DOTALL), chinese) for english, chinese in open_ones]


def _places(template: str) -> list[str]:
    return re.findall(r"(?<!{){(\w+)}", template)


def _pattern(template: str) -> str:
    """Regular expression of what a template can become; a name that comes again must be the same."""
    pattern, seen = "", set()
    for word in re.split(r"(?<!{)({\w+})", template):
        name = word[1:-1]
        if not re.fullmatch(r"{\w+}", word):
            pattern += re.escape(word.format())
        else:
            pattern += f"(?P={name})" if name in seen else f"(?P<{name}>.*)"
            seen.add(name)
    return pattern
