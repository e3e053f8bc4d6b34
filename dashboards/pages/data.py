"""Data: what came in, and is it right? Files are read, mapped, checked and taken into the workspace."""

from __future__ import annotations

import asyncio
import logging
import traceback
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import panel as pn
import panel_material_ui as pmui

from collectkit.check_report import check_report
from collectkit.errors import CollectkitError
from collectkit.problems import table_label
from collectkit.progress import listening
from collectkit.refusals import refusal_in
from dashboards import parts, shared
from dashboards.guard import guarded
from dashboards.pages.data_tables import REGISTERED, counts, differences, html_download, link, message, problems, tile
from dashboards.pages.data_upload import BOOK_KINDS, FLAT_KINDS, MOST_BYTES, MOST_BYTES_TOGETHER, Trouble, upload_of
from dashboards.words import N_, safe

if TYPE_CHECKING:
    from collections.abc import Callable

    from collectkit.register import ImportReport
    from dashboards.pages.data_upload import Found, Stated
    from dashboards.session import Session

_log = logging.getLogger("dashboards")
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
        self.session, self.words, self.upload = session, session.words, upload_of(session)
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
        self._document = pn.state.curdoc
        self.body = pn.Column(sizing_mode="stretch_width", margin=0, styles={"gap": "16px"})
        self.files.param.watch(self._take, "value")
        self.mapping.param.watch(self._keep_mapping, "value")
        self.check.on_click(self._check)
        self.take_in.on_click(self._import)
        self.upload.watch(self.show)
        session.on_change(self._compare_again, "policy")
        self.show()
        self._compare_again()

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
        if (stated := upload.stated) is not None:
            cards.append(guarded(lambda: self._stated_card(stated), self.words))
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
            await self._compare()

    async def _check(self, _: Any) -> None:
        """Check with the mapping as it stands in the field."""
        text = self.mapping.value
        await self._run("mapping", (N_("Checking with this mapping …"), lambda _: self.upload.check(text)))
        await self._compare()

    def _compare_again(self, *_: Any) -> None:
        """Compare once more after a change of the policy or the language."""
        stated = self.upload.stated
        if stated is not None and (stated.policy, stated.language) != (self.session.policy, self.session.lang):
            pn.state.execute(self._compare)

    async def _compare(self) -> None:
        """Compare figures the source states itself with ours, if it states any and there are no errors."""
        policy, language, workspace = self.session.policy, self.session.lang, shared.workspace()
        if self.upload.states_figures:
            work = partial(self.upload.compare, shared.policy(policy), policy, language, workspace)
            await self._run("stated", (N_("Comparing stated figures with ours …"), lambda _: work()))

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
            with listening(self._hear):
                for text, work in works:
                    upload.busy = text
                    self.progress.variant = "indeterminate"
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

    def _hear(self, _: str, done: int, total: int) -> None:
        """Show how far the work has come; called in its thread."""
        show = partial(self.progress.param.update, variant="determinate", value=round(100 * done / max(total, 1)))
        if self._document is not None and self._document.session_context is not None:
            self._document.add_next_tick_callback(show)

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
        shown = refusal_in(trouble.text, self.words.language) or text(
            "Something unforeseen happened. The server's log has the details under number {number}.",
            number=trouble.number,
        )
        return [message(text("This did not work"), shown, is_problem=True)]

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
        for name, refusal in upload.refused:
            why = refusal_in(refusal, words.language)
            content.append(message(words.text("“{file}” was not read", file=name), why, is_problem=True))
        content += self._state("files")
        if upload.paths:
            names = ", ".join(path.name for path in upload.paths)
            content.append(parts.markup(parts.facts({words.text("Read"): names})))
        elif not upload.busy and not upload.refused:
            content.append(
                message(
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
            why = refusal_in(upload.mapping_note, words.language)
            content.append(message(words.text("No mapping could be proposed"), why, is_problem=True))
        return parts.card(*content, self.mapping, self.check, *self._state("mapping"))

    def _checks_card(self, found: Found) -> pn.Column:
        """Counts and the table of problems."""
        words = self.words
        rows = {table_label(name, words.language): words.number(count) for name, count in found.rows.items()}
        sums = {"rows": sum(found.rows.values()), "errors": found.errors, "warnings": found.warnings}
        content: list[Any] = [
            parts.markup(parts.tiles([tile(name, count, words) for name, count in sums.items()], words)),
            parts.markup(parts.facts(rows), margin=(0, 0, 12, 0)),
        ]
        if found.unused:
            text = words.text("Nothing is taken from these tables: {names}.", names=", ".join(found.unused))
            content.append(message(words.text("Part of the files is not used"), text, is_problem=True))
        if len(found.problems):
            content += [*self._state("stated"), *problems(found.problems, words)]
        else:
            content += self._state("stated")
            content.append(
                message(words.text("No problems found"), words.text("Every row of these files passes the checks."))
            )
        report = html_download(words.text("Download report"), "checks.html", lambda: self._check_report(found))
        heading = parts.heading(words.text("Checks"), styles={"flex": "1 1 200px"})
        top = pn.Row(heading, report, sizing_mode="stretch_width", margin=(0, 0, 8, 0), styles={"flex-wrap": "wrap"})
        return parts.card(top, *content)

    def _check_report(self, found: Found) -> str:
        """What was found as a document to send."""
        stated, language = self.upload.stated, self.words.language
        compared = {"differences": stated.differences, "policy": stated.policy} if stated else {}
        names = ", ".join(path.name for path in self.upload.paths)
        return check_report(found.rows, found.problems, source=names, language=language, **compared)

    def _stated_card(self, stated: Stated) -> pn.Column:
        """Figures the source states itself, beside ours."""
        return parts.card(*differences(stated.differences, stated.policy, self.words))

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
            return parts.card(parts.heading(title), message(words.text("No workspace"), text, margin=(12, 0, 0, 0)))
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
            content.append(message(words.text("Nothing was imported yet"), nothing, margin=(12, 0, 0, 0)))
        else:
            content += [parts.heading(words.text("What was imported when"), margin=(16, 0, 8, 0))]
            content += [counts(register[list(REGISTERED)].iloc[::-1], words)]
        return parts.card(*content)

    def _report(self, report: ImportReport) -> list[Any]:
        """What the import that was just done did, and the way to the book."""
        words, session = self.words, self.session
        title = words.text("Import {number} is done", number=report.import_id)
        text = words.plural(
            "{count} row is in quarantine, with its reasons.", "{count} rows are in quarantine, with their reasons.",
            report.total("quarantined"),
        )  # fmt: skip
        name = f"import-{report.import_id}.html"
        text_of = words.text("Download report of the import")
        download = html_download(text_of, name, lambda: report.to_html(words.language))
        address = session.search(page="today", portfolio=shared.book_name() or "", as_of="", loan="")
        book = link(words.text("See the book on the other pages"), address)
        return [message(title, text, margin=(8, 0)), book, counts(report.counts, words), download]
