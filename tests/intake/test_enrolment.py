"""Enrolment over HTTP: one invite lets one phone in, once, and only to the ledger that it pinned."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from schemas.wire.enrol import EnrolRequest, Invite, read_enrolled
from server.accounts import invites
from server.storage import device_store, record_store
from sync import lines, signing
from sync.envelope import PUBLIC_BYTES
from tests.intake.caller import counts
from tests.server.builders import Installation
from tests.server.phones import user


@pytest.fixture
def ticket(installation: Installation) -> Invite:
    """A fresh invite of an inspector."""
    services = installation.services
    who = user(services, "inspector", "inspector")
    with services.database.reading() as connection:
        record = record_store.load(connection, services.vault.session(connection, services.ledger.id), [who])
    return invites.invite(services, record[who])


def request_of(installation: Installation, ticket: Invite, **changed: Any) -> tuple[str, Ed25519PrivateKey]:
    """Return (what a new phone sends, its key); changed: members of the payload."""
    services = installation.services
    key = Ed25519PrivateKey.from_private_bytes(services.random(32))
    wanted = EnrolRequest(
        origin=services.ledger.origin,
        code=ticket.code_digest,
        sign_key=signing.public_raw(key),
        seal_key=services.random(32),
        kem="x25519",
        ledger_key=ticket.ledger,
        app="test-1.0",
    )
    payload = {**wanted.payload(), **changed}
    return signing.sign(key, signing.ENROL, payload, kid=signing.key_id(signing.public_raw(key))), key


def post(installation: Installation, token: str | bytes) -> Any:
    return installation.app.test_client().post("/v1/devices", data=token)


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["code"]


def test_an_invited_phone_becomes_a_device_of_its_user(installation, ticket):
    token, key = request_of(installation, ticket)
    answer = post(installation, token)
    assert answer.status_code == 201
    services = installation.services
    public = services.keyring.ledger.public_key()
    enrolled = read_enrolled(
        answer.get_data(as_text=True), public, origin=services.ledger.origin, request=token
    )
    with services.database.reading() as connection:
        device = device_store.find(connection, services.ledger.id, enrolled.device)
    assert device is not None
    assert (device.user, device.sign_key) == (enrolled.user, signing.public_raw(key))
    assert device.stage == "enrolled"


def test_the_same_request_again_gets_the_same_answer_and_no_second_device(installation, ticket):
    token, _ = request_of(installation, ticket)
    first = post(installation, token)
    before = counts(installation)
    installation.clock.advance(days=2)
    again = post(installation, token)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.data == first.data
    assert counts(installation) == before


def test_a_used_invite_lets_no_other_phone_in(installation, ticket):
    post(installation, request_of(installation, ticket)[0])
    before = counts(installation)
    assert refusal(post(installation, request_of(installation, ticket)[0])) == (404, "invite_unknown")
    assert counts(installation) == before


def test_an_invite_is_good_for_fifteen_minutes(installation, ticket):
    token, _ = request_of(installation, ticket)
    installation.clock.advance(seconds=15 * 60 + 1)
    before = counts(installation)
    assert refusal(post(installation, token)) == (404, "invite_unknown")
    assert counts(installation) == before
    installation.clock.advance(seconds=-1)
    assert post(installation, token).status_code == 201


def test_a_code_that_was_never_given_out_is_unknown(installation, ticket):
    token, _ = request_of(installation, ticket, code="0" * 64)
    assert refusal(post(installation, token)) == (404, "invite_unknown")


def test_a_phone_that_pinned_another_ledger_key_is_sent_away_and_the_invite_stays_good(installation, ticket):
    token, _ = request_of(installation, ticket, ledger_key="0" * 64)
    assert refusal(post(installation, token)) == (403, "pin_mismatch")
    assert post(installation, request_of(installation, ticket)[0]).status_code == 201


def test_a_request_to_another_ledger_is_refused(installation, ticket):
    token, _ = request_of(installation, ticket, origin="ledger.test/other")
    assert refusal(post(installation, token)) == (400, "wrong_ledger")


def test_a_request_is_signed_by_the_very_key_that_it_names(installation, ticket):
    other = lines.b64u(signing.public_raw(Ed25519PrivateKey.from_private_bytes(bytes(32))))
    token, _ = request_of(installation, ticket, sign_key=other)
    assert refusal(post(installation, token)) == (401, "bad_signature")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"kem": "rsa"}, "kem"),
        ({"seal_key": lines.b64u(bytes(31))}, "seal_key"),
        ({"seal_key": lines.b64u(bytes(PUBLIC_BYTES["xwing"]))}, "seal_key"),
        ({"kem": "xwing"}, "seal_key"),
        ({"app": "two words"}, "app"),
        ({"v": 2}, "v"),
        ({"remark": 1}, "remark"),
    ],
)
def test_a_request_of_another_form_names_the_member(installation, ticket, changed, field):
    answer = post(installation, request_of(installation, ticket, **changed)[0])
    assert refusal(answer) == (400, "malformed")
    assert answer.get_json()["field"] == field


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"a.b.c", "设备".encode(), b"{}"])
def test_what_is_no_request_is_refused(installation, body):
    assert refusal(post(installation, body)) == (401, "bad_signature")


def test_a_request_is_short(installation):
    assert refusal(post(installation, b"x" * (16 * 1024 + 1))) == (413, "too_large")


def test_of_two_phones_that_race_for_one_invite_one_gets_in(installation, ticket):
    tokens = [request_of(installation, ticket)[0] for _ in range(4)]
    before = counts(installation)
    with ThreadPoolExecutor(len(tokens)) as pool:
        answers = list(pool.map(lambda token: post(installation, token), tokens))
    assert sorted(answer.status_code for answer in answers) == [201, 404, 404, 404]
    after = counts(installation)
    assert after["device"] == before["device"] + 1
    assert after["entry"] == before["entry"] + 1


def test_one_phone_that_asks_twice_at_once_becomes_one_device(installation, ticket):
    token, _ = request_of(installation, ticket)
    before = counts(installation)
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda _: post(installation, token), range(3)))
    assert counts(installation)["device"] == before["device"] + 1
    assert {answer.status_code for answer in answers} <= {200, 201}
    assert len({answer.data for answer in answers}) == 1
