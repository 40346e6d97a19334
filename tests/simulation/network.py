"""A line between a phone and the server that does what lines in the field do; every fault is counted by its kind."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping

import httpx

from tests.simulation.clocks import WorldClock

Send = Callable[[httpx.Request], httpx.Response]
SLOW_MS = 60_000
GUEST_PAGE = b"<html><title>Welcome</title>Please sign in to use the network.</html>"


class Line(httpx.BaseTransport):
    """One phone's line: sound while `faults` is empty.

    faults: {kind: chance for each request}; told: how often each kind struck
    """

    def __init__(self, send: Send, chance: random.Random, clock: WorldClock, told: Counter[str]):
        self.send, self.chance, self.clock, self.told = send, chance, clock, told
        self.faults: Mapping[str, float] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Carry a request, or do to it what the line does."""
        kind = self._struck()
        if kind is None:
            return self.send(request)
        self.told[kind] += 1
        return getattr(self, f"_{kind}")(request)

    def _struck(self) -> str | None:
        at = self.chance.random()
        for kind, part in self.faults.items():
            if at < part:
                return kind
            at -= part
        return None

    def _request_lost(self, request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("lost on its way", request=request)

    def _answer_lost(self, request: httpx.Request) -> httpx.Response:
        self.send(request)
        raise httpx.ReadTimeout("no answer", request=request)

    def _answer_cut(self, request: httpx.Request) -> httpx.Response:
        self.send(request)
        raise httpx.RemoteProtocolError("the line ended within the answer", request=request)

    def _sent_twice(self, request: httpx.Request) -> httpx.Response:
        self.send(_again(request, request.read()))
        return self.send(request)

    def _sent_thrice_answer_of_first(self, request: httpx.Request) -> httpx.Response:
        first = self.send(_again(request, request.read()))
        first.read()
        for _ in range(2):
            self.send(_again(request, request.read()))
        return first

    def _body_cut(self, request: httpx.Request) -> httpx.Response:
        body = request.read()
        return self.send(_again(request, body[: len(body) // 2]))

    def _body_flipped(self, request: httpx.Request) -> httpx.Response:
        body = bytearray(request.read())
        if body:
            body[self.chance.randrange(len(body))] ^= 1 << self.chance.randrange(8)
        return self.send(_again(request, bytes(body)))

    def _guest_page(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"Content-Type": "text/html"}, content=GUEST_PAGE)

    def _redirected(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(302, headers={"Location": "http://guest.example/"})

    def _proxy_down(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(502, headers={"Content-Type": "text/html"}, content=b"bad gateway")

    def _proxy_busy(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(503, headers={"Retry-After": "1"}, content=b"later")

    def _slow(self, request: httpx.Request) -> httpx.Response:
        self.clock.now += self.chance.randrange(SLOW_MS)
        found = self.send(request)
        found.read()
        self.clock.now += self.chance.randrange(SLOW_MS)
        return found


KINDS = (
    "answer_cut", "answer_lost", "body_cut", "body_flipped", "guest_page", "proxy_busy", "proxy_down", "redirected",
    "request_lost", "sent_thrice_answer_of_first", "sent_twice", "slow",
)  # fmt: skip


def _again(request: httpx.Request, body: bytes) -> httpx.Request:
    headers = [(name, value) for name, value in request.headers.raw if name.lower() != b"content-length"]
    return httpx.Request(request.method, request.url, headers=headers, content=body)
