"""Envelopes that do not open, or open to something that is no change-set: they can be attributed to nobody."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from typing import Any

from sync import envelope
from sync.changes import CHANGES_MAX, SEALED_BYTES_MAX, TEXT_BYTES_MAX
from tests.bad_input.case import Case, Do
from tests.bad_input.scene import Scene
from tests.bad_input.spoiling import sound
from tests.server.pushing import Line

STORED_BLOCK = 65_535
HPKE_ROOM = 32 + 16
"""Bytes that X25519 and the tag of AES-GCM add to what is sealed."""


def sealed(change: Callable[[bytes], bytes]) -> Do:
    """Post a sound set whose envelope was changed on the way."""

    def do(scene: Scene) -> Any:
        body, kid = scene.phone.sealed(scene.phone.text(scene.city.finding()))
        return scene.post(change(body), kid)

    return do


def sealed_for(**other: str) -> Do:
    """Post a sound set that was sealed for something else."""
    return lambda scene: scene.put(scene.phone.text(scene.city.finding()), **other)


def packed(pack: Callable[[bytes], bytes]) -> Do:
    """Post a sound set that was compressed otherwise, in an envelope that opens."""

    def do(scene: Scene) -> Any:
        return post_packed(scene, scene.phone.text(scene.city.finding()), pack)

    return do


def post_packed(scene: Scene, text: bytes, pack: Callable[[bytes], bytes]) -> Any:
    """Seal what `pack` makes of a text, and post it."""
    keyring, origin = scene.installation.services.keyring, scene.installation.services.ledger.origin
    key = next(key for key in keyring.opening if key.kem == envelope.X25519)
    info = envelope.change_set_info(origin, scene.phone.id, key.kid)
    public = envelope.X25519PublicKey.from_public_bytes(key.public)
    scene.text = text
    return scene.post(envelope._suite(key.kem).encrypt(pack(text), public, info), key.kid)


def stored(text: bytes) -> bytes:
    """Return one gzip member that holds a text as it is."""
    packer = zlib.compressobj(0, zlib.DEFLATED, envelope.GZIP_WINDOW)
    return packer.compress(text) + packer.flush()


def other_key(scene: Scene) -> Any:
    """Name another current key than the one that was sealed to."""
    body, _ = scene.phone.sealed(scene.phone.text(scene.city.finding()))
    return scene.post(body, scene.installation.services.keyring.opening[1].kid)


def other_device(scene: Scene) -> Any:
    """Seal in the name of another device."""
    return scene.put(scene.phone.text(scene.city.finding()), device=scene.city.phones[1].id)


def of_length(length: int) -> Do:
    """Post so many bytes that were never sealed."""
    return lambda scene: scene.post(b"x" * length, scene.installation.services.keyring.opening[0].kid)


def bomb(scene: Scene) -> Any:
    """Post a text that inflates one byte beyond its limit."""
    text = scene.phone.text(scene.city.finding())
    return scene.put(text + b"x" * (TEXT_BYTES_MAX + 1 - len(text)))


def findings(scene: Scene, count: int, text_bytes: int) -> list[Line]:
    """Return so many findings that their text, with its manifest, has exactly so many bytes."""
    drafts = [scene.city.finding(facts="x") for _ in range(count)]
    written = scene.lines(*drafts)
    room = text_bytes - len(scene.phone.text_of_lines(written))
    assert 0 <= room <= count * 7_999, "so many bytes do not fit into so many findings"
    for n, draft in enumerate(drafts):
        share = room // (count - n)
        room -= share
        longer = {**draft.values, "facts": "x" * (1 + share)}
        drafts[n] = type(draft)(draft.op, draft.type, draft.record, longer, add=draft.add)
    return scene.lines(*drafts)


def largest_text(scene: Scene) -> Any:
    """Post as many changes as may be, in as long a text as may be."""
    written = findings(scene, CHANGES_MAX, TEXT_BYTES_MAX)
    text = scene.phone.text_of_lines(written)
    assert len(text) == TEXT_BYTES_MAX
    return scene.put(text)


def largest_envelope(scene: Scene) -> Any:
    """Post a set that is sealed in as many bytes as may be."""
    length = SEALED_BYTES_MAX - HPKE_ROOM
    while HPKE_ROOM + len(stored(b"x" * length)) > SEALED_BYTES_MAX:
        length -= 1
    text = scene.phone.text_of_lines(findings(scene, 140, length))
    answer = post_packed(scene, text, stored)
    assert len(stored(text)) + HPKE_ROOM == SEALED_BYTES_MAX
    return answer


CASES = (
    Case("an envelope cut short", sealed(lambda body: body[:-1]), "400 unopenable", twin=sound(), postgres=True),
    Case("an envelope of ten bytes", sealed(lambda body: body[:10]), "400 unopenable", twin=sound()),
    Case("nothing at all", sealed(lambda body: b""), "400 unopenable", twin=sound()),
    Case("an envelope with one bit flipped", sealed(lambda body: body[:-9] + bytes([body[-9] ^ 4]) + body[-8:]),
         "400 unopenable", twin=sound()),
    Case("a set sealed for another ledger", sealed_for(origin="ledger.test/other"), "400 unopenable",
         twin=sound()),
    Case("a set sealed for another device", other_device, "400 unopenable", twin=sound()),
    Case("a set sealed to another key than it names", other_key, "400 unopenable", twin=sound()),
    Case("an opening key that is not current", sealed_for(kid="0" * 16), "409 rekey_required", twin=sound()),
    Case("a text that was not compressed", packed(lambda text: text), "400 unopenable", twin=packed(stored)),
    Case("a gzip member cut short", packed(lambda text: gzip.compress(text)[:-1]), "400 unopenable",
         twin=packed(gzip.compress)),
    Case("two gzip members", packed(lambda text: gzip.compress(text) + gzip.compress(b"\n")), "400 unopenable",
         twin=packed(gzip.compress)),
    Case("a text that inflates to 8 MiB + 1", bomb, "413 too_large", twin=largest_text),
    Case("1 MiB + 1 sealed", of_length(SEALED_BYTES_MAX + 1), "413 too_large", twin=largest_envelope),
    Case("2 MiB sealed", of_length(2 * SEALED_BYTES_MAX), "413 too_large"),
)  # fmt: skip
