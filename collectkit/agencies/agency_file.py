"""The file an agency sends: its own statement, under its own headers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from collectkit import cells
from collectkit._headers import matched_headers, proposed_column
from collectkit._mapped import mapped_table
from collectkit._origin import TableFrom
from collectkit.errors import CallError, listed
from collectkit.files import Source, read_frames
from collectkit.rules import checked

NEEDED = ("commissionable", "commission")
#: Other words for our columns in headers; those of the nomenclature count too.
_WORDS = {
    "payment_id": "流水号 还款流水号 交易流水号 交易号 paymentno transactionid",
    "loan_id": "贷款号 借据号 借据编号 合同号 合同编号 loan loanno accountno",
    "value_date": "还款日期 回款日期 到账日期 paymentdate paiddate date",
    "commissionable": "回款 回款金额 还款金额 到账金额 计佣回款 amount collected received paid",
    "rate": "佣金率 费率 佣金比例 佣金费率 commissionrate feerate",
    "commission": "佣金金额 应付佣金 委外费用 手续费 fee",
}


def read_agency_file(source: Source, *, columns: Mapping[str, Any] | None = None) -> tuple[pd.DataFrame, pd.DataFrame]:
    r"""The lines of an agency's own statement.

    Parameters
    ----------
    source : str or Path
        A CSV, Excel or Parquet file.
    columns : mapping, optional
        Our column to theirs, written as in a mapping file, e.g. ``{"commission": {"from": "Fee", "unit": "0.01"}}``;
        default: found by the headers. Ours are payment_id, loan_id, value_date, commissionable, rate and commission.

    Returns
    -------
    lines : DataFrame
        The columns that were found; the index is the row in the file as a person counts.
    problems : DataFrame
        A cell that cannot be read is missing in the lines and a problem here; totals at the end are left out.

    Raises
    ------
    CallError
        The file has no column for the amount or the commission.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "june.csv"
    >>> _ = file.write_text("流水号,回款金额,佣金率,佣金\nP1,100.00,7%,7.00\n合计,100.00,,7.00\n", encoding="utf-8")
    >>> read_agency_file(file)[0].to_dict("list")
    {'payment_id': ['P1'], 'commissionable': [100.0], 'rate': [0.07], 'commission': [7.0]}
    """
    frames = read_frames(source)
    words = {column: others.split() for column, others in _WORDS.items()}
    found = {name: matched_headers(words, map(str, frame.columns)) for name, frame in frames.items()}
    name = max(found, key=lambda sheet: len(found[sheet]))
    origins = {column: proposed_column(column, header, frames[name][header]) for column, header in found[name].items()}
    origins |= dict(columns or {})
    absent = [column for column in NEEDED if column not in origins]
    if absent:
        raise CallError(
            f"{name} has no column for {' and '.join(absent)} (it has {listed(frames[name].columns, most=12)}). "
            f'Name it, e.g. columns={{"{absent[0]}": "…"}}.'
        )
    table = checked(TableFrom, {"from": name, "columns": origins}, "the columns")
    return mapped_table("payments", name, frames[name], table, cells.MISSING_MARKS)
