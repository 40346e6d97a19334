"""Both sides of an open conflict reach the phones of those who may see the record, and of nobody else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mobile_stub.phone import Phone
from mobile_stub.viewing import sides
from server.intake import contested
from server.storage import record_store
from sync.merge import Act, Contest, Record, Write
from tests.server.builders import Installation
from tests.server.phones import Visit, enrol, visit

FACTS = ("测试床位无人", "测试床位有人，无请假条", "测试床位无人，出院未结算")


@pytest.fixture
def team(installation: Installation, tmp_path: Path) -> tuple[Visit, Phone, Phone]:
    """A visit, the lead's phone and the member's phone, both synced once."""
    found = visit(installation.services)
    phones = [
        enrol(installation, tmp_path / name, who)
        for name, who in (("lead", found.lead), ("member", found.member))
    ]
    for phone in phones:
        assert phone.sync().clean
    return found, phones[0], phones[1]


def clash(found: Visit, lead: Phone, member: Phone) -> str:
    """Let both write other facts into one finding, and let both hear of it; return the finding."""
    lead.step(found.inspection, "on_site")
    finding = lead.write_finding(found.inspection, violation_code="bed_hanging", facts=FACTS[0], amount_fen=1)
    for phone in (lead, member):
        assert phone.sync().clean
    lead.edit(finding, {"facts": FACTS[1]})
    member.edit(finding, {"facts": FACTS[2]})
    for phone in (lead, member, lead):
        phone.sync()
    return finding


def test_both_phones_are_told_both_texts_who_wrote_them_and_when(installation, team):
    found, lead, member = team
    finding = clash(found, lead, member)
    told = [sides(phone.kit.journal, finding, "facts") for phone in (lead, member)]
    assert told[0] == told[1]
    assert [(one["value"], one["by"]) for one in told[0]] == [
        (FACTS[1], found.lead),
        (FACTS[2], found.member),
    ]
    assert told[0][0]["at"] <= told[0][1]["at"]
    assert sides(lead.kit.journal, finding, "amount_fen") == []


def test_what_was_settled_is_told_no_more(installation, team):
    found, lead, member = team
    finding = clash(found, lead, member)
    (conflict,) = lead.show_all("conflict")
    lead.resolve(conflict.id, FACTS[2])
    for phone in (lead, member, lead):
        assert phone.sync().clean
    assert [sides(phone.kit.journal, finding, "facts") for phone in (lead, member)] == [[], []]
    assert member.show(finding).values["facts"] == FACTS[2]


def test_the_phone_of_another_team_hears_nothing(installation, team, tmp_path):
    found, lead, member = team
    finding = clash(found, lead, member)
    elsewhere = enrol(installation, tmp_path / "other", visit(installation.services, number=2).lead)
    assert elsewhere.sync().clean
    assert sides(elsewhere.kit.journal, finding, "facts") == []


def test_of_many_sides_the_last_ones_are_told_in_their_order(installation, team):
    found, lead, member = team
    finding = clash(found, lead, member)
    services = installation.services
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        record = record_store.load(connection, vault, [finding])[finding]
    crowded = many(record, contested.SIDES_MAX + 5)
    told = contested.sides(crowded, "facts")
    assert [write.act.index for write in told] == list(range(5, contested.SIDES_MAX + 5))
    closed = replace(record, contests={"facts": replace(record.contests["facts"], open=False)})
    assert contested.indexes([closed]) == set()


def many(record: Record, count: int) -> Record:
    """Return a record over whose facts so many writes stand against each other."""
    acts = [Act(n, f"device:{n}", 0, 1, 0, -1, f"change-{n}", "edit") for n in range(count)]
    writes = tuple(Write(act, "set", str(act.index)) for act in reversed(acts))
    contest = Contest(open=True, candidates=tuple(act.change for act in acts), version=count)
    return replace(record, writes={"facts": writes}, contests={"facts": contest})
