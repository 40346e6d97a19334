"""A change line and its private lines, read into the nouns of sync.changes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from schemas.values import CODE
from schemas.wire.parts import Strict, digest, epoch, instant, load, matching, salt, uuid, whole
from sync import lines
from sync.changes import OPS, PRIVATE_KINDS, PRIVATE_LINES_MAX, Anchor, At, Change, PrivateLine
from sync.erasure import erased_digest
from sync.errors import Malformed

FIELDS_MAX = 64
MEMBERS_MAX = 1_000
OVER_MAX = 64

NOT_COMMITTED = "the private lines are not those that the change commits to"
SESSION = re.compile(r"[A-Za-z0-9_.\-]{0,64}")

name = matching(CODE)
some = validate.Length(min=1, max=FIELDS_MAX)


def _values() -> fields.Dict:
    return fields.Dict(keys=name, values=fields.Raw(), validate=some)


def _members() -> fields.Dict:
    bounded = fields.List(fields.Raw(), validate=validate.Length(min=1, max=MEMBERS_MAX))
    return fields.Dict(keys=name, values=bounded, validate=some)


class AnchorSchema(Strict):
    """The last server answer that the phone had."""

    epoch = epoch(required=True)
    index = whole(required=True)
    time = instant(required=True)
    wall = whole(required=True)
    mono = whole(required=True)
    session = matching(SESSION, required=True)


class AtSchema(Strict):
    """When the phone says it was; no clock is believed alone."""

    wall = whole(required=True)
    mono = whole(required=True)
    session = matching(SESSION, required=True)
    anchor = fields.Nested(AnchorSchema)


class ChangeSchema(Strict):
    """One change; `set`, `add`, `remove` are checked against the record type afterwards."""

    id = uuid(required=True)
    op = fields.String(required=True, validate=validate.OneOf(OPS))
    type = matching(CODE, required=True)
    record = uuid(required=True)
    base = fields.Tuple((epoch(), whole()), required=True, allow_none=True)
    at = fields.Nested(AtSchema, required=True)
    salt = salt(required=True)
    set = _values()
    add = _members()
    remove = _members()
    over = fields.List(uuid(), validate=validate.Length(min=1, max=OVER_MAX))
    tx = uuid()
    private = fields.List(digest(), validate=validate.Length(min=1, max=PRIVATE_LINES_MAX))


class PrivateLineSchema(Strict):
    """What names or describes a person, or a file's key."""

    kind = fields.String(required=True, validate=validate.OneOf(PRIVATE_KINDS))
    salt = salt(required=True)
    set = _values()
    add = _members()
    remove = _members()


CHANGE = ChangeSchema()
PRIVATE = PrivateLineSchema()


def _tuples(part: dict[str, list[Any]] | None) -> dict[str, tuple[Any, ...]]:
    return {key: tuple(values) for key, values in part.items()} if part else {}


def read_private(line: bytes, known_digest: str | None = None) -> PrivateLine:
    """Return the private line that these bytes hold; raises NotCanonical, TooLarge or Malformed.

    known_digest: the line's, where it was taken already
    """
    body = load(PRIVATE, lines.decode(line))
    return PrivateLine(
        kind=body["kind"],
        set=body.get("set", {}),
        add=_tuples(body.get("add")),
        remove=_tuples(body.get("remove")),
        line=line,
        digest=known_digest or lines.digest(line),
    )


def _with_erased(
    private: tuple[bytes, ...], named: list[str], erased: Mapping[str, PrivateLine]
) -> tuple[PrivateLine, ...]:
    """Return the private lines of a change in the order in which it names them; for an erased one its stand-in."""
    given = {erased_digest(p) or lines.digest(p): p for p in private}
    if not set(given) <= set(named):
        raise Malformed(NOT_COMMITTED, field="private")
    found = []
    for each in named:
        if each in erased:
            found.append(erased[each])
        elif each in given and lines.digest(given[each]) == each:
            found.append(read_private(given[each], each))
        else:
            raise Malformed(NOT_COMMITTED, field="private")
    return tuple(found)


def read_change(
    line: bytes, private: tuple[bytes, ...] = (), erased: Mapping[str, PrivateLine] | None = None
) -> Change:
    """Return the change that a line and its private lines hold; raises NotCanonical, TooLarge or Malformed.

    erased: {digest: what stands for an erased line}; such a line may be missing, or a tombstone be in its place
    """
    body = load(CHANGE, lines.decode(line))
    if erased:
        inner = _with_erased(private, body.get("private", []), erased)
    else:
        digests = [lines.digest(p) for p in private]
        if digests != body.get("private", []):
            raise Malformed(NOT_COMMITTED, field="private")
        inner = tuple(map(read_private, private, digests))
    if len({p.kind for p in inner}) != len(inner):
        raise Malformed("one private line of a kind", field="private")
    anchor = body["at"].get("anchor")
    at = body["at"]
    return Change(
        id=body["id"],
        op=body["op"],
        type=body["type"],
        record=body["record"],
        base=tuple(body["base"]) if body["base"] is not None else None,
        at=At(at["wall"], at["mono"], at["session"], Anchor(**anchor) if anchor else None),
        set=body.get("set", {}),
        add=_tuples(body.get("add")),
        remove=_tuples(body.get("remove")),
        over=tuple(body.get("over", ())),
        tx=body.get("tx"),
        private=inner,
        line=line,
        digest=lines.digest(line),
    )
