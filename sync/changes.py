"""The nouns of the protocol: manifest, change, private line, write, record.

All are frozen; a Change remembers the very bytes it came in, because those are hashed and stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sync import lines
from sync.errors import Malformed
from sync.merkle import root_of_lines

VERSION = 1
CHANGES_MAX = 1_000
TEXT_BYTES_MAX = 8 * 1024 * 1024
SEALED_BYTES_MAX = 1024 * 1024
PRIVATE_LINES_MAX = 2
NO_BASE = -1
CHAINED = ("device:", "fork:")
"""How the names of writers begin whose own order says which of their acts is later."""
OPS = ("create", "edit", "void", "restore", "resolve")
PRIVATE_KINDS = ("person", "file_key")


@dataclass(frozen=True, slots=True)
class Seen:
    """The last checkpoint that a phone verified: epoch, number of leaves, root in hex."""

    epoch: str
    size: int
    root: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a device signs for one change-set; `jws` is the compact form that travelled."""

    origin: str
    device: str
    seq: int
    prev: str
    count: int
    root: str
    made_at: int
    app: str
    schema: int
    ledger_key: str
    seen: Seen | None
    jws: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 of the compact JWS: the identity of the set, and `prev` of the next one."""
        return lines.digest(self.jws.encode("ascii"))

    def payload(self) -> dict[str, Any]:
        """Return the JSON that is signed."""
        body: dict[str, Any] = {
            "v": VERSION,
            "origin": self.origin,
            "device": self.device,
            "seq": self.seq,
            "prev": self.prev,
            "count": self.count,
            "root": self.root,
            "made_at": self.made_at,
            "app": self.app,
            "schema": self.schema,
            "ledger_key": self.ledger_key,
        }
        if self.seen:
            body["seen"] = {"epoch": self.seen.epoch, "size": self.seen.size, "root": self.seen.root}
        return body


@dataclass(frozen=True, slots=True)
class Anchor:
    """Server time as a phone last heard it: (epoch, index, server time) with the phone's clocks then."""

    epoch: str
    index: int
    time: int
    wall: int
    mono: int
    session: str


@dataclass(frozen=True, slots=True)
class At:
    """When a phone says it captured something; `wall` and `mono` in ms, no clock is believed alone."""

    wall: int
    mono: int = 0
    session: str = ""
    anchor: Anchor | None = None


@dataclass(frozen=True, slots=True)
class Erased:
    """What stands for a value whose line was erased: it says which values were alike and how they were ordered.

    order: rises with each erasure; rank: of the value among those of its field that were erased with it
    """

    order: int
    rank: int


def readable(value: Any) -> Any:
    """Return a settled value as a record shows it: without what was erased, None where nothing is left."""
    if type(value) is Erased:
        return None
    if type(value) is list and any(type(member) is Erased for member in value):
        return [member for member in value if type(member) is not Erased] or None
    return value


@dataclass(frozen=True, slots=True)
class PrivateLine:
    """One erasable line: what names or describes a person, or a file's key.

    line: empty for one that was erased, whose values are Erased
    """

    kind: str
    set: Mapping[str, Any]
    add: Mapping[str, tuple[Any, ...]]
    remove: Mapping[str, tuple[Any, ...]]
    line: bytes
    digest: str


@dataclass(frozen=True)
class Change:
    """One change as it travelled; `private` are its private lines in the order it names them.

    What it writes is asked for a dozen times on its way to the ledger, so it is gathered once.
    """

    id: str
    op: str
    type: str
    record: str
    base: tuple[str, int] | None
    at: At
    set: Mapping[str, Any] = field(default_factory=dict)
    add: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    remove: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    over: tuple[str, ...] = ()
    tx: str | None = None
    private: tuple[PrivateLine, ...] = ()
    line: bytes = b""
    digest: str = ""

    def sets(self) -> Mapping[str, tuple[Any, str | None]]:
        """Return {field: (value, digest of its private line or None)} over the public and private parts."""
        found: dict[str, tuple[Any, str | None]] | None = self.__dict__.get("_sets")
        if found is None:
            found = {name: (value, None) for name, value in self.set.items()}
            for private in self.private:
                found.update({name: (value, private.digest) for name, value in private.set.items()})
            self.__dict__["_sets"] = found
        return found

    def members(self, which: str) -> Mapping[str, list[tuple[Any, str | None]]]:
        """Return {set-field: [(value, digest of its private line or None)]} for `add` or `remove`."""
        found: dict[str, list[tuple[Any, str | None]]] | None = self.__dict__.get(f"_{which}")
        if found is None:
            found = self.__dict__[f"_{which}"] = {}
            for part, digest in ((self, None), *((p, p.digest) for p in self.private)):
                for name, values in getattr(part, which).items():
                    found.setdefault(name, []).extend((value, digest) for value in values)
        return found

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the fields that the change writes, sorted."""
        found: tuple[str, ...] | None = self.__dict__.get("_names")
        if found is None:
            found = tuple(sorted({*self.sets(), *self.members("add"), *self.members("remove")}))
            self.__dict__["_names"] = found
        return found


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one change, found before it is judged: code of a Refusal, field, detail.

    waiting_for: what the change is held for, where it may be right under a schema that is not known here yet
    """

    code: str
    detail: str
    field: str | None = None
    waiting_for: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One place of a change-set: its line, the change it holds if it could be read, and its fault if any."""

    line: bytes
    change: Change | None
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """A manifest whose signature verified, and its items in order."""

    manifest: Manifest
    items: tuple[Item, ...]


def private_line(
    kind: str,
    salt: bytes,
    values: Mapping[str, Any] | None = None,
    add: Mapping[str, list[Any]] | None = None,
    remove: Mapping[str, list[Any]] | None = None,
) -> bytes:
    """Return the canonical bytes of a private line; salt: 16 random bytes."""
    body: dict[str, Any] = {"kind": kind, "salt": lines.b64u(salt)}
    for name, part in (("set", values), ("add", add), ("remove", remove)):
        if part:
            body[name] = dict(part)
    return lines.encode(body)


def at_json(at: At) -> dict[str, Any]:
    """Return `at` as it stands in a change line."""
    body: dict[str, Any] = {"wall": at.wall, "mono": at.mono, "session": at.session}
    if at.anchor:
        body["anchor"] = {
            "epoch": at.anchor.epoch,
            "index": at.anchor.index,
            "time": at.anchor.time,
            "wall": at.anchor.wall,
            "mono": at.anchor.mono,
            "session": at.anchor.session,
        }
    return body


def change_line(change: Change, salt: bytes, private: tuple[bytes, ...] = ()) -> bytes:
    """Return the canonical bytes of a change whose private lines are `private`; salt: 16 random bytes."""
    body: dict[str, Any] = {
        "id": change.id,
        "op": change.op,
        "type": change.type,
        "record": change.record,
        "base": list(change.base) if change.base else None,
        "at": at_json(change.at),
        "salt": lines.b64u(salt),
    }
    if change.set:
        body["set"] = dict(change.set)
    for name in ("add", "remove"):
        if part := getattr(change, name):
            body[name] = {key: list(values) for key, values in part.items()}
    if change.over:
        body["over"] = list(change.over)
    if change.tx:
        body["tx"] = change.tx
    if private:
        body["private"] = [lines.digest(line) for line in private]
    return lines.encode(body)


def text_of(manifest_jws: str, items: list[tuple[bytes, tuple[bytes, ...]]]) -> bytes:
    """Return the text of a change-set: the manifest, then each change line with its private lines."""
    rows = [manifest_jws.encode("ascii")]
    for line, private in items:
        rows.append(line)
        rows.extend(private)
    return b"\n".join(rows) + b"\n"


def split_manifest(text: bytes) -> tuple[str, bytes]:
    """Return (manifest JWS, all that follows its LF); raises Malformed if the first line can be no manifest."""
    first, ended, body = text.partition(b"\n")
    if not ended or not first or b"\r" in first or not first.isascii():
        raise Malformed("the first line is not a manifest ended by LF, without CR or BOM")
    return first.decode("ascii"), body


def split_rows(body: bytes) -> list[bytes]:
    """Return the lines after the manifest, without LF; raises Malformed.

    Only the frame is checked here: a final LF, no CR, no empty line.
    """
    rows = body[:-1].split(b"\n") if body else []
    if body and (not body.endswith(b"\n") or b"\r" in body or b"" in rows):
        raise Malformed("the text must be lines ended by LF, without CR, none of them empty")
    return rows


def split_text(text: bytes) -> tuple[str, list[bytes]]:
    """Return (manifest JWS, the other lines without LF); raises Malformed for any other frame."""
    jws, body = split_manifest(text)
    return jws, split_rows(body)


def root_hex(change_lines: list[bytes]) -> str:
    """Return the manifest's `root` over the change lines."""
    return root_of_lines(change_lines).hex()


def base_of(change: Change, writer: str, index: int) -> int:
    """Return the index that a change was made on.

    A server's act without a base was judged under the ledger's lock, so it is made on the head; a
    phone's was made on nothing that the feed delivered.
    """
    if change.base is not None:
        return change.base[1]
    if change.op == "create" or writer.startswith(CHAINED):
        return NO_BASE
    return index - 1
