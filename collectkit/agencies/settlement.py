"""Settlement of a month: the statements of all agencies side by side, where the cash went, and whether it all ties."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from collectkit.agencies.agency_file import read_agency_file
from collectkit.agencies.exports import statement_cash
from collectkit.agencies.reconciliation import reconcile
from collectkit.agencies.statement import Statement, commission_statement
from collectkit.errors import CallError, unknown_name
from collectkit.files import Source
from collectkit.money import to_cents
from collectkit.policy import Policy
from collectkit.portfolio import Portfolio

_SUMS = ["agency", "kind", "band", "rate"]
_MONEY = ["commissionable", "commission", "vat"]


@dataclass(frozen=True)
class Settlement:
    """What is settled with agencies for a month.

    Attributes
    ----------
    statements : tuple of Statement
        One per agency.
    totals : DataFrame
        One row per agency and reading of the tariff: agency, period, and the columns of ``Statement.totals``.
    sums : DataFrame
        One row per agency, kind, band and rate, and a last row ``total``: agency, kind, band, rate [fraction], lines
        [count], commissionable, commission, vat [currency]; of the reading that is settled.
    clawbacks : DataFrame
        Lines that are taken back.
    cash : DataFrame
        One row per agency and reason, what earns first: agency, is_commissionable, reason, payments [count], amount
        [currency].
    ties : DataFrame
        What must be equal, one row per agency and tie: agency, tie, one_side, other_side, apart [currency].
    """

    statements: tuple[Statement, ...]
    totals: pd.DataFrame
    sums: pd.DataFrame
    clawbacks: pd.DataFrame
    cash: pd.DataFrame
    ties: pd.DataFrame

    def reconciled(self, agency_file: Source | None) -> pd.DataFrame:
        """The agency's own file beside its statement, as `reconcile` gives it; without a file, no rows.

        Raises
        ------
        CallError
            There are several agencies: it is not known whose file this is.
        """
        if not agency_file:
            return reconcile(self.statements[0], self.statements[0].lines[:0]).iloc[:0]
        if len(self.statements) > 1:
            raise CallError("A file can be compared with one agency only. Say whose it is: `agency`.")
        return reconcile(self.statements[0], read_agency_file(agency_file)[0])


def settlement(
    portfolio: Portfolio, policy: Policy, *, period: str, agency: str | None = None, tariff: str | None = None
) -> Settlement:
    """Statements of a month for one agency or all, with their sums, and every tie between them and the cash.

    Parameters
    ----------
    portfolio : Portfolio
    policy : Policy
    period : str
        A calendar month, as ``2025-06``.
    agency : str, optional
        Default: all.
    tariff : str, optional
        Reading of the tariff to settle by; default: the first of the policy.

    Raises
    ------
    CallError
        As for `commission_statement`; or no loan was ever placed.

    Notes
    -----
    Ties: the lines add up to the statement; opening + commission = closing; the opening is the closing of the month
    before, computed anew; every payment known at the close on loans the agency ever had has a reason; and the cash of
    the month that earns is the commissionable amount of its lines. The last one differs only where a tariff pays for
    the placement: then cash has no line.

    Examples
    --------
    >>> import collectkit as ck
    >>> june = settlement(ck.load_sample("demo"), ck.load_policy(), period="2025-06")
    >>> june.totals.agency.unique().tolist(), bool((june.ties.apart == 0).all())
    (['Anxin', 'Borui', 'Chengda'], True)
    """
    known = sorted(portfolio.placements["agency"].unique())
    if not known:
        raise CallError("No loan of this portfolio was ever placed: there is nothing to settle.")
    if agency and agency not in known:
        raise unknown_name("agency", agency, known)
    made, cash, ties = [], [], []
    for name in [agency] if agency else known:
        statement = commission_statement(portfolio, policy, name, period=period, tariff=tariff)
        before = f"{statement.last_date.replace(day=1) - pd.Timedelta(days=1):%Y-%m}"
        closed = commission_statement(portfolio, policy, name, period=before, tariff=tariff)
        made.append(statement)
        cash.append(_cash_of(statement))
        ties.append(_ties(statement, closed, cash[-1]))
    lines = pd.concat([statement.lines for statement in made], ignore_index=True)
    return Settlement(
        tuple(made),
        pd.concat([one.totals.assign(agency=one.agency, period=one.period) for one in made], ignore_index=True),
        _sums(lines),
        lines[lines["kind"] == "clawback"].reset_index(drop=True),
        _by_reason(pd.concat(cash, ignore_index=True)),
        pd.concat(ties, ignore_index=True),
    )


def _cash_of(statement: Statement) -> pd.DataFrame:
    """Cash of the month as this agency sees it: what came while another one had the loan is not its own."""
    cash = statement_cash(statement)
    is_others = cash["is_commissionable"] & (cash["agency"] != statement.agency)
    return cash.assign(
        agency=statement.agency, is_commissionable=cash["is_commissionable"] & ~is_others,
        reason=cash["reason"].astype("str").mask(is_others, "other_agency"),
    )  # fmt: skip


def _sums(lines: pd.DataFrame) -> pd.DataFrame:
    """Lines and money by agency, kind, band and rate, and in all."""
    cents = lines[_SUMS].assign(lines=1, **{name: to_cents(lines[name]) for name in _MONEY})
    found = cents.groupby(_SUMS, sort=True)[["lines", *_MONEY]].sum().reset_index()
    total = found[["lines", *_MONEY]].sum().to_frame().T.assign(agency="", kind="total", band="")
    found = pd.concat([found, total], ignore_index=True)[found.columns]
    return found.assign(**{name: found[name].astype("int64") / 100 for name in _MONEY}).astype({"lines": "int64"})


def _by_reason(cash: pd.DataFrame) -> pd.DataFrame:
    """Payments and money by agency and reason."""
    keys = ["agency", "is_commissionable", "reason"]
    groups = cash.assign(amount=to_cents(cash["amount"])).groupby(keys)
    found = groups.agg(payments=("payment_id", "nunique"), amount=("amount", "sum")).reset_index()
    found = found.sort_values(keys, ascending=[True, False, True], ignore_index=True)
    return found.assign(amount=found["amount"] / 100)


def _ties(statement: Statement, closed: Statement, cash: pd.DataFrame) -> pd.DataFrame:
    """What must be equal, and by how much it is not."""
    totals, before, lines = statement.totals.iloc[0], closed.totals.iloc[0], statement.lines
    close = statement.last_date
    paid = statement.portfolio.payments
    ever = statement.portfolio.placements.query("agency == @statement.agency")["loan_id"]
    posted = paid["posting_date"].fillna(paid["value_date"]) if "posting_date" in paid else paid["value_date"]
    of_month = paid["value_date"].between(close.replace(day=1), close) & (posted <= close)
    is_new = lines["payment_id"].notna() & (lines["value_date"] >= close.replace(day=1))
    pairs = {
        "lines_statement": (lines["commission"], totals[["commission"]]),
        "opening_closing": (totals[["opening", "commission"]], totals[["closing"]]),
        "month_before": (before[["closing"]], totals[["opening"]]),
        "cash_reasons": (paid["amount"][of_month & paid["loan_id"].isin(ever)], cash["amount"]),
        "cash_lines": (cash["amount"][cash["is_commissionable"]], lines["commissionable"][is_new]),
    }
    sums = {tie: [int(to_cents(side.astype("float64")).sum()) for side in sides] for tie, sides in pairs.items()}
    return pd.DataFrame(
        [(statement.agency, tie, one / 100, other / 100, (one - other) / 100) for tie, (one, other) in sums.items()],
        columns=["agency", "tie", "one_side", "other_side", "apart"],
    )
