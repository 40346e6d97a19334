"""Institutions: the list, and one with its dossier in seven parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, ClassVar

from server.console.pages.bundles import BundleOffer
from server.console.pages.cases import CaseRow
from server.console.pages.evidence import EvidenceRow
from server.console.pages.findings import FindingRow
from server.console.pages.frame import Institution, OneOf, Paging
from server.console.pages.registers import Choice, Line
from server.console.pages.rounds import RoundRow
from server.console.pages.users import UserRow

PARTS = (
    "basic",
    "certificates",
    "evidence",
    "interviews",
    "notices",
    "reports",
    "decisions",
)
"""基本信息、证件、违规证据、约谈记录、整改通知书、整改报告、处理意见书."""
COMPLETE, MISSING, NOT_NEEDED = "complete", "missing", "not_needed"


@dataclass(frozen=True, kw_only=True, slots=True)
class InstitutionRow:
    """One institution in a list. inspected_on: the day of the last inspection on the spot."""

    id: str
    institution: Institution
    kind: str
    level: int | None
    region: str
    grade: str
    open_findings: int = 0
    open_cases: int = 0
    inspected_on: date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class InstitutionsPage:
    """Institutions, with what is open at each. query: the words of the address, without the page."""

    template: ClassVar[str] = "console/institutions.html"
    rows: tuple[InstitutionRow, ...]
    paging: Paging
    asked: str
    kinds: tuple[Choice, ...]
    levels: tuple[Choice, ...]
    grades: tuple[Choice, ...]
    regions: tuple[Choice, ...]
    sorts: tuple[Choice, ...]
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Lack:
    """What a part of a dossier lacks, by `marks.LACKS`. about: of which record, in words; kind, id: that record."""

    code: str
    about: str = ""
    kind: str = ""
    id: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class DossierItem:
    """One document or record in a part. index: the ledger's entry that last wrote it; digest: of its file, if any."""

    kind: str
    id: str
    title: str
    stage: str = ""
    at: datetime | None = None
    index: int | None = None
    digest: str = ""
    picture: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class DossierPart:
    """One of the seven parts. more: items that are not shown."""

    name: Annotated[str, OneOf(PARTS)]
    state: Annotated[str, OneOf((COMPLETE, MISSING, NOT_NEEDED))]
    items: tuple[DossierItem, ...] = ()
    lacks: tuple[Lack, ...] = ()
    more: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class DossierEvent:
    """Something that happened to a record of the institution: it came to a stage. index: the ledger's entry."""

    at: datetime
    kind: str
    id: str
    title: str
    stage: str
    by: str
    index: int


@dataclass(frozen=True, kw_only=True, slots=True)
class DossierVisit:
    """One inspection of an institution."""

    id: str
    kind: str
    mode: str
    stage: str
    planned_on: date
    team: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Contact:
    """Somebody of the institution: a contact person, or a user who answers for it."""

    name: str
    duty: str = ""
    phone: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class InstitutionPage:
    """One institution: its dossier, and everything that was done there.

    ready: how many of the seven parts are complete or not needed; more: by list, what is not shown
    may_download: whether this reader may take the dossier away
    accounts: at the portal, None for a reader who lets nobody in there
    """

    template: ClassVar[str] = "console/institution.html"
    row: InstitutionRow
    lines: tuple[Line, ...]
    parts: tuple[DossierPart, ...]
    ready: int
    timeline: tuple[DossierEvent, ...]
    inspections: tuple[DossierVisit, ...]
    rounds: tuple[RoundRow, ...]
    findings: tuple[FindingRow, ...]
    cases: tuple[CaseRow, ...]
    evidence: tuple[EvidenceRow, ...]
    people: tuple[Contact, ...]
    more: Mapping[str, int] = field(default_factory=dict)
    may_download: bool = False
    bundle: BundleOffer | None = None
    accounts: tuple[UserRow, ...] | None = None
