"""Feed pages: sound, and altered in every place though the ledger key signed them all the same."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

from schemas.drafting import Draft
from schemas.vectors.answers import Payload, Spoil, alien_head, member, other_head, spoilt_hash
from schemas.vectors.fixed import (
    EPOCH,
    LEDGER,
    LEDGER_PUBLIC,
    ORIGIN,
    OTHER_EPOCH,
    identity,
    nodes,
    parts,
    signed,
)
from schemas.vectors.scene import Scene
from schemas.vectors.telling import Case
from sync import checkpoint, merkle, signing
from sync.checkpoint import Checkpoint
from sync.errors import BadProof, BadSignature, Malformed

PROOF, FORM = BadProof.code, Malformed.code
FINDING = 1
"""Its place on the page."""


def make_feeds() -> list[Case]:
    """Return feed pages that hold, with what they reveal, and every way in which one does not."""
    scene = Scene("feed")
    known = scene.book.head()
    _persons(scene)
    ids = [scene.inspection, scene.finding]
    page = scene.book.page(scene.lea, ids, seen=known.size)
    page["evict"] = [identity("another inspection")]
    newer = copy.deepcopy(page)
    newer["items"][FINDING]["more"] = newer["more_of_the_page"] = 1
    nothing = Checkpoint(ORIGIN, EPOCH, 0, merkle.EMPTY_ROOT)
    story = _Told(scene, known)
    cases = [
        story.good("a page", page),
        story.good("with members that a newer server adds", newer),
        _Told(scene, nothing).good("to a phone that knows no head", scene.book.page(scene.lea, ids)),
    ]
    for name, (spoil, code) in FEEDS.items():
        wrong = {**copy.deepcopy(page), "refused": scene.book.log[-2].decode()}
        spoil(wrong)
        cases.append(story.told(name, signed(signing.FEED, wrong), code))
    alien = story.told("signed by somebody else", signed(signing.FEED, page, "another"), BadSignature.code)
    return [
        *cases,
        alien,
        story.told("of another history", signed(signing.FEED, _forked(page, known, scene)), PROOF),
    ]


def _persons(scene: Scene) -> None:
    """Let one phone add two names to a private set, and the other remove one of them."""
    base = scene.book.base(scene.finding)
    names = ["测试甲002", "测试甲003"]
    scene.push(scene.ann, Draft("edit", "finding", scene.finding, add={"persons": names}, base=base))
    base = scene.book.base(scene.finding)
    # Refused, so that there is an entry of another record that commits to nothing.
    scene.push(scene.eve, Draft("edit", "inspection", scene.inspection, {"mode": "covert"}))
    scene.push(scene.lea, Draft("edit", "finding", scene.finding, remove={"persons": names[:1]}, base=base))


def _forked(page: Payload, known: Checkpoint, scene: Scene) -> Payload:
    """Return a page under a head of another history that is as long."""
    other = [b"another", *scene.book.log[1:]]
    head = Checkpoint(ORIGIN, EPOCH, len(other), merkle.root_of_lines(other))

    def subtree(level: int, index: int) -> bytes:
        return merkle.root_of_lines(other[index << level : (index + 1) << level])

    path = nodes(merkle.consistency_proof(subtree, known.size, len(other)))
    return {**page, "checkpoint": checkpoint.sign(head, LEDGER).note, "proof": path}


class _Told:
    """How a page stands in a vector, for a phone that knows some head."""

    def __init__(self, scene: Scene, known: Checkpoint):
        self.scene, self.known = scene, known

    def told(self, name: str, token: str, code: str | None) -> Case:
        """Return a case; code: that of the refusal, None for a page that holds."""
        head = self.known
        stated = {"origin": head.origin, "epoch": head.epoch, "size": head.size, "root": head.root.hex()}
        asked = {"device": self.scene.lea.id, "after": "", "known": stated, "key": LEDGER_PUBLIC.hex()}
        return {"name": name, "token": parts(token), **asked, "code": code}

    def good(self, name: str, page: Payload) -> Case:
        """Return the case of a page that holds, with the values that it reveals."""
        records = [self.scene.book.records[item["id"]] for item in page["items"]]
        revealed = {record.id: dict(record.values) for record in records}
        return {**self.told(name, signed(signing.FEED, page), None), "values": revealed}


def _item(name: str, change: Callable[[Any], Any]) -> Spoil:
    """Return what alters a member of the finding's item."""

    def spoil(page: Payload) -> None:
        item = page["items"][FINDING]
        item[name] = change(item[name])

    return spoil


def _entry_line(change: Callable[[str], str]) -> Spoil:
    """Return what alters the line of the finding's entry."""

    def spoil(page: Payload) -> None:
        index = str(page["items"][FINDING]["entry"])
        page["entries"][index] = change(page["entries"][index])

    return spoil


def _of_another_record(page: Payload) -> None:
    page["items"][FINDING]["entry"] = page["items"][0]["entry"]


def _empty_of_another_record(page: Payload) -> None:
    """Name the entry before, which is of another record and commits to nothing."""
    item = page["items"][FINDING]
    item["entry"] -= 1
    page["entries"] = {str(item["entry"]): page["refused"], **page["entries"]}


FEEDS: Mapping[str, tuple[Spoil, str | None]] = {
    "for another device": (member("device", lambda text: identity("another")), PROOF),
    "for another cursor": (member("after", lambda text: "AA"), PROOF),
    "of another epoch": (member("epoch", lambda text: OTHER_EPOCH), PROOF),
    "that speaks beyond its checkpoint": (member("head", lambda head: head + 1), PROOF),
    "with an altered way from the known head": (
        member("proof", lambda row: [spoilt_hash(row[0]), *row[1:]]),
        PROOF,
    ),
    "without the way from the known head": (member("proof", lambda row: []), PROOF),
    "under another root": (other_head(root=bytes(32)), PROOF),
    "under another ledger's head": (other_head(origin="ledger.invalid/luan"), PROOF),
    "under a head that somebody else signed": (alien_head, BadSignature.code),
    "with an altered value": (_item("fields", lambda fields: {**fields, "amount_fen": 1}), PROOF),
    "without one of its values": (_item("fields", lambda fields: {"origin": fields["origin"]}), PROOF),
    "with another life": (_item("life", lambda life: "voided"), PROOF),
    "with another private line's digest": (_item("digests", lambda kept: {**kept, "facts": "0" * 64}), PROOF),
    "that names an entry without showing it": (member("entries", lambda shown: {}), PROOF),
    "that names another record's entry": (_of_another_record, PROOF),
    "that names another record's entry, which commits to nothing": (_empty_of_another_record, PROOF),
    "with an entry of a kind that there is not": (
        _entry_line(lambda line: line.replace('"kind":"change"', '"kind":"dance"')),
        PROOF,
    ),
    "that names an entry younger than its version": (_item("version", lambda version: version - 1), PROOF),
    "with an entry that is none": (_entry_line(lambda line: "{}"), PROOF),
    # The page alone cannot tell: the altered line still leads to the record; its place in the tree gives it away.
    "with an entry altered elsewhere": (
        _entry_line(lambda line: line.replace('"n":0', '"n":1')),
        None,
    ),
    "with a member that no line adds": (_item("members", lambda sets: {"persons": ["测试甲009"]}), PROOF),
    "with fewer members than lines": (_item("members", lambda sets: {"persons": []}), PROOF),
    "with an item that is none": (_item("id", lambda text: "finding"), FORM),
    "with a life that there is not": (_item("life", lambda life: "undead"), FORM),
    "without a cursor": (member("cursor", lambda text: ""), FORM),
}
