"""The words of an explanation, in English and Chinese: what each step is called, and a sentence for it."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from collectkit.errors import unknown_name

if TYPE_CHECKING:
    import pandas as pd

LANGUAGES = ("en", "zh")

#: Name of each event.
EVENTS: dict[str, dict[str, str]] = {
    "disbursed": {"en": "disbursed", "zh": "放款"},
    "due": {"en": "falls due", "zh": "到期"},
    "pause_days": {"en": "days paused", "zh": "停计天数"},
    "pause_penalty": {"en": "penalty paused", "zh": "停计罚息"},
    "placed": {"en": "placed", "zh": "委案"},
    "recalled": {"en": "recalled", "zh": "退案"},
    "reversed": {"en": "reversed payment", "zh": "已冲正还款"},
    "accrual": {"en": "penalty accrues", "zh": "计罚息"},
    "accrual_in_grace": {"en": "within grace", "zh": "宽限期内"},
    "payment": {"en": "payment", "zh": "还款"},
    "paid": {"en": "applied to", "zh": "冲还"},
    "unapplied": {"en": "left over", "zh": "未分配"},
    "settled": {"en": "instalment settled", "zh": "本期结清"},
    "settled_in_grace": {"en": "settled in grace", "zh": "宽限期内结清"},
    "closed": {"en": "loan closed", "zh": "贷款关闭"},
    "overdue": {"en": "overdue", "zh": "逾期金额"},
    "total": {"en": "total due", "zh": "应还合计"},
}

_NOTES: dict[str, dict[str, str]] = {
    "disbursed": {
        "en": "{amount} paid out. Penalty: {origin}, on unpaid {base}; {grace} days of grace. Source: {source}.",
        "zh": "放款 {amount}。罚息：{origin}，按未还{base}计；宽限期 {grace} 天。依据：{source_zh}。",
    },
    "due": {
        "en": "Instalment {number}: principal {principal}, interest {interest}, fee {fee}. This is day 0.",
        "zh": "第 {number} 期：本金 {principal}，利息 {interest}，费用 {fee}。当天为第 0 天。",
    },
    "pause_days": {
        "en": "{in_days} before {end} are not counted as late.",
        "zh": "至 {end} 前的 {days} 天不计入逾期天数。",
    },
    "pause_penalty": {
        "en": "The {nights} before {end} bear no penalty.",
        "zh": "至 {end} 前的 {days} 夜不计罚息。",
    },
    "placed": {"en": "Handed over to {agency}.", "zh": "委托 {agency} 催收。"},
    "recalled": {"en": "Taken back from {agency}.", "zh": "从 {agency} 退案。"},
    "reversed": {
        "en": "Payment {payment} of {amount} was taken back on {end}: it counts as never made.",
        "zh": "还款 {payment}（{amount}）已于 {end} 冲正，视为从未发生。",
    },
    "accrual": {
        "en": "Instalment {number}: {balance} stood unpaid for {nights}. In all {product_in_all} × {rate} "
        "= {penalty}, rounded once{capped}.",
        "zh": "第 {number} 期：未还 {balance} 经过 {days} 夜。积数合计 {product_in_all} × {rate} = {penalty}，"
        "仅取整一次{capped}。",
    },
    "accrual_in_grace": {
        "en": "Instalment {number}: {nights} noted, but within {grace} days of grace nothing is owed for them.",
        "zh": "第 {number} 期：记 {days} 夜，但在 {grace} 天宽限期内不产生罚息。",
    },
    "payment": {
        "en": "Payment {payment} of {amount}; the loan was {in_days} past due just before.",
        "zh": "还款 {payment}，金额 {amount}；还款前逾期 {days} 天。",
    },
    "paid": {
        "en": "{amount} to {component} of instalment {number}; {balance} of it left.",
        "zh": "冲还第 {number} 期{component} {amount}，剩余 {balance}。",
    },
    "unapplied": {"en": "{amount} is more than everything owed.", "zh": "{amount} 超出全部应还金额。"},
    "settled": {
        "en": "Instalment {number} is settled {in_days} late.",
        "zh": "第 {number} 期逾期 {days} 天后结清。",
    },
    "settled_in_grace": {
        "en": "Instalment {number} is settled within {grace} days of grace: it was never overdue and bears no penalty.",
        "zh": "第 {number} 期在 {grace} 天宽限期内结清：不算逾期，不计罚息。",
    },
    "closed": {
        "en": "Closed as {code}: 0 days past due, nothing more is asked for. Later money is a recovery.",
        "zh": "以“{code}”关闭：逾期 0 天，不再列应还金额。之后的还款为清收回款。",
    },
    "overdue": {"en": "{component} overdue: {amount}.", "zh": "逾期{component}：{amount}。"},
    "total": {
        "en": "On {date}: {in_days} past due; total due {amount}, of which penalty {penalty}.",
        "zh": "{date}：逾期 {days} 天；应还合计 {amount}，其中罚息 {penalty}。",
    },
}
_COMPONENTS = {
    "en": {
        "fee": "fee",
        "interest": "interest",
        "principal": "principal",
        "penalty": "penalty",
        "unapplied": "left over",
    },
    "zh": {"fee": "费用", "interest": "利息", "principal": "本金", "penalty": "罚息", "unapplied": "未分配"},
}
_CODES = {
    "paid_off": {"en": "paid off", "zh": "结清"},
    "written_off": {"en": "written off", "zh": "核销"},
    "settled": {"en": "settled", "zh": "和解"},
    "sold": {"en": "sold", "zh": "转让"},
    "archived": {"en": "archived", "zh": "归档"},
}
_CENTS = ("amount", "balance", "penalty", "fee", "interest", "principal", "product_in_all", "cap")
_CAPPED = {"en": ", cut to the cap of {cap}", "zh": "，以上限 {cap} 为准"}
#: The few words that stand in the origin of a rate.
_ORIGIN_ZH = {" a year": "（年）", " a day": "（日）", " (of this loan)": "，本贷款约定", ", cut to ": "，以上限为准："}


def money(amount: float) -> str:
    """Amount with thousands marks and two decimals.

    Examples
    --------
    >>> money(1234.5)
    '1,234.50'
    """
    return f"{amount:,.2f}"


def percent(rate: Fraction | float) -> str:
    """A rate in percent, with all decimals it has, up to twelve.

    Examples
    --------
    >>> percent(Fraction("0.0005")), percent(Fraction("0.135")), percent(0.24 / 360)
    ('0.05%', '13.5%', '0.066666666667%')
    """
    return f"{float(rate):.12%}".rstrip("%").rstrip("0").rstrip(".") + "%"


def codes_in_words(
    table: pd.DataFrame, words: Mapping[str, Mapping[str, tuple[str, str]]], language: str
) -> pd.DataFrame:
    """A table with its codes in words, by column; what is no code of ours is left as it is."""
    at = LANGUAGES.index(checked_language(language))
    told = {name: {code: texts[at] for code, texts in words[name].items()} for name in words if name in table}
    return table.assign(**{name: table[name].astype("str").replace(texts) for name, texts in told.items()})


def checked_language(language: str) -> str:
    """The language, if there is one of that name.

    Examples
    --------
    >>> checked_language("zh")
    'zh'
    """
    if language not in LANGUAGES:
        raise unknown_name("language", language, LANGUAGES)
    return language


def in_language(origin: str, language: str) -> str:
    """The origin of a rate, as `collectkit._terms.rate_in_words` writes it in English, in a language.

    Examples
    --------
    >>> in_language("18% a year (of this loan)", "zh")
    '18%（年），本贷款约定'
    """
    for english, chinese in _ORIGIN_ZH.items() if language == "zh" else ():
        origin = origin.replace(english, chinese)
    return origin


def note(event: str, language: str, given: Mapping[str, Any]) -> str:
    """The sentence for a step; amounts in `given` are cents.

    Examples
    --------
    >>> note("unapplied", "en", {"amount": 1250})
    '12.50 is more than everything owed.'
    """
    days = given.get("days")
    words = {
        name: money(int(value) / 100) if name in _CENTS else value for name, value in given.items() if value is not None
    }
    if "component" in words:
        words["component"] = _COMPONENTS[language][words["component"]]
    if days is not None:
        words["nights"] = "1 night" if days == 1 else f"{days} nights"
        words["in_days"] = "1 day" if days == 1 else f"{days} days"
    if "code" in words:
        words["code"] = _CODES[words["code"]][language]
    if "base" in words:
        words["base"] = ", ".join(_COMPONENTS[language][part] for part in words["base"])
    if "cap" in words:
        words["capped"] = _CAPPED[language].format(cap=words["cap"]) if words["is_capped"] else ""
    if "origin" in words:
        words["origin"] = in_language(words["origin"], language)
    return _NOTES[event][language].format(**words)
