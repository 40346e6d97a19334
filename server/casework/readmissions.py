"""Re-admission: a supervisor lets a set that lies in quarantine into the ledger, one by one, with a reason.

A set that joins the device's chain goes on with it, and gets its receipt. Any other is of a branch: it is the writer
`fork:<digest of the branch's first manifest>`, beside the chain. Sets of a branch are let in in their order.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from schemas.drafting import Draft
from schemas.wire.change_set import read_body, read_manifest
from server.catalogues import frozen_codes
from server.commit.acts import items_of
from server.commit.submission import Readmission, Result
from server.commit.work import QUARANTINE_PURPOSE
from server.keys import served
from server.storage import device_store, erased_store, ledger_store, record_store
from server.storage.device_store import Device, Quarantined
from server.wiring import Services
from sync import changes, erasure, signing
from sync.changes import ChangeSet, Manifest
from sync.errors import DeviceFork, DeviceRevoked, NotFound, OwnWork, RecordExists, SequenceGap, WrongLedger
from sync.ids import named_id

INFO = "wardledger readmission"
REMEMBERED_MAX = 20_000
WHOLE = (DeviceFork.code, DeviceRevoked.code)
"""Why a set is kept of which nothing is in the ledger, and which nothing else is wrong with."""


@dataclass(frozen=True)
class Kept:
    """A set in quarantine, opened: its row, text, manifest and device."""

    row: Quarantined
    text: bytes
    body: bytes
    manifest: Manifest
    device: Device


@dataclass(frozen=True)
class Readmitted:
    """What became of a set: the record that says so, its branch (None for the chain), outcomes by verdict.

    again: it had been let in before, and nothing was done
    """

    record: str
    branch: str | None
    verdicts: Mapping[str, int]
    again: bool = False


def record_of(device: str, manifest: str) -> str:
    """Return the id of the one record that lets a set in; manifest: its digest."""
    return named_id(INFO, device, manifest)


def readmit(services: Services, user: str, key: str, reason: str) -> tuple[Readmitted, Result | None]:
    """Let the set that is in quarantine under `key` into the ledger; twice does no more than once.

    user: of a supervisor over the device's user, who is another person; reason: why, in words
    Raises NotFound, OwnWork, NotAllowed; RecordExists for a set that is in the ledger as it came, SequenceGap where
    the set before it waits in quarantine too, BadSignature, Malformed or WrongLedger for what nobody can let in.
    """
    with services.database.reading() as connection:
        kept = opened(services, connection, key)
        record = record_of(kept.device.id, kept.manifest.digest)
        vault = services.vault.session(connection, services.ledger.id)
        done = record_store.load(connection, vault, [record]).get(record)
        if done is not None:
            return Readmitted(record, done.values.get("branch"), {}, again=True), None
        if kept.device.user == user:
            raise OwnWork(item=kept.device.id)
        _is_outside(connection, services, kept)
        branch = _branch(services, connection, kept)
        erased = erased_store.find(connection, services.ledger.id, erasure.named_in(kept.body))
    values = {
        "device": kept.device.id,
        "set": kept.manifest.digest,
        "seq": kept.manifest.seq,
        "code": kept.row.code,
        "reason": reason,
        **({"branch": branch} if branch else {}),
    }
    (act,) = items_of(services, [Draft("create", "readmission", record, values)])
    items = frozen_codes.checked(services, read_body(kept.manifest, kept.body, erased))
    change_set = ChangeSet(kept.manifest, items)
    given = Readmission(kept.device.id, change_set, kept.row.at, kept.text, user=user, act=act, branch=branch)
    result = services.door.submit(given)
    verdicts: dict[str, int] = {}
    for outcome in result.outcomes:
        verdicts[outcome.verdict] = verdicts.get(outcome.verdict, 0) + 1
    return Readmitted(record, branch, verdicts), result


class Remembered:
    """By which record each set in quarantine would be let in: known once a text was opened, as pages ask again."""

    def __init__(self) -> None:
        self._records: OrderedDict[str, str] = OrderedDict()
        self._lock = threading.Lock()

    def record(self, key: str, find: Callable[[], str]) -> str:
        """Return the record of a set, found the first time; the oldest are forgotten."""
        with self._lock:
            known = self._records.get(key)
        if known is not None:
            return known
        found = find()
        with self._lock:
            self._records[key] = found
            while len(self._records) > REMEMBERED_MAX:
                self._records.popitem(last=False)
        return found


REMEMBERED = Remembered()


def let_in(services: Services, connection: Connection, keys: Iterable[str]) -> set[str]:
    """Return which whole sets in quarantine were let into the ledger, by their ids.

    keys: ids of whole sets; each text is opened once in a process, one at a time
    """
    vault = services.vault.session(connection, services.ledger.id)

    def find(key: str) -> str:
        row = device_store.quarantined_one(connection, services.ledger.id, key)
        assert row is not None, "what is in quarantine stays there"
        return record_of(row.device, _digest(vault.open(row.device, QUARANTINE_PURPOSE, row.sealed)))

    records = {REMEMBERED.record(key, lambda key=key: find(key)): key for key in keys}  # type: ignore[misc]
    there = record_store.places(connection, services.ledger.id, set(records))
    return {records[key] for key in there}


def opened(services: Services, connection: Connection, key: str) -> Kept:
    """Return a set of the quarantine, its signature verified once more; see readmit for what it raises."""
    row = device_store.quarantined_one(connection, services.ledger.id, key)
    if row is None:
        raise NotFound("nothing in quarantine has this id; `wardledger quarantine list` shows what is there")
    device = device_store.find(connection, services.ledger.id, row.device)
    assert device is not None, "what is kept was signed by a device"
    vault = services.vault.session(connection, services.ledger.id)
    text = vault.open(row.device, QUARANTINE_PURPOSE, row.sealed)
    jws, body = changes.split_manifest(text)
    signing.verify(jws, signing.MANIFEST, signing.public_key(device.sign_key))
    manifest = read_manifest(jws)
    ours = (manifest.device, manifest.origin) == (device.id, services.ledger.origin)
    if not ours or not served.is_pin(services, manifest.ledger_key):
        raise WrongLedger
    return Kept(row, text, body, manifest, device)


def _is_outside(connection: Connection, services: Services, kept: Kept) -> None:
    """Raise RecordExists for a set that is in the ledger with all its changes, as those are that have faults."""
    stored = ledger_store.change_set(connection, services.ledger.id, kept.device.id, kept.manifest.seq)
    if stored is not None and stored.digest == kept.manifest.digest:
        raise RecordExists(
            f"the set stands in the ledger from entry {stored.first} on; what was refused of it must be recorded anew"
        )


def _branch(services: Services, connection: Connection, kept: Kept) -> str | None:
    """Return the first set of the branch that a set belongs to, None for one that joins the device's chain."""
    manifest, device = kept.manifest, kept.device
    if (manifest.seq, manifest.prev) == (device.seq + 1, device.digest):
        return None
    vault = services.vault.session(connection, services.ledger.id)
    before = record_of(device.id, manifest.prev)
    known = record_store.load(connection, vault, [before]).get(before)
    if known is not None and known.values.get("branch"):
        return str(known.values["branch"])
    waits = None if known is not None else _waiting(services, connection, kept)
    if waits is not None:
        raise SequenceGap(f"the set before it waits too: re-admit {waits.id} first", expected=waits.seq)
    return manifest.digest


def _waiting(services: Services, connection: Connection, kept: Kept) -> Quarantined | None:
    """Return the set that comes before another one of its device, if it lies in quarantine and nowhere else."""
    ledger, manifest, device = services.ledger.id, kept.manifest, kept.device
    stored = ledger_store.change_set(connection, ledger, device.id, manifest.seq - 1)
    if stored is not None and stored.digest == manifest.prev:
        return None
    vault = services.vault.session(connection, ledger)
    for row in device_store.quarantined(connection, ledger, device.id):
        if row.code in WHOLE and row.seq == manifest.seq - 1:
            text = vault.open(device.id, QUARANTINE_PURPOSE, row.sealed)
            if _digest(text) == manifest.prev:
                return row
    return None


def _digest(text: bytes) -> str:
    jws, _ = changes.split_manifest(text)
    return read_manifest(jws).digest
