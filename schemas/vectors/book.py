"""A ledger in memory, made of the pure core alone: it judges sets and acts, and shows receipts and feed pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from schemas.drafting import Draft, write
from schemas.records import RULES
from schemas.vectors.fixed import (
    APP,
    EPOCH,
    LEDGER,
    LEDGER_PIN,
    ORIGIN,
    SESSION,
    START_MS,
    Chance,
    identity,
    nodes,
    sign_key,
)
from schemas.vectors.telling import Acted, Case, Pushed, act_json, set_json
from schemas.wire.change_set import read_set
from sync import changes, checkpoint, lines, merge, merkle, signing
from sync.changes import Anchor, At, Item, Manifest, Seen
from sync.checkpoint import Checkpoint
from sync.entries import Entry
from sync.ids import uuid7
from sync.merge import Record
from sync.merkle import CompactRange
from sync.outcomes import Outcome
from sync.proposals import Proposal, States
from sync.receipt import Receipt
from sync.reconcile import reconcile
from sync.rules import BARRED, PHONE_ROLES, Grant, Grants

OMNI = identity("whoever may do everything")
NATION = "000000"
MINUTE_MS = 60_000
Written = tuple[bytes, tuple[bytes, ...]]


def every_role() -> list[str]:
    """Return each role that some right names."""
    found: set[str] = set()
    for kind in RULES.values():
        rights = [kind.create, kind.void, kind.resolve, *(f.right for f in kind.fields.values())]
        for right in (*rights, *(edge.right for edge in kind.edges)):
            found |= right.roles
    return sorted(found - {BARRED})


@dataclass
class Phone:
    """A device of somebody: its chain, and where it stood when it last heard the ledger."""

    name: str
    user: str = OMNI
    seq: int = 0
    prev: str = lines.ZERO_DIGEST
    anchor: int | None = None
    seen: Seen | None = None

    @property
    def id(self) -> str:
        """The device's id."""
        return identity(f"device {self.name}")


@dataclass
class Book:
    """See the module.

    now: the ledger's clock in Unix ms, which moves a minute with every commit; steps: all that was done
    """

    label: str
    now: int = START_MS
    log: list[bytes] = field(default_factory=list)
    records: dict[str, Record] = field(default_factory=dict)
    used: dict[str, str] = field(default_factory=dict)
    grants: Grants = field(default_factory=Grants)
    last_entry: dict[str, int] = field(default_factory=dict)
    steps: list[Case] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = Chance(self.label)
        if not self.grants.rows:
            self.grants = Grants([Grant(OMNI, role, NATION, OMNI, -1) for role in every_role()])

    # -- what phones and desk write ------------------------------------------------------------------

    def id(self) -> str:
        """Return a fresh id."""
        return uuid7(self.now, self.chance)

    def at(self, phone: Phone | None = None) -> At:
        """Return the capture time of this moment; a phone's names where the phone stood."""
        mono = self.now - START_MS
        if phone is None or phone.anchor is None:
            return At(self.now, mono, SESSION)
        anchor = Anchor(EPOCH, phone.anchor, self.now, self.now, mono, SESSION)
        return At(self.now, mono, SESSION, anchor)

    def item(self, draft: Draft, phone: Phone | None = None, change_id: str | None = None) -> Item:
        """Return a draft as the line that travels."""
        return write(draft, change_id=change_id or self.id(), at=self.at(phone), random=self.chance)

    def base(self, record: str, index: int | None = None) -> tuple[str, int]:
        """Return the base of a change on a record as it stands; index: an earlier version."""
        return (EPOCH, self.records[record].version if index is None else index)

    def pull(self, *phones: Phone) -> None:
        """Let phones hear where the ledger stands; of an empty one there is nothing to hear."""
        for phone in phones if self.log else ():
            phone.anchor, phone.seen = len(self.log) - 1, self.seen()

    def manifest(self, phone: Phone, written: Sequence[Written], **changed: Any) -> str:
        """Return the manifest of a phone's next set; changed: members that are to be otherwise."""
        made: dict[str, Any] = {
            "origin": ORIGIN,
            "device": phone.id,
            "seq": phone.seq + 1,
            "prev": phone.prev,
            "count": len(written),
            "root": changes.root_hex([line for line, _ in written]),
            "made_at": self.now,
            "app": APP,
            "schema": 1,
            "ledger_key": LEDGER_PIN,
            "seen": phone.seen,
        }
        payload = Manifest(**{**made, **changed}).payload()
        return signing.sign(sign_key(f"device {phone.name}"), signing.MANIFEST, payload, kid=phone.id)

    def push(self, phone: Phone, *given: Draft | Item | Written) -> Pushed:
        """Judge the next set of a phone and append its entries."""
        written = [self._written(one, phone) for one in given]
        jws = self.manifest(phone, written)
        rows = tuple(row for line, private in written for row in (line, *private))
        found = read_set(jws, list(rows))
        manifest = found.manifest
        proposals = [
            Proposal(
                index=len(self.log) + n,
                user=phone.user,
                writer=f"device:{phone.id}",
                seq=manifest.seq,
                n=n,
                source=manifest.digest,
                change=item.change,
                device=phone.id,
                fault=item.fault,
                within=PHONE_ROLES,
            )
            for n, item in enumerate(found.items)
        ]
        first = len(self.log)
        outcomes, afters = self._commit(
            proposals, found.items, by=phone.user, set=manifest.digest, device=phone.id, seq=manifest.seq
        )
        phone.seq, phone.prev = manifest.seq, manifest.digest
        done = Pushed(manifest, rows, first, outcomes, afters, found, tuple(self.log[first:]))
        self.steps.append(set_json(done))
        return done

    def _written(self, given: Draft | Item | Written, phone: Phone) -> Written:
        if isinstance(given, tuple):
            return given
        item = self.item(given, phone) if isinstance(given, Draft) else given
        assert item.change is not None, "what was drafted can be read"
        return item.line, tuple(private.line for private in item.change.private)

    def act(self, user: str, *drafts: Draft) -> tuple[Outcome, ...]:
        """Judge an act of the desk or the machine; one that does not wholly come into force leaves nothing."""
        items = [self.item(draft) for draft in drafts]
        writer = "machine" if user == "machine" else f"desk:{user}"
        first = len(self.log)
        proposals = [
            Proposal(first + n, user, writer, 0, n, f"act {first}", item.change, fault=item.fault)
            for n, item in enumerate(items)
        ]
        kept = (dict(self.records), dict(self.used), self.grants, dict(self.last_entry))
        outcomes, afters = self._commit(proposals, items, by=user)
        if not all(outcome.in_force for outcome in outcomes):
            del self.log[first:]
            self.records, self.used, self.grants, self.last_entry = kept
        done = Acted(user, tuple(items), first, outcomes, afters, tuple(self.log[first:]))
        self.steps.append(act_json(done))
        return outcomes

    def _commit(
        self, proposals: Sequence[Proposal], items: Sequence[Item], **author: Any
    ) -> tuple[tuple[Outcome, ...], tuple[Record | None, ...]]:
        self.now += MINUTE_MS
        judged = reconcile(proposals, self.records, RULES, self.grants, States(EPOCH, self.used))
        for n, (item, outcome, after) in enumerate(zip(items, judged.outcomes, judged.afters, strict=True)):
            self._append(item, outcome, after, n, author)
            if item.change:
                self.used = {**self.used, item.change.id: self.used.get(item.change.id, item.change.digest)}
        self.records = {**self.records, **judged.records}
        self.grants = judged.grants
        return judged.outcomes, judged.afters

    def _append(
        self, item: Item, outcome: Outcome, after: Record | None, n: int, author: Mapping[str, Any]
    ) -> None:
        index, change, salt = len(self.log), item.change, lines.b64u(self.chance(16))
        moved = after if after is not None and after.version == index else None
        named = change.record if change else None
        record = moved.id if moved else named
        entry = Entry(
            at=self.now,
            kind="change",
            change=lines.digest(item.line),
            outcome=outcome.json(),
            salt=salt,
            type=change.type if change else None,
            record=record,
            addressed=named if named != record else None,
            n=n,
            after=merge.after_digest(moved, salt) if moved else None,
            **author,
        )
        self.log.append(entry.line())
        if moved:
            self.last_entry[moved.id] = index

    # -- what the ledger shows -----------------------------------------------------------------------

    def nodes(self, level: int, index: int) -> bytes:
        """Return the hash of a perfect subtree."""
        return merkle.root_of_lines(self.log[index << level : (index + 1) << level])

    def head(self, size: int | None = None) -> Checkpoint:
        """Return the signed head, of an earlier size where given."""
        size = len(self.log) if size is None else size
        return checkpoint.sign(Checkpoint(ORIGIN, EPOCH, size, merkle.root_of_lines(self.log[:size])), LEDGER)

    def seen(self) -> Seen:
        """Return the head as a manifest states it."""
        head = self.head()
        return Seen(EPOCH, head.size, head.root.hex())

    def receipt(self, done: Pushed) -> dict[str, Any]:
        """Return the payload of a set's receipt, led to the present head."""
        manifest, seen = done.manifest, done.manifest.seen
        after = done.first + len(done.outcomes)
        tree = CompactRange()
        for line in self.log[: done.first]:
            tree.append(merkle.leaf_hash(line))
        receipt = Receipt(
            origin=manifest.origin,
            device=manifest.device,
            seq=manifest.seq,
            manifest=manifest.digest,
            first=done.first,
            entries=tuple(self.log[done.first : after]),
            range=tuple(tree.hashes),
            checkpoint=self.head().note,
            seen_size=seen.size if seen else 0,
            from_seen=tuple(merkle.consistency_proof(self.nodes, seen.size, done.first)) if seen else (),
            to_checkpoint=tuple(merkle.consistency_proof(self.nodes, after, len(self.log))),
        )
        return receipt.payload()

    def page(self, phone: Phone, ids: Sequence[str], *, after: str = "", seen: int = 0) -> dict[str, Any]:
        """Return the payload of a feed page that shows these records; seen: size of the head that the phone knows."""
        items = [self.item_json(self.records[key]) for key in ids]
        shown = {self.records[key].version for key in ids}
        return {
            "v": 1,
            "device": phone.id,
            "after": after,
            "cursor": lines.b64u(f"{EPOCH}/{len(self.log) - 1}/~".encode()),
            "more": False,
            "time": self.now,
            "epoch": EPOCH,
            "head": len(self.log) - 1,
            "checkpoint": self.head().note,
            "proof": nodes(merkle.consistency_proof(self.nodes, seen, len(self.log)) if seen else []),
            "items": items,
            "entries": {str(index): self.log[index].decode() for index in sorted(shown)},
            "evict": [],
        }

    def item_json(self, record: Record) -> dict[str, Any]:
        """Return a record as the feed carries it."""
        body: dict[str, Any] = {
            "id": record.id,
            "type": record.type,
            "version": record.version,
            "life": record.life,
            "root": record.root,
            "region": record.region,
            "created_by": record.created_by,
            "fields": {name: value for name, value in record.values.items() if name not in record.digests},
            "digests": dict(record.digests),
            "private": [line.decode() for _, line in sorted(needed(record).items())],
        }
        if members := {n: record.values[n] for n, kept in record.digests.items() if isinstance(kept, list)}:
            body["members"] = members
        if self.last_entry.get(record.id) == record.version:
            body["entry"] = record.version
        return body


def needed(record: Record) -> dict[str, bytes]:
    """Return the private lines in which a record's present values stand, by digest."""
    found: set[str] = set()
    for digest in record.digests.values():
        found.update(digest if isinstance(digest, list) else [digest])
    return {key: line for key, line in record.lines.items() if key in found}


__all__ = ["OMNI", "Book", "Phone", "Written", "every_role", "needed"]
