"""Exporting what was not sent into one file, for the desk: no network for weeks, or a phone that is about to die.

The sets are sealed as for a push and stay as they are: whether the desk or the network is first, each is entered once,
and the next sync brings the receipts.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mobile_stub import evidence_files, push
from mobile_stub.journal import SealedSet
from mobile_stub.kit import Kit
from mobile_stub.pull import FILE_SENT, FILE_WAITING
from mobile_stub.trouble import Alarmed, StaleKeys, Stopped
from schemas.wire import outbox_file
from schemas.wire.outbox_file import FILE, SET, Header, Part
from sync import changes, envelope
from sync.key_chain import KeyCompromised


@dataclass(frozen=True, slots=True)
class Exported:
    """What a file holds; left: changes that this phone may not seal any more, and that are not in it."""

    sets: int
    files: int
    left: int
    bytes: int


def export(kit: Kit, target: Path) -> Exported:
    """Write every set without a receipt, the outbox sealed into new ones, and every file that the server may lack.

    The key list that this phone knows is good enough, however old: the server opens by retired keys as well. The file
    takes its name once it is on the disk whole. Raises StaleKeys where this phone never had a key list.
    """
    _seal_all(kit)
    sets = [one for one in kit.journal.unacknowledged() if one.seq > kit.handed]
    files = [*kit.journal.files(FILE_WAITING), *kit.journal.files(FILE_SENT)]
    held = [(digest, body) for digest, _, body in files if (kit.files / digest).exists()]
    own = kit.identity
    header = Header(own.origin, own.device, own.app, kit.clock.wall_ms(), len(sets) + len(held))
    aside = target.with_name(f"{target.name}.part")
    with aside.open("wb") as sink:
        outbox_file.write(sink, header, _parts(kit, sets, held))
        sink.flush()
        os.fsync(sink.fileno())
    aside.replace(target)
    return Exported(len(sets), len(held), kit.journal.count_waiting(), target.stat().st_size)


def _seal_all(kit: Kit) -> None:
    """Seal what waits, unless this phone may not any more: what it has sealed is exported all the same."""
    try:
        while push.seal_next(kit) is not None:
            pass
    except (Alarmed, Stopped, KeyCompromised):
        return


def _parts(
    kit: Kit, sets: list[SealedSet], held: list[tuple[str, dict[str, Any]]]
) -> Iterator[tuple[Part, Iterator[bytes]]]:
    own, keys = kit.identity, kit.keys
    if keys is None:
        raise StaleKeys
    key = keys.opening_key()
    info = envelope.change_set_info(own.origin, own.device, key.kid)
    for one in sets:
        kept = kit.journal.of_set(one.seq)
        if len(kept) < push.manifest_of(one).count:
            # Lost with an earlier epoch, and its text is not here any more: the manifest alone lets the chain go on.
            kept = []
        text = changes.text_of(one.manifest, [(each.change.line, each.private) for each in kept])
        sealed = envelope.seal(text, kem=key.kem, public=key.key, info=info)
        part = Part(SET, hashlib.sha256(sealed).hexdigest(), len(sealed), one.seq, key.kid)
        yield part, iter([sealed])
    for digest, _ in held:
        path = kit.files / digest
        yield Part(FILE, digest, path.stat().st_size), iter(evidence_files.pieces(path))
