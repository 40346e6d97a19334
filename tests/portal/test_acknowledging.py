"""Acknowledging a notice: at the portal, and by the link of a message, which only its button uses."""

from __future__ import annotations

import pytest

from schemas.drafting import Draft
from server.casework import keeping_up
from server.portal import links
from server.reminders import facts
from server.storage import deadline_store
from tests.portal.scene import Scene
from tests.server.desk_client import Desk, words

CONTACT = "contact@hospital.example"


def served(scene: Scene) -> tuple[str, str]:
    """Return a case and its notice, which was served."""
    case = scene.case()
    return case, scene.notice(case)


def token(scene: Scene, notice: str, version: int = 1, contact: str = CONTACT) -> str:
    """Return the secret part of the link of a message."""
    return links.token(scene.world.services, notice, version, contact)


def stages(scene: Scene, *records: str) -> list[str]:
    return [str(scene.world.record(each).stage) for each in records]


def test_a_user_acknowledges_and_the_case_moves_on(scene: Scene, own: Desk):
    case, notice = served(scene)
    version = scene.world.record(notice).version
    answer = own.post(f"/portal/notices/{notice}/acknowledge", version=version)
    assert answer.status_code == 303
    assert stages(scene, notice, case) == ["acknowledged", "rectifying"]
    values = scene.world.record(notice).values
    assert values["acknowledged_by"] == scene.world.users["portal"]
    assert f'action="/portal/notices/{notice}/acknowledge"' not in own.get(f"/portal/notices/{notice}").text


def test_another_institution_acknowledges_nothing(scene: Scene, other: Desk):
    case, notice = served(scene)
    version = scene.world.record(notice).version
    assert other.post(f"/portal/notices/{notice}/acknowledge", version=version).status_code == 404
    answer = other.send(f"/api/portal/notices/{notice}/acknowledge", {"version": version})
    assert answer.status_code == 404
    assert stages(scene, notice, case) == ["served", "notified"]


def test_a_program_acknowledges_the_version_that_it_read(scene: Scene, own: Desk):
    case, notice = served(scene)
    version = scene.world.record(notice).version
    path = f"/api/portal/notices/{notice}/acknowledge"
    assert own.send(path, {"version": version - 1}).json["code"] == "version_changed"
    assert own.send(path, {"version": version}).json["notice"]["stage"] == "acknowledged"
    assert stages(scene, case) == ["rectifying"]


def test_a_notice_that_was_not_served_is_not_acknowledged(scene: Scene, own: Desk):
    notice = scene.notice(scene.case(), until="issued")
    answer = own.send(
        f"/api/portal/notices/{notice}/acknowledge", {"version": scene.world.record(notice).version}
    )
    assert answer.json["code"] == "bad_transition"


def test_opening_the_link_and_looking_acknowledge_nothing(scene: Scene):
    case, notice = served(scene)
    anybody = Desk(scene.world)
    assert anybody.get("/ack").status_code == 200
    told = words(anybody.post("/ack", token=token(scene, notice)))
    assert "测试市第001医院" in told
    assert scene.world.record(notice).values["number"] in told
    assert "床位费" not in told
    assert "测试患者" not in told
    assert stages(scene, notice, case) == ["served", "notified"]


def test_the_button_acknowledges_once_however_often_it_is_pressed(scene: Scene):
    case, notice = served(scene)
    anybody, given = Desk(scene.world), token(scene, notice)
    first, second = (anybody.post("/ack/confirm", token=given) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 200)
    assert "已确认" in words(first)
    assert "已确认" in words(second)
    assert stages(scene, notice, case) == ["acknowledged", "rectifying"]
    record = scene.world.record(notice)
    assert "acknowledged_by" not in record.values
    assert len(record.writes["acknowledged_at"]) == 1


def test_a_program_acknowledges_by_a_link_without_signing_in(scene: Scene):
    case, notice = served(scene)
    anybody, given = Desk(scene.world), {"token": token(scene, notice)}
    assert anybody.send("/api/acknowledgements/look", given).json["state"] == "ready"
    assert anybody.send("/api/acknowledgements", given).json["state"] == "done"
    assert anybody.send("/api/acknowledgements", given).json["state"] == "done"
    assert stages(scene, case) == ["rectifying"]


def test_a_link_that_was_not_given_out_is_unknown(scene: Scene):
    case, notice = served(scene)
    anybody, good = Desk(scene.world), token(scene, notice)
    swapped = good[:-1] + ("A" if good[-1] != "A" else "B")
    for given in ("", "abc", swapped, "-" * 59, "~", "密"):
        for path in ("/ack", "/ack/confirm"):
            answer = anybody.post(path, token=given)
            assert answer.status_code == 404, given
    assert anybody.send("/api/acknowledgements/look", {"token": swapped}).json["code"] == "link_unknown"
    assert anybody.send("/api/acknowledgements", {"token": swapped}).json["code"] == "link_unknown"
    assert stages(scene, notice, case) == ["served", "notified"]


def test_a_link_of_another_deadline_or_contact_is_replaced(scene: Scene):
    _, notice = served(scene)
    anybody = Desk(scene.world)
    for given in (token(scene, notice, 7), token(scene, notice, contact="left@hospital.example")):
        answer = anybody.post("/ack/confirm", token=given)
        assert answer.status_code == 409
        assert "最新" in words(answer)
    assert stages(scene, notice) == ["served"]


def test_a_link_ends_when_another_notice_replaces_its_own(scene: Scene):
    case, notice = served(scene)
    newer = scene.notice(case, until="draft")
    scene.world.act(Draft("edit", "notice", newer, {"replaces": notice}), by="supervisor")
    anybody, given = Desk(scene.world), {"token": token(scene, notice)}
    assert anybody.send("/api/acknowledgements/look", given).status_code == 200, "a draft replaces nothing"
    scene.world.move("notice", newer, "draft", "signed_off", by="supervisor")
    assert anybody.send("/api/acknowledgements/look", given).json["code"] == "link_replaced"


def test_a_link_expires(scene: Scene, monkeypatch: pytest.MonkeyPatch):
    _, notice = served(scene)
    monkeypatch.setattr(links, "GOOD_DAYS", 0)
    given = token(scene, notice)
    scene.world.installation.clock.advance(seconds=2)
    answer = Desk(scene.world).post("/ack/confirm", token=given)
    assert answer.status_code == 410
    assert stages(scene, notice) == ["served"]


def test_the_number_of_a_telephone_is_the_same_contact_however_it_is_written(scene: Scene):
    services = scene.world.services
    assert links._tag(services, "+86 138-0000-0000") == links._tag(services, "13800000000")


def test_what_a_crash_left_between_two_acts_is_taken_up_by_the_sweep(scene: Scene):
    case, notice = served(scene)
    step = {"stage": {"from": "served", "to": "acknowledged"}, "acknowledged_at": 1}
    scene.world.act(Draft("edit", "notice", notice, step), by="portal")
    assert stages(scene, case) == ["notified"]
    assert keeping_up.sweep(scene.world.services) == 1
    assert stages(scene, case) == ["rectifying"]
    assert keeping_up.sweep(scene.world.services) == 0


def test_the_message_to_the_contact_carries_the_link_and_no_other_message_does(scene: Scene):
    case, notice = served(scene)
    services = scene.world.services
    with services.database.reading() as connection:
        clock = deadline_store.find(connection, services.ledger.id, case)
        assert clock is not None
        standing = facts.standings(connection, services, [clock])[case]
        contact = facts.way(
            connection, services, standing, recipient=standing.institution.id, address=CONTACT
        )
        officer = facts.way(
            connection, services, standing, recipient=scene.world.users["lead"], address="lead@bureau.example"
        )
    path, _, given = contact.partition("#")
    assert path.endswith("/ack")
    assert links.see(services, given).number == scene.world.record(notice).values["number"]
    assert officer.endswith(f"/cases/{case}")
