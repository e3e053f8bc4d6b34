"""Data: what came in, and is it right? Files are read, mapped, checked and taken into the workspace."""

from __future__ import annotations

import asyncio
import io
import logging
import traceback
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import panel as pn
import panel_material_ui as pmui
from bokeh.models.widgets.tables import DateFormatter, NumberFormatter

from collectkit.columns import TABLES, label
from collectkit.errors import CollectkitError
from dashboards import parts, shared
from dashboards.guard import guarded
from dashboards.pages.data_upload import BOOK_KINDS, FLAT_KINDS, MOST_BYTES, MOST_BYTES_TOGETHER, Trouble, upload_of
from dashboards.words import N_, safe

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from collectkit.register import ImportReport
    from dashboards.pages.data_upload import Found
    from dashboards.session import Session

_log = logging.getLogger("dashboards")
_TITLES = {
    "table": N_("Table"), "row": N_("Row"), "column": N_("Column"), "problem": N_("Problem"), "value": N_("Value"),
    "severity": N_("Severity"), "what_to_do": N_("What to do"), "import_id": N_("Import"), "file_name": N_("Files"),
    "imported_at": N_("Imported at"), "imported_by": N_("Imported by"), "rows_in": N_("Rows in"),
    "accepted": N_("New"), "already_there": N_("Already there"), "changed": N_("Changed"),
    "quarantined": N_("In quarantine"), "sha256": N_("SHA-256 of the files"),
}  # fmt: skip
_SEVERITIES = {"error": N_("error"), "warning": N_("warning")}
_COUNTS = ("rows_in", "accepted", "already_there", "changed", "quarantined")
_REGISTERED = ("import_id", "imported_at", "file_name", "imported_by", *_COUNTS, "sha256")
_DEFINITIONS = {
    "rows": N_("Rows of the tables that were found in the files, without rows that are empty all over."),
    "errors": N_("What must be put right: a row with an error is kept out of the book when the files are taken in."),
    "warnings": N_("What should be looked at: a row with a warning is taken in."),
}
_EXAMPLES = (
    'principal = { from = "贷款金额", unit = "10000" }',
    'annual_rate = { from = "年利率", percent = true }',
    'due_date = { from = "应还日", formats = ["%d/%m/%Y"] }',
)
_DROP_SX = {"minHeight": "88px", "borderStyle": "dashed !important", "textTransform": "none", "fontSize": "16px"}
_TEXT_SX = {"& textarea": {"fontFamily": "ui-monospace, Menlo, Consolas, monospace", "fontSize": "13px"}}
_BUTTON_SX = {"textTransform": "none"}
_MEGABYTE = 1024**2


def page(session: Session) -> pn.Column:
    """Files, mapping, checks and imports, each in a card of its own that is there once it has something to say."""
    return _Data(session).body


class _Data:
    """The page of one session; what was uploaded stands in its `Upload`."""

    def __init__(self, session: Session) -> None:
        self.words, self.upload = session.words, upload_of(session)
        text = self.words.text
        self.files = pmui.FileInput(
            label=text("Drop files here, or choose them"),
            uploaded_label=text("Drop other files here, or choose them"),
            accept=",".join((*FLAT_KINDS, *BOOK_KINDS)),
            multiple=True,
            max_file_size=MOST_BYTES,
            max_total_file_size=MOST_BYTES_TOGETHER,
            variant="outlined",
            sizing_mode="stretch_width",
            margin=(12, 0),
            sx=_DROP_SX,
        )
        self.mapping = pmui.TextAreaInput(
            label=text("Mapping (TOML)"), rows=14, max_length=1_000_000, sizing_mode="stretch_width",
            margin=(12, 0, 8, 0), sx=_TEXT_SX,
        )  # fmt: skip
        self.check = pmui.Button(label=text("Check"), color="primary", margin=0, sx=_BUTTON_SX)
        self.by = pmui.TextInput(label=text("Imported by"), size="small", width=220, max_length=100, margin=0)
        self.take_in = pmui.Button(label=text("Take in"), color="primary", margin=0, sx=_BUTTON_SX)
        self.progress = pmui.LinearProgress(variant="indeterminate", sizing_mode="stretch_width", margin=0)
        self.body = pn.Column(sizing_mode="stretch_width", margin=0, styles={"gap": "16px"})
        self.files.param.watch(self._take, "value")
        self.mapping.param.watch(self._keep_mapping, "value")
        self.check.on_click(self._check)
        self.take_in.on_click(self._import)
        self.upload.watch(self.show)
        self.show()

    def show(self) -> None:
        """Bring every card up to date."""
        upload = self.upload
        for control in (self.files, self.check, self.take_in):
            control.disabled = bool(upload.busy)
        self.mapping.value = upload.mapping_text
        cards = [self._files_card()]
        if upload.needs_mapping:
            cards.append(self._mapping_card())
        if (found := upload.found) is not None:
            cards.append(guarded(lambda: self._checks_card(found), self.words))
        cards.append(guarded(self._imports_card, self.words))
        self.body.objects = cards

    async def _take(self, event: Any) -> None:
        """Read the files that came."""
        if event.new:
            names = self.files.filename if isinstance(self.files.filename, list) else [self.files.filename]
            contents = event.new if isinstance(event.new, list) else [event.new]
            files = list(zip(names, contents, strict=True))
            self.files.clear()
            await self._run("files", (N_("Reading and checking the files …"), lambda _: self.upload.take(files)))

    async def _check(self, _: Any) -> None:
        """Check with the mapping as it stands in the field."""
        text = self.mapping.value
        await self._run("mapping", (N_("Checking with this mapping …"), lambda _: self.upload.check(text)))

    async def _import(self, _: Any) -> None:
        """Take the files into the workspace."""
        workspace, by = shared.workspace(), self.by.value.strip()
        if workspace is None or self.upload.found is None:
            return
        if not by:
            self._tell_trouble(Trouble("import", self.words.text("Enter who imports the files.")))
            return
        await self._run(
            "import",
            (N_("Reading the files …"), lambda _: self.upload.read()),
            (N_("Taking in …"), lambda read: self.upload.take_in(read, workspace, by)),
        )

    async def _run(self, step: str, *works: tuple[str, Callable[[Any], Any]]) -> None:
        """Work in a thread, so that other readers are not kept waiting; say what is being done, or what failed."""
        upload = self.upload
        if upload.busy:
            return
        upload.trouble, trouble, result = None, None, None
        try:
            for text, work in works:
                upload.busy = text
                upload.tell()
                result = await asyncio.to_thread(work, result)
        except CollectkitError as error:
            trouble = Trouble(step, str(error))
        except Exception as error:
            # The message may hold data of customers, so the log has the place only.
            number, place = uuid4().hex[:8], "".join(traceback.format_tb(error.__traceback__))
            _log.error("upload failed, number %s: %s\n%s", number, type(error).__name__, place)
            trouble = Trouble(step, number=number)
        finally:
            upload.busy = ""
        self._tell_trouble(trouble)

    def _tell_trouble(self, trouble: Trouble | None) -> None:
        """Show what went wrong, if anything did."""
        self.upload.trouble = trouble
        self.upload.tell()

    def _keep_mapping(self, event: Any) -> None:
        """Keep the edits when the page is built anew."""
        self.upload.mapping_text = event.new

    def _state(self, step: str) -> list[Any]:
        """What a card says of its step: that it is running, or why it failed."""
        upload, text = self.upload, self.words.text
        trouble = upload.trouble
        if trouble is None or trouble.step != step:
            return []
        shown = trouble.text or text(
            "Something unforeseen happened. The server's log has the details under number {number}.",
            number=trouble.number,
        )
        return [_message(text("This did not work"), shown, is_problem=True)]

    def _files_card(self) -> pn.Column:
        """Field for files, what came, and why a file was not read."""
        upload, words = self.upload, self.words
        sub = words.text(
            "CSV, Excel or Parquet, several at once, up to {most} MB each. They stay on this server in a private "
            "folder and are removed when you close the page.",
            most=words.number(MOST_BYTES // _MEGABYTE),
        )
        content: list[Any] = [parts.heading(words.text("Files"), sub), self.files]
        if upload.busy:
            content.append(pn.Column(parts.heading("", words.text(upload.busy)), self.progress, margin=(0, 0, 8, 0)))
        for name, why in upload.refused:
            content.append(_message(words.text("“{file}” was not read", file=name), why, is_problem=True))
        content += self._state("files")
        if upload.paths:
            names = ", ".join(path.name for path in upload.paths)
            content.append(parts.markup(parts.facts({words.text("Read"): names})))
        elif not upload.busy and not upload.refused:
            content.append(
                _message(
                    words.text("No files yet"),
                    words.text("Their tables, every problem with its row, and what to do about it will stand here."),
                )
            )
        return parts.card(*content)

    def _mapping_card(self) -> pn.Column:
        """The proposed mapping, to be edited and tried."""
        words, upload = self.words, self.upload
        sub = words.text(
            "The tables have other names than ours, so say where each column comes from: our name = the name in the "
            "file. This is a proposal; lines after # say what it is unsure of. Correct it, then check."
        )
        more = words.text("Units, percentages and dates are written like this:")
        examples = parts.markup(f'<p class="sub">{safe(more)}<br><code>{"<br>".join(map(safe, _EXAMPLES))}</code></p>')
        content: list[Any] = [parts.heading(words.text("Mapping"), sub), examples]
        if upload.mapping_note:
            content.append(_message(words.text("No mapping could be proposed"), upload.mapping_note, is_problem=True))
        return parts.card(*content, self.mapping, self.check, *self._state("mapping"))

    def _checks_card(self, found: Found) -> pn.Column:
        """Counts and the table of problems."""
        words = self.words
        rows = {_table_name(name, words): words.number(count) for name, count in found.rows.items()}
        counts = {"rows": sum(found.rows.values()), "errors": found.errors, "warnings": found.warnings}
        content: list[Any] = [
            parts.markup(parts.tiles([self._tile(name, count) for name, count in counts.items()], words)),
            parts.markup(parts.facts(rows), margin=(0, 0, 12, 0)),
        ]
        if found.unused:
            text = words.text("Nothing is taken from these tables: {names}.", names=", ".join(found.unused))
            content.append(_message(words.text("Part of the files is not used"), text, is_problem=True))
        if len(found.problems):
            content += self._problems(found.problems)
        else:
            content.append(
                _message(words.text("No problems found"), words.text("Every row of these files passes the checks."))
            )
        return parts.card(parts.heading(words.text("Checks"), margin=(0, 0, 8, 0)), *content)

    def _tile(self, name: str, count: int) -> parts.Tile:
        """One count."""
        text = self.words.text
        names = {"rows": text("Rows"), "errors": text("Errors"), "warnings": text("Warnings")}
        full = self.words.number(count)
        return parts.Tile(names[name], self.words.short(count), full, "", "", text(_DEFINITIONS[name]))

    def _problems(self, problems: pd.DataFrame) -> list[Any]:
        """Table of the problems with its download."""
        words = self.words
        shown = _in_words(problems, words)
        filters = parts.header_filters(shown, words)
        filters["row"] = {"type": "number", "func": ">=", "placeholder": "≥"}
        table = parts.table(
            shown, words, page_size=10, titles=_titles(shown, words), header_filters=filters,
            formatters={
                "row": NumberFormatter(format="0,0", nan_format="", null_format=""),
                "problem": {"type": "textarea"}, "what_to_do": {"type": "textarea"},
            },
            text_align={"row": "right"},
            widths={"problem": 260, "value": 160, "what_to_do": 380},
        )  # fmt: skip
        download = parts.csv_download(words, "problems.csv", lambda: table.current_view)
        sub = words.text("Row: the number of the row in the file. Personal data are shown as ***.")
        top = pn.Row(parts.heading(words.text("Problems"), sub), download, sizing_mode="stretch_width", margin=(8, 0))
        return [top, table]

    def _imports_card(self) -> pn.Column:
        """Taking in, what the last import did, and what was imported when."""
        words, upload = self.words, self.upload
        workspace = shared.workspace()
        title = words.text("Imports")
        if workspace is None:
            text = words.text(
                "This server was started without a workspace, so files can be checked here but not taken in. Set the "
                "environment variable {name} to a folder and start it again.",
                name=shared.WORKSPACE,
            )
            return parts.card(parts.heading(title), _message(words.text("No workspace"), text, margin=(12, 0, 0, 0)))
        sub = words.text("Rows with errors are kept out of the book and put into quarantine with their reasons.")
        content: list[Any] = [parts.heading(title, sub)]
        if upload.found is not None and upload.report is None:
            row = {"gap": "12px", "flex-wrap": "wrap", "align-items": "center"}
            content.append(pn.Row(self.by, self.take_in, margin=(16, 0, 8, 0), styles=row))
        content += self._state("import")
        if upload.report is not None:
            content += self._report(upload.report)
        register = workspace.register()
        if register.empty:
            nothing = words.text("Read and check files above, then take them in.")
            content.append(_message(words.text("Nothing was imported yet"), nothing, margin=(12, 0, 0, 0)))
        else:
            content += [parts.heading(words.text("What was imported when"), margin=(16, 0, 8, 0))]
            content += [self._counts(register[list(_REGISTERED)].iloc[::-1])]
        return parts.card(*content)

    def _report(self, report: ImportReport) -> list[Any]:
        """What the import that was just done did."""
        words = self.words
        title = words.text("Import {number} is done", number=report.import_id)
        text = words.plural(
            "{count} row is in quarantine, with its reasons.", "{count} rows are in quarantine, with their reasons.",
            report.total("quarantined"),
        )  # fmt: skip
        download = pmui.FileDownload(
            callback=lambda: _file(report.to_html(words.language)), filename=f"import-{report.import_id}.html",
            label=words.text("Download report"), variant="outlined", size="small", margin=(8, 0), auto=True,
            embed=False,
        )  # fmt: skip
        return [_message(title, text, margin=(8, 0)), self._counts(report.counts), download]

    def _counts(self, frame: pd.DataFrame) -> pn.widgets.Tabulator:
        """Table of imports or of the tables of one import."""
        words = self.words
        shown = frame.assign(table=[_table_name(name, words) for name in frame["table"]]) if "table" in frame else frame
        number = NumberFormatter(format="0,0", nan_format="", null_format="")
        return parts.table(
            shown, words, titles=_titles(shown, words), text_align=dict.fromkeys(_COUNTS, "right"),
            formatters={**dict.fromkeys(_COUNTS, number), "imported_at": DateFormatter(format="%Y-%m-%d %H:%M")},
            widths={"table": 160, "file_name": 260}, layout="fit_data_table",
        )  # fmt: skip


def _message(title: str, text: str, *, is_problem: bool = False, **params: Any) -> pn.pane.HTML:
    """Message in a card."""
    return parts.markup(parts.message(title, text, is_problem=is_problem), **{"margin": (0, 0, 8, 0), **params})


def _titles(frame: pd.DataFrame, words: Any) -> dict[str, str]:
    """Headers of the columns that are not in the nomenclature."""
    return {name: words.text(_TITLES[name]) for name in frame.columns if name in _TITLES}


def _table_name(name: str, words: Any) -> str:
    """A table in the reader's language."""
    if name not in TABLES:
        return name
    return TABLES[name].label_zh if words.language == "zh" else TABLES[name].label


def _in_words(problems: pd.DataFrame, words: Any) -> pd.DataFrame:
    """The problems as the table shows them: tables, columns and severity in the reader's language."""

    def told(name: str, say: Callable[[str], str]) -> list[str]:
        return [say(value) if isinstance(value, str) else "" for value in problems[name]]

    return problems.assign(
        table=told("table", lambda name: _table_name(name, words)),
        column=told("column", lambda name: label(name, words.language)),
        severity=told("severity", lambda name: words.text(_SEVERITIES.get(name, name))),
        loan_id=told("loan_id", str),
        value=["" if value is None or value != value else str(value) for value in problems["value"]],
    ).reset_index(drop=True)


def _file(text: str) -> io.BytesIO:
    """A text as a file."""
    return io.BytesIO(text.encode("utf-8"))
