"""A plain Node.js script works a whole day with the SDK alone; the line, a colleague and the desk interfere."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mobile_stub.phone import Phone
from schemas.describe import form
from schemas.drafting import Draft
from schemas.records import TYPES
from server.commit.acts import act
from server.ledger.audit import audit
from server.storage import ledger_store, record_store
from tests.interop.line import cut, once
from tests.interop.node import node
from tests.interop.node_phone import ANSWER_SECONDS_MAX
from tests.interop.town import Town
from tests.server.phones import user
from tests.services.granian import ROOT, clean_environment

pytestmark = pytest.mark.slow
SCRIPT = Path(__file__).with_name("javascript") / "a_day.mjs"


class Day:
    """The script as a process of its own; each part is waited for, and the next begins when it is asked for."""

    def __init__(self, home: Path, invite: str):
        home.mkdir(parents=True)
        types = home / "types.json"
        types.write_text(json.dumps({name: form(kind) for name, kind in TYPES.items()}), "utf-8")
        self._log = (home / "node.log").open("wb+")
        self.process = subprocess.Popen(
            [node(), str(SCRIPT), str(home / "phone"), invite, str(types)],
            cwd=ROOT,
            env=clean_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
        )
        self._waits = False

    def part(self, name: str) -> dict[str, Any]:
        """Let the script go on to its next part and return what it saw; fails where it is another."""
        assert self.process.stdin, "the process was started with pipes"
        assert self.process.stdout, "the process was started with pipes"
        alarm = threading.Timer(ANSWER_SECONDS_MAX, self.process.kill)
        alarm.start()
        try:
            if self._waits:
                self.process.stdin.write(b"\n")
                self.process.stdin.flush()
            self._waits = True
            line = self.process.stdout.readline()
        finally:
            alarm.cancel()
        if not line:
            self._log.seek(0)
            raise AssertionError(f"the script ended before {name}:\n{self._log.read().decode()}")
        seen: dict[str, Any] = json.loads(line)
        assert seen.pop("part") == name
        return seen

    def end(self) -> int:
        """Let the script end and return its status."""
        self.process.communicate(b"\n", timeout=ANSWER_SECONDS_MAX)
        self._log.close()
        return self.process.returncode


@pytest.fixture
def day(here: Town) -> Iterator[Day]:
    """The day of the inspection's lead."""
    made = Day(here.home(), here.ticket(here.found.lead).text())
    yield made
    if made.process.poll() is None:
        made.process.kill()
        made.end()


@pytest.fixture
def colleague(here: Town) -> Iterator[Phone]:
    """The member's phone, the reference in Python."""
    phone = here.python(here.found.member)
    yield phone
    phone.close()


def decide(here: Town, kind: str, key: str, values: dict[str, Any], **more: Any) -> None:
    """Let the supervisor change a record from the version that it has."""
    services = here.installation.services
    with services.database.reading() as connection:
        epoch = ledger_store.head(connection, services.ledger.id).epoch
        vault = services.vault.session(connection, services.ledger.id)
        version = record_store.load(connection, vault, [key])[key].version
    draft = Draft("edit", kind, key, values, base=(epoch, version), **more)
    act(services, [draft], user=here.found.supervisor)


def clean(seen: dict[str, Any]) -> bool:
    return (seen["errors"], seen["alarm"]) == ([], None)


def test_a_day(here: Town, day: Day, colleague: Phone) -> None:
    assert day.part("enrolled")["inspection"] == here.found.inspection

    here.line.before = cut
    # Its first sync of the morning is made where there is no network; it goes to work with what it has.
    walked = day.part("walked")
    assert (walked["beds"], walked["outbox"], walked["waiting"]) == (4, 9, 1)
    here.line.reset()

    here.line.after = once("/v1/change-sets", cut)
    lost = day.part("unacknowledged")
    assert (lost["errors"], lost["unacknowledged"], lost["verdicts"]) == (["offline"], 9, {})
    acknowledged = day.part("acknowledged")
    assert clean(acknowledged)
    assert acknowledged["verdicts"] == {"applied": 8, "refused": 1}
    assert here.line.statuses("POST", "/v1/change-sets") == [201, 200]
    assert (acknowledged["refused"], acknowledged["field"]) == ("bad_value", "amount_fen")
    assert acknowledged["about"] is True

    righted = day.part("righted")
    assert (clean(righted), righted["verdicts"], righted["file"]) == (True, {"applied": 1}, "verified")

    assert colleague.sync().clean
    colleague.edit(walked["finding"], {"amount_fen": 152_000})
    assert colleague.sync().clean
    settled = day.part("settled")
    assert (settled["clash"], settled["meanwhile"]) == ({"conflict": 1}, 126_000)
    assert (clean(settled), settled["amount"], settled["open"]) == (True, 98_000, 0)

    assert day.part("proposed")["verdicts"] == {"applied": 2}
    decide(here, "finding", walked["finding"], {"stage": {"from": "heard", "to": "confirmed"}})
    approved = day.part("approved")
    assert (clean(approved), approved["stage"]) == (True, "confirmed")

    successor = user(here.installation.services, "successor", "lead_inspector")
    gone = {"members": [here.found.lead]}
    decide(here, "inspection", here.found.inspection, {"lead": successor}, remove=gone)
    left = day.part("left")
    assert clean(left)
    assert left["evicted"] > 0
    assert (left["held"], left["kept"]) == (0, 0)
    assert day.end() == 0
    assert audit(here.installation.services).ok
