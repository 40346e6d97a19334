"""Change-sets over HTTP: taken once, never lost, and refused with a code where nobody can be held to them."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from schemas.drafting import Draft
from server.commit.acts import act
from server.commit.work import QUARANTINE_PURPOSE
from server.ledger.audit import audit
from server.storage import device_store
from sync import changes, envelope, lines, receipt, signing
from sync.changes import SEALED_BYTES_MAX, TEXT_BYTES_MAX
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
    assert one.send(city.finding()).status_code == 201


@pytest.mark.parametrize("other", ["origin", "device"])
def test_a_set_sealed_for_another_ledger_or_device_cannot_be_opened(city, phones, other):
    one, two = phones
    words = {"origin": "ledger.test/other", "device": two.id}
    before = counts(city.installation)
    answer = one.post(*one.sealed(one.text(city.finding()), **{other: words[other]}))
    assert problem(answer) == (400, "unopenable")
    assert counts(city.installation) == before


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


def test_more_than_a_mebibyte_is_not_even_opened(city, phones):
    one, _ = phones
    before = counts(city.installation)
    answer = one.post(b"x" * (SEALED_BYTES_MAX + 1), "0" * 16)
    assert answer.status_code == 413
    assert answer.content_type == "application/problem+json"
    assert problem(one.post(b"x" * SEALED_BYTES_MAX, "0" * 16)) == (409, "rekey_required")
    assert counts(city.installation) == before


def test_a_text_that_inflates_beyond_its_limit_is_refused(city, phones):
    one, _ = phones
    body, kid = one.sealed(b"x" * (TEXT_BYTES_MAX + 1))
    assert len(body) < SEALED_BYTES_MAX
    assert problem(one.post(body, kid)) == (413, "too_large")


def test_a_text_without_its_form_is_refused(city, phones):
    one, _ = phones
    text = one.text(city.finding())
    for spoilt in (text[:-1], text.replace(b"\n", b"\r\n"), b"\xef\xbb\xbf" + text, b"\n", b""):
        assert problem(one.post(*one.sealed(spoilt))) == (400, "malformed")
    assert problem(one.post(*one.sealed(b"no manifest\n"))) == (401, "bad_signature")


def test_another_content_type_is_refused(city, phones):
    one, _ = phones
    body, kid = one.sealed(one.text(city.finding()))
    assert problem(one.post(body, kid, **{"Content-Type": "application/json"})) == (400, "malformed")


def test_a_set_in_another_devices_name_is_refused(city, phones):
    one, two = phones
    text = one.text(city.finding())
    body, kid = one.sealed(text)
    assert problem(one.post(body, kid, **{"Wardledger-Device": two.id})) == (401, "bad_signature")
    # A phone that sends what another signed: the manifest's signature is not its own.
    assert problem(two.post(*two.sealed(text))) == (401, "bad_signature")


def test_a_manifest_that_names_another_device_is_refused(city, phones):
    one, two = phones
    stranger = Caller(city.installation, two.id, one.user, one.key)
    text = stranger.text(city.finding())
    assert problem(one.post(*one.sealed(text))) == (401, "bad_signature")


def test_a_manifest_made_for_another_ledger_is_refused(city, phones):
    one, _ = phones
    line = one.line(city.finding())
    _, payload = signing.peek(one.manifest([line]), signing.MANIFEST)
    for changed in ({"origin": "ledger.test/other"}, {"ledger_key": "0" * 64}):
        jws = signing.sign(one.key, signing.MANIFEST, {**payload, **changed}, kid=one.id)
        answer = one.post(*one.sealed(changes.text_of(jws, [line])))
        assert problem(answer) == (400, "wrong_ledger")


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        pytest.param(lambda line: line[:-1], "not_canonical", id="truncated"),
        pytest.param(lambda line: line.replace(b'"on_site"', rb'"\ud800"'), "not_canonical", id="surrogate"),
        pytest.param(lambda line: line.replace(b":5,", b":5.0,"), "not_canonical", id="float"),
        pytest.param(lambda line: b"[" * 60_000, "not_canonical", id="deep"),
        pytest.param(lambda line: b"x" * (64 * 1024 + 1), "too_large", id="64 KiB + 1"),
        pytest.param(lambda line: line.replace(b'"on_site"', b'"by_chance"'), "bad_value", id="value"),
        pytest.param(lambda line: b"\x00", "not_canonical", id="NUL"),
    ],
)
def test_one_bad_change_is_refused_and_kept_and_the_others_come_into_force(city, phones, spoil, code):
    one, _ = phones
    written = [one.line(city.finding(amount_fen=5)) for _ in range(3)]
    written[1] = (spoil(written[1][0]), written[1][1])
    text = one.text_of_lines(written)
    answer = one.post(*one.sealed(text))
    assert answer.status_code == 201
    found = outcomes(answer)
    assert [outcome["verdict"] for outcome in found] == ["applied", "refused", "applied"]
    assert found[1]["code"] == code
    assert kept(city.installation) == [(one.id, code, 1, text)]
    one.moved(text)
    assert one.send(city.finding()).status_code == 201
    report = audit(city.installation.services)
    assert report.ok, report.text()


def test_a_set_that_is_not_what_its_manifest_says_is_one_refusal_and_the_chain_goes_on(city, phones):
    one, _ = phones
    text = one.text_of_lines([one.line(city.finding()) for _ in range(3)], root="0" * 64)
    answer = one.post(*one.sealed(text))
    assert answer.status_code == 201
    assert outcomes(answer) == [{"verdict": "refused", "code": "malformed"}]
    assert kept(city.installation) == [(one.id, "malformed", 1, text)]
    one.moved(text)
    assert one.send(city.finding()).status_code == 201


def test_quarantine_holds_the_opened_bytes_encrypted(city, phones):
    one, _ = phones
    text = one.text(city.finding(violation_code="no such word", facts="演示数据：不外传"))
    assert one.post(*one.sealed(text)).status_code == 201
    services = city.installation.services
    with services.database.reading() as connection:
        (row,) = device_store.quarantined(connection, services.ledger.id)
    assert "不外传".encode() not in row.sealed
    assert one.id.encode() not in row.sealed
    assert kept(city.installation)[0][3] == text


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
    body |= {"type": "sanction", "set": {"anything": "\x00", "at_all": [[[]]]}}
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
