"""Documents of a case: choose one, see it, take it as PDF, Word or page; one that fails the checks is not written."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import panel as pn
import panel_material_ui as pmui

from collectkit import casework
from collectkit.errors import CollectkitError
from collectkit.refusals import refusal_in
from dashboards import casefile, parts, shared
from dashboards.cards import Card, Nothing
from dashboards.downloads import HTML
from dashboards.fields import choice
from dashboards.filters import switch
from dashboards.rights import MANAGER
from dashboards.words import N_, safe

if TYPE_CHECKING:
    from dashboards.session import Session

_NAMES = {
    "demand_letter": N_("Demand letter"),
    "overdue_notice": N_("Notice of overdue payment"),
    "overdue_sms": N_("Overdue message"),
    "reminder": N_("Reminder of the due day"),
    "repayment_plan": N_("Repayment plan"),
    "call_script": N_("Call script"),
    "visit_record": N_("Visit record"),
    "handover_record": N_("Hand-over record"),
    "closure_record": N_("Closing record"),
    "evidence_list": N_("List of evidence"),
}
_LANGUAGES = {"zh": N_("Document in Chinese"), "en": N_("Document in English")}
FIELDS = (choice("document", _NAMES), choice("document_language", _LANGUAGES))
"""What a document keeps in the address."""
_FOLLOWS = (*(field.name for field in FIELDS), "plan", "plan_months")
_PDF, _WORD = "pdf", "docx"
_DEFINITION = N_(
    "Figures are those of the ledger at the end of the day. The text is checked: required fields, no rude words, no "
    "threat, no debt data to third parties; what fails is not written. Names are masked. The sender is set by the "
    "environment variable COLLECTKIT_SENDER."
)


def card(session: Session, loan_id: str) -> pn.Column:
    """Choice, preview and downloads."""
    words = session.words
    options = {words.text(text): kind for kind, text in _NAMES.items()}
    kind = pmui.Select(label=words.text("Kind of document"), options=options, value=session.document, size="small",
                       width=260, margin=(8, 0, 0, 0), sx={"height": "40px"})  # fmt: skip
    kind.param.watch(lambda event: session.param.update(document=event.new), "value")
    session.on_change(lambda event: kind.param.update(value=event.new), "document")
    controls = pn.Row(kind, switch(session, "document_language", _LANGUAGES, words.text("Language of the document")),
                      margin=(8, 0, 0, 0),
                      styles={"flex-wrap": "wrap", "gap": "8px 16px", "align-items": "flex-end"})  # fmt: skip
    made = _DocumentCard(session, words.text("Documents"), partial(_written, session, loan_id), "document")
    return made.card(_FOLLOWS, [controls], {})


def _written(session: Session, loan_id: str) -> Any:
    """The document, or why it may not be written."""
    key = session.loaded
    try:
        plan = None
        if session.document == "repayment_plan":
            plan = casefile.plan(key, loan_id, session.plan, int(session.plan_months))
            if isinstance(plan, CollectkitError):
                return Nothing(refusal_in(str(plan), session.lang))
        return casework.document(
            shared.portfolio(key.portfolio), shared.policy(key.policy), loan_id, kind=session.document,
            as_of=key.as_of.isoformat(), sender=casefile.sender(), language=session.document_language, plan=plan,
        )  # fmt: skip
    except CollectkitError as error:
        return Nothing(refusal_in(str(error), session.lang))


class _DocumentCard(Card):
    """A card that shows a document in a frame of its own, where nothing can run."""

    document: Any = None
    role = MANAGER

    def made(self, drawn: Any) -> Any:
        """The document in its frame."""
        if not isinstance(drawn, casework.Document):
            return super().made(drawn)
        words = self.session.words
        self.document, self.name = drawn, drawn.kind
        name = words.text(_NAMES[drawn.kind])
        self.head("", [words.text(_DEFINITION)], (_PDF, _WORD, HTML))
        frame = (
            f'<iframe sandbox="" title="{safe(name)}" srcdoc="{safe(drawn.html)}" '
            'style="width:100%;height:560px;border:1px solid var(--mui-palette-divider);background:#fff"></iframe>'
        )
        return parts.markup(frame)

    def file(self, ending: str) -> bytes:
        """The document as the kind of file that is asked for."""
        if ending == _PDF:
            return bytes(self.document.pdf())
        return bytes(self.document.word()) if ending == _WORD else self.document.html.encode("utf-8")
