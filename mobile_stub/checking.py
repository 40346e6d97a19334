"""What the phone verifies before it believes: heads, the key list's age, and each record against its entry.

Pure. A BadProof or BadSignature that is raised here means that the ledger contradicts what this phone
has seen or pinned; the caller raises the alarm.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from mobile_stub.journal import Copy
from schemas.wire.change import read_private
from schemas.wire.feed import FeedItem, FeedPage
from schemas.wire.keys import KeyList
from sync import checkpoint, lines, merkle
from sync.changes import Anchor, Change, PrivateLine
from sync.checkpoint import Checkpoint
from sync.entries import ADOPT, RELEASE, Entry, entry_outcome, from_line
from sync.errors import BadProof, Refusal
from sync.merge import value_key
from sync.outcomes import CONFLICT, LATE, NOT_IN_FORCE, REPEATED, SAME, SET_ASIDE

Fetch = Callable[[int, int], Sequence[bytes]]
LATENCY_MS_MAX = 5_000


def next_head(known: Checkpoint, note: str, keys: Sequence[Ed25519PublicKey], proof: Fetch) -> Checkpoint:
    """Return the newest head after a note was heard: the note's if it extends `known`, else `known`.

    proof: (old size, new size) -> nodes, asked only when the two sizes differ
    Raises BadSignature, BadProof: another epoch, or no one tree. A smaller head must be an ancestor.
    """
    heard = checkpoint.verify(note, keys)
    if heard.origin != known.origin or heard.epoch != known.epoch:
        # Another epoch may be followed, but by the recovery key's word alone.
        facts = {"epoch": heard.epoch} if heard.origin == known.origin else {}
        raise BadProof(f"the ledger speaks for {heard.name}, this phone knows {known.name}", **facts)
    old, new = sorted((known, heard), key=lambda head: head.size)
    nodes = proof(old.size, new.size) if old.size != new.size else ()
    merkle.verify_consistency(old.size, old.root, new.size, new.root, nodes)
    return new if new.size > known.size else known


def check_keys(found: KeyList, known: KeyList | None, *, origin: str, recovery_pin: str) -> None:
    """Return if a key list may follow the one at hand; raises BadProof."""
    if origin and found.origin != origin:
        raise BadProof(f"the key list is that of {found.origin}")
    if lines.digest(found.recovery) != recovery_pin:
        raise BadProof("the key list names another recovery key than the invite")
    if known is not None and found.serial < known.serial:
        raise BadProof("the key list is older than one this phone has seen")
    if known is not None and found.chain[: len(known.chain)] != known.chain:
        raise BadProof("the key list leads to other ledger keys than those this phone has followed")


@dataclass(frozen=True, slots=True)
class Moment:
    """The phone's clocks when an answer arrived, and how long its request took."""

    wall: int
    mono: int
    session: str
    trip_ms: int


def next_anchor(known: Anchor | None, heard: Anchor) -> Anchor:
    """Return the anchor to keep: the newer one by ledger position and server time."""
    if (
        known is not None
        and known.epoch == heard.epoch
        and (heard.index, heard.time) < (known.index, known.time)
    ):
        return known
    return heard


def anchor_at(moment: Moment, *, epoch: str, index: int, time: int) -> Anchor:
    """Return the anchor of an answer; server time is when it was made.

    After a slow answer nobody knows how the server's time stands to the phone's steady clock: the anchor then
    gets a session of its own, so that it bounds captures (and carries rights) without narrowing them falsely.
    """
    session = moment.session if moment.trip_ms <= LATENCY_MS_MAX else f"{moment.session[:40]}.slow"
    return Anchor(epoch, max(index, 0), time, moment.wall, moment.mono, session)


def check_cover(page: FeedPage) -> None:
    """Return if a page's own checkpoint covers every entry that the page speaks of; raises BadProof."""
    stated = checkpoint.parse(page.checkpoint)
    if page.epoch != stated.epoch or page.head >= stated.size:
        raise BadProof("the feed page speaks of entries that its checkpoint does not cover")


# -- one record of the feed --------------------------------------------------------------------------


def stored_copy(item: FeedItem, page: FeedPage) -> Copy:
    """Return what the journal keeps of an item once it was checked; raises BadProof."""
    entry = entry_of(item, page.entries)
    private = _private_lines(item)
    body: dict[str, Any] = {
        "values": {**item.fields, **revealed(item, private)},
        "digests": dict(item.digests),
        "life": item.life,
        "region": item.region,
        "created_by": item.created_by,
        "epoch": page.epoch,
        "private": [line.line.decode() for line in private.values()],
    }
    if item.contested:
        body["contested"] = {name: list(sides) for name, sides in item.contested.items()}
    if entry is not None and item.entry is not None:
        check_after(item, entry)
        body["entry"] = item.entry
        body["entry_line"] = page.entries[item.entry].decode()
    return Copy(item.id, item.type, item.root, item.version, body)


def entry_of(item: FeedItem, entries: Mapping[int, bytes]) -> Entry | None:
    """Return the entry that the item names, None for an item without one; raises BadProof if it is another's."""
    if item.entry is None:
        return None
    line = entries.get(item.entry)
    if line is None:
        raise BadProof(f"the feed names entry {item.entry} without showing it", item=item.id)
    try:
        entry = from_line(line)
    except (Refusal, TypeError, KeyError) as error:
        raise BadProof(f"entry {item.entry} of the feed is none", item=item.id) from error
    # An import is one entry for all its rows and names no record.
    if entry.kind != "import" and (entry.record, entry.type) != (item.id, item.type):
        raise BadProof(f"entry {item.entry} is that of another record", item=item.id)
    if item.entry > item.version:
        raise BadProof(f"entry {item.entry} is younger than the version that it led to", item=item.id)
    return entry


def judged_again(change: Change, known: Mapping[str, Any], index: int, page: FeedPage) -> dict[str, Any]:
    """Return the outcome that an own change got by a later entry; raises BadProof if that entry is not about it.

    known: the outcome that the phone has of the change, empty where it has none yet
    heard: in the answer, says that the feed told it and no receipt has shown the entry in the tree
    """
    entry, line = _shown(change, index, page)
    if entry.late is None:
        if entry.kind != RELEASE or entry.change != change.digest:
            raise BadProof(f"entry {index} does not judge this change again", item=change.id)
        return {**outcome_of(entry, index, line), "heard": True}
    # A ruling is another change, the supervisor's own; it names the entry that this one was found late by. This phone
    # may not have heard of that one: a release, or the change as another device or a re-admitted set brought it.
    if entry.late != known.get("index"):
        late, _ = _shown(change, entry.late, page)
        if late.change != change.digest or entry_outcome(late).verdict != LATE:
            raise BadProof(f"entry {index} does not rule on this change", item=change.id)
    if entry.kind != ADOPT:
        return {"verdict": SET_ASIDE, "index": index, "entry": lines.digest(line), "heard": True}
    return {**outcome_of(entry, index, line), "heard": True}


def is_newer(known: Mapping[str, Any], index: int) -> bool:
    """Return whether what an entry says of an own change goes before the outcome at hand.

    That a change was `same` because it had been sent before says nothing of what became of it then.
    """
    return index > int(known.get("index", -1)) or only_repeats(known)


def only_repeats(outcome: Mapping[str, Any]) -> bool:
    """Return whether an outcome says no more than that the change was in the ledger already."""
    return outcome.get("verdict") == SAME and REPEATED in outcome.get("flags", ())


def _shown(change: Change, index: int, page: FeedPage) -> tuple[Entry, bytes]:
    """Return an entry that the page shows, with its line; raises BadProof."""
    line = page.entries.get(index)
    if line is None:
        raise BadProof(f"the feed names entry {index} without showing it", item=change.id)
    try:
        return from_line(line), line
    except Refusal as error:
        raise BadProof(f"entry {index} of the feed is none", item=change.id) from error


def outcome_of(entry: Entry, index: int, line: bytes) -> dict[str, Any]:
    """Return what the journal keeps of a change's outcome; passed_on: the record that an alias sent it on to."""
    found = {**entry_outcome(entry).json(), "index": index, "entry": lines.digest(line)}
    return found if entry.addressed is None else {**found, "passed_on": entry.record}


def needs_a_look(outcome: Mapping[str, Any]) -> bool:
    """Return whether somebody has to do something about an outcome."""
    return outcome["verdict"] in NOT_IN_FORCE | {CONFLICT, SET_ASIDE}


def check_after(item: FeedItem, entry: Entry) -> None:
    """Return if the record is the one that its entry commits to; raises BadProof.

    An entry without `after` commits to nothing: it changed nothing, or it is that of an import.
    """
    if entry.after is None:
        return
    fields = {**item.fields, **item.digests}
    form = {"fields": fields, "id": item.id, "life": item.life, "type": item.type, "salt": entry.salt}
    if lines.digest(lines.encode(form)) != entry.after:
        raise BadProof("a record is not what its ledger entry commits to", item=item.id)


def _private_lines(item: FeedItem) -> dict[str, PrivateLine]:
    """Return the item's private lines by digest; one of a kind that this app does not know hides its values only."""
    found = {}
    for text in item.private:
        try:
            line = read_private(text.encode())
        except Refusal:
            continue
        found[line.digest] = line
    return found


def revealed(item: FeedItem, private: Mapping[str, PrivateLine]) -> dict[str, Any]:
    """Return the private values that the item's lines hold; a value whose line was erased is left out."""
    found: dict[str, Any] = {}
    for name, digest in item.digests.items():
        if isinstance(digest, list):
            found[name] = _members(name, digest, item.members.get(name, ()), private)
        elif (line := private.get(str(digest))) is not None and name in line.set:
            found[name] = line.set[name]
    return found


def _members(
    name: str, digests: Sequence[Any], values: Sequence[Any], private: Mapping[str, PrivateLine]
) -> list[Any]:
    """Return the members of a private set; raises BadProof for one that its line does not add."""
    if len(digests) != len(values):
        raise BadProof(f"{name} has {len(values)} members and {len(digests)} lines that hold them")
    found = []
    for digest, value in zip(digests, values, strict=True):
        line = private.get(str(digest))
        if line is None:
            continue
        if value_key(value) not in {value_key(added) for added in line.add.get(name, ())}:
            raise BadProof(f"a member of {name} does not stand in the line that is said to hold it")
        found.append(value)
    return sorted(found, key=value_key)


def checkable(copy: Copy) -> bool:
    """Return whether a copy has an entry of its own, whose place in the tree can be proven."""
    return "entry" in copy.body


def check_place(copy: Copy, proof: str, keys: Sequence[Ed25519PublicKey]) -> str:
    """Return the note of the head under which the copy's entry is proven to stand; raises BadProof, BadSignature."""
    leaf = merkle.leaf_hash(copy.body["entry_line"].encode())
    index, head = checkpoint.verify_proof_text(proof, leaf, keys)
    if index != copy.body["entry"]:
        raise BadProof("the proof is for another entry", item=copy.id)
    return head.note
