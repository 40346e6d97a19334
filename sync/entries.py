"""The ledger's entries: one canonical line each, the leaf of the tree, without personal data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sync import lines
from sync.errors import Malformed
from sync.outcomes import Outcome
from sync.outcomes import from_json as outcome_from_json
from sync.rules import RULES_VERSION

ENTRY_BYTES_MAX = 65_535
KINDS = (
    "change", "release", "adopt", "decision", "import", "reminder", "device", "key", "setting", "erase",
    "access", "recover",
)  # fmt: skip
RELEASE = "release"
"""The kind of an entry that judges again a change that was held."""
ADOPT = "adopt"
"""The kind of an entry by which a supervisor writes what a phone's late change would have written."""
MEMBERS: Mapping[str, type] = {
    "at": int, "kind": str, "by": str, "change": str, "outcome": dict, "salt": str, "type": str, "record": str,
    "addressed": str, "device": str, "set": str, "seq": int, "n": int, "after": str, "late": int,
    "branch": str, "base": int, "schema": int, "rules": int,
}  # fmt: skip
"""What type each member is of; one that an entry does not have is left out, never null."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One act as the ledger keeps it; see docs/protocol.md section 6 for each member.

    at: received, Unix ms; change: digest of the change line; set: digest of the manifest; seq, n: its
    place in the device's chain and in the set; after: digest of the record that results, if it differs
    record: the one that changed; addressed: the one that the change names, where that is its alias
    base: what the change's base comes to, where that is of an earlier epoch
    schema: of the change line, 1 for the first, which an entry does not name
    late: of an adoption, and of the decision to set a late change aside: the entry that found it late
    branch: of a set that a supervisor re-admitted from a fork: the digest of the first set of its branch
    """

    at: int
    kind: str
    by: str
    change: str
    outcome: Mapping[str, Any]
    salt: str
    type: str | None = None
    record: str | None = None
    device: str | None = None
    set: str | None = None
    seq: int | None = None
    n: int = 0
    after: str | None = None
    addressed: str | None = None
    late: int | None = None
    branch: str | None = None
    base: int | None = None
    schema: int = 1
    rules: int = RULES_VERSION

    def line(self) -> bytes:
        """Return the leaf's bytes."""
        body: dict[str, Any] = {
            "v": 1,
            "at": self.at,
            "kind": self.kind,
            "by": self.by,
            "change": self.change,
            "n": self.n,
            "outcome": dict(self.outcome),
            "rules": self.rules,
            "salt": self.salt,
        }
        for name in (
            "type",
            "record",
            "addressed",
            "device",
            "set",
            "seq",
            "after",
            "late",
            "branch",
            "base",
        ):
            if (value := getattr(self, name)) is not None:
                body[name] = value
        if self.schema != 1:
            body["schema"] = self.schema
        line = lines.encode(body)
        assert len(line) <= ENTRY_BYTES_MAX, "an entry is bounded by its fields"
        return line


def from_line(line: bytes) -> Entry:
    """Return the entry that a leaf's bytes hold, its outcome included; raises NotCanonical, TooLarge or Malformed."""
    body = lines.decode(line, bytes_max=ENTRY_BYTES_MAX)
    version = body.pop("v", None)
    if any(type(value) is not MEMBERS.get(name) for name, value in body.items()):
        raise Malformed("an entry has a member too many or one of another type")
    try:
        entry = Entry(**body)
    except TypeError as error:
        raise Malformed("an entry lacks a member") from error
    if version != 1 or entry.kind not in KINDS:
        raise Malformed("not an entry of version 1")
    entry_outcome(entry)
    return entry


def entry_outcome(entry: Entry) -> Outcome:
    """Return the recorded verdict; raises Malformed."""
    return outcome_from_json(entry.outcome)
