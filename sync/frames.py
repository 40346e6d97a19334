"""A file's cipher: 1 MiB frames of AES-256-GCM in the STREAM construction.

The file is 7 random bytes, then frames of FRAME_BYTES plaintext + 16-byte tag; the nonce is those
7 bytes | frame counter (4 bytes, big-endian, from 0) | last-frame flag (1 byte). Exactly one frame
carries the flag; an empty file is one empty frame. Re-ordering, cutting and joining are all found.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sync.errors import FileCorrupt

FRAME_BYTES = 1024 * 1024
TAG_BYTES = 16
PREFIX_BYTES = 7
KEY_BYTES = 32
FRAMES_MAX = 2**32


def cipher_size(plain_size: int) -> int:
    """Return the size of the cipher of a plain file of `plain_size` bytes."""
    frames = max(1, -(-plain_size // FRAME_BYTES))
    return PREFIX_BYTES + plain_size + frames * TAG_BYTES


def plain_size(cipher_size: int) -> int:
    """Return the size of the plain file behind a cipher of `cipher_size` bytes; raises FileCorrupt for none."""
    size = cipher_size - PREFIX_BYTES - _frames(cipher_size) * TAG_BYTES
    if size < 0:
        raise FileCorrupt("the file is shorter than its frame")
    return size


def _frames(cipher_size: int) -> int:
    return max(1, -(-(cipher_size - PREFIX_BYTES) // (FRAME_BYTES + TAG_BYTES)))


def _nonce(prefix: bytes, counter: int, last: bool) -> bytes:
    return prefix + struct.pack(">IB", counter, last)


def _regroup(chunks: Iterable[bytes], size: int) -> Iterator[tuple[bytes, bool]]:
    """Yield (frame, last) of `size` bytes each, only the last shorter; holds at most one frame and a chunk."""
    held = bytearray()
    for chunk in chunks:
        held += chunk
        while len(held) > size:
            yield bytes(held[:size]), False
            del held[:size]
    yield bytes(held), True


def encrypt(chunks: Iterable[bytes], key: bytes, prefix: bytes) -> Iterator[bytes]:
    """Yield the cipher of the plain chunks; key: 32 random bytes, prefix: 7, never used twice together."""
    aead = AESGCM(key)
    yield prefix
    for counter, (frame, last) in enumerate(_regroup(chunks, FRAME_BYTES)):
        yield aead.encrypt(_nonce(prefix, counter, last), frame, None)


def decrypt(chunks: Iterable[bytes], key: bytes) -> Iterator[bytes]:
    """Yield the plain frames; raises FileCorrupt at the first frame that does not open."""
    aead = AESGCM(key)
    source = iter(chunks)
    head = bytearray()
    while len(head) < PREFIX_BYTES:
        chunk = next(source, None)
        if chunk is None:
            raise FileCorrupt("the file is shorter than its prefix")
        head += chunk
    prefix, rest = bytes(head[:PREFIX_BYTES]), bytes(head[PREFIX_BYTES:])

    def after_prefix() -> Iterator[bytes]:
        yield rest
        yield from source

    for counter, (frame, last) in enumerate(_regroup(after_prefix(), FRAME_BYTES + TAG_BYTES)):
        try:
            yield aead.decrypt(_nonce(prefix, counter, last), frame, None)
        except (InvalidTag, ValueError) as error:
            raise FileCorrupt(f"frame {counter} does not open") from error


def decrypt_part(
    read: Callable[[int, int], Iterable[bytes]], key: bytes, *, cipher_size: int, start: int, end: int
) -> Iterator[bytes]:
    """Yield the plain bytes from `start` to `end`, having read and opened only the frames in which they lie.

    read: yields the cipher's bytes between two offsets; cipher_size: of the whole cipher
    Each frame proves itself, its place and whether it is the last; raises FileCorrupt at the first that does not.
    """
    assert 0 <= start < end <= plain_size(cipher_size), "the caller keeps within the file"
    aead = AESGCM(key)
    prefix = b"".join(read(0, PREFIX_BYTES))
    first, behind = start // FRAME_BYTES, -(-end // FRAME_BYTES)
    step = FRAME_BYTES + TAG_BYTES
    cipher = read(PREFIX_BYTES + first * step, min(cipher_size, PREFIX_BYTES + behind * step))
    for counter, (frame, _) in enumerate(_regroup(cipher, step), first):
        try:
            plain = aead.decrypt(_nonce(prefix, counter, counter == _frames(cipher_size) - 1), frame, None)
        except (InvalidTag, ValueError) as error:
            raise FileCorrupt(f"frame {counter} does not open") from error
        at = counter * FRAME_BYTES
        yield plain[max(0, start - at) : end - at]
