"""A gateway on loopback, over HTTP: answers as it is told, and keeps what it was asked."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from tests.services.processes import LOOPBACK, POLL_S


@dataclass
class Asked:
    """One request."""

    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class LoopbackGateway:
    """A context manager. status, told: what it answers; silent_seconds: how long it says nothing after it has heard.

    more: header fields of its answer; hearing: called with the asker's port once it has heard, before it answers
    """

    status: int = 200
    told: Any = field(default_factory=dict)
    silent_seconds: float = 0
    more: Mapping[str, str] = field(default_factory=dict)
    hearing: Callable[[int], None] | None = None
    asked: list[Asked] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://{LOOPBACK}:{self._server.server_port}"

    def __enter__(self) -> Self:
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                gateway.asked.append(Asked(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
                if gateway.hearing is not None:
                    gateway.hearing(self.client_address[1])
                time.sleep(gateway.silent_seconds)
                raw = gateway.told if isinstance(gateway.told, bytes) else json.dumps(gateway.told).encode()
                self.send_response(gateway.status)
                self.send_header("Content-Length", str(len(raw)))
                for name, value in gateway.more.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, *_: object) -> None:
                """Say nothing: an address stands in the path."""

        self._server = ThreadingHTTPServer((LOOPBACK, 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(POLL_S,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
