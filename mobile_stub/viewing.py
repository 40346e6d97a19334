"""What the phone shows: the feed's copy of a record with the phone's own newer changes on top."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mobile_stub.journal import Copy, Journal, Kept
from schemas.records import RULES
from sync.changes import Change
from sync.errors import RecordUnknown
from sync.merge import LIVE, VOIDED, value_key
from sync.outcomes import HELD, NOT_IN_FORCE, SET_ASIDE


@dataclass(frozen=True, slots=True)
class Shown:
    """A record as this phone sees it; base is what a change made now is based on, None before any feed copy.

    pending: how many own changes on it the feed has not confirmed yet
    """

    id: str
    type: str
    values: dict[str, Any]
    life: str
    base: tuple[str, int] | None
    pending: int

    @property
    def stage(self) -> str | None:
        """The stage as this phone sees it."""
        return self.values.get("stage")


def show(journal: Journal, key: str) -> Shown:
    """Return a record with own changes on top; raises RecordUnknown."""
    if journal.is_hidden(key):
        raise RecordUnknown("this record is no longer in your scope", item=key)
    copy = journal.copy(key)
    own = [kept for kept in journal.of_record(key) if _stands(kept, copy)]
    if copy is None and not own:
        raise RecordUnknown("this phone holds no such record; sync first", item=key)
    return _laid_over(copy, own)


def sides(journal: Journal, about: str, field: str) -> list[dict[str, Any]]:
    """Return what stands against each other in a field: {change, index, by, at, value}; nothing where none is open."""
    copy = journal.copy(about)
    known: dict[str, list[dict[str, Any]]] = copy.body.get("contested", {}) if copy else {}
    return known.get(field, [])


def show_all(journal: Journal, kind: str) -> list[Shown]:
    """Return every record of a type that this phone holds, delivered or its own."""
    changed = journal.changed_records()
    found = []
    copies = journal.copies(kind)
    for copy in copies:
        own = journal.of_record(copy.id) if copy.id in changed else []
        found.append(_laid_over(copy, [kept for kept in own if _stands(kept, copy)]))
    for key in sorted(changed - {copy.id for copy in copies}):
        own = [] if journal.is_hidden(key) else journal.of_record(key)
        if own and own[0].change.type == kind and any(_stands(kept, None) for kept in own):
            found.append(show(journal, key))
    return found


def _stands(kept: Kept, copy: Copy | None) -> bool:
    """Return whether an own change is to be shown on top: not refused, not passed on, and not in the copy already."""
    outcome = kept.outcome
    if outcome is None:
        return True
    if "passed_on" in outcome:
        return False
    if outcome["verdict"] in NOT_IN_FORCE | {SET_ASIDE}:
        # What is held is in no copy, however new, and may yet come into force.
        return bool(outcome["verdict"] == HELD)
    return copy is None or int(outcome["index"]) > copy.version


def _laid_over(copy: Copy | None, own: list[Kept]) -> Shown:
    kind = copy.type if copy else own[0].change.type
    values = dict(copy.body["values"]) if copy else {}
    life = str(copy.body["life"]) if copy else LIVE
    rules = RULES.get(kind)
    if rules is not None and rules.initial is not None:
        values.setdefault("stage", rules.initial)
    for kept in own:
        _lay(values, kept.change)
        life = {"void": VOIDED, "restore": LIVE}.get(kept.change.op, life)
    base = (str(copy.body["epoch"]), copy.version) if copy else None
    key = copy.id if copy else own[0].change.record
    return Shown(key, kind, values, life, base, len(own))


def _lay(values: dict[str, Any], change: Change) -> None:
    for name, (value, _) in change.sets().items():
        is_step = name == "stage" and isinstance(value, dict)
        values[name] = value["to"] if is_step else value
    for name, members in change.members("add").items():
        have = {value_key(value): value for value in values.get(name, [])}
        have |= {value_key(value): value for value, _ in members}
        values[name] = [have[key] for key in sorted(have)]
    for name, members in change.members("remove").items():
        gone = {value_key(value) for value, _ in members}
        values[name] = [value for value in values.get(name, []) if value_key(value) not in gone]
