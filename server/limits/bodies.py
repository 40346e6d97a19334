"""How many requests with a body are answered at once: slow senders never take the threads that readers need.

A body is read by the thread that answers it, as slowly as it comes. File parts and all else have seats of their own;
whoever finds none waits a little, and is then told to come back. What was not answered is sent again, whole.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

from server import problems
from sync.errors import Busy

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

FILE_PARTS_AT_ONCE = 8
BODIES_AT_ONCE = 16
WAITING_MAX = 16
READERS = 8
"""Threads that no body can take."""
DRAINS_AT_ONCE = 4
"""Bodies that were refused unread and are read to their end; whoever sends such a one slowly holds up nobody else."""
THREADS = FILE_PARTS_AT_ONCE + BODIES_AT_ONCE + WAITING_MAX + DRAINS_AT_ONCE + READERS
SEAT_SECONDS = 10.0
RETRY_SECONDS = 5
DRAINED_BYTES_MAX = 16 * 1024 * 1024
"""So much of a body that nobody wanted is read, as long as phones' parts are, so that a proxy hears the answer."""
CHUNK_BYTES = 64 * 1024
FILES = "/v1/files"


class BodiesAtOnce:
    """A WSGI application in front of another one, which it lets answer so many bodies at once."""

    def __init__(self, inner: WSGIApplication, *, seat_seconds: float = SEAT_SECONDS):
        self._inner = inner
        self._seat_seconds = seat_seconds
        self._parts = threading.BoundedSemaphore(FILE_PARTS_AT_ONCE)
        self._others = threading.BoundedSemaphore(BODIES_AT_ONCE)
        self._waiting = threading.BoundedSemaphore(WAITING_MAX)
        self._draining = threading.BoundedSemaphore(DRAINS_AT_ONCE)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, with 503 `busy` where no seat came free."""
        if not _has_body(environ):
            return self._inner(environ, start_response)
        seats = self._parts if str(environ.get("PATH_INFO", "")).startswith(FILES) else self._others
        if not self._seated(seats):
            refusal = Busy("too many requests are sending at this moment", retry_seconds=RETRY_SECONDS)
            return problems.respond(refusal)(environ, start_response)
        try:
            # What was wanted of the body has been read when this returns; what is answered may still flow.
            answer = self._inner(environ, start_response)
        finally:
            seats.release()
        if self._draining.acquire(blocking=False):
            try:
                _drain(environ)
            finally:
                self._draining.release()
        return answer

    def _seated(self, seats: threading.BoundedSemaphore) -> bool:
        if seats.acquire(blocking=False):
            return True
        if not self._waiting.acquire(blocking=False):
            return False
        try:
            return seats.acquire(timeout=self._seat_seconds)
        finally:
            self._waiting.release()


def _drain(environ: WSGIEnvironment) -> None:
    """Read what is left of a body that was answered unread: a proxy that still sends would take the answer for none."""
    body, left = environ.get("wsgi.input"), DRAINED_BYTES_MAX
    # Who is gone meanwhile hears no answer anyway.
    with contextlib.suppress(OSError):
        while body is not None and left > 0 and (chunk := body.read(min(CHUNK_BYTES, left))):
            left -= len(chunk)


def _has_body(environ: WSGIEnvironment) -> bool:
    return environ.get("CONTENT_LENGTH") not in (None, "", "0") or "HTTP_TRANSFER_ENCODING" in environ
