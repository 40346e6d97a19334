"""A record that was written on a phone (笔录), read back from its own bytes: what it says, and who signed it.

The bytes come from a phone and are opened under its author's key, so they are trusted no more than any other input:
bounded, of the one form that there is, and ink is lines on a pad and nothing else.
"""

from __future__ import annotations

import re
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from schemas.records.evidence import RECORDS, WRITTEN
from schemas.values import Matching
from server.evidence import picture, verify
from server.wiring import Services
from sync import lines
from sync.errors import FileCorrupt, FileUnverified, NotFound, Refusal
from sync.merge import Record

FORMAT = "wardledger-record/1"
BYTES_MAX = 256 * 1024
TEXT_MAX, PARAGRAPHS_MAX, SIGNATURES_MAX = 20_000, 400, 10
PAD = (900, 360)
"""The pad that ink is drawn on, in its units."""
INK = re.compile(r"(?:M[0-9]{1,3} [0-9]{1,3}(?:L[0-9]{1,3} [0-9]{1,3})+){1,400}")
INK_MAX = 16_000
SIGNERS = ("officer", "party", "interviewee", "recorder", "witness")
OUTCOMES = ("signed", "refused", "unable")


def _text(most: int, *, required: bool = True, least: int = 0) -> fields.String:
    return fields.String(required=required, validate=validate.Length(least, most))


def _moment() -> fields.Integer:
    return fields.Integer(strict=True, required=True, validate=validate.Range(0, 4_102_444_800_000))


class _Exact(Schema):
    class Meta:
        """Nothing that the form does not name."""

        unknown = RAISE


class _Officer(_Exact):
    name = _text(60, least=1)
    card = _text(40)


class _Person(_Exact):
    name = _text(60, least=1)
    post = _text(60)


class _Paragraph(_Exact):
    asked = _text(500, required=False)
    text = _text(TEXT_MAX)


class _Signature(_Exact):
    signer = fields.String(required=True, validate=validate.OneOf(SIGNERS))
    name = _text(60, least=1)
    outcome = fields.String(required=True, validate=validate.OneOf(OUTCOMES))
    at = _moment()
    reason = _text(500, required=False)
    witness = _text(60, required=False)
    ink = fields.String(validate=[validate.Length(max=INK_MAX), Matching(INK, "no lines on the pad")])


class _Written(_Exact):
    format = fields.String(required=True, validate=validate.Equal(FORMAT))
    form = fields.String(required=True, validate=validate.OneOf(RECORDS))
    inspection = _text(36)
    institution = _text(200)
    code = _text(40)
    place = _text(200)
    began = _moment()
    ended = _moment()
    officers = fields.List(fields.Nested(_Officer), required=True, validate=validate.Length(2, 2))
    person = fields.Nested(_Person, required=True)
    rights = _text(1000, required=False)
    paragraphs = fields.List(
        fields.Nested(_Paragraph), required=True, validate=validate.Length(1, PARAGRAPHS_MAX)
    )
    signatures = fields.List(
        fields.Nested(_Signature), required=True, validate=validate.Length(1, SIGNATURES_MAX)
    )


def content_of(services: Services, record: Record) -> dict[str, Any]:
    """Return what a written record says.

    Raises NotFound for evidence of another kind, FileUnverified before its file arrived, FileCorrupt where the file
    is no written record or another than the evidence says.
    """
    values = record.values
    if values.get("media_type") != WRITTEN or values.get("form") not in RECORDS:
        raise NotFound(item=record.id)
    if int(values["size"]) > BYTES_MAX:
        raise FileCorrupt("the file is larger than a written record can be", item=record.id)
    content = read(_arrived(services, record), record.id)
    if (content["form"], content["inspection"]) != (values["form"], values.get("inspection")):
        raise FileCorrupt("the file is the record of something else", item=record.id)
    return content


def _arrived(services: Services, record: Record) -> bytes:
    if record.values.get("file_state") != verify.VERIFIED:
        raise FileUnverified("the file has not arrived", item=record.id)
    return picture.whole(services, record)


def read(raw: bytes, item: str) -> dict[str, Any]:
    """Return the content of a written record's bytes; raises FileCorrupt for any other bytes."""
    try:
        found: dict[str, Any] = _Written().load(lines.decode(raw, bytes_max=BYTES_MAX))
    except (Refusal, ValidationError) as error:
        raise FileCorrupt("the file is no written record", item=item) from error
    return found
