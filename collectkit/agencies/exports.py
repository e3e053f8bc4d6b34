"""Statements to send: a workbook with live formulas, CSV, and a page to print."""

from __future__ import annotations

import io

import pandas as pd

from collectkit import documents
from collectkit.agencies.attribution import attribution
from collectkit.agencies.statement import KINDS, Statement
from collectkit.agencies.words import in_words
from collectkit.workbooks import Sheet, workbook
from collectkit.writing import to_csv

_RATED = ("earned", "placed", "clawback")
#: Lines that are printed; more are in the workbook and the CSV file.
MOST_PRINTED = 1_000
_PRINTED = [
    "kind", "loan_id", "payment_id", "value_date", "days_past_due", "band", "commissionable", "rate", "commission",
    "vat", "reason",
]  # fmt: skip
_SHEETS = {"en": ("Totals", "Lines", "Fees", "Cash"), "zh": ("汇总", "明细", "固定费用", "回款归属")}
_TITLES = {"en": "Commission statement", "zh": "佣金账单"}
# with VAT inside, the rate gives commission and VAT together
_COMMISSION = "=ROUND(ROUND({commissionable}*{rate},2)/(1+IF({is_vat_included},{vat_rate},0)),2)"
_VAT = "=IF({is_vat_included},ROUND({commissionable}*{rate},2)-{commission},ROUND({commission}*{vat_rate},2))"


def statement_cash(statement: Statement) -> pd.DataFrame:
    """Every payment of the month on loans the agency ever had, with the reason it does or does not earn.

    Parameters
    ----------
    statement : Statement

    Returns
    -------
    DataFrame
        As `attribution` gives it, as known at the close of the month.

    Examples
    --------
    >>> import collectkit as ck
    >>> june = ck.agencies.commission_statement(ck.load_sample("demo"), ck.load_policy(), "Anxin", period="2025-06")
    >>> bool(statement_cash(june).value_date.between("2025-06-01", "2025-06-30").all())
    True
    """
    placements, close = statement.portfolio.placements, statement.last_date
    loans = placements["loan_id"][placements["agency"] == statement.agency].unique()
    return attribution(
        statement.portfolio.selecting(loans), statement.policy, start=close.replace(day=1), end=close, known_on=close,
        tariff=statement.tariff,
    )  # fmt: skip


def statement_workbook(statement: Statement, *, language: str = "en") -> bytes:
    """A statement as an Excel workbook.

    Parameters
    ----------
    statement : Statement
    language : {"en", "zh"}

    Returns
    -------
    bytes
        Sheets: totals under every reading, lines with a rate, other fees, and the cash of the month with the reason it
        does or does not earn. Commission, VAT and totals are formulas over visible cells.

    Examples
    --------
    >>> import collectkit as ck
    >>> june = ck.agencies.commission_statement(ck.load_sample("demo"), ck.load_policy(), "Anxin", period="2025-06")
    >>> statement_workbook(june)[:2]
    b'PK'
    """
    lines = in_words(statement.lines, language=language)
    is_rated = statement.lines["kind"].isin(_RATED)
    totals, rated, fees, cash = _SHEETS[language]
    above = (_title(statement, language), _facts(statement, language))
    sheets = {
        totals: Sheet(
            in_words(statement.totals, language=language), above=above,
            formulas={
                "commission": "=" + "+".join(f"{{{kind}}}" for kind in KINDS),
                "closing": "={opening}+{commission}", "payable": "={commission}+{vat}",
            },
        ),
        rated: Sheet(
            lines[is_rated], formulas={"commission": _COMMISSION, "vat": _VAT}, above=above,
            totals=("commissionable", "commission", "vat"),
        ),
        fees: Sheet(
            lines[~is_rated][["kind", "placement_id", "loan_id", "value_date", "commission", "vat", "reason"]],
            totals=("commission", "vat"), above=above,
        ),
        cash: Sheet(in_words(statement_cash(statement), language=language), totals=("amount",), above=above),
    }  # fmt: skip
    return workbook(sheets, language=language)


def statement_csv(statement: Statement) -> bytes:
    """The lines of a statement as CSV, under our own column names, for another program to read.

    Parameters
    ----------
    statement : Statement

    Examples
    --------
    >>> import collectkit as ck
    >>> june = ck.agencies.commission_statement(ck.load_sample("demo"), ck.load_policy(), "Anxin", period="2025-06")
    >>> statement_csv(june).decode("utf-8-sig")[:22]
    'period,agency,tariff,t'
    """
    file = io.BytesIO()
    to_csv(statement.lines, file)
    return file.getvalue()


def statement_page(statement: Statement, *, language: str = "en") -> str:
    """A statement as a page to print, with both readings of the tariff; `collectkit.printing.pdf` makes it a PDF.

    Parameters
    ----------
    statement : Statement
    language : {"en", "zh"}

    Examples
    --------
    >>> import collectkit as ck
    >>> june = ck.agencies.commission_statement(ck.load_sample("demo"), ck.load_policy(), "Anxin", period="2025-06")
    >>> "Commission statement" in statement_page(june)
    True
    """
    lines = in_words(statement.lines, language=language)[_PRINTED]
    idle = [kind for kind in KINDS if not statement.totals[kind].any()]
    return documents.render(
        "statement", language=language, title=_title(statement, language), statement=statement,
        totals=in_words(statement.totals, language=language).drop(columns=["collected", *idle]),
        lines=lines.head(MOST_PRINTED),
        left_out=max(len(lines) - MOST_PRINTED, 0), first=statement.last_date.replace(day=1),
        sums=statement.totals.iloc[0],
    )  # fmt: skip


def _title(statement: Statement, language: str) -> str:
    return f"{_TITLES[language]} {statement.agency} {statement.period}"


def _facts(statement: Statement, language: str) -> str:
    words = in_words(pd.DataFrame({"tariff": [statement.tariff]}), language=language)["tariff"][0]
    close = f"{statement.last_date:%Y-%m-%d}"
    if language == "zh":
        return f"币种 {statement.policy.currency}；规则 {statement.policy.name}；结算口径 {words}；按 {close} 已知数据"
    return f"{statement.policy.currency}; policy {statement.policy.name}; settled {words}; as known on {close}"
