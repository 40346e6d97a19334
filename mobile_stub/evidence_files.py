"""Files: encrypted as they are captured, sent by tus 1.0.0 in pieces, resumed where they stopped, read back.

A file lies on the phone only as its cipher, named by the cipher's digest; its key is in the evidence
record's file-key line. It is written, flushed and renamed before the record that names it is kept.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mobile_stub.identity import settle
from mobile_stub.kit import Kit
from mobile_stub.pull import FILE_SENT, FILE_WAITING
from mobile_stub.trouble import BareStatus, Damaged, NotTheServer, ServerRefused
from sync import frames, lines
from sync.errors import FileCorrupt, Malformed

CHUNK_BYTES = 1024 * 1024
"""The first part of an upload that goes on; on a good line the next ones grow, since each costs a round trip."""
PART_BYTES_MAX = 16 * CHUNK_BYTES
QUICK_MS = 1000
"""A part that took less is followed by one of twice its size: what a cut costs stays a few seconds."""
CHUNK_TRIES_MAX = 3
UPLOAD_TRIES_MAX = 3
TUS = {"Tus-Resumable": "1.0.0"}
OFFSET_TYPE = "application/offset+octet-stream"
CONFLICT, CHECKSUM_MISMATCH, GONE = 409, 460, (404, 410)
DIGEST_CHARS = 64


@dataclass(frozen=True, slots=True)
class Sealed:
    """A captured file: what its evidence record states, all digests in hex; key: base64url."""

    digest: str
    size: int
    cipher_digest: str
    cipher_size: int
    file_key: str


@dataclass
class Uploaded:
    """What the uploads did; bytes counts cipher bytes that were acknowledged."""

    files: int = 0
    bytes: int = 0


def capture(kit: Kit, chunks: Iterable[bytes]) -> Sealed:
    """Encrypt a file under a key of its own and put it durably into the phone's folder."""
    key, prefix = kit.random(frames.KEY_BYTES), kit.random(frames.PREFIX_BYTES)
    plain, cipher = hashlib.sha256(), hashlib.sha256()
    sizes = [0, 0]

    def watched() -> Iterator[bytes]:
        for chunk in chunks:
            plain.update(chunk)
            sizes[0] += len(chunk)
            yield chunk

    new = kit.files / f"{kit.random(8).hex()}.new"
    try:
        with new.open("xb") as file:
            for piece in frames.encrypt(watched(), key, prefix):
                cipher.update(piece)
                sizes[1] += len(piece)
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        new.replace(kit.files / cipher.hexdigest())
    finally:
        new.unlink(missing_ok=True)
    settle(kit.files)
    return Sealed(plain.hexdigest(), sizes[0], cipher.hexdigest(), sizes[1], lines.b64u(key))


def pieces(path: Path) -> Iterator[bytes]:
    """Yield a file in chunks."""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


# -- sending -------------------------------------------------------------------------------------------


def upload(kit: Kit, done: Uploaded) -> None:
    """Send every file that waits, oldest first; one that fails does not keep the others waiting."""
    kit.refuse_if_stopped()
    failed: list[ServerRefused | BareStatus | Damaged] = []
    for digest, _, body in kit.journal.files(FILE_WAITING):
        try:
            _send(kit, digest, body, done)
        except (ServerRefused, BareStatus, Damaged) as refused:
            failed.append(refused)
            continue
        kit.journal.put_file(digest, FILE_SENT, body)
        done.files += 1
    if failed:
        raise failed[0]


def _send(kit: Kit, digest: str, body: dict[str, Any], done: Uploaded) -> None:
    """Send one file from wherever it stands; an upload that the server forgot is begun anew."""
    for _ in range(UPLOAD_TRIES_MAX):
        try:
            place = _place(kit, digest, body)
            if place is None:
                return
            _patches(kit, digest, body, place, done)
            return
        except (ServerRefused, BareStatus) as refused:
            if refused.status not in (CONFLICT, *GONE):
                raise
            if refused.status != CONFLICT:
                body["location"] = None
                kit.journal.put_file(digest, FILE_WAITING, body)
    raise NotTheServer("the upload was begun anew several times and never went on")


def _place(kit: Kit, digest: str, body: dict[str, Any]) -> int | None:
    """Return the offset to go on from, None if the server has the file; makes the upload if there is none."""
    if body.get("location"):
        answer = kit.transport.ask("HEAD", body["location"], headers=TUS, signed=False, good=(200, 204))
        return answer.number("upload-offset")
    headers = {
        **TUS,
        "Upload-Length": str(body["cipher_size"]),
        "Upload-Metadata": f"digest {base64.b64encode(digest.encode()).decode()}",
    }
    answer = kit.transport.ask("POST", "/v1/files", headers=headers, good=(200, 201))
    location = answer.headers.get("location", "")
    if not location:
        if answer.status == 200:
            return None
        raise NotTheServer("the upload was made without a Location")
    body["location"] = kit.transport.located(location)
    # Kept before the first byte: after a kill the upload goes on instead of being begun anew.
    kit.journal.put_file(digest, FILE_WAITING, body)
    return answer.number("upload-offset") if "upload-offset" in answer.headers else 0


def _patches(kit: Kit, digest: str, body: dict[str, Any], offset: int, done: Uploaded) -> None:
    size = int(body["cipher_size"])
    if not (kit.files / digest).exists():
        raise Damaged(f"the captured file {digest[:12]} is missing from the phone")
    with (kit.files / digest).open("rb") as file:
        part = CHUNK_BYTES
        while offset < size:
            file.seek(offset)
            chunk = file.read(part)
            if not chunk:
                raise Damaged(f"the captured file {digest[:12]} is shorter than it was")
            there, trip_ms = _patch(kit, str(body["location"]), offset, chunk)
            part = min(2 * part, PART_BYTES_MAX) if trip_ms < QUICK_MS else max(part // 2, CHUNK_BYTES)
            if not offset < there <= size:
                raise NotTheServer("the upload's offset does not move")
            done.bytes += there - offset
            offset = there


def _patch(kit: Kit, location: str, offset: int, chunk: bytes) -> tuple[int, int]:
    """Send one chunk; return the offset after it and the ms it took. What was damaged on its way is sent again."""
    checksum = base64.b64encode(hashlib.sha256(chunk).digest()).decode()
    headers = {
        **TUS,
        "Upload-Offset": str(offset),
        "Content-Type": OFFSET_TYPE,
        "Upload-Checksum": f"sha256 {checksum}",
    }
    for attempt in range(CHUNK_TRIES_MAX):
        try:
            answer = kit.transport.ask(
                "PATCH", location, content=chunk, headers=headers, signed=False, good=(204,)
            )
            return answer.number("upload-offset"), answer.trip_ms
        except (ServerRefused, BareStatus) as refused:
            if refused.status != CHECKSUM_MISMATCH or attempt == CHUNK_TRIES_MAX - 1:
                raise
    raise AssertionError("the last attempt returned or raised")


# -- reading back ------------------------------------------------------------------------------------------


def read(kit: Kit, values: dict[str, Any]) -> bytes:
    """Return the plain bytes of an evidence record's file, from the phone or from the server; raises FileCorrupt.

    values: of the record, its file_key among them
    """
    cipher_digest, key = str(values.get("cipher_digest", "")), str(values.get("file_key", ""))
    if len(cipher_digest) != DIGEST_CHARS or not cipher_digest.isalnum() or not key:
        raise Malformed("the record names no file, or its key was erased", field="file_key")
    path = kit.files / cipher_digest
    if path.exists():
        cipher = path.read_bytes()
    else:
        cipher = kit.transport.get(f"/v1/files/{cipher_digest}").content
    if hashlib.sha256(cipher).hexdigest() != cipher_digest:
        raise FileCorrupt("the file is not the one that the record names", item=cipher_digest)
    plain = b"".join(frames.decrypt([cipher], lines.unb64u(key, length=frames.KEY_BYTES)))
    if hashlib.sha256(plain).hexdigest() != values.get("digest") or len(plain) != values.get("size"):
        raise FileCorrupt("the opened file is not what was signed at capture", item=cipher_digest)
    return plain
