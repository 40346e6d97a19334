"""The queue of evidence: narrowed in SQL, within the reader's scope, by what its address says; by age or by risk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, select

from schemas import regions
from schemas.records import evidence as declared
from schemas.values import UUID
from server.access import scope
from server.console import review_marks
from server.console.pages import Chip, EvidenceQueuePage, Paging
from server.console.pages.evidence import QueueChoice
from server.evidence.risk import LEVELS
from server.queries import amendments, narrowing
from server.queries.evidence_rows import around, evidence_row
from server.queries.reading import PAGE_SIZE, TABLE, Reading, oldest_first
from server.storage import ledger_store
from sync import entries
from sync.errors import BadValue
from sync.merge import VOIDED, Record

PENDING = "pending_review"
AMENDED = "amendment_pending"
"""No stage of its own: approved, with a late change or a newer item that waits."""
STATES = (PENDING, AMENDED, "returned", "approved", "rejected", "captured", "uploaded", "superseded")
WORDS = ("region", "institution", "inspection", "kind", "age", "risk", "sort")
"""What a queue is narrowed and ordered by in its address, besides state and page."""
RISK_ITEMS_MAX = 1_000
"""Items among which the riskiest are sought: those that wait longest. Risk is derived, so no index knows it."""
CHOICES_MAX = 200
DAY_MS = 24 * 60 * 60_000


@dataclass(frozen=True)
class Wanted:
    """What a queue is asked for; '' leaves a word out. state: a stage, `voided`, or '' for all that is live."""

    state: str = PENDING
    region: str = ""
    institution: str = ""
    inspection: str = ""
    kind: str = ""
    age: str = ""
    risk: str = ""
    sort: str = ""

    @property
    def query(self) -> dict[str, str]:
        """The words that the address of this queue carries, besides the page."""
        return {"state": self.state} | {name: word for name in WORDS if (word := getattr(self, name))}


def asked(given: Mapping[str, str]) -> Wanted:
    """Return what an address asks for; raises BadValue or BadCode naming the word at fault."""
    words = {name: given[name] for name in WORDS if given.get(name)}
    listed = {
        "kind": declared.KINDS,
        "age": review_marks.AGES,
        "risk": LEVELS,
        "sort": review_marks.SORTS,
    }
    for name, known in listed.items():
        if name in words and words[name] not in known:
            raise BadValue(f"{name} is one of {', '.join(known)}", field=name)
    for name in ("institution", "inspection"):
        if name in words and not UUID.fullmatch(words[name]):
            raise BadValue("an id is a lower-case UUID", field=name)
    if "region" in words:
        words["region"] = narrowing.region_of(words)
    return Wanted(state=given.get("state", PENDING), **words)


def narrowed(reading: Reading, wanted: Wanted) -> Select[tuple[object, ...]]:
    """Return a select over the evidence that is asked for, in whatever state, as far as the reader may see it."""
    if wanted.state == VOIDED:
        reached = scope.reached(reading.connection, reading.services.ledger.id, reading.user, "evidence")
        found = reached.where(TABLE.c.life == VOIDED)
    else:
        found = reading.visible("evidence")
    parts: list[ColumnElement[bool]] = []
    if wanted.inspection:
        parts.append(TABLE.c.root == wanted.inspection)
    if wanted.institution:
        parts.append(TABLE.c.root.in_(_roots_at(reading, wanted.institution)))
    if wanted.kind:
        # The kind is a word among the public values; they are written with sorted keys and no blanks.
        parts.append(TABLE.c.state.contains(f'"kind":"{wanted.kind}"', autoescape=True))
    if wanted.age:
        parts.append(TABLE.c.version < _index_at(reading, int(wanted.age)))
    return narrowing.in_region(found.where(*parts), wanted.region)


def in_state(
    reading: Reading, statement: Select[tuple[object, ...]], state: str
) -> Select[tuple[object, ...]]:
    """Return the select narrowed to one stage, or to what is amended; '' and `voided` leave it as it is."""
    if state == AMENDED:
        return statement.where(amendments.pending(reading))
    return statement.where(TABLE.c.stage == state) if state and state != VOIDED else statement


def _roots_at(reading: Reading, institution: str) -> Select[tuple[str]]:
    """Return the inspections and rounds at an institution, as a subquery."""
    places = TABLE.alias("places")
    return select(places.c.id).where(
        places.c.ledger == reading.services.ledger.id,
        places.c.type.in_(("inspection", "ward_round")),
        places.c.parent == institution,
    )


def _index_at(reading: Reading, days: int) -> int:
    """Return the first entry that is younger than some days: the ledger's times never go back by more than a commit."""
    ledger = reading.services.ledger.id
    before = reading.services.now_ms() - days * DAY_MS
    low, high = 0, ledger_store.head(reading.connection, ledger).size
    while low < high:
        middle = (low + high) // 2
        line = ledger_store.lines_at(reading.connection, ledger, [middle])[middle]
        if entries.from_line(line).at <= before:
            low = middle + 1
        else:
            high = middle
    return low


def evidence_queue(reading: Reading, wanted: Wanted | None = None, page: int = 1) -> EvidenceQueuePage:
    """Return one page of the evidence that is asked for; what waits for review, longest first, unless told.

    Sought or ordered by risk it is the RISK_ITEMS_MAX that wait longest, and the page says where there are more.
    """
    wanted = wanted or Wanted()
    every = narrowed(reading, wanted)
    counts = {VOIDED: reading.count(every)} if wanted.state == VOIDED else reading.by_stage(every)
    shown = in_state(reading, every, wanted.state)
    total = counts.get(wanted.state, 0) if wanted.state else sum(counts.values())
    if wanted.state != VOIDED:
        counts[AMENDED] = reading.count(in_state(reading, every, AMENDED))
        total = counts[AMENDED] if wanted.state == AMENDED else total
    by_risk = bool(wanted.risk) or wanted.sort == "risk"
    more = by_risk and total > RISK_ITEMS_MAX
    if by_risk:
        items = _by_risk(reading, shown, wanted)
        total = len(items)
        items = items[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    else:
        order = [c.desc() for c in oldest_first()] if wanted.sort == "newest" else oldest_first()
        items = reading.records(shown.order_by(*order).limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE))
    known = around(reading, items)
    return EvidenceQueuePage(
        state=wanted.state,
        chips=_chips(counts, wanted.state),
        rows=tuple(evidence_row(item, known, reading.locale) for item in items),
        paging=Paging(total=total, page=page, size=PAGE_SIZE),
        query=wanted.query,
        regions=_regions(reading, wanted),
        institutions=_institutions(reading, wanted),
        riskiest_of=RISK_ITEMS_MAX if more else None,
    )


def _by_risk(reading: Reading, shown: Select[tuple[object, ...]], wanted: Wanted) -> list[Record]:
    """Return the items of the asked level, the riskiest first, what waits longest before its like."""
    items = reading.records(shown.order_by(*oldest_first()).limit(RISK_ITEMS_MAX))
    known = around(reading, items)
    rated = [(known.risk_of(item), item) for item in items]
    kept = [(found, item) for found, item in rated if not wanted.risk or found.level == wanted.risk]
    if wanted.sort == "risk":
        kept.sort(key=lambda pair: -pair[0].score)
    elif wanted.sort == "newest":
        kept.reverse()
    return [item for _, item in kept]


def _chips(counts: Mapping[str, int], state: str) -> tuple[Chip, ...]:
    listed = [each for each in STATES if counts.get(each) or each in (PENDING, state)]
    chips = [Chip(value=each, count=counts.get(each, 0), active=each == state) for each in listed]
    live = sum(count for stage, count in counts.items() if stage not in (VOIDED, AMENDED))
    if state == VOIDED:
        return (*chips, Chip(value=VOIDED, count=counts[VOIDED], active=True))
    return (*chips, Chip(value="", count=live, active=not state))


def _regions(reading: Reading, wanted: Wanted) -> tuple[QueueChoice, ...]:
    """Return the regions in which the reader sees evidence of this state, and the one that is asked for."""
    statement = in_state(reading, narrowed(reading, Wanted(state=wanted.state)), wanted.state)
    codes = statement.with_only_columns(TABLE.c.region).distinct().limit(CHOICES_MAX)
    found = {str(code) for code in reading.connection.execute(codes).scalars()} | {wanted.region} - {""}
    return tuple(
        QueueChoice(value=code, words=regions.name(code, reading.locale)) for code in sorted(found - {""})
    )


def _institutions(reading: Reading, wanted: Wanted) -> tuple[QueueChoice, ...]:
    """Return the institutions at which the reader sees evidence of this state, by name."""
    every = narrowed(reading, Wanted(state=wanted.state, region=wanted.region))
    statement = in_state(reading, every, wanted.state)
    # As expressions, because an index in the order of a column would be walked for DISTINCT, over every type.
    roots = statement.with_only_columns(TABLE.c.root.concat("").label("root")).distinct().subquery()
    places = TABLE.alias("places")
    ids = select(func.distinct(places.c.parent.concat(""))).where(
        places.c.ledger == reading.services.ledger.id, places.c.id.in_(select(roots.c.root))
    )
    found = reading.named(reading.connection.execute(ids.limit(CHOICES_MAX)).scalars())
    if wanted.institution and wanted.institution not in found:
        # Whoever may not see it learns nothing by asking for it.
        asked_for = reading.visible("institution").where(TABLE.c.id == wanted.institution)
        found |= {one.id: one for one in reading.records(asked_for)}
    named = [
        QueueChoice(value=key, words=str(each.values.get("name", each.values["fixmedins_code"])))
        for key, each in found.items()
        if each.type == "institution"
    ]
    return tuple(sorted(named, key=lambda each: each.words))


__all__ = [
    "PENDING",
    "RISK_ITEMS_MAX",
    "STATES",
    "Wanted",
    "asked",
    "evidence_queue",
    "in_state",
    "narrowed",
]
