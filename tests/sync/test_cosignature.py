"""A witness's line over a head, and the request for one, byte for byte as C2SP says."""

from __future__ import annotations

import base64
import struct

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sync import checkpoint, cosignature
from sync.checkpoint import Checkpoint
from sync.errors import BadProof, BadSignature, Malformed, Refusal
from sync.signing import public_raw

KEY = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)
OTHER = Ed25519PrivateKey.from_private_bytes(b"\x08" * 32)
LEDGER = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
NAME = "witness.example/w1"
HEAD = checkpoint.sign(Checkpoint("ledger.example/luan", "ab" * 16, 5, bytes(range(32))), LEDGER)
AT = 1_679_315_147
LINE = cosignature.cosign(HEAD.body, NAME, KEY, AT)
HASHES = [bytes([n]) * 32 for n in range(3)]


def test_the_signed_text_is_that_of_the_specification() -> None:
    body = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    assert cosignature.message(body, AT) == f"cosignature/v1\ntime 1679315147\n{body}".encode()


def test_the_line_of_the_specification_is_read_as_a_time_and_a_signature() -> None:
    """The example of tlog-cosignature; its key is not published, so the time in it is what can be compared."""
    text = "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA=="
    name, mark = checkpoint.signature_line(f"\u2014 witness.example.com/w1 {text}")
    assert (name, len(mark)) == ("witness.example.com/w1", cosignature.MARK_BYTES)
    assert struct.unpack(">Q", mark[4:12]) == (AT,)


def test_the_line_is_key_id_time_and_signature() -> None:
    dash, name, text = LINE.split(" ")
    mark = base64.b64decode(text)
    raw = public_raw(KEY)
    assert (dash, name) == ("\u2014", NAME)
    assert mark[:4] == checkpoint.key_hash(NAME, raw, b"\x04") != checkpoint.key_hash(NAME, raw)
    assert mark[4:12] == AT.to_bytes(8, "big")
    KEY.public_key().verify(mark[12:], cosignature.message(HEAD.body, AT))


def test_a_line_verifies_and_states_its_time() -> None:
    assert cosignature.verify_line(LINE, HEAD.body, NAME, KEY.public_key()) == AT


def test_a_line_over_another_head_under_another_name_or_by_another_key_is_refused() -> None:
    for body, name, key in (
        (HEAD.body.replace("\n5\n", "\n6\n"), NAME, KEY),
        (HEAD.body, "witness.example/w2", KEY),
        (HEAD.body, NAME, OTHER),
    ):
        with pytest.raises(BadSignature):
            cosignature.verify_line(LINE, body, name, key.public_key())


def test_every_bit_of_a_line_matters() -> None:
    raw = LINE.encode()
    for place in range(len(raw)):
        for bit in (1, 0x20, 0x40):
            spoilt = (raw[:place] + bytes([raw[place] ^ bit]) + raw[place + 1 :]).decode(errors="replace")
            with pytest.raises(Refusal):
                cosignature.verify_line(spoilt, HEAD.body, NAME, KEY.public_key())


def test_a_time_beyond_the_largest_is_refused() -> None:
    line = cosignature.cosign(HEAD.body, NAME, KEY, 2**63)
    with pytest.raises(BadSignature):
        cosignature.verify_line(line, HEAD.body, NAME, KEY.public_key())
    line = cosignature.cosign(HEAD.body, NAME, KEY, 2**63 - 1)
    assert cosignature.verify_line(line, HEAD.body, NAME, KEY.public_key()) == 2**63 - 1


def test_a_cosigned_note_is_still_the_ledgers_note() -> None:
    assert checkpoint.verify(f"{HEAD.note}{LINE}\n", [LEDGER.public_key()]).size == 5


def test_a_witness_key_is_no_ledger_key() -> None:
    """The two types keep a cosignature from standing for the log's own signature, were the keys the same."""
    body = HEAD.body
    own = cosignature.cosign(body, HEAD.name, LEDGER, AT)
    with pytest.raises(BadSignature):
        checkpoint.verify(f"{body}\n{own}\n", [LEDGER.public_key()])


def test_the_witness_is_found_among_others() -> None:
    others = cosignature.cosign(HEAD.body, "witness.example/w2", OTHER, AT)
    answer = f"{others}\n{LINE}\n"
    assert cosignature.find(answer, HEAD.body, NAME, KEY.public_key()) == (LINE, AT)


@pytest.mark.parametrize("answer", ["", "\n", LINE, f"{LINE}\n\n", f"{LINE}\nx\n", "<html></html>\n"])
def test_an_answer_that_is_no_lines_is_refused(answer: str) -> None:
    if answer.startswith(LINE) and answer != LINE:
        answer = answer.replace(NAME, "witness.example/w2")
    with pytest.raises((BadProof, BadSignature)):
        cosignature.find(answer, HEAD.body, NAME, KEY.public_key())


def test_a_request_is_read_as_it_was_written() -> None:
    for old, proof in ((0, []), (3, HASHES), (2**53, HASHES * 21)):
        raw = cosignature.write(old, proof, HEAD.note)
        assert cosignature.read(raw) == cosignature.Addition(old, tuple(proof), HEAD.note)
    assert cosignature.write(3, HASHES[:1], "note\n") == (
        b"old 3\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\nnote\n"
    )


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"old 3\n",
        b"old 3\n\n",
        b"old 03\n\nnote\n",
        b"old -1\n\nnote\n",
        b"old  3\n\nnote\n",
        b"Old 3\n\nnote\n",
        b"old 3 \n\nnote\n",
        b"old 3\r\n\r\nnote\n",
        b"old 3\nAAAA\n\nnote\n",
        b"old 3\nnot base64\n\nnote\n",
        b"old \xd9\xa3\n\nnote\n",
        b"old 3\n\n\xff\n",
        b"\n\nnote\n",
        cosignature.write(3, [b"\x00" * 32] * 64, "note\n"),
        cosignature.write(3, [], "x" * cosignature.REQUEST_BYTES_MAX),
    ],
)
def test_what_is_no_request_is_malformed(raw: bytes) -> None:
    with pytest.raises(Malformed):
        cosignature.read(raw)
