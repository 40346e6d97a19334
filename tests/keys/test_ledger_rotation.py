"""A new ledger key: phones follow its statement, heads carry both signatures, the audit knows which key stood."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from mobile_stub.fleet import HARDNESS, PIN
from schemas.wire.enrol import Invite
from schemas.wire.keys import read_keys
from server.accounts.invites import invite
from server.app import create_app
from server.config import load
from server.keys import fitting, keyring, ledger_rotation, served
from server.keys.history import ACTIVE, COMPROMISED, LEDGER, RETIRED
from server.ledger.audit import audit
from server.operations.doctor import PROBLEM, examine
from server.operations.installation import services as installed
from server.reminders import schedule
from server.storage import ledger_store, record_store
from sync import checkpoint, lines, signing
from sync.errors import BadProof, BadTransition, LedgerStopped, NotFound, PinMismatch
from sync.key_chain import KeyCompromised
from tests.keys.test_opening_rotation import SETS, phone_of, seal_some
from tests.server.builders import ORIGIN, Installation, install
from tests.server.phones import client, enrol, visit


@pytest.fixture
def one_database(tmp_path: Path) -> Installation:
    return install(tmp_path / "home", f"sqlite:///{tmp_path / 'ledger.db'}")


def note_of(installation: Installation) -> str:
    """Return the signed head."""
    services = installation.services
    with services.database.reading() as connection:
        return ledger_store.head(connection, services.ledger.id).note


def signed_by(installation: Installation) -> set[str]:
    """Return the kids of the ledger keys that signed the head."""
    note = note_of(installation)
    known = served.known_keys(installation.services).of(LEDGER)
    return {key.kid for key in known if checkpoint.names(note, [signing.public_key(key.public)])}


def ticket_of(installation: Installation, user: str) -> Invite:
    """Return an invite for a user, as it is scanned at the bureau."""
    services = installation.services
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        return invite(services, record_store.load(connection, vault, [user])[user])


def test_a_phone_that_was_away_follows_the_chain_and_keeps_its_pin(
    installation: Installation, tmp_path: Path
):
    services = installation.services
    found = visit(services)
    phone, network = phone_of(installation, found, tmp_path / "phone")
    pin = phone.kit.identity.ledger_pin
    seal_some(phone, found, sets=2)
    first = ledger_rotation.rotate(services)
    installation.clock.advance(days=61)
    assert schedule.tick(services, services.now(), {})["retired"] == 1
    second = ledger_rotation.rotate(services, days=0)
    assert len({pin, first.digest, second.digest}) == 3
    seal_some(phone, found, sets=1)
    network.seen.clear()
    report = phone.sync()
    assert report.clean, report
    assert report.pushed.sets == 3
    assert [status for path, status in network.seen if path == SETS] == [201] * 3
    assert phone.kit.identity.ledger_pin == pin
    assert [signing.key_digest(key) for key in phone.kit.keys.chain] == [pin, first.digest, second.digest]
    assert phone.sync().clean
    assert audit(services).ok
    fitting.check(services)


def test_a_phone_in_the_middle_of_a_sync_asks_for_the_list_once(one_database: Installation, tmp_path: Path):
    """Its list is still good, but what it hears is signed by a key that is not on it."""
    services = one_database.services
    found = visit(services)
    phone, network = phone_of(one_database, found, tmp_path / "phone")
    ledger_rotation.rotate(services)
    seal_some(phone, found, sets=1)
    network.seen.clear()
    assert phone.sync().clean
    assert [path for path, _ in network.seen].count("/v1/keys") == 1


def test_heads_carry_both_signatures_during_the_overlap_and_then_the_new_one_alone(
    installation: Installation,
):
    services = installation.services
    old = services.keyring.ledger_kid
    new = ledger_rotation.rotate(services, days=60).kid
    assert services.keyring.ledger_kid == new
    assert signed_by(installation) == {old, new}
    visit(services)
    assert signed_by(installation) == {old, new}
    with pytest.raises(BadTransition, match=f"retire ledger {old}"):
        ledger_rotation.rotate(services)
    installation.clock.advance(days=59)
    assert not schedule.tick(services, services.now(), {})["retired"]
    installation.clock.advance(days=1)
    assert schedule.tick(services, services.now(), {})["retired"] == 1
    visit(services, number=2)
    assert signed_by(installation) == {new}
    stages = {key.kid: key.stage for key in served.known_keys(services).of(LEDGER)}
    assert stages == {old: RETIRED, new: ACTIVE}
    assert audit(services).ok
    # The secret of the old one is gone; what it signed is proven by its public half in the ledger.
    seeds = {path.read_text().strip() for path in services.config.keys_dir.glob("ledger*.key")}
    assert seeds == {lines.b64u(services.keyring.ledger.private_bytes_raw())}


def test_the_audit_finds_a_head_that_lacks_the_signature_of_a_key_that_stood(one_database: Installation):
    services = one_database.services
    ledger_rotation.rotate(services)
    visit(services)
    assert audit(services).ok
    with services.engine.begin() as connection:
        row = connection.execute(text("SELECT epoch, size, note FROM checkpoint ORDER BY size DESC")).all()[1]
        body, _, rows = str(row.note).partition("\n\n")
        cut = f"{body}\n\n{rows.splitlines(keepends=True)[0]}"
        connection.execute(text("DROP TRIGGER IF EXISTS checkpoint_no_update"))
        for (name,) in connection.execute(
            text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'checkpoint'")
        ).all():
            connection.execute(text(f'DROP TRIGGER "{name}"'))
        connection.execute(
            text("UPDATE checkpoint SET note = :note WHERE size = :size"), {"note": cut, "size": row.size}
        )
    told = [str(finding) for finding in audit(services).findings]
    assert any("which stood then" in one for one in told), told


def test_the_audit_finds_a_key_that_the_one_before_did_not_introduce(one_database: Installation):
    services = one_database.services
    ledger_rotation.rotate(services)
    known = served.known_keys(services).of(LEDGER)[-1]
    with services.engine.begin() as connection:
        state = connection.execute(
            text("SELECT state FROM record WHERE id = :id"), {"id": known.record}
        ).scalar_one()
        other = state.replace(
            known.signature.encode() if isinstance(state, bytes) else known.signature,
            (b"A" if isinstance(state, bytes) else "A") * len(known.signature),
        )
        assert other != state
        connection.execute(
            text("UPDATE record SET state = :state WHERE id = :id"), {"state": other, "id": known.record}
        )
    told = [str(finding) for finding in audit(services).findings]
    assert any("signature" in one for one in told), told


def test_a_phone_that_enrols_meanwhile_pins_the_new_key_and_one_with_an_invite_from_before_is_let_in(
    one_database: Installation, tmp_path: Path
):
    services = one_database.services
    found = visit(services)
    before = ticket_of(one_database, found.member)
    old = services.keyring.ledger_digest
    new = ledger_rotation.rotate(services).digest
    lead = enrol(one_database, tmp_path / "lead", found.lead)
    assert lead.kit.identity.ledger_pin == new
    assert lead.sync().clean
    from mobile_stub.phone import Phone
    from tests.server.phones import PhoneClock

    member = Phone.enrol(
        tmp_path / "member",
        before,
        PIN,
        clock=PhoneClock(one_database.clock),
        client=client(one_database),
        hardness=HARDNESS,
    )
    assert member.kit.identity.ledger_pin == old
    assert member.sync().clean


# -- after a compromise --------------------------------------------------------------------------------------


def test_after_a_compromise_phones_stop_until_an_invite_is_scanned_and_lose_nothing(
    installation: Installation, tmp_path: Path
):
    services = installation.services
    found = visit(services)
    home = tmp_path / "phone"
    phone, network = phone_of(installation, found, home)
    # One set reached the ledger, and its receipt was lost with the line; another waits.
    manifests = seal_some(phone, found, sets=1)
    kept = phone.kit.journal.a_set(1)
    from mobile_stub import push

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(push, "acknowledge", lambda *_: (_ for _ in ()).throw(ConnectionError))
        with pytest.raises(ConnectionError):
            push.send(phone.kit, kept, push.Pushed())
    manifests += seal_some(phone, found, sets=1)
    new = ledger_rotation.rotate(services, compromised=True)
    assert signed_by(installation) >= {new.kid}
    report = phone.sync()
    assert {error.code for error in report.errors} == {"key_compromised"}
    assert report.alarm is None
    assert report.pushed.sets == 0
    # Nobody's word counts until then, the old key's least of all.
    network.seen.clear()
    assert {error.code for error in phone.sync().errors} == {"key_compromised"}
    assert not network.seen
    phone.repin(ticket_of(installation, found.lead), PIN, hardness=HARDNESS)
    assert phone.kit.identity.ledger_pin == new.digest
    report = phone.sync()
    assert report.clean, report
    assert report.pushed.sets == 2
    assert [phone.kit.journal.a_set(seq).manifest for seq in (1, 2)] == manifests
    # The receipt that the old key had signed counts nothing; the same one by the new key came in its place.
    kid, _ = signing.peek(phone.kit.journal.a_set(1).receipt, signing.RECEIPT)
    assert kid == new.kid
    assert audit(services).ok
    stages = {key.kid: key.stage for key in served.known_keys(services).of(LEDGER)}
    assert sorted(stages.values()) == [ACTIVE, COMPROMISED]


def test_only_an_invite_of_the_same_ledger_is_pinned(one_database: Installation, tmp_path: Path):
    services = one_database.services
    found = visit(services)
    phone, _ = phone_of(one_database, found, tmp_path / "phone")
    ledger_rotation.rotate(services, compromised=True)
    good = ticket_of(one_database, found.lead)
    with pytest.raises(PinMismatch):
        phone.repin(Invite(good.url, good.code, good.ledger, "0" * 64), PIN, hardness=HARDNESS)
    with pytest.raises(PinMismatch):
        phone.repin(Invite(good.url, good.code, "0" * 64, good.recovery), PIN, hardness=HARDNESS)
    with pytest.raises(KeyCompromised):
        phone.repin(
            Invite(good.url, good.code, phone.kit.identity.ledger_pin, good.recovery), PIN, hardness=HARDNESS
        )


def test_an_older_key_that_turns_out_compromised_is_told_and_its_earlier_signatures_still_count(
    one_database: Installation,
):
    services = one_database.services
    old = services.keyring.ledger_digest
    visit(services)
    ledger_rotation.rotate(services, days=0)
    ledger_rotation.retire(services, old[:16], compromised=True)
    with pytest.raises(BadTransition, match="already"):
        ledger_rotation.retire(services, old[:16], compromised=True)
    with pytest.raises(BadTransition, match="signs the ledger"):
        ledger_rotation.retire(services, services.keyring.ledger_kid)
    with pytest.raises(NotFound):
        ledger_rotation.retire(services, "0" * 16)
    listed = served.key_list(services, "ab" * 16)
    with pytest.raises(KeyCompromised):
        read_keys(listed, old)
    assert read_keys(listed, services.keyring.ledger_digest).serial
    assert audit(services).ok


# -- cut off -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("compromised", [False, True])
@pytest.mark.parametrize("place", ["act", "settle", "drop"])
def test_a_rotation_that_was_cut_off_goes_on_with_the_same_key(one_database, monkeypatch, place, compromised):
    services = one_database.services
    old = services.keyring.ledger_digest

    class PowerCut(Exception):
        """The power went out."""

    def cut(*_: object, **__: object) -> None:
        raise PowerCut

    with monkeypatch.context() as patch:
        patch.setattr(ledger_rotation, place, cut)
        with pytest.raises(PowerCut):
            ledger_rotation.rotate(services, compromised=compromised)
    following = services.config.keys_dir / keyring.NEXT_LEDGER_FILE
    planned = signing.key_digest(signing.public_raw(keyring.signing_key(following)))
    # Meanwhile the server goes on, and signs what an audit finds sound.
    visit(services)
    assert audit(services).ok
    assert ledger_rotation.rotate(services, compromised=compromised).digest == planned
    assert not following.exists()
    assert services.keyring.ledger_digest == planned
    assert [key.digest for key in served.known_keys(services).of(LEDGER)] == [old, planned]
    fitting.check(services)
    assert audit(services).ok
    assert not [one for one in examine(services) if one.state == PROBLEM and one.name.startswith("key")]


def test_a_database_from_before_the_rotation_is_refused_with_the_key_from_after_it(tmp_path: Path):
    made = install(tmp_path / "home", f"sqlite:///{tmp_path / 'ledger.db'}")
    made.services.engine.dispose()
    old = (tmp_path / "ledger.db").read_bytes()
    ledger_rotation.rotate(made.services, days=0)
    made.services.engine.dispose()
    for one in tmp_path.glob("ledger.db*"):
        one.unlink()
    (tmp_path / "ledger.db").write_bytes(old)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WARDLEDGER_HOME", str(tmp_path / "home"))
        patch.setenv("WARDLEDGER_ORIGIN", ORIGIN)
        patch.setenv("WARDLEDGER_DATABASE_URL", f"sqlite:///{tmp_path / 'ledger.db'}")
        again = installed(create_app(load()))
    # The signer's record has heard of the key: it is no wrong file, and a recovery brings it in.
    with pytest.raises(LedgerStopped, match="ledger recover"):
        fitting.check(again)
    again.config.signer_file.unlink()
    told = list(fitting.faults(again))
    again.engine.dispose()
    assert any("does not know" in one and keyring.LEDGER_FILE in one for one in told), told


def test_a_list_that_leads_elsewhere_than_the_phone_has_followed_is_an_alarm(one_database, tmp_path):
    """Whoever has the old key cannot lead a phone away that knows its successor."""
    from mobile_stub.checking import check_keys

    services = one_database.services
    pin = services.keyring.ledger_digest
    thief = services.keyring.ledger
    ledger_rotation.rotate(services, days=0)
    known = read_keys(served.key_list(services, "ab" * 16), pin)
    payload = signing.peek(known.jws, signing.KEYS)[1]
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from sync import key_chain

    evil = Ed25519PrivateKey.from_private_bytes(bytes(32))
    statement = key_chain.introduce(
        thief, services.ledger.origin, public=signing.public_raw(evil), since=services.now_ms()
    )
    forged = signing.sign(
        evil,
        signing.KEYS,
        {**payload, "statements": [statement]},
        kid=signing.key_id(signing.public_raw(evil)),
    )
    found = read_keys(forged, pin)
    recovery = lines.digest(services.keyring.recovery)
    with pytest.raises(BadProof, match="other ledger keys"):
        check_keys(found, known, origin=services.ledger.origin, recovery_pin=recovery)
