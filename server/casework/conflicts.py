"""Deciding a conflict: one of the values that stand against each other, or a third, by whoever the type lets resolve.

A resolve names every value that whoever decides has seen. One that came meanwhile makes it stale: nothing is decided,
so that no value goes under that nobody looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from schemas.drafting import Draft
from schemas.records import RULES
from server.access import scope
from server.commit.acts import act
from server.commit.submission import Result
from server.keys.vault import VaultSession
from server.storage import record_store
from server.storage.record_store import TABLE
from server.wiring import Services
from sync.changes import Erased
from sync.errors import BadValue, NotFound, Refusal, VersionChanged
from sync.merge import Record
from sync.rules import ALIAS, SELF, STAGE

TRIES_MAX = 3
"""How often it is tried again where the record moved, but not what is decided."""


class CandidatesChanged(Refusal):
    """Another value came in while somebody was deciding; nothing was decided."""

    code = "candidates_changed"
    next = "Look at every value that stands there now, then decide again."


class ConflictSettled(Refusal):
    """Somebody has decided this conflict already."""

    code = "conflict_settled"
    next = "Look at what was decided."


@dataclass(frozen=True)
class Resolution:
    """What somebody decides. over: the change ids that were on his screen

    take: the change id whose value stands from now on; None for `value`, a third one
    """

    over: frozenset[str]
    take: str | None = None
    value: Any = None


@dataclass(frozen=True)
class Contested:
    """A conflict with the record and the field that it is about.

    first: of two records for one thing, the one with the smaller id
    """

    record: Record
    field: str
    first: Record | None = None


def find(connection: Connection, vault: VaultSession, user: str, conflict: str) -> Contested:
    """Return a conflict that a user may see; raises NotFound."""
    statement = scope.visible(connection, vault.ledger, user, "conflict").where(TABLE.c.id == conflict)
    found = record_store.query(connection, vault, statement)
    about = str(found[0].values["about"]) if found else ""
    record = record_store.load(connection, vault, [about]).get(about) if found else None
    if record is None:
        raise NotFound(item=conflict)
    name = str(found[0].values["field"])
    return Contested(record, name, first_of(connection, vault, record) if name == ALIAS else None)


def first_of(connection: Connection, vault: VaultSession, record: Record) -> Record | None:
    """Return the record with the smallest id among those with the same natural key; None where it is this one."""
    rules = RULES[record.type]
    key = record.values.get(rules.natural_key) if rules.natural_key else None
    if key is None:
        return None
    alike = record_store.selected(vault.ledger, record.type).where(TABLE.c.natural_key == str(key))
    if rules.home(record.values) != SELF:
        # What lies in another record is known by its key there alone.
        alike = alike.where(TABLE.c.root == record.root)
    found = next(iter(record_store.query(connection, vault, alike.order_by(TABLE.c.id).limit(1))), None)
    return found if found is not None and found.id != record.id else None


def may_resolve(contested: Contested, roles: frozenset[str], root: Record | None) -> bool:
    """Return whether these roles over a record let somebody decide; the door asks again."""
    record = contested.record
    return RULES[record.type].resolve.allows(
        roles, root.stage if root else None, record.stage, frozenset(record.values)
    )


def decide(wanted: Resolution, contested: Contested) -> Draft:
    """Return the resolve; raises BadValue, CandidatesChanged or ConflictSettled."""
    record, name = contested.record, contested.field
    contest = record.contests.get(name)
    if contest is None or not contest.open:
        raise ConflictSettled(item=record.id, field=name)
    if set(contest.candidates) != wanted.over:
        raise CandidatesChanged(item=record.id, field=name, candidates=list(contest.candidates))
    value = wanted.value if wanted.take is None else _taken(wanted.take, contested)
    if value is None:
        raise BadValue("choose one of the values, or write another", field="value")
    if RULES[record.type].fields[name].merge == STAGE:
        value = {"from": record.stage, "to": value}
    return Draft("resolve", record.type, record.id, {name: value}, over=tuple(contest.candidates))


def _taken(change: str, contested: Contested) -> Any:
    """Return the value that a candidate stands for; of two records for one thing, the record that it made."""
    record, name = contested.record, contested.field
    if name == ALIAS and name not in record.writes:
        if change == record.acts[0].change:
            return record.id
        return contested.first.id if contested.first is not None else None
    for write in record.writes.get(name, ()):
        if write.act.change == change:
            if type(write.value) is Erased:
                raise BadValue("this value was erased by law and can stand no more", field="take")
            return write.value
    raise BadValue("none of the values that stand there came with this change", field="take")


def resolve(services: Services, user: str, conflict: str, wanted: Resolution) -> Result:
    """Decide a conflict; raises a Refusal and changes nothing where that may not be."""
    for tried in range(1, TRIES_MAX + 1):
        with services.database.reading() as connection:
            vault = services.vault.session(connection, services.ledger.id)
            contested = find(connection, vault, user, conflict)
        draft = decide(wanted, contested)
        try:
            return act(services, [draft], user=user, expect={contested.record.id: contested.record.version})
        except VersionChanged:
            # Something else of the record moved; whether the values did, is looked at anew.
            if tried == TRIES_MAX:
                raise
    raise AssertionError("the last try returns or raises")
