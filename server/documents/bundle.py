"""Bundles: what a stranger needs to check a case, an inspection or an institution, in one archive.

Entry lines, change lines, proofs under one signed head, manifests of phones and, where asked for, private lines
and originals. Made twice from the same head it is the same to the byte. Keys of files never leave.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import Connection

from server.commit.erasing import opened
from server.documents import bundle_contents, verify_bundle
from server.documents.bundle_contents import Contents
from server.documents.set_proofs import SetProofs
from server.evidence import verify
from server.keys.vault import VaultSession
from server.ledger import proofs
from server.queries.reading import Reading
from server.storage import ledger_store, record_store
from server.wiring import Services
from sync import checkpoint, entries, erasure, tiles
from sync.errors import TooLarge
from sync.merge import Record
from sync.merkle import inclusion_proof

ENTRIES_MAX = 20_000
FIXED_DATE = (1980, 1, 1, 0, 0, 0)
README = """Wardledger 证据包 / bundle

核验（无需 Wardledger，只需 Python 3.9 以上）：
Check it (without Wardledger, with Python 3.9 or newer):

    python3 verify.py BUNDLE.zip --key VKEY

VKEY 是医保局公布的台账验证公钥；不给出时只能说明证据包自身一致。
VKEY is the verifier key that the bureau publishes; without it only the bundle's own consistency is shown.

entries/N.line     台账条目 / the ledger's entry      entries/N.proof    包含证明 / its proof (c2sp.org/tlog-proof)
entries/N.change   变更原文 / the change as it was entered
entries/N.set      变更在手机批次中的位置 / where the change stands in the set that its phone signed
entries/N.K.private  含个人信息的原文，仅在导出时选择才有 / private lines, only where asked for
files/             证据原件 / originals of evidence
sets/              手机签名的批次清单 / manifests that phones signed
checkpoint         已签名的检查点 / the signed head     key                随包公钥 / the key as it stands in the ledger
"""
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Made:
    """What was written: entries, files, and the digest of the archive."""

    entries: int
    originals: int
    left_out: int
    size: int
    digest: str


def export(
    services: Services, kind: str, record: str, target: BinaryIO, *, private: bool, progress: Progress
) -> Made:
    """Write everything about a record as the operator of the machine takes it; raises NotFound, BadValue or TooLarge.

    private: with private lines and originals
    """
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        contents = bundle_contents.whole(connection, vault, kind, record, private=private)
        return _Writer(services, connection, vault, target, contents, progress).write()


def export_of(reading: Reading, contents: Contents, target: BinaryIO) -> Made:
    """Write what a reader may take away; raises TooLarge."""
    services, connection = reading.services, reading.connection
    return _Writer(services, connection, reading.vault, target, contents, lambda *_: None).write()


class _Writer:
    """Writes the files of one bundle in order, and notes each for the manifest."""

    def __init__(
        self,
        services: Services,
        connection: Connection,
        vault: VaultSession,
        target: BinaryIO,
        contents: Contents,
        progress: Progress,
    ):
        self._services, self._connection, self._vault = services, connection, vault
        self._contents, self._progress, self._target = contents, progress, target
        self._zip = zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED)
        self._listed: list[dict[str, Any]] = []
        self._left_out = 0
        self._head = ledger_store.head(connection, services.ledger.id)
        self._of: dict[int, str] = {}
        self._sets = SetProofs(connection, vault.ledger)

    def write(self) -> Made:
        """Write everything and close the archive."""
        records = self._contents.records
        indexes = self._indexes(records)
        for number, some in enumerate(_pages(indexes)):
            self._progress("entries", number * ledger_store.PAGE, len(indexes))
            self._entries(some)
        for digest, manifest in self._sets.manifests():
            self._add(f"sets/{digest}.jws", [manifest.encode("ascii")])
        originals = self._originals(records)
        public, note = self._services.keyring.ledger_public, self._head.note
        head = checkpoint.parse(note)
        self._add("checkpoint", [note.encode()])
        self._add(
            "key", [checkpoint.verifier_key(proofs.ledger_name("\n\n" + note), public).encode() + b"\n"]
        )
        self._add("README.txt", [README.encode()])
        self._add("verify.py", [Path(verify_bundle.__file__).read_bytes()])
        described = {
            "format": verify_bundle.FORMAT,
            "about": {"type": self._contents.kind, "id": self._contents.id},
            "log": head.name,
            "size": head.size,
            "root": head.root.hex(),
            "head_at": self._head.at,
            "private": self._contents.private,
            "entries": indexes,
            "files": self._listed,
        }
        self._add(verify_bundle.MANIFEST, [json.dumps(described, indent=1, sort_keys=True).encode() + b"\n"])
        self._zip.close()
        size = self._target.tell()
        self._target.seek(0)
        whole = hashlib.sha256()
        while part := self._target.read(verify_bundle.CHUNK):
            whole.update(part)
        return Made(len(indexes), originals, self._left_out, size, whole.hexdigest())

    def _indexes(self, records: Iterable[Record]) -> list[int]:
        """Return the entries about the records, and those by which the phones that sent them were enrolled."""
        found = self._about(records)
        phones = record_store.load(self._connection, self._vault, self._devices(found)).values()
        whole = self._about(phones)
        self._devices(sorted(set(whole) - set(found)))
        return whole

    def _devices(self, found: Sequence[int]) -> set[str]:
        """Return the phones that sent some entries; the sets in which they did are kept."""
        devices: set[str] = set()
        for some in _pages(found):
            for line in ledger_store.lines_at(self._connection, self._vault.ledger, some).values():
                entry = entries.from_line(line)
                if self._sets.learn(entry):
                    devices.add(str(entry.device))
        return devices

    def _about(self, records: Iterable[Record]) -> list[int]:
        for record in records:
            indexes = ledger_store.indexes_of(self._connection, self._vault.ledger, record.id)
            for index in (*indexes, *(act.index for act in record.acts)):
                self._of.setdefault(index, record.id)
            if len(self._of) > ENTRIES_MAX:
                raise TooLarge(f"a bundle holds {ENTRIES_MAX} entries", limit=ENTRIES_MAX)
        return sorted(self._of)

    def _entries(self, indexes: Sequence[int]) -> None:
        """Write some entries with their proofs, their changes, and where each change stands in its set."""
        ledger = self._vault.ledger
        lines = ledger_store.lines_at(self._connection, ledger, indexes)
        bodies = ledger_store.bodies_at(self._connection, ledger, indexes)
        for index in indexes:
            path = inclusion_proof(self._nodes(), index, self._head.size)
            self._add(f"entries/{index}.line", [lines[index]])
            self._add(
                f"entries/{index}.proof", [checkpoint.proof_text(index, path, self._head.note).encode()]
            )
            if not (change := bodies.get(index)):
                continue
            self._add(f"entries/{index}.change", [change])
            if (place := self._sets.path(entries.from_line(lines[index]))) is not None:
                self._add(f"entries/{index}.set", [verify_bundle.set_proof(place)])
            if self._of[index] in self._contents.opened:
                self._private(index)

    def _private(self, index: int) -> None:
        for kept in ledger_store.privates(self._connection, self._vault.ledger, index):
            if kept.n == 0 and kept.kind == "person":
                self._add(f"entries/{index}.{kept.kind}.private", [opened(self._vault, kept.sealed)])

    def _nodes(self) -> Any:
        if not hasattr(self, "_read"):
            self._read = tiles.nodes_from(ledger_store.tile_reader(self._connection, self._vault.ledger))
        return self._read

    def _originals(self, records: Iterable[Record]) -> int:
        """Write the originals that are there and verified, each once; others are counted as left out."""
        taken = (each for each in records if each.type == "evidence" and each.id in self._contents.opened)
        items = {str(each.values["digest"]): each for each in taken}
        written = 0
        for number, (digest, item) in enumerate(sorted(items.items())):
            self._progress("files", number, len(items))
            there = item.values.get("file_state") == "verified" and not erasure.is_erased(item, "file_key")
            if not there:
                self._left_out += 1
                continue
            ending = str(item.values["media_type"]).rpartition("/")[2]
            self._add(f"files/{digest}.{ending}", verify.plain(self._services, item), packed=True)
            written += 1
        return written

    def _add(self, name: str, parts: Iterable[bytes], *, packed: bool = False) -> None:
        """Write a file piece by piece. packed: it is compressed already, as pictures and films are"""
        info = zipfile.ZipInfo(name, FIXED_DATE)
        info.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
        info.external_attr = 0o644 << 16
        info.create_system = 3
        digest, size = hashlib.sha256(), 0
        with self._zip.open(info, "w", force_zip64=True) as file:
            for part in parts:
                digest.update(part)
                size += len(part)
                file.write(part)
        self._listed.append({"path": name, "size": size, "sha256": digest.hexdigest()})


def _pages(indexes: Sequence[int]) -> Iterator[Sequence[int]]:
    for at in range(0, len(indexes), ledger_store.PAGE):
        yield indexes[at : at + ledger_store.PAGE]
