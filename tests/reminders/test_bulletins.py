"""The weekly bulletin names who is overdue; its streak brings calls, interviews, proposals once a person issues it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from schemas.drafting import Draft
from server.accounts import users
from server.casework import bulletins
from server.casework.bulletins import lines, step_of
from server.ledger.audit import audit
from server.storage import record_store
from sync.errors import BadTransition, NotFound, VersionChanged
from sync.merge import Record
from tests.reminders.served_case import Bureau, served_case
from tests.server.desk_client import Desk, words
from tests.server.world import PASSWORD


def of_type(bureau: Bureau, kind: str) -> list[Record]:
    with bureau.services.database.reading() as connection:
        vault = bureau.services.vault.session(connection, bureau.services.ledger.id)
        every = record_store.selected(bureau.services.ledger.id, kind)
        return record_store.query(connection, vault, every.order_by(record_store.TABLE.c.version))


def to(bureau: Bureau, day: str, clock: str = "08:30") -> None:
    at = datetime.fromisoformat(f"{day}T{clock}:00+08:00").astimezone(UTC)
    bureau.installation.clock.now = round(at.timestamp() * 1000)


def desk(bureau: Bureau, login: str, role: str, region: str) -> Desk:
    users.enlist(
        bureau.services, users.check(login=login, name=f"测试{login}", roles=(role,), region=region), PASSWORD
    )
    return Desk(bureau, login)


def test_a_streak_climbs_its_ladder_and_a_week_without_begins_anew():
    assert [step_of(weeks) for weeks in range(1, 8)] == [
        "named", "phone_call", "interview", "interview", "settlement_suspension", *["settlement_suspension"] * 2,
    ]  # fmt: skip
    found = lines({"a": 2, "b": 1, "c": 0}, {"a": 1, "c": 4})
    assert [(one.institution, one.weeks_running, one.step) for one in found] == [
        ("a", 2, "phone_call"), ("b", 1, "named"),
    ]  # fmt: skip


def test_it_is_drafted_once_on_the_first_working_morning_after_the_week(bureau: Bureau):
    served_case(bureau, served_on="2026-10-12", due_on="2026-11-20")
    to(bureau, "2026-11-22", "23:00")
    assert bulletins.sweep(bureau.services) == 0
    to(bureau, "2026-11-23", "08:29")
    assert bulletins.sweep(bureau.services) == 0
    to(bureau, "2026-11-23")
    assert bulletins.sweep(bureau.services) == 1
    assert bulletins.sweep(bureau.services) == 0
    (made,) = of_type(bureau, "bulletin")
    assert (made.values["number"], made.values["from_on"], made.values["until_on"], made.stage) == (
        "341500-2026-W47", "2026-11-16", "2026-11-22", "draft",
    )  # fmt: skip
    (line,) = made.values["lines"]
    assert (line["institution"], line["weeks_running"], line["step"]) == (bureau.institution, 1, "named")


def closed(bureau: Bureau, case: str, *more: tuple[str, str]) -> None:
    second = of_other(bureau)
    for source, target in (
        ("rectifying", "report_submitted"), ("report_submitted", "verifying"), ("verifying", "closed"), *more,
    ):  # fmt: skip
        step = {"stage": {"from": source, "to": target}}
        user = second if source == "verifying" else None
        bureau.decide(Draft("edit", "rectification_case", case, step), user=user)


def of_other(bureau: Bureau) -> str:
    """Return the second supervisor, made once."""
    known = [one.id for one in of_type(bureau, "user") if one.values["login"] == "other"]
    return known[0] if known else bureau.other_supervisor()


def test_it_tells_how_many_cases_stand_open_and_how_many_the_week_closed(bureau: Bureau):
    before, within, satisfied, after = (served_case(bureau) for _ in range(4))
    served_case(bureau, served_on="2026-10-12", due_on="2026-11-20")
    served_case(bureau, stage={"from": "assigned", "to": "notified"})
    to(bureau, "2026-11-22", "23:59")
    closed(bureau, before)
    to(bureau, "2026-11-23", "00:00")
    closed(bureau, within)
    closed(bureau, satisfied)
    to(bureau, "2026-11-30", "08:00")
    closed(bureau, after)
    bureau.decide(
        Draft("edit", "rectification_case", satisfied, {"stage": {"from": "closed", "to": "satisfied"}})
    )
    to(bureau, "2026-11-30", "08:30")
    assert bulletins.sweep(bureau.services) == 1
    (made,) = of_type(bureau, "bulletin")
    told = {name: made.values[name] for name in ("cases_open", "cases_overdue", "cases_closed")}
    assert told == {"cases_open": 2, "cases_overdue": 1, "cases_closed": 2}


def test_where_nobody_is_overdue_none_is_drafted(bureau: Bureau):
    served_case(bureau)
    to(bureau, "2026-11-24")
    assert bulletins.sweep(bureau.services) == 0


def test_five_issued_weeks_end_in_a_proposal_and_a_draft_nobody_issued_adds_none(bureau: Bureau):
    case = served_case(bureau, served_on="2026-10-12", due_on="2026-11-02")
    kinds = []
    for day in ("2026-11-23", "2026-11-30", "2026-12-07", "2026-12-14", "2026-12-21"):
        to(bureau, day, "10:00")
        assert bulletins.sweep(bureau.services) == 1
        newest = of_type(bureau, "bulletin")[-1]
        bulletins.issue(bureau.services, bureau.supervisor, newest.id, newest.version)
        kinds = [one.values["kind"] for one in of_type(bureau, "task")]
    assert kinds == ["phone_call", "interview", "interview", "suspension_proposal"]
    (proposal,) = of_type(bureau, "sanction")
    assert (proposal.values["case"], proposal.values["proposed_by"], proposal.stage) == (
        case,
        "bulletin",
        "proposed",
    )
    to(bureau, "2026-12-28", "10:00")
    bulletins.sweep(bureau.services)
    to(bureau, "2027-01-04", "10:00")
    bulletins.sweep(bureau.services)
    weeks = [one.values["lines"][0]["weeks_running"] for one in of_type(bureau, "bulletin")]
    assert weeks == [1, 2, 3, 4, 5, 6, 1]
    assert audit(bureau.services).ok


def test_it_is_issued_at_the_desk_and_by_program_the_version_that_was_seen(bureau: Bureau):
    served_case(bureau, served_on="2026-10-12", due_on="2026-11-02")
    to(bureau, "2026-11-23", "10:00")
    bulletins.sweep(bureau.services)
    chief = desk(bureau, "chief", "supervisor", "341500")
    (made,) = of_type(bureau, "bulletin")
    page = words(chief.get("/bulletins"))
    for word in ("341500-2026-W47", "六安市测试第001医院", "通报", "印发"):
        assert word in page
    assert chief.send(f"/api/bulletins/{made.id}/issue", {"version": made.version - 1}).status_code == 409
    answer = chief.post(f"/bulletins/{made.id}/issue", version=made.version)
    assert (answer.status_code, answer.location) == (303, "/bulletins")
    (issued,) = of_type(bureau, "bulletin")
    assert (issued.stage, issued.values["issued_on"]) == ("issued", "2026-11-23")
    with pytest.raises(BadTransition):
        bulletins.issue(bureau.services, bureau.supervisor, issued.id, issued.version)
    with pytest.raises(VersionChanged):
        bulletins.issue(bureau.services, bureau.supervisor, issued.id, made.version)


def test_who_may_not_issues_nothing(bureau: Bureau):
    served_case(bureau, served_on="2026-10-12", due_on="2026-11-02")
    to(bureau, "2026-11-23", "10:00")
    bulletins.sweep(bureau.services)
    (made,) = of_type(bureau, "bulletin")
    auditor, far = desk(bureau, "reader", "auditor", "341500"), desk(bureau, "far", "supervisor", "341600")
    body = {"version": made.version}
    assert auditor.send(f"/api/bulletins/{made.id}/issue", body).status_code == 403
    assert auditor.post(f"/bulletins/{made.id}/issue", **body).status_code == 403
    assert far.send(f"/api/bulletins/{made.id}/issue", body).status_code == 404
    assert far.post(f"/bulletins/{made.id}/issue", **body).status_code == 404
    assert "尚无周通报" in words(far.get("/bulletins"))
    with pytest.raises(NotFound):
        bulletins.issue(bureau.services, bureau.lead, made.id, made.version)
    assert of_type(bureau, "bulletin")[0].stage == "draft"
