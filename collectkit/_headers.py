"""Our tables and columns found in foreign ones, by their headers and what stands in their cells."""

from __future__ import annotations

import json
import re
from collections import abc
from typing import Any, NamedTuple

import pandas as pd

from collectkit import cells
from collectkit._origin import plain
from collectkit.columns import COLUMNS, TABLES, Kind

#: Other words for our tables and columns in headers; those of the nomenclature count too.
_TABLE_WORDS = {
    "loans": "贷款 借据 放款 台账 loan", "instalments": "还款计划 应还 期供 账单 schedule instalment installment",
    "payments": "还款明细 还款流水 还款记录 实还 流水 payment repayment", "pauses": "停计 延期 pause deferral",
    "placements": "委外 委案 placement", "contacts": "联系 催记 催收记录 contact", "promises": "承诺 promise ptp",
    "collectors": "催收员 collector staff", "complaints": "投诉 complaint", "stated": "核对 对账 stated statement",
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
    "stated.as_of": "截至日期 截止日 截止日期 数据日期 报表日期 统计日期 基准日 核对日 reportdate statementdate",
    "stated.principal": "贷款金额 放款金额 贷款本金 合同金额 借款金额 发放金额 loanamount amount originalprincipal",
    "instalment_count": "期数 贷款期数 分期数 分期期数 还款期数 合同期数 term tenor instalments installments",
    "paid_to_date": "已还金额 已还总额 累计已还 累计已还金额 累计还款金额 实还总额 paid paidamount totalpaid",
    "days_past_due": "当前逾期天数 逾期天数dpd dpd dayspastdue daysoverdue overduedays",
    "penalty": "应收罚息 应还罚息 罚息余额 欠罚息 罚息金额 逾期罚息 penaltyinterest penaltydue",
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
    words = {
        column: (*_COLUMN_WORDS.get(f"{table}.{column}", "").split(), *_COLUMN_WORDS.get(column, "").split())
        for column in TABLES[table].columns
    }
    return matched_headers(words, headers)


def matched_headers(words: abc.Mapping[str, abc.Iterable[str]], headers: abc.Iterable[str]) -> dict[str, str]:
    """Our columns and the header each is likely to be, by its name, its labels and other words."""
    bare = {_bare(header): header for header in reversed(list(headers))}
    found: dict[str, str] = {}
    for column, others in words.items():
        own = (column, COLUMNS[column].label, COLUMNS[column].label_zh)
        match = next((bare[_bare(word)] for word in (*own, *others) if _bare(word) in bare), None)
        if match is not None and match not in found.values():
            found[column] = match
    return found


def tables_by_headers(raw: abc.Mapping[str, pd.DataFrame]) -> dict[str, list[str]]:
    """Our tables and the raw ones each is likely to be; the best pairs first."""
    scores = []
    for source, frame in raw.items():
        for table in TABLES:
            matched = _columns_by_headers(table, map(str, frame.columns))
            required = sum(column in matched for column in TABLES[table].required)
            named = any(word in plain(source) for word in (table, *_TABLE_WORDS[table].split()))
            if table == "stated" and not matched.keys() & set(TABLES[table].optional):
                continue
            if required >= 2 or (required and named):
                share = required / len(TABLES[table].required) / (2 if table == "stated" else 1)  # it looks like others
                scores.append((share + named + len(matched) / 100, table, source))
    chosen: dict[str, list[str]] = {}
    for _, table, source in sorted(scores, key=lambda score: -score[0]):
        if any(source in sources for sources in chosen.values()):
            continue
        if table not in chosen or list(raw[source].columns) == list(raw[chosen[table][0]].columns):
            chosen.setdefault(table, []).append(source)
    return {table: chosen[table] for table in TABLES if table in chosen}


def stated_figures(raw: abc.Mapping[str, pd.DataFrame], chosen: abc.Mapping[str, list[str]]) -> Stated | None:
    """Raw tables that may state figures of their own, too: one of no other use, or those of the loans."""
    if "stated" in chosen:
        return None
    used = {source for sources in chosen.values() for source in sources}
    for sources in (*([source] for source in raw if source not in used), chosen.get("loans", [])):
        matched = _columns_by_headers("stated", map(str, raw[sources[0]].columns)) if sources else {}
        if sources == chosen.get("loans"):
            matched.pop("principal", None)  # it is the amount of the loan itself
        if "loan_id" in matched and matched.keys() & set(TABLES["stated"].optional):
            return Stated(sources, matched)
    return None


class Stated(NamedTuple):
    """Raw tables that state figures of their own, and the header of each of our columns."""

    sources: list[str]
    matched: dict[str, str]

    @property
    def hint(self) -> str:
        """What to write into the mapping once the day is known for which the figures hold."""
        figures = [name for name in self.matched if name in TABLES["stated"].optional]
        lines = [f"{name} = {json.dumps(self.matched[name], ensure_ascii=False)}" for name in ("loan_id", *figures)]
        return "\n".join([
            f"{', '.join(self.matched[name] for name in figures)}: figures the source states itself? To have them",
            "compared with ours, write these lines at the end, with the day for which they hold:",
            "[tables.stated]", f"from = {json.dumps(self.sources, ensure_ascii=False)}",
            "[tables.stated.columns]", "as_of = { constant = 2025-12-31 }", *lines,
        ])  # fmt: skip


def proposed_table(
    table: str, sources: list[str], frame: pd.DataFrame, *, matched: dict[str, str] | None = None,
    elsewhere: abc.Collection[str] = (),
) -> dict[str, Any]:  # fmt: skip
    """One table of the mapping, as data; `elsewhere` are headers that another of our tables uses."""
    matched = matched or _columns_by_headers(table, map(str, frame.columns))
    columns: dict[str, Any] = {
        column: proposed_column(column, header, frame.loc[:, frame.columns == header].iloc[:, 0].head(100_000))
        for column, header in matched.items()
    }
    if table == "loans" and "product" not in columns:
        note = "Unsure: no column of products was found. The policy picks a loan's terms by its product."
        columns["product"] = {"constant": "loan", "note": note}
    absent = [column for column in TABLES[table].required if column not in columns]
    left = [str(header) for header in frame.columns if header not in (*matched.values(), *elsewhere)]
    notes = [f"Not found, but needed: {', '.join(absent)}. Add a line for each below."] if absent else []
    notes += [f"Not used: {', '.join(left)}."] if left else []
    return {"from": sources, "columns": columns or {"loan_id": {"from": "?"}}, "note": "\n".join(notes)}


def proposed_column(column: str, header: str, found: pd.Series) -> dict[str, Any]:
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
