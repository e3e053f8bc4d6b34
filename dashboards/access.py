"""Access control: what the access file says, who is signed in, and with which role at this moment.

Who is signed in stands in a signed cookie of the browser. It holds the name, a number of the sign-in, and a mark of the
password as it was then; so it ends by time, by signing out, by a new password, and when the user is removed.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import tomllib
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field
from tornado.web import create_signed_value, decode_signed_value

from collectkit.errors import CallError, CollectkitError
from collectkit.rules import Rules, Text, checked
from dashboards.passwords import User, is_right, read_users, strangers
from dashboards.rights import NOBODY, Reader

COOKIE = "collectkit"
SECRET = "BOKEH_COOKIE_SECRET"
"""Environment variable with the secret that signs cookies."""
_SHORTEST_SECRET = 32

_Host = Annotated[str, Field(pattern=r"^[A-Za-z0-9.\-\[\]:]+$")]


class Settings(Rules):
    """The access file."""

    users: Text
    origins: list[_Host] = []
    https: bool = True
    proxy: bool = False
    session_hours: Annotated[float, Field(gt=0, le=24 * 31)] = 8
    failed_sign_ins: Annotated[int, Field(ge=1, le=1000)] = 5
    wait_minutes: Annotated[float, Field(gt=0, le=24 * 60)] = 15
    audit: Text | None = None


class Access:
    """Who may come in."""

    def __init__(self, settings: Settings, folder: Path, secret: str) -> None:
        self.settings, self.secret = settings, secret
        self.users_file = folder / settings.users
        self.audit_file = folder / settings.audit if settings.audit else None
        self._read: tuple[Any, dict[str, User]] = (None, {})
        self._ended: dict[str, None] = {}
        read_users(self.users_file)
        strangers()

    @cached_property
    def token_secret(self) -> str:
        """What signs the tokens of the sessions; another secret than that of the cookies."""
        return hmac.new(self.secret.encode(), b"session tokens", hashlib.sha256).hexdigest()

    def users(self) -> dict[str, User]:
        """Everybody as the password file is now; nobody if it cannot be read."""
        try:
            stat = self.users_file.stat()
            state = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
            if self._read[0] != state:
                self._read = (state, read_users(self.users_file))
        except (OSError, CollectkitError):
            self._read = (None, {})
        return self._read[1]

    def sign_in(self, name: str, password: str) -> str | None:
        """The cookie of somebody who knows the password, else None; takes as long for a name that is not known."""
        user = self.users().get(name)
        right = is_right(password, user.password if user else strangers())
        if user is None or not right:
            return None
        value = "|".join((name, secrets.token_urlsafe(12), self._mark(user)))
        return create_signed_value(self.secret, COOKIE, value).decode()

    def sign_out(self, cookie: str | None) -> str:
        """Take a cookie as ended, wherever it was copied to; the name it stood for."""
        name, number = self._signed(cookie)
        if number:
            self._ended[number] = None
            while len(self._ended) > 10_000:
                self._ended.pop(next(iter(self._ended)))
        return name

    def name_of(self, cookie: str | None) -> str:
        """Who is signed in by a cookie; empty if nobody is."""
        name, number = self._signed(cookie)
        return name if number not in self._ended else ""

    def role_of(self, cookie: str | None) -> str:
        """The role of whoever is signed in by a cookie, as it is now."""
        name = self.name_of(cookie)
        return self.users()[name].role if name else NOBODY

    def _signed(self, cookie: str | None) -> tuple[str, str]:
        """Name and number of a cookie that we signed, that has not run out, and whose password is still the same."""
        days = self.settings.session_hours / 24
        value = decode_signed_value(self.secret, COOKIE, cookie, max_age_days=days) if cookie else None
        if value is None:
            return "", ""
        name, number, mark = value.decode().split("|")
        user = self.users().get(name)
        return (name, number) if user and hmac.compare_digest(mark, self._mark(user)) else ("", "")

    def _mark(self, user: User) -> str:
        """What changes with the password and gives nothing of it away."""
        return hmac.new(self.secret.encode(), user.password.encode(), hashlib.sha256).hexdigest()[:32]


class SignedIn(Reader):
    """Somebody who is signed in; the role is looked up each time, so what is taken away is gone at once."""

    def __init__(self, access: Access, cookie: str | None) -> None:
        self.access, self._cookie = access, cookie
        self.name = access.name_of(cookie)

    @property
    def role(self) -> str:
        """The role at this moment; none once the sign-in has ended."""
        return self.access.role_of(self._cookie)


def load_access(path: str | Path) -> tuple[Access, list[str]]:
    """Read an access file; with it what the one who starts the server should know.

    Raises
    ------
    CallError
        The file, the password file or the secret will not do.
    PolicyError
        A value of the file will not do.
    """
    file = Path(path)
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CallError(f"The access file {file} cannot be read: {error}.") from error
    settings, told = checked(Settings, data, file.name), []
    secret = os.environ.get(SECRET, "")
    if not secret:
        secret = secrets.token_urlsafe(48)
        told.append(
            f"{SECRET} is not set, so a secret was made for this run: after a restart everybody signs in again."
        )
    elif len(secret) < _SHORTEST_SECRET:
        raise CallError(
            f"{SECRET} has fewer than {_SHORTEST_SECRET} characters. `openssl rand -base64 48` makes a good one."
        )
    if not settings.https:
        told.append("https = false: passwords travel in the clear. Put TLS in front and set it to true.")
    return Access(settings, file.parent, secret), told
