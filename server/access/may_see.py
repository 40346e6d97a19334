"""Seeing: of the records that a reader reaches, whose free text, clinical values and masked names are shown.

Numbers and names of persons leave the server by their ends alone, whoever reads (`queries.record_values`); keys of
files never do. What else stands in private lines is for those who work on the record: the inspection's team, its
supervisors and reviewers, and the leader. An auditor sees that it was written, by whom and when, and not what.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from schemas.declare import PERSON
from schemas.records import RULES
from sync.merge import Record, Write
from sync.rules import TEAM_ROLES

READING_PERSONS = TEAM_ROLES | {"supervisor", "second_reviewer", "legal_reviewer", "leader"}
"""Roles over a record that show what stands in its private lines."""
NAMED_BY_OFFICE = frozenset({"institution", "user"})
"""Types whose private fields name a body or an officer, as every page must."""


def private_fields(record: Record, roles: frozenset[str]) -> bool:
    """Return whether a reader with these roles over a record sees its private fields."""
    return record.type in NAMED_BY_OFFICE or bool(roles & READING_PERSONS)


def without_private(record: Record) -> Record:
    """Return the record as somebody sees it who must not read its private fields: as if nobody had written them."""
    rules = RULES.get(record.type)
    hidden = {name for name, rule in rules.fields.items() if rule.private == PERSON} if rules else set()
    if not hidden:
        return record
    values = {name: value for name, value in record.values.items() if name not in hidden}
    writes = {name: _blank(some) if name in hidden else some for name, some in record.writes.items()}
    return replace(record, values=values, writes=writes)


def _blank(writes: Iterable[Write]) -> tuple[Write, ...]:
    return tuple(replace(write, value=None) for write in writes)
