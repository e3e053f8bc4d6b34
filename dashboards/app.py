"""The app: one session per browser tab, one shell around all pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import panel as pn

from dashboards import pages, shared
from dashboards.controls import PLOTLY_SOURCE
from dashboards.session import Session
from dashboards.shell import PRODUCT, create_view
from dashboards.words import LANGUAGES, N_, words_in

if TYPE_CHECKING:
    from collections.abc import Mapping

_CHECK_SESSIONS_MS = 5_000
_SESSION_LIFETIME_MS = 60_000
_LOADER_MESSAGES = {
    "loading": N_("Loading…"),
    "failed": N_("The server does not answer. Check that it is running, then reload the page."),
}

pn.extension("tabulator", notifications=False)


def create_app() -> Any:
    """What Panel calls for each new session; the address is read here."""
    if pn.state.curdoc is not None:
        pn.state.curdoc.template_variables.update(loader_texts=_loader_texts(), plotly_source=PLOTLY_SOURCE)
    session = Session(pages.names(), _query(pn.state.session_args))
    return create_view(session)


def serve(*, address: str = "127.0.0.1", port: int = 5006, show: bool = False, threaded: bool = False) -> Any:
    """Warm up, then serve the app until it is stopped.

    Parameters
    ----------
    address : str
        Address to listen on; `dashboards.__main__` refuses all but loopback.
    port : int
        Port to listen on.
    show : bool
        Open a browser.
    threaded : bool
        Serve in a thread and return, for tests.

    Returns
    -------
    StoppableThread or Server
        What Panel returns.
    """
    shared.warm()
    hosts = {"127.0.0.1", "localhost", f"[{address}]" if ":" in address else address}
    return pn.serve(
        create_app,
        address=address,
        port=port,
        show=show,
        threaded=threaded,
        title=PRODUCT,
        verbose=False,
        compress_response=True,
        liveness=True,
        websocket_origin=sorted(f"{host}:{port}" for host in hosts),
        check_unused_sessions_milliseconds=_CHECK_SESSIONS_MS,
        unused_session_lifetime_milliseconds=_SESSION_LIFETIME_MS,
    )


def _loader_texts() -> dict[str, dict[str, str]]:
    """What stands on the screen before the page is there, in every language."""
    return {
        language: {name: words_in(language).text(message) for name, message in _LOADER_MESSAGES.items()}
        for language in LANGUAGES
    }


def _query(arguments: Mapping[str, Any]) -> dict[str, str]:
    """Values of the address as text; bytes that are not text count as not given."""
    query = {}
    for name, values in arguments.items():
        try:
            query[name] = values[0].decode("utf-8")
        except UnicodeDecodeError:
            continue
    return query
