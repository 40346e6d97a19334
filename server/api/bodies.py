"""What the API takes: each request body as a schema; what does not fit is refused by the field's name."""

from __future__ import annotations

import datetime
from typing import Any

from flask import request
from marshmallow import fields, validate

from schemas.declare import WholeNumber
from schemas.records.decision import REASONS
from schemas.wire.parts import Strict, load, whole
from server.accounts.credentials import PASSWORD_CHARS_MAX
from server.casework.confirm import WORKING_DAYS_MAX
from server.casework.review import TARGETS
from sync.errors import BadValue

LOGIN_CHARS_MAX = 64
NOTE_CHARS_MAX = 500


class SignIn(Strict):
    """POST /api/session."""

    login = fields.String(required=True, validate=validate.Length(1, LOGIN_CHARS_MAX))
    password = fields.String(required=True, validate=validate.Length(1, PASSWORD_CHARS_MAX))


class ReviewBody(Strict):
    """POST /api/evidence/<id>/review: an act on exactly one version."""

    act = fields.String(required=True, validate=validate.OneOf(list(TARGETS)))
    version = whole(required=True)
    reason = fields.String(validate=validate.OneOf(list(REASONS)))
    note = fields.String(validate=validate.Length(1, NOTE_CHARS_MAX))


class ConfirmBody(Strict):
    """POST /api/findings/<id>/confirm. due_on: optional; refused if it is not the day that the server computes."""

    version = whole(required=True)
    served_on = fields.Date(required=True)
    working_days = WholeNumber(required=True, validate=validate.Range(1, WORKING_DAYS_MAX))
    due_on = fields.Date()


def body(schema: Strict) -> dict[str, Any]:
    """Return the request's body as the schema reads it; raises BadValue."""
    given = request.get_json(silent=True)
    if not isinstance(given, dict):
        raise BadValue("the body is one JSON object with content type application/json")
    return load(schema, given, lambda path, words: BadValue(words, field=path or None))


def a_day(found: dict[str, Any], name: str) -> datetime.date | None:
    """Return a date of a loaded body, or None."""
    value = found.get(name)
    assert value is None or isinstance(value, datetime.date)
    return value
