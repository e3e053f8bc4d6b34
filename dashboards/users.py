"""Keep the password file: ``python -m dashboards.users users.toml add NAME --role analyst``."""

from __future__ import annotations

import argparse
import sys
from getpass import getpass
from pathlib import Path

from collectkit.errors import CallError, CollectkitError
from dashboards.passwords import read_users, with_user, write_users
from dashboards.rights import ROLES


def main(arguments: list[str] | None = None) -> int:
    """Read the command line and change the file; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m dashboards.users",
        description="Who may sign in to the pages. Passwords are asked for, never given.",
    )
    parser.add_argument("file", type=Path, help="password file (the `users` of the access file)")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    add = commands.add_parser("add", help="add a user, or give one a new password and role")
    add.add_argument("name")
    add.add_argument("--role", required=True, choices=tuple(ROLES))
    remove = commands.add_parser("remove", help="take a user away; whoever is signed in loses sight at once")
    remove.add_argument("name")
    commands.add_parser("list", help="list users and roles")
    chosen = parser.parse_args(arguments)
    try:
        sys.stdout.write(_done(chosen))
    except CollectkitError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def _done(chosen: argparse.Namespace) -> str:
    """Do what was asked; what to say of it."""
    is_new = chosen.command == "add" and not chosen.file.exists()
    users = {} if is_new else read_users(chosen.file)
    if chosen.command == "list":
        return "".join(f"{name}\t{user.role}\n" for name, user in sorted(users.items()))
    if chosen.command == "add":
        write_users(with_user(users, chosen.name, chosen.role, _asked(chosen.name)), chosen.file)
        return f"{chosen.name} can sign in as {chosen.role}.\n"
    if chosen.name not in users:
        raise CallError(f"There is no user {chosen.name}. There are: {', '.join(sorted(users)) or 'none'}.")
    write_users({name: user for name, user in users.items() if name != chosen.name}, chosen.file)
    return f"{chosen.name} can no longer sign in.\n"


def _asked(name: str) -> str:
    """A password, typed twice at the terminal."""
    password = getpass(f"Password for {name}: ")
    if getpass("Once more: ") != password:
        raise CallError("The two passwords differ. Nothing was changed.")
    return password


if __name__ == "__main__":
    sys.exit(main())
