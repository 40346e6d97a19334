"""What is asked for: two counties alike, each with an inspection and what belongs to it; acts get fresh records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from schemas.drafting import Draft
from server.casework import case_desk, desk, random_draws, stepping
from server.casework.all_courses import COURSES
from server.casework.confirm import Confirmation
from server.reminders.calendar import due_date
from server.storage import ledger_store, record_store
from sync import lines
from sync.ids import conflict_id
from tests.server.world import World

NUMBERS = count(200)


@dataclass
class Place:
    """One county: its name, and the world in which its own team works."""

    name: str
    world: World
    known: dict[str, str] = field(default_factory=dict)

    def target(self, kind: str, *, fresh: bool = False) -> str:
        """Return the id of a record of some kind here; fresh: one that nobody has touched yet."""
        made = MAKERS[kind]
        if fresh or kind not in self.known:
            self.known[kind] = made(self.world)
        return self.known[kind]


def version(place: Place, record: str) -> int:
    """Return the version at which a record stands."""
    return place.world.record(record).version


def due_on(place: Place, working_days: int) -> str:
    """Return the last day of a term that begins today."""
    services = place.world.services
    return due_date(services.today(), working_days, services.calendar).isoformat()


def _finding(world: World) -> str:
    """Propose a finding and hear the party."""
    values = {
        "inspection": world.inspection,
        "violation_code": "bed_hanging",
        "facts": f"第{next(NUMBERS)}床患者核查时不在院。",
        "origin": "on_site",
        "amount_fen": 100,
    }
    made = world.make("finding", values, by="member", evidence=[world.evidence[0]])
    world.move("finding", made, "draft", "proposed", by="lead")
    heard = {"statement_kind": "silent", "heard_on": "2026-11-17"}
    step = {"stage": {"from": "proposed", "to": "heard"}}
    world.act(Draft("edit", "finding", made, {**heard, **step}), by="lead")
    return made


def _case(world: World) -> str:
    """Confirm a finding and return its case."""
    found = _finding(world)
    wanted = Confirmation(world.record(found).version, world.services.today(), 15)
    result = desk.confirm_finding(world.services, world.users["supervisor"], found, wanted)
    return next(each.id for each in result.records.values() if each.type == "rectification_case")


def _notice(world: World) -> str:
    """Draft a notice."""
    values = {
        "institution": world.hospital,
        "number": f"TYB-2026-{next(NUMBERS)}",
        "type": "correction_order",
        "facts": "重复收费。",
        "demands": "逐项整改。",
    }
    return world.make("notice", values, by="supervisor")


def _opened(world: World) -> str:
    """Confirm a finding into a case whose notice is still to be drafted, and return the case."""
    found = _finding(world)
    wanted = Confirmation(world.record(found).version)
    result = desk.confirm_finding(world.services, world.users["supervisor"], found, wanted)
    return next(each.id for each in result.records.values() if each.type == "rectification_case")


def _drafted(world: World) -> str:
    """Draft the notice of a case."""
    case = _opened(world)
    seen = world.record(case).version
    return case_desk.draft_notice(world.services, world.users["supervisor"], case, version=seen)


def _device(world: World) -> str:
    """Enter a phone of the lead's that nobody holds."""
    keys = {name: lines.b64u(world.services.random(32)) for name in ("sign_key", "seal_key")}
    values = {"user": world.users["lead"], "kem": "x25519", "app": "demo/1", **keys}
    return world.make("device", values)


def _conflict(world: World) -> str:
    """Let two of the team change an amount, neither knowing of the other, and return the conflict."""
    found = _finding(world)
    with world.services.database.reading() as connection:
        base = (ledger_store.head(connection, world.services.ledger.id).epoch, world.record(found).version)
    for amount, login in ((200, "lead"), (300, "member")):
        world.act(Draft("edit", "finding", found, {"amount_fen": amount}, base=base), by=login)
    return conflict_id(found, "amount_fen")


def contested(place: Place, conflict: str) -> list[str]:
    """Return the change ids that stand against each other in a conflict."""
    with place.world.services.database.reading() as connection:
        vault = place.world.services.vault.session(connection, place.world.services.ledger.id)
        chosen = record_store.selected(vault.ledger, "conflict").where(record_store.TABLE.c.id == conflict)
        rows = record_store.query(connection, vault, chosen)
    return list(rows[0].values["candidates"])


def _deputation(world: World) -> str:
    """Let a deputy stand in for the supervisor, from tomorrow on."""
    days = {"from_on": "2026-11-20", "until_on": "2026-11-27", "region": world.record(world.hospital).region}
    who = {"absent": world.users["supervisor"], "deputy": world.users["lead"]}
    return world.make("deputation", {**who, **days}, roles=["supervisor"])


def _schedule(world: World) -> str:
    """Put the hospital on a schedule of rounds."""
    region = world.record(world.hospital).region
    values = {"region": region, "kind": "routine", "lead": world.users["supervisor"], "from_minute": 540,
              "draw_method": "everybody"}  # fmt: skip
    return world.make(
        "round_schedule", values, institutions=[world.hospital], weekdays=["mon"], by="supervisor"
    )


def _random_draw(world: World) -> str:
    """Draw an institution of the county."""
    wanted = random_draws.Wanted(region=str(world.record(world.hospital).region), size=1)
    return random_draws.order(world.services, world.users["supervisor"], wanted)


def _course(noun: str, **given: Any) -> Callable[[World], str]:
    """Return how the supervisor lets a record of a course come to be, on a fresh case."""

    def made(world: World) -> str:
        known = {name: value(world) if callable(value) else value for name, value in given.items()}
        return stepping.begin(world.services, world.users["supervisor"], COURSES[noun], known).id

    return made


def _appeal(world: World) -> str:
    """Enter a statement on a sanction that the party was told of."""
    sanction, today = MAKERS["sanction"](world), world.services.today().isoformat()
    version = world.record(sanction).version
    by, told = world.users["supervisor"], {"told_on": today}
    stepping.take(world.services, by, COURSES["sanctions"], sanction, "tell", told, version=version)
    given = {"sanction": sanction, "kind": "hearing", "filed_on": today, "reasons": "测试"}
    return stepping.begin(world.services, by, COURSES["appeals"], given).id


def _region(world: World) -> str:
    return world.record(world.hospital).region


MAKERS: dict[str, Callable[[World], str]] = {
    "inspection": lambda world: world.inspection,
    "institution": lambda world: world.hospital,
    "inspected": lambda world: world.hospital,
    "ward_round": lambda world: world.ward_round,
    "encounter": lambda world: world.encounters[0],
    "bed_check": lambda world: world.checks[0],
    "evidence": lambda world: world.photograph(next(NUMBERS)),
    "finding": _finding,
    "case": _case,
    "notice": _notice,
    "sanction": _course("sanctions", case=_case, track="agreement", level="2", reasons="测试"),
    "appeal": _appeal,
    "recovery": _course("recoveries", case=_case, kind="refund", found_fen=100),
    "interview": _course(
        "interviews",
        case=_case,
        kind="interview",
        trigger="overdue",
        scheduled_at=lambda world: world.services.now_ms() + 3_600_000,
    ),
    "task": _course(
        "tasks",
        about=_case,
        kind="phone_call",
        for_role="supervisor",
        due_on=lambda world: world.services.today().isoformat(),
    ),
    "petition": _course(
        "petitions",
        region=_region,
        kind="tip_off",
        channel="phone",
        words="测试",
        received_at=lambda world: world.services.now_ms(),
    ),
    "opened": _opened,
    "drafted": _drafted,
    "conflict": _conflict,
    "schedule": _schedule,
    "random_draw": _random_draw,
    "user": lambda world: world.users["member"],
    "deputation": _deputation,
    "device": _device,
}
"""Kinds of targets, and how a fresh one is made; add yours."""
OF_NO_TEAM = frozenset(
    {
        "petition",
        "schedule",
        "random_draw",
        "institution",
        "user",
        "deputation",
        "device",
    }
)
"""Kinds that lie in the county and not in its inspection."""
BESIDE = OF_NO_TEAM - {"institution"}
"""Kinds that do not lie at an institution, so that nobody is recused from them."""
OF_ADMINS = frozenset({"device"})
"""Kinds that an administrator of the region sees besides the desk's roles."""
