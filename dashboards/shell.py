"""The shell around every page: navigation, date, policy, loan number, language, theme, and the address."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import panel as pn
import panel_material_ui as pmui

from dashboards import loan, pages, parts, shared
from dashboards.controls import BrowserState, DateInput, Navigation
from dashboards.guard import error_card, guarded
from dashboards.release import release_when_closed
from dashboards.session import EARLIEST, LATEST, Session, read_day
from dashboards.words import LANGUAGES, N_, safe

PRODUCT = "collectkit"
_COMMON = {
    "typography": {"fontFamily": 'Roboto, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif'},
    # The library puts headings without text around its bars; as plain boxes they bother no screen reader.
    "components": {
        "MuiTypography": {"defaultProps": {"variantMapping": {"h3": "span", "h5": "div"}}},
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
_TEMPLATE = Path(__file__).parent / "static" / "page.html"
_CONTEXT = ("as_of", "policy", "portfolio")


class Shell:
    """One reader's app: `view` is what is served."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.content = pn.Column(sizing_mode="stretch_width", margin=0)
        self._failed = False
        self._make_controls()
        self._follow()
        self.view = self._page()
        self._show_labels()
        self._show_page()

    def _make_controls(self) -> None:
        """Make the controls; their labels are set by `_show_labels`."""
        session = self.session
        self.browser = BrowserState(width=0, height=0, margin=0, search=session.search())
        self.navigation = Navigation(margin=(0, 8), value=session.page)
        self.language = pmui.Button(variant="text", color="light", margin=0)
        self.theme = pmui.Button(variant="text", color="light", margin=0)
        self.as_of = DateInput(
            value=session.as_of.isoformat(),
            start=EARLIEST.isoformat(),
            end=LATEST.isoformat(),
            width=160,
            margin=0,
        )
        self.policy = pmui.Select(
            options=shared.policies(),
            value=session.policy,
            size="small",
            width=190,
            margin=(8, 0, 0, 0),
            sx=_FIELD_SX,
        )
        self.loan = pmui.TextInput(value=session.loan, size="small", width=190, margin=(8, 0, 0, 0), sx=_FIELD_SX)
        self.heading = parts.markup(styles={"flex": "1 1 320px"})
        self.problems = parts.markup(visible=False)

    def _follow(self) -> None:
        """Controls write the session, the session writes controls, page and address."""
        session = self.session
        self.as_of.param.watch(lambda event: self._take_day(event.new), "value")
        self.policy.param.watch(lambda event: session.param.update(policy=event.new), "value")
        self.loan.param.watch(lambda event: session.param.update(loan=event.new.strip()), "value")
        self.navigation.param.watch(lambda event: session.param.update(page=event.new), "value")
        self.browser.param.watch(lambda event: session.go_to(event.new), "asked")
        self.language.on_click(lambda _: session.param.update(lang=self._next(LANGUAGES, session.lang)))
        self.theme.on_click(lambda _: session.param.update(theme=self._next(_THEME_NAMES, session.theme)))
        session.param.watch(self._show_page, ["page", "lang"])
        session.param.watch(self._show_labels, ["page", "lang", "theme", *_CONTEXT, "loan", "weight"])
        session.param.watch(self._show_theme, "theme")
        session.param.watch(self._try_again, list(_CONTEXT))
        session.param.watch(self._show_failure, "failure")

    def _page(self) -> pmui.Page:
        """The page of the component library with everything in its place."""
        controls = pn.Row(self.as_of, self.policy, self.loan, margin=0, styles={"flex-wrap": "wrap", "gap": "12px"})
        top = parts.side_by_side(self.heading, controls)
        main = pn.Column(
            top,
            self.problems,
            self.content,
            self.browser,
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
            theme_config=_THEME_CONFIG,
            dark_theme=self.session.theme == "dark",
            header=[
                pn.Row(
                    self.navigation,
                    pn.Spacer(sizing_mode="stretch_width"),
                    self.language,
                    self.theme,
                    sizing_mode="stretch_width",
                    margin=0,
                    align="center",
                )
            ],
        )
        release_when_closed(view)
        return view

    def _show_page(self, *_: Any) -> None:
        """Build the page anew, for its words or for another question."""
        session = self.session
        session.leave_page()
        self._failed = False
        try:
            self.content.objects = [pages.named(session.page).build(session)]
        except Exception as error:
            self._show_error(error)

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
        """After a failure another date or policy may work."""
        if self._failed:
            self._show_page()

    def _show_theme(self, *_: Any) -> None:
        """Light or dark."""
        self.view.dark_theme = self.session.theme == "dark"

    def _show_labels(self, *events: Any) -> None:
        """Bring labels, heading and address up to date; a choice of the reader ends the talk of the address."""
        if any(event.name in ("page", "loan", *_CONTEXT) for event in events):
            self.session.problems = []
        session, words = self.session, self.session.words
        title = words.text(pages.named(session.page).title)
        self.browser.param.update(
            lang=session.lang, theme=session.theme, title=f"{title} · {PRODUCT}", search=session.search()
        )
        self.navigation.param.update(label=words.text("Pages"), value=session.page, items=self._links())
        self.language.label = LANGUAGES[self._next(LANGUAGES, session.lang)]
        self.theme.label = words.text(_THEME_NAMES[self._next(_THEME_NAMES, session.theme)])
        self.as_of.param.update(label=words.text("As of"), value=session.as_of.isoformat())
        self.policy.param.update(label=words.text("Policy"), value=session.policy)
        self.loan.param.update(label=words.text("Loan number"), value=session.loan)
        self.heading.object = self._heading(title)
        self.problems.visible = bool(session.problems)
        self.problems.object = self._problem_texts()

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
        ]

    def _heading(self, title: str) -> str:
        """Title of the page with portfolio, date and policy."""
        session, words = self.session, self.session.words
        sub = words.text(
            "Portfolio {portfolio} · end of {date} · policy {policy}",
            portfolio=session.portfolio,
            date=words.date(session.as_of),
            policy=session.policy,
        )
        return f'<h1>{safe(title)}</h1><p class="sub">{safe(sub)}</p>'

    def _problem_texts(self) -> str:
        """What was wrong in the address."""
        title = self.session.words.text("Part of the address was not understood")
        return parts.message(title, " ".join(self.session.problem_texts), is_problem=True)

    def _take_day(self, text: str) -> None:
        """Take a day from the date field if it is one."""
        day = read_day(text)
        if day is not None:
            self.session.as_of = day

    @staticmethod
    def _next(names: Any, present: str) -> str:
        """The choice after the present one, round and round."""
        choices = list(names)
        return choices[(choices.index(present) + 1) % len(choices)]


def create_view(session: Session) -> Any:
    """What one reader is served; a failure of the shell itself is a card, never a spinner."""
    return guarded(lambda: Shell(session).view, session.words)
