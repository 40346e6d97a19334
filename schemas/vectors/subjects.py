"""The files of vectors: what each is about, and where its cases come from."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schemas.vectors import (
    answers,
    greetings,
    moments,
    pages,
    scene,
    sealed,
    tree,
    types,
    verdicts,
    wire,
)
from schemas.vectors.book import OMNI, every_role
from schemas.vectors.fixed import EPOCH
from schemas.vectors.telling import Case

FOLDER = Path(__file__).parent
TYPES_FOLDER = "record_types"


@dataclass(frozen=True)
class Subject:
    """One file: what it is about, the maker of its cases, and what holds for all of them."""

    about: str
    make: Callable[[], list[Case]]
    common: Callable[[], Mapping[str, Any]] = dict


def _scene() -> dict[str, Any]:
    before, keys = scene.before()
    return {"before": before, "device_keys": keys, **_world()}


def _world() -> dict[str, Any]:
    """Return who may do what at the beginning of every ledger: one user has every role everywhere."""
    return {
        "epoch": EPOCH,
        "grants": [{"user": OMNI, "role": role, "root": "000000"} for role in every_role()],
    }


SUBJECTS: Mapping[str, Subject] = {
    "lines": Subject("Canonical lines, and what is none.", wire.make_lines),
    "text_frames": Subject("How a change-set's text is cut into lines.", wire.make_frames),
    "encodings": Subject("base64url without padding, in its one spelling.", wire.make_encodings),
    "signatures": Subject("Compact JWS of each typ.", wire.make_signatures),
    "request_proofs": Subject("A device's proofs of one request.", wire.make_proofs),
    "manifests": Subject("Manifests and the chains that they form.", wire.make_manifests),
    "tree_roots": Subject("Roots and compact ranges of a tree.", tree.make_roots),
    "tree_inclusion": Subject("Proofs that a leaf stands in a tree.", tree.make_inclusions),
    "tree_consistency": Subject("Proofs that one tree is the beginning of another.", tree.make_consistencies),
    "checkpoints": Subject("Signed notes of a head.", tree.make_checkpoints),
    "heads": Subject("Notes that a phone hears, and the head that it keeps.", tree.make_heads),
    "place_proofs": Subject("tlog-proof@v1 of one entry.", tree.make_place_proofs),
    "gzip_members": Subject("One gzip member under a limit.", sealed.make_members),
    "frames": Subject("A file's cipher, frame by frame.", sealed.make_frames),
    "invites": Subject("The text of an invite's QR code.", greetings.make_invites),
    "enrol_requests": Subject("Requests by which a phone enrols.", greetings.make_requests),
    "enrol_answers": Subject("The ledger's answers to a request.", greetings.make_answers),
    "key_lists": Subject("Key lists under a pinned ledger key.", greetings.make_key_lists),
    "receipts": Subject("Receipts, held against what was sent.", answers.make_receipts),
    "feed_pages": Subject("Feed pages, held against what is known.", pages.make_feeds),
    "conflict_ids": Subject("The id of a field's one conflict record.", moments.make_conflict_ids),
    "time_ids": Subject("Ids made of a time and of chance.", moments.make_time_ids),
    "capture_times": Subject("Capture times as intervals.", moments.make_capture_times),
    "verdicts": Subject("Change-sets and acts, and what becomes of each change.", verdicts.make, _scene),
}


def texts(folder: Path = FOLDER) -> dict[str, str]:
    """Return {path below the folder: text} of every file; folder: where the last writing is, for its envelopes."""
    found = {f"{name}.json": written(one.about, one.make(), one.common()) for name, one in SUBJECTS.items()}
    found["envelopes.json"] = written("Envelopes to open.", sealed.make_envelopes(kept(folder)), {})
    for case in types.make():
        about = f"Change-sets and acts on records of the type {case['name']}, derived from its declaration."
        found[f"{TYPES_FOLDER}/{case['name']}.json"] = written(about, [case], _world())
    return found


def kept(folder: Path) -> Sequence[Case]:
    """Return the envelopes of the last writing, none where there is none."""
    path = folder / "envelopes.json"
    return json.loads(path.read_text("utf-8"))["cases"] if path.exists() else []


def written(about: str, cases: Sequence[Case], common: Mapping[str, Any]) -> str:
    """Return a file's text; its cases are named, and no two alike."""
    names = [case["name"] for case in cases]
    assert len(set(names)) == len(names), f"{about} two cases have one name"
    body = {"about": about, **common, "cases": list(cases)}
    return json.dumps(body, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
