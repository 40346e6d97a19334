"""How the database stands to the signer's own record, in plain words and with what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from server.ledger.signed import Record, read_record
from server.storage import ledger_store
from server.wiring import Services
from sync.checkpoint import Checkpoint

RECOVER = (
    "Stop server and scheduler, bring the recovery key from its safe, and run "
    "`wardledger ledger recover --recovery-key FILE`; the phones then send again what they kept."
)


class State(StrEnum):
    """What the two say of each other; only where they agree is anything signed."""

    AGREES = "agrees"
    BEHIND = "behind"
    AHEAD = "ahead"
    BESIDE = "beside"
    MISSING = "missing"


@dataclass(frozen=True)
class Standing:
    """The verdict; size: entries of the database, known: of the newest head that the ledger is known to have had."""

    state: State
    size: int
    known: int
    words: str
    next: str = ""

    @property
    def agrees(self) -> bool:
        """Whether the ledger can be signed on."""
        return self.state == State.AGREES

    def json(self) -> dict[str, str | int]:
        """Return it for scripts."""
        return {
            "state": str(self.state),
            "size": self.size,
            "known": self.known,
            "words": self.words,
            "next": self.next,
        }


def standing(services: Services) -> Standing:
    """Return how the database stands to the signer's record; the server may go on writing meanwhile."""
    path, origin = services.config.signer_file, services.ledger.origin
    # Read before and after the head: what was committed before must be there, and the head must be noted after.
    before = read_record(path)
    with services.database.reading() as connection:
        head = ledger_store.head(connection, services.ledger.id).checkpoint(origin)
    after = read_record(path)
    return judge(head, before, after)


def judge(head: Checkpoint, before: Record, after: Record) -> Standing:
    """Return the verdict over a head; before, after: the record as read before and after the head was."""
    last = before.of(head.name).last
    known = last[0] if last else 0
    stands = f"the database stands at {head.size} entries"
    if not after.there:
        words = f"the signer's own record is missing; {stands}"
        todo = (
            "Bring its newest copy back; never start without it. If it is lost for good: "
            f"{RECOVER[0].lower()}{RECOVER[1:]}"
        )
        return Standing(State.MISSING, head.size, known, words, todo)
    if heard := before.heard.get(head.origin):
        words = f"{stands}; a phone has proven that the ledger once had {heard[1]}: a backup was put back"
        return Standing(State.BEHIND, head.size, max(known, heard[1]), words, RECOVER)
    newest = before.newest.get(head.origin, head.name)
    if newest != head.name:
        found = before.of(newest).last
        size = found[0] if found else 0
        words = f"{stands} of an epoch that was left: the ledger went on in a later one, with {size} entries"
        return Standing(
            State.BEHIND, head.size, size, words, f"Restore a newer backup if there is one. {RECOVER}"
        )
    if known > head.size:
        words = f"{stands}, the signer's record at {known}: {known - head.size} entries are missing"
        todo = f"A backup was put back. Restore a newer one if there is one. {RECOVER}"
        return Standing(State.BEHIND, head.size, known, words, todo)
    if after.of(head.name).knows(head):
        return Standing(State.AGREES, head.size, head.size, "the signer's own record agrees with the head")
    if head.size > known:
        words = f"{stands}, the signer's record only at {known}: the database is ahead of it"
        todo = (
            f"An old copy of the signer's record was put back: bring the newest. If that is lost: {RECOVER}"
        )
        return Standing(State.AHEAD, head.size, known, words, todo)
    words = f"{stands}, and so does the signer's record, but with another root: they are two ledgers"
    todo = (
        f"Was the wrong database or the wrong signer's record put back? Bring the right one. Else: {RECOVER}"
    )
    return Standing(State.BESIDE, head.size, known, words, todo)
