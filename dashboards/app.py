"""The app: one session per browser tab, one shell around all pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import panel as pn

from dashboards import audit, pages, planned, shared
from dashboards.access import COOKIE, SignedIn
from dashboards.controls import PLOTLY_SOURCE
from dashboards.session import Session
from dashboards.shell import PRODUCT, create_view
from dashboards.signing_in import Provider
from dashboards.words import LANGUAGES, N_, words_in

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from dashboards.access import Access

_CHECK_SESSIONS_MS = 5_000
_SESSION_LIFETIME_MS = 60_000
_LARGEST_BODY = 1024**2
"""Most that one request can carry [bytes]; uploads come in pieces through the websocket."""
_LOADER_MESSAGES = {
    "loading": N_("Loading…"),
    "failed": N_("The server does not answer. Check that it is running, then reload the page."),
}

pn.extension("tabulator", notifications=False)


def create_app(access: Access | None = None) -> Any:
    """What Panel calls for each new session; the address, and who asks, are read here."""
    if pn.state.curdoc is not None:
        pn.state.curdoc.template_variables.update(loader_texts=_loader_texts(), plotly_source=PLOTLY_SOURCE)
    reader = SignedIn(access, pn.state.cookies.get(COOKIE)) if access else None
    session = Session(pages.names(), _query(pn.state.session_args), reader)
    audit.remember(pn.state.curdoc, session.reader.name)
    return create_view(session)


def serve(
    *,
    address: str = "127.0.0.1",
    port: int = 5006,
    show: bool = False,
    threaded: bool = False,
    access: Access | None = None,
) -> Any:
    """Warm up, then serve the app until it is stopped.

    Parameters
    ----------
    address : str
        Address to listen on; without access control `dashboards.__main__` refuses all but loopback.
    port : int
        Port to listen on.
    show : bool
        Open a browser.
    threaded : bool
        Serve in a thread and return, for tests.
    access : Access, optional
        Who may come in; without it everybody who reaches the port may see everything.

    Returns
    -------
    StoppableThread or Server
        What Panel returns.
    """
    shared.warm()
    planned.warm()
    hosts = {"127.0.0.1", "localhost", f"[{address}]" if ":" in address else address}
    return pn.serve(
        lambda: create_app(access),
        address=address,
        port=port,
        show=show,
        threaded=threaded,
        title=PRODUCT,
        verbose=False,
        compress_response=True,
        liveness=True,
        websocket_origin=_origins(hosts, port, access),
        http_server_kwargs={"max_body_size": _LARGEST_BODY, "xheaders": bool(access and access.settings.proxy)},
        check_unused_sessions_milliseconds=_CHECK_SESSIONS_MS,
        unused_session_lifetime_milliseconds=_SESSION_LIFETIME_MS,
        **(_guarded(access) if access else {}),
    )


def _origins(hosts: Collection[str], port: int, access: Access | None) -> list[str]:
    """Hosts whose pages may open a websocket: this machine, and those of the access file."""
    return [*sorted(f"{host}:{port}" for host in hosts), *(access.settings.origins if access else ())]


def _guarded(access: Access) -> dict[str, Any]:
    """What the server does with access control: asks who comes, signs its tokens, writes the audit log."""
    audit.keep(access.audit_file)
    return {
        "auth_provider": Provider(access),
        "cookie_secret": access.secret,
        "sign_sessions": True,
        "secret_key": access.token_secret,
    }


def _loader_texts() -> dict[str, dict[str, str]]:
    """What stands on the screen before the page is there, in every language."""
    return {
        language: {name: words_in(language).text(message) for name, message in _LOADER_MESSAGES.items()}
        for language in LANGUAGES
    }


def _query(arguments: Mapping[str, Any]) -> dict[str, list[str]]:
    """Values of the address as text; bytes that are not text count as not given."""
    query = {}
    for name, values in arguments.items():
        try:
            query[name] = [value.decode("utf-8") for value in values]
        except UnicodeDecodeError:
            continue
    return query
