"""Receiving: feed pages are opened, verified and taken over one by one; then records are checked in the tree."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mobile_stub import checking, drift, lease, ledger_view
from mobile_stub.journal import Copy
from mobile_stub.kit import CHECKED, CURSOR, DOUBTED, Kit
from mobile_stub.transport import Answer
from mobile_stub.trouble import NotTheServer
from schemas.wire.change_set import read_manifest
from schemas.wire.feed import FeedPage, read_feed
from sync import envelope, key_chain, lines, signing
from sync.checkpoint import NOTE_BYTES_MAX, PROOF_HEADER
from sync.ids import conflict_id
from sync.outcomes import CONFLICT

PAGE_ITEMS = 200
PAGES_MAX = 10_000
OTHERS_CHECKED = 8
OWN_CHECKED_MAX = 64
CHECK_AFTER_MS = 86_400_000
TEXT_KEPT_MS = 30 * 86_400_000
FILE_DONE, FILE_WAITING, FILE_SENT = "done", "waiting", "sent"
UNSENT = "Wardledger-Unsent"
"""The header that tells the server how many changes have no receipt yet: the bureau sees which phone is stuck."""


@dataclass
class Pulled:
    """What a pull did; evicted counts the records that left the scope, checked those proven in the tree.

    mended: how many new snapshots it took because what this phone held had drifted from the ledger
    """

    items: int = 0
    evicted: int = 0
    checked: int = 0
    pages: int = 0
    mended: int = 0


def _unreceived(kit: Kit) -> int:
    """Return how many changes have no verified receipt yet, in a set or in none."""
    sealed = sum(read_manifest(one.manifest).count for one in kit.journal.unacknowledged())
    return kit.journal.count_waiting() + sealed


def pull(kit: Kit, done: Pulled) -> None:
    """Take over everything new in the phone's scope, one page a transaction; counts in `done` as it goes."""
    kit.refuse_if_stopped()
    for _ in range(PAGES_MAX):
        cursor = kit.journal.get(CURSOR) or ""
        query: dict[str, str | int] = {"after": cursor} if cursor else {}
        query |= {"limit": PAGE_ITEMS, "seen": kit.head.size}
        if drift.is_due(kit):
            query["sums"] = 1
        told = {**kit.presented, UNSENT: str(_unreceived(kit))}
        answer = kit.transport.get("/v1/feed", query, headers=told, good=(200, 204))
        lease.renew(kit, answer)
        if answer.status == 204:
            _nothing_new(kit, answer)
            return
        page = _opened(kit, answer, cursor)
        take_over(kit, page, answer, done)
        if page.more:
            continue
        if page.sums is None or drift.compare(kit, page.sums):
            return
        done.mended += 1
    raise NotTheServer("the feed does not end")


def _opened(kit: Kit, answer: Answer, cursor: str) -> FeedPage:
    own = kit.identity
    text = envelope.open_(
        answer.content,
        key=own.receiving_key,
        info=envelope.feed_info(own.origin, own.device),
        text_bytes_max=envelope.FEED_BYTES_MAX,
    )
    try:
        jws = text.strip().decode("ascii")
    except UnicodeDecodeError as error:
        raise NotTheServer("the feed page holds no signed statement") from error
    keys = ledger_view.keys_of_token(kit, jws, signing.FEED)
    return read_feed(jws, key_chain.maker(jws, signing.FEED, keys), device=own.device, after=cursor)


def take_over(kit: Kit, page: FeedPage, answer: Answer, done: Pulled) -> None:
    """Verify a page whole, then apply it whole: items, evictions, cursor, head and anchor in one step."""
    head = ledger_view.follow(kit, page.checkpoint, page.proof)
    checking.check_cover(page)
    copies = [checking.stored_copy(item, page) for item in page.items]
    outcomes = [
        (kept, checking.judged_again(kept.change, kept.outcome or {}, index, page))
        for change, index in page.outcomes.items()
        if (kept := kit.journal.change(change)) is not None and checking.is_newer(kept.outcome or {}, index)
    ]
    anew = kit.journal.get(DOUBTED) is not None
    with kit.journal.transaction():
        for copy, item in zip(copies, page.items, strict=True):
            kit.journal.put_copy(copy, anew=anew)
            if item.erased:
                kit.journal.erase(item.id, set(item.erased))
            _file_state(kit, copy)
        drift.seen_again(kit, [copy.id for copy in copies])
        for kept, outcome in outcomes:
            kit.journal.put_outcome(kept.change.id, outcome, settled=not checking.needs_a_look(outcome))
        for root in page.evict:
            done.evicted += kit.journal.hide_root(root)
        kit.journal.put(CURSOR, page.cursor)
        ledger_view.keep_head(kit, head)
        moment = kit.moment(answer)
        kit.set_anchor(checking.anchor_at(moment, epoch=page.epoch, index=page.head, time=page.time))
    done.items += len(copies)
    done.pages += 1


def _file_state(kit: Kit, copy: Copy) -> None:
    """Note what the server found of a file that this phone sent; what is damaged there is sent again."""
    known = (
        kit.journal.file(str(copy.body["values"].get("cipher_digest"))) if copy.type == "evidence" else None
    )
    state = copy.body["values"].get("file_state")
    if known is None or known[0] == FILE_DONE:
        return
    digest, body = copy.body["values"]["cipher_digest"], known[1]
    if state == "verified":
        kit.journal.put_file(digest, FILE_DONE, body)
    elif state in ("corrupt", "abandoned") and known[0] == FILE_SENT:
        kit.journal.put_file(digest, FILE_WAITING, {**body, "location": None})


def _nothing_new(kit: Kit, answer: Answer) -> None:
    """Take the next cursor; a larger head counts only with a proof, which is fetched."""
    cursor = answer.headers.get("wardledger-cursor", "")
    text = answer.headers.get("wardledger-checkpoint", "")
    if not cursor or not text or len(text) > 2 * NOTE_BYTES_MAX:
        raise NotTheServer("the empty feed names no cursor and checkpoint")
    try:
        note = base64.b64decode(text, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise NotTheServer("the empty feed's checkpoint is not base64") from error
    head = ledger_view.follow(kit, note)
    with kit.journal.transaction():
        ledger_view.keep_head(kit, head)
        kit.journal.put(CURSOR, cursor)


# -- what is checked in the tree -----------------------------------------------------------------------


def check_records(kit: Kit, done: Pulled) -> None:
    """Prove own records and eight others in the tree, after a feed that brought something and at least daily."""
    last = kit.journal.get(CHECKED)
    if not done.items and last is not None and kit.transport.now_ms() - last < CHECK_AFTER_MS:
        return
    for copy in chosen(kit):
        proof = _proof(kit, copy)
        keys = ledger_view.keys_of_note(kit, proof.partition("\n\n")[2])
        note = checking.check_place(copy, proof, keys)
        head = ledger_view.follow(kit, note)
        ledger_view.keep_head(kit, head)
        done.checked += 1
    kit.journal.put(CHECKED, kit.transport.now_ms())


def _proof(kit: Kit, copy: Copy) -> str:
    answer = kit.transport.get("/ledger/proof", {"index": copy.body["entry"]})
    try:
        found = answer.content.decode()
    except UnicodeDecodeError as error:
        raise NotTheServer("the proof is not text") from error
    if not found.startswith(PROOF_HEADER):
        # A guest network's page is no contradiction, and must not stop the phone for good.
        raise NotTheServer("the answer is no proof")
    return found


def chosen(kit: Kit) -> list[Copy]:
    """Return own records whose entry no receipt has proven yet, and eight others at random."""
    own: list[str] = []
    others: list[str] = []
    changed = kit.journal.changed_records()
    for key in kit.journal.copy_ids():
        (own if key in changed else others).append(key)
    picked = _sample(kit, own, OWN_CHECKED_MAX) + _sample(kit, others, OTHERS_CHECKED)
    copies = [copy for key in picked if (copy := kit.journal.copy(key)) is not None]
    return [copy for copy in copies if checking.checkable(copy) and not _receipted(kit, copy)]


def _receipted(kit: Kit, copy: Copy) -> bool:
    """Return whether the copy's entry is one that a verified receipt has shown in the tree already."""
    shown = (copy.body["entry"], lines.digest(copy.body["entry_line"].encode()))
    told = (kept.outcome or {} for kept in kit.journal.of_record(copy.id))
    return any("heard" not in one and (one.get("index"), one.get("entry")) == shown for one in told)


def _sample(kit: Kit, keys: Sequence[str], most: int) -> list[str]:
    left = list(keys)
    found: list[str] = []
    while left and len(found) < most:
        place = int.from_bytes(kit.random(8), "big") % len(left)
        found.append(left.pop(place))
    return found


# -- what the user must look at --------------------------------------------------------------------------


def settle_looks(kit: Kit) -> None:
    """Take off the list the conflicts that the feed has shown decided since."""
    for kept in kit.journal.unsettled():
        outcome: dict[str, Any] = dict(kept.outcome or {})
        if outcome.get("verdict") != CONFLICT:
            continue
        found = [kit.journal.copy(conflict_id(kept.change.record, name)) for name in kept.change.names]
        known = [one for one in found if one is not None]
        if known and all(one.body["values"].get("state") == "settled" for one in known):
            kit.journal.put_outcome(kept.change.id, outcome, settled=True)


def tidy(kit: Kit) -> None:
    """Let go of what may go: evicted records without unsent work, texts 30 days after their receipt, sent files."""
    kit.journal.purge_hidden()
    anchor = kit.anchor
    if anchor is not None:
        # By the server's time alone: a phone whose clock leaps a year ahead must not lose its texts.
        kit.journal.forget_texts(anchor.time - TEXT_KEPT_MS)
    for digest, _, _ in kit.journal.files(FILE_DONE):
        (kit.files / digest).unlink(missing_ok=True)
