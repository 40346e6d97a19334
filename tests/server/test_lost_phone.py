"""A lost phone: shut out, told to erase itself by the ledger's own word, after its work has left it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mobile_stub import dismissal
from mobile_stub.fleet import PIN
from mobile_stub.phone import Phone
from mobile_stub.trouble import NotEnrolled, Wiped
from schemas.wire.statement import ShutOut, read_shut_out
from server.commit.work import QUARANTINE_PURPOSE
from server.ledger.audit import audit
from server.operations.lost_phone import declare_lost
from server.storage import device_store, file_store
from sync import lines, signing
from sync.errors import BadProof, BadSignature, Malformed, NotFound
from tests.server.builders import Installation
from tests.server.phones import PhoneClock, Visit, client, enrol, visit


@pytest.fixture
def found(installation: Installation) -> Visit:
    """A visit under way."""
    return visit(installation.services)


@pytest.fixture
def phone(installation: Installation, found: Visit, tmp_path: Path) -> Phone:
    """The lead's phone, synced, on site."""
    made = enrol(installation, tmp_path / "phone", found.lead)
    assert made.sync().clean
    made.step(found.inspection, "on_site")
    assert made.sync().clean
    return made


def lose(installation: Installation, phone: Phone, *, now: bool = False) -> Any:
    return declare_lost(installation.services, phone.kit.identity.device, now=now)


def check(phone: Phone, found: Visit, bed: str = "1101") -> str:
    return phone.check_bed(found.ward_round, bed_listed=bed, presence="in_bed")


def kept(installation: Installation) -> list[bytes]:
    """Return the opened texts of what is in quarantine."""
    services = installation.services
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        rows = device_store.quarantined(connection, services.ledger.id)
        return [vault.open(row.device, QUARANTINE_PURPOSE, row.sealed) for row in rows]


def reopen(installation: Installation, home: Path) -> Phone:
    return Phone.open(home, PIN, clock=PhoneClock(installation.clock), client=client(installation))


def left_in(home: Path) -> set[str]:
    return {path.name for path in home.iterdir()}


def test_a_lost_phone_hands_over_its_work_and_files_and_then_erases_itself(installation, found, phone):
    bed = check(phone, found)
    evidence = phone.take_evidence(
        found.inspection, b"photo", kind="audio_visual", media_type="image/jpeg", ward_round=found.ward_round
    )
    digest = phone.show(evidence).values["cipher_digest"]
    lose(installation, phone)
    report = phone.sync()
    assert report.wiped
    (text,) = kept(installation)
    assert bed.encode() in text
    assert evidence.encode() in text
    services = installation.services
    assert services.files.has(digest), "the picture is evidence like the words"
    with services.database.reading() as connection:
        assert file_store.state(connection, services.ledger.id, digest) == file_store.ARRIVED
    assert left_in(phone.kit.home) == {"WIPED", "lock"}
    with pytest.raises(Wiped):
        reopen(installation, phone.kit.home)
    assert audit(services).ok


def test_a_lost_phone_with_nothing_unsent_erases_itself_at_its_next_contact(installation, phone):
    assert not phone.sync().wiped
    lose(installation, phone)
    assert phone.sync().wiped
    assert kept(installation) == []


def test_a_phone_that_is_only_revoked_erases_nothing(installation, found, phone):
    from schemas.drafting import Draft
    from server.commit.acts import act

    device = phone.kit.identity.device
    step = Draft("edit", "device", device, {"stage": {"from": "enrolled", "to": "revoked"}})
    act(installation.services, [step], kind="device")
    check(phone, found)
    assert not phone.sync().wiped
    assert phone.status()["shut_out"]["stage"] == "revoked"
    assert len(kept(installation)) == 1
    # The same phone is found to be lost later: it asks, lets what it recorded since leave, and erases itself.
    check(phone, found, "1102")
    assert not phone.sync().wiped
    lose(installation, phone)
    assert phone.sync().wiped
    assert len(kept(installation)) == 2


def test_what_could_not_leave_keeps_a_lost_phone_from_erasing_itself(installation, found, phone, monkeypatch):
    import httpx

    check(phone, found)
    phone.take_evidence(found.inspection, b"photo", kind="audio_visual", media_type="image/jpeg")
    lose(installation, phone)
    real = phone.kit.transport.client.send

    def cut(request: httpx.Request, **more: Any) -> httpx.Response:
        if request.url.path.startswith("/v1/files"):
            raise httpx.ConnectError("no network")
        return real(request, **more)

    monkeypatch.setattr(phone.kit.transport.client, "send", cut)
    report = phone.sync()
    assert not report.wiped
    assert phone.status()["files_waiting"] == 1
    monkeypatch.setattr(phone.kit.transport.client, "send", real)
    assert phone.sync().wiped
    assert len(kept(installation)) == 1, "what was handed over is not sent twice"


def test_an_order_for_now_erases_before_anything_leaves(installation, found, phone):
    check(phone, found)
    lose(installation, phone, now=True)
    assert phone.sync().wiped
    assert len(kept(installation)) == 1, "it heard of the order by the answer to its first set"
    assert "journal.db" not in left_in(phone.kit.home)


def test_a_refusal_without_the_ledgers_signature_erases_nothing(installation, found, phone, monkeypatch):
    from server.intake import statements

    key = signing.sign
    forged = ShutOut("ledger.test/luan", phone.kit.identity.device, "lost", 1, "now").payload()
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    token = key(Ed25519PrivateKey.generate(), signing.STATEMENT, forged, kid="0" * 16)
    lose(installation, phone)
    monkeypatch.setattr(statements, "statement", lambda *_, **__: ("lost", token))
    check(phone, found)
    report = phone.sync()
    assert not report.wiped
    assert report.alarm is None
    assert phone.kit.wipe is None
    monkeypatch.undo()
    assert phone.sync().wiped


def test_a_statement_about_another_set_does_not_count_as_handed_over(installation, found, phone):
    check(phone, found)
    said = ShutOut("ledger.test/luan", phone.kit.identity.device, "lost", 1, "after_upload", "ab" * 32)
    dismissal.handed_over(phone.kit, 2, "cd" * 32, said)
    assert phone.kit.handed == 0
    dismissal.handed_over(phone.kit, 2, "ab" * 32, said)
    assert phone.kit.handed == 2


def test_a_kill_while_erasing_is_gone_on_with(installation, found, phone, monkeypatch):
    check(phone, found)
    lose(installation, phone)
    monkeypatch.setattr(dismissal, "finish", lambda home: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        phone.sync()
    assert "journal.db" in left_in(phone.kit.home)
    monkeypatch.undo()
    with pytest.raises(Wiped):
        reopen(installation, phone.kit.home)
    assert left_in(phone.kit.home) == {"WIPED", "lock"}


def test_a_phone_that_was_found_again_is_enrolled_anew(installation, found, phone):
    lose(installation, phone)
    assert phone.sync().wiped
    again = enrol(installation, phone.kit.home, found.lead)
    assert again.kit.identity.device != phone.kit.identity.device
    assert again.sync().clean
    assert "WIPED" not in left_in(phone.kit.home)


def test_the_report_counts_what_was_on_the_phone_and_names_nobody(installation, found, phone):
    check(phone, found)
    assert phone.sync().clean
    other = visit(installation.services, number=2)
    report = lose(installation, phone)
    roots = {shelf.root: shelf for shelf in report.shelves}
    assert set(roots) == {found.inspection, found.institution}
    assert roots[found.inspection].records["bed_check"] == 1
    assert roots[found.institution].records["encounter"] == 4
    assert report.records.total() == sum(sum(one.records.values()) for one in report.shelves)
    assert other.inspection not in roots
    assert report.last_contact == installation.clock()
    assert "测试" not in str(report.json())


def test_a_phone_that_was_never_heard_of_held_nothing(installation, found, tmp_path):
    phone = enrol(installation, tmp_path / "silent", found.member)
    report = lose(installation, phone)
    assert (report.shelves, report.last_contact, report.file_keys) == ((), 0, 0)


def test_what_left_the_scope_after_the_last_contact_is_still_on_the_phone(installation, found, phone):
    from schemas.drafting import Draft
    from server.commit.acts import act

    installation.clock.advance(days=1)
    step = Draft(
        "edit", "inspection", found.inspection, {"lead": found.member}, remove={"members": [found.lead]}
    )
    act(installation.services, [step], user=found.supervisor)
    report = lose(installation, phone)
    assert found.inspection in {shelf.root for shelf in report.shelves}


def test_losing_a_phone_twice_is_one_entry_and_an_order_only_becomes_more_urgent(installation, found, phone):
    from server.storage import ledger_store

    services = installation.services

    def size() -> int:
        with services.database.reading() as connection:
            return ledger_store.head(connection, services.ledger.id).size

    before = size()
    assert lose(installation, phone).wipe == "after_upload"
    assert lose(installation, phone).wipe == "after_upload"
    assert size() == before + 1
    assert lose(installation, phone, now=True).wipe == "now"
    assert lose(installation, phone).wipe == "now"
    assert size() == before + 2
    assert audit(services).ok
    with pytest.raises(NotFound):
        declare_lost(services, "01900000-0000-7000-8000-000000000000", now=False)


def test_a_lost_phone_gets_no_record_any_more(installation, found, phone):
    lose(installation, phone)
    report = phone.sync()
    assert report.pulled.items == 0
    assert ("pull", "device_revoked") in [(error.part, error.code) for error in report.errors]


def test_a_statement_is_read_only_from_the_ledger_about_this_device(installation, phone):
    from server.intake import statements

    services, own = installation.services, phone.kit.identity
    assert statements.statement(services, own.device) == ("enrolled", None)
    lose(installation, phone)
    _, token = statements.statement(services, own.device, kept="ab" * 32)
    assert token is not None
    said = read_shut_out(token, own.ledger_keys, origin=own.origin, device=own.device)
    assert (said.stage, said.wipe, said.set) == ("lost", "after_upload", "ab" * 32)
    with pytest.raises(BadProof):
        read_shut_out(token, own.ledger_keys, origin=own.origin, device=own.user)
    with pytest.raises(BadSignature):
        read_shut_out(token, [own.signing_key.public_key()], origin=own.origin, device=own.device)
    keyring = services.keyring
    odd = signing.sign(
        keyring.ledger, signing.STATEMENT, {**said.payload(), "wipe": "soon"}, kid=keyring.ledger_kid
    )
    with pytest.raises(Malformed):
        read_shut_out(odd, own.ledger_keys, origin=own.origin, device=own.device)
    assert lines.unb64u(token.split(".")[2], length=64)


def test_the_folder_of_a_wiped_phone_holds_no_phone(installation, phone):
    lose(installation, phone)
    assert phone.sync().wiped
    (phone.kit.home / "WIPED").unlink()
    with pytest.raises(NotEnrolled):
        reopen(installation, phone.kit.home)
