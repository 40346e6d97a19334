"""What a phone sends, decoder by decoder: lines, JWS, manifest, change, private line, text, envelope, proof."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from schemas.check import fault_in
from schemas.wire.change import read_change, read_private
from schemas.wire.change_set import read_body, read_manifest
from schemas.wire.enrol import read_enrol, read_invite
from sync import changes, envelope, frames, lines, signing
from sync.errors import FileCorrupt, Refusal
from tests.fuzz import valid
from tests.fuzz.mutations import one_of, spoilt_bytes, spoilt_json, spoilt_lines
from tests.fuzz.runs import Check, Target

SEPARATOR = b"\n"
TEXT_BYTES_MAX = 50_000


def plain(check: Check):  # type: ignore[no-untyped-def]
    """Return what makes a check that needs nothing opened."""

    @contextmanager
    def make(_: Path) -> Iterator[Check]:
        yield check

    return make


def canonical_line(raw: bytes) -> None:
    """Whatever decodes, encodes to the same bytes again."""
    value = lines.decode(raw)
    assert lines.encode(value) == raw


def base64url(raw: bytes) -> None:
    """Whatever decodes, encodes to the same text again."""
    text = raw.decode("latin-1")
    assert lines.b64u(lines.unb64u(text)) == text


def token(raw: bytes) -> None:
    """A JWS that was touched verifies only if it is the one that was signed."""
    text = raw.decode("latin-1")
    signing.peek(text, signing.MANIFEST)
    signing.verify(text, signing.MANIFEST, valid.KEY.public_key())
    assert text in TOKENS, "a signature that nobody made verifies"


def manifest(raw: bytes) -> None:
    """A manifest with any payload, properly signed, is read or refused; what is read says the same again."""
    jws = valid.sign(valid.KEY, signing.MANIFEST, raw, valid.DEVICE)
    found = read_manifest(jws)
    assert lines.encode(found.payload()) == raw
    assert found.digest == lines.digest(jws.encode())


def change(raw: bytes) -> None:
    """A change of any shape is read or refused, and what is read is judged or named as faulty."""
    found = read_change(raw)
    fault = fault_in(found)
    assert fault is None or fault.code
    assert found.digest == lines.digest(raw)


def private_line(raw: bytes) -> None:
    """A private line of any shape, committed to by a sound change, spoils that change alone."""
    for body in valid.bodies()[:1]:
        line = lines.encode(body | {"private": [lines.digest(raw)]})
        found = read_change(line, (raw,))
        assert found.private == (read_private(raw),)
        fault_in(found)


def set_text(raw: bytes) -> None:
    """Any lines behind a manifest that commits to them as they are: never more than faults inside."""
    body = raw + SEPARATOR if raw else raw
    rows = [row for row in raw.split(SEPARATOR) if b'"kind":' not in row]
    jws = valid.sign(
        valid.KEY,
        signing.MANIFEST,
        lines.encode(valid.manifest_of([(row, ()) for row in rows], count=max(1, len(rows)))),
        valid.DEVICE,
    )
    head, rest = changes.split_manifest(jws.encode() + SEPARATOR + body)
    items = read_body(read_manifest(head), rest)
    assert items
    assert all(item.change is not None or item.fault is not None for item in items)


def whole_text(raw: bytes) -> None:
    """Any text at all: its first line is a manifest or not, the rest is lines or not."""
    jws, body = changes.split_manifest(raw)
    found = read_manifest(jws)
    signing.verify(jws, signing.MANIFEST, valid.KEY.public_key())
    assert read_body(found, body)
    assert changes.text_of(jws, []) == jws.encode() + SEPARATOR


def opened(raw: bytes) -> None:
    """Any bytes in place of an envelope: they open to what was sealed, or not at all."""
    for key in valid.opening():
        try:
            text = envelope.open_(raw, key=key, info=valid.INFO)
        except Refusal:
            continue
        assert text == valid.TEXT


def inflated(raw: bytes) -> None:
    """Any bytes in place of a gzip member inflate to at most the limit."""
    assert len(envelope.inflate(raw, TEXT_BYTES_MAX)) <= TEXT_BYTES_MAX


def resealed(raw: bytes) -> None:
    """Any bytes that were sealed as they are: whatever is inside, opening refuses or returns them inflated."""
    key = valid.opening()[0]
    public = envelope.X25519PublicKey.from_public_bytes(key.public)
    sealed = envelope._suite(key.kem).encrypt(raw, public, valid.INFO)
    text = envelope.open_(sealed, key=key, info=valid.INFO, text_bytes_max=TEXT_BYTES_MAX)
    assert len(text) <= TEXT_BYTES_MAX


def frame(raw: bytes) -> None:
    """Any bytes in place of a cipher file decrypt to what was encrypted, or are corrupt."""
    try:
        plain_bytes = b"".join(frames.decrypt([raw], valid.FRAME_KEY))
    except FileCorrupt:
        return
    assert raw in valid.CIPHERS, "bytes that nobody encrypted open"
    assert frames.cipher_size(len(plain_bytes)) == len(raw)


def enrolment(raw: bytes) -> None:
    """A request to enrol with any payload, properly signed, is read or refused."""
    found = read_enrol(valid.sign(valid.KEY, signing.ENROL, raw, "new"))
    assert lines.encode(found.payload()) == raw


def invite(raw: bytes) -> None:
    """Any text in place of an invite is read or refused; what is read is written the same way again."""
    found = read_invite(raw.decode("utf-8", "replace"))
    assert read_invite(found.text()) == found


def proof(raw: bytes) -> None:
    """A request's proof with any payload, properly signed, holds for its own request alone."""
    jws = valid.sign(valid.KEY, signing.PROOF, raw, valid.DEVICE)
    signing.check_proof(jws, valid.KEY.public_key(), method="POST", url=valid.PROOF_URL, now_ms=valid.NOW)
    body = lines.decode(raw)
    assert (body["htm"], body["htu"]) == ("POST", valid.PROOF_URL)


TOKENS = tuple(
    valid.sign(
        valid.KEY, signing.MANIFEST, lines.encode(valid.manifest_of(list(valid.written()[:n]))), valid.DEVICE
    )
    for n in (1, 2)
)
TEXTS = tuple(f"{jws}\n".encode() + b"\n".join(rows) + b"\n" for jws in TOKENS for rows in valid.sets())
ENVELOPES = tuple(
    envelope.seal(valid.TEXT, kem=key.kem, public=key.public, info=valid.INFO) for key in valid.opening()
)
LINES = tuple(line for line, _ in valid.written()) + tuple(row for rows in valid.sets() for row in rows)
PROOF = {"htm": "POST", "htu": valid.PROOF_URL, "iat": valid.NOW // 1000}


TARGETS = (
    Target("lines", one_of(spoilt_bytes(LINES), spoilt_json(valid.bodies())), plain(canonical_line), 1.5),
    Target("base64url", spoilt_bytes([lines.b64u(bytes(range(40))).encode(), b"AA"]), plain(base64url), 0.3),
    Target("jws", spoilt_bytes([text.encode() for text in TOKENS]), plain(token)),
    Target("manifest", spoilt_json([valid.manifest_of([])]), plain(manifest), 1.5),
    Target("change", spoilt_json(valid.bodies()), plain(change), 2.0),
    Target("private line", spoilt_json(valid.private_bodies()), plain(private_line), 1.5),
    Target("set's lines", spoilt_lines(valid.sets()), plain(set_text), 2.0),
    Target("set's text", spoilt_bytes(TEXTS), plain(whole_text)),
    Target("envelope", spoilt_bytes(ENVELOPES), plain(opened)),
    Target("gzip member", spoilt_bytes([valid.GZIPPED]), plain(inflated), 0.5),
    Target("sealed anew", spoilt_bytes([valid.GZIPPED, valid.TEXT]), plain(resealed), 0.5),
    Target("file's frames", spoilt_bytes(valid.CIPHERS), plain(frame), 0.5),
    Target("enrolment", spoilt_json([valid.enrol_request()]), plain(enrolment)),
    Target("invite", spoilt_bytes([valid.INVITE.encode()]), plain(invite), 0.5),
    Target("request's proof", spoilt_json([PROOF]), plain(proof), 0.5),
)
