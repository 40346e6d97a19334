"""What runs beside the server, in processes of its own: phones with sealed sets, and the bare file receiver.

Nothing here writes, signs a set or seals while a clock runs; answers are opened after it has stopped.
"""

from __future__ import annotations

import base64
import hashlib
import os
import socket
import threading
import time
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sync import envelope, lines, signing
from sync.envelope import FEED_BYTES_MAX, XWING, opening_key

TIMEOUT_SECONDS = 60
READ_BYTES = 256 * 1024
FEED_LIMIT = 500
CHANGE_SET = "application/vnd.wardledger.change-set"
PART = "application/offset+octet-stream"


@dataclass(frozen=True)
class Caller:
    """A phone as a client process needs it: raw keys, the server's address and ledger."""

    url: str
    origin: str
    device: str
    sign_seed: bytes
    opening_seed: bytes

    def connect(self) -> HTTPConnection:
        """Return an open connection to the server."""
        place = urlsplit(self.url)
        connection = HTTPConnection(place.hostname or "", place.port, timeout=TIMEOUT_SECONDS)
        connection.connect()
        return connection

    def proof(self, method: str, path: str) -> str:
        """Return the Authorization header of one request."""
        key = Ed25519PrivateKey.from_private_bytes(self.sign_seed)
        now = time.time_ns() // 1_000_000
        url = self.url + path
        return "Bearer " + signing.request_proof(key, device=self.device, method=method, url=url, now_ms=now)


@dataclass(frozen=True)
class Pushed:
    """What pushing took: seconds from the first request to the last answer, and ms of each request."""

    seconds: float
    took_ms: list[float]


def push(callers: list[Caller], kid: str, bodies: list[list[bytes]]) -> Pushed:
    """Send each phone's bodies in order over one connection each, all phones at once."""
    spans: list[tuple[float, float]] = []
    failed: list[str] = []
    start = threading.Barrier(len(callers))

    def run(caller: Caller, mine: list[bytes]) -> None:
        connection = caller.connect()
        headers = {
            "Authorization": caller.proof("POST", "/v1/change-sets"),
            "Content-Type": CHANGE_SET,
            "Wardledger-Device": caller.device,
            "Wardledger-Key": kid,
        }
        start.wait(TIMEOUT_SECONDS)
        for body in mine:
            began = time.perf_counter()
            connection.request("POST", "/v1/change-sets", body, headers)
            answer = connection.getresponse()
            said = answer.read()
            spans.append((began, time.perf_counter()))
            if answer.status != 201:
                failed.append(f"{answer.status} {said[:300]!r}")
                return

    threads = [threading.Thread(target=run, args=pair) for pair in zip(callers, bodies, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed or len(spans) != sum(len(mine) for mine in bodies):
        raise RuntimeError(f"a push was not accepted: {failed[:3]}")
    seconds = max(end for _, end in spans) - min(began for began, _ in spans)
    return Pushed(seconds, [(end - began) * 1000 for began, end in spans])


@dataclass(frozen=True)
class Synced:
    """What a first sync took, and where an empty feed goes on."""

    seconds: float
    records: int
    bytes: int
    cursor: str


def first_sync(caller: Caller) -> Synced:
    """Fetch the feed from its beginning to its end, as a phone does that was never here."""
    connection = caller.connect()
    pages: list[bytes] = []
    cursor = ""
    began = time.perf_counter()
    while True:
        status, page, cursor = _feed(caller, connection, cursor)
        if status == 204:
            break
        pages.append(page)
    seconds = time.perf_counter() - began
    return Synced(seconds, sum(_records(caller, page) for page in pages), sum(map(len, pages)), cursor)


def _feed(caller: Caller, connection: HTTPConnection, cursor: str) -> tuple[int, bytes, str]:
    path = "/v1/feed?" + urlencode({"after": cursor, "limit": FEED_LIMIT})
    connection.request("GET", path, headers={"Authorization": caller.proof("GET", path)})
    answer = connection.getresponse()
    page = answer.read()
    if answer.status not in (200, 204):
        raise RuntimeError(f"the feed was refused: {answer.status} {page[:300]!r}")
    return answer.status, page, answer.headers["Wardledger-Cursor"]


def _records(caller: Caller, page: bytes) -> int:
    key = opening_key(XWING, caller.opening_seed)
    info = envelope.feed_info(caller.origin, caller.device)
    token = envelope.open_(page, key=key, info=info, text_bytes_max=FEED_BYTES_MAX)
    payload = token.split(b".")[1]
    body = lines.decode(lines.unb64u(payload.decode()), bytes_max=FEED_BYTES_MAX)
    return len(body["items"])


def empty_feed(caller: Caller, cursor: str, count: int) -> list[float]:
    """Return ms of each of `count` requests that find nothing new, on one connection."""
    connection = caller.connect()
    took: list[float] = []
    for _ in range(count):
        began = time.perf_counter()
        status, _, _ = _feed(caller, connection, cursor)
        took.append((time.perf_counter() - began) * 1000)
        if status != 204:
            raise RuntimeError("the feed was not empty")
    return took


def upload(caller: Caller, size: int, part: int) -> float:
    """Return the seconds that a file of random bytes takes by tus, in parts of `part` bytes announced by SHA-256."""
    data = os.urandom(size)
    announced = [hashlib.sha256(data[at : at + part]).digest() for at in range(0, size, part)]
    digest = base64.b64encode(hashlib.sha256(data).hexdigest().encode()).decode()
    connection = caller.connect()
    view = memoryview(data)
    began = time.perf_counter()
    headers = {
        "Authorization": caller.proof("POST", "/v1/files"),
        "Tus-Resumable": "1.0.0",
        "Upload-Length": str(size),
        "Upload-Metadata": f"digest {digest}",
    }
    connection.request("POST", "/v1/files", headers=headers)
    answer = connection.getresponse()
    answer.read()
    if answer.status != 201:
        raise RuntimeError(f"the upload was not created: {answer.status}")
    address = urlsplit(answer.headers["Location"]).path
    for at in range(0, size, part):
        headers = {
            "Tus-Resumable": "1.0.0",
            "Content-Type": PART,
            "Upload-Offset": str(at),
            "Upload-Checksum": f"sha256 {base64.b64encode(announced[at // part]).decode()}",
        }
        connection.request("PATCH", address, view[at : at + part], headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 204:
            raise RuntimeError(f"a part was not taken: {answer.status}")
    return time.perf_counter() - began


def send_bare(port: int, size: int) -> float:
    """Return the seconds that as many bytes take to the bare receiver, until it says that they are durable."""
    data = os.urandom(size)
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while True:
        try:
            connection = socket.create_connection(("127.0.0.1", port), TIMEOUT_SECONDS)
            break
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
    with connection:
        began = time.perf_counter()
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        if connection.recv(1) != b"!":
            raise RuntimeError("the bare receiver failed")
        return time.perf_counter() - began


def receive_bare(port: int, folder: Path) -> None:
    """Take one stream: hash while it arrives, write, fsync, hash what was written, rename; then answer.

    The same passes over the bytes that the server makes, without HTTP, tus, database or Flask.
    """
    temporary = folder / "arriving"
    with socket.create_server(("127.0.0.1", port)) as listening:
        connection, _ = listening.accept()
        with connection, temporary.open("wb") as file:
            seen = hashlib.sha256()
            while chunk := connection.recv(READ_BYTES):
                seen.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
            again = hashlib.sha256()
            with temporary.open("rb") as written:
                while chunk := written.read(READ_BYTES):
                    again.update(chunk)
            temporary.rename(folder / again.hexdigest())
            _sync_folder(folder)
            connection.sendall(b"!" if seen.digest() == again.digest() else b"?")


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
