"""replay(ledger) == projections: every record, conflict, grant, device and clock, in both directions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from schemas.records import RULES
from server.keys.vault import VaultSession
from server.ledger.checks import Scope
from server.ledger.checks_entries import Reading
from server.ledger.checks_sets import Chain
from server.projections import FOLDS, has_clock
from server.storage import deadline_store, device_store, grant_store, original_store, record_store
from sync import replay
from sync.entries import entry_outcome
from sync.ids import conflict_id
from sync.merge import Record
from sync.replay import Replayed
from sync.rules import Grant, Grants

GrantKey = tuple[str, str, str, str, int]
SUBJECTS = {"device": "device", "deadline": "case", "original": "evidence"}
"""What a row of each table is about."""


class Replay:
    """Rebuilds records and grants entry by entry; goes on after an entry that does not follow."""

    def __init__(self, scope: Scope):
        self._scope = scope
        self._state = Replayed()
        self._grants: dict[str, list[Grant]] = {}

    @property
    def records(self) -> Mapping[str, Record]:
        """The records so far, by id."""
        return self._state.records

    def take(self, reading: Reading) -> None:
        """Apply what an entry brought into force; its outcome is taken as recorded."""
        entry = reading.entry
        if entry is None:
            return
        with self._scope.guarding("entry", reading.index, "line"):
            if not entry_outcome(entry).in_force:
                self._state.pass_over(reading.index, entry)
                return
            if reading.changes is None:
                self._scope.note("entry", reading.index, "change", "in force, but its change cannot be read")
                return
            # A record hands out its own grants only, so the others need not be looked through each time.
            ids = {change.record for change in reading.changes} | {entry.record or ""}
            self._state.grants = Grants([grant for key in ids for grant in self._grants.get(key, ())])
            try:
                replay.replay([(reading.index, entry, reading.changes)], RULES, self._state)
            finally:
                self._keep(ids)

    def _keep(self, ids: set[str]) -> None:
        for key in ids:
            self._grants.pop(key, None)
        for grant in self._state.grants.rows:
            self._grants.setdefault(grant.via, []).append(grant)

    def grants(self) -> Iterator[Grant]:
        """Yield every grant that the records ever handed out."""
        for some in self._grants.values():
            yield from some


class _Unsealed(VaultSession):
    """Lets a record freeze with its private part in plain, so that it can be compared."""

    def seal(self, root: str, purpose: bytes, plain: bytes) -> bytes:
        """Return the plain bytes."""
        return plain


def check_records(scope: Scope, records: Mapping[str, Record]) -> None:
    """Compare the record table with the replay, column by column, conflict records included."""
    plain = _Unsealed(scope.vault.vault, scope.connection, scope.ledger.id)
    contests = {
        conflict_id(record.id, name): (record, name)
        for record in records.values()
        for name in record.contests
    }
    seen: set[str] = set()
    with scope.guarding("record", "", ""):
        for number, row in enumerate(record_store.everything(scope.connection, scope.ledger.id)):
            scope.progress("records", number, len(records) + len(contests))
            seen.add(row.id)
            with scope.guarding("record", row.id, "state"):
                if row.id in records:
                    _compare(scope, dict(row._mapping), record_store.freeze(records[row.id], plain))
                elif row.id in contests:
                    record, name = contests[row.id]
                    expected = record_store.freeze_contest(record, name, record.contests[name], plain)
                    _compare(scope, dict(row._mapping), expected)
                else:
                    scope.note("record", row.id, "id", "the ledger leads to no such record")
    for key in sorted({*records, *contests} - seen):
        scope.note("record", key, "", "missing; the ledger leads to it")


def _compare(scope: Scope, row: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    for column, value in expected.items():
        if column == "private":
            _private(scope, row, value, str(expected["root"]))
        elif row[column] != value:
            scope.note("record", row["id"], column, "differs from the replay of the ledger")


def _private(scope: Scope, row: Mapping[str, Any], expected: bytes, root: str) -> None:
    sealed = bytes(row["private"])
    with scope.guarding("record", row["id"], "private"):
        plain = scope.vault.open(root, record_store.PURPOSE, sealed) if sealed else b""
        if plain != expected:
            scope.note("record", row["id"], "private", "differs from the replay of the ledger")


def check_grants(scope: Scope, grants: Iterator[Grant]) -> None:
    """Compare the grant table with the replay."""
    expected = {_grant_key(grant): grant.end for grant in grants}
    with scope.guarding("grant", "", ""):
        stored = {
            _grant_key(grant): grant.end
            for grant in grant_store.everything(scope.connection, scope.ledger.id)
        }
        for key, end in stored.items():
            if key not in expected:
                scope.note("grant", _spell(key), "", "the ledger leads to no such grant")
            elif expected[key] != end:
                scope.note("grant", _spell(key), "end", f"{end}, the ledger says {expected[key]}")
        for key in expected.keys() - stored.keys():
            scope.note("grant", _spell(key), "", "missing; the ledger leads to it")


def _grant_key(grant: Grant) -> GrantKey:
    return (grant.user, grant.role, grant.root, grant.via, grant.start)


def _spell(key: GrantKey) -> str:
    return "/".join(str(part) for part in key)


def check_devices(scope: Scope, records: Mapping[str, Record], chains: Mapping[str, Chain]) -> None:
    """Compare the device table with the replay, and each chain's head with the accepted sets."""

    def expected(record: Record) -> Mapping[str, Any]:
        chain = chains.get(record.id, Chain())
        return {**FOLDS["device"](record), "seq": chain.seq, "digest": chain.digest}

    stored = {device.id: device for device in device_store.everything(scope.connection, scope.ledger.id)}
    _hold_to(scope, "device", stored, _of_type(records, "device"), expected)


def check_deadlines(scope: Scope, records: Mapping[str, Record]) -> None:
    """Compare the deadline table with the replay; when a clock is next looked at is operational."""
    stored = {clock.case: clock for clock in deadline_store.everything(scope.connection, scope.ledger.id)}
    cases = [case for case in _of_type(records, "rectification_case") if has_clock(case)]
    _hold_to(scope, "deadline", stored, cases, FOLDS["rectification_case"])


def check_originals(scope: Scope, records: Mapping[str, Record]) -> None:
    """Compare the table of originals with the replay."""
    stored = {one.evidence: one for one in original_store.everything(scope.connection, scope.ledger.id)}
    _hold_to(scope, "original", stored, _of_type(records, "evidence"), FOLDS["evidence"])


def _hold_to(
    scope: Scope,
    table: str,
    stored: dict[str, Any],
    records: Iterable[Record],
    expected: Callable[[Record], Mapping[str, Any]],
) -> None:
    """Note each row that is missing, is one too many, or has another value than its record leads to.

    stored: the table's rows by the id of their record; expected: a record's columns
    """
    for record in records:
        row = stored.pop(record.id, None)
        if row is None:
            scope.note(table, record.id, "", "missing; the ledger leads to it")
            continue
        with scope.guarding(table, record.id, ""):
            for column, value in expected(record).items():
                if getattr(row, column) != value:
                    scope.note(table, record.id, column, "differs from the replay of the ledger")
    for key in stored:
        scope.note(table, key, "", f"the ledger leads to no such {SUBJECTS[table]}")


def _of_type(records: Mapping[str, Record], kind: str) -> Iterator[Record]:
    return (record for record in records.values() if record.type == kind)
