"""The password file: who may sign in, with which role, and a salted hash of each password (scrypt, RFC 7914)."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import tempfile
from base64 import b64decode, b64encode
from functools import cache
from pathlib import Path
from typing import Literal

import tomlkit
from pydantic import TypeAdapter, ValidationError

from collectkit.errors import CallError
from collectkit.rules import Rules, Text

SHORTEST = 12
"""Fewest characters of a password."""
_LONGEST = 1024
_COST, _BLOCK, _PARALLEL = 2**15, 8, 3  # OWASP password storage cheat sheet: 32 MiB, as strong as its first choice
_MEMORY = 2 * 128 * _COST * _BLOCK
_NAME = re.compile(r"[\w.@-]{1,64}", re.ASCII)


class User(Rules):
    """One line of the password file."""

    role: Literal["viewer", "analyst", "manager", "admin"]
    password: Text


def hashed(password: str, salt: bytes | None = None) -> str:
    """A password as it is kept: the way it was made, its salt, the hash."""
    salt = secrets.token_bytes(16) if salt is None else salt
    key = hashlib.scrypt(password.encode(), salt=salt, n=_COST, r=_BLOCK, p=_PARALLEL, maxmem=_MEMORY)
    return f"scrypt${_COST}${_BLOCK}${_PARALLEL}${b64encode(salt).decode()}${b64encode(key).decode()}"


def is_right(password: str, kept: str) -> bool:
    """True if this password was kept."""
    if len(password) > _LONGEST:
        return False
    _, _, _, _, salt, _ = kept.split("$")
    return hmac.compare_digest(hashed(password, b64decode(salt)), kept)


@cache
def strangers() -> str:
    """Kept for nobody: a name that is not known takes as long to refuse as a wrong password."""
    return hashed(secrets.token_urlsafe())


def read_users(path: Path) -> dict[str, User]:
    """Everybody in a password file.

    Raises
    ------
    CallError
        The file is not there or holds something else.
    """
    try:
        data = tomlkit.parse(path.read_text(encoding="utf-8")).unwrap()
        return TypeAdapter(dict[str, User]).validate_python(data)
    except (OSError, UnicodeDecodeError, tomlkit.exceptions.TOMLKitError, ValidationError) as error:
        raise CallError(f"The password file {path} cannot be read: {type(error).__name__}. "
                        "Write it with `python -m dashboards.users`.") from error  # fmt: skip


def with_user(users: dict[str, User], name: str, role: str, password: str) -> dict[str, User]:
    """Everybody, and one more or one changed.

    Raises
    ------
    CallError
        The name or the password will not do.
    """
    if not _NAME.fullmatch(name):
        raise CallError("A user name has 1 to 64 letters, digits and . _ @ -.")
    if not SHORTEST <= len(password) <= _LONGEST:
        raise CallError(
            f"A password has at least {SHORTEST} characters; a few words in a row are easy to keep in mind."
        )
    if password.casefold().replace(" ", "") in {name.casefold(), "collectkit", "collectkitcollectkit"}:
        raise CallError("This password is too easy to guess. Take a few words in a row.")
    return users | {name: User.model_validate({"role": role, "password": hashed(password)})}


def write_users(users: dict[str, User], path: Path) -> None:
    """Write a password file that only its owner can read; a crash leaves the old one."""
    text = tomlkit.dumps({name: user.model_dump() for name, user in sorted(users.items())})
    number, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)  # mode 0600
    with os.fdopen(number, "w", encoding="utf-8") as file:
        file.write("# Written by python -m dashboards.users. Who may sign in, with which role.\n\n" + text)
        file.flush()
        os.fsync(file.fileno())
    Path(name).replace(path)
