"""Change-sets over HTTP: taken once, never lost, and refused with a code where nobody can be held to them.

Bad input of every kind, with all that is stored before and after it, is in tests/bad_input.
"""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from schemas.drafting import Draft
from server.commit.acts import act
from server.commit.work import QUARANTINE_PURPOSE
from server.ledger.audit import audit
from server.storage import device_store
from sync import envelope, lines, receipt, signing
from sync.receipt import Expected
from tests.intake.caller import Caller, caller, counts
from tests.server.builders import Installation
from tests.server.pushing import City


def kept(installation: Installation) -> list[tuple[str, str, int, bytes]]:
    """Return (device, code, seq, opened bytes) of what is in quarantine."""
    services = installation.services
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        rows = device_store.quarantined(connection, services.ledger.id)
        return [
            (row.device, row.code, row.seq, vault.open(row.device, QUARANTINE_PURPOSE, row.sealed))
            for row in rows
        ]


def outcomes(answer: Any) -> list[dict[str, Any]]:
    """Return the outcomes that a receipt lists."""
    _, payload = signing.peek(answer.get_data(as_text=True), signing.RECEIPT)
    return [lines.decode(line.encode())["outcome"] for line in payload["entries"]]


def problem(answer: Any) -> tuple[int, str]:
    assert answer.content_type == "application/problem+json"
    return answer.status_code, answer.get_json()["code"]


def test_a_set_is_answered_with_a_receipt_that_proves_each_change(city: City, phones: tuple[Caller, Caller]):
    one, _ = phones
    written = [one.line(city.finding()), one.line(city.finding())]
    text = one.text_of_lines(written)
    answer = one.post(*one.sealed(text))
    assert (answer.status_code, answer.content_type) == (201, "application/jose")
    services = city.installation.services
    expected = Expected(
        services.ledger.origin,
        one.id,
        1,
        lines.digest(text.split(b"\n", 1)[0]),
        tuple(lines.digest(line) for line, _ in written),
        None,
    )
    proven = receipt.verify(answer.get_data(as_text=True), services.keyring.verifiers(), expected)
    assert [entry.outcome["verdict"] for entry in proven.entries] == ["applied", "applied"]


def test_the_same_set_again_gets_the_same_bytes_and_leaves_nothing_more(city, phones):
    one, _ = phones
    text = one.text(city.finding())
    first = one.post(*one.sealed(text))
    one.moved(text)
    one.send(city.finding())
    before = counts(city.installation)
    again = one.post(*one.sealed(text))
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.data == first.data
    assert counts(city.installation) == before


def test_a_set_that_skips_one_is_told_which_is_expected_and_comes_in_afterwards(city, phones):
    one, _ = phones
    first = one.text(city.finding())
    one.moved(first)
    second = one.text(city.finding())
    before = counts(city.installation)
    answer = one.post(*one.sealed(second))
    assert problem(answer) == (409, "gap")
    assert answer.get_json()["expected"] == 1
    assert counts(city.installation) == before
    assert [one.post(*one.sealed(text)).status_code for text in (first, second)] == [201, 201]


def test_another_set_of_a_known_seq_is_a_fork_and_is_kept(city, phones):
    one, _ = phones
    one.post(*one.sealed(one.text(city.finding())))
    other = one.text(city.finding())
    for _ in range(2):
        assert problem(one.post(*one.sealed(other))) == (409, "device_fork")
    assert kept(city.installation) == [(one.id, "device_fork", 1, other)]


def test_a_set_that_does_not_join_the_chain_is_a_fork_and_is_kept(city, phones):
    one, _ = phones
    one.send(city.finding())
    right, one.prev = one.prev, "ab" * 32
    stray = one.text(city.finding())
    assert problem(one.post(*one.sealed(stray))) == (409, "device_fork")
    assert kept(city.installation) == [(one.id, "device_fork", 2, stray)]
    one.prev = right
    assert problem(one.send(city.finding())) == (409, "device_fork"), (
        "the device is stopped, both copies of it"
    )


def test_a_set_sealed_under_another_current_key_than_it_names_cannot_be_opened(city, phones):
    one, _ = phones
    body, _ = one.sealed(one.text(city.finding()))
    other = city.installation.services.keyring.opening[1].kid
    assert problem(one.post(body, other)) == (400, "unopenable")
    damaged = body[:-1] + bytes([body[-1] ^ 1])
    kid = city.installation.services.keyring.opening[0].kid
    same_words = one.post(damaged, kid).get_json()["detail"]
    assert same_words == one.post(body, other).get_json()["detail"]


def test_both_kinds_of_opening_key_open(city, phones):
    one, _ = phones
    services = city.installation.services
    for key in services.keyring.opening:
        text = one.text(city.finding())
        info = envelope.change_set_info(services.ledger.origin, one.id, key.kid)
        body = envelope.seal(text, kem=key.kem, public=key.public, info=info)
        assert one.post(body, key.kid).status_code == 201
        one.moved(text)


@pytest.mark.parametrize("kid", ["0" * 16, "", "é\\0"])
def test_a_key_that_is_not_current_is_to_be_fetched_anew(city, phones, kid):
    one, _ = phones
    body, _ = one.sealed(one.text(city.finding()))
    answer = one.post(body, kid)
    assert problem(answer) == (409, "rekey_required")
    assert answer.get_json()["kid"] == kid


def test_a_revoked_phones_set_is_kept_and_answered_with_403(city, phones):
    one, _ = phones
    one.send(city.finding())
    step = {"stage": {"from": "enrolled", "to": "revoked"}}
    act(city.installation.services, [Draft("edit", "device", one.id, step)], kind="device")
    text = one.text(city.finding())
    for _ in range(2):
        assert problem(one.post(*one.sealed(text))) == (403, "device_revoked")
    assert kept(city.installation) == [(one.id, "device_revoked", 2, text)]
    assert audit(city.installation.services).ok


def test_a_text_field_may_hold_any_character_and_a_session_too(city, phones):
    one, _ = phones
    assert outcomes(one.send(city.finding(facts="演示\x00数据\U0001f3e5")))[0]["verdict"] == "applied"
    line, private = one.line(city.finding())
    body = lines.decode(line)
    body["at"]["session"] = "\x00"
    written = [(lines.encode(body), private)]
    text = one.text_of_lines(written)
    assert one.post(*one.sealed(text)).status_code == 201
    assert audit(city.installation.services).ok


def test_a_change_of_a_type_that_is_not_known_here_is_held(city, phones):
    one, _ = phones
    line, _ = one.line(city.finding())
    body = {key: value for key, value in lines.decode(line).items() if key != "private"}
    body |= {"type": "star_chart", "set": {"anything": "\x00", "at_all": [[[]]]}}
    text = one.text_of_lines([(lines.encode(body), ())])
    answer = one.post(*one.sealed(text))
    assert answer.status_code == 201
    assert outcomes(answer)[0]["verdict"] == "held"


def test_gzip_of_gzip_is_no_text(city, phones):
    one, _ = phones
    assert problem(one.post(*one.sealed(gzip.compress(one.text(city.finding()))))) == (400, "malformed")


def test_a_phone_that_nobody_granted_anything_is_refused_change_by_change(city):
    stranger = caller(city.installation, city.supervisor)
    answer = stranger.send(city.finding())
    assert answer.status_code == 201
    assert outcomes(answer)[0] == {"verdict": "refused", "code": "not_allowed"}
