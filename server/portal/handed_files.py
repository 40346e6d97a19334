"""Files with a statement or an appeal: named by the form that hands it in, since neither is ever a draft here.

The browser seals and sends a file first and then puts what names it into the form; so what was sent stays chosen
where the form comes back, and a writing that is handed in names whole files or is not taken.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from marshmallow import ValidationError, fields, validate

from schemas.declare import WholeNumber
from schemas.wire.parts import Strict
from server.casework.proofs import FILE_BYTES_MAX, PROOF_TYPES, WRITING_FILES_MAX, ProofFile
from server.portal import proof_files
from server.portal.pages import TypedFile
from server.portal.proof_files import CIPHER_BYTES_MAX
from server.wiring import Services
from sync.errors import BadValue

DIGEST_CHARS, KEY_CHARS = 64, 43
TYPED_CHARS_MAX = 1_000
WRITINGS = ("statement", "appeal")
"""Types whose files are shown alike."""


class FileBody(Strict):
    """A file whose upload is complete; digests in hex, the key in base64url."""

    digest = fields.String(required=True, validate=validate.Length(DIGEST_CHARS, DIGEST_CHARS))
    size = WholeNumber(required=True, validate=validate.Range(1, FILE_BYTES_MAX))
    media_type = fields.String(required=True, validate=validate.OneOf(PROOF_TYPES))
    cipher_digest = fields.String(required=True, validate=validate.Length(DIGEST_CHARS, DIGEST_CHARS))
    cipher_size = WholeNumber(required=True, validate=validate.Range(1, CIPHER_BYTES_MAX))
    file_key = fields.String(required=True, validate=validate.Length(KEY_CHARS, KEY_CHARS))


def files_field() -> fields.Field[Any]:
    """Return the member of a body that names the files of a writing."""
    return fields.List(
        fields.Nested(FileBody), load_default=list, validate=validate.Length(0, WRITING_FILES_MAX)
    )


def given_files(given: Iterable[dict[str, Any]]) -> tuple[ProofFile, ...]:
    """Return the files that a body named."""
    return tuple(ProofFile(**one) for one in given)


def typed_files(values: Sequence[str]) -> tuple[ProofFile, ...]:
    """Return the files that a form carries, each as JSON; raises BadValue for what no page of ours put there."""
    if len(values) > WRITING_FILES_MAX or any(len(one) > TYPED_CHARS_MAX for one in values):
        raise BadValue(f"at most {WRITING_FILES_MAX} files", field="files")
    try:
        return given_files([FileBody().load(json.loads(one)) for one in values])
    except (ValueError, RecursionError, ValidationError) as error:
        raise BadValue("a file is named as its upload was announced", field="files") from error


def still_typed(files: Iterable[ProofFile]) -> tuple[TypedFile, ...]:
    """Return files as the form carries them once more."""
    return tuple(
        TypedFile(number=number, size=file.size, value=json.dumps(FileBody().dump(file)))
        for number, file in enumerate(files, start=1)
    )


def check_arrived(services: Services, files: Iterable[ProofFile]) -> None:
    """Return nothing once each file is here and is what was announced; raises what `checked` does."""
    for file in files:
        proof_files.checked(services, file)
