"""Requests: signed for exactly what is asked, corrected once, never sent to another server."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from mobile_stub.clock import SteppedClock, SystemClock
from mobile_stub.transport import ANSWER_BYTES_MAX, Transport, date_ms
from mobile_stub.trouble import NotTheServer, Offline, ServerRefused
from sync import signing

KEY = Ed25519PrivateKey.generate()
URL = "https://ledger.example/city"


def transport(answer: Callable[[httpx.Request], httpx.Response], **more: Any) -> Transport:
    client = httpx.Client(transport=httpx.MockTransport(answer))
    return Transport(URL, client, SteppedClock(1_795_000_000_000), KEY, "device-1", **more)


def problem(status: int, code: str, **more: Any) -> httpx.Response:
    body = {"status": status, "code": code, "detail": "why", **more}
    return httpx.Response(status, json=body, headers={"Content-Type": "application/problem+json"})


def test_a_request_is_signed_for_its_method_and_its_whole_address() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200)

    transport(answer).get("/v1/feed", {"after": "a:b/c+d e", "limit": 5})
    token = seen[0].headers["authorization"].removeprefix("Bearer ")
    url = str(seen[0].url)
    assert url == f"{URL}/v1/feed?after=a%3Ab%2Fc%2Bd+e&limit=5"
    signing.check_proof(token, KEY.public_key(), method="GET", url=url, now_ms=1_795_000_000_000)


def test_an_unsigned_request_shows_nothing_of_the_phone() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert "authorization" not in request.headers
        return httpx.Response(200)

    transport(answer).get("/v1/keys", signed=False)


@pytest.mark.parametrize("stated", ["body", "date"])
def test_an_expired_proof_is_made_anew_by_the_servers_time(stated: str) -> None:
    learned: list[int] = []
    calls: list[int] = []

    def answer(request: httpx.Request) -> httpx.Response:
        calls.append(1)
        if len(calls) > 1:
            return httpx.Response(200)
        refused = problem(
            401, "proof_expired", **({"server_time": 1_795_000_900_000} if stated == "body" else {})
        )
        refused.headers["Date"] = "Wed, 18 Nov 2026 11:21:40 GMT"
        return refused

    made = transport(answer, learn=learned.append)
    made.get("/v1/feed")
    assert (
        made.now_ms() == {"body": 1_795_000_900_000, "date": date_ms("Wed, 18 Nov 2026 11:21:40 GMT")}[stated]
    )
    assert learned == [made.offset_ms]


def test_a_proof_that_expires_again_is_not_sent_a_third_time() -> None:
    calls: list[int] = []

    def answer(request: httpx.Request) -> httpx.Response:
        calls.append(1)
        return problem(401, "proof_expired", server_time=1)

    with pytest.raises(ServerRefused):
        transport(answer).get("/v1/feed")
    assert len(calls) == 2


def test_a_problem_is_read_as_the_refusal_that_it_tells_of() -> None:
    with pytest.raises(ServerRefused) as refused:
        transport(lambda request: problem(409, "gap", expected=8)).get("/v1/feed")
    assert (refused.value.code, refused.value.status, refused.value.refusal.facts) == (
        "gap",
        409,
        {"expected": 8},
    )
    assert refused.value.problem.next


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, text="<html>"),
        httpx.Response(502, text="Bad Gateway"),
        httpx.Response(302, headers={"Location": "https://guest.example"}),
        httpx.Response(400, text="{", headers={"Content-Type": "application/problem+json"}),
    ],
)
def test_what_does_not_speak_as_the_server_is_not_the_server(answer: httpx.Response) -> None:
    with pytest.raises(NotTheServer):
        transport(lambda request: answer).get("/v1/keys", signed=False).jws()


def test_no_network_is_told_apart_from_a_refusal() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectTimeout("slow")

    with pytest.raises(Offline):
        transport(answer).get("/v1/keys", signed=False)


def dropping(times: int, asked: list[str]) -> Callable[[httpx.Request], httpx.Response]:
    """Return a server that ends the line without an answer so many times."""

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.method)
        if len(asked) <= times:
            raise httpx.RemoteProtocolError("Server disconnected without sending a response.")
        return httpx.Response(200, content=b"{}")

    return answer


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_only_reads_is_sent_once_more_where_a_kept_open_line_had_ended(method: str) -> None:
    asked: list[str] = []
    assert transport(dropping(1, asked)).ask(method, "/v1/keys", signed=False).status == 200
    assert asked == [method, method]


@pytest.mark.parametrize(("method", "times", "sent"), [("GET", 2, 2), ("POST", 1, 1), ("PATCH", 1, 1)])
def test_a_line_that_ends_again_or_under_a_write_is_no_network(method: str, times: int, sent: int) -> None:
    asked: list[str] = []
    with pytest.raises(Offline):
        transport(dropping(times, asked)).ask(method, "/v1/files", signed=False)
    assert asked == [method] * sent


def test_a_body_without_end_is_not_read_to_its_end() -> None:
    read = [0]

    def endless() -> Any:
        while True:
            read[0] += 1
            yield b"x" * (1024 * 1024)

    with pytest.raises(NotTheServer):
        transport(lambda request: httpx.Response(200, content=endless())).get("/v1/keys", signed=False)
    assert read[0] <= ANSWER_BYTES_MAX // (1024 * 1024) + 2


def test_an_address_of_another_server_is_not_asked() -> None:
    made = transport(lambda request: httpx.Response(200))
    assert made.address("https://ledger.example/up/1") == "https://ledger.example/up/1"
    assert made.located("/city/up/1") == "https://ledger.example/city/up/1"
    for other in ("https://elsewhere.example/up/1", "http://ledger.example/up/1", "//elsewhere.example/up"):
        with pytest.raises(NotTheServer):
            made.located(other)


def test_the_systems_clocks_run_on_and_name_their_session() -> None:
    clock, other = SystemClock(os.urandom), SystemClock(os.urandom)
    first = clock.mono_ms()
    assert clock.mono_ms() >= first
    assert clock.wall_ms() > 1_600_000_000_000
    assert len(clock.session) == 16
    assert isinstance(other.session, str)


@pytest.mark.parametrize(
    ("status", "code"), [(429, "too_many_requests"), (503, "database_down"), (503, "storage_down")]
)
def test_a_phone_waits_for_what_is_over_in_a_moment(status: int, code: str) -> None:
    slept: list[float] = []
    answers = iter([problem(status, code), httpx.Response(200)])

    def answer(request: httpx.Request) -> httpx.Response:
        given = next(answers)
        given.headers["Retry-After"] = "3"
        return given

    transport(answer, sleep=slept.append).get("/v1/feed")
    assert slept == [3.0]


def test_a_phone_does_not_wait_for_a_ledger_that_was_stopped() -> None:
    slept: list[float] = []

    def answer(request: httpx.Request) -> httpx.Response:
        refused = problem(503, "ledger_stopped")
        refused.headers["Retry-After"] = "3"
        return refused

    with pytest.raises(ServerRefused):
        transport(answer, sleep=slept.append).get("/v1/feed")
    assert slept == []
