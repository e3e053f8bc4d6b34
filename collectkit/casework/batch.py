"""A batch of letters: one archive, and an index with the hash of every file."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pandas as pd

from collectkit.casework._facts import Facts, Sender
from collectkit.casework.letters import Document, written
from collectkit.days import Date
from collectkit.errors import CallError, unknown_name
from collectkit.policy import Policy
from collectkit.portfolio import Portfolio
from collectkit.printing import pdfs
from collectkit.writing import to_csv

_ENDINGS = {"pdf": "pdf", "html": "html", "word": "docx"}
_AT_ONCE = 250  # letters per start of the browser: quick, and progress is seen
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same batch gives the same archive


def write_batch(
    portfolio: Portfolio,
    policy: Policy,
    loan_ids: Iterable[str],
    *,
    kind: str,
    as_of: Date,
    sender: Sender,
    target: str | Path,
    format: str = "pdf",
    language: str = "zh",
    is_personal: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Write one document for each of many loans into one archive.

    Parameters
    ----------
    portfolio : Portfolio
    policy : Policy
    loan_ids : iterable of str
    kind : str
        As in `document`.
    as_of : date
    sender : Sender
    target : path
        A new .zip file.
    format : {"pdf", "html", "word"}
    language : {"zh", "en"}
    is_personal : bool
        True writes names and addresses in full; they are masked otherwise.
    progress : callable, optional
        Called with the number done and the number in all.

    Returns
    -------
    DataFrame
        One row per loan, in the order given: loan_id, kind, as_of, file_name (missing where none was written), sha256,
        size [bytes], problem (why none was written). The archive holds it as index.csv.

    Raises
    ------
    CallError
        The target is there already, or a loan stands in the list twice.

    Notes
    -----
    A document that may not be written is told in the index and stops none of the others. PDFs are printed many at a
    time and cut apart.

    Examples
    --------
    >>> import tempfile, collectkit as ck
    >>> portfolio, policy = ck.load_sample("demo"), ck.load_policy()
    >>> loans = ck.overdue_loans(ck.assess(portfolio, policy, as_of="2025-06-30"), portfolio.loans).loan_id.head(3)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     index = write_batch(portfolio, policy, loans, kind="demand_letter", as_of="2025-06-30", format="html",
    ...                         sender=Sender("Example Lender", "400-000-0000", "App"), target=f"{folder}/letters.zip")
    >>> index.sha256.str.len().tolist()
    [64, 64, 64]
    """
    ids, path = list(loan_ids), Path(target)
    if format not in _ENDINGS:
        raise unknown_name("format", format, _ENDINGS)
    if len(set(ids)) < len(ids):
        raise CallError("A loan stands in the list more than once. Keep one of each.")
    if path.exists():
        raise CallError(f"{path} is there already. Name a new file.")
    facts = Facts.of(portfolio, policy, as_of, sender=sender, is_personal=is_personal)
    rows = []
    part = path.with_name(path.name + ".part")
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
            for first in range(0, len(ids), _AT_ONCE):
                some = [_tried(facts, loan, kind, language) for loan in ids[first : first + _AT_ONCE]]
                files = iter(_files([made for _, made, _ in some if made is not None], format))
                for loan, made, problem in some:
                    rows.append(
                        _stored(archive, next(files), made, format) if made else [loan, None, None, None, problem]
                    )
                if progress is not None:
                    progress(len(rows), len(ids))
            index = pd.DataFrame(rows, columns=["loan_id", "file_name", "sha256", "size", "problem"])
            index = index.astype(
                {"loan_id": "str", "file_name": "str", "sha256": "str", "size": "Int64", "problem": "str"}
            )
            index.insert(1, "kind", kind)
            index.insert(2, "as_of", facts.as_of)
            listed = io.BytesIO()
            to_csv(index, listed)
            archive.writestr(zipfile.ZipInfo("index.csv", _EPOCH), listed.getvalue())
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)
    return index


def _tried(facts: Facts, loan_id: str, kind: str, language: str) -> tuple[str, Document | None, str | None]:
    """The document of a loan, or why there is none."""
    try:
        return loan_id, written(facts, loan_id, kind=kind, language=language), None
    except CallError as error:
        return loan_id, None, str(error)


def _files(letters: Sequence[Document], format: str) -> list[bytes]:
    if format == "pdf":
        return pdfs([letter.html for letter in letters])
    return [letter.word() if format == "word" else letter.html.encode() for letter in letters]


def _stored(archive: zipfile.ZipFile, content: bytes, letter: Document, format: str) -> list[object]:
    """Put one file into the archive; its row of the index."""
    safe = "".join(sign if sign.isalnum() or sign in "-_" else "_" for sign in letter.loan_id)
    name = f"{letter.kind}_{safe}_{letter.as_of:%Y-%m-%d}.{_ENDINGS[format]}"
    if name in archive.NameToInfo:
        name = f"{hashlib.sha256(letter.loan_id.encode()).hexdigest()[:8]}_{name}"
    archive.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)
    return [letter.loan_id, name, hashlib.sha256(content).hexdigest(), len(content), None]
