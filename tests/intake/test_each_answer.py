"""Each row of the first table in docs/protocol.md, section 3: the answer to a whole change-set, as a phone meets it."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from schemas.wire.statement import read_shut_out
from server.casework.readmissions import readmit
from server.keys import ledger_rotation
from server.operations.lost_phone import declare_lost
from server.storage import device_store, ledger_store, record_store
from sync import changes, checkpoint, lines, signing
from sync.changes import SEALED_BYTES_MAX, Seen
from sync.checkpoint import Checkpoint
from tests.intake.caller import Caller, counts
from tests.intake.test_change_sets import kept, outcomes, problem
from tests.server.pushing import City

PAGE = Path(__file__).parents[2] / "docs" / "protocol.md"
ROWS = {
    "next in the device's chain": "test_the_next_set_is_receipted_and_its_seq_used_whatever_a_change_of_it_says",
    "seq known, same manifest": "test_a_set_that_comes_again_gets_the_same_receipt_bytes",
    "seq known, other manifest, or `prev` does not match": (
        "test_a_fork_is_kept_stops_the_device_and_tells_a_supervisor"
    ),
    "seq ahead of the chain": "test_a_gap_names_the_seq_that_is_expected_and_uses_none",
    "presents a **checkpoint signed by the ledger key** that is beyond or outside the ledger": (
        "test_a_signed_checkpoint_beyond_the_ledger_tells_that_it_is_behind_and_a_bare_seen_does_not"
    ),
    "the manifest names another key that this ledger had, a retired or compromised one too": (
        "test_a_set_of_a_phone_that_pinned_an_earlier_key_is_taken_like_any_and_let_in_like_any"
    ),
    "opening key retired": "test_a_retired_opening_key_is_named_and_the_same_text_taken_under_another",
    "revoked or lost": "test_a_lost_phones_set_is_kept_and_answered_with_a_signed_statement_that_names_it",
    "signed by this device, but the manifest lacks its form or names another ledger": (
        "test_a_signed_set_without_its_form_is_kept_and_uses_no_seq"
    ),
    "cannot be attributed: unopenable, bad signature, unknown device, over the sealed limit": (
        "test_what_nobody_can_be_held_to_gets_a_stable_code_and_leaves_nothing"
    ),
}


def stage(city: City, device: str) -> tuple[str, int]:
    services = city.installation.services
    with services.database.reading() as connection:
        found = device_store.find(connection, services.ledger.id, device)
    assert found is not None
    return found.stage, found.seq


def note(city: City, size: int) -> str:
    """Return a checkpoint of so many entries that the ledger key signed, as the header carries it."""
    services = city.installation.services
    with services.database.reading() as connection:
        head = ledger_store.head(connection, services.ledger.id)
    said = checkpoint.sign(
        Checkpoint(services.ledger.origin, head.epoch, size, b"\x01" * 32), services.keyring.ledger
    )
    return base64.b64encode(said.note.encode()).decode()


def test_every_row_of_the_table_has_a_test_of_its_own():
    section = PAGE.read_text("utf-8").partition("| Case | Answer |\n|---|---|\n")[2]
    rows = [row.split(" | ")[0].removeprefix("| ") for row in section.partition("\n\n")[0].splitlines()]
    assert rows == list(ROWS)
    assert all(name in globals() for name in ROWS.values())


def test_the_next_set_is_receipted_and_its_seq_used_whatever_a_change_of_it_says(city, phones):
    one, _ = phones
    answer = one.send(city.finding(), city.finding(origin="nonsense"))
    assert answer.status_code == 201
    assert [said["verdict"] for said in outcomes(answer)] == ["applied", "refused"]
    assert stage(city, one.id) == ("enrolled", 1)
    assert [code for _, code, _, _ in kept(city.installation)] == ["bad_value"]
    assert one.send(city.finding()).status_code == 201, "no single bad item blocks what comes after it"


def test_a_set_that_comes_again_gets_the_same_receipt_bytes(city, phones):
    one, _ = phones
    content = one.text(city.finding())
    first, again = (one.post(*one.sealed(content)) for _ in range(2))
    assert (first.status_code, again.status_code, again.data) == (201, 200, first.data)


def test_a_fork_is_kept_stops_the_device_and_tells_a_supervisor(city, phones):
    one, _ = phones
    assert one.post(*one.sealed(one.text(city.finding()))).status_code == 201
    other = one.text(city.finding())
    answer = one.post(*one.sealed(other))
    assert problem(answer) == (409, "device_fork")
    services = city.installation.services
    said = read_shut_out(
        answer.get_json()["statement"],
        [services.keyring.ledger.public_key()],
        origin=services.ledger.origin,
        device=one.id,
    )
    assert (said.stage, said.wipe) == ("forked", None)
    assert stage(city, one.id) == ("forked", 1)
    assert kept(city.installation) == [(one.id, "device_fork", 1, other)]
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        (task,) = record_store.query(connection, vault, record_store.selected(services.ledger.id, "task"))
    assert (task.values["kind"], task.values["about"]) == ("forked_device", one.id)
    assert problem(one.ask("GET", "/v1/feed")) == (409, "device_fork"), "the other copy hears of it too"


def test_a_gap_names_the_seq_that_is_expected_and_uses_none(city, phones):
    one, _ = phones
    first = one.text(city.finding())
    one.moved(first)
    second = one.text(city.finding())
    before = counts(city.installation)
    answer = one.post(*one.sealed(second))
    assert problem(answer) == (409, "gap")
    assert answer.get_json()["expected"] == 1
    assert counts(city.installation) == before
    assert [one.post(*one.sealed(one_text)).status_code for one_text in (first, second)] == [201, 201]


def test_a_signed_checkpoint_beyond_the_ledger_tells_that_it_is_behind_and_a_bare_seen_does_not(city, phones):
    one, two = phones
    row = one.line(city.finding())
    bare = changes.text_of(one.manifest([row], seen=Seen("ab" * 16, 10_000, "cd" * 32)), [row])
    assert one.post(*one.sealed(bare)).status_code == 201
    body, kid = two.sealed(two.text(city.finding()))
    answer = two.post(body, kid, **{"Wardledger-Checkpoint": note(city, 10_000)})
    assert problem(answer) == (409, "ledger_behind")
    assert stage(city, two.id) == ("enrolled", 0)


def test_a_retired_opening_key_is_named_and_the_same_text_taken_under_another(city, phones):
    one, _ = phones
    content = one.text(city.finding())
    body, _ = one.sealed(content)
    answer = one.post(body, "0" * 16)
    assert problem(answer) == (409, "rekey_required")
    assert answer.get_json()["kid"] == "0" * 16
    assert one.post(*one.sealed(content)).status_code == 201


def test_a_lost_phones_set_is_kept_and_answered_with_a_signed_statement_that_names_it(city, phones):
    one, _ = phones
    services = city.installation.services
    declare_lost(services, one.id, now=False)
    content = one.text(city.finding())
    answer = one.post(*one.sealed(content))
    assert problem(answer) == (403, "device_revoked")
    keys = [services.keyring.ledger.public_key()]
    said = read_shut_out(answer.get_json()["statement"], keys, origin=services.ledger.origin, device=one.id)
    assert (said.stage, said.wipe) == ("lost", "after_upload")
    assert said.set == lines.digest(content.split(b"\n", 1)[0])
    assert kept(city.installation) == [(one.id, "device_revoked", 1, content)]
    assert stage(city, one.id) == ("lost", 0)


def restated(one: Caller, content: bytes, **said: Any) -> bytes:
    """Return a set whose manifest says something else, signed again."""
    head, _, rest = content.partition(b"\n")
    _, payload = signing.peek(head.decode(), signing.MANIFEST)
    return signing.sign(one.key, signing.MANIFEST, {**payload, **said}, kid=one.id).encode() + b"\n" + rest


@pytest.mark.parametrize("compromised", [False, True])
def test_a_set_of_a_phone_that_pinned_an_earlier_key_is_taken_like_any_and_let_in_like_any(
    city, phones, compromised: bool
):
    one, two = phones
    services = city.installation.services
    old = services.keyring.ledger_digest
    ledger_rotation.rotate(services, compromised=compromised)
    assert services.keyring.ledger_digest != old
    assert one.post(*one.sealed(restated(one, one.text(city.finding()), ledger_key=old))).status_code == 201
    declare_lost(services, two.id, now=False)
    lost = two.post(*two.sealed(restated(two, two.text(city.finding()), ledger_key=old)))
    assert problem(lost) == (403, "device_revoked")
    with services.database.reading() as connection:
        (row,) = device_store.quarantined(connection, services.ledger.id)
    done, _ = readmit(services, city.supervisor, row.id, "演示数据")
    assert done.verdicts == {"applied": 1}
    assert problem(one.post(*one.sealed(restated(one, one.text(city.finding()), ledger_key="0" * 64)))) == (
        400,
        "wrong_ledger",
    )


@pytest.mark.parametrize("said", [{"v": 2}, {"origin": "ledger.test/other"}])
def test_a_signed_set_without_its_form_is_kept_and_uses_no_seq(city, phones, said: dict[str, Any]):
    one, _ = phones
    spoilt = restated(one, one.text(city.finding()), **said)
    status, code = problem(one.post(*one.sealed(spoilt)))
    assert (status, code) in ((400, "malformed"), (400, "wrong_ledger"))
    assert kept(city.installation) == [(one.id, code, 0, spoilt)]
    assert stage(city, one.id) == ("enrolled", 0)
    assert one.send(city.finding()).status_code == 201


def test_what_nobody_can_be_held_to_gets_a_stable_code_and_leaves_nothing(city, phones):
    one, two = phones
    content = one.text(city.finding())
    body, kid = one.sealed(content)
    before = counts(city.installation)
    stranger = Caller(city.installation, city.id(), one.user, one.key)
    found = {
        problem(one.post(body[:-1], kid)),
        problem(one.post(*one.sealed(two.text(city.finding())))),
        problem(stranger.post(body, kid)),
        problem(one.post(b"x" * (SEALED_BYTES_MAX + 1), kid)),
    }
    assert found == {(400, "unopenable"), (401, "bad_signature"), (401, "unknown_device"), (413, "too_large")}
    assert counts(city.installation) == before
