"""Cards of a page: a chart or a table with its heading, its definition, its downloads, and a word when it is empty.

A card is told how to draw itself and which values of the session it follows; it always follows the figures that are
loaded (`dashboards.loading`) and the theme. A card that fails says so in its place, the others stay.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

import panel as pn

from collectkit.errors import CollectkitError
from dashboards import audit, downloads, parts, shared
from dashboards.contents import Hidden, Later, Listed, NoLoans, Nothing, Shown
from dashboards.controls import CardTop
from dashboards.downloads import CSV, EXCEL, HTML, KINDS, PDF, TOML, WORD
from dashboards.guard import error_card, guarded, not_allowed
from dashboards.loading import in_background
from dashboards.no_loans import in_place_of_figures
from dashboards.rights import MANAGER, VIEWER, permitted
from dashboards.words import N_

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd

    from dashboards.session import Session

_PICTURES = ("png", "svg")
_FILE_NAMES = {
    "png": "PNG", "svg": "SVG", HTML: "HTML", CSV: "CSV", EXCEL: "Excel", PDF: "PDF", TOML: "TOML",
    WORD: "Word",
}  # fmt: skip
_NOTHING, _SMALL = N_("Nothing to show"), N_("Too small to say")


def chart_card(
    session: Session,
    title: str,
    draw: Callable[[], Shown | Nothing | Later],
    *,
    name: str,
    follows: Sequence[str] = (),
    controls: Sequence[Any] = (),
    on_point: Callable[[dict[str, Any]], None] | None = None,
    **shape: Any,
) -> pn.Column:
    """A chart that draws itself anew when a value it follows changes.

    Parameters
    ----------
    session : Session
    title : str
        Heading, in the reader's language.
    draw : callable
        Makes the content from the session; called at once and after every change.
    name : str
        What its files are called.
    follows : sequence of str
        Values of the session besides the figures and the theme.
    controls : sequence
        What stands between heading and chart.
    on_point : callable, optional
        Gets the point that is clicked (see `Chart.clicked`); what it holds comes from the browser, so check it.
    **shape
        `basis` and `share` of `parts.card`.

    Returns
    -------
    Column
    """
    chart = parts.chart(session.words)
    if on_point is not None:
        chart.clickable = True
        chart.param.watch(lambda event: on_point(event.new), "clicked")
    return _ChartCard(session, title, draw, name, chart).card(follows, controls, shape)


def table_card(
    session: Session,
    title: str,
    rows: Callable[[], Listed | Nothing | Later],
    *,
    name: str | Callable[[], str],
    follows: Sequence[str] = (),
    controls: Sequence[Any] = (),
    on_row: Callable[[pd.Series], None] | None = None,
    on_cell: Callable[[pd.Series, str], None] | None = None,
    columns: Callable[[pd.DataFrame], dict[str, Any]] = lambda _: {},
    files: Mapping[str, Callable[[], bytes] | None] | None = None,
    needs_loans: bool = False,
    **shape: Any,
) -> pn.Column:
    """A table that is filled anew when a value it follows changes.

    Parameters
    ----------
    session, title, name, follows, controls
        As of `chart_card`; `name` may be a callable that makes it.
    rows : callable
        Makes the content from the session; called at once and after every change.
    on_row : callable, optional
        Gets the row that is clicked.
    on_cell : callable, optional
        Gets the row and the column that are clicked.
    columns : callable
        Gets the rows, gives arguments of `parts.table`: titles, formatters, widths, page_size …
    files : mapping, optional
        Files to download: what makes each, by its ending (csv, xlsx, pdf); None makes it of the rows shown. By
        default the rows as CSV and Excel.
    needs_loans : bool
        Whether a file of month ends has a word in place of it.
    **shape
        `basis` and `share` of `parts.card`.

    Returns
    -------
    Column
    """
    card = _TableCard(session, title, rows, name, on_row, columns)
    card.on_cell, card.files, card.needs_loans = on_cell, dict(files or {}), needs_loans
    return card.card(follows, controls, shape)


class Card:
    """What cards have in common: top, body, message, files, and the role they need."""

    role = VIEWER
    needs_loans = False

    def __init__(self, session: Session, title: str, draw: Callable[[], Any], name: str | Callable[[], str]) -> None:
        self.session, self.title, self.draw, self.name = session, title, draw, name
        self.awaited: Later | None = None
        words = session.words
        self.top = CardTop(heading=title, sizing_mode="stretch_width", margin=0, texts={
            "about": words.text("What is “{name}”?", name=title),
            "download": words.text("Download"),
            "download_of": words.text("Download “{name}”", name=title),
            "busy": words.text("Preparing …"),
        })  # fmt: skip
        self.controls = pn.Column(sizing_mode="stretch_width", margin=(8, 0, 0, 0))
        self.body = pn.Column(sizing_mode="stretch_width", margin=(8, 0, 0, 0))
        self.top.on_msg(self._give)

    def card(self, follows: Sequence[str], controls: Sequence[Any], shape: dict[str, Any]) -> pn.Column:
        """The card itself, drawn once and whenever something it follows changes."""
        self.session.on_change(self.show, "loaded", "theme", *follows)
        self.controls.objects = list(controls)
        self.show()
        above = [self.controls] if controls else []
        return parts.card(self.top, *above, self.body, **shape)

    def show(self, *_: Any) -> None:
        """Bring the card up to date; a failure is a message in its place."""
        drawn = guarded(self._permitted, self.session.words)
        self.awaited = drawn if isinstance(drawn, Later) else None
        self.controls.visible = not isinstance(drawn, NoLoans)
        self.place(guarded(partial(self.made, drawn), self.session.words))
        if self.awaited:
            visit = self.session.visit
            in_background(
                partial(self.awaited.need, *self.awaited.arguments), partial(self.arrive, visit, self.awaited)
            )

    def _permitted(self) -> Any:
        """What is drawn, as far as the reader may see it."""
        reader, key = self.session.reader, self.session.loaded or self.session.key
        if not reader.may(self.role):
            return Hidden(self.role)
        if self.needs_loans and not shared.has_loans(key.portfolio):
            return NoLoans()
        if self.role == MANAGER:
            audit.note("personal data", reader.name, card=self.title)
        drawn = self.draw()
        return permitted(drawn, reader) if isinstance(drawn, Shown | Listed) else drawn

    def arrive(self, visit: int, later: Later, failure: Exception | None) -> None:
        """Draw what was waited for, unless the reader has gone on meanwhile."""
        if self.session.visit != visit or self.awaited is not later:
            return
        if failure is None:
            self.show()
        else:
            self.place(error_card(failure, self.session.words))

    def place(self, shown: Any) -> None:
        """Put something in the body."""
        if self.body.objects != [shown]:
            self.body.objects = [shown]

    def made(self, drawn: Any) -> Any:
        """What stands in the body for what was drawn."""
        if isinstance(drawn, Nothing):
            return self.say(drawn)
        if isinstance(drawn, Hidden | Later | NoLoans):
            self.bare()
        if isinstance(drawn, NoLoans):
            return parts.markup(in_place_of_figures(self.session.words))
        if isinstance(drawn, Hidden):
            return parts.markup(not_allowed(drawn.role, self.session.words))
        if isinstance(drawn, Later):
            return parts.progress(self.session.words.text("Working out the figures …"))
        return self.content(drawn) if isinstance(drawn, Shown | Listed) else drawn

    def content(self, drawn: Any) -> Any:
        """What stands in the body for a chart or a table."""
        raise NotImplementedError

    def file(self, ending: str) -> bytes:
        """Content of a download."""
        raise NotImplementedError

    def rows_file(self, ending: str, rows: pd.DataFrame) -> bytes:
        """Rows as the kind of file that is asked for; a workbook says above them what they are."""
        if ending == CSV:
            return downloads.csv_file(rows)
        return downloads.excel_file(rows, (self.title, note_of(self.session)), self.session.lang)

    def say(self, nothing: Nothing) -> Any:
        """Message in place of the content."""
        words = self.session.words
        self.bare()
        return parts.markup(parts.message(words.text(_SMALL if nothing.is_small else _NOTHING), nothing.why))

    def bare(self) -> None:
        """Heading without anything about figures."""
        self.top.param.update(sub="", note="", definition=[], files=[], problem="")

    def head(self, sub: str, definition: Sequence[str], files: Sequence[str], note: str = "") -> None:
        """Heading, definition and downloads of what is shown."""
        entries = [{"name": ending, "label": _FILE_NAMES[ending]} for ending in files]
        self.top.param.update(sub=sub, note=note, definition=list(definition), files=entries, problem="")

    async def _give(self, event: Any) -> None:
        """Make the file that is asked for in a thread, and hand it over."""
        ending = event.data.get("asked") if isinstance(event.data, dict) else None
        if not self.session.look_again() or ending not in [entry["name"] for entry in self.top.files]:
            return
        full = downloads.filename(self.name() if callable(self.name) else self.name, self.session)
        audit.note("download", self.session.reader.name, file=f"{full}.{ending}")
        if ending in _PICTURES:
            self.picture(ending, full)
            return
        self.top.param.update(busy=True, problem="")
        try:
            self.top.send(f"{full}.{ending}", KINDS[ending], await asyncio.to_thread(self.file, ending))
        except CollectkitError as error:
            self.top.problem = str(error)
        finally:
            self.top.busy = False

    def picture(self, ending: str, full: str) -> None:
        """Let the browser save a picture."""
        raise NotImplementedError


class _ChartCard(Card):
    """A card with a chart."""

    def __init__(self, session: Session, title: str, draw: Callable[[], Any], name: str, chart: Any):
        super().__init__(session, title, draw, name)
        self.chart = chart
        self.shown: Shown | None = None

    def content(self, shown: Any) -> Any:
        self.shown = shown
        parts.draw(self.chart, shown.figure, f"{self.title}. {shown.text}")
        tables = () if shown.table is None else (CSV, EXCEL)
        self.head(note_of(self.session, shown.unit), shown.definition, (*_PICTURES, HTML, *tables), shown.note)
        return self.chart

    def file(self, ending: str) -> bytes:
        if ending != HTML:
            return self.rows_file(ending, self.shown.table)
        return downloads.chart_file(
            self.chart.figure,
            title=self.title,
            note=self.top.sub,
            definition=self.top.definition,
            language=self.session.lang,
            theme=self.session.theme,
        )

    def picture(self, ending: str, full: str) -> None:
        title = f"<b>{self.title}</b><br><sub>{self.top.sub}</sub>"
        self.chart.save(ending, full, title, downloads.GROUNDS[self.session.theme])


class _TableCard(Card):
    """A card with a table."""

    def __init__(self, session: Session, title: str, rows: Any, name: Any, on_row: Any, columns: Any) -> None:
        super().__init__(session, title, rows, name)
        self.on_row, self.columns = on_row, columns
        self.table: Any = None
        self.on_cell: Any = None
        self.files: dict[str, Any] = {}

    def content(self, listed: Any) -> Any:
        self.head(listed.sub or note_of(self.session), listed.definition, (*self.files,) or (CSV, EXCEL))
        if self.table is not None and list(self.table.value.columns) == list(listed.rows.columns):
            self.table.param.update(value=listed.rows, selection=[], page=1)
        else:
            self.table = self._table(listed.rows)
        return self.table

    def _table(self, frame: pd.DataFrame) -> Any:
        words = self.session.words
        given = {"selectable": 1 if self.on_row or self.on_cell else False, **self.columns(frame)}
        table = parts.table(frame, words, **given)
        if self.on_row:
            table.on_click(lambda event: self.on_row(table.value.iloc[event.row]))
        if self.on_cell:
            table.on_click(lambda event: self.on_cell(table.value.iloc[event.row], event.column))
        return table

    def file(self, ending: str) -> bytes:
        make = self.files.get(ending)
        return self.rows_file(ending, self.table.current_view) if make is None else make()


def note_of(session: Session, unit: str = "") -> str:
    """Line under a heading: unit, as-of date, policy."""
    words, key = session.words, session.loaded or session.key
    day = words.text("as of {date} · policy {policy}", date=words.date(key.as_of), policy=key.policy)
    return f"{unit} · {day}" if unit else day[:1].upper() + day[1:]
