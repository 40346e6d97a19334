"""A phone that speaks HTTP to the application, and lets a test spoil any part of what it sends."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from schemas.drafting import Draft
from schemas.wire.feed import FeedPage, read_feed
from server.commit.acts import act, new_id
from server.storage.models import db
from sync import changes, envelope, lines, signing
from sync.envelope import X25519, OpeningKey, opening_key
from tests.server.builders import URL, Installation
from tests.server.pushing import Line, Phone

CHANGE_SET = "application/vnd.wardledger.change-set"
PART = "application/offset+octet-stream"


@dataclass
class Caller(Phone):
    """An enrolled phone with its receiving key; every request is signed unless the test says otherwise."""

    seal: OpeningKey | None = None

    def proof(self, method: str, path: str, *, offset_seconds: int = 0, **changed: Any) -> dict[str, str]:
        """Return the headers by which this phone signs a request; changed: what the proof says otherwise."""
        now = self.installation.services.now_ms() + offset_seconds * 1000
        said: dict[str, Any] = {"device": self.id, "method": method, "url": URL + path, "now_ms": now}
        key = changed.pop("key", self.key)
        return {"Authorization": f"Bearer {signing.request_proof(key, **{**said, **changed})}"}

    def ask(self, method: str, path: str, **more: Any) -> TestResponse:
        """Send a signed request."""
        headers = {**self.proof(method, path), **more.pop("headers", {})}
        return self.installation.app.test_client().open(path, method=method, headers=headers, **more)

    def sealed(self, text: bytes, *, kid: str = "", origin: str = "", device: str = "") -> tuple[bytes, str]:
        """Return (a sealed text, the kid it names); kid, origin, device: others than the right ones."""
        services = self.installation.services
        key = services.keyring.opening[0]
        info = envelope.change_set_info(origin or services.ledger.origin, device or self.id, kid or key.kid)
        return envelope.seal(text, kem=key.kem, public=key.public, info=info), kid or key.kid

    def post(self, body: bytes, kid: str, **headers: str) -> TestResponse:
        """Post a sealed set."""
        given = {"Content-Type": CHANGE_SET, "Wardledger-Device": self.id, "Wardledger-Key": kid}
        return self.ask("POST", "/v1/change-sets", data=body, headers={**given, **headers})

    def text(self, *drafts: Draft) -> bytes:
        """Return the text of the next set; the chain moves on by `moved`."""
        return self.text_of_lines([self.line(draft) for draft in drafts])

    def text_of_lines(self, written: Sequence[Line], *, root: str = "") -> bytes:
        """Return the text of the next set, of given lines."""
        return changes.text_of(self.manifest(written, root=root), list(written))

    def moved(self, text: bytes) -> None:
        """Go on in the chain after a set."""
        self.seq, self.prev = self.seq + 1, lines.digest(text.split(b"\n", 1)[0])

    def send(self, *drafts: Draft) -> TestResponse:
        """Seal and post the next set, and go on in the chain."""
        text = self.text(*drafts)
        answer = self.post(*self.sealed(text))
        self.moved(text)
        return answer

    def feed(self, after: str = "", limit: int = 200) -> tuple[FeedPage | None, TestResponse]:
        """Return the next page, opened and verified, or None; and the answer."""
        answer = self.ask("GET", f"/v1/feed?after={after}&limit={limit}")
        if answer.status_code != 200:
            return None, answer
        services = self.installation.services
        info = envelope.feed_info(services.ledger.origin, self.id)
        assert self.seal is not None
        token = envelope.open_(answer.data, key=self.seal, info=info).decode()
        key = services.keyring.ledger.public_key()
        return read_feed(token, key, device=self.id, after=after), answer

    def pull(self, after: str = "", limit: int = 200) -> tuple[list[FeedPage], str]:
        """Return every page up to the end, and the cursor there."""
        pages: list[FeedPage] = []
        while True:
            page, answer = self.feed(after, limit)
            after = answer.headers["Wardledger-Cursor"]
            if page is None:
                assert answer.status_code == 204, answer.get_json()
                return pages, after
            pages.append(page)


def caller(installation: Installation, user: str) -> Caller:
    """Return a phone of a user, enrolled by an act of the server."""
    services = installation.services
    key = Ed25519PrivateKey.from_private_bytes(services.random(32))
    seal = opening_key(X25519, services.random(32))
    device = new_id(services)
    values = {
        "user": user,
        "sign_key": lines.b64u(signing.public_raw(key)),
        "seal_key": lines.b64u(seal.public),
        "kem": X25519,
        "app": "test-1.0",
    }
    act(services, [Draft("create", "device", device, values)], kind="device")
    return Caller(installation, device, user, key, seal=seal)


def counts(installation: Installation) -> dict[str, int]:
    """Return how many rows each table has."""
    with installation.services.database.reading() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in db.metadata.sorted_tables
        }


def metadata(digest: str) -> str:
    """Return the header Upload-Metadata that names a digest."""
    return f"digest {base64.b64encode(digest.encode()).decode()}"
