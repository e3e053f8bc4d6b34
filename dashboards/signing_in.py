"""The pages to sign in and out, and what tells the server who asks: Bokeh's hooks for authentication."""

from __future__ import annotations

import asyncio
import math
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from bokeh.server.auth_provider import AuthProvider
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from tornado.web import RequestHandler

from dashboards import audit
from dashboards.access import COOKIE
from dashboards.throttle import Throttle
from dashboards.words import LANGUAGES, N_, words_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dashboards.access import Access

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "static"), autoescape=True, undefined=StrictUndefined
)
_TEXTS = {
    "title": N_("Sign in"),
    "name": N_("User name"),
    "password": N_("Password"),
    "submit": N_("Sign in"),
    "about": N_("These pages show loans of customers. What you may see depends on your role; downloads are logged."),
}
_WRONG = N_("User name or password is wrong.")
_WAIT = N_("Too many attempts. Try again in {minutes} min, or ask who looks after this server.")
_FROM_ONE_ADDRESS, _FOR_ONE_NAME = 4, 10
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


class Provider(AuthProvider):
    """Who asks, by the cookie, for every page, file and websocket."""

    def __init__(self, access: Access) -> None:
        self.access = access
        super().__init__()

    @property
    def get_user(self) -> Any:
        """Name of whoever asks; None leads to the page to sign in."""
        return lambda handler: self.access.name_of(handler.get_cookie(COOKIE)) or None

    @property
    def login_url(self) -> str:
        """Where to sign in."""
        return "/login"

    @property
    def login_handler(self) -> type[RequestHandler]:
        """What signs in."""
        settings = self.access.settings
        throttle = Throttle(60 * settings.wait_minutes)
        return type("SignIn", (_SignIn,), {"access": self.access, "throttle": throttle, "queue": ThreadPoolExecutor(1)})

    @property
    def logout_url(self) -> str:
        """Where to sign out."""
        return "/logout"

    @property
    def logout_handler(self) -> type[RequestHandler]:
        """What signs out."""
        return type("SignOut", (_SignOut,), {"access": self.access})


class _SignIn(RequestHandler):
    """The page to sign in."""

    access: Access
    throttle: Throttle
    queue: ThreadPoolExecutor

    def get(self) -> None:
        """Show the form."""
        self._show(inside(self.get_argument("next", "/")))

    async def post(self) -> None:
        """Let in whoever knows the password; each one who tries is counted until then."""
        name, target = self.get_argument("username", "", strip=True), inside(self.get_argument("next", "/"))
        if not self._is_own_form():
            self.send_error(403)
            return
        limits = self._limits(name)
        wait = self.throttle.attempt(limits)
        if wait > 0:
            self._refuse(name, target, wait)
            return
        check = partial(self.access.sign_in, name, self.get_argument("password", "", strip=False))
        cookie = await asyncio.get_running_loop().run_in_executor(self.queue, check)  # one at a time: each takes 32 MB
        if cookie is None:
            self._refuse(name, target)
            return
        self.throttle.forgive(limits)
        audit.note("sign-in", name, address=self.request.remote_ip)
        self.set_cookie(COOKIE, cookie, httponly=True, samesite="Lax", secure=self.access.settings.https, path="/")
        self.redirect(target, status=303)

    def _limits(self, name: str) -> Mapping[Any, int]:
        """How many attempts may fail: of this name from this address, from the address, for the name."""
        most, address = self.access.settings.failed_sign_ins, self.request.remote_ip
        return {(name, address): most, (address,): _FROM_ONE_ADDRESS * most, name: _FOR_ONE_NAME * most}

    def _is_own_form(self) -> bool:
        """False if another site's page has sent the form."""
        origin = self.request.headers.get("Origin")
        return origin is None or urlsplit(origin).netloc in {self.request.host, *self.access.settings.origins}

    def _refuse(self, name: str, target: str, wait: float = 0) -> None:
        """Show the form again with why; what was typed is written down only if it is the name of a user."""
        known = name if name in self.access.users() else "?"
        audit.note("sign-in refused", known, address=self.request.remote_ip, is_throttled=wait > 0)
        if wait > 0:
            self.set_header("Retry-After", str(math.ceil(wait)))
        self.set_status(429 if wait > 0 else 401)
        self._show(target, _WAIT if wait > 0 else _WRONG, minutes=math.ceil(wait / 60))

    def _show(self, target: str, problem: str = "", **values: Any) -> None:
        """The form in the language of the address that is asked for, else of the browser."""
        language = self._language(target)
        words = words_in(language)
        texts = {name: words.text(text) for name, text in _TEXTS.items()}
        told = words.text(problem, **values) if problem else ""
        for name, value in _HEADERS.items():
            self.set_header(name, value)
        self.write(_TEMPLATES.get_template("sign_in.html").render(
            language={"zh": "zh-CN"}.get(language, language), target=target, problem=told, **texts
        ))  # fmt: skip

    def _language(self, target: str) -> str:
        asked = parse_qs(urlsplit(target).query).get("lang", [""])[0]
        if asked in LANGUAGES:
            return asked
        return "zh" if self.request.headers.get("Accept-Language", "").lower().startswith("zh") else "en"


class _SignOut(RequestHandler):
    """Ends a sign-in, also for copies of its cookie and for open pages."""

    access: Access

    def get(self) -> None:
        """Sign out and show the page to sign in."""
        name = self.access.sign_out(self.get_cookie(COOKIE))
        if name:
            audit.note("sign-out", name)
        self.clear_cookie(COOKIE, path="/")
        self.redirect("login")


def inside(target: str) -> str:
    r"""The target if it is an address on this server, else the first page.

    Examples
    --------
    >>> inside("/?page=today"), inside("//elsewhere"), inside("https://elsewhere"), inside("/\\elsewhere")
    ('/?page=today', '/', '/', '/')
    """
    parts = urlsplit(target)
    is_inside = target.startswith("/") and not target.startswith("//") and not (parts.scheme or parts.netloc)
    return target if is_inside and "\\" not in target and target.isprintable() else "/"
