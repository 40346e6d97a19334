"""The first commit of a ledger: an empty tree under a fresh epoch."""

from __future__ import annotations

from server.commit.signer import Signer
from server.storage import ledger_writer
from server.storage.database import Database
from server.storage.ledger_store import Ledger
from sync.checkpoint import Checkpoint
from sync.merkle import CompactRange

FIRST_LEDGER = 1


def found_ledger(
    database: Database, signer: Signer, *, origin: str, epoch: str, demo: bool, at: int
) -> Ledger:
    """Make a ledger with an empty, signed head; the database refuses a second one of the same id."""
    tree = CompactRange()
    with database.writing(FIRST_LEDGER) as connection:
        ledger_writer.create_ledger(connection, ledger=FIRST_LEDGER, origin=origin, demo=demo, at=at)
        head = signer.prepare(Checkpoint(origin, epoch, 0, tree.root()))
        ledger_writer.write_checkpoint(connection, FIRST_LEDGER, head, at)
        ledger_writer.write_head(connection, FIRST_LEDGER, head, tree, at)
    signer.committed(head)
    return Ledger(FIRST_LEDGER, origin, demo)
