"""What the API takes about one's own account."""

from __future__ import annotations

from marshmallow import fields, validate

from schemas.wire.parts import Strict
from server.accounts.credentials import PASSWORD_CHARS_MAX
from server.accounts.passkeys import NAME_CHARS_MAX

CODE_CHARS_MAX = 40


def _password() -> fields.String:
    return fields.String(required=True, validate=validate.Length(1, PASSWORD_CHARS_MAX))


class CodeBody(Strict):
    """A code of the second factor, or a recovery code where one is taken."""

    code = fields.String(required=True, validate=validate.Length(1, CODE_CHARS_MAX))


def _answer() -> fields.Raw:
    return fields.Raw(required=True)


class PasskeyBody(Strict):
    """An authenticator's answer, as `toJSON()` of the browser's credential gives it."""

    answer = _answer()


class ConfirmSelfBody(Strict):
    """POST /api/session/confirm: a passkey's answer, or the password with a code where a second factor is on."""

    password = fields.String(validate=validate.Length(1, PASSWORD_CHARS_MAX))
    code = fields.String(validate=validate.Length(1, CODE_CHARS_MAX))
    answer = fields.Dict(keys=fields.String())


class NewPasskeyBody(Strict):
    """The same for a new passkey, with the name that its owner knows it by."""

    name = fields.String(required=True, validate=validate.Length(1, NAME_CHARS_MAX))
    answer = _answer()


class PasswordBody(Strict):
    """POST /api/account/password."""

    present = _password()
    password = _password()


class JoinBody(Strict):
    """POST /api/join: the one-time code that was handed over, and the password chosen with it."""

    code = fields.String(required=True, validate=validate.Length(1, CODE_CHARS_MAX))
    password = _password()
