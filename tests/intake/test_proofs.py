"""Who is calling: a request's proof is one device's, for one method and one address, five minutes long."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

import pytest

from schemas.drafting import Draft
from server.commit.acts import act
from sync import lines, signing
from tests.intake.caller import Caller
from tests.server.builders import URL

SELF = "/v1/devices/self"


def get(phone: Caller, path: str, headers: dict[str, str]) -> tuple[int, str]:
    answer = phone.installation.app.test_client().get(path, headers=headers)
    return answer.status_code, (answer.get_json(silent=True) or {}).get("code", "")


def signed(phone: Caller, changed: dict[str, str]) -> dict[str, str]:
    """Return a proof of which one part is another's."""
    method = changed.get("method", "GET")
    return phone.proof(method, SELF, **{name: part for name, part in changed.items() if name == "url"})


def test_a_signed_request_is_answered(phones):
    one, _ = phones
    answer = one.ask("GET", SELF)
    assert answer.status_code == 200
    assert answer.get_json()["device"] == one.id
    assert (answer.get_json()["seq"], answer.get_json()["digest"]) == (0, lines.ZERO_DIGEST)


def test_the_chains_head_moves_with_each_set(city, phones):
    one, _ = phones
    one.send(city.finding())
    found = one.ask("GET", SELF).get_json()
    assert (found["seq"], found["digest"]) == (1, one.prev)


@pytest.mark.parametrize("seconds", [-300, 300])
def test_a_clock_five_minutes_off_is_right_enough(phones, seconds):
    one, _ = phones
    assert get(one, SELF, one.proof("GET", SELF, offset_seconds=seconds)) == (200, "")


@pytest.mark.parametrize("seconds", [-301, 301, 10**9])
def test_an_expired_proof_is_answered_with_the_servers_time(phones, seconds):
    one, _ = phones
    answer = one.installation.app.test_client().get(
        SELF, headers=one.proof("GET", SELF, offset_seconds=seconds)
    )
    assert answer.status_code == 401
    body = answer.get_json()
    assert body["code"] == "proof_expired"
    assert body["server_time"] == one.installation.clock.now
    assert "Date" in answer.headers
    assert parsedate_to_datetime(answer.headers["Date"]).timestamp() * 1000 == one.installation.clock.now


@pytest.mark.parametrize(
    "changed",
    [
        {"method": "POST"},
        {"url": f"{URL}/v1/feed"},
        {"url": f"{URL}{SELF}?"},
        {"url": f"{URL}{SELF}/"},
        {"url": f"http://elsewhere.test{SELF}"},
        {"url": f"https://wardledger.test{SELF}"},
    ],
)
def test_a_proof_for_another_request_is_refused(phones, changed):
    one, _ = phones
    assert get(one, SELF, signed(one, changed)) == (401, "bad_signature")


def test_a_proof_holds_for_its_own_query_alone(phones):
    one, _ = phones
    path = "/v1/feed?after=&limit=1"
    assert get(one, path, one.proof("GET", path))[0] == 200
    assert get(one, path, one.proof("GET", "/v1/feed?after=&limit=2")) == (401, "bad_signature")
    assert get(one, path, one.proof("GET", "/v1/feed")) == (401, "bad_signature")


def test_the_host_header_does_not_decide_what_a_proof_is_for(phones):
    one, _ = phones
    headers = {**one.proof("GET", SELF), "Host": "elsewhere.test"}
    assert get(one, SELF, headers) == (200, "")
    lured = {**one.proof("GET", SELF, url=f"http://elsewhere.test{SELF}"), "Host": "elsewhere.test"}
    assert get(one, SELF, lured) == (401, "bad_signature")


def test_another_devices_key_does_not_prove_this_device(phones):
    one, two = phones
    assert get(one, SELF, one.proof("GET", SELF, key=two.key)) == (401, "bad_signature")


@pytest.mark.parametrize("device", ["0" * 36, "", "x" * 400, "\x00", "设备"])
def test_a_device_that_there_is_not_is_unknown(phones, device):
    one, _ = phones
    assert get(one, SELF, one.proof("GET", SELF, device=device)) == (401, "unknown_device")


def test_a_proof_that_was_tampered_with_is_refused(phones):
    one, _ = phones
    token = one.proof("GET", SELF)["Authorization"].removeprefix("Bearer ")
    head, _, signature = token.split(".")
    later = {"htm": "GET", "htu": URL + SELF, "iat": one.installation.clock.now // 1000 + 1}
    flipped = lines.b64u(bytes([lines.unb64u(signature)[0] ^ 1]) + lines.unb64u(signature)[1:])
    spoilt = [
        f"{head}.{lines.b64u(lines.encode(later))}.{signature}",
        f"{token.rpartition('.')[0]}.{flipped}",
        f"{token.rpartition('.')[0]}.",
        token[:-2],
        f"{token}.",
        "a.b.c",
        "x",
    ]
    for one_of in spoilt:
        assert get(one, SELF, {"Authorization": f"Bearer {one_of}"}) == (401, "bad_signature")


def test_a_proof_of_another_kind_or_algorithm_is_refused(phones):
    one, _ = phones
    payload = {"htm": "GET", "htu": URL + SELF, "iat": one.installation.clock.now // 1000}
    manifest = signing.sign(one.key, signing.MANIFEST, payload, kid=one.id)
    assert get(one, SELF, {"Authorization": f"Bearer {manifest}"}) == (401, "bad_signature")
    header = lines.b64u(lines.encode({"alg": "none", "kid": one.id, "typ": signing.PROOF}))
    bare = f"{header}.{lines.b64u(lines.encode(payload))}."
    assert get(one, SELF, {"Authorization": f"Bearer {bare}"}) == (401, "bad_signature")


@pytest.mark.parametrize("iat", [True, "1794880800", None])
def test_a_proof_whose_time_is_no_number_is_refused(phones, iat):
    one, _ = phones
    token = signing.sign(one.key, signing.PROOF, {"htm": "GET", "htu": URL + SELF, "iat": iat}, kid=one.id)
    assert get(one, SELF, {"Authorization": f"Bearer {token}"}) == (401, "bad_signature")


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer "}, {"Authorization": "Basic eDp5"}])
def test_a_request_without_a_proof_is_asked_for_one(phones, headers):
    one, _ = phones
    answer = one.installation.app.test_client().get(SELF, headers=headers)
    assert (answer.status_code, answer.get_json()["code"]) == (401, "sign_in_required")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_revoked_phone_may_ask_who_it_is_and_gets_no_feed(phones):
    one, two = phones
    step = {"stage": {"from": "enrolled", "to": "revoked"}}
    act(one.installation.services, [Draft("edit", "device", one.id, step)], kind="device")
    assert one.ask("GET", SELF).get_json()["stage"] == "revoked"
    for path in ("/v1/feed", f"/v1/files/{'0' * 64}"):
        assert get(one, path, one.proof("GET", path)) == (403, "device_revoked")
    assert two.ask("GET", "/v1/feed").status_code == 200
