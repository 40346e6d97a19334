"""A team of two phones with their clocks and their weak network, and what it does on a visit."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from mobile_stub import fleet, working
from mobile_stub.clock import SteppedClock
from mobile_stub.phone import Phone
from mobile_stub.trouble import Offline
from schemas.wire.enrol import Invite
from server.demo.weak_network import WeakNetwork, weak_client
from tests.fleet_days.plan import LEAD, MEMBER, File, Visit
from tests.fleet_days.pool import MEDIA, Pool

TOLD = "患者自述因胸闷入院，自费部分已付，未获减免，护士每日查房两次，饮食正常，诊疗项目与医嘱核对一致；"
CHARACTER_BYTES = 3
TEXT_CHARS_MAX = 8_000
BED_MS, FILE_MS = 45_000, 40_000
AMOUNT_FEN = 126_000
SPARE_SYNCS = 3


@dataclass
class Captured:
    """What was captured, to be found again: plain digest and size of each file in order, cuts that were planned."""

    digests: list[str] = field(default_factory=list)
    bytes: int = 0
    cuts: int = 0
    beds: int = 0


@dataclass
class Walker:
    """One phone of a team. at_ms: the true time in which it stands; its own clock may show another."""

    phone: Phone
    clock: SteppedClock
    network: WeakNetwork
    at_ms: int

    def stand_at(self, at_ms: int, error_ms: int) -> None:
        """Let time run on to a moment; the wall clock is wrong by error_ms from then on."""
        self.clock.advance(max(0, at_ms - self.at_ms))
        self.at_ms = max(at_ms, self.at_ms)
        self.clock.set_wall(self.at_ms + error_ms)

    def pass_ms(self, ms: int) -> None:
        """Let time run on."""
        self.clock.advance(ms)
        self.at_ms += ms

    @property
    def files_waiting(self) -> int:
        """How many files have not been sent whole."""
        return int(self.phone.status()["files_waiting"])


def equip(folder: Path, number: int, invite: Invite, at_ms: int) -> Walker:
    """Return an enrolled phone behind a weak network, its clock right so far."""
    client, network = weak_client()
    clock = SteppedClock(at_ms)
    phone = fleet.muster(folder, number, invite, clock=clock, client=client)
    return Walker(phone, clock, network, at_ms)


def put_away(walker: Walker) -> None:
    """Close a phone and its client."""
    walker.phone.close()
    walker.phone.kit.transport.client.close()


@dataclass
class Place:
    """Where a visit is made: record ids; contested: findings whose amount both officers will write anew."""

    inspection: str
    ward_round: str
    encounters: tuple[str, ...]
    contested: list[str] = field(default_factory=list)


def work(walkers: tuple[Walker, Walker], visit: Visit, place: Place, pool: Pool) -> Captured:
    """Record a visit, offline: the lead checks the beds, both capture, and the lead writes what will be contested."""
    lead = walkers[LEAD]
    for walker in walkers:
        working.arrive(walker.phone, place.inspection)
    lead.phone.begin_round(place.ward_round)
    answers = _answers(visit)
    for number, bed in enumerate(visit.beds):
        lead.pass_ms(BED_MS)
        lead.phone.check_bed(
            place.ward_round, encounter=place.encounters[number], bed_listed=str(1101 + number), answers=answers,
            **dict(bed.seen),
        )  # fmt: skip
    done = Captured(beds=len(visit.beds))
    for number in range(len(visit.files)):
        _take(walkers, visit, number, place, pool, done)
    for number in range(visit.conflicts):
        facts = f"抽查床位长期无人，费用每日产生，第 {number + 1} 项"
        finding = lead.phone.write_finding(
            place.inspection, violation_code="bed_hanging", facts=facts, amount_fen=AMOUNT_FEN
        )
        place.contested.append(finding)
    return done


def _answers(visit: Visit) -> str:
    """Return what each patient says, so that the visit's changes weigh what the plan says."""
    chars = min(TEXT_CHARS_MAX, max(len(TOLD), visit.change_bytes // len(visit.beds) // CHARACTER_BYTES))
    return (TOLD * (chars // len(TOLD) + 1))[:chars]


def _take(
    walkers: tuple[Walker, Walker], visit: Visit, number: int, place: Place, pool: Pool, done: Captured
) -> None:
    one: File = visit.files[number]
    walker = walkers[one.by]
    walker.pass_ms(FILE_MS)
    shown = number if one.repeats is None else one.repeats
    content = pool.content(one.kind, (visit.team * 100 + visit.day) * 100 + shown)
    media_type, kind, form = MEDIA[one.kind]
    record = walker.phone.take_evidence(
        place.inspection, content, kind=kind, form=form, media_type=media_type, ward_round=place.ward_round
    )
    done.digests.append(hashlib.sha256(content).hexdigest())
    done.bytes += len(content)
    if one.cut_at is not None:
        cipher = str(walker.phone.show(record).values["cipher_digest"])
        walker.network.to_cut[cipher] = one.cut_at
        done.cuts += 1


@dataclass
class Synced:
    """What syncs did. faults: what went wrong besides uploads that broke off."""

    verdicts: dict[str, int] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    cipher_bytes: int = 0
    cut: int = 0
    faults: list[str] = field(default_factory=list)

    def plus(self, other: Synced) -> None:
        """Add what another team's syncs did."""
        for verdict, count in other.verdicts.items():
            self.verdicts[verdict] = self.verdicts.get(verdict, 0) + count
        self.seconds += other.seconds
        self.cipher_bytes += other.cipher_bytes
        self.cut += other.cut
        self.faults += other.faults


def contest(walkers: tuple[Walker, Walker], place: Place) -> None:
    """Let both officers write another amount into the same findings, each without knowing of the other."""
    for number, finding in enumerate(place.contested):
        for by in (LEAD, MEMBER):
            walkers[by].phone.edit(finding, {"amount_fen": AMOUNT_FEN + 1_000 * (number + 1) * (1 + 2 * by)})


def cuts_to_come(walker: Walker) -> int:
    """Return how many uploads the network will still break."""
    return len(walker.network.to_cut)


def is_cut(part: str, code: str) -> bool:
    """Say whether a sync's error is an upload that broke off."""
    return (part, code) == ("files", Offline.code)
