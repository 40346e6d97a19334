"""What is erased at the bureau is gone from the phones at their next sync, their own texts included."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mobile_stub.phone import Phone
from schemas.wire.change_set import read_manifest
from server.commit.submission import Erase
from server.intake.accept import read
from server.ledger.audit import audit
from server.storage import device_store
from sync import changes, erasure
from tests.server.builders import Installation
from tests.server.phones import Visit, team_on_site, user

WORDS = "演示数据：三号床无人，据张某所述"


@pytest.fixture
def team(installation: Installation, tmp_path: Path) -> tuple[Visit, Phone, Phone]:
    """A visit that is under way, the lead's phone and the member's phone, both synced."""
    return team_on_site(installation, tmp_path)


def finding(found: Visit, phone: Phone, **more: Any) -> str:
    """Record a finding with a person in it."""
    values = {
        "inspection": found.inspection,
        "violation_code": "bed_hanging",
        "facts": WORDS,
        "amount_fen": 1,
        "origin": "on_site",
        "persons": ["测试甲555", "测试甲556"],
        **more,
    }
    return phone.create("finding", values)


def erase(installation: Installation, record: str) -> None:
    """Let a leader and a legal reviewer erase all that is said of a record."""
    services = installation.services
    leader, reviewer = user(services, "boss", "leader"), user(services, "law", "legal_reviewer")
    installation.clock.advance(seconds=1)
    services.door.submit(
        Erase(user=leader, second=reviewer, records=(record,), basis="court_order", at=services.now_ms())
    )


def own_texts(phone: Phone, record: str) -> list[bytes]:
    """Return the private lines that a phone keeps of its own changes of a record."""
    return [line for kept in phone.kit.journal.of_record(record) for line in kept.private]


def test_both_phones_lose_the_value_and_go_on(installation: Installation, team: tuple[Visit, Phone, Phone]):
    found, lead, member = team
    record = finding(found, lead)
    assert lead.sync().clean
    assert member.sync().clean
    assert member.show(record).values["facts"] == WORDS
    assert any(WORDS.encode() in line for line in own_texts(lead, record))

    erase(installation, record)
    for phone in (lead, member):
        assert phone.sync().clean
        shown = phone.show(record)
        assert "facts" not in shown.values
        assert not shown.values.get("persons")
        assert shown.values["amount_fen"] == 1
        copy = phone.kit.journal.copy(record)
        assert copy is not None
        assert not copy.body["private"]
    (line,) = own_texts(lead, record)
    assert erasure.erased_digest(line) is not None

    lead.edit(record, {"facts": "演示数据：重写", "persons": ["测试甲557"]})
    assert lead.sync().clean
    assert member.sync().clean
    assert member.show(record).values["facts"] == "演示数据：重写"
    assert member.show(record).values["persons"] == ["测试甲557"]
    assert audit(installation.services).ok


def test_a_set_that_a_phone_sends_again_with_tombstones_is_the_same_set(
    installation: Installation, team: tuple[Visit, Phone, Phone]
):
    found, lead, _ = team
    record = finding(found, lead)
    assert lead.sync().clean
    erase(installation, record)
    assert lead.sync().clean
    journal, services = lead.kit.journal, installation.services
    (kept,) = journal.of_record(record)
    assert kept.seq is not None
    sealed = journal.a_set(kept.seq)
    assert sealed is not None
    items = [(one.change.line, one.private) for one in journal.of_set(kept.seq)]
    text = changes.text_of(sealed.manifest, items)
    assert WORDS.encode() not in text
    with services.database.reading() as connection:
        device = device_store.find(connection, services.ledger.id, lead.kit.identity.device)
    assert device is not None
    again = read(services, text, device=device)
    assert again.manifest.digest == read_manifest(sealed.manifest).digest
    assert all(item.change is not None for item in again.items)
    assert [item.fault for item in again.items] == [None] * len(again.items)


def test_a_tombstone_of_what_was_never_erased_is_a_fault_of_its_change(
    installation: Installation, team: tuple[Visit, Phone, Phone]
):
    found, lead, _ = team
    record = finding(found, lead)
    assert lead.sync().clean
    journal, services = lead.kit.journal, installation.services
    (kept,) = journal.of_record(record)
    assert kept.seq is not None
    sealed = journal.a_set(kept.seq)
    assert sealed is not None
    items = [
        (one.change.line, tuple(erasure.tombstone(p.digest, p.kind) for p in one.change.private))
        for one in journal.of_set(kept.seq)
    ]
    with services.database.reading() as connection:
        device = device_store.find(connection, services.ledger.id, lead.kit.identity.device)
    assert device is not None
    again = read(services, changes.text_of(sealed.manifest, items), device=device)
    assert "malformed" in {item.fault.code for item in again.items if item.fault}
