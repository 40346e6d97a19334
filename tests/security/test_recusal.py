"""Whoever is recused has no role at all over what he is recused from, at whatever door he tries."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import exc

from schemas.drafting import Draft
from server.access import may_read, scope
from server.casework import recusing
from server.casework.recusing import Wanted
from server.commit.acts import act, new_id
from server.ledger.audit import audit
from server.storage import duty_store, feed_store, grant_store
from server.storage.duty_store import Duty
from sync.changes import Anchor, At
from sync.errors import BadValue, NotAllowed, NotFound, OwnWork, VersionChanged
from sync.rights import Recused
from tests.security.city import edit, epoch, evidence, record, step
from tests.security.test_disabled_user import fed, head
from tests.server.pushing import City, Phone, user


def colleague(city: City, *roles: str, region: str = "341500") -> str:
    """Return one more user of the city."""
    draft = user(city.installation, f"more{city.id()[-6:]}", "测试甲020", *roles)
    values = {**draft.values, "region": region}
    act(
        city.installation.services,
        [Draft("create", "user", draft.record, values, add=draft.add)],
        kind="setting",
    )
    return draft.record


def recuse(city: City, who: str, about: str = "", by: str = "", **more: object) -> str:
    """Let a supervisor declare somebody's recusal; returns its id."""
    wanted = Wanted(who, about or city.institution, "kinship", **more)  # type: ignore[arg-type]
    return recusing.declare(city.installation.services, by or city.supervisor, wanted).id


def lift(city: City, recusal: str, by: str = "") -> None:
    recusing.lift(city.installation.services, by or city.supervisor, recusal, "测试：关系已不存在")


def push_at(city: City, phone: Phone, anchor: int, inspection: str = "") -> tuple[str, str | None]:
    """Push a finding written at a ledger position; returns verdict and code."""
    services = city.installation.services
    seen = Anchor(epoch(city), anchor, services.now_ms(), 1, 2, "t")
    draft = city.finding(inspection=inspection or city.inspection)
    outcome = phone.push_lines([phone.line(draft, at=At(services.now_ms(), 5, "t", seen))]).outcomes[0]
    return outcome.verdict, outcome.code


def listed(city: City, who: str, *kinds: str) -> set[str]:
    """Return the ids that a list at the desk begins with."""
    services = city.installation.services
    with services.database.reading() as connection:
        rows = connection.execute(scope.visible(connection, services.ledger.id, who, *kinds))
        return {row.id for row in rows}


# At the door


def test_work_from_before_the_recusal_waits_and_later_work_is_refused_with_its_code(city: City):
    phone, before = city.phones[1], head(city)
    recuse(city, phone.user)
    assert push_at(city, phone, before) == ("late", "recused")
    assert push_at(city, phone, head(city)) == ("refused", "recused")
    assert push_at(city, city.phones[0], head(city)) == ("applied", None), "a colleague goes on"


def test_a_recusal_from_one_inspection_leaves_the_others(city: City):
    phone, other = city.phones[1], city.inspect()
    act(
        city.installation.services,
        [Draft("edit", "inspection", other, step("draft", "approved"))],
        user=city.supervisor,
    )
    recuse(city, phone.user, city.inspection)
    assert push_at(city, phone, head(city)) == ("refused", "recused")
    assert push_at(city, phone, head(city), other) == ("applied", None)


def test_a_recused_supervisor_plans_nothing_at_the_institution_and_decides_nothing(city: City):
    chief = colleague(city, "supervisor")
    recuse(city, city.supervisor, by=chief)
    with pytest.raises(Recused):
        city.inspect()
    with pytest.raises(Recused):
        act(
            city.installation.services,
            [Draft("edit", "inspection", city.inspection, {"note": "测试"})],
            user=city.supervisor,
        )


def test_an_inspection_that_is_made_later_is_covered_too(city: City):
    phone = city.phones[1]
    recuse(city, phone.user)
    later = city.inspect()
    act(
        city.installation.services,
        [Draft("edit", "inspection", later, step("draft", "approved"))],
        user=city.supervisor,
    )
    assert push_at(city, phone, head(city), later) == ("refused", "recused")
    assert later not in listed(city, phone.user, "inspection")


def test_a_recused_lead_takes_no_step(city: City):
    lead = city.phones[0]
    recuse(city, lead.user)
    assert edit(city, lead, "inspection", city.inspection, step("on_site", "record_signed")) == "refused"
    assert record(city, city.inspection).stage == "on_site"


def test_a_deputy_who_is_recused_has_no_role_there_either(city: City):
    chief, deputy = colleague(city, "supervisor"), colleague(city, "inspector")
    values = {"absent": city.supervisor, "deputy": deputy, "region": "341500", "from_on": "2026-11-01",
              "until_on": "2027-11-01", **step("planned", "active")}  # fmt: skip
    act(
        city.installation.services,
        [Draft("create", "deputation", city.id(), values, add={"roles": ["supervisor"]})],
    )
    assert city.inspection in listed(city, deputy, "inspection")
    recuse(city, deputy, by=chief)
    assert city.inspection not in listed(city, deputy, "inspection")
    with pytest.raises(Recused):
        act(
            city.installation.services,
            [Draft("edit", "inspection", city.inspection, {"note": "测试"})],
            user=deputy,
        )


def test_lifting_gives_everything_back_to_whoever_asks_at_the_door(city: City):
    phone = city.phones[1]
    lift(city, recuse(city, phone.user))
    assert push_at(city, phone, head(city)) == ("applied", None)


# Who declares, who lifts


def test_an_inspector_declares_his_own_recusal_and_no_other(city: City):
    phone, colleagues = city.phones
    recuse(city, colleagues.user, by=colleagues.user)
    with pytest.raises(NotAllowed):
        recuse(city, colleagues.user, by=phone.user)
    draft = Draft("create", "recusal", city.id(), {
        "user": city.supervisor, "institution": city.institution, "about": city.institution, "reason": "other",
        "from_on": "2026-11-17", **step("planned", "standing"),
    })  # fmt: skip
    with pytest.raises(NotAllowed):
        act(city.installation.services, [draft], user=phone.user)


def test_nobody_lifts_his_own_recusal_and_another_supervisor_does(city: City):
    chief = colleague(city, "supervisor")
    for about in (city.institution, city.inspection):
        made = recuse(city, city.supervisor, about, by=city.supervisor)
        with pytest.raises(OwnWork):
            lift(city, made)
        draft = Draft("edit", "recusal", made, step("standing", "lifted"))
        with pytest.raises((OwnWork, Recused)):
            act(city.installation.services, [draft], user=city.supervisor)
        lift(city, made, by=chief)
        assert record(city, made).stage == "lifted"
    assert city.inspection in listed(city, city.supervisor, "inspection")


def test_an_administrator_of_the_region_declares_and_lifts_and_one_of_another_does_not(city: City):
    admin, stranger = colleague(city, "admin"), colleague(city, "admin", region="340100")
    with pytest.raises(NotFound):
        recuse(city, city.phones[0].user, by=stranger)
    made = recuse(city, city.phones[0].user, by=admin)
    with pytest.raises(NotFound):
        lift(city, made, by=stranger)
    lift(city, made, by=admin)
    with pytest.raises(NotFound):
        recuse(city, city.phones[0].user, city.inspection, by=admin)


def test_a_phone_declares_nothing(city: City):
    phone = city.phones[1]
    values = {"user": phone.user, "institution": city.institution, "about": city.institution, "reason": "other",
              "from_on": "2026-11-17"}  # fmt: skip
    assert phone.push(Draft("create", "recusal", city.id(), values)).outcomes[0].verdict == "refused"


@pytest.mark.parametrize(
    ("field", "value"),
    [("reason", "whim"), ("first", -1), ("words", "长" * 501)],
)
def test_what_does_not_fit_is_named_and_changes_nothing(city: City, field: str, value: object):
    before = head(city)
    given = city.installation.services.today() - timedelta(days=1) if field == "first" else value
    with pytest.raises(BadValue):
        recusing.declare(
            city.installation.services,
            city.supervisor,
            Wanted(
                **{"user": city.phones[0].user, "about": city.institution, "reason": "kinship", field: given}
            ),  # type: ignore[arg-type]
        )
    assert head(city) == before


def test_a_recusal_is_about_an_institution_or_an_inspection_of_it(city: City):
    finding = city.finding()
    city.phones[0].push(finding)
    with pytest.raises(NotFound):
        recuse(city, city.phones[0].user, finding.record)
    draft = Draft("create", "recusal", city.id(), {
        "user": city.phones[0].user, "institution": city.institution, "about": city.supervisor, "reason": "other",
        "from_on": "2026-11-17",
    })  # fmt: skip
    with pytest.raises(BadValue):
        act(city.installation.services, [draft], user=city.supervisor)


def test_the_same_recusal_is_not_declared_twice(city: City):
    recuse(city, city.phones[0].user)
    with pytest.raises(BadValue):
        recuse(city, city.phones[0].user)


def test_lifting_what_moved_meanwhile_is_refused(city: City):
    made = recuse(city, city.phones[0].user)
    with pytest.raises(VersionChanged):
        recusing.lift(
            city.installation.services, city.supervisor, made, "测试", record(city, made).version - 1
        )


# Days


def test_a_recusal_begins_and_ends_with_its_days(city: City):
    services, phone = city.installation.services, city.phones[1]
    first = services.today() + timedelta(days=2)
    made = recuse(city, phone.user, first=first, last=first)
    assert record(city, made).stage == "planned"
    assert dict(recusing.sweep(services)) == {}
    assert push_at(city, phone, head(city)) == ("applied", None)
    city.installation.clock.advance(days=2)
    assert dict(recusing.sweep(services)) == {"recusals_begun": 1}
    assert push_at(city, phone, head(city)) == ("refused", "recused")
    city.installation.clock.advance(days=1)
    assert dict(recusing.sweep(services)) == {"recusals_over": 1}
    assert push_at(city, phone, head(city)) == ("applied", None)


# Lists, files, the feed


def test_lists_leave_out_what_the_reader_is_recused_from_and_say_why_where_he_asks_for_it(city: City):
    services, chief = city.installation.services, colleague(city, "supervisor")
    finding = city.finding()
    city.phones[0].push(finding)
    kinds = ("institution", "inspection", "finding", "recusal")
    everything = listed(city, city.supervisor, *kinds)
    assert {city.institution, city.inspection, finding.record} <= everything
    made = recuse(city, city.supervisor, by=chief)
    assert listed(city, city.supervisor, *kinds) == set()
    assert listed(city, chief, *kinds) == everything | {made}
    with services.database.reading() as connection:
        assert isinstance(scope.missing(connection, 1, city.supervisor, finding.record), Recused)
        assert isinstance(scope.missing(connection, 1, city.supervisor, new_id(services)), NotFound)
    lift(city, made, by=chief)
    assert listed(city, city.supervisor, *kinds) == everything | {made}


def test_a_recusal_from_one_inspection_hides_that_alone(city: City):
    chief, other = colleague(city, "supervisor"), city.inspect()
    recuse(city, city.supervisor, city.inspection, by=chief)
    assert listed(city, city.supervisor, "institution", "inspection") == {city.institution, other}


def test_a_recused_member_reads_no_file(city: City):
    services, phone = city.installation.services, city.phones[1]
    phone.push(evidence(city))
    assert may_read.file(services, phone.user, "2" * 64)
    recuse(city, phone.user)
    assert not may_read.file(services, phone.user, "2" * 64)
    assert may_read.file(services, city.phones[0].user, "2" * 64)


def test_the_feed_hides_once_what_lies_there_and_brings_it_back_once(city: City):
    who, before = city.phones[1].user, head(city)
    own = {city.inspection, city.institution}
    made = recuse(city, who)
    assert fed(city, who, before) == (set(), sorted(own))
    after = head(city)
    assert fed(city, who, after) == (set(), [])
    services = city.installation.services
    with services.database.reading() as connection:
        assert feed_store.sums(connection, 1, who, types=["inspection", "institution"]) == {}
    lift(city, made)
    assert fed(city, who, after) == (own, [])
    assert fed(city, who, head(city)) == (set(), [])


def test_the_feed_keeps_the_institution_of_an_inspection_that_somebody_is_recused_from(city: City):
    who, before = city.phones[1].user, head(city)
    made = recuse(city, who, city.inspection)
    assert fed(city, who, before) == (set(), [city.inspection])
    after = head(city)
    lift(city, made)
    assert fed(city, who, after) == ({city.inspection}, [])
    assert fed(city, city.phones[0].user, before) == (set(), []), "a colleague's phone hears nothing of it"


def test_a_feed_that_slept_through_both_brings_everything_again_and_hides_nothing(city: City):
    who, before = city.phones[1].user, head(city)
    lift(city, recuse(city, who))
    assert fed(city, who, before) == ({city.inspection, city.institution}, [])


# The database, the audit


def test_the_database_refuses_a_duty_of_whoever_is_recused(city: City):
    services, finding = city.installation.services, city.finding()
    city.phones[0].push(finding)
    made = recuse(city, city.supervisor, by=colleague(city, "supervisor"))
    size = head(city) + 1

    def keep(index: int) -> None:
        with services.database.writing(1) as connection:
            duty_store.add(connection, 1, [Duty(finding.record, index, "confirm", city.supervisor)])

    with pytest.raises(exc.DatabaseError, match="separation of duties"):
        keep(size)
    keep(record(city, made).version)  # By the entry before the recusal's it was his to decide.


def test_the_audit_finds_the_grants_that_recusals_hand_out(city: City):
    services, phone = city.installation.services, city.phones[1]
    push_at(city, phone, head(city))
    made = recuse(city, phone.user)
    with services.database.reading() as connection:
        assert "recused" in {one.role for one in grant_store.standing(connection, 1, phone.user)}
    lift(city, made)
    recuse(city, phone.user, city.inspection)
    assert audit(services).ok
