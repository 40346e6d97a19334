"""Two bureaus' installations that know each other, each served on loopback: one keeps a ledger, one witnesses it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from schemas.drafting import Draft
from server.commit.acts import act, new_id
from server.ledger import proofs
from server.outside import parties
from server.outside.parties import Witness
from server.storage import ledger_scan, ledger_store
from sync import checkpoint, cosignature
from sync.signing import public_raw
from tests.server.builders import Installation


@dataclass
class Town:
    """One bureau: its installation and where it answers."""

    installation: Installation
    url: str = ""

    @property
    def name(self) -> str:
        """Return the origin line of its log."""
        services = self.installation.services
        with services.database.reading() as connection:
            return f"{services.ledger.origin}/{ledger_store.head(connection, services.ledger.id).epoch}"

    @property
    def size(self) -> int:
        """Return how many entries its ledger has."""
        services = self.installation.services
        with services.database.reading() as connection:
            return ledger_store.head(connection, services.ledger.id).size

    @property
    def log_key(self) -> str:
        """Return the verifier key of its log."""
        return checkpoint.verifier_key(self.name, self.installation.services.keyring.ledger_public)

    def witness_key(self) -> str:
        """Return its verifier key as a witness; the key is made if there is none."""
        services = self.installation.services
        return parties.make_key(services.config, services.random)

    def trusts(self, *logs: str) -> None:
        """Let it witness some logs."""
        self._home("witnessed.json").write_text(json.dumps({"logs": list(logs)}))

    def asks(self, *towns: Town) -> None:
        """Let it be witnessed by some towns."""
        rows = [{"url": town.url, "vkey": town.witness_key()} for town in towns]
        self._home("witnesses.json").write_text(json.dumps({"witnesses": rows}))

    def _home(self, name: str) -> Path:
        return self.installation.services.config.home / name

    def witnesses(self) -> tuple[Witness, ...]:
        """Return who witnesses it."""
        return parties.witnesses(self.installation.services.config)

    def grow(self, commits: int = 1, *, first: int = 1) -> int:
        """Let something happen, a commit each; returns the size."""
        for number in range(first, first + commits):
            values = {
                "fixmedins_code": f"H341502{number:05d}",
                "name": f"测试第{number:03d}医院",
                "kind": "hospital",
                "region": "341502",
            }
            draft = Draft("create", "institution", new_id(self.installation.services), values)
            act(self.installation.services, [draft], kind="setting")
        return self.size

    def note(self, size: int) -> str:
        """Return the checkpoint that it signed at a size."""
        services = self.installation.services
        epoch = self.name.rpartition("/")[2]
        with services.database.reading() as connection:
            found = ledger_scan.checkpoint(connection, services.ledger.id, epoch, size)
        assert found is not None, f"nothing was signed at {size}"
        return found.note

    def proof(self, old: int, new: int) -> list[bytes]:
        """Return the proof from one size to another."""
        services = self.installation.services
        with services.database.reading() as connection:
            return proofs.consistency(connection, services.ledger, old, new)

    def request(self, old: int, new: int) -> bytes:
        """Return a sound request to cosign."""
        return cosignature.write(old, self.proof(old, new), self.note(new))

    def signed(self, size: int, root: bytes) -> str:
        """Return a checkpoint that its key signs over a tree which its ledger does not hold."""
        origin, _, epoch = self.name.rpartition("/")
        key = self.installation.services.keyring.ledger
        return checkpoint.sign(checkpoint.Checkpoint(origin, epoch, size, root), key).note

    def seconds(self, line: str, note: str) -> int:
        """Return the time that its line over a note states."""
        services = self.installation.services
        key = parties.own_key(services.config)
        assert key is not None
        name = parties.own_name(services.ledger.origin)
        assert public_raw(key) != services.keyring.ledger_public
        return cosignature.verify_line(line, cosignature.body_of(note), name, key.public_key())
