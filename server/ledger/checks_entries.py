"""One ledger index: its entry line, the change line, an import's rows, and the private lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from marshmallow import fields, validate

from schemas.declare import DIGEST
from schemas.upcasts import upcast
from schemas.wire.change import read_change
from schemas.wire.erasure import read_erasure
from schemas.wire.parts import Strict, digest, instant, load, salt, token, uuid, whole
from server.commit.work import PRIVATE_PURPOSE, ROOT_CHARS
from server.ledger.checks import FINDINGS_MAX, Scope
from server.storage.ledger_scan import Leaf, Place
from server.storage.ledger_store import Body, Private
from sync import changes, lines
from sync.changes import Change
from sync.entries import ENTRY_BYTES_MAX, KINDS, Entry, entry_outcome, from_line
from sync.epochs import KIND as RECOVER
from sync.erasure import ERASE, stand_ins
from sync.errors import Malformed
from sync.outcomes import GRAVEST_FIRST
from sync.rules import RULES_VERSION


class OutcomeSchema(Strict):
    """A verdict as an entry holds it."""

    verdict = fields.String(required=True, validate=validate.OneOf(GRAVEST_FIRST))
    code = token()
    field = fields.String()
    waiting_for = fields.String()
    because = uuid()
    fields_ = fields.Dict(
        keys=token(),
        values=fields.String(validate=validate.OneOf(GRAVEST_FIRST)),
        data_key="fields",
    )
    flags = fields.List(token())


class EntrySchema(Strict):
    """An entry line."""

    v = whole(1, 1, required=True)
    at = instant(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    by = token(required=True)
    change = digest(required=True)
    n = whole(required=True)
    outcome = fields.Nested(OutcomeSchema, required=True)
    rules = whole(1, RULES_VERSION, required=True)
    salt = salt(required=True)
    type = token()
    record = uuid()
    addressed = uuid()
    device = uuid()
    set = digest()
    seq = whole(1)
    after = digest()
    base = whole(-1)
    late = whole(0)
    branch = digest()
    schema = whole(2)


ENTRY = EntrySchema()


@dataclass(frozen=True)
class Reading:
    """What one index holds, as far as it could be read; changes: what comes into force, None if unreadable."""

    index: int
    entry: Entry | None
    changes: tuple[Change, ...] | None


def read_place(scope: Scope, place: Place) -> Reading:
    """Return what stands at an index, noting every discrepancy between its rows."""
    index = place.index
    if place.leaf is None:
        for table, keys in _without_entry(place):
            for key in keys:
                scope.note(table, key, "index", "there is no such entry")
        return Reading(index, None, None)
    entry = _entry(scope, place.leaf)
    if entry is None:
        return Reading(index, None, None)
    first = next((body for body in place.bodies if body.n == 0), None)
    if first is None:
        scope.note("body", f"{index}/0", "", "missing")
        return Reading(index, entry, None)
    if entry.kind == RECOVER:
        # Its line is a statement and no change; checks_epochs looks at it.
        _complete(scope, place, 1)
        _digests(scope, first, entry.change)
        return Reading(index, entry, ())
    read = _import if entry.kind == "import" else _single
    return Reading(index, entry, read(scope, place, entry, first))


def _complete(scope: Scope, place: Place, count: int) -> bool:
    """Return whether exactly the change lines 0 .. count - 1 are there, noting those missing or too many."""
    have = {body.n for body in place.bodies}
    missing = (n for n in range(count) if n not in have)
    for n in islice(missing, FINDINGS_MAX):
        scope.note("body", f"{place.index}/{n}", "", "missing")
    for n in sorted(have):
        if not 0 <= n < count:
            scope.note("body", f"{place.index}/{n}", "n", f"the entry has {count} change lines")
    for private in place.privates:
        if private.n not in have:
            scope.note("private_line", _key(private), "n", "there is no such change")
    return len(have) == count and have == set(range(count))


def _without_entry(place: Place) -> list[tuple[str, list[str]]]:
    return [
        ("body", [f"{body.index}/{body.n}" for body in place.bodies]),
        ("private_line", [_key(private) for private in place.privates]),
    ]


def _key(private: Private) -> str:
    return f"{private.index}/{private.n}/{private.kind}"


def _entry(scope: Scope, leaf: Leaf) -> Entry | None:
    """Return the entry if its line is canonical and fits the schema."""
    with scope.guarding("entry", leaf.index, "line"):
        body = lines.decode(leaf.line, bytes_max=ENTRY_BYTES_MAX)
        load(ENTRY, body)
        entry = from_line(leaf.line)
        if leaf.record != entry.record:
            scope.note("entry", leaf.index, "record", "not the record that the line names")
        if len({entry.device is None, entry.set is None, entry.seq is None}) != 1:
            raise Malformed("an entry names device, set and seq, or none of them")
        if (entry.type is None) != (entry.record is None):
            raise Malformed("an entry names type and record, or neither")
        return entry
    return None


def _single(scope: Scope, place: Place, entry: Entry, body: Body) -> tuple[Change, ...] | None:
    _complete(scope, place, 1)
    if not _digests(scope, body, entry.change):
        return None
    if not body.line:
        _withheld(scope, place, entry, body)
        return None
    if entry.kind == ERASE:
        return _erasure(scope, place, entry, body)
    change = _change(
        scope,
        body,
        [p for p in place.privates if p.n == 0],
        known=entry.type is not None,
        schema=entry.schema,
    )
    if change is None:
        return None
    if (change.type, change.record) != (entry.type, entry.addressed or entry.record):
        scope.note("body", f"{body.index}/0", "line", "not of the type and record that the entry names")
    return (change,)


def _erasure(scope: Scope, place: Place, entry: Entry, body: Body) -> tuple[Change, ...] | None:
    """Return the change of an erasure, whose lines are those that the audit reads as erased."""
    key = f"{place.index}/0"
    with scope.guarding("body", key, "line"):
        change = read_erasure(body.line)
        if (body.change, change.type, change.record) != (change.id, entry.type, entry.record):
            scope.note("body", key, "line", "not of the id, type and record that are named beside it")
        if not stand_ins(change).keys() <= scope.erased.keys():
            scope.note("erased", place.index, "", "lacks lines that this entry erased")
        return (change,)
    return None


def _digests(scope: Scope, body: Body, committed: str) -> bool:
    """Note where line, digest column and the entry disagree; return whether the line is the committed one."""
    key = f"{body.index}/{body.n}"
    if body.digest != committed:
        scope.note("body", key, "digest", "not the digest that the entry commits to")
    if body.line and lines.digest(body.line) != committed:
        scope.note("body", key, "line", "not the line that the entry commits to")
        return False
    return True


def _withheld(scope: Scope, place: Place, entry: Entry, body: Body) -> None:
    """Check the place of a faulty change, whose bytes are in quarantine; its set's check compares them."""
    key = f"{place.index}/0"
    if entry_outcome(entry).in_force or entry.device is None:
        scope.note("body", key, "line", "empty, though the entry is in force or no device's")
    if (body.change is None) != (entry.type is None):
        scope.note("body", key, "change", "does not agree with the entry about what could be read")
    for private in place.privates:
        scope.note("private_line", _key(private), "n", "belongs to a change that was not accepted")


def _change(
    scope: Scope, body: Body, privates: Sequence[Private], *, known: bool, schema: int
) -> Change | None:
    """Return the change of a body and its private lines; known: whether the entry says that it can be read."""
    key = f"{body.index}/{body.n}"
    with scope.guarding("body", key, "line"):
        listed: list[str] = lines.decode(body.line).get("private", [])
        opened = {private.digest: _open(scope, private) for private in privates}
        for digest_ in listed:
            if digest_ in scope.erased and digest_ in opened:
                scope.note(
                    "private_line", key, "digest", f"the line {digest_} was erased, and is there again"
                )
            elif digest_ not in opened and digest_ not in scope.erased:
                scope.note("private_line", key, "digest", f"the line {digest_} is missing")
        for private in privates:
            if private.digest not in listed:
                scope.note("private_line", _key(private), "digest", "the change does not name this line")
        if any(opened.get(digest_) is None and digest_ not in scope.erased for digest_ in listed):
            return None
        kept = tuple(line for d in listed if (line := opened.get(d)) is not None)
        change = upcast(read_change(body.line, kept, scope.erased), schema)
        if body.change != change.id:
            scope.note("body", key, "change", "not the id in the line")
        if not known:
            scope.note("body", key, "line", "can be read, though the entry says that it cannot")
        return change
    return None


def _open(scope: Scope, private: Private) -> bytes | None:
    """Return the plain line if it opens and is the one that its columns name."""
    key = _key(private)
    with scope.guarding("private_line", key, "sealed"):
        root = private.sealed[:ROOT_CHARS].decode("ascii")
        plain = scope.vault.open(root, PRIVATE_PURPOSE, private.sealed[ROOT_CHARS:])
        if lines.digest(plain) != private.digest:
            scope.note("private_line", key, "digest", "not the digest of the line")
            return None
        if lines.decode(plain).get("kind") != private.kind:
            scope.note("private_line", key, "kind", "not the kind in the line")
        return plain
    return None


def _import(scope: Scope, place: Place, entry: Entry, header: Body) -> tuple[Change, ...] | None:
    """Return the rows of an import if they are those that its header commits to."""
    key = f"{place.index}/0"
    if not _digests(scope, header, entry.change):
        return None
    with scope.guarding("body", key, "line"):
        body = lines.decode(header.line)
        said = body["set"]
        if header.change != body["id"]:
            scope.note("body", key, "change", "not the id in the line")
        if (body["type"], body["record"]) != (entry.type, entry.record):
            scope.note("body", key, "line", "not of the type and record that the entry names")
        if not DIGEST.fullmatch(said["file"]):
            scope.note("body", key, "line", "does not name the digest of the file")
        rows = [row for row in place.bodies if row.n > 0]
        if _complete(scope, place, said["rows"] + 1):
            _rows_fit(scope, rows, said["root"])
        found = [
            _change(scope, row, [p for p in place.privates if p.n == row.n], known=True, schema=entry.schema)
            for row in rows
        ]
        return tuple(change for change in found if change is not None)
    return None


def _rows_fit(scope: Scope, rows: Sequence[Body], root: str) -> None:
    """Compare an import's rows with the Merkle root that its header commits to."""
    agrees = changes.root_hex([row.line for row in rows]) == root
    told = False
    for row in rows:
        if lines.digest(row.line) != row.digest:
            column, words = ("digest", "the line") if agrees else ("line", "the digest beside it")
            scope.note("body", f"{row.index}/{row.n}", column, f"does not fit {words}")
            told = True
    if not agrees and not told:
        scope.note("body", f"{rows[0].index}/0", "line", "commits to another root than that of the rows")
