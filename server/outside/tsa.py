"""RFC 3161: a request for a timestamp over a note, and what an answer must show before it is believed.

An answer is believed if it is granted, over SHA-256 of the very note, with the nonce that was asked with, signed by a
certificate that is for timestamps alone and leads to a configured root, each valid at the time that is stated.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimeStampRequest,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)
from rfc3161_client.verify import SHA256_OID

from server.outside.refusals import BadTimestamp, NotConfigured

QUERY = "application/timestamp-query"
RESPONSE_BYTES_MAX = 64 * 1024
CERTS_MAX = 64
GRANTED = 0
REASON = re.compile(r'reason: "([^"]*)"')


@dataclass(frozen=True)
class Trust:
    """The certificates of WARDLEDGER_TSA_CERTS: roots, and what leads from them to an authority."""

    roots: tuple[x509.Certificate, ...]
    between: tuple[x509.Certificate, ...]


def trust(path: Path | None) -> Trust:
    """Return the certificates of a PEM file; raises NotConfigured where there is none or it holds no root."""
    if path is None:
        raise NotConfigured(
            "WARDLEDGER_TSA_CERTS names no file of trusted roots", field="WARDLEDGER_TSA_CERTS"
        )
    try:
        found = x509.load_pem_x509_certificates(path.read_bytes())
    except FileNotFoundError as error:
        raise NotConfigured(f"there is no file {path}", field="WARDLEDGER_TSA_CERTS") from error
    except ValueError as error:
        raise NotConfigured(f"{path} holds no PEM certificates", field="WARDLEDGER_TSA_CERTS") from error
    roots = tuple(cert for cert in found if cert.issuer == cert.subject)
    if not roots or len(found) > CERTS_MAX:
        words = f"{path} must hold a self-signed root, and at most {CERTS_MAX} certificates"
        raise NotConfigured(words, field="WARDLEDGER_TSA_CERTS")
    return Trust(roots, tuple(cert for cert in found if cert not in roots))


def request_for(note: bytes) -> TimeStampRequest:
    """Return a request over SHA-256 of a note, with a fresh nonce, that asks for the certificate too."""
    return TimestampRequestBuilder(data=note, hash_algorithm=HashAlgorithm.SHA256).build()


def read(response: bytes) -> TimeStampResponse:
    """Return an answer as it states itself, nothing of it verified; raises BadTimestamp."""
    try:
        answer = decode_timestamp_response(response)
        if answer.status == GRANTED:
            assert answer.tst_info is not None
        return answer
    except (ValueError, AssertionError) as error:
        raise BadTimestamp("the answer is no RFC 3161 response") from error


def time_of(response: bytes) -> int:
    """Return the time that an answer states, Unix ms; raises BadTimestamp."""
    answer = read(response)
    try:
        return round(answer.tst_info.gen_time.timestamp() * 1000)
    except (ValueError, OverflowError) as error:
        raise BadTimestamp("the answer states no time") from error


def check_imprint(response: bytes, note: bytes) -> None:
    """Return if an answer speaks of SHA-256 of a note; raises BadTimestamp."""
    answer = read(response)
    if answer.status != GRANTED:
        said = "; ".join(words for words in answer.status_string if words.isprintable())[:120]
        raise BadTimestamp(f"the authority refused (status {answer.status}{f': {said}' if said else ''})")
    try:
        imprint = answer.tst_info.message_imprint
    except ValueError as error:
        raise BadTimestamp("the answer holds no timestamp") from error
    if imprint.hash_algorithm.dotted_string != SHA256_OID or imprint.message != hashlib.sha256(note).digest():
        raise BadTimestamp("the timestamp is over something else than SHA-256 of the note")


def check(response: bytes, note: bytes, trusted: Trust, *, nonce: int | None = None) -> int:
    """Return the time of a timestamp over `note`, Unix ms, once all of it holds; raises BadTimestamp.

    nonce: of the request; None for one that was kept, whose nonce nobody knows any more
    """
    check_imprint(response, note)
    answer = read(response)
    try:
        builder = VerifierBuilder(roots=list(trusted.roots), intermediates=list(trusted.between), nonce=nonce)
        builder.build().verify(answer, hashlib.sha256(note).digest())
    except (VerificationError, ValueError) as error:
        raise BadTimestamp(f"the timestamp does not verify: {_reason(error)}") from error
    return time_of(response)


def _reason(error: Exception) -> str:
    """Return why a verification failed; OpenSSL's own stack of errors as the words in it."""
    words = str(error)
    return "; ".join(REASON.findall(words)) or words.strip()[:200]
