"""A bureau, a server and some phones in one process, under one clock, in which everything goes wrong by one seed."""

from __future__ import annotations

import contextlib
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from mobile_stub.fleet import HARDNESS, PIN
from mobile_stub.phone import Phone
from mobile_stub.trouble import Trouble
from schemas.drafting import Draft
from server.accounts.invites import invite
from server.app import create_app
from server.casework import late_changes, waiting_tasks
from server.casework.late_changes import Ruling
from server.commit.acts import act, new_id
from server.keys import rotation
from server.ledger.audit import audit
from server.operations.installation import services as services_of
from server.storage import record_store, waiting_store
from server.wiring import Services
from sync.errors import Busy, Refusal, StorageFull
from sync.outcomes import LATE
from tests.server.builders import Installation, install
from tests.simulation import network
from tests.simulation.clocks import PhoneClock, WorldClock
from tests.simulation.oracle import Oracle

PHONES = 3
MINUTE, DAY, YEAR = 60_000, 86_400_000, 365 * 86_400_000
LINE_FAULTS = {kind: 0.03 if kind not in ("request_lost", "answer_lost") else 0.06 for kind in network.KINDS}
CALM: dict[str, float] = {}


class Killed(BaseException):
    """The phone's process is no more; nothing in the product may catch it."""


class Died(Exception):
    """The server's process is no more."""


@dataclass
class Hand:
    """An inspector with a phone."""

    user: str
    home: Path
    clock: PhoneClock
    line: network.Line
    phone: Phone | None = None
    dies_at: int | None = None

    def step(self, name: str) -> None:
        """Count a step of the journal; die at the one that was drawn."""
        if self.dies_at is not None:
            self.dies_at -= 1
            if self.dies_at < 0:
                self.dies_at = None
                raise Killed(name)


class World:
    """One seed's world. told: how often each fault struck, and how much was done."""

    def __init__(self, folder: Path, seed: int):
        self.seed, self.folder = seed, folder
        self.chance = random.Random(seed)
        self.clock = WorldClock()
        self.faults: Counter[str] = Counter()
        self.done: Counter[str] = Counter()
        self.broken: list[str] = []
        self.server_faults: Mapping[str, float] = CALM
        place = folder / "ledger.db"
        self.installation = install(folder / "home", f"sqlite:///{place}")
        self.installation = Installation(
            self._opened(self.installation.services.config), self.installation.clock
        )
        self.oracle = Oracle(place)
        self.number = 0
        self._found()
        self.hands = [self._hand(n) for n in range(PHONES)]
        self.inspections: list[str] = []
        self.plan()
        for hand in self.hands:
            self.sync(hand)

    # -- the server --------------------------------------------------------------------------------

    @property
    def here(self) -> Services:
        """The server's services."""
        return self.installation.services

    def _opened(self, config: Any) -> Any:
        app = create_app(config, now_ms=self.clock.server, random=self.chance.randbytes)
        door: Any = services_of(app).door
        real = door._commit

        def commit(submissions: Any) -> Any:
            kind = self._server_fault()
            if kind == "server_dies_before_commit":
                self._dead = True
                raise Died(kind)
            if kind == "disk_full":
                raise StorageFull("no room")
            if kind == "database_locked":
                raise Busy("the database is locked", retry_seconds=1)
            answers = real(submissions)
            if kind == "server_dies_after_commit":
                self._dead = True
                raise Died(kind)
            return answers

        door._commit = commit
        self._dead = False
        return app

    def _server_fault(self) -> str | None:
        at = self.chance.random()
        for kind, part in self.server_faults.items():
            if at < part:
                self.faults[kind] += 1
                return kind
            at -= part
        return None

    def restart(self, *, torn: bool = False) -> None:
        """End the server's process and begin another; torn: the signer's last line was cut by the power."""
        self.here.engine.dispose()
        if torn:
            with self.here.config.signer_file.open("ab") as file:
                file.write(b'\n{"state": "prep')
        self.installation = Installation(self._opened(self.here.config), self.installation.clock)

    def send(self, request: httpx.Request) -> httpx.Response:
        """Carry a request to the server that there is now."""
        found = httpx.WSGITransport(app=self.installation.app, raise_app_exceptions=False).handle_request(
            request
        )
        found.read()
        if self._dead:
            self.restart()
            raise httpx.RemoteProtocolError("the server died", request=request)
        return found

    # -- people ------------------------------------------------------------------------------------

    def _found(self) -> None:
        here = self.here
        self.supervisor = self._user("supervisor", "supervisor")
        self.people = [self._user(f"inspector{n}", "inspector") for n in range(PHONES)]
        self.institution = new_id(here)
        place = {
            "fixmedins_code": "H34150290001",
            "name": "测试第001医院",
            "kind": "hospital",
            "region": "341502",
        }
        act(here, [Draft("create", "institution", self.institution, place)], kind="setting")

    def _user(self, login: str, role: str) -> str:
        key = new_id(self.here)
        values = {"login": login, "display_name": f"测试{login}", "region": "341500"}
        act(self.here, [Draft("create", "user", key, values, add={"roles": [role]})], kind="setting")
        return key

    def _hand(self, n: int) -> Hand:
        line = network.Line(self.send, self.chance, self.clock, self.faults)
        hand = Hand(self.people[n], self.folder / f"phone-{n}", PhoneClock(self.clock), line)
        with self.here.database.reading() as connection:
            vault = self.here.vault.session(connection, self.here.ledger.id)
            user = record_store.load(connection, vault, [hand.user])[hand.user]
        ticket = invite(self.here, user)
        client = httpx.Client(transport=line)
        hand.phone = Phone.enrol(
            hand.home, ticket, PIN, clock=hand.clock, client=client, hardness=HARDNESS,
            random=self.chance.randbytes, watch=hand.step,
        )  # fmt: skip
        hand.phone.kit.transport.sleep = self._sleep
        return hand

    def _sleep(self, seconds: float) -> None:
        self.clock.now += int(seconds * 1000)

    def reopen(self, hand: Hand) -> Phone:
        """Start the phone's app again after it died."""
        if hand.phone is not None:
            hand.phone.kit.journal.close()
        client = httpx.Client(transport=hand.line)
        hand.phone = Phone.open(
            hand.home, PIN, clock=hand.clock, client=client, random=self.chance.randbytes, watch=hand.step,
            sleep=self._sleep,
        )  # fmt: skip
        return hand.phone

    @contextlib.contextmanager
    def using(self, hand: Hand) -> Iterator[Phone]:
        """Use a phone until it dies or is put down; whatever it then holds durably, the oracle hears of."""
        assert hand.phone is not None
        try:
            yield hand.phone
        except Killed:
            self.faults["phone_killed"] += 1
            self.reopen(hand)
        except (Trouble, Refusal) as said:
            self.done[f"phone says {said.code}"] += 1
        hand.dies_at = None
        for kept in hand.phone.kit.journal.waiting(100_000):
            self.oracle.hear(kept.change)

    def sync(self, hand: Hand) -> bool:
        """Sync a phone; return whether all of it went well."""
        clean = False
        with self.using(hand) as phone:
            report = phone.sync()
            clean = report.clean
            if report.alarm:
                self.broken.append(f"a false alarm: {report.alarm}")
            for verdict, number in report.pushed.verdicts.items():
                self.done[verdict] += number
            self.done["syncs"] += 1
            self.done["mended"] += report.pulled.mended
        return clean

    # -- what the desk does ------------------------------------------------------------------------

    def plan(self) -> None:
        """Let the supervisor plan and approve an inspection of some of the inspectors, and its lead begin it."""
        key = new_id(self.here)
        team = self.chance.sample(self.people, self.chance.randrange(2, PHONES + 1))
        values = {
            "kind": "routine_check", "mode": "open", "institution": self.institution, "lead": team[0],
            "planned_on": "2026-11-17", "stage": {"from": "draft", "to": "approved"},
        }  # fmt: skip
        act(
            self.here,
            [Draft("create", "inspection", key, values, add={"members": team})],
            user=self.supervisor,
        )
        step = {"stage": {"from": "approved", "to": "on_site"}}
        act(self.here, [Draft("edit", "inspection", key, step)], user=team[0])
        self.inspections.append(key)

    def desk(self, say: Callable[[], None]) -> None:
        """Let the desk do something; a server that dies or is busy meanwhile is part of the world."""
        try:
            say()
        except Died:
            self.restart()
        except Refusal as refusal:
            self.done[f"desk hears {refusal.code}"] += 1

    def sign(self) -> None:
        """Let a lead sign: nobody records in that inspection any more."""
        key = self.chance.choice(self.inspections)
        record = self.record(key)
        if record.stage == "on_site" and len(self.inspections) > 1:
            step = {"stage": {"from": "on_site", "to": "record_signed"}}
            act(self.here, [Draft("edit", "inspection", key, step)], user=record.values["lead"])
            self.inspections.remove(key)
            self.faults["signed_under_their_hands"] += 1

    def reassign(self) -> None:
        """Let the supervisor put one member of a team in another's place."""
        key = self.chance.choice(self.inspections)
        record = self.record(key)
        team = set(record.values["members"]) - {record.values["lead"]}
        others = set(self.people) - team - {record.values["lead"]}
        if team and others:
            draft = Draft(
                "edit", "inspection", key, {}, add={"members": [min(others)]}, remove={"members": [min(team)]}
            )
            act(self.here, [draft], user=self.supervisor)
            self.faults["reassigned"] += 1

    def bar(self) -> None:
        """Disable an inspector, and let him in again."""
        who = self.chance.choice(self.people)
        stage = self.record(who).stage
        target = "disabled" if stage == "active" else "active"
        act(self.here, [Draft("edit", "user", who, {"stage": {"from": stage, "to": target}})], kind="setting")
        self.faults["user_disabled" if target == "disabled" else "user_let_in_again"] += 1

    def rule(self) -> None:
        """Let the supervisor rule on one late change."""
        with self.here.database.reading() as connection:
            rows = waiting_store.open_ones(connection, self.here.ledger.id, limit=1000)
        late = [row for row in rows if row.verdict == LATE]
        if late:
            keep = self.chance.random() < 0.7
            ruling = Ruling("adopt") if keep else Ruling("set_aside", "irrelevant", "模拟：与本案无关")
            late_changes.rule(self.here, self.supervisor, self.chance.choice(late).index, ruling)
            self.done["adopted" if keep else "set aside"] += 1

    def tick(self) -> None:
        """Let the scheduler sweep."""
        waiting_tasks.sweep(self.here)

    def new_opening_key(self) -> None:
        """Rotate the opening keys; the old one is not offered any more."""
        rotation.rotate_opening(self.here, days=0)
        self.faults["opening_key_replaced"] += 1

    def record(self, key: str) -> Any:
        """Return a record as the server has it."""
        with self.here.database.reading() as connection:
            vault = self.here.vault.session(connection, self.here.ledger.id)
            return record_store.load(connection, vault, [key])[key]

    # -- the end -----------------------------------------------------------------------------------

    def settle(self) -> None:
        """Take all faults away, let everybody in, and let everything that can come in come in."""
        for hand in self.hands:
            hand.line.faults, hand.clock.off_ms, hand.dies_at = CALM, 0, None
        self.server_faults, self.clock.server_off = CALM, 0
        self.restart()
        for who in self.people:
            if self.record(who).stage != "active":
                self.bar()
        for _ in range(6):
            self.clock.now += DAY
            clean = [self.sync(hand) for hand in self.hands]
            self.tick()
            if all(clean) and not any(self._unsent(hand) for hand in self.hands):
                break
        else:
            self.broken.append("the phones do not come to rest")
        for hand in self.hands:
            self.sync(hand)

    def _unsent(self, hand: Hand) -> int:
        assert hand.phone is not None
        journal = hand.phone.kit.journal
        return journal.count_waiting() + len(journal.unacknowledged())

    def check(self) -> list[str]:
        """Return every broken promise."""
        ledger = self.oracle.ledger()
        still = [k.change.id for h in self.hands if h.phone for k in h.phone.kit.journal.waiting(100_000)]
        found = [*self.broken, *ledger.lost(still), *ledger.twice(), *ledger.strangely_refused()]
        found += [*ledger.left_waiting(), *ledger.wrong_root()]
        shown, contested = self.records()
        found += ledger.wrong_values(shown, contested)
        found += self._phones_differ(shown)
        report = audit(self.here)
        return found if report.ok else [*found, *report.text()]

    def records(self) -> tuple[dict[str, dict[str, Any]], dict[str, tuple[str, ...]]]:
        """Return what records show, and their fields with an open conflict, by id."""
        with self.here.database.reading() as connection:
            vault = self.here.vault.session(connection, self.here.ledger.id)
            wanted = record_store.selected(self.here.ledger.id, "finding", "bed_check", "ward_round")
            found = record_store.query(connection, vault, wanted)
        return {r.id: dict(r.values) for r in found}, {r.id: r.open_conflicts for r in found}

    def _phones_differ(self, shown: dict[str, dict[str, Any]]) -> list[str]:
        return [
            f"phone {n} shows another {kind} {one.id} than the ledger"
            for n, hand in enumerate(self.hands)
            for kind in ("finding", "bed_check")
            if hand.phone is not None
            for one in hand.phone.show_all(kind)
            if one.pending == 0 and one.id in shown and dict(one.values) != shown[one.id]
        ]

    def close(self) -> None:
        """Put everything down."""
        for hand in self.hands:
            if hand.phone is not None:
                hand.phone.close()
        self.here.engine.dispose()
