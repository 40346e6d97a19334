"""Natural keys: the name by which the world knows a thing, and what happens when two records bear it.

Two phones (or a phone and an import) may each make a record for one institution code. Both are kept.
The later id gets a conflict over its `alias`: is it the same thing as the one with the smallest id?
A person answers by a `resolve` of that field: the smaller id, or its own for "no, these are two".
From then on what is written to the aliased record goes to the one it points to, and keeps the record
that it was addressed to. Judging and replaying both use this module, so they cannot come apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from sync.changes import Change
from sync.merge import VOIDED, Contest, Record
from sync.rules import ALIAS, TypeRules

Key = tuple[str, str, str]
"""(record type, scope root within which the key is unique or "", the key)"""


def key_of(record: Record, rules: TypeRules) -> Key | None:
    """Return the natural key that a record claims; None where it has none, is void or points to another."""
    if rules.natural_key is None or record.life == VOIDED or pointed_to(record, rules) is not None:
        return None
    value = record.values.get(rules.natural_key)
    return None if value is None else space_of(record.root, str(value), rules)


def space_of(root: str, value: str, rules: TypeRules) -> Key:
    """Return a key within its space: everywhere for a type that is its own root, else within one root."""
    return (rules.name, "" if rules.scope == "self" else root, value)


def pointed_to(record: Record, rules: TypeRules) -> str | None:
    """Return the record that this one is an alias of, or None; its own id says that it is none."""
    alias = record.values.get(ALIAS) if rules.natural_key is not None else None
    return None if alias is None or alias == record.id else str(alias)


def landing(change: Change, records: Mapping[str, Record], rules: TypeRules) -> str:
    """Return the id of the record that a change lands on, every alias on the way followed.

    An alias points to a smaller id, so the way ends. Making, voiding, restoring, erasing a record and saying
    whose alias it is concern the record itself.
    """
    at = change.record
    if change.op in ("create", "void", "restore", "erase") or ALIAS in change.set:
        return at
    while (record := records.get(at)) is not None and (further := pointed_to(record, rules)) is not None:
        if further not in records:
            break
        at = further
    return at


class Names:
    """Which records bear which natural key, kept up while changes come into force."""

    def __init__(self, bearers: Mapping[Key, frozenset[str]] | None = None) -> None:
        self._bearers: dict[Key, frozenset[str]] = dict(bearers or {})

    def copy(self) -> Names:
        """Return a copy that grows on its own."""
        return Names(self._bearers)

    def add(self, record: Record, rules: TypeRules) -> None:
        """Note a record as it stands."""
        if (key := key_of(record, rules)) is not None:
            self._bearers[key] = self._bearers.get(key, frozenset()) | {record.id}

    def settle(
        self, before: Record | None, after: Record, records: Mapping[str, Record], rules: TypeRules
    ) -> list[Record]:
        """Return the records whose conflict over `alias` opens or closes because `after` follows `before`.

        records: those that bear a key of either, `after` as it is now among them. The answer depends on who bears the
        key alone, not on the order in which they came to.
        """
        if rules.natural_key is None:
            return []
        old, new = (key_of(before, rules) if before else None), key_of(after, rules)
        if old == new:
            return []
        for key, change in ((old, frozenset.difference), (new, frozenset.union)):
            if key is not None:
                self._bearers[key] = change(self._bearers.get(key, frozenset()), {after.id})
        touched = {bearer for key in (old, new) if key is not None for bearer in self._bearers[key]}
        moved: list[Record] = []
        for bearer in sorted({*touched, after.id}):
            record = after if bearer == after.id else records[bearer]
            wanted = self._contest(record, records, rules, after.version)
            if wanted is not None:
                moved.append(replace(record, contests={**record.contests, ALIAS: wanted}))
        return moved

    def _contest(
        self, record: Record, records: Mapping[str, Record], rules: TypeRules, index: int
    ) -> Contest | None:
        """Return the contest over a record's alias where it is another than the one it has."""
        if ALIAS in record.writes:
            # A person has spoken; what stands then is settled like any other field.
            return None
        key = key_of(record, rules)
        first = min(self._bearers.get(key, frozenset()), default=record.id) if key else record.id
        known = record.contests.get(ALIAS)
        if first == record.id:
            return replace(known, open=False, version=index) if known is not None and known.open else None
        names = tuple(sorted((_made_by(records[first]), _made_by(record))))
        if known is not None and (known.open, known.candidates) == (True, names):
            return None
        return Contest(True, names, index)


def _made_by(record: Record) -> str:
    return record.acts[0].change


def names_of(records: Iterable[Record], rules: Mapping[str, TypeRules]) -> Names:
    """Return who bears which key among some records."""
    found = Names()
    for record in records:
        kind = rules.get(record.type)
        if kind is not None and kind.natural_key is not None:
            found.add(record, kind)
    return found
