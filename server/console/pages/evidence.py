"""Evidence: the queue and the review of one item."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from server.console.pages.frame import CaptureInterval, Chip, Institution, Officer, Paging, Place


@dataclass(frozen=True, kw_only=True, slots=True)
class EvidenceRow:
    """One evidence item in a list. subject: what it shows in a few public words, such as a bed."""

    id: str
    kind: str
    state: str
    institution: Institution
    captured: CaptureInterval
    subject: str = ""
    author: str = ""
    picture: bool = True
    file_state: str = "verified"
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class EvidenceQueuePage:
    """Evidence in one state, oldest first; `state` is repeated in links so that j and k stay in it."""

    template: ClassVar[str] = "console/evidence_queue.html"
    state: str
    chips: tuple[Chip, ...]
    rows: tuple[EvidenceRow, ...]
    paging: Paging


@dataclass(frozen=True, kw_only=True, slots=True)
class FileFacts:
    """The file as signed at capture. same_as: other evidence with the same plain digest."""

    digest: str
    size_bytes: int
    media_type: str
    state: str
    width: int | None = None
    height: int | None = None
    same_as: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Proof:
    """Whether the ledger proves the item. verdict: `ok` only if recomputed for this page, `bad`, `unknown`.

    why: for `bad` and `unknown`, a code of `marks.PROOF_FAULTS`; path: hex digests, leaf upwards.
    """

    verdict: str
    checked_at: datetime
    index: int | None = None
    leaf: str = ""
    path: tuple[str, ...] = ()
    checkpoint_size: int | None = None
    checkpoint_root: str = ""
    why: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Review:
    """A decision about one version of an evidence item."""

    decision: str
    officer: Officer
    at: datetime
    version: int
    reason: str = ""
    sentence: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class EvidencePage:
    """One evidence item under review. queue: the list on the left, this item among it."""

    template: ClassVar[str] = "console/evidence.html"
    item: EvidenceRow
    version: int
    author: Officer
    second_officer: Officer | None
    device: str
    received_at: datetime
    file: FileFacts
    proof: Proof
    place: Place | None = None
    original_place: str = ""
    note: str = ""
    inspection: str = ""
    round_id: str | None = None
    bed_id: str | None = None
    reviews: tuple[Review, ...] = ()
    blocked: str | None = None
    state: str = "pending_review"
    queue: tuple[EvidenceRow, ...] = ()
    number: int = 1
    total: int = 1
    previous_id: str | None = None
    next_id: str | None = None
