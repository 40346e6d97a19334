"""The wire: signed requests, the clock's correction, waiting while the server is busy, problems read as refusals.

Nothing here verifies what an answer says; checking.py does. An answer that is not in the server's form
(a guest network's sign-in page) is NotTheServer, never a proof of anything.
"""

from __future__ import annotations

import email.utils
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from mobile_stub.clock import Clock
from mobile_stub.trouble import BareStatus, NotTheServer, Offline, ServerRefused
from schemas.wire.problem import MEDIA_TYPE, read_problem
from sync import signing
from sync.errors import Busy, DatabaseDown, Malformed, ProofExpired, StorageDown, TooManyRequests

TIMEOUT_SECONDS = 60.0
ANSWER_BYTES_MAX = 64 * 1024 * 1024
BUSY_TRIES_MAX = 3
BUSY_SECONDS_MAX = 20
WAITED_FOR = frozenset({Busy.code, TooManyRequests.code, DatabaseDown.code, StorageDown.code})
"""What is over in a moment; the phone asks again after the seconds that the server names."""
JWS = re.compile(rb"[A-Za-z0-9_\-]+\.[A-Za-z0-9_\-]+\.[A-Za-z0-9_\-]+")
JOSE = "application/jose"
READING = ("GET", "HEAD")


@dataclass(frozen=True, slots=True)
class Answer:
    """A good answer; trip_ms: how long the request took on the phone's steady clock."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    trip_ms: int

    def jws(self) -> str:
        """Return the body as a compact JWS, unverified; raises NotTheServer for anything of another form."""
        if not JWS.fullmatch(self.content.strip()):
            raise NotTheServer("the answer is not a signed statement")
        return self.content.strip().decode("ascii")

    def json(self) -> Any:
        """Return the body as JSON; raises NotTheServer."""
        try:
            return httpx.Response(200, content=self.content).json()
        except ValueError as error:
            raise NotTheServer("the answer is not JSON") from error

    def number(self, name: str) -> int:
        """Return a header that is a whole number; raises NotTheServer."""
        text = self.headers.get(name, "")
        if not re.fullmatch(r"[0-9]{1,15}", text):
            raise NotTheServer(f"the answer lacks {name}")
        return int(text)


@dataclass
class Transport:
    """Requests to one server.

    url: its public address, against which requests are signed; offset_ms: server time minus the phone's wall clock
    learn: told a new offset, to keep it
    """

    url: str
    client: httpx.Client
    clock: Clock
    key: Ed25519PrivateKey | None = None
    device: str = ""
    offset_ms: int = 0
    learn: Callable[[int], None] = field(default=lambda offset_ms: None)
    sleep: Callable[[float], None] = time.sleep

    def now_ms(self) -> int:
        """Return the phone's best guess at the server's time; for proofs and expiry, never for captures."""
        return self.clock.wall_ms() + self.offset_ms

    def get(self, path: str, query: Mapping[str, str | int] | None = None, **more: Any) -> Answer:
        """Send a GET; see ask."""
        return self.ask("GET", f"{path}?{urlencode(query)}" if query else path, **more)

    def ask(
        self,
        method: str,
        path: str,
        *,
        content: bytes = b"",
        headers: Mapping[str, str] | None = None,
        signed: bool = True,
        good: tuple[int, ...] = (200,),
    ) -> Answer:
        """Return the answer if its status is in `good`; raises ServerRefused, Offline, NotTheServer.

        A clock that is off is corrected once by what the server says; a busy server is asked again a few times.
        path: below the public address, or an absolute address of the same server
        """
        corrected, busy = False, 0
        while True:
            try:
                return self._once(
                    method, path, content=content, headers=headers or {}, signed=signed, good=good
                )
            except _Expired as expired:
                if corrected:
                    raise expired.refused from None
                self._correct(expired)
                corrected = True
            except ServerRefused as refused:
                seconds = refused.retry_after_seconds
                busy += 1
                patient = refused.code in WAITED_FOR and seconds is not None and seconds <= BUSY_SECONDS_MAX
                if not patient or busy > BUSY_TRIES_MAX:
                    raise
                self.sleep(float(seconds or 0))

    def _once(
        self,
        method: str,
        path: str,
        *,
        content: bytes,
        headers: Mapping[str, str],
        signed: bool,
        good: tuple[int, ...],
    ) -> Answer:
        request = self.client.build_request(
            method, self.address(path), content=content, headers=dict(headers)
        )
        if signed:
            assert self.key is not None, "only an enrolled phone signs requests"
            proof = signing.request_proof(
                self.key, device=self.device, method=method, url=str(request.url), now_ms=self.now_ms()
            )
            request.headers["Authorization"] = f"Bearer {proof}"
        start = self.clock.mono_ms()
        status, answered, body = self._exchange(request)
        if status in good:
            return Answer(status, answered, body, self.clock.mono_ms() - start)
        raise self._refusal(status, answered, body)

    def _exchange(self, request: httpx.Request) -> tuple[int, Mapping[str, str], bytes]:
        """Return status, headers and body; a body over the limit is not read to its end."""
        try:
            response = self._sent(request)
            try:
                body = bytearray()
                for chunk in response.iter_bytes():
                    body += chunk
                    if len(body) > ANSWER_BYTES_MAX:
                        raise NotTheServer("the answer is longer than any of the protocol's")
            finally:
                response.close()
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise Offline(f"the server cannot be reached: {type(error).__name__}") from error
        return response.status_code, response.headers, bytes(body)

    def _sent(self, request: httpx.Request) -> httpx.Response:
        """Send a request; one that only reads is sent once more where the server ended the line before any answer.

        A line that was kept open may end just as it is used again, which says nothing of the network. What writes
        is left to the steps that know how to go on with it.
        """
        try:
            return self.client.send(request, stream=True)
        except httpx.RemoteProtocolError:
            if request.method not in READING:
                raise
            return self.client.send(request, stream=True)

    def _refusal(self, status: int, headers: Mapping[str, str], body: bytes) -> Exception:
        if not headers.get("content-type", "").startswith(MEDIA_TYPE):
            return BareStatus(status)
        try:
            problem = read_problem(body)
        except Malformed as error:
            return NotTheServer(error.detail)
        after = headers.get("retry-after", "")
        refused = ServerRefused(problem, int(after) if after.isdecimal() and len(after) < 8 else None)
        if problem.code == ProofExpired.code and status == 401:
            return _Expired(refused, headers.get("date", ""))
        return refused

    def _correct(self, expired: _Expired) -> None:
        """Take the server's time: what the problem states, else the Date header."""
        stated = expired.refused.refusal.facts.get("server_time")
        if type(stated) is not int:
            stated = date_ms(expired.date)
        if stated is None:
            raise expired.refused
        self.offset_ms = stated - self.clock.wall_ms()
        self.learn(self.offset_ms)

    def trust_date(self, answer: Answer) -> None:
        """Correct the clock by the Date header of an answer, where it has one."""
        stated = date_ms(answer.headers.get("date", ""))
        if stated is not None:
            self.offset_ms = stated - self.clock.wall_ms()
            self.learn(self.offset_ms)

    def address(self, path: str) -> str:
        """Return the absolute address of a path below the public address, or of an address that was located."""
        return f"{self.url}{path}" if path.startswith("/") else self.located(path)

    def located(self, location: str) -> str:
        """Return a Location as an absolute address; raises NotTheServer for one of another server."""
        address = urljoin(f"{self.url}/", location)
        if urlsplit(address)[:2] != urlsplit(self.url)[:2]:
            raise NotTheServer("the answer points to another server")
        return address


class _Expired(Exception):
    """The proof's time was outside the five minutes; never leaves this module."""

    def __init__(self, refused: ServerRefused, date: str):
        super().__init__(str(refused))
        self.refused, self.date = refused, date


def date_ms(text: str) -> int | None:
    """Return an HTTP date as Unix ms, None where it is none."""
    try:
        return int(email.utils.parsedate_to_datetime(text).timestamp() * 1000)
    except (ValueError, TypeError, OverflowError):
        return None
