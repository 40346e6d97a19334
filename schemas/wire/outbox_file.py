"""The file by which a phone's unsent work comes to the desk: a header, sealed sets and ciphers, each with its digest.

Canonical JSON lines, each followed by the bytes that it announces and one LF; the last line names the digest of all
that stands before it. Nothing in it can be read but whose phone it is and how much there is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from marshmallow import fields, validate

from schemas.wire.parts import ORIGIN, Strict, digest, instant, load, matching, token, uuid, whole
from sync import lines
from sync.changes import SEALED_BYTES_MAX
from sync.errors import ChecksumMismatch, Malformed

KIND, VERSION = "wardledger-outbox", 1
MEDIA_TYPE = "application/vnd.wardledger.outbox"
SET, FILE, END = "set", "file", "end"
PARTS_MAX = 100_000
LINE_BYTES_MAX = 1024
CHUNK_BYTES = 1024 * 1024
FILE_BYTES_MAX = 21 * 1024**3


@dataclass(frozen=True, slots=True)
class Header:
    """Whose work a file holds, of which ledger, made when (Unix ms, by the phone's clock), in how many parts."""

    origin: str
    device: str
    app: str
    made_at: int
    parts: int

    def payload(self) -> dict[str, Any]:
        """Return the JSON of the first line."""
        said = {"origin": self.origin, "device": self.device, "app": self.app, "made_at": self.made_at}
        return {"v": VERSION, "kind": KIND, "parts": self.parts, **said}


@dataclass(frozen=True, slots=True)
class Part:
    """One part: a set, sealed as for a push to the opening key `kid`, or a file's cipher. digest: of its bytes"""

    kind: str
    digest: str
    size: int
    seq: int | None = None
    kid: str | None = None

    def payload(self) -> dict[str, Any]:
        """Return the JSON of the line before its bytes."""
        more = {"seq": self.seq, "kid": self.kid}
        said = {"kind": self.kind, "digest": self.digest, "size": self.size}
        return {**said, **{name: value for name, value in more.items() if value is not None}}


class HeaderSchema(Strict):
    """The first line."""

    v = whole(VERSION, VERSION, required=True)
    kind = fields.String(required=True, validate=validate.Equal(KIND))
    origin = matching(ORIGIN, required=True)
    device = uuid(required=True)
    app = token(required=True)
    made_at = instant(required=True)
    parts = whole(0, PARTS_MAX, required=True)


class SetSchema(Strict):
    """The line before a sealed set."""

    kind = fields.String(required=True, validate=validate.Equal(SET))
    digest = digest(required=True)
    size = whole(1, SEALED_BYTES_MAX, required=True)
    seq = whole(1, required=True)
    kid = token(required=True)


class FileSchema(Strict):
    """The line before a file's cipher."""

    kind = fields.String(required=True, validate=validate.Equal(FILE))
    digest = digest(required=True)
    size = whole(0, FILE_BYTES_MAX, required=True)


class EndSchema(Strict):
    """The last line."""

    kind = fields.String(required=True, validate=validate.Equal(END))
    digest = digest(required=True)


HEADER, END_LINE = HeaderSchema(), EndSchema()
PARTS = {SET: SetSchema(), FILE: FileSchema()}


def write(target: BinaryIO, header: Header, parts: Iterable[tuple[Part, Iterable[bytes]]]) -> None:
    """Write a file; the caller makes it durable."""
    sink = _Sink(target)
    sink.put(lines.encode(header.payload()) + b"\n")
    for part, chunks in parts:
        sink.put(lines.encode(part.payload()) + b"\n")
        for chunk in chunks:
            sink.put(chunk)
        sink.put(b"\n")
    target.write(lines.encode({"kind": END, "digest": sink.hash.hexdigest()}) + b"\n")


@dataclass
class _Sink:
    target: BinaryIO

    def __post_init__(self) -> None:
        self.hash = hashlib.sha256()

    def put(self, raw: bytes) -> None:
        self.hash.update(raw)
        self.target.write(raw)


class Reader:
    """Reads a file from its beginning, in bounded memory; raises Malformed for one that is none.

    After `parts` has ended without a Refusal the file was read whole, and its last line agreed with all before it.
    """

    def __init__(self, source: BinaryIO):
        self._source = source
        self._hash = hashlib.sha256()
        self._left = 0
        body = load(HEADER, self._line())
        self.header = Header(body["origin"], body["device"], body["app"], body["made_at"], body["parts"])

    def parts(self) -> Iterator[Part]:
        """Yield each part; its bytes are read by `chunks` before the next, what is left of them is passed over.

        Raises Malformed at the place where the file was cut off or is damaged.
        """
        for _ in range(self.header.parts):
            found = self._line()
            kind = found.get("kind")
            if kind not in PARTS:
                raise Malformed("neither a set nor a file begins here", field="kind")
            part = Part(**load(PARTS[kind], found))
            self._left = part.size
            yield part
            for _ in self.chunks():
                pass
            if self._take(1) != b"\n":
                raise Malformed("a part is longer than it says")
        whole_digest = self._hash.hexdigest()
        if load(END_LINE, self._line())["digest"] != whole_digest or self._source.read(1):
            raise ChecksumMismatch("the file is not as it was written")

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes of the part at hand; raises Malformed where the file ends before they do."""
        while self._left:
            chunk = self._take(min(self._left, CHUNK_BYTES))
            self._left -= len(chunk)
            yield chunk

    def _take(self, size: int) -> bytes:
        raw = self._source.read(size)
        if len(raw) != size:
            raise Malformed("the file was cut off here")
        self._hash.update(raw)
        return raw

    def _line(self) -> dict[str, Any]:
        line = self._source.readline(LINE_BYTES_MAX)
        if not line.endswith(b"\n"):
            raise Malformed("the file was cut off here, or is none of this kind")
        self._hash.update(line)
        return lines.decode(line[:-1], bytes_max=LINE_BYTES_MAX)
