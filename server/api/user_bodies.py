"""What the API takes about users and deputies."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from schemas.records.deputation import ROLES as DEPUTISED
from schemas.records.user import ROLES
from schemas.wire.parts import Strict, whole
from server.accounts.administration import CERTIFICATE_CHARS_MAX
from server.accounts.single_sign_on import SUBJECT_CHARS_MAX
from server.api.bodies import LOGIN_CHARS_MAX

NAME_CHARS_MAX, EMAIL_CHARS_MAX = 60, 200
REGION_CHARS_MAX, INSTITUTION_CHARS_MAX = 12, 12


def _roles(names: list[str], *, required: bool = False) -> fields.List[Any]:
    return fields.List(fields.String(validate=validate.OneOf(names)), required=required)


class UserInviteBody(Strict):
    """POST /api/users."""

    login = fields.String(required=True, validate=validate.Length(2, LOGIN_CHARS_MAX))
    name = fields.String(required=True, validate=validate.Length(1, NAME_CHARS_MAX))
    roles = _roles(list(ROLES), required=True)
    region = fields.String(required=True, validate=validate.Length(6, REGION_CHARS_MAX))
    email = fields.String(validate=validate.Length(1, EMAIL_CHARS_MAX))
    institution = fields.String(validate=validate.Length(1, INSTITUTION_CHARS_MAX))


class UserBody(Strict):
    """POST /api/users/<id>: what is left out stays as it is."""

    version = whole(required=True)
    name = fields.String(validate=validate.Length(1, NAME_CHARS_MAX))
    roles = _roles(list(ROLES))
    region = fields.String(validate=validate.Length(6, REGION_CHARS_MAX))
    email = fields.String(validate=validate.Length(1, EMAIL_CHARS_MAX))
    certificate = fields.String(validate=validate.Length(1, CERTIFICATE_CHARS_MAX))
    institution = fields.String(validate=validate.Length(1, INSTITUTION_CHARS_MAX))


class LinkBody(Strict):
    """POST /api/users/<id>/link; subject: the provider's `sub`, empty to take the link away."""

    subject = fields.String(required=True, validate=validate.Length(0, SUBJECT_CHARS_MAX))


class DeputationBody(Strict):
    """POST /api/deputations; first: today unless told; roles: all that decide at the desk unless told."""

    absent = fields.String(required=True, validate=validate.Length(36, 36))
    deputy = fields.String(required=True, validate=validate.Length(36, 36))
    first = fields.Date()
    last = fields.Date(required=True)
    roles = _roles(list(DEPUTISED))
