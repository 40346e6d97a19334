"""The keys as the ledger knows them: which came and went at which entry, and the statements that introduced them."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection

from server.keys.vault import VaultSession
from server.storage import epoch_store, record_store
from sync import key_chain, lines, signing
from sync.merge import Record

LEDGER, OPENING, RECOVERY = "ledger", "opening", "recovery"
ACTIVE, RETIRED, COMPROMISED = "active", "retired", "compromised"


@dataclass(frozen=True)
class KnownKey:
    """A public key in the ledger.

    index: of the entry that brought it; ended_index: of the entry that ended it, None while it stands
    may_from, must_to: the same, but that of the entry which opened an epoch where they stand right behind it
    since, until, ended: Unix ms; until: when it is to be retired, None if nobody said so
    """

    record: str
    purpose: str
    algorithm: str
    public: bytes
    stage: str
    index: int
    may_from: int
    acts: int
    since: int
    until: int | None
    ended: int | None
    ended_index: int | None
    must_to: int | None
    before: str | None
    signature: str | None

    @property
    def digest(self) -> str:
        """What phones pin of a ledger key."""
        return signing.key_digest(self.public)

    @property
    def kid(self) -> str:
        """Its name."""
        return signing.key_id(self.public)

    def stands_at(self, size: int) -> bool:
        """Return whether it may sign the head of a tree of `size` entries."""
        return self.may_from < size and (self.ended_index is None or size <= self.ended_index)

    def must_sign(self, size: int) -> bool:
        """Return whether it had to sign the head of a tree of `size` entries."""
        return self.index < size and (self.must_to is None or size <= self.must_to)

    def statement(self, origin: str) -> str | None:
        """Return the statement that introduced it, None for the first."""
        if self.before is None or self.signature is None:
            return None
        return key_chain.assemble(
            origin, before=self.before, public=self.public, since=self.since, signature=self.signature
        )


@dataclass(frozen=True)
class History:
    """Every key that a ledger ever had, in the order in which they came."""

    origin: str
    keys: tuple[KnownKey, ...]

    def of(self, purpose: str) -> tuple[KnownKey, ...]:
        """Return the keys of one purpose, oldest first."""
        return tuple(key for key in self.keys if key.purpose == purpose)

    @property
    def pins(self) -> frozenset[str]:
        """Digests of every ledger key that a phone can have pinned."""
        return frozenset(key.digest for key in self.of(LEDGER))

    @property
    def compromised(self) -> frozenset[str]:
        """Digests of the ledger keys whose word is worth nothing any more."""
        return frozenset(key.digest for key in self.of(LEDGER) if key.stage == COMPROMISED)

    @property
    def statements(self) -> list[str]:
        """The chain of statements, oldest first."""
        found = (key.statement(self.origin) for key in self.of(LEDGER))
        return [statement for statement in found if statement is not None]

    @property
    def serial(self) -> int:
        """A number that grows with every act on a key."""
        return sum(key.acts for key in self.keys)

    def standing_at(self, size: int) -> list[Ed25519PublicKey]:
        """Return the keys that may sign the head of a tree of `size` entries."""
        chain = self.of(LEDGER)
        # The founding key signed before there was an entry that could name it.
        found = [key for key in chain if key.stands_at(size) or (key is chain[0] and size <= key.index)]
        return [signing.public_key(key.public) for key in found]

    def required_at(self, size: int) -> list[Ed25519PublicKey]:
        """Return the keys that had to sign the head of a tree of `size` entries."""
        return [signing.public_key(key.public) for key in self.of(LEDGER) if key.must_sign(size)]

    def by_kid(self, purpose: str, kid: str) -> KnownKey | None:
        """Return a key by its name, or None."""
        return next((key for key in self.of(purpose) if key.kid == kid), None)


def read(connection: Connection, vault: VaultSession, origin: str) -> History:
    """Return the keys as the ledger's records tell them."""
    found = record_store.query(connection, vault, record_store.selected(vault.ledger, "key"))
    forks = [one.fork.size for one in epoch_store.recoveries(connection, vault.ledger)]
    return of_records(found, origin, forks)


def of_records(records: Sequence[Record], origin: str, forks: Sequence[int] = ()) -> History:
    """Return the keys that records of the type `key` tell of; forks: indices of the entries that opened an epoch."""
    acts = {act.index for record in records for act in record.acts}
    found = [_known(record, acts, forks) for record in records]
    return History(origin, tuple(sorted(found, key=lambda key: (key.index, key.record))))


def _counted(index: int, acts: Container[int], forks: Sequence[int]) -> int:
    """Return from where an act on a key counts: of those right behind the entry of an epoch, from that entry on.

    A recovery enters again what the database was too old to know, and the keys at hand had signed that entry already.
    """
    at = index
    while at - 1 in acts:
        at -= 1
    return next((fork for fork in forks if at <= fork + 1 <= index), index)


def _known(record: Record, acts: Container[int], forks: Sequence[int]) -> KnownKey:
    values = record.values
    ended = record.writes.get("ended", ())
    return KnownKey(
        record=record.id,
        purpose=str(values["purpose"]),
        algorithm=str(values["algorithm"]),
        public=lines.unb64u(str(values["public"])),
        stage=str(record.stage),
        index=record.acts[0].index,
        may_from=_counted(record.acts[0].index, acts, forks),
        acts=len(record.acts),
        since=int(values.get("since", 0)),
        until=values.get("until"),
        ended=values.get("ended"),
        # The first end counts: a retired key that turns out compromised had ended by then.
        ended_index=min((write.act.index for write in ended), default=None),
        must_to=min((_counted(write.act.index, acts, forks) for write in ended), default=None),
        before=values.get("before"),
        signature=values.get("signature"),
    )
