"""Verdicts: what became of each change, as it stands in its ledger entry and in the receipt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as member
from typing import Any

from sync import merge
from sync.changes import Change
from sync.errors import Malformed
from sync.merge import Act, Record, Write
from sync.rules import TypeRules

REFUSED, HELD, LATE, CONFLICT, MERGED, APPLIED, SAME = (
    "refused", "held", "late", "conflict", "merged", "applied", "same",
)  # fmt: skip
GRAVEST_FIRST = (REFUSED, HELD, LATE, CONFLICT, MERGED, APPLIED, SAME)
NOT_IN_FORCE = frozenset({REFUSED, HELD, LATE})
REPEATED, GRANTED_SINCE, VOID_DISPUTED, UNSIGNED = "repeated", "granted_since", "void_disputed", "unsigned"
DUPLICATE = "duplicate"
ADOPTED = "adopted"
"""Flags a write by which a supervisor brought a late change into force."""
SET_ASIDE = "set_aside"
"""What a late change comes to that a supervisor does not adopt. No entry has it as a verdict: a decision says it."""


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
    """Return the outcome that an entry records; raises Malformed."""
    verdict, fields, flags = body.get("verdict"), body.get("fields", {}), body.get("flags", [])
    words = {name: body.get(name) for name in ("code", "field", "waiting_for", "because")}
    fits = type(fields) is dict and type(flags) is list and all(type(flag) is str for flag in flags)
    if not fits or any(word is not None and type(word) is not str for word in words.values()):
        raise Malformed("a member of an outcome is of another type")
    if any(told not in GRAVEST_FIRST for told in (verdict, *fields.values())):
        raise Malformed("an outcome without a verdict")
    return Outcome(verdict=str(verdict), fields=fields, flags=tuple(flags), **words)


def gravest(verdicts: list[str]) -> str:
    """Return the gravest of some field verdicts; `applied` when there are none."""
    return min(verdicts, key=GRAVEST_FIRST.index, default=APPLIED)


def field_outcomes(
    change: Change, act: Act, before: Record | None, after: Record, rules: TypeRules
) -> dict[str, str]:
    """Return {field: verdict} of a change in force, from the record before and after it."""
    if before is None:
        # Nothing stood there that a first write could meet.
        return dict.fromkeys(change.names, APPLIED)
    found: dict[str, str] = {}
    for name, writes in merge.writes_of(change, act, rules).items():
        contest = after.contests.get(name)
        older = before.writes.get(name, ())
        unseen = any(w.act.index > act.base and not w.act.before(act) for w in older)
        settles = name in before.open_conflicts
        same = before.values.get(name) == after.values.get(name) and not settles
        if contest is not None and contest.open:
            found[name] = CONFLICT
        elif same:
            found[name] = SAME if _holds(writes, after.values.get(name)) else MERGED
        else:
            found[name] = MERGED if unseen and change.op != "resolve" else APPLIED
    return dict(sorted(found.items()))


def _holds(writes: Sequence[Write], value: Any) -> bool:
    """Return whether a field's value is what these writes want it to be; else others' writes outweigh them."""
    keys = {merge.value_key(member) for member in value} if isinstance(value, list) else set()
    wanted = {"add": lambda key: key in keys, "remove": lambda key: key not in keys}
    return all(
        merge.value_key(w.value) == merge.value_key(value)
        if w.kind == "set"
        else wanted[w.kind](merge.value_key(w.value))
        for w in writes
    )
