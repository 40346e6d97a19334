"""Checkpoints as C2SP signed notes, and proofs that an outsider can check offline."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sync import checkpoint, merkle
from sync.checkpoint import Checkpoint
from sync.errors import BadProof, BadSignature, Refusal
from sync.merkle import CompactRange
from sync.signing import public_raw

KEY, OTHER = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2))
EPOCH = "ab" * 16
HEAD = checkpoint.sign(Checkpoint("ledger.example/luan", EPOCH, 5, bytes(range(32))), KEY)
DASH = "\u2014"


def test_a_note_is_laid_out_as_c2sp_says() -> None:
    body, signatures = HEAD.note.split("\n\n")
    assert body.split("\n") == [
        f"ledger.example/luan/{EPOCH}",
        "5",
        base64.b64encode(bytes(range(32))).decode(),
    ]
    dash, name, mark = signatures.rstrip("\n").split(" ")
    assert (dash, name) == (DASH, HEAD.name)
    assert base64.b64decode(mark)[:4] == checkpoint.key_hash(HEAD.name, public_raw(KEY))
    assert len(base64.b64decode(mark)) == 68


def test_the_key_of_the_signed_note_specification_has_its_hash() -> None:
    raw = base64.b64decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    name = "PeterNeumann"
    assert checkpoint.verifier_key(name, raw[1:]) == f"PeterNeumann+c74f20a3+{base64.b64encode(raw).decode()}"


def test_a_signed_head_verifies_and_gives_its_facts() -> None:
    found = checkpoint.verify(HEAD.note, [OTHER.public_key(), KEY.public_key()])
    assert found == HEAD
    assert checkpoint.parse(HEAD.note) == HEAD


def test_a_head_by_another_key_is_refused() -> None:
    for keys in ([OTHER.public_key()], []):
        with pytest.raises(BadSignature):
            checkpoint.verify(HEAD.note, keys)


def test_a_key_signs_for_its_own_name_only() -> None:
    elsewhere = HEAD.note.replace("ledger.example/luan", "ledger.example/other")
    with pytest.raises(BadSignature):
        checkpoint.verify(elsewhere, [KEY.public_key()])


def test_every_byte_of_a_note_matters() -> None:
    raw = HEAD.note.encode()
    for place in range(len(raw)):
        for bit in (1, 0x20, 0x40):
            flipped = raw[:place] + bytes([raw[place] ^ bit]) + raw[place + 1 :]
            with pytest.raises(Refusal):
                checkpoint.verify(flipped.decode(errors="replace"), [KEY.public_key()])


def test_a_cut_note_is_refused() -> None:
    for end in range(len(HEAD.note)):
        with pytest.raises(Refusal):
            checkpoint.verify(HEAD.note[:end], [KEY.public_key()])


def witnessed(mark: str) -> str:
    """Return the note with one more signature line."""
    return f"{HEAD.note}{DASH} witness.example {mark}\n"


def test_signatures_of_witnesses_are_passed_over() -> None:
    mark = base64.b64encode(b"w" * 68).decode()
    assert checkpoint.verify(witnessed(mark), [KEY.public_key()]).size == 5


@pytest.mark.parametrize(
    "spoil",
    [
        lambda note: note.replace("\n5\n", "\n05\n"),
        lambda note: note.replace("\n5\n", "\n-5\n"),
        lambda note: note.replace("\n5\n", "\n٥\n"),
        lambda note: note.replace("\n5\n", "\n5\nextra\n"),
        lambda note: note.replace("\n5\n", "\n"),
        lambda note: note.replace("=\n", "\n", 1),
        lambda note: note.replace("8=\n", "9=\n", 1),
        lambda note: note.replace("\n\n", "\n"),
        lambda note: note.replace(DASH, "-"),
        lambda note: note + "\n",
        lambda note: note.replace("\n\n", "\n\n\n"),
        lambda note: note[:-1] + "\r\n",
        lambda note: note + "junk\n",
        lambda note: witnessed("ä"),
        lambda note: witnessed("A"),
        lambda note: "x" * 9000 + note,
        lambda note: note.replace("ledger.example/luan/", ""),
        lambda note: note.replace("8=", "ä="),
        lambda _note: "",
        lambda _note: "\n\n\n",
        lambda _note: "a\n1\n\nb\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(spoil: Callable[[str], str]) -> None:
    spoilt = spoil(HEAD.note)
    assert spoilt != HEAD.note
    with pytest.raises(Refusal):
        checkpoint.verify(spoilt, [KEY.public_key()])


# -- proofs for outsiders ---------------------------------------------------------------------------

LEAVES = [merkle.leaf_hash(f"entry {n}".encode()) for n in range(7)]


def nodes(level: int, index: int) -> bytes:
    """Read a perfect subtree over LEAVES."""
    return merkle.root_of(LEAVES[index << level : (index + 1) << level])


def proof(index: int) -> str:
    """Return the tlog-proof of one of LEAVES."""
    tree = CompactRange()
    for leaf in LEAVES:
        tree.append(leaf)
    head = checkpoint.sign(Checkpoint("ledger.example/luan", EPOCH, 7, tree.root()), KEY)
    return checkpoint.proof_text(index, merkle.inclusion_proof(nodes, index, 7), head.note)


def test_a_proof_text_is_laid_out_as_c2sp_says() -> None:
    rows = proof(2).split("\n")
    assert rows[:2] == ["c2sp.org/tlog-proof@v1", "index 2"]
    assert rows[2:5] == [base64.b64encode(n).decode() for n in merkle.inclusion_proof(nodes, 2, 7)]
    assert rows[5] == ""


def test_a_proof_shows_its_own_entry() -> None:
    for index, leaf in enumerate(LEAVES):
        found, head = checkpoint.verify_proof_text(proof(index), leaf, [KEY.public_key()])
        assert (found, head.size) == (index, 7)


def test_a_proof_shows_no_other_entry_and_under_no_other_key() -> None:
    with pytest.raises(BadProof):
        checkpoint.verify_proof_text(proof(2), LEAVES[3], [KEY.public_key()])
    with pytest.raises(BadSignature):
        checkpoint.verify_proof_text(proof(2), LEAVES[2], [OTHER.public_key()])


def test_every_byte_of_a_proof_matters() -> None:
    raw = proof(2).encode()
    for place in range(len(raw)):
        flipped = (raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]).decode(errors="replace")
        with pytest.raises(Refusal):
            checkpoint.verify_proof_text(flipped, LEAVES[2], [KEY.public_key()])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace("index 2", "index 02"),
        lambda text: text.replace("index 2\n", ""),
        lambda text: text.replace("index 2", "index 3"),
        lambda text: text.replace("@v1", "@v2"),
        lambda text: text.replace("index 2\n", "index 2\nä\n"),
        lambda text: text.replace("index 2\n", "index 2\nAAAA\n"),
        lambda text: text.partition("\n\n")[2],
        lambda text: text.partition("\n\n")[0],
        lambda _text: "",
    ],
)
def test_what_is_no_proof_is_refused(spoil: Callable[[str], str]) -> None:
    with pytest.raises(Refusal):
        checkpoint.verify_proof_text(spoil(proof(2)), LEAVES[2], [KEY.public_key()])


def test_a_spoilt_signature_by_the_pinned_key_spoils_the_note() -> None:
    name, raw = checkpoint.signature_line(HEAD.note.split("\n\n")[1][:-1])
    spoilt = f"{DASH} {name} {base64.b64encode(raw[:-1] + bytes([raw[-1] ^ 1])).decode()}\n"
    with pytest.raises(BadSignature, match="does not verify"):
        checkpoint.verify(HEAD.note + spoilt, [KEY.public_key()])
