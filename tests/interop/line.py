"""The line between a phone and the server: it may be cut, and what comes over it may be falsified."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from tests.services.processes import LOOPBACK, POLL_S

HOPS = {"connection", "keep-alive", "transfer-encoding", "content-length", "host"}
"""Headers that belong to one hop, not to the message."""


class Cut(Exception):
    """The line is cut here: the phone gets no answer."""


@dataclass
class Exchange:
    """One request and what the phone is told; a test may alter status, told (headers) and answer."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    status: int = 0
    told: dict[str, str] = field(default_factory=dict)
    answer: bytes = b""

    @property
    def place(self) -> str:
        """The path without its query."""
        return self.path.partition("?")[0]


Alter = Callable[[Exchange], None]


def cut(exchange: Exchange) -> None:
    """Cut the line."""
    raise Cut


def said(change: Callable[[bytes], bytes]) -> Alter:
    """Return what tells the phone something else than the server said."""

    def alter(exchange: Exchange) -> None:
        exchange.answer = change(exchange.answer)

    return alter


def once(place: str, alter: Alter) -> Alter:
    """Return what alters the first exchange at a place, and lets all others through."""
    left = [True]

    def after(exchange: Exchange) -> None:
        if exchange.place == place and left:
            left.clear()
            alter(exchange)

    return after


class Line:
    """A proxy in front of a server, whose address is the public one; a context manager.

    before: told each request ahead of the server; after: told each exchange ahead of the phone; both may raise Cut
    seen: every exchange, in order
    """

    def __init__(self) -> None:
        self.port_behind = 0
        self.seen: list[Exchange] = []
        self.reset()
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer((LOOPBACK, 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://{LOOPBACK}:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(POLL_S,), daemon=True)

    def reset(self) -> None:
        """Let everything through again, and forget what was seen."""
        self.before: Alter = lambda exchange: None
        self.after: Alter = lambda exchange: None
        self.seen.clear()

    def statuses(self, method: str, place: str) -> list[int]:
        """Return the statuses with which the server answered some requests, in order."""
        return [one.status for one in self.seen if (one.method, one.place) == (method, place)]

    def carry(self, exchange: Exchange) -> Exchange:
        """Ask the server and return what the phone is to be told."""
        self.before(exchange)
        upstream = http.client.HTTPConnection(LOOPBACK, self.port_behind, timeout=60)
        try:
            upstream.request(exchange.method, exchange.path, exchange.body, dict(exchange.headers))
            answer = upstream.getresponse()
            exchange.answer = answer.read()
        finally:
            upstream.close()
        exchange.status = answer.status
        exchange.told = {name: value for name, value in answer.getheaders() if name.lower() not in HOPS}
        with self._lock:
            self.seen.append(exchange)
        self.after(exchange)
        return exchange

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        line = self

        class Handler(BaseHTTPRequestHandler):
            """Takes one request, and answers as the line decides."""

            protocol_version = "HTTP/1.1"

            def carry(self) -> None:
                """Read the request, pass it on, and pass the answer back."""
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name: value for name, value in self.headers.items() if name.lower() not in HOPS}
                try:
                    done = line.carry(Exchange(self.command, self.path, headers, body))
                except Cut:
                    self.close_connection = True
                    return
                self.send_response_only(done.status)
                for name, value in done.told.items():
                    self.send_header(name, value)
                if done.status != 204:
                    self.send_header("Content-Length", str(len(done.answer)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(done.answer)

            do_GET = do_POST = do_HEAD = do_PATCH = do_DELETE = carry  # noqa: N815 - as http.server calls them

            def log_message(self, format: str, *words: object) -> None:  # noqa: A002 - as http.server calls it
                """Say nothing."""

        return Handler

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
