"""A phone's outbox that came as a file: every part goes the way of a push or an upload, and each is told of.

Who brings the file proves nothing by it: sets are believed because their device signed them, files for their digests.
"""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from schemas.wire.outbox_file import SET, Header, Part, Reader
from server.intake import accept, followed, uploads
from server.storage import device_store, file_store
from server.storage.device_store import Device
from server.wiring import Services
from sync import lines, receipt, signing
from sync.entries import from_line
from sync.errors import (
    BadSignature,
    ChecksumMismatch,
    DeviceFork,
    DeviceRevoked,
    Malformed,
    NotCanonical,
    Refusal,
    TooLarge,
    UnknownDevice,
    WrongLedger,
)

TAKEN, KNOWN, KEPT, REFUSED = "taken", "known", "kept", "refused"
"""New here; here before; kept in quarantine, as of a push; not taken, with the code that says why."""


@dataclass(frozen=True, slots=True)
class PartTold:
    """What became of one part, by its place from 1; verdicts: of a set's changes."""

    part: int
    kind: str
    became: str
    digest: str
    size: int
    seq: int | None = None
    code: str | None = None
    detail: str = ""
    verdicts: Mapping[str, int] = field(default_factory=dict)

    def told(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    def json(self) -> dict[str, Any]:
        """Return it as plain data, without what it has nothing to say about."""
        return {name: value for name, value in self.told().items() if value not in (None, "", {})}


@dataclass(frozen=True, slots=True)
class Brought:
    """What a file held and what became of it; broken: the code and words where the reading ended, or None."""

    header: Header
    parts: tuple[PartTold, ...]
    broken: tuple[str, str] | None

    @property
    def whole(self) -> bool:
        """Whether the file was read to its end, and all that it holds is here."""
        return self.broken is None and all(one.became in (TAKEN, KNOWN) for one in self.parts)

    def json(self) -> dict[str, Any]:
        """Return the report as plain data."""
        ended = {"broken": {"code": self.broken[0], "detail": self.broken[1]}} if self.broken else {}
        told = {"device": self.header.device, "made_at": self.header.made_at, "announced": self.header.parts}
        return {**told, "whole": self.whole, "parts": [one.json() for one in self.parts], **ended}


def bring(services: Services, source: BinaryIO, check: Callable[[str], None] | None = None) -> Brought:
    """Take what a phone's outbox file holds, part by part, and say what became of each; the same again does nothing.

    check: told the device before anything is taken, and raises for one whose work is not this person's to bring
    Raises Malformed for a file of another kind, WrongLedger, UnknownDevice. What stands before a damaged or missing
    part is taken all the same.
    """
    try:
        reader = Reader(source)
    except NotCanonical as refused:
        raise Malformed("this is no file of a phone's outbox") from refused
    device = _device(services, reader.header)
    if check is not None:
        check(device.id)
    told: list[PartTold] = []
    try:
        for place, part in enumerate(reader.parts(), start=1):
            told.append(_took(services, device, (place, part), reader))
    except (Malformed, NotCanonical, TooLarge, ChecksumMismatch) as refused:
        return Brought(reader.header, tuple(told), (refused.code, refused.detail))
    return Brought(reader.header, tuple(told), None)


def _device(services: Services, header: Header) -> Device:
    if header.origin != services.ledger.origin:
        raise WrongLedger(f"the file is for the ledger {header.origin}")
    with services.database.reading() as connection:
        device = device_store.find(connection, services.ledger.id, header.device)
    if device is None:
        raise UnknownDevice
    return device


def _took(services: Services, device: Device, placed: tuple[int, Part], reader: Reader) -> PartTold:
    place, part = placed
    about: dict[str, Any] = {
        "part": place,
        "kind": part.kind,
        "digest": part.digest,
        "size": part.size,
        "seq": part.seq,
    }
    # Read before anything is done with it: a file that ends within a set must not be told of as a bad set.
    sealed = b"".join(reader.chunks()) if part.kind == SET else b""
    try:
        if part.kind == SET:
            became, verdicts = _set(services, device, part, sealed)
            return PartTold(**about, became=became, verdicts=verdicts)
        return PartTold(**about, became=_file(services, device, part, reader))
    except (DeviceRevoked, DeviceFork) as refused:
        return PartTold(**about, became=KEPT, code=refused.code, detail=refused.detail)
    except _Cut as cut:
        raise cut.refused from cut
    except Refusal as refused:
        return PartTold(**about, became=REFUSED, code=refused.code, detail=refused.detail)


def _set(services: Services, device: Device, part: Part, sealed: bytes) -> tuple[str, Mapping[str, int]]:
    if lines.digest(sealed) != part.digest:
        raise ChecksumMismatch("this part is damaged: export it anew")
    # The phone's own signature stands within; it is asked for anew, as the device may be another by now.
    with services.database.reading() as connection:
        device = device_store.find(connection, services.ledger.id, device.id) or device
    result = accept.accept(services, sealed, device=device, kid=part.kid or "")
    followed.follow(services, result)
    if result.receipt is None:
        raise BadSignature("the set has no receipt")
    said = receipt.parse(signing.peek(result.receipt, signing.RECEIPT)[1])
    verdicts = Counter(str(from_line(line).outcome["verdict"]) for line in said.entries)
    return (KNOWN if result.repeated else TAKEN), dict(verdicts)


class _Cut(Exception):
    """The file ended within a part; it is no fault of the part's bytes."""

    def __init__(self, refused: Malformed):
        super().__init__(refused.detail)
        self.refused = refused


def _file(services: Services, device: Device, part: Part, reader: Reader) -> str:
    with services.database.reading() as connection:
        state = file_store.state(connection, services.ledger.id, part.digest)
    if services.files.has(part.digest) and state != file_store.CORRUPT:
        return KNOWN
    named = base64.b64encode(part.digest.encode()).decode()
    _, upload = uploads.create(services, device.id, size=part.size, metadata=f"digest {named}")
    done = False
    try:
        reached, _ = uploads.append(services, upload, at=0, body=_body(reader), checksum=None)
        done = reached == part.size
    finally:
        if not done:
            uploads.terminate(services, upload)
    return TAKEN


def _body(reader: Reader) -> Iterator[bytes]:
    try:
        yield from reader.chunks()
    except Malformed as refused:
        raise _Cut(refused) from refused
