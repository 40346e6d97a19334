"""The phones in Python and in JavaScript over one ledger: each pulls, verifies and answers what the other did."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest

from mobile_stub.phone import Phone
from server.casework.late_changes import Ruling, rule
from server.storage import waiting_store
from tests.interop.node_phone import NodePhone
from tests.interop.town import Town, town

pytestmark = pytest.mark.slow
PHOTO = b"\xff\xd8" + bytes(range(256)) * 5_000
FINDING = {
    "violation_code": "bed_hanging",
    "facts": "测试床位无人",
    "amount_fen": 126_000,
    "origin": "on_site",
}
EVIDENCE = {"kind": "audio_visual", "media_type": "image/jpeg"}


class Side(Protocol):
    """What both phones can do, said alike."""

    def sync(self) -> tuple[dict[str, int], int]:
        """Sync whole; return (verdicts of what was pushed, how many records were proven in the tree)."""

    def create(self, kind: str, values: dict[str, Any]) -> str:
        """Record something new; return its id."""

    def edit(self, record: str, **values: Any) -> None:
        """Change a record."""

    def step(self, record: str, stage: str) -> None:
        """Take a record to its next stage."""

    def take_evidence(self, content: bytes, values: dict[str, Any]) -> str:
        """Record a file; return its record's id."""

    def read_file(self, evidence: str) -> bytes:
        """Return a file, verified."""

    def values(self, record: str) -> dict[str, Any]:
        """Return a record's values."""

    def conflict(self) -> str:
        """Return the id of the one open conflict."""

    def sides(self, record: str) -> dict[str, list[dict[str, Any]]]:
        """Return what stands against each other in a record's fields, as this phone was told."""

    def resolve(self, conflict: str, value: Any) -> None:
        """Decide a conflict."""

    def head(self) -> tuple[int, str]:
        """Return size and root of the newest head that it verified."""

    def looks(self) -> int:
        """Return how many own changes somebody must look at."""


class PythonSide:
    """The reference phone."""

    def __init__(self, phone: Phone):
        self.phone = phone

    def sync(self) -> tuple[dict[str, int], int]:
        report = self.phone.sync()
        assert report.clean, report
        return report.pushed.verdicts, report.pulled.checked

    def create(self, kind: str, values: dict[str, Any]) -> str:
        return self.phone.create(kind, values)

    def edit(self, record: str, **values: Any) -> None:
        self.phone.edit(record, values)

    def step(self, record: str, stage: str) -> None:
        self.phone.step(record, stage)

    def take_evidence(self, content: bytes, values: dict[str, Any]) -> str:
        given = {name: value for name, value in values.items() if name != "inspection"}
        return self.phone.take_evidence(values["inspection"], content, **given)

    def read_file(self, evidence: str) -> bytes:
        return self.phone.read_file(evidence)

    def values(self, record: str) -> dict[str, Any]:
        return self.phone.show(record).values

    def conflict(self) -> str:
        (found,) = [one for one in self.phone.show_all("conflict") if one.values["state"] == "open"]
        return found.id

    def sides(self, record: str) -> dict[str, list[dict[str, Any]]]:
        copy = self.phone.kit.journal.copy(record)
        assert copy, "the phone holds the record"
        return copy.body.get("contested", {})

    def resolve(self, conflict: str, value: Any) -> None:
        self.phone.resolve(conflict, value)

    def head(self) -> tuple[int, str]:
        head = self.phone.kit.head
        return head.size, head.root.hex()

    def looks(self) -> int:
        return len(self.phone.attention())


class NodeSide:
    """The phone in JavaScript."""

    def __init__(self, phone: NodePhone):
        self.phone = phone

    def sync(self) -> tuple[dict[str, int], int]:
        report = self.phone.sync()
        return report["pushed"]["verdicts"], report["pulled"]["checked"]

    def create(self, kind: str, values: dict[str, Any]) -> str:
        record: str = self.phone.do("create", type=kind, values=values)
        return record

    def edit(self, record: str, **values: Any) -> None:
        self.phone.do("edit", record=record, values=values)

    def step(self, record: str, stage: str) -> None:
        self.phone.do("step", record=record, stages=[stage])

    def take_evidence(self, content: bytes, values: dict[str, Any]) -> str:
        record: str = self.phone.do(
            "take_evidence", content=base64.b64encode(content).decode(), values=values
        )
        return record

    def read_file(self, evidence: str) -> bytes:
        return base64.b64decode(self.phone.do("read_file", evidence=evidence))

    def values(self, record: str) -> dict[str, Any]:
        return self.phone.values(record)

    def conflict(self) -> str:
        (found,) = [one for one in self.phone.do("list", type="conflict") if one["values"]["state"] == "open"]
        record: str = found["id"]
        return record

    def sides(self, record: str) -> dict[str, list[dict[str, Any]]]:
        contested: dict[str, list[dict[str, Any]]] = self.phone.row(f"record/{record}")["contested"]
        return contested

    def resolve(self, conflict: str, value: Any) -> None:
        self.phone.do("resolve", conflict=conflict, value=value)

    def head(self) -> tuple[int, str]:
        head = self.phone.do("status")["head"]
        return head["size"], head["root"]

    def looks(self) -> int:
        return len(self.phone.do("status")["attention"])


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Iterator[Town]:
    """A server process, on SQLite and on PostgreSQL."""
    with town(tmp_path, database_url) as made:
        yield made


@pytest.fixture(params=["python leads", "javascript leads"])
def sides(request: pytest.FixtureRequest, here: Town) -> Iterator[tuple[Side, Side]]:
    """The lead's phone and the member's, one of each implementation, either way round."""
    python_leads = request.param == "python leads"
    users = [here.found.lead, here.found.member]
    in_python = here.python(users[0 if python_leads else 1])
    in_node = here.node(users[1 if python_leads else 0])
    pair: tuple[Side, Side] = (PythonSide(in_python), NodeSide(in_node))
    yield pair if python_leads else (pair[1], pair[0])
    in_python.close()
    in_node.stop()


def test_two_implementations_work_on_one_finding_and_agree(here: Town, sides: tuple[Side, Side]) -> None:
    lead, member = sides
    finding, photo = work(here, lead, member)
    contest(lead, member, finding)
    settle(lead, member, finding)
    assert lead.sync()[0] == {}
    assert member.sync()[0] == {}
    assert lead.head() == member.head()
    for record in (finding, photo, here.found.inspection):
        assert lead.values(record) == member.values(record)


def test_a_bed_that_came_before_its_round_is_released_on_both(here: Town, sides: tuple[Side, Side]) -> None:
    lead, member = sides
    lead.step(here.found.inspection, "on_site")
    lead.sync()
    member.sync()
    ward_round = lead.create(
        "ward_round", {"inspection": here.found.inspection, "mode": "bedside", "trigger": "lead"}
    )
    bed = member.create("bed_check", {"ward_round": ward_round, "bed_listed": "1101", "presence": "in_bed"})
    assert member.sync()[0] == {"held": 1}
    assert (member.looks(), member.values(bed)["presence"]) == (1, "in_bed")
    assert lead.sync()[0] == {"applied": 1}
    member.sync()
    assert member.looks() == 0
    lead.sync()
    assert lead.values(bed) == member.values(bed)


def test_what_came_too_late_is_ruled_on_and_both_hear_of_it(here: Town, sides: tuple[Side, Side]) -> None:
    lead, member = sides
    lead.step(here.found.inspection, "on_site")
    lead.sync()
    member.sync()
    findings = [member.create("finding", {**FINDING, "inspection": here.found.inspection}) for _ in range(2)]
    lead.step(here.found.inspection, "record_signed")
    lead.sync()
    assert member.sync()[0] == {"late": 2}
    assert member.looks() == 2
    services = here.installation.services
    with services.database.reading() as connection:
        rows = waiting_store.open_ones(connection, services.ledger.id)
    assert [row.record for row in rows] == findings
    rule(services, here.found.supervisor, rows[0].index, Ruling("adopt"))
    rule(
        services, here.found.supervisor, rows[1].index, Ruling("set_aside", "irrelevant", "演示：与本案无关")
    )
    member.sync()
    assert member.looks() == 1
    lead.sync()
    assert lead.values(findings[0]) == member.values(findings[0])


def work(here: Town, lead: Side, member: Side) -> tuple[str, str]:
    """Let the lead write a finding and the member take a photograph; each gets and proves the other's."""
    lead.step(here.found.inspection, "on_site")
    finding = lead.create(
        "finding", {**FINDING, "inspection": here.found.inspection, "persons": ["测试甲002"]}
    )
    assert lead.sync()[0] == {"applied": 2}
    assert member.sync()[1] > 0
    assert member.values(finding)["facts"] == FINDING["facts"]
    photo = member.take_evidence(PHOTO, {**EVIDENCE, "inspection": here.found.inspection})
    member.edit(finding, persons=["测试甲003"])
    assert member.sync()[0] == {"applied": 2}
    lead.edit(finding, persons=["测试甲004"])
    assert lead.sync()[0] == {"merged": 1}
    assert member.sync()[1] > 0
    assert lead.read_file(photo) == PHOTO
    assert lead.values(finding)["persons"] == member.values(finding)["persons"]
    assert len(member.values(finding)["persons"]) == 3
    return finding, photo


def contest(lead: Side, member: Side, finding: str) -> None:
    """Let both write another amount from the same base: a conflict on both, and meanwhile the value it had."""
    lead.edit(finding, amount_fen=152_000)
    member.edit(finding, amount_fen=98_000)
    assert lead.sync()[0] == {"applied": 1}
    assert member.sync()[0] == {"conflict": 1}
    lead.sync()
    assert lead.conflict() == member.conflict()
    assert [side.values(finding)["amount_fen"] for side in (lead, member)] == [126_000, 126_000]
    assert member.looks() == 1
    told = [side.sides(finding)["amount_fen"] for side in (lead, member)]
    assert told[0] == told[1]
    assert [one["value"] for one in told[0]] == [152_000, 98_000]
    assert len({one["by"] for one in told[0]}) == 2


def settle(lead: Side, member: Side, finding: str) -> None:
    """Let the lead decide: both get the value, and nobody needs to look at it any more."""
    conflict = lead.conflict()
    lead.resolve(conflict, 98_000)
    assert lead.sync()[0] == {"applied": 1}
    member.sync()
    assert [side.values(finding)["amount_fen"] for side in (lead, member)] == [98_000, 98_000]
    assert [side.values(conflict)["state"] for side in (lead, member)] == ["settled", "settled"]
    assert [side.sides(finding) for side in (lead, member)] == [{}, {}]
    assert member.looks() == 0
