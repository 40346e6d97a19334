"""Where bad input arrives: a city's server, a phone of its own for every case, and what is stored there."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from werkzeug.test import TestResponse

from schemas.drafting import Draft
from server.commit.acts import act
from server.commit.work import QUARANTINE_PURPOSE
from server.storage import device_store, ledger_store
from server.storage.models import db
from sync import changes, lines, signing
from sync.changes import At
from sync.outcomes import NOT_IN_FORCE
from tests.intake.caller import CHANGE_SET, Caller, caller
from tests.server.builders import Installation
from tests.server.pushing import City, Line, seen_now

PUSH = "/v1/change-sets"
Rows = Mapping[str, frozenset[tuple[Any, ...]]]
MOVED_BY_A_SET = {
    "body", "change_set", "checkpoint", "data_key", "device", "entry", "grant", "head", "private_line",
    "quarantine", "record", "search_word", "tile", "waiting",
}  # fmt: skip
"""Tables that a set which is taken may write to; whatever else moves was half-written."""


@dataclass(frozen=True)
class Stored:
    """All that an installation holds: every row of every table, and every file but the database's own."""

    rows: Rows
    files: frozenset[tuple[str, str]]
    size: int

    def added(self, before: Stored, table: str) -> frozenset[tuple[Any, ...]]:
        """Return the rows of a table that were not there before."""
        return self.rows[table] - before.rows[table]

    def moved(self, before: Stored) -> set[str]:
        """Return the tables that are not what they were."""
        return {name for name, rows in self.rows.items() if rows != before.rows[name]}


def look(installation: Installation) -> Stored:
    """Return what an installation holds now."""
    services = installation.services
    rows: dict[str, frozenset[tuple[Any, ...]]] = {}
    with services.database.reading() as connection:
        for table in db.metadata.sorted_tables:
            found = connection.execute(select(table)).all()
            rows[table.name] = frozenset(tuple(row) for row in found)
        size = ledger_store.head(connection, services.ledger.id).size
    return Stored(rows, _files(services.config.home), size)


def _files(home: Path) -> frozenset[tuple[str, str]]:
    paths = [path for path in sorted(home.rglob("*")) if path.is_file() and "ledger.db" not in path.name]
    return frozenset((str(path), hashlib.sha256(path.read_bytes()).hexdigest()) for path in paths)


@dataclass
class Scene:
    """One case's view of the city: a fresh phone of the lead, and what that phone sent."""

    city: City
    phone: Caller
    text: bytes = b""
    before: Stored | None = None
    chain_before: tuple[int, str] = (0, "")

    @property
    def installation(self) -> Installation:
        """Where all this happens."""
        return self.city.installation

    def put(self, text: bytes, **sealed: str) -> TestResponse:
        """Seal and post a text; sealed: what it is sealed for, if not for what is right."""
        self.text = text
        return self.post(*self.phone.sealed(text, **sealed))

    def post(
        self, body: bytes, kid: str, *, proof: Mapping[str, str] | None = None, **headers: str
    ) -> TestResponse:
        """Post a body, having looked at all that is stored; proof, headers: others than the right ones."""
        self.before, self.chain_before = look(self.installation), self.chain()
        given = {"Content-Type": CHANGE_SET, "Wardledger-Device": self.phone.id, "Wardledger-Key": kid}
        signed = self.phone.proof("POST", PUSH) if proof is None else proof
        client = self.installation.app.test_client()
        return client.post(PUSH, data=body, headers={**given, **headers, **signed})

    def lines(self, *drafts: Draft, at: At | None = None) -> list[Line]:
        """Return drafts as lines, the finding of everyday where none is given."""
        return [self.phone.line(draft, at=at) for draft in drafts or (self.city.finding(),)]

    def put_lines(self, written: Sequence[Line], **manifest: Any) -> TestResponse:
        """Post a set of given lines; manifest: members that it states otherwise, None leaves one out."""
        jws = self.phone.manifest(written)
        if manifest:
            jws = self.restate(jws, **manifest)
        return self.put(changes.text_of(jws, list(written)))

    def put_drafts(self, *drafts: Draft, at: At | None = None) -> TestResponse:
        """Post a set of drafts."""
        return self.put_lines(self.lines(*drafts, at=at))

    def restate(self, jws: str, **manifest: Any) -> str:
        """Return a manifest with other members, signed by this phone."""
        _, payload = signing.peek(jws, signing.MANIFEST)
        kept = {name: value for name, value in {**payload, **manifest}.items() if value is not None}
        return signing.sign(self.phone.key, signing.MANIFEST, kept, kid=self.phone.id)

    def settled(self, *drafts: Draft) -> list[int]:
        """Let the phone put drafts into the ledger first; returns their indexes."""
        answer = self.phone.send(*drafts)
        assert answer.status_code == 201, answer.get_json(silent=True)
        size = look_size(self.installation)
        return list(range(size - len(drafts), size))

    def at(self, index: int) -> tuple[str, int]:
        """Return a base at a ledger index of this epoch."""
        return seen_now(self.installation).epoch, index

    def act(self, *drafts: Draft, by: str = "machine") -> None:
        """Commit an act of the desk."""
        act(self.installation.services, list(drafts), user=by)

    def on_site(self) -> str:
        """Return an inspection on site of the case's own."""
        inspection = self.city.inspect()
        for source, target, who in (
            ("draft", "approved", self.city.supervisor),
            ("approved", "on_site", self.phone.user),
        ):
            step = Draft("edit", "inspection", inspection, {"stage": {"from": source, "to": target}})
            self.act(step, by=who)
        return inspection

    def kept(self) -> list[tuple[str, bytes]]:
        """Return (code, opened bytes) of what is in quarantine from this phone."""
        services = self.installation.services
        with services.database.reading() as connection:
            vault = services.vault.session(connection, services.ledger.id)
            rows = device_store.quarantined(connection, services.ledger.id)
            return [
                (row.code, vault.open(row.device, QUARANTINE_PURPOSE, row.sealed))
                for row in rows
                if row.device == self.phone.id
            ]

    def entries(self, start: int) -> list[dict[str, Any]]:
        """Return the entries that the phone's own sets made from an index on."""
        services = self.installation.services
        with services.database.reading() as connection:
            size = ledger_store.head(connection, services.ledger.id).size
            found = ledger_store.entry_lines(connection, services.ledger.id, start, size - start)
        read = [lines.decode(line, bytes_max=65_535) for line in found]
        return [entry for entry in read if "set" in entry]

    def chain(self) -> tuple[int, str]:
        """Return (seq, digest) of the phone's chain as the server has it."""
        services = self.installation.services
        with services.database.reading() as connection:
            device = device_store.find(connection, services.ledger.id, self.phone.id)
        assert device is not None
        return device.seq, device.digest


def look_size(installation: Installation) -> int:
    """Return how many entries the ledger has."""
    services = installation.services
    with services.database.reading() as connection:
        return ledger_store.head(connection, services.ledger.id).size


def open_scene(city: City) -> Scene:
    """Return a scene with a phone that nobody used before."""
    return Scene(city, caller(city.installation, city.phones[0].user))


def told(outcome: Mapping[str, Any]) -> str:
    """Return an outcome in one word or two: its verdict and its code."""
    flags = "".join(f" ({flag})" for flag in outcome.get("flags", ()))
    return f"{outcome['verdict']} {outcome.get('code', '')}".strip() + flags


def records_in_force(entries: Sequence[Mapping[str, Any]]) -> set[str]:
    """Return the records that entries may have moved."""
    return {str(e["record"]) for e in entries if e["outcome"]["verdict"] not in NOT_IN_FORCE}
