"""Demo facts of what stands beside an item under review: where it was captured, what resembles it, its proof."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from server.console.pages import (
    CaptureInterval,
    Chip,
    Elsewhere,
    EvidenceRow,
    Institution,
    Likenesses,
    Officer,
    Paging,
    Place,
    ProofEntry,
    ProofFacts,
    Resembling,
)
from server.console.pages.second_reviews import SecondReviewPage, SecondReviewsPage, SecondRow
from server.console.plan import Sight, drawn
from sync import checkpoint
from sync.checkpoint import Checkpoint
from sync.merkle import leaf_hash, node_hash
from sync.signing import public_raw
from tests.console.sample_frame import NARROWING

DIGEST = hashlib.sha256("测试照片".encode()).hexdigest()
"""Of the demo item's file."""

OTHERS = (
    Sight("e1", 22, 30, 8), Sight("e2", 12, 41, 9), Sight("e4", -31, 12, 15), Sight("e5", 58, -20, 6),
    Sight("e6", 900, 120, 20),
)  # fmt: skip


def place(*, outside: bool = False) -> dict[str, Any]:
    """Return where an item was captured, in words and drawn."""
    item = Sight("e3", 240, 190, 25) if outside else Sight("e3", 28, 21, 12)
    seen = Place(
        distance_m=round(item.metres), bearing_deg=52, accuracy_m=item.accuracy, inside_fence=not outside
    )
    return {"place": seen, "plan": drawn(item, OTHERS, 200)}


@cache
def proof_facts(record: str) -> ProofFacts:
    """Return an item's proof that holds: two entries of a small ledger, signed by a key made for it."""
    key, name = Ed25519PrivateKey.from_private_bytes(bytes(32)), "ledger.example/demo/" + "0" * 32
    change = json.dumps({"record": record, "set": {"digest": DIGEST}})
    mine = json.dumps({"change": hashlib.sha256(change.encode()).hexdigest(), "n": 0})
    leaves = [leaf_hash(mine.encode()), leaf_hash(b"{}")]
    head = Checkpoint("ledger.example/demo", "0" * 32, 2, node_hash(*leaves))
    text = checkpoint.proof_text(0, leaves[1:], checkpoint.sign(head, key).note)
    entry = ProofEntry(index=0, entry=mine, change=change, proof=text)
    return ProofFacts(
        id=record, verdict="ok", why="", checked_at=datetime(2026, 11, 21, 6, tzinfo=UTC), digest=DIGEST,
        size_bytes=1, entries=(entry,), keys=(checkpoint.verifier_key(name, public_raw(key)),),
    )  # fmt: skip


def alike() -> Likenesses:
    """Return an earlier picture that resembles an item's, and one of another bureau."""
    at = datetime(2026, 11, 19, 6, 12, tzinfo=UTC)
    other = Resembling(
        id="e9", institution=Institution(name="测试市中医院", code="H34150100002"), subject="康复医学科 21 床",
        author="测试甲001", captured=CaptureInterval(earliest=at, latest=at), state="approved", bits=4,
        earlier=True, turned=False,
    )  # fmt: skip
    return Likenesses(shown=(other,), elsewhere=(Elsewhere(bureau="测试区", count=1),))


def second_row(*, blocked: str | None = None) -> SecondRow:
    """Return one drawn review."""
    at = datetime(2026, 11, 20, 6, 12, tzinfo=UTC)
    item = EvidenceRow(
        id="e9", version=18_400, kind="audio_visual", state="approved", subject="康复医学科 21 床",
        author="测试甲001", institution=Institution(name="测试市中医院", code="H34150100002"),
        captured=CaptureInterval(earliest=at, latest=at),
    )  # fmt: skip
    return SecondRow(
        id="t1", item=item, version=18_400, first=Officer(name="测试丙003"), first_act="approve", entry=18_399,
        due_on=date(2026, 11, 27), stage="open", blocked=blocked,
    )  # fmt: skip


def second_reviews(*, empty: bool = False) -> SecondReviewsPage:
    """Return the queue of second reviews."""
    rows = () if empty else (second_row(), second_row(blocked="reviewed_first"))
    chips = (Chip(value="waiting", count=len(rows), active=True), Chip(value="done", count=19))
    return SecondReviewsPage(
        state="waiting",
        chips=chips,
        rows=rows,
        paging=Paging(total=len(rows)),
        agreed=18,
        disagreed=1,
        percent=5,
        narrowing=NARROWING,
    )


def second_review(*, blocked: str | None = None) -> SecondReviewPage:
    """Return one drawn review with its form, or why it is not the reader's."""
    return SecondReviewPage(row=second_row(blocked=blocked))
