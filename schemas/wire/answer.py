"""What the server's answers share: members that an older phone does not know are passed over, never refused."""

from __future__ import annotations

from marshmallow import EXCLUDE, Schema, ValidationError, fields

from sync.checkpoint import NOTE_BYTES_MAX
from sync.errors import NotCanonical
from sync.lines import unb64u
from sync.merkle import HASH_BYTES

PROOF_NODES_MAX = 128


class Answer(Schema):
    """A schema for what the server says: the longest offline phone must understand the newest server."""

    class Meta:
        """Unknown members are passed over."""

        unknown = EXCLUDE


class Raw(fields.String):
    """Bytes in base64url without padding."""

    def __init__(self, length: int | None = None, **more: object) -> None:
        super().__init__(**more)  # type: ignore[arg-type]
        self._length = length

    def _deserialize(self, value: object, attr: object, data: object, **more: object) -> bytes:  # type: ignore[override]
        if type(value) is not str:
            raise self.make_error("invalid", input=value)
        try:
            return unb64u(value, length=self._length)
        except NotCanonical as error:
            raise ValidationError(error.detail) from error


def raw(length: int | None = None, **more: object) -> Raw:
    """Bytes in base64url, of one length where given."""
    return Raw(length, **more)


def node(**more: object) -> Raw:
    """One hash of the tree."""
    return Raw(HASH_BYTES, **more)


def note(**more: object) -> fields.String:
    """A signed note, its signature not yet verified."""

    def check(text: str) -> None:
        if not 0 < len(text) <= NOTE_BYTES_MAX:
            raise ValidationError("not a note")

    return fields.String(validate=check, **more)  # type: ignore[arg-type]
