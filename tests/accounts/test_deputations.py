"""While somebody is away a deputy has his roles: from the day on, until the day, and not an hour longer."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from schemas.drafting import Draft
from server.access import scope
from server.accounts import deputations
from server.accounts.users import NewUser, disable, enlist, find
from server.casework import reviewing
from server.casework.review import Review
from server.cli import main
from server.commit.acts import act, new_id
from server.ledger.audit import audit
from server.reminders import facts
from server.storage import deadline_store, record_store
from sync.errors import BadValue, NotAllowed, NotFound
from sync.merge import Record
from tests.reminders.served_case import bureau, served_case
from tests.server.builders import Installation
from tests.server.commands import find_in_environment

TODAY = date(2026, 11, 17)
WEEK = timedelta(days=7)


@pytest.fixture
def office(installation: Installation) -> Installation:
    """An office with a supervisor, an inspector of the city, and a leader of the province."""
    for login, role, region in (
        ("sup", "supervisor", "341500"), ("insp", "inspector", "341500"), ("chief", "leader", "340000"),
    ):  # fmt: skip
        enlist(
            installation.services, NewUser(login, f"测试{login}", (role,), region, f"{login}@bureau.example")
        )
    return installation


def roles(office: Installation, login: str) -> frozenset[str]:
    """Return the desk roles of a user as of now."""
    services = office.services
    who = find(services, login).id
    with services.database.reading() as connection:
        return scope.roles(connection, services.ledger.id, who)


def appoint(office: Installation, **more: object) -> Record:
    """Let the inspector stand in for the supervisor."""
    days = {"first": TODAY, "last": TODAY + WEEK, **more}
    services = office.services
    return deputations.appoint(services, find(services, "sup"), find(services, "insp"), **days)  # type: ignore[arg-type]


def test_a_deputy_has_the_role_at_once_where_the_day_has_come(office: Installation):
    assert roles(office, "insp") == {"inspector"}
    made = appoint(office)
    assert (made.stage, made.values["roles"]) == ("active", ["supervisor"])
    assert roles(office, "insp") == {"inspector", "supervisor"}
    assert roles(office, "sup") == {"supervisor"}, "who is away keeps what he has"
    assert audit(office.services).ok


def test_a_deputation_begins_and_ends_with_its_days(office: Installation):
    made = appoint(office, first=TODAY + timedelta(days=1), last=TODAY + timedelta(days=2))
    assert made.stage == "planned"
    assert dict(deputations.sweep(office.services)) == {}
    assert roles(office, "insp") == {"inspector"}
    office.clock.advance(days=1)
    assert dict(deputations.sweep(office.services)) == {"begun": 1}
    assert roles(office, "insp") == {"inspector", "supervisor"}
    office.clock.advance(days=1)
    assert dict(deputations.sweep(office.services)) == {}, "the last day counts"
    office.clock.advance(days=1)
    assert dict(deputations.sweep(office.services)) == {"ended": 1}
    assert roles(office, "insp") == {"inspector"}
    assert audit(office.services).ok


def test_one_that_nobody_looked_at_in_time_ends_without_having_begun(office: Installation):
    appoint(office, first=TODAY + timedelta(days=1), last=TODAY + timedelta(days=2))
    office.clock.advance(days=9)
    assert dict(deputations.sweep(office.services)) == {"ended": 1}
    assert roles(office, "insp") == {"inspector"}


@pytest.mark.parametrize("begun", [True, False], ids=["while it is active", "before it begins"])
@pytest.mark.parametrize("region", [None, "341502"], ids=["role taken away", "moved to another region"])
def test_it_lends_nothing_that_who_is_away_has_no_more(
    office: Installation, *, begun: bool, region: str | None
):
    made = appoint(office, first=TODAY if begun else TODAY + timedelta(days=1))
    services = office.services
    gone = Draft(
        "edit", "user", find(services, "sup").id, add={"roles": ["auditor"]}, remove={"roles": ["supervisor"]}
    )
    moved = Draft("edit", "user", find(services, "sup").id, {"region": region})
    act(services, [moved if region else gone], kind="setting")
    office.clock.advance(days=1)
    assert dict(deputations.sweep(services)) == {"ended": 1}
    assert roles(office, "insp") == {"inspector"}
    assert made.id not in {one.id for one in deputations.standing(services)}
    assert audit(services).ok


def test_it_ends_when_somebody_comes_back_early(office: Installation):
    made = appoint(office)
    deputations.end(office.services, made.id)
    assert roles(office, "insp") == {"inspector"}
    with pytest.raises(NotFound):
        deputations.end(office.services, made.id)


@pytest.mark.parametrize(
    ("away", "deputy", "more"),
    [
        ("sup", "sup", {}),
        ("insp", "sup", {}),
        ("sup", "insp", {"roles": ["leader"]}),
        ("sup", "insp", {"last": TODAY - WEEK, "first": TODAY - 2 * WEEK}),
        ("sup", "insp", {"first": TODAY + WEEK, "last": TODAY}),
    ],
    ids=[
        "his own deputy",
        "an inspector's desk",
        "a role he has not",
        "over already",
        "ends before it begins",
    ],
)
def test_what_makes_no_sense_is_refused(
    office: Installation, away: str, deputy: str, more: dict[str, object]
):
    days = {"first": TODAY, "last": TODAY + WEEK, **more}
    services = office.services
    with pytest.raises(BadValue):
        deputations.appoint(services, find(services, away), find(services, deputy), **days)  # type: ignore[arg-type]
    assert deputations.standing(office.services) == []


def test_a_disabled_user_stands_in_for_nobody(office: Installation):
    disable(office.services, "insp")
    with pytest.raises(BadValue):
        appoint(office)
    enlist(office.services, NewUser("late", "测试late", ("inspector",), "341500"))
    services = office.services
    deputations.appoint(
        services, find(services, "sup"), find(services, "late"), first=TODAY, last=TODAY + WEEK
    )
    disable(office.services, "late")
    assert roles(office, "late") == frozenset()


@pytest.mark.parametrize("login", ["sup", "insp", "chief"])
def test_nobody_but_an_administrator_appoints_deputies(office: Installation, login: str):
    services = office.services
    who = find(services, login)
    values = {
        "absent": find(services, "chief").id,
        "deputy": who.id,
        "region": "340000",
        "from_on": "2026-11-17",
        "until_on": "2026-12-17",
        "stage": {"from": "planned", "to": "active"},
    }
    draft = Draft("create", "deputation", new_id(services), values, add={"roles": ["leader"]})
    with pytest.raises(NotAllowed):
        act(services, [draft], user=who.id)
    enlist(services, NewUser("root", "测试root", ("admin",), "340000"))
    act(services, [draft], user=find(services, "root").id)


def test_a_deputation_is_not_widened_once_it_is_active(office: Installation):
    made = appoint(office)
    for wider in (Draft("edit", "deputation", made.id, {"region": "340000"}),
                  Draft("edit", "deputation", made.id, {}, add={"roles": ["leader"]})):  # fmt: skip
        with pytest.raises(NotAllowed):
            act(office.services, [wider])
    act(office.services, [Draft("edit", "deputation", made.id, {"until_on": "2026-12-24"})])


def test_a_deputy_of_the_team_still_does_not_decide_on_its_work(installation: Installation):
    found = bureau(installation)
    services = installation.services
    evidence = new_id(services)
    values = {
        "inspection": found.inspection, "kind": "audio_visual", "digest": "0" * 64, "size": 1,
        "media_type": "image/jpeg", "cipher_digest": "1" * 64, "cipher_size": 40, "file_key": "A" * 43,
        "file_state": "verified",
    }  # fmt: skip
    values.pop("file_state")
    found.decide(Draft("create", "evidence", evidence, values), user=found.lead)
    deputations.appoint(
        services, found.record(found.supervisor), found.record(found.lead), first=TODAY, last=TODAY + WEEK
    )
    record = found.record(evidence)
    with pytest.raises(Exception) as refusal:  # noqa: PT011 - its code says which
        reviewing.review_evidence(services, found.lead, evidence, Review("approve", record.version))
    assert getattr(refusal.value, "code", "") == "own_work"


def test_reminders_reach_the_deputy_too_and_only_while_he_stands_in(installation: Installation):
    found = bureau(installation)
    services = installation.services
    enlist(services, NewUser("stand", "测试stand", ("second_reviewer",), "340000", "stand@bureau.example"))
    case = served_case(found)

    def supervisors() -> list[str]:
        with services.database.reading() as connection:
            clock = deadline_store.find(connection, services.ledger.id, case)
            assert clock is not None
            standing = facts.standings(connection, services, [clock])[case]
        return [one.id for one in standing.deadline.recipients["supervisor"]]

    deputy = find(services, "stand").id
    assert supervisors() == [found.supervisor]
    made = deputations.appoint(
        services, found.record(found.supervisor), found.record(deputy), first=TODAY, last=TODAY + WEEK
    )
    assert supervisors() == [found.supervisor, deputy]
    deputations.end(services, made.id)
    assert supervisors() == [found.supervisor]


def test_absence_is_arranged_by_command(
    office: Installation, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    find_in_environment(office.services.config, monkeypatch)
    assert main(["user", "absent"]) == 0
    assert capsys.readouterr().out == "nobody is away\n"
    assert main(["user", "absent", "sup"]) == 2
    capsys.readouterr()
    assert main(["user", "absent", "sup", "--deputy", "insp", "--until", "2099-12-31", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["stage"], row["roles"]) == ("active", ["supervisor"])
    assert main(["user", "back", row["id"]]) == 0
    assert "ended" in capsys.readouterr().out
    with office.services.database.reading() as connection:
        vault = office.services.vault.session(connection, office.services.ledger.id)
        assert record_store.load(connection, vault, [row["id"]])[row["id"]].stage == "ended"
