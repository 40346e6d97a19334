"""A file's cipher: every size comes back, and nothing that was done to it goes unseen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sync import frames
from sync.errors import FileCorrupt
from sync.frames import FRAME_BYTES, PREFIX_BYTES, TAG_BYTES

KEY, PREFIX = b"k" * 32, b"prefix7"
FRAME = FRAME_BYTES + TAG_BYTES
MIB = 1024 * 1024


def plain(size: int) -> bytes:
    """Return `size` bytes that differ from frame to frame."""
    block = b"".join(n.to_bytes(4, "big") for n in range(1000))
    return (block * (size // len(block) + 1))[:size]


def sealed(size: int, key: bytes = KEY) -> bytes:
    """Return the cipher of plain(size)."""
    return b"".join(frames.encrypt([plain(size)], key, PREFIX))


def opened(cipher: bytes, key: bytes = KEY) -> bytes:
    """Return the plain bytes of a cipher."""
    return b"".join(frames.decrypt([cipher], key))


@pytest.mark.parametrize("size", [0, 1, 16, MIB - 1, MIB, MIB + 1, 2 * MIB - 1, 2 * MIB, 2 * MIB + 1])
def test_a_file_of_any_size_comes_back(size: int) -> None:
    cipher = sealed(size)
    assert len(cipher) == frames.cipher_size(size)
    assert opened(cipher) == plain(size)


def test_an_empty_file_is_one_empty_frame_with_the_flag() -> None:
    assert sealed(0) == PREFIX + AESGCM(KEY).encrypt(PREFIX + bytes(4) + b"\x01", b"", None)


def test_frames_are_sealed_as_the_stream_construction_says() -> None:
    cipher = sealed(MIB + 5)
    first = AESGCM(KEY).encrypt(PREFIX + (0).to_bytes(4, "big") + b"\x00", plain(MIB), None)
    second = AESGCM(KEY).encrypt(PREFIX + (1).to_bytes(4, "big") + b"\x01", plain(MIB + 5)[MIB:], None)
    assert cipher == PREFIX + first + second


@pytest.mark.parametrize("chunk", [65_536, FRAME - 1, FRAME, FRAME + 1, 3 * MIB])
def test_the_chunks_in_which_it_arrives_do_not_matter(chunk: int) -> None:
    size = 2 * MIB + 77
    pieces = [plain(size)[at : at + chunk] for at in range(0, size, chunk)]
    cipher = b"".join(frames.encrypt(pieces, KEY, PREFIX))
    assert cipher == sealed(size)
    arrived = [cipher[at : at + chunk] for at in range(0, len(cipher), chunk)]
    assert b"".join(frames.decrypt(arrived, KEY)) == plain(size)


def test_a_prefix_that_arrives_in_pieces_is_put_together() -> None:
    cipher = sealed(10)
    assert b"".join(frames.decrypt([cipher[:3], b"", cipher[3:9], cipher[9:]], KEY)) == plain(10)


CIPHER = sealed(2 * MIB + 100)
A, B, LAST = (CIPHER[PREFIX_BYTES:][n * FRAME : (n + 1) * FRAME] for n in range(3))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda c: c[:-1],
        lambda c: c[: PREFIX_BYTES + 2 * FRAME],
        lambda c: c[: PREFIX_BYTES + FRAME],
        lambda c: c[:PREFIX_BYTES],
        lambda c: c[:3],
        lambda _c: b"",
        lambda c: c + b"\x00",
        lambda c: c + LAST,
        lambda c: c + c,
        lambda _c: PREFIX + B + A + LAST,
        lambda _c: PREFIX + A + LAST + B,
        lambda _c: PREFIX + A + A + LAST,
        lambda _c: PREFIX + A + LAST,
        lambda _c: PREFIX + LAST,
        lambda _c: PREFIX + B + LAST,
        lambda c: b"prefix8" + c[PREFIX_BYTES:],
        lambda c: c[:PREFIX_BYTES] + b"x" + c[PREFIX_BYTES:],
        lambda c: c[:-TAG_BYTES],
    ],
    ids=[
        "cut by a byte", "cut by a frame", "cut to a frame", "prefix alone", "half a prefix", "nothing",
        "a byte more", "the last frame twice", "joined with itself", "swapped", "last in the middle", "doubled",
        "one left out", "only the last", "without the first", "other prefix", "shifted", "without its tag",
    ],
)  # fmt: skip
def test_a_cut_swapped_joined_or_extended_file_is_corrupt(spoil: Callable[[bytes], bytes]) -> None:
    with pytest.raises(FileCorrupt):
        opened(spoil(CIPHER))


@pytest.mark.parametrize("place", [0, 6, 7, 1000, PREFIX_BYTES + FRAME - 1, PREFIX_BYTES + FRAME, -1])
def test_a_flipped_bit_is_corrupt(place: int) -> None:
    spoilt = bytearray(CIPHER)
    spoilt[place] ^= 1
    with pytest.raises(FileCorrupt):
        opened(bytes(spoilt))


def test_every_bit_of_a_small_file_matters() -> None:
    cipher = sealed(3)
    for bit in range(len(cipher) * 8):
        spoilt = bytearray(cipher)
        spoilt[bit // 8] ^= 1 << bit % 8
        with pytest.raises(FileCorrupt):
            opened(bytes(spoilt))


def test_another_key_does_not_open() -> None:
    with pytest.raises(FileCorrupt):
        opened(sealed(10), b"o" * 32)


def test_a_fault_names_its_frame_and_what_came_before_it_was_good() -> None:
    spoilt = CIPHER[:-1] + bytes([CIPHER[-1] ^ 1])
    found = frames.decrypt([spoilt], KEY)
    assert next(found) + next(found) == plain(2 * MIB)
    with pytest.raises(FileCorrupt, match="frame 2"):
        next(found)


def test_a_part_is_opened_from_the_frames_in_which_it_lies_alone():
    plain = bytes(range(256)) * 4096 * 3 + b"end"
    cipher = b"".join(frames.encrypt([plain], bytes(32), bytes(7)))
    asked: list[tuple[int, int]] = []

    def read(start: int, end: int) -> list[bytes]:
        asked.append((start, end))
        return [cipher[start : start + 5], cipher[start + 5 : end]]

    mib, step = frames.FRAME_BYTES, frames.FRAME_BYTES + frames.TAG_BYTES
    for start, end, first, behind in (
        (0, 1, 0, 1), (mib - 1, mib + 1, 0, 2), (mib, 2 * mib, 1, 2), (2 * mib + 7, 3 * mib + 3, 2, 4),
        (0, len(plain), 0, 4), (3 * mib + 2, 3 * mib + 3, 3, 4),
    ):  # fmt: skip
        asked.clear()
        parts = frames.decrypt_part(read, bytes(32), cipher_size=len(cipher), start=start, end=end)
        assert b"".join(parts) == plain[start:end]
        assert asked == [(0, 7), (7 + first * step, min(len(cipher), 7 + behind * step))]


@pytest.mark.parametrize("size", [0, 1, frames.FRAME_BYTES, frames.FRAME_BYTES + 1])
def test_the_plain_size_follows_from_the_cipher_s(size: int):
    assert frames.plain_size(frames.cipher_size(size)) == size


@pytest.mark.parametrize("size", [0, 6, 22])
def test_what_is_shorter_than_a_frame_is_corrupt(size: int):
    with pytest.raises(FileCorrupt):
        frames.plain_size(size)


@pytest.mark.parametrize("frame", [0, 1, 2])
def test_a_flipped_byte_is_found_by_whoever_reads_its_frame_and_by_nobody_else(frame: int):
    plain = bytes(3 * frames.FRAME_BYTES)
    cipher = bytearray(b"".join(frames.encrypt([plain], bytes(32), bytes(7))))
    cipher[7 + frame * (frames.FRAME_BYTES + frames.TAG_BYTES) + 9] ^= 1

    def part(number: int) -> bytes:
        at = number * frames.FRAME_BYTES
        parts = frames.decrypt_part(
            lambda start, end: [bytes(cipher[start:end])],
            bytes(32),
            cipher_size=len(cipher),
            start=at,
            end=at + 10,
        )
        return b"".join(parts)

    for number in range(3):
        if number == frame:
            with pytest.raises(FileCorrupt):
                part(number)
        else:
            assert part(number) == bytes(10)


def test_frames_that_were_exchanged_or_cut_off_do_not_open():
    plain = bytes(2 * frames.FRAME_BYTES)
    cipher = b"".join(frames.encrypt([plain], bytes(32), bytes(7)))
    step = frames.FRAME_BYTES + frames.TAG_BYTES
    exchanged = cipher[:7] + cipher[7 + step :] + cipher[7 : 7 + step]
    for spoilt in (exchanged, cipher[: 7 + step]):
        with pytest.raises(FileCorrupt):
            list(
                frames.decrypt_part(
                    lambda start, end, raw=spoilt: [raw[start:end]],
                    bytes(32),
                    cipher_size=len(spoilt),
                    start=0,
                    end=1,
                )
            )
