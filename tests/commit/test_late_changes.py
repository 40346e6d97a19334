"""A late change waits for a supervisor, who brings it into force by a write of his own or sets it aside."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import update

from schemas.drafting import Draft
from server.casework import late_changes
from server.casework.late_changes import Ruling, rule
from server.commit import judging
from server.commit.acts import act, items_of
from server.commit.submission import Act
from server.evidence.captured import captured
from server.ledger.audit import audit
from server.storage import record_store
from server.storage.waiting_store import TABLE
from sync.errors import BadValue, ConflictOpen, NotAllowed, NotFound, OwnWork, Refusal, VersionChanged
from tests.commit.late_scene import ASIDE, KEEP, before_signing, late_edit, lines_of, sign
from tests.commit.state import entries, everything, is_sound, loaded, waiting
from tests.server.pushing import City, user

GROUP = "01a1e73b-0000-7000-8000-00000000000a"


def test_an_adopted_change_comes_into_force_as_the_supervisors_write(city: City):
    finding, late = late_edit(city)
    result = rule(city.installation.services, city.supervisor, late.first, KEEP)
    ((index, entry),) = entries(city, "adopt")
    assert (entry.by, entry.device, entry.late) == (city.supervisor, None, late.first)
    assert entry.outcome == {"verdict": "applied", "flags": ["adopted"]}
    record = loaded(city, finding.record)
    assert record is not None
    assert (record.values["amount_fen"], record.values["facts"]) == (7, "演示数据：迟到的改动")
    assert record.acts[-1].writer == f"desk:{city.supervisor}"
    (row,) = waiting(city)
    assert (row.verdict, row.moved) == ("applied", index)
    decision = loaded(city, next(key for key in result.records if key != finding.record))
    assert decision is not None
    assert (decision.type, decision.values["act"], decision.values["about"]) == (
        "decision",
        "adopt",
        finding.record,
    )
    (text,) = [entry.change for at, entry in entries(city, "change") if at == late.first]
    assert decision.values["change"] == text, "the decision names the line that the phone signed"
    assert is_sound(city.installation)


def test_what_is_set_aside_never_comes_into_force(city: City):
    finding, late = late_edit(city)
    rule(city.installation.services, city.supervisor, late.first, ASIDE)
    record = loaded(city, finding.record)
    assert record is not None
    assert record.values["amount_fen"] == finding.values["amount_fen"]
    (row,) = waiting(city)
    assert row.verdict == "set_aside"
    assert entries(city, "adopt") == []
    assert is_sound(city.installation)


def test_a_record_that_is_adopted_is_still_its_inspectors_and_of_its_hour(city: City):
    one, two = city.phones
    then = before_signing(city)
    finding = city.finding()
    written = lines_of(two, then, finding)
    sign(city)
    city.installation.clock.advance(days=2)
    late = two.push_lines(written)
    city.installation.clock.advance(days=1)
    rule(city.installation.services, city.supervisor, late.first, KEEP)
    record = loaded(city, finding.record)
    assert record is not None
    assert (record.created_by, record.created_device) == (two.user, two.id)
    services = city.installation.services
    with services.database.reading() as connection:
        span = captured(connection, services.ledger.id, record)
    assert span.earliest_ms <= then.wall <= span.latest_ms < services.now_ms()
    assert one.user != record.created_by
    assert is_sound(city.installation)


def test_a_group_is_adopted_whole(city: City):
    two = city.phones[1]
    then = before_signing(city)
    finding = city.finding()
    later = Draft("edit", "finding", finding.record, {"amount_fen": 9}, tx=GROUP)
    written = lines_of(two, then, replace(finding, tx=GROUP), later)
    sign(city)
    late = two.push_lines(written)
    assert [outcome.verdict for outcome in late.outcomes] == ["late", "late"]
    rule(city.installation.services, city.supervisor, late.first + 1, KEEP)
    record = loaded(city, finding.record)
    assert record is not None
    assert record.values["amount_fen"] == 9
    assert [row.verdict for row in waiting(city)] == ["applied", "applied"]
    assert is_sound(city.installation)


def test_a_group_cannot_smuggle_in_what_its_author_never_might_write(city: City):
    two = city.phones[1]
    finding = city.finding()
    city.phones[0].push(finding)
    then = before_signing(city)
    late = Draft("edit", "finding", finding.record, {"amount_fen": 9}, tx=GROUP)
    never = Draft("edit", "inspection", city.inspection, {"planned_on": "2026-12-24"}, tx=GROUP)
    written = lines_of(two, then, late, never)
    sign(city)
    result = two.push_lines(written)
    assert [outcome.verdict for outcome in result.outcomes] == ["late", "late"]
    before = everything(city.installation)
    with pytest.raises(NotAllowed):
        rule(city.installation.services, city.supervisor, result.first, KEEP)
    assert everything(city.installation) == before
    rule(city.installation.services, city.supervisor, result.first, ASIDE)
    assert {row.verdict for row in waiting(city)} == {"set_aside"}
    assert is_sound(city.installation)


@pytest.mark.parametrize("ruling", [KEEP, ASIDE], ids=["adopt", "set aside"])
def test_nobody_rules_twice_on_one_change(city: City, ruling: Ruling):
    _, late = late_edit(city)
    services = city.installation.services
    rule(services, city.supervisor, late.first, ruling)
    for again in (KEEP, ASIDE):
        with pytest.raises(NotFound):
            rule(services, city.supervisor, late.first, again)


def test_of_two_supervisors_at_one_moment_one_is_told_that_it_is_decided(city: City, monkeypatch):
    _, late = late_edit(city)
    services = city.installation.services
    real = late_changes.items_of

    def overtaken(*given: Any) -> Any:
        monkeypatch.setattr(late_changes, "items_of", real)
        rule(services, city.supervisor, late.first, ASIDE)
        return real(*given)

    monkeypatch.setattr(late_changes, "items_of", overtaken)
    with pytest.raises(VersionChanged):
        rule(services, city.supervisor, late.first, ASIDE)
    assert [row.verdict for row in waiting(city)] == ["set_aside"]
    assert is_sound(city.installation)


def test_what_waits_for_nobody_cannot_be_ruled_on(city: City):
    result = city.phones[0].push(city.finding())
    for index in (result.first, 10_000):
        with pytest.raises(NotFound):
            rule(city.installation.services, city.supervisor, index, KEEP)


def refused(city: City, who: str, index: int, ruling: Ruling, kind: type[Refusal]) -> None:
    """Check that a ruling is refused and leaves nothing behind."""
    before = everything(city.installation)
    with pytest.raises(kind):
        rule(city.installation.services, who, index, ruling)
    assert everything(city.installation) == before


@pytest.mark.parametrize("ruling", [KEEP, ASIDE], ids=["adopt", "set aside"])
def test_neither_its_author_nor_his_team_rules_on_a_late_change(city: City, ruling: Ruling):
    _, late = late_edit(city)
    for phone in city.phones:
        refused(city, phone.user, late.first, ruling, OwnWork)


@pytest.mark.parametrize("ruling", [KEEP, ASIDE], ids=["adopt", "set aside"])
@pytest.mark.parametrize("role", ["inspector", "auditor", "leader"])
def test_who_is_no_supervisor_here_rules_on_nothing(city: City, ruling: Ruling, role: str):
    _, late = late_edit(city)
    stranger = user(city.installation, "other", "测试甲041", role)
    act(city.installation.services, [stranger], kind="setting")
    refused(city, stranger.record, late.first, ruling, NotAllowed)


def test_a_supervisor_of_another_city_rules_on_nothing(city: City):
    _, late = late_edit(city)
    stranger = user(city.installation, "far", "测试甲042", "supervisor")
    stranger = replace(stranger, values={**stranger.values, "region": "340100"})
    act(city.installation.services, [stranger], kind="setting")
    refused(city, stranger.record, late.first, KEEP, NotAllowed)


def test_setting_aside_wants_a_reason_and_a_sentence(city: City):
    _, late = late_edit(city)
    for lacking in (
        Ruling("set_aside", None, "演示：理由"),
        Ruling("set_aside", "irrelevant", " "),
        Ruling("set_aside", "because", "演示：理由"),
        Ruling("approve"),
    ):
        refused(city, city.supervisor, late.first, lacking, BadValue)


def test_an_open_conflict_over_the_field_is_settled_first(city: City):
    one, two = city.phones
    finding = city.finding()
    one.push(finding)
    then = before_signing(city)
    base = (then.anchor.epoch, then.anchor.index) if then.anchor else None
    edit = Draft("edit", "finding", finding.record, {"amount_fen": 8}, base=base)
    other = replace(edit, values={"amount_fen": 9})
    third = lines_of(two, then, replace(edit, values={"amount_fen": 10}))
    one.push_lines(lines_of(one, then, edit))
    two.push_lines(lines_of(two, then, other))
    sign(city)
    late = two.push_lines(third)
    assert late.outcomes[0].verdict == "late"
    refused(city, city.supervisor, late.first, KEEP, ConflictOpen)


def test_an_adoption_covers_what_the_supervisor_saw_and_no_more(city: City, monkeypatch):
    one, two = city.phones
    finding = city.finding()
    one.push(finding)
    then = before_signing(city)
    first, second = (
        lines_of(phone, then, Draft("edit", "finding", finding.record, {"amount_fen": amount}))
        for phone, amount in ((one, 7), (two, 8))
    )
    sign(city)
    seven, eight = one.push_lines(first).first, two.push_lines(second).first
    services, real = city.installation.services, late_changes.items_of

    def meanwhile(*given: Any) -> Any:
        monkeypatch.setattr(late_changes, "items_of", real)
        rule(services, city.supervisor, seven, KEEP)
        return real(*given)

    monkeypatch.setattr(late_changes, "items_of", meanwhile)
    with pytest.raises(VersionChanged):
        rule(services, city.supervisor, eight, KEEP)
    record = loaded(city, finding.record)
    assert record is not None
    assert record.values["amount_fen"] == 7
    rule(services, city.supervisor, eight, KEEP)
    record = loaded(city, finding.record)
    assert record is not None
    assert record.values["amount_fen"] == 8, "who saw the seven may replace it"
    assert is_sound(city.installation)


def test_the_door_lets_nobody_adopt_what_was_not_written(city: City):
    finding, late = late_edit(city)
    services = city.installation.services
    forged = items_of(services, [Draft("edit", "finding", finding.record, {"amount_fen": 1})])
    before = everything(city.installation)
    given = Act(city.supervisor, "decision", forged, services.now_ms(), late={0: late.first})
    with pytest.raises(AssertionError):
        services.door.submit(given)
    assert everything(city.installation) == before


def test_the_audit_names_a_ruling_that_the_entries_do_not_bear(city: City, monkeypatch):
    finding, late = late_edit(city)
    services = city.installation.services
    monkeypatch.setattr("server.commit.deciding.same_writes", lambda one, other: True)
    monkeypatch.setattr(judging, "wholly", lambda *_: None)
    forged = items_of(services, [Draft("edit", "finding", finding.record, {"amount_fen": 1})])
    services.door.submit(Act(city.supervisor, "decision", forged, services.now_ms(), late={0: late.first}))
    report = audit(services)
    assert any("adopts something else" in line for line in report.text()), report.text()


def test_the_audit_finds_a_late_change_that_was_quietly_closed(city: City):
    late_edit(city)
    services = city.installation.services
    with services.engine.begin() as connection:
        connection.execute(update(TABLE).values(verdict="set_aside"))
    report = audit(services)
    assert [finding.column for finding in report.findings] == ["verdict"]


def test_what_was_held_and_released_late_is_adopted_by_its_release(city: City):
    one, two = city.phones
    finding = city.finding()
    then = before_signing(city)
    early = lines_of(two, then, Draft("edit", "finding", finding.record, {"legal_basis_on": "2026-11-03"}))
    held = two.push_lines(early)
    assert held.outcomes[0].verdict == "held"
    brought = lines_of(one, then, finding)
    sign(city)
    late = one.push_lines(brought)
    services = city.installation.services
    rule(services, city.supervisor, late.first, KEEP)
    assert [row.verdict for row in waiting(city)] == ["late", "applied"], (
        "its finding came, but too late for it too"
    )
    rule(services, city.supervisor, held.first, KEEP)
    released = entries(city)[-1][0]
    assert entries(city, "adopt")[-1][1].late == released
    record = loaded(city, finding.record)
    assert record is not None
    assert record.values["legal_basis_on"] == "2026-11-03"
    assert is_sound(city.installation)


def test_records_replay_alike_after_many_rulings(city: City):
    _, late = late_edit(city)
    rule(city.installation.services, city.supervisor, late.first, KEEP)
    services = city.installation.services
    with services.database.reading() as connection:
        rows = list(record_store.everything(connection, services.ledger.id))
    assert any(
        json.loads(row.state)["values"].get("act") == "adopt" for row in rows if row.type == "decision"
    )
    assert is_sound(city.installation)


def test_who_recorded_it_may_have_been_disabled_and_the_phone_lost_since(city: City):
    finding, late = late_edit(city)
    two, services = city.phones[1], city.installation.services
    gone = Draft("edit", "user", two.user, {"stage": {"from": "active", "to": "disabled"}})
    lost = Draft("edit", "device", two.id, {"stage": {"from": "enrolled", "to": "lost"}})
    act(services, [gone, lost], kind="setting")
    rule(services, city.supervisor, late.first, KEEP)
    record = loaded(city, finding.record)
    assert record is not None
    assert record.values["amount_fen"] == 7, "what was allowed when it was recorded may still be let in"
    assert is_sound(city.installation)


def test_no_act_rules_twice_on_one_change(city: City):
    _, late = late_edit(city)
    services = city.installation.services
    with services.database.reading() as connection:
        (one,) = late_changes.look(connection, services, late.first)
    twice = (late_changes._adoption(services, one.held), late_changes._adoption(services, one.held))
    before = everything(city.installation)
    given = Act(city.supervisor, "decision", twice, services.now_ms(), late={0: late.first, 1: late.first})
    with pytest.raises(AssertionError, match="once"):
        services.door.submit(given)
    assert everything(city.installation) == before
