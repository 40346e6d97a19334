"""The change line of an `erase` entry: which private lines went, on which basis, and what their form was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from schemas.bases import BASES
from schemas.wire.change import name
from schemas.wire.parts import Strict, digest, instant, load, salt, token, uuid, whole
from sync import lines
from sync.changes import PRIVATE_KINDS, At, Change
from sync.erasure import ERASE, LINE_BYTES_MAX


class FormSchema(Strict):
    """One erased line: the fields that it wrote, with ranks in place of values."""

    digest = digest(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(PRIVATE_KINDS))
    set = fields.Dict(keys=name, values=whole())
    add = fields.Dict(keys=name, values=fields.List(whole()))
    remove = fields.Dict(keys=name, values=fields.List(whole()))


class ErasedSchema(Strict):
    """What an erasure says: `order` rises with each; `second`: who agreed to it."""

    basis = fields.String(required=True, validate=validate.OneOf(list(BASES)))
    order = whole(required=True)
    second = uuid()
    lines = fields.List(fields.Nested(FormSchema), required=True, validate=validate.Length(min=1))


class WallSchema(Strict):
    """When the server made it."""

    wall = instant(required=True)


class ErasureSchema(Strict):
    """The change line of an erasure, which the server alone makes."""

    id = uuid(required=True)
    op = fields.String(required=True, validate=validate.Equal(ERASE))
    type = token(required=True)
    record = uuid(required=True)
    at = fields.Nested(WallSchema, required=True)
    salt = salt(required=True)
    set = fields.Nested(ErasedSchema, required=True)


ERASURE = ErasureSchema()


def erasure_line(
    *, change_id: str, kind: str, record: str, at: int, salt_bytes: bytes, said: Mapping[str, Any]
) -> bytes:
    """Return the canonical line; said: basis, order, second, lines. Raises TooLarge beyond LINE_BYTES_MAX."""
    body = {
        "id": change_id,
        "op": ERASE,
        "type": kind,
        "record": record,
        "at": {"wall": at},
        "salt": lines.b64u(salt_bytes),
        "set": dict(said),
    }
    line = lines.encode(body)
    lines.decode(line, bytes_max=LINE_BYTES_MAX)
    return line


def read_erasure(line: bytes) -> Change:
    """Return the change that the line of an erasure holds; raises NotCanonical, TooLarge or Malformed."""
    body = load(ERASURE, lines.decode(line, bytes_max=LINE_BYTES_MAX))
    return Change(
        id=body["id"],
        op=ERASE,
        type=body["type"],
        record=body["record"],
        base=None,
        at=At(wall=body["at"]["wall"]),
        set=body["set"],
        line=line,
        digest=lines.digest(line),
    )
