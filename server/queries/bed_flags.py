"""What makes the beds of a round doubtful, in one look at all of them: derived for each page, stored nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from schemas.records.ward_round import REMOTE
from server.access.duties import team_of
from server.queries import people
from server.queries.origins import Origin
from server.queries.reading import Reading
from server.rounds import flags
from server.rounds.flags import Answer, Called, Seen
from server.storage import original_store
from sync.challenge import challenge
from sync.merge import Record


@dataclass(frozen=True)
class Look:
    """What the flags of a round are derived from. pictures: evidence ids by check id; encounters: by check id."""

    ward_round: Record
    institution: Record | None
    origins: Mapping[int, Origin]
    pictures: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Doubts:
    """The flags of a round's beds. beds: by bed id; checks: by check id."""

    beds: Mapping[str, tuple[str, ...]]
    checks: Mapping[str, tuple[str, ...]]


def is_called(ward_round: Record) -> bool:
    """Return whether a round was called over the network."""
    return ward_round.values["mode"] == REMOTE and "called_at" in ward_round.values


def expected(ward_round: Record, encounter: str | None) -> str:
    """Return the challenge of a round, or of an in-patient's bed where each has its own; '' where there is none."""
    root = ward_round.values.get("challenge_root")
    by_bed = bool(ward_round.values.get("challenge_by_bed"))
    if root is None or (by_bed and encounter is None):
        return ""
    return challenge(bytes.fromhex(str(root)), ward_round.id, (encounter or "") if by_bed else "")


def doubts(reading: Reading, look: Look, beds: Mapping[str, Sequence[Record]]) -> Doubts:
    """Return the flags of every bed, in a few queries for all pictures. beds: the checks of each bed, by bed id."""
    ward_round = look.ward_round
    called = _called(ward_round) if is_called(ward_round) else None
    fence = reading.fence(ward_round.region)
    repeated = _shown_before(reading, look.pictures)
    now = reading.services.now_ms()
    of_beds: dict[str, tuple[str, ...]] = {}
    of_checks: dict[str, tuple[str, ...]] = {}
    for bed, checks in beds.items():
        found = flags.of_bed([_answer(check, look, repeated, fence) for check in checks], called, now)
        of_beds[bed] = found.bed
        of_checks |= {check.id: each for check, each in zip(checks, found.answers, strict=True)}
    return Doubts(of_beds, of_checks)


def _called(ward_round: Record) -> Called:
    values = ward_round.values
    return Called(
        at=int(values["called_at"]),
        index=ward_round.writes["called_at"][-1].act.index,
        respond_by=int(values["respond_by"]),
        operator=str(values.get("operator", "")),
        team=team_of(ward_round),
    )


def _shown_before(reading: Reading, pictures: Mapping[str, Iterable[str]]) -> frozenset[str]:
    """Return the evidence whose very bytes an earlier item shows, wherever in the ledger that lies."""
    items = reading.named(item for some in pictures.values() for item in some)
    digests = {item.id: str(item.values["digest"]) for item in items.values() if item.type == "evidence"}
    shown = original_store.shown_by(reading.connection, reading.services.ledger.id, digests.values())
    return frozenset(key for key, digest in digests.items() if shown[digest][0].evidence != key)


def _answer(check: Record, look: Look, repeated: frozenset[str], fence: int) -> Answer:
    values, origin = check.values, look.origins[check.acts[0].index]
    pictures = look.pictures.get(check.id, ())
    return Answer(
        by=check.created_by,
        arrived=_ms(origin.received),
        earliest=_ms(origin.captured.earliest),
        latest=_ms(origin.captured.latest),
        anchor=origin.anchor,
        clock=origin.captured.flags,
        place=_seen(values.get("position"), look.institution, fence),
        has_position="position" in values,
        typed=values.get("challenge"),
        challenge=expected(look.ward_round, values.get("encounter")),
        pictures=len(pictures),
        shown_before=not repeated.isdisjoint(pictures),
    )


def _seen(position: Mapping[str, Any] | None, institution: Record | None, fence: int) -> Seen | None:
    where = people.place(position, institution, fence)
    if where is not None:
        return Seen(where.distance_m, where.accuracy_m, fence, where.mocked)
    # Where the institution has no position nothing lies outside, but a simulated position is one all the same.
    return Seen(0, 0, fence, bool(position["mock"])) if position else None


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)
