"""The lease: a phone that is out of touch for a week shows nothing of what it holds, and goes on recording."""

from __future__ import annotations

from pathlib import Path

import pytest

from mobile_stub import lease
from mobile_stub.fleet import PIN
from mobile_stub.phone import Phone
from mobile_stub.transport import Answer
from mobile_stub.trouble import ReadingLocked
from schemas.wire.statement import read_lease
from server.intake import statements
from server.operations.lost_phone import declare_lost
from server.storage import device_store
from sync.errors import BadProof, BadSignature, Malformed
from tests.server.builders import START_MS, Installation
from tests.server.phones import PhoneClock, Visit, client, enrol, visit

DAY_MS = 86_400_000


class WrongClock(PhoneClock):
    """A phone's clocks whose wall clock somebody has set."""

    off_ms = 0

    def wall_ms(self) -> int:
        """Return what the phone shows as the time."""
        return super().wall_ms() + self.off_ms


@pytest.fixture
def found(installation: Installation) -> Visit:
    """A visit under way."""
    return visit(installation.services)


@pytest.fixture
def phone(installation: Installation, found: Visit, tmp_path: Path) -> Phone:
    """The lead's phone, synced."""
    made = enrol(installation, tmp_path / "phone", found.lead)
    assert made.sync().clean
    return made


def reopened(installation: Installation, phone: Phone, *, off_ms: int = 0) -> Phone:
    """Open the phone in a session of its own, as after a restart; off_ms: how far its wall clock was set."""
    clock = WrongClock(installation.clock, f"session-{installation.clock()}-{off_ms}")
    clock.off_ms = off_ms
    return Phone.open(phone.kit.home, PIN, clock=clock, client=client(installation))


def test_after_a_week_out_of_touch_nothing_is_shown_and_recording_goes_on(installation, found, phone):
    installation.clock.advance(days=6.9)
    assert phone.show(found.inspection).values["mode"] == "open"
    assert not phone.status()["reading_locked"]
    installation.clock.advance(days=0.2)
    for read in (
        lambda: phone.show(found.inspection),
        lambda: phone.show_all("encounter"),
        lambda: phone.checklist(found.inspection),
        lambda: phone.violations(found.inspection),
    ):
        with pytest.raises(ReadingLocked):
            read()
    assert phone.status()["reading_locked"]
    assert phone.status()["lease_left_ms"] == 0
    phone.step(found.inspection, "on_site")
    bed = phone.check_bed(found.ward_round, bed_listed="1101", presence="in_bed")
    report = phone.sync()
    assert report.clean, "it seals and syncs as ever"
    assert report.pushed.verdicts == {"applied": 2}
    assert phone.show(bed).values["presence"] == "in_bed", "and the sync has renewed its lease"
    assert phone.status()["lease_left_ms"] == 7 * DAY_MS


def test_an_empty_feed_renews_the_lease_too(installation, found, phone):
    installation.clock.advance(days=5)
    assert phone.sync().pulled.items == 0
    installation.clock.advance(days=5)
    assert phone.show(found.inspection)


def test_a_restart_and_a_clock_that_was_set_back_win_nothing(installation, found, phone):
    installation.clock.advance(days=6)
    with reopened(installation, phone) as later:
        assert later.show(found.inspection)
    installation.clock.advance(days=2)
    with reopened(installation, phone, off_ms=-5 * DAY_MS) as back:
        assert back.status()["lease_left_ms"] == DAY_MS, "as much as was left when it was last used"
    with reopened(installation, phone) as right, pytest.raises(ReadingLocked):
        right.show(found.inspection)
    with reopened(installation, phone, off_ms=-30 * DAY_MS) as far_back, pytest.raises(ReadingLocked):
        far_back.show(found.inspection)


def test_a_wall_clock_that_leaps_locks_nobody_out_while_the_app_runs(installation, found, tmp_path):
    clock = WrongClock(installation.clock)
    made = enrol(installation, tmp_path / "leaping", found.member)
    made.close()
    with Phone.open(made.kit.home, PIN, clock=clock, client=client(installation)) as phone:
        assert phone.sync().clean
        clock.off_ms = 400 * DAY_MS
        assert phone.show(found.inspection)


def test_only_the_ledgers_word_about_this_device_renews_a_lease(installation, found, phone):
    services, own = installation.services, phone.kit.identity
    with services.database.reading() as connection:
        device = device_store.find(connection, services.ledger.id, own.device)
    assert device is not None
    token = statements.lease(services, device)
    said = read_lease(token, own.ledger_keys, origin=own.origin, device=own.device)
    assert said.until - said.time == 7 * DAY_MS
    with pytest.raises(BadProof):
        read_lease(token, own.ledger_keys, origin=own.origin, device=own.user)
    with pytest.raises(BadSignature):
        read_lease(token, [own.signing_key.public_key()], origin=own.origin, device=own.device)
    declare_lost(services, own.device, now=False)
    _, shut_out = statements.statement(services, own.device)
    assert shut_out is not None
    with pytest.raises(Malformed):
        read_lease(shut_out, own.ledger_keys, origin=own.origin, device=own.device)
    installation.clock.advance(days=8)
    for stated in (shut_out, token[:-2], "", "no token"):
        lease.renew(phone.kit, Answer(204, {"wardledger-lease": stated}, b"", 1))
        assert lease.left_ms(phone.kit) == 0


def test_an_older_lease_that_is_shown_again_renews_nothing(installation, found, phone):
    services = installation.services
    with services.database.reading() as connection:
        device = device_store.find(connection, services.ledger.id, phone.kit.identity.device)
    assert device is not None
    old = statements.lease(services, device)
    installation.clock.advance(days=3)
    assert phone.sync().clean
    installation.clock.advance(days=6)
    lease.renew(phone.kit, Answer(204, {"wardledger-lease": old}, b"", 1))
    assert lease.left_ms(phone.kit) == DAY_MS


def test_a_phone_of_a_server_that_gives_no_lease_is_never_locked(installation, found, tmp_path):
    made = enrol(installation, tmp_path / "fresh", found.member)
    assert lease.left_ms(made.kit) is None
    assert installation.clock() == START_MS
    lease.check_readable(made.kit)
