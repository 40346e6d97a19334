"""The rows of sets that a ledger lost with a disaster: they wait for a receipt again."""

from __future__ import annotations

from collections.abc import Sequence

from mobile_stub.journal import Journal, SealedSet


def acknowledged(journal: Journal) -> list[SealedSet]:
    """Return the sets that have a verified receipt, oldest first."""
    return journal.sets("WHERE receipt IS NOT NULL ORDER BY seq")


def unacknowledge(journal: Journal, seq: int) -> None:
    """Let a set and its changes wait for a receipt as if there had been none; the caller keeps the receipt."""
    with journal.transaction():
        journal.run("UPDATE sets SET receipt = NULL, received_ms = NULL WHERE seq = ?", seq)
        journal.run("UPDATE changes SET outcome = NULL, settled = NULL WHERE seq = ?", seq)


def take_out(journal: Journal, numbers: Sequence[int]) -> None:
    """Take changes out of their set, so that they go again in a new one."""
    with journal.transaction():
        for n in numbers:
            journal.run(
                "UPDATE changes SET seq = NULL, place = NULL, outcome = NULL, settled = NULL WHERE n = ?", n
            )
