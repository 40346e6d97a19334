"""A phone's unsent work that comes to the desk as a file: each part the way of a push, once, and told of."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path
from typing import Any

import pytest

from mobile_stub.outbox_file import export
from mobile_stub.phone import Phone
from schemas.wire.outbox_file import FILE, SET, Reader
from server.cli import main
from server.intake.outbox_file import Brought, bring
from server.keys import rotation
from server.ledger.audit import audit
from server.operations.lost_phone import declare_lost
from server.storage import device_store, record_store
from sync import lines
from sync.errors import Malformed, UnknownDevice, WrongLedger
from tests.server.builders import Installation
from tests.server.commands import find_in_environment
from tests.server.phones import Visit, enrol, visit


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


def work(phone: Phone, found: Visit) -> tuple[str, str]:
    """Record a bed and a photo of it, unsent; return both records."""
    check = phone.check_bed(found.ward_round, bed_listed="1101", presence="in_bed")
    photo = phone.take_evidence(
        found.inspection, b"a photograph" * 100_000, kind="audio_visual", media_type="image/jpeg"
    )
    return check, photo


def exported(phone: Phone, tmp_path: Path) -> bytes:
    target = tmp_path / "phone.wlo"
    export(phone.kit, target)
    return target.read_bytes()


def brought(installation: Installation, content: bytes) -> Brought:
    return bring(installation.services, io.BytesIO(content))


def told(report: Brought) -> list[tuple[str, str]]:
    return [(one.kind, one.became) for one in report.parts]


def values(installation: Installation, record: str) -> dict[str, Any]:
    services = installation.services
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        return dict(record_store.load(connection, vault, [record])[record].values)


# -- the way in ---------------------------------------------------------------------------------------------------


def test_what_a_phone_exported_is_in_the_ledger_and_its_file_verified(installation, found, phone, tmp_path):
    check, photo = work(phone, found)
    report = brought(installation, exported(phone, tmp_path))
    assert (told(report), report.whole) == ([(SET, "taken"), (FILE, "taken")], True)
    assert report.parts[0].verdicts == {"applied": 2}
    assert values(installation, check)["presence"] == "in_bed"
    assert values(installation, photo)["file_state"] == "verified"
    assert audit(installation.services).ok


def test_the_phone_settles_at_its_next_sync_and_sends_nothing_twice(installation, found, phone, tmp_path):
    work(phone, found)
    content = exported(phone, tmp_path)
    brought(installation, content)
    phone.check_bed(found.ward_round, bed_listed="1102", presence="absent")
    synced = phone.sync()
    assert synced.clean, synced.errors
    assert synced.pushed.verdicts == {"applied": 3}
    assert synced.uploaded.bytes == 0
    status = phone.status()
    assert (status["outbox"], status["sets_unacknowledged"], status["files_waiting"]) == (0, 0, 0)
    again = brought(installation, content)
    assert (told(again), again.whole) == ([(SET, "known"), (FILE, "known")], True)
    assert audit(installation.services).ok


def test_a_file_that_comes_after_the_phone_has_synced_changes_nothing(installation, found, phone, tmp_path):
    work(phone, found)
    content = exported(phone, tmp_path)
    assert phone.sync().clean
    assert told(brought(installation, content)) == [(SET, "known"), (FILE, "known")]


def test_work_that_was_exported_twice_is_entered_once(installation, found, phone, tmp_path):
    work(phone, found)
    first = exported(phone, tmp_path)
    phone.check_bed(found.ward_round, bed_listed="1102", presence="in_bed")
    second = exported(phone, tmp_path)
    assert told(brought(installation, second)) == [(SET, "taken"), (SET, "taken"), (FILE, "taken")]
    assert told(brought(installation, first)) == [(SET, "known"), (FILE, "known")]


def test_a_file_sealed_to_a_key_that_was_retired_since_is_opened(installation, found, phone, tmp_path):
    work(phone, found)
    content = exported(phone, tmp_path)
    rotation.rotate_opening(installation.services)
    assert brought(installation, content).whole


def test_nothing_in_the_file_can_be_read_but_whose_it_is(installation, found, phone, tmp_path):
    check, photo = work(phone, found)
    finding = phone.write_finding(
        found.inspection, violation_code="bed_hanging", facts="测试事实", amount_fen=1
    )
    content = exported(phone, tmp_path)
    for word in (
        "测试",
        "bed_hanging",
        "1101",
        check,
        photo,
        finding,
        found.inspection,
        phone.kit.identity.user,
    ):
        assert word.encode() not in content
    assert b"a photograph" not in content
    assert phone.kit.identity.device.encode() in content


# -- what is refused ------------------------------------------------------------------------------------------------


def test_a_file_for_another_ledger_or_of_an_unknown_phone_is_refused_as_a_whole(
    installation, found, phone, tmp_path
):
    work(phone, found)
    content = exported(phone, tmp_path)
    device = phone.kit.identity.device
    for old, new, kind in (
        (installation.services.ledger.origin, "other.example/elsewhere", WrongLedger),
        (device, "0" * 8 + device[8:], UnknownDevice),
        ("wardledger-outbox", "wardledger-inbox", Malformed),
        ('"kind"', "kind", Malformed),
    ):
        with pytest.raises(kind):
            brought(installation, content.replace(old.encode(), new.encode(), 1))
    assert phone.kit.journal.unacknowledged()


def test_a_damaged_set_is_named_and_the_file_behind_it_is_taken(installation, found, phone, tmp_path):
    work(phone, found)
    content = bytearray(exported(phone, tmp_path))
    lines_at = content.index(b"\n", content.index(b'"kind":"set"'))
    content[lines_at + 200] ^= 1
    report = brought(installation, bytes(content))
    assert told(report) == [(SET, "refused"), (FILE, "taken")]
    assert (report.parts[0].part, report.parts[0].code) == (1, "checksum_mismatch")
    assert not report.whole
    assert brought(installation, exported(phone, tmp_path)).whole


def test_a_damaged_cipher_is_named_and_nothing_of_it_is_kept(installation, found, phone, tmp_path):
    _, photo = work(phone, found)
    content = bytearray(exported(phone, tmp_path))
    content[content.index(b"\n", content.index(b'"kind":"file"')) + 5_000] ^= 1
    report = brought(installation, bytes(content))
    assert told(report) == [(SET, "taken"), (FILE, "refused")]
    assert not installation.services.files.has(report.parts[1].digest)
    assert phone.sync().clean
    phone.sync()
    assert values(installation, photo)["file_state"] == "verified"


def test_of_a_file_that_was_cut_off_the_whole_parts_are_taken(installation, found, phone, tmp_path):
    work(phone, found)
    content = exported(phone, tmp_path)
    middle = content.index(b'"kind":"file"') + 4_000
    report = brought(installation, content[:middle])
    assert (told(report), report.whole) == ([(SET, "taken")], False)
    assert report.broken is not None
    assert report.broken[0] == "malformed"
    assert brought(installation, content).whole
    for end in (10, content.index(b'"kind":"set"') + 300):
        try:
            assert told(brought(installation, content[:end])) == []
        except Malformed:
            assert end == 10


def test_a_header_that_was_altered_is_found_at_the_end(installation, found, phone, tmp_path):
    work(phone, found)
    content = exported(phone, tmp_path)
    made_at = Reader(io.BytesIO(content)).header.made_at
    report = brought(installation, content.replace(str(made_at).encode(), str(made_at + 1).encode(), 1))
    assert (report.whole, report.broken and report.broken[0]) == (False, "checksum_mismatch")


def test_the_sets_of_a_lost_phone_lie_in_quarantine_as_those_of_a_push_do(
    installation, found, phone, tmp_path
):
    work(phone, found)
    content = exported(phone, tmp_path)
    device = phone.kit.identity.device
    declare_lost(installation.services, device, now=False)
    report = brought(installation, content)
    assert told(report) == [(SET, "kept"), (FILE, "taken")]
    assert report.parts[0].code == "device_revoked"
    services = installation.services
    with services.database.reading() as connection:
        kept = device_store.quarantined(connection, services.ledger.id, device)
    assert [one.seq for one in kept] == [2]


def test_a_set_whose_phone_did_not_sign_it_is_refused(installation, found, phone, tmp_path):
    """Whoever writes a file of his own in a phone's name has not the phone's key."""
    other = enrol(installation, tmp_path / "other", found.member)
    assert other.sync().clean
    other.check_bed(found.ward_round, bed_listed="1101", presence="in_bed")
    content = exported(other, tmp_path)
    posed = content.replace(other.kit.identity.device.encode(), phone.kit.identity.device.encode(), 1)
    report = brought(installation, posed)
    assert told(report) == [(SET, "refused")]
    assert report.parts[0].code == "unopenable"


def test_a_later_set_without_the_one_before_it_is_told_what_is_missing(installation, found, phone, tmp_path):
    phone.check_bed(found.ward_round, bed_listed="1101", presence="in_bed")
    exported(phone, tmp_path)
    phone.check_bed(found.ward_round, bed_listed="1102", presence="in_bed")
    content = exported(phone, tmp_path)
    first = content.index(b'{"digest"')
    second = content.index(b'{"digest"', first + 10)
    head = content[:first].replace(b'"parts":2', b'"parts":1')
    body = head + content[second : content.rindex(b'{"digest"')]
    end = lines.encode({"kind": "end", "digest": hashlib.sha256(body).hexdigest()}) + b"\n"
    report = brought(installation, body + end)
    assert [(one.became, one.code) for one in report.parts] == [("refused", "gap")]
    assert brought(installation, content).whole


# -- the command line  ----------------------------------------------------------------------------------------------


def test_the_command_takes_a_file_and_says_what_became_of_each_part(
    installation, found, phone, tmp_path, capsys, monkeypatch
):
    find_in_environment(installation.services.config, monkeypatch)
    work(phone, found)
    target = tmp_path / "phone.wlo"
    target.write_bytes(exported(phone, tmp_path))
    assert main(["import", "outbox", str(target), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert [one["became"] for one in report["parts"]] == ["taken", "taken"]
    assert main(["import", "outbox", str(target)]) == 0
    assert "known" in capsys.readouterr().out
    target.write_bytes(target.read_bytes()[:-10])
    assert main(["import", "outbox", str(target)]) == 1
    assert "after part 2" in capsys.readouterr().out
