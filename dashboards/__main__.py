"""Serve the pages on this machine: ``python -m dashboards``."""

from __future__ import annotations

import argparse
import ipaddress
import sys

_REFUSED = (
    "The pages show loans of customers and have no access control yet: they are shown on this machine only.\n"
    "Use --address 127.0.0.1 (the default), or reach them from elsewhere through an SSH tunnel:\n"
    "    ssh -L 5006:127.0.0.1:5006 <this machine>"
)


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
    parser = argparse.ArgumentParser(prog="python -m dashboards", description="Serve the collectkit pages.")
    parser.add_argument("--port", type=int, default=5006, help="port to listen on (default 5006)")
    parser.add_argument("--address", default="127.0.0.1", help="address to listen on; loopback only")
    parser.add_argument("--show", action=argparse.BooleanOptionalAction, default=False, help="open a browser")
    parser.add_argument("--no-browser", dest="show", action="store_false", help="same as --no-show (default)")
    chosen = parser.parse_args(arguments)
    if not is_loopback(chosen.address):
        sys.stderr.write(f"Not served on {chosen.address}.\n{_REFUSED}\n")
        return 2
    from dashboards.app import serve

    sys.stdout.write(f"collectkit is loading; then open http://127.0.0.1:{chosen.port}/ (Ctrl+C stops it)\n")
    sys.stdout.flush()
    try:
        serve(address=chosen.address, port=chosen.port, show=chosen.show)
    except OSError as error:
        sys.stderr.write(f"Cannot listen on port {chosen.port}: {error}. Choose another one with --port.\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
