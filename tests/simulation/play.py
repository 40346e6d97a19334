"""Playing a world: a seed decides who does what when, and what goes wrong meanwhile."""

from __future__ import annotations

import contextlib
import logging
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from mobile_stub.phone import Phone
from tests.simulation.world import CALM, DAY, LINE_FAULTS, MINUTE, YEAR, Hand, World

SERVER_FAULTS = {
    "server_dies_before_commit": 0.03,
    "server_dies_after_commit": 0.03,
    "disk_full": 0.03,
    "database_locked": 0.03,
}
CODES = ("bed_hanging", "split_admission")


@dataclass
class Played:
    """What became of one world; broken: promises that were not kept, none if all is well."""

    seed: int
    steps: int
    faults: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    written: int = 0
    entries: int = 0
    broken: list[str] = field(default_factory=list)


def play(seed: int, steps: int, folder: Path | None = None) -> Played:
    """Play one world to its end and return what the auditor says of it."""
    with tempfile.TemporaryDirectory(prefix="world-", dir=folder) as place, quietly():
        world = World(Path(place), seed)
        try:
            for _ in range(steps):
                step(world)
            world.settle()
            broken = world.check()
            entries = len(world.oracle.ledger().entries)
            return Played(seed, steps, world.faults, world.done, len(world.oracle.written), entries, broken)
        finally:
            world.close()


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """Keep the server's words to itself: in such a world it has a lot to say."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)
        structlog.reset_defaults()


def step(world: World) -> None:
    """Let the chance of the world decide what happens next."""
    world.clock.now += world.chance.randrange(10 * MINUTE)
    hand = world.chance.choice(world.hands)
    kind = world.chance.choices(list(ACTS), weights=[weight for weight, _ in ACTS.values()])[0]
    ACTS[kind][1](world, hand)


# -- what an inspector does ------------------------------------------------------------------------


def _record(world: World, hand: Hand) -> None:
    """Let an inspector record something, on what the phone shows; now and then the phone dies in the middle."""
    _may_die(world, hand, 6)
    with world.using(hand) as phone:
        inspections = [one for one in phone.show_all("inspection") if one.stage == "on_site"]
        findings = phone.show_all("finding")
        rounds = phone.show_all("ward_round")
        conflicts = [one for one in phone.show_all("conflict") if one.values.get("state") == "open"]
        draw = world.chance.random()
        if conflicts and draw < 0.2:
            one = world.chance.choice(conflicts)
            value = CODES[0] if one.values["field"] == "violation_code" else world.chance.randrange(1000)
            if one.values["field"] in ("presence", "bed_observed"):
                value = "in_bed" if one.values["field"] == "presence" else "1101"
            phone.resolve(one.id, value)
        elif findings and draw < 0.55:
            _edit(world, phone, world.chance.choice(findings).id)
        elif rounds and draw < 0.7:
            bed = {"ward_round": world.chance.choice(rounds).id, "bed_listed": "1101", "presence": "in_bed"}
            phone.create("bed_check", bed)
        elif inspections and draw < 0.8:
            where = world.chance.choice(inspections).id
            phone.create("ward_round", {"inspection": where, "mode": "bedside", "trigger": "lead"})
        elif inspections:
            phone.create(
                "finding",
                {
                    "inspection": world.chance.choice(inspections).id,
                    "violation_code": world.chance.choice(CODES),
                    "facts": "模拟数据",
                    "amount_fen": world.chance.randrange(1000),
                    "origin": "on_site",
                    "persons": [f"测试甲{world.chance.randrange(30):03d}"],
                },
            )
        world.done["recorded"] += 1


def _edit(world: World, phone: Phone, finding: str) -> None:
    draw = world.chance.random()
    person = f"测试甲{world.chance.randrange(30):03d}"
    if draw < 0.6:
        phone.edit(finding, {"amount_fen": world.chance.randrange(1000)})
    elif draw < 0.7:
        phone.edit(finding, {"violation_code": world.chance.choice(CODES)})
    else:
        phone.edit(finding, {"persons": [person]})


def _work_on_anothers(world: World, hand: Hand) -> None:
    """Let an inspector add to what a colleague read out to him and has not sent yet: it is held until it comes."""
    other = world.chance.choice(world.hands)
    assert other.phone is not None
    unsent = [kept.change for kept in other.phone.kit.journal.waiting(1000)]
    rounds = [change for change in unsent if change.type == "ward_round"]
    if rounds and other is not hand:
        with world.using(hand) as phone:
            phone.create(
                "bed_check", {"ward_round": rounds[0].record, "bed_listed": "1102", "presence": "absent"}
            )
            world.faults["child_before_parent"] += 1


def _sync(world: World, hand: Hand) -> None:
    _may_die(world, hand, 60)
    world.sync(hand)


def _may_die(world: World, hand: Hand, steps: int) -> None:
    if world.chance.random() < 0.08:
        hand.dies_at = world.chance.randrange(steps)


# -- what goes wrong -------------------------------------------------------------------------------


def _weather(world: World, hand: Hand) -> None:
    """Let the network of a phone turn bad, or good again; and the server fail, or not."""
    bad = world.chance.random() < 0.7
    hand.line.faults = LINE_FAULTS if bad else CALM
    world.server_faults = SERVER_FAULTS if world.chance.random() < 0.6 else CALM


def _away(world: World, hand: Hand) -> None:
    world.clock.now += world.chance.randrange(1, 20) * DAY
    world.faults["weeks_without_network"] += 1


def _clock(world: World, hand: Hand) -> None:
    hand.clock.off_ms = world.chance.choice([YEAR, -10 * YEAR, -DAY, 3 * MINUTE, 0])
    world.faults["phone_clock_set"] += 1


def _reboot(world: World, hand: Hand) -> None:
    hand.clock.reboot()
    world.reopen(hand)
    world.faults["phone_rebooted"] += 1


def _rot(world: World, hand: Hand) -> None:
    """Lose one of the phone's copies, as a cleaner of storage might."""
    assert hand.phone is not None
    ids = hand.phone.kit.journal.copy_ids()
    if ids:
        hand.phone.kit.journal._rows.execute("DELETE FROM records WHERE id = ?", (world.chance.choice(ids),))
        hand.phone.kit.journal.drop("summed")
        world.faults["copy_lost_on_phone"] += 1


def _restart(world: World, hand: Hand) -> None:
    torn = world.chance.random() < 0.5
    world.restart(torn=torn)
    world.faults["server_restarted_with_torn_record" if torn else "server_restarted"] += 1


def _server_clock(world: World, hand: Hand) -> None:
    world.clock.server_off = world.chance.choice([-DAY, 0, 0, 2 * MINUTE])
    world.faults["server_clock_set"] += 1


def _desk(say: Callable[[World], None]) -> Callable[[World, Hand], None]:
    return lambda world, hand: world.desk(lambda: say(world))


ACTS: dict[str, tuple[int, Callable[[World, Hand], None]]] = {
    "record": (60, _record),
    "sync": (30, _sync),
    "work on another's": (6, _work_on_anothers),
    "weather": (6, _weather),
    "away": (1, _away),
    "clock": (2, _clock),
    "reboot": (2, _reboot),
    "rot": (1, _rot),
    "restart": (2, _restart),
    "server clock": (1, _server_clock),
    "plan": (2, _desk(World.plan)),
    "sign": (2, _desk(World.sign)),
    "reassign": (2, _desk(World.reassign)),
    "bar": (1, _desk(World.bar)),
    "rule": (4, _desk(World.rule)),
    "tick": (3, _desk(World.tick)),
    "new opening key": (1, _desk(World.new_opening_key)),
}
