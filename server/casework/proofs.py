"""Files that a party hands in as proof, pure: of which types, how large, how many, and how a record names them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from schemas.parts import MEDIA_TYPES
from sync.errors import BadValue

FILE_BYTES_MAX = 20 * 1024 * 1024
PROOF_TYPES = ("image/jpeg", "image/png", "application/pdf")
WRITING_FILES_MAX = 20
"""Of one statement or appeal: what a page of reasons rests on, and no archive."""


@dataclass(frozen=True, kw_only=True)
class ProofFile:
    """A file that was handed in: the original's digest and size, and the cipher that the server keeps."""

    digest: str
    size: int
    media_type: str
    cipher_digest: str
    cipher_size: int
    file_key: str = field(repr=False)


def check(file: ProofFile) -> None:
    """Return nothing for a file that can be proof; raises BadValue."""
    if file.media_type not in PROOF_TYPES or file.media_type not in MEDIA_TYPES:
        raise BadValue(f"proof is one of {', '.join(PROOF_TYPES)}", field="media_type")
    if not 1 <= file.size <= FILE_BYTES_MAX:
        raise BadValue(f"a file has at most {FILE_BYTES_MAX} bytes", field="size")


def entry(file: ProofFile) -> dict[str, Any]:
    """Return a file as a record names it."""
    return {
        "digest": file.digest,
        "size": file.size,
        "media_type": file.media_type,
        "cipher_digest": file.cipher_digest,
        "cipher_size": file.cipher_size,
        "file_key": file.file_key,
    }


def handed_in(files: Sequence[ProofFile]) -> dict[str, list[Any]]:
    """Return what a statement or an appeal adds for its files, each once, nothing without any; raises BadValue."""
    every = {file.digest: file for file in files}
    if len(every) > WRITING_FILES_MAX:
        raise BadValue(f"at most {WRITING_FILES_MAX} files", field="files")
    for file in every.values():
        check(file)
    if not every:
        return {}
    return {"files": [entry(file) for file in every.values()], "proof": list(every)}
