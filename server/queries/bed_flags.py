"""What makes the beds of a round doubtful, in one look at all of them: derived for each page, stored nowhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from schemas.records.ward_round import REMOTE
from server.access.duties import team_of
from server.queries import people
from server.queries.origins import Origin, origins
from server.queries.reading import Reading
from server.rounds import flags
from server.rounds.flags import Answer, Called, Capture, Seen
from server.storage import likeness_store, original_store
from sync.challenge import challenge
from sync.merge import Record


@dataclass(frozen=True)
class Look:
    """What the flags of a round are derived from.

    origins: of the checks, by entry; pictures: evidence ids by check id
    fence: how far the institution's grounds reach, in metres
    """

    ward_round: Record
    institution: Record | None
    origins: Mapping[int, Origin]
    fence: int
    pictures: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Doubts:
    """The flags of a round's beds. beds: by bed id; checks: by check id; in_time: beds that were answered in time."""

    beds: Mapping[str, tuple[str, ...]]
    checks: Mapping[str, tuple[str, ...]]
    in_time: frozenset[str]


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
    return doubts_of_many(reading, [(look, beds)])[0]


def doubts_of_many(
    reading: Reading, looked: Sequence[tuple[Look, Mapping[str, Sequence[Record]]]]
) -> list[Doubts]:
    """Return the flags of the beds of several rounds, in as many queries for fifty of them as for one."""
    shots = _shots(reading, [look for look, _ in looked])
    now = reading.services.now_ms()
    return [_judged(look, beds, shots, now) for look, beds in looked]


def _judged(look: Look, beds: Mapping[str, Sequence[Record]], shots: _Shots, now: int) -> Doubts:
    ward_round = look.ward_round
    called = called_of(ward_round) if is_called(ward_round) else None
    pictures = _pictures(look, shots)
    found = {
        bed: flags.of_bed([_answer(check, look, pictures) for check in checks], called, now)
        for bed, checks in beds.items()
    }
    return Doubts(
        beds={bed: each.bed for bed, each in found.items()},
        checks={
            check.id: some
            for bed, each in found.items()
            for check, some in zip(beds[bed], each.answers, strict=True)
        },
        in_time=frozenset(bed for bed, each in found.items() if each.in_time),
    )


def capture_of(origin: Origin, place: Seen | None = None) -> Capture:
    """Return when something was captured, as its flags go by it."""
    return Capture(
        arrived=_ms(origin.received),
        latest=_ms(origin.captured.latest),
        anchor=origin.anchor,
        clock=origin.captured.flags,
        place=place,
    )


def called_of(ward_round: Record) -> Called:
    """Return the call of a called round as its flags go by it."""
    values = ward_round.values
    return Called(
        at=int(values["called_at"]),
        index=ward_round.writes["called_at"][-1].act.index,
        respond_by=int(values["respond_by"]),
        operator=str(values.get("operator", "")),
        team=team_of(ward_round),
    )


@dataclass(frozen=True)
class _Pictures:
    """Every picture of a round. taken: by evidence id; repeated: those whose bytes an earlier item shows.

    resembling: those that resemble an earlier one
    """

    taken: Mapping[str, Capture]
    repeated: frozenset[str]
    resembling: frozenset[str]


@dataclass(frozen=True)
class _Shots:
    """The pictures of several rounds before anybody asks where they were taken: items by id, and their origins."""

    items: Mapping[str, Record]
    origins: Mapping[int, Origin]
    repeated: frozenset[str]
    resembling: frozenset[str]


def _shots(reading: Reading, looks: Sequence[Look]) -> _Shots:
    """Return what is known of the rounds' pictures, wherever in the ledger an earlier one lies."""
    named = reading.named(item for look in looks for some in look.pictures.values() for item in some)
    items = {item.id: item for item in named.values() if item.type == "evidence"}
    ledger = reading.services.ledger.id
    digests = [str(item.values["digest"]) for item in items.values()]
    shown = original_store.shown_by(reading.connection, ledger, digests)
    return _Shots(
        items,
        origins(reading, [item.acts[0].index for item in items.values()]),
        frozenset(key for key, item in items.items() if shown[str(item.values["digest"])][0].evidence != key),
        likeness_store.repeating(reading.connection, ledger, named),
    )


def _pictures(look: Look, shots: _Shots) -> _Pictures:
    """Return what is known of one round's pictures, as its institution and its fence have it."""
    own = {item for some in look.pictures.values() for item in some} & set(shots.items)
    taken = {
        key: _capture(shots.items[key], shots.origins[shots.items[key].acts[0].index], look) for key in own
    }
    return _Pictures(taken, shots.repeated, shots.resembling)


def _answer(check: Record, look: Look, pictures: _Pictures) -> Answer:
    values, own = check.values, look.pictures.get(check.id, ())
    return Answer(
        by=check.created_by,
        check=_capture(check, look.origins[check.acts[0].index], look),
        typed=values.get("challenge"),
        challenge=expected(look.ward_round, values.get("encounter")),
        pictures=tuple(pictures.taken[item] for item in own if item in pictures.taken),
        shown_before=not pictures.repeated.isdisjoint(own),
        resembles=not pictures.resembling.isdisjoint(own),
    )


def _capture(item: Record, origin: Origin, look: Look) -> Capture:
    return capture_of(origin, _seen(item.values.get("position"), look))


def _seen(position: Mapping[str, Any] | None, look: Look) -> Seen | None:
    if not position:
        return None
    where = people.place(position, look.institution, look.fence)
    away = where.distance_m if where else None
    return Seen(away, int(position["accuracy_m"]), look.fence, bool(position["mock"]))


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)
