"""A server process behind a line, with an inspection under way, and phones of both implementations."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mobile_stub.fleet import HARDNESS, PIN
from mobile_stub.phone import Phone
from schemas.vectors.fixed import grown
from schemas.wire.enrol import Invite
from server.accounts.invites import invite
from server.storage import record_store
from sync import envelope, lines, signing
from tests.interop.line import Line
from tests.interop.node_phone import NodePhone
from tests.server.builders import Installation, install
from tests.server.phones import Visit, visit
from tests.services.granian import ServerProcess

FINDING = {
    "violation_code": "bed_hanging",
    "facts": "测试床位无人",
    "amount_fen": 126_000,
    "origin": "on_site",
}


@dataclass
class Town:
    """Everything there is; folder: where phones keep what they have."""

    folder: Path
    installation: Installation
    found: Visit
    server: ServerProcess
    line: Line
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def ticket(self, user: str, *, supersedes: str | None = None) -> Invite:
        """Return an invite for a user; supersedes: the device whose place the new one takes."""
        services = self.installation.services
        with services.database.reading() as connection:
            vault = services.vault.session(connection, services.ledger.id)
            record = record_store.load(connection, vault, [user])[user]
        return invite(services, record, supersedes=supersedes)

    def home(self) -> Path:
        """Return a fresh folder for a phone."""
        return self.folder / f"phone-{next(self.numbers)}"

    def node(self, user: str, **more: Any) -> NodePhone:
        """Return an enrolled and synced phone in JavaScript."""
        phone = NodePhone(self.home())
        try:
            phone.enrol(self.ticket(user), **more)
            phone.sync()
        except BaseException:
            phone.kill()
            raise
        return phone

    def python(self, user: str) -> Phone:
        """Return an enrolled and synced phone in Python."""
        phone = Phone.enrol(self.home(), self.ticket(user), PIN, hardness=HARDNESS)
        report = phone.sync()
        assert report.clean, report
        return phone

    def write(self, phone: NodePhone, **values: Any) -> str:
        """Let a phone record a finding in the inspection."""
        given = {**FINDING, "inspection": self.found.inspection, **values}
        record: str = phone.do("create", type="finding", values=given)
        return record

    # -- what a dishonest server could do, having the ledger's own key -----------------------------------

    def signed(self, typ: str, payload: dict[str, Any]) -> str:
        """Return a token that the ledger key signs."""
        keyring = self.installation.services.keyring
        return signing.sign(keyring.ledger, typ, payload, kid=keyring.ledger_kid)

    def opened(self, phone: NodePhone, page: bytes) -> dict[str, Any]:
        """Return the payload of a feed page, opened with the phone's own key."""
        me = phone.secrets()
        key = grown(me["kem"], lines.unb64u(me["seal_seed"]))
        info = envelope.feed_info(me["origin"], me["device"])
        token = envelope.open_(page, key=key, info=info, text_bytes_max=envelope.FEED_BYTES_MAX)
        return signing.peek(token.decode(), signing.FEED)[1]

    def sealed(self, phone: NodePhone, token: str) -> bytes:
        """Return a feed page that holds a token, sealed to the phone."""
        me = phone.secrets()
        info = envelope.feed_info(me["origin"], me["device"])
        return envelope.seal(token.encode(), kem=me["kem"], public=lines.unb64u(me["seal_key"]), info=info)


@contextmanager
def town(folder: Path, database_url: str) -> Iterator[Town]:
    """Run a server on an empty database, in real time, behind a line."""
    home = folder / "home"
    with Line() as line:
        made = install(home, database_url, real_time=True, WARDLEDGER_URL=line.url)
        settings = {"WARDLEDGER_ORIGIN": made.services.config.origin, "WARDLEDGER_DATABASE_URL": database_url}
        (home / "settings.env").write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
        found = visit(made.services)
        try:
            with ServerProcess(home, env={"WARDLEDGER_URL": line.url}) as server:
                line.port_behind = server.port
                yield Town(folder, made, found, server, line)
        finally:
            made.services.engine.dispose()
