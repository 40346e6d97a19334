"""A phone that takes another one's place: it inherits what was not sent, in its order, once, and nothing twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from mobile_stub import enrolment, identity
from mobile_stub.fleet import HARDNESS, PIN
from mobile_stub.phone import Phone
from mobile_stub.trouble import Alarmed, Offline, ServerRefused
from schemas.drafting import Draft
from server.accounts.invites import AlreadySuperseded, invite
from server.commit.acts import act
from server.ledger.audit import audit
from server.operations.lost_phone import declare_lost
from server.storage import device_store, ledger_store, record_store
from sync.errors import NotAllowed, NotFound
from tests.server.builders import Installation
from tests.server.phones import PhoneClock, Visit, client, enrol, visit

DAY_MS = 86_400_000


@pytest.fixture
def found(installation: Installation) -> Visit:
    """A visit under way."""
    return visit(installation.services)


@pytest.fixture
def old(installation: Installation, found: Visit, tmp_path: Path) -> Phone:
    """The lead's phone, synced, on site."""
    made = enrol(installation, tmp_path / "phone", found.lead)
    assert made.sync().clean
    made.step(found.inspection, "on_site")
    assert made.sync().clean
    return made


def check(phone: Phone, found: Visit, bed: str = "1101") -> str:
    return phone.check_bed(found.ward_round, bed_listed=bed, presence="in_bed")


def renewed(installation: Installation, phone: Phone, found: Visit, **more: Any) -> Phone:
    """Enrol the phone's folder anew, in the place of the device that it was."""
    phone.close()
    return enrol(
        installation, phone.kit.home, found.lead, supersedes=more.get("supersedes", phone.kit.identity.device)
    )


def devices(installation: Installation) -> dict[str, device_store.Device]:
    services = installation.services
    with services.database.reading() as connection:
        return {one.id: one for one in device_store.everything(connection, services.ledger.id)}


def cut(phone: Phone, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    """Let the answers of a path get lost."""
    real = phone.kit.transport.client.send

    def lose(request: httpx.Request, **more: Any) -> httpx.Response:
        answer = real(request, **more)
        if request.url.path == path:
            answer.read()
            raise httpx.ReadError("cut off")
        return answer

    monkeypatch.setattr(phone.kit.transport.client, "send", lose)


def test_unsent_work_goes_under_the_new_device_in_the_order_in_which_it_was_recorded(
    installation, found, old
):
    beds = [check(old, found, str(1101 + n)) for n in range(4)]
    old.edit(beds[0], {"presence": "absent"})
    new = renewed(installation, old, found)
    assert new.kit.identity.device != old.kit.identity.device
    assert new.status()["former"] == old.kit.identity.device
    assert new.status()["outbox"] == 5
    report = new.sync()
    assert report.clean
    assert report.pushed.verdicts == {"applied": 5}
    services = installation.services
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        stored = record_store.load(connection, vault, beds)
    made = [stored[bed].acts[0] for bed in beds]
    assert [one.index for one in made] == sorted(one.index for one in made)
    assert {(one.writer, one.place) for one in made} == {(f"device:{old.kit.identity.device}", 1)}
    assert stored[beds[0]].values["presence"] == "absent"
    assert new.kit.journal.last_set().seq == 1
    assert audit(services).ok


def test_what_reached_the_server_before_is_not_there_twice(installation, found, old, monkeypatch):
    """The receipt of a set got lost; it is asked for once more before the place is taken."""
    bed = check(old, found)
    cut(old, monkeypatch, "/v1/change-sets")
    assert old.sync().errors[0].code == "offline"
    new = renewed(installation, old, found)
    assert new.status()["outbox"] == 0
    assert new.sync().clean
    assert new.show(bed).pending == 0
    assert audit(installation.services).ok


def test_a_receipt_is_given_again_also_to_a_phone_that_was_replaced_meanwhile(
    installation, found, old, tmp_path, monkeypatch
):
    check(old, found)
    cut(old, monkeypatch, "/v1/change-sets")
    old.sync()
    monkeypatch.undo()
    enrol(installation, tmp_path / "other", found.lead, supersedes=old.kit.identity.device)
    check(old, found, "1102")
    report = old.sync()
    assert old.kit.journal.a_set(2).receipt is not None, "that set is in the ledger, and stays so"
    assert ("push", "device_revoked") in [(error.part, error.code) for error in report.errors]


def test_sets_that_lie_in_quarantine_come_into_force_under_the_new_device(installation, found, old):
    bed = check(old, found)
    step = Draft("edit", "device", old.kit.identity.device, {"stage": {"from": "enrolled", "to": "revoked"}})
    act(installation.services, [step], kind="device")
    assert not old.sync().clean
    new = renewed(installation, old, found)
    assert new.sync().pushed.verdicts == {"applied": 1}
    assert new.status()["stopped"] is None
    assert new.show(bed).values["presence"] == "in_bed"


def test_a_lost_answer_is_asked_for_again_and_the_phone_records_meanwhile(
    installation, found, old, tmp_path, monkeypatch
):
    services = installation.services
    check(old, found)
    device = old.kit.identity.device
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        lead = record_store.load(connection, vault, [found.lead])[found.lead]
    ticket = invite(services, lead, supersedes=device)
    old.close()
    wire = client(installation)
    more: dict[str, Any] = {"clock": PhoneClock(installation.clock), "client": wire, "hardness": HARDNESS}
    real = wire.send

    def lose(request: httpx.Request, **rest: Any) -> httpx.Response:
        answer = real(request, **rest)
        if request.url.path == "/v1/devices":
            answer.read()
            raise httpx.ReadError("cut off")
        return answer

    monkeypatch.setattr(wire, "send", lose)
    with pytest.raises(Offline):
        Phone.enrol(old.kit.home, ticket, PIN, **more)
    assert len(devices(installation)) == 2
    monkeypatch.setattr(wire, "send", real)
    with Phone.open(
        old.kit.home, PIN, clock=PhoneClock(installation.clock), client=client(installation)
    ) as same:
        assert same.kit.identity.device == device
        check(same, found, "1102")
    new = Phone.enrol(old.kit.home, ticket, PIN, **more)
    assert len(devices(installation)) == 2
    assert new.sync().pushed.changes == 2
    assert audit(services).ok


@pytest.mark.parametrize("step", ["become", "inherit"])
def test_a_kill_while_taking_over_leaves_the_phone_what_it_was_or_what_it_becomes(
    installation, found, old, monkeypatch, step
):
    bed = check(old, found)
    where = type(old.kit) if step == "become" else enrolment

    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(where, step, die)
    with pytest.raises(KeyboardInterrupt):
        renewed(installation, old, found)
    monkeypatch.undo()
    with Phone.open(
        old.kit.home, PIN, clock=PhoneClock(installation.clock), client=client(installation)
    ) as new:
        assert new.sync().clean
        assert new.show(bed).pending == 0
        assert new.kit.identity.former == old.kit.identity.device
    assert audit(installation.services).ok


def test_the_old_device_is_over_and_the_chain_goes_on(installation, found, old):
    new = renewed(installation, old, found)
    known = devices(installation)
    assert known[old.kit.identity.device].stage == "superseded"
    third = renewed(installation, new, found)
    check(third, found)
    assert third.sync().clean
    row = devices(installation)[third.kit.identity.device]
    assert (row.chain, row.place) == (old.kit.identity.device, 2)
    assert audit(installation.services).ok


def test_a_device_is_replaced_once(installation, found, old, tmp_path):
    services, device = installation.services, old.kit.identity.device
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        lead = record_store.load(connection, vault, [found.lead])[found.lead]
    tickets = [invite(services, lead, supersedes=device) for _ in range(2)]
    wire = client(installation)
    more: dict[str, Any] = {"clock": PhoneClock(installation.clock), "client": wire, "hardness": HARDNESS}
    Phone.enrol(tmp_path / "one", tickets[0], PIN, **more)
    with pytest.raises(ServerRefused, match="already_superseded") as told:
        Phone.enrol(tmp_path / "two", tickets[1], PIN, **more)
    assert told.value.status == 409
    with pytest.raises(AlreadySuperseded):
        invite(services, lead, supersedes=device)
    with pytest.raises(NotFound):
        invite(services, lead, supersedes="01900000-0000-7000-8000-000000000000")


def test_nobody_takes_the_place_of_anothers_phone(installation, found, old, tmp_path):
    services = installation.services
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        member = record_store.load(connection, vault, [found.member])[found.member]
    with pytest.raises(NotAllowed):
        invite(services, member, supersedes=old.kit.identity.device)
    old.close()
    with pytest.raises(ServerRefused, match="not_allowed"):
        enrol(installation, old.kit.home, found.member)
    with pytest.raises(ServerRefused, match="not_allowed"):
        enrol(installation, old.kit.home, found.lead)
    assert len(devices(installation)) == 1, "an invite that replaces nothing never takes over a working phone"


def test_the_other_copy_of_a_phone_brings_its_work_in_as_a_writer_of_its_own(
    installation, found, old, tmp_path
):
    """A folder was copied; one copy took the device's place, so the other comes in beside the chain."""
    import shutil

    old.close()
    shutil.copytree(old.kit.home, tmp_path / "copy")
    new = renewed(installation, old, found)
    copy = Phone.open(
        tmp_path / "copy", PIN, clock=PhoneClock(installation.clock), client=client(installation)
    )
    bed = check(copy, found, "1103")
    copy.close()
    again = enrol(installation, tmp_path / "copy", found.lead)
    assert again.sync().pushed.verdicts == {"applied": 1}
    assert new.sync().clean
    assert new.show(bed).values["bed_listed"] == "1103"
    row = devices(installation)[again.kit.identity.device]
    assert (row.chain, row.place) == (row.id, 0)
    assert audit(installation.services).ok


def test_what_was_held_of_the_old_device_is_told_to_the_new_one(installation, found, old, tmp_path):
    member = enrol(installation, tmp_path / "member", found.member)
    assert member.sync().clean
    rounds = {"inspection": found.inspection, "mode": "bedside", "trigger": "lead"}
    ward_round = member.create("ward_round", rounds)
    bed = old.create("bed_check", {"ward_round": ward_round, "bed_listed": "1101", "presence": "in_bed"})
    assert old.sync().pushed.verdicts == {"held": 1}
    new = renewed(installation, old, found)
    assert new.sync().clean
    assert new.attention()[0]["verdict"] == "held"
    assert member.sync().clean
    assert new.sync().clean
    assert new.attention() == []
    assert new.show(bed).pending == 0


def test_a_lost_phones_successor_starts_empty_and_the_old_one_still_erases_itself(
    installation, found, old, tmp_path
):
    device = old.kit.identity.device
    declare_lost(installation.services, device, now=False)
    new = enrol(installation, tmp_path / "new", found.lead, supersedes=device)
    assert new.sync().clean
    assert new.show(found.inspection).stage == "on_site"
    assert old.sync().wiped


def test_an_alarmed_phone_stays_as_it_is(installation, found, old):
    old.kit.raise_alarm("two trees")
    before = identity.load(old.kit.home, PIN)
    with pytest.raises(Alarmed):
        renewed(installation, old, found)
    assert identity.load(old.kit.home, PIN).device == before.device


def test_texts_and_receipts_of_the_old_device_are_kept_and_go_in_time(installation, found, old):
    check(old, found)
    assert old.sync().clean
    new = renewed(installation, old, found)
    assert new.kit.journal.a_set(1) is None
    kept = [row for row in (new.kit.journal.a_set(-n) for n in range(1, 9)) if row is not None]
    assert len(kept) == 2
    assert all(row.receipt for row in kept)
    assert all(len(new.kit.journal.of_set(row.seq)) == 1 for row in kept)
    installation.clock.advance(days=31)
    check(new, found, "1102")
    assert new.sync().clean
    assert new.kit.journal.of_set(kept[0].seq) == []
    with installation.services.database.reading() as connection:
        assert ledger_store.head(connection, installation.services.ledger.id).size
