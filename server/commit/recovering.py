"""Opening an epoch: the ledger goes on after a disaster, from what was left of it, by the recovery key's word."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from schemas.drafting import Draft
from server.commit.acts import act
from server.commit.outliving import KINDS
from server.commit.work import SALT_BYTES
from server.keys import outlived
from server.storage import epoch_store, ledger_store, ledger_writer, outbox_store, record_store
from server.wiring import Services
from sync import epochs, lines
from sync.changes import Seen
from sync.checkpoint import Checkpoint
from sync.entries import Entry
from sync.epochs import KIND, Recovery
from sync.merkle import leaf_hash
from sync.outcomes import APPLIED, Outcome
from sync.tiles import TileWriter

EPOCH_BYTES = 16


def open_epoch(services: Services, key: Ed25519PrivateKey, last: Seen) -> tuple[Recovery, int, int]:
    """Open an epoch at the database's head and return it, how many were shut out again, and messages now unknown.

    key: the recovery key's private half; last: the newest head that the ledger is known to have had
    In one transaction: the entry, the tiles, the epoch, the head, and the outbox, whose messages that waited in the
    backup may have been sent since. Right after, keys that the database
    is too old to know are entered again, and whoever the signer's record knows to be shut out is shut out.
    """
    ledger = services.ledger
    with services.database.writing(ledger.id) as connection:
        head = ledger_store.head(connection, ledger.id)
        fork = Seen(head.epoch, head.size, head.root.hex())
        opened = Recovery(ledger.origin, services.random(EPOCH_BYTES).hex(), fork, last, services.now_ms())
        opened = Recovery(opened.origin, opened.epoch, fork, last, opened.at, jws=epochs.sign(opened, key))
        entry = _entry(services, opened)
        line, body = entry.line(), epochs.body_line(opened.jws)
        tiles = TileWriter(head.tree(), ledger_store.tile_reader(connection, ledger.id))
        tiles.append(leaf_hash(line))
        tree = tiles.tree
        grown = services.signer.prepare(Checkpoint(ledger.origin, opened.epoch, tree.size, tree.root()))
        ledger_writer.append(
            connection,
            entries=[{"ledger": ledger.id, "index": head.size, "line": line, "record": None}],
            bodies=[
                {
                    "ledger": ledger.id,
                    "index": head.size,
                    "n": 0,
                    "change": None,
                    "digest": lines.digest(body),
                    "line": body,
                }
            ],
            privates=[],
            change_sets=[],
        )
        ledger_writer.write_tiles(connection, ledger.id, tiles.changed)
        epoch_store.write(connection, ledger.id, opened)
        # One time for all: the audit compares them.
        unknown = outbox_store.may_have_left(connection, ledger.id, opened.at)
        ledger_writer.write_checkpoint(connection, ledger.id, grown, opened.at)
        ledger_writer.write_head(connection, ledger.id, grown, tree, opened.at)
    services.signer.committed(grown)
    # Keys first: the audit counts those that stand right behind the epoch's entry from that entry on.
    outlived.reenter(services)
    return opened, reapply(services), unknown


def _entry(services: Services, opened: Recovery) -> Entry:
    return Entry(
        at=opened.at,
        kind=KIND,
        by="machine",
        change=lines.digest(epochs.body_line(opened.jws)),
        outcome=Outcome(APPLIED).json(),
        salt=lines.b64u(services.random(SALT_BYTES)),
    )


def reapply(services: Services) -> int:
    """Shut out again whoever the signer's record knows to be shut out and the database does not; returns how many.

    Done when an epoch is opened and at each start of the server, before anything is served.
    """
    last = {
        (kind, note[kind]): note["state"]
        for note in services.signer.notes()
        for kind in KINDS
        if kind in note
    }
    if not last:
        return 0
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        known = record_store.load(connection, vault, {key for _, key in last})
    drafts = [
        Draft("edit", kind, key, {"stage": {"from": known[key].stage, "to": state}})
        for (kind, key), state in last.items()
        if key in known and known[key].type == kind and known[key].stage != state
    ]
    if drafts:
        act(services, drafts, kind="setting")
    return len(drafts)
