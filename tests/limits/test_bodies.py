"""Seats for those who send: slow ones take no more than theirs, and whoever finds none is told to come back."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable
from typing import Any

import pytest

from server.limits.bodies import (
    BODIES_AT_ONCE,
    DRAINED_BYTES_MAX,
    DRAINS_AT_ONCE,
    FILE_PARTS_AT_ONCE,
    WAITING_MAX,
    BodiesAtOnce,
)

SECONDS = 10


class Slow:
    """An application that answers nobody who sends before it is told to."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.inside = threading.Semaphore(0)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer 200, at once where there is no body."""
        if environ.get("CONTENT_LENGTH", "0") != "0":
            self.inside.release()
            assert self.go.wait(SECONDS)
        start_response("200 OK", [])
        return [b"ok"]


def ask(app: BodiesAtOnce, path: str, **more: str) -> tuple[str, dict[str, str], bytes]:
    """Return status, headers and body of a request."""
    told: list[Any] = []
    environ = {"PATH_INFO": path, "REQUEST_METHOD": "POST", **more}
    body = b"".join(app(environ, lambda status, headers, *_: told.append((status, dict(headers)))))
    return told[0][0], told[0][1], body


def occupy(app: BodiesAtOnce, inner: Slow, path: str, count: int) -> list[threading.Thread]:
    """Let so many send, and return once all are being answered."""
    threads = [
        threading.Thread(target=ask, args=(app, path), kwargs={"CONTENT_LENGTH": "9"}) for _ in range(count)
    ]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert inner.inside.acquire(timeout=SECONDS)
    return threads


@pytest.mark.parametrize(
    ("taken", "count", "free"),
    [
        ("/v1/files/uploads/x", FILE_PARTS_AT_ONCE, "/v1/change-sets"),
        ("/v1/devices", BODIES_AT_ONCE, "/v1/files"),
    ],
)
def test_those_who_send_slowly_keep_neither_readers_nor_the_others_out(
    taken: str, count: int, free: str
) -> None:
    inner = Slow()
    app = BodiesAtOnce(inner, seat_seconds=0.05)
    threads = occupy(app, inner, taken, count)
    status, headers, body = ask(app, taken, CONTENT_LENGTH="9")
    assert (status, headers["Retry-After"], json.loads(body)["code"]) == (
        "503 SERVICE UNAVAILABLE",
        "5",
        "busy",
    )
    assert ask(app, taken)[0] == ask(app, taken, CONTENT_LENGTH="0")[0] == "200 OK"
    other = occupy(app, inner, free, 1)
    inner.go.set()
    for thread in [*threads, *other]:
        thread.join(SECONDS)
    assert ask(app, taken, CONTENT_LENGTH="9")[0] == "200 OK", "the seats are free again"


def test_a_body_of_no_stated_length_takes_a_seat_too() -> None:
    inner = Slow()
    app = BodiesAtOnce(inner, seat_seconds=0.05)
    threads = occupy(app, inner, "/v1/devices", BODIES_AT_ONCE)
    assert ask(app, "/v1/devices", HTTP_TRANSFER_ENCODING="chunked")[0].startswith("503")
    inner.go.set()
    for thread in threads:
        thread.join(SECONDS)


def test_whoever_waits_for_a_seat_gets_the_next_one_and_only_so_many_wait() -> None:
    inner = Slow()
    app = BodiesAtOnce(inner, seat_seconds=SECONDS)
    threads = occupy(app, inner, "/v1/devices", BODIES_AT_ONCE)
    answers: list[str] = []
    waiting = [
        threading.Thread(target=lambda: answers.append(ask(app, "/v1/devices", CONTENT_LENGTH="9")[0]))
        for _ in range(WAITING_MAX)
    ]
    for thread in waiting:
        thread.start()
    while app._waiting._value:
        pass
    assert ask(app, "/v1/devices", CONTENT_LENGTH="9")[0].startswith("503")
    inner.go.set()
    for thread in [*threads, *waiting]:
        thread.join(SECONDS)
    assert answers == ["200 OK"] * WAITING_MAX


def test_a_seat_is_given_back_where_the_application_fails() -> None:
    def broken(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        raise RuntimeError

    app = BodiesAtOnce(broken, seat_seconds=0.05)
    for _ in range(BODIES_AT_ONCE + 1):
        with pytest.raises(RuntimeError):
            ask(app, "/v1/devices", CONTENT_LENGTH="9")


def refusing(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer without a look at the body."""
    start_response("412 PRECONDITION FAILED", [])
    return [b"no"]


class Body:
    """A body of so many bytes that ends with an error, or that nobody goes on sending."""

    def __init__(self, size: int, *, cut: bool = False, stalled: threading.Event | None = None) -> None:
        self.left, self.cut, self.stalled = size, cut, stalled

    def read(self, size: int) -> bytes:
        """Return the next bytes."""
        if self.stalled is not None:
            assert self.stalled.wait(SECONDS)
        taken = min(size, self.left)
        self.left -= taken
        if self.cut and not taken:
            raise ConnectionResetError
        return b"x" * taken


def test_a_body_that_is_refused_unread_is_read_to_its_end_and_no_further_than_the_limit() -> None:
    app = BodiesAtOnce(refusing)
    for size, rest in ((9_000, 0), (DRAINED_BYTES_MAX + 5, 5)):
        body: Any = Body(size)
        assert ask(app, "/v1/files", CONTENT_LENGTH=str(size), **{"wsgi.input": body})[0].startswith("412")
        assert body.left == rest


def test_whoever_goes_in_the_middle_of_it_is_answered_like_anybody() -> None:
    body: Any = Body(9_000, cut=True)
    answered = ask(BodiesAtOnce(refusing), "/v1/files", CONTENT_LENGTH="18000", **{"wsgi.input": body})
    assert answered[0].startswith("412")


def test_those_who_were_refused_and_stall_take_neither_seats_nor_more_threads_than_theirs() -> None:
    app, go = BodiesAtOnce(refusing, seat_seconds=0.05), threading.Event()
    body: Any = Body(9_000, stalled=go)
    more = {"CONTENT_LENGTH": "9000", "wsgi.input": body}
    threads = [
        threading.Thread(target=ask, args=(app, "/v1/files"), kwargs=more) for _ in range(DRAINS_AT_ONCE)
    ]
    for thread in threads:
        thread.start()
    while app._draining._value:
        pass
    for _ in range(FILE_PARTS_AT_ONCE + 1):
        assert ask(app, "/v1/files", **more)[0].startswith("412"), "answered at once, unread"
    go.set()
    for thread in threads:
        thread.join(SECONDS)
    assert app._draining._value == DRAINS_AT_ONCE
