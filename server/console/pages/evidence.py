"""Evidence: the queue and the review of one item."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from server.console.pages.alike import Likenesses
from server.console.pages.amendments import Amendment
from server.console.pages.frame import CaptureInterval, Chip, Institution, Officer, Paging, Place
from server.console.pages.plan import Plan
from server.evidence.exif import Exif


@dataclass(frozen=True, kw_only=True, slots=True)
class EvidenceRow:
    """One evidence item in a list. subject: what it shows in a few public words, such as a bed.

    risk: one of `risk.LEVELS`; grounds: what it is made of, the gravest first
    """

    id: str
    kind: str
    state: str
    institution: Institution
    captured: CaptureInterval
    version: int
    subject: str = ""
    author: str = ""
    picture: bool = True
    file_state: str = "verified"
    flags: tuple[str, ...] = ()
    risk: str = "none"
    grounds: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class QueueChoice:
    """One choice of a filter."""

    value: str
    words: str


@dataclass(frozen=True, kw_only=True, slots=True)
class EvidenceQueuePage:
    """Evidence in one state; `query` is repeated in links so that j and k stay in the queue.

    riskiest_of: how many were looked at for their risk, where there are more than that
    """

    template: ClassVar[str] = "console/evidence_queue.html"
    state: str
    chips: tuple[Chip, ...]
    rows: tuple[EvidenceRow, ...]
    paging: Paging
    query: Mapping[str, str] = field(default_factory=lambda: {"state": "pending_review"})
    regions: tuple[QueueChoice, ...] = ()
    institutions: tuple[QueueChoice, ...] = ()
    riskiest_of: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class FileFacts:
    """The file as signed at capture. same_as: other evidence with the same plain digest.

    pages: of a PDF, that are shown as pictures; 0 where it cannot be shown so, None for what is no PDF or not here
    """

    digest: str
    size_bytes: int
    media_type: str
    state: str
    width: int | None = None
    height: int | None = None
    same_as: tuple[str, ...] = ()
    pages: int | None = None


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
class Signed:
    """The assertion over a decision: `ok` only if verified for this page, else `bad`; index: its entry."""

    verdict: str
    index: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Review:
    """A decision about one version of an evidence item; signed: by its maker's passkey."""

    decision: str
    officer: Officer
    at: datetime
    version: int
    reason: str = ""
    sentence: str = ""
    signed: Signed | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class VerifyPage:
    """The ledger's word on a copy of a written record; told to anybody who holds one.

    form: its words; state: `stands`, `taken_back` or `replaced`; None where the ledger knows no such original
    """

    template: ClassVar[str] = "console/verify.html"
    record: str
    digest: str
    origin: str
    state: str | None = None
    form: str = ""
    entry: int = 0
    received: datetime | None = None
    size: int = 0
    root: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class EvidencePage:
    """One evidence item under review. queue: the list on the left, this item among it.

    plan: its place drawn; unplaced: why there is none, by `marks.UNPLACED`
    """

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
    plan: Plan | None = None
    unplaced: str = ""
    alike: Likenesses = field(default_factory=Likenesses)
    exif: Exif | None = None
    amendment: Amendment | None = None
    original_place: str = ""
    note: str = ""
    inspection: str = ""
    round_id: str | None = None
    bed_id: str | None = None
    reviews: tuple[Review, ...] = ()
    blocked: str | None = None
    may_void: bool = False
    state: str = "pending_review"
    query: Mapping[str, str] = field(default_factory=lambda: {"state": "pending_review"})
    queue: tuple[EvidenceRow, ...] = ()
    number: int = 1
    total: int = 1
    previous_id: str | None = None
    next_id: str | None = None
