"""Changes of phones that wait, read back from the ledger with their private lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from schemas.check import fault_in
from schemas.upcasts import upcast
from schemas.wire.change import read_change
from schemas.wire.change_set import read_body, read_manifest
from server.commit.work import PRIVATE_PURPOSE, QUARANTINE_PURPOSE, ROOT_CHARS, Author
from server.keys.vault import VaultSession
from server.storage import device_store, erased_store, ledger_store
from server.storage.waiting_store import Waiting
from sync import changes, lines
from sync.changes import Change, Item
from sync.entries import RELEASE, Entry, from_line
from sync.erasure import erased_digest


@dataclass(frozen=True, slots=True)
class Held:
    """A change that waits: how it stands, who it is by, and its place in the device's set."""

    row: Waiting
    author: Author
    n: int
    item: Item

    @property
    def change(self) -> Change:
        """The change itself."""
        assert self.item.change is not None, "only what could be read can be judged again"
        return self.item.change

    @property
    def judged_at(self) -> int:
        """The entry by which it stands as it does: the last that judged it."""
        return self.row.index if self.row.moved is None else self.row.moved


def read_changes(
    connection: Connection, ledger: int, vault: VaultSession, rows: Sequence[Waiting]
) -> list[Held]:
    """Return the changes of these rows; one whose private line is lost waits on, with its group.

    What did not fit its declaration when it came lies in quarantine, and is read there again as of now.
    """
    indexes = [row.index for row in rows]
    entries = {
        index: from_line(line) for index, line in ledger_store.lines_at(connection, ledger, indexes).items()
    }
    bodies = ledger_store.bodies_at(connection, ledger, indexes)
    opened: dict[int, dict[str, bytes]] = {}
    for index, _, sealed in ledger_store.privates_at(connection, ledger, [(at, 0) for at in indexes]):
        plain = vault.open(sealed[:ROOT_CHARS].decode("ascii"), PRIVATE_PURPOSE, sealed[ROOT_CHARS:])
        opened.setdefault(index, {})[lines.digest(plain)] = plain
    found: list[Held] = []
    torn: set[tuple[str | None, str | None]] = set()
    sets: dict[str | None, tuple[Item, ...]] = {}
    for row in rows:
        line, entry = bodies[row.index], entries[row.index]
        author = Author(
            RELEASE,
            entry.by,
            entry.at,
            entry.device,
            entry.set,
            entry.seq,
            branch=entry.branch,
            schema=entry.schema,
        )
        if not line:
            if entry.set not in sets:
                sets[entry.set] = _kept(connection, ledger, vault, entry)
            mine = sets[entry.set][entry.n : entry.n + 1]
            found += [Held(row, author, entry.n, item) for item in mine if item.change is not None]
            continue
        private = opened.get(row.index, {})
        listed = lines.decode(line).get("private", [])
        gone = erased_store.find(connection, ledger, set(listed) - private.keys())
        if not private.keys() | gone.keys() >= set(listed):
            torn.add((entry.set, lines.decode(line).get("tx")))
            continue
        kept = tuple(private[each] for each in listed if each in private)
        change = upcast(read_change(line, kept, gone), entry.schema)
        # Of a type that was unknown nobody could say whether the change fits it.
        fault = fault_in(change) if (row.waiting_for or "").startswith("type:") else None
        item = Item(line, change, fault)
        found.append(Held(row, author, entry.n, item))
    return [one for one in found if one.change.tx is None or (one.author.set, one.change.tx) not in torn]


def _kept(connection: Connection, ledger: int, vault: VaultSession, entry: Entry) -> tuple[Item, ...]:
    """Return the changes of a set that was quarantined, as this server reads it now; none where it is not there."""
    assert entry.device is not None, "only a phone's changes wait"
    for one in device_store.kept_of(connection, ledger, entry.device, entry.seq or 0):
        jws, body = changes.split_manifest(vault.open(one.device, QUARANTINE_PURPOSE, one.sealed))
        manifest = read_manifest(jws)
        if manifest.digest == entry.set:
            digests = {match for row in body.split(b"\n") if (match := erased_digest(row)) is not None}
            return read_body(manifest, body, erased_store.find(connection, ledger, digests))
    return ()
