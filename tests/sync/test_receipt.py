"""Receipts: what a phone accepts as proof, and that nothing else passes, not even signed by the ledger."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sync import checkpoint, lines, merkle, receipt, signing
from sync.changes import Seen
from sync.checkpoint import Checkpoint
from sync.entries import Entry
from sync.errors import BadProof, BadSignature, Malformed, Refusal
from sync.receipt import Expected, Receipt

KEY, OTHER = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2))
KEYS = [KEY.public_key()]
ORIGIN, EPOCH = "ledger.example/luan", "ab" * 16
SET, CHANGES = "5e" * 32, tuple(lines.digest(f"change {n}".encode()) for n in range(3))


def entry(n: int, change: str, of: str | None = SET) -> bytes:
    """Return the line of an entry."""
    return Entry(
        at=1000 + n, kind="change", by="ann", change=change, outcome={"verdict": "applied"}, salt=f"salt {n}",
        type="case", record="r1", device="d1", set=of, seq=1, n=n,
    ).line()  # fmt: skip


class Tree:
    """The lines of a ledger, and proofs about any of its heads."""

    def __init__(self, before: int, after: int):
        self.first = before
        self.lines = [entry(n, f"{n:064x}", "00" * 32) for n in range(before)]
        self.lines += [entry(n, change) for n, change in enumerate(CHANGES)]
        self.lines += [entry(n, f"{n + 99:064x}", "11" * 32) for n in range(after)]
        self.leaves = [merkle.leaf_hash(line) for line in self.lines]

    def nodes(self, level: int, index: int) -> bytes:
        """Read a perfect subtree."""
        return merkle.root_of(self.leaves[index << level : (index + 1) << level])

    def root(self, size: int) -> bytes:
        """Return the root at a size."""
        return merkle.root_of(self.leaves[:size])

    def seen(self, size: int) -> Seen:
        """Return what a phone saw at a size."""
        return Seen(EPOCH, size, self.root(size).hex())

    def receipt(self, seen: int | None) -> Receipt:
        """Return the receipt of the set that starts at `first`, under the newest head."""
        head = Checkpoint(ORIGIN, EPOCH, len(self.leaves), self.root(len(self.leaves)))
        return Receipt(
            origin=ORIGIN,
            device="d1",
            seq=1,
            manifest=SET,
            first=self.first,
            entries=tuple(self.lines[self.first : self.first + 3]),
            range=tuple(merkle.compact_range(self.nodes, self.first).hashes),
            checkpoint=checkpoint.sign(head, KEY).note,
            seen_size=seen or 0,
            from_seen=tuple(merkle.consistency_proof(self.nodes, seen or 0, self.first)),
            to_checkpoint=tuple(merkle.consistency_proof(self.nodes, self.first + 3, len(self.leaves))),
        )


def signed(payload: dict[str, Any], key: Ed25519PrivateKey = KEY) -> str:
    """Return a receipt's JWS."""
    return signing.sign(key, signing.RECEIPT, payload, kid=signing.key_id(signing.public_raw(key)))


def expected(seen: Seen | None) -> Expected:
    """Return what the phone knows of the set."""
    return Expected(ORIGIN, "d1", 1, SET, CHANGES, seen)


SHAPES = [
    (0, 0, None),
    (0, 5, None),
    (0, 0, 0),
    (1, 0, 1),
    (5, 0, 3),
    (5, 4, 5),
    (300, 40, 256),
    (300, 700, 7),
    (8, 8, 8),
]


@pytest.mark.parametrize(("before", "after", "seen"), SHAPES)
def test_a_receipt_proves_that_what_was_sent_is_in_the_tree(
    before: int, after: int, seen: int | None
) -> None:
    tree = Tree(before, after)
    phone = expected(None if seen is None else tree.seen(seen))
    found = receipt.verify(signed(tree.receipt(seen).payload()), KEYS, phone)
    assert [e.change for e in found.entries] == list(CHANGES)
    assert (found.receipt.first, found.receipt.last) == (before, before + 2)
    assert found.head.size == before + 3 + after
    assert found.receipt == tree.receipt(seen)


TREE = Tree(5, 4)
GOOD = TREE.receipt(3)
PHONE = expected(TREE.seen(3))


def test_every_character_of_a_receipt_matters() -> None:
    token = signed(GOOD.payload())
    receipt.verify(token, KEYS, PHONE)
    for place in range(0, len(token), 3):
        other = "A" if token[place] != "A" else "B"
        with pytest.raises(Refusal):
            receipt.verify(token[:place] + other + token[place + 1 :], KEYS, PHONE)


def test_a_receipt_by_a_key_that_is_not_pinned_is_refused() -> None:
    with pytest.raises(BadProof):
        receipt.verify(signed(GOOD.payload(), OTHER), KEYS, PHONE)
    forged = signing.sign(OTHER, signing.RECEIPT, GOOD.payload(), kid=signing.key_id(signing.public_raw(KEY)))
    with pytest.raises(BadSignature):
        receipt.verify(forged, KEYS, PHONE)


def test_after_a_change_of_keys_either_pinned_key_may_sign() -> None:
    both = [OTHER.public_key(), *KEYS]
    assert receipt.verify(signed(GOOD.payload()), both, PHONE).head.size == 12


def test_a_statement_of_another_kind_is_no_receipt() -> None:
    kid = signing.key_id(signing.public_raw(KEY))
    with pytest.raises(BadSignature):
        receipt.verify(signing.sign(KEY, signing.FEED, GOOD.payload(), kid=kid), KEYS, PHONE)


# -- a server that holds the key and lies ------------------------------------------------------------


def change(**members: Any) -> Callable[[], Receipt]:
    """Return the good receipt with members changed."""
    return lambda: dataclasses.replace(GOOD, **members)


def head(size: int, root: bytes, origin: str = ORIGIN, epoch: str = EPOCH) -> str:
    """Return the note of a head."""
    return checkpoint.sign(Checkpoint(origin, epoch, size, root), KEY).note


ALIEN = Tree(5, 4)
ALIEN.lines[2] = b"another history"
ALIEN.leaves[2] = merkle.leaf_hash(ALIEN.lines[2])
E0, E1, E2 = GOOD.entries


@pytest.mark.parametrize(
    "lie",
    [
        change(origin="ledger.example/other"),
        change(device="d2"),
        change(seq=2),
        change(manifest="00" * 32),
        change(first=4),
        change(first=6),
        change(first=-1),
        change(entries=(E0, E1)),
        change(entries=(E1, E0, E2)),
        change(entries=(E0, E1, E1)),
        change(entries=(E0, E1, E2, E2)),
        change(entries=()),
        change(entries=(E0, E1, E2.replace(b"applied", b"refused"))),
        change(entries=(E0, E1, E2 + b" ")),
        change(range=GOOD.range[:-1]),
        change(range=GOOD.range[::-1]),
        change(range=(bytes(32), *GOOD.range[1:])),
        change(checkpoint=head(12, bytes(32))),
        change(checkpoint=head(11, TREE.root(11))),
        change(checkpoint=head(12, TREE.root(12), origin="ledger.example/other")),
        change(checkpoint=head(12, TREE.root(12), epoch="cd" * 16)),
        change(checkpoint=head(7, TREE.root(7)), to_checkpoint=()),
        change(checkpoint=GOOD.checkpoint.replace("\n12\n", "\n13\n")),
        change(checkpoint=""),
        change(seen_size=0, from_seen=()),
        change(seen_size=4),
        change(from_seen=()),
        change(from_seen=GOOD.from_seen[::-1]),
        change(from_seen=(*GOOD.from_seen, bytes(32))),
        change(to_checkpoint=()),
        change(to_checkpoint=tuple(bytes(32) for _ in GOOD.to_checkpoint)),
        change(to_checkpoint=(*GOOD.to_checkpoint, bytes(32))),
        lambda: ALIEN.receipt(3),
    ],
)
def test_a_receipt_that_was_made_up_with_the_ledgers_own_key_is_refused(lie: Callable[[], Receipt]) -> None:
    made = lie()
    assert made != GOOD
    with pytest.raises(Refusal):
        receipt.verify(signed(made.payload()), KEYS, PHONE)


def test_a_ledger_that_dropped_what_this_phone_saw_is_found_out() -> None:
    with pytest.raises(BadProof):
        receipt.verify(signed(ALIEN.receipt(3).payload()), KEYS, PHONE)
    assert receipt.verify(signed(ALIEN.receipt(3).payload()), KEYS, expected(ALIEN.seen(3))).head.size == 12


def test_a_ledger_that_slips_into_another_epoch_is_found_out() -> None:
    elsewhere = dataclasses.replace(PHONE, seen=Seen("cd" * 16, 3, TREE.root(3).hex()))
    with pytest.raises(BadProof):
        receipt.verify(signed(GOOD.payload()), KEYS, elsewhere)


def test_a_phone_that_saw_nothing_takes_no_proof_from_something() -> None:
    unseen = dataclasses.replace(GOOD, seen_size=0)
    with pytest.raises(BadProof):
        receipt.verify(signed(unseen.payload()), KEYS, expected(None))


def test_entries_of_other_changes_or_of_another_set_acknowledge_nothing() -> None:
    tree = Tree(5, 4)
    for line in (entry(1, "77" * 32), entry(1, CHANGES[1], "22" * 32), entry(2, CHANGES[1]), b"no entry"):
        tree.lines[6] = line
        tree.leaves[6] = merkle.leaf_hash(line)
        with pytest.raises(Refusal):
            receipt.verify(signed(tree.receipt(3).payload()), KEYS, PHONE)


@pytest.mark.parametrize("member", sorted(GOOD.payload()))
@pytest.mark.parametrize("value", [None, "x", 70, -1, [], [7], {}, True])
def test_a_member_of_another_type_is_refused_and_never_a_crash(member: str, value: Any) -> None:
    payload = {**GOOD.payload(), member: value}
    assert lines.encode(payload) != lines.encode(GOOD.payload())
    with pytest.raises(Refusal):
        receipt.verify(signed(payload), KEYS, PHONE)


@pytest.mark.parametrize("member", sorted(GOOD.payload()))
def test_a_receipt_that_lacks_a_member_is_malformed(member: str) -> None:
    payload = {name: value for name, value in GOOD.payload().items() if name != member}
    with pytest.raises(Malformed):
        receipt.parse(payload)


def test_a_receipt_with_a_member_too_many_is_malformed() -> None:
    assert receipt.parse(GOOD.payload()) == GOOD
    with pytest.raises(Malformed):
        receipt.parse({**GOOD.payload(), "extra": 1})


def test_another_epoch_is_named_so_that_the_phone_can_show_it() -> None:
    stranger = dataclasses.replace(TREE.receipt(5), checkpoint=head(12, TREE.root(12), epoch="cd" * 16))
    with pytest.raises(BadProof, match=r"^the ledger is in another epoch than this phone saw$") as stop:
        receipt.verify(signed(stranger.payload()), KEYS, expected(TREE.seen(5)))
    assert stop.value.facts == {"epoch": "cd" * 16}


def test_an_entry_that_is_not_that_of_a_change_is_told_by_its_place_and_the_change() -> None:
    others = (CHANGES[0], "ff" * 32, CHANGES[2])
    wanted = dataclasses.replace(expected(TREE.seen(5)), changes=others)
    with pytest.raises(BadProof, match=r"^entry 1 is not that of the change that was sent$") as stop:
        receipt.verify(signed(TREE.receipt(5).payload()), KEYS, wanted)
    assert stop.value.item == "ff" * 32


@pytest.mark.parametrize("member", ["range", "from_seen", "to_checkpoint"])
@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_hash_of_another_length_is_malformed_before_anything_is_computed(member: str, length: int) -> None:
    payload = TREE.receipt(5).payload()
    assert receipt.parse(payload).payload() == payload
    with pytest.raises(Malformed):
        receipt.parse(payload | {member: [lines.b64u(bytes(length))]})


def test_a_receipt_says_which_version_it_is_of_and_no_other_is_read() -> None:
    payload = TREE.receipt(5).payload()
    assert payload["v"] == 1
    with pytest.raises(Malformed):
        receipt.parse(payload | {"v": 2})
