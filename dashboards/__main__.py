"""Serve the pages: ``python -m dashboards``, on this machine; to a team with ``--access access.toml``."""

from __future__ import annotations

import argparse
import ipaddress
import sys

from collectkit.errors import CollectkitError

_REFUSED = (
    "The pages show loans of customers, so without access control they are shown on this machine only.\n"
    "Name an access file (--access access.toml; --help says what stands in it), use --address 127.0.0.1 (the\n"
    "default), or reach them from elsewhere through an SSH tunnel:\n"
    "    ssh -L 5006:127.0.0.1:5006 <this machine>"
)
_ABOUT_ACCESS = """\
access.toml, for a team (everything but users may be left out):
  users = "users.toml"          password file; python -m dashboards.users users.toml add NAME --role viewer
  origins = ["pages.example"]   hosts under which browsers reach the pages; default: this machine
  https = true                  the cookie goes over TLS only; false for a trial without TLS
  proxy = false                 true: believe the address that the proxy in front says
  session_hours = 8             after that everybody signs in again
  failed_sign_ins = 5           so many in wait_minutes, then that name has to wait
  wait_minutes = 15
  audit = "audit.log"           sign-ins, downloads, looks at loans; default: the server's output
Files are found from the folder of access.toml. BOKEH_COOKIE_SECRET in the environment signs the cookies.
roles: viewer (totals), analyst (loans, too), manager (personal data, letters, statements, too), admin (the page
Data, too)."""


def is_loopback(address: str) -> bool:
    """True if only this machine can reach the address."""
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def main(arguments: list[str] | None = None) -> int:
    """Read the command line and serve; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m dashboards",
        description="Serve the collectkit pages.",
        epilog=_ABOUT_ACCESS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, default=5006, help="port to listen on (default 5006)")
    parser.add_argument(
        "--address", default="127.0.0.1", help="address to listen on; without --access this machine only"
    )
    parser.add_argument("--access", metavar="FILE", help="access file: who may sign in, and how; see below")
    parser.add_argument("--portfolio", action="append", default=[], metavar="PATH",
                        help="show this, too: a folder or file of ours, a workspace, a SQLAlchemy URL, or a file of "
                        "month ends of `collectkit cube`, which has no loans but is there at once")  # fmt: skip
    parser.add_argument("--mapping", help="mapping file for portfolios whose columns have other names than ours")
    parser.add_argument("--policy", action="append", default=[], metavar="FILE",
                        help="use these rules: a TOML file like those in collectkit/policies")  # fmt: skip
    parser.add_argument("--show", action=argparse.BooleanOptionalAction, default=False, help="open a browser")
    parser.add_argument("--no-browser", dest="show", action="store_false", help="same as --no-show (default)")
    chosen = parser.parse_args(arguments)
    if not chosen.access and not is_loopback(chosen.address):
        sys.stderr.write(f"Not served on {chosen.address}.\n{_REFUSED}\n")
        return 2
    from dashboards import shared
    from dashboards.access import load_access
    from dashboards.app import serve

    sys.stdout.write(f"collectkit is loading; then open http://127.0.0.1:{chosen.port}/ (Ctrl+C stops it)\n")
    sys.stdout.flush()
    try:
        access, told = load_access(chosen.access) if chosen.access else (None, [])
        sys.stderr.writelines(f"Note: {line}\n" for line in told)
        for file in chosen.policy:
            shared.offer_policy(file)
        for source in chosen.portfolio:
            shared.portfolio(shared.edition(shared.offer_source(source, chosen.mapping)))
    except CollectkitError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    try:
        serve(address=chosen.address, port=chosen.port, show=chosen.show, access=access)
    except OSError as error:
        sys.stderr.write(f"Cannot listen on port {chosen.port}: {error}. Choose another one with --port.\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
