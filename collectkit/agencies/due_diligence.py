"""The form with which a lender looks at an agency before it entrusts anything to it, and once a year after."""

from __future__ import annotations

from collectkit import documents
from collectkit.policy import Policy


def due_diligence_form(policy: Policy, agency: str = "", *, language: str = "en") -> str:
    """The due-diligence form of an agency, to fill in and sign.

    Parameters
    ----------
    policy : Policy
        Its tariffs for the agency are shown, every reading.
    agency : str, optional
        Name to print; empty leaves a line to fill in.
    language : {"en", "zh"}

    Returns
    -------
    str
        A page to print; `collectkit.printing.pdf` makes it a PDF. Every question names its source.

    Examples
    --------
    >>> from collectkit.policy import load_policy
    >>> "sub-contract" in due_diligence_form(load_policy(), "Anxin")
    True
    """
    tariffs = [tariff for tariff in policy.tariffs if tariff.agency in (agency, "*")]
    return documents.render("due_diligence", language=language, agency=agency, policy=policy, tariffs=tariffs)
