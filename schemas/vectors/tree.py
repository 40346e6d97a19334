"""The tree, its proofs, and the notes that sign its head."""

from __future__ import annotations

import base64
from typing import Any

from schemas.vectors.fixed import (
    EPOCH,
    LEDGER,
    LEDGER_PUBLIC,
    ORIGIN,
    OTHER_EPOCH,
    code_of,
    flipped,
    loose,
    nodes,
    sign_key,
)
from schemas.vectors.telling import Case
from sync import checkpoint, cosignature, merkle
from sync.checkpoint import Checkpoint
from sync.errors import BadProof, BadSignature
from sync.merkle import CompactRange

WITNESSED_AT = 1_794_880_800
"""Unix seconds."""
SIZES = (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 33, 255, 256, 257)
PAIRS = ((0, 0), (0, 5), (1, 1), (1, 2), (1, 8), (2, 3), (3, 7), (4, 8), (6, 7), (7, 8), (8, 15), (33, 257))
LEAVES = ((0, 1), (0, 2), (1, 2), (0, 3), (2, 3), (4, 7), (6, 7), (7, 8), (0, 257), (200, 257), (256, 257))


def line(n: int) -> bytes:
    """Return the n-th leaf's line."""
    return f'{{"n":{n}}}'.encode()


def subtree(level: int, index: int) -> bytes:
    """Return the hash of a perfect subtree over those leaves."""
    return merkle.root_of_lines(line(n) for n in range(index << level, (index + 1) << level))


def root(size: int) -> bytes:
    """Return the root over the first `size` leaves."""
    return merkle.root_of_lines(line(n) for n in range(size))


def make_roots() -> list[Case]:
    """Return roots and compact ranges; the n-th leaf is the line {"n":n}."""
    cases = []
    for size in SIZES:
        tree = CompactRange()
        for n in range(size):
            tree.append(merkle.leaf_hash(line(n)))
        told = {"size": size, "root": tree.root().hex(), "range": [one.hex() for one in tree.hashes]}
        cases.append({"name": f"{size} leaves", **told, "code": None})
    for size, count in ((0, 1), (3, 1), (4, 2), (7, 2)):
        hashes = [root(1)] * count
        code = code_of(CompactRange, size, hashes)
        told = {"size": size, "root": None, "range": [one.hex() for one in hashes]}
        cases.append({"name": f"{size} leaves in {count} hashes", **told, "code": code})
    return cases


def make_inclusions() -> list[Case]:
    """Return inclusion proofs, and for each what one bit, hash or number more or less makes of it."""
    cases = []
    for index, size in LEAVES:
        path = merkle.inclusion_proof(subtree, index, size)
        cases.append(_inclusion(f"leaf {index} of {size}", index, (index, size, path)))
    index, size = 200, 257
    path = merkle.inclusion_proof(subtree, index, size)
    spoilt: dict[str, tuple[int, int, list[bytes]]] = {
        "a bit flipped": (index, size, [*path[:-1], flipped(path[-1])]),
        "a hash short": (index, size, path[:-1]),
        "a hash too many": (index, size, [*path, path[-1]]),
        "in another order": (index, size, path[::-1]),
        "of the leaf beside it": (index + 1, size, path),
        "in a much larger tree": (index, 4 * size, path),
        "beyond the tree": (size, size, path),
        "with a short hash": (index, size, [path[0][:-1], *path[1:]]),
    }
    leaf, more = merkle.leaf_hash(line(0)), root(2)
    beyond = _inclusion("with a hash beyond the root", 0, (0, 1, [more]), merkle.node_hash(more, leaf))
    return [*cases, *(_inclusion(name, index, one) for name, one in spoilt.items()), beyond]


def _inclusion(name: str, leaf: int, claim: tuple[int, int, list[bytes]], top: bytes = b"") -> Case:
    """Return what becomes of the claim that the n-th line stands at (index, size, path) of the tree; top: its root."""
    index, size, path = claim
    node, top = merkle.leaf_hash(line(leaf)), top or root(min(size, 257))
    code = code_of(merkle.verify_inclusion, node, index, size, path, top)
    told = {"leaf": node.hex(), "index": index, "size": size, "proof": nodes(path), "root": top.hex()}
    return {"name": name, **told, "code": code}


def make_consistencies() -> list[Case]:
    """Return consistency proofs, sound and spoilt."""
    cases = []
    for old, new in PAIRS:
        path = merkle.consistency_proof(subtree, old, new)
        cases.append(_consistency(f"{old} to {new}", old, new, path))
    old, new = 33, 257
    path = merkle.consistency_proof(subtree, old, new)
    cases += [
        _consistency("a bit flipped", old, new, [*path[:-1], flipped(path[-1])]),
        _consistency("a hash short", old, new, path[:-1]),
        _consistency("a hash too many", old, new, [*path, path[-1]]),
        _consistency("no hash", old, new, []),
        _consistency("from another size", old - 1, new, path),
        _consistency("backwards", new, old, path),
        _consistency("a hash where none belongs", 0, 5, path[:1]),
        _consistency("another root of the same size", 5, 5, [], old_root=root(4)),
        _consistency("another old root", old, new, path, old_root=root(32)),
        _consistency("nothing that is not empty", 0, 5, [], old_root=root(1)),
        _consistency(
            "to a size far beyond its hashes", 4, 1_000, merkle.consistency_proof(subtree, 4, 8), top=root(8)
        ),
    ]
    return cases


def _consistency(
    name: str, old: int, new: int, path: list[bytes], *, old_root: bytes = b"", top: bytes = b""
) -> Case:
    """Return what becomes of the claim that one size is the beginning of another; old_root, top: other roots."""
    first, second = old_root or root(old), top or root(new)
    code = code_of(merkle.verify_consistency, old, first, new, second, path)
    told = {"old": old, "old_root": first.hex(), "new": new, "new_root": second.hex(), "proof": nodes(path)}
    return {"name": name, **told, "code": code}


# -- notes -------------------------------------------------------------------------------------------------


def note(size: int = 257, *, epoch: str = EPOCH, label: str = "ledger") -> str:
    """Return a signed note over the first `size` leaves."""
    return checkpoint.sign(Checkpoint(ORIGIN, epoch, size, root(size)), sign_key(label)).note


def cosigned(text: str) -> str:
    """Return a note with a witness's line behind the ledger's own."""
    body = text.split("\n\n", maxsplit=1)[0] + "\n"
    return text + cosignature.cosign(body, f"{ORIGIN}/witness", sign_key("witness"), WITNESSED_AT) + "\n"


def spoilt_line(text: str) -> str:
    """Return a note's signature line with another signature under the same name and key."""
    row = text.split("\n\n")[1][:-1]
    name, raw = checkpoint.signature_line(row)
    return f"\u2014 {name} {base64.b64encode(raw[:-1] + bytes([raw[-1] ^ 1])).decode()}\n"


def make_checkpoints() -> list[Case]:
    """Return notes with the head that each states, or the code with which it is refused."""
    good = note()
    signature = good.split("\n\n")[1]
    twice = f"{good}{note(label='another').split(chr(10) * 2)[1]}"
    given = {
        "a note": good,
        "of an empty tree": note(0),
        "with a second signature by somebody else": twice,
        "in which somebody else's comes first": good.replace(signature, "")
        + "".join(reversed(signature_lines(twice))),
        "with a witness's cosignature": cosigned(good),
        "with a spoilt signature by the pinned key beside its sound one": good + spoilt_line(good),
        "signed by somebody else alone": note(label="another"),
        "of another size": good.replace("\n257\n", "\n258\n"),
        "under another name than its own": good.replace(f"\u2014 {ORIGIN}", "\u2014 ledger.invalid/luan"),
        "of another origin": good.replace(ORIGIN, "ledger.invalid/luan"),
        "with a size that begins with zero": good.replace("\n257\n", "\n0257\n"),
        "with a size that is none": good.replace("\n257\n", "\n-1\n"),
        "with a line too many": good.replace("\n257\n", "\n257\nmore\n"),
        "with a short root": good.replace(good.split("\n")[2], "AAAA"),
        "with a root in loose base64": good.replace(good.split("\n")[2], loose(good.split("\n")[2])),
        "with a hyphen for the dash": good.replace("\u2014", "-"),
        "with a signature in loose base64": good[:-1] + "=\n",
        "without its last line feed": good[:-1],
        "without a signature": good.split("\n\n")[0] + "\n\n",
        "that is nothing": "",
    }
    return [_note(name, text) for name, text in given.items()]


def signature_lines(text: str) -> list[str]:
    """Return a note's signature lines, each with its line feed."""
    return [f"{row}\n" for row in text.split("\n\n")[1][:-1].split("\n")]


def _note(name: str, text: str) -> Case:
    keys = [LEDGER.public_key()]
    code = code_of(checkpoint.verify, text, keys)
    told: dict[str, Any] = {"name": name, "note": text, "key": LEDGER_PUBLIC.hex(), "code": code}
    if code:
        return told
    head = checkpoint.verify(text, keys)
    stated = {"origin": head.origin, "epoch": head.epoch, "size": head.size, "root": head.root.hex()}
    return {**told, "head": stated, "verifier": checkpoint.verifier_key(head.name, LEDGER_PUBLIC)}


def make_heads() -> list[Case]:
    """Return notes that a phone hears at one head, with the size of the head that it keeps, or a code.

    proof: what it gets when it asks for the way from the smaller to the larger size
    """
    known = Checkpoint(ORIGIN, EPOCH, 33, root(33))
    forward = merkle.consistency_proof(subtree, 33, 257)
    back = merkle.consistency_proof(subtree, 8, 33)
    fork = checkpoint.sign(Checkpoint(ORIGIN, EPOCH, 33, root(32)), LEDGER).note
    alien = checkpoint.sign(Checkpoint("ledger.invalid/luan", EPOCH, 257, root(257)), LEDGER).note
    heard: dict[str, tuple[str, list[bytes], int | None, str | None]] = {
        "a larger head": (note(257), forward, 257, None),
        "the same head": (note(33), [], 33, None),
        "an ancestor, which is no new head": (note(8), back, 33, None),
        "a larger head without its way": (note(257), [], None, BadProof.code),
        "an ancestor without its way": (note(8), [], None, BadProof.code),
        "another head of the same size": (fork, [], None, BadProof.code),
        "another epoch's": (note(257, epoch=OTHER_EPOCH), forward, None, BadProof.code),
        "another ledger's": (alien, forward, None, BadProof.code),
        "somebody else's": (note(257, label="another"), forward, None, BadSignature.code),
    }
    stated = {"origin": known.origin, "epoch": known.epoch, "size": known.size, "root": known.root.hex()}
    return [
        {
            "name": name,
            "known": stated,
            "note": text,
            "proof": nodes(path),
            "key": LEDGER_PUBLIC.hex(),
            "size": size,
            "code": code,
        }
        for name, (text, path, size, code) in heard.items()
    ]


def make_place_proofs() -> list[Case]:
    """Return tlog-proofs of one leaf's place, sound and spoilt."""
    index = 200
    path = merkle.inclusion_proof(subtree, index, 257)
    good = checkpoint.proof_text(index, path, note())
    given = {
        "a proof": (good, line(index)),
        "of another leaf": (good, line(index + 1)),
        "with another index": (good.replace("index 200", "index 201"), line(index)),
        "with an index that begins with zero": (good.replace("index 200", "index 0200"), line(index)),
        "of another kind": (good.replace("@v1", "@v2"), line(index)),
        "that lacks a hash": (checkpoint.proof_text(index, path[:-1], note()), line(index)),
        "under somebody else's note": (
            checkpoint.proof_text(index, path, note(label="another")),
            line(index),
        ),
        "under another epoch's note": (
            checkpoint.proof_text(index, path, note(epoch=OTHER_EPOCH)),
            line(index),
        ),
        "that is nothing": ("", line(index)),
    }
    cases = []
    for name, (text, leaf) in given.items():
        code = code_of(checkpoint.verify_proof_text, text, merkle.leaf_hash(leaf), [LEDGER.public_key()])
        told = {"name": name, "proof": text, "line": leaf.decode(), "key": LEDGER_PUBLIC.hex(), "code": code}
        cases.append(told if code else {**told, "index": index, "size": 257})
    return cases
