"""Verdicts: what became of each change, as it stands in its ledger entry and in the receipt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as member
from typing import Any

REFUSED, HELD, LATE, CONFLICT, MERGED, APPLIED, SAME = (
    "refused", "held", "late", "conflict", "merged", "applied", "same",
)  # fmt: skip
GRAVEST_FIRST = (REFUSED, HELD, LATE, CONFLICT, MERGED, APPLIED, SAME)
NOT_IN_FORCE = frozenset({REFUSED, HELD, LATE})
REPEATED, GRANTED_SINCE, VOID_DISPUTED, UNSIGNED = "repeated", "granted_since", "void_disputed", "unsigned"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdict of one change, with an outcome for each field where they differ.

    code, field: of a refusal; waiting_for: of a held change; because: change id of the group member at fault
    """

    verdict: str
    code: str | None = None
    field: str | None = None
    fields: Mapping[str, str] = member(default_factory=dict)
    flags: tuple[str, ...] = ()
    waiting_for: str | None = None
    because: str | None = None

    @property
    def in_force(self) -> bool:
        """Whether the change's writes count; a repeated change has no effect of its own."""
        return self.verdict not in NOT_IN_FORCE and REPEATED not in self.flags

    def json(self) -> dict[str, Any]:
        """Return the outcome as it stands in an entry; members that say nothing are left out."""
        body: dict[str, Any] = {"verdict": self.verdict}
        for name in ("code", "field", "waiting_for", "because"):
            if (value := getattr(self, name)) is not None:
                body[name] = value
        if any(verdict != self.verdict for verdict in self.fields.values()):
            body["fields"] = dict(self.fields)
        if self.flags:
            body["flags"] = list(self.flags)
        return body


def from_json(body: Mapping[str, Any]) -> Outcome:
    """Return the outcome that an entry records."""
    return Outcome(
        verdict=body["verdict"],
        code=body.get("code"),
        field=body.get("field"),
        fields=body.get("fields", {}),
        flags=tuple(body.get("flags", ())),
        waiting_for=body.get("waiting_for"),
        because=body.get("because"),
    )


def gravest(verdicts: list[str]) -> str:
    """Return the gravest of some field verdicts; `applied` when there are none."""
    return min(verdicts, key=GRAVEST_FIRST.index, default=APPLIED)
