"""Evidence: the queue that is worked off, and one item with everything a decision needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import and_, or_

from schemas.records.inspection import KINDS
from schemas.records.ward_round import MODES
from server.access.duties import is_outsider, team_of
from server.console.pages import (
    EvidencePage,
    EvidenceRow,
    FileFacts,
    Officer,
    Proof,
    Review,
)
from server.evidence import exif, file_state, paper, proof, verify
from server.queries import alike, people, where
from server.queries.amendments import amendment
from server.queries.evidence_queue import PENDING, Wanted, in_state, narrowed
from server.queries.evidence_rows import Around, around, evidence_row
from server.queries.origins import Origin, origins
from server.queries.reading import TABLE, Reading, moment, oldest_first
from server.queries.record_values import said
from server.queries.signed_by import signatures
from server.storage import original_store
from sync.errors import FileCorrupt, TooLarge
from sync.merge import LIVE, VOIDED, Record

BESIDE = 12
"""How many items of the queue stand before and after the one that is open."""
SAME_MAX = 20


@dataclass(frozen=True)
class Beside:
    """Where an item stands in a queue; number: from 1."""

    before: list[Record]
    after: list[Record]
    number: int
    total: int


def beside(reading: Reading, item: Record, wanted: Wanted, most: int = BESIDE) -> Beside:
    """Return an item's neighbours in a queue by age, whether it is in that queue or no more."""
    queue = in_state(reading, narrowed(reading, wanted), wanted.state)
    version, key = TABLE.c.version, TABLE.c.id
    earlier = or_(version < item.version, and_(version == item.version, key < item.id))
    later = or_(version > item.version, and_(version == item.version, key > item.id))
    before = reading.records(queue.where(earlier).order_by(version.desc(), key.desc()).limit(most))
    after = reading.records(queue.where(later).order_by(*oldest_first()).limit(most))
    ahead = reading.count(queue.where(earlier))
    return Beside(before[::-1], after, ahead + 1, max(reading.count(queue), ahead + 1))


def next_in_queue(reading: Reading, evidence: str, wanted: Wanted) -> str | None:
    """Return the id of the item to look at after this one: the next that waits, else the one before."""
    found = beside(reading, reading.one("evidence", evidence), replace(wanted, state=PENDING), 1)
    neighbours = found.after or found.before
    return neighbours[0].id if neighbours else None


def evidence_page(reading: Reading, record: str, wanted: Wanted | None = None) -> EvidencePage:
    """Return one item with its proof recomputed now; raises NotFound. wanted: the queue beside it."""
    wanted = wanted or Wanted()
    item = reading.ever("evidence", record)
    known_beside = beside(reading, item, wanted)
    queue = [*known_beside.before, item, *known_beside.after]
    known = around(reading, queue)
    inspection = known.inspections[item.root]
    institution = known.institution_of(item)
    values = item.values
    shown = _proof(reading, item)
    second = values.get("second_officer")
    names = people.officers(reading, [item.created_by, second])
    check = known.checks.get(str(values.get("bed_check")))
    file = _file(reading, item, shown, file_state.shown(item, known.arriving))
    return EvidencePage(
        item=replace(evidence_row(item, known, reading.locale), file_state=file.state),
        version=item.version,
        author=names[item.created_by],
        second_officer=names[second] if second else None,
        device=item.created_device or "–",
        received_at=known.origins[item.acts[0].index].received,
        file=file,
        proof=shown,
        place=people.place(values.get("position"), institution, reading.fence(item.region)),
        plan=where.plan(reading, item, institution),
        unplaced=where.unplaced(item, institution),
        alike=alike.likenesses(reading, item),
        exif=exif.of(reading.services, item),
        amendment=amendment(reading, item),
        original_place=said(item, "original_place", reading.locale),
        note=said(item, "note", reading.locale),
        inspection=_occasion(reading, inspection),
        round_id=values.get("ward_round"),
        bed_id=_bed(check),
        reviews=_reviews(reading, record),
        blocked=_blocked(reading, item, inspection, shown),
        may_void=_may_void(reading, item, inspection),
        state=wanted.state,
        query=wanted.query,
        queue=_rows(queue, known, reading.locale),
        number=known_beside.number,
        total=known_beside.total,
        previous_id=known_beside.before[-1].id if known_beside.before else None,
        next_id=known_beside.after[0].id if known_beside.after else None,
    )


def _occasion(reading: Reading, root: Record) -> str:
    """Return what an item was captured on: an inspection and its day, or a remote round and the day of its call."""
    language = 0 if reading.locale == "zh_CN" else 1
    if root.type != "ward_round":
        return f"{KINDS[root.values['kind']][language]} {root.values['planned_on']}"
    at = root.values.get("called_at")
    zone = reading.services.config.zone
    day = f" {moment(int(at)).astimezone(zone).date()}" if at is not None else ""
    return f"{MODES[root.values['mode']][language]}{day}"


def _rows(queue: list[Record], known: Around, locale: str) -> tuple[EvidenceRow, ...]:
    return tuple(evidence_row(each, known, locale) for each in queue)


def _bed(check: Record | None) -> str | None:
    """Return the id that the bed grid gives a check's bed."""
    if check is None:
        return None
    return check.values.get("encounter") or f"bed-{check.values['bed_listed']}"


def _proof(reading: Reading, item: Record) -> Proof:
    found = proof.recompute(reading.services, reading.connection, item)
    return Proof(
        verdict=found.verdict,
        checked_at=reading.services.now(),
        index=found.index,
        leaf=found.leaf,
        path=found.path,
        checkpoint_size=found.size,
        checkpoint_root=found.root,
        why=found.why,
    )


def _file(reading: Reading, item: Record, shown: Proof, noted: str) -> FileFacts:
    """Return the file's facts; one that has just been found altered reads corrupt, whatever was noted before."""
    values = item.values
    state = verify.CORRUPT if shown.why == proof.FILE_CORRUPT else noted
    return FileFacts(
        digest=values["digest"],
        size_bytes=values["size"],
        media_type=values["media_type"],
        state=state,
        same_as=_same(reading, item),
        pages=_pages(reading, item)
        if values["media_type"] == paper.PDF and state == verify.VERIFIED
        else None,
    )


def _pages(reading: Reading, item: Record) -> int:
    """Return how many pages of a PDF can be shown; 0 where it cannot be read: the file is still there."""
    try:
        return paper.pages(reading.services, item)
    except (FileCorrupt, TooLarge):
        return 0


def _same(reading: Reading, item: Record) -> tuple[str, ...]:
    """Return other evidence with the same bytes that the reader may see: one picture shown twice."""
    digest = str(item.values["digest"])
    shown = original_store.shown_by(reading.connection, reading.services.ledger.id, [digest])
    others = [one.evidence for one in shown.get(digest, ()) if one.evidence != item.id]
    statement = reading.visible("evidence").where(TABLE.c.id.in_(others))
    ids = statement.with_only_columns(TABLE.c.id).order_by(TABLE.c.id).limit(SAME_MAX)
    return tuple(reading.connection.execute(ids).scalars())


def _reviews(reading: Reading, record: str) -> tuple[Review, ...]:
    statement = reading.visible("decision").where(TABLE.c.parent == record).order_by(*oldest_first())
    decisions = reading.records(statement)
    made = origins(reading, [each.version for each in decisions])
    names = people.officers(reading, [origin.by for origin in made.values()])
    signed = signatures(reading, decisions)
    return tuple(
        replace(_review(each, made[each.version], names, reading.locale), signed=signed.get(each.id))
        for each in decisions
    )


def _review(decision: Record, origin: Origin, names: Mapping[str, Officer], locale: str) -> Review:
    values = decision.values
    return Review(
        decision=values["act"],
        officer=names[origin.by],
        at=origin.received,
        version=values["about_version"],
        reason=values.get("reason") or "",
        sentence=said(decision, "note", locale),
    )


def _may_void(reading: Reading, item: Record, inspection: Record) -> bool:
    """Return whether this reader may void an item; the act itself asks again."""
    supervises = "supervisor" in reading.roles_over(item)
    return supervises and item.life == LIVE and is_outsider(reading.user, item, inspection)


def _blocked(reading: Reading, item: Record, inspection: Record, shown: Proof) -> str | None:
    """Return why this reader may not decide on an item, by `marks.BLOCKS`; the acts themselves check again."""
    if item.life == VOIDED:
        return "voided"
    if "supervisor" not in reading.roles_over(item):
        return "not_permitted"
    if not is_outsider(reading.user, item, inspection):
        return "team_member" if reading.user in team_of(inspection) else "author"
    if shown.verdict == proof.BAD:
        return "proof_failed"
    if item.values.get("file_state") != "verified":
        return "file_not_verified"
    if item.open_conflicts:
        return "conflict_open"
    return None if item.stage == PENDING else "already_reviewed"
