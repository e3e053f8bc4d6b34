"""The agency's own figures beside ours: a file is read, compared line by line, and forgotten with the session."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import panel as pn
import panel_material_ui as pmui

from collectkit import agencies
from collectkit.errors import CollectkitError
from collectkit.problems import problems_in
from dashboards import parts, placed
from dashboards.cards import table_card
from dashboards.contents import Later, Listed, Nothing
from dashboards.guard import error_card
from dashboards.loading import in_background
from dashboards.pages import agencies_statement
from dashboards.pages.data_upload import BOOK_KINDS, FLAT_KINDS, MOST_BYTES, safe_name
from dashboards.words import N_

if TYPE_CHECKING:
    import pandas as pd

    from dashboards.session import Session

_TOLD = (
    N_("Lines are matched by payment number, else one to one by loan, amount and a date at most 3 days apart. "
       "The totals are those of our statement and of the agency's file, to the cent."),
    N_("Not in our ledger: we know of no such payment. Not in the agency's file: we owe it, they do not claim "
       "it. Outside the placement: the money came before the hand-over, or while another or no agency had the "
       "loan."),
)  # fmt: skip
_ABOUT = N_(
    "CSV, Excel or Parquet, up to {most} MB. It is compared with the statement chosen above and forgotten when you "
    "close the page."
)
_SHOWN = [
    "outcome", "why", "row", "payment_id", "loan_id", "value_date", "claimed_date", "commissionable", "claimed_amount",
    "rate", "claimed_rate", "commission", "claimed_commission", "over_claimed",
]  # fmt: skip
_MEGABYTE = 1024**2


class Claims:
    """What a session has uploaded."""

    def __init__(self) -> None:
        self.name = ""
        self.lines: pd.DataFrame | None = None
        self.problems: pd.DataFrame | None = None
        self.trouble = ""
        self._compared: tuple[Any, pd.DataFrame] | None = None

    def compared(self, wanted: tuple[Any, ...]) -> pd.DataFrame:
        """Both sides beside each other; kept until another file or another statement is asked for."""
        if self._compared is None or self._compared[0] != wanted:
            self._compared = (wanted, agencies.reconcile(placed.statement(*wanted), self.lines))
        return self._compared[1]

    def take(self, name: str, content: bytes) -> None:
        """Read a file; what stood there before is forgotten."""
        self.name, self.lines, self.problems, self.trouble, self._compared = name, None, None, "", None
        try:
            with tempfile.TemporaryDirectory(prefix="collectkit-") as folder:
                path = Path(folder) / safe_name(name)
                path.write_bytes(content)
                lines, problems = agencies.read_agency_file(path)
        except CollectkitError as error:
            self.trouble = str(error)
            return
        self.problems = problems[problems["severity"] == "error"]
        self.lines = lines if self.problems.empty else None


_claims: WeakKeyDictionary[Session, Claims] = WeakKeyDictionary()


def claims_of(session: Session) -> Claims:
    """What this session has uploaded."""
    return _claims.setdefault(session, Claims())


def card(session: Session) -> pn.Column:
    """Field for the agency's file, totals by outcome, and every line."""
    words, claims = session.words, claims_of(session)
    field = pmui.FileInput(
        label=words.text("Drop the agency's file here, or choose it"),
        uploaded_label=words.text("Drop another file here, or choose it"), accept=",".join((*FLAT_KINDS, *BOOK_KINDS)),
        max_file_size=MOST_BYTES, variant="outlined", sizing_mode="stretch_width", margin=(12, 0),
        sx={"minHeight": "72px", "borderStyle": "dashed !important", "textTransform": "none"},
    )  # fmt: skip
    state = pn.Column(parts.markup(state_of(session, claims)), sizing_mode="stretch_width", margin=0)
    follows = ("agency", "statement_month")
    table = table_card(
        session, words.text("The agency's figures beside ours"), lambda: _lines(session, claims), name="reconciliation",
        follows=follows, controls=[field, state], on_row=lambda row: _open(session, row),
        columns=lambda shown: agencies_statement.columns(shown, words, "outcome"),
        basis=760, share=2,
    )  # fmt: skip
    sums = table_card(
        session, words.text("Differences by kind"), lambda: _totals(session, claims), name="reconciliation-totals",
        follows=follows, basis=380,
    )  # fmt: skip

    def read(event: Any) -> None:
        if event.new:
            name, content = str(field.filename), event.new
            field.clear()
            state.objects = [parts.progress(words.text("Reading “{file}” …", file=name))]
            in_background(partial(claims.take, name, content), arrived)

    def arrived(failure: Exception | None) -> None:
        state.objects = [error_card(failure, words) if failure else parts.markup(state_of(session, claims))]
        session.param.trigger("statement_month")  # both cards look at the file anew

    field.param.watch(read, "value")
    return parts.side_by_side(table, sums)


def state_of(session: Session, claims: Claims) -> str:
    """What was read, or why it was not."""
    words = session.words
    if claims.trouble:
        return parts.message(words.text("“{file}” was not read", file=claims.name), claims.trouble, is_problem=True)
    if claims.problems is not None and len(claims.problems):
        first = problems_in(claims.problems, session.lang).iloc[0]
        count = words.plural("{count} cell cannot be read", "{count} cells cannot be read", len(claims.problems))
        text = words.text("Row {row}: {problem}: {value}. {what_to_do}", row=first["row"], problem=first["problem"],
                          value=first["value"], what_to_do=first["what_to_do"])  # fmt: skip
        return parts.message(f"{claims.name}: {count}", text, is_problem=True)
    if claims.lines is not None:
        return parts.facts({words.text("Read"): claims.name})
    most = words.number(MOST_BYTES // _MEGABYTE)
    return parts.status(words.text(_ABOUT, most=most))


def _compared(session: Session, claims: Claims) -> pd.DataFrame | Nothing | Later:
    """Both sides beside each other, for the statement that is chosen."""
    wanted = placed.asked(session)
    if claims.lines is None:
        return Nothing(session.words.text("Every line of the file and of our statement will stand here."))
    if not placed.statement.is_there(*wanted):
        return Later(placed.statement, wanted)
    return claims.compared(wanted)


def _lines(session: Session, claims: Claims) -> Listed | Nothing | Later:
    found = _compared(session, claims)
    if isinstance(found, Nothing | Later):
        return found
    words = session.words
    sub = words.text("{lines}, differences first. Select one to open the loan.",
                     lines=words.plural("{count} line", "{count} lines", len(found)))  # fmt: skip
    return Listed(agencies.in_words(found, language=session.lang)[_SHOWN], sub, [words.text(text) for text in _TOLD])


def _totals(session: Session, claims: Claims) -> Listed | Nothing | Later:
    found = _compared(session, claims)
    if isinstance(found, Nothing | Later):
        return found
    sums = agencies.in_words(agencies.reconciliation_totals(found), language=session.lang)
    return Listed(sums, "", [session.words.text(text) for text in _TOLD])


def _open(session: Session, row: pd.Series) -> None:
    """Open the loan of a row, if it names one of ours."""
    if isinstance(row["loan_id"], str):
        session.param.update(loan=row["loan_id"])
