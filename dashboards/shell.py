"""The shell around every page: navigation, date, policy, loan number, language, theme, and the address."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import panel as pn
import panel_material_ui as pmui

from dashboards import loan, no_loans, pages, parts, shared
from dashboards.controls import BrowserState, DateInput, Navigation, PrintButton
from dashboards.fields import EARLIEST, LATEST, read_day
from dashboards.guard import error_card, guarded, not_allowed
from dashboards.loading import in_background
from dashboards.news import News
from dashboards.release import release_when_closed
from dashboards.session import FIGURES, Session
from dashboards.tour import tour
from dashboards.words import LANGUAGES, N_, safe

PRODUCT = "collectkit"
_COMMON = {
    "typography": {"fontFamily": 'Roboto, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif'},
    # The library puts headings without text around its bars; as plain boxes they bother no screen reader.
    "components": {
        "MuiTypography": {"defaultProps": {"variantMapping": {"h3": "span", "h5": "div"}}},
        "MuiToolbar": {"styleOverrides": {"root": {"& > .MuiBox-root": {"minWidth": 0}}}},
        # Bars without a name say nothing to a screen reader; what is waited for stands beside them in words.
        "MuiLinearProgress": {"defaultProps": {"aria-hidden": True}},
        "MuiFormLabel": {"styleOverrides": {"root": {"fontSize": "13px"}}},
        "MuiAppBar": {"styleOverrides": {"root": {"backgroundColor": "#0b5c94", "color": "#ffffff"}}},
    },
}
_THEME_CONFIG = {
    "light": {**_COMMON, "palette": {"primary": {"main": "#0b5c94"}}},
    "dark": {**_COMMON, "palette": {"primary": {"main": "#5db4ee"}}},
}
_FIELD_SX = {"height": "40px"}
_THEME_NAMES = {"light": N_("Light"), "dark": N_("Dark")}
_LOOK_EVERY_MS = 15_000
"""How often a session looks whether its reader may still see it."""
_TEMPLATE = Path(__file__).parent / "static" / "page.html"


class Shell:
    """One reader's app: `view` is what is served."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.content = pn.Column(sizing_mode="stretch_width", margin=0)
        self._failed, self._told_no_loans = False, False
        self._theme_of_screen = session.theme
        self._make_controls()
        self._follow()
        self.view = self._page()
        self._show_labels()
        self._show_page()

    def _make_controls(self) -> None:
        """Make the controls; their labels are set by `_show_labels`."""
        session = self.session
        self.browser = BrowserState(width=0, height=0, margin=0, search=session.search())
        room = {"flex": "1 1 0", "min-width": "0"}
        self.navigation = Navigation(margin=(0, 8, 0, 16), value=session.page, styles=room)
        self.language = pmui.Button(variant="text", color="light", margin=0)
        self.theme = pmui.Button(variant="text", color="light", margin=0)
        self.as_of = DateInput(
            value=session.as_of.isoformat(),
            start=EARLIEST.isoformat(),
            end=LATEST.isoformat(),
            width=160,
            margin=0,
        )
        self.portfolio = pmui.Select(size="small", width=190, margin=(8, 0, 0, 0), sx=_FIELD_SX)
        self.policy = pmui.Select(
            size="small",
            width=190,
            margin=(8, 0, 0, 0),
            sx=_FIELD_SX,
        )
        self.loan = pmui.TextInput(value=session.loan, size="small", width=190, margin=(8, 0, 0, 0), sx=_FIELD_SX)
        self.printer = PrintButton(margin=0, theme=session.theme)
        self.leave = parts.markup(visible=bool(session.reader.name), sizing_mode=None, align="center")
        self.heading = parts.markup(styles={"flex": "1 1 320px"})
        self.problems = parts.markup(visible=False)
        self.news = News(session, self.open_portfolio)

    def _follow(self) -> None:
        """Controls write the session, the session writes controls, page and address."""
        session = self.session
        self.as_of.param.watch(lambda event: self._take_day(event.new), "value")
        self.portfolio.param.watch(lambda event: self.open_portfolio(event.new), "value")
        self.policy.param.watch(lambda event: session.param.update(policy=event.new), "value")
        self.loan.param.watch(lambda event: session.param.update(loan=event.new.strip()), "value")
        self.navigation.param.watch(lambda event: session.param.update(page=event.new), "value")
        self.browser.param.watch(lambda event: session.go_to(event.new), "asked")
        self.language.on_click(lambda _: session.param.update(lang=self._next(LANGUAGES, session.lang)))
        self.theme.on_click(lambda _: session.param.update(theme=self._next(_THEME_NAMES, session.theme)))
        self.printer.param.watch(self._lighten, "printing")
        session.param.watch(self._show_page, ["page", "lang", "role"])
        session.param.watch(self._show_labels, ["page", "lang", "theme", "role", *FIGURES, "loan", *session.fields])
        session.param.watch(self._show_theme, "theme")
        session.param.watch(self._try_again, list(FIGURES))
        session.param.watch(self._show_failure, "failure")

    def _page(self) -> pmui.Page:
        """The page of the component library with everything in its place."""
        wrapped = {"flex-wrap": "wrap", "gap": "12px"}
        controls = pn.Row(self.as_of, self.portfolio, self.policy, self.loan, self.printer, margin=0, styles=wrapped)
        top = parts.side_by_side(self.heading, controls)
        main = pn.Column(
            top,
            self.problems,
            self.news.view,
            self.content,
            self.browser,
            tour(self.session),
            loan.dialog(self.session),
            sizing_mode="stretch_width",
            margin=0,
            styles={"gap": "16px", "padding": "16px clamp(12px, 2vw, 28px) 32px", "box-sizing": "border-box"},
        )
        view = pmui.Page(
            title=PRODUCT,
            template=_TEMPLATE,
            main=[main],
            main_width=1480,
            theme_toggle=False,
            busy_indicator=None,
            theme_config=_THEME_CONFIG,
            dark_theme=self.session.theme == "dark",
            header=[
                pn.Row(
                    self.navigation,
                    self.language,
                    self.theme,
                    self.leave,
                    sizing_mode="stretch_width",
                    margin=0,
                    align="center",
                    styles={"min-width": "0"},
                )
            ],
        )
        release_when_closed(view)
        if self.session.reader.name and pn.state.curdoc is not None:
            pn.state.add_periodic_callback(self.session.look_again, period=_LOOK_EVERY_MS)
        return view

    def _show_page(self, *_: Any) -> None:
        """Build the page anew, for its words or for another question."""
        session = self.session
        session.leave_page()
        self._failed, self._told_no_loans = False, session.lacks_loans
        if not session.is_page_seen:
            self.content.objects = [parts.markup(self._refused())]
            return
        if session.lacks_loans:
            self.content.objects = [no_loans.notice(session, pages.PAGES)]
            return
        try:
            self.content.objects = [pages.named(session.page).build(session)]
        except Exception as error:
            self._show_error(error)

    def _refused(self) -> str:
        """Why the page is not shown, and the way to sign in again."""
        session, text = self.session, self.session.words.text
        if session.role:
            return not_allowed(pages.named(session.page).role, session.words)
        again = text("Sign in")
        told = parts.message(text("You are signed out"), text("The sign-in has ended. Nothing more is shown."))
        return f'{told}<p><a href="login">{safe(again)}</a></p>'

    def _show_failure(self, event: Any) -> None:
        """Put the error card in place of a page that failed while it was brought up to date."""
        if event.new is not None:
            self._show_error(event.new)
            self.session.failure = None

    def _show_error(self, error: Exception) -> None:
        """Error card in place of the page."""
        self._failed = True
        self.content.objects = [error_card(error, self.session.words)]

    def _try_again(self, *_: Any) -> None:
        """After a failure another date or policy may work; another portfolio may have loans, or none."""
        if self._failed or self._told_no_loans != self.session.lacks_loans:
            self._show_page()

    def _show_theme(self, *_: Any) -> None:
        """Light or dark."""
        self.view.dark_theme = self.session.theme == "dark"
        self.printer.theme = self.session.theme

    def _lighten(self, event: Any) -> None:
        """Light ground as long as the page is printed."""
        if event.new:
            self._theme_of_screen = self.session.theme
        self.session.theme = "light" if event.new else self._theme_of_screen

    def _show_labels(self, *events: Any) -> None:
        """Bring labels, heading and address up to date; a choice of the reader ends the talk of the address."""
        if any(event.name in ("page", "loan", *FIGURES) for event in events):
            self.session.problems, self.session.unopened = [], {}
        session, words = self.session, self.session.words
        title = words.text(pages.named(session.page).title)
        self.browser.param.update(
            lang=session.lang, theme=session.theme, title=f"{title} · {PRODUCT}", search=session.search()
        )
        self.navigation.param.update(label=words.text("Pages"), value=session.page, items=self._links())
        self.language.label = LANGUAGES[self._next(LANGUAGES, session.lang)]
        self.theme.label = words.text(_THEME_NAMES[self._next(_THEME_NAMES, session.theme)])
        first, last = (day.isoformat() for day in shared.days(session.edition))
        self.as_of.param.update(label=words.text("As of"), value=session.as_of.isoformat(), start=first, end=last)
        self.show_portfolios()
        policies = shared.policies_for(session.edition)
        self.policy.param.update(label=words.text("Policy"), options=policies, value=session.policy)
        may_open = session.may_open_loans
        self.loan.param.update(label=words.text("Loan number"), value=session.loan, visible=may_open)
        self._show_way_out()
        self.heading.object = self._heading(title)
        self.printer.param.update(label=words.text("Print"), note=f"{title} · {self._of()}")
        self.problems.visible = bool(session.problems or session.unopened)
        self.problems.object = self._problem_texts()

    def show_portfolios(self) -> None:
        """Bring the picker of portfolios up to date; there is none where there is no choice."""
        names, session = shared.portfolios(), self.session
        label, is_choice = session.words.text("Portfolio"), len(names) > 1
        self.portfolio.param.update(label=label, options=names, value=session.portfolio, visible=is_choice)

    def open_portfolio(self, name: str) -> None:
        """Load a portfolio as its data are now, then turn to it; if that fails, say why and stay."""
        session = self.session
        if name == session.portfolio and shared.edition(name) == session.edition:
            return
        self.portfolio.disabled = True
        self.news.wait(name)

        def then(failure: Exception | None) -> None:
            self.portfolio.disabled = False
            self.news.arrive(name, failure)
            if failure is None:
                session.open(name)
            self.show_portfolios()

        in_background(lambda: shared.span(shared.edition(name)), then)

    def _links(self) -> list[dict[str, str]]:
        """One link per page that keeps date, policy, language and theme."""
        session, words = self.session, self.session.words
        return [
            {
                "name": page.name,
                "label": words.text(page.title),
                "href": session.search(page=page.name, loan=""),
            }
            for page in pages.PAGES
            if session.reader.may(page.role)
        ]

    def _show_way_out(self) -> None:
        """Who is signed in, and the way out: beside the pages, on small screens in their menu."""
        words, name = self.session.words, self.session.reader.name
        if name:
            title, text = words.text("Signed in as {name}", name=name), words.text("Sign out")
            self.leave.object = f'<a class="leave" href="logout" title="{safe(title)}">{safe(text)}</a>'
            self.navigation.leave = {"label": f"{text} ({name})", "href": "logout"}

    def _heading(self, title: str) -> str:
        """Title of the page with portfolio, date and policy."""
        return f'<h1>{safe(title)}</h1><p class="sub">{safe(self._of())}</p>'

    def _of(self) -> str:
        """Portfolio, date and policy in words."""
        session, words = self.session, self.session.words
        return words.text(
            "Portfolio {portfolio} · end of {date} · policy {policy}",
            portfolio=session.portfolio,
            date=words.date(session.as_of),
            policy=session.policy,
        )

    def _problem_texts(self) -> str:
        """What was wrong in the address, and which portfolio could not be opened."""
        session, text = self.session, self.session.words.text
        told = {
            text("Portfolio {portfolio} could not be opened", portfolio=n): why for n, why in session.unopened.items()
        }
        if session.problems:
            told[text("Part of the address was not understood")] = " ".join(session.problem_texts)
        return "".join(parts.message(title, why, is_problem=True) for title, why in told.items())

    def _take_day(self, text: str) -> None:
        """Take a day from the date field if it is one; the nearest that can be asked for."""
        day, days = read_day(text), shared.days(self.session.edition)
        if day is not None:
            self.session.as_of = min(max(day, days.first), days.last)
            self.as_of.value = self.session.as_of.isoformat()

    @staticmethod
    def _next(names: Any, present: str) -> str:
        """The choice after the present one, round and round."""
        choices = list(names)
        return choices[(choices.index(present) + 1) % len(choices)]


def create_view(session: Session) -> Any:
    """What one reader is served; a failure of the shell itself is a card, never a spinner."""
    return guarded(lambda: Shell(session).view, session.words)
