"""Letters and records: every document of a case, its figures from the ledger, checked before it is written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from collectkit import documents
from collectkit.casework._facts import Facts, Sender
from collectkit.casework.lint import lint
from collectkit.casework.plans import Plan
from collectkit.days import Date
from collectkit.errors import CallError, PolicyError, unknown_name
from collectkit.policy import Policy
from collectkit.portfolio import Portfolio
from collectkit.printing import pdf
from collectkit.word_files import word

_FIGURES = ("principal", "interest", "penalty", "total")


@dataclass(frozen=True)
class Kind:
    """A kind of document: what must stand in it, and which case it is for."""

    required: tuple[str, ...]
    case: str  # "due_today", "overdue", "plan", or "" for any
    is_message: bool = True  # goes out to somebody; else it stays in the file


#: Every kind of document, by name.
KINDS: dict[str, Kind] = {
    "reminder": Kind(("name", "loan", "due_date", "amount", "phone"), "due_today"),
    "overdue_sms": Kind(("name", "loan", "due_date", "days", *_FIGURES, "how_to_pay", "phone"), "overdue"),
    "call_script": Kind(("name", "loan", "days", "total", "phone"), "overdue"),
    "overdue_notice": Kind(("name", "loan", "due_date", "days", *_FIGURES, "rule", "how_to_pay", "phone"), "overdue"),
    "repayment_plan": Kind(("name", "loan", "total", "start_date", "end_date", "how_to_pay", "phone"), "plan"),
    "demand_letter": Kind(("name", "loan", *_FIGURES, "deadline", "how_to_pay", "phone"), "overdue"),
    "visit_record": Kind(("name", "loan", "days", "total"), "overdue", is_message=False),
    "handover_record": Kind(("loan", "days", "total"), "", is_message=False),
    "closure_record": Kind(("loan", "status", "paid"), "", is_message=False),
    "evidence_list": Kind(("loan", "days", "principal", "interest", "penalty", "total"), "overdue", is_message=False),
}


@dataclass(frozen=True)
class Document:
    """One document of a case, dated; `text` is what it says, `html` how it looks."""

    kind: str
    loan_id: str
    as_of: pd.Timestamp
    language: str
    text: str
    html: str
    fields: Mapping[str, str] = field(repr=False)

    def pdf(self) -> bytes:
        """The document as PDF; see `collectkit.printing.pdf`."""
        return pdf(self.html)

    def word(self) -> bytes:
        """The document as a Word file; see `collectkit.word_files.word`."""
        return word(self.html)


def document(
    portfolio: Portfolio,
    policy: Policy,
    loan_id: str,
    *,
    kind: str,
    as_of: Date,
    sender: Sender,
    language: str = "zh",
    party: str = "debtor",
    plan: Plan | None = None,
    text: str | None = None,
    is_personal: bool = False,
) -> Document:
    """A document of one case; it is checked first, and one that fails is not written.

    Parameters
    ----------
    portfolio : Portfolio
    policy : Policy
    loan_id : str
    kind : str
        ``reminder``, ``overdue_sms``, ``call_script``, ``overdue_notice`` (逾期告知书), ``repayment_plan``
        (还款计划书), ``demand_letter`` (催款函), ``visit_record``, ``handover_record``, ``closure_record``,
        ``evidence_list``.
    as_of : date
        The figures are those of the end of this day.
    sender : Sender
        Who writes: name, phone, how to pay.
    language : {"zh", "en"}
    party : {"debtor", "guarantor", "contact_person"}
        To whom it goes.
    plan : Plan, optional
        For a repayment plan; from `propose_plan`.
    text : str, optional
        Your own words in place of the template, with ``{{ fields.total }}`` and the like; checked in the same way.
    is_personal : bool
        True writes names, phones and addresses in full; they are masked otherwise.

    Returns
    -------
    Document

    Raises
    ------
    CallError
        The document may not be written; the message names every problem. Or the kind does not fit the case.
    PolicyError
        The policy has no wording yet on the day.

    Notes
    -----
    No fee for collecting is ever added: the commission of an agency is the lender's cost.

    References
    ----------
    Fields: source manuals 001, 四 and 004, 一-二; 商业银行信用卡业务监督管理办法 art. 69 (name, balance,
    reason and rule, rights, how to object, contact, seal).

    Examples
    --------
    >>> import collectkit as ck
    >>> portfolio, policy = ck.load_sample("demo"), ck.load_policy()
    >>> loan = ck.overdue_loans(ck.assess(portfolio, policy, as_of="2025-06-30"), portfolio.loans).loan_id[0]
    >>> letter = document(portfolio, policy, loan, kind="demand_letter", as_of="2025-06-30",
    ...                   sender=Sender("Example Lender", "400-000-0000", "App, or transfer to the account"))
    >>> "催款函" in letter.text
    True
    """
    facts = Facts.of(portfolio, policy, as_of, sender=sender, is_personal=is_personal)
    return written(facts, loan_id, kind=kind, language=language, party=party, plan=plan, text=text)


def written(
    facts: Facts, loan_id: str, *, kind: str, language: str = "zh", party: str = "debtor", plan: Plan | None = None,
    text: str | None = None,
) -> Document:  # fmt: skip
    """A document from facts that were gathered once for many; as `document`."""
    if kind not in KINDS:
        raise unknown_name("kind of document", kind, KINDS)
    of_kind = KINDS[kind]
    values = facts.values(loan_id, language, kind, plan)
    fields = values["fields"]
    _check_case(of_kind, fields, loan_id, facts, plan)
    if text is not None:
        body = documents.render_text(text, **values)
        html = documents.render("letters/own", language=language, title=fields["loan"], body=body)
    else:
        body = documents.render(f"letters/{kind}", language=language, **values)
        is_text = "<html" not in body
        html = documents.render("letters/own", language=language, title=fields["loan"], body=body) if is_text else body
    said = body.strip() if "<html" not in body else _plain(body)
    problems = _problems(facts, of_kind, said, fields, kind, party)
    if problems:
        raise CallError(f"The {kind} for {loan_id} was not written: {'; '.join(problems)}.")
    return Document(kind, loan_id, facts.as_of, language, said, html, fields)


def _check_case(kind: Kind, fields: Mapping[str, str], loan_id: str, facts: Facts, plan: Plan | None) -> None:
    """The kind fits the case."""
    wants = {"overdue": fields["is_overdue"], "due_today": fields["is_due_today"], "plan": "yes" if plan else ""}
    if kind.case and not wants[kind.case]:
        says = {
            "overdue": f"Loan {loan_id} is not overdue on {facts.as_of:%Y-%m-%d}.",
            "due_today": f"Loan {loan_id} has nothing due and unpaid on {facts.as_of:%Y-%m-%d}, or is overdue already.",
            "plan": "Pass `plan`, from `propose_plan`.",
        }
        raise CallError(says[kind.case])
    if plan is not None and (plan.loan_id, plan.as_of) != (loan_id, facts.as_of):
        raise CallError(f"The plan is for {plan.loan_id} on {plan.as_of:%Y-%m-%d}. Propose one for this loan and day.")


def _problems(facts: Facts, of_kind: Kind, said: str, fields: Mapping[str, str], kind: str, party: str) -> list[str]:
    wording = facts.policy.wording_on(facts.as_of)
    if wording is None:
        raise PolicyError(f"Policy {facts.policy.name} has no [[wording]] on {facts.as_of:%Y-%m-%d}; add it.")
    problems = lint(said, fields=fields, required=of_kind.required, wording=wording, debt_words=facts.debt_words,
                    is_reminder=kind == "reminder", party=party)  # fmt: skip
    if party == "contact_person" and of_kind.is_message and not problems:
        problems.append("debt data to a third party: this document speaks of the debt")
    return problems


def _plain(html: str) -> str:
    """What a page says, without its markup."""
    from markupsafe import Markup

    body = re.sub(r"(?s)<(style|script|title).*?</\1>", "", html)
    return Markup(re.sub(r"</(p|h1|h2|li|td|th|tr)>|<br>", r"\n", body)).striptags()
