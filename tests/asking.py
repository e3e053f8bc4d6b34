"""A reader without a browser: signs in by HTTP, opens a page by websocket, asks it for files as its script would."""

from __future__ import annotations

import asyncio
import json
import re
from types import SimpleNamespace
from urllib.parse import urlencode

from tornado.httpclient import AsyncHTTPClient, HTTPRequest

from benchmarks.talking import connected, data_of, models


def fetch(address, *, cookie=None, headers=None, **request):
    """One answer to one HTTP request; redirects are not followed."""
    headers = {**(headers or {}), **({"Cookie": f"collectkit={cookie}"} if cookie else {})}
    asked = HTTPRequest(address, headers=headers, follow_redirects=False, request_timeout=60, **request)

    async def go():
        client = AsyncHTTPClient(force_instance=True)
        try:
            return await client.fetch(asked, raise_error=False)
        finally:
            client.close()

    return asyncio.run(go())


def sign_in(address, name, password, **headers):
    """The answer to a form, and the cookie that it sets, if any."""
    body = urlencode({"username": name, "password": password, "next": "/?page=today"})
    answer = fetch(f"{address}login", method="POST", body=body, headers=headers)
    found = re.search(r"collectkit=([^;]+);", ";".join(answer.headers.get_list("Set-Cookie")) + ";")
    return answer, found.group(1).strip('"') if found else None


def opened(address, query, *, cookie=None, ask=(), act=None, quiet=0.3, until=""):
    """Everything a page sends: the document, what follows, and the files by their names.

    Every card is asked for every kind in `ask`, offered or not; `act` makes changes of the models of the document, as a
    script in the browser could: model, property, value.
    """
    return asyncio.run(_opened(address, query, cookie, ask, act, quiet, until))


async def _opened(address, query, cookie, ask, act, quiet, until):
    headers = {"Cookie": f"collectkit={cookie}"} if cookie else {}
    talk, page, document = await connected(address, query, headers)
    try:
        known = list(models(document))
        for model, name, value in act(known) if act else ():
            await talk.change(model, name, value)
        cards = [model for model in known if {"heading", "texts"} <= data_of(model).keys()]
        for card in cards:
            for kind in ask:
                await talk.tell(_asks(card["id"], kind))
        offered = sum(kind in _kinds(card) for card in cards for kind in ask)
        heard = await _heard(talk, offered, quiet, until)
    finally:
        await talk.close()
    texts = [page, json.dumps(document, ensure_ascii=False)]
    texts += [json.dumps(message.content, ensure_ascii=False) for message in heard]
    files = {name: content for message in heard for name, content in message.files.items()}
    return SimpleNamespace(text="\n".join(texts), files=files, document=document)


async def _heard(talk, files, quiet, until):
    """All messages until so many files and a text have come and it is quiet for some seconds."""
    messages, is_there = [], not until
    while True:
        waits = not is_there or files > sum(len(message.files) for message in messages)
        try:
            messages.append(await asyncio.wait_for(talk.message(), 60 if waits else quiet))
            is_there = is_there or until in json.dumps(messages[-1].content)
        except TimeoutError:
            return messages


def _asks(card, kind):
    """What a browser says when a file of a card is chosen."""
    data = {"type": "map", "entries": [["asked", kind]]}
    values = {"type": "map", "entries": [["model", {"id": card}], ["data", data]]}
    event = {"type": "event", "name": "data_event", "values": values}
    return {"kind": "MessageSent", "msg_type": "bokeh_event", "msg_data": event}


def _kinds(card):
    """The kinds of files that a card offers."""
    return re.findall(r'"name", "(\w+)"', json.dumps(data_of(card).get("files", [])))
