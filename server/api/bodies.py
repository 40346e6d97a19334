"""What the API takes: each request body as a schema; what does not fit is refused by the field's name."""

from __future__ import annotations

import datetime
from typing import Any

from flask import request
from marshmallow import fields, validate

from schemas.declare import WholeNumber
from schemas.records.decision import REASONS
from schemas.records.device import REASONS as SHUT_REASONS
from schemas.records.device import WIPES
from schemas.values import UUID, Matching
from schemas.wire.parts import Strict, load, whole
from server.accounts.credentials import PASSWORD_CHARS_MAX
from server.casework.confirm import DEFAULT_WORKING_DAYS, WORKING_DAYS_MAX
from server.casework.review import TARGETS
from server.casework.reviewing import TOGETHER_MAX
from server.limits.texts import NUL
from sync.errors import BadValue

LOGIN_CHARS_MAX, CODE_CHARS_MAX = 64, 40
NOTE_CHARS_MAX = 500
ID_CHARS = 36
CANDIDATES_MAX = 1000


class SignIn(Strict):
    """POST /api/session. code: of the second factor, where one is on, or a recovery code."""

    login = fields.String(required=True, validate=validate.Length(1, LOGIN_CHARS_MAX))
    password = fields.String(required=True, validate=validate.Length(1, PASSWORD_CHARS_MAX))
    code = fields.String(validate=validate.Length(1, CODE_CHARS_MAX))


def assertion() -> fields.Dict:
    """What the caller's passkey said to the challenge of the very same request: `toJSON()` of the browser's credential.

    Sent by whoever has a passkey; the first time, without it, the answer is assertion_wanted with `options`.
    """
    return fields.Dict(keys=fields.String())


class ReviewBody(Strict):
    """POST /api/evidence/<id>/review: an act on exactly one version."""

    act = fields.String(required=True, validate=validate.OneOf(list(TARGETS)))
    version = whole(required=True)
    reason = fields.String(validate=validate.OneOf(list(REASONS)))
    note = fields.String(validate=validate.Length(1, NOTE_CHARS_MAX))
    assertion = assertion()


class VoidBody(Strict):
    """POST /api/evidence/<id>/void: void exactly one version, in whatever stage."""

    version = whole(required=True)
    reason = fields.String(required=True, validate=validate.OneOf(list(REASONS)))
    note = fields.String(required=True, validate=validate.Length(1, NOTE_CHARS_MAX))
    assertion = assertion()


class UndoBody(Strict):
    """POST /api/evidence/<id>/undo: take back the caller's own review of exactly one version."""

    version = whole(required=True)


class OneVersion(Strict):
    """One version of an item."""

    id = fields.String(required=True, validate=Matching(UUID, "an id is a lower-case UUID"))
    version = whole(required=True)


class TogetherBody(Strict):
    """POST /api/evidence/review: one act on several items, each at exactly one version."""

    act = fields.String(required=True, validate=validate.OneOf(list(TARGETS)))
    items = fields.List(fields.Nested(OneVersion), required=True, validate=validate.Length(1, TOGETHER_MAX))
    reason = fields.String(validate=validate.OneOf(list(REASONS)))
    note = fields.String(validate=validate.Length(1, NOTE_CHARS_MAX))
    assertion = assertion()


class UndoTogetherBody(Strict):
    """POST /api/evidence/undo: take back several of the caller's own reviews in one act."""

    items = fields.List(fields.Nested(OneVersion), required=True, validate=validate.Length(1, TOGETHER_MAX))


class ConfirmBody(Strict):
    """POST /api/findings/<id>/confirm.

    served_on: only where the notice was handed over on the spot; due_on: refused if it is not the day that the server
    computes; case: an open case of the same inspection that takes the finding
    """

    version = whole(required=True)
    served_on = fields.Date()
    working_days = WholeNumber(
        load_default=DEFAULT_WORKING_DAYS, validate=validate.Range(1, WORKING_DAYS_MAX)
    )
    due_on = fields.Date()
    case = fields.String(validate=Matching(UUID, "an id is a lower-case UUID"))
    assertion = assertion()


class ResolveBody(Strict):
    """POST /api/conflicts/<id>/resolve. take: the change id of a value; value: another; over: all that were seen."""

    over = fields.List(
        fields.String(validate=validate.Length(1, ID_CHARS)),
        required=True,
        validate=validate.Length(1, CANDIDATES_MAX),
    )
    take = fields.String(validate=validate.Length(1, ID_CHARS))
    value = fields.Raw()


class RuleBody(Strict):
    """POST /api/waiting/<entry>/rule: setting aside wants a reason and a sentence."""

    act = fields.String(required=True, validate=validate.OneOf(["adopt", "set_aside"]))
    reason = fields.String(validate=validate.OneOf(list(REASONS)))
    note = fields.String(validate=validate.Length(1, NOTE_CHARS_MAX))
    assertion = assertion()


class ReadmitBody(Strict):
    """POST /api/quarantine/<id>/readmit."""

    reason = fields.String(required=True, validate=validate.Length(2, NOTE_CHARS_MAX))


class DeviceInviteBody(Strict):
    """POST /api/devices/invites: whose phone, and in place of which of the user's phones."""

    user = fields.String(required=True, validate=validate.Length(1, ID_CHARS))
    supersedes = fields.String(validate=validate.Length(1, ID_CHARS))


class RevokeBody(Strict):
    """POST /api/devices/<id>/revoke."""

    version = whole(required=True)
    reason = fields.String(required=True, validate=validate.OneOf(list(SHUT_REASONS)))


class LostBody(Strict):
    """POST /api/devices/<id>/lost. wipe: when it erases itself."""

    version = whole(required=True)
    reason = fields.String(required=True, validate=validate.OneOf(list(SHUT_REASONS)))
    wipe = fields.String(required=True, validate=validate.OneOf(list(WIPES)))


def body(schema: Strict) -> dict[str, Any]:
    """Return the request's body as the schema reads it; raises BadValue."""
    try:
        given = request.get_json(silent=True)
        name = _with_nul(given)
    except RecursionError:
        given, name = None, None  # Brackets by the hundred: whoever reads them gives up by this.
    if not isinstance(given, dict):
        raise BadValue("the body is one JSON object with content type application/json")
    if name is not None:
        raise BadValue("a value holds no NUL character", field=name or None)
    return load(schema, given, lambda path, words: BadValue(words, field=path or None))


def _with_nul(value: Any, name: str = "") -> str | None:
    """Return the member of a body in which a NUL stands, None where there is none: no form can bring one either."""
    if isinstance(value, str):
        return name if NUL in value else None
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, member in members:
        at = name or (key if isinstance(key, str) else "")
        if isinstance(key, str) and NUL in key:
            return at.replace(NUL, "")
        if (found := _with_nul(member, at)) is not None:
            return found
    return None


def a_day(found: dict[str, Any], name: str) -> datetime.date | None:
    """Return a date of a loaded body, or None."""
    value = found.get(name)
    assert value is None or isinstance(value, datetime.date)
    return value
