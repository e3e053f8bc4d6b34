"""Bokeh's websocket protocol, as far as a reader without a browser needs it."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import websocket_connect

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST = 200 * 1024**2
_FILE = re.compile(r'"name", "([^"]+)"\], \["type", "[^"]*"\], \["data", {"type": "bytes", "data": {"id": "([^"]+)"')


async def connected(address: str, query: str, headers: dict[str, str]) -> tuple[Talk, str, Any]:
    """A page that is open: the talk with its server, its markup, its document."""
    client = AsyncHTTPClient(force_instance=True)
    try:
        page = (await client.fetch(address + query, headers=headers, request_timeout=120)).body.decode()
    finally:
        client.close()
    token = re.search(r'"token":"([^"]+)"', page).group(1)
    request = HTTPRequest(address.replace("http", "ws", 1) + "ws", headers={**headers, "Origin": address.rstrip("/")})
    talk = Talk(await websocket_connect(request, subprotocols=["bokeh", token], max_message_size=_MOST))
    await talk.until("ACK")
    document = await talk.asked("PULL-DOC-REQ", {})
    ready = {"type": "event", "name": "document_ready", "values": {"type": "map", "entries": []}}
    await talk.tell({"kind": "MessageSent", "msg_type": "bokeh_event", "msg_data": ready})
    return talk, page, document


class Talk:
    """Bokeh's protocol, as far as it is needed."""

    def __init__(self, socket: Any) -> None:
        self.socket, self.number = socket, 0

    async def message(self) -> SimpleNamespace:
        """One message: its kind, what it answers, its content, its files."""
        header, _, content = [json.loads(await self._part()) for _ in range(3)]
        buffers = {}
        for _ in range(header.get("num_buffers", 0)):
            number = json.loads(await self._part())["id"]
            buffers[number] = await self._part()
        files = {name: buffers[number] for name, number in _FILE.findall(json.dumps(content, ensure_ascii=False))}
        return SimpleNamespace(kind=header["msgtype"], answers=header.get("reqid"), content=content, files=files)

    async def until(self, kind: str) -> SimpleNamespace:
        """The next message of a kind."""
        while (message := await self.message()).kind != kind:
            pass
        return message

    async def asked(self, kind: str, content: dict[str, Any]) -> Any:
        """The content of the answer."""
        number = await self._send(kind, content)
        while (message := await self.message()).answers != number:
            pass
        return message.content.get("doc", message.content)

    async def tell(self, event: dict[str, Any]) -> None:
        """Say that something has changed."""
        await self._send("PATCH-DOC", {"events": [event]})

    async def change(self, model: str, name: str, value: Any) -> None:
        """Change a model of the document, as a control of the page does."""
        await self.tell({"kind": "ModelChanged", "model": {"id": model}, "attr": name, "new": value})

    async def close(self) -> None:
        """Close the page, and hear what is still on its way."""
        self.socket.close()
        while await self.socket.read_message() is not None:
            pass

    async def _part(self) -> Any:
        part = await self.socket.read_message()
        if part is None:
            raise ConnectionError("the server has closed the websocket")
        return part

    async def _send(self, kind: str, content: dict[str, Any]) -> str:
        self.number += 1
        number = f"asked{self.number}"
        for part in ({"msgid": number, "msgtype": kind}, {}, content):
            await self.socket.write_message(json.dumps(part))
        return number


def models(part: Any) -> Iterator[dict[str, Any]]:
    """Every model of a document as it was sent."""
    if isinstance(part, dict):
        if part.get("type") == "object" and "id" in part:
            yield part
        for value in part.values():
            yield from models(value)
    elif isinstance(part, list):
        for value in part:
            yield from models(value)


def data_of(model: dict[str, Any]) -> dict[str, Any]:
    """The values of a component of ours."""
    return model.get("attributes", {}).get("data", {}).get("attributes", {})
