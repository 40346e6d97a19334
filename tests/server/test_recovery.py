"""`wardledger ledger recover`: a ledger that lost its end goes on in a new epoch, and what phones kept comes back."""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text

from schemas.drafting import Draft
from server.cli import main
from server.commit.acts import act
from server.commit.recovering import reapply
from server.keys.keyring import RECOVERY_SECRET_FILE
from server.ledger.audit import audit
from server.operations import backup, restore
from server.operations.recover import NotBehind, WrongRecoveryKey, recover, report
from server.operations.standing import standing
from server.storage import device_store, epoch_store, ledger_store, record_store
from sync import checkpoint, lines, receipt, signing
from sync.changes import Seen
from sync.errors import LedgerStopped
from tests.server.builders import ORIGIN, Installation
from tests.server.commands import find_in_environment
from tests.server.pushing import City, Phone, found_city, seen_now


@dataclass
class Sent:
    """A set that a phone sent, kept as phones keep it."""

    phone: Phone
    text: bytes
    receipt: str


@dataclass
class Disaster:
    """A city whose backup was taken before its last sets."""

    city: City
    backup: Path
    sent: list[Sent]

    @property
    def services(self):
        """The installation's services."""
        return self.city.installation.services

    @property
    def key(self) -> Path:
        """The file of the recovery key."""
        return self.services.config.keys_dir / RECOVERY_SECRET_FILE

    def push(self, phone: Phone, *drafts: Draft, seen: Seen | None = None) -> Sent:
        """Send a set and keep it."""
        texts: list[bytes] = []
        hand_in = phone.hand_in
        phone.hand_in = lambda given: (texts.append(given), hand_in(given))[1]  # type: ignore[method-assign]
        phone.push(*drafts, seen=seen)
        del phone.hand_in
        self.sent.append(Sent(phone, texts[0], phone.receipts[-1]))
        return self.sent[-1]

    def strike(self) -> None:
        """Put the backup back."""
        self.services.engine.dispose()
        restore.restore(self.services, self.backup, replacing=True)

    def recover(self):
        """Open a new epoch."""
        self.services.engine.dispose()
        return recover(self.services, self.key)

    def head(self):
        """Return the present head."""
        with self.services.database.reading() as connection:
            return ledger_store.head(connection, self.services.ledger.id).checkpoint(ORIGIN)


@pytest.fixture
def disaster(installation: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Disaster:
    """A backup, and three sets that came after it."""
    find_in_environment(installation.services.config, monkeypatch)
    city = found_city(installation)
    made, _ = backup.make(installation.services, tmp_path / "backups")
    found = Disaster(city, made.path, [])
    one, two = city.phones
    shared = city.finding()
    found.push(one, shared, seen=seen_now(installation))
    base = (seen_now(installation).epoch, seen_now(installation).size - 1)
    found.push(
        two,
        Draft("edit", "finding", shared.record, {"amount_fen": 7}, base=base),
        seen=seen_now(installation),
    )
    found.push(
        one,
        Draft("edit", "finding", shared.record, {"amount_fen": 9}, base=base),
        seen=seen_now(installation),
    )
    return found


def test_everything_that_phones_kept_is_back_and_the_audit_is_content(disaster: Disaster):
    before = disaster.head()
    state = contents(disaster)
    disaster.strike()
    with pytest.raises(LedgerStopped):
        disaster.push(disaster.city.phones[0], disaster.city.finding())
    done = disaster.recover()
    assert done.audit.ok
    assert (done.opened.lost, done.opened.last.size) == (3, before.size)
    assert standing(disaster.services).agrees
    for sent in disaster.sent:
        answer = sent.phone.hand_in(sent.text)
        assert not answer.repeated
        assert answer.outcomes[0].verdict in ("applied", "conflict")
    assert contents(disaster) == state
    report = audit(disaster.services)
    assert report.ok, report.text()
    assert disaster.head().epoch == done.opened.epoch != before.epoch


def contents(disaster: Disaster) -> dict[str, object]:
    """Return the values of every finding and conflict: what people see."""
    services = disaster.services
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        rows = [
            row
            for kind in ("finding", "conflict")
            for row in record_store.query(connection, vault, record_store.selected(services.ledger.id, kind))
        ]
    return {row.id: (dict(row.values), row.life) for row in rows}


def test_a_receipt_of_the_new_epoch_leads_from_what_its_phone_saw_before(disaster: Disaster):
    disaster.strike()
    opened = disaster.recover().opened
    with disaster.services.database.reading() as connection:
        epochs = epoch_store.epochs(connection, disaster.services.ledger.id)
    for sent in disaster.sent:
        token = sent.phone.hand_in(sent.text).receipt
        old = receipt.parse(signing.peek(sent.receipt, signing.RECEIPT)[1])
        from schemas.wire.change_set import read_manifest

        manifest = read_manifest(sent.text.split(b"\n", 1)[0].decode())
        assert manifest.seen is not None
        expected = receipt.Expected(
            ORIGIN,
            sent.phone.id,
            old.seq,
            old.manifest,
            tuple(lines.decode(line)["change"] for line in old.entries),
            manifest.seen,
            epochs.carried(manifest.seen, opened.epoch),
        )
        receipt.verify(token, disaster.services.keyring.verifiers(), expected)


def test_a_ledger_that_is_not_behind_is_not_recovered(disaster: Disaster):
    head = disaster.head()
    with pytest.raises(NotBehind):
        disaster.recover()
    assert disaster.head() == head


@pytest.mark.parametrize("content", ["another", "none"])
def test_no_other_key_opens_an_epoch(disaster: Disaster, tmp_path: Path, content: str):
    disaster.strike()
    head = disaster.head()
    path = tmp_path / "key"
    path.write_text(lines.b64u(bytes(32)) if content == "another" else "no key")
    disaster.services.engine.dispose()
    with pytest.raises(WrongRecoveryKey):
        recover(disaster.services, path)
    assert disaster.head() == head


def test_an_audit_refuses_an_epoch_that_another_key_opened(disaster: Disaster):
    disaster.strike()
    disaster.recover()
    other = Ed25519PrivateKey.from_private_bytes(bytes(32))
    path = disaster.services.config.keys_dir / "recovery.pub"
    path.write_text(lines.b64u(signing.public_raw(other)))
    assert "epoch" in {finding.table for finding in audit(disaster.services).findings}


def test_an_altered_statement_is_found(disaster: Disaster):
    disaster.strike()
    disaster.recover()
    with disaster.services.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(text("DROP TRIGGER epoch_no_update"))
        else:
            connection.execute(text("DROP TRIGGER epoch_no_update ON epoch"))
        connection.execute(text("UPDATE epoch SET last = last + 1"))
    assert "epoch" in {finding.table for finding in audit(disaster.services).findings}


def test_the_epoch_that_was_left_is_never_signed_on_again(disaster: Disaster):
    disaster.strike()
    disaster.recover()
    disaster.strike()
    found = standing(disaster.services)
    assert not found.agrees
    assert "went on in a later one" in found.words
    with pytest.raises(LedgerStopped):
        disaster.push(disaster.city.phones[0], disaster.city.finding())
    assert disaster.recover().audit.ok


def test_whoever_was_shut_out_stays_out(disaster: Disaster):
    services, (one, two) = disaster.services, disaster.city.phones
    step = {"stage": {"from": "enrolled", "to": "revoked"}}
    act(services, [Draft("edit", "device", two.id, step)], kind="device")
    act(
        services,
        [Draft("edit", "user", two.user, {"stage": {"from": "active", "to": "disabled"}})],
        kind="setting",
    )
    disaster.strike()
    assert disaster.recover().shut_out == 2
    with services.database.reading() as connection:
        stages = [device_store.find(connection, services.ledger.id, phone.id).stage for phone in (one, two)]
    assert stages == ["enrolled", "revoked"]
    assert reapply(services) == 0


def test_a_base_that_was_lost_and_came_back_is_the_same_version(disaster: Disaster):
    """Phones that show their receipts let others' edits find what they were made on."""
    old = disaster.head()
    disaster.strike()
    opened = disaster.recover().opened
    for sent in disaster.sent:
        show(disaster, sent)
        sent.phone.hand_in(sent.text)
    finding = json.loads(disaster.sent[0].text.split(b"\n")[1])["record"]
    edit = Draft("edit", "finding", finding, {"facts": "演示数据：改二"}, base=(old.epoch, old.size - 1))
    result = disaster.city.phones[1].push(edit)
    assert result.outcomes[0].verdict == "applied"
    with disaster.services.database.reading() as connection:
        (line,) = ledger_store.entry_lines(connection, disaster.services.ledger.id, result.first, 1)
    assert lines.decode(line)["base"] == opened.fork.size + 3
    assert audit(disaster.services).ok


def test_a_base_that_nobody_brought_back_counts_as_the_fork(disaster: Disaster):
    old = disaster.head()
    disaster.strike()
    opened = disaster.recover().opened
    edit = Draft(
        "edit", "inspection", disaster.city.inspection, {"note": "演示"}, base=(old.epoch, old.size - 1)
    )
    phone = disaster.city.phones[0]
    phone.seq, phone.prev = 0, lines.ZERO_DIGEST
    result = phone.push(edit)
    with disaster.services.database.reading() as connection:
        (line,) = ledger_store.entry_lines(connection, disaster.services.ledger.id, result.first, 1)
    assert lines.decode(line)["base"] == opened.fork.size - 1
    assert audit(disaster.services).ok


def show(disaster: Disaster, sent: Sent) -> None:
    """Let a phone show the receipt that it has."""
    from server.intake import old_receipts

    with disaster.services.database.reading() as connection:
        device = device_store.find(connection, disaster.services.ledger.id, sent.phone.id)
    assert device is not None
    old_receipts.show(disaster.services, device, sent.receipt)
    old_receipts.show(disaster.services, device, sent.receipt)


def test_the_report_says_what_came_back_and_what_did_not(
    disaster: Disaster, capsys: pytest.CaptureFixture[str]
):
    disaster.strike()
    disaster.recover()
    for sent in disaster.sent[:2]:
        show(disaster, sent)
    disaster.sent[0].phone.hand_in(disaster.sent[0].text)
    (found,) = report(disaster.services)
    assert (found.opened.lost, found.shown, found.back, found.unaccounted) == (3, 2, 1, 1)
    assert [old.device for old in found.missing] == [disaster.city.phones[1].id]
    assert main(["ledger", "recover", "--report"]) == 1
    told = capsys.readouterr().out
    assert "back      1 of 2" in told
    assert f"missing   phone {disaster.city.phones[1].id}, set 1" in told


def test_a_clock_that_moves_on_in_the_middle_is_no_discrepancy(
    disaster: Disaster, monkeypatch: pytest.MonkeyPatch
):
    disaster.strike()
    start, reads = disaster.services.now_ms(), itertools.count()
    monkeypatch.setattr(disaster.services, "now_ms", lambda: start + next(reads))
    disaster.recover()
    report = audit(disaster.services)
    assert report.ok, report.text()


def test_the_command_says_how_it_ended(disaster: Disaster, capsys: pytest.CaptureFixture[str]):
    disaster.strike()
    disaster.services.engine.dispose()
    assert main(["ledger", "recover"]) == 2
    assert main(["ledger", "recover", "--recovery-key", str(disaster.key)]) == 0
    told = capsys.readouterr().out
    assert "lost      3 entries" in told
    assert "audit ok" in told


# What phones prove


def present(disaster: Disaster, note: str, path: str = "/v1/feed") -> tuple[int, str | None]:
    """Ask for the feed with a checkpoint; returns status and code."""
    services, phone = disaster.services, disaster.city.phones[0]
    url = f"{services.config.url}{path}"
    proof = signing.request_proof(phone.key, device=phone.id, method="GET", url=url, now_ms=services.now_ms())
    headers = {
        "Authorization": f"Bearer {proof}",
        "Wardledger-Checkpoint": base64.b64encode(note.encode()).decode(),
    }
    answer = disaster.city.installation.app.test_client().get(path, headers=headers)
    return answer.status_code, (answer.get_json(silent=True, force=True) or {}).get("code")


Alter = Callable[[str], str]


def test_a_checkpoint_beyond_the_ledger_stops_it_even_where_the_signers_record_went_back_too(
    disaster: Disaster,
):
    newest, record = disaster.head(), disaster.services.config.signer_file
    disaster.strike()
    rows = [
        row
        for row in record.read_text().splitlines()
        if row and json.loads(row)["size"] <= disaster.head().size
    ]
    record.write_text("\n".join(rows) + "\n")
    del disaster.services.__dict__["signer"]
    assert standing(disaster.services).agrees, "nothing on this machine knows better"
    assert present(disaster, newest.note) == (409, "ledger_behind")
    assert not standing(disaster.services).agrees
    opened = disaster.recover().opened
    assert opened.last.size == newest.size
    assert present(disaster, newest.note) == (409, "epoch_changed")


def test_a_checkpoint_outside_the_ledger_stops_it(disaster: Disaster):
    head = disaster.head()
    other = checkpoint.sign(
        checkpoint.Checkpoint(head.origin, head.epoch, head.size - 1, bytes(32)),
        disaster.services.keyring.ledger,
    )
    assert present(disaster, other.note) == (409, "ledger_behind")


def test_what_the_ledger_key_did_not_sign_proves_nothing(disaster: Disaster):
    head = disaster.head()
    forged = checkpoint.sign(
        checkpoint.Checkpoint(head.origin, head.epoch, head.size + 1, bytes(32)),
        Ed25519PrivateKey.from_private_bytes(bytes(32)),
    )
    for note in (forged.note, "x", head.note):
        assert present(disaster, note)[0] == 200
    assert standing(disaster.services).agrees


def test_an_older_checkpoint_of_the_same_ledger_is_served(disaster: Disaster):
    with disaster.services.database.reading() as connection:
        notes = [note for _, _, note in ledger_store.checkpoints(connection, disaster.services.ledger.id)]
    assert present(disaster, notes[len(notes) // 2])[0] == 200


@pytest.mark.parametrize("older", [False, True])
def test_a_ledger_whose_signers_record_was_lost_is_recovered_and_backed_up_again(
    disaster: Disaster, tmp_path: Path, older: bool
):
    """The machine is gone with its record, or an old copy of that came back: the recovery key stands for the fork."""
    services = disaster.services
    record = services.config.signer_file
    lines_of = record.read_bytes().splitlines(keepends=True)
    disaster.strike()
    services.__dict__.pop("signer", None)
    services.__dict__.pop("door", None)
    record.unlink()
    if older:
        record.write_bytes(b"".join(lines_of[: len(lines_of) // 3]))
    done = disaster.recover()
    assert done.audit.findings == ()
    _, told = backup.make(services, tmp_path / "again")
    assert told.ok
    # A head of the new epoch is still held against the record.
    record.write_bytes(record.read_bytes().replace(b'"root": "', b'"root": "0'))
    assert any("does not know this head" in str(one) for one in audit(services).findings)
