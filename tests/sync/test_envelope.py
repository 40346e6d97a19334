"""The sealed travel form: only the named key opens it, whole and unaltered, within bounds."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib

import pytest
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from sync import envelope, lines
from sync.envelope import OpeningKey
from sync.errors import Malformed, TooLarge, Unopenable

INFO = envelope.change_set_info("ledger.example/luan", "device", "kid")
TEXT = ("床位 12\n" * 40).encode()
KEYS = {kem: envelope.opening_key(kem, bytes(range(envelope.SEED_BYTES[kem]))) for kem in envelope.KEMS}
OTHERS = {kem: envelope.opening_key(kem, b"\x07" * envelope.SEED_BYTES[kem]) for kem in envelope.KEMS}

kems = pytest.mark.parametrize("kem", list(envelope.KEMS))


def sealed_raw(packed: bytes, info: bytes = INFO) -> bytes:
    """Seal bytes as they are, without packing them."""
    suite = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
    return suite.encrypt(packed, X25519PublicKey.from_public_bytes(KEYS["x25519"].public), info)


def opened(sealed: bytes, kem: str = "x25519", **more: int) -> bytes:
    """Open with the key of these tests."""
    return envelope.open_(sealed, key=KEYS[kem], info=INFO, **more)


@kems
@pytest.mark.parametrize("text", [b"", b"x", TEXT])
def test_what_is_sealed_opens(kem: str, text: bytes) -> None:
    assert opened(envelope.seal(text, kem=kem, public=KEYS[kem].public, info=INFO), kem) == text


@kems
def test_two_seals_of_one_text_are_two_envelopes(kem: str) -> None:
    seals = {envelope.seal(TEXT, kem=kem, public=KEYS[kem].public, info=INFO) for _ in range(3)}
    assert len(seals) == 3


@kems
def test_a_key_has_the_sizes_of_its_kem_and_is_named_by_its_digest(kem: str) -> None:
    key = KEYS[kem]
    assert len(key.public) == envelope.PUBLIC_BYTES[kem]
    assert key.kid == lines.digest(key.public)[:16]
    assert envelope.opening_key(kem, key.seed) == key


def test_an_xwing_key_ends_with_the_x25519_key_of_the_same_scalar() -> None:
    seed = KEYS["xwing"].seed
    assert KEYS["xwing"].public[-32:] == envelope.opening_key("x25519", seed[-32:]).public


@kems
def test_every_flipped_bit_and_every_cut_is_refused_in_the_same_words(kem: str) -> None:
    sealed = envelope.seal(TEXT, kem=kem, public=KEYS[kem].public, info=INFO)
    step = 1 if kem == "x25519" else 7
    spoilt = [
        sealed[:i] + bytes([sealed[i] ^ 1 << i % 8]) + sealed[i + 1 :] for i in range(0, len(sealed), step)
    ]
    spoilt += [b"", sealed[:1], sealed[:31], sealed[:32], sealed[:-1], sealed + b"\x00", sealed * 2]
    words = set()
    for one in spoilt:
        with pytest.raises(Unopenable) as stop:
            opened(one, kem)
        words.add(str(stop.value))
    with pytest.raises(Unopenable) as stop:
        envelope.open_(sealed, key=OTHERS[kem], info=INFO)
    assert words == {str(stop.value)}


@kems
def test_an_envelope_is_bound_to_its_ledger_device_and_key(kem: str) -> None:
    sealed = envelope.seal(TEXT, kem=kem, public=KEYS[kem].public, info=INFO)
    for info in (
        envelope.change_set_info("ledger.example/other", "device", "kid"),
        envelope.change_set_info("ledger.example/luan", "other", "kid"),
        envelope.change_set_info("ledger.example/luan", "device", "other"),
        envelope.feed_info("ledger.example/luan", "device"),
        b"",
    ):
        with pytest.raises(Unopenable):
            envelope.open_(sealed, key=KEYS[kem], info=info)


def test_an_envelope_of_one_kem_does_not_open_under_another() -> None:
    for kem, other in (("xwing", "x25519"), ("x25519", "xwing")):
        sealed = envelope.seal(TEXT, kem=kem, public=KEYS[kem].public, info=INFO)
        with pytest.raises(Unopenable):
            opened(sealed, other)


def test_info_is_spelt_as_the_protocol_says() -> None:
    assert INFO == b"wardledger/1 change-set\nledger.example/luan\ndevice\nkid"
    assert envelope.feed_info("o", "d") == b"wardledger/1 feed\no\nd"


@pytest.mark.parametrize(
    ("kem", "public"),
    [
        ("xwing", KEYS["x25519"].public),
        ("x25519", KEYS["xwing"].public),
        ("rot13", KEYS["x25519"].public),
        ("x25519", bytes(32)),
        ("xwing", KEYS["xwing"].public[:-32] + bytes(32)),
        ("xwing", b"\xff" * 1184 + KEYS["x25519"].public),
        ("x25519", b""),
    ],
)
def test_a_receiver_whose_key_is_none_is_malformed(kem: str, public: bytes) -> None:
    with pytest.raises(Malformed):
        envelope.seal(TEXT, kem=kem, public=public, info=INFO)


@pytest.mark.parametrize(("kem", "seed"), [("xwing", b"x" * 95), ("x25519", b"x" * 33), ("rot13", b"x" * 32)])
def test_a_seed_that_is_not_whole_makes_no_key(kem: str, seed: bytes) -> None:
    with pytest.raises(Malformed):
        envelope.opening_key(kem, seed)


def test_a_text_may_inflate_to_the_limit_and_no_further() -> None:
    sealed = envelope.seal(b"x" * 1000, kem="x25519", public=KEYS["x25519"].public, info=INFO)
    assert opened(sealed, text_bytes_max=1000) == b"x" * 1000
    with pytest.raises(TooLarge):
        opened(sealed, text_bytes_max=999)


def test_inflating_a_bomb_stops_at_the_limit() -> None:
    bomb = gzip.compress(bytes(64 * 1024 * 1024))
    tracemalloc.start()
    with pytest.raises(TooLarge):
        envelope.inflate(bomb, 1024 * 1024)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * 1024 * 1024


@pytest.mark.parametrize(
    "packed",
    [
        gzip.compress(TEXT) + b"\x00",
        gzip.compress(TEXT) + b"trailing",
        gzip.compress(TEXT) + gzip.compress(TEXT),
        gzip.compress(TEXT)[:-1],
        gzip.compress(TEXT)[:-8],
        gzip.compress(TEXT)[:-5] + b"\x00" + gzip.compress(TEXT)[-4:],
        zlib.compress(TEXT),
        TEXT,
        b"",
    ],
    ids=["zero", "trailing", "two members", "cut", "no checksum", "checksum", "zlib", "plain", "empty"],
)
def test_only_one_whole_gzip_member_is_opened(packed: bytes) -> None:
    with pytest.raises(Unopenable):
        opened(sealed_raw(packed))


def test_one_whole_gzip_member_of_another_packer_is_opened() -> None:
    assert opened(sealed_raw(gzip.compress(TEXT, 9))) == TEXT


def test_a_key_shows_nothing_of_its_seed_by_name() -> None:
    assert OpeningKey("x25519", b"", KEYS["x25519"].public).kid == KEYS["x25519"].kid
