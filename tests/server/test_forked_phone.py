"""Two copies of one phone: the device is stopped, its user and a supervisor are told, nothing is thrown away."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mobile_stub import push
from mobile_stub.fleet import PIN
from mobile_stub.phone import Phone
from server.casework import forks, readmissions
from server.casework.late_changes import Ruling, rule
from server.ledger.audit import audit
from server.storage import device_store, ledger_store, record_store, waiting_store
from sync.merge import Record
from tests.server.builders import Installation
from tests.server.phones import PhoneClock, Visit, client, enrol, visit


@pytest.fixture
def found(installation: Installation) -> Visit:
    """A visit under way."""
    return visit(installation.services)


@pytest.fixture
def copies(installation: Installation, found: Visit, tmp_path: Path) -> tuple[Phone, Phone]:
    """The lead's phone, synced, on site, and a copy of its folder that has sealed a set of its own."""
    first = enrol(installation, tmp_path / "phone", found.lead)
    assert first.sync().clean
    first.step(found.inspection, "on_site")
    assert first.sync().clean
    first.close()
    shutil.copytree(first.kit.home, tmp_path / "copy")
    opened = [
        Phone.open(tmp_path / name, PIN, clock=PhoneClock(installation.clock), client=client(installation))
        for name in ("phone", "copy")
    ]
    check(opened[1], found, "1102")
    assert push.seal_next(opened[1].kit) is not None
    return opened[0], opened[1]


def check(phone: Phone, found: Visit, bed: str = "1101") -> str:
    return phone.check_bed(found.ward_round, bed_listed=bed, presence="in_bed")


def tasks(installation: Installation) -> list[Record]:
    services = installation.services
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        found = record_store.query(connection, vault, record_store.selected(services.ledger.id, "task"))
    return [task for task in found if task.values["kind"] == "forked_device"]


def stage(installation: Installation, phone: Phone) -> str:
    services = installation.services
    with services.database.reading() as connection:
        device = device_store.find(connection, services.ledger.id, phone.kit.identity.device)
    assert device is not None
    return device.stage


def test_a_fork_stops_the_device_and_tells_both_copies_and_a_supervisor(installation, found, copies):
    first, second = copies
    check(first, found)
    assert first.sync().clean
    report = second.sync()
    assert (report.errors[0].part, report.errors[0].code) == ("push", "device_fork")
    assert stage(installation, first) == "forked"
    (task,) = tasks(installation)
    assert (task.values["about"], task.values["for_role"]) == (first.kit.identity.device, "supervisor")
    assert task.stage == "open"
    # The copy that was in order hears of it at its next contact, also with nothing to send.
    assert first.sync().errors[0].code == "device_fork"
    for phone in copies:
        status = phone.status()
        assert (status["stopped"], status["shut_out"]["stage"]) == ("device_fork", "forked")
        assert "replaces" in status["stopped_next"]
    assert audit(installation.services).ok


def test_a_stopped_copy_goes_on_recording_and_keeps_all_of_it(installation, found, copies):
    first, second = copies
    check(first, found)
    first.sync()
    second.sync()
    check(second, found, "1103")
    assert second.sync().errors[-1].code == "stopped"
    assert second.status()["outbox"] == 1
    assert len(second.kit.journal.unacknowledged()) == 1


def test_what_a_copy_sent_lies_in_quarantine_and_the_task_is_made_once(installation, found, copies):
    first, second = copies
    check(first, found)
    first.sync()
    services = installation.services
    for _ in range(3):
        second.kit.journal.drop("stopped")
        second.sync()
    with services.database.reading() as connection:
        kept = device_store.quarantined(connection, services.ledger.id)
    assert [(one.seq, one.code) for one in kept] == [(2, "device_fork")]
    assert len(tasks(installation)) == 1


def test_a_set_that_is_in_the_ledger_keeps_its_receipt_after_the_fork(installation, found, copies):
    first, second = copies
    check(first, found)
    assert first.sync().clean
    sealed = first.kit.journal.a_set(2)
    second.sync()
    push.resend(first.kit, sealed)
    assert first.kit.journal.a_set(2).receipt == sealed.receipt


def test_a_crash_before_the_device_was_stopped_is_made_good_by_the_scheduler(
    installation, found, copies, monkeypatch
):
    first, second = copies
    check(first, found)
    first.sync()

    def die(*_: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(forks, "stop", die)
        with pytest.raises(KeyboardInterrupt):
            second.sync()
    assert stage(installation, first) == "enrolled"
    services = installation.services
    assert forks.sweep(services) == 1
    assert forks.sweep(services) == 0
    assert stage(installation, first) == "forked"
    assert len(tasks(installation)) == 1


def test_no_phone_is_stopped_for_sending_the_same_set_twice(installation, found, copies):
    first, _ = copies
    check(first, found)
    assert first.sync().clean
    push.resend(first.kit, first.kit.journal.a_set(2))
    assert stage(installation, first) == "enrolled"
    assert forks.sweep(installation.services) == 0
    assert tasks(installation) == []


def test_both_copies_come_back_by_re_enrolment_with_all_that_they_recorded(
    installation, found, copies, tmp_path
):
    first, second = copies
    bed = check(first, found)
    assert first.sync().clean
    second.sync()
    later = check(second, found, "1104")
    device = first.kit.identity.device
    for phone in copies:
        phone.close()
    renewed = enrol(installation, second.kit.home, found.lead, supersedes=device)
    assert renewed.sync().pushed.changes == 2
    other = enrol(installation, first.kit.home, found.lead)
    assert other.sync().clean
    assert renewed.sync().clean
    for key in (bed, later):
        assert other.show(key).values["presence"] == "in_bed"
        assert renewed.show(key).pending == 0
    services = installation.services
    with services.database.reading() as connection:
        assert ledger_store.head(connection, services.ledger.id).size
    assert audit(services).ok


@pytest.mark.parametrize("sent_first", [True, False], ids=["sent again before", "not sent again yet"])
@pytest.mark.parametrize("act", ["adopt", "set_aside"])
def test_a_ruling_on_a_readmitted_late_change_is_no_alarm_for_the_phone_that_goes_on(
    installation, found, copies, act, sent_first
):
    first, second = copies
    first.step(found.inspection, "record_signed")
    assert first.sync().clean
    second.sync()
    services = installation.services
    with services.database.reading() as connection:
        kept = device_store.quarantined(connection, services.ledger.id)
    for one in kept:
        readmissions.readmit(services, found.supervisor, one.id, "演示数据：核实过")
    second.close()
    new = enrol(installation, second.kit.home, found.lead, supersedes=second.kit.identity.device)
    if sent_first:
        new.sync()
    with services.database.reading() as connection:
        waiting = waiting_store.open_ones(connection, services.ledger.id)
    (index,) = [row.index for row in waiting if row.verdict == "late"]
    rule(services, found.supervisor, index, Ruling(act, "irrelevant", "演示：与本案无关"))
    report = new.sync()
    assert report.clean, report.errors
    told = [look["verdict"] for look in new.attention()]
    assert told == (["set_aside"] if act == "set_aside" else []), "`same` hides no ruling"
    assert audit(services).ok
