"""An object store on this machine that speaks as much S3 as is needed: objects of one bucket, put, read and listed."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from email.utils import formatdate
from hashlib import md5
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

LISTED = "<Contents><Key>{}</Key><LastModified>2026-01-01T00:00:00Z</LastModified><Size>{}</Size></Contents>"


class Answers(BaseHTTPRequestHandler):
    """Answers of the store; every request is noted."""

    protocol_version = "HTTP/1.1"

    def do_PUT(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.objects[self._key()] = body
        self._answer(200, ETag=f'"{md5(body).hexdigest()}"')

    def do_GET(self):
        key, body = self._key(), self.server.objects.get(self._key())
        if not key:
            self._answer(200, self._list())
        elif body is None:
            self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
        else:
            self._give(body)

    do_HEAD = do_GET

    def _give(self, body):
        about = {"ETag": f'"{md5(body).hexdigest()}"', "Last-Modified": formatdate(0, usegmt=True)}
        if "Range" not in self.headers:
            return self._answer(200, body, **about)
        first, last = self.headers["Range"].removeprefix("bytes=").split("-")
        part = body[int(first) : int(last or len(body)) + 1]
        where = f"bytes {first}-{int(first) + len(part) - 1}/{len(body)}"
        return self._answer(206, part, **about, **{"Content-Range": where})

    def _list(self):
        """Objects below a prefix; of those that lie deeper only their folders, if a delimiter is given."""
        asked = parse_qs(urlsplit(self.path).query)
        prefix, delimiter = (asked.get(name, [""])[0] for name in ("prefix", "delimiter"))
        files, folders = [], set()
        for key, body in sorted(self.server.objects.items()):
            if key.startswith(prefix):
                here, deeper, _ = key[len(prefix) :].partition(delimiter) if delimiter else (key, "", "")
                if deeper:
                    folders.add(prefix + here + deeper)
                else:
                    files.append(LISTED.format(escape(key), len(body)))
        below = "".join(f"<CommonPrefixes><Prefix>{escape(name)}</Prefix></CommonPrefixes>" for name in sorted(folders))
        return f"<ListBucketResult><IsTruncated>false</IsTruncated>{''.join(files)}{below}</ListBucketResult>".encode()

    def _key(self):
        return unquote(urlsplit(self.path).path).removeprefix("/bucket").lstrip("/")

    def _answer(self, status, body=b"", **headers):
        self.server.asked.append((self.command, self._key()))
        self.send_response(status)
        for name, value in {**headers, "Content-Length": len(body)}.items():
            self.send_header(name, str(value))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *args):
        """Nothing is printed."""


@contextmanager
def serving():
    """The store, running; its `objects` are the bytes by key, `asked` the requests it had: method and key."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        server.objects, server.asked = {}, []
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
