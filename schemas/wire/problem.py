"""An error answer: problem+json (RFC 9457) with a stable code, read back into the Refusal that it tells of."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from marshmallow import INCLUDE, Schema, fields

from schemas.wire.parts import load, whole
from sync.errors import Malformed, Refusal, every_refusal

MEDIA_TYPE = "application/problem+json"
PROBLEM_BYTES_MAX = 64 * 1024
MEMBERS = ("type", "title", "status", "code", "detail", "item", "field", "next", "self")


@dataclass(frozen=True, slots=True)
class Problem:
    """What the server says is wrong; `refusal` is of the class whose code it is, plain Refusal for a newer one."""

    code: str
    status: int
    next: str
    refusal: Refusal


class ProblemSchema(Schema):
    """The members of a problem; facts of the code stand beside them."""

    class Meta:
        """Facts beside the members are kept."""

        unknown = INCLUDE

    type = fields.String()
    title = fields.String()
    status = whole(100, 599, required=True)
    code = fields.String(required=True)
    detail = fields.String(load_default="", allow_none=True)
    item = fields.String(load_default=None, allow_none=True)
    field = fields.String(load_default=None, allow_none=True)
    next = fields.String(load_default=None, allow_none=True)


PROBLEM = ProblemSchema()


def read_problem(content: bytes) -> Problem:
    """Return the problem that a body holds; raises Malformed for anything else."""
    if len(content) > PROBLEM_BYTES_MAX:
        raise Malformed("the answer is too long for a problem")
    try:
        body: Any = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Malformed("the answer is not a problem in JSON") from error
    found = load(PROBLEM, body)
    kind = every_refusal().get(found["code"], Refusal)
    facts = {name: value for name, value in found.items() if name not in MEMBERS and name.isidentifier()}
    refusal = kind(found["detail"] or "", item=found["item"], field=found["field"], **facts)
    return Problem(found["code"], found["status"], found["next"] or kind.next, refusal)
