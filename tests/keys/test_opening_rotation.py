"""A new opening key comes in and the old one goes, and a phone that was away meanwhile loses nothing."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from mobile_stub import push
from mobile_stub.fleet import HARDNESS, PIN
from mobile_stub.phone import Phone
from server.accounts.invites import invite
from server.keys import fitting, keyring, rotation, served
from server.keys.history import ACTIVE, COMPROMISED, OPENING, RETIRED
from server.ledger.audit import audit
from server.operations.doctor import NOTICE, examine
from server.reminders import schedule
from server.storage import record_store
from sync.errors import BadTransition, NotFound
from tests.server.builders import Installation, install
from tests.server.phones import PhoneClock, Visit, visit

DAY_SECONDS = 86_400
SETS = "/v1/change-sets"


class Network(httpx.BaseTransport):
    """The way to the application, which a test can cut; it remembers what was asked and answered."""

    def __init__(self, installation: Installation):
        self._inner = httpx.WSGITransport(app=installation.app)
        self.cut = False
        self.seen: list[tuple[str, int]] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Pass a request on, unless the line is cut."""
        if self.cut:
            raise httpx.ConnectError("no network")
        answer = self._inner.handle_request(request)
        self.seen.append((request.url.path, answer.status_code))
        return answer


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "phone"


@pytest.fixture
def one_database(tmp_path: Path) -> Installation:
    return install(tmp_path / "home", f"sqlite:///{tmp_path / 'ledger.db'}")


def phone_of(installation: Installation, found: Visit, home: Path) -> tuple[Phone, Network]:
    """Return an enrolled and synced phone of the lead, and its line."""
    services, network = installation.services, Network(installation)
    with services.database.reading() as connection:
        record = record_store.load(
            connection, services.vault.session(connection, services.ledger.id), [found.lead]
        )
    ticket = invite(services, record[found.lead])
    phone = Phone.enrol(
        home,
        ticket,
        PIN,
        clock=PhoneClock(installation.clock),
        client=httpx.Client(transport=network),
        hardness=HARDNESS,
    )
    assert phone.sync().clean
    return phone, network


def seal_some(phone: Phone, found: Visit, *, sets: int) -> list[str]:
    """Let a phone record and seal sets that it does not send; return their manifests."""
    manifests = []
    for n in range(sets):
        phone.write_finding(
            found.inspection, violation_code="bed_hanging", facts=f"测试{n}", amount_fen=100 + n
        )
        sealed = push.seal_next(phone.kit)
        assert sealed is not None
        manifests.append(sealed.manifest)
    return manifests


def stages(installation: Installation) -> dict[str, str]:
    return {key.kid: key.stage for key in served.known_keys(installation.services).of(OPENING)}


@pytest.mark.parametrize("days_away", [1, 30])
def test_a_phone_that_was_away_seals_the_same_sets_under_the_new_key(installation, home, days_away):
    found = visit(installation.services)
    phone, network = phone_of(installation, found, home)
    manifests = seal_some(phone, found, sets=3)
    network.cut = True
    assert not phone.sync().clean
    old = installation.services.keyring.opening[0].kid
    fresh = rotation.rotate_opening(installation.services, days=0)
    installation.clock.advance(days=days_away)
    network.cut = False
    network.seen.clear()
    report = phone.sync()
    assert report.clean, report
    assert report.pushed.sets == 3
    posts = [status for path, status in network.seen if path == SETS]
    # A key list that is still good leads to the retired key once; one that has run out is fetched first.
    assert posts == ([409, 201, 201, 201] if days_away < 7 else [201, 201, 201])
    assert [phone.kit.journal.a_set(seq).manifest for seq in (1, 2, 3)] == manifests
    assert phone.kit.keys.opening_key().kid == fresh[0].kid != old
    assert audit(installation.services).ok


def test_the_old_key_goes_on_until_its_day_and_is_then_retired_by_the_scheduler(installation, home):
    services = installation.services
    found = visit(services)
    phone, network = phone_of(installation, found, home)
    before = {key.kid for key in services.keyring.opening}
    rotation.rotate_opening(services, days=14)
    assert set(stages(installation).values()) == {ACTIVE}
    seal_some(phone, found, sets=1)
    network.seen.clear()
    assert phone.sync().pushed.sets == 1
    assert (SETS, 409) not in network.seen
    installation.clock.advance(days=13)
    assert not schedule.tick(services, services.now(), {})["retired"]
    installation.clock.advance(days=1)
    assert schedule.tick(services, services.now(), {})["retired"] == 2
    assert {kid for kid, stage in stages(installation).items() if stage == RETIRED} == before
    assert not schedule.tick(services, services.now(), {})["retired"]
    assert audit(services).ok


def test_the_secret_of_a_retired_key_is_kept_400_days_and_then_destroyed(one_database):
    services = one_database.services
    old = {key.kid for key in services.keyring.opening}
    rotation.rotate_opening(services, days=0)
    one_database.clock.advance(days=399)
    rotation.sweep(services)
    assert old < {key.kid for key in services.keyring.opening}
    one_database.clock.advance(days=1)
    rotation.sweep(services)
    assert not old & {key.kid for key in services.keyring.opening}
    fitting.check(services)


def test_what_is_sealed_to_a_retired_key_is_asked_for_again_and_names_it(one_database):
    services = one_database.services
    old = services.keyring.opening[0].kid
    assert services.keyring.opening_by_kid(old, services.now_ms()) is not None
    rotation.rotate_opening(services, days=0)
    assert services.keyring.opening_by_kid(old, services.now_ms()) is None
    assert old in {key.kid for key in services.keyring.opening}


@pytest.mark.parametrize("place", ["settle_openings", "act", "drop"])
def test_a_rotation_that_was_cut_off_goes_on_with_the_same_keys(one_database, monkeypatch, place):
    """Whatever step the power goes out at, the ledger learns of one pair of keys and their secrets are there."""
    services = one_database.services

    class PowerCut(Exception):
        """The power went out."""

    def cut(*_: object, **__: object) -> None:
        raise PowerCut

    with monkeypatch.context() as patch:
        patch.setattr(rotation, place, cut)
        with pytest.raises(PowerCut):
            rotation.rotate_opening(services)
    planned = {
        one.key.kid for one in keyring.openings_of(services.config.keys_dir / keyring.NEXT_OPENING_FILE)
    }
    # Meanwhile the server starts, and the doctor says what to do.
    fitting.check(services)
    (told,) = [check for check in examine(services) if check.name == "keys fit" and check.state == NOTICE]
    assert "keys rotate opening" in told.next
    fresh = rotation.rotate_opening(services)
    assert {key.kid for key in fresh} == planned
    assert len(stages(one_database)) == 4
    assert not (services.config.keys_dir / keyring.NEXT_OPENING_FILE).exists()
    fitting.check(services)


def test_a_key_is_retired_by_hand_but_never_the_last_of_its_kind(one_database):
    services = one_database.services
    hybrid = services.keyring.opening[0].kid
    with pytest.raises(BadTransition, match="rotate first"):
        rotation.retire_opening(services, hybrid)
    rotation.rotate_opening(services)
    assert rotation.retire_opening(services, hybrid).stage == RETIRED
    with pytest.raises(BadTransition, match="already"):
        rotation.retire_opening(services, hybrid)
    assert rotation.retire_opening(services, hybrid, compromised=True).stage == COMPROMISED
    with pytest.raises(NotFound):
        rotation.retire_opening(services, "0" * 16)
    assert audit(services).ok


def test_the_serial_of_the_key_list_grows_with_each_change(one_database):
    services = one_database.services
    serials = [served.known_keys(services).serial]
    rotation.rotate_opening(services)
    serials.append(served.known_keys(services).serial)
    rotation.retire_opening(services, services.keyring.opening[0].kid)
    serials.append(served.known_keys(services).serial)
    assert serials == sorted(set(serials))
