"""Receipts: sound, and altered in every place though the ledger key signed them all the same."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

from schemas.vectors.book import Phone
from schemas.vectors.fixed import (
    LEDGER,
    LEDGER_PUBLIC,
    ORIGIN,
    OTHER_EPOCH,
    code_of,
    flipped,
    identity,
    parts,
    sign_key,
    signed,
)
from schemas.vectors.scene import Scene
from schemas.vectors.telling import Case, Pushed
from sync import checkpoint, lines, receipt, signing
from sync.changes import Seen
from sync.checkpoint import Checkpoint
from sync.lines import unb64u
from sync.receipt import Expected

Payload = dict[str, Any]
ZERO = lines.b64u(bytes(32))
Spoil = Callable[[Payload], None]


# -- receipts ----------------------------------------------------------------------------------------------


def make_receipts() -> list[Case]:
    """Return receipts that hold, and every way in which one does not."""
    scene = Scene("receipts")
    done = scene.push(scene.ann, scene.edit(amount_fen=152_000), scene.draft(identity("second finding")))
    scene.push(scene.lea, scene.draft(identity("third finding")))
    payload = scene.book.receipt(done)
    cases = [_receipt("of two changes, after which the ledger went on", payload, done), *_others(scene)]
    cases += _committed(scene, done)
    for name, spoil in RECEIPTS.items():
        wrong = copy.deepcopy(payload)
        spoil(wrong)
        cases.append(_receipt(name, wrong, done))
    token = parts(signed(signing.RECEIPT, payload))
    alien = _receipt(
        "signed by a key that is not pinned", payload, done, signed(signing.RECEIPT, payload, "another")
    )
    body = lines.b64u(lines.encode({**payload, "seq": 9}))
    altered = _receipt("altered behind its signature", payload, done, f"{token[0]}.{body}.{token[2]}")
    return [*cases, alien, altered]


def _others(scene: Scene) -> list[Case]:
    """Return receipts of a first set without a checkpoint, and of one set at the very head."""
    fresh = Phone("fresh", scene.people["member"])
    first = scene.push(fresh, scene.draft(identity("fourth finding")))
    refused = scene.push(scene.eve, scene.edit(amount_fen=1))
    return [
        _receipt("of a phone that had seen nothing", scene.book.receipt(first), first),
        _receipt("of a change that was refused", scene.book.receipt(refused), refused),
    ]


def _committed(scene: Scene, done: Pushed) -> list[Case]:
    """Return receipts of a ledger in whose tree another entry stands than the one that belongs there."""
    ways: dict[str, tuple[str, str]] = {
        "whose tree holds another place": ('"n":0', '"n":1'),
        "whose tree holds another set": (done.manifest.digest, "0" * 64),
        "whose tree holds another change": (lines.digest(done.change_set.items[0].line), "0" * 64),
        "whose tree holds a kind that there is not": ('"kind":"change"', '"kind":"dance"'),
        "whose tree holds a verdict that there is not": ('"verdict":"applied"', '"verdict":"dance"'),
    }
    kept, cases = list(scene.book.log), []
    for name, (old, new) in ways.items():
        line = kept[done.first].decode()
        assert old in line, name
        scene.book.log = [*kept[: done.first], line.replace(old, new).encode(), *kept[done.first + 1 :]]
        cases.append(_receipt(name, scene.book.receipt(done), done))
    scene.book.log = kept
    return cases


def first_entry(change: Callable[[str], str]) -> Spoil:
    """Return what alters the first entry line."""

    def spoil(payload: Payload) -> None:
        payload["entries"][0] = change(payload["entries"][0])

    return spoil


def member(name: str, change: Callable[[Any], Any]) -> Spoil:
    """Return what alters one member of a payload."""

    def spoil(payload: Payload) -> None:
        payload[name] = change(payload[name])

    return spoil


def spoilt_hash(text: str) -> str:
    """Return a hash of the tree with one bit flipped."""
    return lines.b64u(flipped(unb64u(text)))


def swap(entries: list[str]) -> list[str]:
    """Return entry lines in the other order."""
    return entries[::-1]


def other_head(**said: Any) -> Spoil:
    """Return what signs another head: other members of it than its own."""

    def spoil(payload: Payload) -> None:
        head = checkpoint.parse(payload["checkpoint"])
        made = {"origin": head.origin, "epoch": head.epoch, "size": head.size, "root": head.root, **said}
        payload["checkpoint"] = checkpoint.sign(Checkpoint(**made), LEDGER).note

    return spoil


def alien_head(payload: Payload) -> None:
    """Let somebody else sign the head."""
    head = checkpoint.parse(payload["checkpoint"])
    payload["checkpoint"] = checkpoint.sign(head, sign_key("another")).note


RECEIPTS: Mapping[str, Spoil] = {
    "for another ledger": member("origin", lambda text: text + "x"),
    "for another device": member("device", lambda text: identity("another")),
    "for another seq": member("seq", lambda seq: seq + 1),
    "for another set": member("set", lambda text: "0" * 64),
    "from another size than the manifest's": member("seen", lambda size: size - 1),
    "an outcome was altered": first_entry(lambda line: line.replace("applied", "merged")),
    "an entry is of another change": first_entry(lambda line: line.replace('"n":0', '"n":1')),
    "an entry is no entry": first_entry(lambda line: "{}"),
    "an entry is not canonical": first_entry(lambda line: line.replace(",", ", ", 1)),
    "its entries are swapped": member("entries", swap),
    "its last does not fit its entries": member("last", lambda last: last + 1),
    "its first is another": member("first", lambda first: first + 1),
    "a hash of its range was altered": member("range", lambda row: [*row[:-1], spoilt_hash(row[-1])]),
    "a hash of its range is missing": member("range", lambda row: row[:-1]),
    "its way from the seen head was altered": member(
        "from_seen", lambda row: [*row, row[0] if row else ZERO]
    ),
    "its way to the checkpoint was altered": member(
        "to_checkpoint", lambda row: [spoilt_hash(row[0]), *row[1:]]
    ),
    "its way to the checkpoint is missing": member("to_checkpoint", lambda row: []),
    "its checkpoint has another root": other_head(root=bytes(32)),
    "its checkpoint is of another ledger": other_head(origin="ledger.invalid/luan"),
    "its checkpoint is of another epoch": other_head(epoch=OTHER_EPOCH),
    "its checkpoint is signed by somebody else": alien_head,
    "its checkpoint is none": member("checkpoint", lambda note: "note"),
    "a member too many": lambda payload: payload.update(more=1),
    "a number that is none": member("first", str),
    "a hash that is none": member("range", lambda row: ["AA", *row[1:]]),
    "without its entries": lambda payload: payload.__delitem__("entries"),
}


def _receipt(name: str, payload: Payload, done: Pushed, token: str = "") -> Case:
    manifest = done.manifest
    token = token or signed(signing.RECEIPT, payload)
    expected = Expected(
        origin=ORIGIN,
        device=manifest.device,
        seq=manifest.seq,
        manifest=manifest.digest,
        changes=tuple(lines.digest(item.line) for item in done.change_set.items),
        seen=manifest.seen,
    )
    code = code_of(receipt.verify, token, [LEDGER.public_key()], expected)
    told: Case = {"name": name, "token": parts(token), "key": LEDGER_PUBLIC.hex(), "code": code}
    told["expected"] = {
        "origin": ORIGIN,
        "device": expected.device,
        "seq": expected.seq,
        "manifest": expected.manifest,
        "changes": list(expected.changes),
        "seen": seen_json(expected.seen),
    }
    if not code:
        told["verdicts"] = [outcome.verdict for outcome in done.outcomes]
        told["size"] = checkpoint.parse(payload["checkpoint"]).size
    return told


def seen_json(seen: Seen | None) -> Payload | None:
    """Return a checkpoint as a manifest states it."""
    return None if seen is None else {"epoch": seen.epoch, "size": seen.size, "root": seen.root}
