"""Lawful erasure: a private line is destroyed, and every proof, verdict and value that did not need it stays.

The change line of an `erase` entry has, for each erased line, its digest and its form: the fields that it wrote,
with a rank in place of each value. Ranks say which values of a field were alike and how they were ordered, so that
a replay from the beginning decides and sorts as it did then; they say nothing of what the values were. What was
erased stands in a record as a digest without its line.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sync import lines, merge
from sync.changes import Change, Erased, PrivateLine, split_manifest
from sync.errors import Malformed, NotCanonical, TooLarge
from sync.merge import Act, Record, Write
from sync.rules import UNION, TypeRules

ERASE = "erase"
"""The op of the change line, and the kind of its entry."""
LINE_BYTES_MAX = 1024 * 1024
"""Of the change line, which the server makes: some thousands of erased lines."""
PARTS = ("set", "add", "remove")
Form = Mapping[str, Any]


# -- what is erased --------------------------------------------------------------------------------


def reach(
    known: Sequence[PrivateLine],
    names: Container[str],
    rules: Mapping[str, TypeRules],
    chosen: Container[str] = (),
) -> set[str]:
    """Return the digests of the lines that must go so that no value of some fields is left.

    known: every line that can be read of the records concerned; rules: by digest, those of its record's type
    chosen: digests of lines that go whatever they write
    A line goes as a whole. What it says besides goes wherever it is said again, and of a set every member goes:
    so what is left never equals what was erased.
    """
    gone = {line.digest for line in known if any(name in names for name in written(line))}
    gone |= {line.digest for line in known if line.digest in chosen}
    while True:
        said = {(name, key) for line in known if line.digest in gone for name, key in _said(line)}
        sets = {
            name
            for line in known
            if line.digest in gone
            for name in written(line)
            if name in rules[line.digest].fields and rules[line.digest].fields[name].merge == UNION
        }
        more = {
            line.digest
            for line in known
            if line.digest not in gone and (sets & set(written(line)) or said & set(_said(line)))
        }
        if not more:
            return gone
        gone |= more


def written(line: PrivateLine) -> list[str]:
    """Return the names of the fields that a private line writes."""
    return sorted({name for part in PARTS for name in getattr(line, part)})


def _said(line: PrivateLine) -> list[tuple[str, bytes]]:
    found = [(name, merge.value_key(value)) for name, value in line.set.items()]
    for part in (line.add, line.remove):
        found += [(name, merge.value_key(value)) for name, values in part.items() for value in values]
    return found


def forms(gone: Iterable[PrivateLine]) -> list[dict[str, Any]]:
    """Return the forms of the lines to be erased, by digest; ranks are taken over all of them together."""
    known = sorted(gone, key=lambda line: line.digest)
    keys: dict[str, set[bytes]] = {}
    for line in known:
        for name, key in _said(line):
            keys.setdefault(name, set()).add(key)
    ranks = {name: {key: rank for rank, key in enumerate(sorted(some))} for name, some in keys.items()}

    def rank(name: str, value: Any) -> int:
        return ranks[name][merge.value_key(value)]

    found = []
    for line in known:
        form: dict[str, Any] = {"digest": line.digest, "kind": line.kind}
        if line.set:
            form["set"] = {name: rank(name, value) for name, value in line.set.items()}
        for part in ("add", "remove"):
            if members := getattr(line, part):
                form[part] = {name: [rank(name, v) for v in values] for name, values in members.items()}
        found.append(form)
    return found


# -- what stands for it ----------------------------------------------------------------------------


def stand_in(form: Form, order: int) -> PrivateLine:
    """Return what is read in place of an erased line; order: that of its erasure."""
    many = {
        part: {
            name: tuple(Erased(order, rank) for rank in ranks) for name, ranks in form.get(part, {}).items()
        }
        for part in ("add", "remove")
    }
    single = {name: Erased(order, rank) for name, rank in form.get("set", {}).items()}
    return PrivateLine(form["kind"], single, many["add"], many["remove"], b"", form["digest"])


def stand_ins(change: Change) -> dict[str, PrivateLine]:
    """Return {digest: what is read in its place} of every line that an `erase` change erases."""
    order = change.set["order"]
    return {form["digest"]: stand_in(form, order) for form in change.set["lines"]}


def apply(record: Record, change: Change, act: Act, rules: TypeRules) -> Record:
    """Return the record after an erasure: the same digests, candidates and life, and the lines gone."""
    gone = stand_ins(change)
    writes, values = dict(record.writes), dict(record.values)
    for name, known in record.writes.items():
        if not any(write.private in gone for write in known):
            continue
        writes[name] = tuple(_without(name, write, known, gone) for write in known)
        value = merge.settle(writes[name], rules, rules.fields[name].merge).value
        merge.put(values, name, value)
    kept = {digest: line for digest, line in record.lines.items() if digest not in gone}
    return replace(
        record, version=act.index, acts=(*record.acts, act), writes=writes, values=values, lines=kept
    )


def _without(name: str, write: Write, known: Sequence[Write], gone: Mapping[str, PrivateLine]) -> Write:
    line = gone.get(write.private or "")
    if line is None:
        return write
    if write.kind == "set":
        return replace(write, value=line.set[name])
    mine = [one for one in known if one.act == write.act and one.kind == write.kind]
    nth = next(place for place, one in enumerate(mine) if one is write)
    return replace(write, value=getattr(line, write.kind)[name][nth])


def is_erased(record: Record, name: str) -> bool:
    """Return whether a value of a private field is gone: the digest of its line stands, and the line does not."""
    digests = record.digests.get(name, ())
    known = digests if isinstance(digests, list) else [digests] if digests else []
    return any(digest not in record.lines for digest in known)


def erased_fields(record: Record) -> tuple[str, ...]:
    """Return the names of the fields of which a value is gone."""
    return tuple(name for name in sorted(record.digests) if is_erased(record, name))


# -- the texts of sets ----------------------------------------------------------------------------------


def tombstone(digest: str, kind: str) -> bytes:
    """Return the line that takes an erased one's place in the text of a set that is kept."""
    return lines.encode({"erased": digest, "kind": kind})


def erased_digest(line: bytes) -> str | None:
    """Return the digest that a tombstone names, None for any other line."""
    if not line.startswith(b'{"erased":"'):
        return None
    try:
        body = lines.decode(line)
    except (NotCanonical, TooLarge):
        return None
    return str(body["erased"]) if set(body) == {"erased", "kind"} else None


def named_in(body: bytes) -> set[str]:
    """Return the digests of the lines in whose place a set's body has tombstones."""
    return {found for row in body.split(b"\n") if (found := erased_digest(row)) is not None}


def placeholders(private: Iterable[bytes]) -> dict[str, PrivateLine]:
    """Return what is read in the place of tombstones by whoever does not know what the lines wrote."""
    found = {}
    for line in private:
        if (digest := erased_digest(line)) is not None:
            found[digest] = PrivateLine(lines.decode(line)["kind"], {}, {}, {}, b"", digest)
    return found


def scrubbed(text: bytes, gone: Container[str]) -> bytes:
    """Return a set's text with a tombstone in place of every line whose digest is among `gone`."""
    try:
        jws, body = split_manifest(text)
    except Malformed:
        return text
    rows = [_scrubbed_row(row, gone) for row in body.split(b"\n")]
    return jws.encode("ascii") + b"\n" + b"\n".join(rows)


def _scrubbed_row(row: bytes, gone: Container[str]) -> bytes:
    if b'"kind":' not in row or (digest := lines.digest(row)) not in gone:
        return row
    kind = "file_key" if row.startswith(b'{"kind":"file_key"') or b'"kind":"file_key"' in row else "person"
    return tombstone(digest, kind)
