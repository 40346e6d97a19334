"""Lawful erasure inside a commit: an entry for each record, and every copy of the private lines destroyed with it.

What holds a private line, and goes with it: its own row and those of the same line sent again, the private part of
every record that stands on it, and its place in the texts of sets that are kept in quarantine. A line that was
erased and comes again is stripped from its change before it is judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection

from schemas.records import RULES
from schemas.wire.change import read_private
from schemas.wire.erasure import erasure_line, read_erasure
from server.access import may_erase
from server.access.may_erase import NothingToErase
from server.commit.submission import Act, Erase, Push, Result, Submission
from server.commit.work import (
    PRIVATE_PURPOSE,
    QUARANTINE_PURPOSE,
    ROOT_CHARS,
    SALT_BYTES,
    Author,
    Commit,
    append,
)
from server.keys.vault import VaultSession
from server.storage import device_store, erased_store, ledger_store, record_store
from server.storage.erased_store import Held
from sync import erasure, lines, merge
from sync.changes import CHANGES_MAX, Item, PrivateLine, split_manifest
from sync.erasure import ERASE
from sync.errors import Malformed, NotFound, Refusal, TooLarge
from sync.ids import uuid7
from sync.merge import Record
from sync.outcomes import Outcome

RECORDS_MAX = 200
"""Records in one act of erasing, those included on which the same line stands."""


@dataclass(frozen=True)
class Plan:
    """What an erasure will destroy; nothing is changed by making one.

    lines: {digest: what can be read of it, or None}; of: {digest: records that it is about}
    standing: where they stand; texts: (key, device, new text) of quarantined texts that hold one of them
    """

    records: Mapping[str, Record]
    lines: Mapping[str, PrivateLine | None]
    of: Mapping[str, frozenset[str]]
    standing: tuple[Held, ...]
    texts: tuple[tuple[str, str, bytes], ...]

    def fields(self, record: str) -> list[str]:
        """Return the names of the fields of a record of which a value will be gone."""
        mine = [line for digest, line in self.lines.items() if line and record in self.of[digest]]
        return sorted({name for line in mine for name in erasure.written(line)})


# -- finding ----------------------------------------------------------------------------------------------


@dataclass
class _Search:
    """Collects private lines by the records that they are about."""

    connection: Connection
    vault: VaultSession
    records: dict[str, Record]

    def plan(self, asked: Erase) -> Plan:
        texts = list(self._texts())
        while True:
            of, known = self._known(texts)
            gone = self._chosen(asked, of, known)
            standing = erased_store.standing(self.connection, self.vault.ledger, gone)
            about = self._about(standing)
            more = {record for some in about.values() for record in some} - self.records.keys()
            if not more:
                break
            if len(self.records) + len(more) > RECORDS_MAX:
                raise TooLarge(f"{RECORDS_MAX} records are erased at once", limit=RECORDS_MAX)
            self.records.update(record_store.load(self.connection, self.vault, more))
        rewritten = tuple(
            (one.id, one.device, erasure.scrubbed(text, gone))
            for one, text in texts
            if erasure.scrubbed(text, gone) != text
        )
        of = {digest: of.get(digest, frozenset()) | about.get(digest, frozenset()) for digest in gone}
        return Plan(self.records, {digest: known[digest] for digest in gone}, of, tuple(standing), rewritten)

    def _chosen(
        self, asked: Erase, of: Mapping[str, frozenset[str]], known: Mapping[str, PrivateLine | None]
    ) -> set[str]:
        """Return the digests that go: those asked for, what says the same, and what nobody can read."""
        if not asked.fields and not asked.digests:
            return set(known)
        readable = [line for line in known.values() if line is not None]
        rules = {line.digest: RULES[self.records[min(of[line.digest])].type] for line in readable}
        unread = {digest for digest, line in known.items() if line is None}
        if asked.digests:
            unread &= asked.digests
        return erasure.reach(readable, asked.fields, rules, asked.digests) | unread

    def _known(
        self, texts: Sequence[tuple[device_store.Quarantined, bytes]]
    ) -> tuple[dict[str, frozenset[str]], dict[str, PrivateLine | None]]:
        """Return {digest: records that the line is about} and {digest: the line} of all that is said of the records."""
        of: dict[str, set[str]] = {}
        known: dict[str, PrivateLine | None] = {}
        for key, record in self.records.items():
            for plain in self._lines_of(record):
                digest = lines.digest(plain)
                of.setdefault(digest, set()).add(key)
                known[digest] = _read(plain)
        for _, text in texts:
            for record_id, row in _said_in(text):
                if record_id in self.records and erasure.erased_digest(row) is None:
                    digest = lines.digest(row)
                    of.setdefault(digest, set()).add(record_id)
                    known.setdefault(digest, _read(row))
        return {digest: frozenset(some) for digest, some in of.items()}, known

    def _lines_of(self, record: Record) -> Iterable[bytes]:
        """Yield every private line about a record, in force or not, those of an import's row included."""
        ledger = self.vault.ledger
        places = {(index, 0) for index in ledger_store.indexes_of(self.connection, ledger, record.id)}
        made = [act.change for act in record.acts]
        for at in range(0, len(made), CHANGES_MAX):
            some = ledger_store.bodies_named(self.connection, ledger, made[at : at + CHANGES_MAX])
            places |= {(body.index, body.n) for body in some}
        for held in erased_store.lines_at(self.connection, ledger, places):
            yield opened(self.vault, held.sealed)

    def _about(self, standing: Sequence[Held]) -> dict[str, frozenset[str]]:
        """Return {digest: records} of the changes that stand with these lines: one line may have come twice."""
        found: dict[str, set[str]] = {}
        for held in standing:
            for body in ledger_store.bodies(self.connection, self.vault.ledger, held.index):
                if body.n == held.n and body.line:
                    found.setdefault(held.digest, set()).add(lines.decode(body.line)["record"])
        there = record_store.load(
            self.connection, self.vault, {record for some in found.values() for record in some}
        )
        return {digest: frozenset(some & there.keys()) for digest, some in found.items()}

    def _texts(self) -> Iterable[tuple[device_store.Quarantined, bytes]]:
        for one in device_store.quarantined(self.connection, self.vault.ledger):
            yield one, self.vault.open(one.device, QUARANTINE_PURPOSE, one.sealed)


def _said_in(text: bytes) -> Iterable[tuple[str, bytes]]:
    """Yield (record, private line) of a set's text: a private line belongs to the change above it."""
    try:
        _, body = split_manifest(text)
    except Malformed:
        return
    rows = [row for row in body.split(b"\n") if row]
    record = ""
    for before, row in pairwise([b"", *rows]):
        try:
            read = lines.decode(row)
        except Refusal:
            read = {}
        if "op" in read or not read:
            record = str(read.get("record", ""))
        elif before and "kind" in read:
            yield record, row


def _read(plain: bytes) -> PrivateLine | None:
    try:
        return read_private(plain)
    except Refusal:
        return None


def opened(vault: VaultSession, sealed: bytes) -> bytes:
    """Return a private line as it travelled."""
    return vault.open(sealed[:ROOT_CHARS].decode("ascii"), PRIVATE_PURPOSE, sealed[ROOT_CHARS:])


def plan(connection: Connection, vault: VaultSession, asked: Erase) -> Plan:
    """Return what an erasure would destroy; raises NotFound, NothingToErase, or TooLarge."""
    found = record_store.load(connection, vault, asked.records)
    if missing := sorted(set(asked.records) - found.keys()):
        raise NotFound("the ledger holds no such record", item=missing[0])
    made = _Search(connection, vault, dict(found)).plan(asked)
    if not made.lines:
        raise NothingToErase(item=asked.records[0])
    return made


# -- destroying -------------------------------------------------------------------------------------------


def erase(work: Commit, asked: Erase) -> Result:
    """Append an entry for each record, and destroy the lines; raises a Refusal before anything is changed."""
    found = plan(work.connection, work.vault, asked)
    may_erase.check(
        work.connection,
        work.vault,
        work.grants,
        found.records.values(),
        user=asked.user,
        second=asked.second,
        basis=asked.basis,
        index=work.next_index,
    )
    first, order = work.next_index, work.next_index
    made = (_item(work, asked, found, record, order) for record in sorted(found.records))
    items = [item for item in made if item is not None]
    author = Author(ERASE, asked.user, asked.at)
    outcome = Outcome("applied")
    writer = "machine" if asked.user == "machine" else f"desk:{asked.user}"
    for item in items:
        change = item.change
        assert change is not None, "the server wrote it"
        index = work.next_index
        act = merge.Act(index, writer, 0, 0, 0, index - 1, change.id, ERASE)
        before = work.table.get(change.record) or found.records[change.record]
        # What is projected from a record is compared with what it was before, also where the line led to it alone.
        work.loaded.setdefault(change.record, found.records[change.record])
        work.table[change.record] = erasure.apply(before, change, act, RULES[change.type])
        append(work, item, outcome, work.table[change.record], author, 0)
    _destroy(work, found, first, items)
    return Result(first, (outcome,) * len(items), {key: work.table[key] for key in found.records})


def _item(work: Commit, asked: Erase, found: Plan, record: str, order: int) -> Item | None:
    """Return the change line that erases a record's lines; None of a record about which none of them is."""
    mine = [digest for digest in found.lines if record in found.of[digest]]
    if not mine:
        return None
    forms = {form["digest"]: form for form in _forms(found.lines)}
    said: dict[str, Any] = {
        "basis": asked.basis,
        "order": order,
        "lines": [forms[digest] for digest in sorted(mine)],
    }
    if asked.second is not None:
        said["second"] = asked.second
    line = erasure_line(
        change_id=uuid7(asked.at, work.vault.vault.random),
        kind=found.records[record].type,
        record=record,
        at=asked.at,
        salt_bytes=work.vault.vault.random(SALT_BYTES),
        said=said,
    )
    return Item(line, read_erasure(line))


def _forms(gone: Mapping[str, PrivateLine | None]) -> list[dict[str, Any]]:
    """Return the form of each line; one that nobody could read wrote nothing."""
    unread = [{"digest": digest, "kind": "person"} for digest, line in gone.items() if line is None]
    return erasure.forms(line for line in gone.values() if line is not None) + unread


def _destroy(work: Commit, found: Plan, first: int, items: Sequence[Item]) -> None:
    connection, ledger = work.connection, work.ledger.id
    erased_store.destroy(connection, ledger, found.standing)
    for key, device, text in found.texts:
        sealed = work.vault.seal(device, QUARANTINE_PURPOSE, text)
        erased_store.rewrite_text(connection, ledger, key, sealed)
    known = erased_store.find(connection, ledger, found.lines)
    rows: dict[str, dict[str, Any]] = {}
    for place, item in enumerate(items):
        assert item.change is not None, "the server wrote it"
        said = item.change.set
        for form in said["lines"]:
            if form["digest"] not in known:
                row = erased_store.row_of(ledger, first + place, form, said["order"])
                rows.setdefault(form["digest"], row)
    erased_store.note(connection, list(rows.values()))
    work.erased.extend(found.lines)


# -- keeping out what was erased ----------------------------------------------------------------------------


def stripped(work: Commit, submissions: Sequence[Submission]) -> list[Submission]:
    """Return the submissions with what stands for it in the place of each private line that was erased before.

    Phones send lines again, and an adoption repeats those of the late change; whatever else the server writes, imports
    included, it salts anew.
    """
    named = {
        line.digest
        for each in submissions
        for item in _items(each)
        if item.change is not None
        for line in item.change.private
    }
    gone = erased_store.find(work.connection, work.ledger.id, named)
    return [_stripped(each, gone) for each in submissions] if gone else list(submissions)


def _items(submission: Submission) -> tuple[Item, ...]:
    if isinstance(submission, Push):
        return submission.change_set.items
    return submission.items if isinstance(submission, Act) else ()


def _stripped(submission: Submission, gone: Mapping[str, PrivateLine]) -> Submission:
    items = []
    for item in _items(submission):
        change = item.change
        if change is not None and any(line.digest in gone for line in change.private):
            change = replace(change, private=tuple(gone.get(line.digest, line) for line in change.private))
        items.append(replace(item, change=change))
    if isinstance(submission, Push):
        return replace(submission, change_set=replace(submission.change_set, items=tuple(items)))
    return replace(submission, items=tuple(items)) if isinstance(submission, Act) else submission


def without_erased(connection: Connection, ledger: int, text: bytes) -> bytes:
    """Return a set's text, to be kept, with a tombstone in the place of every line that was erased before."""
    digests = {lines.digest(row) for row in text.split(b"\n") if b'"kind":' in row}
    return erasure.scrubbed(text, erased_store.find(connection, ledger, digests))
